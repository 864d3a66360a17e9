//! [`Arm`]: a release as one of several; conditions decide which one the cluster gets.

use std::ops::Range;

/// What those that may be one release have in common, and what distinguishes this one.
#[derive(Clone)]
pub(crate) struct Arm {
    /// What people call what brings it: a task, a command.
    pub(crate) what: &'static str,
    /// What those that may be one have in common.
    pub(crate) of: String,
    /// The host that it is for alone, where its condition says so.
    pub(crate) only: Option<String>,
    /// When it runs, in words; nothing where it always does, or only its line says so.
    pub(crate) runs: String,
    /// Whether it is known to run whatever the others do.
    pub(crate) is_certain: bool,
    /// Where it is.
    pub(crate) at: Range<usize>,
}

impl Arm {
    /// Whether both may be one.
    pub(crate) fn are_of_one(one: Option<&Self>, other: Option<&Self>) -> bool {
        one.zip(other).is_some_and(|(one, other)| one.of == other.of)
    }
}
