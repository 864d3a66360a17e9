//! CSV for a spreadsheet: a row a finding. (RFC 4180)

use std::borrow::Cow;

use super::{Show, by_severity, left_out, parts::Parts};
use crate::{
    chart::secrets::masked,
    finding::Finding,
    policy::{Judged, JudgedRule, JudgedSet, words},
};

const COLUMNS: [&str; 15] = [
    "rule set",
    "scope",
    "rule",
    "kind",
    "enabled",
    "sources",
    "destinations",
    "services",
    "uses",
    "finding",
    "severity",
    "message",
    "help",
    "becomes",
    "conditions",
];

/// A judged policy, part by part. What is about no rule has empty columns; a rule without findings, where asked for,
/// one row.
pub fn csv(judged: &Judged<'_>, show: Show, tell: &mut dyn FnMut(&str)) {
    let mut parts = Parts::to(tell);
    push_row(&mut parts.text, &COLUMNS);
    for set in show.sets(judged) {
        let scope = if set.href.is_empty() { String::new() } else { judged.book.scopes_in_words(set.scopes) };
        let name = words::shown(set.name);
        for finding in &set.findings {
            let enabled = yes_or_no(set.is_enabled);
            let [rule, severity, message, help] = finding_cells(Some(finding), masked);
            let row = [&*name, &scope, "", "", enabled, "", "", "", "", &rule, &severity, &message, &help, "", ""];
            push_row(&mut parts.text, &row);
        }
        for rule in show.rules(set) {
            push_rule(&mut parts.text, judged, set, [&name, &scope], rule);
            parts.line_ends();
        }
    }
    for finding in &judged.findings {
        let [rule, severity, message, help] = finding_cells(Some(finding), masked);
        let row = ["", "", "", "", "", "", "", "", "", &rule, &severity, &message, &help, "", ""];
        push_row(&mut parts.text, &row);
    }
    if let Some(left_out) = left_out(judged) {
        let words = format!("{} in all; {left_out}", by_severity(|severity| judged.count(severity)));
        push_row(&mut parts.text, &["", "", "", "", "", "", "", "", "", "", "", &words, "", "", ""]);
    }
    parts.hand_on();
}

fn push_rule(
    out: &mut String,
    judged: &Judged<'_>,
    set: &JudgedSet<'_>,
    [name, scope]: [&str; 2],
    rule: &JudgedRule<'_>,
) {
    let becomes = rule.becomes(judged.book).join("; ");
    let JudgedRule { rule, sort, findings, .. } = rule;
    let written = judged.book.words(rule, *sort);
    let enabled = yes_or_no(set.is_enabled && rule.is_enabled);
    let conditions = written.conditions.join("; ");
    let nothing = findings.is_empty().then_some(None);
    for finding in findings.iter().map(Some).chain(nothing) {
        // the names in them are masked, each by itself
        let [finding, severity, message, help] = finding_cells(finding, |text| text.into());
        push_row(
            out,
            &[
                name,
                scope,
                &rule.href,
                sort.words(),
                enabled,
                &written.sources,
                &written.destinations,
                &written.services,
                &written.uses,
                &finding,
                &severity,
                &message,
                &help,
                &becomes,
                &conditions,
            ],
        );
    }
}

fn finding_cells(finding: Option<&Finding>, shown: fn(&str) -> Cow<'_, str>) -> [String; 4] {
    let Some(finding) = finding else { return Default::default() };
    let help = finding.help.as_deref().unwrap_or_default();
    [
        finding.rule.name().to_owned(),
        finding.severity.as_str().to_owned(),
        shown(&finding.message).into_owned(),
        shown(help).into_owned(),
    ]
}

const fn yes_or_no(is_so: bool) -> &'static str {
    if is_so { "yes" } else { "no" }
}

pub(in crate::report) fn push_row(out: &mut String, cells: &[&str]) {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        push_cell(out, cell);
    }
    out.push_str("\r\n");
}

/// A cell, in quotes where it must be. One that a spreadsheet would take for a formula gets an apostrophe first: names
/// come from the PCE, and a formula can send the contents of the sheet elsewhere. (OWASP, "CSV Injection")
fn push_cell(out: &mut String, cell: &str) {
    let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if guard.is_empty() && !cell.contains(['"', ',', '\n', '\r']) {
        out.push_str(cell);
        return;
    }
    out.push('"');
    out.push_str(guard);
    out.push_str(&cell.replace('"', "\"\""));
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cell: &str, expected: &str) {
        let mut out = String::new();
        push_cell(&mut out, cell);
        assert_eq!(out, expected);
    }

    #[test]
    fn a_cell_stays_a_cell() {
        check("plain text", "plain text");
        check("a, \"b\"", "\"a, \"\"b\"\"\"");
        check("two\nlines", "\"two\nlines\"");
        check("=HYPERLINK(1)", "\"'=HYPERLINK(1)\"");
        check("-1", "\"'-1\"");
        check("", "");
    }
}
