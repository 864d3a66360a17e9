//! [`Complete`]: the values of one cluster judged together, all files and options of it, before something is done with
//! them.

use super::{Circumstances, values::Judging};
use crate::{
    chart::values,
    files::Files,
    finding::{Finding, Severity},
    overrides::Override,
    release::{Release, Values, help_to_name},
    resolve::{Asked, release_of_values, releases_of_manifest},
    version::ChartVersion,
};

/// The values of one cluster, and what is wrong with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Complete {
    /// What is wrong with them.
    pub findings: Vec<Finding>,
    /// Whether every source of values was read. Otherwise a value that is missing here may stand there.
    pub is_whole: bool,
    /// The chart version beside the values, where it is exact.
    pub version: Option<ChartVersion>,
    /// What people call the manifest that the values stand in, where it is one.
    pub controller: Option<&'static str>,
}

impl Complete {
    /// Judges the values of one cluster: its files, of which later ones override earlier ones, and the options beside
    /// them, which override all; or those of a manifest.
    ///
    /// # Errors
    ///
    /// What keeps the values from being read, or that it is not known which cluster of a manifest is meant.
    ///
    /// ```
    /// use helm_clas::{
    ///     CompatibilityMatrix, Files, Texts,
    ///     chart::values::Schema,
    ///     check::{Circumstances, Complete},
    /// };
    ///
    /// let circumstances = Circumstances {
    ///     version: None,
    ///     pce_version: None,
    ///     matrix: &CompatibilityMatrix::shipped(),
    ///     schema: &Schema::shipped(),
    ///     is_partial: false,
    ///     version_before: None,
    ///     judges_all: true,
    ///     path: None,
    ///     options: &[],
    /// };
    /// let texts = Texts::new();
    /// let files = Files::of(&texts, [("values.yaml", "clusterMode: legacy\n")]);
    /// let complete = Complete::of(&files, &[0], None, &[], &circumstances).unwrap();
    /// assert_eq!(complete.errors().next().unwrap().rule.name(), "missing-value");
    /// ```
    pub fn of(
        files: &Files<'_>,
        given: &[usize],
        path: Option<&str>,
        options: &[Result<Override, Finding>],
        circumstances: &Circumstances<'_>,
    ) -> Result<Self, Vec<Finding>> {
        let manifests = given.iter().map(|number| releases_of_manifest(files, *number));
        let Some(releases) = manifests.into_iter().find(|releases| !releases.is_empty()) else {
            let release = release_of_values(files, given, Asked { path, options })?;
            let layers = Circumstances { is_partial: true, ..*circumstances };
            let mut findings = Judging::for_named(files, &release, &layers).findings();
            findings.extend(missing(&release, circumstances)?);
            return Ok(Self { findings, ..Self::read(&release) });
        };
        let is_meant = |release: &&Release<'_>| path.is_none_or(|path| release.is_called(path));
        let meant: Vec<&Release<'_>> = releases.iter().filter(is_meant).collect();
        let [release] = meant[..] else {
            let finding = Finding::new(crate::Rule::SeveralPlaces, "the file has the values of several clusters");
            return Err(vec![finding.help(help_to_name(&releases, files))]);
        };
        Ok(Self { findings: Judging::for_named(files, release, circumstances).findings(), ..Self::read(release) })
    }

    /// What is known of a release before it is judged.
    fn read(release: &Release<'_>) -> Self {
        Self {
            findings: Vec::new(),
            is_whole: release
                .layers
                .iter()
                .all(|layer| layer.is_own() || matches!(layer.values, Values::Mapping { .. })),
            version: release.pin.as_ref().and_then(|pin| pin.text.parse().ok()),
            controller: release.id.controller.map(crate::release::Carrier::title),
        }
    }

    /// What must be repaired before the values are used.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error)
    }
}

/// What is missing in all files and options together.
pub(super) fn missing(release: &Release<'_>, circumstances: &Circumstances<'_>) -> Result<Vec<Finding>, Vec<Finding>> {
    let together = release.together().map_err(|finding| vec![finding])?;
    let none = serde_json::Value::Null;
    let ours = release.below.iter().try_fold(&together, |value, name| value.get(name)).unwrap_or(&none);
    Ok(values::missing(ours, circumstances.schema).into_iter().map(|(_, finding)| finding).collect())
}
