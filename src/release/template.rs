//! What the actions of a template do to the lines around them: the mode's is literal only where it is there whatever
//! they are filled in with.

use std::ops::Range;

use crate::{
    chart::speaks_of_illumio,
    controller::CONTROLLERS,
    finding::{Doubt, Finding},
    rule::Rule,
    yaml::{Document, documents, moved},
};

/// Actions that take lines away or repeat them.
const CONTROLS: [&str; 8] = ["if", "else", "end", "range", "with", "define", "block", "template"];

/// Functions that bring text of several lines.
const TEXTS: [&str; 8] = ["toYaml", "indent", "include", "tpl", "readFile", "exec", "fetchSecretValue", "join"];

const MESSAGE: &str = "an action of the template may decide which lines there are, the mode's among them";

/// An action, on its line.
struct Action<'t> {
    start: usize,
    /// Nothing where it does not end on its line.
    inside: Option<&'t str>,
    is_quoted: bool,
    is_comment: bool,
}

impl Action<'_> {
    /// Whether it may take lines away, or be more than one.
    fn is_control(&self) -> bool {
        let word = self.inside.and_then(|inside| inside.trim_start_matches('-').split_whitespace().next());
        self.inside.is_none() || word.is_some_and(|word| CONTROLS.contains(&word))
    }

    fn brings_text(&self) -> bool {
        self.inside.is_some_and(|inside| TEXTS.iter().any(|function| inside.contains(function)))
    }
}

/// What makes one doubt that the lines of a template are those that it renders: an action that takes lines away or
/// repeats them, and one that is not in quotes on its line. It may bring lines, and a comment does not keep it from that.
pub(crate) fn hiding_lines(text: &str) -> Option<Finding> {
    found(text, |action| action.is_control() || !action.is_quoted)
}

/// The same in a helmfile or an `ApplicationSet`, where words beside an action are a name, and a name is one line.
pub(crate) fn hiding_lines_of_manifest(text: &str) -> Option<Finding> {
    found(text, |action| action.is_control() || action.is_comment || !action.is_quoted && action.brings_text())
}

fn found(text: &str, hides: impl Fn(&Action<'_>) -> bool) -> Option<Finding> {
    let action = text.match_indices("{{").map(|(start, _)| action_at(text, start)).find(hides)?;
    let help = "write `clusterMode` in a values file of its own, without such actions";
    let finding = Finding::new(Rule::TemplateInValues, MESSAGE).help(help).doubting(Doubt::Lines);
    Some(finding.at(action.start..action.start + 2))
}

fn action_at(text: &str, start: usize) -> Action<'_> {
    let before = text[..start].rsplit('\n').next().unwrap_or_default();
    let line = text[start..].lines().next().unwrap_or_default();
    let (inside, behind) = line.trim_start_matches('{').split_once("}}").map_or((None, ""), |(a, b)| (Some(a), b));
    let is_in = |quote| before.matches(quote).count() % 2 == 1 && behind.contains(quote);
    let is_comment = before.trim_start().starts_with('#') || before.contains(" #");
    Action { start, inside, is_quoted: !is_comment && ['"', '\''].into_iter().any(is_in), is_comment }
}

/// Whether what helmfile reads under this name is a template.
pub(crate) fn is_template(file: &str) -> bool {
    file.ends_with(".gotmpl")
}

/// Whether a file stands among the templates of a chart, by its name: Helm renders it before it is YAML.
pub(crate) fn is_among_templates(name: &str) -> bool {
    name.rsplit('/').skip(1).any(|folder| folder == "templates")
}

/// Whether a template of a chart brings a release of a controller: it names the group of one that brings Illumio's chart.
/// What other templates say is not values, but what becomes of them.
pub(crate) fn may_bring_release(text: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(text, word.as_bytes()).is_some();
    let groups = CONTROLLERS.iter().filter(|controller| !controller.kind.is_empty() && controller.api.contains('.'));
    has("kind") && speaks_of_illumio(text) && groups.into_iter().any(|controller| has(controller.api))
}

/// Why the lines of a template of a chart need not be those that become of it.
pub(crate) fn hiding_lines_of_chart(name: &str, text: &str) -> Option<Finding> {
    if is_among_templates(name) { hiding_lines_of_manifest(text) } else { None }
}

/// That a template of a chart is YAML only once Helm renders it, at the first action; nothing of one that can be read.
fn unrendered_of_chart(name: &str, text: &str, rule: Rule) -> Option<Finding> {
    if !is_among_templates(name) || !may_bring_release(text.as_bytes()) {
        return None;
    }
    let start = memchr::memmem::find(text.as_bytes(), b"{{")?;
    documents(text).into_iter().find_map(|range| Document::read(&text[range]).err())?;
    let message =
        "Helm renders this template before it is YAML, so which releases it brings, and in which mode, is not told";
    let help =
        "`helm template` shows them; write the mode out as plain text in an object of its own, or change it by hand";
    Some(Finding::new(rule, message).help(help).at(start..start + 2))
}

/// That a file which names Illumio's chart is YAML only once a tool renders it, under a rule, at the first action.
pub(crate) fn unrendered(name: &str, text: &str, rule: Rule) -> Option<Finding> {
    unrendered_helmfile(text, rule).or_else(|| unrendered_of_chart(name, text, rule))
}

/// That a helmfile is YAML only once it is rendered, under a rule, at the first action; nothing of one that can be read,
/// and of one that does not name Illumio's chart.
fn unrendered_helmfile(text: &str, rule: Rule) -> Option<Finding> {
    let start = memchr::memmem::find(text.as_bytes(), b"{{")?;
    let has_list = text.starts_with("releases:") || text.contains("\nreleases:");
    if !has_list || !text.to_ascii_lowercase().contains("illumio") {
        return None;
    }
    documents(text).into_iter().find_map(|range| Document::read(&text[range]).err())?;
    let message =
        "helmfile renders this file before it is YAML, so which releases it brings, and in which mode, is not told";
    let help = "`helmfile build` shows them; take the step in the values file of a release, or change the mode by hand";
    Some(Finding::new(rule, message).help(help).at(start..start + 2))
}

/// What is wrong with a file that cannot be read as one document: where an action keeps one of several from being read,
/// the file is a template of manifests, and that there are several is as it should be. What helmfile renders need not be
/// YAML before.
pub(crate) fn unread(finding: Finding, file: &str, text: &str) -> Finding {
    let rendered = || unrendered(file, text, Rule::TemplateInValues);
    if let Some(found) = super::other_tools(text).or_else(rendered) {
        return found;
    }
    if let Some(found) = super::marks::dump_of_release(text) {
        return found;
    }
    if let Some(hiding) = is_template(file).then(|| hiding_lines(text)).flatten() {
        return hiding;
    }
    let of_part =
        |range: Range<usize>| Document::read(&text[range.clone()]).err().map(|found| moved(found, range.start));
    let is_template = |found: &Finding| found.rule == Rule::TemplateInValues;
    let is_several = finding.rule == Rule::SeveralDocuments;
    let parts = || documents(text).into_iter().filter_map(of_part).find(is_template);
    is_several.then(parts).flatten().unwrap_or(finding)
}
