//! `helm clas plan`: the next steps in a fleet, from its files.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use helm_clas::{
    ChartVersion, ClusterMode, CompatibilityMatrix, Release, Request, Rule, Severity, Status, Texts, Unjudged, Verb,
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
        Workspace,
        fleet::{self, Nearest},
        reach,
        search::search,
    },
};

/// The word for the version that the PCE itself says.
const AUTO: &str = "auto";

pub(crate) fn run(everywhere: &Everywhere, asked: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    if asked.paths.iter().any(|path| path.as_os_str() == STDIN) {
        return Err(Failure::new("a plan needs named files, and `-` is standard input")
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
    let goal = if asked.revert { ClusterMode::Legacy } else { ClusterMode::Clas };
    let plan = Plan { goal, at_once: asked.at_once };
    let versions = |standing: &Standing| {
        let said = nearest.of(Path::new(&standing.file));
        let of_fleet = || fleet::value(&said, "version").and_then(|version| version.parse().ok());
        let pce_version = asked.pce_version.as_deref().or_else(|| fleet::value(&said, "pceVersion"));
        (version.clone().or_else(of_fleet), pce_version.unwrap_or(AUTO).to_owned())
    };
    let matrix = CompatibilityMatrix::shipped();
    let mut clusters: Vec<Cluster> = standings.iter().map(cluster_of).collect();
    let mut is_asked = vec![false; clusters.len()];
    // one that is refused lets another start, which may be refused as well
    while let Some((number, verb)) = first_unasked(&plan.turns(&clusters), &is_asked) {
        is_asked[number] = true;
        let (version, pce_version) = versions(&standings[number]);
        clusters[number].refused_by = refused_by(verb, &standings[number], version.as_ref(), &pce_version, &matrix);
    }
    let rows = standings.iter().zip(&clusters).zip(plan.turns(&clusters)).map(|((standing, cluster), turn)| {
        let command = match &turn {
            Turn::Now(verb, _) | Turn::Refused(verb, _) => {
                let (version, pce_version) = versions(standing);
                command(*verb, standing, version.as_ref(), &pce_version, &options(everywhere))
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
    let unjudged: Vec<Unjudged> = failures.iter().map(Failure::unjudged).collect();
    match asked.output {
        VerifyForm::Text => output.answer(&text(plan, &rows)),
        VerifyForm::Json => output.answer(&json(plan, &rows, &unjudged)),
        VerifyForm::Markdown => output.answer_raw(&markdown(plan, &rows, &unjudged)),
    }
    Ok(failures.iter().fold(ExitCode::SUCCESS, |_, failure| output.failed(failure)))
}

/// The first cluster whose turn it is and of which it was not asked whether its step is refused.
fn first_unasked(turns: &[Turn], is_asked: &[bool]) -> Option<(usize, Verb)> {
    let unasked = turns.iter().enumerate().filter(|(number, _)| !is_asked[*number]);
    unasked.into_iter().find_map(|(number, turn)| match turn {
        Turn::Now(verb, _) => Some((number, *verb)),
        _ => None,
    })
}

/// The rules by which the step itself is refused, asked as `migrate` and `revert` ask it. What is not named yet refuses
/// nothing here.
fn refused_by(
    verb: Verb,
    standing: &Standing,
    version: Option<&ChartVersion>,
    pce_version: &str,
    matrix: &CompatibilityMatrix,
) -> Vec<Rule> {
    let texts = Texts::new();
    let path = path_of(standing);
    let names = [standing.file.clone()];
    let Ok(workspace) = Workspace::open_for(&texts, &names, path, Release::default().chart) else { return Vec::new() };
    let version = standing.version.clone().or_else(|| version.map(ToString::to_string));
    let is_auto = pce_version == AUTO;
    let request = Request {
        verb,
        unset: false,
        files: &workspace.files,
        given: &workspace.given,
        overrides: &[],
        path,
        version: version.as_deref(),
        pce_version: Some(pce_version).filter(|_| !is_auto),
        matrix,
        allowed: &[],
    };
    let mut outcome = request.outcome();
    let is_open = |rule: Rule| {
        rule == Rule::PceVersionMissing && is_auto
            || rule == Rule::VersionMissing && version.is_none() && outcome.release.is_none()
    };
    let errors = outcome.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let mut rules: Vec<Rule> = errors.map(|finding| finding.rule).filter(|rule| !is_open(*rule)).collect();
    if rules.is_empty() && !matches!(outcome.status, Status::Refused) {
        reach::told(&workspace, &mut outcome, path, &[]);
        let errors = outcome.findings.iter().filter(|finding| finding.severity == Severity::Error);
        rules.extend(errors.map(|finding| finding.rule));
    }
    rules.dedup();
    rules
}

/// What names the release in its file, as `--path` takes it.
fn path_of(standing: &Standing) -> Option<&str> {
    standing.release.as_deref().filter(|_| matches!(standing.holder, Holder::Manifest(_)))
}

fn cluster_of(standing: &Standing) -> Cluster {
    let Standing { file, release, mode, cluster, .. } = standing;
    let name = release.as_ref().map_or_else(|| file.clone(), |release| format!("{file} ({release})"));
    Cluster { name, pce: cluster.pce_url.clone(), mode: *mode, refused_by: Vec::new() }
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
    words.extend(path_of(standing).into_iter().flat_map(|path| ["--path", path]));
    words.extend(["--version", &version, "--pce-version", pce_version]);
    words.extend(options.iter().map(String::as_str));
    Some(words.into_iter().map(str::to_owned).collect())
}
