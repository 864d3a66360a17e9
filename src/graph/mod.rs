//! What kustomize and Flux build of files: which kustomizations take a file, through how many others, and what their
//! patches say of the releases in it.
//!
//! A file that several overlays build makes a release for each of them; the spot that decides may stand in the file,
//! and then an edit moves all of them, or in a patch of one.

mod along;
mod applier;
mod appliers;
mod bundle;
mod elsewhere;
mod generated;
mod given;
mod held;
mod identity;
mod inherited;
mod object;
mod objects;
mod over;
mod patch;
mod patterns;
mod remote;
mod source;
mod spread;
mod substituted;
mod taker;
mod target;
mod touched;
mod unbuilt;
mod unread;
mod variables;
mod want;
mod way;

pub(crate) use appliers::words;
pub(crate) use elsewhere::patched_elsewhere;
pub(crate) use taker::{FLEET, is_kustomization};
pub(crate) use want::{wanted, wanted_below, wanted_for_objects};
pub(crate) use way::takes_others;

use std::collections::{BTreeSet, HashMap};

use self::{
    along::go_along,
    patch::Patched,
    spread::Spread,
    substituted::substituted,
    taker::{Role, Taker, takers_in},
    way::{MOST, MOST_COUNTED, Way, built_files, may_be_taken, ways},
};
use crate::{
    chart::may_hold_place,
    controller::{Chart, Controller},
    files::{Files, Wanted, objects_of},
    finding::{Doubt, Finding},
    release::{Brought, Layer, Reach, Release},
    rule::Rule,
    yaml::Node,
};

/// The paths from the top that a file takes others by, for one that is at a path from there; and whether some of these
/// are only guessed, because it cannot be read.
pub(crate) fn taken_in(files: &Files<'_>, number: usize, at: &str) -> (Vec<String>, bool) {
    let takers = takers_in(files, number).into_iter();
    let taken = takers.flat_map(|taker| taker.takes(at)).map(|(path, _)| path);
    let pattern = |folder: &str| applier::pattern(folder).unwrap_or_else(|| "**".to_owned());
    let applied = appliers::appliers_in(files, number).into_iter().map(|it| pattern(&it.folder));
    let guessed = unread::may_take(files, number, at);
    let is_guess = !guessed.is_empty();
    (taken.chain(applied).chain(guessed).collect(), is_guess)
}

/// Whether any kustomization takes a file, as far as it is known.
pub(crate) fn is_taken(files: &Files<'_>, number: usize) -> bool {
    may_be_taken(files, number) && !ways(files, number).is_empty()
}

/// Reads the releases that the documents of a file bring.
type Reader<'s> = fn(&Files<'s>, usize) -> Vec<Release<'s>>;

/// The releases of a file as they are built: one for each overlay. A patch has those that it applies to.
pub(crate) fn built<'s>(
    files: &Files<'s>,
    number: usize,
    releases: Vec<Release<'s>>,
    read: Reader<'s>,
) -> Vec<Release<'s>> {
    if releases.is_empty() || !may_be_taken(files, number) {
        return releases;
    }
    let spread = Spread::of(files);
    let (ways, count) = spread.ways_to(number);
    let mut built = built_on_ways(&spread, number, (&ways, count), releases, read);
    unread::doubt_takers(files, number, &ways, &mut built);
    built
}

fn built_on_ways<'s>(
    spread: &Spread<'_, 's>,
    number: usize,
    (ways, count): (&[Way<'s>], usize),
    releases: Vec<Release<'s>>,
    read: Reader<'s>,
) -> Vec<Release<'s>> {
    let files = spread.files();
    if ways.is_empty() {
        // a bundle of Fleet knows itself which of its clusters each of its releases is for
        let is_bundle = files.name(number).rsplit('/').next() == Some(FLEET);
        let reach = if is_bundle { Reach::One } else { spread.reach(number, &Way::none(), &[]) };
        let widened = |release: Release<'s>| Release { reach: release.reach.with(reach.clone()), ..release };
        let mut releases: Vec<Release<'s>> =
            releases.into_iter().map(|release| alone(files, widened(release))).collect();
        let bringer = spread.bringer(number);
        for release in &mut releases {
            release.id.brought_by.clone_from(&bringer);
        }
        if is_bundle {
            bundle::narrowed(spread, number, &mut releases);
        }
        unbuilt::doubt(spread, number, &Way::none(), &mut releases);
        return releases;
    }
    if ways.iter().all(|way| way.role == Role::Patches) {
        return of_patch(files, number, ways, releases, read);
    }
    let unseen = (count - ways.len()) * releases.len();
    let ways: Vec<&Way<'s>> = ways.iter().filter(|way| way.role != Role::Patches).collect();
    let mut built: Vec<Release<'s>> =
        releases.into_iter().flat_map(|release| of_release(spread, release, &ways)).collect();
    if unseen > 0 {
        let all = built.len() + unseen;
        let or_more = if count < MOST_COUNTED { "" } else { " or more" };
        let those =
            format!("the {count}{or_more} overlays of {}, except those that set their own mode", files.name(number));
        not_followed(all, &Reach::AllOf(those), &mut built);
    }
    built
}

/// Says of the releases that are built of one file that there are more of them than were followed, so that an edit where
/// several of them have their mode from moves more clusters than these.
fn not_followed(all: usize, reach: &Reach, built: &mut [Release<'_>]) {
    let (mut first, mut shared) = (HashMap::new(), BTreeSet::new());
    for (at, release) in built.iter().enumerate() {
        let spot = (release.mode.file, release.mode.span.as_ref().map(|span| span.start));
        shared.extend(first.insert(spot, at).map(|other| [other, at]).into_iter().flatten());
    }
    for (at, release) in built.iter_mut().enumerate() {
        release.out_of = Some(all);
        if shared.contains(&at) || release.mode.file == release.file {
            release.reach = reach.clone();
        }
    }
}

/// The releases that a kustomization builds of other files.
pub(crate) fn built_below<'s>(files: &Files<'s>, number: usize, read: Reader<'s>) -> Vec<Release<'s>> {
    let below = files_below(files, number).into_iter().filter(|file| *file != number);
    let built = below.flat_map(|file| read(files, file));
    built.filter(|release| release.way.contains(&number)).collect()
}

/// The files that a kustomization builds, with its own; none of what is not one.
pub(crate) fn files_below(files: &Files<'_>, number: usize) -> Vec<usize> {
    let mut open = if takes_others(files, number) { vec![number] } else { Vec::new() };
    let (mut seen, mut below) = (BTreeSet::new(), Vec::new());
    while let Some(file) = open.pop() {
        if !seen.insert(file) || seen.len() > MOST {
            continue;
        }
        let at = files.path_from_top(file);
        let takes = takers_in(files, file).into_iter().flat_map(|taker| taker.takes(&at));
        let built = takes.filter(|(_, role)| matches!(role, Role::Builds | Role::Component));
        open.extend(built.flat_map(|(path, _)| built_files(files, &path)));
        below.push(file);
    }
    below
}

/// Whether a kustomization builds a file of this chart, and something on the way to it that more take than are followed.
pub(crate) fn is_beyond_ways(files: &Files<'_>, number: usize) -> bool {
    let below: Vec<usize> = files_below(files, number).into_iter().filter(|file| *file != number).collect();
    below.iter().any(|file| files.count_of_takers(&files.path_from_top(*file)) > MOST)
        && below.iter().any(|file| may_hold_place(files.source(*file).bytes))
}

/// Whether a file is a component of kustomize that patches by itself: what it patches is built by those that take it.
pub(crate) fn is_component(files: &Files<'_>, number: usize) -> bool {
    let has_patches = |root: &Node<'_>| {
        ["patches", "patchesStrategicMerge", "patchesJson6902"].iter().any(|it| root.get(it).is_some())
    };
    files.roots(number).any(|root| root.str_at("kind") == Some("Component") && has_patches(&root))
}

/// The kustomizations that build what a component, or a patch, changes, on some ways.
fn builders_on(ways: &[Way<'_>]) -> BTreeSet<usize> {
    // a component patches what its own takers build, one of which may be a controller's object
    let builds = |taker: &&Taker<'_>| !taker.is_outer() && taker.root.str_at("kind") != Some("Component");
    let outermost = ways.iter().filter_map(|way| way.takers.iter().rfind(builds).or(way.takers.last()));
    outermost.map(|taker| taker.file()).collect()
}

/// The releases that a component patches in its own file, as those build them that take it.
pub(crate) fn built_with<'s>(files: &Files<'s>, number: usize, read: Reader<'s>) -> Vec<Release<'s>> {
    if !is_component(files, number) {
        return Vec::new();
    }
    let below = builders_on(&ways(files, number)).into_iter().flat_map(|taker| built_below(files, taker, read));
    below.filter(|release| release.layers.iter().any(|layer| layer.file == number)).collect()
}

/// What must be read before it is known what a component patches.
pub(crate) fn wanted_with(files: &Files<'_>, number: usize) -> Vec<Wanted> {
    if !is_component(files, number) {
        return Vec::new();
    }
    let above = wanted(files, number);
    if !above.is_empty() {
        return above;
    }
    builders_on(&ways(files, number)).into_iter().flat_map(|taker| wanted_below(files, taker)).collect()
}

/// The releases that a patch is for; of one that is for none that was read, the mode is not known.
fn of_patch<'s>(
    files: &Files<'s>,
    number: usize,
    ways: &[Way<'s>],
    own: Vec<Release<'s>>,
    read: Reader<'s>,
) -> Vec<Release<'s>> {
    let below = builders_on(ways).into_iter().flat_map(|taker| built_below(files, taker, read));
    let releases: Vec<Release<'s>> =
        below.filter(|release| release.layers.iter().any(|layer| layer.file == number)).collect();
    if !releases.is_empty() {
        return releases;
    }
    let doubtful = own.into_iter().map(|mut release| {
        let message = "this is a patch of kustomize, and the object that it changes was not read";
        let finding = Finding::new(Rule::ModeElsewhere, message).help("take the step in the repository of that object");
        let finding = finding.doubting(Doubt::Elsewhere).in_file(files.name(number));
        release.mode.mode = None;
        release.findings.push(finding);
        release
    });
    doubtful.collect()
}

/// The chart that a release brings, with the object that names it, without a list around that.
fn named_by<'f, 's>(files: &'f Files<'s>, release: &Release<'s>) -> Option<(Chart<'f, 's>, Node<'s>)> {
    let (at, controller) = (release.at?, Controller::of(&release.id)?);
    let is_object = |root: &Node<'s>| at.path().starts_with(&root.path());
    let object = objects_of(at.text.root()?).into_iter().find(is_object)?;
    Some((Chart::new(files, controller, object, at), object))
}

/// A release that nothing is known to build, with the objects that it takes values from as they are built.
fn alone<'s>(files: &Files<'s>, mut release: Release<'s>) -> Release<'s> {
    // most take nothing from objects, and a file may hold thousands of them
    let is_of_object = |layer: &Layer<'_>| layer.named.as_ref().is_some_and(|named| named.object.is_some());
    if release.chart.is_none() && !release.layers.iter().any(is_of_object) {
        return release;
    }
    let Some((chart, object)) = named_by(files, &release) else { return release };
    let (of_release, way) = (release.clone(), Way::none());
    let ways = [&way];
    let nearby = held::Nearby::of(&chart, &of_release, &ways);
    if nearby.give(0, &mut release, object.str_at("metadata.namespace")) {
        release.settle(files);
    }
    release
}

fn of_release<'s>(spread: &Spread<'_, 's>, release: Release<'s>, ways: &[&Way<'s>]) -> Vec<Release<'s>> {
    let files = spread.files();
    let Some((chart, object)) = named_by(files, &release) else { return vec![release] };
    let nearby = held::Nearby::of(&chart, &release, ways);
    let outer: Vec<Node<'s>> = ways.iter().filter_map(|way| way.outer()).map(|taker| taker.root).collect();
    let mut built = Vec::new();
    for (number, way) in ways.iter().enumerate() {
        let mut one = release.clone();
        let mut patched = Patched::of(&mut one, &chart, object);
        go_along(files, way, &mut patched);
        let (deleted_by, mut is_touched, identities) = (patched.deleted_by, patched.is_touched, patched.identities);
        if deleted_by.is_some() {
            continue;
        }
        let others = if way.outer().is_some() { &outer[..] } else { &[] };
        one.reach = one.reach.with(spread.reach(chart.root.text.file, way, others));
        one.way = way.takers.iter().map(|taker| taker.file()).collect();
        let outermost = way.takers.iter().rfind(|taker| !taker.is_outer());
        one.id.built_by = outermost.map(|taker| files.name(taker.file()).to_owned());
        let built_by = outermost.map_or(chart.root.text.file, |taker| taker.file());
        let bringer = way.bringer(files, chart.root.text.file).map(|by| spread.placed(by, way));
        one.id.brought_by = bringer.or_else(|| spread.bringer(built_by));
        chart.rename(&mut one.id, identities.current().0, identities.namespace());
        one.layers.sort_by_key(|layer| layer.rank);
        let namespace = identities.namespace().or_else(|| object.str_at("metadata.namespace"));
        is_touched |= nearby.give(number, &mut one, namespace);
        let is_filled = substituted(files, way, object, &mut one);
        if is_touched || is_filled || ways.len() > 1 {
            one.settle(files);
        }
        // what is edited comes to the cluster first
        let deciding = one.mode.layer.and_then(|number| one.layers.get(number));
        // what a generator fills in, and what Argo CD finds beside the source, is not in the manifest
        let is_beside = |layer: &Layer<'_>| files.name(layer.file).contains(".argocd-source");
        one.id.is_decided_in_manifest =
            one.filled.is_none() && deciding.is_some_and(|layer| layer.is_own() && !is_beside(layer));
        if let Some(Brought::By(by)) = deciding.and_then(|layer| layer.named.as_ref()).map(|named| &named.brought) {
            one.id.brought_by.clone_from(by);
        }
        unbuilt::doubt(spread, chart.root.text.file, way, std::slice::from_mut(&mut one));
        built.push((one, *way));
    }
    let is_one = ways.len() == 1;
    let last = |way: &Way<'s>| way.takers.iter().rfind(|taker| !taker.is_outer()).map(|taker| taker.file());
    let count = |file: Option<usize>| built.iter().filter(|(_, way)| last(way) == file).count();
    let shown: Vec<Option<usize>> = built
        .iter()
        .map(|(_, way)| match last(way) {
            _ if is_one => None,
            Some(file) if count(Some(file)) == 1 => Some(file),
            _ => way.takers.last().map(|taker| taker.file()),
        })
        .collect();
    let named = built.into_iter().zip(shown).map(|((mut one, _), shown)| {
        one.overlay = shown;
        one.id.built_in = shown.map(|file| files.name(file).to_owned());
        one
    });
    named.collect()
}
