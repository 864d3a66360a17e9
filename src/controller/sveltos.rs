//! Sveltos: the `ClusterProfile` and the `Profile`, whose `helmCharts` go to every cluster that matches.

use super::{Applying, Chart, Controller, Form, LayerRule, Rest, applied, unread};
use crate::{command_line::Instruction, finding::Finding, procedure::Deployer, release::Layer};

/// The charts of a `ClusterProfile`. What `valuesFrom` names is merged over the text.
pub(super) const CLUSTER_PROFILE: Controller = Controller {
    title: "Sveltos ClusterProfile",
    api: "config.projectsveltos.io/",
    kind: "ClusterProfile",
    root: "",
    charts: "spec.helmCharts.*",
    chart: &["chartName", "repositoryURL"],
    version: "chartVersion",
    values: &[LayerRule { path: "values", level: 1, form: Form::Text }],
    more: &[],
    name: "releaseName",
    called: "releaseName",
    traps: &[],
    deployer: Deployer::Helm,
    target: &["releaseNamespace"],
    storage: &["releaseNamespace"],
    source: "Sveltos documentation, Helm charts; addon-controller, controllers/handlers_helm.go, getInstantiatedValues",
    rest: Rest { layers, findings, apply, ..Rest::NOTHING },
};

/// Those of a `Profile`, which is the same within one namespace.
pub(super) const PROFILE: Controller = Controller { title: "Sveltos Profile", kind: "Profile", ..CLUSTER_PROFILE };

fn layers<'s>(chart: &Chart<'_, 's>) -> Vec<Layer<'s>> {
    unread::objects(chart, "valuesFrom", 2)
}

/// The text is a template, filled in for each cluster.
fn findings(chart: &Chart<'_, '_>) -> Vec<Finding> {
    unread::hidden_lines(chart, "values").into_iter().collect()
}

fn apply(applying: &Applying<'_>) -> Vec<Instruction> {
    applied(
        applying,
        "Sveltos upgrades the release in every cluster that the profile matches once the object in the management cluster \
         has changed: let what brings this file do it, or by hand, in the management cluster:",
    )
}
