//! [`ContainerCluster`]: one cluster as the PCE answers it.

use serde::Deserialize;
use serde_json::Value;

use crate::{
    mode::ClusterMode::{self, Legacy},
    shown::verbatim_value,
};

/// A container cluster.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ContainerCluster {
    pub(crate) href: String,
    pub(crate) name: Value,
    pub(crate) cluster_mode: Value,
    pub(crate) clas_mode: Value,
    pub(crate) online: Value,
    pub(crate) last_connected: Value,
    pub(crate) kubelink_version: Value,
    pub(crate) errors: Value,
}

impl ContainerCluster {
    /// Its address below `/api/v2`.
    #[must_use]
    pub fn href(&self) -> &str {
        &self.href
    }

    /// What it is called, as it is shown.
    #[must_use]
    pub(crate) fn shown_name(&self) -> String {
        verbatim_value(&self.name)
    }

    /// The mode it has, as far as its word for it is one of ours but for signs and capitals. A PCE without a word for it is
    /// older than 23.5.10, and knows the legacy model alone. (REST API reference, Core 24.2)
    #[must_use]
    pub fn mode(&self) -> Option<ClusterMode> {
        match &self.cluster_mode {
            Value::Null => Some(Legacy),
            Value::String(text) => by_letters(text),
            _ => None,
        }
    }

    /// Its word for the mode, as it is shown.
    #[must_use]
    pub(crate) fn shown_mode(&self) -> String {
        if self.cluster_mode.is_null() { "no cluster_mode".to_owned() } else { verbatim_value(&self.cluster_mode) }
    }
}

pub(crate) fn by_letters(text: &str) -> Option<ClusterMode> {
    let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect();
    ClusterMode::named(&letters)
}
