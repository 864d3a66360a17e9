//! The arguments of `helm clas guard`.

use clap::{Args, ValueEnum};

use super::options::release;

#[derive(Debug, Args)]
#[command(after_help = "\
Pipe the output into `kubectl apply -f -` (Kubernetes 1.30 or later). The policies refuse a change of a HelmRelease \
or an Application that skips a step, changes mode and chart version together, or changes the version between two \
modes. They see only the object: not values in a ConfigMap, in `helm.values` as text, or in a file.")]
pub(crate) struct Guard {
    /// The controller whose objects are guarded
    #[arg(long, value_name = "CONTROLLER", default_value = "all")]
    pub(crate) controller: GuardedBy,
    /// The name of the chart in them
    #[arg(long, value_name = "NAME", default_value = "illumio", value_parser = release)]
    pub(crate) chart_name: String,
    /// What the API server does with a change that breaks the procedure
    #[arg(long, value_name = "ACTION", default_value = "deny")]
    pub(crate) action: GuardAction,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GuardedBy {
    All,
    Flux,
    ArgoCd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GuardAction {
    Deny,
    Warn,
    Audit,
}
