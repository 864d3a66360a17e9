//! [`Standing`]: what mode a cluster is in, and what is next. Found in any file, or merged from the values files of one
//! cluster; what is kept of a file are its standings, not its text.

mod found;
mod merged;
mod overview;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub use crate::controller::{IN_CHART_CONFIG, IN_CONFIG_MAP, IN_HELMFILE, IN_SCRIPT, IN_SECRET, IN_TASK};
use crate::{
    chart,
    cluster::{Claim, Claimant, ClusterValues, Installed, brought_by_several, disputed},
    compat::{CompatibilityMatrix, Question},
    files::Files,
    finding::{Doubt, Finding, Position, Severity},
    mode::ClusterMode,
    procedure::Verb,
    release::{Foreign, Mention, Reach, Release, guarded, inexact_version, unversioned},
    rendered::Shows,
    rule::Rule,
    source::Source,
    version::ChartVersion,
    yaml::written,
};
pub use found::{found_in, mentioned_in};
pub use merged::merged;
pub(crate) use overview::{Moved, moved, without_row};
pub use overview::{Overview, Summary};

/// What kind of file holds a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A values file, of the chart itself or of an umbrella chart.
    Values,
    /// A controller's manifest, by the name people have for it.
    Manifest(&'static str),
    /// An option of Helm's command line.
    Option,
    /// Something that sets a mode of an unknown cluster.
    Mention,
}

/// What mode a cluster is in, as one place in one file says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The file.
    pub file: String,
    /// What kind of file that is.
    pub holder: Holder,
    /// The release, where a manifest names it.
    pub release: Option<String>,
    /// The keys that lead to the mode; none where the file cannot be read.
    pub path: Vec<String>,
    /// Where the mode is set, in the file that decides it; nothing where it is not.
    pub position: Option<Position>,
    /// The file that decides the mode, or would, where it is not [`file`](Self::file) but one that this manifest takes
    /// values from.
    pub decided_in: Option<String>,
    /// The file in which the release is written, where [`file`](Self::file) is another one, which builds it.
    pub written_in: Option<String>,
    /// The mode: the chart's default where none is set; nothing where it is not known.
    pub mode: Option<ClusterMode>,
    /// The chart version beside it, as it is written.
    pub version: Option<String>,
    /// The file in which that version is written, and where.
    pub version_at: Option<(String, Position)>,
    /// Whether another file of the same cluster decides the mode, or another command that runs behind it. Its mode then is
    /// what it says itself, if anything.
    pub is_overridden: bool,
    /// What the manifest sets one by one, as an option would, where that decides it.
    pub by_option: Option<String>,
    /// Whether the release is in the middle of something else, a step is refused for what is beside the file, or the mode is
    /// filled in from elsewhere, so that none comes next.
    pub is_held: bool,
    /// What becomes of a mode that is set for a command of Helm which installs nothing.
    shows: Option<Shows>,
    /// Whether its clusters are counted with other rows: those of the files that it may take, or that of another command
    /// which brings the same release.
    pub is_counted_elsewhere: bool,
    /// Whether the chart is one with which the next step towards CLAS may be taken.
    age: Age,
    /// What is wrong with the place.
    pub findings: Vec<Noted>,
    /// The objects that hold values and that the release takes some from, by their names.
    pub objects: Vec<String>,
    /// Which PCE knows the cluster, under which id.
    pub cluster: Box<ClusterValues>,
    /// Whom an edit at the spot moves, as far as the file says.
    pub reach: Reach,
    /// Whom the row is for by itself.
    pub is_for: Reach,
    /// How its cluster gets a mode of its own, where others have theirs from the same spot.
    to_part: Option<String>,
    /// How many releases are built of the same file, where not all of them are known.
    pub out_of: Option<usize>,
    /// How many clusters of several manifests an edit at the spot moves; nothing where no others are known.
    pub shared_by: Option<usize>,
    /// The spots that set a mode of this release and do not count, since another one overrides or removes them.
    pub overrides: Vec<(String, Position)>,
    /// Where a patch removes the mode, so that the chart's default counts.
    pub removed_in: Option<(String, Position)>,
    /// The keys of an umbrella chart's values below which the chart's own stand; none elsewhere.
    pub keys: Vec<String>,
    /// What the umbrella chart says by itself, which counts where the file says nothing: its own values file.
    pub defaults_in: Option<String>,
    /// The files of this checkout that have the paths of those which the release takes from somewhere else, each with
    /// where that is, as the rest of a sentence.
    pub namesakes: Vec<(String, String)>,
    /// The Secrets that the release takes values from, by their names. They are not read.
    pub secrets: Vec<String>,
    /// The cluster that a command names for the release.
    pub context: Option<String>,
    /// The names by which its controller, or Helm, knows the release.
    pub called: Vec<String>,
    /// The values files that it names, by their paths.
    pub given: Vec<String>,
    /// What it installs, where the file says so.
    pub installed: Option<Installed>,
}

/// A finding with its place as people count it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The finding.
    pub finding: Finding,
    /// Where it begins and ends, where it is about a part of the file.
    pub region: Option<Range<Position>>,
}

/// Whether a chart is new enough for the next step towards CLAS, as far as its version is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Age {
    Fits,
    TooOld,
}

impl Standing {
    /// The verbs that are steps from here; none where another file decides, or an option does, which no step changes, where
    /// the release is held, where one edit moves several clusters, or where a step [is refused](Self::hinders).
    /// Where the version beside the mode is not exact, the way back alone is open.
    pub fn next(&self) -> impl Iterator<Item = Verb> {
        let is_open = |verb: &Verb| verb.is_way_back() || self.age == Age::Fits && self.errors().next().is_none();
        self.mode
            .filter(|_| !self.is_overridden && !self.is_held && self.holder != Holder::Option)
            .filter(|_| self.reach == Reach::One && self.shared_by.is_none() && self.hinders().next().is_none())
            .into_iter()
            .flat_map(Verb::legal_from)
            .filter(is_open)
    }

    /// The keys of an umbrella chart's values below which the chart's own stand; nothing elsewhere.
    #[must_use]
    pub fn below(&self) -> Option<String> {
        let keys = match self.holder {
            Holder::Values => &self.keys[..],
            Holder::Mention => self.path.split_last()?.1,
            Holder::Manifest(_) | Holder::Option => &[],
        };
        (!keys.is_empty()).then(|| written(keys))
    }

    /// Whether no finding says that the chart is not installed: a mode of what is not installed moves no cluster.
    #[must_use]
    pub fn is_installed(&self) -> bool {
        self.findings.iter().all(|noted| noted.finding.rule != Rule::NotInstalled)
    }

    /// Takes over whom an edit at the deciding spot moves, as far as the file says, and how one cluster gets a mode of its
    /// own; of several no step moves one alone.
    fn moves(&mut self, reach: Reach, to_part: String) {
        self.reach = reach;
        if self.mode.is_some() {
            self.tell_reach(&self.reach.clone(), &to_part);
        }
        self.to_part = Some(to_part);
    }

    /// Says that the place which decides the mode decides that of other clusters, too, by their names: no step moves one of
    /// them alone.
    pub fn shared_by(&mut self, clusters: &[String]) {
        const BESIDE: &str = "write the mode of each beside its release, or into a file of its own; then take the step";
        self.shared_by = Some(clusters.len()).filter(|count| *count > 1);
        if !matches!(self.reach, Reach::AllOf(_)) {
            let help = self.to_part.clone();
            self.tell_reach(&Reach::of(clusters.to_vec()), help.as_deref().unwrap_or(BESIDE));
        }
    }

    /// Says that what has the release is run for several clusters: no step moves one of them alone.
    pub fn is_run_for(&mut self, reach: Reach) {
        self.reach = self.reach.clone().with(reach);
        let help = "give each cluster a command and a values file of its own";
        self.tell_reach(&self.reach.clone(), help);
    }

    fn tell_reach(&mut self, reach: &Reach, help: &str) {
        let Some(finding) = reach.finding(help, &[]) else { return };
        self.findings.retain(|noted| noted.finding.rule != Rule::SeveralClustersAtOnce);
        let finding = finding.in_file(self.decided_in.as_ref().unwrap_or(&self.file));
        self.findings.push(Noted { finding, region: self.position.map(|position| position..position) });
    }

    /// How its cluster gets a mode of its own, where others have theirs from the same spot; nothing of a values file.
    #[must_use]
    pub fn to_part(&self) -> Option<&str> {
        self.to_part.as_deref()
    }

    /// Who gets the values.
    #[must_use]
    pub fn claimant(&self) -> Claimant {
        let (file, release, context) = (self.file.clone(), self.release.clone(), self.context.clone());
        let (is_command, given) = (self.holder == Holder::Manifest(IN_SCRIPT), self.given.clone());
        let installed = self.installed.clone();
        let arm = self.cluster.claim.as_ref().and_then(|claim| claim.by.arm.clone());
        Claimant { file, release, context, is_command, given, installed, arm }
    }

    /// Makes of it what it is where no cluster takes the file: a mode that is not judged, with the reason. Whether it
    /// is one, that is, whether it sets a mode at all.
    pub fn becomes_mention(&mut self, message: &str, help: &str) -> bool {
        let Some(position) = self.position else { return false };
        let finding = Finding::new(Rule::ModeNotJudged, message).help(help.to_owned()).in_file(&self.file);
        let findings = vec![Noted { finding, region: Some(position..position) }];
        let (file, path) = (std::mem::take(&mut self.file), std::mem::take(&mut self.path));
        // what a command says has no path in its file
        let path = if self.holder == Holder::Manifest(IN_SCRIPT) { Vec::new() } else { path };
        *self = Self { file, path, holder: Holder::Mention, position: Some(position), findings, ..Self::unknown() };
        true
    }

    /// Whether a newer chart comes before the next step towards CLAS: the one beside the mode does not allow it.
    #[must_use]
    pub fn awaits_upgrade(&self) -> bool {
        // between two modes the software is not upgraded
        let is_at_rest = self.mode.is_some_and(|mode| !mode.is_migrating());
        self.age == Age::TooOld
            && self.errors().next().is_none()
            && is_at_rest
            && !self.is_overridden
            && !self.is_held
            && self.holder != Holder::Option
    }

    /// The same of the version beside the mode of a release.
    fn has_old_chart(&self, network_type: Option<&str>) -> bool {
        let chart: Option<ChartVersion> = self.version.as_ref().and_then(|version| version.parse().ok());
        let (Some(mode), Some(chart)) = (self.mode, chart) else { return false };
        let mut goals = Verb::goals_from(mode).filter(|(verb, _)| !verb.is_way_back()).map(|(_, goal)| goal);
        let is_refused = |goal| {
            let question =
                Question { chart: Some(&chart), pce: None, modes: [mode, goal], is_way_back: false, network_type };
            !CompatibilityMatrix::shipped().fits(&question)
        };
        goals.any(is_refused)
    }

    /// What is wrong with the version beside the mode.
    fn inexact_version(&self) -> Option<Finding> {
        inexact_version(self.version.as_ref()?)
    }

    /// Whether the mode is the chart's default, which nothing says.
    #[must_use]
    pub(crate) fn is_default(&self) -> bool {
        let is_by_option = self.holder == Holder::Option || self.by_option.is_some();
        self.mode.is_some() && self.position.is_none() && !is_by_option
    }

    /// The findings that stop a step: those that make the mode unknown among them.
    pub fn errors(&self) -> impl Iterator<Item = &Noted> {
        self.findings.iter().filter(|noted| noted.finding.severity == Severity::Error)
    }

    /// Whether no cluster has it: it is not installed, or what installs it never runs.
    #[must_use]
    pub(crate) fn is_not_installed(&self) -> bool {
        self.mode.is_none() && self.findings.iter().any(|noted| noted.finding.rule == Rule::NotInstalled)
    }

    /// Whether a cluster may get a mode that is not judged: not where templates alone take it, or it is only looked at.
    #[must_use]
    pub fn may_count(&self) -> bool {
        self.shows.is_none_or(Shows::may_count)
            && self.findings.iter().all(|noted| noted.finding.doubt != Some(Doubt::Foreign))
    }

    /// The findings by which every step is refused, where the mode is known.
    pub fn hinders(&self) -> impl Iterator<Item = &Noted> {
        // the way back is open with these
        const LEAVE_OPEN: [Rule; 3] = [Rule::VersionMissing, Rule::VersionNotExact, Rule::DuplicateClusterId];
        self.errors().filter(|noted| self.mode.is_some() && !LEAVE_OPEN.contains(&noted.finding.rule))
    }

    /// The findings that are shown beside it: those, and findings about a mode that is not judged.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &Noted> {
        let is_mention = self.holder == Holder::Mention;
        // a mode that the chart does not read is shown as well
        let is_said =
            |noted: &Noted| noted.finding.severity == Severity::Error || noted.finding.rule == Rule::MisplacedMode;
        self.findings.iter().filter(move |noted| is_mention || is_said(noted))
    }

    /// The standing of a release; with the reason for which its file is not this chart's, where there is one.
    fn of(files: &Files<'_>, release: &Release<'_>, foreign: Option<&Finding>) -> Self {
        let mode = &release.mode;
        let manifest = files.name(release.overlay.unwrap_or(release.file));
        let noted = |finding: Finding| {
            let file = finding.file.as_deref().unwrap_or(manifest).to_owned();
            let number = files.number(&file);
            let place = |byte: usize| number.map(|number| files.position(number, byte));
            let region = finding.span.as_ref().and_then(|span| Some(place(span.start)?..place(span.end)?));
            Noted { finding: finding.in_file(&file), region }
        };
        let file = files.name(mode.file);
        let findings = said_of(files, release, foreign).into_iter();
        let mut standing = Self {
            file: manifest.to_owned(),
            path: mode.path(),
            position: mode.span.as_ref().map(|span| files.position(mode.file, span.start)),
            decided_in: (mode.file != release.overlay.unwrap_or(release.file)).then(|| file.to_owned()),
            written_in: release.overlay.map(|_| files.name(release.file).to_owned()),
            mode: mode.mode.filter(|_| foreign.is_none()),
            version: release.pin.as_ref().filter(|_| release.digest.is_none()).map(|pin| pin.text.clone()),
            version_at: release
                .pin
                .as_ref()
                .map(|pin| (files.name(pin.file).to_owned(), files.position(pin.file, pin.span.start))),
            release: release.is_of_manifest().then(|| release.id.name.clone()),
            holder: release.id.controller.map_or(Holder::Values, |controller| Holder::Manifest(controller.title())),
            is_overridden: release.is_brought_again,
            by_option: mode.option.clone(),
            // what is filled in is not changed here
            is_held: release.by_default.as_ref().is_some_and(|default| mode.span.as_ref() == Some(&default.span)),
            shows: None,
            is_counted_elsewhere: false,
            age: Age::Fits,
            findings: findings.map(noted).collect(),
            objects: release.objects(),
            cluster: Box::new(ClusterValues::of(files, release)),
            reach: release.reach.clone(),
            is_for: release.reach.clone(),
            to_part: None,
            out_of: release.out_of,
            shared_by: None,
            overrides: release.overridden(files),
            removed_in: release.removed_in(files),
            keys: if release.is_of_manifest() { Vec::new() } else { release.below.clone() },
            defaults_in: release.chart_values().map(|number| files.name(number).to_owned()),
            namesakes: release.namesakes(files),
            secrets: release.secrets(),
            context: release.id.context.clone(),
            called: release.id.names(),
            given: release.given(files),
            installed: Installed::of(&release.id, release.at),
        };
        let inexact = standing.inexact_version().zip(release.pin.as_ref());
        let unpinned = release.without_version().map(|pin| (unversioned(release), pin));
        if let Some((finding, pin)) = inexact.or(unpinned) {
            standing.findings.push(noted(finding.at(pin.span.clone()).in_file(files.name(pin.file))));
        }
        if standing.has_old_chart(release.text("networkType").as_deref()) {
            standing.age = Age::TooOld;
        }
        standing
    }

    /// The places that set a mode of an unknown cluster, and the releases that cannot be read.
    fn of_mentions(files: &Files<'_>, mentions: &[Mention]) -> Vec<Self> {
        let of = |Mention { path, finding, shows, is_release }: &Mention| {
            let file = finding.file.clone().unwrap_or_default();
            let number = files.number(&file);
            let place = |byte: usize| number.map(|number| files.position(number, byte));
            let region = finding.span.as_ref().and_then(|span| Some(place(span.start)?..place(span.end)?));
            let position = region.as_ref().map(|region| region.start);
            let findings = vec![Noted { finding: finding.clone(), region }];
            let holder = if *is_release { Holder::Values } else { Holder::Mention };
            Self { file, holder, path: path.clone(), position, shows: *shows, findings, ..Self::unknown() }
        };
        mentions.iter().map(of).collect()
    }

    /// The standing of the option that decides the mode, where one does.
    fn of_option(release: &Release<'_>) -> Option<Self> {
        let option = release.mode.option.clone()?;
        let is_of_option = |finding: &&Finding| finding.file.is_none();
        let noted = |finding: &Finding| Noted { finding: finding.clone(), region: None };
        Some(Self {
            file: option,
            holder: Holder::Option,
            mode: release.mode.mode,
            path: release.path_to(chart::MODE_KEY).into_iter().map(str::to_owned).collect(),
            findings: release.mode.findings.iter().filter(is_of_option).map(noted).collect(),
            ..Self::unknown()
        })
    }

    /// The standing of an option that Helm refuses.
    fn of_bad_option(finding: &Finding) -> Self {
        let findings = vec![Noted { finding: finding.clone(), region: None }];
        Self { file: "--set".to_owned(), holder: Holder::Option, findings, ..Self::unknown() }
    }

    fn unknown() -> Self {
        Self {
            file: String::new(),
            holder: Holder::Values,
            release: None,
            path: Vec::new(),
            position: None,
            decided_in: None,
            written_in: None,
            mode: None,
            version: None,
            version_at: None,
            is_overridden: false,
            by_option: None,
            is_held: false,
            shows: None,
            is_counted_elsewhere: false,
            age: Age::Fits,
            findings: Vec::new(),
            objects: Vec::new(),
            cluster: Box::default(),
            reach: Reach::One,
            is_for: Reach::One,
            to_part: None,
            out_of: None,
            shared_by: None,
            overrides: Vec::new(),
            removed_in: None,
            keys: Vec::new(),
            defaults_in: None,
            namesakes: Vec::new(),
            secrets: Vec::new(),
            context: None,
            called: Vec::new(),
            given: Vec::new(),
            installed: None,
        }
    }

    fn unreadable(source: Source<'_>, finding: Finding) -> Self {
        let findings = vec![Noted::of(finding, source.text().unwrap_or_default(), source.name)];
        Self { file: source.name.to_owned(), findings, ..Self::unknown() }
    }
}

/// Says of the clusters that have one `cluster_id` that they do, and opens none but the way back: it is not known which
/// of them a step moves.
pub fn tell_disputed(standings: &mut [Standing]) {
    let claims: Vec<(usize, Claim)> = standings
        .iter()
        .enumerate()
        .filter(|(_, standing)| !standing.is_overridden)
        .filter_map(|(number, standing)| Some((number, standing.cluster.claim.clone()?)))
        .collect();
    for numbers in disputed(&claims.iter().map(|(_, claim)| claim).collect::<Vec<_>>()) {
        for number in &numbers {
            let (standing, claim) = &claims[*number];
            let mut others = numbers.iter().map(|other| &claims[*other].1.by);
            let Some(other) = others.find(|other| !other.is_one_with(&claim.by)) else { continue };
            let noted = Noted { finding: claim.disputed_by(other), region: Some(claim.region.clone()) };
            let standing = &mut standings[*standing];
            if !standing.findings.iter().any(|said| said.finding.rule == Rule::DuplicateClusterId) {
                standing.findings.push(noted);
            }
        }
    }
    tell_disputed_modes(standings, &claims);
}

/// Makes the modes unknown that commands of several files give one release otherwise: which one the cluster has is decided by
/// the one that ran last.
fn tell_disputed_modes(standings: &mut [Standing], claims: &[(usize, Claim)]) {
    let mut found: Vec<(usize, Finding)> = Vec::new();
    for numbers in brought_by_several(&claims.iter().map(|(_, claim)| claim).collect::<Vec<_>>()) {
        let all: Vec<(usize, &Claim, Option<ClusterMode>)> = numbers
            .iter()
            .map(|number| &claims[*number])
            .map(|(row, claim)| (*row, claim, standings[*row].mode))
            .collect();
        if all.iter().all(|(.., mode)| *mode == all[0].2) {
            continue;
        }
        // they are one cluster
        all[1..].iter().for_each(|(row, ..)| standings[*row].is_counted_elsewhere = true);
        for (row, claim, mode) in all.iter().filter(|(.., mode)| mode.is_some()) {
            let differs = |(_, other, its): &&(usize, &Claim, _)| its != mode && other.by.file != claim.by.file;
            let other = all.iter().find(differs);
            found.extend(other.map(|(_, other, its)| (*row, claim.disputed_in_mode(&other.by, *its))));
        }
    }
    for (row, finding) in found {
        standings[row].mode = None;
        standings[row].is_held = true;
        standings[row].findings.push(Noted { finding, region: None });
    }
}

/// The findings about a release, and why no step changes its mode, where none of them stops it already.
fn said_of(files: &Files<'_>, release: &Release<'_>, foreign: Option<&Finding>) -> Vec<Finding> {
    let mode = &release.mode;
    let file = files.name(mode.file);
    let is_object = matches!(release.foreign, Some(Foreign::Object(_)));
    let goal = mode.mode.and_then(|mode| Verb::goals_from(mode).next().map(|(_, goal)| goal));
    let spot = mode.spot.as_ref().filter(|_| !is_object);
    let guard = spot.and_then(|spot| guarded(spot, file, goal)).map(|finding| finding.in_file(file));
    let said = mode.findings.iter().chain(&release.findings).chain(foreign).cloned();
    let mut all: Vec<Finding> = guard.into_iter().chain(said).collect();
    let is_stopped = all.iter().any(|finding| finding.severity == Severity::Error);
    all.extend(goal.filter(|_| !is_stopped).and_then(|goal| release.without_room(files, goal)));
    all
}

impl Noted {
    fn of(finding: Finding, text: &str, file: &str) -> Self {
        let region = finding.span.as_ref().map(|span| Position::of(text, span.start)..Position::of(text, span.end));
        Self { finding: finding.in_file(file), region }
    }
}
