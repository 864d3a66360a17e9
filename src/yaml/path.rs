//! Paths as people write them.

/// The keys of a path as people write it: `security.illumio`; none for `.`, the root. A backslash keeps the dot behind it
/// from parting two keys, as for `--set`.
pub(crate) fn keys(path: &str) -> Vec<String> {
    let (mut keys, mut key) = (Vec::new(), String::new());
    let mut letters = path.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => key.push(letters.next().unwrap_or('\\')),
            '.' => keys.push(std::mem::take(&mut key)),
            _ => key.push(letter),
        }
    }
    keys.push(key);
    keys.retain(|key| !key.is_empty());
    keys
}

/// Keys as a person writes them: what [`keys`] takes apart.
pub(crate) fn written(keys: &[String]) -> String {
    let escaped = |key: &String| key.replace('\\', "\\\\").replace('.', "\\.");
    keys.iter().map(escaped).collect::<Vec<_>>().join(".")
}
