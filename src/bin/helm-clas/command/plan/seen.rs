//! `plan --live` and `plan --pce`: what the releases and the PCEs say of the modes of a fleet's clusters.

use std::collections::BTreeMap;

use helm_clas::{
    ChartVersion, ClusterMode, ClusterValues, Id,
    account::{Expected, Trouble, Unlike, Way},
    pce_clusters::PceCluster,
    plan::{Cluster, Seen, Tried, Who},
    status::Holder,
};

use super::site::Site;
use crate::{
    args::{Everywhere, PceOptions},
    failure::Failure,
    output::Output,
    outside::{
        helm::Helm,
        pce::{Pce, Settings},
    },
    workers,
};

/// Asks every release. What does not answer is not known, so that no other cluster of its PCE starts.
pub(super) fn releases(
    everywhere: &Everywhere,
    sites: &[Site<'_>],
    (clusters, versions): (&mut [Cluster], &mut [Option<ChartVersion>]),
    output: &Output,
) -> Vec<Failure> {
    let is_of_helm = |id: &Id| id.is_of_helm();
    let is_asked = |number: &usize| {
        let standing = sites[*number].standing;
        standing.holder != Holder::Mention && standing.cluster.release.as_ref().is_none_or(is_of_helm)
    };
    let asked: Vec<usize> = (0..sites.len()).filter(is_asked).collect();
    let answers = workers::each_asked(
        &asked,
        |number| standing_of(everywhere, &sites[*number], clusters[*number].mode),
        "clusters",
        !output.is_quiet(),
    );
    let mut failures = Vec::new();
    for (number, answer) in asked.into_iter().zip(answers) {
        let (mode, tried, version) = answer.unwrap_or_else(|failure| {
            failures.push(of_cluster(&clusters[number].name, &failure));
            (None, None, None)
        });
        versions[number] = version;
        clusters[number].seen.push(Seen { who: Who::Release, mode, tried });
    }
    failures
}

/// Where a release is named: a plan is about several.
const IN_FLEET: &str = "name it in .helm-clas.yaml with `release`, `namespace` and `kubeContext`";

/// Where a step of the release would start, what was tried since, and the chart version.
type Stands = (Option<ClusterMode>, Option<Tried>, Option<ChartVersion>);

/// The state of a release: that of its last sound revision. Whether an attempt since goes on, the table of ways says,
/// which `status --live` shows.
fn standing_of(everywhere: &Everywhere, site: &Site<'_>, file: Option<ClusterMode>) -> Result<Stands, Failure> {
    let release = site.release(everywhere);
    let account = Helm::new(release).account(site.standing.below().as_deref())?;
    let account = account.ok_or_else(|| {
        let none = format!("there is no release {} in the namespace {}", release.name, release.namespace);
        Failure::new(none).help(IN_FLEET)
    })?;
    let expected = Expected::of(&site.standing.cluster, None);
    let is_other = |unlike: &Unlike| matches!(unlike, Unlike::Chart { .. } | Unlike::Values(_));
    if let Some(unlike) = account.unlike(&expected).iter().find(|unlike| is_other(unlike)) {
        return Err(Failure::new(unlike.to_string()).help(unlike.help(account.mode())));
    }
    let is_continued = || matches!(account.ways(file, None, Trouble::None).on, Way::Again | Way::ForceConflicts);
    let tried = (!account.is_sound()).then(|| Tried { mode: account.mode(), is_continued: is_continued() });
    let mode = account.stands_in();
    // an umbrella chart has a version of its own
    let version = account.stands_at().filter(|_| site.standing.below().is_none());
    Ok((mode, tried, version))
}

/// Asks every PCE of the files. What one does not know is not known. The clusters between two modes of which no file is
/// come back.
pub(super) fn pces(
    options: &PceOptions,
    sites: &[Site<'_>],
    clusters: &mut [Cluster],
    output: &mut Output,
) -> (Vec<Cluster>, Vec<Failure>) {
    let mut groups: BTreeMap<(Option<String>, Option<String>), Vec<usize>> = BTreeMap::new();
    for (number, site) in sites.iter().enumerate() {
        let org = site.named(options.org.as_ref(), "pceOrg", site.standing.cluster.org.as_ref());
        groups.entry((clusters[number].pce.clone(), org)).or_default().push(number);
    }
    let (mut foreign, mut failures) = (Vec::new(), Vec::new());
    for ((host, org), numbers) in groups {
        let answer = clusters_of(options, host.as_deref(), org, output);
        let listed = answer.as_deref().unwrap_or_default();
        for number in &numbers {
            let id = sites[*number].standing.cluster.cluster_id.as_deref();
            let found = listed.iter().find(|cluster| id.is_some_and(|id| cluster.id.eq_ignore_ascii_case(id)));
            if answer.is_ok() && found.is_none() {
                let host = host.as_deref().unwrap_or_default();
                let unknown = Failure::new(format!("the PCE {host} knows no cluster with its `cluster_id`"));
                failures.push(of_cluster(&clusters[*number].name, &unknown));
            }
            let mode = found.and_then(|found| found.mode);
            clusters[*number].seen.push(Seen { who: Who::Pce, mode, tried: None });
        }
        let is_of_file = |cluster: &&PceCluster| {
            let mut ids = sites.iter().filter_map(|site| site.standing.cluster.cluster_id.as_deref());
            ids.any(|id| id.eq_ignore_ascii_case(&cluster.id))
        };
        let others = listed.iter().filter(|cluster| !is_of_file(cluster));
        foreign.extend(others.map(|cluster| of_pce(cluster, host.clone())).filter(Cluster::may_be_between));
        failures.extend(answer.err());
    }
    (foreign, failures)
}

fn of_pce(cluster: &PceCluster, pce: Option<String>) -> Cluster {
    let name = cluster.name.as_ref().unwrap_or(&cluster.id).clone();
    Cluster { is_of_files: false, pce, ..Cluster::of_file(name, cluster.mode) }
}

/// Every cluster that a PCE knows.
fn clusters_of(
    options: &PceOptions,
    host: Option<&str>,
    org: Option<String>,
    output: &mut Output,
) -> Result<Vec<PceCluster>, Failure> {
    let host = host.ok_or_else(|| {
        Failure::new("some of the files name no PCE")
            .help("name it with `pceHost` in .helm-clas.yaml, or with --pce-host")
    })?;
    let options = PceOptions { host: Some(host.to_owned()), org, ..options.clone() };
    Pce::new(Settings::required(&options, &ClusterValues::default())?, output)?.clusters("")
}

pub(super) fn of_cluster(name: &str, failure: &Failure) -> Failure {
    let told = Failure::new(format!("{name}: {}", failure.what()));
    match failure.advice() {
        // one option cannot name the releases of several clusters
        Some(advice) if advice.contains("--release") => told.help(IN_FLEET),
        Some(advice) => told.help(advice.to_owned()),
        None => told,
    }
}
