//! GitLab code quality: a JSON array, uploaded as `artifacts:reports:codequality`.
//!
//! The fields are those of "Code Quality report format" in GitLab's documentation, a part of the Code Climate format.

use serde::Serialize;

use super::remark::{Gap, NOT_JUDGED, Remark, gaps, remarks};
use crate::{check::Run, finding::Severity};

#[derive(Serialize)]
struct Violation<'r> {
    description: String,
    check_name: &'static str,
    fingerprint: &'r str,
    severity: &'static str,
    location: Location<'r>,
}

#[derive(Serialize)]
struct Location<'r> {
    path: &'r str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

/// One violation for each finding.
#[must_use]
pub fn check(run: &Run) -> String {
    let remarks = remarks(run);
    let gaps = gaps(run);
    let of_gaps = gaps.iter().map(Violation::of_gap);
    let violations: Vec<Violation<'_>> = remarks.iter().map(Violation::of).chain(of_gaps).collect();
    super::pretty::pretty(&violations)
}

impl<'r> Violation<'r> {
    fn of_gap(gap: &'r Gap) -> Self {
        Self {
            description: gap.words.replace("\nhelp: ", "; "),
            check_name: NOT_JUDGED,
            fingerprint: &gap.fingerprint,
            severity: "blocker",
            location: Location { path: gap.path.as_deref().unwrap_or("."), lines: Lines { begin: 1 } },
        }
    }

    fn of(remark: &'r Remark<'r>) -> Self {
        Self {
            // a merge request shows it on one line
            description: match &remark.help {
                Some(help) => format!("{}; {help}", remark.message),
                None => remark.message.to_string(),
            },
            check_name: remark.finding.rule.name(),
            fingerprint: &remark.fingerprint,
            severity: match remark.finding.severity {
                Severity::Error => "major",
                Severity::Warning => "minor",
                Severity::Info => "info",
            },
            location: Location { path: remark.path.as_deref().unwrap_or("."), lines: Lines { begin: remark.line() } },
        }
    }
}
