//! Umbrella charts: where a chart that depends on Illumio's keeps its values, and which version it depends on.

use super::Pin;
use crate::{
    finding::Finding,
    yaml::{Document, Located},
};

/// A chart's dependency on Illumio's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The key below which the values of the dependency stand: its alias, or its name.
    pub key: String,
    /// The version it names, with its place in the `Chart.yaml`.
    pub version: Option<Pin>,
}

/// The dependency on Illumio's chart that a `Chart.yaml` names; nothing where it names none. A dependency is Illumio's
/// if that is its name, or if its repository says so. Helm reads its values below its alias, where it has one.
///
/// ```
/// use helm_clas::place::dependency;
///
/// let chart = "dependencies:\n- name: illumio\n  alias: sec\n  version: 5.1.0\n";
/// let dependency = dependency(chart)?.unwrap();
/// assert_eq!((dependency.key.as_str(), dependency.version.unwrap().text.as_str()), ("sec", "5.1.0"));
/// # Ok::<(), helm_clas::Finding>(())
/// ```
///
/// # Errors
///
/// Those of [`Document::read`].
pub fn dependency(chart: &str) -> Result<Option<Dependency>, Finding> {
    let document = Document::read(chart)?;
    let text = |item: usize, name: &str| document.text_at(["dependencies", &item.to_string(), name]).map(str::to_owned);
    let is_ours = |item: &usize| {
        let repository = text(*item, "repository").unwrap_or_default().to_ascii_lowercase();
        text(*item, "name").as_deref() == Some("illumio") || repository.contains("illumio")
    };
    let Some(item) = (0..document.length_at(["dependencies"])).find(is_ours) else { return Ok(None) };
    let key = text(item, "alias").or_else(|| text(item, "name"));
    let located = document.locate(["dependencies", &item.to_string(), "version"]);
    let version = located.map(|Located { value: span, .. }| {
        let text = document.text()[span.clone()].trim_matches(['"', '\'']).to_owned();
        Pin { text, span: Some(span), file: None }
    });
    Ok(key.map(|key| Dependency { key, version }))
}
