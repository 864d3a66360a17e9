//! The walk through files and folders on all cores: what each file says, in any order.

use std::{
    collections::{HashMap, HashSet},
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
    sync::mpsc,
};

use helm_clas::{files::stands_for, look::says_mode_key};
use ignore::{DirEntry, WalkBuilder, WalkState};

use super::{
    names::{is_file_or_dangling, is_seen, may_hold_place, may_mention},
    objects::Objects,
    visitor::{Hit, Visitor, is_passed_over, told_apart, without_dot},
};
use crate::{failure::Failure, paths};

/// What is found below some files and folders, in any order, without those of these whole paths, which are not read.
pub(super) fn hits(roots: &[PathBuf], place: Option<&str>, except: &[PathBuf]) -> Vec<Hit> {
    let Some((first, others)) = roots.split_first() else { return Vec::new() };
    let mut walk = WalkBuilder::new(first);
    for root in others {
        walk.add(root);
    }
    let names: HashSet<OsString> = except.iter().filter_map(|path| path.file_name()).map(OsStr::to_owned).collect();
    let except: HashSet<PathBuf> = except.iter().cloned().collect();
    // a whole path is asked for where the name is one of them
    let is_except = move |entry: &DirEntry| {
        names.contains(entry.file_name()) && paths::real(entry.path()).is_ok_and(|path| except.contains(&path))
    };
    walk.hidden(false).filter_entry(move |entry| is_seen(entry) && !is_except(entry));
    let objects = Objects::default();
    let (sender, hits) = mpsc::channel();
    walk.build_parallel().run(|| {
        let sender = sender.clone();
        let (folder, checkout, charts) = (None, None, HashMap::new());
        let (is_in_chart, has_chart) = (false, false);
        let objects = &objects;
        let mut visitor = Visitor { place, roots, objects, sender, folder, is_in_chart, has_chart, charts, checkout };
        Box::new(move |entry| {
            visitor.visit(entry);
            WalkState::Continue
        })
    });
    drop(sender);
    hits.into_iter().collect()
}

/// The files below a folder that may hold values, in the order of their paths: those that a search would look at.
pub(crate) fn files_below(folder: &Path) -> (Vec<PathBuf>, Vec<(PathBuf, Failure)>) {
    let mut walk = WalkBuilder::new(folder);
    walk.hidden(false).filter_entry(is_seen);
    let (mut files, mut failures) = (Vec::new(), Vec::new());
    for entry in walk.build() {
        match entry {
            Ok(entry) => {
                let says_mode = || fs::read(entry.path()).is_ok_and(|bytes| says_mode_key(&bytes));
                let may_be_read = || may_hold_place(entry.path()) || may_mention(entry.path()) && says_mode();
                let is_read = || may_be_read() && !is_passed_over(&entry);
                if is_file_or_dangling(&entry) && is_read() {
                    files.push(without_dot(entry.path()).to_path_buf());
                }
            }
            Err(error) => {
                let (path, error) = told_apart(error);
                let path = without_dot(&path).to_path_buf();
                let failure = Failure::while_doing(format!("cannot read {}", paths::name(&path)))(error).about(&path);
                failures.push((path, failure));
            }
        }
    }
    files.sort();
    // one whose text is there as well is not needed
    let there: HashSet<String> = files.iter().map(|file| paths::name(file)).collect();
    files.retain(|file| stands_for(&paths::name(file)).is_none_or(|stem| !there.contains(stem)));
    (files, failures)
}
