//! A file as a command changes it: shown as a diff, and written.

use helm_clas::{
    Files,
    report::diff::{Diff, Options, Secrets},
};

use crate::{
    args::DiffOptions,
    failure::Failure,
    output::Output,
    outside::files::{self, Keep, NameInDiff},
    workspace::brought,
};

/// A diff, and whether its name is that of the file below the top of the work tree.
pub(crate) struct Shown {
    pub(crate) diff: Diff,
    pub(crate) is_of_top: bool,
}

impl Shown {
    /// Nothing for a file that is not text.
    pub(crate) fn of(files: &Files<'_>, file: usize, new: &str, wanted: DiffOptions) -> Option<Self> {
        let source = files.source(file);
        let secrets = if wanted.show_secrets { Secrets::Show } else { Secrets::Hide };
        let options = Options { context: wanted.context, secrets, brought: &brought(files) };
        let NameInDiff { name, is_of_top } = files::name_in_diff(source.name);
        Some(Self { diff: Diff::between(source.text().ok()?, new, &name, options), is_of_top })
    }

    /// The diff alone goes to standard output; what must be known of it comes after it on standard error.
    pub(crate) fn print(&self, output: &mut Output) {
        output.patch(&self.diff.styled());
        if self.diff.is_masked {
            output
                .complaint("note: a credential is masked in this diff, so it cannot be applied; see --show-secrets\n");
        } else if self.diff.is_shortened {
            output.remark("note: lines with credentials are omitted from this diff; --show-secrets shows them\n");
        }
        if self.is_of_top {
            output.complaint(files::IS_OF_TOP);
        }
    }
}

/// Writes the file. If attributes are lost, and that is allowed, a note says so.
pub(crate) fn write(
    files: &Files<'_>,
    file: usize,
    new: &str,
    drop_attributes: bool,
    output: &mut Output,
) -> Result<(), Failure> {
    let source = files.source(file);
    let keep = if drop_attributes { Keep::WhatCanBe } else { Keep::Everything };
    let losses = files::replace(source.name, source.bytes, new.as_bytes(), keep)?;
    output.changed(source.name);
    for loss in losses {
        output.complaint(&format!("note: the file {loss}\n"));
    }
    Ok(())
}
