//! [`Rewritten`]: the rules of a policy that must change, what they become, and what is left to a person.

use super::{
    Judged, JudgedRule, JudgedSet, Policy, Sort,
    draft::Drafts,
    id,
    model::{RuleSet, SecRule},
    rewrite::Rewrite,
    sentences,
};
use crate::finding::Severity;

/// What of a policy must change.
#[derive(Debug)]
pub struct Rewritten<'j, 'p> {
    /// The rules that are rewritten.
    pub changes: Vec<Change<'j, 'p>>,
    /// The rules that a person must look at.
    pub by_hand: Vec<ByHand<'j, 'p>>,
}

/// A rule and those that take its place.
#[derive(Debug)]
pub struct Change<'j, 'p> {
    /// Its rule set.
    pub set: &'j JudgedSet<'p>,
    /// The rule.
    pub old: &'j JudgedRule<'p>,
    /// The rules that take its place, whole: the first one under its href, the others new.
    pub rules: Vec<SecRule<'p>>,
}

/// A rule that a person must look at.
#[derive(Debug)]
pub struct ByHand<'j, 'p> {
    /// Its rule set.
    pub set: &'j JudgedSet<'p>,
    /// The rule.
    pub rule: &'j JudgedRule<'p>,
    /// Why, in sentences.
    pub why: Vec<String>,
}

impl<'p> Judged<'p> {
    /// What must change: the allow rules whose successors are known, and the others with errors or warnings.
    #[must_use]
    pub fn rewritten(&self) -> Rewritten<'_, 'p> {
        let mut rewritten = Rewritten { changes: Vec::new(), by_hand: Vec::new() };
        let drafts = Drafts::of(self.book.policy);
        let rules = self.rule_sets.iter().flat_map(|set| set.rules.iter().map(move |rule| (set, rule)));
        for (set, rule) in rules {
            match &rule.rewrite {
                Rewrite::Rules(rules) if rule.sort == Sort::Allow => {
                    let pending = drafts.as_ref().and_then(|drafts| drafts.pending(set, rule.rule));
                    if let Some(why) = pending {
                        rewritten.by_hand.push(ByHand { set, rule, why: vec![why] });
                        continue;
                    }
                    let rules = rules.iter().map(|new| new.in_place_of(rule.rule)).collect();
                    rewritten.changes.push(Change { set, old: rule, rules });
                }
                Rewrite::ByHand(why) => {
                    rewritten.by_hand.push(ByHand { set, rule, why: why.iter().map(sentences::why).collect() });
                }
                Rewrite::Rules(_) | Rewrite::Unneeded => {
                    if rule.weights.iter().any(|weight| weight.severity > Severity::Info) {
                        let grave = set.in_words(rule).into_iter().filter(|finding| finding.severity > Severity::Info);
                        rewritten.by_hand.push(ByHand {
                            set,
                            rule,
                            why: grave.map(|finding| finding.message).collect(),
                        });
                    }
                }
            }
        }
        rewritten
    }

    /// The policy as it is once the rules that are rewritten have taken the place of the others.
    #[must_use]
    pub fn policy_after(&self) -> Policy<'p> {
        let mut after = self.book.policy.clone();
        // the judged sets are in the order of the policy's, then come those that are drafts or boundaries
        for (set, judged) in after.rule_sets.iter_mut().zip(&self.rule_sets) {
            set.rules = successors(set, judged);
        }
        after
    }
}

fn successors<'p>(set: &RuleSet<'p>, judged: &JudgedSet<'p>) -> Vec<SecRule<'p>> {
    let mut rules = Vec::with_capacity(set.rules.len());
    for rule in judged.rules.iter().filter(|rule| rule.sort == Sort::Allow) {
        let new = rule.rewrite.rules();
        if new.is_empty() {
            rules.push(rule.rule.clone());
        }
        for (number, new) in new.iter().enumerate() {
            let mut new = new.in_place_of(rule.rule);
            if number > 0 {
                new.href = format!("{}/sec_rules/{}-{number}", set.href, id(&rule.rule.href)).into();
            }
            rules.push(new);
        }
    }
    rules
}
