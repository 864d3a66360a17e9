//! [`Piece`]: a box of flows, and what is left of it once a rule is removed.

use super::{
    Phase,
    doubt::Doubts,
    entry::Entry,
    intervals::Intervals,
    labels::LabelBox,
    ports_at::{Does, PortsAt},
    ranges::Ranges,
    space::{Named, Space},
    terms::{ClassId, End, NamedId, Opened, Part},
};

/// A box of flows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) source: End,
    pub(super) destination: End,
    pub(super) ports: Intervals,
}

/// What an end and a part of a rule have in common.
pub(super) struct Common {
    both: End,
    /// What of the end is not in the part.
    rest: Vec<End>,
    /// Why the part may hold less.
    pub(super) doubts: Doubts,
}

impl Space<'_> {
    /// The parts of a piece that a rule leaves, with why it may leave more. Nothing where it touches none of it.
    pub(super) fn without(&self, piece: &Piece, entry: &Entry, does: Does) -> Option<(Vec<Piece>, Doubts)> {
        let source = self.common_source(&piece.source, entry.source, does.phase())?;
        let (destination, at) = self.common_destination(&piece.destination, entry, does)?;
        let doubts = entry.doubts.with(source.doubts).with(destination.doubts).with(at.doubts);
        Some((cut(piece, source, destination, &at.maybe)?, doubts))
    }

    /// The same for what a rule opens at the destination of the piece.
    pub(super) fn without_source(
        &self,
        piece: &Piece,
        part: Part,
        ports: &Intervals,
        phase: Phase,
    ) -> Option<(Vec<Piece>, Doubts)> {
        let source = self.common_source(&piece.source, part, phase)?;
        let doubts = source.doubts;
        let destination = Common::whole(piece.destination.clone());
        Some((cut(piece, source, destination, ports)?, doubts))
    }

    /// What sources have in common with a part of a rule.
    fn common_source(&self, end: &End, part: Part, phase: Phase) -> Option<Common> {
        let found = match (end, part) {
            (End::Behind(class), Part::Workloads(labels)) => self.common_labels(*class, labels)?,
            (End::Behind(class), Part::Services(labels)) if self.is_virtual_service(*class, phase) => {
                self.common_labels(*class, labels)?
            }
            (End::Behind(class), Part::Service(service))
                if self.is_virtual_service(*class, phase) && self.class_of(service) == *class =>
            {
                Common::whole(end.clone())
            }
            _ => self.common(end, part, phase).or_else(|| self.common_by_address(end, part))?,
        };
        Some(found)
    }

    /// What workloads have in common with addresses: they have addresses, too, and which ones is not in the input.
    fn common_by_address(&self, end: &End, part: Part) -> Option<Common> {
        let are_workloads = match end {
            End::Workloads(_) | End::Behind(_) => true,
            End::Named(named) => matches!(self.named.of(*named), Named::Workload(_) | Named::Hosts),
            End::Addresses(_) | End::Cluster(_) | End::Front(_) => false,
        };
        let may_be_held = are_workloads && self.may_hold_workloads(part);
        may_be_held.then(|| Common { doubts: Doubts::HELD, ..Common::whole(end.clone()) })
    }

    /// Whether a part of a rule may hold addresses of workloads, or of services.
    pub(super) fn may_hold_workloads(&self, part: Part) -> bool {
        match part {
            Part::Addresses(ranges) => !self.ranges.of(ranges).both(&self.networks).is_empty(),
            Part::Named(named) => matches!(self.named.of(named), Named::Addresses(_)),
            Part::Workloads(_) | Part::Services(_) | Part::Service(_) => false,
        }
    }

    /// Whether a service is a virtual service whose pods a rule can mean as sources.
    fn is_virtual_service(&self, class: ClassId, phase: Phase) -> bool {
        phase == Phase::Before || self.of_class(class).stays
    }

    /// What a class has in common with labels: all of it, or nothing.
    pub(super) fn common_labels(&self, class: ClassId, labels: u32) -> Option<Common> {
        let (known, wanted) = (self.of_class(class), self.boxes.of(labels));
        let is_vague = known.doubts.has(Doubts::LABELS_OF_SERVICE) && !wanted.keys().is_empty();
        let doubts = if is_vague { Doubts::LABELS_OF_SERVICE } else { Doubts::default() };
        let end = End::Behind(class);
        (is_vague || wanted.holds(&known.labels)).then(|| Common { both: end, rest: Vec::new(), doubts })
    }

    /// What workloads, addresses and named objects have in common with a part of a rule, on either side.
    fn common(&self, end: &End, part: Part, phase: Phase) -> Option<Common> {
        match (end, part) {
            (End::Workloads(own), Part::Workloads(labels)) => self.common_workloads(own, self.boxes.of(labels)),
            (End::Addresses(own), Part::Addresses(ranges)) => common_addresses(own, self.ranges.of(ranges)),
            (End::Named(own), Part::Named(named)) if *own == named => self.remaining_object(end, *own, phase),
            (End::Named(own), Part::Workloads(labels)) => {
                let is_workload = matches!(self.named.of(*own), Named::Workload(_) | Named::Hosts);
                let is_every = self.boxes.of(labels).keys().is_empty();
                let doubts = if is_every { Doubts::NOTHING } else { Doubts::NAMED };
                is_workload.then(|| Common { doubts, ..Common::whole(end.clone()) })
            }
            (End::Named(own), Part::Addresses(_)) => {
                let are_addresses = matches!(self.named.of(*own), Named::Addresses(_));
                are_addresses.then(|| Common { doubts: Doubts::ADDRESSES, ..Common::whole(end.clone()) })
            }
            _ => None,
        }
    }

    /// An object that a rule names, in one of the models.
    fn remaining_object(&self, end: &End, named: NamedId, phase: Phase) -> Option<Common> {
        let whole = Common::whole(end.clone());
        match self.named.of(named) {
            Named::Service(_) if phase == Phase::After => Some(Common { doubts: Doubts::SERVICE, ..whole }),
            Named::Workload(href) if phase == Phase::After && is_container_workload(href) => None,
            _ => Some(whole),
        }
    }

    /// What destinations have in common with those of a rule, and the ports that it opens there.
    fn common_destination(&self, end: &End, entry: &Entry, does: Does) -> Option<(Common, PortsAt)> {
        let raw = || match entry.opened {
            Opened::Ports(ports) => Some(PortsAt::known(self.ports.of(ports).clone())),
            Opened::OfServices | Opened::Replaced(_) => None,
        };
        match end {
            End::Cluster(class) | End::Front(class) => {
                let at = self.ports_at(*class, matches!(end, End::Front(_)), entry, does)?;
                Some((Common::whole(end.clone()), at))
            }
            End::Named(named) if matches!(self.named.of(*named), Named::Service(_)) => {
                let common = self.common(end, entry.destination, does.phase())?;
                if matches!(entry.opened, Opened::Replaced(_)) {
                    return None;
                }
                Some((common, raw().unwrap_or_else(|| PortsAt::known(Intervals::of(0, u128::MAX)))))
            }
            _ => {
                let part = entry.destination;
                // what a rule allows to addresses leaves the sources alone, and enters no workload
                let by_address = || self.common_by_address(end, part).filter(|_| matches!(does, Does::Deny(_)));
                Some((self.common(end, part, does.phase()).or_else(by_address)?, raw()?))
            }
        }
    }
}

/// A Container Workload is an object of the legacy model.
pub(super) fn is_container_workload(href: &str) -> bool {
    href.contains("/container_workloads/")
}

impl Common {
    const fn whole(end: End) -> Self {
        Self { both: end, rest: Vec::new(), doubts: Doubts::NOTHING }
    }
}

/// What is left of a piece without what lies in both ends on some ports.
fn cut(piece: &Piece, source: Common, destination: Common, ports: &Intervals) -> Option<Vec<Piece>> {
    let left = piece.ports.minus(ports);
    if left == piece.ports {
        return None;
    }
    let mut pieces = Vec::with_capacity(source.rest.len() + destination.rest.len() + 1);
    let of = |source: End, destination: End, ports: &Intervals| Piece { source, destination, ports: ports.clone() };
    pieces.extend(source.rest.into_iter().map(|rest| of(rest, piece.destination.clone(), &piece.ports)));
    pieces.extend(destination.rest.into_iter().map(|rest| of(source.both.clone(), rest, &piece.ports)));
    if !left.is_empty() {
        pieces.push(of(source.both, destination.both, &left));
    }
    Some(pieces)
}

impl Space<'_> {
    /// A piece without another, as pieces that do not overlap.
    pub(super) fn without_piece(&self, piece: Piece, other: &Piece) -> Vec<Piece> {
        let ends = self
            .common_ends(&piece.source, &other.source)
            .zip(self.common_ends(&piece.destination, &other.destination));
        match ends.and_then(|(source, destination)| cut(&piece, source, destination, &other.ports)) {
            Some(pieces) => pieces,
            None => vec![piece],
        }
    }

    /// Whether two pieces have something in common.
    pub(super) fn meet(&self, piece: &Piece, other: &Piece) -> bool {
        self.common_ends(&piece.source, &other.source).is_some()
            && self.common_ends(&piece.destination, &other.destination).is_some()
            && !piece.ports.both(&other.ports).is_empty()
    }

    /// Whether a piece is of addresses, and the sources of the other are workloads that may have them.
    pub(super) fn may_meet_by_address(&self, piece: &Piece, other: &Piece) -> bool {
        let may_be = match &piece.source {
            End::Addresses(held) => !held.both(&self.networks).is_empty(),
            End::Named(named) => matches!(self.named.of(*named), Named::Addresses(_)),
            _ => false,
        };
        may_be
            && matches!(other.source, End::Workloads(_) | End::Behind(_))
            && self.common_ends(&piece.destination, &other.destination).is_some()
            && !piece.ports.both(&other.ports).is_empty()
    }

    fn common_ends(&self, own: &End, other: &End) -> Option<Common> {
        match (own, other) {
            (End::Workloads(own), End::Workloads(other)) => self.common_workloads(own, other),
            (End::Addresses(own), End::Addresses(other)) => common_addresses(own, other),
            (own, other) => (own == other).then(|| Common::whole(own.clone())),
        }
    }

    fn common_workloads(&self, own: &LabelBox, other: &LabelBox) -> Option<Common> {
        let both = End::Workloads(own.both(other, &self.sizes)?);
        let rest = own.minus(other, &self.sizes).into_iter().map(End::Workloads).collect();
        Some(Common { both, rest, doubts: Doubts::NOTHING })
    }
}

fn common_addresses(own: &Ranges, other: &Ranges) -> Option<Common> {
    let (both, rest) = (own.both(other), own.minus(other));
    let rest = if rest.is_empty() { Vec::new() } else { vec![End::Addresses(rest)] };
    (!both.is_empty()).then_some(Common { both: End::Addresses(both), rest, doubts: Doubts::NOTHING })
}
