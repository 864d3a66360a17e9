//! [`Seen`]: what the PCE has now.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Kind, Mode};

/// One object as the PCE has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// A profile or a node.
    pub kind: Kind,
    /// Its address below `/api/v2`.
    pub href: String,
    /// The namespace, or the name of the node; nothing for the default profile.
    pub name: Option<String>,
    /// Its mode; nothing where the PCE has a word for it that its schemas do not have, or none.
    pub mode: Option<Mode>,
    /// Who changed it last.
    pub changed: Changed,
}

/// Who changed an object last, and when; the PCE says so of the whole object, not of its mode.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// The time, as the PCE writes it.
    pub at: Option<String>,
    /// The address of the user, or of the cluster itself.
    pub by: Option<String>,
}

/// The objects of a cluster, and what was left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Profiles first, then nodes, each by name.
    pub objects: Vec<Seen>,
    /// How many workloads the PCE listed that are of another cluster, or of none.
    pub foreign: usize,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Object {
    href: String,
    name: Value,
    hostname: Value,
    namespace: Value,
    enforcement_mode: Value,
    managed: Value,
    deleted: Value,
    container_cluster: Value,
    updated_at: Value,
    updated_by: Value,
}

impl Found {
    /// Reads what the PCE listed: the profiles of a cluster, and workloads, of which those of the cluster are taken.
    ///
    /// A PCE that does not know the filter lists the workloads of everybody, so each must name this cluster. An address
    /// that does not lie where such objects lie is skipped, since it would be written to.
    ///
    /// # Errors
    ///
    /// What is wrong with a list, as `serde_json` says it.
    pub fn read(cluster: &str, profiles: &str, workloads: &str) -> Result<Self, serde_json::Error> {
        let profiles: Vec<Object> = serde_json::from_str(profiles)?;
        let workloads: Vec<Object> = serde_json::from_str(workloads)?;
        let org = cluster.split("/container_clusters/").next().unwrap_or_default();
        let below = format!("{cluster}/container_workload_profiles/");
        let profiles = profiles.into_iter().filter(|profile| is_one_of(&profile.href, &below));
        let mut found = Self { objects: profiles.map(Object::profile).collect(), foreign: 0 };
        let below = format!("{org}/workloads/");
        for node in workloads {
            if node.is_node_of(cluster) && is_one_of(&node.href, &below) {
                found.objects.push(node.node());
            } else {
                found.foreign += 1;
            }
        }
        // twice in a list, once on the PCE
        let mut by_href: HashMap<String, Seen> = HashMap::with_capacity(found.objects.len());
        for object in found.objects.drain(..) {
            by_href.insert(object.href.clone(), object);
        }
        found.objects = by_href.into_values().collect();
        found
            .objects
            .sort_by(|left, right| (left.kind, &left.name, &left.href).cmp(&(right.kind, &right.name, &right.href)));
        Ok(found)
    }

    /// How many of a kind there are.
    #[must_use]
    pub fn count(&self, kind: Kind) -> usize {
        self.objects.iter().filter(|object| object.kind == kind).count()
    }
}

/// Whether an address is an id below a folder.
fn is_one_of(href: &str, folder: &str) -> bool {
    let id = href.strip_prefix(folder).unwrap_or_default();
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

impl Object {
    fn is_node_of(&self, cluster: &str) -> bool {
        let is_ours = self.container_cluster.get("href").and_then(Value::as_str) == Some(cluster);
        is_ours && self.deleted != Value::Bool(true) && self.managed != Value::Bool(false)
    }

    fn profile(self) -> Seen {
        let name = text(&self.namespace);
        self.seen(Kind::Namespace, name)
    }

    fn node(self) -> Seen {
        let name = text(&self.hostname).or_else(|| text(&self.name));
        self.seen(Kind::Node, name)
    }

    fn seen(self, kind: Kind, name: Option<String>) -> Seen {
        let changed = Changed { at: text(&self.updated_at), by: self.updated_by.get("href").and_then(text) };
        Seen { kind, href: self.href, name, mode: self.enforcement_mode.as_str().and_then(Mode::named), changed }
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}
