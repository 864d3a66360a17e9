//! Rancher: the `App` of its catalogs.

use super::{Applying, Chart, Controller, Form, LayerRule, Rest, applied, say};
use crate::{finding::Finding, instruction::Instruction, procedure::Deployer, rule::Rule};

/// What Rancher writes of a release that is there: the chart's own values, and those of the release.
pub(super) const APP: Controller = Controller {
    title: "Rancher App",
    api: "catalog.cattle.io/",
    kind: "App",
    root: "",
    charts: "spec",
    chart: &["chart.metadata.name", "name"],
    version: "chart.metadata.version",
    values: &[
        LayerRule { path: "chart.values", level: 0, form: Form::Mapping },
        LayerRule { path: "values", level: 1, form: Form::Mapping },
    ],
    more: &[],
    name: "/metadata.name",
    called: "/metadata.name",
    traps: &[],
    deployer: Deployer::Helm,
    target: &["namespace", "/metadata.namespace"],
    storage: &["/metadata.namespace"],
    source: "rancher/rancher, pkg/apis/catalog.cattle.io/v1, AppSpec: written by Rancher from Helm's release",
    rest: Rest { findings, apply: apply_app, ..Rest::NOTHING },
};

/// The App of a project's catalog, which Rancher upgrades when it is changed. `answers` are as of `--set`.
pub(super) const OLD_APP: Controller = Controller {
    title: "Rancher project App",
    api: "project.cattle.io/",
    chart: &["externalId"],
    version: "",
    values: &[
        LayerRule { path: "valuesYaml", level: 0, form: Form::Text },
        LayerRule { path: "answers", level: 3, form: Form::Entries },
    ],
    target: &["targetNamespace"],
    storage: &["targetNamespace"],
    source: "rancher/rancher, pkg/apis/project.cattle.io/v3, AppSpec; pkg/helm, on values and answers",
    rest: Rest { apply: apply_old, ..Rest::NOTHING },
    ..APP
};

/// Rancher keeps this object up to date with the release, and reads nothing in it.
fn findings(chart: &Chart<'_, '_>) -> Vec<Finding> {
    let message = "Rancher writes this App from the running release: a change here has no effect";
    let help =
        "change the values in Rancher (Apps, Installed Apps, Edit/Upgrade), or with `helm upgrade` and a values file";
    let finding = Finding::new(Rule::ModeElsewhere, message).help(help);
    vec![finding.at(chart.root.get("kind").unwrap_or(chart.at).span())]
}

fn apply_app(_: &Applying<'_>) -> Vec<Instruction> {
    vec![say("change the values in Rancher: Apps, Installed Apps, Edit/Upgrade")]
}

fn apply_old(applying: &Applying<'_>) -> Vec<Instruction> {
    applied(
        applying,
        "Rancher upgrades the release once the App has changed. Let the tool that applies this file do it, or run in \
         Rancher's own cluster:",
    )
}
