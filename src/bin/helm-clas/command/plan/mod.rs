//! `helm clas plan`: the next steps in a fleet, from its files.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use helm_clas::{
    ChartVersion, ClusterMode, Release, Verb,
    plan::{Cluster, Plan, Turn},
    report::plan::{Row, json, markdown, text},
    status::{Holder, Standing},
};

use crate::{
    args::{Everywhere, VerifyForm, described::called, plan::Plan as Arguments},
    failure::Failure,
    output::Output,
    outside::files::STDIN,
    workspace::{
        fleet::{self, Nearest},
        search::search,
    },
};

pub(crate) fn run(everywhere: &Everywhere, asked: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    if asked.paths.iter().any(|path| path.as_os_str() == STDIN) {
        return Err(Failure::new("a plan is of files that have names, and `-` is standard input")
            .help("name the folder of the fleet, such as `.`"));
    }
    let version = everywhere.version.as_deref().map(str::parse::<ChartVersion>).transpose();
    let version = version.map_err(|error| {
        Failure::new(format!("--version: {error}")).help("name one exact version, such as --version 5.1.0")
    })?;
    let nearest = Nearest::named_or_found(everywhere.config.as_deref())?;
    let here = [PathBuf::from(".")];
    let roots = if asked.paths.is_empty() { &here } else { &asked.paths[..] };
    let (standings, failures) = search(roots, &[], None);
    let clusters: Vec<Cluster> = standings.iter().map(cluster_of).collect();
    let goal = if asked.revert { ClusterMode::Legacy } else { ClusterMode::Clas };
    let plan = Plan { goal, at_once: asked.at_once };
    let rows = standings.iter().zip(&clusters).zip(plan.turns(&clusters)).map(|((standing, cluster), turn)| {
        let command = match &turn {
            Turn::Now(verb, _) => {
                let said = nearest.of(Path::new(&standing.file));
                let of_fleet = || fleet::value(&said, "version").and_then(|version| version.parse().ok());
                let version = version.clone().or_else(of_fleet);
                let pce_version =
                    asked.pce_version.as_deref().or_else(|| fleet::value(&said, "pceVersion")).unwrap_or("auto");
                let options = options(everywhere);
                command(*verb, standing, version.as_ref(), pce_version, &options)
            }
            Turn::After(..) | Turn::Done | Turn::Unknown => None,
        };
        Row { cluster, turn, command }
    });
    let mut rows: Vec<Row<'_>> = rows.collect();
    if asked.next {
        // one that is between two modes is finished before another starts
        let is_now = |row: &&Row<'_>| matches!(row.turn, Turn::Now(..));
        let is_between = |row: &&Row<'_>| row.cluster.mode.is_some_and(ClusterMode::is_migrating);
        let first = rows.iter().filter(is_now).find(is_between).or_else(|| rows.iter().find(is_now)).cloned();
        rows = first.into_iter().collect();
    }
    match asked.output {
        VerifyForm::Text => output.answer(&text(plan, &rows)),
        VerifyForm::Json => output.answer(&json(plan, &rows)),
        VerifyForm::Markdown => output.answer_raw(&markdown(plan, &rows)),
    }
    Ok(failures.iter().fold(ExitCode::SUCCESS, |_, failure| output.failed(failure)))
}

fn cluster_of(standing: &Standing) -> Cluster {
    let Standing { file, release, mode, cluster, .. } = standing;
    let name = release.as_ref().map_or_else(|| file.clone(), |release| format!("{file} ({release})"));
    Cluster { name, pce: cluster.pce_url.clone(), mode: *mode }
}

/// The options of this command line that each step needs as well.
fn options(everywhere: &Everywhere) -> Vec<String> {
    let Release { namespace, .. } = Release::default();
    let given = [
        ("--config", everywhere.config.as_deref()),
        ("-n", Some(everywhere.release_namespace()).filter(|given| *given != namespace)),
        ("--kubeconfig", everywhere.kubeconfig.as_deref()),
        ("--kube-context", everywhere.context()),
    ];
    given.into_iter().filter_map(|(option, value)| Some([option.to_owned(), value?.to_owned()])).flatten().collect()
}

/// The command that takes a step of a cluster; nothing where its chart version is not known.
fn command(
    verb: Verb,
    standing: &Standing,
    version: Option<&ChartVersion>,
    pce_version: &str,
    options: &[String],
) -> Option<Vec<String>> {
    // what stands beside the values counts, as for the step itself
    let pinned = standing.version.as_deref().map(str::parse::<ChartVersion>).transpose().ok()?;
    let version = pinned.as_ref().or(version)?.to_string();
    let mut words = [called().words(), &[verb.command()]].concat();
    words.extend(verb.is_finish().then_some("--finish"));
    words.extend(["-f", &standing.file]);
    if let (Holder::Manifest(_), Some(release)) = (standing.holder, &standing.release) {
        words.extend(["--path", release]);
    }
    words.extend(["--version", &version, "--pce-version", pce_version]);
    words.extend(options.iter().map(String::as_str));
    Some(words.into_iter().map(str::to_owned).collect())
}
