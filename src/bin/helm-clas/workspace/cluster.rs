//! What the values files that a person names say of their cluster.

use helm_clas::{ClusterValues, Texts};

use super::Workspace;
use crate::{args::described::called, failure::Failure, outside::pce::several};

/// What the values files of a cluster say of it, or a manifest with those that it takes values from, of which `path` tells
/// where in them.
pub(crate) fn cluster_values(names: &[String], path: Option<&str>) -> Result<ClusterValues, Failure> {
    let texts = Texts::new();
    let values = Workspace::open(&texts, names, path)?.cluster_values(path, &[]).map_err(|finding| {
        let file = finding.file.as_deref().unwrap_or("the values");
        Failure::new(format!("{file} cannot be read: {}", finding.message))
            .help(format!("`{} check FILE` shows where", called()))
    })?;
    if values.several.is_empty() { Ok(values) } else { Err(several(&values)) }
}
