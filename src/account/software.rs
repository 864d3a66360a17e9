//! [`Software`]: whether a software upgrade may start at a release, and how to continue after one. It starts at the
//! last sound revision, in the mode of that.

use serde_json::Value;

use super::{
    Account, FileIs, Trouble, Way, Ways,
    differences::Differences,
    hinders::{cluster_hinders, stops, values_hinder},
    way::Pce,
};
use crate::{
    called::Help, chart::values::Schema, command_line::Release, finding::Finding, mode::ClusterMode,
    version::ChartVersion,
};

/// A software upgrade that is to start at a release.
#[derive(Clone, Copy)]
pub struct Software<'s> {
    /// The mode, which stays.
    pub mode: ClusterMode,
    /// Where the release is.
    pub release: Release<'s>,
    /// The name of the chart.
    pub chart: &'s str,
    /// The version to go to.
    pub version: &'s ChartVersion,
    /// The values that the release is to be given.
    pub values: &'s Value,
}

impl Account {
    /// Whether it runs in a mode with a chart version, and its last upgrade went well.
    #[must_use]
    pub fn runs(&self, mode: ClusterMode, version: &ChartVersion) -> bool {
        self.runs_in(mode) && self.version == version.to_string()
    }

    /// The chart version of the last sound revision, where Helm lists one of this chart.
    #[must_use]
    pub fn stands_at(&self) -> Option<ChartVersion> {
        let listed = self.sound.as_ref()?.chart.strip_prefix(&self.chart)?.strip_prefix('-');
        listed.and_then(|version| version.parse().ok())
    }

    /// The findings against a software upgrade that is to start here: a release of another chart, another mode, a newer
    /// version, an upgrade that failed or has not ended.
    ///
    /// ```
    /// use helm_clas::{ClusterMode, Release, account::{Account, History, Software, Told}};
    ///
    /// let mut history = History::read(r#"[{"revision":3,"status":"deployed","chart":"illumio-5.2.0"}]"#)?;
    /// history.put(3, Some(ClusterMode::Legacy));
    /// let metadata = r#"{"chart":"illumio","version":"5.2.0"}"#;
    /// let account = Account::read(&history, Told { metadata, given: "null" })?;
    /// let findings = account.hindrances_of_software(Software {
    ///     mode: ClusterMode::Legacy,
    ///     release: Release::default(),
    ///     chart: "illumio",
    ///     version: &"5.1.0".parse().unwrap(),
    ///     values: &serde_json::json!({}),
    /// });
    /// assert_eq!(findings[0].message, "the release runs chart 5.2.0, which is newer than 5.1.0");
    /// # Ok::<(), String>(())
    /// ```
    #[must_use]
    pub fn hindrances_of_software(&self, start: Software<'_>) -> Vec<Finding> {
        let Software { mode, release, chart, version, .. } = start;
        let state = self.state_hinders(release);
        let is_stuck = state.is_some();
        let mode_hinders = || self.mode_hinders_software(mode);
        let is_continued = self.mode() == Some(mode) && self.version == version.to_string();
        let findings = self.chart_hinders(chart).into_iter().chain(state);
        let findings = findings.chain(if is_stuck { None } else { mode_hinders() });
        let findings = findings.chain(self.downgrade(version));
        findings.chain(self.failure_hinders(is_continued, release)).collect()
    }

    /// The findings against it in the values: what the release was given and would lose. One that the chart renamed is
    /// not lost where its new name is given.
    #[must_use]
    pub fn hindrances_of_software_values(&self, start: Software<'_>) -> Vec<Finding> {
        let mut differences = Differences::between(&self.given.0, start.values);
        let schema = Schema::shipped();
        let is_given = |name: &str| start.values.get(name).is_some();
        differences.lost.retain(|name| !schema.renamed(name).is_some_and(is_given));
        cluster_hinders(&differences).into_iter().chain(values_hinder(&differences, "version")).collect()
    }

    fn mode_hinders_software(&self, mode: ClusterMode) -> Option<Finding> {
        let stands = if self.sound.is_some() { self.stands_in() } else { self.mode() };
        match stands {
            Some(stands) if stands == mode => None,
            Some(stands) => Some(
                stops(format!("the release is in `{stands}`, and the file has `{mode}`"))
                    .help(Help::naming("bring both together first; `", " status --live -f FILE` prints the commands")),
            ),
            None => Some(
                stops("the mode of the release is not known".to_owned())
                    .help("check `clusterMode` in its values: helm get values RELEASE --all"),
            ),
        }
    }

    /// That the release runs a newer version: to go back to an older one is not documented.
    fn downgrade(&self, version: &ChartVersion) -> Option<Finding> {
        let stands = self.stands_at().filter(|stands| stands > version)?;
        let finding = stops(format!("the release runs chart {stands}, which is newer than {version}"));
        Some(finding.help("name the version that it runs, or a newer one; `helm rollback` undoes a failed upgrade"))
    }

    /// How to continue and how to get back, around a software upgrade of plain values, which changes no file.
    #[must_use]
    pub fn ways_of_software(&self, mode: ClusterMode, version: &ChartVersion, trouble: Trouble) -> Ways {
        let is_there = self.stands_at().map_or(self.version == version.to_string(), |stands| stands == *version);
        let file = match FileIs::seen_from(self.position(None), Some(mode)) {
            FileIs::Same if !is_there => FileIs::Ahead,
            file => file,
        };
        let mut ways = self.row(file, Pce::Silent, trouble);
        ways.back.retain(|way| *way != Way::PutBack);
        if ways.back == [ways.on] {
            ways.back.clear();
        }
        ways
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        account::{History, Told},
        mode::ClusterMode::{Legacy, MigrateLegacyToClas},
    };

    /// A release with these revisions, oldest first, each with its status, chart version and mode.
    fn account(revisions: &[(&str, &str, ClusterMode)], given: &Value) -> Account {
        let numbered = || (1_u64..).zip(revisions);
        let listed: Vec<Value> = numbered()
            .map(|(number, (status, version, _))| {
                json!({ "revision": number, "status": status, "chart": format!("illumio-{version}") })
            })
            .collect();
        let mut history = History::read(&json!(listed).to_string()).expect("Helm's words");
        for (number, (_, _, mode)) in numbered() {
            history.put(number, Some(*mode));
        }
        let version = revisions.last().expect("one").1;
        let metadata = json!({ "chart": "illumio", "version": version }).to_string();
        Account::read(&history, Told { metadata: &metadata, given: &given.to_string() }).expect("Helm's words")
    }

    /// The first words of the findings against an upgrade to 5.1.0 in legacy, how to continue after it, and the ways
    /// back.
    #[track_caller]
    fn check(revisions: &[(&str, &str, ClusterMode)], expected: &[&str], on: Way, back: &[Way]) {
        let account = account(revisions, &json!({}));
        let (version, values) = (&"5.1.0".parse().expect("a version"), &json!({}));
        let (mode, release) = (Legacy, Release::default());
        let found = account.hindrances_of_software(Software { mode, release, chart: "illumio", version, values });
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (found, words) in found.iter().zip(expected) {
            assert!(found.message.starts_with(words), "{found:#?}");
        }
        let ways = account.ways_of_software(Legacy, version, Trouble::None);
        assert_eq!((ways.on, &ways.back[..]), (on, back));
    }

    #[test]
    fn it_starts_at_the_last_sound_revision_in_its_mode() {
        let old = ("deployed", "4.3.0", Legacy);
        check(&[old], &[], Way::Again, &[]);
        check(&[("superseded", "4.3.0", Legacy), ("deployed", "5.1.0", Legacy)], &[], Way::Nothing, &[]);
        check(&[old, ("failed", "5.1.0", Legacy)], &[], Way::Again, &[Way::RollBack(1)]);
        let failed = "the release is `failed`: its last upgrade failed";
        check(&[old, ("failed", "5.2.0", Legacy)], &[failed], Way::Again, &[Way::RollBack(1)]);
        check(&[old, ("failed", "5.1.0", MigrateLegacyToClas)], &[failed], Way::Again, &[Way::RollBack(1)]);
        let pending = "the release is `pending-upgrade`";
        check(&[old, ("pending-upgrade", "5.1.0", Legacy)], &[pending], Way::RollBack(1), &[]);
        let other = "the release is in `migrateLegacyToClas`, and the file has `legacy`";
        check(&[("deployed", "5.1.0", MigrateLegacyToClas)], &[other], Way::WriteFile, &[]);
        check(&[("deployed", "5.2.0", Legacy)], &["the release runs chart 5.2.0"], Way::Again, &[]);
    }

    #[test]
    fn what_the_chart_renamed_is_not_lost_where_its_new_name_is_given() {
        let lost = |given: &Value, values: &Value| {
            let account = account(&[("deployed", "4.3.0", Legacy)], given);
            let version = &"5.1.0".parse().expect("a version");
            let (mode, release) = (Legacy, Release::default());
            account
                .hindrances_of_software_values(Software { mode, release, chart: "illumio", version, values })
                .into_iter()
                .map(|finding| finding.message)
                .collect::<Vec<_>>()
        };
        let changed = "the upgrade changes more than the version: `ignore_cert`";
        assert_eq!(lost(&json!({ "ignoreCert": true }), &json!({ "ignore_cert": true })), [changed]);
        let gone = "the release would lose values that it was given: `ignoreCert`";
        assert_eq!(lost(&json!({ "ignoreCert": true }), &json!({})), [gone]);
    }
}
