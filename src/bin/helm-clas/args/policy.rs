//! The arguments of `helm clas policy`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use helm_clas::{
    Rule,
    policy::{address::Block, export},
};

use super::{
    options::{Form, PceOptions, Set, cidr, label, rule},
    prove::Prove,
    rewrite::Rewrite,
};

#[derive(Debug, Args)]
#[command(after_help = "\
The policy in force is checked rule by rule; drafts are only reported, unless you pass --draft. The policy is read \
from a folder, from files, or from the PCE. Exit codes: 0 no errors; 1 errors found; 2 a file could not be read, or \
the PCE could not be asked.")]
#[command(args_conflicts_with_subcommands = true)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Policy {
    #[command(subcommand)]
    pub(crate) command: Option<PolicyCommand>,
    #[command(flatten)]
    pub(crate) of: PolicyOf,
    /// The addresses of the cluster's services, to prove the mandatory rules; one block per IP family
    #[arg(long = "service-cidr", value_name = "CIDR", value_delimiter = ',', value_parser = cidr)]
    pub(crate) service_cidrs: Vec<Block>,
    /// The labels that every node of the cluster has, to prove the mandatory rules
    #[arg(long, value_name = "KEY=VALUE", value_delimiter = ',', value_parser = label)]
    pub(crate) node_labels: Vec<(String, String)>,
    /// Output format
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: PolicyForm,
    /// Check the drafts instead of the policy in force, as if they were provisioned
    #[arg(long)]
    pub(crate) draft: bool,
    /// Also show rules without findings
    #[arg(long)]
    pub(crate) all: bool,
    /// Treat warnings as errors
    #[arg(long)]
    pub(crate) strict: bool,
    /// Silence a rule; repeat it for several
    #[arg(long = "allow", value_name = "RULE", value_parser = rule)]
    pub(crate) allowed: Vec<Rule>,
    /// Exit with 0 even if there are errors
    #[arg(long)]
    pub(crate) exit_zero: bool,
    #[command(flatten)]
    pub(crate) files: PolicyFiles,
    #[command(flatten)]
    pub(crate) pce: PceOptions,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Save the policy of the PCE as files
    Export(Box<Export>),
    /// Write the rules that must change as files to apply
    Rewrite(Box<Rewrite>),
    /// Prove which flows are allowed before and after, or compare recorded traffic with both
    Prove(Box<Prove>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyForm {
    Text,
    Json,
    Sarif,
    Markdown,
    Html,
    Csv,
}

// Whose policy it is, and from where: what judging, rewriting and proving have in common.
#[derive(Debug, Args)]
pub(crate) struct PolicyOf {
    /// A folder that `policy export` wrote; by default the PCE is asked
    #[arg(value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// The cluster to migrate, by its name on the PCE or its UUID; by default `cluster_id` of the values, or all
    #[arg(long, value_name = "CLUSTER")]
    pub(crate) cluster: Option<String>,
    /// A values file, which names the cluster; repeat it for several
    #[arg(short = 'f', long = "values", value_name = "FILE", value_delimiter = ',')]
    pub(crate) values: Vec<String>,
    /// The place of the values, if the tool cannot find it: keys (`illumio`), or the name of a release in a manifest
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<String>,
    #[command(flatten)]
    pub(crate) set: Set,
}

// Files one by one, as the PCE answers them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Files, instead of a folder or in addition to it")]
pub(crate) struct PolicyFiles {
    /// The rule sets in force, from `sec_policy/active/rule_sets`
    #[arg(long, value_name = "FILE")]
    pub(crate) rule_sets: Option<PathBuf>,
    /// The rule sets in draft
    #[arg(long, value_name = "FILE")]
    pub(crate) draft_rule_sets: Option<PathBuf>,
    /// The virtual services
    #[arg(long, value_name = "FILE")]
    pub(crate) virtual_services: Option<PathBuf>,
    /// The virtual services in draft
    #[arg(long, value_name = "FILE")]
    pub(crate) draft_virtual_services: Option<PathBuf>,
    /// The label groups
    #[arg(long, value_name = "FILE")]
    pub(crate) label_groups: Option<PathBuf>,
    /// The services
    #[arg(long, value_name = "FILE")]
    pub(crate) services: Option<PathBuf>,
    /// The IP lists
    #[arg(long, value_name = "FILE")]
    pub(crate) ip_lists: Option<PathBuf>,
    /// The enforcement boundaries of older PCEs
    #[arg(long, value_name = "FILE")]
    pub(crate) enforcement_boundaries: Option<PathBuf>,
    /// The labels, for their names
    #[arg(long, value_name = "FILE")]
    pub(crate) labels: Option<PathBuf>,
    /// The container clusters, for their names
    #[arg(long, value_name = "FILE")]
    pub(crate) container_clusters: Option<PathBuf>,
    /// The profiles of the namespaces, for the enforcement of illumio-system
    #[arg(long, value_name = "FILE")]
    pub(crate) container_workload_profiles: Option<PathBuf>,
}

impl PolicyFiles {
    /// Each file with its name in an export.
    pub(crate) fn named(&self) -> [(&'static str, Option<&Path>); 11] {
        [
            (export::RULE_SETS, self.rule_sets.as_deref()),
            (export::DRAFT_RULE_SETS, self.draft_rule_sets.as_deref()),
            (export::VIRTUAL_SERVICES, self.virtual_services.as_deref()),
            (export::DRAFT_VIRTUAL_SERVICES, self.draft_virtual_services.as_deref()),
            (export::LABEL_GROUPS, self.label_groups.as_deref()),
            (export::SERVICES, self.services.as_deref()),
            (export::IP_LISTS, self.ip_lists.as_deref()),
            (export::ENFORCEMENT_BOUNDARIES, self.enforcement_boundaries.as_deref()),
            (export::LABELS, self.labels.as_deref()),
            (export::CONTAINER_CLUSTERS, self.container_clusters.as_deref()),
            (export::CONTAINER_WORKLOAD_PROFILES, self.container_workload_profiles.as_deref()),
        ]
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
The policy is saved as the PCE sent it, formatted for reading and comparing. What looks like a credential is masked, \
and the output says so.")]
pub(crate) struct Export {
    /// The folder, new or empty
    #[arg(value_name = "DIR")]
    pub(crate) folder: String,
    /// A values file, which names the PCE and the organisation; repeat it for several
    #[arg(short = 'f', long = "values", value_name = "FILE", value_delimiter = ',')]
    pub(crate) files: Vec<String>,
    /// The place of the values, if the tool cannot find it: keys (`illumio`), or the name of a release in a manifest
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<String>,
    /// Output format
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: Form,
    #[command(flatten)]
    pub(crate) set: Set,
    #[command(flatten)]
    pub(crate) pce: PceOptions,
}
