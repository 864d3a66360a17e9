//! [`Helm`]: the program that called this one, else the one on the PATH. It tells the release, and upgrades it.

use std::{
    env,
    ffi::OsString,
    io,
    process::{Command, Output, Stdio},
};

use helm_clas::{ClusterMode, Live, Release, Told, chart::secrets::masked, yaml::Document};
use serde::Deserialize;

use crate::failure::{Failure, complaint};

/// Helm, and the release that it is asked about.
pub(crate) struct Helm<'r> {
    program: OsString,
    release: Release<'r>,
}

/// A revision as `helm history -o json` lists it.
#[derive(Deserialize)]
struct Revision {
    revision: u64,
    status: String,
}

impl<'r> Helm<'r> {
    pub(crate) fn new(release: Release<'r>) -> Self {
        // Helm names itself to a plugin; its other variables reach the Helm that is started here by themselves
        let program = env::var_os("HELM_BIN").filter(|program| !program.is_empty()).unwrap_or_else(|| "helm".into());
        Self { program, release }
    }

    /// The release as it runs; nothing where there is none. `path` are the keys of the chart's values in those of an
    /// umbrella chart.
    pub(crate) fn live(&self, path: Option<&str>) -> Result<Option<Live>, Failure> {
        let Some(metadata) = self.of_release(&["get", "metadata"], &[])? else { return Ok(None) };
        // of the same revision: somebody may upgrade in between
        let told: serde_json::Value = serde_json::from_str(&metadata).unwrap_or_default();
        let revision = format!("--revision={}", told["revision"]);
        let Some(given) = self.of_release(&["get", "values"], &[&revision])? else { return Ok(None) };
        let Some(all) = self.of_release(&["get", "values"], &["--all", &revision])? else { return Ok(None) };
        let told = Told { metadata: &metadata, given: &given, all: &all };
        let mut live = Live::read(told, path).map_err(|words| self.unexpected(&words))?;
        if !live.is_sound() {
            live.before = self.before(live.revision, path)?;
        }
        Ok(Some(live))
    }

    /// The mode of the last revision before this one that was brought to the cluster.
    fn before(&self, revision: u64, path: Option<&str>) -> Result<Option<ClusterMode>, Failure> {
        let Some(history) = self.of_release(&["history"], &[])? else { return Ok(None) };
        let history: Vec<Revision> =
            serde_json::from_str(&history).map_err(|error| self.unexpected(&format!("its history: {error}")))?;
        let ran =
            |one: &&Revision| one.revision < revision && ["deployed", "superseded"].contains(&one.status.as_str());
        let Some(last) = history.iter().filter(ran).max_by_key(|one| one.revision) else { return Ok(None) };
        let all = self.of_release(&["get", "values"], &["--all", &format!("--revision={}", last.revision)])?;
        all.map_or(Ok(None), |all| Live::mode_of(&all, path).map_err(|words| self.unexpected(&words)))
    }

    fn unexpected(&self, words: &str) -> Failure {
        Failure::new(format!("helm tells something unexpected of the release {}: {words}", self.release.name))
            .help("this tool knows Helm 3.17 and later, and Helm 4")
    }

    /// What Helm says of the release, as JSON; nothing where there is no such release.
    fn of_release(&self, words: &[&str], options: &[&str]) -> Result<Option<String>, Failure> {
        let Release { name, namespace, kube_context, .. } = self.release;
        let mut command = self.command();
        command.args(words).args([name, "-n", namespace, "-o", "json"]).args(options);
        command.args(kube_context.iter().flat_map(|context| ["--kube-context", context]));
        let Output { status, stdout, stderr } = command.output().map_err(cannot_run)?;
        if status.success() {
            return Ok(Some(String::from_utf8_lossy(&stdout).into_owned()));
        }
        if String::from_utf8_lossy(&stderr).contains("release: not found") {
            return Ok(None);
        }
        Err(Failure::new(format!("helm cannot read the release {name} in {namespace}: {}", complaint(&stderr)))
            .help("see that `helm list` works with the same kube context"))
    }

    /// The name of the chart that an upgrade would take, which must be of this version.
    pub(crate) fn chart(&self, version: &str) -> Result<String, Failure> {
        let chart = self.release.chart;
        let mut command = self.command();
        let Output { status, stdout, stderr } =
            command.args(["show", "chart", chart, "--version", version]).output().map_err(cannot_run)?;
        if !status.success() {
            let said = complaint(&stderr);
            return Err(Failure::new(format!("helm cannot get chart {chart} {version}: {said}"))
                .help("see that `helm show chart` gets it; a registry may want `helm registry login` first"));
        }
        let text = String::from_utf8_lossy(&stdout);
        let document = Document::read(&text).map_err(|finding| {
            Failure::new(format!("helm tells something unexpected of the chart {chart}: {}", finding.message))
        })?;
        let told = |name: &str| document.text_at([name]).unwrap_or_default().to_owned();
        if told("version") != version {
            return Err(Failure::new(format!(
                "the chart {chart} is {}, and the step is one of {version}",
                told("version")
            ))
            .help("Helm takes a folder or an archive as it is, whatever --version says: name the right one"));
        }
        Ok(told("name"))
    }

    /// Runs `helm upgrade` as it was printed, `words` without the program's name. What it prints goes to standard error,
    /// and where `is_quiet`, only if it fails.
    pub(crate) fn upgrade(&self, words: &[String], is_quiet: bool) -> Result<bool, Failure> {
        let mut command = self.command();
        command.args(words);
        if is_quiet {
            let Output { status, stderr, .. } = command.output().map_err(cannot_run)?;
            if !status.success() {
                eprint!("{}", masked(&String::from_utf8_lossy(&stderr)));
            }
            return Ok(status.success());
        }
        command.stdout(io::stderr()).status().map(|status| status.success()).map_err(cannot_run)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        // times are told in UTC; a plugin inherits HELM_DEBUG, under which Helm prints values, credentials and all
        command.env("TZ", "UTC").env_remove("HELM_DEBUG").stdin(Stdio::null());
        command
    }
}

#[allow(clippy::needless_pass_by_value, reason = "as map_err calls it")]
fn cannot_run(error: io::Error) -> Failure {
    Failure::new(format!("cannot run helm: {error}"))
        .help("put Helm on the PATH; run as its plugin, this tool takes the Helm that called it")
}
