//! [`Helm`]: the program that called this one, else the one on the PATH. It tells the release, and upgrades it.

use std::{
    env,
    ffi::OsString,
    io,
    process::{Command, Output, Stdio},
};

use helm_clas::{Live, Release, chart::secrets::masked};

use crate::failure::Failure;

/// Helm, and the release that it is asked about.
pub(crate) struct Helm<'r> {
    program: OsString,
    release: Release<'r>,
}

impl<'r> Helm<'r> {
    pub(crate) fn new(release: Release<'r>) -> Self {
        // Helm names itself to a plugin; its other variables reach the Helm that is started here by themselves
        let program = env::var_os("HELM_BIN").filter(|program| !program.is_empty()).unwrap_or_else(|| "helm".into());
        Self { program, release }
    }

    /// The release that it is asked about.
    pub(crate) const fn release(&self) -> Release<'r> {
        self.release
    }

    /// The release as it runs; nothing where there is none. `path` are the keys of the chart's values in those of an
    /// umbrella chart.
    pub(crate) fn live(&self, path: Option<&str>) -> Result<Option<Live>, Failure> {
        let Some(metadata) = self.get("metadata", None)? else { return Ok(None) };
        // of the same revision: somebody may upgrade in between
        let revision =
            serde_json::from_str(&metadata).ok().and_then(|told: serde_json::Value| told["revision"].as_u64());
        let Some(values) = self.get("values", revision)? else { return Ok(None) };
        Live::read(&values, &metadata, path).map(Some).map_err(|words| {
            Failure::new(format!("helm tells something unexpected of the release {}: {words}", self.release.name))
                .help("this tool knows Helm 3.17 and later, and Helm 4")
        })
    }

    /// `helm get WHAT`, as JSON; nothing where there is no such release.
    fn get(&self, what: &str, revision: Option<u64>) -> Result<Option<String>, Failure> {
        let Release { name, namespace, kube_context, .. } = self.release;
        let mut command = Command::new(&self.program);
        command.args(["get", what, name, "-n", namespace, "-o", "json"]);
        command.args(kube_context.iter().flat_map(|context| ["--kube-context", context]));
        command.args(revision.map(|revision| format!("--revision={revision}")));
        let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output().map_err(cannot_run)?;
        if status.success() {
            return Ok(Some(String::from_utf8_lossy(&stdout).into_owned()));
        }
        let said = String::from_utf8_lossy(&stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        if said.ends_with("release: not found") {
            return Ok(None);
        }
        Err(Failure::new(format!("helm cannot tell the release {name} in {namespace}: {}", masked(&said)))
            .help("see that `helm list` works with the same kube context"))
    }

    /// Runs `helm upgrade` as it was printed, `words` without the program's name. What it prints goes to standard error.
    pub(crate) fn upgrade(&self, words: &[String]) -> Result<(), Failure> {
        let status = Command::new(&self.program)
            .args(words)
            .stdin(Stdio::null())
            .stdout(io::stderr())
            .status()
            .map_err(cannot_run)?;
        if status.success() {
            return Ok(());
        }
        Err(Failure::new("`helm upgrade` failed, as it says above; the file keeps the new mode").help(format!(
            "see `helm history {}`; then run the same command again, or take the way back with `helm clas revert`",
            self.release.name
        )))
    }
}

#[allow(clippy::needless_pass_by_value, reason = "as map_err calls it")]
fn cannot_run(error: io::Error) -> Failure {
    Failure::new(format!("cannot run helm: {error}"))
        .help("put Helm on the PATH; run as its plugin, this tool takes the Helm that called it")
}
