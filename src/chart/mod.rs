//! What we know of the chart: how to tell its values files, what its values look like, which of them are secrets.

pub mod cluster;
pub mod secrets;
pub mod values;

/// The key that a migration changes.
pub const MODE_KEY: &str = "clusterMode";

/// The scalars of the vendor's template, beside which a person would put the mode. (Chart README 5.7.0.)
pub const TEMPLATE_SCALARS: &[&str] =
    &["pce_url", "cluster_id", "cluster_token", "cluster_code", "containerRuntime", "containerManager", "networkType"];

/// The keys that no other chart has, beside `clusterMode` in any spelling.
const DISTINGUISHING: &[&str] = &["pce_url", "cluster_id", "cluster_token", "cluster_code"];

/// Whether a key tells that a values file is this chart's.
///
/// ```
/// use helm_clas::chart::is_distinguishing;
///
/// assert!(is_distinguishing("pce_url") && is_distinguishing("cluster_mode"));
/// assert!(!is_distinguishing("replicas"));
/// ```
#[must_use]
pub fn is_distinguishing(name: &str) -> bool {
    DISTINGUISHING.contains(&name) || letters_of(name).eq(letters_of(MODE_KEY))
}

fn letters_of(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter(|c| !matches!(c, '_' | '-')).map(|c| c.to_ascii_lowercase())
}

/// Whether a text that cannot be read looks like this chart's values: one of its lines begins with such a key.
pub(crate) fn looks_like_values(text: &str) -> bool {
    text.split(['\n', '\r']).any(|line| {
        let line = line.trim_start_matches(['\u{feff}', ' ', '\t', '{', '"', '\'']);
        line.split_once(':').is_some_and(|(name, _)| is_distinguishing(name.trim_end_matches([' ', '"', '\''])))
    })
}

/// Whether the bytes of such a key stand anywhere in a file: a quick look that spares reading other charts' files.
pub(crate) fn is_mentioned(bytes: &[u8]) -> bool {
    // every spelling has this word in it, and few other files have; UTF-16 keeps a zero between its letters
    holds(bytes, b"cluster")
        || holds(bytes, b"pce_url")
        || bytes.starts_with(&[0xff, 0xfe])
        || bytes.starts_with(&[0xfe, 0xff])
}

/// The same for files in which a controller names the chart, and perhaps nothing else of it.
pub(crate) fn may_hold_place(bytes: &[u8]) -> bool {
    is_mentioned(bytes) || holds(bytes, b"illumio")
}

/// Whether a word stands in bytes, without regard to case.
fn holds(bytes: &[u8], word: &[u8]) -> bool {
    let first = [word[0], word[0].to_ascii_uppercase()];
    let starts_here =
        |at: usize| bytes[at..].len() >= word.len() && bytes[at..at + word.len()].eq_ignore_ascii_case(word);
    bytes.iter().enumerate().any(|(at, byte)| first.contains(byte) && starts_here(at))
}
