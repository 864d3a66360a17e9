//! [`Live`]: the release as it runs on the cluster, as Helm tells it, and whether a step may start from there.

use serde::Deserialize;

use crate::{
    chart::cluster::ClusterValues,
    finding::{Finding, Severity},
    mode::ClusterMode,
    procedure::{Move, Verb},
    rule::Rule,
    step::Source,
    version::ChartVersion,
};

/// A release on the cluster: its last revision, whether that succeeded or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// The mode it was given: `legacy` where it was given none, which is the chart's default; nothing where that cannot be
    /// told.
    pub mode: Option<ClusterMode>,
    /// The name of its chart.
    pub chart: String,
    /// The version of its chart.
    pub version: String,
    /// How often it was installed, upgraded and rolled back.
    pub revision: u64,
    /// The word of Helm for how the last of these went, such as `deployed`.
    pub status: String,
}

#[derive(Deserialize)]
struct Metadata {
    chart: String,
    version: String,
    revision: u64,
    status: String,
}

/// What follows from Helm's word for a release. (`pkg/release/v1/status.go` of Helm 4.1; Helm itself upgrades from
/// `deployed` and `failed`, and refuses while something is pending.)
const STATUSES: [(&str, Standing); 8] = [
    ("deployed", Standing::Sound),
    ("failed", Standing::Doubtful("its last upgrade failed, so what runs may be older than its values")),
    ("superseded", Standing::Doubtful("its last revision is marked as replaced")),
    ("unknown", Standing::Doubtful("Helm does not know how its last upgrade went")),
    ("pending-install", Standing::Busy),
    ("pending-upgrade", Standing::Busy),
    ("pending-rollback", Standing::Busy),
    ("uninstalling", Standing::Busy),
];

#[derive(Clone, Copy)]
enum Standing {
    Sound,
    Doubtful(&'static str),
    Busy,
}

impl Live {
    /// Reads what `helm get values RELEASE -o json` and `helm get metadata RELEASE -o json` print; `path` are the keys
    /// that lead to the chart's values in those of an umbrella chart. Of the values nothing is kept but the mode.
    ///
    /// # Errors
    ///
    /// In words, why one of them is not what Helm prints.
    ///
    /// ```
    /// use helm_clas::{ClusterMode, Live};
    ///
    /// let metadata = r#"{"name":"illumio","chart":"illumio","version":"5.1.0","revision":3,"status":"deployed"}"#;
    /// let live = Live::read(r#"{"clusterMode":"CLAS"}"#, metadata, None)?;
    /// assert_eq!((live.mode, live.version.as_str()), (Some(ClusterMode::Clas), "5.1.0"));
    /// assert_eq!(Live::read("null", metadata, None)?.mode, Some(ClusterMode::Legacy));
    /// # Ok::<(), String>(())
    /// ```
    pub fn read(values: &str, metadata: &str, path: Option<&str>) -> Result<Self, String> {
        let Metadata { chart, version, revision, status } =
            serde_json::from_str(metadata).map_err(|error| format!("its metadata: {error}"))?;
        // JSON is YAML, and a release without values of its own has `null`
        let values = if values.trim() == "null" { "{}" } else { values };
        let source = Source { name: "helm get values", bytes: values.as_bytes() };
        let values =
            ClusterValues::read(&[source], path, &[]).map_err(|finding| format!("its values: {}", finding.message))?;
        Ok(Self { mode: values.mode, chart, version, revision, status })
    }

    /// Whether it runs in a mode, and its last upgrade went well.
    ///
    /// ```
    /// # use helm_clas::{ClusterMode, Live};
    /// # let metadata = r#"{"chart":"illumio","version":"5.1.0","revision":3,"status":"failed"}"#;
    /// let failed = Live::read(r#"{"clusterMode":"clas"}"#, metadata, None)?;
    /// assert!(!failed.runs_in(ClusterMode::Clas));
    /// # Ok::<(), String>(())
    /// ```
    #[must_use]
    pub fn runs_in(&self, mode: ClusterMode) -> bool {
        self.mode == Some(mode) && self.standing().is_some_and(|standing| matches!(standing, Standing::Sound))
    }

    /// What follows from Helm's word; nothing for one that is not known here.
    fn standing(&self) -> Option<Standing> {
        STATUSES.iter().find(|(word, _)| *word == self.status).map(|(_, standing)| *standing)
    }

    /// What stands against bringing this release to `goal` with `verb` and this chart version: another mode than the
    /// step starts from, another chart version, an upgrade that failed or has not ended.
    ///
    /// `is_said` tells that the files say `goal` already: then a release that failed to get there may try again. On the way
    /// back only what makes the step impossible is an error: another mode, and an upgrade that has not ended.
    ///
    /// ```
    /// use helm_clas::{ClusterMode, Live, Rule, Severity, Verb};
    ///
    /// let live = Live {
    ///     mode: Some(ClusterMode::Legacy),
    ///     chart: "illumio".to_owned(),
    ///     version: "5.0.0".to_owned(),
    ///     revision: 3,
    ///     status: "deployed".to_owned(),
    /// };
    /// let findings = live.hindrances(Verb::Migrate, ClusterMode::MigrateLegacyToClas, false, &"5.1.0".parse()?);
    /// assert_eq!((findings[0].rule, findings[0].severity), (Rule::ReleaseDiffers, Severity::Error));
    /// assert_eq!(findings[0].message, "the release runs chart 5.0.0, and the step is one of chart 5.1.0");
    /// # Ok::<(), helm_clas::InexactChartVersion>(())
    /// ```
    #[must_use]
    pub fn hindrances(&self, verb: Verb, goal: ClusterMode, is_said: bool, version: &ChartVersion) -> Vec<Finding> {
        let error = |message: String| Finding::new(Rule::ReleaseDiffers, message);
        let unless_back = |message: String| {
            let severity = if verb.is_way_back() { Severity::Warning } else { Severity::Error };
            error(message).weighing(severity)
        };
        let mut findings = Vec::new();
        let is_again = is_said && self.mode == Some(goal);
        match self.mode {
            Some(mode) if is_again || verb.applied_to(mode) == Move::Go(goal) => {}
            Some(mode) if mode == goal => findings.push(
                error(format!("the release runs in `{mode}` already, and the file does not say so"))
                    .help("take the step in the file alone, with --write; `helm history` tells who upgraded it last"),
            ),
            Some(mode) => findings.push(
                error(format!("the release runs in `{mode}`, and from there `{verb}` does not lead to `{goal}`"))
                    .help("bring the file and the cluster together first; `helm history` tells who upgraded it last"),
            ),
            None => findings.push(
                error("the mode of the release cannot be told".to_owned())
                    .help("look at `clusterMode` among its values: helm get values RELEASE"),
            ),
        }
        if self.version != version.to_string() {
            findings.push(
                unless_back(format!("the release runs chart {}, and the step is one of chart {version}", self.version))
                    .help(
                        "a software upgrade is a change of its own: make it first, in the present mode, and verify it",
                    ),
            );
        }
        match self.standing().unwrap_or(Standing::Doubtful("this word of Helm's is not known here")) {
            Standing::Sound => {}
            Standing::Doubtful(_) if is_again => {}
            Standing::Doubtful(why) => findings.push(
                unless_back(format!("the release is `{}`: {why}", self.status))
                    .help("see that the cluster is sound first: `helm history` tells what happened"),
            ),
            Standing::Busy => findings.push(
                error(format!("the release is `{}`: an operation has not ended", self.status))
                    .help("wait for its end; where nobody is at it any more, `helm rollback` ends it"),
            ),
        }
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mode::ClusterMode::{Clas, Legacy, MigrateClasToLegacy, MigrateLegacyToClas};

    /// The findings for a release, by their first words.
    #[track_caller]
    fn check(mode: &str, version: &str, status: &str, verb: Verb, goal: ClusterMode, expected: &[(Severity, &str)]) {
        let values = format!("{{\"clusterMode\":\"{mode}\"}}");
        let metadata = format!(
            "{{\"name\":\"x\",\"chart\":\"illumio\",\"version\":\"{version}\",\"revision\":1,\"status\":\"{status}\"}}"
        );
        let live = Live::read(&values, &metadata, None).expect("Helm's words");
        let found = live.hindrances(verb, goal, false, &"5.1.0".parse().expect("a version"));
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (found, (severity, words)) in found.iter().zip(expected) {
            assert_eq!(found.severity, *severity, "{found:#?}");
            assert!(found.message.starts_with(words), "{found:#?}");
        }
    }

    #[test]
    fn a_step_starts_where_the_release_is() {
        use Severity::Error;
        check("legacy", "5.1.0", "deployed", Verb::Migrate, MigrateLegacyToClas, &[]);
        check("LEGACY", "5.1.0", "deployed", Verb::Migrate, MigrateLegacyToClas, &[]);
        check("clas", "5.1.0", "deployed", Verb::Revert, MigrateClasToLegacy, &[]);
        let runs_elsewhere = [(Error, "the release runs in `clas`, and from there `migrate`")];
        check("clas", "5.1.0", "deployed", Verb::Migrate, MigrateLegacyToClas, &runs_elsewhere);
        check("legacy", "5.1.0", "deployed", Verb::FinishMigrate, Clas, &[(Error, "the release runs in `legacy`")]);
        check("klas", "5.1.0", "deployed", Verb::FinishMigrate, Clas, &[(Error, "the mode of the release cannot")]);
    }

    #[test]
    fn the_way_back_is_not_closed_by_versions_or_a_failed_upgrade() {
        use Severity::{Error, Warning};
        let both = |severity| [(severity, "the release runs chart 5.0.0"), (severity, "the release is `failed`")];
        check("migrateLegacyToClas", "5.0.0", "failed", Verb::FinishMigrate, Clas, &both(Error));
        check("migrateClasToLegacy", "5.0.0", "failed", Verb::FinishRevert, Legacy, &both(Warning));
        let busy = [(Error, "the release is `pending-upgrade`")];
        check("clas", "5.1.0", "pending-upgrade", Verb::Revert, MigrateClasToLegacy, &busy);
        check("legacy", "5.1.0", "renamed", Verb::Migrate, MigrateLegacyToClas, &[(Error, "the release is `renamed`")]);
    }

    #[test]
    fn a_release_that_is_there_already_may_only_try_again() {
        let of = |status: &str| {
            let metadata = format!(r#"{{"chart":"illumio","version":"5.1.0","revision":1,"status":"{status}"}}"#);
            Live::read(r#"{"clusterMode":"clas"}"#, &metadata, None).expect("Helm's words")
        };
        let version = "5.1.0".parse().expect("a version");
        let found = of("deployed").hindrances(Verb::FinishMigrate, Clas, false, &version);
        assert_eq!(found[0].message, "the release runs in `clas` already, and the file does not say so");
        assert_eq!(of("failed").hindrances(Verb::FinishMigrate, Clas, true, &version), []);
        assert!(of("deployed").runs_in(Clas) && !of("failed").runs_in(Clas) && !of("deployed").runs_in(Legacy));
    }

    #[test]
    fn values_of_an_umbrella_chart_hold_the_mode_below_its_key() {
        let metadata = r#"{"name":"x","chart":"platform","version":"1.0.0","revision":1,"status":"deployed"}"#;
        let mode = |values: &str, path| Live::read(values, metadata, path).expect("Helm's words").mode;
        assert_eq!(mode(r#"{"security":{"clusterMode":"clas"}}"#, Some("security")), Some(Clas));
        assert_eq!(mode("{}\n", None), Some(Legacy));
        assert_eq!(mode(r#"{"clusterMode":null}"#, None), None);
    }

    #[test]
    fn what_helm_does_not_print_is_refused() {
        let told = Live::read("{}", "Error: x", None).unwrap_err();
        assert!(told.starts_with("its metadata: "), "{told}");
    }
}
