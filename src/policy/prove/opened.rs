//! What a rule opens, under each of the conditions that narrow it.

use super::{doubt::Doubts, narrowed::Narrowed, ranges::intervals, space::Space, terms::Opened};
use crate::policy::{
    Book,
    model::{Condition, SecRule},
    ports::Ports,
};

/// What narrows a rule beside its boxes: user groups, and what else must hold of a connection. A rule for every network
/// is one for the corporate network, as most are, and one for the others.
fn narrowed<'p>(rule: &'p SecRule<'p>, rule_allows: bool) -> Vec<Narrowed<'p>> {
    let mut user_groups: Vec<&str> = rule.user_groups.iter().map(|group| &*group.href).collect();
    user_groups.sort_unstable();
    user_groups.dedup();
    let those = |are_meant: fn(Condition) -> bool| {
        let mut conditions: Vec<Condition> = rule.conditions.iter().copied().filter(|one| are_meant(*one)).collect();
        conditions.sort_unstable();
        conditions.dedup();
        conditions
    };
    let conditions = those(|one| matches!(one, Condition::Encrypted | Condition::Authenticated));
    // of a rule that denies, they are not understood
    let manner = if rule_allows { those(Condition::is_of_manner) } else { Vec::new() };
    let is_every = rule.has(Condition::EveryNetwork);
    let networks: &[bool] = match rule.has(Condition::OtherNetworks) {
        _ if is_every => &[false, true],
        true => &[true],
        false => &[false],
    };
    let one = Narrowed { user_groups, conditions, manner, ..Narrowed::default() };
    networks.iter().map(|is_elsewhere| Narrowed { is_elsewhere: *is_elsewhere, ..one.clone() }).collect()
}

/// The ports that a rule opens, under each of its conditions. Those that are not known may be any.
pub(super) fn opened<'p>(
    book: &'p Book<'p>,
    space: &mut Space<'p>,
    rule: &'p SecRule<'p>,
    rule_allows: bool,
) -> Vec<(Opened, u32, Doubts)> {
    let narrowed = narrowed(rule, rule_allows);
    if rule.ingress_services.is_empty() {
        let of_each = narrowed.into_iter().map(|narrowed| space.conditions.number(narrowed));
        return of_each.map(|condition| (Opened::OfServices, condition, Doubts::default())).collect();
    }
    let openings = book.openings(&rule.ingress_services);
    let is_vague = openings.as_ref().is_some_and(|openings| openings.is_vague);
    let all: Vec<(Option<String>, Ports, Doubts)> = if let Some(openings) = openings.filter(|_| !is_vague) {
        let plain = Some((None, openings.plain)).filter(|(_, ports)| !ports.is_empty());
        let under = openings.narrowed.into_iter().map(|(service, ports)| (Some(service), ports));
        plain.into_iter().chain(under).map(|(service, ports)| (service, ports, Doubts::default())).collect()
    } else {
        let (ports, is_whole) = book.opened(&rule.ingress_services);
        let (ports, doubts) = match (is_vague, is_whole && !ports.is_empty()) {
            (true, _) => (Ports::every(), Doubts::FIELD),
            (false, false) => (Ports::every(), Doubts::PORTS),
            (false, true) => (ports, Doubts::default()),
        };
        vec![(None, ports, doubts)]
    };
    let mut opened = Vec::with_capacity(all.len() * narrowed.len());
    // what it opens under no condition is replaced for all flows
    let opens_some = rule_allows && all.iter().any(|(service, ..)| service.is_none());
    for (service, ports, doubts) in all {
        let ports = space.ports.number(intervals(&ports));
        for narrowed in &narrowed {
            let condition = space.conditions.number(Narrowed { service: service.clone(), ..narrowed.clone() });
            opened.push((Opened::Ports(ports), condition, doubts));
            if service.is_some() && !opens_some {
                let condition = space.conditions.number(narrowed.clone());
                opened.push((Opened::Replaced(ports), condition, doubts.with(Doubts::REPLACED)));
            }
        }
    }
    opened
}
