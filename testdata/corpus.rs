//! Public values files and observed cases, each also dressed up: with CRLF, with a byte order mark, without its last
//! line break. In each the mode is put in, replaced and taken out, at the root and below a nested path; or that is
//! refused. The counts are kept in `corpus.md`.
//!
//! `UPDATE=1 cargo test corpus::` writes them again. `CORPUS_HELMS=1 cargo test --release corpus::` also has the real
//! Helms read every edited text; without it they read some, in `agreement.rs`.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use helm_clas::{
    Finding, Source,
    chart::{MODE_KEY, TEMPLATE_SCALARS},
    yaml::{Document, Edit, Edited},
};
use serde_json::{Map, Value};

use crate::support::{
    helm::{Helm, helms, on_threads},
    witness::{Testimony, testimony},
};

const REPORT: &str = "testdata/corpus.md";
const SOURCES: [(&str, &str); 2] =
    [("public files", "../shared/corpus/values"), ("observed cases", "../shared/helm-values-cases")];
const DRESSES: [&str; 4] = ["as they are", "with CRLF", "with a byte order mark", "without the last line break"];

fn dressed(bytes: &[u8], dress: &str) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(bytes) else { return bytes.to_vec() };
    match dress {
        "with CRLF" => text.replace("\r\n", "\n").replace('\n', "\r\n"),
        "with a byte order mark" => format!("\u{feff}{}", text.trim_start_matches('\u{feff}')),
        "without the last line break" => text.trim_end_matches(['\r', '\n']).to_owned(),
        _ => text.to_owned(),
    }
    .into_bytes()
}

/// What became of the files of one source in one variant.
#[derive(Default)]
struct Counts {
    files: usize,
    /// Files in which all was done at the root.
    at_root: usize,
    /// Files with a mapping at the root, and those of them in which all was done below it.
    with_mapping: usize,
    nested: usize,
    edits: usize,
    witnessed: usize,
    /// By rule: how many edits it refused.
    refused: BTreeMap<&'static str, usize>,
}

/// What became of one file.
#[derive(Default)]
struct Done {
    counts: Counts,
    /// What went wrong.
    wrong: Vec<String>,
    /// The edited texts with the names of their files, for the Helms.
    texts: Vec<(String, String)>,
}

fn done_with(name: &str, bytes: &[u8]) -> Done {
    let mut done = Done { counts: Counts { files: 1, ..Counts::default() }, ..Done::default() };
    let read = Source { name, bytes }.text().and_then(|text| Document::read(text).map(|document| (text, document)));
    let (text, document) = match read {
        Ok(read) => read,
        Err(finding) => {
            done.refuse(&finding);
            return done;
        }
    };
    let values = document.values();
    let parent =
        values.as_object().and_then(|map| map.iter().find(|(_, value)| value.is_object())).map(|(name, _)| name);
    let nested = parent.map(|parent| [parent.as_str(), MODE_KEY]);
    done.counts.at_root = usize::from(done.round(name, text, &[MODE_KEY]));
    if let Some(nested) = nested {
        done.counts.with_mapping = 1;
        done.counts.nested = usize::from(done.round(name, text, &nested));
    }
    done
}

impl Done {
    fn refuse(&mut self, finding: &Finding) {
        *self.counts.refused.entry(finding.rule.name()).or_default() += 1;
    }

    /// Puts the mode in, replaces it, takes it out; whether all was done.
    fn round(&mut self, name: &str, text: &str, path: &[&str]) -> bool {
        let was_absent = Document::read(text).unwrap().find(path).is_ok_and(|found| found.is_none());
        let set = |value| Edit::Set { value, beside: TEMPLATE_SCALARS };
        let mut now = text.to_owned();
        for edit in [set("clas"), set("migrateClasToLegacy"), Edit::Remove] {
            let edited = match Document::read(&now).and_then(|document| document.edited(path, edit)) {
                Ok(edited) => edited,
                Err(finding) => {
                    self.refuse(&finding);
                    return false;
                }
            };
            self.counts.edits += 1;
            self.wrong.extend(complaint(&now, &edited, path, edit).map(|why| format!("{name}: {edit:?}: {why}")));
            match testimony(&now, &edited.text, path, edit) {
                Testimony::Same => self.counts.witnessed += 1,
                Testimony::None => {}
                Testimony::Other(seen) => self.wrong.push(format!("{name}: {edit:?}: {seen}")),
            }
            now = edited.text;
            if edit != Edit::Remove || !was_absent {
                self.texts.push((name.to_owned(), now.clone()));
            }
        }
        if was_absent && now != text {
            self.wrong.push(format!("{name}: put in and taken out, {path:?} leaves another file"));
        }
        true
    }
}

/// What is wrong with an edit: a byte outside of it, or a value.
fn complaint(before: &str, edited: &Edited, path: &[&str], edit: Edit<'_>) -> Option<String> {
    let (replaced, replacement) = (&edited.replaced, &edited.replacement);
    let is_same_outside = before[..replaced.start] == edited.text[..replacement.start]
        && before[replaced.end..] == edited.text[replacement.end..];
    let mut expected = Document::read(before).unwrap().values();
    let (name, parents) = path.split_last().unwrap();
    if expected.is_null() {
        expected = Value::Object(Map::new());
    }
    let parent = parents.iter().fold(&mut expected, |value, name| &mut value[*name]).as_object_mut().unwrap();
    match edit {
        Edit::Set { value, .. } => parent.insert((*name).to_owned(), Value::from(value)),
        _ => parent.remove(*name),
    };
    let after = Document::read(&edited.text).unwrap().values();
    let is_same = after == expected || after.is_null() && expected == Value::Object(Map::new());
    (!is_same_outside || !is_same).then(|| format!("outside {is_same_outside}, values {is_same}"))
}

/// Whether a Helm reads a text otherwise than we do. Helm 4 ends a file with a line break before it reads it.
fn is_misread(helm: &Helm, text: &str) -> bool {
    let ended =
        if helm.version.starts_with('3') || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") };
    let ours = Document::read(&ended).unwrap().values();
    let ours = if ours.is_null() { Value::Object(Map::new()) } else { with_floats(ours) };
    helm.values(&["-f", "-"], Some(text.as_bytes())).ok().map(with_floats) != Some(ours)
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

fn add(all: &mut Counts, one: &Counts) {
    all.files += one.files;
    all.at_root += one.at_root;
    all.with_mapping += one.with_mapping;
    all.nested += one.nested;
    all.edits += one.edits;
    all.witnessed += one.witnessed;
    for (rule, count) in &one.refused {
        *all.refused.entry(rule).or_default() += count;
    }
}

#[test]
fn all_are_edited_exactly_or_refused() {
    if SOURCES.iter().any(|(_, folder)| !Path::new(folder).is_dir()) {
        println!("skipped: the public files and the observed cases are not at hand");
        return;
    }
    let mut table = String::new();
    let (mut wrong, mut texts) = (Vec::new(), Vec::new());
    let mut total = Counts::default();
    for (source, folder) in SOURCES {
        let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|ending| ending == "yaml")).collect();
        paths.sort();
        assert!(paths.len() > 100, "{folder}");
        for dress in DRESSES {
            let mut counts = Counts::default();
            let all_done = on_threads(&paths, |path| {
                done_with(&format!("{} {dress}", path.display()), &dressed(&fs::read(path).unwrap(), dress))
            });
            for done in all_done {
                add(&mut counts, &done.counts);
                wrong.extend(done.wrong);
                texts.extend(done.texts);
            }
            if source == "public files" {
                assert!(counts.at_root * 100 >= counts.files * 99, "{} of {}, {dress}", counts.at_root, counts.files);
                assert!(counts.nested * 100 >= counts.with_mapping * 98, "{} nested, {dress}", counts.nested);
            }
            let refused: Vec<String> = counts.refused.iter().map(|(rule, count)| format!("{rule} {count}")).collect();
            let Counts { files, at_root, with_mapping, nested, edits, witnessed, .. } = &counts;
            let _ = writeln!(
                table,
                "| {source} {dress} | {files} | {at_root} | {nested} of {with_mapping} | {edits} | {witnessed} | {} |",
                refused.join(", ")
            );
            add(&mut total, &counts);
        }
    }
    if std::env::var_os("CORPUS_HELMS").is_some() {
        let [three, _, four] = helms();
        let misreadings = on_threads(&texts, |(name, text)| {
            let misread = [three, four].into_iter().filter(|helm| is_misread(helm, text));
            misread.map(|helm| format!("{name}: Helm {} reads something else", helm.version)).collect::<Vec<_>>()
        });
        wrong.extend(misreadings.into_iter().flatten());
        println!("{} edited texts, each read by Helm {} and {}", texts.len(), three.version, four.version);
    }
    assert_eq!(wrong, Vec::<String>::new());
    let report = format!(
        "# The corpus

Public values files and observed awkward cases, each as it is and in three dresses. In each the mode is put in, replaced
and taken out again, at the root and below the first mapping of the file. Each edit is either refused, with a reason, or
exact: every other byte stays, the values differ in the mode and nothing else, what was put in and taken out leaves the
very same file, and another YAML reader, where it can read the file, sees the same.

Written by `UPDATE=1 cargo test corpus::`; the test fails where these are not the present numbers.
`CORPUS_HELMS=1 cargo test --release corpus::` has Helm 3.17 and 4.3 read all {} edited texts.

| files | number | edited at the root | below a mapping | edits made | seen by another reader | refused |
|---|---|---|---|---|---|---|
{table}
Edits made: {}. Wrong: {}.
",
        texts.len(),
        total.edits,
        wrong.len()
    );
    println!("{report}");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(REPORT, &report).unwrap();
    }
    assert_eq!(fs::read_to_string(REPORT).unwrap(), report);
}
