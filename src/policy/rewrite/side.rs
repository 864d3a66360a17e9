//! What a side of a rule should become.

use std::collections::HashSet;

use super::{
    by_name::{by_label, by_labels},
    variant::{Variant, has_workloads, opens_beyond},
};
use crate::policy::{
    Sort,
    case::{Case, Side},
    hit::{Which, Why},
    model::{Actor, Fate, Kind, Uses},
    ports::Ports,
    reach::ServiceId,
    words::{has_labels, take_ports_of_services},
};

/// What a side should become; nothing where it may stay as it is.
pub(super) fn variants<'p>(case: &mut Case<'_, 'p>, which: Which, why: &mut Vec<Why>) -> Option<Vec<Variant<'p>>> {
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
    let mut variants = variants_of_rest(case, side, rest, uses, &gone);
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

/// What is not replaced by labels. Where the labels come to mean workloads, and the ports must be those of the services
/// in whose place they are, what is beside the labels keeps its own ports in a rule of its own.
fn variants_of_rest<'p>(
    case: &Case<'_, 'p>,
    side: &Side<'p>,
    rest: Vec<Actor<'p>>,
    uses: Uses,
    gone: &HashSet<ServiceId>,
) -> Vec<Variant<'p>> {
    let ports_by_label = side.ports_by_label(case.reach);
    let becomes_workloads = uses.workloads && !side.uses.workloads;
    let has_ports = !case.rule.ingress_services.is_empty();
    let needs_own_ports = becomes_workloads && (!has_ports || opens_beyond(case, &ports_by_label));
    let (by_label, beside): (Vec<_>, Vec<_>) =
        rest.into_iter().partition(|actor| !needs_own_ports || actor.kind.is_by_label());
    let mut variants = Vec::new();
    if !by_label.is_empty() {
        let named = side.named.iter().filter_map(|named| named.id).filter(|id| !gone.contains(id));
        let mut ports = ports_by_label;
        if !needs_own_ports {
            ports.add(&case.reach.ports(named));
        }
        let keeps_ports = take_ports_of_services(&by_label, uses) || !has_workloads(&by_label);
        let uses = if has_labels(&by_label) { uses } else { side.uses };
        let replaces_services = becomes_workloads && has_labels(&by_label);
        variants.push(Variant { actors: by_label, uses, ports, keeps_ports, replaces_services, in_place_of: None });
    }
    if !beside.is_empty() {
        variants.push(Variant {
            actors: beside,
            uses: side.uses,
            ports: Ports::default(),
            keeps_ports: true,
            replaces_services: false,
            in_place_of: None,
        });
    }
    variants
}

fn means_everything(side: &Side<'_>) -> bool {
    side.has(Kind::AllWorkloads) || side.has(Kind::LabelDimension)
}

/// Whether it means all but some labels: as workloads that is nearly everything.
fn leaves_out_only(side: &Side<'_>) -> bool {
    let mut labels = side.actors.iter().filter(|actor| actor.kind.is_by_label());
    has_labels(side.actors) && labels.all(|actor| actor.is_exclusion)
}

/// What the labels of a side should mean.
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
