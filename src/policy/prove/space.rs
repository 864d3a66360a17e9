//! [`Space`]: everything that flows can be told apart by, as numbers: labels, addresses, named objects, and the
//! classes of services that no rule tells apart.

use std::collections::{HashMap, HashSet};

use super::{
    Phase,
    doubt::Doubts,
    entry::Part,
    intervals::Intervals,
    labels::{Key, LabelBox, NONE, Value},
    piece::End,
};
use crate::policy::{
    Book,
    model::{Actor, Condition, Fate, Kind, SecRule, ServicePort, VirtualService},
    ports::Ports,
};

/// A box of labels, as a number.
pub(super) type BoxId = u32;
/// A set of addresses, as a number.
pub(super) type RangesId = u32;
/// A set of ports, as a number.
pub(super) type PortsId = u32;
/// An object that is named and not told by labels or addresses, as a number.
pub(super) type NamedId = u32;
/// A class of services, as a number.
pub(super) type ClassId = u32;

/// How many values a key has, the missing label included; nothing where that is not known.
#[derive(Debug, Default)]
pub(super) struct Sizes(Vec<Option<usize>>);

impl Sizes {
    pub(super) fn of_key(&self, key: Key) -> Option<usize> {
        self.0.get(key as usize).copied().flatten()
    }
}

/// Things with a number each, equal ones the same.
#[derive(Debug)]
pub(super) struct Numbered<T> {
    numbers: HashMap<T, u32>,
    things: Vec<T>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self { numbers: HashMap::new(), things: Vec::new() }
    }
}

impl<T: Clone + Eq + std::hash::Hash> Numbered<T> {
    pub(super) fn number(&mut self, thing: T) -> u32 {
        if let Some(number) = self.numbers.get(&thing) {
            return *number;
        }
        let number = u32::try_from(self.things.len()).unwrap_or(u32::MAX);
        self.things.push(thing.clone());
        self.numbers.insert(thing, number);
        number
    }

    pub(super) fn of(&self, number: u32) -> &T {
        &self.things[number as usize]
    }

    pub(super) fn len(&self) -> usize {
        self.things.len()
    }
}

/// Addresses of both families.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Ranges {
    pub(super) four: Intervals,
    pub(super) six: Intervals,
}

impl Ranges {
    /// All addresses.
    pub(super) fn every() -> Self {
        Self { four: Intervals::of(0, u32::MAX.into()), six: Intervals::of(0, u128::MAX) }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.four.is_empty() && self.six.is_empty()
    }

    pub(super) fn both(&self, other: &Self) -> Self {
        Self { four: self.four.both(&other.four), six: self.six.both(&other.six) }
    }

    pub(super) fn minus(&self, other: &Self) -> Self {
        Self { four: self.four.minus(&other.four), six: self.six.minus(&other.six) }
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

/// What narrows a rule beside its boxes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Narrowed<'p> {
    /// The hrefs of the user groups that it is for; for everybody where there are none.
    pub(super) user_groups: Vec<&'p str>,
    pub(super) conditions: Vec<Condition>,
}

/// A label.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label<'p> {
    pub(super) key: Option<Key>,
    pub(super) value: &'p str,
}

/// Services that no rule tells apart.
#[derive(Debug)]
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
    /// What is not known of it.
    pub(super) doubts: Doubts,
    /// In the order of the input.
    pub(super) services: Vec<u32>,
}

/// Everything that flows can be told apart by.
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
    /// The first is none.
    pub(super) conditions: Numbered<Narrowed<'p>>,
    pub(super) services: Vec<&'p VirtualService<'p>>,
    service_numbers: HashMap<&'p str, u32>,
    pub(super) classes: Vec<Class>,
    pub(super) class_of: Vec<ClassId>,
    /// The classes whose pods some rule means as sources other than by their labels; the pods of others are workloads
    /// like any.
    pub(super) behind: Vec<ClassId>,
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

    fn class(&mut self, book: &'p Book<'p>, service: &'p VirtualService<'p>) -> Class {
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
            doubts,
            services: Vec::new(),
        }
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

/// The part of an href that is the same in draft and active.
fn plain(href: &str) -> &str {
    href.split_once("/sec_policy/").and_then(|(_, rest)| rest.split_once('/')).map_or(href, |(_, plain)| plain)
}

/// The virtual services that rules name.
fn named_services<'p>(books: &[&'p Book<'p>]) -> HashSet<&'p str> {
    let sets = books.iter().flat_map(|book| &book.policy.rule_sets);
    let actors = sets.flat_map(|set| set.all_rules().flat_map(SecRule::actors));
    let named = actors.filter(|actor: &&Actor<'_>| actor.kind == Kind::VirtualService);
    named.map(|actor| plain(&actor.object.href)).collect()
}

/// Ports as numbers: the protocol, then the port.
pub(super) fn intervals(ports: &Ports) -> Intervals {
    if *ports == Ports::every() {
        return Intervals::of(0, u128::MAX);
    }
    Intervals::union(ports.spans().filter_map(|(protocol, from, to)| {
        let protocol = u128::try_from(protocol).ok()? << 16;
        Some((protocol | u128::from(from), protocol | u128::from(to)))
    }))
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
