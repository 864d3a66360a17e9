//! What came of an upgrade of the release, in words and as JSON.

use helm_clas::{
    account::{FileIs, Stands, Way, Ways},
    report::{self, way::Commands},
    verify::{Checked, Outcome},
};

use crate::failure::Failure;

/// What came of it.
pub(crate) struct Ran<'u> {
    /// Whether the release was upgraded; it is not where it is in the mode already.
    pub(crate) is_upgraded: bool,
    /// What was seen of the cluster in the end.
    pub(crate) checked: Vec<Checked>,
    /// What went wrong on the way.
    pub(crate) failure: Option<Failure>,
    /// How to continue and how to get back; nothing where it is not known what the release is now.
    pub(crate) ways: Option<Ways>,
    /// Their commands.
    pub(crate) commands: Commands<'u>,
    /// Whether the user stopped it.
    pub(crate) is_stopped: bool,
}

impl Ran<'_> {
    pub(crate) fn is_right(&self) -> bool {
        self.failure.is_none() && !self.is_stopped && Outcome::of(&self.checked) == Outcome::Right
    }

    /// Whether the release is where the step leads to, whatever its pods do.
    pub(crate) fn has_arrived(&self) -> bool {
        self.ways.as_ref().is_some_and(|ways| ways.file == FileIs::Same && ways.stands != Stands::Failed)
    }

    /// The same for the answer in JSON.
    pub(crate) fn json(&self) -> report::json::Ran<'_> {
        let ways = self.ways.as_ref().filter(|_| !self.is_right());
        let ways = ways.map(|ways| (ways, &self.commands));
        report::json::Ran { is_upgraded: self.is_upgraded, checked: &self.checked, ways }
    }

    /// How to continue and how to get back, where something is wrong.
    pub(crate) fn told(&self) -> Option<String> {
        if self.is_right() {
            return None;
        }
        let ways = self.ways.clone().unwrap_or(Ways {
            // Helm did not answer: the same command finds out
            on: Way::Again,
            back: Vec::new(),
            stands: Stands::Unknown,
            file: FileIs::Apart,
        });
        Some(report::way::text(&ways, &self.commands))
    }
}
