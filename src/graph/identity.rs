//! [`Identities`]: the names that an object has had on its way through kustomizations, by which patches find it.

use super::taker::{Taker, folder_of};
use crate::{files::Files, yaml::Node};

/// The namespace that kustomize takes an object for one of which does not say its own.
const DEFAULT: &str = "default";

/// The names and namespaces that an object has had, its own first. (kustomize, api/resmap/reswrangler.go,
/// `GetMatchingResourcesByAnyId` and `Select`.)
#[derive(Clone)]
pub(super) struct Identities {
    /// Its `apiVersion`, as it is written.
    api: String,
    all: Vec<(String, String)>,
    /// Whether a kustomization put it into a namespace.
    is_moved: bool,
    /// Whether it may have other labels than in its file.
    pub(super) is_labelled: bool,
}

impl Identities {
    /// Those of an object that nothing took yet.
    pub(super) fn of(object: Node<'_>) -> Self {
        let name = object.str_at("metadata.name").or_else(|| object.str_at("name")).unwrap_or_default();
        let namespace = object.str_at("metadata.namespace").unwrap_or(DEFAULT);
        let api = object.str_at("apiVersion").unwrap_or_default().to_owned();
        Self { api, all: vec![(name.to_owned(), namespace.to_owned())], is_moved: false, is_labelled: false }
    }

    /// The name and the namespace as they are now.
    pub(super) fn current(&self) -> (&str, &str) {
        self.all.last().map_or(("", DEFAULT), |(name, namespace)| (name, namespace))
    }

    /// The namespace that a kustomization put it into, where one did, and no variable is in its name.
    pub(super) fn namespace(&self) -> Option<&str> {
        Some(self.current().1).filter(|name| self.is_moved && !name.contains(['{', '$']))
    }

    /// All of its names, its own first.
    pub(super) fn names(&self) -> Vec<String> {
        self.all.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Takes that something puts it into a namespace.
    pub(super) fn move_to(&mut self, namespace: &str) {
        self.all.push((self.current().0.to_owned(), namespace.to_owned()));
        self.is_moved = true;
    }

    /// The first and the last: those by which a `target` finds it.
    pub(super) fn ends(&self) -> impl Iterator<Item = (&str, &str)> {
        let first = self.all.first().map(|(name, namespace)| (name.as_str(), namespace.as_str()));
        first.into_iter().chain([self.current()])
    }

    /// Whether a patch that looks like an object is for it, where that is of its kind: by any name that it has had, with the
    /// namespace of then.
    pub(super) fn are_of(&self, patch: Node<'_>) -> bool {
        let text = |path| patch.str_at(path).unwrap_or_default();
        let namespace = patch.str_at("metadata.namespace").unwrap_or(DEFAULT);
        let is_it = |(name, of): &(String, String)| name == text("metadata.name") && of == namespace;
        self.api == text("apiVersion") && self.all.iter().any(is_it)
    }

    /// Takes over what a level puts around names: its namespace first, as kustomize does.
    pub(super) fn pass(&mut self, level: Level<'_>) {
        let text = |name| level.setting(name).and_then(Node::str).unwrap_or_default();
        let (name, namespace) = self.current();
        let mut next = (name.to_owned(), namespace.to_owned());
        let mut found = Vec::new();
        if !text(NAMESPACE).is_empty() {
            text(NAMESPACE).clone_into(&mut next.1);
            self.is_moved = true;
            found.push(next.clone());
        }
        if !text(PREFIX).is_empty() {
            next.0.insert_str(0, text(PREFIX));
            found.push(next.clone());
        }
        if !text(SUFFIX).is_empty() {
            next.0.push_str(text(SUFFIX));
            found.push(next);
        }
        self.all.extend(found);
    }
}

const NAMESPACE: &str = "namespace";
const PREFIX: &str = "namePrefix";
const SUFFIX: &str = "nameSuffix";

/// A kustomization, with what a controller writes into it before it builds it; or that alone, which then builds a folder
/// that has none.
#[derive(Clone, Copy)]
pub(super) struct Level<'s> {
    /// The kustomization.
    pub(super) inner: Option<Taker<'s>>,
    /// The controller's object.
    pub(super) outer: Option<Taker<'s>>,
}

impl<'s> Level<'s> {
    /// The levels of a way, the nearest first. A controller's object is one with the kustomization of its folder.
    pub(super) fn all(files: &Files<'s>, takers: &[Taker<'s>]) -> Vec<Self> {
        let is_of_folder = |level: &Self, outer: &Taker<'s>| {
            let path = level.inner.map(|inner| files.path_from_top(inner.file()));
            level.outer.is_none() && path.is_some_and(|path| outer.builds_folder(folder_of(&path)))
        };
        let mut levels: Vec<Self> = Vec::new();
        for taker in takers {
            match levels.last_mut() {
                Some(level) if taker.is_outer() && is_of_folder(level, taker) => level.outer = Some(*taker),
                _ if taker.is_outer() => levels.push(Self { inner: None, outer: Some(*taker) }),
                _ => levels.push(Self { inner: Some(*taker), outer: None }),
            }
        }
        levels
    }

    /// Its takers, in the order in which their lists are one behind the other.
    pub(super) fn takers(self) -> impl Iterator<Item = Taker<'s>> {
        self.inner.into_iter().chain(self.outer)
    }

    /// A setting: the controller's takes the place of the kustomization's.
    pub(super) fn setting(self, name: &str) -> Option<Node<'s>> {
        let of = |taker: Option<Taker<'s>>| taker.and_then(|taker| taker.setting(name));
        of(self.outer).or_else(|| of(self.inner))
    }
}
