//! [`SecRule`]: what is allowed or denied, as the PCE writes it.

use serde::Deserialize;

use super::{Actor, Condition, Kind, Object, Opened, ResolveLabelsAs, Uses, uses::WrittenUses};
use crate::policy::read::{Text, Unknown, Words, object};

/// A rule of the PCE; also one of its enforcement boundaries, the deny rules of older PCEs.
#[derive(Clone, Debug)]
pub struct SecRule<'t> {
    /// Where it is on the PCE.
    pub href: Text<'t>,
    /// The name of an enforcement boundary; rules have none.
    pub name: Text<'t>,
    /// What its author says about it.
    pub description: Text<'t>,
    /// Whether it is in force.
    pub is_enabled: bool,
    /// The destinations.
    pub providers: Vec<Actor<'t>>,
    /// The sources.
    pub consumers: Vec<Actor<'t>>,
    /// What it opens at the destinations.
    pub ingress_services: Vec<Opened<'t>>,
    /// The services of a deny rule that count at its sources.
    pub egress_services: Vec<Object<'t>>,
    /// What its labels mean.
    pub resolve_labels_as: ResolveLabelsAs,
    /// Whether its sources are taken from outside the scope, too.
    pub has_unscoped_consumers: bool,
    /// Whether a deny rule counts more than every allow rule.
    pub is_override: bool,
    /// The user groups whose members alone it is for; for everybody where there are none.
    pub user_groups: Vec<Object<'t>>,
    /// What else narrows it, or turns it round.
    pub conditions: Vec<Condition>,
    /// What of it is not provisioned. Only in drafts.
    pub update_type: Option<Text<'t>>,
    /// Fields and values that this crate does not know; those of its actors and services are kept there.
    pub unknown: Vec<Unknown<'t>>,
}

object! {
    /// A rule as it is written.
    struct WrittenRule<'t>, called "a rule", needs [href], expects [is_enabled as "enabled", providers, consumers, ingress_services], without ["rule_set", "log_flow", "update_label"] {
        "href" => href: Text<'t>,
        "name" => name: Text<'t>,
        "description" => description: Text<'t>,
        "enabled" => is_enabled: bool = true,
        "providers" => providers: Vec<Actor<'t>>,
        "consumers" => consumers: Vec<Actor<'t>>,
        "ingress_services" => ingress_services: Vec<Opened<'t>>,
        "egress_services" => egress_services: Vec<Object<'t>>,
        "resolve_labels_as" => resolve_labels_as: Option<WrittenUses<'t>>,
        "unscoped_consumers" => has_unscoped_consumers: bool,
        "override" => is_override: bool,
        "consuming_security_principals" => user_groups: Vec<Object<'t>>,
        "all_ips_except_for_in_consumers" => are_sources_left_out: bool,
        "all_ips_except_for_in_providers" => are_destinations_left_out: bool,
        "network_type" => network: Option<Text<'t>>,
        "sec_connect" => is_encrypted: bool,
        "machine_auth" => is_authenticated: bool,
        "stateless" => is_stateless: bool,
        "use_workload_subnets" => subnets: Words<'t>,
        "update_type" => update_type: Option<Text<'t>>,
    }
}

/// What only rules that allow say.
const USES: &str = "resolve_labels_as";

impl SecRule<'_> {
    /// The same as a rule that allows, which overrides none.
    pub(in crate::policy) fn allow(&mut self) {
        if self.is_override {
            self.unknown.push(Unknown::field("override".into()));
        }
    }

    /// The same as a rule that denies, which does not say what its labels mean, and has fewer kinds of actors.
    ///
    /// (Source: the vendor's schemas `deny_rules_get`, `deny_rule_actor` and `enforcement_boundary_actor`)
    pub(in crate::policy) fn deny(&mut self) {
        // the schemas do not have it
        self.unknown.retain(|field| *field != Unknown::missing(USES));
        if self.resolve_labels_as != ResolveLabelsAs::default() {
            self.unknown.push(Unknown::field(USES.into()));
        }
        // whether these narrow a rule that denies is not documented: the schema does not have them
        let narrows = |condition: &&Condition| {
            use Condition::{Authenticated, Encrypted, Stateless, SubnetsOfDestinations, SubnetsOfSources};
            matches!(condition, Authenticated | Encrypted | Stateless | SubnetsOfDestinations | SubnetsOfSources)
        };
        let groups = (!self.user_groups.is_empty()).then_some("consuming_security_principals");
        let fields = groups.into_iter().chain(self.conditions.iter().filter(narrows).map(|one| one.field()));
        self.unknown.extend(fields.map(|field| Unknown::field(field.into())));
        for actor in self.consumers.iter_mut().chain(&mut self.providers) {
            // virtual services and label dimensions are judged
            match (actor.kind, actor.kind.key()) {
                (Kind::ContainerHosts, Some(key)) => {
                    actor.unknown.push(Unknown::value(key, actor.object.href.clone()));
                }
                (Kind::VirtualServer, Some(key)) => actor.unknown.push(Unknown::field(key.into())),
                _ => {}
            }
        }
    }
}

/// Notes lists that are empty, which those of a PCE are not (`minItems` of the vendor's schemas). One that is missing
/// has been noted already.
fn with_empty<'t>(mut unknown: Vec<Unknown<'t>>, lists: &[(&str, bool)]) -> Vec<Unknown<'t>> {
    for (field, is_empty) in lists {
        if *is_empty && !unknown.contains(&Unknown::missing(field)) {
            unknown.push(Unknown::empty(field));
        }
    }
    unknown
}

impl<'t> From<WrittenRule<'t>> for SecRule<'t> {
    fn from(rule: WrittenRule<'t>) -> Self {
        let mut unknown = rule.unknown;
        let says_uses = rule.resolve_labels_as.is_some();
        if !says_uses {
            unknown.push(Unknown::missing(USES));
        }
        let WrittenUses { providers, consumers, unknown: of_uses } = rule.resolve_labels_as.unwrap_or_default();
        let are_empty = [("providers", providers.0.is_empty()), ("consumers", consumers.0.is_empty())];
        let of_uses = with_empty(of_uses, &are_empty).into_iter().map(|field| field.within(USES));
        unknown.extend(of_uses.filter(|_| says_uses));
        let are_empty = [("providers", rule.providers.is_empty()), ("consumers", rule.consumers.is_empty())];
        let mut unknown = with_empty(unknown, &are_empty);
        let resolve_labels_as = ResolveLabelsAs {
            providers: Uses::of(&providers, &mut unknown),
            consumers: Uses::of(&consumers, &mut unknown),
        };
        let flags = [
            (rule.are_sources_left_out, Condition::SourcesLeftOut),
            (rule.are_destinations_left_out, Condition::DestinationsLeftOut),
            (rule.is_encrypted, Condition::Encrypted),
            (rule.is_authenticated, Condition::Authenticated),
            (rule.is_stateless, Condition::Stateless),
        ];
        let mut conditions: Vec<Condition> =
            flags.into_iter().filter_map(|(is_set, condition)| is_set.then_some(condition)).collect();
        match rule.network.as_deref() {
            None | Some("brn") => {}
            Some("non_brn") => conditions.push(Condition::OtherNetworks),
            Some("all") => conditions.push(Condition::EveryNetwork),
            Some(_) => unknown.push(Unknown::value("network_type", rule.network.unwrap_or_default())),
        }
        for side in rule.subnets.0 {
            match &*side {
                "consumers" => conditions.push(Condition::SubnetsOfSources),
                "providers" => conditions.push(Condition::SubnetsOfDestinations),
                _ => unknown.push(Unknown::value("use_workload_subnets", side)),
            }
        }
        // of most rules, each has one: what a list grows by is more than all else of a rule
        let (mut providers, mut consumers, mut ingress_services) =
            (rule.providers, rule.consumers, rule.ingress_services);
        providers.shrink_to_fit();
        consumers.shrink_to_fit();
        ingress_services.shrink_to_fit();
        Self {
            href: rule.href,
            name: rule.name,
            description: rule.description,
            is_enabled: rule.is_enabled,
            providers,
            consumers,
            ingress_services,
            egress_services: rule.egress_services,
            resolve_labels_as,
            has_unscoped_consumers: rule.has_unscoped_consumers,
            is_override: rule.is_override,
            user_groups: rule.user_groups,
            conditions,
            update_type: rule.update_type,
            unknown,
        }
    }
}

impl<'de: 't, 't> Deserialize<'de> for SecRule<'t> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        WrittenRule::deserialize(deserializer).map(Self::from)
    }
}
