//! What the cluster says of Kubelink, the C-VENs and the storage, and what follows from it.
//!
//! The objects are read as `kubectl get -o json` prints them. Only what is looked at is read; what is absent is zero,
//! as Kubernetes leaves zeroes out.

use serde::Deserialize;

use super::{Answer, Checked, Facts, Moment, State, count, some_of, verbatim};
use crate::mode::ClusterMode::{Clas, MigrateLegacyToClas};

/// What the cluster says.
#[derive(Debug)]
pub struct Kubernetes {
    /// The Deployment `illumio-kubelink`; nothing where there is none.
    pub kubelink: Answer<Option<Controller>>,
    /// The DaemonSet `illumio-ven`.
    pub cven: Answer<Option<Controller>>,
    /// The StatefulSet `illumio-storage`.
    pub storage: Answer<Option<Controller>>,
    /// The pods of the namespace.
    pub pods: Answer<List<Pod>>,
}

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

/// A container of a pod, as its status tells.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Container {
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

pub(super) fn checked(facts: &Facts) -> Vec<Checked> {
    let Kubernetes { kubelink, cven, storage, .. } = &facts.kubernetes;
    let namespace = &facts.namespace;
    let mut checked = vec![
        rolled_out(
            Checked::new("kubelink-rolled-out", "the Deployment illumio-kubelink is rolled out", State::Right),
            Kind::Deployment,
            kubelink,
            namespace,
        ),
        rolled_out(
            Checked::new("cven-rolled-out", "the DaemonSet illumio-ven is rolled out", State::Right),
            Kind::DaemonSet,
            cven,
            namespace,
        ),
    ];
    if matches!(facts.goal, MigrateLegacyToClas | Clas) {
        checked.push(rolled_out(
            Checked::new("storage-rolled-out", "the StatefulSet illumio-storage is rolled out", State::Right),
            Kind::StatefulSet,
            storage,
            namespace,
        ));
    }
    match facts.goal {
        MigrateLegacyToClas => checked.push(restarted(
            Checked::new("pods-restarted", "Kubelink and every C-VEN pod restarted and are Ready", State::Right),
            &[Kind::Deployment, Kind::DaemonSet],
            facts,
        )),
        Clas => checked.push(restarted(
            Checked::new("kubelink-restarted", "Kubelink restarted and is Ready", State::Right),
            &[Kind::Deployment],
            facts,
        )),
        _ => checked.push(Checked {
            state: State::Yours,
            help: None,
            ..restarted(
                Checked::new(
                    "pods-restarted",
                    "you know when the pods started; whether they restart at this step is not documented",
                    State::Yours,
                ),
                &[Kind::Deployment, Kind::DaemonSet],
                facts,
            )
        }),
    }
    checked.push(crash_loops(facts));
    checked
}

/// As `kubectl rollout status` tells it.
fn rolled_out(mut check: Checked, kind: Kind, answer: &Answer<Option<Controller>>, namespace: &str) -> Checked {
    let name = kind.object();
    let controller = match answer {
        Err(words) => {
            check.state = State::Unknown;
            return check.seen(words).run(format!("kubectl get {}/{name} -n {namespace}", kind.as_str()));
        }
        Ok(None) => {
            check.state = State::Wrong;
            return check
                .seen(format!("there is no {} {name} in the namespace {namespace}", kind.as_str()))
                .help("is this the cluster's namespace (-n) and kube context, and did `helm upgrade` succeed?");
        }
        Ok(Some(controller)) => controller,
    };
    let Rollout { wanted, updated, available, old } = controller.rollout(kind);
    check = check.seen(format!("{} wanted, {updated} of this version, {available} available", count(wanted, "pod")));
    if old > 0 {
        check = check.seen(format!("{} of the version before", count(old, "pod")));
    }
    let is_observed = controller.status.observed_generation >= controller.metadata.generation;
    if !is_observed {
        check = check.seen("Kubernetes has not taken the last change up yet");
    }
    if !is_observed || wanted == 0 || updated < wanted || available < wanted || old > 0 {
        check.state = State::Wrong;
    }
    check
        .run(format!("kubectl rollout status {}/{name} -n {namespace}", kind.as_str()))
        .run(format!("kubectl get events -n {namespace}"))
}

/// How far a rollout is, in pods.
struct Rollout {
    wanted: usize,
    updated: usize,
    available: usize,
    /// Pods of the version before that are still there.
    old: usize,
}

impl Controller {
    fn rollout(&self, kind: Kind) -> Rollout {
        let status = &self.status;
        let replicas = self.spec.replicas.unwrap_or(1);
        match kind {
            Kind::Deployment => Rollout {
                wanted: replicas,
                updated: status.updated_replicas,
                available: status.available_replicas,
                old: status.replicas.saturating_sub(status.updated_replicas),
            },
            Kind::DaemonSet => Rollout {
                wanted: status.desired_number_scheduled,
                updated: status.updated_number_scheduled,
                available: status.number_available,
                old: 0,
            },
            Kind::StatefulSet => {
                let is_done = status.current_revision == status.update_revision;
                let updated = if is_done { status.replicas } else { status.updated_replicas };
                Rollout { wanted: replicas, updated, available: status.ready_replicas, old: 0 }
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
    /// Whether it runs for the chart's object of this kind. A Deployment owns its pods through a `ReplicaSet` that has
    /// its name and one part more.
    fn is_of(&self, kind: Kind) -> bool {
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
    fn is_leaving(&self) -> bool {
        self.metadata.deletion_timestamp.is_some()
    }

    fn is_ready(&self) -> bool {
        self.status.conditions.iter().any(|condition| condition.r#type == "Ready" && condition.status == "True")
    }

    /// When its containers started, the earliest of them; an error where one does not run or does not say when.
    fn started(&self) -> Result<Moment, String> {
        let containers = &self.status.container_statuses;
        let of = |container: &Container| {
            let running = container.state.running.as_ref().ok_or("is not running")?;
            Moment::read(&running.started_at).ok_or("does not say when it started")
        };
        let moments: Vec<Moment> = containers.iter().map(of).collect::<Result<_, &str>>()?;
        moments.into_iter().min().ok_or_else(|| "has no container yet".to_owned())
    }
}

/// Whether the pods of these kinds started after the step.
fn restarted(mut check: Checked, kinds: &[Kind], facts: &Facts) -> Checked {
    let pods = match &facts.kubernetes.pods {
        Ok(pods) => &pods.items,
        Err(words) => {
            check.state = State::Unknown;
            return check.seen(words).run(format!("kubectl get pods -n {}", facts.namespace));
        }
    };
    if facts.since.is_none() {
        check.state = State::Yours;
    }
    let mut older = Vec::new();
    for kind in kinds {
        let of_kind: Vec<&Pod> = pods.iter().filter(|pod| pod.is_of(*kind) && !pod.is_leaving()).collect();
        let (seen, is_right) = started_since(*kind, &of_kind, facts.since.as_ref());
        check = check.seen(seen);
        if !is_right && facts.since.is_some() {
            check.state = State::Wrong;
            older.push(*kind);
        }
    }
    if facts.since.is_none() {
        return check.help("to have this checked, name the time of the step: --since 20m, or --since 2025-06-01T08:00:00Z");
    }
    check = check.help("wait for the rollout; pods that the upgrade left alone can be restarted");
    older.iter().fold(check, |check, kind| {
        check.run(format!("kubectl rollout restart {}/{} -n {}", kind.as_str(), kind.object(), facts.namespace))
    })
}

/// What is seen of the pods of a kind, and whether all are Ready and none is older than the step.
fn started_since(kind: Kind, pods: &[&Pod], since: Option<&Moment>) -> (String, bool) {
    let object = kind.object();
    let mut moments = Vec::new();
    let mut wrong = Vec::new();
    for pod in pods {
        let name = verbatim(&pod.metadata.name);
        match pod.started() {
            Err(words) => wrong.push(format!("{name} {words}")),
            Ok(moment) => {
                if since.is_some_and(|since| moment < *since) {
                    wrong.push(format!("{name} started {moment}, before the step"));
                } else if !pod.is_ready() {
                    wrong.push(format!("{name} is not Ready"));
                }
                moments.push(moment);
            }
        }
    }
    let started = match (moments.iter().min(), moments.iter().max()) {
        (Some(first), Some(last)) if first == last => format!(", started {first}"),
        (Some(first), Some(last)) => format!(", started between {first} and {last}"),
        _ => String::new(),
    };
    let mut seen = format!("{object}: {}{started}", count(pods.len(), "pod"));
    if !wrong.is_empty() {
        seen += &format!("; {}", some_of(&wrong));
    }
    (seen, wrong.is_empty() && !pods.is_empty())
}

/// Reasons of a container that is only being started.
const STARTING: &[&str] = &["ContainerCreating", "PodInitializing"];

/// Whether no pod of the chart fails to start or starts again and again.
fn crash_loops(facts: &Facts) -> Checked {
    let mut check = Checked::new("no-crash-loops", "no pod of Illumio crashes or fails to start", State::Right);
    let pods = match &facts.kubernetes.pods {
        Ok(pods) => &pods.items,
        Err(words) => {
            check.state = State::Unknown;
            return check.seen(words).run(format!("kubectl get pods -n {}", facts.namespace));
        }
    };
    let ours: Vec<&Pod> =
        pods.iter().filter(|pod| Kind::ALL.iter().any(|kind| pod.is_of(*kind)) && !pod.is_leaving()).collect();
    let mut wrong = Vec::new();
    let mut remarks = Vec::new();
    for pod in &ours {
        let name = verbatim(&pod.metadata.name);
        if pod.status.phase == "Failed" {
            wrong.push(format!("{name} failed: {}", verbatim(&pod.status.reason)));
        }
        for container in pod.status.init_container_statuses.iter().chain(&pod.status.container_statuses) {
            match container.trouble(&facts.settled) {
                Trouble::None => {}
                Trouble::Past(words) => remarks.push(format!("{name} {words}")),
                Trouble::Present(words) => wrong.push(format!("{name} {words}")),
            }
        }
    }
    if ours.is_empty() {
        check.state = State::Wrong;
        check = check.seen(format!("there is no pod of the chart in the namespace {}", facts.namespace));
    } else if wrong.is_empty() {
        check = check.seen(count(ours.len(), "pod") + " looked at");
    } else {
        check.state = State::Wrong;
        check = check.seen(some_of(&wrong));
    }
    if !remarks.is_empty() {
        check = check.seen(some_of(&remarks));
    }
    check
        .run(format!("kubectl describe pod POD -n {}", facts.namespace))
        .run(format!("kubectl logs POD -n {} --previous", facts.namespace))
}

/// What is wrong with a container.
enum Trouble {
    None,
    /// It ended once and has run since.
    Past(String),
    Present(String),
}

impl Container {
    fn trouble(&self, settled: &Moment) -> Trouble {
        let name = verbatim(&self.name);
        let ended = self.last_state.terminated.as_ref();
        let last = ended.map_or_else(String::new, |ended| {
            let (at, reason) = (verbatim(&ended.finished_at), verbatim(&ended.reason));
            format!(", last at {at} ({reason}, exit code {})", ended.exit_code)
        });
        if let Some(waiting) = &self.state.waiting
            && !STARTING.contains(&waiting.reason.as_str())
        {
            return Trouble::Present(format!("({name}) waits: {}{last}", verbatim(&waiting.reason)));
        }
        if self.restart_count == 0 {
            return Trouble::None;
        }
        let words = format!("({name}) restarted {}{last}", times(self.restart_count));
        // an end that does not say when may have been just now
        let is_recent = ended.is_none_or(|ended| Moment::read(&ended.finished_at).is_none_or(|end| end > *settled));
        if self.restart_count > 1 && is_recent { Trouble::Present(words) } else { Trouble::Past(words) }
    }
}

fn times(number: usize) -> String {
    if number == 1 { "once".to_owned() } else { format!("{number} times") }
}
