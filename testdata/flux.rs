//! What a release of Flux takes from other files of its checkout: `ConfigMaps`, those that kustomize makes of files,
//! and the source of its chart. The real kustomize, in kubectl, says which release takes which values.

use std::{fs, os::unix::fs::symlink, process::Command};

use crate::support::helm::helms;
use crate::support::program::{Folder, Ran};
use serde_yaml::Value;

/// A release, modelled on the documentation of Flux, that takes its values from a `ConfigMap`.
const RELEASE: &str = "\
# https://fluxcd.io/flux/guides/helmreleases/#refer-to-values-in-configmaps-generated-with-kustomize
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: illumio
  namespace: illumio-system
spec:
  interval: 10m
  chartRef:
    kind: OCIRepository
    name: illumio
    namespace: flux-system
  valuesFrom:
    - kind: Secret
      name: illumio-credentials
    - kind: ConfigMap
      name: illumio-values
";

const SOURCE: &str = "\
# https://fluxcd.io/flux/components/source/ocirepositories/
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: illumio
  namespace: flux-system
spec:
  interval: 10m
  url: oci://quay.io/illumio/illumio
  ref:
    tag: 5.1.0
";

/// As the guide of Flux has it.
const CONFIGURATION: &str = "\
nameReference:
- kind: ConfigMap
  version: v1
  fieldSpecs:
  - path: spec/valuesFrom/name
    kind: HelmRelease
";

const VALUES: &str = "pce_url: pce.example.com:8443\nclusterMode: legacy # for now\nnetworkType: overlay\n";

/// A kustomization with the release, and what more it says.
fn kustomization(more: &str) -> String {
    format!(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [release.yaml]\n{more}\
         configMapGenerator:\n- name: illumio-values\n"
    )
}

/// A repository with a release in it, its source in another folder, and these files beside it.
fn checkout(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new();
    let all = [("apps/release.yaml", RELEASE), ("sources/illumio.yaml", SOURCE)];
    for (name, text) in all.iter().chain(files) {
        folder.write(name, text);
    }
    folder.sh("git init -q").exits(0);
    folder
}

/// `FILE RELEASE MODE DECIDED-IN VERSION` of each row.
fn said(ran: &Ran) -> Vec<String> {
    let json = ran.json();
    let words = |file: &serde_json::Value| {
        let words = ["file", "release", "mode", "decidedIn", "version"].map(|name| file[name].as_str());
        words.into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    json["files"].as_array().unwrap().iter().map(words).collect()
}

#[track_caller]
fn check(folder: &Folder, line: &str, expected: &[&str]) {
    assert_eq!(said(&folder.run(&format!("status -o json {line}")).exits(0).says_only("")), expected, "{line}");
}

/// What kustomize makes of a folder: the data of the `ConfigMap` that the release takes; nothing where it takes none.
fn taken(folder: &Folder, at: &str) -> Option<Value> {
    let kubectl = helms().iter().find(|helm| helm.version == "4.3").unwrap().path.with_file_name("kubectl");
    let output = Command::new(kubectl).arg("kustomize").arg(folder.path(at)).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let objects: Vec<Value> = serde_yaml::Deserializer::from_slice(&output.stdout)
        .map(|document| serde::Deserialize::deserialize(document).unwrap())
        .collect();
    let release = objects.iter().find(|object| object["kind"] == "HelmRelease").unwrap();
    let reference = &release["spec"]["valuesFrom"][1];
    let key = reference["valuesKey"].as_str().unwrap_or("values.yaml");
    let is_it = |object: &&Value| {
        let namespaces = [*object, release].map(|object| object["metadata"]["namespace"].as_str().unwrap_or("default"));
        object["kind"] == "ConfigMap"
            && object["metadata"]["name"] == reference["name"]
            && namespaces[0] == namespaces[1]
    };
    objects.iter().find(is_it).map(|map| map["data"][key].clone())
}

/// The real kustomize shows whether the release takes what is generated, and the step is made in the file from which
/// kustomize makes the `ConfigMap`.
#[test]
fn a_generated_configmap_is_that_of_its_file_where_the_release_takes_it() {
    const REFERS: &str = "configurations: [config.yaml]\nnamespace: illumio-system\n";
    const PLAIN: &str = "generatorOptions: {disableNameSuffixHash: true}\nnamespace: illumio-system\n";
    const FILES: &str = "  files: [values.yaml=illumio.yaml]\n";
    let cases: [(&str, &str, &str, bool); 12] = [
        (REFERS, FILES, RELEASE, true),
        (PLAIN, FILES, RELEASE, true),
        ("namespace: illumio-system\n", FILES, RELEASE, false),
        (
            "namespace: illumio-system\n",
            "  files: [values.yaml=illumio.yaml]\n  options: {disableNameSuffixHash: true}\n",
            RELEASE,
            true,
        ),
        (
            "",
            "  namespace: illumio-system\n  files: [values.yaml=illumio.yaml]\n  options: {disableNameSuffixHash: true}\n",
            RELEASE,
            true,
        ),
        (
            "",
            "  namespace: other\n  files: [values.yaml=illumio.yaml]\n  options: {disableNameSuffixHash: true}\n",
            RELEASE,
            false,
        ),
        ("configurations: [config.yaml]\nnamespace: illumio-system\nnamePrefix: east-\n", FILES, RELEASE, true),
        (
            "generatorOptions: {disableNameSuffixHash: true}\nnamespace: illumio-system\nnamePrefix: east-\n",
            FILES,
            RELEASE,
            false,
        ),
        (REFERS, "  files: [illumio.yaml]\n", "valuesKey: illumio.yaml", true),
        (REFERS, "  files:\n  - values.yaml=./sub/../illumio.yaml\n  - other.yaml=config.yaml\n", RELEASE, true),
        (REFERS, "  literals: [other.yaml=x]\n", RELEASE, false),
        (REFERS, "  files: [illumio.yaml]\n", RELEASE, false),
    ];
    for (more, generator, release, is_taken) in cases {
        let release = match release.strip_prefix("valuesKey: ") {
            Some(key) => {
                RELEASE.replace("name: illumio-values", &format!("name: illumio-values\n      valuesKey: {key}"))
            }
            None => release.to_owned(),
        };
        let text = kustomization(more) + generator;
        let folder = checkout(&[
            ("apps/kustomization.yaml", &text),
            ("apps/config.yaml", CONFIGURATION),
            ("apps/illumio.yaml", VALUES),
            ("apps/release.yaml", &release),
        ]);
        fs::create_dir(folder.path("apps/sub")).unwrap();
        assert_eq!(taken(&folder, "apps").is_some_and(|data| data.as_str() == Some(VALUES)), is_taken, "{text}");
        if !is_taken {
            check(&folder, "apps/release.yaml", &["apps/release.yaml illumio 5.1.0"]);
            let ran = folder.run("migrate -f apps/release.yaml --pce-version 24.2.20").exits(1).prints("");
            ran.says(
                "error[mode-elsewhere]: no file that was read sets the mode; these were not read and may set it: \
                 Secret `illumio-credentials`, which is in none of the files that were read; ConfigMap `illumio-values`, ",
            );
            continue;
        }
        let row = |mode: &str| format!("apps/release.yaml illumio {mode} apps/illumio.yaml 5.1.0");
        check(&folder, "", &[&row("legacy")]);
        check(&folder, "-f apps/release.yaml .", &[&row("legacy")]);
        check(&folder, "apps", &[&row("legacy")]);
        for (line, mode) in
            [("migrate", "migrateLegacyToClas"), ("migrate --finish", "clas"), ("revert", "migrateClasToLegacy")]
        {
            folder.run(&format!("{line} --write -f apps/release.yaml --pce-version 24.2.20")).exits(0);
            let expected = VALUES.replace("legacy", mode);
            assert_eq!(String::from_utf8(folder.read("apps/illumio.yaml")).unwrap(), expected);
            assert_eq!(taken(&folder, "apps").unwrap(), expected, "{text}");
            check(&folder, ".", &[&row(mode)]);
        }
        // nothing else is written
        assert_eq!(String::from_utf8(folder.read("apps/kustomization.yaml")).unwrap(), text);
        assert_eq!(String::from_utf8(folder.read("apps/release.yaml")).unwrap(), release);
    }
}

/// A `ConfigMap` in a file of its own.
fn map(namespace: &str) -> String {
    let indented = VALUES.replace('\n', "\n    ");
    let indented = indented.trim_end_matches(' ');
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: illumio-values, namespace: {namespace}}}\ndata:\n  \
         values.yaml: |\n    {indented}"
    )
}

#[test]
fn a_configmap_of_another_file_is_read_through_the_release_that_takes_it() {
    let other = map("illumio-system").replace("illumio-values", "other-values").replace("legacy", "clas");
    let text = format!("{}---\n{other}", map("illumio-system"));
    let folder = checkout(&[("maps/illumio.yaml", &text)]);
    let rows = ["apps/release.yaml illumio legacy maps/illumio.yaml 5.1.0", "maps/illumio.yaml other-values clas"];
    check(&folder, "", &rows);
    check(&folder, "apps", &rows[..1]);
    folder.run("migrate --write -f apps/release.yaml --pce-version 24.2.20").exits(0);
    let expected = text.replacen("legacy", "migrateLegacyToClas", 1);
    assert_eq!(String::from_utf8(folder.read("maps/illumio.yaml")).unwrap(), expected);
    let ran = folder.run("check apps/release.yaml maps/illumio.yaml -o json").exits(0);
    let files = ran.json()["files"].clone();
    assert_eq!(files[0]["mode"], "migrateLegacyToClas");
    assert_eq!(files[1]["findings"][0]["rule"], "left-in-migration");
    // of another namespace, or where there are several, it is not known which
    folder.write("maps/illumio.yaml", map("other"));
    check(&folder, "apps", &["apps/release.yaml illumio 5.1.0"]);
    folder.write("maps/illumio.yaml", map("illumio-system"));
    folder.write("maps/east.yaml", map("illumio-system"));
    let ran = folder.run("migrate -f apps/release.yaml --pce-version 24.2.20").exits(1);
    ran.says("of which there are several: maps/east.yaml, maps/illumio.yaml");
    // but naming one of them settles it
    let ran = folder.run("migrate -f apps/release.yaml -f maps/east.yaml --pce-version 24.2.20").exits(0);
    assert!(ran.stdout.starts_with("--- a/maps/east.yaml\n"), "{ran}");
}

#[test]
fn nothing_is_read_outside_of_the_checkout() {
    let folder = Folder::new();
    fs::create_dir_all(folder.path("repo/apps")).unwrap();
    fs::create_dir(folder.path("elsewhere")).unwrap();
    folder.write("elsewhere/map.yaml", map("illumio-system"));
    folder.write("elsewhere/source.yaml", SOURCE);
    folder.write("repo/apps/release.yaml", RELEASE);
    symlink(folder.path("elsewhere/map.yaml"), folder.path("repo/apps/map.yaml")).unwrap();
    symlink(folder.path("elsewhere"), folder.path("repo/elsewhere")).unwrap();
    folder.sh("git init -q repo").exits(0);
    let row = ["repo/apps/release.yaml illumio"];
    check(&folder, "repo", &row);
    let ran = folder.run("migrate -f repo/apps/release.yaml --pce-version 24.2.20").exits(1).prints("");
    ran.says("ConfigMap `illumio-values`, which is in none of the files that were read").says(
        "error[version-missing]: no chart version is given: the manifest refers to OCIRepository `illumio`, and the \
         files of this checkout have none of that name of namespace `flux-system`",
    );
    // nor is a file that a kustomization makes a ConfigMap of
    folder.write("elsewhere/illumio.yaml", VALUES);
    let text = kustomization("generatorOptions: {disableNameSuffixHash: true}\n")
        + "  files: [values.yaml=../../elsewhere/illumio.yaml]\n";
    folder.write("repo/apps/kustomization.yaml", text);
    check(&folder, "repo", &row);
    let ran = folder.run("migrate -f repo/apps/release.yaml --pce-version 24.2.20").exits(1);
    ran.says("ConfigMap `illumio-values`, generated from elsewhere/illumio.yaml, which does not exist");
}

#[test]
fn the_version_is_that_of_the_source_of_the_chart_in_the_same_checkout() {
    let folder = checkout(&[("maps/illumio.yaml", &map("illumio-system"))]);
    let migrate = "migrate -f apps/release.yaml --pce-version 24.2.20";
    folder.run(&format!("{migrate} --version 5.2.0")).exits(1).says("error[mode-and-version-together]");
    for (reference, message) in [
        ("semver: '>=5.1.0'", " --> sources/illumio.yaml:11:13\n"),
        ("tag: latest", " --> sources/illumio.yaml:11:10\n"),
    ] {
        folder.write("sources/illumio.yaml", SOURCE.replace("tag: 5.1.0", reference));
        let ran = folder.run(migrate).exits(1).says("error[version-not-exact]: the version beside the values: ");
        ran.says(message);
        folder.run("check apps/release.yaml").exits(1);
        let text = folder.run("status apps").exits(0).stdout;
        assert!(text.contains("error[version-not-exact]: sources/illumio.yaml line 11: "), "{text}");
    }
    folder.write("sources/illumio.yaml", SOURCE.replace("tag: 5.1.0", "digest: sha256:00"));
    folder.run(migrate).exits(1).says("a digest decides which chart is installed, and does not say its version");
    folder.run(&format!("{migrate} --version 5.1.0")).exits(0);
    // a digest decides, whatever tag is beside it
    folder.write("sources/illumio.yaml", SOURCE.replace("tag: 5.1.0", "tag: 5.1.0\n    digest: sha256:00"));
    folder.run(migrate).exits(1).says("a digest decides which chart is installed, and does not say its version");
    folder.run(&format!("{migrate} --version 5.1.0")).exits(0);
    // the one of this namespace
    folder.write("sources/illumio.yaml", SOURCE);
    folder.write("sources/other.yaml", SOURCE.replace("flux-system", "other").replace("5.1.0", "5.2.0"));
    folder.run(migrate).exits(0);
    folder.write("sources/again.yaml", SOURCE.replace("5.1.0", "5.2.0"));
    folder.run(migrate).exits(1).says("of which there are several: sources/again.yaml, sources/illumio.yaml\n");
    folder.run(&format!("{migrate} -f sources/again.yaml")).exits(0).says("(chart 5.2.0, PCE 24.2.20)");
}

/// Each cluster has a folder of its own, with the same names in each.
#[test]
fn of_several_objects_of_one_name_the_nearest_counts_and_none_that_is_of_another_release() {
    let map = map("illumio-system");
    let files = [
        ("clusters/east/apps/release.yaml", RELEASE),
        ("clusters/east/config/map.yaml", &map),
        ("clusters/west/release.yaml", RELEASE),
        ("clusters/west/map.yaml", &map.replace("legacy", "clas")),
        ("clusters/west/source.yaml", &SOURCE.replace("5.1.0", "5.2.0")),
        ("clusters/north/release.yaml", RELEASE),
        ("clusters/south/base/release.yaml", RELEASE),
        ("clusters/south/one/map.yaml", &map),
        ("clusters/south/two/map.yaml", &map),
    ];
    let folder = checkout(&files);
    fs::remove_file(folder.path("apps/release.yaml")).unwrap();
    let rows = [
        "clusters/east/apps/release.yaml illumio legacy clusters/east/config/map.yaml 5.1.0",
        "clusters/north/release.yaml illumio 5.1.0",
        "clusters/south/base/release.yaml illumio 5.1.0",
        "clusters/west/release.yaml illumio clas clusters/west/map.yaml 5.2.0",
    ];
    check(&folder, "", &rows);
    check(&folder, "clusters/west", &rows[3..]);
    let several = "of which there are several: clusters/south/one/map.yaml, clusters/south/two/map.yaml";
    folder.run("migrate -f clusters/south/base/release.yaml --pce-version 24.2.20").exits(1).says(several);
}

#[test]
fn a_configmap_that_another_release_takes_too_is_not_changed_for_one() {
    let release = |name: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}, namespace: flux}}\nspec:\n  \
             chart: {{spec: {{chart: illumio, version: 5.1.0, sourceRef: {{kind: HelmRepository, name: x}}}}}}\n  \
             valuesFrom: [{{kind: ConfigMap, name: shared}}]\n  values: {{pce_url: '{name}:1'}}\n"
        )
    };
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared, namespace: flux}\ndata:\n  values.yaml: |\n    \
               clusterMode: legacy\n";
    // no file names the other one: the object does
    let folder = checkout(&[("east.yaml", &release("east")), ("of/both.yaml", map)]);
    let words = "migrate -f east.yaml --pce-version 24.2.20 --write -o json";
    let step = |code| folder.run(words).exits(code).json();
    folder.write("west.yaml", release("west"));
    let answer = step(1);
    let rules: Vec<_> = answer["findings"].as_array().unwrap().iter().map(|found| found["rule"].clone()).collect();
    assert!(rules.contains(&"several-clusters-at-once".into()), "{answer:#}");
    assert_eq!(folder.read("of/both.yaml"), map.as_bytes());
    fs::remove_file(folder.path("west.yaml")).unwrap();
    assert_eq!(step(0)["written"], true);
}
