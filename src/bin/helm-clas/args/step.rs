//! The arguments of `helm clas migrate` and `helm clas revert`.

use clap::{Args, ValueEnum};
use helm_clas::{Rule, Verb};

use super::{
    options::{DiffOptions, PceOptions, ProofOptions, ReleaseOptions, Set, place_options, rule, without_option},
    running::Running,
};

#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// Finish the migration to CLAS, once every workload is active
    #[arg(long)]
    finish: bool,
    /// What only the way back has.
    #[arg(long, hide = true)]
    unset: bool,
    #[command(flatten)]
    step: Step,
}

#[derive(Debug, Args)]
pub(crate) struct Revert {
    /// Finish the way back to legacy, once every workload is active
    #[arg(long)]
    finish: bool,
    /// Remove the key instead of writing `legacy`
    #[arg(long, requires = "finish")]
    unset: bool,
    #[command(flatten)]
    step: Step,
}

// What `migrate` and `revert` have in common.
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[derive(Debug, Args)]
pub(crate) struct Step {
    /// A file that was named without `-f`.
    #[arg(value_name = "FILE", hide = true, value_parser = without_option)]
    stray: Vec<String>,
    /// A values file, as for `helm upgrade`; repeat it for several, `-` reads standard input
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
    /// Show how to restore the file exactly, if the step did not reach the release; --write restores it
    #[arg(long, conflicts_with = "run")]
    pub(crate) undo: bool,
    /// The default of this tool: nothing is written.
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) dry_run: Option<String>,
    /// Output format; yaml prints the whole changed file
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: StepForm,
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
    /// Take the step despite a rule: several-clusters-at-once moves all clusters that share a file
    #[arg(long = "allow", value_name = "RULE", value_parser = at_once)]
    pub(crate) allowed: Vec<Rule>,
    #[command(flatten)]
    pub(crate) set: Set,
    #[command(flatten)]
    pub(crate) proof: ProofOptions,
    #[command(flatten)]
    pub(crate) pce: PceOptions,
}

impl Step {
    /// How the diff is wanted.
    pub(crate) fn diff(&self) -> DiffOptions {
        DiffOptions { context: self.context, show_secrets: self.show_secrets }
    }

    /// The options that name the values.
    pub(crate) fn place_options(&self) -> Vec<String> {
        place_options(&self.files, self.path.as_deref(), &self.set)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StepForm {
    Text,
    Json,
    Yaml,
    Markdown,
}

/// A step as it was asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) verb: Verb,
    pub(crate) unset: bool,
    pub(crate) step: &'a Step,
}

impl Migrate {
    pub(crate) fn asked(&self) -> Asked<'_> {
        let verb = if self.finish { Verb::FinishMigrate } else { Verb::Migrate };
        Asked { verb, unset: self.unset, step: &self.step }
    }
}

impl Revert {
    pub(crate) fn asked(&self) -> Asked<'_> {
        let verb = if self.finish { Verb::FinishRevert } else { Verb::Revert };
        Asked { verb, unset: self.unset, step: &self.step }
    }
}

/// The one rule that can be allowed for a step.
pub(super) fn at_once(name: &str) -> Result<Rule, String> {
    let only = Rule::SeveralClustersAtOnce;
    if rule(name)? == only { Ok(only) } else { Err(format!("only `{}` can be allowed for a step", only.name())) }
}
