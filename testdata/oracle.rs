//! Real Helm as the judge of what is read and of what an edit changes: many made-up files, and each edit of them, in a few
//! runs. Our own reader decides nothing here: an edit is right where Helm reads the new file as it read the old one, with
//! the one value changed.
//!
//! `ORACLE_FILES=1000000 cargo test oracle:: -- --nocapture` goes on with more files.

use std::{env, fs};

use helm_clas::{
    chart::{MODE_KEY, TEMPLATE_SCALARS},
    yaml::{Document, Edit},
};
use proptest::{
    prelude::Strategy,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Map, Value};

use crate::{
    properties::{damage, damaged_often, values_file},
    support::helm::{documents, helms, on_threads},
};

const PATHS: [&[&str]; 2] = [&[MODE_KEY], &["illumio", MODE_KEY]];
const EDITS: [Edit<'static>; 4] =
    [Edit::Set { value: "clas", beside: TEMPLATE_SCALARS }, Edit::Remove, Edit::Word("true"), Edit::Rename("renamed")];

/// What a submission is judged by.
const FILES: usize = 20_000;

/// As many as one run of Helm reads.
const AT_ONCE: usize = 2_500;

/// A file that was read, and the edits of it that were made.
struct Case {
    text: String,
    edits: Vec<(&'static [&'static str], Edit<'static>, String)>,
}

/// What was judged.
#[derive(Debug, Default)]
struct Counts {
    made: usize,
    read: usize,
    edits: usize,
    wrong: Vec<String>,
}

#[test]
fn helm_reads_every_edit_as_it_is_meant() {
    let wanted = env::var("ORACLE_FILES").ok().and_then(|files| files.parse().ok()).unwrap_or(FILES);
    let mut made = Made::new();
    let mut counts = Counts::default();
    while counts.made < wanted {
        let batches: Vec<Vec<Case>> = (0..3).map(|_| made.cases(AT_ONCE.min(wanted), &mut counts)).collect();
        for judged in on_threads(&batches, |cases| judge(cases)) {
            counts.edits += judged.edits;
            counts.wrong.extend(judged.wrong);
        }
    }
    let Counts { made, read, edits, wrong } = counts;
    println!("{made} files made, {read} read, {edits} edits; otherwise in Helm: {}", wrong.len());
    assert!(read * 3 > made && edits > read, "too little is judged");
    assert!(wrong.is_empty(), "{}", wrong[..wrong.len().min(5)].join("\n\n"));
}

/// Files by the generators of the properties, whole and damaged, and damaged ones of `testdata/values`.
struct Made {
    runner: TestRunner,
    seeds: Vec<String>,
}

impl Made {
    fn new() -> Self {
        let config = Config { failure_persistence: None, ..Config::default() };
        // other files on another day would be more, but a failure must be there again tomorrow
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let folder = fs::read_dir("testdata/values").expect("the awkward files are there");
        let mut names: Vec<_> = folder.map(|entry| entry.expect("a name").path()).collect();
        names.sort();
        let seeds =
            names.iter().filter_map(|name| fs::read_to_string(name).ok()).filter(|text| text.len() < 4096).collect();
        Self { runner: TestRunner::new_with_rng(config, rng), seeds }
    }

    fn text(&mut self, number: usize) -> String {
        let strategy = (values_file(), proptest::collection::vec(damage(), 1..3));
        let (text, damages) = strategy.new_tree(&mut self.runner).expect("a file is made").current();
        match number % 8 {
            0..5 => text,
            5 | 6 => damaged_often(text, &damages),
            _ => damaged_often(self.seeds[number / 8 % self.seeds.len()].clone(), &damages),
        }
    }

    /// As many files, those that are read, with their edits.
    fn cases(&mut self, count: usize, counts: &mut Counts) -> Vec<Case> {
        let mut cases = Vec::new();
        for _ in 0..count {
            let text = self.text(counts.made);
            counts.made += 1;
            let Ok(document) = Document::read(&text) else { continue };
            counts.read += 1;
            let all = PATHS.iter().flat_map(|path| EDITS.map(|edit| (*path, edit)));
            let edits = all.filter_map(|(path, edit)| Some((path, edit, document.edited(path, edit).ok()?.text)));
            let edits = edits.filter(|(_, _, new)| *new != text).collect();
            cases.push(Case { text, edits });
        }
        cases
    }
}

/// What Helm 3 and Helm 4 say of some files and their edits.
fn judge(cases: &[Case]) -> Counts {
    let mut texts: Vec<&str> = Vec::new();
    for case in cases {
        texts.push(&case.text);
        texts.extend(case.edits.iter().map(|(_, _, text)| text.as_str()));
    }
    let [three, _, four] = helms();
    let old = three.read_files(&texts);
    let new = four.read_files(&texts);
    let mut counts = Counts::default();
    let mut at = 0;
    for Case { text, edits } in cases {
        let before = old[at].clone();
        let complaint = |what: &str, read: &Option<Value>| format!("{what}: {read:?}\n{text}");
        match &before {
            None => counts.wrong.push(complaint("Helm 3 refuses", &before)),
            Some(values) if !same(Some(&Document::read(text).unwrap().values()), values, text) => {
                counts.wrong.push(complaint("Helm 3 reads", &before));
            }
            Some(values) if !same(new[at].as_ref(), values, text) => {
                counts.wrong.push(complaint("Helm 4 reads", &new[at]));
            }
            _ => {}
        }
        at += 1;
        for (path, edit, edited) in edits {
            counts.edits += 1;
            let expected = before.as_ref().map(|values| changed(values, path, *edit));
            for (which, read) in [("3", &old[at]), ("4", &new[at])] {
                if !expected.as_ref().is_some_and(|expected| same(read.as_ref(), expected, edited)) {
                    counts.wrong.push(format!("Helm {which}, {edit:?} at {path:?}: {read:?}\n{text}\n=>\n{edited}"));
                }
            }
            at += 1;
        }
    }
    counts
}

/// Whether what was read is what is expected; Helm 4 adds a line break to a block that the file ends in without one.
fn same(read: Option<&Value>, expected: &Value, text: &str) -> bool {
    let settled = |value: &Value| settled(value, !text.ends_with('\n'));
    read.is_some_and(|read| settled(read) == settled(expected))
}

/// A value with every number as Helm keeps it, and no values as an empty mapping.
fn settled(value: &Value, is_cut: bool) -> Value {
    fn inner(value: &Value, is_cut: bool) -> Value {
        match value {
            Value::Number(number) => Value::from(number.as_f64().unwrap_or_default()),
            Value::String(text) if is_cut => Value::from(text.trim_end_matches('\n')),
            Value::Array(items) => items.iter().map(|item| inner(item, is_cut)).collect(),
            Value::Object(map) => {
                Value::Object(map.iter().map(|(name, value)| (name.clone(), inner(value, is_cut))).collect())
            }
            other => other.clone(),
        }
    }
    if value.is_null() { Value::Object(Map::new()) } else { inner(value, is_cut) }
}

/// Values after an edit, by what the edit means.
fn changed(values: &Value, path: &[&str], edit: Edit<'_>) -> Value {
    let mut values = if values.is_null() { Value::Object(Map::new()) } else { values.clone() };
    let (name, parents) = path.split_last().expect("a path has a name");
    let mut parent = &mut values;
    for step in parents {
        match parent.get_mut(*step) {
            Some(below) => parent = below,
            None => return values,
        }
    }
    if parent.is_null() && matches!(edit, Edit::Set { .. }) {
        *parent = Value::Object(Map::new());
    }
    let Some(map) = parent.as_object_mut() else { return values };
    match edit {
        Edit::Set { value, .. } => _ = map.insert((*name).to_owned(), Value::from(value)),
        Edit::Word(_) if map.contains_key(*name) => _ = map.insert((*name).to_owned(), Value::Bool(true)),
        Edit::Word(_) => {}
        Edit::Remove => _ = map.remove(*name),
        Edit::Rename(new) => {
            if let Some(value) = map.remove(*name) {
                map.insert(new.to_owned(), value);
            }
        }
    }
    values
}

#[test]
fn files_are_cut_as_helm_cuts_them() {
    let cut = |file: &str| {
        let documents = documents(file.as_bytes());
        documents.map(|all| all.into_iter().map(|one| String::from_utf8(one).unwrap()).collect::<Vec<_>>())
    };
    assert_eq!(cut(""), Some(vec![]));
    assert_eq!(cut("a: 1\r\n---\nb: 2"), Some(vec!["a: 1\n".to_owned(), "b: 2\n".to_owned()]));
    assert_eq!(cut("--- # x\na: 1\n"), Some(vec!["--- # x\na: 1\n".to_owned()]));
    assert_eq!(cut("--- a: 1\n"), None);
}
