//! [`Judged`]: its findings counted, silenced and hardened, whether they are in words or not.

use super::{Judged, JudgedRule, JudgedSet, Weight};
use crate::{
    finding::{Finding, Severity},
    rule::Rule,
};

impl Judged<'_> {
    /// All findings that are in words: those of each rule set and its rules, then the others.
    pub fn all_findings(&self) -> impl Iterator<Item = &Finding> {
        let of_set = |set| {
            let JudgedSet { findings, rules, .. }: &JudgedSet<'_> = set;
            findings.iter().chain(rules.iter().flat_map(|rule| &rule.findings))
        };
        self.rule_sets.iter().flat_map(of_set).chain(&self.findings)
    }

    /// How many findings weigh this much.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        let of_rules = self.judged_rules().flat_map(|rule| &rule.weights).map(|weight| weight.severity);
        let of_sets = self.rule_sets.iter().flat_map(|set| &set.findings).chain(&self.findings);
        of_rules.chain(of_sets.map(|finding| finding.severity)).filter(|found| *found == severity).count()
    }

    /// How many of these are counted and not put into words.
    #[must_use]
    pub fn count_left_out(&self, severity: Severity) -> usize {
        let counted = self.judged_rules().filter(|rule| rule.is_counted_only()).flat_map(|rule| &rule.weights);
        counted.filter(|weight| weight.severity == severity).count()
    }

    fn judged_rules(&self) -> impl Iterator<Item = &JudgedRule<'_>> {
        self.rule_sets.iter().flat_map(|set| &set.rules)
    }

    /// How many rules there are, and how many are affected.
    #[must_use]
    pub fn count_rules(&self) -> (usize, usize) {
        let affected = self.judged_rules().filter(|rule| !rule.weights.is_empty());
        (self.judged_rules().count(), affected.count())
    }

    /// Drops the findings of these rules.
    pub fn silence(&mut self, silenced: &[Rule]) {
        self.each_list(|findings| findings.retain(|finding| !silenced.contains(&finding.rule)));
        self.each_weights(|weights| weights.retain(|weight| !silenced.contains(&weight.rule)));
    }

    /// Takes warnings for errors.
    pub fn harden(&mut self) {
        self.each_list(|findings| {
            for finding in findings.iter_mut().filter(|finding| finding.severity == Severity::Warning) {
                finding.severity = Severity::Error;
            }
        });
        self.each_weights(|weights| {
            for weight in weights.iter_mut().filter(|weight| weight.severity == Severity::Warning) {
                weight.severity = Severity::Error;
            }
        });
    }

    fn each_weights(&mut self, mut change: impl FnMut(&mut Vec<Weight>)) {
        self.rule_sets.iter_mut().flat_map(|set| &mut set.rules).for_each(|rule| change(&mut rule.weights));
    }

    fn each_list(&mut self, mut change: impl FnMut(&mut Vec<Finding>)) {
        for set in &mut self.rule_sets {
            change(&mut set.findings);
            set.rules.iter_mut().for_each(|rule| change(&mut rule.findings));
        }
        change(&mut self.findings);
    }
}
