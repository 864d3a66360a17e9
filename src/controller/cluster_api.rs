//! Cluster API: the `HelmChartProxy` of its add-on provider for Helm.

use super::{Applying, Chart, Controller, Form, LayerRule, Rest, applied, unread};
use crate::{command_line::Instruction, finding::Finding, procedure::Deployer};

/// A chart for every workload cluster that matches. The values are the text of a template.
pub(super) const PROXY: Controller = Controller {
    title: "Cluster API HelmChartProxy",
    api: "addons.cluster.x-k8s.io/",
    kind: "HelmChartProxy",
    root: "",
    charts: "spec",
    chart: &["chartName", "repoURL"],
    version: "version",
    values: &[LayerRule { path: "valuesTemplate", level: 0, form: Form::Text }],
    more: &[],
    name: "/metadata.name",
    called: "releaseName",
    traps: &[],
    deployer: Deployer::Helm,
    target: &["namespace"],
    storage: &["namespace"],
    source: "cluster-api-addon-provider-helm, docs/quick-start.md; api/v1alpha1/helmchartproxy_types.go",
    rest: Rest { findings, apply, ..Rest::NOTHING },
};

fn findings(chart: &Chart<'_, '_>) -> Vec<Finding> {
    unread::hidden_lines(chart, "valuesTemplate").into_iter().collect()
}

fn apply(applying: &Applying<'_>) -> Vec<Instruction> {
    applied(
        applying,
        "the add-on provider upgrades the release in every cluster that the selector matches once the object in the \
         management cluster has changed: let what brings this file do it, or by hand, in the management cluster:",
    )
}
