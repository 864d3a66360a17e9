//! Where a checkout begins.

use std::{
    env,
    path::{Path, PathBuf},
};

use ignore::WalkBuilder;

use super::Checkout;
use crate::paths;

/// The work tree of git that a file is in; without git the current folder, unless that holds too much to look through.
pub(crate) fn top_of(file: &Path) -> Option<PathBuf> {
    /// How many entries are looked at where nothing says where the checkout ends.
    const MOST: usize = 5_000;
    let top = Checkout::of(file, &[])?.top().to_path_buf();
    let is_small = || WalkBuilder::new(&top).build().take(MOST).count() < MOST;
    (top.join(".git").exists() || is_small()).then_some(top)
}

/// Whether a file is in a work tree of git in which the current folder is not.
pub(crate) fn is_of_other_checkout(file: &str) -> bool {
    let top = paths::real(file).ok().and_then(|file| Some(Checkout::of(&file, &[])?.top().to_path_buf()));
    let here = env::current_dir().and_then(paths::real).ok();
    top.zip(here).is_some_and(|(top, here)| top.join(".git").exists() && !here.starts_with(top))
}

/// A folder as the current one leads to it.
pub(crate) fn from_here(folder: &Path) -> PathBuf {
    let Ok(here) = env::current_dir().and_then(paths::real) else { return folder.to_path_buf() };
    if !here.starts_with(folder) {
        return folder.strip_prefix(&here).unwrap_or(folder).to_path_buf();
    }
    let up = here.strip_prefix(folder).map_or(0, |rest| rest.components().count());
    if up == 0 { PathBuf::from(".") } else { std::iter::repeat_n("..", up).collect() }
}
