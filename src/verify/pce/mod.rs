//! What the PCE says of the cluster, and what follows from it.
//!
//! Much of it is documented nowhere: the words for a mode, for a sync state, for what happens during a migration. So
//! values are kept as they came, and only those whose meaning is known are judged.

mod checks;
mod workloads;

use serde::Deserialize;
use serde_json::Value;

use super::{Answer, verbatim_value};
use crate::{
    enforcement::Row,
    mode::ClusterMode::{self, Clas, Legacy, MigrateClasToLegacy, MigrateLegacyToClas},
};
pub(super) use checks::{checked, online, visibility_only};

/// What the PCE says.
#[derive(Debug)]
pub struct Pce {
    /// The cluster.
    pub cluster: ContainerCluster,
    /// The profiles of its namespaces.
    pub profiles: Answer<Vec<Profile>>,
    /// The Kubernetes Workloads of the organisation: what CLAS manages.
    pub kubernetes_workloads: Answer<Vec<Workload>>,
    /// The Container Workloads of the organisation: what the legacy model manages.
    pub container_workloads: Answer<Vec<Workload>>,
    /// How the cluster was enforced before the migration, where a file was named that says so.
    pub kept: Option<Kept>,
}

/// Saved modes against those that the PCE has.
#[derive(Debug)]
pub struct Kept {
    /// The file that holds them.
    pub file: String,
    /// The rows, as [`compare`](crate::enforcement::compare) gives them.
    pub rows: Answer<Vec<Row>>,
}

/// A container cluster.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ContainerCluster {
    href: String,
    name: Value,
    cluster_mode: Value,
    clas_mode: Value,
    online: Value,
    last_connected: Value,
    kubelink_version: Value,
    errors: Value,
}

/// The profile of a namespace.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Profile {
    namespace: Value,
    enforcement_mode: Value,
}

/// A Kubernetes Workload or a Container Workload.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Workload {
    name: Value,
    namespace: Value,
    kind: Value,
    container_cluster: Value,
    container_cluster_service: Value,
    security_policy_sync_state: Value,
    container_policy_convergence_status: Value,
    agent: Value,
}

impl Pce {
    /// Whether the Container Workloads are worth asking for: after the first step towards CLAS nothing depends on them.
    #[must_use]
    pub const fn needs_container_workloads(goal: ClusterMode) -> bool {
        matches!(goal, Clas | MigrateClasToLegacy | Legacy)
    }

    /// Whether the Kubernetes Workloads are worth asking for: on the first step back nothing depends on them.
    #[must_use]
    pub const fn needs_kubernetes_workloads(goal: ClusterMode) -> bool {
        matches!(goal, MigrateLegacyToClas | Clas | Legacy)
    }
}

impl ContainerCluster {
    /// Its address below `/api/v2`.
    #[must_use]
    pub fn href(&self) -> &str {
        &self.href
    }

    /// What it is called, as it is shown.
    #[must_use]
    pub(crate) fn shown_name(&self) -> String {
        verbatim_value(&self.name)
    }

    /// The mode it has, as far as its word for it is one of ours but for signs and capitals. A PCE without a word for it is
    /// older than 23.5.10, and knows the legacy model alone. (REST API reference, Core 24.2)
    #[must_use]
    pub fn mode(&self) -> Option<ClusterMode> {
        match &self.cluster_mode {
            Value::Null => Some(Legacy),
            Value::String(text) => by_letters(text),
            _ => None,
        }
    }

    /// Its word for the mode, as it is shown.
    #[must_use]
    pub(crate) fn shown_mode(&self) -> String {
        if self.cluster_mode.is_null() { "no cluster_mode".to_owned() } else { verbatim_value(&self.cluster_mode) }
    }
}

fn by_letters(text: &str) -> Option<ClusterMode> {
    let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect();
    ClusterMode::named(&letters)
}
