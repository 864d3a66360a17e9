//! The arguments of `helm clas verify`.

use std::{path::PathBuf, time::Duration};

use clap::{Args, ValueEnum};
use helm_clas::{Carried, ClusterMode};

use super::options::{Everywhere, PceOptions, ProofOptions, Set, place_options, release};

#[derive(Clone, Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[command(after_help = "\
It reads the cluster through kubectl and the PCE with an API key, and changes nothing. With --before it runs the \
checks before the next step from the mode of the values, or before the step that --finish and --revert select; \
`--run` runs the same checks and obeys them. Exit codes: 0 every check passed or is left to you; 1 a check failed or \
had no answer, for example from the PCE without an API key; 2 the cluster or the PCE could not be asked.")]
pub(crate) struct Verify {
    /// Files and folders to search; each cluster in them is checked
    #[arg(value_name = "PATH", conflicts_with_all = ["files", "path", "cluster_id", "enforcement"])]
    pub(crate) paths: Vec<PathBuf>,
    /// A values file, which names the mode, the PCE, the cluster and its namespace; repeat it for several
    #[arg(short = 'f', long = "values", value_name = "FILE", value_delimiter = ',')]
    pub(crate) files: Vec<String>,
    /// The place of the values, if the tool cannot find it: keys (`illumio`), or the name of a release in a manifest
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<String>,
    /// Run the checks before the next step instead of those after the last one
    #[arg(long, conflicts_with_all = ["after_mode", "since", "enforcement"])]
    pub(crate) before: bool,
    /// With --before, check for the step back to legacy
    #[arg(long, requires = "before")]
    pub(crate) revert: bool,
    /// With --before, check for the step that finishes
    #[arg(long, requires = "before")]
    pub(crate) finish: bool,
    /// With --before, check for the software upgrade to --version, in the present mode
    #[arg(long, requires = "before", conflicts_with_all = ["revert", "finish"])]
    pub(crate) upgrade: bool,
    /// With --before, how many clusters of one PCE may be between two modes at once
    #[arg(long, value_name = "NUMBER", default_value_t = 1, requires = "before")]
    pub(crate) at_once: usize,
    /// The mode that the last step led to; by default the mode of the values
    #[arg(long, value_name = "MODE", value_parser = mode)]
    pub(crate) after_mode: Option<ClusterMode>,
    /// The name of the release, whose history shows whether the step reached the cluster; by default the name in the
    /// manifest, or illumio
    #[arg(long, value_name = "NAME", value_parser = release)]
    pub(crate) release: Option<String>,
    /// When the step was taken, if Helm's history does not say: how long ago (20m), or a time in UTC
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Ask again until every check passes, at most this long (10m)
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(crate) wait: Option<Duration>,
    /// Skip the checks that need the PCE
    #[arg(long)]
    pub(crate) without_pce: bool,
    /// The cluster's id on the PCE; by default `cluster_id` of the values
    #[arg(long, value_name = "ID")]
    pub(crate) cluster_id: Option<String>,
    /// A file of `enforcement save`, to check whether everything is restored
    #[arg(long, value_name = "FILE")]
    pub(crate) enforcement: Option<String>,
    /// Output format
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: VerifyForm,
    #[command(flatten)]
    pub(crate) set: Set,
    #[command(flatten)]
    pub(crate) proof: ProofOptions,
    #[command(flatten)]
    pub(crate) pce: PceOptions,
}

impl Verify {
    /// The options that name the PCE.
    pub(crate) fn asking(&self, everywhere: &Everywhere) -> Vec<String> {
        let pce = self.pce.given();
        let carried = Carried { config: everywhere.config.as_deref(), pce: &pce, ..Carried::default() };
        carried.asking().map(str::to_owned).collect()
    }

    /// The options that name the values.
    pub(crate) fn place_options(&self) -> Vec<String> {
        place_options(&self.files, self.path.as_deref(), &self.set)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum VerifyForm {
    Text,
    Json,
    Markdown,
}

fn mode(name: &str) -> Result<ClusterMode, String> {
    ClusterMode::named(name).ok_or_else(|| match ClusterMode::nearest(name) {
        Some(near) => format!("there is no mode of this name; did you mean `{near}`?"),
        None => format!("the modes are {}", ClusterMode::ALL.map(ClusterMode::as_str).join(", ")),
    })
}
