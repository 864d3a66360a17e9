//! What a [`Comparison`] says of its services, for flows that were seen.

use std::collections::BTreeSet;

use super::{
    Comparison,
    intervals::Intervals,
    labels::{Key, Value},
};
use crate::policy::model::VirtualService;

impl<'p> Comparison<'p> {
    /// The services with their numbers.
    pub(in crate::policy) fn numbered_services(&self) -> impl Iterator<Item = (u32, &'p VirtualService<'p>)> {
        (0..).zip(self.space.services.iter().copied())
    }

    /// The keys of labels by which rules and services are distinguished.
    pub(in crate::policy) fn keys_of_labels(&self) -> BTreeSet<&'p str> {
        let of_boxes = (0..).take(self.space.boxes.len()).flat_map(|id| self.space.boxes.of(id).keys());
        let of_services = self.space.classes.iter().flat_map(|class| &class.labels);
        let keys = of_boxes.map(|(key, _)| *key).chain(of_services.map(|(key, _)| *key));
        keys.map(|key| self.space.keys[key as usize]).collect()
    }

    pub(in crate::policy) fn labels_of_service(&self, service: u32) -> &[(Key, Value)] {
        &self.space.of_class(self.space.class_of(service)).labels
    }

    pub(in crate::policy) fn stays(&self, service: u32) -> bool {
        self.space.of_class(self.space.class_of(service)).stays
    }

    pub(in crate::policy) fn has_cluster_address(&self, service: u32) -> bool {
        self.space.of_class(self.space.class_of(service)).has_cluster_address
    }

    pub(in crate::policy) fn has_port(&self, service: u32, protocol: u8, port: u16) -> bool {
        let number = u128::from(protocol) << 16 | u128::from(port);
        self.space.of_class(self.space.class_of(service)).ports.hold(number)
    }

    /// The ports behind a service that a port of its clients leads to.
    pub(in crate::policy) fn ports_behind(&self, service: u32, protocol: u8, port: u16) -> Vec<u16> {
        const FEW: usize = 16;
        let class = self.space.of_class(self.space.class_of(service));
        let number = u128::from(protocol) << 16 | u128::from(port);
        let of_clients = class.clients.iter().filter(|client| client.used.hold(number)).map(|client| &client.behind);
        let single = |behind: &Intervals| -> Vec<u16> {
            let of_protocol = behind.runs().filter(|(from, to)| from == to && from >> 16 == u128::from(protocol));
            of_protocol.filter_map(|(from, _)| u16::try_from(from & 0xffff).ok()).take(FEW).collect()
        };
        let found: Vec<u16> = of_clients.flat_map(single).collect();
        if found.is_empty() && class.ports.hold(number) { vec![port] } else { found }
    }

    pub(in crate::policy) fn label_in_words(&self, key: Key, value: Value) -> String {
        self.space.value_in_words(key, value)
    }
}
