//! What a PCE's policy is made of, as its REST API writes it: as much of it as the check needs.
//!
//! The API calls the destinations of a rule `providers` and its sources `consumers`, and so do the fields here; words
//! for people say destination and source, as the PCE's pages do. (Source: the shapes seen in the vendor's SDKs, its
//! Terraform provider and live answers; `illumio-py`, `terraform-provider-illumio-core`.)

use serde::Deserialize;

use super::{
    ports::Ports,
    read::{Text, or_default, or_true},
};

/// What stands in a list of the PCE.
pub(super) trait Listed {
    /// Where it is on the PCE.
    fn href(&self) -> &Text<'_>;
}

macro_rules! listed {
    ($($object:ident)*) => {
        $(impl Listed for $object<'_> {
            fn href(&self) -> &Text<'_> {
                &self.href
            }
        })*
    };
}

listed! { RuleSet SecRule VirtualService LabelGroup Service IpList Object ContainerCluster Profile }

/// Rules with a common scope.
#[derive(Clone, Debug, Deserialize)]
pub struct RuleSet<'t> {
    /// Where it is on the PCE.
    #[serde(borrow)]
    pub href: Text<'t>,
    /// Its name.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub name: Text<'t>,
    /// Whether its rules are in force.
    #[serde(rename = "enabled", default = "on", deserialize_with = "or_true")]
    pub is_enabled: bool,
    /// Where its rules apply: one of these lists must match, in all its parts. An empty list matches everything.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub scopes: Vec<Vec<Actor<'t>>>,
    /// What it allows.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub rules: Vec<SecRule<'t>>,
    /// What it denies, on newer PCEs.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub deny_rules: Vec<SecRule<'t>>,
    /// What of it is not provisioned: `create`, `update`, `delete`. Only in drafts.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub update_type: Option<Text<'t>>,
}

/// A rule of the PCE; also one of its enforcement boundaries, the deny rules of older PCEs.
#[derive(Clone, Debug, Deserialize)]
pub struct SecRule<'t> {
    /// Where it is on the PCE.
    #[serde(borrow)]
    pub href: Text<'t>,
    /// The name of an enforcement boundary; rules have none.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub name: Text<'t>,
    /// What its author says about it.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub description: Text<'t>,
    /// Whether it is in force.
    #[serde(rename = "enabled", default = "on", deserialize_with = "or_true")]
    pub is_enabled: bool,
    /// The destinations.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub providers: Vec<Actor<'t>>,
    /// The sources.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub consumers: Vec<Actor<'t>>,
    /// What it opens at the destinations.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub ingress_services: Vec<Opened<'t>>,
    /// What its labels stand for.
    #[serde(default, deserialize_with = "or_default")]
    pub resolve_labels_as: ResolveLabelsAs,
    /// Whether its sources are taken from outside the scope, too.
    #[serde(rename = "unscoped_consumers", default, deserialize_with = "or_default")]
    pub has_unscoped_consumers: bool,
    /// Whether a deny rule counts more than every allow rule.
    #[serde(rename = "override", default, deserialize_with = "or_default")]
    pub is_override: bool,
    /// What of it is not provisioned. Only in drafts.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub update_type: Option<Text<'t>>,
}

const fn on() -> bool {
    true
}

/// What the labels of a rule stand for, on either side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct ResolveLabelsAs {
    /// The destinations.
    #[serde(default, deserialize_with = "or_default")]
    pub providers: Uses,
    /// The sources.
    #[serde(default, deserialize_with = "or_default")]
    pub consumers: Uses,
}

/// What labels stand for. A rule that does not say uses workloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uses {
    /// Workloads that have the labels.
    pub workloads: bool,
    /// Virtual services that have the labels.
    pub virtual_services: bool,
}

impl Default for Uses {
    fn default() -> Self {
        Self { workloads: true, virtual_services: false }
    }
}

impl Uses {
    /// What the PCE's pages call it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match (self.workloads, self.virtual_services) {
            (_, false) => "Use Workloads",
            (false, true) => "Uses Virtual Services only",
            (true, true) => "Uses Virtual Services and Workloads",
        }
    }
}

/// A source, a destination, or a part of a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor<'t> {
    /// What it is.
    pub kind: Kind,
    /// The object it names; for [`Kind::AllWorkloads`], [`Kind::ContainerHosts`] and [`Kind::Other`] the word.
    pub object: Object<'t>,
    /// Whether it is left out: all labels of its kind but this.
    pub is_exclusion: bool,
}

/// What an [`Actor`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the names say it
pub enum Kind {
    AllWorkloads,
    ContainerHosts,
    Label,
    LabelGroup,
    Workload,
    VirtualService,
    VirtualServer,
    IpList,
    /// Something this crate does not know.
    Other,
}

impl Kind {
    /// The kind of the object under a key.
    #[must_use]
    pub(super) fn of_key(key: &str) -> Option<Self> {
        Some(match key {
            "label" => Self::Label,
            "label_group" => Self::LabelGroup,
            "workload" => Self::Workload,
            "virtual_service" => Self::VirtualService,
            "virtual_server" => Self::VirtualServer,
            "ip_list" => Self::IpList,
            _ => return None,
        })
    }

    /// The kind of a word under `actors`.
    #[must_use]
    pub(super) fn of_word(word: &str) -> Self {
        match word {
            "ams" => Self::AllWorkloads,
            "container_host" => Self::ContainerHosts,
            _ => Self::Other,
        }
    }

    /// Whether it stands for workloads.
    #[must_use]
    pub const fn is_workload(self) -> bool {
        matches!(self, Self::AllWorkloads | Self::ContainerHosts | Self::Label | Self::LabelGroup | Self::Workload)
    }

    /// Whether it stands for whatever has (or may have) certain labels.
    #[must_use]
    pub const fn is_by_label(self) -> bool {
        matches!(self, Self::AllWorkloads | Self::Label | Self::LabelGroup)
    }
}

/// An object as others refer to it: by its href, and sometimes with its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Shape<'t>", bound(deserialize = "'de: 't"))]
pub struct Object<'t> {
    /// Where it is on the PCE.
    pub href: Text<'t>,
    /// What else is said of it; most references are bare.
    pub names: Option<Box<Names<'t>>>,
}

/// What may be said of an object beside its href.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names<'t> {
    /// The name of anything but a label.
    pub name: Text<'t>,
    /// The kind of a label: `role`, `app`.
    pub key: Text<'t>,
    /// The value of a label.
    pub value: Text<'t>,
}

#[derive(Deserialize)]
struct Shape<'t> {
    #[serde(borrow)]
    href: Text<'t>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    name: Text<'t>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    key: Text<'t>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    value: Text<'t>,
}

impl<'t> From<Shape<'t>> for Object<'t> {
    fn from(Shape { href, name, key, value }: Shape<'t>) -> Self {
        let is_bare = name.is_empty() && key.is_empty();
        Self { href, names: (!is_bare).then(|| Box::new(Names { name, key, value })) }
    }
}

impl<'t> Object<'t> {
    /// A bare reference.
    #[must_use]
    pub const fn from_href(href: Text<'t>) -> Self {
        Self { href, names: None }
    }
}

/// What a rule opens: a service by its href, or a port.
#[derive(Clone, Debug, Deserialize)]
pub struct Opened<'t> {
    /// The service.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub href: Option<Text<'t>>,
    /// The service's name, where it is told.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub name: Text<'t>,
    #[serde(default)]
    proto: Option<i64>,
    #[serde(default)]
    port: Option<i64>,
    #[serde(default)]
    to_port: Option<i64>,
}

impl Opened<'_> {
    /// The ports, where no service is named.
    #[must_use]
    pub fn ports(&self) -> Ports {
        Ports::written(self.proto, self.port, self.to_port)
    }
}

/// A name for ports.
#[derive(Clone, Debug, Deserialize)]
pub struct Service<'t> {
    /// Where it is on the PCE.
    #[serde(borrow)]
    pub href: Text<'t>,
    /// Its name.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub name: Text<'t>,
    /// Its ports. What it says of Windows processes has no meaning for a cluster.
    #[serde(default, deserialize_with = "or_default")]
    pub service_ports: Vec<ServicePort>,
}

/// A port of a service.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct ServicePort {
    #[serde(default)]
    proto: Option<i64>,
    #[serde(default)]
    port: Option<i64>,
    #[serde(default)]
    to_port: Option<i64>,
}

impl ServicePort {
    /// All ports of a list.
    #[must_use]
    pub fn all(list: &[Self]) -> Ports {
        list.iter().map(|one| Ports::written(one.proto, one.port, one.to_port)).collect()
    }
}

/// A virtual service: what Kubelink makes of a Kubernetes service in the legacy model, or one made by hand.
#[derive(Clone, Debug, Deserialize)]
pub struct VirtualService<'t> {
    /// Where it is on the PCE.
    #[serde(borrow)]
    pub href: Text<'t>,
    /// Its name.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub name: Text<'t>,
    /// Who made it: a container cluster, or a user.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub created_by: Option<Object<'t>>,
    /// `CLUSTER|NAMESPACE` where Kubelink made it.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub external_data_set: Text<'t>,
    /// Its labels.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub labels: Vec<Object<'t>>,
    /// Its ports.
    #[serde(default, deserialize_with = "or_default")]
    pub service_ports: Vec<ServicePort>,
    /// Its ports as a service.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub service: Option<Object<'t>>,
    /// Its addresses.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub service_addresses: Vec<ServiceAddress<'t>>,
    /// What Kubernetes says of it.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub k8s_service_info: Option<KubernetesService<'t>>,
    /// What of it is not provisioned. Only in drafts.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub update_type: Option<Text<'t>>,
}

/// An address of a virtual service.
#[derive(Clone, Debug, Deserialize)]
pub struct ServiceAddress<'t> {
    /// The address.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub ip: Text<'t>,
}

/// What Kubernetes says of a service.
#[derive(Clone, Debug, Deserialize)]
pub struct KubernetesService<'t> {
    /// `ClusterIP`, `NodePort`, `LoadBalancer`.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub service_type: Text<'t>,
}

/// What becomes of a virtual service in CLAS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fate {
    /// A `ClusterIP` service: it becomes a Kubernetes Workload, and is no virtual service any more.
    Goes,
    /// Made by Kubelink, of a type that is not told or not known.
    CannotTell,
    /// A `NodePort` or `LoadBalancer` service: it stays a virtual service.
    Stays,
    /// Not made by Kubelink, so CLAS does not touch it.
    MadeByHand,
}

impl VirtualService<'_> {
    /// The UUID of the cluster whose Kubelink made it.
    #[must_use]
    pub fn cluster(&self) -> Option<&str> {
        let made_by = self.created_by.as_ref().and_then(|maker| maker.href.rsplit_once("/container_clusters/"));
        let by_maker = made_by.map(|(_, cluster)| cluster);
        by_maker.or_else(|| self.external_data_set.split_once('|').map(|(cluster, _)| cluster))
    }

    /// What becomes of it.
    ///
    /// Told from `k8s_service_info.service_type`. `NodePort` and `LoadBalancer` stay virtual services (vendor page
    /// "Rules and Traffic Considerations with CLAS"); their spelling there is expected from Kubernetes, not seen, so
    /// case does not count.
    #[must_use]
    pub fn fate(&self) -> Fate {
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

/// Labels under one name, with other groups in it.
#[derive(Clone, Debug, Deserialize)]
pub struct LabelGroup<'t> {
    /// Where it is on the PCE.
    #[serde(borrow)]
    pub href: Text<'t>,
    /// Its name.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub name: Text<'t>,
    /// The kind of its labels.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub key: Text<'t>,
    /// Its labels.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub labels: Vec<Object<'t>>,
    /// The groups in it.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub sub_groups: Vec<Object<'t>>,
}

/// A name for addresses.
#[derive(Clone, Debug, Deserialize)]
pub struct IpList<'t> {
    /// Where it is on the PCE.
    #[serde(borrow)]
    pub href: Text<'t>,
    /// Its name.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub name: Text<'t>,
    /// Its addresses.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub ip_ranges: Vec<IpRange<'t>>,
    /// Its DNS names.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub fqdns: Vec<Fqdn<'t>>,
}

/// Addresses of an [`IpList`].
#[derive(Clone, Debug, Deserialize)]
pub struct IpRange<'t> {
    /// An address or a block.
    #[serde(borrow)]
    pub from_ip: Text<'t>,
    /// The last address, where `from_ip` is the first of a range.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub to_ip: Option<Text<'t>>,
    /// Whether these are taken out.
    #[serde(rename = "exclusion", default, deserialize_with = "or_default")]
    pub is_exclusion: bool,
}

/// A DNS name of an [`IpList`], with `*` for any part.
#[derive(Clone, Debug, Deserialize)]
pub struct Fqdn<'t> {
    /// The name.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub fqdn: Text<'t>,
}

/// A container cluster.
#[derive(Clone, Debug, Deserialize)]
pub struct ContainerCluster<'t> {
    /// Where it is on the PCE; its last part is the cluster's UUID.
    #[serde(borrow)]
    pub href: Text<'t>,
    /// Its name.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub name: Text<'t>,
}

impl ContainerCluster<'_> {
    /// The UUID, which is the `cluster_id` of the chart's values.
    #[must_use]
    pub fn id(&self) -> &str {
        self.href.rsplit_once('/').map_or(&self.href, |(_, id)| id)
    }
}

/// What a namespace is enforced with.
#[derive(Clone, Debug, Deserialize)]
pub struct Profile<'t> {
    /// Where it is on the PCE, below its cluster.
    #[serde(borrow)]
    pub href: Text<'t>,
    /// The namespace; none for the default profile.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub namespace: Option<Text<'t>>,
    /// `idle`, `visibility_only`, `selective`, `full`.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub enforcement_mode: Text<'t>,
}
