//! [`Live`]: the release as it runs on the cluster, as Helm tells it, and whether a step may start from there.

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    chart::{MODE_KEY, cluster::ClusterValues},
    files::Files,
    finding::{Finding, Severity},
    mode::ClusterMode,
    procedure::{Move, Verb},
    rule::Rule,
    verify::{Moment, some_of},
    version::ChartVersion,
    yaml::Document,
};

/// A release on the cluster: its last revision, whether that succeeded or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// The mode that revision was given, by its values or its chart: `legacy` where by neither; nothing where that cannot
    /// be told.
    pub mode: Option<ClusterMode>,
    /// Where that revision failed, the mode of the last one that did not, as far as there is one.
    pub before: Option<ClusterMode>,
    /// The name of its chart.
    pub chart: String,
    /// The version of its chart.
    pub version: String,
    /// How often it was installed, upgraded and rolled back.
    pub revision: u64,
    /// The word of Helm for how the last of these went, such as `deployed`.
    pub status: String,
    /// When that began, by the clock of whoever ran Helm.
    pub deployed: Option<Moment>,
    given: Given,
}

/// The values that a release was given. They hold credentials, so they are not for printing.
#[derive(Clone, PartialEq)]
struct Given(Value);

impl fmt::Debug for Given {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Given(..)")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    chart: String,
    version: String,
    revision: u64,
    status: String,
    #[serde(default)]
    deployed_at: String,
}

/// What Helm prints of a release, all with `-o json`.
#[derive(Clone, Copy)]
pub struct Told<'t> {
    /// `helm get metadata RELEASE`.
    pub metadata: &'t str,
    /// `helm get values RELEASE`: what it was given.
    pub given: &'t str,
    /// `helm get values RELEASE --all`: the same over the values of its chart.
    pub all: &'t str,
}

/// What follows from Helm's word for a release. (`pkg/release/common/status.go` of Helm 4; Helm itself upgrades from
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

/// A step that is to start at a release.
#[derive(Clone, Copy)]
pub struct Start<'s> {
    /// What is asked for.
    pub verb: Verb,
    /// The mode it leads to.
    pub goal: ClusterMode,
    /// Whether the values say that already.
    pub is_said: bool,
    /// The name of the chart.
    pub chart: &'s str,
    /// Its version.
    pub version: &'s ChartVersion,
    /// The values that the release is to be given, but for the mode.
    pub values: &'s Value,
}

impl Live {
    /// Reads what Helm prints; `path` are the keys that lead to the chart's values in those of an umbrella chart.
    ///
    /// # Errors
    ///
    /// In words, why that is not what Helm prints.
    ///
    /// ```
    /// use helm_clas::{ClusterMode, Live, Told};
    ///
    /// let metadata = r#"{"name":"illumio","chart":"illumio","version":"5.1.0","revision":3,"status":"deployed"}"#;
    /// let all = r#"{"clusterMode":"CLAS"}"#;
    /// let live = Live::read(Told { metadata, given: "null", all }, None)?;
    /// assert_eq!((live.mode, live.version.as_str()), (Some(ClusterMode::Clas), "5.1.0"));
    /// # Ok::<(), String>(())
    /// ```
    pub fn read(told: Told<'_>, path: Option<&str>) -> Result<Self, String> {
        let Metadata { chart, version, revision, status, deployed_at } =
            serde_json::from_str(told.metadata).map_err(|error| format!("its metadata: {error}"))?;
        // read as the files are, so that both can be compared
        let given =
            Document::read(mapping(told.given)).map_err(|finding| format!("its values: {}", finding.message))?;
        Ok(Self {
            mode: Self::mode_of(told.all, path)?,
            before: None,
            chart,
            version,
            revision,
            status,
            deployed: Moment::read(&deployed_at),
            given: Given(given.values()),
        })
    }

    /// The mode in what `helm get values RELEASE --all` prints.
    ///
    /// # Errors
    ///
    /// In words, why that is not what Helm prints.
    pub fn mode_of(all: &str, path: Option<&str>) -> Result<Option<ClusterMode>, String> {
        let texts = crate::Texts::new();
        let files = Files::of(&texts, [("helm get values", mapping(all).as_bytes())]);
        let values = ClusterValues::read(&files, &[0], path, &[]);
        values.map(|values| values.mode).map_err(|finding| format!("its values: {}", finding.message))
    }

    /// Whether it runs in a mode, and its last upgrade went well.
    #[must_use]
    pub fn runs_in(&self, mode: ClusterMode) -> bool {
        self.mode == Some(mode) && self.is_sound()
    }

    /// Whether its last upgrade went well.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        matches!(self.standing(), Some(Standing::Sound))
    }

    /// What follows from Helm's word; nothing for one that is not known here.
    fn standing(&self) -> Option<Standing> {
        STATUSES.iter().find(|(word, _)| *word == self.status).map(|(_, standing)| *standing)
    }

    /// What stands against a step that is to start here: a release of another chart, another mode than the step starts
    /// from, another chart version, an upgrade that failed or has not ended, values that the release would lose.
    ///
    /// A release that failed to get to the goal may try again. On the way back only what makes the step impossible is an
    /// error: another chart, another mode, and an upgrade that has not ended.
    ///
    /// ```
    /// use helm_clas::{ClusterMode, Live, Rule, Severity, Start, Told, Verb};
    ///
    /// let metadata = r#"{"chart":"illumio","version":"5.0.0","revision":3,"status":"deployed"}"#;
    /// let live = Live::read(Told { metadata, given: "null", all: "{}" }, None)?;
    /// let findings = live.hindrances(Start {
    ///     verb: Verb::Migrate,
    ///     goal: ClusterMode::MigrateLegacyToClas,
    ///     is_said: false,
    ///     chart: "illumio",
    ///     version: &"5.1.0".parse().unwrap(),
    ///     values: &serde_json::json!({}),
    /// });
    /// assert_eq!((findings[0].rule, findings[0].severity), (Rule::ReleaseDiffers, Severity::Error));
    /// assert_eq!(findings[0].message, "the release runs chart 5.0.0, and the step is one of chart 5.1.0");
    /// # Ok::<(), String>(())
    /// ```
    #[must_use]
    pub fn hindrances(&self, start: Start<'_>) -> Vec<Finding> {
        let Start { verb, goal, chart, version, .. } = start;
        let error = |message: String| Finding::new(Rule::ReleaseDiffers, message);
        let warning = |message: String| error(message).weighing(Severity::Warning);
        let unless_back = |message: String| if verb.is_way_back() { warning(message) } else { error(message) };
        let mut findings = Vec::new();
        if self.chart != chart {
            findings.push(
                error(format!("the release is one of the chart `{}`, not of `{chart}`", self.chart))
                    .help("name the release with --release and -n; `helm list -A` shows all"),
            );
        }
        let is_start = |mode: ClusterMode| verb.applied_to(mode) == Move::Go(goal);
        let is_again = start.is_said
            && self.mode == Some(goal)
            && self.before.is_some_and(|before| before == goal || is_start(before));
        match self.mode {
            Some(mode) if is_again || is_start(mode) => {}
            Some(mode) if mode == goal && !start.is_said => findings.push(
                error(format!("the release runs in `{mode}` already, and the file does not say so"))
                    .help("take the step in the file alone, with --write; `helm history` tells who upgraded it last"),
            ),
            Some(mode) => findings.push(
                error(match self.before {
                    Some(before) if mode == goal => {
                        format!("the release failed to get from `{before}` to `{goal}`, where `{verb}` does not lead from there")
                    }
                    _ => format!("the release runs in `{mode}`, and from there `{verb}` does not lead to `{goal}`"),
                })
                .help("bring the file and the cluster together first; `helm history` tells who upgraded it last"),
            ),
            None => findings.push(
                error("the mode of the release cannot be told".to_owned())
                    .help("look at `clusterMode` among its values: helm get values RELEASE --all"),
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
        let differences = Differences::between(&self.given.0, start.values);
        if !differences.lost.is_empty() {
            findings.push(
                unless_back(format!("the release would lose values that it was given: {}", listed(&differences.lost)))
                    .help("name the file or the --set that they came from; `helm get values` shows them"),
            );
        }
        if !differences.changed.is_empty() {
            findings.push(
                warning(format!("the upgrade changes more than the mode: {}", listed(&differences.changed)))
                    .help("a step that changes the mode alone is easier to judge, and to take back"),
            );
        }
        findings
    }
}

/// A release without values has `null`, which is no mapping. JSON is YAML.
fn mapping(values: &str) -> &str {
    if values.trim() == "null" { "{}" } else { values }
}

/// The first of some keys, in quotes.
fn listed(keys: &[String]) -> String {
    some_of(&keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>())
}

/// The keys of values that a release was given and would not be given again, or not the same. The mode is not among them,
/// and no value is told.
#[derive(Default)]
struct Differences {
    lost: Vec<String>,
    changed: Vec<String>,
}

impl Differences {
    fn between(given: &Value, now: &Value) -> Self {
        let mut found = Self::default();
        found.gather("", given, now);
        found
    }

    fn gather(&mut self, path: &str, given: &Value, now: &Value) {
        match (given, now) {
            (Value::Object(given), Value::Object(now)) => {
                let is_mode = |key: &str| path.is_empty() && key == MODE_KEY;
                let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
                // a blank value takes a default away; without it the default is back, which is no loss
                for (key, value) in given.iter().filter(|(key, value)| !value.is_null() && !is_mode(key)) {
                    match now.get(key) {
                        None | Some(Value::Null) => self.lost.push(below(key)),
                        Some(now) => self.gather(&below(key), value, now),
                    }
                }
                let is_new = |key: &&String| !given.contains_key(*key) && !is_mode(key);
                self.changed.extend(now.keys().filter(is_new).map(|key| below(key)));
            }
            _ if is_same(given, now) => {}
            _ => self.changed.push(path.to_owned()),
        }
    }
}

/// Whether two values are the same to the chart: numbers are floating-point numbers there.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, one)| other.get(key).is_some_and(|other| is_same(one, other)))
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::mode::ClusterMode::{Clas, Legacy, MigrateClasToLegacy, MigrateLegacyToClas};
    use Severity::{Error, Warning};

    fn live(mode: &str, version: &str, status: &str) -> Live {
        let values = format!("{{\"clusterMode\":\"{mode}\"}}");
        let metadata =
            format!("{{\"chart\":\"illumio\",\"version\":\"{version}\",\"revision\":1,\"status\":\"{status}\"}}");
        Live::read(Told { metadata: &metadata, given: &values, all: &values }, None).expect("Helm's words")
    }

    /// The findings of a step that starts at a release, by their first words.
    #[track_caller]
    fn hinders(live: &Live, verb: Verb, goal: ClusterMode, is_said: bool, expected: &[(Severity, &str)]) {
        let version = &"5.1.0".parse().expect("a version");
        let found = live.hindrances(Start { verb, goal, is_said, chart: "illumio", version, values: &json!({}) });
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (found, (severity, words)) in found.iter().zip(expected) {
            assert_eq!(found.severity, *severity, "{found:#?}");
            assert!(found.message.starts_with(words), "{found:#?}");
        }
    }

    #[test]
    fn a_step_starts_where_the_release_is() {
        let check = |mode: &str, verb, goal, expected: &[_]| {
            hinders(&live(mode, "5.1.0", "deployed"), verb, goal, false, expected);
        };
        check("legacy", Verb::Migrate, MigrateLegacyToClas, &[]);
        check("LEGACY", Verb::Migrate, MigrateLegacyToClas, &[]);
        check("clas", Verb::Revert, MigrateClasToLegacy, &[]);
        check("clas", Verb::Migrate, MigrateLegacyToClas, &[(Error, "the release runs in `clas`, and from there `m")]);
        check("legacy", Verb::FinishMigrate, Clas, &[(Error, "the release runs in `legacy`")]);
        check("clas", Verb::FinishMigrate, Clas, &[(Error, "the release runs in `clas` already, and the file does")]);
        check("klas", Verb::FinishMigrate, Clas, &[(Error, "the mode of the release cannot")]);
    }

    #[test]
    fn the_way_back_is_not_closed_by_versions_or_a_failed_upgrade() {
        let both = |severity| [(severity, "the release runs chart 5.0.0"), (severity, "the release is `failed`")];
        hinders(&live("migrateLegacyToClas", "5.0.0", "failed"), Verb::FinishMigrate, Clas, false, &both(Error));
        hinders(&live("migrateClasToLegacy", "5.0.0", "failed"), Verb::FinishRevert, Legacy, false, &both(Warning));
        let busy = [(Error, "the release is `pending-upgrade`")];
        hinders(&live("clas", "5.1.0", "pending-upgrade"), Verb::Revert, MigrateClasToLegacy, false, &busy);
        let renamed = [(Error, "the release is `renamed`")];
        hinders(&live("legacy", "5.1.0", "renamed"), Verb::Migrate, MigrateLegacyToClas, false, &renamed);
    }

    #[test]
    fn a_release_that_failed_to_get_to_the_goal_may_try_again_from_where_it_was() {
        let failed = |before| Live { before, ..live("clas", "5.1.0", "failed") };
        hinders(&failed(Some(MigrateLegacyToClas)), Verb::FinishMigrate, Clas, true, &[]);
        let skipped = [
            (Error, "the release failed to get from `legacy` to `clas`, where `migrate --finish` does not lead"),
            (Error, "the release is `failed`"),
        ];
        hinders(&failed(Some(Legacy)), Verb::FinishMigrate, Clas, true, &skipped);
        assert!(live("clas", "5.1.0", "deployed").runs_in(Clas) && !failed(None).runs_in(Clas));
    }

    #[test]
    fn a_release_of_another_chart_is_not_taken_for_ours() {
        let foreign = Live { chart: "nginx".to_owned(), ..live("legacy", "5.1.0", "deployed") };
        let found = [(Error, "the release is one of the chart `nginx`, not of `illumio`")];
        hinders(&foreign, Verb::Migrate, MigrateLegacyToClas, false, &found);
        hinders(
            &foreign,
            Verb::Revert,
            MigrateClasToLegacy,
            true,
            &[found[0], (Error, "the release runs in `legacy`")],
        );
    }

    #[test]
    fn values_that_would_be_lost_or_changed_are_named_and_not_told() {
        #[track_caller]
        fn check(given: &Value, now: &Value, lost: &[&str], changed: &[&str]) {
            let found = Differences::between(given, now);
            assert_eq!((found.lost, found.changed), (strings(lost), strings(changed)));
        }
        fn strings(words: &[&str]) -> Vec<String> {
            words.iter().map(ToString::to_string).collect()
        }
        check(&json!({"clusterMode": "legacy", "a": 1}), &json!({"a": 1.0}), &[], &[]);
        check(&json!({"a": {"b": 1, "c": [1]}}), &json!({"a": {"c": [1.0, 2]}}), &["a.b"], &["a.c"]);
        check(&json!({"token": "x", "gone": null}), &json!({"more": 1}), &["token"], &["more"]);
        let metadata = r#"{"chart":"illumio","version":"5.1.0","revision":1,"status":"deployed"}"#;
        let given = r#"{"cluster_token":"1_s3cr3t"}"#;
        let live = Live::read(Told { metadata, given, all: given }, None).expect("Helm's words");
        let lost = "the release would lose values that it was given: `cluster_token`";
        hinders(&live, Verb::Migrate, MigrateLegacyToClas, false, &[(Error, lost)]);
        hinders(
            &Live { mode: Some(Clas), ..live.clone() },
            Verb::Revert,
            MigrateClasToLegacy,
            false,
            &[(Warning, lost)],
        );
        assert!(!format!("{live:?}").contains("s3cr3t"));
    }

    #[test]
    fn values_of_an_umbrella_chart_hold_the_mode_below_its_key() {
        let mode = |all: &str, path| Live::mode_of(all, path).expect("Helm's words");
        assert_eq!(mode(r#"{"security":{"clusterMode":"clas"}}"#, Some("security")), Some(Clas));
        assert_eq!(mode("null\n", None), Some(Legacy));
        assert_eq!(mode(r#"{"clusterMode":null}"#, None), None);
    }

    #[test]
    fn what_helm_does_not_print_is_refused() {
        let told = Live::read(Told { metadata: "Error: x", given: "{}", all: "{}" }, None).unwrap_err();
        assert!(told.starts_with("its metadata: "), "{told}");
    }
}
