//! What kustomize makes of a key of a `ConfigMap` or a Secret on the way through several kustomizations: one generates it, and
//! those above may merge into it, or put another in its place.

use crate::{
    controller::values_of_file,
    files::{Files, Found, Generator, Held, Made, ObjectRef, Wanted, joined, refers_to_releases},
    release::Values,
    yaml::Node,
};

/// The kustomizations on the way from a manifest to what is built, the nearest first.
pub(super) struct OnWay<'w, 's> {
    pub(super) files: &'w Files<'s>,
    pub(super) roots: &'w [Node<'s>],
    /// The components on that way.
    pub(super) components: &'w [Node<'s>],
    /// Whether it is known where the chart's values are in a file.
    pub(super) is_told: bool,
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
        for root in self.roots {
            let kustomization = self.files.name(root.text.file);
            let here = Generator::of(*root, &object.kind, &names);
            if here.len() > 1 {
                return Some((None, unread(format!("which {kustomization} generates several times"))));
            }
            is_configured |= self.is_configured(*root, &object.kind);
            if let Some(generator) = here.first() {
                count += 1;
                has_hash &= !generator.disables_hash();
                let without =
                    || unread(format!("which {kustomization} generates without a file `{}`", key.escape_debug()));
                made = match (generator.behavior(), generator.made(key)) {
                    ("merge", Made::Nothing) => made,
                    (_, Made::Of(path)) => Some(self.text_of(kustomization, path, root.text.file)),
                    (_, Made::Nothing) => Some((None, without())),
                    (_, Made::Unknown) => {
                        Some((None, unread(format!("which {kustomization} generates from literals or variables"))))
                    }
                };
            }
            let around = |key| root.str_at(key).unwrap_or_default();
            let full = format!("{}{}{}", around("namePrefix"), names[names.len() - 1], around("nameSuffix"));
            if !names.contains(&full) {
                names.push(full);
            }
        }
        if self.components.iter().any(|root| !Generator::of(*root, &object.kind, &names).is_empty()) {
            return Some((None, unread("into which a component merges".to_owned())));
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
