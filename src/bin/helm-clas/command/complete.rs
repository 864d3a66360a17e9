//! What may come next on the command line: the shells' scripts and Helm's `plugin.complete` ask `helm-clas __complete`
//! with the words so far. The answer is a word a line, with its description after a tab, and last how to go on: `:0`
//! with names of files, `:2` without a space, `:4` with nothing else. (cobra, "Shell completions":
//! `ShellCompDirective`)

use std::{
    env, io,
    process::{Command as Process, ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};

use clap::{Arg, ArgAction, Command, ValueEnum as _};
use helm_clas::{ClusterMode, Release, Rule, Texts, checks_before, names_of_takers};

use crate::{
    args::{CheckForm, described},
    workspace::Workspace,
};

/// The word by which it is asked.
const ASKED: &str = "__complete";

/// How long another program may take to list names.
const LONGEST: Duration = Duration::from_secs(3);

/// How a shell goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Files = 0,
    NoBlank = 2,
    Nothing = 4,
}

/// The words that may come next, each with its description.
type Offered = Vec<(String, String)>;

/// The words so far, the last of them unfinished, where that is what is asked.
pub(crate) fn asked() -> Option<Vec<String>> {
    let mut words = env::args_os().skip(1);
    words.next().filter(|word| word == ASKED)?;
    Some(words.map(|word| word.to_string_lossy().into_owned()).collect())
}

pub(crate) fn run(words: &[String]) -> ExitCode {
    let (offered, then) = Place::of(words).offered();
    let line = |(word, what): (String, String)| match what.lines().next() {
        Some(what) if !what.is_empty() => format!("{word}\t{what}\n"),
        _ => format!("{word}\n"),
    };
    let mut lines: Vec<String> = offered.into_iter().map(line).collect();
    lines.push(format!(":{}\n", then as u8));
    // the process that asked may have ended
    let _ = io::Write::write_all(&mut io::stdout(), lines.concat().as_bytes());
    ExitCode::SUCCESS
}

/// The place of the unfinished word.
struct Place {
    command: Command,
    /// The options that were given, with their values.
    given: Vec<(String, String)>,
    /// The words that were given and are not options.
    words: Vec<String>,
    /// The option whose value is unfinished, and what comes before that in the word.
    value_of: Option<(Arg, String)>,
    /// Whether options have ended.
    is_behind: bool,
    last: String,
}

impl Place {
    fn of(words: &[String]) -> Self {
        let mut command = described::command();
        command.build();
        let (last, before) = words.split_last().map_or((String::new(), &[][..]), |(last, rest)| (last.clone(), rest));
        let mut place = Self { command, given: Vec::new(), words: Vec::new(), value_of: None, is_behind: false, last };
        for word in before {
            place.take(word);
        }
        place.take_last();
        place
    }

    /// Takes a finished word.
    fn take(&mut self, word: &str) {
        if let Some((option, _)) = self.value_of.take() {
            if word == "=" {
                // bash takes `--output=json` apart
                self.value_of = Some((option, String::new()));
                return;
            }
            self.given.push((option.get_id().to_string(), word.to_owned()));
        } else if self.is_behind {
            self.words.push(word.to_owned());
        } else if word == "--" {
            self.is_behind = true;
        } else if let Some((name, value)) = word.split_once('=').filter(|(name, _)| name.starts_with("--")) {
            let id = self.option(name).map(|option| option.get_id().to_string());
            self.given.extend(id.map(|id| (id, value.to_owned())));
        } else if word.starts_with('-') && word.len() > 1 {
            let option = self.option(word).cloned();
            if option.as_ref().is_some_and(takes_value) {
                self.value_of = option.map(|option| (option, String::new()));
            } else {
                self.given.extend(option.map(|option| (option.get_id().to_string(), String::new())));
            }
        } else if let Some(sub) = self.command.find_subcommand(word).filter(|_| self.words.is_empty()) {
            self.command = sub.clone();
        } else {
            self.words.push(word.to_owned());
        }
    }

    /// Looks at the unfinished word.
    fn take_last(&mut self) {
        if self.value_of.is_some() {
            if self.last == "=" {
                self.last = String::new();
            }
            return;
        }
        if let Some((name, value)) = self.last.split_once('=').filter(|(name, _)| name.starts_with("--")) {
            let found = self.option(name).filter(|option| takes_value(option)).cloned();
            if let Some(option) = found {
                (self.value_of, self.last) = (Some((option, format!("{name}="))), value.to_owned());
            }
        }
    }

    fn option(&self, word: &str) -> Option<&Arg> {
        let long = word.strip_prefix("--");
        let short = word.strip_prefix('-').filter(|_| long.is_none()).and_then(|word| word.chars().next());
        let mut options = self.command.get_arguments().filter(|option| !option.is_positional());
        options.find(|option| {
            long.is_some_and(|long| option.get_long() == Some(long)) || short.is_some() && option.get_short() == short
        })
    }

    fn offered(&self) -> (Offered, Then) {
        if let Some((option, before)) = &self.value_of {
            let (offered, then) = self.values(option);
            let offered = offered.into_iter().filter(|(word, _)| word.starts_with(&self.last));
            return (offered.map(|(word, what)| (format!("{before}{word}"), what)).collect(), then);
        }
        if self.last.starts_with('-') && !self.is_behind {
            return (self.options(), Then::Nothing);
        }
        let mut all: Offered = Vec::new();
        let mut then = Then::Nothing;
        if self.words.is_empty() && !self.is_behind {
            let shown = self.command.get_subcommands().filter(|sub| !sub.is_hide_set());
            all.extend(shown.map(|sub| (sub.get_name().to_owned(), words_of(sub.get_about()))));
        }
        let positional = self.command.get_positionals().filter(|argument| !argument.is_hide_set());
        let positional: Vec<&Arg> = positional.filter(|argument| argument.is_last_set() == self.is_behind).collect();
        let is_many = |argument: &&&Arg| matches!(argument.get_action(), ArgAction::Append);
        if let Some(argument) = positional.get(self.words.len()).or(positional.last().filter(is_many)) {
            let (more, how) = self.values(argument);
            all.extend(more);
            then = how;
        }
        all.retain(|(word, _)| word.starts_with(&self.last));
        (all, then)
    }

    /// The options that may still be given: long ones, and short ones where nothing but `-` is written.
    fn options(&self) -> Offered {
        let is_open = |option: &&Arg| {
            let is_given = self.given.iter().any(|(id, _)| id == option.get_id().as_str());
            !option.is_hide_set() && (!is_given || matches!(option.get_action(), ArgAction::Append))
        };
        let names = |option: &Arg| {
            let short = option.get_short().filter(|_| self.last == "-").map(|short| format!("-{short}"));
            let long = option.get_long().map(|long| format!("--{long}"));
            let what = words_of(option.get_help());
            long.into_iter().chain(short).map(move |name| (name, what.clone())).collect::<Vec<_>>()
        };
        let open = self.command.get_arguments().filter(|option| !option.is_positional()).filter(is_open);
        open.flat_map(names).filter(|(name, _)| name.starts_with(&self.last)).collect()
    }

    /// What a value may be.
    fn values(&self, argument: &Arg) -> (Offered, Then) {
        let plain = |words: Vec<String>| words.into_iter().map(|word| (word, String::new())).collect();
        let possible: Offered = argument
            .get_possible_values()
            .iter()
            .filter(|value| !value.is_hide_set())
            .map(|value| (value.get_name().to_owned(), words_of(value.get_help())))
            .collect();
        if !possible.is_empty() {
            return (possible, Then::Nothing);
        }
        match argument.get_id().as_str() {
            "allowed"
                if self.command.find_subcommand("export").is_none() && self.takes("files") && self.takes("run") =>
            {
                (rules(|rule| rule == Rule::SeveralClustersAtOnce), Then::Nothing)
            }
            "allowed" if self.command.find_subcommand("export").is_some() => {
                (rules(Rule::is_about_policy), Then::Nothing)
            }
            "allowed" => (rules(|_| true), Then::Nothing),
            "rule" => (rules(|_| true).into_iter().chain(checks()).collect(), Then::Nothing),
            "after_mode" => (plain(ClusterMode::ALL.map(|mode| mode.as_str().to_owned()).to_vec()), Then::Nothing),
            "despite" => (checks(), Then::Nothing),
            "command" => {
                let mut commands = described::command();
                // a second word is a command below the first one
                if let Some(above) = self.words.first() {
                    commands = commands.find_subcommand(above).cloned().unwrap_or_default();
                }
                let commands =
                    commands.get_subcommands().map(|sub| (sub.get_name().to_owned(), words_of(sub.get_about())));
                (commands.collect(), Then::Nothing)
            }
            "output_files" => {
                let forms = CheckForm::value_variants().iter().filter_map(clap::ValueEnum::to_possible_value);
                if self.last.contains(':') {
                    return (Vec::new(), Then::Files);
                }
                (plain(forms.map(|form| format!("{}:", form.get_name())).collect()), Then::NoBlank)
            }
            "path" => (plain(self.names_in_files()), Then::Nothing),
            "name" | "release" => (plain(self.releases()), Then::Nothing),
            "kube_context" => (plain(told("kubectl", &["config", "get-contexts", "-o", "name"])), Then::Nothing),
            _ => (Vec::new(), if names_files(argument) { Then::Files } else { Then::Nothing }),
        }
    }

    fn takes(&self, id: &str) -> bool {
        self.command.get_arguments().any(|argument| argument.get_id() == id)
    }

    fn given(&self, id: &str) -> impl DoubleEndedIterator<Item = &String> {
        self.given.iter().filter(move |(name, _)| name == id).map(|(_, value)| value)
    }

    /// The names of the releases in the manifest that `-f` names.
    fn names_in_files(&self) -> Vec<String> {
        let Some(first) = self.given("files").chain(self.given("values")).next() else { return Vec::new() };
        let texts = Texts::new();
        let workspace = Workspace::open(&texts, std::slice::from_ref(first), None);
        workspace.map(|workspace| names_of_takers(&workspace.files, 0, &[])).unwrap_or_default()
    }

    /// The releases that Helm has in the namespace.
    fn releases(&self) -> Vec<String> {
        let of_helm = || env::var("HELM_NAMESPACE").ok().filter(|name| !["", "default"].contains(&name.as_str()));
        let namespace = self.given("namespace").next_back().cloned().or_else(of_helm);
        let namespace = namespace.unwrap_or_else(|| Release::default().namespace.to_owned());
        let mut words = vec!["list", "--short", "--namespace", &namespace];
        let options = [("--kube-context", "kube_context"), ("--kubeconfig", "kubeconfig")];
        for (option, id) in options {
            words.extend(self.given(id).next_back().into_iter().flat_map(|value| [option, value.as_str()]));
        }
        let helm = env::var("HELM_BIN").unwrap_or_else(|_| "helm".to_owned());
        told(&helm, &words)
    }
}

fn takes_value(option: &Arg) -> bool {
    matches!(option.get_action(), ArgAction::Set | ArgAction::Append) && !option.is_require_equals_set()
}

fn names_files(argument: &Arg) -> bool {
    const FILES: [&str; 4] = ["FILE", "PATH", "DIR", "FOLDER"];
    let names = argument.get_value_names().unwrap_or_default();
    names.iter().any(|name| FILES.contains(&name.as_str()) || name.ends_with("=FILE,..."))
}

fn words_of(words: Option<&clap::builder::StyledStr>) -> String {
    words.map(ToString::to_string).unwrap_or_default()
}

fn rules(is_offered: impl Fn(Rule) -> bool) -> Offered {
    let offered = Rule::ALL.iter().filter(|rule| is_offered(**rule));
    offered.map(|rule| (rule.name().to_owned(), rule.defect().to_owned())).collect()
}

/// The checks before any step.
fn checks() -> Offered {
    let mut all: Offered = Vec::new();
    for check in ClusterMode::ALL.into_iter().flat_map(checks_before) {
        if !all.iter().any(|(id, _)| id == check.id) {
            all.push((check.id.to_owned(), check.text.to_owned()));
        }
    }
    all
}

/// The lines that another program prints, if it does soon.
fn told(program: &str, words: &[&str]) -> Vec<String> {
    let mut command = Process::new(program);
    command.args(words).env_remove("HELM_DEBUG").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else { return Vec::new() };
    let begun = Instant::now();
    while begun.elapsed() < LONGEST {
        match child.try_wait() {
            Ok(None) => thread::sleep(Duration::from_millis(10)),
            Ok(Some(status)) if status.success() => {
                let output = child.wait_with_output().map(|output| output.stdout).unwrap_or_default();
                return String::from_utf8_lossy(&output).lines().map(str::to_owned).collect();
            }
            _ => return Vec::new(),
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    Vec::new()
}
