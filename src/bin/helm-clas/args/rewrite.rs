//! The arguments of `helm clas policy rewrite`.

use std::path::PathBuf;

use clap::Args;

use super::{Form, PceOptions, PolicyFiles, PolicyOf};

#[derive(Debug, Args)]
#[command(after_help = "\
Four files are written: `rewrite.md` for the change ticket, `requests.json` with bodies for the PCE's REST API, \
`rule-import.csv` for workloader, and `rules.tf` for Terraform. Nothing is sent. A rule is rewritten only if the new \
one is known to reach what the old one reached; the others are listed for a person to decide.")]
pub(crate) struct Rewrite {
    #[command(flatten)]
    pub(crate) of: PolicyOf,
    /// The folder for the files, new or empty; by default `rewrite` in DIR
    #[arg(long, value_name = "FOLDER")]
    pub(crate) into: Option<PathBuf>,
    /// Rewrite the drafts instead of the rules in force
    #[arg(long)]
    pub(crate) draft: bool,
    /// Output format
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: Form,
    #[command(flatten)]
    pub(crate) files: PolicyFiles,
    #[command(flatten)]
    pub(crate) pce: PceOptions,
}
