//! [`Proof`]: whether a policy has a rule that CLAS cannot do without.
//!
//! This can only be shown approximately: a policy does not say which labels all nodes have, which block the Service
//! CIDR is, or which list is the PCE. So a rule is called absent only where none may be it, and one that may be
//! meant is named with what could not be told. Deny rules are not weighed against them.

use super::{
    Book, Question, Sort,
    address::{Addresses, Block},
    book::LabelId,
    infrastructure::{End, MANDATORY, Mandatory, When},
    judge::scopes,
    model::{Actor, IpList, Kind, Profile, SecRule},
    ports::Ports,
    reach::{Reach, Selection, Term},
    words::{self, has_labels, shown},
};
use crate::{
    finding::{Finding, Severity},
    rule::Rule,
};

/// Whether a policy has a [`Mandatory`] rule.
#[derive(Clone, Debug)]
pub struct Proof<'p> {
    /// The rule that is needed.
    pub mandatory: &'static Mandatory,
    /// What was found.
    pub status: Status,
    /// The rules that are it, or may be, with the names of their sets.
    pub rules: Vec<(&'p str, &'p SecRule<'p>)>,
    /// What of these could not be told; of one that is not needed, why.
    pub doubts: Vec<String>,
    /// The ports for which rules were found, where they are not all.
    pub partly: Option<Ports>,
    /// Whether it is known that the rule is needed.
    pub is_needed: bool,
    /// Whether it is certain that no rule is it: none that opens its ports could not be told.
    pub is_absent: bool,
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
    /// The finding where it is not proven: an error where it is certain that there is none, a warning where that cannot be
    /// told, information where it is not known whether it is needed.
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
    let mut candidates: Vec<Vec<Candidate<'p>>> = vec![Vec::new(); MANDATORY.len()];
    let mut is_told = vec![true; MANDATORY.len()];
    let wanted: Vec<Ports> = MANDATORY.iter().map(|mandatory| mandatory.alternatives().collect()).collect();
    for set in reach.book.policy.rule_sets.iter().filter(|set| set.is_enabled) {
        let mut within = None;
        for rule in set.rules.iter().filter(|rule| rule.is_enabled) {
            let (ports, is_whole) = reach.book.opened(&rule.ingress_services);
            // single workloads may be all nodes, and what is not known may be anything
            let is_vague = |actor: &Actor<'_>| matches!(actor.kind, Kind::Workload | Kind::Other);
            let is_clear = !rule.actors().any(is_vague);
            for (told, wanted) in is_told.iter_mut().zip(&wanted) {
                *told &= is_whole && (is_clear || !ports.meet(wanted));
            }
            for (index, mandatory) in MANDATORY.iter().enumerate().filter(|(index, _)| ports.meet(&wanted[*index])) {
                let scopes = within.get_or_insert_with(|| scopes(reach, &set.scopes)).clone();
                let mut view = View { reach: &mut *reach, facts: &facts, scopes };
                if let Some(doubts) = view.doubts(mandatory, rule) {
                    candidates[index].push(Candidate { set: &set.name, rule, ports: ports.clone(), doubts });
                }
            }
        }
    }
    let proof = |((mandatory, candidates), is_told): ((&'static Mandatory, Vec<Candidate<'p>>), bool)| {
        // pods are told by labels that sound like them, which proves nothing where none do
        let is_absent = is_told && candidates.is_empty() && mandatory.when == When::Always;
        Proof { is_absent, ..facts.proof(mandatory, candidates) }
    };
    MANDATORY.iter().zip(candidates).zip(is_told).map(proof).collect()
}

/// A rule that is, or may be, one of the table.
#[derive(Clone, Debug)]
struct Candidate<'p> {
    set: &'p str,
    rule: &'p SecRule<'p>,
    ports: Ports,
    doubts: Vec<String>,
}

/// What is known of the cluster.
#[derive(Debug)]
struct Facts {
    everything: [Block; 2],
    service_cidrs: Vec<Block>,
    /// The addresses of the services that were seen.
    seen: Vec<Block>,
    /// The labels of every node; nothing where they are not told.
    node_labels: Option<Vec<LabelId>>,
    /// Whether the namespace is in Full Enforcement, with the words for it; nothing where that is not known.
    enforcement: Option<(bool, String)>,
}

/// Whether the policy tells how the namespace is enforced.
pub(super) fn tells_enforcement(book: &Book<'_>, question: &Question<'_>) -> bool {
    profiles(book, question).next().is_some()
}

/// How the namespace is enforced, in each cluster that is asked about.
fn profiles<'p>(book: &Book<'p>, question: &Question<'_>) -> impl Iterator<Item = &'p Profile<'p>> {
    let is_meant = move |profile: &&Profile<'_>| {
        let is_of = |cluster| profile.href.contains(&format!("/container_clusters/{cluster}/"));
        profile.namespace.as_deref() == Some(question.namespace) && question.cluster.is_none_or(is_of)
    };
    book.policy.container_workload_profiles.iter().flatten().filter(is_meant)
}

impl Facts {
    fn of(reach: &Reach<'_>, question: &Question<'_>) -> Self {
        let addresses = reach.known.iter().filter(|known| known.service.cluster().is_some());
        let addresses = addresses.flat_map(|known| &known.service.service_addresses);
        let node_labels = question.node_labels.iter();
        let node_labels = node_labels.filter_map(|(key, value)| reach.book.label_named(key, value));
        let modes: Vec<&str> = profiles(reach.book, question).map(|profile| &*profile.enforcement_mode).collect();
        let strictest = modes.iter().find(|mode| **mode == "full").or_else(|| modes.first());
        Self {
            everything: Block::everything(),
            service_cidrs: question.service_cidrs.to_vec(),
            seen: addresses.filter_map(|address| address.ip.parse().ok()).collect(),
            node_labels: (!question.node_labels.is_empty()).then(|| node_labels.collect()),
            enforcement: strictest.map(|mode| {
                let words = format!("the namespace {} is in enforcement mode `{}`", question.namespace, shown(mode));
                (*mode == "full", words)
            }),
        }
    }

    fn proof<'p>(&self, mandatory: &'static Mandatory, mut candidates: Vec<Candidate<'p>>) -> Proof<'p> {
        let is_needed = match (mandatory.when, &self.enforcement) {
            (When::Always, _) => true,
            (When::FullEnforcement, enforcement) => enforcement.as_ref().is_some_and(|(is_full, _)| *is_full),
        };
        let nothing = Proof {
            mandatory,
            status: Status::NotFound,
            rules: Vec::new(),
            doubts: Vec::new(),
            partly: None,
            is_needed,
            is_absent: false,
        };
        if let (false, Some((_, words))) = (is_needed, &self.enforcement) {
            return Proof { status: Status::NotNeeded, doubts: vec![words.clone()], ..nothing };
        }
        // the most certain first, and of those the one that says most exactly what it is for
        candidates.sort_by_key(|candidate| (candidate.doubts.len(), candidate.ports == Ports::every()));
        for ports in mandatory.alternatives() {
            let mut covered = Ports::default();
            let mut used: Vec<&Candidate<'p>> = Vec::new();
            for candidate in &candidates {
                let mut with = covered.clone();
                with.add(&candidate.ports);
                if candidate.ports.meet(&ports) && with != covered {
                    covered = with;
                    used.push(candidate);
                }
                if covered.cover(&ports) {
                    let doubts: Vec<String> = used.iter().flat_map(|used| used.doubts.clone()).collect();
                    let rules = used.iter().map(|used| (used.set, used.rule)).collect();
                    let status = if doubts.is_empty() { Status::Proven } else { Status::Likely };
                    return Proof { status, rules, doubts, ..nothing };
                }
            }
        }
        let partly: Ports = candidates.iter().map(|candidate| candidate.ports.clone()).collect();
        Proof {
            rules: candidates.iter().map(|candidate| (candidate.set, candidate.rule)).collect(),
            partly: (!partly.is_empty()).then_some(partly),
            ..nothing
        }
    }
}

/// A rule set seen with what is known.
struct View<'v, 'p> {
    reach: &'v mut Reach<'p>,
    facts: &'v Facts,
    scopes: Vec<Selection>,
}

impl<'p> View<'_, 'p> {
    /// What could not be told where a rule may be one of the table; nothing where it is not.
    fn doubts(&mut self, mandatory: &Mandatory, rule: &'p SecRule<'p>) -> Option<Vec<String>> {
        let uses = rule.resolve_labels_as;
        let mut doubts =
            self.end(mandatory.source, &rule.consumers, uses.consumers.workloads, !rule.has_unscoped_consumers)?;
        doubts.extend(self.end(mandatory.destination, &rule.providers, uses.providers.workloads, true)?);
        Some(doubts)
    }

    fn end(&mut self, end: End, actors: &'p [Actor<'p>], uses_workloads: bool, is_scoped: bool) -> Option<Vec<String>> {
        let book = self.reach.book;
        let facts = self.facts;
        match end {
            End::Nodes if uses_workloads => self.nodes(actors, is_scoped),
            End::Nodes => None,
            End::Everything => in_list(book, actors, |list, addresses| {
                let [four, six] = facts.everything.each_ref().map(|block| addresses.hold(block));
                match (four, six) {
                    (true, true) => Some(Vec::new()),
                    (true, false) => Some(vec![format!("the IP list `{}` does not hold ::/0", shown(&list.name))]),
                    _ => None,
                }
            }),
            End::ServiceCidr => in_list(book, actors, |list, addresses| facts.service_cidr(list, addresses)),
            End::Kubelink => self.pods(actors, "illumio-kubelink-", &["kubelink"]),
            End::Storage => self.pods(actors, "illumio-storage-", &["storage", "etcd"]),
            End::Pce => in_list(book, actors, |list, _| {
                let name = shown(&list.name);
                let is_named = list.fqdns.iter().any(|name| !name.fqdn.starts_with("illumio-"));
                is_named.then(|| vec![format!("whether the IP list `{name}` holds the PCE could not be told")])
            }),
        }
    }

    /// Whether all nodes are meant.
    fn nodes(&mut self, actors: &'p [Actor<'p>], is_scoped: bool) -> Option<Vec<String>> {
        let is_every = |actor: &Actor<'_>| matches!(actor.kind, Kind::AllWorkloads | Kind::ContainerHosts);
        let mut doubts = Vec::new();
        if !actors.iter().any(is_every) {
            if !has_labels(actors) {
                return None;
            }
            let selection = self.reach.selection(actors);
            if !self.fits_every_node(&selection)? {
                let words = self.reach.book.actors_in_words(actors);
                doubts.push(format!("whether every node is {words} could not be told"));
            }
        }
        if is_scoped {
            let fits: Vec<Option<bool>> = self.scopes.iter().map(|scope| self.fits_every_node(scope)).collect();
            if fits.iter().all(Option::is_none) {
                return None;
            }
            if !fits.contains(&Some(true)) {
                doubts.push("whether every node is in the scope of its rule set could not be told".to_owned());
            }
        }
        Some(doubts)
    }

    /// Whether a selection certainly fits every node (`true`), may fit it (`false`), or certainly does not (nothing).
    fn fits_every_node(&self, selection: &Selection) -> Option<bool> {
        if selection.constraints.is_empty() {
            return Some(!selection.is_vague);
        }
        let Some(labels) = &self.facts.node_labels else { return Some(false) };
        let mut is_certain = !selection.is_vague;
        for constraint in &selection.constraints {
            let of_kind = |label: &&LabelId| self.reach.book.label(**label).dimension == constraint.dimension;
            match labels.iter().find(of_kind) {
                None => is_certain = false,
                Some(label) => {
                    let is_one_of = |terms: &[Term]| terms.iter().any(|term| self.reach.means(*term, *label));
                    let is_included = constraint.included.as_deref().is_none_or(is_one_of);
                    if !is_included || is_one_of(&constraint.excluded) {
                        return None;
                    }
                }
            }
        }
        Some(is_certain)
    }

    /// Whether the pods of a name are meant: by an IP list with that DNS name, or by labels that sound like it.
    fn pods(&mut self, actors: &'p [Actor<'p>], name: &str, words: &[&str]) -> Option<Vec<String>> {
        let book = self.reach.book;
        let by_list = in_list(book, actors, |list, _| {
            let holds = |pattern: &str| pattern.strip_suffix('*').is_some_and(|start| name.starts_with(start));
            list.fqdns.iter().any(|pattern| holds(&pattern.fqdn)).then(Vec::new)
        });
        if by_list.is_some() {
            return by_list;
        }
        let said = book.actors_in_words(actors);
        let sounds = has_labels(actors) && words.iter().any(|word| said.to_lowercase().contains(word));
        sounds.then(|| vec![format!("whether {name}* is {said} could not be told")])
    }
}

impl Facts {
    fn service_cidr(&self, list: &IpList<'_>, addresses: &Addresses) -> Option<Vec<String>> {
        let name = || shown(&list.name).into_owned();
        if !self.service_cidrs.is_empty() {
            return self.service_cidrs.iter().all(|cidr| addresses.hold(cidr)).then(Vec::new);
        }
        if self.everything.iter().all(|block| addresses.hold(block)) {
            return Some(Vec::new());
        }
        if list.ip_ranges.is_empty() || !self.seen.iter().all(|address| addresses.hold(address)) {
            return None;
        }
        let seen = match self.seen.len() {
            0 => String::new(),
            seen => format!(" (it holds all {seen} service addresses that were seen)"),
        };
        Some(vec![format!("whether the IP list `{}` holds the Service CIDR could not be told{seen}", name())])
    }
}

/// What one of the IP lists among the actors is for `judge`; in doubt where its addresses are not known.
fn in_list<'p>(
    book: &Book<'p>,
    actors: &[Actor<'_>],
    judge: impl Fn(&'p IpList<'p>, &Addresses) -> Option<Vec<String>>,
) -> Option<Vec<String>> {
    let lists = actors.iter().filter(|actor| actor.kind == Kind::IpList);
    let judged = lists.filter_map(|actor| match book.ip_list(&actor.object.href) {
        Some((list, addresses)) => judge(list, addresses),
        None if book.policy.ip_lists.is_none() => {
            let words = book.actors_in_words(std::slice::from_ref(actor));
            Some(vec![format!("what the {words} holds could not be told")])
        }
        None => None,
    });
    judged.min_by_key(Vec::len)
}
