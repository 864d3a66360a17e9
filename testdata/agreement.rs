//! What the real Helms read, before and after an edit, against what we read. The files are those of `testdata/values`,
//! and, where they are at hand, observed cases and public charts that are kept beside this repository.

use std::{fs, path::Path};

use helm_clas::{
    chart::{MODE_KEY, TEMPLATE_SCALARS},
    yaml::{Document, Edit, Scalar},
};
use serde_json::Value;

use crate::support::helm::{Helm, helms, on_threads};

const PATH: &[&str] = &[MODE_KEY];

fn set(value: &'static str) -> Edit<'static> {
    Edit::Set { value, beside: TEMPLATE_SCALARS }
}

/// What a Helm read, or that it refused.
type Read = Option<Value>;

fn read_by(helm: &Helm, bytes: &[u8]) -> Read {
    helm.values(&["-f", "-"], Some(bytes)).ok().map(with_floats)
}

#[test]
fn the_awkward_files_are_read_and_edited_as_their_table_says() {
    let table = fs::read_to_string("testdata/values/README.md").unwrap();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| file "))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    let mut listed: Vec<&str> = rows.iter().map(|row| row[0]).chain(["README.md"]).collect();
    let entries = fs::read_dir("testdata/values").unwrap();
    let mut there: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    listed.sort_unstable();
    there.sort();
    assert_eq!(listed, there);

    let read = on_threads(&rows, |row| {
        let [name, _, three, four, edited] = row[..] else { panic!("{row:?}") };
        let bytes = fs::read(Path::new("testdata/values").join(name)).unwrap();
        let before = helms().each_ref().map(|helm| read_by(helm, &bytes));
        let mut complaints = Vec::new();
        for (helm, read) in helms().iter().zip(&before) {
            let expected = if helm.version.starts_with('3') { three } else { four };
            if shown(read.as_ref()) != expected {
                complaints.push(format!("{name}: Helm {} reads {}", helm.version, shown(read.as_ref())));
            }
        }
        let ours = std::str::from_utf8(&bytes).map_or("not text".to_owned(), |text| {
            match Document::read(text).and_then(|document| document.edited(PATH, set("clas"))) {
                Ok(_) => "edited".to_owned(),
                Err(finding) => format!("`{}`", finding.rule.name()),
            }
        });
        if ours != edited {
            complaints.push(format!("{name}: {ours}, not {edited}"));
        }
        ((name.to_owned(), bytes, Some(before)), complaints)
    });
    let (cases, mut complaints): (Vec<_>, Vec<_>) = read.into_iter().unzip();
    complaints.push(complaints_of(&cases));
    assert_eq!(complaints.concat(), Vec::<String>::new());
}

/// What a message says about Helm where a file is refused occurs for some file of the table above, and so is tested
/// with every Helm.
#[test]
fn what_is_said_of_helm_is_said_of_a_file_that_it_reads() {
    let mut said = String::new();
    for entry in fs::read_dir("testdata/values").unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        let findings = match Document::read(text) {
            Ok(document) => {
                let paths = [(PATH, set("clas")), (&["illumio", MODE_KEY], Edit::Remove)];
                let edits = paths.map(|(path, edit)| document.edited(path, edit).err());
                document.duplicates().into_iter().chain(edits.into_iter().flatten()).collect()
            }
            Err(finding) => vec![finding],
        };
        for finding in findings {
            said +=
                &format!("{}\n{}\n", finding.message, finding.help.map(|help| help.to_string()).unwrap_or_default());
        }
    }
    let mut sentences = 0;
    for file in ["dialect", "document", "events", "libyaml", "splice", "survey"] {
        let source = fs::read_to_string(format!("src/yaml/{file}.rs")).unwrap();
        let code = source.split("#[cfg(test)]").next().unwrap().lines().filter(|line| !line.trim().starts_with("//"));
        for sentence in code.flat_map(|line| line.split('"').skip(1).step_by(2)).filter(|text| text.contains("Helm")) {
            // what is filled in is between braces
            let mut fixed = sentence.split(['{', '}']).filter(|part| part.contains("Helm"));
            let is_said = said.contains(sentence) || fixed.any(|part| said.contains(part));
            assert!(is_said, "{file}: nothing in testdata/values is refused with: {sentence}");
            sentences += 1;
        }
    }
    assert!(sentences > 20, "{sentences}");
}

/// How the table shows the mode that a Helm read.
fn shown(read: Option<&Value>) -> String {
    match read.map(|values| values.get(MODE_KEY)) {
        None => "error".to_owned(),
        Some(None) => "absent".to_owned(),
        Some(Some(mode)) => format!("`{mode}`"),
    }
}

#[test]
fn the_observed_cases_are_read_and_edited_as_helm_reads_them() {
    let folder = Path::new("../shared/helm-values-cases");
    if !folder.is_dir() {
        println!("skipped: the observed cases are not at hand");
        return;
    }
    let names = files_in(folder, "yaml");
    let recorded = |name: &str, versions: &[&str]| -> Read {
        let path = |version: &&str| folder.join(name).with_extension(format!("{version}.json"));
        let json = versions.iter().find_map(|version| fs::read(path(version)).ok())?;
        Some(with_floats(serde_json::from_slice(&json).unwrap()))
    };
    let cases = names.iter().map(|name| {
        let versions: [&[&str]; 3] = [&["helm3"], &["helm4.1", "helm4"], &["helm4"]];
        let before = versions.map(|versions| recorded(name, versions));
        (name.clone(), fs::read(folder.join(name)).unwrap(), Some(before))
    });
    let cases: Vec<_> = cases.collect();
    println!("{} observed cases", cases.len());
    assert!(cases.len() > 100);
    assert_eq!(complaints_of(&cases), Vec::<String>::new());
}

#[test]
fn public_charts_are_edited_as_helm_reads_them() {
    let folder = Path::new("../shared/corpus/values");
    if !folder.is_dir() {
        println!("skipped: the public charts are not at hand");
        return;
    }
    let names = files_in(folder, "yaml");
    // what a Helm reads after the edit shows whether it reads the file as we do, so it need not read it before
    let cases: Vec<_> = names.iter().map(|name| (name.clone(), fs::read(folder.join(name)).unwrap(), None)).collect();
    println!("{} public files", cases.len());
    assert!(cases.len() > 250);
    assert_eq!(complaints_of(&cases), Vec::<String>::new());
}

/// Where we read a text that a Helm refuses or reads otherwise, and where an edit of ours makes it read something else
/// than what was asked. Each Helm reads the edits of all files in one run; what it read before, where that is not
/// given, is taken to be what we read.
fn complaints_of(cases: &[(String, Vec<u8>, Option<[Read; 3]>)]) -> Vec<String> {
    let (mut complaints, mut edits) = (Vec::new(), Vec::new());
    for (name, bytes, before) in cases {
        let Some(document) = std::str::from_utf8(bytes).ok().and_then(|text| Document::read(text).ok()) else {
            continue;
        };
        let ours = helms().each_ref().map(|helm| read_by_us(helm, &document));
        let before = before.clone().unwrap_or_else(|| ours.clone().map(Some));
        for ((helm, read), ours) in helms().iter().zip(&before).zip(&ours) {
            if read.as_ref() != Some(ours) {
                complaints.push(format!("{name}: read otherwise than by Helm {}, which reads {read:?}", helm.version));
            }
        }
        edits.extend(edits_of(&document).into_iter().map(|(edit, text)| (name, edit, text, before.clone())));
    }
    let texts: Vec<&str> = edits.iter().map(|(_, _, text, _)| text.as_str()).collect();
    let read = on_threads(&[0, 1, 2], |at| (*at, helms()[*at].read_files(&texts)));
    for (at, read) in &read {
        let helm = &helms()[*at];
        for ((name, edit, _, before), after) in edits.iter().zip(read) {
            let expected = before[*at].clone().map(|values| changed(values, *edit));
            if after.clone().map(with_floats) != expected {
                complaints.push(format!("{name}: after {edit:?} Helm {} reads {after:?}", helm.version));
            }
        }
    }
    complaints
}

/// The edits of the mode that a file takes, with the text that each makes.
fn edits_of(document: &Document<'_>) -> Vec<(Edit<'static>, String)> {
    let mode = document.find(PATH).ok().flatten().map(|entry| document.scalar(entry));
    let other = if mode == Some(Some(Scalar::Text("clas"))) { "legacy" } else { "clas" };
    let edits = [Some(set(other)), mode.map(|_| Edit::Remove)];
    edits.into_iter().flatten().filter_map(|edit| Some((edit, document.edited(PATH, edit).ok()?.text))).collect()
}

/// What we say that a Helm reads: Helm 4 ends a file with a line break before it reads it, which a last block includes.
fn read_by_us(helm: &Helm, document: &Document<'_>) -> Value {
    let text = document.text();
    if helm.version.starts_with('3') || text.ends_with('\n') {
        return with_floats(document.values());
    }
    with_floats(Document::read(&format!("{text}\n")).unwrap().values())
}

fn changed(mut values: Value, edit: Edit<'_>) -> Value {
    let map = values.as_object_mut().unwrap();
    match edit {
        Edit::Set { value, .. } => map.insert(MODE_KEY.to_owned(), Value::from(value)),
        _ => map.remove(MODE_KEY),
    };
    values
}

// Scalars.

/// Every one of these, unquoted, is a word, a number or a text for go-yaml, in ways of its own.
#[rustfmt::skip]
const SPELLINGS: &[&str] = &[
    "null", "Null", "NULL", "nUll", "~", "~~", "true", "True", "TRUE", "tRue", "yes", "Yes", "YES", "yEs", "on", "On",
    "ON", "oN", "y", "Y", "false", "False", "FALSE", "no", "No", "NO", "nO", "off", "Off", "OFF", "n", "N", "t", "f",
    "0", "-0", "+0", "00", "1", "-1", "+1", "01", "007", "08", "09.5", "0777", "-017", "+017", "0o17", "0O17", "0o8",
    "-0o17", "+0o17", "0o", "0o_1", "0x1F", "0X1f", "-0x1F", "+0x1F", "0x", "0x_1", "0x1_F", "0xg", "0x1p4", "0x1.8p1",
    "0b11", "0B11", "-0b11", "+0b11", "0b", "0b_1", "0b2", "1_000", "1__0", "1_", "_1", "-_1", "-1_0", "0_1", "0_0",
    "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
    "+9223372036854775808", "18446744073709551615", "18446744073709551616", "123456789012345678901234567890",
    "0xFFFFFFFFFFFFFFFF", "0x10000000000000000", "-0x8000000000000000", "0.0", "-0.0", ".5", "+.5", "-.5", "5.", "-5.",
    "5.0", "1.5e3", "5.e1", ".5e1", ".5E-1", "1e3", "1E3", "1e+3", "1e-3", "+1e3", "1e", "1e+", ".e1", "e1", "1e1_0",
    "1_0e1", "1_0.5", "1._5", "1_.5", "._5", ".1_0", ".1__0", ".1_", ".", "..", "-.", "+.", ".5.", "1.2.3", "5.1.0",
    "1e400", "-1e400", "1e-400", ".1e400", "1,000", "1:30", "12:30:45", "190:20:30.15", "-1:30", "2001-01-01",
    "2001-1-1", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.10 -5", "<<", "=", "==", "-", "+", "--", "+-1",
    "-+1", "++1", "inf", "-inf", "nan", "Infinity", "NaN", ".iNF", ".NAn", "-.nan", "+.nan", "1d", "1f", "0d1", "1.0f",
    "clas", "legacy", "clas#x", "a:b", "http://a:1/b?c", "\u{201c}clas\u{201d}", "clas\u{a0}", "\u{200b}clas",
];

/// JSON has no such numbers, so Helm refuses a file with one of these.
const NO_JSON: &[&str] = &[".inf", ".Inf", ".INF", "-.inf", "+.inf", "-.INF", ".nan", ".NaN", ".NAN"];

#[test]
fn scalars_have_the_types_that_helm_gives_them() {
    let values = |shape: &dyn Fn(&str) -> String| -> String {
        let lines = SPELLINGS.iter().enumerate().map(|(number, spelling)| format!("k{number}:{}\n", shape(spelling)));
        lines.filter(|line| Document::read(line).is_ok()).collect()
    };
    let texts = [
        values(&|spelling| format!(" {spelling}")),
        values(&|spelling| format!(" # remark\n  {spelling} # remark")),
        values(&|spelling| format!(" [{spelling}, {{a: {spelling}}}]")),
        values(&|spelling| format!("\n- {spelling}\n- '{spelling}'\n- \"{spelling}\"")),
        values(&|spelling| format!("\n  {spelling}: a")),
    ];
    let counts = texts.each_ref().map(|text| text.lines().filter(|line| line.starts_with('k')).count());
    assert!(counts[..4].iter().all(|count| count + 8 > SPELLINGS.len()), "{counts:?}");
    assert!(counts[4] > 100, "{counts:?}");
    for (text, helm) in texts.iter().flat_map(|text| helms().each_ref().map(|helm| (text, helm))) {
        let ours = with_floats(Document::read(text).unwrap().values());
        let theirs = read_by(helm, text.as_bytes()).unwrap();
        for (key, ours) in ours.as_object().unwrap() {
            let number: usize = key[1..].parse().unwrap();
            assert_eq!(Some(ours), theirs.get(key), "{:?} for Helm {}", SPELLINGS[number], helm.version);
        }
        assert_eq!(ours, theirs);
    }
}

#[test]
fn numbers_that_json_does_not_have_are_refused() {
    let complaints = on_threads(NO_JSON, |spelling| {
        let text = format!("a: {spelling}\n");
        let are_refused = helms().iter().all(|helm| read_by(helm, text.as_bytes()).is_none());
        (!are_refused || Document::read(&text).is_ok()).then_some(*spelling)
    });
    assert_eq!(complaints.into_iter().flatten().collect::<Vec<_>>(), Vec::<&str>::new());
}

// Tools.

fn files_in(folder: &Path, extension: &str) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> =
        names.filter(|name| Path::new(name).extension().is_some_and(|found| found == extension)).collect();
    names.sort();
    names
}

/// Every number as a floating-point number, as Helm passes it to the chart.
fn with_floats(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::from(number.as_f64()),
        Value::Array(items) => items.into_iter().map(with_floats).collect(),
        Value::Object(map) => map.into_iter().map(|(name, value)| (name, with_floats(value))).collect(),
        other => other,
    }
}
