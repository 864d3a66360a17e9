//! The arguments of `helm clas runbook`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::options::{PceOptions, ReleaseOptions, Set};

#[derive(Debug, Args)]
pub(crate) struct Runbook {
    /// Files and folders to search; each cluster in them gets a runbook
    #[arg(value_name = "PATH", conflicts_with_all = ["files", "path"])]
    pub(crate) paths: Vec<PathBuf>,
    /// A values file, as for `helm upgrade`; repeat it for several
    #[arg(short = 'f', long = "values", value_name = "FILE", required_unless_present = "paths", value_delimiter = ',')]
    pub(crate) files: Vec<String>,
    /// The version of the PCE, such as 24.2.20 or 23.5.0+A1; `auto` asks the PCE
    #[arg(long, value_name = "VERSION")]
    pub(crate) pce_version: Option<String>,
    /// The chart version that the release runs, if it is older than --version; then the software upgrade is the first step
    #[arg(long, value_name = "VERSION", conflicts_with = "live")]
    pub(crate) running: Option<String>,
    /// Ask the release which chart version it runs
    #[arg(long)]
    pub(crate) live: bool,
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
