//! [`Reader`]: sides of rules as boxes.

use std::collections::{BTreeMap, HashSet};

use super::{
    doubt::Doubts,
    labels::{Key, LabelBox, NONE, Value, Values},
    ranges::Ranges,
    space::{Group, Named, Space},
    terms::Part,
};
use crate::policy::{
    Book,
    model::{Actor, Kind, LabelGroup, Uses},
};

/// Reads sides of rules.
pub(super) struct Reader<'r, 'p> {
    pub(super) book: &'p Book<'p>,
    pub(super) space: &'r mut Space<'p>,
}

/// The values of each key that are asked for, and those that are left out.
#[derive(Default)]
struct Asked {
    by_key: BTreeMap<Key, (Option<Vec<Value>>, Vec<Value>)>,
    /// Keys of which any label is asked for.
    any: Vec<Key>,
    /// Keys of which not all that is asked for is known.
    vague: Vec<Key>,
    /// Whether a label is asked for whose key is not known: it may be one more of any key.
    is_open: bool,
    doubts: Doubts,
}

impl<'p> Reader<'_, 'p> {
    /// The parts of a side within a scope, each with what is not known of it.
    pub(super) fn side(&mut self, actors: &'p [Actor<'p>], uses: Uses, scope: &'p [Actor<'p>]) -> Vec<(Part, Doubts)> {
        let mut parts = Vec::new();
        if actors.iter().any(|actor| actor.kind.is_by_label()) {
            let is_every = actors.iter().any(|actor| actor.kind == Kind::AllWorkloads);
            let (own, mut doubts) = self.labels(if is_every { &[] } else { actors });
            let (within, scope_doubts) = self.labels(scope);
            doubts.add(scope_doubts);
            if !scope.iter().all(|actor| actor.kind.is_of_scope()) {
                doubts.add(Doubts::ACTOR);
            }
            let both = own.zip(within).and_then(|(own, within)| own.both(&within, &self.space.sizes));
            if let Some(labels) = both {
                let number = self.space.boxes.number(labels);
                if uses.workloads {
                    parts.push((Part::Workloads(number), doubts));
                }
                if uses.virtual_services {
                    parts.push((Part::Services(number), doubts));
                }
            }
        }
        let mut addresses = Ranges::default();
        for actor in actors {
            let href = &*actor.object.href;
            let named = match actor.kind {
                Kind::IpList => {
                    self.ip_list(href, &mut addresses, &mut parts);
                    continue;
                }
                Kind::VirtualService => match self.space.service(href) {
                    Some(service) => {
                        parts.push((Part::Service(service), Doubts::default()));
                        continue;
                    }
                    // of another cluster: not asked about
                    None if self.book.virtual_service(href).is_some() => continue,
                    None => Named::Service(href),
                },
                Kind::Workload => Named::Workload(href),
                Kind::ContainerHosts => Named::Hosts,
                Kind::VirtualServer => Named::Server(href),
                Kind::Other => {
                    parts.extend(self.anything(Doubts::ACTOR));
                    continue;
                }
                _ => continue,
            };
            parts.push((Part::Named(self.space.named.number(named)), Doubts::default()));
        }
        if !addresses.is_empty() {
            parts.push((Part::Addresses(self.space.ranges.number(addresses)), Doubts::default()));
        }
        parts
    }

    /// The parts of a side that is everything but what it names, where it is so. That is known of sources that are
    /// addresses only: destinations may be services, too.
    pub(super) fn turned(&mut self, parts: Vec<(Part, Doubts)>, is_left_out: bool) -> Vec<(Part, Doubts)> {
        if !is_left_out {
            return parts;
        }
        let every = Ranges::every();
        if let [] | [(Part::Addresses(_), _)] = parts[..] {
            let named = parts.first().map(|(part, _)| *part);
            let named = named.and_then(|part| if let Part::Addresses(id) = part { Some(id) } else { None });
            let rest = named.map_or(every.clone(), |id| every.minus(self.space.ranges.of(id)));
            return vec![(Part::Addresses(self.space.ranges.number(rest)), Doubts::default())];
        }
        self.anything(Doubts::LEFT_OUT).into()
    }

    /// All that may be meant where it is not known what is.
    pub(super) fn anything(&mut self, doubts: Doubts) -> [(Part, Doubts); 3] {
        let labels = self.space.boxes.number(LabelBox::default());
        let addresses = self.space.ranges.number(Ranges::every());
        [Part::Workloads(labels), Part::Services(labels), Part::Addresses(addresses)].map(|part| (part, doubts))
    }

    /// The box that labels and label groups ask for; nothing where they leave nothing. Where not all of a key is known,
    /// it asks for less, and says so.
    fn labels(&mut self, actors: &'p [Actor<'p>]) -> (Option<LabelBox>, Doubts) {
        let mut asked = Asked::default();
        for actor in actors {
            match actor.kind {
                Kind::Label => {
                    let label = self.space.label(self.book, &actor.object.href);
                    asked.add(label.map(|(key, value)| (key, vec![value])), actor.is_exclusion);
                }
                Kind::LabelGroup => {
                    let group = self.group(&actor.object.href, &mut asked);
                    asked.add(group, actor.is_exclusion);
                }
                Kind::LabelDimension => {
                    let key = self.space.key(&actor.object.href);
                    asked.any.push(key);
                    asked.by_key.entry(key).or_default();
                    // beside labels of other keys: not documented whether both are meant
                    if actors.iter().any(|other| matches!(other.kind, Kind::Label | Kind::LabelGroup)) {
                        asked.is_open = true;
                        asked.vague.push(key);
                        asked.doubts.add(Doubts::LABEL);
                    }
                }
                _ => {}
            }
        }
        let Asked { by_key, any, vague, is_open, doubts } = asked;
        let by_key =
            by_key.into_iter().filter(|(key, (included, _))| !(vague.contains(key) || is_open && included.is_some()));
        let values = by_key.map(|(key, (included, excluded))| {
            let values = match included {
                _ if any.contains(&key) => Values::all_but(excluded.into_iter().chain([NONE])),
                Some(included) => Values::only(included.into_iter().filter(|value| !excluded.contains(value))),
                None => Values::all_but(excluded),
            };
            (key, values)
        });
        (LabelBox::of(values, &self.space.sizes), doubts)
    }

    /// The labels of a group and of the groups in it.
    fn group(&mut self, href: &'p str, asked: &mut Asked) -> Option<(Key, Vec<Value>)> {
        let known = self.space.groups.get(href).cloned();
        let Group { key, values, is_whole } = if let Some(known) = known {
            known
        } else {
            let read = self.read_group(self.book.group(href)?);
            self.space.groups.insert(href, read.clone());
            read
        };
        if !is_whole {
            asked.doubts.add(Doubts::LABEL);
            asked.vague.extend(key);
        }
        Some((key?, values.to_vec()))
    }

    fn read_group(&mut self, first: &'p LabelGroup<'p>) -> Group {
        let mut to_visit = vec![first];
        let mut visited = HashSet::from([&*first.href]);
        let mut values = Vec::new();
        let mut key = (!first.key.is_empty()).then(|| self.space.key(&first.key));
        let mut is_whole = true;
        while let Some(group) = to_visit.pop() {
            for label in &group.labels {
                match self.space.label(self.book, &label.href) {
                    Some((of, value)) => {
                        // what a label of another key does in a group is not documented
                        is_whole &= *key.get_or_insert(of) == of;
                        values.push(value);
                    }
                    None => is_whole = false,
                }
            }
            for inner in &group.sub_groups {
                match self.book.group(&inner.href) {
                    Some(inner) if visited.insert(&inner.href) => to_visit.push(inner),
                    Some(_) => {}
                    None => is_whole = false,
                }
            }
        }
        values.sort_unstable();
        values.dedup();
        Group { key, values: values.into(), is_whole }
    }

    /// Takes in the addresses of an IP list; its DNS names, and a list that is not known, are parts by themselves.
    fn ip_list(&mut self, href: &'p str, addresses: &mut Ranges, parts: &mut Vec<(Part, Doubts)>) {
        let mut by_name = |name| {
            let number = self.space.named.number(Named::Addresses(name));
            parts.push((Part::Named(number), Doubts::default()));
        };
        let Some((list, held)) = self.book.ip_list(href) else { return by_name(href) };
        *addresses = addresses.with(&Ranges::of(held));
        list.fqdns.iter().for_each(|name| by_name(&name.fqdn));
    }
}

impl Asked {
    /// Takes in values of a key, or leaves them out; what is not known may be any label of any key.
    fn add(&mut self, found: Option<(Key, Vec<Value>)>, is_exclusion: bool) {
        let Some((key, values)) = found else {
            self.doubts.add(Doubts::LABEL);
            self.is_open |= !is_exclusion;
            return;
        };
        let (included, excluded) = self.by_key.entry(key).or_default();
        if is_exclusion { excluded } else { included.get_or_insert_default() }.extend(values);
    }
}
