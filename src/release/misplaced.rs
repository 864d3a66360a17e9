//! Modes in the values of a release that do not reach the chart: above its keys in an umbrella chart, or below its name in
//! its own values.

use super::{Layer, Release, Says, USUAL, Values};
use crate::{
    chart::MODE_KEY,
    files::Files,
    finding::{Doubt, Finding, Severity},
    mode::ClusterMode,
    rule::Rule,
    yaml::written,
};

impl Release<'_> {
    /// Each mode of its layers that does not reach the chart. Where nothing sets one that does, it is not known which one
    /// was meant. (Observed with Helm 3.17, 4.1 and 4.3)
    pub(super) fn misplaced(&self, files: &Files<'_>, is_said: bool) -> Vec<Finding> {
        const ABOVE: [&[&str]; 2] = [&[MODE_KEY], &["global", MODE_KEY]];
        const OWN: [&[&str]; 1] = [&[USUAL, MODE_KEY]];
        let places = match (&self.umbrella, self.is_own_chart) {
            // of values files alone it is a mention, as it may be the mode of another chart
            (Some(_), _) if self.is_of_manifest() && !self.below.is_empty() => &ABOVE[..],
            (None, true) => &OWN[..],
            _ => return Vec::new(),
        };
        let of_layer = |layer: &Layer<'_>| {
            let found = places.iter().filter_map(|names| match layer.says(names) {
                Says::Is(node) => ClusterMode::named(node.str()?).map(|_| (*names, node)),
                _ => None,
            });
            let is_mapping = matches!(layer.values, Values::Mapping { .. });
            let finding = found.map(|(names, node)| {
                let span = if is_mapping { node.key_span() } else { node.span() };
                let finding = self.does_not_reach(&names[..names.len() - 1]).at(span).in_file(files.name(layer.file));
                if is_said { finding.weighing(Severity::Warning) } else { finding.doubting(Doubt::Elsewhere) }
            });
            finding.collect::<Vec<_>>()
        };
        self.layers.iter().flat_map(of_layer).collect()
    }

    /// That a mode below these keys does not reach the chart.
    pub(crate) fn does_not_reach(&self, above: &[&str]) -> Finding {
        let above = if above.is_empty() { "at the root".to_owned() } else { format!("under `{}`", above.join(".")) };
        let below = written(&self.below);
        let (values, place) = if self.below.is_empty() {
            ("at the root".to_owned(), "to the root".to_owned())
        } else {
            (format!("under `{below}`"), format!("under `{below}`"))
        };
        let message = format!("`{MODE_KEY}` {above} does not reach the chart, whose values are {values}");
        Finding::new(Rule::MisplacedMode, message).help(format!("move it {place}, or remove it"))
    }
}
