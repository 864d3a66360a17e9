//! Rancher Fleet: `fleet.yaml`, with a row for each target that customizes it and one for every other cluster.

mod targets;

pub(crate) use self::targets::all_named;
use self::targets::{Before, clusters_named, fits_all, found, says_only_names};
use super::{
    Applying, Chart, Controller, Form, LayerRule, More, Rest, To, run, say,
    unread::{self, Keys},
};
use crate::{
    finding::Finding,
    instruction::Instruction,
    mode::ClusterMode,
    procedure::Deployer,
    release::{Filler, Layer, Pin, Reach, Release, VARIABLE},
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
        fills_in_itself: Some(FILLER),
        layers,
        expanded,
        own_mode: OWN_MODE,
        apply,
        ..Rest::NOTHING
    },
};

const FILLER: Filler = Filler { tool: "Fleet", marks: VARIABLE };

const OWN_MODE: &str = "put a target for the first cluster before all others in `targetCustomizations`, with its name as \
                        `name` and `clusterName`, and its present mode under `helm.values.clusterMode`; then take the \
                        step with that name as --path";

/// What a target puts over it, in the same order.
const TARGET: Controller = Controller {
    charts: "targetCustomizations.*",
    values: &[
        LayerRule { path: "helm.values", level: 3, form: Form::Mapping },
        LayerRule { path: "helm.templateValues", level: 8, form: Form::Mapping },
    ],
    more: &[More { path: "helm.valuesFiles", level: 4, to: To::Beside, behind: "" }],
    name: "name",
    rest: Rest { fills_in_itself: Some(FILLER), layers, ..Rest::NOTHING },
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

/// A release for each target, and the one of all other clusters.
fn expanded<'s>(chart: &Chart<'_, 's>, release: Release<'s>) -> Vec<Release<'s>> {
    let targets = || chart.items("/targetCustomizations").enumerate();
    let is_off = |target: Node<'_>| target.is_true_at("doNotDeploy");
    let mut before = Before::default();
    // newer versions of Fleet leave a cluster out wherever such a target is among those that fit it
    for (_, target) in targets().filter(|(_, target)| is_off(*target)) {
        before.add(target, None);
    }
    let mut of_targets: Vec<Release<'s>> = Vec::new();
    for (number, target) in targets().filter(|(_, target)| !is_off(*target)) {
        let mut one = of_target(chart, &release, target, number);
        let is_plain = says_only_names(target) && !before.has_selecting();
        let mode = if is_plain { None } else { mode_of(chart, &one) };
        let rest = before.rest(target, mode);
        if let Some(names) = rest.names {
            one.reach = Reach::of(names);
        }
        one.findings.extend(rest.finding);
        before.add(target, mode);
        of_targets.push(one);
    }
    if of_targets.len() > 1 && chart.str("/targetCustomizationMode") == Some("AllMatches") {
        for one in &mut of_targets {
            one.findings.push(all_that_fit(chart));
        }
    }
    let mut others = Release { reach: of_no_target(), ..release };
    if chart.str(chart.controller.name).is_none() {
        let name = if of_targets.is_empty() { "every cluster" } else { "every other cluster" };
        name.clone_into(&mut others.id.name);
    }
    // where a target fits every cluster, the bundle alone is for none
    let has_others = !targets().any(|(_, target)| fits_all(target));
    Some(others).filter(|_| has_others).into_iter().chain(of_targets).collect()
}

/// That several targets may customize one cluster. (rancher/fleet, `TargetCustomizationMode`)
fn all_that_fit(chart: &Chart<'_, '_>) -> Finding {
    let message = "several targets may customize one cluster, because of `targetCustomizationMode: AllMatches`";
    let finding = found(message, "remove it, so that the first target that fits a cluster is used");
    let key = chart.get("/targetCustomizationMode").map(Node::key_span);
    key.into_iter().fold(finding, Finding::at)
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
            let everything = if number > 0 { "the GitRepo that no target before it customizes" } else { "the GitRepo" };
            Reach::AllOf(super::sveltos::selected(selector).unwrap_or_else(|| everything.to_owned()))
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
