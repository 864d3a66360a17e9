//! What the PCE says of the workloads of the cluster.

use crate::shown::{count, some_of, verbatim, verbatim_value};
use std::collections::BTreeMap;

use serde_json::Value;

use super::{Pce, Workload};
use crate::pce_clusters::ContainerCluster;
use crate::verify::{Answer, Checked, State};

/// What a sync state says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sync {
    Good,
    Waiting,
    /// No state at all, on a Kubernetes Service: there is nothing that could be in sync.
    Service,
    Unknown,
}

/// How far a policy that was sent has reached the pods.
enum Convergence {
    /// All of them, or nothing says otherwise.
    Everywhere,
    /// Not all of them, in words.
    NotYet(String),
    /// What the PCE says is contradictory or of another form, in words.
    Unclear(String),
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

pub(super) fn present(check: Checked, answer: &Answer<Vec<Workload>>, pce: &Pce) -> Checked {
    counted(check, answer, pce, |ours| if ours.workloads.is_empty() { State::Wrong } else { State::Right })
        .help("wait a few minutes, then check Kubelink's log and the cluster's page in the PCE")
}

pub(super) fn gone(check: Checked, answer: &Answer<Vec<Workload>>, pce: &Pce) -> Checked {
    counted(check, answer, pce, |ours| match (ours.workloads.len(), ours.homeless) {
        (0, 0) => State::Right,
        (0, _) => State::Unknown,
        _ => State::Wrong,
    })
    .help("wait a few minutes, then check the cluster's page in the PCE")
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
                check = check.seen(format!("{} without a cluster", ours.homeless));
            }
            check
        }
    }
}

/// Whether all workloads of the cluster have the policy they should have.
pub(super) fn active(mut check: Checked, answer: &Answer<Vec<Workload>>, pce: &Pce) -> Checked {
    let workloads = match answer {
        Ok(workloads) => workloads,
        Err(words) => {
            check.state = State::Unknown;
            return check.seen(words).help("check the policy sync column on the cluster's page in the PCE");
        }
    };
    let ours = Ours::of(workloads, &pce.cluster);
    let mut by_state: BTreeMap<String, usize> = BTreeMap::new();
    let (mut waiting, mut unknown, mut services) = (Vec::new(), Vec::new(), 0);
    let (mut not_converged, mut unclear) = (Vec::new(), Vec::new());
    for workload in &ours.workloads {
        let (sync, said) = workload.sync();
        // `applied` says that the policy was sent; its pods have it once they say so
        match workload.convergence() {
            Convergence::NotYet(words) if sync == Sync::Good => {
                not_converged.push(format!("{} {words}", workload.shown_name()));
            }
            Convergence::Unclear(words) if sync == Sync::Good => {
                unclear.push(format!("{} {words}", workload.shown_name()));
            }
            _ => {}
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
    } else if !unknown.is_empty() || !unclear.is_empty() || ours.workloads.is_empty() {
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
        check = check.seen(format!("applied, but not by every pod: {}", some_of(&not_converged)));
    }
    if !unclear.is_empty() {
        check = check.seen(format!("it is not clear whether every pod has it: {}", some_of(&unclear)));
    }
    if !unknown.is_empty() {
        check = check.seen(format!("of unknown meaning: {}", some_of(&unknown)));
    }
    if ours.homeless > 0 {
        check = check.seen(format!("{} without a cluster are not counted", ours.homeless));
    }
    check.help("wait for the PCE; then check the policy sync column on the cluster's page in the PCE")
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

    /// Whether all of its pods have the policy, as far as the PCE says: those that do not have it yet, or failed to apply it;
    /// and numbers that do not add up. (PCE 26.3, `container_policy_convergence_status`)
    fn convergence(&self) -> Convergence {
        const COUNTS: [&str; 4] = ["total_pods_count", "success_pods_count", "pending_pods_count", "errors_count"];
        let status = &self.container_policy_convergence_status;
        let [total, done, pending, failed] = COUNTS.map(|name| status.get(name).and_then(Value::as_u64));
        let is_known =
            |name: &str, is: fn(&Value) -> bool| status.get(name).is_none_or(|value| value.is_null() || is(value));
        let is_odd = !COUNTS.iter().all(|name| is_known(name, Value::is_u64)) || !is_known("errors", Value::is_array);
        let errors = status.get("errors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let says_nothing = [total, done, pending, failed].iter().all(Option::is_none) && errors.is_empty();
        if is_odd || !status.is_null() && says_nothing {
            return Convergence::Unclear("has a convergence status of unknown form".to_owned());
        }
        let failed = failed.unwrap_or_default().max(errors.len() as u64);
        // what is neither done nor failed is pending, whether the PCE counts it or not
        let rest = total.zip(done).map_or(0, |(total, done)| total.saturating_sub(done.saturating_add(failed)));
        let pending = pending.unwrap_or_default().max(rest);
        let known = done.unwrap_or_default().saturating_add(pending).saturating_add(failed);
        let is_open =
            status.get("fully_converged_at").is_some_and(Value::is_null) && (total.is_none() || total != done);
        let told = errors.iter().map(|error| {
            let text = |name: &str| error.get(name).map_or_else(String::new, verbatim_value);
            format!("{} {}", text("pod_name"), text("message")).trim().to_owned()
        });
        let told: Vec<String> = told.collect();
        let told = if told.is_empty() { String::new() } else { format!(": {}", some_of(&told)) };
        let words = match (pending, failed) {
            (0, 0) if total.is_some_and(|total| known != total) => {
                let total = total.unwrap_or_default();
                return Convergence::Unclear(format!("has {known} pods with a state, of {total}"));
            }
            (0, 0) if is_open => "(not fully converged)".to_owned(),
            (0, 0) => return Convergence::Everywhere,
            (pending, 0) => format!("({pending} pending)"),
            (0, failed) => format!("({failed} failed{told})"),
            (pending, failed) => format!("({pending} pending, {failed} failed{told})"),
        };
        Convergence::NotYet(words)
    }

    fn shown_name(&self) -> String {
        let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
        let kind = if self.kind.is_string() { format!(" ({})", text(&self.kind)) } else { String::new() };
        verbatim(&format!("{}/{}{kind}", text(&self.namespace), text(&self.name)))
    }
}
