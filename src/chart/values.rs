//! What the chart's values look like, and what is wrong with those of a file.

use crate::{finding::Finding, version::ChartVersion, yaml::Document};

/// The schema of the values.
#[derive(Debug)]
pub struct Schema;

impl Schema {
    /// The shipped one.
    #[must_use]
    pub fn shipped() -> Self {
        Self
    }
}

/// Judges the values of a file.
#[must_use]
pub fn check(
    _document: &Document<'_>,
    _schema: &Schema,
    _is_partial: bool,
    _version: Option<&ChartVersion>,
) -> Vec<Finding> {
    Vec::new()
}
