//! The versions of a step: those that were named, and the one that is beside the values.

use super::{Outcome, Request};
use crate::{
    files::Held,
    files::{Files, ObjectRef},
    finding::{Finding, Severity},
    mode::ClusterMode,
    release::{Release, filled_in_by, inexact_version, unversioned},
    rule::Rule,
    version::{ChartVersion, InexactChartVersion, PceVersion},
};

impl<'s> Request<'_, 's> {
    /// Takes the versions that were named, or that stand beside the values.
    pub(super) fn take_versions(&self, release: Option<&Release<'s>>, outcome: &mut Outcome) {
        // what a digest decides, a version beside it does not say
        let pin = release.filter(|release| release.digest.is_none()).and_then(|release| release.pin.clone());
        let named = self.version.map(str::parse::<ChartVersion>);
        let pinned = pin.as_ref().map(|pin| pin.text.parse::<ChartVersion>());
        if let Some((release, unpinned)) = release.and_then(|release| Some((release, release.without_version()?))) {
            let weight = self.weight_of_pin(matches!(named, Some(Ok(_))));
            outcome.findings.push(self.at_pin(unversioned(release), Some(unpinned)).weighing(weight));
        }
        match (named, pinned) {
            // that is reported already
            (None, None) if release.is_some_and(|release| release.without_version().is_some()) => {}
            // which of several places is meant says the version as well
            (None, None) if outcome.findings.iter().any(|finding| finding.rule == Rule::SeveralPlaces) => {}
            (None, None) => {
                let digest =
                    release.and_then(|release| release.digest.as_ref()).map(|pin| self.at_pin(of_digest(), Some(pin)));
                let chart = release.and_then(|release| release.chart.as_ref());
                outcome.findings.push(digest.unwrap_or_else(|| version_missing(chart, self.files)));
            }
            (Some(Err(error)), _) => outcome.findings.push(
                Finding::new(Rule::VersionNotExact, error.to_string())
                    .help(format!("name one exact version, such as --version {}", suggested(&error))),
            ),
            (named, Some(Err(error))) => {
                let help = format!("write the one exact version that runs, such as {}", suggested(&error));
                let finding = inexact_version(error.given()).unwrap_or_else(|| version_missing(None, self.files));
                let finding = if filled_in_by(error.given()).is_some() { finding } else { finding.help(help) };
                // with the version named, the way back stays open
                let named = named.and_then(Result::ok);
                outcome.findings.push(self.at_pin(finding, pin.as_ref()).weighing(self.weight_of_pin(named.is_some())));
                outcome.version = named;
            }
            (Some(Ok(version)), Some(Ok(pinned))) if version != pinned => {
                let message = format!("the values are beside chart {pinned}, but --version is {version}");
                let is_between = release.and_then(|release| release.mode.mode).is_some_and(ClusterMode::is_migrating);
                let help = if is_between {
                    "name the version that runs: the software is not upgraded between two modes"
                } else {
                    "upgrade the software first, as a change of its own; then take the step"
                };
                let finding = Finding::new(Rule::ModeAndVersionTogether, message).help(help);
                outcome.findings.push(self.at_pin(finding, pin.as_ref()).weighing(self.weight_of_pin(true)));
                // the pinned one is what the step runs with
                outcome.version = Some(pinned);
            }
            (Some(Ok(version)), _) | (None, Some(Ok(version))) => outcome.version = Some(version),
        }
        match self.pce_version.map(str::parse::<PceVersion>) {
            None => outcome.findings.push(
                Finding::new(Rule::PceVersionMissing, "no PCE version is given")
                    .help("pass the version that the PCE shows under About: --pce-version 24.2.20"),
            ),
            Some(Ok(version)) => outcome.pce_version = Some(version),
            Some(Err(error)) => outcome.findings.push(
                Finding::new(Rule::PceVersionNotExact, error.to_string())
                    .help("write it as 24.2.20, 23.5.0+A1 or 24.2.20-431"),
            ),
        }
    }

    /// How much a bad version beside the values weighs: it stops the way back only where no other version is known.
    fn weight_of_pin(&self, is_version_known: bool) -> Severity {
        if self.verb.is_way_back() && is_version_known { Severity::Warning } else { Severity::Error }
    }
}

/// That the chart is named by a digest, beside which a version does not count.
fn of_digest() -> Finding {
    let message = "no chart version is given: a digest decides which chart is installed, and does not say its version";
    Finding::new(Rule::VersionMissing, message).help("pass the exact version of that chart: --version 5.1.0")
}

/// That no version is named: where a manifest refers to an object that names one, what came of looking for that.
fn version_missing(chart: Option<&ObjectRef>, files: &Files<'_>) -> Finding {
    let help = "pass the exact version that the release runs: --version 5.1.0";
    let Some(chart) = chart else {
        return Finding::new(Rule::VersionMissing, "no chart version is given").help(help);
    };
    let what = whereabouts(chart, files);
    let message = format!("no chart version is given: the manifest refers to {}, {what}", chart.shown());
    Finding::new(Rule::VersionMissing, message).help(format!("{help}, or the file that holds it: -f MANIFEST -f FILE"))
}

/// Where an object is that names no version, as the rest of a sentence.
fn whereabouts(object: &ObjectRef, files: &Files<'_>) -> String {
    let of = object.namespace.as_deref().map(|namespace| format!(" of namespace `{}`", namespace.escape_debug()));
    let file = |held: &Held<'_>| match held {
        Held::Written(root) => root.text.file,
        Held::Generated(generator) => generator.file(),
    };
    let held = files.objects().held(object);
    let mut names: Vec<&str> = held.iter().map(|held| files.name(file(held))).collect();
    names.dedup();
    match &names[..] {
        [] => format!("and the files of this checkout have none of that name{}", of.unwrap_or_default()),
        [file] => format!("which names none in {file}"),
        several => format!("of which there are several: {}", several.join(", ")),
    }
}

fn suggested(error: &InexactChartVersion) -> String {
    error.suggestion().unwrap_or_else(|| "5.1.0".to_owned())
}
