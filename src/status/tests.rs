//! Small files of every kind, and the modes of the clusters that they are about.

use super::*;
use crate::Texts;

/// `clas 1:14`, `legacy default`, `unknown: klas ...`, `- overridden`.
fn said(standing: &Standing) -> String {
    let mode = standing.mode.map_or(if standing.is_overridden { "-" } else { "unknown" }, ClusterMode::as_str);
    let release = standing.release.as_ref().map(|release| format!("{release} ")).unwrap_or_default();
    let place = match standing.position {
        Some(Position { line, column }) => format!(" {line}:{column}"),
        None if standing.is_default() => " default".to_owned(),
        None => String::new(),
    };
    let version = standing.version.as_ref().map(|version| format!(" chart {version}")).unwrap_or_default();
    let overridden = if standing.is_overridden { " overridden" } else { "" };
    let rules: Vec<&str> = standing.errors().map(|noted| noted.finding.rule.name()).collect();
    format!("{release}{mode}{place}{version}{overridden} {}", rules.join(" ")).trim_end().to_owned()
}

#[track_caller]
fn check_with(chart: Option<&str>, path: Option<&str>, bytes: &[u8], expected: &[&str]) {
    let texts = Texts::new();
    let mut files = Files::of(&texts, [("values.yaml", bytes)]);
    if let Some(chart) = chart {
        files.add("Chart.yaml", chart);
    }
    let found = found_in(&files, 0, path);
    assert_eq!(found.iter().map(said).collect::<Vec<_>>(), expected, "{}", String::from_utf8_lossy(bytes));
}

fn merged_of(all: &[&str]) -> Vec<Standing> {
    let texts = Texts::new();
    let files = Files::of(&texts, all.iter().map(|text| ("values.yaml", *text)));
    merged(&files, &(0..all.len()).collect::<Vec<_>>(), &[], None)
}

fn found(name: &str, text: &str) -> Vec<Standing> {
    let texts = Texts::new();
    found_in(&Files::of(&texts, [(name, text)]), 0, None)
}

/// A file that is found in a folder.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    check_with(None, None, text.as_bytes(), expected);
}

/// The files of one cluster.
#[track_caller]
fn check_merged(texts: &[&str], expected: &[&str]) {
    let standings = merged_of(texts);
    assert_eq!(standings.iter().map(said).collect::<Vec<_>>(), expected);
}

#[test]
fn a_values_file_is_told_by_its_keys() {
    check("clusterMode: clas\n", &["clas 1:14"]);
    check("pce_url: pce.example.com:8443\n", &["legacy default"]);
    check("illumio:\n  clusterMode: clas\n", &["clas 2:16"]);
    check("replicas: 2\n", &[]);
    check("name: our-cluster\n", &[]);
    check("", &[]);
}

#[test]
fn a_mode_that_cannot_be_told_is_unknown() {
    check("clusterMode: klas\n", &["unknown 1:14 unknown-mode"]);
    check("clusterMode:\n", &["unknown 1:1 blank-mode"]);
    check("clusterMode: clas\nclusterMode: legacy\n", &["unknown 2:1 duplicate-key"]);
    check("clusterMode: '{{ .mode }}'\n", &["unknown 1:14 template-in-values"]);
}

#[test]
fn what_helm_does_not_read_leaves_the_default() {
    check("cluster_mode: clas\n", &["legacy default misspelled-key"]);
}

#[test]
fn a_broken_file_is_shown_where_it_looks_like_ours() {
    check("clusterMode: clas\n x: [\n", &["unknown invalid-yaml"]);
    check("clusterMode: clas\n---\na: 1\n", &["unknown several-documents"]);
    check("illumio:\n  clusterMode: clas\n x: [\n", &["unknown invalid-yaml"]);
    check("web:\n  cluster_id: 7\n x: [\n", &[]);
    check("our cluster: [\n", &[]);
    check_with(None, None, b"clusterMode: clas # Stra\xdfe\n", &["unknown invalid-yaml"]);
    check_with(None, None, b"\xff\xfec\0l\0u\0s\0t\0e\0r\0M\0o\0d\0e\0:\0\n\0", &["unknown outside-dialect"]);
    check_with(None, None, b"\x7fELF cluster\xff\n", &[]);
}

#[test]
fn an_umbrella_chart_tells_the_key_and_the_version() {
    let chart = Some("dependencies:\n- {name: illumio, alias: sec, version: 5.1.0}\n");
    check_with(chart, None, b"sec:\n  clusterMode: clas\n", &["clas 2:16 chart 5.1.0"]);
    check_with(chart, None, b"sec:\n  verbosity: 1\n", &["legacy default chart 5.1.0"]);
    check_with(chart, None, b"web:\n  replicas: 1\n", &[]);
    check_with(chart, None, b"dependencies:\n- name: illumio\n", &[]);
}

#[test]
fn a_path_names_the_place() {
    check_with(None, Some("a.b"), b"a: {b: {clusterMode: clas}}\n", &["clas 1:22"]);
    check_with(None, Some("a.b"), b"clusterMode: clas\n", &[]);
    let two = b"releases:\n- name: east\n  chart: x/illumio\n  values: [clusterMode: clas]\n- name: west\n  chart: x/illumio\n";
    // the second has no values that could take a mode
    check_with(None, Some("west"), two, &["west legacy default outside-dialect version-missing"]);
    check_with(
        None,
        None,
        two,
        &["east clas 4:25 version-missing", "west legacy default outside-dialect version-missing"],
    );
    check_with(None, Some("north"), two, &[]);
}

#[test]
fn a_template_of_several_clusters_is_none_itself() {
    let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: illumio}\nspec:\n  generators:\n  - list:\n      elements:\n      - {cluster: east, clusterMode: clas}\n      - {cluster: west, clusterMode: legacy}\n  template:\n    spec:\n      source:\n        chart: illumio\n        helm:\n          valuesObject:\n            clusterMode: '{{clusterMode}}'\n";
    check(set, &["east clas 8:38 version-missing", "west legacy 9:38 version-missing"]);
}

#[test]
fn a_mode_that_is_overridden_from_elsewhere_is_unknown() {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio}\nspec:\n  chart: {spec: {chart: illumio, version: 5.1.0}}\n  valuesFrom: [{kind: ConfigMap, name: mode, targetPath: clusterMode}]\n  values: {clusterMode: clas}\n";
    check(release, &["illumio unknown 7:25 chart 5.1.0 mode-overridden"]);
    let plain = release.replace(", targetPath: clusterMode", "");
    check(&plain, &["illumio clas 7:25 chart 5.1.0"]);
}

#[test]
fn an_object_of_another_kind_is_no_place() {
    check_merged(&["kind: Deployment\napiVersion: apps/v1\n"], &["unknown foreign-values"]);
    let resource = "apiVersion: example.com/v1\nkind: Cluster\nspec: {values: {clusterMode: clas}}\n";
    check_merged(&[resource], &["unknown mode-not-judged foreign-values"]);
    check(resource, &["unknown 3:17"]);
    check_merged(&["releases:\n- {name: redis, chart: bitnami/redis}\n"], &["unknown foreign-values"]);
    // values have no kind, or have it beside those of the chart
    check_merged(&["replicas: 2\n"], &["unknown foreign-values"]);
    check_merged(&["kind: a\npce_url: x:1\n"], &["legacy default"]);
}

#[test]
fn of_several_files_the_last_that_says_it_decides() {
    check_merged(&["clusterMode: clas\n"], &["clas 1:14"]);
    check_merged(&["replicas: 2\n"], &["unknown foreign-values"]);
    check_merged(&["clusterMode: clas\n", "a: 1\n"], &["clas 1:14", "- overridden"]);
    check_merged(&["clusterMode: clas\n", "clusterMode: legacy\n"], &["clas 1:14 overridden", "legacy 1:14"]);
    check_merged(&["a: 1\n", "b: 1\n"], &["- overridden", "unknown foreign-values"]);
    check_merged(&["pce_url: p:1\n", "verbosity: 1\n"], &["- overridden", "legacy default"]);
    check_merged(&["clusterMode: clas\n", "clusterMode:\n"], &["clas 1:14 overridden", "unknown 1:1 blank-mode"]);
}

#[test]
fn helm_stops_at_a_file_that_it_cannot_read() {
    check_merged(&["a: [\n", "clusterMode: clas\n"], &["unknown invalid-yaml", "clas 1:14 overridden"]);
}

#[test]
fn a_manifest_is_a_cluster_of_its_own() {
    let manifest = "releases:\n- {name: east, chart: x/illumio}\n- {name: west, chart: x/illumio}\n";
    check_merged(
        &[manifest],
        &["east legacy default outside-dialect version-missing", "west legacy default outside-dialect version-missing"],
    );
    let overview = |texts: &[&str]| Overview { merged: merged_of(texts), ..Overview::default() };
    assert_eq!(overview(&[manifest]).effective(), None);
    assert_eq!(overview(&[manifest, "clusterMode: clas\n"]).summary().clusters, 3);
    let two = overview(&["clusterMode: clas\n", "a: 1\n"]);
    assert_eq!((two.effective(), two.summary().clusters), (Some(&two.merged[0]), 1));
}

#[test]
fn the_summary_is_read_at_a_glance() {
    #[track_caller]
    fn check(modes: &[&str], expected: &str) {
        let texts: Vec<String> = modes.iter().map(|mode| format!("clusterMode: {mode}\n")).collect();
        let standings: Vec<Standing> = texts.iter().flat_map(|text| found("values.yaml", text)).collect();
        assert_eq!(Summary::of(&standings).to_string(), expected);
    }
    check(
        &["clas", "legacy", "clas", "migrateLegacyToClas", "legacy", "clas", "legacy"],
        "7 clusters: 3 clas, 1 migrating, 3 legacy",
    );
    check(&["migrateClasToLegacy"], "1 cluster: 1 reverting");
    check(&["unpair", "klas"], "2 clusters: 1 unpairing, 1 unknown");
    check(&[], "0 clusters");
}

#[test]
fn an_inexact_version_is_said_and_leaves_the_way_back() {
    let found = |version: &str, mode: &str| {
        let text = format!(
            "releases:\n- {{name: a, chart: q/illumio, version: {version}, values: [{{clusterMode: {mode}}}]}}\n"
        );
        let found = self::tests::found("helmfile.yaml", &text);
        let rules: Vec<Rule> = found[0].errors().map(|noted| noted.finding.rule).collect();
        (found[0].next().collect::<Vec<_>>(), rules)
    };
    assert_eq!(found("5.1.0", "legacy"), (vec![Verb::Migrate], vec![]));
    assert_eq!(found("5.x", "legacy"), (vec![], vec![Rule::VersionNotExact]));
    assert_eq!(found("5.x", "clas"), (vec![Verb::Revert], vec![Rule::VersionNotExact]));
}

#[test]
fn what_is_next_is_what_the_procedure_allows() {
    let next = |text: &str| -> Vec<String> {
        let standings = merged_of(&[text]);
        standings[0].next().map(|verb| verb.to_string()).collect()
    };
    assert_eq!(next("pce_url: p:1\n"), ["migrate"]);
    assert!(next("a: 1\n").is_empty());
    assert_eq!(next("clusterMode: migrateLegacyToClas\n"), ["migrate --finish", "revert"]);
    assert_eq!(next("clusterMode: migrateClasToLegacy\n"), ["revert --finish"]);
    assert!(next("clusterMode: unpair\n").is_empty());
    assert!(next("clusterMode: klas\n").is_empty());
}
