//! UUIDs, by which a PCE knows clusters.

/// Whether a text is written as a UUID.
pub(in crate::policy) fn is_uuid(text: &str) -> bool {
    let is_digit =
        |(at, c): (usize, char)| if matches!(at, 8 | 13 | 18 | 23) { c == '-' } else { c.is_ascii_hexdigit() };
    text.len() == 36 && text.char_indices().all(is_digit)
}
