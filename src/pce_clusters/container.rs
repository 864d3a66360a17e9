//! [`ContainerCluster`]: one cluster as the PCE answers it.

use serde::Deserialize;
use serde_json::Value;

use crate::{
    mode::ClusterMode::{self, Clas},
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

    /// The mode it has, as far as its word for it is one of ours but for signs and capitals. Nothing where it has no word: a
    /// PCE that is older than 23.5.10 has none, and that any other leaves it out is documented nowhere. (REST API reference,
    /// Core 24.2) Nothing where `clas_mode`, which is not a published field, says otherwise.
    #[must_use]
    pub fn mode(&self) -> Option<ClusterMode> {
        self.named_mode().filter(|mode| !self.is_contradicted(*mode))
    }

    /// Whether nothing says that it has left the legacy model: a PCE before 23.5.10 knows no other, and has no word for it.
    #[must_use]
    pub(crate) fn may_be_legacy(&self) -> bool {
        let is_clas = self.clas_mode.as_bool() == Some(true);
        if self.cluster_mode.is_null() { !is_clas } else { self.mode() == Some(ClusterMode::Legacy) }
    }

    fn named_mode(&self) -> Option<ClusterMode> {
        self.cluster_mode.as_str().and_then(by_letters)
    }

    fn is_contradicted(&self, mode: ClusterMode) -> bool {
        self.clas_mode.as_bool().is_some_and(|clas| !mode.is_migrating() && clas != (mode == Clas))
    }

    /// Whether it is in a mode. Nothing where the PCE's word is missing, or not one that is known, or is contradicted.
    #[must_use]
    pub(crate) fn is_in(&self, mode: ClusterMode) -> Option<bool> {
        let named = self.named_mode().filter(|named| *named != mode || !self.is_contradicted(mode));
        named.map(|named| named == mode)
    }

    /// Its word for the mode, as it is shown.
    #[must_use]
    pub(crate) fn shown_mode(&self) -> String {
        if self.cluster_mode.is_null() { "no cluster_mode".to_owned() } else { verbatim_value(&self.cluster_mode) }
    }
}

fn by_letters(text: &str) -> Option<ClusterMode> {
    let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect();
    ClusterMode::named(&letters)
}
