//! A judged policy as text: for the terminal, for the policy team (Markdown, CSV, a page) and for machines (JSON,
//! SARIF).

pub(super) mod csv;
mod html;
mod json;
mod markdown;
mod parts;
pub mod prove;
mod sarif;
mod text;

pub use csv::csv;
pub use html::html;
pub use json::json;
pub(super) use markdown::escaped;
pub use markdown::markdown;
pub use sarif::sarif;
pub use text::text;

use crate::{
    finding::Severity,
    policy::{Judged, JudgedRule, JudgedSet},
};

/// Which rules a report shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// Those with findings.
    Affected,
    /// All.
    All,
}

impl Show {
    /// The rules of a set that are shown.
    fn rules<'s, 'p>(self, set: &'s JudgedSet<'p>) -> impl Iterator<Item = &'s JudgedRule<'p>> {
        let is_shown =
            move |rule: &JudgedRule<'_>| !rule.is_counted_only() && (self == Self::All || !rule.findings.is_empty());
        set.rules.iter().filter(move |rule| is_shown(rule))
    }

    /// The rule sets that are shown.
    fn sets<'s, 'p>(self, judged: &'s Judged<'p>) -> impl Iterator<Item = &'s JudgedSet<'p>> {
        judged.rule_sets.iter().filter(move |set| !set.findings.is_empty() || self.rules(set).next().is_some())
    }
}

/// `2 errors, 1 warning, 0 remarks: 3 of 12 rules in 2 rule sets`.
fn summary(judged: &Judged<'_>) -> String {
    let (rules, affected) = judged.count_rules();
    let left_out = left_out(judged).map(|left_out| format!("; {left_out}")).unwrap_or_default();
    format!(
        "{}; {affected} of {} affected, in {}{left_out}",
        by_severity(|severity| judged.count(severity)),
        counted(rules, "rule"),
        counted(judged.rule_sets.len(), "rule set"),
    )
}

fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// `2 errors, 1 warning, 0 remarks`.
fn by_severity(count: impl Fn(Severity) -> usize) -> String {
    let words = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "remark")];
    words.map(|(severity, what)| counted(count(severity), what)).join(", ")
}

/// What is counted and not shown, in a sentence: people do not read more than some thousands of findings.
#[must_use]
pub fn left_out(judged: &Judged<'_>) -> Option<String> {
    let has_some =
        [Severity::Error, Severity::Warning, Severity::Info].map(|severity| judged.count_left_out(severity) > 0);
    let words = || by_severity(|severity| judged.count_left_out(severity));
    has_some.contains(&true).then(|| format!("of these, {} are counted and not shown", words()))
}

/// The cluster that was asked about: its name, and its UUID.
pub(super) fn cluster(judged: &Judged<'_>) -> Option<String> {
    let uuid = judged.cluster.as_deref()?;
    Some(match judged.book.name_of_cluster(uuid) {
        Some(name) => format!("{} ({uuid})", crate::policy::words::shown(name)),
        None => uuid.to_owned(),
    })
}
