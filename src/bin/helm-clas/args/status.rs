//! The arguments of `helm clas status`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::options::{PceOptions, Set, place_options, release};

#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Folders are searched for values files of the chart and of umbrella charts, for manifests of Argo CD, Flux, helmfile and \
kustomize, and for scripts and pipelines that run Helm, also in hidden files and folders (`.github`, `.gitlab-ci.yml`). Skipped are \
files that Git ignores, `.git`, chart templates without a release, and symbolic links that lead somewhere. Exit codes: \
0 the clusters are shown, even if something is wrong with them (use `check` for that); 1 with --exit-code, if something \
differs or is not known; 2 a file could not be read.")]
pub(crate) struct Status {
    /// Files and folders to search; by default the current folder
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// A values file of one cluster, as for `helm upgrade`; repeat it for several, `-` reads standard input
    #[arg(short = 'f', long = "values", value_name = "FILE", value_delimiter = ',')]
    pub(crate) files: Vec<String>,
    /// The place of the values, if the tool cannot find it: keys (`illumio`), or the name of a release in a manifest
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<String>,
    /// Output format
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: StatusForm,
    /// Compare the files of -f, or of each cluster of the folders, with its release, and with the PCE where an API key is
    /// given
    #[arg(long)]
    pub(crate) live: bool,
    /// Ask the PCE for every cluster that it knows, and compare them with the files
    #[arg(long = "pce")]
    pub(crate) with_pce: bool,
    /// With --live or --pce, exit with 1 unless the files, the release and the PCE are known to agree
    #[arg(long)]
    pub(crate) exit_code: bool,
    /// The name of the release for --live; by default illumio
    #[arg(long, value_name = "NAME", value_parser = release)]
    pub(crate) release: Option<String>,
    #[command(flatten)]
    pub(crate) set: Set,
    #[command(flatten)]
    pub(crate) pce: PceOptions,
}

impl Status {
    /// The options that name the values.
    pub(crate) fn place_options(&self) -> Vec<String> {
        place_options(&self.files, self.path.as_deref(), &self.set)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatusForm {
    Text,
    Json,
    Html,
    Markdown,
}
