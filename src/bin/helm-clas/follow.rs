//! The files that a manifest takes more values from, read from its checkout and from nowhere else.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use helm_clas::place::files_beside;

use crate::{
    failure::Failure,
    files::{self, STDIN, sources},
};

/// The files of a run, each with its name and what it holds.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// The folders outside of which nothing is read that a manifest names.
#[derive(Clone, Debug)]
pub(crate) struct Checkout {
    tops: Vec<PathBuf>,
}

impl Checkout {
    /// That of a file: the work tree of git that it stands in. Without git it is what is searched, where the file is found
    /// there, else the current folder, or the file's own.
    pub(crate) fn of(file: &Path, searched: &[PathBuf]) -> Option<Self> {
        let folder = match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let folder = fs::canonicalize(folder).ok()?;
        if let Some(top) = folder.ancestors().find(|folder| folder.join(".git").exists()) {
            return Some(Self { tops: vec![top.to_path_buf()] });
        }
        let is_above = |top: &PathBuf| folder.starts_with(top);
        let searched: Vec<PathBuf> = searched.iter().filter_map(|top| fs::canonicalize(top).ok()).collect();
        if searched.iter().any(is_above) {
            return Some(Self { tops: searched });
        }
        let here = env::current_dir().and_then(fs::canonicalize).ok().filter(is_above);
        Some(Self { tops: vec![here.unwrap_or(folder)] })
    }

    /// Whether it holds a file of this name, wherever links lead on the way.
    fn holds(&self, name: &str) -> bool {
        let is_within = |path: PathBuf| self.tops.iter().any(|top| path.starts_with(top));
        Path::new(name).is_file() && fs::canonicalize(name).is_ok_and(is_within)
    }

    /// Reads the files that the first of some, a manifest, takes more values from, and puts them behind. Those that are
    /// there and cannot be read are returned.
    pub(crate) fn follow(
        &self,
        files: &mut Files,
        mut read: impl FnMut(&str) -> Result<Vec<u8>, Failure>,
    ) -> Vec<(String, Failure)> {
        let is_stdin = files.first().is_some_and(|(name, _)| name == STDIN);
        let named = if is_stdin { Vec::new() } else { files_beside(&sources(files)) };
        let mut unreadable = Vec::new();
        for name in named.into_iter().filter(|name| self.holds(name)) {
            match read(&name) {
                Ok(bytes) => files.push((name, bytes)),
                Err(failure) => unreadable.push((name, failure)),
            }
        }
        unreadable
    }
}

/// The files of one cluster, each with what it holds: those named, and where the first is a manifest, those that it takes
/// more values from and that are there.
pub(crate) fn read_all(names: &[String]) -> Result<Files, Failure> {
    let read = |name: &String| files::read(name).map(|bytes| (name.clone(), bytes));
    let mut files: Files = names.iter().map(read).collect::<Result<_, _>>()?;
    let checkout = names.first().and_then(|name| Checkout::of(Path::new(name), &[]));
    let unreadable = checkout.map(|checkout| checkout.follow(&mut files, |name| files::read(name))).unwrap_or_default();
    match unreadable.into_iter().next() {
        Some((_, failure)) => Err(failure),
        None => Ok(files),
    }
}
