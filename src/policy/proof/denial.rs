//! Rules that override what is allowed: a mandatory rule is worth nothing where one of them denies the same.
//!
//! An override deny comes before every allow rule; other deny rules and enforcement boundaries come after them. (Source:
//! the vendor's schema `deny_rules_get`, `override`)

use super::{Doubt, Facts, Proof, Status, View};
use crate::policy::{
    Sort,
    infrastructure::{End, Mandatory},
    model::{Actor, Condition, Kind, SecRule},
    ports::Ports,
    reach::{Reach, Selection},
    words::{self, has_labels, shown},
};

/// The override denies in force.
pub(super) struct Denials<'p> {
    rules: Vec<Denial<'p>>,
}

struct Denial<'p> {
    set: &'p str,
    rule: &'p SecRule<'p>,
    scopes: Vec<Selection>,
    ports: Ports,
    /// Whether all ports that it denies are known.
    is_whole: bool,
    /// Whether something of it, or of what it refers to, is not understood: it may deny anything.
    is_vague: bool,
}

/// A side of a rule that denies.
struct Given<'p> {
    actors: &'p [Actor<'p>],
    is_scoped: bool,
    is_left_out: bool,
}

impl<'p> Denials<'p> {
    pub(super) fn of(reach: &mut Reach<'p>) -> Self {
        let mut rules = Vec::new();
        for set in reach.book.policy.rule_sets.iter().filter(|set| set.is_enabled) {
            let counts =
                |rule: &&SecRule<'_>| rule.is_enabled && rule.is_override && !rule.has(Condition::OtherNetworks);
            for rule in set.deny_rules.iter().filter(counts) {
                let (ports, is_whole) = reach.book.opened(&rule.ingress_services);
                let scopes = reach.scopes(&set.scopes);
                // what it denies at its sources is not documented
                let is_vague = !(rule.egress_services.is_empty()
                    && rule.unknown_fields().is_empty()
                    && reach.vague.fields_of(reach.book, Some(set), rule).is_empty());
                rules.push(Denial { set: &set.name, rule, scopes, ports, is_whole, is_vague });
            }
        }
        Self { rules }
    }

    /// A proof with the doubts that these rules bring.
    pub(super) fn weighed(&self, reach: &mut Reach<'p>, facts: &Facts, mut proof: Proof<'p>) -> Proof<'p> {
        if !matches!(proof.status, Status::Proven | Status::Likely) {
            return proof;
        }
        let overridden = self.rules.iter().filter(|denial| denial.may_deny(reach, facts, proof.mandatory));
        // the first few say enough
        for denial in overridden.take(3) {
            let title = words::title(denial.rule, Sort::OverrideDeny);
            proof.facts.push((None, Doubt::Overridden { title, set: shown(denial.set).into_owned() }));
            proof.status = Status::Likely;
        }
        proof
    }
}

impl<'p> Denial<'p> {
    fn may_deny(&self, reach: &mut Reach<'p>, facts: &Facts, mandatory: &Mandatory) -> bool {
        if self.is_vague {
            return true;
        }
        let is_port_of = mandatory.alternatives().any(|ports| self.ports.meet(&ports));
        let rule = self.rule;
        let source = Given {
            actors: &rule.consumers,
            is_scoped: !rule.has_unscoped_consumers,
            is_left_out: rule.has(Condition::SourcesLeftOut),
        };
        let destination =
            Given { actors: &rule.providers, is_scoped: true, is_left_out: rule.has(Condition::DestinationsLeftOut) };
        let mut view = View { reach, facts, scopes: self.scopes.clone() };
        // what a service that is not known denies may be anything; one that names nothing denies nothing
        (is_port_of || !self.is_whole || rule.ingress_services.is_empty())
            && view.may_mean(mandatory.source, &source)
            && view.may_mean(mandatory.destination, &destination)
    }
}

impl<'p> View<'_, 'p> {
    /// Whether a side may stand for some of what is needed.
    fn may_mean(&mut self, end: End, given: &Given<'p>) -> bool {
        if given.is_left_out {
            return true;
        }
        let by_labels = has_labels(given.actors) && {
            let selection = self.reach.selection(given.actors);
            end != End::Nodes
                || (self.fits_every_node(&selection).is_some()
                    && (!given.is_scoped || self.scopes.iter().any(|scope| self.fits_every_node(scope).is_some())))
        };
        by_labels || given.actors.iter().any(|actor| self.may_be(end, actor))
    }

    fn may_be(&self, end: End, actor: &Actor<'_>) -> bool {
        match actor.kind {
            Kind::IpList => self.list_may_hold(end, actor),
            kind => !kind.is_by_label(),
        }
    }

    /// Whether an IP list may hold some of the addresses. Which ones the nodes and the pods have is not known.
    fn list_may_hold(&self, end: End, actor: &Actor<'_>) -> bool {
        let Some((list, held)) = self.reach.book.ip_list(&actor.object.href) else { return true };
        // which addresses a DNS name has is not known
        if !list.fqdns.is_empty() {
            return true;
        }
        match end {
            End::ServiceCidr if !self.facts.service_cidrs.is_empty() => {
                self.facts.service_cidrs.iter().any(|cidr| held.meet(cidr))
            }
            _ => !held.is_empty(),
        }
    }
}
