//! [`Spread`]: whom something is for that is built on a way: all clusters that get what has it built, over however many
//! levels.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    rc::Rc,
};

use super::{
    applier::{Applier, filled},
    appliers::{Appliers, name_of},
    taker::{By, Taker, folder_of},
    way::{MOST, MOST_COUNTED, Takers, Way},
};
use crate::{
    controller::reach_of_set,
    files::{Files, Left},
    instruction::Bringer,
    release::Reach,
    yaml::Node,
};

/// What has something built or applied, and nothing else does so with that: by what people call each, whom it is for.
type Tops = BTreeMap<String, Reach>;

/// Whom the documents of a checkout are for.
pub(super) struct Spread<'f, 's> {
    all: Takers<'f, 's>,
    /// By its file and its first byte; nothing of one that is being asked about.
    known: RefCell<HashMap<(usize, usize), Option<Tops>>>,
    appliers: Appliers<'s>,
}

impl<'f, 's> Spread<'f, 's> {
    pub(super) fn of(files: &'f Files<'s>) -> Self {
        Self { all: Takers::of(files), known: RefCell::default(), appliers: Appliers::default() }
    }

    /// The files that it is about.
    pub(super) fn files(&self) -> &'f Files<'s> {
        self.all.files
    }

    /// The ways from a file to what builds it, with how many there are.
    pub(super) fn ways_to(&self, file: usize) -> (Vec<Way<'s>>, usize) {
        self.all.ways_counted(file, MOST_COUNTED)
    }

    /// Whom something in a file is for that is built on a way; the objects of controllers at the ends of others have
    /// ways of their own.
    pub(super) fn reach(&self, file: usize, way: &Way<'s>, others: &[Node<'s>]) -> Reach {
        let tops = self.on_way(file, way, others);
        let names = tops.iter().filter(|(_, reach)| **reach == Reach::One).map(|(name, _)| name.clone());
        Reach::together(names.collect(), tops.values().cloned())
    }

    /// The object that brings what is built on a way, with the namespace that kustomizations give it, where its file says
    /// none and all that build it agree.
    pub(super) fn placed(&self, bringer: Bringer, way: &Way<'s>) -> Bringer {
        let Some(outer) = way.outer().filter(|_| bringer.namespace.is_none()) else { return bringer };
        let given = |way: &Way<'s>| {
            let of_flux = way.outer().and_then(|outer| outer.root.str_at("spec.targetNamespace"));
            let mut inner = way.takers.iter().rev().filter(|taker| !taker.is_outer());
            of_flux.or_else(|| inner.find_map(|taker| taker.root.str_at("namespace"))).map(str::to_owned)
        };
        let mut all = self.all.ways(outer.file()).iter().map(given).collect::<Vec<_>>().into_iter();
        let first = all.next().flatten();
        let namespace = first.filter(|first| all.all(|other| other.as_ref() == Some(first)));
        Bringer { namespace, ..bringer }
    }

    /// Why what is in a file is not known to be applied as it is here, where no more than that is known of who applies
    /// it; with the document that does.
    pub(super) fn left(&self, file: usize, way: &Way<'s>) -> Option<(Node<'s>, &'f Left)> {
        let files = self.all.files;
        if way.takers.last().is_some_and(|last| last.is_outer()) || !self.on_way(file, &Way::none(), &[]).is_empty() {
            return None;
        }
        let built = [file].into_iter().chain(way.takers.iter().map(|taker| taker.file()));
        built.into_iter().find_map(|file| {
            let path = files.path_from_top(file);
            let mut those = self.around(&path).filter(|applier| applier.has(files, &path));
            those.find_map(|applier| Some((applier.root, files.left(&applier.asked(files, &path)?)?)))
        })
    }

    /// The Application of a set that has a file applied, or the kustomization in that; nothing where it is not one alone.
    pub(super) fn bringer(&self, file: usize) -> Option<Bringer> {
        let path = self.all.files.path_from_top(file);
        let mut of_sets = self.appliers_of(&path).map(|applier| applier.bringer(folder_of(&path)));
        of_sets.next().filter(|_| of_sets.next().is_none())?
    }

    /// The Application that leaves out a file of its folder, with the setting by which it does, where nothing is known
    /// to have that file applied.
    pub(super) fn left_out(&self, file: usize) -> Option<(Node<'s>, &'static str)> {
        let files = self.all.files;
        let path = files.path_from_top(file);
        if !self.on_way(file, &Way::none(), &[]).is_empty() {
            return None;
        }
        let mut here = self.around(&path).filter(|applier| !applier.is_elsewhere(files, &path));
        here.find_map(|applier| Some((applier.root, applier.leaves_out(&path)?)))
    }

    /// The Application that may leave out a file of its folder, with the setting by which it does.
    pub(super) fn may_be_left_out(&self, file: usize) -> Option<(Node<'s>, &'static str)> {
        let files = self.all.files;
        let path = files.path_from_top(file);
        let mut those = self.around(&path).filter(|applier| applier.has(files, &path));
        those.find_map(|applier| Some((applier.root, applier.may_leave_out(&path)?)))
    }

    fn on_way(&self, file: usize, way: &Way<'s>, others: &[Node<'s>]) -> Tops {
        let files = self.all.files;
        let outer = way.outer();
        let inner = way.takers.iter().filter(|taker| !taker.is_outer());
        let mut tops = Tops::new();
        let mut built = file;
        for file in [file].into_iter().chain(inner.map(|taker| taker.file())) {
            built = file;
            tops.extend(self.applied(file, outer, others));
        }
        if let Some(outer) = outer {
            let folder = files.path_from_top(built);
            tops.extend(self.above(outer.root, &of_taker(*outer, folder_of(&folder))));
        } else if tops.is_empty()
            && let Some(last) = way.takers.last()
        {
            tops.insert(files.name(last.file()).to_owned(), Reach::One);
        }
        tops
    }

    /// What has the file itself applied, beside what has it built.
    fn applied(&self, file: usize, outer: Option<&Taker<'s>>, others: &[Node<'s>]) -> Tops {
        let path = self.all.files.path_from_top(file);
        let is_own =
            |applier: &Applier<'s>| outer.is_some_and(|it| it.root == applier.root) || others.contains(&applier.root);
        let mut tops = Tops::new();
        for applier in self.appliers_of(&path).filter(|applier| !is_own(applier)) {
            if applier.is_open() && applier.reach == Reach::One {
                tops.extend(self.filled_in(&applier, &path));
            } else {
                tops.extend(self.above(applier.root, &applier.reach));
            }
        }
        tops
    }

    /// What has the file at a path applied, as far as it is about this checkout.
    pub(super) fn appliers_of(&self, path: &str) -> impl Iterator<Item = Rc<Applier<'s>>> {
        let files = self.all.files;
        self.around(path).filter(move |applier| applier.has(files, path) && !applier.is_elsewhere(files, path))
    }

    /// What may have the file at a path applied.
    fn around(&self, path: &str) -> impl Iterator<Item = Rc<Applier<'s>>> {
        let files = self.all.files;
        let takers = files.takers_of(path).unwrap_or_default();
        self.appliers.in_files(files, &takers).into_iter()
    }

    /// What has a document built or applied, which is for some clusters by itself.
    fn above(&self, root: Node<'s>, own: &Reach) -> Tops {
        let name = format!("{} in {}", name_of(root), self.all.files.name(root.text.file));
        if *own != Reach::One {
            return Tops::from([(name, own.clone())]);
        }
        let place = (root.text.file, root.span().start);
        if let Some(known) = self.known.borrow().get(&place) {
            return known.clone().unwrap_or_default();
        }
        if self.known.borrow().len() >= MOST {
            return Tops::from([(name, Reach::One)]);
        }
        self.known.borrow_mut().insert(place, None);
        let mut tops: Tops =
            self.ways(root.text.file).iter().flat_map(|way| self.on_way(root.text.file, way, &[])).collect();
        if tops.is_empty() {
            tops.insert(name, Reach::One);
        }
        self.known.borrow_mut().insert(place, Some(tops.clone()));
        tops
    }

    fn ways(&self, file: usize) -> Vec<Way<'s>> {
        let ways = self.all.ways(file);
        if ways.is_empty() { vec![Way::none()] } else { ways }
    }

    /// What has an applier built or applied that may have the file at a path applied: the variables in the path of its
    /// folder are filled in by that.
    fn filled_in(&self, applier: &Applier<'s>, path: &str) -> Tops {
        let files = self.all.files;
        let file = applier.root.text.file;
        // a set of Argo CD fills in what its generators say
        if applier.folder.contains("{{") {
            return self.above(applier.root, &Reach::One);
        }
        let mut tops = Tops::new();
        for way in self.ways(file) {
            let outer = way.takers.last().filter(|last| last.by == By::Flux);
            let variables = outer.and_then(|outer| outer.root.at("spec.postBuild.substitute"));
            let said = |name: &str| {
                let name = name.split(':').next().unwrap_or(name);
                variables.and_then(|variables| variables.get(name)).and_then(Node::str)
            };
            let folder = filled(&applier.folder, ("${", "}"), said);
            if applier.has_as(files, path, &folder) {
                tops.extend(self.on_way(file, &way, &[]));
            }
        }
        if tops.is_empty() {
            let all = format!("`{}` in {}, whose path has a variable", name_of(applier.root), files.name(file));
            tops.insert(all.clone(), Reach::AllOf(all));
        }
        tops
    }
}

/// Whom the object of a controller is for, by itself, of those that get a folder.
fn of_taker(taker: Taker<'_>, folder: &str) -> Reach {
    let By::Argo(source) = taker.by else { return Reach::One };
    if taker.root.str_at("kind") != Some("ApplicationSet") {
        return Reach::One;
    }
    if source.str_at("path").is_none_or(|path| !path.contains("{{")) {
        return reach_of_set(taker.root);
    }
    taker.reach_of_folder(folder)
}
