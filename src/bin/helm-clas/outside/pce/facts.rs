//! What the PCE says of one cluster, for `helm clas verify` and the checks before a step.

use helm_clas::{
    ClusterMode,
    enforcement::{Saved, compare},
    pce_clusters::PceCluster,
    policy::{Book, Policy, Question, Source, judge},
    verify::{Answer, Beside, Kept, OfPolicy, Pce as Facts},
};
use serde::de::DeserializeOwned;

use super::{Pce, export::Files};
use crate::{args::ProofOptions, failure::Failure};

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
    /// The cluster at a path, and the profiles of its namespaces: what every step depends on.
    pub(crate) fn facts_of_cluster(&self, path: &str) -> Result<Facts, Failure> {
        Ok(Facts {
            cluster: self.object(path)?,
            profiles: could_be_read(self.list(&format!("{path}/container_workload_profiles"))),
            kubernetes_workloads: not_asked_for(),
            container_workloads: not_asked_for(),
            kept: None,
        })
    }

    /// What the first step towards CLAS depends on beside the cluster itself.
    pub(crate) fn beside(&self, path: &str, namespace: &str, proof: &ProofOptions) -> Beside {
        Beside {
            clusters: self.clusters("").map_err(|failure| could_not(&failure)),
            policy: self.policy(path, namespace, proof).map_err(|failure| could_not(&failure)),
            enforced: self.enforced(path).map(|found| found.objects).map_err(|failure| could_not(&failure)),
        }
    }

    /// Every container cluster; `events` say since when each is in its mode.
    pub(crate) fn clusters(&self, events: &str) -> Result<Vec<PceCluster>, Failure> {
        let path = self.in_org("container_clusters")?;
        let listed = self.collection(&path)?;
        PceCluster::list(&listed.text, events).map_err(|error| {
            let error = self.connection.clean(&error.to_string());
            Failure::new(format!("unexpected answer of the PCE {} to {path}: {error}", self.host()))
        })
    }

    /// The events that changed a container cluster, or nothing: a PCE that does not show them is right about the modes
    /// anyway.
    pub(crate) fn cluster_events(&self) -> String {
        let path = self.in_org("events?event_type=container_cluster.update&max_results=500");
        path.and_then(|path| self.text(&path)).unwrap_or_default()
    }

    /// What CLAS makes of the policy in force.
    fn policy(&self, path: &str, namespace: &str, proof: &ProofOptions) -> Result<OfPolicy, Failure> {
        let files = Files::read(self)?;
        let sources: Vec<Source<'_>> =
            files.files.iter().map(|file| Source { file: file.name, name: file.name, text: &file.text }).collect();
        let policy = Policy::read(&sources).map_err(|unreadable| Failure::new(unreadable.to_string()))?;
        let book = Book::of(&policy);
        let question = Question {
            cluster: path.rsplit('/').next(),
            service_cidrs: &proof.service_cidrs,
            node_labels: &proof.node_labels,
            namespace,
        };
        let unread = files.refused.iter().map(|(name, _)| (*name).to_owned()).collect();
        let is_provable = !proof.service_cidrs.is_empty() && !proof.node_labels.is_empty();
        Ok(OfPolicy::of(&judge(&book, &question), is_provable, unread))
    }

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
