//! [`Case`]: one rule with what it reaches, and what CLAS makes of it.

use std::borrow::Cow;

use super::{
    JudgedRule, Sort, becomes,
    model::{Actor, Fate, Kind, SecRule, Uses},
    ports::Ports,
    reach::{Reach, Reached, Selection, ServiceId},
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
    /// What its labels reach; nothing where there are none.
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
    fn of(
        reach: &mut Reach<'p>,
        word: &'static str,
        actors: &'p [Actor<'p>],
        uses: Uses,
        scopes: &[Selection],
    ) -> Self {
        let reached = has_labels(actors).then(|| {
            let selection = reach.selection(actors);
            reach.reached(&selection, scopes)
        });
        let named = actors.iter().filter(|actor| actor.kind == Kind::VirtualService);
        let named = named.filter_map(|actor| match reach.book.virtual_service(&actor.object.href) {
            None => Some(Named { actor, id: None, fate: Fate::CannotTell }),
            Some(service) => {
                let id = reach.service(&actor.object.href)?;
                Some(Named { actor, id: Some(id), fate: service.fate() })
            }
        });
        Self { word, actors, uses, reached, named: named.collect() }
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
        let source_scopes = if rule.has_unscoped_consumers { &everywhere } else { scopes };
        let uses = rule.resolve_labels_as;
        let source = Side::of(reach, "source", &rule.consumers, uses.consumers, source_scopes);
        let destination = Side::of(reach, "destination", &rule.providers, uses.providers, scopes);
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
            if self.sort == Sort::Allow {
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
            let (names, is_one) = (few(names.iter().copied()), names.len() == 1);
            let is = if is_one { "the virtual service" } else { "virtual services" };
            let (severity, message, help) = match fate {
                Fate::Goes => (
                    Severity::Error,
                    format!("the {word} names {is} of type ClusterIP, gone in CLAS: {names}"),
                    "name what is behind it by labels, and Use Workloads",
                ),
                Fate::CannotTell => (
                    Severity::Warning,
                    format!("the {word} names {is} whose type could not be told: {names}"),
                    "one of type ClusterIP must become labels; NodePort and LoadBalancer stay",
                ),
                Fate::Stays => (
                    Severity::Info,
                    format!("the {word} names {is} of type NodePort or LoadBalancer, which stay: {names}"),
                    "leave it as it is",
                ),
                Fate::MadeByHand => (
                    Severity::Info,
                    format!("the {word} names {is} that no Kubelink made, so CLAS leaves them: {names}"),
                    "where pods are bound to it, name them by labels instead",
                ),
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
        if side.uses.workloads {
            let message = match (goes, can_tell) {
                (0, true) => return None,
                (_, false) => format!("whether the {word} reaches virtual services that go away could not be told"),
                (_, true) => format!(
                    "the {word} reaches {} also as virtual services, which are gone in CLAS: {}",
                    counted(goes),
                    names(&services.goes)
                ),
            };
            let help = format!("{use_workloads}; as workloads they are reached as before");
            return Some(Finding::new(Rule::VirtualServicesInert, message).help(help));
        }
        let finding = |message: String| Finding::new(Rule::VirtualServicesOnly, message);
        Some(match (goes, can_tell) {
            (_, false) => {
                finding(format!("whether the {word}, only virtual services, reaches such as go away could not be told"))
                    .weighing(Severity::Warning)
                    .help(use_workloads)
            }
            (0, true) if services.is_empty() => {
                finding(format!("the {word} means virtual services only, and reaches none today"))
                    .weighing(Severity::Info)
                    .help("see whether it is still needed")
            }
            (0, true) => {
                let stay: Vec<ServiceId> = services.stays.iter().chain(&services.made_by_hand).copied().collect();
                finding(format!("the {word} means virtual services only, and reaches such as stay: {}", names(&stay)))
                    .weighing(Severity::Info)
                    .help("leave it as it is")
            }
            (goes, true) => {
                let names = names(&services.goes);
                finding(format!(
                    "the {word} reaches {} only as virtual services, which are gone in CLAS: {names}",
                    counted(goes)
                ))
                .help(use_workloads)
            }
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
            Sort::Allow => finding.help("name the destinations by labels"),
            _ => finding.weighing(Severity::Info).help("nothing is documented of rules that deny: test it"),
        })
    }

    /// `rule-without-port`: whatever uses workloads needs a port.
    fn without_port(&self) -> Option<Finding> {
        let outside = |actor: &Actor<'_>| matches!(actor.kind, Kind::IpList | Kind::VirtualServer);
        let needs_port = self.destination.uses.workloads && !self.rule.providers.iter().all(outside);
        if self.sort != Sort::Allow || !needs_port || !self.rule.ingress_services.is_empty() {
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
        let alone = alone.map(|id| (self.reach.known[id as usize].ports.clone(), vec![id]));
        let alone: Vec<(Ports, Vec<ServiceId>)> = alone.filter(|(ports, _)| ports.are_several()).collect();
        let by_label = side.reached.iter().flat_map(|reached| &reached.services.with_several_ports);
        let mut services = by_label.chain(&alone).peekable();
        if services.peek().is_none() {
            return;
        }
        let is_certain = side.reached.as_ref().is_none_or(|reached| reached.is_certain);
        let (named, is_whole) = self.reach.book.opened(&self.rule.ingress_services);
        let wider = services.filter(|(ports, _)| !named.cover(ports));
        let (met, not_met): (Vec<_>, Vec<_>) = wider.partition(|(ports, _)| named.meet(ports) || !is_whole);
        let certainty = match (is_whole, is_certain) {
            (true, true) => "",
            (false, _) => " (not all services of the rule are known)",
            (true, false) => " (as far as can be told)",
        };
        let weight = |severity| if self.sort == Sort::Allow { severity } else { Severity::Info };
        if let Some(names) = self.with_ports(&met) {
            let message = format!("CLAS opens every port of a service, and the rule names {named}: {names}{certainty}");
            findings.push(
                Finding::new(Rule::PortsWillWiden, message)
                    .weighing(weight(if is_whole { Severity::Warning } else { Severity::Info }))
                    .help("accept it, or split the Kubernetes service: a single port cannot be picked in CLAS"),
            );
        }
        if let Some(names) = self.with_ports(&not_met) {
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
    fn with_ports(&self, services: &[&(Ports, Vec<ServiceId>)]) -> Option<String> {
        const FEW: usize = 3;
        let each = || services.iter().flat_map(|(ports, ids)| ids.iter().map(move |id| (ports, id)));
        let words =
            each().take(FEW).map(|(ports, id)| format!("{} ({ports})", few(std::iter::once(self.reach.name(*id)))));
        let words: Vec<String> = words.collect();
        let more = each().count() - words.len();
        match (words.as_slice(), more) {
            ([], _) => None,
            (words, 0) => Some(words.join(", ")),
            (words, more) => Some(format!("{} and {more} more", words.join(", "))),
        }
    }
}

fn counted(goes: usize) -> Cow<'static, str> {
    if goes == 1 { "a ClusterIP service".into() } else { format!("{goes} ClusterIP services").into() }
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
