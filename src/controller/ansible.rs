//! Ansible: tasks of the module `kubernetes.core.helm`, in playbooks and in the task files of roles.

use super::{Applying, Chart, Controller, Form, LayerRule, More, Rest, To, run, say, unread};
use crate::{
    finding::{Finding, Severity},
    instruction::Instruction,
    overrides::{Kind, Override},
    procedure::Deployer,
    release::{Layer, Release},
    rule::Rule,
    yaml::{Node, Scalar},
};

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
    source: "kubernetes.core documentation, helm module, set_values; plugins/modules/helm.py, deploy",
    rest: Rest { is: Some(is_tasks), places: Some(places), layers, findings, expanded, apply, ..Rest::NOTHING },
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
    of_place.chain(unread_sets(chart)).collect()
}

/// What `set_values` gives Helm as of `--set` and its siblings; nothing of an entry that is not known before the task runs.
fn option(item: Node<'_>) -> Option<Override> {
    let kind = match item.str_at("value_type").unwrap_or("raw") {
        "raw" => Kind::Set,
        "string" => Kind::SetString,
        "json" => Kind::SetJson,
        _ => return None,
    };
    let text = item.str_at("value").filter(|text| !text.contains("{{") && !text.contains("{%"))?;
    Override::read(kind, text).ok()
}

/// The entries of `set_values` that are not read, and may say a mode.
fn unread_sets<'s>(chart: &Chart<'_, 's>) -> Vec<Layer<'s>> {
    let may_say = |item: Node<'_>| {
        let value = item.str_at("value").unwrap_or("{{");
        value.contains("{{") || value.contains("{%") || value.contains(crate::chart::MODE_KEY)
    };
    let is_unread = |(_, item): &(usize, Node<'s>)| option(*item).is_none() && may_say(*item);
    let unread = chart.items("set_values").enumerate().filter(is_unread);
    let mut layers: Vec<Layer<'s>> =
        unread.map(|(number, item)| unread::layer((3, number), item, "`set_values`".to_owned())).collect();
    let whole = chart.get("set_values").filter(|sets| !sets.is_list() && sets.scalar() != Some(Scalar::Null));
    layers.extend(whole.map(|sets| unread::layer((3, 0), sets, "what `set_values` stands for".to_owned())));
    layers
}

/// What sets the mode one by one stays above the values in which a step is taken.
fn findings(chart: &Chart<'_, '_>) -> Vec<Finding> {
    let sets = chart.items("set_values").filter(|item| option(*item).is_some());
    let said =
        sets.filter_map(|item| item.get("value").filter(|value| value.source().contains(crate::chart::MODE_KEY)));
    let finding = |value: Node<'_>| {
        let help = "write the mode into `values`, take the step there, and remove it here; or change it here by hand";
        let finding = Finding::new(Rule::ModeOverridden, "the mode is set here, above `values` and every values file");
        finding.help(help).weighing(Severity::Error).at(value.span())
    };
    said.map(finding).collect()
}

/// What is set one by one lies over every file, and over the values.
fn expanded<'s>(chart: &Chart<'_, 's>, release: Release<'s>) -> Vec<Release<'s>> {
    // what is not read may stand behind it
    let options =
        if unread_sets(chart).is_empty() { chart.items("set_values").filter_map(option).collect() } else { Vec::new() };
    vec![Release { options, ..release }]
}

fn apply(applying: &Applying<'_>) -> Vec<Instruction> {
    vec![
        say("run the playbook that has this task, for this cluster alone; first to look, then to change:"),
        run(["ansible-playbook", applying.file, "--check", "--diff"]),
        run(["ansible-playbook", applying.file]),
    ]
}
