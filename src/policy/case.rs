//! [`Case`]: one rule with what it reaches, and what CLAS makes of it.

use std::iter::once;

use super::{
    JudgedRule, Sort, becomes,
    book::LabelId,
    model::{Actor, Fate, Kind, SecRule, Uses},
    reach::{Constraint, Reach, Reached, Selection, ServiceId, Term},
    widening::{Sample, SeveralPorts},
    words::{few, has_labels},
};
use crate::{
    finding::{Finding, Severity},
    rule::Rule,
};

/// A side of a rule.
#[derive(Debug)]
pub(super) struct Side<'p> {
    /// What it is called.
    pub(super) word: &'static str,
    pub(super) actors: &'p [Actor<'p>],
    pub(super) uses: Uses,
    /// What its labels reach; nothing where there are none, or where it does not matter.
    pub(super) reached: Option<Reached>,
    /// The virtual services it names; those of other clusters are left out.
    pub(super) named: Vec<Named<'p>>,
}

/// A virtual service that is named in a rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'p> {
    pub(super) actor: &'p Actor<'p>,
    /// Nothing where the policy holds no such virtual service.
    pub(super) id: Option<ServiceId>,
    pub(super) fate: Fate,
}

impl<'p> Side<'p> {
    fn of(reach: &mut Reach<'p>, word: &'static str, actors: &'p [Actor<'p>], uses: Uses) -> Self {
        let named = actors.iter().filter(|actor| actor.kind == Kind::VirtualService);
        let named = named.filter_map(|actor| match reach.book.virtual_service(&actor.object.href) {
            None => Some(Named { actor, id: None, fate: Fate::CannotTell }),
            Some(service) => {
                let id = reach.service(&actor.object.href)?;
                Some(Named { actor, id: Some(id), fate: service.fate() })
            }
        });
        Self { word, actors, uses, reached: None, named: named.collect() }
    }

    /// The same with what its labels reach.
    fn reaching(mut self, reach: &mut Reach<'p>, scopes: &[Selection]) -> Self {
        self.reached = has_labels(self.actors).then(|| {
            let selection = reach.selection(self.actors);
            reach.reached(&selection, scopes)
        });
        self
    }

    /// The virtual services that it names or reaches by labels, and that go away.
    pub(super) fn going(&self) -> impl Iterator<Item = ServiceId> {
        let reached = self.reached.iter().flat_map(|reached| &reached.services.goes).copied();
        let named = self.named.iter().filter(|named| named.fate == Fate::Goes).filter_map(|named| named.id);
        reached.chain(named)
    }
}

/// A rule with what it reaches.
#[derive(Debug)]
pub(super) struct Case<'c, 'p> {
    pub(super) reach: &'c Reach<'p>,
    pub(super) rule: &'p SecRule<'p>,
    pub(super) sort: Sort,
    pub(super) scopes: &'c [Selection],
    pub(super) source: Side<'p>,
    pub(super) destination: Side<'p>,
}

impl<'c, 'p> Case<'c, 'p> {
    pub(super) fn of(reach: &'c mut Reach<'p>, rule: &'p SecRule<'p>, sort: Sort, scopes: &'c [Selection]) -> Self {
        let everywhere = [Selection::default()];
        let uses = rule.resolve_labels_as;
        let mut source = Side::of(reach, "source", &rule.consumers, uses.consumers);
        if uses.consumers.virtual_services {
            source = source.reaching(reach, if rule.has_unscoped_consumers { &everywhere } else { scopes });
        }
        let destination = Side::of(reach, "destination", &rule.providers, uses.providers).reaching(reach, scopes);
        Self { reach, rule, sort, scopes, source, destination }
    }

    pub(super) fn judged(&self, is_enabled: bool, file: &'static str) -> JudgedRule<'p> {
        let mut findings = self.findings();
        if !is_enabled {
            findings = disabled(&findings).into_iter().collect();
        }
        let becomes = if findings.is_empty() { Vec::new() } else { becomes::lines(self) };
        let policy = self.reach.book.policy;
        let findings = findings.into_iter().map(|finding| policy.placed(finding, file, &self.rule.href));
        JudgedRule { rule: self.rule, sort: self.sort, findings: findings.collect(), becomes }
    }

    fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for side in [&self.source, &self.destination] {
            self.virtual_services_by_name(side, &mut findings);
            // what is said of the destination need not be said of the source as well
            let is_said = side.word == "source" && side.uses == self.destination.uses && side.uses.workloads;
            if self.sort == Sort::Allow && !is_said {
                findings.extend(self.virtual_services_by_label(side));
            }
        }
        findings.extend(self.all_workloads());
        findings.extend(self.without_port());
        self.widening(&mut findings);
        findings
    }

    /// `virtual-service-in-rule`: an error where it goes away; information where it stays.
    fn virtual_services_by_name(&self, side: &Side<'p>, findings: &mut Vec<Finding>) {
        let word = side.word;
        for fate in [Fate::Goes, Fate::CannotTell, Fate::Stays, Fate::MadeByHand] {
            let of_fate = side.named.iter().filter(|named| named.fate == fate);
            let names: Vec<&str> = of_fate.map(|named| self.name_of(named)).collect();
            if names.is_empty() {
                continue;
            }
            let (one, several, help) = match fate {
                Fate::Goes => (
                    "whose type is ClusterIP: it is gone in CLAS",
                    "of type ClusterIP, gone in CLAS",
                    "name what is behind it by labels, and Use Workloads",
                ),
                Fate::CannotTell => (
                    "whose type could not be told",
                    "whose types could not be told",
                    "one of type ClusterIP must become labels; NodePort and LoadBalancer stay",
                ),
                Fate::Stays => ("which stays in CLAS", "that stay in CLAS", "leave it as it is"),
                Fate::MadeByHand => (
                    "which was made by hand: CLAS leaves it",
                    "that were made by hand: CLAS leaves them",
                    "where pods are bound to it, name them by labels instead",
                ),
            };
            let message = match names.as_slice() {
                [name] => format!("the {word} names the virtual service {}, {one}", few(once(*name))),
                names => format!("the {word} names virtual services {several}: {}", few(names.iter().copied())),
            };
            let severity = match fate {
                Fate::Goes => Severity::Error,
                Fate::CannotTell => Severity::Warning,
                Fate::Stays | Fate::MadeByHand => Severity::Info,
            };
            findings.push(Finding::new(Rule::VirtualServiceInRule, message).weighing(severity).help(help));
        }
    }

    /// `virtual-services-only` and, where workloads are meant beside them, `virtual-services-inert`.
    fn virtual_services_by_label(&self, side: &Side<'p>) -> Option<Finding> {
        let word = side.word;
        let Reached { services, is_certain } = side.reached.as_ref().filter(|_| side.uses.virtual_services)?;
        let names = |ids: &[ServiceId]| few(ids.iter().map(|id| self.reach.name(*id)));
        let use_workloads = if services.some_remain() {
            format!("choose \"Uses Virtual Services and Workloads\" for the {word}: some of them stay")
        } else {
            format!("choose \"Use Workloads\" for the {word}")
        };
        let use_workloads = match self.reach.ports(services.goes.iter().copied()) {
            ports if ports.is_empty() || !self.rule.ingress_services.is_empty() || word == "source" => use_workloads,
            ports => format!("{use_workloads}, and name the ports: {ports}"),
        };
        let goes = services.goes.len();
        let can_tell = *is_certain && (goes > 0 || services.cannot_tell.is_empty());
        let as_virtual_services = |adverb: &str| match goes {
            1 => format!(
                "the {word} reaches the ClusterIP service {} {adverb} as a virtual service, which is gone in CLAS",
                names(&services.goes)
            ),
            goes => format!(
                "the {word} reaches {goes} ClusterIP services {adverb} as virtual services, which are gone in CLAS: {}",
                names(&services.goes)
            ),
        };
        if side.uses.workloads {
            let message = match (goes, can_tell) {
                (0, true) => return None,
                (_, false) => {
                    format!("whether the {word} reaches virtual services that are gone in CLAS could not be told")
                }
                (_, true) => as_virtual_services("also"),
            };
            let help = format!("{use_workloads}; as workloads they are reached as before");
            return Some(Finding::new(Rule::VirtualServicesInert, message).help(help));
        }
        let finding = |message: String| Finding::new(Rule::VirtualServicesOnly, message);
        Some(match (goes, can_tell) {
            (_, false) => finding(format!(
                "the {word} means virtual services only, and whether these are gone in CLAS could not be told"
            ))
            .weighing(Severity::Warning)
            .help(use_workloads),
            (0, true) if services.is_empty() => {
                let (none, help) = if self.reach.is_of_one_cluster {
                    ("none of this cluster", "nothing is to be done for this cluster")
                } else {
                    ("none today", "see whether it is still needed")
                };
                finding(format!("the {word} means virtual services only, and reaches {none}"))
                    .weighing(Severity::Info)
                    .help(help)
            }
            (0, true) => {
                let stay: Vec<ServiceId> = services.stays.iter().chain(&services.made_by_hand).copied().collect();
                finding(format!("the {word} means virtual services only, and reaches such as stay: {}", names(&stay)))
                    .weighing(Severity::Info)
                    .help("leave it as it is")
            }
            (_, true) => finding(as_virtual_services("only")).help(use_workloads),
        })
    }

    /// `all-workloads-as-destination`: a warning, since nearly every PCE has such a rule. Nothing is documented of
    /// rules that deny.
    fn all_workloads(&self) -> Option<Finding> {
        self.rule.providers.iter().find(|actor| actor.kind == Kind::AllWorkloads)?;
        let is_scoped = !self.scopes.iter().any(|scope| scope.constraints.is_empty() && !scope.is_vague);
        let within = if is_scoped { " (in the scope)" } else { "" };
        let finding = Finding::new(
            Rule::AllWorkloadsAsDestination,
            format!("the destination is All Workloads{within}, which CLAS asks not to use"),
        );
        Some(match self.sort {
            Sort::Allow => finding.help(format!("name the destinations by labels{}", self.some_labels())),
            _ => finding.weighing(Severity::Info).help("nothing is documented of rules that deny: test it"),
        })
    }

    /// Labels of some services that are reached on a port of the rule and go away: `, such as role=cart, role=web`.
    fn some_labels(&self) -> String {
        const FEW: usize = 3;
        // enough to find a few that differ
        const LOOKED_AT: usize = 50;
        let mut words: Vec<String> = Vec::new();
        let (named, is_whole) = self.reach.book.opened(&self.rule.ingress_services);
        let is_meant = |id: &ServiceId| !is_whole || named.meet(&self.reach.known[*id as usize].ports);
        for id in self.destination.going().take(LOOKED_AT).filter(is_meant) {
            let labels = self.labels_beside_scope(&self.destination, id);
            let said = self.reach.book.labels_in_words(&labels);
            if !labels.is_empty() && !words.contains(&said) {
                words.push(said);
            }
        }
        words.truncate(FEW);
        if words.is_empty() { String::new() } else { format!(", such as {}", words.join(", ")) }
    }

    /// The labels of a virtual service, without those that every scope of the side names anyway.
    pub(super) fn labels_beside_scope(&self, side: &Side<'p>, id: ServiceId) -> Vec<LabelId> {
        let is_scoped = side.word != "source" || !self.rule.has_unscoped_consumers;
        let is_named = |label: &LabelId| {
            let names = |constraint: &Constraint| constraint.included.as_deref() == Some(&[Term::Label(*label)]);
            is_scoped && self.scopes.iter().all(|scope| scope.constraints.iter().any(names))
        };
        let labels = self.reach.known[id as usize].labels.iter().copied();
        labels.filter(|label| !is_named(label)).collect()
    }

    /// Whether the rule needs a port and names none.
    pub(super) fn lacks_port(&self) -> bool {
        let has_workloads = || self.rule.providers.iter().any(|actor| actor.kind.is_workload());
        let is_open = self.sort == Sort::Allow && self.rule.ingress_services.is_empty();
        is_open && self.destination.uses.workloads && has_workloads()
    }

    /// `rule-without-port`: whatever uses workloads needs a port.
    fn without_port(&self) -> Option<Finding> {
        if !self.lacks_port() {
            return None;
        }
        let ports = self.reach.ports(self.destination.going());
        let of = if ports.is_empty() { String::new() } else { format!("; the services it reaches have {ports}") };
        let finding = Finding::new(Rule::RuleWithoutPort, "the destination uses workloads, and no port is named");
        Some(finding.help(format!("name at least one port{of}")))
    }

    /// `ports-will-widen`: the service has several ports, and the rule names some of them.
    fn widening(&self, findings: &mut Vec<Finding>) {
        if self.rule.ingress_services.is_empty() {
            return;
        }
        let side = &self.destination;
        let alone = side.named.iter().filter(|named| named.fate == Fate::Goes).filter_map(|named| named.id);
        let alone = SeveralPorts::of(alone.map(|id| (id, &self.reach.known[id as usize].ports)));
        let by_label = side.reached.as_ref().map(|reached| &reached.services.several_ports);
        if alone.is_empty() && by_label.is_none_or(SeveralPorts::is_empty) {
            return;
        }
        let (named, is_whole) = self.reach.book.opened(&self.rule.ingress_services);
        let wider = |services: &SeveralPorts| services.wider_than(&named);
        let (alone, by_label) = (wider(&alone), by_label.map(wider).unwrap_or_default());
        let not_met = by_label.not_met.clone().and(&alone.not_met);
        let met = by_label.met.clone().and(&alone.met);
        // a service that is not known may be about any port
        let (met, not_met) = if is_whole { (met, not_met) } else { (met.and(&not_met), Sample::default()) };
        let is_certain = side.reached.as_ref().is_none_or(|reached| reached.is_certain);
        let certainty = match (is_whole, is_certain) {
            (true, true) => "",
            (false, _) => " (not all services of the rule are known)",
            (true, false) => " (as far as can be told)",
        };
        let weight = |severity| if self.sort == Sort::Allow { severity } else { Severity::Info };
        let named = if named.is_empty() { "none that is known".to_owned() } else { named.to_string() };
        if let Some(names) = self.with_ports(&met) {
            let message = format!("CLAS opens every port of a service, and the rule names {named}: {names}{certainty}");
            findings.push(
                Finding::new(Rule::PortsWillWiden, message)
                    .weighing(weight(if is_whole { Severity::Warning } else { Severity::Info }))
                    .help("accept it, or split the Kubernetes service: a single port cannot be picked in CLAS"),
            );
        }
        // of All Workloads it is said already that it means every service
        let means_every_service = self.rule.providers.iter().any(|actor| actor.kind == Kind::AllWorkloads);
        if self.sort == Sort::Allow
            && !means_every_service
            && let Some(names) = self.with_ports(&not_met)
        {
            let message =
                format!("the rule names {named}, no port of these services, and might open theirs: {names}{certainty}");
            findings.push(
                Finding::new(Rule::PortsWillWiden, message)
                    .weighing(Severity::Info)
                    .help("whether CLAS opens ports that a rule does not name at all is not documented: test it"),
            );
        }
    }

    fn name_of(&self, named: &Named<'p>) -> &'p str {
        let own = || named.actor.object.names.as_deref().map(|names| &*names.name);
        let name = named.id.map(|id| self.reach.name(id)).or_else(own).filter(|name| !name.is_empty());
        name.unwrap_or(&named.actor.object.href)
    }

    /// A few services with their ports.
    fn with_ports(&self, services: &Sample) -> Option<String> {
        let words = services.first.iter().map(|id| {
            let known = &self.reach.known[*id as usize];
            format!("{} ({})", few(once(self.reach.name(*id))), known.ports)
        });
        let words = words.collect::<Vec<_>>().join(", ");
        match services.number - services.first.len() {
            0 if words.is_empty() => None,
            0 => Some(words),
            more => Some(format!("{words} and {more} more")),
        }
    }
}

/// `disabled-but-affected`: what would be found if the rule were enabled, where that is more than a remark.
fn disabled(findings: &[Finding]) -> Option<Finding> {
    let mut names: Vec<&str> = Vec::new();
    for finding in findings.iter().filter(|finding| finding.severity > Severity::Info) {
        if !names.contains(&finding.rule.name()) {
            names.push(finding.rule.name());
        }
    }
    let first = findings.iter().find(|finding| finding.severity > Severity::Info)?;
    let message = format!("not in force today; once enabled it is found: {}", few(names.iter().copied()));
    let finding = Finding::new(Rule::DisabledButAffected, message);
    Some(finding.help(format!("before it is enabled: {}", first.help.as_deref().unwrap_or("mend it"))))
}
