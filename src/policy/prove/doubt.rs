//! [`Doubts`]: why an answer is not known, as data; the words are in one table.

/// Reasons for which something is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Doubts(u32);

/// The name and the words of each, in the order of the bits. The rule may be the one that allows a flow, or another one
/// that may allow it as well.
const WORDS: [(Doubts, &str, &str); 22] = [
    (Doubts::LABEL, "label-not-known", "a label or a label group of a rule is not in the input"),
    (Doubts::PORTS, "service-not-known", "a service of a rule is not in the input, so its ports are not known"),
    (Doubts::ACTOR, "actor-not-known", "a rule names something that this tool does not know"),
    (
        Doubts::ALL_WORKLOADS,
        "all-workloads",
        "the vendor advises against All Workloads as a destination in CLAS and does not document which services it reaches",
    ),
    (
        Doubts::TYPE_OF_SERVICE,
        "type-of-service",
        "the vendor does not document what a service of this type becomes in \
                                                  CLAS",
    ),
    (Doubts::LABELS_OF_SERVICE, "labels-of-service", "the keys of some labels of the service are not in the input"),
    (Doubts::NAMED, "labels-of-object", "the labels of an object that a rule names are not in the input"),
    (Doubts::ADDRESSES, "addresses", "the addresses behind a DNS name or an IP list are not in the input"),
    (Doubts::PORTS_OF_SERVICE, "ports-of-service", "the ports of the service are not in the input"),
    (Doubts::SERVICE, "service-not-in-input", "a virtual service that a rule names is not in the input"),
    (
        Doubts::DENIED_PORTS,
        "denied-ports",
        "the vendor does not document whether CLAS replaces the ports of a deny rule, too",
    ),
    (Doubts::NARROWED, "narrowed-rule", "another rule allows it only under another condition"),
    (Doubts::FIELD, "field-not-known", "a rule has a field whose meaning in CLAS is not known"),
    (
        Doubts::LEFT_OUT,
        "all-but",
        "a rule means everything but what it names, and the effect is known only for sources that are addresses",
    ),
    (
        Doubts::CLIENT_PORTS,
        "client-ports",
        "the input does not say to which port behind the service a client port leads",
    ),
    (
        Doubts::REPLACED,
        "narrowing-of-replaced-ports",
        "a rule is for certain processes or ICMP messages, and the vendor does not document whether the ports that \
         replace its own in CLAS are, too",
    ),
    (Doubts::TOO_LARGE, "too-large", "too many rules reach the service to compare all of them"),
    (
        Doubts::TYPE_NOT_TOLD,
        "type-not-told",
        "the type of the service is not in the input, so it is not known whether addresses outside the cluster still \
         reach it",
    ),
    (
        Doubts::INSIDE,
        "sources-may-be-inside",
        "some of these addresses may belong to pods, which call the cluster address of the service",
    ),
    (
        Doubts::NODE_PORT,
        "node-port",
        "the vendor does not document whether a rule that names the node port of a service opens the service",
    ),
    (
        Doubts::HELD,
        "address-of-workload",
        "an IP list of a rule may contain the address of the workload, which is not in the input",
    ),
    (
        Doubts::OTHER_FIELDS,
        "other-fields",
        "another rule allows it with other fields (stateless, use_workload_subnets), whose effect the vendor does not \
         document",
    ),
];

#[allow(missing_docs)] // the words of each stand in the table
impl Doubts {
    pub const LABEL: Self = Self(1);
    pub const PORTS: Self = Self(1 << 1);
    pub const ACTOR: Self = Self(1 << 2);
    pub const ALL_WORKLOADS: Self = Self(1 << 3);
    pub const TYPE_OF_SERVICE: Self = Self(1 << 4);
    pub const LABELS_OF_SERVICE: Self = Self(1 << 5);
    pub const NAMED: Self = Self(1 << 6);
    pub const ADDRESSES: Self = Self(1 << 7);
    pub const PORTS_OF_SERVICE: Self = Self(1 << 8);
    pub const NARROWED: Self = Self(1 << 9);
    pub const TOO_LARGE: Self = Self(1 << 10);
    pub const SERVICE: Self = Self(1 << 11);
    pub const DENIED_PORTS: Self = Self(1 << 12);
    pub const FIELD: Self = Self(1 << 13);
    pub const LEFT_OUT: Self = Self(1 << 14);
    pub const CLIENT_PORTS: Self = Self(1 << 15);
    pub const REPLACED: Self = Self(1 << 16);
    pub const TYPE_NOT_TOLD: Self = Self(1 << 17);
    pub const INSIDE: Self = Self(1 << 18);
    pub const NODE_PORT: Self = Self(1 << 19);
    pub const HELD: Self = Self(1 << 20);
    pub const OTHER_FIELDS: Self = Self(1 << 21);
}

impl Doubts {
    /// None.
    pub const NOTHING: Self = Self(0);

    /// Those that are about a service or an address, and the same in both models.
    pub(super) const OF_SERVICE_AND_ADDRESSES: Self = Self(
        Self::LABELS_OF_SERVICE.0 | Self::PORTS_OF_SERVICE.0 | Self::CLIENT_PORTS.0 | Self::NODE_PORT.0 | Self::HELD.0,
    );

    /// Those of these that are among others.
    #[must_use]
    pub const fn only(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    /// Whether there are none.
    #[must_use]
    pub(crate) const fn are_none(self) -> bool {
        self.0 == 0
    }

    /// Whether these are among them.
    #[must_use]
    pub const fn has(self, doubts: Self) -> bool {
        self.0 & doubts.0 != 0
    }

    /// Adds others.
    pub fn add(&mut self, doubts: Self) {
        self.0 |= doubts.0;
    }

    /// These and others.
    #[must_use]
    pub const fn with(self, doubts: Self) -> Self {
        Self(self.0 | doubts.0)
    }

    /// The name of each, as it stands in JSON.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        WORDS.iter().filter(move |(doubt, ..)| self.has(*doubt)).map(|(_, name, _)| *name)
    }

    /// Each as a person reads it.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        WORDS.iter().filter(move |(doubt, ..)| self.has(*doubt)).map(|(.., words)| *words)
    }
}
