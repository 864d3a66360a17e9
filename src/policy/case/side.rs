//! [`Side`]: the sources or the destinations of a rule, with what they reach.

use crate::policy::{
    hit::Which,
    model::{Actor, Condition, Fate, Kind, SecRule, Uses},
    ports::Ports,
    reach::{Reach, Reached, Selection, ServiceId, Services},
    words::has_labels,
};

/// A side of a rule.
#[derive(Debug)]
pub(in crate::policy) struct Side<'p> {
    pub(in crate::policy) which: Which,
    pub(in crate::policy) actors: &'p [Actor<'p>],
    pub(in crate::policy) uses: Uses,
    /// Whether everything but these is meant.
    pub(in crate::policy) is_left_out: bool,
    /// What its labels reach; nothing where there are none, or where it does not matter.
    pub(in crate::policy) reached: Option<Reached>,
    /// The virtual services it names, without those of other clusters.
    pub(in crate::policy) named: Vec<Named<'p>>,
}

/// A virtual service that is named in a rule.
#[derive(Clone, Copy, Debug)]
pub(in crate::policy) struct Named<'p> {
    pub(in crate::policy) actor: &'p Actor<'p>,
    /// Nothing where the policy holds no such virtual service.
    pub(in crate::policy) id: Option<ServiceId>,
    pub(in crate::policy) fate: Fate,
}

impl<'p> Side<'p> {
    pub(in crate::policy) fn of(reach: &mut Reach<'p>, which: Which, rule: &'p SecRule<'p>) -> Self {
        let (actors, uses, left_out) = match which {
            Which::Source => (&rule.consumers, rule.resolve_labels_as.consumers, Condition::SourcesLeftOut),
            Which::Destination => (&rule.providers, rule.resolve_labels_as.providers, Condition::DestinationsLeftOut),
        };
        let named = actors.iter().filter(|actor| actor.kind == Kind::VirtualService);
        let named = named.filter_map(|actor| match reach.book.virtual_service(&actor.object.href) {
            None => Some(Named { actor, id: None, fate: Fate::CannotTell }),
            Some(service) => {
                let id = reach.service(&actor.object.href)?;
                Some(Named { actor, id: Some(id), fate: service.fate() })
            }
        });
        let is_left_out = rule.has(left_out);
        Self { which, actors, uses, is_left_out, reached: None, named: named.collect() }
    }

    /// The same with what its labels reach.
    pub(in crate::policy) fn reaching(mut self, reach: &mut Reach<'p>, scopes: &[Selection]) -> Self {
        self.reached = (has_labels(self.actors) && !self.is_left_out).then(|| {
            let selection = reach.selection(self.actors);
            reach.reached(&selection, scopes)
        });
        self
    }

    /// The virtual services that it names or reaches by labels, and that go away.
    pub(in crate::policy) fn going(&self) -> impl Iterator<Item = ServiceId> {
        let reached = self.reached.iter().flat_map(|reached| &reached.services.goes).copied();
        reached.chain(self.named_of(Fate::Goes))
    }

    /// The virtual services whose ports a rule opens that names none. Once it names some, it opens no others: also
    /// those that remain as they are count.
    pub(in crate::policy) fn opened(&self) -> impl Iterator<Item = ServiceId> {
        self.opened_by_label().chain(self.named.iter().filter_map(|named| named.id))
    }

    /// The ports that a rule opens which names none.
    pub(in crate::policy) fn ports(&self, reach: &Reach<'p>) -> Ports {
        let mut ports = self.ports_by_label(reach);
        if !self.named.is_empty() {
            ports.add(&reach.ports(self.named.iter().filter_map(|named| named.id)));
        }
        ports
    }

    /// The ports of those that its labels reach.
    pub(in crate::policy) fn ports_by_label(&self, reach: &Reach<'p>) -> Ports {
        let Some(reached) = &self.reached else { return Ports::default() };
        let opened = &reached.services.opened[usize::from(self.uses.virtual_services)];
        opened.get_or_init(|| reach.ports(self.opened_by_label())).clone()
    }

    /// Those of them that its labels reach.
    pub(in crate::policy) fn opened_by_label(&self) -> impl Iterator<Item = ServiceId> {
        self.reached.iter().flat_map(|reached| {
            let Services { goes, cannot_tell, stays, made_by_hand, others, .. } = &*reached.services;
            let as_virtual_services = made_by_hand.iter().chain(others).filter(|_| self.uses.virtual_services);
            goes.iter().chain(cannot_tell).chain(stays).chain(as_virtual_services).copied()
        })
    }

    /// The virtual services of this fate that it names.
    pub(in crate::policy) fn named_of(&self, fate: Fate) -> impl Iterator<Item = ServiceId> {
        self.named.iter().filter(move |named| named.fate == fate).filter_map(|named| named.id)
    }

    pub(in crate::policy) fn has(&self, kind: Kind) -> bool {
        self.actors.iter().any(|actor| actor.kind == kind)
    }
}
