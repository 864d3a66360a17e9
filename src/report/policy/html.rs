//! A page for a browser: the findings in a table that one can sort, and the mandatory rules.

use std::fmt::Write as _;

use super::{Show, cluster, summary};
use crate::{
    chart::secrets::masked,
    finding::{Finding, Severity},
    policy::{
        Judged, JudgedRule, JudgedSet,
        proof::{Proof, Status},
        words,
    },
    report::{
        html::{Made, escaped, page},
        sortable::{Cell, Column, Order, sortable},
    },
};

const COLUMNS: [Column; 5] = [
    Column { title: "Severity", width: "6.5rem", order: Order::Rising },
    Column { title: "Rule set", width: "1.25fr", order: Order::Rising },
    Column { title: "Rule", width: "2fr", order: Order::Rising },
    Column { title: "Finding", width: "2.5fr", order: Order::Rising },
    Column { title: "Becomes", width: "2fr", order: Order::Rising },
];

/// A judged policy as a page.
#[must_use]
pub fn html(judged: &Judged<'_>, show: Show, made: &Made<'_>) -> String {
    let mut rows = Vec::new();
    for set in show.sets(judged) {
        rows.extend(set.findings.iter().map(|finding| row(set.name, String::new(), Some(finding), String::new())));
        rows.extend(show.rules(set).flat_map(|rule| of_rule(judged, set, rule)));
    }
    rows.extend(judged.findings.iter().map(|finding| row("", String::new(), Some(finding), String::new())));
    let cluster = cluster(judged).map(|name| format!("<p>Cluster {}.</p>\n", escaped(&name))).unwrap_or_default();
    let mut body = format!("<p class=\"lead\">{}.</p>\n{cluster}", escaped(&summary(judged)));
    if !rows.is_empty() {
        let _ = write!(body, "<h2>Findings</h2>\n{}", sortable("findings", "Findings", &COLUMNS, &rows));
    }
    body += &list("Rules that CLAS needs", judged.infrastructure.iter().filter_map(mandatory));
    body += &list("Not known", judged.untold.iter().map(|untold| escaped(untold)));
    page("PCE policy before CLAS", &body, made)
}

/// A row for each finding of a rule; one where it has none and is shown anyway.
fn of_rule(judged: &Judged<'_>, set: &JudgedSet<'_>, rule: &JudgedRule<'_>) -> Vec<Vec<Cell>> {
    let becomes = rule.becomes(judged.book).join("; ");
    let written = judged.book.words(rule.rule, rule.sort);
    let uses = if written.uses.is_empty() { String::new() } else { format!(" ({})", written.uses) };
    let only = match &*written.conditions {
        [] => String::new(),
        conditions => format!("; only with {}", conditions.join("; ")),
    };
    let said = format!("{}: {}{uses}{only}", words::title(rule.rule, rule.sort), written.line());
    let nothing = rule.findings.is_empty().then_some(None);
    let findings = rule.findings.iter().map(Some).chain(nothing);
    findings.map(|finding| row(set.name, said.clone(), finding, becomes.clone())).collect()
}

fn row(set: &str, rule: String, finding: Option<&Finding>, becomes: String) -> Vec<Cell> {
    let (severity, words) = match finding {
        Some(finding) => {
            let help =
                finding.help.iter().map(|help| format!("<span class=\"note\">{}</span>", escaped(&masked(help))));
            let help: String = help.collect();
            let message = escaped(&masked(&finding.message));
            let name = finding.rule.name();
            let shown = format!("<code>{name}</code>: {message}{help}");
            (severity(finding.severity), Cell::shown(shown, format!("{name} {}", finding.message)))
        }
        None => (Cell::default(), Cell::default()),
    };
    vec![severity, Cell::of(words::shown(set)), Cell::of(rule), words, Cell::of(becomes)]
}

/// A severity in its colour, the gravest first.
fn severity(severity: Severity) -> Cell {
    let (class, order) = match severity {
        Severity::Error => ("unknown", 0),
        Severity::Warning => ("migrateLegacyToClas", 1),
        Severity::Info => ("legacy", 2),
    };
    let name = severity.as_str();
    Cell::shown(format!("<span class=\"mode {class}\">{name}</span>"), name).by(Some(order))
}

/// A mandatory rule that is there, or is not needed.
fn mandatory(proof: &Proof<'_>) -> Option<String> {
    let Proof { mandatory, status, rules, doubts, .. } = proof;
    let said = match status {
        Status::Proven => {
            let names =
                rules.iter().map(|(set, rule)| format!("{} of {set}", words::title(rule, crate::policy::Sort::Allow)));
            format!("ok: {}", names.collect::<Vec<_>>().join(", "))
        }
        Status::NotNeeded => format!("not needed, since {}", doubts.join("; ")),
        Status::Likely | Status::NotFound => return None,
    };
    Some(escaped(&format!("{mandatory}: {said}")))
}

fn list(title: &str, items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() {
        return String::new();
    }
    format!("<h2>{title}</h2>\n<ul>\n<li>{}</li>\n</ul>\n", items.join("</li>\n<li>"))
}
