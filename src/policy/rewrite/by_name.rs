//! Labels in place of virtual services that a rule names.

use std::collections::{HashMap, HashSet};

use super::variant::Variant;
use crate::policy::{
    book::{Dimension, LabelId, UNTOLD},
    case::Case,
    hit::{Which, Whose, Why},
    model::{Actor, Fate, Uses},
    reach::{Selection, ServiceId},
    words::shown,
};

/// Services by the labels that take their place.
pub(super) fn by_labels(case: &Case<'_, '_>, which: Which, ids: &[ServiceId]) -> Vec<(Vec<LabelId>, Vec<ServiceId>)> {
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
pub(super) fn by_label<'p>(
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
    // labels of one kind are alternatives in a rule, and those of kinds that are not known may be
    let kinds: HashSet<Dimension> = labels.iter().map(|label| book.label(*label).dimension).collect();
    if !reached.is_certain || kinds.len() < labels.len() || kinds.contains(&UNTOLD) {
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
        keeps_ports: false,
        replaces_services: true,
        in_place_of: Some(ids.to_vec()),
    })
}

fn reached_in_same_cluster(case: &Case<'_, '_>, one: ServiceId, other: ServiceId) -> bool {
    case.reach.known(one).service.cluster() == case.reach.known(other).service.cluster()
}
