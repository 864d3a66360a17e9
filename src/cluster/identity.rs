//! [`Identity`]: the values that say which cluster of which PCE a release is.

use std::fmt;

use serde_json::Value;

use crate::{
    chart::{reference, values::is_placeholder},
    release::{Release, Says},
};

/// The values by which a PCE knows a cluster. Two of them are credentials, so no value is for printing.
const KEYS: [&str; 4] = ["pce_url", "cluster_id", "cluster_token", "cluster_code"];

/// What a release, or the files of one, have under each of these names.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Identity([Said; 4]);

/// What there is under a name.
#[derive(Clone, Default, PartialEq, Eq)]
enum Said {
    #[default]
    Nothing,
    /// A reference or a placeholder, or another source may have it.
    Unknown,
    Value(String),
}

impl fmt::Debug for Identity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Identity(..)")
    }
}

impl Identity {
    pub(super) fn of(release: &Release<'_>) -> Self {
        Self(KEYS.map(|key| Said::of(release, key)))
    }

    /// The names under which the files have a value that the release does not have. What is not known is not compared.
    #[must_use]
    pub fn unlike(&self, of_release: &Self) -> Vec<&'static str> {
        let of_key = KEYS.into_iter().zip(self.0.iter().zip(&of_release.0));
        of_key.filter(|(key, (files, release))| files.is_unlike(release, key)).map(|(key, _)| key).collect()
    }
}

impl Said {
    fn of(release: &Release<'_>, key: &str) -> Self {
        let names = release.path_to(key);
        let value = release.value_of(key);
        let above = match value {
            Some((_, true)) => release.layers.len(),
            _ => release.deciding(&names).map_or(0, |(layer, _)| layer + 1),
        };
        if release.layers[above..].iter().any(|layer| matches!(layer.says(&names), Says::Unknown)) {
            return Self::Unknown;
        }
        let text = match value.map(|(value, _)| value) {
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Number(number)) => number.to_string(),
            _ => return Self::Nothing,
        };
        match text.is_empty() {
            true => Self::Nothing,
            false if reference::of(&text, &text).is_some() || is_placeholder(&text) => Self::Unknown,
            false => Self::Value(text),
        }
    }

    fn is_unlike(&self, of_release: &Self, key: &str) -> bool {
        // neither an id nor the name of a host has a case
        let is_same = |one: &str, other: &str| match key {
            "pce_url" | "cluster_id" => one.eq_ignore_ascii_case(other),
            _ => one == other,
        };
        match (self, of_release) {
            (Self::Value(files), Self::Value(release)) => !is_same(files, release),
            (Self::Value(_), Self::Nothing) => true,
            _ => false,
        }
    }
}
