//! Which services no rule distinguishes, and which boxes of labels they lie in.

use std::collections::HashMap;

use super::{
    class::{Class, ClientPort},
    doubt::Doubts,
    intervals::Intervals,
    labels::{NONE, Value},
    ranges::intervals,
    space::Space,
    terms::{BoxId, ClassId},
};
use crate::policy::{
    Book,
    clients::Client,
    model::{Fate, VirtualService},
};

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
        let own = book.ports_of(service);
        let mut ports = intervals(&own);
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
            clients: Client::of(service, &own).iter().map(ClientPort::of_client).collect(),
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
