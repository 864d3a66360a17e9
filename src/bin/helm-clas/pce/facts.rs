//! What the PCE says of one cluster, for `helm clas verify`.

use helm_clas::{
    ClusterMode,
    verify::{Answer, Pce as Facts},
};
use serde::de::DeserializeOwned;

use super::Pce;
use crate::failure::Failure;

impl Pce {
    /// The cluster at a path, and what belongs to it and matters after a step to this mode.
    ///
    /// That the PCE gives the cluster but not one of the others is an answer: it could not be checked.
    pub(crate) fn facts(&self, path: &str, goal: ClusterMode) -> Result<Facts, Failure> {
        let workloads = |is_needed: bool, name: &str| {
            if is_needed { Ok(could_be_read(self.list_of(&self.in_org(name)?, path))) } else { Ok(not_asked_for()) }
        };
        Ok(Facts {
            cluster: self.object(path)?,
            profiles: could_be_read(self.list(&format!("{path}/container_workload_profiles"))),
            kubernetes_workloads: workloads(Facts::needs_kubernetes_workloads(goal), "kubernetes_workloads")?,
            container_workloads: workloads(Facts::needs_container_workloads(goal), "container_workloads")?,
        })
    }
}

fn could_be_read<T: DeserializeOwned>(list: Result<Vec<T>, Failure>) -> Answer<Vec<T>> {
    list.map_err(|failure| format!("could not be checked: {}", failure.what()))
}

fn not_asked_for<T>() -> Answer<Vec<T>> {
    Err("not asked for".to_owned())
}
