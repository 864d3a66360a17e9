//! A table that one can sort in a page that runs nothing: each row carries its place in each order, and the radio
//! button of a column says which order the style sheet takes. On a narrow screen a row is a card.

use std::{cmp::Ordering, fmt::Write as _};

use super::html::escaped;

/// A column.
pub(super) struct Column {
    pub(super) title: &'static str,
    /// As a track of a grid.
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

/// A cell, and what it is sorted by.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    html: String,
    number: Option<u64>,
    text: String,
}

impl Cell {
    /// Some text, in the order of its letters.
    pub(super) fn of(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { html: escaped(&text), number: None, text }
    }

    /// HTML, in the order of its text.
    pub(super) fn shown(html: String, text: impl Into<String>) -> Self {
        Self { html, number: None, text: text.into() }
    }

    /// The same, in the order of a number.
    pub(super) fn by(self, number: Option<u64>) -> Self {
        Self { number, ..self }
    }

    fn compared(&self, other: &Self) -> Ordering {
        self.number.cmp(&other.number).then_with(|| self.text.cmp(&other.text))
    }
}

/// The table; `name` is a word that no other table of the page has, `title` says what the table is. The first cell of a
/// row is its heading.
pub(super) fn sortable(name: &str, title: &str, columns: &[Column], rows: &[Vec<Cell>]) -> String {
    let widths = columns.iter().map(|column| column.width).collect::<Vec<_>>().join(" ");
    let mut out = String::from("<style>\n");
    for column in 0..columns.len() {
        let chosen = format!("#{name}-{column}");
        let of_table = format!("~ .sortable.{name}");
        let _ = writeln!(
            out,
            "{chosen}:checked {of_table} .line {{ order: var(--o{column}); }}\n\
             {chosen}:checked {of_table} label[for=\"{name}-{column}\"] {{ color: var(--text); font-weight: 600; }}\n\
             {chosen}:focus-visible {of_table} label[for=\"{name}-{column}\"] {{ outline: 2px solid var(--link); }}"
        );
    }
    out += "</style>\n<p class=\"screen\">Sort by a column: choose its title.</p>\n";
    for (number, column) in columns.iter().enumerate() {
        let checked = if number == 0 { " checked" } else { "" };
        let column = escaped(column.title);
        let _ = writeln!(
            out,
            "<input class=\"sort\" type=\"radio\" name=\"{name}\" id=\"{name}-{number}\" \
             aria-label=\"Sort by {column}\"{checked}>"
        );
    }
    let _ = write!(
        out,
        "<div class=\"sortable {name}\" role=\"table\" aria-label=\"{}\" style=\"--widths: {widths}\">\n\
         <div class=\"row head\" role=\"row\">",
        escaped(title)
    );
    for (number, column) in columns.iter().enumerate() {
        let column = escaped(column.title);
        let _ = write!(out, "<span role=\"columnheader\"><label for=\"{name}-{number}\">{column}</label></span>");
    }
    out += "</div>\n";
    let orders = orders(columns, rows);
    for (number, row) in rows.iter().enumerate() {
        let places = orders.iter().enumerate().map(|(column, order)| format!("--o{column}:{}", order[number]));
        let places = places.collect::<Vec<_>>().join(";");
        let _ = write!(out, "<div class=\"row line\" role=\"row\" style=\"{places}\">");
        for (place, (cell, column)) in row.iter().zip(columns).enumerate() {
            let role = if place == 0 { "rowheader" } else { "cell" };
            let (column, html) = (escaped(column.title), &cell.html);
            let _ = write!(out, "<div role=\"{role}\" data-label=\"{column}\">{html}</div>");
        }
        out += "</div>\n";
    }
    out + "</div>\n"
}

/// By column, the place of each row in its order.
fn orders(columns: &[Column], rows: &[Vec<Cell>]) -> Vec<Vec<usize>> {
    let of_column = |(column, Column { order, .. }): (usize, &Column)| {
        let mut sorted: Vec<usize> = (0..rows.len()).collect();
        sorted.sort_by(|one, other| {
            let rising = rows[*one][column].compared(&rows[*other][column]);
            if *order == Order::Rising { rising } else { rising.reverse() }
        });
        let mut places = vec![0; rows.len()];
        sorted.into_iter().enumerate().for_each(|(place, row)| places[row] = place);
        places
    };
    columns.iter().enumerate().map(of_column).collect()
}
