//! argocd-apps: the chart whose values are Applications, as a mapping by their names or, up to its version 1, as a
//! list.

use super::{APPLICATION, synced};
use crate::{
    controller::{Applying, Chart, Controller, Rest, say},
    finding::{Doubt, Finding},
    instruction::Instruction,
    rule::Rule,
    yaml::Node,
};

/// The Applications in its values.
pub(in crate::controller) const APPS: Controller = Controller {
    title: "argocd-apps",
    api: "",
    kind: "",
    root: "applications",
    charts: "applications.*.source",
    name: "^name",
    called: "^name",
    target: &["^destination.namespace"],
    source: "argo-helm, charts/argocd-apps, values.yaml and templates/applications.yaml; README, Upgrading, 2.0.0",
    rest: Rest { is: Some(is_root), apply, ..APPLICATION.rest },
    ..APPLICATION
};

/// Those with several sources.
pub(in crate::controller) const APPS_OF_SOURCES: Controller = Controller { charts: "applications.*.sources.*", ..APPS };

/// The same where the chart is a dependency of another one.
pub(in crate::controller) const APPS_BELOW: Controller =
    Controller { charts: "argocd-apps.applications.*.source", rest: Rest { is: Some(is_below), ..APPS.rest }, ..APPS };

/// Those with several sources.
pub(in crate::controller) const APPS_OF_SOURCES_BELOW: Controller =
    Controller { charts: "argocd-apps.applications.*.sources.*", ..APPS_BELOW };

/// The sets in its values: their generators are not read here.
pub(crate) const SETS: Controller = Controller {
    root: "applicationsets",
    charts: "applicationsets.*.template.spec.source",
    name: "^^^name",
    called: "^^metadata.name",
    rest: Rest { is: Some(is_root_of_sets), findings: findings_of_set, apply: apply_set, ..APPS.rest },
    source: "argo-helm, charts/argocd-apps, values.yaml and templates/applicationsets.yaml",
    ..APPS
};

/// Those with several sources.
pub(in crate::controller) const SETS_OF_SOURCES: Controller =
    Controller { charts: "applicationsets.*.template.spec.sources.*", ..SETS };

/// The same where the chart is a dependency of another one.
pub(in crate::controller) const SETS_BELOW: Controller = Controller {
    charts: "argocd-apps.applicationsets.*.template.spec.source",
    rest: Rest { is: Some(is_below_of_sets), ..SETS.rest },
    ..SETS
};

/// Those with several sources.
pub(in crate::controller) const SETS_OF_SOURCES_BELOW: Controller =
    Controller { charts: "argocd-apps.applicationsets.*.template.spec.sources.*", ..SETS_BELOW };

fn is_root_of_sets(root: Node<'_>) -> bool {
    root.get("kind").is_none() && root.get("applicationsets").is_some_and(holds_sets)
}

fn is_below_of_sets(root: Node<'_>) -> bool {
    root.get("kind").is_none() && root.at("argocd-apps.applicationsets").is_some_and(holds_sets)
}

/// Whether any item, or entry, has a template for Applications.
fn holds_sets(sets: Node<'_>) -> bool {
    let all = sets.items().chain(sets.entries().map(|(_, value)| value));
    all.into_iter().filter_map(|set| set.at("template.spec")).any(is_application)
}

/// That the mode of each cluster depends on what generators fill in.
fn findings_of_set(chart: &Chart<'_, '_>) -> Vec<Finding> {
    let message = "the generators of an ApplicationSet in values of argocd-apps are not read, and may set another mode";
    let help = "write the ApplicationSet as a manifest of its own, or change the mode by hand";
    let finding = Finding::new(Rule::ModeElsewhere, message).help(help).doubting(Doubt::Elsewhere);
    (APPLICATION.rest.findings)(chart).into_iter().chain([finding.at(chart.at.key_span())]).collect()
}

fn is_root(root: Node<'_>) -> bool {
    root.get("kind").is_none() && root.get("applications").is_some_and(holds_applications)
}

fn is_below(root: Node<'_>) -> bool {
    root.get("kind").is_none() && root.at("argocd-apps.applications").is_some_and(holds_applications)
}

/// Whether any item, or entry, has what an Application is made of.
fn holds_applications(applications: Node<'_>) -> bool {
    applications.items().chain(applications.entries().map(|(_, value)| value)).any(is_application)
}

/// Whether it has what an Application is made of.
fn is_application(it: Node<'_>) -> bool {
    let source = it.get("source").into_iter();
    let mut sources = source.chain(it.get("sources").into_iter().flat_map(Node::items));
    sources.any(|source| source.get("repoURL").is_some())
}

fn apply(applying: &Applying<'_>) -> Vec<Instruction> {
    let first = say(
        "update the Application first: sync or upgrade the release of argocd-apps that contains it. Otherwise the \
         sync below still uses the old values",
    );
    Some(first).filter(|_| applying.is_changed).into_iter().chain(synced(applying)).collect()
}

fn apply_set(_: &Applying<'_>) -> Vec<Instruction> {
    vec![say(
        "update the ApplicationSet first: sync or upgrade the release of argocd-apps that contains it. It then changes \
         its Applications; sync each one that does not sync by itself",
    )]
}
