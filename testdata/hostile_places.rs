//! Hostile values in every kind of place: each is edited to the byte, or refused by a finding on the line that is to
//! blame, with either line break.

use helm_clas::{Outcome, Position, Rule, Status, Verb};

use crate::support::reading::{self, Ask};

/// A kind of place: what comes before the values, how far they are indented, and what comes after them.
struct Holder {
    file: &'static str,
    head: &'static str,
    indentation: usize,
    tail: &'static str,
    is_text: bool,
}

const fn mapping(file: &'static str, head: &'static str, indentation: usize, tail: &'static str) -> Holder {
    Holder { file, head, indentation, tail, is_text: false }
}

const fn text(file: &'static str, head: &'static str, indentation: usize, tail: &'static str) -> Holder {
    Holder { file, head, indentation, tail, is_text: true }
}

macro_rules! application {
    ($helm:literal) => {
        concat!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: illumio}\nspec:\n  source:\n    ",
            "chart: illumio\n    targetRevision: 5.1.0\n    helm:\n      ",
            $helm
        )
    };
}

const SET: &str = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: illumio}\nspec:\n  goTemplate: true\n  \
                   template:\n    spec:\n      source:\n        chart: illumio\n        targetRevision: 5.1.0\n        helm:\n          values: |+\n";
const FLUX: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio}\nspec:\n  \
                    chart: {spec: {chart: illumio, version: 5.1.0}}\n  values:\n";
const KUSTOMIZE: &str = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nhelmCharts:\n- name: illumio\n  \
                         version: 5.1.0\n  releaseName: illumio\n  valuesInline:\n";

const HELMFILE: Holder = mapping(
    "helmfile.yaml",
    "releases:\n- name: illumio\n  chart: q/illumio\n  version: 5.1.0\n  values:\n  -\n",
    4,
    "",
);
const APPLICATION_SET: Holder = text("set.yaml", SET, 12, "\n\n");
const CONFIG_MAP: Holder =
    text("map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: v}\ndata:\n  values.yaml: |\n", 4, "");

const HOLDERS: &[Holder] = &[
    mapping("values.yaml", "", 0, ""),
    mapping("umbrella.yaml", "other: 1\nillumio:\n", 2, "more: {a: 1}\n"),
    mapping("app.yaml", application!("valuesObject:\n"), 8, "  destination: {name: east}\n"),
    text("app.yaml", application!("values: |\n"), 8, "  destination: {name: east}\n"),
    text("app.yaml", application!("values: |2-\n"), 8, "  destination: {name: east}\n"),
    APPLICATION_SET,
    CONFIG_MAP,
    mapping("flux.yaml", FLUX, 4, "  suspend: false\n"),
    HELMFILE,
    mapping("kustomization.yaml", KUSTOMIZE, 4, "- {name: other, valuesInline: {clusterMode: clas}}\n"),
];

impl Holder {
    fn around(&self, values: &str, line_break: &str) -> String {
        let indented = |line: &str| match line.trim_end() {
            "" => line.to_owned(),
            _ => " ".repeat(self.indentation) + line,
        };
        let values: String = values.split_inclusive('\n').map(indented).collect();
        [self.head, &values, self.tail].concat().replace('\n', line_break)
    }
}

fn outcome(file: &str, text: &str) -> Outcome {
    reading::outcome(&[(file, text)], &Ask::of(Verb::Migrate))
}

/// The last `legacy` of the values is the only thing that changes.
#[track_caller]
fn edited(holder: &Holder, values: &str) {
    for line_break in ["\n", "\r\n"] {
        let before = holder.around(values, line_break);
        let outcome = outcome(holder.file, &before);
        let Status::Step(edited) = outcome.status else { panic!("{before}\n{:?}", outcome.findings) };
        let (head, tail) = before.rsplit_once("legacy").unwrap();
        assert_eq!(edited.text, format!("{head}migrateLegacyToClas{tail}"));
    }
}

/// Refused by this rule, at this line of the values.
#[track_caller]
fn refused(holder: &Holder, values: &str, rule: Rule, line: usize) {
    for line_break in ["\n", "\r\n"] {
        let text = holder.around(values, line_break);
        let outcome = outcome(holder.file, &text);
        assert!(matches!(outcome.status, Status::Refused), "{text}");
        let line = holder.head.matches('\n').count() + line;
        let is_it = |finding: &helm_clas::Finding| {
            let place = finding.span.as_ref().map(|span| Position::of(&text, span.start).line);
            finding.rule == rule && place == Some(line)
        };
        assert!(outcome.findings.iter().any(is_it), "{text}\nline {line}: {:?}", outcome.findings);
    }
}

#[track_caller]
fn edited_everywhere(values: &str) {
    for holder in HOLDERS {
        edited(holder, values);
    }
}

#[track_caller]
fn refused_everywhere(values: &str, rule: Rule, line: usize) {
    for holder in HOLDERS {
        refused(holder, values, rule, line);
    }
}

#[test]
fn a_mode_is_edited_however_it_is_written() {
    edited_everywhere("pce_url: a:1\nclusterMode: legacy # c\nb: 2\n");
    edited_everywhere("pce_url: a:1\n\"clusterMode\" : \"legacy\"\n");
    edited_everywhere("pce_url: a:1\n'clusterMode': 'legacy' # it's\n");
    edited_everywhere("pce_url: a:1\nclusterMode:\tlegacy\t# c\nb: 2\n");
    edited_everywhere("pce_url: a:1\nclusterMode:\n  legacy\nb: 1\n");
    edited_everywhere("pce_url: a:1\nclusterMode: >-\n  legacy\nb: 1\n");
    edited_everywhere("pce_url: a:1\nclusterMode: |-\n  legacy\nb: 1\n");
    edited_everywhere("{pce_url: 'a:1', clusterMode: legacy}\n");
    edited_everywhere("{pce_url: 'a:1',\n  clusterMode: legacy}\n");
}

#[test]
fn what_stands_around_the_mode_stays_as_it_is() {
    edited_everywhere("# clusterMode: clas\npce_url: a:1\n  # odd comment\nclusterMode: legacy\n");
    edited_everywhere("pce_url: \"a:1\n  b\"\nclusterMode: legacy\n");
    edited_everywhere("pce_url: &p a:1\nclusterMode: legacy\nb: *p\n");
    edited_everywhere("pce_url: '{{ .x }}'\nclusterMode: legacy\n");
    edited_everywhere("pce_url: ${PCE}\nclusterMode: legacy\n");
    edited_everywhere("pce_url: a:1\nx: |\n  a\n  \tb\nclusterMode: legacy\n");
    // texts that contain a mode of another sort
    edited_everywhere("pce_url: a:1\nnote: |2\n    clusterMode: off\n   x\nclusterMode: legacy\n");
    // texts that seem to contain one of these
    for note in
        ["|2\n    clusterMode: clas\n   x", ">\n  text\n\n  clusterMode: clas", "\"\n  clusterMode: clas\n\n  \""]
    {
        // for a text in quotes, the line is where it begins
        let line =
            if note.starts_with('"') { 2 } else { 2 + note.lines().position(|line| line.contains("Mode")).unwrap() };
        refused_everywhere(&format!("pce_url: a:1\nnote: {note}\nclusterMode: legacy\n"), Rule::ModeNotJudged, line);
    }
}

#[test]
fn what_is_shared_or_told_otherwise_is_refused() {
    refused_everywhere("pce_url: a:1\nclusterMode: &m legacy\nb: *m\n", Rule::OutsideDialect, 2);
    refused_everywhere("d: &d {clusterMode: legacy}\n<<: *d\npce_url: a:1\n", Rule::OutsideDialect, 1);
    refused_everywhere("pce_url: a:1\nclusterMode: !!str legacy\n", Rule::OutsideDialect, 2);
    refused_everywhere("pce_url: \u{e4}\u{2028}b\nclusterMode: legacy\n", Rule::OutsideDialect, 1);
    refused_everywhere("pce_url: a:1\nclusterMode: legacy\nclusterMode: clas\n", Rule::DuplicateKey, 3);
    refused_everywhere("pce_url: a:1\nx:\n\ty: 1\nclusterMode: legacy\n", Rule::InvalidYaml, 3);
    refused_everywhere("pce_url: a:1\n\tclusterMode: legacy\n", Rule::InvalidYaml, 2);
}

#[test]
fn what_is_no_mode_is_refused() {
    refused_everywhere("pce_url: a:1\nclusterMode:\n", Rule::BlankMode, 2);
    refused_everywhere("pce_url: a:1\nclusterMode: true\n", Rule::ModeNotText, 2);
    for holder in HOLDERS {
        // the last line break of the whole text does not belong to it
        let rule = if holder.head.ends_with("|2-\n") { Rule::OutsideDialect } else { Rule::UnknownMode };
        refused(holder, "pce_url: a:1\nclusterMode: |\n  legacy\n", rule, 3);
    }
    refused(&HOLDERS[0], "pce_url: a:1\nclusterMode: |\n  legacy", Rule::OutsideDialect, 3);
    refused(&HOLDERS[0], "pce_url: a:1\nclusterMode: > # -\n  legacy", Rule::OutsideDialect, 3);
    edited(&HOLDERS[0], "pce_url: a:1\nclusterMode: |- # c\n  legacy");
    refused_everywhere("pce_url: a:1\nclusterMode: '{{ .mode }}'\n", Rule::TemplateInValues, 2);
    refused_everywhere("pce_url: a:1\nclusterMode: ${MODE:=legacy}\n", Rule::TemplateInValues, 2);
    for holder in HOLDERS {
        // a set fills in the text before it is YAML
        let check = |values, line| match holder.file {
            "set.yaml" => edited(holder, values),
            _ => refused(holder, values, Rule::TemplateInValues, line),
        };
        check("pce_url: {{ .x }}\nclusterMode: legacy\n", 1);
        check("a: 1\nb: {{ .x }}\nclusterMode: legacy\npce_url: a:1\n", 2);
        check("pce_url: a:1\nb: {{ .x }}:8443/{{ .y }}\nc:\n- {{ .z }}\nclusterMode: legacy # c\n", 2);
        refused(holder, "pce_url: a:1\nb: {{ toYaml .x }}\nclusterMode: legacy\n", Rule::TemplateInValues, 2);
    }
}

/// An action in a comment counts for a tool that renders the whole text; for all others it is a remark.
#[test]
fn an_action_in_a_comment_takes_lines_away_where_the_text_is_a_template() {
    let values = "pce_url: a:1\n# {{ if .x }}\nclusterMode: legacy\n# {{ end }}\n";
    for holder in HOLDERS {
        if [HELMFILE.file, APPLICATION_SET.file].contains(&holder.file) {
            refused(holder, values, Rule::TemplateInValues, 2);
        } else {
            edited(holder, values);
        }
    }
}

/// A text is a file of its own; a mapping ends with its document.
#[test]
fn documents_end_where_they_end() {
    for holder in HOLDERS.iter().filter(|holder| holder.is_text) {
        refused(holder, "pce_url: a:1\nclusterMode: legacy\n---\nx: 1\n", Rule::SeveralDocuments, 3);
        // a list in a ConfigMap has nothing to do with the chart
        if holder.file != CONFIG_MAP.file {
            refused(holder, "- pce_url: a:1\n- clusterMode: legacy\n", Rule::NotAMapping, 1);
        }
        edited(holder, "pce_url: a:1\nclusterMode: legacy\n...\n");
    }
    for holder in HOLDERS.iter().filter(|holder| !holder.is_text && holder.indentation > 0) {
        refused(holder, "pce_url: a:1\nclusterMode: legacy\n---\nx: 1\n", Rule::InvalidYaml, 3);
        refused(holder, "pce_url: a:1\nclusterMode: legacy\n...\n", Rule::InvalidYaml, 3);
    }
}

/// Text that its lines do not spell: folded, in quotes on one line, behind an anchor or a tag.
#[test]
fn text_that_is_not_spelled_by_its_lines_is_refused_everywhere() {
    for holder in HOLDERS.iter().filter(|holder| holder.is_text) {
        let (head, header) = holder.head.trim_end().rsplit_once(' ').unwrap();
        let with = |header: &str, values: &str| format!("{head} {header}\n{values}{}", holder.tail);
        let indentation = " ".repeat(holder.indentation);
        for (header, values) in [
            (">".to_owned(), format!("{indentation}clusterMode: legacy\n")),
            (">-".to_owned(), format!("{indentation}clusterMode: legacy\n\n{indentation}a: 1\n")),
            ("\"clusterMode: legacy\\n\"".to_owned(), String::new()),
            ("'clusterMode: legacy'".to_owned(), String::new()),
            ("'{clusterMode: legacy}'".to_owned(), String::new()),
            (format!("&v {header}"), format!("{indentation}clusterMode: legacy\n")),
            (format!("!!str {header}"), format!("{indentation}clusterMode: legacy\n")),
        ] {
            let text = with(&header, &values);
            let outcome = outcome(holder.file, &text);
            assert!(matches!(outcome.status, Status::Refused), "{text}");
            let found = outcome.findings.iter().find(|finding| finding.rule == Rule::OutsideDialect);
            let span = found.unwrap_or_else(|| panic!("{text}\n{:?}", outcome.findings)).span.clone().unwrap();
            let header_line = holder.head.matches('\n').count();
            let line = Position::of(&text, span.start).line;
            assert!((header_line..=header_line + 1).contains(&line), "{text}\nline {line}");
        }
    }
}

/// A name that would be filled in with itself for ever is filled in once, as Argo CD does it.
#[test]
fn a_name_that_names_itself_has_an_end() {
    let text = "\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: illumio}
spec:
  generators:
  - list:
      elements:
      - {cluster: 'x{{cluster}}', clusterMode: legacy}
  template:
    metadata: {name: 'illumio-{{ cluster }}-{{cluster}}'}
    spec:
      source:
        chart: illumio
        targetRevision: 5.1.0
        helm: {valuesObject: {clusterMode: '{{clusterMode}}'}}
";
    let called = outcome("set.yaml", text).release.unwrap().called;
    assert_eq!(called.as_deref(), Some("illumio-x{{cluster}}-x{{cluster}}"));
}
