//! The places of `testdata/places`, step by step: each file is a manifest as a controller's documentation shows it,
//! with `@MODE@` where the mode is. What a step must leave is the same file with the next mode there, to the byte. What
//! the real Helms read in the values is looked up by another reader of YAML, and must differ in the mode alone.

use std::{collections::BTreeSet, fs};

use crate::support::{
    helm::helms,
    reading::{self, Ask},
};
use helm_clas::{
    ClusterMode::{self, Clas, Legacy, MigrateClasToLegacy, MigrateLegacyToClas},
    CompatibilityMatrix, Outcome, Position, Rule, Severity, Status,
    Verb::{self, FinishMigrate, FinishRevert, Migrate, Revert},
    chart::values::Schema,
    check::{Circumstances, Judgement},
    status::Standing,
};
use serde_yaml::Value;

const MODES: [ClusterMode; 4] = [Legacy, MigrateLegacyToClas, Clas, MigrateClasToLegacy];

/// The steps of the procedure; every other verb in every other mode leaves the file as it is.
const STEPS: &[(Verb, ClusterMode, ClusterMode)] = &[
    (Migrate, Legacy, MigrateLegacyToClas),
    (FinishMigrate, MigrateLegacyToClas, Clas),
    (Revert, MigrateLegacyToClas, MigrateClasToLegacy),
    (Revert, Clas, MigrateClasToLegacy),
    (FinishRevert, MigrateClasToLegacy, Legacy),
];

/// What another reader finds at a path.
#[derive(Clone, Copy)]
enum Values {
    Mapping,
    /// A mapping in which names in braces are replaced by those of a list element.
    Template(&'static str),
    Text,
    Parameters,
}

struct Row {
    file: &'static str,
    /// What `--path` says.
    path: Option<&'static str>,
    /// Where another reader finds the values: the document, and keys and numbers in it.
    document: usize,
    at: &'static str,
    values: Values,
    /// Whether the mode has a line of its own, which goes and comes.
    has_line: bool,
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row { file: "argo-values-object.yaml", path: None, document: 0, at: "spec.source.helm.valuesObject", values: Values::Mapping, has_line: true },
    Row { file: "argo-values.yaml", path: None, document: 0, at: "spec.source.helm.values", values: Values::Text, has_line: true },
    Row { file: "argo-values-strip.yaml", path: None, document: 0, at: "spec.source.helm.values", values: Values::Text, has_line: false },
    Row { file: "argo-parameters.yaml", path: None, document: 0, at: "spec.source.helm.parameters", values: Values::Parameters, has_line: false },
    Row { file: "argo-sources.yaml", path: None, document: 0, at: "spec.sources.1.helm.valuesObject", values: Values::Mapping, has_line: false },
    Row { file: "argo-set.yaml", path: None, document: 0, at: "spec.template.spec.source.helm.values", values: Values::Text, has_line: true },
    Row { file: "argo-list.yaml", path: Some("east"), document: 0, at: "spec.template.spec.source.helm.valuesObject",
          values: Values::Template("spec.generators.0.list.elements.0"), has_line: false },
    Row { file: "flux.yaml", path: None, document: 1, at: "spec.values", values: Values::Mapping, has_line: true },
    Row { file: "helmfile.yaml", path: None, document: 0, at: "releases.0.values.1", values: Values::Mapping, has_line: true },
    Row { file: "helmfile-set.yaml", path: None, document: 0, at: "releases.0.set", values: Values::Parameters, has_line: false },
    Row { file: "kustomization.yaml", path: None, document: 0, at: "helmCharts.1.valuesInline", values: Values::Mapping, has_line: true },
    Row { file: "kustomization-bare.yaml", path: None, document: 0, at: "helmCharts.1.valuesInline", values: Values::Mapping, has_line: true },
    // the chart is in Git, and where nothing else sets the mode its own values may
    Row { file: "argo-umbrella.yaml", path: None, document: 0, at: "spec.source.helm.valuesObject.illumio", values: Values::Mapping, has_line: false },
    Row { file: "argo-path.yaml", path: None, document: 0, at: "spec.source.helm.values", values: Values::Text, has_line: false },
    Row { file: "configmap.yaml", path: None, document: 1, at: "data/values.yaml", values: Values::Text, has_line: false },
    Row { file: "umbrella.yaml", path: None, document: 0, at: "segmentation", values: Values::Mapping, has_line: true },
];

/// The files that do not say the version of the chart beside its values.
const WITHOUT_VERSION: &[&str] = &["argo-umbrella.yaml", "argo-path.yaml", "configmap.yaml", "values.yaml.gotmpl"];

impl Row {
    fn template(&self) -> String {
        fs::read_to_string(format!("testdata/places/{}", self.file)).unwrap()
    }

    fn in_mode(&self, mode: ClusterMode) -> String {
        self.template().replace("@MODE@", mode.as_str())
    }

    /// The file without the line of the mode.
    fn without_mode(&self) -> String {
        self.template().split_inclusive('\n').filter(|line| !line.contains("@MODE@")).collect()
    }

    /// What is in the values, as arguments of Helm and what it reads on standard input.
    fn given_to_helm(&self, text: &str) -> (Vec<String>, Vec<u8>) {
        let documents: Vec<Value> = serde_yaml::Deserializer::from_str(text)
            .map(|document| serde::Deserialize::deserialize(document).unwrap())
            .filter(|document: &Value| !document.is_null())
            .collect();
        let document = &documents[self.document];
        let values = at(document, self.at);
        let stdin = |text: String| (vec!["-f".to_owned(), "-".to_owned()], text.into_bytes());
        match self.values {
            Values::Mapping => stdin(serde_json::to_string(values).unwrap()),
            Values::Text => stdin(values.as_str().unwrap().to_owned()),
            Values::Template(element) => {
                let mut text = serde_json::to_string(values).unwrap();
                for (name, value) in at(document, element).as_mapping().unwrap() {
                    text = text.replace(&format!("{{{{{}}}}}", name.as_str().unwrap()), value.as_str().unwrap());
                }
                stdin(text)
            }
            Values::Parameters => {
                let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
                let option =
                    |item: &Value| ["--set".to_owned(), format!("{}={}", text(item, "name"), text(item, "value"))];
                (values.as_sequence().unwrap().iter().flat_map(option).collect(), Vec::new())
            }
        }
    }
}

fn at<'v>(document: &'v Value, path: &str) -> &'v Value {
    path.split(if path.contains('/') { '/' } else { '.' }).fold(document, |value, key| match key.parse::<usize>() {
        Ok(item) => &value[item],
        Err(_) => &value[key],
    })
}

fn standings(file: &str, text: &str) -> Vec<Standing> {
    reading::standings(&[(file, text)], None)
}

fn outcome(verb: Verb, unset: bool, file: &str, text: &str, path: Option<&str>) -> Outcome {
    let chart = "dependencies:\n- {name: illumio, alias: segmentation, version: 5.1.0}\n";
    let chart = [("Chart.yaml", chart)].into_iter().filter(|_| file == "umbrella.yaml");
    let files: Vec<(&str, &str)> = [(file, text)].into_iter().chain(chart).collect();
    let version = Some("5.1.0").filter(|_| WITHOUT_VERSION.contains(&file));
    // all clusters of a generator move together there
    let allowed: &[Rule] = if file == "argo-set.yaml" { &[Rule::SeveralClustersAtOnce] } else { &[] };
    reading::outcome_of(&files, &[0], &Ask { unset, path, version, allowed, ..Ask::of(verb) })
}

/// The text that a step leaves; nothing where there is no step.
fn step(verb: Verb, unset: bool, row: &Row, text: &str) -> Option<String> {
    match outcome(verb, unset, row.file, text, row.path).status {
        Status::Step(edited) => Some(edited.text),
        Status::Already | Status::Refused => None,
    }
}

#[test]
fn every_file_has_a_row() {
    let files: BTreeSet<String> = fs::read_dir("testdata/places")
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(files, ROWS.iter().map(|row| row.file.to_owned()).collect());
}

#[test]
fn every_step_leaves_exactly_the_expected_bytes() {
    for row in ROWS {
        for line_break in ["\n", "\r\n"] {
            let text = |mode| row.in_mode(mode).replace('\n', line_break);
            for verb in Verb::ALL {
                for mode in MODES {
                    let goal = STEPS.iter().find(|(v, from, _)| (*v, *from) == (verb, mode)).map(|(_, _, to)| *to);
                    let after = step(verb, false, row, &text(mode));
                    assert_eq!(after, goal.map(text), "{} {verb} {mode}", row.file);
                }
            }
        }
    }
}

/// A manifest without what may bring more values.
fn alone(text: &str) -> String {
    let more = ["      - common.yaml\n", "  valuesFrom:\n    - kind: Secret\n      name: illumio-credentials\n"];
    more.iter().fold(text.to_owned(), |text, more| text.replace(more, ""))
}

#[test]
fn a_mode_that_is_not_said_comes_and_goes_with_its_line() {
    for row in ROWS {
        if row.has_line {
            let (bare, first) = (alone(&row.without_mode()), alone(&row.in_mode(MigrateLegacyToClas)));
            // a remark beside the mode is the person's, not ours
            let first: String = first
                .split_inclusive('\n')
                .map(|line| match line.split_once("migrateLegacyToClas") {
                    Some((key, rest)) if rest.starts_with(['"', '\'']) => {
                        format!("{}migrateLegacyToClas\n", key.trim_end_matches(['"', '\'']))
                    }
                    Some((key, _)) => format!("{key}migrateLegacyToClas\n"),
                    None => line.to_owned(),
                })
                .collect();
            assert_eq!(step(Migrate, false, row, &bare).as_deref(), Some(first.as_str()), "{}", row.file);
            let last = alone(&row.in_mode(MigrateClasToLegacy));
            assert_eq!(step(FinishRevert, true, row, &last).as_deref(), Some(bare.as_str()), "{}", row.file);
        }
    }
}

/// What is named and not read may set the mode.
#[test]
fn a_mode_that_may_be_said_elsewhere_is_not_taken_for_the_default() {
    let row = |file: &str| ROWS.iter().find(|row| row.file == file).unwrap();
    for (file, line) in [("flux.yaml", 43), ("helmfile.yaml", 16)] {
        let outcome = outcome(Migrate, false, file, &row(file).without_mode(), None);
        assert!(matches!(outcome.status, Status::Refused) && outcome.from.is_none(), "{file}");
        let finding = outcome.findings.iter().find(|finding| finding.rule == Rule::ModeElsewhere).unwrap();
        let text = row(file).without_mode();
        assert_eq!(Position::of(&text, finding.span.clone().unwrap().start).line, line, "{file}");
        let mut found = found(file, &text, true);
        found.retain(|(rule, _)| *rule != Rule::RollbackFlipsMode);
        assert_eq!(found, [(Rule::ModeElsewhere, Some(line))]);
    }
    // the list of helmfile has an order
    let text = row("helmfile.yaml").in_mode(Legacy);
    assert!(outcome(Migrate, false, "helmfile.yaml", &text, None).findings.is_empty());
    let text = text.replace("        clusterMode: legacy\n", "        clusterMode: legacy\n      - east.yaml\n");
    let outcome = outcome(Migrate, false, "helmfile.yaml", &text, None);
    assert!(matches!(outcome.status, Status::Refused) && outcome.from.is_none());
    assert_eq!(
        outcome.findings[0].message,
        "these were not read; if one of them sets the mode, it overrides this \
                                             one: `east.yaml`"
    );
    // of others the manifest decides
    for more in ["valuesFile: east.yaml", "additionalValuesFiles: [east.yaml]"] {
        let text =
            row("kustomization.yaml").without_mode().replace("  valuesInline:", &format!("  {more}\n  valuesInline:"));
        assert_eq!(found("kustomization.yaml", &text, true), [(Rule::ModeElsewhere, Some(18))]);
    }
    let text = row("argo-values.yaml")
        .without_mode()
        .replace("      values: |", "      valueFiles: [$values/east.yaml]\n      values: |");
    assert_eq!(found("argo-values.yaml", &text, true), [(Rule::ModeElsewhere, Some(15))]);
}

/// Flux takes the chart, and with it the version, from another document of the file.
#[test]
fn the_version_of_a_chart_that_is_referred_to_is_that_of_its_repository() {
    let text = |reference: &str| {
        format!(
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {{name: illumio}}\nspec:\n  \
             url: oci://quay.io/illumio/illumio\n  ref:\n    {reference}\n---\napiVersion: helm.toolkit.fluxcd.io/v2\n\
             kind: HelmRelease\nmetadata: {{name: illumio}}\nspec:\n  chartRef: {{kind: OCIRepository, name: illumio}}\n  \
             values: {{clusterMode: legacy}}\n"
        )
    };
    let exact = outcome(Migrate, false, "flux.yaml", &text("tag: 5.1.0"), None);
    assert!(matches!(exact.status, Status::Step(_)), "{:?}", exact.findings);
    for (reference, rule) in [
        ("semver: '>=5.1.0'", Rule::VersionNotExact),
        ("tag: 5.1", Rule::VersionNotExact),
        ("tag: latest", Rule::VersionNotExact),
        ("digest: sha256:00", Rule::VersionMissing),
    ] {
        let outcome = outcome(Migrate, false, "flux.yaml", &text(reference), None);
        assert!(matches!(outcome.status, Status::Refused));
        assert_eq!(outcome.findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(), [rule], "{reference}");
    }
}

/// A parameter without a value is an empty text, and a template needs the name in every element.
#[test]
fn what_cannot_do_without_the_mode_keeps_it() {
    for file in ["argo-parameters.yaml", "helmfile-set.yaml", "argo-list.yaml"] {
        let row = ROWS.iter().find(|row| row.file == file).unwrap();
        let outcome = outcome(FinishRevert, true, row.file, &row.in_mode(MigrateClasToLegacy), row.path);
        assert!(matches!(outcome.status, Status::Refused), "{file}");
        assert!(outcome.findings.iter().any(|finding| finding.rule == Rule::UnfaithfulEdit), "{:?}", outcome.findings);
    }
    // without the parameter, what it overrides would come into force
    let weaker = "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: east}
spec:
  source:
    chart: illumio
    targetRevision: 5.1.0
    helm:
      parameters:
        - name: clusterMode
          value: migrateClasToLegacy
      valuesObject:
        clusterMode: clas
";
    let outcome = outcome(FinishRevert, true, "weaker.yaml", weaker, None);
    assert!(matches!(outcome.status, Status::Refused));
    assert!(outcome.findings.iter().any(|finding| finding.rule == Rule::UnfaithfulEdit), "{:?}", outcome.findings);
}

#[test]
fn every_helm_reads_the_mode_and_nothing_else_changes() {
    for row in ROWS {
        for helm in helms() {
            let read = |mode| {
                let (options, stdin) = row.given_to_helm(&row.in_mode(mode));
                helm.values(&options, Some(&stdin)).unwrap_or_else(|error| panic!("{}: {error}", row.file))
            };
            let first = read(Legacy);
            assert_eq!(first["clusterMode"], "legacy", "{}", row.file);
            for mode in MODES {
                let mut expected = first.clone();
                expected["clusterMode"] = mode.as_str().into();
                assert_eq!(read(mode), expected, "{}, Helm {}", row.file, helm.version);
            }
        }
    }
}

// --------------------------------------------------------------------------------------- files that a manifest names

const HELMFILE: &str = "releases:\n- name: illumio\n  chart: quay/illumio\n  version: 5.1.0\n";
const KUSTOMIZE: &str = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nhelmCharts:\n\
                         - name: illumio\n  version: 5.1.0\n";
const ARGO: &str = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: illumio}\nspec:\n  source:\n    \
                    repoURL: quay.io/illumio\n    chart: illumio\n    targetRevision: 5.1.0\n";

/// The chart is a folder of the repository.
const ARGO_PATH: &str = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: illumio}\nspec:\n  source:\n    \
                         repoURL: https://git.example.com/a.git\n    path: charts/illumio\n    targetRevision: main\n";

/// A manifest with files that it names, and which of them is to change.
struct Naming {
    manifest: &'static str,
    /// What follows the manifest's head.
    rest: &'static str,
    files: &'static [(&'static str, &'static str)],
    /// What the controller gives to Helm, in its order: a file, or the values of the manifest as YAML.
    helm: &'static [&'static str],
    changed: &'static str,
}

#[rustfmt::skip]
const NAMINGS: &[Naming] = &[
    // helmfile, pkg/state/state.go: the list in its order, then the secrets, then `set`
    Naming { manifest: HELMFILE, rest: "  values: [a.yaml, b.yaml]\n",
             files: &[("a.yaml", "clusterMode: clas\n"), ("b.yaml", "# b\nclusterMode: legacy # for now\n")],
             helm: &["a.yaml", "b.yaml"], changed: "b.yaml" },
    Naming { manifest: HELMFILE, rest: "  values: [b.yaml, a.yaml]\n",
             files: &[("a.yaml", "networkType: overlay\n"), ("b.yaml", "clusterMode: 'legacy'\r\nx: 1\r\n")],
             helm: &["b.yaml", "a.yaml"], changed: "b.yaml" },
    Naming { manifest: HELMFILE, rest: "  values:\n  - clusterMode: clas\n  - ./sub/../a.yaml\n",
             files: &[("a.yaml", "clusterMode: legacy\n")],
             helm: &["clusterMode: clas\n", "a.yaml"], changed: "a.yaml" },
    Naming { manifest: HELMFILE, rest: "  values:\n  - a.yaml\n  - clusterMode: legacy\n",
             files: &[("a.yaml", "clusterMode: clas\n")],
             helm: &["a.yaml", "clusterMode: legacy\n"], changed: "manifest.yaml" },
    // what no file sets belongs in the one that overrides the others
    Naming { manifest: HELMFILE, rest: "  values: [a.yaml, b.yaml]\n",
             files: &[("a.yaml", "networkType: overlay\n"), ("b.yaml", "networkType: overlay\n")],
             helm: &["a.yaml", "b.yaml"], changed: "b.yaml" },
    // kustomize, HelmChartInflationGenerator.go: values over the file, the additional files over both
    Naming { manifest: KUSTOMIZE, rest: "  valuesFile: a.yaml\n  valuesInline: {networkType: overlay}\n",
             files: &[("a.yaml", "clusterMode: legacy\n")],
             helm: &["a.yaml", "networkType: overlay\n"], changed: "a.yaml" },
    Naming { manifest: KUSTOMIZE, rest: "  valuesFile: a.yaml\n  valuesInline:\n    clusterMode: legacy\n",
             files: &[("a.yaml", "clusterMode: clas\n")],
             helm: &["a.yaml", "clusterMode: legacy\n"], changed: "manifest.yaml" },
    Naming { manifest: KUSTOMIZE, rest: "  valuesMerge: merge\n  valuesFile: a.yaml\n  valuesInline:\n    clusterMode: clas\n",
             files: &[("a.yaml", "clusterMode: legacy\n")],
             helm: &["clusterMode: clas\n", "a.yaml"], changed: "a.yaml" },
    Naming { manifest: KUSTOMIZE, rest: "  valuesMerge: replace\n  valuesFile: a.yaml\n  valuesInline:\n    clusterMode: legacy\n",
             files: &[], helm: &["clusterMode: legacy\n"], changed: "manifest.yaml" },
    Naming { manifest: KUSTOMIZE, rest: "  valuesInline:\n    clusterMode: clas\n  additionalValuesFiles: [a.yaml, b.yaml]\n",
             files: &[("a.yaml", "clusterMode: legacy\n"), ("b.yaml", "networkType: overlay\n")],
             helm: &["clusterMode: clas\n", "a.yaml", "b.yaml"], changed: "a.yaml" },
    // Argo CD, "Helm": the files in their order, then the values
    Naming { manifest: ARGO, rest: "    helm: {valueFiles: [$v/b.yaml, $v/a.yaml, $v/top/c.yaml, $v/d.yaml]}\n",
             files: &[("b.yaml", "clusterMode: clas\n"), ("a.yaml", "clusterMode: clas\n"),
                      ("top/c.yaml", "clusterMode: legacy\n"), ("d.yaml", "networkType: overlay\n")],
             helm: &["b.yaml", "a.yaml", "top/c.yaml", "d.yaml"], changed: "top/c.yaml" },
    // from the folder of the chart, or from the top of the repository
    Naming { manifest: ARGO_PATH, rest: "    helm:\n      valueFiles: [east.yaml, ../../env/all.yaml]\n",
             files: &[("charts/illumio/values.yaml", "clusterMode: clas\n"), ("charts/illumio/east.yaml", "clusterMode: clas\n"),
                      ("env/all.yaml", "x: 1\nclusterMode: legacy # all\n")],
             helm: &["charts/illumio/values.yaml", "charts/illumio/east.yaml", "env/all.yaml"], changed: "env/all.yaml" },
    Naming { manifest: ARGO_PATH, rest: "    helm: {ignoreMissingValueFiles: true, valueFiles: [/env/all.yaml, values/east.yaml]}\n",
             files: &[("charts/illumio/values.yaml", "clusterMode: clas\n"), ("env/all.yaml", "clusterMode: clas\n"),
                      ("charts/illumio/values/east.yaml", "clusterMode: 'legacy'\n")],
             helm: &["charts/illumio/values.yaml", "env/all.yaml", "charts/illumio/values/east.yaml"],
             changed: "charts/illumio/values/east.yaml" },
    // what the chart says itself counts where nothing else does
    Naming { manifest: ARGO_PATH, rest: "    helm: {valueFiles: [east.yaml]}\n",
             files: &[("charts/illumio/values.yaml", "# ours\nclusterMode: legacy\n"), ("charts/illumio/east.yaml", "x: 1\n")],
             helm: &["charts/illumio/values.yaml", "charts/illumio/east.yaml"], changed: "charts/illumio/values.yaml" },
    Naming { manifest: ARGO_PATH, rest: "",
             files: &[("charts/illumio/values.yaml", "clusterMode: legacy\r\n")],
             helm: &["charts/illumio/values.yaml"], changed: "charts/illumio/values.yaml" },
    Naming { manifest: ARGO_PATH, rest: "    helm:\n      valueFiles: [east.yaml]\n      values: |\n        clusterMode: legacy\n",
             files: &[("charts/illumio/values.yaml", "clusterMode: clas\n"), ("charts/illumio/east.yaml", "clusterMode: clas\n")],
             helm: &["charts/illumio/values.yaml", "charts/illumio/east.yaml", "clusterMode: legacy\n"], changed: "manifest.yaml" },
];

fn of_naming(verb: Verb, unset: bool, manifest: &str, files: &[(&str, &str)]) -> Outcome {
    let files: Vec<(&str, &str)> = [("manifest.yaml", manifest)].into_iter().chain(files.iter().copied()).collect();
    // a folder of Git does not say the chart's version
    let version = manifest.starts_with(ARGO_PATH).then_some("5.1.0");
    reading::outcome(&files, &Ask { unset, version, ..Ask::of(verb) })
}

/// The step goes to the file that decides, by the order in which the controller gives them to Helm; every real Helm
/// then reads the next mode, and nothing else has changed.
#[test]
fn of_the_files_that_a_manifest_names_the_one_that_decides_is_edited() {
    for Naming { manifest, rest, files, helm, changed } in NAMINGS {
        let manifest = format!("{manifest}{rest}");
        let outcome = of_naming(Migrate, false, &manifest, files);
        let Status::Step(edited) = &outcome.status else { panic!("{rest}: {:?}", outcome.findings) };
        assert_eq!(outcome.version.as_ref().unwrap().to_string(), "5.1.0");
        assert!(outcome.release.is_some());
        let name = if outcome.file == 0 { "manifest.yaml" } else { files[outcome.file - 1].0 };
        assert_eq!(name, *changed, "{rest}");
        let text_of = |name: &str| files.iter().find(|file| file.0 == name).map_or(manifest.as_str(), |file| file.1);
        let before = text_of(changed);
        let is_said = before.contains("clusterMode: ");
        let added = || format!("{before}clusterMode: migrateLegacyToClas\n");
        let expected = if is_said { before.replace("legacy", "migrateLegacyToClas") } else { added() };
        assert_eq!(edited.text, expected, "{rest}");

        let folder = tempfile::tempdir().unwrap();
        let options: Vec<String> = helm
            .iter()
            .enumerate()
            .flat_map(|(number, given)| {
                let is_inline = given.contains(':');
                let text = match (is_inline, given == changed) {
                    (true, _) if *changed == "manifest.yaml" => given.replace("legacy", "migrateLegacyToClas"),
                    (true, _) => given.to_string(),
                    (false, true) => edited.text.clone(),
                    (false, false) => text_of(given).to_owned(),
                };
                let path = folder.path().join(format!("{number}.yaml"));
                fs::write(&path, text).unwrap();
                ["-f".to_owned(), path.to_str().unwrap().to_owned()]
            })
            .collect();
        for helm in helms() {
            let values = helm.values(&options, None).unwrap();
            assert_eq!(values["clusterMode"], "migrateLegacyToClas", "{rest}, Helm {}", helm.version);
        }
    }
}

/// What is not known for certain is refused.
#[test]
fn files_that_a_manifest_names_are_refused_where_there_is_no_telling() {
    #[track_caller]
    fn check(manifest: &str, files: &[(&str, &str)], expected: &[Rule]) {
        let outcome = of_naming(Migrate, false, manifest, files);
        assert!(matches!(outcome.status, Status::Refused), "{manifest}");
        assert_eq!(outcome.findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(), expected, "{manifest}");
    }
    let helmfile = |rest: &str| format!("{HELMFILE}{rest}");
    let (plain, said) = (("a.yaml", "networkType: flat\n"), ("a.yaml", "clusterMode: legacy\n"));
    // one is not there, is a pattern, a template, behind a URL, encrypted, or of another folder
    for rest in [
        "  values: [a.yaml, b.yaml]\n",
        "  values: [a.yaml, '*.yaml']\n",
        "  values: [a.yaml, b.yaml.gotmpl]\n",
        "  values: [a.yaml, '{{ .Environment.Name }}.yaml']\n",
        "  values: [a.yaml, 'git::https://git.example.com/values.git@b.yaml']\n",
        "  values: [a.yaml]\n  secrets: [b.yaml]\n",
    ] {
        check(&helmfile(rest), &[plain], &[Rule::ModeElsewhere]);
    }
    // so is one that is set where another may override it
    for rest in
        ["  values: [a.yaml, b.yaml]\n", "  values: [a.yaml, '*.yaml']\n", "  values: [a.yaml, b.yaml.gotmpl]\n"]
    {
        check(&helmfile(rest), &[said], &[Rule::ModeElsewhere]);
    }
    check(&format!("{ARGO}    helm: {{valueFiles: [$v/a.yaml, $v/b.yaml]}}\n"), &[said], &[Rule::ModeElsewhere]);
    // but not for the secrets
    let outcome = of_naming(Migrate, false, &helmfile("  values: [a.yaml]\n  secrets: [b.yaml]\n"), &[said]);
    assert!(matches!(outcome.status, Status::Step(_)));
    let found: Vec<_> = outcome.findings.iter().map(|finding| (finding.rule, finding.severity)).collect();
    assert_eq!(found, [(Rule::ModeElsewhere, Severity::Warning)]);
    // a template that is not here may say more; with a prefix, it is not certain that the manifest names that file
    check(&helmfile("  values: [a.yaml]\n  inherit: [{template: x}]\n"), &[said], &[Rule::ModeElsewhere]);
    check(&helmfile("  values: [a.yaml]\n  valuesPathPrefix: x/\n"), &[said], &[Rule::SeveralPlaces]);
    // the values of an umbrella chart
    check(&helmfile("  values: [a.yaml]\n"), &[("a.yaml", "illumio: {clusterMode: clas}\n")], &[Rule::ModeElsewhere]);
    // no file that it names
    check(&helmfile("  values: [a.yaml]\n"), &[("b.yaml", said.1)], &[Rule::SeveralPlaces]);
    // Helm stops at a file that it cannot read, and an overriding mode without a value is not a mode
    check(&helmfile("  values: [a.yaml]\n"), &[("a.yaml", "a: [\n")], &[Rule::InvalidYaml]);
    check(&helmfile("  values: [a.yaml, b.yaml]\n"), &[said, ("b.yaml", "clusterMode:\n")], &[Rule::BlankMode]);
    // what concerns the mode may be in another file
    let flat = [said, ("b.yaml", plain.1)];
    check(&helmfile("  values: [a.yaml, b.yaml]\n"), &flat, &[Rule::FlatNetworkInClas]);
    // the chart's own values come first there
    let chart = format!("{KUSTOMIZE}  valuesMerge: merge\n  valuesInline: {{networkType: flat}}\n");
    check(&chart, &[], &[Rule::ModeElsewhere]);
    // so do those of a chart in Git
    let east = ("charts/illumio/east.yaml", "networkType: flat\n");
    check(&format!("{ARGO_PATH}    helm: {{valueFiles: [east.yaml]}}\n"), &[east], &[Rule::ModeElsewhere]);
    check(&format!("{ARGO_PATH}    helm: {{valuesObject: {{networkType: overlay}}}}\n"), &[], &[Rule::ModeElsewhere]);
    // what is above the repository is not in it, and no glob is gone through
    for file in ["../../../east.yaml", "*.yaml"] {
        check(&format!("{ARGO_PATH}    helm: {{valueFiles: ['{file}']}}\n"), &[], &[Rule::ModeElsewhere]);
    }
    // an object that is nowhere
    let flux = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio}\nspec:\n  \
                chart: {spec: {chart: illumio, version: 5.1.0}}\n  valuesFrom: [{kind: ConfigMap, name: a.yaml}]\n";
    check(flux, &[], &[Rule::ModeElsewhere]);
}

/// A step changes one cluster at a time.
#[test]
fn a_file_that_decides_the_mode_of_several_releases_is_refused() {
    let release = |name: &str, rest: &str| format!("- {{name: {name}, chart: quay/illumio, version: 5.1.0, {rest}}}\n");
    let both = [("a.yaml", "clusterMode: legacy\n")];
    let of = |west: &str| {
        let manifest = format!("releases:\n{}{}", release("east", "values: [a.yaml]"), release("west", west));
        let files = [("manifest.yaml", manifest.as_str()), both[0]];
        let outcome = reading::outcome(&files, &Ask { path: Some("east"), version: None, ..Ask::of(Migrate) });
        outcome.findings.iter().map(|finding| (finding.rule, finding.message.clone())).collect::<Vec<_>>()
    };
    let message = "one edit here moves 2 clusters: east, west".to_owned();
    assert_eq!(of("values: [a.yaml]"), [(Rule::SeveralClustersAtOnce, message)]);
    assert_eq!(of("values: [a.yaml, {clusterMode: clas}]"), []);
    assert_eq!(of("values: [a.yaml], set: [{name: clusterMode, value: clas}]"), []);
}

/// What is removed must not let another one decide.
#[test]
fn a_mode_is_removed_from_a_named_file_only_where_the_default_comes_into_force() {
    let manifest = format!("{HELMFILE}  values: [a.yaml, b.yaml]\n");
    let last = ("b.yaml", "clusterMode: migrateClasToLegacy\nx: 1\n");
    let outcome = of_naming(FinishRevert, true, &manifest, &[("a.yaml", "x: 2\n"), last]);
    let Status::Step(edited) = outcome.status else { panic!("{:?}", outcome.findings) };
    assert_eq!(edited.text, "x: 1\n");
    let outcome = of_naming(FinishRevert, true, &manifest, &[("a.yaml", "clusterMode: clas\n"), last]);
    assert!(matches!(outcome.status, Status::Refused));
    assert!(outcome.findings.iter().any(|finding| finding.rule == Rule::UnfaithfulEdit), "{:?}", outcome.findings);
}

// -------------------------------------------------------------------------------------------------------------- check

/// What `check` says of a file; nothing of one that is skipped.
fn judged(file: &str, text: &str, is_partial: bool) -> Option<Judgement> {
    let chart = "dependencies:\n- {name: illumio, alias: segmentation, version: 5.1.0}\n";
    let chart = [("Chart.yaml", chart)].into_iter().filter(|_| file == "umbrella.yaml");
    let circumstances = Circumstances {
        version: None,
        pce_version: None,
        matrix: &CompatibilityMatrix::shipped(),
        schema: &Schema::shipped(),
        is_partial,
        version_before: None,
        judges_all: false,
        path: None,
        options: &[],
    };
    let files: Vec<(&str, &str)> = [(file, text)].into_iter().chain(chart).collect();
    reading::judged(&files, &circumstances)
}

/// What `check` finds in a file, with the lines.
fn found(file: &str, text: &str, is_partial: bool) -> Vec<(Rule, Option<usize>)> {
    let judged = judged(file, text, is_partial).unwrap();
    let line = |span: &std::ops::Range<usize>| Position::of(text, span.start).line;
    judged.findings.iter().map(|finding| (finding.rule, finding.span.as_ref().map(line))).collect()
}

/// A wrong value beside the mode is found in its place, in every kind of place.
#[test]
fn the_values_in_every_place_are_judged() {
    for row in ROWS {
        if matches!(row.values, Values::Parameters | Values::Template(_)) {
            continue;
        }
        let text = row.in_mode(Clas);
        let found = |text: &str| {
            let mut found = found(row.file, text, true);
            found.retain(|(rule, _)| *rule != Rule::RollbackFlipsMode);
            found
        };
        assert_eq!(found(&text), [], "{}", row.file);
        let wrong = text.replace("networkType: overlay", "networkType: ovrlay");
        let line = text.lines().position(|line| line.contains("networkType: overlay")).unwrap() + 1;
        assert_eq!(found(&wrong), [(Rule::ValueNotAllowed, Some(line))], "{}", row.file);
    }
}

/// What the controller fills in is not there to be judged, and the mode of a template is in its elements.
#[test]
fn what_a_controller_fills_in_is_not_judged() {
    let row = |file: &str| ROWS.iter().find(|row| row.file == file).unwrap();
    let rollback = (Rule::RollbackFlipsMode, Some(35));
    for filled in ["'{{ .id }}'", "${CLUSTER_ID}"] {
        let text = row("flux.yaml").in_mode(Clas).replace("networkType: overlay", &format!("cluster_id: {filled}"));
        assert_eq!(found("flux.yaml", &text, true), [rollback]);
    }
    let list = row("argo-list.yaml").in_mode(Clas);
    assert_eq!(found("argo-list.yaml", &list, true), []);
    let blank = list.replace("            clusterMode: clas\n  template", "  template");
    assert_eq!(found("argo-list.yaml", &blank, true), [(Rule::BlankMode, Some(14))]);
}

// ------------------------------------------------------------------------------------------------------------ hostile

/// An Application whose `helm` holds this.
fn application(helm: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: illumio}}\nspec:\n  source:\n    chart: illumio\n    \
         targetRevision: 5.1.0\n    helm:\n{helm}  destination: {{name: east}}\n"
    )
}

/// The step changes this word and nothing else.
#[track_caller]
fn edited(text: &str) {
    let outcome = outcome(Migrate, false, "app.yaml", text, None);
    let Status::Step(edited) = outcome.status else { panic!("{text}\n{:?}", outcome.findings) };
    assert_eq!(
        edited.text,
        text.replace("=legacy=", "=migrateLegacyToClas=").replace(": legacy", ": migrateLegacyToClas")
    );
}

/// The step is refused by this rule, at this line.
#[track_caller]
fn refused(text: &str, rule: Rule, line: usize) {
    let outcome = outcome(Migrate, false, "app.yaml", text, None);
    assert!(matches!(outcome.status, Status::Refused), "{text}");
    let places: Vec<_> = outcome
        .findings
        .iter()
        .map(|finding| {
            let span = finding.span.as_ref().map(|span| Position::of(text, span.start).line);
            (finding.rule, span)
        })
        .collect();
    assert!(places.contains(&(rule, Some(line))), "{text}\n{:?}", outcome.findings);
}

#[test]
fn text_in_a_block_is_edited_where_its_lines_are_its_text() {
    edited(&application("      values: |\n        clusterMode: legacy\n"));
    edited(&application("      values: |-\n        clusterMode: legacy\n"));
    edited(&application("      values: |+\n        clusterMode: legacy\n\n\n"));
    edited(&application("      values: |2\n        clusterMode: legacy\n"));
    edited(&application("      values: |1-\n        clusterMode: legacy\n        a: 1\n"));
    edited(&application("      values: |2 # ours\n          # deeper\n          clusterMode: legacy\n"));
    edited(&application("      values: |\n\n\n        # blank lines before\n        clusterMode: legacy # a\n"));
    edited(&application("      values: |\n        a: |\n          b\n            c\n\n        clusterMode: legacy\n"));
    edited(&application("      values: |\n        a: \"tab\there\"\n        clusterMode: legacy\n"));
    let text = application("      values: |\n        ca: |\n          -----BEGIN\n        clusterMode: legacy\n");
    edited(text.split_once("\n  destination").unwrap().0);
}

#[test]
fn text_in_a_block_with_crlf_keeps_its_line_breaks() {
    for header in ["|", "|-", "|2", "|2-", "|+"] {
        let values =
            format!("      values: {header}\n        a: 1\n\n        clusterMode: legacy # why\n        b: 2\n");
        edited(&application(&values).replace('\n', "\r\n"));
    }
}

#[test]
fn text_that_is_not_spelled_by_its_lines_is_refused() {
    refused(&application("      values: >\n        clusterMode: legacy\n"), Rule::OutsideDialect, 10);
    refused(&application("      values: >-\n        clusterMode: legacy\n\n        a: 1\n"), Rule::OutsideDialect, 10);
    refused(&application("      values: \"clusterMode: legacy\\n\"\n"), Rule::OutsideDialect, 9);
    refused(&application("      values: 'clusterMode: legacy'\n"), Rule::OutsideDialect, 9);
    refused(&application("      values:\n        |\n        clusterMode: legacy\n"), Rule::OutsideDialect, 11);
}

#[test]
fn values_that_are_shared_are_refused() {
    refused(&application("      values: &v |\n        clusterMode: legacy\n"), Rule::OutsideDialect, 10);
    refused(
        &application("      parameters: [{name: a, value: &v legacy}]\n      valuesObject:\n        clusterMode: *v\n"),
        Rule::OutsideDialect,
        11,
    );
    refused(
        &application(
            "      valuesObject:\n        a: &v {clusterMode: legacy}\n        <<: *v\n        pce_url: a:1\n",
        ),
        Rule::OutsideDialect,
        10,
    );
    refused(
        &application("      valuesObject: &v\n        clusterMode: legacy\n      other: *v\n"),
        Rule::OutsideDialect,
        10,
    );
    refused(&application("      valuesObject: !!map\n        clusterMode: legacy\n"), Rule::OutsideDialect, 10);
    // elsewhere an anchor does no harm
    edited(&application("      valuesObject:\n        a: &v [1]\n        b: *v\n        clusterMode: legacy\n"));
}

#[test]
fn values_of_which_the_text_is_no_yaml_are_refused() {
    refused(
        &application("      values: |\n        {{ if .x }}\n        clusterMode: legacy\n        {{ end }}\n"),
        Rule::TemplateInValues,
        10,
    );
    refused(&application("      values: |\n        clusterMode: '{{ .mode }}'\n"), Rule::TemplateInValues, 10);
    refused(
        &application("      values: |\n        a:\n        \tb: 1\n        clusterMode: legacy\n"),
        Rule::InvalidYaml,
        11,
    );
    refused(
        &application("      values: |\n        clusterMode: legacy\n        ---\n        a: 1\n"),
        Rule::SeveralDocuments,
        11,
    );
    refused(
        &application("      values: |\n        clusterMode: legacy\n        clusterMode: clas\n"),
        Rule::DuplicateKey,
        11,
    );
    refused(
        &application("      valuesObject:\n        clusterMode: legacy\n        clusterMode: clas\n"),
        Rule::DuplicateKey,
        11,
    );
}

#[test]
fn a_manifest_that_cannot_be_read_is_refused() {
    let text = application("      valuesObject:\n\t  clusterMode: legacy\n");
    refused(&text, Rule::InvalidYaml, 10);
    refused(&application("      valuesObject: {clusterMode: legacy\n"), Rule::InvalidYaml, 10);
    let text = format!(
        "{{{{- if .Values.x }}}}\n{}{{{{- end }}}}\n",
        application("      valuesObject:\n        clusterMode: legacy\n")
    );
    refused(&text, Rule::TemplateInValues, 1);
}

#[test]
fn of_several_places_the_one_that_overrides_is_edited() {
    let text = application(
        "      parameters:\n      - {name: clusterMode, value: clas}\n      - {name: clusterMode, value: legacy}\n      valuesObject:\n        clusterMode: clas\n      values: |\n        clusterMode: clas\n",
    );
    edited(&text);
}

/// Argo CD takes `valuesObject` for the text, and not both.
#[test]
fn a_text_beside_a_mapping_does_not_count() {
    let text = application("      valuesObject: {pce_url: x:1}\n      values: |\n        clusterMode: clas\n");
    for verb in [Revert, FinishMigrate] {
        let outcome = outcome(verb, false, "app.yaml", &text, None);
        assert_eq!(outcome.from, Some(Legacy));
        assert!(!matches!(outcome.status, Status::Step(_)), "{verb}");
        let line = |finding: &helm_clas::Finding| Position::of(&text, finding.span.clone().unwrap().start).line;
        let hidden = outcome.findings.iter().find(|finding| finding.rule == Rule::ModeOverridden).unwrap();
        assert_eq!((line(hidden), hidden.severity), (11, Severity::Warning));
    }
    let Status::Step(edited) = outcome(Migrate, false, "app.yaml", &text, None).status else { panic!() };
    assert_eq!(edited.text, text.replace("{pce_url: x:1}", "{pce_url: x:1, clusterMode: migrateLegacyToClas}"));
    // a mapping that is not there takes no place
    self::edited(&application("      valuesObject:\n      values: |\n        clusterMode: legacy\n"));
    // the keys that lead to the mode are those of the mapping
    let text =
        application("      valuesObject:\n        illumio: {clusterMode: legacy}\n      values: 'pce_url: x:1'\n");
    assert_eq!(outcome(Migrate, false, "argo-umbrella.yaml", &text, None).from, Some(Legacy));
}

/// Argo CD: `valueFiles` < `values` < `valuesObject` < `parameters` < `fileParameters`; the last two as `--set` and
/// `--set-file`.
#[test]
fn the_values_of_an_application_override_each_other_in_order() {
    let values = "      values: |\n        clusterMode: clas\n";
    let object = "      valuesObject: {clusterMode: migrateLegacyToClas}\n";
    let parameters = "      parameters: [{name: clusterMode, value: migrateClasToLegacy}]\n";
    let files = "      fileParameters: [{name: clusterMode, path: mode.txt}]\n";
    let from = |helm: &str| outcome(Migrate, false, "app.yaml", &application(helm), None).from;
    let named = "      valueFiles: [$v/a.yaml]\n";
    assert_eq!(from(&format!("{named}{values}")), Some(Clas));
    assert_eq!(from(&format!("{values}{object}")), Some(MigrateLegacyToClas));
    assert_eq!(from(&format!("{parameters}{values}{object}")), Some(MigrateClasToLegacy));
    refused(&application(&format!("{parameters}{files}")), Rule::ModeOverridden, 10);
    refused(&application(&format!("{values}{files}")), Rule::ModeOverridden, 11);
    // of another value it does no harm
    edited(&application(&format!(
        "      valuesObject: {{clusterMode: legacy}}\n{}",
        files.replace("clusterMode", "ca")
    )));
}

/// A source that others refer to is not a chart, and a repository's name beside a folder or a chart is not that chart's.
#[test]
fn a_repository_is_told_from_a_chart() {
    let sources = |second: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: illumio}}\nspec:\n  sources:\n  - chart: illumio\n    \
             repoURL: quay.io/illumio\n    targetRevision: 5.1.0\n    helm: {{valueFiles: [$values/east.yaml]}}\n  - {second}\n"
        )
    };
    let places = |second: &str| standings("sources.yaml", &sources(second)).len();
    assert_eq!(places("{repoURL: 'https://git.example.com/illumio.git', targetRevision: main, ref: values}"), 1);
    assert_eq!(places("{repoURL: 'https://git.example.com/illumio.git', targetRevision: main, path: apps/redis}"), 1);
    assert_eq!(places("{repoURL: 'https://git.example.com/a.git', targetRevision: main, path: charts/illumio}"), 2);
    let core = "repoURL: 'oci://registry.example.com/illumio', targetRevision: 5.1.0, chart: core";
    assert_eq!(places(&format!("{{{core}}}")), 1);
    assert_eq!(places(&format!("{{{core}, helm: {{valuesObject: {{pce_url: 'p:8443'}}}}}}")), 2);
}

/// Flux: the files of the chart < `valuesFrom` in its order < `values` < a `targetPath`.
#[test]
fn the_values_of_a_helm_release_override_each_other_in_order() {
    let text = |source: &str, chart: &str, rest: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: illumio}}\nspec:\n  chart:\n    spec:\n      \
             chart: {chart}\n      version: 5.1.0\n      sourceRef: {{kind: {source}, name: a}}\n{rest}"
        )
    };
    let of = |text: &str, files: &[(&str, &str)]| {
        let outcome = of_naming(Revert, false, text, files);
        let rules: Vec<Rule> = outcome.findings.iter().map(|finding| finding.rule).collect();
        (outcome.from, rules)
    };
    let files = "      valuesFiles: [values.yaml, env/east.yaml]\n";
    let said = "  values: {clusterMode: clas}\n";
    let repository = |rest: &str| text("HelmRepository", "illumio", rest);
    assert_eq!(of(&repository(&format!("{files}{said}")), &[]), (Some(Clas), vec![]));
    assert_eq!(of(&repository(&format!("{files}  values: {{a: 1}}\n")), &[]), (None, vec![Rule::ModeElsewhere]));
    assert_eq!(of(&repository("  values: {a: 1}\n"), &[]).0, Some(Legacy));
    // in Git anyone may change the files, and the version beside the chart does not count
    let git = |rest: &str| text("GitRepository", "./charts/illumio", rest);
    assert_eq!(of(&git(said), &[]), (Some(Clas), vec![Rule::VersionMissing]));
    assert_eq!(of(&git("  values: {a: 1}\n"), &[]).1, [Rule::ModeElsewhere, Rule::VersionMissing]);
    let own = ("charts/illumio/values.yaml", "clusterMode: clas\n");
    let east = ("env/east.yaml", "clusterMode: clas\n");
    assert_eq!(of(&git(""), &[own]).0, Some(Clas));
    // from the top of the repository, and in place of the chart's own
    let both = git("      valuesFiles: [charts/illumio/values.yaml, env/east.yaml]\n");
    assert_eq!(of(&both, &[("charts/illumio/values.yaml", "clusterMode: legacy\n"), east]).0, Some(Clas));
    let only = git("      valuesFiles: [env/east.yaml]\n");
    assert_eq!(of(&only, &[east]).0, Some(Clas));
    assert_eq!(of(&only, &[own]).1.first(), Some(&Rule::SeveralPlaces));
    let objects = git("      valuesFiles: [env/east.yaml]\n  valuesFrom: [{kind: ConfigMap, name: a}]\n");
    assert!(of(&objects, &[east]).1.contains(&Rule::ModeElsewhere));
}

/// Argo CD reads `source` only where there are no `sources`.
#[test]
fn a_source_beside_sources_does_not_count() {
    let text = application("      valuesObject: {clusterMode: legacy}\n").replace(
        "  destination",
        "  sources:\n  - {chart: illumio, targetRevision: 5.1.0, helm: {valuesObject: {clusterMode: clas}}}\n  destination",
    );
    assert_eq!(outcome(Revert, false, "app.yaml", &text, None).from, Some(Clas));
}

/// Wherever an umbrella chart's values are, no second mode comes beside the one they say.
#[test]
fn a_mode_below_a_key_is_the_one_of_an_umbrella_chart_or_stops_the_step() {
    let with_version = |verb, text: &str| outcome(verb, false, "argo-umbrella.yaml", text, None);
    let text = application("      values: |\n        illumio:\n          clusterMode: legacy\n");
    let outcome = with_version(Migrate, &text);
    let Status::Step(edited) = outcome.status else { panic!("{:?}", outcome.findings) };
    assert_eq!(edited.text, text.replace(": legacy", ": migrateLegacyToClas"));
    let text = application("      parameters: [{name: illumio.clusterMode, value: clas}]\n");
    let outcome = with_version(Revert, &text);
    let Status::Step(edited) = outcome.status else { panic!("{:?}", outcome.findings) };
    assert_eq!(edited.text, text.replace("value: clas", "value: migrateClasToLegacy"));
    // a name that may be an alias
    for (helm, line) in [
        ("      valuesObject:\n        segmentation: {clusterMode: clas}\n", 10),
        ("      valuesObject: {pce_url: x:1}\n      parameters: [{name: segmentation.clusterMode, value: clas}]\n", 10),
        ("      values: |\n        pce_url: x:1\n        a: {segmentation: {clusterMode: clas}}\n", 11),
        ("      valuesObject:\n        illumio: {pce_url: x:1}\n        segmentation: {clusterMode: clas}\n", 11),
    ] {
        refused(&application(helm), Rule::ModeElsewhere, line);
    }
    // nothing reads it below a section of the chart
    refused(
        &application("      valuesObject:\n        pce_url: x:1\n        cven: {clusterMode: clas}\n"),
        Rule::MisplacedMode,
        11,
    );
    // the version beside the values of an umbrella chart is not the chart's
    refused_without_place(&application("      valuesObject: {illumio: {clusterMode: legacy}}\n"), Rule::VersionMissing);
    let in_git =
        application("      valuesObject: {clusterMode: legacy}\n").replace("chart: illumio", "path: charts/illumio");
    refused_without_place(&in_git, Rule::VersionMissing);
}

#[track_caller]
fn refused_without_place(text: &str, rule: Rule) {
    let outcome = outcome(Migrate, false, "app.yaml", text, None);
    assert!(matches!(outcome.status, Status::Refused));
    assert_eq!(
        outcome.findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(),
        [rule],
        "{:?}",
        outcome.findings
    );
}

#[test]
fn an_object_of_another_kind_gets_no_mode() {
    for (text, line) in [
        ("kind: Deployment\napiVersion: apps/v1\nmetadata: {name: illumio}\n", 1),
        ("a: 1\nkind: Deployment\n", 2),
        ("apiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n", 2),
        ("apiVersion: v1\nkind: Secret\ndata: {values.yaml: Y2x1c3Rlck1vZGU6IGNsYXMK}\n", 2),
        ("apiVersion: example.com/v1\nkind: Cluster\nspec: {values: {clusterMode: clas}}\n", 2),
        // what it calls a mode is its own
        ("apiVersion: example.com/v1\nkind: Cluster\nclusterMode: legacy\n", 2),
        ("apiVersion: example.com/v1\nkind: Cluster\nclusterMode: on\n", 2),
        ("apiVersion: example.com/v1\nkind: Cluster\nillumio: {clusterMode: legacy}\n", 2),
    ] {
        refused(text, Rule::ForeignValues, line);
        let (known, said): (Vec<_>, Vec<_>) =
            standings("object.yaml", text).into_iter().partition(|standing| standing.mode.is_some());
        assert_eq!(known, [], "{text}");
        // a mode that may be this chart's is named, and nothing else is
        let says_mode = ["clas}", "legacy", "Y2x1c3Rlck1vZGU6IGNsYXMK"].iter().any(|word| text.contains(word));
        assert_eq!(said.len(), usize::from(says_mode), "{text}");
        let found = judged("object.yaml", text, true);
        let found: Vec<Rule> = found.iter().flat_map(|it| &it.findings).map(|finding| finding.rule).collect();
        assert_eq!(found, vec![Rule::ModeNotJudged; usize::from(says_mode)], "{text}");
    }
    // the keys were named
    let object = "apiVersion: example.com/v1\nkind: Cluster\nspec: {values: {clusterMode: legacy}}\n";
    assert!(is_ours(object, Some("spec.values")));
    let secret = "apiVersion: v1\nkind: Secret\ndata: {values.yaml: Y2x1c3Rlck1vZGU6IGNsYXMK}\n";
    let outcome = outcome(Migrate, false, "secret.yaml", secret, None);
    assert!(outcome.findings.iter().any(|finding| finding.help.as_ref().is_some_and(|help| help.contains("base64"))));
    // values that have a name of this sort are values
    let edited = self::outcome(Migrate, false, "values.yaml.gotmpl", "kind: a\npce_url: x:1\n", None);
    assert!(matches!(edited.status, Status::Step(_)), "{:?}", edited.findings);
}

/// A section that holds none of its values does not show whether Illumio's chart is a dependency of another one.
#[test]
fn no_mode_is_written_beside_a_section_that_may_be_the_one() {
    for text in ["a: 1\nillumio: [{clusterMode: clas}]\n", "a: 1\nillumio: {replicas: 2}\n", "a: 1\nillumio:\n"] {
        refused(text, Rule::ForeignValues, 2);
    }
    assert!(is_ours("illumio:\n  replicas: 2\n", Some("illumio")));
    assert!(is_ours("illumio: [a]\npce_url: x:1\n", None));
}

/// Whether a step can be made in a file.
fn is_ours(text: &str, path: Option<&str>) -> bool {
    // for this one the version is given
    let outcome = outcome(Migrate, false, "configmap.yaml", text, path);
    matches!(outcome.status, Status::Step(_))
}

/// A controller reads the file as a whole.
#[test]
fn a_document_that_cannot_be_read_stops_the_step_beside_it() {
    let good = application("      valuesObject: {clusterMode: legacy}\n");
    for (bad, rule) in [
        ("kind: A\n\tb: 1\n", Rule::InvalidYaml),
        ("{{- if .Values.x }}\nkind: A\n{{- end }}\n", Rule::TemplateInValues),
        ("- a\n", Rule::NotAMapping),
    ] {
        let behind = format!("{good}---\n{bad}");
        let before = format!("{bad}---\n{good}");
        let lines = |text: &str| text.lines().count();
        for (text, lines) in [(&behind, lines(&good) + 1..lines(&behind) + 1), (&before, 1..lines(bad) + 1)] {
            let outcome = outcome(Migrate, false, "app.yaml", text, None);
            assert!(matches!(outcome.status, Status::Refused), "{text}");
            let found = found("app.yaml", text, true);
            let [(found, Some(line))] = found[..] else { panic!("{text}\n{found:?}") };
            assert!(found == rule && lines.contains(&line), "{text}\n{found:?} {line}");
        }
    }
}

/// Values that a release of the same file overrides are not a place of their own; others are, unless no mode is set.
#[test]
fn a_configmap_yields_to_the_release_that_takes_it() {
    let release = |values: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: illumio, namespace: a}}\nspec:\n  \
             chart: {{spec: {{chart: illumio, version: 5.1.0}}}}\n  valuesFrom: [{{kind: ConfigMap, name: v}}]\n{values}---\n"
        )
    };
    let map = |namespace: &str, mode: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: v, namespace: {namespace}}}\ndata:\n  values.yaml: |\n    \
             pce_url: x:1\n{mode}"
        )
    };
    let (said, clas) = ("  values: {clusterMode: legacy}\n", "    clusterMode: clas\n");
    let text = release(said) + &map("a", clas);
    let taken = outcome(Migrate, false, "flux.yaml", &text, None);
    let Status::Step(edited) = taken.status else { panic!("{:?}", taken.findings) };
    assert_eq!(edited.text, text.replace(": legacy", ": migrateLegacyToClas"));
    assert_eq!(found("flux.yaml", &text, true), [(Rule::ModeOverridden, Some(15))]);
    // of another namespace
    let text = release(said) + &map("b", clas);
    let several = outcome(Migrate, false, "flux.yaml", &text, None);
    assert!(several.findings.iter().any(|finding| finding.rule == Rule::SeveralPlaces), "{text}");
    // of a release that does not set the mode: then it is decided there
    let text = release("") + &map("a", clas);
    let Status::Step(edited) = outcome(Revert, false, "flux.yaml", &text, None).status else { panic!("{text}") };
    assert_eq!(edited.text, text.replace(": clas", ": migrateClasToLegacy"));
    assert_eq!(found("flux.yaml", &text, true), []);
    refused(&map("a", ""), Rule::ModeElsewhere, 5);
    refused(&map("a", clas).replace(": |", ": >"), Rule::OutsideDialect, 6);
    let secret = map("a", clas).replace("kind: ConfigMap", "kind: Secret").replace("\ndata:", "\nstringData:");
    assert_eq!(outcome(Revert, false, "configmap.yaml", &secret, None).to, Some(MigrateClasToLegacy));
}

/// What helmfile renders before Helm reads it: the mode is changed where its line is there whatever is filled in.
#[test]
fn a_template_of_values_is_edited_only_where_the_line_is_literal() {
    let file = "values.yaml.gotmpl";
    let text = "pce_url: '{{ .Values.pce }}'\nclusterMode: legacy # for now\ncluster_token: \"{{ .token }}\"\n";
    let Status::Step(edited) = outcome(Migrate, false, file, text, None).status else { panic!() };
    assert_eq!(edited.text, text.replace("legacy", "migrateLegacyToClas"));
    let text = "cluster_name: {{ .Values.a }}-b\npce_url: \"{{ env \"A\" }}\" # {{ .b }}\nclusterMode: legacy\n";
    let Status::Step(edited) = outcome(Migrate, false, file, text, None).status else { panic!() };
    assert_eq!(edited.text, text.replace("legacy", "migrateLegacyToClas"));
    for (text, line) in [
        ("clusterMode: {{ .Values.mode }}\n", 1),
        ("a: 1\n{{ .Values.a }}\nclusterMode: legacy\n", 2),
        ("a: {{ .Values.a -}}\nclusterMode: legacy\n", 1),
        ("a: {{ include \"a\" . }}\nclusterMode: legacy\n", 1),
        ("a: 1\nclusterMode: '{{ .Values.mode }}'\n", 2),
        ("a: 1\n{{- if .x }}\nclusterMode: legacy\n{{- end }}\n", 2),
        ("# {{ if .x }}\nclusterMode: legacy\n# {{ end }}\n", 1),
        ("# {{/*\nclusterMode: legacy\n# */}}\n", 1),
        ("a: 1\n# {{ toYaml .x }}\nclusterMode: legacy\n", 2),
        ("a: 1 # {{ .x -}}\nclusterMode: legacy\n", 1),
        ("a: '{{ if .x }}'\nclusterMode: legacy\nb: '{{ end }}'\n", 1),
        ("clusterMode: legacy\na: |\n  {{ toYaml .x }}\n", 3),
    ] {
        let outcome = outcome(Migrate, false, file, text, None);
        assert!(matches!(outcome.status, Status::Refused), "{text}");
        let is_it = |finding: &&helm_clas::Finding| finding.rule == Rule::TemplateInValues;
        let finding = outcome.findings.iter().find(is_it).unwrap_or_else(|| panic!("{text}{:?}", outcome.findings));
        assert_eq!(Position::of(text, finding.span.clone().unwrap().start).line, line, "{text}");
    }
    // helmfile fills it in, whatever it is before
    let judged = judged(file, "cluster_token: {{ .token }}\nclusterMode: legacy\n", true).unwrap();
    let found: Vec<(Rule, Severity)> = judged.findings.iter().map(|it| (it.rule, it.severity)).collect();
    assert_eq!(found, [(Rule::ReferenceNotRead, Severity::Info)], "{:?}", judged.findings);
}

/// `status` does not take a line for the mode that need not be there, and `check` warns of it.
#[test]
fn a_line_that_a_template_may_take_away_is_no_mode() {
    const CONTROLLED: &str = "# {{ if .x }}\n@\n# {{ end }}\n";
    #[track_caller]
    fn check(file: &str, text: &str, mode: Option<ClusterMode>, expected: &[(Rule, Option<usize>)]) {
        let standings = standings(file, text);
        assert_eq!(standings.iter().map(|standing| standing.mode).collect::<Vec<_>>(), [mode], "{text}");
        assert_eq!(found(file, text, true), expected, "{text}");
    }
    let template = CONTROLLED.replace('@', "clusterMode: clas");
    check("values.yaml.gotmpl", &template, None, &[(Rule::TemplateInValues, Some(1))]);
    check("values.yaml", &template, Some(Clas), &[]);
    check("values.yaml.gotmpl", "clusterMode: clas\nx: '{{ .y }}'\n", Some(Clas), &[]);
    let release = format!("{HELMFILE}  values:\n{}", CONTROLLED.replace('@', "  - clusterMode: clas"));
    check("helmfile.yaml", &release, None, &[(Rule::TemplateInValues, Some(6))]);
    let named = format!("{HELMFILE}  namespace: ns-{{{{ .Environment.Name }}}}\n  values: [{{clusterMode: clas}}]\n");
    check("helmfile.yaml", &named, Some(Clas), &[]);
    let brings = named.replace(".Environment.Name", ".Values.x | toYaml");
    check("helmfile.yaml", &brings, None, &[(Rule::TemplateInValues, Some(5))]);
}

/// What brings another mode back, and the near miss.
#[test]
fn settings_that_keep_or_bring_back_a_mode_are_found() {
    #[track_caller]
    fn check(manifest: &str, expected: &[(Rule, Option<usize>)]) {
        assert_eq!(found("manifest.yaml", manifest, true), expected, "{manifest}");
    }
    let release = |before: &str, rest: &str| format!("{before}{HELMFILE}{rest}  values: [{{clusterMode: clas}}]\n");
    for (setting, rule) in [("reuseValues", Rule::ReuseValues), ("atomic", Rule::RollbackFlipsMode)] {
        check(&release("", &format!("  {setting}: true\n")), &[(rule, Some(5))]);
        check(&release("", &format!("  {setting}: false\n")), &[]);
        let defaults = format!("helmDefaults:\n  {setting}: true\n");
        check(&release(&defaults, ""), &[(rule, Some(2))]);
        check(&release(&format!("{defaults}---\n"), ""), &[(rule, Some(2))]);
        check(&release(&defaults, &format!("  {setting}: false\n")), &[]);
        check(&release(&format!("helmDefaults: {{wait: true}}\nx: {{{setting}: true}}\n"), ""), &[]);
    }
    let flux = |rest: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: illumio}}\nspec:\n  \
             chart: {{spec: {{chart: illumio, version: 5.1.0}}}}\n  values: {{clusterMode: clas}}\n  {rest}\n"
        )
    };
    for (setting, rule) in [
        ("upgrade: {preserveValues: true}", Some(Rule::ReuseValues)),
        ("upgrade: {preserveValues: false}", None),
        ("install: {preserveValues: true}", None),
        ("upgrade: {remediation: {retries: 3}}", Some(Rule::RollbackFlipsMode)),
        ("upgrade: {remediation: {retries: -1, strategy: rollback}}", Some(Rule::RollbackFlipsMode)),
        ("upgrade: {remediation: {remediateLastFailure: true}}", Some(Rule::RollbackFlipsMode)),
        ("upgrade: {remediation: {strategy: rollback}}", None),
        ("upgrade: {remediation: {retries: 0, strategy: rollback}}", None),
        ("upgrade: {remediation: {retries: 3, strategy: uninstall}}", None),
        ("upgrade: {strategy: {name: RetryOnFailure}, remediation: {retries: 3}}", None),
        ("install: {remediation: {retries: 3}}", None),
        ("rollback: {cleanupOnFail: true}", None),
        ("valuesFrom: [{kind: ConfigMap, name: a, targetPath: clusterMode}]", Some(Rule::ModeOverridden)),
        ("valuesFrom: [{kind: ConfigMap, name: a, targetPath: cven.clusterMode}]", None),
        // inline values override what is merged at the root
        ("valuesFrom: [{kind: ConfigMap, name: a}]", None),
    ] {
        check(&flux(setting), &rule.map(|rule| (rule, Some(7))).into_iter().collect::<Vec<_>>());
    }
    check(&release("helmDefaults: {args: [--set, a.b=1]}\n", ""), &[]);
    let given = release("helmDefaults: {args: [--values, a.yaml]}\n", "");
    check(&given, &[(Rule::ModeElsewhere, Some(1))]);
    assert!(matches!(outcome(Revert, false, "helmfile.yaml", &given, None).status, Status::Refused));
}

/// The elements of a list generator count where the template of Illumio's chart takes the mode from them.
#[test]
fn elements_say_the_mode_where_the_template_takes_it_from_them() {
    #[track_caller]
    fn modes(text: &str, expected: &[(&str, Option<ClusterMode>)]) {
        let standings = standings("set.yaml", text);
        let found: Vec<_> =
            standings.iter().map(|standing| (standing.release.as_deref().unwrap_or("-"), standing.mode)).collect();
        assert_eq!(found, expected, "{text}");
    }
    let set = |element: &str, chart: &str, helm: &str, rest: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: set}}\nspec:\n  generators:\n  - list:\n      \
             elements:\n      - {{cluster: east, {element}}}\n      - {{cluster: west, {element}}}\n{rest}  template:\n    spec:\n      \
             source:\n        chart: {chart}\n        targetRevision: 5.1.0\n        helm:\n{helm}"
        )
    };
    let both = [("east", Some(Legacy)), ("west", Some(Legacy))];
    // by any name, from every kind of values
    for (name, helm) in [
        ("clusterMode", "          valuesObject: {clusterMode: '{{clusterMode}}'}\n"),
        ("clusterMode", "          valuesObject: {clusterMode: '{{ .clusterMode }}'}\n"),
        ("mode", "          valuesObject:\n            clusterMode: \"{{mode}}\"\n"),
        ("mode", "          values: |\n            pce_url: a:1\n            clusterMode: '{{ .mode }}'\n"),
        ("mode", "          values: |\n            pce_url: a:1\n            clusterMode: {{ mode }}\n"),
        ("mode", "          parameters: [{name: clusterMode, value: '{{mode}}'}]\n"),
    ] {
        // what is written in the language that the set does not use is not filled in
        let (own, other) = ("  goTemplate: true\n", "  goTemplate: false\n");
        let (own, other) = if helm.contains("{{ .") { (own, other) } else { (other, own) };
        let element = format!("{name}: legacy");
        let of_other = standings("set.yaml", &set(&element, "illumio", helm, other));
        assert!(of_other.iter().all(|standing| standing.mode.is_none()), "{helm}: {of_other:?}");
        let text = set(&element, "illumio", helm, own);
        modes(&text, &both);
        let outcome = outcome(Migrate, false, "set.yaml", &text, Some("west"));
        let Status::Step(edited) = outcome.status else { panic!("{text}\n{:?}", outcome.findings) };
        let line = format!("{{cluster: west, {name}: legacy}}");
        assert_eq!(edited.text, text.replace(&line, &line.replace("legacy", "migrateLegacyToClas")));
    }
    let of_mode = "          valuesObject: {clusterMode: '{{mode}}'}\n";
    // the chart is another one
    modes(&set("mode: legacy", "redis", of_mode, ""), &[]);
    modes(&set("clusterMode: east", "redis", "          values: 'a: {{clusterMode}}'\n", ""), &[]);
    // the template sets the mode itself, or takes nothing, whatever the elements hold
    let literal = "          valuesObject: {clusterMode: clas, cluster_id: '{{cluster_id}}'}\n";
    modes(
        &set("clusterMode: legacy, cluster_id: a", "illumio", literal, ""),
        &[("east", Some(Clas)), ("west", Some(Clas))],
    );
    let none = "          valuesObject: {cluster_id: '{{cluster_id}}'}\n";
    modes(&set("cluster_id: a", "illumio", none, ""), &[("set", Some(Legacy))]);
    // unless that might be meant
    let named = [("set", None), ("-", None)];
    modes(&set("clusterMode: clas, cluster_id: a", "illumio", none, ""), &named);
    // an element that lacks it, and an expression that is more than a name
    modes(&set("url: a", "illumio", of_mode, ""), &[("east", None), ("west", None)]);
    let piped = "          valuesObject: {clusterMode: '{{ .mode | upper }}'}\n";
    modes(&set("mode: legacy", "illumio", piped, ""), &[("set", None)]);
    // what comes behind the template
    let patch = |patch: &str| format!("  templatePatch: |\n    {patch}\n");
    for rest in [
        &patch("spec: {source: {helm: {valuesObject: {clusterMode: clas}}}}"),
        &patch("spec: {source: {helm: {values: '{{ .values }}'}}}"),
        "      template: {spec: {source: {helm: {valuesObject: {clusterMode: clas}}}}}\n",
    ] {
        let text = set("mode: legacy", "illumio", of_mode, rest);
        let found = standings("set.yaml", &text);
        assert!(found.len() >= 2 && found.iter().all(|standing| standing.mode.is_none()), "{text}");
        let line = text.lines().position(|line| line.contains("emplate")).unwrap() + 1;
        let outcome = outcome(Migrate, false, "set.yaml", &text, Some("east"));
        assert!(matches!(outcome.status, Status::Refused));
        let found = outcome.findings.iter().find(|finding| finding.rule == Rule::ModeOverridden).unwrap();
        assert_eq!(Position::of(&text, found.span.clone().unwrap().start).line, line);
    }
    modes(&set("mode: legacy", "illumio", of_mode, &patch("metadata: {labels: {a: b}}")), &both);
}

/// What is found in a manifest: how many places, by the chart it names and its values.
#[test]
fn a_chart_of_another_name_is_told_by_the_keys_that_no_other_chart_has() {
    #[track_caller]
    fn found(chart: &str, values: &str, expected: usize) {
        let manifests = [
            format!("releases:\n- {{name: a, chart: {chart}, values: [{{{values}}}]}}\n"),
            format!(
                "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  chart: {{spec: {{chart: {chart}}}}}\n  \
                 values: {{{values}}}\n"
            ),
            format!(
                "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    chart: {chart}\n    \
                 helm: {{values: '{{{values}}}'}}\n"
            ),
            format!(
                "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nhelmCharts:\n- name: {chart}\n  \
                 valuesInline: {{{values}}}\n"
            ),
        ];
        for manifest in manifests {
            assert_eq!(standings("manifest.yaml", &manifest).len(), expected, "{manifest}");
        }
    }
    found("bitnami/redis", "clusterMode: legacy", 0);
    found("bitnami/redis", "replicas: 1", 0);
    found("mirror/core", "clusterMode: legacy, pce_url: a", 1);
    found("mirror/core", "pce_url: a", 1);
    found("mirror/core", "cluster_id: a, workers: 3", 0);
    found("mirror/core", "cluster_id: a", 0);
    found("mirror/illumio", "clusterMode: legacy", 1);
    found("mirror/illumio", "replicas: 1", 1);
}

#[test]
fn a_manifest_of_other_charts_takes_no_step() {
    let text = "releases:\n- {name: redis, chart: redis, values: [{clusterMode: legacy}]}\n";
    let refused = outcome(Migrate, false, "helmfile.yaml", text, None);
    assert!(matches!(refused.status, Status::Refused));
    assert_eq!(refused.findings[0].rule, Rule::ForeignValues);
}
