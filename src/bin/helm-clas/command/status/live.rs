//! `status --live`: what runs on the cluster of `-f`, and what brings the files and the release together.

use helm_clas::{
    ClusterMode, ClusterValues, Id, Release, Verb,
    account::Account,
    report::{live::Beside, way::Commands},
    status::{Holder, Overview, Standing},
};

use crate::{
    args::{Everywhere, Status, described::called},
    failure::Failure,
    output::Output,
    outside::{
        helm::Helm,
        pce::{Pce, Settings},
    },
};

/// What runs on the cluster of `-f`.
pub(crate) fn beside<'s>(
    everywhere: &'s Everywhere,
    status: &'s Status,
    overview: &Overview,
    values: &'s ClusterValues,
    output: &mut Output,
) -> Result<Beside<'s>, Failure> {
    let is_manifest = |standing: &Standing| matches!(standing.holder, Holder::Manifest(_));
    let is_of_controller = overview.merged.iter().any(is_manifest);
    let is_made_by_helm = |id: &Id| id.is_of_helm() && id.helm_name.is_some();
    if status.release.is_none() && is_of_controller && !values.release.as_ref().is_some_and(is_made_by_helm) {
        return Err(Failure::new("the name of the release of this manifest is not known")
            .help("name it with --release and -n; Argo CD creates no release: `argocd app get NAME` shows what runs"));
    }
    let release = everywhere.release_of(status.release.as_deref(), values);
    let below = overview.merged.iter().find_map(Standing::below);
    let live = Helm::new(release).account(below.as_deref())?;
    let pce = match (Settings::of(&status.pce, values)?, &values.cluster_id) {
        (Some(settings), Some(id)) => {
            let pce = Pce::new(settings, output)?;
            Some(pce.object(&pce.in_org(&format!("container_clusters/{id}"))?)?)
        }
        (Some(_), None) => {
            output.remark("note: the PCE is not asked, because the values have no cluster_id\n");
            None
        }
        (None, _) => {
            output.remark("note: the PCE is not asked, because no API key is given\n");
            None
        }
    };
    let files = overview.effective().and_then(|standing| standing.mode);
    // what a controller or an umbrella chart brings is not upgraded by a step of ours
    let is_ours = below.is_none() && !is_of_controller;
    let commands = live.as_ref().filter(|_| is_ours).map(|live| commands(live, files, status, release));
    Ok(Beside { files, release, live, pce, commands: commands.unwrap_or(Commands { release, ..Commands::default() }) })
}

/// The commands of the attempt that the files and the release are in. The PCE's version is not known here, so it is
/// asked.
fn commands<'s>(live: &Account, files: Option<ClusterMode>, status: &'s Status, release: Release<'s>) -> Commands<'s> {
    let pce = status.pce.given();
    let step = |verb: Verb, how: &[&str]| {
        let mut words = [called().words(), &[verb.command()]].concat();
        words.extend(verb.is_finish().then_some("--finish"));
        words.extend(how);
        words.extend(status.files.iter().flat_map(|file| ["-f", file]));
        words.extend(["--version", &live.version, "--pce-version", "auto"]);
        let customary = Release::default();
        words.extend(
            Some(release.name).filter(|name| *name != customary.name).iter().flat_map(|name| ["--release", name]),
        );
        let namespace = Some(release.namespace).filter(|namespace| *namespace != customary.namespace);
        words.extend(namespace.iter().flat_map(|namespace| ["-n", namespace]));
        words.extend(release.cluster_options());
        words.extend(status.path.iter().flat_map(|path| ["--path", path]));
        words.extend(pce.iter().map(String::as_str));
        words.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let attempted = live.attempted(files);
    // where the file is behind, its step is the one that the release took
    let behind = files.zip(live.stands_in()).and_then(|(files, stands)| {
        Verb::ALL.into_iter().find(|verb| verb.applied_to(files) == helm_clas::Move::Go(stands))
    });
    Commands {
        release,
        again: attempted.map(|verb| step(verb, &["--run"])),
        put_back: attempted.map(|verb| step(verb, &["--undo", "--write"])),
        write: behind.map(|verb| step(verb, &["--write"])),
    }
}
