//! The objects of the cluster, as `kubectl get -o json` prints them. Only what is looked at is read; what is absent is
//! zero, as Kubernetes leaves zeroes out.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Kind, Moment};
use crate::shown::verbatim;

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
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
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
    template: Value,
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

/// What controllers write on the objects that they bring, as labels or annotations. (Flux: `internal/postrender` of the
/// helm-controller, `manager.SetOwnerLabels` of the kustomize-controller; Argo CD: "Resource Tracking")
const BRINGERS: &[(&str, &str)] = &[
    ("helm.toolkit.fluxcd.io/name", "the Flux HelmRelease"),
    ("kustomize.toolkit.fluxcd.io/name", "the Flux Kustomization"),
    ("argocd.argoproj.io/tracking-id", "the Argo CD Application"),
    ("argocd.argoproj.io/instance", "the Argo CD Application"),
];

/// A `ReplicaSet` or a `ControllerRevision`: one version of a controller's template.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Version {
    kind: String,
    metadata: Metadata,
    revision: u64,
}

impl Version {
    fn is_of(&self, kind: Kind) -> bool {
        let owner = match kind {
            Kind::Deployment => "Deployment",
            Kind::DaemonSet => "DaemonSet",
            Kind::StatefulSet => "StatefulSet",
        };
        self.metadata.owner_references.iter().any(|found| found.kind == owner && found.name == kind.object())
    }

    fn number(&self) -> u64 {
        let of_set = self.metadata.annotations.get("deployment.kubernetes.io/revision");
        of_set.and_then(|number| number.parse().ok()).unwrap_or(self.revision)
    }

    /// The label by which the pods of the newest version of a kind are known.
    pub(super) fn newest(versions: &[Self], kind: Kind) -> Option<&str> {
        let of_kind = versions.iter().filter(|version| version.is_of(kind));
        of_kind.max_by_key(|version| version.number())?.metadata.template_label()
    }
}

impl Metadata {
    /// The label that the Deployment, the `DaemonSet` or the `StatefulSet` puts on what it makes from one template.
    fn template_label(&self) -> Option<&str> {
        let label = |name| self.labels.get(name).map(String::as_str);
        label("pod-template-hash").or_else(|| label("controller-revision-hash"))
    }
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
    /// As `kubectl rollout status` reports it.
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

    /// What its pods are made of.
    pub(super) const fn template(&self) -> &Value {
        &self.spec.template
    }

    /// Which controller of another kind brings it to the cluster, and the name that it has there.
    #[must_use]
    pub fn brought_by(&self) -> Option<(&'static str, &str)> {
        let Metadata { labels, annotations, .. } = &self.metadata;
        BRINGERS.iter().find_map(|(name, title)| {
            let value = labels.get(*name).or_else(|| annotations.get(*name))?;
            // a tracking id of Argo CD goes on behind the name
            Some((*title, value.split(':').next().unwrap_or_default()))
        })
    }

    /// The tag of the image that its container runs: of the one whose name is `named`, else of the first.
    pub(super) fn image_tag(&self, named: &str) -> Option<&str> {
        let containers = self.spec.template.pointer("/spec/containers").and_then(Value::as_array)?;
        let images = || containers.iter().filter_map(|container| container.get("image")?.as_str());
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
