//! `helm clas status`.

pub(crate) mod fleet;
mod live;

use std::{path::PathBuf, process::ExitCode};

use helm_clas::{
    ClusterValues, Texts,
    pce_clusters::compared,
    report::{
        live::Beside,
        pce_clusters::OfPce,
        releases::Releases,
        status::{json, markdown, page, text},
    },
    status::{Overview, Standing, merged},
};

use crate::{
    args::{Everywhere, Status, StatusForm, described::called},
    command::status::fleet::Fleet,
    failure::Failure,
    made::Made,
    output::Output,
    outside::{files, terminal},
    workspace::{Workspace, cluster_values, overrides, search::search, taker::Meant},
};

/// What can be read is shown, whatever else cannot.
pub(crate) fn run(everywhere: &Everywhere, status: &Status, output: &mut Output) -> ExitCode {
    if let Some(failure) = misused(status) {
        return output.failed(&failure);
    }
    let status = &match meant(status, output) {
        Ok(status) => status,
        Err(failure) => return output.failed(&failure),
    };
    let here = [PathBuf::from(".")];
    let roots = if status.paths.is_empty() && status.files.is_empty() { &here } else { &status.paths[..] };
    let (merged, read, failure) = match merged_files(status) {
        Ok((merged, read)) => (merged, read, None),
        Err(failure) => (Vec::new(), status.files.clone(), Some(failure)),
    };
    let (found, failures) = search(roots, &read, status.path.as_deref());
    let mut failures: Vec<Failure> = failure.into_iter().chain(failures).collect();
    let mut overview = Overview { merged, found, ..Overview::default() };
    overview.tell_disputed();
    let values = (status.live && failures.is_empty()).then(|| values_of(status)).transpose();
    let values = values.unwrap_or_else(|failure| {
        failures.push(failure);
        None
    });
    let beside =
        match values.as_ref().map(|values| live::beside(everywhere, status, &overview, values, output)).transpose() {
            Ok(beside) => beside,
            Err(failure) => {
                failures.push(failure);
                None
            }
        };
    if beside.as_ref().is_some_and(Beside::holds_next) {
        overview.merged.iter_mut().for_each(|standing| standing.is_held = true);
    }
    let fleet = status.with_pce.then(|| Fleet::of(status, &overview, output)).transpose().unwrap_or_else(|failure| {
        failures.push(failure);
        None
    });
    overview.unjudged = failures.iter().map(Failure::unjudged).collect();
    let rows = fleet.as_ref().map(|fleet| compared(&fleet.clusters, &fleet.files)).unwrap_or_default();
    let of_pce = fleet.as_ref().map(|fleet| fleet.told(&rows));
    let of_pce = of_pce.as_ref();
    let is_apart = beside.as_ref().is_some_and(|beside| beside.agree() != Some(true));
    let disagrees = status.exit_code && (is_apart || of_pce.is_some_and(|of_pce| !of_pce.agrees()));
    match status.output {
        // where nothing could be read, nothing is known
        StatusForm::Text if overview.is_empty() && !failures.is_empty() => {}
        StatusForm::Text => {
            output.answer(&text(&overview, terminal::width(), called()));
            output.answer(&of_pce.map(|of_pce| format!("\n{}", of_pce.text())).unwrap_or_default());
            output.answer(&beside.map(|beside| format!("\n{}", beside.text())).unwrap_or_default());
        }
        StatusForm::Json => output.answer(&json(&overview, called(), beside.as_ref(), of_pce)),
        StatusForm::Markdown | StatusForm::Html => {
            let answer = beside.as_ref().map(|beside| json(&overview, called(), Some(beside), None));
            let answer = answer.and_then(|answer| serde_json::from_str(&answer).ok());
            let releases = status.live.then(|| Releases::of([(status.files.join(", "), answer.as_ref())]));
            on_page(status, &overview, of_pce, releases.as_ref(), output);
        }
    }
    let status = if disagrees { ExitCode::FAILURE } else { ExitCode::SUCCESS };
    failures.iter().fold(status, |_, failure| output.failed(failure))
}

/// Answers in the forms of a page.
pub(crate) fn on_page(
    status: &Status,
    overview: &Overview,
    of_pce: Option<&OfPce<'_>>,
    releases: Option<&Releases>,
    output: &mut Output,
) {
    if status.output == StatusForm::Html {
        let named = || status.paths.iter().cloned().chain(status.files.iter().map(PathBuf::from));
        let paths: Vec<PathBuf> = if named().next().is_some() { named().collect() } else { vec![PathBuf::from(".")] };
        output.answer_raw(&page(overview, of_pce, releases, &Made::from_files(&paths).of_page()));
    } else {
        output.answer_raw(&markdown(overview, of_pce, releases));
    }
}

/// What the files of `-f` say of their cluster, with the options beside them.
fn values_of(status: &Status) -> Result<ClusterValues, Failure> {
    cluster_values(&status.files, status.path.as_deref(), &status.set)
}

/// The same, of the manifest of the checkout that takes the files, where what it brings is looked at.
fn meant(status: &Status, output: &mut Output) -> Result<Status, Failure> {
    if !status.live {
        return Ok(status.clone());
    }
    let has_options = status.set.given().next().is_some();
    let meant = Meant::by(&status.files, status.path.as_deref(), has_options, output);
    let Meant { files, path, .. } = meant.of_one_release(status.release.as_deref())?;
    Ok(Status { files, path, ..status.clone() })
}

/// Options that do not go together, if so.
fn misused(status: &Status) -> Option<Failure> {
    (status.exit_code && !status.live && !status.with_pce)
        .then(|| Failure::new("--exit-code has nothing to compare the files with").help("add --live or --pce"))
}

/// The standing of the cluster of `-f`, and the names of the files that say so. A file that cannot be read may say
/// anything, so without it the standing is not known.
fn merged_files(status: &Status) -> Result<(Vec<Standing>, Vec<String>), Failure> {
    if status.files.is_empty() {
        return match status.set.given().next() {
            Some((kind, _)) => Err(Failure::new(format!("{} needs a values file", kind.option()))
                .help("name the files of the cluster with -f FILE")),
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
