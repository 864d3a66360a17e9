//! [`Saved`]: what the PCE had, as a file keeps it. (`schemas/enforcement.schema.json`)

use std::{
    collections::{HashMap, HashSet},
    error, fmt,
};

use serde::{Deserialize, Serialize};

use super::{Kind, Mode, Row, Seen, Standing};

/// The modes of a cluster at a moment. It holds no credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Saved {
    schema: Schema,
    /// Host and port of the PCE.
    pub pce: String,
    /// The number of the organisation.
    pub org: String,
    /// The cluster.
    pub cluster: SavedCluster,
    /// When it was saved, in UTC.
    pub saved_at: String,
    /// The profiles and nodes.
    pub objects: Vec<SavedObject>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Schema {
    #[serde(rename = "helm-clas/enforcement-saved/v1")]
    V1,
}

/// A cluster on its PCE.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedCluster {
    /// Its address below `/api/v2`.
    pub href: String,
    /// Its name.
    pub name: Option<String>,
}

/// An object as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedObject {
    /// A profile or a node.
    pub kind: Kind,
    /// The namespace, or the name of the node; nothing for the default profile.
    pub name: Option<String>,
    /// Its address below `/api/v2`.
    pub href: String,
    /// Its mode; nothing where it was not known. Then it is never changed.
    pub mode: Option<Mode>,
    /// Whether `lower` changed it, or was about to, and `restore` did not put it back yet.
    pub lowered: bool,
    /// Who lowered it, as the PCE has it; nothing where `lower` was interrupted before it asked.
    #[serde(rename = "loweredBy", default, skip_serializing_if = "Option::is_none")]
    pub lowered_by: Option<String>,
}

/// A text that is not what was saved.
#[derive(Debug)]
pub enum NotSaved {
    /// It is not such a file at all, or it was changed by hand.
    Unreadable(serde_json::Error),
    /// It has an object twice.
    Twice(String),
}

impl fmt::Display for NotSaved {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => error.fmt(out),
            Self::Twice(href) => write!(out, "`{}` is in it twice", href.escape_debug()),
        }
    }
}

impl error::Error for NotSaved {}

impl Saved {
    /// What there is now.
    #[must_use]
    pub fn of(pce: String, org: String, cluster: SavedCluster, saved_at: String, seen: &[Seen]) -> Self {
        let objects = seen.iter().map(SavedObject::of).collect();
        Self { schema: Schema::V1, pce, org, cluster, saved_at, objects }
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`NotSaved`] where it does not fit the schema in every field.
    pub fn read(text: &str) -> Result<Self, NotSaved> {
        let saved: Self = serde_json::from_str(text).map_err(NotSaved::Unreadable)?;
        let mut hrefs = HashSet::with_capacity(saved.objects.len());
        match saved.objects.iter().find(|object| !hrefs.insert(&object.href)) {
            Some(twice) => Err(NotSaved::Twice(twice.href.clone())),
            None => Ok(saved),
        }
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }

    /// The same with objects that are new on the PCE. What is there stays as it was saved.
    #[must_use]
    pub fn with_new(&self, seen: &[Seen]) -> Self {
        let known: HashSet<&str> = self.objects.iter().map(|object| object.href.as_str()).collect();
        let new = seen.iter().filter(|object| !known.contains(object.href.as_str())).map(SavedObject::of);
        let objects = self.objects.iter().cloned().chain(new).collect();
        Self { objects, ..self.clone() }
    }

    /// The same with these objects marked as lowered.
    #[must_use]
    pub fn with_marks(&self, hrefs: &HashSet<&str>) -> Self {
        let mark = |object: &SavedObject| {
            let lowered = object.lowered || hrefs.contains(object.href.as_str());
            SavedObject { lowered, ..object.clone() }
        };
        Self { objects: self.objects.iter().map(mark).collect(), ..self.clone() }
    }

    /// The same with who lowered what: `sent` are the addresses that the PCE took the mode of, `seen` is what it has since.
    #[must_use]
    pub fn with_who_lowered(&self, sent: &HashSet<String>, seen: &[Seen]) -> Self {
        let is_lowered = |seen: &&Seen| seen.mode == Some(Mode::VisibilityOnly) && sent.contains(&seen.href);
        let lowered: HashMap<&str, &Seen> =
            seen.iter().filter(is_lowered).map(|seen| (seen.href.as_str(), seen)).collect();
        let note = |object: &SavedObject| {
            let seen = lowered.get(object.href.as_str()).filter(|_| object.lowered);
            let lowered_by = seen.map_or_else(|| object.lowered_by.clone(), |seen| seen.changed.by.clone());
            SavedObject { lowered_by, ..object.clone() }
        };
        Self { objects: self.objects.iter().map(note).collect(), ..self.clone() }
    }

    /// The same without the marks of objects that have their saved mode, or that someone else lowered.
    #[must_use]
    pub fn settled(&self, rows: &[Row]) -> Self {
        let is_settled = |row: &&Row| match row.standing {
            Standing::Same => true,
            Standing::Changed => row.now == Some(Mode::VisibilityOnly),
            _ => false,
        };
        let settled: HashSet<&str> = rows.iter().filter(is_settled).map(|row| row.href.as_str()).collect();
        let settle = |object: &SavedObject| {
            let lowered = object.lowered && !settled.contains(object.href.as_str());
            let lowered_by = object.lowered_by.clone().filter(|_| lowered);
            SavedObject { lowered, lowered_by, ..object.clone() }
        };
        Self { objects: self.objects.iter().map(settle).collect(), ..self.clone() }
    }
}

impl SavedObject {
    fn of(seen: &Seen) -> Self {
        let Seen { kind, href, name, mode, .. } = seen.clone();
        Self { kind, name, href, mode, lowered: false, lowered_by: None }
    }
}
