//! [`Hit`]: what CLAS makes of a rule, as facts. `sentences` puts them into words.

use super::{model::Fate, ports::Ports};
use crate::{finding::Severity, rule::Rule};

/// What was found of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit<'p> {
    /// What is wrong.
    pub rule: Rule,
    /// How much it weighs here.
    pub severity: Severity,
    /// The side it is about, where it is about one.
    pub side: Option<Which>,
    /// What exactly it is.
    pub what: What,
    /// The virtual services that it is about.
    pub reached: Met<'p>,
    /// Whether it is known that it is so.
    pub certainty: Certainty,
}

/// A side of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Which {
    /// Who connects: `consumers` in the API.
    Source,
    /// To whom: `providers` in the API.
    Destination,
}

impl Which {
    /// What it is called.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Destination => "destination",
        }
    }
}

/// How far a [`Hit`] is known to be so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// It is so.
    Certain,
    /// It may be so: a label or a group of the side is not known, or the virtual services are not.
    OfWhatIsReached,
    /// It may be so: a service that the rule names is not known.
    OfPorts,
    /// It may be so: the type of the virtual services is not known.
    OfTypes,
}

/// What a [`Hit`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The side names virtual services of which this becomes.
    Named {
        /// What becomes of them.
        fate: Fate,
        /// Whether pods may call their cluster address, which is not a virtual service in CLAS.
        is_called_inside: bool,
    },
    /// The side means virtual services only.
    OnlyVirtualServices {
        /// What of them counts.
        of: Only,
        /// What the side should mean, with the ports that it should name.
        remain: Remain,
    },
    /// The side means virtual services beside workloads.
    AlsoVirtualServices {
        /// Whether some of them are virtual services in CLAS, too.
        remain: Remain,
    },
    /// The destination is All Workloads.
    AllWorkloads {
        /// Whether a scope narrows it.
        is_scoped: bool,
        /// Whether the rule allows or denies.
        allows: bool,
        /// Labels of destinations, in words.
        labels: Vec<String>,
    },
    /// The destination is everything with a label of a kind.
    EveryLabelled {
        /// The kind.
        key: String,
        /// Whether the rule allows or denies.
        allows: bool,
    },
    /// The destination uses workloads and names no port; the services have these.
    WithoutPort(Ports),
    /// CLAS opens all ports of services of which the rule names these.
    Widened(Ports),
    /// A rule that denies names these of the ports of services, and it is not documented whether CLAS takes all of
    /// them.
    DeniedPorts(Ports),
    /// CLAS opens the ports of services of which the rule names none.
    Replaced(Ports),
    /// The same of services of which it names a port at the nodes.
    ReplacedAtNodes(Ports),
    /// Fields that this crate does not know.
    NotUnderstood(Vec<String>),
    /// Fields that narrow the rule; the vendor does not document them for CLAS.
    Narrowed(Vec<&'static str>),
    /// Fields of its services that make them those of certain processes; not documented for CLAS.
    OfProcesses(Vec<&'static str>),
    /// Why it could not be rewritten.
    ByHand(Vec<Why>),
}

/// Which of the virtual services that a side means only count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    /// Those that go away.
    Going,
    /// Those with a cluster address that pods may call.
    CalledInside,
    /// Those that stay as they are.
    Staying,
    /// None at all.
    Nothing {
        /// Whether one cluster was asked about.
        is_of_one_cluster: bool,
    },
    /// It is not known which.
    Unclear,
}

/// What a side that means virtual services should become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remain {
    /// Whether some of the virtual services remain.
    pub are_some: bool,
    /// The ports that must be named; none where they are, or need not be.
    pub ports: Ports,
}

/// Why what a rule should become is for a person to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It has fields that this crate does not know.
    NotUnderstood(Vec<String>),
    /// A side that must change is an exclusion: the rule means everything else.
    LeftOut(Which),
    /// What a side reaches is not known.
    Unclear(Which),
    /// A side means every service.
    EveryService(Which),
    /// A side means every service but some.
    EveryOther(Which),
    /// A service has no labels beside those of the scope.
    NoLabels {
        /// The service.
        service: String,
    },
    /// The labels of a service reach others as well.
    ReachesMore {
        /// The labels, in words.
        labels: String,
        /// The other services, in words.
        others: String,
        /// Whose they are.
        whose: Whose,
    },
    /// The labels of a service do not reach it within the scope.
    ReachesNothing {
        /// The labels, in words.
        labels: String,
        /// The service.
        service: String,
    },
    /// The ports are not known.
    NoPorts,
    /// The ports are of a protocol that a rule cannot name by itself.
    Protocol(Ports),
    /// It names no port of services that it would open.
    OpensClosed {
        /// The ports that it names.
        named: Ports,
        /// The services, in words.
        services: String,
    },
    /// It opens nothing today; the services have these ports.
    OpensNothing(Ports),
    /// What one of its services opens is not known.
    UnknownService,
    /// It names no port, and so opens nothing at these, which it names beside labels.
    NewlyOpen(String),
    /// It has a field that no request can say.
    NoRequest(&'static str),
    /// Fields of its services make them those of certain processes, which would be opened at workloads.
    OfProcesses(Vec<&'static str>),
    /// A service is written out in the rule; its reference is not known.
    WrittenOut,
    /// It would become too many rules.
    TooMany(usize),
    /// It would name too many ports, or ranges of them.
    TooManyPorts(usize),
}

/// Whose the services are that a rule would reach as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// All of other clusters.
    OtherClusters,
    /// All made by hand.
    MadeByHand,
    /// Some of the same cluster.
    SameCluster,
}

/// Virtual services: the first few, and how many they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Met<'p> {
    /// The first few.
    pub first: Vec<Service<'p>>,
    /// How many.
    pub number: usize,
}

/// A virtual service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service<'p> {
    /// Its name.
    pub name: &'p str,
    /// Its ports.
    pub ports: Ports,
}
