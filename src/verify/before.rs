//! The checks before a step that a machine can make: [`Before`] in, a list of [`Checked`] out, as after a step.
//!
//! Before a migration is finished everything must hold that holds after its first step, so those checks are made again.

mod policy;

use crate::shown::{count, some_of, verbatim};
use std::collections::BTreeMap;

pub use policy::OfPolicy;

use super::{Answer, Asked, Checked, Facts, State, checked as after, pce, text_in};
use crate::{
    account::{Account, Software, Start, Unlike},
    act::Act,
    called::Help,
    check::Complete,
    enforcement::{Kind, Seen},
    finding::{Finding, Severity},
    mode::ClusterMode::{self, Clas, Legacy, MigrateClasToLegacy, MigrateLegacyToClas},
    pce_clusters::PceCluster,
    procedure::{Move, Verb},
};

/// What there is to judge before a step.
#[derive(Debug)]
pub struct Before {
    /// What is to be done.
    pub act: Act,
    /// The mode it leads to.
    pub goal: ClusterMode,
    /// What there is to judge in the mode that the step starts from.
    pub present: Facts,
    /// The values, or what keeps them from being read.
    pub values: Result<Complete, Vec<Finding>>,
    /// The findings against the step at the release.
    pub start: OfStart,
    /// How many clusters of one PCE may be between two modes at once.
    pub at_once: usize,
    /// What the PCE says beside the cluster itself; only the first step towards CLAS depends on it.
    pub beside: Option<Beside>,
}

/// The findings against a step at the release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfStart {
    /// That the release is not where the step starts.
    pub release: Vec<Finding>,
    /// That it was given other values than the files hold.
    pub values: Vec<Finding>,
    /// Whether the step's own chart version is known, so that the release could be compared with it.
    pub is_version_known: bool,
}

/// What the PCE says beside the cluster itself.
#[derive(Debug)]
pub struct Beside {
    /// Every cluster that it knows.
    pub clusters: Answer<Vec<PceCluster>>,
    /// What CLAS makes of the policy in force.
    pub policy: Answer<OfPolicy>,
    /// How the namespaces and nodes of the cluster are enforced.
    pub enforced: Answer<Vec<Seen>>,
}

impl OfStart {
    /// The findings against a step at a release.
    #[must_use]
    pub fn at(account: &Account, start: Start<'_>, is_version_known: bool) -> Self {
        Self {
            release: account.hindrances_of_release(start),
            values: account.hindrances_of_values(start),
            is_version_known,
        }
    }
}

impl OfStart {
    /// The findings against a software upgrade at a release.
    #[must_use]
    pub fn at_software(account: &Account, start: Software<'_>) -> Self {
        Self {
            release: account.hindrances_of_software(start),
            values: account.hindrances_of_software_values(start),
            is_version_known: true,
        }
    }
}

/// The step that is asked for from a mode: the one that is named, else the first that the procedure has from there.
///
/// ```
/// use helm_clas::{ClusterMode, Verb, verify::next_step};
///
/// let next = next_step(ClusterMode::MigrateLegacyToClas, None);
/// assert_eq!(next, Some((Verb::FinishMigrate, ClusterMode::Clas)));
/// assert_eq!(next_step(ClusterMode::Legacy, Some(Verb::Revert)), None);
/// ```
#[must_use]
pub fn next_step(from: ClusterMode, named: Option<Verb>) -> Option<(Verb, ClusterMode)> {
    let verb = named.or_else(|| Verb::legal_from(from).next())?;
    match verb.applied_to(from) {
        Move::Go(goal) => Some((verb, goal)),
        Move::Already | Move::Refuse(_) => None,
    }
}

const EVERY: &[ClusterMode] = &[MigrateLegacyToClas, Clas, MigrateClasToLegacy, Legacy];

/// Judges one check.
type Judge = fn(Checked, &Before) -> Checked;

/// Who is asked for a check.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    /// The files and Helm.
    Release,
    /// The PCE.
    Pce,
}

/// The checks, the goals they belong to, and who judges them. A text that is empty is the procedure's own. In the third
/// place stand those of the mode that the step starts from, where it finishes what another began.
#[rustfmt::skip]
const CHECKS: &[(&str, &str, &[ClusterMode], Source, Judge)] = &[
    ("values-complete", "", EVERY, Source::Release, values_complete),
    ("chart-upgraded-first", "", &[MigrateLegacyToClas], Source::Release, release_ready),
    ("release-in-mode", "the release runs in the mode that the step starts from, and its last upgrade succeeded",
     &[Clas, MigrateClasToLegacy, Legacy], Source::Release, release_ready),
    ("cluster-online", "the cluster is connected to the PCE, and the PCE reports no errors",
     &[MigrateLegacyToClas, MigrateClasToLegacy], Source::Pce, |check, before| of_cluster(check, before, pce::online)),
    ("one-cluster-at-a-time", "", &[MigrateLegacyToClas], Source::Pce, one_at_a_time),
    ("policy-uses-labels", "", &[MigrateLegacyToClas], Source::Pce, |check, before| of_policy(check, before, OfPolicy::uses_labels)),
    ("infrastructure-rules", "", &[MigrateLegacyToClas], Source::Pce, |check, before| of_policy(check, before, OfPolicy::has_mandatory)),
    ("illumio-system-visibility-only", "", &[MigrateLegacyToClas], Source::Pce,
     |check, before| of_cluster(check, before, pce::visibility_only)),
    ("nodes-visibility-only", "", &[MigrateLegacyToClas], Source::Pce, nodes),
];

/// The checks before the software upgrade, which changes nothing on the PCE.
const BEFORE_UPGRADE: &[&str] = &["values-complete", "release-in-mode", "cluster-online"];

/// Judges what there is before a step, or before the software upgrade.
///
/// What the procedure asks for and no machine sees is for the reader to check.
#[must_use]
pub fn checked_before(before: &Before) -> Vec<Checked> {
    let belongs = |id: &str, goals: &[ClusterMode]| match before.act {
        Act::Step(_) => goals.contains(&before.goal),
        Act::Upgrade => BEFORE_UPGRADE.contains(&id),
    };
    let of_goal = CHECKS.iter().filter(|(id, _, goals, ..)| belongs(id, goals));
    let mut checked: Vec<Checked> = of_goal
        .map(|(id, text, _, source, judge)| {
            let of_procedure = || text_in(id, &before.present.namespace);
            let text = if text.is_empty() { of_procedure() } else { (*text).into() };
            let check = Checked::new(id, text, State::Right);
            match (source, &before.present.pce) {
                (Source::Pce, Asked::No) => Checked { state: State::NotAsked, ..check },
                (Source::Pce, Asked::LeftToReader) => Checked { state: State::Yours, ..check },
                _ => judge(check, before),
            }
        })
        .collect();
    if before.act.is_finish() {
        checked.extend(after(&before.present).into_iter().filter(|one| one.id != "release-in-mode"));
    }
    checked
}

fn values_complete(mut check: Checked, before: &Before) -> Checked {
    let complete = match &before.values {
        Ok(complete) => complete,
        Err(findings) => {
            check.state = State::Wrong;
            let seen: Vec<String> = findings.iter().map(said).collect();
            return check.seen(some_of(&seen)).help(Help::naming("`", " check` shows where"));
        }
    };
    let wrong: Vec<String> = complete.errors().map(said).collect();
    let (lost, other): (Vec<&Finding>, Vec<&Finding>) =
        before.start.values.iter().partition(|finding| finding.severity == Severity::Error || before.act.is_way_back());
    if !wrong.is_empty() || !lost.is_empty() {
        check.state = State::Wrong;
    } else if !complete.is_whole {
        check.state = State::Yours;
        check = check.seen("some of the values are in places that this tool does not read, such as a Secret");
    }
    for words in wrong.into_iter().chain(lost.into_iter().chain(other).map(said)) {
        check = check.seen(words);
    }
    check.help(Help::naming(
        "fix the values, and name every file and --set that the release was installed with; `",
        " check` shows where",
    ))
}

/// A finding in a sentence, with its file and line left to `check`.
fn said(finding: &Finding) -> String {
    finding.message.clone()
}

fn release_ready(mut check: Checked, before: &Before) -> Checked {
    let release = &before.present.release;
    if let Some(id) = &release.brought_by {
        check.state = State::Yours;
        return super::release::brought(check, id);
    }
    let account = match &release.account {
        Asked::Answer(Ok(Some(account))) => account,
        Asked::Answer(Ok(None)) => {
            let brought = before.values.as_ref().ok().and_then(|complete| complete.controller);
            check.state = if brought.is_some() { State::Yours } else { State::Wrong };
            check = check.seen(format!("there is no release {} in the namespace {}", release.name, release.namespace));
            return match brought {
                Some(title) => check.help(format!(
                    "the {title} installs the chart: check there what runs, or name its release with --release and -n"
                )),
                None => check.help("name it with --release and -n; `helm list -A` shows all"),
            };
        }
        Asked::Answer(Err(untold)) => return untold.of(check),
        Asked::No | Asked::LeftToReader => {
            check.state = State::Yours;
            return check;
        }
    };
    let mode = account.mode().map_or("a mode that is not known", ClusterMode::as_str);
    check = check.seen(format!(
        "revision {} is {}, in {mode}, with chart {}",
        account.newest.number,
        verbatim(&account.newest.status),
        verbatim(&account.version)
    ));
    let mut help = None;
    // the version of an umbrella chart is not the one that the step is for
    let is_of_umbrella = release.expected.is_of_umbrella();
    let is_told = |it: &Unlike| match it {
        Unlike::Chart { .. } | Unlike::Values(_) => true,
        Unlike::Version { .. } | Unlike::TooOld(_) => is_of_umbrella,
    };
    let unlike = account.unlike(&release.expected).into_iter().find(is_told);
    if let Some(unlike) = &unlike {
        check = check.seen(unlike.to_string());
        help = Some(unlike.help(account.mode()).into());
    }
    let doubts = account.doubts(&release.expected);
    for words in doubts.sentences() {
        check = check.seen(words);
    }
    for finding in &before.start.release {
        check = check.seen(said(finding));
        help = help.or_else(|| finding.help.clone());
    }
    if !before.start.release.is_empty() || unlike.is_some() {
        check.state = State::Wrong;
    } else if doubts.is_grave() {
        check.state = State::Unknown;
    } else if !before.start.is_version_known && !is_of_umbrella {
        check.state = State::Yours;
        help = Some("name the chart version of the step with --version, to compare it with this one".into());
    }
    match help {
        Some(help) => check.help(help),
        None => check,
    }
}

/// What the checks after a step judge in the same way.
fn of_cluster(check: Checked, before: &Before, judge: fn(Checked, &super::Pce, &Facts) -> Checked) -> Checked {
    match &before.present.pce {
        Asked::Answer(pce) => judge(check, pce, &before.present),
        Asked::No | Asked::LeftToReader => check,
    }
}

fn unanswered(mut check: Checked, words: &str) -> Checked {
    check.state = State::Unknown;
    check.seen(words)
}

const NOT_ASKED: &str = "the PCE was not asked for it";

fn one_at_a_time(mut check: Checked, before: &Before) -> Checked {
    let (clusters, pce) = match (&before.beside, before.present.pce.answer()) {
        (Some(Beside { clusters: Ok(clusters), .. }), Some(pce)) => (clusters, pce),
        (Some(Beside { clusters: Err(words), .. }), _) => return unanswered(check, words),
        _ => return unanswered(check, NOT_ASKED),
    };
    let others: Vec<&PceCluster> = clusters.iter().filter(|cluster| cluster.href != pce.cluster.href()).collect();
    let named = |cluster: &&PceCluster| {
        let name = verbatim(cluster.name.as_deref().unwrap_or(&cluster.id));
        format!("{name} ({})", cluster.mode.map_or_else(|| cluster.said.clone(), |mode| mode.to_string()))
    };
    let between: Vec<String> = others.iter().filter(|cluster| cluster.is_between()).map(named).collect();
    let unknown: Vec<String> = others.iter().filter(|cluster| cluster.mode.is_none()).map(named).collect();
    check.state = match (between.len() < before.at_once.max(1), unknown.is_empty()) {
        (false, _) => State::Wrong,
        (true, false) => State::Unknown,
        (true, true) => State::Right,
    };
    check = check.seen(format!("the PCE has {} besides this one", count(others.len(), "cluster")));
    if !between.is_empty() {
        check = check.seen(format!("between two modes: {}", some_of(&between)));
    }
    if before.at_once > 1 {
        check = check.seen(format!("--at-once allows {}", before.at_once));
    }
    if !unknown.is_empty() {
        check = check.seen(format!("in a mode that is not documented: {}", some_of(&unknown)));
    }
    check.help("finish the other cluster first, or revert it").run(before.present.at_pce("status --pce ."))
}

fn of_policy(check: Checked, before: &Before, judge: fn(&OfPolicy, Checked, &Facts) -> Checked) -> Checked {
    match &before.beside {
        Some(Beside { policy: Ok(policy), .. }) => judge(policy, check, &before.present),
        Some(Beside { policy: Err(words), .. }) => unanswered(check, words),
        None => unanswered(check, NOT_ASKED),
    }
}

/// Whether to lower the nodes is for a person to decide; their modes are shown.
fn nodes(mut check: Checked, before: &Before) -> Checked {
    check.state = State::Yours;
    let seen = match &before.beside {
        Some(Beside { enforced: Ok(seen), .. }) => seen,
        Some(Beside { enforced: Err(words), .. }) => return check.seen(words),
        None => return check.seen(NOT_ASKED),
    };
    let mut modes: BTreeMap<&str, usize> = BTreeMap::new();
    for node in seen.iter().filter(|seen| seen.kind == Kind::Node) {
        *modes.entry(node.mode.map_or("in a mode that is not documented", |mode| mode.as_str())).or_default() += 1;
    }
    let modes: Vec<String> = modes.iter().map(|(mode, number)| format!("{number} {mode}")).collect();
    check.seen(if modes.is_empty() {
        "the PCE shows no nodes of this cluster".to_owned()
    } else {
        format!("nodes: {}", modes.join(", "))
    })
}
