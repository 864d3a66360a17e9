//! The arguments of the commands that print what this tool knows: the matrix, the rules, schemas, scripts, pages.

use clap::{Args, ValueEnum};
use clap_complete::Shell;

use super::options::{Form, PceOptions};

#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 the matrix is shown, or these versions fit; 1 they do not; 2 it is not known, because a version is \
missing or not exact.")]
#[allow(clippy::struct_field_names)] // --compat has its name everywhere
pub(crate) struct Compat {
    /// The version of the PCE to ask about, together with --version; `auto` asks the PCE
    #[arg(long, value_name = "VERSION")]
    pub(crate) pce_version: Option<String>,
    /// A compatibility matrix to use instead of the shipped one
    #[arg(long, value_name = "FILE")]
    pub(crate) compat: Option<String>,
    /// Output format
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: Form,
    #[command(flatten)]
    pub(crate) pce: PceOptions,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The name of the rule, or of a check around a step
    pub(crate) rule: String,
    /// Output format
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: Form,
}

#[derive(Debug, Args)]
pub(crate) struct Rules {
    /// Output format
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: Form,
}

#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// What the schema describes
    #[arg(value_name = "WHAT", default_value = "values")]
    pub(crate) name: SchemaName,
    /// With `values`: mandatory values may be in another file
    #[arg(long)]
    pub(crate) partial: bool,
    /// With `values`: the keys above the values, as in an umbrella chart (`illumio`)
    #[arg(long, value_name = "KEYS")]
    pub(crate) path: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaName {
    /// The values of the chart, for an editor
    Values,
    /// What `-o json` prints
    Output,
    /// The compatibility matrix for `--compat`
    Compatibility,
    /// The file that `enforcement save` writes
    Enforcement,
    /// The file .helm-clas.yaml of a checkout
    Fleet,
}

#[derive(Debug, Args)]
pub(crate) struct Completion {
    /// The shell
    pub(crate) shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct Man {
    /// A command and its subcommand, if any: each has a page of its own
    pub(crate) command: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Version {
    /// Output format
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: Form,
}
