//! [`VirtualService`]: what Kubelink makes of a Kubernetes service in the legacy model, or one made by hand.

use serde::{Deserialize, Deserializer, de::IgnoredAny};

use super::{Object, ServicePort, is_uuid};
use crate::policy::{
    ports::Ports,
    read::{Text, object},
};

object! {
    /// A virtual service: what Kubelink makes of a Kubernetes service in the legacy model, or one made by hand.
    pub struct VirtualService<'t>, called "a virtual service", needs [href], expects [labels], without [
        "description", "pce_fqdn", "external_data_reference", "apply_to", "network"
    ] {
        /// Where it is on the PCE.
        "href" => href: Text<'t>,
        /// Its name.
        "name" => name: Text<'t>,
        /// Who made it: a container cluster, or a user.
        "created_by" => created_by: Option<Object<'t>>,
        /// `CLUSTER|NAMESPACE` where Kubelink made it.
        "external_data_set" => external_data_set: Text<'t>,
        /// Its labels.
        "labels" => labels: Vec<Object<'t>>,
        /// Its ports: those of what is behind it.
        "service_ports" => service_ports: Vec<ServicePort<'t>>,
        /// Its ports as a service.
        "service" => service: Option<Object<'t>>,
        /// The ports that its clients use.
        "consumer_ports" => consumer_ports: Vec<i64>,
        /// Its addresses.
        "service_addresses" => service_addresses: Vec<ServiceAddress<'t>>,
        /// Addresses that take the place of those of what is behind it.
        "ip_overrides" => ip_overrides: Vec<Text<'t>>,
        /// What Kubernetes says of it.
        "k8s_service_info" => k8s_service_info: Option<KubernetesService<'t>>,
        /// What of it is not provisioned. Only in drafts.
        "update_type" => update_type: Option<Text<'t>>,
    }
}

object! {
    /// An address of a virtual service.
    pub struct ServiceAddress<'t>, called "an address", needs [], without ["network", "description"] {
        /// The address.
        "ip" => ip: Text<'t>,
        /// A DNS name in place of an address.
        "fqdn" => fqdn: Text<'t>,
        /// The port that clients use there.
        "port" => port: Option<i64>,
    }
}

object! {
    /// What Kubernetes says of a service.
    pub struct KubernetesService<'t>, called "what Kubernetes reports about a service", needs [], without [
        "ip_addresses"
    ] {
        /// `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalName`.
        "service_type" => service_type: Text<'t>,
        /// `cluster` or `local`; of a service without callers outside there is none.
        "external_traffic_policy" => external_traffic_policy: Text<'t>,
        /// The ports that its clients use.
        "consumer_ports" => consumer_ports: Vec<i64>,
        /// The ports of what is behind it, which its virtual service has, too.
        "service_ports" => service_ports: Vec<KubernetesPort<'t>>,
        /// The ports of every node under which clients outside of the cluster reach it.
        "node_ports" => node_ports: Vec<NodePort>,
    }
}

object! {
    /// A port of a service as Kubernetes writes it: the same as one of its virtual service.
    pub struct KubernetesPort<'t>, called "a port", needs [], without [] {
        /// The port.
        "port" => port: Option<i64>,
        /// The number of its protocol.
        "protocol" => protocol: Option<i64>,
        /// The port of every node that leads to it.
        "node_port" => node_port: Option<i64>,
    }
}

/// A port of every node. No schema has a list of them, so it may be written in any way; one that is written otherwise than
/// here has no number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NodePort {
    /// Its number.
    pub number: Option<i64>,
    /// The number of its protocol; any where there is none.
    pub protocol: Option<i64>,
}

impl<'de> Deserialize<'de> for NodePort {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Object {
            node_port: Option<i64>,
            port: Option<i64>,
            protocol: Option<i64>,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(i64),
            Object(Object),
            Other(IgnoredAny),
        }
        Ok(match Written::deserialize(deserializer)? {
            Written::Number(number) => Self { number: Some(number), protocol: None },
            Written::Object(Object { node_port, port, protocol }) => Self { number: node_port.or(port), protocol },
            Written::Other(_) => Self::default(),
        })
    }
}

/// What becomes of a virtual service in CLAS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fate {
    /// A `ClusterIP` service: it becomes a Kubernetes Workload, and is not a virtual service any more.
    Goes,
    /// Made by Kubelink, of a type that is missing or not known.
    CannotTell,
    /// A `NodePort` or `LoadBalancer` service: it stays a virtual service for callers outside the cluster, and its
    /// cluster address becomes a Kubernetes Workload.
    Stays,
    /// Not made by Kubelink, so CLAS does not touch it.
    MadeByHand,
}

impl Fate {
    /// Whether it has a cluster address, or may have one: what pods call becomes a Kubernetes Workload.
    #[must_use]
    pub const fn has_cluster_address(self) -> bool {
        matches!(self, Self::Goes | Self::Stays)
    }
}

impl VirtualService<'_> {
    /// The lists of the ports that its clients use: its own, and what Kubernetes says of it. What is behind it may have
    /// others. One by one where there are as many of them.
    pub(crate) fn lists_of_client_ports(&self) -> impl Iterator<Item = &[i64]> {
        let of_kubernetes = self.k8s_service_info.as_ref().map(|info| &*info.consumer_ports);
        let own = &*self.consumer_ports;
        [own].into_iter().chain(of_kubernetes.filter(move |others| *others != own)).filter(|list| !list.is_empty())
    }

    /// The ports of its clients and of the nodes that are not valid ports, each with its field.
    pub(in crate::policy) fn unreadable_client_ports(&self) -> Vec<String> {
        const PORTS: std::ops::RangeInclusive<i64> = 0..=u16::MAX as i64;
        let info = self.k8s_service_info.as_ref();
        let listed = |field: &'static str, list: &[i64]| -> Vec<(&'static str, Option<i64>)> {
            list.iter().map(|number| (field, Some(*number))).collect()
        };
        let mut all = listed("consumer_ports[]", &self.consumer_ports);
        if let Some(info) = info {
            all.extend(listed("k8s_service_info.consumer_ports[]", &info.consumer_ports));
            all.extend(info.node_ports.iter().map(|port| ("k8s_service_info.node_ports[]", port.number)));
            let of_ports = info.service_ports.iter().filter_map(|port| port.node_port);
            all.extend(of_ports.map(|port| ("k8s_service_info.service_ports[].node_port", Some(port))));
        }
        all.extend(self.service_addresses.iter().filter_map(|one| Some(("service_addresses[].port", Some(one.port?)))));
        let unread = all.into_iter().filter(|(_, number)| number.is_none_or(|number| !PORTS.contains(&number)));
        unread.map(|(field, number)| number.map_or(field.to_owned(), |number| format!("{field}={number}"))).collect()
    }

    /// Whether Kubernetes reports other ports behind it than its own are: which ones count is not known.
    pub(in crate::policy) fn ports_say_otherwise(&self) -> bool {
        let Some(info) = self.k8s_service_info.as_ref().filter(|info| !info.service_ports.is_empty()) else {
            return false;
        };
        let reported: Ports =
            info.service_ports.iter().map(|one| Ports::written(one.protocol, one.port, None)).collect();
        // Kubernetes reports no other protocols (`protocol` of the vendor's schema `kubernetes_service`)
        let own = self.service_ports.iter().filter(|one| matches!(one.proto, Some(6 | 17)));
        let own: Ports = own.map(|one| Ports::written(one.proto, one.port, one.to_port)).collect();
        let are_same = own.cover(&reported) && reported.cover(&own);
        !(self.service_ports.is_empty() || are_same)
    }

    /// The UUID of the cluster whose Kubelink made it. Where the maker is not given, or Kubernetes says something of it,
    /// that is the first part of `external_data_set`, if that is a UUID: any tool writes what it wants there.
    #[must_use]
    pub fn cluster(&self) -> Option<&str> {
        let made_by = self.created_by.as_ref().and_then(|maker| maker.href.rsplit_once("/container_clusters/"));
        let may_be_kubelink = self.created_by.is_none() || self.k8s_service_info.is_some();
        let named = self.external_data_set.split_once('|').map(|(cluster, _)| cluster);
        made_by.map(|(_, cluster)| cluster).or_else(|| named.filter(|named| may_be_kubelink && is_uuid(named)))
    }

    /// What becomes of it.
    ///
    /// Read from `k8s_service_info.service_type`. `NodePort` and `LoadBalancer` stay virtual services (vendor page
    /// "Rules and Traffic Considerations with CLAS"); the spellings are those of the vendor's schema
    /// `kubernetes_service`, and case does not count. An `ExternalName` service has no address: what becomes of it is
    /// not documented.
    #[must_use]
    pub(crate) fn fate(&self) -> Fate {
        let kind = self.k8s_service_info.as_ref().map(|info| &*info.service_type);
        let is = |name: &str| kind.is_some_and(|kind| kind.eq_ignore_ascii_case(name));
        if is("ClusterIP") {
            Fate::Goes
        } else if is("NodePort") || is("LoadBalancer") {
            Fate::Stays
        } else if kind.is_some() || self.cluster().is_some() {
            Fate::CannotTell
        } else {
            Fate::MadeByHand
        }
    }
}
