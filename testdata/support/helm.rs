//! The Helms that the tests run, and what each of them reads in values files.

use std::ffi::OsStr;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf, absolute};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Map, Value};

/// What Helm, helmfile and kustomize, which are written in Go, get as environment: they end before it pays to collect
/// garbage, and a fourth of their time goes into that.
pub(crate) const BRIEF: [(&str, &str); 2] = [("GOGC", "off"), ("GOMEMLIMIT", "512MiB")];

/// One Helm.
pub(crate) struct Helm {
    /// Major and minor version, such as `3.17`.
    pub(crate) version: &'static str,
    /// The binary.
    pub(crate) path: PathBuf,
}

/// Every Helm the tests run, oldest first; fetched when they are not there yet.
///
/// # Panics
///
/// When they cannot be had. A test that ran with fewer Helms would prove less than it says.
pub(crate) fn helms() -> &'static [Helm; 3] {
    static HELMS: OnceLock<[Helm; 3]> = OnceLock::new();
    HELMS.get_or_init(|| {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = match std::env::var_os("HELM_CLAS_HELM_DIR") {
            Some(folder) => absolute(folder).expect("the current folder can be read"),
            None => repository.join("target/helm"),
        };
        let helms = ["3.17", "4.1", "4.3"].map(|version| {
            let path = folder.join(version).join("helm");
            Helm { version, path }
        });
        if !helms.iter().all(|helm| helm.path.exists()) {
            fetch(&repository.join(".ci/helm"), &folder);
        }
        helms
    })
}

impl Helm {
    /// This Helm in an environment that holds nothing but a home of its own, where it finds and keeps its plugins.
    pub(crate) fn command(&self, home: &Path) -> Command {
        let mut command = Command::new(&self.path);
        command.env_clear().env("HOME", home).envs(BRIEF);
        command
    }

    /// What a chart without values of its own sees as `.Values` when Helm gets these options (`-f FILE`, `--set ...`).
    ///
    /// Helm cuts what follows `-f` at commas.
    ///
    /// # Errors
    ///
    /// What Helm says on stderr when it refuses.
    pub(crate) fn values<S: AsRef<OsStr>>(&self, options: &[S], stdin: Option<&[u8]>) -> Result<Value, String> {
        self.values_over("", options, stdin)
    }

    /// The same for a chart whose own `values.yaml` is this text: `clusterMode: legacy`, as the vendor's chart says.
    ///
    /// # Errors
    ///
    /// What Helm says on stderr when it refuses.
    pub(crate) fn values_over<S: AsRef<OsStr>>(
        &self,
        defaults: &str,
        options: &[S],
        stdin: Option<&[u8]>,
    ) -> Result<Value, String> {
        let mut child = self
            .command(&scratch().join("home"))
            .args(["template", "probe"])
            .arg(chart(defaults))
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("Helm starts");
        let mut pipe = child.stdin.take().expect("stdin is piped");
        // Helm closes its end unread when no option makes it read it.
        let _ = pipe.write_all(stdin.unwrap_or_default());
        drop(pipe);
        let output = child.wait_with_output().expect("Helm ends");
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
        }
        let manifest = String::from_utf8(output.stdout).expect("the probe renders plain ASCII");
        let digits = manifest.lines().find_map(|line| line.strip_prefix("values: "));
        let json = bytes_of(digits.expect("the probe renders one line of values"));
        Ok(serde_json::from_slice(&json).expect("toJson writes JSON"))
    }
}

impl Helm {
    /// What Helm reads in each of many texts, as its templates read them with `fromYaml`: the same reader as for
    /// values; nothing where it refuses one. Thousands in one run, some hundred as lines of Base64 in one file.
    fn read_many(&self, texts: &[Vec<u8>]) -> Vec<Option<Value>> {
        const IN_ONE_FILE: usize = 250;
        const TEMPLATE: &str = "{{- range $name, $texts := .Files.Glob \"files/*\" }}
{{- range $number, $text := splitList \"\\n\" (toString $texts) }}
f{{ base $name }}_{{ $number }}: {{ b64dec $text | fromYaml | toJson | b64enc }}
{{- end }}
{{- end }}
";
        if texts.is_empty() {
            return Vec::new();
        }
        let chart = tempfile::tempdir_in(scratch()).expect("a temporary folder can be made");
        let write =
            |name: &str, text: &str| fs::write(chart.path().join(name), text).expect("the chart can be written");
        for folder in ["templates", "files"] {
            fs::create_dir(chart.path().join(folder)).expect("the chart can be written");
        }
        write("Chart.yaml", "apiVersion: v2\nname: many\nversion: 0.1.0\n");
        write("templates/read.yaml", TEMPLATE);
        for (number, texts) in texts.chunks(IN_ONE_FILE).enumerate() {
            let lines: Vec<String> = texts.iter().map(|text| BASE64_STANDARD.encode(text)).collect();
            write(&format!("files/{number}"), &lines.join("\n"));
        }
        let mut command = self.command(&scratch().join("home"));
        let output = command
            .args(["template", "many"])
            .arg(chart.path())
            .env("GOMEMLIMIT", "3GiB")
            .output()
            .expect("Helm starts");
        if !output.status.success() {
            // one of them breaks the run: it is found by halves
            if texts.len() == 1 {
                return vec![None];
            }
            let (some, others) = texts.split_at(texts.len() / 2);
            return [self.read_many(some), self.read_many(others)].concat();
        }
        let mut read = vec![None; texts.len()];
        for line in String::from_utf8(output.stdout).expect("Base64 and numbers").lines() {
            let Some((name, digits)) = line.strip_prefix('f').and_then(|line| line.split_once(": ")) else {
                continue;
            };
            let (file, number) = name.split_once('_').expect("a file and a number");
            let [file, number] = [file, number].map(|digits| digits.parse::<usize>().expect("a number"));
            let number = file * IN_ONE_FILE + number;
            let json = BASE64_STANDARD.decode(digits).expect("`b64enc` writes Base64");
            let value: Value = serde_json::from_slice(&json).expect("toJson writes JSON");
            read[number] = Some(value).filter(|value| !is_error(value));
        }
        read
    }
}

impl Helm {
    /// What this Helm reads in each of many values files that `-f` names; nothing where it refuses one. Helm 4 reads
    /// each document of a file by itself, and merges them.
    pub(crate) fn read_files(&self, files: &[&str]) -> Vec<Option<Value>> {
        let cut = |file: &&str| match self.version {
            "3.17" => Some(vec![file.as_bytes().to_vec()]),
            _ => documents(file.as_bytes()),
        };
        let cuts: Vec<Option<Vec<Vec<u8>>>> = files.iter().map(cut).collect();
        let parts: Vec<Vec<u8>> = cuts.iter().flatten().flatten().cloned().collect();
        let mut read = self.read_many(&parts).into_iter();
        let merged = |cut: Option<Vec<Vec<u8>>>| {
            let parts: Vec<Option<Value>> = read.by_ref().take(cut?.len()).collect();
            let mut all = Map::new();
            for part in parts {
                match part? {
                    Value::Object(map) => merge(&mut all, map),
                    Value::Null => {}
                    _ => return None,
                }
            }
            Some(Value::Object(all))
        };
        cuts.into_iter().map(merged).collect()
    }
}

fn merge(into: &mut Map<String, Value>, from: Map<String, Value>) {
    for (name, value) in from {
        match (into.get_mut(&name), value) {
            (Some(Value::Object(old)), Value::Object(new)) => merge(old, new),
            (_, value) => _ = into.insert(name, value),
        }
    }
}

/// The documents of a file as Helm 4 cuts them: `YAMLReader` of `k8s.io/apimachinery` over a reader of lines. Nothing
/// where it refuses a line that opens one.
pub(crate) fn documents(file: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut lines: Vec<&[u8]> = file.split(|byte| *byte == b'\n').collect();
    lines.pop_if(|line| line.is_empty());
    let (mut all, mut open): (Vec<Vec<u8>>, Vec<u8>) = (Vec::new(), Vec::new());
    for line in lines {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Some(rest) = line.strip_prefix(b"---") {
            let rest = String::from_utf8_lossy(rest);
            if !matches!(rest.trim().chars().next(), None | Some('#')) {
                return None;
            }
            if !open.is_empty() {
                all.push(std::mem::take(&mut open));
                continue;
            }
        }
        open.extend_from_slice(line);
        open.push(b'\n');
    }
    if !open.is_empty() {
        all.push(open);
    }
    Some(all)
}

/// What `fromYaml` gives for what it refuses: its error, as the one value of a mapping.
fn is_error(value: &Value) -> bool {
    let said = value.get("Error").and_then(Value::as_str);
    said.is_some_and(|said| {
        ["error converting", "error unmarshaling", "yaml:", "json:"].iter().any(|word| said.contains(word))
    })
}

/// The probe's only template. Helm reads and trims what it renders; hexadecimal digits come through as they are.
const PROBE: &str = "values: {{ .Values | toJson | printf \"%x\" }}\n";

/// A chart with the probe and these values; made once.
fn chart(defaults: &str) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    (PROBE, defaults).hash(&mut hasher);
    let place = scratch().join(format!("chart-{:016x}", hasher.finish()));
    if !place.exists() {
        let draft = tempfile::tempdir_in(scratch()).expect("a temporary folder can be made");
        let write =
            |name: &str, text: &str| fs::write(draft.path().join(name), text).expect("the draft can be written");
        fs::create_dir(draft.path().join("templates")).expect("the draft can be written");
        write("Chart.yaml", "apiVersion: v2\nname: probe\nversion: 0.1.0\n");
        write("values.yaml", defaults);
        write("templates/values.yaml", PROBE);
        // Fails when another test was quicker with the same chart, which serves as well.
        let _ = fs::rename(draft.path(), &place);
    }
    place
}

/// The bytes of these hexadecimal digits.
pub(crate) fn bytes_of(digits: &str) -> Vec<u8> {
    (0..digits.len())
        .step_by(2)
        .map(|start| u8::from_str_radix(&digits[start..start + 2], 16).expect("two hexadecimal digits"))
        .collect()
}

/// A folder that cargo keeps for tests.
fn scratch() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// Runs the script that fetches the Helms into the folder.
fn fetch(script: &Path, folder: &Path) {
    let output = Command::new("python3").arg(script).arg(folder).output();
    let failure = match output {
        Ok(output) if output.status.success() => return,
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => format!("python3: {error}"),
    };
    panic!(
        "these tests run real Helms, which could not be fetched: {}\n\
         Make `.ci/helm` work, or put Helm binaries at {}/{{3.17,4.1,4.3}}/helm",
        failure.trim(),
        folder.display(),
    );
}

/// Does the work with each Helm, all at once: most of the time each waits for a cluster that is played.
pub(crate) fn with_each(work: impl Fn(&'static Helm) + Sync) {
    with(helms().iter(), work);
}

/// The same with the oldest and the newest Helm: what the one in between does with a cluster, it does as the newest, as
/// the tests with each of them show.
pub(crate) fn with_oldest_and_newest(work: impl Fn(&'static Helm) + Sync) {
    with(helms().iter().step_by(2), work);
}

fn with(helms: impl Iterator<Item = &'static Helm>, work: impl Fn(&'static Helm) + Sync) {
    thread::scope(|scope| {
        for helm in helms {
            let work = &work;
            thread::Builder::new()
                .name(format!("Helm {}", helm.version))
                .spawn_scoped(scope, move || work(helm))
                .expect("a thread");
        }
    });
}

/// Does the work for every item, on three threads: a Helm takes a twentieth of a second to start.
pub(crate) fn on_threads<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push(work(item));
        }
        done
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..3).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("the work is done")).collect()
    })
}
