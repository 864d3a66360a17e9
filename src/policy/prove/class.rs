//! [`Class`]: services that no rule distinguishes.

use super::{
    doubt::Doubts,
    intervals::Intervals,
    labels::{Key, Value},
    ranges::intervals,
};
use crate::policy::clients::{Client, PortSet, Way};

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

impl PortSet for Intervals {
    fn common(&self, others: &Self) -> Self {
        self.both(others)
    }

    fn join(&mut self, others: &Self) {
        *self = self.with(others);
    }

    fn have_common(&self, others: &Self) -> bool {
        !self.both(others).is_empty()
    }

    fn hold_all(&self, others: &Self) -> bool {
        self.cover(others)
    }
}

/// A port that clients of a service use.
pub(super) type ClientPort = Client<Intervals>;

impl ClientPort {
    pub(super) fn of_client(client: &Client) -> Self {
        let Client { way, is_certain, .. } = *client;
        Self { used: intervals(&client.used), behind: intervals(&client.behind), way, is_certain }
    }

    /// Why it is not known whether a rule that names it opens what is behind it; nothing where that is known.
    pub(super) const fn doubts(&self) -> Doubts {
        match self.way {
            Way::Node => Doubts::NODE_PORT,
            _ if self.is_certain => Doubts::NOTHING,
            _ => Doubts::CLIENT_PORTS,
        }
    }
}
