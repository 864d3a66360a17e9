//! What an upgrade of a release is for, and how far an account of the release is from it.

use helm_clas::{
    Act, ChartVersion, ClusterMode, Finding, Release,
    account::{Account, Software, Start, Trouble, Ways},
};
use serde_json::Value;

/// What an upgrade of the release is for.
#[derive(Clone, Copy)]
pub(crate) struct Aim<'u> {
    pub(crate) act: Act,
    /// The mode in which the release is then.
    pub(crate) goal: ClusterMode,
    /// Whether the files say so already.
    pub(crate) is_said: bool,
    pub(crate) version: &'u ChartVersion,
}

impl Aim<'_> {
    /// Whether the newest revision was given what it is for, however that ended.
    pub(super) fn is_tried(&self, account: &Account) -> bool {
        match self.act {
            Act::Step(_) => account.mode() == Some(self.goal),
            Act::Upgrade => account.version == self.version.to_string(),
        }
    }

    /// Whether a sound revision was given what it is for.
    pub(super) fn was_reached(&self, account: &Account) -> bool {
        match self.act {
            Act::Step(_) => account.stands_in() == Some(self.goal),
            Act::Upgrade => account.stands_at().as_ref() == Some(self.version),
        }
    }

    /// Whether the release is there, and its last upgrade went well.
    pub(crate) fn is_reached(&self, account: &Account) -> bool {
        match self.act {
            Act::Step(_) => account.runs_in(self.goal),
            Act::Upgrade => account.runs(self.goal, self.version),
        }
    }

    pub(super) fn ways(&self, account: &Account, pce: Option<ClusterMode>, trouble: Trouble) -> Ways {
        match self.act {
            Act::Step(_) => account.ways(Some(self.goal), pce, trouble),
            Act::Upgrade => account.ways_of_software(self.goal, self.version, trouble),
        }
    }

    /// The findings against it at a release that is not there yet.
    pub(super) fn hindrances(&self, account: &Account, pce: Option<ClusterMode>, of: OfChart<'_>) -> Vec<Finding> {
        let Self { act, goal, is_said, version } = *self;
        let OfChart { release, chart, values } = of;
        match act {
            Act::Step(verb) => account.hindrances(Start { verb, goal, is_said, pce, release, chart, version, values }),
            Act::Upgrade => {
                let start = Software { mode: goal, release, chart, version, values };
                let mut findings = account.hindrances_of_software(start);
                findings.extend(account.hindrances_of_software_values(start));
                findings
            }
        }
    }
}

/// What an upgrade would bring.
#[derive(Clone, Copy)]
pub(super) struct OfChart<'c> {
    pub(super) release: Release<'c>,
    /// The name of the chart.
    pub(super) chart: &'c str,
    pub(super) values: &'c Value,
}
