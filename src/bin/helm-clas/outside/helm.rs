//! [`Helm`]: the program that called this one, else the one on the PATH. It reads the release's history, and upgrades
//! it.

use std::{
    env,
    ffi::OsString,
    io::{self, BufRead as _, BufReader, Read, Write as _},
    process::{Command, Output, Stdio},
    thread,
};

use helm_clas::{
    ClusterValues, Release,
    account::{Account, History, Templates, Told, Trouble},
    chart::secrets::Known,
    open_word::is_open,
    yaml::Document,
};
use serde_json::Value;

use crate::{
    failure::{Failure, complaint},
    outside::{self, interrupt::Interrupt},
};

/// Helm, and the release that it is asked about.
pub(crate) struct Helm<'r> {
    program: OsString,
    release: Release<'r>,
    /// The secrets of the values, which Helm, the chart and the API server may repeat under any name.
    known: Known,
}

impl<'r> Helm<'r> {
    pub(crate) fn new(release: Release<'r>) -> Self {
        // Helm names itself to a plugin; its other variables reach the Helm that is started here by themselves
        let program = env::var_os("HELM_BIN").filter(|program| !program.is_empty()).unwrap_or_else(|| "helm".into());
        Self { program, release, known: Known::default() }
    }

    /// The same, knowing the values that are given to the release.
    pub(crate) fn knowing(self, values: &Value) -> Self {
        Self { known: Known::of(values), ..self }
    }

    /// The name of the release.
    pub(crate) const fn name(&self) -> &'r str {
        self.release.name
    }

    /// What happened to the release; nothing where there is none. `path` are the keys of the chart's values in those of
    /// an umbrella chart.
    pub(crate) fn account(&self, path: Option<&str>) -> Result<Option<Account>, Failure> {
        if is_open(self.release.name) {
            return Err(Failure::new("the name of the release is not known: its manifest does not say it")
                .help("name it with --release and -n; `helm list -A` shows all"));
        }
        if is_open(self.release.namespace) {
            return Err(Failure::new(
                "the namespace of the release is not known: its manifest leaves it to a variable",
            )
            .help("name it with -n"));
        }
        if self.release.kube_context.is_some_and(is_open) {
            return Err(Failure::new(
                "the kube context of the release is not known: its manifest leaves it to a variable",
            )
            .help("name it with --kube-context"));
        }
        let Some(listed) = self.of_release(&["history"], &[])? else { return Ok(None) };
        let mut history = History::read(&listed).map_err(|words| self.unexpected(&words))?;
        // of one revision each: the release may be upgraded in between
        let newest = history.wanted().map(revision).unwrap_or_default();
        let Some(metadata) = self.of_release(&["get", "metadata"], &[&newest])? else { return Ok(None) };
        let Some(given) = self.of_release(&["get", "values"], &[&newest])? else { return Ok(None) };
        let mut identity = None;
        while let Some(number) = history.wanted() {
            let all = self.of_release(&["get", "values"], &["--all", &revision(number)])?;
            let values = all.map_or(Ok(ClusterValues::default()), |all| Account::values_of(&all, path));
            let values = values.map_err(|words| self.unexpected(&words))?;
            history.put(number, values.mode);
            // the newest comes first
            identity.get_or_insert(values.identity);
        }
        let told = Told { metadata: &metadata, given: &given };
        let account = Account::read(&history, told).map_err(|words| self.unexpected(&words))?;
        Ok(Some(account.identified(identity.unwrap_or_default())))
    }

    /// The values that a revision was given; nothing where there is no such revision.
    pub(crate) fn given(&self, number: u64) -> Result<Option<Value>, Failure> {
        let given = self.of_release(&["get", "values"], &[&revision(number)])?;
        Ok(given.and_then(|given| serde_json::from_str(&given).ok()))
    }

    /// The templates of the pods in a revision; nothing where they are not known.
    pub(crate) fn templates(&self, number: u64) -> Option<Templates> {
        let Release { name, namespace, .. } = self.release;
        let mut command = self.command();
        command.args(["get", "manifest", name, "-n", namespace, &revision(number)]).args(self.context());
        let output = outside::asked(&mut command).ok().filter(|output| output.status.success())?;
        Some(Templates::read(&String::from_utf8_lossy(&output.stdout)))
    }

    fn unexpected(&self, words: &str) -> Failure {
        Failure::new(format!("unexpected output of helm about the release {}: {words}", self.release.name))
            .help("Helm 3.17 or later, or Helm 4, is supported")
    }

    /// What Helm says of the release, as JSON; nothing where there is no such release.
    fn of_release(&self, words: &[&str], options: &[&str]) -> Result<Option<String>, Failure> {
        let Release { name, namespace, .. } = self.release;
        let mut command = self.command();
        command.args(words).args([name, "-n", namespace, "-o", "json"]).args(options);
        command.args(self.context());
        let Output { status, stdout, stderr } = outside::asked(&mut command).map_err(cannot_run)?;
        if status.success() {
            return Ok(Some(String::from_utf8_lossy(&stdout).into_owned()));
        }
        if String::from_utf8_lossy(&stderr).contains("release: not found") {
            return Ok(None);
        }
        Err(Failure::new(format!("helm cannot read the release {name} in {namespace}: {}", complaint(&stderr)))
            .help("check that `helm list` works with the same kube context"))
    }

    /// The name of the chart that an upgrade would take, which must be of this version; `options` reach it.
    pub(crate) fn chart(&self, version: &str, options: &[&str]) -> Result<String, Failure> {
        let chart = self.release.chart;
        let mut command = self.command();
        let Output { status, stdout, stderr } =
            outside::asked(command.args(["show", "chart", chart, "--version", version]).args(options))
                .map_err(cannot_run)?;
        if !status.success() {
            let said = complaint(&stderr);
            return Err(Failure::new(format!("helm cannot get chart {chart} {version}: {said}"))
                .help("check that `helm show chart` can get it; a registry may need `helm registry login` first"));
        }
        let text = String::from_utf8_lossy(&stdout);
        let document = Document::read(&text).map_err(|finding| {
            Failure::new(format!("unexpected output of helm about the chart {chart}: {}", finding.message))
        })?;
        let told = |name: &str| document.text_at([name]).unwrap_or_default().to_owned();
        if told("version") != version {
            return Err(Failure::new(format!(
                "the chart {chart} is {}, and the step is for {version}",
                told("version")
            ))
            .help("for a folder or an archive, Helm ignores --version: name the right one"));
        }
        Ok(told("name"))
    }

    /// Runs `helm upgrade` as it was printed, `words` without the program's name. What it prints goes to standard
    /// error, line by line and without credentials; where `is_quiet`, only if it fails.
    pub(crate) fn upgrade(&self, words: &[String], is_quiet: bool, interrupt: &Interrupt) -> Result<Upgraded, Failure> {
        let mut command = self.command();
        command.args(words).stdout(Stdio::piped()).stderr(Stdio::piped());
        outside::shown_command(&command);
        let mut child = command.spawn().map_err(cannot_run)?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (status, lines) = thread::scope(|scope| {
            let stdout = scope.spawn(|| stdout.map(|pipe| Lines::of(pipe, is_quiet, &self.known)).unwrap_or_default());
            let stderr = scope.spawn(|| stderr.map(|pipe| Lines::of(pipe, is_quiet, &self.known)).unwrap_or_default());
            let status = interrupt.passed_on_to(&mut child);
            let lines = [stdout, stderr].map(|reader| reader.join().unwrap_or_default());
            (status, lines)
        });
        let is_well = status.map_err(cannot_run)?.success();
        let [_, complaints] = &lines;
        if is_quiet && !is_well {
            eprint!("{}", complaints.kept);
        }
        let is_conflict = lines.iter().any(|lines| lines.is_conflict);
        Ok(Upgraded { is_well, trouble: if is_conflict { Trouble::Conflict } else { Trouble::None } })
    }

    /// The option that names the context of the cluster.
    fn context(&self) -> impl Iterator<Item = &'r str> {
        self.release.kube_context.into_iter().flat_map(|context| ["--kube-context", context])
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        // times are printed in UTC; a plugin inherits HELM_DEBUG, under which Helm prints values, credentials and all
        command.env("TZ", "UTC").env_remove("HELM_DEBUG").stdin(Stdio::null());
        if let Some(file) = outside::kubeconfig() {
            command.env("KUBECONFIG", file);
        }
        command
    }
}

/// What `helm upgrade` says of itself.
pub(crate) struct Upgraded {
    pub(crate) is_well: bool,
    pub(crate) trouble: Trouble,
}

/// What Helm printed to one stream.
#[derive(Default)]
struct Lines {
    /// All of it without credentials, where it was not shown at once.
    kept: String,
    /// A field belongs to another program. (`Apply failed with 1 conflict`, from the API server)
    is_conflict: bool,
}

impl Lines {
    fn of(pipe: impl Read, is_quiet: bool, known: &Known) -> Self {
        let mut lines = Self::default();
        let mut pipe = BufReader::new(pipe);
        let mut line = Vec::new();
        while pipe.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let said = String::from_utf8_lossy(&line);
            lines.is_conflict |= said.contains("Apply failed with ") && said.contains("conflict");
            let said = known.masked(&said);
            if is_quiet {
                lines.kept += &said;
            } else {
                // standard error may be closed; there is nowhere to report that
                let _ = io::stderr().write_all(said.as_bytes());
            }
            line.clear();
        }
        lines
    }
}

/// The option that names a revision.
fn revision(number: u64) -> String {
    format!("--revision={number}")
}

#[allow(clippy::needless_pass_by_value, reason = "as map_err calls it")]
fn cannot_run(error: io::Error) -> Failure {
    Failure::new(format!("cannot run helm: {error}"))
        .help("put Helm on the PATH; as a plugin, this tool uses the Helm that called it")
}
