//! [`Known`]: the secrets of some values, found again wherever another program repeats them, under whatever name.

use std::{borrow::Cow, fmt};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::Value;

use super::{MASK, masked, secret_ranges};

/// A shorter secret is a word that stands elsewhere by chance.
const SHORTEST: usize = 8;

/// The secrets of some values, as another program may repeat them.
#[derive(Clone, Default)]
pub struct Known {
    /// As they are, the longest first.
    plain: Vec<String>,
    /// As parts of a text in base64.
    encoded: Vec<String>,
}

impl fmt::Debug for Known {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Known(..)")
    }
}

impl Known {
    /// Those of values.
    ///
    /// ```
    /// use helm_clas::chart::secrets::Known;
    ///
    /// let known = Known::of(&serde_json::json!({ "cluster_code": "correct horse", "clusterMode": "legacy" }));
    /// assert_eq!(known.masked("code correct horse is bad in legacy"), "code ******** is bad in legacy");
    /// assert_eq!(known.masked("data: Y29ycmVjdCBob3JzZQ=="), "data: ********");
    /// ```
    #[must_use]
    pub fn of(values: &Value) -> Self {
        let text = format!("{values:#}");
        let mut plain: Vec<String> = Vec::new();
        for range in secret_ranges(&text) {
            let written = text[range].trim_matches('"');
            let meant = serde_json::from_str(&format!("\"{written}\"")).unwrap_or_else(|_| written.to_owned());
            let lines = meant.lines().map(str::trim).chain([written]);
            plain.extend(lines.filter(|line| line.len() >= SHORTEST).map(str::to_owned));
        }
        plain.sort_by_key(|word| std::cmp::Reverse(word.len()));
        plain.dedup();
        let encoded = plain.iter().flat_map(|word| encoded(word)).collect();
        Self { plain, encoded }
    }

    /// What another program said, without them, and without what looks like a secret.
    #[must_use]
    pub fn masked<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut hidden = Cow::Borrowed(text);
        for word in self.plain.iter().filter(|word| text.contains(*word)) {
            hidden = hidden.replace(word, MASK).into();
        }
        for word in &self.encoded {
            while let Some(at) = hidden.find(word) {
                // the text around it is of one piece with it
                let is_of_it = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
                let start = hidden[..at].trim_end_matches(is_of_it).len();
                let end = hidden.len() - hidden[at..].trim_start_matches(is_of_it).len();
                hidden = format!("{}{MASK}{}", &hidden[..start], &hidden[end..]).into();
            }
        }
        match hidden {
            Cow::Borrowed(text) => masked(text),
            Cow::Owned(hidden) => masked(&hidden).into_owned().into(),
        }
    }
}

/// A secret as a part of a text in base64, where it may begin at any of three places. What stands at its ends depends on
/// what is beside it.
fn encoded(secret: &str) -> impl Iterator<Item = String> {
    [0, 2, 3].into_iter().enumerate().map(|(before, open)| {
        let text = BASE64_STANDARD.encode([&vec![0; before], secret.as_bytes()].concat());
        text[open..(before + secret.len()) * 8 / 6].to_owned()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_is_found_wherever_it_is_repeated() {
        let values = json!({
            "cluster_code": "correct-horse-battery",
            "imagePullSecret": { "password": "tr0ub4dor&3" },
            "maintenanceToken": "abc \"def\" ghi",
            "cven": { "privateKey": "first-line-of-it\nsecond-line-of-it" },
            "cluster_token": "short",
            "networkType": "overlay-network",
        });
        let known = Known::of(&values);
        for said in [
            "a correct-horse-battery b",
            "Invalid value: \"tr0ub4dor&3\": x",
            "x abc \"def\" ghi",
            "x second-line-of-it",
        ] {
            let shown = known.masked(said);
            assert!(shown.contains(MASK), "{shown}");
            assert!(!["correct", "tr0ub4", "def", "second"].iter().any(|word| shown.contains(word)), "{shown}");
        }
        for before in ["", "a", "ab", "abc"] {
            let encoded = BASE64_STANDARD.encode(format!("{before}correct-horse-battery tail"));
            assert!(known.masked(&encoded).contains(MASK), "{encoded}");
        }
        assert_eq!(known.masked("short overlay-network of legacy"), "short overlay-network of legacy");
        assert_eq!(format!("{known:?}"), "Known(..)");
    }
}
