//! Which files and folders of a checkout are looked at, by their names.

use std::ffi::OsStr;

use helm_clas::files::{may_hold_values, may_mention_mode};
use ignore::DirEntry;

/// Whether a file may hold values, by its name.
pub(crate) fn may_hold_place(name: &OsStr) -> bool {
    may_hold_values(&name.to_string_lossy())
}

/// Whether a file may say a mode that somebody hands to Helm, by its name.
pub(crate) fn may_mention(name: &OsStr) -> bool {
    name.to_str().is_some_and(may_mention_mode)
}

/// Whether an entry is not hidden, or holds the jobs of a pipeline.
pub(crate) fn is_seen(entry: &DirEntry) -> bool {
    const JOBS: [&str; 18] = [
        ".azure",
        ".azure-pipelines",
        ".buildkite",
        ".circleci",
        ".drone.yaml",
        ".drone.yml",
        ".forgejo",
        ".gitea",
        ".github",
        ".gitlab",
        ".gitlab-ci.yaml",
        ".gitlab-ci.yml",
        ".justfile",
        ".tekton",
        ".travis.yml",
        ".woodpecker",
        ".woodpecker.yaml",
        ".woodpecker.yml",
    ];
    let name = entry.file_name().to_string_lossy();
    entry.depth() == 0 || !name.starts_with('.') || JOBS.contains(&name.as_ref())
}

/// What a chart's templates hold is not values but what becomes of them.
pub(crate) fn is_templates_of_chart(entry: &DirEntry) -> bool {
    entry.depth() > 0 && entry.file_name() == "templates" && entry.path().with_file_name("Chart.yaml").is_file()
}
