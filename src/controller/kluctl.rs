//! Kluctl: the chart of a folder, with the values beside it.

use super::{Applying, Chart, Controller, Rest, run, say};
use crate::{
    files::{Found, Wanted, joined},
    instruction::Instruction,
    procedure::Deployer,
    release::{Layer, Named},
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
    rest: Rest { is: Some(is_chart), layers, apply, ..Rest::NOTHING },
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

fn apply(_: &Applying<'_>) -> Vec<Instruction> {
    vec![
        say(
            "deploy the project that has this folder, with `-t` and the target of this cluster; first to look, then to \
             change:",
        ),
        run(["kluctl", "diff"]),
        run(["kluctl", "deploy"]),
    ]
}
