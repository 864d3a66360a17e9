//! [`Proof`]: whether a policy has a rule that CLAS needs.
//!
//! This can only be shown approximately: a policy does not say which labels all nodes have, which block the Service
//! CIDR is, or which list is the PCE. So a rule is called absent only where none may be it, one that may be meant is
//! named with what is not known, and the answer is "proven" only where nothing narrows the rule, turns it round or
//! overrides it.

mod denial;
mod doubt;
mod ends;
mod facts;
mod together;

pub use doubt::Doubt;

use super::{
    Question, Sort,
    address::Addresses,
    infrastructure::{MANDATORY, Mandatory, When},
    model::{Actor, Condition, Kind, RuleSet, SecRule},
    ports::Ports,
    reach::{Reach, Selection},
    sentences,
    words::{self, shown},
};
use crate::{
    finding::{Finding, Severity},
    rule::Rule,
};
use denial::Denials;
use ends::View;
use facts::Facts;
pub(super) use facts::tells_enforcement;
use together::Candidate;

/// Whether a policy has a [`Mandatory`] rule.
#[derive(Clone, Debug)]
pub struct Proof<'p> {
    /// The rule that is needed.
    pub mandatory: &'static Mandatory,
    /// What was found.
    pub status: Status,
    /// The rules that are it, or may be, with the names of their sets.
    pub rules: Vec<(&'p str, &'p SecRule<'p>)>,
    /// What is not known of these, as facts, each with the rule that it is about, if it is about one; of one that is not
    /// needed, why.
    pub facts: Vec<(Option<&'p SecRule<'p>>, Doubt)>,
    /// The same in words.
    pub doubts: Vec<String>,
    /// The ports for which rules were found, where they are not all.
    pub partly: Option<Ports>,
    /// Whether it is known that the rule is needed.
    pub is_needed: bool,
    /// Whether it is certain that no rule is it: none that opens its ports could not be judged.
    pub is_absent: bool,
    /// A rule that holds some of the addresses that are needed, with the name of its set and its IP lists in words.
    pub held_in_part: Option<(&'p str, &'p SecRule<'p>, String)>,
    /// A rule that means everything but the addresses that are needed, with the name of its set.
    pub opposite: Option<(&'p str, &'p SecRule<'p>)>,
}

/// What was found of a [`Mandatory`] rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is there.
    Proven,
    /// Rules are there that may be it.
    Likely,
    /// No rule was found.
    NotFound,
    /// It is not needed as things are.
    NotNeeded,
}

impl Status {
    /// The word for it, as it is written in text and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Likely => "likely",
            Self::NotFound => "not-found",
            Self::NotNeeded => "not-needed",
        }
    }
}

impl Proof<'_> {
    /// The finding where it is not proven: an error where it is certain that there is none, a warning where that is not
    /// known, information where it is not known whether it is needed.
    #[must_use]
    pub fn finding(&self) -> Option<Finding> {
        let needed = self.mandatory;
        let (severity, said) = match (self.status, self.rules.first(), &self.partly) {
            (Status::Proven | Status::NotNeeded, ..) => return None,
            (Status::Likely, Some(_), _) => {
                let titles = self.rules.iter().map(|(set, rule)| in_words(set, rule)).collect::<Vec<_>>();
                let together = if titles.len() > 1 { " together" } else { "" };
                let titles = titles.join(" and ");
                (Severity::Warning, format!("{titles}{together} may be the one, but {}", self.doubts.join("; ")))
            }
            (_, _, Some(ports)) => (Severity::Warning, format!("found in force only for {ports}")),
            _ if self.is_absent => (Severity::Error, format!("no rule in force matches{}", self.nearest_in_words())),
            _ => (Severity::Warning, format!("no rule in force matches{}", self.nearest_in_words())),
        };
        let help = match (self.status, needed.when) {
            (Status::Likely, _) if self.facts.iter().any(|(_, doubt)| doubt.is_of_options()) => {
                "check it; --service-cidr and --node-labels help to prove it"
            }
            (Status::Likely, _) => "check it, or write a rule without these conditions",
            (_, When::Always) => "write and provision it before the upgrade to CLAS",
            (_, When::FullEnforcement) => "write and provision it before the namespace goes into Full Enforcement",
        };
        let severity = if self.is_needed { severity } else { Severity::Info };
        Some(Finding::new(Rule::InfrastructureRuleNotProven, format!("{needed}: {said}")).weighing(severity).help(help))
    }

    fn nearest_in_words(&self) -> String {
        let Some((set, rule)) = self.opposite else { return self.held_in_part_in_words() };
        let title = words::title(rule, Sort::Allow);
        format!("; {title} of `{}` means everything but these addresses (all_ips_except_for_in_providers)", shown(set))
    }
}

/// A rule with its set: rule 77 of `RS-shop`.
fn in_words(set: &str, rule: &SecRule<'_>) -> String {
    format!("{} of `{}`", words::title(rule, Sort::Allow), shown(set))
}

impl<'p> Proof<'p> {
    /// A fact in words; of one of several rules with the name of the rule.
    fn fact_in_words(&self, (rule, doubt): &(Option<&'p SecRule<'p>>, Doubt)) -> String {
        let said = sentences::doubt(doubt);
        match rule.filter(|_| self.rules.len() > 1) {
            Some(rule) => format!("for {}: {said}", words::title(rule, Sort::Allow)),
            None => said,
        }
    }

    fn held_in_part_in_words(&self) -> String {
        let Some((set, rule, lists)) = &self.held_in_part else { return String::new() };
        let title = words::title(rule, Sort::Allow);
        format!("; the IP list {lists} of {title} of `{}` has some of the addresses, but not all", shown(set))
    }
}

/// Looks for every rule of the table among the allow rules in force.
pub(super) fn prove<'p>(reach: &mut Reach<'p>, question: &Question<'_>) -> Vec<Proof<'p>> {
    let facts = Facts::of(reach, question);
    let denials = Denials::of(reach);
    let mut candidates: Vec<Vec<Candidate<'p>>> = vec![Vec::new(); MANDATORY.len()];
    let mut is_told = vec![true; MANDATORY.len()];
    let mut opposites = vec![None; MANDATORY.len()];
    let wanted: Vec<Ports> = MANDATORY.iter().map(|mandatory| mandatory.alternatives().collect()).collect();
    for set in reach.book.policy.rule_sets.iter().filter(|set| set.is_enabled) {
        let mut within = None;
        for rule in set.rules.iter().filter(|rule| rule.is_enabled) {
            let (ports, is_whole) = reach.book.opened(&rule.ingress_services);
            let is_clear = is_clear(rule);
            for told in &mut is_told {
                *told &= is_whole;
            }
            for (index, mandatory) in MANDATORY.iter().enumerate().filter(|(index, _)| ports.meet(&wanted[*index])) {
                let scopes = within.get_or_insert_with(|| scopes_of(reach, set)).clone();
                let mut view = View { reach: &mut *reach, facts: &facts, scopes };
                if let Some((doubts, held)) = view.fit(mandatory, set, rule) {
                    candidates[index].push(Candidate { set: &set.name, rule, ports: ports.clone(), doubts, held });
                } else if is_clear.but_for_sides_left_out && view.is_opposite(mandatory, rule) {
                    opposites[index].get_or_insert((&*set.name, rule));
                    continue;
                }
                is_told[index] &= is_clear.altogether;
            }
        }
    }
    let found = candidates.into_iter().zip(is_told).zip(opposites);
    let proof =
        |(mandatory, ((candidates, is_told), opposite)): (&'static Mandatory, ((Vec<Candidate<'p>>, bool), _))| {
            // pods are known by labels that sound like them, which proves nothing where none do
            let is_absent = is_told && candidates.is_empty() && mandatory.when == When::Always;
            let proof = facts.proof(mandatory, candidates);
            let proof = denials.weighed(reach, &facts, Proof { is_absent, opposite, ..proof });
            let doubts = proof.facts.iter().map(|fact| proof.fact_in_words(fact)).collect();
            Proof { doubts, ..proof }
        };
    MANDATORY.iter().zip(found).map(proof).collect()
}

/// What a rule holds of the addresses that are needed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Held {
    /// All of them, as far as is known.
    All,
    /// These, in IP lists of these names.
    Some(Addresses, String),
}

/// The scopes of a rule set. Everything is written as a scope without labels; a list without scopes proves nothing.
fn scopes_of<'p>(reach: &mut Reach<'p>, set: &'p RuleSet<'p>) -> Vec<Selection> {
    let mut scopes = reach.scopes(&set.scopes);
    for scope in &mut scopes {
        scope.is_vague |= set.scopes.is_empty();
    }
    scopes
}

/// Whether all that a rule says is known to stand for nodes or not. Single workloads may be all nodes, and what is not
/// known may be anything.
fn is_clear(rule: &SecRule<'_>) -> Clear {
    let is_vague = |actor: &Actor<'_>| matches!(actor.kind, Kind::Workload | Kind::Other) || !actor.unknown.is_empty();
    let is_left_out = rule.has(Condition::SourcesLeftOut) || rule.has(Condition::DestinationsLeftOut);
    let but_for_sides_left_out = !rule.actors().any(is_vague) && rule.unknown.is_empty();
    Clear { altogether: but_for_sides_left_out && !is_left_out, but_for_sides_left_out }
}

/// Whether all that a rule says is known, and whether it would be if no side were everything but what it names.
#[derive(Clone, Copy)]
struct Clear {
    altogether: bool,
    but_for_sides_left_out: bool,
}

/// What makes a rule less than its labels, ports and addresses say, or may.
fn narrowing<'p>(reach: &Reach<'p>, set: &RuleSet<'p>, rule: &SecRule<'p>) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    if !rule.user_groups.is_empty() {
        doubts.push(Doubt::UserGroups);
    }
    let narrows = |condition: &&Condition| {
        use Condition::{Authenticated, Encrypted, OtherNetworks, Stateless};
        matches!(condition, OtherNetworks | Encrypted | Authenticated | Stateless)
    };
    doubts.extend(rule.conditions.iter().filter(narrows).map(|condition| Doubt::Narrowed(condition.field())));
    let has_subnets = rule.has(Condition::SubnetsOfSources) || rule.has(Condition::SubnetsOfDestinations);
    doubts.extend(has_subnets.then_some(Doubt::NotDocumented(Condition::SubnetsOfSources.field())));
    doubts.extend((!rule.egress_services.is_empty()).then_some(Doubt::NotDocumented("egress_services")));
    doubts.extend(
        reach.book.of_processes(&rule.ingress_services).map(|name| Doubt::OfProcesses(shown(name).into_owned())),
    );
    let mut unknown = rule.unknown_fields();
    unknown.extend(reach.vague.fields_of(reach.book, Some(set), rule));
    if !unknown.is_empty() {
        doubts.push(Doubt::NotUnderstood(unknown));
    }
    doubts
}
