//! Sveltos: the `ClusterProfile` and the `Profile`, whose `helmCharts` go to every cluster that matches.

use super::{
    Applying, Chart, Controller, Form, LayerRule, Rest, applied,
    chart::decided_by,
    unread::{self, Keys},
};
use crate::{
    finding::{Doubt, Finding},
    instruction::Instruction,
    procedure::Deployer,
    release::{Layer, Reach, Release},
    rule::Rule,
    yaml::Node,
};

/// The charts of a `ClusterProfile`. What `valuesFrom` names is merged over the text.
pub(super) const CLUSTER_PROFILE: Controller = Controller {
    title: "Sveltos ClusterProfile",
    api: "config.projectsveltos.io/",
    kind: "ClusterProfile",
    root: "",
    charts: "spec.helmCharts.*",
    chart: &["chartName", "repositoryURL"],
    version: "chartVersion",
    values: &[LayerRule { path: "values", level: 1, form: Form::Text }],
    more: &[],
    name: "releaseName",
    called: "releaseName",
    traps: &[],
    deployer: Deployer::Helm,
    target: &["releaseNamespace"],
    storage: &["releaseNamespace"],
    source: "Sveltos documentation, Helm charts; addon-controller, controllers/handlers_helm.go, getInstantiatedValues",
    rest: Rest { fills_in_text: true, layers, findings, expanded, own_mode: OWN_MODE, apply, ..Rest::NOTHING },
};

const OWN_MODE: &str = "copy this profile for the first cluster under another `metadata.name`, with that cluster alone in \
                        `clusterRefs` and without a `clusterSelector`; exclude it here, and take the step in the copy";

/// Those of a `Profile`, which is the same within one namespace.
pub(super) const PROFILE: Controller = Controller { title: "Sveltos Profile", kind: "Profile", ..CLUSTER_PROFILE };

fn layers<'s>(chart: &Chart<'_, 's>) -> Vec<Layer<'s>> {
    unread::objects(chart, "valuesFrom", Keys::Only, 2)
}

/// The text is a template, filled in for each cluster.
fn findings(chart: &Chart<'_, '_>) -> Vec<Finding> {
    let removed = chart.get("helmChartAction").filter(|action| action.str() == Some("Uninstall")).map(|action| {
        let message = "the profile removes the release: its `helmChartAction` is `Uninstall`";
        let finding = Finding::new(Rule::NotInstalled, message).help("if clusters should run it, change that first");
        finding.doubting(Doubt::Overridden).at(action.span())
    });
    let mode = chart.root.at("spec.syncMode");
    let fixed = mode.filter(|mode| matches!(mode.str(), Some("OneTime" | "DryRun"))).map(|mode| {
        let message = "with this `syncMode` Sveltos does not upgrade an existing release";
        decided_by(message, "set it to `Continuous`, and check what that changes in the clusters", mode)
    });
    unread::hidden_lines(chart, "values").into_iter().chain(removed).chain(fixed).collect()
}

fn expanded<'s>(chart: &Chart<'_, 's>, release: Release<'s>) -> Vec<Release<'s>> {
    vec![Release { reach: reach_of_profile(chart.root), ..unread::rendered(chart, "values", release) }]
}

/// Whom a profile is for: the clusters that are listed by name, and all that have the labels. (Sveltos documentation,
/// Cluster selection)
pub(crate) fn reach_of_profile(root: Node<'_>) -> Reach {
    let selector = root.at("spec.clusterSelector").and_then(selected);
    let sets = root.at("spec.setRefs").filter(|sets| sets.length() > 0).map(|_| "`setRefs`".to_owned());
    let named = || {
        let clusters = root.at("spec.clusterRefs").into_iter().flat_map(Node::items);
        Reach::of(clusters.filter_map(|cluster| cluster.str_at("name")).map(str::to_owned).collect())
    };
    selector.or(sets).map_or_else(named, Reach::AllOf)
}

/// What a selector of clusters selects, as it is written; nothing where it selects none.
pub(super) fn selected(selector: Node<'_>) -> Option<String> {
    const LONGEST: usize = 100;
    let words = if selector.is_mapping() { entries_of(selector) } else { shown(selector) };
    let is_empty = selector.str().map_or_else(|| selector.entries().next().is_none(), str::is_empty);
    let mut shown: String = words.chars().take(LONGEST).filter(|c| *c != '`').collect();
    if words.chars().count() > LONGEST {
        shown.push_str("...");
    }
    (!is_empty).then(|| format!("the selector `{}`", shown.escape_debug()))
}

/// What the entries of a mapping say, on one line.
fn entries_of(mapping: Node<'_>) -> String {
    mapping.entries().map(|(name, value)| format!("{name}: {}", shown(value))).collect::<Vec<_>>().join(", ")
}

fn shown(node: Node<'_>) -> String {
    if node.is_mapping() {
        return format!("{{{}}}", entries_of(node));
    }
    if node.is_list() {
        return format!("[{}]", node.items().map(shown).collect::<Vec<_>>().join(", "));
    }
    node.source().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn apply(applying: &Applying<'_>) -> Vec<Instruction> {
    applied(
        applying,
        "Sveltos upgrades the release in every cluster that the profile matches, once the object in the management \
         cluster has changed. Let the tool that applies this file do it, or run in the management cluster:",
    )
}
