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
    /// What it has in common with those of which each surely runs behind the one before it; nothing where that is not
    /// known of any.
    pub(crate) order: Option<String>,
    /// Where it is.
    pub(crate) at: Range<usize>,
}

impl Arm {
    /// What those have in common that may bring one release: its name and namespace, what names the cluster, and what else
    /// may send it to another one.
    pub(crate) fn identity(name: &str, namespace: &str, cluster: &str, places: &str) -> String {
        [name, namespace, cluster, places].join("\n")
    }

    /// Whether both surely run, one behind the other.
    pub(crate) fn run_in_order(&self, other: &Self) -> bool {
        self.order.is_some() && self.order == other.order
    }

    /// Whether both may be one.
    pub(crate) fn are_of_one(one: Option<&Self>, other: Option<&Self>) -> bool {
        one.zip(other).is_some_and(|(one, other)| one.of == other.of)
    }
}
