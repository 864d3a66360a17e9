//! After a failure each screen says the same: `--run`, `status --live`, `verify`, `plan --live`, and one way back is open.

use std::fs;

use serde_json::{Value, json};

use crate::{
    gates::{HOOK, Site},
    support::{fake_pce::Ran, schema::fits},
};

const STATUS: [&str; 6] = ["status", "--live", "-f", "values.yaml", "-o", "json"];
const VERIFY: [&str; 6] = ["verify", "-f", "values.yaml", "--since", "1m", "-o"];

impl Site {
    fn remove(&self, name: &str) {
        fs::remove_file(self.cluster.folder.path().join(name)).unwrap();
    }

    fn plan(&self, more: &[&str]) -> Value {
        let plan = ["plan", "values.yaml", "--live", "--version", "5.1.0", "--pce-version", "24.2.20", "-o", "json"];
        let answer = self.clas(&[&plan[..], more].concat()).exits(0).json();
        fits(&answer);
        answer["clusters"][0].clone()
    }
}

/// The way on and the ways back that an answer names.
#[track_caller]
fn ways(ran: &Ran) -> (String, Vec<String>) {
    let answer = ran.json();
    fits(&answer);
    let what = |way: &Value| way["what"].as_str().unwrap_or_else(|| panic!("no way in {answer:#}")).to_owned();
    let back = answer["ways"]["back"].as_array().unwrap_or_else(|| panic!("no ways in {answer:#}"));
    (what(&answer["ways"]["on"]), back.iter().map(what).collect())
}

fn named(on: &str, back: &[&str]) -> (String, Vec<String>) {
    (on.to_owned(), back.iter().map(ToString::to_string).collect())
}

#[test]
fn what_failed_before_any_pod_is_not_finished_by_the_plan_nor_by_the_table() {
    let site = Site::new("clas");
    site.cluster.write("chart/templates/hook.yaml", HOOK);
    site.upgrade_fails("migrateClasToLegacy", &[]);
    site.says("migrateClasToLegacy");
    let status = site.clas(&STATUS);
    assert_eq!(ways(status.exits(0)), named("again", &["undo", "rollback"]));
    // the next step is the way on, and no other
    let answer = status.json();
    assert_eq!((&answer["files"][0]["next"], &answer["effective"]["next"]), (&json!([]), &json!([])));
    let row = site.plan(&["--revert"]);
    assert_eq!((&row["turn"], &row["step"]), (&json!("now"), &json!("revert")));
    // somebody took the next step in the file alone
    site.says("legacy");
    let status = site.clas(&STATUS);
    assert_eq!(ways(status.exits(0)), named("rollback", &[]));
    let row = site.plan(&["--revert"]);
    assert_eq!((&row["turn"], &row["step"]), (&json!("apart"), &Value::Null));
    assert_eq!(row["seen"], json!([{ "who": "release", "mode": "clas", "tried": "migrateClasToLegacy" }]));
    // the file was put back, and the release was not
    site.says("clas");
    assert_eq!(site.plan(&[])["turn"], "apart");
    let text = site.clas(&["plan", "values.yaml", "--live", "--version", "5.1.0"]);
    assert!(
        text.exits(0).answer.contains("the last upgrade of the release, to migrateClasToLegacy,"),
        "{}",
        text.answer
    );
    // a written step that never reached the release is nothing to build on either
    site.cluster.helm(&["rollback", "illumio", "1"]);
    site.says("migrateClasToLegacy");
    assert_eq!(site.clas(&STATUS).exits(0).json()["files"][0]["next"], json!([]));
    site.says("clas");
    assert_eq!(site.clas(&STATUS).exits(0).json()["files"][0]["next"], json!(["revert"]));
}

#[test]
fn once_the_pce_has_followed_a_failed_attempt_the_way_back_is_the_procedures_own_on_every_screen() {
    let site = Site::new("legacy");
    site.cluster.write("stuck", "illumio-kubelink\n");
    let timeout = ["-o", "json", "--", "--wait", "--timeout", "2s"];
    // the PCE has not followed yet
    let ran = site.step(&["migrate"], &timeout);
    assert_eq!(ways(ran.exits(2)), named("again", &["undo", "rollback"]));
    assert_eq!(ways(&site.clas(&STATUS)), named("again", &["undo", "rollback"]));
    assert_eq!(ways(site.clas(&[&VERIFY[..], &["json"]].concat()).exits(1)), named("again", &["undo", "rollback"]));
    site.step(&["revert"], &[]).exits(1).remarks_have(&["the release is in `legacy` (revision 1)"]);
    // now it has: it is not taken back by a rollback
    site.pce_says("migrateLegacyToClas", "legacy");
    let expected = named("again", &["revert"]);
    let ran = site.step(&["migrate"], &timeout);
    assert_eq!(ways(ran.exits(2)), expected);
    assert_eq!(ways(&site.clas(&STATUS)), expected);
    assert_eq!(ways(&site.clas(&[&VERIFY[..], &["json"]].concat())), expected);
    let text = site.clas(&[&VERIFY[..], &["text"]].concat());
    let words = ["To go back", "helm clas revert --run -f values.yaml --version 5.1.0", "some pods may run it"];
    assert!(words.iter().all(|words| text.answer.contains(words)), "{}", text.answer);
    assert!(!text.answer.contains("did not reach the cluster"), "{}", text.answer);
    let markdown = site.clas(&[&VERIFY[..], &["markdown"]].concat());
    assert!(markdown.answer.contains("- **To go back**: "), "{}", markdown.answer);
    site.clas(&["migrate", "--undo", "-f", "values.yaml"]).exits(1).remarks_have(&["To go back"]);
    let row = site.plan(&["--pce"]);
    assert_eq!((&row["turn"], &row["step"]), (&json!("now"), &json!("migrate")));
    // the way back fails as well, and goes on when it is run again
    let ran = site.step(&["revert"], &timeout);
    assert_eq!(ways(ran.exits(2)), named("again", &[]));
    assert_eq!(ways(&site.clas(&STATUS)), named("again", &[]));
    site.remove("stuck");
    site.step(&["revert"], &[]).exits(0);
    site.pce_says("migrateClasToLegacy", "legacy");
    site.step(&["revert", "--finish"], &[]).exits(0);
}

#[test]
fn a_release_that_is_not_there_has_a_way_on() {
    let site = Site::new("legacy");
    let words = [&STATUS[..], &["--release", "other"]].concat();
    assert_eq!(ways(site.clas(&words).exits(0)), named("install", &[]));
    let text = site.clas(&["status", "--live", "-f", "values.yaml", "--release", "other"]);
    assert!(text.answer.contains("there is no release: is this its name and namespace?"), "{}", text.answer);
}

#[test]
fn a_first_installation_that_failed_is_said_to_be_one() {
    let site = Site::new("legacy");
    site.cluster.helm(&["uninstall", "illumio"]);
    site.cluster.write("rejected", "daemonsets illumio-ven\n");
    let mut command = site.cluster.helm.command(site.cluster.folder.path());
    let words = ["install", "illumio", "./chart", "-f", "values.yaml", "-n", "illumio-system"];
    assert!(!site.cluster.reaching(&mut command).args(words).output().unwrap().status.success());
    let text = site.clas(&["status", "--live", "-f", "values.yaml"]);
    assert!(text.exits(0).answer.contains("was never fully installed"), "{}", text.answer);
    assert!(!text.answer.contains("no step of the procedure connects"), "{}", text.answer);
    assert_eq!(ways(&site.clas(&STATUS)), named("history", &[]));
}

#[test]
fn pods_of_a_controller_that_has_not_seen_its_template_are_not_those_of_the_step() {
    let site = Site::new("legacy");
    site.cluster.write("frozen", "illumio-ven\n");
    let ran = site.step(&["migrate"], &["-o", "json"]);
    let answer = ran.exits(1).json();
    let checks = answer["checks"].as_array().unwrap_or_else(|| panic!("{answer:#}"));
    let restarted = checks.iter().find(|check| check["id"] == "pods-restarted").unwrap();
    assert_eq!(restarted["state"], "wrong", "{restarted:#}");
}
