//! The options that several commands have, and what their words may be.

use std::{env, time::Duration};

use clap::{Args, ValueEnum};
use helm_clas::{
    ClusterValues, Id, Release, Rule,
    chart::secrets::masked_words,
    open_word::{RELEASE, is_open},
    overrides::{Kind, Override},
    policy::address::{Block, NoBlock},
};

use super::described;

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
    /// The kubeconfig of the cluster (Helm passes it on); by default kubectl's own
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) kubeconfig: Option<String>,
    /// The configuration of the clusters; by default the nearest .helm-clas.yaml up to the top of the checkout
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<String>,
    /// When to use colours; a piped diff has none, so that it can be applied, unless you pass `always`
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub(crate) color: Color,
    /// Print only the result
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Show the calls to helm, kubectl, git and the PCE, without credentials
    #[arg(long, global = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOLEAN")]
    pub(crate) debug: Option<String>,
    /// What Helm 3 and 4 pass on although they act on it themselves.
    #[arg(long, global = true, hide = true)]
    qps: Option<String>,
    #[arg(long, global = true, hide = true)]
    burst_limit: Option<String>,
}

impl Everywhere {
    /// The release as it is named here and by the command, if that names it.
    pub(crate) fn release<'r>(&'r self, name: Option<&'r str>, chart: &'r str) -> Release<'r> {
        Release {
            name: name.unwrap_or(Release::default().name),
            is_named: name.is_some(),
            chart,
            namespace: self.release_namespace(),
            is_placed: self.namespace.as_deref().is_some_and(|name| !["", "default"].contains(&name)),
            kube_context: self.context(),
            kubeconfig: self.kubeconfig.as_deref(),
        }
    }

    /// The release as it is named here and by the command, or else by the manifest that brings it.
    pub(crate) fn release_of<'r>(&'r self, name: Option<&'r str>, values: &'r ClusterValues) -> Release<'r> {
        let id = values.release.as_ref();
        let customary = Release::default();
        // what Helm makes a release of has a name, known or not
        let usual = if id.is_some_and(Id::is_of_helm) { RELEASE } else { customary.name };
        let release = self.release(name, customary.chart);
        let name = name.or_else(|| id?.helm_name.as_deref()).unwrap_or(usual);
        let is_kept =
            |storage: &&str| release.namespace == customary.namespace && !(release.is_placed && is_open(storage));
        let storage = id.and_then(|id| id.storage.as_deref()).filter(is_kept);
        let kube_context = release.kube_context.or_else(|| id?.kube_context.as_deref());
        Release { name, namespace: storage.unwrap_or(release.namespace), kube_context, ..release }
    }

    /// Takes over the one kubeconfig that the environment names, as Helm passes on its own option: the printed commands
    /// name it, too. Several cannot be named by an option.
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

/// The options that say what is read.
#[derive(Clone, Copy)]
pub(crate) struct Sources<'a> {
    pub(crate) files: &'a [String],
    pub(crate) path: Option<&'a str>,
    pub(crate) set: &'a Set,
    pub(crate) release: &'a ReleaseOptions,
    pub(crate) compat: Option<&'a str>,
    pub(crate) pce_version: Option<&'a str>,
    pub(crate) pce: &'a PceOptions,
}

/// The commands that have these options, each under the same names.
macro_rules! with_sources {
    ($($command:ty),*) => {$(
        impl $command {
            /// What is read.
            pub(crate) fn sources(&self) -> Sources<'_> {
                Sources {
                    files: &self.files,
                    path: self.path.as_deref(),
                    set: &self.set,
                    release: &self.release,
                    compat: self.compat.as_deref(),
                    pce_version: self.pce_version.as_deref(),
                    pce: &self.pce,
                }
            }
        }
    )*};
}

with_sources!(super::Step, super::Upgrade, super::Runbook);

/// How a diff is wanted.
#[derive(Clone, Copy)]
pub(crate) struct DiffOptions {
    pub(crate) context: usize,
    pub(crate) show_secrets: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    Text,
    Json,
}

/// The heading of the options that set values. Of each by itself: a heading of the whole is that of what follows, too.
const SET: &str = "Values in addition to the files, as for `helm upgrade`";

// Values beside the files. Helm lets the kind of the option decide, from `--set-json` to `--set-literal`, and then the
// last.
#[derive(Clone, Debug, Args)]
#[allow(clippy::struct_field_names, reason = "the names are Helm's")]
pub(crate) struct Set {
    /// Values, typed as Helm does
    #[arg(long, help_heading = SET, value_name = "NAME=VALUE,...")]
    set: Vec<String>,
    /// Values that are text
    #[arg(long, help_heading = SET, value_name = "NAME=TEXT,...")]
    set_string: Vec<String>,
    /// Values that are JSON
    #[arg(long, help_heading = SET, value_name = "NAME=JSON,...")]
    set_json: Vec<String>,
    /// Values that are the content of files
    #[arg(long, help_heading = SET, value_name = "NAME=FILE,...")]
    set_file: Vec<String>,
    /// A value that is literal text
    #[arg(long, help_heading = SET, value_name = "NAME=TEXT")]
    set_literal: Vec<String>,
}

impl Set {
    /// Each option with its value, in the given order within a kind.
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

    /// Each option with its value, as the next command takes it, but for credentials.
    fn plain(&self) -> impl Iterator<Item = String> {
        self.given().filter_map(|(kind, text)| Override::read(kind, text).ok()).flat_map(|given| given.plain_option())
    }
}

// What the printed commands upgrade.
#[derive(Debug, Args)]
pub(crate) struct ReleaseOptions {
    /// The name of the release; by default illumio
    #[arg(long = "release", value_name = "NAME", value_parser = release)]
    pub(crate) name: Option<String>,
    /// The chart
    #[arg(long, value_name = "CHART", default_value = Release::default().chart)]
    pub(crate) chart: String,
}

// Which PCE is asked, as whom. The secret of the API key has no option: options stand in the list of processes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "PCE (the secret of the API key is read from ILLUMIO_API_KEY_SECRET)")]
pub(crate) struct PceOptions {
    /// Its host and port; by default `pce_url` of the values
    #[arg(long = "pce-host", value_name = "HOST:PORT", env = "ILLUMIO_PCE_HOST", hide_env_values = true)]
    pub(crate) host: Option<String>,
    /// The number of the organisation; by default the number at the start of `cluster_token`
    #[arg(long = "pce-org", value_name = "NUMBER", env = "ILLUMIO_PCE_ORG_ID", hide_env_values = true)]
    pub(crate) org: Option<String>,
    /// The authentication username of the API key, `api_...`
    #[arg(long = "pce-user", value_name = "NAME", env = "ILLUMIO_API_KEY_USERNAME", hide_env_values = true)]
    pub(crate) user: Option<String>,
    /// A PEM file with certificate authorities to trust in addition to the system's, or with the PCE's own certificate
    #[arg(long = "pce-ca-file", value_name = "FILE", env = "ILLUMIO_CA_FILE", hide_env_values = true)]
    pub(crate) ca_file: Option<String>,
    /// How long to wait for the PCE to start its answer
    #[arg(long = "pce-timeout", value_name = "TIME", default_value = "30s", value_parser = humantime::parse_duration)]
    pub(crate) timeout: Duration,
}

impl PceOptions {
    /// The options as they were given: what the environment says, the next command finds there as well.
    pub(crate) fn given(&self) -> Vec<String> {
        const USUAL: Duration = Duration::from_secs(30);
        let beside = |name: &str, value: &Option<String>| {
            let value = value.clone().filter(|value| !value.trim().is_empty())?;
            (env::var(name).ok().as_ref() != Some(&value)).then_some(value)
        };
        let before = |text: &str, sign: char| text.split(sign).next().unwrap_or_default().to_owned();
        let timeout = Some(self.timeout).filter(|timeout| *timeout != USUAL);
        let given = [
            ("--pce-host", beside("ILLUMIO_PCE_HOST", &self.host).map(|host| before(&host, '?'))),
            ("--pce-org", beside("ILLUMIO_PCE_ORG_ID", &self.org)),
            // curl's `-u` takes the secret behind a colon
            ("--pce-user", beside("ILLUMIO_API_KEY_USERNAME", &self.user).map(|user| before(&user, ':'))),
            ("--pce-ca-file", beside("ILLUMIO_CA_FILE", &self.ca_file)),
            ("--pce-timeout", timeout.map(|timeout| humantime::format_duration(timeout).to_string())),
        ];
        let words = given.into_iter().filter_map(|(option, value)| Some([option.to_owned(), value?]));
        masked_words(words.flatten().collect())
    }
}

// The facts that prove the rules that CLAS needs.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Facts that prove the mandatory rules")]
pub(crate) struct ProofOptions {
    /// The addresses of the cluster's services; one block per IP family
    #[arg(long = "service-cidr", value_name = "CIDR", value_delimiter = ',', value_parser = cidr)]
    pub(crate) service_cidrs: Vec<Block>,
    /// The labels that every node of the cluster has
    #[arg(long, value_name = "KEY=VALUE", value_delimiter = ',', value_parser = label)]
    pub(crate) node_labels: Vec<(String, String)>,
}

/// The options that name the values.
pub(super) fn place_options(files: &[String], path: Option<&str>, set: &Set) -> Vec<String> {
    let path = path.into_iter().flat_map(|path| ["--path", path]);
    let files = files.iter().flat_map(|file| ["-f", file]);
    files.chain(path).map(str::to_owned).chain(set.plain()).collect()
}

impl ProofOptions {
    /// The options as they were given.
    pub(crate) fn given(&self) -> Vec<String> {
        let blocks = self.service_cidrs.iter().flat_map(|block| ["--service-cidr".to_owned(), block.to_string()]);
        let label = |(key, value): &(String, String)| ["--node-labels".to_owned(), format!("{key}={value}")];
        blocks.chain(self.node_labels.iter().flat_map(label)).collect()
    }
}

pub(crate) fn without_option(name: &str) -> Result<String, String> {
    Err(format!("name values files with -f, as for `helm upgrade`: -f {name}"))
}

/// The name of a release, as Helm has it. (`pkg/chartutil/validate_name.go`)
pub(super) fn release(name: &str) -> Result<String, String> {
    const LONGEST: usize = 53;
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_part = |part: &str| {
        part.starts_with(is_letter) && part.ends_with(is_letter) && part.chars().all(|c| is_letter(c) || c == '-')
    };
    if name.len() <= LONGEST && name.split('.').all(is_part) {
        return Ok(name.to_owned());
    }
    Err(format!("Helm allows at most {LONGEST} lower-case letters, digits, `-` and `.`, as in illumio-east"))
}

pub(super) fn rule(name: &str) -> Result<Rule, String> {
    Rule::named(name).ok_or_else(|| match Rule::nearest(name) {
        Some(near) => format!("there is no rule of this name; did you mean `{}`?", near.name()),
        None => format!("there is no rule of this name; `{} rules` lists them", described::called()),
    })
}

/// A block of addresses; one address alone is a slip, not a range for services.
pub(super) fn cidr(text: &str) -> Result<Block, String> {
    let block = text.parse().map_err(|no_block: NoBlock| no_block.to_string())?;
    if text.contains('/') {
        Ok(block)
    } else {
        Err("the length of its prefix is missing, as in 10.96.0.0/12".to_owned())
    }
}

pub(super) fn label(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write a label as KEY=VALUE, such as role=node")?;
    Ok((key.to_owned(), value.to_owned()))
}
