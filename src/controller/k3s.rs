//! k3s and RKE2: the HelmChart, and the HelmChartConfig that overrides it.

use super::{
    Applying, Chart, Controller, Form, LayerRule, Rest,
    chart::{is_blank, mapping, plain, text_layer},
};
use crate::{
    files::Held,
    files::{ObjectRef, Wanted},
    finding::{Doubt, Finding},
    instruction::{Instruction, applied},
    procedure::Deployer,
    release::{Layer, Named, Says, Values},
    rule::Rule,
    yaml::Node,
};

const SOURCE: &str =
    "k3s documentation, Helm, on HelmChart and HelmChartConfig; helm-controller, pkg/controllers/chart/chart.go";
const GROUP: &str = "helm.cattle.io";
/// The kind of what overrides the values of a HelmChart.
pub(crate) const CONFIG_KIND: &str = "HelmChartConfig";
/// What a HelmChart and a HelmChartConfig have as values.
const CONTENT: &str = "valuesContent";
const VALUES: &str = "values";

/// How far above the values of a HelmChart those of its HelmChartConfig are.
const ABOVE_CHART: u8 = 3;
/// How far above the text of values of an object its Secrets are.
const SECRETS: u8 = 2;

/// A HelmChart. Its text of values is a file for Helm, its mapping of values is one behind it, and so are its Secrets.
/// Then come those of a HelmChartConfig in the same order, and `set` is `--set`. (k3s documentation, Helm, "Chart values
/// are used in the following order"; the controller mounts each as a file of its own, and Helm merges them)
pub(super) const HELM_CHART: Controller = Controller {
    title: "k3s HelmChart",
    api: "helm.cattle.io/",
    kind: "HelmChart",
    root: "",
    charts: "spec",
    chart: &["chart", "repo"],
    version: "version",
    values: &[
        LayerRule { path: CONTENT, level: 0, form: Form::Text },
        LayerRule { path: VALUES, level: 1, form: Form::Mapping },
        LayerRule { path: "set", level: 6, form: Form::Entries },
    ],
    more: &[],
    name: "/metadata.name",
    called: "/metadata.name",
    traps: &[],
    deployer: Deployer::Helm,
    target: &["targetNamespace", "/metadata.namespace"],
    storage: &["targetNamespace", "/metadata.namespace"],
    source: SOURCE,
    rest: Rest { layers, apply, ..Rest::NOTHING },
};

/// A HelmChartConfig, whose chart another object brings. It has no `set`. (helm-controller,
/// pkg/apis/helm.cattle.io/v1/types.go, `HelmChartConfigSpec`: `values`, `valuesContent`, `valuesSecrets`)
pub(super) const CONFIG: Controller = Controller {
    title: super::IN_CHART_CONFIG,
    kind: CONFIG_KIND,
    chart: &[],
    version: "",
    values: &[
        LayerRule { path: CONTENT, level: ABOVE_CHART, form: Form::Text },
        LayerRule { path: VALUES, level: ABOVE_CHART + 1, form: Form::Mapping },
    ],
    rest: Rest {
        layers: |chart| secrets(chart, chart.at, ABOVE_CHART + SECRETS),
        findings: findings_of_config,
        apply,
        ..Rest::NOTHING
    },
    ..HELM_CHART
};

/// The layer of the HelmChartConfig of the same name, wherever in the checkout it is.
fn layers<'s>(chart: &Chart<'_, 's>) -> Vec<Layer<'s>> {
    let mut layers = secrets(chart, chart.at, SECRETS);
    layers.extend(of_config(chart));
    layers
}

/// The Secrets whose texts lie over that of an object. One without `keys` is not used, nor that in which the controller keeps
/// the values of the release, and one of `ignoreUpdates` need not be there. (helm-controller, pkg/controllers/chart/chart.go, `setValuesSecret` and `valuesSecretAddConfig`)
fn secrets<'s>(chart: &Chart<'_, 's>, at: Node<'s>, level: u8) -> Vec<Layer<'s>> {
    let secret = |(number, item): (usize, Node<'s>)| {
        let name = item.str_at("name").unwrap_or("?");
        let (group, kind) = (String::new(), "Secret".to_owned());
        let object = ObjectRef { group, kind, name: name.to_owned(), namespace: None };
        let only = Named::only(format!("Secret `{}`", name.escape_debug()), item.span());
        let wanted = plain(name).map(|_| Wanted::Object(object.clone()));
        let is_optional = item.is_true_at("ignoreUpdates");
        let named = Named { wanted, is_secret: true, is_optional, object: Some(object), ..only };
        let mut keys = item.get("keys").into_iter().flat_map(Node::items).filter_map(Node::str);
        let only = keys.next().filter(|_| keys.next().is_none());
        chart.looked_up((level, number), named, only.or(Some("")))
    };
    let items = at.get("valuesSecrets").into_iter().flat_map(Node::items);
    let own = chart.root.str_at("metadata.name").map(|name| format!("chart-values-{name}"));
    let is_own = |item: &Node<'s>| item.str_at("name") == own.as_deref();
    let has_keys = |item: &Node<'s>| item.get("keys").is_some_and(|keys| keys.items().next().is_some());
    let is_used = |item: &Node<'s>| has_keys(item) && !is_own(item);
    items.filter(is_used).enumerate().map(secret).collect()
}

fn of_config<'s>(chart: &Chart<'_, 's>) -> Vec<Layer<'s>> {
    let Some(name) = chart.root.at("metadata.name") else { return Vec::new() };
    let namespace = chart.root.str_at("metadata.namespace").map(str::to_owned);
    let object = ObjectRef {
        group: GROUP.to_owned(),
        kind: CONFIG_KIND.to_owned(),
        name: name.str().unwrap_or_default().to_owned(),
        namespace,
    };
    let held = chart.files.objects().held(&object);
    let shown = format!("{CONFIG_KIND} `{}`", object.name.escape_debug());
    let wanted = Some(Wanted::Object(object.clone()));
    let only = Named { wanted, is_optional: true, object: Some(object), ..Named::only(shown, name.span()) };
    let configs: Vec<Node<'s>> = held
        .into_iter()
        .filter_map(|held| match held {
            Held::Written(config) => Some(config),
            Held::Generated(_) => None,
        })
        .collect();
    let own = CONFIG.values.iter().map(|rule| {
        // which of several counts follows from what is built with the chart
        let (file, values) = match configs[..] {
            [config] => (config.text.file, values_of_config(config, rule.path)),
            [] => (chart.root.text.file, Values::Absent),
            _ => (chart.root.text.file, Values::Unread(Some("of which there are several".to_owned()))),
        };
        let named = Named { key: Some(rule.path.to_owned()), ..only.clone() };
        Layer { named: Some(Box::new(named)), ..Layer::own((rule.level, 0), file, values) }
    });
    let own: Vec<Layer<'s>> = own.collect();
    let secrets = configs
        .iter()
        .filter_map(|config| config.get("spec"))
        .flat_map(|spec| secrets(chart, spec, ABOVE_CHART + SECRETS));
    // findings about them are reported where the HelmChart is
    let here = |secret: Layer<'s>| {
        let mut secret = Layer { file: chart.root.text.file, ..secret };
        if let Some(named) = &mut secret.named {
            named.span = name.span();
        }
        secret
    };
    own.into_iter().chain(secrets.map(here)).collect()
}

/// What a HelmChartConfig has under one of its keys for values.
pub(crate) fn values_of_config<'s>(config: Node<'s>, key: &str) -> Values<'s> {
    let Some(node) = config.get("spec").and_then(|spec| spec.get(key)) else { return Values::Absent };
    match key == VALUES {
        _ if is_blank(node) => Values::Absent,
        true if node.is_mapping() => mapping(node),
        // what is filled in as a whole may say anything
        true => Values::Unread(Some(format!("whose `{VALUES}` is not a mapping"))),
        false => text_layer(node).unwrap_or(Values::Absent),
    }
}

/// The HelmChart may set the mode as well.
fn findings_of_config(chart: &Chart<'_, '_>) -> Vec<Finding> {
    let names: Vec<&str> = chart.below.iter().map(String::as_str).chain([crate::chart::MODE_KEY]).collect();
    if chart.own_layers().iter().any(|layer| !matches!(layer.says(&names), Says::Nothing(_))) {
        return Vec::new();
    }
    let message = "the HelmChartConfig does not set the mode, and the HelmChart of its name may set it";
    let help = "if it does, take the step there; if nothing does, write `clusterMode: legacy` here";
    let finding = Finding::new(Rule::ModeElsewhere, message).help(help).doubting(Doubt::Elsewhere);
    vec![finding.at(chart.at.key_span())]
}

fn apply(applying: &Applying<'_>) -> Vec<Instruction> {
    applied(
        applying,
        "the controller upgrades the release once the object has changed. Let the tool that applies this file do it, or \
         run:",
    )
}
