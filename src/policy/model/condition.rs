//! [`Condition`]: what narrows a rule, or turns it round.

/// What narrows a rule, or turns it round, beside its actors, its services and its user groups.
///
/// (Source: the vendor's schemas `sec_policy_rule_sets_sec_rules_get` and `deny_rules_get`, PCE 25.2.20 and 26.3.0)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Condition {
    /// The sources are everything but what they name.
    SourcesLeftOut,
    /// The destinations are everything but what they name.
    DestinationsLeftOut,
    /// Only on networks that are not the corporate one.
    OtherNetworks,
    /// On every network.
    EveryNetwork,
    /// Connections are encrypted between VENs.
    Encrypted,
    /// The machines prove who they are.
    Authenticated,
    /// Packets are filtered without regard to connections.
    Stateless,
    /// The subnets of the sources are meant as well.
    SubnetsOfSources,
    /// The subnets of the destinations are meant as well.
    SubnetsOfDestinations,
}

impl Condition {
    /// Whether it leaves out no flow, and makes a rule another one all the same: what it does is not documented.
    #[must_use]
    pub const fn is_of_manner(self) -> bool {
        matches!(self, Self::Stateless | Self::SubnetsOfSources | Self::SubnetsOfDestinations)
    }

    /// The field that says so.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::SourcesLeftOut => "all_ips_except_for_in_consumers",
            Self::DestinationsLeftOut => "all_ips_except_for_in_providers",
            Self::OtherNetworks | Self::EveryNetwork => "network_type",
            Self::Encrypted => "sec_connect",
            Self::Authenticated => "machine_auth",
            Self::Stateless => "stateless",
            Self::SubnetsOfSources | Self::SubnetsOfDestinations => "use_workload_subnets",
        }
    }
}
