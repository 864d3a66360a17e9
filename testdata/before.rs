//! The checks before a step: `helm clas verify --before` between a kubectl, a Helm and a PCE that are played.

use std::fs;

use helm_clas::yaml::Document;
use serde_json::{Value, json};

use crate::support::{
    fake_pce::{CLUSTER, FakePce, Ran, Reply, bare_command, run},
    played::{cluster as path_of_cluster, node, own_profile},
    schema::fits,
    vendor,
};
use crate::verify::{Cluster, cluster_on_pce, workload};

/// Complete values in a mode.
pub(crate) fn values(mode: &str) -> String {
    let text = fs::read_to_string("testdata/cli/in/illumio-values.yaml").unwrap();
    let id = text.lines().find_map(|line| line.strip_prefix("cluster_id: ")).unwrap().to_owned();
    text.replace(&id, CLUSTER).replace("clusterMode: legacy", &format!("clusterMode: {mode}"))
}

/// A file of the policy that the pages show.
fn policy(name: &str) -> Vec<Value> {
    let text = fs::read_to_string(format!("testdata/cli/readme.in/pce/{name}.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// What proves the mandatory rules of that policy.
pub(crate) const PROOF: [&str; 4] = ["--service-cidr", "10.96.0.0/12", "--node-labels", "role=node"];

/// A PCE that knows a cluster in a mode and another one in legacy, with the policy and the rules that CLAS needs.
pub(crate) fn ready(mode: &str) -> FakePce {
    let pce = FakePce::new();
    let mut ours = cluster_on_pce(mode);
    ours["cluster_mode"] = json!(mode);
    pce.put(&path_of_cluster(), ours.clone());
    let mut other = ours.clone();
    other["href"] = json!("/orgs/3/container_clusters/5a1e0000-0000-4000-8000-0000000000c2");
    other["name"] = json!("k8s-b");
    other["cluster_mode"] = json!("legacy");
    other["clas_mode"] = json!(false);
    known(&pce, &[ours, other]);
    let mut rules = policy("active/rule_sets");
    rules.retain(|set| set["name"] == "RS-clas");
    pce.put("/orgs/3/sec_policy/active/rule_sets", json!(rules));
    pce.put("/orgs/3/sec_policy/active/ip_lists", json!(policy("active/ip_lists")));
    pce.put("/orgs/3/labels", json!(policy("labels")));
    pce.put(
        "/orgs/3/workloads",
        json!([node("n1", &path_of_cluster(), "full"), node("n2", &path_of_cluster(), "idle")]),
    );
    pce
}

pub(crate) fn known(pce: &FakePce, list: &[Value]) {
    vendor::fit("container_clusters_get", list);
    pce.put("/orgs/3/container_clusters", json!(list));
}

/// A cluster whose release runs in a mode, and a PCE that is ready for the next step.
struct Site {
    cluster: Cluster,
    pce: FakePce,
}

impl Site {
    fn new(mode: &str) -> Self {
        let site = Self { cluster: Cluster::new(), pce: ready(mode) };
        site.says(mode);
        site.runs(mode);
        site
    }

    /// What the file says.
    fn says(&self, mode: &str) {
        fs::write(self.file(), values(mode)).unwrap();
    }

    /// What the release runs.
    fn runs(&self, mode: &str) {
        self.cluster.in_mode_of(&["--after-mode", mode]);
        let given = Document::read(&values(mode)).unwrap().values();
        fs::write(self.cluster.folder.path().join("values.json"), given.to_string()).unwrap();
    }

    fn file(&self) -> std::path::PathBuf {
        self.cluster.folder.path().join("values.yaml")
    }

    fn run(&self, words: &[&str]) -> Ran {
        let mut command = self.pce.command();
        self.cluster.reach(&mut command);
        run(command.arg("--before").arg("-f").arg(self.file()).args(["--version", "5.1.0"]).args(words))
    }

    /// The state of one check, and what was seen.
    #[track_caller]
    fn check(&self, words: &[&str], id: &str, state: &str, seen: &str) {
        let ran = self.run(&[words, &["-o", "json"]].concat());
        let answer = ran.json();
        fits(&answer);
        let checks = answer["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["id"] == id).unwrap_or_else(|| panic!("no {id} in {answer:#}"));
        assert_eq!(check["state"], state, "{check:#}");
        let told: Vec<&str> = check["seen"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
        assert!(told.join(" | ").contains(seen), "{check:#}");
        if state == "wrong" {
            ran.exits(1);
        }
    }
}

#[test]
fn before_the_first_step_a_ready_cluster_is_right() {
    let site = Site::new("legacy");
    let ran = site.run(&PROOF);
    if std::env::var_os("UPDATE").is_some() {
        fs::write("testdata/verify/before.txt", &ran.answer).unwrap();
    }
    assert_eq!(ran.answer, fs::read_to_string("testdata/verify/before.txt").unwrap());
    ran.exits(0);
    assert!(fs::read_to_string("docs/pce.md").unwrap().contains(&ran.answer), "docs/pce.md shows another answer");
    assert!(site.pce.requests().iter().all(|request| !request.path.contains("kubernetes_workloads")), "not needed");
}

#[test]
fn every_check_of_the_procedure_is_among_them() {
    for (mode, words) in [
        ("legacy", &[][..]),
        ("migrateLegacyToClas", &[]),
        ("clas", &["--revert"]),
        ("migrateLegacyToClas", &["--revert"]),
        ("migrateClasToLegacy", &["--revert", "--finish"]),
    ] {
        let site = Site::new(mode);
        let answer = site.run(&[words, &["-o", "json"]].concat()).json();
        fits(&answer);
        assert_eq!(answer["when"], "before");
        let goal = helm_clas::ClusterMode::named(answer["mode"].as_str().unwrap()).unwrap();
        let checks = answer["checks"].as_array().unwrap();
        for check in helm_clas::checks_before(goal) {
            assert!(checks.iter().any(|one| one["id"] == check.id), "{} is not looked at before {goal}", check.id);
        }
        let mut ids: Vec<&str> = checks.iter().map(|one| one["id"].as_str().unwrap()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), checks.len(), "no check twice");
        assert!(site.pce.changes().is_empty());
    }
}

#[test]
fn the_next_step_is_the_one_of_the_mode_or_the_one_that_is_named() {
    let site = Site::new("migrateLegacyToClas");
    let command = |words: &[&str]| site.run(&[words, &["-o", "json"]].concat()).json()["command"].clone();
    assert_eq!(command(&[]), "migrate --finish");
    assert_eq!(command(&["--finish"]), "migrate --finish");
    assert_eq!(command(&["--revert"]), "revert");
    site.run(&["--revert", "--finish"]).fails(&["`revert --finish` is not a step from `migrateLegacyToClas`"]);
    site.says("unpair");
    site.run(&[]).fails(&["the procedure has no step from `unpair`"]);
    site.says("klas");
    site.run(&[]).exits(2);
    site.run(&["--after-mode", "clas"]).exits(2);
    let mut command = bare_command();
    run(command.args(["verify", "--before"])).fails(&["name the values file with -f"]);
    run(bare_command().args(["verify", "--finish"])).exits(2);
}

#[test]
fn values_that_are_not_complete_are_wrong() {
    let site = Site::new("legacy");
    fs::write(site.file(), values("legacy").replace("pce_url:", "pce_urls:")).unwrap();
    site.check(&["--without-pce"], "values-complete", "wrong", "`pce_url` is missing");
    // what another file or an option says counts as well
    let more = site.cluster.folder.path().join("more.yaml");
    fs::write(&more, "pce_url: pce.example.com:8443\n").unwrap();
    site.check(&["--without-pce", "-f", more.to_str().unwrap()], "values-complete", "right", "");
    site.check(&["--without-pce", "--set", "pce_url=pce.example.com:8443"], "values-complete", "right", "");
    site.check(&["--without-pce", "--set", "pce_url=null"], "values-complete", "wrong", "pce_url");
}

#[test]
fn the_release_must_be_where_the_step_starts() {
    let site = Site::new("legacy");
    site.check(&[], "chart-upgraded-first", "right", "revision 1 is `deployed`, in legacy, with chart `5.1.0`");
    site.runs("clas");
    site.check(
        &[],
        "chart-upgraded-first",
        "wrong",
        "the release runs in `clas`, and from there `migrate` does not lead",
    );
    let site = Site::new("migrateLegacyToClas");
    site.check(&[], "release-in-mode", "right", "in migrateLegacyToClas");
}

impl Site {
    fn with_other(&self, field: &str, value: &Value) {
        let mut list: Vec<Value> =
            serde_json::from_value(self.pce.played().objects["/orgs/3/container_clusters"].clone()).unwrap();
        list[1][field] = value.clone();
        self.pce.put("/orgs/3/container_clusters", json!(list));
    }
}

#[test]
fn another_cluster_between_two_modes_stops_the_first_step() {
    let id = "one-cluster-at-a-time";
    let site = Site::new("legacy");
    site.check(&[], id, "right", "the PCE has 1 cluster besides this one");
    for mode in ["migrateLegacyToClas", "migrate_clas_to_legacy", "MIGRATECLASTOLEGACY"] {
        site.with_other("cluster_mode", &json!(mode));
        site.check(&[], id, "wrong", "between two modes: `k8s-b` (migrate");
    }
    site.with_other("cluster_mode", &json!("hybrid"));
    site.check(&[], id, "could-not-tell", "in a mode that is not documented: `k8s-b` (`hybrid`");
    site.with_other("cluster_mode", &Value::Null);
    site.check(&[], id, "could-not-tell", "`k8s-b` (no cluster_mode");
    // this one may be: the step may be the second half of it
    let pce = FakePce::with(|request, _| {
        request.path.ends_with("/container_clusters").then(|| Reply::refusal(403, "forbidden", "no"))
    });
    Site { pce, cluster: site.cluster }.check(&[], id, "could-not-tell", "could not be checked");
}

#[test]
fn the_policy_and_the_mandatory_rules_are_judged() {
    let site = Site::new("legacy");
    site.check(&[], "policy-uses-labels", "right", "CLAS breaks no rule in force");
    site.check(&PROOF, "infrastructure-rules", "right", "2 rules proven");
    site.check(&[], "infrastructure-rules", "left-to-you", "not proven: all nodes -> ");
    site.check(
        &["--service-cidr", "10.0.0.0/8", "--node-labels", "role=node"],
        "infrastructure-rules",
        "could-not-tell",
        "",
    );
    let rule_sets = json!([{ "href": "/orgs/3/sec_policy/active/rule_sets/41", "name": "RS", "enabled": true, "scopes": [[]], "rules": [{
        "href": "/orgs/3/sec_policy/active/rule_sets/41/sec_rules/77", "enabled": true,
        "providers": [{ "label": { "href": "/orgs/3/labels/21" } }], "consumers": [{ "actors": "ams" }],
        "ingress_services": [], "resolve_labels_as": { "providers": ["workloads"], "consumers": ["workloads"] },
    }] }]);
    site.pce.put("/orgs/3/sec_policy/active/rule_sets", rule_sets);
    site.check(&[], "policy-uses-labels", "wrong", "rule-without-port");
    site.check(&[], "infrastructure-rules", "wrong", "missing: all nodes -> an IP list with the Service CIDR");
}

#[test]
fn the_namespace_and_the_nodes_are_looked_at() {
    let site = Site::new("legacy");
    site.check(&[], "nodes-visibility-only", "left-to-you", "nodes: 1 full, 1 idle");
    site.check(&[], "illumio-system-visibility-only", "right", "`visibility_only`");
    site.pce.played().set_mode(&own_profile(), "full", "/users/7");
    site.check(&[], "illumio-system-visibility-only", "wrong", "`full`");
}

#[test]
fn a_migration_is_not_finished_while_workloads_are_syncing() {
    let site = Site::new("migrateLegacyToClas");
    let words = ["--since", "2025-06-01T08:00:00Z"];
    site.check(&[], "workloads-active", "right", "");
    site.pce.put("/orgs/3/kubernetes_workloads", json!([workload("cart", &json!("syncing"))]));
    site.check(&[], "workloads-active", "wrong", "waiting: `shop/cart`");
    site.run(&words).exits(2);
    let mut ours = cluster_on_pce("migrateLegacyToClas");
    ours["online"] = json!(false);
    site.pce.put(&path_of_cluster(), ours);
    site.check(&["--finish"], "cluster-online", "wrong", "online `false`");
}

#[test]
fn without_an_api_key_it_could_not_tell_and_without_pce_leaves_it_to_the_reader() {
    let site = Site::new("legacy");
    let without_key = |words: &[&str]| {
        let mut command = bare_command();
        site.cluster.reach(&mut command);
        run(command.arg("--before").arg("-f").arg(site.file()).args(["--version", "5.1.0"]).args(words))
    };
    let ran = without_key(&["-o", "json"]);
    assert_eq!(ran.exits(1).json()["status"], "could-not-tell");
    fits(&ran.json());
    let ran = without_key(&["--without-pce", "-o", "json"]);
    assert_eq!(ran.exits(0).json()["status"], "right");
    assert!(site.pce.paths().is_empty());
}

#[test]
fn in_markdown_what_is_right_is_ticked() {
    let site = Site::new("legacy");
    site.pce.played().set_mode(&own_profile(), "full", "/users/7");
    let ran = site.run(&["-o", "markdown"]);
    let lines: Vec<&str> = ran.exits(1).answer.lines().filter(|line| line.starts_with("- [")).collect();
    assert!(
        lines.contains(
            &"- [x] **values-complete**: the values file has all mandatory values, and is the one that \
                             the release was installed with"
        ),
        "{lines:#?}"
    );
    assert!(
        lines.contains(
            &"- [ ] **illumio-system-visibility-only**: the namespace illumio-system is in Visibility Only (wrong)"
        ),
        "{lines:#?}"
    );
    assert!(ran.answer.starts_with("# Before migrateLegacyToClas (migrate)\n"), "{}", ran.answer);
    // after a step as well
    let mut command = bare_command();
    site.cluster.reach(&mut command);
    let ran = run(command.args(["--after-mode", "legacy", "--without-pce", "-o", "markdown", "--since", "20m"]));
    assert!(ran.answer.starts_with("# After legacy\n"), "{}", ran.answer);
}
