//! Public values files, each also dressed up: with CRLF, with a byte order mark, without its last line break.

#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, fs, path::Path};

use helm_clas::{
    chart::{MODE_KEY, TEMPLATE_SCALARS},
    yaml::{Document, Edit},
};

use crate::witness::{Testimony, testimony};

mod witness;

const PATH: &[&str] = &[MODE_KEY];
const SET: Edit<'static> = Edit::Set { value: "clas", beside: TEMPLATE_SCALARS };

#[test]
fn as_they_are() {
    nearly_all_are_edited(str::to_owned);
}

#[test]
fn with_crlf() {
    nearly_all_are_edited(|text| text.replace("\r\n", "\n").replace('\n', "\r\n"));
}

#[test]
fn with_a_byte_order_mark() {
    nearly_all_are_edited(|text| format!("\u{feff}{}", text.trim_start_matches('\u{feff}')));
}

#[test]
fn without_the_last_line_break() {
    nearly_all_are_edited(|text| text.trim_end_matches(['\r', '\n']).to_owned());
}

#[track_caller]
fn nearly_all_are_edited(dressed: impl Fn(&str) -> String) {
    let folder = Path::new("../shared/corpus/values");
    if !folder.is_dir() {
        println!("skipped: the public charts are not at hand");
        return;
    }
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (mut files, mut edited, mut witnessed) = (0, 0, 0);
    let mut refused: BTreeMap<&str, u32> = BTreeMap::new();
    for path in paths.filter(|path| path.extension().is_some_and(|extension| extension == "yaml")) {
        let text = dressed(&fs::read_to_string(&path).unwrap());
        files += 1;
        let after = match Document::read(&text).and_then(|document| document.edited(PATH, SET)) {
            Ok(after) => after.text,
            Err(finding) => {
                *refused.entry(finding.rule.name()).or_default() += 1;
                continue;
            }
        };
        edited += 1;
        match testimony(&text, &after, PATH, SET) {
            Testimony::Same => witnessed += 1,
            Testimony::None => {}
            Testimony::Other(seen) => panic!("{}: {seen}", path.display()),
        }
        let back = Document::read(&after).unwrap().edited(PATH, Edit::Remove).unwrap();
        assert!(back.text == text, "{} did not come back", path.display());
    }
    println!("{edited} of {files} edited, {witnessed} of them before a witness; refused: {refused:?}");
    assert!(files > 250);
    assert!(edited * 100 >= files * 99);
    assert!(witnessed * 10 >= edited * 9);
}
