//! [`Reach`]: whom an edit at the spot that decides a mode moves.

use std::{collections::HashMap, fmt, ops::Range};

use super::{Layer, Release, Values};
use crate::{
    chart::MODE_KEY,
    files::Files,
    finding::{Finding, Severity},
    procedure::Deployer,
    rule::Rule,
    shown::{first, on_one_line},
    yaml::{Node, written},
};

/// How one of the clusters that get a chart of kustomize gets a mode of its own.
const OF_KUSTOMIZE: &str = "kustomize cannot patch the charts of a kustomization: move the chart out of the \
                                       base into each overlay, with the mode of that overlay";

/// Whom an edit at the spot that decides a mode moves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reach {
    /// One cluster.
    #[default]
    One,
    /// These clusters, by their names.
    Several(Vec<String>),
    /// All clusters of a generator, however many these are.
    AllOf(String),
}

impl Reach {
    /// That of some clusters by their names.
    #[must_use]
    pub fn of(mut names: Vec<String>) -> Self {
        names.sort();
        names.dedup();
        if names.len() > 1 { Self::Several(names) } else { Self::One }
    }

    /// That of some clusters by their names, together with what others are for.
    #[must_use]
    pub(crate) fn together(names: Vec<String>, others: impl Iterator<Item = Self>) -> Self {
        match others.filter(|reach| *reach != Self::One).reduce(Self::with) {
            None => Self::of(names),
            Some(Self::Several(some)) => Self::of(names.into_iter().chain(some).collect()),
            Some(all) => all,
        }
    }

    /// Both together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::AllOf(all), _) | (_, Self::AllOf(all)) => Self::AllOf(all),
            (Self::Several(some), Self::Several(more)) => Self::of(some.into_iter().chain(more).collect()),
            (Self::Several(some), Self::One) | (Self::One, Self::Several(some)) => Self::Several(some),
            (Self::One, Self::One) => Self::One,
        }
    }

    /// That a step would move more than one cluster; nothing where it moves one. What a person allows is a warning.
    #[must_use]
    pub fn finding(&self, help: &str, allowed: &[Rule]) -> Option<Finding> {
        if *self == Self::One {
            return None;
        }
        let is_allowed = allowed.contains(&Rule::SeveralClustersAtOnce);
        let finding = Finding::new(Rule::SeveralClustersAtOnce, format!("one edit here moves {self}"));
        let finding = finding.help(format!("{help}; or --allow {}", Rule::SeveralClustersAtOnce.name()));
        Some(finding.weighing(if is_allowed { Severity::Warning } else { Severity::Error }))
    }
}

/// `2 clusters: east, west`, or all clusters of a generator by its name.
impl fmt::Display for Reach {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 8;
        match self {
            Self::One => write!(out, "1 cluster"),
            Self::Several(names) => {
                let number = names.len();
                let names = names.iter().map(|name| on_one_line(name));
                write!(out, "{number} clusters: {}", first(SHOWN, number, ", ", names))
            }
            Self::AllOf(generator) => write!(out, "all clusters of {generator}"),
        }
    }
}

/// Whom an edit moves at the spot that decides the modes of these.
fn reach_of<'r, 's: 'r>(releases: impl Iterator<Item = &'r Release<'s>> + Clone) -> Reach {
    let name = |release: &Release<'_>| match &release.id.built_in {
        Some(overlay) => format!("{} in {overlay}", release.id.name),
        None if release.id.context.is_some() => release.id.full_name().unwrap_or_default(),
        None => release.shown_name().to_owned(),
    };
    // of those that several get, these are counted
    let alone = releases.clone().filter(|release| !matches!(release.reach, Reach::Several(_)));
    Reach::together(alone.map(name).collect(), releases.map(|release| release.reach.clone()))
}

/// Those of some releases that are installed; all where none is.
fn installed<'r, 's>(decided: Vec<&'r Release<'s>>) -> Vec<&'r Release<'s>> {
    if decided.iter().any(|release| release.is_installed()) {
        return decided.into_iter().filter(|release| release.is_installed()).collect();
    }
    decided
}

/// Whom an edit moves at the deciding spot of each release of a file: [`Release::reach_among`] of all of them.
pub(crate) fn reaches(releases: &[Release<'_>]) -> Vec<Reach> {
    type Spot = (usize, Option<Range<usize>>, Vec<String>, Option<(usize, usize)>);
    // the same bytes are the same spot, by whatever names two jobs lead to them
    let spot = |release: &Release<'_>| -> Spot {
        let mode = &release.mode;
        let path = if mode.span.is_some() { Vec::new() } else { mode.path() };
        (mode.file, mode.span.clone(), path, release.filled_at())
    };
    let spots: Vec<Spot> = releases.iter().map(spot).collect();
    let mut at: HashMap<&Spot, Vec<&Release<'_>>> = HashMap::new();
    for (spot, release) in spots.iter().zip(releases) {
        at.entry(spot).or_default().push(release);
    }
    let reach: HashMap<&Spot, Reach> =
        at.into_iter().map(|(spot, decided)| (spot, reach_of(installed(decided).into_iter()))).collect();
    spots.iter().map(|spot| reach.get(spot).cloned().unwrap_or_default()).collect()
}

/// Finds for the releases of a file that share the spot which decides their modes where each could have a mode of its own.
pub(crate) fn find_rooms(releases: &mut [Release<'_>], files: &Files<'_>) {
    let spot = |release: &Release<'_>| (release.mode.file, release.mode.span.as_ref().map(|span| span.start));
    let mut sharing: HashMap<_, usize> = HashMap::new();
    for release in releases.iter() {
        *sharing.entry(spot(release)).or_default() += 1;
    }
    let is_shared = |release: &Release<'_>| sharing[&spot(release)] > 1;
    if !releases.iter().any(is_shared) {
        return;
    }
    let mut takers: HashMap<Place<'_>, usize> = HashMap::new();
    let places = releases.iter().flat_map(|release| &release.layers).filter_map(place_of);
    places.for_each(|place| *takers.entry(place).or_default() += 1);
    let room = |release: &Release<'_>| {
        let above = release.mode.layer.and_then(|deciding| release.layers.get(deciding + 1..)).unwrap_or_default();
        let is_own = |layer: &&Layer<'_>| place_of(layer).is_some_and(|place| takers[&place] == 1);
        let is_for_one = release.reach == Reach::One && is_shared(release);
        let layer = above.iter().rev().find(is_own).filter(|_| is_for_one)?;
        Some(release.shown_room(layer, files))
    };
    let rooms: Vec<Option<String>> = releases.iter().map(room).collect();
    releases.iter_mut().zip(rooms).for_each(|(release, room)| release.room = room);
}

/// Where a mapping of values is: its text, and the keys that lead to it there.
type Place<'p> = (*const (), &'p [String]);

/// Where a mode can be written into a layer that is there, and in plain text.
fn place_of<'l>(layer: &'l Layer<'_>) -> Option<Place<'l>> {
    let is_plain = layer.named.as_ref().is_none_or(|named| !named.is_secret && named.object.is_none());
    match &layer.values {
        Values::Mapping { text, path, node: Some(_) } if is_plain && layer.under.is_empty() => {
            Some((std::ptr::from_ref(*text).cast(), path))
        }
        _ => None,
    }
}

impl Release<'_> {
    /// A layer as a sentence shows it: the keys in its manifest, or its file.
    fn shown_room(&self, layer: &Layer<'_>, files: &Files<'_>) -> String {
        let below = if self.below.is_empty() { String::new() } else { format!(" under `{}`", written(&self.below)) };
        let place = match &layer.values {
            Values::Mapping { path, .. } if layer.file == self.file && !path.is_empty() => {
                format!("`{}`", written(path))
            }
            _ => files.name(layer.file).to_owned(),
        };
        format!("{}{}", place.escape_debug(), below.escape_debug())
    }

    /// Whether the mode of another release is decided at the same spot.
    pub(crate) fn is_decided_with(&self, other: &Self) -> bool {
        if self.filled_at() != other.filled_at() {
            return false;
        }
        let (one, other) = (&self.mode, &other.mode);
        one.file == other.file && one.span == other.span && (one.span.is_some() || one.path() == other.path())
    }

    /// Where the mode is written that is filled in at the deciding spot.
    fn filled_at(&self) -> Option<(usize, usize)> {
        self.by_default.as_ref().and_then(|default| default.given)
    }

    /// Whether it is one of several clusters that one spot makes, of which another release is one.
    pub(crate) fn is_one_with(&self, other: &Self) -> bool {
        (self.reach != Reach::One || self.overlay.is_some()) && self.is_decided_with(other)
    }

    /// Whom an edit at the deciding spot moves, as far as the releases of the same file say.
    pub(crate) fn reach_among(&self, releases: &[Self]) -> Reach {
        reach_of(installed(releases.iter().filter(|release| release.is_decided_with(self)).collect()).into_iter())
    }

    /// Where the mode is, or would be, among the values in the object that brings the release, as patches name places.
    fn pointer_to_mode(&self) -> Option<String> {
        let of_object = self.at?.text;
        let path = self.layers.iter().rev().find_map(|layer| match &layer.values {
            Values::Mapping { text, path, .. } if std::ptr::eq(*text, of_object) && layer.is_own() => Some(path),
            _ => None,
        })?;
        let names = path.iter().chain(&self.below).map(String::as_str).chain([MODE_KEY]);
        let names: Vec<String> = names.map(|name| name.replace('~', "~0").replace('/', "~1")).collect();
        Some(format!("/{}", names.join("/")))
    }

    /// Whether a generator of Argo CD makes it, and others of its template.
    pub(crate) fn is_of_set(&self) -> bool {
        self.id.controller.is_some_and(|controller| controller.kind() == "ApplicationSet")
    }

    /// The same of an Application that a set makes, by its generators.
    fn help_to_part_set(&self, set: Node<'_>) -> String {
        let dot = if set.is_true_at("spec.goTemplate") { "." } else { "" };
        let generators = || set.at("spec.generators").into_iter().flat_map(Node::items);
        if let Some(file) = self.file_by_template().filter(|_| self.mode.file == self.file) {
            return format!("write `clusterMode` into `{file}` of each cluster, and remove it from the template");
        }
        if self.mode.file == self.file {
            let is_listed = generators().all(|generator| generator.get("list").is_some());
            let elements = if is_listed && !matches!(self.reach, Reach::AllOf(_)) {
                "write `clusterMode` into each element of the generator"
            } else {
                "replace the generators by one `list` generator with an element for each Application, and `clusterMode` in \
                 each"
            };
            return format!("{elements}, and write `clusterMode: '{{{{{dot}clusterMode}}}}'` into the template");
        }
        let element = generators().find_map(|generator| generator.at("list.elements")?.items().next());
        let said = |key: &&str| element.is_some_and(|element| element.get(key).is_some());
        let folders = || generators().any(|generator| generator.get("git").is_some()).then_some("path.basename");
        let name = ["cluster", "name", "clusterName"].into_iter().find(said).or_else(folders).unwrap_or("name");
        format!(
            "behind that file, name one for each cluster in `valueFiles` of the template, such as \
             `{{{{{dot}{name}}}}}.yaml`, with `ignoreMissingValueFiles: true`, and write `clusterMode` into the one of the \
             first cluster"
        )
    }

    /// The values file whose name the template of a set fills in, so that each Application has one of its own; where the
    /// template fills in the folder of the chart, the one in that.
    fn file_by_template(&self) -> Option<String> {
        let source = self.at?;
        let is_open = |name: &&str| name.contains("{{");
        let files = source.at("helm.valueFiles").into_iter().flat_map(Node::items).filter_map(Node::str);
        let of_chart = || Some(format!("{}/values.yaml", source.str_at("path").filter(is_open)?));
        files.filter(is_open).last().map(str::to_owned).or_else(of_chart)
    }

    /// How to give one cluster a mode of its own.
    pub(crate) fn help_to_part(&self) -> String {
        if let Some((room, mode)) = self.room.as_ref().zip(self.mode.mode) {
            return format!(
                "write `clusterMode: {mode}` into {room}, which overrides this place for that cluster alone; then take the \
                 step again"
            );
        }
        let set = self.at.and_then(|at| at.text.root()).filter(|_| self.is_of_set());
        if let Some(set) = set.filter(|_| self.id.deployer() != Deployer::Kustomize || self.mode.file == self.file) {
            return self.help_to_part_set(set);
        }
        let own_mode = self.id.controller.map_or("", |controller| controller.own_mode(self.reach != Reach::One));
        if !own_mode.is_empty() && self.overlay.is_none() {
            return own_mode.to_owned();
        }
        if self.overlay.is_some() && self.id.deployer() == Deployer::Kustomize {
            return OF_KUSTOMIZE.to_owned();
        }
        if self.overlay.is_some() {
            let patch = match self.pointer_to_mode() {
                Some(pointer) => format!("`op: add`, `path: {pointer}` and the mode as `value`"),
                None => "`clusterMode` among its values".to_owned(),
            };
            return format!("give each overlay a mode of its own, in a patch with {patch}");
        }
        let is_selecting = matches!(self.reach, Reach::AllOf(_));
        if self.mode.file == self.file && is_selecting {
            return "give the first cluster a file, a target or a selector of its own, and change its mode \
                    there"
                .to_owned();
        }
        if self.mode.file == self.file {
            return "write the mode of each cluster beside its own release".to_owned();
        }
        "for the first cluster, write `clusterMode` into a layer that overrides that file: beside its release, or in \
         a file of its own"
            .to_owned()
    }
}
