//! [`Pin`]: the chart version of a release, where a file says it.

use std::ops::Range;

use crate::{
    chart::reference,
    files::{Held, ObjectRef, Objects},
    finding::Finding,
    rule::Rule,
    version::ChartVersion,
    yaml::Node,
};

/// A chart version that is written in a file.
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
    /// How else the version is changed, where an edit there is none of the version.
    pub(crate) elsewhere: Option<&'static str>,
}

impl Pin {
    /// How the version of a chart is changed that Helm fetches for another one.
    pub(crate) const OF_UMBRELLA: Option<&'static str> =
        Some("change the version in the umbrella chart's Chart.yaml, and run `helm dependency update`");

    /// The version that a value is, as it is written where it is not text: an unquoted 5.1 is a number.
    pub(crate) fn at(value: Node<'_>) -> Self {
        let span: Range<usize> = value.span();
        let text = value.str().filter(|text| !text.is_empty()).unwrap_or_else(|| value.source());
        Self { text: text.to_owned(), span, file: value.text.file, path: value.path(), elsewhere: None }
    }

    /// The version that an object names which is the source of a chart: the range that the latest is taken of, or a
    /// tag, which that overrides (Flux documentation, `OCIRepository`, `ref`). Nothing where there are several of its
    /// kind, name and namespace.
    pub(crate) fn of_object(objects: &Objects<'_>, object: &ObjectRef) -> Option<Self> {
        let [Held::Written(root)] = objects.held(object)[..] else { return None };
        ["spec.ref.semver", "spec.ref.tag", "spec.version"].into_iter().find_map(|path| root.at(path)).map(Self::at)
    }

    /// The digest that an object names which is the source of a chart. It overrides any version beside it (Flux
    /// documentation, `OCIRepository`, `ref`), and nothing here says which version it is of.
    pub(crate) fn digest_of(objects: &Objects<'_>, object: &ObjectRef) -> Option<Self> {
        let [Held::Written(root)] = objects.held(object)[..] else { return None };
        root.at("spec.ref.digest").filter(|digest| digest.str().is_some_and(|text| !text.is_empty())).map(Self::at)
    }
}

/// The tool that fills in a version; nothing where it is one, or should be.
pub(crate) fn filled_in_by(version: &str) -> Option<&'static str> {
    if version.starts_with("ENC[") {
        return Some("SOPS");
    }
    let rendered = || version.contains("{{").then_some("the tool that renders the file");
    reference::of(version, version).map(|reference| reference.title).or_else(rendered)
}

/// What is wrong with the version beside the values, as it is written; nothing where it is one exact version.
pub(crate) fn inexact_version(version: &str) -> Option<Finding> {
    let error = version.parse::<ChartVersion>().err()?;
    let Some(tool) = filled_in_by(version) else {
        let finding = Finding::new(Rule::VersionNotExact, format!("the version beside the values: {error}"));
        return Some(finding.help("write the one exact version that runs"));
    };
    let message =
        format!("{tool} fills in the version beside the values, `{}`, so it is not known", version.escape_debug());
    Some(Finding::new(Rule::VersionNotExact, message).help("write the one exact version that runs: it is not a secret"))
}
