//! The judge against rule sets whose verdict was written down before: what must be found of a rule, what must not, and
//! which mandatory rules are proven.
//!
//! The cases are folders of an export with an `expected.json` beside: ours in `testdata/policy/cases`, and more in
//! `../shared/cases/policy`, which are skipped where they are absent.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::support::program::{Folder, Ran};

/// The folders of cases below a folder, in order.
fn cases(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.retain(|case| case.join("expected.json").is_file());
    cases.sort();
    cases
}

fn judged(case: &Path, expected: &Value, more: &[&str]) -> Ran {
    let home = Folder::new();
    let args = expected["args"].as_array().into_iter().flatten().map(|arg| arg.as_str().unwrap());
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/policy");
    // a case may change some files of another export
    let base = expected["base"].as_str().map_or_else(|| case.to_owned(), |base| policy.join(base));
    let changed = ["rule_sets", "virtual_services", "ip_lists"].map(|name| (name, case.join(format!("{name}.json"))));
    let changed: Vec<String> = changed
        .iter()
        .filter(|(_, file)| file.is_file())
        .flat_map(|(name, file)| [format!("--{}", name.replace('_', "-")), file.display().to_string()])
        .collect();
    let line = ["policy", base.to_str().unwrap()].into_iter().chain(args).chain(more.iter().copied());
    Ran::of(home.command(line.chain(changed.iter().map(String::as_str))), &format!("policy {}", case.display()))
}

/// The rule of this number in the answer.
fn rule(answer: &Value, number: &Value) -> Value {
    let end = format!("/{number}");
    let mut rules = answer["ruleSets"].as_array().unwrap().iter().flat_map(|set| set["rules"].as_array().unwrap());
    rules.find(|rule| rule["href"].as_str().unwrap().ends_with(&end)).cloned().unwrap_or_default()
}

const WEIGHTS: [&str; 3] = ["info", "warning", "error"];

fn weighs(severity: &str, wanted: &str) -> bool {
    let weight = |word: &str| WEIGHTS.iter().position(|name| *name == word).unwrap();
    match wanted.strip_prefix(">=") {
        Some(least) => weight(severity) >= weight(least),
        None => wanted.is_empty() || severity == wanted,
    }
}

/// Whether one of the alternatives (`NAME`, `*`, `*text:WORDS`, `becomes:WORDS`, or the one below for an answer with
/// unknowns) holds for a rule.
fn holds(answer: &Value, rule: &Value, what: &str, severity: &str) -> bool {
    what.split('|').any(|what| {
        let findings = rule["findings"].as_array().into_iter().flatten();
        let mut weighing = findings.filter(|finding| weighs(finding["severity"].as_str().unwrap(), severity));
        match what.split_once(':') {
            Some(("*text", words)) => weighing.any(|finding| finding.to_string().contains(words)),
            Some(("becomes", words)) => rule["becomes"].to_string().contains(words),
            _ if what == "untold" => !answer["unknown"].as_array().unwrap().is_empty(),
            _ => weighing.any(|finding| what == "*" || finding["rule"] == what),
        }
    })
}

fn wrong(case: &Path) -> Vec<String> {
    let expected: Value = serde_json::from_str(&fs::read_to_string(case.join("expected.json")).unwrap()).unwrap();
    let answer = judged(case, &expected, &["--all", "-o", "json"]).json();
    let mut wrong = Vec::new();
    let of = |list: &str| expected[list].as_array().cloned().unwrap_or_default();
    for (list, is_wanted) in [("expect", true), ("forbid", false)] {
        for wanted in of(list) {
            let rule = rule(&answer, &wanted[0]);
            let (what, severity) = (wanted[1].as_str().unwrap(), wanted[2].as_str().unwrap());
            if holds(&answer, &rule, what, severity) != is_wanted {
                wrong.push(format!("{list} {wanted}: {rule}"));
            }
        }
    }
    for (id, wanted) in expected["infra"].as_object().into_iter().flatten() {
        let proofs = answer["infrastructure"].as_array().unwrap();
        let proof = proofs.iter().find(|proof| proof["id"] == **id).unwrap();
        let is = |wanted: &str| match wanted.strip_prefix('!') {
            Some(other) => proof["status"] != other,
            None if wanted == "told" => !proof["doubts"].as_array().unwrap().is_empty(),
            None => proof["status"] == wanted,
        };
        if !wanted.as_str().unwrap().split('|').any(is) {
            wrong.push(format!("{wanted}: {proof}"));
        }
    }
    wrong
}

#[track_caller]
fn check_all(folder: &Path) -> usize {
    let cases = cases(folder);
    let wrong: Vec<String> = cases
        .iter()
        .flat_map(|case| wrong(case).into_iter().map(move |wrong| format!("{}: {wrong}", case.display())))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    cases.len()
}

#[test]
fn the_cases_are_judged_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/policy/cases");
    assert!(check_all(&folder) > 0, "no cases in {}", folder.display());
}

#[test]
fn the_shared_cases_are_judged_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases/policy");
    match check_all(&folder) {
        0 => println!("skipped: no cases in {}", folder.display()),
        number => println!("{number} cases"),
    }
}
