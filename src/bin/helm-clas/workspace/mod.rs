//! [`Workspace`]: the files of one command: those that were given, and what they name, read from their checkout and from
//! nowhere else.

pub(crate) mod objects;
pub(crate) mod overrides;
pub(crate) mod reach;
pub(crate) mod search;
pub(crate) mod taker;

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use helm_clas::{
    Files, Finding, Texts, Wanted,
    chart::{cluster::ClusterValues, reference::is_address},
    files::{depends_on_illumio, fits_pattern, objects_in},
    overrides::Override,
};

use ignore::{DirEntry, WalkBuilder};

use crate::{
    failure::Failure,
    outside::{
        archive,
        files::{self, STDIN},
        git,
    },
    workspace::objects::Objects,
};

/// The files that were given, and what they name.
pub(crate) struct Workspace<'s> {
    pub(crate) files: Files<'s>,
    /// The numbers of those that were given.
    pub(crate) given: Vec<usize>,
    /// The files of the checkout that a manifest takes from a branch which is not checked out, and what there is to say.
    pub(crate) apart: Vec<(PathBuf, String)>,
}

impl<'s> Workspace<'s> {
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
        // a single one that no plugin reads is told as what it is
        let is_any_read = names.iter().any(|name| !is_address(name) || name.starts_with("secrets"));
        for name in names {
            // what stands behind an address is read by Helm alone, or by a plugin of it
            let bytes = if is_any_read && is_address(name) { Vec::new() } else { files::read(name)? };
            given.push(files.add(name.clone(), bytes));
        }
        let mut workspace = Self { files, given, apart: Vec::new() };
        let first = names.first().filter(|name| !is_address(name));
        if let Some(checkout) = first.and_then(|name| Checkout::of(Path::new(name), &[])) {
            let read = |name: &str| checkout.read(name);
            let unreadable = workspace.follow(&checkout, path, &Objects::default(), read);
            if let Some((_, failure)) = unreadable.into_iter().next() {
                return Err(failure);
            }
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
                if let Some(other) = checkout.on_another_branch(&one) {
                    self.apart.extend(other.here.map(|here| (here, other.reason.clone())));
                    if !other.is_same {
                        self.files.leave(one, other.reason);
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
                self.files.answer(one, found);
            }
        }
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
    let unreadable = |finding: Finding| Failure::new(format!("cannot read {}: {}", chart.display(), finding.message));
    depends_on_illumio(bytes).map_err(unreadable)
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
        .map(|entry| entry.path().to_string_lossy().into_owned())
        .collect();
    found.sort();
    found
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

/// A file that is wanted from a branch which is not checked out.
struct OtherBranch {
    /// The file of its path in the checkout, where there is one.
    here: Option<PathBuf>,
    /// Whether both hold the same.
    is_same: bool,
    reason: String,
}

/// The folders outside of which nothing is read that a manifest names.
#[derive(Clone, Debug)]
pub(crate) struct Checkout {
    tops: Vec<PathBuf>,
}

impl Checkout {
    /// That of a file: the work tree of git that it stands in. Without git it is what is searched, where the file is found
    /// there, else the current folder, or the file's own.
    pub(crate) fn of(file: &Path, searched: &[PathBuf]) -> Option<Self> {
        let folder = match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let folder = fs::canonicalize(folder).ok()?;
        if let Some(top) = folder.ancestors().find(|folder| folder.join(".git").exists()) {
            return Some(Self { tops: vec![top.to_path_buf()] });
        }
        let is_above = |top: &PathBuf| folder.starts_with(top);
        let searched: Vec<PathBuf> = searched.iter().filter_map(|top| fs::canonicalize(top).ok()).collect();
        if searched.iter().any(is_above) {
            return Some(Self { tops: searched });
        }
        let here = env::current_dir().and_then(fs::canonicalize).ok().filter(is_above);
        Some(Self { tops: vec![here.unwrap_or(folder)] })
    }

    /// The names of the files that something may be in, that are within the checkout.
    fn named_by(&self, wanted: &Wanted, manifest: &str, objects: &Objects) -> Vec<String> {
        match wanted {
            Wanted::File(path) => vec![path.clone()],
            Wanted::InRepository { url: Some(url), path, .. } if self.remotes().contains(&repository(url)) => {
                vec![named_beside(manifest, &self.tops[0].join(path))]
            }
            // without a remote the checkout is taken for the repository where it has the chart at that path
            Wanted::InRepository { path, .. } if self.has_chart_beside(path) && self.remotes().is_empty() => {
                vec![named_beside(manifest, &self.tops[0].join(path))]
            }
            Wanted::InRepository { .. } => Vec::new(),
            Wanted::Fetched { by, name } => {
                let charts = self.named_by(by, manifest, objects);
                charts.iter().flat_map(|chart| archives_beside(Path::new(chart), name)).collect()
            }
            Wanted::Fitting { url, pattern, .. } => {
                let remotes = self.remotes();
                let is_of_it = url.as_ref().is_some_and(|url| remotes.is_empty() || remotes.contains(&repository(url)));
                let found = if is_of_it { self.fitting(pattern) } else { Vec::new() };
                found.iter().map(|path| named_beside(manifest, path)).collect()
            }
            Wanted::Takers(path) => {
                let found = objects.takers_of(&self.tops[0], path);
                found.into_iter().map(|path| named_beside(manifest, &path)).collect()
            }
            Wanted::Object(object) => {
                let found = objects.files_of(&self.tops, Path::new(manifest), object);
                found.into_iter().map(|path| named_beside(manifest, &path)).collect()
            }
        }
    }

    /// The files whose path from the top fits a pattern, in order.
    fn fitting(&self, pattern: &str) -> Vec<PathBuf> {
        let top = &self.tops[0];
        // no more is gone through than the names before the first star lead to
        let fixed: PathBuf = pattern.split('/').take_while(|name| !name.contains(['*', '?'])).collect();
        let fixed = if fixed == Path::new(pattern) { PathBuf::new() } else { fixed };
        let mut walk = WalkBuilder::new(top.join(fixed));
        walk.hidden(false).filter_entry(|entry| entry.file_name() != ".git");
        let path =
            |entry: DirEntry| entry.path().strip_prefix(top).ok().map(|below| below.to_string_lossy().into_owned());
        let files = walk.build().flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
        let mut found: Vec<String> = files.filter_map(path).filter(|path| fits_pattern(pattern, path)).collect();
        found.sort();
        found.into_iter().map(|path| top.join(path)).collect()
    }

    /// That a file is wanted from a branch which is not checked out. A branch that was begun from that one, and is not the
    /// usual one of a repository, is what it will be.
    fn on_another_branch(&self, wanted: &Wanted) -> Option<OtherBranch> {
        const USUAL: [&str; 2] = ["main", "master"];
        let (Wanted::InRepository { url: Some(url), revision: Some(revision), path }
        | Wanted::Fitting { url: Some(url), revision: Some(revision), pattern: path }) = wanted
        else {
            return None;
        };
        let revision = revision.trim_start_matches("refs/heads/");
        if revision == "HEAD" || !self.remotes().contains(&repository(url)) {
            return None;
        }
        let branch = git::branch(&self.tops[0]).filter(|branch| branch != revision)?;
        if USUAL.contains(&branch.as_str()) && USUAL.contains(&revision) {
            return None;
        }
        if !USUAL.contains(&branch.as_str()) && git::begins_at(&self.tops[0], revision) {
            return None;
        }
        let here = self.tops[0].join(path);
        let bytes = fs::read(&here).ok();
        let is_same = bytes.is_some() && git::on_branch(&self.tops[0], revision, path) == bytes;
        let reason = format!("on the branch `{revision}`, and `{branch}` is checked out");
        Some(OtherBranch { here: bytes.is_some().then_some(here), is_same, reason })
    }

    /// The folder at its top; of several, the first.
    pub(crate) fn top(&self) -> &Path {
        &self.tops[0]
    }

    /// Says where the names of files lead from that are named beside one.
    pub(crate) fn place(&self, files: &mut Files<'_>, name: &str) {
        let here = env::current_dir().and_then(fs::canonicalize).unwrap_or_default();
        files.stand_in(&here.to_string_lossy(), &self.tops[0].to_string_lossy(), Path::new(name).is_absolute());
    }

    /// What a file of the checkout holds; nothing where it is not there, or not within.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        if self.holds(name) { files::read(name).map(Some) } else { Ok(None) }
    }

    /// Whether it holds a file of this name, wherever links lead on the way.
    pub(crate) fn holds(&self, name: &str) -> bool {
        let is_within = |path: PathBuf| self.tops.iter().any(|top| path.starts_with(top));
        Path::new(name).is_file() && fs::canonicalize(name).is_ok_and(is_within)
    }

    /// Whether a chart is in the folder of a file, by its path from the top.
    fn has_chart_beside(&self, path: &str) -> bool {
        const OF_CHART: [&str; 3] = [files::CHART, "requirements.yaml", "values.yaml"];
        let file = self.tops[0].join(path);
        OF_CHART.iter().any(|name| file.ends_with(name)) && file.with_file_name(files::CHART).is_file()
    }

    /// The repositories that the work tree of git is of; none without git.
    fn remotes(&self) -> Vec<String> {
        git::remotes(&self.tops[0]).iter().map(|url| repository(url)).collect()
    }
}

/// A repository by its address, whichever way it is reached: `git.example.com/team/fleet`.
fn repository(url: &str) -> String {
    let url = url.trim().trim_end_matches('/').trim_end_matches(".git");
    let address = match url.split_once("://") {
        // a port is one of the way
        Some((_, rest)) => match rest.split_once('/') {
            Some((host, path)) => {
                format!("{}/{path}", host.rsplit('@').next().unwrap_or(host).split(':').next().unwrap_or(host))
            }
            None => rest.to_owned(),
        },
        None => url.split_once(':').map_or(url.to_owned(), |(host, path)| {
            format!("{}/{}", host.rsplit('@').next().unwrap_or(host), path.trim_start_matches('/'))
        }),
    };
    match address.split_once('/') {
        Some((host, path)) => format!("{}/{path}", host.to_ascii_lowercase()),
        None => address,
    }
}

/// A name for a file as that of a manifest leads to it: from the current folder, or from the top of the file system.
fn named_beside(manifest: &str, path: &Path) -> String {
    let here = env::current_dir().and_then(fs::canonicalize).ok().filter(|_| !Path::new(manifest).is_absolute());
    let Some(here) = here else { return path.to_string_lossy().into_owned() };
    let common = here.components().zip(path.components()).take_while(|(one, other)| one == other).count();
    let up = here.components().skip(common).map(|_| "..".into());
    let down = path.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<String>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::repository;

    #[test]
    fn a_repository_is_one_whichever_way_it_is_reached() {
        for url in [
            "https://git.example.com/team/fleet.git",
            "https://me:secret@Git.example.com:8443/team/fleet/",
            "git@git.example.com:team/fleet.git",
            "ssh://git@git.example.com:22/team/fleet",
            "git.example.com:/team/fleet",
        ] {
            assert_eq!(repository(url), "git.example.com/team/fleet", "{url}");
        }
        assert_ne!(repository("https://git.example.com/team/other"), "git.example.com/team/fleet");
    }
}
