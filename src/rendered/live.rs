//! Commands that change what a controller deploys beside its files: `argocd app set`, `kubectl patch` of a release.
//! What they set overrides the manifest until that is applied again.

use std::ops::Range;

use super::{
    Kind, kind_of,
    run::is_passed,
    script::commands,
    text::{Said, Text},
};
use crate::{
    chart::MODE_KEY,
    source::Source,
    yaml::{Document, documents},
};

/// A command that may change the mode of a release in its controller itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveChange {
    /// What it is called: `argocd app set`.
    pub command: String,
    /// The release that it changes, which may have variables in it.
    pub name: String,
    /// The bytes of the name.
    pub span: Range<usize>,
}

impl LiveChange {
    /// Whether it changes the release of this name. A variable may be anything.
    ///
    /// ```
    /// let change = |name: &str| helm_clas::look::LiveChange { command: "argocd app set".into(), name: name.into(), span: 0..1 };
    ///
    /// assert!(change("illumio-east").is_about("illumio-east") && change("illumio-${c}").is_about("illumio-east"));
    /// assert!(!change("illumio").is_about("illumio-east") && !change("illumio-$c").is_about("other"));
    /// ```
    #[must_use]
    pub fn is_about(&self, name: &str) -> bool {
        crate::glob::fits(&as_pattern(&self.name), name)
    }
}

/// A name with `*` for each of its variables.
fn as_pattern(name: &str) -> String {
    let mut pattern = String::new();
    let mut rest = name;
    while let Some(at) = rest.find(['$', '{']) {
        pattern += &rest[..at];
        pattern.push('*');
        let variable = &rest[at..];
        let close = [("${{", "}}"), ("{{", "}}"), ("${", "}"), ("$(", ")")];
        let braced = close.iter().find(|(open, _)| variable.starts_with(open));
        let length = match braced {
            Some((_, close)) => variable.find(close).map_or(variable.len(), |end| end + close.len()),
            None => {
                variable[1..].find(|c: char| !(c.is_alphanumeric() || c == '_')).map_or(variable.len(), |end| end + 1)
            }
        };
        rest = &variable[length..];
    }
    pattern + rest
}

/// Those of a file: of a script, or of the commands in YAML. Prose only mentions them.
pub(crate) fn live_changes(source: Source<'_>) -> Vec<LiveChange> {
    let has = |word: &str| memchr::memmem::find(source.bytes, word.as_bytes()).is_some();
    if !has("argocd") && !has("patch") && !has("flux create") {
        return Vec::new();
    }
    let Ok(text) = source.text() else { return Vec::new() };
    let texts = match kind_of(source.name, source.bytes) {
        Some(Kind::Script | Kind::Unread) => vec![Text::whole(text)],
        Some(Kind::Yaml) => in_yaml(text),
        _ => return Vec::new(),
    };
    texts.iter().flat_map(commands).filter_map(|words| changed_by(&words)).collect()
}

fn in_yaml(source: &str) -> Vec<Text> {
    let mut texts = Vec::new();
    for range in documents(source) {
        let Ok(document) = Document::read_any(&source[range.clone()]) else { continue };
        let words = ["argocd ", " patch ", "flux create"];
        let mut spelled: Vec<_> = words.iter().flat_map(|word| document.commands_with(word, range.start)).collect();
        spelled.sort_by_key(|spelled| spelled.span.start);
        spelled.dedup_by_key(|spelled| spelled.span.clone());
        texts.extend(spelled.into_iter().map(Text::of));
    }
    texts
}

/// What a command changes, by its words.
fn changed_by(words: &[Said]) -> Option<LiveChange> {
    let words: Vec<&Said> = words.iter().skip_while(|word| is_passed(&word.text)).collect();
    let program = words.first()?.text.trim_start_matches(['@', '-']);
    let says = |marks: &[&str]| words.iter().any(|word| marks.iter().any(|mark| word.text.contains(mark)));
    let (command, name) = match program.rsplit('/').next()? {
        "argocd" => {
            const VERBS: [&str; 5] = ["set", "patch", "edit", "create", "add-source"];
            let at = words.iter().position(|word| word.text == "app" || word.text == "application")?;
            let verb = words.get(at + 1).filter(|verb| VERBS.contains(&verb.text.as_str()))?;
            let gives_values =
                says(&[MODE_KEY, "--values", "helm.values", "\"values", "valuesObject", "--file", "patch-file"]);
            let may_change = verb.text == "edit" || gives_values;
            (format!("argocd app {}", verb.text), name_behind(&words[at + 2..]).filter(|_| may_change)?)
        }
        "kubectl" | "oc" => {
            let at = words.iter().position(|word| word.text == "patch")?;
            let may_change = says(&[MODE_KEY, "values", "patch-file"]);
            (format!("{program} patch"), object(&words[at + 1..]).filter(|_| may_change)?)
        }
        "flux" => {
            let at = words.iter().position(|word| word.text == "helmrelease" || word.text == "hr")?;
            let creates = words[..at].last().is_some_and(|word| word.text == "create") && !says(&["--export"]);
            let name = name_behind(&words[at + 1..]).filter(|_| creates && says(&["--values", MODE_KEY]))?;
            ("flux create helmrelease".to_owned(), name)
        }
        _ => return None,
    };
    Some(LiveChange { command, name: name.text.clone(), span: name.at })
}

/// The first word that is not an option, nor the value of one.
fn name_behind(words: &[&Said]) -> Option<Said> {
    let mut is_value = false;
    let name = words.iter().find(|word| {
        let is_option = word.text.starts_with('-');
        let is_name = !is_option && !is_value;
        is_value = is_option && !word.text.contains('=');
        is_name
    })?;
    Some((*name).clone())
}

/// The object that is patched, where it is of a kind that brings charts: `helmrelease illumio`, `app/illumio`.
fn object(words: &[&Said]) -> Option<Said> {
    const KINDS: [&str; 8] =
        ["helmrelease", "hr", "application", "app", "applicationset", "appset", "helmchart", "helmchartconfig"];
    let is_kind = |word: &str| {
        let kind = word.split('.').next().unwrap_or(word).to_ascii_lowercase();
        KINDS.contains(&kind.as_str()) || KINDS.contains(&kind.trim_end_matches('s'))
    };
    words.iter().enumerate().find_map(|(number, word)| match word.text.split_once('/') {
        Some((kind, name)) if is_kind(kind) => {
            let start = (word.at.start + kind.len() + 1).min(word.at.end);
            Some(Said { text: name.to_owned(), at: start..word.at.end })
        }
        None if is_kind(&word.text) => name_behind(&words[number + 1..]),
        _ => None,
    })
}
