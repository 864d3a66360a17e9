//! Zarf: the charts of a package's components.

use super::{Applying, Chart, Controller, More, Rest, To, chart::decided_by, run, say};
use crate::{finding::Finding, instruction::Instruction, procedure::Deployer, yaml::Node};

/// The charts of a package. Of the files that a chart names, later ones override earlier ones.
pub(super) const PACKAGE: Controller = Controller {
    title: "Zarf package",
    api: "zarf.dev/",
    kind: KIND,
    root: "",
    charts: "components.*.charts.*",
    chart: &["name", "url", "localPath", "gitPath"],
    version: "version",
    values: &[],
    more: &[More { path: "valuesFiles", level: 0, to: To::Beside, behind: "" }],
    name: "name",
    called: "name",
    traps: &[],
    deployer: Deployer::Helm,
    target: &["namespace"],
    storage: &["namespace"],
    source: "Zarf documentation, Package Components, Helm Charts, and the schema of zarf.yaml",
    rest: Rest { is: Some(is_package), folder: "localPath", findings, apply, ..Rest::NOTHING },
};

const KIND: &str = "ZarfPackageConfig";

/// Its `apiVersion` may be left out.
fn is_package(root: Node<'_>) -> bool {
    root.str_at("kind") == Some(KIND)
}

/// A variable of a chart is set when the package is deployed, above all files.
fn findings(chart: &Chart<'_, '_>) -> Vec<Finding> {
    let item = chart.items("variables").rfind(|item| chart.names_mode(item.str_at("path")));
    let decides = item.map(|item| {
        let message = "a variable of the package overrides the mode of the files";
        decided_by(message, "change it where the package is deployed, or remove this entry", item)
    });
    decides.into_iter().collect()
}

fn apply(applying: &Applying<'_>) -> Vec<Instruction> {
    vec![
        say("Zarf ships the file in its package: create the package again, then deploy it only to this cluster; it \
             asks which package"),
        run(["zarf", "package", "create", applying.folder()]),
        run(["zarf", "package", "deploy"]),
    ]
}
