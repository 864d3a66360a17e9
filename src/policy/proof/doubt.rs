//! [`Doubt`]: why a rule may not be the one that is needed.

/// Why a rule may not be the one that is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// IP lists do not hold a block.
    NotHeld {
        /// The lists, in words.
        lists: String,
        /// The block.
        block: String,
    },
    /// What an IP list holds is not known.
    UnknownList(String),
    /// Whether IP lists hold the Service CIDR is not known.
    ServiceCidr {
        /// The lists, in words.
        lists: String,
        /// How many service addresses were seen, all of which they hold.
        seen: usize,
    },
    /// Whether every node is among these is not known.
    Nodes(String),
    /// Whether every node is in the scope is not known.
    Scope,
    /// Whether the pods of a name are these is not known.
    Pods {
        /// The name.
        name: String,
        /// The actors, in words.
        said: String,
    },
    /// Whether an IP list holds the PCE is not known.
    Pce(String),
    /// The rule is for members of user groups only.
    UserGroups,
    /// A field narrows the rule or turns it round.
    Narrowed(&'static str),
    /// What a field does in CLAS is not documented.
    NotDocumented(&'static str),
    /// One of its services is that of certain processes.
    OfProcesses(String),
    /// The rule has fields that are not known.
    NotUnderstood(Vec<String>),
    /// A rule that overrides it may deny the same.
    Overridden {
        /// What it is called.
        title: String,
        /// The name of its rule set.
        set: String,
    },
    /// How the namespace is enforced.
    Enforcement {
        /// The namespace.
        namespace: String,
        /// The mode.
        mode: String,
    },
}

impl Doubt {
    /// Whether an option of the command line says what is not known.
    pub(super) const fn is_of_options(&self) -> bool {
        matches!(self, Self::ServiceCidr { .. } | Self::Nodes(_) | Self::Scope)
    }
}
