//! A page for a browser: one file that fetches nothing and runs nothing, with a table that one can sort.

use std::fmt::Write as _;

use super::words;
use crate::{
    policy::{
        ports::Ports,
        prove::{Answer, Comparison},
    },
    report::{
        html::{Made, escaped, page},
        sortable::{Cell, Column, Order, sortable},
    },
};

/// The cell of ports, in the order of their numbers.
pub(super) fn port_cell(ports: &Ports) -> Cell {
    Cell::of(ports.to_string()).by(ports.first().map(u64::from))
}

/// The cell of an answer, in the order of their weight.
pub(super) fn answer_cell(answer: Answer) -> Cell {
    let class = match answer {
        Answer::Lost => "unknown mode",
        Answer::NotKnown => "migrateLegacyToClas mode",
        Answer::Gained => "migrateClasToLegacy mode",
        Answer::Same => "clas mode",
    };
    let text = answer.as_str();
    Cell::shown(format!("<span class=\"{class}\">{text}</span>"), text).by(Some(answer as u64))
}

/// What a comparison rests on, and what is not known, as lists.
pub(super) fn footnotes(comparison: &Comparison<'_>) -> String {
    let mut out = String::new();
    let gaps = words::gaps(comparison);
    if !gaps.is_empty() {
        out += "<h2>Not known</h2>\n<ul>\n";
        for gap in &gaps {
            let _ = writeln!(out, "<li>{}</li>", escaped(gap));
        }
        out += "</ul>\n";
    }
    out += "<h2>Assumed</h2>\n<ul>\n";
    for assumption in &comparison.assumptions {
        let (text, source) = (escaped(assumption.text), escaped(assumption.source));
        let _ = writeln!(out, "<li><code>{}</code>: {text} ({source})</li>", assumption.id);
    }
    out + "</ul>\n"
}

/// A policy in both models.
#[must_use]
pub fn html(comparison: &Comparison<'_>, made: &Made<'_>) -> String {
    const COLUMNS: [Column; 6] = [
        Column { title: "Answer", width: "8rem", order: Order::Falling },
        Column { title: "Rule", width: "2fr", order: Order::Rising },
        Column { title: "Services", width: "1.5fr", order: Order::Rising },
        Column { title: "Ports", width: "8rem", order: Order::Rising },
        Column { title: "Why", width: "2fr", order: Order::Rising },
        Column { title: "For example", width: "2fr", order: Order::Rising },
    ];
    let rows = comparison.changes.iter().map(|change| {
        let rule = format!("{}: {}", words::title(change.rule), words::rule(comparison, change.rule));
        vec![
            answer_cell(change.answer),
            Cell::of(rule),
            Cell::of(words::services(comparison, change)),
            port_cell(&change.ports),
            Cell::of(words::why(change)),
            Cell::of(words::witness(comparison, change).unwrap_or_default()),
        ]
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    let body = format!(
        "<p class=\"lead\">{}.</p>\n{}{}",
        escaped(&words::verdict(comparison)),
        sortable("flows", "Flows", &COLUMNS, &rows),
        footnotes(comparison)
    );
    page("Flows before and after CLAS", &body, made)
}
