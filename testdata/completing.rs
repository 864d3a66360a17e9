//! What may come next on the command line, and what the help of each command says.

use std::fs;

use clap::Command;

use crate::{
    args::described::{command_called, examples},
    support::program::Folder,
};

const EAST: &str = "releases:\n- {name: east, chart: illumio, version: 5.1.0, values: [{clusterMode: legacy}]}\n\
                    - {name: west, chart: illumio, version: 5.1.0, values: [{clusterMode: clas}]}\n";

/// What is offered behind these words, without what it is, and how to go on.
fn offered(folder: &Folder, words: &[&str]) -> (Vec<String>, String) {
    let ran =
        crate::support::program::Ran::of(folder.command(["__complete"].iter().chain(words).copied()), "__complete");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let mut lines: Vec<String> = ran.stdout.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect();
    let then = lines.pop().unwrap();
    (lines, then)
}

#[track_caller]
fn offers(words: &[&str], expected: &[&str], then: &str) {
    let folder = Folder::with("helmfile.yaml", EAST);
    let (lines, how) = offered(&folder, words);
    let missing: Vec<&&str> = expected.iter().filter(|word| !lines.iter().any(|line| line == **word)).collect();
    assert!(missing.is_empty(), "{words:?}: no {missing:?} in {lines:?}");
    assert_eq!(how, then, "{words:?}");
    if expected.is_empty() {
        assert_eq!(lines, [""; 0], "{words:?}");
    }
}

#[test]
fn rules_modes_files_and_releases_are_offered() {
    offers(&["explain", ""], &["wrong-step", "unused-allow", "values-complete"], ":4");
    offers(&["explain", "wrong"], &["wrong-step", "wrong-type"], ":4");
    offers(&["check", "--allow", ""], &["blank-mode"], ":4");
    offers(&["check", "--allow=bl"], &["--allow=blank-mode"], ":4");
    offers(&["check", "--allow", "="], &["blank-mode"], ":4");
    offers(&["verify", "--after-mode", ""], &["legacy", "clas", "migrateLegacyToClas"], ":4");
    offers(&["migrate", "--despite", "policy"], &["policy-uses-labels"], ":4");
    offers(&["migrate", "-o", ""], &["text", "json", "yaml", "markdown"], ":4");
    offers(&["check", "--output-file", "s"], &["sarif:"], ":2");
    offers(&["check", "--output-file", "sarif:"], &[], ":0");
    offers(&["migrate", "-f", ""], &[], ":0");
    offers(&["migrate", "--values="], &[], ":0");
    offers(&["status", ""], &[], ":0");
    offers(&["migrate", "-f", "helmfile.yaml", "--path", ""], &["east", "west"], ":4");
    offers(&["migrate", "-f", "helmfile.yaml", "--path", "w"], &["west"], ":4");
    offers(&["man", "po"], &["policy"], ":4");
    offers(&["completion", ""], &["bash", "zsh", "fish"], ":4");
    offers(&["policy", "e"], &["export"], ":0");
    offers(&["schema", "v"], &["values"], ":4");
    offers(&["mig"], &["migrate"], ":4");
    offers(&["revert", "--uns"], &["--unset"], ":4");
    offers(&["migrate", "--", "-"], &[], ":4");
    // a step takes one of them
    let (rules, _) = offered(&Folder::new(), &["migrate", "--allow", ""]);
    assert_eq!(rules, ["several-clusters-at-once"]);
}

#[test]
fn helm_is_asked_for_releases_and_nothing_waits_for_it() {
    let folder = Folder::new();
    let script = "mkdir bin; printf '#!/bin/sh\\necho \"$@\" >>asked; echo illumio-east; echo illumio-west\\n' >bin/helm; \
                  chmod +x bin/helm; PATH=$PWD/bin:$PATH helm-clas __complete migrate -n core --kube-context e --release i; \
                  cat asked; PATH=/nowhere $(command -v helm-clas) __complete migrate --release ''";
    let ran = folder.sh(script);
    assert_eq!(
        ran.stdout, "illumio-east\nillumio-west\n:4\nlist --short --namespace core --kube-context e\n:4\n",
        "{}",
        ran.stderr
    );
}

/// The commands below one, with their names.
fn all_below(command: &Command, above: &str, all: &mut Vec<(String, Command)>) {
    for sub in command.get_subcommands() {
        let name = if above.is_empty() { sub.get_name().to_owned() } else { format!("{above} {}", sub.get_name()) };
        all.push((name.clone(), sub.clone()));
        all_below(sub, &name, all);
    }
}

fn commands() -> Vec<(String, Command)> {
    let mut command = command_called(helm_clas::Called::ALONE);
    command.build();
    let mut all = Vec::new();
    all_below(&command, "", &mut all);
    all
}

#[test]
fn nothing_hidden_is_offered_and_nothing_that_does_nothing_is_shown() {
    let folder = Folder::new();
    for (name, command) in commands() {
        let words: Vec<&str> = name.split(' ').chain(["--"]).collect();
        let (lines, _) = offered(&folder, &words[..words.len() - 1].iter().copied().chain(["--"]).collect::<Vec<_>>());
        for argument in command.get_arguments().filter(|argument| argument.is_hide_set()) {
            if let Some(long) = argument.get_long() {
                assert!(!lines.contains(&format!("--{long}")), "{name}: --{long}");
            }
        }
    }
    for (name, absent) in [
        ("explain", "--version"),
        ("explain", "--kubeconfig"),
        ("rules", "--namespace"),
        ("man", "--kube-context"),
        ("compat", "--kubeconfig"),
        ("check", "--kube-context"),
        ("migrate", "--qps"),
    ] {
        let help = folder.run(&format!("{name} --help")).stdout;
        assert!(!help.contains(absent), "{name}: {help}");
        // Helm passes them on wherever they are
        if absent != "--qps" && name != "check" {
            let line = if name == "explain" { "explain wrong-step" } else { name };
            assert_eq!(folder.run(&format!("{absent}=5.1.0 {line}")).code, Some(0), "{absent} {line}");
        }
    }
}

#[test]
fn each_help_and_each_page_has_examples_that_run() {
    let folder = Folder::with("illumio-values.yaml", fs::read("testdata/cli/in/illumio-values.yaml").unwrap());
    folder.write("east.yaml", "networkType: overlay\n");
    folder.write(
        "application.yaml",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: east}\nspec:\n  source:\n    repoURL: \
         quay.io/illumio\n    chart: illumio\n    targetRevision: 5.1.0\n    helm: {valuesObject: {clusterMode: \
         migrateLegacyToClas}}\n",
    );
    folder.sh("mkdir clusters; git init -q . && git add -A && git -c user.name=a -c user.email=a@b commit -qm x; \
               git branch origin/main");
    for (name, mut command) in commands() {
        let lines = examples(&name, "helm-clas");
        assert!(!lines.is_empty(), "{name} has no example");
        let help = command.render_help().to_string();
        for line in lines {
            assert!(help.contains(&line) && line.len() < 98, "{name}: {line}\n{help}");
            let ran = folder.sh(&line);
            // what asks a cluster or a PCE, or reads what was saved of one, finds none here
            let asks = ["verify", "policy", "enforcement", "status --live", "plan"];
            let is_asking = asks.iter().any(|word| line.contains(word));
            assert!(!ran.stderr.contains("Usage:"), "{line}\n{}", ran.stderr);
            assert!(is_asking || ran.code != Some(2), "{line}\n{}", ran.stderr);
        }
    }
    let page = folder.run("man migrate").stdout;
    assert!(page.contains(".SH EXAMPLES\n.nf\nhelm\\-clas migrate \\-f illumio\\-values.yaml"), "{page}");
    assert!(!page.contains("Examples:"), "{page}");
}

#[test]
fn what_is_needed_stands_in_the_usage_and_first() {
    let folder = Folder::new();
    let help = folder.run("migrate --help").stdout;
    let usage = "Usage: helm clas migrate --values <FILE> --version <VERSION> --pce-version <VERSION> [OPTIONS]";
    assert!(help.contains(usage), "{help}");
    let place = |word: &str| help.find(&format!("  {word}")).unwrap_or_else(|| panic!("no {word} in {help}"));
    let order = ["--finish", "-f, --values", "--version", "--pce-version", "--write", "-n, --namespace", "--color"];
    assert!(order.windows(2).all(|pair| place(pair[0]) < place(pair[1])), "{help}");
}
