//! What another object says of a value: that `valuesFrom` of Flux brings it to a secret name (`targetPath`), or that a
//! replacement or a variable of kustomize does.

use std::collections::{HashMap, HashSet};

use super::{
    names::{Secrecy, secrecy},
    reader::{Below, Node, Reader},
};
use crate::yaml::Form;

/// A value of a `ConfigMap`, or of a generator of one: the name of the object, where it is said, and the key.
pub(super) type Place = (Option<String>, String);

/// Whether a text may point to values of another object.
pub(super) fn points(text: &str) -> bool {
    const SIGNS: &[&str] = &["targetPath", "fieldPath", "fieldpath"];
    SIGNS.iter().any(|sign| memchr::memmem::find(text.as_bytes(), sign.as_bytes()).is_some())
}

impl Reader<'_, '_> {
    /// Takes the values to which a secret name points: of this text, and of others.
    pub(super) fn referred(&mut self, brought: &HashSet<Place>) {
        let mut places = if points(self.text) { self.places() } else { HashSet::new() };
        places.extend(brought.iter().cloned());
        if !places.is_empty() {
            self.brought(&places);
        }
    }

    /// What the text brings to secret names.
    pub(super) fn places(&mut self) -> HashSet<Place> {
        let (mut places, mut told) = (HashSet::new(), HashMap::new());
        for mapping in (0..self.outline.len()).filter(|node| self.outline.form(*node) == Form::Mapping) {
            self.reference(mapping, &mut places, &mut told);
        }
        places
    }

    fn brought(&mut self, places: &HashSet<Place>) {
        let outline = self.outline;
        let mappings = || (0..outline.len()).filter(|node| outline.form(*node) == Form::Mapping);
        let keys: HashSet<&str> = places.iter().map(|(_, key)| key.as_str()).collect();
        let mut seen = HashSet::new();
        for mapping in mappings() {
            let name = self.text_at(mapping, "name").or_else(|| self.text_in(mapping, "metadata", "name"));
            let is_of = |name: Option<&str>, key: &str| places.contains(&(name.map(str::to_owned), key.to_owned()));
            let is_place = |key: &str| keys.contains(key) && (is_of(None, key) || name.is_some() && is_of(name, key));
            // what an alias stands for is read once, whatever objects it is in
            let of = |node: Node, key: &str| {
                if outline.form(node) == Form::Alias { keys.contains(key) } else { is_place(key) }
            };
            let is_new =
                |(_, node): &(Node, Node)| outline.form(*node) != Form::Alias || seen.insert(outline.resolved(*node));
            let mut values: Vec<(Node, Node)> = Vec::new();
            let mut literals: Vec<Node> = Vec::new();
            let (data, lists) = (self.entries_at(mapping, "data"), self.entries_at(mapping, "literals"));
            let held: Vec<(Node, Node)> = data.chain(lists).filter(is_new).collect();
            for (_, node) in held {
                let resolved = outline.resolved(node);
                if outline.form(resolved) == Form::Mapping {
                    let is_it = |(key, _): &(Node, Node)| outline.text(*key).is_some_and(|key| of(node, key));
                    values.extend(outline.entries(resolved).filter(is_it));
                } else if outline.form(resolved) == Form::Sequence {
                    let key = |literal: &Node| outline.text(*literal).and_then(|text| text.split_once('='));
                    let is_it = |literal: &Node| key(literal).is_some_and(|(key, _)| of(node, key));
                    literals.extend(outline.items(resolved).filter(is_it));
                }
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
    fn reference(&mut self, mapping: Node, places: &mut HashSet<Place>, told: &mut HashMap<Node, bool>) {
        const USUAL_KEY: &str = "values.yaml";
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
        if self.brings_to_secret(mapping, told) {
            if let Some(key) = of_data(self.text_in(mapping, "source", "fieldPath")) {
                places.insert((owned(self.text_in(mapping, "source", "name")), key));
            }
            let given: Vec<(Node, Node)> = self.entries_at(mapping, "sourceValue").collect();
            for (key, value) in given {
                self.entry(key, value, Below::of("password"));
            }
        }
    }

    /// Whether a replacement of kustomize brings its value to a secret name. Of each list it is `told` once.
    fn brings_to_secret(&self, mapping: Node, told: &mut HashMap<Node, bool>) -> bool {
        let outline = self.outline;
        let targets = self.entries_at(mapping, "targets").map(|(_, list)| outline.resolved(list));
        let targets: Vec<Node> = targets.collect();
        targets.into_iter().any(|list| {
            if let Some(told) = told.get(&list) {
                return *told;
            }
            let paths = outline.items(list).flat_map(|target| self.entries_at(outline.resolved(target), "fieldPaths"));
            let paths: Vec<Node> = paths.map(|(_, paths)| outline.resolved(paths)).collect();
            let is_secret = |path: Node| outline.text(path).is_some_and(|path| secrecy(path) > Secrecy::Open);
            let is_it = |list: Node| outline.form(list) == Form::Sequence && outline.items(list).any(is_secret);
            let is_secret = paths.into_iter().any(|paths| *told.entry(paths).or_insert_with(|| is_it(paths)));
            told.insert(list, is_secret);
            is_secret
        })
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
