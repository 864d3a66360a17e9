//! What others say, and lists of it, as they are written in a sentence.

use std::fmt::{Display, Write as _};

use serde_json::Value;

/// A word from elsewhere as it is shown: in backticks, on one line, not too long.
pub(crate) fn verbatim(text: &str) -> String {
    const LONGEST: usize = 80;
    let line = on_one_line(text);
    let short: String = line.chars().take(LONGEST).collect();
    let dots = if short.len() < line.len() { "..." } else { "" };
    format!("`{short}{dots}`")
}

/// A text without what moves the cursor. Quotes, as of JSON, of Kubernetes and in addresses of Terraform, need no backslash.
pub(crate) fn on_one_line(text: &str) -> String {
    let escaped = |c: char| match c {
        '"' | '\'' => c.to_string(),
        other => other.escape_debug().to_string(),
    };
    text.chars().map(escaped).collect()
}

/// A value of JSON as it is shown: a text without its quotes, anything else as JSON.
pub(crate) fn verbatim_value(value: &Value) -> String {
    match value {
        Value::String(text) => verbatim(text),
        other => verbatim(&other.to_string()),
    }
}

/// The first names of a list, and how many there are beside.
pub(crate) fn some_of(names: &[String]) -> String {
    const SHOWN: usize = 5;
    first(SHOWN, names.len(), ", ", names)
}

/// At most so many of a number of words, and how many more there are.
pub(crate) fn first<W: Display>(
    most: usize,
    number: usize,
    between: &str,
    words: impl IntoIterator<Item = W>,
) -> String {
    let mut out = String::new();
    let mut shown = 0;
    for word in words.into_iter().take(most) {
        let between = if shown == 0 { "" } else { between };
        let _ = write!(out, "{between}{word}");
        shown += 1;
    }
    if number > shown {
        let _ = write!(out, " and {} more", number - shown);
    }
    out
}

/// `1 pod`, `2 pods`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_cannot_move_the_cursor() {
        assert_eq!(verbatim("a\u{1b}[2J\nb"), "`a\\u{1b}[2J\\nb`");
        assert_eq!(verbatim("say \"it's\""), "`say \"it's\"`");
        assert_eq!(verbatim(&"x".repeat(100)), format!("`{}...`", "x".repeat(80)));
    }
}
