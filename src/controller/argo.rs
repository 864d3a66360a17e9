//! Argo CD: the Application, and the ApplicationSet, which fills in a template for each element of its generators.

use super::{
    Applying, Chart, Controller, Form, LayerRule, More, Rest, To,
    argo_beside::{self, is_beside, layers, strongest},
    argo_git::{self, Elements},
    chart::{decided_by, plain},
    run, say,
};
use crate::{
    chart::MODE_KEY,
    finding::{Doubt, Finding},
    instruction::Instruction,
    procedure::Deployer,
    release::{Id, Layer, Parameter, Pin, Reach, Release, Says, Values, hiding_lines_of_manifest},
    rule::Rule,
    yaml::{Node, Scalar},
};

const SOURCE: &str = "Argo CD documentation, Helm and ApplicationSet";
const VALUES: &[LayerRule] = &[
    LayerRule { path: "helm.values", level: 1, form: Form::Text },
    LayerRule { path: "helm.valuesObject", level: 1, form: Form::Mapping },
    LayerRule { path: "helm.parameters", level: 3, form: Form::Parameters },
];
const MORE: &[More] = &[More { path: "helm.valueFiles", level: 0, to: To::Repository, behind: "" }];
/// Without `chart` a source is a folder of a Git repository, whose name tells nothing.
pub(super) const CHART: &[&str] = &["chart", "repoURL", "path"];

/// An Application with one source.
pub(super) const APPLICATION: Controller = Controller {
    title: "Argo CD Application",
    api: "argoproj.io/",
    kind: "Application",
    root: "",
    charts: "spec.source",
    chart: CHART,
    version: "targetRevision",
    values: VALUES,
    more: MORE,
    name: "/metadata.name",
    called: "/metadata.name",
    traps: &[],
    deployer: Deployer::ArgoCd,
    target: &["/spec.destination.namespace"],
    storage: &[],
    source: SOURCE,
    rest: Rest { is_passed_over, layers, findings, apply: apply_application, ..Rest::NOTHING },
};

/// An Application with several.
pub(super) const APPLICATION_OF_SOURCES: Controller = Controller { charts: "spec.sources.*", ..APPLICATION };

/// An Application whose source is rendered into a branch before it is synced.
pub(super) const HYDRATED: Controller = Controller { charts: "spec.sourceHydrator.drySource", ..APPLICATION };

/// An ApplicationSet.
pub(super) const SET: Controller = Controller {
    title: "Argo CD ApplicationSet",
    kind: "ApplicationSet",
    charts: "spec.template.spec.source",
    called: "/spec.template.metadata.name",
    target: &["/spec.template.spec.destination.namespace"],
    rest: Rest {
        is_passed_over,
        layers,
        findings: findings_of_set,
        expanded,
        elements: Some("spec.generators"),
        apply: apply_set,
        ..Rest::NOTHING
    },
    ..APPLICATION
};

/// An ApplicationSet whose template has several sources.
pub(super) const SET_OF_SOURCES: Controller = Controller { charts: "spec.template.spec.sources.*", ..SET };

/// An ApplicationSet whose template has such a source.
pub(super) const SET_OF_HYDRATED: Controller =
    Controller { charts: "spec.template.spec.sourceHydrator.drySource", ..SET };

/// Argo CD passes over `source` where `sources` has any; and one of these that other ones refer to, and that has neither
/// a chart nor a folder, brings nothing to the cluster.
fn is_passed_over(at: Node<'_>, path: &[String]) -> bool {
    let Some((last, before)) = path.split_last() else { return false };
    let root = at.text.root();
    let has_sources =
        || root.and_then(|root| root.follow(before)?.get("sources")).is_some_and(|sources| sources.length() > 0);
    let is_reference = at.get("ref").is_some() && at.get("chart").is_none() && at.get("path").is_none();
    last == "source" && has_sources() || path.iter().any(|key| key == "sources") && is_reference
}

/// The address of the repository that a file stands in, and the branch of it: of the source that its name begins with, or
/// of the one that names it. Nothing where that is a template, or a commit or a version: a change would not reach it.
pub(super) fn repository_of<'s>(chart: &Chart<'_, 's>, name: &str) -> Option<(&'s str, Option<&'s str>)> {
    let source = match name.strip_prefix('$').and_then(|name| name.split('/').next()) {
        Some(reference) => {
            let path = chart.at.path();
            let (_, list) = path.split_last()?;
            chart.at.text.root()?.follow(list)?.items().find(|source| source.str_at("ref") == Some(reference))?
        }
        None => chart.at,
    };
    let revision = source.str_at("targetRevision");
    let named = revision.unwrap_or("HEAD");
    let is_commit = named.len() >= 7 && named.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_version = named.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
    let is_followed = !is_commit && !is_version && plain(named).is_some();
    let url = source.str_at("repoURL").filter(|url| is_followed && !url.contains("{{"))?;
    Some((url, revision))
}

/// What overrides the values whatever they say: one of `fileParameters`.
fn findings(chart: &Chart<'_, '_>) -> Vec<Finding> {
    let names: Vec<&str> = chart.below.iter().map(String::as_str).chain([MODE_KEY]).collect();
    let names = names.join(".");
    let item = chart.items("helm.fileParameters").rfind(|item| item.str_at("name") == Some(&names));
    let decides = item.and_then(|item| item.get("name")).map(|name| {
        let message = "the mode is decided by a file, whatever stands here";
        decided_by(message, "change it there, or take this entry away", name)
    });
    decides.into_iter().chain(by_plugin(chart)).collect()
}

/// A plugin renders the source in its own way: what Helm would read beside it need not count.
fn by_plugin(chart: &Chart<'_, '_>) -> Option<Finding> {
    // beside `helm` Argo CD refuses it
    let plugin = chart.get("plugin").filter(|_| chart.get("helm").is_none())?;
    let message = "a plugin renders this source, and may set any mode";
    let help = "change the mode by hand where the plugin takes it from";
    let finding = Finding::new(Rule::ModeElsewhere, message).help(help).doubting(Doubt::Elsewhere);
    Some(finding.at(plugin.key_span()))
}

fn findings_of_set(chart: &Chart<'_, '_>) -> Vec<Finding> {
    findings(chart).into_iter().chain(patched(chart)).chain(hidden_in_text(chart)).collect()
}

/// What changes the Applications of a template behind it.
fn patched(chart: &Chart<'_, '_>) -> Option<Finding> {
    let patch = chart.root.at("spec.templatePatch");
    let text = patch.and_then(Node::str).unwrap_or_default();
    let generators = chart.root.at("spec.generators").into_iter().flat_map(Node::items);
    let mut templates = generators
        .flat_map(|generator| generator.entries().filter_map(|(_, kind)| kind.get("template")).collect::<Vec<_>>());
    let (message, node) = if text.contains(MODE_KEY) {
        ("the `templatePatch` decides the mode, whatever stands here", patch?)
    } else if text.contains("helm") {
        ("the `templatePatch` changes the values, and may say another mode", patch?)
    } else {
        ("the generator has a `template` of its own, which may say another mode", templates.next()?)
    };
    let help = "write the mode of each cluster into the elements of the generator, and the values into the template";
    let finding = Finding::new(Rule::ModeOverridden, message).help(help).doubting(Doubt::Overridden);
    Some(finding.at(node.key_span()))
}

/// A text of an ApplicationSet is a template as a whole, the comments in it too.
fn hidden_in_text(chart: &Chart<'_, '_>) -> Option<Finding> {
    let is_template = chart.root.at("spec.goTemplate").and_then(Node::scalar) == Some(Scalar::Bool(true));
    let text = chart.get("helm.values").filter(|_| is_template && chart.get("helm.valuesObject").is_none())?;
    let finding = hiding_lines_of_manifest(text.source())?;
    let start = text.span().start;
    let span = finding.span.clone().map(|span| super::moved_by(start, span));
    Some(Finding { span, ..finding })
}

/// A release for each element of the generators, with the files beside the source that are for the Application of each.
fn expanded<'s>(chart: &Chart<'_, 's>, release: Release<'s>) -> Vec<Release<'s>> {
    let mut releases = filled(chart, release);
    for release in &mut releases {
        argo_beside::take_own(chart, release);
    }
    releases
}

/// A release for each element of the list generators, where the template takes the mode from these, or says it for all of
/// them.
fn filled<'s>(chart: &Chart<'_, 's>, mut release: Release<'s>) -> Vec<Release<'s>> {
    // the folder of one of them is the chart
    if let Some(element) = &chart.element {
        return vec![element.release(chart, &release)];
    }
    match argo_git::elements(chart) {
        Elements::Are(elements) => return elements.iter().map(|element| element.release(chart, &release)).collect(),
        Elements::Wanted(wanted) => {
            if let Some(left) = wanted.iter().find_map(|wanted| chart.files.left(wanted)) {
                let reason = format!("filled in from files {}", left.reason);
                let unread = release.layers.iter_mut().filter(|layer| matches!(layer.values, Values::Unread(None)));
                unread.for_each(|layer| layer.values = Values::Unread(Some(reason.clone())));
            }
            release.more.extend(wanted);
        }
        Elements::Unknown => {}
    }
    if let Some(key) = taken_key(&release, chart) {
        let taken =
            elements(chart).into_iter().filter(|(element, reach)| *reach == Reach::One || element.get(key).is_some());
        let releases: Vec<Release<'s>> =
            taken.map(|(element, reach)| Release { reach, ..of_element(chart, &release, element, key) }).collect();
        return if releases.is_empty() { vec![release] } else { releases };
    }
    let generators = || chart.root.at("spec.generators").into_iter().flat_map(Node::items);
    let is_counted =
        |generator: Node<'_>| generator.get("list").and_then(listed).is_some() && generator.get("selector").is_none();
    let elements: Vec<Node<'s>> = elements(chart).into_iter().map(|(element, _)| element).collect();
    if !generators().all(is_counted) {
        let kinds: Vec<&str> =
            generators().filter_map(|generator| generator.entries().next()).map(|(kind, _)| kind).collect();
        let reach = Reach::AllOf(format!("the generator `{}`", kinds.join("`, `").escape_debug()));
        return vec![Release { reach, ..release }];
    }
    let names: Vec<String> = elements.iter().filter_map(|element| name_of(*element).map(str::to_owned)).collect();
    let reach = match elements.len() {
        0 | 1 => return vec![release],
        count if names.len() == count => Reach::of(names.clone()),
        count => Reach::AllOf(format!("the {count} elements of the generator `list`")),
    };
    // what the template says for all has a row for each
    let path = release.path_to(MODE_KEY);
    let is_said = release.layers.iter().any(|layer| {
        layer.is_own()
            && matches!(layer.says(&path), Says::Is(node) if node.str().is_none_or(|text| !text.contains("{{")))
    });
    if !is_said || !matches!(reach, Reach::Several(_)) {
        return vec![Release { reach, ..release }];
    }
    let releases = elements.iter().zip(names).map(|(element, name)| Release {
        id: Id { name, called: called(chart, *element), ..release.id.clone() },
        reach: reach.clone(),
        ..release.clone()
    });
    releases.collect()
}

/// The elements of a list generator: those of its list, and of its text where nothing fills that in. Nothing where not all
/// of them are known.
pub(super) fn listed(list: Node<'_>) -> Option<Vec<Node<'_>>> {
    let own: Vec<Node<'_>> = list.get("elements").into_iter().flat_map(Node::items).collect();
    let Some(text) = list.get("elementsYaml") else { return Some(own).filter(|own| !own.is_empty()) };
    let root = text.inner_of_any_root().filter(|_| !text.source().contains("{{"))?.ok()?.root()?;
    Some(own.into_iter().chain(root.items()).collect()).filter(|_| root.is_list())
}

/// Whether the folder of a chart is a template of an ApplicationSet.
pub(super) fn is_filled_in_by_set(chart: &Chart<'_, '_>) -> bool {
    chart.controller.rest.elements.is_some()
        && chart.is_in_git()
        && chart.str("path").is_some_and(|it| it.contains("{{"))
}

/// What people call the cluster of an element.
pub(super) fn name_of(element: Node<'_>) -> Option<&str> {
    ["cluster", "name", "clusterName"].into_iter().find_map(|key| element.str_at(key))
}

/// The elements of list generators, and whom each of them stands for: below `matrix` one is combined with others.
fn elements<'s>(chart: &Chart<'_, 's>) -> Vec<(Node<'s>, Reach)> {
    let lists = |node: Node<'s>| node.get("list").and_then(listed).into_iter().flatten();
    let mut elements = Vec::new();
    for generator in chart.root.at("spec.generators").into_iter().flat_map(Node::items) {
        elements.extend(lists(generator).map(|element| (element, Reach::One)));
        let nested = generator.at("matrix.generators").into_iter().flat_map(Node::items);
        let of_matrix = || Reach::AllOf("the generator `matrix` with this element".to_owned());
        elements.extend(nested.flat_map(lists).map(|element| (element, of_matrix())));
    }
    elements.retain(|(element, _)| element.is_mapping());
    elements
}

/// The name by which the template takes the mode from the elements beside it.
fn taken_key<'s>(release: &Release<'s>, chart: &Chart<'_, 's>) -> Option<&'s str> {
    let names = release.path_to(MODE_KEY);
    let said = release.layers.iter().rev().find_map(|layer| match layer.says(&names) {
        Says::Is(node) => Some(node),
        _ => None,
    });
    if let Some(node) = said {
        return node.str().and_then(taken);
    }
    let text = unfilled_text(chart)?;
    let value = |line: &'s str| {
        let value = line.trim_start().strip_prefix(MODE_KEY)?.trim_start().strip_prefix(':')?;
        taken(value.trim().trim_matches(['"', '\'']))
    };
    text.str()?.lines().find_map(value)
}

/// A text that is no YAML before it is filled in.
fn unfilled_text<'s>(chart: &Chart<'_, 's>) -> Option<Node<'s>> {
    chart.get("helm.values").filter(|node| matches!(node.inner(), Some(Err(_))))
}

/// The name that a text takes from an element, where it is nothing but that: `{{name}}`, `{{ .name }}`.
fn taken(text: &str) -> Option<&str> {
    taken_inside(action_of(text)?)
}

/// The action that a text is, and nothing beside it.
pub(super) fn action_of(text: &str) -> Option<&str> {
    let action = text.strip_prefix("{{")?.strip_suffix("}}")?;
    Some(action.trim_matches(['-', ' '])).filter(|action| !action.contains("{{"))
}

/// The same of what stands between the braces.
fn taken_inside(action: &str) -> Option<&str> {
    let name = action.trim_matches(['-', ' ']).trim_start_matches('.');
    Some(name).filter(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}

fn of_element<'s>(chart: &Chart<'_, 's>, template: &Release<'s>, element: Node<'s>, key: &'s str) -> Release<'s> {
    let mut release = template.clone();
    let name: Vec<String> = release.path_to(MODE_KEY).iter().map(ToString::to_string).collect();
    let parameter = Parameter { name, item: element, key, value: element.get(key) };
    let strongest = strongest(&release);
    // the spot that takes it is no mode, nor is a text that is YAML only once it is filled in
    let spot = release.layers.iter().rev().find_map(|layer| layer.mode(&release.below)?.span);
    release.filled = spot.or_else(|| unfilled_text(chart).map(Node::span));
    release.layers.retain(|layer| is_beside(layer) || !(layer.is_own() && layer.is_unknown()));
    release.layers.push(Layer::own(strongest, release.file, Values::Parameters(vec![parameter])));
    release.id = Id { name: name_of(element).unwrap_or("?").to_owned(), called: called(chart, element), ..release.id };
    release.pin = chart.get(chart.controller.version).and_then(|version| match version.str().and_then(taken) {
        Some(name) => element.get(name).map(Pin::at),
        None => Some(Pin::at(version)),
    });
    release.pin = release.pin.filter(|_| !chart.is_of_another_chart());
    release
}

/// What the controller calls the release, with the names in it that it takes from the element. What is filled in is not
/// filled in once more.
fn called(chart: &Chart<'_, '_>, element: Node<'_>) -> Option<String> {
    let mut rest = chart.str(chart.controller.called)?;
    let mut name = String::new();
    while let Some((before, action)) = rest.split_once("{{") {
        let (inside, behind) = action.split_once("}}")?;
        name.extend([before, element.str_at(taken_inside(inside)?)?]);
        rest = behind;
    }
    Some(name + rest)
}

fn apply_application(applying: &Applying<'_>) -> Vec<Instruction> {
    let first = say(
        "the Application itself comes first: sync the app of apps that brings it, or apply the file with kubectl; \
         synced too early it brings the old values once more",
    );
    // a file that it names is read anew at each refresh
    Some(first).filter(|_| applying.is_changed).into_iter().chain(synced(applying)).collect()
}

fn apply_set(applying: &Applying<'_>) -> Vec<Instruction> {
    let first = say(
        "the ApplicationSet comes first: sync what brings it, or apply the file with kubectl; it then changes its \
         Applications, and each that does not sync by itself is synced by its name",
    );
    [first].into_iter().chain(synced(applying)).collect()
}

pub(super) fn synced(applying: &Applying<'_>) -> Vec<Instruction> {
    let Some(name) = applying.name else { return Vec::new() };
    vec![run(["argocd", "app", "get", name, "--refresh"]), run(["argocd", "app", "sync", name])]
}
