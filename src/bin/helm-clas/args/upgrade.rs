//! The arguments of `helm clas upgrade`.

use clap::Args;
use helm_clas::Rule;

use super::{DiffOptions, Form, PceOptions, ReleaseOptions, Running, Set, step::at_once, without_option};

// The options of `helm clas upgrade`.
#[derive(Debug, Args)]
#[command(after_help = "\
The mode and all values stay. The version is edited where it is beside them (in a HelmRelease, an OCIRepository, an \
Application, a helmfile, a kustomization, a Chart.yaml and other manifests); otherwise it is in the printed command. Exit codes: 0 shown, \
written, or already there; 1 refused; 2 the tool could not do its work.")]
pub(crate) struct Upgrade {
    /// A file that was named without `-f`.
    #[arg(value_name = "FILE", hide = true, value_parser = without_option)]
    stray: Vec<String>,
    /// A values file or a manifest; repeat it for several
    #[arg(short = 'f', long = "values", value_name = "FILE", required = true, value_delimiter = ',')]
    pub(crate) files: Vec<String>,
    /// The version of the PCE, such as 24.2.20 or 23.5.0+A1; `auto` asks the PCE
    #[arg(long, value_name = "VERSION")]
    pub(crate) pce_version: Option<String>,
    /// The place of the values, if the tool cannot find it: keys (`illumio`), or the name of a release in a manifest
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<String>,
    /// Change the file
    #[arg(long)]
    pub(crate) write: bool,
    /// With --write, write the file even if it loses its access control list or extended attributes
    #[arg(long)]
    pub(crate) drop_attributes: bool,
    #[command(flatten)]
    pub(crate) running: Running,
    /// Output format
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: Form,
    #[command(flatten)]
    pub(crate) release: ReleaseOptions,
    /// A compatibility matrix to use instead of the shipped one
    #[arg(long, value_name = "FILE")]
    pub(crate) compat: Option<String>,
    /// How many unchanged lines the diff shows around the change
    #[arg(long, value_name = "LINES", default_value_t = 3)]
    pub(crate) context: usize,
    /// Show credentials near the change
    #[arg(long)]
    pub(crate) show_secrets: bool,
    /// Upgrade despite a rule: several-clusters-at-once upgrades all clusters that share the version
    #[arg(long = "allow", value_name = "RULE", value_parser = at_once)]
    pub(crate) allowed: Vec<Rule>,
    #[command(flatten)]
    pub(crate) set: Set,
    #[command(flatten)]
    pub(crate) pce: PceOptions,
}

impl Upgrade {
    /// How the diff is wanted.
    pub(crate) fn diff(&self) -> DiffOptions {
        DiffOptions { context: self.context, show_secrets: self.show_secrets }
    }
}
