//! [`Standing`]: where a cluster stands, and what is next. Found in any file, or merged from the values files of one
//! cluster; what is kept of a file are its standings, not its text.

use std::{collections::HashSet, fmt, ops::Range};

use crate::{
    chart,
    finding::{Finding, Position, Severity},
    merged::Merged,
    mode::ClusterMode,
    overrides::Override,
    place::{
        Dependency, Holder, Place, Sources, clusters, foreign_manifest, foreign_object, foreign_section, has_values,
        is_about_lines, mode_of_value, unread,
    },
    procedure::Verb,
    rule::Rule,
    step::Source,
    version::ChartVersion,
    yaml::Document,
};

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
    /// The mode: the chart's default where none is said; nothing where it cannot be told.
    pub mode: Option<ClusterMode>,
    /// The chart version that stands beside it, as it is written.
    pub version: Option<String>,
    /// Whether another file of the same cluster decides the mode. Its mode then is what it says itself, if anything.
    pub is_overridden: bool,
    /// What is wrong with the place.
    pub findings: Vec<Noted>,
}

/// A finding with its place as people count it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The finding.
    pub finding: Finding,
    /// Where it begins and ends, where it is about a part of the file.
    pub region: Option<Range<Position>>,
}

/// What is known of a file beside its content.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'h> {
    /// Where the values stand, where it cannot be told: keys, or the name of the release in a manifest.
    pub path: Option<&'h str>,
    /// The dependency that the `Chart.yaml` beside the file names.
    pub dependency: Option<&'h Dependency>,
    /// Where the file is a manifest, those of the files that it takes values from which could be read: see
    /// [`files_beside`](crate::place::files_beside).
    pub beside: &'h [Source<'h>],
}

/// The places of any file that say, or would say, where a cluster stands; none where nothing in it looks like Illumio's.
///
/// A file that looks like it and cannot be read has one place whose mode cannot be told. A place in a manifest is merged
/// with the files that the manifest takes values from.
///
/// ```
/// use helm_clas::{Source, status::{Hints, found_in}};
///
/// let found = |bytes| found_in(Source { name: "values.yaml", bytes }, Hints::default());
/// let standings = found(b"clusterMode: clas\n");
/// assert_eq!(standings[0].next().map(|verb| verb.command()).collect::<Vec<_>>(), ["revert"]);
/// assert!(found(b"replicas: 2\n").is_empty());
/// ```
#[must_use]
pub fn found_in(source: Source<'_>, hints: Hints<'_>) -> Vec<Standing> {
    if hints.dependency.is_none() && hints.path.is_none() && !chart::may_hold_place(source.bytes) {
        return Vec::new();
    }
    match places(source, hints) {
        Ok(Places::Manifest(standings)) => standings,
        Ok(Places::Values { standing, is_ours: true }) => vec![standing],
        Err(finding) if looks_like_ours(source.bytes, hints) => vec![Standing::unreadable(source, finding)],
        Ok(Places::Values { is_ours: false, .. }) | Err(_) => Vec::new(),
    }
}

/// Where the one cluster stands whose values these files are, in the order in which Helm merges them, with the options
/// beside them: a standing for each file, of which one is not overridden, that of the file that decides the mode. Where
/// an option does, all are, and it has a standing of its own behind them. Helm stops at a file that it cannot read, so
/// such a file decides that the mode cannot be told.
///
/// A manifest is no values file: each of its places is a cluster of its own, merged with those of the files behind it
/// that the manifest takes values from.
///
/// ```
/// use helm_clas::{Source, overrides::{Kind, Override}, status::{Hints, merged}};
///
/// let base = Source { name: "base.yaml", bytes: b"clusterMode: clas\n" };
/// let more = Source { name: "more.yaml", bytes: b"networkType: flat\n" };
/// let standings = merged(&[base, more], &[], Hints::default());
/// assert!(!standings[0].is_overridden);
/// assert_eq!((standings[1].is_overridden, standings[1].mode), (true, None));
///
/// let set = Override::read(Kind::Set, "clusterMode=legacy");
/// let standings = merged(&[base], &[set], Hints::default());
/// assert!(standings[0].is_overridden);
/// assert_eq!(standings[1].file, "--set clusterMode=legacy");
/// ```
#[must_use]
pub fn merged(sources: &[Source<'_>], overrides: &[Result<Override, Finding>], hints: Hints<'_>) -> Vec<Standing> {
    let read = read_all(sources, overrides, hints);
    // what one of the files tells of the others holds for all
    let below = read.as_ref().map(|merged| merged.below.join(".")).ok().filter(|below| !below.is_empty());
    let path = hints.path.or(below.as_deref().filter(|_| hints.dependency.is_none()));
    let (beside, alone) = named_by_first(sources);
    let hints = Hints { path, beside: &beside, ..hints };
    let standings_of = |source: &Source<'_>| match places(*source, hints) {
        Ok(Places::Manifest(standings)) if standings.is_empty() => {
            let finding = Finding::new(Rule::SeveralPlaces, "no release of this file is called so");
            vec![Standing::unreadable(*source, finding.help("leave out --path to see them all"))]
        }
        Ok(Places::Manifest(standings)) => standings,
        Ok(Places::Values { standing, .. }) => vec![standing],
        Err(finding) => vec![Standing::unreadable(*source, finding)],
    };
    let mut standings: Vec<Standing> = alone.iter().flat_map(standings_of).collect();
    let is_values = |standing: &Standing| standing.holder == Holder::Values;
    let option = match &read {
        Ok(merged) => Standing::of_option(merged),
        Err(findings) => findings.first().map(Standing::of_bad_option),
    };
    let decides = match (&read, &option) {
        (_, Some(_)) => None,
        // these are all values files
        (Ok(merged), None) => Some(merged.deciding_file()),
        (Err(_), None) => deciding(&standings),
    };
    for (index, standing) in standings.iter_mut().enumerate().filter(|(_, standing)| is_values(standing)) {
        if Some(index) != decides {
            standing.is_overridden = true;
            standing.mode = standing.mode.filter(|_| standing.position.is_some());
        }
    }
    standings.extend(option);
    standings
}

/// Of some sources those that the first, a manifest, takes values from; and the others, itself among them.
fn named_by_first<'s>(sources: &[Source<'s>]) -> (Vec<Source<'s>>, Vec<Source<'s>>) {
    let places = |manifest: &Source<'s>| manifest.text().map(Place::in_manifest).unwrap_or_default();
    let Some((manifest, _)) = sources.split_first().filter(|(_, others)| !others.is_empty()) else {
        return (Vec::new(), sources.to_vec());
    };
    let places = places(manifest);
    let around = Sources::of(sources);
    let named: HashSet<usize> = places.iter().flat_map(|place| place.takes_from(&around)).collect();
    let (beside, alone): (Vec<usize>, Vec<usize>) = (1..sources.len()).partition(|other| named.contains(other));
    let of = |numbers: Vec<usize>| numbers.into_iter().map(|number| sources[number]);
    (of(beside).collect(), [*manifest].into_iter().chain(of(alone)).collect())
}

/// The files and options as Helm merges them; what is wrong with the options, where that is why they cannot be.
fn read_all<'s>(
    sources: &[Source<'s>],
    overrides: &[Result<Override, Finding>],
    hints: Hints<'_>,
) -> Result<Merged<'s>, Vec<Finding>> {
    let bad: Vec<Finding> = overrides.iter().filter_map(|given| given.clone().err()).collect();
    if !bad.is_empty() {
        return Err(bad);
    }
    let document = |source: &Source<'s>| Document::read(source.text().ok()?).ok();
    let documents: Option<Vec<Document<'s>>> = sources.iter().map(document).collect();
    let is_values = |document: &Document<'_>| !Place::may_be_manifest(document);
    let Some(documents) = documents.filter(|documents| documents.iter().all(is_values)) else { return Err(Vec::new()) };
    let below = match hints {
        Hints { path: Some(path), .. } => keys(path),
        Hints { dependency: Some(dependency), .. } => vec![dependency.key.clone()],
        _ => Place::below(&documents),
    };
    let overrides = overrides.iter().flatten().cloned().collect();
    Merged::new(documents, overrides, below).map_err(|finding| vec![finding])
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
        let mut deciding = self.merged.iter().filter(|standing| !standing.is_overridden);
        deciding.next().filter(|_| deciding.next().is_none())
    }

    /// How many clusters stand where.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(self.standings())
    }
}

/// What a file that can be read holds.
enum Places {
    /// The places of a manifest that are asked about.
    Manifest(Vec<Standing>),
    /// The one place of a values file, and whether anything around it looks like Illumio's.
    Values { standing: Standing, is_ours: bool },
}

fn places(source: Source<'_>, hints: Hints<'_>) -> Result<Places, Finding> {
    let text = source.text()?;
    let document = Document::read(text);
    if document.as_ref().map_or(true, Place::may_be_manifest) {
        let places = Place::in_manifest(text);
        if !places.is_empty() {
            let asked =
                clusters(places).into_iter().filter(|place| hints.path.is_none_or(|path| place.is_called(path)));
            let sources: Vec<Source<'_>> = [source].into_iter().chain(hints.beside.iter().copied()).collect();
            let sources = Sources::of(&sources);
            let standing = |place: Place| Standing::of_manifest(place, &sources);
            return Ok(Places::Manifest(asked.map(standing).collect()));
        }
    }
    let document = document.map_err(|finding| unread(finding, source.name, text))?;
    let below = match hints {
        Hints { path: Some(path), .. } => keys(path),
        Hints { dependency: Some(dependency), .. } => vec![dependency.key.clone()],
        _ => Place::below(std::slice::from_ref(&document)),
    };
    let mut place = Place::in_values(&document, &below);
    place.hide_if_template(source.name, text);
    let is_unsaid = place.span.is_none() && place.findings.is_empty();
    let is_asked = is_unsaid && hints.path.is_none() && !has_values(&document, &below);
    let object = foreign_object(&document, &below, &place, hints.path.is_some());
    let is_object = object.is_some();
    let of_other_chart = || foreign_manifest(&document).or_else(|| foreign_section(&document, &below));
    if let Some(finding) = object.or_else(|| of_other_chart().filter(|_| is_asked)) {
        place.hide(finding);
    }
    let around = || document.names_at(below.iter().map(String::as_str));
    let is_its_values = || document.is_mapping_at(below.iter().map(String::as_str));
    let is_ours = !is_object && around().into_iter().any(chart::is_distinguishing)
        || hints.path.is_none() && hints.dependency.is_some() && is_its_values();
    let mut standing = Standing::of(place, text, source.name);
    let pin = hints.dependency.and_then(|dependency| dependency.version.as_ref());
    standing.version = standing.version.or_else(|| pin.map(|pin| pin.text.clone()));
    Ok(Places::Values { standing: standing.with_version_judged(text), is_ours })
}

fn keys(path: &str) -> Vec<String> {
    path.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect()
}

/// Whether a file that cannot be read looks like Illumio's: a line begins with one of its keys, and the file speaks of
/// Illumio, or that line is not indented.
fn looks_like_ours(bytes: &[u8], hints: Hints<'_>) -> bool {
    // what is left of UTF-16 without its zeros and its mark is good enough for names in ASCII
    let text = String::from_utf8_lossy(bytes).replace(['\0', char::REPLACEMENT_CHARACTER], "");
    let is_at_root = |line: &str| !line.starts_with([' ', '\t', '-']) && chart::looks_like_values(line);
    let speaks_of_it = || text.to_ascii_lowercase().contains("illumio");
    chart::looks_like_values(&text) && (hints.dependency.is_some() || text.lines().any(is_at_root) || speaks_of_it())
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
        let (_, keys) = self.path.split_last().filter(|_| self.holder == Holder::Values)?;
        (!keys.is_empty()).then(|| keys.join("."))
    }

    /// Says that the place which decides the mode decides that of other clusters, too, by their names: no step moves one of
    /// them alone.
    pub fn shared_by(&mut self, clusters: &[String]) {
        let message = format!("the file holds the mode of several clusters: {}", clusters.join(", "));
        let help = "write the mode of each beside its release, or into a file of its own; then take the step";
        let file = self.decided_in.as_ref().unwrap_or(&self.file);
        let finding = Finding::new(Rule::SeveralPlaces, message).help(help).in_file(file);
        self.findings.push(Noted { finding, region: self.position.map(|position| position..position) });
    }

    /// What is wrong with the version beside the mode.
    fn inexact_version(&self) -> Option<Finding> {
        let error = self.version.as_ref()?.parse::<ChartVersion>().err()?;
        let finding = Finding::new(Rule::VersionNotExact, format!("the version beside the values: {error}"));
        Some(finding.help("write the one exact version that runs"))
    }

    /// Whether the mode is the chart's default, which nothing says.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.mode.is_some() && self.position.is_none() && self.holder != Holder::Option
    }

    /// The findings that stop a step: those that make the mode unknown among them.
    pub fn errors(&self) -> impl Iterator<Item = &Noted> {
        self.findings.iter().filter(|noted| noted.finding.severity == Severity::Error)
    }

    /// What is wrong with the version is said, too.
    fn with_version_judged(mut self, text: &str) -> Self {
        if let Some(finding) = self.inexact_version() {
            let noted = Noted::of(finding, text, &self.file);
            self.findings.push(noted);
        }
        self
    }

    /// Of a place in a manifest, the first of some sources, together with the files that it takes values from.
    fn of_manifest(place: Place, sources: &Sources<'_>) -> Self {
        let holder = place.holder;
        let (number, mut place) = place.among(sources);
        let pin = place.version.clone();
        let manifest = sources[0].name;
        let text_of =
            |name: &str| sources.iter().find(|source| source.name == name).and_then(|source| source.text().ok());
        let noted = |finding: Finding| {
            let file = finding.file.as_deref().unwrap_or(manifest).to_owned();
            Noted::of(finding, text_of(&file).unwrap_or_default(), &file)
        };
        let findings: Vec<Noted> = place.findings.iter().cloned().map(noted).collect();
        place.holder = holder;
        let file = sources[number].name;
        let decided_in = (number > 0).then(|| file.to_owned());
        let is_certain = !place.findings.iter().any(is_about_lines);
        let standing = Self::of(place, text_of(file).unwrap_or_default(), manifest);
        let mode = standing.mode.filter(|_| is_certain);
        let mut standing = Self { decided_in, mode, findings, ..standing };
        if let (Some(finding), Some(pin)) = (standing.inexact_version(), pin) {
            let file = pin.file.as_deref().unwrap_or(manifest).to_owned();
            standing.findings.push(noted(Finding { span: pin.span, ..finding.in_file(&file) }));
        }
        standing
    }

    fn of(place: Place, text: &str, file: &str) -> Self {
        let is_overridden =
            |finding: &Finding| finding.rule == Rule::ModeOverridden && finding.severity == Severity::Error;
        // what stands here is then not the mode
        let mode = place.effective_mode().filter(|_| !place.findings.iter().any(is_overridden));
        Self {
            file: file.to_owned(),
            path: place.path().into_iter().map(str::to_owned).collect(),
            position: place.span.as_ref().map(|span| Position::of(text, span.start)),
            decided_in: None,
            mode,
            version: place.version.map(|pin| pin.text),
            release: place.release.map(|release| release.name),
            holder: place.holder,
            is_overridden: false,
            findings: place.findings.into_iter().map(|finding| Noted::of(finding, text, file)).collect(),
        }
    }

    /// The standing of the option that decides the mode, where one does.
    fn of_option(merged: &Merged<'_>) -> Option<Self> {
        let overridden = merged.overridden()?;
        let value = merged.decision().value.as_ref();
        let (mode, remark) = match value.map(mode_of_value) {
            Some(Ok((mode, spelling))) => (Some(mode), spelling),
            Some(Err(finding)) => (None, Some(finding)),
            None => (None, None),
        };
        let noted = |finding| Noted { finding, region: None };
        Some(Self {
            file: merged.deciding_option().unwrap_or_default(),
            holder: Holder::Option,
            mode,
            path: merged.path().into_iter().map(str::to_owned).collect(),
            findings: [overridden].into_iter().chain(remark).map(noted).collect(),
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
}

impl Summary {
    /// Counts; several files of one cluster count once.
    #[must_use]
    pub fn of<'s>(standings: impl IntoIterator<Item = &'s Standing>) -> Self {
        let mut summary = Self::default();
        for standing in standings.into_iter().filter(|standing| !standing.is_overridden) {
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
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn check_with(hints: Hints<'_>, bytes: &[u8], expected: &[&str]) {
        let found = found_in(Source { name: "values.yaml", bytes }, hints);
        assert_eq!(found.iter().map(said).collect::<Vec<_>>(), expected, "{}", String::from_utf8_lossy(bytes));
    }

    /// A file that is found in a folder.
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        check_with(Hints::default(), text.as_bytes(), expected);
    }

    /// The files of one cluster.
    #[track_caller]
    fn check_merged(texts: &[&str], expected: &[&str]) {
        let sources: Vec<Source<'_>> =
            texts.iter().map(|text| Source { name: "values.yaml", bytes: text.as_bytes() }).collect();
        let standings = merged(&sources, &[], Hints::default());
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
        check_with(Hints::default(), b"clusterMode: clas # Stra\xdfe\n", &["unknown invalid-yaml"]);
        check_with(Hints::default(), b"\xff\xfec\0l\0u\0s\0t\0e\0r\0M\0o\0d\0e\0:\0\n\0", &["unknown outside-dialect"]);
        check_with(Hints::default(), b"\x7fELF cluster\xff\n", &[]);
    }

    #[test]
    fn an_umbrella_chart_tells_the_key_and_the_version() {
        let dependency = crate::place::dependency("dependencies:\n- {name: illumio, alias: sec, version: 5.1.0}\n");
        let dependency = dependency.expect("a chart").expect("a dependency");
        let beside = Hints { dependency: Some(&dependency), ..Hints::default() };
        check_with(beside, b"sec:\n  clusterMode: clas\n", &["clas 2:16 chart 5.1.0"]);
        check_with(beside, b"sec:\n  verbosity: 1\n", &["legacy default chart 5.1.0"]);
        check_with(beside, b"web:\n  replicas: 1\n", &[]);
        check_with(beside, b"dependencies:\n- name: illumio\n", &[]);
    }

    #[test]
    fn a_path_names_the_place() {
        let named = |path| Hints { path: Some(path), ..Hints::default() };
        check_with(named("a.b"), b"a: {b: {clusterMode: clas}}\n", &["clas 1:22"]);
        check_with(named("a.b"), b"clusterMode: clas\n", &[]);
        let two = b"releases:\n- name: east\n  chart: x/illumio\n  values: [clusterMode: clas]\n- name: west\n  chart: x/illumio\n";
        check_with(named("west"), two, &["west legacy default"]);
        check_with(Hints::default(), two, &["east clas 4:25", "west legacy default"]);
        check_with(named("north"), two, &[]);
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
        check_merged(&[resource], &["unknown foreign-values"]);
        check(resource, &[]);
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
        let overview = |texts: &[&str]| {
            let sources: Vec<Source<'_>> =
                texts.iter().map(|text| Source { name: "v", bytes: text.as_bytes() }).collect();
            Overview { merged: merged(&sources, &[], Hints::default()), found: Vec::new() }
        };
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
            let standings: Vec<Standing> = texts
                .iter()
                .flat_map(|text| found_in(Source { name: "values.yaml", bytes: text.as_bytes() }, Hints::default()))
                .collect();
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
            let found = found_in(Source { name: "helmfile.yaml", bytes: text.as_bytes() }, Hints::default());
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
            let standings = merged(&[Source { name: "v", bytes: text.as_bytes() }], &[], Hints::default());
            standings[0].next().map(|verb| verb.to_string()).collect()
        };
        assert_eq!(next("a: 1\n"), ["migrate"]);
        assert_eq!(next("clusterMode: migrateLegacyToClas\n"), ["migrate --finish", "revert"]);
        assert_eq!(next("clusterMode: migrateClasToLegacy\n"), ["revert --finish"]);
        assert!(next("clusterMode: unpair\n").is_empty());
        assert!(next("clusterMode: klas\n").is_empty());
    }
}
