//! What the values files that a person names say of their cluster.

use helm_clas::{ClusterValues, Finding, Rule, Texts, open_word::is_open};

use super::{Workspace, overrides};
use crate::{
    args::{Set, described::called},
    failure::Failure,
    outside::pce::several,
};

/// What the values files of a cluster say about it with the options beside them, or a manifest with the files that it takes
/// values from; `path` says where in them.
pub(crate) fn cluster_values(names: &[String], path: Option<&str>, set: &Set) -> Result<ClusterValues, Failure> {
    let texts = Texts::new();
    let options = overrides::read(set)?;
    let values = Workspace::open(&texts, names, path)?.cluster_values(path, &options).map_err(unreadable)?;
    if values.several.is_empty() { Ok(values) } else { Err(several(&values)) }
}

/// The namespace of the software, where the files say it.
pub(crate) fn known_namespace(namespace: &str) -> Result<String, Failure> {
    if is_open(namespace) {
        return Err(Failure::new("the namespace of the software is not known: `namespaceOverride` is a reference")
            .help("name it with --set namespaceOverride=NAME"));
    }
    Ok(namespace.to_owned())
}

/// Why the values of a cluster are not known.
pub(crate) fn unreadable(finding: Finding) -> Failure {
    if matches!(finding.rule, Rule::SeveralPlaces | Rule::BadOverride) {
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
