//! [`Weighed`]: the rules that touch one flow, and what they decide together.

use std::collections::BTreeSet;

use super::{doubt::Doubts, entry::RuleOf, terms::Part};

/// Whether a flow is allowed in one model.
#[derive(Clone, Copy, Debug)]
pub enum Decision<'p> {
    /// By this rule.
    Allowed(RuleOf<'p>),
    /// By no rule, or denied by one.
    Blocked,
    /// The input or the vendor's pages do not say.
    NotKnown(Doubts),
}

/// A rule that allows a flow if more holds of it than is known of flows, where no other allows it today.
#[derive(Clone, Debug)]
pub(in crate::policy) struct Narrowly<'p> {
    pub(in crate::policy) rule: RuleOf<'p>,
    /// For which flows alone the rule is.
    pub(in crate::policy) condition: String,
    /// Whether it does in the legacy model.
    pub(in crate::policy) is_today: bool,
    /// Whether the same rules do so in both models.
    pub(in crate::policy) is_same: bool,
}

/// The rules that touch a flow.
#[derive(Default)]
pub(super) struct Weighed {
    pub(super) allowed_by: Option<u32>,
    pub(super) is_denied: bool,
    pub(super) perhaps_allowed: Option<Doubts>,
    perhaps_denied: Option<Doubts>,
    /// The rules that allow it under a condition, each with that.
    pub(super) narrowed: Vec<(u32, u32, Doubts)>,
    /// The ends of those of which only this is not known: whether an IP list holds the address of a workload.
    held: BTreeSet<(bool, Part, Option<Part>)>,
    /// Whether something else is not known.
    is_vague: bool,
}

/// A rule that touches a flow.
#[derive(Clone, Copy)]
pub(super) struct Touches {
    pub(super) rule: u32,
    /// What must hold of the flow besides, 0 for nothing.
    pub(super) condition: u32,
    pub(super) is_deny: bool,
    pub(super) source: Part,
    /// Of a rule that denies.
    pub(super) destination: Option<Part>,
}

impl Weighed {
    pub(super) fn add(&mut self, touches: Touches, doubts: Doubts) {
        let Touches { rule, condition, is_deny, source, destination } = touches;
        if doubts == Doubts::HELD && condition == 0 {
            self.held.insert((is_deny, source, destination));
        }
        self.is_vague |= !doubts.are_none() && doubts != Doubts::HELD;
        match (is_deny, doubts.are_none()) {
            (true, true) => self.is_denied = true,
            (true, false) => self.perhaps_denied.get_or_insert_default().add(doubts),
            (false, _) if condition != 0 => self.narrowed.push((rule, condition, doubts)),
            (false, true) => drop(self.allowed_by.get_or_insert(rule)),
            (false, false) => self.perhaps_allowed.get_or_insert_default().add(doubts),
        }
    }

    /// Whether something else than rules under a condition may decide.
    pub(super) const fn is_open(&self) -> bool {
        self.is_denied || self.allowed_by.is_some() || self.perhaps_allowed.is_some() || self.perhaps_denied.is_some()
    }

    /// Whether the same decides in another model, whichever addresses workloads have.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let sure = |of: &Self| (of.is_denied, of.allowed_by.is_some());
        !(self.is_vague || other.is_vague) && sure(self) == sure(other) && self.held == other.held
    }

    pub(super) fn decision<'p>(&self, rule: impl FnOnce(u32) -> RuleOf<'p>) -> Decision<'p> {
        match (self.is_denied, self.allowed_by, self.perhaps_denied, self.perhaps_allowed) {
            (true, ..) | (_, None, _, None) => Decision::Blocked,
            (_, Some(by), None, _) => Decision::Allowed(rule(by)),
            (_, _, denied, allowed) => Decision::NotKnown(denied.unwrap_or_default().with(allowed.unwrap_or_default())),
        }
    }
}
