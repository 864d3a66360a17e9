//! [`Standing`]: where a cluster stands, and what is next. Found in any file, or merged from the values files of one
//! cluster; what is kept of a file are its standings, not its text.

use std::{fmt, ops::Range};

use crate::{
    chart::{self, cluster::ClusterValues},
    files::{Files, is_of_other_language},
    finding::{Finding, Position, Severity},
    mode::ClusterMode,
    overrides::Override,
    procedure::Verb,
    release::{
        Asked, Foreign, Mention, Reach, Release, guarded, is_among_templates, lists_values, may_name_folder, mentions,
        mentions_in_words, names, release_of_values, releases_of_manifest, releases_of_values, unread, written,
    },
    rule::Rule,
    source::Source,
    umbrella::Umbrella,
    version::ChartVersion,
};

pub use crate::controller::{IN_CHART_CONFIG, IN_CONFIG_MAP};

/// What kind of file holds a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A values file, of the chart itself or of an umbrella chart.
    Values,
    /// A controller's manifest, by the name people have for it.
    Manifest(&'static str),
    /// An option of Helm's command line.
    Option,
    /// Something that says a mode of which nothing tells whose it is: no cluster.
    Mention,
}

/// Where a cluster stands, as one place in one file says it.
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
    /// Where the mode is said, in the file that decides it; nothing where it is not.
    pub position: Option<Position>,
    /// The file that decides the mode, or would, where it is not [`file`](Self::file) but one that this manifest takes
    /// values from.
    pub decided_in: Option<String>,
    /// The mode: the chart's default where none is said; nothing where it is not known.
    pub mode: Option<ClusterMode>,
    /// The chart version that stands beside it, as it is written.
    pub version: Option<String>,
    /// Whether another file of the same cluster decides the mode. Its mode then is what it says itself, if anything.
    pub is_overridden: bool,
    /// What is wrong with the place.
    pub findings: Vec<Noted>,
    /// The objects that hold values and that the release takes some from, by their names.
    pub objects: Vec<String>,
    /// Which PCE knows the cluster, under which id.
    pub cluster: ClusterValues,
    /// Whom an edit at the spot moves, as far as the file says.
    pub reach: Reach,
    /// The keys of an umbrella chart's values below which the chart's own stand; none elsewhere.
    pub keys: Vec<String>,
    /// What the umbrella chart says by itself, which counts where the file says nothing: its own values file.
    pub defaults_in: Option<String>,
    /// The files of this checkout that have the paths of those which the release takes from somewhere else, each with
    /// where that is, as the rest of a sentence.
    pub namesakes: Vec<(String, String)>,
}

/// A finding with its place as people count it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The finding.
    pub finding: Finding,
    /// Where it begins and ends, where it is about a part of the file.
    pub region: Option<Range<Position>>,
}

/// The places of a file, by its number, that say, or would say, where a cluster stands; none where nothing in it looks like
/// Illumio's.
///
/// A file that looks like it and cannot be read has one place whose mode is not known. `path` is where the values stand,
/// where that was named.
///
/// ```
/// use helm_clas::{Files, Texts, status::found_in};
///
/// let texts = Texts::new();
/// let files = Files::of(&texts, [("values.yaml", "clusterMode: clas\n"), ("other.yaml", "replicas: 2\n")]);
/// let standings = found_in(&files, 0, None);
/// assert_eq!(standings[0].next().map(|verb| verb.command()).collect::<Vec<_>>(), ["revert"]);
/// assert!(found_in(&files, 1, None).is_empty());
/// ```
#[must_use]
pub fn found_in(files: &Files<'_>, number: usize, path: Option<&str>) -> Vec<Standing> {
    let source = files.source(number);
    let is_of_umbrella = Umbrella::has_file(files, number);
    let may_be_ours = || chart::may_hold_place(source.bytes) || may_name_folder(source.bytes);
    if !is_of_umbrella && path.is_none() && !may_be_ours() {
        return Vec::new();
    }
    match places(files, number, path) {
        Ok(Places { mut standings, mentions, is_ours }) => {
            if !is_ours {
                standings.clear();
            }
            with_mentions(standings, mentions)
        }
        Err(_) if is_of_other_language(source.name) || is_among_templates(source.name) => {
            Standing::of_mentions(files, &mentions(files, number, &[]))
        }
        Err(finding) if looks_like_ours(files, number, &finding, is_of_umbrella) => {
            vec![Standing::unreadable(source, finding)]
        }
        Err(_) => Standing::of_mentions(files, &mentions(files, number, &[])),
    }
}

/// The modes that are said in a file which is no YAML. None of them is a cluster.
#[must_use]
pub fn mentioned_in(files: &Files<'_>, number: usize) -> Vec<Standing> {
    Standing::of_mentions(files, &mentions_in_words(files, number))
}

/// Where the one cluster stands whose values the given files are, in the order in which Helm merges them, with the options
/// beside them: a standing for each file, of which one is not overridden, that of the file that decides the mode. Where
/// an option does, all are, and it has a standing of its own behind them. Helm stops at a file that it cannot read, so
/// such a file decides that the mode is not known.
///
/// A manifest is not a values file: each of its releases is a cluster of its own. So is each of the files where they name
/// different clusters.
///
/// ```
/// use helm_clas::{Files, Texts, overrides::{Kind, Override}, status::merged};
///
/// let texts = Texts::new();
/// let files = Files::of(&texts, [("base.yaml", "clusterMode: clas\n"), ("more.yaml", "networkType: flat\n")]);
/// let standings = merged(&files, &[0, 1], &[], None);
/// assert!(!standings[0].is_overridden);
/// assert_eq!((standings[1].is_overridden, standings[1].mode), (true, None));
///
/// let set = Override::read(Kind::Set, "clusterMode=legacy");
/// let standings = merged(&files, &[0], &[set], None);
/// assert!(standings[0].is_overridden);
/// assert_eq!(standings[1].file, "--set clusterMode=legacy");
/// ```
#[must_use]
pub fn merged(
    files: &Files<'_>,
    given: &[usize],
    overrides: &[Result<Override, Finding>],
    path: Option<&str>,
) -> Vec<Standing> {
    let first = given.first().map(|first| releases_of_manifest(files, *first)).unwrap_or_default();
    let is_taken = |number: &usize| first.iter().any(|release| release.takes(files, *number));
    let alone: Vec<usize> = given
        .iter()
        .enumerate()
        .filter(|(place, number)| *place == 0 || !is_taken(number))
        .map(|(_, it)| *it)
        .collect();
    let bad_option = overrides.iter().find_map(|given| given.as_ref().err());
    let is_values = given.iter().all(|number| {
        files.whole(*number).is_ok_and(|text| text.root().is_none_or(|root| !crate::release::may_be_manifest(root)))
    });
    if let Some(standings) = merged_each(files, given, overrides, path).filter(|_| is_values && bad_option.is_none()) {
        return standings;
    }
    let together = (is_values && bad_option.is_none())
        .then(|| release_of_values(files, given, Asked { path, options: overrides }).ok())
        .flatten();
    // what one of the files tells of the others holds for all
    let below = together.as_ref().map(|release| release.below.join(".")).filter(|below| !below.is_empty());
    let path = path.or(below.as_deref());
    let mut standings: Vec<Standing> = alone.iter().flat_map(|number| standings_of(files, *number, path)).collect();
    if together.as_ref().is_some_and(|release| release.of_two_clusters(files).is_some()) {
        return standings;
    }
    let is_mention = |standing: &mut Standing| standing.holder == Holder::Mention;
    let mentioned: Vec<Standing> = standings.extract_if(.., is_mention).collect();
    let option = match (&together, bad_option) {
        (_, Some(finding)) => Some(Standing::of_bad_option(finding)),
        (Some(release), None) => Standing::of_option(release),
        (None, None) => None,
    };
    let decides = match (&together, &option) {
        (_, Some(_)) => None,
        // what the chart says by itself counts where no file says anything
        (Some(release), None) => release.mode.layer.map(|layer| {
            let of_chart = release.layers.iter().filter(|layer| layer.is_of_chart()).count();
            layer.checked_sub(of_chart).unwrap_or(given.len() - 1)
        }),
        (None, None) => deciding(&standings),
    };
    let is_values = |standing: &Standing| standing.holder == Holder::Values;
    for (index, standing) in standings.iter_mut().enumerate().filter(|(_, standing)| is_values(standing)) {
        if Some(index) != decides {
            standing.is_overridden = true;
            let is_own = standing.position.is_some() && standing.decided_in.is_none();
            standing.mode = standing.mode.filter(|_| is_own);
        }
    }
    standings.extend(option);
    standings.extend(mentioned);
    standings
}

/// The same for each of the releases whose values files they are, where an umbrella chart brings Illumio's several times.
fn merged_each(
    files: &Files<'_>,
    given: &[usize],
    overrides: &[Result<Override, Finding>],
    path: Option<&str>,
) -> Option<Vec<Standing>> {
    let releases = releases_of_values(files, given, Asked { path, options: overrides }).ok()?;
    if releases.len() < 2 {
        return None;
    }
    let of = |release: &Release<'_>| merged(files, given, overrides, Some(&written(&release.below)));
    let mut standings: Vec<Standing> = releases.iter().flat_map(of).collect();
    standings.extend(releases.iter().flat_map(|release| Standing::of_mentions(files, &release.mentions)));
    Some(standings)
}

fn standings_of(files: &Files<'_>, number: usize, path: Option<&str>) -> Vec<Standing> {
    let source = files.source(number);
    match places(files, number, path) {
        Ok(Places { standings, .. }) if standings.is_empty() => {
            let finding = Finding::new(Rule::SeveralPlaces, "no release of this file is called so");
            vec![Standing::unreadable(source, finding.help("leave out --path to see them all"))]
        }
        Ok(Places { standings, mentions, .. }) => with_mentions(standings, mentions),
        Err(finding) => vec![Standing::unreadable(source, finding)],
    }
}

/// Which of the values files decides the mode, where they cannot be merged: one that cannot be read comes first.
fn deciding(standings: &[Standing]) -> Option<usize> {
    let last = |decides: fn(&Standing) -> bool| {
        standings.iter().rposition(|standing| standing.holder == Holder::Values && decides(standing))
    };
    last(|standing| standing.path.is_empty())
        .or_else(|| last(|standing| standing.position.is_some()))
        .or_else(|| last(|_| true))
}

/// Where the clusters stand that were asked about.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    /// The files of one cluster, as [`merged`].
    pub merged: Vec<Standing>,
    /// What was [found](found_in) elsewhere: each a cluster of its own.
    pub found: Vec<Standing>,
}

impl Overview {
    /// All of them, in order.
    pub fn standings(&self) -> impl Iterator<Item = &Standing> {
        self.merged.iter().chain(&self.found)
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.merged.is_empty() && self.found.is_empty()
    }

    /// The standing that decides among the merged; nothing where they are of several clusters, or there is none.
    #[must_use]
    pub fn effective(&self) -> Option<&Standing> {
        let is_cluster = |standing: &&Standing| !standing.is_overridden && standing.holder != Holder::Mention;
        let mut deciding = self.merged.iter().filter(is_cluster);
        deciding.next().filter(|_| deciding.next().is_none())
    }

    /// How many clusters stand where.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(self.standings())
    }
}

/// What a file that can be read holds.
struct Places {
    /// The places of a manifest that are asked about, or the one of a values file.
    standings: Vec<Standing>,
    /// What else is said of the mode.
    mentions: Vec<Standing>,
    /// Whether it is a manifest, or anything around the place looks like Illumio's.
    is_ours: bool,
}

/// Standings, and the mentions that none of them tells of.
fn with_mentions(mut standings: Vec<Standing>, mut mentions: Vec<Standing>) -> Vec<Standing> {
    let is_same = |one: &Noted, other: &Noted| one.finding.span == other.finding.span;
    mentions.retain(|mention| {
        let is_told = |noted: &Noted| {
            mention.findings.iter().any(|own| own.finding.rule == noted.finding.rule && is_same(own, noted))
        };
        !standings.iter().flat_map(|standing| &standing.findings).any(is_told)
    });
    standings.extend(mentions);
    standings
}

fn places(files: &Files<'_>, number: usize, path: Option<&str>) -> Result<Places, Finding> {
    let releases = releases_of_manifest(files, number);
    if !releases.is_empty() {
        let named = releases.iter().zip(names(&releases));
        let asked = named.filter(|(release, _)| path.is_none_or(|path| release.is_called(path)));
        let standing = |(release, name)| Standing {
            release: Release::is_of_manifest(release).then_some(name),
            ..Standing::of(files, release, None)
        };
        let standings = asked.map(standing).collect();
        let found = releases.iter().filter(|_| path.is_none()).flat_map(|release| &release.mentions);
        let mentions = Standing::of_mentions(files, &found.cloned().collect::<Vec<_>>());
        return Ok(Places { standings, mentions, is_ours: true });
    }
    let source = files.source(number);
    source.text()?;
    files.whole(number).map_err(|finding| unread(finding, source.name, source.text().unwrap_or_default()))?;
    let releases = releases_of_values(files, &[number], Asked { path, options: &[] }).map_err(|findings| {
        findings.into_iter().next().unwrap_or_else(|| Finding::new(Rule::InvalidYaml, "the file cannot be read"))
    })?;
    let shows_values = |release: &Release<'_>| {
        let is_object = matches!(release.foreign, Some(Foreign::Object(_)));
        let given = release.layers.iter().filter(|layer| !layer.is_of_chart());
        let mut names = given.flat_map(|layer| layer.names(&release.below));
        !is_object && names.any(|name| chart::is_distinguishing(&name))
    };
    let is_ours = releases.iter().any(shows_values) || path.is_none() && Umbrella::has_file(files, number);
    let standing = |release: &Release<'_>| {
        let foreign = match &release.foreign {
            Some(Foreign::Object(finding)) => Some(finding),
            Some(Foreign::Other(finding)) if path.is_none() => Some(finding),
            _ => None,
        };
        Standing::of(files, release, foreign)
    };
    let standings = releases.iter().map(standing).collect();
    let mentions = releases.iter().flat_map(|release| Standing::of_mentions(files, &release.mentions)).collect();
    Ok(Places { standings, mentions, is_ours })
}

/// Whether a file that cannot be read looks like Illumio's: a line begins with one of its keys, and the file speaks of
/// Illumio, or that line is not indented. A list does where an item of it has such a key.
fn looks_like_ours(files: &Files<'_>, number: usize, finding: &Finding, is_of_umbrella: bool) -> bool {
    if finding.rule == Rule::NotAMapping
        && let Some(is_ours) = lists_values(files, number)
    {
        return is_ours;
    }
    // what is left of UTF-16 without its zeros and its mark is good enough for names in ASCII
    let text = String::from_utf8_lossy(files.source(number).bytes).replace(['\0', char::REPLACEMENT_CHARACTER], "");
    let is_at_root = |line: &str| !line.starts_with([' ', '\t', '-']) && chart::looks_like_values(line);
    let speaks_of_it = || text.to_ascii_lowercase().contains("illumio");
    chart::looks_like_values(&text) && (is_of_umbrella || text.lines().any(is_at_root) || speaks_of_it())
}

impl Standing {
    /// The verbs that are steps from here; none where another file decides, or an option does, which no step changes.
    /// Where the version beside the mode is not exact, the way back alone is open.
    pub fn next(&self) -> impl Iterator<Item = Verb> {
        let is_open = |verb: &Verb| verb.is_way_back() || self.inexact_version().is_none();
        self.mode
            .filter(|_| !self.is_overridden && self.holder != Holder::Option)
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

    /// Says that the place which decides the mode decides that of other clusters, too, by their names: no step moves one of
    /// them alone.
    pub fn shared_by(&mut self, clusters: &[String]) {
        let help = "write the mode of each beside its release, or into a file of its own; then take the step";
        let file = self.decided_in.as_ref().unwrap_or(&self.file);
        let Some(finding) = Reach::of(clusters.to_vec()).finding(help, &[]) else { return };
        let finding = finding.in_file(file);
        self.findings.push(Noted { finding, region: self.position.map(|position| position..position) });
    }

    /// Makes of it what it is where no cluster takes the file: a mode that is not judged, with the reason. Whether it is one,
    /// that is, whether it says a mode at all.
    pub fn becomes_mention(&mut self, message: &str, help: &str) -> bool {
        let Some(position) = self.position else { return false };
        let finding = Finding::new(Rule::ModeNotJudged, message).help(help.to_owned()).in_file(&self.file);
        let findings = vec![Noted { finding, region: Some(position..position) }];
        let (file, path) = (std::mem::take(&mut self.file), std::mem::take(&mut self.path));
        *self = Self { file, path, holder: Holder::Mention, position: Some(position), findings, ..Self::unknown() };
        true
    }

    /// What is wrong with the version beside the mode.
    fn inexact_version(&self) -> Option<Finding> {
        let error = self.version.as_ref()?.parse::<ChartVersion>().err()?;
        let finding = Finding::new(Rule::VersionNotExact, format!("the version beside the values: {error}"));
        Some(finding.help("write the one exact version that runs"))
    }

    /// Whether the mode is the chart's default, which nothing says.
    #[must_use]
    pub(crate) fn is_default(&self) -> bool {
        self.mode.is_some() && self.position.is_none() && self.holder != Holder::Option
    }

    /// The findings that stop a step: those that make the mode unknown among them.
    pub fn errors(&self) -> impl Iterator<Item = &Noted> {
        self.findings.iter().filter(|noted| noted.finding.severity == Severity::Error)
    }

    /// The findings that are shown beside it: those, and what there is to say of a mode that is not judged.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &Noted> {
        let is_mention = self.holder == Holder::Mention;
        self.findings.iter().filter(move |noted| is_mention || noted.finding.severity == Severity::Error)
    }

    /// Where a release stands; with the reason for which its file is not this chart's, where there is one.
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
        let is_object = matches!(release.foreign, Some(Foreign::Object(_)));
        let guard = mode
            .spot
            .as_ref()
            .filter(|_| !is_object)
            .and_then(|spot| guarded(spot, file, None))
            .map(|finding| finding.in_file(file));
        let findings = guard.into_iter().chain(mode.findings.iter().chain(&release.findings).chain(foreign).cloned());
        let mut standing = Self {
            file: manifest.to_owned(),
            path: mode.path(),
            position: mode.span.as_ref().map(|span| files.position(mode.file, span.start)),
            decided_in: (mode.file != release.overlay.unwrap_or(release.file)).then(|| file.to_owned()),
            mode: mode.mode.filter(|_| foreign.is_none()),
            version: release.pin.as_ref().map(|pin| pin.text.clone()),
            release: release.is_of_manifest().then(|| release.id.name.clone()),
            holder: release.id.controller.map_or(Holder::Values, |controller| Holder::Manifest(controller.title)),
            is_overridden: false,
            findings: findings.map(noted).collect(),
            objects: release.objects(),
            cluster: ClusterValues::of(release),
            reach: release.reach.clone(),
            keys: if release.is_of_manifest() { Vec::new() } else { release.below.clone() },
            defaults_in: release.chart_values().map(|number| files.name(number).to_owned()),
            namesakes: release.namesakes(files),
        };
        if let (Some(finding), Some(pin)) = (standing.inexact_version(), &release.pin) {
            standing.findings.push(noted(finding.at(pin.span.clone()).in_file(files.name(pin.file))));
        }
        standing
    }

    /// The places that say a mode of which nothing tells whose it is.
    fn of_mentions(files: &Files<'_>, mentions: &[Mention]) -> Vec<Self> {
        let of = |Mention { path, finding }: &Mention| {
            let file = finding.file.clone().unwrap_or_default();
            let number = files.number(&file);
            let place = |byte: usize| number.map(|number| files.position(number, byte));
            let region = finding.span.as_ref().and_then(|span| Some(place(span.start)?..place(span.end)?));
            let position = region.as_ref().map(|region| region.start);
            let findings = vec![Noted { finding: finding.clone(), region }];
            Self { file, holder: Holder::Mention, path: path.clone(), position, findings, ..Self::unknown() }
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
            mode: None,
            version: None,
            is_overridden: false,
            findings: Vec::new(),
            objects: Vec::new(),
            cluster: ClusterValues::default(),
            reach: Reach::One,
            keys: Vec::new(),
            defaults_in: None,
            namesakes: Vec::new(),
        }
    }

    fn unreadable(source: Source<'_>, finding: Finding) -> Self {
        let findings = vec![Noted::of(finding, source.text().unwrap_or_default(), source.name)];
        Self { file: source.name.to_owned(), findings, ..Self::unknown() }
    }
}

impl Noted {
    fn of(finding: Finding, text: &str, file: &str) -> Self {
        let region = finding.span.as_ref().map(|span| Position::of(text, span.start)..Position::of(text, span.end));
        Self { finding: finding.in_file(file), region }
    }
}

/// How many clusters stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// All of them.
    pub clusters: usize,
    /// In each mode, in the order of [`ClusterMode::ALL`].
    modes: [usize; 5],
    /// Those whose mode cannot be told.
    pub unknown: usize,
    /// Places that say a mode of which nothing tells whose it is: no clusters.
    pub not_judged: usize,
}

impl Summary {
    /// Counts; several files of one cluster count once.
    #[must_use]
    pub fn of<'s>(standings: impl IntoIterator<Item = &'s Standing>) -> Self {
        let mut summary = Self::default();
        for standing in standings.into_iter().filter(|standing| !standing.is_overridden) {
            if standing.holder == Holder::Mention {
                summary.not_judged += 1;
                continue;
            }
            summary.clusters += 1;
            match standing.mode {
                Some(mode) => summary.modes[mode as usize] += 1,
                None => summary.unknown += 1,
            }
        }
        summary
    }

    /// How many are in a mode.
    #[must_use]
    pub const fn count(&self, mode: ClusterMode) -> usize {
        self.modes[mode as usize]
    }
}

/// What a glance looks for: first who has arrived, then who is on the way, then who has not begun.
const GLANCE: [(ClusterMode, &str); 5] = [
    (ClusterMode::Clas, "clas"),
    (ClusterMode::MigrateLegacyToClas, "migrating"),
    (ClusterMode::MigrateClasToLegacy, "reverting"),
    (ClusterMode::Legacy, "legacy"),
    (ClusterMode::Unpair, "unpairing"),
];

/// `7 clusters: 3 clas, 1 migrating, 3 legacy`.
impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.clusters == 1 { "" } else { "s" };
        write!(out, "{} cluster{plural}", self.clusters)?;
        let counted =
            GLANCE.map(|(mode, word)| (self.count(mode), word)).into_iter().chain([(self.unknown, "unknown")]);
        let mut separator = ": ";
        for (count, word) in counted.filter(|(count, _)| *count > 0) {
            write!(out, "{separator}{count} {word}")?;
            separator = ", ";
        }
        if self.not_judged > 0 {
            let plural = if self.not_judged == 1 { "" } else { "s" };
            write!(out, "; {} mode{plural} not judged", self.not_judged)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Texts;

    /// `clas 1:14`, `legacy default`, `unknown: klas ...`, `- overridden`.
    fn said(standing: &Standing) -> String {
        let mode = standing.mode.map_or(if standing.is_overridden { "-" } else { "unknown" }, ClusterMode::as_str);
        let release = standing.release.as_ref().map(|release| format!("{release} ")).unwrap_or_default();
        let place = match standing.position {
            Some(Position { line, column }) => format!(" {line}:{column}"),
            None if standing.is_default() => " default".to_owned(),
            None => String::new(),
        };
        let version = standing.version.as_ref().map(|version| format!(" chart {version}")).unwrap_or_default();
        let overridden = if standing.is_overridden { " overridden" } else { "" };
        let rules: Vec<&str> = standing.errors().map(|noted| noted.finding.rule.name()).collect();
        format!("{release}{mode}{place}{version}{overridden} {}", rules.join(" ")).trim_end().to_owned()
    }

    #[track_caller]
    fn check_with(chart: Option<&str>, path: Option<&str>, bytes: &[u8], expected: &[&str]) {
        let texts = Texts::new();
        let mut files = Files::of(&texts, [("values.yaml", bytes)]);
        if let Some(chart) = chart {
            files.add("Chart.yaml", chart);
        }
        let found = found_in(&files, 0, path);
        assert_eq!(found.iter().map(said).collect::<Vec<_>>(), expected, "{}", String::from_utf8_lossy(bytes));
    }

    fn merged_of(all: &[&str]) -> Vec<Standing> {
        let texts = Texts::new();
        let files = Files::of(&texts, all.iter().map(|text| ("values.yaml", *text)));
        merged(&files, &(0..all.len()).collect::<Vec<_>>(), &[], None)
    }

    fn found(name: &str, text: &str) -> Vec<Standing> {
        let texts = Texts::new();
        found_in(&Files::of(&texts, [(name, text)]), 0, None)
    }

    /// A file that is found in a folder.
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        check_with(None, None, text.as_bytes(), expected);
    }

    /// The files of one cluster.
    #[track_caller]
    fn check_merged(texts: &[&str], expected: &[&str]) {
        let standings = merged_of(texts);
        assert_eq!(standings.iter().map(said).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_values_file_is_told_by_its_keys() {
        check("clusterMode: clas\n", &["clas 1:14"]);
        check("pce_url: pce.example.com:8443\n", &["legacy default"]);
        check("illumio:\n  clusterMode: clas\n", &["clas 2:16"]);
        check("replicas: 2\n", &[]);
        check("name: our-cluster\n", &[]);
        check("", &[]);
    }

    #[test]
    fn a_mode_that_cannot_be_told_is_unknown() {
        check("clusterMode: klas\n", &["unknown 1:14 unknown-mode"]);
        check("clusterMode:\n", &["unknown 1:1 blank-mode"]);
        check("clusterMode: clas\nclusterMode: legacy\n", &["unknown 2:1 duplicate-key"]);
        check("clusterMode: '{{ .mode }}'\n", &["unknown 1:14 template-in-values"]);
    }

    #[test]
    fn what_helm_does_not_read_leaves_the_default() {
        check("cluster_mode: clas\n", &["legacy default misspelled-key"]);
    }

    #[test]
    fn a_broken_file_is_shown_where_it_looks_like_ours() {
        check("clusterMode: clas\n x: [\n", &["unknown invalid-yaml"]);
        check("clusterMode: clas\n---\na: 1\n", &["unknown several-documents"]);
        check("illumio:\n  clusterMode: clas\n x: [\n", &["unknown invalid-yaml"]);
        check("web:\n  cluster_id: 7\n x: [\n", &[]);
        check("our cluster: [\n", &[]);
        check_with(None, None, b"clusterMode: clas # Stra\xdfe\n", &["unknown invalid-yaml"]);
        check_with(None, None, b"\xff\xfec\0l\0u\0s\0t\0e\0r\0M\0o\0d\0e\0:\0\n\0", &["unknown outside-dialect"]);
        check_with(None, None, b"\x7fELF cluster\xff\n", &[]);
    }

    #[test]
    fn an_umbrella_chart_tells_the_key_and_the_version() {
        let chart = Some("dependencies:\n- {name: illumio, alias: sec, version: 5.1.0}\n");
        check_with(chart, None, b"sec:\n  clusterMode: clas\n", &["clas 2:16 chart 5.1.0"]);
        check_with(chart, None, b"sec:\n  verbosity: 1\n", &["legacy default chart 5.1.0"]);
        check_with(chart, None, b"web:\n  replicas: 1\n", &[]);
        check_with(chart, None, b"dependencies:\n- name: illumio\n", &[]);
    }

    #[test]
    fn a_path_names_the_place() {
        check_with(None, Some("a.b"), b"a: {b: {clusterMode: clas}}\n", &["clas 1:22"]);
        check_with(None, Some("a.b"), b"clusterMode: clas\n", &[]);
        let two = b"releases:\n- name: east\n  chart: x/illumio\n  values: [clusterMode: clas]\n- name: west\n  chart: x/illumio\n";
        check_with(None, Some("west"), two, &["west legacy default"]);
        check_with(None, None, two, &["east clas 4:25", "west legacy default"]);
        check_with(None, Some("north"), two, &[]);
    }

    #[test]
    fn a_template_of_several_clusters_is_none_itself() {
        let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: illumio}\nspec:\n  generators:\n  - list:\n      elements:\n      - {cluster: east, clusterMode: clas}\n      - {cluster: west, clusterMode: legacy}\n  template:\n    spec:\n      source:\n        chart: illumio\n        helm:\n          valuesObject:\n            clusterMode: '{{clusterMode}}'\n";
        check(set, &["east clas 8:38", "west legacy 9:38"]);
    }

    #[test]
    fn a_mode_that_is_overridden_from_elsewhere_is_unknown() {
        let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio}\nspec:\n  chart: {spec: {chart: illumio, version: 5.1.0}}\n  valuesFrom: [{kind: ConfigMap, name: mode, targetPath: clusterMode}]\n  values: {clusterMode: clas}\n";
        check(release, &["illumio unknown 7:25 chart 5.1.0 mode-overridden"]);
        let plain = release.replace(", targetPath: clusterMode", "");
        check(&plain, &["illumio clas 7:25 chart 5.1.0"]);
    }

    #[test]
    fn an_object_of_another_kind_is_no_place() {
        check_merged(&["kind: Deployment\napiVersion: apps/v1\n"], &["unknown foreign-values"]);
        let resource = "apiVersion: example.com/v1\nkind: Cluster\nspec: {values: {clusterMode: clas}}\n";
        check_merged(&[resource], &["unknown mode-not-judged foreign-values"]);
        check(resource, &["unknown 3:17"]);
        check_merged(&["releases:\n- {name: redis, chart: bitnami/redis}\n"], &["unknown foreign-values"]);
        // values have no kind, or have it beside those of the chart
        check_merged(&["replicas: 2\n"], &["legacy default"]);
        check_merged(&["kind: a\npce_url: x:1\n"], &["legacy default"]);
    }

    #[test]
    fn of_several_files_the_last_that_says_it_decides() {
        check_merged(&["clusterMode: clas\n"], &["clas 1:14"]);
        check_merged(&["replicas: 2\n"], &["legacy default"]);
        check_merged(&["clusterMode: clas\n", "a: 1\n"], &["clas 1:14", "- overridden"]);
        check_merged(&["clusterMode: clas\n", "clusterMode: legacy\n"], &["clas 1:14 overridden", "legacy 1:14"]);
        check_merged(&["a: 1\n", "b: 1\n"], &["- overridden", "legacy default"]);
        check_merged(&["clusterMode: clas\n", "clusterMode:\n"], &["clas 1:14 overridden", "unknown 1:1 blank-mode"]);
    }

    #[test]
    fn helm_stops_at_a_file_that_it_cannot_read() {
        check_merged(&["a: [\n", "clusterMode: clas\n"], &["unknown invalid-yaml", "clas 1:14 overridden"]);
    }

    #[test]
    fn a_manifest_is_a_cluster_of_its_own() {
        let manifest = "releases:\n- {name: east, chart: x/illumio}\n- {name: west, chart: x/illumio}\n";
        check_merged(&[manifest], &["east legacy default", "west legacy default"]);
        let overview = |texts: &[&str]| Overview { merged: merged_of(texts), found: Vec::new() };
        assert_eq!(overview(&[manifest]).effective(), None);
        assert_eq!(overview(&[manifest, "clusterMode: clas\n"]).summary().clusters, 3);
        let two = overview(&["clusterMode: clas\n", "a: 1\n"]);
        assert_eq!((two.effective(), two.summary().clusters), (Some(&two.merged[0]), 1));
    }

    #[test]
    fn the_summary_is_read_at_a_glance() {
        #[track_caller]
        fn check(modes: &[&str], expected: &str) {
            let texts: Vec<String> = modes.iter().map(|mode| format!("clusterMode: {mode}\n")).collect();
            let standings: Vec<Standing> = texts.iter().flat_map(|text| found("values.yaml", text)).collect();
            assert_eq!(Summary::of(&standings).to_string(), expected);
        }
        check(
            &["clas", "legacy", "clas", "migrateLegacyToClas", "legacy", "clas", "legacy"],
            "7 clusters: 3 clas, 1 migrating, 3 legacy",
        );
        check(&["migrateClasToLegacy"], "1 cluster: 1 reverting");
        check(&["unpair", "klas"], "2 clusters: 1 unpairing, 1 unknown");
        check(&[], "0 clusters");
    }

    #[test]
    fn an_inexact_version_is_said_and_leaves_the_way_back() {
        let found = |version: &str, mode: &str| {
            let text = format!(
                "releases:\n- {{name: a, chart: q/illumio, version: {version}, values: [{{clusterMode: {mode}}}]}}\n"
            );
            let found = self::tests::found("helmfile.yaml", &text);
            let rules: Vec<Rule> = found[0].errors().map(|noted| noted.finding.rule).collect();
            (found[0].next().collect::<Vec<_>>(), rules)
        };
        assert_eq!(found("5.1.0", "legacy"), (vec![Verb::Migrate], vec![]));
        assert_eq!(found("5.x", "legacy"), (vec![], vec![Rule::VersionNotExact]));
        assert_eq!(found("5.x", "clas"), (vec![Verb::Revert], vec![Rule::VersionNotExact]));
    }

    #[test]
    fn what_is_next_is_what_the_procedure_allows() {
        let next = |text: &str| -> Vec<String> {
            let standings = merged_of(&[text]);
            standings[0].next().map(|verb| verb.to_string()).collect()
        };
        assert_eq!(next("a: 1\n"), ["migrate"]);
        assert_eq!(next("clusterMode: migrateLegacyToClas\n"), ["migrate --finish", "revert"]);
        assert_eq!(next("clusterMode: migrateClasToLegacy\n"), ["revert --finish"]);
        assert!(next("clusterMode: unpair\n").is_empty());
        assert!(next("clusterMode: klas\n").is_empty());
    }
}
