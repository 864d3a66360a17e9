//! `JUnit` XML: a test suite with a test case for each file, which fails on errors.
//!
//! No standard says what it is; this is what GitLab ("Unit test reports"), Jenkins and Azure all read. They show one
//! failure for each test case and leave out every other, so a failure says all errors of its file. A test case that
//! passes shows its warnings as what it printed.

use std::fmt::Write as _;

use super::remark::{Gap, NOT_JUDGED, Remark, gaps, path, remarks};
use crate::{check::Run, finding::Severity};

/// The test case for what is about no file, or about several.
const TOGETHER: &str = "all files together";

/// One test case for each file, and one for what is about several where there is such a thing.
#[must_use]
pub fn check(run: &Run) -> String {
    let all = remarks(run);
    let mut rest = all.as_slice();
    let mut cases = Vec::new();
    for file in &run.files {
        let (own, others) = rest.split_at(file.findings.len());
        cases.push(Case::of(Some(path(&file.name, run.base.as_ref())), own));
        rest = others;
    }
    if !rest.is_empty() {
        cases.push(Case::of(None, rest));
    }
    let gaps = gaps(run);
    let failures = cases.iter().filter(|case| !case.errors.is_empty()).count();
    let counts = format!("tests=\"{}\" failures=\"{failures}\" errors=\"{}\"", cases.len() + gaps.len(), gaps.len());
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"helm-clas\" {counts}>\n  \
         <testsuite name=\"helm-clas check\" {counts}>\n"
    );
    out.extend(cases.iter().map(Case::element));
    out.extend(gaps.iter().map(element_of_gap));
    out + "  </testsuite>\n</testsuites>\n"
}

struct Case<'r> {
    file: Option<String>,
    errors: Vec<&'r Remark<'r>>,
    others: Vec<&'r Remark<'r>>,
}

impl<'r> Case<'r> {
    fn of(file: Option<String>, remarks: &'r [Remark<'r>]) -> Self {
        let (errors, others) = remarks.iter().partition(|remark| remark.finding.severity == Severity::Error);
        Self { file, errors, others }
    }

    fn element(&self) -> String {
        let name = match self.file.as_deref().map(escaped) {
            Some(file) => format!("name=\"{file}\" file=\"{file}\""),
            None => format!("name=\"{TOGETHER}\""),
        };
        let mut inside = String::new();
        if let [first, others @ ..] = &self.errors[..] {
            let rule = first.finding.rule.name();
            let more = if others.is_empty() { String::new() } else { format!(" (and {} more)", others.len()) };
            let message = escaped(&format!("{}{more}", first.message));
            let told = told(&self.errors);
            let _ = writeln!(inside, "      <failure type=\"{rule}\" message=\"{message}\">{told}</failure>");
        }
        if !self.others.is_empty() {
            let _ = writeln!(inside, "      <system-out>{}</system-out>", told(&self.others));
        }
        let open = format!("    <testcase classname=\"helm-clas check\" {name}");
        if inside.is_empty() { open + "/>\n" } else { format!("{open}>\n{inside}    </testcase>\n") }
    }
}

/// A test case that did not come to an end.
fn element_of_gap(gap: &Gap) -> String {
    let name = match gap.path.as_deref().map(escaped) {
        Some(file) => format!("name=\"{file}\" file=\"{file}\""),
        None => format!("name=\"{TOGETHER}\""),
    };
    let message = escaped(gap.words.lines().next().unwrap_or_default());
    let words = gap.words.lines().map(escaped).collect::<Vec<_>>().join("\n");
    format!(
        "    <testcase classname=\"helm-clas check\" {name}>\n      <error type=\"{NOT_JUDGED}\" \
         message=\"{message}\">{words}</error>\n    </testcase>\n"
    )
}

/// Remarks as a compiler would print them to a log, escaped.
fn told(remarks: &[&Remark<'_>]) -> String {
    let lines = remarks.iter().map(|remark| {
        let (severity, rule) = (remark.finding.severity.as_str(), remark.finding.rule.name());
        format!("{}: {severity}[{rule}]: {}\n", remark.place(), remark.words())
    });
    lines.collect::<String>().split('\n').map(escaped).collect::<Vec<_>>().join("\n")
}

/// Text as an attribute holds it, and an element as well. What no XML may hold, not even escaped, is replaced.
/// (XML 1.0, 2.2 "Characters" and 3.3.3 "Attribute-Value Normalization")
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\t' | '\n' | '\r' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            '\0'..' ' | '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        assert_eq!(escaped("<a b=\"c\"> & 'd'\r\n\t"), "&lt;a b=&quot;c&quot;&gt; &amp; 'd'&#13;&#10;&#9;");
        assert_eq!(escaped("\u{1b}[31m\0\u{ffff}\u{85}\u{1f600}"), "\u{fffd}[31m\u{fffd}\u{fffd}\u{85}\u{1f600}");
    }
}
