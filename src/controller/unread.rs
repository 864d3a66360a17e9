//! Layers that a manifest names and that are not read here: objects of a cluster, and values that a template brings.

use super::{Chart, chart::plain};
use crate::{
    files::{Held, ObjectRef, Wanted},
    finding::Finding,
    release::{Layer, Named, Rank, Release, Values, hiding_lines_of_manifest},
    yaml::{Node, Scalar},
};

/// A layer that is named at a node, and may say anything.
pub(super) fn layer(rank: Rank, at: Node<'_>, shown: String) -> Layer<'_> {
    Layer {
        named: Some(Box::new(Named::only(shown, at.span()))),
        ..Layer::own(rank, at.text.file, Values::Unread(None))
    }
}

/// How the items of a list name the text of an object.
#[derive(Clone, Copy)]
pub(super) enum Keys {
    /// By this key of the item, or of the reference in it; where it says none, it is `values.yaml`.
    By(&'static str),
    /// The object has one text.
    Only,
}

/// A layer for each object that the items of a list name: read where it is a `ConfigMap` of the checkout,
/// or generated of its files.
pub(super) fn objects<'s>(chart: &Chart<'_, 's>, list: &str, keys: Keys, level: u8) -> Vec<Layer<'s>> {
    objects_of(chart, chart.items(list), keys, level)
}

/// The keys of a reference to an object, and the kind of that.
const REFERENCES: [(&str, &str); 4] = [
    ("configMapKeyRef", "ConfigMap"),
    ("secretKeyRef", "Secret"),
    ("configMapRef", "ConfigMap"),
    ("secretRef", "Secret"),
];

/// The same for some items. What names no object may say anything.
pub(super) fn objects_of<'s>(
    chart: &Chart<'_, 's>,
    items: impl Iterator<Item = Node<'s>>,
    keys: Keys,
    level: u8,
) -> Vec<Layer<'s>> {
    let object = |(number, item): (usize, Node<'s>)| {
        let mut references = REFERENCES.into_iter().filter_map(|(key, kind)| Some((kind, item.get(key)?)));
        let own = || item.get("name").map(|_| (item.str_at("kind").unwrap_or("ConfigMap"), item));
        let Some((kind, reference)) = references.next().or_else(own) else {
            let key = item.entries().next().map_or("an item of this list", |(key, _)| key);
            return layer((level, number), item, format!("`{}`", key.escape_debug()));
        };
        let name = reference.str_at("name").unwrap_or("?");
        let namespace = reference.str_at("namespace").and_then(plain).map(str::to_owned);
        let object = ObjectRef { group: String::new(), kind: kind.to_owned(), name: name.to_owned(), namespace };
        let key = match keys {
            Keys::By(key) => Some(reference.str_at(key).unwrap_or("values.yaml").to_owned()),
            Keys::Only => only_key(chart, &object),
        };
        let is_read = object.may_be_read() && plain(name).is_some();
        let wanted = is_read.then(|| Wanted::Object(object.clone()));
        let shown = format!("{kind} `{}`", name.escape_debug());
        let only = Named::only(shown, item.span());
        let is_optional = item.is_true_at("optional") || reference.is_true_at("optional");
        let named = Named { wanted, is_optional, is_secret: kind == "Secret", object: Some(object), key, ..only };
        let key = named.key.clone().unwrap_or_default();
        let mut layer = chart.looked_up((level, number), named, Some(&key));
        if let Values::Mapping { text, .. } = &layer.values
            && let Some(finding) = hiding_lines_of_manifest(text.document.text())
        {
            layer.values = Values::Hidden(Finding { span: None, ..finding });
        }
        layer
    };
    items.enumerate().map(object).collect()
}

/// The key of the only text of an object; nothing where it has several, or none.
fn only_key(chart: &Chart<'_, '_>, object: &ObjectRef) -> Option<String> {
    let held = chart.files.objects().held(object);
    let [Held::Written(root)] = held[..] else { return None };
    let mut keys = root.get("data")?.entries().map(|(key, _)| key);
    keys.next().filter(|_| keys.next().is_none()).map(str::to_owned)
}

/// A layer for values that stand where a mapping is meant, and are not: a template, or a name for them.
pub(super) fn in_place_of_mapping<'s>(chart: &Chart<'_, 's>, path: &str, rank: Rank) -> Option<Layer<'s>> {
    let node = chart.get(path).filter(|node| !node.is_mapping() && node.scalar() != Some(Scalar::Null))?;
    Some(layer(rank, node, format!("the value of `{path}`")))
}

/// The release with what its controller renders taken for a template where it cannot be read as it is.
pub(super) fn rendered<'s>(chart: &Chart<'_, 's>, path: &str, mut release: Release<'s>) -> Release<'s> {
    let Some(hidden) = hidden_lines(chart, path) else { return release };
    let is_unread = |values: &Values<'_>| matches!(values, Values::Broken(_) | Values::Hidden(_));
    let is_broken = |layer: &&mut Layer<'_>| layer.is_own() && is_unread(&layer.values);
    for layer in release.layers.iter_mut().filter(is_broken) {
        layer.values = Values::Hidden(hidden.clone());
        release.findings.retain(|finding| finding.rule != hidden.rule || finding.span != hidden.span);
    }
    release
}

/// Why the lines of a text need not be those that its controller hands to Helm, where it is a template.
pub(super) fn hidden_lines(chart: &Chart<'_, '_>, path: &str) -> Option<Finding> {
    let text = chart.get(path)?;
    let finding = hiding_lines_of_manifest(text.source())?;
    let start = text.span().start;
    let span = finding.span.clone().map(|span| super::moved_by(start, span));
    Some(Finding { span, ..finding })
}
