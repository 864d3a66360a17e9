//! The command line as people read it: what it calls itself, which options come first, which do something where, and
//! examples. One row a command.

use std::{env, fmt, sync::OnceLock};

use clap::{
    Arg, Command, CommandFactory as _,
    builder::{NonEmptyStringValueParser, StringValueParser, TypedValueParser as _},
};

use helm_clas::Called;

use super::{Arguments, colors};
use crate::paths;

/// The variable with the URL of the manual.
pub(crate) const MANUAL: &str = "HELM_CLAS_MANUAL";

/// The name of the program, and its manual where the environment names one. Helm passes a plugin its folder and its
/// name; another plugin that starts this program leaves its own there.
pub(crate) fn called() -> Called {
    static CALLED: OnceLock<Called> = OnceLock::new();
    *CALLED.get_or_init(|| {
        let is_of_helm = env::var_os("HELM_PLUGIN_DIR").is_some_and(|folder| !folder.is_empty())
            && env::var_os("HELM_PLUGIN_NAME").is_none_or(|name| name.is_empty() || name == "clas");
        let name = if is_of_helm { Called::OF_HELM } else { Called::ALONE };
        // the program has one environment, and it lasts as long as the program
        manual().and_then(|url| name.with_manual(url.leak())).unwrap_or(name)
    })
}

/// What the environment says is the URL of the manual.
fn manual() -> Option<String> {
    env::var(MANUAL).ok().filter(|url| !url.is_empty())
}

/// The URL of the manual, where it is not one.
pub(crate) fn bad_manual() -> Option<String> {
    manual().filter(|_| called().manual().is_none())
}

/// A command as its help shows it.
struct Row {
    /// Its name, with that of the command above it.
    name: &'static str,
    /// The command line with what it needs; empty where that shows by itself.
    usage: &'static str,
    /// Which of the options for every command do something here.
    takes: &'static [&'static str],
    /// Without the program's name.
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
    row("", "", &[], &[
        "status .",
        "migrate -f illumio-values.yaml --version 5.1.0 --pce-version 24.2.20",
        "verify -f illumio-values.yaml",
    ]),
    row("migrate", STEP, CLUSTER, &[
        "migrate -f illumio-values.yaml --version 5.1.0 --pce-version 24.2.20",
        "migrate -f illumio-values.yaml --version 5.1.0 --pce-version 24.2.20 --write",
        "migrate --finish -f application.yaml --pce-version 24.2.20",
    ]),
    row("revert", STEP, CLUSTER, &[
        "revert -f illumio-values.yaml --version 5.1.0 --pce-version 24.2.20",
        "revert --finish --unset -f illumio-values.yaml --version 5.1.0 --pce-version 24.2.20",
    ]),
    row("upgrade", "--values <FILE> --version <VERSION> --pce-version <VERSION> [OPTIONS] [-- <OPTION>...]", CLUSTER, &[
        "upgrade -f illumio-values.yaml --version 5.2.0 --pce-version 24.2.20",
    ]),
    row("status", "", LIVE, &[
        "status",
        "status clusters -o markdown",
        "status --live -f illumio-values.yaml",
    ]),
    row("plan", "", CLUSTER, &[
        "plan clusters --pce-version 24.2.20 --version 5.1.0",
    ]),
    row("check", "", FLEET, &[
        "check illumio-values.yaml",
        "check . --against origin/main -o github",
        "check --partial --fix --diff east.yaml",
    ]),
    row("policy", "", NAMESPACE, &[
        "policy -f illumio-values.yaml",
        "policy exported --service-cidr 10.96.0.0/12 --node-labels role=node",
    ]),
    row("policy export", "", &[], &["policy export exported -f illumio-values.yaml"]),
    row("policy rewrite", "", NAMESPACE, &["policy rewrite exported --into rewrite"]),
    row("policy prove", "", &[], &["policy prove exported"]),
    row("verify", "", CLUSTER, &[
        "verify -f illumio-values.yaml --wait 10m",
        "verify --before -f illumio-values.yaml",
    ]),
    row("enforcement", "", &[], &["enforcement save enforcement.json -f illumio-values.yaml"]),
    row("enforcement save", "", &[], &["enforcement save enforcement.json -f illumio-values.yaml"]),
    row("enforcement lower", "", &[], &[
        "enforcement lower enforcement.json -f illumio-values.yaml --nodes --write",
    ]),
    row("enforcement diff", "", &[], &["enforcement diff enforcement.json -f illumio-values.yaml"]),
    row("enforcement restore", "", &[], &[
        "enforcement restore enforcement.json -f illumio-values.yaml --write",
    ]),
    row("runbook", "(--values <FILE> | <PATH>...) --version <VERSION> --pce-version <VERSION> [OPTIONS]", CLUSTER, &[
        "runbook -f illumio-values.yaml --version 5.1.0 --pce-version 24.2.20 -o markdown",
    ]),
    row("guard", "", &[], &["guard --controller flux --action warn"]),
    row("compat", "", VERSION, &[
        "compat",
        "compat --version 5.1.0 --pce-version 24.2.20",
    ]),
    row("explain", "", &[], &["explain wrong-step", "explain policy-uses-labels"]),
    row("rules", "", &[], &["rules -o json"]),
    row("schema", "", &[], &["schema values --partial --path illumio"]),
    row("completion", "", &[], &["completion bash"]),
    row("man", "", &[], &["man migrate", "man policy export"]),
    row("version", "", &[], &["version -o json"]),
];

/// The place in the list of the options for every command: those that name the cluster after a command's own, and last
/// those that do the same everywhere.
const BEHIND: [(&str, usize); 6] =
    [("namespace", 800), ("kube_context", 801), ("kubeconfig", 802), ("color", 900), ("quiet", 901), ("debug", 902)];

/// What `--version` means where it is not the version that the release runs.
const VERSIONS: [(&str, &str); 5] = [
    ("upgrade", "The chart version to upgrade to"),
    ("runbook", "The chart version of the procedure; an older release is upgraded to it first"),
    ("plan", "The chart version of the migration; an older release is upgraded to it first"),
    ("check", "The chart version to check the values for"),
    ("compat", "The chart version to look up"),
];

/// The options that do something in every command but a few.
const EVERYWHERE: [&str; 3] = ["color", "quiet", "debug"];

/// Those few, which print only their answer and call no other program, and the options that do nothing there.
const IDLE: [(&[&str], &[&str]); 2] = [
    (&["compat", "explain", "rules", "schema", "completion", "man", "version", "guard"], &["quiet", "debug"]),
    (&["schema", "completion", "man", "version", "guard"], &["color"]),
];

/// The command line, under the name by which it was called.
pub(crate) fn command() -> Command {
    command_called(called())
}

/// The command line under a name.
pub(crate) fn command_called(called: Called) -> Command {
    let name = called.as_str();
    let command = Arguments::command().name(name).bin_name(name);
    let command = command.color(match colors::of_command_line() {
        anstream::ColorChoice::Never => clap::ColorChoice::Never,
        anstream::ColorChoice::Auto => clap::ColorChoice::Auto,
        anstream::ColorChoice::Always | anstream::ColorChoice::AlwaysAnsi => clap::ColorChoice::Always,
    });
    let everywhere: Vec<Arg> = command.get_arguments().filter(|argument| argument.is_global_set()).cloned().collect();
    let command = command.mut_args(|argument| {
        let id = argument.get_id().as_str();
        // without a command they do nothing
        let is_idle = argument.is_hide_set() || !EVERYWHERE.contains(&id);
        let place = place(id).unwrap_or_default();
        argument.hide(is_idle).display_order(place)
    });
    described(with_examples(command, "", name), "", name, &everywhere)
}

/// A command and those below it, with what their rows say.
fn described(mut command: Command, above: &str, called: &str, everywhere: &[Arg]) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    for name in names {
        let full = if above.is_empty() { name.clone() } else { format!("{above} {name}") };
        command = command.mut_subcommand(&name, |sub| {
            let sub = sub.mut_args(with_slashes);
            let sub = match ROWS.iter().find(|row| row.name == full) {
                Some(row) => with_row(sub, row, called, everywhere),
                None => sub,
            };
            described(sub, &full, called, everywhere)
        });
    }
    command
}

/// An option that names what the library reads takes the names as that knows them.
fn with_slashes(argument: Arg) -> Arg {
    match argument.get_id().as_str() {
        "chart" => argument.value_parser(NonEmptyStringValueParser::new().map(paths::slashed)),
        "files" | "values" if argument.get_short() == Some('f') => {
            argument.value_parser(StringValueParser::new().map(paths::slashed))
        }
        _ => argument,
    }
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
        let is_idle = if EVERYWHERE.contains(&id) {
            IDLE.iter().any(|(names, idle)| names.contains(&row.name) && idle.contains(&id))
        } else {
            !row.takes.contains(&id)
        };
        // the chart's version comes after the files
        let of_version = || 10 * (needed.unwrap_or_default() + 1) + 1;
        let place = place(id).unwrap_or_else(of_version);
        let mut argument = argument.clone().hide(argument.is_hide_set() || is_idle).display_order(place);
        if let Some((_, help)) = VERSIONS.iter().find(|(name, _)| id == "version" && *name == row.name) {
            argument = argument.help(format!("{help}: one exact version, such as 5.1.0"));
        }
        command = command.arg(argument);
    }
    if !row.usage.is_empty() {
        command = command.override_usage(format!("{called} {} {}", row.name, row.usage));
    }
    with_examples(command, row.name, called)
}

/// A command with its examples below its help.
fn with_examples(command: Command, name: &str, called: &str) -> Command {
    let words = command.get_after_help().map(|words| format!("{words}\n\n")).unwrap_or_default();
    let examples = examples(name, called).into_iter().map(|line| format!("\n  {line}"));
    command.after_help(format!("{words}Examples:{}", examples.collect::<String>()))
}

/// The examples of a command.
pub(crate) fn examples(name: &str, called: impl fmt::Display) -> Vec<String> {
    let row = ROWS.iter().find(|row| row.name == name);
    let lines = row.into_iter().flat_map(|row| row.examples);
    lines.map(|line| format!("{called} {line}")).collect()
}

/// The place of an option for every command in the list.
fn place(id: &str) -> Option<usize> {
    BEHIND.iter().find(|(name, _)| *name == id).map(|(_, place)| *place)
}
