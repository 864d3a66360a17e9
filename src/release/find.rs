//! From files to releases: which controllers a file is for, and which values files are of one cluster.

use std::collections::{HashMap, HashSet};

use super::{
    Decided, Foreign, Held, Id, Layer, Named, Reach, Release, USUAL, Values, hiding_lines, is_template, keys, mentions,
    other_tools, said::sorted_out, told_by, unread, written,
};
use crate::{
    chart::{is_its_own, reference::is_address},
    command_line::shell_word,
    controller::{CONTROLLERS, Chart, Controller, Settings},
    files::{Files, Found, Wanted},
    finding::{Doubt, Finding, Severity},
    overrides::Override,
    rule::Rule,
    umbrella::{Umbrella, Way},
    yaml::{Node, Text},
};

/// What is asked beside the files.
#[derive(Clone, Copy, Default)]
pub(crate) struct Asked<'a> {
    /// Where the values stand, if that was named: keys, or the name of a release in a manifest.
    pub(crate) path: Option<&'a str>,
    /// The options of Helm's command line.
    pub(crate) options: &'a [Result<Override, Finding>],
}

/// The releases that a manifest brings, or a kustomization builds; none where the file is neither, or none is of Illumio's
/// chart.
pub(crate) fn releases_of_manifest<'s>(files: &Files<'s>, number: usize) -> Vec<Release<'s>> {
    let releases = releases_in(files, number);
    if releases.is_empty() { crate::graph::built_below(files, number) } else { releases }
}

/// The releases of a manifest that take values from all of some files, by the names that `--path` has for them. Those for
/// which it is not known what a file means are not among them. Nothing where a file is a manifest itself.
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
    if named.iter().any(|file| !releases_of_manifest(files, *file).is_empty()) {
        return Vec::new();
    }
    let takes = |release: &Release<'s>, file: usize| {
        release.layers.iter().any(|layer| !layer.is_own() && layer.file == file && !layer.is_unknown())
    };
    let takes_all = |release: &Release<'s>| named.iter().all(|file| takes(release, *file));
    let found = releases_of_manifest(files, manifest).into_iter().filter(takes_all);
    found.map(|release| release.id.built_in.unwrap_or(release.id.name)).collect()
}

/// The releases that the documents of a file bring, once for each overlay that builds them.
pub(crate) fn releases_in<'s>(files: &Files<'s>, number: usize) -> Vec<Release<'s>> {
    crate::graph::built(files, number, releases_written_in(files, number))
}

/// The releases that the documents of a file bring.
fn releases_written_in<'s>(files: &Files<'s>, number: usize) -> Vec<Release<'s>> {
    let mut releases: Vec<Release<'s>> = Vec::new();
    for_each_chart(files, number, |chart, said| {
        if chart.is_ours() {
            let is_open = |path: Option<&str>| path.is_none_or(|path| chart.get(path).is_none());
            let of_file = said.findings.iter().filter(|(path, _)| is_open(*path));
            let of_file: Vec<Finding> = of_file.map(|(_, finding)| finding.clone()).collect();
            releases.extend(chart.releases(&of_file));
        }
    });
    let unreadable = files.parts(number).iter().filter_map(|part| part.text.as_ref().err());
    let unreadable: Vec<Finding> = unreadable.cloned().collect();
    for release in &mut releases {
        release.settle(files);
    }
    let mut releases = without_taken(releases, files);
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
    if let Some(first) = found.first() {
        for release in &mut releases {
            release.doubt_default(first);
        }
        releases[0].mentions = found;
    }
    releases
}

/// What must be read before it is known of the charts of a file whether they bring Illumio's: those that are folders.
pub(crate) fn charts_wanted(files: &Files<'_>, number: usize) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    if may_name_folder(files.source(number).bytes) {
        for_each_chart(files, number, |chart, _| wanted.extend(chart.wanted.iter().cloned()));
    }
    wanted
}

/// Whether a file may bring a chart that is a folder: a quick look.
pub(crate) fn may_name_folder(bytes: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    let in_script = || has("helm ") && ["upgrade", "install", "template"].into_iter().any(has);
    has("argoproj.io") && has("path")
        || has("chart") && (has("./") || has("releases:"))
        || has("helm_release")
        || in_script()
}

/// Each chart that the documents of a file name, with what its controller has to say of the file.
pub(super) fn for_each_chart<'s>(files: &Files<'s>, number: usize, mut take: impl FnMut(&Chart<'_, 's>, &Settings)) {
    if !may_hold_manifest(files.source(number).bytes) {
        return;
    }
    let mut settings: HashMap<*const Controller, Settings> = HashMap::new();
    for part in files.parts(number) {
        let Some(root) = part.text.as_ref().ok().and_then(|text| text.root()) else { continue };
        for (root, controller) in
            objects_of(root).into_iter().flat_map(|root| CONTROLLERS.iter().map(move |it| (root, it)))
        {
            if !controller.describes(root) {
                continue;
            }
            let said = settings
                .entry(std::ptr::from_ref(*controller))
                .or_insert_with(|| (controller.rest.settings)(files, number));
            if said.only.is_some_and(|only| only != part.range.start) {
                continue;
            }
            let places =
                controller.rest.places.map_or_else(|| expanded(root, controller.charts), |places| places(root));
            for at in places.into_iter().filter(|at| !(controller.rest.is_passed_over)(*at, &at.path())) {
                for chart in &Chart::all(files, controller, root, at) {
                    take(chart, said);
                }
            }
        }
    }
}

/// Whether any word that tells a manifest stands in a text, or an escape that could spell it: a glance, which spares reading
/// values files as what they are not.
fn may_hold_manifest(bytes: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    let mut roots = CONTROLLERS.iter().map(|controller| controller.root).filter(|root| !root.is_empty());
    memchr::memchr(b'\\', bytes).is_some() || ["kind", "<<", "elm"].into_iter().any(has) || roots.any(has)
}

/// The objects of a document: one, or the items of a `List`, as `kubectl get -o yaml` prints it.
pub(crate) fn objects_of(root: Node<'_>) -> Vec<Node<'_>> {
    let is_list = root.str_at("kind").is_some_and(|kind| kind.ends_with("List")) && root.str_at("apiVersion").is_some();
    match root.get("items").filter(|items| is_list && items.is_list()) {
        Some(items) => items.items().collect(),
        None => vec![root],
    }
}

/// The nodes that a pattern stands for: `*` is every item of a list, every entry of a mapping.
fn expanded<'s>(root: Node<'s>, pattern: &str) -> Vec<Node<'s>> {
    let mut nodes = vec![root];
    for key in keys(pattern) {
        let next = |node: Node<'s>| -> Vec<Node<'s>> {
            if key == "*" {
                node.items().chain(node.entries().map(|(_, value)| value)).collect()
            } else {
                node.get(&key).into_iter().collect()
            }
        };
        nodes = nodes.into_iter().flat_map(next).collect();
    }
    nodes.retain(|node| node.is_mapping() || node.str().is_some());
    nodes
}

/// The releases without those objects of the same file whose values others take: what stands there is read through these.
fn without_taken<'s>(mut releases: Vec<Release<'s>>, files: &Files<'s>) -> Vec<Release<'s>> {
    let holds_values = |release: &Release<'_>| release.id.controller.is_some_and(Controller::holds_only_values);
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
        let kind = held.id.controller.map_or("", |controller| controller.kind);
        let is_near = |taker: &&usize| {
            let other = releases[**taker].id.namespace.as_ref();
            held.id.namespace.as_ref().zip(other).is_none_or(|(one, other)| one == other)
        };
        let takers = takers.get(&(kind, held.id.name.as_str())).into_iter().flatten().filter(is_near);
        let takers: Vec<usize> = takers.copied().collect();
        let says_mode = |taker: &usize| releases[*taker].mode.span.is_some();
        is_kept[number] = takers.is_empty() || !takers.iter().all(says_mode);
        for (taker, span) in takers.iter().filter(|taker| says_mode(taker)).zip(held.mode.span.iter().cycle()) {
            let finding = super::said::overridden_by(&releases[*taker].mode, files);
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

/// The release whose values files these are, in the order in which Helm merges them.
///
/// # Errors
///
/// What is wrong with each file that cannot be read, and with each option; that the files are those of several releases.
pub(crate) fn release_of_values<'s>(
    files: &Files<'s>,
    given: &[usize],
    asked: Asked<'_>,
) -> Result<Release<'s>, Vec<Finding>> {
    let mut releases = releases_of_values(files, given, asked)?;
    if releases.len() > 1 {
        let names: Vec<String> = releases.iter().map(|release| shell_word(&written(&release.below))).collect();
        let finding = Finding::new(Rule::SeveralPlaces, "the chart brings Illumio's several times");
        let finding = finding.help(format!("name one with --path: {}", names.join(", ")));
        return Err(vec![finding.in_file(files.name(given[0]))]);
    }
    releases.pop().ok_or_else(Vec::new)
}

/// The releases whose values files these are, in the order in which Helm merges them: one, unless an umbrella chart brings
/// Illumio's several times.
///
/// # Errors
///
/// What is wrong with each file that cannot be read, and with each option.
pub(crate) fn releases_of_values<'s>(
    files: &Files<'s>,
    given: &[usize],
    asked: Asked<'_>,
) -> Result<Vec<Release<'s>>, Vec<Finding>> {
    let Given { mut layers, hidden, mut wrong } = Given::read(files, given);
    let mut asked_keys = asked.path.map(keys);
    let is_of_root = asked_keys.as_ref().is_some_and(Vec::is_empty);
    if let ([layer], Some(keys)) = (&mut layers[..], &mut asked_keys) {
        lead_through_texts(layer, keys);
    }
    let (options, bad_options) = sorted_out(asked.options);
    wrong.extend(bad_options);
    if !wrong.is_empty() || layers.is_empty() {
        wrong.extend(hidden);
        return Err(wrong);
    }
    let umbrella = Umbrella::above(files, given).filter(|umbrella| !umbrella.ways.is_empty() && !is_of_root);
    let folder = umbrella.as_ref().map(|umbrella| umbrella.folder.clone());
    let is_part = umbrella.as_ref().and_then(Umbrella::is_part);
    let is_part = is_part.map(|finding| finding.in_file(files.name(given[0])));
    let roots: Vec<Node<'_>> = given.iter().filter_map(|number| files.whole(*number).ok()?.root()).collect();
    let mut ways = umbrella.map(|umbrella| umbrella.ways).unwrap_or_default();
    match asked_keys {
        Some(keys) => {
            let is_it = |way: &Way<'_>| way.keys == keys;
            let way = ways.iter().find(|way| is_it(way)).or(if ways.len() == 1 { ways.first() } else { None });
            ways = vec![Way { keys, ..way.cloned().unwrap_or_default() }];
        }
        None if ways.is_empty() => ways.push(Way { keys: told_by(&roots), ..Way::default() }),
        None => {}
    }
    let release = |way: Way<'s>| {
        let layers = way.layers.into_iter().chain(layers.iter().cloned());
        let ranked = layers.enumerate().map(|(rank, layer)| Layer { rank: (0, rank), ..layer });
        let mut release = Release {
            pin: way.pin,
            below: way.keys,
            umbrella: folder.clone(),
            switches: way.switches,
            no_default: way.no_default,
            imported: way.imported,
            layers: ranked.collect(),
            options: options.clone(),
            findings: hidden.iter().cloned().chain(way.findings).chain(is_part.clone()).collect(),
            ..Release::by_hand(given.last().copied().unwrap_or_default())
        };
        release.settle(files);
        let names = |number: usize| files.name(number).to_owned();
        release.foreign = Foreign::of(&release, asked.path, &names);
        release
    };
    let mut releases: Vec<Release<'s>> = ways.into_iter().map(release).collect();
    if asked.path.is_none() {
        take_mentions(files, given, &mut releases, &roots);
    }
    Ok(releases)
}

/// Takes what is said of the mode beside the layers of the releases of some values files.
fn take_mentions<'s>(files: &Files<'s>, given: &[usize], releases: &mut [Release<'s>], roots: &[Node<'_>]) {
    for release in releases.iter_mut() {
        if let Some(finding) = release.mode_beside_values(roots) {
            release.mode.doubt(finding.in_file(files.name(release.mode.file)));
        }
    }
    // an object of another kind holds no values, so nothing that it says is told as a mode
    let is_object = releases.iter().any(|release| matches!(release.foreign, Some(Foreign::Object(_))));
    let told = if is_object { &[][..] } else { &*releases };
    let mut seen = HashSet::new();
    let each = given.iter().filter(|number| seen.insert(**number));
    let found: Vec<_> = each.flat_map(|number| mentions(files, *number, told)).collect();
    for release in releases.iter_mut() {
        if let Some(first) = found.first() {
            release.doubt_default(first);
        }
    }
    if let Some(first) = releases.first_mut() {
        first.mentions = found;
    }
}

/// Values files as they were given.
struct Given<'s> {
    layers: Vec<Layer<'s>>,
    /// Lines that other tools fill in.
    hidden: Vec<Finding>,
    /// What keeps them from being read.
    wrong: Vec<Finding>,
}

impl<'s> Given<'s> {
    fn read(files: &Files<'s>, given: &[usize]) -> Self {
        let (mut layers, mut hidden, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
        for number in given {
            let source = files.source(*number);
            if is_address(source.name) {
                layers.push(Layer {
                    named: Some(Named::address(source.name)),
                    ..Layer::own((0, 0), *number, Values::Unread(None))
                });
                continue;
            }
            match files.whole(*number) {
                Ok(text) => {
                    let values =
                        Values::Mapping { text, path: Vec::new(), node: text.root().filter(|root| root.is_mapping()) };
                    layers.push(Layer::own((0, 0), *number, values));
                    let hides = is_template(source.name).then(|| hiding_lines(text.document.text())).flatten();
                    let hides = hides.or_else(|| other_tools(text.document.text()));
                    hidden.extend(hides.map(|finding| finding.in_file(source.name)));
                }
                Err(finding) => {
                    let finding = unread(finding, source.name, source.text().unwrap_or_default());
                    wrong.push(finding.in_file(source.name));
                }
            }
        }
        Self { layers, hidden, wrong }
    }
}

/// Where keys lead to a text that is values itself, the layer becomes that text, and the keys are those behind it.
fn lead_through_texts(layer: &mut Layer<'_>, keys: &mut Vec<String>) {
    let Values::Mapping { node: Some(root), .. } = &layer.values else { return };
    let mut at = *root;
    for (depth, key) in keys.iter().enumerate() {
        let Some(below) = at.follow([key]) else { return };
        at = below;
        let Some(Ok(text)) = at.inner().filter(|_| at.source().contains('\n')) else { continue };
        let Some(root) = text.root().filter(|root| root.is_mapping()) else { continue };
        layer.values = Values::Mapping { text, path: Vec::new(), node: Some(root) };
        keys.drain(..=depth);
        return lead_through_texts(layer, keys);
    }
}

impl Release<'_> {
    /// One of which nothing is known yet but the file that it is of.
    fn by_hand(file: usize) -> Self {
        Self {
            id: Id {
                name: String::new(),
                called: None,
                namespace: None,
                helm_name: None,
                storage: None,
                target: None,
                controller: None,
                built_in: None,
            },
            file,
            at: None,
            pin: None,
            unpinned: None,
            chart: None,
            below: Vec::new(),
            switches: Vec::new(),
            no_default: Vec::new(),
            imported: Vec::new(),
            umbrella: None,
            layers: Vec::new(),
            options: Vec::new(),
            more: Vec::new(),
            filled: None,
            findings: Vec::new(),
            mentions: Vec::new(),
            reach: Reach::One,
            way: Vec::new(),
            overlay: None,
            foreign: None,
            mode: Decided::default(),
        }
    }
}

impl<'s> Release<'s> {
    /// That the mode stands at the root, and all of the chart's values below its name: which of the two is read is not told.
    fn mode_beside_values(&self, roots: &[Node<'_>]) -> Option<Finding> {
        let has_own = |node: Node<'_>| node.entries().any(|(name, _)| is_its_own(name));
        let below = || roots.iter().filter_map(|root| root.get(USUAL)).any(has_own);
        let span = self.mode.span.clone().filter(|_| self.below.is_empty())?;
        if roots.iter().copied().any(has_own) || !below() {
            return None;
        }
        let message =
            format!("the mode stands at the root, and the chart's values below `{USUAL}`: these are two places");
        let help = format!(
            "where `{USUAL}` is the name of the chart in an umbrella chart, move the mode there, or name the place: \
             --path {USUAL} or --path ."
        );
        Some(Finding::new(Rule::SeveralPlaces, message).help(help).doubting(Doubt::Elsewhere).at(span))
    }

    /// Takes a mode that is said beside its layers for a reason not to take the chart's default for its own.
    fn doubt_default(&mut self, mention: &super::Mention) {
        if self.mode.span.is_none() && self.mode.option.is_none() && self.mode.mode.is_some() {
            self.mode.mode = None;
            let finding = mention.finding.clone().weighing(Severity::Error);
            self.mode.findings.push(finding.doubting(Doubt::Elsewhere));
        }
    }

    /// Whether it takes values, or its chart's version, from a file.
    pub(crate) fn takes(&self, files: &Files<'s>, file: usize) -> bool {
        let held = |object: &crate::files::ObjectRef| {
            files.objects().held(object).iter().any(|held| match held {
                Held::Written(root) => root.text.file == file,
                Held::Generated(generator) => generator.file() == file,
            })
        };
        let is_it = |wanted: &Wanted| match wanted {
            Wanted::Object(object) => held(object),
            _ => files.find(wanted, self.file) == Found::Here(file),
        };
        self.layers.iter().any(|layer| !layer.is_own() && layer.file == file)
            || self.wanted().any(is_it)
            || self.chart.as_ref().is_some_and(held)
    }

    /// The kinds and names of the objects that its manifest takes values from.
    fn named_objects(&self) -> Vec<(&'s str, &'s str)> {
        let lists = self.id.controller.into_iter().flat_map(|controller| controller.more);
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
}
