//! What kustomize and Flux build of files: which kustomizations take a file, through how many others, and what their
//! patches say of the releases in it.
//!
//! A file that several overlays build makes a release for each of them; the spot that decides may stand in the file,
//! and then an edit moves all of them, or in a patch of one.

mod generated;
mod identity;
mod objects;
mod over;
mod patch;
mod source;
mod taker;
mod target;

pub(crate) use taker::is_kustomization;

use std::collections::BTreeSet;

use self::{
    generated::OnWay,
    identity::Level,
    over::put_over,
    patch::Patched,
    taker::{By, NAMES, Role, Taker, takers_in},
};
use crate::{
    chart::MODE_KEY,
    controller::{Chart, Controller},
    files::{Files, Found, Wanted, cleaned, generated_paths, objects_of},
    finding::{Doubt, Finding},
    release::{Layer, Parameter, Release, Says, Values},
    rule::Rule,
    yaml::Node,
};

/// The most ways that are followed from one file.
const MOST: usize = 256;

/// How a file comes to be built: its takers, the nearest first; and what the nearest does with it.
struct Way<'s> {
    takers: Vec<Taker<'s>>,
    /// Whether kustomizations on it take each other, of which kustomize builds none.
    is_circle: bool,
    role: Role,
}

/// The paths from the top that a file takes others by, for one that stands at a path from there.
pub(crate) fn taken_in(files: &Files<'_>, number: usize, at: &str) -> Vec<String> {
    let takers = takers_in(files, number).into_iter();
    takers.flat_map(|taker| taker.takes(at)).map(|(path, _)| path).collect()
}

/// Whether a file is a kustomization, or an object of a controller that builds one.
pub(crate) fn takes_others(files: &Files<'_>, number: usize) -> bool {
    is_kustomization(files.name(number)) || takers_in(files, number).iter().any(|taker| taker.is_outer())
}

/// Whether kustomize may take a file: an object of Kubernetes, or what it reads itself.
fn may_be_taken(files: &Files<'_>, number: usize) -> bool {
    let is_object = |root: Node<'_>| root.get("kind").is_some() && root.get("apiVersion").is_some();
    files.name(number) != "-" && (is_kustomization(files.name(number)) || files.roots(number).any(is_object))
}

/// What must be read before it is known who builds a file.
pub(crate) fn wanted(files: &Files<'_>, number: usize) -> Vec<Wanted> {
    if !may_be_taken(files, number) {
        return Vec::new();
    }
    let mut wanted = Vec::new();
    want(files, number, &mut Seen::default(), &mut wanted);
    wanted
}

/// The files that were gone through already.
#[derive(Default)]
struct Seen {
    /// For who takes them.
    above: BTreeSet<usize>,
    /// For what they build.
    below: BTreeSet<usize>,
}

fn want(files: &Files<'_>, number: usize, seen: &mut Seen, wanted: &mut Vec<Wanted>) {
    if !seen.above.insert(number) || seen.above.len() > MOST {
        return;
    }
    let path = files.path_from_top(number);
    let asked = Wanted::Takers(path.clone());
    match files.answer_to(&asked) {
        None => wanted.push(asked),
        Some(takers) => {
            let takers = takers.to_vec();
            for taker in takers.iter().copied() {
                want_of_taker(files, taker, seen, wanted);
                want(files, taker, seen, wanted);
            }
            want_sources(files, number, &takers, wanted);
        }
    }
    // a kustomization brings what it names, and a patch is for what its taker names
    if takes_others(files, number) {
        want_below(files, number, seen, wanted);
        return;
    }
    let ways = ways(files, number);
    if ways.iter().any(|way| way.role == Role::Patches) {
        for taker in ways.iter().flat_map(|way| &way.takers).map(|taker| taker.file()).collect::<BTreeSet<usize>>() {
            want_below(files, taker, seen, wanted);
        }
    }
}

/// What says whether controllers build the files of this checkout, on the ways from one.
fn want_sources<'s>(files: &Files<'s>, number: usize, takers: &[usize], wanted: &mut Vec<Wanted>) {
    let mut ask = |taker: Taker<'s>, path: &str| {
        let object = source::object_of(taker).map(Wanted::Object);
        let unknown = object.into_iter().chain(source::asked(files, taker, path));
        wanted.extend(unknown.filter(|wanted| files.is_open(wanted)));
    };
    let path = files.path_from_top(number);
    for taker in takers.iter().flat_map(|taker| takers_in(files, *taker)).filter(|taker| taker.is_outer()) {
        if taker.role_of(&files.path_from_top(taker.file()), &path).is_some() {
            ask(taker, &path);
        }
    }
    for way in ways(files, number) {
        let Some((outer, others)) = way.takers.split_last().filter(|(last, _)| last.is_outer()) else { continue };
        for file in [number].into_iter().chain(others.iter().map(|taker| taker.file())) {
            ask(*outer, &files.path_from_top(file));
        }
    }
}

/// The files that say what a taker puts over what it builds.
fn want_of_taker(files: &Files<'_>, number: usize, seen: &mut Seen, wanted: &mut Vec<Wanted>) {
    let at = files.path_from_top(number);
    for taker in takers_in(files, number) {
        // which objects there are says whether kustomize finds those of the patches
        if has_free_patch(taker) {
            want_below(files, number, seen, wanted);
        }
        for path in generated_paths(taker.root).filter(|path| is_file(path)) {
            want_file(files, &crate::files::joined(&at, path), wanted);
        }
        for (path, role) in taker.takes(&at) {
            match role {
                Role::Patches | Role::Reads => want_file(files, &path, wanted),
                Role::Component => {
                    let component = folder_file(files, &path);
                    match component {
                        Some(component) if seen.above.insert(component) => {
                            want_of_taker(files, component, seen, wanted);
                        }
                        Some(_) => {}
                        None => want_folder(files, &path, wanted),
                    }
                }
                Role::Builds => {}
            }
        }
    }
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
fn want_below(files: &Files<'_>, number: usize, seen: &mut Seen, wanted: &mut Vec<Wanted>) {
    let mut open = vec![number];
    while let Some(number) = open.pop() {
        if !seen.below.insert(number) || seen.below.len() > MOST {
            continue;
        }
        let at = files.path_from_top(number);
        for (path, role) in takers_in(files, number).into_iter().flat_map(|taker| taker.takes(&at)) {
            if !matches!(role, Role::Builds | Role::Component) {
                continue;
            }
            let built = built_files(files, &path);
            if built.is_empty() {
                want_built(files, &path, wanted);
            }
            open.extend(built);
        }
        if !is_kustomization(files.name(number)) || names_charts(files, number) {
            want(files, number, seen, wanted);
        }
    }
}

fn is_file(path: &str) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending)) || is_kustomization(path)
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

/// The file of a path from the top, where it was read.
fn file_at(files: &Files<'_>, path: &str) -> Option<usize> {
    match files.find(&Wanted::File(files.named(path)), usize::MAX) {
        Found::Here(number) => Some(number),
        Found::Absent | Found::Unasked => None,
    }
}

/// The kustomization of a folder, where it was read.
fn folder_file(files: &Files<'_>, path: &str) -> Option<usize> {
    NAMES.iter().find_map(|name| file_at(files, &cleaned(&format!("{path}/{name}"))))
}

fn built_file(files: &Files<'_>, path: &str) -> Option<usize> {
    if is_file(path) { file_at(files, path) } else { folder_file(files, path) }
}

/// The files that are built of a path: a file, the kustomization of a folder, or what Flux builds of one that has none.
fn built_files(files: &Files<'_>, path: &str) -> Vec<usize> {
    let below = || files.answer_to(&Wanted::Below(path.to_owned())).unwrap_or_default().to_vec();
    built_file(files, path).map_or_else(below, |file| vec![file])
}

fn want_built(files: &Files<'_>, path: &str, wanted: &mut Vec<Wanted>) {
    let before = wanted.len();
    // the folders of a pattern are found through their own files
    if path.contains(['*', '?']) {
        return;
    }
    if is_file(path) {
        want_file(files, path, wanted);
        return;
    }
    want_folder(files, path, wanted);
    let below = Wanted::Below(path.to_owned());
    if wanted.len() == before && files.is_open(&below) {
        wanted.push(below);
    }
}

/// The ways from a file to what builds it; none where nothing takes it.
fn ways<'s>(files: &Files<'s>, number: usize) -> Vec<Way<'s>> {
    let (mut found, mut circle) = (Vec::new(), BTreeSet::new());
    climb(files, number, (&mut Vec::new(), &mut circle), None, &mut found);
    for way in &mut found {
        way.is_circle = way.takers.iter().any(|taker| circle.contains(&taker.file()));
    }
    found
}

/// Goes on from a file to what takes it; with the takers so far, and the files of those that take each other.
fn climb<'s>(
    files: &Files<'s>,
    number: usize,
    (on, circle): (&mut Vec<Taker<'s>>, &mut BTreeSet<usize>),
    role: Option<Role>,
    found: &mut Vec<Way<'s>>,
) {
    if found.len() >= MOST {
        return;
    }
    let path = files.path_from_top(number);
    let takers = files.answer_to(&Wanted::Takers(path.clone())).unwrap_or_default();
    let mut edges: Vec<(Taker<'s>, Role)> = Vec::new();
    for taker in takers.iter().flat_map(|taker| takers_in(files, *taker)) {
        let role = taker.role_of(&files.path_from_top(taker.file()), &path);
        let role = role.filter(|_| !source::is_of_another(files, taker, &path));
        edges.extend(role.map(|role| (taker, role)));
    }
    // of several Kustomizations of Flux in one file that of the nearest folder takes it
    let nearest = |file: usize| {
        let depths = edges.iter().filter(|(taker, _)| taker.by == By::Flux && taker.file() == file);
        depths.map(|(taker, _)| taker.folder().len()).max()
    };
    let is_near = |taker: &Taker<'s>| taker.by != By::Flux || Some(taker.folder().len()) == nearest(taker.file());
    let is_new = |taker: &Taker<'s>| taker.file() != number && on.iter().all(|other| other.root != taker.root);
    for (taker, _) in edges.iter().filter(|(taker, _)| !taker.is_outer() && !is_new(taker)) {
        let from = on.iter().position(|other| other.root == taker.root).unwrap_or_default();
        circle.extend(on[from..].iter().map(|taker| taker.file()));
    }
    let edges: Vec<(Taker<'s>, Role)> =
        edges.iter().filter(|(taker, _)| is_near(taker) && is_new(taker)).copied().collect();
    if edges.is_empty() {
        found.extend(role.map(|role| Way { takers: on.clone(), is_circle: false, role }));
        return;
    }
    for (taker, of_taker) in edges {
        on.push(taker);
        let role = Some(role.unwrap_or(of_taker));
        if taker.is_outer() {
            found.extend(role.map(|role| Way { takers: on.clone(), is_circle: false, role }));
        } else {
            climb(files, taker.file(), (&mut *on, &mut *circle), role, found);
        }
        on.pop();
    }
}

/// Reads the releases that the documents of a file bring.
type Reader<'s> = fn(&Files<'s>, usize) -> Vec<Release<'s>>;

/// The releases of a file as they are built: one for each overlay. A patch stands for the releases that it is for.
pub(crate) fn built<'s>(
    files: &Files<'s>,
    number: usize,
    releases: Vec<Release<'s>>,
    read: Reader<'s>,
) -> Vec<Release<'s>> {
    if releases.is_empty() || !may_be_taken(files, number) {
        return releases;
    }
    let ways = ways(files, number);
    if ways.is_empty() {
        return releases;
    }
    if ways.iter().all(|way| way.role == Role::Patches) {
        return of_patch(files, number, &ways, releases, read);
    }
    let ways: Vec<&Way<'s>> = ways.iter().filter(|way| way.role != Role::Patches).collect();
    releases.into_iter().flat_map(|release| of_release(files, release, &ways)).collect()
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
        release.mode.doubt(finding.clone());
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
    let mut built = Vec::new();
    for way in ways {
        let mut one = release.clone();
        let mut patched = Patched::of(&mut one, &chart, object);
        let levels = Level::all(files, &way.takers);
        for level in &levels {
            put_over(files, *level, &mut patched, 0);
        }
        doubt_source(files, way, &mut patched);
        if let Some(first) = way.takers.first().filter(|_| way.is_circle) {
            let message = "kustomizations include each other in a circle, and kustomize builds none of them";
            patched.fails(first.root, message, "remove one of them from the `resources` of the other");
        }
        let (is_deleted, is_touched, identities) = (patched.is_deleted, patched.is_touched, patched.identities);
        if is_deleted {
            continue;
        }
        let is_touched = generated(files, way, &mut one) || is_touched;
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

/// Says where a controller is not known to build what stands in this checkout.
fn doubt_source<'s>(files: &Files<'s>, way: &Way<'s>, patched: &mut Patched<'_, '_, 's>) {
    let Some((outer, others)) = way.takers.split_last().filter(|(last, _)| last.is_outer()) else { return };
    let of_way = [patched.object.text.file].into_iter().chain(others.iter().map(|taker| taker.file()));
    for file in of_way {
        let Some(left) = source::left(files, *outer, &files.path_from_top(file)) else { continue };
        let message = format!("{} is built as it is {}", files.name(file), left.reason);
        let help = "take the step where it is built from: on that branch, or where the tag or the commit comes from";
        return patched.fails(outer.root, &message, help);
    }
    for taker in ways(files, outer.file()).iter().flat_map(|way| &way.takers) {
        if let Some(patch) = over::patch_of_outer(files, *taker, *outer) {
            return patched.doubt(u8::MAX, patch, "a patch of the object that has this built");
        }
    }
}

/// Takes over what the generators on the way make of the objects that a release takes values from. Whether there is
/// any.
fn generated<'s>(files: &Files<'s>, way: &Way<'s>, release: &mut Release<'s>) -> bool {
    let takers: Vec<&Taker<'s>> = way.takers.iter().filter(|taker| !taker.is_outer()).collect();
    let component = |(path, role): (String, Role)| folder_file(files, &path).filter(|_| role == Role::Component);
    let components = way.takers.iter().flat_map(|taker| taker.takes(&files.path_from_top(taker.file())));
    let components: Vec<Node<'s>> =
        components.filter_map(component).flat_map(|file| takers_in(files, file)).map(|taker| taker.root).collect();
    let roots: Vec<Node<'s>> = takers.iter().map(|taker| taker.root).collect();
    let on_way = OnWay { files, roots: &roots, components: &components, is_told: release.umbrella.is_some() };
    let mut is_any = false;
    for layer in &mut release.layers {
        let Some((Wanted::Object(object), Some(key))) =
            layer.named.as_ref().and_then(|named| Some((named.wanted.as_ref()?, named.key.as_ref())))
        else {
            continue;
        };
        if let Some((file, values)) = on_way.values_of(object, key) {
            (layer.file, layer.values, is_any) = (file.unwrap_or(release.file), values, true);
        }
    }
    is_any
}

/// Lets a variable decide that Flux fills in, where its Kustomization says it: what stands there counts over what
/// `substituteFrom` has. Whether it does.
fn substituted<'s>(way: &Way<'s>, release: &mut Release<'s>) -> bool {
    let Some(flux) = way.takers.iter().find(|taker| taker.by == By::Flux) else { return false };
    let names = release.path_to(MODE_KEY);
    let Some((_, Says::Is(node))) = release.deciding(&names) else { return false };
    let name = node.str().and_then(|text| text.strip_prefix("${")?.strip_suffix('}'));
    let name = name.map(|name| {
        let by_default = [":=", ":-"].into_iter().find_map(|sign| name.split_once(sign));
        by_default.map_or(name, |(name, _)| name)
    });
    let variables = flux.root.at("spec.postBuild.substitute");
    let mut entries = variables.into_iter().flat_map(Node::entries);
    let entry = name.and_then(|name| entries.find(|(own, _)| *own == name));
    let Some((variables, (key, value))) = variables.zip(entry) else { return false };
    let name: Vec<String> = names.iter().map(ToString::to_string).collect();
    release.filled = Some(node.span());
    let parameter = Parameter { name, item: variables, key, value: Some(value) };
    let rank = (u8::MAX, usize::MAX);
    release.layers.push(Layer::own(rank, flux.file(), Values::Parameters(vec![parameter])));
    true
}
