//! What the parser reads, and Helm does not or reads otherwise: why, and where.

use std::{iter, ops::Range};

use super::{
    ends::line_end,
    events::{ErrorKind, ScanError, Tag},
    scalar::{Scalar, is_not_json},
    tags::foreign,
    tree::{Kind, NodeId, Tree},
};
use crate::{finding::Finding, rule::Rule};

pub(super) fn too_many(what: String, at: Range<usize>) -> Finding {
    Finding::new(Rule::OutsideDialect, what)
        .help("values files of the chart have less than a thousandth of that: is this the right file?")
        .at(at)
}

/// A number in groups of three digits.
pub(super) fn shown(number: usize) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}

/// Helm merges a mapping, or a list of mappings written in place, and refuses anything else.
pub(super) fn mergeable(tree: &Tree<'_>, node: NodeId) -> Result<(), Finding> {
    if tree.node(tree.resolved(node)).kind.is_mapping() {
        return Ok(());
    }
    Err(Finding::new(Rule::InvalidYaml, "`<<` can merge only a mapping, or a list of mappings").at(tree.span(node)))
}

pub(super) fn key_that_helm_reads(tree: &Tree<'_>, key: NodeId) -> Result<(), Finding> {
    let value = tree.resolved(key);
    let node = tree.node(value);
    let span = tree.span(key);
    if node.kind.is_mapping() || node.kind.is_sequence() {
        let source = tree.source;
        if source[span.start..].starts_with("{{") || source[..span.start].ends_with('{') {
            return Err(template(span));
        }
        return Err(Finding::new(Rule::InvalidYaml, "Helm does not accept a mapping or a list as a key").at(span));
    }
    if tree.scalar(value) == Some(Scalar::Null) {
        return Err(Finding::new(Rule::InvalidYaml, "Helm rejects a file with an empty or null key").at(span));
    }
    Ok(())
}

pub(super) fn scalar_that_helm_reads(
    source: &str,
    text: &str,
    kind: Kind,
    (tagged, is_key): (bool, bool),
    range: &Range<usize>,
) -> Result<(), Finding> {
    if kind == Kind::Plain && !tagged && is_not_json(text) && is_key {
        let finding = Finding::new(
            Rule::OutsideDialect,
            format!(
                "YAML parsers disagree about the number `{text}` as \
                                                                  a key"
            ),
        );
        return Err(finding.help("put it in quotes").at(range.clone()));
    }
    if kind == Kind::Plain && !tagged && is_not_json(text) {
        let message = format!("Helm rejects the number `{text}` as a value: JSON does not have it");
        let finding = Finding::new(Rule::InvalidYaml, message);
        return Err(finding.help("put it in quotes if you mean text").at(range.clone()));
    }
    if kind == Kind::Plain && tagged && range.is_empty() {
        let finding = Finding::new(Rule::OutsideDialect, "YAML parsers disagree about a tag without a value");
        return Err(finding.help("write \"\" for an empty text").at(range.clone()));
    }
    if kind == Kind::DoubleQuoted
        && let Some((escape, help)) = refused_escape(&source[range.clone()])
    {
        let at = range.start + escape.start..range.start + escape.end;
        let message = format!("Helm rejects the escape `{}`", &source[at.clone()]);
        return Err(Finding::new(Rule::InvalidYaml, message).help(help).at(at));
    }
    Ok(())
}

fn template(span: Range<usize>) -> Finding {
    Finding::new(Rule::TemplateInValues, "Helm does not render a values file: `{{` begins a YAML mapping here")
        .help("pass the rendered file, or put the expression in quotes if you mean text")
        .at(span)
}

/// The tags that change nothing: the one of the node's own kind. Others are refused, since Helm's reader gives them
/// meanings of its own (`!!binary` is decoded, even in a key).
pub(super) fn allowed_tag(tag: Option<&Tag>, own: &str, range: &Range<usize>) -> Result<bool, Finding> {
    match tag {
        None => Ok(false),
        Some(tag) if tag.core_suffix() == Some(own) => Ok(true),
        // the tag is not quoted: `password: !Abc` is a password
        Some(tag) => Err(foreign(&tag.original(), range).unwrap_or_else(|| {
            Finding::new(Rule::OutsideDialect, "a tag may change what Helm reads here")
                .help("remove the tag; put the value in quotes if the `!` is part of it")
                .at(range.clone())
        })),
    }
}

/// The name behind `&` or `*`: Helm's reader knows fewer, and wants a space behind it or the end of a value.
pub(super) fn anchor_name(source: &str, range: &Range<usize>) -> Result<(), Finding> {
    let name = source[range.start + 1..].split([' ', '\t', '\r', '\n', ',', ']', '}']).next().unwrap_or_default();
    if name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
        return Ok(());
    }
    Err(Finding::new(Rule::InvalidYaml, "Helm reads only letters, digits, `-` and `_` in the name of an anchor")
        .help("use only those; put the value in quotes if you mean text")
        .at(range.clone()))
}

/// go-yaml's measure against documents that aliases blow up: of a small document nearly everything may come out of
/// aliases, of a large one a tenth. (`allowedAliasRatio` in its `decode.go`.)
#[allow(clippy::cast_precision_loss)] // counts, compared as a ratio
pub(super) fn is_excessive(seen: u64, in_aliases: u64) -> bool {
    const SMALL: f64 = 400_000.0;
    const LARGE: f64 = 4_000_000.0;
    let allowed = 0.99 - 0.89 * ((seen as f64 - SMALL) / (LARGE - SMALL)).clamp(0.0, 1.0);
    in_aliases > 100 && seen > 1000 && in_aliases as f64 / seen as f64 > allowed
}

/// Where the source of a double-quoted scalar has an escape of JSON that Helm does not know, and what to write instead:
/// `\/`, and half of a character beyond U+FFFF.
fn refused_escape(source: &str) -> Option<(Range<usize>, &'static str)> {
    let bytes = source.as_bytes();
    let mut at = 0;
    loop {
        at += bytes.get(at..)?.iter().position(|b| *b == b'\\')?;
        match bytes[at + 1..] {
            [b'/', ..] => return Some((at..at + 2, "write a plain `/`")),
            [b'u', b'd' | b'D', b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F', ..] => {
                return Some((at..at + 6, "write the character itself"));
            }
            _ => at += 2,
        }
    }
}

/// The tab in an indentation on which the parser failed: it reports the place where it began to read, at times that of
/// the value in a line above. Between brackets and in quotes a tab does no harm.
fn tab_to_blame(source: &str, at: usize, why: &str) -> Option<usize> {
    const FREE: [&str; 3] = ["flow", "bracket", "quote"];
    let start = source[..at].rfind('\n').map_or(0, |feed| feed + 1);
    let tab_of = |start: usize| -> Option<usize> {
        let line = source[start..line_end(source, start)].trim_end();
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        line[..blanks].find('\t').map(|tab| start + tab)
    };
    if FREE.iter().any(|word| why.contains(word)) {
        return None;
    }
    let goes_on = why.contains("tab") || why.contains("comment intercepting");
    let is_nothing = |start: &usize| {
        let line = source[*start..line_end(source, *start)].trim();
        line.is_empty() || line.starts_with('#')
    };
    let below = || {
        let line = |start: &usize| Some(line_end(source, *start)).filter(|end| *end < source.len());
        iter::successors(line(&start), line).find(|start| tab_of(*start).is_some() || !is_nothing(start))
    };
    tab_of(start).or_else(|| tab_of(goes_on.then(below)??))
}

pub(super) fn refusal_of(source: &str, error: &ScanError) -> Finding {
    let at = error.marker().byte_offset().unwrap_or(source.len()).min(source.len());
    let end = source[at..].chars().next().map_or(at, |c| at + c.len_utf8());
    let tab = tab_to_blame(source, at, &error.info());
    let finding = match error.kind() {
        ErrorKind::RecursionLimitExceeded => Finding::new(Rule::OutsideDialect, "nested more than 255 levels deep")
            .help("values files of the chart have only a few levels: is this the right file?"),
        ErrorKind::UnknownAnchor => Finding::new(Rule::InvalidYaml, "there is no anchor of this name before the alias")
            .help("put the value in quotes if you mean the `*` as text"),
        _ if source[..at].ends_with("{{") || source[at..].starts_with("{{") => return template(at..end),
        _ if tab.is_some() => {
            let is_in_brackets = source[..at].trim_end().ends_with(['[', '{', ',']);
            let finding = if is_in_brackets {
                Finding::new(Rule::OutsideDialect, "YAML parsers disagree about a tab between brackets")
            } else {
                Finding::new(Rule::InvalidYaml, "YAML does not allow tabs for indentation")
            };
            return Finding { span: tab.map(|tab| tab..tab + 1), ..finding.help("indent with spaces") };
        }
        ErrorKind::ExpectedDocumentStart => Finding::new(
            Rule::InvalidYaml,
            "the document ends above this line; Helm ignores the rest or rejects the file",
        )
        .help("begin all lines of one mapping in the same column"),
        ErrorKind::SimpleKeyExpected => {
            let above = source[..at].trim_end_matches([' ', '\t', '\r', '\n']);
            Finding::new(Rule::InvalidYaml, "this line is not `name: value`").help(if above.ends_with(':') {
                "if it is the value of the key above, put it on the same line, after the colon"
            } else {
                "write a space after the colon; if the line belongs to the text above, indent it"
            })
        }
        _ => Finding::new(Rule::InvalidYaml, format!("not YAML: {}", error.info()))
            .help("check quotes, brackets and indentation here and in the lines above"),
    };
    finding.at(at..end)
}
