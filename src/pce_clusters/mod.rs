//! Every container cluster that a PCE knows, against the clusters of some files: [`PceCluster::list`], [`compared`].
//!
//! The shell asks for `container_clusters`, and for the events of type `container_cluster.update` where it matters
//! since when a cluster is between two modes. What the PCE says of a mode while a cluster is between two is documented
//! nowhere, so a word that is not the file's is then shown and not judged.

mod container;

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::Value;

pub use self::container::ContainerCluster;
use crate::mode::ClusterMode;

/// A container cluster as the PCE lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PceCluster {
    /// Its address below `/api/v2`.
    pub href: String,
    /// The last part of the address: `cluster_id` of the values.
    pub id: String,
    /// What it is called.
    pub name: Option<String>,
    /// The mode, where the PCE's word for it is one of ours.
    pub mode: Option<ClusterMode>,
    /// The PCE's word for the mode, as it is shown.
    pub said: String,
    /// Whether the PCE hears from it.
    pub online: Option<bool>,
    /// The version of its Kubelink.
    pub kubelink: Option<String>,
    /// When the PCE heard from it last, as the PCE writes it.
    pub last_connected: Option<String>,
    /// When it came into this mode, as the PCE writes it, where an event says so.
    pub since: Option<String>,
    /// What the PCE has to complain of.
    pub errors: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Object {
    href: String,
    name: Option<String>,
    online: Option<bool>,
    clas_mode: Option<bool>,
    kubelink_version: Option<String>,
    last_connected: Option<String>,
    errors: Option<Vec<Value>>,
}

impl PceCluster {
    /// Reads `container_clusters`, in the order of the names. `events` is the list of events, or empty.
    ///
    /// # Errors
    ///
    /// What is wrong with the list of clusters, as `serde_json` says it. Of the events only what can be read is read:
    /// that they name the mode was never seen, and follows from how they name other fields.
    /// (Core 25.2, Events: `resource_changes[].changes.FIELD.before|after`)
    ///
    /// ```
    /// use helm_clas::{ClusterMode, pce_clusters::PceCluster};
    ///
    /// let list = r#"[{ "href": "/orgs/3/container_clusters/5a1e", "name": "k8s-a", "cluster_mode": "legacy" }]"#;
    /// let clusters = PceCluster::list(list, "")?;
    /// assert_eq!(clusters[0].id, "5a1e");
    /// assert_eq!(clusters[0].mode, Some(ClusterMode::Legacy));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn list(clusters: &str, events: &str) -> Result<Vec<Self>, serde_json::Error> {
        let values: Vec<Value> = serde_json::from_str(clusters)?;
        let since = mode_changes(events);
        // by address: what a list has twice the PCE has once
        let mut read = BTreeMap::new();
        for value in &values {
            let container = ContainerCluster::deserialize(value)?;
            let object = Object::deserialize(value)?;
            let since = since.get(&object.href).cloned();
            read.insert(object.href.clone(), Self::of(object, &container, since));
        }
        let mut read: Vec<Self> = read.into_values().collect();
        read.sort_by(|left, right| (&left.name, &left.id).cmp(&(&right.name, &right.id)));
        Ok(read)
    }

    fn of(object: Object, container: &ContainerCluster, since: Option<String>) -> Self {
        let mode = container.mode();
        let clas = object.clas_mode.filter(|_| mode.is_none()).map(|clas| format!(", clas_mode {clas}"));
        let errors = object.errors.unwrap_or_default();
        let errors = errors.iter().map(|error| match error.get("error_type").and_then(Value::as_str) {
            Some(text) => text.to_owned(),
            None => error.to_string(),
        });
        Self {
            id: object.href.rsplit('/').next().unwrap_or_default().to_owned(),
            href: object.href,
            name: object.name,
            mode,
            said: container.shown_mode() + clas.as_deref().unwrap_or_default(),
            online: object.online,
            kubelink: object.kubelink_version,
            last_connected: object.last_connected,
            since,
            errors: errors.collect(),
        }
    }

    /// Whether it is between two modes, as far as the PCE's word for it says.
    #[must_use]
    pub fn is_between(&self) -> bool {
        self.mode.is_some_and(ClusterMode::is_migrating)
    }
}

/// When each cluster, by its address, came into its mode: the newest event that changed it.
fn mode_changes(events: &str) -> HashMap<String, String> {
    let events: Vec<Value> = serde_json::from_str(events).unwrap_or_default();
    let mut newest: HashMap<String, String> = HashMap::new();
    for event in &events {
        let Some(time) = event.get("timestamp").and_then(Value::as_str) else { continue };
        let changes = event.get("resource_changes").and_then(Value::as_array);
        for change in changes.into_iter().flatten() {
            let href = change.pointer("/resource/container_cluster/href").and_then(Value::as_str);
            let is_of_mode = change.pointer("/changes/cluster_mode/after").is_some_and(|after| !after.is_null());
            if let Some(href) = href.filter(|_| is_of_mode) {
                let known = newest.entry(href.to_owned()).or_default();
                // times of the PCE have one form, so they sort as texts
                if known.as_str() < time {
                    time.clone_into(known);
                }
            }
        }
    }
    newest
}

/// What a file says of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileCluster {
    /// The file, and the release in it where there are several, as it is shown.
    pub file: String,
    /// `cluster_id` of its values.
    pub id: String,
    /// The mode; nothing where it is not known.
    pub mode: Option<ClusterMode>,
}

/// A cluster: as the PCE has it, as files have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'c> {
    /// Its id, as the PCE has it, or else as the file has it.
    pub id: &'c str,
    /// As the PCE has it.
    pub pce: Option<&'c PceCluster>,
    /// As files have it; more than one where files of two clusters have one id.
    pub files: Vec<&'c FileCluster>,
    /// Whether these agree.
    pub standing: Standing,
    /// How many other clusters of the PCE have the same name.
    pub namesakes: usize,
}

/// Whether the PCE and the files agree on the mode of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// They name one mode.
    Agrees,
    /// They name two.
    Disagrees,
    /// The file's mode is not known, or the PCE's word is not one that is documented.
    Unclear,
    /// Only the PCE knows the cluster.
    OnlyPce,
    /// Only files know it: another PCE's, or removed there.
    OnlyFiles,
}

impl Standing {
    /// The word for it in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Disagrees => "disagrees",
            Self::Unclear => "unclear",
            Self::OnlyPce => "only-pce",
            Self::OnlyFiles => "only-files",
        }
    }

    fn of(pce: Option<&PceCluster>, files: &[&FileCluster]) -> Self {
        let Some(pce) = pce else { return Self::OnlyFiles };
        if files.is_empty() {
            return Self::OnlyPce;
        }
        let each = files.iter().map(|file| match (file.mode, pce.mode) {
            (Some(file), Some(pce)) if file == pce => Self::Agrees,
            (Some(_), Some(_)) => Self::Disagrees,
            _ => Self::Unclear,
        });
        let each: Vec<Self> = each.collect();
        let worst = [Self::Disagrees, Self::Unclear].into_iter().find(|standing| each.contains(standing));
        worst.unwrap_or(Self::Agrees)
    }
}

impl Row<'_> {
    /// Whether two files have this id.
    #[must_use]
    pub(crate) fn is_shared(&self) -> bool {
        self.files.len() > 1
    }
}

/// Compares both sides: the clusters of the PCE in their order, then those that only files know.
#[must_use]
pub fn compared<'c>(pce: &'c [PceCluster], files: &'c [FileCluster]) -> Vec<Row<'c>> {
    let mut by_id: BTreeMap<String, Vec<&FileCluster>> = BTreeMap::new();
    for file in files {
        by_id.entry(file.id.to_ascii_lowercase()).or_default().push(file);
    }
    let mut by_name: HashMap<&str, usize> = HashMap::new();
    for name in pce.iter().filter_map(|cluster| cluster.name.as_deref()) {
        *by_name.entry(name).or_default() += 1;
    }
    let mut rows: Vec<Row<'c>> = Vec::with_capacity(pce.len());
    for cluster in pce {
        let files = by_id.remove(&cluster.id.to_ascii_lowercase()).unwrap_or_default();
        let named = cluster.name.as_deref().and_then(|name| by_name.get(name));
        let namesakes = named.map_or(0, |number| number - 1);
        let standing = Standing::of(Some(cluster), &files);
        rows.push(Row { id: &cluster.id, pce: Some(cluster), files, standing, namesakes });
    }
    let rest = by_id.into_values().filter_map(|files| {
        let standing = Standing::of(None, &files);
        Some(Row { id: &files.first()?.id, pce: None, files, standing, namesakes: 0 })
    });
    rows.extend(rest);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mode::ClusterMode::{Clas, Legacy, MigrateLegacyToClas};

    fn on_pce(clusters: &[(&str, &str, &str)]) -> Vec<PceCluster> {
        let object = |(id, name, mode): &(&str, &str, &str)| serde_json::json!({ "href": format!("/orgs/3/container_clusters/{id}"), "name": name, "cluster_mode": mode });
        let list: Vec<Value> = clusters.iter().map(object).collect();
        PceCluster::list(&serde_json::to_string(&list).expect("JSON"), "").expect("a list")
    }

    fn in_file(file: &str, id: &str, mode: ClusterMode) -> FileCluster {
        FileCluster { file: file.to_owned(), id: id.to_owned(), mode: Some(mode) }
    }

    #[track_caller]
    fn check(on_pce_side: &str, in_file_side: ClusterMode, standing: Standing) {
        let pce = on_pce(&[("c1", "a", on_pce_side)]);
        let files = [in_file("a.yaml", "C1", in_file_side)];
        assert_eq!(compared(&pce, &files)[0].standing, standing);
    }

    #[test]
    fn both_sides_agree_or_not() {
        check("legacy", Legacy, Standing::Agrees);
        check("migrate_legacy_to_clas", MigrateLegacyToClas, Standing::Agrees);
        check("clas", Legacy, Standing::Disagrees);
        check("migrateLegacyToClas", Clas, Standing::Disagrees);
        check("legacy", MigrateLegacyToClas, Standing::Disagrees);
        check("hybrid", Clas, Standing::Unclear);
    }

    #[test]
    fn what_one_side_knows_alone_and_what_is_there_twice() {
        let pce = on_pce(&[("c1", "a", "legacy"), ("c2", "a", "legacy"), ("c3", "b", "clas"), ("c3", "b", "clas")]);
        let files = [in_file("x.yaml", "c1", Legacy), in_file("y.yaml", "c1", Clas), in_file("z.yaml", "c9", Clas)];
        let rows = compared(&pce, &files);
        let standings: Vec<&str> = rows.iter().map(|row| row.standing.as_str()).collect();
        assert_eq!(standings, ["disagrees", "only-pce", "only-pce", "only-files"]);
        assert_eq!(rows[0].namesakes, 1);
        assert_eq!(rows[2].namesakes, 0);
        assert!(rows[0].is_shared() && !rows[3].is_shared());
    }

    #[test]
    fn an_event_says_since_when() {
        let event = |time: &str, after: Value| {
            serde_json::json!({ "timestamp": time, "event_type": "container_cluster.update", "resource_changes": [{
                "resource": { "container_cluster": { "href": "/orgs/3/container_clusters/c1" } },
                "changes": { "cluster_mode": { "before": "legacy", "after": after } },
            }] })
        };
        let events = serde_json::json!([
            event("2025-06-01T08:00:00.000Z", "migrateLegacyToClas".into()),
            event("2025-05-01T08:00:00.000Z", "legacy".into()),
            event("2025-07-01T08:00:00.000Z", Value::Null),
            { "timestamp": "2025-08-01T08:00:00.000Z", "resource_changes": null }, 7,
        ]);
        let list = r#"[{ "href": "/orgs/3/container_clusters/c1", "cluster_mode": "migrateLegacyToClas" }]"#;
        let read = PceCluster::list(list, &events.to_string()).expect("a list");
        assert_eq!(read[0].since.as_deref(), Some("2025-06-01T08:00:00.000Z"));
        assert!(read[0].is_between());
    }

    #[test]
    fn a_mode_that_is_contradicted_is_not_known() {
        let list = r#"[{ "href": "/c/1", "cluster_mode": "legacy", "clas_mode": true },
                       { "href": "/c/2", "clas_mode": false, "errors": [{ "error_type": "e1" }], "online": null }]"#;
        let read = PceCluster::list(list, "").expect("a list");
        assert_eq!((read[0].mode, read[0].said.as_str()), (None, "`legacy`, clas_mode true"));
        assert_eq!((read[1].mode, read[1].said.as_str()), (None, "no cluster_mode, clas_mode false"));
        assert_eq!(read[1].errors, ["e1"]);
    }
}
