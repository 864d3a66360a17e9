//! The checks that the PCE answers.

use crate::shown::{some_of, verbatim, verbatim_value};
use serde_json::Value;

use super::{
    Pce,
    workloads::{active, gone, present},
};
use crate::pce_clusters::ContainerCluster;
use crate::{
    enforcement::{Row, Standing},
    mode::ClusterMode::{self, Clas, Legacy, MigrateClasToLegacy, MigrateLegacyToClas},
    shell::shell_word,
    verify::{Asked, Checked, Facts, State, text_in},
};

const EVERY: &[ClusterMode] = &[MigrateLegacyToClas, Clas, MigrateClasToLegacy, Legacy];

/// The checks, the modes they belong to, and who judges them. A text that is empty is the procedure's own.
#[rustfmt::skip]
const CHECKS: &[(&str, &str, &[ClusterMode], Judge)] = &[
    ("cluster-online", "the cluster is connected to the PCE, and the PCE reports no errors", EVERY,
     online),
    ("cluster-mode", "the PCE has the cluster in this mode", EVERY,
     mode),
    ("kubelink-version", "the PCE has the version of the deployed Kubelink", EVERY,
     kubelink_version),
    ("illumio-system-visibility-only", "", &[MigrateLegacyToClas],
     visibility_only),
    ("kubernetes-workloads-tab", "the PCE has Kubernetes Workloads of this cluster", &[MigrateLegacyToClas],
     |check, pce, _| present(check, &pce.kubernetes_workloads, pce)),
    ("workloads-active", "every Kubernetes Workload is Active", &[MigrateLegacyToClas, Clas],
     |check, pce, _| active(check, &pce.kubernetes_workloads, pce)),
    ("container-workloads-gone", "the PCE has no Container Workloads of this cluster any more", &[Clas],
     |check, pce, _| gone(check, &pce.container_workloads, pce)),
    ("container-workloads-back", "the PCE has Container Workloads of this cluster", &[MigrateClasToLegacy],
     |check, pce, _| present(check, &pce.container_workloads, pce)),
    ("container-workloads-active", "every Container Workload is Active", &[MigrateClasToLegacy, Legacy],
     |check, pce, _| active(check, &pce.container_workloads, pce)),
    ("kubernetes-workloads-gone", "the PCE has no Kubernetes Workloads of this cluster any more", &[Legacy],
     |check, pce, _| gone(check, &pce.kubernetes_workloads, pce)),
    ("enforcement-restored", "", &[Clas, Legacy],
     enforcement),
];

/// The text of a check, where it is not the procedure's own.
pub(in crate::verify) fn text_of(id: &str) -> Option<&'static str> {
    CHECKS.iter().find(|(known, text, ..)| *known == id && !text.is_empty()).map(|(_, text, ..)| *text)
}

/// Judges one check by what the PCE says.
type Judge = fn(Checked, &Pce, &Facts) -> Checked;

pub(in crate::verify) fn checked(facts: &Facts) -> Vec<Checked> {
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

pub(in crate::verify) fn online(mut check: Checked, pce: &Pce, facts: &Facts) -> Checked {
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
    check.help("check Kubelink's log").run(kubelink_log(facts))
}

/// Only the spelling `legacy` was ever seen on a PCE, so modes are compared by their letters. A word for another mode
/// contradicts the file; a word that is not known is shown and not judged.
fn mode(mut check: Checked, pce: &Pce, facts: &Facts) -> Checked {
    let ContainerCluster { cluster_mode, clas_mode, .. } = &pce.cluster;
    let goal = facts.goal;
    check.state = match pce.cluster.is_in(goal) {
        Some(true) => State::Right,
        Some(false) => State::Wrong,
        // a PCE that knows a migration has the key
        None if goal.is_migrating() && !cluster_mode.is_null() => State::Yours,
        None => State::Unknown,
    };
    check = match cluster_mode {
        Value::Null => check.seen("the PCE returns no cluster_mode; PCEs before 23.5.10 have none"),
        said => check.seen(format!("cluster_mode {}", verbatim_value(said))),
    };
    if !clas_mode.is_null() {
        check = check.seen(format!("clas_mode {}", verbatim_value(clas_mode)));
    }
    match check.state {
        State::Yours => check.help("the vendor does not document this value during a migration"),
        State::Unknown if cluster_mode.is_null() => check.help("check the cluster's page in the PCE"),
        State::Unknown => check.help("the vendor does not document this value; check the cluster's page in the PCE"),
        _ => check
            .help(
                "Kubelink reports this to the PCE; wait a few minutes, then check its \
                         log",
            )
            .run(kubelink_log(facts)),
    }
}

fn kubelink_log(facts: &Facts) -> String {
    facts.kubectl("logs deployment/illumio-kubelink --tail=50")
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
        .help("check whether these are the same version; until Kubelink has restarted, the PCE shows the previous one")
}

fn profile_of<'p>(pce: &'p Pce, facts: &Facts) -> Result<&'p Value, String> {
    let profiles = pce.profiles.as_ref().map_err(Clone::clone)?;
    let profile = profiles.iter().find(|profile| profile.namespace.as_str() == Some(&facts.namespace));
    profile
        .map(|profile| &profile.enforcement_mode)
        .ok_or_else(|| format!("the cluster has no profile of the namespace {}", facts.namespace))
}

pub(in crate::verify) fn visibility_only(mut check: Checked, pce: &Pce, facts: &Facts) -> Checked {
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
            check = check.seen(format!("the profile of {} is {}", facts.namespace, verbatim_value(mode)));
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
                Ok(mode) => format!("the profile of {} is {}", facts.namespace, verbatim_value(mode)),
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
        check = check.seen(format!("the same as in {}", verbatim(file)));
    }
    let file = shell_word(file);
    check.help("restore what was lowered").run(facts.helm_clas(&format!("enforcement restore {file} --write")))
}

fn shown_row(row: &Row) -> String {
    let name = row.name.as_deref().map_or_else(|| "new namespaces".to_owned(), verbatim);
    format!("{} {name}", row.kind.as_str())
}
