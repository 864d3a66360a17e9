//! [`Rows`]: the rows of a CSV text. (RFC 4180)

use std::borrow::Cow;

/// The separator between the cells: what the header has most of, outside of quotes.
fn separator(text: &str) -> char {
    let header = text.split(['\n', '\r']).find(|line| !line.trim().is_empty()).unwrap_or_default();
    let outside = || header.split('"').step_by(2).flat_map(str::chars);
    let number = |separator: &char| outside().filter(|c| c == separator).count();
    [';', '\t', ','].into_iter().max_by_key(number).unwrap_or(',')
}

/// The rows of a CSV text, each with the line it begins in. Blank lines are not.
pub(super) struct Rows<'t> {
    text: &'t str,
    separator: char,
    /// What ends a line: `\r` where there is no `\n`, as old spreadsheets write it.
    end: char,
    at: usize,
    line: usize,
    /// Whether a cell has a `\r` in it that may end a line, or not.
    pub(super) has_lone_return: bool,
}

impl<'t> Iterator for Rows<'t> {
    type Item = (usize, Vec<Cow<'t, str>>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.at >= self.text.len() {
                return None;
            }
            let line = self.line;
            let mut cells = Vec::new();
            while self.cell(&mut cells) {}
            if cells.len() > 1 || cells.first().is_some_and(|cell| !cell.trim().is_empty()) {
                return Some((line, cells));
            }
        }
    }
}

impl<'t> Rows<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let end = if text.contains('\n') { '\n' } else { '\r' };
        Self { text, separator: separator(text), end, at: 0, line: 1, has_lone_return: false }
    }

    /// Takes the next cell, and says whether another one of the row follows. A quote that is never closed runs to the
    /// end.
    fn cell(&mut self, cells: &mut Vec<Cow<'t, str>>) -> bool {
        let rest = &self.text[self.at..];
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut end = 0;
            let mut is_doubled = false;
            loop {
                match quoted[end..].find('"') {
                    Some(found) if quoted[end + found + 1..].starts_with('"') => {
                        is_doubled = true;
                        end += found + 2;
                    }
                    Some(found) => {
                        end += found;
                        break;
                    }
                    None => {
                        end = quoted.len();
                        break;
                    }
                }
            }
            let inside = &quoted[..end];
            self.line += inside.matches(self.end).count();
            cells.push(if is_doubled { inside.replace("\"\"", "\"").into() } else { inside.into() });
            let behind = &quoted[end..];
            let behind = behind.strip_prefix('"').unwrap_or(behind);
            // what is between the quote and the comma is not a part of the cell
            self.at = self.text.len() - behind.len();
            let more = self.text[self.at..].find([self.separator, self.end]).unwrap_or(self.text.len() - self.at);
            self.at += more;
        } else {
            let end = rest.find([self.separator, self.end]).unwrap_or(rest.len());
            let cell = rest[..end].trim_end_matches('\r');
            self.has_lone_return |= cell.contains('\r');
            cells.push(cell.into());
            self.at += end;
        }
        let next = self.text[self.at..].chars().next();
        self.at += 1;
        if next == Some(self.end) {
            self.line += 1;
        }
        next == Some(self.separator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&[&str]]) {
        let rows: Vec<Vec<Cow<'_, str>>> = Rows::of(text).map(|(_, row)| row).collect();
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_cell_is_what_rfc_4180_says() {
        check("a,b\r\nc,d\r\n", &[&["a", "b"], &["c", "d"]]);
        check("\"a,b\",\"c\"\"d\"\n", &[&["a,b", "c\"d"]]);
        check("\"two\nlines\",x", &[&["two\nlines", "x"]]);
        check("a,\n\n,b", &[&["a", ""], &["", "b"]]);
        check("\"never closed, \nx", &[&["never closed, \nx"]]);
        check("\"a\"junk,b", &[&["a", "b"]]);
        check("\"", &[]);
        check("a,b\r1,2\r\r3,4", &[&["a", "b"], &["1", "2"], &["3", "4"]]);
    }

    #[test]
    fn a_spreadsheet_may_write_semicolons_or_tabs() {
        check("a;\"b,c,d;e\";f\n1,5;2;3\n", &[&["a", "b,c,d;e", "f"], &["1,5", "2", "3"]]);
        check("a\tb\r\n1\t\"2\t3\"\r\n", &[&["a", "b"], &["1", "2\t3"]]);
        check("alone\n", &[&["alone"]]);
    }
}
