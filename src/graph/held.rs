//! Which of the objects of one name counts on the way of a release: not one that other overlays build, or that is built
//! for other clusters.

use std::collections::BTreeSet;

use super::{
    taker::{ARGO, By, Taker, folder_of},
    way::{Way, ways},
};
use crate::{
    controller::Chart,
    files::{Files, Held, ObjectRef},
    release::Values,
};

/// What builds something: a document, by its file and its first byte.
type Builders = BTreeSet<(usize, usize)>;

/// How near an object is to a way: whether something builds both; whether what has them built is in one folder, or is
/// built by one; and how many folders it has in common with what builds the release.
type Nearness = (bool, bool, usize);

/// Where an object is built.
struct Built {
    builders: Builders,
    above: Builders,
    folders: BTreeSet<String>,
}

/// The values that a release gets on a way of a key of an object, where not all that have its name count there; with the
/// file that they are in.
pub(super) fn looked_up<'s>(
    chart: &Chart<'_, 's>,
    (way, all): (&Way<'s>, &[&Way<'s>]),
    object: &ObjectRef,
    key: &str,
) -> Option<(usize, Values<'s>)> {
    let files = chart.files;
    let held = files.objects().held(object);
    let nearest = held.iter().map(|held| nearness(files, held, way)).max()?;
    let counts = |held: &&Held<'s>| {
        let own = nearness(files, held, way);
        let is_of_other = all.iter().any(|other| nearness(files, held, other) > own);
        let is_built_elsewhere = !own.0 && !own.1 && is_built(files, held);
        (own.0, own.1) == (nearest.0, nearest.1) && !is_of_other && !is_built_elsewhere
    };
    let counting: Vec<Held<'s>> = held.iter().filter(counts).copied().collect();
    if counting.len() == held.len() {
        return None;
    }
    if counting.is_empty() {
        let other = files.name(held.first()?.file());
        let reason = format!("which is not known to be there: what is built here does not contain that of {other}");
        return Some((chart.root.text.file, Values::Unread(Some(reason))));
    }
    Some(chart.look_into(object, key, &counting))
}

fn is_built(files: &Files<'_>, held: &Held<'_>) -> bool {
    matches!(held, Held::Generated(_)) || !ways(files, held.file()).is_empty()
}

fn nearness<'s>(files: &Files<'s>, held: &Held<'s>, way: &Way<'s>) -> Nearness {
    let of_way = Built::on(files, &way.takers);
    let path = files.path_from_top(held.file());
    let mut of_held = Built { builders: Builders::new(), above: Builders::new(), folders: BTreeSet::new() };
    for other in ways(files, held.file()) {
        let Built { builders, above, folders } = Built::on(files, &other.takers);
        of_held.builders.extend(builders);
        of_held.above.extend(above);
        of_held.folders.extend(folders);
    }
    if let Held::Generated(generator) = held {
        of_held.builders.insert(generator.place());
    }
    if of_held.builders.is_empty() {
        of_held.folders.insert(folder_of(&path).to_owned());
    }
    let in_common = |file: usize| {
        let other = files.path_from_top(file);
        folder_of(&path).split('/').zip(folder_of(&other).split('/')).take_while(|(one, other)| one == other).count()
    };
    let is_above = !of_way.above.is_disjoint(&of_held.above)
        || !of_way.above.is_disjoint(&of_held.builders)
        || !of_way.builders.is_disjoint(&of_held.above)
        || !of_way.folders.is_disjoint(&of_held.folders);
    let depth = way.takers.iter().map(|taker| in_common(taker.file())).max().unwrap_or_default();
    (!of_way.builders.is_disjoint(&of_held.builders), is_above, depth)
}

impl Built {
    /// What is built by some takers, the last of which may be a controller's object: others of its folder, and what
    /// builds that, are for the same cluster.
    fn on<'s>(files: &Files<'s>, takers: &[Taker<'s>]) -> Self {
        let place = |taker: &Taker<'s>| (taker.file(), taker.root.span().start);
        // a set makes Applications for many clusters
        let is_of_many = |taker: &&Taker<'s>| {
            taker.root.str_at("kind") == Some("ApplicationSet")
                && taker.root.str_at("apiVersion").is_some_and(|api| api.starts_with(ARGO))
        };
        let builders: Builders = takers.iter().filter(|taker| !is_of_many(taker)).map(place).collect();
        let outer = takers.last().filter(|last| last.by == By::Flux && last.root.at("spec.kubeConfig").is_none());
        let above = outer.iter().flat_map(|outer| ways(files, outer.file())).flat_map(|way| way.takers);
        let above = above.map(|taker| place(&taker)).collect();
        let folders = outer.iter().map(|outer| folder_of(&files.path_from_top(outer.file())).to_owned()).collect();
        Self { builders, above, folders }
    }
}
