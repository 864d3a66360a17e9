//! Small checkouts as people have them, a file a kind of place: what `status` says about each, and what a step in it
//! does. If you record new results, compare them with what the real programs deploy: read the difference.
//!
//! ```text
//! === name        @@@ the remote      --- the path of a file, its lines behind it; `@V` is the values of a cluster
//! >>> a step: its files, and more options     ??? why it is so      !!! what is recorded: UPDATE=1 cargo test checkouts::
//! ```

use std::{env, fmt::Write as _, fs};

use serde_json::Value;

use crate::support::program::{Folder, Ran};

const VALUES: &str = "pce_url: pce.example.com:8443
cluster_id: 7e4f1c1e-5a5b-4d8e-9f0a-2b3c4d5e6f70
cluster_token: 1_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
cluster_code: 10123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
containerRuntime: containerd
containerManager: kubernetes
";

#[derive(Default)]
struct Case {
    /// As it is written, up to what is recorded.
    written: String,
    remote: Option<String>,
    files: Vec<(String, String)>,
    steps: Vec<String>,
    recorded: String,
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut is_in_file = false;
    for line in text.split_inclusive('\n') {
        if line.starts_with("=== ") {
            cases.push(Case::default());
        }
        let case = cases.last_mut().unwrap();
        if line.starts_with("!!! ") {
            case.recorded += line;
            continue;
        }
        case.written += line;
        let mark = |mark: &str| line.strip_prefix(mark).map(|rest| rest.trim().to_owned());
        let was_in_file = is_in_file;
        is_in_file = false;
        if let Some(path) = mark("--- ") {
            case.files.push((path, String::new()));
            is_in_file = true;
        } else if let Some(step) = mark(">>> ") {
            case.steps.push(step);
        } else if let Some(remote) = mark("@@@ ") {
            case.remote = Some(remote);
        } else if was_in_file && mark("??? ").is_none() && mark("=== ").is_none() {
            is_in_file = true;
            let (_, content) = case.files.last_mut().unwrap();
            match line.trim_end().strip_suffix("@V").filter(|indent| indent.trim().is_empty()) {
                Some(indent) => VALUES.lines().for_each(|value| *content += &format!("{indent}{value}\n")),
                None => *content += line,
            }
        }
    }
    cases
}

/// The findings about a checkout, and about each step in it.
fn said(case: &Case) -> String {
    let folder = Folder::new();
    for (name, content) in &case.files {
        folder.write(name, content);
    }
    folder.sh("git init -q -b main .").exits(0);
    if let Some(remote) = &case.remote {
        folder.sh(&format!("git remote add origin {remote}")).exits(0);
    }
    folder.sh("git add -A && git -c user.name=a -c user.email=a@example.com commit -qm x").exits(0);
    let mut said = String::new();
    let rows = folder.run("status -o json .").exits(0).json()["files"].as_array().unwrap().clone();
    for row in &rows {
        let text = |key: &str| row[key].as_str();
        let what = if text("kind") == Some("mention") { "not judged" } else { "unknown" };
        let release = text("release").map(|release| format!(" {release}")).unwrap_or_default();
        let of = text("builtIn").map(|of| format!(" in {of}")).unwrap_or_default();
        let by = text("decidedIn").map(|by| format!(" by {by}")).unwrap_or_default();
        let removed = row["removedIn"]["file"].as_str().map(|file| format!(", removed by {file}")).unwrap_or_default();
        writeln!(said, "!!! {}{release}{of}: {}{by}{removed}", text("file").unwrap(), text("mode").unwrap_or(what))
            .unwrap();
    }
    for row in &rows {
        offered(&folder, row);
        named(&folder, row);
    }
    agreed(&folder, &rows);
    accounted(case, &rows);
    for step in &case.steps {
        let verb = if step.starts_with("revert ") { "" } else { "migrate -f " };
        let version = if step.contains("--version") { "" } else { "--version 5.1.0" };
        let line = format!("{verb}{step} --pce-version 24.2.20 {version} -o json");
        writeln!(said, "!!! {step} => {}", outcome(&folder.run(&line))).unwrap();
    }
    said
}

/// What `status` offers for a row is done: both answer from one reading.
fn offered(folder: &Folder, row: &Value) {
    let Some(verb) = row["next"].as_array().unwrap().iter().filter_map(Value::as_str).find(|verb| *verb != "upgrade")
    else {
        return;
    };
    let file = row["file"].as_str().unwrap();
    let keys: Vec<&str> = row["path"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let below = keys.split_last().map_or(&[][..], |(_, below)| below);
    // the keys of what another file decides are those of that one
    let names = match row["release"].as_str() {
        Some(release) => vec![release.to_owned()],
        None => vec![below.join("."), String::new(), ".".to_owned()],
    };
    let is_exact = |version: &&str| version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let version = row["version"].as_str().filter(is_exact).unwrap_or("5.1.0");
    let versions = ["--pce-version", "24.2.20", "--version", version, "-o", "json"];
    let answers = names.iter().map(|name| {
        let path = Some(name).filter(|name| !name.is_empty()).into_iter().flat_map(|name| ["--path", name]);
        let words: Vec<&str> = verb.split(' ').chain(["-f", file]).chain(path).chain(versions).collect();
        outcome(&Ran::of(folder.command(words.iter().copied()), &words.join(" ")))
    });
    let is_done = |answer: &String| !answer.starts_with("refused") && !answer.starts_with("exit");
    assert!(answers.clone().any(|answer| is_done(&answer)), "{verb} {row}: {:?}", answers.collect::<Vec<_>>());
}

/// A path that a finding suggests names a place of its file.
fn named(folder: &Folder, row: &Value) {
    let helps = row["findings"].as_array().unwrap().iter().filter_map(|found| found["help"].as_str());
    for suggested in helps.flat_map(|help| help.split("--path ").skip(1)) {
        let end = suggested.find([' ', ',', ';', ')']).unwrap_or(suggested.len());
        let place = suggested[..end].trim_matches('\'');
        if !place.starts_with(char::is_alphanumeric) || suggested.starts_with("to ") {
            continue;
        }
        let line = format!("status -f {} --path {place} -o json", row["file"].as_str().unwrap());
        let rows = folder.run(&line).exits(0).json()["files"].as_array().unwrap().clone();
        let has_none = |found: &Value| found["rule"] == "several-places";
        let is_refused = rows.iter().any(|row| row["findings"].as_array().unwrap().iter().any(has_none));
        assert!(!rows.is_empty() && !is_refused, "{line}: {rows:?}");
    }
}

/// `check` says no mode of a file where `status` says none, and says of each that is not judged that it is so.
fn agreed(folder: &Folder, rows: &[Value]) {
    let checked = folder.run("check --exit-zero -o json .").json();
    for file in checked["files"].as_array().unwrap() {
        let own: Vec<&Value> = rows.iter().filter(|row| row["file"] == file["file"]).collect();
        let is_known = own.is_empty() || own.iter().any(|row| !row["mode"].is_null());
        assert!(is_known || file["mode"].is_null(), "{file}\n{own:?}");
        let is_told = file["findings"].as_array().unwrap().iter().any(|found| found["rule"] == "mode-not-judged");
        let is_mention = own.iter().any(|row| row["kind"] == "mention");
        assert!(is_told || !is_mention, "{file}\n{own:?}");
    }
}

/// Each line that sets a mode is one that a row names: it decides there, is overridden or removed, or is not judged. Where
/// a row is unknown, or a script may be run from several folders, its findings say what is not known.
fn accounted(case: &Case, rows: &[Value]) {
    if rows.iter().any(|row| row["kind"] == "script" || row["kind"] != "mention" && row["mode"].is_null()) {
        return;
    }
    let spot = |at: &Value, file: &Value| Some((file.as_str()?.to_owned(), at["line"].as_u64()?));
    let mut all: Vec<(String, u64)> = Vec::new();
    for row in rows {
        let decided = if row["decidedIn"].is_null() { &row["file"] } else { &row["decidedIn"] };
        all.extend(spot(row, decided));
        let list = |key: &str| row[key].as_array().cloned().unwrap_or_default();
        all.extend(list("overrides").iter().filter_map(|at| spot(at, &at["file"])));
        all.extend(list("findings").iter().filter_map(|at| spot(at, &at["file"])));
    }
    for (file, content) in &case.files {
        for (number, line) in (1..).zip(content.lines()) {
            let says = line.trim_start().strip_prefix("clusterMode: ");
            let is_said = says.is_some_and(|word| ["legacy", "clas", "migrateLegacyToClas"].contains(&word.trim()));
            let is_named = all.contains(&(file.clone(), number));
            assert!(!is_said || is_named, "{}: {file} line {number}", case.written.lines().next().unwrap());
        }
    }
}

fn outcome(answer: &Ran) -> String {
    if !matches!(answer.code, Some(0 | 1)) {
        return format!("exit {:?}", answer.code);
    }
    let answer = answer.json();
    let text = |key: &str| answer[key].as_str().unwrap_or_default();
    let list = |key: &str| answer[key].as_array().cloned().unwrap_or_default();
    match text("status") {
        "step" => {
            let words = |command: &Value| {
                let words: Vec<String> =
                    command.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect();
                words.join(" ")
            };
            let commands: Vec<String> =
                list("commands").iter().map(words).filter(|command| !command.starts_with("git ")).collect();
            let place = format!("{}:{}", text("file"), answer["line"]);
            format!("{} in {place}; {}", text("to"), commands.join("; ")).trim_end_matches("; ").to_owned()
        }
        "already" => format!("already {}", text("from")),
        status => {
            let errors = list("findings").into_iter().filter(|found| found["severity"] == "error");
            let mut rules: Vec<String> = errors.map(|found| found["rule"].as_str().unwrap().to_owned()).collect();
            rules.dedup();
            format!("{status}: {}", rules.join(", "))
        }
    }
}

#[track_caller]
fn check(kind: &str) {
    let path = format!("testdata/checkouts/{kind}.txt");
    let text = fs::read_to_string(&path).unwrap();
    let cases = cases(&text);
    assert!(cases.len() > 5, "{}", cases.len());
    let anew: Vec<String> = cases.iter().map(said).collect();
    if env::var_os("UPDATE").is_some() {
        let all: String = cases.iter().zip(&anew).map(|(case, said)| format!("{}{said}", case.written)).collect();
        fs::write(&path, all).unwrap();
        return;
    }
    for (case, said) in cases.iter().zip(&anew) {
        let name = case.written.lines().next().unwrap();
        assert_eq!(said, &case.recorded, "{name}");
    }
}

#[test]
fn charts_and_kustomizations() {
    check("charts");
}

#[test]
fn objects_as_they_are_built() {
    check("objects");
}

#[test]
fn charts_that_are_folders() {
    check("folders");
}

#[test]
fn what_conditions_decide() {
    check("conditions");
}

#[test]
fn what_is_only_shown() {
    check("shown");
}

#[test]
fn patches_and_generators() {
    check("patches");
}

#[test]
fn what_argo_cd_and_flux_deploy() {
    check("gitops");
}

#[test]
fn files_that_are_used_for_several_clusters_or_for_none() {
    check("uses");
}

#[test]
fn layers_of_each_controller() {
    check("controllers");
}

#[test]
fn values_and_variables_of_terraform() {
    check("terraform");
}

#[test]
fn what_templates_of_helmfile_take() {
    check("helmfile");
}

#[test]
fn helmfiles_and_other_holders() {
    check("holders");
}

#[test]
fn commands_in_scripts_and_jobs() {
    check("scripts");
}

#[test]
fn values_files_that_are_named_together() {
    check("together");
}

/// What stops a step whatever the versions are is found, and comes first.
#[test]
fn a_version_is_asked_for_last() {
    let folder = Folder::with("values.yaml", format!("{VALUES}clusterMode: legacy\n"));
    folder.write("deploy.py", "run('helm upgrade -f values.yaml --set clusterMode=clas')\n");
    folder.sh("git init -q .").exits(0);
    let rules = |line: &str| outcome(&folder.run(&format!("migrate -f values.yaml {line} -o json")));
    assert_eq!(rules("--pce-version 24.2.20"), "refused: mode-not-judged, version-missing");
    folder.write("deploy.py", "");
    assert_eq!(rules("--pce-version 24.2.20"), "refused: version-missing");
}
