//! What the chart's values look like, and what is wrong with those of a file.
//!
//! ```text
//! schemas/values.table.json ---- schema ---> Known: what is known of each value
//!                                            Misfit: how a value does not fit
//! values of a file ------------- schema ---> Setting: each value that the table knows
//!                                               |
//!                  presence: too new, renamed, misspelled, misplaced, missing
//!                                               |
//!                  misfit: a placeholder, of an older chart, of another type or shape, in words
//! ```
//!
//! No message holds a value that may be secret: it says what shape the value has instead.

mod editor;
mod misfit;
mod near;
mod placeholder;
mod presence;
mod schema;
mod setting;

use std::ops::Range;

use serde_json::{Map, Value};

pub use editor::{Values, schema_for_editor};
pub use schema::Schema;

use self::setting::Setting;
use crate::{
    finding::{Change, Finding, Fix},
    rule::Rule,
    version::ChartVersion,
    yaml::{Address, Document, Located},
};

/// Judges the values of a file, or those `below` some keys of it. The mode's own value is not judged here, but with the
/// release that gets it.
///
/// `is_partial` says that mandatory values and secrets may come from elsewhere. Without a version nothing is too new,
/// and what only older charts took counts as wrong.
///
/// ```
/// use helm_clas::{chart::values::{Schema, check}, yaml::Document};
///
/// let document = Document::read("waitForPolicy: true\n")?;
/// let findings = check(&document, &[], &Schema::shipped(), true, None);
/// assert_eq!(findings[0].rule.name(), "scalar-for-map");
/// # Ok::<(), helm_clas::Finding>(())
/// ```
#[must_use]
pub fn check(
    document: &Document<'_>,
    below: &[String],
    schema: &Schema,
    is_partial: bool,
    version: Option<&ChartVersion>,
) -> Vec<Finding> {
    // what is not in the table is judged by its name alone
    let is_known = |name: &str| schema.root().properties.as_ref().is_some_and(|known| known.contains_key(name));
    let values = match document.wanted_at(below.iter().map(String::as_str), is_known) {
        Some(values) => values,
        None if below.is_empty() => Value::Object(Map::new()),
        // what is absent or empty holds no values
        None => return Vec::new(),
    };
    let file = File { document, below, schema, values: &values, version };
    let mut findings = Vec::new();
    if !is_partial {
        findings.extend(file.missing());
        findings.extend(file.metrics_without_secrets());
    }
    for setting in Setting::all(schema, &values) {
        findings.extend(file.presence(&setting));
        findings.extend(file.misspelled(&setting));
        findings.extend(file.not_text(&setting));
        findings.extend(file.misfit(&setting));
    }
    // one image is one mistake, though three values name it
    let is_image = |finding: &Finding| finding.rule == Rule::StaleStorageImage;
    let first = findings.iter().filter(|finding| is_image(finding)).map(start_of).min();
    findings.retain(|finding| !is_image(finding) || Some(start_of(finding)) == first);
    findings
}

/// What is missing in the values that several files add up to, without its place; with the name of the value where it
/// is there but empty.
pub(crate) fn missing(values: &Value, schema: &Schema) -> Vec<(Option<String>, Finding)> {
    let names = schema.root().required.iter().map(String::as_str).chain(["metrics", "influxdb"]);
    let needed: Map<String, Value> =
        names.filter_map(|name| Some((name.to_owned(), values.get(name)?.clone()))).collect();
    let needed = Value::Object(needed);
    let text = needed.to_string();
    let Ok(document) = Document::read(&text) else { return Vec::new() };
    let file = File { document: &document, below: &[], schema, values: &needed, version: None };
    let missing = file.missing().into_iter().chain(file.metrics_without_secrets());
    let name_of = |finding: &Finding| {
        let is_it = |name: &&str| document.locate([*name]).map(|place| place.value) == finding.span;
        finding.span.as_ref().and_then(|_| document.names().map(|(name, _)| name).find(is_it)).map(str::to_owned)
    };
    missing.map(|finding| (name_of(&finding), Finding { span: None, ..finding })).collect()
}

/// A file with its values, and what is known beside it.
struct File<'f> {
    document: &'f Document<'f>,
    /// The keys below which the values are.
    below: &'f [String],
    schema: &'f Schema,
    values: &'f Value,
    version: Option<&'f ChartVersion>,
}

impl File<'_> {
    /// The finding at a place that a path leads to.
    fn at<'p>(
        &'p self,
        finding: Finding,
        path: impl IntoIterator<Item = &'p str>,
        part: impl Fn(Located) -> Range<usize>,
    ) -> Finding {
        match self.locate(path) {
            Some(place) => finding.at(part(place)),
            None => finding,
        }
    }

    fn locate<'p>(&'p self, path: impl IntoIterator<Item = &'p str>) -> Option<Located> {
        self.document.locate(self.below.iter().map(String::as_str).chain(path))
    }

    /// The finding at the key that leads to the values; without a place where they are the whole file.
    fn at_values(&self, finding: Finding) -> Finding {
        if self.below.is_empty() { finding } else { self.at_key(finding, []) }
    }

    /// The finding at a key.
    fn at_key<'p>(&'p self, finding: Finding, path: impl IntoIterator<Item = &'p str>) -> Finding {
        self.at(finding, path, |place| place.key.unwrap_or(place.value))
    }

    /// The finding at a value; at its key, where the value is spread over lines of its own.
    fn at_value(&self, finding: Finding, setting: &Setting<'_>) -> Finding {
        let is_spread = |place: &Located| {
            let written = &self.document.text()[place.value.clone()];
            let is_block = setting.value.is_array() || setting.value.is_object();
            written.contains('\n') || is_block && !written.starts_with(['[', '{'])
        };
        self.at(finding, setting.steps(), |place| match &place.key {
            Some(key) if is_spread(&place) => key.clone(),
            _ => place.value,
        })
    }

    /// The finding with a change that repairs it, where the file has the entry in one place that can be changed.
    fn fixed(&self, finding: Finding, setting: &Setting<'_>, change: Change) -> Finding {
        let path: Vec<&str> = self.below.iter().map(String::as_str).chain(setting.steps()).collect();
        match self.document.find(&path) {
            Ok(Some(_)) => {
                let path = path.into_iter().map(str::to_owned).collect();
                finding.fixed_by(Fix { address: Address::whole(self.document.text(), path), change })
            }
            _ => finding,
        }
    }
}

fn start_of(finding: &Finding) -> Option<usize> {
    finding.span.as_ref().map(|span| span.start)
}

/// Whether there is nothing in a value.
fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// Whether a text is a placeholder that must be replaced by a value: a mandatory one.
pub(crate) fn is_placeholder(text: &str) -> bool {
    placeholder::reason(text, true).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::SECTIONS;

    #[test]
    fn the_sections_are_those_of_the_schema() {
        let schema = Schema::shipped();
        let values = schema.root().properties.iter().flatten();
        let sections: Vec<&str> =
            values.filter(|(_, known)| known.properties.is_some()).map(|(name, _)| name.as_str()).collect();
        assert_eq!(sections, SECTIONS);
    }
}
