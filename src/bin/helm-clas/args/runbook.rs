//! The arguments of `helm clas runbook`.

use clap::{Args, ValueEnum};

use super::options::{PceOptions, ReleaseOptions, Set, without_option};

#[derive(Debug, Args)]
pub(crate) struct Runbook {
    /// A file that was named without `-f`.
    #[arg(value_name = "FILE", hide = true, value_parser = without_option)]
    stray: Vec<String>,
    /// A values file, as for `helm upgrade`; repeat it for several
    #[arg(short = 'f', long = "values", value_name = "FILE", required = true, value_delimiter = ',')]
    pub(crate) files: Vec<String>,
    /// The version of the PCE, such as 24.2.20 or 23.5.0+A1; `auto` asks the PCE
    #[arg(long, value_name = "VERSION")]
    pub(crate) pce_version: Option<String>,
    /// Print the way back to legacy instead of the way to CLAS
    #[arg(long)]
    pub(crate) revert: bool,
    /// The place of the values, if the tool cannot find it: keys (`illumio`), or the name of a release in a manifest
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<String>,
    /// Output format
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: RunbookForm,
    #[command(flatten)]
    pub(crate) release: ReleaseOptions,
    /// A compatibility matrix to use instead of the shipped one
    #[arg(long, value_name = "FILE")]
    pub(crate) compat: Option<String>,
    #[command(flatten)]
    pub(crate) set: Set,
    #[command(flatten)]
    pub(crate) pce: PceOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RunbookForm {
    Text,
    Markdown,
    Html,
}
