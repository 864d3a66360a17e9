//! Crossplane: the `Release` of its provider for Helm.

use super::{
    Applying, Chart, Controller, Form, LayerRule, Rest, applied,
    chart::decided_by,
    unread::{self, Keys},
};
use crate::{finding::Finding, instruction::Instruction, procedure::Deployer, release::Layer};

/// A release. What `valuesFrom` names ranks below the values, and `set` above them.
pub(super) const RELEASE: Controller = Controller {
    title: "Crossplane Release",
    api: "helm.crossplane.io/",
    kind: "Release",
    root: "",
    charts: "spec.forProvider",
    chart: &["chart.name", "chart.repository", "chart.url"],
    version: "chart.version",
    values: &[
        LayerRule { path: "values", level: 1, form: Form::Mapping },
        LayerRule { path: "set", level: 3, form: Form::Parameters },
    ],
    more: &[],
    name: "/metadata.name",
    called: "/metadata.name",
    traps: &[],
    deployer: Deployer::Helm,
    target: &["namespace"],
    storage: &["namespace"],
    source: "crossplane-contrib/provider-helm, pkg/controller/release/values.go, composeValuesFromSpec",
    rest: Rest { layers, findings, apply, ..Rest::NOTHING },
};

/// The same of version 2, which is an object of a namespace.
pub(super) const RELEASE_OF_NAMESPACE: Controller = Controller { api: "helm.m.crossplane.io/", ..RELEASE };

fn layers<'s>(chart: &Chart<'_, 's>) -> Vec<Layer<'s>> {
    let of_place = unread::in_place_of_mapping(chart, "values", (1, 0));
    unread::objects(chart, "valuesFrom", Keys::By("key"), 0).into_iter().chain(of_place).collect()
}

/// An entry of `set` with `valueFrom` overrides whatever is in the values.
fn findings(chart: &Chart<'_, '_>) -> Vec<Finding> {
    let item = chart.items("set").rfind(|item| chart.names_mode(item.str_at("name")));
    let decides = item.and_then(|item| item.get("valueFrom")).map(|from| {
        let message = "a ConfigMap or Secret overrides this mode";
        decided_by(message, "change it there, or remove this entry", from)
    });
    decides.into_iter().collect()
}

fn apply(applying: &Applying<'_>) -> Vec<Instruction> {
    applied(
        applying,
        "the provider upgrades the release once the object in Crossplane's cluster has changed. Let the tool that \
         applies this file do it, or run in that cluster:",
    )
}
