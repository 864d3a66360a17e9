//! What the PCE says of the cluster, and what follows from it.
//!
//! Much of it is documented nowhere: the words for a mode, for a sync state, for what happens during a migration. So
//! values are kept as they came, and only those whose meaning is known are judged.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Answer, Asked, Checked, Facts, State, count, some_of, text_in, verbatim, verbatim_value};
use crate::{
    command_line::shell_word,
    enforcement::{Row, Standing},
    mode::ClusterMode::{self, Clas, Legacy, MigrateClasToLegacy, MigrateLegacyToClas},
};

/// What the PCE says.
#[derive(Debug)]
pub struct Pce {
    /// The cluster.
    pub cluster: ContainerCluster,
    /// The profiles of its namespaces.
    pub profiles: Answer<Vec<Profile>>,
    /// The Kubernetes Workloads of the organisation: what CLAS manages.
    pub kubernetes_workloads: Answer<Vec<Workload>>,
    /// The Container Workloads of the organisation: what the legacy model manages.
    pub container_workloads: Answer<Vec<Workload>>,
    /// How the cluster was enforced before the migration, where a file was named that says so.
    pub kept: Option<Kept>,
}

/// Saved modes against those that the PCE has.
#[derive(Debug)]
pub struct Kept {
    /// The file that holds them.
    pub file: String,
    /// The rows, as [`compare`](crate::enforcement::compare) gives them.
    pub rows: Answer<Vec<Row>>,
}

/// A container cluster.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ContainerCluster {
    href: String,
    name: Value,
    cluster_mode: Value,
    clas_mode: Value,
    online: Value,
    last_connected: Value,
    kubelink_version: Value,
    errors: Value,
}

/// The profile of a namespace.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Profile {
    namespace: Value,
    enforcement_mode: Value,
}

/// A Kubernetes Workload or a Container Workload.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Workload {
    name: Value,
    namespace: Value,
    kind: Value,
    container_cluster: Value,
    container_cluster_service: Value,
    security_policy_sync_state: Value,
    container_policy_convergence_status: Value,
    agent: Value,
}

/// What a sync state says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sync {
    Good,
    Waiting,
    /// No state at all, on a Kubernetes Service: there is nothing that could be in sync.
    Service,
    Unknown,
}

impl Pce {
    /// Whether the Container Workloads are worth asking for: after the first step towards CLAS nothing depends on them.
    #[must_use]
    pub const fn needs_container_workloads(goal: ClusterMode) -> bool {
        matches!(goal, Clas | MigrateClasToLegacy | Legacy)
    }

    /// Whether the Kubernetes Workloads are worth asking for: on the first step back nothing depends on them.
    #[must_use]
    pub const fn needs_kubernetes_workloads(goal: ClusterMode) -> bool {
        matches!(goal, MigrateLegacyToClas | Clas | Legacy)
    }
}

impl ContainerCluster {
    /// Its address below `/api/v2`.
    #[must_use]
    pub fn href(&self) -> &str {
        &self.href
    }

    /// What it is called, as it is shown.
    #[must_use]
    pub(crate) fn shown_name(&self) -> String {
        verbatim_value(&self.name)
    }

    /// The mode it has, as far as its word for it is one of ours but for signs and capitals. A PCE without a word for it is
    /// older than 23.5.10, and knows the legacy model alone. (REST API reference, Core 24.2)
    #[must_use]
    pub fn mode(&self) -> Option<ClusterMode> {
        match &self.cluster_mode {
            Value::Null => Some(Legacy),
            Value::String(text) => by_letters(text),
            _ => None,
        }
    }

    /// Its word for the mode, as it is shown.
    #[must_use]
    pub(crate) fn shown_mode(&self) -> String {
        if self.cluster_mode.is_null() { "no cluster_mode".to_owned() } else { verbatim_value(&self.cluster_mode) }
    }
}

const EVERY: &[ClusterMode] = &[MigrateLegacyToClas, Clas, MigrateClasToLegacy, Legacy];

/// The checks, the modes they belong to, and who judges them. A text that is empty is the procedure's own.
#[rustfmt::skip]
const CHECKS: &[(&str, &str, &[ClusterMode], Judge)] = &[
    ("cluster-online", "the PCE hears from the cluster and reports no errors of it", EVERY,
     online),
    ("cluster-mode", "the PCE has the cluster in this mode", EVERY,
     mode),
    ("kubelink-version", "the PCE hears from the Kubelink that was deployed", EVERY,
     kubelink_version),
    ("illumio-system-visibility-only", "", &[MigrateLegacyToClas],
     visibility_only),
    ("kubernetes-workloads-tab", "the PCE has Kubernetes Workloads of this cluster", &[MigrateLegacyToClas],
     |check, pce, _| present(check, &pce.kubernetes_workloads, pce)),
    ("workloads-active", "every Kubernetes Workload is Active", &[MigrateLegacyToClas, Clas],
     |check, pce, _| active(check, &pce.kubernetes_workloads, pce)),
    ("container-workloads-gone", "the Container Workloads are gone from the PCE", &[Clas],
     |check, pce, _| gone(check, &pce.container_workloads, pce)),
    ("container-workloads-back", "the PCE has Container Workloads of this cluster", &[MigrateClasToLegacy],
     |check, pce, _| present(check, &pce.container_workloads, pce)),
    ("container-workloads-active", "every Container Workload is Active", &[MigrateClasToLegacy, Legacy],
     |check, pce, _| active(check, &pce.container_workloads, pce)),
    ("kubernetes-workloads-gone", "the Kubernetes Workloads are gone from the PCE", &[Legacy],
     |check, pce, _| gone(check, &pce.kubernetes_workloads, pce)),
    ("enforcement-restored", "", &[Clas, Legacy],
     enforcement),
];

/// Judges one check by what the PCE says.
type Judge = fn(Checked, &Pce, &Facts) -> Checked;

pub(super) fn checked(facts: &Facts) -> Vec<Checked> {
    let of_goal = CHECKS.iter().filter(|(_, _, goals, _)| goals.contains(&facts.goal));
    of_goal
        .map(|(id, text, _, judge)| {
            let text = if text.is_empty() { text_in(id, &facts.namespace) } else { (*text).into() };
            let check = Checked::new(id, text, State::Right);
            match &facts.pce {
                Asked::Answer(pce) => judge(check, pce, facts),
                Asked::No => Checked { state: State::NotAsked, ..check },
                Asked::LeftToReader => Checked { state: State::Yours, ..check },
            }
        })
        .collect()
}

pub(super) fn online(mut check: Checked, pce: &Pce, facts: &Facts) -> Checked {
    let cluster = &pce.cluster;
    let errors: Vec<String> = match &cluster.errors {
        Value::Array(errors) => {
            errors.iter().map(|error| verbatim_value(error.get("error_type").unwrap_or(error))).collect()
        }
        Value::Null => Vec::new(),
        other => vec![verbatim_value(other)],
    };
    check.state = match &cluster.online {
        Value::Bool(true) if errors.is_empty() => State::Right,
        Value::Bool(_) => State::Wrong,
        _ => State::Unknown,
    };
    let last = &cluster.last_connected;
    let last = if last.is_null() { String::new() } else { format!(", last connected {}", verbatim_value(last)) };
    check = check.seen(format!("online {}{last}", verbatim_value(&cluster.online)));
    if !errors.is_empty() {
        check = check.seen(format!("errors: {}", some_of(&errors)));
    }
    check.help("look at Kubelink's log").run(kubelink_log(facts))
}

/// Only the spelling `legacy` was ever seen on a PCE, so modes are compared by their letters. A word for another mode
/// contradicts the file; a word that is not known is shown and not judged.
fn mode(mut check: Checked, pce: &Pce, facts: &Facts) -> Checked {
    let ContainerCluster { cluster_mode, clas_mode, .. } = &pce.cluster;
    let goal = facts.goal;
    let said = match cluster_mode {
        Value::String(text) => by_letters(text),
        _ => None,
    };
    check.state = match (cluster_mode, said) {
        (Value::Null, _) if goal == Legacy => State::Right,
        (_, Some(mode)) if mode == goal => State::Right,
        (_, Some(_)) => State::Wrong,
        _ if goal.is_migrating() => State::Yours,
        _ => State::Unknown,
    };
    let is_contradicted = clas_mode.as_bool().is_some_and(|clas| !goal.is_migrating() && clas != (goal == Clas));
    if check.state == State::Right && is_contradicted {
        check.state = State::Unknown;
    }
    check = match cluster_mode {
        Value::Null => check.seen("the PCE names no cluster_mode; PCEs before 23.5.10 have none"),
        said => check.seen(format!("cluster_mode {}", verbatim_value(said))),
    };
    if !clas_mode.is_null() {
        check = check.seen(format!("clas_mode {}", verbatim_value(clas_mode)));
    }
    match check.state {
        State::Yours => check.help("what a PCE says during a migration is not documented"),
        State::Unknown => check.help("what this means is not documented; look at the cluster's page in the PCE"),
        _ => check.help("Kubelink tells the PCE; give it some minutes, then look at its log").run(kubelink_log(facts)),
    }
}

fn kubelink_log(facts: &Facts) -> String {
    facts.kubectl("logs deployment/illumio-kubelink --tail=50")
}

fn by_letters(text: &str) -> Option<ClusterMode> {
    let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect();
    ClusterMode::named(&letters)
}

/// How the version that Kubelink reports and the tag of its image belong together is not documented: the same text is
/// good, another one is shown.
fn kubelink_version(mut check: Checked, pce: &Pce, facts: &Facts) -> Checked {
    let reported = &pce.cluster.kubelink_version;
    let kubelink = facts.kubernetes.kubelink.as_ref().ok().and_then(Option::as_ref);
    let tag = kubelink.and_then(|kubelink| kubelink.image_tag("kubelink"));
    check.state = if tag.is_some() && tag == reported.as_str() { State::Right } else { State::Yours };
    let tag = tag.map_or_else(|| "none that could be read".to_owned(), verbatim);
    check
        .seen(format!("the PCE says {}, the image's tag is {tag}", verbatim_value(reported)))
        .help("see whether these are one version; until Kubelink has restarted the PCE shows the one before")
}

fn profile_of<'p>(pce: &'p Pce, facts: &Facts) -> Result<&'p Value, String> {
    let profiles = pce.profiles.as_ref().map_err(Clone::clone)?;
    let profile = profiles.iter().find(|profile| profile.namespace.as_str() == Some(&facts.namespace));
    profile
        .map(|profile| &profile.enforcement_mode)
        .ok_or_else(|| format!("the cluster has no profile of the namespace {}", facts.namespace))
}

pub(super) fn visibility_only(mut check: Checked, pce: &Pce, facts: &Facts) -> Checked {
    match profile_of(pce, facts) {
        Err(words) => {
            check.state = State::Unknown;
            check = check.seen(words);
        }
        Ok(mode) => {
            check.state = match mode.as_str() {
                Some("visibility_only") => State::Right,
                Some("idle" | "selective" | "full") => State::Wrong,
                _ => State::Unknown,
            };
            check = check.seen(format!("the profile of {} says {}", facts.namespace, verbatim_value(mode)));
        }
    }
    check.help(
        "in the PCE, on the cluster's page, set the Container Workload Profile of the namespace to Visibility Only",
    )
}

/// What the enforcement was before, only a file of `enforcement save` knows, or the person who changed it.
fn enforcement(mut check: Checked, pce: &Pce, facts: &Facts) -> Checked {
    let rows = match pce.kept.as_ref().map(|kept| (&kept.file, &kept.rows)) {
        Some((file, Ok(rows))) => (file, rows),
        Some((_, Err(words))) => {
            check.state = State::Unknown;
            return check.seen(words);
        }
        None => {
            check.state = State::Yours;
            let seen = match profile_of(pce, facts) {
                Err(words) => words,
                Ok(mode) => format!("the profile of {} says {}", facts.namespace, verbatim_value(mode)),
            };
            return check.seen(seen);
        }
    };
    let (file, rows) = rows;
    let of = |standing| -> Vec<String> { rows.iter().filter(|row| row.standing == standing).map(shown_row).collect() };
    let (lowered, changed) = (of(Standing::Lowered), of(Standing::Changed));
    check.state = match (lowered.is_empty(), changed.is_empty()) {
        (false, _) => State::Wrong,
        (true, false) => State::Yours,
        (true, true) => State::Right,
    };
    if !lowered.is_empty() {
        check = check.seen(format!("still lowered: {}", some_of(&lowered)));
    }
    if !changed.is_empty() {
        check = check.seen(format!("changed by someone else: {}", some_of(&changed)));
    }
    if lowered.is_empty() && changed.is_empty() {
        check = check.seen(format!("as saved in {}", verbatim(file)));
    }
    let file = shell_word(file);
    check.help("put back what was lowered").run(facts.helm_clas(&format!("enforcement restore {file} --write")))
}

fn shown_row(row: &Row) -> String {
    let name = row.name.as_deref().map_or_else(|| "new namespaces".to_owned(), verbatim);
    format!("{} {name}", row.kind.as_str())
}

/// The workloads of this cluster.
struct Ours<'p> {
    workloads: Vec<&'p Workload>,
    /// How many name no cluster at all.
    homeless: usize,
}

impl<'p> Ours<'p> {
    fn of(workloads: &'p [Workload], cluster: &ContainerCluster) -> Self {
        let is_ours = |workload: &&Workload| workload.cluster() == Some(&cluster.href);
        Self {
            workloads: workloads.iter().filter(is_ours).collect(),
            homeless: workloads.iter().filter(|workload| workload.cluster().is_none()).count(),
        }
    }
}

fn present(check: Checked, answer: &Answer<Vec<Workload>>, pce: &Pce) -> Checked {
    counted(check, answer, pce, |ours| if ours.workloads.is_empty() { State::Wrong } else { State::Right })
        .help("give Kubelink some minutes, then look at its log and at the cluster's page in the PCE")
}

fn gone(check: Checked, answer: &Answer<Vec<Workload>>, pce: &Pce) -> Checked {
    counted(check, answer, pce, |ours| match (ours.workloads.len(), ours.homeless) {
        (0, 0) => State::Right,
        (0, _) => State::Unknown,
        _ => State::Wrong,
    })
    .help("give the PCE some minutes, then look at the cluster's page in the PCE")
}

fn counted(
    mut check: Checked,
    answer: &Answer<Vec<Workload>>,
    pce: &Pce,
    judge: impl Fn(&Ours<'_>) -> State,
) -> Checked {
    match answer {
        Err(words) => {
            check.state = State::Unknown;
            check.seen(words)
        }
        Ok(workloads) => {
            let ours = Ours::of(workloads, &pce.cluster);
            check.state = judge(&ours);
            check = check.seen(format!("{} of this cluster", ours.workloads.len()));
            if ours.homeless > 0 {
                check = check.seen(format!("{} that name no cluster", ours.homeless));
            }
            check
        }
    }
}

/// Whether all workloads of the cluster have the policy they should have.
fn active(mut check: Checked, answer: &Answer<Vec<Workload>>, pce: &Pce) -> Checked {
    let workloads = match answer {
        Ok(workloads) => workloads,
        Err(words) => {
            check.state = State::Unknown;
            return check.seen(words).help("look at the policy sync column on the cluster's page in the PCE");
        }
    };
    let ours = Ours::of(workloads, &pce.cluster);
    let mut by_state: BTreeMap<String, usize> = BTreeMap::new();
    let (mut waiting, mut unknown, mut services) = (Vec::new(), Vec::new(), 0);
    let mut not_converged = Vec::new();
    for workload in &ours.workloads {
        let (sync, said) = workload.sync();
        // `applied` says that the policy was sent; its pods have it once they say so
        if let Some(words) = workload.not_converged().filter(|_| sync == Sync::Good) {
            not_converged.push(format!("{} {words}", workload.shown_name()));
        }
        if sync == Sync::Service {
            services += 1;
            continue;
        }
        *by_state.entry(said).or_default() += 1;
        match sync {
            Sync::Good | Sync::Service => {}
            Sync::Waiting => waiting.push(workload.shown_name()),
            Sync::Unknown => unknown.push(workload.shown_name()),
        }
    }
    check.state = if !waiting.is_empty() || !not_converged.is_empty() {
        State::Wrong
    } else if !unknown.is_empty() || ours.workloads.is_empty() {
        State::Unknown
    } else {
        State::Right
    };
    let mut states: Vec<String> = by_state.iter().map(|(said, number)| format!("{number} {said}")).collect();
    if services > 0 {
        states.push(count(services, "service") + " without a sync state");
    }
    check = check.seen(match ours.workloads.len() {
        0 => "the PCE has none of this cluster".to_owned(),
        number => format!("{}: {}", count(number, "workload"), states.join(", ")),
    });
    if !waiting.is_empty() {
        check = check.seen(format!("waiting: {}", some_of(&waiting)));
    }
    if !not_converged.is_empty() {
        check = check.seen(format!("applied, and not by every pod: {}", some_of(&not_converged)));
    }
    if !unknown.is_empty() {
        check = check.seen(format!("not known to be good or bad: {}", some_of(&unknown)));
    }
    if ours.homeless > 0 {
        check = check.seen(format!("{} that name no cluster are not counted", ours.homeless));
    }
    check.help("wait for the PCE; then look at the policy sync column on the cluster's page in the PCE")
}

impl Workload {
    fn cluster(&self) -> Option<&str> {
        self.container_cluster.get("href")?.as_str()
    }

    /// Its sync state and how it is shown. A workload that is an agent's carries it below `agent`.
    fn sync(&self) -> (Sync, String) {
        let below_agent = self.agent.get("status").and_then(|status| status.get("security_policy_sync_state"));
        let said = match &self.security_policy_sync_state {
            Value::Null => below_agent.unwrap_or(&Value::Null),
            said => said,
        };
        let sync = match said.as_str().map(str::to_ascii_lowercase).as_deref() {
            Some("applied" | "active" | "synced") => Sync::Good,
            Some("syncing" | "staged") => Sync::Waiting,
            None if said.is_null() && !self.container_cluster_service.is_null() => Sync::Service,
            _ => Sync::Unknown,
        };
        match sync {
            _ if said.is_null() => (sync, "without a sync state".to_owned()),
            _ => (sync, verbatim_value(said)),
        }
    }

    /// Which of its pods do not have the policy yet, or failed to apply it. (PCE 26.3, `container_policy_convergence_status`)
    fn not_converged(&self) -> Option<String> {
        let status = &self.container_policy_convergence_status;
        let number = |name: &str| status.get(name).and_then(Value::as_u64).unwrap_or_default();
        let errors = status.get("errors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let told = errors.iter().map(|error| {
            let text = |name: &str| error.get(name).map_or_else(String::new, verbatim_value);
            format!("{} {}", text("pod_name"), text("message")).trim().to_owned()
        });
        let told: Vec<String> = told.collect();
        let failed = number("errors_count").max(errors.len() as u64);
        let words = match (number("pending_pods_count"), failed) {
            (0, 0) => return None,
            (pending, 0) => format!("({pending} pending)"),
            (0, failed) => format!("({failed} failed"),
            (pending, failed) => format!("({pending} pending, {failed} failed"),
        };
        Some(match (failed, told.is_empty()) {
            (0, _) => words,
            (_, true) => format!("{words})"),
            (_, false) => format!("{words}: {})", some_of(&told)),
        })
    }

    fn shown_name(&self) -> String {
        let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
        let kind = if self.kind.is_string() { format!(" ({})", text(&self.kind)) } else { String::new() };
        verbatim(&format!("{}/{}{kind}", text(&self.namespace), text(&self.name)))
    }
}
