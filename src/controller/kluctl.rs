//! Kluctl: the chart of a folder, with the values beside it.

use super::{Applying, Chart, Controller, Rest, run, say};
use crate::{
    files::{Found, Wanted, cleaned, joined},
    instruction::Instruction,
    procedure::Deployer,
    release::{Layer, Named, Reach, Release},
    yaml::Node,
};

/// A chart. Kluctl renders it as `helm template` does, with one file of values, which has a fixed name.
pub(super) const CHART: Controller = Controller {
    title: "Kluctl chart",
    api: "",
    kind: "",
    root: ROOT,
    charts: ROOT,
    chart: &["chartName", "repo"],
    version: "chartVersion",
    values: &[],
    more: &[],
    name: "releaseName",
    called: "releaseName",
    traps: &[],
    deployer: Deployer::Unknown,
    target: &["namespace"],
    storage: &[],
    source: "Kluctl documentation, Deployments, Helm Integration",
    rest: Rest {
        is: Some(is_chart),
        folder: "path",
        wanted: |chart| project(chart).into_iter().chain(deployers(chart)).collect(),
        layers,
        expanded,
        apply,
        ..Rest::NOTHING
    },
};

const ROOT: &str = "helmChart";
const VALUES: [&str; 2] = ["helm-values.yml", "helm-values.yaml"];

fn is_chart(root: Node<'_>) -> bool {
    let chart = root.get(ROOT).filter(|chart| chart.is_mapping());
    chart.is_some_and(|chart| ["repo", "chartName", "path", "git"].iter().any(|key| chart.get(key).is_some()))
}

fn layers<'s>(chart: &Chart<'_, 's>) -> Vec<Layer<'s>> {
    let file = chart.root.text.file;
    let wanted = VALUES.map(|name| (name, Wanted::File(joined(chart.files.name(file), name))));
    let found = |wanted: &Wanted| chart.files.find(wanted, file);
    let [first, second] = wanted;
    let is_second = found(&first.1) == Found::Absent || matches!(found(&second.1), Found::Here(_));
    let (name, wanted) = if is_second { second } else { first };
    let only = Named::only(format!("`{name}`"), chart.at.key_span());
    let named = Named { wanted: Some(wanted), is_optional: true, ..only };
    vec![chart.looked_up((0, 0), named, None)]
}

/// The file that describes the project: in the folder of the chart, or in the nearest above. (Kluctl documentation,
/// Kluctl project, .kluctl.yaml)
fn project(chart: &Chart<'_, '_>) -> Option<Wanted> {
    let file = chart.root.text.file;
    let path = chart.files.path_from_top(file);
    let folders = std::iter::successors(path.rsplit_once('/').map(|(folder, _)| folder), |folder| {
        if folder.is_empty() { None } else { Some(folder.rsplit_once('/').map_or("", |(above, _)| above)) }
    });
    let folders = folders.chain((!path.contains('/')).then_some(""));
    let names = folders.flat_map(|folder| [".kluctl.yaml", ".kluctl.yml"].map(|name| format!("{folder}/{name}")));
    let wanted = names.map(|name| Wanted::File(chart.files.named(name.trim_start_matches('/'))));
    wanted.into_iter().find(|wanted| chart.files.find(wanted, file) != Found::Absent)
}

/// Each target of the project is a cluster that gets the chart, where they have contexts of their own.
fn expanded<'s>(chart: &Chart<'_, 's>, release: Release<'s>) -> Vec<Release<'s>> {
    let file = chart.root.text.file;
    let project = project(chart).map(|wanted| chart.files.find(&wanted, file));
    let Some(Found::Here(project)) = project else { return vec![release] };
    let targets = chart.files.roots(project).filter_map(|root| root.get("targets")).flat_map(Node::items);
    let names = targets.filter(|target| target.get("context").is_some()).filter_map(|target| target.str_at("name"));
    let of_targets = Reach::of(names.map(str::to_owned).collect());
    // the controller deploys it in each cluster that has such an object
    let takers = deployers(chart).and_then(|wanted| Some(chart.files.answer_to(&wanted)?.to_vec()));
    let deployments = takers.into_iter().flatten().flat_map(|number| chart.files.roots(number));
    let is_it = |root: &Node<'_>| {
        let folder = root.at("spec.source.git").map(|git| cleaned(git.str_at("path").unwrap_or_default()));
        root.str_at("kind") == Some("KluctlDeployment")
            && folder.is_some_and(|folder| folder == folder_of(chart, project))
    };
    let of_files = deployments.filter(is_it).map(|root| chart.files.name(root.text.file).to_owned());
    let reach = of_targets.with(Reach::of(of_files.collect()));
    vec![Release { reach, ..release }]
}

/// The folder of a project, from the top of the checkout.
fn folder_of(chart: &Chart<'_, '_>, project: usize) -> String {
    let path = chart.files.path_from_top(project);
    path.rsplit_once('/').map_or_else(String::new, |(folder, _)| folder.to_owned())
}

/// The objects of Kluctl's controller that may deploy the project. (Kluctl documentation, `GitOps`, `KluctlDeployment`)
fn deployers(chart: &Chart<'_, '_>) -> Option<Wanted> {
    match chart.files.find(&project(chart)?, chart.root.text.file) {
        Found::Here(project) => Some(Wanted::Takers(chart.files.path_from_top(project))),
        Found::Absent | Found::Unasked => None,
    }
}

fn apply(_: &Applying<'_>) -> Vec<Instruction> {
    vec![
        say("deploy the project with this folder, with `-t` and the target of this cluster; first as a dry run, then \
             for real:"),
        run(["kluctl", "diff"]),
        run(["kluctl", "deploy"]),
    ]
}
