//! The objects of the cluster, as `kubectl get -o json` prints them. Only what is looked at is read; what is absent is
//! zero, as Kubernetes leaves zeroes out.

use serde::Deserialize;

use super::{Moment, verbatim};

/// The kinds of objects that the chart's pods belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Kubelink's.
    Deployment,
    /// The C-VENs'.
    DaemonSet,
    /// The storage's, in the CLAS modes.
    StatefulSet,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Deployment, Self::DaemonSet, Self::StatefulSet];

    /// The kind as kubectl takes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::DaemonSet => "daemonset",
            Self::StatefulSet => "statefulset",
        }
    }

    /// The name of the chart's object of this kind. (Chart README 5.7.0; the storage: "Rules and Traffic
    /// Considerations with CLAS", Core 25.1.)
    #[must_use]
    pub const fn object(self) -> &'static str {
        match self {
            Self::Deployment => "illumio-kubelink",
            Self::DaemonSet => "illumio-ven",
            Self::StatefulSet => "illumio-storage",
        }
    }
}

/// A Deployment, a `DaemonSet` or a `StatefulSet`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Controller {
    metadata: Metadata,
    spec: ControllerSpec,
    status: ControllerStatus,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    name: String,
    generation: u64,
    deletion_timestamp: Option<String>,
    owner_references: Vec<Owner>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Owner {
    kind: String,
    name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ControllerSpec {
    replicas: Option<usize>,
    template: Template,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Template {
    spec: TemplateSpec,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct TemplateSpec {
    containers: Vec<TemplateContainer>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct TemplateContainer {
    image: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ControllerStatus {
    observed_generation: u64,
    replicas: usize,
    updated_replicas: usize,
    available_replicas: usize,
    ready_replicas: usize,
    current_revision: String,
    update_revision: String,
    desired_number_scheduled: usize,
    updated_number_scheduled: usize,
    number_available: usize,
}

/// A list as `kubectl get` prints it.
#[derive(Clone, Debug, Deserialize)]
pub struct List<T> {
    /// Its members.
    pub items: Vec<T>,
}

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

/// How far a rollout is, in pods.
pub(super) struct Rollout {
    pub(super) wanted: usize,
    pub(super) updated: usize,
    pub(super) available: usize,
    /// Pods of the version before that are still there.
    pub(super) old: usize,
    /// Whether Kubernetes has taken up the last change.
    pub(super) is_observed: bool,
}

impl Controller {
    /// As `kubectl rollout status` tells it.
    pub(super) fn rollout(&self, kind: Kind) -> Rollout {
        let status = &self.status;
        let is_observed = status.observed_generation >= self.metadata.generation;
        let replicas = self.spec.replicas.unwrap_or(1);
        match kind {
            Kind::Deployment => Rollout {
                wanted: replicas,
                updated: status.updated_replicas,
                available: status.available_replicas,
                old: status.replicas.saturating_sub(status.updated_replicas),
                is_observed,
            },
            Kind::DaemonSet => Rollout {
                wanted: status.desired_number_scheduled,
                updated: status.updated_number_scheduled,
                available: status.number_available,
                old: 0,
                is_observed,
            },
            Kind::StatefulSet => {
                let is_done = status.current_revision == status.update_revision;
                let updated = if is_done { status.replicas } else { status.updated_replicas };
                Rollout { wanted: replicas, updated, available: status.ready_replicas, old: 0, is_observed }
            }
        }
    }

    /// The tag of the image that its container runs: of the one whose name is `named`, else of the first.
    pub(super) fn image_tag(&self, named: &str) -> Option<&str> {
        let images = || self.spec.template.spec.containers.iter().map(|container| container.image.as_str());
        let last_part = |image: &str| image.rsplit('/').next().is_some_and(|part| part.contains(named));
        let image = images().find(|image| last_part(image)).or_else(|| images().next())?;
        let (_, tag) = image.split('@').next()?.rsplit('/').next()?.split_once(':')?;
        Some(tag)
    }
}

impl Pod {
    /// Its name, as it is shown.
    pub(super) fn shown_name(&self) -> String {
        verbatim(&self.metadata.name)
    }

    /// Why it failed as a whole, if it did.
    pub(super) fn failure(&self) -> Option<String> {
        (self.status.phase == "Failed").then(|| format!("failed: {}", verbatim(&self.status.reason)))
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

    /// Whether it is on its way out; another stands in for it.
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
