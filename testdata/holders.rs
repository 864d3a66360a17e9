//! The holders of `testdata/holders`: a folder a kind, found by walking. What is reported of the mode, what a step
//! changes, to the byte, or by which rule it is refused, and the commands that bring the change to the cluster.

use std::{
    fs,
    path::{Path, PathBuf},
};

use helm_clas::{
    CommandLine, CompatibilityMatrix, Files, Outcome, Request, Severity, Status, Texts, Verb, fix, shell_quoted,
    status::{Standing, found_in},
};
use serde_yaml::Value;

use crate::support::{program::Folder, reading};

struct Case {
    name: String,
    /// The file that is asked about comes first.
    files: Vec<(String, String)>,
    expected: Value,
}

fn files_below(folder: &Path, top: &Path, all: &mut Vec<(String, String)>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files_below(&path, top, all);
        } else {
            let name = path.strip_prefix(top).unwrap().to_string_lossy().replace('\\', "/");
            all.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

fn cases() -> Vec<Case> {
    let mut folders: Vec<PathBuf> =
        fs::read_dir("testdata/holders").unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let case = |folder: &PathBuf| {
        let mut files = Vec::new();
        files_below(folder, folder, &mut files);
        let at = files.iter().position(|(name, _)| name == "expected.yaml").unwrap();
        let expected: Value = serde_yaml::from_str(&files.remove(at).1).unwrap();
        let first = files.iter().position(|(name, _)| name == expected["file"].as_str().unwrap()).unwrap();
        files.swap(0, first);
        Case { name: folder.file_name().unwrap().to_string_lossy().into_owned(), files, expected }
    };
    folders.iter().map(case).collect()
}

fn row(standing: &Standing) -> String {
    let mode = standing.mode.map_or("unknown", helm_clas::ClusterMode::as_str);
    format!("{} {mode}", standing.release.as_deref().unwrap_or("-"))
}

fn outcome(files: &Files<'_>, case: &Case) -> Outcome {
    let allow = case.expected["allow"].as_str().map(|name| helm_clas::Rule::named(name).unwrap());
    let verb = if case.expected["verb"].as_str() == Some("migrate") { Verb::Migrate } else { Verb::Revert };
    Request {
        verb,
        unset: false,
        allowed: allow.as_slice(),
        files,
        given: &[0],
        overrides: &[],
        path: case.expected["path"].as_str(),
        version: Some("5.1.0"),
        pce_version: Some("24.2.20"),
        matrix: &CompatibilityMatrix::shipped(),
    }
    .outcome()
}

fn check(case: &Case) {
    let Case { name, files, expected } = case;
    let rows: Vec<String> = reading::standings(files, None).iter().map(row).collect();
    let told: Vec<&str> = expected["rows"].as_sequence().unwrap().iter().map(|row| row.as_str().unwrap()).collect();
    assert_eq!(rows, told, "{name}");
    let texts = Texts::new();
    let files = Files::of(&texts, files.clone());
    let outcome = outcome(&files, case);
    let errors: Vec<_> = outcome.findings.iter().filter(|found| found.severity == Severity::Error).collect();
    if let Some(rule) = expected["refused"].as_str() {
        assert!(errors.iter().any(|finding| finding.rule.name() == rule), "{name}: {errors:?}");
        assert!(errors.iter().all(|finding| finding.help.is_some()), "{name}: {errors:?}");
    }
    let Some(changes) = expected["changes"].as_str() else {
        assert!(matches!(outcome.status, Status::Refused), "{name}");
        return;
    };
    let Status::Step(edited) = &outcome.status else { panic!("{name}: {errors:?}") };
    let text = |key: &str| expected[key].as_str().unwrap();
    assert_eq!(files.name(outcome.file), changes, "{name}");
    let before = files.source(outcome.file).text().unwrap();
    assert_eq!(before.matches(text("from")).count(), 1, "{name}: the case says one place");
    assert_eq!(edited.text, before.replace(text("from"), text("to")), "{name}");
    assert_eq!(
        [&before[..edited.replaced.start], &edited.text[edited.replacement.clone()], &before[edited.replaced.end..]]
            .concat(),
        edited.text,
        "{name}"
    );
    if let Some(commands) = expected["commands"].as_sequence() {
        let commands: Vec<&str> = commands.iter().map(|command| command.as_str().unwrap()).collect();
        assert_eq!(commands_of(&files, &outcome)[2..], commands, "{name}");
    }
    // what was edited is read again as what was to be written
    let texts = Texts::new();
    let again = files.changed(&texts, outcome.file, edited.text.as_bytes());
    let modes: Vec<_> = found_in(&again, 0, expected["path"].as_str()).iter().map(|standing| standing.mode).collect();
    assert_eq!(modes, [outcome.to], "{name}");
}

fn commands_of(files: &Files<'_>, outcome: &Outcome) -> Vec<String> {
    let line = CommandLine {
        called: helm_clas::Called::OF_HELM,
        release: helm_clas::Release::default(),
        files: &[files.name(0)],
        changed: files.name(outcome.file),
        is_of_other_checkout: false,
        overrides: &[],
        path: None,
        one_of: None,
        controller: outcome.release.as_ref(),
        umbrella: None,
        software: None,
        compat: None,
        run: None,
        carried: helm_clas::Carried::default(),
        version: outcome.version.as_ref().unwrap(),
        pce_version: outcome.pce_version.unwrap(),
    };
    line.commands(outcome.to.unwrap()).iter().map(|words| shell_quoted(words)).collect()
}

#[test]
fn each_holder_is_found_judged_and_edited_or_refused() {
    let cases = cases();
    assert!(cases.len() > 40, "{}", cases.len());
    let fails = |case: &&Case| std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(case))).is_err();
    let failed: Vec<&str> = cases.iter().filter(fails).map(|case| case.name.as_str()).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

/// A text with line ends of two kinds; the function says for each line, by its number, whether it ends in CRLF.
fn with_line_ends(text: &str, is_crlf: impl Fn(usize) -> bool) -> String {
    let lines = text.split_inclusive('\n').enumerate();
    lines.map(|(number, line)| if is_crlf(number) { line.replace('\n', "\r\n") } else { line.to_owned() }).collect()
}

/// Whatever the line ends are, also where they are of two kinds: a step changes its words and no other byte of the
/// file, or it is refused. So does the repair of a mode in the wrong letters.
#[test]
fn line_ends_stay_as_they_are() {
    let dresses: [fn(usize) -> bool; 3] = [|_| true, |number| number % 2 == 0, |number| number % 2 == 1];
    let (mut edited, mut mended, mut refused) = (0, 0, Vec::new());
    for case in cases() {
        let Some(changes) = case.expected["changes"].as_str() else { continue };
        let at = case.files.iter().position(|(name, _)| name == changes).unwrap();
        let [from, to] = ["from", "to"].map(|key| case.expected[key].as_str().unwrap());
        let start = case.files[at].1.find(from).unwrap();
        for (dress, is_crlf) in dresses.iter().enumerate() {
            let with = |text: &str, before: usize| with_line_ends(text, |number| is_crlf(number + before));
            let lines = |text: &str| text.matches('\n').count();
            let (head, tail) = (&case.files[at].1[..start], &case.files[at].1[start + from.len()..]);
            let around = |middle: &str| with(head, 0) + middle + &with(tail, lines(head) + lines(from));
            let mut files = case.files.clone();
            files[at].1 = around(&with(from, lines(head)));
            let expected = [to.to_owned(), to.replace('\n', "\r\n")].map(|to| around(&to));
            let texts = Texts::new();
            match outcome(&Files::of(&texts, files.clone()), &case).status {
                Status::Step(new) => {
                    assert!(expected.contains(&new.text), "{} in dress {dress}: {:?}", case.name, new.text);
                    edited += 1;
                }
                _ => refused.push(format!("{} in dress {dress}", case.name)),
            }
            let mode = ["legacy", "clas"].into_iter().find(|mode| from.contains(mode) && !from.contains('\n'));
            if let Some(mode) = mode.filter(|_| at == 0) {
                let shouted = around(&from.replace(mode, &mode.to_uppercase()));
                let (text, times) = fix::mended(&shouted, |text| {
                    let mut files = files.clone();
                    files[0].1 = text.to_owned();
                    reading::found(&files)
                });
                assert!(times == 0 || text == around(from), "{} in dress {dress}: {text:?}", case.name);
                mended += times;
            }
        }
    }
    println!("{edited} edited, {mended} mended, {} refused: {refused:?}", refused.len());
    assert!(edited > 10 * refused.len() && mended > edited / 4);
}

/// No bytes make the readers of other languages panic, or take much longer than they are long.
#[test]
fn hostile_files_of_other_languages_are_read_in_their_length() {
    let long = |part: &str| part.repeat(5_000);
    for (name, text) in [
        ("a.tf", format!("resource \"helm_release\" \"illumio\" {{ values = {} }}", long("["))),
        ("a.tf", format!("resource \"helm_release\" \"illumio\" {{ chart = \"{}\" }}", long("${"))),
        ("a.tf", long("resource \"helm_release\" \"illumio\" {\n chart = \"illumio\"\n}\n")),
        ("a.sh", long("cat > illumio <<A\n")),
        ("a.sh", format!("helm upgrade illumio illumio --set clusterMode={}", long("$("))),
        ("a.sh", format!("helm upgrade illumio illumio --set clusterMode={}", long("'\"`"))),
        ("a.sh", format!("cat > illumio <<'' \n{}", long("<<<< > >> <<- \\\n"))),
        ("a.md", format!("helm clusterMode illumio << cat\n{}", long("```\n   ~~~\n"))),
        ("a.yaml", format!("cluster: illumio\nrun: |\n{}", long("  helm upgrade --set clusterMode=\\\n"))),
        ("a.yml", format!("illumio: [{}]", long("{task: HelmDeploy@0, clusterMode: 1}, "))),
    ] {
        let standings = reading::standings(&[(name, text)], None);
        assert!(standings.iter().all(|standing| standing.file == name));
    }
}

/// Local values of Terraform that hold another one many times are not written out without a bound: the mode is unknown.
#[test]
fn local_values_that_are_taken_many_times_are_not_written_out() {
    let of = |values: &str, locals: &str| {
        format!(
            "resource \"helm_release\" \"illumio\" {{\n  name = \"illumio\"\n  chart = \"illumio\"\n  values = {values}\n}}\nlocals {{\n{locals}}}\n"
        )
    };
    let mode = "yamlencode({ clusterMode = \"clas\" })";
    let keys = |count: usize| (0..count).map(|number| format!("k{number} = 1, ")).collect::<String>();
    let times = |word: &str, count: usize| word.repeat(count);
    let nested = format!("  b = {{ x = {{ {} }} }}\n", keys(2000));
    for (text, expected) in [
        (of(&format!("concat({}[{mode}])", times("local.b, ", 5)), "  b = []\n"), Some("clas")),
        (
            of(
                &format!("concat({}[{mode}])", times("local.b, ", 50_000)),
                &format!("  b = [{}]\n", times("1, ", 9_000)),
            ),
            None,
        ),
        (
            of(&format!("concat({}[{mode}])", times("local.b, ", 60)), &format!("  b = [{}]\n", times("1, ", 9_000))),
            None,
        ),
        (
            of(
                &format!("[yamlencode(merge({}{{}}))]", times("local.b, ", 60)),
                &format!("  b = {{ {} }}\n", keys(2000)),
            ),
            None,
        ),
        (of(&format!("[{}{mode}]", times("yamlencode(local.b), ", 1000)), &nested), None),
        (of(&format!("[{}{mode}]", times("yamlencode(local.b), ", 10)), &nested), Some("clas")),
        (
            of(
                &format!("[yamlencode({{ x = [{}] }}), {mode}]", times("local.s, ", 5000)),
                &format!("  s = \"{}\"\n", times("a", 9_000)),
            ),
            None,
        ),
        (
            of(
                &format!("[yamlencode(local.b), {mode}]"),
                "  a = { x = local.b, y = local.b }\n  b = { x = local.a, y = local.a }\n",
            ),
            None,
        ),
    ] {
        let standings = reading::standings(&[("main.tf", text)], None);
        let modes: Vec<_> = standings.iter().map(|one| one.mode.map(|mode| mode.to_string())).collect();
        assert!(!modes.is_empty() && modes.iter().all(|mode| mode.as_deref() == expected), "{modes:?}");
    }
}

/// More calls of a module than are distinguished leave its mode unknown: no cluster is dropped in silence.
#[test]
fn a_module_with_too_many_calls_is_one_release() {
    let keys = |count: usize| (0..count).map(|number| format!("\"{number}\", ")).collect::<String>();
    let call = |name: &str, count| {
        format!(
            "module \"{name}\" {{\n  source = \"./mod\"\n  for_each = toset([{}])\n  mode = \"clas\"\n}}\n",
            keys(count)
        )
    };
    let module = "resource \"helm_release\" \"illumio\" {\n  name = \"illumio\"\n  chart = \"illumio\"\n  \
                  values = [yamlencode({ clusterMode = var.mode })]\n}\nvariable \"mode\" {}\n";
    for (west, expected) in [(128, vec!["clas"; 256]), (129, vec!["unknown"])] {
        let folder = Folder::with("mod/main.tf", module);
        folder.sh("git init -q").exits(0);
        folder.write("main.tf", call("east", 128) + &call("west", west));
        let shown = folder.run("status -o json .").json();
        let rows = shown["files"].as_array().unwrap();
        let modes: Vec<_> = rows.iter().map(|row| row["mode"].as_str().unwrap_or("unknown")).collect();
        assert_eq!(modes, expected);
    }
}

/// The readers of other languages, of generators and of folders meet every beginning of each case, and each case with a
/// piece taken out or a line given twice: none panics, and a step changes one range of one file or is refused.
#[test]
fn no_piece_of_a_holder_is_edited_in_more_than_one_place() {
    let (mut steps, matrix) = (0, CompatibilityMatrix::shipped());
    for Case { name, files, expected } in cases() {
        let text = files[0].1.clone();
        let places = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).step_by(23);
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let without = |number: usize| [&lines[..number], &lines[number + 1..]].concat().concat();
        let twice = |number: usize| [&lines[..=number], &lines[number..]].concat().concat();
        let damaged = (0..lines.len()).flat_map(|number| [without(number), twice(number)]);
        for text in places.map(|at| text[..at].to_owned()).chain(damaged) {
            let mut files = files.clone();
            files[0].1 = text;
            let (path, texts) = (expected["path"].as_str(), Texts::new());
            let read = Files::of(&texts, files);
            let _ = found_in(&read, 0, path);
            let ask = Request {
                path,
                version: Some("5.1.0"),
                pce_version: Some("24.2.20"),
                ..Request::of(Verb::Revert, &read, &matrix)
            };
            let outcome = ask.outcome();
            let Status::Step(edited) = &outcome.status else { continue };
            let before = read.source(outcome.file).text().unwrap();
            let replaced = &edited.replaced;
            let whole = [&before[..replaced.start], &edited.text[edited.replacement.clone()], &before[replaced.end..]];
            assert_eq!(whole.concat(), edited.text, "{name}");
            steps += 1;
        }
    }
    assert!(steps > 100, "{steps}");
}
