//! Why a mode is not edited where it is decided.

use super::{Release, Says};
use crate::{
    chart::MODE_KEY,
    files::Files,
    finding::{Finding, Severity},
    mode::ClusterMode,
    rule::Rule,
    yaml::Node,
};

impl Release<'_> {
    /// Why no edit of the mode is made where it is decided, or would be, whatever the step is; nothing where an option
    /// decides. A step asks it, and so does what offers one.
    pub(crate) fn without_room(&self, files: &Files<'_>, goal: ClusterMode) -> Option<Finding> {
        if self.mode.option.is_some() {
            return None;
        }
        let file = files.name(self.mode.file);
        let others = || self.fills_that_of_others(files);
        let removed = self.fills_what_is_removed(files).or_else(|| self.fills_what_is_null(files)).or_else(others);
        if removed.is_some() {
            return removed;
        }
        let Some(spot) = &self.mode.spot else { return Some(self.without_values(goal).in_file(file)) };
        if let Some(finding) = self.says_chart_alone(files) {
            return Some(finding);
        }
        if file.contains(".tgz/") {
            let message = "the mode is set in the archive of a chart, which is not edited";
            let help = "first write its mode into the values of the umbrella chart, then take the step there";
            let finding = Finding::new(Rule::UnfaithfulEdit, message).help(help).in_file(file);
            return Some(Finding { span: self.mode.span.clone(), ..finding });
        }
        spot.text.has_room(&spot.path).err().map(|finding| finding.in_file(file))
    }

    /// That the chart itself sets the mode, which every release has that gets this copy of it.
    fn says_chart_alone(&self, files: &Files<'_>) -> Option<Finding> {
        let layer = self.mode.layer.and_then(|number| self.layers.get(number)).filter(|layer| layer.is_of_chart())?;
        // the folder that a controller brings is its own
        let mode = self.mode.mode.filter(|_| self.below.is_empty() && !self.is_of_manifest())?;
        let message = "the mode is set in the chart's own values, which each of its releases has";
        let help = format!("write `clusterMode: {mode}` into the values file of the release, and take the step there");
        let finding = Finding::new(Rule::UnfaithfulEdit, message).help(help).in_file(files.name(layer.file));
        Some(Finding { span: self.mode.span.clone(), ..finding })
    }

    /// That a manifest has no mapping of values into which the mode could be put.
    fn without_values(&self, goal: ClusterMode) -> Finding {
        let message =
            "there are no values here, neither as a mapping nor as text, so there is no place for `clusterMode`";
        let help = format!("write it by hand where the other values are set, with `{goal}` as its value");
        let finding = Finding::new(Rule::UnfaithfulEdit, message).help(help);
        Finding { span: self.at.map(Node::key_span), ..finding }
    }

    /// That a patch would remove a mode again which is written there.
    fn fills_what_is_removed(&self, files: &Files<'_>) -> Option<Finding> {
        let removed = self.removed()?;
        let message = "a patch removes the mode here, so the chart's default counts";
        let help = "write the mode in place of that by hand, first the present one, which is `legacy`";
        let finding = Finding::new(Rule::ModeElsewhere, message).weighing(Severity::Error).help(help);
        Some(finding.at(removed.span.clone()).in_file(files.name(removed.file)))
    }

    /// That there is null in the place of the mapping that a mode would be written into.
    fn fills_what_is_null(&self, files: &Files<'_>) -> Option<Finding> {
        let number = self.mode.layer.filter(|_| self.mode.span.is_none())?;
        let layer = self.layers.get(number)?;
        let names = self.path_to(MODE_KEY);
        let Says::NoRoom(_) = layer.says(&names) else { return None };
        let message = format!("there is no mapping here for `{MODE_KEY}`, so the chart's default counts");
        let help = format!("write `{}` by hand, first the present mode, which is `legacy`", names.join("."));
        let finding = Finding::new(Rule::OutsideDialect, message).help(help).weighing(Severity::Error);
        Some(finding.in_file(files.name(layer.file)))
    }

    /// That a mode would be written into such a layer.
    fn fills_that_of_others(&self, files: &Files<'_>) -> Option<Finding> {
        let number = self.mode.layer.filter(|_| self.mode.span.is_none())?;
        let layer = self.layers.get(number).filter(|layer| self.may_be_for_others(layer))?;
        let file = files.name(layer.file);
        let message = format!("{file} shows no value of Illumio's chart, and other charts may take it, too");
        let help = "write `clusterMode: legacy` into the values of this release by hand, then take the step";
        Some(Finding::new(Rule::ForeignValues, message).weighing(Severity::Error).help(help).in_file(file))
    }
}
