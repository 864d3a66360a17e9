//! CSV for a spreadsheet: a row a change. (RFC 4180)

use super::words;
use crate::{
    policy::{prove::Comparison, words::shown},
    report::policy::csv::push_row,
};

const COLUMNS: [&str; 9] =
    ["answer", "rule set", "rule", "written out", "services", "ports", "why", "for example", "whole"];

/// A policy in both models.
#[must_use]
pub fn csv(comparison: &Comparison<'_>) -> String {
    let mut out = String::new();
    push_row(&mut out, &COLUMNS);
    for change in &comparison.changes {
        let names = comparison.services_of(change).map(|service| shown(&service.name).into_owned());
        let row = [
            change.answer.as_str(),
            &shown(&change.rule.set.name),
            &change.rule.rule.href,
            &words::rule(comparison, change.rule),
            &names.collect::<Vec<_>>().join("; "),
            &change.ports.to_string(),
            &words::why(change),
            &words::witness(comparison, change).unwrap_or_default(),
            if change.is_whole { "yes" } else { "no" },
        ];
        push_row(&mut out, &row);
    }
    out
}
