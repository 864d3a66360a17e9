//! Ansible: tasks of the module `kubernetes.core.helm`, in playbooks and in the task files of roles.

use super::{Applying, Chart, Controller, Form, LayerRule, More, Rest, To, run, say, unread};
use crate::{instruction::Instruction, procedure::Deployer, release::Layer, yaml::Node};

/// A task. The files come first, then the values, then those that are set one by one.
pub(super) const TASK: Controller = Controller {
    title: "Ansible task",
    api: "",
    kind: "",
    root: "helm:",
    charts: "",
    chart: &["chart_ref", "chart_repo_url"],
    version: "chart_version",
    values: &[
        LayerRule { path: "values", level: 1, form: Form::Mapping },
        LayerRule { path: "release_values", level: 1, form: Form::Mapping },
    ],
    more: &[More { path: "values_files", level: 0, to: To::Beside, behind: "" }],
    name: "name",
    called: "name",
    traps: &[],
    deployer: Deployer::Helm,
    target: &["release_namespace", "namespace"],
    storage: &["release_namespace", "namespace"],
    source: "kubernetes.core documentation, helm module; plugins/modules/helm.py, deploy",
    rest: Rest { is: Some(is_tasks), places: Some(places), layers, apply, ..Rest::NOTHING },
};

/// The names of the module, new and old.
const MODULES: [&str; 3] = ["kubernetes.core.helm", "community.kubernetes.helm", "helm"];

/// Where a play, a block or a list of plays holds tasks.
const LISTS: [&str; 8] = ["tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always", "roles"];

/// How deep blocks may stand within blocks.
const DEEPEST: usize = 16;

fn is_tasks(root: Node<'_>) -> bool {
    root.is_list()
}

/// The modules of all tasks, however deep in blocks.
fn places(root: Node<'_>) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    collect(root, DEEPEST, &mut found);
    found
}

fn collect<'s>(list: Node<'s>, depth: usize, found: &mut Vec<Node<'s>>) {
    for item in list.items().filter(|item| item.is_mapping()) {
        found.extend(MODULES.iter().filter_map(|module| item.get(module)).filter(|module| module.is_mapping()));
        for name in LISTS.iter().filter(|_| depth > 0) {
            item.get(name).into_iter().for_each(|list| collect(list, depth - 1, found));
        }
    }
}

fn layers<'s>(chart: &Chart<'_, 's>) -> Vec<Layer<'s>> {
    let of_place =
        ["values", "release_values"].iter().filter_map(|path| unread::in_place_of_mapping(chart, path, (1, 1)));
    let sets = chart.items("set_values").enumerate().filter(|(_, item)| {
        let value = item.str_at("value").unwrap_or("{{");
        value.contains("{{") || value.contains(crate::chart::MODE_KEY)
    });
    let of_sets = sets.map(|(number, item)| unread::layer((3, number), item, "`set_values`".to_owned()));
    of_place.chain(of_sets).collect()
}

fn apply(applying: &Applying<'_>) -> Vec<Instruction> {
    vec![
        say("run the playbook that has this task, for this cluster alone; first to look, then to change:"),
        run(["ansible-playbook", applying.file, "--check", "--diff"]),
        run(["ansible-playbook", applying.file]),
    ]
}
