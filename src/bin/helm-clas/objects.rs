//! [`Objects`]: which files of a checkout hold the objects that releases name.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, mpsc},
};

use helm_clas::{
    ObjectRef,
    files::{objects_in, objects_taken},
};
use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::{files, search};

/// Which files of a checkout hold the objects that releases name: looked up once, and only where a release names one. What
/// is kept is the name of each such object, with the files that hold it, and those of releases that take it.
#[derive(Default)]
pub(crate) struct Objects {
    known: Mutex<HashMap<Vec<PathBuf>, Arc<Index>>>,
}

#[derive(Default)]
struct Index(HashMap<Name, Whereabouts>);

/// Where an object stands, and where releases are that take it.
#[derive(Default)]
struct Whereabouts {
    /// The files that hold it, below each folder.
    holders: HashMap<PathBuf, Vec<PathBuf>>,
    /// The folders with a release that takes it, at any depth.
    takers: HashSet<PathBuf>,
}

/// The kind and the name of an object.
type Name = (String, String);

impl Objects {
    /// The files below the tops of a checkout that hold an object which a manifest names, in order. Of several it is the
    /// nearest: clusters have folders of their own, with the same names in each. What is nearer to another release that
    /// takes it is of that one.
    pub(crate) fn files_of(&self, tops: &[PathBuf], manifest: &Path, object: &ObjectRef) -> Vec<PathBuf> {
        let index = {
            // whoever panicked while looking has put nothing in
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let index = known.entry(tops.to_vec()).or_insert_with(|| Arc::new(Index::of(tops)));
            Arc::clone(index)
        };
        let manifest = fs::canonicalize(manifest).unwrap_or_else(|_| manifest.to_path_buf());
        let files = index.nearest(&(object.kind.clone(), object.name.clone()), &manifest);
        files.into_iter().collect::<BTreeSet<PathBuf>>().into_iter().collect()
    }
}

impl Index {
    /// Looks through the files of some folders, in parallel.
    fn of(tops: &[PathBuf]) -> Self {
        let mut index = Self::default();
        let Some((first, others)) = tops.split_first() else { return index };
        let mut walk = WalkBuilder::new(first);
        for top in others {
            walk.add(top);
        }
        walk.filter_entry(|entry| !search::is_templates_of_chart(entry));
        let (sender, found) = mpsc::channel();
        walk.build_parallel().run(|| {
            let sender = sender.clone();
            Box::new(move |entry| {
                if let Some(entry) = entry.ok().filter(holds_manifests)
                    && let Ok(bytes) = files::read(entry.path())
                {
                    let name = |ObjectRef { kind, name, .. }: ObjectRef| (kind, name);
                    let held: Vec<Name> = objects_in(&bytes).into_iter().map(name).collect();
                    let taken: Vec<Name> = objects_taken(&bytes).into_iter().map(name).collect();
                    if !held.is_empty() || !taken.is_empty() {
                        // the other end waits for all of them
                        let _ = sender.send((entry.path().to_path_buf(), held, taken));
                    }
                }
                WalkState::Continue
            })
        });
        drop(sender);
        for (path, held, taken) in found {
            let folders = || path.ancestors().skip(1).map(Path::to_path_buf);
            for name in held {
                let holders = &mut index.0.entry(name).or_default().holders;
                folders().for_each(|folder| holders.entry(folder).or_default().push(path.clone()));
            }
            for name in taken {
                index.0.entry(name).or_default().takers.extend(folders());
            }
        }
        index
    }

    fn nearest(&self, name: &Name, manifest: &Path) -> Vec<PathBuf> {
        let Some(Whereabouts { holders, takers }) = self.0.get(name) else { return Vec::new() };
        // the deepest folder with both the manifest and a file that holds it
        let found = manifest.ancestors().skip(1).filter_map(|folder| {
            let is_free = |holder: &&PathBuf| match folder_towards(folder, holder) {
                Some(next) => !manifest.starts_with(&next) && !takers.contains(&next),
                None => true,
            };
            let free: Vec<PathBuf> = holders.get(folder)?.iter().filter(is_free).cloned().collect();
            Some(free).filter(|free| !free.is_empty())
        });
        found.into_iter().next().unwrap_or_default()
    }
}

/// The folder in another one on the way to a file below it; nothing where the file stands in it.
fn folder_towards(folder: &Path, file: &Path) -> Option<PathBuf> {
    let next = folder.join(file.strip_prefix(folder).ok()?.components().next()?);
    (next != file).then_some(next)
}

fn holds_manifests(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_file()) && search::may_hold_place(entry.file_name())
}
