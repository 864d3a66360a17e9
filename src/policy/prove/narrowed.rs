//! [`Narrowed`]: what narrows a rule beside its boxes.

use std::fmt;

use crate::policy::{model::Condition, words::shown};

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
    /// Fields that narrow no flow, but make it another rule: what they do is not documented.
    pub(super) manner: Vec<Condition>,
}

impl Narrowed<'_> {
    /// Whether it is for certain ICMP messages.
    pub(super) fn is_of_messages(&self) -> bool {
        self.service.iter().flat_map(|service| service.lines()).any(|line| line.starts_with("icmp_"))
    }

    /// Whether it is for every flow of the corporate network.
    pub(super) const fn is_of_every_flow(&self) -> bool {
        !(self.is_elsewhere || self.narrows_connections())
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
                Condition::Encrypted => "if VENs encrypt the connection (sec_connect)".to_owned(),
                Condition::Authenticated => "if both machines authenticate (machine_auth)".to_owned(),
                other => format!("by its {}", other.field()),
            });
        }
        if self.is_elsewhere {
            parts.push("on networks other than the corporate one (network_type)".to_owned());
        }
        let service = self.service.iter().flat_map(|service| service.lines());
        parts.extend(service.map(|line| format!("for `{}`", shown(line))));
        out.write_str(&parts.join(" and "))
    }
}

/// What else holds of a flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circumstances<'c> {
    /// Whether its network is another than the corporate one.
    pub is_elsewhere: bool,
    /// The fields of rules and services with the values that fit it: `process_name=/usr/sbin/sshd`, `icmp_type=8`,
    /// `consuming_security_principals=/orgs/3/security_principals/1`.
    pub facts: &'c [&'c str],
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
