//! `status --live`: what runs on the cluster of `-f`, and what brings the files and the release together.

use helm_clas::{
    ClusterMode, ClusterValues, Id, Release,
    account::Expected,
    report::{live::Beside, way::Commands},
    status::{Holder, Overview, Standing},
    verify::ContainerCluster,
};

use crate::{
    args::{Everywhere, Status, described::called},
    command::ways::{Place, pce_version, spot},
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
            Some(pce.object::<ContainerCluster>(&pce.in_org(&format!("container_clusters/{id}"))?)?)
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
    let expected = Expected::of(values, everywhere.version.as_deref());
    // what a controller or an umbrella chart brings is not upgraded by a step of ours
    let is_ours = below.is_none() && !is_of_controller;
    let pce_version = pce_version(&status.pce);
    let place = Place {
        release,
        values: status.place_options(),
        pce: status.pce.given(),
        pce_version,
        spot: spot(&status.files, &overview.merged),
    };
    let reported = pce.as_ref().and_then(ContainerCluster::mode);
    let commands = live.as_ref().filter(|_| is_ours).map(|live| place.commands(live, files, reported));
    let controller = values.release.as_ref().and_then(Id::title);
    let mut commands = commands.unwrap_or(Commands { release, controller, ..Commands::default() });
    let newer = live.as_ref().filter(|_| is_ours).and_then(|live| live.upgrade_to(&expected, files));
    commands.upgrade = newer.map(|version| place.upgrade(&version));
    commands.verify = files.map(|mode| verification(everywhere, status, mode));
    Ok(Beside { files, expected, release, live, pce, commands })
}

/// The command that waits until the PCE reports a mode.
fn verification(everywhere: &Everywhere, status: &Status, mode: ClusterMode) -> Vec<String> {
    let mut words: Vec<String> = called().words().iter().map(ToString::to_string).collect();
    words.push("verify".to_owned());
    words.extend(status.place_options());
    words.extend(["--after-mode", mode.as_str(), "--wait", "10m"].map(str::to_owned));
    words.extend(status.pce.given());
    let release = status.release.as_ref().map(|name| ["--release".to_owned(), name.clone()]);
    words.extend(release.into_iter().flatten());
    let namespace = everywhere.release_namespace();
    if namespace != Release::default().namespace {
        words.extend(["-n".to_owned(), namespace.to_owned()]);
    }
    words.extend(everywhere.release(None, "").cluster_options().map(str::to_owned));
    words
}
