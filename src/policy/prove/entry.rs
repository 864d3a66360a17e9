//! [`Entries`]: the rules of a policy as boxes. A rule is one entry for each of its scopes, each kind of source and
//! each kind of destination; what it allows is the union of them.

use std::collections::HashSet;

use super::{
    doubt::Doubts,
    opened::opened,
    reader::Reader,
    space::Space,
    terms::{Opened, Part, RuleId},
};
use crate::policy::{
    Book, Sort,
    model::{Actor, Condition, Kind, ResolveLabelsAs, RuleSet, SecRule, Uses},
    pods::PodNetworks,
};

/// A box of a rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) rule: RuleId,
    pub(super) source: Part,
    pub(super) destination: Part,
    pub(super) opened: Opened,
    /// What must hold besides: a number for each different condition, 0 for none.
    pub(super) condition: u32,
    /// Whether its destinations are All Workloads.
    pub(super) reaches_all: bool,
    /// Whether the addresses among its sources may be those of pods.
    pub(super) may_be_pods: bool,
    /// Why the rule may allow less than this.
    pub(super) doubts: Doubts,
}

/// A rule with its set.
#[derive(Clone, Copy, Debug)]
pub struct RuleOf<'p> {
    /// The set it is in.
    pub set: &'p RuleSet<'p>,
    /// The rule.
    pub rule: &'p SecRule<'p>,
    /// What it does.
    pub sort: Sort,
}

impl RuleOf<'_> {
    /// The fields of it of which it is not known what they do, in order. Of a deny rule that includes the virtual
    /// services that it names.
    ///
    /// (Source: the vendor's schema `deny_rule_actor`)
    #[must_use]
    pub fn unknown_fields(&self) -> Vec<String> {
        let mut found = self.rule.unknown_fields();
        let sides = [("consumers", &self.rule.consumers), ("providers", &self.rule.providers)];
        for (side, _) in sides.iter().filter(|(_, actors)| self.sort != Sort::Allow && names_service(actors)) {
            found.push(format!("{side}[].virtual_service"));
        }
        found
    }
}

fn names_service(actors: &[Actor<'_>]) -> bool {
    actors.iter().any(|actor| actor.kind == Kind::VirtualService)
}

/// The rules in force, as boxes.
#[derive(Debug, Default)]
pub(super) struct Entries<'p> {
    pub(super) rules: Vec<RuleOf<'p>>,
    pub(super) allows: Vec<Entry>,
    /// Of rules that deny what others allow.
    pub(super) denies: Vec<Entry>,
    /// Rules that deny only what no rule allows: they are not weighed.
    pub(super) not_weighed: Vec<RuleOf<'p>>,
    /// How many enforcement boundaries there are, which are not weighed either.
    boundaries: usize,
}

impl<'p> Entries<'p> {
    pub(super) fn of(book: &'p Book<'p>, space: &mut Space<'p>, pods: &PodNetworks<'p>) -> Self {
        let mut entries = Self::default();
        // groups of the same href may hold others in another policy
        space.groups.clear();
        for set in book.policy.rule_sets.iter().filter(|set| set.is_enabled) {
            let everywhere: &[&[Actor<'p>]] = &[&[]];
            let scopes: Vec<&'p [Actor<'p>]> = set.scopes.iter().map(Vec::as_slice).collect();
            let scopes = if scopes.is_empty() { everywhere } else { &scopes };
            let allows = set.rules.iter().map(|rule| (rule, Sort::Allow));
            let (overriding, others): (Vec<_>, Vec<_>) =
                set.deny_rules.iter().filter(|rule| rule.is_enabled).partition(|rule| rule.is_override);
            entries.not_weighed.extend(others.into_iter().map(|rule| RuleOf { set, rule, sort: Sort::Deny }));
            let denies = overriding.into_iter().map(|rule| (rule, Sort::OverrideDeny));
            for (rule, sort) in allows.chain(denies).filter(|(rule, _)| rule.is_enabled) {
                let may_be_pods = pods.may_be_addresses(rule);
                entries.add(book, space, scopes, RuleOf { set, rule, sort }, may_be_pods);
            }
        }
        let sources = entries.allows.iter().map(|entry| entry.source);
        space.tell_apart(sources.collect::<HashSet<_>>().into_iter());
        entries.boundaries = book.policy.enforcement_boundaries.iter().flatten().filter(|rule| rule.is_enabled).count();
        entries
    }

    fn add(
        &mut self,
        book: &'p Book<'p>,
        space: &mut Space<'p>,
        scopes: &[&'p [Actor<'p>]],
        rule: RuleOf<'p>,
        may_be_pods: bool,
    ) {
        let id = RuleId::try_from(self.rules.len()).unwrap_or(RuleId::MAX);
        self.rules.push(rule);
        let SecRule { consumers, providers, resolve_labels_as, has_unscoped_consumers, .. } = rule.rule;
        let uses = if rule.sort == Sort::Allow { *resolve_labels_as } else { ResolveLabelsAs::default() };
        let mut rule_doubts = Doubts::default();
        if !(rule.rule.unknown_fields().is_empty() && rule.rule.egress_services.is_empty()) {
            rule_doubts.add(Doubts::FIELD);
        }
        let opened = opened(book, space, rule.rule, rule.sort == Sort::Allow);
        let are_left_out = [Condition::SourcesLeftOut, Condition::DestinationsLeftOut].map(|side| rule.rule.has(side));
        let means_all = |actor: &Actor<'_>| matches!(actor.kind, Kind::AllWorkloads | Kind::LabelDimension);
        let reaches_all = providers.iter().any(means_all);
        let mut reader = Reader { book, space };
        for scope in scopes {
            // as workloads, the pods behind a service are meant already: they have its labels
            let source_uses = Uses { virtual_services: !uses.consumers.workloads, ..uses.consumers };
            let sources = reader.side(consumers, source_uses, if *has_unscoped_consumers { &[] } else { scope });
            let sources = reader.turned(sources, are_left_out[0]);
            let destinations = if are_left_out[1] {
                reader.anything(Doubts::LEFT_OUT).into()
            } else {
                reader.side(providers, uses.providers, scope)
            };
            for (source, source_doubts) in &sources {
                for (destination, destination_doubts) in &destinations {
                    let doubts = rule_doubts.with(*source_doubts).with(*destination_doubts);
                    let entries = opened.iter().map(|(opened, condition, of_services)| Entry {
                        rule: id,
                        source: *source,
                        destination: *destination,
                        opened: *opened,
                        condition: *condition,
                        reaches_all,
                        may_be_pods,
                        doubts: doubts.with(*of_services),
                    });
                    if rule.sort == Sort::Allow { &mut self.allows } else { &mut self.denies }.extend(entries);
                }
            }
        }
    }

    pub(super) fn number_not_weighed(&self) -> usize {
        self.not_weighed.len() + self.boundaries
    }

    pub(super) fn rule(&self, id: RuleId) -> RuleOf<'p> {
        self.rules[id as usize]
    }
}
