//! Carvel: the App of kapp-controller, where it renders a chart.

use super::{
    Applying, Chart, Controller, Rest, run, say,
    unread::{self, Keys},
};
use crate::{
    instruction::{Instruction, apply_change},
    open_word,
    procedure::Deployer,
    release::Layer,
    yaml::Node,
};

/// A chart that an App fetches and renders. It has no values of its own.
pub(super) const APP: Controller = Controller {
    title: "Carvel App",
    api: "kappctrl.k14s.io/",
    kind: "App",
    root: "",
    charts: "spec.fetch.*.helmChart",
    chart: &["name", "repository.url"],
    version: "version",
    values: &[],
    more: &[],
    name: "/metadata.name",
    called: "/metadata.name",
    traps: &[],
    // it applies what `helm template` renders, and Helm keeps no release
    deployer: Deployer::Unknown,
    target: &["/spec.template.0.helmTemplate.namespace", "/metadata.namespace"],
    storage: &[],
    source: "Carvel documentation, kapp-controller, App CR spec, template; pkg/template/helm_template.go",
    rest: Rest { layers, apply, ..Rest::NOTHING },
};

/// What `valuesFrom` names, of which a later one overrides.
fn layers<'s>(chart: &Chart<'_, 's>) -> Vec<Layer<'s>> {
    let templates = chart.items("/spec.template").filter_map(|step| step.at("helmTemplate.valuesFrom"));
    unread::objects_of(chart, templates.flat_map(Node::items), Keys::Only, 0)
}

fn apply(applying: &Applying<'_>) -> Vec<Instruction> {
    let namespace = ["-n", applying.namespace.map_or(open_word::NAMESPACE, |name| name)];
    let context = applying.cluster("--kubeconfig-context");
    let mut all = vec![
        say("update the object first: let the tool that applies this file do it, or run:"),
        apply_change(applying),
        say("kapp-controller then renders the chart again within its `syncPeriod`; to have it do so now:"),
    ];
    if let Some(name) = applying.name {
        all.push(run(["kctrl", "app", "kick", "-a", name].into_iter().chain(namespace).chain(context)));
    }
    all
}
