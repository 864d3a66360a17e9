//! The files that a manifest takes more values from, read from its checkout and from nowhere else.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use helm_clas::place::{files_beside, files_in_repositories, objects_beside};

use crate::{
    failure::Failure,
    files::{self, STDIN, sources},
    git,
    objects::Objects,
};

/// The files of a run, each with its name and what it holds.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

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

    /// Whether it holds a file of this name, wherever links lead on the way.
    fn holds(&self, name: &str) -> bool {
        let is_within = |path: PathBuf| self.tops.iter().any(|top| path.starts_with(top));
        Path::new(name).is_file() && fs::canonicalize(name).is_ok_and(is_within)
    }

    /// The repositories that the work tree of git is of; none without git.
    fn remotes(&self) -> Vec<String> {
        git::remotes(&self.tops[0]).iter().map(|url| repository(url)).collect()
    }

    /// Reads the files that the first of some, a manifest, takes more values from, and puts them behind; those that hold an
    /// object which it names are found among all of the checkout. Those that are there and cannot be read are returned.
    pub(crate) fn follow(
        &self,
        files: &mut Files,
        objects: &Objects,
        mut read: impl FnMut(&str) -> Result<Vec<u8>, Failure>,
    ) -> Vec<(String, Failure)> {
        let mut unreadable: Vec<(String, Failure)> = Vec::new();
        if files.first().is_none_or(|(name, _)| name == STDIN) {
            return unreadable;
        }
        let manifest = files[0].0.clone();
        let mut read_all = |files: &mut Files, names: Vec<String>| {
            let before = files.len();
            for name in names.into_iter().filter(|name| self.holds(name)) {
                let is_known = files.iter().map(|(other, _)| other).chain(unreadable.iter().map(|(other, _)| other));
                if is_known.into_iter().any(|other| *other == name) {
                    continue;
                }
                match read(&name) {
                    Ok(bytes) => files.push((name, bytes)),
                    Err(failure) => unreadable.push((name, failure)),
                }
            }
            files.len() > before
        };
        let beside = files_beside(&sources(files));
        read_all(files, beside);
        let in_repositories = files_in_repositories(&sources(files));
        if !in_repositories.is_empty() {
            let (top, remotes) = (&self.tops[0], self.remotes());
            let is_here = |(url, _): &(String, String)| remotes.contains(&repository(url));
            let here = in_repositories.into_iter().filter(is_here);
            read_all(files, here.map(|(_, path)| named_beside(&manifest, &top.join(path))).collect());
        }
        let wanted = objects_beside(&sources(files));
        if !wanted.is_empty() {
            let found = objects.files_of(&self.tops, Path::new(&manifest), &wanted);
            let found = found.into_iter().map(|path| named_beside(&manifest, &path));
            let before = files.len();
            read_all(files, found.collect());
            // of that name there may be others, in other namespaces
            let is_wanted = |bytes: &[u8]| {
                std::str::from_utf8(bytes).is_ok_and(|text| wanted.iter().any(|object| object.is_in(text)))
            };
            let found = files.split_off(before);
            files.extend(found.into_iter().filter(|(_, bytes)| is_wanted(bytes)));
            // what was found may name more
            loop {
                let beside = files_beside(&sources(files));
                if !read_all(files, beside) {
                    break;
                }
            }
        }
        unreadable
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

/// The files of one cluster, each with what it holds: those named, and where the first is a manifest, those that it takes
/// more values from and that are there.
pub(crate) fn read_all(names: &[String]) -> Result<Files, Failure> {
    let read = |name: &String| files::read(name).map(|bytes| (name.clone(), bytes));
    let mut files: Files = names.iter().map(read).collect::<Result<_, _>>()?;
    let checkout = names.first().and_then(|name| Checkout::of(Path::new(name), &[]));
    let follow = |checkout: Checkout| checkout.follow(&mut files, &Objects::default(), |name| files::read(name));
    match checkout.map(follow).unwrap_or_default().into_iter().next() {
        Some((_, failure)) => Err(failure),
        None => Ok(files),
    }
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
