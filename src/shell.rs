//! Words as a shell takes them.

/// Whether a line that ends with `\` goes on in the next one. PowerShell and the prompt of Windows have no sign in common.
pub(crate) const FOLDS: bool = !cfg!(windows);

/// Words as one line that a POSIX shell, on Windows PowerShell, takes apart into the same words.
#[must_use]
pub fn shell_quoted<W: AsRef<str>>(words: &[W]) -> String {
    words.iter().map(|word| shell_word(word.as_ref())).collect::<Vec<_>>().join(" ")
}

/// One word as a POSIX shell takes it, on Windows as PowerShell does.
pub(crate) fn shell_word(word: &str) -> String {
    if cfg!(windows) { word_of_windows(word) } else { posix_word(word) }
}

fn posix_word(word: &str) -> String {
    if is_plain(word, b"-_./:=@%+,") {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// The prompt takes the same word, unless it has one of the signs that PowerShell replaces between double quotes.
fn word_of_windows(word: &str) -> String {
    if is_plain(word, br"-_./:=+\") {
        return word.to_owned();
    }
    if word.contains(['"', '$', '`', '%', '!']) {
        return format!("'{}'", word.replace('\'', "''"));
    }
    format!("\"{word}\"")
}

fn is_plain(word: &str, signs: &[u8]) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || signs.contains(&b))
}

#[cfg(test)]
mod tests {
    use super::{posix_word, word_of_windows};

    #[test]
    fn a_word_is_quoted_for_the_shell_that_reads_it() {
        for (word, posix, windows) in [
            ("east/values.yaml", "east/values.yaml", "east/values.yaml"),
            ("a b", "'a b'", "\"a b\""),
            ("a,b", "a,b", "\"a,b\""),
            ("it's", r"'it'\''s'", "\"it's\""),
            ("$it's", r"'$it'\''s'", "'$it''s'"),
            ("{\"a\":1}", "'{\"a\":1}'", "'{\"a\":1}'"),
            ("", "''", "\"\""),
        ] {
            assert_eq!((posix_word(word).as_str(), word_of_windows(word).as_str()), (posix, windows), "{word}");
        }
    }
}
