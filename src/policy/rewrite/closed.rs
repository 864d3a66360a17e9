//! What a rule would open that it does not open today: a rule that names no port of the services it means opens nothing of
//! them, and once it means workloads, CLAS opens all of their ports.

use super::variant::Variant;
use crate::policy::{
    Sort,
    case::Case,
    hit::{Which, Why},
    model::Fate,
    widening::Sample,
};

/// Why what a rule should become would open ports of services that it does not open today.
pub(super) fn opens_what_is_closed(case: &Case<'_, '_>, destinations: Option<&[Variant<'_>]>) -> Option<Why> {
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
    let wider = by_label.into_iter().chain([&by_name]).map(|services| services.wider_than(&named));
    let closed = wider.fold(Sample::default(), |all, wider| all.and(&wider.not_met).and(&wider.at_nodes));
    (closed.number > 0).then(|| Why::OpensClosed { named, services: case.reach.in_words(&closed.first, closed.number) })
}
