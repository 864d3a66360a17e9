//! The arguments of `helm clas enforcement`.

use clap::{Args, Subcommand};

use super::{Form, PceOptions, Set};

// It saves, lowers, compares and puts back how the PCE enforces policy on a cluster.
#[derive(Debug, Args)]
#[command(after_help = "\
`lower --write` and `restore --write` are the only commands of this tool that ever write to a PCE; every other \
command only reads. They change the enforcement mode and nothing else. Exit codes: 0 saved, shown or done; 1 something was \
skipped or refused, or with `diff --exit-code` differs; 2 the file belongs to another cluster, or the PCE could not \
be asked.")]
pub(crate) struct Enforcement {
    #[command(subcommand)]
    pub(crate) word: Word,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Word {
    /// Save the enforcement modes of the cluster's namespaces and nodes in a new file
    Save(Save),
    /// Show what would be lowered to Visibility Only, or lower it with --write
    Lower(Lower),
    /// Show what differs from the saved modes, and who changed it since
    Diff(Diff),
    /// Show what would be restored, or restore it with --write
    Restore(Restore),
}

// What all of them take.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// The file with the saved modes
    #[arg(value_name = "FILE")]
    pub(crate) file: String,
    /// A values file, which names the PCE, the cluster and its namespace; repeat it for several
    #[arg(short = 'f', long = "values", value_name = "FILE", value_delimiter = ',')]
    pub(crate) values: Vec<String>,
    /// The place of the values, if the tool cannot find it: keys (`illumio`), or the name of a release in a manifest
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<String>,
    /// The cluster's id on the PCE; by default `cluster_id` of the values, or the cluster of the file
    #[arg(long, value_name = "ID")]
    pub(crate) cluster_id: Option<String>,
    /// Output format
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: Form,
    #[command(flatten)]
    pub(crate) set: Set,
    #[command(flatten)]
    pub(crate) pce: PceOptions,
}

#[derive(Debug, Args)]
pub(crate) struct Save {
    /// Add what is new on the PCE to an existing file, and keep what is in it
    #[arg(long)]
    pub(crate) add: bool,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Lower {
    /// Also lower the nodes: this opens what they protect
    #[arg(long)]
    pub(crate) nodes: bool,
    /// A namespace to lower; repeat it for several. By default Illumio's own
    #[arg(long = "profile", value_name = "NAMESPACE", value_delimiter = ',')]
    pub(crate) profiles: Vec<String>,
    /// Change the PCE
    #[arg(long)]
    pub(crate) write: bool,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// Exit with 1 if something differs
    #[arg(long)]
    pub(crate) exit_code: bool,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// Restore this namespace or node even if someone else changed it; repeat it for several
    #[arg(long = "also", value_name = "NAME", value_delimiter = ',')]
    pub(crate) named: Vec<String>,
    /// Change the PCE
    #[arg(long)]
    pub(crate) write: bool,
    #[command(flatten)]
    pub(crate) common: Common,
}

impl Enforcement {
    /// What all words take.
    pub(crate) const fn common(&self) -> &Common {
        match &self.word {
            Word::Save(Save { common, .. })
            | Word::Lower(Lower { common, .. })
            | Word::Diff(Diff { common, .. })
            | Word::Restore(Restore { common, .. }) => common,
        }
    }

    /// Whether the answer is to be JSON.
    pub(crate) fn answers_json(&self) -> bool {
        self.common().output == Form::Json
    }
}
