//! Flux 1: the HelmRelease of its Helm Operator, which is another kind than the one of Flux 2.

use super::{
    Applying, Chart, Controller, Form, LayerRule, Rest, applied,
    unread::{self, Keys},
};
use crate::{instruction::Instruction, procedure::Deployer, release::Layer};

/// A release. What `valuesFrom` names is merged in its order, and the values over that.
pub(super) const HELM_RELEASE: Controller = Controller {
    title: "Flux 1 HelmRelease",
    api: "helm.fluxcd.io/",
    kind: "HelmRelease",
    root: "",
    charts: "spec",
    chart: &["chart.name", "chart.repository", "chart.path"],
    version: "chart.version",
    values: &[LayerRule { path: "values", level: 1, form: Form::Mapping }],
    more: &[],
    name: "/metadata.name",
    called: "releaseName",
    traps: &[],
    deployer: Deployer::Helm,
    target: &["targetNamespace", "/metadata.namespace"],
    storage: &["targetNamespace", "/metadata.namespace"],
    source: "fluxcd/helm-operator, docs/helmrelease-guide/values.md; pkg/release/values.go, composeValues",
    rest: Rest { layers, apply, ..Rest::NOTHING },
};

fn layers<'s>(chart: &Chart<'_, 's>) -> Vec<Layer<'s>> {
    unread::objects(chart, "valuesFrom", Keys::By("key"), 0)
}

fn apply(applying: &Applying<'_>) -> Vec<Instruction> {
    applied(
        applying,
        "the Helm Operator upgrades the release once the object has changed. Let the tool that applies this file do it, \
         or run:",
    )
}
