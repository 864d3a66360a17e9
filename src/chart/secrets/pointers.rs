//! What another object says of a value: that `valuesFrom` of Flux brings it to a secret name (`targetPath`), or that a
//! replacement or a variable of kustomize does.

use std::collections::HashSet;

use super::{
    names::{Secrecy, secrecy},
    reader::{Below, Node, Reader},
};
use crate::yaml::Form;

/// A value of a `ConfigMap`, or of a generator of one: the name of the object, where it is said, and the key.
type Place = (Option<String>, String);

impl Reader<'_, '_> {
    /// Takes the values to which a secret name points.
    pub(super) fn referred(&mut self) {
        const SIGNS: &[&str] = &["targetPath", "fieldPath", "fieldpath"];
        if !SIGNS.iter().any(|sign| memchr::memmem::find(self.text.as_bytes(), sign.as_bytes()).is_some()) {
            return;
        }
        let outline = self.outline;
        let mappings = || (0..outline.len()).filter(|node| outline.form(*node) == Form::Mapping);
        let mut places = HashSet::new();
        for mapping in mappings() {
            self.reference(mapping, &mut places);
        }
        if places.is_empty() {
            return;
        }
        for mapping in mappings() {
            let name = self.text_at(mapping, "name").or_else(|| self.text_in(mapping, "metadata", "name"));
            let is_place = |key: &str| {
                let of = |name: Option<&str>| places.contains(&(name.map(str::to_owned), key.to_owned()));
                of(None) || name.is_some() && of(name)
            };
            let mut values: Vec<(Node, Node)> = Vec::new();
            let mut literals: Vec<Node> = Vec::new();
            for (_, data) in self.entries_at(mapping, "data") {
                let is_it = |(key, _): &(Node, Node)| outline.text(*key).is_some_and(is_place);
                values.extend(outline.entries(outline.resolved(data)).filter(is_it));
            }
            for (_, list) in self.entries_at(mapping, "literals") {
                let key = |literal: &Node| outline.text(*literal).and_then(|text| text.split_once('='));
                let is_it = |literal: &Node| key(literal).is_some_and(|(key, _)| is_place(key));
                literals.extend(outline.items(outline.resolved(list)).filter(is_it));
            }
            for (key, value) in values {
                self.entry(key, value, Below::of("password"));
            }
            for literal in literals {
                self.behind_sign(literal);
            }
        }
    }

    /// Notes what a mapping brings to a secret name.
    fn reference(&mut self, mapping: Node, places: &mut HashSet<Place>) {
        const USUAL_KEY: &str = "values.yaml";
        let outline = self.outline;
        let is_secret = |path: &str| secrecy(path) > Secrecy::Open;
        let owned = |name: Option<&str>| name.map(str::to_owned);
        if self.text_at(mapping, "targetPath").is_some_and(is_secret) {
            let key = self.text_at(mapping, "valuesKey").unwrap_or(USUAL_KEY);
            places.insert((owned(self.text_at(mapping, "name")), key.to_owned()));
        }
        let of_data = |path: Option<&str>| path?.strip_prefix("data.").map(str::to_owned);
        if self.text_at(mapping, "name").is_some_and(is_secret)
            && let Some(key) = of_data(self.text_in(mapping, "fieldref", "fieldpath"))
        {
            places.insert((owned(self.text_in(mapping, "objref", "name")), key));
        }
        if self.targets(mapping).into_iter().any(|path| outline.text(path).is_some_and(is_secret)) {
            if let Some(key) = of_data(self.text_in(mapping, "source", "fieldPath")) {
                places.insert((owned(self.text_in(mapping, "source", "name")), key));
            }
            let given: Vec<(Node, Node)> = self.entries_at(mapping, "sourceValue").collect();
            for (key, value) in given {
                self.entry(key, value, Below::of("password"));
            }
        }
    }

    /// The paths to which a replacement of kustomize brings its value.
    fn targets(&self, mapping: Node) -> Vec<Node> {
        let outline = self.outline;
        let targets = self.entries_at(mapping, "targets").flat_map(|(_, list)| outline.items(outline.resolved(list)));
        let lists = targets.flat_map(|target| self.entries_at(outline.resolved(target), "fieldPaths"));
        lists.flat_map(|(_, list)| outline.items(outline.resolved(list))).collect()
    }

    /// The entries of a key in a mapping; none in what is no mapping.
    fn entries_at(&self, mapping: Node, name: &'static str) -> impl Iterator<Item = (Node, Node)> + '_ {
        let outline = self.outline;
        let is_mapping = outline.form(mapping) == Form::Mapping;
        let entries = is_mapping.then(|| outline.entries(mapping)).into_iter().flatten();
        entries.filter(move |(key, _)| outline.text(*key) == Some(name))
    }

    fn text_at(&self, mapping: Node, name: &'static str) -> Option<&str> {
        let (_, value) = self.entries_at(mapping, name).last()?;
        self.outline.text(self.outline.resolved(value))
    }

    fn text_in(&self, mapping: Node, outer: &'static str, name: &'static str) -> Option<&str> {
        let (_, value) = self.entries_at(mapping, outer).last()?;
        self.text_at(self.outline.resolved(value), name)
    }
}
