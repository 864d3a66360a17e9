//! Names and messages made fit to be shown: a file may be called anything, and a terminal or a browser may obey it.

use std::fmt::Write as _;

/// Whether a character does something other than to be seen: control characters, line ends, turns of direction.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A text on one line, its hidden characters written out: `a\u{a}b`.
pub(super) fn printable(text: &str) -> String {
    written_out(text, is_hidden)
}

/// A text with some of its characters written out.
pub(super) fn written_out(text: &str, is_wanted: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_wanted(c) {
            let _ = write!(out, "{}", c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(printable(text), expected);
    }

    #[test]
    fn what_can_be_seen_stays() {
        check("clusters/Größe \"a\" & b\\c.yaml", "clusters/Größe \"a\" & b\\c.yaml");
        check("日本.yaml", "日本.yaml");
    }

    #[test]
    fn what_acts_is_written_out() {
        check("a\nb", "a\\u{a}b");
        check("\u{1b}[2J", "\\u{1b}[2J");
        check("a\u{202e}lmay", "a\\u{202e}lmay");
        check("clusterMode\u{200b}", "clusterMode\\u{200b}");
    }
}
