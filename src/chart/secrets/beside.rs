//! A secret that stands beside its name without a sign between them: `password "x"`, `setenv("TOKEN", "x")`,
//! `<key>token</key><string>x</string>`, `| token | x |`.

use super::{
    named::{Named, is_file, words},
    names::{Secrecy, is_about, secrecy},
    prose::{is_empty, is_identifier, is_prose, is_reference, looks_made},
};

/// What a value is within.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// Quotes, a cell of a table, an element: it ends with them.
    Signs,
    /// Spaces: it is one word.
    Spaces,
}

/// The first secret of a line that stands beside its name.
pub(super) fn beside(line: &str) -> Option<Named<'_>> {
    let is_row = line.trim_start().starts_with('|');
    words(line).find_map(|(start, end)| {
        let name = &line[start..end];
        let (value, within) = behind(line, end, is_row)?;
        let text = up_to(&line[value..], within);
        // the name of the object is a word of many sentences and commands: `get secret a`
        let is_made = looks_made(text) && !text.contains('/');
        let is_it = || within == Within::Signs || is_long(name) || is_made;
        let is_secret = !is_harmless(text) && secrecy(name) > Secrecy::Open && !is_about(name) && !is_file(name);
        (is_secret && is_it()).then(|| Named::apart(name, value))
    })
}

/// Whether a name says more than a noun that many a sentence has.
fn is_long(name: &str) -> bool {
    const NOUNS: &[&str] = &["secret", "secrets", "token", "tokens", "auth", "admin", "code", "apikey", "credentials"];
    let is_noun = NOUNS.iter().any(|noun| name.eq_ignore_ascii_case(noun));
    !is_noun && secrecy(name) == Secrecy::Whole
}

/// Where the value behind a name begins, and what it is within; nothing where they are joined or a sign parts them.
fn behind(line: &str, end: usize, is_row: bool) -> Option<(usize, Within)> {
    let is_between = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | '|' | '>' | ')' | '(');
    let rest = &line[end..];
    let rest = match rest.strip_prefix("</") {
        // the name is an element of its own, and the value another one
        Some(_) => {
            let mut signs = near(rest).match_indices('>').map(|(at, sign)| at + sign.len());
            let (_, open) = (signs.next()?, signs.next()?);
            &rest[open..]
        }
        None => rest,
    };
    let value = rest.trim_start_matches(is_between);
    let between = &line[end..line.len() - value.len()];
    let is_cell = is_row && between.contains('|');
    let within = match between.chars().next_back()? {
        '"' | '\'' | '`' | '>' => Within::Signs,
        _ if is_cell => Within::Signs,
        _ if between.contains(['|', ')', '>', '"', '\'', '`']) => return None,
        _ => Within::Spaces,
    };
    Some((line.len() - value.len(), within))
}

/// The value as far as it reaches.
fn up_to(value: &str, within: Within) -> &str {
    let is_end = |c: char| match within {
        Within::Signs => matches!(c, '"' | '\'' | '`' | '<' | '|'),
        Within::Spaces => c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ')' | ';'),
    };
    let value = near(value);
    value[..value.find(is_end).unwrap_or(value.len())].trim()
}

/// As much of a text as is looked at behind each word: a line may be as long as a file.
fn near(text: &str) -> &str {
    const LONGEST: usize = 256;
    let end = (0..=text.len().min(LONGEST)).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or_default()]
}

/// Whether a text is no secret, whatever it is called: a word of sentences, a path, an option, what is filled in later.
fn is_harmless(text: &str) -> bool {
    let is_other = text.len() < 3
        || text
            .starts_with(['-', '/', '.', '$', '{', '<', '[', '(', '=', ':', '&', '*', '%', '#', '@', '!', '~', '\\'])
        || text.contains(['=', '{', '(', ':']) && !text.contains(' ')
        || text.ends_with([':', '=']);
    is_other || is_empty(text) || is_reference(text) || is_prose(text) || is_identifier(text) || is_file(text)
}
