//! Whom a release is for where an ApplicationSet of Argo CD has the folder built, or applied as it is, that it is in: all
//! the clusters of its generators.

use super::{
    source::is_of_another,
    taker::{By, Taker, folder_of, is_kustomization},
    way::{Takers, folder_file},
};
use crate::{controller::reach_of_set, files::Files, release::Release};

/// Widens the reach of the releases of a file to the clusters of the sets that have it built.
pub(super) fn widen(all: &Takers<'_, '_>, number: usize, releases: &mut [Release<'_>]) {
    let files = all.files;
    for release in releases {
        for file in [number].into_iter().chain(release.way.iter().copied()).collect::<Vec<usize>>() {
            let path = files.path_from_top(file);
            let takers = files.takers_of(&path).unwrap_or_default();
            for known in takers.into_iter().map(|taker| all.in_file(taker)) {
                for taker in known.iter().map(|known| known.taker).filter(|taker| has_built(files, *taker, &path)) {
                    release.reach = std::mem::take(&mut release.reach).with(reach_of_set(taker.root));
                }
            }
        }
    }
}

/// Whether a set has the file at a path built for each of its Applications.
fn has_built<'s>(files: &Files<'s>, taker: Taker<'s>, path: &str) -> bool {
    let By::Argo(source) = taker.by else { return false };
    let is_set = taker.root.str_at("kind") == Some("ApplicationSet");
    if !is_set || source.str_at("path").is_none_or(|path| path.contains("{{")) || is_of_another(files, taker, path) {
        return false;
    }
    let (own, folder) = (taker.folder(), folder_of(path));
    if is_kustomization(path) {
        return own == folder;
    }
    let is_below = || own.is_empty() || folder.strip_prefix(&own).is_some_and(|rest| rest.starts_with('/'));
    let is_recursive = source.get("directory").is_some_and(|directory| directory.is_true_at("recurse"));
    folder_file(files, &own).is_none() && (own == folder || is_recursive && is_below())
}
