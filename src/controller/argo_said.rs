//! What the generators of an ApplicationSet say in so many words: values that a template takes by their names.

use super::{Chart, element::listed};
use crate::yaml::Node;

/// How deep generators are in each other at the most. (Argo CD documentation: two levels)
const DEEPEST: usize = 4;

/// The values that generators say, by the action with which the template takes each; the same action several times where
/// elements differ. (Argo CD documentation, Generators: `values` of most of them, and the elements of lists.)
pub(super) fn said(root: Node<'_>) -> Vec<(String, Node<'_>)> {
    let sign = if root.is_true_at("spec.goTemplate") { "." } else { "" };
    let (mut open, mut found) = (vec![(root.get("spec"), 0)], Vec::new());
    while let Some((above, depth)) = open.pop() {
        let generators = above.and_then(|above| above.get("generators")).into_iter().flat_map(Node::items);
        for (kind, generator) in generators.flat_map(Node::entries) {
            if ["matrix", "merge"].contains(&kind) && depth < DEEPEST {
                open.push((Some(generator), depth + 1));
            }
            let values = generator.get("values").into_iter().flat_map(Node::entries);
            found.extend(values.map(|(name, value)| (format!("{sign}values.{name}"), value)));
            let elements = if kind == "list" { listed(generator).unwrap_or_default() } else { Vec::new() };
            for (name, value) in elements.into_iter().flat_map(Node::entries) {
                let below = value.entries().map(|(key, value)| (format!("{sign}{name}.{key}"), value));
                found.extend(below);
                found.push((format!("{sign}{name}"), value));
            }
        }
    }
    found.retain(|(_, value)| value.str().is_some());
    found
}

/// The same as texts.
pub(super) fn known(chart: &Chart<'_, '_>) -> Vec<(String, String)> {
    let said = said(chart.root).into_iter();
    said.filter_map(|(action, value)| Some((action, value.str()?.to_owned()))).collect()
}
