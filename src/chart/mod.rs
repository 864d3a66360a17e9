//! What we know of the chart: which keys a person writes side by side, and which values are secrets.

pub mod secrets;

/// The key that a migration changes.
pub const MODE_KEY: &str = "clusterMode";

/// The scalars of the vendor's template, beside which a person would put the mode. (Chart README 5.7.0.)
pub const TEMPLATE_SCALARS: &[&str] =
    &["pce_url", "cluster_id", "cluster_token", "cluster_code", "containerRuntime", "containerManager", "networkType"];
