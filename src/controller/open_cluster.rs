//! Open Cluster Management: the `HelmRelease` of its subscriptions, whose `spec` are the values.

use super::{Applying, Controller, Form, LayerRule, Rest, applied};
use crate::{instruction::Instruction, procedure::Deployer};

/// A release.
pub(super) const HELM_RELEASE: Controller = Controller {
    title: "Open Cluster Management HelmRelease",
    api: "apps.open-cluster-management.io/",
    kind: "HelmRelease",
    root: "",
    charts: "",
    chart: &["repo.chartName", "repo.source.helmRepo.urls.0"],
    version: "repo.version",
    values: &[LayerRule { path: "spec", level: 0, form: Form::Mapping }],
    more: &[],
    name: "/metadata.name",
    called: "/metadata.name",
    traps: &[],
    deployer: Deployer::Helm,
    target: &["/metadata.namespace"],
    storage: &["/metadata.namespace"],
    source: "open-cluster-management-io/multicloud-operators-subscription, pkg/apis/apps/helmrelease/v1",
    rest: Rest { apply, ..Rest::NOTHING },
};

fn apply(applying: &Applying<'_>) -> Vec<Instruction> {
    applied(
        applying,
        "if a Subscription creates this HelmRelease, change its `packageOverrides` instead, because it overwrites \
         this object. Otherwise let the tool that applies this file do it, or run:",
    )
}
