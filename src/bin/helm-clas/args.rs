//! The command line.
//!
//! `--version` means the chart's version everywhere; `helm clas version` tells the plugin's own. Helm takes some
//! options for itself and hands others on before the command, so what is common to all commands may stand anywhere.

#[path = "command/plan/arguments.rs"]
pub(crate) mod plan;

#[path = "command/upgrade/arguments.rs"]
pub(crate) mod upgrade;

#[path = "command/policy/rewrite/arguments.rs"]
pub(crate) mod rewrite;

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{ArgMatches, Args, FromArgMatches as _, Parser, Subcommand, ValueEnum, builder::NonEmptyStringValueParser};
use clap_complete::Shell;
use helm_clas::{
    ClusterMode, Release, Rule, Verb,
    overrides::Kind,
    policy::{
        address::{Block, NoBlock},
        export,
    },
};

#[path = "command/policy/prove/arguments.rs"]
pub(crate) mod prove;

#[path = "described.rs"]
pub(crate) mod described;

#[derive(Debug, Parser)]
#[command(
    name = "helm-clas",
    bin_name = "helm-clas",
    about = "Moves a cluster that runs Illumio Core from the legacy policy model to CLAS and back",
    long_about = "Moves a cluster that runs Illumio Core (Kubelink, C-VEN) from the legacy policy model to CLAS and \
                  back, one safe step at a time. Each step changes one key of the values file, `clusterMode`; it is \
                  shown as a diff, with the command to run and what to check, and written with --write.",
    after_help = "Exit codes: 0 shown, written, already there, or nothing found; 1 refused, or errors found; 2 the \
                  tool could not do its work.",
    disable_version_flag = true,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) everywhere: Everywhere,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The command line. `--version` alone, without a command and a version of the chart, asks for this tool's own;
/// `help COMMAND` is `COMMAND --help`.
pub(crate) fn told() -> Vec<OsString> {
    let mut words: Vec<OsString> = env::args_os().collect();
    if let [_, word] = &mut words[..]
        && ["--version", "-V"].iter().any(|asking| word == asking)
    {
        *word = "version".into();
    }
    // standard input is a values file, not a folder to search
    if words.get(1).is_some_and(|word| word == "status")
        && let Some(place) = words.iter().position(|word| word == "-")
        && !["-f", "--values"].iter().any(|option| words[place - 1] == *option)
    {
        words[place] = "--values=-".into();
    }
    if words.get(1).is_some_and(|word| word == "help") {
        words.remove(1);
        words.push("--help".into());
    }
    words
}

impl Arguments {
    /// What some words ask for, with what clap knows of where each value comes from.
    pub(crate) fn of(words: &[OsString]) -> Result<(Self, ArgMatches), clap::Error> {
        let matches = described::command().try_get_matches_from(words)?;
        let arguments = Self::from_arg_matches(&matches).map_err(|error| error.format(&mut described::command()))?;
        Ok((arguments, matches))
    }
}

/// What may stand anywhere on the command line.
#[derive(Debug, Args)]
pub(crate) struct Everywhere {
    /// The chart version the release runs: one exact version, such as 5.1.0
    #[arg(long, value_name = "VERSION", global = true)]
    pub(crate) version: Option<String>,
    /// The namespace of the release (Helm passes it on; `default` means illumio-system)
    #[arg(short, long, value_name = "NAMESPACE", global = true, env = "HELM_NAMESPACE", hide_env = true)]
    pub(crate) namespace: Option<String>,
    /// The context of the cluster in your kubeconfig (Helm passes it on)
    #[arg(long, value_name = "NAME", global = true, env = "HELM_KUBECONTEXT", hide_env = true)]
    pub(crate) kube_context: Option<String>,
    /// The kubeconfig that names the cluster (Helm passes it on); unless given, kubectl's own
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) kubeconfig: Option<String>,
    /// What is said of the clusters; unless given, the nearest .helm-clas.yaml up to the top of the checkout
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<String>,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub(crate) color: Color,
    /// Print nothing but the answer itself
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Show what helm, kubectl, git and the PCE are asked, without credentials
    #[arg(long, global = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOLEAN")]
    pub(crate) debug: Option<String>,
    /// What Helm 3 and 4 hand on although they act on it themselves.
    #[arg(long, global = true, hide = true)]
    qps: Option<String>,
    #[arg(long, global = true, hide = true)]
    burst_limit: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the next step towards CLAS, or make it with --write, or with --run on the cluster as well
    Migrate(Migrate),
    /// Show the next step back to the legacy model, or make it with --write, or with --run on the cluster as well
    Revert(Revert),
    /// Show the software upgrade to another chart version in the present mode, or write it with --write
    Upgrade(Box<upgrade::Upgrade>),
    /// Show where clusters stand, and what is next
    Status(Status),
    /// Show the next steps that the procedure allows in a fleet, one cluster of a PCE at a time
    Plan(plan::Plan),
    /// Judge values files, and whether their change follows the procedure
    Check(Check),
    /// Check the policy of the PCE for what CLAS breaks or changes, or save it
    Policy(Box<Policy>),
    /// Check what a step has done to the cluster and on the PCE
    Verify(Verify),
    /// Save, lower, compare and put back how the PCE enforces policy on a cluster
    Enforcement(crate::command::enforcement::Enforcement),
    /// Write out the whole procedure for a cluster, for a change ticket
    Runbook(Runbook),
    /// Print the procedure's table as admission policies, which refuse a skipped step in a manifest
    Guard(Guard),
    /// Show which versions fit together, or whether these do
    Compat(Compat),
    /// Explain a rule: what it means, why it matters, what to do
    Explain(Explain),
    /// List the rules
    Rules(Rules),
    /// Print a JSON schema: of the chart's values, or of what this tool prints and reads
    Schema(Schema),
    /// Print a script that completes `helm-clas` in a shell (Helm completes its plugins by itself)
    Completion(Completion),
    /// Print a page for `man`
    Man(Man),
    /// Tell the version of this tool
    Version(Version),
}

#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// Arrive in CLAS, once every workload is active
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
    /// Arrive in the legacy model, once every workload is active
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
    /// Where the values stand, if it cannot be told: keys (`illumio`), or the name of a release in a manifest
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<String>,
    /// Change the file
    #[arg(long)]
    pub(crate) write: bool,
    /// With --write, write the file even where it loses its access control list or extended attributes
    #[arg(long)]
    pub(crate) drop_attributes: bool,
    /// Change the file, run `helm upgrade`, and wait until Kubelink and the C-VENs have restarted
    #[arg(long)]
    pub(crate) run: bool,
    /// Put the file back, exactly, where the step did not reach the release; shown, or made with --write
    #[arg(long, conflicts_with = "run")]
    pub(crate) undo: bool,
    /// How long --run waits for them; Helm's own --wait stands behind `--`
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = humantime::parse_duration)]
    pub(crate) wait: Duration,
    /// With --run, take the step although this check before it is not right; repeat it for several
    #[arg(long, value_name = "ID", requires = "run")]
    pub(crate) despite: Vec<String>,
    /// With --run, leave the checks that the PCE would answer to yourself
    #[arg(long, requires = "run")]
    pub(crate) without_pce: bool,
    /// What --run adds to `helm upgrade`, behind `--`
    #[arg(last = true, value_name = "OPTION", requires = "run")]
    pub(crate) more: Vec<String>,
    /// What this tool does unless told to write.
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) dry_run: Option<String>,
    /// The form of the answer; yaml prints the whole changed file
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: StepForm,
    #[command(flatten)]
    pub(crate) release: ReleaseOptions,
    /// A compatibility matrix in place of the shipped one
    #[arg(long, value_name = "FILE")]
    pub(crate) compat: Option<String>,
    /// How many unchanged lines the diff shows around the change
    #[arg(long, value_name = "LINES", default_value_t = 3)]
    pub(crate) context: usize,
    /// Show credentials that stand near the change
    #[arg(long)]
    pub(crate) show_secrets: bool,
    /// Take the step in spite of a rule: several-clusters-at-once moves all clusters of a shared spot
    #[arg(long = "allow", value_name = "RULE", value_parser = at_once)]
    pub(crate) allowed: Vec<Rule>,
    #[command(flatten)]
    pub(crate) set: Set,
    #[command(flatten)]
    pub(crate) proof: ProofOptions,
    #[command(flatten)]
    pub(crate) pce: PceOptions,
}

// Values beside the files. Helm lets the kind of the option decide, from `--set-json` to `--set-literal`, and then the
// last.
#[derive(Debug, Args)]
#[command(next_help_heading = "Values beside the files, as for `helm upgrade`")]
#[allow(clippy::struct_field_names, reason = "the names are Helm's")]
pub(crate) struct Set {
    /// Values, typed as Helm does
    #[arg(long, value_name = "NAME=VALUE,...")]
    set: Vec<String>,
    /// Values that are text
    #[arg(long, value_name = "NAME=TEXT,...")]
    set_string: Vec<String>,
    /// Values that are JSON
    #[arg(long, value_name = "NAME=JSON,...")]
    set_json: Vec<String>,
    /// Values that are the content of files
    #[arg(long, value_name = "NAME=FILE,...")]
    set_file: Vec<String>,
    /// A value that is text up to its end
    #[arg(long, value_name = "NAME=TEXT")]
    set_literal: Vec<String>,
}

impl Set {
    /// Each option with what stands behind it, within a kind as they were given.
    pub(crate) fn given(&self) -> impl Iterator<Item = (Kind, &String)> {
        let kinds = [
            (Kind::SetJson, &self.set_json),
            (Kind::Set, &self.set),
            (Kind::SetString, &self.set_string),
            (Kind::SetFile, &self.set_file),
            (Kind::SetLiteral, &self.set_literal),
        ];
        kinds.into_iter().flat_map(|(kind, texts)| texts.iter().map(move |text| (kind, text)))
    }
}

// What the printed commands upgrade.
#[derive(Debug, Args)]
pub(crate) struct ReleaseOptions {
    /// The name of the release
    #[arg(long = "release", value_name = "NAME", default_value = Release::default().name, value_parser = release)]
    pub(crate) name: String,
    /// The chart
    #[arg(long, value_name = "CHART", default_value = Release::default().chart, value_parser = NonEmptyStringValueParser::new())]
    pub(crate) chart: String,
}

pub(crate) fn without_option(name: &str) -> Result<String, String> {
    Err(format!("values files are named with -f, as for `helm upgrade`: -f {name}"))
}

fn with_option(name: &str) -> Result<String, String> {
    Err(format!("each file is judged by itself, so files are named without -f: check {name}"))
}

/// The name of a release, as Helm has it. (`pkg/chartutil/validate_name.go`)
fn release(name: &str) -> Result<String, String> {
    const LONGEST: usize = 53;
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_part = |part: &str| {
        part.starts_with(is_letter) && part.ends_with(is_letter) && part.chars().all(|c| is_letter(c) || c == '-')
    };
    if name.len() <= LONGEST && name.split('.').all(is_part) {
        return Ok(name.to_owned());
    }
    Err(format!("Helm takes small letters, digits, `-` and `.` for it, at most {LONGEST}, as in illumio-east"))
}

// Which PCE is asked, as whom. The secret of the API key has no option: options stand in the list of processes.
#[derive(Debug, Args)]
#[command(next_help_heading = "PCE (the secret of the API key is read from ILLUMIO_API_KEY_SECRET)")]
pub(crate) struct PceOptions {
    /// Its host and port; unless given, `pce_url` of the values
    #[arg(long = "pce-host", value_name = "HOST:PORT", env = "ILLUMIO_PCE_HOST", hide_env_values = true)]
    pub(crate) host: Option<String>,
    /// The number of the organisation; unless given, what `cluster_token` of the values begins with
    #[arg(long = "pce-org", value_name = "NUMBER", env = "ILLUMIO_PCE_ORG_ID", hide_env_values = true)]
    pub(crate) org: Option<String>,
    /// The name of the API key, `api_...`
    #[arg(long = "pce-user", value_name = "NAME", env = "ILLUMIO_API_KEY_USERNAME", hide_env_values = true)]
    pub(crate) user: Option<String>,
    /// A PEM file with authorities to trust beside those of the system, or with the PCE's own certificate
    #[arg(long = "pce-ca-file", value_name = "FILE", env = "ILLUMIO_CA_FILE", hide_env_values = true)]
    pub(crate) ca_file: Option<String>,
    /// How long the PCE may take to begin an answer
    #[arg(long = "pce-timeout", value_name = "TIME", default_value = "30s", value_parser = humantime::parse_duration)]
    pub(crate) timeout: Duration,
}

// The facts by which the rules that CLAS cannot do without are proven.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Facts that prove the mandatory rules")]
pub(crate) struct ProofOptions {
    /// The addresses of the cluster's services; one block a family
    #[arg(long = "service-cidr", value_name = "CIDR", value_delimiter = ',', value_parser = cidr)]
    pub(crate) service_cidrs: Vec<Block>,
    /// The labels that every node of the cluster has
    #[arg(long, value_name = "KEY=VALUE", value_delimiter = ',', value_parser = label)]
    pub(crate) node_labels: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum VerifyForm {
    Text,
    Json,
    Markdown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StepForm {
    Text,
    Json,
    Yaml,
    Markdown,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Folders are searched for values files of the chart, of umbrella charts too, and for manifests of Argo CD, Flux, \
helmfile and kustomize. What git ignores, what is hidden, templates of charts that bring no release, and symbolic links are passed \
over. Exit codes: 0 the clusters are shown, whatever is wrong with them (`check` judges); 2 a file could not be \
read.")]
pub(crate) struct Status {
    /// Files and folders to search; the current folder where nothing is named
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// A values file of one cluster, as for `helm upgrade`; repeat it for several, `-` reads standard input
    #[arg(short = 'f', long = "values", value_name = "FILE", value_delimiter = ',')]
    pub(crate) files: Vec<String>,
    /// Where the values stand, if it cannot be told: keys (`illumio`), or the name of a release in a manifest
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<String>,
    /// The form of the answer
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: StatusForm,
    /// Compare the files of -f with the release on the cluster, and with the PCE where an API key is given
    #[arg(long, requires = "files")]
    pub(crate) live: bool,
    /// Ask the PCE for every cluster that it knows, and hold them against those of the files
    #[arg(long = "pce")]
    pub(crate) with_pce: bool,
    /// With --live or --pce, exit with 1 unless the files, the release and the PCE are known to agree
    #[arg(long)]
    pub(crate) exit_code: bool,
    /// The name of the release that --live asks for; unless given, illumio
    #[arg(long, value_name = "NAME", value_parser = release)]
    pub(crate) release: Option<String>,
    #[command(flatten)]
    pub(crate) set: Set,
    #[command(flatten)]
    pub(crate) pce: PceOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatusForm {
    Text,
    Json,
    Html,
    Markdown,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Of the files given, those of other charts are skipped. Exit codes: 0 nothing found but warnings and remarks; 1 \
errors found; 2 a file could not be read, or git could not tell what changed.

Run by pre-commit before a push, or with --from-ref and --to-ref, it judges the change between those two revisions: \
pre-commit sets PRE_COMMIT_FROM_REF and PRE_COMMIT_TO_REF, and --against has precedence over them. Run by pre-commit \
otherwise, --staged compares HEAD with the work tree, from which pre-commit has taken what is not staged.")]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Check {
    /// The values files, manifests, and folders to search; `-` reads standard input
    #[arg(value_name = "PATH", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// A file that was named with `-f`.
    #[arg(short = 'f', long = "values", value_name = "FILE", hide = true, value_parser = with_option)]
    stray: Vec<String>,
    /// The version of the PCE, such as 24.2.20 or 23.5.0+A1; `auto` asks the PCE
    #[arg(long, value_name = "VERSION")]
    pub(crate) pce_version: Option<String>,
    /// A compatibility matrix in place of the shipped one
    #[arg(long, value_name = "FILE")]
    pub(crate) compat: Option<String>,
    /// The form of the answer
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: CheckForm,
    /// Write the answer in another form to a file as well, as in sarif:helm-clas.sarif; repeat it for several
    #[arg(long = "output-file", value_name = "FORM:FILE", value_parser = form_in_file)]
    pub(crate) output_files: Vec<FormInFile>,
    /// Mandatory values may come from elsewhere: from another file, or from --set
    #[arg(long)]
    pub(crate) partial: bool,
    /// Take warnings for errors
    #[arg(long)]
    pub(crate) strict: bool,
    /// Silence a rule; repeat it for several
    #[arg(long = "allow", value_name = "RULE", value_parser = rule)]
    pub(crate) allowed: Vec<Rule>,
    /// Judge files that do not look like this chart's, too
    #[arg(long)]
    pub(crate) no_skip: bool,
    /// How many clusters may be between two modes at once
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) max_migrating: usize,
    /// Judge how each file changed since a git revision, too
    #[arg(long, value_name = "REVISION", conflicts_with = "staged")]
    pub(crate) against: Option<String>,
    /// Judge each file as it is staged, and how that differs from HEAD
    #[arg(long)]
    pub(crate) staged: bool,
    /// Mend what is certain, in the work tree; what is left is judged anew
    #[arg(long)]
    pub(crate) fix: bool,
    /// With --fix, write the file even where it loses its access control list or extended attributes
    #[arg(long)]
    pub(crate) drop_attributes: bool,
    /// Show what --fix would mend as a diff, without writing; with --fix, show what it mends
    #[arg(long)]
    pub(crate) diff: bool,
    /// Exit with 0 although errors were found
    #[arg(long)]
    pub(crate) exit_zero: bool,
    #[command(flatten)]
    pub(crate) pce: PceOptions,
}

#[derive(Debug, Args)]
pub(crate) struct Runbook {
    /// A file that was named without `-f`.
    #[arg(value_name = "FILE", hide = true, value_parser = without_option)]
    stray: Vec<String>,
    /// A values file, as for `helm upgrade`; repeat it for several
    #[arg(short = 'f', long = "values", value_name = "FILE", required = true, value_delimiter = ',')]
    pub(crate) files: Vec<String>,
    /// The version of the PCE, such as 24.2.20 or 23.5.0+A1; `auto` asks the PCE
    #[arg(long, value_name = "VERSION")]
    pub(crate) pce_version: Option<String>,
    /// The way back to the legacy model, not the way to CLAS
    #[arg(long)]
    pub(crate) revert: bool,
    /// Where the values stand, if it cannot be told: keys (`illumio`), or the name of a release in a manifest
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<String>,
    /// The form of the answer
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: RunbookForm,
    #[command(flatten)]
    pub(crate) release: ReleaseOptions,
    /// A compatibility matrix in place of the shipped one
    #[arg(long, value_name = "FILE")]
    pub(crate) compat: Option<String>,
    #[command(flatten)]
    pub(crate) set: Set,
    #[command(flatten)]
    pub(crate) pce: PceOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RunbookForm {
    Text,
    Markdown,
    Html,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckForm {
    Text,
    Json,
    Sarif,
    Github,
    Gitlab,
    Junit,
    Markdown,
}

/// A form of the answer, and the file that it is written to.
#[derive(Clone, Debug)]
pub(crate) struct FormInFile {
    pub(crate) form: CheckForm,
    pub(crate) file: PathBuf,
}

fn form_in_file(text: &str) -> Result<FormInFile, String> {
    let help = "name the form and the file, as in sarif:helm-clas.sarif";
    let (form, file) = text.split_once(':').filter(|(_, file)| !file.is_empty()).ok_or(help)?;
    let form = CheckForm::from_str(form, true).map_err(|_| {
        let forms: Vec<String> = CheckForm::value_variants()
            .iter()
            .filter_map(|form| Some(form.to_possible_value()?.get_name().to_owned()))
            .collect();
        format!("there is no form `{}`; there are {}", form.escape_debug(), forms.join(", "))
    })?;
    if file == "-" {
        return Err("`-` is not a file; --output sets the form of standard output".to_owned());
    }
    Ok(FormInFile { form, file: file.into() })
}

/// The one rule that a step may be taken in spite of.
fn at_once(name: &str) -> Result<Rule, String> {
    let only = Rule::SeveralClustersAtOnce;
    if rule(name)? == only { Ok(only) } else { Err(format!("a step takes only `{}`", only.name())) }
}

fn rule(name: &str) -> Result<Rule, String> {
    Rule::named(name).ok_or_else(|| match Rule::nearest(name) {
        Some(near) => format!("there is no rule of this name; did you mean `{}`?", near.name()),
        None => format!("there is no rule of this name; `{} rules` lists them", described::called()),
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    Text,
    Json,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 the matrix is shown, or these versions fit; 1 they do not; 2 there is no telling, as a version is \
missing or not exact.")]
#[allow(clippy::struct_field_names)] // --compat has its name everywhere
pub(crate) struct Compat {
    /// The version of the PCE to ask about, together with --version; `auto` asks the PCE
    #[arg(long, value_name = "VERSION")]
    pub(crate) pce_version: Option<String>,
    /// A matrix in place of the shipped one
    #[arg(long, value_name = "FILE")]
    pub(crate) compat: Option<String>,
    /// The form of the answer
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: Form,
    #[command(flatten)]
    pub(crate) pce: PceOptions,
}

#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[command(after_help = "\
Everything is read and nothing changed: the cluster through kubectl, the PCE with an API key. With --before the \
checks are those before the next step from the mode of the values, or before the one that --finish and --revert name; \
`--run` makes the same ones and obeys. Exit codes: 0 all \
is right, or left to you; 1 something is not right, or could not be told, as the state of the PCE without an API \
key; 2 the cluster or the PCE could not be asked.")]
pub(crate) struct Verify {
    /// A file that was named without `-f`.
    #[arg(value_name = "FILE", hide = true, value_parser = without_option)]
    stray: Vec<String>,
    /// A values file, which tells the mode, the PCE, the cluster and its namespace; repeat it for several
    #[arg(short = 'f', long = "values", value_name = "FILE", value_delimiter = ',')]
    pub(crate) files: Vec<String>,
    /// Where the values stand, if it cannot be told: keys (`illumio`), or the name of a release in a manifest
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<String>,
    /// Make the checks before the next step, not those after the last one
    #[arg(long, conflicts_with_all = ["after_mode", "since", "enforcement"])]
    pub(crate) before: bool,
    /// With --before, the step is one back to the legacy model
    #[arg(long, requires = "before")]
    pub(crate) revert: bool,
    /// With --before, the step is the one that finishes
    #[arg(long, requires = "before")]
    pub(crate) finish: bool,
    /// The mode that the last step led to; unless given, the mode of the values
    #[arg(long, value_name = "MODE", value_parser = mode)]
    pub(crate) after_mode: Option<ClusterMode>,
    /// The name of the release, whose history says whether the step was brought to the cluster
    #[arg(long, value_name = "NAME", default_value = Release::default().name, value_parser = release)]
    pub(crate) release: String,
    /// When the step was taken, where Helm's history does not say: how long ago (20m), or a time in UTC
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Ask again until all is right, at most this long (10m)
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(crate) wait: Option<Duration>,
    /// Leave the checks that the PCE would answer to yourself
    #[arg(long)]
    pub(crate) without_pce: bool,
    /// The cluster's id on the PCE; unless given, `cluster_id` of the values
    #[arg(long, value_name = "ID")]
    pub(crate) cluster_id: Option<String>,
    /// A file of `enforcement save`, to see whether what was lowered is put back
    #[arg(long, value_name = "FILE")]
    pub(crate) enforcement: Option<String>,
    /// The form of the answer
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
    /// The options that name the values.
    pub(crate) fn place_options(&self) -> Vec<String> {
        let path = self.path.iter().flat_map(|path| ["--path", path]);
        self.files.iter().flat_map(|file| ["-f", file]).chain(path).map(str::to_owned).collect()
    }
}

fn mode(name: &str) -> Result<ClusterMode, String> {
    ClusterMode::named(name).ok_or_else(|| match ClusterMode::nearest(name) {
        Some(near) => format!("there is no mode of this name; did you mean `{near}`?"),
        None => format!("the modes are {}", ClusterMode::ALL.map(ClusterMode::as_str).join(", ")),
    })
}

#[derive(Debug, Args)]
#[command(after_help = "\
The policy in force is judged rule by rule; drafts are reported, or judged with --draft. It is read from a \
folder, from files, or from the PCE itself. Exit codes: 0 nothing found but warnings and remarks; 1 errors \
found; 2 a file could not be read, or the PCE could not be asked.")]
#[command(args_conflicts_with_subcommands = true)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Policy {
    #[command(subcommand)]
    pub(crate) command: Option<PolicyCommand>,
    #[command(flatten)]
    pub(crate) of: PolicyOf,
    /// The addresses of the cluster's services, to prove a rule that CLAS cannot do without; one a family
    #[arg(long = "service-cidr", value_name = "CIDR", value_delimiter = ',', value_parser = cidr)]
    pub(crate) service_cidrs: Vec<Block>,
    /// The labels that every node of the cluster has, for the same
    #[arg(long, value_name = "KEY=VALUE", value_delimiter = ',', value_parser = label)]
    pub(crate) node_labels: Vec<(String, String)>,
    /// The form of the answer
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: PolicyForm,
    /// Judge the drafts in place of what is in force, as it will be once they are provisioned
    #[arg(long)]
    pub(crate) draft: bool,
    /// Show rules of which there is nothing to say, too
    #[arg(long)]
    pub(crate) all: bool,
    /// Take warnings for errors
    #[arg(long)]
    pub(crate) strict: bool,
    /// Silence a rule; repeat it for several
    #[arg(long = "allow", value_name = "RULE", value_parser = rule)]
    pub(crate) allowed: Vec<Rule>,
    /// Exit with 0 although errors were found
    #[arg(long)]
    pub(crate) exit_zero: bool,
    #[command(flatten)]
    pub(crate) files: PolicyFiles,
    #[command(flatten)]
    pub(crate) pce: PceOptions,
}

// Whose policy it is, and from where: what judging, rewriting and proving have in common.
#[derive(Debug, Args)]
pub(crate) struct PolicyOf {
    /// A folder as `policy export` writes it; without a folder or files, the PCE is asked
    #[arg(value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// The cluster to be migrated, by its name on the PCE or its UUID; unless given, `cluster_id` of the values, or all
    #[arg(long, value_name = "CLUSTER")]
    pub(crate) cluster: Option<String>,
    /// A values file, which names the cluster; repeat it for several
    #[arg(short = 'f', long = "values", value_name = "FILE", value_delimiter = ',')]
    pub(crate) values: Vec<String>,
    /// Where the values stand, if the tool cannot find them: keys (`illumio`), or the name of a release in a manifest
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<String>,
}

// Files one by one, as the PCE answers them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Files, instead of a folder or beside it")]
pub(crate) struct PolicyFiles {
    /// The rule sets in force, as `sec_policy/active/rule_sets` answers
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
    /// The profiles of the namespaces, for how illumio-system is enforced
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyForm {
    Text,
    Json,
    Sarif,
    Markdown,
    Csv,
}

/// A block of addresses; one address alone is a slip, not a range for services.
fn cidr(text: &str) -> Result<Block, String> {
    let block = text.parse().map_err(|no_block: NoBlock| no_block.to_string())?;
    if text.contains('/') {
        Ok(block)
    } else {
        Err("the length of its prefix is missing, as in 10.96.0.0/12".to_owned())
    }
}

fn label(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("a label is written as KEY=VALUE, such as role=node")?;
    Ok((key.to_owned(), value.to_owned()))
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Save the policy of the PCE as files
    Export(Export),
    /// Write the rules that must change as files to apply
    Rewrite(Box<rewrite::Rewrite>),
    /// Prove which flows are allowed before and after, or hold traffic that was seen against both
    Prove(Box<prove::Prove>),
}

#[derive(Debug, Args)]
#[command(after_help = "\
The policy of the PCE is saved as it was sent, laid out to be read and compared. What looks like a credential is \
masked, and that is said.")]
pub(crate) struct Export {
    /// The folder, new or empty
    #[arg(value_name = "DIR")]
    pub(crate) folder: String,
    /// A values file, which tells the PCE and the organisation; repeat it for several
    #[arg(short = 'f', long = "values", value_name = "FILE", value_delimiter = ',')]
    pub(crate) files: Vec<String>,
    /// Where the values stand, if it cannot be told: keys (`illumio`), or the name of a release in a manifest
    #[arg(long, value_name = "PATH")]
    pub(crate) path: Option<String>,
    /// The form of the answer
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: Form,
    #[command(flatten)]
    pub(crate) pce: PceOptions,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Pipe them into `kubectl apply -f -` (Kubernetes 1.30 or later). They refuse a change of a \
HelmRelease or an Application that skips a step, changes mode and chart version together, or changes the version \
between two modes. They see what stands in the object: not values in a ConfigMap, in `helm.values` as text, or in a \
file.")]
pub(crate) struct Guard {
    /// Whose objects are guarded
    #[arg(long, value_name = "CONTROLLER", default_value = "all")]
    pub(crate) controller: GuardedBy,
    /// The name of the chart in them
    #[arg(long, value_name = "NAME", default_value = "illumio", value_parser = release)]
    pub(crate) chart_name: String,
    /// What the API server does with a change that breaks the order
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

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The name of the rule
    pub(crate) rule: String,
    /// The form of the answer
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: Form,
}

#[derive(Debug, Args)]
pub(crate) struct Rules {
    /// The form of the answer
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: Form,
}

#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// Of what
    #[arg(value_name = "WHAT", default_value = "values")]
    pub(crate) name: SchemaName,
    /// With `values`: mandatory values may stand in another file
    #[arg(long)]
    pub(crate) partial: bool,
    /// With `values`: the keys below which the values stand, as in an umbrella chart (`illumio`)
    #[arg(long, value_name = "KEYS")]
    pub(crate) path: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaName {
    /// The values of the chart, for an editor
    Values,
    /// What `-o json` prints
    Output,
    /// The matrix that `--compat` takes
    Compatibility,
    /// The file that `enforcement save` writes
    Enforcement,
    /// The file .helm-clas.yaml of a checkout
    Fleet,
}

#[derive(Debug, Args)]
pub(crate) struct Completion {
    /// The shell
    pub(crate) shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct Man {
    /// A command that has a page of its own
    pub(crate) command: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Version {
    /// The form of the answer
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: Form,
}

impl Command {
    /// Whether the answer is to be JSON.
    pub(crate) fn answers_json(&self) -> bool {
        match self {
            Self::Migrate(Migrate { step, .. }) | Self::Revert(Revert { step, .. }) => step.output == StepForm::Json,
            Self::Upgrade(upgrade) => upgrade.output == Form::Json,
            Self::Status(status) => status.output == StatusForm::Json,
            Self::Check(check) => check.output == CheckForm::Json,
            Self::Enforcement(enforcement) => enforcement.answers_json(),
            Self::Policy(policy) => match &policy.command {
                Some(PolicyCommand::Export(export)) => export.output == Form::Json,
                Some(PolicyCommand::Rewrite(rewrite)) => rewrite.output == Form::Json,
                Some(PolicyCommand::Prove(prove)) => prove.output == prove::ProveForm::Json,
                None => policy.output == PolicyForm::Json,
            },
            Self::Plan(plan::Plan { output, .. }) | Self::Verify(Verify { output, .. }) => *output == VerifyForm::Json,
            Self::Compat(Compat { output, .. })
            | Self::Explain(Explain { output, .. })
            | Self::Rules(Rules { output })
            | Self::Version(Version { output }) => *output == Form::Json,
            Self::Runbook(_) | Self::Guard(_) | Self::Schema(_) | Self::Completion(_) | Self::Man(_) => false,
        }
    }
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

impl Everywhere {
    /// The release as it is named here and by the command.
    pub(crate) fn release<'r>(&'r self, name: &'r str, chart: &'r str) -> Release<'r> {
        Release {
            name,
            chart,
            namespace: self.release_namespace(),
            kube_context: self.context(),
            kubeconfig: self.kubeconfig.as_deref(),
        }
    }

    /// Takes over the one kubeconfig that the environment names, as Helm hands on its own option: the printed commands name
    /// it, whoever runs them wherever. Several cannot be named by an option.
    pub(crate) fn with_environment(mut self) -> Self {
        let from_environment = || {
            let files = env::var("KUBECONFIG").ok().filter(|files| !files.is_empty())?;
            Some(files).filter(|files| env::split_paths(files).count() == 1)
        };
        self.kubeconfig = self.kubeconfig.filter(|file| !file.is_empty()).or_else(from_environment);
        self
    }

    /// The context of the cluster. Helm sets its variable to nothing where none is named.
    pub(crate) fn context(&self) -> Option<&str> {
        self.kube_context.as_deref().filter(|context| !context.is_empty())
    }

    /// The namespace of the release. Helm always names one, `default` where the user did not.
    pub(crate) fn release_namespace(&self) -> &str {
        match self.namespace.as_deref() {
            None | Some("" | "default") => Release::default().namespace,
            Some(namespace) => namespace,
        }
    }
}
