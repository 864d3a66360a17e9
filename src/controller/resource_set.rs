//! Flux Operator: the `ResourceSet`, whose templates of objects are filled in for each of its inputs.

use super::{Applying, Chart, Controller, Rest, flux, run, say};
use crate::{
    chart::MODE_KEY,
    finding::{Doubt, Finding},
    instruction::{Instruction, apply_change},
    release::{Layer, Parameter, Pin, Reach, Release, Says, Values},
    rule::Rule,
    yaml::Node,
};

/// The `HelmRelease` objects among its resources, each read as one in a file of its own.
pub(super) const RESOURCE_SET: Controller = Controller {
    title: "Flux ResourceSet",
    api: "fluxcd.controlplane.io/",
    kind: "ResourceSet",
    root: "",
    charts: "",
    name: "^metadata.name",
    called: "^metadata.name",
    target: &["targetNamespace", "^metadata.namespace"],
    storage: &["storageNamespace", "^metadata.namespace"],
    source: "Flux Operator documentation, ResourceSet, on inputs and resources",
    rest: Rest { places: Some(places), own_mode: OWN_MODE, findings, expanded, apply, ..Rest::NOTHING },
    ..flux::HELM_RELEASE
};

const OWN_MODE: &str = "give each input a `mode`, write `clusterMode: << inputs.mode >>` into the `values` of the release, and take the step in \
     one input";

fn places(root: Node<'_>) -> Vec<Node<'_>> {
    let resources = root.at("spec.resources").into_iter().flat_map(Node::items);
    resources
        .filter(|resource| resource.str_at("kind") == Some("HelmRelease"))
        .filter_map(|it| it.get("spec"))
        .collect()
}

/// What is wrong with a `HelmRelease`, and what fills in its template and does not stand in the file.
fn findings(chart: &Chart<'_, '_>) -> Vec<Finding> {
    let template =
        chart.root.at("spec.resourcesTemplate").filter(|text| text.str().is_some_and(|it| it.contains(MODE_KEY)));
    let template = template.map(|at| {
        let help = "write the mode of each cluster into the inputs, and nowhere else";
        let finding = Finding::new(Rule::ModeOverridden, "`resourcesTemplate` may set another mode").help(help);
        finding.doubting(Doubt::Overridden).at(at.key_span())
    });
    flux::findings(chart).into_iter().chain(template).collect()
}

/// A release for each input that the file says.
fn expanded<'s>(chart: &Chart<'_, 's>, mut release: Release<'s>) -> Vec<Release<'s>> {
    // that of the object in the set, not of the set
    if let Some(namespace) = chart.str("^metadata.namespace") {
        release.id.namespace = Some(namespace.to_owned());
    }
    let inputs: Vec<Node<'s>> = chart.items("/spec.inputs").filter(|input| input.is_mapping()).collect();
    let names = release.path_to(MODE_KEY);
    let said = release.layers.iter().rev().find_map(|layer| match layer.says(&names) {
        Says::Is(node) => node.str(),
        _ => None,
    });
    let key = said.and_then(taken);
    let from_elsewhere = chart.root.at("spec.inputsFrom");
    if inputs.is_empty() || from_elsewhere.is_some() && key.is_none() {
        let reach = from_elsewhere.map_or(Reach::One, |_| Reach::AllOf("`inputsFrom`".to_owned()));
        return vec![Release { reach, ..release }];
    }
    inputs.into_iter().map(|input| of_input(chart, &release, input, key)).collect()
}

fn of_input<'s>(chart: &Chart<'_, 's>, template: &Release<'s>, input: Node<'s>, key: Option<&'s str>) -> Release<'s> {
    let mut release = template.clone();
    if let Some(key) = key {
        let name: Vec<String> = release.path_to(MODE_KEY).iter().map(ToString::to_string).collect();
        let parameter = Parameter { name, item: input, key, value: input.get(key) };
        let strongest = release.layers.iter().map(|layer| layer.rank).max().unwrap_or_default();
        release.filled = release.strongest_spot();
        release.layers.push(Layer::own(strongest, release.file, Values::Parameters(vec![parameter])));
    }
    let version = release.pin.as_ref().and_then(|pin| input.get(taken(&pin.text)?));
    release.pin = version.filter(|version| version.scalar().is_some()).map(Pin::at).or(release.pin);
    let called = filled_in(chart.str("^metadata.name").unwrap_or("?"), input);
    release.id.name = called.clone().unwrap_or_else(|| release.id.name.clone());
    release.id.helm_name.clone_from(&called);
    release.id.called = called;
    let namespace = chart.str("^metadata.namespace").and_then(|namespace| filled_in(namespace, input));
    release.id.namespace = namespace.or(release.id.namespace);
    release
}

/// The name of an input that a text is, and nothing else: `<< inputs.mode >>`, or `<< inputs.mode | quote >>`.
fn taken(text: &str) -> Option<&str> {
    let action = text.strip_prefix("<<")?.strip_suffix(">>")?.trim();
    let name =
        action.split_once('|').filter(|(_, then)| then.trim() == "quote").map_or(action, |(name, _)| name.trim());
    let name = name.strip_prefix("inputs.")?;
    Some(name).filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
}

/// A name with what an input says in its place; nothing where it takes more than that.
fn filled_in(mut rest: &str, input: Node<'_>) -> Option<String> {
    let mut name = String::new();
    while let Some((before, action)) = rest.split_once("<<") {
        let (inside, behind) = action.split_once(">>")?;
        name.extend([before, input.str_at(inside.trim().strip_prefix("inputs.")?)?]);
        rest = behind;
    }
    Some(name + rest)
}

fn apply(applying: &Applying<'_>) -> Vec<Instruction> {
    let context = || applying.cluster("--context");
    let mut all = vec![
        say("update the ResourceSet first: reconcile the Kustomization that contains it, or run:"),
        apply_change(applying),
    ];
    if let Some(name) = applying.name {
        let namespace = Applying::option("-n", applying.namespace);
        all.push(run(["flux", "reconcile", "helmrelease", name].into_iter().chain(namespace).chain(context())));
    }
    all
}
