//! kustomize: `helmCharts` of a kustomization.

use super::{Applying, Chart, Controller, Form, LayerRule, More, Rest, To, run, say};
use crate::{
    finding::{Doubt, Finding},
    instruction::{Bringer, Bringing, Instruction},
    procedure::Deployer,
    release::{Layer, Named, Says, Values},
    rule::Rule,
    shell::shell_quoted,
    yaml::Node,
};

/// The charts of a kustomization. By `valuesMerge` the file ranks below the values or above; the additional ones are
/// given to Helm behind both (kustomize, HelmChartInflationGenerator.go, replaceValuesInline; helmchartargs.go,
/// AsHelmArgs).
pub(super) const HELM_CHARTS: Controller = Controller {
    title: "kustomize helmCharts",
    api: "kustomize.config.k8s.io/",
    kind: "Kustomization",
    root: "helmCharts",
    charts: "helmCharts.*",
    chart: &["name", "repo"],
    version: "version",
    values: &[LayerRule { path: "valuesInline", level: INLINE, form: Form::Mapping }],
    more: &[
        More { path: VALUES_FILE, level: 0, to: To::Beside, behind: "" },
        More { path: "additionalValuesFiles", level: 2, to: To::Beside, behind: "" },
    ],
    name: "releaseName",
    called: "releaseName",
    traps: &[],
    deployer: Deployer::Kustomize,
    target: &["namespace", "/namespace"],
    storage: &[],
    source: "kustomize documentation, helmCharts",
    rest: Rest { layers, findings, apply, ..Rest::NOTHING },
};

/// The charts of a component, which an overlay builds as its own.
pub(super) const HELM_CHARTS_OF_COMPONENT: Controller =
    Controller { title: "kustomize component", kind: "Component", root: "", ..HELM_CHARTS };

/// A chart as an object of its own, which a kustomization names among its generators.
pub(super) const GENERATOR: Controller = Controller {
    title: "kustomize HelmChartInflationGenerator",
    api: "builtin",
    kind: "HelmChartInflationGenerator",
    root: "",
    charts: "",
    ..HELM_CHARTS
};

/// The list that came before `helmCharts`, with other names (kustomize, api/types/helmchartargs.go, `HelmChartArgs`).
pub(super) const OLD_LIST: Controller = Controller {
    title: "kustomize helmChartInflationGenerator",
    root: "helmChartInflationGenerator",
    charts: "helmChartInflationGenerator.*",
    chart: &["chartName", "chartRepoUrl"],
    version: "chartVersion",
    values: &[LayerRule { path: "valuesLocal", level: INLINE, form: Form::Mapping }],
    more: &[More { path: OLD_VALUES_FILE, level: 0, to: To::Beside, behind: "" }],
    target: &["releaseNamespace", "/namespace"],
    ..HELM_CHARTS
};

/// The same object with the names that this list has. (kustomize 4.0, `HelmChartInflationGenerator.go`)
pub(super) const OLD_GENERATOR: Controller =
    Controller { title: GENERATOR.title, api: GENERATOR.api, kind: GENERATOR.kind, root: "", charts: "", ..OLD_LIST };

/// The same object as a text among the generators of a kustomization.
pub(super) const GENERATOR_IN_LIST: Controller = Controller {
    title: GENERATOR.title,
    root: "generators",
    rest: Rest { places: Some(places_in_list), ..HELM_CHARTS.rest },
    ..HELM_CHARTS
};

fn places_in_list(root: Node<'_>) -> Vec<Node<'_>> {
    let texts = root.get("generators").into_iter().flat_map(Node::items);
    let texts = texts.filter(|item| item.str().is_some_and(|text| text.contains('\n')));
    let roots = texts.filter_map(|item| item.inner()?.ok()?.root());
    roots.filter(|root| root.str_at("kind") == Some(GENERATOR.kind)).collect()
}

const INLINE: u8 = 1;
const OLD_VALUES_FILE: &str = "values";
const VALUES_FILE: &str = "valuesFile";

/// The level of what is named; nothing where it is not used.
pub(super) fn level_of(chart: &Chart<'_, '_>, more: &More) -> Option<u8> {
    match chart.str("valuesMerge").filter(|_| [VALUES_FILE, OLD_VALUES_FILE].contains(&more.path)) {
        // what the file says stays, and the values add to it
        Some("merge") => Some(INLINE),
        Some("replace") if chart.own_layers().iter().any(|layer| !layer.names(&[]).is_empty()) => None,
        _ => Some(more.level),
    }
}

/// The setting with which the chart's own file stays in force: it is taken where no other is named.
fn merges_into_chart<'s>(chart: &Chart<'_, 's>) -> Option<Node<'s>> {
    let merge = chart.get("valuesMerge").filter(|merge| merge.str() == Some("merge"))?;
    let names_file = [VALUES_FILE, OLD_VALUES_FILE].iter().any(|path| chart.get(path).is_some());
    (!names_file).then_some(merge)
}

fn layers<'s>(chart: &Chart<'_, 's>) -> Vec<Layer<'s>> {
    let layer = |merge: Node<'s>| Layer {
        named: Some(Box::new(Named::only("the chart's own `values.yaml`".to_owned(), merge.span()))),
        ..Layer::own((INLINE, 1), merge.text.file, Values::Unread(None))
    };
    merges_into_chart(chart).map(layer).into_iter().collect()
}

/// The chart's own file says `legacy`, and stays where it is merged into.
fn findings(chart: &Chart<'_, '_>) -> Vec<Finding> {
    let names: Vec<&str> = chart.below.iter().map(String::as_str).chain([crate::chart::MODE_KEY]).collect();
    let says_mode = || chart.own_layers().iter().any(|layer| matches!(layer.says(&names), Says::Is(_)));
    let finding = merges_into_chart(chart).filter(|_| says_mode()).map(|merge| {
        let message = "`valuesMerge: merge` keeps the mode of the chart's own `values.yaml`, which overrides this one";
        let help = "remove `valuesMerge`, so that these values override";
        Finding::new(Rule::ModeOverridden, message).help(help).doubting(Doubt::Overridden).at(merge.span())
    });
    finding.into_iter().collect()
}

fn apply(applying: &Applying<'_>) -> Vec<Instruction> {
    if let Some(Bringer { kind: Bringing::ArgoCd, name: Some(name), namespace, .. }) = applying.brought_by {
        let namespace = namespace.as_deref();
        return super::argo::synced(&Applying { name: Some(name), namespace, ..*applying });
    }
    let open = applying.build_options.iter().copied();
    let build: Vec<&str> =
        ["kustomize", "build", "--enable-helm"].into_iter().chain(open).chain([applying.folder()]).collect();
    let kubectl: Vec<&str> =
        ["kubectl"].into_iter().chain(applying.cluster("--context")).chain(["apply", "-f", "-"]).collect();
    let pipe = format!("{} | {}", shell_quoted(&build), shell_quoted(&kubectl));
    vec![say("if a controller builds this folder, let it; otherwise run:"), run(["sh", "-c", &pipe])]
}
