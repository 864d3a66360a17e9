//! `helm clas upgrade`: the version beside the values is edited, and nothing else; where there is none, the command
//! names it.

use crate::support::{
    program::{Folder, Ran},
    schema::fits,
};

const TO: &str = "--version 5.1.0 --pce-version 24.2.20";

const RELEASE: &str = "apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: east, namespace: flux-system}
spec:
  releaseName: illumio
  chart:
    spec:
      chart: illumio
      version: 4.3.0 # pinned
      sourceRef: {kind: HelmRepository, name: illumio}
  values:
    clusterMode: legacy
    pce_url: pce.example.com:8443
";

const APPLICATION: &str = "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: east}
spec:
  source:
    repoURL: quay.io/illumio
    chart: illumio
    targetRevision: '4.3.0'
    helm:
      values: |
        clusterMode: legacy
        pce_url: pce.example.com:8443
  destination: {server: https://kubernetes.default.svc, namespace: illumio-system}
";

const HELMFILE: &str = "releases:
  - name: east
    chart: oci://quay.io/illumio/illumio
    version: \"4.3.0\"
    values: [{clusterMode: legacy}]
  - name: west
    chart: oci://quay.io/illumio/illumio
    version: 5.0.5
    values: [{clusterMode: clas}]
";

fn upgrade(folder: &Folder, words: &str) -> Ran {
    folder.run(&format!("upgrade {words}"))
}

/// The version of a file is edited, and no other byte.
#[track_caller]
fn edits(name: &str, text: &str, more: &str, expected: &str) {
    let folder = Folder::with(name, text);
    let shown = upgrade(&folder, &format!("-f {name} {TO} {more} -o json")).exits(0);
    let answer = shown.json();
    fits(&answer);
    assert_eq!(answer["status"], "edit", "{answer:#}");
    assert_eq!(folder.read(name), text.as_bytes(), "shown, not written");
    let answer = upgrade(&folder, &format!("-f {name} {TO} {more} --write -o json")).exits(0).json();
    assert_eq!(answer["written"], true);
    assert_eq!(String::from_utf8(folder.read(name)).unwrap(), expected);
    let again = upgrade(&folder, &format!("-f {name} {TO} {more} --write -o json")).exits(0).json();
    fits(&again);
    assert_eq!(again["status"], "already", "{again:#}");
}

/// It is refused by a rule, and nothing is written.
#[track_caller]
fn refuses(name: &str, text: &str, more: &str, rule: &str) {
    let folder = Folder::with(name, text);
    let ran = upgrade(&folder, &format!("-f {name} {more} --write -o json")).exits(1);
    let answer = ran.json();
    fits(&answer);
    let rules: Vec<&str> =
        answer["findings"].as_array().unwrap().iter().map(|found| found["rule"].as_str().unwrap()).collect();
    assert!(rules.contains(&rule), "{answer:#}");
    assert_eq!((&answer["status"], &answer["written"]), (&"refused".into(), &false.into()));
    assert_eq!(folder.read(name), text.as_bytes());
}

#[test]
fn the_version_beside_the_values_is_edited() {
    edits("release.yaml", RELEASE, "", &RELEASE.replace("4.3.0", "5.1.0"));
    edits("application.yaml", APPLICATION, "", &APPLICATION.replace("4.3.0", "5.1.0"));
    edits("helmfile.yaml", HELMFILE, "--path east", &HELMFILE.replacen("4.3.0", "5.1.0", 1));
    edits("helmfile.yaml", HELMFILE, "--path west", &HELMFILE.replace("version: 5.0.5", "version: 5.1.0"));
    // a version that is a number for YAML
    edits("release.yaml", &RELEASE.replace("4.3.0", "4.3"), "", &RELEASE.replace("4.3.0", "5.1.0"));
}

#[test]
fn the_version_of_an_object_that_the_manifest_names_is_edited_there() {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: east}\nspec:\n  \
                   chartRef: {kind: OCIRepository, name: illumio}\n  values: {clusterMode: legacy, pce_url: 'a:1'}\n";
    let source = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: illumio}\nspec:\n  \
                  url: oci://quay.io/illumio/illumio\n  ref: {tag: 4.3.0}\n";
    let folder = Folder::with("release.yaml", release);
    folder.write("source.yaml", source);
    let ran = upgrade(&folder, &format!("-f release.yaml -f source.yaml {TO} --write -o json")).exits(0);
    assert_eq!(ran.json()["file"], "source.yaml");
    assert_eq!(String::from_utf8(folder.read("source.yaml")).unwrap(), source.replace("4.3.0", "5.1.0"));
    assert_eq!(folder.read("release.yaml"), release.as_bytes());
    // beside a digest the tag decides nothing (Flux, `OCIRepository`, `ref`)
    let digested = source.replace("{tag: 4.3.0}", "{tag: 4.3.0, digest: 'sha256:00'}");
    folder.write("source.yaml", &digested);
    let ran = upgrade(&folder, &format!("-f release.yaml -f source.yaml {TO} --write")).exits(1);
    ran.says("error[version-not-exact]: the digest decides which chart is installed").says(" source.yaml:6:");
    assert_eq!(folder.read("source.yaml"), digested.as_bytes());
}

#[test]
fn an_umbrella_chart_pins_the_version_in_its_chart_yaml() {
    let chart = "apiVersion: v2\nname: security\nversion: 1.0.0\ndependencies:\n- name: illumio\n  version: 4.3.0\n  \
                 repository: oci://quay.io/illumio\n";
    let values = "illumio:\n  clusterMode: legacy\n  pce_url: pce.example.com:8443\n";
    let folder = Folder::with("Chart.yaml", chart);
    folder.write("values.yaml", values);
    let answer = upgrade(&folder, &format!("-f values.yaml {TO} --write -o json")).exits(0).json();
    fits(&answer);
    assert_eq!(answer["status"], "edit", "{answer:#}");
    assert_eq!(String::from_utf8(folder.read("Chart.yaml")).unwrap(), chart.replace("4.3.0", "5.1.0"));
    assert_eq!(folder.read("values.yaml"), values.as_bytes());
    assert_eq!(answer["commands"][0][1], "dependency", "{answer:#}");
}

#[test]
fn plain_values_are_upgraded_by_the_command() {
    let folder = Folder::with("values.yaml", "clusterMode: legacy\npce_url: pce.example.com:8443\n");
    let ran = upgrade(&folder, &format!("-f values.yaml {TO}")).exits(0);
    ran.says("helm upgrade illumio -n illumio-system -f values.yaml");
    let answer = upgrade(&folder, &format!("-f values.yaml {TO} --write -o json")).exits(0).json();
    fits(&answer);
    assert_eq!((&answer["status"], &answer["written"]), (&"command".into(), &false.into()));
    let words: Vec<&str> =
        answer["commands"][0].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    assert!(words.ends_with(&["--version", "5.1.0"]), "{words:?}");
}

#[test]
fn mode_and_version_are_never_moved_together() {
    for mode in ["migrateLegacyToClas", "migrateClasToLegacy"] {
        refuses("release.yaml", &RELEASE.replace("legacy", mode), TO, "version-changed-in-migration");
    }
    refuses("release.yaml", &RELEASE.replace("legacy", "unpair"), TO, "wrong-step");
    refuses("release.yaml", &RELEASE.replace("legacy", "klas"), TO, "unknown-mode");
}

#[test]
fn versions_are_exact_and_fit_the_pce() {
    refuses("release.yaml", RELEASE, "--version 5.1 --pce-version 24.2.20", "version-not-exact");
    refuses("release.yaml", RELEASE, "--pce-version 24.2.20", "version-missing");
    refuses("release.yaml", RELEASE, "--version 5.1.0", "pce-version-missing");
    refuses("release.yaml", RELEASE, "--version 5.1.0 --pce-version 21.5.10", "pce-too-old");
}

#[test]
fn one_version_of_several_clusters_is_not_moved_for_one() {
    let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: all}\nspec:\n  generators:\n  \
               - list:\n      elements:\n      - {cluster: east, mode: legacy}\n      - {cluster: west, mode: clas}\n  \
               template:\n    metadata: {name: '{{cluster}}'}\n    spec:\n      source:\n        repoURL: quay.io/illumio\n        \
               chart: illumio\n        targetRevision: 4.3.0\n        helm:\n          valuesObject: {clusterMode: '{{mode}}', pce_url: 'a:1'}\n      \
               destination: {server: x, namespace: illumio-system}\n";
    refuses("set.yaml", set, &format!("{TO} --path east"), "several-clusters-at-once");
    refuses("helmfile.yaml", HELMFILE, TO, "several-places");
}

/// An ApplicationSet that takes the version from its elements, and the mode as given.
fn set_of(generators: &str, version: &str, mode: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: all}}\nspec:\n  goTemplate: {}\n  \
         generators:\n{generators}  template:\n    metadata: {{name: 'c'}}\n    spec:\n      source:\n        repoURL: \
         quay.io/illumio\n        chart: illumio\n        targetRevision: '{version}'\n        helm:\n          valuesObject: \
         {{clusterMode: '{mode}', pce_url: 'a:1'}}\n      destination: {{server: x, namespace: illumio-system}}\n",
        version.contains("{{."),
    )
}

const ELEMENTS: &str = "  - list:\n      elements:\n      - {cluster: east, mode: legacy, version: 4.3.0}\n      - {cluster: \
                        west, mode: clas, version: 5.0.5}\n";

#[test]
fn a_version_in_the_element_of_a_generator_is_edited_there() {
    for (version, mode) in [
        ("{{version}}", "{{mode}}"),
        ("{{.version}}", "{{.mode}}"),
        // the mode is one for all, the version is not
        ("{{ version }}", "legacy"),
        ("{{version}}", "legacy"),
    ] {
        let set = set_of(ELEMENTS, version, mode);
        edits("set.yaml", &set, "--path east", &set.replace("4.3.0", "5.1.0"));
        edits("set.yaml", &set, "--path west", &set.replace("5.0.5", "5.1.0"));
    }
    let one = set_of("  - list:\n      elements:\n      - {cluster: east, version: 4.3.0}\n", "{{version}}", "legacy");
    edits("set.yaml", &one, "", &one.replace("4.3.0", "5.1.0"));
    let merged = "  - merge:\n      mergeKeys: [cluster]\n      generators:\n      - list: {elements: [{cluster: east, mode: \
                  legacy, version: 4.3.0}, {cluster: west, mode: legacy, version: 4.4.0}]}\n      - list: {elements: [{cluster: \
                  west, version: 4.5.0}]}\n";
    let set = set_of(merged, "{{version}}", "{{mode}}");
    edits("set.yaml", &set, "--path west", &set.replace("4.5.0", "5.1.0"));
    edits("set.yaml", &set, "--path east", &set.replace("4.3.0", "5.1.0"));
}

#[test]
fn a_version_that_elements_share_or_only_complete_is_refused() {
    let matrix = "  - matrix:\n      generators:\n      - clusters: {}\n      - list: {elements: [{cluster: east, mode: legacy, \
                  version: 4.3.0}]}\n";
    refuses(
        "set.yaml",
        &set_of(matrix, "{{version}}", "{{mode}}"),
        &format!("{TO} --path east"),
        "several-clusters-at-once",
    );
    let shared = ELEMENTS.replace("version: 4.3.0", "version: &v 4.3.0").replace("version: 5.0.5", "version: *v");
    refuses("set.yaml", &set_of(&shared, "{{version}}", "{{mode}}"), &format!("{TO} --path east"), "unfaithful-edit");
    // the template completes it, or nothing says it
    for version in ["v{{version}}", "{{major}}.0", "{{ default version }}"] {
        for mode in ["{{mode}}", "legacy"] {
            let all = "--path east --allow several-clusters-at-once";
            refuses("set.yaml", &set_of(ELEMENTS, version, mode), &format!("{TO} {all}"), "version-not-exact");
        }
    }
    refuses("set.yaml", &set_of(ELEMENTS, "{{chart}}", "{{mode}}"), &format!("{TO} --path east"), "version-missing");
    // what another tool fills in decides it, for this cluster or for more
    for version in ["'${ILLUMIO_VERSION}'", "'{{ .Values.version }}'", "ENC[AES256_GCM,data:x]"] {
        refuses("release.yaml", &RELEASE.replace("4.3.0", version), TO, "version-not-exact");
    }
}

#[test]
fn a_kustomization_and_a_helm_chart_of_k3s_are_upgraded_where_they_say_the_version() {
    let kustomization = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nhelmCharts:\n- name: illumio\n  \
                         repo: oci://quay.io/illumio\n  releaseName: illumio\n  namespace: illumio-system\n  version: 4.3.0 # \
                         pinned\n  valuesInline:\n    clusterMode: legacy\n    pce_url: pce.example.com:8443\n";
    edits("kustomization.yaml", kustomization, "", &kustomization.replace("4.3.0", "5.1.0"));
    let by_file = kustomization.replace(
        "  valuesInline:\n    clusterMode: legacy\n    pce_url: pce.example.com:8443\n",
        "  valuesFile: v.yaml\n",
    );
    let folder = Folder::with("kustomization.yaml", &by_file);
    folder.write("v.yaml", "clusterMode: legacy\npce_url: pce.example.com:8443\n");
    let answer = answers(&folder, "-f kustomization.yaml --write", 0);
    assert_eq!(folder.read("kustomization.yaml"), by_file.replace("4.3.0", "5.1.0").as_bytes());
    assert!(answer["commands"].to_string().contains("kustomize build --enable-helm"), "{answer:#}");
    let two = format!(
        "{kustomization}- name: illumio\n  releaseName: second\n  version: 4.4.0\n  valuesInline: {{clusterMode: legacy, pce_url: 'a:1'}}\n"
    );
    edits("kustomization.yaml", &two, "--path second", &two.replace("4.4.0", "5.1.0"));
    let chart = "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: illumio, namespace: kube-system}\nspec:\n  \
                 chart: oci://quay.io/illumio/illumio\n  version: \"4.3.0\"\n  targetNamespace: illumio-system\n  valuesContent: \
                 |-\n    clusterMode: legacy\n    pce_url: pce.example.com:8443\n";
    edits("chart.yaml", chart, "", &chart.replace("4.3.0", "5.1.0"));
    // the values that decide are in the object beside it
    let config = "---\napiVersion: helm.cattle.io/v1\nkind: HelmChartConfig\nmetadata: {name: illumio, namespace: \
                  kube-system}\nspec:\n  valuesContent: |-\n    clusterMode: clas\n";
    let both = format!("{}{config}", chart.replace("4.3.0", "5.0.5"));
    edits("chart.yaml", &both, "", &both.replace("5.0.5", "5.1.0"));
    refuses("chart.yaml", &chart.replace("  version: \"4.3.0\"\n", ""), TO, "version-missing");
    refuses("chart.yaml", &both.replace("5.0.5", "4.3.0"), TO, "chart-too-old");
}

#[test]
fn that_a_chart_is_too_old_is_said_once() {
    for (mode, pinned, to) in [
        ("clas", "4.3.0", "4.4.0"),
        ("clas", "5.0.0", "5.0.5"),
        ("clas", "4.3.0", "5.1.0"),
        ("migrateLegacyToClas", "5.0.0", "5.0.5"),
    ] {
        let release = RELEASE.replace("clusterMode: legacy", &format!("clusterMode: {mode}")).replace("4.3.0", pinned);
        for text in [release, format!("clusterMode: {mode}\npce_url: pce.example.com:8443\n")] {
            let folder = Folder::with("file.yaml", &text);
            for word in ["upgrade", "runbook"] {
                let ran = folder.run(&format!("{word} -f file.yaml --version {to} --pce-version 24.2.20"));
                assert!(ran.stderr.matches("[chart-too-old]").count() <= 1, "{ran}");
            }
        }
    }
}

#[test]
fn what_the_values_need_for_the_version_is_judged_first() {
    let folder =
        Folder::with("values.yaml", "clusterMode: legacy\npce_url: 'https://pce.example.com'\nignoreCert: true\n");
    let ran = upgrade(&folder, &format!("-f values.yaml {TO} -o json")).exits(1);
    let answer = ran.json();
    fits(&answer);
    let rules: Vec<&str> =
        answer["findings"].as_array().unwrap().iter().map(|found| found["rule"].as_str().unwrap()).collect();
    assert!(rules.contains(&"bad-pce-url") && rules.contains(&"renamed-value"), "{rules:?}");
    assert_eq!(answer["commands"].as_array().unwrap().len(), 0);
}

/// The rules and the whole answer of an upgrade in a folder.
#[track_caller]
fn answers(folder: &Folder, words: &str, code: i32) -> serde_json::Value {
    let answer = upgrade(folder, &format!("{words} {TO} -o json")).exits(code).json();
    fits(&answer);
    answer
}

#[test]
fn terraform_and_fleet_files_are_upgraded_where_they_say_the_version() {
    let resource = "resource \"helm_release\" \"illumio\" {\n  name = \"illumio\"\n  repository = \"oci://quay.io/illumio\"\n  \
                    chart = \"illumio\"\n  version = \"4.3.0\" # pinned\n  values = [yamlencode({ clusterMode = \"legacy\" })]\n}\n";
    edits("main.tf", resource, "", &resource.replace("4.3.0", "5.1.0"));
    let variable = resource.replace("\"4.3.0\"", "var.chart");
    let folder = Folder::with("main.tf", &variable);
    let answer = answers(&folder, "-f main.tf", 1);
    let message = answer["findings"][0]["message"].as_str().unwrap();
    assert_eq!(message, "Terraform fills in the version beside the values, `${var.chart}`, so it is not known");
    let fleet = "defaultNamespace: illumio-system\nhelm:\n  releaseName: illumio\n  chart: oci://quay.io/illumio/illumio\n  \
                 version: 4.3.0\n  values: {clusterMode: legacy}\ntargetCustomizations:\n- name: east\n  clusterName: east\n  \
                 helm:\n    version: 4.4.0\n- name: west\n  clusterName: west\n  helm: {values: {clusterMode: legacy}}\n";
    edits("fleet.yaml", fleet, "--path east", &fleet.replace("4.4.0", "5.1.0"));
    refuses("fleet.yaml", fleet, &format!("{TO} --path illumio"), "several-clusters-at-once");
    refuses("fleet.yaml", fleet, &format!("{TO} --path west"), "several-clusters-at-once");
    let all = "--path illumio --allow several-clusters-at-once";
    edits("fleet.yaml", fleet, all, &fleet.replace("4.3.0", "5.1.0"));
}

#[test]
fn a_version_that_other_manifests_take_is_not_moved_for_one() {
    let release = |name: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}}}\nspec:\n  chartRef: \
             {{kind: OCIRepository, name: illumio}}\n  values: {{clusterMode: legacy, pce_url: 'a:1'}}\n"
        )
    };
    let source = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: illumio}\nspec:\n  \
                  url: oci://quay.io/illumio/illumio\n  ref: {tag: 4.3.0}\n";
    let folder = Folder::with("source.yaml", source);
    folder.write("east.yaml", release("east"));
    assert_eq!(answers(&folder, "-f east.yaml -f source.yaml", 0)["status"], "edit");
    folder.write("west.yaml", release("west"));
    let answer = answers(&folder, "-f east.yaml -f source.yaml --write", 1);
    let found = &answer["findings"][0];
    assert_eq!((&found["rule"], &found["file"]), (&"several-clusters-at-once".into(), &"source.yaml".into()));
    assert!(found["message"].as_str().unwrap().contains("east in east.yaml, west in west.yaml"), "{found}");
    assert_eq!(folder.read("source.yaml"), source.as_bytes());
    let allowed = "-f east.yaml -f source.yaml --allow several-clusters-at-once";
    assert_eq!(answers(&folder, allowed, 0)["findings"][0]["severity"], "warning");
}

#[test]
fn an_older_version_is_no_upgrade() {
    refuses("release.yaml", &RELEASE.replace("4.3.0", "5.2.0"), TO, "wrong-step");
}
