//! The object that a manifest refers to instead of describing its chart: a HelmChart or an OCIRepository of Flux.

use super::{Chart, place::plain};
use crate::{
    files::{Held, ObjectRef},
    yaml::Node,
};

/// The files of the chart that take the place of its own `values.yaml`. The single one comes before the list, and only the
/// beta versions have it. (Flux documentation, source API v1beta2, `HelmChartSpec`)
pub(in crate::controller) const VALUES_FILE: &str = "chart.spec.valuesFile";
pub(in crate::controller) const VALUES_FILES: &str = "chart.spec.valuesFiles";

impl<'s> Chart<'_, 's> {
    /// The object that names the chart and its version.
    pub(super) fn chart_referred_to(&self) -> Option<ObjectRef> {
        let namespace = self.str("chartRef.namespace").or_else(|| self.root.str_at("metadata.namespace"));
        let namespace = namespace.and_then(plain).map(str::to_owned);
        let kind = self.str("chartRef.kind")?.to_owned();
        let group = match kind.as_str() {
            "OCIRepository" | "HelmChart" => "source.toolkit.fluxcd.io",
            _ => "",
        };
        Some(ObjectRef {
            group: group.to_owned(),
            kind,
            name: self.str("chartRef.name").and_then(plain)?.to_owned(),
            namespace,
        })
    }

    /// The HelmChart that a release refers to, by its name.
    pub(in crate::controller) fn object_named(&self) -> Option<ObjectRef> {
        self.at.get("chartRef").and_then(|_| self.chart_referred_to()).filter(|object| object.kind == "HelmChart")
    }

    /// The same where it was read; nothing where it is not known which one is meant.
    pub(in crate::controller) fn object(&self) -> Option<Node<'s>> {
        match self.files.objects().held(&self.object_named()?)[..] {
            [Held::Written(root)] => Some(root),
            _ => None,
        }
    }

    /// What it says under a path of a release that describes the chart itself. (Flux documentation, HelmRelease, Chart
    /// reference: the two have the same fields)
    pub(super) fn said_of_chart(&self, path: &str) -> Option<Node<'s>> {
        let path = path.strip_prefix("chart.spec.")?;
        self.object()?.get("spec")?.at(path)
    }

    /// Whether a release names files of its chart in place of the chart's own.
    pub(in crate::controller) fn replaces_own(&self) -> bool {
        let is_named = |path: &str| self.get(path).is_some_and(|it| it.length() > 0 || it.str().is_some());
        [VALUES_FILES, VALUES_FILE].into_iter().any(|path| !self.is_ignored(path) && is_named(path))
    }

    /// Whether the version of the object that describes the chart has no such field.
    pub(super) fn is_ignored(&self, path: &str) -> bool {
        let object = || self.object().filter(|_| self.at.at(path).is_none()).unwrap_or(self.root);
        path == VALUES_FILE && !object().str_at("apiVersion").is_some_and(|api| api.contains("beta"))
    }
}
