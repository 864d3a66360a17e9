//! What the values files that a person names say of their cluster.

use helm_clas::{ClusterValues, Finding, Rule, Texts, overrides::Override};

use super::Workspace;
use crate::{args::described::called, failure::Failure, outside::pce::several};

/// What the values files of a cluster say about it, or a manifest with those that it takes values from; `path` says
/// where in them.
pub(crate) fn cluster_values(names: &[String], path: Option<&str>) -> Result<ClusterValues, Failure> {
    cluster_values_with(names, path, &[])
}

/// The same with the options beside the files.
pub(crate) fn cluster_values_with(
    names: &[String],
    path: Option<&str>,
    options: &[Result<Override, Finding>],
) -> Result<ClusterValues, Failure> {
    let texts = Texts::new();
    let values = Workspace::open(&texts, names, path)?.cluster_values(path, options).map_err(unreadable)?;
    if values.several.is_empty() { Ok(values) } else { Err(several(&values)) }
}

/// Why the values of a cluster are not known.
pub(crate) fn unreadable(finding: Finding) -> Failure {
    if finding.rule == Rule::SeveralPlaces {
        let failure = Failure::new(finding.message);
        return match finding.help {
            Some(help) => failure.help(help.said(called())),
            None => failure,
        };
    }
    let file = finding.file.as_deref().unwrap_or("the values");
    Failure::new(format!("{file} cannot be read: {}", finding.message))
        .help(format!("`{} check FILE` shows where", called()))
}
