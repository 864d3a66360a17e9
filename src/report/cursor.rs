//! [`Cursor`]: lines and columns of one place after the other, at the price of the way between them.

use std::{collections::HashMap, ops::Range};

use crate::finding::{Finding, Position};

/// A place in a text that is moved about. In a file of a hundred megabytes on one line, counting from its start each
/// time would never end.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    byte: usize,
    position: Position,
}

impl<'t> Cursor<'t> {
    /// At the start of a text; a byte order mark takes no column.
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, byte: start(text), position: Position { line: 1, column: 1 } }
    }

    /// The same as [`Position::of`].
    pub(super) fn to(&mut self, byte: usize) -> Position {
        let byte = (0..=byte.min(self.text.len())).rev().find(|end| self.text.is_char_boundary(*end));
        let byte = byte.unwrap_or_default().max(start(self.text));
        let Position { line, column } = self.position;
        let feeds = |between: &str| between.bytes().filter(|b| *b == b'\n').count();
        let column_at = |byte: usize| {
            let before = &self.text[..byte];
            let line_start = before.rfind('\n').map_or(0, |at| at + 1);
            1 + before[line_start..].trim_start_matches('\u{feff}').chars().count()
        };
        self.position = if byte >= self.byte {
            let between = &self.text[self.byte..byte];
            match feeds(between) {
                0 => Position { line, column: column + between.chars().count() },
                feeds => Position { line: line + feeds, column: column_at(byte) },
            }
        } else {
            let between = &self.text[byte..self.byte];
            match feeds(between) {
                0 => Position { line, column: column - between.chars().count() },
                feeds => Position { line: line - feeds, column: column_at(byte) },
            }
        };
        self.byte = byte;
        self.position
    }
}

/// The places of findings in their files, one after the other.
pub(super) struct Places<'t, F> {
    text_of: F,
    cursors: HashMap<String, Option<Cursor<'t>>>,
}

impl<'t, F: Fn(&str) -> Option<&'t str>> Places<'t, F> {
    /// In files whose texts are known by their names.
    pub(super) fn of(text_of: F) -> Self {
        Self { text_of, cursors: HashMap::new() }
    }

    /// Where a finding begins and ends; nothing where it is about no place.
    pub(super) fn region(&mut self, finding: &Finding) -> Option<Range<Position>> {
        let (file, span) = (finding.file.as_ref()?, finding.span.as_ref()?);
        if !self.cursors.contains_key(file) {
            self.cursors.insert(file.clone(), (self.text_of)(file).map(Cursor::new));
        }
        let cursor = self.cursors.get_mut(file)?.as_mut()?;
        Some(cursor.to(span.start)..cursor.to(span.end))
    }
}

/// Where the text begins, behind a byte order mark.
fn start(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wherever_it_goes_it_counts_as_from_the_start() {
        for text in ["ab\ncdé\n\nf", "\u{feff}ab\nc", "one line only", "\n\n"] {
            let mut cursor = Cursor::new(text);
            for from in 0..text.len() + 2 {
                for to in 0..text.len() + 2 {
                    assert_eq!(cursor.to(from), Position::of(text, from), "{text:?} {from}");
                    assert_eq!(cursor.to(to), Position::of(text, to), "{text:?} {from} {to}");
                }
            }
        }
    }
}
