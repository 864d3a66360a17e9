//! Commands of a pipeline, or of a playbook, that never run.

use crate::{rendered::shell::text::Said, shown::verbatim, yaml::Document};

/// Why the command at a byte of a file never runs, if so.
pub(super) fn never(document: &Document<'_>, byte: usize, start: usize) -> Option<Said> {
    let (key, said, at) = document.never_runs(byte, start)?;
    let text = match key {
        "extends" => format!("no job extends {}", verbatim(said)),
        key => format!("`{key}` is {}", verbatim(said)),
    };
    Some(Said { text, at })
}
