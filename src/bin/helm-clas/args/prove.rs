//! What `helm clas policy prove` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{PceOptions, PolicyFiles, PolicyOf};

#[derive(Debug, Args)]
#[command(after_help = "\
The tool compares which flows the rules in force allow in both models. A flow that is allowed before and not after is \
lost; one that is allowed after and not before is gained. What neither the input nor the vendor's pages decide is not \
known, with the reason. Every assumption is named. Exit codes: 0 nothing is lost; 1 something is lost; 2 nothing is \
proven to be lost, \
but not everything is known, or a file or the PCE could not be read.")]
pub(crate) struct Prove {
    #[command(flatten)]
    pub(crate) of: PolicyOf,
    /// Compare the rules in force before with the drafts after, as if they were provisioned
    #[arg(long)]
    pub(crate) draft: bool,
    /// Compare traffic with both models: a CSV that Explorer exported, or flows of the API as JSON
    #[arg(long, value_name = "FILE", conflicts_with = "days")]
    pub(crate) traffic: Option<PathBuf>,
    /// Compare the traffic of the last days with both models; the PCE is asked, and nothing is changed there
    #[arg(long = "traffic-days", value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=90))]
    pub(crate) days: Option<u32>,
    /// Output format
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: ProveForm,
    /// Exit with 0 whatever the result
    #[arg(long)]
    pub(crate) exit_zero: bool,
    #[command(flatten)]
    pub(crate) files: PolicyFiles,
    #[command(flatten)]
    pub(crate) pce: PceOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProveForm {
    Text,
    Json,
    Csv,
    Html,
}
