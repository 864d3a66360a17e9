//! [`Variant`]: a side of a rule as it should become, with the ports that the rule must name for it.

use super::MOST;
use crate::policy::{
    Sort,
    case::{Case, Side},
    clients::Client,
    hit::Why,
    model::{Actor, Uses},
    ports::Ports,
    reach::ServiceId,
    words::take_ports_of_services,
};

/// A side as it should become.
#[derive(Debug)]
pub(super) struct Variant<'p> {
    pub(super) actors: Vec<Actor<'p>>,
    pub(super) uses: Uses,
    /// The ports of the services that it reaches.
    pub(super) ports: Ports,
    /// Whether the ports of the rule stay as they are: virtual services bring them, or nothing of the side changes.
    pub(super) keeps_ports: bool,
    /// Whether it means workloads in place of virtual services: a port that is named opens at each of them.
    pub(super) replaces_services: bool,
    /// The services in whose place it is; nothing where these are those that the labels of the side reach.
    pub(super) in_place_of: Option<Vec<ServiceId>>,
}

impl<'p> Variant<'p> {
    pub(super) fn unchanged(case: &Case<'_, 'p>, side: &Side<'p>) -> Self {
        let actors = side.actors.to_vec();
        let keeps_ports = take_ports_of_services(&actors, side.uses) || !has_workloads(&actors);
        let ports = side.ports(case.reach);
        Self { actors, uses: side.uses, ports, keeps_ports, replaces_services: false, in_place_of: None }
    }

    /// The ports that must be named; nothing where they stay.
    pub(super) fn opened(&self, case: &Case<'_, '_>) -> Result<Option<Ports>, Why> {
        if self.keeps_ports || case.sort != Sort::Allow {
            return Ok(None);
        }
        if case.rule.ingress_services.is_empty() {
            return written(&self.ports).map(Some);
        }
        if !self.replaces_services || !opens_beyond(case, &self.ports) {
            return Ok(None);
        }
        // every port of its services is meant, and not every port of the workloads
        let (named, _) = case.reach.book.opened(&case.rule.ingress_services);
        if named == Ports::every() {
            return written(&self.ports).map(Some);
        }
        let of_service = |id: ServiceId| {
            let known = case.reach.known(id);
            Client::named(&known.clients, &known.ports, &named)
        };
        let ports: Ports = match &self.in_place_of {
            Some(ids) => ids.iter().copied().map(of_service).collect(),
            None => case.destination.opened_by_label().map(of_service).collect(),
        };
        written(&ports).map(Some)
    }
}

/// Whether a rule names ports beyond these of services: of virtual services it opens none of them, at workloads it
/// would.
pub(super) fn opens_beyond(case: &Case<'_, '_>, ports: &Ports) -> bool {
    let (named, _) = case.reach.book.opened(&case.rule.ingress_services);
    !ports.cover(&named)
}

/// The ports of services, where a rule can name them.
fn written(ports: &Ports) -> Result<Ports, Why> {
    const WRITTEN_BY_NUMBER: [i64; 2] = [6, 17];
    if ports.is_empty() {
        return Err(Why::NoPorts);
    }
    let number = ports.spans().count();
    if number > MOST {
        return Err(Why::TooManyPorts(number));
    }
    let is_written =
        *ports != Ports::every() && ports.spans().all(|(protocol, ..)| WRITTEN_BY_NUMBER.contains(&protocol));
    if is_written { Ok(ports.clone()) } else { Err(Why::Protocol(ports.clone())) }
}

/// Whether some of these mean workloads.
pub(super) fn has_workloads(actors: &[Actor<'_>]) -> bool {
    actors.iter().any(|actor| actor.kind.is_workload())
}
