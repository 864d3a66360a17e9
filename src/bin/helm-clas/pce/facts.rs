//! What the PCE says of one cluster, for `helm clas verify`.

use helm_clas::{
    ClusterMode,
    enforcement::{Saved, compare},
    verify::{Answer, Kept, Pce as Facts},
};
use serde::de::DeserializeOwned;

use super::Pce;
use crate::failure::Failure;

impl Pce {
    /// The cluster at a path, and what belongs to it and matters after a step to this mode.
    ///
    /// That the PCE gives the cluster but not one of the others is an answer: it could not be checked.
    pub(crate) fn facts(
        &self,
        path: &str,
        goal: ClusterMode,
        kept: Option<&(String, Saved)>,
    ) -> Result<Facts, Failure> {
        let kubernetes = || Ok::<_, Failure>(could_be_read(self.list_of(&self.in_org("kubernetes_workloads")?, path)));
        // private and on its way out: no filter of it is published, and one that were misunderstood would hide some
        let containers = || Ok::<_, Failure>(could_be_read(self.list(&self.in_org("container_workloads")?)));
        Ok(Facts {
            cluster: self.object(path)?,
            profiles: could_be_read(self.list(&format!("{path}/container_workload_profiles"))),
            kubernetes_workloads: if Facts::needs_kubernetes_workloads(goal) { kubernetes()? } else { not_asked_for() },
            container_workloads: if Facts::needs_container_workloads(goal) { containers()? } else { not_asked_for() },
            kept: kept.map(|(file, saved)| self.kept(path, file, saved)).transpose()?,
        })
    }
}

impl Pce {
    fn kept(&self, path: &str, file: &str, saved: &Saved) -> Result<Kept, Failure> {
        self.refuse_foreign(file, saved, path)?;
        let rows = self.enforced(path).map(|found| compare(saved, &found.objects));
        Ok(Kept { file: file.to_owned(), rows: rows.map_err(|failure| could_not(&failure)) })
    }
}

fn could_not(failure: &Failure) -> String {
    format!("could not be checked: {}", failure.what())
}

fn could_be_read<T: DeserializeOwned>(list: Result<Vec<T>, Failure>) -> Answer<Vec<T>> {
    list.map_err(|failure| could_not(&failure))
}

fn not_asked_for<T>() -> Answer<Vec<T>> {
    Err("not asked for".to_owned())
}
