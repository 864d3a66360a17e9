//! Why JSON cannot be read, in words that a person without knowledge of the parser understands.

/// The parser's words for what it found, before a quoted value or alone, and ours.
const FOUND: &[(&str, &str)] = &[
    ("map", "an object"),
    ("sequence", "a list"),
    ("null", "`null`"),
    ("boolean", ""),
    ("integer", "the number"),
    ("floating point", "the number"),
    ("string", "the text"),
];

/// The parser's words for what it expected, where they are not ours already.
const EXPECTED: &[(&str, &str)] = &[
    ("a sequence", "a list"),
    ("a map", "an object"),
    ("a string", "text"),
    ("a boolean", "`true` or `false`"),
    ("i64", "a whole number"),
    ("u64", "a whole number that is not negative"),
];

/// What is wrong with the text itself, as the parser says it, and in our words.
/// (Source: the variants of `serde_json::error::ErrorCode`)
const BROKEN: &[(&str, &str)] = &[
    ("EOF while parsing a value", "the file ends where a value is expected"),
    ("EOF while parsing a list", "the file ends in the middle of a list"),
    ("EOF while parsing an object", "the file ends in the middle of an object"),
    ("EOF while parsing a string", "the file ends in the middle of a text"),
    ("trailing characters", "more text follows after the end of the list"),
    ("trailing comma", "this is not JSON: a comma before the end of a list or an object"),
    ("expected value", "this is not JSON: a value is expected here"),
    ("expected ident", "this is not JSON: only `true`, `false`, `null`, numbers and quoted text are values"),
    ("expected `:`", "this is not JSON: `:` is expected here"),
    ("expected `,` or `]`", "this is not JSON: `,` or `]` is expected here"),
    ("expected `,` or `}`", "this is not JSON: `,` or `}` is expected here"),
    ("key must be a string", "this is not JSON: a key in quotes is expected here"),
    ("invalid number", "this is not JSON: this is not how to write a number"),
    ("number out of range", "the number is too large"),
    ("recursion limit exceeded", "lists and objects are nested too deeply"),
];

/// What the parser says, in plain words: what is there, and what is expected in its place.
pub(super) fn in_words(said: &str) -> String {
    if let Some((found, expected)) =
        said.strip_prefix("invalid type: ").and_then(|said| said.rsplit_once(", expected "))
    {
        return wrong(found, expected);
    }
    if let Some((found, expected)) =
        said.strip_prefix("invalid value: ").and_then(|said| said.rsplit_once(", expected "))
    {
        return wrong(found, expected);
    }
    if let Some(field) = said.strip_prefix("missing field ") {
        return format!("the field {field} is missing in this object");
    }
    if let Some(field) = said.strip_prefix("duplicate field ") {
        return format!("the field {field} occurs twice in this object");
    }
    let known = BROKEN.iter().find(|(theirs, _)| *theirs == said);
    known.map_or_else(|| format!("this is not JSON: {said}"), |(_, ours)| (*ours).to_owned())
}

fn wrong(found: &str, expected: &str) -> String {
    let expected = EXPECTED.iter().find(|(theirs, _)| *theirs == expected).map_or(expected, |(_, ours)| ours);
    let named = FOUND.iter().find_map(|(theirs, ours)| Some((*ours, found.strip_prefix(theirs)?.trim_start())));
    let found = match named {
        Some((ours, "")) => ours.to_owned(),
        Some(("", value)) => value.to_owned(),
        Some((ours, value)) => format!("{ours} {value}"),
        None => found.to_owned(),
    };
    format!("expected {expected} here, found {found}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(said: &str, expected: &str) {
        assert_eq!(in_words(said), expected);
    }

    #[test]
    fn what_was_found_and_what_is_expected_is_said_in_words() {
        check("invalid type: map, expected a sequence", "expected a list here, found an object");
        check("invalid type: integer `7`, expected a rule", "expected a rule here, found the number `7`");
        check(
            "invalid type: string \"a, expected b\", expected a boolean",
            "expected `true` or `false` here, found the text \"a, expected b\"",
        );
        check("invalid type: boolean `true`, expected text", "expected text here, found `true`");
        check("invalid type: null, expected text", "expected text here, found `null`");
        check(
            "invalid value: integer `99999999999999999999`, expected i64",
            "expected a whole number here, found the number `99999999999999999999`",
        );
    }

    /// The table follows what the parser really says.
    #[test]
    fn every_kind_of_broken_text_is_said_in_words() {
        let deep = "[".repeat(200);
        for text in [
            "",
            "[",
            "{",
            "[\"a",
            "[1 2]",
            "{1: 2}",
            "{\"a\" 1}",
            "[1,]",
            "[] x",
            "[nul]",
            "[x]",
            "[01]",
            "[1e999]",
            &deep,
        ] {
            let error = serde_json::from_str::<serde_json::Value>(text).expect_err("broken").to_string();
            let said = error.rsplit_once(" at line ").map_or(&*error, |(said, _)| said);
            assert!(BROKEN.iter().any(|(theirs, _)| *theirs == said), "{text}: {said}");
        }
    }
}
