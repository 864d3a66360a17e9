//! The arguments of `helm clas policy rewrite`.

use std::path::PathBuf;

use clap::Args;

use super::{Form, PceOptions, PolicyFiles};

#[derive(Debug, Args)]
#[command(after_help = "\
Four files are written: `rewrite.md` for the change ticket, `requests.json` with bodies for the PCE's REST API, \
`rule-import.csv` for workloader, and `rules.tf` for Terraform. Nothing is sent. A rule is only rewritten where the new \
one is known to reach what the old one reached; the others are listed for a person to decide.")]
pub(crate) struct Rewrite {
    /// A folder as `policy export` writes it; without a folder or files, the PCE is asked
    #[arg(value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// Where the files go, a new or an empty folder; unless given, `rewrite` in DIR
    #[arg(long, value_name = "FOLDER")]
    pub(crate) into: Option<PathBuf>,
    /// The cluster to be migrated, by its name on the PCE or its UUID; unless given, `cluster_id` of the values, or all
    #[arg(long, value_name = "CLUSTER")]
    pub(crate) cluster: Option<String>,
    /// A values file, which names the cluster; repeat it for several
    #[arg(short = 'f', long = "values", value_name = "FILE", value_delimiter = ',')]
    pub(crate) values: Vec<String>,
    /// Where the values stand, if the tool cannot find them: keys (`illumio`), or the name of a release in a manifest
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<String>,
    /// Rewrite the drafts in place of what is in force
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
