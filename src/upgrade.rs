//! [`Upgrade`] in, [`Upgraded`] out: the software upgrade, another chart version in the present mode.
//!
//! The procedure puts it before the first step, as a change of its own: the mode stays, and so do all values. Where the
//! version is beside the values it is edited there, with the same proof as a mode; else it is passed to Helm.

mod edited;

use crate::{
    called::Help,
    chart::values::Schema,
    check::{Circumstances, Complete},
    compat::{CompatibilityMatrix, Question},
    files::Files,
    finding::{Finding, Severity},
    mode::ClusterMode,
    overrides::Override,
    release::{Foreign, Id, Reach, Release, filled_in_by, help_to_name, inexact_version},
    resolve::{Asked, release_of_values, releases_of_manifest},
    rule::Rule,
    version::{ChartVersion, PceVersion},
    yaml::Edited,
};

/// What the user asks for.
#[derive(Clone, Copy)]
pub struct Upgrade<'r, 's> {
    /// What was read: the files that were given, and what these name.
    pub files: &'r Files<'s>,
    /// Those that were given, by their numbers.
    pub given: &'r [usize],
    /// The options that set values beside the files, or what is wrong with one.
    pub overrides: &'r [Result<Override, Finding>],
    /// Where the values stand, or the name of the release in a manifest, where that must be said.
    pub path: Option<&'r str>,
    /// The chart version to go to, as given.
    pub version: Option<&'r str>,
    /// The PCE version, as given.
    pub pce_version: Option<&'r str>,
    /// Which versions fit together.
    pub matrix: &'r CompatibilityMatrix,
    /// The rules in spite of which it is made.
    pub allowed: &'r [Rule],
}

/// What came of an [`Upgrade`].
#[derive(Clone, Debug, Default)]
pub struct Upgraded {
    /// The mode, which stays.
    pub mode: Option<ClusterMode>,
    /// The version beside the values, as it is written; nothing where there is none.
    pub from: Option<String>,
    /// The version to go to, if it is exact.
    pub version: Option<ChartVersion>,
    /// The PCE version, if it is exact.
    pub pce_version: Option<PceVersion>,
    /// The number of the file in which the version is, and its bytes there.
    pub pin: Option<(usize, std::ops::Range<usize>)>,
    /// The release that a controller brings, if that is what the first file is for.
    pub release: Option<Id>,
    /// Whom an edit of the version moves, as far as the files that were read say.
    pub reach: Reach,
    /// What there is to do.
    pub kind: Kind,
    /// What is wrong, or worth knowing.
    pub findings: Vec<Finding>,
}

/// What there is to do.
#[derive(Clone, Debug, Default)]
pub enum Kind {
    /// One edit, of the version beside the values.
    Edit(Edited),
    /// There is no version beside the values: the command names it.
    Command,
    /// Nothing, the file says so already.
    Already,
    /// Nothing, and the findings say why.
    #[default]
    Refused,
}

impl Kind {
    /// The word for it in JSON.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Edit(_) => "edit",
            Self::Command => "command",
            Self::Already => "already",
            Self::Refused => "refused",
        }
    }
}

impl Upgraded {
    /// The files as the edit makes them; nothing where there is none.
    #[must_use]
    pub fn applied_to<'s>(&self, files: &Files<'s>) -> Option<Files<'s>> {
        let (Kind::Edit(edited), Some((file, _))) = (&self.kind, &self.pin) else { return None };
        Some(files.with(*file, edited.text.clone()))
    }

    /// Takes over whom else the edit moves, as the checkout says: more than one cluster is refused, unless that is allowed.
    pub fn moves(&mut self, more: Reach, file: &str, allowed: &[Rule]) {
        const HELP: &str =
            "write the version of the cluster that goes first beside its own release, and upgrade one after the other";
        let (Kind::Edit(_), Some((_, span))) = (&self.kind, &self.pin) else { return };
        let span = span.clone();
        self.reach = std::mem::take(&mut self.reach).with(more);
        self.findings.retain(|finding| finding.rule != Rule::SeveralClustersAtOnce);
        let Some(finding) = self.reach.finding(HELP, allowed) else { return };
        if finding.severity == Severity::Error {
            self.kind = Kind::Refused;
        }
        self.findings.push(finding.at(span).in_file(file));
    }
}

impl<'s> Upgrade<'_, 's> {
    /// Judges what the values need for the version, and edits it where it is beside them.
    ///
    /// ```
    /// use helm_clas::{CompatibilityMatrix, Files, Texts, upgrade::{Kind, Upgrade}};
    ///
    /// let texts = Texts::new();
    /// let manifest = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: east}\nspec:\n  \
    ///                 chart: {spec: {chart: illumio, version: 4.3.0}}\n  values: {clusterMode: legacy}\n";
    /// let upgraded = Upgrade {
    ///     files: &Files::of(&texts, [("release.yaml", manifest)]),
    ///     given: &[0],
    ///     overrides: &[],
    ///     path: None,
    ///     version: Some("5.1.0"),
    ///     pce_version: Some("24.2.20"),
    ///     matrix: &CompatibilityMatrix::shipped(),
    ///     allowed: &[],
    /// }
    /// .outcome();
    /// let Kind::Edit(edited) = upgraded.kind else { panic!("{:?}", upgraded.findings) };
    /// assert_eq!(edited.text, manifest.replace("4.3.0", "5.1.0"));
    /// ```
    #[must_use]
    pub fn outcome(&self) -> Upgraded {
        let mut upgraded = Upgraded::default();
        self.take_versions(&mut upgraded);
        match self.release() {
            Ok(release) => self.judge(&release, &mut upgraded),
            Err(findings) => upgraded.findings.extend(findings),
        }
        if upgraded.findings.iter().any(|finding| finding.severity == Severity::Error) {
            upgraded.kind = Kind::Refused;
        }
        upgraded
    }

    fn take_versions(&self, upgraded: &mut Upgraded) {
        match self.version.map(str::parse::<ChartVersion>) {
            None => upgraded.findings.push(
                Finding::new(Rule::VersionMissing, "no chart version is given")
                    .help("name the exact version to upgrade to: --version 5.1.0"),
            ),
            Some(Ok(version)) => upgraded.version = Some(version),
            Some(Err(error)) => {
                let suggested = error.suggestion().unwrap_or_else(|| "5.1.0".to_owned());
                upgraded.findings.push(
                    Finding::new(Rule::VersionNotExact, error.to_string())
                        .help(format!("name one exact version, such as --version {suggested}")),
                );
            }
        }
        match self.pce_version.map(str::parse::<PceVersion>) {
            None => upgraded.findings.push(
                Finding::new(Rule::PceVersionMissing, "no PCE version is given")
                    .help("pass the version that the PCE shows under About: --pce-version 24.2.20"),
            ),
            Some(Ok(version)) => upgraded.pce_version = Some(version),
            Some(Err(error)) => upgraded.findings.push(
                Finding::new(Rule::PceVersionNotExact, error.to_string())
                    .help("write it as 24.2.20, 23.5.0+A1 or 24.2.20-431"),
            ),
        }
    }

    /// The one release that is meant.
    fn release(&self) -> Result<Release<'s>, Vec<Finding>> {
        let manifests = self.given.iter().map(|number| (*number, releases_of_manifest(self.files, *number)));
        let Some((number, releases)) = manifests.into_iter().find(|(_, releases)| !releases.is_empty()) else {
            return release_of_values(self.files, self.given, Asked { path: self.path, options: self.overrides });
        };
        let is_meant = |release: &&Release<'s>| self.path.is_none_or(|path| release.is_called(path));
        let meant: Vec<&Release<'s>> = releases.iter().filter(is_meant).collect();
        if let [release] = meant[..] {
            return Ok(release.clone());
        }
        let finding = Finding::new(Rule::SeveralPlaces, "the file has several releases")
            .help(help_to_name(&releases, self.files));
        Err(vec![finding.in_file(self.files.name(number))])
    }

    fn judge(&self, release: &Release<'s>, upgraded: &mut Upgraded) {
        upgraded.mode = release.mode.mode;
        upgraded.release = release.is_of_manifest().then(|| release.id.clone());
        upgraded.from = release.pin.as_ref().map(|pin| pin.text.clone());
        upgraded.pin = release.pin.as_ref().map(|pin| (pin.file, pin.span.clone()));
        upgraded.findings.extend(self.mode(release));
        let ignored = self.ignored_mode(release);
        let is_ignored = !ignored.is_empty();
        upgraded.findings.extend(ignored);
        upgraded.findings.extend(match &release.foreign {
            Some(Foreign::Doubtful(finding) | Foreign::Object(finding)) => Some(finding.clone()),
            Some(Foreign::Other(finding)) if self.path.is_none() => Some(finding.clone()),
            _ => None,
        });
        upgraded.findings.extend(release.of_two_clusters(self.files));
        let (Some(version), Some(_)) = (upgraded.version.clone(), upgraded.pce_version) else { return };
        if let Some(mode) = upgraded.mode {
            let network_type = release.text("networkType");
            let question = self.question(mode, Some(&version), network_type.as_deref());
            // one finding is enough: the chart that runs is too old for the mode
            let is_said = |finding: &Finding| is_ignored && finding.rule == Rule::ChartTooOld;
            upgraded.findings.extend(self.matrix.judge(&question).into_iter().filter(|finding| !is_said(finding)));
        }
        upgraded.findings.extend(self.values(&version));
        self.take_version(release, &version, upgraded);
    }

    /// What is to be done about the version beside the values.
    fn take_version(&self, release: &Release<'s>, version: &ChartVersion, upgraded: &mut Upgraded) {
        match (&release.pin, &release.digest) {
            (None, _) if release.is_of_manifest() => upgraded.findings.push(
                Finding::new(Rule::VersionMissing, "the manifest has no chart version that this tool can change")
                    .help("write the version where the chart is named, or pass the file that has it with another -f")
                    .in_file(self.files.name(release.file)),
            ),
            (None, _) => upgraded.kind = Kind::Command,
            (Some(_), Some(digest)) => {
                let message = "the digest decides which chart is installed, whatever version is beside it";
                let finding = Finding::new(Rule::VersionNotExact, message)
                    .help("change the digest and the version by hand, or remove the digest");
                upgraded.findings.push(finding.at(digest.span.clone()).in_file(self.files.name(digest.file)));
            }
            (Some(pin), None) if pin.text == version.to_string() => upgraded.kind = Kind::Already,
            (Some(pin), None) if pin.text.parse().is_ok_and(|pinned: ChartVersion| pinned > *version) => {
                let message = format!("chart {} is newer than {version}", pin.text);
                let finding = Finding::new(Rule::WrongStep, message)
                    .help("the procedure does not go to an older version: pass the running one or a newer one");
                upgraded.findings.push(finding.at(pin.span.clone()).in_file(self.files.name(pin.file)));
            }
            (Some(crate::release::Pin { elsewhere: Some(help), span, text, file, .. }), None) => {
                let message = format!("the version of the chart is {}, which is not changed here", text.escape_debug());
                let finding = Finding::new(Rule::VersionNotExact, message).help(*help);
                upgraded.findings.push(finding.at(span.clone()).in_file(self.files.name(*file)));
            }
            // what fills it in decides it, perhaps for several clusters
            (Some(pin), None) if filled_in_by(&pin.text).is_some() => {
                let file = self.files.name(pin.file);
                let findings = inexact_version(&pin.text).into_iter();
                upgraded.findings.extend(findings.map(|finding| finding.at(pin.span.clone()).in_file(file)));
            }
            (Some(pin), None) => match self.edited(release, pin, version) {
                Ok((edited, reach)) => {
                    upgraded.kind = Kind::Edit(edited);
                    upgraded.moves(reach, self.files.name(pin.file), self.allowed);
                }
                Err(finding) => upgraded.findings.push(finding),
            },
        }
    }

    /// What the matrix is asked about a cluster that stays in its mode.
    fn question<'q>(
        &self,
        mode: ClusterMode,
        chart: Option<&'q ChartVersion>,
        network_type: Option<&'q str>,
    ) -> Question<'q> {
        let pce = self.pce_version.and_then(|version| version.parse().ok());
        Question { chart, pce, modes: [mode, mode], is_way_back: false, network_type }
    }

    /// The chart that runs ignores this mode: the new version would apply it for the first time, without a migration.
    fn ignored_mode(&self, release: &Release<'s>) -> Vec<Finding> {
        let (Some(mode), Some(pin), Some(version)) = (release.mode.mode, &release.pin, pinned(release)) else {
            return Vec::new();
        };
        let findings = self.matrix.judge(&self.question(mode, Some(&version), None)).into_iter();
        let stops = |finding: &Finding| finding.rule == Rule::ChartTooOld && finding.severity == Severity::Error;
        let file = self.files.name(pin.file);
        findings
            .filter(|finding| !mode.is_migrating() && stops(finding))
            .map(|finding| finding.at(pin.span.clone()).in_file(file))
            .collect()
    }

    /// The findings against an upgrade in the present mode: that it is not known, or one of those between two.
    fn mode(&self, release: &Release<'s>) -> Option<Finding> {
        let file = self.files.name(release.mode.file);
        let finding = match release.mode.mode {
            None => Finding::new(Rule::ModeElsewhere, "the mode is not known, so the upgrade cannot be checked")
                .help(Help::naming("`", " status -f FILE` says why")),
            Some(mode) if mode.is_migrating() => {
                let message = format!("the cluster is between two modes: `{mode}`");
                let first = self.matrix.before_upgrade(&self.question(mode, pinned(release).as_ref(), None));
                Finding::new(Rule::VersionChangedInMigration, message)
                    .help(first.unwrap_or_default().and("; then upgrade the software"))
            }
            Some(ClusterMode::Unpair) => {
                Finding::new(Rule::WrongStep, "`unpair` removes the C-VENs; nothing is upgraded")
                    .help("finish that, or set the previous mode again")
            }
            Some(_) => return None,
        };
        let finding = finding.in_file(file);
        Some(Finding { span: release.mode.span.clone(), ..finding }.weighing(Severity::Error))
    }

    /// What the values need for the version. What is missing is not a matter of the version, and whether the version is
    /// one for the mode is asked of the matrix.
    fn values(&self, version: &ChartVersion) -> Vec<Finding> {
        let circumstances = Circumstances {
            version: Some(version),
            pce_version: None,
            matrix: self.matrix,
            schema: &Schema::shipped(),
            is_partial: true,
            version_before: None,
            judges_all: true,
            path: None,
            options: &[],
        };
        let complete = Complete::of(self.files, self.given, self.path, self.overrides, &circumstances);
        let findings = complete.map(|complete| complete.findings).unwrap_or_default();
        let is_said = |rule| {
            use Rule::{ChartTooOld, LeftInMigration, MissingValue, ModeElsewhere, VersionNotExact};
            matches!(rule, LeftInMigration | ModeElsewhere | MissingValue | VersionNotExact | ChartTooOld)
        };
        findings.into_iter().filter(|finding| !is_said(finding.rule)).collect()
    }
}

/// The exact version beside a release.
fn pinned(release: &Release<'_>) -> Option<ChartVersion> {
    release.pin.as_ref().and_then(|pin| pin.text.parse().ok())
}
