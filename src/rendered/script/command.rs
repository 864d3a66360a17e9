//! A command that has Helm deploy a release: its name, chart and version, its files, and what it sets beside them.

use std::ops::Range;

use crate::{
    chart::MODE_KEY,
    overrides::Kind,
    rendered::shell::{
        self,
        branches::Scope,
        pattern::as_pattern,
        references::{is_options, is_variable},
        text::Said,
    },
};

/// What one line asks of Helm.
#[derive(Default)]
pub(in crate::rendered) struct Command {
    pub(in crate::rendered) at: Range<usize>,
    pub(super) name: Option<Said>,
    pub(super) chart: Option<Said>,
    /// The repository that an option names: without one, a chart is a folder, or has its repository before it.
    pub(super) repository: Option<Said>,
    pub(super) version: Option<Said>,
    pub(super) namespace: Option<Said>,
    pub(in crate::rendered) files: Vec<Said>,
    /// The texts behind `--set` and its kin.
    pub(in crate::rendered) sets: Vec<(Kind, Said)>,
    /// What sets values, and does not say which.
    pub(in crate::rendered) more: Vec<Said>,
    pub(in crate::rendered) reuses_values: Option<Range<usize>>,
    pub(super) is_atomic: Option<Range<usize>>,
    /// Options that are not written out where the command is.
    pub(in crate::rendered) unread: Vec<Said>,
    /// The variables that these are, and others that may be options.
    pub(in crate::rendered) variables: Vec<String>,
    /// The cluster that it goes to, by the context or the file that names it.
    pub(in crate::rendered) context: Option<Said>,
    /// The context that an option names.
    pub(super) kube_context: Option<Said>,
    /// Whether it brings the chart to a cluster, and does not only show what it would bring.
    pub(in crate::rendered) is_applied: bool,
    /// The files that it writes to what it would bring.
    pub(super) into: Vec<String>,
    /// The scopes that it is in.
    pub(super) scopes: Vec<Scope>,
    /// The target of a makefile that it is in.
    pub(in crate::rendered) part: String,
    /// Its bytes, where it does not upgrade a release that is there: `helm install`.
    pub(super) only_installs: Option<Range<usize>>,
    /// The targets that have the same command.
    pub(super) parts: Vec<String>,
    /// Of what it is one of several turns, if so.
    pub(in crate::rendered) turns: Option<Said>,
    /// What distinguishes it from the same command in other turns.
    pub(super) turn: Option<String>,
    /// Whether it need not run where it is, as what `&&` and `||` join to others.
    pub(super) is_unsure: bool,
    /// The number of the text that it is in.
    pub(super) text: usize,
    /// Why it never runs, if so.
    pub(super) never: Option<Said>,
    /// What may send it to another cluster than others, as it is written around it.
    pub(super) places: String,
    /// The files that it may name, and that are not known.
    pub(in crate::rendered) open: Vec<Open>,
    /// Whether it passes on what the function that it is in is given.
    pub(in crate::rendered) passes_on: bool,
    /// The chart as a folder, from where the script began.
    pub(super) chart_at: Option<String>,
    /// The scripts that were read before it, each of which may go to another folder.
    pub(in crate::rendered) sourced: Vec<String>,
    /// The files that it gets of another branch or repository than this one.
    pub(in crate::rendered) elsewhere: Vec<Said>,
    /// How many commands came before it that may have made another cluster the current one, or may have ended the script; each target
    /// of a makefile counts, too.
    pub(super) moves: usize,
}

/// A file that a command names, in a way that is not known.
#[derive(Clone, Debug)]
pub(in crate::rendered) struct Open {
    /// The names that it may have, with what is filled in.
    pub(in crate::rendered) names: Vec<String>,
    pub(in crate::rendered) said: Said,
}

/// The options of Helm that a value follows, beside those that are read.
pub(super) const WITH_VALUE: &[&str] = &[
    "--timeout",
    "--history-max",
    "--max-history",
    "--description",
    "--username",
    "--password",
    "--ca-file",
    "--cert-file",
    "--key-file",
    "--keyring",
    "--post-renderer-args",
    "--kube-version",
    "-s",
    "--show-only",
    "-a",
    "--api-versions",
    "--output-dir",
    "--name-template",
    "--content-cache",
    "--color",
    "--colour",
    "-l",
    "--labels",
    "-o",
    "--output",
    "--kube-apiserver",
    "--kube-as-user",
    "--kube-as-group",
    "--kube-ca-file",
    "--kube-token",
    "--kube-tls-server-name",
    "--registry-config",
    "--repository-cache",
    "--repository-config",
    "--burst-limit",
    "--qps",
];

/// What a command asks of Helm, by its words; nothing where it is another command, or deploys no release.
pub(super) fn told(words: &[Said]) -> Option<Command> {
    if words.first().is_some_and(|word| shell::is_shown_only(&word.text)) {
        return None;
    }
    let helm = place_of_helm(words)?;
    let at = words[helm].at.start..words.iter().map(|word| word.at.end).fold(words[helm].at.end, usize::max);
    let mut told = Command { at: at.clone(), ..Command::default() };
    told.context = words[..helm].iter().find_map(of_environment);
    let mut names = Vec::new();
    let mut is_dry = false;
    let mut rest = words[helm + 1..].iter();
    while let Some(whole) = rest.next() {
        let (option, mut value) = parted(whole);
        let reads = |option: &str| READ.contains(&option) || option.starts_with("--set");
        if value.is_none() && (reads(&option) || WITH_VALUE.contains(&option.as_str())) {
            value = rest.next().cloned();
        }
        match (option.as_str(), value) {
            ("-f" | "--values", Some(value)) => told.files.extend(several(&value)),
            ("--version", value) => told.version = value,
            ("--repo", value) => told.repository = value,
            ("-n" | "--namespace", value) => told.namespace = value,
            (option @ ("--kube-context" | "--kubeconfig"), value) => {
                told.context = value.filter(is_told);
                told.kube_context = told.context.clone().filter(|_| option == "--kube-context").or(told.kube_context);
            }
            // what it is given there is not read, nor what it does to the manifests
            ("-f" | "--values", None) | ("--post-renderer", _) => told.more.push(whole.clone()),
            ("--set-file", Some(value)) if value.text.contains(MODE_KEY) => told.more.push(value),
            (set, Some(value)) if set.starts_with("--set") && set != "--set-file" => {
                told.sets.push((kind_of(set), value));
            }
            ("--reuse-values" | "--reset-then-reuse-values", _) => told.reuses_values = Some(whole.at.clone()),
            ("--atomic" | "--rollback-on-failure", _) => told.is_atomic = Some(whole.at.clone()),
            // it may be one, and may be none
            ("--dry-run", Some(value)) if value.text.contains('$') => told.more.push(whole.clone()),
            ("--dry-run", value) => is_dry = value.is_none_or(|value| value.text != "none" && value.text != "false"),
            (option, _) if option.starts_with('-') => {}
            _ if whole.text.contains("[@]") => told.unread.push(whole.clone()),
            _ => names.push(whole.clone()),
        }
    }
    let mut names = names.into_iter();
    let verb = names.next().filter(|verb| verb.text != "secrets").or_else(|| names.next())?;
    if !VERBS.contains(&verb.text.as_str()) {
        return None;
    }
    told.is_applied = verb.text != "template" && !is_dry;
    told.only_installs = (verb.text == "install").then(|| verb.at.clone());
    let (name, chart, unread) = name_and_chart(names.collect());
    (told.name, told.chart) = (name, chart);
    told.unread.extend(unread);
    // `helm install CHART --generate-name`
    if told.chart.is_none() && verb.text != "upgrade" {
        told.chart = told.name.take();
    }
    Some(told)
}

/// What a command of Helm with these options asks.
pub(in crate::rendered) fn told_options(options: &str, at: &Range<usize>) -> Option<Command> {
    let whole = format!("helm upgrade a b {options}");
    let tokens = shell::tokens(&whole, 0..whole.len());
    let words = shell::words(&tokens).into_iter().map(|word| Said { text: word.said.clone(), at: at.clone() });
    told(&words.collect::<Vec<_>>())
}

/// The name of a release and a chart among the words that Helm has beside its options, and those that are options by a
/// variable. Of two variables before the chart it is not known which is the name.
fn name_and_chart(words: Vec<Said>) -> (Option<Said>, Option<Said>, Vec<Said>) {
    let is_open = |word: &Said| is_options(&word.text);
    let plain = words.iter().position(|word| !is_open(word));
    let others = words.iter().filter(|word| !is_open(word)).count();
    let (mut named, mut unread): (Vec<Said>, Vec<Said>) = (Vec::new(), Vec::new());
    let (count, is_unclear) = (words.len(), plain.is_some_and(|at| at > 1) && others == 1);
    for (number, word) in words.into_iter().enumerate() {
        let is_kept = !is_open(&word) || others < 2 && number < 2 && !is_unclear;
        if count <= 2 || is_kept { named.push(word) } else { unread.push(word) }
    }
    let mut named = named.into_iter();
    let mut name = if is_unclear { None } else { named.next() };
    unread.extend(name.take_if(|name| is_called_options(&name.text)));
    (name, named.next(), unread)
}

/// Whether a variable is called after options, and not after a name: `${EXTRA_ARGS}`, `$HELM_OPTS`.
fn is_called_options(text: &str) -> bool {
    let name = text.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_ascii_lowercase();
    is_options(text) && ["args", "arg", "opts", "options", "flags", "params"].iter().any(|end| name.ends_with(end))
}

/// Where the name of Helm is before a verb: an option before that may have the same name.
fn place_of_helm(words: &[Said]) -> Option<usize> {
    let verb = words.iter().position(|word| VERBS.contains(&word.text.as_str()))?;
    words[..verb].iter().rposition(|word| shell::is_helm(&word.text))
}

/// The verbs that deploy a release, or show what one would be.
pub(super) const VERBS: [&str; 3] = ["upgrade", "install", "template"];

/// The options whose values are read.
const READ: &[&str] = &[
    "-f",
    "--values",
    "--version",
    "--repo",
    "-n",
    "--namespace",
    "--kube-context",
    "--kubeconfig",
    "--post-renderer",
];

/// An option and its value, where they are one word.
fn parted(whole: &Said) -> (String, Option<Said>) {
    match whole.text.split_once('=') {
        Some((option, value)) if option.starts_with('-') => {
            let start = (whole.at.start + option.len() + 1).min(whole.at.end);
            (option.to_owned(), Some(Said { text: value.to_owned(), at: start..whole.at.end }))
        }
        // `-fvalues.yaml`, `-nillumio-system`
        _ => {
            let short = ["-f", "-n"].iter().find_map(|option| Some((*option, whole.text.strip_prefix(*option)?)));
            match short.filter(|(option, value)| !value.is_empty() && (*option == "-n" || value.contains('.'))) {
                Some((option, value)) => {
                    let start = (whole.at.start + 2).min(whole.at.end);
                    (option.to_owned(), Some(Said { text: value.to_owned(), at: start..whole.at.end }))
                }
                None => (whole.text.clone(), None),
            }
        }
    }
}

fn kind_of(option: &str) -> Kind {
    match option {
        "--set-json" => Kind::SetJson,
        "--set-string" => Kind::SetString,
        "--set-literal" => Kind::SetLiteral,
        _ => Kind::Set,
    }
}

/// The file that names the cluster, where it is set for the command alone: `KUBECONFIG=east.yaml helm ...`.
pub(super) fn of_environment(word: &Said) -> Option<Said> {
    let file = word.text.strip_prefix("KUBECONFIG=")?;
    let start = (word.at.start + "KUBECONFIG=".len()).min(word.at.end);
    Some(Said { text: file.to_owned(), at: start..word.at.end }).filter(is_told)
}

/// Whether a context, or the file of one, says more than that it is the usual one.
pub(super) fn is_told(context: &Said) -> bool {
    let name = context.text.trim_start_matches(['$', '{', '(']).trim_end_matches(['}', ')']);
    name != "KUBECONFIG" && name != "KUBE_CONFIG"
}

/// The cluster that a command makes the current one: `kubectl config use-context east`.
pub(super) fn goes_to(words: &[Said]) -> Option<Said> {
    let text = |number: usize| words.get(number).map_or("", |word| word.text.as_str());
    let behind = |names: &[&str]| {
        let at = words.iter().position(|word| names.contains(&word.text.as_str()))?;
        words[at + 1..].iter().find(|word| !word.text.starts_with('-')).cloned()
    };
    let option = |name: &str| option_of(words, name);
    match text(0).rsplit('/').next()? {
        "kubectl" | "oc" if text(1) == "config" => behind(&["use-context", "set-context"]),
        "kubectx" => words.get(1).cloned(),
        "aws" if text(1) == "eks" => option("--name"),
        "az" if text(1) == "aks" => option("--name").or_else(|| option("-n")),
        "gcloud" => behind(&["get-credentials"]),
        "export" => words.get(1).and_then(of_environment),
        _ => of_environment(words.first()?).filter(|_| words.len() == 1),
    }
}

/// What an option is given among some words.
pub(super) fn option_of(words: &[Said], name: &str) -> Option<Said> {
    words.iter().enumerate().find_map(|(number, word)| match word.text.split_once('=') {
        Some((option, value)) if option == name => Some(Said { text: value.to_owned(), at: word.at.clone() }),
        _ if word.text == name => words.get(number + 1).cloned(),
        _ => None,
    })
}

/// What is written of some words, where they are there.
fn texts<const N: usize>(words: [&Option<Said>; N]) -> [Option<&str>; N] {
    words.map(|said| said.as_ref().map(|said| said.text.as_str()))
}

impl Command {
    /// Whether another command asks the same of Helm.
    pub(super) fn says_same(&self, other: &Self) -> bool {
        fn words(one: &Command) -> [Option<&str>; 5] {
            texts([&one.name, &one.chart, &one.version, &one.namespace, &one.context])
        }
        fn files(one: &Command) -> impl Iterator<Item = &str> {
            one.files.iter().chain(&one.more).chain(&one.unread).map(|said| said.text.as_str())
        }
        fn sets(one: &Command) -> impl Iterator<Item = (Kind, &str)> {
            one.sets.iter().map(|(kind, set)| (*kind, set.text.as_str()))
        }
        words(self) == words(other)
            && files(self).eq(files(other))
            && sets(self).eq(sets(other))
            && self.reuses_values.is_some() == other.reuses_values.is_some()
    }

    /// Whether it only adds to the values that the release has.
    pub(super) fn adds(&self) -> bool {
        self.files.is_empty() && self.reuses_values.is_some()
    }

    /// Whether it surely runs behind another command before it, for the same release, and gives that all of the files that the
    /// other one did.
    pub(super) fn replaces(&self, other: &Self) -> bool {
        let names = |file: &Said| self.files.iter().any(|own| own.text == file.text);
        let is_known = self.name.as_ref().is_some_and(|name| !is_variable(&name.text));
        let is_one = is_known && self.release().is_some() && self.release() == other.release();
        let is_behind = self.order().is_some() && self.order() == other.order();
        is_one && is_behind && (self.adds() || other.files.iter().all(names))
    }

    /// What it has in common with those that may bring the same release; nothing where that has no name.
    fn release(&self) -> Option<[Option<&str>; 5]> {
        let [name, namespace, context] = texts([&self.name, &self.namespace, &self.context]);
        let all = [name, namespace, context, Some(&*self.places), self.turn.as_deref()];
        (self.is_applied && name.is_some()).then_some(all)
    }

    /// What it has in common with those of its text of which each surely runs behind the one before it.
    pub(super) fn order(&self) -> Option<String> {
        let scopes: Vec<String> = self.scopes.iter().map(Scope::place).collect();
        (!self.is_unsure).then(|| format!("{} {} {}", self.text, self.moves, scopes.join("/")))
    }

    /// Of what it is one of several turns: the cluster is a variable, or a loop around it sets one that it takes.
    pub(super) fn repeated(&self, words: &[Said], of_loops: &[&str]) -> Option<Said> {
        let context = self.context.as_ref().filter(|context| is_variable(&context.text));
        if let Some(context) = context {
            return Some(Said { text: format!("the variable {}", context.text), at: context.at.clone() });
        }
        let takes = |name: &str| {
            let forms = [format!("${name}"), format!("${{{name}}}"), format!("$({name})")];
            words.iter().find(|word| forms.iter().any(|form| word.text.contains(form.as_str())))
        };
        if let Some((name, word)) = of_loops.iter().find_map(|name| Some((name, takes(name)?))) {
            return Some(Said { text: format!("the loop over {name}"), at: word.at.clone() });
        }
        let file = self.files.iter().find(|file| varies(&file.text)).filter(|_| self.context.is_none())?;
        Some(Said { text: format!("the variable in `{}`", file.text), at: file.at.clone() })
    }
}

/// Whether the name of a file varies from cluster to cluster: a part of it is filled in, and not only the folder that it is
/// in, or all of it.
pub(super) fn varies(file: &str) -> bool {
    let pattern = as_pattern(file);
    let known = pattern.trim_start_matches("*/");
    known.contains('*') && known != "*" && !file.starts_with("<(")
}

/// The files of a list with commas.
pub(super) fn several(value: &Said) -> Vec<Said> {
    let mut start = value.at.start;
    let one = |text: &str| {
        let at = start.min(value.at.end)..(start + text.len()).min(value.at.end);
        start += text.len() + 1;
        Said { text: text.to_owned(), at }
    };
    value.text.split(',').map(one).collect()
}
