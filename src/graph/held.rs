//! Which of the objects of one name counts on the way of a release: not one that other overlays build, or that is built
//! for other clusters.

use std::{
    cell::{OnceCell, RefCell},
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

use super::{
    generated::OnWay,
    object::{Object, ways_of},
    source::in_common,
    taker::{ARGO, By, Role, Taker, folder_of},
    way::{Way, ways},
};
use crate::{
    controller::{CONFIG_KIND, Chart},
    files::{Files, Held, ObjectRef},
    instruction::Bringer,
    release::{Brought, Filled, Layer, Release, Values},
};

/// What builds something: a document, by its file and its first byte.
type Builders = BTreeSet<(usize, usize)>;

/// How near an object is to a way: whether both are of one build; whether what has them built is in one folder, or is
/// built by one; and how many folders it has in common with what builds the release.
type Nearness = (bool, bool, usize);

/// Where an object is built.
#[derive(Default)]
struct Built {
    /// What builds it as a whole.
    top: Option<(usize, usize)>,
    builders: Builders,
    above: Builders,
    folders: BTreeSet<String>,
}

/// An object of a name that is asked for, as one way builds it.
struct Candidate<'s> {
    held: Held<'s>,
    takers: Vec<Taker<'s>>,
    object: Object<'s>,
    brought_by: Option<Bringer>,
    /// Its file, by the path from the top of the checkout.
    path: String,
    at: Built,
    /// How near it is to the nearest way.
    most: Nearness,
    /// Whether anything builds it.
    is_built: bool,
}

/// What a release gets of a key of an object, weakest first.
pub(super) struct Taken<'s> {
    pub(super) layers: Vec<Layer<'s>>,
    /// The bytes of a variable in it that Flux fills in.
    pub(super) filled: Option<Filled>,
    /// What brings the object to the cluster.
    pub(super) brought: Brought,
}

/// An object by its name, and the key of it.
type Asked = (ObjectRef, String);

/// The objects that the ways of a release name, each weighed once.
pub(super) struct Nearby<'c, 'f, 's> {
    chart: &'c Chart<'f, 's>,
    release: &'c Release<'s>,
    ways: &'c [&'c Way<'s>],
    /// What builds on each way.
    on: OnceCell<Vec<Built>>,
    found: RefCell<HashMap<Asked, Rc<[Candidate<'s>]>>>,
}

impl<'c, 'f, 's> Nearby<'c, 'f, 's> {
    pub(super) fn of(chart: &'c Chart<'f, 's>, release: &'c Release<'s>, ways: &'c [&'c Way<'s>]) -> Self {
        Self { chart, release, ways, on: OnceCell::new(), found: RefCell::default() }
    }

    /// What a release gets on a way, by its number, of a key of an object, as it is built there; nothing where no such object was read. Flux looks for it in the namespace of the
    /// release alone. (Flux documentation, `HelmRelease`, Values references)
    pub(super) fn looked_up(
        &self,
        way: usize,
        (object, key): (&ObjectRef, &str),
        namespace: Option<&str>,
    ) -> Option<Taken<'s>> {
        let is_of_flux = self.chart.object_namespace_is_its_own();
        let namespace = if is_of_flux { namespace } else { object.namespace.as_deref() };
        let all = self.candidates(object, key);
        let missed = |one: &Candidate<'s>| self.missed(way, one, object, namespace);
        let fitting: Vec<&Candidate<'s>> = all.iter().filter(|one| missed(one).is_none()).collect();
        let own: Vec<Nearness> = fitting.iter().map(|one| self.nearness(way, &one.path, &one.at)).collect();
        let nearest = own.iter().max();
        let is_on_way = !self.ways[way].takers.is_empty();
        let counts = |(one, own): &(&&Candidate<'s>, &Nearness)| {
            let is_built_elsewhere = is_on_way && !own.0 && !own.1 && one.is_built;
            let is_nearest = nearest.is_some_and(|nearest| (own.0, own.1) == (nearest.0, nearest.1));
            is_nearest && one.most <= **own && !is_built_elsewhere
        };
        let counting: Vec<&Candidate<'s>> = fitting.iter().zip(&own).filter(counts).map(|(one, _)| *one).collect();
        let absent = || {
            let layers = vec![Layer::own((0, 0), self.chart.root.text.file, Values::Absent)];
            Some(Taken { layers, filled: None, brought: Brought::AsManifest })
        };
        let unread = |reason: String| {
            let file = self.chart.root.text.file;
            let layers = vec![Layer::own((0, 0), file, Values::Unread(Some(reason)))];
            Some(Taken { layers, filled: None, brought: Brought::AsManifest })
        };
        let Some((first, others)) = counting.split_first() else {
            // what a Secret holds is reported where it is written
            let is_kept_away = |one: &Candidate<'s>| object.kind == "Secret" && matches!(one.held, Held::Written(_));
            // without one nothing is put over the values of the chart
            if object.kind == CONFIG_KIND {
                return absent();
            }
            let near = all.iter().max_by_key(|one| self.nearness(way, &one.path, &one.at))?;
            if all.iter().all(is_kept_away) {
                return None;
            }
            let other = self.chart.files.name(near.held.file());
            return unread(missed(near).unwrap_or_else(|| {
                format!("which is not known to be there: what is built here does not contain that of {other}")
            }));
        };
        if others.iter().all(|other| first.object.gives_same_as(&other.object)) {
            let Object { layers, filled, .. } = &first.object;
            let (layers, filled) = (layers.clone(), filled.clone());
            let is_found = others.is_empty() && is_on_way;
            let brought = if is_found { Brought::By(first.brought_by.clone()) } else { Brought::AsManifest };
            return Some(Taken { layers, filled, brought });
        }
        let files = self.chart.files;
        let held: BTreeSet<usize> = counting.iter().map(|one| one.held.file()).collect();
        let names: Vec<&str> = held.iter().map(|file| files.name(*file)).collect();
        if names.len() > 1 {
            return unread(format!("of which there are several: {}", names.join(", ")));
        }
        let built = counting.iter().filter_map(|one| one.takers.last()).map(|taker| files.name(taker.file()));
        let built: Vec<&str> = built.collect::<BTreeSet<&str>>().into_iter().collect();
        unread(format!("which is not the same wherever it is built: {}", built.join(", ")))
    }

    /// Why a release on a way does not find an object by a name, as the rest of a sentence.
    fn missed(&self, way: usize, one: &Candidate<'s>, asked: &ObjectRef, namespace: Option<&str>) -> Option<String> {
        let files = self.chart.files;
        let (is_one_build, ..) = self.nearness(way, &one.path, &one.at);
        let (object, way) = (&one.object, self.ways[way]);
        if let Some(file) = object.deleted_by {
            return Some(format!("which a patch in {} deletes", files.name(file)));
        }
        let is_followed = || {
            let all = one.takers.iter().chain(&way.takers).copied();
            // what is put over a chart is renamed as that is
            let is_configured = || asked.kind == CONFIG_KIND || OnWay::of(files, all).are_configured(&asked.kind);
            is_one_build && object.names.contains(&asked.name) && is_configured()
        };
        let is_so_called = object.name() == asked.name && !object.has_hash;
        if !is_so_called && !is_followed() && !self.takes_generated(way, one, asked) {
            let builder = files.name(one.takers.last().map_or(one.held.file(), |taker| taker.file()));
            return Some(if object.has_hash {
                format!(
                    "which {} generates under a hashed name, and no `nameReference` passes that name to the release",
                    files.name(one.held.file())
                )
            } else {
                format!("which is called `{}` as {builder} builds it", object.name().escape_debug())
            });
        }
        let (own, other) = object.namespace.as_deref().zip(namespace).filter(|(own, other)| own != other)?;
        let (own, other) = (own.escape_debug(), other.escape_debug());
        Some(format!("which is in the namespace `{own}`, and is looked for in `{other}`"))
    }

    /// Whether the release of a file that nothing is known to build takes what a kustomization generates.
    fn takes_generated(&self, way: &Way<'s>, one: &Candidate<'s>, asked: &ObjectRef) -> bool {
        let Held::Generated(generator) = one.held else { return false };
        way.takers.is_empty() && generator.is_taken_by(asked, self.chart.root.text.file, self.chart.files)
    }

    fn candidates(&self, object: &ObjectRef, key: &str) -> Rc<[Candidate<'s>]> {
        let asked = (ObjectRef { namespace: None, ..object.clone() }, key.to_owned());
        if let Some(found) = self.found.borrow().get(&asked) {
            return Rc::clone(found);
        }
        let held = self.chart.files.objects().held(&asked.0);
        // what changes an object that is there is part of what that becomes
        let is_over = |held: &Held<'s>| matches!(held, Held::Generated(generator) if generator.is_over());
        let has_other = !held.iter().all(is_over);
        let held = held.iter().filter(|held| !has_other || !is_over(held));
        let found: Rc<[Candidate<'s>]> = held.flat_map(|held| self.built(*held, object, key)).collect();
        self.found.borrow_mut().insert(asked, Rc::clone(&found));
        found
    }

    /// An object as each way builds it; none where its file is a patch.
    fn built(&self, held: Held<'s>, object: &ObjectRef, key: &str) -> Vec<Candidate<'s>> {
        let files = self.chart.files;
        let path = files.path_from_top(held.file());
        let all = ways_of(files, held, ways(files, held.file()));
        let is_taken = !all.is_empty();
        let builds = |way: &Way<'s>| matches!(way.role, Role::Builds | Role::Component);
        let all = if is_taken { all.into_iter().filter(builds).collect() } else { vec![Way::none()] };
        let of_way = |way: Way<'s>| {
            let built = Object::built((self.chart, self.release), (held, &way), (object, key))?;
            let mut at = Built::on(files, &way.takers);
            if let Held::Generated(generator) = held {
                at.builders.insert(generator.place());
            }
            if at.builders.is_empty() {
                at.folders.insert(folder_of(&path).to_owned());
            }
            let most = (0..self.ways.len()).map(|way| self.nearness(way, &path, &at)).max().unwrap_or_default();
            let is_built = is_taken || matches!(held, Held::Generated(_));
            let brought_by = way.bringer(files, held.file());
            Some(Candidate {
                held,
                brought_by,
                takers: way.takers,
                object: built,
                path: path.clone(),
                at,
                most,
                is_built,
            })
        };
        all.into_iter().filter_map(of_way).collect()
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
        (of_way.top.is_some() && of_way.top == at.top, is_above, depth)
    }
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
        let builders = || takers.iter().filter(|taker| !is_of_many(taker)).map(place);
        let outer = takers.last().filter(|last| last.by == By::Flux && last.root.at("spec.kubeConfig").is_none());
        let above = outer.iter().flat_map(|outer| ways(files, outer.file())).flat_map(|way| way.takers);
        let above = above.map(|taker| place(&taker)).collect();
        let folders = outer.iter().map(|outer| folder_of(&files.path_from_top(outer.file())).to_owned()).collect();
        Self { top: builders().next_back(), builders: builders().collect(), above, folders }
    }
}
