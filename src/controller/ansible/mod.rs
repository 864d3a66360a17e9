//! Ansible: tasks of the module `kubernetes.core.helm`, in playbooks and in the task files of roles.

use std::iter;

mod conditions;
mod roles;
mod variables;

pub(crate) use self::{
    roles::brought_in,
    variables::{handed_over, variable_files},
};
use super::{Applying, Chart, Controller, Form, LayerRule, Rest, chart::plain, run, say, unread};
use crate::{
    files::{Found, Wanted, joined},
    finding::{Doubt, Finding, Severity},
    instruction::Instruction,
    mode::ClusterMode,
    open_word::is_filled_in,
    overrides::{Kind, Override},
    procedure::Deployer,
    release::{Layer, Named, Rank, Reach, Release},
    rule::Rule,
    shown::first,
    yaml::{Node, Scalar},
};

/// What people call it.
pub const IN_TASK: &str = "Ansible task";

/// A task. The files come first, then the values, then those that are set one by one.
pub(super) const TASK: Controller = Controller {
    title: IN_TASK,
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
    more: &[],
    name: "name",
    called: "name",
    traps: &[],
    deployer: Deployer::Helm,
    target: &["release_namespace", "namespace"],
    storage: &["release_namespace", "namespace"],
    source: "kubernetes.core documentation, helm module, set_values; plugins/modules/helm.py, deploy",
    rest: Rest {
        is: Some(is_tasks),
        is_folder_first: true,
        known: |chart| folders(chart.root, chart.files.name(chart.root.text.file)),
        places: Some(places),
        layers,
        findings,
        expanded,
        context: &["context", "kube_context"],
        apply,
        ..Rest::NOTHING
    },
};

/// The names of the module, new and old.
const MODULES: [&str; 3] = ["kubernetes.core.helm", "community.kubernetes.helm", "helm"];

/// Where a play, a block or a list of plays holds tasks.
pub(super) const LISTS: [&str; 8] =
    ["tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always", "roles"];

/// How deep blocks may be nested.
pub(super) const DEEPEST: usize = 16;

fn is_tasks(root: Node<'_>) -> bool {
    root.is_list()
}

/// The modules of all tasks, however deep in blocks.
fn places(root: Node<'_>) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    collect(root, &MODULES, DEEPEST, &mut found);
    found
}

fn collect<'s>(list: Node<'s>, modules: &[&str], depth: usize, found: &mut Vec<Node<'s>>) {
    for item in list.items().filter(|item| item.is_mapping()) {
        found.extend(modules.iter().filter_map(|module| item.get(module)).filter(|module| module.is_mapping()));
        for name in LISTS.iter().filter(|_| depth > 0) {
            item.get(name).into_iter().for_each(|list| collect(list, modules, depth - 1, found));
        }
    }
}

/// Of tasks that bring a chart, and of those that only render one, what gives it values by an expression that is filled in
/// when the task runs, each with whether it names files.
pub(crate) fn expressions(root: Node<'_>) -> Vec<(Node<'_>, bool)> {
    const RENDERING: [&str; 3] =
        ["kubernetes.core.helm_template", "community.kubernetes.helm_template", "helm_template"];
    const GIVING: [&str; 4] = ["values_files", "values", "release_values", "set_values"];
    let mut tasks = if root.is_list() { places(root) } else { Vec::new() };
    collect(root, &RENDERING, DEEPEST, &mut tasks);
    let is_known = |text: &str| file_of_lookup(text).is_some() || is_below_known(root, text);
    let is_open = |text: &str| text.contains("{{") && !is_known(text);
    let given = tasks.into_iter().flat_map(|task| GIVING.iter().filter_map(move |key| Some((task.get(key)?, *key))));
    let texts =
        given.flat_map(|(node, key)| iter::once(node).chain(node.items()).map(move |node| (node, key == GIVING[0])));
    texts.filter(|(node, _)| node.str().is_some_and(is_open)).collect()
}

/// The files that tasks copy to where a command may take them from. (Ansible documentation, `ansible.builtin.copy`)
pub(crate) fn copies(root: Node<'_>) -> Vec<Node<'_>> {
    const COPYING: [&str; 4] = ["copy", "ansible.builtin.copy", "template", "ansible.builtin.template"];
    let mut tasks = Vec::new();
    collect(root, &COPYING, DEEPEST, &mut tasks);
    tasks.into_iter().filter_map(|task| task.get("src")).collect()
}

/// What the defaults of modules around a task give it under a name, the nearest of them; nothing of what it has itself.
/// (Ansible documentation, Module defaults)
fn by_default<'s>(chart: &Chart<'_, 's>, name: &str) -> Option<Node<'s>> {
    if chart.get(name).is_some() {
        return None;
    }
    let path = chart.at.path();
    let around = (0..path.len()).rev().filter_map(|depth| chart.root.follow(&path[..depth])?.get("module_defaults"));
    around.flat_map(|defaults| MODULES.iter().filter_map(move |module| defaults.get(module)?.get(name))).next()
}

/// A text between quotes of one kind.
fn bare(quoted: &str) -> Option<&str> {
    let mark = quoted.trim().chars().next().filter(|mark| ['\'', '"'].contains(mark))?;
    quoted.trim().strip_prefix(mark)?.strip_suffix(mark).filter(|inside| !inside.contains(mark))
}

/// The file whose values an expression is, and nothing else: `{{ lookup('file', 'values.yaml') | from_yaml }}`.
fn file_of_lookup(text: &str) -> Option<&str> {
    let inside = text.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim();
    let (call, filter) = inside.strip_prefix("lookup(")?.split_once(')')?;
    let (lookup, name) = call.split_once(',')?;
    let is_file = ["file", "ansible.builtin.file"].contains(&bare(lookup)?);
    (is_file && filter.trim().strip_prefix('|')?.trim() == "from_yaml").then(|| bare(name)).flatten()
}

fn layers<'s>(chart: &Chart<'_, 's>) -> Vec<Layer<'s>> {
    let by_default = |name: &str| by_default(chart, name);
    let of_defaults = by_default("values_files").into_iter().flat_map(Node::items);
    let items = chart.items("values_files").chain(of_defaults).enumerate();
    let of_files = items.filter_map(|(number, item)| Some(file(chart, item, item.str()?, (0, number))));
    let of_place = ["values", "release_values"].iter().filter_map(|path| {
        let looked_up = chart.get(path).and_then(|node| Some((node, file_of_lookup(node.str()?)?)));
        let of_file = looked_up.map(|(node, name)| file(chart, node, name, (1, 1)));
        of_file.or_else(|| unread::in_place_of_mapping(chart, path, (1, 1)))
    });
    let whole = chart.get("values_files").filter(|files| !files.is_list() && files.scalar() != Some(Scalar::Null));
    let whole = whole.map(|files| unread::layer((0, 0), files, "the variables in `values_files`".to_owned()));
    let defaults = ["values", "release_values", "set_values"].into_iter().filter_map(by_default);
    let defaults = defaults.map(|node| unread::layer((4, 0), node, "`module_defaults`".to_owned()));
    of_files.chain(whole).chain(of_place).chain(unread_sets(chart)).chain(defaults).collect()
}

/// The variables that are folders, as they lead there from a file. (Ansible documentation, Special Variables)
fn folders(root: Node<'_>, file: &str) -> Vec<(String, String)> {
    let is_playbook = root.items().any(|play| play.get("hosts").is_some());
    let of_playbook = is_playbook.then(|| ("playbook_dir".to_owned(), ".".to_owned()));
    let of_role = is_of_role(file).then(|| ("role_path".to_owned(), "..".to_owned()));
    of_playbook.into_iter().chain(of_role).collect()
}

/// Whether tasks are those of a role.
fn is_of_role(file: &str) -> bool {
    file.contains("/tasks/")
}

/// Whether a name begins with a folder that is known, in a role or beside a playbook, and is plain behind it.
fn is_below_known(root: Node<'_>, name: &str) -> bool {
    let Some((variable, rest)) = name.strip_prefix("{{").and_then(|name| name.split_once("}}")) else { return false };
    let is_plain = rest.strip_prefix('/').and_then(plain).is_some();
    is_plain && folders(root, "/tasks/").iter().any(|(known, _)| known == variable.trim())
}

/// A file of values: beside the task, or in a folder `files` there or of the role. (Ansible documentation, Search paths
/// in Ansible; kubernetes.core, `plugins/action/k8s_info.py`)
fn file<'s>(chart: &Chart<'_, 's>, item: Node<'s>, name: &'s str, rank: Rank) -> Layer<'s> {
    let shown = format!("`{}`", name.escape_debug());
    let around = ["../files/", "../", "files/", ""].map(|folder| plain(name).map(|name| format!("{folder}{name}")));
    let skipped = if is_of_role(chart.files.name(chart.root.text.file)) { 0 } else { 2 };
    let of_folder =
        Some(chart.filled(name)).filter(|filled| filled != name).and_then(|it| plain(&it).map(str::to_owned));
    let around = around.into_iter().skip(skipped).flatten().chain(of_folder);
    let paths = around.map(|path| Wanted::File(joined(chart.files.name(chart.root.text.file), &path)));
    let wanted: Vec<Wanted> = paths.collect();
    let found = |wanted: &Wanted| chart.files.find(wanted, chart.root.text.file);
    let here = wanted.iter().find(|wanted| matches!(found(wanted), Found::Here(_)));
    let wanted =
        here.or_else(|| wanted.iter().find(|wanted| found(wanted) != Found::Absent)).or(wanted.last()).cloned();
    chart.looked_up(rank, Named { wanted, ..Named::only(shown, item.span()) }, None)
}

/// What `set_values` gives Helm as of `--set` and its siblings; nothing of an entry that is not known before the task
/// runs.
fn option(item: Node<'_>) -> Option<Override> {
    let kind = match item.str_at("value_type").unwrap_or("raw") {
        "raw" => Kind::Set,
        "string" => Kind::SetString,
        "json" => Kind::SetJson,
        _ => return None,
    };
    let text = item.str_at("value").filter(|text| !text.contains("{{") && !text.contains("{%"))?;
    Override::read(kind, text).ok().map(Override::of_task)
}

/// The entries of `set_values` that are not read, and may set a mode.
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
    layers.extend(whole.map(|sets| unread::layer((3, 0), sets, "the variables in `set_values`".to_owned())));
    layers
}

/// What sets the mode one by one stays above the values in which a step is taken.
fn findings(chart: &Chart<'_, '_>) -> Vec<Finding> {
    let sets = chart.items("set_values").filter(|item| option(*item).is_some());
    let said =
        sets.filter_map(|item| item.get("value").filter(|value| value.source().contains(crate::chart::MODE_KEY)));
    let finding = |value: Node<'_>| {
        let help = "write the mode into `values`, take the step there, and remove it here; or change it here by hand";
        let finding = Finding::new(
            Rule::ModeOverridden,
            "the mode is set here, and overrides `values` and every \
                                                          values file",
        );
        finding.help(help).weighing(Severity::Error).at(value.span())
    };
    let absent =
        ["state", "release_state"].into_iter().filter_map(|key| chart.get(key)).find(|it| it.str() == Some("absent"));
    let keeps =
        chart.get("reuse_values").filter(|_| is(chart, "reuse_values", true) && is(chart, "reset_values", false));
    let keeps = keeps.map(|at| {
        let message = "this keeps the values of the old release, including a removed mode";
        Finding::new(Rule::ReuseValues, message).help("write the mode out, or remove this").at(at.span())
    });
    said.map(finding)
        .chain(keeps)
        .chain(absent.map(not_installed))
        .chain(conditions::never(chart))
        .chain(of_items(chart))
        .collect()
}

/// Whether an option of the module is this. (kubernetes.core documentation, helm module, `reset_values`: it comes first)
fn is(chart: &Chart<'_, '_>, name: &str, value: bool) -> bool {
    chart.get(name).is_some_and(|node| node.scalar() == Some(Scalar::Bool(value)))
}

/// That the task takes the release away.
fn not_installed(state: Node<'_>) -> Finding {
    let message = "the task removes the release: its `state` is `absent`";
    let finding = Finding::new(Rule::NotInstalled, message).help("if the cluster should run it, change that first");
    finding.doubting(Doubt::Overridden).at(state.span())
}

/// What is set one by one overrides every file, and the values.
fn expanded<'s>(chart: &Chart<'_, 's>, release: Release<'s>) -> Vec<Release<'s>> {
    // what is not read may come after it
    let options =
        if unread_sets(chart).is_empty() { chart.items("set_values").filter_map(option).collect() } else { Vec::new() };
    vec![named(chart, Release { options, reach: reach(chart), arm: Some(conditions::arm(chart)), ..release })]
}

/// The release with the name that it has under the other name of that option. (kubernetes.core documentation, helm module,
/// `release_name`, alias `name`)
fn named<'s>(chart: &Chart<'_, 's>, mut release: Release<'s>) -> Release<'s> {
    if let Some(name) = chart.str("release_name").filter(|_| chart.get("name").is_none()) {
        let called = Some(name.to_owned()).filter(|name| !is_filled_in(name));
        name.clone_into(&mut release.id.name);
        release.id.called.clone_from(&called);
        release.id.helm_name = called;
    }
    release
}

/// The task of a module, and the play that it is in.
fn task_and_play<'s>(chart: &Chart<'_, 's>) -> (Option<Node<'s>>, Option<Node<'s>>) {
    let mut path = chart.at.path();
    path.pop();
    (chart.root.follow(&path), path.first().and_then(|first| chart.root.follow([first])))
}

/// The items that a task runs for, with the key that has them.
fn loop_of(task: Node<'_>) -> Option<(&str, Node<'_>)> {
    task.entries().find(|(key, _)| *key == "loop" || key.starts_with("with_"))
}

/// That items of a loop set modes of their own, with their lines.
fn of_items(chart: &Chart<'_, '_>) -> Option<Finding> {
    const SHOWN: usize = 8;
    let task = task_and_play(chart).0?;
    let (key, items) = loop_of(task)?;
    let mode = ["values", "release_values"].iter().find_map(|path| chart.get(path)?.get(crate::chart::MODE_KEY))?;
    let variable = task.str_at("loop_control.loop_var").unwrap_or("item");
    let inside = mode.str()?.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim();
    let name = inside.strip_prefix(variable)?.strip_prefix('.')?;
    let shown = |item: Node<'_>| {
        let value = item.get(name);
        let line = chart.files.position(item.text.file, value.unwrap_or(item).span().start).line;
        let mode = match value.map(|value| value.str().and_then(ClusterMode::named)) {
            Some(Some(mode)) => format!("`{mode}`"),
            Some(None) => "another value".to_owned(),
            None => "none".to_owned(),
        };
        format!("{mode} in line {line}")
    };
    let said = first(SHOWN, items.length(), ", ", items.items().map(shown));
    let is_set = items.items().any(|item| item.get(name).is_some());
    let message = format!("each item of `{key}` has a mode of its own: {said}");
    let help = "change it by hand in the item of the first cluster";
    is_set.then(|| Finding::new(Rule::ModeElsewhere, message).help(help).doubting(Doubt::Elsewhere).at(mode.span()))
}

/// A task runs once for each item of its loop, and on each host of the play. (Ansible documentation, Loops; Patterns)
fn reach(chart: &Chart<'_, '_>) -> Reach {
    let (task, play) = task_and_play(chart);
    let of_loop = task.and_then(loop_of).map_or(Reach::One, |(key, items)| {
        let names: Option<Vec<String>> = items.items().map(|item| item.str().map(str::to_owned)).collect();
        match names.filter(|names| !names.is_empty() && names.iter().all(|name| !name.contains("{{"))) {
            Some(names) => Reach::of(names),
            None if items.is_list() && items.length() == 1 => Reach::One,
            None => Reach::AllOf(format!("the items of `{key}`")),
        }
    });
    let is_once = task.is_some_and(|task| task.is_true_at("run_once")) || conditions::is_for_one_host(chart);
    let of_hosts = play.filter(|_| !is_once).map_or(Reach::One, hosts_of);
    of_loop.with(of_hosts).with(of_context(chart, task, play))
}

/// The hosts that a play runs on.
pub(super) fn hosts_of(play: Node<'_>) -> Reach {
    let hosts = play.get("hosts").filter(|_| !play.is_true_at("run_once"));
    hosts.map_or(Reach::One, |hosts| {
        let names: Vec<String> = hosts.items().filter_map(|host| host.str().map(str::to_owned)).collect();
        match hosts.str() {
            Some("all" | "*") => Reach::AllOf("the inventory".to_owned()),
            Some(pattern) if is_one_host(pattern) => Reach::One,
            Some(pattern) => Reach::AllOf(format!("the hosts `{}`", pattern.escape_debug())),
            None => Reach::of(names),
        }
    })
}

/// The clusters that a task goes to where its context, or the file of that, is a variable which the play does not set.
/// (kubernetes.core documentation, helm module, `context`, `kubeconfig`)
fn of_context<'s>(chart: &Chart<'_, 's>, task: Option<Node<'s>>, play: Option<Node<'s>>) -> Reach {
    const KEYS: [&str; 4] = ["context", "kube_context", "kubeconfig", "kubeconfig_path"];
    const VARIABLES: [&str; 2] = ["K8S_AUTH_CONTEXT", "K8S_AUTH_KUBECONFIG"];
    let around = [task, play].into_iter().flatten();
    let of_environment = around.clone().filter_map(|node| node.get("environment"));
    let of_environment = of_environment.flat_map(|set| VARIABLES.iter().filter_map(move |name| set.str_at(name)));
    let mut said = KEYS.iter().filter_map(|key| chart.str(key)).chain(of_environment);
    // the machine's own, or what the play sets, is one
    let is_known = |text: &str| {
        let name = text.trim_start_matches(['{', ' ']);
        let name = &name[..name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(name.len())];
        let is_set =
            |node: Node<'_>| node.get("vars").and_then(|vars| vars.str_at(name)).is_some_and(|it| !it.contains("{{"));
        let of_machine = ["lookup", "ansible_env", "playbook_dir", "role_path", "ansible_user_dir", "KUBECONFIG"];
        of_machine.contains(&name) || around.clone().any(is_set)
    };
    let open = said.find(|text| text.contains("{{") && !is_known(text));
    open.map_or(Reach::One, |text| Reach::AllOf(format!("the variable `{}`", text.escape_debug())))
}

/// Whether a pattern is for one host: any other name may be a group of the inventory. (Ansible documentation, Patterns)
fn is_one_host(pattern: &str) -> bool {
    let is_indexed = pattern.ends_with(']') && !pattern.contains([',', ':', '*']);
    let is_address = pattern.contains('.') && !pattern.contains([',', ':', '*', '{']);
    pattern == "localhost" || is_indexed || is_address
}

fn apply(applying: &Applying<'_>) -> Vec<Instruction> {
    // no playbook, but part of one
    if applying.file.split('/').any(|part| part == "tasks" || part == "handlers") {
        return vec![say(
            "run the playbook that has this task, only for this cluster; first as a dry run, then for real",
        )];
    }
    vec![
        say("run the playbook with this task, only for this cluster; first as a dry run, then for real:"),
        run(["ansible-playbook", applying.file, "--check", "--diff"]),
        run(["ansible-playbook", applying.file]),
    ]
}
