//! [`Class`]: services that no rule tells apart.

use std::collections::{HashMap, HashSet};

use super::{
    doubt::Doubts,
    intervals::Intervals,
    labels::{Key, NONE, Value},
    ranges::intervals,
    space::Space,
    terms::{BoxId, ClassId},
};
use crate::policy::{
    Book,
    model::{Fate, ServicePort, VirtualService},
};

/// Services that no rule tells apart.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Class {
    /// In order of their keys.
    pub(super) labels: Vec<(Key, Value)>,
    pub(super) ports: Intervals,
    /// The ports that its clients use, each with those behind it.
    pub(super) clients: Vec<(Intervals, Intervals)>,
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

impl<'p> Space<'p> {
    pub(super) fn class(&mut self, book: &'p Book<'p>, service: &'p VirtualService<'p>) -> Class {
        let mut doubts = Doubts::default();
        let mut labels = Vec::new();
        for label in &service.labels {
            match self.label(book, &label.href) {
                Some(label) => labels.push(label),
                None => doubts.add(Doubts::LABELS_OF_SERVICE),
            }
        }
        labels.sort_unstable();
        labels.dedup();
        let mut ports = intervals(&book.ports_of(service));
        if ports.is_empty() {
            doubts.add(Doubts::PORTS_OF_SERVICE);
            ports = Intervals::of(0, u128::MAX);
        }
        let fate = service.fate();
        let kind = service.k8s_service_info.as_ref().map_or("", |info| &*info.service_type);
        if fate == Fate::CannotTell && !kind.is_empty() {
            doubts.add(Doubts::TYPE_OF_SERVICE);
        }
        Class {
            clients: clients(service, &ports),
            labels,
            ports,
            has_cluster_address: fate != Fate::MadeByHand,
            stays: fate != Fate::Goes,
            has_way_from_outside: fate == Fate::Stays,
            has_no_type: fate == Fate::CannotTell && kind.is_empty(),
            doubts,
            services: Vec::new(),
        }
    }

    /// Each of some boxes with the classes whose labels lie in it, by class.
    pub(super) fn boxes_of_classes(&self, boxes: impl Iterator<Item = BoxId>) -> Vec<Vec<BoxId>> {
        let mut by_label: HashMap<Value, Vec<ClassId>> = HashMap::new();
        for (id, class) in (0..).zip(&self.classes) {
            for (_, value) in &class.labels {
                by_label.entry(*value).or_default().push(id);
            }
        }
        let every: Vec<ClassId> = (0..).zip(&self.classes).map(|(id, _)| id).collect();
        let vague: Vec<ClassId> =
            every.iter().copied().filter(|id| self.of_class(*id).doubts.has(Doubts::LABELS_OF_SERVICE)).collect();
        let mut found = vec![Vec::new(); self.classes.len()];
        let mut candidates = Vec::new();
        for number in boxes {
            let wanted = self.boxes.of(number);
            let of_values = |values: &[Value]| values.iter().map(|value| by_label.get(value).map_or(0, Vec::len)).sum();
            let named = wanted.keys().iter().filter_map(|(_, values)| values.named());
            let narrow =
                named.filter(|values| !values.contains(&NONE)).min_by_key(|values| -> usize { of_values(values) });
            candidates.clear();
            match narrow {
                None => candidates.extend_from_slice(&every),
                Some(values) => {
                    candidates.extend(values.iter().filter_map(|value| by_label.get(value)).flatten());
                    candidates.extend_from_slice(&vague);
                    candidates.sort_unstable();
                    candidates.dedup();
                }
            }
            for id in &candidates {
                let class = self.of_class(*id);
                if class.doubts.has(Doubts::LABELS_OF_SERVICE) || wanted.holds(&class.labels) {
                    found[*id as usize].push(number);
                }
            }
        }
        found
    }
}

/// The ports that clients of a service use, each with the ports behind it: one by one where there are as many of them,
/// otherwise each may be any.
fn clients(service: &VirtualService<'_>, ports: &Intervals) -> Vec<(Intervals, Intervals)> {
    let of_kubernetes = service.k8s_service_info.iter().flat_map(|info| &info.consumer_ports);
    let listed: Vec<i64> = if service.consumer_ports.is_empty() {
        of_kubernetes.copied().collect()
    } else {
        service.consumer_ports.clone()
    };
    let number = |protocol: u128, port: i64| {
        let number = u16::try_from(port).ok().map(|port| protocol << 16 | u128::from(port));
        number.map_or_else(Intervals::default, |number| Intervals::of(number, number))
    };
    if listed.len() == service.service_ports.len() && service.service.is_none() {
        let behind = service.service_ports.iter().map(|port| intervals(&ServicePort::all(std::slice::from_ref(port))));
        let each = listed.iter().zip(behind).map(|(port, behind)| {
            let protocol = behind.first().map_or(6, |first| first >> 16);
            (number(protocol, *port), behind)
        });
        return each.collect();
    }
    // a number that is a port behind the service, too, stands for that port
    let is_behind = |port: &i64| {
        let runs = ports.runs().filter(|(from, to)| from >> 16 == to >> 16);
        u128::try_from(*port)
            .is_ok_and(|port| runs.into_iter().any(|(from, to)| (from & 0xffff..=to & 0xffff).contains(&port)))
    };
    let all: HashSet<i64> = listed.into_iter().chain(service.client_ports()).filter(|port| !is_behind(port)).collect();
    let mut all: Vec<i64> = all.into_iter().collect();
    all.sort_unstable();
    let mut protocols: Vec<u128> = ports.runs().map(|(from, _)| from >> 16).collect();
    protocols.dedup();
    let each = all.into_iter().map(|port| {
        (
            protocols.iter().fold(Intervals::default(), |found, protocol| found.with(&number(*protocol, port))),
            ports.clone(),
        )
    });
    each.collect()
}
