//! [`Index`]: the entries of both models by where they lead.

use std::collections::HashMap;

use super::{
    Phase,
    entry::{Entries, Entry},
    labels::{Key, NONE, Value},
    ports_at::Does,
    service::{AtService, Denied},
    space::Space,
    terms::{BoxId, ClassId, Part},
};

/// Entries by their destination, as numbers.
#[derive(Debug)]
pub(super) struct Lists {
    pub(super) allows: HashMap<Part, Vec<u32>>,
    pub(super) denies: HashMap<Part, Vec<u32>>,
    /// The destinations of denies that are addresses.
    pub(super) denied_addresses: Vec<Part>,
}

impl Lists {
    fn of(entries: &Entries<'_>) -> Self {
        let listed = |entries: &[Entry]| {
            let mut by_destination: HashMap<Part, Vec<u32>> = HashMap::new();
            for (number, entry) in (0..).zip(entries) {
                by_destination.entry(entry.destination).or_default().push(number);
            }
            by_destination
        };
        let denies = listed(&entries.denies);
        let mut denied_addresses: Vec<Part> =
            denies.keys().filter(|part| matches!(part, Part::Addresses(_) | Part::Named(_))).copied().collect();
        denied_addresses.sort_unstable();
        Self { allows: listed(&entries.allows), denies, denied_addresses }
    }
}

/// The entries of both models by where they lead.
#[derive(Debug)]
pub(super) struct Index<'m, 'p> {
    pub(super) space: &'m Space<'p>,
    entries: [&'m Entries<'p>; 2],
    lists: [Lists; 2],
    /// Whether both models have the same rules.
    pub(super) has_same_rules: bool,
}

impl<'m, 'p> Index<'m, 'p> {
    pub(super) fn of(space: &'m Space<'p>, entries: [&'m Entries<'p>; 2], has_same_rules: bool) -> Self {
        Self { space, entries, lists: entries.map(Lists::of), has_same_rules }
    }

    pub(super) fn entries(&self, phase: Phase) -> &'m Entries<'p> {
        self.entries[phase as usize]
    }

    pub(super) fn lists(&self, phase: Phase) -> &Lists {
        &self.lists[phase as usize]
    }

    /// The boxes of labels of all destinations.
    fn boxes(&self) -> Vec<BoxId> {
        let parts = self.lists.iter().flat_map(|lists| lists.allows.keys().chain(lists.denies.keys()));
        let boxes = parts.filter_map(|part| match part {
            Part::Workloads(labels) | Part::Services(labels) => Some(*labels),
            _ => None,
        });
        let mut boxes: Vec<BoxId> = boxes.collect();
        boxes.sort_unstable();
        boxes.dedup();
        boxes
    }

    /// The boxes of destinations that each class lies in.
    pub(super) fn boxes_of_classes(&self) -> Vec<Vec<BoxId>> {
        self.space.boxes_of_classes(self.boxes().into_iter())
    }

    /// The boxes of destinations by a label that they ask for; under the missing label those that ask for none.
    pub(super) fn boxes_by_label(&self) -> HashMap<Value, Vec<BoxId>> {
        let mut by_label: HashMap<Value, Vec<BoxId>> = HashMap::new();
        for number in self.boxes() {
            let named = self.space.boxes.of(number).keys().iter().filter_map(|(_, values)| values.named());
            let narrow = named.filter(|values| !values.contains(&NONE)).min_by_key(|values| values.len());
            for value in narrow.unwrap_or(&[NONE]) {
                by_label.entry(*value).or_default().push(number);
            }
        }
        by_label
    }

    /// The parts of rules that lead to workloads with these labels.
    pub(super) fn parts_to(&self, labels: &[(Key, Value)], by_label: &HashMap<Value, Vec<BoxId>>) -> Vec<Part> {
        let values = labels.iter().map(|(_, value)| *value).chain([NONE]);
        let boxes = values.filter_map(|value| by_label.get(&value)).flatten();
        boxes
            .filter(|number| self.space.boxes.of(**number).holds(labels))
            .map(|number| Part::Workloads(*number))
            .collect()
    }

    /// How many entries may reach a service by its cluster address, in one model.
    pub(super) fn number_at(&self, class: ClassId, boxes: &[BoxId], phase: Phase) -> u64 {
        let lists = self.lists(phase);
        let number = |part| lists.allows.get(&part).map_or(0, Vec::len) + lists.denies.get(&part).map_or(0, Vec::len);
        let by_label = boxes.iter().flat_map(|labels| [Part::Workloads(*labels), Part::Services(*labels)]);
        let by_name = self.space.of_class(class).services.iter().map(|service| Part::Service(*service));
        let by_address = lists.denied_addresses.iter().copied();
        by_label.chain(by_name).chain(by_address).map(number).sum::<usize>() as u64
    }

    /// What reaches a service by its cluster address.
    pub(super) fn at_service(&self, class: ClassId, boxes: &[BoxId], phase: Phase) -> AtService {
        let space = self.space;
        let (entries, lists) = (self.entries(phase), self.lists(phase));
        let mut at_service = AtService::in_phase(phase);
        let by_label = boxes.iter().flat_map(|labels| [Part::Workloads(*labels), Part::Services(*labels)]);
        let by_name = space.of_class(class).services.iter().map(|service| Part::Service(*service));
        for part in by_label.chain(by_name).chain(lists.denied_addresses.iter().copied()) {
            for number in lists.allows.get(&part).into_iter().flatten() {
                let entry = &entries.allows[*number as usize];
                if let Some(at) = space.ports_at(class, false, entry, Does::Allow(phase)) {
                    at_service.add(*number, entry, at);
                }
            }
            for number in lists.denies.get(&part).into_iter().flatten() {
                let entry = &entries.denies[*number as usize];
                if let Some(at) = space.ports_at(class, false, entry, Does::Deny(phase)) {
                    at_service.denies.push(Denied::of(entry, at));
                }
            }
        }
        at_service
    }
}
