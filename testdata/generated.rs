//! `ConfigMaps` that several kustomizations make together, compared with the real kustomize: the mode reported for an
//! overlay is the one in the text which its release takes, before and after each step.

use std::{fs, process::Command};

use serde_yaml::Value;

use crate::support::{helm::helms, program::Folder};

const RELEASE: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio}\nspec:\n  chart: {spec: \
    {chart: illumio, version: 5.1.0, sourceRef: {kind: HelmRepository, name: illumio}}}\n  valuesFrom:\n  - {kind: \
    ConfigMap, name: values}\n";
const REFERS: &str =
    "nameReference:\n- kind: ConfigMap\n  fieldSpecs:\n  - {path: spec/valuesFrom/name, kind: HelmRelease}\n";
const BASE: &str = "resources: [release.yaml]\nconfigMapGenerator:\n- name: values\n  files: [values.yaml]\n";
const VALUES: &str = "pce_url: pce.example.com:8443\nclusterMode: legacy # for now\n";
const OTHER: &str = "# of this overlay\nclusterMode: clas\n";

/// Another source of values, which a patch of the overlay adds.
const ONE_MORE: &str = "patches:\n- target: {kind: HelmRelease, name: illumio}\n  patch: |\n    - {op: add, path: /spec/valuesFrom/-, \
    value: {kind: ConfigMap, name: values, valuesKey: more.yaml}}\n";

/// What the base says beside its generator, what the overlay says beside its resources, and whether the mode is read.
const CASES: &[(&str, &str, bool)] = &[
    (
        "configurations: [refers.yaml]\n",
        "configMapGenerator:\n- {name: values, behavior: merge, files: [values.yaml]}\n",
        true,
    ),
    (
        "configurations: [refers.yaml]\n",
        "namePrefix: east-\nconfigMapGenerator:\n- {name: values, behavior: merge, files: [values.yaml=./values.yaml]}\n",
        true,
    ),
    (
        "configurations: [refers.yaml]\n",
        "configMapGenerator:\n- {name: values, behavior: replace, files: [values.yaml]}\n",
        true,
    ),
    (
        "configurations: [refers.yaml]\n",
        "configMapGenerator:\n- {name: values, behavior: replace, files: [other.yaml=values.yaml]}\n",
        false,
    ),
    (
        "configurations: [refers.yaml]\n",
        "configMapGenerator:\n- {name: values, behavior: merge, files: [other.yaml=values.yaml]}\n",
        true,
    ),
    (
        "configurations: [refers.yaml]\n",
        "configMapGenerator:\n- {name: values, behavior: merge, literals: [values.yaml=x]}\n",
        false,
    ),
    ("configurations: [refers.yaml]\n", "namePrefix: east-\n", true),
    (
        "generatorOptions: {disableNameSuffixHash: true}\n",
        "configMapGenerator:\n- {name: values, behavior: merge, files: [values.yaml]}\n",
        true,
    ),
    (
        "",
        "configMapGenerator:\n- {name: values, behavior: merge, files: [values.yaml], options: {disableNameSuffixHash: true}}\n",
        true,
    ),
    ("", "configMapGenerator:\n- {name: values, behavior: merge, files: [values.yaml]}\n", false),
    (
        "generatorOptions: {disableNameSuffixHash: true}\n",
        "namePrefix: east-\nconfigMapGenerator:\n- {name: values, behavior: merge, files: [values.yaml]}\n",
        false,
    ),
];

fn checkout(base: &str, overlay: &str) -> Folder {
    let folder = Folder::new();
    folder.sh("mkdir base east west && git init -q -b main .").exits(0);
    folder.write("base/release.yaml", RELEASE);
    folder.write("base/refers.yaml", REFERS);
    folder.write("base/values.yaml", VALUES);
    folder.write("base/kustomization.yaml", format!("{BASE}{base}"));
    folder.write("west/kustomization.yaml", "resources: [../base]\n");
    folder.write("east/kustomization.yaml", format!("resources: [../base]\n{overlay}"));
    folder.write("east/values.yaml", OTHER);
    folder
}

/// The mode in the texts that the release of an overlay takes, as the real kustomize builds it; nothing where it takes
/// a map that is not there, or a key.
fn built(folder: &Folder, overlay: &str) -> Option<String> {
    let kubectl = helms().iter().find(|helm| helm.version == "4.3").unwrap().path.with_file_name("kubectl");
    let output = Command::new(kubectl).arg("kustomize").arg(folder.path(overlay)).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let objects: Vec<Value> = serde_yaml::Deserializer::from_slice(&output.stdout)
        .map(|document| serde::Deserialize::deserialize(document).unwrap())
        .collect();
    let release = objects.iter().find(|object| object["kind"] == "HelmRelease").unwrap();
    let mut mode = None;
    for reference in release["spec"]["valuesFrom"].as_sequence().unwrap() {
        let is_it = |object: &&Value| object["kind"] == "ConfigMap" && object["metadata"]["name"] == reference["name"];
        let map = objects.iter().find(is_it)?;
        let text = map["data"][reference["valuesKey"].as_str().unwrap_or("values.yaml")].as_str()?;
        let values: Value = serde_yaml::from_str(text).ok()?;
        mode = values["clusterMode"].as_str().map(str::to_owned).or(mode);
    }
    mode
}

fn said(folder: &Folder, overlay: &str) -> String {
    let json = folder.run("status -o json").exits(0).json();
    let rows = json["files"].as_array().unwrap().clone();
    // what no overlay takes is a row of its own
    let file = format!("{overlay}/kustomization.yaml");
    let row = rows.iter().find(|row| row["file"] == file.as_str()).unwrap();
    row["mode"].as_str().unwrap_or("unknown").to_owned()
}

#[test]
fn what_an_overlay_merges_into_a_generated_map_is_what_its_release_gets() {
    let more = "configMapGenerator:\n- {name: values, behavior: merge, files: [more.yaml=values.yaml]}\n";
    let more = format!("{more}{ONE_MORE}");
    let cases = CASES.iter().copied().chain([("configurations: [refers.yaml]\n", more.as_str(), true)]);
    for (base, overlay, is_read) in cases {
        let folder = checkout(base, overlay);
        for name in ["east", "west"] {
            let (said, built) = (said(&folder, name), built(&folder, name));
            let expected = built.clone().filter(|_| is_read || name == "west").unwrap_or("unknown".to_owned());
            assert_eq!(said, expected, "{name}\n{base}{overlay}");
        }
        let before = built(&folder, "west");
        let ran = folder.run("revert -q -f east/kustomization.yaml --pce-version 24.2.20 --write");
        if ran.code == Some(0) && !ran.stdout.is_empty() {
            assert_eq!(built(&folder, "east").unwrap(), "migrateClasToLegacy", "{ran}\n{base}{overlay}");
            assert_eq!(built(&folder, "west"), before, "{base}{overlay}");
        }
        assert_eq!(fs::read(folder.path("base/values.yaml")).unwrap(), VALUES.as_bytes());
    }
}
