//! [`Revision`]: one line of a release's history, and what follows from Helm's word for it.

use serde::Deserialize;

use crate::{mode::ClusterMode, moment::Moment};

/// A revision of a release: an installation, an upgrade or a rollback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Its number.
    pub number: u64,
    /// Helm's word for it, such as `deployed`.
    pub status: String,
    /// How it ended.
    pub ended: Ended,
    /// What it was.
    pub kind: Kind,
    /// Its chart, as Helm lists it: `illumio-5.1.0`.
    pub chart: String,
    /// When it was recorded, by the clock of the machine that ran Helm.
    pub at: Option<Moment>,
    /// The mode it was given, by its values or its chart: `legacy` where by neither; nothing where it is not known.
    pub mode: Option<ClusterMode>,
}

/// How a revision ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Helm brought all of it to the cluster.
    Well,
    /// Helm gave up on the way.
    Badly,
    /// It has not ended, or nothing recorded its end.
    NotYet,
    /// It was removed from the cluster, and its history kept.
    Uninstalled,
    /// Helm does not know, or this crate does not know Helm's word.
    Unknown,
}

/// What a revision was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An installation or an upgrade.
    Upgrade,
    /// A rollback, to this revision where Helm's description says so.
    Rollback(Option<u64>),
}

/// What follows from Helm's word for a revision. (`pkg/release/common/status.go` of Helm 4)
const STATUSES: [(&str, Ended); 9] = [
    ("deployed", Ended::Well),
    // it was deployed before; a revision that failed becomes `superseded` where a rollback fails as well
    ("superseded", Ended::Well),
    ("failed", Ended::Badly),
    ("unknown", Ended::Unknown),
    ("pending-install", Ended::NotYet),
    ("pending-upgrade", Ended::NotYet),
    ("pending-rollback", Ended::NotYet),
    ("uninstalling", Ended::NotYet),
    ("uninstalled", Ended::Uninstalled),
];

/// A revision as `helm history -o json` lists it.
#[derive(Deserialize)]
struct Listed {
    revision: u64,
    status: String,
    #[serde(default)]
    updated: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    chart: String,
}

/// Whether this is the description of a rollback that failed. Helm has the words `Release "illumio" failed: ...` for
/// one whose pods do not get ready, and for a first installation. (`pkg/action/rollback.go`, `install.go`)
fn is_failed_rollback(revision: u64, description: &str) -> bool {
    description.starts_with("Rollback \"") || revision > 1 && description.starts_with("Release \"")
}

impl Revision {
    fn of(listed: Listed) -> Self {
        let Listed { revision, status, updated, description, chart } = listed;
        let known = STATUSES.iter().find(|(word, _)| *word == status).map_or(Ended::Unknown, |(_, ended)| *ended);
        // the description of a failure cannot be set by the user: `Upgrade "illumio" failed: ...`
        let is_failure = ["Upgrade \"", "Rollback \"", "Release \""].iter().any(|start| description.starts_with(start))
            && description.contains("\" failed: ");
        let kind = if let Some(number) = description.strip_prefix("Rollback to ") {
            Kind::Rollback(number.trim().parse().ok())
        } else if is_failed_rollback(revision, &description) || status == "pending-rollback" {
            Kind::Rollback(None)
        } else {
            Kind::Upgrade
        };
        let ended = if known == Ended::Well && is_failure { Ended::Badly } else { known };
        Self { number: revision, status, ended, kind, chart, at: Moment::of_helm(&updated), mode: None }
    }

    /// Whether Helm brought all of it to the cluster.
    #[must_use]
    pub(crate) fn is_sound(&self) -> bool {
        self.ended == Ended::Well
    }

    /// Whether another one was given the same: the mode, and the chart with its version.
    fn is_like(&self, other: &Self) -> bool {
        self.mode == other.mode && self.chart == other.chart
    }
}

/// The history of a release, newest revision first, whose modes are read as far as they decide something.
///
/// ```
/// use helm_clas::{ClusterMode, account::History};
///
/// let listed = r#"[{"revision":6,"status":"deployed"},{"revision":7,"status":"failed"}]"#;
/// let mut history = History::read(listed)?;
/// assert_eq!(history.wanted(), Some(7));
/// history.put(7, Some(ClusterMode::MigrateClasToLegacy));
/// history.put(6, Some(ClusterMode::Clas));
/// assert_eq!(history.wanted(), None);
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug)]
pub struct History {
    revisions: Vec<Revision>,
    read: Vec<u64>,
}

impl History {
    /// Reads what `helm history RELEASE -o json` prints.
    ///
    /// # Errors
    ///
    /// In words, why that is not what Helm prints.
    pub fn read(listed: &str) -> Result<Self, String> {
        let listed: Vec<Listed> = serde_json::from_str(listed).map_err(|error| format!("its history: {error}"))?;
        let mut revisions: Vec<Revision> = listed.into_iter().map(Revision::of).collect();
        revisions.sort_by_key(|revision| std::cmp::Reverse(revision.number));
        if revisions.is_empty() {
            Err("its history is empty".to_owned())
        } else {
            Ok(Self { revisions, read: Vec::new() })
        }
    }

    /// The next revision whose mode decides something: the newest, and those before it, up to the first sound one that
    /// has another mode or another chart version than the newest. Of those that are not sound, the ones that may be of
    /// the same attempt.
    #[must_use]
    pub fn wanted(&self) -> Option<u64> {
        let newest = self.newest();
        let mut is_same_attempt = true;
        for revision in &self.revisions {
            let decides = revision.is_sound() || (is_same_attempt && revision.chart == newest.chart);
            if decides && !self.read.contains(&revision.number) {
                return Some(revision.number);
            }
            is_same_attempt &= revision.is_like(newest);
            if revision.is_sound() && !revision.is_like(newest) {
                break;
            }
        }
        None
    }

    /// Notes the mode of a revision.
    pub fn put(&mut self, number: u64, mode: Option<ClusterMode>) {
        self.read.push(number);
        if let Some(revision) = self.revisions.iter_mut().find(|revision| revision.number == number) {
            revision.mode = mode;
        }
    }

    /// The newest revision.
    pub(super) fn newest(&self) -> &Revision {
        &self.revisions[0]
    }

    /// The last sound revision.
    pub(super) fn sound(&self) -> Option<&Revision> {
        self.revisions.iter().find(|revision| revision.is_sound())
    }

    /// The last sound revision of another mode or another chart version than the newest, older than it.
    pub(super) fn before(&self) -> Option<&Revision> {
        let newest = self.newest();
        self.revisions[1..].iter().find(|revision| revision.is_sound() && !revision.is_like(newest))
    }

    /// The first revision of the newest attempt, where it is known what ran before it: of those behind that, the first
    /// from which on all have the mode and the chart version of the newest.
    pub(super) fn first(&self) -> Option<&Revision> {
        let (newest, before) = (self.newest(), self.before()?);
        let attempt = self.revisions.iter().take_while(|one| one.number > before.number && one.is_like(newest));
        attempt.last()
    }

    /// The newest revision before a number that is not a rollback: what was tried.
    pub(super) fn tried_before(&self, number: u64) -> Option<&Revision> {
        self.revisions.iter().find(|revision| revision.number < number && !revision.is_sound())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: &str, description: &str, ended: Ended, kind: Kind) {
        let listed = serde_json::json!([{ "revision": 2, "status": status, "description": description }]);
        let history = History::read(&listed.to_string()).expect("Helm's words");
        assert_eq!((history.newest().ended, history.newest().kind), (ended, kind), "{status}, {description}");
    }

    #[test]
    fn helms_words_say_how_a_revision_ended() {
        check("deployed", "Upgrade complete", Ended::Well, Kind::Upgrade);
        check("deployed", "change 4711", Ended::Well, Kind::Upgrade);
        check("deployed", "Rollback to 1", Ended::Well, Kind::Rollback(Some(1)));
        check("superseded", "Install complete", Ended::Well, Kind::Upgrade);
        // where a rollback fails, Helm marks the failed upgrade before it as superseded
        check("superseded", "Upgrade \"illumio\" failed: timed out", Ended::Badly, Kind::Upgrade);
        check("failed", "Rollback \"illumio\" failed: no", Ended::Badly, Kind::Rollback(None));
        check("failed", "Release \"illumio\" failed: context deadline exceeded", Ended::Badly, Kind::Rollback(None));
        check("pending-rollback", "Rollback to 1", Ended::NotYet, Kind::Rollback(Some(1)));
        check("pending-upgrade", "Preparing upgrade", Ended::NotYet, Kind::Upgrade);
        check("uninstalled", "Uninstallation complete", Ended::Uninstalled, Kind::Upgrade);
        check("renamed", "", Ended::Unknown, Kind::Upgrade);
    }

    #[test]
    fn only_modes_that_decide_something_are_wanted() {
        use ClusterMode::{Clas, Legacy, MigrateLegacyToClas};
        let listed = r#"[{"revision":1,"status":"superseded"},{"revision":2,"status":"superseded"},
            {"revision":3,"status":"failed"},{"revision":4,"status":"superseded"},{"revision":5,"status":"deployed"}]"#;
        let mut history = History::read(listed).expect("Helm's words");
        let mut asked = Vec::new();
        while let Some(number) = history.wanted() {
            asked.push(number);
            history.put(number, Some(if number > 3 { Clas } else { MigrateLegacyToClas }));
        }
        assert_eq!(asked, [5, 4, 3, 2]);
        assert_eq!(history.before().map(|before| before.number), Some(2));
        assert_eq!(history.first().map(|first| first.number), Some(4));
        let mut history = History::read(listed).expect("Helm's words");
        history.put(5, Some(Legacy));
        assert_eq!(history.wanted(), Some(4));
        history.put(4, Some(Clas));
        // what failed behind a sound revision of another mode is another attempt
        assert_eq!(history.wanted(), None);
        assert!(History::read("[]").is_err() && History::read("null").is_err());
    }

    /// The first revision of the newest attempt: each revision with its status and its mode, oldest first.
    #[track_caller]
    fn first(revisions: &[(&str, ClusterMode)], expected: Option<u64>) {
        let numbered = || (1_u64..).zip(revisions);
        let listed: Vec<_> = numbered()
            .map(|(number, (status, _))| serde_json::json!({ "revision": number, "status": status }))
            .collect();
        let mut history = History::read(&serde_json::json!(listed).to_string()).expect("Helm's words");
        while let Some(number) = history.wanted() {
            let mode = numbered().find(|(other, _)| *other == number).map(|(_, (_, mode))| *mode);
            history.put(number, mode);
        }
        assert_eq!(history.first().map(|first| first.number), expected, "{revisions:?}");
    }

    #[test]
    fn an_attempt_begins_behind_what_another_one_left() {
        use ClusterMode::{Clas, Legacy, MigrateClasToLegacy, MigrateLegacyToClas};
        let between = [("superseded", Legacy), ("superseded", MigrateLegacyToClas)];
        let after = |more: &[(&'static str, ClusterMode)]| [&between[..], more].concat();
        // the way back, behind a step forward that failed
        first(&after(&[("failed", Clas), ("deployed", MigrateClasToLegacy)]), Some(4));
        // the same after it failed once itself
        let again = [("failed", Clas), ("failed", MigrateClasToLegacy), ("deployed", MigrateClasToLegacy)];
        first(&after(&again), Some(4));
        // one step, tried three times
        first(&after(&[("failed", Clas), ("failed", Clas), ("deployed", Clas)]), Some(3));
        // an upgrade in the same mode belongs to it
        first(&after(&[("failed", Clas), ("superseded", Clas), ("failed", Clas)]), Some(3));
        first(&after(&[("failed", Clas), ("failed", MigrateClasToLegacy), ("failed", Clas)]), Some(5));
        first(&[("superseded", Legacy), ("failed", MigrateLegacyToClas), ("deployed", Legacy)], None);
    }
}
