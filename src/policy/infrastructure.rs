//! The rules that CLAS needs, as a table.

use std::fmt;

use super::ports::Ports;

/// A rule that CLAS needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mandatory {
    /// A stable name.
    pub id: &'static str,
    /// From where.
    pub source: End,
    /// To where.
    pub destination: End,
    /// On which ports: protocol, first and last; one of these lists.
    pub ports: &'static [&'static [(i64, u16, u16)]],
    /// When it is needed.
    pub when: When,
    /// What for.
    pub why: &'static str,
    /// Who says so.
    pub cited: &'static str,
}

/// What is at an end of a [`Mandatory`] rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // `words` says it
pub enum End {
    Nodes,
    ServiceCidr,
    Everything,
    Kubelink,
    Storage,
    Pce,
}

/// When a [`Mandatory`] rule is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Before the upgrade to CLAS.
    Always,
    /// Once the namespace of Kubelink and the C-VENs is in Full Enforcement.
    FullEnforcement,
}

const BOTH: &str = "vendor page \"Rules and Traffic Considerations with CLAS\" (Core 25.1, and Containers)";
const NAMESPACE: &str = "vendor page \"Rules and Traffic Considerations with CLAS\" (Core 25.1, namespace enforcement)";

/// The table. A seventh row of the vendor's (Kubelink to the nodes' Kubernetes API server) is not in it: its wording is
/// not known.
#[rustfmt::skip]
pub const MANDATORY: &[Mandatory] = &[
    Mandatory { id: "nodes-to-service-cidr", source: End::Nodes, destination: End::ServiceCidr,
                ports: &[&[(6, 9000, 9000)]], when: When::Always, cited: BOTH,
                why: "C-VEN reaches Kubelink through its service address" },
    Mandatory { id: "any-to-nodes-etcd", source: End::Everything, destination: End::Nodes,
                ports: &[&[(6, 2379, 2380), (17, 2379, 2380)]], when: When::Always, cited: BOTH,
                why: "etcd, the storage of CLAS" },
    Mandatory { id: "kubelink-to-any-etcd", source: End::Kubelink, destination: End::Everything,
                ports: &[&[(6, 2379, 2379)]], when: When::FullEnforcement, cited: NAMESPACE,
                why: "Kubelink reaches the storage pod, whose address changes when it restarts" },
    Mandatory { id: "any-to-storage-etcd", source: End::Everything, destination: End::Storage,
                ports: &[&[(6, 2379, 2379)]], when: When::FullEnforcement, cited: NAMESPACE,
                why: "the storage pod's half of the same" },
    Mandatory { id: "nodes-to-kubelink", source: End::Nodes, destination: End::Kubelink,
                ports: &[&[(6, 8080, 8081), (6, 9000, 9000)]], when: When::FullEnforcement, cited: NAMESPACE,
                why: "C-VEN, on the network of its node, reaches Kubelink" },
    // 443 is that of hosted PCEs; the page names 8443 only
    Mandatory { id: "kubelink-to-pce", source: End::Kubelink, destination: End::Pce,
                ports: &[&[(6, 8443, 8443)], &[(6, 443, 443)]], when: When::FullEnforcement, cited: NAMESPACE,
                why: "Kubelink reaches the PCE" },
];

impl End {
    /// What it is called.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Nodes => "all nodes",
            Self::ServiceCidr => "an IP list with the Service CIDR",
            Self::Everything => "Any (0.0.0.0/0 and ::/0)",
            Self::Kubelink => "illumio-kubelink-*",
            Self::Storage => "illumio-storage-*",
            Self::Pce => "an IP list with the PCE's name",
        }
    }
}

/// `all nodes -> an IP list with the Service CIDR, 9000/TCP`.
impl fmt::Display for Mandatory {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let alternatives: Vec<String> = self.alternatives().map(|ports| ports.to_string()).collect();
        let ports = alternatives.join(" (or ");
        let close = if alternatives.len() > 1 { ")" } else { "" };
        write!(out, "{} -> {}, {ports}{close}", self.source.words(), self.destination.words())
    }
}

impl Mandatory {
    /// The ports; any of these will do.
    pub fn alternatives(&self) -> impl Iterator<Item = Ports> {
        self.ports
            .iter()
            .map(|spans| spans.iter().map(|(protocol, from, to)| Ports::of(*protocol, *from, *to)).collect())
    }
}
