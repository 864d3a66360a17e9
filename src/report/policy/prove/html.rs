//! A page for a browser: one file that fetches nothing and runs nothing, with a table that one can sort.
//!
//! Sorting needs no script: each row carries its place in each order, and the radio button of a column says which order
//! the style sheet takes.

use std::fmt::Write as _;

use super::words;
use crate::{
    policy::{
        ports::Ports,
        prove::{Answer, Comparison},
    },
    report::html::{Made, escaped, page},
};

/// A column.
pub(super) struct Column {
    pub(super) title: &'static str,
    pub(super) width: &'static str,
    pub(super) order: Order,
}

/// Which row comes first where a table is sorted by a column.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Rising,
    /// What is gravest, most or latest.
    Falling,
}

/// A cell, and what it is sorted by where that is not its text.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) number: Option<u64>,
    pub(super) class: &'static str,
}

impl Cell {
    pub(super) fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// The cell of ports, in the order of their numbers.
pub(super) fn port_cell(ports: &Ports) -> Cell {
    Cell { number: ports.first().map(u64::from), ..Cell::of(ports.to_string()) }
}

/// The cell of an answer, in the order of their weight.
pub(super) fn answer_cell(answer: Answer) -> Cell {
    let class = match answer {
        Answer::Lost => "unknown mode",
        Answer::NotKnown => "migrateLegacyToClas mode",
        Answer::Gained => "migrateClasToLegacy mode",
        Answer::Same => "clas mode",
    };
    Cell { text: answer.as_str().to_owned(), number: Some(answer as u64), class }
}

/// A table that one can sort by each column.
pub(super) fn sortable(columns: &[Column], rows: &[Vec<Cell>]) -> String {
    let mut orders = vec![vec![0; rows.len()]; columns.len()];
    for (column, order) in orders.iter_mut().enumerate() {
        let mut sorted: Vec<usize> = (0..rows.len()).collect();
        sorted.sort_by(|a, b| {
            let (a, b) = (&rows[*a][column], &rows[*b][column]);
            let rising = a.number.cmp(&b.number).then_with(|| a.text.cmp(&b.text));
            if columns[column].order == Order::Rising { rising } else { rising.reverse() }
        });
        for (place, row) in sorted.into_iter().enumerate() {
            order[row] = place;
        }
    }
    let widths = columns.iter().map(|column| column.width).collect::<Vec<_>>().join(" ");
    let mut out = format!(
        "<style>\n.sortable {{ display: flex; flex-direction: column; overflow-x: auto; }}\n\
         .sortable .row {{ display: grid; grid-template-columns: {widths}; border-bottom: 1px solid var(--line); min-width: 60rem; }}\n\
         .sortable .row > * {{ padding: .5rem .75rem; overflow-wrap: anywhere; }}\n\
         .sortable .head {{ order: -1; font-size: .875rem; color: var(--faint); }}\n\
         .sortable .head label {{ cursor: pointer; text-decoration: underline; }}\n\
         .sort {{ position: absolute; opacity: 0; }}\n"
    );
    for column in 0..columns.len() {
        let _ = writeln!(
            out,
            "#sort-{column}:checked ~ .sortable .line {{ order: var(--o{column}); }}\n\
             #sort-{column}:checked ~ .sortable .head label[for=\"sort-{column}\"] {{ color: var(--text); font-weight: 600; }}\n\
             #sort-{column}:focus-visible ~ .sortable .head label[for=\"sort-{column}\"] {{ outline: 2px solid var(--link); }}"
        );
    }
    out += "</style>\n<p>Sort by a column: choose its title.</p>\n";
    for (number, column) in columns.iter().enumerate() {
        let checked = if number == 0 { " checked" } else { "" };
        let title = escaped(column.title);
        let _ = writeln!(
            out,
            "<input class=\"sort\" type=\"radio\" name=\"sort\" id=\"sort-{number}\" aria-label=\"Sort by {title}\"{checked}>"
        );
    }
    out += "<div class=\"sortable\" role=\"table\">\n<div class=\"row head\" role=\"row\">";
    for (number, column) in columns.iter().enumerate() {
        let title = escaped(column.title);
        let _ = write!(out, "<span role=\"columnheader\"><label for=\"sort-{number}\">{title}</label></span>");
    }
    out += "</div>\n";
    for (number, row) in rows.iter().enumerate() {
        let places: Vec<String> =
            orders.iter().enumerate().map(|(column, order)| format!("--o{column}:{}", order[number])).collect();
        let _ = write!(out, "<div class=\"row line\" role=\"row\" style=\"{}\">", places.join(";"));
        for cell in row {
            let text = escaped(&cell.text);
            let _ = match cell.class {
                "" => write!(out, "<span role=\"cell\">{text}</span>"),
                class => write!(out, "<span role=\"cell\"><span class=\"{class}\">{text}</span></span>"),
            };
        }
        out += "</div>\n";
    }
    out + "</div>\n"
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
        sortable(&COLUMNS, &rows),
        footnotes(comparison)
    );
    page("Flows before and after CLAS", &body, made)
}
