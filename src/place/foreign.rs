//! What is no values file of the chart, and would be taken for one whose mode is not said.

use super::Place;
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

/// An object of Kubernetes of a kind that is not known here: nothing in it is a mode.
pub(crate) fn foreign_object(document: &Document<'_>, below: &[String]) -> Option<Finding> {
    let kind = document.text_at(["kind"]).filter(|_| !has_values(document, below))?;
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

/// A manifest of a kind that is known, of other charts.
pub(crate) fn foreign_manifest(document: &Document<'_>) -> Option<Finding> {
    let finding = || {
        Finding::new(Rule::ForeignValues, "the manifest holds no values of Illumio's chart")
            .help("give the file that holds them, or name the place with --path")
            .weighing(Severity::Error)
    };
    Place::may_be_manifest(document).then(finding)
}
