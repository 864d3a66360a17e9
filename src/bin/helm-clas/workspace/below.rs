//! [`Below`]: the paths of a checkout, from its top, by walks that go no deeper than they must.

use std::{
    cell::OnceCell,
    collections::{BTreeSet, HashSet},
    path::{Path, PathBuf},
};

use helm_clas::look::{fits_pattern, is_kustomization};
use ignore::{DirEntry, WalkBuilder};

use crate::paths;

/// What is below the top of a checkout.
#[derive(Clone, Debug)]
pub(super) struct Below {
    top: PathBuf,
    /// The paths of its folders from the top, in order.
    folders: OnceCell<Vec<String>>,
}

impl Below {
    pub(super) fn of(top: PathBuf) -> Self {
        Self { top, folders: OnceCell::new() }
    }

    /// The files below a folder that Flux builds where it has no kustomization, in order: of a folder that has one,
    /// that one.
    pub(super) fn built(&self, folder: &str) -> Vec<PathBuf> {
        /// More than are read of any checkout for one question.
        const MOST: usize = 1_000;
        if let Some(end) = folder.strip_prefix("**/") {
            return self.folders_named(end).iter().flat_map(|folder| self.built(folder)).take(MOST).collect();
        }
        let walk = WalkBuilder::new(self.top.join(folder)).build().flatten().map(DirEntry::into_path);
        let is_manifest = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
        let is_it = |path: &PathBuf| is_kustomization(&paths::name(path));
        let mut found: Vec<PathBuf> = walk.filter(|path| is_manifest(path) || is_it(path)).take(MOST).collect();
        let folders: HashSet<PathBuf> =
            found.iter().filter(|path| is_it(path)).filter_map(|path| Some(path.parent()?.to_path_buf())).collect();
        found.retain(|path| {
            let above = path.ancestors().skip(if is_it(path) { 2 } else { 1 });
            !above.into_iter().any(|folder| folders.contains(folder))
        });
        found.sort();
        found
    }

    /// The folders whose path from the top fits a pattern, in order.
    pub(super) fn folders_fitting(&self, pattern: &str) -> impl Iterator<Item = PathBuf> {
        self.folders().iter().filter(move |folder| fits_pattern(pattern, folder)).map(|folder| self.top.join(folder))
    }

    /// The folders whose path from the top ends with these names, in order; not the one that has no others before it.
    fn folders_named(&self, end: &str) -> Vec<String> {
        let is_it = |path: &&String| path.strip_suffix(end).is_some_and(|before| before.ends_with('/'));
        self.folders().iter().filter(is_it).cloned().collect()
    }

    /// The folders, by their paths from the top, in order.
    fn folders(&self) -> &[String] {
        self.folders.get_or_init(|| {
            let top = &self.top;
            // git has no folders without files
            let files = WalkBuilder::new(top).build().flatten().filter(|entry| !entry.path().is_dir());
            let below = files.filter_map(|entry| entry.path().strip_prefix(top).ok().map(Path::to_path_buf));
            let mut found: BTreeSet<String> = BTreeSet::new();
            for file in below {
                for folder in file.ancestors().skip(1) {
                    if !found.insert(paths::name(folder)) {
                        break;
                    }
                }
            }
            found.into_iter().collect()
        })
    }

    /// The files whose path from the top fits a pattern, in order.
    pub(super) fn fitting(&self, pattern: &str) -> Vec<PathBuf> {
        let top = &self.top;
        // no more is gone through than the names before the first star lead to
        let fixed: PathBuf = pattern.split('/').take_while(|name| !name.contains(['*', '?'])).collect();
        let fixed = if fixed == Path::new(pattern) { PathBuf::new() } else { fixed };
        let mut walk = WalkBuilder::new(top.join(fixed));
        walk.hidden(false).filter_entry(|entry| entry.file_name() != ".git");
        let path = |entry: DirEntry| entry.path().strip_prefix(top).ok().map(paths::name);
        let files = walk.build().flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
        let mut found: Vec<String> = files.filter_map(path).filter(|path| fits_pattern(pattern, path)).collect();
        found.sort();
        found.into_iter().map(|path| top.join(path)).collect()
    }
}
