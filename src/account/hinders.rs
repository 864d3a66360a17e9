//! What prevents any upgrade of a release, whatever its purpose: each finding stops it, unless its reader weighs it
//! less.

use super::{
    Account, Ended, RevisionKind, Way,
    differences::{Differences, listed},
};
use crate::{
    command_line::Release,
    finding::{Finding, Severity},
    rule::Rule,
    shell::shell_quoted,
};

/// A finding that stops an upgrade.
pub(super) fn stops(message: String) -> Finding {
    Finding::new(Rule::ReleaseDiffers, message)
}

fn command(way: Way, release: Release<'_>) -> String {
    way.helm(release).map(|words| shell_quoted(&words)).unwrap_or_default()
}

impl Account {
    /// A release of another chart.
    pub(super) fn chart_hinders(&self, chart: &str) -> Option<Finding> {
        (self.chart != chart).then(|| {
            stops(format!("the release is one of the chart `{}`, not of `{chart}`", self.chart))
                .help("name the release with --release and -n; `helm list -A` shows all")
        })
    }

    /// Helm itself refuses to upgrade from here.
    pub(super) fn state_hinders(&self, release: Release<'_>) -> Option<Finding> {
        let status = &self.newest.status;
        match self.newest.ended {
            Ended::Uninstalled => {
                let message =
                    format!("the release is `{status}`: its objects are deleted, and only its history remains");
                let back = command(Way::RollBack(self.newest.number), release);
                Some(stops(message).help(format!("restore it first: {back}")))
            }
            Ended::NotYet => {
                let finding = stops(format!("the release is `{status}`: an operation has not finished"));
                Some(match &self.sound {
                    Some(sound) => finding.help(format!(
                        "wait until it finishes; if it was abandoned, this clears it: {}",
                        command(Way::RollBack(sound.number), release)
                    )),
                    None => finding.help("wait until it finishes; if it was abandoned, uninstall and install again"),
                })
            }
            Ended::Well | Ended::Badly | Ended::Unknown => None,
        }
    }

    /// A failure of another attempt than the one that `is_continued`.
    pub(super) fn failure_hinders(&self, is_continued: bool, release: Release<'_>) -> Option<Finding> {
        let status = &self.newest.status;
        let (why, help) = match (self.newest.ended, self.newest.kind, &self.sound) {
            (Ended::Well | Ended::NotYet | Ended::Uninstalled, ..) => return None,
            (Ended::Badly, RevisionKind::Upgrade, Some(_)) if is_continued => return None,
            (Ended::Badly, RevisionKind::Rollback(_), Some(sound)) => {
                let command = command(Way::RollBack(sound.number), release);
                ("its last rollback failed, so what runs is not known", format!("run it again: {command}"))
            }
            (Ended::Badly, _, Some(sound)) => {
                let command = command(Way::RollBack(sound.number), release);
                let help = format!("`helm history` shows the reason; go back to the last sound revision: {command}");
                ("its last upgrade failed, so what runs may be older than its values", help)
            }
            (Ended::Badly, _, None) => {
                ("it was never fully installed", "install it first; `helm history` shows what happened".to_owned())
            }
            (Ended::Unknown, ..) => (
                "it is not known how its last upgrade ended",
                "check the cluster first: `helm history` shows what happened".to_owned(),
            ),
        };
        Some(stops(format!("the release is `{status}`: {why}")).help(help))
    }
}

/// A release of another cluster, whatever the direction: its PCE knows it under another id.
pub(super) fn cluster_hinders(differences: &Differences) -> Option<Finding> {
    differences.is_of_two_clusters().then(|| {
        stops("the release belongs to another cluster: its `cluster_id` is not the one of the files".to_owned())
            .help("name the files of its cluster, or the release and the kube context of theirs")
    })
}

/// Values that the release would lose, or get beside `what` the upgrade is for. That some are changed warns alone.
pub(super) fn values_hinder(differences: &Differences, what: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !differences.identity.is_empty() && !differences.is_of_two_clusters() {
        let names: Vec<String> = differences.identity.iter().map(ToString::to_string).collect();
        findings.push(stops(format!("the release does not have the values of the files in {}", listed(&names))).help(
            "name the files of its cluster, or the release and the kube context of theirs; if a value was changed \
                 on purpose, bring it to the release first, in the present mode",
        ));
    }
    if !differences.lost.is_empty() {
        let lost = listed(&differences.lost);
        findings.push(
            stops(format!("the release would lose values that it was given: {lost}"))
                .help("name the file or the --set they come from; `helm get values` shows them"),
        );
    }
    if !differences.changed.is_empty() {
        let changed = listed(&differences.changed);
        findings.push(
            stops(format!("the upgrade changes more than the {what}: {changed}"))
                .weighing(Severity::Warning)
                .help(format!("a step that changes the {what} alone is easier to check and to undo")),
        );
    }
    findings
}
