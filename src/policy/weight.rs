//! [`Weight`]: what a finding is, and how much it weighs, before it is put into words.

use super::hit::Hit;
use crate::{finding::Severity, rule::Rule};

/// What a finding is, and how much it weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// What is wrong.
    pub rule: Rule,
    /// How much it weighs.
    pub severity: Severity,
}

impl Weight {
    /// What the findings of a rule weigh; one that is not in force has a remark where it would have more than remarks.
    pub(super) fn of(hits: &[Hit<'_>], is_enabled: bool) -> Vec<Self> {
        let off = Rule::DisabledButAffected;
        if is_enabled {
            hits.iter().map(|hit| Self { rule: hit.rule, severity: hit.severity }).collect()
        } else if hits.iter().any(|hit| hit.severity > Severity::Info) {
            vec![Self { rule: off, severity: off.severity() }]
        } else {
            Vec::new()
        }
    }
}

/// At most about so many findings of rules with errors are put into words, and as many of other rules: people do not
/// read more.
const MOST_IN_WORDS: usize = 10_000;

/// How many more findings are put into words. Remarks on some rules do not take the place of the errors of others.
#[derive(Debug)]
pub(super) struct Room {
    with_errors: usize,
    others: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { with_errors: MOST_IN_WORDS, others: MOST_IN_WORDS }
    }
}

impl Room {
    /// Whether the findings of a rule are put into words: all of them, or none.
    pub(super) fn take(&mut self, weights: &[Weight]) -> bool {
        let has_error = weights.iter().any(|weight| weight.severity == Severity::Error);
        let room = if has_error { &mut self.with_errors } else { &mut self.others };
        let is_left = *room > 0;
        *room = room.saturating_sub(weights.len());
        is_left
    }
}
