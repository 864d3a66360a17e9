//! What parts of rules are, as ends of flows.

use super::{
    Phase,
    doubt::Doubts,
    entry::Entry,
    intervals::Intervals,
    piece::is_container_workload,
    ports_at::{Does, PortsAt},
    space::{Named, Space},
    terms::{ClassId, End, Opened, Part},
};

impl Space<'_> {
    /// What a part of a rule is as sources, in one of the models.
    pub(super) fn ends_of_source(&self, part: Part, phase: Phase) -> Vec<End> {
        let is_service = |class: &ClassId| phase == Phase::Before || self.of_class(*class).stays;
        match part {
            Part::Services(labels) => {
                let wanted = self.boxes.of(labels);
                let is_meant = |class: &ClassId| {
                    let known = self.of_class(*class);
                    known.doubts.has(Doubts::LABELS_OF_SERVICE) || wanted.holds(&known.labels)
                };
                (0..).take(self.classes.len()).filter(is_meant).filter(is_service).map(End::Behind).collect()
            }
            Part::Service(service) => {
                Some(self.class_of(service)).filter(is_service).map(End::Behind).into_iter().collect()
            }
            Part::Workloads(labels) => {
                let wanted = self.boxes.of(labels);
                let is_meant = |class: &&ClassId| {
                    let known = self.of_class(**class);
                    known.doubts.has(Doubts::LABELS_OF_SERVICE) || wanted.holds(&known.labels)
                };
                let behind = self.behind.iter().filter(is_meant).map(|class| End::Behind(*class));
                self.end(part).into_iter().chain(behind).collect()
            }
            other => self.end(other).into_iter().collect(),
        }
    }

    /// What a part of a rule is as destinations, without cluster addresses.
    pub(super) fn ends_of_destination(&self, part: Part) -> Vec<End> {
        let ends = match part {
            Part::Services(_) | Part::Service(_) => self.ends_of_source(part, Phase::Before),
            other => return self.end(other).into_iter().collect(),
        };
        let front = ends.into_iter().filter_map(|end| match end {
            End::Behind(class) if self.of_class(class).stays => Some(End::Front(class)),
            _ => None,
        });
        front.collect()
    }

    fn end(&self, part: Part) -> Option<End> {
        Some(match part {
            Part::Workloads(labels) => End::Workloads(self.boxes.of(labels).clone()),
            Part::Addresses(ranges) => End::Addresses(self.ranges.of(ranges).clone()),
            Part::Named(named) => End::Named(named),
            Part::Services(_) | Part::Service(_) => return None,
        })
    }

    /// What a rule opens at a destination that is not a cluster address.
    pub(super) fn opens_elsewhere(&self, entry: &Entry, destination: &End, phase: Phase) -> Option<PortsAt> {
        if let End::Front(class) = destination {
            return self.ports_at(*class, true, entry, Does::Allow(phase));
        }
        let ports = match entry.opened {
            Opened::Ports(ports) => self.ports.of(ports).clone(),
            Opened::OfServices if self.goes_as_destination(entry.destination) => Intervals::of(0, u128::MAX),
            Opened::OfServices | Opened::Replaced(_) => return None,
        };
        let sure = if entry.doubts.are_none() { ports.clone() } else { Intervals::default() };
        Some(PortsAt { sure, maybe: ports, doubts: entry.doubts })
    }

    /// Whether what a part means as a destination may be gone in CLAS, apart from cluster addresses.
    pub(super) fn goes_as_destination(&self, part: Part) -> bool {
        matches!(part, Part::Named(named) if self.may_go(named))
    }

    /// Whether some of what a part means as a source may be gone in CLAS.
    pub(super) fn may_go_as_source(&self, part: Part) -> bool {
        matches!(part, Part::Services(_) | Part::Service(_)) || self.goes_as_destination(part)
    }

    pub(super) fn goes_as_source(&self, end: &End) -> bool {
        match end {
            End::Behind(class) => !self.of_class(*class).stays,
            End::Named(named) => self.may_go(*named),
            _ => false,
        }
    }

    /// Whether a part of a rule is addresses, known or not.
    pub(super) fn are_addresses(&self, part: Part) -> bool {
        match part {
            Part::Addresses(_) => true,
            Part::Named(named) => matches!(self.named.of(named), Named::Addresses(_)),
            Part::Workloads(_) | Part::Services(_) | Part::Service(_) => false,
        }
    }

    fn may_go(&self, named: u32) -> bool {
        match self.named.of(named) {
            Named::Service(_) => true,
            Named::Workload(href) => is_container_workload(href),
            _ => false,
        }
    }
}
