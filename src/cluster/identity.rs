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
    /// A reference or a placeholder; or this, where another source does not override it.
    Unknown(Option<String>),
    Value(String),
}

impl fmt::Debug for Identity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Identity(..)")
    }
}

impl Identity {
    /// The value that a path of keys leads to, where it is one of these.
    pub(crate) fn key(path: &str) -> Option<&'static str> {
        KEYS.into_iter().find(|key| path.rsplit('.').next() == Some(key))
    }

    /// Whether two values under one of these names are the same: neither an id nor the name of a host has a case.
    pub(crate) fn is_same(key: &str, one: &str, other: &str) -> bool {
        match key {
            "pce_url" | "cluster_id" => one.eq_ignore_ascii_case(other),
            _ => one == other,
        }
    }

    pub(super) fn of(release: &Release<'_>) -> Self {
        Self(KEYS.map(|key| Said::of(release, key)))
    }

    /// The names under which it is not known whether the release has what the files have.
    pub(crate) fn unknown(&self, of_release: &Self) -> Vec<&'static str> {
        let of_key = KEYS.into_iter().zip(self.0.iter().zip(&of_release.0));
        of_key.filter(|(key, (files, release))| files.is_unknown(release, key)).map(|(key, _)| key).collect()
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
        let may_be_elsewhere = release.layers[above..].iter().any(|layer| matches!(layer.says(&names), Says::Unknown));
        let text = match value.map(|(value, _)| value) {
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        match text.is_empty() {
            true if may_be_elsewhere => Self::Unknown(None),
            true => Self::Nothing,
            false if reference::of(&text, &text).is_some() || is_placeholder(&text) => Self::Unknown(None),
            false if may_be_elsewhere => Self::Unknown(Some(text)),
            false => Self::Value(text),
        }
    }

    /// Whether it is not known if the release has what the files have. What another source may override is known where the
    /// release has it.
    fn is_unknown(&self, of_release: &Self, key: &str) -> bool {
        match (self, of_release) {
            (Self::Unknown(Some(files)), Self::Value(release)) => !Identity::is_same(key, files, release),
            (Self::Unknown(_), _) => true,
            _ => false,
        }
    }

    fn is_unlike(&self, of_release: &Self, key: &str) -> bool {
        match (self, of_release) {
            (Self::Value(files), Self::Value(release)) => !Identity::is_same(key, files, release),
            (Self::Value(_), Self::Nothing) => true,
            _ => false,
        }
    }
}
