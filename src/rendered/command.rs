//! A command that tells Helm to bring a release: its name, chart and version, its files, and what it sets beside them.

use std::ops::Range;

use super::{
    shell::{self, Token},
    text::{Said, Text},
};
use crate::chart::MODE_KEY;

/// What Helm is told on one line.
#[derive(Default)]
pub(super) struct Command {
    pub(super) at: Range<usize>,
    pub(super) name: Option<Said>,
    pub(super) chart: Option<Said>,
    pub(super) version: Option<Said>,
    pub(super) namespace: Option<Said>,
    pub(super) files: Vec<Said>,
    /// The texts behind `--set` and its kin.
    pub(super) sets: Vec<Said>,
    /// What sets values, and does not say which.
    pub(super) more: Vec<Said>,
    pub(super) reuses_values: Option<Range<usize>>,
    pub(super) is_atomic: Option<Range<usize>>,
    /// Whether it brings the chart to a cluster, and does not only show what it would bring.
    pub(super) is_applied: bool,
}

/// The options of Helm that a value follows, beside those that are read.
const WITH_VALUE: &[&str] = &[
    "--timeout",
    "--kubeconfig",
    "--history-max",
    "--max-history",
    "--description",
    "--repo",
    "--username",
    "--password",
    "--ca-file",
    "--cert-file",
    "--key-file",
    "--keyring",
    "--post-renderer",
    "--post-renderer-args",
    "-l",
    "--labels",
    "-o",
    "--output",
    "--kube-apiserver",
    "--kube-as-user",
    "--kube-as-group",
    "--kube-ca-file",
    "--kube-context",
    "--kube-token",
    "--kube-tls-server-name",
    "--registry-config",
    "--repository-cache",
    "--repository-config",
    "--burst-limit",
    "--qps",
];

/// What a command tells Helm; nothing where it is another command, or brings no release.
pub(super) fn told(text: &Text, command: &[Token]) -> Option<Command> {
    let words = shell::words(command);
    if words.first().is_some_and(|word| shell::is_shown_only(&word.said)) {
        return None;
    }
    let helm = words.iter().position(|word| shell::is_helm(&word.said))?;
    let (first, last) = (words[helm], words.last()?);
    let at = text.place(&(first.at.start..first.at.end)).unwrap_or_else(|| text.whole.clone());
    let end = text.place(&last.at).map_or(at.end, |last| last.end);
    let mut told = Command { at: at.start..end.max(at.end), ..Command::default() };
    let mut names = Vec::new();
    let mut rest = words[helm + 1..].iter();
    while let Some(word) = rest.next() {
        let whole = text.said(word);
        let (option, mut value) = match whole.text.split_once('=') {
            Some((option, _)) if option.starts_with('-') => {
                let skipped = whole.text.find('=').unwrap_or(0) + 1;
                let start = (whole.at.start + skipped).min(whole.at.end);
                (option.to_owned(), Some(Said { text: whole.text[skipped..].to_owned(), at: start..whole.at.end }))
            }
            _ => (whole.text.clone(), None),
        };
        let reads = |option: &str| {
            ["-f", "--values", "--version", "-n", "--namespace"].contains(&option) || option.starts_with("--set")
        };
        if value.is_none() && (reads(&option) || WITH_VALUE.contains(&option.as_str())) {
            value = rest.next().map(|word| text.said(word));
        }
        match (option.as_str(), value) {
            ("-f" | "--values", Some(value)) => told.files.extend(several(&value)),
            ("--version", value) => told.version = value,
            ("-n" | "--namespace", value) => told.namespace = value,
            ("--set-file", Some(value)) if value.text.contains(MODE_KEY) => told.more.push(value),
            (set, Some(value)) if set.starts_with("--set") && set != "--set-file" => told.sets.push(value),
            ("--reuse-values" | "--reset-then-reuse-values", _) => told.reuses_values = Some(whole.at),
            ("--atomic" | "--rollback-on-failure", _) => told.is_atomic = Some(whole.at),
            (option, _) if option.starts_with('-') => {}
            _ => names.push(whole),
        }
    }
    let mut names = names.into_iter();
    let verb = names.next().filter(|verb| verb.text != "secrets").or_else(|| names.next())?;
    if !["upgrade", "install", "template"].contains(&verb.text.as_str()) {
        return None;
    }
    told.is_applied = verb.text != "template";
    told.name = names.next();
    told.chart = names.next();
    // `helm install CHART --generate-name`
    if told.chart.is_none() && verb.text != "upgrade" {
        told.chart = told.name.take();
    }
    Some(told)
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
