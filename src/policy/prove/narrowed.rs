//! [`Narrowed`]: what narrows a rule beside its boxes, and what it opens under each of its conditions.

use std::fmt;

use super::{doubt::Doubts, entry::Opened, point::Circumstances, ranges::intervals, space::Space};
use crate::policy::{
    Book,
    model::{Condition, SecRule},
    ports::Ports,
    words::shown,
};

/// What narrows a rule beside its boxes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Narrowed<'p> {
    /// The hrefs of the user groups that it is for; for everybody where there are none.
    pub(super) user_groups: Vec<&'p str>,
    pub(super) conditions: Vec<Condition>,
    /// Whether it is for networks that are not the corporate one.
    pub(super) is_elsewhere: bool,
    /// What must hold of the process or of the ICMP message.
    pub(super) service: Option<String>,
}

impl Narrowed<'_> {
    /// Whether it is for certain ICMP messages.
    pub(super) fn is_of_messages(&self) -> bool {
        self.service.iter().flat_map(|service| service.lines()).any(|line| line.starts_with("icmp_"))
    }

    /// Whether it allows some connections of its network only.
    pub(super) const fn narrows_connections(&self) -> bool {
        !(self.user_groups.is_empty() && self.conditions.is_empty() && self.service.is_none())
    }
}

/// For which flows alone a rule is.
impl fmt::Display for Narrowed<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if !self.user_groups.is_empty() {
            parts.push("for members of certain user groups (consuming_security_principals)".to_owned());
        }
        for condition in &self.conditions {
            parts.push(match condition {
                Condition::Encrypted => "where VENs encrypt the connection (sec_connect)".to_owned(),
                Condition::Authenticated => "where both machines prove who they are (machine_auth)".to_owned(),
                other => format!("by its {}", other.field()),
            });
        }
        if self.is_elsewhere {
            parts.push("on networks that are not the corporate one (network_type)".to_owned());
        }
        let service = self.service.iter().flat_map(|service| service.lines());
        parts.extend(service.map(|line| format!("for `{}`", shown(line))));
        out.write_str(&parts.join(" and "))
    }
}

/// What a rule asks of a flow for which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    /// All that holds of the flow.
    Exactly,
    /// Some of it.
    Less,
}

impl Narrowed<'_> {
    /// What it asks of a flow in some circumstances; nothing where it is not for that flow.
    pub(super) fn asks(&self, circumstances: &Circumstances<'_>) -> Option<Asks> {
        let Circumstances { is_elsewhere, facts } = *circumstances;
        let fact = |field: &str, value: &str| format!("{field}={value}");
        let groups: Vec<String> =
            self.user_groups.iter().map(|group| fact("consuming_security_principals", group)).collect();
        let conditions = self.conditions.iter().map(|condition| fact(condition.field(), "true"));
        let others: Vec<String> =
            conditions.chain(self.service.iter().flat_map(|service| service.lines()).map(str::to_owned)).collect();
        let is_fact = |said: &String| facts.contains(&said.as_str());
        let is_met = is_elsewhere == self.is_elsewhere
            && (groups.is_empty() || groups.iter().any(is_fact))
            && others.iter().all(is_fact);
        let is_asked = |fact: &&str| groups.iter().chain(&others).any(|said| said == fact);
        is_met.then(|| if facts.iter().all(is_asked) { Asks::Exactly } else { Asks::Less })
    }
}

/// What narrows a rule beside its boxes: user groups, and what else must hold of a connection. A rule for every network
/// is one for the corporate network, as most are, and one for the others.
fn narrowed<'p>(rule: &'p SecRule<'p>) -> Vec<Narrowed<'p>> {
    let mut user_groups: Vec<&str> = rule.user_groups.iter().map(|group| &*group.href).collect();
    user_groups.sort_unstable();
    user_groups.dedup();
    let narrows = |condition: &Condition| matches!(condition, Condition::Encrypted | Condition::Authenticated);
    let mut conditions: Vec<Condition> = rule.conditions.iter().copied().filter(narrows).collect();
    conditions.sort_unstable();
    let is_every = rule.has(Condition::EveryNetwork);
    let networks: &[bool] = match rule.has(Condition::OtherNetworks) {
        _ if is_every => &[false, true],
        true => &[true],
        false => &[false],
    };
    let one = Narrowed { user_groups, conditions, ..Narrowed::default() };
    networks.iter().map(|is_elsewhere| Narrowed { is_elsewhere: *is_elsewhere, ..one.clone() }).collect()
}

/// The ports that a rule opens, under each of its conditions. Those that are not known may be any.
pub(super) fn opened<'p>(
    book: &'p Book<'p>,
    space: &mut Space<'p>,
    rule: &'p SecRule<'p>,
    rule_allows: bool,
) -> Vec<(Opened, u32, Doubts)> {
    let narrowed = narrowed(rule);
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
