//! [`Class`]: services that no rule distinguishes.

use super::{
    doubt::Doubts,
    intervals::Intervals,
    labels::{Key, Value},
    ranges::intervals,
};
use crate::policy::clients::{Client, Way};

/// Services that no rule distinguishes.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Class {
    /// In order of their keys.
    pub(super) labels: Vec<(Key, Value)>,
    pub(super) ports: Intervals,
    /// The ports that its clients use.
    pub(super) clients: Vec<ClientPort>,
    /// Whether it has a cluster address, which is a Kubernetes Workload in CLAS.
    pub(super) has_cluster_address: bool,
    /// Whether it is a virtual service in CLAS, too: for callers from outside, or made by hand.
    pub(super) stays: bool,
    /// Whether callers from outside have another way to it, so that only pods call its cluster address.
    pub(super) has_way_from_outside: bool,
    /// Whether that is not known, since its type is not told.
    pub(super) has_no_type: bool,
    /// What is not known of it.
    pub(super) doubts: Doubts,
    /// In the order of the input.
    pub(super) services: Vec<u32>,
}

/// A port that clients of a service use.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ClientPort {
    pub(super) used: Intervals,
    /// The ports behind it, of which it leads to one.
    pub(super) behind: Intervals,
    /// Why it is not known whether a rule that names it opens these; nothing where that is known.
    pub(super) doubts: Doubts,
}

impl ClientPort {
    pub(super) fn of(client: &Client) -> Self {
        let doubts = match client.way {
            Way::Node => Doubts::NODE_PORT,
            _ if client.is_certain => Doubts::NOTHING,
            _ => Doubts::CLIENT_PORTS,
        };
        Self { used: intervals(&client.used), behind: intervals(&client.behind), doubts }
    }
}
