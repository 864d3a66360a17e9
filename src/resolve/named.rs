//! Objects with values that an object of an unknown kind names: what a cluster gets of them is not known.

use std::ops::Range;

use super::charts::brings_any_chart;
use crate::{
    chart::secrets::masked,
    controller::holder_of,
    files::{Files, ObjectRef, group_of, objects_of},
    finding::{Doubt, Finding},
    release::{Carrier, Release},
    rule::Rule,
    yaml::{Node, Text},
};

/// Groups and kinds that name such objects, and give no values of them to a chart: what selects, builds or applies them.
const OTHERS: [(&str, &str); 6] = [
    ("kustomize.config.k8s.io", ""),
    ("kustomize.toolkit.fluxcd.io", ""),
    ("source.toolkit.fluxcd.io", ""),
    ("fluxcd.controlplane.io", ""),
    ("argoproj.io", "AppProject"),
    ("builtin", ""),
];

/// How the keys of references call the kinds of objects that hold values.
const KINDS: [(&str, &str); 2] = [("configmap", "ConfigMap"), ("secret", "Secret")];

/// An object with values, as one of an unknown kind names it.
pub(super) struct Naming<'s> {
    pub(super) object: ObjectRef,
    /// The kind of the object that names it.
    pub(super) kind: &'s str,
    /// Where.
    at: Node<'s>,
}

/// The objects with values that objects of unknown kinds in a file name.
pub(super) fn named_by_unknown<'s>(files: &Files<'s>, number: usize) -> Vec<Naming<'s>> {
    let has = |word: &str| memchr::memmem::find(files.source(number).bytes, word.as_bytes()).is_some();
    if !(has("onfigMap") || has("ecret")) || !has("kind") {
        return Vec::new();
    }
    files.parts(number).iter().filter_map(|part| part.text.as_ref().ok()).flat_map(|text| in_text(text)).collect()
}

fn in_text<'s>(text: &'s Text<'s>) -> Vec<Naming<'s>> {
    let Some(root) = text.root().filter(|root| root.text.language().is_none() && root.is_mapping()) else {
        return Vec::new();
    };
    let is_unknown = |object: &Node<'s>| is_of_unknown_kind(*object) && !brings_any_chart(*object);
    let unknown: Vec<Node<'s>> = objects_of(root).into_iter().filter(is_unknown).collect();
    let within: Vec<(Range<usize>, Node<'s>)> = unknown.into_iter().map(|object| (object.span(), object)).collect();
    if within.is_empty() {
        return Vec::new();
    }
    let of = |at: Node<'s>| {
        let start = at.span().start;
        let before = within.partition_point(|(span, _)| span.start <= start).checked_sub(1)?;
        Some(&within[before]).filter(|(span, _)| start < span.end).map(|(_, object)| *object)
    };
    let mut found = Vec::new();
    for (mapping, key, value) in text.all_entries() {
        let names = named(mapping, key, value);
        let Some(by) = Some(()).filter(|()| !names.is_empty()).and_then(|()| of(value)) else { continue };
        let namespace = mapping.str_at("namespace").or_else(|| value.str_at("namespace"));
        let namespace = namespace.or_else(|| by.str_at("metadata.namespace")).map(str::to_owned);
        found.extend(names.into_iter().map(|(kind, name)| {
            let (group, name, namespace) = (String::new(), name.to_owned(), namespace.clone());
            let object = ObjectRef { group, kind: kind.to_owned(), name, namespace };
            Naming { object, kind: by.str_at("kind").unwrap_or_default(), at: value }
        }));
    }
    found
}

fn is_of_unknown_kind(object: Node<'_>) -> bool {
    let Some(kind) = object.str_at("kind").filter(|_| object.str_at("apiVersion").is_some()) else { return false };
    let is_other = |(group, other): &(&str, &str)| *group == group_of(object) && (other.is_empty() || *other == kind);
    holder_of(kind).is_none() && !OTHERS.iter().any(is_other) && !["Kustomization", "Component"].contains(&kind)
}

/// The kinds and the names of the objects that an entry names.
fn named<'s>(mapping: Node<'s>, key: &str, value: Node<'s>) -> Vec<(&'static str, &'s str)> {
    if key == "kind" {
        let kind = KINDS.into_iter().find(|(_, kind)| value.str() == Some(*kind));
        return kind.zip(mapping.str_at("name")).map(|((_, kind), name)| (kind, name)).into_iter().collect();
    }
    let lower = key.to_ascii_lowercase();
    let Some((_, kind)) = KINDS.into_iter().find(|(word, _)| lower.contains(word)) else { return Vec::new() };
    let name = |node: Node<'s>| node.str().or_else(|| node.str_at("name"));
    let all = name(value).into_iter().chain(value.items().filter_map(name));
    all.map(|name| (kind, name)).collect()
}

/// Doubts the modes of objects with values that another object of the same file names, and that is of an unknown kind.
pub(super) fn doubt_named(files: &Files<'_>, number: usize, releases: &mut [Release<'_>]) {
    let holds_values = |release: &Release<'_>| release.id.controller.is_some_and(|row| holder_of(row.kind()).is_some());
    if !releases.iter().any(holds_values) {
        return;
    }
    let all = named_by_unknown(files, number);
    for release in releases.iter_mut().filter(|release| holds_values(release)) {
        let (kind, namespace) = (release.id.controller.map_or("", Carrier::kind), release.id.namespace.as_deref());
        let is_it = |naming: &&Naming<'_>| {
            let object = &naming.object;
            let is_near = object.namespace.as_deref().zip(namespace).is_none_or(|(one, other)| one == other);
            object.kind == kind && object.name == release.id.name && is_near
        };
        let Some(naming) = all.iter().find(is_it) else { continue };
        let message = format!(
            "an object of kind `{}` uses this {kind}, and the tool does not read that kind, so the mode that its \
             cluster gets is not known",
            masked(naming.kind).escape_debug()
        );
        let help = "take the step by hand, where that object's documentation says which values count";
        let finding = Finding::new(Rule::ModeElsewhere, message).help(help).doubting(Doubt::Elsewhere);
        release.mode.doubt(finding.at(naming.at.span()).in_file(files.name(number)));
    }
}
