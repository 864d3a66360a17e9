//! The gates of `--run`, each red and green, on a played cluster with a played PCE.

use std::process::Command;

use serde_json::{Value, json};

use crate::{
    before::{PROOF, known, ready, values},
    support::{
        cluster::{Cluster, STEP, newest},
        fake_pce::{CLUSTER, FakePce, Ran, Reply, bare_command, run},
        played::cluster as path_of_cluster,
        schema::fits,
    },
    verify::{cluster_on_pce, workload},
};

/// A cluster whose release runs in a mode, with complete values, and a PCE that is ready for the next step.
pub(crate) struct Site {
    pub(crate) cluster: Cluster,
    pub(crate) pce: FakePce,
}

impl Site {
    pub(crate) fn new(mode: &str) -> Self {
        let cluster = Cluster::empty(newest());
        cluster.write("values.yaml", &values(mode));
        cluster.deploy();
        Self { cluster, pce: ready(mode) }
    }

    /// What the file says.
    pub(crate) fn says(&self, mode: &str) {
        self.cluster.write("values.yaml", &values(mode));
    }

    /// What the PCE says of the mode of this cluster, and of the other one.
    pub(crate) fn pce_says(&self, ours: &str, others: &str) {
        self.pce.put(&path_of_cluster(), cluster_on_pce(ours));
        let mut other = cluster_on_pce(others);
        other["href"] = json!(format!("/orgs/3/container_clusters/{}2", &CLUSTER[..CLUSTER.len() - 1]));
        other["name"] = json!("k8s-b");
        known(&self.pce, &[cluster_on_pce(ours), other]);
    }

    fn clas_by(&self, command: &mut Command, words: &[&str]) -> Ran {
        run(self.cluster.reaching(command).args(words))
    }

    /// This tool, with the API key of the PCE.
    #[track_caller]
    pub(crate) fn clas(&self, words: &[&str]) -> Ran {
        self.clas_by(&mut self.pce.command(), words)
    }

    /// A step with all gates.
    #[track_caller]
    pub(crate) fn step(&self, verb: &[&str], more: &[&str]) -> Ran {
        let by_verb = if verb == ["migrate"] { &PROOF[..] } else { &[] };
        self.clas(&[verb, &STEP, &["--run", "--chart", "./chart", "--wait", "9s"], by_verb, more].concat())
    }

    /// The same without an API key.
    #[track_caller]
    pub(crate) fn step_without_key(&self, verb: &[&str], more: &[&str]) -> Ran {
        let words = [verb, &STEP, &["--run", "--chart", "./chart", "--wait", "9s"], more].concat();
        self.clas_by(&mut bare_command(), &words)
    }

    /// Helm itself, which fails.
    #[track_caller]
    pub(crate) fn upgrade_fails(&self, mode: &str, options: &[&str]) {
        let mut command = self.cluster.helm.command(self.cluster.folder.path());
        let set = format!("clusterMode={mode}");
        let words = ["upgrade", "illumio", "./chart", "-f", "values.yaml", "-n", "illumio-system", "--set", &set];
        let output = self.cluster.reaching(&mut command).args(words).args(options).output().unwrap();
        assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }

    /// Nothing is changed, and the refusal names the check.
    #[track_caller]
    pub(crate) fn refuses(&self, ran: &Ran, words: &[&str]) {
        let (file, revision) = (self.cluster.read("values.yaml"), self.cluster.revision());
        ran.exits(1).remarks_have(words);
        assert_eq!((self.cluster.read("values.yaml"), self.cluster.revision()), (file, revision));
    }
}

#[test]
fn each_gate_that_is_red_refuses_the_step_by_its_name_and_green_lets_it_pass() {
    let site = Site::new("legacy");
    let red = |more: &[&str], id: &str| {
        let despite = format!("--despite {id} takes the step anyway");
        site.refuses(&site.step(&["migrate"], more), &[&format!("`{id}`"), &despite]);
    };
    site.pce_says("legacy", "migrateLegacyToClas");
    red(&[], "one-cluster-at-a-time");
    site.pce_says("legacy", "legacy");
    let rules = site.pce.played().objects["/orgs/3/sec_policy/active/rule_sets"].clone();
    site.pce.put("/orgs/3/sec_policy/active/rule_sets", json!([]));
    red(&[], "infrastructure-rules");
    site.pce.put("/orgs/3/sec_policy/active/rule_sets", rules);
    site.pce.played().set_mode(&crate::support::played::own_profile(), "full", "/users/7");
    red(&[], "illumio-system-visibility-only");
    site.pce.played().set_mode(&crate::support::played::own_profile(), "visibility_only", "/users/7");
    site.step(&["migrate"], &[]).exits(0);
}

#[test]
fn a_policy_that_may_not_be_read_is_a_closed_gate() {
    let site = Site::new("legacy");
    let (objects, pce) = (
        site.pce.played().objects.clone(),
        FakePce::with(|request, _| {
            request.path.contains("/sec_policy/").then(|| Reply::refusal(403, "forbidden_error", "no"))
        }),
    );
    pce.played().objects = objects;
    let site = Site { pce, cluster: site.cluster };
    site.refuses(
        &site.step(&["migrate"], &[]),
        &["`policy-uses-labels` could not be checked", "`infrastructure-rules` could not be checked", "403"],
    );
}

#[test]
fn as_many_clusters_as_were_allowed_may_be_between_two_modes() {
    let site = Site::new("legacy");
    site.pce_says("legacy", "migrateLegacyToClas");
    site.refuses(&site.step(&["migrate"], &[]), &["`one-cluster-at-a-time` failed"]);
    // what is planned is not refused
    let plan = ["plan", "values.yaml", "--pce", "--version", "5.1.0", "--pce-version", "24.2.20", "-o", "json"];
    let turn = |more: &[&str]| {
        let answer = site.clas(&[&plan[..], more].concat()).exits(0).json();
        fits(&answer);
        answer["clusters"][0]["turn"].clone()
    };
    assert_eq!(turn(&[]), "after");
    assert_eq!(turn(&["--at-once", "2"]), "now");
    let before = ["verify", "--before", "-f", "values.yaml", "--version", "5.1.0"];
    site.clas(&[&before[..], &PROOF].concat()).exits(1);
    site.clas(&[&before[..], &PROOF, &["--at-once", "2"]].concat()).exits(0);
    site.step(&["migrate"], &["--at-once", "2"]).exits(0);
}

#[test]
fn a_failed_revision_that_moved_no_pod_opens_no_gate() {
    let site = Site::new("legacy");
    site.cluster.write("chart/templates/hook.yaml", HOOK);
    site.upgrade_fails("migrateLegacyToClas", &[]);
    std::fs::remove_file(site.cluster.folder.path().join("chart/templates/hook.yaml")).unwrap();
    site.pce_says("legacy", "migrateLegacyToClas");
    site.refuses(&site.step(&["migrate"], &[]), &["`one-cluster-at-a-time` failed: "]);
    site.refuses(&site.step_without_key(&["migrate"], &[]), &["no API key is given", "--without-pce"]);
    site.pce_says("legacy", "legacy");
    site.step(&["migrate"], &[]).exits(0);
    // the gate of the procedure, when going forward
    site.pce_says("migrateLegacyToClas", "legacy");
    site.pce.put("/orgs/3/kubernetes_workloads", json!([workload("cart", &json!("syncing"))]));
    site.cluster.write("chart/templates/hook.yaml", HOOK);
    site.upgrade_fails("clas", &[]);
    std::fs::remove_file(site.cluster.folder.path().join("chart/templates/hook.yaml")).unwrap();
    site.refuses(&site.step(&["migrate", "--finish"], &[]), &["`workloads-active` failed: "]);
    site.pce.put("/orgs/3/kubernetes_workloads", json!([workload("cart", &json!("synced"))]));
}

#[test]
fn the_software_upgrade_that_moved_no_pod_is_checked_again_as_well() {
    let site = Site::new("legacy");
    let mut offline = cluster_on_pce("legacy");
    offline["online"] = json!(false);
    site.cluster.chart_version("5.2.0");
    site.cluster.write("chart/templates/hook.yaml", HOOK);
    site.upgrade_fails("legacy", &[]);
    std::fs::remove_file(site.cluster.folder.path().join("chart/templates/hook.yaml")).unwrap();
    site.pce.put(&path_of_cluster(), offline);
    let upgrade = ["upgrade", "-f", "values.yaml", "--version", "5.2.0", "--pce-version", "24.2.20"];
    let ran = site.clas(&[&upgrade[..], &["--run", "--chart", "./chart", "--wait", "9s"]].concat());
    site.refuses(&ran, &["`cluster-online` failed: "]);
}

/// A hook that the server rejects, so that a revision fails before any pod.
pub(crate) const HOOK: &str = "\
apiVersion: v1
kind: ConfigMap
metadata:
  name: NOT ALLOWED
  annotations: {helm.sh/hook: pre-upgrade}
";

#[test]
fn an_attempt_whose_pods_run_already_goes_on() {
    let site = Site::new("legacy");
    site.cluster.write("stuck", "illumio-kubelink\n");
    site.upgrade_fails("migrateLegacyToClas", &["--wait", "--timeout", "3s"]);
    std::fs::remove_file(site.cluster.folder.path().join("stuck")).unwrap();
    site.pce_says("legacy", "migrateLegacyToClas");
    let ran = site.step(&["migrate"], &["-o", "json"]);
    let answer = ran.exits(0).remarks_have(&["the checks before it are not run again"]).json();
    assert_eq!(answer["gates"], Value::Null);
}
