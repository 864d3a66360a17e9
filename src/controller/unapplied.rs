//! What keeps a change of an object from its cluster: the object says that nothing changes it where it is applied.

use crate::{
    finding::{Doubt, Finding},
    rule::Rule,
    yaml::{Node, Scalar},
};

/// A word that keeps an object as it is.
struct Row {
    /// The beginning of its `apiVersion`, and its kind; any, where there is none.
    api: &'static str,
    kind: &'static str,
    at: At,
    /// What it says there.
    is: fn(Node<'_>) -> bool,
    /// Which program does what no more.
    who: &'static str,
}

/// Where it is written.
enum At {
    Path(&'static str),
    Annotation(&'static str),
}

/// What keeps the data of an object as they are for good.
const IMMUTABLE: &str = "immutable";

/// What the documentation of each says.
const ROWS: &[Row] = &[
    // Flux documentation, Kustomization, Controlling the apply behavior of resources
    Row {
        api: "",
        kind: "",
        at: At::Annotation("kustomize.toolkit.fluxcd.io/reconcile"),
        is: |it| it.str() == Some("disabled"),
        who: "Flux does not apply a change of this object",
    },
    // Flux documentation, Kustomization, Controlling the apply behavior of resources
    Row {
        api: "",
        kind: "",
        at: At::Annotation("kustomize.toolkit.fluxcd.io/ssa"),
        is: |it| it.str().is_some_and(|word| ["IfNotPresent", "Ignore"].contains(&word)),
        who: "Flux does not apply a change of this object",
    },
    // Kubernetes documentation, ConfigMaps, Immutable ConfigMaps
    Row {
        api: "v1",
        kind: "ConfigMap",
        at: At::Path(IMMUTABLE),
        is: |it| it.scalar() == Some(Scalar::Bool(true)),
        who: "Kubernetes changes no data of this ConfigMap",
    },
    // Kubernetes documentation, Secrets, Immutable Secrets
    Row {
        api: "v1",
        kind: "Secret",
        at: At::Path(IMMUTABLE),
        is: |it| it.scalar() == Some(Scalar::Bool(true)),
        who: "Kubernetes changes no data of this Secret",
    },
    // Flux Operator documentation, ResourceSet, Reconciliation configuration
    Row {
        api: "fluxcd.controlplane.io/",
        kind: "ResourceSet",
        at: At::Annotation("fluxcd.controlplane.io/reconcile"),
        is: |it| it.str() == Some("disabled"),
        who: "the Flux Operator does not apply a change of this object",
    },
    // Argo CD documentation, Controlling Resource Modification
    Row {
        api: "argoproj.io/",
        kind: "ApplicationSet",
        at: At::Path("spec.syncPolicy.applicationsSync"),
        is: |it| it.str().is_some_and(|word| word.starts_with("create-only") || word.starts_with("create-delete")),
        who: "Argo CD does not change the Applications that this set made",
    },
    // Argo CD documentation, Controlling Resource Modification
    Row {
        api: "argoproj.io/",
        kind: "ApplicationSet",
        at: At::Path("spec.ignoreApplicationDifferences"),
        is: |it| {
            [".spec.source", "/spec/source", "/spec]", "/spec\"", "/spec'", "/spec\n"]
                .iter()
                .any(|path| it.source().contains(path))
        },
        who: "Argo CD does not change the sources of the Applications that this set made",
    },
    // Argo CD documentation, Skip Application Reconcile
    Row {
        api: "argoproj.io/",
        kind: "",
        at: At::Annotation("argocd.argoproj.io/skip-reconcile"),
        is: |it| it.str() == Some("true"),
        who: "Argo CD does not reconcile this Application",
    },
    // Crossplane documentation, Managed Resources, Annotations
    Row {
        api: "helm.crossplane.io/",
        kind: "Release",
        at: At::Annotation("crossplane.io/paused"),
        is: |it| it.str() == Some("true"),
        who: "Crossplane does not reconcile this Release",
    },
    // Crossplane documentation, Managed Resources, managementPolicies
    Row {
        api: "helm.crossplane.io/",
        kind: "Release",
        at: At::Path("spec.managementPolicies"),
        is: |it| !it.items().any(|policy| policy.str().is_some_and(|word| ["*", "Update"].contains(&word))),
        who: "Crossplane does not update this Release",
    },
    // Cluster API documentation, Labels and Annotations
    Row {
        api: "addons.cluster.x-k8s.io/",
        kind: "HelmChartProxy",
        at: At::Annotation("cluster.x-k8s.io/paused"),
        is: |_| true,
        who: "the provider does not reconcile this object",
    },
    // Sveltos documentation, ClusterProfile, SyncMode
    Row {
        api: "config.projectsveltos.io/",
        kind: "",
        at: At::Path("spec.syncMode"),
        is: |it| it.str().is_some_and(|word| ["OneTime", "DryRun"].contains(&word)),
        who: "Sveltos does not bring a change to its clusters",
    },
    // helm-controller, pkg/controllers/chart/chart.go, AnnotationUnmanaged
    Row {
        api: "helm.cattle.io/",
        kind: "HelmChart",
        at: At::Annotation("helmcharts.helm.cattle.io/unmanaged"),
        is: |_| true,
        who: "the controller of k3s does not manage this chart",
    },
];

/// That a change of an object does not reach its cluster, which may have another mode.
pub(crate) fn unapplied(root: Node<'_>) -> Option<Finding> {
    // of an ApplicationSet, what it says of the Applications that it makes, too; Flux takes labels as well
    const LISTS: [&str; 3] = ["metadata.annotations", "metadata.labels", "spec.template.metadata.annotations"];
    ROWS.iter().filter(|row| row.is_of(root)).find_map(|row| {
        let at = match row.at {
            At::Path(path) => root.at(path),
            At::Annotation(name) => LISTS.into_iter().find_map(|list| root.at(list)?.get(name)),
        };
        row.said_by(at?)
    })
}

/// The same of an object of which a kustomization, a patch or a generator says something: by the name of an annotation or a
/// label, or of a key of its root.
pub(crate) fn unapplied_by(object: Node<'_>, name: &str, value: Node<'_>) -> Option<Finding> {
    let is_it = |row: &&Row| row.is_of(object) && row.name() == name;
    ROWS.iter().filter(is_it).find_map(|row| row.said_by(value))
}

impl Row {
    fn is_of(&self, object: Node<'_>) -> bool {
        let has = |key, known: &str| known.is_empty() || object.str_at(key).is_some_and(|own| own.starts_with(known));
        has("apiVersion", self.api) && (self.kind.is_empty() || object.str_at("kind") == Some(self.kind))
    }

    fn name(&self) -> &'static str {
        match self.at {
            At::Path(path) => path,
            At::Annotation(name) => name,
        }
    }

    /// What a value means there; nothing where it is a harmless one.
    fn said_by(&self, value: Node<'_>) -> Option<Finding> {
        if !(self.is)(value) {
            return None;
        }
        let message = format!("{}, as `{}` says, so its clusters may have another mode", self.who, self.name());
        let help = if self.name() == IMMUTABLE {
            "write the object under a new name with the new mode, and name that in the release; or delete the object in \
             the cluster, and have it applied again"
        } else {
            "first remove this, and let the object be applied as it is; then take the step"
        };
        let finding = Finding::new(Rule::ModeElsewhere, message).help(help).doubting(Doubt::Overridden);
        Some(finding.at(value.span()))
    }
}
