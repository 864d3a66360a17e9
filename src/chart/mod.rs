//! What we know of the chart: how to recognize its values files, what its values look like, which of them are secrets.

mod own;
pub mod pods;
pub mod reference;
pub mod secrets;
pub mod values;

pub(crate) use own::{Shown, are_its_own, is_known, is_setting, may_be_its_own, shown};

/// The key that a migration changes.
pub const MODE_KEY: &str = "clusterMode";

/// The scalars of the vendor's template, beside which a person would put the mode. (Chart README 5.7.0.)
pub const TEMPLATE_SCALARS: &[&str] =
    &["pce_url", "cluster_id", "cluster_token", "cluster_code", "containerRuntime", "containerManager", "networkType"];

/// The values of the chart that are mappings of named values, below which nothing reads the mode.
/// (`schemas/values.table.json`)
pub(crate) const SECTIONS: &[&str] = &[
    "cven",
    "global",
    "imagePullSecret",
    "influxdb",
    "initContainer",
    "kubelink",
    "metrics",
    "priorityClasses",
    "serviceAccount",
    "storage",
    "toolbox",
    "waitForPolicy",
];

/// The keys that no other chart has, beside `clusterMode` in any spelling.
pub(crate) const DISTINGUISHING: &[&str] = &["pce_url", "cluster_id", "cluster_token", "cluster_code"];

/// Whether a key shows that a values file is this chart's.
pub(crate) fn is_distinguishing(name: &str) -> bool {
    is_its_own(name) || is_mode_key(name)
}

/// Whether a name is that of the mode, in any spelling.
pub(crate) fn is_mode_key(name: &str) -> bool {
    letters_of(name).eq(letters_of(MODE_KEY))
}

/// Whether a file mentions Illumio.
pub(crate) fn speaks_of_illumio(bytes: &[u8]) -> bool {
    holds_one_of(bytes, &["illumio", "pce_url"])
}

/// Whether a name has Illumio's in it, in whichever letters.
pub(crate) fn names_illumio(name: &str) -> bool {
    name.to_ascii_lowercase().contains("illumio")
}

/// The charts of Illumio's that are other ones. (`illumio/cloud-operator`, Chart.yaml)
const OTHER_CHARTS: [&str; 1] = ["cloud-operator"];

/// Whether the name of a chart, or its path or address, is that of this chart: by its last part, as a repository that is
/// called after Illumio may have other charts.
pub(crate) fn is_named_so(chart: &str) -> bool {
    let last = chart.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    names_illumio(last) && !OTHER_CHARTS.iter().any(|other| last.contains(other))
}

/// Whether the name of the mode, in any spelling, occurs anywhere in a file.
pub(crate) fn may_mention(bytes: &[u8]) -> bool {
    holds_one_of(bytes, &["clustermode", "cluster_mode", "cluster-mode"])
}

/// Whether no other chart has a key of this name: `clusterMode` is one that some have.
pub(crate) fn is_its_own(name: &str) -> bool {
    DISTINGUISHING.contains(&name)
}

/// Whether a text names one cluster: no reference that is filled in, and no placeholder.
pub(crate) fn is_id(text: &str) -> bool {
    let is_name = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    is_name && !text.is_empty() && reference::of(text, text).is_none() && !values::is_placeholder(text)
}

fn letters_of(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter(|c| !matches!(c, '_' | '-')).map(|c| c.to_ascii_lowercase())
}

/// Whether a text that cannot be read looks like this chart's values: one of its lines begins with such a key.
pub(crate) fn looks_like_values(text: &str) -> bool {
    begins_a_line(text, is_distinguishing)
}

/// Whether one of the lines of a text begins with a key that no other chart has.
pub(crate) fn has_own_values(text: &str) -> bool {
    begins_a_line(text, is_its_own)
}

/// Whether such a key begins a line.
fn begins_a_line(text: &str, is_it: fn(&str) -> bool) -> bool {
    text.split(['\n', '\r']).any(|line| {
        let line = line.trim_start_matches(['\u{feff}', ' ', '\t', '{', '"', '\'']);
        line.split_once(':').is_some_and(|(name, _)| is_it(name.trim_end_matches([' ', '"', '\''])))
    })
}

/// Whether one of these keys, or the name of the chart, occurs anywhere in a file: a quick look that avoids reading
/// other charts' files.
pub(crate) fn may_hold_place(bytes: &[u8]) -> bool {
    // every spelling of a key has one of the first two in it, and few other files have
    holds_one_of(bytes, &["cluster", "pce_url", "illumio"]) || is_utf_16(bytes)
}

/// UTF-16 keeps a zero between its letters.
fn is_utf_16(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff])
}

/// Whether one of these words, all of which have a `u`, occurs in bytes, regardless of case.
fn holds_one_of(bytes: &[u8], words: &[&str]) -> bool {
    let stands_around = |at: usize, word: &str| {
        let start = word.find('u').and_then(|before| at.checked_sub(before));
        let there = start.and_then(|start| bytes.get(start..start + word.len()));
        there.is_some_and(|there| there.eq_ignore_ascii_case(word.as_bytes()))
    };
    memchr::memchr2_iter(b'u', b'U', bytes).any(|at| words.iter().any(|word| stands_around(at, word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_are_this_charts() {
        assert!(is_distinguishing("pce_url") && is_distinguishing("cluster_mode"));
        assert!(!is_distinguishing("replicas"));
    }

    #[test]
    fn the_words_are_found_wherever_they_stand() {
        for text in ["clusterMode", "a CLUSTER_MODE", "uuu\ncLuster", "pce_url", "\u{feff}Pce_Url: a", "charts/Illumio"]
        {
            assert!(may_hold_place(text.as_bytes()), "{text}");
        }
        for text in ["", "u", "clust", "luster", "uster", "pce_ur", "llumio", "clu ster", "c\0l\0u\0s\0t\0e\0r"] {
            assert!(!may_hold_place(text.as_bytes()), "{text}");
        }
        assert!(may_hold_place(&[0xff, 0xfe, b'a', 0]));
    }
}
