//! The pods of the cluster, as `kubectl get -o json` prints them: whether they run, and since when.

use serde::Deserialize;

use super::{Kind, Moment, objects::Metadata};
use crate::shown::verbatim;

/// A pod.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Pod {
    metadata: Metadata,
    status: PodStatus,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PodStatus {
    phase: String,
    reason: String,
    conditions: Vec<Condition>,
    container_statuses: Vec<Container>,
    init_container_statuses: Vec<Container>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Condition {
    r#type: String,
    status: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Container {
    name: String,
    restart_count: usize,
    state: ContainerState,
    last_state: ContainerState,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ContainerState {
    waiting: Option<Waiting>,
    running: Option<Running>,
    terminated: Option<Terminated>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Waiting {
    reason: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Running {
    started_at: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Terminated {
    reason: String,
    exit_code: i64,
    finished_at: String,
}

impl Pod {
    /// Its name, as it is shown.
    pub(super) fn shown_name(&self) -> String {
        verbatim(&self.metadata.name)
    }

    /// How it is over, if it is: evicted, failed or ended. Another pod replaces it.
    pub(super) fn over(&self) -> Option<String> {
        let PodStatus { phase, reason, .. } = &self.status;
        let word = if reason.is_empty() { phase } else { reason };
        ["Failed", "Succeeded"].contains(&phase.as_str()).then(|| format!("{} ({})", self.shown_name(), verbatim(word)))
    }

    /// Which version of the template it was made from.
    pub(super) fn template_label(&self) -> Option<&str> {
        self.metadata.template_label()
    }

    /// What is wrong with its containers.
    pub(super) fn troubles(&self, settled: &Moment) -> Vec<Trouble> {
        let containers = self.status.init_container_statuses.iter().chain(&self.status.container_statuses);
        containers.filter_map(|container| container.trouble(settled)).collect()
    }

    /// Whether it runs for the chart's object of this kind. A Deployment owns its pods through a `ReplicaSet` that has
    /// its name and one part more.
    pub(super) fn is_of(&self, kind: Kind) -> bool {
        let object = kind.object();
        self.metadata.owner_references.iter().any(|owner| match kind {
            Kind::Deployment => {
                let part = owner.name.strip_prefix(object).and_then(|rest| rest.strip_prefix('-'));
                owner.kind == "ReplicaSet" && part.is_some_and(|part| !part.contains('-'))
            }
            Kind::DaemonSet => owner.kind == "DaemonSet" && owner.name == object,
            Kind::StatefulSet => owner.kind == "StatefulSet" && owner.name == object,
        })
    }

    /// Whether it is on its way out; another replaces it.
    pub(super) fn is_leaving(&self) -> bool {
        self.metadata.deletion_timestamp.is_some()
    }

    pub(super) fn is_ready(&self) -> bool {
        self.status.conditions.iter().any(|condition| condition.r#type == "Ready" && condition.status == "True")
    }

    /// When its containers started, the earliest of them; an error where one does not run or does not say when.
    pub(super) fn started(&self) -> Result<Moment, String> {
        let containers = &self.status.container_statuses;
        let of = |container: &Container| {
            let running = container.state.running.as_ref().ok_or("is not running")?;
            Moment::read(&running.started_at).ok_or("does not say when it started")
        };
        let moments: Vec<Moment> = containers.iter().map(of).collect::<Result<_, &str>>()?;
        moments.into_iter().min().ok_or_else(|| "has no container yet".to_owned())
    }
}

/// Reasons of a container that is only being started.
const STARTING: &[&str] = &["ContainerCreating", "PodInitializing"];

/// What is wrong with a container.
pub(super) enum Trouble {
    /// It ended once and has run since.
    Past(String),
    /// It does not run, or keeps ending.
    Present(String),
}

impl Container {
    fn trouble(&self, settled: &Moment) -> Option<Trouble> {
        let name = verbatim(&self.name);
        let ended = self.last_state.terminated.as_ref();
        let last = ended.map_or_else(String::new, |ended| {
            let (at, reason) = (verbatim(&ended.finished_at), verbatim(&ended.reason));
            format!(", last at {at} ({reason}, exit code {})", ended.exit_code)
        });
        if let Some(waiting) = &self.state.waiting
            && !STARTING.contains(&waiting.reason.as_str())
        {
            return Some(Trouble::Present(format!("({name}) waits: {}{last}", verbatim(&waiting.reason))));
        }
        if self.restart_count == 0 {
            return None;
        }
        let words = format!("({name}) restarted {}{last}", times(self.restart_count));
        // an end that does not say when may have been just now
        let is_recent = ended.is_none_or(|ended| Moment::read(&ended.finished_at).is_none_or(|end| end > *settled));
        Some(if self.restart_count > 1 && is_recent { Trouble::Present(words) } else { Trouble::Past(words) })
    }
}

fn times(number: usize) -> String {
    if number == 1 { "once".to_owned() } else { format!("{number} times") }
}
