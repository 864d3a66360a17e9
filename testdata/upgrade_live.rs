//! `upgrade --run`: the software upgrade on a cluster, with real Helms and a real kubectl, and after a failure.

use serde_json::{Value, json};

use crate::support::cluster::{Cluster, RUN, newest};
use crate::support::fake_pce::Ran;
use crate::support::helm::{Helm, with_each};
use crate::support::schema::fits;

/// A release of an older chart, and a folder that has the newer one.
fn older(helm: &'static Helm, version: &str, mode: &str) -> Cluster {
    let cluster = Cluster::empty(helm);
    cluster.write("values.yaml", &format!("pce_url: pce.example.com:8443\nclusterMode: {mode} # why\n"));
    cluster.chart_version(version);
    cluster.deploy();
    cluster.chart_version("5.1.0");
    cluster
}

#[track_caller]
fn upgrade(cluster: &Cluster, more: &[&str]) -> Ran {
    let versions = ["upgrade", "-f", "values.yaml", "--version", "5.1.0", "--pce-version", "24.2.20"];
    cluster.clas(&[&versions, &RUN[..], &["--chart", "./chart"], more].concat())
}

fn version(cluster: &Cluster) -> String {
    let told: Value = serde_json::from_str(&cluster.helm(&["get", "metadata", "illumio", "-o", "json"])).unwrap();
    told["version"].as_str().unwrap().to_owned()
}

#[track_caller]
fn on(answer: &Value) -> &str {
    fits(answer);
    answer["ways"]["on"]["what"].as_str().unwrap_or_else(|| panic!("{answer:#}"))
}

#[test]
fn an_old_chart_is_upgraded_in_its_mode_and_looked_at() {
    with_each(|helm| {
        for (from, mode) in [("3.2.0", "legacy"), ("4.3.0", "legacy"), ("5.0.0", "clas")] {
            let cluster = older(helm, from, mode);
            let file = cluster.read("values.yaml");
            let answer = upgrade(&cluster, &["-o", "json"]).exits(0).json();
            fits(&answer);
            assert_eq!((&answer["upgraded"], &answer["verified"]), (&json!(true), &json!("right")), "{answer:#}");
            assert_eq!((&answer["written"], answer.get("ways")), (&json!(false), None));
            let gates: Vec<&str> =
                answer["gates"].as_array().unwrap().iter().map(|gate| gate["id"].as_str().unwrap()).collect();
            assert_eq!(gates, ["values-complete", "release-in-mode", "cluster-online"]);
            let checks = answer["checks"].as_array().unwrap();
            let restarted = checks.iter().find(|check| check["id"] == "pods-restarted").unwrap();
            assert_eq!(restarted["state"], "right", "the image is another one: {restarted:#}");
            assert_eq!((version(&cluster).as_str(), cluster.values()["clusterMode"].as_str()), ("5.1.0", Some(mode)));
            assert_eq!(cluster.read("values.yaml"), file, "no version stands in plain values");

            let again = upgrade(&cluster, &["-o", "json"]).exits(0).json();
            fits(&again);
            assert_eq!((&again["upgraded"], cluster.revision()), (&json!(false), 2), "asked twice, it is done once");
        }
    });
}

#[test]
fn a_person_sees_the_checks_the_upgrade_and_what_is_next() {
    let cluster = older(newest(), "4.3.0", "legacy");
    let ran = upgrade(&cluster, &[]);
    ran.exits(0).remarks_have(&[
        "values.yaml: to chart 5.1.0, in legacy as before  (PCE 24.2.20)\n",
        "Before legacy (upgrade): namespace illumio-system",
        "revision 1 is `deployed`, in legacy, with chart `4.3.0`",
        "Nothing to change. Running\n  helm upgrade illumio -n illumio-system -f values.yaml",
        "After legacy: namespace illumio-system",
        "To check the PCE as well\n  helm clas verify -f values.yaml --after-mode legacy",
        "Next\n  helm clas migrate --run --without-pce -f values.yaml",
    ]);
    let book = ["runbook", "-f", "values.yaml", "--pce-version", "24.2.20", "--live", "--version"];
    let cluster_of_old = older(newest(), "4.3.0", "legacy");
    let ran = cluster_of_old.clas(&[&book[..], &["5.1.0"]].concat());
    assert!(ran.exits(0).answer.contains("Step 1: chart 4.3.0 -> 5.1.0, in legacy\n"), "{}", ran.answer);
    let ran = cluster.clas(&[&book[..], &["5.1.0"]].concat());
    assert!(ran.exits(0).answer.contains("Step 1: legacy -> migrateLegacyToClas\n"), "{}", ran.answer);
    let before = ["verify", "--before", "--upgrade", "-f", "values.yaml", "--without-pce", "-o", "json"];
    let answer = cluster.clas(&[&before[..], &["--version", "5.0.0"]].concat()).exits(1).json();
    fits(&answer);
    assert_eq!(answer["command"], "upgrade");
    let release = answer["checks"].as_array().unwrap().iter().find(|check| check["id"] == "release-in-mode").unwrap();
    assert_eq!(release["seen"][1], "the release runs chart 5.1.0, which is newer than 5.0.0");
    cluster.clas(&before).exits(2).remarks_have(&["the version that the software upgrade goes to is not named"]);
}

#[test]
fn what_stands_against_it_leaves_the_release_alone() {
    let refused = |cluster: &Cluster, more: &[&str], status: i32, words: &str| {
        let revision = cluster.revision();
        upgrade(cluster, more).exits(status).remarks_have(&[words]);
        assert_eq!(cluster.revision(), revision);
    };
    let cluster = older(newest(), "5.2.0", "legacy");
    refused(&cluster, &[], 1, "the release runs chart 5.2.0, which is newer than 5.1.0");
    let cluster = older(newest(), "4.3.0", "legacy");
    cluster.write("values.yaml", "clusterMode: clas\npce_url: pce.example.com:8443\n");
    refused(&cluster, &[], 1, "the release is in `legacy`, and the file has `clas`");
    cluster.write("values.yaml", "clusterMode: legacy\n");
    refused(&cluster, &[], 1, "the release would lose values that it was given: `pce_url`");
    cluster.write("values.yaml", "clusterMode: migrateLegacyToClas\npce_url: pce.example.com:8443\n");
    refused(&cluster, &[], 1, "the cluster is between two modes: `migrateLegacyToClas`");
    cluster.write("values.yaml", "clusterMode: legacy\npce_url: pce.example.com:8443\n");
    refused(&cluster, &["--release", "other"], 1, "there is no release other in the namespace");
    cluster.chart_version("5.2.0");
    refused(&cluster, &[], 2, "the chart ./chart is 5.2.0, and the step is for 5.1.0");
    refused(&cluster, &["--", "--reset-values"], 2, "`--reset-values` is not allowed after `--`");
    // the values are not complete, and no option says to go on
    cluster.chart_version("5.1.0");
    let words = ["upgrade", "-f", "values.yaml", "--version", "5.1.0", "--pce-version", "24.2.20", "--run"];
    let ran = cluster.clas(&[&words[..], &["--without-pce", "--chart", "./chart"]].concat());
    ran.exits(1).remarks_have(&["--despite values-complete", "refused: nothing is changed in values.yaml"]);
}

#[test]
fn after_a_failure_there_is_one_way_on_and_one_back() {
    with_each(|helm| {
        let cluster = older(helm, "4.3.0", "legacy");
        cluster.write("stuck", "illumio-kubelink\n");
        let failing = ["-o", "json", "--wait", "1s", "--", "--wait", "--timeout", "3s"];
        let answer = upgrade(&cluster, &failing).exits(2).json();
        assert_eq!(on(&answer), "again");
        let back = json!(["helm", "rollback", "illumio", "1", "-n", "illumio-system"]);
        assert_eq!(answer["ways"]["back"], json!([{ "what": "rollback", "command": back }]));
        std::fs::remove_file(cluster.folder.path().join("stuck")).unwrap();
        // it goes on where it stopped, and the pods that restarted before count
        let again = upgrade(&cluster, &["-o", "json", "--wait", "9s"]).exits(0).json();
        fits(&again);
        assert_eq!((&again["verified"], again.get("gates")), (&json!("right"), None), "{again:#}");

        let cluster = older(helm, "4.3.0", "legacy");
        cluster.write("stuck", "illumio-ven\n");
        upgrade(&cluster, &failing).exits(2);
        std::fs::remove_file(cluster.folder.path().join("stuck")).unwrap();
        cluster.helm(&["rollback", "illumio", "1"]);
        assert_eq!(version(&cluster), "4.3.0");
        cluster.clas(&["status", "--live", "--exit-code", "-f", "values.yaml"]).exits(0);
        upgrade(&cluster, &["--wait", "9s"]).exits(0);
        assert_eq!(version(&cluster), "5.1.0");
    });
}

#[test]
fn pods_that_an_upgrade_does_not_change_need_not_restart() {
    let cluster = older(newest(), "5.0.0", "legacy");
    let pods = cluster.read("chart/templates/pods.yaml").replace("{{ .Chart.Version }}", "3.6.6");
    cluster.write("chart/templates/pods.yaml", &pods);
    cluster.chart_version("5.0.1");
    cluster.deploy();
    cluster.chart_version("5.1.0");
    let answer = upgrade(&cluster, &["-o", "json", "--wait", "9s"]).exits(0).json();
    assert_eq!((&answer["upgraded"], &answer["verified"]), (&json!(true), &json!("right")), "{answer:#}");
}

#[test]
fn a_manifest_is_not_run_with_helm() {
    let cluster = older(newest(), "4.3.0", "legacy");
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: east}\nspec:\n  chart: {spec: \
                   {chart: illumio, version: 4.3.0}}\n  values: {clusterMode: legacy}\n";
    cluster.write("values.yaml", release);
    upgrade(&cluster, &[]).exits(2).remarks_have(&["a controller applies `east`"]);
    assert_eq!(cluster.read("values.yaml"), release);
}
