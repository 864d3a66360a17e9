//! [`Merged`]: the values files of one cluster with the options beside them, as Helm merges them.

use serde_json::{Map, Value};

use crate::{
    chart::MODE_KEY,
    finding::Finding,
    overrides::{Decider, Decision, Override, decided_in, effective, file_that_decides},
    yaml::Document,
};

/// The values files of one cluster with the options beside them.
#[derive(Debug)]
pub(crate) struct Merged<'d> {
    /// The files, in order.
    pub(crate) documents: Vec<Document<'d>>,
    /// The keys that lead to the chart's values.
    pub(crate) below: Vec<String>,
    overrides: Vec<Override>,
    files: Vec<Value>,
    /// What they come to; nothing where there is nothing to merge.
    together: Option<Value>,
    decision: Decision,
}

/// What is asked for beside the mode.
const NETWORK_TYPE: &str = "networkType";

impl<'d> Merged<'d> {
    /// Merges.
    ///
    /// # Errors
    ///
    /// A finding where Helm refuses an option.
    pub(crate) fn new(
        documents: Vec<Document<'d>>,
        overrides: Vec<Override>,
        below: Vec<String>,
    ) -> Result<Self, Finding> {
        let path: Vec<&str> = below.iter().map(String::as_str).chain([MODE_KEY]).collect();
        // what one file says without options is proven node by node; of its values only these are asked for
        let is_alone = documents.len() == 1 && overrides.is_empty();
        let values = |document: &Document<'_>| {
            if is_alone { document.values_of(&[path[0], NETWORK_TYPE]) } else { document.values() }
        };
        let files: Vec<Value> = documents.iter().map(values).collect();
        let together = if is_alone { None } else { Some(effective(&files, &overrides)?) };
        let decision = decided_in(together.as_ref().unwrap_or_else(|| &files[0]), &files, &overrides, &path);
        Ok(Self { documents, below, overrides, files, together, decision })
    }

    /// Whether it is one file without options: what is proven of the file holds for the whole.
    pub(crate) const fn is_alone(&self) -> bool {
        self.together.is_none()
    }

    fn values(&self) -> &Value {
        self.together.as_ref().unwrap_or_else(|| &self.files[0])
    }

    /// The keys that lead to the mode.
    pub(crate) fn path(&self) -> Vec<&str> {
        self.path_to(MODE_KEY)
    }

    /// Who decides the mode, and what it is.
    pub(crate) const fn decision(&self) -> &Decision {
        &self.decision
    }

    /// The number of the file that decides the mode, or would without the options; the last, where none does.
    pub(crate) fn deciding_file(&self) -> usize {
        match file_that_decides(&self.files, &self.path()) {
            Decider::File(number) => number,
            _ => self.files.len().saturating_sub(1),
        }
    }

    /// The finding that an option decides the mode.
    pub(crate) fn overridden(&self) -> Option<Finding> {
        self.decision.overridden(&self.overrides, &self.path())
    }

    /// The option that decides the mode, as it may be shown.
    pub(crate) fn deciding_option(&self) -> Option<String> {
        self.decision.option(&self.overrides, &self.path())
    }

    /// The `networkType` beside the mode, where it is text.
    pub(crate) fn network_type(&self) -> Option<&str> {
        self.path_to(NETWORK_TYPE).iter().try_fold(self.values(), |value, key| value.get(key))?.as_str()
    }

    /// Whether there are no values at all.
    pub(crate) fn is_empty(&self) -> bool {
        match &self.together {
            Some(values) => values.as_object().is_some_and(Map::is_empty),
            None => self.documents.iter().all(Document::is_empty),
        }
    }

    /// The same with another text in place of a file's.
    ///
    /// # Errors
    ///
    /// Those of [`Document::read`] and [`Merged::new`].
    pub(crate) fn with<'t>(&self, number: usize, text: &'t str) -> Result<Merged<'t>, Finding>
    where
        'd: 't,
    {
        let document = |(index, document): (usize, &Document<'d>)| {
            Document::read(if index == number { text } else { document.text() })
        };
        let documents = self.documents.iter().enumerate().map(document).collect::<Result<_, _>>()?;
        Merged::new(documents, self.overrides.clone(), self.below.clone())
    }

    /// Whether the values are those of another with this mode, or with none, and otherwise the same.
    pub(crate) fn differs_only_in_mode(&self, other: &Merged<'_>, mode: Option<&str>) -> bool {
        let mut expected = other.values().clone();
        put(&mut expected, &self.path(), mode);
        expected == *self.values()
    }

    fn path_to<'p>(&'p self, name: &'p str) -> Vec<&'p str> {
        self.below.iter().map(String::as_str).chain([name]).collect()
    }
}

/// Puts a text at a path, or takes away what stands there. Keys on the way become mappings where they have nothing.
fn put(values: &mut Value, path: &[&str], text: Option<&str>) {
    let (Some((last, parents)), mut place) = (path.split_last(), values) else { return };
    for key in parents {
        let Some(map) = place.as_object_mut() else { return };
        if map.get(*key).is_none_or(Value::is_null) {
            if text.is_none() {
                return;
            }
            map.insert((*key).to_owned(), Value::Object(Map::new()));
        }
        place = &mut map[*key];
    }
    let Some(map) = place.as_object_mut() else { return };
    match text {
        Some(text) => map.insert((*last).to_owned(), text.into()),
        None => map.remove(*last),
    };
}
