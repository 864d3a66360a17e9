//! What must be read before it is known who builds a file.

use std::collections::BTreeSet;

use super::{
    along,
    appliers::{self, Appliers},
    source,
    taker::{ANYWHERE, NAMES, Role, Taker, folder_of, is_kustomization},
    variables,
    way::{MOST, Takers, built_files, folder_file, is_file, may_be_taken, takes_others},
};
use crate::{
    files::{Files, Found, Held, ObjectRef, Wanted, cleaned, generated_paths, joined},
    release::Release,
    yaml::Node,
};

/// What must be read before it is known who builds a file that brings releases.
pub(crate) fn wanted(files: &Files<'_>, number: usize) -> Vec<Wanted> {
    if !may_be_taken(files, number) {
        return Vec::new();
    }
    let mut wanted = Vec::new();
    want(&Takers::of(files), number, &mut Seen::default(), &mut wanted);
    wanted
}

/// What must be read before it is known whether what a file builds brings any. Who builds the file itself matters only then.
pub(crate) fn wanted_below(files: &Files<'_>, number: usize) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    if takes_others(files, number) {
        want_below(&Takers::of(files), number, &mut Seen::default(), &mut wanted);
    }
    wanted
}

/// What must be read before it is known what the objects are, as they are built, that some releases take values from.
pub(crate) fn wanted_for_objects(files: &Files<'_>, releases: &[&Release<'_>]) -> Vec<Wanted> {
    // all overlays of a base name the same ones
    let named = releases.iter().flat_map(|release| &release.layers).filter_map(|layer| layer.named.as_ref());
    let named: BTreeSet<(ObjectRef, Option<&str>)> = named
        .filter_map(|named| match &named.wanted {
            Some(Wanted::Object(object)) => {
                Some((ObjectRef { namespace: None, ..object.clone() }, named.key.as_deref()))
            }
            _ => None,
        })
        .collect();
    let all = Takers::of(files);
    let (mut seen, mut wanted) = (Seen::default(), Vec::new());
    for (object, key) in named {
        for held in files.objects().held(&object) {
            want(&all, held.file(), &mut seen, &mut wanted);
            let Held::Generated(generator) = held else { continue };
            want_of_taker(&all, held.file(), &mut seen, &mut wanted);
            let file = key.and_then(|key| generator.file_of(key));
            let at = files.path_from_top(held.file());
            for path in generator.configurations().chain(file).filter(|path| crate::controller::plain(path).is_some()) {
                want_file(files, &joined(&at, path), &mut wanted);
            }
        }
    }
    wanted
}

/// The files that were gone through already.
#[derive(Default)]
struct Seen<'s> {
    /// What has folders applied.
    appliers: Appliers<'s>,
    /// For who takes them.
    above: BTreeSet<usize>,
    /// For what they build.
    below: BTreeSet<usize>,
    /// For who takes them on the way from what is asked about.
    between: BTreeSet<usize>,
}

/// Who builds a file, and what it builds itself.
fn want<'s>(all: &Takers<'_, 's>, number: usize, seen: &mut Seen<'s>, wanted: &mut Vec<Wanted>) {
    want_above(all, number, seen, wanted);
    // a kustomization brings what it names, and a patch is for what its taker names
    if takes_others(all.files, number) {
        return want_below(all, number, seen, wanted);
    }
    let ways = all.ways(number);
    if ways.iter().any(|way| way.role == Role::Patches) {
        for taker in ways.iter().flat_map(|way| &way.takers).map(|taker| taker.file()).collect::<BTreeSet<usize>>() {
            want_below(all, taker, seen, wanted);
        }
    }
}

/// Who builds a file. What else they build matters where that says what they are called.
fn want_above<'s>(all: &Takers<'_, 's>, number: usize, seen: &mut Seen<'s>, wanted: &mut Vec<Wanted>) {
    if !seen.above.insert(number) || seen.above.len() > MOST {
        return;
    }
    let files = all.files;
    let path = files.path_from_top(number);
    let asked = Wanted::Takers(path.clone());
    match files.answer_to(&asked) {
        None => wanted.push(asked),
        Some(takers) => {
            let takers = takers.to_vec();
            // it may leave the file out
            if takers.is_empty() && !is_kustomization(&path) {
                want_folder(files, folder_of(&path), wanted);
            }
            for taker in takers.iter().copied() {
                want_of_taker(all, taker, seen, wanted);
                want_above(all, taker, seen, wanted);
                // how many of these lead to one file says what they are called
                if builds_several(all, taker) {
                    want_below(all, taker, seen, wanted);
                }
            }
            want_sources(all, number, &takers, wanted);
            want_variables(all, number, seen, wanted);
            want_appliers(files, &seen.appliers, &path, &takers, wanted);
        }
    }
}

/// What says whether controllers build the files of this checkout, on the ways from one.
fn want_sources<'s>(all: &Takers<'_, 's>, number: usize, takers: &[usize], wanted: &mut Vec<Wanted>) {
    let files = all.files;
    let mut ask = |taker: Taker<'s>, asked: Option<Wanted>| {
        let object = source::object_of(taker).map(Wanted::Object);
        wanted.extend(object.into_iter().chain(asked).filter(|wanted| files.is_open(wanted)));
    };
    let path = files.path_from_top(number);
    for taker in takers {
        let known = all.in_file(*taker);
        let those = known.iter().filter(|known| known.role_of(&path).is_some());
        those.for_each(|known| ask(known.taker, source::asked(files, known.taker, &path)));
    }
    for way in all.ways(number) {
        way.outer().into_iter().for_each(|outer| ask(*outer, None));
        for (taker, _, asked) in along::asked_on(files, number, &way) {
            ask(taker, Some(asked));
        }
    }
}

/// The objects from which Flux fills in variables of what a file brings, and who builds these.
fn want_variables<'s>(all: &Takers<'_, 's>, number: usize, seen: &mut Seen<'s>, wanted: &mut Vec<Wanted>) {
    let ways = all.ways(number);
    let asked = ways.iter().filter_map(|way| way.outer()).flat_map(|outer| variables::asked(*outer)).flatten();
    for object in asked.collect::<BTreeSet<ObjectRef>>() {
        for held in all.files.objects().held(&object) {
            want(all, held.file(), seen, wanted);
        }
        wanted.extend(Some(Wanted::Object(object)).filter(|wanted| all.files.is_open(wanted)));
    }
}

/// What says whether what may have a file applied is about this checkout.
fn want_appliers<'s>(files: &Files<'s>, known: &Appliers<'s>, path: &str, takers: &[usize], wanted: &mut Vec<Wanted>) {
    let folders = takers.iter().flat_map(|taker| appliers::wanted(files, *taker));
    let those = known.in_files(files, takers).into_iter().filter(|applier| applier.has(files, path));
    let sources = those.filter_map(|applier| applier.asked(files, path));
    wanted.extend(folders.chain(sources).filter(|wanted| files.is_open(wanted)));
}

/// The files that say what a taker puts over what it builds.
fn want_of_taker<'s>(all: &Takers<'_, 's>, number: usize, seen: &mut Seen<'s>, wanted: &mut Vec<Wanted>) {
    let files = all.files;
    let at = files.path_from_top(number);
    for known in all.in_file(number).iter() {
        // which objects there are says whether kustomize finds those of the patches
        if has_free_patch(known.taker) {
            want_below(all, number, seen, wanted);
        }
        for path in generated_paths(known.taker.root).filter(|path| is_file(path)) {
            want_file(files, &joined(&at, path), wanted);
        }
        for (path, role) in &known.takes {
            match role {
                Role::Patches | Role::Reads => want_file(files, path, wanted),
                Role::Component => {
                    let component = folder_file(files, path);
                    match component {
                        Some(component) if seen.above.insert(component) => {
                            want_of_taker(all, component, seen, wanted);
                        }
                        Some(_) => {}
                        None => want_folder(files, path, wanted),
                    }
                }
                Role::Builds => {}
            }
        }
    }
}

/// Whether a kustomization builds several folders.
fn builds_several(all: &Takers<'_, '_>, number: usize) -> bool {
    let known = all.in_file(number);
    let taken = known.iter().filter(|known| !known.taker.is_outer()).flat_map(|known| &known.takes);
    taken.filter(|(path, role)| *role == Role::Builds && !is_file(path)).nth(1).is_some()
}

/// Whether a patch of it says by itself whom it is for.
fn has_free_patch(taker: Taker<'_>) -> bool {
    let items = |list| taker.setting(list).into_iter().flat_map(Node::items);
    items("patchesStrategicMerge").next().is_some() || items("patches").any(|patch| patch.get("target").is_none())
}

/// Whether a kustomization brings charts by itself.
fn names_charts(files: &Files<'_>, number: usize) -> bool {
    let has = |root: Node<'_>| ["helmCharts", "helmChartInflationGenerator"].iter().any(|key| root.get(key).is_some());
    files.roots(number).any(has)
}

/// What a kustomization builds, and so on.
fn want_below<'s>(all: &Takers<'_, 's>, number: usize, seen: &mut Seen<'s>, wanted: &mut Vec<Wanted>) {
    let files = all.files;
    let (mut open, mut ends) = (vec![number], Vec::new());
    while let Some(number) = open.pop() {
        if !seen.below.insert(number) || seen.below.len() > MOST {
            continue;
        }
        for (path, role) in all.in_file(number).iter().flat_map(|known| &known.takes) {
            if !matches!(role, Role::Builds | Role::Component) {
                continue;
            }
            let built = built_files(files, path);
            if built.is_empty() {
                want_built(files, path, wanted);
            }
            open.extend(built);
        }
        if !is_kustomization(files.name(number)) || names_charts(files, number) {
            ends.push(number);
        }
    }
    // only now all that is on the way is known: two ways may lead to one file
    for end in ends {
        want_between(all, end, seen, wanted);
    }
}

/// Who takes what a kustomization builds, on the way from that. Of the others, which may be all overlays of a base, one is
/// read: that it is there distinguishes the names of what is built.
fn want_between<'s>(all: &Takers<'_, 's>, number: usize, seen: &mut Seen<'s>, wanted: &mut Vec<Wanted>) {
    if seen.above.contains(&number) || !seen.between.insert(number) || seen.between.len() > MOST {
        return;
    }
    let files = all.files;
    let path = files.path_from_top(number);
    let Some(takers) = files.takers_of(&path) else { return wanted.push(Wanted::NamesOfTakers(path)) };
    let is_on_way = |taker: &usize| seen.below.contains(taker) || seen.above.contains(taker);
    let has_role = |taker: &usize| all.in_file(*taker).iter().any(|known| known.role_of(&path).is_some());
    let (on_way, others): (Vec<usize>, Vec<usize>) = takers.iter().copied().partition(is_on_way);
    if !others.iter().any(has_role) {
        wanted.extend(files.unread_taker(&path));
    }
    for taker in on_way {
        want_of_taker(all, taker, seen, wanted);
        want_between(all, taker, seen, wanted);
    }
    want_sources(all, number, &takers, wanted);
    want_variables(all, number, seen, wanted);
}

fn want_file(files: &Files<'_>, path: &str, wanted: &mut Vec<Wanted>) {
    let file = Wanted::File(files.named(path));
    if files.find(&file, usize::MAX) == Found::Unasked {
        wanted.push(file);
    }
}

fn want_folder(files: &Files<'_>, path: &str, wanted: &mut Vec<Wanted>) {
    for name in NAMES {
        want_file(files, &cleaned(&format!("{path}/{name}")), wanted);
    }
}

fn want_built(files: &Files<'_>, path: &str, wanted: &mut Vec<Wanted>) {
    let before = wanted.len();
    // the folders of a set's pattern are found through their own files
    if path.contains(['*', '?']) && !path.starts_with(ANYWHERE) {
        return;
    }
    if is_file(path) {
        want_file(files, path, wanted);
        return;
    }
    if !path.starts_with(ANYWHERE) {
        want_folder(files, path, wanted);
    }
    let below = Wanted::Below(path.to_owned());
    if wanted.len() == before && files.is_open(&below) {
        wanted.push(below);
    }
}
