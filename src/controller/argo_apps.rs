//! argocd-apps: the chart whose values are Applications, as a mapping by their names or, up to its version 1, as a
//! list.

use super::{Applying, Controller, Rest, argo, say};
use crate::{instruction::Instruction, yaml::Node};

/// The Applications in its values.
pub(super) const APPS: Controller = Controller {
    title: "argocd-apps",
    api: "",
    kind: "",
    root: "applications",
    charts: "applications.*.source",
    name: "^name",
    called: "^name",
    target: &["^destination.namespace"],
    source: "argo-helm, charts/argocd-apps, values.yaml and templates/applications.yaml; README, Upgrading, 2.0.0",
    rest: Rest { is: Some(is_root), apply, ..argo::APPLICATION.rest },
    ..argo::APPLICATION
};

/// Those with several sources.
pub(super) const APPS_OF_SOURCES: Controller = Controller { charts: "applications.*.sources.*", ..APPS };

/// The same where the chart is a dependency of another one.
pub(super) const APPS_BELOW: Controller =
    Controller { charts: "argocd-apps.applications.*.source", rest: Rest { is: Some(is_below), ..APPS.rest }, ..APPS };

/// Those with several sources.
pub(super) const APPS_OF_SOURCES_BELOW: Controller =
    Controller { charts: "argocd-apps.applications.*.sources.*", ..APPS_BELOW };

fn is_root(root: Node<'_>) -> bool {
    root.get("kind").is_none() && root.get("applications").is_some_and(holds_applications)
}

fn is_below(root: Node<'_>) -> bool {
    root.get("kind").is_none() && root.at("argocd-apps.applications").is_some_and(holds_applications)
}

/// Whether each item, or entry, has what an Application is made of.
fn holds_applications(applications: Node<'_>) -> bool {
    let is_one = |it: Node<'_>| {
        let source = it.get("source").into_iter();
        let mut sources = source.chain(it.get("sources").into_iter().flat_map(Node::items));
        sources.any(|source| source.get("repoURL").is_some())
    };
    applications.items().chain(applications.entries().map(|(_, value)| value)).any(is_one)
}

fn apply(applying: &Applying<'_>) -> Vec<Instruction> {
    let first = say(
        "update the Application first: sync or upgrade the release of argocd-apps that contains it. Otherwise the \
         sync below still uses the old values",
    );
    Some(first).filter(|_| applying.is_changed).into_iter().chain(argo::synced(applying)).collect()
}
