//! `status --pce`: every cluster that a PCE knows, and those of the files that are this PCE's.

use std::collections::BTreeSet;

use helm_clas::{
    ClusterValues,
    pce_clusters::{FileCluster, PceCluster, Row},
    report::pce_clusters::OfPce,
    status::{Overview, Standing},
};

use crate::{
    args::{PceOptions, Status},
    failure::Failure,
    output::Output,
    outside::pce::{Pce, Settings},
    workspace::cluster_values,
};

/// Both sides.
pub(crate) struct Fleet {
    host: String,
    org: String,
    pub(crate) clusters: Vec<PceCluster>,
    pub(crate) files: Vec<FileCluster>,
    left_out: usize,
}

/// A cluster of the files.
struct Cluster {
    file: String,
    values: ClusterValues,
}

impl Fleet {
    pub(crate) fn of(status: &Status, overview: &Overview, output: &mut Output) -> Result<Self, Failure> {
        let clusters = clusters_of(status, overview)?;
        let values = one_pce(&status.pce, &clusters)?;
        let pce = Pce::new(Settings::required(&status.pce, &values)?, output)?;
        let org = pce.org().unwrap_or_default().to_owned();
        let urls = || clusters.iter().filter_map(|cluster| cluster.values.pce_url.as_deref());
        // one PCE may be reached by another name than the one in the values
        let is_alias = !urls().any(|url| pce.is_at(url)) && urls().all(|url| urls().next() == Some(url));
        let is_of_it = |cluster: &&Cluster| {
            let values = &cluster.values;
            let is_host = is_alias || values.pce_url.as_ref().is_none_or(|url| pce.is_at(url));
            is_host && values.org.as_ref().is_none_or(|own| *own == org)
        };
        let known = clusters.iter().filter(is_of_it).filter_map(|cluster| {
            let id = cluster.values.cluster_id.clone()?;
            Some(FileCluster { file: cluster.file.clone(), id, mode: cluster.values.mode })
        });
        let files: Vec<FileCluster> = known.collect();
        let mut listed = pce.clusters("")?;
        if listed.iter().any(PceCluster::is_between) {
            listed = pce.clusters(&pce.cluster_events())?;
        }
        let left_out = clusters.len() - files.len();
        Ok(Self { host: pce.host().to_owned(), org, clusters: listed, files, left_out })
    }

    pub(crate) fn told<'f>(&'f self, rows: &'f [Row<'f>]) -> OfPce<'f> {
        OfPce { host: &self.host, org: &self.org, rows, left_out: self.left_out }
    }
}

/// The clusters of the files: those of -f are one.
fn clusters_of(status: &Status, overview: &Overview) -> Result<Vec<Cluster>, Failure> {
    let mut clusters = Vec::new();
    if !overview.merged.is_empty() {
        let mut values = cluster_values(&status.files, status.path.as_deref(), &status.set)?;
        values.mode = overview.effective().and_then(|standing| standing.mode);
        clusters.push(Cluster { file: status.files.join(", "), values });
    }
    for standing in &overview.found {
        let Standing { file, release, mode, .. } = standing;
        let file = release.as_ref().map_or_else(|| file.clone(), |release| format!("{file} ({release})"));
        clusters.push(Cluster { file, values: ClusterValues { mode: *mode, ..(*standing.cluster).clone() } });
    }
    Ok(clusters)
}

/// What the clusters say of their PCE, where that is one, or where it was named.
fn one_pce(options: &PceOptions, clusters: &[Cluster]) -> Result<ClusterValues, Failure> {
    let hosts: BTreeSet<String> =
        clusters.iter().filter_map(|cluster| cluster.values.pce_url.as_deref()).map(str::to_ascii_lowercase).collect();
    let is_named = options.host.as_ref().is_some_and(|host| !host.trim().is_empty());
    if hosts.len() > 1 && !is_named {
        let hosts: Vec<String> = hosts.into_iter().collect();
        return Err(Failure::new(format!("the files name {} different PCEs: {}", hosts.len(), hosts.join(", ")))
            .help("choose one with --pce-host"));
    }
    let orgs: BTreeSet<&str> = clusters.iter().filter_map(|cluster| cluster.values.org.as_deref()).collect();
    let is_org_named = options.org.as_ref().is_some_and(|org| !org.trim().is_empty());
    if orgs.len() > 1 && !is_org_named {
        let orgs: Vec<&str> = orgs.into_iter().collect();
        return Err(Failure::new(format!(
            "the files name {} different organisations of the PCE: {}",
            orgs.len(),
            orgs.join(", ")
        ))
        .help("choose one with --pce-org"));
    }
    Ok(ClusterValues {
        pce_url: hosts.into_iter().next().filter(|_| !is_named),
        org: orgs.into_iter().next().filter(|_| !is_org_named).map(str::to_owned),
        ..ClusterValues::default()
    })
}
