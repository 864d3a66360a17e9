//! Names of the PCE's, fit to be shown.

use std::borrow::Cow;

use crate::chart::secrets::masked;

/// The most characters of a name, or of what an author says about a rule. The schemas of the PCE allow names of 255.
const LONGEST: usize = 255;

/// A name of the PCE's, fit to be shown: on one line, without what a terminal might obey, without backticks, in which
/// messages set names, without credentials, and no longer than a PCE lets it be.
#[must_use]
pub(crate) fn shown(name: &str) -> Cow<'_, str> {
    let whole = harmless(name);
    // what is cut off must not make a credential unlike one
    match shortened(&whole, LONGEST) {
        Cow::Owned(short) => short.into(),
        Cow::Borrowed(_) => whole,
    }
}

fn harmless(name: &str) -> Cow<'_, str> {
    let is_harmless = |c: char| !(c.is_control() || is_direction(c) || c == '`');
    if name.chars().all(is_harmless) {
        return masked(name);
    }
    let harmless = |c| match c {
        '`' => '\'',
        c if is_harmless(c) => c,
        _ => ' ',
    };
    Cow::Owned(masked(&name.chars().map(harmless).collect::<String>()).into_owned())
}

/// A character that makes a terminal write from right to left.
const fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text with an ellipsis for what is too long.
pub(super) fn shortened(text: &str, longest: usize) -> Cow<'_, str> {
    // a character has at least a byte
    match (text.len() > longest).then(|| text.char_indices().nth(longest)).flatten() {
        Some((end, _)) => format!("{}...", &text[..end]).into(),
        None => text.into(),
    }
}
