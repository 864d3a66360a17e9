//! Config Sync: the `RootSync` and the `RepoSync`, where their source is a chart.

use super::{
    Applying, Chart, Controller, Form, LayerRule, Rest, run, say,
    unread::{self, Keys},
};
use crate::{
    instruction::{Instruction, apply_change},
    procedure::Deployer,
    release::Layer,
    yaml::Node,
};

/// A chart that Config Sync renders. The values override the files.
pub(super) const ROOT_SYNC: Controller = Controller {
    title: "Config Sync RootSync",
    api: "configsync.gke.io/",
    kind: "RootSync",
    root: "",
    charts: "spec.helm",
    chart: &["chart", "repo"],
    version: "version",
    values: &[LayerRule { path: "values", level: 1, form: Form::Mapping }],
    more: &[],
    name: "/metadata.name",
    called: "/metadata.name",
    traps: &[],
    // it applies what `helm template` renders, and Helm keeps no release
    deployer: Deployer::Unknown,
    target: &["namespace", "deployNamespace"],
    storage: &[],
    source: "Config Sync documentation, RootSync and RepoSync fields, spec.helm",
    rest: Rest { is_passed_over, layers, apply: apply_root, ..Rest::NOTHING },
};

/// The same for one namespace.
pub(super) const REPO_SYNC: Controller = Controller {
    title: "Config Sync RepoSync",
    kind: "RepoSync",
    target: &["/metadata.namespace"],
    rest: Rest { apply: apply_repo, ..ROOT_SYNC.rest },
    ..ROOT_SYNC
};

/// Where the source is not a chart, these values are not read.
fn is_passed_over(at: Node<'_>, path: &[String]) -> bool {
    // the object may be an item of a list
    let spec = path.len().checked_sub(1).and_then(|end| at.text.root()?.follow(&path[..end]));
    spec.and_then(|spec| spec.str_at("sourceType")) != Some("helm")
}

fn layers<'s>(chart: &Chart<'_, 's>) -> Vec<Layer<'s>> {
    unread::objects(chart, "valuesFileRefs", Keys::By("dataKey"), 0)
}

fn apply_root(applying: &Applying<'_>) -> Vec<Instruction> {
    synced(applying, "config-management-system")
}

fn apply_repo(applying: &Applying<'_>) -> Vec<Instruction> {
    synced(applying, applying.namespace.unwrap_or("default"))
}

fn synced(applying: &Applying<'_>, namespace: &str) -> Vec<Instruction> {
    let of_context = Applying::option("--contexts", applying.context);
    let of_name = Applying::option("--name", applying.name);
    let status = ["nomos", "status", "--namespace", namespace].into_iter().chain(of_name).chain(of_context);
    vec![
        say("update the object first: let the tool that applies this file do it, or run:"),
        apply_change(applying),
        say("Config Sync then renders the chart; to check that it has:"),
        run(status),
    ]
}
