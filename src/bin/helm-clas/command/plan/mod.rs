//! `helm clas plan`: the next steps in a fleet, from its files, and from its releases and PCEs where they are asked.

mod seen;
mod site;
mod taken;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use helm_clas::{
    Act, ChartVersion, ClusterMode, CompatibilityMatrix, Release, Unjudged,
    plan::{Cluster, Frozen, Plan, Turn},
    report::plan::{Row, json, markdown, next_text, text},
    status::{Holder, Standing},
    verify::Moment,
};

use self::site::Site;
use crate::{
    args::{Everywhere, PceOptions, VerifyForm, plan::Plan as Arguments},
    command::verify::{now, time},
    failure::Failure,
    output::Output,
    outside::files::STDIN,
    workspace::{fleet::Nearest, search::search},
};

pub(crate) fn run(everywhere: &Everywhere, asked: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    if let Some(failure) = misused(asked) {
        return Err(failure);
    }
    let version = everywhere.version.as_deref().map(str::parse::<ChartVersion>).transpose();
    let version = version.map_err(|error| {
        Failure::new(format!("--version: {error}")).help("name one exact version, such as --version 5.1.0")
    })?;
    let moment = match &asked.at {
        Some(text) => time("--at", text, 0)?,
        None => now(),
    };
    let nearest = Nearest::named_or_found(everywhere.config.as_deref())?;
    nearest.unmatched().iter().for_each(|warning| output.remark(&format!("{warning}\n")));
    let here = [PathBuf::from(".")];
    let roots = if asked.paths.is_empty() { &here } else { &asked.paths[..] };
    let (standings, mut failures) = search(roots, &[], None);
    let goal = if asked.revert { ClusterMode::Legacy } else { ClusterMode::Clas };
    let plan = Plan { goal, at_once: asked.running.at_once };
    let mut sites: Vec<Site<'_>> =
        standings.iter().map(|standing| Site::of(standing, &nearest, version.as_ref(), asked)).collect();
    sites.sort_by_key(|site| site.order);
    let mut clusters: Vec<Cluster> = sites.iter().map(|site| cluster_of(site, &nearest, &moment, &asked.pce)).collect();
    failures.extend(asked_of(everywhere, asked, &sites, &mut clusters, output));
    let matrix = CompatibilityMatrix::shipped();
    let mut is_asked = vec![false; sites.len()];
    // one that is refused lets another start, which may be refused as well
    while let Some((number, act)) = first_unasked(&plan.turns(&clusters), &is_asked) {
        is_asked[number] = true;
        match sites[number].refused_by(act, &matrix) {
            Ok(rules) => clusters[number].refused_by = rules,
            Err(failure) => {
                failures.push(seen::of_cluster(&clusters[number].name, &failure));
                clusters[number].mode = None;
            }
        }
    }
    let options: Vec<String> = options(everywhere).into_iter().chain(asked.pce.given()).collect();
    let turns = plan.turns(&clusters);
    let all = rows(&sites, &clusters, turns, &options);
    let is_done = |row: &Row<'_>| row.cluster.is_mention || matches!(row.turn, Turn::Done | Turn::Foreign);
    let is_all_done = all.iter().all(is_done);
    let next = next_of(&all).filter(|_| asked.next);
    let rows = if asked.next { next.cloned().into_iter().collect() } else { all.clone() };
    let text = || if asked.next { next_text(plan, &all, next) } else { text(plan, &all) };
    let unjudged: Vec<Unjudged> = failures.iter().map(Failure::unjudged).collect();
    let next = next.filter(|_| asked.running.run);
    match (asked.output, next) {
        // the answer is the step's
        (_, Some(_)) => output.remark(&text()),
        (VerifyForm::Text, None) => output.answer(&text()),
        (VerifyForm::Json, None) => output.answer(&json(plan, &rows, &unjudged)),
        (VerifyForm::Markdown, None) => output.answer_raw(&markdown(plan, &rows, &unjudged)),
    }
    for failure in &failures {
        output.failed(failure);
    }
    match next {
        // what could not be read or asked may be what the step depends on
        _ if !failures.is_empty() => Ok(ExitCode::from(2)),
        Some(row) => taken::step(row, asked, output),
        None if asked.running.run && !is_all_done => Ok(ExitCode::FAILURE),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// Asks the releases and the PCEs as far as that is asked for; what failed comes back.
fn asked_of(
    everywhere: &Everywhere,
    asked: &Arguments,
    sites: &[Site<'_>],
    clusters: &mut Vec<Cluster>,
    output: &mut Output,
) -> Vec<Failure> {
    let mut failures = Vec::new();
    let mut versions = vec![None; sites.len()];
    if asked.live {
        failures.extend(seen::releases(everywhere, sites, (clusters, &mut versions), output));
    }
    for ((site, cluster), version) in sites.iter().zip(clusters.iter_mut()).zip(&versions) {
        cluster.software = site.software(version.as_ref());
    }
    if asked.with_pce {
        let (foreign, more) = seen::pces(&asked.pce, sites, clusters, output);
        clusters.extend(foreign);
        failures.extend(more);
    }
    failures
}

/// The clusters with their turns, each with the command that there is for it.
fn rows<'c>(sites: &[Site<'_>], clusters: &'c [Cluster], turns: Vec<Turn>, options: &[String]) -> Vec<Row<'c>> {
    let row = |(number, (cluster, turn)): (usize, (&'c Cluster, Turn))| {
        let upgrade = || Some(sites[number].upgrade(&cluster.software.as_ref()?.to, options));
        let command = match &turn {
            Turn::Now(verb, _) | Turn::Refused(Act::Step(verb), _) => sites[number].step(*verb, options),
            Turn::Upgrade(_) | Turn::Refused(Act::Upgrade, _) => upgrade(),
            Turn::Apart(_) => Some(sites[number].look(options)),
            _ => None,
        };
        Row { cluster, turn, command }
    };
    clusters.iter().zip(turns).enumerate().map(row).collect()
}

/// Options that do not go together, if so.
fn misused(asked: &Arguments) -> Option<Failure> {
    if asked.paths.iter().any(|path| path.as_os_str() == STDIN) {
        return Some(
            Failure::new("a plan needs named files, and `-` is standard input")
                .help("name the folder of the fleet, such as `.`"),
        );
    }
    (asked.running.run && !asked.next).then(|| Failure::new("--run takes one step, the next one").help("add --next"))
}

/// The row whose step comes next: one that is between two modes is finished before another starts.
fn next_of<'r, 'c>(rows: &'r [Row<'c>]) -> Option<&'r Row<'c>> {
    let is_now = |row: &&Row<'_>| matches!(row.turn, Turn::Now(..) | Turn::Upgrade(..));
    let is_between = |row: &&Row<'_>| row.cluster.may_be_between();
    rows.iter().filter(is_now).find(is_between).or_else(|| rows.iter().find(is_now))
}

/// The first cluster whose turn it is and of which it was not asked whether its step is refused.
fn first_unasked(turns: &[Turn], is_asked: &[bool]) -> Option<(usize, Act)> {
    let unasked = turns.iter().zip(is_asked).enumerate().filter(|(_, (_, is_asked))| !**is_asked);
    unasked.into_iter().find_map(|(number, (turn, _))| match turn {
        Turn::Now(verb, _) => Some((number, Act::Step(*verb))),
        Turn::Upgrade(_) => Some((number, Act::Upgrade)),
        _ => None,
    })
}

fn cluster_of(site: &Site<'_>, nearest: &Nearest, now: &Moment, pce: &PceOptions) -> Cluster {
    let Standing { file, release, mode, cluster, .. } = site.standing;
    let name = release.as_ref().map_or_else(|| file.clone(), |release| format!("{file} ({release})"));
    let freeze = site::files_of(site.standing).find_map(|file| nearest.freeze_of(Path::new(file), now));
    let frozen = freeze.map(|freeze| Frozen { until: freeze.until.to_string(), why: freeze.why.clone() });
    let (pce, id) = (site.pce(pce), cluster.cluster_id.clone());
    let is_mention = site.standing.holder == Holder::Mention;
    Cluster { pce, id, is_mention, wave: site.order.wave, frozen, ..Cluster::of_file(name, *mode) }
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
