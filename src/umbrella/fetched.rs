//! What Helm has fetched: the chart in the folder `charts`, which is the one that is installed, and the exact versions
//! that a lock file has of the ranges in a list.

use super::{CHART, Walk, Way, listed::Listed, range::fits};
use crate::files::Folder;
use crate::{
    chart::MODE_KEY,
    finding::{Doubt, Finding, Severity},
    mode::ClusterMode,
    release::{Pin, Values, mode_of},
    rule::Rule,
    yaml::Node,
};

impl<'s> Walk<'_, 's> {
    /// Takes over what was fetched of a dependency that a way leads to.
    pub(super) fn fetched(&mut self, folder: &Folder, listed: &Listed<'s>, inner: &Folder, way: &mut Way<'s>) {
        let Some(chart) = self.root(inner, CHART) else {
            if let Some(locked) = self.locked(folder, listed) {
                way.pin = Some(locked);
            }
            return;
        };
        let is_beside = listed.beside(folder).as_ref() == Some(inner);
        self.own_default(inner, is_beside, way);
        let Some(version) = chart.get("version").map(Pin::at) else { return };
        let wants = way.pin.as_ref().map(|pin| pin.text.clone()).unwrap_or_default();
        if fits(&wants, &version.text) == Some(false) && (listed.key != listed.name || listed.has_switch()) {
            let file = self.files.name(version.file);
            let message = format!(
                "{file} has version {}, but {wants} is required: Helm installs it without its alias and its condition",
                version.text.escape_debug()
            );
            let finding = Finding::new(Rule::ModeElsewhere, message).help("run `helm dependency update` in its folder");
            let finding = finding.weighing(Severity::Error).doubting(Doubt::Elsewhere);
            way.findings.push(finding.at(version.span.clone()).in_file(file));
        }
        way.pin = Some(Pin { elsewhere: Pin::OF_UMBRELLA, ..version });
    }

    /// Takes over what the chart says of the mode by itself. Where its folder is what Helm fetches it from, that is the
    /// weakest of the values; in the folder `charts` the next fetch replaces it.
    pub(super) fn own_default(&mut self, inner: &Folder, is_beside: bool, way: &mut Way<'s>) {
        let Some(own) = self.own(inner, &way.keys) else { return };
        let file = self.files.name(own.file);
        match &own.values {
            Values::Broken(finding) => {
                let message = format!("{file} has the defaults of the chart, and cannot be read: {}", finding.message);
                let finding = Finding::new(Rule::ModeElsewhere, message).help("repair that file");
                way.no_default.push(finding.doubting(Doubt::Elsewhere).in_file(file));
            }
            Values::Mapping { node: Some(root), .. } => {
                let other = root.get(MODE_KEY).and_then(|mode| self.other_default(mode));
                if other.is_some() && is_beside {
                    way.layers.insert(0, own);
                } else {
                    way.no_default.extend(other);
                }
            }
            _ => {}
        }
    }

    /// That the chart says another mode by itself than the vendor's does.
    fn other_default(&self, mode: Node<'s>) -> Option<Finding> {
        if matches!(mode_of(mode.scalar()), Ok((ClusterMode::Legacy, _))) {
            return None;
        }
        let message = "the fetched chart has another default than `legacy`, and nothing else sets the mode";
        let help = "write the present mode of the cluster into the values, then take the step";
        let finding = Finding::new(Rule::ModeElsewhere, message).help(help).doubting(Doubt::Elsewhere);
        Some(finding.at(mode.span()).in_file(self.files.name(mode.text.file)))
    }

    /// The version that a lock file has of a dependency, where that is in the range that the chart lists.
    fn locked(&mut self, folder: &Folder, listed: &Listed<'s>) -> Option<Pin> {
        let wants = listed.pin().map(|pin| pin.text).unwrap_or_default();
        if semver::Version::parse(&wants).is_ok() {
            return None;
        }
        let lock = ["Chart.lock", "requirements.lock"].into_iter().find_map(|name| self.root(folder, name))?;
        let items = lock.get("dependencies").into_iter().flat_map(Node::items);
        let found = items.into_iter().filter(|item| item.str_at("name") == Some(listed.name));
        let pin = found.into_iter().find_map(|item| item.get("version").map(Pin::at))?;
        (fits(&wants, &pin.text) != Some(false)).then_some(Pin { elsewhere: Pin::OF_UMBRELLA, ..pin })
    }
}
