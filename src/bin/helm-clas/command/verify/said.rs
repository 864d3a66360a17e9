//! What the values and the command line say for a question: the namespace, the PCE.

use helm_clas::{
    ClusterValues, Id, Release, Texts,
    report::way::Spot,
    status::{Standing, merged},
    verify::Asked,
};

use crate::{
    args::{PceOptions, Verify},
    command::ways::spot,
    failure::Failure,
    output::Output,
    outside::pce::{Pce, Settings},
    workspace::{Workspace, known_namespace, overrides},
};

/// The namespace in which the software runs: where it follows the release, the one that the release is brought to.
pub(crate) fn software_of(values: &ClusterValues, release: Release<'_>) -> Result<String, Failure> {
    let target = values.release.as_ref().and_then(|id| id.target.as_deref());
    known_namespace(values.software_namespace(target.unwrap_or(release.namespace)))
}

/// Who brings the chart of a manifest, where that makes no release of Helm and the user names none.
pub(crate) fn without_helm(verify: &Verify, values: &ClusterValues) -> Option<Id> {
    values.release.clone().filter(|id| !id.is_of_helm() && verify.release.is_none())
}

/// The PCE that is asked, and the path of the cluster on it.
pub(crate) fn pce_of(
    options: &PceOptions,
    values: &ClusterValues,
    cluster_id: Option<&str>,
    without_pce: bool,
    output: &mut Output,
) -> Result<Asked<(Pce, String)>, Failure> {
    if without_pce {
        return Ok(Asked::LeftToReader);
    }
    let Some(settings) = Settings::of(options, values)? else {
        output.remark(
            "note: the PCE is not asked, because no API key is given (ILLUMIO_API_KEY_USERNAME, \
             ILLUMIO_API_KEY_SECRET);\n      --without-pce skips its checks\n",
        );
        return Ok(Asked::No);
    };
    let pce = Pce::new(settings, output)?;
    let path = pce.cluster(cluster_id.or(values.cluster_id.as_deref()))?;
    Ok(Asked::Answer((pce, path)))
}

/// The keys below which an umbrella chart's values hold the chart's; nothing in the chart's own, and in a manifest.
pub(super) fn below(files: &[String], path: Option<&str>) -> Option<String> {
    let texts = Texts::new();
    below_of(&Workspace::open(&texts, files, path).ok()?, path)
}

/// The same of files that were read.
pub(crate) fn below_of(workspace: &Workspace<'_>, path: Option<&str>) -> Option<String> {
    let standings = merged(&workspace.files, &workspace.given, &[], path);
    standings.iter().find_map(Standing::below)
}

/// Where the mode of the files is set; in a file where they cannot be read.
pub(super) fn spot_of(verify: &Verify) -> Spot {
    let texts = Texts::new();
    let workspace = Workspace::open(&texts, &verify.files, verify.path.as_deref());
    let read = workspace.and_then(|workspace| Ok((workspace, overrides::read(&verify.set)?)));
    let Ok((workspace, options)) = read else { return Spot::File };
    spot(&verify.files, &merged(&workspace.files, &workspace.given, &options, verify.path.as_deref()))
}
