//! [`Entries`]: the rules of a policy as boxes. A rule is one entry for each of its scopes, each kind of source and
//! each kind of destination; what it allows is the union of them.

use std::collections::{BTreeMap, HashSet};

use super::{
    doubt::Doubts,
    intervals::Intervals,
    labels::{Key, LabelBox, NONE, Value, Values},
    space::{BoxId, Named, NamedId, Narrowed, PortsId, Ranges, RangesId, Space, intervals},
};
use crate::policy::{
    Book, Sort,
    model::{Actor, Condition, Kind, ResolveLabelsAs, RuleSet, SecRule, Uses},
    ports::Ports,
};

/// A rule, as a number.
pub(super) type RuleId = u32;

/// What a part of a side of a rule stands for.
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
    /// One object, or some that are not told apart.
    Named(NamedId),
}

/// What a rule opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Opened {
    /// It names no port: those of the virtual services it reaches.
    OfServices,
    /// These.
    Ports(PortsId),
}

/// A box of a rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) rule: RuleId,
    pub(super) source: Part,
    pub(super) destination: Part,
    pub(super) opened: Opened,
    /// What must hold besides: a number for each different condition, 0 for none.
    pub(super) condition: u32,
    /// Whether its destinations are All Workloads.
    pub(super) reaches_all: bool,
    /// Why the rule may allow less than this.
    pub(super) doubts: Doubts,
}

/// A rule with its set.
#[derive(Clone, Copy, Debug)]
pub struct RuleOf<'p> {
    /// The set it stands in.
    pub set: &'p RuleSet<'p>,
    /// The rule.
    pub rule: &'p SecRule<'p>,
    /// What it does.
    pub sort: Sort,
}

/// The rules in force, as boxes.
#[derive(Debug, Default)]
pub(super) struct Entries<'p> {
    pub(super) rules: Vec<RuleOf<'p>>,
    pub(super) allows: Vec<Entry>,
    /// Of rules that deny what others allow.
    pub(super) denies: Vec<Entry>,
    /// How many rules deny only what no rule allows: they are not weighed.
    pub(super) not_weighed: usize,
}

impl<'p> Entries<'p> {
    pub(super) fn of(book: &'p Book<'p>, space: &mut Space<'p>) -> Self {
        let mut entries = Self::default();
        for set in book.policy.rule_sets.iter().filter(|set| set.is_enabled) {
            let everywhere: &[&[Actor<'p>]] = &[&[]];
            let scopes: Vec<&'p [Actor<'p>]> = set.scopes.iter().map(Vec::as_slice).collect();
            let scopes = if scopes.is_empty() { everywhere } else { &scopes };
            let allows = set.rules.iter().map(|rule| (rule, Sort::Allow));
            let (overriding, others): (Vec<_>, Vec<_>) =
                set.deny_rules.iter().filter(|rule| rule.is_enabled).partition(|rule| rule.is_override);
            entries.not_weighed += others.len();
            let denies = overriding.into_iter().map(|rule| (rule, Sort::OverrideDeny));
            for (rule, sort) in allows.chain(denies).filter(|(rule, _)| rule.is_enabled) {
                entries.add(book, space, scopes, RuleOf { set, rule, sort });
            }
        }
        let sources = entries.allows.iter().map(|entry| entry.source);
        space.tell_apart(sources.collect::<HashSet<_>>().into_iter());
        entries.not_weighed +=
            book.policy.enforcement_boundaries.iter().flatten().filter(|rule| rule.is_enabled).count();
        entries
    }

    fn add(&mut self, book: &'p Book<'p>, space: &mut Space<'p>, scopes: &[&'p [Actor<'p>]], rule: RuleOf<'p>) {
        let id = RuleId::try_from(self.rules.len()).unwrap_or(RuleId::MAX);
        self.rules.push(rule);
        let SecRule { consumers, providers, resolve_labels_as, has_unscoped_consumers, .. } = rule.rule;
        let uses = if rule.sort == Sort::Allow { *resolve_labels_as } else { ResolveLabelsAs::default() };
        let (opened, mut rule_doubts) = opened(book, space, rule.rule);
        if !(rule.rule.unknown_fields().is_empty() && rule.rule.egress_services.is_empty()) {
            rule_doubts.add(Doubts::FIELD);
        }
        let condition = space.conditions.number(narrowed(rule.rule));
        let are_left_out = [Condition::SourcesLeftOut, Condition::DestinationsLeftOut].map(|side| rule.rule.has(side));
        let means_all = |actor: &Actor<'_>| matches!(actor.kind, Kind::AllWorkloads | Kind::LabelDimension);
        let reaches_all = providers.iter().any(means_all);
        let mut reader = Reader { book, space };
        for scope in scopes {
            // as workloads, the pods behind a service are meant already: they have its labels
            let source_uses = Uses { virtual_services: !uses.consumers.workloads, ..uses.consumers };
            let sources = reader.side(consumers, source_uses, if *has_unscoped_consumers { &[] } else { scope });
            let sources = reader.turned(sources, are_left_out[0]);
            let destinations = reader.side(providers, uses.providers, scope);
            let destinations = reader.turned(destinations, are_left_out[1]);
            for (source, source_doubts) in &sources {
                for (destination, destination_doubts) in &destinations {
                    let doubts = rule_doubts.with(*source_doubts).with(*destination_doubts);
                    let entry = Entry {
                        rule: id,
                        source: *source,
                        destination: *destination,
                        opened,
                        condition,
                        reaches_all,
                        doubts,
                    };
                    if rule.sort == Sort::Allow { &mut self.allows } else { &mut self.denies }.push(entry);
                }
            }
        }
    }

    pub(super) fn rule(&self, id: RuleId) -> RuleOf<'p> {
        self.rules[id as usize]
    }
}

/// What narrows a rule beside its boxes: user groups, and what else must hold of a connection.
fn narrowed<'p>(rule: &'p SecRule<'p>) -> Narrowed<'p> {
    let mut user_groups: Vec<&str> = rule.user_groups.iter().map(|group| &*group.href).collect();
    user_groups.sort_unstable();
    user_groups.dedup();
    let narrows = |condition: &Condition| {
        matches!(condition, Condition::OtherNetworks | Condition::Encrypted | Condition::Authenticated)
    };
    let mut conditions: Vec<Condition> = rule.conditions.iter().copied().filter(narrows).collect();
    conditions.sort_unstable();
    Narrowed { user_groups, conditions }
}

/// The ports that a rule opens. Those that are not known may be any.
fn opened<'p>(book: &'p Book<'p>, space: &mut Space<'p>, rule: &'p SecRule<'p>) -> (Opened, Doubts) {
    if rule.ingress_services.is_empty() {
        return (Opened::OfServices, Doubts::default());
    }
    let (ports, is_whole) = book.opened(&rule.ingress_services);
    let is_known = is_whole && !ports.is_empty();
    let ports = if is_known { ports } else { Ports::every() };
    let doubts = if is_known { Doubts::default() } else { Doubts::PORTS };
    (Opened::Ports(space.ports.number(intervals(&ports))), doubts)
}

/// Reads sides of rules.
struct Reader<'r, 'p> {
    book: &'p Book<'p>,
    space: &'r mut Space<'p>,
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
    fn side(&mut self, actors: &'p [Actor<'p>], uses: Uses, scope: &'p [Actor<'p>]) -> Vec<(Part, Doubts)> {
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

    /// The parts of a side that is everything but what it names, where it is so. That is known of addresses only.
    fn turned(&mut self, parts: Vec<(Part, Doubts)>, is_left_out: bool) -> Vec<(Part, Doubts)> {
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
    fn anything(&mut self, doubts: Doubts) -> [(Part, Doubts); 3] {
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
        let first = self.book.group(href)?;
        let mut to_visit = vec![first];
        let mut visited = vec![&*first.href];
        let mut values = Vec::new();
        let mut key = (!first.key.is_empty()).then(|| self.space.key(&first.key));
        let mut is_whole = true;
        while let Some(group) = to_visit.pop() {
            for label in &group.labels {
                match self.space.label(self.book, &label.href) {
                    Some((of, value)) => {
                        key.get_or_insert(of);
                        values.push(value);
                    }
                    None => is_whole = false,
                }
            }
            for inner in &group.sub_groups {
                match self.book.group(&inner.href) {
                    Some(inner) if visited.contains(&&*inner.href) => {}
                    Some(inner) => {
                        visited.push(&inner.href);
                        to_visit.push(inner);
                    }
                    None => is_whole = false,
                }
            }
        }
        if !is_whole {
            asked.doubts.add(Doubts::LABEL);
            asked.vague.extend(key);
        }
        Some((key?, values))
    }

    /// Takes in the addresses of an IP list; its DNS names, and a list that is not known, are parts by themselves.
    fn ip_list(&mut self, href: &'p str, addresses: &mut Ranges, parts: &mut Vec<(Part, Doubts)>) {
        let mut by_name = |name| {
            let number = self.space.named.number(Named::Addresses(name));
            parts.push((Part::Named(number), Doubts::default()));
        };
        let Some((list, held)) = self.book.ip_list(href) else { return by_name(href) };
        let [four, six] = held.runs().map(|[included, excluded]| {
            Intervals::union(included.iter().copied()).minus(&Intervals::union(excluded.iter().copied()))
        });
        addresses.four = addresses.four.with(&four);
        addresses.six = addresses.six.with(&six);
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
