//! A hundred shapes of public files, rewritten in `public/`: each with a line in `public/expected.txt`, the mode that
//! is read in it and the result of a step from there. `UPDATE=1 cargo test public::` writes the lines; read the
//! difference.

use std::{fs, path::Path};

use helm_clas::{
    CompatibilityMatrix, Files, Request, Severity, Status, Texts, Verb, Wanted,
    chart::TEMPLATE_SCALARS,
    status::{Holder, found_in, mentioned_in},
    yaml::Edit,
};

use crate::support::witness::{Testimony, testimony};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/public");

/// The file and those beside it that it asks for, and the result.
fn told(name: &str, bytes: &[u8]) -> String {
    let texts = Texts::new();
    let mut files = Files::new(&texts);
    files.add(name.to_owned(), bytes.to_vec());
    loop {
        let wanted = files.wanted(&[0], None);
        if wanted.is_empty() {
            break;
        }
        for one in wanted {
            let found = match &one {
                Wanted::File(path) => {
                    fs::read(Path::new(FOLDER).join(path)).ok().map(|bytes| files.add(path.clone(), bytes))
                }
                _ => None,
            };
            files.answer(one, found.into_iter().collect());
        }
    }
    let mut standings = found_in(&files, 0, None);
    if standings.is_empty() {
        standings = mentioned_in(&files, 0);
    }
    let mode = |standing: &helm_clas::status::Standing| match (standing.holder, standing.mode) {
        (Holder::Mention, _) => "mentioned".to_owned(),
        (_, Some(mode)) => mode.to_string(),
        (_, None) => "unknown".to_owned(),
    };
    let mut modes: Vec<String> = standings.iter().map(mode).collect();
    modes.dedup();
    let modes = if modes.is_empty() { "none".to_owned() } else { modes.join("+") };
    format!("{modes}, {}", step(&files, name))
}

/// The result of the first step from the mode of the file: the edit is the one line, or nothing.
fn step(files: &Files<'_>, name: &str) -> String {
    let matrix = CompatibilityMatrix::shipped();
    let request = |verb| Request {
        verb,
        unset: false,
        files,
        given: &[0],
        overrides: &[],
        path: None,
        version: name.starts_with("values/").then_some("5.1.0"),
        pce_version: Some("24.2.20"),
        matrix: &matrix,
        allowed: &[],
    };
    let from = request(Verb::Migrate).outcome().from;
    let verb = from.and_then(|from| Verb::legal_from(from).next()).unwrap_or(Verb::Migrate);
    let outcome = request(verb).outcome();
    match outcome.status {
        Status::Step(edited) => {
            let before = files.source(outcome.file).text().unwrap();
            let (goal, from) = (outcome.to.unwrap(), outcome.from.unwrap());
            let is_line = |text: &str| text.split(['\n', '\r']).map(str::to_owned).collect::<Vec<String>>();
            let (old, new) = (is_line(before), is_line(&edited.text));
            let added: Vec<&String> = new.iter().filter(|line| !old.contains(line)).collect();
            assert!(added.len() == 1 && added[0].contains(goal.as_str()), "{name}: {added:?}");
            let removed = old.iter().filter(|line| !new.contains(line)).count();
            assert!(removed <= 1, "{name}");
            if name.starts_with("values/") {
                let path: Vec<&str> = outcome.path.iter().map(String::as_str).collect();
                let edit = Edit::Set { value: goal.as_str(), beside: TEMPLATE_SCALARS };
                if let Testimony::Other(what) = testimony(before, &edited.text, &path, edit) {
                    panic!("{name}: {what}");
                }
            }
            format!("{from} -> {goal}")
        }
        Status::Already => "already".to_owned(),
        Status::Refused => {
            let mut rules: Vec<&str> = outcome
                .findings
                .iter()
                .filter(|finding| finding.severity == Severity::Error)
                .map(|finding| finding.rule.name())
                .collect();
            rules.dedup();
            assert!(!rules.is_empty(), "{name} is refused without a reason");
            format!("refused: {}", rules.join(" "))
        }
    }
}

fn names_below(folder: &Path, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            names_below(&path, names);
        } else if path.file_name().is_some_and(|name| name != "expected.txt" && name != "Chart.yaml") {
            names.push(path.strip_prefix(FOLDER).unwrap().to_str().unwrap().to_owned());
        }
    }
}

#[test]
fn a_hundred_public_shapes_are_read_as_expected() {
    let mut names = Vec::new();
    names_below(Path::new(FOLDER), &mut names);
    names.sort();
    assert!(names.len() > 100, "{}", names.len());
    let line = |name: &String| format!("{name}: {}\n", told(name, &fs::read(Path::new(FOLDER).join(name)).unwrap()));
    let lines: String = names.iter().map(line).collect();
    let expected = Path::new(FOLDER).join("expected.txt");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&expected, &lines).unwrap();
    }
    let expected = fs::read_to_string(expected).unwrap();
    for (line, expected) in lines.lines().zip(expected.lines()) {
        assert_eq!(line, expected);
    }
    assert_eq!(lines.lines().count(), expected.lines().count());
}

/// What a person's editor or system adds around the text changes nothing of what is read.
#[test]
fn dresses_change_nothing() {
    let mut names = Vec::new();
    names_below(&Path::new(FOLDER).join("manifests"), &mut names);
    for name in names {
        let bytes = fs::read(Path::new(FOLDER).join(&name)).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        // a shell and Terraform read other line breaks otherwise
        if Path::new(&name).extension().is_none_or(|ending| ending != "yaml") {
            continue;
        }
        let plain = told(&name, &bytes);
        for dressed in [text.replace('\n', "\r\n"), text.trim_end().to_owned(), format!("\u{feff}{text}")] {
            assert_eq!(told(&name, dressed.as_bytes()), plain, "{name}");
        }
    }
}
