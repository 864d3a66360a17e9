//! The forms that references have.

use super::is_address;

pub(super) fn is_url_of(text: &str, scheme: &str) -> bool {
    let rest = text.strip_prefix(scheme);
    rest.is_some_and(|rest| rest.starts_with("://") || rest.starts_with('+') && rest.contains("://"))
}

/// `<name>`: letters, digits and a few marks.
pub(super) fn is_bracketed(text: &str) -> bool {
    let inside = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or_default();
    !inside.is_empty() && inside.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.|".contains(&byte))
}

/// The tokens of pipelines hold a name, and a text may hold several.
pub(super) fn is_around(text: &str, open: &str, close: &str) -> bool {
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once(open) {
        let Some((name, after)) = behind.split_once(close) else { return false };
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-. ".contains(&byte);
        if !name.trim().is_empty() && name.bytes().all(is_name) {
            return true;
        }
        rest = after;
    }
    false
}

/// Whether a value is an action of a template that was made one that can be read.
pub(crate) fn is_shaded(value: &str) -> bool {
    value.strip_prefix("${").is_some_and(|action| action.contains("}}") && !action.contains('{'))
}

/// Whether there is something between two marks.
pub(super) fn is_opened(text: &str, open: &str, close: &str) -> bool {
    let inside = text.split_once(open).and_then(|(_, rest)| rest.split_once(close));
    inside.is_some_and(|(inside, _)| !inside.trim_matches([' ', '-', '=']).is_empty())
}

/// Whether a text begins with one of these schemes.
pub(super) fn has_scheme(text: &str, schemes: &[&str]) -> bool {
    scheme_of(text).is_some_and(|own| schemes.iter().any(|scheme| own.eq_ignore_ascii_case(scheme)))
}

/// The scheme that an address begins with.
fn scheme_of(text: &str) -> Option<&str> {
    is_address(text).then(|| text.split_once("://").map(|(scheme, _)| scheme)).flatten()
}

/// Whether a text begins with a scheme that is not one of the network's, and not one of those misspelled.
pub(super) fn is_of_foreign_scheme(text: &str) -> bool {
    const NETWORK: [&str; 16] = [
        "http", "https", "tcp", "tls", "ssl", "udp", "ftp", "ftps", "ssh", "git", "oci", "file", "socks", "socks4",
        "socks5", "ws",
    ];
    let Some(scheme) = scheme_of(text).map(str::to_ascii_lowercase) else { return false };
    let is_slip = ["http", "https"].iter().any(|usual| crate::spelling::distance(usual, &scheme) <= 2);
    !NETWORK.contains(&&*scheme) && !is_slip
}

/// A name between two equal marks: all of the text, or in capitals within it. In an address, what follows a percent
/// sign has two letters.
pub(super) fn is_token(text: &str, mark: char) -> bool {
    let is_name = |name: &str, is_letter: fn(char) -> bool| {
        let is_rest = |c: char| is_letter(c) || c.is_ascii_digit() || "_-.".contains(c);
        name.starts_with(|c: char| is_letter(c) || c == '_') && name.chars().all(is_rest)
    };
    let whole = text.strip_prefix(mark).and_then(|text| text.strip_suffix(mark));
    if whole.is_some_and(|name| is_name(name, |c| c.is_ascii_alphabetic())) {
        return true;
    }
    let parts: Vec<&str> = text.split(mark).collect();
    parts.len() > 2
        && parts[1..parts.len() - 1].iter().any(|name| name.len() > 2 && is_name(name, |c| c.is_ascii_uppercase()))
}

/// `$NAME`, as all of a text or beside the marks of an address; in capitals wherever it is.
pub(super) fn is_variable(text: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices('$').any(|(at, _)| {
        let (before, behind) = (&text[..at], &text[at + 1..]);
        let end = behind.find(|c| !is_name(c)).unwrap_or(behind.len());
        let (name, after) = behind.split_at(end);
        let is_loud = name.len() > 1 && !name.contains(|c: char| c.is_ascii_lowercase());
        let is_alone = (before.is_empty() || before.ends_with(['/', ':', '@', '.', '-']))
            && (after.is_empty() || after.starts_with(['/', ':', '@', '.', '-']));
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && (is_loud || is_alone)
    })
}

pub(super) fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)
}
