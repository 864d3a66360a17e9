//! What holds for all bytes, one function a fuzz target. Each panics where its law is broken.

use std::ops::Range;

use helm_clas::{
    Called, ChartVersion, CompatibilityMatrix, Files, Finding, PceVersion, Request, Status, Texts, Wanted,
    chart::{MODE_KEY, TEMPLATE_SCALARS, secrets::Brought, values::Schema},
    check::{CheckedFile, Circumstances, Run, check_change},
    fix,
    report::{
        diff::{Diff, Options, Secrets},
        findings::drawn,
        github, gitlab, json, junit, sarif, text as words,
    },
    status::{Standing, found_in},
    yaml::{Document, Edit, Scalar, documents},
};
use serde_json::{Map, Value};

use super::witness::{Testimony, testimony};

const SET: Edit<'static> = Edit::Set { value: "clas", beside: TEMPLATE_SCALARS };
const PATHS: [&[&str]; 3] = [&[MODE_KEY], &["illumio", MODE_KEY], &["items", "0", MODE_KEY]];

/// What came of the edits that were asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Edits that were made.
    pub edited: u32,
    /// Edits of those that another reader saw.
    pub witnessed: u32,
}

/// Any bytes are read, or refused with a place that is in them; a mode that was found is found again.
pub fn read(bytes: &[u8]) {
    let texts = Texts::new();
    let files = Files::of(&texts, [("values.yaml", bytes)]);
    let standings = found_in(&files, 0, None);
    assert_eq!(standings, found_in(&files, 0, None));
    let text = match files.source(0).text() {
        Ok(text) => text,
        Err(finding) => {
            return assert!(
                finding.span.is_none() && !drawn(&[finding], Called::OF_HELM, |_| None, &Brought::default()).is_empty()
            );
        }
    };
    match Document::read(text) {
        Ok(document) => {
            stand_in(&document.duplicates(), text);
            for standing in &standings {
                let findings: Vec<Finding> = standing.findings.iter().map(|noted| noted.finding.clone()).collect();
                stand_in(&findings, text);
            }
            assert!(matches!(document.values(), Value::Object(_) | Value::Null));
        }
        Err(finding) => stand_in(&[finding], text),
    }
}

/// An edit is refused, or touches one place, changes one value, done twice is done once, and has a way back.
pub fn edit(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for path in PATHS {
        edit_at(text, path);
    }
}

/// The same for one path.
pub fn edit_at(text: &str, path: &[&str]) -> Counts {
    let mut counts = Counts::default();
    let Ok(document) = Document::read(text) else { return counts };
    let found = document.find(path);
    for edit in [SET, Edit::Remove, Edit::Word("true"), Edit::Rename("renamed")] {
        let edited = match document.edited(path, edit) {
            Ok(edited) => edited,
            Err(finding) => {
                stand_in(&[finding], text);
                continue;
            }
        };
        counts.edited += 1;
        same_outside(text, &edited.text, &edited.replaced, &edited.replacement);
        let after = Document::read(&edited.text).expect("what was proven can be read");
        assert_eq!(after.values(), changed(&document, path, edit), "{edit:?}");
        // a key that is renamed is there no more
        if !matches!(edit, Edit::Rename(_)) {
            let twice = after.edited(path, edit).expect("what was edited can be edited");
            assert_eq!(twice.text, edited.text, "twice");
        }
        if !matches!(edit, Edit::Rename(_) | Edit::Word(_)) && path[0] != "items" {
            match testimony(text, &edited.text, path, edit) {
                Testimony::Same => counts.witnessed += 1,
                Testimony::None => {}
                Testimony::Other(seen) => panic!("{edit:?}: {seen}"),
            }
        }
        let back = match (edit, &found) {
            (Edit::Set { .. }, Ok(None)) if !is_blank(&document, &path[..path.len() - 1]) => Edit::Remove,
            (Edit::Set { .. } | Edit::Word(_), Ok(Some(entry))) => match document.scalar(*entry) {
                Some(Scalar::Text(old)) if is_plain(old, &text[document.value_span(*entry)], edit) => {
                    Edit::Set { value: old, beside: &[] }
                }
                _ => continue,
            },
            _ => continue,
        };
        assert_eq!(after.edited(path, back).expect("there is a way back").text, text, "{edit:?} and back");
    }
    counts
}

/// Whether a text is written so that setting it back writes it so again.
fn is_plain(old: &str, written: &str, edit: Edit<'_>) -> bool {
    let was_quoted = written.starts_with(['"', '\'']);
    let is_spelled = written.trim_matches(['"', '\'']) == old && old.bytes().all(|b| b.is_ascii_alphanumeric());
    // a word takes the quotes away, and they do not come back
    is_spelled && !(was_quoted && matches!(edit, Edit::Word(_)))
}

/// Whether there is nothing at a path below the root: what fills it is not emptied again.
fn is_blank(document: &Document<'_>, path: &[&str]) -> bool {
    !path.is_empty() && document.scalar_at(path.iter().copied()) == Some(Scalar::Null)
}

/// The values after an edit, by what the edit means.
fn changed(document: &Document<'_>, path: &[&str], edit: Edit<'_>) -> Value {
    let mut values = document.values();
    let Ok(found) = document.find(path) else { return values };
    let (name, parents) = path.split_last().expect("a path has a name");
    let mut parent = &mut values;
    for name in parents {
        let below = match parent {
            Value::Array(items) => name.parse().ok().and_then(|item: usize| items.get_mut(item)),
            other => other.get_mut(*name),
        };
        let Some(below) = below else { return values };
        parent = below;
    }
    if parent.is_null() && matches!(edit, Edit::Set { .. }) {
        *parent = Value::Object(Map::new());
    }
    let Some(map) = parent.as_object_mut() else { return values };
    match edit {
        Edit::Set { value, .. } => _ = map.insert((*name).to_owned(), Value::from(value)),
        Edit::Remove => _ = map.remove(*name),
        Edit::Word(_) if found.is_some() => _ = map.insert((*name).to_owned(), Value::Bool(true)),
        Edit::Rename(new) => {
            if let Some(value) = map.remove(*name) {
                map.insert(new.to_owned(), value);
            }
        }
        Edit::Word(_) => {}
    }
    if parents.is_empty() && map.is_empty() && edit == Edit::Remove {
        // no values are an empty document, or one with an empty mapping: the same for Helm
        return without_values(document, path, edit);
    }
    values
}

/// How a document without values is written after an edit.
fn without_values(document: &Document<'_>, path: &[&str], edit: Edit<'_>) -> Value {
    let edited = document.edited(path, edit).expect("it was edited before");
    let values = Document::read(&edited.text).expect("what was proven can be read").values();
    assert!(values.is_null() || values.as_object().is_some_and(Map::is_empty), "{values}");
    values
}

/// Versions that are read are written again as they were, in an order that holds both ways.
pub fn versions(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut lines = text.lines();
    let (one, other) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    match (one.parse::<ChartVersion>(), other.parse::<ChartVersion>()) {
        (Ok(left), Ok(right)) => {
            assert_eq!((left.to_string().as_str(), right.to_string().as_str()), (one, other));
            assert_eq!(left.cmp(&right), right.cmp(&left).reverse());
        }
        (Err(error), _) | (_, Err(error)) => {
            assert!(!error.to_string().is_empty());
            if let Some(suggestion) = error.suggestion() {
                suggestion.parse::<ChartVersion>().expect("what is suggested is exact");
            }
        }
    }
    match (one.parse::<PceVersion>(), other.parse::<PceVersion>()) {
        (Ok(left), Ok(right)) => {
            assert_eq!(left.to_string().parse::<PceVersion>().expect("it reads what it writes"), left);
            assert_eq!(left.cmp(&right), right.cmp(&left).reverse());
            assert_eq!(left == right, left.cmp(&right).is_eq());
        }
        (Err(error), _) | (_, Err(error)) => assert!(!error.to_string().is_empty()),
    }
}

/// A file is judged in places that are in it, every report can be written, and what was repaired stays repaired.
pub fn check(bytes: &[u8]) {
    let (old, new) = bytes.iter().position(|b| *b == 0).map_or((None, bytes), |zero| {
        let (old, new) = bytes.split_at(zero);
        (Some(old), &new[1..])
    });
    let version = "5.1.0".parse().expect("a version");
    let pce_version = "24.2.20".parse().expect("a version");
    let schema = Schema::shipped();
    let matrix = CompatibilityMatrix::shipped();
    let circumstances = Circumstances {
        version: Some(&version),
        pce_version: Some(pce_version),
        matrix: &matrix,
        schema: &schema,
        is_partial: bytes.len().is_multiple_of(2),
        version_before: None,
        judges_all: true,
        path: None,
        options: &[],
    };
    let judged = |bytes: &[u8]| {
        let texts = Texts::new();
        let before = old.map(|old| Files::of(&texts, [("values.yaml", old)]));
        let files = Files::of(&texts, [("values.yaml", bytes)]);
        check_change(&files, 0, before.as_ref().map(|before| (before, 0)), &circumstances)
    };
    let judgement = judged(new).expect("all files are judged");
    let text = std::str::from_utf8(new).unwrap_or_default().to_owned();
    stand_in(&judgement.findings, &text);
    let judge = |text: &str| judged(text.as_bytes()).map_or_else(Vec::new, |judgement| judgement.findings);
    let (mended, times) = fix::mended(&text, judge);
    if times > 0 {
        assert!(Document::read(&mended).is_ok() || documents(&mended).len() > 1, "{mended}");
        let diff = Diff::between(
            &text,
            &mended,
            "values.yaml",
            Options { context: 3, secrets: Secrets::Hide, brought: &Brought::default() },
        );
        assert!(!diff.to_string().is_empty());
        assert_eq!(fix::mended(&mended, judge), (mended.clone(), 0), "mended in one run");
    }
    let file = CheckedFile {
        name: "values.yaml".to_owned(),
        mendable: fix::count(&text, &judgement.findings),
        text,
        mode: judgement.mode,
        findings: judgement.findings,
        ..CheckedFile::default()
    };
    let mut run = Run { files: vec![file], ..Run::default() };
    run.limit_migrating(0);
    for report in [json::check(&run), sarif::check(&run), gitlab::check(&run)] {
        serde_json::from_str::<Value>(&report).expect("a report is JSON");
    }
    assert!(!junit::check(&run).is_empty() && !words::check(&run).is_empty());
    assert_eq!(github::check(&run).lines().count(), run.all_findings().count(), "a line for each finding");
}

/// The places of a manifest are in it, and an edit of each is refused or changes that place and no other. It is judged
/// and reported together with what it takes values from, whatever that holds: here, the same text.
pub fn manifest(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    manifest_edits(text);
    together(text);
}

/// What is found in a manifest and in what it names is in the text that all of them have.
fn together(text: &str) {
    let texts = Texts::new();
    let mut files = Files::of(&texts, [("manifest.yaml", text)]);
    for wanted in files.wanted(&[0], None) {
        let found = match &wanted {
            Wanted::File(path) | Wanted::InRepository { path, .. } => vec![files.add(path.clone(), text)],
            Wanted::Object(_) => vec![files.add("objects.yaml", text)],
            Wanted::Takers(_)
            | Wanted::NamesOfTakers(_)
            | Wanted::Fetched { .. }
            | Wanted::Fitting { .. }
            | Wanted::Source { .. }
            | Wanted::Below(_) => vec![0],
        };
        files.answer(wanted, found);
    }
    let (schema, matrix) = (Schema::shipped(), CompatibilityMatrix::shipped());
    let circumstances = Circumstances {
        version: None,
        pce_version: None,
        matrix: &matrix,
        schema: &schema,
        is_partial: false,
        version_before: None,
        judges_all: true,
        path: None,
        options: &[],
    };
    let judgement = check_change(&files, 0, None, &circumstances).expect("all files are judged");
    stand_in(&judgement.findings, text);
    for standing in found_in(&files, 0, None) {
        assert!(standing.decided_in.iter().all(|file| files.number(file).is_some()), "{:?}", standing.decided_in);
    }
}

/// The same; how many edits were made. Each is a step of the procedure in one release, and moves no other.
pub fn manifest_edits(text: &str) -> usize {
    let matrix = CompatibilityMatrix::shipped();
    let texts = Texts::new();
    let files = Files::of(&texts, [("manifest.yaml", text)]);
    let standings = found_in(&files, 0, None);
    let mut edits = 0;
    for standing in &standings {
        let Some(verb) = standing.next().next() else { continue };
        let path = standing.release.clone().unwrap_or_else(|| standing.path.join("."));
        let version = Some("5.1.0").filter(|_| standing.version.is_none());
        let request = |files| {
            let (given, overrides, pce_version) = (&[0], &[], Some("24.2.20"));
            let path = Some(path.as_str());
            Request {
                verb,
                unset: false,
                files,
                given,
                overrides,
                path,
                version,
                pce_version,
                matrix: &matrix,
                allowed: &[],
            }
            .outcome()
        };
        let outcome = request(&files);
        stand_in(&outcome.findings, text);
        let Status::Step(edited) = &outcome.status else { continue };
        edits += 1;
        same_outside(text, &edited.text, &edited.replaced, &edited.replacement);
        let after = Files::of(&texts, [("manifest.yaml", edited.text.as_str())]);
        assert!(matches!(request(&after).status, Status::Already), "twice");
        let name = |one: &Standing| (one.release.clone(), one.path.clone());
        for other in found_in(&after, 0, None) {
            let was = standings.iter().filter(|one| name(one) == name(&other)).collect::<Vec<_>>();
            if let [was] = was[..] {
                let expected = if name(was) == name(standing) { outcome.to } else { was.mode };
                assert_eq!(other.mode, expected, "{other:?}");
            }
        }
    }
    edits
}

/// Every byte outside of the replaced ones is as it was.
fn same_outside(old: &str, new: &str, replaced: &Range<usize>, replacement: &Range<usize>) {
    assert_eq!(&old[..replaced.start], &new[..replacement.start]);
    assert_eq!(&old[replaced.end..], &new[replacement.end..]);
}

/// Findings can be shown: their places are in the text, between characters.
fn stand_in(findings: &[Finding], text: &str) {
    for finding in findings {
        if let Some(span) = &finding.span {
            assert!(text.get(span.clone()).is_some(), "{finding:?}");
        }
    }
    assert_eq!(drawn(findings, Called::OF_HELM, |_| Some(text), &Brought::default()).is_empty(), findings.is_empty());
}
