//! The account of an attempt: each row is an attempt that goes wrong on a played cluster with each Helm, what is
//! reported then, and what the advice leads to when it is followed.

use std::{
    io::Read,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::support::cluster::{Cluster, RUN, STEP, TOKEN, newest};
use crate::support::fake_pce::{Ran, bare_command};
use crate::support::helm::{Helm, with_each, with_oldest_and_newest};
use crate::support::measure::ENDLESS;
use crate::support::schema::{closed, output_schema};

/// The longest time that the commands are to wait.
const TEN_MINUTES: Duration = Duration::from_secs(600);

/// Does a row with every Helm.
fn with_each_helm(mode: &str, row: impl Fn(&Cluster) + Sync) {
    with_each(|helm| row(&deployed(helm, mode)));
}

/// Does a row with the oldest Helm and the newest.
fn with_two_helms(mode: &str, row: impl Fn(&Cluster) + Sync) {
    with_oldest_and_newest(|helm| row(&deployed(helm, mode)));
}

fn deployed(helm: &'static Helm, mode: &str) -> Cluster {
    let cluster = Cluster::empty(helm);
    cluster.write("values.yaml", &format!("pce_url: pce.example.com:8443\nclusterMode: {mode} # why\n"));
    cluster.deploy();
    cluster
}

impl Cluster {
    /// What the advice says after an attempt, as JSON: how to continue, and how to get back.
    #[track_caller]
    fn advice(&self, ran: &Ran) -> (Value, Vec<Value>) {
        let answer = ran.json();
        assert!(closed(output_schema()).is_valid(&answer), "{answer:#}");
        let ways = &answer["ways"];
        let back = ways["back"].as_array().unwrap_or_else(|| panic!("no ways in {answer:#}"));
        (ways["on"].clone(), back.clone())
    }

    /// Does what an advice says.
    #[track_caller]
    fn follow(&self, way: &Value) -> Ran {
        let words: Vec<&str> =
            way["command"].as_array().expect("a command").iter().map(|word| word.as_str().unwrap()).collect();
        match words[..] {
            ["helm", "clas", ..] => self.clas(&words[2..]),
            ["helm", ..] => {
                let mut command = self.helm.command(self.folder.path());
                let output = self.reaching(&mut command).args(&words[1..]).output().unwrap();
                let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
                Ran { status: output.status.code().unwrap(), answer: text(output.stdout), remarks: text(output.stderr) }
            }
            _ => panic!("{words:?}"),
        }
    }

    fn remove(&self, name: &str) {
        std::fs::remove_file(self.folder.path().join(name)).unwrap();
    }

    /// The file and the release agree.
    #[track_caller]
    fn agrees(&self) {
        let ran = self.clas(&["status", "--live", "--exit-code", "-f", "values.yaml", "-o", "json"]);
        assert_eq!(ran.exits(0).json()["agree"], json!(true));
    }

    /// Restarts the pods as a person does.
    #[track_caller]
    fn restart_pods(&self) {
        for object in ["deployment/illumio-kubelink", "daemonset/illumio-ven"] {
            let mut command = Command::new(self.folder.path().join("kubectl"));
            let words = ["rollout", "restart", object, "-n", "illumio-system", "--server", self.address()];
            let output = command.env_clear().env("HOME", self.folder.path()).args(words).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }

    /// Helm's word for a failed upgrade that rolls back by itself.
    fn rolling_back(&self) -> &'static str {
        if self.helm.version.starts_with('3') { "--atomic" } else { "--rollback-on-failure" }
    }
}

#[track_caller]
fn is(way: &Value, what: &str) {
    assert_eq!(way["what"], what, "{way:#}");
}

fn names(ways: &[Value]) -> Vec<&str> {
    ways.iter().map(|way| way["what"].as_str().unwrap()).collect()
}

#[test]
fn an_upgrade_that_times_out_is_right_when_it_is_run_again() {
    with_each_helm("legacy", |cluster| {
        cluster.write("stuck", "illumio-kubelink\n");
        let ran = cluster.step(&["migrate"], &["-o", "json", "--wait", "1s", "--", "--wait", "--timeout", "3s"]);
        let failed = "`helm upgrade` failed: the release illumio in illumio-system now has revision 2, `failed`, with chart 5.1.0 and \
                      migrateLegacyToClas; the last sound revision is 1, with legacy";
        let (on, back) = cluster.advice(ran.exits(2).remarks_have(&[failed]));
        is(&on, "again");
        assert_eq!(names(&back), ["undo", "rollback"]);
        assert_eq!(back[1]["command"], json!(["helm", "rollback", "illumio", "1", "-n", "illumio-system"]));
        // the pods restarted in the attempt before, and count
        cluster.remove("stuck");
        let again = cluster.step(&["migrate"], &["-o", "json", "--wait", "9s"]);
        assert_eq!(again.exits(0).json()["verified"], "right");
        assert_eq!(cluster.revision(), 3);
        let verified = ["verify", "-f", "values.yaml", "--without-pce"];
        cluster.clas(&verified).exits(0);
    });
}

#[test]
fn an_attempt_is_taken_back_without_a_trace() {
    with_two_helms("legacy", |cluster| {
        let before = cluster.read("values.yaml");
        cluster.write("stuck", "illumio-ven\n");
        let ran = cluster.step(&["migrate"], &["-o", "json", "--wait", "1s", "--", "--wait", "--timeout", "3s"]);
        let (_, back) = cluster.advice(ran.exits(2));
        cluster.remove("stuck");
        for way in &back {
            cluster.follow(way).exits(0);
        }
        assert_eq!(cluster.read("values.yaml"), before);
        cluster.agrees();
        cluster.step(&["migrate"], &["--wait", "9s"]).exits(0);
    });
}

#[test]
fn what_was_stopped_says_what_to_do_after_the_last_line_of_helm() {
    with_two_helms("legacy", |cluster| {
        cluster.write("stuck", "illumio-kubelink\n");
        let mut command = bare_command();
        let words =
            [&["migrate"], &STEP[..], &RUN, &["--wait", "9m", "--chart", "./chart", "--", "--wait", "--timeout", "9m"]];
        let child = cluster.reaching(&mut command).args(words.concat()).stderr(Stdio::piped()).stdout(Stdio::null());
        let before = patches(cluster);
        let child = child.spawn().unwrap();
        wait_for(|| patches(cluster) > before);
        thread::sleep(Duration::from_millis(300));
        let remarks = interrupted(child);
        let last = remarks.find("`helm upgrade` was stopped: ").expect(&remarks);
        let helm = remarks.rfind("UPGRADE FAILED").expect(&remarks);
        assert!(helm < last && remarks[last..].contains("To continue\n"), "{remarks}");
        assert!(!remarks.contains("Next\n"), "{remarks}");
        cluster.remove("stuck");
        cluster.step(&["migrate"], &["--wait", "9s"]).exits(0);
    });
}

/// How often Helm changed the C-VENs.
fn patches(cluster: &Cluster) -> usize {
    let is_patch = |line: &&str| line.starts_with("PATCH ") && line.contains("/daemonsets/");
    cluster.read("requests").lines().filter(is_patch).count()
}

/// Waits until something is so.
#[track_caller]
fn wait_for(is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < ENDLESS, "it never happened");
        thread::sleep(Duration::from_millis(50));
    }
}

/// Sends Ctrl-C to this program alone; what it says until its end.
#[track_caller]
fn interrupted(mut child: Child) -> String {
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let mut remarks = String::new();
    child.stderr.take().unwrap().read_to_string(&mut remarks).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{remarks}");
    remarks
}

#[test]
fn what_is_stopped_while_the_pods_are_watched_goes_on_when_it_is_run_again() {
    let cluster = Cluster::new(newest());
    cluster.write("stuck", "illumio-kubelink\n");
    let mut command = bare_command();
    let words = [&["migrate"], &STEP[..], &RUN, &["--wait", "9m", "--chart", "./chart"]];
    let child = cluster.reaching(&mut command).args(words.concat()).stderr(Stdio::piped()).stdout(Stdio::null());
    let child = child.spawn().unwrap();
    wait_for(|| cluster.read("requests").lines().filter(|line| line.contains("/pods")).count() > 2);
    let remarks = interrupted(child);
    assert!(remarks.contains("the release is in place; run the same step again to check its pods"), "{remarks}");
    cluster.remove("stuck");
    cluster.step(&["migrate"], &["--wait", "9s"]).exits(0);
    assert_eq!(cluster.revision(), 2);
}

#[test]
fn pods_that_are_over_are_a_remark() {
    with_two_helms("legacy", |cluster| {
        cluster.write("over", "illumio-kubelink\n");
        let ran = cluster.step(&["migrate"], &["--wait", "5s"]);
        ran.exits(0).remarks_have(&["finished, and not counted: `illumio-kubelink-evicted` (`Evicted`)"]);
    });
}

#[test]
fn an_answer_from_before_the_upgrade_is_none_about_after_it() {
    with_two_helms("clas", |cluster| {
        cluster.write("vanish", "deployed\n");
        let ran = cluster.step(&["revert"], &["-o", "json", "--wait", "2s"]);
        ran.exits(2).remarks_have(&["`helm upgrade` has finished, and its result is not known: "]);
        assert_eq!(ran.json()["verified"], Value::Null);
        cluster.remove("vanish");
        cluster.step(&["revert"], &["--wait", "5s"]).exits(0).remarks_have(&["it is only checked"]);
        assert_eq!(cluster.revision(), 2);
        // a cluster that is back in time
        cluster.write("vanish", "deployed 5\n");
        let ran = cluster.step(&["revert", "--finish"], &["-o", "json", "--wait", "20s"]);
        assert_eq!(ran.exits(0).json()["verified"], "right");
    });
}

#[test]
fn what_reached_nothing_is_put_back_or_run_again() {
    with_two_helms("legacy", |cluster| {
        let before = cluster.read("values.yaml");
        cluster.write("forbidden", "create secrets\n");
        let ran = cluster.step(&["migrate"], &["-o", "json", "--wait", "9s"]);
        let words = "nothing reached the release illumio in illumio-system: it still has revision 1 and legacy";
        let (on, back) = cluster.advice(ran.exits(2).remarks_have(&[words]));
        is(&on, "again");
        assert_eq!(names(&back), ["undo"]);
        // the procedure's own way back does not start where nothing happened
        cluster
            .step(&["revert"], &["--wait", "9s"])
            .exits(1)
            .remarks_have(&["the release runs in `legacy`, and from there `revert`"]);
        cluster.follow(&back[0]).exits(0).remarks_have(&["values.yaml: the file is as it was"]);
        assert_eq!(cluster.read("values.yaml"), before);
        cluster.agrees();
        cluster.remove("forbidden");
        cluster.step(&["migrate"], &["--wait", "5s"]).exits(0);
    });
}

#[test]
fn what_helm_rolled_back_by_itself_is_said() {
    with_two_helms("legacy", |cluster| {
        let before = cluster.read("values.yaml");
        cluster.write("stuck", "illumio-storage\n");
        let option = cluster.rolling_back();
        let ran = cluster.step(&["migrate"], &["-o", "json", "--wait", "9s", "--", option, "--timeout", "3s"]);
        let warned = format!("warning: with {option} a failed upgrade is rolled back at once");
        let words = "the release illumio in illumio-system was rolled back: revision 3 has legacy again";
        let (on, back) = cluster.advice(ran.exits(2).remarks_have(&[&warned, words]));
        is(&on, "again");
        assert_eq!(names(&back), ["undo"]);
        let told = cluster.clas(&["status", "--live", "-f", "values.yaml", "-o", "json"]);
        assert_eq!(names(&cluster.advice(&told).1), ["undo"]);
        cluster.follow(&back[0]).exits(0);
        assert_eq!(cluster.read("values.yaml"), before);
        cluster.agrees();
    });
}

#[test]
fn a_rollback_that_failed_is_run_again() {
    with_each_helm("legacy", |cluster| {
        cluster.write("stuck", "illumio-kubelink\n");
        let option = cluster.rolling_back();
        let ran = cluster.step(&["migrate"], &["-o", "json", "--wait", "9s", "--", option, "--timeout", "3s"]);
        let (on, back) = cluster.advice(ran.exits(2));
        assert_eq!(on["command"], json!(["helm", "rollback", "illumio", "1", "-n", "illumio-system"]));
        assert_eq!(names(&back), ["undo", "rollback"]);
        cluster.step(&["migrate"], &["--wait", "9s"]).exits(1).remarks_have(&["its last rollback failed"]);
        cluster.remove("stuck");
        cluster.follow(&on).exits(0);
        cluster.step(&["migrate"], &["--wait", "9s"]).exits(0);
    });
}

#[test]
fn an_operation_that_has_not_ended_is_cleared_first() {
    with_two_helms("legacy", |cluster| {
        cluster.write("stuck", "illumio-kubelink\n");
        cluster.write("values.yaml", &cluster.read("values.yaml").replace("legacy", "migrateLegacyToClas"));
        let mut command = cluster.helm.command(cluster.folder.path());
        let words = ["upgrade", "illumio", "./chart", "-f", "values.yaml", "-n", "illumio-system", "--wait"];
        let before = patches(cluster);
        let mut helm =
            cluster.reaching(&mut command).args(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_for(|| patches(cluster) > before);
        helm.kill().unwrap();
        helm.wait().unwrap();
        cluster.remove("stuck");
        let told = cluster.clas(&["status", "--live", "-f", "values.yaml", "-o", "json"]);
        let (on, _) = cluster.advice(told.exits(0));
        is(&on, "rollback");
        let rollback = "this clears it: helm rollback illumio 1 -n illumio-system";
        cluster
            .step(&["migrate"], &["--wait", "9s"])
            .exits(1)
            .remarks_have(&["the release is `pending-upgrade`", rollback]);
        cluster.follow(&on).exits(0);
        cluster.step(&["migrate"], &["--wait", "9s"]).exits(0);
    });
}

#[test]
fn after_a_step_back_that_failed_before_any_pod_the_next_one_is_refused() {
    with_two_helms("clas", |cluster| {
        let hook = "{{- if eq .Values.clusterMode \"migrateClasToLegacy\" }}\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: NOT ALLOWED\n  annotations: {helm.sh/hook: pre-upgrade}\n{{- end }}\n";
        cluster.write("chart/templates/hook.yaml", hook);
        let ran = cluster.step(&["revert"], &["-o", "json", "--wait", "9s"]);
        let (on, back) = cluster.advice(ran.exits(2).remarks_have(&["the last sound revision is 1, with clas"]));
        is(&on, "again");
        assert_eq!(names(&back), ["undo", "rollback"]);
        let text = cluster.step(&["revert"], &["--wait", "9s"]);
        assert!(!text.exits(2).remarks.contains("Next\n"), "{}", text.remarks);
        let file = cluster.read("values.yaml");
        let words =
            "the last upgrade failed, so the release is in `clas` (revision 1), and from there `revert --finish`";
        cluster.step(&["revert", "--finish"], &["--wait", "9s"]).exits(1).remarks_have(&[words]);
        assert_eq!(cluster.read("values.yaml"), file);
        cluster.remove("chart/templates/hook.yaml");
        cluster.step(&["revert"], &["--wait", "9s"]).exits(0);
        cluster.step(&["revert", "--finish"], &["--wait", "9s"]).exits(0);
    });
}

#[test]
fn a_step_that_fails_half_way_goes_on() {
    with_two_helms("clas", |cluster| {
        cluster.write("rejected", "daemonsets illumio-ven\n");
        let ran = cluster.step(&["revert"], &["-o", "json", "--wait", "9s"]);
        let (on, back) = cluster.advice(ran.exits(2).remarks_have(&["`failed`"]));
        is(&on, "again");
        assert_eq!(names(&back), ["undo", "rollback"]);
        let checked = ["verify", "-f", "values.yaml", "--without-pce", "-o", "json"];
        let answer = cluster.clas(&checked).exits(1).json();
        assert_eq!(
            (&answer["checks"][0]["id"], &answer["checks"][0]["state"]),
            (&json!("release-in-mode"), &json!("wrong"))
        );
        cluster.remove("rejected");
        cluster.step(&["revert"], &["--wait", "9s"]).exits(0);
    });
}

#[test]
fn fields_of_another_manager_are_taken_over_when_asked() {
    with_oldest_and_newest(|helm| {
        let cluster = Cluster::empty(helm);
        cluster.write("owned", "deployments illumio-kubelink spec.replicas 2\n");
        cluster.write("values.yaml", "clusterMode: legacy\n");
        cluster.deploy();
        let ran = cluster.step(&["migrate"], &["-o", "json", "--wait", "9s"]);
        if helm.version.starts_with('3') {
            // it merges on its own side, and asks no API server
            ran.exits(0);
            return;
        }
        let (on, _) = cluster.advice(ran.exits(2).remarks_have(&["conflict with \"autoscaler\""]));
        is(&on, "force-conflicts");
        cluster.follow(&on).exits(0);
    });
}

#[test]
fn pods_that_the_upgrade_does_not_restart_count_by_the_clock_of_the_api_server() {
    for seconds in ["-3600", "3600"] {
        let cluster = Cluster::empty(newest());
        cluster.write("clock", seconds);
        cluster.write("values.yaml", "clusterMode: legacy\nfollowsMode: false\n");
        cluster.deploy();
        thread::sleep(Duration::from_millis(1100));
        let ran = cluster.step(&["migrate"], &["--wait", "1s"]);
        ran.exits(1).remarks_have(&["before the step", "kubectl rollout restart deployment/illumio-kubelink"]);
        cluster.restart_pods();
        cluster.step(&["migrate"], &["--wait", "5s"]).exits(0);
        assert_eq!(cluster.revision(), 2);
    }
}

#[test]
fn pods_that_restarted_after_the_step_that_failed_before_are_not_of_this_one() {
    let cluster = Cluster::empty(newest());
    for mode in ["legacy", "migrateLegacyToClas"] {
        cluster.write("values.yaml", &format!("clusterMode: {mode}\nfollowsMode: false\n"));
        cluster.deploy();
    }
    thread::sleep(Duration::from_millis(1100));
    cluster.restart_pods();
    let hook = "{{- if eq .Values.clusterMode \"clas\" }}\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: NOT ALLOWED\n  annotations: {helm.sh/hook: pre-upgrade}\n{{- end }}\n";
    cluster.write("chart/templates/hook.yaml", hook);
    cluster.step(&["migrate", "--finish"], &["--wait", "9s"]).exits(2);
    cluster.remove("chart/templates/hook.yaml");
    cluster.restart_pods();
    thread::sleep(Duration::from_millis(1100));
    let ran = cluster.step(&["revert"], &["--wait", "1s"]);
    ran.exits(0).remarks_have(&["before the step", "kubectl rollout restart deployment/illumio-kubelink"]);
    assert_eq!((cluster.values()["clusterMode"].as_str(), cluster.revision()), (Some("migrateClasToLegacy"), 4));
}

#[test]
fn what_helm_complains_of_is_masked() {
    const CODE: &str = "correct-horse-battery-staple-4711";
    with_two_helms("legacy", |cluster| {
        let schema = r#"{"properties": {"cluster_code": {"type": "string", "pattern": "^z"}, "cluster_token": {"pattern": "^z"}}}"#;
        cluster.write("chart/values.schema.json", schema);
        let secrets = format!("cluster_token: {TOKEN}\ncluster_code: {CODE}\n");
        cluster.write("values.yaml", &(cluster.read("values.yaml") + &secrets));
        for quiet in [&[][..], &["-q"]] {
            let ran = cluster.step(&["migrate"], quiet);
            ran.exits(2).remarks_have(&["cluster_code"]);
            assert!(!ran.remarks.contains(CODE) && !ran.remarks.contains(&TOKEN[4..]), "{}", ran.remarks);
        }
    });
}

#[test]
fn a_credential_is_masked_under_whatever_name_it_is_repeated() {
    const CODE: &str = "correct-horse-battery-staple-4711";
    const WORD: &str = "tr0ub4dor-and-three";
    with_two_helms("legacy", |cluster| {
        let secrets = format!("cluster_code: {CODE}\nimagePullSecret:\n  password: {WORD}\n");
        cluster.write("values.yaml", &(cluster.read("values.yaml") + &secrets));
        let leaks = [
            "{{ fail (printf \"cluster_code %s is bad\" .Values.cluster_code) }}",
            "{{ fail (printf \"it is %s\" (b64enc .Values.imagePullSecret.password)) }}",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Values.imagePullSecret.password }}_X\n  annotations: {helm.sh/hook: pre-upgrade}\n",
        ];
        for leak in leaks {
            cluster.write("chart/templates/leak.yaml", leak);
            for quiet in [&[][..], &["-q"]] {
                let ran = cluster.step(&["migrate"], quiet);
                ran.exits(2);
                for secret in [CODE, WORD, "dHIwdWI0ZG9y"] {
                    assert!(!ran.remarks.contains(secret), "{}", ran.remarks);
                }
                assert!(ran.remarks.contains("********"), "{}", ran.remarks);
            }
        }
        cluster.write("chart/templates/leak.yaml", "");
        cluster.write("chart/templates/NOTES.txt", "The token is {{ .Values.imagePullSecret.password }}.\n");
        let ran = cluster.step(&["migrate"], &["--wait", "9s"]);
        assert!(!ran.exits(0).remarks.contains(WORD), "{}", ran.remarks);
    });
}

#[test]
fn what_cannot_be_watched_is_refused_before_the_file_is_written() {
    with_two_helms("legacy", |cluster| {
        for refused in ["list pods", "get daemonsets"] {
            cluster.write("forbidden", refused);
            let file = cluster.read("values.yaml");
            let started = Instant::now();
            cluster
                .step(&["migrate"], &["--wait", "10m"])
                .exits(2)
                .remarks_have(&["the restart of the pods cannot be watched: kubectl says: "]);
            assert!(started.elapsed() < TEN_MINUTES, "a refusal is not waited for");
            assert_eq!((cluster.read("values.yaml"), cluster.revision()), (file, 1));
        }
        let verify = ["verify", "-f", "values.yaml", "--without-pce", "--since", "1m", "--wait", "10m"];
        cluster.write("forbidden", "list pods");
        let started = Instant::now();
        cluster.clas(&verify).exits(1);
        assert!(started.elapsed() < TEN_MINUTES, "a refusal is not waited for");
    });
}

#[test]
fn a_release_that_was_uninstalled_is_brought_back() {
    with_two_helms("legacy", |cluster| {
        cluster.helm(&["uninstall", "illumio", "--keep-history"]);
        let told = cluster.clas(&["status", "--live", "-f", "values.yaml", "-o", "json"]);
        let (on, back) = cluster.advice(told.exits(0));
        assert_eq!((on["command"][3].as_str(), back.len()), (Some("1"), 0));
        cluster.clas(&["status", "--live", "--exit-code", "-f", "values.yaml"]).exits(1);
        let words = "the release is `uninstalled`: its objects are deleted, and only its history remains";
        cluster
            .step(&["migrate"], &["--wait", "9s"])
            .exits(1)
            .remarks_have(&[words, "helm rollback illumio 1 -n illumio-system"]);
        cluster.follow(&on).exits(0);
        cluster.step(&["migrate"], &["--wait", "9s"]).exits(0);
    });
}

#[test]
fn a_step_in_the_file_of_an_uninstalled_release_is_undone_or_taken_again() {
    with_each_helm("legacy", |cluster| {
        let before = cluster.read("values.yaml");
        let ahead = before.replace("legacy", "migrateLegacyToClas");
        let told = || {
            let told = cluster.clas(&["status", "--live", "-f", "values.yaml", "-o", "json"]);
            cluster.advice(told.exits(0))
        };
        cluster.helm(&["uninstall", "illumio", "--keep-history"]);
        cluster.write("values.yaml", &ahead);
        let (on, back) = told();
        assert_eq!(on["command"], json!(["helm", "rollback", "illumio", "1", "-n", "illumio-system"]));
        assert_eq!(names(&back), ["undo", "rollback"]);
        assert_eq!(back[1]["command"], on["command"]);
        cluster.follow(&back[1]).exits(0);
        // the release is as it was, and the file is one step ahead of it
        let (on, back) = told();
        is(&on, "again");
        assert_eq!(names(&back), ["undo"]);
        cluster.step(&["migrate"], &["--wait", "9s"]).exits(0);
        cluster.agrees();
    });
}

/// Writes another status into the object in which Helm keeps a revision, as an interrupted Helm may leave it.
const REWRITTEN: &str = r#"
import base64, gzip, json, sys, urllib.request
address, number, status = sys.argv[1:]
url = f"{address}/api/v1/namespaces/illumio-system/secrets/sh.helm.release.v1.illumio.v{number}"
kept = json.load(urllib.request.urlopen(url))
release = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(kept["data"]["release"]))))
release["info"]["status"] = kept["metadata"]["labels"]["status"] = status
packed = base64.b64encode(gzip.compress(json.dumps(release).encode()))
kept["data"]["release"] = base64.b64encode(packed).decode()
body = json.dumps(kept).encode()
urllib.request.urlopen(urllib.request.Request(url, body, {"Content-Type": "application/json"}, method="PUT"))
"#;

#[test]
fn a_release_of_which_helm_does_not_know_the_end_is_looked_at_first() {
    with_each_helm("legacy", |cluster| {
        let before = cluster.read("values.yaml");
        let written = Command::new("python3").args(["-c", REWRITTEN, cluster.address(), "1", "unknown"]).status();
        assert!(written.unwrap().success());
        for file in [before.clone(), before.replace("legacy", "migrateLegacyToClas")] {
            cluster.write("values.yaml", &file);
            let told = cluster.clas(&["status", "--live", "-f", "values.yaml", "-o", "json"]);
            let (on, back) = cluster.advice(&told);
            assert_eq!(
                (on["command"].clone(), back.len()),
                (json!(["helm", "history", "illumio", "-n", "illumio-system"]), 0)
            );
            assert!(cluster.follow(&on).exits(0).answer.contains("unknown"));
            cluster
                .step(&["migrate"], &["--wait", "9s"])
                .exits(1)
                .remarks_have(&["the release is `unknown`: it is not known how its last upgrade ended"]);
            assert_eq!((cluster.read("values.yaml"), cluster.revision()), (file, 1));
        }
    });
}

#[test]
fn a_release_that_a_controller_brings_is_left_to_it() {
    let labels = [
        ("helm.toolkit.fluxcd.io/name", "the Flux HelmRelease `illumio` manages this release"),
        ("argocd.argoproj.io/instance", "the Argo CD Application `illumio` manages this release"),
    ];
    for (label, words) in labels {
        let cluster = Cluster::new(newest());
        cluster.write("labels", &format!("{label} illumio\n"));
        let file = cluster.read("values.yaml");
        cluster.step(&["migrate"], &["--wait", "9s"]).exits(2).remarks_have(&[words]);
        assert_eq!((cluster.read("values.yaml"), cluster.revision()), (file, 1));
    }
}

#[test]
fn a_step_that_was_written_and_never_brought_to_the_cluster_is_a_cross() {
    with_two_helms("legacy", |cluster| {
        cluster.clas(&[&["migrate"], &STEP[..], &["--write"]].concat()).exits(0);
        let ran = cluster.clas(&["verify", "-f", "values.yaml", "--without-pce"]);
        ran.exits(1);
        let seen = "revision 1 is `deployed`, in legacy, with chart `5.1.0`";
        assert!(ran.answer.contains(seen) && ran.answer.contains("did not reach the cluster"), "{}", ran.answer);
        cluster.step(&["migrate"], &["--wait", "9s"]).exits(0);
        // since when pods count follows from the history
        cluster.clas(&["verify", "-f", "values.yaml", "--without-pce"]).exits(0);
        let other = cluster.clas(&["verify", "-f", "values.yaml", "--without-pce", "--version", "5.2.0"]);
        assert!(other.exits(1).answer.contains("the files name chart 5.2.0"), "{}", other.answer);
    });
}

#[test]
fn the_file_is_put_back_byte_for_byte() {
    let files = [
        "pce_url: pce.example.com:8443\n",
        "pce_url: pce.example.com:8443",
        "# first\r\npce_url: pce.example.com:8443\r\nclusterMode:   \"LEGACY\"   # why\r\nnetworkType: overlay\r\n",
        "containerManager: kubernetes\nnetworkType: overlay\n# clusterMode: legacy\nstorage: {}\n",
    ];
    for file in files {
        let cluster = Cluster::empty(newest());
        cluster.write("values.yaml", file);
        cluster.deploy();
        cluster.clas(&[&["migrate"], &STEP[..], &["--write"]].concat()).exits(0);
        assert_ne!(cluster.read("values.yaml"), file);
        let undo = ["migrate", "--undo", "-f", "values.yaml"];
        let written = cluster.read("values.yaml");
        cluster.clas(&undo).exits(0).remarks_have(&["nothing is changed yet; repeat with --write"]);
        assert_eq!(cluster.read("values.yaml"), written);
        cluster.clas(&[&undo[..], &["--write"]].concat()).exits(0);
        assert_eq!(cluster.read("values.yaml"), file);
    }
}

#[test]
fn a_step_that_reached_the_release_is_not_undone_in_the_file_alone() {
    let cluster = Cluster::new(newest());
    cluster.step(&["migrate"], &["--wait", "9s"]).exits(0);
    let file = cluster.read("values.yaml");
    cluster.clas(&["migrate", "--undo", "--write", "-f", "values.yaml"]).exits(1).remarks_have(&["nothing to do"]);
    assert_eq!(cluster.read("values.yaml"), file);
    cluster
        .clas(&["migrate", "--finish", "--undo", "-f", "values.yaml"])
        .fails(&["and `migrate --finish` does not lead there"]);
}

#[test]
fn options_that_change_neither_values_nor_version_are_handed_on() {
    let cluster = Cluster::new(newest());
    let more = ["--", "--wait-for-jobs", "--plain-http", "--insecure-skip-tls-verify", "--timeout", "9s"];
    cluster
        .step(&["migrate"], &[&["--wait", "9s"], &more[..]].concat())
        .exits(0)
        .remarks_have(&["--wait-for-jobs --plain-http"]);
}

#[test]
fn a_manifest_of_several_documents_gets_the_refusal_that_is_meant_for_it() {
    let cluster = Cluster::new(newest());
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio}\nspec:\n  chart: {spec: {chart: illumio, version: 5.1.0}}\n  values: {clusterMode: legacy}\n";
    cluster.write(
        "values.yaml",
        &format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: illumio-system}}\n---\n{release}"),
    );
    cluster.step(&["migrate"], &["--wait", "9s"]).exits(2).remarks_have(&["a controller applies `illumio`"]);
}
