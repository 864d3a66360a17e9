//! The plugin under real Helms: how it is installed, where its program comes from, how it is called and completed.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::helm::{Helm, helms};

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_helm-clas");

const VALUES: &str = "\
pce_url: pce.example.com:8443
cluster_id: 8cb0e3b5-5d9c-4b1e-9b7a-0a6f1d2c3e4f
cluster_token: 1_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
cluster_code: 10123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
containerRuntime: containerd
containerManager: kubernetes
clusterMode: legacy
";

const STEP: [&str; 6] = ["-f", "values.yaml", "--version", "5.1.0", "--pce-version", "24.2.20"];

// The manifest.

#[test]
fn the_manifest_carries_the_version_of_the_crate() {
    let manifest = fs::read_to_string(repository().join("plugin.yaml")).expect("plugin.yaml can be read");
    let version = concat!("version: ", env!("CARGO_PKG_VERSION"));
    assert!(manifest.lines().any(|line| line == version), "no line `{version}` in plugin.yaml:\n{manifest}");
}

// Installing.

#[test]
fn a_folder_installs_and_leaves_and_comes_back() {
    for helm in helms() {
        let home = Home::with_plugin(helm);
        let version = concat!("helm-clas ", env!("CARGO_PKG_VERSION"));
        home.helm(&["clas", "version"]).exits(0).prints(version);

        home.helm(&["plugin", "uninstall", "clas"]).exits(0);
        home.helm(&["clas", "version"]).exits(1).says("unknown command \"clas\"");
        assert!(home.program().exists(), "uninstalling a folder takes only the link to it");

        home.install().exits(0);
        home.helm(&["clas", "version"]).exits(0).prints(version);
    }
}

#[test]
fn a_git_repository_installs_and_updates() {
    for helm in helms() {
        let home = Home::new(helm);
        // Helm does not decode a URL, so this folder has no spaces in its name; the one it clones into has.
        let origin = TempDir::new().expect("a temporary folder can be made");
        fs::write(origin.path().join(".gitignore"), "/bin/\n").expect("the repository can be written");
        commit(&home.source, origin.path());

        let program = home.stand_in(env!("CARGO_PKG_VERSION"));
        let url = format!("file://{}", origin.path().display());
        let unsigned = if helm.version == "3.17" { &[][..] } else { &["--verify=false"] };
        let install = [&["plugin", "install", &url], unsigned].concat();
        home.run(home.command().args(install).env("HELM_CLAS_BINARY", program)).exits(0);
        home.helm(&["clas", "here"]).exits(0).prints("<here>");

        let manifest = home.source.join("plugin.yaml");
        let text = fs::read_to_string(&manifest).expect("plugin.yaml can be read");
        let newer = text.replace(concat!("version: ", env!("CARGO_PKG_VERSION")), "version: 99.0.0");
        fs::write(&manifest, newer).expect("plugin.yaml can be written");
        commit(&home.source, origin.path());

        let update = ["plugin", "update", "clas"];
        home.helm(&update).exits(1).says("no helm-clas 99.0.0 on the PATH or in a release, and no cargo");
        home.run(home.command().args(update).env("HELM_CLAS_BINARY", home.stand_in("99.0.0"))).exits(0);
        home.helm(&["clas", "version"]).exits(0).prints("helm-clas 99.0.0");
    }
}

// Where the program comes from.

#[test]
fn a_program_that_is_named_is_taken() {
    for helm in helms() {
        let home = Home::new(helm);
        home.run(home.install_command().env("HELM_CLAS_BINARY", PROGRAM)).exits(0);
        home.helm(&["clas", "version"]).exits(0);
        assert!(!home.program().is_symlink(), "the plugin has a copy of its own");
        home.has_no_litter();
    }
}

#[test]
fn a_program_that_is_named_but_of_another_version_is_refused() {
    for helm in helms() {
        let home = Home::new(helm);
        let other = home.stand_in(concat!(env!("CARGO_PKG_VERSION"), "1"));
        symlink(PROGRAM, home.programs.join("helm-clas")).expect("a link can be made");
        let install = home.run(home.install_command().env("HELM_CLAS_BINARY", &other));
        install.exits(1).says(&format!("{} is not helm-clas {}", other.display(), env!("CARGO_PKG_VERSION")));
        home.has_no_program();
    }
}

#[test]
fn a_program_on_the_path_is_taken() {
    for helm in helms() {
        let home = Home::new(helm);
        symlink(PROGRAM, home.programs.join("helm-clas")).expect("a link can be made");
        home.install().exits(0);
        home.helm(&["clas", "version"]).exits(0);
        home.has_no_litter();
    }
}

#[test]
fn a_stale_program_is_replaced() {
    for helm in helms() {
        let home = Home::new(helm);
        home.put_program(&home.stand_in("0.0.1"));
        symlink(PROGRAM, home.programs.join("helm-clas")).expect("a link can be made");
        home.install().exits(0);
        home.helm(&["clas", "version"]).exits(0).prints(concat!("helm-clas ", env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn cargo_builds_the_program() {
    for helm in helms() {
        let home = Home::new(helm);
        home.have_cargo();
        home.install().exits(0).says("building").says("target folder: ").says("/.install-");
        home.helm(&["clas", "here"]).exits(0).prints("<here>");
        home.has_no_litter();
    }
}

#[test]
fn cargo_builds_where_the_user_wants() {
    for helm in helms() {
        let home = Home::new(helm);
        home.have_cargo();
        let install = home.run(home.install_command().env("CARGO_TARGET_DIR", "/their own"));
        install.exits(0).says("target folder: /their own\n");

        home.put_program(&home.stand_in("0.0.1"));
        fs::create_dir(home.source.join("target")).expect("a folder can be made");
        home.helm(&["plugin", "uninstall", "clas"]).exits(0);
        home.install().exits(0).says("target folder: \n");
    }
}

#[test]
fn a_failing_cargo_leaves_what_was_there() {
    for helm in helms() {
        let home = Home::new(helm);
        script(&home.programs.join("cargo"), "echo 'error: no network' >&2; exit 101");
        home.install().exits(1).says("error: no network").says("cargo could not build helm-clas");
        home.has_no_program();

        home.put_program(&home.stand_in("0.0.1"));
        home.helm(&["plugin", "uninstall", "clas"]).exits(0);
        home.install().exits(1);
        home.helm(&["clas", "version"]).exits(0).prints("helm-clas 0.0.1");
        home.has_no_litter();
    }
}

#[test]
fn with_no_way_to_a_program_it_says_what_to_do() {
    for helm in helms() {
        let home = Home::new(helm);
        let install = home.install().exits(1).says("no cargo to build one").says("https://rustup.rs");
        install.says(concat!("put a ready helm-clas ", env!("CARGO_PKG_VERSION"), " at: "));
        home.has_no_program();

        // Helm keeps the plugin anyway.
        let call = home.helm(&["clas", "version"]).exits(2).says("the plugin's program is missing: ");
        let (_, advice) = call.stderr.split_once("run: ").expect("it names a command");
        let command = advice.lines().next().expect("the command is one line");

        // A person who follows that advice, having cargo now, gets the program, in whatever folder they are.
        home.have_cargo();
        let advised = Command::new("sh").args(["-c", command]).env("PATH", &home.programs).current_dir("/").output();
        home.outcome(command, &advised.expect("sh starts")).exits(0);
        home.helm(&["clas", "here"]).exits(0).prints("<here>");
    }
}

// Calling.

#[test]
fn arguments_arrive_as_they_are() {
    // An empty argument is not among them: every Helm drops it together with the one after it.
    let words = ["a b", "*", "$HOME", "it's", "\"q\"", "--version=", "--set", "a=b,c", "-f", "-", "--", "-x", "ü"];
    for helm in helms() {
        let home = Home::with_echo(helm);
        let mut expected = format!("<{}>\n", words.join(">\n<"));
        let call = home.helm(&[&["clas"], &words[..]].concat()).exits(0);
        assert_eq!(call.stdout, expected, "{call}");

        // Helm takes some options before the name of a plugin, and passes on what it does not use itself.
        if helm.version != "3.17" {
            expected.insert_str(0, "<--color>\n<never>\n");
            let call = home.helm(&[&["--color", "never", "clas"], &words[..]].concat()).exits(0);
            assert_eq!(call.stdout, expected, "{call}");
        }
    }
}

#[test]
fn exit_codes_come_through() {
    for helm in helms() {
        let home = Home::with_plugin(helm);
        home.helm(&[&["clas", "migrate"], &STEP[..]].concat()).exits(0);
        home.helm(&[&["clas", "migrate", "--finish"], &STEP[..]].concat()).exits(1);
        home.helm(&["clas", "migrate", "--no-such-option"]).exits(2);
    }
}

#[test]
fn standard_input_comes_through() {
    for helm in helms() {
        let home = Home::with_plugin(helm);
        let step = ["-f", "-", "--version", "5.1.0", "--pce-version", "24.2.20", "-o", "yaml"];
        let values = fs::File::open(home.work.join("values.yaml")).expect("the values can be read");
        let filter = home.run(home.command().args(["clas", "migrate"]).args(step).stdin(values)).exits(0);
        assert_eq!(filter.stdout, VALUES.replace("legacy", "migrateLegacyToClas"), "{filter}");
    }
}

#[test]
fn the_namespace_comes_through() {
    for helm in helms() {
        let home = Home::with_plugin(helm);
        let namespace = |before: &[&str], after: &[&str]| {
            let call = home.helm(&[before, &["clas", "migrate", "-o", "json"], &STEP[..], after].concat()).exits(0);
            let step: Value = serde_json::from_str(&call.stdout).unwrap_or_else(|error| panic!("{error}\n{call}"));
            let words = step["helmCommand"].as_array().unwrap_or_else(|| panic!("no helmCommand\n{call}"));
            let place = words.iter().position(|word| word == "-n").unwrap_or_else(|| panic!("no -n\n{call}"));
            words[place + 1].as_str().expect("a word is text").to_owned()
        };
        assert_eq!(namespace(&[], &[]), "illumio-system");
        assert_eq!(namespace(&[], &["-n", "my-ns"]), "my-ns");
        assert_eq!(namespace(&[], &["--namespace=my-ns"]), "my-ns");
        assert_eq!(namespace(&["-n", "my-ns"], &[]), "my-ns");
        // Helm takes this one and passes it on as well.
        assert_eq!(namespace(&[], &["-nmy-ns"]), "my-ns");
    }
}

#[test]
fn helms_own_options_do_no_harm() {
    for helm in helms() {
        let home = Home::with_plugin(helm);
        home.helm(&[&["--debug", "clas", "migrate"], &STEP[..]].concat()).exits(0);
        home.helm(&[&["clas", "migrate", "--debug=true"], &STEP[..]].concat()).exits(0);
        home.helm(&[&["clas", "migrate", "--kube-context", "east"], &STEP[..]].concat()).exits(0);
        if helm.version != "3.17" {
            home.helm(&[&["--color", "never", "clas", "migrate"], &STEP[..]].concat()).exits(0);
        }
    }
}

#[test]
fn help_is_the_tools_own() {
    for helm in helms() {
        let home = Home::with_plugin(helm);
        home.helm(&["clas", "--help"]).exits(0).prints("migrate");
        home.helm(&["help", "clas"]).exits(0).prints("from the legacy policy model to CLAS and back");
    }
}

// Completing.

#[test]
fn commands_and_options_complete() {
    let text = fs::read_to_string(repository().join("completion.yaml")).expect("completion.yaml can be read");
    let completion: Value = serde_yaml::from_str(&text).expect("completion.yaml is YAML");
    let commands = completion["commands"].as_array().expect("`commands` is a list");
    for helm in helms() {
        let home = Home::with_plugin(helm);
        let offered = home.helm(&["__complete", "clas", ""]).exits(0).candidates();
        for command in commands {
            let name = command["name"].as_str().expect("a command has a name");
            assert!(offered.iter().any(|offer| offer == name), "Helm {}: no {name} in {offered:?}", helm.version);
        }
        let offered = home.helm(&["__complete", "clas", "migrate", "--f"]).exits(0).candidates();
        assert_eq!(
            offered.iter().filter(|offer| *offer == "--finish").count(),
            1,
            "Helm {}: {offered:?}",
            helm.version
        );
        for (words, expected) in [
            (["explain", "--quiet", "wrong-s"], "wrong-step"),
            (["migrate", "--allow", ""], "several-clusters-at-once"),
            (["verify", "--after-mode", ""], "migrateLegacyToClas"),
            (["check", "--output-file", "s"], "sarif:"),
        ] {
            let offered = home.helm(&[&["__complete", "clas"][..], &words].concat()).exits(0).candidates();
            assert!(offered.iter().any(|offer| offer == expected), "Helm {}: {words:?} {offered:?}", helm.version);
        }
    }
}

/// Each command's own options, as the program takes them, and none that it hides; beside them Helm's.
#[test]
fn every_option_of_every_command_completes_through_helm() {
    let mut command = crate::args::described::command_called(helm_clas::Called::OF_HELM);
    command.build();
    for helm in helms() {
        let home = Home::with_plugin(helm);
        let offered = |words: &[&str]| -> BTreeSet<String> {
            let words = [&["__complete"][..], words, &["--"]].concat();
            home.helm(&words).exits(0).candidates().into_iter().filter(|word| word.starts_with("--")).collect()
        };
        let of_helm = offered(&["version"]).union(&offered(&["list"])).cloned().collect::<BTreeSet<_>>();
        every_below(&command, &mut vec!["clas"], &mut |path, command| {
            let shown = command.get_arguments().filter(|argument| !argument.is_hide_set());
            let expected: BTreeSet<String> = shown.filter_map(|it| Some(format!("--{}", it.get_long()?))).collect();
            let offered = offered(path);
            let missing: Vec<&String> = expected.difference(&offered).collect();
            assert!(missing.is_empty(), "Helm {}: {path:?} lacks {missing:?}", helm.version);
            let extra: Vec<&String> = offered.difference(&expected).filter(|word| !of_helm.contains(*word)).collect();
            assert!(extra.is_empty(), "Helm {}: {path:?} offers {extra:?}", helm.version);
        });
    }
}

/// Helm takes the first short option of completion.yaml for that of the first long one, and so on.
#[test]
fn a_short_option_stands_beside_its_own_long_one() {
    let text = fs::read_to_string(repository().join("completion.yaml")).expect("completion.yaml can be read");
    let completion: Value = serde_yaml::from_str(&text).expect("completion.yaml is YAML");
    let mut command = crate::args::described::command_called(helm_clas::Called::OF_HELM);
    command.build();
    every_below(&command, &mut vec!["clas"], &mut |path, command| {
        let below =
            |node: &Value, name: &&str| node["commands"].as_array()?.iter().find(|it| it["name"] == **name).cloned();
        let node = path[1..].iter().try_fold(completion.clone(), |node, name| below(&node, name));
        let flags = node.unwrap_or_else(|| panic!("no {path:?}"))["flags"].as_array().cloned().unwrap_or_default();
        let flags: Vec<&str> = flags.iter().map(|flag| flag.as_str().expect("a flag is text")).collect();
        let (shorts, longs): (Vec<&str>, Vec<&str>) = flags.into_iter().partition(|flag| flag.len() == 1);
        for argument in command.get_arguments().filter(|it| !it.is_hide_set() && !it.is_positional()) {
            let long = argument.get_long().expect("every option has a long form");
            let at = longs.iter().position(|it| *it == long).unwrap_or_else(|| panic!("{path:?}: --{long}"));
            let short = argument.get_short().map(|short| short.to_string());
            assert_eq!(shorts.get(at).map(ToString::to_string), short, "{path:?}: --{long}");
        }
    });
}

/// Calls a function for each command that is not hidden, with the words that lead to it.
fn every_below<'c>(
    command: &'c clap::Command,
    path: &mut Vec<&'c str>,
    each: &mut impl FnMut(&[&str], &clap::Command),
) {
    each(path, command);
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        path.push(below.get_name());
        every_below(below, path, each);
        path.pop();
    }
}

/// A person's machine with one Helm and no other program than the hook and git need.
pub(crate) struct Home {
    helm: &'static Helm,
    pub(crate) root: TempDir,
    /// The plugin's files before they are installed.
    pub(crate) source: PathBuf,
    /// The only folder on the PATH.
    pub(crate) programs: PathBuf,
    /// The folder in which everything runs.
    pub(crate) work: PathBuf,
}

impl Home {
    /// A machine without the plugin. Each path in it has spaces and a letter beyond ASCII.
    pub(crate) fn new(helm: &'static Helm) -> Self {
        let root = tempfile::Builder::new().prefix("helm cläs ").tempdir().expect("a temporary folder can be made");
        let folder = |name: &str| {
            let folder = root.path().join(name);
            fs::create_dir(&folder).expect("a folder can be made");
            folder
        };
        let [source, programs, work] = ["plugin", "programs", "work"].map(folder);

        fs::create_dir_all(source.join("src/plugin")).expect("a folder can be made");
        for file in
            ["plugin.yaml", "completion.yaml", "plugin.complete", "src/plugin/helm-clas.sh", "src/plugin/install.sh"]
        {
            fs::copy(repository().join(file), source.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        }
        for tool in ["sh", "cat", "chmod", "cp", "dirname", "git", "mkdir", "mv", "rm", "sed"] {
            symlink(on_the_path(tool), programs.join(tool)).expect("a link can be made");
        }
        fs::write(work.join("values.yaml"), VALUES).expect("the values can be written");
        Self { helm, root, source, programs, work }
    }

    /// A machine with the plugin and the program under test.
    fn with_plugin(helm: &'static Helm) -> Self {
        let home = Self::new(helm);
        home.put_program(Path::new(PROGRAM));
        home.install().exits(0);
        home
    }

    /// A machine with the plugin and a program that prints its arguments.
    fn with_echo(helm: &'static Helm) -> Self {
        let home = Self::new(helm);
        home.put_program(&home.stand_in(env!("CARGO_PKG_VERSION")));
        home.install().exits(0);
        home
    }

    /// Helm, as the person at this machine calls it.
    pub(crate) fn command(&self) -> Command {
        let mut command = self.helm.command(self.root.path());
        command.env("PATH", &self.programs).current_dir(&self.work);
        command
    }

    pub(crate) fn helm(&self, arguments: &[&str]) -> Outcome {
        self.run(self.command().args(arguments))
    }

    pub(crate) fn install_command(&self) -> Command {
        let mut command = self.command();
        command.args(["plugin", "install"]).arg(&self.source);
        command
    }

    pub(crate) fn install(&self) -> Outcome {
        self.run(&mut self.install_command())
    }

    pub(crate) fn run(&self, command: &mut Command) -> Outcome {
        let output = command.output().expect("Helm starts");
        let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
        self.outcome(&words.join(" "), &output)
    }

    fn outcome(&self, command: &str, output: &Output) -> Outcome {
        Outcome {
            command: format!("Helm {}: {command}", self.helm.version),
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Puts this keyring where Helm looks for the keys that its user trusts.
    pub(crate) fn trusts(&self, keyring: &Path) {
        let folder = self.root.path().join(".gnupg");
        fs::create_dir_all(&folder).expect("a folder can be made");
        fs::copy(keyring, folder.join("pubring.gpg")).expect("the keyring can be copied");
    }

    /// Where the plugin looks for its program.
    pub(crate) fn program(&self) -> PathBuf {
        self.source.join("bin/helm-clas")
    }

    pub(crate) fn put_program(&self, program: &Path) {
        fs::create_dir_all(self.source.join("bin")).expect("a folder can be made");
        // It may be there from an earlier install.
        let _ = fs::remove_file(self.program());
        symlink(program, self.program()).expect("a link can be made");
    }

    /// A program that says it is of this version, and else prints its arguments.
    pub(crate) fn stand_in(&self, version: &str) -> PathBuf {
        let place = self.root.path().join(format!("stand-in {version}"));
        let version = format!("[ \"$1\" = version ] && echo 'helm-clas {version} (stand-in)' && exit");
        script(&place, &format!("{version}\nfor word; do echo \"<$word>\"; done"));
        place
    }

    /// Puts a cargo on the PATH that checks how it is called and builds the stand-in. A real build takes minutes;
    /// `.ci/run` does it once.
    pub(crate) fn have_cargo(&self) {
        let body = format!(
            r#"
            set -e
            [ -f plugin.yaml ] || exit 3
            case $* in "install --locked --no-track --path . --root "*) ;; *) exit 4 ;; esac
            for root; do :; done
            echo "target folder: ${{CARGO_TARGET_DIR-}}" >&2
            cp '{}' "$root/bin/helm-clas"
            "#,
            self.stand_in(env!("CARGO_PKG_VERSION")).display(),
        );
        script(&self.programs.join("cargo"), &body);
    }

    #[track_caller]
    pub(crate) fn has_no_program(&self) {
        assert!(!self.source.join("bin").exists(), "Helm {}: a bin/ was made", self.helm.version);
        self.has_no_litter();
    }

    #[track_caller]
    pub(crate) fn has_no_litter(&self) {
        let entries = fs::read_dir(&self.source).expect("the plugin's folder can be read");
        let mut names: Vec<_> = entries.map(|entry| entry.expect("it can be read").file_name()).collect();
        names.retain(|name| name != "bin");
        names.sort();
        assert_eq!(names, ["completion.yaml", "plugin.complete", "plugin.yaml", "src"], "Helm {}", self.helm.version);
    }
}

/// What came of one command.
pub(crate) struct Outcome {
    command: String,
    code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    #[track_caller]
    pub(crate) fn prints(self, text: &str) -> Self {
        assert!(self.stdout.contains(text), "no `{text}` on stdout of {self}");
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "no `{text}` on stderr of {self}");
        self
    }

    /// The words that a shell would offer; their explanations and the last line, a directive, are not for the user.
    fn candidates(self) -> Vec<String> {
        let words = self.stdout.lines().filter(|line| !line.starts_with(':'));
        words.map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let Self { command, code, stdout, stderr } = self;
        write!(formatter, "{command}\nexit code {code:?}\nstdout:\n{stdout}\nstderr:\n{stderr}")
    }
}

pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where the machine that runs the tests has this program.
pub(crate) fn on_the_path(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").expect("there is a PATH");
    let mut places = std::env::split_paths(&path).map(|folder| folder.join(program));
    places.find(|place| place.exists()).unwrap_or_else(|| panic!("these tests need `{program}` on the PATH"))
}

/// Makes a program of this shell text.
///
/// Another process writes it: what this one has open for writing, the programs it starts meanwhile have open as well
/// for a moment, and a file that any process has open for writing cannot be run.
pub(crate) fn script(place: &Path, body: &str) {
    let mut writer = Command::new("sh");
    writer.args(["-c", "cat >\"$0\" && chmod +x \"$0\""]).arg(place).stdin(Stdio::piped());
    let mut writer = writer.spawn().expect("sh starts");
    let mut pipe = writer.stdin.take().expect("stdin is piped");
    pipe.write_all(format!("#!/bin/sh\n{body}\n").as_bytes()).expect("sh reads");
    drop(pipe);
    assert!(writer.wait().expect("sh ends").success());
}

/// Commits what is in `files` to the repository at `origin`, which is made if need be.
fn commit(files: &Path, origin: &Path) {
    let steps = "cp -R \"$0/.\" . && git init -q && git add -A && git -c user.name=test commit -q -m 'a version'";
    let mut command = Command::new("sh");
    command.args(["-c", steps]).arg(files).current_dir(origin).env("HOME", origin);
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("EMAIL", "test@example.com");
    assert!(command.status().expect("sh starts").success());
}
