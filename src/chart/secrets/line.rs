//! A line by itself: its indentation, and the name that it begins with.

use super::prose::unquoted;

/// How far down a secret reaches whose name is on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Up to the next name in its column or to the left of it: where a file is broken, nothing else is certain.
    ToNextName,
    /// As far as the lines are indented, its quotes are open or its brackets are.
    Indented,
    /// The same in comments, where a sentence about a secret is not one.
    Comment,
    /// The same in what a program says: a sentence about a secret names it, and does not reveal it.
    Said,
}

/// The name in `name: value`, `- name: value` or `name = value`, and where the value begins.
pub(super) fn entry(line: &str) -> Option<(&str, usize)> {
    let body = body(line).trim_start_matches(['{', '[', ' ']);
    let (name, value) = body.split_once([':', '='])?;
    let name = unquoted(name);
    let value = value.trim_start();
    (!name.contains(['{', '[', ',', '#', '(']) && !value.starts_with('=')).then_some((name, line.len() - value.len()))
}

/// A line behind its indentation and the signs of items and keys.
pub(super) fn body(line: &str) -> &str {
    let mut body = line.trim_start();
    while let Some(rest) = body.strip_prefix("- ").or_else(|| body.strip_prefix("? ")) {
        body = rest.trim_start();
    }
    body
}

/// In which column a line has its first word.
pub(super) fn column(line: &str) -> usize {
    line.len() - body(line).len()
}

pub(super) fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The column of the name that a line begins with, where YAML would read one: quoted or without a space in it, with a
/// colon behind it and a space behind that.
pub(super) fn name_column(line: &str) -> Option<usize> {
    let body = body(line);
    let quote = body.chars().next().filter(|c| matches!(c, '"' | '\''));
    let (name, rest) = match quote {
        Some(quote) => body[1..].split_once(quote).map(|(name, rest)| (name, rest.trim_start()))?,
        None => body
            .find(": ")
            .or_else(|| body.trim_end().ends_with(':').then(|| body.trim_end().len() - 1))
            .map(|colon| body.split_at(colon))?,
    };
    let is_plain =
        quote.is_some() || name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '$'));
    (is_plain && !name.is_empty() && rest.starts_with(':')).then(|| column(line))
}
