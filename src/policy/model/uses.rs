//! [`Uses`]: what the labels of a rule mean.

use crate::policy::read::{Unknown, Words, object};

/// What the labels of a rule mean, on either side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResolveLabelsAs {
    /// The destinations.
    pub providers: Uses,
    /// The sources.
    pub consumers: Uses,
}

/// What labels mean. A rule that does not say uses workloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uses {
    /// Workloads that have the labels.
    pub workloads: bool,
    /// Virtual services that have the labels.
    pub virtual_services: bool,
}

impl Default for Uses {
    fn default() -> Self {
        Self { workloads: true, virtual_services: false }
    }
}

impl Uses {
    /// A list of `"workloads"` and `"virtual_services"`; an empty one says nothing, and no PCE writes one.
    pub(super) fn of<'t>(words: &Words<'t>, unknown: &mut Vec<Unknown<'t>>) -> Self {
        let has = |meant: &str| words.0.iter().any(|word| &**word == meant);
        let uses = Self { workloads: has("workloads"), virtual_services: has("virtual_services") };
        let others = words.0.iter().filter(|word| !matches!(&***word, "workloads" | "virtual_services"));
        unknown.extend(others.map(|word| Unknown::value("resolve_labels_as", word.clone())));
        if uses.workloads || uses.virtual_services { uses } else { Self::default() }
    }

    /// What the PCE's pages call it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match (self.workloads, self.virtual_services) {
            (_, false) => "Use Workloads",
            (false, true) => "Uses Virtual Services only",
            (true, true) => "Uses Virtual Services and Workloads",
        }
    }
}

object! {
    /// What labels mean, as it is written.
    #[derive(Default)]
    pub(super) struct WrittenUses<'t>, called "a list of `workloads` and `virtual_services` for each side", needs [],
    expects [providers, consumers], without [] {
        "providers" => providers: Words<'t>,
        "consumers" => consumers: Words<'t>,
    }
}
