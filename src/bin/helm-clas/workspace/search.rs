//! Folders searched on all cores for files that say what mode a cluster is in.
//!
//! Nothing is kept of a file but its standings, and of a folder only what its `Chart.yaml` says while it is gone through,
//! so memory grows with the clusters found and with nothing else.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::{self, Path, PathBuf},
};

use helm_clas::{
    Claimant, Does, OtherUse, Position, clusters_of,
    files::stands_for,
    status::{Holder, IN_CHART_CONFIG, IN_CONFIG_MAP, IN_SCRIPT, Standing, tell_disputed},
};

use crate::{
    failure::Failure,
    paths,
    workspace::{
        adding::Definitions,
        around::{Around, around, key_of},
        bases::Bases,
        beside::{Beside, Change},
        callers::Callers,
        names::{is_for_secrets, is_of_one_kind},
        namesake::Elsewhere,
        taking::Taking,
        visitor::Hit,
        walk,
    },
};

/// What is found below some files and folders.
#[derive(Default)]
pub(crate) struct Searched {
    pub(crate) standings: Vec<Standing>,
    /// What could not be read.
    pub(crate) failures: Vec<Failure>,
    /// The values files that do not belong to a cluster.
    pub(crate) elsewhere: Elsewhere,
    /// The manifests that take values from a file, by the whole path of that.
    pub(crate) takers: HashMap<PathBuf, BTreeSet<String>>,
    /// The files that were read together with a file to know where its clusters stand, by the whole path of that.
    pub(crate) readers: HashMap<PathBuf, BTreeSet<String>>,
    /// The files that others name which set a mode of their own.
    pub(crate) beside: Beside,
    /// The values files that no cluster has alone.
    pub(crate) bases: Bases,
}

/// The standings below some files and folders in the order of their paths, each once, and what could not be read.
///
/// What git ignores, what is hidden, templates of charts that bring no release, and symbolic links are skipped, unless
/// they are named themselves or lead nowhere; so is `except`. `place` is where the values stand, where that is named. A file that a
/// manifest among them takes values from is not a cluster of its own.
pub(crate) fn search(roots: &[PathBuf], except: &[String], place: Option<&str>) -> (Vec<Standing>, Vec<Failure>) {
    let Searched { standings, failures, .. } = searched(roots, except, place);
    (standings, failures)
}

/// The same, with what does not belong to a cluster.
pub(crate) fn searched(roots: &[PathBuf], except: &[String], place: Option<&str>) -> Searched {
    let absolute = |path: &Path| path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let except: HashSet<PathBuf> = except.iter().map(|file| absolute(Path::new(file))).collect();
    let mut hits: Vec<(PathBuf, Hit)> =
        walk::hits(roots, place, &[]).into_iter().map(|hit| (absolute(&hit.path), hit)).collect();
    let Around { hits: outside, mut hidden } = around(roots);
    for standing in hits.iter().flat_map(|(_, hit)| hit.found.iter().flatten()) {
        hidden.remove(&key_of(standing));
    }
    let not_asked: HashSet<String> = outside.iter().map(|hit| paths::name(&hit.path)).collect();
    hits.extend(outside.into_iter().map(|hit| (absolute(&hit.path), hit)));
    let (takers, readers) = (takers_of(&hits), readers_of(&hits));
    let parts = parts_of(&hits);
    without_taken(&mut hits);
    let of_others = hits.extract_if(.., |(_, hit)| !hit.uses.is_empty());
    let uses: Vec<(PathBuf, Vec<OtherUse>)> = of_others.map(|(_, hit)| (hit.path, hit.uses)).collect();
    let mut sealed: Vec<(PathBuf, (&'static str, &'static str))> = hits
        .extract_if(.., |(_, hit)| hit.sealed.is_some())
        .filter_map(|(_, hit)| Some((hit.path, hit.sealed?)))
        .collect();
    let OfCommands { changes, takes: mut unsure, callers } = OfCommands::taken_out(&mut hits);
    hits.retain(|(path, hit)| hit.found.is_err() || !except.contains(path));
    // the threads find a file of several names in any order; its shortest way of being named is shown
    hits.sort_by(|(one, a), (other, b)| {
        one.cmp(other).then_with(|| a.path.as_os_str().len().cmp(&b.path.as_os_str().len()))
    });
    hits.dedup_by(|(one, _), (other, _)| one == other);
    without_rebuilt(&mut hits);
    let (mut standings, mut failures) = rows_of(hits);
    // one whose text is there as well is not needed
    let there: HashSet<String> = standings.iter().map(|standing| standing.file.clone()).collect();
    let is_needed = |file: &str| stands_for(file).is_none_or(|stem| !there.contains(stem));
    standings.retain(|standing| is_needed(&standing.file));
    sealed.retain(|(file, _)| is_needed(&paths::name(file)));
    failures.extend(sealed_failures(roots, &standings, &sealed));
    without_judged(&mut standings);
    let handed = unsure.extract_if(.., |taking| taking.is_handed()).collect();
    let elsewhere = Elsewhere::of(&standings, &uses, handed);
    elsewhere.take_out(&mut standings);
    let bases = Bases::taken_out(&mut standings, &parts);
    without_installs(&mut standings);
    tell_shared(&mut standings);
    callers.tell(&mut standings);
    let beside = Beside::of(&standings, changes, unsure);
    beside.doubt(&mut standings);
    standings.retain(|standing| !hidden.contains(&key_of(standing)));
    // files outside of what was asked about are not counted
    let is_asked = |row: &Standing| row.written_in.as_ref().is_none_or(|file| !not_asked.contains(file));
    standings.iter_mut().filter(|row| !is_asked(row)).for_each(|row| row.out_of = None);
    tell_disputed(&mut standings);
    Searched { standings, failures, elsewhere, takers, readers, beside, bases }
}

/// What commands among the hits say.
struct OfCommands {
    changes: Vec<Change>,
    takes: Vec<Taking>,
    callers: Callers,
}

impl OfCommands {
    fn taken_out(hits: &mut Vec<(PathBuf, Hit)>) -> Self {
        let (mut changes, mut takes) = (Vec::new(), Vec::new());
        let (mut defined, mut callers) = (Definitions::default(), Callers::default());
        for (_, hit) in hits.extract_if(.., |(_, hit)| hit.is_of_commands()) {
            let file = paths::name(&hit.path);
            changes.extend(hit.changes.into_iter().map(|(change, at)| (file.clone(), change, at)));
            takes.extend(hit.takes.into_iter().filter_map(|(may, at)| Taking::of(&file, may, at)));
            defined.take(&file, hit.defined);
            callers.take(&hit.path, hit.runs);
        }
        takes.retain_mut(|taking| taking.is_added(&defined));
        Self { changes, takes, callers }
    }
}

/// The rows of some hits, each once: an overlay is found through its own file, and through those that it builds; and what
/// could not be read.
fn rows_of(hits: Vec<(PathBuf, Hit)>) -> (Vec<Standing>, Vec<Failure>) {
    let (mut standings, mut failures) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    let mut is_new = |standing: &Standing| {
        let Standing { file, release, decided_in, path, position, .. } = standing;
        let position = position.map(|Position { line, column }| (line, column));
        let key = (file.clone(), release.clone(), decided_in.clone(), path.clone(), position);
        !matches!(standing.holder, Holder::Manifest(_)) || seen.insert(key)
    };
    for (_, hit) in hits {
        match hit.found {
            Ok(found) => standings.extend(found.into_iter().filter(&mut is_new)),
            Err(failure) => failures.push(failure),
        }
    }
    (standings, failures)
}

/// Takes out the rows of releases that are found through a file on the way to what builds them, where the file in which
/// they are written has them, too: from there all that builds them is seen.
fn without_rebuilt(hits: &mut [(PathBuf, Hit)]) {
    let spot = |row: &Standing| {
        let position = row.position.map(|Position { line, column }| (line, column));
        (row.decided_in.clone().unwrap_or_else(|| row.file.clone()), position, row.path.clone(), row.mode)
    };
    let written_in = |row: &Standing| {
        let is_manifest = matches!(row.holder, Holder::Manifest(_));
        row.written_in.as_ref().or(Some(&row.file)).filter(|_| is_manifest).and_then(|file| paths::real(file).ok())
    };
    let mut known: HashSet<(PathBuf, _)> = HashSet::new();
    for (path, hit) in hits.iter() {
        let Ok(own) = paths::real(path) else { continue };
        // of more than are followed from one file, some are found in no other way
        if hit.found.iter().flatten().any(|row| row.out_of.is_some()) {
            continue;
        }
        let rows = hit.found.iter().flatten().filter(|row| written_in(row).as_ref() == Some(&own));
        known.extend(rows.map(|row| (own.clone(), spot(row))));
    }
    // a patch whose object is not found from it is of what it decides
    let decides: HashSet<_> = hits
        .iter()
        .flat_map(|(_, hit)| hit.found.iter().flatten())
        .filter(|row| row.decided_in.is_some())
        .map(spot)
        .map(|(file, position, ..)| (file, position))
        .collect();
    let is_decided = |row: &Standing| {
        let (file, position, ..) = spot(row);
        row.decided_in.is_none() && row.mode.is_none() && position.is_some() && decides.contains(&(file, position))
    };
    for (path, hit) in hits.iter_mut() {
        let (Ok(found), Ok(own)) = (&mut hit.found, paths::real(path)) else { continue };
        found.retain(|row| {
            if matches!(row.holder, Holder::Manifest(_)) && is_decided(row) {
                return false;
            }
            let written_in = written_in(row).filter(|file| *file != own);
            written_in.is_none_or(|file| !known.contains(&(file, spot(row))))
        });
    }
}

/// The ciphertexts and pointers whose names are those of clusters that were found, and where nothing was found below a
/// folder all of them: a cluster may well be in them. What is kept for secrets has no mode.
fn sealed_failures(
    roots: &[PathBuf],
    standings: &[Standing],
    sealed: &[(PathBuf, (&'static str, &'static str))],
) -> Vec<Failure> {
    let is_lone = standings.is_empty() && roots.iter().any(|root| root.is_dir());
    let is_one_of = |file: &Path| standings.iter().any(|standing| is_of_one_kind(file, Path::new(&standing.file)));
    let mut counts: Vec<_> =
        sealed.iter().filter(|(file, _)| !is_for_secrets(file) && (is_lone || is_one_of(file))).collect();
    counts.sort();
    let not_read =
        |file: &Path, title: &str| Failure::new(format!("{} was not read: it is {title}", paths::name(file)));
    counts.into_iter().map(|(file, (title, help))| not_read(file, title).help(*help)).collect()
}

/// Takes out the mentions of modes that a release of another file takes.
fn without_judged(standings: &mut Vec<Standing>) {
    let canonical = |file: &str| paths::real(file).unwrap_or_else(|_| PathBuf::from(file));
    // a Kustomization of Flux holds a patch that its own row is decided by
    let decided = |standing: &Standing| {
        let own = Some(&standing.file).filter(|_| standing.holder != Holder::Mention);
        let decides = standing.decided_in.as_ref().or(own).zip(standing.position);
        let overridden = standing.overrides.iter().map(|(file, at)| (file, *at));
        let all = decides.into_iter().chain(overridden).map(|(file, at)| (canonical(file), at.line));
        all.collect::<Vec<_>>()
    };
    if !standings.iter().any(|standing| standing.holder == Holder::Mention) {
        return;
    }
    let judged: HashSet<(PathBuf, usize)> = standings.iter().flat_map(decided).collect();
    let is_judged = |standing: &Standing| {
        let file = canonical(&standing.file);
        let mut regions = standing.findings.iter().filter_map(|noted| noted.region.as_ref());
        regions.any(|region| (region.start.line..=region.end.line).any(|line| judged.contains(&(file.clone(), line))))
    };
    standings.retain(|standing| standing.holder != Holder::Mention || !is_judged(standing));
}

/// The manifests below some folders that take values from a file, and name releases that do.
pub(crate) fn takers(roots: &[PathBuf], file: &Path) -> BTreeSet<String> {
    let is_it = |path: &PathBuf| paths::real(path).is_ok_and(|path| path == file);
    let takers = walk::hits(roots, None, &[]).into_iter().filter(|hit| hit.beside.iter().any(is_it));
    let of_manifest = |standing: &Standing| matches!(standing.holder, Holder::Manifest(_));
    takers.flat_map(|hit| hit.found.unwrap_or_default()).filter(of_manifest).map(|standing| standing.file).collect()
}

/// Takes out the commands that only install a release which another one upgrades, with the mode from the same spot.
fn without_installs(standings: &mut Vec<Standing>) {
    let only_installs =
        |row: &Standing| row.cluster.release.as_ref().is_some_and(|release| release.does == Does::OnlyInstall);
    let is_command = |row: &&Standing| row.holder == Holder::Manifest(IN_SCRIPT) && row.mode.is_some();
    let key = |row: &Standing| {
        let file = row.decided_in.as_ref().unwrap_or(&row.file);
        let position = row.position.map(|Position { line, column }| (line, column));
        let release = row.cluster.release.as_ref();
        let name = release.map(|release| (release.name.clone(), release.storage.clone()));
        (paths::real(file).unwrap_or_else(|_| PathBuf::from(file)), position, name, row.context.clone())
    };
    if !standings.iter().any(only_installs) {
        return;
    }
    let upgraded: HashSet<_> = standings.iter().filter(is_command).filter(|row| !only_installs(row)).map(key).collect();
    standings.retain(|row| !(is_command(&row) && only_installs(row) && upgraded.contains(&key(row))));
}

/// Says of the clusters of several manifests whose mode one place decides that they share it.
fn tell_shared(standings: &mut [Standing]) {
    type Spot = (PathBuf, Option<(usize, usize)>);
    let mut deciding: HashMap<Spot, Vec<usize>> = HashMap::new();
    for (number, standing) in standings.iter().enumerate().filter(|(_, standing)| standing.is_installed()) {
        // where nothing sets the mode, the root of a file is one place; an object is one of several of its file
        let is_told = standing.position.is_some() || standing.path.len() == 1;
        let own = Some(&standing.file).filter(|_| standing.holder == Holder::Values);
        if let Some(file) = standing.decided_in.as_ref().or(own).filter(|_| is_told) {
            let file = paths::real(file).unwrap_or_else(|_| PathBuf::from(file));
            let position = standing.position.map(|Position { line, column }| (line, column));
            deciding.entry((file, position)).or_default().push(number);
        }
    }
    for numbers in deciding.into_values().filter(|numbers| numbers.len() > 1) {
        let claimants: Vec<Claimant> = numbers.iter().map(|number| standings[*number].claimant()).collect();
        let names = clusters_of(&claimants);
        if names.len() < 2 {
            continue;
        }
        for number in numbers {
            standings[number].shared_by(&names);
        }
    }
}

/// The manifests among the hits that take values from a file.
fn takers_of(hits: &[(PathBuf, Hit)]) -> HashMap<PathBuf, BTreeSet<String>> {
    let mut takers: HashMap<PathBuf, BTreeSet<String>> = HashMap::new();
    let is_manifest = |standing: &Standing| matches!(standing.holder, Holder::Manifest(_));
    for (_, hit) in hits.iter().filter(|(_, hit)| hit.found.as_ref().is_ok_and(|found| found.iter().any(is_manifest))) {
        for file in &hit.beside {
            let file = paths::real(file).unwrap_or_else(|_| file.clone());
            takers.entry(file).or_default().insert(paths::name(&hit.path));
        }
    }
    takers
}

/// The files among the hits that hold clusters, by what was read to know where those stand.
fn readers_of(hits: &[(PathBuf, Hit)]) -> HashMap<PathBuf, BTreeSet<String>> {
    let mut readers: HashMap<PathBuf, BTreeSet<String>> = HashMap::new();
    for (_, hit) in hits {
        let holders = hit.found.iter().flatten().filter(|standing| standing.holder != Holder::Mention);
        let holders: BTreeSet<&String> = holders.map(|standing| &standing.file).collect();
        for file in hit.reads.iter().filter(|_| !holders.is_empty()) {
            let file = paths::real(file).unwrap_or_else(|_| file.clone());
            readers.entry(file).or_default().extend(holders.iter().map(ToString::to_string));
        }
    }
    readers
}

/// The own values files of charts that are part of another one, by their whole paths, each with a values file of that.
fn parts_of(hits: &[(PathBuf, Hit)]) -> HashMap<PathBuf, String> {
    let is_values = |standing: &Standing| standing.holder == Holder::Values;
    let of_values = hits.iter().filter(|(_, hit)| hit.found.as_ref().is_ok_and(|found| found.iter().any(is_values)));
    let part = |file: &PathBuf| paths::real(file).unwrap_or_else(|_| file.clone());
    of_values.flat_map(|(_, hit)| hit.beside.iter().map(|file| (part(file), paths::name(&hit.path)))).collect()
}

/// About the mode in a file that manifests lead to, and that gives no release anything which is known.
const UNTAKEN: (&str, &str) = (
    "a mode is set here, and no release is known to get it: a manifest leads to this file, and takes nothing of it",
    "if a cluster gets it, change it by hand where that is decided",
);

/// Takes out the values files, and the `ConfigMaps`, that a manifest among the hits takes values from. What is only read
/// on the way to these has a mode that is not judged.
fn without_taken(hits: &mut Vec<(PathBuf, Hit)>) {
    let canonical = |path: &Path| paths::real(path).unwrap_or_else(|_| path.to_path_buf());
    let mut taken: HashMap<PathBuf, HashSet<String>> = HashMap::new();
    let mut given: HashSet<PathBuf> = HashSet::new();
    let mut by_manifests: HashSet<PathBuf> = HashSet::new();
    let is_manifest = |row: &Standing| row.holder != Holder::Values;
    for (_, hit) in hits.iter() {
        for file in &hit.beside {
            let path = canonical(file);
            let is_of_manifest = hit.found.iter().flatten().any(is_manifest) || hit.is_of_commands();
            by_manifests.extend(Some(path.clone()).filter(|_| is_of_manifest));
            given.extend(Some(path.clone()).filter(|_| !hit.seen.contains(file)));
            taken.entry(path).or_default().extend(hit.maps.iter().cloned());
        }
    }
    if taken.is_empty() {
        return;
    }
    let values = hits.iter().flat_map(|(_, hit)| hit.found.iter().flatten()).filter(|row| row.holder == Holder::Values);
    let over = |row: &Standing| {
        let base = canonical(Path::new(row.defaults_in.as_ref()?));
        let own = canonical(Path::new(&row.file));
        (own != base && own.parent() == base.parent()).then_some(base)
    };
    let beside: HashSet<PathBuf> = values.filter_map(over).collect();
    hits.retain_mut(|(path, hit)| {
        let (Ok(found), Some(maps)) = (&mut hit.found, taken.get(&canonical(path))) else { return true };
        if found.is_empty() {
            // its patches are read with the manifests that they change
            hit.changes.clear();
            return hit.is_of_commands() || !hit.uses.is_empty();
        }
        let is_given = given.contains(&canonical(path));
        // a chart that is part of another one may be installed by itself, too, where other values are beside its own
        let is_part = !by_manifests.contains(&canonical(path)) && beside.contains(&canonical(path));
        found.retain_mut(|standing| match standing.holder {
            Holder::Manifest(kind @ (IN_CONFIG_MAP | IN_CHART_CONFIG)) => {
                let name = standing.release.as_deref().map(|name| name.rsplit_once('/').map_or(name, |(_, name)| name));
                let is_taken = name.is_some_and(|name| maps.contains(name));
                // one that is built with a release which takes another in its place
                let is_left = kind == IN_CONFIG_MAP && !is_given && standing.position.is_some();
                !is_taken && (!is_left || standing.becomes_mention(UNTAKEN.0, UNTAKEN.1))
            }
            Holder::Manifest(_) | Holder::Mention => true,
            Holder::Values if is_part && standing.cluster.cluster_id.is_some() => true,
            Holder::Values | Holder::Option => !is_given && standing.becomes_mention(UNTAKEN.0, UNTAKEN.1),
        });
        !found.is_empty()
    });
}
