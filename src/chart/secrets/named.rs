//! [`Named`]: a secret in a line and the name that makes it one; and what may be such a name.

/// The secret in a line: where it begins, and in which column the name is that makes it one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named<'l> {
    pub(super) name: &'l str,
    /// The first byte behind the sign that separates the name from its value, and behind the spaces there. The line
    /// ends there where the value is on the lines below.
    pub(super) value: usize,
    /// The sign: a colon, an equals sign, a space; and its place.
    pub(super) sign: char,
    pub(super) at: usize,
}

impl<'l> Named<'l> {
    /// What follows a name and a space.
    pub(super) fn apart(name: &'l str, value: usize) -> Self {
        Self { name, value, sign: ' ', at: 0 }
    }
}

/// Whether a name is that of a file: `cannot read secrets.yaml: no such file`.
pub(super) fn is_file(name: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "yaml", "yml", "json", "gotmpl", "tmpl", "tpl", "toml", "txt", "md", "sh", "tgz", "gz", "html", "csv", "rs",
        "go",
    ];
    name.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

/// The words of a line that may be names, each with its first byte and the one behind it.
pub(super) fn words(line: &str) -> impl Iterator<Item = (usize, usize)> {
    let is_of_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + line[at..].find(is_of_word)?;
        let length = line[start..].find(|c| !is_of_word(c));
        at = length.map_or(line.len(), |length| start + length);
        Some((start, at))
    })
}
