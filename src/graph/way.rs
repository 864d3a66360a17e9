//! [`Way`]: how a file comes to be built, through which kustomizations and by which controller.

use std::{
    cell::{OnceCell, RefCell},
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

use super::{
    files_below, source,
    taker::{By, FLEET, Known, NAMES, Role, Taker, folder_of, is_kustomization, takers_in},
};
use crate::{
    files::{Files, Found, Wanted, cleaned},
    instruction::Bringer,
    yaml::Node,
};

/// The most ways that are followed from one file.
pub(super) const MOST: usize = 256;

/// The most ways that are counted from one file.
pub(super) const MOST_COUNTED: usize = 4096;

/// How a file comes to be built: its takers, the nearest first; and what the nearest does with it.
pub(super) struct Way<'s> {
    pub(super) takers: Vec<Taker<'s>>,
    /// Whether kustomizations on it take each other, of which kustomize builds none.
    pub(super) is_circle: bool,
    pub(super) role: Role,
}

impl<'s> Way<'s> {
    /// The controller's object at its end, as what brings a manifest of a file to the cluster.
    pub(super) fn bringer(&self, files: &Files<'_>, file: usize) -> Option<Bringer> {
        let outermost = self.takers.iter().rfind(|taker| !taker.is_outer()).map_or(file, |taker| taker.file());
        let last = self.takers.last().filter(|last| last.is_outer())?;
        Some(last.bringer(folder_of(&files.path_from_top(outermost))))
    }

    /// The object of a controller at its end.
    pub(super) fn outer(&self) -> Option<&Taker<'s>> {
        self.takers.last().filter(|last| last.is_outer())
    }

    /// That of what nothing is known to build.
    pub(super) fn none() -> Self {
        Self { takers: Vec::new(), is_circle: false, role: Role::Builds }
    }
}

/// Whether a file is a kustomization, or an object of a controller that builds one.
pub(crate) fn takes_others(files: &Files<'_>, number: usize) -> bool {
    is_kustomization(files.name(number)) || takers_in(files, number).iter().any(|taker| taker.is_outer())
}

/// Whether kustomize may take a file: an object of Kubernetes, or what it reads itself.
pub(super) fn may_be_taken(files: &Files<'_>, number: usize) -> bool {
    let is_object = |root: Node<'_>| root.get("kind").is_some() && root.get("apiVersion").is_some();
    let name = files.name(number);
    let is_bundle = name.rsplit('/').next() == Some(FLEET);
    name != "-" && (is_bundle || is_kustomization(name) || files.roots(number).any(is_object))
}

pub(super) fn is_file(path: &str) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending)) || is_kustomization(path)
}

/// The file of a path from the top, where it was read.
pub(super) fn file_at(files: &Files<'_>, path: &str) -> Option<usize> {
    match files.find(&Wanted::File(files.named(path)), usize::MAX) {
        Found::Here(number) => Some(number),
        Found::Absent | Found::Unasked => None,
    }
}

/// The kustomization of a folder, where it was read.
pub(super) fn folder_file(files: &Files<'_>, path: &str) -> Option<usize> {
    NAMES.iter().find_map(|name| file_at(files, &cleaned(&format!("{path}/{name}"))))
}

pub(super) fn built_file(files: &Files<'_>, path: &str) -> Option<usize> {
    if is_file(path) { file_at(files, path) } else { folder_file(files, path) }
}

/// The files that are built of a path: a file, the kustomization of a folder, or what Flux builds of one that has none.
pub(super) fn built_files(files: &Files<'_>, path: &str) -> Vec<usize> {
    let below = || files.answer_to(&Wanted::Below(path.to_owned())).unwrap_or_default().to_vec();
    built_file(files, path).map_or_else(below, |file| vec![file])
}

/// The takers in some files, each file read once.
pub(super) struct Takers<'f, 's> {
    pub(super) files: &'f Files<'s>,
    /// The file that is asked about, which is the first one, with those that it builds.
    asked: OnceCell<BTreeSet<usize>>,
    known: RefCell<HashMap<usize, Rc<[Known<'s>]>>>,
}

impl<'f, 's> Takers<'f, 's> {
    pub(super) fn of(files: &'f Files<'s>) -> Self {
        Self { files, asked: OnceCell::new(), known: RefCell::default() }
    }

    /// Those in one file.
    pub(super) fn in_file(&self, number: usize) -> Rc<[Known<'s>]> {
        if let Some(known) = self.known.borrow().get(&number) {
            return Rc::clone(known);
        }
        let at = self.files.path_from_top(number);
        let known: Rc<[Known<'s>]> = takers_in(self.files, number).into_iter().map(|taker| taker.known(&at)).collect();
        self.known.borrow_mut().insert(number, Rc::clone(&known));
        known
    }

    /// The ways from a file to what builds it; none where nothing takes it.
    pub(super) fn ways(&self, number: usize) -> Vec<Way<'s>> {
        self.ways_counted(number, MOST).0
    }

    /// The same, with how many there are, as far as they are counted.
    pub(super) fn ways_counted(&self, number: usize, most: usize) -> (Vec<Way<'s>>, usize) {
        let (mut found, mut circle) = (Climbed { ways: Vec::new(), count: 0, most }, BTreeSet::new());
        climb(self, number, (&mut Vec::new(), &mut circle), None, &mut found);
        for way in &mut found.ways {
            way.is_circle = way.takers.iter().any(|taker| circle.contains(&taker.file()));
        }
        (found.ways, found.count)
    }

    /// Whether a file is on the way to the one that is asked about. If there are too many ways, those to this file are followed.
    fn is_asked(&self, number: usize) -> bool {
        self.asked.get_or_init(|| files_below(self.files, 0).into_iter().collect()).contains(&number)
    }
}

/// The ways that were found.
struct Climbed<'s> {
    ways: Vec<Way<'s>>,
    count: usize,
    /// How many are counted.
    most: usize,
}

impl<'s> Climbed<'s> {
    fn take(&mut self, takers: &[Taker<'s>], role: Option<Role>) {
        let Some(role) = role else { return };
        self.count += 1;
        if self.ways.len() < MOST {
            self.ways.push(Way { takers: takers.to_vec(), is_circle: false, role });
        }
    }
}

/// The ways from a file to what builds it, where no others are asked for.
pub(super) fn ways<'s>(files: &Files<'s>, number: usize) -> Vec<Way<'s>> {
    Takers::of(files).ways(number)
}

/// Goes on from a file to what takes it; with the takers so far, and the files of those that take each other.
fn climb<'s>(
    all: &Takers<'_, 's>,
    number: usize,
    (on, circle): (&mut Vec<Taker<'s>>, &mut BTreeSet<usize>),
    role: Option<Role>,
    found: &mut Climbed<'s>,
) {
    if found.count >= found.most {
        return;
    }
    let files = all.files;
    let path = files.path_from_top(number);
    let takers = files.takers_of(&path).unwrap_or_default();
    let mut edges: Vec<(Taker<'s>, Role)> = Vec::new();
    for taker in takers {
        for known in all.in_file(taker).iter() {
            let role = known.role_of(&path).filter(|_| !source::is_of_another(files, known.taker, &path));
            edges.extend(role.map(|role| (known.taker, role)));
        }
    }
    let of_artifact: Vec<Taker<'s>> = edges
        .iter()
        .map(|(taker, _)| *taker)
        .filter(|taker| taker.is_of_artifact() && !taker.is_above(&path))
        .collect();
    let near = source::nearest_artifact(files, &of_artifact, &path);
    let has_root = |all: &[Taker<'s>], taker: &Taker<'s>| all.iter().any(|other| other.root == taker.root);
    edges.retain(|(taker, _)| !has_root(&of_artifact, taker) || has_root(&near, taker));
    // of several Kustomizations of Flux in one file that of the nearest folder takes it
    let mut nearest: HashMap<usize, usize> = HashMap::new();
    for (taker, _) in edges.iter().filter(|(taker, _)| taker.by == By::Flux) {
        let depth = nearest.entry(taker.file()).or_default();
        *depth = taker.folder().len().max(*depth);
    }
    let is_near = |taker: &Taker<'s>| taker.by != By::Flux || nearest[&taker.file()] == taker.folder().len();
    let is_new = |taker: &Taker<'s>| taker.file() != number && on.iter().all(|other| other.root != taker.root);
    for (taker, _) in edges.iter().filter(|(taker, _)| !taker.is_outer() && !is_new(taker)) {
        let from = on.iter().position(|other| other.root == taker.root).unwrap_or_default();
        circle.extend(on[from..].iter().map(|taker| taker.file()));
    }
    let mut edges: Vec<(Taker<'s>, Role)> =
        edges.iter().filter(|(taker, _)| is_near(taker) && is_new(taker)).copied().collect();
    if edges.is_empty() {
        return found.take(on, role);
    }
    if edges.len() > 1 {
        edges.sort_by_key(|(taker, _)| !all.is_asked(taker.file()));
    }
    for (taker, of_taker) in edges {
        on.push(taker);
        let role = Some(role.unwrap_or(of_taker));
        if taker.is_outer() {
            found.take(on, role);
        } else {
            climb(all, taker.file(), (&mut *on, &mut *circle), role, found);
        }
        on.pop();
    }
}
