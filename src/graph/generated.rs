//! What kustomize makes of files: what a generator makes of a key of a `ConfigMap` or a Secret, what those above merge into
//! it, or put in its place, and by which name a release finds it.

use super::{
    patch::Patched,
    taker::{Role, Taker, takers_in},
    way::{MOST, folder_file},
};
use crate::{
    controller::{Form, made_by},
    files::{Files, Found, Generator, Wanted, joined, refers_to_releases},
    release::Layer,
    yaml::Node,
};

impl<'s> Patched<'_, '_, 's> {
    /// Takes what a kustomization generates into an object that is there, by any name that this has had. (kustomize,
    /// `api/resmap/reswrangler.go`, `appendReplaceOrMerge`)
    pub(super) fn generate(&mut self, files: &Files<'s>, taker: Taker<'s>) {
        let controller = self.chart.controller;
        let Some(rule) = controller.values.first().filter(|_| self.holds_values()) else { return };
        let at = self.at();
        let (Some(key), Some(kind)) = (at.last(), self.object.str_at("kind")) else { return };
        for generator in Generator::of(taker.root, kind, &self.identities.names()) {
            if !generator.is_over() {
                continue;
            }
            match made_by(files, generator, key, self.release.umbrella.is_some()) {
                Ok(None) if generator.behavior() == "merge" => {}
                Ok(Some((file, values))) => {
                    self.drop_own(rule.level, Form::Text);
                    let rank = self.rank(rule.level);
                    self.push(Layer::own(rank, file, values));
                }
                Ok(None) | Err(_) => {
                    self.drop_own(rule.level, Form::Text);
                    self.doubt_above(taker.root, "what kustomize generates in place of an object");
                }
            }
        }
    }
}

/// The kustomizations on some ways, with their components.
pub(super) struct OnWay<'f, 's> {
    files: &'f Files<'s>,
    roots: Vec<Node<'s>>,
}

impl<'f, 's> OnWay<'f, 's> {
    pub(super) fn of(files: &'f Files<'s>, takers: impl IntoIterator<Item = Taker<'s>>) -> Self {
        let component = |(path, role): (String, Role)| folder_file(files, &path).filter(|_| role == Role::Component);
        let (mut open, mut found) = (takers.into_iter().collect::<Vec<_>>(), Vec::<Taker<'s>>::new());
        while let Some(taker) = open.pop() {
            let is_it = |other: &Taker<'s>| other.root == taker.root && other.by == taker.by;
            if found.len() > MOST || found.iter().any(is_it) {
                continue;
            }
            found.push(taker);
            let components = taker.takes(&files.path_from_top(taker.file())).into_iter().filter_map(component);
            open.extend(components.flat_map(|file| takers_in(files, file)));
        }
        Self { files, roots: found.into_iter().map(|taker| taker.root).collect() }
    }

    /// Whether none of them has what is generated keep its name, without a hash.
    pub(super) fn leave_hash(&self, kind: &str, names: &[String]) -> bool {
        self.roots.iter().all(|root| Generator::of(*root, kind, names).into_iter().all(|it| !it.disables_hash()))
    }

    /// Whether one of them makes kustomize write other names of objects of a kind into releases.
    pub(super) fn are_configured(&self, kind: &str) -> bool {
        let is_it = |root: &Node<'s>| {
            let kustomization = self.files.name(root.text.file);
            let mut paths = root.get("configurations").into_iter().flat_map(Node::items).filter_map(Node::str);
            paths.any(|path| {
                let found = self.files.find(&Wanted::File(joined(kustomization, path)), root.text.file);
                let Found::Here(number) = found else { return false };
                let root = self.files.whole(number).ok().and_then(crate::yaml::Text::root);
                root.is_some_and(|root| refers_to_releases(root, kind))
            })
        };
        self.roots.iter().any(is_it)
    }
}
