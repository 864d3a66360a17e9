//! [`Case`]: one rule with what it reaches, and what CLAS makes of it.

mod ports;
mod side;

pub(super) use side::Side;

use super::{
    Sort,
    book::LabelId,
    hit::{Certainty, Hit, Met, Only, Remain, Service, What, Which},
    model::{Fate, Kind, RuleSet, SecRule},
    ports::Ports,
    reach::{Constraint, Reach, Reached, Selection, ServiceId, Term},
    widening::Sample,
};
use crate::{finding::Severity, rule::Rule};
use side::Named;

/// A rule with what it reaches.
#[derive(Debug)]
pub(super) struct Case<'c, 'p> {
    pub(super) reach: &'c mut Reach<'p>,
    /// The set of the rule; an enforcement boundary has none.
    pub(super) set: Option<&'p RuleSet<'p>>,
    pub(super) rule: &'p SecRule<'p>,
    pub(super) sort: Sort,
    pub(super) scopes: &'c [Selection],
    pub(super) source: Side<'p>,
    pub(super) destination: Side<'p>,
}

impl<'c, 'p> Case<'c, 'p> {
    pub(super) fn of(
        reach: &'c mut Reach<'p>,
        set: Option<&'p RuleSet<'p>>,
        rule: &'p SecRule<'p>,
        sort: Sort,
        scopes: &'c [Selection],
    ) -> Self {
        let everywhere = [Selection::default()];
        let mut source = Side::of(reach, Which::Source, rule);
        if source.uses.virtual_services {
            source = source.reaching(reach, if rule.has_unscoped_consumers { &everywhere } else { scopes });
        }
        let destination = Side::of(reach, Which::Destination, rule).reaching(reach, scopes);
        Self { reach, set, rule, sort, scopes, source, destination }
    }

    /// What is found of it.
    pub(super) fn hits(&self) -> Vec<Hit<'p>> {
        let mut hits = Vec::new();
        for side in [&self.source, &self.destination] {
            self.virtual_services_by_name(side, &mut hits);
            // what is reported of the destination need not be reported of the source as well
            let is_said = side.which == Which::Source && side.uses == self.destination.uses && side.uses.workloads;
            if self.sort == Sort::Allow && !is_said {
                hits.extend(self.virtual_services_by_label(side));
            }
        }
        hits.extend(self.every_destination());
        hits.extend(self.without_port());
        self.ports(&mut hits);
        self.not_understood(&mut hits);
        hits
    }

    /// Notes what the destination reaches as virtual services that remain such, where the rule allows it.
    pub(super) fn note_staying(&mut self) {
        if self.sort != Sort::Allow {
            return;
        }
        let side = &self.destination;
        let reached = side.reached.as_ref().map(|reached| &*reached.services).filter(|_| side.uses.virtual_services);
        // many rules reach the same
        let by_label = reached.filter(|services| !services.is_noted.replace(true));
        let by_label = by_label.into_iter().flat_map(|services| &services.stays).copied();
        let found: Vec<ServiceId> = by_label.chain(side.named_of(Fate::Stays)).collect();
        self.reach.note_staying(found);
    }

    /// Whether pods may call the cluster address of what the destination reaches.
    pub(super) fn is_called_inside(&self, which: Which) -> bool {
        which == Which::Destination && self.sort == Sort::Allow && self.comes_from_inside()
    }

    /// Whether its sources may be pods.
    fn comes_from_inside(&self) -> bool {
        self.reach.pods.may_be_sources(self.rule)
    }

    /// `virtual-service-in-rule`: an error where it goes away; a warning where pods may call it, for its cluster
    /// address goes away; information where it stays.
    fn virtual_services_by_name(&self, side: &Side<'p>, hits: &mut Vec<Hit<'p>>) {
        let is_called_inside = self.is_called_inside(side.which);
        for fate in [Fate::Goes, Fate::CannotTell, Fate::Stays, Fate::MadeByHand] {
            let of_fate: Vec<&Named<'p>> = side.named.iter().filter(|named| named.fate == fate).collect();
            if of_fate.is_empty() {
                continue;
            }
            let first = of_fate.iter().take(3).map(|named| Service {
                name: self.name_of(named),
                ports: named.id.map(|id| self.reach.known(id).ports.clone()).unwrap_or_default(),
            });
            let severity = match fate {
                Fate::Goes => Severity::Error,
                Fate::CannotTell => Severity::Warning,
                Fate::Stays if is_called_inside => Severity::Warning,
                Fate::Stays | Fate::MadeByHand => Severity::Info,
            };
            hits.push(Hit {
                severity,
                side: Some(side.which),
                reached: Met { first: first.collect(), number: of_fate.len() },
                ..hit(Rule::VirtualServiceInRule, What::Named { fate, is_called_inside })
            });
        }
    }

    /// `virtual-services-only` and, where workloads are meant beside them, `virtual-services-inert`.
    fn virtual_services_by_label(&self, side: &Side<'p>) -> Option<Hit<'p>> {
        let Reached { services, is_certain } = side.reached.as_ref().filter(|_| side.uses.virtual_services)?;
        let needs_ports = self.rule.ingress_services.is_empty() && side.which == Which::Destination;
        // where it is not known what is reached, the ports of all that may be reached are not named
        let ports = if needs_ports && *is_certain { side.ports(self.reach) } else { Ports::default() };
        let remain = Remain { are_some: services.some_remain(), ports };
        let goes = !services.goes.is_empty();
        let can_tell = *is_certain && (goes || services.cannot_tell.is_empty());
        let certainty = if can_tell { Certainty::Certain } else { Certainty::OfWhatIsReached };
        let reached = |ids: &[ServiceId]| self.met(&Sample::of(ids));
        if side.uses.workloads {
            // what remains is meant as it is
            let severity = if can_tell && remain.are_some { Severity::Info } else { Severity::Warning };
            return (goes || !can_tell).then(|| Hit {
                severity,
                side: Some(side.which),
                reached: reached(&services.goes),
                certainty,
                ..hit(Rule::VirtualServicesInert, What::AlsoVirtualServices { remain })
            });
        }
        let stay: Vec<ServiceId> = services.stays.iter().chain(&services.made_by_hand).copied().collect();
        let is_called_inside = self.is_called_inside(side.which) && !services.stays.is_empty();
        let (severity, of, ids) = match (goes, can_tell) {
            (_, false) => (Severity::Warning, Only::Unclear, &services.goes),
            (true, true) => (Severity::Error, Only::Going, &services.goes),
            (false, true) if services.is_empty() => {
                let is_of_one_cluster = self.reach.is_of_one_cluster;
                (Severity::Info, Only::Nothing { is_of_one_cluster }, &services.goes)
            }
            (false, true) if is_called_inside => (Severity::Warning, Only::CalledInside, &services.stays),
            (false, true) => (Severity::Info, Only::Staying, &stay),
        };
        Some(Hit {
            severity,
            side: Some(side.which),
            reached: reached(ids),
            certainty,
            ..hit(Rule::VirtualServicesOnly, What::OnlyVirtualServices { of, remain })
        })
    }

    /// `all-workloads-as-destination`: a warning, since nearly every PCE has such a rule. Nothing is documented of
    /// rules that deny.
    fn every_destination(&self) -> Option<Hit<'p>> {
        let allows = self.sort == Sort::Allow;
        let what = if self.destination.has(Kind::AllWorkloads) {
            let is_scoped = !self.scopes.iter().any(|scope| scope.constraints.is_empty() && !scope.is_vague);
            What::AllWorkloads { is_scoped, allows, labels: if allows { self.some_labels() } else { Vec::new() } }
        } else {
            let dimension = self.rule.providers.iter().find(|actor| actor.kind == Kind::LabelDimension)?;
            What::EveryLabelled { key: dimension.object.href.to_string(), allows }
        };
        let severity = if allows { Severity::Warning } else { Severity::Info };
        Some(Hit { severity, side: Some(Which::Destination), ..hit(Rule::AllWorkloadsAsDestination, what) })
    }

    /// Labels of some services that are reached on a port of the rule and go away: `role=cart`, `role=web`.
    fn some_labels(&self) -> Vec<String> {
        const FEW: usize = 3;
        // enough to find a few that differ
        const LOOKED_AT: usize = 50;
        let mut words: Vec<String> = Vec::new();
        let (named, is_whole) = self.reach.book.opened(&self.rule.ingress_services);
        let is_meant = |id: &ServiceId| !is_whole || named.meet(&self.reach.known(*id).ports);
        for id in self.destination.going().take(LOOKED_AT).filter(is_meant) {
            let labels = self.labels_beside_scope(Which::Destination, id);
            let said = self.reach.book.labels_in_words(&labels);
            if !labels.is_empty() && !words.contains(&said) {
                words.push(said);
            }
        }
        words.truncate(FEW);
        words
    }

    /// The labels of a virtual service, without those that every scope of the side names anyway.
    pub(super) fn labels_beside_scope(&self, which: Which, id: ServiceId) -> Vec<LabelId> {
        let is_scoped = which == Which::Destination || !self.rule.has_unscoped_consumers;
        let is_named = |label: &LabelId| {
            let names = |constraint: &Constraint| constraint.included.as_deref() == Some(&[Term::Label(*label)]);
            is_scoped && self.scopes.iter().all(|scope| scope.constraints.iter().any(names))
        };
        let labels = self.reach.known(id).labels.iter().copied();
        labels.filter(|label| !is_named(label)).collect()
    }

    /// Whether the rule needs a port and names none.
    pub(super) fn lacks_port(&self) -> bool {
        let has_workloads = || self.rule.providers.iter().any(|actor| actor.kind.is_workload());
        let is_open = self.sort == Sort::Allow && self.rule.ingress_services.is_empty();
        is_open && self.destination.uses.workloads && has_workloads()
    }

    /// `rule-without-port`: whatever uses workloads needs a port.
    fn without_port(&self) -> Option<Hit<'p>> {
        let is_certain = self.destination.reached.as_ref().is_none_or(|reached| reached.is_certain);
        let ports = || if is_certain { self.destination.ports(self.reach) } else { Ports::default() };
        self.lacks_port().then(|| hit(Rule::RuleWithoutPort, What::WithoutPort(ports())))
    }

    /// How much it weighs that its services are for certain processes: nothing where the destination certainly is
    /// outside of a cluster, which CLAS does not touch.
    fn meets_services(&self) -> Option<Severity> {
        let side = &self.destination;
        let is_every = side.is_left_out || side.has(Kind::AllWorkloads) || side.has(Kind::LabelDimension);
        if is_every || side.opened().next().is_some() {
            return Some(Severity::Warning);
        }
        let is_certain = side.reached.as_ref().is_none_or(|reached| reached.is_certain);
        let is_known = side.named.iter().all(|named| named.id.is_some()) && !side.has(Kind::Other);
        (!(is_certain && is_known)).then_some(Severity::Info)
    }

    /// `rule-not-understood`: what the rule says that this crate does not know, or that the vendor does not document
    /// for CLAS.
    fn not_understood(&self, hits: &mut Vec<Hit<'p>>) {
        let of_processes = self.reach.book.process_fields(&self.rule.ingress_services);
        if !of_processes.is_empty()
            && let Some(severity) = self.meets_services()
        {
            hits.push(Hit { severity, ..hit(Rule::RuleNotUnderstood, What::OfProcesses(of_processes)) });
        }
        if self.rule.is_plain() {
            return;
        }
        let unknown = self.rule.unknown_fields();
        if !unknown.is_empty() {
            hits.push(hit(Rule::RuleNotUnderstood, What::NotUnderstood(unknown)));
        }
        let narrowing = self.rule.narrowing_fields();
        if !narrowing.is_empty() {
            hits.push(hit(Rule::RuleNotUnderstood, What::Narrowed(narrowing)));
        }
    }

    fn name_of(&self, named: &Named<'p>) -> &'p str {
        let own = || named.actor.object.names.as_deref().map(|names| &*names.name);
        let name = named.id.map(|id| self.reach.name(id)).or_else(own).filter(|name| !name.is_empty());
        name.unwrap_or(&named.actor.object.href)
    }

    fn met(&self, services: &Sample) -> Met<'p> {
        let first = services.first.iter().map(|id| self.reach.met(*id));
        Met { first: first.collect(), number: services.number }
    }
}

/// A hit with the weight of its rule, about no side and no service, and certain.
pub(super) fn hit<'p>(rule: Rule, what: What) -> Hit<'p> {
    Hit { rule, severity: rule.severity(), side: None, what, reached: Met::default(), certainty: Certainty::Certain }
}
