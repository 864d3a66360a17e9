//! [`OfPolicy`]: what matters of a judged policy before the first step towards CLAS.

use crate::shown::{count, some_of};
use crate::{
    finding::{Finding, Severity},
    policy::{Judged, proof::Status},
    rule::Rule,
    verify::{Checked, Facts, State},
};

/// What CLAS makes of the policy in force, as far as a step depends on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfPolicy {
    /// What breaks, a sentence each.
    broken: Vec<String>,
    /// How many rules should be looked at.
    warnings: usize,
    /// The mandatory rules that are not there.
    absent: Vec<String>,
    /// Those that may be there.
    unproven: Vec<String>,
    /// How many are proven.
    proven: usize,
    /// Whether the facts were given by which they are proven: the Service CIDR, and the labels of the nodes.
    is_provable: bool,
    /// What of the policy could not be read.
    unread: Vec<String>,
}

impl OfPolicy {
    /// Takes it from a judged policy. `is_provable` says that the Service CIDR and the labels of the nodes were given.
    #[must_use]
    pub fn of(judged: &Judged<'_>, is_provable: bool, unread: Vec<String>) -> Self {
        let is_mandatory = |finding: &&Finding| finding.rule == Rule::InfrastructureRuleNotProven;
        let others = || judged.all_findings().filter(|finding| !is_mandatory(finding));
        let errors = others().filter(|finding| finding.severity == Severity::Error);
        let needed = || judged.infrastructure.iter().filter(|proof| proof.status != Status::NotNeeded);
        let missing = |is_absent: bool| {
            let of = needed().filter(move |proof| proof.status != Status::Proven && proof.is_needed);
            of.filter(move |proof| proof.is_absent == is_absent).map(|proof| proof.mandatory.to_string()).collect()
        };
        Self {
            broken: errors.map(|finding| format!("{}: {}", finding.rule.name(), finding.message)).collect(),
            // also those that are not in words
            warnings: judged.count(Severity::Warning)
                - judged
                    .all_findings()
                    .filter(is_mandatory)
                    .filter(|finding| finding.severity == Severity::Warning)
                    .count(),
            absent: missing(true),
            unproven: missing(false),
            proven: needed().filter(|proof| proof.status == Status::Proven).count(),
            is_provable,
            unread,
        }
    }

    /// Whether no rule breaks.
    pub(super) fn uses_labels(&self, mut check: Checked, facts: &Facts) -> Checked {
        check.state = match (self.broken.is_empty(), self.unread.is_empty()) {
            (false, _) => State::Wrong,
            (true, false) => State::Unknown,
            (true, true) => State::Right,
        };
        check = check.seen(match self.broken.len() {
            0 => "CLAS breaks no rule in force".to_owned(),
            number => format!("{}: {}", count(number, "error"), some_of(&self.broken)),
        });
        if self.warnings > 0 {
            check = check.seen(format!("{} that do not block the step", count(self.warnings, "warning")));
        }
        if !self.unread.is_empty() {
            check = check.seen(format!("could not be read: {}", some_of(&self.unread)));
        }
        check.help("change the rules, and provision them").run(facts.helm_clas("policy"))
    }

    /// Whether the rules that CLAS needs are there.
    pub(super) fn has_mandatory(&self, mut check: Checked, facts: &Facts) -> Checked {
        check.state = match (self.absent.is_empty(), self.unproven.is_empty()) {
            (false, _) => State::Wrong,
            (true, true) => State::Right,
            (true, false) if self.is_provable => State::Unknown,
            (true, false) => State::Yours,
        };
        check = check.seen(format!("{} proven", count(self.proven, "rule")));
        if !self.absent.is_empty() {
            check = check.seen(format!("missing: {}", self.absent.join("; ")));
        }
        if !self.unproven.is_empty() {
            check = check.seen(format!("not proven: {}", self.unproven.join("; ")));
        }
        if check.state == State::Yours {
            check = check.help("prove it with --service-cidr and --node-labels, or check the rules yourself");
        }
        check.run(facts.helm_clas("policy --service-cidr CIDR --node-labels KEY=VALUE"))
    }
}
