//! [`Checkout`]: the folders in which the files of one command are looked for, and what cannot be looked for there.

use std::{
    cell::{OnceCell, RefCell},
    collections::{BTreeSet, HashMap, HashSet},
    env, fs,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use helm_clas::{Files, Wanted, chart::secrets::masked, files::Left};

use crate::{
    failure::Failure,
    outside::{files, git},
    paths,
    workspace::{
        below::Below,
        objects::Objects,
        repository::{is_long_lived, repository},
    },
};

/// The folders outside of which nothing is read that a manifest names.
#[derive(Clone, Debug)]
pub(crate) struct Checkout {
    tops: Vec<PathBuf>,
    /// The repositories that the work tree of git is of; none without git.
    remotes: OnceCell<Vec<String>>,
    /// The paths of what branches hold that are not checked out; nothing where such a branch is not known here.
    branches: RefCell<HashMap<String, Option<HashSet<Vec<u8>>>>>,
    /// The files that are read here and wanted from a branch that is not checked out, with that branch.
    pub(crate) meant_for: RefCell<HashMap<PathBuf, String>>,
    below: Below,
}

/// Whether something can be looked for here. What cannot is not known to be absent.
pub(crate) enum Sight {
    /// It can.
    Open,
    /// It was looked for, and is not there.
    Absent,
    /// It cannot.
    Left(Left),
}

impl Checkout {
    /// The checkout of a file: the work tree of git that it is in. Without git it is the searched folder that has the
    /// file, else the current folder, or the file's own.
    pub(crate) fn of(file: &Path, searched: &[PathBuf]) -> Option<Self> {
        let folder = match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let folder = paths::real(folder).ok()?;
        if let Some(top) = folder.ancestors().find(|folder| folder.join(".git").exists()) {
            return Some(Self::at(vec![top.to_path_buf()]));
        }
        let is_above = |top: &PathBuf| folder.starts_with(top);
        let searched: Vec<PathBuf> = searched.iter().filter_map(|top| paths::real(top).ok()).collect();
        if searched.iter().any(is_above) {
            return Some(Self::at(searched));
        }
        let here = env::current_dir().and_then(paths::real).ok().filter(is_above);
        Some(Self::at(vec![here.unwrap_or(folder)]))
    }

    fn at(tops: Vec<PathBuf>) -> Self {
        let (branches, meant_for) = (RefCell::default(), RefCell::default());
        let below = Below::of(tops[0].clone());
        Self { tops, remotes: OnceCell::new(), branches, meant_for, below }
    }

    /// Whether something can be looked for in this checkout, for a manifest.
    pub(crate) fn sight(&self, wanted: &Wanted, manifest: &str) -> Sight {
        match wanted {
            Wanted::File(path) if self.leads_out(path) => {
                let reason = "outside this checkout, so it is not read".to_owned();
                Sight::Left(Left { reason, is_likely: Path::new(path).exists() })
            }
            Wanted::InRepository { url, revision, path } => match (url, revision) {
                (Some(url), Some(revision)) if self.is_of(url) => self.at_revision(revision, path),
                (Some(url), None) if self.is_of(url) => Sight::Open,
                // without a remote the checkout counts as the repository where it has the chart at that path
                _ if self.remotes().is_empty() && self.has_chart_around(path) => Sight::Open,
                (url, _) => Sight::Left(Left {
                    reason: elsewhere(url.as_deref()),
                    is_likely: self.tops[0].join(path).is_file(),
                }),
            },
            Wanted::Fitting { url, revision, pattern } => match (url, revision) {
                (Some(url), Some(revision)) if self.is_of(url) => match self.at_revision(revision, pattern) {
                    Sight::Left(left) => Sight::Left(Left { is_likely: true, ..left }),
                    sight => sight,
                },
                (Some(url), None) if self.is_of(url) => Sight::Open,
                // the same where it has what is looked for
                (Some(_), _)
                    if self.remotes().is_empty()
                        && (!self.named_by(wanted, manifest, &Objects::default()).is_empty()
                            || !self.names_of(wanted, manifest, &Objects::default()).is_empty()) =>
                {
                    Sight::Open
                }
                (url, _) => Sight::Left(Left { reason: elsewhere(url.as_deref()), is_likely: false }),
            },
            Wanted::Fetched { by, .. } => self.sight(by, manifest),
            Wanted::Source { url: None, path, .. } => {
                Sight::Left(Left { reason: elsewhere(None), is_likely: self.tops[0].join(path).is_file() })
            }
            Wanted::Source { url: Some(url), revision, path } => match revision {
                // a checkout without a remote cannot be compared with an address
                _ if self.remotes().is_empty() => Sight::Open,
                _ if !self.is_of(url) => Sight::Absent,
                Some(revision) => self.at_revision(revision, path),
                None => Sight::Open,
            },
            _ => Sight::Open,
        }
    }

    /// The names of the files that something may be in, that are within the checkout.
    pub(crate) fn named_by(&self, wanted: &Wanted, manifest: &str, objects: &Objects) -> Vec<String> {
        match wanted {
            Wanted::File(path) => vec![path.clone()],
            Wanted::InRepository { path, .. } | Wanted::Source { path, .. } => {
                vec![named_beside(manifest, &self.tops[0].join(path))]
            }
            Wanted::Fetched { by, name } => {
                let charts = self.named_by(by, manifest, objects);
                charts.iter().flat_map(|chart| archives_beside(Path::new(chart), name)).collect()
            }
            Wanted::Fitting { .. } if folder_pattern(wanted).is_some() => Vec::new(),
            Wanted::Fitting { pattern, .. } => {
                self.below.fitting(pattern).iter().map(|path| named_beside(manifest, path)).collect()
            }
            Wanted::Below(folder) => {
                let found = self.below.built(folder);
                found.into_iter().map(|path| named_beside(manifest, &path)).collect()
            }
            Wanted::Takers(path) => {
                let found = objects.takers_of(&self.tops[0], path);
                found.iter().map(|taker| named_beside(manifest, &taker.file)).collect()
            }
            // what cannot be read may take anything
            Wanted::NamesOfTakers(path) => {
                let found = objects.takers_of(&self.tops[0], path);
                found.iter().filter(|it| it.is_unread).map(|it| named_beside(manifest, &it.file)).collect()
            }
            Wanted::Object(object) => {
                let found = objects.files_of(&self.tops, Path::new(manifest), object);
                found.into_iter().map(|path| named_beside(manifest, &path)).collect()
            }
        }
    }

    /// The names of what is found for something of which the names are asked for, and need not be read.
    pub(crate) fn names_of(&self, wanted: &Wanted, manifest: &str, objects: &Objects) -> Arc<BTreeSet<String>> {
        if let Some(pattern) = folder_pattern(wanted) {
            let folders = self.below.folders_fitting(pattern);
            return Arc::new(folders.map(|folder| named_beside(manifest, &folder)).collect());
        }
        let Wanted::NamesOfTakers(path) = wanted else { return Arc::default() };
        objects.names_of_takers(&self.tops[0], path, manifest, named_beside)
    }

    /// Whether a file of the repository that this is a checkout of is the one that is meant: it may be wanted from a
    /// branch that is not checked out, and be another one there.
    fn at_revision(&self, revision: &str, path: &str) -> Sight {
        const USUAL: [&str; 2] = ["main", "master"];
        let revision = revision.trim_start_matches("refs/heads/");
        if revision == "HEAD" {
            return Sight::Open;
        }
        let here = || fs::read(self.tops[0].join(path)).ok();
        let there = || git::on_branch(&self.tops[0], revision, path);
        let Some(branch) = git::branch(&self.tops[0]) else {
            // a commit is checked out, as in a pipeline: it may be of any branch, unless that says something else
            let there = git::at_revision(&self.tops[0], revision, path);
            let is_other = there.is_some() && there != here();
            let reason = format!("{}, where it differs", git::in_words(&self.tops[0], revision));
            return if is_other { Sight::Left(Left { reason, is_likely: true }) } else { Sight::Open };
        };
        if branch == revision {
            return Sight::Open;
        }
        let meant_for = || {
            self.meant_for.borrow_mut().insert(self.tops[0].join(path), revision.to_owned());
            Sight::Open
        };
        if USUAL.contains(&branch.as_str()) && USUAL.contains(&revision) {
            return Sight::Open;
        }
        // what is written on a branch for one change comes to the branch that it was begun from
        if !is_long_lived(&branch) && git::is_begun_from(&self.tops[0], revision) {
            return meant_for();
        }
        let (here, there) = (here(), there());
        if here.is_some() && there == here {
            return meant_for();
        }
        if here.is_none() && self.is_absent_on(revision, path) {
            return Sight::Absent;
        }
        let reason = format!("{}, and `{branch}` is checked out", git::in_words(&self.tops[0], revision));
        Sight::Left(Left { reason, is_likely: here.is_some() || there.is_some() })
    }

    /// Whether a branch holds no file at a path from the top, for certain.
    fn is_absent_on(&self, branch: &str, path: &str) -> bool {
        let mut branches = self.branches.borrow_mut();
        let paths = branches.entry(branch.to_owned()).or_insert_with(|| git::paths_on_branch(&self.tops[0], branch));
        paths.as_ref().is_some_and(|paths| !path.contains('*') && !paths.contains(path.as_bytes()))
    }

    /// Whether a path leads out of the folders in which something is read, wherever links lead on the way.
    fn leads_out(&self, path: &str) -> bool {
        let path = Path::new(path);
        let whole = match env::current_dir() {
            Ok(here) => here.join(path),
            Err(_) => return false,
        };
        let nearest = whole.ancestors().find_map(|folder| paths::real(folder).ok());
        nearest.is_some_and(|nearest| !self.tops.iter().any(|top| nearest.starts_with(top)))
    }

    /// The folder at its top; of several, the first.
    pub(crate) fn top(&self) -> &Path {
        &self.tops[0]
    }

    /// Says where the names of files lead from that are named beside one.
    pub(crate) fn place(&self, files: &mut Files<'_>, name: &str) {
        let here = env::current_dir().and_then(paths::real).unwrap_or_default();
        files.stand_in(&paths::name(&here), &paths::name(&self.tops[0]), Path::new(name).is_absolute());
    }

    /// What a file of the checkout holds; nothing where it is not there, or not within.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        if self.holds(name) { files::read(name).map(Some) } else { Ok(None) }
    }

    /// Whether it holds a file of this name, wherever links lead on the way.
    pub(crate) fn holds(&self, name: &str) -> bool {
        let is_within = |path: PathBuf| self.tops.iter().any(|top| path.starts_with(top));
        Path::new(name).is_file() && paths::real(name).is_ok_and(is_within)
    }

    /// Whether the folder of a file, or one above it, is that of a chart, by its path from the top.
    fn has_chart_around(&self, path: &str) -> bool {
        let folders = Path::new(path).ancestors().skip(1).take_while(|folder| !folder.as_os_str().is_empty());
        let top = Some(Path::new("")).filter(|_| !path.contains('/'));
        folders.chain(top).any(|folder| self.tops[0].join(folder).join(files::CHART).is_file())
    }

    /// Whether this is a checkout of a repository.
    fn is_of(&self, url: &str) -> bool {
        if let Some(address) = url.strip_prefix("oci://") {
            // people call an artifact after the repository that it is made of
            let is_named = |name: &str| address.split('/').any(|part| part.starts_with(name));
            return self.remotes().iter().filter_map(|remote| remote.rsplit('/').next()).any(is_named);
        }
        self.remotes().contains(&repository(url))
    }

    /// The repositories that the work tree of git is of; none without git.
    fn remotes(&self) -> &[String] {
        self.remotes.get_or_init(|| git::remotes(&self.tops[0]).iter().map(|url| repository(url)).collect())
    }
}

/// The pattern of folders, where these are asked for.
fn folder_pattern(wanted: &Wanted) -> Option<&str> {
    let Wanted::Fitting { pattern, .. } = wanted else { return None };
    pattern.strip_suffix('/')
}

/// Why a file of a repository cannot be looked for here.
fn elsewhere(url: Option<&str>) -> String {
    match url {
        Some(url) => {
            format!("in the repository {}, which is not checked out here", masked(url).escape_debug())
        }
        None => "in a repository, or at a revision, that cannot be followed from here".to_owned(),
    }
}

/// A name for a file as that of a manifest leads to it: from the current folder, or from the top of the file system.
fn named_beside(manifest: &str, path: &Path) -> String {
    static HERE: OnceLock<Option<PathBuf>> = OnceLock::new();
    let here = HERE.get_or_init(|| env::current_dir().and_then(paths::real).ok());
    let Some(here) = here.as_ref().filter(|_| !Path::new(manifest).is_absolute()) else { return paths::name(path) };
    let common = here.components().zip(path.components()).take_while(|(one, other)| one == other).count();
    if common == 0 {
        // on another drive
        return paths::name(path);
    }
    let up = here.components().skip(common).map(|_| "..".into());
    let down = path.components().skip(common).map(|part| paths::name(part.as_ref()));
    up.chain(down).collect::<Vec<String>>().join("/")
}

/// The archives of a chart in the folder `charts` beside the file that describes another one.
fn archives_beside(chart: &Path, name: &str) -> Vec<String> {
    let entries = fs::read_dir(chart.with_file_name("charts")).into_iter().flatten().flatten();
    let is_it = |file: &str| {
        let version = file.strip_suffix(".tgz").and_then(|file| file.strip_prefix(name)?.strip_prefix('-'));
        version.is_some_and(|version| version.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()))
    };
    let mut found: Vec<String> = entries
        .filter(|entry| entry.file_name().to_str().is_some_and(is_it))
        .map(|entry| paths::name(&entry.path()))
        .collect();
    found.sort();
    found
}
