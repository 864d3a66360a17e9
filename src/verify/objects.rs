//! The objects of the cluster, as `kubectl get -o json` prints them. Only what is looked at is read; what is absent is
//! zero, as Kubernetes leaves zeroes out.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::Kind;

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
pub(super) struct Metadata {
    pub(super) name: String,
    pub(super) generation: u64,
    pub(super) deletion_timestamp: Option<String>,
    pub(super) owner_references: Vec<Owner>,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) annotations: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Owner {
    pub(super) kind: String,
    pub(super) name: String,
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
    pub(super) fn template_label(&self) -> Option<&str> {
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
