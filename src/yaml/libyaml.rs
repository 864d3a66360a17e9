//! Where Helm's reader is narrower than ours. Helm reads with a libyaml of YAML 1.1; the parser here is one of YAML 1.2
//! and accepts more. What it accepts more, or reads otherwise, is refused here.

use super::dialect::lines_of;
use super::scalar::Scalar;
use super::tree::{Kind, NodeId, Tree};
use crate::{finding::Finding, rule::Rule};

pub(super) fn refuse(tree: &Tree<'_>) -> Result<(), Finding> {
    let mut flow_end = 0;
    for id in 0..tree.nodes.len() {
        let node = tree.node(id);
        let in_flow = (node.start as usize) < flow_end;
        match node.kind {
            Kind::FlowMapping | Kind::FlowSequence => flow_end = flow_end.max(node.end as usize),
            Kind::Plain if in_flow => plain_in_flow(tree, id)?,
            Kind::Literal | Kind::Folded => block_scalar(tree, id)?,
            _ => {}
        }
        if node.kind.is_mapping() {
            if node.kind == Kind::FlowMapping {
                for (key, _) in tree.entries(id) {
                    key_on_one_line(tree, key)?;
                }
            }
            keys_of_one_name(tree, id)?;
        }
    }
    refuse_tabs(tree)
}

fn plain_in_flow(tree: &Tree<'_>, id: NodeId) -> Result<(), Finding> {
    let span = tree.span(id);
    let text = &tree.source[span.clone()];
    let behind = tree.source[span.end..].trim_start_matches([' ', '\t']);
    let colon = behind.strip_prefix(':').is_some_and(|rest| rest.starts_with([',', '[', ']', '{', '}']));
    if text.contains('?') || text.starts_with(':') || (!text.is_empty() && colon) {
        return Err(Finding::new(
            Rule::OutsideDialect,
            "Helm reads `?` and `:` in plain text between brackets otherwise",
        )
        .help("put the text in quotes")
        .at(span));
    }
    Ok(())
}

fn block_scalar(tree: &Tree<'_>, id: NodeId) -> Result<(), Finding> {
    let text = tree.text(id);
    let lead = text.len() - text.trim_start_matches([' ', '\t', '\n']).len();
    if text[..lead].contains('\t') {
        return Err(Finding::new(Rule::OutsideDialect, "Helm refuses a block that begins with a tab")
            .help("begin it with another line")
            .at(tree.span(id)));
    }
    Ok(())
}

fn key_on_one_line(tree: &Tree<'_>, key: NodeId) -> Result<(), Finding> {
    let span = tree.span(key);
    let node = tree.node(key);
    if node.anchored
        || node.tagged
        || tree.source[span.clone()].contains('\n')
        || colon_is_below(&tree.source[span.end..])
    {
        return Err(Finding::new(Rule::OutsideDialect, "a key is written on more than one line")
            .help("write it on one line")
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
            .map(|(_, line)| line.trim_start_matches([' ', '\t']))
            .find(|line| !line.is_empty() && !line.starts_with('#'))
            .is_some_and(|line| line.starts_with(':'))
}

fn keys_of_one_name(tree: &Tree<'_>, mapping: NodeId) -> Result<(), Finding> {
    if tree.entries(mapping).all(|(key, _)| matches!(tree.scalar(key), Some(Scalar::Text(_)))) {
        return Ok(());
    }
    let mut names = std::collections::HashMap::new();
    for (key, _) in tree.entries(mapping) {
        let scalar = tree.scalar(key).expect("no key is a mapping or a list");
        let Some(name) = scalar.name() else {
            return Err(Finding::new(Rule::OutsideDialect, "Helm rounds or refuses this number as a key")
                .help("put it in quotes")
                .at(tree.span(key)));
        };
        if *names.entry(name).or_insert(scalar) != scalar {
            return Err(Finding::new(
                Rule::OutsideDialect,
                "Helm takes this key and another one for the same, and keeps either",
            )
            .help("keep one of them")
            .at(tree.span(key)));
        }
    }
    Ok(())
}

/// Refuses tabs where Helm refuses them: before what could be a key, and in the indentation of plain text.
pub(super) fn refuse_tabs(tree: &Tree<'_>) -> Result<(), Finding> {
    let mut line_start = 0;
    let mut next_node = 0;
    let mut scalar = (0..0, Kind::Plain);
    let mut flow_end = 0;
    for whole in tree.source.split_inclusive('\n') {
        let start = line_start;
        line_start += whole.len();
        let lead = whole.len() - whole.trim_start_matches([' ', '\t', '-', '?', ':', '\u{feff}']).len();
        let Some(tab) = whole[..lead].find('\t') else { continue };
        let at = start + tab;
        while let Some(node) = tree.nodes.get(next_node).filter(|node| node.start as usize <= at) {
            match node.kind {
                Kind::FlowMapping | Kind::FlowSequence => flow_end = flow_end.max(node.end as usize),
                Kind::BlockMapping | Kind::BlockSequence | Kind::Alias => {}
                kind => scalar = (node.start as usize..node.end as usize, kind),
            }
            next_node += 1;
        }
        let behind_plain = scalar.1 == Kind::Plain && tree.source[..at].trim_end().len() <= scalar.0.end;
        let is_in_plain = behind_plain && tree.nodes.first().is_some_and(|root| root.kind != Kind::FlowMapping);
        let is_allowed = (at < scalar.0.end && scalar.1 != Kind::Plain) || at < flow_end || whole.starts_with("---");
        let allowed = is_allowed && !is_in_plain;
        if !allowed {
            return Err(Finding::new(Rule::InvalidYaml, "Helm refuses a tab here, where a key could begin")
                .help("indent with blanks")
                .at(at..at + 1));
        }
    }
    Ok(())
}
