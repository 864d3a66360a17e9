//! [`Account`]: what happened to a release, read from Helm's history once. Everything that is reported about an attempt
//! follows from it: where a step may start, since when pods count, and how to continue.
//!
//! | file | one thing |
//! |---|---|
//! | `history` | a line of Helm's history, and what follows from Helm's word for it |
//! | `start` | whether a step may start at this release |
//! | `software` | whether a software upgrade may, and how to continue after one |
//! | `hinders` | what hinders either |
//! | `differences` | the values that an upgrade would lose or change |
//! | `doubts` | what was not compared with the files |
//! | `unlike` | what no step changes, and is not as the files say: the cluster, the chart |
//! | `template` | whether the pods' templates are those of the step, or those before it |
//! | `way` | the table of the ways on and back: file x release x PCE |
//! | `undo` | a values file put back to what it was before a step |

mod differences;
mod doubts;
mod hinders;
mod history;
mod software;
mod start;
mod template;
mod undo;
mod unlike;
mod way;

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

pub use doubts::Doubts;
pub use history::{Ended, History, Kind as RevisionKind, Revision};
pub use software::Software;
pub use start::Start;
pub use template::{Says, Templates};
pub use undo::{Was, undone};
pub use unlike::{Expected, Unlike};
pub use way::{FileIs, Stands, Trouble, Way, Ways};

use crate::{
    cluster::{ClusterValues, Identity},
    files::Files,
    mode::ClusterMode,
    yaml::{Document, Texts},
};

/// What happened to a release, as far as Helm recorded it.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// The newest revision, whether it ended well or not.
    pub newest: Revision,
    /// The last revision that Helm brought to the cluster completely; often the newest.
    pub sound: Option<Revision>,
    /// What ran before this attempt: the last sound revision of another mode, or another chart version, than the newest.
    pub before: Option<Revision>,
    /// The first revision of this attempt, where it is known what ran before it.
    pub first: Option<Revision>,
    /// Where the newest revision is a rollback: the revision that was given up.
    pub given_up: Option<u64>,
    /// The name of the chart of the newest revision.
    pub chart: String,
    /// The version of that chart.
    pub version: String,
    /// The charts that it brings.
    dependencies: Vec<Dependency>,
    /// Which cluster of which PCE it is, by the values of the newest revision.
    identity: Identity,
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

/// The metadata of a release that the history does not have, as `helm get metadata RELEASE -o json` prints it.
#[derive(Deserialize)]
struct Metadata {
    chart: String,
    version: String,
    /// Those of an umbrella chart that are installed, as its `Chart.yaml` lists them. Helm 3.17 and later print them.
    #[serde(default)]
    dependencies: Vec<Dependency>,
}

/// A chart that another one brings.
#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Dependency {
    name: String,
    /// Or a range of them.
    version: String,
    #[serde(default)]
    alias: String,
}

/// What Helm prints of the newest revision of a release, both with `-o json`.
#[derive(Clone, Copy)]
pub struct Told<'t> {
    /// `helm get metadata RELEASE`.
    pub metadata: &'t str,
    /// `helm get values RELEASE`: what it was given.
    pub given: &'t str,
}

impl Account {
    /// Reads what Helm prints of a release whose history is known.
    ///
    /// # Errors
    ///
    /// In words, why that is not what Helm prints.
    ///
    /// ```
    /// use helm_clas::{ClusterMode, account::{Account, History, Told}};
    ///
    /// let mut history = History::read(r#"[{"revision":3,"status":"deployed"}]"#)?;
    /// history.put(3, Account::values_of(r#"{"clusterMode":"CLAS"}"#, None)?.mode);
    /// let metadata = r#"{"name":"illumio","chart":"illumio","version":"5.1.0"}"#;
    /// let account = Account::read(&history, Told { metadata, given: "null" })?;
    /// assert!(account.runs_in(ClusterMode::Clas));
    /// assert_eq!(account.version, "5.1.0");
    /// # Ok::<(), String>(())
    /// ```
    pub fn read(history: &History, told: Told<'_>) -> Result<Self, String> {
        let Metadata { chart, version, dependencies } =
            serde_json::from_str(told.metadata).map_err(|error| format!("its metadata: {error}"))?;
        // read as the files are, so that both can be compared
        let given =
            Document::read(mapping(told.given)).map_err(|finding| format!("its values: {}", finding.message))?;
        let newest = history.newest().clone();
        let before = history.before().cloned();
        let first = history.first().cloned();
        let given_up = match newest.kind {
            RevisionKind::Rollback(_) => history.tried_before(newest.number).map(|tried| tried.number),
            RevisionKind::Upgrade => None,
        };
        let sound = history.sound().cloned();
        let (given, identity) = (Given(given.values()), Identity::default());
        Ok(Self { newest, sound, before, first, given_up, chart, version, dependencies, identity, given })
    }

    /// The same, where it is known which cluster it is.
    #[must_use]
    pub fn identified(self, identity: Identity) -> Self {
        Self { identity, ..self }
    }

    /// What `helm get values RELEASE --all -o json` prints, as the values of a cluster; `path` are the keys that lead to the
    /// chart's values in those of an umbrella chart.
    ///
    /// # Errors
    ///
    /// In words, why that is not what Helm prints.
    pub fn values_of(all: &str, path: Option<&str>) -> Result<ClusterValues, String> {
        let texts = Texts::new();
        let files = Files::of(&texts, [("helm get values", mapping(all).as_bytes())]);
        ClusterValues::read(&files, &[0], path, &[]).map_err(|finding| format!("its values: {}", finding.message))
    }

    /// The mode of the newest revision, whether it reached the cluster or not.
    #[must_use]
    pub const fn mode(&self) -> Option<ClusterMode> {
        self.newest.mode
    }

    /// The mode the release is in: that of the last sound revision. A step starts there, whatever was tried since.
    #[must_use]
    pub fn stands_in(&self) -> Option<ClusterMode> {
        self.sound.as_ref()?.mode
    }

    /// Whether it runs in a mode, and its last upgrade went well.
    #[must_use]
    pub fn runs_in(&self, mode: ClusterMode) -> bool {
        self.newest.mode == Some(mode) && self.is_sound()
    }

    /// Whether its last upgrade went well.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.newest.is_sound()
    }
}

/// A release without values has `null`, which is not a mapping. JSON is YAML.
fn mapping(values: &str) -> &str {
    if values.trim() == "null" { "{}" } else { values }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ClusterMode::{Clas, Legacy, MigrateLegacyToClas};

    #[test]
    fn values_of_an_umbrella_chart_hold_the_mode_below_its_key() {
        let mode = |all: &str, path| Account::values_of(all, path).expect("Helm's words").mode;
        assert_eq!(mode(r#"{"security":{"clusterMode":"clas"}}"#, Some("security")), Some(Clas));
        assert_eq!(mode("null\n", None), Some(Legacy));
        assert_eq!(mode(r#"{"clusterMode":null}"#, None), None);
    }

    #[test]
    fn what_helm_does_not_print_is_refused() {
        let history = History::read(r#"[{"revision":1,"status":"deployed"}]"#).expect("Helm's words");
        let told = Account::read(&history, Told { metadata: "Error: x", given: "{}" }).unwrap_err();
        assert!(told.starts_with("its metadata: "), "{told}");
    }

    #[test]
    fn an_attempt_begins_behind_the_last_sound_revision_of_another_mode() {
        let listed =
            r#"[{"revision":1,"status":"deployed"},{"revision":2,"status":"failed"},{"revision":3,"status":"failed"}]"#;
        let mut history = History::read(listed).expect("Helm's words");
        history.put(3, Some(MigrateLegacyToClas));
        history.put(2, Some(MigrateLegacyToClas));
        history.put(1, Some(Legacy));
        let told =
            Told { metadata: r#"{"chart":"illumio","version":"5.1.0"}"#, given: r#"{"cluster_token":"1_s3cr3t"}"# };
        let account = Account::read(&history, told).expect("Helm's words");
        assert_eq!(account.before.as_ref().map(|before| before.number), Some(1));
        assert_eq!(account.first.as_ref().map(|first| first.number), Some(2));
        assert_eq!((account.stands_in(), account.is_sound()), (Some(Legacy), false));
        assert!(!format!("{account:?}").contains("s3cr3t"));
    }
}
