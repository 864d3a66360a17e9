//! [`Rewrite`]: what a rule should become, so that it does in CLAS what it does today.
//!
//! A virtual service that goes away becomes the labels it has, each set of labels a rule of its own: to name them all in
//! one rule would reach what has one label of the one and one of the other. Labels that the scope names already are left
//! out. One that stays and that pods may call becomes its labels as well, as virtual services and workloads. "Uses
//! Virtual Services only" becomes "Use Workloads", or both where some of the services remain. A port that is not named is
//! filled in from the services that are reached. All else of the rule is kept.
//!
//! What comes out is compared with what the rule reaches: a rule that would reach more, or nothing, is not offered, and
//! it is said why.

use std::collections::{HashMap, HashSet};

use super::{
    Sort,
    book::LabelId,
    case::{Case, Side},
    hit::{Which, Whose, Why},
    model::{Actor, Fate, Kind, Opened, ResolveLabelsAs, SecRule, Uses},
    ports::Ports,
    reach::{Selection, ServiceId},
    widening::Sample,
    words::{has_labels, shown, take_ports_of_services},
};

/// A rule that should become more rules than this, or name more ports, is left to a person.
const MOST: usize = 256;

/// What a rule should become.
#[derive(Clone, Debug)]
pub enum Rewrite<'p> {
    /// It may stay as it is.
    Unneeded,
    /// These rules in its place, which do in CLAS what it does today.
    Rules(Vec<NewRule<'p>>),
    /// It must change, and a person must decide how.
    ByHand(Vec<Why>),
}

/// A rule that takes the place of another. What it does not say is as it is in the other.
#[derive(Clone, Debug)]
pub struct NewRule<'p> {
    /// The sources.
    pub consumers: Vec<Actor<'p>>,
    /// The destinations.
    pub providers: Vec<Actor<'p>>,
    /// What its labels stand for.
    pub resolve_labels_as: ResolveLabelsAs,
    /// The ports that it opens; nothing where they are those of the other.
    pub ports: Option<Ports>,
}

impl<'p> NewRule<'p> {
    /// The rule as a PCE has it, with all that it takes over from the one whose place it takes.
    #[must_use]
    pub fn in_place_of(&self, old: &SecRule<'p>) -> SecRule<'p> {
        SecRule {
            consumers: self.consumers.clone(),
            providers: self.providers.clone(),
            resolve_labels_as: self.resolve_labels_as,
            ingress_services: match &self.ports {
                Some(ports) => ports.spans().map(|(protocol, from, to)| Opened::of(protocol, from, to)).collect(),
                None => old.ingress_services.clone(),
            },
            ..old.clone()
        }
    }
}

impl<'p> Rewrite<'p> {
    /// The rules that are offered.
    #[must_use]
    pub fn rules(&self) -> &[NewRule<'p>] {
        match self {
            Self::Rules(rules) => rules,
            Self::Unneeded | Self::ByHand(_) => &[],
        }
    }

    /// What a rule should become.
    pub(super) fn of(case: &mut Case<'_, 'p>) -> Self {
        let is_going = || case.source.going().chain(case.destination.going()).next().is_some();
        if case.sort != Sort::Allow && !is_going() {
            return Self::Unneeded;
        }
        let mut why = Vec::new();
        let sources = variants(case, Which::Source, &mut why);
        let destinations = variants(case, Which::Destination, &mut why);
        if sources.is_none() && destinations.is_none() && !case.lacks_port() {
            return Self::Unneeded;
        }
        // of a service whose type is not known the virtual service may remain, and pods lose its cluster address
        let mut kept_in_doubt = case.destination.named.iter().filter(|named| named.fate == Fate::CannotTell);
        if case.is_called_inside(Which::Destination) && kept_in_doubt.any(|named| named.id.is_some()) {
            why.push(Why::Unclear(Which::Destination));
        }
        let unknown = case.rule.unknown_fields();
        if !unknown.is_empty() {
            why.push(Why::NotUnderstood(unknown));
        }
        let is_written_out = |one: &Opened<'_>| !(one.service_ports.is_empty() && one.windows_services.is_empty());
        if case.rule.ingress_services.iter().any(is_written_out) {
            why.push(Why::WrittenOut);
        }
        why.extend(opens_what_is_closed(case, destinations.as_deref()));
        let sources = sources.unwrap_or_else(|| vec![Variant::unchanged(case, &case.source)]);
        let destinations = destinations.unwrap_or_else(|| vec![Variant::unchanged(case, &case.destination)]);
        let number = sources.len() * destinations.len();
        if number > MOST {
            why.push(Why::TooMany(number));
        }
        if !why.is_empty() {
            why.dedup();
            return Self::ByHand(why);
        }
        let mut rules = Vec::with_capacity(number);
        for source in &sources {
            for destination in &destinations {
                match destination.opened(case) {
                    Ok(ports) => rules.push(NewRule {
                        consumers: source.actors.clone(),
                        providers: destination.actors.clone(),
                        resolve_labels_as: ResolveLabelsAs { consumers: source.uses, providers: destination.uses },
                        ports,
                    }),
                    Err(reason) if !why.contains(&reason) => why.push(reason),
                    Err(_) => {}
                }
            }
        }
        if why.is_empty() { Self::Rules(rules) } else { Self::ByHand(why) }
    }
}

/// A side as it should become.
#[derive(Debug)]
struct Variant<'p> {
    actors: Vec<Actor<'p>>,
    uses: Uses,
    /// The ports of the services that it reaches.
    ports: Ports,
    /// Whether virtual services bring the ports, where none are named.
    takes_ports: bool,
}

impl<'p> Variant<'p> {
    fn unchanged(case: &Case<'_, 'p>, side: &Side<'p>) -> Self {
        let actors = side.actors.to_vec();
        let takes_ports = take_ports_of_services(&actors, side.uses) || !has_workloads(&actors);
        Self { actors, uses: side.uses, ports: side.ports(case.reach), takes_ports }
    }

    /// The ports that must be named.
    fn opened(&self, case: &Case<'_, '_>) -> Result<Option<Ports>, Why> {
        const WRITTEN_BY_NUMBER: [i64; 2] = [6, 17];
        if !case.rule.ingress_services.is_empty() || self.takes_ports || case.sort != Sort::Allow {
            return Ok(None);
        }
        if self.ports.is_empty() {
            return Err(Why::NoPorts);
        }
        let number = self.ports.spans().count();
        if number > MOST {
            return Err(Why::TooManyPorts(number));
        }
        let is_written = self.ports != Ports::every()
            && self.ports.spans().all(|(protocol, ..)| WRITTEN_BY_NUMBER.contains(&protocol));
        if is_written { Ok(Some(self.ports.clone())) } else { Err(Why::Protocol(self.ports.clone())) }
    }
}

/// Why what a rule should become would open ports of services that it does not open today.
fn opens_what_is_closed(case: &Case<'_, '_>, destinations: Option<&[Variant<'_>]>) -> Option<Why> {
    if case.sort != Sort::Allow {
        return None;
    }
    let side = &case.destination;
    if case.rule.ingress_services.is_empty() {
        let opens_nothing = case.lacks_port() && !side.uses.virtual_services && side.named.is_empty();
        return opens_nothing.then(|| Why::OpensNothing(side.ports(case.reach)));
    }
    let (named, is_whole) = case.reach.book.opened(&case.rule.ingress_services);
    let becomes_workloads = |variant: &Variant<'_>| variant.uses.workloads;
    let newly = destinations.into_iter().flatten().any(becomes_workloads);
    if !newly || (side.uses.workloads && side.named.is_empty()) {
        return None;
    }
    if !is_whole {
        return Some(Why::UnknownService);
    }
    let is_inside = case.is_called_inside(Which::Destination);
    let reached = side.reached.as_ref().filter(|_| !side.uses.workloads).map(|reached| &*reached.services);
    let by_label = reached.map(|services| if is_inside { &services.replaced_inside } else { &services.replaced });
    let stays = is_inside.then(|| side.named_of(Fate::Stays)).into_iter().flatten();
    let by_name = case.reach.replaced(side.named_of(Fate::Goes).chain(stays));
    let closed = by_label.into_iter().chain([&by_name]).map(|services| services.wider_than(&named).not_met.clone());
    let closed = closed.fold(Sample::default(), |all, services| all.and(&services));
    (closed.number > 0).then(|| Why::OpensClosed { named, services: case.reach.in_words(&closed.first, closed.number) })
}

fn means_everything(side: &Side<'_>) -> bool {
    side.has(Kind::AllWorkloads) || side.has(Kind::LabelDimension)
}

/// Whether it means all but some labels: as workloads that is nearly everything.
fn leaves_out_only(side: &Side<'_>) -> bool {
    let mut labels = side.actors.iter().filter(|actor| actor.kind.is_by_label());
    has_labels(side.actors) && labels.all(|actor| actor.is_exclusion)
}

fn has_workloads(actors: &[Actor<'_>]) -> bool {
    actors.iter().any(|actor| actor.kind.is_workload())
}

/// What a side should become; nothing where it may stay as it is.
fn variants<'p>(case: &mut Case<'_, 'p>, which: Which, why: &mut Vec<Why>) -> Option<Vec<Variant<'p>>> {
    let side = if which == Which::Source { &case.source } else { &case.destination };
    let splits = case.is_called_inside(which);
    let changes = |fate: Fate| fate == Fate::Goes || (fate == Fate::Stays && splits);
    let replaced: Vec<ServiceId> =
        side.named.iter().filter(|named| changes(named.fate)).filter_map(|named| named.id).collect();
    let uses = if case.sort == Sort::Allow { new_uses(side, splits) } else { side.uses };
    if replaced.is_empty() && uses == side.uses {
        return None;
    }
    if side.is_left_out {
        why.push(Why::LeftOut(which));
        return Some(Vec::new());
    }
    if uses != side.uses {
        let is_certain = side.reached.as_ref().is_some_and(|reached| {
            reached.is_certain && (reached.services.cannot_tell.is_empty() || side.uses.workloads)
        });
        if !is_certain {
            why.push(Why::Unclear(which));
        } else if means_everything(side) && (which == Which::Destination || !side.uses.workloads) {
            why.push(Why::EveryService(which));
        } else if leaves_out_only(side) && !side.uses.workloads {
            why.push(Why::EveryOther(which));
        }
    }
    let gone: HashSet<ServiceId> = replaced.iter().copied().collect();
    let is_replaced = |actor: &&Actor<'_>| {
        let service = case.reach.service(&actor.object.href).filter(|_| actor.kind == Kind::VirtualService);
        service.is_some_and(|id| gone.contains(&id))
    };
    let rest: Vec<Actor<'p>> = side.actors.iter().filter(|actor| !is_replaced(actor)).cloned().collect();
    let mut variants = Vec::new();
    if !rest.is_empty() {
        let named = side.named.iter().filter_map(|named| named.id).filter(|id| !gone.contains(id));
        let mut ports = side.ports_by_label(case.reach);
        ports.add(&case.reach.ports(named));
        let takes_ports = take_ports_of_services(&rest, uses) || !has_workloads(&rest);
        let uses = if has_labels(&rest) { uses } else { side.uses };
        variants.push(Variant { actors: rest, uses, ports, takes_ports });
    }
    if replaced.is_empty() {
        return Some(variants);
    }
    let mut known: HashSet<ServiceId> = side.reached.iter().flat_map(|reached| reached.services.all()).collect();
    known.extend(side.named.iter().filter_map(|named| named.id));
    for (labels, ids) in by_labels(case, which, &replaced) {
        variants.extend(by_label(case, which, &labels, &ids, &known, why));
    }
    Some(variants)
}

/// Services by the labels that take their place.
fn by_labels(case: &Case<'_, '_>, which: Which, ids: &[ServiceId]) -> Vec<(Vec<LabelId>, Vec<ServiceId>)> {
    let mut found: Vec<(Vec<LabelId>, Vec<ServiceId>)> = Vec::new();
    let mut numbers: HashMap<Vec<LabelId>, usize> = HashMap::new();
    for id in ids {
        let labels = case.labels_beside_scope(which, *id);
        let number = *numbers.entry(labels.clone()).or_insert_with(|| {
            found.push((labels, Vec::new()));
            found.len() - 1
        });
        found[number].1.push(*id);
    }
    found
}

/// The labels in place of services that are named. They must reach these, and none but what the side reaches anyway.
fn by_label<'p>(
    case: &mut Case<'_, 'p>,
    which: Which,
    labels: &[LabelId],
    ids: &[ServiceId],
    known: &HashSet<ServiceId>,
    why: &mut Vec<Why>,
) -> Option<Variant<'p>> {
    let book = case.reach.book;
    if labels.is_empty() {
        why.push(Why::NoLabels { service: shown(case.reach.name(ids[0])).into_owned() });
        return None;
    }
    let everywhere = [Selection::default()];
    let is_scoped = which == Which::Destination || !case.rule.has_unscoped_consumers;
    let scopes = if is_scoped { case.scopes } else { &everywhere };
    let selection = case.reach.selection_of(labels);
    let reached = case.reach.reached(&selection, scopes);
    if !reached.is_certain {
        why.push(Why::Unclear(which));
    }
    let all: HashSet<ServiceId> = reached.services.all().collect();
    // what is named is meant in each scope, and its labels in one of them would leave the sources of the others without it
    let by_scope: Vec<HashSet<ServiceId>> = if case.rule.has_unscoped_consumers {
        vec![all.clone()]
    } else {
        let each = scopes.iter().map(|scope| case.reach.reached(&selection, std::slice::from_ref(scope)));
        each.map(|reached| reached.services.all().collect()).collect()
    };
    if let Some(missed) = ids.iter().find(|id| by_scope.iter().any(|reached| !reached.contains(id))) {
        let service = shown(case.reach.name(*missed)).into_owned();
        why.push(Why::ReachesNothing { labels: book.labels_in_words(labels), service });
    }
    let stays = ids.iter().any(|id| case.reach.known(*id).fate == Fate::Stays);
    let fate = |id: ServiceId| case.reach.known(id).fate;
    // workloads are meant, and none of those that were made by hand is one
    let is_reached = |id: &ServiceId| stays || fate(*id) != Fate::MadeByHand;
    let mut others: Vec<ServiceId> = all.difference(known).copied().filter(is_reached).collect();
    others.sort_unstable();
    if !others.is_empty() {
        why.push(Why::ReachesMore {
            labels: book.labels_in_words(labels),
            others: case.reach.in_words(&others, others.len()),
            whose: if others.iter().all(|id| fate(*id) == Fate::MadeByHand) {
                Whose::MadeByHand
            } else if others.iter().all(|id| !reached_in_same_cluster(case, *id, ids[0])) {
                Whose::OtherClusters
            } else {
                Whose::SameCluster
            },
        });
    }
    Some(Variant {
        actors: labels.iter().map(|label| Actor::label(book.label(*label).href)).collect(),
        uses: Uses { workloads: true, virtual_services: stays },
        ports: case.reach.ports(ids.iter().copied()),
        takes_ports: false,
    })
}

fn reached_in_same_cluster(case: &Case<'_, '_>, one: ServiceId, other: ServiceId) -> bool {
    case.reach.known(one).service.cluster() == case.reach.known(other).service.cluster()
}

/// What the labels of a side should stand for.
fn new_uses(side: &Side<'_>, splits: bool) -> Uses {
    let Some(reached) = side.reached.as_ref().filter(|_| side.uses.virtual_services) else { return side.uses };
    let services = &reached.services;
    let is_called = splits && !side.uses.workloads && !services.stays.is_empty();
    let nothing_goes = services.goes.is_empty() && services.cannot_tell.is_empty() && reached.is_certain;
    if nothing_goes && !is_called {
        return side.uses;
    }
    Uses { workloads: true, virtual_services: services.some_remain() || !reached.is_certain }
}
