//! Which of the objects of one name counts on the way of a release: not one that other overlays build, or that is built
//! for other clusters.

use std::{
    cell::{OnceCell, RefCell},
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

use super::{
    source::in_common,
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
#[derive(Default)]
struct Built {
    builders: Builders,
    above: Builders,
    folders: BTreeSet<String>,
}

/// An object of a name that is asked for.
struct Candidate<'s> {
    held: Held<'s>,
    /// Its file, by the path from the top of the checkout.
    path: String,
    at: Built,
    /// How near it is to the nearest way.
    most: Nearness,
    /// Whether anything builds it.
    is_built: bool,
}

/// The objects that the ways of a release name, each weighed once.
pub(super) struct Nearby<'c, 'f, 's> {
    chart: &'c Chart<'f, 's>,
    ways: &'c [&'c Way<'s>],
    /// What builds on each way.
    on: OnceCell<Vec<Built>>,
    found: RefCell<HashMap<ObjectRef, Rc<[Candidate<'s>]>>>,
}

impl<'c, 'f, 's> Nearby<'c, 'f, 's> {
    pub(super) fn of(chart: &'c Chart<'f, 's>, ways: &'c [&'c Way<'s>]) -> Self {
        Self { chart, ways, on: OnceCell::new(), found: RefCell::default() }
    }

    /// The values that a release gets on a way, by its number, of a key of an object, where not all that have its name count
    /// there; with the file that they are in.
    pub(super) fn looked_up(&self, way: usize, object: &ObjectRef, key: &str) -> Option<(usize, Values<'s>)> {
        let all = self.candidates(object);
        let own: Vec<Nearness> = all.iter().map(|one| self.nearness(way, &one.path, &one.at)).collect();
        let nearest = own.iter().max()?;
        let counts = |(one, own): &(&Candidate<'s>, &Nearness)| {
            let is_built_elsewhere = !own.0 && !own.1 && one.is_built;
            (own.0, own.1) == (nearest.0, nearest.1) && one.most <= **own && !is_built_elsewhere
        };
        let counting: Vec<Held<'s>> = all.iter().zip(&own).filter(counts).map(|(one, _)| one.held).collect();
        if counting.len() == all.len() {
            return None;
        }
        if counting.is_empty() {
            let other = self.chart.files.name(all.first()?.held.file());
            let reason = format!("which is not known to be there: what is built here does not contain that of {other}");
            return Some((self.chart.root.text.file, Values::Unread(Some(reason))));
        }
        Some(self.chart.look_into(object, key, &counting))
    }

    fn candidates(&self, object: &ObjectRef) -> Rc<[Candidate<'s>]> {
        if let Some(found) = self.found.borrow().get(object) {
            return Rc::clone(found);
        }
        let held = self.chart.files.objects().held(object);
        let found: Rc<[Candidate<'s>]> = held.iter().map(|held| self.candidate(*held)).collect();
        self.found.borrow_mut().insert(object.clone(), Rc::clone(&found));
        found
    }

    fn candidate(&self, held: Held<'s>) -> Candidate<'s> {
        let files = self.chart.files;
        let path = files.path_from_top(held.file());
        let ways = ways(files, held.file());
        let mut at = Built::default();
        for way in &ways {
            at.extend(Built::on(files, &way.takers));
        }
        let is_generated = matches!(held, Held::Generated(_));
        if let Held::Generated(generator) = held {
            at.builders.insert(generator.place());
        }
        if at.builders.is_empty() {
            at.folders.insert(folder_of(&path).to_owned());
        }
        let most = (0..self.ways.len()).map(|way| self.nearness(way, &path, &at)).max().unwrap_or_default();
        Candidate { held, path, at, most, is_built: is_generated || !ways.is_empty() }
    }

    /// How near something is to a way, by where it is built.
    fn nearness(&self, way: usize, path: &str, at: &Built) -> Nearness {
        let files = self.chart.files;
        let on = self.on.get_or_init(|| self.ways.iter().map(|way| Built::on(files, &way.takers)).collect());
        let (way, of_way) = (self.ways[way], &on[way]);
        let in_common = |file: usize| in_common(path, &files.path_from_top(file));
        let is_above = !of_way.above.is_disjoint(&at.above)
            || !of_way.above.is_disjoint(&at.builders)
            || !of_way.builders.is_disjoint(&at.above)
            || !of_way.folders.is_disjoint(&at.folders);
        let depth = way.takers.iter().map(|taker| in_common(taker.file())).max().unwrap_or_default();
        (!of_way.builders.is_disjoint(&at.builders), is_above, depth)
    }
}

impl Built {
    /// Adds what else builds it.
    fn extend(&mut self, other: Self) {
        self.builders.extend(other.builders);
        self.above.extend(other.above);
        self.folders.extend(other.folders);
    }

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
