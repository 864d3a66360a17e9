//! Objects that hold values and bring no chart: a `ConfigMap` or a `Secret` with a text of values.

use super::{Applying, Chart, Controller, Form, LayerRule, Rest, say};
use crate::{
    finding::{Doubt, Finding},
    instruction::Instruction,
    procedure::Deployer,
    release::{Layer, Says},
    rule::Rule,
};

/// The name that people have for a `ConfigMap` which holds values.
pub const IN_CONFIG_MAP: &str = "values in a ConfigMap";

/// The name that people have for a Secret which holds values.
pub const IN_SECRET: &str = "values in a Secret";

/// A ConfigMap.
pub(super) const CONFIG_MAP: Controller = Controller {
    title: IN_CONFIG_MAP,
    api: "v1",
    kind: "ConfigMap",
    root: "",
    charts: "data.*",
    chart: &[],
    version: "",
    values: &[LayerRule { path: "", level: 1, form: Form::Text }],
    more: &[],
    name: "/metadata.name",
    called: "/metadata.name",
    traps: &[],
    deployer: Deployer::Unknown,
    target: &[],
    storage: &[],
    source: "Flux documentation, HelmRelease, on values references",
    rest: Rest { findings, apply, ..Rest::NOTHING },
};

/// A Secret. Its `data` is base64, which is not edited.
pub(super) const SECRET: Controller =
    Controller { title: IN_SECRET, kind: "Secret", charts: "stringData.*", ..CONFIG_MAP };

/// An item of a list with values, in a file that another tool reads: Helm reads no list as values. It is found by its path
/// alone.
pub(crate) static ITEM: Controller = Controller {
    title: "item of a list",
    kind: "",
    api: "",
    charts: "",
    values: &[],
    rest: Rest {
        apply: |_| vec![say("bring the change to the cluster with the tool that reads this list")],
        ..Rest::NOTHING
    },
    ..CONFIG_MAP
};

/// An object of a kind that is not known, with values for its controller to pass on: Helm is not given the object. It is
/// found by its path alone.
pub(crate) static OBJECT: Controller = Controller {
    title: "object of another kind",
    rest: Rest {
        apply: |_| vec![say("bring the change to the cluster with the tool that applies this object")],
        ..Rest::NOTHING
    },
    ..ITEM
};

/// Whether a release is one of those that are found by a path alone.
pub(crate) fn is_found_by_path(title: &str) -> bool {
    [ITEM.title, OBJECT.title].contains(&title)
}

/// The release that takes the values may set the mode as well.
fn findings(chart: &Chart<'_, '_>) -> Vec<Finding> {
    let says = |layer: &Layer<'_>| {
        let names: Vec<&str> = chart.below.iter().map(String::as_str).chain([crate::chart::MODE_KEY]).collect();
        !matches!(layer.says(&names), Says::Nothing(_))
    };
    if chart.own_layers().iter().any(says) {
        return Vec::new();
    }
    let kind = chart.controller.kind;
    let message = format!("the {kind} does not set the mode, and the release that uses its values may set it");
    let help = "if it does, take the step there; if nothing does, write `clusterMode: legacy` here";
    let finding = Finding::new(Rule::ModeElsewhere, message).help(help).doubting(Doubt::Elsewhere);
    vec![finding.at(chart.at.key_span())]
}

fn apply(_: &Applying<'_>) -> Vec<Instruction> {
    vec![say("first apply this object to the cluster, then the release that uses its values. With Flux: flux get \
         kustomizations, flux reconcile kustomization THAT-ONE --with-source, flux get helmreleases --all-namespaces, \
         flux reconcile helmrelease THAT-ONE -n ITS-NAMESPACE. With kapp-controller: kctrl app list --all-namespaces, \
         kctrl app kick -a THAT-ONE -n ITS-NAMESPACE")]
}
