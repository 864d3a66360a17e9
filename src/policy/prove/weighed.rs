//! [`Weighed`]: the rules that touch one flow, and what they decide together.

use super::{doubt::Doubts, entry::RuleOf};

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
}

impl Weighed {
    pub(super) fn add(&mut self, rule: u32, condition: u32, doubts: Doubts, is_deny: bool) {
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

    pub(super) fn decision<'p>(&self, rule: impl FnOnce(u32) -> RuleOf<'p>) -> Decision<'p> {
        match (self.is_denied, self.allowed_by, self.perhaps_denied, self.perhaps_allowed) {
            (true, ..) | (_, None, _, None) => Decision::Blocked,
            (_, Some(by), None, _) => Decision::Allowed(rule(by)),
            (_, _, denied, allowed) => Decision::NotKnown(denied.unwrap_or_default().with(allowed.unwrap_or_default())),
        }
    }
}
