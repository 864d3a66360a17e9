//! [`Pin`]: the chart version of a release, where a file says it.

use std::ops::Range;

use crate::{
    files::{Held, ObjectRef, Objects},
    yaml::Node,
};

/// A chart version that stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pin {
    /// As it is written.
    pub(crate) text: String,
    /// Its bytes in that file.
    pub(crate) span: Range<usize>,
    /// The number of the file.
    pub(crate) file: usize,
    /// The names that lead to it in its text.
    pub(crate) path: Vec<String>,
    /// Whether Helm makes that file of what another one names, so that an edit there is none of the version.
    pub(crate) is_made: bool,
}

impl Pin {
    /// The version that a value is, as it is written where it is no text: an unquoted 5.1 is a number.
    pub(crate) fn at(value: Node<'_>) -> Self {
        let span: Range<usize> = value.span();
        let text = value.str().filter(|text| !text.is_empty()).unwrap_or_else(|| value.source());
        Self { text: text.to_owned(), span, file: value.text.file, path: value.path(), is_made: false }
    }

    /// The version that an object names which is the source of a chart, a tag, or the range that the latest is taken of;
    /// nothing where there are several of its kind, name and namespace.
    pub(crate) fn of_object(objects: &Objects<'_>, object: &ObjectRef) -> Option<Self> {
        let [Held::Written(root)] = objects.held(object)[..] else { return None };
        ["spec.ref.tag", "spec.ref.semver", "spec.version"].into_iter().find_map(|path| root.at(path)).map(Self::at)
    }
}
