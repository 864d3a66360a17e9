//! Rows under each other.

/// Lines of columns, two spaces between them, each line indented by two; a column is as wide as its widest cell, the last
/// one as it comes.
pub(super) fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..N).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line += "  ";
            line += cell;
            line.extend(std::iter::repeat_n(' ', width - cell.chars().count()));
        }
        out += line.trim_end();
        out.push('\n');
    }
    out
}

/// A cell of a Markdown table: one line, in which nothing is markup.
pub(super) fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '|' | '\\' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '#' | '~' | '&' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}
