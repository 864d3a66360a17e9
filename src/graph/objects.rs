//! Which objects of a kind a kustomization builds, with the names that they have had: a patch that is for none of them makes
//! kustomize fail.

use super::{
    identity::{Identities, Level},
    patch::Patched,
    taker::{Role, Taker, is_kustomization, takers_in},
    way::{built_file, folder_file},
};
use crate::{files::Files, yaml::Node};

/// The most files that are looked into.
const MOST: usize = 256;

/// The objects of the kind that is being patched which a level builds before its own patches; nothing where not all of what
/// it takes was read, or generators make more.
pub(super) fn built_by<'s>(
    files: &Files<'s>,
    level: Level<'s>,
    patched: &Patched<'_, '_, 's>,
) -> Option<Vec<Identities>> {
    Building { files, patched, left: MOST }.of(level)
}

struct Building<'b, 's> {
    files: &'b Files<'s>,
    patched: &'b Patched<'b, 'b, 's>,
    /// How many more files are looked into.
    left: usize,
}

impl<'s> Building<'_, 's> {
    fn of(&mut self, level: Level<'s>) -> Option<Vec<Identities>> {
        let mut found = Vec::new();
        for taker in level.takers() {
            if !is_plain(taker) {
                return None;
            }
            let at = self.files.path_from_top(taker.file());
            let is_merged = taker.is_outer() && level.inner.is_some();
            let takes = taker.takes(&at).into_iter();
            let mut takes: Vec<(String, Role)> =
                takes.filter(|(_, role)| !is_merged || *role != Role::Builds).collect();
            // what a component changes was taken before
            takes.sort_by_key(|(_, role)| *role == Role::Component);
            for (path, role) in takes {
                match role {
                    Role::Builds => found.extend(self.below(built_file(self.files, &path)?)?),
                    Role::Component => {
                        let component = folder_file(self.files, &path)?;
                        let more = self.component(component, &mut found)?;
                        found.extend(more);
                    }
                    Role::Patches | Role::Reads => {}
                }
            }
        }
        Some(found)
    }

    /// What a file brings that is built.
    fn below(&mut self, file: usize) -> Option<Vec<Identities>> {
        self.left = self.left.checked_sub(1)?;
        if !is_kustomization(self.files.name(file)) {
            let is_read = self.files.parts(file).iter().all(|part| part.text.is_ok());
            let objects = self.files.roots(file).filter(|root| self.patched.is_of_kind(*root));
            return is_read.then(|| objects.map(Identities::of).collect());
        }
        let mut found = Vec::new();
        for taker in takers_in(self.files, file) {
            let level = Level { inner: Some(taker), outer: None };
            let mut built = self.of(level)?;
            for identities in &mut built {
                identities.pass(level);
            }
            found.extend(built);
        }
        Some(found)
    }

    /// What a component brings; it gives other names to what is there as well.
    fn component(&mut self, file: usize, before: &mut [Identities]) -> Option<Vec<Identities>> {
        for taker in takers_in(self.files, file) {
            let level = Level { inner: Some(taker), outer: None };
            for identities in before.iter_mut() {
                identities.pass(level);
            }
        }
        self.below(file)
    }
}

/// Whether a taker brings nothing but files of this checkout.
fn is_plain(taker: Taker<'_>) -> bool {
    const MAKERS: [&str; 4] = ["generators", "helmCharts", "helmChartInflationGenerator", "transformers"];
    let is_far = |item: Node<'_>| item.str().is_none_or(|path| path.contains("://") || path.contains('\n'));
    let lists = ["resources", "bases", "components"].into_iter().filter_map(|list| taker.setting(list));
    !MAKERS.iter().any(|list| taker.root.get(list).is_some()) && !lists.flat_map(Node::items).any(is_far)
}
