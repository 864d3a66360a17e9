//! What several subjects share: the program under test, real programs, played servers, other readers.

pub(crate) mod browser;
pub(crate) mod certificates;
pub(crate) mod cluster;
pub(crate) mod controller;
pub(crate) mod fake_pce;
pub(crate) mod helm;
#[allow(dead_code, unreachable_pub)] // what the fuzz targets use
#[path = "../../fuzz/src/laws.rs"]
pub(crate) mod laws;
pub(crate) mod measure;
pub(crate) mod played;
pub(crate) mod program;
pub(crate) mod reading;
pub(crate) mod schema;
pub(crate) mod shop;
pub(crate) mod tool;
pub(crate) mod vendor;
pub(crate) mod witness;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The files in a folder, at any depth.
pub(crate) fn files_below(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Copies a folder with everything in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() { copy(&entry.path(), &to) } else { fs::copy(entry.path(), to).map(drop).unwrap() }
    }
}
