//! What a PCE's policy is made of, as its REST API writes it: as much of it as the check needs.
//!
//! The API calls the destinations of a rule `providers` and its sources `consumers`, and so do the fields here; words
//! for people say destination and source, as the PCE's pages do. (Source: the shapes seen in the vendor's SDKs, its
//! Terraform provider and live answers; `illumio-py`, `terraform-provider-illumio-core`.)

mod actor;
mod condition;
mod object;
mod rule;
mod service;
mod uses;
mod uuid;
mod virtual_service;

use serde::Deserialize;
use serde_json::Value;

use super::read::{Listed, Text, Unknown, object, or_default};

pub use actor::{Actor, Kind};
pub use condition::Condition;
pub use object::{Names, Object};
pub use rule::SecRule;
pub use service::{Opened, Service, ServicePort, WindowsService};
pub use uses::{ResolveLabelsAs, Uses};
pub(in crate::policy) use uuid::is_uuid;
pub use virtual_service::{Fate, KubernetesPort, KubernetesService, NodePort, ServiceAddress, VirtualService};

macro_rules! listed {
    // only their names are read
    (@note ContainerCluster, $listed:ident) => {};
    (@note Profile, $listed:ident) => {};
    (@note $object:ident, $listed:ident) => {
        $listed.unknown.push(Unknown::twice("href"))
    };
    ($($object:ident)*) => {
        $(impl Listed for $object<'_> {
            fn href(&self) -> &Text<'_> {
                &self.href
            }

            fn note_twin(&mut self) {
                listed!(@note $object, self);
            }
        })*
    };
}

listed! { RuleSet SecRule VirtualService LabelGroup Service IpList Object ContainerCluster Profile }

object! {
    /// Rules with a common scope.
    pub struct RuleSet<'t>, called "a rule set", needs [href], expects [is_enabled as "enabled", scopes, rules], without [
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

object! {
    /// Labels under one name, with other groups in it.
    pub struct LabelGroup<'t>, called "a label group", needs [href], expects [key], without [
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
    /// Its nodes.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub nodes: Vec<ClusterNode<'t>>,
    /// The PCE's word for its mode; older PCEs have none.
    #[serde(default)]
    pub cluster_mode: Value,
    /// Whether it is in CLAS, which is not a published field.
    #[serde(default)]
    pub clas_mode: Value,
}

/// A node of a container cluster.
#[derive(Clone, Debug, Deserialize)]
pub struct ClusterNode<'t> {
    /// The addresses of its pods, where it tells them.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub pod_subnet: Text<'t>,
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

impl Profile<'_> {
    /// Whether it is of the cluster of this UUID.
    pub(in crate::policy) fn is_of(&self, cluster: &str) -> bool {
        self.href.contains(&format!("/container_clusters/{cluster}/"))
    }
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
