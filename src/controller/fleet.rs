//! Rancher Fleet: `fleet.yaml`, with a row for each target that customizes it and one for every other cluster.

use super::{
    Applying, Chart, Controller, Form, LayerRule, More, Rest, To, run, say,
    unread::{self, Keys},
};
use crate::{
    finding::{Doubt, Finding},
    instruction::Instruction,
    mode::ClusterMode,
    procedure::Deployer,
    release::{Layer, Pin, Reach, Release},
    rule::Rule,
    yaml::Node,
};

/// A bundle. The files are merged over the values, and the objects over both.
pub(super) const FLEET: Controller = Controller {
    title: "Fleet bundle",
    api: "",
    kind: "",
    root: "helm:",
    charts: "",
    chart: &["helm.chart", "helm.repo"],
    version: "helm.version",
    values: &[
        LayerRule { path: "helm.values", level: 0, form: Form::Mapping },
        LayerRule { path: "helm.templateValues", level: 7, form: Form::Mapping },
    ],
    more: &[More { path: "helm.valuesFiles", level: 1, to: To::Beside, behind: "" }],
    name: "helm.releaseName",
    called: "helm.releaseName",
    traps: &[],
    deployer: Deployer::Helm,
    target: &["namespace", "defaultNamespace"],
    storage: &["namespace", "defaultNamespace"],
    source: "Fleet documentation, fleet.yaml; rancher/fleet, bundlereader, generateValues, options.Merge, and \
             target/builder.go, which puts `templateValues` over the others",
    rest: Rest {
        is: Some(is_fleet),
        brings_own_folder: true,
        is_folder_first: true,
        layers,
        expanded,
        apply,
        ..Rest::NOTHING
    },
};

/// What a target puts over it, in the same order.
const TARGET: Controller = Controller {
    charts: "targetCustomizations.*",
    values: &[
        LayerRule { path: "helm.values", level: 3, form: Form::Mapping },
        LayerRule { path: "helm.templateValues", level: 8, form: Form::Mapping },
    ],
    more: &[More { path: "helm.valuesFiles", level: 4, to: To::Beside, behind: "" }],
    name: "name",
    rest: Rest { layers, ..Rest::NOTHING },
    ..FLEET
};
static TARGET_ROW: Controller = TARGET;

const OBJECTS: &str = "helm.valuesFrom";

/// It has no `kind`: the chart or the values below `helm` identify it, with what only Fleet has beside them, or the values
/// of a target.
fn is_fleet(root: Node<'_>) -> bool {
    const VALUES: [&str; 3] = ["values", "valuesFiles", "valuesFrom"];
    let has = |node: Node<'_>, names: &[&str]| names.iter().any(|name| node.get(name).is_some());
    if has(root, &["kind", "apiVersion"]) {
        return false;
    }
    let around = [&OWN[..], &["targets", "dependsOn", "diff"]].concat();
    let says = |helm: Node<'_>| {
        let has_chart = helm.str_at("chart").is_some() || helm.str_at("repo").is_some();
        let has_values = has(helm, &VALUES);
        has_chart && (has_values || has(helm, &["version", "releaseName"])) || has_values && has(root, &around)
    };
    let targets = root.get("targetCustomizations").into_iter().flat_map(Node::items);
    let has_values = |target: Node<'_>| target.get("helm").is_some_and(|helm| has(helm, &VALUES));
    // without a word on Helm it brings the chart of its folder, where that has one
    let is_of_fleet = |(key, _): (&str, Node<'_>)| OWN.contains(&key) || OTHERS.contains(&key);
    let brings_folder = || root.get("helm").is_none() && has(root, &OWN) && root.entries().all(is_of_fleet);
    root.get("helm").is_some_and(says) || targets.into_iter().any(has_values) || brings_folder()
}

/// The keys of `fleet.yaml` that few other files have.
pub(crate) const OWN: [&str; 3] = ["defaultNamespace", "targetCustomizations", "overrideTargets"];
/// Its other keys. (Fleet documentation, fleet.yaml)
#[rustfmt::skip] // a table
const OTHERS: [&str; 18] = [
    "name", "namespace", "labels", "targets", "dependsOn", "diff", "ignore", "kustomize", "yaml", "paused", "keepResources",
    "correctDrift", "rolloutStrategy", "serviceAccount", "namespaceLabels", "namespaceAnnotations", "deleteNamespace", "version",
];

fn layers<'s>(chart: &Chart<'_, 's>) -> Vec<Layer<'s>> {
    unread::objects(chart, OBJECTS, Keys::By("key"), 6)
}

/// The labels that Rancher gives each cluster with its name. (Rancher, `pkg/controllers/provisioningv2/fleetcluster`)
const NAME_LABELS: [&str; 2] = ["management.cattle.io/cluster-display-name", "management.cattle.io/cluster-name"];

/// The clusters that a target means, where it names them: by their name, or by a label that holds it. (Fleet documentation,
/// Mapping to Downstream Clusters: all that a target says must fit)
pub(crate) fn clusters_named(target: Node<'_>) -> Option<Vec<String>> {
    if let Some(name) = target.str_at("clusterName") {
        return Some(vec![name.to_owned()]);
    }
    let selector = target.get("clusterSelector")?;
    let is_name = |key: &str| NAME_LABELS.contains(&key);
    let labels = selector.get("matchLabels").into_iter().flat_map(Node::entries);
    let label = labels.filter(|(key, _)| is_name(key)).find_map(|(_, value)| Some(vec![value.str()?.to_owned()]));
    let expressions = || selector.get("matchExpressions").into_iter().flat_map(Node::items);
    let is_meant = |item: &Node<'_>| item.str_at("key").is_some_and(is_name) && item.str_at("operator") == Some("In");
    let values = |item: Node<'_>| item.get("values")?.items().map(|value| value.str().map(str::to_owned)).collect();
    let listed = || expressions().filter(is_meant).find_map(values);
    label.or_else(listed).filter(|names: &Vec<String>| !names.is_empty())
}

/// The labels that the clusters of a target have, each with the values of which it has one.
fn labels_of<'s>(target: Node<'s>) -> Vec<(&'s str, Vec<&'s str>)> {
    let labels = target.at("clusterSelector.matchLabels").into_iter().flat_map(Node::entries);
    let labels = labels.filter_map(|(key, value)| Some((key, vec![value.str()?])));
    let expressions = target.at("clusterSelector.matchExpressions").into_iter().flat_map(Node::items);
    let is_in = |item: &Node<'_>| item.str_at("operator") == Some("In");
    let listed = |item: Node<'s>| {
        let values: Option<Vec<&'s str>> = item.get("values")?.items().map(Node::str).collect();
        Some((item.str_at("key")?, values?))
    };
    labels.chain(expressions.filter(is_in).filter_map(listed)).collect()
}

/// Whether no cluster fits both of two targets: a label has another value in each.
fn are_apart(one: Node<'_>, other: Node<'_>) -> bool {
    let others = labels_of(other);
    let is_apart = |(key, values): (&str, Vec<&str>)| {
        others.iter().any(|(name, others)| *name == key && !values.iter().any(|value| others.contains(value)))
    };
    labels_of(one).into_iter().any(is_apart)
}

/// A release for each target, and the one of all other clusters.
fn expanded<'s>(chart: &Chart<'_, 's>, release: Release<'s>) -> Vec<Release<'s>> {
    let targets = || chart.items("/targetCustomizations");
    let mut of_targets: Vec<Release<'s>> = Vec::new();
    // the targets that select clusters, each with the mode that these get
    let mut selecting: Vec<(Node<'s>, Option<ClusterMode>)> = Vec::new();
    for target in targets() {
        let is_named = clusters_named(target).is_some();
        if target.is_true_at("doNotDeploy") {
            selecting.extend((!is_named).then_some((target, None)));
            continue;
        }
        let mut one = of_target(chart, &release, target, of_targets.len());
        if is_named {
            one.findings.extend(first_that_fits(chart, &one, target, &selecting));
        } else {
            selecting.push((target, mode_of(chart, &one)));
        }
        of_targets.push(one);
    }
    let mut others = Release { reach: of_no_target(), ..release };
    if chart.str(chart.controller.name).is_none() {
        let name = if of_targets.is_empty() { "every cluster" } else { "every other cluster" };
        name.clone_into(&mut others.id.name);
    }
    [others].into_iter().chain(of_targets).collect()
}

/// The clusters that targets mean, where each names them.
pub(crate) fn all_named<'s>(targets: impl Iterator<Item = Node<'s>>) -> Option<Vec<String>> {
    targets.map(clusters_named).collect::<Option<Vec<_>>>().map(|all| all.into_iter().flatten().collect())
}

/// For whom a bundle is where no target customizes it, as far as it says so itself.
pub(crate) fn of_no_target() -> Reach {
    Reach::AllOf("the GitRepo that no target customizes".to_owned())
}

/// The mode that a release comes to.
fn mode_of<'s>(chart: &Chart<'_, 's>, release: &Release<'s>) -> Option<ClusterMode> {
    let mut settled = release.clone();
    settled.settle(chart.files);
    settled.mode.mode
}

/// That the cluster of a target may get another mode, where a target before it may select that cluster, too. (Fleet
/// documentation, fleet.yaml, `targetCustomizations`: the first one that fits is used)
fn first_that_fits<'s>(
    chart: &Chart<'_, 's>,
    release: &Release<'s>,
    target: Node<'s>,
    before: &[(Node<'s>, Option<ClusterMode>)],
) -> Option<Finding> {
    let own = if before.is_empty() { None } else { mode_of(chart, release) };
    let is_other = |(_, mode): &&(Node<'s>, Option<ClusterMode>)| *mode != own || own.is_none();
    let (first, _) = before.iter().filter(is_other).find(|(other, _)| !are_apart(*other, target))?;
    let message = "this target may select the cluster of a later one, and Fleet takes the first that fits";
    let help = "put the target that names one cluster before those that select several";
    let finding = Finding::new(Rule::ModeElsewhere, message).help(help).doubting(Doubt::Elsewhere);
    Some(finding.at(first.span()))
}

fn of_target<'s>(chart: &Chart<'_, 's>, base: &Release<'s>, target: Node<'s>, number: usize) -> Release<'s> {
    let mut release = base.clone();
    let mut of_target = Chart::new(chart.files, &TARGET_ROW, chart.root, target);
    of_target.below.clone_from(&base.below);
    release.layers.extend(of_target.own_layers());
    release.layers.extend(of_target.named_layers());
    release.layers.extend(layers(&of_target));
    release.layers.sort_by_key(|layer| layer.rank);
    let name = target.str_at("name").map_or_else(|| format!("target {}", number + 1), str::to_owned);
    release.id.name = name;
    let selector = ["clusterSelector", "clusterGroupSelector", "clusterGroup"].iter().find_map(|key| target.get(key));
    release.reach = match (clusters_named(target), selector) {
        (Some(names), _) => Reach::of(names),
        (None, Some(selector)) => {
            let everything = "the GitRepo".to_owned();
            Reach::AllOf(super::sveltos::selected(selector).unwrap_or(everything))
        }
        (None, None) => Reach::AllOf("the GitRepo that no other target customizes".to_owned()),
    };
    if let Some(version) = target.at("helm.version") {
        release.pin = Some(Pin::at(version));
    }
    if let Some(called) = target.str_at("helm.releaseName") {
        release.id.called = Some(called.to_owned());
        release.id.helm_name = Some(called.to_owned());
    }
    release
}

fn apply(applying: &Applying<'_>) -> Vec<Instruction> {
    let context = || applying.cluster("--context");
    let list = ["kubectl"].into_iter().chain(context());
    vec![
        say("Fleet upgrades the release in every cluster of the target once its GitRepo has read this commit; to \
             check:"),
        run(list.chain(["get", "gitrepos,bundles,bundledeployments", "--all-namespaces"])),
    ]
}
