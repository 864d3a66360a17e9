//! The arguments of `helm clas plan`.

use std::path::PathBuf;

use clap::Args;

use super::{PceOptions, Running, VerifyForm};

#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[derive(Debug, Args)]
#[command(after_help = "\
The plan follows from the files, so after each step the same command shows the next one; --live and --pce ask the releases \
and the PCEs as well, and what disagrees or does not answer starts no step. A cluster that is between \
two modes comes first, and no other of its PCE starts meanwhile. Order, waves and freezes are in .helm-clas.yaml. \
Exit codes: 0 shown, or the step was taken and is right; 1 with --run, the step was refused or is not right, or none can be \
taken now; 2 a file could not be read, or a release or PCE could not be asked.")]
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
    /// Ask the release of each cluster for its mode
    #[arg(long)]
    pub(crate) live: bool,
    /// Ask the PCEs for their clusters; a cluster between two modes counts even if no file belongs to it
    #[arg(long = "pce")]
    pub(crate) with_pce: bool,
    /// Plan as if it were this time (UTC), for freezes
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// The version of the PCE for the commands, such as 24.2.20; by default each step asks its PCE (`auto`)
    #[arg(long, value_name = "VERSION")]
    pub(crate) pce_version: Option<String>,
    /// Output format
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: VerifyForm,
    // with --next, the step is taken
    #[command(flatten)]
    pub(crate) running: Running,
    #[command(flatten)]
    pub(crate) pce: PceOptions,
}
