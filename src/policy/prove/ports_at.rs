//! [`PortsAt`]: what a rule opens at a service.

use super::{
    Phase,
    class::ClientPort,
    doubt::Doubts,
    entry::Entry,
    intervals::Intervals,
    space::Space,
    terms::{ClassId, Opened, Part},
};
use crate::policy::clients::PortSet;

/// What a rule opens (or denies) at a destination.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PortsAt {
    pub(super) sure: Intervals,
    /// With those that it may open.
    pub(super) maybe: Intervals,
    /// Why it may open more.
    pub(super) doubts: Doubts,
}

impl PortsAt {
    pub(super) fn known(ports: Intervals) -> Self {
        Self { sure: ports.clone(), maybe: ports, doubts: Doubts::default() }
    }

    /// The same of which nothing is sure, where there are doubts.
    pub(super) fn doubted(self, doubts: Doubts) -> Self {
        if doubts.are_none() {
            return self;
        }
        Self { sure: Intervals::default(), maybe: self.maybe, doubts: self.doubts.with(doubts) }
    }
}

/// What a rule does, in one of the models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    Allow(Phase),
    /// The same in both but for ports.
    Deny(Phase),
}

impl Does {
    pub(super) const fn phase(self) -> Phase {
        match self {
            Self::Allow(phase) | Self::Deny(phase) => phase,
        }
    }
}

impl Space<'_> {
    /// The ports of a service that a rule names: those behind it, or those that its clients use.
    fn named_ports(&self, class: ClassId, named: &Intervals) -> PortsAt {
        let class = self.of_class(class);
        let (sure, maybe) = ClientPort::opened(&class.clients, &class.ports, named);
        let mut doubts = Doubts::NOTHING;
        if sure != maybe {
            let are_named = class.clients.iter().filter(|client| named.have_common(&client.used));
            are_named.for_each(|client| doubts.add(client.doubts()));
        }
        PortsAt { sure, maybe, doubts }.doubted(class.doubts.only(Doubts::PORTS_OF_SERVICE))
    }

    /// The ports of a service that a rule opens (or denies); nothing where it does not reach the service.
    pub(super) fn ports_at(&self, class: ClassId, is_front: bool, entry: &Entry, does: Does) -> Option<PortsAt> {
        let reaches = |labels| self.common_labels(class, labels).map(|common| common.doubts);
        let own = &self.of_class(class).ports;
        let named = || match entry.opened {
            Opened::OfServices => PortsAt::known(own.clone()),
            Opened::Ports(ports) | Opened::Replaced(ports) => self.named_ports(class, self.ports.of(ports)),
        };
        if matches!(entry.opened, Opened::Replaced(_)) && (is_front || does.phase() == Phase::Before) {
            return None;
        }
        let by_virtual_service = |part| match part {
            Part::Services(labels) => reaches(labels),
            Part::Service(service) => (self.class_of(service) == class).then(Doubts::default),
            _ => None,
        };
        let found = match (does, entry.destination) {
            (Does::Deny(phase), Part::Workloads(labels)) => {
                let doubts = reaches(labels)?;
                let at = named();
                let widens = phase == Phase::After && !is_front && !at.maybe.is_empty() && at.maybe != *own;
                if matches!(entry.opened, Opened::Replaced(_)) && at.maybe.is_empty() {
                    return None;
                }
                let wider = PortsAt { maybe: own.clone(), doubts: at.doubts.with(Doubts::DENIED_PORTS), ..at.clone() };
                if widens { wider.doubted(doubts) } else { at.doubted(doubts) }
            }
            (Does::Deny(_), part) if self.may_hold_workloads(part) => named().doubted(Doubts::HELD),
            (Does::Deny(_), _) => return None,
            (Does::Allow(Phase::After), Part::Workloads(labels)) if !is_front => {
                let mut doubts = reaches(labels)?.with(self.of_class(class).doubts.only(Doubts::TYPE_OF_SERVICE));
                if entry.reaches_all {
                    doubts.add(Doubts::ALL_WORKLOADS);
                }
                // a message has no port that could be replaced under its type
                if self.conditions.of(entry.condition).is_of_messages() {
                    return None;
                }
                let opens = entry.opened != Opened::OfServices;
                PortsAt::known(if opens { own.clone() } else { Intervals::default() }).doubted(doubts)
            }
            _ if matches!(entry.opened, Opened::Replaced(_)) => return None,
            (Does::Allow(Phase::After), part) if !is_front => {
                // a service of a type that is not documented may stay a virtual service
                let kind = self.of_class(class).doubts.only(Doubts::TYPE_OF_SERVICE);
                if kind.are_none() {
                    return None;
                }
                named().doubted(by_virtual_service(part)?.with(kind))
            }
            (Does::Allow(_), part) => named().doubted(by_virtual_service(part)?),
        };
        let found = found.doubted(entry.doubts);
        (!found.maybe.is_empty()).then_some(found)
    }
}
