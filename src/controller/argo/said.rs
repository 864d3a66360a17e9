//! What the generators of an ApplicationSet say in so many words: values that a template takes by their names.

use std::collections::HashMap;

use crate::{
    controller::{Chart, element::listed},
    yaml::Node,
};

/// How deep generators are in each other at the most: Argo CD takes two levels, and the elements of more are not said.
const DEEPEST: usize = 4;

/// The generators of a set, and those within them, each with its kind.
pub(super) fn generators(root: Node<'_>) -> Vec<(&str, Node<'_>)> {
    let (mut open, mut found) = (vec![(root.get("spec"), 0)], Vec::new());
    while let Some((above, depth)) = open.pop() {
        let generators = above.and_then(|above| above.get("generators")).into_iter().flat_map(Node::items);
        for (kind, generator) in generators.flat_map(Node::entries) {
            if ["matrix", "merge"].contains(&kind) && depth < DEEPEST {
                open.push((Some(generator), depth + 1));
            }
            found.push((kind, generator));
        }
    }
    found
}

/// The values that generators say, by the action with which the template takes each; the same action several times where
/// elements differ. (Argo CD documentation, Generators: `values` of most of them, and the elements of lists.)
fn said(root: Node<'_>) -> Vec<(String, Node<'_>)> {
    let sign = if root.is_true_at("spec.goTemplate") { "." } else { "" };
    let mut found = Vec::new();
    for (kind, generator) in generators(root) {
        let values = generator.get("values").into_iter().flat_map(Node::entries);
        found.extend(values.map(|(name, value)| (format!("{sign}values.{name}"), value)));
        let elements = if kind == "list" { listed(generator).unwrap_or_default() } else { Vec::new() };
        for (name, value) in elements.into_iter().flat_map(Node::entries) {
            let below = value.entries().map(|(key, value)| (format!("{sign}{name}.{key}"), value));
            found.extend(below);
            found.push((format!("{sign}{name}"), value));
        }
    }
    found.retain(|(_, value)| value.str().is_some());
    found
}

/// Those of which no result of the generators has another: `values` where one generator is at the top, or each says them; a
/// key of elements where there are lists alone, and each element has it. The parameters of other generators may be called
/// as a key of an element is.
pub(super) fn said_by_all(root: Node<'_>) -> Vec<(String, Node<'_>)> {
    let (tops, lists) = counts(root);
    let said = said(root);
    let mut counted: HashMap<&str, usize> = HashMap::new();
    for (action, _) in &said {
        *counted.entry(action).or_default() += 1;
    }
    let count = |action: &str| counted.get(action).copied().unwrap_or_default();
    let is_by_all = |action: &str| {
        if action.trim_start_matches('.').starts_with("values.") {
            tops == 1 || count(action) >= tops
        } else {
            lists.is_some_and(|elements| count(action) == elements)
        }
    };
    let by_all = said.iter().filter(|(action, _)| is_by_all(action));
    by_all.cloned().collect()
}

/// How many generators are at the top; and how many elements there are in all, where each generator is a list that can be
/// read.
fn counts(root: Node<'_>) -> (usize, Option<usize>) {
    let top: Vec<Node<'_>> = root.at("spec.generators").into_iter().flat_map(Node::items).collect();
    let elements = |generator: &Node<'_>| Some(listed(generator.get("list")?)?.len());
    (top.len(), top.iter().map(elements).sum())
}

/// The same as texts.
pub(super) fn known(chart: &Chart<'_, '_>) -> Vec<(String, String)> {
    let said = said_by_all(chart.root).into_iter();
    said.filter_map(|(action, value)| Some((action, value.str()?.to_owned()))).collect()
}

/// The branches that a set fills in for the revision of a source, each once, where its generators say them all.
pub(crate) fn revisions_of_set<'s>(root: Node<'s>, source: Node<'s>) -> Vec<&'s str> {
    let action = source.str_at("targetRevision").and_then(crate::controller::element::action_of);
    let said = said_by_all(root).into_iter().filter(|(name, _)| Some(name.as_str()) == action);
    let mut all: Vec<&str> = said.filter_map(|(_, value)| value.str()).collect();
    all.sort_unstable();
    all.dedup();
    all
}
