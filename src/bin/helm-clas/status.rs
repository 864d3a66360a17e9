//! `helm clas status`.

use std::{path::PathBuf, process::ExitCode};

use helm_clas::{
    Release, Texts,
    report::{
        live::Beside,
        status::{json, page, text},
    },
    status::{Holder, Overview, Standing, merged},
};

use crate::{
    args::{Everywhere, Status, StatusForm},
    failure::Failure,
    files,
    helm::Helm,
    output::Output,
    overrides,
    pce::{Pce, Settings, cluster_values},
    search::search,
    workspace::Workspace,
};

/// What can be read is shown, whatever else cannot.
pub(crate) fn run(everywhere: &Everywhere, status: &Status, output: &mut Output) -> ExitCode {
    if status.live && status.output == StatusForm::Html {
        let failure = Failure::new("the page shows what files say, and --live what runs").help("leave out one of them");
        return output.failed(&failure);
    }
    let here = [PathBuf::from(".")];
    let roots = if status.paths.is_empty() && status.files.is_empty() { &here } else { &status.paths[..] };
    let (merged, read, failure) = match merged_files(status) {
        Ok((merged, read)) => (merged, read, None),
        Err(failure) => (Vec::new(), status.files.clone(), Some(failure)),
    };
    let (found, failures) = search(roots, &read, status.path.as_deref());
    let mut failures: Vec<Failure> = failure.into_iter().chain(failures).collect();
    let overview = Overview { merged, found };
    let beside =
        match (status.live && failures.is_empty()).then(|| beside(everywhere, status, &overview, output)).transpose() {
            Ok(beside) => beside,
            Err(failure) => {
                failures.push(failure);
                None
            }
        };
    match status.output {
        // where nothing could be read, nothing is known
        StatusForm::Text if overview.is_empty() && !failures.is_empty() => {}
        StatusForm::Text => {
            output.answer(&text(&overview));
            output.answer(&beside.map(|beside| format!("\n{}", beside.text())).unwrap_or_default());
        }
        StatusForm::Json => output.answer(&json(&overview, beside.as_ref())),
        StatusForm::Html => output.answer_raw(&page(&overview)),
    }
    failures.iter().fold(ExitCode::SUCCESS, |_, failure| output.failed(failure))
}

/// What runs on the cluster of `-f`.
fn beside<'s>(
    everywhere: &'s Everywhere,
    status: &'s Status,
    overview: &Overview,
    output: &mut Output,
) -> Result<Beside<'s>, Failure> {
    let is_manifest = |standing: &Standing| matches!(standing.holder, Holder::Manifest(_));
    if status.release.is_none() && overview.merged.iter().any(is_manifest) {
        return Err(Failure::new("which release of Helm's this manifest makes is not told here")
            .help("name it with --release and -n; Argo CD makes none: `argocd app get NAME` tells what runs"));
    }
    let name = status.release.as_deref().unwrap_or(Release::default().name);
    let release = everywhere.release(name, Release::default().chart);
    let below = overview.merged.iter().find_map(Standing::below);
    let live = Helm::new(release).live(below.as_deref())?;
    let values = cluster_values(&status.files, status.path.as_deref())?;
    let pce = match (Settings::of(&status.pce, &values)?, &values.cluster_id) {
        (Some(settings), Some(id)) => {
            let pce = Pce::new(settings, output)?;
            Some(pce.object(&pce.in_org(&format!("container_clusters/{id}"))?)?)
        }
        (Some(_), None) => {
            output.remark("note: the PCE is not asked, since the values name no cluster_id\n");
            None
        }
        (None, _) => {
            output.remark("note: the PCE is not asked, since no API key is given\n");
            None
        }
    };
    let files = overview.effective().and_then(|standing| standing.mode);
    Ok(Beside { files, release, live, pce })
}

/// Where the cluster of `-f` stands, and the names of the files that say so. A file that cannot be read may say anything,
/// so without it there is no telling.
fn merged_files(status: &Status) -> Result<(Vec<Standing>, Vec<String>), Failure> {
    if status.files.is_empty() {
        return match status.set.given().next() {
            Some((kind, _)) => Err(Failure::new(format!("{} stands beside no values file", kind.option()))
                .help("name the files of the cluster, -f FILE")),
            None => Ok(Default::default()),
        };
    }
    if status.files.iter().filter(|file| *file == files::STDIN).count() > 1 {
        return Err(Failure::new("`-` is given twice, but standard input can be read only once"));
    }
    let texts = Texts::new();
    let workspace = Workspace::open(&texts, &status.files, status.path.as_deref())?;
    let overrides = overrides::read(&status.set)?;
    let standings = merged(&workspace.files, &workspace.given, &overrides, status.path.as_deref());
    let names = (0..workspace.files.len()).map(|number| workspace.files.name(number).to_owned());
    Ok((standings, names.filter(|name| !name.ends_with(files::CHART)).collect()))
}
