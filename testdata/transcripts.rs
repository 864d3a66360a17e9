//! Transcripts: Markdown that is manual, test and target at once.
//!
//! `README.md`, each `docs/*.md` and each `testdata/cli/*.md` is prose around blocks marked `console`, which show a
//! terminal:
//!
//! ```text
//! $ command        run by `sh -c`; it goes on in lines that begin with `> `
//! answer           what the terminal shows, standard output and standard error together, to the byte
//! ? 1              the exit code, where it is not 0
//! ```
//!
//! The commands of a file run one after the other in one folder, so a file can tell a story. It is a fresh copy of
//! `NAME.in` beside `NAME.md`, of `readme.in` for the README and `docs`, or else of the folder `in`. The program is
//! `helm-clas`; in the README and in `docs` it is `helm clas`, the plugin under a real Helm.
//!
//! `UPDATE=1 cargo test transcripts::` writes the answers into the files again. Read the difference.

use std::{
    collections::BTreeSet,
    env, fs, io,
    io::Read as _,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use helm_clas::Rule;
use similar::TextDiff;
use tempfile::TempDir;

use crate::support::copy;

// Running the files.

macro_rules! transcripts {
    ($($test:ident: $name:literal;)*) => {
        const TRANSCRIPTS: &[&str] = &[$($name),*];
        $(
            #[test]
            fn $test() {
                is_as_written($name);
            }
        )*
    };
}

transcripts! {
    compat: "compat.md";
    explain: "explain.md";
    findings: "findings.md";
    json: "json.md";
    migrate: "migrate.md";
    policy: "policy.md";
    prove: "prove.md";
    places: "places.md";
    refused: "refused.md";
    revert: "revert.md";
    rules: "rules.md";
    runbook: "runbook.md";
    secrets: "secrets.md";
    status: "status.md";
    several_files: "several-files.md";
    set: "set.md";
    version: "version.md";
    yaml: "yaml.md";
    git: "git.md";
    readme: "README.md";
    docs_pce: "docs/pce.md";
    docs_steps: "docs/steps.md";
    docs_values: "docs/values.md";
}

/// Whether it is a page about the plugin; all others are about the program by itself.
fn is_of_plugin(name: &str) -> bool {
    name == "README.md" || name.starts_with("docs/")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/cli")
}

fn path_of(name: &str) -> PathBuf {
    if is_of_plugin(name) { Path::new(env!("CARGO_MANIFEST_DIR")).join(name) } else { folder().join(name) }
}

fn parsed(name: &str) -> Vec<Part> {
    parts(&fs::read_to_string(path_of(name)).unwrap_or_else(|error| panic!("{name}: {error}")))
}

/// Runs a file, and compares it with the result, or writes that into it.
#[track_caller]
fn is_as_written(name: &str) {
    let machine = Machine::new(name);
    came_of(&path_of(name), |part| machine.run(part));
}

/// Compares a file with the result of its parts, or writes that into it.
#[track_caller]
pub(crate) fn came_of(file: &Path, run: impl FnMut(&Part) -> String) {
    let name = file.display();
    let parts = parts(&fs::read_to_string(file).unwrap_or_else(|error| panic!("{name}: {error}")));
    let actual: String = parts.iter().map(run).collect();
    let written = parts.iter().map(Part::as_written).collect::<String>();
    if written == actual {
        return;
    }
    if env::var_os("UPDATE").is_some() {
        return fs::write(file, actual).unwrap();
    }
    let diff = TextDiff::from_lines(written.as_str(), actual.as_str());
    let diff = diff.unified_diff().header("as written", "as run").to_string();
    panic!("{name} is not what its commands say; `UPDATE=1 cargo test transcripts::` writes it anew.\n{diff}");
}

/// A piece of a transcript.
pub(crate) enum Part {
    /// Prose, and blocks of other kinds.
    Prose(String),
    /// A command with its answer.
    Command { command: String, answer: String, code: i32 },
}

impl Part {
    pub(crate) fn as_written(&self) -> String {
        match self {
            Self::Prose(text) => text.clone(),
            Self::Command { command, answer, code } => {
                let exit = if *code == 0 { String::new() } else { format!("? {code}\n") };
                format!("$ {}\n{answer}{exit}", command.replace('\n', "\n> "))
            }
        }
    }
}

/// Takes a transcript apart.
pub(crate) fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut is_console = false;
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        is_console = if is_console { !line.starts_with("```") } else { line.trim_end() == "```console" };
        let Some(command) = line.strip_prefix("$ ").filter(|_| is_console) else {
            assert!(!is_console || line.starts_with("```"), "not behind a command: {line}");
            parts.push(Part::Prose(line.to_owned()));
            continue;
        };
        let mut command = command.trim_end().to_owned();
        while let Some(more) = lines.peek().and_then(|line| line.strip_prefix("> ")) {
            command = command + "\n" + more.trim_end();
            lines.next();
        }
        let mut answer = String::new();
        let mut code = 0;
        while let Some(line) = lines.next_if(|line| !line.starts_with("$ ") && !line.starts_with("```")) {
            let is_last = lines.peek().is_none_or(|next| next.starts_with("$ ") || next.starts_with("```"));
            match line.strip_prefix("? ").and_then(|code| code.trim_end().parse().ok()) {
                Some(number) if is_last => code = number,
                _ => answer += line,
            }
        }
        parts.push(Part::Command { command, answer, code });
    }
    parts
}

/// A user's machine: a home, a working folder, programs.
struct Machine {
    root: TempDir,
}

impl Machine {
    fn new(name: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let stem = Path::new(name).file_stem().unwrap().to_str().unwrap();
        let stem = if is_of_plugin(name) { "readme" } else { stem };
        let own = folder().join(format!("{stem}.in"));
        let programs = root.path().join("programs");
        fs::create_dir_all(&programs).unwrap();
        copy(&if own.is_dir() { own } else { folder().join("in") }, &root.path().join("work"));
        let program = env!("CARGO_BIN_EXE_helm-clas");
        if is_of_plugin(name) {
            let helm = &crate::support::helm::helms()[2];
            symlink(&helm.path, programs.join("helm")).unwrap();
            let plugin = root.path().join("plugins/clas");
            fs::create_dir_all(plugin.join("bin")).unwrap();
            for file in ["plugin.yaml", "completion.yaml", "src"] {
                symlink(Path::new(env!("CARGO_MANIFEST_DIR")).join(file), plugin.join(file)).unwrap();
            }
            symlink(program, plugin.join("bin/helm-clas")).unwrap();
        } else {
            symlink(program, programs.join("helm-clas")).unwrap();
        }
        fs::write(
            root.path().join(".gitconfig"),
            "[user]\n  name = A Person\n  email = person@example.com\n[init]\n  defaultBranch = main\n",
        )
        .unwrap();
        Self { root }
    }

    /// A piece as it is after it was run.
    fn run(&self, part: &Part) -> String {
        let Part::Command { command, .. } = part else { return part.as_written() };
        let (mut reader, writer) = io::pipe().unwrap();
        let mut child = self.shell(command).stdout(writer.try_clone().unwrap()).stderr(writer).spawn().unwrap();
        let mut answer = String::new();
        reader.read_to_string(&mut answer).unwrap_or_else(|error| panic!("$ {command}\n{error}"));
        let code = child.wait().unwrap().code().unwrap_or_else(|| panic!("killed: $ {command}"));
        let is_shown = |line: &str| !line.starts_with("$ ") && !line.starts_with("> ") && !line.starts_with("```");
        let is_whole = answer.is_empty() || answer.ends_with('\n');
        assert!(is_whole && answer.lines().all(is_shown), "a transcript cannot show this: $ {command}\n{answer}");
        assert!(!answer.contains("panicked"), "$ {command}\n{answer}");
        let root = self.root.path().to_str().unwrap();
        assert!(!answer.contains(root), "a path of this machine: $ {command}\n{answer}");
        Part::Command { command: command.clone(), answer, code }.as_written()
    }

    fn shell(&self, command: &str) -> Command {
        let mut shell = Command::new("sh");
        let path = env::split_paths(&env::var_os("PATH").unwrap()).collect::<Vec<_>>();
        let programs = [self.root.path().join("programs")];
        shell.args(["-c", command]).current_dir(self.root.path().join("work")).stdin(Stdio::null());
        shell.env_clear().env("PATH", env::join_paths(programs.into_iter().chain(path)).unwrap());
        shell.env("HOME", self.root.path()).env("HELM_PLUGINS", self.root.path().join("plugins"));
        shell.env("LANG", "C.UTF-8").env("COLUMNS", "80").env("GIT_CONFIG_NOSYSTEM", "1");
        shell
    }
}

// What the files must hold.

fn commands(name: &str) -> impl Iterator<Item = (String, String, i32)> {
    parsed(name).into_iter().filter_map(|part| match part {
        Part::Command { command, answer, code } => Some((command, answer, code)),
        Part::Prose(_) => None,
    })
}

/// The names of the Markdown files of a folder.
fn pages(folder: &Path) -> impl Iterator<Item = String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| Path::new(name).extension().is_some_and(|ending| ending == "md"))
}

/// `README.md` and the pages in `docs`.
fn pages_of_plugin() -> Vec<String> {
    let docs = pages(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/docs"))).map(|name| format!("docs/{name}"));
    docs.chain(["README.md".to_owned()]).collect()
}

#[test]
fn every_file_is_run_and_shows_something() {
    let shows = |name: &String| fs::read_to_string(path_of(name)).unwrap().contains("\n```console\n");
    let files: BTreeSet<String> = pages(&folder()).chain(pages_of_plugin().into_iter().filter(shows)).collect();
    assert_eq!(files, TRANSCRIPTS.iter().map(ToString::to_string).collect());
    for name in TRANSCRIPTS {
        let program = if is_of_plugin(name) { "helm clas" } else { "helm-clas" };
        assert!(commands(name).any(|(command, ..)| command.contains(program)), "{name} shows no `{program}`");
    }
}

#[test]
fn every_link_of_a_page_leads_to_a_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let others = ["CONTRIBUTING.md", "SECURITY.md"].map(str::to_owned);
    let mut count = 0;
    for name in pages_of_plugin().into_iter().chain(others) {
        let text = fs::read_to_string(root.join(&name)).unwrap();
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let page = root.join(&name);
            let to = if file.is_empty() { page } else { page.parent().unwrap().join(file) };
            let to = fs::read_to_string(&to).unwrap_or_else(|error| panic!("{name}: {link}: {error}"));
            let anchor = |title: &str| title.to_lowercase().replace(' ', "-").replace(['`', ',', ':'], "");
            let titles: Vec<String> =
                to.lines().filter_map(|line| line.strip_prefix("## ")).map(anchor).chain([String::new()]).collect();
            assert!(titles.iter().any(|title| title == heading), "{name}: {link}: {titles:?}");
            count += 1;
        }
    }
    assert!(count > 10, "{count}");
}

fn fires(rule: Rule, answer: &str) -> bool {
    ["error", "warning", "info"].iter().any(|severity| answer.contains(&format!("{severity}[{}]", rule.name())))
}

/// In these files each rule has a heading of its name. Under it the rule fires first, and last does
/// not.
#[test]
fn every_rule_stands_beside_its_near_miss() {
    let text =
        ["refused.md", "findings.md", "policy.md"].map(|name| fs::read_to_string(path_of(name)).unwrap()).concat();
    let sections = text.split("\n## ").skip(1).filter_map(|section| section.strip_prefix('`')?.split_once("`\n"));
    let sections: Vec<(&str, &str)> = sections.collect();
    for (name, section) in &sections {
        let rule = Rule::named(name).unwrap_or_else(|| panic!("no rule `{name}`"));
        let answers: Vec<(String, i32)> = parts(section)
            .into_iter()
            .filter_map(|part| match part {
                Part::Command { command, answer, code } if command.contains("helm-clas ") => Some((answer, code)),
                _ => None,
            })
            .collect();
        let [(first, _), .., (last, code)] = answers.as_slice() else { panic!("`{name}` has no near miss") };
        assert!(fires(rule, first), "`{name}` does not fire in\n{first}");
        assert!(!fires(rule, last) && *code == 0, "`{name}` fires, or exit code {code}, in\n{last}");
    }
    let names: BTreeSet<&str> = sections.iter().map(|(name, _)| *name).collect();
    let wanted = Rule::ALL.iter().filter(|rule| !SHOWN_ELSEWHERE.contains(rule)).map(|rule| rule.name());
    assert_eq!(names, wanted.collect());
}

/// Rules that need a cluster: `testdata/live.rs` has them.
const SHOWN_ELSEWHERE: &[Rule] = &[Rule::ReleaseDiffers, Rule::NotReady];

/// Commands in blocks marked `sh`, which are not run here, and where they are instead.
const RUN_ELSEWHERE: &[(&str, &str)] = &[
    ("helm plugin install .", "testdata/plugin.rs"),
    ("cargo test", "what is running now"),
    (
        "helm clas migrate --run -f illumio-values.yaml --version 5.1.0 --pce-version 24.2.20 -- --timeout 15m",
        "testdata/live.rs",
    ),
    ("helm clas guard | kubectl apply -f -", "testdata/guard.rs"),
    ("helm clas guard --controller flux --action warn | kubectl apply -f -", "testdata/guard.rs"),
];

#[test]
fn commands_of_the_pages_that_are_not_run_here_are_run_elsewhere() {
    let text: String = pages_of_plugin().iter().map(|name| fs::read_to_string(path_of(name)).unwrap()).collect();
    let mut blocks = text.split("\n```sh\n").skip(1).map(|rest| rest.split("\n```").next().unwrap()).peekable();
    assert!(blocks.peek().is_some(), "no blocks marked `sh`");
    for line in blocks.flat_map(str::lines) {
        if RUN_ELSEWHERE.iter().any(|(known, _)| line == *known) {
            continue;
        }
        let arguments = line.strip_prefix("cargo run -- ").or_else(|| line.strip_prefix("helm clas "));
        let arguments = arguments.unwrap_or_else(|| panic!("who runs `{line}`?"));
        let mut program = Command::new(env!("CARGO_BIN_EXE_helm-clas"));
        let output = program.args(arguments.split(' ')).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        assert!(output.status.success() && !output.stdout.is_empty(), "{line}: {output:?}");
    }
}
