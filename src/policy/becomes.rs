//! What a rule should become, so that it does in CLAS what it does today.
//!
//! A virtual service that goes away becomes the labels it has, each set of labels a rule of its own: to name them all
//! in one rule would reach what has one label of the one and one of the other. Labels that the scope names already are
//! left out. For All Workloads as a destination the labels are left to a person. "Uses Virtual Services only" becomes "Use Workloads", or both where some of the services stay. A port that
//! is not named is filled in from the services that are reached.

use std::collections::HashMap;

use super::{
    Sort,
    book::LabelId,
    case::{Case, Side},
    model::{Actor, Fate, Kind, Uses},
    ports::Ports,
    reach::ServiceId,
    words::{has_labels, take_ports_of_services, uses_in_words},
};

/// At most so many lines; a rule that should become more wants a person's eye.
const MOST: usize = 12;

/// A side as it should become.
struct Variant {
    words: String,
    uses: Option<Uses>,
    /// The ports of the services that go away.
    ports: Ports,
    /// Whether virtual services bring the ports, where none are named.
    takes_ports: bool,
}

/// What a rule should become; nothing where it may stay as it is, or where only a person can tell.
pub(super) fn lines(case: &Case<'_, '_>) -> Vec<String> {
    if case.sort != Sort::Allow && case.source.going().chain(case.destination.going()).next().is_none() {
        return Vec::new();
    }
    let (sources, source_changes) = variants(case, &case.source);
    let (destinations, destination_changes) = variants(case, &case.destination);
    let names_no_port = case.rule.ingress_services.is_empty();
    if !(source_changes || destination_changes || case.lacks_port()) {
        return Vec::new();
    }
    let any_scope = if case.rule.has_unscoped_consumers { " (in any scope)" } else { "" };
    let pairs = sources.iter().flat_map(|source| destinations.iter().map(move |destination| (source, destination)));
    let lines = pairs.map(|(source, destination)| {
        let services = match &destination.ports {
            _ if !names_no_port => case.reach.book.services_in_words(&case.rule.ingress_services),
            _ if destination.takes_ports => "the ports of its virtual services".to_owned(),
            ports if ports.is_empty() => "the ports it needs".to_owned(),
            ports => ports.to_string(),
        };
        let uses = match case.sort {
            Sort::Allow => uses_in_words([source.uses, destination.uses]),
            _ => String::new(),
        };
        let uses = if uses.is_empty() { uses } else { format!(" ({uses})") };
        format!("{}{any_scope} -> {}, {services}{uses}", source.words, destination.words)
    });
    let mut lines: Vec<String> = lines.take(MOST + 1).collect();
    if lines.len() > MOST {
        let all = sources.len() * destinations.len();
        lines[MOST] = format!("and {} more", all - MOST);
    }
    lines
}

/// What a side should become, and whether that differs from what it is.
fn variants<'p>(case: &Case<'_, 'p>, side: &Side<'p>) -> (Vec<Variant>, bool) {
    let book = case.reach.book;
    let goes = |actor: &&Actor<'_>| {
        let id = case.reach.service(&actor.object.href).filter(|_| actor.kind == Kind::VirtualService);
        id.is_some_and(|id| case.reach.known[id as usize].fate == Fate::Goes)
    };
    let stays: Vec<Actor<'_>> = side.actors.iter().filter(|actor| !goes(actor)).cloned().collect();
    let mut variants = Vec::new();
    let uses = if has_labels(&stays) { Some(new_uses(side)) } else { None };
    if !stays.is_empty() || side.actors.is_empty() {
        let reached = side.reached.iter().flat_map(|reached| &reached.services.goes).copied();
        variants.push(Variant {
            words: words(case, side, &stays),
            uses,
            ports: case.reach.ports(reached),
            takes_ports: take_ports_of_services(&stays, uses.unwrap_or_default()),
        });
    }
    let mut by_labels: Vec<(Vec<LabelId>, Vec<ServiceId>)> = Vec::new();
    let mut numbers: HashMap<Vec<LabelId>, usize> = HashMap::new();
    for id in side.named.iter().filter(|named| named.fate == Fate::Goes).filter_map(|named| named.id) {
        let labels = case.labels_beside_scope(side, id);
        let number = *numbers.entry(labels.clone()).or_insert_with(|| {
            by_labels.push((labels, Vec::new()));
            by_labels.len() - 1
        });
        by_labels[number].1.push(id);
    }
    variants.extend(by_labels.into_iter().map(|(labels, ids)| {
        let words = match labels.as_slice() {
            [] => format!("the labels of `{}`", case.reach.name(ids[0])),
            labels => book.labels_in_words(labels),
        };
        Variant { words, uses: Some(Uses::default()), ports: case.reach.ports(ids.into_iter()), takes_ports: false }
    }));
    let changes = side.named.iter().any(|named| named.fate == Fate::Goes) || uses.is_some_and(|uses| uses != side.uses);
    (variants, changes)
}

/// A side in words; as a destination, All Workloads is no better afterwards.
fn words(case: &Case<'_, '_>, side: &Side<'_>, actors: &[Actor<'_>]) -> String {
    let is_every = |actor: &&Actor<'_>| actor.kind == Kind::AllWorkloads;
    let book = case.reach.book;
    if case.sort != Sort::Allow || side.word == "source" || !actors.iter().any(|actor| is_every(&actor)) {
        return book.actors_in_words(actors);
    }
    let others: Vec<Actor<'_>> = actors.iter().filter(|actor| !is_every(actor)).cloned().collect();
    let others = if others.is_empty() { String::new() } else { book.actors_in_words(&others) + " or " };
    others + "the labels of its destinations"
}

/// What the labels of a side should stand for.
fn new_uses(side: &Side<'_>) -> Uses {
    let Some(reached) = side.reached.as_ref().filter(|_| side.uses.virtual_services) else { return side.uses };
    let services = &reached.services;
    let nothing_goes = services.goes.is_empty() && services.cannot_tell.is_empty() && reached.is_certain;
    if nothing_goes {
        return side.uses;
    }
    Uses { workloads: true, virtual_services: services.some_remain() || !reached.is_certain }
}
