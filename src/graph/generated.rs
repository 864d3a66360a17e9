//! What kustomize makes of a key of a `ConfigMap` or a Secret on the way through several kustomizations: one generates it, and
//! those above may merge into it, or put another in its place.

use super::{
    identity::Level,
    taker::{Role, takers_in},
    way::{MOST, folder_file},
};
use crate::{
    controller::values_of_file,
    files::{Files, Found, Generator, Held, Made, ObjectRef, Wanted, joined, refers_to_releases},
    release::Values,
    yaml::Node,
};

/// The kustomizations on the way from a manifest to what is built.
pub(super) struct OnWay<'w, 's> {
    pub(super) files: &'w Files<'s>,
    /// Those that kustomize goes through as one, a kustomization with its components, the nearest first.
    pub(super) levels: &'w [Vec<Node<'s>>],
    /// Whether it is known where the chart's values are in a file.
    pub(super) is_told: bool,
}

/// What kustomize goes through as one at a level: what is written there, and the components that it takes.
pub(super) fn at_level<'s>(files: &Files<'s>, level: Level<'s>) -> Vec<Node<'s>> {
    let (mut open, mut found) = (level.takers().collect::<Vec<_>>(), Vec::new());
    while let Some(taker) = open.pop() {
        if found.len() > MOST || found.contains(&taker.root) {
            continue;
        }
        found.push(taker.root);
        let taken = taker.takes(&files.path_from_top(taker.file())).into_iter();
        let components = taken.filter(|(_, role)| *role == Role::Component);
        open.extend(components.filter_map(|(path, _)| folder_file(files, &path)).flat_map(|it| takers_in(files, it)));
    }
    found
}

impl<'s> OnWay<'_, 's> {
    /// The values that a release gets of a key of an object, with the file that they are in; nothing where no
    /// kustomization on the way changes what the manifest's own says.
    pub(super) fn values_of(&self, object: &ObjectRef, key: &str) -> Option<(Option<usize>, Values<'s>)> {
        let held = self.files.objects().held(object);
        let written = held.iter().filter(|held| matches!(held, Held::Written(_))).count();
        let (mut names, mut count) = (vec![object.name.clone()], 0);
        let (mut is_configured, mut has_hash) = (false, written == 0);
        let mut made = None;
        for level in self.levels {
            let here: Vec<Generator<'s>> =
                level.iter().flat_map(|root| Generator::of(*root, &object.kind, &names)).collect();
            let leaves = |it: &&Generator<'s>| it.behavior() == "merge" && matches!(it.made(key), Made::Nothing);
            is_configured |= level.iter().any(|root| self.is_configured(*root, &object.kind));
            has_hash &= !here.iter().any(|generator| generator.disables_hash());
            count += here.len();
            let mut makers = here.iter().filter(|it| !leaves(it));
            if let Some(generator) = makers.next() {
                let kustomization = self.files.name(generator.file());
                // which of them comes last depends on the version of kustomize
                if makers.next().is_some() {
                    return Some((None, unread(format!("which {kustomization} is not alone in generating"))));
                }
                made = Some(match generator.made(key) {
                    Made::Of(path) => self.text_of(kustomization, path, generator.file()),
                    Made::Nothing => {
                        let key = key.escape_debug();
                        (None, unread(format!("which {kustomization} generates without a file `{key}`")))
                    }
                    Made::Unknown => {
                        (None, unread(format!("which {kustomization} generates from literals or variables")))
                    }
                });
            }
            for root in level {
                let around = |key| root.str_at(key).unwrap_or_default();
                let full = format!("{}{}{}", around("namePrefix"), names[names.len() - 1], around("nameSuffix"));
                if !names.contains(&full) {
                    names.push(full);
                }
            }
        }
        // what one alone makes is looked up as that
        let is_alone = count == 1 && held.len() == 1;
        if count == 0 || is_alone || written > 1 {
            return None;
        }
        let is_taken = is_configured || !has_hash && names.len() == 1;
        if is_taken {
            made
        } else {
            Some((
                None,
                unread(
                    "whose generated name no `nameReference` passes to the \
                                                        release"
                        .to_owned(),
                ),
            ))
        }
    }

    fn text_of(&self, kustomization: &str, path: &str, asking: usize) -> (Option<usize>, Values<'s>) {
        let path = joined(kustomization, path);
        match self.files.find(&Wanted::File(path.clone()), asking) {
            Found::Here(number) => (Some(number), values_of_file(self.files, number, self.is_told)),
            Found::Absent | Found::Unasked => (None, unread(format!("generated from {path}, which does not exist"))),
        }
    }

    fn is_configured(&self, root: Node<'s>, kind: &str) -> bool {
        let kustomization = self.files.name(root.text.file);
        let mut paths = root.get("configurations").into_iter().flat_map(Node::items).filter_map(Node::str);
        paths.any(|path| {
            let found = self.files.find(&Wanted::File(joined(kustomization, path)), root.text.file);
            let Found::Here(number) = found else { return false };
            self.files.whole(number).is_ok_and(|text| text.root().is_some_and(|root| refers_to_releases(root, kind)))
        })
    }
}

fn unread<'s>(reason: String) -> Values<'s> {
    Values::Unread(Some(reason))
}
