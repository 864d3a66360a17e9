//! Whether a version is within a range of versions, as Helm reads both.

use semver::{Version, VersionReq};

/// Whether it is; nothing where one of them cannot be read. (Masterminds/semver, Basic Comparisons: parts behind commas or
/// spaces must all hold, of those behind `||` one; numbers alone are the version itself, or all that begin so.)
pub(crate) fn fits(range: &str, version: &str) -> Option<bool> {
    let version = Version::parse(version.trim().trim_start_matches(['v', 'V'])).ok()?;
    let mut is_within = false;
    for part in range.split("||") {
        let requirement = VersionReq::parse(&as_cargo_writes(part)).ok()?;
        // a version before a release is within a range that names one
        is_within |= requirement.matches(&version);
    }
    Some(is_within)
}

/// The same with commas between the parts, and a sign before each.
fn as_cargo_writes(range: &str) -> String {
    const SIGNS: &[char] = &['=', '>', '<', '~', '^', '!'];
    let mut parts: Vec<String> = Vec::new();
    for word in range.split([',', ' ', '\t']).filter(|word| !word.is_empty()) {
        if let Some(sign) = parts.last_mut().filter(|last| last.ends_with(SIGNS)) {
            sign.push_str(word.trim_start_matches(['v', 'V']));
            continue;
        }
        let (sign, version) = word.split_at(word.len() - word.trim_start_matches(SIGNS).len());
        let version = version.trim_start_matches(['v', 'V']);
        let is_plain = sign.is_empty() && version.starts_with(|c: char| c.is_ascii_digit());
        parts.push(format!("{}{version}", if is_plain { "=" } else { sign }));
    }
    if parts.is_empty() { "*".to_owned() } else { parts.join(",") }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn ranges_are_read_as_helm_reads_them() {
        for (range, version, expected) in [
            ("5.1.0", "5.1.0", true),
            ("5.1.0", "5.0.3", false),
            ("5.1.0", "5.1.1", false),
            ("5.1", "5.1.3", true),
            ("5.1", "5.2.0", false),
            ("5", "5.2.0", true),
            ("~5.1.0", "5.1.3", true),
            ("^5.1.0", "5.3.0", true),
            ("5.x", "5.3.0", true),
            ("5.1.*", "5.1.9", true),
            ("*", "5.1.9", true),
            (">= 5.0.0, < 6.0.0", "5.1.9", true),
            (">=5.0.0 <5.1.0", "5.1.9", false),
            ("4.x || 5.1.x", "5.1.9", true),
            ("v5.1.0", "5.1.0", true),
            (">=v5.1.0", "5.1.0", true),
            ("5.1.0-dev.1", "5.1.0-dev.1", true),
        ] {
            assert_eq!(fits(range, version), Some(expected), "{range} {version}");
        }
        assert_eq!(fits("latest", "5.1.0"), None);
        assert_eq!(fits("5.1.0", "newest"), None);
    }
}
