//! The type of a plain scalar, as Helm sees it.
//!
//! Helm reads values with go-yaml v2, a YAML 1.1 reader with habits of its own. No YAML library of this language has
//! all of them, so the rules are here; `testdata/agreement.rs` compares them with the real Helms.

/// A scalar with its type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar<'t> {
    /// `null`, `~` or nothing.
    Null,
    /// `true`, `yes`, `on`, `y` and their opposites.
    Bool(bool),
    /// A whole number. Helm passes it on as a floating-point number, so beyond 2^53 digits are lost.
    Integer(i128),
    /// A number with a point or an exponent.
    Float(f64),
    /// Anything else, and everything in quotes.
    Text(&'t str),
}

impl Scalar<'_> {
    /// The name that Helm makes of a key; nothing for null and for numbers that it refuses, rounds or writes otherwise.
    pub(super) fn name(self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Bool(value) => Some(value.to_string()),
            Self::Integer(value) => i64::try_from(value).is_ok().then(|| value.to_string()),
            #[allow(clippy::cast_possible_truncation)] // Helm rounds to single precision
            Self::Float(value) => {
                let is_written_alike = value.abs() < 1e6 && (value.abs() >= 1e-4 || value.to_bits() == 0);
                is_written_alike.then(|| (value as f32).to_string())
            }
            Self::Text(text) => Some(text.to_owned()),
        }
    }
}

/// The words that are not text, of any usual case. (`resolveMap` in go-yaml v2.)
#[rustfmt::skip]
const WORDS: &[(&[&str], Scalar<'static>)] = &[
    (&["", "~", "null", "Null", "NULL"], Scalar::Null),
    (&["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"], Scalar::Bool(true)),
    (&["n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"], Scalar::Bool(false)),
];

/// What Helm takes an unquoted, untagged scalar for.
///
/// Not numbers: base 60 (`1:30`), dates, `0o8`, `1e400`. Numbers: `0777`, `0o17`, `0x1F`, `0b11`, `1_000`, `.5`.
/// Infinity and not-a-number are found by [`is_not_json`] and never reach a reader.
pub(super) fn resolve(text: &str) -> Scalar<'_> {
    let Some(first) = text.bytes().next() else { return Scalar::Null };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => {
            WORDS.iter().find(|(words, _)| words.contains(&text)).map_or(Scalar::Text(text), |(_, scalar)| *scalar)
        }
        b'.' if separates_digits(text) => float(&text.replace('_', "")).map_or(Scalar::Text(text), Scalar::Float),
        b'+' | b'-' | b'0'..=b'9' => number(text).unwrap_or(Scalar::Text(text)),
        _ => Scalar::Text(text),
    }
}

/// Whether a plain scalar is a number that JSON does not have, for which Helm refuses the whole file.
pub(super) fn is_not_json(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

/// Whether every `_` is between two digits, as Go wants it in a number that begins with a point.
fn separates_digits(text: &str) -> bool {
    text.split('_').skip(1).zip(text.split('_')).all(|(behind, before)| {
        before.ends_with(|c: char| c.is_ascii_digit()) && behind.starts_with(|c: char| c.is_ascii_digit())
    })
}

fn number(text: &str) -> Option<Scalar<'_>> {
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    integer(&plain).map(Scalar::Integer).or_else(|| float(&plain).map(Scalar::Float))
}

/// Go's `ParseInt(text, 0, 64)` or `ParseUint(text, 0, 64)`: a sign, a prefix for the base, 64 bits.
fn integer(text: &str) -> Option<i128> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (base, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if !digits.bytes().next()?.is_ascii_alphanumeric() {
        return None;
    }
    let size = i128::from_str_radix(digits, base).ok()?;
    let value = if negative { -size } else { size };
    let unsigned = !text.starts_with(['-', '+']);
    let largest = if unsigned { i128::from(u64::MAX) } else { i128::from(i64::MAX) };
    (i128::from(i64::MIN)..=largest).contains(&value).then_some(value)
}

/// A decimal number with an optional point and exponent that fits a double.
fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let mantissa_is_number = match mantissa.split_once('.') {
        Some((whole, part)) => {
            (digits(whole) && (part.is_empty() || digits(part))) || (whole.is_empty() && digits(part))
        }
        None => digits(mantissa),
    };
    let exponent_is_number = exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)));
    if !mantissa_is_number || !exponent_is_number {
        return None;
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Scalar<'_>) {
        assert_eq!(resolve(text), expected, "{text:?}");
    }

    #[test]
    fn words_are_of_yaml_1_1() {
        check("on", Scalar::Bool(true));
        check("n", Scalar::Bool(false));
        check("Null", Scalar::Null);
        check("nUll", Scalar::Text("nUll"));
        check("clas", Scalar::Text("clas"));
    }

    #[test]
    fn numbers_are_those_of_go() {
        check("0777", Scalar::Integer(511));
        check("0o17", Scalar::Integer(15));
        check("0o8", Scalar::Text("0o8"));
        check("08", Scalar::Float(8.0));
        check("1_000", Scalar::Integer(1000));
        check("-0x1F", Scalar::Integer(-31));
        check("+12", Scalar::Integer(12));
        check("1_0.5", Scalar::Float(10.5));
        check("1e3", Scalar::Float(1000.0));
        check("1:30", Scalar::Text("1:30"));
        check("2001-01-01", Scalar::Text("2001-01-01"));
        check("1e400", Scalar::Text("1e400"));
        check("18446744073709551615", Scalar::Integer(i128::from(u64::MAX)));
        check("-", Scalar::Text("-"));
        check("0x", Scalar::Text("0x"));
        check(".1_0", Scalar::Float(0.1));
        check("._5", Scalar::Text("._5"));
    }
}
