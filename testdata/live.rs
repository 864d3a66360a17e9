//! `--run` and `status --live`: real Helms and a real kubectl on a cluster whose API server is played.

use std::fs;

use serde_json::{Value, json};

use crate::support::cluster::{Cluster, RUN, STEP, TOKEN, newest};
use crate::support::fake_pce::{CLUSTER, FakePce, Ran, bare_command, run};
use crate::support::helm::with_each;
use crate::support::schema::{closed, output_schema};

#[test]
fn the_whole_way_and_back_is_taken_on_the_cluster() {
    let schema = closed(output_schema());
    with_each(|helm| {
        let cluster = Cluster::new(helm);
        let steps: [(&[&str], &str); 4] = [
            (&["migrate"], "migrateLegacyToClas"),
            (&["migrate", "--finish"], "clas"),
            (&["revert"], "migrateClasToLegacy"),
            (&["revert", "--finish"], "legacy"),
        ];
        for (revision, (verb, mode)) in (2..).zip(steps) {
            let ran = cluster.step(verb, &["-o", "json"]);
            let answer = ran.exits(0).json();
            assert!(schema.is_valid(&answer), "{answer:#}");
            assert_eq!((&answer["written"], &answer["upgraded"]), (&json!(true), &json!(true)));
            assert_eq!((&answer["to"], &answer["verified"]), (&json!(mode), &json!("right")));
            assert_eq!((cluster.values()["clusterMode"].as_str(), cluster.revision()), (Some(mode), revision));
            assert!(cluster.read("values.yaml").ends_with(&format!("clusterMode: {mode}\n")));

            let again = cluster.step(verb, &["-o", "json"]);
            let answer = again.exits(0).json();
            assert!(schema.is_valid(&answer), "{answer:#}");
            assert_eq!((&answer["status"], &answer["upgraded"]), (&json!("already"), &json!(false)));
            assert_eq!(cluster.revision(), revision, "asked twice, it is done once");
        }
    });
}

#[test]
fn a_person_sees_the_diff_the_upgrade_and_the_restart() {
    let cluster = Cluster::new(newest());
    let ran = cluster.step(&["migrate"], &["--set", &format!("cluster_token={TOKEN}")]);
    ran.exits(0).remarks_have(&[
        "warning[release-differs]: the upgrade changes more than the mode: `cluster_token`",
        "Before migrateLegacyToClas (migrate)",
        "warning[not-ready]: despite: `values-complete` failed: ",
        "values.yaml: legacy -> migrateLegacyToClas",
        "The file is changed. Running\n  helm upgrade illumio -n illumio-system -f values.yaml",
        "runs in migrateLegacyToClas\n",
        "pods-restarted: Kubelink and every C-VEN pod restarted and are Ready",
        "To check the PCE as well\n  helm clas verify -f values.yaml --after-mode migrateLegacyToClas",
        "To go back\n",
    ]);
    assert!(ran.answer.starts_with("--- a/values.yaml\n"), "{}", ran.answer);
    assert!(!ran.answer.contains("runs in"), "the diff alone goes to standard output: {}", ran.answer);
    assert!(!ran.remarks.contains(&TOKEN[4..]) && ran.remarks.contains("********"), "{}", ran.remarks);
    assert_eq!(cluster.values()["cluster_token"], TOKEN, "what is masked is handed on all the same");
}

#[test]
fn what_was_written_before_is_brought_to_the_cluster() {
    let cluster = Cluster::new(newest());
    cluster.clas(&[&["migrate"], &STEP[..], &["--write"]].concat()).exits(0);
    let written = cluster.read("values.yaml");
    cluster.step(&["migrate"], &["--", "--description", "change 4711"]).exits(0).remarks_have(&[
        "already migrateLegacyToClas",
        "Nothing to change. Running\n",
        "--description 'change 4711'",
    ]);
    assert_eq!(cluster.values()["clusterMode"], "migrateLegacyToClas");
    assert!(cluster.helm(&["history", "illumio"]).contains("change 4711"));
    assert_eq!(cluster.read("values.yaml"), written);
}

#[test]
fn the_command_of_the_page_runs() {
    let page = include_str!("../docs/steps.md");
    let line = page.lines().find_map(|line| line.strip_prefix("helm clas migrate --run ")).expect("it is there");
    let cluster = Cluster::new(newest());
    fs::rename(cluster.folder.path().join("values.yaml"), cluster.folder.path().join("illumio-values.yaml")).unwrap();
    let words = ["migrate"].into_iter().chain(RUN).chain(["--chart", "./chart"]);
    let words: Vec<&str> = words.chain(line.split(' ')).collect();
    cluster.clas(&words).exits(0).remarks_have(&["--version 5.1.0 --timeout 15m"]);
    assert_eq!(cluster.values()["clusterMode"], "migrateLegacyToClas");
}

/// The step is refused for these reasons, and neither file nor cluster is changed.
#[track_caller]
fn is_refused(cluster: &Cluster, verb: &[&str], more: &[&str], status: i32, words: &[&str]) {
    let (file, requests) = (cluster.read("values.yaml"), cluster.read("requests"));
    let ran = cluster.step(verb, more);
    ran.exits(status).remarks_have(words);
    assert_eq!(cluster.read("values.yaml"), file);
    let asked = cluster.read("requests");
    let asked = asked.strip_prefix(&requests).unwrap();
    assert!(asked.lines().all(|line| line.starts_with("GET ")), "{asked}");
}

#[test]
fn a_release_that_differs_is_left_alone() {
    let cluster = Cluster::new(newest());
    cluster.write("values.yaml", "clusterMode: migrateLegacyToClas\n");
    is_refused(
        &cluster,
        &["migrate", "--finish"],
        &[],
        1,
        &[
            "error[release-differs]: the release runs in `legacy`, and from there `migrate --finish` does not lead to `clas`",
            "refused: nothing is changed in values.yaml",
        ],
    );
    cluster.deploy();
    cluster.write("values.yaml", "clusterMode: legacy\n");
    is_refused(
        &cluster,
        &["migrate"],
        &[],
        1,
        &["the release already runs in `migrateLegacyToClas`, but the file does not set it"],
    );
    cluster.chart_version("5.2.0");
    cluster.deploy();
    is_refused(&cluster, &["migrate"], &[], 2, &["the chart ./chart is 5.2.0, and the step is for 5.1.0"]);
    cluster.chart_version("5.1.0");
    is_refused(&cluster, &["migrate"], &[], 1, &["the release runs chart 5.2.0, and the step is for chart 5.1.0"]);
    is_refused(&cluster, &["migrate"], &["--release", "other"], 1, &["there is no release other in the namespace"]);
    // on the way back a version only warns
    cluster.write("values.yaml", "clusterMode: clas\n");
    cluster.chart_version("5.2.0");
    cluster.deploy();
    cluster.chart_version("5.1.0");
    cluster.step(&["revert"], &[]).exits(0).remarks_have(&["warning[release-differs]: the release runs chart 5.2.0"]);
    assert_eq!(cluster.values()["clusterMode"], "migrateClasToLegacy");
}

#[test]
fn what_the_release_was_given_and_would_lose_is_named() {
    let cluster = Cluster::new(newest());
    cluster.helm(&[
        "upgrade",
        "illumio",
        "./chart",
        "-f",
        "values.yaml",
        "--set",
        &format!("cluster_token={TOKEN},a.b=1"),
    ]);
    let lost = "the release would lose values that it was given: `a`, `cluster_token`";
    is_refused(&cluster, &["migrate"], &[], 1, &[lost]);
    let ran = cluster.step(&["migrate"], &["--set", &format!("cluster_token={TOKEN}"), "--set", "a.b=1"]);
    assert!(!ran.exits(0).remarks.contains("release-differs"), "{}", ran.remarks);
    assert_eq!(cluster.values()["a"]["b"], 1);
    // the way back only warns
    cluster.step(&["revert"], &[]).exits(0).remarks_have(&[&format!("warning[release-differs]: {lost}")]);
}

#[test]
fn a_release_of_another_chart_is_left_alone() {
    let cluster = Cluster::empty(newest());
    cluster.write("values.yaml", "clusterMode: legacy\n");
    cluster.write("chart/Chart.yaml", "apiVersion: v2\nname: nginx\nversion: 5.1.0\n");
    cluster.helm(&["install", "ingress", "./chart", "-f", "values.yaml"]);
    cluster.chart_version("5.1.0");
    let words = "the release is one of the chart `nginx`, not of `illumio`";
    is_refused(&cluster, &["migrate"], &["--release", "ingress"], 1, &[words]);
}

#[test]
fn an_upgrade_that_reaches_nothing_is_repeated() {
    let schema = closed(output_schema());
    let cluster = Cluster::new(newest());
    cluster.write("chart/templates/broken.yaml", "{{ fail \"no room\" }}\n");
    let ran = cluster.step(&["migrate"], &["-o", "json"]);
    let failed = "`helm upgrade` failed: nothing reached the release illumio in illumio-system: it still has revision 1 and \
         legacy";
    let answer = ran.exits(2).remarks_have(&["no room", failed]).json();
    assert!(schema.is_valid(&answer), "{answer:#}");
    assert_eq!((&answer["written"], &answer["upgraded"]), (&json!(true), &json!(false)));
    assert!(cluster.read("values.yaml").ends_with("clusterMode: migrateLegacyToClas\n"));
    cluster.step(&["migrate"], &["-q"]).exits(2).remarks_have(&["no room"]);
    fs::remove_file(cluster.folder.path().join("chart/templates/broken.yaml")).unwrap();
    cluster.step(&["migrate"], &[]).exits(0);
    assert_eq!(cluster.values()["clusterMode"], "migrateLegacyToClas");
}

#[test]
fn what_cannot_be_watched_is_not_upgraded() {
    let cluster = Cluster::new(newest());
    fs::remove_file(cluster.folder.path().join("kubectl")).unwrap();
    is_refused(&cluster, &["migrate"], &[], 2, &["cannot run kubectl"]);
}

#[test]
fn what_run_cannot_do_is_said_before_anything_is_done() {
    let cluster = Cluster::new(newest());
    let check = |more: &[&str], words: &[&str]| is_refused(&cluster, &["migrate"], more, 2, words);
    check(
        &["--", "-fother.yaml"],
        &["`-fother.yaml` is not allowed after `--`", "pass values, versions and names before it"],
    );
    check(&["--", "-in=other"], &["`-in` is not allowed after `--`"]);
    check(&["--", "--timeout", "5m", "other"], &["`other` is not allowed after `--`"]);
    check(&["--", "--help"], &["`--help` is not allowed after `--`"]);
    check(&["--", "--reset-then-reuse-values"], &["`--reset-then-reuse-values` is not allowed after `--`"]);
    check(&["--", "--set=clusterMode=clas"], &["`--set` is not allowed after `--`"]);
    check(&["--", "--dry-run"], &["`--dry-run` is not allowed after `--`"]);
    check(&["-o", "yaml"], &["--run changes the file"]);
    cluster.write("values.yaml", "illumio:\n  clusterMode: legacy\n  cluster_id: x\n");
    check(&[], &["these are values of an umbrella chart"]);
    cluster.write(
        "values.yaml",
        "releases:\n  - name: east\n    chart: oci://quay.io/illumio/illumio\n    version: 5.1.0\n    values: [{clusterMode: legacy}]\n",
    );
    check(&[], &["a controller applies"]);
    let ran = run(cluster.reaching(&mut bare_command()).args(["migrate", "-f", "values.yaml", "--", "--wait"]));
    ran.exits(2).remarks_have(&["--run"]);
}

#[test]
fn a_helm_that_is_not_there_or_does_not_reach_the_cluster_is_named() {
    let cluster = Cluster::new(newest());
    let mut command = bare_command();
    let command = cluster.reaching(&mut command).args(["migrate", "--run"]).args(STEP);
    run(command.env("HELM_KUBEAPISERVER", "http://127.0.0.1:1")).fails(&["helm cannot read the release illumio in"]);
    run(command.env("HELM_BIN", "")).fails(&["cannot run helm", "put Helm on the PATH"]);
    assert!(!cluster.read("values.yaml").contains("clusterMode"));
}

/// Where the words or the answer cannot be delivered, the other one says that the file and the release were changed.
#[test]
fn what_cannot_be_said_of_a_step_on_the_cluster_is_a_failure() {
    const CHANGED: &str = "note: values.yaml, the release illumio in illumio-system were changed before this\n";
    let full = || fs::OpenOptions::new().write(true).open("/dev/full");
    if full().is_err() {
        return println!("skipped: this system has no /dev/full");
    }
    for form in ["text", "json", "markdown"] {
        let cluster = Cluster::new(newest());
        let mut command = bare_command();
        let words = [&["migrate"][..], &STEP, &RUN, &["--chart", "./chart", "-o", form]].concat();
        let command = cluster.reaching(&mut command).args(words);
        let said = command.stdout(full().unwrap()).output().unwrap();
        let remarks = String::from_utf8_lossy(&said.stderr);
        assert!(said.status.code() == Some(2) && remarks.contains(CHANGED), "{form}: {remarks}");
        assert_eq!(cluster.values()["clusterMode"], "migrateLegacyToClas");
        if form != "json" {
            let cluster = Cluster::new(newest());
            let mut command = bare_command();
            let words = [&["migrate"][..], &STEP, &RUN, &["--chart", "./chart", "-o", form]].concat();
            let said = cluster.reaching(&mut command).args(words).stderr(full().unwrap()).output().unwrap();
            let answer = String::from_utf8_lossy(&said.stdout);
            assert!(said.status.code() == Some(2) && answer.contains(CHANGED), "{form}: {answer}");
        }
    }
}

/// A cluster whose first step was taken, with complete values, and a PCE that knows it.
fn between() -> (Cluster, FakePce) {
    let cluster = Cluster::empty(newest());
    let complete = fs::read_to_string("testdata/cli/in/illumio-values.yaml").unwrap();
    let id = complete.lines().find_map(|line| line.strip_prefix("cluster_id: ")).unwrap().to_owned();
    let complete = complete.replace(&id, CLUSTER);
    cluster.write("values.yaml", &complete);
    cluster.deploy();
    cluster.write("values.yaml", &complete.replace("clusterMode: legacy", "clusterMode: migrateLegacyToClas"));
    cluster.deploy();
    (cluster, FakePce::new())
}

fn gated(cluster: &Cluster, pce: &FakePce, verb: &[&str], more: &[&str]) -> Ran {
    let mut command = pce.command();
    let words = [verb, &STEP, &["--run", "--chart", "./chart", "--wait", "9s"], more].concat();
    run(cluster.reaching(&mut command).args(words))
}

#[test]
fn a_gate_that_is_closed_refuses_the_step_and_leaves_the_file_alone() {
    let (cluster, pce) = between();
    let syncing = json!([{ "name": "cart", "namespace": "shop", "security_policy_sync_state": "syncing",
        "container_cluster": { "href": format!("/orgs/3/container_clusters/{CLUSTER}") } }]);
    pce.put("/orgs/3/kubernetes_workloads", syncing);
    let before = cluster.read("values.yaml");
    let ran = gated(&cluster, &pce, &["migrate", "--finish"], &[]);
    ran.exits(1).remarks_have(&[
        "Before clas (migrate --finish)",
        "error[not-ready]: `workloads-active` failed: ",
        "--despite workloads-active takes the step anyway",
        "refused: nothing is changed in values.yaml",
    ]);
    let refused = gated(&cluster, &pce, &["migrate", "--finish"], &["-o", "json"]);
    let answer = refused.exits(1).json();
    assert!(closed(output_schema()).is_valid(&answer), "{answer:#}");
    assert_eq!(
        (&answer["status"], &answer["written"], &answer["despite"]),
        (&json!("refused"), &json!(false), &json!([]))
    );
    let gates = answer["gates"].as_array().unwrap();
    assert!(gates.iter().any(|gate| gate["id"] == "workloads-active" && gate["state"] == "wrong"), "{answer:#}");
    assert_eq!((cluster.read("values.yaml"), cluster.revision()), (before, 2));
    gated(&cluster, &pce, &["migrate", "--finish"], &["--despite", "no-such"])
        .exits(2)
        .remarks_have(&["there is no check `no-such` before this step", "workloads-active"]);
    // the user knows better, and says so
    let ran = gated(&cluster, &pce, &["migrate", "--finish"], &["--despite", "workloads-active", "-o", "json"]);
    let answer = ran.exits(0).json();
    assert!(closed(output_schema()).is_valid(&answer), "{answer:#}");
    assert_eq!((&answer["upgraded"], &answer["despite"]), (&json!(true), &json!(["workloads-active"])));
    let rules: Vec<&Value> = answer["findings"].as_array().unwrap().iter().map(|found| &found["rule"]).collect();
    assert!(rules.contains(&&json!("not-ready")), "{answer:#}");
}

#[test]
fn gates_that_are_open_let_the_step_pass_and_the_way_back_is_never_closed() {
    let (cluster, pce) = between();
    let ran = gated(&cluster, &pce, &["migrate", "--finish"], &["-o", "json"]);
    let answer = ran.exits(0).json();
    assert!(closed(output_schema()).is_valid(&answer), "{answer:#}");
    let states: Vec<&Value> = answer["gates"].as_array().unwrap().iter().map(|gate| &gate["state"]).collect();
    assert!(states.iter().all(|state| **state == "right" || **state == "left-to-you"), "{answer:#}");
    // back: the PCE is not even there
    pce.remove(&format!("/orgs/3/container_clusters/{CLUSTER}"));
    let ran = gated(&cluster, &pce, &["revert"], &[]);
    ran.exits(0).remarks_have(&["warning: the checks before the step could not be run: "]);
    assert_eq!(cluster.values()["clusterMode"], "migrateClasToLegacy");
}

#[test]
fn without_an_api_key_a_step_needs_without_pce() {
    let (cluster, _) = between();
    let finish = [&["migrate", "--finish"], &STEP[..], &["--run", "--chart", "./chart", "--wait", "9s"]].concat();
    let before = cluster.read("values.yaml");
    let words = "error[not-ready]: no API key is given, so the PCE was not asked about `cluster-online`";
    cluster.clas(&finish).exits(1).remarks_have(&[words, "--without-pce"]);
    assert_eq!(cluster.read("values.yaml"), before);
    let ran = cluster.clas(&[&finish[..], &["--without-pce"]].concat());
    ran.exits(0).remarks_have(&["helm clas revert --run --without-pce -f values.yaml"]);
    let revert = [&["revert"], &STEP[..], &["--run", "--chart", "./chart", "--wait", "9s"]].concat();
    cluster.clas(&revert).exits(0).remarks_have(&["warning[not-ready]: no API key is given"]);
}

/// The lines below the table, and the answer as JSON.
#[track_caller]
fn live(cluster: &Cluster, more: &[&str]) -> (String, Value) {
    let words = [&["status", "--live", "-f", "values.yaml"], more].concat();
    let text = cluster.clas(&words);
    let answer = cluster.clas(&[&words[..], &["-o", "json"]].concat()).exits(0).json();
    assert!(closed(output_schema()).is_valid(&answer), "{answer:#}");
    let (_, below) = text.exits(0).answer.split_once("\n\n").unwrap().1.split_once("\n\n").expect(&text.answer);
    (below.to_owned(), answer)
}

#[test]
fn what_runs_is_told_beside_what_the_files_say() {
    with_each(|helm| {
        let cluster = Cluster::new(helm);
        let (told, answer) = live(&cluster, &[]);
        let release = "Release illumio in illumio-system: legacy (chart illumio 5.1.0, revision 1, deployed)\n";
        assert_eq!(told, format!("{release}They agree\n"));
        assert_eq!(answer["agree"], json!(true));
        let expected = json!({ "release": "illumio", "namespace": "illumio-system", "mode": "legacy", "chart": "illumio",
            "version": "5.1.0", "revision": 1, "status": "deployed" });
        assert_eq!(answer["live"], expected);
        cluster.write("values.yaml", "clusterMode: clas\n");
        let (told, answer) = live(&cluster, &[]);
        let differ = format!("{release}Note: the files set clas, and the release runs in legacy\n");
        assert!(told.starts_with(&differ) && told.ends_with("helm history illumio -n illumio-system\n"), "{told}");
        assert_eq!(answer["agree"], json!(false));
        cluster.write("values.yaml", "security:\n  clusterMode: clas\n  pce_url: a:1\n");
        cluster.deploy();
        let (told, _) = live(&cluster, &["--path", "security"]);
        let of_no_umbrella = "Note: the release is one of the chart `illumio`, not of an umbrella chart\n";
        assert!(told.contains(&format!("revision 2, deployed)\n{of_no_umbrella}")), "{told}");
        let (told, answer) = live(&cluster, &["--path", "security", "--release", "other"]);
        assert_eq!(
            told,
            "Release other in illumio-system: not found\n\nTo continue\n  there is no release: is this its name and \
             namespace? `helm list -A` shows all\n"
        );
        assert_eq!((&answer["live"], &answer["agree"]), (&Value::Null, &Value::Null));
        assert!(answer.as_object().unwrap().contains_key("live"));
    });
}

#[test]
fn the_pce_is_asked_as_well_where_a_key_is_given() {
    let cluster = Cluster::new(newest());
    let pce = FakePce::new();
    let mut object: Value = serde_json::from_str(include_str!("verify/pce.json")).unwrap();
    let mut object = object[format!("/orgs/3/container_clusters/{CLUSTER}")].take();
    object["cluster_mode"] = json!("clas");
    pce.put(&format!("/orgs/3/container_clusters/{CLUSTER}"), object);
    let mut command = pce.command();
    let command = cluster.reaching(&mut command).args(["status", "--live", "-f", "values.yaml"]);
    let ran = run(command);
    let expected =
        "The PCE: `clas`\nNote: the release runs in legacy, and the PCE reports clas\n\nTo continue\n  Kubelink ";
    assert!(ran.exits(0).answer.contains(expected), "{}", ran.answer);
    let answer = run(command.args(["-o", "json"])).exits(0).json();
    assert!(closed(output_schema()).is_valid(&answer), "{answer:#}");
    assert_eq!((&answer["pce"], &answer["agree"]), (&json!({ "mode": "clas", "said": "`clas`" }), &json!(false)));
}

#[test]
fn what_can_be_told_without_the_cluster_is_told_all_the_same() {
    let cluster = Cluster::new(newest());
    let mut command = bare_command();
    let command = cluster.reaching(&mut command).args(["status", "--live", "-f", "values.yaml"]);
    let ran = run(command.env("HELM_KUBEAPISERVER", "http://127.0.0.1:1"));
    ran.exits(2).remarks_have(&["helm cannot read the release illumio in illumio-system"]);
    assert!(ran.answer.contains("legacy (default)"), "{}", ran.answer);
    run(bare_command().args(["status", "--live"])).exits(2);
    let page = cluster.clas(&["status", "--live", "-f", "values.yaml", "-o", "html"]);
    assert!(page.exits(0).answer.contains("<h2 id=\"releases\">Releases</h2>"), "{}", page.answer);
    cluster.write(
        "release.yaml",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: east}\nspec:\n  chart: {spec: {chart: illumio, version: 5.1.0}}\n  values: {clusterMode: legacy}\n",
    );
    let ran = cluster.clas(&["status", "--live", "-f", "release.yaml"]);
    // Flux calls the release as its object is called; of a name that it fills in, nothing is known
    assert!(ran.exits(0).answer.contains("Release east in illumio-system: not found"), "{}", ran.answer);
    cluster.write(
        "argo.yaml",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: east}\nspec:\n  source: {chart: illumio, targetRevision: 5.1.0, helm: {valuesObject: {clusterMode: legacy}}}\n",
    );
    let ran = cluster.clas(&["status", "--live", "-f", "argo.yaml"]);
    ran.exits(2).remarks_have(&["the name of the release of this manifest is not known"]);
    cluster.clas(&["status", "--live", "-f", "release.yaml", "--release", "illumio"]).exits(0);
}
