//! What is found beside the layers of a release: that a file is something else, and modes that it does not take.

use crate::{
    finding::{Doubt, Finding},
    rendered::Shows,
};

/// That values files are those of something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Foreign {
    /// An object of Kubernetes of a kind that is not known here: nothing in it is a mode, not even where it says one,
    /// unless the keys that lead there were named.
    Object(Finding),
    /// A manifest of other charts, or a section whose meaning is not known.
    Other(Finding),
    /// None of the values is one of this chart's.
    Doubtful(Finding),
}

impl Foreign {
    /// Findings about it.
    pub(crate) fn finding(&self) -> &Finding {
        match self {
            Self::Object(finding) | Self::Other(finding) | Self::Doubtful(finding) => finding,
        }
    }
}

/// A mode that is set somewhere and not judged.
#[derive(Clone, Debug)]
pub(crate) struct Mention {
    /// The keys that lead to it, through all texts; none where it is not a value under its name.
    pub(crate) path: Vec<String>,
    /// Findings about it.
    pub(crate) finding: Finding,
    /// What becomes of it, where it is set for a command of Helm that installs nothing.
    pub(crate) shows: Option<Shows>,
    /// Whether it is not a mode, but releases of this chart that cannot be read.
    pub(crate) is_release: bool,
}

impl Mention {
    /// Whether a cluster may get it: not where templates alone take it, or it is only looked at.
    pub(crate) fn may_count(&self) -> bool {
        self.shows.is_none_or(Shows::may_count) && self.finding.doubt != Some(Doubt::Foreign)
    }
}
