//! The arguments of `helm clas plan`.

use std::path::PathBuf;

use clap::Args;

use super::VerifyForm;

#[derive(Debug, Args)]
#[command(after_help = "\
The plan follows from the files alone, so after each step the same command shows the next one. A cluster between two \
modes comes first, and no other cluster of its PCE starts meanwhile. Exit codes: 0 shown; 2 a file could not be read.")]
pub(crate) struct Plan {
    /// Files and folders to search; by default the current folder
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Print the way back to legacy instead of the way to CLAS
    #[arg(long)]
    pub(crate) revert: bool,
    /// Show only the first step
    #[arg(long)]
    pub(crate) next: bool,
    /// How many clusters of one PCE may be between two modes at once
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) at_once: usize,
    /// The version of the PCE for the commands, such as 24.2.20; by default each step asks its PCE (`auto`)
    #[arg(long, value_name = "VERSION")]
    pub(crate) pce_version: Option<String>,
    /// Output format
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: VerifyForm,
}
