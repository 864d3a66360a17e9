//! What is no values file of the chart, and would be taken for one whose mode is not said.

use super::{Place, USUAL};
use crate::{
    chart::TEMPLATE_SCALARS,
    finding::{Finding, Severity},
    rule::Rule,
    yaml::Document,
};

/// Whether a value that the chart alone reads stands below some keys.
pub(crate) fn has_values(document: &Document<'_>, below: &[String]) -> bool {
    let names = document.names_at(below.iter().map(String::as_str));
    names.into_iter().any(|name| TEMPLATE_SCALARS.contains(&name))
}

/// Whether a document is an object of Kubernetes by what stands at its root.
fn is_object(document: &Document<'_>) -> bool {
    document.text_at(["kind"]).and(document.text_at(["apiVersion"])).is_some()
}

/// An object of Kubernetes of a kind that is not known here: nothing in it is a mode, not even where it says one, unless
/// the keys that lead there were named.
pub(crate) fn foreign_object(
    document: &Document<'_>,
    below: &[String],
    place: &Place,
    is_named: bool,
) -> Option<Finding> {
    let is_unsaid = place.span.is_none() && place.findings.is_empty();
    let is_foreign = is_unsaid || !is_named && is_object(document);
    let kind = document.text_at(["kind"]).filter(|_| is_foreign && !has_values(document, below))?;
    let message =
        format!("the file is an object of Kubernetes (`kind: {}`), not values of this chart", kind.escape_debug());
    let help = match kind {
        "Secret" => {
            "`data` of a Secret is base64, which is not edited: keep `clusterMode` in a values file, or in a ConfigMap"
        }
        _ => "give the file that holds the values; of a kind that is not known here, change the mode by hand",
    };
    let finding = Finding::new(Rule::ForeignValues, message).help(help).weighing(Severity::Error);
    Some(finding.at(document.locate(["kind"])?.value))
}

/// Values below `illumio` that are none of the chart's: whether it reads those, or those beside them, cannot be told.
pub(crate) fn foreign_section(document: &Document<'_>, below: &[String]) -> Option<Finding> {
    let section = document.locate([USUAL]).filter(|_| below.is_empty())?;
    let message = format!("whether the mode belongs below `{USUAL}` or beside it cannot be told");
    let finding = Finding::new(Rule::ForeignValues, message).weighing(Severity::Error);
    let help = if document.is_mapping_at([USUAL]) {
        format!("where it is the name of the chart in an umbrella chart, name the place: --path {USUAL}")
    } else {
        format!(
            "values of a chart are a mapping, and `{USUAL}` is none: give the file that the release is upgraded with"
        )
    };
    Some(finding.help(help).at(section.key.unwrap_or(section.value)))
}

/// A manifest of a kind that is known, of other charts.
pub(crate) fn foreign_manifest(document: &Document<'_>) -> Option<Finding> {
    let finding = || {
        Finding::new(Rule::ForeignValues, "the manifest holds no values of Illumio's chart")
            .help("give the file that holds them, or name the place with --path")
            .weighing(Severity::Error)
    };
    Place::may_be_manifest(document).then(finding)
}
