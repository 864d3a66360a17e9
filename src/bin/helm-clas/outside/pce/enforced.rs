//! How a cluster is enforced on the PCE, and whether a file of saved modes is of it.

use helm_clas::enforcement::{Found, Saved};

use super::Pce;
use crate::failure::Failure;

impl Pce {
    /// The modes of a cluster's profiles and nodes: all of them, or a failure; `cluster` is its path.
    pub(crate) fn enforced(&self, cluster: &str) -> Result<Found, Failure> {
        let profiles = self.collection(&format!("{cluster}/container_workload_profiles"))?;
        let nodes = self.collection_of(&self.in_org("workloads")?, cluster)?;
        Found::read(cluster, &profiles.text, &nodes.text).map_err(|error| {
            let error = self.connection.clean(&error.to_string());
            Failure::new(format!("unexpected answer of the PCE {}: {error}", self.host()))
                .help("is this host and port the PCE's API?")
        })
    }

    /// Refuses modes that were saved elsewhere.
    pub(crate) fn refuse_foreign(&self, file: &str, saved: &Saved, cluster: &str) -> Result<(), Failure> {
        let org = self.org.as_deref().unwrap_or_default();
        let foreign = |what: &str, of_file: &str, asked: &str| {
            Err(Failure::new(format!("{file} was saved from {what} {}, not {asked}", of_file.escape_debug()))
                .help("name the file of this cluster; modes are restored only where they were saved"))
        };
        if !saved.pce.eq_ignore_ascii_case(self.host()) {
            return foreign("the PCE", &saved.pce, self.host());
        }
        if saved.org != org {
            return foreign("organisation", &saved.org, org);
        }
        if saved.cluster.href != cluster {
            return foreign("the cluster", &saved.cluster.href, cluster);
        }
        Ok(())
    }
}
