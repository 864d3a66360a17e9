//! What becomes of what `helm template` shows: it is brought to a cluster where it is piped to what does that, or where
//! something takes up the file again that it is written to. Nothing else that only shows, compares or checks what Helm
//! would install is a release.

use std::collections::HashSet;

use crate::rendered::shell::{
    self, Part, Token,
    programs::{Does, does},
    text::Said,
};

/// What becomes of what a command shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Kept {
    /// Nothing that is known.
    #[default]
    No,
    /// A cluster gets it.
    Brought,
    /// It is written to these files, or folders.
    Into(Vec<String>),
}

/// What brings manifests to a cluster, or makes others of them.
const BRINGING: [&str; 4] = ["kubectl", "oc", "kapp", "kustomize"];

/// The distributions of Kubernetes that have a kubectl of their own: `k3s kubectl apply`.
const WITH_KUBECTL: [&str; 4] = ["k3s", "k0s", "microk8s", "minikube"];

/// The actions of pipelines that bring files to a cluster, or commit them for what does.
const BRINGING_ACTIONS: [&str; 5] =
    ["git-auto-commit", "add-and-commit", "create-pull-request", "k8s-deploy@", "KubernetesManifest@"];

/// A command from its program on, behind what says how it runs: `sudo -u ci env A=b k3s kubectl`.
fn from_program(words: &[Said]) -> &[Said] {
    /// The options of sudo, env and xargs before a value of their own. (sudo(8); env(1); xargs(1))
    const WITH_VALUE: [&str; 4] = ["-u", "-g", "-C", "-I"];
    let text = |number: usize| words.get(number).map_or("", |word| word.text.as_str());
    let is_before = |number: usize| {
        let is_value = number > 1 && WITH_VALUE.contains(&text(number - 1));
        let is_option = number > 0 && text(number).starts_with('-');
        let name = text(number).trim_start_matches(['@', '-']);
        is_value || is_option || shell::is_passed(name) || name == "xargs" || WITH_KUBECTL.contains(&name)
    };
    let start = (0..words.len()).find(|number| !is_before(*number)).unwrap_or(words.len());
    words.get(start..).unwrap_or_default()
}

/// The name of the program of a command.
fn program(words: &[Said]) -> &str {
    let name = from_program(words).first().map_or("", |word| word.text.trim_start_matches(['@', '-']));
    name.rsplit('/').next().unwrap_or(name)
}

/// What kubectl and its kin are asked to do: the first word that is neither an option nor the value of one. (Kubernetes
/// documentation, kubectl options)
fn verb(words: &[Said]) -> &str {
    const WITHOUT_VALUE: [&str; 4] =
        ["--insecure-skip-tls-verify", "--match-server-version", "--warnings-as-errors", "--disable-compression"];
    let mut words = from_program(words).iter().skip(1).map(|word| word.text.as_str());
    while let Some(word) = words.next() {
        if !word.starts_with('-') {
            return word;
        }
        let is_long = word.starts_with("--") && !word.contains('=') && !WITHOUT_VALUE.contains(&word);
        if word != "--" && (is_long || word.len() == 2) {
            words.next();
        }
    }
    ""
}

/// Whether an option has a command only show what it would do.
fn is_dry(word: &Said) -> bool {
    let how = word.text.strip_prefix("--dry-run");
    how.is_some_and(|how| !["=none", "=false"].contains(&how) && !how.contains('$'))
}

/// Whether a command only looks at manifests.
fn looks(words: &[Said]) -> bool {
    let name = program(words);
    matches!(does(name), Some(Does::Says | Does::Searches | Does::Looks | Does::Shows))
        || BRINGING.contains(&name) && !brings(words)
        || name == "git"
}

/// Whether a command brings manifests to a cluster, or commits them for what does, and does not only show what it would do.
fn brings(words: &[Said]) -> bool {
    if program(words) == "git" {
        return from_program(words).iter().any(|word| ["add", "stage", "commit"].contains(&word.text.as_str()));
    }
    let looks = || ["diff", "get", "delete", "describe"].contains(&verb(words));
    BRINGING.contains(&program(words)) && !looks() && !words.iter().any(is_dry)
}

/// The files that a command writes what it shows to.
fn written(part: &Part<'_>, words: &[Said]) -> impl Iterator<Item = String> {
    let into = part.tokens.iter().filter_map(|token| match token {
        Token::Into { file, .. } if !is_into(token, "/dev/null") => Some(file.said.clone()),
        _ => None,
    });
    let of_tee = if program(words) == "tee" { from_program(words) } else { &[] };
    let of_tee = of_tee.iter().skip(1).filter(|word| !word.text.starts_with('-')).map(|word| word.text.clone());
    into.chain(of_tee).collect::<Vec<_>>().into_iter()
}

impl Kept {
    /// What becomes of what the first of some commands shows, with what is piped on.
    pub(super) fn of(parts: &[Part<'_>], words: &[Vec<Said>]) -> Self {
        let Some(first) = words.first().filter(|words| words.iter().any(|word| word.text == "template")) else {
            return Self::No;
        };
        let mut files: Vec<String> =
            super::command::option_of(first, "--output-dir").map(|folder| folder.text).into_iter().collect();
        for (part, words) in piped(parts).zip(words) {
            if brings(words) {
                return Self::Brought;
            }
            files.extend(written(part, words));
        }
        if files.is_empty() { Self::No } else { Self::Into(files) }
    }
}

/// A line pipes to no more commands than this.
const MOST_PIPED: usize = 16;

/// The first of some commands, and those that it is piped to.
fn piped<'p, 't>(parts: &'p [Part<'t>]) -> impl Iterator<Item = &'p Part<'t>> {
    let rest = parts.iter().skip(1).take(MOST_PIPED).take_while(|part| ["|", "|&"].contains(&part.before.as_str()));
    parts.iter().take(1).chain(rest)
}

/// The commands that get what a group or a loop shows, which ends before them or with the first.
fn behind_group<'p, 't>(parts: &'p [Part<'t>], words: &'p [Vec<Said>]) -> Option<(&'p [Part<'t>], &'p [Vec<Said>])> {
    const CLOSING: [&str; 4] = ["}", "done", "fi", "esac"];
    let first = parts.first()?;
    if first.before.ends_with(")|") || first.before.ends_with(")|&") {
        return Some((parts, words));
    }
    let closes = shell::words(first.tokens).first().is_some_and(|word| CLOSING.contains(&word.said.as_str()));
    if closes && piped(parts).nth(1).is_some() { parts.get(1..).zip(words.get(1..)) } else { None }
}

/// The names that the commands of a file bring to a cluster, or commit for what does.
#[derive(Default)]
pub(super) struct TakenUp {
    names: HashSet<(bool, String)>,
    /// Those that commands only show.
    shown: HashSet<(bool, String)>,
    /// Whether what a group or a loop shows is brought there: `{ cat a; cat b; } | kubectl apply -f -`.
    is_passed_on: bool,
    /// Whether the command before brings something: what is in backticks there is a command of its own.
    is_bringing: bool,
    all: bool,
}

impl TakenUp {
    /// That of the actions of a source.
    pub(super) fn of(source: &str) -> Self {
        Self { all: BRINGING_ACTIONS.iter().any(|action| source.contains(action)), ..Self::default() }
    }

    /// Takes a command of a text, with those that it is piped to.
    pub(super) fn take(&mut self, parts: &[Part<'_>], words: &[Vec<Said>]) {
        let is_any = |parts: &[Part<'_>], words: &[Vec<Said>]| piped(parts).zip(words).any(|(_, words)| brings(words));
        let (Some(part), Some(first)) = (parts.first(), words.first()) else { return };
        self.is_passed_on |= behind_group(parts, words).is_some_and(|(parts, words)| is_any(parts, words));
        let is_end = |c: char| c.is_whitespace() || "\"'`=,;|&<>".contains(c);
        let written = shell::words(part.tokens).into_iter().map(|word| word.said.as_str());
        let pieces = written.chain(first.iter().map(|word| word.text.as_str())).flat_map(|word| word.split(is_end));
        let names = pieces.map(last_of).map(|(is_variable, name)| (is_variable, name.to_owned()));
        let is_of_last = part.before.ends_with('`') && self.is_bringing;
        self.is_bringing = is_of_last || is_any(parts, words);
        if self.is_bringing {
            self.names.extend(names);
        } else if does(program(first)) == Some(Does::Shows) {
            self.shown.extend(names);
        }
    }

    /// Whether a file, or a folder that it is in, is brought there. What make calls its target is.
    pub(super) fn has(&self, file: &str) -> bool {
        let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
        let has = |(is_variable, name): Last<'_>| {
            let name = (is_variable, name.to_owned());
            self.names.contains(&name) || self.is_passed_on && self.shown.contains(&name)
        };
        let is_named = |part: &str| last_of(part).1.is_empty() || has(last_of(part));
        let mut parts = file.split('/').filter(|part| !["", ".", "..", "tmp"].contains(part));
        let all = [".", "*", "-A", "--all", &format!("*.{ending}")];
        self.all || parts.any(is_named) || all.iter().any(|any| has((false, *any)))
    }
}

/// What a path ends with, and whether that is a variable.
type Last<'p> = (bool, &'p str);

fn last_of(path: &str) -> Last<'_> {
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    (last.contains('$'), last.trim_matches(|c| "()[]{}$:@".contains(c)))
}

/// What becomes of what a command of Helm says that installs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shows {
    /// It is only looked at.
    Only,
    /// It is written, and what takes that up need not be in the file.
    Written,
}

impl Shows {
    /// Whether a cluster may get it.
    pub(crate) fn may_count(self) -> bool {
        self == Self::Written
    }
}

/// What the commands of Helm in a line of a file do, where none of them installs anything; nothing where one does, or there
/// is none.
/// (Helm documentation, `helm lint`, `helm template`, `helm upgrade`, `--dry-run`; databus23/helm-diff, README)
pub(crate) fn shows(line: &str, file: &str) -> Option<Shows> {
    let tokens = shell::tokens(line, 0..line.len());
    let parts = shell::parts(&tokens);
    let said = |part: &Part<'_>| {
        let words = shell::words(part.tokens).into_iter();
        words.map(|word| Said { text: word.said.clone(), at: word.at.clone() }).collect()
    };
    let words: Vec<Vec<Said>> = parts.iter().map(said).collect();
    let of_helm = words.iter().enumerate().filter_map(|(number, words)| Some((number, verb_of_helm(words)?)));
    let all: Option<Vec<Shows>> =
        of_helm.map(|(number, verb)| shown_by(verb, &parts[number..], &words[number..], file)).collect();
    all?.into_iter().max()
}

fn verb_of_helm(words: &[Said]) -> Option<&str> {
    let at = words.iter().position(|word| shell::is_helm(&word.text))?;
    let mut rest = words[at + 1..].iter().map(|word| word.text.as_str());
    rest.find(|word| !word.starts_with('-') && *word != "secrets").filter(|_| !shell::is_shown_only(&words[0].text))
}

/// What one command does, with those that it is piped to.
fn shown_by(verb: &str, parts: &[Part<'_>], words: &[Vec<Said>], file: &str) -> Option<Shows> {
    const LOOKS: [&str; 10] =
        ["lint", "diff", "unittest", "show", "get", "list", "pull", "repo", "dependency", "registry"];
    if LOOKS.contains(&verb) {
        return Some(Shows::Only);
    }
    if ["upgrade", "install"].contains(&verb) {
        return words.first()?.iter().any(is_dry).then_some(Shows::Only);
    }
    if verb != "template" {
        return None;
    }
    let to_nothing = |part: &Part<'_>| part.tokens.iter().any(|token| is_into(token, "/dev/null"));
    let last = piped(parts).zip(words).skip(1).last();
    let is_looked_at = || last.is_some_and(|(_, words)| looks(words));
    match Kept::of(parts, words) {
        Kept::Brought => None,
        Kept::No if is_looked_at() || piped(parts).any(to_nothing) => Some(Shows::Only),
        Kept::Into(names) if names.iter().all(|name| is_left(name, file)) => Some(Shows::Only),
        Kept::No | Kept::Into(_) => Some(Shows::Written),
    }
}

/// Whether nothing takes up what is written: only this machine has it, and the file that has it written names neither the
/// folder nor the file again.
fn is_left(name: &str, file: &str) -> bool {
    let is_said_once = |text: &str| file.matches(text).take(2).count() == 1;
    let own = name.rsplit('/').next().unwrap_or_default();
    name.starts_with("/tmp/") && !own.is_empty() && is_said_once("/tmp") && is_said_once(own)
}

fn is_into(token: &Token, name: &str) -> bool {
    matches!(token, Token::Into { file, .. } if file.said == name)
}
