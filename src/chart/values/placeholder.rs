//! What is written in a template or a guide until it is replaced by a value.

/// A shape of placeholders, and what to call it.
type Shape = (fn(&str) -> bool, &'static str);

/// Those that are placeholders anywhere.
const PLAIN: &[Shape] = &[
    (|text| VENDORS.contains(&text), "it is the vendor's own"),
    (|text| is_between(text, '<', '>'), "angle brackets"),
    (|text| letters(text) == "changeme", "it asks to be changed"),
];

/// Those that are placeholders where a value must be. Elsewhere such a text may well be intended.
const LIKELY: &[Shape] = &[
    (|text| is_between(text, '[', ']') && !text.contains(':'), "square brackets"),
    (asks, "it asks for the value"),
    (|text| letters(text).len() > 2 && letters(text).bytes().all(|b| b == b'x'), "a row of `x`"),
    (|text| matches!(text, "..." | "…" | "???"), "it has no content"),
];

/// The vendor's own. (The chart's values.yaml, as public scripts replace them.)
const VENDORS: &[&str] = &["URL_PORT", "ILO_CLUSTER_UUID", "ILO_CLUSTER_TOKEN", "ILO_CODE"];

/// First words of texts that ask for a value: `paste-cluster-id-here`, `dummy_cluster_id`, `your PCE`.
const ASKING: &[&str] =
    &["paste", "insert", "enter", "your", "dummy", "placeholder", "replace", "replaceme", "fixme", "todo", "tbd"];

/// Why a text is a placeholder; nothing where it is not one.
pub(super) fn reason(text: &str, is_mandatory: bool) -> Option<&'static str> {
    let likely = if is_mandatory { LIKELY } else { &[] };
    PLAIN.iter().chain(likely).find(|(is_one, _)| is_one(text)).map(|(_, words)| *words)
}

fn is_between(text: &str, left: char, right: char) -> bool {
    text.len() > 2 && text.starts_with(left) && text.ends_with(right)
}

fn asks(text: &str) -> bool {
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    let word = text[..end].to_ascii_lowercase();
    let ends = text[end..].is_empty() || text[end..].starts_with(['-', '_', ' ']);
    ends && ASKING.contains(&word.as_str())
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[track_caller]
    fn check(text: &str, anywhere: bool, where_mandatory: bool) {
        assert_eq!(
            (reason(text, false).is_some(), reason(text, true).is_some()),
            (anywhere, where_mandatory),
            "{text}"
        );
    }

    #[test]
    fn some_are_plain() {
        check("URL_PORT", true, true);
        check("<your PCE>", true, true);
        check("CHANGE_ME", true, true);
    }

    #[test]
    fn others_only_where_a_value_must_stand() {
        check("paste-cluster-id-here", false, true);
        check("dummy_cluster_id", false, true);
        check("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", false, true);
        check("[from the PCE]", false, true);
    }

    #[test]
    fn a_value_is_none() {
        for text in ["pce.example.com:8443", "your.example.com:443", "[::1]:8443", "todo.example.com:8443", "1_ab", ""]
        {
            check(text, false, false);
        }
    }
}
