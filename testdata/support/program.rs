//! The program under test in a folder of its own, called as a person calls it.

use std::{
    env, fmt, fs,
    fs::File,
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use super::{helm::BRIEF, measure::ENDLESS};

/// The program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_helm-clas");

/// Versions that fit every step.
pub(crate) const FIT: &str = "--version 5.1.0 --pce-version 24.2.20";

/// A folder in which the program runs; it goes away with its value.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with one file.
    pub(crate) fn with(name: &str, content: impl AsRef<[u8]>) -> Self {
        let folder = Self::new();
        folder.write(name, content);
        folder
    }

    /// Writes a file, in a folder that is made where it is not there.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The names of everything in it, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// The program with these words as arguments, in this folder, in an environment of its own: that of a plugin of
    /// Helm.
    pub(crate) fn command<'w>(&self, words: impl IntoIterator<Item = &'w str>) -> Command {
        let mut command = Command::new(PROGRAM);
        self.settle(command.args(words));
        command
    }

    /// A shell that knows the program as `helm-clas`.
    pub(crate) fn shell(&self, script: &str) -> Command {
        let mut command = Command::new("sh");
        self.settle(command.args(["-c", script]));
        command
    }

    fn settle(&self, command: &mut Command) {
        let programs = Path::new(PROGRAM).parent().unwrap().to_path_buf();
        let path = env::split_paths(&env::var_os("PATH").unwrap()).collect::<Vec<_>>();
        let path = env::join_paths([programs].into_iter().chain(path)).unwrap();
        command.env_clear().envs(BRIEF).env("PATH", path).env("LANG", "C.UTF-8").env("COLUMNS", "80");
        command.env("HOME", self.0.path()).env("GIT_CONFIG_NOSYSTEM", "1").current_dir(self.0.path());
        command.env("HELM_PLUGIN_DIR", "/plugins/clas");
        command.stdin(Stdio::null());
    }

    /// Runs the program with arguments separated by spaces.
    pub(crate) fn run(&self, line: &str) -> Ran {
        Ran::of(self.command(line.split_whitespace()), line)
    }

    /// Runs the program with these bytes as standard input.
    pub(crate) fn run_on(&self, line: &str, input: impl AsRef<[u8]>) -> Ran {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(input.as_ref()).unwrap();
        file.rewind().unwrap();
        let mut command = self.command(line.split_whitespace());
        command.stdin(file);
        Ran::of(command, line)
    }

    /// Runs a shell script.
    pub(crate) fn sh(&self, script: &str) -> Ran {
        Ran::of(self.shell(script), script)
    }

    /// What to put before a command in a shell script, so that the modes of files bind it: nothing for a person, for
    /// root a program that takes its powers away. Nothing at all where there is no such program.
    pub(crate) fn bound_by_modes(&self) -> Option<&'static str> {
        let holds = |before: &&str| {
            let script = format!(": >locked; chmod 0 locked; {before} true && ! {before} cat locked 2>/dev/null");
            let is_bound = self.sh(&script).code == Some(0);
            fs::remove_file(self.path("locked")).unwrap();
            is_bound
        };
        ["", "setpriv --bounding-set=-all --inh-caps=-all --"].into_iter().find(holds)
    }
}

/// The result of a command.
pub(crate) struct Ran {
    line: String,
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Runs a command. It must end in time, and not by a panic.
    #[track_caller]
    pub(crate) fn of(mut command: Command, line: &str) -> Self {
        let (mut stdout, mut stderr) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
        command.stdout(stdout.try_clone().unwrap()).stderr(stderr.try_clone().unwrap());
        let mut child = command.spawn().unwrap();
        let start = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if start.elapsed() > ENDLESS {
                child.kill().unwrap();
                panic!("`{line}` did not end within {ENDLESS:?}");
            }
            thread::sleep(Duration::from_millis(1));
        };
        let ran = Self {
            line: line.to_owned(),
            code: status.code(),
            stdout: content(&mut stdout),
            stderr: content(&mut stderr),
        };
        assert!(!ran.stderr.contains("panicked"), "{ran}");
        ran
    }

    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// Standard output holds this.
    #[track_caller]
    pub(crate) fn has(self, text: &str) -> Self {
        assert!(self.stdout.contains(text), "no `{text}` in {self}");
        self
    }

    /// Standard output is this.
    #[track_caller]
    pub(crate) fn prints(self, text: &str) -> Self {
        assert_eq!(self.stdout, text, "{self}");
        self
    }

    /// Standard error holds this.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "no `{text}` in {self}");
        self
    }

    /// Standard error is this.
    #[track_caller]
    pub(crate) fn says_only(self, text: &str) -> Self {
        assert_eq!(self.stderr, text, "{self}");
        self
    }

    /// Standard output, which is JSON and nothing else.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self}"))
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, code, stdout, stderr } = self;
        write!(out, "`{line}`\nexit code {code:?}\nstdout:\n{stdout}\nstderr:\n{stderr}")
    }
}

fn content(file: &mut File) -> String {
    let mut bytes = Vec::new();
    file.rewind().unwrap();
    file.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}
