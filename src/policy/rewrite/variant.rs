//! [`Variant`]: a side of a rule as it should become, with the ports that the rule must name for it.

use super::MOST;
use crate::policy::{
    Sort,
    case::{Case, Side},
    hit::Why,
    model::{Actor, Uses},
    ports::Ports,
    words::take_ports_of_services,
};

/// A side as it should become.
#[derive(Debug)]
pub(super) struct Variant<'p> {
    pub(super) actors: Vec<Actor<'p>>,
    pub(super) uses: Uses,
    /// The ports of the services that it reaches.
    pub(super) ports: Ports,
    /// Whether virtual services bring the ports, where none are named.
    pub(super) takes_ports: bool,
    /// Whether it means workloads in place of virtual services, all by label: a port that is named opens at each of them.
    pub(super) replaces_services: bool,
}

impl<'p> Variant<'p> {
    pub(super) fn unchanged(case: &Case<'_, 'p>, side: &Side<'p>) -> Self {
        let actors = side.actors.to_vec();
        let takes_ports = take_ports_of_services(&actors, side.uses) || !has_workloads(&actors);
        Self { actors, uses: side.uses, ports: side.ports(case.reach), takes_ports, replaces_services: false }
    }

    /// The ports that must be named.
    pub(super) fn opened(&self, case: &Case<'_, '_>) -> Result<Option<Ports>, Why> {
        if self.takes_ports || case.sort != Sort::Allow {
            return Ok(None);
        }
        if !case.rule.ingress_services.is_empty() {
            // every port of its services is meant, and not every port of the workloads
            let is_every =
                self.replaces_services && case.reach.book.opened(&case.rule.ingress_services).0 == Ports::every();
            return Ok(if is_every { self.written().ok() } else { None });
        }
        self.written().map(Some)
    }

    /// The ports of its services, where a rule can name them.
    fn written(&self) -> Result<Ports, Why> {
        const WRITTEN_BY_NUMBER: [i64; 2] = [6, 17];
        if self.ports.is_empty() {
            return Err(Why::NoPorts);
        }
        let number = self.ports.spans().count();
        if number > MOST {
            return Err(Why::TooManyPorts(number));
        }
        let is_written = self.ports != Ports::every()
            && self.ports.spans().all(|(protocol, ..)| WRITTEN_BY_NUMBER.contains(&protocol));
        if is_written { Ok(self.ports.clone()) } else { Err(Why::Protocol(self.ports.clone())) }
    }
}

/// Whether some of these stand for workloads.
pub(super) fn has_workloads(actors: &[Actor<'_>]) -> bool {
    actors.iter().any(|actor| actor.kind.is_workload())
}
