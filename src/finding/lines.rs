//! [`Lines`]: places of a text as people count them, whichever are asked for, in whatever order.

use std::ops::Range;

use super::Position;

/// How many bytes are counted again for one place.
const BLOCK: usize = 1024;

/// The lines of a text, and how many characters come before each block of it. A file with many findings, or all of it
/// on one line, is counted once.
#[derive(Clone, Debug)]
pub(crate) struct Lines<'t> {
    text: &'t str,
    /// Where the lines end.
    feeds: Vec<usize>,
    /// How many characters begin before each block.
    before: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        let feeds = memchr::memchr_iter(b'\n', text.as_bytes()).collect();
        let mut count = 0;
        let blocks = text.as_bytes().chunks(BLOCK).map(|block| {
            let before = count;
            count += beginnings(block);
            before
        });
        Self { text, feeds, before: blocks.collect() }
    }

    /// The same as [`Position::of`].
    pub(crate) fn position(&self, byte: usize) -> Position {
        let line = self.feeds.partition_point(|feed| *feed < byte.min(self.text.len()));
        let start = line.checked_sub(1).map_or(0, |before| self.feeds[before] + 1);
        let mark = usize::from(line == 0 && byte >= '\u{feff}'.len_utf8() && self.text.starts_with('\u{feff}'));
        Position { line: line + 1, column: 1 + self.characters(byte) - self.characters(start) - mark }
    }

    /// The bytes between two places.
    pub(crate) fn bytes(&self, region: &Range<Position>) -> Range<usize> {
        let (start, end) = (self.byte(region.start), self.byte(region.end));
        start..end.max(start)
    }

    /// The byte at a place: of one behind the end of its line, that end.
    fn byte(&self, Position { line, column }: Position) -> usize {
        let start = line.checked_sub(2).map_or(Some(0), |before| self.feeds.get(before).map(|feed| feed + 1));
        let Some(start) = start else { return self.text.len() };
        let end = self.feeds.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len());
        let mark = usize::from(line == 1 && self.text.starts_with('\u{feff}'));
        let wanted = self.characters(start) + column.saturating_sub(1) + mark;
        // the last block before which there are no more characters
        let block = self.before.partition_point(|before| *before <= wanted).saturating_sub(1);
        let first =
            (block * BLOCK..=self.text.len()).find(|byte| self.text.is_char_boundary(*byte)).unwrap_or_default();
        let rest = wanted - self.characters(first).min(wanted);
        let found = self.text[first..].char_indices().nth(rest).map_or(self.text.len(), |(at, _)| first + at);
        found.clamp(start, end)
    }

    /// How many characters end before a byte.
    fn characters(&self, byte: usize) -> usize {
        let end = (0..=byte.min(self.text.len())).rev().find(|end| self.text.is_char_boundary(*end));
        let end = end.unwrap_or_default();
        let block = (end / BLOCK).min(self.before.len().saturating_sub(1));
        self.before.get(block).copied().unwrap_or_default() + beginnings(&self.text.as_bytes()[block * BLOCK..end])
    }
}

/// How many characters begin in some bytes of a text.
fn beginnings(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_is_counted_as_from_the_start() {
        let long = "é🦀\n".repeat(BLOCK) + &"ab".repeat(BLOCK);
        for text in
            ["", "ab\ncdé\n\nf", "\u{feff}ab\nc", "\u{feff}", "one line only", "\n\n", &long, &"x".repeat(2 * BLOCK)]
        {
            let lines = Lines::of(text);
            let step = if text.len() > BLOCK { 37 } else { 1 };
            for byte in (0..text.len() + 2).step_by(step).chain([text.len(), BLOCK, 2 * BLOCK]) {
                let position = lines.position(byte);
                assert_eq!(position, Position::of(text, byte), "{byte} of {} bytes", text.len());
                // and back, where a character begins other than a byte order mark
                let is_one = text.is_char_boundary(byte) && !(byte == 0 && text.starts_with('\u{feff}'));
                assert!(!is_one || lines.byte(position) == byte, "{position:?} is byte {byte}");
            }
        }
    }
}
