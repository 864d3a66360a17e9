//! What rules and flows are made of, as numbers and small parts: [`Part`] of a rule, [`End`] of a piece of flows.

use super::{labels::LabelBox, ranges::Ranges};

/// A box of labels, as a number.
pub(super) type BoxId = u32;
/// A set of addresses, as a number.
pub(super) type RangesId = u32;
/// A set of ports, as a number.
pub(super) type PortsId = u32;
/// An object that is named and not distinguished by labels or addresses, as a number.
pub(super) type NamedId = u32;
/// A class of services, as a number.
pub(super) type ClassId = u32;

/// A rule, as a number.
pub(super) type RuleId = u32;

/// What a part of a side of a rule means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Part {
    /// Workloads by their labels.
    Workloads(BoxId),
    /// Virtual services by their labels.
    Services(BoxId),
    /// One virtual service.
    Service(u32),
    /// Addresses of IP lists.
    Addresses(RangesId),
    /// One object, or some that are not distinguished.
    Named(NamedId),
}

/// What a rule opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Opened {
    /// It names no port: those of the virtual services it reaches.
    OfServices,
    /// These.
    Ports(PortsId),
    /// Those by which CLAS replaces these at a service, and nothing elsewhere.
    Replaced(PortsId),
}

/// Some sources, or some destinations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Workloads by their labels.
    Workloads(LabelBox),
    /// Addresses of no workload.
    Addresses(Ranges),
    /// An object that is named.
    Named(NamedId),
    /// The pods behind a service, as sources.
    Behind(ClassId),
    /// A service by its cluster address, with the pods behind it.
    Cluster(ClassId),
    /// A service that is a virtual service in both models: by its node port or load balancer, or made by hand.
    Front(ClassId),
}
