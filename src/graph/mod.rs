//! What kustomize and Flux build of files: which kustomizations take a file, through how many others, and what their
//! patches say of the releases in it.
//!
//! A file that several overlays build makes a release for each of them; the spot that decides may stand in the file,
//! and then an edit moves all of them, or in a patch of one.

mod elsewhere;
mod generated;
mod held;
mod identity;
mod inherited;
mod objects;
mod over;
mod patch;
mod sets;
mod source;
mod taker;
mod target;
mod touched;
mod unread;
mod want;
mod way;

pub(crate) use elsewhere::patched_elsewhere;
pub(crate) use taker::is_kustomization;
pub(crate) use want::{wanted, wanted_below};
pub(crate) use way::takes_others;

use std::collections::BTreeSet;

use self::{
    generated::{OnWay, at_level},
    identity::Level,
    inherited::{doubt_by_instance, doubt_patched},
    over::put_over,
    patch::Patched,
    taker::{By, Role, Taker, takers_in},
    way::{MOST, Way, built_files, may_be_taken, ways},
};
use crate::{
    chart::MODE_KEY,
    controller::{Chart, Controller},
    files::{Files, ObjectRef, Wanted, objects_of},
    finding::{Doubt, Finding},
    release::{Layer, Parameter, Pin, Release, Says, Values},
    rule::Rule,
    yaml::Node,
};

/// The paths from the top that a file takes others by, for one that is at a path from there; and whether some of these
/// are only guessed, because it cannot be read.
pub(crate) fn taken_in(files: &Files<'_>, number: usize, at: &str) -> (Vec<String>, bool) {
    let takers = takers_in(files, number).into_iter();
    let taken = takers.flat_map(|taker| taker.takes(at)).map(|(path, _)| path);
    let guessed = unread::may_take(files, number, at);
    let is_guess = !guessed.is_empty();
    (taken.chain(guessed).collect(), is_guess)
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
    let mut built = built_on_ways(files, number, releases, read);
    unread::doubt_takers(files, number, &mut built);
    sets::widen(files, number, &mut built);
    built
}

fn built_on_ways<'s>(
    files: &Files<'s>,
    number: usize,
    releases: Vec<Release<'s>>,
    read: Reader<'s>,
) -> Vec<Release<'s>> {
    let ways = ways(files, number);
    if ways.is_empty() {
        return releases;
    }
    if ways.iter().all(|way| way.role == Role::Patches) {
        return of_patch(files, number, &ways, releases, read);
    }
    let is_cut = ways.len() >= MOST;
    let ways: Vec<&Way<'s>> = ways.iter().filter(|way| way.role != Role::Patches).collect();
    let mut built: Vec<Release<'s>> =
        releases.into_iter().flat_map(|release| of_release(files, release, &ways)).collect();
    if let Some(last) = built.last_mut().filter(|_| is_cut) {
        let message = format!("kustomizations build this file in {MOST} ways or more, and no more of them are shown");
        let finding = Finding::new(Rule::ModeNotJudged, message).help("ask about the folder of each kustomization");
        last.findings.push(finding.in_file(files.name(number)));
    }
    built
}

/// The releases that a kustomization builds of other files.
pub(crate) fn built_below<'s>(files: &Files<'s>, number: usize, read: Reader<'s>) -> Vec<Release<'s>> {
    if !takes_others(files, number) {
        return Vec::new();
    }
    let (mut open, mut below, mut releases) = (vec![number], BTreeSet::new(), Vec::new());
    while let Some(file) = open.pop() {
        if !below.insert(file) || below.len() > MOST {
            continue;
        }
        let at = files.path_from_top(file);
        let takes = takers_in(files, file).into_iter().flat_map(|taker| taker.takes(&at));
        let built = takes.filter(|(_, role)| matches!(role, Role::Builds | Role::Component));
        open.extend(built.flat_map(|(path, _)| built_files(files, &path)));
        if file != number {
            let of_file = read(files, file);
            releases.extend(of_file.into_iter().filter(|release| release.way.contains(&number)));
        }
    }
    releases
}

/// The releases that a patch is for; of one that is for none that was read, the mode is not known.
fn of_patch<'s>(
    files: &Files<'s>,
    number: usize,
    ways: &[Way<'s>],
    own: Vec<Release<'s>>,
    read: Reader<'s>,
) -> Vec<Release<'s>> {
    // a component patches what its own takers build
    let outermost = |way: &Way<'s>| way.takers.iter().rfind(|taker| !taker.is_outer()).or(way.takers.last()).copied();
    let takers: BTreeSet<usize> = ways.iter().filter_map(outermost).map(Taker::file).collect();
    let below = takers.into_iter().flat_map(|taker| built_below(files, taker, read));
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

fn of_release<'s>(files: &Files<'s>, release: Release<'s>, ways: &[&Way<'s>]) -> Vec<Release<'s>> {
    let (Some(at), Some(controller)) = (release.at, Controller::of(&release.id)) else { return vec![release] };
    let is_object = |root: &Node<'s>| at.path().starts_with(&root.path());
    let Some(object) = at.text.root().and_then(|root| objects_of(root).into_iter().find(is_object)) else {
        return vec![release];
    };
    let chart = Chart::new(files, controller, object, at);
    let nearby = held::Nearby::of(&chart, ways);
    let mut built = Vec::new();
    for (number, way) in ways.iter().enumerate() {
        let mut one = release.clone();
        let mut patched = Patched::of(&mut one, &chart, object);
        let levels = Level::all(files, &way.takers);
        for level in &levels {
            put_over(files, *level, &mut patched, 0);
        }
        let is_generated = generated(files, way, patched.release, |object, key| nearby.looked_up(number, object, key));
        doubt_source(files, way, &mut patched);
        if let Some(first) = way.takers.first().filter(|_| way.is_circle) {
            let message = "kustomizations include each other in a circle, and kustomize builds none of them";
            patched.fails(first.root, message, "remove one of them from the `resources` of the other");
        }
        let (is_deleted, is_touched, identities) = (patched.is_deleted, patched.is_touched, patched.identities);
        if is_deleted {
            continue;
        }
        let is_touched = is_generated || is_touched;
        one.way = way.takers.iter().map(|taker| taker.file()).collect();
        let outermost = way.takers.iter().rfind(|taker| !taker.is_outer());
        one.id.built_by = outermost.map(|taker| files.name(taker.file()).to_owned());
        let folder = || {
            let file = outermost.map_or(chart.root.text.file, |taker| taker.file());
            taker::folder_of(&files.path_from_top(file)).to_owned()
        };
        one.id.brought_by = way.takers.last().filter(|last| last.is_outer()).map(|last| last.bringer(&folder()));
        chart.rename(&mut one.id, identities.current().0, identities.namespace());
        one.layers.sort_by_key(|layer| layer.rank);
        let is_filled = substituted(way, &mut one);
        if is_touched || is_filled || ways.len() > 1 {
            one.settle(files);
        }
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

/// Says where a controller is not known to build what is in this checkout.
fn doubt_source<'s>(files: &Files<'s>, way: &Way<'s>, patched: &mut Patched<'_, '_, 's>) {
    let Some((outer, others)) = way.takers.split_last().filter(|(last, _)| last.is_outer()) else { return };
    let of_way = [patched.object.text.file].into_iter().chain(others.iter().map(|taker| taker.file()));
    for file in of_way {
        let Some(left) = source::left(files, *outer, &files.path_from_top(file)) else { continue };
        let message = format!("{} is built as it is {}", files.name(file), left.reason);
        let help = "take the step where it is built from: on that branch, or where the tag or the commit comes from";
        return patched.fails(outer.root, &message, help);
    }
    doubt_by_instance(files, *outer, patched);
    for taker in ways(files, outer.file()).iter().flat_map(|way| &way.takers) {
        doubt_patched(files, *taker, *outer, patched);
        doubt_by_instance(files, *taker, patched);
    }
}

/// Takes over what the generators on the way make of the objects that a release takes values from, and leaves out those
/// that others build. Whether there is any.
fn generated<'s>(
    files: &Files<'s>,
    way: &Way<'s>,
    release: &mut Release<'s>,
    nearby: impl Fn(&ObjectRef, &str) -> Option<(usize, Values<'s>)>,
) -> bool {
    let levels: Vec<Vec<Node<'s>>> =
        Level::all(files, &way.takers).into_iter().map(|level| at_level(files, level)).collect();
    let on_way = OnWay { files, levels: &levels, is_told: release.umbrella.is_some() };
    let mut is_any = false;
    for layer in &mut release.layers {
        let Some((Wanted::Object(object), Some(key))) =
            layer.named.as_ref().and_then(|named| Some((named.wanted.as_ref()?, named.key.as_ref())))
        else {
            continue;
        };
        let from_way = on_way.values_of(object, key).map(|(file, values)| (file.unwrap_or(release.file), values));
        let of_others = || nearby(object, key);
        if let Some((file, values)) = from_way.or_else(of_others) {
            (layer.file, layer.values, is_any) = (file, values, true);
        }
    }
    is_any
}

/// Lets a variable decide that Flux fills in, where its Kustomization says it: what is set there overrides what
/// `substituteFrom` has. Returns whether it does.
fn substituted<'s>(way: &Way<'s>, release: &mut Release<'s>) -> bool {
    let Some(flux) = way.takers.iter().find(|taker| taker.by == By::Flux) else { return false };
    let Some(variables) = flux.root.at("spec.postBuild.substitute") else { return false };
    let entry = |text: &str| {
        let name = text.strip_prefix("${")?.strip_suffix('}')?;
        let by_default = [":=", ":-"].into_iter().find_map(|sign| name.split_once(sign));
        let name = by_default.map_or(name, |(name, _)| name);
        variables.entries().find(|(own, _)| *own == name)
    };
    let version = release.pin.as_ref().and_then(|pin| entry(&pin.text)).filter(|(_, value)| value.scalar().is_some());
    if let Some((_, value)) = version {
        release.pin = Some(Pin::at(value));
    }
    let names = release.path_to(MODE_KEY);
    let Some((_, Says::Is(node))) = release.deciding(&names) else { return false };
    let Some((key, value)) = node.str().and_then(entry) else { return false };
    let name: Vec<String> = names.iter().map(ToString::to_string).collect();
    release.filled = Some(node.span());
    let parameter = Parameter { name, item: variables, key, value: Some(value) };
    let rank = (u8::MAX, usize::MAX);
    release.layers.push(Layer::own(rank, flux.file(), Values::Parameters(vec![parameter])));
    true
}
