//! [`Workspace`]: the files of one command: those that were given, and what they name, read from their checkout and from
//! nowhere else.

mod adding;
mod around;
mod bases;
mod below;
mod beside;
mod callers;
mod checkout;
mod cluster;
pub(crate) mod fleet;
pub(crate) mod leads;
pub(crate) mod names;
mod namesake;
pub(crate) mod objects;
pub(crate) mod overrides;
pub(crate) mod reach;
mod repository;
pub(crate) mod search;
pub(crate) mod taker;
mod taking;
pub(crate) mod top;
mod visitor;
pub(crate) mod walk;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use helm_clas::{
    ClusterValues, Files, Finding, Texts, Wanted,
    chart::{reference::is_address, secrets::Brought},
    look::{depends_on_illumio, objects_in},
    overrides::Override,
};

pub(crate) use self::cluster::{cluster_values, known_namespace, unreadable};
use crate::{
    failure::Failure,
    outside::{
        archive,
        files::{self, STDIN},
    },
    paths,
    workspace::{checkout::Sight, objects::Objects},
};

pub(crate) use checkout::Checkout;

/// What some files bring to secret names from one another.
pub(crate) fn brought(files: &Files<'_>) -> Brought {
    Brought::of((0..files.len()).filter_map(|number| files.source(number).text().ok()))
}

/// The files that were given, and what they name.
pub(crate) struct Workspace<'s> {
    pub(crate) files: Files<'s>,
    /// The numbers of those that were given.
    pub(crate) given: Vec<usize>,
    /// Those that are wanted from a branch that is not checked out, by their whole paths, with that branch.
    pub(crate) meant_for: HashMap<PathBuf, String>,
}

impl<'s> Workspace<'s> {
    /// One that no file is read into yet.
    pub(crate) fn without_files(texts: &'s Texts<'s>) -> Self {
        Self { files: Files::new(texts), given: Vec::new(), meant_for: HashMap::new() }
    }

    /// The branch that a file is wanted from, where another one is checked out.
    pub(crate) fn branch_of(&self, number: usize) -> Option<&str> {
        let file = paths::real(self.files.name(number)).ok()?;
        self.meant_for.get(&file).map(String::as_str)
    }

    /// Reads the files of one cluster, and where the first is a manifest, those that it takes more values from.
    pub(crate) fn open(texts: &'s Texts<'s>, names: &[String], path: Option<&str>) -> Result<Self, Failure> {
        Self::open_for(texts, names, path, "")
    }

    /// The same, for the chart that the files are given to, which may be a folder.
    pub(crate) fn open_for(
        texts: &'s Texts<'s>,
        names: &[String],
        path: Option<&str>,
        chart: &str,
    ) -> Result<Self, Failure> {
        let mut files = Files::new(texts);
        if Path::new(chart).join(files::CHART).is_file() {
            files.give_to(chart);
        }
        let mut given = Vec::new();
        // a single one that no plugin reads is reported as what it is
        let is_any_read = names.iter().any(|name| !is_address(name) || name.starts_with("secrets"));
        for name in names {
            // what is behind an address is read by Helm alone, or by a plugin of it
            let bytes = if is_any_read && is_address(name) { Vec::new() } else { files::read(name)? };
            given.push(files.add(name.clone(), bytes));
        }
        let mut workspace = Self { files, given, meant_for: HashMap::new() };
        let first = names.first().filter(|name| !is_address(name));
        if let Some(checkout) = first.and_then(|name| Checkout::of(Path::new(name), &[])) {
            let read = |name: &str| checkout.read(name);
            let unreadable = workspace.follow(&checkout, path, &Objects::default(), read);
            if let Some((_, failure)) = unreadable.into_iter().next() {
                return Err(failure);
            }
            workspace.meant_for = checkout.meant_for.take();
        }
        Ok(workspace)
    }

    /// Reads what the first of the given files names, wherever in the checkout it is, until nothing more is asked for.
    /// Those that are there and cannot be read are returned.
    pub(crate) fn follow(
        &mut self,
        checkout: &Checkout,
        path: Option<&str>,
        objects: &Objects,
        mut read: impl FnMut(&str) -> Result<Option<Vec<u8>>, Failure>,
    ) -> Vec<(String, Failure)> {
        let mut unreadable = Vec::new();
        let Some(first) = self.given.first().map(|first| self.files.name(*first)).filter(|name| *name != STDIN) else {
            return unreadable;
        };
        checkout.place(&mut self.files, first);
        loop {
            let wanted = self.files.wanted(&self.given, path);
            if wanted.is_empty() {
                return unreadable;
            }
            for one in wanted {
                if let Some(answer) = self.given_for(&one) {
                    self.files.answer(one, answer);
                    continue;
                }
                match checkout.sight(&one, first) {
                    Sight::Open => {}
                    Sight::Absent => {
                        self.files.answer(one, Vec::new());
                        continue;
                    }
                    Sight::Left(left) => {
                        self.files.leave(one, left);
                        continue;
                    }
                }
                let mut found = Vec::new();
                for name in checkout.named_by(&one, first, objects) {
                    if let Wanted::Fetched { .. } = one {
                        let bytes = read(&name).and_then(|bytes| archive::files_of(&name, &bytes.unwrap_or_default()));
                        match bytes {
                            Ok(unpacked) => found.extend(self.take_archive(&name, unpacked)),
                            Err(failure) => unreadable.push((name, failure)),
                        }
                        continue;
                    }
                    match self.files.number(&name).map_or_else(|| read(&name), |_| Ok(None)) {
                        Ok(Some(bytes)) if holds(&bytes, &one) => {
                            if name.ends_with(files::CHART) {
                                let failure = depends(Path::new(&name), &bytes).err();
                                unreadable.extend(failure.map(|failure| (name.clone(), failure)));
                            }
                            found.push(self.files.add(name, bytes));
                        }
                        Ok(_) => found.extend(self.files.number(&name)),
                        Err(failure) => unreadable.push((name, failure)),
                    }
                }
                let names = checkout.names_of(&one, first, objects);
                self.files.answer_names(one, found, names);
            }
        }
    }

    /// What came of looking for a file among those that were given, and for one of a repository in their folders: a person who
    /// names `../charts/illumio/values.yaml` says where the folder `charts/illumio` of that repository is.
    fn given_for(&mut self, wanted: &Wanted) -> Option<Vec<usize>> {
        let path = match wanted {
            Wanted::File(path) => return self.files.number(path).map(|number| vec![number]),
            Wanted::InRepository { path, .. } => path,
            _ => return None,
        };
        let ends_so = |name: &str, path: &str| {
            !path.is_empty() && name.strip_suffix(path).is_some_and(|before| before.is_empty() || before.ends_with('/'))
        };
        let others = || self.given.iter().skip(1).copied().filter(|number| self.files.name(*number) != STDIN);
        if let Some(number) = others().find(|number| ends_so(self.files.name(*number), path)) {
            return Some(vec![number]);
        }
        let (folder, file) = path.rsplit_once('/')?;
        let folder_of = |number: usize| self.files.name(number).rsplit_once('/').map(|(folder, _)| folder);
        let beside = others().filter_map(folder_of).find(|given| ends_so(given, folder))?;
        let name = format!("{beside}/{file}");
        if let Some(number) = self.files.number(&name) {
            return Some(vec![number]);
        }
        if !Path::new(&name).exists() {
            return Some(Vec::new());
        }
        let bytes = files::read(&name).ok()?;
        Some(vec![self.files.add(name, bytes)])
    }

    /// Adds the files of an archive, and returns the number of the one that describes the chart in it.
    fn take_archive(&mut self, name: &str, unpacked: Vec<(String, Vec<u8>)>) -> Option<usize> {
        let mut chart = None;
        for (path, bytes) in unpacked {
            let is_chart = path.split_once('/').is_some_and(|(_, file)| file == files::CHART);
            let name = format!("{name}/{path}");
            let number = self.files.number(&name).unwrap_or_else(|| self.files.add(name, bytes));
            chart = chart.or(Some(number).filter(|_| is_chart));
        }
        chart
    }

    /// What the files say of the cluster that they are for.
    pub(crate) fn cluster_values(
        &self,
        path: Option<&str>,
        options: &[Result<Override, Finding>],
    ) -> Result<ClusterValues, Finding> {
        if self.given.is_empty() {
            return Ok(ClusterValues::default());
        }
        ClusterValues::read(&self.files, &self.given, path, options)
    }
}

/// Whether a `Chart.yaml` depends on Illumio's chart.
pub(crate) fn depends(chart: &Path, bytes: &[u8]) -> Result<bool, Failure> {
    let unreadable =
        |finding: Finding| Failure::new(format!("cannot read {}: {}", paths::name(chart), finding.message));
    depends_on_illumio(bytes).map_err(unreadable)
}

/// Whether a file holds what was looked for: of an object's name there may be others, in other namespaces.
fn holds(bytes: &[u8], wanted: &Wanted) -> bool {
    let Wanted::Object(object) = wanted else { return true };
    let is_it = |held: &helm_clas::ObjectRef| {
        let is_near = held.namespace.as_ref().zip(object.namespace.as_ref()).is_none_or(|(one, other)| one == other);
        (&held.group, &held.kind, &held.name) == (&object.group, &object.kind, &object.name) && is_near
    };
    objects_in(bytes).iter().any(is_it)
}
