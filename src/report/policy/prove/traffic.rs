//! Traffic that was seen, compared with both models: as text, JSON, CSV and HTML.

use std::{collections::BTreeMap, fmt::Write as _};

use serde::Serialize;

use super::{
    html::{answer_cell, footnotes, port_cell},
    json::{AssumptionJson, RuleJson, assumptions},
    text::{TITLE, push_assumptions, push_gaps, style},
    words::{self, counted},
};
use crate::{
    policy::{
        prove::{Answer, Comparison},
        traffic::{Held, Row},
    },
    report::{
        html::{Made, escaped, page},
        policy::csv::push_row,
        pretty::pretty,
        sortable::{Cell, Column, Order, sortable},
        text::filled,
    },
};

/// `12 flows: 3 lost, 1 not known, 2 gained, 6 the same`.
fn summary(held: &Held<'_>) -> String {
    let of = |answer| held.count(answer);
    format!(
        "{}: {} lost, {} not known, {} gained, {} the same",
        counted(held.flows, "flow"),
        of(Answer::Lost),
        of(Answer::NotKnown),
        of(Answer::Gained),
        of(Answer::Same),
    )
}

/// `allowed 3, blocked 1`.
fn decisions(counts: &BTreeMap<String, usize>) -> String {
    counts.iter().map(|(word, count)| format!("{word} {count}")).collect::<Vec<_>>().join(", ")
}

fn why(row: &Row<'_>) -> String {
    row.why.as_ref().map(|why| format!("not known: {}", why.words())).unwrap_or_default()
}

/// What a person reads in a terminal: what is lost, not known or gained; of the others, how many there are.
#[must_use]
pub fn text(comparison: &Comparison<'_>, held: &Held<'_>) -> String {
    let mut out = String::new();
    for row in held.rows.iter().filter(|row| row.answer != Answer::Same) {
        let style = style(row.answer);
        let tag = format!("{}:", row.answer.as_str());
        let line = format!("{tag} {} -> {}, {}", row.source, row.destination, row.port);
        out += &filled(&line, "", "  ").replacen(&tag, &format!("{style}{tag}{style:#}"), 1);
        let last = if row.last_seen.is_empty() { String::new() } else { format!(", last {}", row.last_seen) };
        out += &filled(&format!("{}{last}", counted_connections(row)), "  ", "    ");
        if let Some(rule) = row.rule {
            out += &filled(&format!("{}: {}", words::title(rule), words::rule(comparison, rule)), "  ", "    ");
        }
        for line in &row.becomes {
            out += &filled(&format!("becomes: {line}"), "  ", "    ");
        }
        if row.why.is_some() {
            out += &filled(&format!("= {}", why(row)), "  ", "    ");
        }
        out.push('\n');
    }
    if let Some(left_out) = held.left_out() {
        out += &filled(&left_out, "", "  ");
        out.push('\n');
    }
    push_gaps(&mut out, comparison);
    push_assumptions(&mut out, comparison);
    let _ = writeln!(out, "{TITLE}{}{TITLE:#}", filled(&summary(held), "", "").trim_end());
    out
}

fn counted_connections(row: &Row<'_>) -> String {
    let connections = usize::try_from(row.connections).unwrap_or(usize::MAX);
    let reported = decisions(&row.reported);
    let draft = decisions(&row.draft);
    let mut out = format!("{} in {}", counted(connections, "connection"), counted(row.flows, "flow"));
    if !reported.is_empty() {
        let _ = write!(out, "; reported: {reported}");
    }
    if !draft.is_empty() {
        let _ = write!(out, "; drafts: {draft}");
    }
    out
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TrafficJson<'j> {
    schema: &'static str,
    answer: &'static str,
    rows: Vec<RowJson<'j>>,
    unknown: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    assumptions: Vec<AssumptionJson>,
    summary: SummaryJson,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RowJson<'j> {
    answer: &'static str,
    source: &'j str,
    destination: &'j str,
    port: String,
    flows: usize,
    connections: u64,
    #[serde(skip_serializing_if = "str::is_empty")]
    last_seen: &'j str,
    reported: &'j BTreeMap<String, usize>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    draft: &'j BTreeMap<String, usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<RuleJson<'j>>,
    becomes: &'j [String],
    #[serde(skip_serializing_if = "String::is_empty")]
    why: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SummaryJson {
    flows: usize,
    passed_over: usize,
    lost: usize,
    gained: usize,
    not_known: usize,
    same: usize,
}

/// The JSON output of `policy prove --traffic`.
#[must_use]
pub fn json(comparison: &Comparison<'_>, held: &Held<'_>) -> String {
    let rows = held.rows.iter().map(|row| RowJson {
        answer: row.answer.as_str(),
        source: &row.source,
        destination: &row.destination,
        port: row.port.to_string(),
        flows: row.flows,
        connections: row.connections,
        last_seen: &row.last_seen,
        reported: &row.reported,
        draft: &row.draft,
        rule: row.rule.map(|rule| RuleJson::of(comparison, rule)),
        becomes: &row.becomes,
        why: why(row),
    });
    pretty(&TrafficJson {
        schema: "helm-clas/policy-traffic/v1",
        answer: held.answer().as_str(),
        rows: rows.collect(),
        unknown: words::gaps(comparison).into_iter().chain(held.left_out()).collect(),
        notes: words::notes(comparison),
        assumptions: assumptions(comparison),
        summary: SummaryJson {
            flows: held.flows,
            passed_over: held.passed_over,
            lost: held.count(Answer::Lost),
            gained: held.count(Answer::Gained),
            not_known: held.count(Answer::NotKnown),
            same: held.count(Answer::Same),
        },
    })
}

/// CSV for a spreadsheet: a row for flows between the same labels on the same port.
#[must_use]
pub fn csv(comparison: &Comparison<'_>, held: &Held<'_>) -> String {
    const COLUMNS: [&str; 12] = [
        "answer",
        "source",
        "destination",
        "port",
        "connections",
        "flows",
        "last seen",
        "reported",
        "drafts",
        "rule",
        "becomes",
        "why",
    ];
    let mut out = String::new();
    push_row(&mut out, &COLUMNS);
    for row in &held.rows {
        let rule = row.rule.map(|rule| format!("{}: {}", words::title(rule), words::rule(comparison, rule)));
        let cells = [
            row.answer.as_str(),
            &row.source,
            &row.destination,
            &row.port.to_string(),
            &row.connections.to_string(),
            &row.flows.to_string(),
            &row.last_seen,
            &decisions(&row.reported),
            &decisions(&row.draft),
            &rule.unwrap_or_default(),
            &row.becomes.join("; "),
            &why(row),
        ];
        push_row(&mut out, &cells);
    }
    out
}

/// A page with a table that one can sort.
#[must_use]
pub fn html(comparison: &Comparison<'_>, held: &Held<'_>, made: &Made<'_>) -> String {
    const COLUMNS: [Column; 7] = [
        Column { title: "Answer", width: "8rem", order: Order::Falling },
        Column { title: "Source", width: "1.5fr", order: Order::Rising },
        Column { title: "Destination", width: "1.5fr", order: Order::Rising },
        Column { title: "Port", width: "6rem", order: Order::Rising },
        Column { title: "Connections", width: "7rem", order: Order::Falling },
        Column { title: "Last seen", width: "8rem", order: Order::Falling },
        Column { title: "Rule, and what keeps the flow", width: "3fr", order: Order::Rising },
    ];
    let rows = held.rows.iter().map(|row| {
        let rule = row.rule.map(|rule| format!("{}: {}", words::title(rule), words::rule(comparison, rule)));
        let becomes = row.becomes.iter().map(|line| format!("becomes: {line}"));
        let said: Vec<String> =
            rule.into_iter().chain(becomes).chain(Some(why(row)).filter(|why| !why.is_empty())).collect();
        let connections = Cell::of(row.connections.to_string()).by(Some(row.connections));
        vec![
            answer_cell(row.answer),
            Cell::of(&*row.source),
            Cell::of(&*row.destination),
            port_cell(&row.port),
            connections,
            Cell::of(&*row.last_seen),
            Cell::of(said.join("; ")),
        ]
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    let left_out = held.left_out().map(|said| format!("<p>{}.</p>\n", escaped(&said))).unwrap_or_default();
    let body = format!(
        "<p class=\"lead\">{}.</p>\n{left_out}{}{}",
        escaped(&summary(held)),
        sortable("traffic", "Traffic", &COLUMNS, &rows),
        footnotes(comparison)
    );
    page("Traffic before and after CLAS", &body, made)
}
