//! [`Unlike`]: what no step changes, and is not in a release what it is in the files: its cluster, its chart.

use std::fmt;

use semver::VersionReq;

use super::{Account, FileIs, Trouble, Way, Ways, differences::listed};
use crate::{
    cluster::{ClusterValues, Identity, OfUmbrella},
    compat::{CompatibilityMatrix, Question},
    finding::Severity,
    mode::ClusterMode,
    open_word::is_filled_in,
    release::USUAL,
    shown::verbatim,
    version::ChartVersion,
};

/// What the files say of a release beside the mode.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    pub(super) identity: Identity,
    /// The one chart version, where one is named.
    version: Option<String>,
    /// The chart versions, where a range of them is named.
    range: Option<VersionReq>,
    /// The chart, as the manifest names it.
    chart: Option<String>,
    /// The umbrella chart that brings it, which has a name and a version of its own.
    pub(super) umbrella: Option<OfUmbrella>,
}

/// A difference that is not one of the mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unlike {
    /// It is a release of this chart, and not of the one that is meant.
    Chart {
        /// Its chart.
        runs: String,
        /// The one that is meant.
        named: String,
    },
    /// It does not have the values of the files under these names.
    Values(Vec<&'static str>),
    /// It runs this chart version.
    Version {
        /// What runs.
        runs: String,
        /// What the files name.
        named: String,
    },
    /// Its chart does not know its mode, in the words of the compatibility matrix.
    TooOld(String),
}

impl Expected {
    /// What these values say; `version` is the one that is named beside them. A manifest brings the one that it pins.
    #[must_use]
    pub fn of(values: &ClusterValues, version: Option<&str>) -> Self {
        let exact = |text: &str| Some(text.parse::<ChartVersion>().ok()?.to_string());
        let umbrella = values.umbrella.clone();
        let pin = values.version.as_deref().filter(|_| values.release.is_some());
        let pin = pin.or_else(|| umbrella.as_ref()?.version.as_deref());
        let version = match pin {
            Some(pin) => exact(pin),
            None => version.and_then(exact),
        };
        let range = pin.filter(|_| version.is_none()).and_then(|pin| VersionReq::parse(pin).ok());
        let (identity, chart) = (values.identity.clone(), values.chart.clone());
        Self { identity, version, range, chart, umbrella }
    }

    /// Whether an umbrella chart brings the release.
    #[must_use]
    pub const fn is_of_umbrella(&self) -> bool {
        self.umbrella.is_some()
    }

    /// The chart that is meant, in words, where one of this name is not it: the one that is named, or where none is, a copy
    /// of it as well. The name of a folder says nothing, and that of an umbrella chart which is not in the checkout is any
    /// but Illumio's.
    pub(super) fn other_than(&self, name: &str) -> Option<String> {
        if let Some(umbrella) = &self.umbrella {
            return match &umbrella.name {
                Some(named) => (named != name).then(|| verbatim(named)),
                None => (name == USUAL).then(|| "an umbrella chart".to_owned()),
            };
        }
        let is_it = match self.chart.as_deref() {
            Some(named) if named.starts_with(['.', '/']) => true,
            Some(named) if !is_filled_in(named) => named.rsplit('/').next() == Some(name),
            _ => name.to_ascii_lowercase().contains(USUAL),
        };
        (!is_it).then(|| format!("`{USUAL}`"))
    }
}

impl fmt::Display for Unlike {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chart { runs, named } => {
                write!(out, "the release is one of the chart {}, not of {named}", verbatim(runs))
            }
            Self::Values(names) => {
                let names: Vec<String> = names.iter().map(ToString::to_string).collect();
                write!(out, "the release does not have the values of the files in {}", listed(&names))
            }
            Self::Version { runs, named } => {
                write!(out, "the release runs chart {}, and the files name chart {named}", verbatim(runs))
            }
            Self::TooOld(words) => write!(out, "the chart of the release does not know its mode: {words}"),
        }
    }
}

impl Unlike {
    /// What to do about it, where the release is in this mode.
    #[must_use]
    pub fn help(&self, mode: Option<ClusterMode>) -> &'static str {
        match self {
            Self::Chart { .. } => "name the release with --release and -n; `helm list -A` shows all",
            Self::Values(_) => {
                "name the files of its cluster, or the release and the kube context of theirs; if a value was changed on \
                 purpose, bring it to the release first, in the present mode"
            }
            Self::Version { .. } if mode.is_some_and(ClusterMode::is_migrating) => {
                "name the version that runs, or restore it: the software is not upgraded between two modes"
            }
            Self::Version { .. } => "upgrade the release to that chart version, in its present mode",
            Self::TooOld(_) => {
                "such a chart ignores the mode, so the cluster is in `legacy`: write that, upgrade the chart, then migrate"
            }
        }
    }
}

impl Account {
    /// What is not as the files say, and no step changes.
    #[must_use]
    pub fn unlike(&self, expected: &Expected) -> Vec<Unlike> {
        let values = expected.identity.unlike(&self.identity);
        let mut found: Vec<Unlike> = (!values.is_empty()).then_some(Unlike::Values(values)).into_iter().collect();
        if let Some(named) = expected.other_than(&self.chart) {
            found.insert(0, Unlike::Chart { runs: self.chart.clone(), named });
            return found;
        }
        let Some(runs) = self.illumio_version(expected) else { return found };
        let other = expected.version.as_ref().filter(|named| *named != runs);
        found.extend(other.map(|named| Unlike::Version { runs: runs.to_owned(), named: named.clone() }));
        let is_beside = |range: &&VersionReq| runs.parse().is_ok_and(|runs| !range.matches(&runs));
        let beside = expected.range.as_ref().filter(is_beside);
        found.extend(beside.map(|range| Unlike::Version { runs: runs.to_owned(), named: range.to_string() }));
        found.extend(self.too_old(runs));
        found
    }

    /// The chart version to which its software is upgraded first, where that is all that differs: the files name a newer
    /// one, and the mode of both is the same and not one between two.
    #[must_use]
    pub fn upgrade_to(&self, expected: &Expected, file: Option<ClusterMode>) -> Option<ChartVersion> {
        let is_settled = self.is_sound() && self.mode() == file && file.is_some_and(|mode| !mode.is_migrating());
        let unlike = self.unlike(expected);
        let [Unlike::Version { runs, named }] = &unlike[..] else { return None };
        let (runs, named): (ChartVersion, ChartVersion) = (runs.parse().ok()?, named.parse().ok()?);
        (is_settled && runs < named).then_some(named)
    }

    /// That its chart does not know its mode.
    fn too_old(&self, runs: &str) -> Option<Unlike> {
        let (mode, chart) = (self.mode()?, runs.parse().ok()?);
        // what only stops a step says nothing of what runs
        let (modes, is_way_back) = ([mode, mode], true);
        let question = Question { chart: Some(&chart), pce: None, modes, is_way_back, network_type: None };
        let mut findings = CompatibilityMatrix::shipped().judge(&question).into_iter();
        let finding = findings.find(|finding| finding.severity == Severity::Error)?;
        Some(Unlike::TooOld(finding.message))
    }

    /// How to continue and how to get back. Where the release is not the one of the files in what no step changes, that
    /// comes first.
    #[must_use]
    pub fn ways_beside(&self, expected: &Expected, (file, pce): (Option<ClusterMode>, Option<ClusterMode>)) -> Ways {
        let ways = self.ways(file, pce, Trouble::None);
        // an upgrade that has not ended well is ended first, whatever version it is of
        if self.upgrade_to(expected, file).is_some() {
            return Ways { file: FileIs::Unlike, on: Way::Upgrade, back: Vec::new(), ..ways };
        }
        let is_first = |unlike: &Unlike| self.is_sound() || !matches!(unlike, Unlike::Version { .. });
        if self.unlike(expected).iter().any(is_first) {
            return Ways { file: FileIs::Unlike, on: Way::Look, back: Vec::new(), ..ways };
        }
        ways
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::account::{History, Told};

    const EAST: &str = "pce_url: pce.example.com:8443\ncluster_id: 5f3e1a52\ncluster_token: 1_a0b1\ncluster_code: c0\n";

    fn values(text: &str) -> ClusterValues {
        let texts = crate::Texts::new();
        let files = crate::Files::of(&texts, [("v.yaml", text)]);
        ClusterValues::read(&files, &[0], None, &[]).expect("the file can be read")
    }

    fn release(chart: &str, version: &str, mode: ClusterMode, given: &str) -> Account {
        let mut history = History::read(r#"[{"revision":1,"status":"deployed"}]"#).expect("Helm's words");
        history.put(1, Some(mode));
        let metadata = json!({ "chart": chart, "version": version }).to_string();
        let account = Account::read(&history, Told { metadata: &metadata, given: "{}" }).expect("Helm's words");
        account.identified(values(given).identity)
    }

    #[track_caller]
    fn check(release: &Account, files: &str, version: Option<&str>, expected: &[&str]) {
        let expects = Expected::of(&values(files), version);
        let found: Vec<String> = release.unlike(&expects).iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
        let ways = release.ways_beside(&expects, (release.mode(), None));
        assert_eq!(ways.is_done(), expected.is_empty(), "{ways:?}");
        assert!(!format!("{expects:?}{release:?}").contains("a0b1"), "no credential is printed");
    }

    #[test]
    fn a_release_of_another_cluster_is_not_the_one_of_the_files() {
        let east = release("illumio", "5.1.0", ClusterMode::Clas, EAST);
        check(&east, EAST, Some("5.1.0"), &[]);
        check(&east, &EAST.replace("5f3e", "5F3E").replace("pce.e", "PCE.e"), None, &[]);
        check(&east, "networkType: overlay\n", None, &[]);
        let named = |name: &str| format!("the release does not have the values of the files in `{name}`");
        for (name, from, to) in [
            ("pce_url", "pce.example", "pce2.example"),
            ("cluster_id", "5f3e", "6f3e"),
            ("cluster_token", "a0b1", "A0B1"),
            ("cluster_code", "c0", "d0"),
        ] {
            check(&east, &EAST.replace(from, to), None, &[&named(name)]);
        }
        let without_id = release("illumio", "5.1.0", ClusterMode::Clas, &EAST.replace("cluster_id", "x"));
        check(&without_id, EAST, None, &[&named("cluster_id")]);
    }

    #[test]
    fn what_is_filled_in_or_elsewhere_is_not_compared() {
        let east = release("illumio", "5.1.0", ClusterMode::Clas, EAST);
        for filled_in in ["ref+vault://a#/b", "ENC[AES256_GCM,data:x]", "ILO_CLUSTER_TOKEN", "${TOKEN}", ""] {
            check(&east, &EAST.replace("1_a0b1", &format!("'{filled_in}'")), None, &[]);
        }
    }

    #[test]
    fn another_chart_and_another_version_are_named() {
        let of = |chart, version| release(chart, version, ClusterMode::Clas, EAST);
        check(&of("nginx", "5.1.0"), EAST, None, &["the release is one of the chart `nginx`, not of `illumio`"]);
        check(&of("illumio-mirror", "5.1.0"), EAST, None, &[]);
        let other = "the release runs chart `5.1.0`, and the files name chart 5.2.0";
        check(&of("illumio", "5.1.0"), EAST, Some("5.2.0"), &[other]);
        check(&of("illumio", "5.1.0"), EAST, Some("5.x"), &[]);
        let ranged = |range: &str| Expected { range: VersionReq::parse(range).ok(), ..Expected::default() };
        assert_eq!(of("illumio", "5.1.0").unlike(&ranged("^5.0")), []);
        assert_eq!(of("illumio", "5.1.0").unlike(&ranged("5.2.x")).len(), 1);
        let named = Expected { chart: Some("oci://quay.io/illumio/illumio".to_owned()), ..Expected::default() };
        assert_eq!(of("illumio", "5.1.0").unlike(&named), []);
        assert_eq!(
            of("illumio-ven", "5.1.0").unlike(&named),
            [Unlike::Chart { runs: "illumio-ven".to_owned(), named: "`illumio`".to_owned() }]
        );
        let legacy = release("illumio", "4.3.0", ClusterMode::Legacy, EAST);
        let expects = Expected::of(&values(EAST), Some("5.1.0"));
        assert_eq!(legacy.ways_beside(&expects, (Some(ClusterMode::Legacy), None)).on, Way::Upgrade);
        let between = release("illumio", "5.0.5", ClusterMode::MigrateLegacyToClas, EAST);
        assert_eq!(between.ways_beside(&expects, (between.mode(), None)).on, Way::Look);
        let old = of("illumio", "4.3.0").unlike(&Expected::default());
        assert!(matches!(&old[..], [Unlike::TooOld(_)]), "{old:?}");
        assert_eq!(release("illumio", "4.3.0", ClusterMode::Legacy, EAST).unlike(&Expected::default()), []);
    }
}
