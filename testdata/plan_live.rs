//! `plan` that asks: the releases of a fleet on a cluster that is played, its PCE, and the next step taken.

use serde_json::{Value, json};

use crate::{
    support::{
        cluster::{Cluster, newest},
        fake_pce::{CLUSTER, FakePce, Ran, run},
        schema::fits,
    },
    verify::cluster_on_pce,
};

/// Two clusters of one PCE; each is a release of its own name in a namespace of its own.
fn fleet() -> Cluster {
    let cluster = Cluster::empty(newest());
    for name in ["east", "west"] {
        cluster.write(&format!("{name}.yaml"), &values(name, "legacy"));
        install(&cluster, name);
    }
    let of = |name: &str| {
        format!(
            "- {{files: {name}.yaml, release: {name}, namespace: {name}, version: 5.1.0, pceVersion: 24.2.20, chart: ./chart}}\n"
        )
    };
    cluster.write(".helm-clas.yaml", &format!("clusters:\n{}{}", of("east"), of("west")));
    cluster
}

fn values(name: &str, mode: &str) -> String {
    let number = if name == "east" { 1 } else { 2 };
    let id = format!("{}{number}", &CLUSTER[..CLUSTER.len() - 1]);
    format!("pce_url: pce.example.com:8443\ncluster_id: {id}\nnamespaceOverride: {name}\nclusterMode: {mode}\n")
}

fn install(cluster: &Cluster, name: &str) {
    let mut command = cluster.helm.command(cluster.folder.path());
    let file = format!("{name}.yaml");
    let words = ["upgrade", "--install", name, "./chart", "-f", &file, "-n", name];
    let output = cluster.reaching(&mut command).args(words).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The files of the two clusters are all that is looked at: the chart has values of its own.
const BOTH: [&str; 2] = ["east.yaml", "west.yaml"];

fn turns(ran: &Ran) -> Vec<String> {
    let answer = ran.json();
    fits(&answer);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let one = |one: &Value| format!("{} {}", text(&one["cluster"]), text(&one["turn"]));
    answer["clusters"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn the_next_step_is_taken_until_the_fleet_is_there() {
    let cluster = fleet();
    let next = ["plan", "--live", "--next", "--run", "--without-pce", "--despite", "values-complete", "-o", "json"];
    let mut taken = Vec::new();
    loop {
        let ran = cluster.clas(&[&next[..], &BOTH].concat());
        let answer = ran.exits(0).json();
        fits(&answer);
        if answer["schema"] == "helm-clas/plan/v1" {
            assert_eq!(answer["clusters"], json!([]), "all are there");
            break;
        }
        let text = |key: &str| answer[key].as_str().unwrap().to_owned();
        assert_eq!(answer["verified"], "right", "{answer:#}");
        taken.push(format!("{}: {}", text("file"), text("to")));
    }
    let expected =
        ["east.yaml: migrateLegacyToClas", "east.yaml: clas", "west.yaml: migrateLegacyToClas", "west.yaml: clas"];
    assert_eq!(taken, expected);
}

#[test]
fn an_old_chart_is_upgraded_before_its_first_step() {
    let cluster = Cluster::empty(newest());
    cluster.write("east.yaml", &values("east", "legacy"));
    cluster.chart_version("4.3.0");
    install(&cluster, "east");
    cluster.chart_version("5.1.0");
    cluster.write(
        ".helm-clas.yaml",
        "clusters:\n- {release: east, namespace: east, version: 5.1.0, pceVersion: 24.2.20, chart: ./chart}\n",
    );
    let words = [
        "plan",
        "east.yaml",
        "--live",
        "--next",
        "--run",
        "--without-pce",
        "--despite",
        "values-complete",
        "-o",
        "json",
    ];
    let taken: Vec<Value> = (0..3).map(|_| cluster.clas(&words).exits(0).json()).collect();
    taken.iter().for_each(fits);
    assert_eq!((&taken[0]["schema"], &taken[0]["verified"]), (&json!("helm-clas/upgrade/v1"), &json!("right")));
    let modes: Vec<&Value> = taken[1..].iter().map(|step| &step["to"]).collect();
    assert_eq!(modes, ["migrateLegacyToClas", "clas"]);
    // without asking, nothing says that the chart is old
    let ran = cluster.clas(&["plan", "east.yaml", "--revert", "--live", "-o", "json"]);
    assert_eq!(ran.exits(0).json()["clusters"][0]["software"], Value::Null);
}

#[test]
fn the_first_failure_stops_and_the_same_command_goes_on() {
    let cluster = fleet();
    let next = |more: &[&str]| {
        let words = ["plan", "--live", "--next", "--run", "--without-pce", "--despite", "values-complete"];
        cluster.clas(&[&words, more, &BOTH[..]].concat())
    };
    // a gate is closed: nothing is changed
    let ran = cluster.clas(&[&["plan", "--next", "--run", "--without-pce"], &BOTH[..]].concat());
    ran.exits(1).remarks_have(&["east.yaml: legacy -> migrateLegacyToClas", "--despite values-complete"]);
    assert_eq!(cluster.read("east.yaml"), values("east", "legacy"));
    // the step fails on the way: the same cluster is next, and no other starts
    cluster.write("rejected", "daemonsets illumio-ven\n");
    next(&["--wait", "1s"]).exits(2).remarks_have(&["`helm upgrade` failed", "To continue"]);
    let plan = cluster.clas(&[&["plan", "--live", "-o", "json"], &BOTH[..]].concat());
    assert_eq!(turns(plan.exits(0)), ["east.yaml now", "west.yaml after"]);
    std::fs::remove_file(cluster.folder.path().join("rejected")).unwrap();
    next(&[]).exits(0).remarks_have(&["east.yaml: legacy -> migrateLegacyToClas, which the file says already"]);
    assert_eq!(cluster.read("west.yaml"), values("west", "legacy"));
}

#[test]
fn a_release_that_is_elsewhere_or_silent_starts_no_step() {
    let cluster = fleet();
    let plan = |more: &[&str]| cluster.clas(&[&["plan", "--live", "-o", "json"], more, &BOTH[..]].concat());
    assert_eq!(turns(plan(&[]).exits(0)), ["east.yaml now", "west.yaml after"]);
    // west was upgraded by hand
    cluster.write("west.yaml", &values("west", "migrateLegacyToClas"));
    install(&cluster, "west");
    cluster.write("west.yaml", &values("west", "legacy"));
    let ran = plan(&[]);
    assert_eq!(turns(ran.exits(0)), ["east.yaml after", "west.yaml apart"]);
    assert_eq!(ran.json()["clusters"][1]["seen"], json!([{ "who": "release", "mode": "migrateLegacyToClas" }]));
    let words: Vec<Value> = ran.json()["clusters"][1]["command"].as_array().unwrap().clone();
    assert_eq!(words[2..], json!(["status", "--live", "-f", "west.yaml"]).as_array().unwrap()[..]);
    // and one of a release that is not there
    cluster.write(
        ".helm-clas.yaml",
        "clusters:\n- {version: 5.1.0, pceVersion: 24.2.20}\n- {files: east.yaml, release: east, namespace: east}\n",
    );
    let ran = plan(&[]);
    assert_eq!(turns(ran.exits(2)), ["east.yaml after", "west.yaml unknown"]);
    ran.remarks_have(&["west.yaml: there is no release illumio in the namespace illumio-system"]);
    // what could not be asked takes no step
    let words = ["plan", "--live", "--next", "--run", "--without-pce", "--despite", "values-complete"];
    cluster.clas(&[&words, &BOTH[..]].concat()).exits(2);
    assert_eq!(cluster.read("east.yaml"), values("east", "legacy"));
}

#[test]
fn the_pce_counts_with_the_clusters_that_no_file_has() {
    let cluster = fleet();
    let pce = FakePce::new();
    let of = |number: u8, name: &str, mode: &str| {
        let mut one = cluster_on_pce(mode);
        let id = format!("{}{number}", &CLUSTER[..CLUSTER.len() - 1]);
        one["href"] = json!(format!("/orgs/3/container_clusters/{id}"));
        one["name"] = json!(name);
        one
    };
    let plan = || {
        let mut command = pce.command();
        run(cluster.reaching(&mut command).args(["plan", "--pce", "-o", "json"]).args(BOTH))
    };
    pce.put(
        "/orgs/3/container_clusters",
        json!([of(1, "k8s-e", "legacy"), of(2, "k8s-w", "legacy"), of(9, "k8s-x", "clas")]),
    );
    assert_eq!(turns(plan().exits(0)), ["east.yaml now", "west.yaml after"]);
    pce.put(
        "/orgs/3/container_clusters",
        json!([of(1, "k8s-e", "legacy"), of(2, "k8s-w", "clas"), of(9, "k8s-x", "migrateLegacyToClas")]),
    );
    let ran = plan();
    assert_eq!(turns(ran.exits(0)), ["east.yaml after", "west.yaml apart", "k8s-x foreign"]);
    assert_eq!(ran.json()["clusters"][0]["after"], json!(["k8s-x"]));
    // one that the PCE does not know may be anything
    pce.put("/orgs/3/container_clusters", json!([of(1, "k8s-e", "legacy")]));
    let ran = plan();
    assert_eq!(turns(ran.exits(2)), ["east.yaml after", "west.yaml unknown"]);
    ran.remarks_have(&["knows no cluster with its `cluster_id`"]);
    assert!(pce.changes().is_empty());
}
