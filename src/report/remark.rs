//! [`Remark`]: a finding as the machine formats tell it, so that none of them can forget to hide a secret or to count
//! a column.

use std::{borrow::Cow, collections::HashMap, ops::Range};

use super::cursor::Cursor;
use crate::{
    called::Called,
    chart::secrets::{masked, secret_ranges, without},
    check::{Base, Run, Unjudged},
    finding::{Finding, Position},
};

/// A finding with its words without secrets, its place and its fingerprint.
#[derive(Clone, Debug)]
pub(super) struct Remark<'r> {
    pub(super) finding: &'r Finding,
    pub(super) message: Cow<'r, str>,
    pub(super) help: Option<Cow<'r, str>>,
    /// The text of the file, for what a format makes of it; empty where there is none.
    pub(super) text: &'r str,
    /// The file, with forward slashes. Code scanning and code quality reports accept nothing without a file, so what is
    /// about several is reported in the first that its message names.
    pub(super) path: Option<String>,
    /// From its first character to the one behind its last; nothing where it is about the file as a whole.
    pub(super) region: Option<Range<Position>>,
    /// Different for every remark of a run, and the same in the next run, wherever the line has moved to meanwhile.
    pub(super) fingerprint: String,
}

/// A line of more bytes is not a line that a person wrote, but a whole file, and distinguishes nothing.
const LONGEST_LINE: usize = 4096;

/// All findings of a run, in the order of [`Run::all_findings`].
pub(super) fn remarks(run: &Run) -> Vec<Remark<'_>> {
    let mut writer = Writer { called: run.called, base: run.base.as_ref(), times_seen: HashMap::new() };
    let mut remarks = Vec::new();
    for file in run.files.iter().filter(|file| !file.findings.is_empty()) {
        let is_of_other = |finding: &&Finding| file.others.iter().any(|(name, _)| finding.file.as_ref() == Some(name));
        let own: Vec<&Finding> = file.findings.iter().filter(|finding| !is_of_other(finding)).collect();
        remarks.extend(writer.write_all(own, &file.name, &file.text));
        for (name, text) in &file.others {
            let of_it = file.findings.iter().filter(|finding| finding.file.as_ref() == Some(name));
            remarks.extend(writer.write_all(of_it.collect(), name, text));
        }
    }
    for finding in &run.findings {
        let first = || run.files.first().map(|file| file.name.as_str());
        let name = finding
            .file
            .as_deref()
            .or_else(|| finding.related.as_ref().and_then(|related| related.files.first()).map(String::as_str))
            .or_else(first);
        remarks.push(writer.write(finding, name, None));
    }
    remarks
}

/// The id under which the machine formats say what could not be judged. It is not a rule: nothing was found.
pub(super) const NOT_JUDGED: &str = "not-judged";

/// Something that could not be judged, in the words of the machine formats.
pub(super) struct Gap {
    /// The file, with forward slashes.
    pub(super) path: Option<String>,
    /// Why, and what to do about it.
    pub(super) words: String,
    /// Different for every gap of a run, and the same in the next run.
    pub(super) fingerprint: String,
}

/// What a run could not judge.
pub(super) fn gaps(run: &Run) -> Vec<Gap> {
    let mut times_seen: HashMap<u64, usize> = HashMap::new();
    let of = |unjudged: &Unjudged| {
        let Unjudged { file, help, .. } = unjudged;
        let help = help.as_ref().map(|help| format!("\nhelp: {}", masked(help))).unwrap_or_default();
        let path = file.as_deref().map(|name| path(name, run.base.as_ref()));
        let hash = fnv_1a(&[NOT_JUDGED, path.as_deref().unwrap_or_default(), &unjudged.message].join("\0"));
        let times = times_seen.entry(hash).or_default();
        *times += 1;
        Gap {
            path,
            words: format!("not judged: {}{help}", super::unjudged::why(unjudged)),
            fingerprint: format!("{hash:016x}:{times}"),
        }
    };
    run.unjudged.iter().map(of).collect()
}

/// Writes remarks, and remembers their hashes so that no fingerprint is given twice.
struct Writer<'w> {
    called: Called,
    base: Option<&'w Base>,
    times_seen: HashMap<u64, usize>,
}

impl Writer<'_> {
    /// Those of the findings in one text.
    fn write_all<'r>(&mut self, findings: Vec<&'r Finding>, name: &str, text: &'r str) -> Vec<Remark<'r>> {
        let mut cursor = Cursor::new(text);
        let spans = findings.iter().map(|finding| finding.span.as_ref());
        let regions: Vec<Option<Range<Position>>> =
            spans.map(|span| span.map(|span| cursor.to(span.start)..cursor.to(span.end))).collect();
        // a mask never crosses a line break, so the lines have the same numbers with it
        let has_lines = text.lines().any(|line| line.len() <= LONGEST_LINE);
        let shown = if has_lines { without(text, 0, &secret_ranges(text)) } else { String::new() };
        let lines: Vec<&str> = shown.lines().collect();
        let written = findings.into_iter().zip(regions).map(|(finding, region)| {
            let line = region.as_ref().and_then(|region| lines.get(region.start.line - 1).copied());
            let line = line.filter(|line| line.len() <= LONGEST_LINE);
            Remark { text, region, ..self.write(finding, Some(name), line) }
        });
        written.collect()
    }

    /// One without a place; `line` is the line, without its secrets, on which it is reported nevertheless.
    fn write<'r>(&mut self, finding: &'r Finding, name: Option<&str>, line: Option<&str>) -> Remark<'r> {
        let message = masked(&finding.message);
        let file = finding.file.as_deref().map(|name| path(name, self.base)).unwrap_or_default();
        // what has no line is distinguished by its words
        let hash = fnv_1a(&[finding.rule.name(), &file, line.map_or(&*message, str::trim)].join("\0"));
        let times = self.times_seen.entry(hash).or_default();
        *times += 1;
        Remark {
            finding,
            help: finding.help.as_ref().map(|help| masked(&help.said(self.called)).into_owned().into()),
            text: "",
            path: name.map(|name| path(name, self.base)),
            region: None,
            fingerprint: format!("{hash:016x}:{times}"),
            message,
        }
    }
}

impl Remark<'_> {
    /// The line that it is on; what is about the file as a whole is on its first.
    pub(super) fn line(&self) -> usize {
        self.region.as_ref().map_or(1, |region| region.start.line)
    }

    /// What is wrong and what to do about it.
    pub(super) fn words(&self) -> String {
        match &self.help {
            Some(help) => format!("{}\nhelp: {help}", self.message),
            None => self.message.to_string(),
        }
    }

    /// `file:line:column`, as far as there is such a thing.
    pub(super) fn place(&self) -> String {
        let path = self.path.as_deref().unwrap_or("helm-clas");
        match self.region.as_ref().map(|region| region.start) {
            Some(Position { line, column }) => format!("{path}:{line}:{column}"),
            None => path.to_owned(),
        }
    }
}

/// A file name as reports on a repository give it: from its top where that is known, and without a leading `./`.
pub(super) fn path(name: &str, base: Option<&Base>) -> String {
    if name == "-" {
        return "stdin".to_owned();
    }
    if let Some(path) = base.and_then(|base| base.path_of(name)) {
        return path;
    }
    name.trim_start_matches("./").to_owned()
}

/// FNV-1a with 64 bits: it stays the same for ever, which the standard library does not promise of its own hasher.
/// (`draft-eastlake-fnv`)
fn fnv_1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{check::CheckedFile, rule::Rule};

    #[track_caller]
    fn fingerprints(file: &str, text: &str, marked: &[&str]) -> Vec<String> {
        let finding = |word: &&str| {
            let at = text.find(word).expect("the text has the word");
            Finding::new(Rule::WrongType, "x").at(at..at + word.len()).in_file(file)
        };
        let findings = marked.iter().map(finding).collect();
        let file = CheckedFile { name: file.to_owned(), text: text.to_owned(), findings, ..CheckedFile::default() };
        let run = Run { files: vec![file], ..Run::default() };
        remarks(&run).into_iter().map(|remark| remark.fingerprint).collect()
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(fnv_1a(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv_1a("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv_1a("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn a_fingerprint_moves_with_its_line() {
        let before = fingerprints("v", "a: 1\nb: 2\n", &["2"]);
        assert_eq!(before, fingerprints("v", "# new\r\na: 1\r\n  b: 2\r\n", &["2"]));
        assert_eq!(before, fingerprints("./v", "b: 2\n", &["2"]));
        assert_ne!(before, fingerprints("v", "a: 1\nb: 3\n", &["3"]));
        assert_ne!(before, fingerprints("w", "a: 1\nb: 2\n", &["2"]));
    }

    #[test]
    fn two_of_a_kind_have_two_fingerprints() {
        let both = fingerprints("v", "a: {b: 1, c: 2}\n", &["1", "2"]);
        assert!(both[0].ends_with(":1") && both[1].ends_with(":2"), "{both:?}");
        assert_eq!(both[0][..16], both[1][..16]);
    }

    #[test]
    fn a_secret_leaves_no_trace_in_a_fingerprint() {
        let text = |secret: &str| format!("cluster_token: {secret}\n");
        let of = |secret: &str| fingerprints("v", &text(secret), &["cluster_token"]);
        assert_eq!(of("1_abc"), of("2_def"));
    }

    #[test]
    fn paths_are_written_as_repositories_write_them() {
        assert_eq!(path("././a b/v.yaml", None), "a b/v.yaml");
        assert_eq!(path("../v.yaml", None), "../v.yaml");
        assert_eq!(path("-", None), "stdin");
        let folders = [("/home/a/fleet", ""), ("/home/a/link", "apps/east"), ("/srv/other", "")];
        let folders = folders.map(|(folder, path)| (folder.to_owned(), path.to_owned())).to_vec();
        let base = Base { folders, here: "/home/a/fleet/apps/east".to_owned() };
        let from_top = |name: &str| path(name, Some(&base));
        assert_eq!(from_top("v.yaml"), "apps/east/v.yaml");
        assert_eq!(from_top("./../west/v.yaml"), "apps/west/v.yaml");
        assert_eq!(from_top("/home/a/fleet/v.yaml"), "v.yaml");
        assert_eq!(from_top("/home/a/fleet2/v.yaml"), "/home/a/fleet2/v.yaml");
        assert_eq!(from_top("../../../link/v.yaml"), "apps/east/v.yaml");
        assert_eq!(from_top("/srv/other/apps/v.yaml"), "apps/v.yaml");
        assert_eq!(from_top("-"), "stdin");
    }
}
