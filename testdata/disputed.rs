//! One `cluster_id` in the files of two clusters: every command says it, by one reading.

use crate::support::program::Folder;

const ID: &str = "cc4997c1-40c0-4a4c-a72d-d1d2b1e5c1a1";
const OTHER: &str = "dd4997c1-40c0-4a4c-a72d-d1d2b1e5c1a1";
const VERSIONS: &str = "--version 5.1.0 --pce-version 24.2.20";

fn values(id: &str, mode: &str) -> String {
    format!("pce_url: pce.example.com:8443\ncluster_id: {id}\nclusterMode: {mode}\n")
}

/// A checkout with these files.
fn checkout(files: &[(&str, String)]) -> Folder {
    let folder = Folder::new();
    folder.sh("git init -q .").exits(0);
    for (name, text) in files {
        folder.write(name, text);
    }
    folder
}

/// Whether each of the commands says that an id is disputed.
#[track_caller]
fn is_told(folder: &Folder, file: &str, is_told: bool) {
    let of = |line: &str| {
        let ran = folder.run(line);
        assert_eq!(format!("{}{}", ran.stdout, ran.stderr).contains("duplicate-cluster-id"), is_told, "{ran}");
        ran
    };
    of("check . --partial").exits(i32::from(is_told));
    of("status .").exits(0);
    of(&format!("plan . {VERSIONS}")).exits(0);
    of(&format!("migrate -f {file} {VERSIONS}")).exits(0);
    let ran = folder.run(&format!("migrate -f {file} --run --without-pce {VERSIONS}"));
    assert_eq!(ran.stderr.contains("error[duplicate-cluster-id]"), is_told, "{ran}");
}

#[test]
fn one_id_of_two_files_is_told_by_every_command() {
    let folder =
        checkout(&[("east.yaml", values(ID, "legacy")), ("fleet/west.yaml", values(&ID.to_uppercase(), "legacy"))]);
    is_told(&folder, "east.yaml", true);
    let status = folder.run("status -o json").json();
    for row in status["files"].as_array().unwrap() {
        assert_eq!(row["mode"], "legacy", "{row:#}");
        assert_eq!(row["next"], serde_json::json!([]), "{row:#}");
        assert_eq!(row["findings"][0]["rule"], "duplicate-cluster-id", "{row:#}");
    }
    let plan = folder.run(&format!("plan {VERSIONS}")).exits(0);
    plan.has("2 refused").has("west.yaml: migrate is refused: duplicate-cluster-id");
    let run = folder.run(&format!("migrate -f fleet/west.yaml --run --without-pce {VERSIONS}")).exits(1);
    run.says("error[duplicate-cluster-id]").says("refused: nothing is changed in fleet/west.yaml");
    folder.run("status -f east.yaml fleet").exits(0).has("east.yaml        legacy\n").has("duplicate-cluster-id");
    // they are layers of one cluster where both are named
    let both = format!("migrate -f east.yaml -f fleet/west.yaml {VERSIONS}");
    assert!(!folder.run(&both).exits(0).stderr.contains("duplicate-cluster-id"));
    folder.write("fleet/west.yaml", values(OTHER, "legacy"));
    is_told(&folder, "east.yaml", false);
}

#[test]
fn the_way_back_is_open() {
    let folder = checkout(&[("east.yaml", values(ID, "clas")), ("west.yaml", values(ID, "clas"))]);
    let ran = folder.run(&format!("revert -f east.yaml --write {VERSIONS}")).exits(0);
    ran.says("warning[duplicate-cluster-id]: another cluster has the same `cluster_id`: west.yaml");
    folder
        .run("status")
        .has("east.yaml  migrateClasToLegacy  revert --finish")
        .has("west.yaml  clas                 revert");
}

#[test]
fn a_comment_where_it_is_meant_silences_every_command() {
    let allowed = values(ID, "legacy").replace(ID, &format!("{ID} # helm-clas: allow duplicate-cluster-id"));
    let folder = checkout(&[("east.yaml", values(ID, "legacy")), ("west.yaml", allowed)]);
    is_told(&folder, "east.yaml", false);
    assert!(!folder.run("check . --partial").exits(0).stdout.contains("unused-allow"));
}

#[test]
fn what_is_of_one_cluster_is_not_disputed() {
    let script = "#!/bin/sh\nhelm upgrade illumio oci://quay.io/illumio/illumio --version 5.1.0 -f ../east.yaml\n";
    let folder = checkout(&[
        ("east.yaml", values(ID, "legacy")),
        ("ci/deploy.sh", script.to_owned()),
        ("ci/again.sh", script.to_owned()),
    ]);
    is_told(&folder, "east.yaml", false);
    // a command that names another cluster is of that
    for (script, context) in [("ci/deploy.sh", "east"), ("ci/again.sh", "west")] {
        let text = String::from_utf8(folder.read(script)).unwrap();
        folder.write(script, text.replace("upgrade", &format!("upgrade --kube-context {context}")));
    }
    assert!(folder.run("status .").stdout.contains("duplicate-cluster-id"));
    // what something fills in is not an id yet
    let folder = checkout(&[("east.yaml", values("${ID}", "legacy")), ("west.yaml", values("${ID}", "legacy"))]);
    assert!(!folder.run("status .").stdout.contains("duplicate-cluster-id"));
}

#[test]
fn releases_of_one_manifest_are_clusters_of_their_own() {
    let release = |name: &str| {
        format!("- {{name: {name}, chart: 'oci://quay.io/illumio/illumio', version: 5.1.0, values: [values.yaml]}}\n")
    };
    let helmfile = format!("releases:\n{}", release("east"));
    let folder = checkout(&[("values.yaml", values(ID, "legacy")), ("helmfile.yaml", helmfile.clone())]);
    is_told(&folder, "helmfile.yaml", false);
    folder.write("helmfile.yaml", helmfile + &release("west"));
    let status = folder.run("status");
    let told = "another cluster has the same\n    `cluster_id`: `west`";
    assert!(status.stdout.contains(told), "{status}");
    folder.run("check . --partial").exits(1).has("another cluster has the same `cluster_id`: `east`");
}
