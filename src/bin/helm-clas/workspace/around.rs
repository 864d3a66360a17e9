//! What the rest of a checkout does with the files that are asked about.

use std::{
    collections::{BTreeSet, HashSet},
    path::{Path, PathBuf},
};

use helm_clas::status::Standing;

use super::{
    top::{from_here, top_of},
    visitor::Hit,
    walk,
};
use crate::paths;

/// What is found in the checkouts of some files and folders outside of these.
#[derive(Default)]
pub(super) struct Around {
    pub(super) hits: Vec<Hit>,
    /// The rows that are not shown, by their files and releases: they take no values from what is asked about.
    pub(super) hidden: HashSet<(String, Option<String>)>,
}

/// Looks around some files and folders in their checkouts: who takes values from them, and what is done to their releases.
pub(super) fn around(roots: &[PathBuf]) -> Around {
    let real = |path: &Path| paths::real(path).ok();
    let whole: Vec<PathBuf> = roots.iter().filter_map(|root| real(root)).collect();
    let top = |root: &PathBuf| if root.is_dir() { top_of(&root.join("any")) } else { top_of(root) };
    let tops: BTreeSet<PathBuf> = roots.iter().filter_map(top).collect();
    let is_asked = |path: &Path| whole.iter().any(|root| path.starts_with(root));
    let tops: Vec<PathBuf> = tops.into_iter().filter(|top| !is_asked(top)).map(|top| from_here(&top)).collect();
    let (mut around, mut shown) = (Around::default(), HashSet::new());
    for mut hit in walk::hits(&tops, None, &whole) {
        if real(&hit.path).is_none_or(|path| is_asked(&path)) || hit.found.is_err() || hit.sealed.is_some() {
            continue;
        }
        let takes = hit.beside.iter().filter_map(|path| real(path)).any(|path| is_asked(&path));
        let own = paths::name(&hit.path);
        let is_named = |file: &str| real(Path::new(file)).is_some_and(|path| is_asked(&path));
        // of several releases in one file, those are shown that name what is asked about
        let may_take = |standing: &Standing| {
            takes && (standing.given.is_empty() || standing.given.iter().any(|file| is_named(file)))
        };
        let is_shown = |standing: &Standing| {
            standing.file == own && may_take(standing)
                || is_named(&standing.file)
                || standing.decided_in.as_deref().is_some_and(is_named)
        };
        for standing in hit.found.iter().flatten() {
            let rows = if is_shown(standing) { &mut shown } else { &mut around.hidden };
            rows.insert(key_of(standing));
        }
        hit.reads.clear();
        around.hits.push(hit);
    }
    around.hidden.retain(|key| !shown.contains(key));
    around
}

/// What names a row.
pub(super) fn key_of(standing: &Standing) -> (String, Option<String>) {
    (standing.file.clone(), standing.release.clone())
}
