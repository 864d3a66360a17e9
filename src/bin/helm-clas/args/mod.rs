//! The command line: a file a command, and the options that several have.
//!
//! `--version` means the chart's version everywhere; `helm clas version` prints the plugin's own. Helm takes some
//! options for itself and hands others on before the command, so what is common to all commands may stand anywhere.

mod check;
pub(crate) mod colors;
pub(crate) mod described;
pub(crate) mod enforcement;
mod guard;
mod options;
mod pages;
pub(crate) mod plan;
mod policy;
pub(crate) mod prove;
pub(crate) mod rewrite;
mod runbook;
mod running;
mod status;
mod step;
pub(crate) mod upgrade;
mod verify;

use std::{env, ffi::OsString};

use clap::{ArgMatches, FromArgMatches as _, Parser, Subcommand};

pub(crate) use self::{
    check::{Check, CheckForm, FormInFile},
    guard::{Guard, GuardAction, GuardedBy},
    options::{
        Color, DiffOptions, Everywhere, Form, PceOptions, ProofOptions, ReleaseOptions, Set, Sources, without_option,
    },
    pages::{Compat, Completion, Explain, Man, Rules, Schema, SchemaName, Version},
    policy::{Export, Policy, PolicyCommand, PolicyFiles, PolicyForm, PolicyOf},
    runbook::{Runbook, RunbookForm},
    running::Running,
    status::{Status, StatusForm},
    step::{Asked, Migrate, Revert, Step, StepForm},
    verify::{Verify, VerifyForm},
};
use self::{enforcement::Enforcement, plan::Plan, prove::ProveForm, upgrade::Upgrade};

#[derive(Debug, Parser)]
#[command(
    name = "helm-clas",
    bin_name = "helm-clas",
    about = "Moves a cluster that runs Illumio Core from the legacy policy model to CLAS and back",
    long_about = "Moves a cluster that runs Illumio Core (Kubelink, C-VEN) from the legacy policy model to CLAS and \
                  back, one safe step at a time. Each step changes one key of the values file, `clusterMode`. The \
                  tool shows it as a diff, with the command to run and what to check; --write writes it.",
    after_help = "Exit codes: 0 shown, written, already there, or no errors; 1 refused, or errors found; 2 the tool \
                  could not do its work.",
    disable_version_flag = true,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) everywhere: Everywhere,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The command line. `--version` alone, without a command and a version of the chart, asks for this tool's own;
/// `help COMMAND` is `COMMAND --help`.
pub(crate) fn told() -> Vec<OsString> {
    let mut words: Vec<OsString> = env::args_os().collect();
    if let [_, word] = &mut words[..]
        && ["--version", "-V"].iter().any(|asking| word == asking)
    {
        *word = "version".into();
    }
    // standard input is a values file, not a folder to search
    if words.get(1).is_some_and(|word| word == "status")
        && let Some(place) = words.iter().position(|word| word == "-")
        && !["-f", "--values"].iter().any(|option| words[place - 1] == *option)
    {
        words[place] = "--values=-".into();
    }
    if words.get(1).is_some_and(|word| word == "help") {
        words.remove(1);
        words.push("--help".into());
    }
    words
}

impl Arguments {
    /// What some words ask for, with what clap knows of where each value comes from.
    pub(crate) fn of(words: &[OsString]) -> Result<(Self, ArgMatches), clap::Error> {
        let matches = described::command().try_get_matches_from(words)?;
        let arguments = Self::from_arg_matches(&matches).map_err(|error| error.format(&mut described::command()))?;
        Ok((arguments, matches))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the next step to CLAS; --write changes the file, --run upgrades the cluster as well
    Migrate(Migrate),
    /// Show the next step back to legacy; --write changes the file, --run upgrades the cluster as well
    Revert(Revert),
    /// Show an upgrade to another chart version in the present mode; --write changes the file
    Upgrade(Box<Upgrade>),
    /// List clusters with their modes and next steps
    Status(Status),
    /// Show the steps that are allowed now in a fleet, one cluster of a PCE at a time
    Plan(Plan),
    /// Check values files, and whether their changes follow the procedure
    Check(Check),
    /// Check the PCE's policy for what CLAS breaks or changes; export, rewrite or prove it
    Policy(Box<Policy>),
    /// Check the release, the pods and the PCE before or after a step
    Verify(Verify),
    /// Save, lower, compare and restore the enforcement modes of a cluster
    Enforcement(Enforcement),
    /// Print the whole procedure for a cluster, for a change ticket
    Runbook(Runbook),
    /// Print admission policies that refuse a skipped step
    Guard(Guard),
    /// Show which versions fit together, or whether two of them do
    Compat(Compat),
    /// Explain a rule: what it means, why it matters, what to do
    Explain(Explain),
    /// List the rules
    Rules(Rules),
    /// Print a JSON schema: of the chart's values, or of this tool's input and output
    Schema(Schema),
    /// Print a shell completion script for `helm-clas` (Helm completes its plugins by itself)
    Completion(Completion),
    /// Print a man page
    Man(Man),
    /// Print the version of this tool
    Version(Version),
}

/// The format in which a command that could not do its work says so.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureForm {
    Json,
    Markdown,
    Html,
    Csv,
    Sarif,
}

/// Whether a line of words can stand behind an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// It is read by a person.
    Prose,
    /// It is read by a program, which would not understand them.
    Data,
}

impl Command {
    /// Whether words can stand behind the answer.
    pub(crate) fn shape(&self) -> Shape {
        let is_report = matches!(self, Self::Check(Check { output, .. })
            if matches!(output, CheckForm::Sarif | CheckForm::Gitlab | CheckForm::Junit));
        if is_report || self.answers_json() { Shape::Data } else { Shape::Prose }
    }

    /// The format of the answer, where it has a place for a failure.
    pub(crate) fn failure_form(&self) -> Option<FailureForm> {
        let of_step = |form: StepForm| (form == StepForm::Markdown).then_some(FailureForm::Markdown);
        let of_page = |is_markdown, is_html| match (is_markdown, is_html) {
            (true, _) => Some(FailureForm::Markdown),
            (_, true) => Some(FailureForm::Html),
            _ => None,
        };
        if self.answers_json() {
            return Some(FailureForm::Json);
        }
        match self {
            Self::Migrate(migrate) => of_step(migrate.asked().step.output),
            Self::Revert(revert) => of_step(revert.asked().step.output),
            Self::Status(Status { output, .. }) => {
                of_page(*output == StatusForm::Markdown, *output == StatusForm::Html)
            }
            Self::Plan(Plan { output, .. }) | Self::Verify(Verify { output, .. }) => {
                of_page(*output == VerifyForm::Markdown, false)
            }
            Self::Runbook(Runbook { output, .. }) => {
                of_page(*output == RunbookForm::Markdown, *output == RunbookForm::Html)
            }
            Self::Policy(policy) => match &policy.command {
                None if policy.output == PolicyForm::Sarif => Some(FailureForm::Sarif),
                None if policy.output == PolicyForm::Csv => Some(FailureForm::Csv),
                Some(PolicyCommand::Prove(prove)) if prove.output == ProveForm::Csv => Some(FailureForm::Csv),
                None => of_page(policy.output == PolicyForm::Markdown, policy.output == PolicyForm::Html),
                Some(PolicyCommand::Prove(prove)) => of_page(false, prove.output == ProveForm::Html),
                Some(_) => None,
            },
            _ => None,
        }
    }

    /// Whether the answer is to be JSON.
    pub(crate) fn answers_json(&self) -> bool {
        match self {
            Self::Migrate(migrate) => migrate.asked().step.output == StepForm::Json,
            Self::Revert(revert) => revert.asked().step.output == StepForm::Json,
            Self::Upgrade(upgrade) => upgrade.output == Form::Json,
            Self::Status(status) => status.output == StatusForm::Json,
            Self::Check(check) => check.output == CheckForm::Json,
            Self::Enforcement(enforcement) => enforcement.answers_json(),
            Self::Policy(policy) => match &policy.command {
                Some(PolicyCommand::Export(export)) => export.output == Form::Json,
                Some(PolicyCommand::Rewrite(rewrite)) => rewrite.output == Form::Json,
                Some(PolicyCommand::Prove(prove)) => prove.output == ProveForm::Json,
                None => policy.output == PolicyForm::Json,
            },
            Self::Plan(Plan { output, .. }) | Self::Verify(Verify { output, .. }) => *output == VerifyForm::Json,
            Self::Compat(Compat { output, .. })
            | Self::Explain(Explain { output, .. })
            | Self::Rules(Rules { output })
            | Self::Version(Version { output }) => *output == Form::Json,
            Self::Runbook(_) | Self::Guard(_) | Self::Schema(_) | Self::Completion(_) | Self::Man(_) => false,
        }
    }
}
