//! What patches of a controller's object change of what that object has built.

use super::{
    over::{patch_of, patches},
    patch::{Patch, Patched},
    taker::Taker,
    target::{Meant, by_target},
};
use crate::{files::Files, graph::identity::Identities, release::Says, yaml::Node};

/// The settings of the object on which it depends what is built. (Flux documentation, Kustomization)
const SAID: [&str; 8] =
    ["path", "patches", "postBuild", "components", "targetNamespace", "namePrefix", "nameSuffix", "sourceRef"];

/// Says of a release where a taker patches the controller's object that has it built, and that may change its mode.
pub(super) fn doubt_patched<'s>(
    files: &Files<'s>,
    taker: Taker<'s>,
    outer: Taker<'s>,
    patched: &mut Patched<'_, '_, 's>,
) {
    let mut identities = Identities::of(outer.root);
    identities.is_labelled = true;
    let is_for_it = |patch: &Patch<'s>| match patch.target {
        Some(target) => by_target(target, outer.root, &identities) != Meant::No,
        None => patch.roots.as_ref().is_none_or(|roots| roots.iter().any(|root| identities.are_of(*root))),
    };
    let over = Over { files, outer };
    for patch in patches(files, taker, &["patchesStrategicMerge", "patches", "patchesJson6902"]) {
        if is_for_it(&patch) && !over.leaves_all(&patch, patched) {
            return patched.doubt(u8::MAX, patch.named, "a patch of the object that has this built");
        }
    }
}

/// Says of a release where a `FluxInstance` patches the Kustomization that it makes for its folder, and that may change
/// its mode.
pub(super) fn doubt_by_instance<'s>(files: &Files<'s>, taker: Taker<'s>, patched: &mut Patched<'_, '_, 's>) {
    let at = files.path_from_top(taker.file());
    let over = Over { files, outer: taker };
    for patch in taker.patches_of_instance().filter_map(|item| patch_of(files, &at, item)) {
        let kind = |node: Node<'s>| node.str_at("kind").is_none_or(|kind| kind.contains("Kustomization"));
        let is_for_it = match patch.target {
            Some(target) => kind(target),
            None => patch.roots.as_ref().is_none_or(|roots| roots.iter().any(|root| kind(*root))),
        };
        if is_for_it && !over.leaves_all(&patch, patched) {
            return patched.doubt(u8::MAX, patch.named, "a patch of the object that has this built");
        }
    }
}

/// A controller's object that is patched.
struct Over<'f, 's> {
    files: &'f Files<'s>,
    outer: Taker<'s>,
}

impl<'s> Over<'_, 's> {
    /// Whether a patch of the object that can be read leaves the mode of a release as it is.
    fn leaves_all(&self, patch: &Patch<'s>, patched: &Patched<'_, '_, 's>) -> bool {
        patch.roots.as_ref().is_some_and(|roots| roots.iter().all(|root| self.leaves(*root, patched)))
    }

    /// Whether what a patch of the object says leaves the mode of a release as it is.
    fn leaves(&self, patch: Node<'s>, patched: &Patched<'_, '_, 's>) -> bool {
        if !patch.is_list() {
            let is_plain = !patch.text.document.text().contains("$patch");
            let said = patch.get("spec").into_iter().flat_map(Node::entries);
            return is_plain && said.into_iter().all(|(key, value)| self.leaves_under(key, &[], Some(value), patched));
        }
        patch.items().all(|operation| {
            let verb = operation.str_at("op").unwrap_or_default();
            let value = operation.get("value").filter(|_| ["add", "replace"].contains(&verb));
            let paths = ["path", "from"].into_iter().filter_map(|key| operation.str_at(key));
            paths.into_iter().all(|path| match path.split('/').skip(1).collect::<Vec<&str>>()[..] {
                ["spec", key, ref below @ ..] => self.leaves_under(key, below, value, patched),
                [] | ["spec"] => false,
                _ => true,
            })
        })
    }

    fn has_patches(&self) -> bool {
        self.outer.root.at("spec.patches").is_some()
    }

    /// Whether a release has the same mode with another value of a setting, or of what is below it.
    fn leaves_under(&self, key: &str, below: &[&str], value: Option<Node<'s>>, patched: &Patched<'_, '_, 's>) -> bool {
        match (key, value) {
            ("postBuild", _) => !takes_variables(patched),
            // one more patch, or a list where there was none; another change may take one of the object's own away
            ("patches", Some(value)) if below == ["-"] || below.is_empty() && !self.has_patches() => {
                let items: Vec<Node<'s>> = if below.is_empty() { value.items().collect() } else { vec![value] };
                let at = self.files.path_from_top(value.text.file);
                let all = items.into_iter().filter_map(|item| patch_of(self.files, &at, item)).collect::<Vec<_>>();
                patched.is_left_by(&all)
            }
            (key, _) => !SAID.contains(&key),
        }
    }
}

/// Whether a variable may decide the mode of a release, or its version.
fn takes_variables(patched: &Patched<'_, '_, '_>) -> bool {
    let release = &patched.release;
    let names = release.path_to(crate::chart::MODE_KEY);
    let is_variable = |text: &str| text.contains('$');
    release.pin.as_ref().is_some_and(|pin| is_variable(&pin.text))
        || release
            .layers
            .iter()
            .any(|layer| matches!(layer.says(&names), Says::Is(node) if node.str().is_none_or(is_variable)))
}
