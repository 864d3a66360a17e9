//! From manifests to releases: which controllers a file is for, and which charts it names.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{arms::doubt_arms, charts::for_each_chart, mentions, named::doubt_named};
use crate::{
    controller::{Controller, FILLED_IN},
    files::{Files, Found, Held, Wanted, is_of_other_language},
    finding::{Finding, Severity},
    glob::Glob,
    release::{
        Carrier, Layer, OneCluster, Release, Values, find_rooms, hiding_lines_of_manifest, is_among_templates,
        merge_arms, names, other_tools, overridden_by,
    },
    rendered::as_pattern,
    rule::Rule,
    yaml::{MAX_RELEASES, Node, Text},
};

/// The releases that a manifest brings, or a kustomization builds; none where the file is neither, or none is of
/// Illumio's chart.
pub(crate) fn releases_of_manifest<'s>(files: &Files<'s>, number: usize) -> Vec<Release<'s>> {
    let mut releases = releases_in(files, number);
    if releases.is_empty() {
        let below = crate::graph::built_below(files, number, releases_in);
        let built = if below.is_empty() { crate::graph::built_with(files, number, releases_in) } else { below };
        releases = without_taken(built, files);
    }
    find_rooms(&mut releases, files);
    releases
}

/// The releases of a manifest that take values from all of some files, by the names that `--path` has for them. Those
/// for which it is not known what a file means are not among them. Nothing where a file is a manifest itself.
///
/// ```
/// use helm_clas::{Files, Texts, Wanted, names_of_takers};
///
/// let texts = Texts::new();
/// let helmfile = "releases: [{name: east, chart: illumio, version: 5.1.0, values: [east.yaml]}]\n";
/// let files = Files::of(&texts, [("helmfile.yaml", helmfile), ("east.yaml", "clusterMode: legacy\n")]);
/// assert_eq!(names_of_takers(&files, 0, &[1]), ["east"]);
/// ```
#[must_use]
pub fn names_of_takers<'s>(files: &Files<'s>, manifest: usize, named: &[usize]) -> Vec<String> {
    if named.iter().any(|file| brings_charts(files, *file)) {
        return Vec::new();
    }
    // a patch, and what Argo CD finds beside a source, are the release's own, in a file of their own
    let takes = |release: &Release<'s>, file: usize| {
        let is_of_file = |layer: &&Layer<'s>| layer.file == file && file != release.file;
        release.layers.iter().filter(is_of_file).any(|layer| !layer.is_unknown())
    };
    let takes_all = |release: &Release<'s>| named.iter().all(|file| takes(release, *file));
    named_where(files, manifest, takes_all)
}

/// Whether a file brings charts, and does not only hold values.
#[must_use]
pub fn brings_charts(files: &Files<'_>, manifest: usize) -> bool {
    !releases_of_manifest(files, manifest).iter().all(holds_values)
}

/// Whether any release of a manifest has something to do with some files, known or not.
#[must_use]
pub fn may_take(files: &Files<'_>, manifest: usize, named: &[usize]) -> bool {
    let taken = files_taken(files, manifest);
    named.iter().any(|file| taken.contains(file))
}

/// The files that the releases of a manifest have something to do with, known or not, by their numbers.
///
/// ```
/// use helm_clas::{Files, Texts, files_taken};
///
/// let texts = Texts::new();
/// let helmfile = "releases: [{name: east, chart: illumio, version: 5.1.0, values: [east.yaml]}]\n";
/// let files = Files::of(&texts, [("helmfile.yaml", helmfile), ("east.yaml", ""), ("west.yaml", "")]);
/// assert!(files_taken(&files, 0).contains(&1) && !files_taken(&files, 0).contains(&2));
/// ```
#[must_use]
pub fn files_taken<'s>(files: &Files<'s>, manifest: usize) -> BTreeSet<usize> {
    let of_release = |release: Release<'s>| {
        let layers: Vec<usize> = release.layers.iter().map(|layer| layer.file).collect();
        layers.into_iter().chain(release.files_named(files))
    };
    releases_of_manifest(files, manifest).into_iter().flat_map(of_release).collect()
}

/// Whether a release is an object that holds values, for others to take.
fn holds_values(release: &Release<'_>) -> bool {
    Controller::of(&release.id).is_some_and(Controller::holds_only_values)
}

/// The names of some releases of a manifest: that of the overlay that builds one, or its own, with what distinguishes
/// it from others of the same name.
fn named_where<'s>(files: &Files<'s>, manifest: usize, is_it: impl Fn(&Release<'s>) -> bool) -> Vec<String> {
    let releases = releases_of_manifest(files, manifest);
    let named = releases.iter().zip(names(&releases)).filter(|(release, _)| is_it(release));
    named.map(|(release, name)| release.id.built_in.clone().unwrap_or(name)).collect()
}

/// Those of the releases of a manifest whose mode a file decides, by the names that `--path` has for them.
///
/// ```
/// use helm_clas::{Files, Texts, names_of_decided};
///
/// let texts = Texts::new();
/// let helmfile = "releases:\n- {name: east, chart: illumio, version: 5.1.0, values: [common.yaml]}\n\
///                 - {name: west, chart: illumio, version: 5.1.0, values: [common.yaml, {clusterMode: clas}]}\n";
/// let files = Files::of(&texts, [("helmfile.yaml", helmfile), ("common.yaml", "clusterMode: legacy\n")]);
/// assert_eq!(names_of_decided(&files, 0, 1), ["east"]);
/// ```
#[must_use]
pub fn names_of_decided(files: &Files<'_>, manifest: usize, file: usize) -> Vec<String> {
    named_where(files, manifest, |release| release.mode.file == file && release.is_installed())
}

/// The releases that the documents of a file bring, once for each overlay that builds them.
pub(crate) fn releases_in<'s>(files: &Files<'s>, number: usize) -> Vec<Release<'s>> {
    crate::graph::built(files, number, releases_written_in(files, number), releases_in)
}

/// The releases of a manifest with their layers, where that is all that is asked: what they come to is not found out
/// for those which nothing else builds.
pub(super) fn layered<'s>(files: &Files<'s>, number: usize) -> Vec<Release<'s>> {
    let releases = if crate::graph::is_taken(files, number) { Vec::new() } else { brought_by(files, number) };
    if releases.is_empty() { releases_of_manifest(files, number) } else { releases }
}

/// Whether a file is YAML, by its name: each of its jobs may be for another cluster.
fn is_yaml(name: &str) -> bool {
    [".yaml", ".yml"].iter().any(|ending| name.ends_with(ending))
}

/// The releases that the documents of a file bring.
fn releases_written_in<'s>(files: &Files<'s>, number: usize) -> Vec<Release<'s>> {
    let mut releases = brought_by(files, number);
    let unreadable = files.parts(number).iter().filter_map(|part| part.text.as_ref().err());
    let mut unreadable: Vec<Finding> =
        unreadable.filter(|_| !crate::rendered::is_read_for_jobs(files.source(number))).cloned().collect();
    if releases.len() > MAX_RELEASES {
        releases.truncate(MAX_RELEASES);
        let message =
            format!("the file brings more than {MAX_RELEASES} releases of the chart, and the rest is not read");
        unreadable.insert(0, Finding::new(Rule::OutsideDialect, message).help("split the file"));
    }
    for release in &mut releases {
        release.settle(files);
    }
    keep_deciding_spots(&mut releases);
    let mut releases = without_taken(releases, files);
    doubt_arms(&mut releases, files);
    let is_command = |release: &Release<'_>| release.id.title() == Some(crate::controller::IN_SCRIPT);
    let is_script = !is_yaml(files.name(number)) && releases.iter().all(is_command);
    merge_arms(&mut releases, if is_script { OneCluster::BySpot } else { OneCluster::ById });
    crate::release::number(&mut releases);
    doubt_rendered(&mut releases, files, number);
    doubt_named(files, number, &mut releases);
    // a controller reads the file as a whole, or not at all
    for (count, release) in releases.iter_mut().enumerate() {
        let said = if count == 0 { unreadable.len() } else { 1 };
        let unreadable = unreadable.iter().take(said).cloned();
        let unreadable: Vec<Finding> = unreadable.map(|finding| finding.in_file(files.name(number))).collect();
        if !unreadable.is_empty() && release.mode.span.is_none() {
            release.mode.mode = None;
        }
        release.findings.extend(unreadable);
    }
    let found = if releases.is_empty() { Vec::new() } else { mentions(files, number, &releases) };
    for release in &mut releases {
        release.doubt_default(&found);
    }
    if let Some(first) = releases.first_mut() {
        first.mentions = found;
    }
    releases
}

/// The releases that the documents of a file bring, with their layers alone.
fn brought_by<'s>(files: &Files<'s>, number: usize) -> Vec<Release<'s>> {
    let mut releases: Vec<Release<'s>> = Vec::new();
    for_each_chart(files, number, |chart, said| {
        if chart.is_ours() && releases.len() <= MAX_RELEASES {
            let is_open = |path: Option<&str>| path.is_none_or(|path| chart.get(path).is_none());
            let of_file = said.findings.iter().filter(|(path, _)| is_open(*path));
            let of_file: Vec<Finding> = of_file.map(|(_, finding)| finding.clone()).collect();
            releases.extend(chart.releases(&of_file));
        }
    });
    crate::release::number(&mut releases);
    releases
}

/// Takes back that a spot is overridden where it decides for another release of the file.
fn keep_deciding_spots(releases: &mut [Release<'_>]) {
    if releases.len() < 2 {
        return;
    }
    let spot = |release: &Release<'_>| Some((release.mode.file, release.mode.span.clone()?.start));
    let bringing = releases.iter().filter(|release| !holds_values(release));
    let deciding: HashSet<(usize, usize)> = bringing.filter_map(spot).collect();
    for release in releases {
        let file = release.file;
        let decides = |finding: &Finding| {
            let at = finding.span.as_ref().map(|span| (file, span.start));
            at.is_some_and(|at| deciding.contains(&at))
        };
        let is_kept = |finding: &Finding| {
            finding.rule != Rule::ModeOverridden || finding.severity != Severity::Warning || !decides(finding)
        };
        release.mode.findings.retain(is_kept);
    }
}

/// What Helm renders of a template of a chart, or another tool of its own, need not be what is written in it.
fn doubt_rendered(releases: &mut [Release<'_>], files: &Files<'_>, number: usize) {
    let source = files.source(number);
    if releases.is_empty() || is_of_other_language(source.name, source.bytes) {
        return;
    }
    let Ok(text) = source.text() else { return };
    let switch = files.switch(number);
    if let Some((span, _)) = switch {
        let message = "Helm renders this only where the condition holds, and the mode counts there";
        let finding = Finding::new(Rule::TemplateInValues, message).weighing(Severity::Info);
        let finding = finding.help("check with `helm template` that it is rendered for the cluster");
        let finding = finding.at(span.clone()).in_file(source.name);
        for release in &mut *releases {
            release.findings.push(finding.clone());
        }
    }
    let hides = is_among_templates(source.name)
        .then(|| hiding_lines_of_manifest(switch.map_or(text, |(_, quiet)| quiet)))
        .flatten();
    let Some(finding) = hides.or_else(|| other_tools(text)) else { return };
    for release in releases {
        release.mode.doubt(finding.clone().in_file(source.name));
    }
}

/// The releases without those objects of the same file whose values others take: their values are read through the
/// releases that take them.
fn without_taken<'s>(mut releases: Vec<Release<'s>>, files: &Files<'s>) -> Vec<Release<'s>> {
    if !releases.iter().any(holds_values) {
        return releases;
    }
    let mut read: HashSet<*const Text<'s>> = HashSet::new();
    let mut takers: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    for (number, release) in releases.iter().enumerate().filter(|(_, release)| !holds_values(release)) {
        read.extend(release.layers.iter().filter(|layer| !layer.is_own()).filter_map(text_of));
        for object in release.named_objects() {
            takers.entry(object).or_default().push(number);
        }
    }
    let mut is_kept = vec![true; releases.len()];
    let mut overridden: Vec<(usize, Finding)> = Vec::new();
    for (number, held) in releases.iter().enumerate().filter(|(_, release)| holds_values(release)) {
        if held.layers.iter().filter_map(text_of).any(|text| read.contains(&text)) {
            is_kept[number] = false;
            continue;
        }
        let kind = held.id.controller.map_or("", Carrier::kind);
        let is_near = |taker: &&usize| {
            let other = releases[**taker].id.namespace.as_ref();
            held.id.namespace.as_ref().zip(other).is_none_or(|(one, other)| one == other)
        };
        let takers = takers.get(&(kind, held.id.name.as_str())).into_iter().flatten().filter(is_near);
        let takers: Vec<usize> = takers.copied().collect();
        let says_mode = |taker: &usize| releases[*taker].mode.span.is_some();
        is_kept[number] = takers.is_empty() || !takers.iter().all(says_mode);
        for (taker, span) in takers.iter().filter(|taker| says_mode(taker)).zip(held.mode.span.iter().cycle()) {
            let finding = overridden_by(&releases[*taker].mode, files, held.mode.file);
            overridden.push((*taker, finding.at(span.clone()).in_file(files.name(held.mode.file))));
        }
    }
    for (taker, finding) in overridden {
        releases[taker].mode.findings.push(finding);
    }
    let mut is_kept = is_kept.into_iter();
    releases.retain(|_| is_kept.next().unwrap_or(true));
    releases
}

/// The text that the values of a layer are.
fn text_of<'s>(layer: &Layer<'s>) -> Option<*const Text<'s>> {
    match &layer.values {
        Values::Mapping { text, .. } => Some(std::ptr::from_ref(*text)),
        _ => None,
    }
}

impl<'s> Release<'s> {
    /// Whether it takes values, or its chart's version, from a file.
    pub(crate) fn takes(&self, files: &Files<'s>, file: usize) -> bool {
        self.layers.iter().any(|layer| !layer.is_own() && layer.file == file)
            || self.files_named(files).into_iter().any(|named| named == file)
    }

    /// The files that it names, and those with the objects that it names.
    fn files_named(&self, files: &Files<'s>) -> Vec<usize> {
        let held = |object: &crate::files::ObjectRef| -> Vec<usize> {
            let file = |held: &Held<'s>| match held {
                Held::Written(root) => root.text.file,
                Held::Generated(generator) => generator.file(),
            };
            files.objects().held(object).iter().map(file).collect()
        };
        let of_wanted = |wanted: &Wanted| match wanted {
            Wanted::Object(object) => held(object),
            _ => match files.find(wanted, self.file) {
                Found::Here(number) => vec![number],
                _ => Vec::new(),
            },
        };
        self.wanted().flat_map(of_wanted).chain(self.chart.iter().flat_map(held)).collect()
    }

    /// The kinds and names of the objects that its manifest takes values from.
    fn named_objects(&self) -> Vec<(&'s str, &'s str)> {
        let lists = Controller::of(&self.id).into_iter().flat_map(|controller| controller.more);
        let items = lists.filter_map(|more| self.at?.at(more.path)).flat_map(Node::items);
        items.filter_map(|item| item.str_at("kind").zip(item.str_at("name"))).collect()
    }

    /// The objects that hold values and that it takes some from, by their names.
    pub(crate) fn objects(&self) -> Vec<String> {
        let object = |wanted: &Wanted| match wanted {
            Wanted::Object(object) => Some(object.name.clone()),
            _ => None,
        };
        self.layers.iter().filter_map(|layer| object(layer.named.as_ref()?.wanted.as_ref()?)).collect()
    }

    /// The Secrets that it takes values from, by their names: they are not read.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let named = self.layers.iter().filter_map(|layer| layer.named.as_ref()).filter(|named| named.is_secret);
        named.filter_map(|named| Some(named.object.as_ref()?.name.clone())).collect()
    }

    /// The files of this checkout that have the paths of those which it takes from somewhere else, each with where that
    /// is, as the rest of a sentence. Those of a generator have a star in their path.
    pub(crate) fn namesakes(&self, files: &Files<'_>) -> Vec<(String, String)> {
        let namesake = |layer: &Layer<'_>| {
            let named = layer.named.as_ref()?;
            // a template of a repository, which is another one: all that fit it are copies
            if let (None, Values::Unread(Some(reason))) = (&named.wanted, &layer.values) {
                let (_, path) = named.shown.trim_matches('`').strip_prefix('$')?.split_once('/')?;
                let reason = reason.strip_prefix(FILLED_IN)?;
                return Some((files.named(&Glob::of(&as_pattern(path))?.loose()), reason.to_owned()));
            }
            let wanted = named.wanted.as_ref()?;
            let left = files.left(wanted).filter(|left| left.is_likely)?;
            match wanted {
                Wanted::InRepository { path, .. } => Some((files.named(path), left.reason.clone())),
                _ => None,
            }
        };
        let of_generator = |wanted: &Wanted| match wanted {
            Wanted::Fitting { pattern, .. } => Some((files.named(pattern), files.left(wanted)?.reason.clone())),
            _ => None,
        };
        self.layers.iter().filter_map(namesake).chain(self.more.iter().filter_map(of_generator)).collect()
    }
}
