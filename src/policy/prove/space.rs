//! [`Space`]: everything that flows can be distinguished by, as numbers: labels, addresses, named objects, and the
//! classes of services that no rule distinguishes.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    Phase,
    class::Class,
    intervals::Intervals,
    labels::{Key, LabelBox, NONE, Value},
    narrowed::Narrowed,
    numbered::Numbered,
    ranges::Ranges,
    terms::{ClassId, End, Part},
};
use crate::policy::{
    Book,
    book::plain,
    model::{Actor, Kind, SecRule, VirtualService},
};

/// How many values a key has, the missing label included; nothing where that is not known.
#[derive(Debug, Default)]
pub(super) struct Sizes(Vec<Option<usize>>);

impl Sizes {
    pub(super) fn of_key(&self, key: Key) -> Option<usize> {
        self.0.get(key as usize).copied().flatten()
    }
}

/// An object that is named, and not told by labels or addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Named<'p> {
    /// A workload, whose labels are not in the input.
    Workload(&'p str),
    /// Every container host.
    Hosts,
    /// A virtual server of a load balancer.
    Server(&'p str),
    /// Addresses that are not known: a DNS name, or an IP list that is not in the input.
    Addresses(&'p str),
    /// A virtual service that is not in the input.
    Service(&'p str),
}

/// What a label group holds, with the groups in it.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) key: Option<Key>,
    pub(super) values: Arc<[Value]>,
    /// Whether all of it is known.
    pub(super) is_whole: bool,
}

/// A label.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label<'p> {
    pub(super) key: Option<Key>,
    pub(super) value: &'p str,
}

/// Everything that flows can be distinguished by.
#[derive(Debug, Default)]
pub(super) struct Space<'p> {
    key_numbers: HashMap<&'p str, Key>,
    pub(super) keys: Vec<&'p str>,
    label_numbers: HashMap<&'p str, Value>,
    /// By number; the first is the missing label.
    pub(super) labels: Vec<Label<'p>>,
    pub(super) sizes: Sizes,
    pub(super) boxes: Numbered<LabelBox>,
    pub(super) ranges: Numbered<Ranges>,
    pub(super) ports: Numbered<Intervals>,
    pub(super) named: Numbered<Named<'p>>,
    /// What the label groups hold that were read, of one policy.
    pub(super) groups: HashMap<&'p str, Group>,
    /// The first is not one.
    pub(super) conditions: Numbered<Narrowed<'p>>,
    pub(super) services: Vec<&'p VirtualService<'p>>,
    service_numbers: HashMap<&'p str, u32>,
    pub(super) classes: Vec<Class>,
    pub(super) class_of: Vec<ClassId>,
    /// The classes whose pods some rule means as sources other than by their labels; the pods of others are workloads
    /// like any.
    pub(super) behind: Vec<ClassId>,
    /// The networks that workloads may have addresses of.
    pub(super) networks: Ranges,
}

impl<'p> Space<'p> {
    /// The space of a policy; of the services that a Kubelink made, only one cluster's where one is named.
    pub(super) fn of(book: &'p Book<'p>, rules_of: &[&'p Book<'p>], cluster: Option<&str>) -> Self {
        let mut space = Self::default();
        space.labels.push(Label { key: None, value: "" });
        space.conditions.number(Narrowed::default());
        for label in rules_of.iter().chain([&book]).flat_map(|book| book.policy.labels.iter().flatten()) {
            space.label(book, &label.href);
        }
        if book.policy.labels.is_some() {
            space.count_values();
        }
        let is_meant = |service: &VirtualService<'_>| {
            let of = service.cluster();
            cluster.is_none() || of.is_none() || of == cluster
        };
        let named = named_services(rules_of);
        let mut classes = HashMap::new();
        let services = book.policy.virtual_services.iter().flatten().filter(|service| is_meant(service));
        for (number, service) in (0..).zip(services) {
            let class = space.class(book, service);
            let own = named.contains(plain(&service.href)).then_some(number);
            let next = u32::try_from(space.classes.len()).unwrap_or(u32::MAX);
            let key =
                (class.labels.clone(), class.ports.clone(), class.clients.clone(), service.fate(), class.doubts, own);
            let id = *classes.entry(key).or_insert(next);
            if id == next {
                space.classes.push(class);
            }
            space.classes[id as usize].services.push(number);
            space.class_of.push(id);
            space.services.push(service);
            space.service_numbers.insert(plain(&service.href), number);
        }
        space
    }

    fn count_values(&mut self) {
        let mut sizes = vec![Some(1); self.keys.len()];
        for label in &self.labels {
            if let Some(size) = label.key.and_then(|key| sizes[key as usize].as_mut()) {
                *size += 1;
            }
        }
        self.sizes = Sizes(sizes);
    }

    /// The number of a label by its href; nothing where it is not known what label that is.
    pub(super) fn label(&mut self, book: &'p Book<'p>, href: &'p str) -> Option<(Key, Value)> {
        if let Some(number) = self.label_numbers.get(href) {
            return self.labels[*number as usize].key.map(|key| (key, *number));
        }
        let known = book.label_id(href).map(|id| book.label(id));
        let key = known.map(|label| label.key).filter(|key| !key.is_empty()).map(|key| self.key(key));
        let number = Value::try_from(self.labels.len()).unwrap_or(NONE);
        self.labels.push(Label { key, value: known.map_or(href, |label| label.value) });
        self.label_numbers.insert(href, number);
        // a label that the list of labels does not hold: the list is not whole
        if let Some(size) = key.and_then(|key| self.sizes.0.get_mut(key as usize)) {
            *size = None;
        }
        key.map(|key| (key, number))
    }

    /// The number of a label that was seen before.
    pub(super) fn known_label(&self, href: &str) -> Option<(Key, Value)> {
        let number = *self.label_numbers.get(href)?;
        Some((self.labels[number as usize].key?, number))
    }

    /// The number of a label by its words.
    pub(super) fn label_named(&self, key: &str, value: &str) -> Option<(Key, Value)> {
        let key = self.known_key(key)?;
        let at = self.labels.iter().position(|label| label.key == Some(key) && label.value == value)?;
        Some((key, Value::try_from(at).ok()?))
    }

    pub(super) fn known_key(&self, key: &str) -> Option<Key> {
        self.key_numbers.get(key).copied()
    }

    pub(super) fn key(&mut self, key: &'p str) -> Key {
        let next = Key::try_from(self.keys.len()).unwrap_or(Key::MAX);
        let number = *self.key_numbers.entry(key).or_insert(next);
        if number == next {
            self.keys.push(key);
        }
        number
    }

    /// Tells the pods behind services apart that these sources mean.
    pub(super) fn tell_apart(&mut self, sources: impl Iterator<Item = Part>) {
        let mut behind = std::mem::take(&mut self.behind);
        for part in sources.filter(|part| matches!(part, Part::Services(_) | Part::Service(_))) {
            behind.extend(self.ends_of_source(part, Phase::Before).into_iter().filter_map(|end| match end {
                End::Behind(class) => Some(class),
                _ => None,
            }));
        }
        behind.sort_unstable();
        behind.dedup();
        self.behind = behind;
    }

    /// The service of an href, if it is of the cluster that is asked about.
    pub(super) fn service(&self, href: &str) -> Option<u32> {
        self.service_numbers.get(plain(href)).copied()
    }

    pub(super) fn class_of(&self, service: u32) -> ClassId {
        self.class_of[service as usize]
    }

    pub(super) fn of_class(&self, class: ClassId) -> &Class {
        &self.classes[class as usize]
    }
}

/// The virtual services that rules name.
fn named_services<'p>(books: &[&'p Book<'p>]) -> HashSet<&'p str> {
    let sets = books.iter().flat_map(|book| &book.policy.rule_sets);
    let actors = sets.flat_map(|set| set.all_rules().flat_map(SecRule::actors));
    let named = actors.filter(|actor: &&Actor<'_>| actor.kind == Kind::VirtualService);
    named.map(|actor| plain(&actor.object.href)).collect()
}
