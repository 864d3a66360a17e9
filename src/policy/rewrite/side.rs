//! What a side of a rule should become.

use std::collections::HashSet;

use super::{
    by_name::{by_label, by_labels},
    variant::{Variant, has_workloads},
};
use crate::policy::{
    Sort,
    case::{Case, Side},
    hit::{Which, Why},
    model::{Actor, Fate, Kind, Uses},
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
    let mut variants = Vec::new();
    if !rest.is_empty() {
        let named = side.named.iter().filter_map(|named| named.id).filter(|id| !gone.contains(id));
        let mut ports = side.ports_by_label(case.reach);
        ports.add(&case.reach.ports(named));
        let takes_ports = take_ports_of_services(&rest, uses) || !has_workloads(&rest);
        let uses = if has_labels(&rest) { uses } else { side.uses };
        let replaces_services = uses.workloads && !side.uses.workloads && rest.iter().all(|one| one.kind.is_by_label());
        variants.push(Variant { actors: rest, uses, ports, takes_ports, replaces_services });
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

fn means_everything(side: &Side<'_>) -> bool {
    side.has(Kind::AllWorkloads) || side.has(Kind::LabelDimension)
}

/// Whether it means all but some labels: as workloads that is nearly everything.
fn leaves_out_only(side: &Side<'_>) -> bool {
    let mut labels = side.actors.iter().filter(|actor| actor.kind.is_by_label());
    has_labels(side.actors) && labels.all(|actor| actor.is_exclusion)
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
