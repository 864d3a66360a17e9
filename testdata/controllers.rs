//! Manifests before the real helmfile and the real kustomize: the mode that is reported for the cluster is the one that
//! the controller passes to Helm, a step changes that mode in what is passed on and nothing else, and where the mode is
//! not known, the step is refused.

use std::fs;

use crate::support::controller::{
    Controller::{self, Helmfile, Kustomize},
    has_kubectl,
};
use crate::support::{helm::on_threads, tool::tool};
use helm_clas::{ClusterMode, Outcome, Rule, Status, Verb};

use crate::support::reading::{self, Ask};

/// A manifest with the files beside it.
struct Case {
    /// What follows the head of its [`Controller`].
    manifest: &'static str,
    files: &'static [(&'static str, &'static str)],
    /// The mode that the controller passes to Helm for the release `illumio`; nothing where it refuses the file.
    mode: Option<&'static str>,
    expected: Expected,
}

/// The result of a step.
enum Expected {
    /// This file is changed.
    Changes(&'static str),
    /// It is refused, by this rule among others.
    Refuses(Rule),
}
use Expected::{Changes, Refuses};

const fn case(
    manifest: &'static str,
    files: &'static [(&'static str, &'static str)],
    mode: &'static str,
    expected: Expected,
) -> Case {
    Case { manifest, files, mode: Some(mode), expected }
}

const RELEASE: &str = "releases:\n- name: illumio\n  chart: q/illumio\n  version: 5.1.0\n";
const INLINE: &str = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nhelmCharts:\n\
                      - name: illumio\n  releaseName: illumio\n  version: 5.1.0\n";

#[rustfmt::skip]
const OF_HELMFILE: &[Case] = &[
    // ---- inline values and files
    case("@  values: [{pce_url: 'a:1', clusterMode: clas}]\n", &[], "clas", Changes("helmfile.yaml")),
    case("@  values:\n  - pce_url: a:1\n    clusterMode: legacy # why\n  - networkType: overlay\n", &[], "legacy", Changes("helmfile.yaml")),
    case("@  values:\n  - clusterMode: clas\n  - clusterMode: legacy\n", &[], "legacy", Changes("helmfile.yaml")),
    case("@  values: [{pce_url: 'a:1'}]\n", &[], "legacy", Changes("helmfile.yaml")),
    case("@  values: [a.yaml, b.yaml]\n", &[("a.yaml", "clusterMode: legacy\n"), ("b.yaml", "clusterMode: clas # b\n")], "clas", Changes("b.yaml")),
    case("@  values: [a.yaml, b.yaml]\n", &[("a.yaml", "clusterMode: clas\r\nx: 1\r\n"), ("b.yaml", "x: 2\n")], "clas", Changes("a.yaml")),
    case("@  values: [{clusterMode: legacy}, v/a.yaml]\n", &[("v/a.yaml", "x: {y: 1}\n\"clusterMode\": 'clas'\n")], "clas", Changes("v/a.yaml")),
    case("@  values: [v/a.yaml, {clusterMode: legacy}]\n", &[("v/a.yaml", "clusterMode: clas\n")], "legacy", Changes("helmfile.yaml")),
    case("@  set: [{name: clusterMode, value: clas}]\n  values: [{clusterMode: legacy}]\n", &[], "clas", Changes("helmfile.yaml")),
    case("@  set:\n  - {name: clusterMode, value: legacy}\n  - name: clusterMode\n    value: clas\n", &[], "clas", Changes("helmfile.yaml")),
    // ---- several releases
    case("@  values: [{clusterMode: clas}]\n- name: other\n  chart: q/other\n  values: [{clusterMode: legacy}]\n", &[], "clas", Changes("helmfile.yaml")),
    // ---- the values of an environment are those of templates, and no chart's
    case("environments:\n  default:\n    values: [{clusterMode: clas}]\n---\n@  values: [{pce_url: 'a:1'}]\n", &[], "legacy", Changes("helmfile.yaml")),
    case("values: [{clusterMode: clas}]\n@  values: [{clusterMode: legacy}]\n", &[], "legacy", Changes("helmfile.yaml")),
    case("values: [{clusterMode: clas}]\n---\n@  values: [{pce_url: 'a:1'}]\n", &[], "legacy", Changes("helmfile.yaml")),
    case("values: [{clusterMode: clas}]\n---\n@  values: [{clusterMode: legacy}]\n", &[], "legacy", Changes("helmfile.yaml")),
    case("values: [{clusterMode: clas}]\n---\n@  values: [{clusterMode: \"{{ .Values.clusterMode }}\"}]\n", &[], "clas", Refuses(Rule::TemplateInValues)),
    case("helmfiles:\n- path: sub.yaml\n  values: [{clusterMode: clas}]\n---\n@  values: [{clusterMode: legacy}]\n", &[("sub.yaml", "releases: []\n")], "legacy", Changes("helmfile.yaml")),
    case("environments:\n  default:\n    values: [{x: {enabled: true}}]\n---\n@  condition: x.enabled\n  values: [{clusterMode: legacy}]\n", &[], "legacy", Changes("helmfile.yaml")),
    case("environments:\n  default:\n    values: [{mode: clas}]\n---\n@  values: [{clusterMode: \"{{ .Values.mode }}\"}]\n", &[], "clas", Refuses(Rule::TemplateInValues)),
    case("environments:\n  default:\n    values: [{mode: clas}]\n---\n@  values:\n  - clusterMode: {{ .Values.mode }}\n", &[], "clas", Refuses(Rule::TemplateInValues)),
    // ---- what every release gets
    case("helmDefaults: {wait: true, args: [--set, a=1]}\n@  values: [{clusterMode: clas}]\n", &[], "clas", Changes("helmfile.yaml")),
    case("helmDefaults:\n  args: [--set, clusterMode=clas]\n@  values: [{clusterMode: legacy}]\n", &[], "clas", Refuses(Rule::ModeOverridden)),
    case("helmDefaults:\n  args:\n  - --set-string=clusterMode=clas\n---\n@  set: [{name: clusterMode, value: legacy}]\n", &[], "clas", Refuses(Rule::ModeOverridden)),
    // ---- templates of releases
    case("templates:\n  d:\n    values: [{x: 1}]\n@  inherit: [{template: d}]\n  values: [{clusterMode: clas}]\n", &[], "clas", Changes("helmfile.yaml")),
    case("templates:\n  d:\n    values: [{clusterMode: clas}]\n@  inherit: [{template: d}]\n  values: [{x: 1}]\n", &[], "clas", Changes("helmfile.yaml")),
    case("templates:\n  d:\n    set: [{name: clusterMode, value: clas}]\n@  inherit: [{template: d}]\n  values: [{clusterMode: legacy}]\n", &[], "clas", Changes("helmfile.yaml")),
    case("templates:\n  d:\n    set: [{name: clusterMode, value: clas}]\n@  inherit: [{template: d}]\n  set: [{name: clusterMode, value: legacy}]\n", &[], "legacy", Changes("helmfile.yaml")),
    case("templates:\n  d:\n    values: [{clusterMode: clas}]\n@  inherit: [{template: d, except: [values]}]\n  values: [{x: 1}]\n", &[], "legacy", Refuses(Rule::ModeElsewhere)),
    case("templates:\n  d:\n    chart: q/illumio\n    version: 5.1.0\nreleases:\n- name: illumio\n  inherit: [{template: d}]\n  values: [{clusterMode: clas}]\n", &[], "clas", Changes("helmfile.yaml")),
    case("templates:\n  d: &d\n    chart: q/illumio\n    version: 5.1.0\nreleases:\n- name: illumio\n  <<: *d\n  values: [{clusterMode: clas}]\n", &[], "clas", Changes("helmfile.yaml")),
    case("templates:\n  d: &d\n    chart: q/illumio\n    version: 5.1.0\n    values: [{clusterMode: clas}]\nreleases:\n- name: illumio\n  <<: *d\n", &[], "clas", Refuses(Rule::OutsideDialect)),
    case("@  valuesTemplate: [{clusterMode: clas}]\n", &[], "clas", Changes("helmfile.yaml")),
    case("@  valuesTemplate: ['{{`{{ .Release.Name }}`}}.yaml']\n", &[("illumio.yaml", "clusterMode: clas\n")], "clas", Changes("illumio.yaml")),
    case("@  values: ['{{`{{ .Release.Name }}`}}-{{`{{ .Environment.Name }}`}}.yaml']\n", &[("illumio-default.yaml", "clusterMode: clas\n")], "clas", Changes("illumio-default.yaml")),
    case("@  values: ['{{`{{ .Release.Labels.a }}`}}.yaml']\n  labels: {a: b}\n", &[("b.yaml", "clusterMode: clas\n")], "clas", Refuses(Rule::ModeElsewhere)),
    case("@  valuesTemplate: [{clusterMode: clas}]\n  values: [a.yaml]\n", &[("a.yaml", "clusterMode: legacy\n")], "legacy", Changes("a.yaml")),
    case("@  valuesTemplate: [{clusterMode: clas}]\n  values: [{clusterMode: legacy}]\n", &[], "legacy", Changes("helmfile.yaml")),
    case("@  setTemplate: [{name: clusterMode, value: clas}]\n  values: [{clusterMode: legacy}]\n", &[], "clas", Changes("helmfile.yaml")),
    case("@  setTemplate: [{name: clusterMode, value: clas}]\n  set: [{name: clusterMode, value: legacy}]\n", &[], "legacy", Changes("helmfile.yaml")),
    // ---- what is brought from another file
    case("bases: [base.yaml]\n@  values: [{clusterMode: clas}]\n", &[("base.yaml", "helmDefaults: {wait: true}\n")], "clas", Changes("helmfile.yaml")),
    // ---- parts: of their lists of releases the last counts
    case("releases:\n- name: illumio\n  chart: q/illumio\n  version: 5.1.0\n  values: [{clusterMode: legacy}]\n---\n@  values: [{clusterMode: clas}]\n", &[], "clas", Changes("helmfile.yaml")),
    // ---- files that need not be there
    case("@  missingFileHandler: Warn\n  values: [none.yaml, {clusterMode: clas}]\n", &[], "clas", Changes("helmfile.yaml")),
    // it may be missing, and it was not checked whether it is
    case("@  missingFileHandler: Warn\n  values: [{clusterMode: clas}, none.yaml]\n", &[], "clas", Refuses(Rule::ModeElsewhere)),
    Case { manifest: "@  values: [none.yaml, {x: 1}]\n", files: &[], mode: None, expected: Refuses(Rule::ModeElsewhere) },
    // ---- actions
    case("@  values:\n  # {{ if eq .Environment.Name \"default\" }}\n  - clusterMode: clas\n  # {{ else }}\n  - clusterMode: legacy\n  # {{ end }}\n", &[], "clas", Refuses(Rule::TemplateInValues)),
    case("@  namespace: '{{ .Environment.Name }}'\n  values: [{clusterMode: clas}]\n", &[], "clas", Changes("helmfile.yaml")),
    case("@  values: [a.yaml.gotmpl]\n", &[("a.yaml.gotmpl", "x: '{{ .Release.Name }}'\nclusterMode: clas # literal\n")], "clas", Changes("a.yaml.gotmpl")),
    case("@  values: [{x: 1}, a.yaml.gotmpl, {z: 1}]\n", &[("a.yaml.gotmpl", "clusterMode: clas\n")], "clas", Changes("a.yaml.gotmpl")),
    case("@  values: [a.yaml.gotmpl]\n", &[("a.yaml.gotmpl", "x: 1\n# {{ if true }}\nclusterMode: clas\n# {{ else }}\n#  {{ end }}\n")], "clas", Refuses(Rule::TemplateInValues)),
    case("@  values: [a.yaml.gotmpl]\n", &[("a.yaml.gotmpl", "clusterMode: '{{ \"clas\" }}'\n")], "clas", Refuses(Rule::TemplateInValues)),
    case("@  values: [a.yaml.gotmpl, {clusterMode: clas}]\n", &[("a.yaml.gotmpl", "{{ \"x: 1\" }}\n")], "clas", Changes("helmfile.yaml")),
];

#[rustfmt::skip]
const OF_KUSTOMIZE: &[Case] = &[
    case("@  valuesInline: {pce_url: 'a:1', clusterMode: clas}\n", &[], "clas", Changes("kustomization.yaml")),
    case("@  valuesInline:\n    pce_url: a:1\n", &[], "legacy", Changes("kustomization.yaml")),
    case("@  valuesFile: a.yaml\n", &[("a.yaml", "clusterMode: clas # a\n")], "clas", Changes("a.yaml")),
    case("@  valuesFile: v/a.yaml\n  valuesInline: {clusterMode: legacy}\n", &[("v/a.yaml", "clusterMode: clas\n")], "legacy", Changes("kustomization.yaml")),
    case("@  valuesFile: a.yaml\n  valuesMerge: override\n  valuesInline: {x: 1}\n", &[("a.yaml", "clusterMode: clas\n")], "clas", Changes("a.yaml")),
    case("@  valuesFile: a.yaml\n  valuesMerge: merge\n  valuesInline: {clusterMode: legacy}\n", &[("a.yaml", "clusterMode: clas\n")], "clas", Changes("a.yaml")),
    case("@  valuesFile: a.yaml\n  valuesMerge: merge\n  valuesInline: {clusterMode: clas}\n", &[("a.yaml", "x: 1\n")], "clas", Changes("kustomization.yaml")),
    case("@  valuesFile: a.yaml\n  valuesMerge: replace\n  valuesInline: {clusterMode: legacy}\n", &[("a.yaml", "clusterMode: clas\n")], "legacy", Changes("kustomization.yaml")),
    case("@  valuesFile: a.yaml\n  valuesMerge: replace\n  valuesInline: {}\n", &[("a.yaml", "clusterMode: clas\n")], "clas", Changes("a.yaml")),
    case("@  valuesMerge: merge\n  valuesInline: {clusterMode: clas}\n", &[], "legacy", Refuses(Rule::ModeOverridden)),
    case("@  valuesMerge: merge\n  valuesInline: {x: 1}\n", &[], "legacy", Refuses(Rule::ModeElsewhere)),
    case("@  valuesInline: {clusterMode: legacy}\n  additionalValuesFiles: [a.yaml, b.yaml]\n", &[("a.yaml", "clusterMode: clas\n"), ("b.yaml", "x: 1\n")], "clas", Changes("a.yaml")),
    case("@  valuesFile: a.yaml\n  additionalValuesFiles: [b.yaml, a.yaml]\n", &[("a.yaml", "clusterMode: clas\n"), ("b.yaml", "clusterMode: legacy\n")], "clas", Changes("a.yaml")),
    case("@  valuesInline: {clusterMode: clas}\n- name: other\n  releaseName: other\n  valuesInline: {clusterMode: legacy}\n", &[], "clas", Changes("kustomization.yaml")),
];

impl Case {
    /// All of its files, the manifest first.
    fn files(&self, controller: Controller) -> Vec<(&'static str, String)> {
        let head = if controller == Helmfile { RELEASE } else { INLINE };
        let manifest = (controller.manifest(), self.manifest.replace('@', head));
        [manifest].into_iter().chain(self.files.iter().map(|(name, text)| (*name, (*text).to_owned()))).collect()
    }
}

/// The files as the command line reads them: the manifest, and those that it names.
fn outcome(verb: Verb, files: &[(&str, String)]) -> (Outcome, Vec<String>) {
    let ask = Ask { path: Some("illumio"), version: None, ..Ask::of(verb) };
    let outcome = reading::outcome_of(files, &[0], &ask);
    (outcome, files.iter().map(|(name, _)| (*name).to_owned()).collect())
}

/// What is wrong with a case.
fn judged(controller: Controller, case: &Case) -> Result<(), String> {
    let files = case.files(controller);
    let shown = || files.iter().flat_map(|(name, text)| ["--- ", *name, "\n", text.as_str()]).collect::<String>();
    let values = |files: &[(&str, String)]| {
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        controller.values(&files)
    };
    let before = values(&files);
    let real = before.as_ref().ok().map(|values| values["illumio"]["clusterMode"].as_str().unwrap().to_owned());
    if real.as_deref() != case.mode {
        return Err(format!("{}{controller:?} hands over {real:?}: {before:?}", shown()));
    }
    // a wrong mode is never reported from the manifest alone without a finding that there is more
    for standing in reading::standings(&files[..1], Some("illumio")) {
        let says_more = standing.findings.iter().any(|noted| noted.finding.rule == Rule::ModeElsewhere);
        if !says_more && standing.mode.is_some_and(|mode| Some(mode.as_str()) != case.mode) {
            return Err(format!("{}status says {:?}", shown(), standing.mode));
        }
    }
    let verb = if case.mode == Some("clas") { Verb::Revert } else { Verb::Migrate };
    let (outcome, names) = outcome(verb, &files);
    let found: Vec<Rule> = outcome.findings.iter().map(|finding| finding.rule).collect();
    match (&outcome.status, &case.expected) {
        (Status::Refused, Refuses(rule)) if found.contains(rule) => Ok(()),
        (Status::Step(edited), Changes(name)) if names[outcome.file] == *name => {
            if outcome.from.map(ClusterMode::as_str) != case.mode {
                return Err(format!("{}taken for {:?}", shown(), outcome.from));
            }
            let mut after = files.clone();
            after.iter_mut().find(|file| file.0 == *name).unwrap().1.clone_from(&edited.text);
            let mut expected = before?;
            expected.get_mut("illumio").unwrap()["clusterMode"] = outcome.to.unwrap().as_str().into();
            let after = values(&after)?;
            if after == expected { Ok(()) } else { Err(format!("{}{after:?}\nis not\n{expected:?}", shown())) }
        }
        _ => Err(format!("{}{:?} of {:?}\n{:?}", shown(), outcome.status, names.get(outcome.file), outcome.findings)),
    }
}

#[track_caller]
fn all_hold(controller: Controller, cases: &[Case]) {
    let wrong: Vec<String> =
        on_threads(cases, |case| judged(controller, case)).into_iter().filter_map(Result::err).collect();
    assert!(wrong.is_empty(), "{} of {}:\n\n{}", wrong.len(), cases.len(), wrong.join("\n\n"));
}

/// The manifests that are modelled on the documentation, as every other test takes them.
fn documented(controller: Controller, names: &[&str]) {
    for name in names {
        let text = fs::read_to_string(format!("testdata/places/{name}")).unwrap();
        for (verb, from) in
            [(Verb::Migrate, "legacy"), (Verb::FinishMigrate, "migrateLegacyToClas"), (Verb::Revert, "clas")]
        {
            let files = [(controller.manifest(), text.replace("@MODE@", from))];
            let values = |text: &str| controller.values(&[(files[0].0, text)]).unwrap();
            let (Outcome { status: Status::Step(edited), to, .. }, _) = outcome(verb, &files) else { panic!("{name}") };
            let mut expected = values(&files[0].1);
            assert_eq!(expected["illumio"]["clusterMode"], from, "{name}");
            expected.get_mut("illumio").unwrap()["clusterMode"] = to.unwrap().as_str().into();
            assert_eq!(values(&edited.text), expected, "{name}");
        }
    }
}

#[test]
fn what_helmfile_hands_to_helm_is_what_is_read_and_changed() {
    if tool("helmfile").is_some() {
        all_hold(Helmfile, OF_HELMFILE);
        documented(Helmfile, &["helmfile.yaml", "helmfile-set.yaml"]);
    }
}

#[test]
fn what_kustomize_hands_to_helm_is_what_is_read_and_changed() {
    if !has_kubectl() {
        return;
    }
    all_hold(Kustomize, OF_KUSTOMIZE);
    documented(Kustomize, &["kustomization.yaml", "kustomization-bare.yaml"]);
}
