//! Cluster API: the `HelmChartProxy` of its add-on provider for Helm.

use super::{
    Applying, Chart, Controller, Form, LayerRule, Rest, applied, chart::decided_by, sveltos::selected, unread,
};
use crate::{
    finding::Finding,
    instruction::Instruction,
    procedure::Deployer,
    release::{Reach, Release},
};

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
    rest: Rest { fills_in_text: true, findings, expanded, own_mode: OWN_MODE, apply, ..Rest::NOTHING },
};

const OWN_MODE: &str = "copy this object for the first cluster under another `metadata.name`, with a `clusterSelector` that \
                        matches it alone; exclude it here, and take the step in the copy with --allow";

fn findings(chart: &Chart<'_, '_>) -> Vec<Finding> {
    let strategy = chart.get("reconcileStrategy").filter(|strategy| strategy.str() == Some("InstallOnce"));
    let fixed = strategy.map(|strategy| {
        let message = "with `InstallOnce` the provider does not upgrade an existing release";
        decided_by(message, "set it to `Continuous`, and check what that changes in the clusters", strategy)
    });
    unread::hidden_lines(chart, "valuesTemplate").into_iter().chain(fixed).collect()
}

/// An empty selector selects every cluster. (Kubernetes, `metav1.LabelSelector`)
fn expanded<'s>(chart: &Chart<'_, 's>, release: Release<'s>) -> Vec<Release<'s>> {
    let selector = chart.root.at("spec.clusterSelector");
    let all = "the management cluster's namespace".to_owned();
    let reach = selector.map_or(Reach::One, |selector| Reach::AllOf(selected(selector).unwrap_or(all)));
    vec![Release { reach, ..unread::rendered(chart, "valuesTemplate", release) }]
}

fn apply(applying: &Applying<'_>) -> Vec<Instruction> {
    applied(
        applying,
        "the add-on provider upgrades the release in every cluster that the selector matches, once the object in the \
         management cluster has changed. Let the tool that applies this file do it, or run in the management cluster:",
    )
}
