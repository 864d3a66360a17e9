//! `helm clas status`: a tree with every kind of place, awkward folders, many files, and the page in a real browser.

use std::{fmt::Write as _, fs, os::unix::fs::symlink, path::Path};

use serde_json::{Value, json};

use crate::support::{
    copy,
    program::{Folder, Ran},
};

/// A folder with a copy of `status/tree`.
fn tree() -> Folder {
    let folder = Folder::new();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/status/tree"), &folder.path(""));
    folder
}

/// `FILE RELEASE MODE VERSION`, a line each; what is absent is omitted.
fn said(ran: &Ran) -> String {
    let mut out = String::new();
    for file in ran.json()["files"].as_array().unwrap() {
        let words = ["file", "release", "mode", "version"].map(|name| file[name].as_str());
        writeln!(out, "{}", words.into_iter().flatten().collect::<Vec<_>>().join(" ")).unwrap();
    }
    out
}

#[track_caller]
fn check(folder: &Folder, line: &str, expected: &str) {
    let ran = folder.run(&format!("status {line} -o json")).exits(0).says_only("");
    assert_eq!(said(&ran), expected, "{line}");
}

/// The output of `status -o json`, which must fit its schema.
#[track_caller]
fn valid(ran: &Ran) -> Value {
    let answer = ran.json();
    crate::support::schema::fits(&answer);
    answer
}

const PLACES: &str = "\
argo/application.yaml illumio-one clas 5.1.0
argo/set.yaml three clas 5.1.0
argo/set.yaml four legacy 5.1.0
argo/sources.yaml illumio-two migrateClasToLegacy 5.0.0
clusters/broken.yaml
clusters/east/illumio-values.yaml clas
clusters/north/illumio-values.yaml legacy
clusters/south/illumio-values.yaml
clusters/west/illumio-values.yaml migrateLegacyToClas
flux/release.yaml illumio legacy 5.x
gotmpl/values.yaml.gotmpl
helmfile/helmfile.yaml illumio unpair 5.1.0
kustomize/overlay/kustomization.yaml illumio clas 5.1.0
other/values.json clas
stack/values.yaml clas
tests/values.yml clas
umbrella/values.yaml legacy 5.1.0
";

#[test]
fn every_kind_of_place_is_found_in_the_order_of_the_paths() {
    let folder = tree();
    check(&folder, "", PLACES);
    check(&folder, ".", PLACES);
    let summary = "17 clusters: 7 clas, 1 migrating, 1 reverting, 4 legacy, 1 unpairing, 3 unknown\n";
    let text = folder.run("status").exits(0).says_only("").stdout;
    assert!(text.ends_with(&format!("\n\n{summary}")), "{text}");
    // the text is broken into lines, and no name is cut
    let is_narrow = |line: &str| line.chars().count() <= 80 || !line.starts_with(' ');
    assert!(text.lines().all(|line| is_narrow(line) && line.trim_end() == line), "{text}");
}

/// Applications of one name, with the namespace of each.
fn of_one_name(namespaces: &[&str]) -> String {
    let app = |namespace: &&str| {
        let said = if namespace.is_empty() { String::new() } else { format!(", namespace: {namespace}") };
        format!(
            "---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: illumio{said}}}\nspec:\n  source:\n    \
             repoURL: quay.io/illumio\n    chart: illumio\n    targetRevision: 5.1.0\n    helm:\n      values: |\n        \
             clusterMode: legacy\n"
        )
    };
    namespaces.iter().map(app).collect()
}

#[test]
fn releases_of_one_name_are_told_apart_by_what_names_them() {
    let folder = Folder::with("apps.yaml", of_one_name(&["east", "west"]));
    check(
        &folder,
        "apps.yaml",
        "apps.yaml east/illumio legacy 5.1.0\n\
         apps.yaml west/illumio legacy 5.1.0\n",
    );
    for form in ["text", "markdown", "html"] {
        let ran = folder.run(&format!("status apps.yaml -o {form}")).exits(0);
        assert!(ran.stdout.contains("east/illumio") && ran.stdout.contains("west/illumio"), "{}", ran.stdout);
    }
    let step = "migrate -f apps.yaml --pce-version 24.2.20";
    folder.run(step).exits(1).says("name one with --path: east/illumio, west/illumio\n");
    folder.run("plan apps.yaml --pce-version 24.2.20").exits(0).has("--path east/illumio");
    folder.run(&format!("{step} --path west/illumio --write")).exits(0);
    assert_eq!(modes_in(&folder), ["legacy", "migrateLegacyToClas"]);
}

fn modes_in(folder: &Folder) -> Vec<String> {
    let whole = String::from_utf8(folder.read("apps.yaml")).unwrap();
    whole.lines().filter_map(|line| line.trim().strip_prefix("clusterMode: ")).map(str::to_owned).collect()
}

#[test]
fn releases_that_nothing_tells_apart_are_counted() {
    let folder = Folder::with("apps.yaml", of_one_name(&["", "east", ""]));
    check(
        &folder,
        "apps.yaml",
        "apps.yaml illumio (1 of 2) legacy 5.1.0\n\
         apps.yaml east/illumio legacy 5.1.0\n\
         apps.yaml illumio (2 of 2) legacy 5.1.0\n",
    );
    let step = "migrate -f apps.yaml --pce-version 24.2.20";
    folder.run(step).exits(1).says("name one with --path: illumio (1 of 2), east/illumio, illumio (2 of 2)\n");
    let words = step.split_whitespace().chain(["--path", "illumio (2 of 2)", "--write"]);
    Ran::of(folder.command(words), step).exits(0);
    assert_eq!(modes_in(&folder), ["legacy", "legacy", "migrateLegacyToClas"]);
}

#[test]
fn markdown_says_why_a_mode_is_unknown() {
    let folder = Folder::with("v.yaml", "pce_url: p:1\nclusterMode: klas\n");
    folder
        .run("status v.yaml -o markdown")
        .exits(0)
        .has("- v.yaml: unknown-mode: line 2: \\`klas\\` is not a cluster mode\n");
}

#[test]
fn files_and_folders_are_named_in_any_number_and_count_once() {
    let folder = tree();
    check(&folder, "stack umbrella/values.yaml", "stack/values.yaml clas\numbrella/values.yaml legacy 5.1.0\n");
    check(&folder, "./stack stack/values.yaml stack", "stack/values.yaml clas\n");
    let absolute = folder.path("stack").display().to_string();
    check(&folder, &format!("stack {absolute}"), "stack/values.yaml clas\n");
    // a name that a search passes over, and a file of another chart
    check(&folder, "other/notes.txt other/deployment.yaml", "other/notes.txt clas\n");
    check(&folder, "argo --path illumio-two", "argo/sources.yaml illumio-two migrateClasToLegacy 5.0.0\n");
}

#[test]
fn what_git_ignores_is_passed_over() {
    let folder = tree();
    folder.write(".gitignore", "/argo/\n/flux/\nvalues.*\n!/umbrella/values.yaml\n/clusters/*\n!/clusters/east/\n");
    let expected = "\
clusters/east/illumio-values.yaml clas
helmfile/helmfile.yaml illumio unpair 5.1.0
kustomize/overlay/kustomization.yaml illumio clas 5.1.0
umbrella/values.yaml legacy 5.1.0
";
    check(&folder, "", PLACES);
    fs::create_dir(folder.path(".git")).unwrap();
    check(&folder, "", expected);
    check(&folder, "flux/release.yaml", "flux/release.yaml illumio legacy 5.x\n");
    check(&folder, "clusters", "clusters/east/illumio-values.yaml clas\n");
}

#[test]
fn hidden_folders_are_passed_over_unless_they_are_named() {
    let folder = Folder::new();
    folder.write(".cache/values.yaml", "clusterMode: clas\n");
    check(&folder, "", "");
    folder.write(".values.yaml", "clusterMode: clas\n");
    check(&folder, "", ".values.yaml clas\n");
    check(&folder, ".cache", ".cache/values.yaml clas\n");
}

#[test]
fn symbolic_links_are_passed_over_unless_they_are_named() {
    let folder = tree();
    symlink(".", folder.path("loop")).unwrap();
    symlink("loop", folder.path("stack/loop")).unwrap();
    symlink("self", folder.path("self")).unwrap();
    symlink("values.yaml", folder.path("stack/again.yaml")).unwrap();
    symlink("stack", folder.path("linked")).unwrap();
    check(&folder, "", PLACES);
    check(&folder, "linked", "linked/values.yaml clas\n");
    check(&folder, "stack/again.yaml", "stack/again.yaml clas\n");
    symlink("nowhere", folder.path("dangling.yaml")).unwrap();
    symlink("nowhere", folder.path("dangling.png")).unwrap();
    folder.run("status dangling.yaml").exits(2).prints("").says("error: cannot read dangling.yaml: No such file");
    for line in ["status", "plan", "check .", "check . -o sarif"] {
        let ran = folder.run(line).exits(2);
        let ran = ran.says("error: cannot read dangling.yaml: it is a symbolic link to nowhere, which does not exist");
        assert!(!ran.stderr.contains("dangling.png"), "{ran}");
    }
    folder.run("status self").exits(2).prints("").says("error: cannot read self: ");
}

#[test]
fn nothing_is_found_in_an_empty_folder_and_that_is_no_failure() {
    let folder = Folder::new();
    folder.run("status").exits(0).prints("0 clusters: no file here has values of the Illumio chart\n").says_only("");
    let answer = valid(&folder.run("status -o json").exits(0));
    assert_eq!(answer["files"], json!([]));
    assert!(folder.run("status -o html").exits(0).stdout.contains("Nowhere"));
}

#[test]
fn awkward_files_are_shown_or_passed_over() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = Folder::new();
    let odd = std::ffi::OsStr::from_bytes(b"\xe9t\xe9.yaml").to_str().is_none();
    assert!(odd);
    folder.write("a\nb.yaml", "clusterMode: clas\n");
    folder.write("empty.yaml", "");
    folder.write("latin.yaml", b"clusterMode: clas # Stra\xdfe\n");
    folder.write("nul.yaml", b"\0\0cluster\0\0");
    folder.write("spaces and 'quotes'.yaml", "clusterMode: clas\n");
    folder.write("sops.yaml", "clusterMode: clas\ncluster_token: ENC[AES256_GCM,data:x]\nsops:\n  mac: x\n");
    folder.write("tab.yaml", "clusterMode:\tlegacy\n");
    fs::write(folder.path("").join(std::ffi::OsStr::from_bytes(b"\xe9.yaml")), "clusterMode: clas\n").unwrap();
    Ran::of(folder.shell("mkfifo pipe.yaml"), "mkfifo").exits(0);
    let ran = folder.run("status -o json").exits(0).says_only("");
    let expected = "a\nb.yaml clas\nlatin.yaml\nsops.yaml clas\nspaces and 'quotes'.yaml clas\ntab.yaml legacy\n\u{fffd}.yaml clas\n";
    assert_eq!(said(&ran), expected);
    valid(&ran);
    let text = folder.run("status").exits(0).stdout;
    assert!(text.contains("\na\\u{a}b.yaml "), "{text}");
    // no step is offered that would be refused, and what takes its place is named
    assert!(text.contains("\nsops.yaml                 clas\n  error[encrypted-file]: "), "{text}");
    assert!(text.contains("\n  help: change it through SOPS: sops set sops.yaml '[\"clusterMode\"]'\n"), "{text}");
    folder.run("status pipe.yaml").exits(2).says("error: cannot read pipe.yaml: it is not an ordinary file");
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_shown() {
    let folder = tree();
    folder
        .run("status missing stack")
        .exits(2)
        .prints(
            "FILE                        MODE  NEXT\nstack/values.yaml: illumio  clas  revert\n\n1 cluster: 1 clas\n",
        )
        .says_only("error: cannot read missing: No such file or directory (os error 2)\n");
    folder.run("status -f missing.yaml").exits(2).prints("").says("error: cannot read missing.yaml: ");
    folder.run("status -f - -f -").exits(2).prints("").says("error: `-` is given twice");
    folder.write("umbrella/Chart.yaml", "dependencies: [{name: illumio\n");
    let ran = folder.run("status umbrella -o json").exits(2).says("error: cannot read umbrella/Chart.yaml: ");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran}");
    // of which chart the values are does not come out, so the mode in them is named and not judged
    folder.write("umbrella/Chart.yaml", "name: {{ .chart }}\n");
    check(&folder, "umbrella", "umbrella/values.yaml\n");
    let Some(before) = folder.bound_by_modes() else { return println!("skipped: modes bind nobody here") };
    folder.sh("chmod 0 clusters/east/illumio-values.yaml argo").exits(0);
    let ran = folder.sh(&format!("{before} helm-clas status -o json"));
    folder.sh("chmod 755 clusters/east/illumio-values.yaml argo").exits(0);
    let ran = ran.exits(2).says_only(
        "error: cannot read argo: Permission denied (os error 13)\n\
         error: cannot read clusters/east/illumio-values.yaml: Permission denied (os error 13)\n",
    );
    assert_eq!(ran.json()["summary"]["clusters"], 11, "{ran}");
}

#[test]
fn the_files_of_one_cluster_are_merged_as_helm_merges_them() {
    let folder = tree();
    folder.write("base.yaml", "pce_url: pce.example.com:8443\nclusterMode: legacy\n");
    folder.write("network.yaml", "networkType: flat\n");
    let effective = |line: &str| valid(&folder.run(&format!("status {line} -o json")).exits(0))["effective"].clone();
    let east = "clusters/east/illumio-values.yaml";
    let clas = json!({"mode": "clas", "file": east, "next": ["revert"]});
    assert_eq!(effective(&format!("-f base.yaml -f {east} -f network.yaml")), clas);
    assert_eq!(effective(&format!("-f base.yaml,{east}")), clas);
    assert_eq!(effective("-f network.yaml"), json!({"mode": "legacy", "next": ["migrate"]}));
    folder.write("runtime.yaml", "containerRuntime: containerd\n");
    assert_eq!(effective("-f runtime.yaml")["mode"], Value::Null);
    assert_eq!(effective("-f base.yaml -f clusters/broken.yaml")["mode"], Value::Null);
    assert_eq!(effective("-f base.yaml -f clusters/broken.yaml")["file"], "clusters/broken.yaml");
    assert_eq!(effective("-f argo/set.yaml"), json!({"mode": null, "next": []}));
    assert_eq!(effective("-f argo/set.yaml --path four")["mode"], "legacy");
    assert_eq!(effective("-f argo/set.yaml --path five")["mode"], Value::Null);
    assert_eq!(effective("-f umbrella/values.yaml")["mode"], "legacy");
    assert_eq!(effective("stack"), Value::Null);
    let ran = folder.run_on("status -f - -o json", "clusterMode: clas\n").exits(0);
    assert_eq!(valid(&ran)["effective"], json!({"mode": "clas", "file": "-", "next": ["revert"]}));
    // what is named with -f is not found a second time
    let answer = valid(&folder.run(&format!("status -f base.yaml,{east} . -o json")).exits(0));
    assert_eq!(answer["summary"]["clusters"], 17);
}

/// A release of helmfile, with the files it takes values from.
fn release(name: &str, files: &str) -> String {
    format!("- {{name: {name}, chart: quay/illumio, version: 5.1.0, values: [{files}]}}\n")
}

#[test]
fn what_a_manifest_takes_values_from_is_no_cluster_of_its_own() {
    let folder = Folder::new();
    let releases = release("east", "../values/common.yaml, ../values/east.yaml")
        + &release("west", "../values/common.yaml, ../values/west.yaml")
        + &release("north", "../values/common.yaml, clusterMode: clas");
    folder.write("apps/helmfile.yaml", format!("releases:\n{releases}"));
    folder.write("values/common.yaml", "pce_url: pce.example.com:8443\nclusterMode: legacy\n");
    folder.write("values/east.yaml", "cluster_id: 8cb0e3b5-5d9c-4b1e-9b7a-0a6f1d2c3e4f\nclusterMode: klas\n");
    folder.write("values/west.yaml", "networkType: overlay\n");
    folder.write("values/other.yaml", "clusterMode: clas\n");
    let expected = "\
apps/helmfile.yaml east 5.1.0
apps/helmfile.yaml west legacy 5.1.0
apps/helmfile.yaml north clas 5.1.0
values/other.yaml clas
";
    check(&folder, "", expected);
    check(&folder, "values apps", expected);
    check(
        &folder,
        "values/east.yaml apps/helmfile.yaml",
        expected.split_inclusive("north clas 5.1.0\n").next().unwrap(),
    );
    check(&folder, "-f apps/helmfile.yaml .", expected);
    // a file is looked at with its checkout, as its folder is
    check(&folder, "values/east.yaml", "apps/helmfile.yaml east 5.1.0\n");
    folder.run("status").exits(0).prints(
        "FILE                       MODE     CHART  NEXT\n\
         apps/helmfile.yaml: east   unknown  5.1.0\n  \
           decided in values/east.yaml line 2\n  \
           overrides values/common.yaml line 2\n  \
           error[unknown-mode]: values/east.yaml line 2: `klas` is not a cluster mode\n\
         apps/helmfile.yaml: west   legacy   5.1.0  migrate\n  \
           decided in values/common.yaml line 2\n\
         apps/helmfile.yaml: north  clas     5.1.0  revert\n  \
           overrides values/common.yaml line 2\n\
         values/other.yaml          clas     -      revert\n\
         \n4 clusters: 2 clas, 1 legacy, 1 unknown\n",
    );
    let answer = valid(&folder.run("status -f apps/helmfile.yaml --path west -o json").exits(0));
    assert_eq!(answer["effective"], json!({"mode": "legacy", "file": "values/common.yaml", "next": ["migrate"]}));
    let place = json!(["apps/helmfile.yaml", "values/common.yaml", ["clusterMode"], 2, 14]);
    let west = &answer["files"][0];
    assert_eq!(json!([west["file"], west["decidedIn"], west["path"], west["line"], west["column"]]), place);
    let answer = valid(&folder.run("status -f apps/helmfile.yaml --path north -o json").exits(0));
    let overridden = json!([{"file": "values/common.yaml", "line": 2, "column": 14}]);
    assert_eq!(answer["files"][0]["overrides"], overridden);
}

#[test]
fn a_file_that_decides_for_several_manifests_is_told() {
    let folder = Folder::new();
    for (name, file) in [("east", "all.yaml"), ("west", "../apps/all.yaml"), ("north", "own.yaml, all.yaml, own.yaml")]
    {
        folder.write(&format!("apps/{name}.yaml"), format!("releases:\n{}", release(name, file)));
    }
    folder.write("apps/all.yaml", "a: 1\nclusterMode: clas\n");
    folder.write("apps/own.yaml", "clusterMode: legacy\n");
    let shared = "  error[several-clusters-at-once]: apps/all.yaml line 2: one edit here moves 2\n    \
                      clusters: east in apps/east.yaml, west in apps/west.yaml\n";
    let ran = folder.run("status").exits(0);
    assert_eq!(ran.stdout.matches(shared).count(), 2, "{}", ran.stdout);
    // the help is shown once
    assert_eq!(ran.stdout.matches("--allow").count(), 1, "{}", ran.stdout);
    let answer = valid(&folder.run("status -o json").exits(0));
    let reach: Vec<&Value> = answer["files"].as_array().unwrap().iter().map(|row| &row["reach"]).collect();
    assert_eq!(reach, [&json!({"clusters": 2}), &Value::Null, &json!({"clusters": 2})]);
    // a step in it moves the other one, too
    let alone = folder.run("status apps/east.yaml").exits(0);
    assert!(alone.stdout.contains("several-clusters-at-once"), "{}", alone.stdout);
}

#[test]
fn whom_an_edit_moves_is_told_to_programs() {
    let set = |generator: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: illumio}}\nspec:\n  generators: \
             [{generator}]\n  template:\n    metadata: {{name: 'illumio-{{{{name}}}}'}}\n    spec:\n      source: {{repoURL: \
             quay.io/illumio, chart: illumio, targetRevision: 5.1.0, helm: {{valuesObject: {{clusterMode: legacy}}}}}}\n"
        )
    };
    for (generator, rows, reach) in [
        ("{clusters: {}}", 1, json!({"clusters": null, "allOf": "the generator `clusters`"})),
        ("{list: {elements: [{name: east}, {name: west}, {name: north}]}}", 3, json!({"clusters": 3})),
        ("{list: {elements: [{name: east}]}}", 1, Value::Null),
    ] {
        let folder = Folder::with("set.yaml", set(generator));
        let answer = valid(&folder.run("status -o json").exits(0));
        let files = answer["files"].as_array().unwrap();
        assert!(files.len() == rows && files.iter().all(|row| row["reach"] == reach), "{answer}");
    }
}

#[test]
fn what_a_manifest_names_outside_of_the_checkout_is_not_read() {
    let folder = Folder::new();
    folder.write("secret.yaml", "clusterMode: clas\n");
    folder.write("repo/values/own.yaml", "clusterMode: legacy\n");
    let absolute = folder.path("secret.yaml").display().to_string();
    let outside = ["../../secret.yaml", "../values/linked.yaml", "../linked/secret.yaml", &absolute];
    let releases: Vec<String> =
        outside.iter().enumerate().map(|(number, file)| release(&format!("r{number}"), file)).collect();
    let releases = releases.concat();
    folder.write("repo/apps/helmfile.yaml", format!("releases:\n{releases}{}", release("own", "../values/own.yaml")));
    symlink(folder.path("secret.yaml"), folder.path("repo/values/linked.yaml")).unwrap();
    symlink(folder.path(""), folder.path("repo/linked")).unwrap();
    fs::create_dir(folder.path("repo/.git")).unwrap();
    let unknown = "\
repo/apps/helmfile.yaml r0 5.1.0
repo/apps/helmfile.yaml r1 5.1.0
repo/apps/helmfile.yaml r2 5.1.0
repo/apps/helmfile.yaml r3 5.1.0
";
    let own = "repo/apps/helmfile.yaml own legacy 5.1.0\n";
    check(&folder, "repo", &format!("{unknown}{own}"));
    check(&folder, "-f repo/apps/helmfile.yaml", &format!("{unknown}{own}"));
    check(&folder, ".", &format!("{unknown}{own}secret.yaml clas\n"));
    // without git it is the folder that is searched
    fs::remove_dir(folder.path("repo/.git")).unwrap();
    check(&folder, "repo", &format!("{unknown}{own}"));
    check(&folder, "repo/apps", &format!("{unknown}repo/apps/helmfile.yaml own 5.1.0\n"));
}

#[test]
fn the_json_fits_its_schema_and_says_all_of_a_place() {
    let folder = tree();
    let answer = valid(&folder.run("status -o json").exits(0));
    let file = |name: &str| answer["files"].as_array().unwrap().iter().find(|file| file["file"] == name).unwrap();
    assert_eq!(
        *file("argo/sources.yaml"),
        json!({
            "file": "argo/sources.yaml", "kind": "Argo CD Application", "release": "illumio-two",
            "path": ["spec", "sources", "1", "helm", "values", "clusterMode"],
            "mode": "migrateClasToLegacy", "line": 23, "column": 24, "version": "5.0.0",
            "overridden": false, "next": ["revert --finish"], "findings": [],
        })
    );
    let south = file("clusters/south/illumio-values.yaml");
    assert_eq!((&south["mode"], &south["next"]), (&Value::Null, &json!([])));
    let finding = json!({
        "rule": "unknown-mode", "severity": "error", "message": "`klas` is not a cluster mode",
        "file": "clusters/south/illumio-values.yaml", "line": 2, "column": 14, "endLine": 2, "endColumn": 18,
        "help": "did you mean `clas`?",
    });
    assert_eq!(south["findings"], json!([finding]));
    assert_eq!(file("clusters/north/illumio-values.yaml").get("line"), None);
    let modes = json!({"legacy": 4, "migrateLegacyToClas": 1, "clas": 7, "migrateClasToLegacy": 1, "unpair": 1});
    assert_eq!(answer["summary"], json!({"clusters": 17, "modes": modes, "unknown": 3}));
    for line in ["-f clusters/east/illumio-values.yaml,clusters/west/illumio-values.yaml", "-f clusters/broken.yaml"] {
        valid(&folder.run(&format!("status {line} -o json")).exits(0));
    }
}

/// Ten thousand files in a hundred folders, of which two thousand hold a place each.
fn many() -> Folder {
    let folder = Folder::new();
    let modes = ["legacy", "migrateLegacyToClas", "clas", "migrateClasToLegacy", "klas"];
    for number in 0..10_000 {
        let (name, content) = match number % 10 {
            0 => ("values.yaml", format!("pce_url: a:1\nclusterMode: {}\n", modes[number / 10 % 5])),
            1 => (
                "release.yaml",
                format!(
                    "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: illumio}}\nspec:\n  \
                     values: {{clusterMode: {}}}\n",
                    modes[number / 10 % 5]
                ),
            ),
            2 => ("broken.yaml", "a: [\n".to_owned()),
            3 => ("role.yaml", "kind: ClusterRole\nmetadata: {name: a}\n---\nkind: ClusterRole\n".to_owned()),
            4 => ("notes.txt", "clusterMode: clas\n".to_owned()),
            _ => ("deployment.yaml", format!("kind: Deployment\nmetadata: {{name: web-{number}}}\n")),
        };
        folder.write(&format!("{}/{}/{number}-{name}", number / 1000, number / 100), content);
    }
    folder
}

#[test]
fn among_ten_thousand_files_every_place_is_found() {
    let answer = valid(&many().run("status -q -o json").exits(0).says_only(""));
    let modes =
        json!({"legacy": 400, "migrateLegacyToClas": 400, "clas": 400, "migrateClasToLegacy": 400, "unpair": 0});
    assert_eq!(answer["summary"], json!({"clusters": 2000, "modes": modes, "unknown": 400}));
    let names: Vec<&str> =
        answer["files"].as_array().unwrap().iter().map(|file| file["file"].as_str().unwrap()).collect();
    assert!(names.is_sorted_by_key(Path::new), "{names:?}");
}

#[test]
fn the_page_is_right_in_a_browser() {
    let folder = tree();
    folder.write("other/<img src=x onerror=alert(1)>&amp;\"'.yaml", "clusterMode: clas\n");
    let long = "a-rather-long-name-of-a-folder/".repeat(6);
    folder.write(&format!("{long}illumio-values.yaml"), "clusterMode: clas\n");
    folder.write("page.html", folder.run("status -o html").exits(0).says_only("").stdout);
    let count = folder.run("status -o json").exits(0).json()["summary"]["clusters"].as_u64().unwrap();
    let Some(browser) = crate::support::browser::Browser::start() else { return };
    browser.is_right(&folder.path("page.html"), "status", |shown| {
        assert_eq!(browser.run("return document.querySelectorAll('.sortable .line').length"), count, "{shown}");
        let names = browser.run(
            "return [...document.querySelectorAll('.sortable [role=rowheader]')]
                .map(cell => cell.firstChild.data + cell.textContent)",
        );
        assert!(names.to_string().contains("<img src=x onerror=alert(1)>&amp;\\\"'.yaml"), "{shown}: {names}");
    });
    assert_eq!(browser.run("return document.documentElement.lang"), "en");
    assert_eq!(
        browser.run("return [...document.querySelectorAll('h1, h2')].map(h => h.localName)"),
        json!(["h1", "h2"])
    );
    assert_eq!(browser.run("return document.querySelectorAll('th:not([scope])').length"), 0);
    let roles = browser.roles();
    for role in ["heading", "table", "columnheader", "rowheader", "image"] {
        assert!(roles.iter().any(|seen| seen == role), "no {role} in {roles:?}");
    }
    assert!(browser.pages_on_paper("status.pdf") > 0);
}
