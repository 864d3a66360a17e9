//! [`Proof`]: whether a policy has a rule that CLAS cannot do without.
//!
//! This can only be shown approximately: a policy does not say which labels all nodes have, which block the Service
//! CIDR is, or which list is the PCE. So a rule is called absent only where none may be it, one that may be meant is
//! named with what is not known, and "proven" is said only where nothing narrows the rule, turns it round or overrides
//! it.

mod denial;
mod ends;

use super::{
    Book, Question, Sort,
    address::Addresses,
    infrastructure::{MANDATORY, Mandatory, When},
    judge::scopes,
    model::{Actor, Condition, Kind, SecRule},
    ports::Ports,
    reach::Reach,
    sentences,
    words::{self, shown},
};
use crate::{
    finding::{Finding, Severity},
    rule::Rule,
};
use denial::Denials;
pub(super) use ends::tells_enforcement;
use ends::{Facts, View};

/// Whether a policy has a [`Mandatory`] rule.
#[derive(Clone, Debug)]
pub struct Proof<'p> {
    /// The rule that is needed.
    pub mandatory: &'static Mandatory,
    /// What was found.
    pub status: Status,
    /// The rules that are it, or may be, with the names of their sets.
    pub rules: Vec<(&'p str, &'p SecRule<'p>)>,
    /// What is not known of these, as facts; of one that is not needed, why.
    pub facts: Vec<Doubt>,
    /// The same in words.
    pub doubts: Vec<String>,
    /// The ports for which rules were found, where they are not all.
    pub partly: Option<Ports>,
    /// Whether it is known that the rule is needed.
    pub is_needed: bool,
    /// Whether it is certain that no rule is it: none that opens its ports could not be judged.
    pub is_absent: bool,
}

/// Why a rule may not be the one that is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// IP lists do not hold a block.
    NotHeld {
        /// The lists, in words.
        lists: String,
        /// The block.
        block: String,
    },
    /// What an IP list holds is not known.
    UnknownList(String),
    /// Whether IP lists hold the Service CIDR is not known.
    ServiceCidr {
        /// The lists, in words.
        lists: String,
        /// How many service addresses were seen, all of which they hold.
        seen: usize,
    },
    /// Whether every node is among these is not known.
    Nodes(String),
    /// Whether every node is in the scope is not known.
    Scope,
    /// Whether the pods of a name are these is not known.
    Pods {
        /// The name.
        name: String,
        /// The actors, in words.
        said: String,
    },
    /// Whether an IP list holds the PCE is not known.
    Pce(String),
    /// The rule is for members of user groups only.
    UserGroups,
    /// A field narrows the rule or turns it round.
    Narrowed(&'static str),
    /// What a field does in CLAS is not documented.
    NotDocumented(&'static str),
    /// One of its services is that of certain processes.
    OfProcesses(String),
    /// The rule has fields that are not known.
    NotUnderstood(Vec<String>),
    /// A rule that overrides it may deny the same.
    Overridden {
        /// What it is called.
        title: String,
        /// The name of its rule set.
        set: String,
    },
    /// How the namespace is enforced.
    Enforcement {
        /// The namespace.
        namespace: String,
        /// The mode.
        mode: String,
    },
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
    /// The word for it, as it stands in text and JSON.
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
            (Status::Likely, Some((set, rule)), _) => {
                let (title, set) = (words::title(rule, Sort::Allow), shown(set));
                (Severity::Warning, format!("{title} of `{set}` may be it, but {}", self.doubts.join("; ")))
            }
            (_, _, Some(ports)) => (Severity::Warning, format!("found in force for {ports} only")),
            _ if self.is_absent => (Severity::Error, "no such rule was found in force".to_owned()),
            _ => (Severity::Warning, "no such rule was found in force".to_owned()),
        };
        let help = match (self.status, needed.when) {
            (Status::Likely, _) => "see that it is; --service-cidr and --node-labels help to prove it",
            (_, When::Always) => "write and provision it before the upgrade to CLAS",
            (_, When::FullEnforcement) => "write and provision it before the namespace goes into Full Enforcement",
        };
        let severity = if self.is_needed { severity } else { Severity::Info };
        Some(Finding::new(Rule::InfrastructureRuleNotProven, format!("{needed}: {said}")).weighing(severity).help(help))
    }
}

/// Looks for every rule of the table among the allow rules in force.
pub(super) fn prove<'p>(reach: &mut Reach<'p>, question: &Question<'_>) -> Vec<Proof<'p>> {
    let facts = Facts::of(reach, question);
    let denials = Denials::of(reach);
    let mut candidates: Vec<Vec<Candidate<'p>>> = vec![Vec::new(); MANDATORY.len()];
    let mut is_told = vec![true; MANDATORY.len()];
    let wanted: Vec<Ports> = MANDATORY.iter().map(|mandatory| mandatory.alternatives().collect()).collect();
    for set in reach.book.policy.rule_sets.iter().filter(|set| set.is_enabled) {
        let mut within = None;
        for rule in set.rules.iter().filter(|rule| rule.is_enabled) {
            let (ports, is_whole) = reach.book.opened(&rule.ingress_services);
            let is_clear = is_clear(rule);
            for (told, wanted) in is_told.iter_mut().zip(&wanted) {
                *told &= is_whole && (is_clear || !ports.meet(wanted));
            }
            for (index, mandatory) in MANDATORY.iter().enumerate().filter(|(index, _)| ports.meet(&wanted[*index])) {
                let scopes = within.get_or_insert_with(|| scopes(reach, &set.scopes)).clone();
                let mut view = View { reach: &mut *reach, facts: &facts, scopes };
                if let Some((doubts, held)) = view.fit(mandatory, rule) {
                    candidates[index].push(Candidate { set: &set.name, rule, ports: ports.clone(), doubts, held });
                }
            }
        }
    }
    let proof = |((mandatory, candidates), is_told): ((&'static Mandatory, Vec<Candidate<'p>>), bool)| {
        // pods are told by labels that sound like them, which proves nothing where none do
        let is_absent = is_told && candidates.is_empty() && mandatory.when == When::Always;
        let proof = facts.proof(mandatory, candidates);
        let proof = denials.weighed(reach, &facts, Proof { is_absent, ..proof });
        Proof { doubts: proof.facts.iter().map(sentences::doubt).collect(), ..proof }
    };
    MANDATORY.iter().zip(candidates).zip(is_told).map(proof).collect()
}

/// Whether all that a rule says is known to stand for nodes or not. Single workloads may be all nodes, and what is not
/// known may be anything.
fn is_clear(rule: &SecRule<'_>) -> bool {
    let is_vague = |actor: &Actor<'_>| matches!(actor.kind, Kind::Workload | Kind::Other) || !actor.unknown.is_empty();
    let is_left_out = rule.has(Condition::SourcesLeftOut) || rule.has(Condition::DestinationsLeftOut);
    !(rule.actors().any(is_vague) || is_left_out || !rule.unknown.is_empty())
}

/// What makes a rule less than its labels, ports and addresses say.
fn narrowing(book: &Book<'_>, rule: &SecRule<'_>) -> Vec<Doubt> {
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
    doubts.extend(book.of_processes(&rule.ingress_services).map(|name| Doubt::OfProcesses(shown(name).into_owned())));
    let unknown = rule.unknown_fields();
    if !unknown.is_empty() {
        doubts.push(Doubt::NotUnderstood(unknown));
    }
    doubts
}

/// A rule that is, or may be, one of the table.
#[derive(Clone, Debug)]
struct Candidate<'p> {
    set: &'p str,
    rule: &'p SecRule<'p>,
    ports: Ports,
    doubts: Vec<Doubt>,
    held: Held,
}

/// What a rule holds of the addresses that are needed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Held {
    /// All of them, as far as is known.
    All,
    /// These, in IP lists of these names.
    Some(Addresses, String),
}

/// Rules that are one of the table together.
#[derive(Debug)]
struct Together<'c, 'p> {
    used: Vec<&'c Candidate<'p>>,
    doubts: Vec<Doubt>,
}

/// More rules than this are not tried together.
const MOST_TOGETHER: usize = 512;

impl Facts {
    fn proof<'p>(&self, mandatory: &'static Mandatory, mut candidates: Vec<Candidate<'p>>) -> Proof<'p> {
        let is_needed = match (mandatory.when, &self.enforcement) {
            (When::Always, _) => true,
            (When::FullEnforcement, enforcement) => enforcement.as_ref().is_some_and(|(is_full, _)| *is_full),
        };
        let nothing = Proof {
            mandatory,
            status: Status::NotFound,
            rules: Vec::new(),
            facts: Vec::new(),
            doubts: Vec::new(),
            partly: None,
            is_needed,
            is_absent: false,
        };
        if let (false, Some((_, enforcement))) = (is_needed, &self.enforcement) {
            return Proof { status: Status::NotNeeded, facts: vec![enforcement.clone()], ..nothing };
        }
        // the most certain first, and of those the one that says most exactly what it is for
        let is_partial = |candidate: &Candidate<'_>| candidate.held != Held::All;
        candidates.sort_by_key(|candidate| {
            (candidate.doubts.len(), is_partial(candidate), candidate.ports == Ports::every())
        });
        let whole: Vec<&Candidate<'p>> = candidates.iter().filter(|candidate| !is_partial(candidate)).collect();
        let every: Vec<&Candidate<'p>> = candidates.iter().take(MOST_TOGETHER).collect();
        let certain: Vec<&Candidate<'p>> =
            every.iter().copied().filter(|candidate| candidate.doubts.is_empty()).collect();
        let found = mandatory.alternatives().find_map(|ports| {
            let by_ports = by_ports(&whole, &ports).filter(|found| found.doubts.is_empty());
            by_ports.or_else(|| self.by_addresses(mandatory, &certain, &ports))
        });
        let found = found.or_else(|| {
            mandatory
                .alternatives()
                .find_map(|ports| by_ports(&whole, &ports).or_else(|| self.by_addresses(mandatory, &every, &ports)))
        });
        if let Some(Together { used, doubts }) = found {
            let rules = used.iter().map(|used| (used.set, used.rule)).collect();
            let status = if doubts.is_empty() { Status::Proven } else { Status::Likely };
            return Proof { status, rules, facts: doubts, ..nothing };
        }
        let partly: Ports = whole.iter().map(|candidate| candidate.ports.clone()).collect();
        Proof {
            rules: whole.iter().map(|candidate| (candidate.set, candidate.rule)).collect(),
            partly: (!partly.is_empty()).then_some(partly),
            ..nothing
        }
    }

    /// Rules whose IP lists hold all addresses together, for each port.
    fn by_addresses<'c, 'p>(
        &self,
        mandatory: &Mandatory,
        candidates: &[&'c Candidate<'p>],
        ports: &Ports,
    ) -> Option<Together<'c, 'p>> {
        let mut found = Together { used: Vec::new(), doubts: Vec::new() };
        for port in ports.one_by_one() {
            let mut held = Addresses::default().settled();
            let mut names: Vec<&str> = Vec::new();
            let mut is_whole = false;
            for candidate in candidates.iter().filter(|candidate| candidate.ports.cover(&port)) {
                match &candidate.held {
                    Held::All => is_whole = true,
                    Held::Some(addresses, _) if held.cover(addresses) => continue,
                    Held::Some(addresses, name) => {
                        held = held.and(addresses.clone());
                        names.push(name);
                    }
                }
                if !found.used.iter().any(|used| std::ptr::eq(used.rule, candidate.rule)) {
                    found.doubts.extend(candidate.doubts.iter().cloned());
                    found.used.push(candidate);
                }
                is_whole |= self.blocks(mandatory).iter().all(|block| held.hold(block));
                if is_whole {
                    break;
                }
            }
            if !is_whole {
                let missing = self.missing(mandatory, &held)?;
                let doubt = Doubt::NotHeld { lists: names.join(", "), block: missing };
                if !found.doubts.contains(&doubt) {
                    found.doubts.push(doubt);
                }
            }
        }
        Some(found)
    }
}

/// Rules that open all ports together.
fn by_ports<'c, 'p>(candidates: &[&'c Candidate<'p>], ports: &Ports) -> Option<Together<'c, 'p>> {
    let mut covered = Ports::default();
    let mut used: Vec<&'c Candidate<'p>> = Vec::new();
    for candidate in candidates {
        let mut with = covered.clone();
        with.add(&candidate.ports);
        if candidate.ports.meet(ports) && with != covered {
            covered = with;
            used.push(candidate);
        }
        if covered.cover(ports) {
            let doubts = used.iter().flat_map(|used| used.doubts.clone()).collect();
            return Some(Together { used, doubts });
        }
    }
    None
}
