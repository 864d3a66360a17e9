//! GitHub annotations: workflow commands that the runner reads from the log of a step.
//!
//! The form is that of "Workflow commands for GitHub Actions"; what is escaped, and how, is documented only by the
//! source of `@actions/core` (`command.ts`) and of the runner that reads it (`ActionCommand.cs`).

use std::ops::Range;

use super::remark::{Gap, NOT_JUDGED, Remark, gaps, remarks};
use crate::{check::Run, finding::Severity};

/// One command a line for each finding; nothing where there is none.
#[must_use]
pub fn check(run: &Run) -> String {
    let findings = remarks(run).iter().map(annotation).collect::<String>();
    findings + &gaps(run).iter().map(annotation_of_gap).collect::<String>()
}

fn annotation_of_gap(gap: &Gap) -> String {
    let file = gap.path.as_deref().map(|path| format!("file={},line=1,", property(path))).unwrap_or_default();
    let place = gap.path.as_deref().unwrap_or("helm-clas");
    format!("::error {file}title=helm-clas ({NOT_JUDGED})::{}\n", data(&format!("{place}: {}", gap.words)))
}

/// The log shows the message alone, so the message names the place, too.
fn annotation(remark: &Remark<'_>) -> String {
    let command = match remark.finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let mut properties = Vec::new();
    if let Some(path) = &remark.path {
        properties.push(format!("file={}", property(path)));
        // without a line it would not be shown beside the file
        properties.push(format!("line={}", remark.line()));
    }
    if let Some(Range { start, end }) = &remark.region {
        properties.push(format!("endLine={}", end.line));
        // columns are taken only where both ends are on one line
        if start.line == end.line {
            properties.push(format!("col={},endColumn={}", start.column, end.column));
        }
    }
    properties.push(format!("title=helm-clas ({})", remark.finding.rule.name()));
    let message = format!("{}: {}", remark.place(), remark.words());
    format!("::{command} {}::{}\n", properties.join(","), data(&message))
}

/// Text as the message of a command holds it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text as a property of a command holds it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_property_is_escaped_there_and_only_there() {
        assert_eq!(data("a: 1, 100%\r\n"), "a: 1, 100%25%0D%0A");
        assert_eq!(property("a: 1, 100%\r\n"), "a%3A 1%2C 100%25%0D%0A");
    }
}
