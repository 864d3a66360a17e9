//! [`Start`]: whether a step may start at a release. It starts at the last sound revision, whatever was tried since.

use serde_json::Value;

use super::{
    Account,
    differences::Differences,
    hinders::{cluster_hinders, stops, values_hinder},
};
use crate::{
    called::Help,
    command_line::Release,
    finding::{Finding, Severity},
    mode::ClusterMode,
    procedure::{Move, Verb},
    version::ChartVersion,
};

/// A step that is to start at a release.
#[derive(Clone, Copy)]
pub struct Start<'s> {
    /// What is asked for.
    pub verb: Verb,
    /// The mode it leads to.
    pub goal: ClusterMode,
    /// Whether the values say that already.
    pub is_said: bool,
    /// What the PCE reports, where it was asked after an attempt that failed.
    pub pce: Option<ClusterMode>,
    /// Where the release is.
    pub release: Release<'s>,
    /// The name of the chart.
    pub chart: &'s str,
    /// Its version.
    pub version: &'s ChartVersion,
    /// The values that the release is to be given, but for the mode.
    pub values: &'s Value,
}

impl Start<'_> {
    /// A finding that only warns on the way back, which is never closed by a version or a failure.
    fn unless_back(&self, finding: Finding) -> Finding {
        let is_warning = self.verb.is_way_back() || finding.severity == Severity::Warning;
        finding.weighing(if is_warning { Severity::Warning } else { Severity::Error })
    }
}

impl Account {
    /// The findings against a step that is to start here: a release of another chart, another mode than the step starts
    /// from, another chart version, an upgrade that failed or has not ended, values that the release would lose.
    ///
    /// A release that failed to get to the goal may try again. On the way back only what makes the step impossible is
    /// an error: another chart, another mode, and an upgrade that has not ended.
    ///
    /// ```
    /// use helm_clas::{ClusterMode, Release, Severity, Verb, account::{Account, History, Start, Told}};
    ///
    /// let mut history = History::read(r#"[{"revision":3,"status":"deployed"}]"#)?;
    /// history.put(3, Some(ClusterMode::Legacy));
    /// let metadata = r#"{"chart":"illumio","version":"5.0.0"}"#;
    /// let account = Account::read(&history, Told { metadata, given: "null" })?;
    /// let findings = account.hindrances(Start {
    ///     verb: Verb::Migrate,
    ///     goal: ClusterMode::MigrateLegacyToClas,
    ///     is_said: false,
    ///     pce: None,
    ///     release: Release::default(),
    ///     chart: "illumio",
    ///     version: &"5.1.0".parse().unwrap(),
    ///     values: &serde_json::json!({}),
    /// });
    /// assert_eq!(findings[0].severity, Severity::Error);
    /// assert_eq!(findings[0].message, "the release runs chart 5.0.0, and the step is for chart 5.1.0");
    /// # Ok::<(), String>(())
    /// ```
    #[must_use]
    pub fn hindrances(&self, start: Start<'_>) -> Vec<Finding> {
        let mut findings = self.hindrances_of_release(start);
        findings.extend(self.hindrances_of_values(start));
        findings
    }

    /// Those that are about the release itself, and not about its values.
    #[must_use]
    pub(crate) fn hindrances_of_release(&self, start: Start<'_>) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.chart_hinders(start.chart).into_iter().collect();
        findings.extend(self.state_hinders(start.release).or_else(|| self.mode_hinders(&start)));
        if self.version != start.version.to_string() {
            let finding =
                stops(format!("the release runs chart {}, and the step is for chart {}", self.version, start.version));
            let help = if self.mode().is_some_and(ClusterMode::is_migrating) {
                "name the version that runs: the software is not upgraded between two modes"
            } else {
                "upgrade the software first, as a change of its own in the present mode, and verify it"
            };
            findings.push(start.unless_back(finding).help(help));
        }
        let is_continued = self.mode() == Some(start.goal);
        let failure = self.failure_hinders(is_continued, start.release);
        findings.extend(failure.map(|finding| start.unless_back(finding)));
        findings
    }

    /// Those that are about its values: what it would lose, or get beside the mode.
    #[must_use]
    pub(crate) fn hindrances_of_values(&self, start: Start<'_>) -> Vec<Finding> {
        let differences = Differences::between(&self.given.0, start.values);
        let findings = values_hinder(&differences, "mode").into_iter();
        cluster_hinders(&differences).into_iter().chain(findings.map(|finding| start.unless_back(finding))).collect()
    }

    /// Whether the step leads from the present mode of the release to its goal.
    fn mode_hinders(&self, start: &Start<'_>) -> Option<Finding> {
        let Start { verb, goal, is_said, pce, .. } = *start;
        if verb == Verb::Revert && pce.is_some_and(|pce| self.turns_back(pce, goal)) {
            return None;
        }
        let stands = if self.sound.is_some() { self.stands_in() } else { self.mode() };
        let is_start = |mode: ClusterMode| verb.applied_to(mode) == Move::Go(goal);
        Some(match stands {
            Some(mode) if is_start(mode) => return None,
            Some(mode) if mode == goal && is_said => return None,
            Some(mode) if mode == goal => {
                stops(format!("the release already runs in `{mode}`, but the file does not set it"))
                    .help("take the step in the file only, with --write; `helm history` shows who upgraded it last")
            }
            Some(mode) if self.is_sound() => {
                stops(format!("the release runs in `{mode}`, and from there `{verb}` does not lead to `{goal}`"))
                    .help("make the file and the cluster agree first; `helm history` shows who upgraded it last")
            }
            Some(mode) => stops(format!(
                "the last upgrade failed, so the release is in `{mode}` (revision {}), and from there `{verb}` does \
                 not lead to `{goal}`",
                self.sound.as_ref().map_or(self.newest.number, |sound| sound.number)
            ))
            .help(Help::naming("finish that upgrade, or undo it; `", " status --live -f FILE` prints the commands")),
            None => stops("the mode of the release is not known".to_owned())
                .help("check `clusterMode` in its values: helm get values RELEASE --all"),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        account::{History, Told},
        mode::ClusterMode::{Clas, Legacy, MigrateClasToLegacy, MigrateLegacyToClas},
    };
    use Severity::{Error, Warning};

    /// A release with these revisions, oldest first, each with its status and mode.
    fn account(version: &str, revisions: &[(&str, Option<ClusterMode>)]) -> Account {
        let numbered = || (1_u64..).zip(revisions);
        let listed: Vec<Value> = numbered()
            .map(|(number, (status, _))| match status.split_once(": ") {
                Some((status, description)) => {
                    json!({ "revision": number, "status": status, "description": description })
                }
                None => json!({ "revision": number, "status": status }),
            })
            .collect();
        let mut history = History::read(&json!(listed).to_string()).expect("Helm's words");
        for (number, (_, mode)) in numbered() {
            history.put(number, *mode);
        }
        let metadata = json!({ "chart": "illumio", "version": version }).to_string();
        Account::read(&history, Told { metadata: &metadata, given: "null" }).expect("Helm's words")
    }

    fn deployed(mode: ClusterMode) -> Account {
        account("5.1.0", &[("deployed", Some(mode))])
    }

    /// The findings of a step that starts at a release, by their first words.
    #[track_caller]
    fn hinders(account: &Account, verb: Verb, goal: ClusterMode, is_said: bool, expected: &[(Severity, &str)]) {
        let (version, values) = (&"5.1.0".parse().expect("a version"), &json!({}));
        let release = Release::default();
        let found =
            account.hindrances(Start { verb, goal, is_said, pce: None, release, chart: "illumio", version, values });
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (found, (severity, words)) in found.iter().zip(expected) {
            assert_eq!(found.severity, *severity, "{found:#?}");
            assert!(found.message.starts_with(words), "{found:#?}");
        }
    }

    #[test]
    fn a_step_starts_where_the_release_is() {
        let check = |mode, verb, goal, expected: &[_]| hinders(&deployed(mode), verb, goal, false, expected);
        check(Legacy, Verb::Migrate, MigrateLegacyToClas, &[]);
        check(Clas, Verb::Revert, MigrateClasToLegacy, &[]);
        check(Clas, Verb::Migrate, MigrateLegacyToClas, &[(Error, "the release runs in `clas`, and from there `m")]);
        check(Legacy, Verb::FinishMigrate, Clas, &[(Error, "the release runs in `legacy`")]);
        check(Clas, Verb::FinishMigrate, Clas, &[(Error, "the release already runs in `clas`, but the file does")]);
        let unknown = account("5.1.0", &[("deployed", None)]);
        hinders(&unknown, Verb::FinishMigrate, Clas, false, &[(Error, "the mode of the release is not")]);
    }

    #[test]
    fn after_a_failure_a_step_starts_at_the_last_sound_revision() {
        // what failed before any pod on the way back must not be finished
        let failed = account("5.1.0", &[("deployed", Some(Clas)), ("failed", Some(MigrateClasToLegacy))]);
        let refused = (Error, "the last upgrade failed, so the release is in `clas` (revision 1), and from there `r");
        let doubtful = (Warning, "the release is `failed`: its last upgrade failed");
        hinders(&failed, Verb::FinishRevert, Legacy, false, &[refused, doubtful]);
        hinders(&failed, Verb::Revert, MigrateClasToLegacy, true, &[]);
        // the file was put back, and the step is taken again
        hinders(&failed, Verb::Revert, MigrateClasToLegacy, false, &[]);
        let failed = account("5.1.0", &[("deployed", Some(Legacy)), ("failed", Some(MigrateLegacyToClas))]);
        hinders(&failed, Verb::Migrate, MigrateLegacyToClas, true, &[]);
        let refused = (Error, "the last upgrade failed, so the release is in `legacy` (revision 1)");
        hinders(&failed, Verb::Revert, MigrateClasToLegacy, false, &[refused, doubtful]);
        let doubtful = (Error, doubtful.1);
        hinders(&failed, Verb::FinishMigrate, Clas, false, &[refused, doubtful]);
        // the goal was reached before, and an upgrade in it failed
        let failed = account(
            "5.1.0",
            &[
                ("superseded", Some(Legacy)),
                ("deployed", Some(MigrateLegacyToClas)),
                ("failed", Some(MigrateLegacyToClas)),
            ],
        );
        hinders(&failed, Verb::Migrate, MigrateLegacyToClas, true, &[]);
        hinders(&failed, Verb::Revert, MigrateClasToLegacy, false, &[(Warning, "the release is `failed`")]);
    }

    #[test]
    fn the_way_back_is_not_closed_by_versions() {
        let words = "the release runs chart 5.0.0";
        let at = |mode| account("5.0.0", &[("deployed", Some(mode))]);
        hinders(&at(MigrateLegacyToClas), Verb::FinishMigrate, Clas, false, &[(Error, words)]);
        hinders(&at(MigrateClasToLegacy), Verb::FinishRevert, Legacy, false, &[(Warning, words)]);
    }

    #[test]
    fn what_has_not_ended_or_is_gone_is_brought_back_first() {
        let history = |status| account("5.1.0", &[("deployed", Some(Legacy)), (status, Some(MigrateLegacyToClas))]);
        let step = |account: &Account| {
            let (version, values) = (&"5.1.0".parse().expect("a version"), &json!({}));
            let start = Start {
                verb: Verb::Migrate,
                goal: MigrateLegacyToClas,
                is_said: true,
                pce: None,
                release: Release::default(),
                chart: "illumio",
                version,
                values,
            };
            let found = account.hindrances(start);
            assert_eq!(found.len(), 1, "{found:#?}");
            (found[0].message.clone(), found[0].help.clone().unwrap_or_default())
        };
        let (message, help) = step(&history("pending-upgrade"));
        assert!(message.starts_with("the release is `pending-upgrade`"), "{message}");
        assert!(help.ends_with("helm rollback illumio 1 -n illumio-system"), "{help}");
        let (message, help) = step(&history("uninstalled"));
        assert!(message.starts_with("the release is `uninstalled`: its objects are deleted"), "{message}");
        assert!(help.ends_with("helm rollback illumio 2 -n illumio-system"), "{help}");
        let (message, help) = step(&history("failed: Rollback \"illumio\" failed: no"));
        assert!(message.starts_with("the release is `failed`: its last rollback failed"), "{message}");
        assert!(help.ends_with("helm rollback illumio 1 -n illumio-system"), "{help}");
        let never = account("5.1.0", &[("failed", Some(Legacy))]);
        assert!(step(&never).0.ends_with("it was never fully installed"));
    }

    #[test]
    fn a_release_of_another_chart_is_not_taken_for_ours() {
        let foreign = Account { chart: "nginx".to_owned(), ..deployed(Legacy) };
        let found = (Error, "the release is one of the chart `nginx`, not of `illumio`");
        hinders(&foreign, Verb::Migrate, MigrateLegacyToClas, false, &[found]);
    }

    #[test]
    fn values_that_would_be_lost_are_named_and_not_shown() {
        let mut account = deployed(Legacy);
        account.given = super::super::Given(json!({ "cluster_token": "1_s3cr3t" }));
        let lost = "the release would lose values that it was given: `cluster_token`";
        hinders(&account, Verb::Migrate, MigrateLegacyToClas, false, &[(Error, lost)]);
        account.newest.mode = Some(Clas);
        account.sound.as_mut().expect("one").mode = Some(Clas);
        hinders(&account, Verb::Revert, MigrateClasToLegacy, false, &[(Warning, lost)]);
    }
}
