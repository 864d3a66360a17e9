//! Small policies, as they are made up.

pub(super) const ORG: &str = "/orgs/3";
pub(super) const ACTIVE: &str = "/orgs/3/sec_policy/active";
pub(super) const CLUSTER: &str = "5a1e0000-0000-4000-8000-0000000000c1";

/// Labels: two keys with two values each.
pub(super) const KEYS: [&str; 2] = ["role", "env"];
pub(super) const VALUES: [[&str; 2]; 2] = [["web", "db"], ["prod", "dev"]];
pub(super) const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;
pub(super) const ICMP: u8 = 1;
/// Every port that the policies distinguish, one that none names, and the messages of a protocol that has no ports.
pub(super) const PORTS: [(u8, u16); 6] = [(TCP, 80), (TCP, 85), (TCP, 90), (UDP, 53), (TCP, 443), (ICMP, 0)];
/// The process that services may be for, and the group of users that rules may be for.
pub(super) const PROCESS: &str = "process_name=/usr/sbin/sshd";
pub(super) const TYPE: &str = "icmp_type=8";
pub(super) const CODE: &str = "icmp_code=0";
pub(super) const GROUP: &str = "consuming_security_principals=/orgs/3/security_principals/1";
pub(super) const ENCRYPTED: &str = "sec_connect=true";
/// One address in each list, one in both, one in none.
pub(super) const ADDRESSES: [[u8; 4]; 4] = [[10, 0, 0, 1], [10, 0, 1, 1], [10, 0, 2, 1], [192, 0, 2, 1]];
pub(super) const LISTS: [&[usize]; 2] = [&[0, 1], &[1, 2]];

pub(super) type Labels = [Option<usize>; 2];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    ClusterIp,
    NodePort,
    /// Made by Kubelink, of a type that is not in the input.
    Untyped,
    /// Of a type of which nothing is documented.
    External,
    ByHand,
}

#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) kind: Kind,
    pub(super) labels: Labels,
    /// The ports behind it, as numbers of [`PORTS`].
    pub(super) ports: Vec<usize>,
    /// The ports of its clients, one for each, where they are given.
    pub(super) clients: Vec<u16>,
}

impl Service {
    pub(super) fn has_cluster_address(&self) -> bool {
        self.kind != Kind::ByHand
    }

    pub(super) fn stays(&self) -> bool {
        self.kind != Kind::ClusterIp
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Actor {
    Everything,
    Label(usize, usize),
    NoLabel(usize, usize),
    /// The group of both values of a key, or of the first one.
    Group(usize, bool),
    AnyOf(usize),
    Service(usize),
    Addresses(usize),
    /// A label that is in no list.
    Unheard,
    /// An actor of a kind that no schema has.
    Alien,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Uses {
    pub(super) workloads: bool,
    pub(super) services: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) denies: bool,
    pub(super) sources: Vec<Actor>,
    pub(super) destinations: Vec<Actor>,
    pub(super) source_uses: Uses,
    pub(super) destination_uses: Uses,
    pub(super) opened: Opened,
    pub(super) is_unscoped: bool,
    /// What must hold of a flow beside its ends and its port: facts.
    pub(super) wants: Vec<&'static str>,
    pub(super) network: Network,
    pub(super) is_for_all_but_its_sources: bool,
}

/// The networks that a rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Network {
    Corporate,
    Others,
    Every,
}

impl Network {
    pub(super) fn has(self, is_elsewhere: bool) -> bool {
        match self {
            Self::Corporate => !is_elsewhere,
            Self::Others => is_elsewhere,
            Self::Every => true,
        }
    }
}

/// A range of ports of a protocol, for flows of which these facts hold.
pub(super) type Range = (u8, u16, u16, &'static [&'static str]);

/// The services of the export that narrow what they open, from number 2 on.
pub(super) const NARROWED: [&[Range]; 5] = [
    &[(TCP, 80, 80, &[PROCESS])],
    &[(TCP, 85, 90, &[PROCESS]), (UDP, 53, 53, &[PROCESS])],
    &[(ICMP, 0, u16::MAX, &[TYPE])],
    &[(ICMP, 0, u16::MAX, &[TYPE, CODE])],
    &[(ICMP, 0, u16::MAX, &[])],
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Opened {
    Nothing,
    /// Ranges of numbers of ports.
    Ports(Vec<(u8, u16, u16)>),
    /// Services of [`NARROWED`], and perhaps a port beside them.
    Narrowed(Vec<usize>, Option<(u8, u16)>),
    Everything,
    /// A service that is not in the input.
    Unheard,
}

#[derive(Clone, Debug)]
pub(super) struct Set {
    pub(super) scopes: Vec<Vec<Actor>>,
    pub(super) rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) services: Vec<Service>,
    pub(super) sets: Vec<Set>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Workload(Labels),
    Address(usize),
    Behind(usize),
    Cluster(usize),
    Front(usize),
}
