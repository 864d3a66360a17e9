//! Where Helm's reader and ours part. Helm reads with a libyaml of YAML 1.1, the parser here is one of YAML 1.2: what
//! it accepts beyond Helm, or reads otherwise, is refused. The shapes were found by feeding mutated files to both.

use std::{collections::HashMap, ops::Range};

use super::{
    dialect::lines_of,
    scalar::Scalar,
    tree::{Kind, NodeId, Tree},
};
use crate::{finding::Finding, rule::Rule};

const BLANKS: [char; 2] = [' ', '\t'];

/// Refuses a tree that Helm would not read, or not read so, naming the first such place of each kind.
pub(super) fn refuse(tree: &Tree<'_>) -> Result<(), Finding> {
    let mut brackets_end = 0;
    for id in 0..tree.nodes.len() {
        let Range { start, end } = tree.span(id);
        let in_brackets = start < brackets_end;
        match tree.node(id).kind {
            Kind::FlowMapping => {
                brackets_end = brackets_end.max(end);
                tree.entries(id).try_for_each(|(key, _)| key_in_brackets(tree, key))?;
                keys_of_one_name(tree, id)?;
            }
            Kind::FlowSequence => brackets_end = brackets_end.max(end),
            Kind::BlockMapping => keys_of_one_name(tree, id)?,
            Kind::Plain if in_brackets => plain_in_brackets(tree, id)?,
            Kind::Literal | Kind::Folded => block_that_begins_with_a_tab(tree, id)?,
            _ => {}
        }
    }
    tabs(tree)
}

/// Between brackets Helm ends plain text at a `?`, and takes a `:` into it unless a space follows.
fn plain_in_brackets(tree: &Tree<'_>, id: NodeId) -> Result<(), Finding> {
    let span = tree.span(id);
    let text = &tree.source[span.clone()];
    let behind = tree.source[span.end..].trim_start_matches(BLANKS);
    let colon_and_bracket = behind.strip_prefix(':').is_some_and(|rest| rest.starts_with([',', '[', ']', '{', '}']));
    if text.contains('?') || text.starts_with(':') || (!text.is_empty() && colon_and_bracket) {
        return Err(Finding::new(
            Rule::OutsideDialect,
            "Helm reads `?` and `:` in unquoted text between brackets differently from other parsers",
        )
        .help("put the text in quotes, or a space after the colon")
        .at(span));
    }
    Ok(())
}

/// Between brackets Helm wants a key, what belongs to it and its colon on one line.
fn key_in_brackets(tree: &Tree<'_>, key: NodeId) -> Result<(), Finding> {
    let span = tree.span(key);
    let node = tree.node(key);
    if node.anchored || node.tagged {
        return Err(Finding::new(
            Rule::OutsideDialect,
            "Helm versions disagree about keys between brackets that have an anchor or a tag",
        )
        .help("write the key without it")
        .at(span));
    }
    if tree.source[span.clone()].contains('\n') || colon_is_below(&tree.source[span.end..]) {
        return Err(Finding::new(
            Rule::InvalidYaml,
            "Helm rejects a key between brackets that is not on the same line as its colon",
        )
        .help("write the key and its colon on one line")
        .at(span));
    }
    Ok(())
}

/// Whether the next thing is a colon, below line breaks and comments.
fn colon_is_below(behind: &str) -> bool {
    let rest = behind.trim_start_matches([' ', '\t', '\r']);
    rest.starts_with(['\n', '#'])
        && lines_of(rest)
            .skip(1)
            .map(|(_, line)| line.trim_start_matches(BLANKS))
            .find(|line| !line.is_empty() && !line.starts_with('#'))
            .is_some_and(|line| line.starts_with(':'))
}

/// Helm takes a block's indentation from its first line that has text, and accepts no tab there.
fn block_that_begins_with_a_tab(tree: &Tree<'_>, id: NodeId) -> Result<(), Finding> {
    let text = tree.text(id);
    let blanks = text.len() - text.trim_start_matches([' ', '\t', '\n']).len();
    if text[..blanks].contains('\t') {
        return Err(Finding::new(Rule::InvalidYaml, "Helm rejects a block whose first line begins with a tab")
            .help("put the text in quotes, or a line without a tab first")
            .at(tree.span(id)));
    }
    Ok(())
}

/// Helm writes keys that are numbers and booleans out, rounds some, and keeps either of two that become the same.
fn keys_of_one_name(tree: &Tree<'_>, mapping: NodeId) -> Result<(), Finding> {
    if tree.entries(mapping).all(|(key, _)| matches!(tree.scalar(key), Some(Scalar::Text(_)))) {
        return Ok(());
    }
    let mut names = HashMap::new();
    for (key, _) in tree.entries(mapping) {
        let Some(scalar) = tree.scalar(key) else { continue };
        let message = match scalar.name().map(|name| *names.entry(name).or_insert(scalar)) {
            None => "Helm rounds or rejects this number as a key",
            Some(first) if first != scalar => "Helm reads this key and another one as the same, and keeps either",
            Some(_) => continue,
        };
        return Err(Finding::new(Rule::OutsideDialect, message).help("put it in quotes").at(tree.span(key)));
    }
    Ok(())
}

/// Helm takes no tab where a key could begin: at the start of a line, and behind the indicators `-`, `?` and `:` there.
/// In quoted text, in blocks and between brackets tabs are free, in unquoted text they are not.
fn tabs(tree: &Tree<'_>) -> Result<(), Finding> {
    if memchr::memchr(b'\t', tree.source.as_bytes()).is_none() {
        return Ok(());
    }
    let is_json = tree.nodes.first().is_some_and(|root| root.kind == Kind::FlowMapping);
    let mut nodes = tree.nodes.iter().peekable();
    let (mut scalar, mut scalar_end, mut brackets_end) = (Kind::Plain, 0, 0);
    let (mut start, mut written_end) = (0, 0);
    for line in tree.source.split_inclusive('\n') {
        let lead = line.len() - line.trim_start_matches([' ', '\t', '-', '?', ':', '\u{feff}']).len();
        if let Some(tab) = line[..lead].find('\t').filter(|_| !line.starts_with("---")) {
            let at = start + tab;
            while let Some(node) = nodes.next_if(|node| node.start as usize <= at) {
                match node.kind {
                    Kind::FlowMapping | Kind::FlowSequence => brackets_end = brackets_end.max(node.end as usize),
                    Kind::BlockMapping | Kind::BlockSequence | Kind::Alias => {}
                    kind => (scalar, scalar_end) = (kind, node.end as usize),
                }
            }
            let is_free = at < brackets_end || (at < scalar_end && scalar != Kind::Plain);
            let goes_on_plainly = scalar == Kind::Plain && written_end <= scalar_end && !is_json;
            if (!is_free || goes_on_plainly) && line.trim().is_empty() {
                let message = "Helm accepts a tab in a line of spaces only in some places";
                return Err(Finding::new(Rule::OutsideDialect, message).help("empty the line").at(at..at + 1));
            }
            if !is_free || goes_on_plainly {
                return Err(Finding::new(Rule::InvalidYaml, "Helm rejects a tab here, where a key could begin")
                    .help("indent with spaces")
                    .at(at..at + 1));
            }
        }
        let written = line.trim_end().len();
        if written > 0 {
            written_end = start + written;
        }
        start += line.len();
    }
    Ok(())
}
