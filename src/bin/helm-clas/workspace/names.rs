//! Which files and folders of a checkout are looked at, by their names.

use std::{ffi::OsStr, fs::File, io::Read as _, path::Path};

use helm_clas::files::{is_of_other_language, may_be_values, may_hold_values, may_mention_mode, may_speak, stands_for};
use ignore::DirEntry;

use crate::paths;

/// Whether a file may hold values, or something in place of them, by its name, or by what runs it.
pub(crate) fn may_hold_place(file: &Path) -> bool {
    let name = paths::name(Path::new(file.file_name().unwrap_or_default()));
    may_hold_values(&name, &start_of(file)) || stands_for(&name).is_some()
}

/// Whether a file may pass a mode to Helm, by its name, or by what runs it.
pub(crate) fn may_mention(file: &Path) -> bool {
    file.file_name().and_then(OsStr::to_str).is_some_and(|name| may_mention_mode(name, &start_of(file)))
}

/// Whether a file may mention a mode that no cluster gets from it, by its name: it is text, and no longer than what people
/// write.
pub(crate) fn may_only_mention(file: &Path) -> bool {
    const LONGEST: u64 = 1 << 20;
    let is_short = || file.metadata().is_ok_and(|file| file.is_file() && file.len() <= LONGEST);
    file.file_name().and_then(OsStr::to_str).is_some_and(|name| may_speak(name, b"") && is_short())
}

/// Whether an entry is a file, or a symbolic link that leads nowhere: what it should lead to may hold anything.
pub(crate) fn is_file_or_dangling(entry: &DirEntry) -> bool {
    let is_file = entry.file_type().is_none_or(|kind| kind.is_file());
    is_file || entry.depth() > 0 && entry.path_is_symlink() && !entry.path().exists()
}

/// Whether a file that a person names may be values, by its name.
pub(crate) fn may_be_named(file: &Path) -> bool {
    file.file_name()
        .and_then(OsStr::to_str)
        .is_none_or(|name| may_be_values(name) && !is_of_other_language(name, &start_of(file)))
}

/// The first bytes of a file whose name says nothing of what it is.
fn start_of(file: &Path) -> Vec<u8> {
    const ENOUGH: u64 = 200;
    let mut start = Vec::new();
    if file.extension().is_none() && file.is_file() {
        // what cannot be read says nothing
        let _ = File::open(file).and_then(|file| file.take(ENOUGH).read_to_end(&mut start));
    }
    start
}

/// Hidden folders that hold what programs keep, and no work of a person.
#[rustfmt::skip] // a table
const KEPT: [&str; 30] = [
    ".bundle", ".cache", ".cargo", ".direnv", ".eggs", ".git", ".gradle", ".hg", ".idea", ".jj", ".local", ".m2",
    ".mypy_cache", ".next", ".npm", ".nuxt", ".nx", ".pnpm-store", ".pytest_cache", ".ruff_cache", ".rustup", ".svn",
    ".terraform", ".terragrunt-cache", ".tox", ".turbo", ".venv", ".virtualenv", ".vscode", ".yarn",
];

/// Hidden files that say what is run.
#[rustfmt::skip] // a table
const RUN: [&str; 18] = [
    ".appveyor.yml", ".cirrus.yaml", ".cirrus.yml", ".drone.yaml", ".drone.yml", ".env", ".envrc", ".gitlab-ci.yaml",
    ".gitlab-ci.yml", ".justfile", ".lefthook.yaml", ".lefthook.yml", ".pre-commit-config.yaml", ".semaphore.yml",
    ".taskrc.yml", ".travis.yml", ".woodpecker.yaml", ".woodpecker.yml",
];

/// Whether an entry is not hidden, or is a folder of work, or may hold values, or says what is run.
pub(crate) fn is_seen(entry: &DirEntry) -> bool {
    let name = paths::name(Path::new(entry.file_name()));
    let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
    // what overrides an Application is in a file of this name beside its chart
    let is_of_argo = || name.starts_with(".argocd-source");
    let is_run = || {
        let is_it =
            |known: &&str| name.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let may_hold = || may_hold_values(&name, b"") && !name.starts_with(".#");
        is_of_argo() || RUN.iter().any(is_it) || may_hold()
    };
    entry.depth() == 0 || !name.starts_with('.') || if is_folder { !KEPT.contains(&name.as_str()) } else { is_run() }
}

/// What a chart's templates hold is not values but what becomes of them.
pub(crate) fn is_templates_of_chart(entry: &DirEntry) -> bool {
    entry.depth() > 0 && entry.file_name() == "templates" && entry.path().with_file_name("Chart.yaml").is_file()
}

/// Whether a file is kept for secrets, by its name.
pub(crate) fn is_for_secrets(file: &Path) -> bool {
    let name = file.file_name().map(|name| paths::name(Path::new(name)).to_ascii_lowercase());
    name.is_some_and(|name| name.contains("secret") || name.contains("cred"))
}

/// Whether two files are of one kind, by their names, so that one holds for its cluster what the other one does: they have
/// one name, or their names in one folder differ in one word, as `values-east.yaml` and `values-west.yaml` do.
pub(crate) fn is_of_one_kind(one: &Path, other: &Path) -> bool {
    let name = paths::name(one);
    let one = stands_for(&name).map_or(one, Path::new);
    let (Some(one_name), Some(other_name)) = (one.file_name(), other.file_name()) else { return false };
    if one_name == other_name || one.parent() != other.parent() {
        return one_name == other_name;
    }
    let (one, other) = (paths::name(Path::new(one_name)), paths::name(Path::new(other_name)));
    let words = |name: &'_ str| name.split(['-', '_', '.']).map(str::to_owned).collect::<Vec<_>>();
    let (one, other) = (words(&one), words(&other));
    // the last word is that of the format
    let differ = one.iter().zip(&other).filter(|(one, other)| one != other).count();
    one.len() == other.len() && one.last() == other.last() && one.len() > 2 && differ == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_one_kind_differ_in_one_word_or_in_their_folder() {
        let is_one = |one, other| is_of_one_kind(Path::new(one), Path::new(other));
        assert!(is_one("c/east/values.yaml", "c/west/values.yaml"));
        assert!(is_one("values-east.yaml", "values-west.yaml") && is_one("east.illumio.yaml", "west.illumio.yaml"));
        for other in ["values.yaml", "values-east.json", "other-west.yaml", "sub/values-west.yaml", "values-a-b.yaml"] {
            assert!(!is_one("values-east.yaml", other), "{other}");
        }
        assert!(!is_one("east.yaml", "west.yaml"), "nothing in their names is the same");
    }
}
