//! Another reader of YAML, which knows nothing of ours: what it sees of an edit.

use helm_clas::yaml::Edit;
use serde_yaml::{Mapping, Value};

/// What the witness says.
pub(crate) enum Testimony {
    /// It saw the change that was asked for, and no other.
    Same,
    /// It saw something else, which the text describes.
    Other(String),
    /// It could not read the text: it refuses keys that are given twice, for one.
    None,
}

/// What the witness sees of an edit at a path.
pub(crate) fn testimony(before: &str, after: &str, path: &[&str], edit: Edit<'_>) -> Testimony {
    // it cannot read a byte order mark before a key
    let read = |text: &str| serde_yaml::from_str::<Value>(text.trim_start_matches('\u{feff}'));
    let (Ok(mut expected), Ok(after)) = (read(before), read(after)) else { return Testimony::None };
    let (name, parents) = path.split_last().expect("a path names at least one key");
    let mut mapping = &mut expected;
    for parent in parents {
        let Some(below) = mapping.get_mut(parent) else { return Testimony::None };
        mapping = below;
    }
    if mapping.is_null() && edit != Edit::Remove {
        *mapping = Value::Mapping(Mapping::new());
    }
    if let Some(mapping) = mapping.as_mapping_mut() {
        match edit {
            Edit::Set { value, .. } => mapping.insert(Value::from(*name), Value::from(value)),
            _ => mapping.remove(*name),
        };
    }
    let is_empty = expected.as_mapping().is_some_and(Mapping::is_empty);
    if expected == after || (is_empty && after.is_null()) {
        Testimony::Same
    } else {
        Testimony::Other(format!("{expected:?} was to be, and {after:?} is"))
    }
}
