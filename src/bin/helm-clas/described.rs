//! The command line as people read it: what it calls itself, which options stand first, which do something where, and
//! examples. One row a command.

use std::env;

use clap::{Arg, Command, CommandFactory as _};

use super::Arguments;

/// What the program is called without Helm.
pub(crate) const ALONE: &str = "helm-clas";

/// What it is called as a plugin of Helm, and in the rows.
const OF_HELM: &str = "helm clas";

/// A command as its help shows it.
struct Row {
    /// Its name, with that of the command above it.
    name: &'static str,
    /// The command line with what it needs; empty where that shows by itself.
    usage: &'static str,
    /// Which of the options for every command do something here.
    takes: &'static [&'static str],
    examples: &'static [&'static str],
}

const VERSION: &[&str] = &["version"];
const FLEET: &[&str] = &["version", "config"];
const NAMESPACE: &[&str] = &["namespace", "config"];
const CLUSTER: &[&str] = &["version", "namespace", "kube_context", "kubeconfig", "config"];
const LIVE: &[&str] = &["namespace", "kube_context", "kubeconfig", "config"];

const fn row(
    name: &'static str,
    usage: &'static str,
    takes: &'static [&'static str],
    examples: &'static [&'static str],
) -> Row {
    Row { name, usage, takes, examples }
}

const STEP: &str = "--values <FILE> --version <VERSION> --pce-version <VERSION> [OPTIONS] [-- <OPTION>...]";

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row("migrate", STEP, CLUSTER, &[
        "helm clas migrate -f illumio-values.yaml --version 5.1.0 --pce-version 24.2.20",
        "helm clas migrate -f illumio-values.yaml --version 5.1.0 --pce-version 24.2.20 --write",
        "helm clas migrate --finish -f application.yaml --pce-version 24.2.20",
    ]),
    row("revert", STEP, CLUSTER, &[
        "helm clas revert -f illumio-values.yaml --version 5.1.0 --pce-version 24.2.20",
        "helm clas revert --finish --unset -f illumio-values.yaml --version 5.1.0 --pce-version 24.2.20",
    ]),
    row("upgrade", "--values <FILE> --version <VERSION> --pce-version <VERSION> [OPTIONS]", CLUSTER, &[
        "helm clas upgrade -f illumio-values.yaml --version 5.2.0 --pce-version 24.2.20",
    ]),
    row("status", "", LIVE, &[
        "helm clas status",
        "helm clas status clusters -o markdown",
        "helm clas status --live -f illumio-values.yaml",
    ]),
    row("plan", "", FLEET, &[
        "helm clas plan clusters --pce-version 24.2.20 --version 5.1.0",
    ]),
    row("check", "", FLEET, &[
        "helm clas check illumio-values.yaml",
        "helm clas check . --against origin/main -o github",
        "helm clas check --partial --fix --diff east.yaml",
    ]),
    row("policy", "", NAMESPACE, &[
        "helm clas policy -f illumio-values.yaml",
        "helm clas policy exported --service-cidr 10.96.0.0/12 --node-labels role=node",
    ]),
    row("policy export", "", &[], &["helm clas policy export exported -f illumio-values.yaml"]),
    row("policy rewrite", "", NAMESPACE, &["helm clas policy rewrite exported --into rewrite"]),
    row("policy prove", "", &[], &["helm clas policy prove exported"]),
    row("verify", "", CLUSTER, &[
        "helm clas verify -f illumio-values.yaml --wait 10m",
        "helm clas verify --before -f illumio-values.yaml",
    ]),
    row("enforcement", "", &[], &["helm clas enforcement save enforcement.json -f illumio-values.yaml"]),
    row("enforcement save", "", &[], &["helm clas enforcement save enforcement.json -f illumio-values.yaml"]),
    row("enforcement lower", "", &[], &[
        "helm clas enforcement lower enforcement.json -f illumio-values.yaml --nodes --write",
    ]),
    row("enforcement diff", "", &[], &["helm clas enforcement diff enforcement.json -f illumio-values.yaml"]),
    row("enforcement restore", "", &[], &[
        "helm clas enforcement restore enforcement.json -f illumio-values.yaml --write",
    ]),
    row("runbook", "--values <FILE> --version <VERSION> --pce-version <VERSION> [OPTIONS]", CLUSTER, &[
        "helm clas runbook -f illumio-values.yaml --version 5.1.0 --pce-version 24.2.20 -o markdown",
    ]),
    row("guard", "", &[], &["helm clas guard --controller flux --action warn"]),
    row("compat", "", VERSION, &[
        "helm clas compat",
        "helm clas compat --version 5.1.0 --pce-version 24.2.20",
    ]),
    row("explain", "", &[], &["helm clas explain wrong-step"]),
    row("rules", "", &[], &["helm clas rules -o json"]),
    row("schema", "", &[], &["helm clas schema values --partial --path illumio"]),
    row("completion", "", &[], &["helm clas completion bash"]),
    row("man", "", &[], &["helm clas man migrate"]),
    row("version", "", &[], &["helm clas version -o json"]),
];

/// Where the options for every command stand in the list: those that name the cluster behind a command's own, and last
/// those that do the same everywhere.
const BEHIND: [(&str, usize); 6] =
    [("namespace", 800), ("kube_context", 801), ("kubeconfig", 802), ("color", 900), ("quiet", 901), ("debug", 902)];

/// The options that do something in every command.
const EVERYWHERE: [&str; 3] = ["color", "quiet", "debug"];

/// The command line, under the name by which it was called.
pub(crate) fn command() -> Command {
    let is_plugin = env::var_os("HELM_PLUGIN_DIR").is_some();
    command_called(if is_plugin { OF_HELM } else { ALONE })
}

/// The command line under a name.
pub(crate) fn command_called(name: &'static str) -> Command {
    let command = Arguments::command().name(name).bin_name(name);
    let everywhere: Vec<Arg> = command.get_arguments().filter(|argument| argument.is_global_set()).cloned().collect();
    let command = command.mut_args(|argument| {
        let id = argument.get_id().as_str();
        // without a command they do nothing
        let is_idle = argument.is_hide_set() || !EVERYWHERE.contains(&id);
        let place = place(id).unwrap_or_default();
        argument.hide(is_idle).display_order(place)
    });
    described(command, "", name, &everywhere)
}

/// A command and those below it, with what their rows say.
fn described(mut command: Command, above: &str, called: &str, everywhere: &[Arg]) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in names {
        let full = if above.is_empty() { name.clone() } else { format!("{above} {name}") };
        command = command.mut_subcommand(&name, |sub| {
            let sub = match ROWS.iter().find(|row| row.name == full) {
                Some(row) => with_row(sub, row, called, everywhere),
                None => sub,
            };
            described(sub, &full, called, everywhere)
        });
    }
    command
}

fn with_row(command: Command, row: &Row, called: &str, everywhere: &[Arg]) -> Command {
    let needed = command.get_arguments().position(|argument| argument.get_id() == "files");
    let mut count = 0;
    let mut command = command.mut_args(|argument| {
        count += 1;
        argument.display_order(10 * count)
    });
    for argument in everywhere {
        let id = argument.get_id().as_str();
        let is_idle = !EVERYWHERE.contains(&id) && !row.takes.contains(&id);
        // the chart's version stands behind the files
        let of_version = || 10 * (needed.unwrap_or_default() + 1) + 1;
        let place = place(id).unwrap_or_else(of_version);
        command = command.arg(argument.clone().hide(argument.is_hide_set() || is_idle).display_order(place));
    }
    if !row.usage.is_empty() {
        command = command.override_usage(format!("{called} {} {}", row.name, row.usage));
    }
    let words = command.get_after_help().map(|words| format!("{words}\n\n")).unwrap_or_default();
    let examples = examples(row.name, called).into_iter().map(|line| format!("\n  {line}"));
    command.after_help(format!("{words}Examples:{}", examples.collect::<String>()))
}

/// The examples of a command.
pub(crate) fn examples(name: &str, called: &str) -> Vec<String> {
    let row = ROWS.iter().find(|row| row.name == name);
    let lines = row.into_iter().flat_map(|row| row.examples);
    lines.map(|line| line.replacen(OF_HELM, called, 1)).collect()
}

/// Where an option for every command stands in the list.
fn place(id: &str) -> Option<usize> {
    BEHIND.iter().find(|(name, _)| *name == id).map(|(_, place)| *place)
}
