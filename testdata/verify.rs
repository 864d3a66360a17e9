//! `helm clas verify` between a kubectl and a PCE that are played.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::symlink,
    path::Path,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::helm::helms;

use crate::support::{
    fake_pce::{CLUSTER, FakePce, Ran, Reply, bare_command, run},
    played::node,
};

/// A cluster that kubectl reads: the recorded objects of one on which the first step to CLAS went well.
pub(crate) struct Cluster {
    pub(crate) folder: TempDir,
}

const OBJECTS: [&str; 4] = ["deployment", "daemonset", "statefulset", "pods"];

impl Cluster {
    pub(crate) fn new() -> Self {
        let cluster = Self { folder: TempDir::new().unwrap() };
        for object in OBJECTS {
            cluster.put(object, &serde_json::from_str(&recorded(&format!("{object}.json"))).unwrap());
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/verify/kubectl.sh");
        symlink(script, cluster.folder.path().join("kubectl")).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/verify/helm.sh");
        symlink(script, cluster.folder.path().join("helm")).unwrap();
        cluster
    }

    /// Has the release in the mode that these arguments name.
    pub(crate) fn in_mode_of(&self, arguments: &[&str]) {
        let named = arguments.iter().position(|argument| *argument == "--after-mode").map(|at| arguments.get(at + 1));
        if let Some(Some(mode)) = named {
            fs::write(self.folder.path().join("mode"), mode).unwrap();
        }
    }

    fn put(&self, object: &str, value: &Value) {
        fs::write(self.folder.path().join(format!("{object}.json")), format!("{value}\n")).unwrap();
    }

    /// Changes what is at a place of an object.
    fn set(&self, object: &str, place: &str, value: Value) {
        let text = fs::read_to_string(self.folder.path().join(format!("{object}.json"))).unwrap();
        let mut whole: Value = serde_json::from_str(&text).unwrap();
        let (above, name) = place.rsplit_once('/').unwrap();
        whole.pointer_mut(above).expect(place)[name] = value;
        self.put(object, &whole);
    }

    fn remove(&self, object: &str) {
        fs::remove_file(self.folder.path().join(format!("{object}.json"))).unwrap();
    }

    /// Has kubectl fail at an object.
    fn refuse(&self, object: &str, words: &str) {
        fs::write(self.folder.path().join(format!("{object}.error")), format!("{words}\n")).unwrap();
    }

    /// What kubectl was asked, a line each.
    fn asked(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join("asked")).unwrap_or_default();
        // what time it is there is asked once, about no object
        text.lines().filter(|line| !line.starts_with("get --raw ")).map(str::to_owned).collect()
    }

    pub(crate) fn reach(&self, command: &mut Command) {
        command.env("PATH", self.folder.path()).env("FAKE_CLUSTER", self.folder.path()).arg("verify");
    }
}

fn recorded(name: &str) -> String {
    fs::read_to_string(format!("testdata/verify/{name}")).unwrap()
}

const SINCE: [&str; 2] = ["--since", "2025-06-01T08:00:00Z"];

/// Verifies with the PCE.
fn verify(cluster: &Cluster, pce: &FakePce, arguments: &[&str]) -> Ran {
    let mut command = pce.command();
    cluster.reach(&mut command);
    cluster.in_mode_of(arguments);
    run(command.args(["--cluster-id", CLUSTER]).args(SINCE).args(arguments))
}

/// Verifies without the PCE.
fn verify_alone(cluster: &Cluster, arguments: &[&str]) -> Ran {
    let mut command = bare_command();
    cluster.reach(&mut command);
    cluster.in_mode_of(arguments);
    run(command.args(arguments))
}

/// One check of the answer: its state, and what was seen.
#[track_caller]
fn check_of(ran: &Ran, id: &str) -> (String, String) {
    let answer = ran.json();
    let checks = answer["checks"].as_array().unwrap().clone();
    let check = checks.iter().find(|check| check["id"] == id).unwrap_or_else(|| panic!("no {id} in {answer:#}"));
    let seen: Vec<&str> = check["seen"].as_array().unwrap().iter().map(|seen| seen.as_str().unwrap()).collect();
    (check["state"].as_str().unwrap().to_owned(), seen.join(" | "))
}

/// After a change of the cluster, one check is as expected.
#[track_caller]
fn cluster_check(change: impl Fn(&Cluster), id: &str, state: &str, seen: &str) {
    let cluster = Cluster::new();
    change(&cluster);
    let arguments = ["--after-mode", "migrateLegacyToClas", "--without-pce", "-o", "json"];
    let ran = verify_alone(&cluster, &[&arguments[..], &SINCE].concat());
    let (found_state, found_seen) = check_of(&ran, id);
    assert_eq!((found_state.as_str(), found_seen.as_str()), (state, seen));
    assert_eq!(ran.status, i32::from(state != "right" && state != "left-to-you"), "{}", ran.answer);
}

/// After a change of the PCE, one check is as expected.
#[track_caller]
fn pce_check(mode: &str, change: impl Fn(&FakePce), id: &str, state: &str, seen: &str) {
    let pce = FakePce::new();
    pce.put(&format!("/orgs/3/container_clusters/{CLUSTER}"), cluster_on_pce(mode));
    change(&pce);
    let ran = verify(&Cluster::new(), &pce, &["--after-mode", mode, "-o", "json"]);
    let (found_state, found_seen) = check_of(&ran, id);
    assert_eq!((found_state.as_str(), found_seen.as_str()), (state, seen));
}

pub(crate) fn cluster_on_pce(mode: &str) -> Value {
    let objects: Value = serde_json::from_str(&recorded("pce.json")).unwrap();
    let mut cluster = objects[format!("/orgs/3/container_clusters/{CLUSTER}")].clone();
    cluster["cluster_mode"] = json!(mode);
    cluster["clas_mode"] = json!(mode == "clas");
    cluster
}

/// Changes one field of the cluster on the PCE.
fn with(field: &'static str, value: Value) -> impl Fn(&FakePce) {
    move |pce| {
        let mut cluster = cluster_on_pce("clas");
        cluster[field] = value.clone();
        pce.put(&format!("/orgs/3/container_clusters/{CLUSTER}"), cluster);
    }
}

pub(crate) fn workload(name: &str, state: &Value) -> Value {
    let href = format!("/orgs/3/container_clusters/{CLUSTER}");
    json!({ "name": name, "namespace": "shop", "container_cluster": { "href": href }, "security_policy_sync_state": state })
}

/// The answer as a person sees it is kept beside the objects. `UPDATE=1 cargo test verify::` writes it again.
#[track_caller]
fn looks_like(ran: &Ran, file: &str) {
    if std::env::var_os("UPDATE").is_some() {
        fs::write(format!("testdata/verify/{file}"), &ran.answer).unwrap();
    }
    assert_eq!(ran.answer, recorded(file));
}

// The whole answer.

#[test]
fn after_the_first_step_all_is_right() {
    let (cluster, pce) = (Cluster::new(), FakePce::new());
    let ran = verify(&cluster, &pce, &["--after-mode", "migrateLegacyToClas"]);
    looks_like(&ran, "right.txt");
    ran.exits(0);
    assert!(fs::read_to_string("docs/pce.md").unwrap().contains(&ran.answer), "docs/pce.md shows another answer");
    let options = "-n illumio-system -o json --ignore-not-found --request-timeout=20s";
    let versions = "replicasets.apps,controllerrevisions.apps";
    let asked =
        [versions, "deployment illumio-kubelink", "daemonset illumio-ven", "statefulset illumio-storage", "pods"];
    assert_eq!(cluster.asked(), asked.map(|words| format!("get {words} {options}")));
    assert!(!pce.paths().iter().any(|path| path.ends_with("/container_workloads")), "nobody needs them here");
}

#[test]
fn what_is_wrong_is_said_with_what_to_do() {
    let (cluster, pce) = (Cluster::new(), FakePce::new());
    cluster.set("daemonset", "/status/updatedNumberScheduled", json!(1));
    cluster.set("pods", "/items/3/status/containerStatuses/0/state/running/startedAt", json!("2025-05-31T08:00:00Z"));
    cluster.refuse("statefulset", "Error from server (Forbidden): statefulsets.apps \"illumio-storage\" is forbidden");
    pce.put(
        "/orgs/3/kubernetes_workloads",
        json!([workload("cart", &json!("syncing")), workload("web", &json!("odd"))]),
    );
    let ran = verify(&cluster, &pce, &["--after-mode", "migrateLegacyToClas"]);
    looks_like(&ran, "wrong.txt");
    ran.exits(1);
}

#[test]
fn without_an_api_key_nobody_can_tell_what_the_pce_knows() {
    let ran = verify_alone(&Cluster::new(), &["--after-mode", "clas"]);
    looks_like(&ran, "without-pce.txt");
    ran.exits(1).remarks_have(&["note: the PCE is not asked, because no API key is given"]);
    // waiting would not change it
    verify_alone(&Cluster::new(), &["--after-mode", "clas", "--wait", "10m"]).exits(1);
}

#[test]
fn what_the_pce_knows_may_be_left_to_the_reader() {
    let ran = verify_alone(&Cluster::new(), &["--after-mode", "clas", "--without-pce", "-o", "json"]);
    assert_eq!(check_of(ran.exits(0).remarks_have(&[]), "cluster-online").0, "left-to-you");
    let (cluster, pce) = (Cluster::new(), FakePce::new());
    verify(&cluster, &pce, &["--after-mode", "clas", "--without-pce"]).exits(0);
    assert_eq!(pce.paths(), [""; 0]);
}

#[test]
fn the_answer_in_json_has_the_form_that_its_schema_promises() {
    let pce = FakePce::new();
    for mode in ["legacy", "migrateLegacyToClas", "clas", "migrateClasToLegacy"] {
        for ran in [
            verify(&Cluster::new(), &pce, &["--after-mode", mode, "-o", "json"]),
            verify_alone(&Cluster::new(), &["--after-mode", mode, "-o", "json"]),
        ] {
            let answer = ran.json();
            crate::support::schema::fits(&answer);
            assert_eq!(answer["status"] == "right", ran.status == 0);
        }
    }
}

#[test]
fn ids_that_the_procedure_has_mean_what_they_mean_there() {
    let pce = FakePce::new();
    for mode in ["legacy", "migrateLegacyToClas", "clas", "migrateClasToLegacy"] {
        let ran = verify(&Cluster::new(), &pce, &["--after-mode", mode, "-o", "json"]);
        let answer = ran.json();
        let ids: Vec<&str> =
            answer["checks"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
        let goal = helm_clas::ClusterMode::named(mode).unwrap();
        for check in helm_clas::checks_after(goal) {
            assert!(ids.contains(&check.id), "{} is not looked at after {mode}", check.id);
        }
    }
}

// The cluster.

#[test]
fn a_rollout_is_told_from_the_numbers() {
    let kubelink = "kubelink-rolled-out";
    cluster_check(|_| {}, kubelink, "right", "1 pod wanted, 1 of this version, 1 available");
    cluster_check(
        |cluster| cluster.set("deployment", "/status/replicas", json!(2)),
        kubelink,
        "wrong",
        "1 pod wanted, 1 of this version, 1 available | 1 pod of the version before",
    );
    cluster_check(
        |cluster| cluster.set("deployment", "/metadata/generation", json!(5)),
        kubelink,
        "wrong",
        "1 pod wanted, 1 of this version, 1 available | Kubernetes has not processed the last change yet",
    );
    cluster_check(
        |cluster| cluster.set("deployment", "/spec/replicas", json!(0)),
        kubelink,
        "wrong",
        "0 pods wanted, 1 of this version, 1 available",
    );
    let absent = "there is no deployment illumio-kubelink in the namespace illumio-system";
    cluster_check(|cluster| cluster.remove("deployment"), kubelink, "wrong", absent);
    let cven = "cven-rolled-out";
    cluster_check(
        |cluster| cluster.set("daemonset", "/status/numberAvailable", json!(1)),
        cven,
        "wrong",
        "2 pods wanted, 2 of this version, 1 available",
    );
    let storage = "storage-rolled-out";
    cluster_check(
        |cluster| {
            cluster.set("statefulset", "/status/updateRevision", json!("illumio-storage-new"));
            cluster.set("statefulset", "/status/updatedReplicas", json!(0));
        },
        storage,
        "wrong",
        "1 pod wanted, 0 of this version, 1 available",
    );
}

#[test]
fn a_restart_is_told_from_when_the_containers_started() {
    let id = "pods-restarted";
    let ven = "illumio-ven: 2 pods, started between 2025-06-01T08:01:20Z and 2025-06-01T08:02:03Z";
    let kubelink = "illumio-kubelink: 1 pod, started 2025-06-01T08:01:40Z";
    cluster_check(|_| {}, id, "right", &format!("{kubelink} | {ven}"));
    let old = "illumio-kubelink: 1 pod, started 2025-06-01T07:59:59Z; `illumio-kubelink-5d8f9b7c6d-q4x7z` started \
               2025-06-01T07:59:59Z, before the step";
    let started = "/items/0/status/containerStatuses/0/state/running/startedAt";
    let restarted = |cluster: &Cluster| cluster.set("pods", started, json!("2025-06-01T07:59:59Z"));
    cluster_check(restarted, id, "wrong", &format!("{old} | {ven}"));
    cluster_check(
        |cluster| cluster.set("pods", "/items/0/status/conditions/1/status", json!("False")),
        id,
        "wrong",
        &format!("{kubelink}; `illumio-kubelink-5d8f9b7c6d-q4x7z` is not Ready | {ven}"),
    );
    cluster_check(
        |cluster| cluster.set("pods", started, json!("yesterday")),
        id,
        "wrong",
        &format!("illumio-kubelink: 1 pod; `illumio-kubelink-5d8f9b7c6d-q4x7z` does not say when it started | {ven}"),
    );
    // a pod that is on its way out is not counted
    cluster_check(
        |cluster| {
            cluster.set("pods", "/items/0/metadata/deletionTimestamp", json!("2025-06-01T08:01:00Z"));
        },
        id,
        "wrong",
        &format!("illumio-kubelink: 0 pods | {ven}"),
    );
    let alone = verify_alone(&Cluster::new(), &["--after-mode", "migrateLegacyToClas", "--without-pce", "-o", "json"]);
    let (state, seen) = check_of(alone.exits(0), id);
    assert_eq!((state.as_str(), seen), ("left-to-you", format!("{kubelink} | {ven}")));
}

#[test]
fn a_crash_loop_is_told_from_one_restart() {
    let id = "no-crash-loops";
    let container = "/items/2/status/containerStatuses/0";
    cluster_check(|_| {}, id, "right", "4 pods checked");
    let ended = |count: usize, at: &'static str| {
        move |cluster: &Cluster| {
            let end = json!({ "terminated": { "reason": "Error", "exitCode": 1, "finishedAt": at } });
            cluster.set("pods", &format!("{container}/restartCount"), json!(count));
            cluster.set("pods", &format!("{container}/lastState"), end);
        }
    };
    let pod = "`illumio-ven-7kq2p` (`illumio-ven`)";
    let last = |at: &str| format!("last at `{at}` (`Error`, exit code 1)");
    let (past, future) = ("2025-06-01T08:01:00Z", "2999-01-01T00:00:00Z");
    cluster_check(ended(7, past), id, "right", &format!("4 pods checked | {pod} restarted 7 times, {}", last(past)));
    cluster_check(ended(1, future), id, "right", &format!("4 pods checked | {pod} restarted once, {}", last(future)));
    cluster_check(ended(2, future), id, "wrong", &format!("{pod} restarted 2 times, {}", last(future)));
    let waits = |reason: &'static str| {
        move |cluster: &Cluster| {
            cluster.set("pods", &format!("{container}/state"), json!({ "waiting": { "reason": reason } }));
        }
    };
    cluster_check(waits("ImagePullBackOff"), id, "wrong", &format!("{pod} waits: `ImagePullBackOff`"));
    cluster_check(waits("CrashLoopBackOff"), id, "wrong", &format!("{pod} waits: `CrashLoopBackOff`"));
    let cluster = Cluster::new();
    waits("ContainerCreating")(&cluster);
    let ran = verify_alone(&cluster, &["--after-mode", "clas", "-o", "json"]);
    assert_eq!(check_of(&ran, id), ("right".to_owned(), "4 pods checked".to_owned()));
    let none = "there is no pod of the chart in the namespace illumio-system";
    cluster_check(|cluster| cluster.remove("pods"), id, "wrong", none);
}

#[test]
fn what_the_cluster_does_not_let_us_see_could_not_be_told() {
    let words = "Error from server (Forbidden): pods is forbidden: User \"me\" cannot list resource \"pods\"";
    let refuse = |cluster: &Cluster| cluster.refuse("pods", words);
    cluster_check(refuse, "no-crash-loops", "could-not-tell", &format!("kubectl says: {words}"));
    cluster_check(refuse, "pods-restarted", "could-not-tell", &format!("kubectl says: {words}"));
    let odd = |cluster: &Cluster| cluster.put("deployment", &json!({ "status": { "replicas": "one" } }));
    let cluster = Cluster::new();
    odd(&cluster);
    let ran = verify_alone(&cluster, &["--after-mode", "clas", "-o", "json"]);
    let (state, seen) = check_of(ran.exits(1), "kubelink-rolled-out");
    assert_eq!(state, "could-not-tell");
    assert!(seen.starts_with("unexpected output of kubectl for deployment illumio-kubelink: "), "{seen}");
}

#[test]
fn a_cluster_that_cannot_be_asked_is_a_failure() {
    let cluster = Cluster::new();
    let log = "E1122 22:56:23.291019    1939 memcache.go:265] \"Unhandled Error\"\n";
    cluster
        .refuse("deployment", &format!("{log}The connection to the server localhost:8080 was refused - is it right?"));
    let words =
        "kubectl cannot query the cluster: The connection to the server localhost:8080 was refused - is it right?\n";
    verify_alone(&cluster, &["--after-mode", "clas"]).fails(&[words, "--kube-context"]);
    let mut command = bare_command();
    run(command.args(["verify", "--after-mode", "clas"]).env("PATH", "/no/such/folder"))
        .fails(&["cannot run kubectl", "install kubectl"]);
}

#[test]
fn helms_own_options_reach_kubectl() {
    let cluster = Cluster::new();
    let mut command = bare_command();
    cluster.reach(&mut command);
    command.args(["--after-mode", "clas", "--without-pce", "-n", "illumio"]).envs([
        ("HELM_KUBECONTEXT", "prod a"),
        ("HELM_KUBEASUSER", "me"),
        ("HELM_KUBEASGROUPS", "x,y"),
        ("HELM_KUBEAPISERVER", ""),
        ("HELM_NAMESPACE", "default"),
    ]);
    run(&mut command).exits(0);
    let options = "-n illumio-system -o json --ignore-not-found --request-timeout=20s";
    assert_eq!(cluster.asked()[4], format!("get pods {options} --context=prod a --as=me --as-group=x --as-group=y"));
    run(command.env("HELM_KUBETOKEN", "t0k3n")).fails(&["--kube-token cannot be passed on"]);
}

#[test]
fn a_named_context_is_that_of_every_command() {
    let cluster = Cluster::new();
    cluster.set("deployment", "/status/updatedReplicas", json!(0));
    let ran = verify_alone(&cluster, &["--after-mode", "clas", "--without-pce", "--kube-context", "prod a"]);
    assert!(cluster.asked().iter().all(|asked| asked.ends_with(" --context=prod a")), "{:?}", cluster.asked());
    let printed: Vec<&str> = ran.answer.lines().filter(|line| line.contains("= run: ")).collect();
    assert!(!printed.is_empty(), "{}", ran.answer);
    assert!(printed.iter().all(|line| line.contains("kubectl --context 'prod a' ")), "{printed:?}");
}

// The PCE.

#[test]
fn the_mode_on_the_pce_is_judged_where_its_meaning_is_known() {
    let id = "cluster-mode";
    pce_check("clas", |_| {}, id, "right", "cluster_mode `clas` | clas_mode `true`");
    pce_check("legacy", |_| {}, id, "right", "cluster_mode `legacy` | clas_mode `false`");
    pce_check("clas", with("cluster_mode", json!("CLAS")), id, "right", "cluster_mode `CLAS` | clas_mode `true`");
    pce_check("clas", with("cluster_mode", json!("legacy")), id, "wrong", "cluster_mode `legacy` | clas_mode `true`");
    let odd = with("cluster_mode", json!("hybrid"));
    pce_check("clas", odd, id, "could-not-tell", "cluster_mode `hybrid` | clas_mode `true`");
    let contradicted = with("clas_mode", json!(false));
    pce_check("clas", contradicted, id, "could-not-tell", "cluster_mode `clas` | clas_mode `false`");
    let none = "the PCE returns no cluster_mode; PCEs before 23.5.10 have none";
    pce_check("clas", with("cluster_mode", json!(null)), id, "could-not-tell", &format!("{none} | clas_mode `true`"));
    let on_the_way = with("cluster_mode", json!(null));
    pce_check("migrateLegacyToClas", on_the_way, id, "could-not-tell", &format!("{none} | clas_mode `true`"));
    let spelled = with("cluster_mode", json!("migrate_legacy_to_clas"));
    let seen = "cluster_mode `migrate_legacy_to_clas` | clas_mode `true`";
    pce_check("migrateLegacyToClas", spelled, id, "right", seen);
    // a word for another mode contradicts the file
    let still = with("cluster_mode", json!("legacy"));
    pce_check("migrateLegacyToClas", still, id, "wrong", "cluster_mode `legacy` | clas_mode `true`");
    let odd = with("cluster_mode", json!("hybrid"));
    pce_check("migrateLegacyToClas", odd, id, "left-to-you", "cluster_mode `hybrid` | clas_mode `true`");
}

#[test]
fn a_cluster_that_the_pce_does_not_hear_from_is_wrong() {
    let id = "cluster-online";
    let last = "last connected `2025-06-01T08:04:30.000Z`";
    pce_check("clas", |_| {}, id, "right", &format!("online `true`, {last}"));
    pce_check("clas", with("online", json!(false)), id, "wrong", &format!("online `false`, {last}"));
    pce_check("clas", with("online", json!("maybe")), id, "could-not-tell", &format!("online `maybe`, {last}"));
    let errors = json!([{ "error_type": "kubernetes_connection_failed", "audit_event": {} }]);
    let seen = format!("online `true`, {last} | errors: `kubernetes_connection_failed`");
    pce_check("clas", with("errors", errors), id, "wrong", &seen);
}

#[test]
fn the_version_of_kubelink_is_shown_where_it_cannot_be_judged() {
    let id = "kubelink-version";
    pce_check("clas", |_| {}, id, "right", "the PCE says `5.5.1-5`, the image's tag is `5.5.1-5`");
    let before = with("kubelink_version", json!("4.3.0.7b7a38"));
    pce_check("clas", before, id, "left-to-you", "the PCE says `4.3.0.7b7a38`, the image's tag is `5.5.1-5`");
}

#[test]
fn sync_states_are_counted_and_unknown_ones_shown() {
    let id = "workloads-active";
    let path = "/orgs/3/kubernetes_workloads";
    pce_check("clas", |_| {}, id, "right", "3 workloads: 2 `applied`, 1 service without a sync state");
    let of = |states: &'static [&'static str]| {
        move |pce: &FakePce| pce.put(path, states.iter().map(|state| workload(state, &json!(state))).collect())
    };
    pce_check(
        "clas",
        of(&["applied", "Active", "synced"]),
        id,
        "right",
        "3 workloads: 1 `Active`, 1 `applied`, 1 `synced`",
    );
    let seen = "2 workloads: 1 `applied`, 1 `staged` | waiting: `shop/staged`";
    pce_check("clas", of(&["applied", "staged"]), id, "wrong", seen);
    let seen = "2 workloads: 1 `applied`, 1 `error_x` | of unknown meaning: `shop/error_x`";
    pce_check("clas", of(&["applied", "error_x"]), id, "could-not-tell", seen);
    let none = |pce: &FakePce| pce.put(path, json!([workload("web", &json!(null))]));
    let seen = "1 workload: 1 without a sync state | of unknown meaning: `shop/web`";
    pce_check("clas", none, id, "could-not-tell", seen);
    pce_check("clas", of(&[]), id, "could-not-tell", "the PCE has none of this cluster");
    pce_check("migrateLegacyToClas", of(&[]), "kubernetes-workloads-tab", "wrong", "0 of this cluster");
    let absent = |pce: &FakePce| pce.remove(path);
    let pce = FakePce::new();
    absent(&pce);
    let ran = verify(&Cluster::new(), &pce, &["--after-mode", "clas", "-o", "json"]);
    let words = "has no /orgs/3/kubernetes_workloads (404): not_found_error: Not found";
    let seen = format!("could not be checked: the PCE {} {words}", pce.host);
    assert_eq!(check_of(ran.exits(1), id), ("could-not-tell".to_owned(), seen));
}

#[test]
fn what_the_key_may_not_read_could_not_be_checked_and_the_role_is_named() {
    for (path, id, role) in [
        (
            "kubernetes_workloads",
            "workloads-active",
            "Global Viewer (formerly Global Read Only), Global Administrator or Organization Owner",
        ),
        ("container_workload_profiles", "illumio-system-visibility-only", "Global Policy Object Provisioner"),
    ] {
        let pce = FakePce::with(move |request, _| {
            request.path.contains(path).then(|| Reply::refusal(403, "forbidden", "no"))
        });
        let ran = verify(&Cluster::new(), &pce, &["--after-mode", "migrateLegacyToClas", "-o", "json"]);
        let (state, seen) = check_of(ran.exits(1), id);
        assert_eq!(state, "could-not-tell");
        assert!(seen.starts_with("could not be checked: the API key may not read /orgs/3/"), "{seen}");
        assert!(seen.contains("it needs the role") && seen.contains(role), "{seen}");
    }
}

#[test]
fn a_pce_that_does_not_know_the_filter_is_asked_for_all() {
    let pce = FakePce::with(|request, _| {
        request.path.contains('?').then(|| Reply::refusal(406, "invalid_query_parameter", "container_clusters"))
    });
    let ran = verify(&Cluster::new(), &pce, &["--after-mode", "migrateLegacyToClas", "-o", "json"]);
    let seen = "3 workloads: 2 `applied`, 1 service without a sync state";
    assert_eq!(check_of(&ran, "workloads-active"), ("right".to_owned(), seen.to_owned()));
}

#[test]
fn a_filtered_list_is_whole_although_the_total_counts_all() {
    let pce = FakePce::new();
    let mut list: Vec<Value> = (0..600).map(|number| workload(&format!("w{number}"), &json!("applied"))).collect();
    list.extend(
        (0..300).map(|_| json!({ "name": "x", "container_cluster": { "href": "/orgs/3/container_clusters/y" } })),
    );
    for (ours, jobs) in [(450, 0), (500, 1), (600, 1)] {
        let ours: Vec<Value> = list[..ours].iter().chain(&list[600..]).cloned().collect();
        let count = ours.len() - 300;
        pce.put("/orgs/3/kubernetes_workloads", Value::Array(ours));
        let before = pce.paths().iter().filter(|path| path.contains("/datafiles/")).count();
        let ran = verify(&Cluster::new(), &pce, &["--after-mode", "clas", "-o", "json"]);
        let seen = format!("{count} workloads: {count} `applied`");
        assert_eq!(check_of(&ran, "workloads-active"), ("right".to_owned(), seen));
        assert_eq!(pce.paths().iter().filter(|path| path.contains("/datafiles/")).count() - before, jobs);
    }
}

#[test]
fn a_policy_that_not_every_pod_has_is_not_active() {
    let id = "workloads-active";
    let of = |status: Value| {
        move |pce: &FakePce| {
            let mut workload = workload("web", &json!("applied"));
            workload["container_policy_convergence_status"] = status.clone();
            pce.put("/orgs/3/kubernetes_workloads", json!([workload]));
        }
    };
    let acked = "2025-06-01T08:04:30.000Z";
    pce_check(
        "clas",
        of(json!({ "errors_count": 0, "pending_pods_count": 0, "acked_at": acked })),
        id,
        "right",
        "1 workload: 1 `applied`",
    );
    let pending = json!({ "errors_count": 0, "pending_pods_count": 2, "total_pods_count": 3, "acked_at": acked });
    let seen = "1 workload: 1 `applied` | applied, but not by every pod: `shop/web` (2 pending)";
    pce_check("clas", of(pending), id, "wrong", seen);
    let uncounted = json!({ "errors_count": 0, "success_pods_count": 3, "total_pods_count": 5, "acked_at": acked });
    pce_check("clas", of(uncounted), id, "wrong", seen);
    let open = json!({ "errors_count": 0, "acked_at": acked, "fully_converged_at": null });
    let seen = "1 workload: 1 `applied` | applied, but not by every pod: `shop/web` (not fully converged)";
    pce_check("clas", of(open), id, "wrong", seen);
    let errors = json!([{ "pod_name": "web-1", "token": "x", "message": "no iptables" }]);
    let failed = json!({ "errors_count": 1, "acked_at": acked, "errors": errors });
    let seen = "1 workload: 1 `applied` | applied, but not by every pod: `shop/web` (1 failed: `web-1` `no iptables`)";
    pce_check("clas", of(failed), id, "wrong", seen);
    let whole = || json!({ "total_pods_count": 3, "success_pods_count": 3, "acked_at": acked });
    for (name, odd) in [
        ("errors_count", json!("2")),
        ("pending_pods_count", json!(-1)),
        ("total_pods_count", json!(3.5)),
        ("errors", json!({ "message": "boom" })),
        ("errors", json!("boom")),
    ] {
        let mut status = whole();
        status[name] = odd;
        let seen = "1 workload: 1 `applied` | it is not clear whether every pod has it: `shop/web` has a convergence \
                    status of unknown form";
        pce_check("clas", of(status), id, "could-not-tell", seen);
    }
    pce_check("clas", of(whole()), id, "right", "1 workload: 1 `applied`");
}

#[test]
fn a_pod_that_is_over_is_a_remark() {
    let end = |cluster: &Cluster| {
        let text = recorded("pods.json");
        let mut pods: Value = serde_json::from_str(&text).unwrap();
        let mut gone = pods["items"][0].clone();
        gone["metadata"]["name"] = json!("illumio-kubelink-old");
        gone["status"] = json!({ "phase": "Failed", "reason": "Evicted" });
        pods["items"].as_array_mut().unwrap().push(gone);
        cluster.put("pods", &pods);
    };
    let over = "finished, and not counted: `illumio-kubelink-old` (`Evicted`)";
    cluster_check(end, "no-crash-loops", "right", &format!("4 pods checked | {over}"));
    let seen = "illumio-kubelink: 1 pod, started 2025-06-01T08:01:40Z | illumio-ven: 2 pods, started between \
                2025-06-01T08:01:20Z and 2025-06-01T08:02:03Z";
    cluster_check(end, "pods-restarted", "right", &format!("{seen} | {over}"));
}

#[test]
fn a_release_that_is_not_in_the_mode_is_a_cross() {
    let cluster = Cluster::new();
    let mut command = bare_command();
    cluster.reach(&mut command);
    fs::write(cluster.folder.path().join("mode"), "legacy").unwrap();
    let ran = run(command.args(["--after-mode", "clas", "--without-pce", "-o", "json"]));
    let seen = "revision 1 is `deployed`, in legacy, with chart `5.1.0`";
    assert_eq!(check_of(ran.exits(1), "release-in-mode"), ("wrong".to_owned(), seen.to_owned()));
    fs::remove_file(cluster.folder.path().join("helm")).unwrap();
    let (state, seen) = check_of(&verify_alone(&cluster, &["--after-mode", "clas", "-o", "json"]), "release-in-mode");
    assert_eq!(state, "could-not-tell");
    assert!(seen.starts_with("cannot run helm"), "{seen}");
}

#[test]
fn workloads_come_and_go_with_the_mode() {
    let path = "/orgs/3/container_workloads";
    pce_check("clas", |_| {}, "container-workloads-gone", "wrong", "1 of this cluster");
    let none = |pce: &FakePce| pce.put(path, json!([]));
    pce_check("clas", none, "container-workloads-gone", "right", "0 of this cluster");
    let homeless = |pce: &FakePce| pce.put(path, json!([{ "name": "x", "namespace": "shop" }]));
    let seen = "0 of this cluster | 1 without a cluster";
    pce_check("clas", homeless, "container-workloads-gone", "could-not-tell", seen);
    pce_check("migrateClasToLegacy", |_| {}, "container-workloads-back", "right", "1 of this cluster");
    pce_check("migrateClasToLegacy", none, "container-workloads-back", "wrong", "0 of this cluster");
    pce_check("migrateClasToLegacy", |_| {}, "container-workloads-active", "right", "1 workload: 1 `synced`");
    pce_check("legacy", |_| {}, "kubernetes-workloads-gone", "wrong", "3 of this cluster");
}

#[test]
fn the_enforcement_of_the_namespace_is_judged_only_before_the_turn() {
    let profiles = format!("/orgs/3/container_clusters/{CLUSTER}/container_workload_profiles");
    let says = |mode: &'static str| {
        let path = profiles.clone();
        move |pce: &FakePce| pce.put(&path, json!([{ "namespace": "illumio-system", "enforcement_mode": mode }]))
    };
    let id = "illumio-system-visibility-only";
    let seen = |mode: &str| format!("the profile of illumio-system is `{mode}`");
    pce_check("migrateLegacyToClas", |_| {}, id, "right", &seen("visibility_only"));
    pce_check("migrateLegacyToClas", says("full"), id, "wrong", &seen("full"));
    pce_check("migrateLegacyToClas", says("other"), id, "could-not-tell", &seen("other"));
    pce_check("clas", says("full"), "enforcement-restored", "left-to-you", &seen("full"));
    let none = |pce: &FakePce| pce.put(&profiles, json!([]));
    let seen = "the cluster has no profile of the namespace illumio-system";
    pce_check("migrateLegacyToClas", none, id, "could-not-tell", seen);
}

#[test]
fn what_is_still_lowered_is_told_from_the_saved_modes() {
    let (cluster, pce) = (Cluster::new(), FakePce::new());
    let path = "/orgs/3/container_clusters/5a1e0000-0000-4000-8000-0000000000c1";
    pce.put("/orgs/3/workloads", json!([node("n1", path, "full"), node("n2", path, "selective")]));
    let file = cluster.folder.path().join("saved.json");
    let enforcement = |words: &[&str]| {
        let mut command = pce.command();
        run(command.arg("enforcement").arg(words[0]).arg(&file).args(&words[1..]).args(["--cluster-id", CLUSTER]))
    };
    let seen = |more: &[&str]| {
        let options = ["--after-mode", "clas", "-o", "json", "--enforcement", file.to_str().unwrap()];
        let ran = verify(&cluster, &pce, &[&options[..], more].concat());
        check_of(&ran, "enforcement-restored")
    };
    enforcement(&["save"]).exits(0);
    let as_saved = ("right".to_owned(), format!("as saved in `{}`", file.display()));
    assert_eq!(seen(&[]).0, as_saved.0);
    enforcement(&["lower", "--nodes", "--write"]).exits(0);
    assert_eq!(seen(&[]), ("wrong".to_owned(), "still lowered: node `n1`, node `n2`".to_owned()));
    pce.played().set_mode("/orgs/3/workloads/n2", "idle", "/users/7");
    enforcement(&["restore", "--write"]).exits(1);
    assert_eq!(seen(&[]), ("left-to-you".to_owned(), "changed by someone else: node `n2`".to_owned()));
    enforcement(&["restore", "--also", "n2", "--write"]).exits(0);
    assert_eq!(seen(&[]).0, "right");
    pce.remove("/orgs/3/workloads");
    assert_eq!(seen(&[]).0, "could-not-tell");
    let other = fs::read_to_string(&file).unwrap().replace("\"org\": \"3\"", "\"org\": \"4\"");
    fs::write(&file, other).unwrap();
    verify(&cluster, &pce, &["--after-mode", "clas", "--enforcement", file.to_str().unwrap()])
        .fails(&["was saved from organisation 4, not 3"]);
}

// What is given.

#[test]
fn the_values_file_tells_everything_but_the_key() {
    let (cluster, pce) = (Cluster::new(), FakePce::new());
    let file = cluster.folder.path().join("values.yaml");
    let token = "3_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let text = format!(
        "pce_url: {}\ncluster_id: {CLUSTER}\ncluster_token: {token}\nclusterMode: migrateLegacyToClas\n\
         namespaceOverride: illumio\n",
        pce.host
    );
    fs::write(&file, text).unwrap();
    let mut command = pce.command();
    command.env_remove("ILLUMIO_PCE_HOST").env_remove("ILLUMIO_PCE_ORG_ID");
    cluster.reach(&mut command);
    let ran = run(command.arg("-f").arg(&file).args(["-o", "json"]));
    assert_eq!(ran.json()["mode"], "migrateLegacyToClas");
    assert!(cluster.asked().iter().all(|asked| asked.contains(" -n illumio -o json")), "{:?}", cluster.asked());
    assert!(pce.paths().contains(&format!("/api/v2/orgs/3/container_clusters/{CLUSTER}")));
    assert!(!ran.answer.contains(token) && !ran.remarks.contains(token));
}

#[test]
fn the_files_of_a_manifest_tell_it_as_well() {
    let (cluster, pce) = (Cluster::new(), FakePce::new());
    let folder = cluster.folder.path();
    let text = format!("pce_url: {}\ncluster_id: {CLUSTER}\ncluster_token: 3_00ff\nclusterMode: clas\n", pce.host);
    fs::write(folder.join("values.yaml"), text).unwrap();
    let release = "releases:\n- {name: illumio, chart: illumio, version: 5.1.0, values: [values.yaml]}\n";
    fs::write(folder.join("helmfile.yaml"), release).unwrap();
    let mut command = pce.command();
    command.env_remove("ILLUMIO_PCE_HOST").env_remove("ILLUMIO_PCE_ORG_ID");
    cluster.reach(&mut command);
    let ran = run(command.arg("-f").arg(folder.join("helmfile.yaml")).args(["-o", "json"]));
    assert_eq!(ran.json()["mode"], "clas");
    assert!(pce.paths().contains(&format!("/api/v2/orgs/3/container_clusters/{CLUSTER}")), "{:?}", pce.paths());
}

#[test]
fn what_others_say_is_shown_without_credentials() {
    let cluster = Cluster::new();
    let words = "https://me:geheim@proxy:3128 says no, token: geheim";
    cluster.refuse("statefulset", &format!("Error from server (Forbidden): {words}"));
    let pce = FakePce::new();
    with("errors", json!([{ "error_type": "password: geheim" }]))(&pce);
    for form in ["text", "json"] {
        let ran = verify(&cluster, &pce, &["--after-mode", "clas", "-o", form]);
        assert!(ran.answer.contains("kubectl says: Error from server"), "{}", ran.answer);
        assert!(!ran.answer.contains("geheim"), "{}", ran.answer);
    }
    cluster.refuse("deployment", &format!("Unable to connect: {words}"));
    let ran = verify_alone(&cluster, &["--after-mode", "clas"]);
    ran.fails(&["Unable to connect"]);
    assert!(!ran.remarks.contains("geheim"), "{}", ran.remarks);
}

#[test]
fn what_is_not_given_is_asked_for() {
    let (cluster, pce) = (Cluster::new(), FakePce::new());
    verify_alone(&cluster, &[]).fails(&["is not known", "--after-mode"]);
    verify_alone(&cluster, &["--after-mode", "unpair"]).fails(&["`unpair` is not part of the migration"]);
    verify_alone(&cluster, &["--after-mode", "klas"]).fails(&["did you mean `clas`?"]);
    verify_alone(&cluster, &["--after-mode", "clas", "--since", "soon"]).fails(&["`soon` is not a time", "20m"]);
    let mut command = pce.command();
    cluster.reach(&mut command);
    run(command.args(["--after-mode", "clas"])).fails(&["no cluster is given", "--cluster-id"]);
    run(command.args(["--cluster-id", "../x"])).fails(&["`../x` is not a cluster id"]);
    assert_eq!(cluster.asked().len() + pce.paths().len(), 0);
    verify_alone(&cluster, &["--after-mode", "legacy", "--without-pce", "--since", "20m"]).exits(0);
}

#[test]
fn a_pce_that_cannot_be_asked_is_a_failure() {
    let pce = FakePce::with(|_, _| Some(Reply::of(401, "")));
    verify(&Cluster::new(), &pce, &["--after-mode", "clas"]).fails(&["(401)"]);
    let pce = FakePce::new();
    pce.remove(&format!("/orgs/3/container_clusters/{CLUSTER}"));
    verify(&Cluster::new(), &pce, &["--after-mode", "clas"]).fails(&["cluster_id belong to this PCE"]);
}

// Waiting.

#[test]
fn it_waits_until_all_is_right() {
    let rounds = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&rounds);
    let pce = FakePce::with(move |request, _| {
        let is_asked = request.path.contains("/kubernetes_workloads?container_clusters=");
        match is_asked.then(|| counted.fetch_add(1, Ordering::SeqCst)) {
            Some(0) => Some(Reply::json(200, &json!([workload("web", &json!("syncing"))]))),
            Some(1) => Some(Reply::of(200, "broken")),
            _ => None,
        }
    });
    let ran = verify(&Cluster::new(), &pce, &["--after-mode", "migrateLegacyToClas", "--wait", "20s"]);
    ran.exits(0);
    assert_eq!(rounds.load(Ordering::SeqCst), 3);
    assert_eq!(ran.remarks, "", "the line is for terminals");
}

#[test]
fn it_does_not_wait_longer_than_told() {
    let cluster = Cluster::new();
    cluster.set("daemonset", "/status/numberAvailable", json!(1));
    let ran = verify_alone(&cluster, &["--after-mode", "clas", "--wait", "1s", "-q"]);
    ran.exits(1);
    assert!((10..=20).contains(&cluster.asked().len()), "{:?}", cluster.asked());
}

// The real kubectl.

/// An API server that has the objects of a cluster; what it has not, it does not find, and the storage it does not
/// show.
fn api_server(cluster: &Cluster) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(Mutex::new(Vec::new()));
    let folder = cluster.folder.path().to_owned();
    let asked = Arc::clone(&requests);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (folder, asked) = (folder.clone(), Arc::clone(&asked));
            thread::spawn(move || serve(stream.ok()?, &folder, &asked));
        }
    });
    (address, requests)
}

fn serve(mut stream: TcpStream, folder: &Path, asked: &Mutex<Vec<String>>) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    loop {
        let first = lines.next()?.ok()?;
        lines.find(|line| line.as_ref().is_ok_and(String::is_empty))?.ok()?;
        asked.lock().unwrap().push(first.clone());
        let path = first.split(' ').nth(1)?.split('?').next()?.to_owned();
        let (status, body) = api_answer(&path, folder);
        let head = format!(
            "HTTP/1.1 {status} Whatever\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).ok()?;
    }
}

fn api_answer(path: &str, folder: &Path) -> (u16, String) {
    let resources = |version: &str, names: &[(&str, &str)]| {
        let resource = |(name, kind): &(&str, &str)| {
            let short = name.trim_end_matches('s');
            json!({ "name": name, "singularName": short, "namespaced": true, "kind": kind, "verbs": ["get", "list"] })
        };
        let resources: Vec<Value> = names.iter().map(resource).collect();
        json!({ "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": resources })
    };
    let status = |code: u16, reason: &str, message: &str| {
        let status = json!({
            "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message
        });
        (code, status.to_string())
    };
    let file = |name: &str| fs::read_to_string(folder.join(name)).ok();
    let kinds = [("deployments", "Deployment"), ("daemonsets", "DaemonSet"), ("statefulsets", "StatefulSet")];
    let apps = json!({ "groupVersion": "apps/v1", "version": "v1" });
    let group = json!({ "name": "apps", "versions": [apps], "preferredVersion": apps });
    let namespace = "/namespaces/illumio-system";
    let found = match path.split_once(namespace) {
        None => match path {
            "/api" => Some(json!({ "kind": "APIVersions", "versions": ["v1"] }).to_string()),
            "/apis" => Some(json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": [group] }).to_string()),
            "/api/v1" => Some(resources("v1", &[("pods", "Pod")]).to_string()),
            "/apis/apps/v1" => Some(resources("apps/v1", &kinds).to_string()),
            _ => None,
        },
        Some(("/api/v1", "/pods")) => {
            file("pods.json").map(|text| text.replacen("\"kind\":\"List\"", "\"kind\":\"PodList\"", 1))
        }
        Some((_, "/deployments/illumio-kubelink")) => file("deployment.json"),
        Some((_, "/daemonsets/illumio-ven")) => file("daemonset.json"),
        Some((_, "/statefulsets/illumio-storage")) => {
            return status(403, "Forbidden", "statefulsets.apps \"illumio-storage\" is forbidden: no");
        }
        Some(_) => None,
    };
    found.map_or_else(|| status(404, "NotFound", "not found"), |text| (200, text))
}

#[test]
fn the_real_kubectl_is_understood() {
    for helm in helms() {
        let cluster = Cluster::new();
        cluster.remove("daemonset");
        fs::remove_file(cluster.folder.path().join("kubectl")).unwrap();
        symlink(helm.path.with_file_name("kubectl"), cluster.folder.path().join("kubectl")).unwrap();
        let (address, requests) = api_server(&cluster);
        let mut command = bare_command();
        cluster.reach(&mut command);
        command.env("HELM_KUBEAPISERVER", address).env("HOME", cluster.folder.path());
        let ran = run(command.args(["--after-mode", "migrateLegacyToClas", "-o", "json"]).args(SINCE));
        ran.exits(1);
        let of = |id: &str| check_of(&ran, id);
        assert_eq!(
            of("kubelink-rolled-out"),
            ("right".to_owned(), "1 pod wanted, 1 of this version, 1 available".to_owned())
        );
        let absent = "there is no daemonset illumio-ven in the namespace illumio-system";
        assert_eq!(of("cven-rolled-out"), ("wrong".to_owned(), absent.to_owned()));
        let forbidden =
            "kubectl says: Error from server (Forbidden): statefulsets.apps \"illumio-storage\" is forbidden: no";
        assert_eq!(of("storage-rolled-out"), ("could-not-tell".to_owned(), forbidden.to_owned()));
        assert_eq!(of("no-crash-loops"), ("right".to_owned(), "4 pods checked".to_owned()));
        assert!(requests.lock().unwrap().iter().all(|request| request.starts_with("GET ")));
        // a cluster that is gone
        run(command.env("HELM_KUBEAPISERVER", "http://127.0.0.1:1")).fails(&["kubectl cannot query the cluster: "]);
    }
}

#[test]
fn the_manifest_says_whose_release_it_is_and_which_chart_it_runs() {
    let cluster = Cluster::new();
    let folder = cluster.folder.path();
    let state = |name: &str, text: &str| {
        fs::write(folder.join(name), text).unwrap();
        let file = folder.join(name).display().to_string();
        let words = ["-f", &file, "--after-mode", "clas", "--without-pce", "-o", "json"];
        check_of(&verify_alone(&cluster, &words), "release-in-mode")
    };
    let flux = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio, namespace: illumio-system}\n\
                spec:\n  chart: {spec: {chart: illumio, version: 5.2.0}}\n  values: {clusterMode: clas}\n";
    let (is, seen) = state("flux.yaml", flux);
    assert_eq!(is, "wrong", "{seen}");
    assert!(seen.contains("the release runs chart `5.1.0`, and the files name chart 5.2.0"), "{seen}");
    assert_eq!(state("flux.yaml", &flux.replace("5.2.0", "5.1.0")).0, "right");
    let argo = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: east}\nspec:\n  source:\n    \
                chart: illumio\n    targetRevision: 5.1.0\n    helm: {valuesObject: {clusterMode: clas}}\n";
    let (is, seen) = state("argo.yaml", argo);
    assert_eq!(is, "left-to-you", "{seen}");
    assert!(seen.contains("without a Helm release"), "{seen}");
    let kustomize = "helmCharts:\n- {name: illumio, version: 5.1.0, valuesInline: {clusterMode: clas}}\n";
    assert_eq!(state("kustomization.yaml", kustomize).0, "left-to-you");
}
