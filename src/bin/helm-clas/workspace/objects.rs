//! [`Objects`]: which files of a checkout hold the objects that releases name.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, mpsc},
};

use helm_clas::{
    ObjectRef,
    look::{fits_pattern, is_kustomization, may_call, objects_in, objects_taken, taken_or_unread},
};
use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::{outside::files, paths, workspace::names};

/// Which files of a checkout hold the objects that releases name: looked up once, and only where a release names one.
/// What is kept is the name of each such object, with the files that hold it, and those of releases that take it.
#[derive(Default)]
pub(crate) struct Objects {
    known: Mutex<HashMap<Vec<PathBuf>, Arc<Index>>>,
    takers: Mutex<HashMap<PathBuf, Takers>>,
    names: Mutex<HashMap<Asked, Arc<BTreeSet<String>>>>,
}

/// Whose names were asked for: the top of a checkout, a path from there, and whether they are to be absolute.
type Asked = (PathBuf, String, bool);

/// A kustomization that takes a file.
pub(crate) struct Taker {
    pub(crate) file: PathBuf,
    /// Whether a part of it cannot be read.
    pub(crate) is_unread: bool,
}

/// Which kustomizations of a checkout take which files and folders, by their paths from its top.
#[derive(Default)]
struct Takers {
    by_path: HashMap<String, BTreeSet<PathBuf>>,
    /// Those that are taken by a pattern.
    patterns: Vec<(String, PathBuf)>,
    /// The folders that have a kustomization.
    folders: HashSet<String>,
    /// Those of which a part cannot be read.
    unread: HashSet<PathBuf>,
    /// What was found for a path.
    found: HashMap<String, Arc<Vec<Taker>>>,
}

impl Takers {
    fn of(top: &Path) -> Self {
        let mut takers = Self::default();
        let (sender, found) = mpsc::channel();
        let mut walk = WalkBuilder::new(top);
        walk.hidden(false).filter_entry(|entry| names::is_seen(entry) && !names::is_templates_of_chart(entry));
        walk.build_parallel().run(|| {
            let sender = sender.clone();
            Box::new(move |entry| {
                if let Some(entry) = entry.ok().filter(holds_manifests)
                    && let Ok(bytes) = files::read(entry.path())
                    && let Ok(below) = entry.path().strip_prefix(top)
                {
                    let path = paths::name(below);
                    let (taken, is_unread) = taken_or_unread(&path, &bytes);
                    if !taken.is_empty() || is_kustomization(&path) {
                        // the other end waits for all of them
                        let _ = sender.send((entry.path().to_path_buf(), path, taken, is_unread));
                    }
                }
                WalkState::Continue
            })
        });
        drop(sender);
        for (file, path, taken, is_unread) in found {
            if is_unread {
                takers.unread.insert(file.clone());
            }
            if is_kustomization(&path) {
                takers.folders.insert(folder_of(&path).to_owned());
            }
            for one in taken {
                if one.contains(['*', '?']) {
                    takers.patterns.push((one, file.clone()));
                    continue;
                }
                takers.by_path.entry(one).or_default().insert(file.clone());
            }
        }
        takers
    }

    /// The takers of a file: what names it, or its folder where it is a kustomization. Without a kustomization, Flux
    /// builds every file below its folder, down to where there is one.
    fn of_file(&self, path: &str) -> BTreeSet<PathBuf> {
        let mut found = self.by_path.get(path).cloned().unwrap_or_default();
        found.extend(self.fitting(path));
        let mut folder = folder_of(path);
        if is_kustomization(path) {
            found.extend(self.by_path.get(folder).cloned().unwrap_or_default());
            found.extend(self.fitting(folder));
            if folder.is_empty() {
                return found;
            }
            folder = folder_of(folder);
        }
        while !self.folders.contains(folder) {
            found.extend(self.by_path.get(folder).cloned().unwrap_or_default());
            found.extend(self.fitting(folder));
            if folder.is_empty() {
                break;
            }
            folder = folder_of(folder);
        }
        found
    }

    /// What takes a file or a folder by a pattern.
    fn fitting(&self, path: &str) -> impl Iterator<Item = PathBuf> {
        self.patterns.iter().filter(move |(pattern, _)| fits_pattern(pattern, path)).map(|(_, taker)| taker.clone())
    }
}

/// The folder of a file; empty for the top.
fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[derive(Default)]
struct Index(HashMap<Name, Whereabouts>);

/// Where an object is, and where releases are that take it.
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
    /// The kustomizations below the top of a checkout that take a file, by its path from there.
    pub(crate) fn takers_of(&self, top: &Path, path: &str) -> Arc<Vec<Taker>> {
        let mut known = self.takers.lock().unwrap_or_else(PoisonError::into_inner);
        let takers = known.entry(top.to_path_buf()).or_insert_with(|| Takers::of(top));
        takers.found.get(path).cloned().unwrap_or_else(|| {
            let found = takers.of_file(path).into_iter();
            let found = found.map(|file| Taker { is_unread: takers.unread.contains(&file), file });
            let found = Arc::new(found.collect());
            takers.found.insert(path.to_owned(), Arc::clone(&found));
            found
        })
    }

    /// The names of those that can be read, as they are named beside a manifest. All overlays of a base ask for the same
    /// ones.
    pub(crate) fn names_of_takers(
        &self,
        top: &Path,
        path: &str,
        manifest: &str,
        named_beside: impl Fn(&str, &Path) -> String,
    ) -> Arc<BTreeSet<String>> {
        let asked = (top.to_path_buf(), path.to_owned(), Path::new(manifest).is_absolute());
        let mut known = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let names = known.entry(asked).or_insert_with(|| {
            let takers = self.takers_of(top, path);
            let read = takers.iter().filter(|taker| !taker.is_unread);
            Arc::new(read.map(|taker| named_beside(manifest, &taker.file)).collect())
        });
        Arc::clone(names)
    }

    /// The files below the tops of a checkout that hold an object which a manifest names, in order. Of several it is
    /// the nearest: clusters have folders of their own, with the same names in each. What is nearer to another release
    /// that takes it is of that one.
    pub(crate) fn files_of(&self, tops: &[PathBuf], manifest: &Path, object: &ObjectRef) -> Vec<PathBuf> {
        let index = {
            // a thread that panicked while looking has put nothing in
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let index = known.entry(tops.to_vec()).or_insert_with(|| Arc::new(Index::of(tops)));
            Arc::clone(index)
        };
        let manifest = paths::real(manifest).unwrap_or_else(|_| manifest.to_path_buf());
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
        walk.filter_entry(|entry| !names::is_templates_of_chart(entry));
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

/// The folder in another one on the way to a file below it; nothing where the file is directly in it.
fn folder_towards(folder: &Path, file: &Path) -> Option<PathBuf> {
    let next = folder.join(file.strip_prefix(folder).ok()?.components().next()?);
    (next != file).then_some(next)
}

fn holds_manifests(entry: &DirEntry) -> bool {
    let may_hold = |path: &Path| names::may_hold_place(path) || may_call(&paths::name(path));
    entry.file_type().is_some_and(|kind| kind.is_file()) && may_hold(entry.path())
}
