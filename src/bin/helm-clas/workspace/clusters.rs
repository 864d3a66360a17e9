//! How many clusters some rows are of: two commands of Helm may bring one release to one cluster.

use std::collections::{BTreeMap, BTreeSet};

use helm_clas::status::{Holder, IN_SCRIPT, Standing};

/// The clusters of some rows, by the names that distinguish them. Commands that bring a release of one name are of one
/// cluster, unless they name different ones.
pub(crate) fn clusters_of<'s>(rows: impl Iterator<Item = &'s Standing>) -> Vec<String> {
    let mut names = BTreeSet::new();
    let mut commands: BTreeMap<String, BTreeMap<Option<String>, String>> = BTreeMap::new();
    for row in rows {
        let name = match &row.release {
            Some(release) => format!("{release} in {}", row.file),
            None => row.file.clone(),
        };
        if row.holder == Holder::Manifest(IN_SCRIPT) {
            let release = row.release.as_deref().unwrap_or_default();
            let release = release.rsplit('/').next().unwrap_or(release).split(" (").next().unwrap_or(release);
            commands.entry(release.to_owned()).or_default().entry(row.context.clone()).or_insert(name);
        } else {
            names.insert(name);
        }
    }
    for mut of_release in commands.into_values() {
        // one that names no cluster may be any of the others
        if of_release.len() > 1 {
            of_release.remove(&None);
        }
        names.extend(of_release.into_iter().map(|(context, name)| match context {
            Some(context) if !name.starts_with(&context) => format!("{name} ({context})"),
            _ => name,
        }));
    }
    names.into_iter().collect()
}
