//! `.helm-clas.yaml`: what it sets for a cluster is used in place of options that the command line does not have.

use std::fs;

use helm_clas::fleet::{Fleet, SETTINGS};
use serde_json::{Value, json};

use crate::support::{
    program::Folder,
    schema::{closed, read_json},
};

const VALUES: &str = "pce_url: pce.example.com:8443\nclusterMode: legacy\n";

/// A checkout with two clusters, and a file that names both.
fn checkout(fleet: &str) -> Folder {
    let folder = Folder::with(".helm-clas.yaml", fleet);
    for name in ["east", "west", ".git"] {
        fs::create_dir(folder.path(name)).unwrap();
    }
    folder.write("east/values.yaml", VALUES);
    folder.write("west/values.yaml", VALUES);
    folder
}

const TWO: &str = "clusters:
- pceVersion: 24.2.20
- files: east/*
  version: 5.1.0
  release: illumio-east
  namespace: security
  kubeContext: east
- files: [west/*]
  version: 5.2.0
";

#[test]
fn a_step_takes_what_is_not_on_the_command_line_and_says_from_where() {
    let folder = checkout(TWO);
    let ran = folder.run("migrate -f east/values.yaml").exits(0);
    let ran = ran.says("note: the chart version is 5.1.0, as line 4 of .helm-clas.yaml says\n");
    let ran = ran.says("note: the PCE version is 24.2.20, as line 2 of .helm-clas.yaml says\n");
    ran.says("helm upgrade illumio-east").says("--version 5.1.0").says("-n security").says("--kube-context east");
    folder.run("migrate -f west/values.yaml").exits(0).says("--version 5.2.0").says("upgrade illumio ");
    // the printed command names the version anyway
    let json = folder.run("migrate -f west/values.yaml -o json").exits(0).json();
    assert_eq!(json["version"], json!("5.2.0"));
}

#[test]
fn the_command_line_wins_over_the_environment_and_that_over_the_file() {
    let folder = checkout(TWO);
    let version = |words: &str| {
        let script = format!("{words} -o json");
        folder.sh(&script).exits(0).json()["version"].clone()
    };
    let program = env!("CARGO_BIN_EXE_helm-clas");
    assert_eq!(version(&format!("'{program}' migrate -f east/values.yaml")), json!("5.1.0"));
    assert_eq!(version(&format!("HELM_CLAS_VERSION=5.1.2 '{program}' migrate -f east/values.yaml")), json!("5.1.2"));
    let line = format!("HELM_CLAS_VERSION=5.1.2 '{program}' migrate -f east/values.yaml --version 5.2.0");
    assert_eq!(version(&line), json!("5.2.0"));
    // Helm names a namespace even if the user did not
    let line = format!("HELM_NAMESPACE=default '{program}' migrate -f east/values.yaml");
    folder.sh(&line).exits(0).says("-n security");
    let line = format!("HELM_NAMESPACE=mine '{program}' migrate -f east/values.yaml");
    folder.sh(&line).exits(0).says("-n mine");
}

#[test]
fn the_file_is_found_up_to_the_top_of_the_checkout() {
    let folder = checkout(TWO);
    let program = env!("CARGO_BIN_EXE_helm-clas");
    let from = |place: &str, words: &str| folder.sh(&format!("cd {place} && '{program}' {words}"));
    from("east", "migrate -f values.yaml").exits(0).says("as line 4 of ../.helm-clas.yaml says");
    // beyond the top it is another's
    fs::create_dir_all(folder.path("east/inner/.git")).unwrap();
    folder.write("east/inner/values.yaml", VALUES);
    from("east/inner", "migrate -f values.yaml --pce-version 24.2.20").exits(1).says("--version");
    from("east/inner", "migrate -f ../values.yaml --config ../../.helm-clas.yaml").exits(0).says("--version 5.1.0");
    from("east", "migrate -f values.yaml --config ../none.yaml").exits(2).says("none.yaml");
}

#[test]
fn the_path_of_a_chart_leads_from_the_folder_of_the_file() {
    let folder = checkout("clusters:\n- {version: 5.1.0, pceVersion: 24.2.20, chart: ./charts/illumio}\n");
    folder.write("charts/illumio/Chart.yaml", "apiVersion: v2\nname: illumio\nversion: 5.1.0\n");
    let says = |at: &str, file: &str, chart: &str| {
        let mut command = folder.command(["migrate", "-f", file]);
        command.current_dir(folder.path(at));
        crate::support::program::Ran::of(command, "migrate")
            .exits(0)
            .says(&format!("the chart is {chart}, as line 2 of "));
    };
    says("", "east/values.yaml", "./charts/illumio");
    says("east", "values.yaml", "../charts/illumio");
}

#[test]
fn the_version_of_an_upgrade_is_said_each_time() {
    let folder = checkout(TWO);
    folder.run("upgrade -f east/values.yaml").exits(1).says("--version");
    folder.run("upgrade -f east/values.yaml --version 5.2.0").exits(0).says("--version 5.2.0");
}

#[test]
fn files_of_two_clusters_are_refused() {
    let folder = checkout(TWO);
    let ran = folder.run("migrate -f east/values.yaml -f west/values.yaml").exits(2);
    ran.says("`version` is 5.1.0 by line 4 and 5.2.0 by line 9, and the files of -f are for one cluster");
}

#[test]
fn what_is_wrong_in_the_file_is_told_with_its_place() {
    for (text, expected) in [
        ("clusters:\n- version: 5.1\n", ".helm-clas.yaml: line 2, column 12: `version` is not a version: "),
        ("clusters:\n- password: x\n", ".helm-clas.yaml: line 2, column 3: the key `password` is not known"),
        ("clusters: [\n", ".helm-clas.yaml: line "),
        ("clusters:\n- serviceCidr: 10.0.0.0\n", "line 2 of .helm-clas.yaml: "),
        ("clusters:\n- release: Capital\n", "line 2 of .helm-clas.yaml: "),
    ] {
        let folder = checkout(text);
        let ran = folder.run("migrate -f east/values.yaml --version 5.1.0 --pce-version 24.2.20 -o json");
        let ran = ran.exits(2).says(expected);
        assert!(ran.json()["message"].as_str().unwrap().contains(expected), "{ran}");
    }
}

#[test]
fn a_pattern_that_no_file_fits_is_told() {
    let folder = checkout(
        "clusters:\n- files: [est/*, east/*.yaml, 'w?st/**']\n  version: 5.1.0\n- files:\n  - east\n  - '**/values.yaml'\n\
         freezes:\n- {from: 2025-12-20, until: 2025-12-24, files: west/value.yaml}\n",
    );
    let expected = [(2, "est/*"), (5, "east"), (8, "west/value.yaml")];
    for words in ["migrate -f east/values.yaml --pce-version 24.2.20", "check east/values.yaml", "plan east"] {
        let ran = folder.run(words);
        let told: Vec<&str> = ran.stderr.lines().filter(|line| line.starts_with("warning: line ")).collect();
        let words = |(line, text)| format!("warning: line {line} of .helm-clas.yaml: `{text}` matches no file");
        assert_eq!(told, expected.map(words), "{ran}");
    }
    // a file that git ignores can be named as well
    folder.write(".gitignore", "est\n");
    fs::create_dir_all(folder.path("est")).unwrap();
    folder.write("est/.values.yaml", VALUES);
    assert!(!folder.run("plan east").stderr.contains("`est/*`"));
}

#[test]
fn check_and_plan_take_the_versions_of_each_cluster() {
    let folder = checkout(
        "clusters:\n- files: east/*\n  version: 4.3.0\n- files: west/*\n  version: 5.1.0\n  pceVersion: auto\n",
    );
    folder.write("east/values.yaml", VALUES.replace("legacy", "clas"));
    let ran = folder.run("check east/values.yaml west/values.yaml -o json").exits(1);
    let answer = ran.json();
    let rules: Vec<Value> = answer["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| {
            file["findings"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|finding| finding["rule"] == "chart-too-old")
                .count()
                .into()
        })
        .collect();
    assert_eq!(rules, [json!(1), json!(0)], "{answer}");
    let plan = folder.run("plan west").exits(0);
    assert!(plan.stdout.contains("migrate -f west/values.yaml --version 5.1.0 --pce-version auto"), "{plan}");
}

#[test]
fn the_schema_takes_what_the_program_takes() {
    let schema = read_json("schemas/fleet.schema.json");
    let keys = schema["properties"]["clusters"]["items"]["properties"].as_object().unwrap();
    let known: Vec<&str> = ["files", "wave"].into_iter().chain(SETTINGS.iter().map(|setting| setting.key)).collect();
    let mut keys: Vec<&str> = keys.keys().map(String::as_str).collect();
    let mut sorted = known.clone();
    keys.sort_unstable();
    sorted.sort_unstable();
    assert_eq!(keys, sorted);
    let validator = closed(schema.clone());
    for text in [
        TWO,
        "clusters: []\n",
        "clusters:\n- {serviceCidr: [10.0.0.0/8], nodeLabels: {role: node}, pceOrg: 3, wave: 2}\n",
        "freezes:\n- {from: 2025-12-20, until: '2026-01-05T06:00:00Z', why: x, files: a/*}\n",
    ] {
        assert!(Fleet::read(text).is_ok(), "{text}");
        let value = helm_clas::yaml::Document::read(text).unwrap().values();
        assert!(validator.is_valid(&value), "{text}");
    }
    for text in [
        "clusters: 1\n",
        "a: 1\n",
        "clusters: [{files: [1]}]\n",
        "clusters: [{apiKey: x}]\n",
        "clusters: [{wave: a}]\n",
        "freezes: [{from: 2025-12-20}]\n",
        "freezes: [{from: 20.12., until: 2026-01-05}]\n",
    ] {
        assert!(Fleet::read(text).is_err(), "{text}");
        let value = helm_clas::yaml::Document::read(text).unwrap().values();
        assert!(!validator.is_valid(&value), "{text}");
    }
    let shown = Folder::new().run("schema fleet").exits(0);
    assert_eq!(shown.stdout, fs::read_to_string("schemas/fleet.schema.json").unwrap());
}
