//! What the actions of a template do to the lines around them: the mode's is literal only where it is there whatever
//! they are filled in with.

use crate::{
    finding::{Doubt, Finding},
    rule::Rule,
};

/// Actions that take lines away or repeat them.
const CONTROLS: [&str; 8] = ["if", "else", "end", "range", "with", "define", "block", "template"];

/// Functions that bring text of several lines.
const TEXTS: [&str; 8] = ["toYaml", "indent", "include", "tpl", "readFile", "exec", "fetchSecretValue", "join"];

const MESSAGE: &str = "an action of the template may decide which lines exist, including the mode's";

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
/// repeats them, and one that is not in quotes on its line. It may bring lines, and a comment does not keep it from
/// that.
pub(crate) fn hiding_lines(text: &str) -> Option<Finding> {
    found(text, |action| action.is_control() || !action.is_quoted)
}

/// The same in a helmfile or an `ApplicationSet`, where words beside an action are a name, and a name is one line.
pub(crate) fn hiding_lines_of_manifest(text: &str) -> Option<Finding> {
    found(text, |action| action.is_control() || action.is_comment || !action.is_quoted && action.brings_text())
}

fn found(text: &str, hides: impl Fn(&Action<'_>) -> bool) -> Option<Finding> {
    let action = text.match_indices("{{").map(|(start, _)| action_at(text, start)).find(hides)?;
    let help = "write `clusterMode` in a values file of its own, without these actions";
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

/// Whether a file is among the templates of a chart, by its name: Helm renders it before it is YAML.
pub(crate) fn is_among_templates(name: &str) -> bool {
    name.rsplit('/').skip(1).any(|folder| folder == "templates")
}

/// Why the lines of a template of a chart need not be those that become of it.
pub(crate) fn hiding_lines_of_chart(name: &str, text: &str) -> Option<Finding> {
    if is_among_templates(name) { hiding_lines_of_manifest(text) } else { None }
}
