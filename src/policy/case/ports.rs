//! Which ports a rule opens in CLAS beside those that it names.

use super::{Case, hit};
use crate::{
    finding::Severity,
    policy::{
        Sort,
        hit::{Certainty, Hit, What, Which},
        model::{Fate, Kind},
        widening::{ReplacedPorts, Sample, Wider},
    },
    rule::Rule,
};

impl<'p> Case<'_, 'p> {
    /// `ports-will-widen`: CLAS replaces the ports of the rule by all of the services it reaches.
    pub(super) fn ports(&self, hits: &mut Vec<Hit<'p>>) {
        let side = &self.destination;
        if self.rule.ingress_services.is_empty() || side.is_left_out {
            return;
        }
        // outside of the cluster, a node port is the virtual service it was
        let is_inside = self.comes_from_inside();
        let services = side.reached.as_ref().map(|reached| &reached.services);
        let by_label = services.map(|services| if is_inside { &services.replaced_inside } else { &services.replaced });
        let by_label = by_label.filter(|services| !services.is_empty());
        let perhaps = services.map(|services| &services.perhaps_replaced).filter(|services| !services.is_empty());
        if side.named.is_empty() && by_label.is_none() && perhaps.is_none() {
            return;
        }
        let (named, is_whole) = self.reach.book.opened(&self.rule.ingress_services);
        let wider = |services: &ReplacedPorts| services.wider_than(&named);
        let alone = (!side.named.is_empty()).then(|| {
            let stays = is_inside.then(|| side.named_of(Fate::Stays)).into_iter().flatten();
            wider(&self.reach.replaced(side.named_of(Fate::Goes).chain(stays)))
        });
        let found = [by_label.map(wider), alone];
        let all =
            |of: fn(&Wider) -> &Sample| found.iter().flatten().fold(Sample::default(), |all, wider| all.and(of(wider)));
        let [met, at_nodes, not_met] =
            [all(|wider| &wider.met), all(|wider| &wider.at_nodes), all(|wider| &wider.not_met)];
        // a service that is not known may be about any port
        let nothing = Sample::default;
        let [met, at_nodes, not_met] =
            if is_whole { [met, at_nodes, not_met] } else { [met.and(&at_nodes).and(&not_met), nothing(), nothing()] };
        let is_certain = side.reached.as_ref().is_none_or(|reached| reached.is_certain);
        let certainty = match (is_whole, is_certain) {
            (true, true) => Certainty::Certain,
            (false, _) => Certainty::OfPorts,
            (true, false) => Certainty::OfWhatIsReached,
        };
        let allows = self.sort == Sort::Allow;
        let severity = if is_whole && allows { Severity::Warning } else { Severity::Info };
        let of = |services: &Sample, what, severity, certainty| Hit {
            severity,
            side: Some(Which::Destination),
            reached: self.met(services),
            certainty,
            ..hit(Rule::PortsWillWiden, what)
        };
        let what = if allows { What::Widened } else { What::DeniedPorts };
        if met.number > 0 {
            hits.push(of(&met, what(named.clone()), severity, certainty));
        }
        let perhaps = perhaps.map(wider).filter(|_| is_whole).unwrap_or_default();
        if perhaps.met.number > 0 {
            hits.push(of(&perhaps.met, what(named.clone()), Severity::Info, Certainty::OfTypes));
        }
        // of All Workloads it is already reported that it means every service
        let means_every_service = side.has(Kind::AllWorkloads) || side.has(Kind::LabelDimension);
        if !allows || means_every_service {
            return;
        }
        let of_types = Certainty::OfTypes;
        for (services, what, certainty) in [
            (&at_nodes, What::ReplacedAtNodes(named.clone()), certainty),
            (&not_met, What::Replaced(named.clone()), certainty),
            (&perhaps.at_nodes, What::ReplacedAtNodes(named.clone()), of_types),
            (&perhaps.not_met, What::Replaced(named.clone()), of_types),
        ] {
            if services.number > 0 {
                hits.push(of(services, what, Severity::Info, certainty));
            }
        }
    }
}
