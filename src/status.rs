//! Where clusters stand: the mode of each place in a set of files, and what is next.

use std::fmt;

use crate::{
    chart,
    finding::{Finding, Position},
    mode::ClusterMode,
    place::{Dependency, Holder, Place},
    procedure::Verb,
    step::Source,
    yaml::Document,
};

/// Where a cluster stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The file that says its mode.
    pub file: String,
    /// What kind of file that is.
    pub holder: Holder,
    /// The release, where a manifest names it.
    pub release: Option<String>,
    /// The keys that lead to the mode.
    pub path: Vec<String>,
    /// Where the mode is said; nothing where it is not.
    pub position: Option<Position>,
    /// The mode; nothing where it cannot be told.
    pub mode: Option<ClusterMode>,
    /// The chart version beside it.
    pub version: Option<String>,
    /// What is wrong with the place.
    pub findings: Vec<Finding>,
}

impl Standing {
    /// The verbs that are steps from here.
    pub fn next(&self) -> impl Iterator<Item = Verb> {
        self.mode.into_iter().flat_map(Verb::legal_from)
    }

    fn of(place: Place, text: &str, file: &str, dependency: Option<&Dependency>) -> Self {
        let beside = dependency.and_then(|dependency| dependency.version.as_ref());
        let path = place.path().into_iter().map(str::to_owned).collect();
        Self {
            file: file.to_owned(),
            holder: place.holder,
            path,
            mode: place.effective_mode(),
            position: place.span.map(|span| Position::of(text, span.start)),
            version: place.version.as_ref().or(beside).map(|pin| pin.text.clone()),
            release: place.release.map(|release| release.name),
            findings: place.findings.into_iter().map(|finding| finding.in_file(file)).collect(),
        }
    }
}

/// Where the clusters of a file stand; none where the file holds no place that looks like Illumio's.
///
/// `dependency` is what the `Chart.yaml` beside the file names. A file that is named (`is_named`) has a place even if
/// nothing in it looks like one, and one that cannot be read says so; others are passed over.
///
/// ```
/// use helm_clas::{Source, status::standings};
///
/// let source = Source { name: "values.yaml", bytes: b"clusterMode: clas\n" };
/// let standings = standings(source, None, false);
/// assert_eq!(standings[0].next().map(|verb| verb.command()).collect::<Vec<_>>(), ["revert"]);
/// ```
#[must_use]
pub fn standings(source: Source<'_>, dependency: Option<&Dependency>, is_named: bool) -> Vec<Standing> {
    if !is_named && dependency.is_none() && !chart::may_hold_place(source.bytes) {
        return Vec::new();
    }
    let refused = |finding: Finding| Standing {
        file: source.name.to_owned(),
        holder: Holder::Values,
        release: None,
        path: Vec::new(),
        position: None,
        mode: None,
        version: None,
        findings: vec![finding.in_file(source.name)],
    };
    let text = match source.text() {
        Ok(text) => text,
        Err(finding) => return if is_named { vec![refused(finding)] } else { Vec::new() },
    };
    let document = Document::read(text);
    if document.as_ref().map_or(true, Place::may_be_manifest) {
        let places = Place::in_manifest(text);
        if !places.is_empty() {
            return places.into_iter().map(|place| Standing::of(place, text, source.name, None)).collect();
        }
    }
    let document = match document {
        Ok(document) => document,
        Err(finding) if is_named || chart::looks_like_values(text) => return vec![refused(finding)],
        Err(_) => return Vec::new(),
    };
    let place = match dependency {
        Some(dependency) => Place::in_values(&document, std::slice::from_ref(&dependency.key)),
        None => Place::read(&document),
    };
    let parents = &place.path()[..place.path().len() - 1];
    let looks_like_it = || document.names_at(parents.iter().copied()).into_iter().any(chart::is_distinguishing);
    if !is_named && dependency.is_none() && !looks_like_it() {
        return Vec::new();
    }
    vec![Standing::of(place, text, source.name, dependency)]
}

/// How many clusters stand where, in the order of the way to CLAS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// All of them.
    pub clusters: usize,
    /// In each mode, in the order of [`ClusterMode::ALL`].
    pub modes: [usize; 5],
    /// Those whose mode cannot be told.
    pub unknown: usize,
}

impl Summary {
    /// Counts.
    #[must_use]
    pub fn of(standings: &[Standing]) -> Self {
        let mut summary = Self { clusters: standings.len(), ..Self::default() };
        for standing in standings {
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

/// `7 clusters: 3 clas, 1 migrating, 3 legacy`.
impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.clusters == 1 { "" } else { "s" };
        write!(out, "{} cluster{plural}", self.clusters)?;
        let counted = [
            (self.count(ClusterMode::Clas), "clas"),
            (self.count(ClusterMode::MigrateLegacyToClas), "migrating"),
            (self.count(ClusterMode::MigrateClasToLegacy), "reverting"),
            (self.count(ClusterMode::Legacy), "legacy"),
            (self.count(ClusterMode::Unpair), "unpairing"),
            (self.unknown, "unknown"),
        ];
        let mut separator = ": ";
        for (count, name) in counted.into_iter().filter(|(count, _)| *count > 0) {
            write!(out, "{separator}{count} {name}")?;
            separator = ", ";
        }
        Ok(())
    }
}
