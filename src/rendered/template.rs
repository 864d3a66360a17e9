//! What the actions of a template do to the lines around them: the mode's is literal only where it is there whatever
//! they are filled in with.

use std::ops::Range;

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
    /// What is before it on the line.
    before: &'t str,
    /// Nothing where it does not end on its line.
    inside: Option<&'t str>,
    /// What is behind it on the line.
    behind: &'t str,
}

impl Action<'_> {
    fn is_comment(&self) -> bool {
        self.before.trim_start().starts_with('#') || self.before.contains(" #")
    }

    fn is_quoted(&self) -> bool {
        let is_in = |quote| self.before.matches(quote).count() % 2 == 1 && self.behind.contains(quote);
        !self.is_comment() && ['"', '\''].into_iter().any(is_in)
    }

    /// Whether nothing is before it on its line, so that it may bring any.
    fn begins_line(&self) -> bool {
        self.before.trim().is_empty()
    }

    /// Whether the line that it ends goes on with the next one.
    fn joins(&self) -> bool {
        self.inside.is_some_and(|inside| inside.ends_with('-')) && self.behind.trim().is_empty()
    }

    /// Whether it is the value of the mode.
    fn is_mode(&self) -> bool {
        let key = self.before.trim().strip_suffix(':').map(|name| name.trim_matches(['"', '\'']));
        key.is_some_and(crate::chart::is_mode_key)
    }

    /// Whether it may take lines away, or be more than one.
    fn is_control(&self) -> bool {
        let word = self.inside.and_then(|inside| inside.trim_start_matches('-').split_whitespace().next());
        self.inside.is_none() || self.joins() || word.is_some_and(|word| CONTROLS.contains(&word))
    }

    fn brings_text(&self) -> bool {
        self.inside.is_some_and(|inside| TEXTS.iter().any(|function| inside.contains(function)))
    }
}

/// What makes one doubt that the lines of a template are those that it renders: an action that takes lines away or
/// repeats them, one that begins its line, and one that brings text of several. What is the value of a line, or a part of
/// it, is one line.
pub(crate) fn hiding_lines(text: &str) -> Option<Finding> {
    found(text, |action| action.is_control() || action.begins_line() || !action.is_quoted() && action.brings_text())
}

/// The same in a helmfile or an `ApplicationSet`, where an action in a comment may bring lines, too.
pub(crate) fn hiding_lines_of_manifest(text: &str) -> Option<Finding> {
    found(text, |action| action.is_control() || action.is_comment() || !action.is_quoted() && action.brings_text())
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
    Action { start, before, inside, behind }
}

/// Why a template cannot be read before its tool renders it, and no action of it decides which lines exist.
pub(crate) fn unrendered(text: &str) -> Option<Finding> {
    let actions = || text.match_indices("{{").map(|(start, _)| action_at(text, start));
    let of_mode = actions().find(Action::is_mode);
    let (message, help) = match of_mode {
        Some(_) => (
            "the mode is an expression of the template, which its tool fills in before Helm reads it",
            "write the mode itself: it is not a secret",
        ),
        None => (
            "the file is YAML only once its tool has filled in this expression",
            "put the expression in quotes, or write `clusterMode` in a values file of its own",
        ),
    };
    let action = of_mode.or_else(|| actions().find(|action| !action.is_quoted()))?;
    let finding = Finding::new(Rule::TemplateInValues, message).help(help).doubting(Doubt::Lines);
    Some(finding.at(action.start..action.start + 2))
}

/// Whether what helmfile reads under this name is a template.
pub(crate) fn is_template(file: &str) -> bool {
    file.ends_with(".gotmpl")
}

/// Whether a file is among the templates of a chart, by its name: Helm renders it before it is YAML.
pub(crate) fn is_among_templates(name: &str) -> bool {
    name.rsplit('/').skip(1).any(|folder| folder == "templates")
}

/// A template of a chart whose first line decides whether any of it is there, `{{ if .x }}`, and whose last ends that; with
/// the bytes of that first action. Both lines are comments in what is returned, which is as long. Nothing where there are none,
/// or other actions decide which lines exist.
pub(crate) fn without_switch(text: &str) -> Option<(Range<usize>, String)> {
    let starts = text.split_inclusive('\n').scan(0, |end, line| {
        *end += line.len();
        Some((*end - line.len(), line))
    });
    let says_more = |line: &str| !line.is_empty() && !line.starts_with('#') && line != "---";
    let mut said = starts.filter(|(_, line)| says_more(line.trim()));
    let (first, last) = (said.next()?, said.last()?);
    let action = |(start, line): (usize, &str), word: &str| {
        let own = line.trim();
        let inside = own.strip_prefix("{{")?.strip_suffix("}}")?.trim_start_matches('-').trim_end_matches('-').trim();
        let is_it = inside.split_whitespace().next() == Some(word) && !inside.contains("{{");
        let start = start + line.find("{{")?;
        is_it.then(|| start..start + own.len())
    };
    let (opens, ends) = (action(first, "if")?, action(last, "end")?);
    // hyphens on both of its sides make one line of those around it, and an action in a remark is one
    let joins = |action: &Range<usize>, outside: &str| {
        let action = &text[action.clone()];
        let is_joining = action.starts_with("{{-") && action.ends_with("-}}");
        is_joining && !outside.trim().is_empty() || outside.contains("{{")
    };
    let inner = &text[opens.end..ends.start];
    // what is indented may lose that to a hyphen before it
    let is_at_margin = inner.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| !line.starts_with(' '));
    if !is_at_margin
        || joins(&opens, &text[..opens.start])
        || joins(&ends, &text[ends.end..])
        || inner.match_indices("{{").any(|(start, _)| action_at(inner, start).is_control())
    {
        return None;
    }
    let mut quiet = text.to_owned();
    for action in [&opens, &ends] {
        quiet.replace_range(action.start..=action.start, "#");
    }
    Some((opens, quiet))
}
