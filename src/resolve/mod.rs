//! Which releases some files bring to clusters: those of manifests, those of values files, and what is beside them.

mod arms;
mod broken;
mod charts;
mod find;
mod foreign;
mod mentions;
mod named;
mod runs;
mod sealed;
mod state_values;
mod templates;
mod unread;
mod uses;
mod values_files;
mod wanted;

pub(crate) use broken::{broken_manifest, files_named, taken_unread};
pub(crate) use charts::{charts_wanted, may_name_folder};
pub use find::{brings_charts, files_taken, may_take, names_of_decided, names_of_takers};
pub(crate) use find::{releases_in, releases_of_manifest};
pub(crate) use foreign::{empty_file, may_be_manifest};
pub(crate) use mentions::{accounted_elsewhere, lists_modes, lists_values, mentions, mentions_in_words};
pub(crate) use runs::runs_in;
pub(crate) use state_values::state_value_at;
pub(crate) use templates::taken_by_template;
pub(crate) use unread::{is_unrendered, may_bring_chart, taken_together, unread, unread_program};
pub use uses::{OtherUse, Purpose, other_uses};
pub use values_files::parts_taken;
pub(crate) use values_files::{Asked, mentions_alone, mentions_of, release_of_values, releases_of_values};

/// Whether a file may be this chart's, or set a mode: a quick look that avoids reading other charts' files.
pub(crate) fn may_be_ours(bytes: &[u8]) -> bool {
    crate::chart::may_hold_place(bytes) || may_name_folder(bytes) || sealed::may_be_sealed(bytes)
}
