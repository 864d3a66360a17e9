//! What the PCE says of the cluster, and what follows from it.
//!
//! Much of it is documented nowhere: the words for a mode, for a sync state, for what happens during a migration. So
//! values are kept as they came, and only those whose meaning is known are judged.

mod checks;
mod workloads;

use serde::Deserialize;
use serde_json::Value;

use super::Answer;
use crate::{
    enforcement::Row,
    mode::ClusterMode::{self, Clas, Legacy, MigrateClasToLegacy, MigrateLegacyToClas},
    pce_clusters::ContainerCluster,
};
pub(super) use checks::{checked, online, text_of, visibility_only};

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
