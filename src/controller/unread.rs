//! Layers that a manifest names and that are not read here: objects in a cluster, and values that a template brings.

use super::Chart;
use crate::{
    files::ObjectRef,
    finding::Finding,
    release::{Layer, Named, Rank, Values, hiding_lines_of_manifest},
    yaml::{Node, Scalar},
};

/// A layer that is named at a node, and may say anything.
pub(super) fn layer(rank: Rank, at: Node<'_>, shown: String) -> Layer<'_> {
    Layer { named: Some(Named::only(shown, at.span())), ..Layer::own(rank, at.text.file, Values::Unread(None)) }
}

/// A layer for each object that the items of a list name.
pub(super) fn objects<'s>(chart: &Chart<'_, 's>, list: &str, level: u8) -> Vec<Layer<'s>> {
    let object = |(number, item): (usize, Node<'s>)| {
        let of_key = |key: &str, kind: &'static str| Some((kind, item.at(key)?.str_at("name")?));
        let own = || Some((item.str_at("kind").unwrap_or("ConfigMap"), item.str_at("name")?));
        let of_crossplane = || of_key("configMapKeyRef", "ConfigMap").or_else(|| of_key("secretKeyRef", "Secret"));
        let (kind, name) = of_crossplane().or_else(own).unwrap_or(("object", "?"));
        let namespace = item.str_at("namespace").map(str::to_owned);
        let object = ObjectRef { group: String::new(), kind: kind.to_owned(), name: name.to_owned(), namespace };
        let shown = format!("{kind} `{}`", name.escape_debug());
        let named = Named { is_secret: kind == "Secret", object: Some(object), ..Named::only(shown, item.span()) };
        Layer { named: Some(named), ..Layer::own((level, number), item.text.file, Values::Unread(None)) }
    };
    chart.items(list).enumerate().map(object).collect()
}

/// A layer for values that stand where a mapping is meant, and are none: a template, or a name for them.
pub(super) fn in_place_of_mapping<'s>(chart: &Chart<'_, 's>, path: &str, rank: Rank) -> Option<Layer<'s>> {
    let node = chart.get(path).filter(|node| !node.is_mapping() && node.scalar() != Some(Scalar::Null))?;
    Some(layer(rank, node, format!("what `{path}` stands for")))
}

/// Why the lines of a text need not be those that its controller hands to Helm, where it is a template.
pub(super) fn hidden_lines(chart: &Chart<'_, '_>, path: &str) -> Option<Finding> {
    let text = chart.get(path)?;
    let finding = hiding_lines_of_manifest(text.source())?;
    let start = text.span().start;
    let span = finding.span.clone().map(|span| super::moved_by(start, span));
    Some(Finding { span, ..finding })
}
