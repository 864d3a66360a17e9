//! What holds for the edit of every text: it is refused, or touches one place, changes one value, done twice is done
//! once, and has a way back to every byte. The texts are made up, the same ones in every run.

use std::cell::Cell;

use helm_clas::{
    chart::TEMPLATE_SCALARS,
    yaml::{Document, Edit, Scalar},
};
use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use crate::support::witness::{Testimony, testimony};

const SET: Edit<'static> = Edit::Set { value: "clas", beside: TEMPLATE_SCALARS };
const PATHS: [&[&str]; 2] = [&["clusterMode"], &["illumio", "clusterMode"]];

#[test]
fn made_up_values_files() {
    let counts = Counts::default();
    for_all(1500, &values_file(), |text| PATHS.iter().try_for_each(|path| every_edit_holds(&text, path, &counts)));
    println!("{counts:?}");
    let (asked, edited, witnessed) = (counts.asked.get(), counts.edited.get(), counts.witnessed.get());
    assert!(edited * 10 > asked * 7, "{edited} of {asked} edits were made");
    assert!(witnessed * 10 > edited * 7, "{witnessed} of {edited} edits were witnessed");
}

#[test]
fn made_up_values_files_that_were_damaged() {
    let counts = Counts::default();
    let damaged = (values_file(), vec(damage(), 1..4)).prop_map(|(text, damages)| damaged_often(text, &damages));
    for_all(2500, &damaged, |text| PATHS.iter().try_for_each(|path| every_edit_holds(&text, path, &counts)));
    assert!(counts.edited.get() > 500, "{counts:?}");
}

#[test]
fn our_awkward_files_that_were_damaged() {
    let mut files: Vec<String> = std::fs::read_dir("testdata/values")
        .unwrap()
        .filter_map(|entry| String::from_utf8(std::fs::read(entry.unwrap().path()).unwrap()).ok())
        .collect();
    files.sort();
    assert!(files.len() > 20, "{} files", files.len());
    let counts = Counts::default();
    let damaged = (select(files), vec(damage(), 0..4)).prop_map(|(text, damages)| damaged_often(text, &damages));
    for_all(2500, &damaged, |text| PATHS.iter().try_for_each(|path| every_edit_holds(&text, path, &counts)));
    assert!(counts.edited.get() > 500, "{counts:?}");
}

#[test]
fn heaps_of_tokens() {
    let counts = Counts::default();
    let heap = vec(select(TOKENS), 0..25).prop_map(|tokens| tokens.concat());
    for_all(5000, &heap, |text| every_edit_holds(&text, PATHS[0], &counts));
    assert!(counts.edited.get() > 500, "{counts:?}");
}

#[test]
fn bytes_of_any_kind() {
    let bytes = vec(any::<u8>(), 0..60).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    for_all(3000, &bytes, |text| every_edit_holds(&text, PATHS[0], &Counts::default()));
    let characters = vec(any::<char>(), 0..30).prop_map(|characters| characters.into_iter().collect::<String>());
    for_all(3000, &characters, |text| every_edit_holds(&text, PATHS[0], &Counts::default()));
}

/// The same cases in every run.
pub(crate) fn for_all<S: Strategy>(cases: u32, texts: &S, law: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, rng).run(texts, law).unwrap_or_else(|failure| panic!("{failure}"));
}

/// How many edits were asked for, made, and seen by the witness.
#[derive(Debug, Default)]
struct Counts {
    asked: Cell<u32>,
    edited: Cell<u32>,
    witnessed: Cell<u32>,
}

fn one_more(count: &Cell<u32>) {
    count.set(count.get() + 1);
}

fn every_edit_holds(text: &str, path: &[&str], counts: &Counts) -> Result<(), TestCaseError> {
    one_more(&counts.asked);
    let Ok(document) = Document::read(text) else { return Ok(()) };
    let found = document.find(path);
    for edit in [SET, Edit::Remove] {
        let Ok(edited) = document.edited(path, edit) else { continue };
        one_more(&counts.edited);

        let (replaced, replacement) = (edited.replaced, edited.replacement);
        prop_assert_eq!(&text[..replaced.start], &edited.text[..replacement.start]);
        prop_assert_eq!(&text[replaced.end..], &edited.text[replacement.end..]);

        let after = Document::read(&edited.text).expect("what was proven can be read");
        let twice = after.edited(path, edit).expect("what was edited can be edited");
        prop_assert_eq!(&twice.text, &edited.text, "twice");

        match testimony(text, &edited.text, path, edit) {
            Testimony::Same => one_more(&counts.witnessed),
            Testimony::None => {}
            Testimony::Other(seen) => prop_assert!(false, "{seen}"),
        }
        match (edit, &found) {
            (Edit::Set { .. }, Ok(None)) => {
                // an empty parent that was filled is not emptied again
                let parent_was_blank = path.len() > 1
                    && document
                        .find(&path[..path.len() - 1])
                        .is_ok_and(|parent| parent.is_some_and(|parent| document.scalar(parent) == Some(Scalar::Null)));
                if !parent_was_blank {
                    let back = after.edited(path, Edit::Remove).expect("what was put in can be taken out");
                    prop_assert_eq!(&back.text, text, "put in and taken out");
                }
            }
            (Edit::Set { .. }, Ok(Some(entry))) => {
                let Some(Scalar::Text(old)) = document.scalar(*entry) else { continue };
                let is_plainly_written = text[document.value_span(*entry)].trim_matches(['"', '\'']) == old
                    && old.bytes().all(|b| b.is_ascii_alphanumeric());
                if is_plainly_written {
                    let back = after.edited(path, Edit::Set { value: old, beside: &[] });
                    prop_assert_eq!(&back.expect("what was set can be set back").text, text, "set and set back");
                }
            }
            _ => {}
        }
    }
    Ok(())
}

// How the texts are made.

/// A value: what follows the colon of its key or the dash of its item.
#[derive(Clone, Debug)]
enum Node {
    Leaf(&'static str),
    Mapping(usize, Vec<(&'static str, Node)>),
    List(usize, Vec<Node>),
}

/// Further lines are indented by the renderer.
const LEAVES: &[&str] = &[
    "",
    " word",
    " 1",
    " true",
    " ~",
    " 0x1F # sixteen",
    " \"quoted # not a remark\"",
    " 'it''s'",
    " \"\\u00e9\\n\"",
    " für 集群 🦀",
    " https://pce.example.com:8443",
    "   aligned   # a remark\n               # that goes on",
    " |\n  text\n  # text, too",
    " |\n\n  late\n\n",
    " |-\n  text",
    " |+\n  kept\n\n",
    " >\n  folded\n  text",
    " |2-\n    deep\n  shallow",
    " |\n  clusterMode: text",
    " \"over\n  two lines\"",
    " plain\n  over two lines",
    " [a, \"b\", 3]",
    " []",
    " {}",
    " {a: 1, b: {c: []}}",
    " [\n  a, # one\n  b\n  ]",
    "\n  on the next line",
    " &anchor anchored",
    " # only a remark",
];

/// Lines between the entries of a mapping.
const GAPS: &[&str] = &[
    "",
    "",
    "",
    "\n",
    "# a comment\n",
    "\n# two\n# of them\n",
    "    # further right\n",
    "#clusterMode: migrateLegacyToClas\n",
    "# clusterMode: one of several\n",
];

const MODES: &[&str] = &[
    "clusterMode: legacy",
    "clusterMode:   'legacy' # quoted",
    "\"clusterMode\": \"legacy\"",
    "clusterMode :\tlegacy",
    "clusterMode:\n  legacy",
    "clusterMode: |-\n  legacy",
    "clusterMode:",
    "clusterMode: 5",
    "? clusterMode\n: legacy",
];

const NAMES: &[&str] = &["pce_url", "networkType", "illumio", "storage", "\"in quotes\"", "'x'", "a b", "on"];

const TOKENS: &[&str] = &[
    "a",
    "b",
    "clusterMode",
    "legacy",
    ": ",
    ":",
    "\n",
    "\n",
    "\n  ",
    " ",
    "- ",
    "? ",
    "\"",
    "'",
    "[",
    "]",
    "{",
    "}",
    ", ",
    " #",
    "# c\n",
    "|\n",
    ">-\n",
    "|+\n",
    "&x ",
    "*x",
    "!!str ",
    "<<: ",
    "\t",
    "---\n",
    "...\n",
    "\r\n",
    "\u{feff}",
    "é",
    "🦀",
    "k: v\n",
    "clusterMode: clas\n",
    "#clusterMode: clas\n",
    "illumio:\n",
    "\\",
    "%",
    "1",
    "~",
    "\u{85}",
    "\r",
];

fn node() -> impl Strategy<Value = Node> {
    select(LEAVES).prop_map(Node::Leaf).prop_recursive(3, 12, 4, |node| {
        let entry = (select(GAPS), node.clone());
        prop_oneof![
            (1..5_usize, vec(entry, 1..4)).prop_map(|(step, entries)| Node::Mapping(step, entries)),
            (0..3_usize, vec(node, 1..4)).prop_map(|(step, items)| Node::List(step, items)),
        ]
    })
}

/// A file: entries, perhaps the mode among them, and how it is dressed.
pub(crate) fn values_file() -> impl Strategy<Value = String> {
    let entries = vec((select(GAPS), node()), 0..7);
    let mode = proptest::option::weighted(0.5, (any::<Index>(), select(MODES)));
    let head =
        select(&["", "", "# head\n", "---\n", "# head\n--- # begin\n\n", "base: &base {shared: 1}\n<<: *base\n"]);
    let foot = select(&["", "", "\n\n", "# foot\n", "  # foot\n\n", "...\n", "#clusterMode: clas\n"]);
    let dressing = (any::<bool>(), any::<bool>(), any::<bool>());
    (entries, mode, head, foot, dressing, 0..3_usize).prop_map(|(entries, mode, head, foot, dressing, indent)| {
        let (marked, crlf, cut) = dressing;
        let mut blocks: Vec<String> = Vec::new();
        for (number, (gap, node)) in entries.iter().enumerate() {
            blocks.push(indented(gap, indent) + &entry(number, node, indent));
        }
        if let Some((place, mode)) = mode {
            blocks.insert(place.index(blocks.len() + 1), indented(&format!("{mode}\n"), indent));
        }
        let mut text = format!("{}{}{foot}", indented(head, indent), blocks.concat());
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        if cut {
            text.truncate(text.trim_end_matches(['\r', '\n']).len());
        }
        if marked { format!("\u{feff}{text}") } else { text }
    })
}

fn entry(number: usize, node: &Node, indent: usize) -> String {
    let name = NAMES.get(number).map_or_else(|| format!("key{number}"), |name| (*name).to_owned());
    format!("{}{name}:{}", " ".repeat(indent), rendered(node, indent))
}

/// A node behind its colon or dash, up to the end of its last line.
fn rendered(node: &Node, indent: usize) -> String {
    match node {
        Node::Leaf(leaf) => {
            let (first, rest) = leaf.split_once('\n').unwrap_or((leaf, ""));
            let rest = if rest.is_empty() { String::new() } else { indented(&format!("{rest}\n"), indent) };
            format!("{first}\n{rest}")
        }
        Node::Mapping(step, entries) => {
            let inner = indent + step;
            let lines = entries.iter().enumerate();
            let lines = lines.map(|(number, (gap, node))| indented(gap, inner) + &entry(number, node, inner));
            format!("\n{}", lines.collect::<String>())
        }
        Node::List(step, items) => {
            let inner = indent + step;
            let lines = items.iter().map(|node| format!("{}-{}", " ".repeat(inner), rendered(node, inner)));
            format!("\n{}", lines.collect::<String>())
        }
    }
}

/// Lines further to the right; markers and blank lines stay where they are.
fn indented(lines: &str, indent: usize) -> String {
    let moved = |line: &str| match line {
        "\n" => line.to_owned(),
        _ if line.starts_with("---") => line.to_owned(),
        _ => format!("{}{line}", " ".repeat(indent)),
    };
    lines.split_inclusive('\n').map(moved).collect()
}

/// Something done to a text: where, how many characters go, what comes.
pub(crate) fn damage() -> impl Strategy<Value = (Index, usize, &'static str)> {
    (any::<Index>(), prop_oneof![Just(0_usize), 1..4_usize, 1..60_usize], select(TOKENS))
}

fn damaged(text: &str, (place, length, token): &(Index, usize, &'static str)) -> String {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let start = place.index(places.len());
    let end = (start + length).min(places.len() - 1);
    [&text[..places[start]], token, &text[places[end]..]].concat()
}

pub(crate) fn damaged_often(text: String, damages: &[(Index, usize, &'static str)]) -> String {
    damages.iter().fold(text, |text, damage| damaged(&text, damage))
}
