//! What was saved against what is there: [`compare`]; and what follows from it: [`lower`], [`restore`].

use std::collections::{HashMap, HashSet};

use super::{Changed, Kind, Mode, Saved, SavedObject, Seen};

/// An object that was saved, or is there, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// A profile or a node.
    pub kind: Kind,
    /// The namespace, or the name of the node; nothing for the default profile.
    pub name: Option<String>,
    /// Its address below `/api/v2`.
    pub href: String,
    /// The saved mode.
    pub saved: Option<Mode>,
    /// The mode that it has.
    pub now: Option<Mode>,
    /// How these two compare.
    pub standing: Standing,
    /// Whether the file marks it as lowered.
    pub marked: bool,
    /// Who changed the object last.
    pub changed: Changed,
    /// Whether that was, or may have been, someone else than who lowered it.
    pub by_another: bool,
}

/// How what is there compares with what was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has the saved mode.
    Same,
    /// `lower` changed it, and it is as `lower` left it.
    Lowered,
    /// Someone else changed it.
    Changed,
    /// It is no longer on the PCE.
    Gone,
    /// It was not there when the modes were saved.
    New,
    /// One of the modes is not known.
    Unknown,
}

impl Standing {
    /// The word for it in text and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Lowered => "lowered",
            Self::Changed => "changed",
            Self::Gone => "gone",
            Self::New => "new",
            Self::Unknown => "unknown",
        }
    }
}

/// A row, and what is to be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The row.
    pub row: Row,
    /// What is to be done.
    pub deed: Deed,
}

/// What is to be done about an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It gets this mode.
    Set(Mode),
    /// It is as it should be, or was not asked about.
    Keep,
    /// It is not as it should be, and is not touched.
    Leave(Conflict),
}

/// Why an object is not touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// Someone else changed it since it was saved.
    Changed,
    /// It is not in the file, so nothing would put it back.
    NotSaved,
    /// A mode that is not known.
    Unknown,
    /// It is gone, and was lowered when it was last seen.
    Gone,
}

impl Conflict {
    /// The word for it in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed-by-another",
            Self::NotSaved => "not-saved",
            Self::Unknown => "unknown-mode",
            Self::Gone => "gone",
        }
    }
}

/// What `lower` is asked to lower.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The profiles of these namespaces.
    Namespaces(Vec<String>),
    /// These, and every node.
    WithNodes(Vec<String>),
}

impl Target {
    fn means(&self, row: &Row) -> bool {
        let (Self::Namespaces(namespaces) | Self::WithNodes(namespaces)) = self;
        match row.kind {
            Kind::Namespace => row.name.as_ref().is_some_and(|name| namespaces.contains(name)),
            Kind::Node => matches!(self, Self::WithNodes(_)),
        }
    }

    /// The namespaces that are asked for and have no profile among these.
    #[must_use]
    pub fn missing<'t>(&'t self, seen: &[Seen]) -> Vec<&'t str> {
        let (Self::Namespaces(namespaces) | Self::WithNodes(namespaces)) = self;
        let has = |name: &String| {
            seen.iter().any(|object| object.kind == Kind::Namespace && object.name.as_ref() == Some(name))
        };
        namespaces.iter().filter(|name| !has(name)).map(String::as_str).collect()
    }
}

/// Compares what was saved with what is there. What was saved comes first, in its order; then what is new.
#[must_use]
pub fn compare(saved: &Saved, seen: &[Seen]) -> Vec<Row> {
    let mut now: HashMap<&str, &Seen> = seen.iter().map(|object| (object.href.as_str(), object)).collect();
    let ours: HashSet<&str> = saved.objects.iter().filter_map(|object| object.lowered_by.as_deref()).collect();
    let mut rows: Vec<Row> =
        saved.objects.iter().map(|object| Row::of(object, now.remove(object.href.as_str()), &ours)).collect();
    rows.extend(seen.iter().filter(|object| now.contains_key(object.href.as_str())).map(Row::new));
    rows
}

impl Row {
    /// `ours` is who lowered any of what was saved.
    fn of(saved: &SavedObject, seen: Option<&Seen>, ours: &HashSet<&str>) -> Self {
        let now = seen.and_then(|seen| seen.mode);
        let by = seen.and_then(|seen| seen.changed.by.as_deref());
        // marked, but `lower` was broken off before it was seen to be lowered: someone else may have come first
        let is_foreign = saved.lowered_by.is_none() && !ours.is_empty() && by.is_some_and(|by| !ours.contains(by));
        let standing = match (saved.mode, seen.map(|seen| seen.mode)) {
            (_, None) => Standing::Gone,
            (Some(saved), Some(Some(now))) if saved == now => Standing::Same,
            (Some(_), Some(Some(Mode::VisibilityOnly))) if saved.lowered && !is_foreign => Standing::Lowered,
            (Some(_), Some(Some(_))) => Standing::Changed,
            (None, _) | (_, Some(None)) => Standing::Unknown,
        };
        Self {
            kind: saved.kind,
            name: saved.name.clone(),
            href: saved.href.clone(),
            saved: saved.mode,
            now,
            standing,
            marked: saved.lowered,
            changed: seen.map(|seen| seen.changed.clone()).unwrap_or_default(),
            by_another: match standing {
                Standing::Changed => true,
                Standing::Lowered => by.is_some_and(|by| !ours.contains(by)),
                _ => false,
            },
        }
    }

    fn new(seen: &Seen) -> Self {
        let Seen { kind, href, name, mode, changed } = seen.clone();
        let standing = Standing::New;
        Self { kind, name, href, saved: None, now: mode, standing, marked: false, changed, by_another: false }
    }

    /// Whether a person means it by this name: the namespace, the node's name, or the address.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        self.name.as_deref() == Some(name) || self.href == name
    }

    fn planned(self, deed: Deed) -> Planned {
        Planned { row: self, deed }
    }
}

/// What is to be done so that nothing of the target blocks traffic. Only what was saved, and has its saved mode, is
/// lowered: then it can be put back.
#[must_use]
pub fn lower(rows: Vec<Row>, target: &Target) -> Vec<Planned> {
    let deed = |row: &Row| {
        if !target.means(row) || row.standing == Standing::Gone {
            return Deed::Keep;
        }
        match (row.standing, row.now) {
            (_, Some(now)) if !now.blocks() => Deed::Keep,
            (_, None) | (Standing::Unknown, Some(_)) => Deed::Leave(Conflict::Unknown),
            (Standing::Same, Some(_)) => Deed::Set(Mode::VisibilityOnly),
            (Standing::New, Some(_)) => Deed::Leave(Conflict::NotSaved),
            (_, Some(_)) => Deed::Leave(Conflict::Changed),
        }
    };
    plan(rows, deed)
}

/// What is to be done so that everything that `lower` changed has its saved mode again, and what is named as well.
#[must_use]
pub fn restore(rows: Vec<Row>, named: &[String]) -> Vec<Planned> {
    let deed = |row: &Row| {
        let is_named = named.iter().any(|name| row.is_called(name));
        match (row.standing, row.saved) {
            (Standing::Lowered, Some(saved)) => Deed::Set(saved),
            (Standing::Changed, Some(saved)) if is_named => Deed::Set(saved),
            (Standing::Changed, _) => Deed::Leave(Conflict::Changed),
            (Standing::Unknown, Some(saved)) if is_named => Deed::Set(saved),
            (Standing::Unknown, Some(_)) => Deed::Leave(Conflict::Unknown),
            (Standing::Gone, _) if row.marked => Deed::Leave(Conflict::Gone),
            _ => Deed::Keep,
        }
    };
    plan(rows, deed)
}

fn plan(rows: Vec<Row>, deed: impl Fn(&Row) -> Deed) -> Vec<Planned> {
    let planned = rows.into_iter().map(|row| {
        let deed = deed(&row);
        row.planned(deed)
    });
    planned.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enforcement::{Found, SavedCluster};

    const CLUSTER: &str = "/orgs/3/container_clusters/c1";

    fn found(modes: &[(&str, &str)]) -> Vec<Seen> {
        let node = |(name, mode): &(&str, &str)| {
            serde_json::json!({
                "href": format!("/orgs/3/workloads/{name}"), "hostname": name, "enforcement_mode": mode,
                "container_cluster": { "href": CLUSTER },
            })
        };
        let nodes: Vec<_> = modes.iter().map(node).collect();
        Found::read(CLUSTER, "[]", &serde_json::to_string(&nodes).expect("JSON")).expect("a list").objects
    }

    fn saved(seen: &[Seen]) -> Saved {
        let cluster = SavedCluster { href: CLUSTER.to_owned(), name: None };
        Saved::of("pce".to_owned(), "3".to_owned(), cluster, "2025-06-01T08:00:00Z".to_owned(), seen)
    }

    fn all() -> Target {
        Target::WithNodes(Vec::new())
    }

    /// One node that was saved as `was`, perhaps marked, and is `now`.
    #[track_caller]
    fn check(was: &str, marked: bool, now: &str, lowers: Deed, restores: Deed) {
        let mut saved = saved(&found(&[("n1", was)]));
        saved.objects[0].lowered = marked;
        let seen = found(&[("n1", now)]);
        assert_eq!(lower(compare(&saved, &seen), &all())[0].deed, lowers, "lower {was} {now}");
        assert_eq!(restore(compare(&saved, &seen), &[])[0].deed, restores, "restore {was} {now}");
    }

    #[test]
    fn each_case_of_one_object() {
        use Deed::{Keep, Leave, Set};
        let changed = Leave(Conflict::Changed);
        check("full", false, "full", Set(Mode::VisibilityOnly), Keep);
        check("full", true, "full", Set(Mode::VisibilityOnly), Keep);
        check("full", true, "visibility_only", Keep, Set(Mode::Full));
        check("selective", true, "visibility_only", Keep, Set(Mode::Selective));
        // someone else lowered it, so someone else puts it back
        check("full", false, "visibility_only", Keep, changed);
        check("full", true, "idle", Keep, changed);
        check("full", true, "selective", changed, changed);
        check("visibility_only", false, "visibility_only", Keep, Keep);
        check("visibility_only", false, "full", changed, changed);
        check("idle", false, "idle", Keep, Keep);
        check("full", true, "quarantine", Leave(Conflict::Unknown), Leave(Conflict::Unknown));
        check("quarantine", false, "full", Leave(Conflict::Unknown), Keep);
    }

    #[test]
    fn what_is_named_is_put_back_although_another_changed_it() {
        let saved = saved(&found(&[("n1", "full"), ("n2", "full")]));
        let rows = compare(&saved, &found(&[("n1", "idle"), ("n2", "idle")]));
        let plan = restore(rows, &["n2".to_owned()]);
        assert_eq!(plan[0].deed, Deed::Leave(Conflict::Changed));
        assert_eq!(plan[1].deed, Deed::Set(Mode::Full));
    }

    #[test]
    fn what_came_and_went_is_seen() {
        let mut saved = saved(&found(&[("n1", "full"), ("n2", "full")]));
        saved.objects[1].lowered = true;
        let rows = compare(&saved, &found(&[("n1", "full"), ("n3", "full"), ("n4", "idle")]));
        let standings: Vec<&str> = rows.iter().map(|row| row.standing.as_str()).collect();
        assert_eq!(standings, ["same", "gone", "new", "new"]);
        let deeds = |plan: Vec<Planned>| plan.iter().map(|planned| planned.deed).collect::<Vec<_>>();
        let not_saved = Deed::Leave(Conflict::NotSaved);
        let keep = Deed::Keep;
        assert_eq!(deeds(lower(rows.clone(), &all())), [Deed::Set(Mode::VisibilityOnly), keep, not_saved, keep]);
        assert_eq!(deeds(restore(rows, &[])), [keep, Deed::Leave(Conflict::Gone), keep, keep]);
    }

    #[test]
    fn only_objects_of_the_cluster_are_found() {
        let workloads = serde_json::json!([
            { "href": "/orgs/3/workloads/a", "hostname": "a", "container_cluster": { "href": CLUSTER } },
            { "href": "/orgs/3/workloads/b", "container_cluster": { "href": "/orgs/3/container_clusters/c2" } },
            { "href": "/orgs/3/workloads/c" },
            { "href": "/orgs/3/workloads/../d", "container_cluster": { "href": CLUSTER } },
            { "href": "/orgs/3/workloads/e", "deleted": true, "container_cluster": { "href": CLUSTER } },
            { "href": "/orgs/3/workloads/f", "managed": false, "container_cluster": { "href": CLUSTER } },
            { "href": "/orgs/3/workloads/a", "hostname": "a", "container_cluster": { "href": CLUSTER } },
        ]);
        let found = Found::read(CLUSTER, "[]", &workloads.to_string()).expect("a list");
        assert_eq!(found.count(Kind::Node), 1);
        assert_eq!(found.foreign, 5);
        assert_eq!(found.objects[0].mode, None);
    }
}
