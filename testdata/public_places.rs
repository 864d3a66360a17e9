//! Adapted public files, each with what is expected of a step in it: the mode, the edit or the refusal, the commands.
//! They are shared by several projects and are beside this one; where they are absent the test says so.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::support::{files_below, program::Folder};

/// Where they are, from the project's folder.
const CASES: &str = "../shared/cases/places/public";

/// Those for which the result differs from the expected one, and why. A case that comes right is removed.
const OTHERWISE: &[(&str, &str)] = &[
    (
        "argo-14-argocd-apps-chart/values.yaml",
        "more is known than is expected: the Applications in the values of argocd-apps are read and edited",
    ),
    (
        "flux-29-substituted-mode/atuin/app/helmrelease.yaml",
        "more is known than is expected: the Kustomization beside it says clas, so nothing is to be changed",
    ),
    (
        "flux-30-patch-in-kustomization/infrastructure/controllers/illumio.yaml",
        "more is known than is expected: the patch says clas, so nothing is to be changed",
    ),
    (
        "hf-05-default-inherit/helmfile.yaml",
        "more is known than is expected: what the template says is read, and is clas already",
    ),
    (
        "hf-06-template-inherits-template/input.yaml",
        "refused for another reason: its values hold actions of a template",
    ),
    ("kust-12-inflation-generator/chart.yaml", "more is known than is expected: the generator is read and edited"),
    (
        "umb-08-three-levels/umbrella/values.yaml",
        "more is known than is expected: a dependency of a dependency is read, and is in clas already",
    ),
];

#[test]
fn public_files_are_told_and_changed_as_their_controllers_read_them() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join(CASES);
    if !cases.is_dir() {
        println!("skipped: no {CASES} here");
        return;
    }
    let mut expectations: Vec<PathBuf> = Vec::new();
    files_below(&cases, &mut expectations);
    expectations.retain(|path| path.to_string_lossy().ends_with(".expect.json"));
    expectations.sort();
    let judged = |expectation: &PathBuf| {
        let inside = expectation.strip_prefix(&cases).unwrap().to_str().unwrap();
        let (case, file) = inside.strip_suffix(".expect.json").unwrap().split_once('/').unwrap();
        let expected: Value = serde_json::from_str(&fs::read_to_string(expectation).unwrap()).unwrap();
        let wrong = judge(&cases.join(case), file, &expected);
        (!wrong.is_empty()).then(|| {
            println!("{inside}: {}", wrong.join("; "));
            format!("{case}/{file}")
        })
    };
    let missed: Vec<String> = expectations.iter().filter_map(judged).collect();
    println!("{} of {} public files as expected", expectations.len() - missed.len(), expectations.len());
    let known: Vec<&str> = OTHERWISE.iter().map(|(case, _)| *case).collect();
    assert_eq!(missed, known);
}

/// A checkout of its own with the files of a case.
fn checkout(case: &Path, expected: &Value) -> Folder {
    let folder = Folder::new();
    let mut files = Vec::new();
    files_below(case, &mut files);
    for file in files.iter().filter(|file| !file.to_string_lossy().ends_with(".expect.json")) {
        let name = file.strip_prefix(case).unwrap().to_str().unwrap();
        folder.write(name, fs::read(file).unwrap());
    }
    folder.sh("git init -q -b main .").exits(0);
    if let Some(remote) = expected["remote"].as_str() {
        folder.sh(&format!("git remote add origin {remote}")).exits(0);
    }
    folder
}

fn texts<'v>(value: &'v Value, key: &str) -> Vec<&'v str> {
    value[key].as_array().into_iter().flatten().map(|text| text.as_str().unwrap()).collect()
}

/// What is otherwise than expected.
fn judge(case: &Path, file: &str, expected: &Value) -> Vec<String> {
    let folder = checkout(case, expected);
    let args = texts(expected, "args").join(" ");
    let line = format!("{} -f {file} --pce-version 24.2.20 {args}", expected["verb"].as_str().unwrap());
    let answer = folder.run(&format!("{line} -o json"));
    if answer.code == Some(2) {
        return vec![format!("not judged: {}", answer.stderr)];
    }
    let answer = answer.json();
    let mut wrong = Vec::new();
    let mut judged = |is_right: bool, what: String| {
        if !is_right {
            wrong.push(what);
        }
    };
    let rules: Vec<&str> =
        answer["findings"].as_array().unwrap().iter().map(|found| found["rule"].as_str().unwrap()).collect();
    let is_refused = answer["status"] == "refused";
    let may_be = |edit: &str| expected["edit"] == edit || texts(expected, "or").contains(&edit);
    judged(may_be(if is_refused { "refused" } else { "exact" }), format!("{}, {rules:?}", answer["status"]));
    rows_of(&folder, file, expected, &mut judged);
    // where two answers are right, the mode and the rules are those of the first
    let is_as_said = (expected["edit"] == "refused") == is_refused;
    if is_as_said && !is_refused {
        judged(answer["from"] == expected["mode"], format!("from {}", answer["from"]));
        judged(answer["version"] == expected["version"], format!("version {}", answer["version"]));
        edit_of(&folder, &line, expected, &mut judged);
    }
    let known = texts(expected, "rules");
    let is_of_rules =
        known.is_empty() || known.iter().any(|rule| rules.contains(rule)) || rules.contains(&"mode-not-judged");
    judged(!is_as_said || is_of_rules, format!("rules {rules:?}"));
    for rule in texts(expected, "warns").into_iter().filter(|rule| *rule != "several") {
        judged(rules.contains(&rule), format!("no {rule} in {rules:?}"));
    }
    wrong
}

/// Whether one line of one file changes, and the commands are the controller's.
fn edit_of(folder: &Folder, line: &str, expected: &Value, judged: &mut impl FnMut(bool, String)) {
    let changes = expected["changes"].as_str().unwrap();
    let before = String::from_utf8(folder.read(changes)).unwrap();
    let told = folder.run(&format!("{line} --write"));
    let after = String::from_utf8(folder.read(changes)).unwrap();
    let number = usize::try_from(expected["line"].as_u64().unwrap()).unwrap();
    let (from, to) = (expected["from"].as_str().unwrap(), expected["to"].as_str().unwrap());
    let mut lines: Vec<String> = before.split('\n').map(str::to_owned).collect();
    lines[number - 1] = lines[number - 1].replacen(from, to, 1);
    judged(after == lines.join("\n"), format!("the edit of {changes}:{number}: {}", told.stderr));
    // commands are broken into lines
    let said: Vec<&str> = told.stdout.split_whitespace().chain(told.stderr.split_whitespace()).collect();
    let said = said.join(" ").replace("\\ ", "");
    for text in texts(expected, "text") {
        judged(said.contains(text), format!("`{text}` is not said"));
    }
}

/// Whether the rows of a status are those that are expected; a mode that is not known is expected to be no mode.
fn rows_of(folder: &Folder, file: &str, expected: &Value, judged: &mut impl FnMut(bool, String)) {
    let status = folder.run("status -o json .").json();
    let rows: Vec<(String, Option<&str>)> = status["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let name = |key: &str| row[key].as_str().unwrap_or_default();
            (format!("{} {} {}", name("file"), name("release"), name("builtIn")), row["mode"].as_str())
        })
        .collect();
    let has = |row: &Value| {
        let (place, mode) = (row[0].as_str().unwrap(), row[1].as_str());
        rows.iter().any(|(name, said)| name.contains(place) && *said == mode)
    };
    for row in expected["rows"].as_array().into_iter().flatten() {
        judged(has(row), format!("no row {row} in {rows:?}"));
    }
    for row in expected["notrows"].as_array().into_iter().flatten() {
        judged(!has(row), format!("a row {row} in {rows:?}"));
    }
    if expected["told"] == true {
        judged(rows.iter().any(|(name, _)| name.contains(file)), format!("nothing of {file} in {rows:?}"));
    }
    if expected["mode"].is_null() && expected["rows"].is_null() && texts(expected, "args").is_empty() {
        let is_of_file = |name: &str| name.split(' ').next() == Some(file);
        let known: Vec<_> = rows.iter().filter(|(name, mode)| is_of_file(name) && mode.is_some()).collect();
        judged(known.is_empty(), format!("known: {known:?}"));
    }
}
