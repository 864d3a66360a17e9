//! From values files to releases: those of one cluster, in the order in which Helm merges them.

use std::collections::{BTreeSet, HashSet};

use super::{
    foreign::{foreign_of, may_be_manifest},
    mentions, unread,
};
use crate::{
    chart::{DISTINGUISHING, MODE_KEY, SECTIONS, TEMPLATE_SCALARS, reference::is_address},
    controller::{ITEM, OBJECT},
    files::Files,
    finding::{Doubt, Finding},
    overrides::Override,
    release::{
        Foreign, Layer, Mention, Named, Release, USUAL, Values, hiding_lines, other_tools, sorted_out, told_by,
        unread_chart,
    },
    rule::Rule,
    shell::shell_word,
    umbrella::{Umbrella, Way, part_of},
    yaml::{Node, Text, keys, written},
};

/// What is asked beside the files.
#[derive(Clone, Copy, Default)]
pub(crate) struct Asked<'a> {
    /// Where the values stand, if that was named: keys, or the name of a release in a manifest.
    pub(crate) path: Option<&'a str>,
    /// The options of Helm's command line.
    pub(crate) options: &'a [Result<Override, Finding>],
}

/// The release whose values files these are, in the order in which Helm merges them.
///
/// # Errors
///
/// What is wrong with each file that cannot be read, and with each option; that the files are those of several
/// releases.
pub(crate) fn release_of_values<'s>(
    files: &Files<'s>,
    given: &[usize],
    asked: Asked<'_>,
) -> Result<Release<'s>, Vec<Finding>> {
    let mut releases = releases_of_values(files, given, asked)?;
    if releases.len() > 1 {
        let names: Vec<String> = releases.iter().map(|release| shell_word(&written(&release.below))).collect();
        let finding = Finding::new(Rule::SeveralPlaces, "the chart contains Illumio's several times");
        let finding = finding.help(format!("name one with --path: {}", names.join(", ")));
        return Err(vec![finding.in_file(files.name(given[0]))]);
    }
    releases.pop().ok_or_else(Vec::new)
}

/// The releases whose values files these are, in the order in which Helm merges them: one, unless an umbrella chart
/// brings Illumio's several times.
///
/// # Errors
///
/// What is wrong with each file that cannot be read, and with each option.
pub(crate) fn releases_of_values<'s>(
    files: &Files<'s>,
    given: &[usize],
    asked: Asked<'_>,
) -> Result<Vec<Release<'s>>, Vec<Finding>> {
    let mut asked_keys = asked.path.map(keys);
    let is_of_root = asked_keys.as_ref().is_some_and(Vec::is_empty);
    let in_list = asked_keys.as_mut().and_then(|keys| in_list(files, given, keys));
    let by_path = match (&in_list, asked.path) {
        (Some(_), Some(path)) => Some((&ITEM, path)),
        (None, Some(path)) if !is_of_root && is_other_object(files, given) => Some((&OBJECT, path)),
        _ => None,
    };
    let Given { mut layers, hidden, mut wrong } = match in_list {
        Some(layer) => Given { layers: vec![layer], hidden: Vec::new(), wrong: Vec::new() },
        None => Given::read(files, given),
    };
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
    let is_part = part_of(files, given).filter(|_| asked.path.is_none());
    let roots: Vec<Node<'_>> = given.iter().filter_map(|number| files.whole(*number).ok()?.root()).collect();
    let ways = umbrella.map(|umbrella| umbrella.ways).unwrap_or_default();
    let ways = ways_meant(files, given, (ways, asked_keys), &roots);
    let release = |way: Way<'s>| {
        let layers = way.layers.into_iter().chain(layers.iter().cloned());
        let ranked = layers.enumerate().map(|(rank, layer)| Layer { rank: (0, rank), ..layer });
        let mut release = Release {
            pin: way.pin,
            unpinned: way.unpinned,
            below: way.keys,
            umbrella: folder.clone(),
            switches: way.switches,
            no_default: way.no_default,
            imported: way.imported,
            layers: ranked.collect(),
            options: options.clone(),
            findings: hidden.iter().cloned().chain(way.findings).chain(is_part.clone()).collect(),
            ..Release::blank(given.last().copied().unwrap_or_default())
        };
        if let Some((controller, path)) = by_path {
            release.id.controller = Some(controller);
            path.clone_into(&mut release.id.name);
        }
        release.settle(files);
        release.foreign = foreign_of(files, &release, asked.path);
        release
    };
    let mut releases: Vec<Release<'s>> = ways.into_iter().map(release).collect();
    if asked.path.is_none() {
        take_mentions(files, given, &mut releases, &roots);
    }
    Ok(releases)
}

/// The ways on which the chart comes into the one that some values files are for: those of an umbrella chart, or the one of
/// the keys that were named, or that the files show.
fn ways_meant<'s>(
    files: &Files<'s>,
    given: &[usize],
    (ways, asked): (Vec<Way<'s>>, Option<Vec<String>>),
    roots: &[Node<'_>],
) -> Vec<Way<'s>> {
    if let Some(keys) = asked {
        let way = ways.iter().find(|way| way.keys == keys).or(if ways.len() == 1 { ways.first() } else { None });
        return vec![Way { keys, ..way.cloned().unwrap_or_default() }];
    }
    if !ways.is_empty() {
        return ways;
    }
    let keys = told_by(roots);
    let no_default = unread_chart(&keys).map(|finding| finding.in_file(files.name(given[0])));
    let own = Umbrella::illumio_above(files, given).0.filter(|_| keys.is_empty());
    let (no_default, layers) = (no_default.into_iter().collect(), own.into_iter().collect());
    vec![Way { keys, layers, no_default, ..Way::default() }]
}

/// Whether a file that is given alone is an object of a kind that is not known.
fn is_other_object(files: &Files<'_>, given: &[usize]) -> bool {
    let [number] = given else { return false };
    let root = files.whole(*number).ok().and_then(Text::root);
    let has = |root: &Node<'_>| ["apiVersion", "kind"].iter().all(|key| root.str_at(key).is_some());
    root.filter(has).is_some_and(|root| !may_be_manifest(root))
}

/// The own values files of the charts that are part of the one which a values file is for, by their numbers.
#[must_use]
pub fn parts_taken(files: &Files<'_>, number: usize, path: Option<&str>) -> BTreeSet<usize> {
    let releases = releases_of_values(files, &[number], Asked { path, options: &[] }).unwrap_or_default();
    let layers = releases.iter().flat_map(|release| &release.layers);
    layers.filter(|layer| layer.is_of_chart() && !layer.under.is_empty()).map(|layer| layer.file).collect()
}

/// Takes what the files say of the mode beside the layers of the releases of some values files.
fn take_mentions<'s>(files: &Files<'s>, given: &[usize], releases: &mut [Release<'s>], roots: &[Node<'_>]) {
    for release in releases.iter_mut() {
        if let Some(finding) = release.mode_beside_values(roots) {
            release.mode.doubt(finding.in_file(files.name(release.mode.file)));
        }
    }
    // an object of another kind holds no values, so nothing that it says is reported as a mode
    let is_object = releases.iter().any(|release| matches!(release.foreign, Some(Foreign::Object(_))));
    let told = if is_object { &[][..] } else { &*releases };
    let mut seen = HashSet::new();
    let each = given.iter().filter(|number| seen.insert(**number));
    let mut found: Vec<_> = each.flat_map(|number| mentions(files, *number, told)).collect();
    for release in releases.iter() {
        let Some(Foreign::Object(Finding { message, help, .. })) = &release.foreign else { continue };
        let would_decide = |mention: &&mut Mention| mention.path == release.mode.path();
        for Mention { finding, .. } in found.iter_mut().filter(would_decide) {
            (finding.message, finding.help) = (format!("a mode is set here, and {message}"), help.clone());
        }
    }
    if let Some(release) = told.iter().find(|release| release.umbrella.is_some()) {
        for mention in &mut found {
            release.tell_misplaced(mention);
        }
    }
    for release in releases.iter_mut() {
        release.doubt_default(&found);
    }
    if let Some(first) = releases.first_mut() {
        first.mentions = found;
    }
}

/// What some releases mention beside their layers.
pub(crate) fn mentions_of(releases: Vec<Release<'_>>) -> Vec<Mention> {
    releases.into_iter().flat_map(|release| release.mentions).collect()
}

/// What a values file mentions where none of its releases is shown, and so no misspelled key of theirs.
pub(crate) fn mentions_alone<'s>(files: &Files<'s>, number: usize, releases: Vec<Release<'s>>) -> Vec<Mention> {
    let mut around = releases.iter().flat_map(|release| &release.mode.findings);
    let is_misspelled = around.any(|finding| finding.rule == Rule::MisspelledKey);
    if is_misspelled { mentions(files, number, &[]) } else { mentions_of(releases) }
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
                    named: Some(Box::new(Named::address(source.name))),
                    ..Layer::own((0, 0), *number, Values::Unread(None))
                });
                continue;
            }
            match files.whole(*number) {
                Ok(text) => {
                    let values =
                        Values::Mapping { text, path: Vec::new(), node: text.root().filter(|root| root.is_mapping()) };
                    layers.push(Layer::own((0, 0), *number, values));
                    let hides = files.is_template(*number).then(|| hiding_lines(text.document.text())).flatten();
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

/// The values that keys lead to in a file which is a list, and takes those keys.
fn in_list<'s>(files: &Files<'s>, given: &[usize], keys: &mut Vec<String>) -> Option<Layer<'s>> {
    let [number] = given[..] else { return None };
    files.whole(number).err().filter(|finding| finding.rule == Rule::NotAMapping)?;
    let text = files.list(number, &(0..files.text(number).ok()?.len()))?;
    let node = text.root()?.follow(&keys[..]).filter(|node| node.is_mapping())?;
    let values = Values::Mapping { text, path: std::mem::take(keys), node: Some(node) };
    Some(Layer::own((0, 0), number, values))
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

/// Where values of the chart are below the root: by their names, or, below the chart's own name, by any that it has; and
/// whether the mode is among them.
fn place_below(root: Node<'_>) -> Option<(String, bool)> {
    let has = |node: Node<'_>, names: &[&str]| names.iter().any(|name| node.get(name).is_some());
    let is_place = |name: &str, node: Node<'_>| {
        !SECTIONS.contains(&name) && has(node, DISTINGUISHING) || name == USUAL && has(node, TEMPLATE_SCALARS)
    };
    let found = |keys: &[&str], node: Node<'_>| {
        let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
        (written(&keys), node.get(MODE_KEY).is_some())
    };
    root.entries().find_map(|(name, node)| {
        let deeper = || node.entries().find(|(inner, node)| is_place(inner, *node));
        if is_place(name, node) {
            Some(found(&[name], node))
        } else {
            deeper().map(|(inner, node)| found(&[name, inner], node))
        }
    })
}

impl Release<'_> {
    /// Says of a mode at the root of an umbrella chart's values, or below `global`, or below the name of a chart that has an
    /// alias, that it does not reach the chart. (Observed with Helm 3.17, 4.1 and 4.3)
    fn tell_misplaced(&self, mention: &mut Mention) {
        let above: &[&str] = match &mention.path[..] {
            // beside the one that counts it may be that of another chart
            _ if self.mode.span.is_some() => return,
            [_] => &[],
            [above, _] if above == "global" => &["global"],
            [above, _] if above == USUAL && self.below != [USUAL] => &[USUAL],
            _ => return,
        };
        let finding = self.does_not_reach(above).doubting(Doubt::Elsewhere);
        let Finding { file, span, .. } = mention.finding.clone();
        mention.finding = Finding { file, span, ..finding };
    }

    /// That the mode is at the root, and all of the chart's values are below a key, or below one of that: which of the two is
    /// read is not known.
    fn mode_beside_values(&self, roots: &[Node<'_>]) -> Option<Finding> {
        let span = self.mode.span.clone().filter(|_| self.below.is_empty())?;
        if roots.iter().any(|root| DISTINGUISHING.iter().any(|name| root.get(name).is_some())) {
            return None;
        }
        let (path, has_mode) = roots.iter().find_map(|root| place_below(*root))?;
        let message = format!("the mode is at the root, but the chart's values are under `{}`", path.escape_debug());
        let what = if has_mode { "remove the one that is not read" } else { "move the mode there" };
        let path = shell_word(&path);
        let help = format!(
            "if that is the name of the chart in an umbrella chart, {what}, or name the place: --path {path} or --path ."
        );
        Some(Finding::new(Rule::SeveralPlaces, message).help(help).doubting(Doubt::Elsewhere).at(span))
    }
}
