//! What a PCE's policy is made of, as its REST API writes it: as much of it as the check needs.
//!
//! The API calls the destinations of a rule `providers` and its sources `consumers`, and so do the fields here; words
//! for people say destination and source, as the PCE's pages do. (Source: the shapes seen in the vendor's SDKs, its
//! Terraform provider and live answers; `illumio-py`, `terraform-provider-illumio-core`.)

use serde::Deserialize;

use super::{
    ports::Ports,
    read::{Text, Unknown, Words, object, or_default},
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

object! {
    /// Rules with a common scope.
    pub struct RuleSet<'t>, called "a rule set", needs [href], without [
        "description"
    ] {
        /// Where it is on the PCE.
        "href" => href: Text<'t>,
        /// Its name.
        "name" => name: Text<'t>,
        /// Whether its rules are in force.
        "enabled" => is_enabled: bool = true,
        /// Where its rules apply: one of these lists must match, in all its parts. An empty list matches everything.
        "scopes" => scopes: Vec<Vec<Actor<'t>>>,
        /// What it allows.
        "rules" => rules: Vec<SecRule<'t>>,
        /// What it denies, on newer PCEs.
        "deny_rules" => deny_rules: Vec<SecRule<'t>>,
        /// What of it is not provisioned: `create`, `update`, `delete`. Only in drafts.
        "update_type" => update_type: Option<Text<'t>>,
    }
}

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
    /// What its labels stand for.
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
    /// Fields and values that this crate does not know; those of its actors and services stand there.
    pub unknown: Vec<Unknown<'t>>,
}

object! {
    /// A rule as it is written.
    struct WrittenRule<'t>, called "a rule", needs [href], without ["rule_set", "log_flow", "update_label"] {
        "href" => href: Text<'t>,
        "name" => name: Text<'t>,
        "description" => description: Text<'t>,
        "enabled" => is_enabled: bool = true,
        "providers" => providers: Vec<Actor<'t>>,
        "consumers" => consumers: Vec<Actor<'t>>,
        "ingress_services" => ingress_services: Vec<Opened<'t>>,
        "egress_services" => egress_services: Vec<Object<'t>>,
        "resolve_labels_as" => resolve_labels_as: WrittenUses<'t>,
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

object! {
    /// What labels stand for, as it is written.
    #[derive(Default)]
    struct WrittenUses<'t>, called "a list of `workloads` and `virtual_services` a side", needs [], without [] {
        "providers" => providers: Words<'t>,
        "consumers" => consumers: Words<'t>,
    }
}

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

impl<'t> From<WrittenRule<'t>> for SecRule<'t> {
    fn from(rule: WrittenRule<'t>) -> Self {
        let mut unknown = rule.unknown;
        let WrittenUses { providers, consumers, unknown: of_uses } = rule.resolve_labels_as;
        unknown.extend(of_uses.into_iter().map(|field| field.within("resolve_labels_as")));
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
        Self {
            href: rule.href,
            name: rule.name,
            description: rule.description,
            is_enabled: rule.is_enabled,
            providers: rule.providers,
            consumers: rule.consumers,
            ingress_services: rule.ingress_services,
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

/// What the labels of a rule stand for, on either side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResolveLabelsAs {
    /// The destinations.
    pub providers: Uses,
    /// The sources.
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
    /// A list of `"workloads"` and `"virtual_services"`; an empty one says nothing.
    fn of<'t>(words: &Words<'t>, unknown: &mut Vec<Unknown<'t>>) -> Self {
        let has = |meant: &str| words.0.iter().any(|word| &**word == meant);
        let uses = Self { workloads: has("workloads"), virtual_services: has("virtual_services") };
        let others = words.0.iter().filter(|word| !matches!(&***word, "workloads" | "virtual_services"));
        unknown.extend(others.map(|word| Unknown::value("resolve_labels_as", word.clone())));
        if uses.workloads || uses.virtual_services { uses } else { Self::default() }
    }

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
    /// The object it names; for [`Kind::AllWorkloads`], [`Kind::ContainerHosts`], [`Kind::LabelDimension`] and
    /// [`Kind::Other`] the word.
    pub object: Object<'t>,
    /// Whether it is left out: all labels of its kind but this.
    pub is_exclusion: bool,
    /// What it says beside that and this crate does not know.
    pub unknown: Vec<Unknown<'t>>,
}

impl<'t> Actor<'t> {
    /// The label of an href.
    #[must_use]
    pub fn label(href: &'t str) -> Self {
        Self { kind: Kind::Label, object: Object::from_href(href.into()), is_exclusion: false, unknown: Vec::new() }
    }
}

/// What an [`Actor`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the names say it
pub enum Kind {
    AllWorkloads,
    ContainerHosts,
    Label,
    LabelGroup,
    /// Whatever has a label of this kind.
    LabelDimension,
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
            _ => return None, // `actors` and `label_dimension` hold a word
        })
    }

    /// The key under which a PCE writes it; nothing where it is not known.
    #[must_use]
    pub const fn key(self) -> Option<&'static str> {
        Some(match self {
            Self::AllWorkloads | Self::ContainerHosts => "actors",
            Self::Label => "label",
            Self::LabelGroup => "label_group",
            Self::LabelDimension => "label_dimension",
            Self::Workload => "workload",
            Self::VirtualService => "virtual_service",
            Self::VirtualServer => "virtual_server",
            Self::IpList => "ip_list",
            Self::Other => return None,
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

    /// Whether a PCE takes it as a part of a scope.
    #[must_use]
    pub const fn is_of_scope(self) -> bool {
        matches!(self, Self::Label | Self::LabelGroup)
    }

    /// Whether it stands for workloads.
    #[must_use]
    pub const fn is_workload(self) -> bool {
        self.is_by_label() || matches!(self, Self::ContainerHosts | Self::Workload)
    }

    /// Whether it stands for whatever has (or may have) certain labels.
    #[must_use]
    pub const fn is_by_label(self) -> bool {
        matches!(self, Self::AllWorkloads | Self::Label | Self::LabelGroup | Self::LabelDimension)
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

object! {
    /// What a rule opens: a service by its href, a port, or a service that is written out in the rule.
    pub struct Opened<'t>, called "a service or a port", needs [], without ["description"] {
        /// The service.
        "href" => href: Option<Text<'t>>,
        /// The service's name, where it is told.
        "name" => name: Text<'t>,
        /// The number of the protocol.
        "proto" => proto: Option<i64>,
        /// The port, or the first of several; every port of the protocol where there is none.
        "port" => port: Option<i64>,
        /// The last of several ports.
        "to_port" => to_port: Option<i64>,
        /// The ports of a service that is written out.
        "service_ports" => service_ports: Vec<ServicePort<'t>>,
        /// Its Windows processes.
        "windows_services" => windows_services: Vec<WindowsService<'t>>,
    }
}

impl Opened<'_> {
    /// These ports of one protocol, written out.
    #[must_use]
    pub(super) fn of(protocol: i64, from: u16, to: u16) -> Self {
        let is_whole = (from, to) == (0, u16::MAX);
        Self {
            href: None,
            name: Text::default(),
            proto: Some(protocol),
            port: (!is_whole).then_some(from.into()),
            to_port: (!is_whole && from != to).then_some(to.into()),
            service_ports: Vec::new(),
            windows_services: Vec::new(),
            unknown: Vec::new(),
        }
    }

    /// Whether it names neither a service nor a port.
    #[must_use]
    pub(super) fn says_nothing(&self) -> bool {
        let is_written_out = !(self.service_ports.is_empty() && self.windows_services.is_empty());
        self.href.is_none() && self.proto.is_none() && !is_written_out
    }

    /// The ports, where no service is named by its href; nothing where what it says is not known. Windows processes are
    /// not in a cluster.
    #[must_use]
    pub fn ports(&self) -> Option<Ports> {
        if !self.service_ports.is_empty() || !self.windows_services.is_empty() {
            return Some(ServicePort::all(&self.service_ports));
        }
        self.proto.map(|proto| Ports::written(Some(proto), self.port, self.to_port))
    }
}

object! {
    /// A name for ports.
    pub struct Service<'t>, called "a service", needs [href], without [
        "description", "description_url", "risk_details", "update_type"
    ] {
        /// Where it is on the PCE.
        "href" => href: Text<'t>,
        /// Its name.
        "name" => name: Text<'t>,
        /// Its ports.
        "service_ports" => service_ports: Vec<ServicePort<'t>>,
        /// Its Windows processes, which are not in a cluster: they open nothing there.
        "windows_services" => windows_services: Vec<WindowsService<'t>>,
        /// The process that has the ports.
        "process_name" => process: Text<'t>,
        /// Windows processes and the services that they may reach.
        "windows_egress_services" => windows_egress_services: Vec<WindowsService<'t>>,
    }
}

object! {
    /// A port of a service.
    pub struct ServicePort<'t>, called "a port", needs [], without [] {
        /// The number of the protocol, or -1 for all.
        "proto" => proto: Option<i64>,
        /// The port, or the first of several; every port of the protocol where there is none.
        "port" => port: Option<i64>,
        /// The last of several ports.
        "to_port" => to_port: Option<i64>,
        /// The type of the ICMP messages; all where there is none.
        "icmp_type" => icmp_type: Option<i64>,
        /// The code of the ICMP messages; all where there is none.
        "icmp_code" => icmp_code: Option<i64>,
    }
}

impl ServicePort<'_> {
    /// All ports of a list.
    #[must_use]
    pub fn all(list: &[Self]) -> Ports {
        list.iter().map(|one| Ports::written(one.proto, one.port, one.to_port)).collect()
    }
}

object! {
    /// A Windows process of a service.
    pub struct WindowsService<'t>, called "a Windows process", needs [], without [] {
        /// The Windows service.
        "service_name" => name: Text<'t>,
        /// The process.
        "process_name" => process: Text<'t>,
        /// The number of the protocol.
        "proto" => proto: Option<i64>,
        /// The port, or the first of several.
        "port" => port: Option<i64>,
        /// The last of several ports.
        "to_port" => to_port: Option<i64>,
        /// The type of the ICMP messages.
        "icmp_type" => icmp_type: Option<i64>,
        /// The code of the ICMP messages.
        "icmp_code" => icmp_code: Option<i64>,
    }
}

object! {
    /// A virtual service: what Kubelink makes of a Kubernetes service in the legacy model, or one made by hand.
    pub struct VirtualService<'t>, called "a virtual service", needs [href], without [
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
    pub struct KubernetesService<'t>, called "what Kubernetes says of a service", needs [], without [
        "service_ports", "ip_addresses", "node_ports"
    ] {
        /// `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalName`.
        "service_type" => service_type: Text<'t>,
        /// `cluster` or `local`.
        "external_traffic_policy" => external_traffic_policy: Text<'t>,
        /// The ports that its clients use.
        "consumer_ports" => consumer_ports: Vec<i64>,
    }
}

/// What becomes of a virtual service in CLAS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fate {
    /// A `ClusterIP` service: it becomes a Kubernetes Workload, and is no virtual service any more.
    Goes,
    /// Made by Kubelink, of a type that is not told or not known.
    CannotTell,
    /// A `NodePort` or `LoadBalancer` service: it stays a virtual service for callers outside of the cluster, and its
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
    /// The ports that its clients use, where they are told; what is behind it may have others.
    pub fn client_ports(&self) -> impl Iterator<Item = i64> {
        let of_kubernetes = self.k8s_service_info.iter().flat_map(|info| &info.consumer_ports);
        self.consumer_ports.iter().chain(of_kubernetes).copied()
    }

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
    /// "Rules and Traffic Considerations with CLAS"); the spellings are those of the vendor's schema
    /// `kubernetes_service`, and case does not count. An `ExternalName` service has no address: what becomes of it is
    /// not documented.
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

object! {
    /// Labels under one name, with other groups in it.
    pub struct LabelGroup<'t>, called "a label group", needs [href], without [
        "description", "usage", "update_type"
    ] {
        /// Where it is on the PCE.
        "href" => href: Text<'t>,
        /// Its name.
        "name" => name: Text<'t>,
        /// The kind of its labels.
        "key" => key: Text<'t>,
        /// Its labels.
        "labels" => labels: Vec<Object<'t>>,
        /// The groups in it.
        "sub_groups" => sub_groups: Vec<Object<'t>>,
    }
}

object! {
    /// A name for addresses.
    pub struct IpList<'t>, called "an IP list", needs [href], without [
        "description", "update_type", "ip_list_attribute", "size"
    ] {
        /// Where it is on the PCE.
        "href" => href: Text<'t>,
        /// Its name.
        "name" => name: Text<'t>,
        /// Its addresses.
        "ip_ranges" => ip_ranges: Vec<IpRange<'t>>,
        /// Its DNS names.
        "fqdns" => fqdns: Vec<Fqdn<'t>>,
    }
}

object! {
    /// Addresses of an [`IpList`].
    pub struct IpRange<'t>, called "a range of addresses", needs [from_ip], without ["description"] {
        /// An address or a block.
        "from_ip" => from_ip: Text<'t>,
        /// The last address, where `from_ip` is the first of a range.
        "to_ip" => to_ip: Option<Text<'t>>,
        /// Whether these are taken out.
        "exclusion" => is_exclusion: bool,
    }
}

object! {
    /// A DNS name of an [`IpList`], with `*` for any part.
    pub struct Fqdn<'t>, called "a DNS name", needs [], without ["description"] {
        /// The name.
        "fqdn" => fqdn: Text<'t>,
    }
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
    /// Whether the PCE manages the namespace; not told by older PCEs.
    #[serde(rename = "managed", default)]
    pub is_managed: Option<bool>,
    /// The labels of what runs in the namespace.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub labels: Vec<ProfileLabel<'t>>,
    /// The same, as older PCEs write them.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub assign_labels: Vec<Object<'t>>,
}

/// What a [`Profile`] says of the labels of one kind.
#[derive(Clone, Debug, Deserialize)]
pub struct ProfileLabel<'t> {
    /// The kind: `role`, `app`.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub key: Text<'t>,
    /// The label that everything gets.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub assignment: Option<Object<'t>>,
    /// The labels that annotations may choose from.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub restriction: Vec<Object<'t>>,
}
