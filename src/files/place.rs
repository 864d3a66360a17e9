//! Where the names of files lead from.

use std::{cell::OnceCell, path::MAIN_SEPARATOR};

use super::Files;
use crate::rendered::Folder;

/// Where the names of files lead from.
#[derive(Clone, Default)]
pub(super) struct Place {
    /// The current folder, and the top of the checkout, from the top of the file system; empty where they are one.
    here: String,
    top: String,
    /// Whether names are from the top of the file system.
    is_absolute: bool,
}

impl Files<'_> {
    /// Says where the names of files lead from: the current folder, and the top of the checkout, both from the top of the
    /// file system. Without this they lead from the top of the checkout.
    pub fn stand_in(&mut self, here: &str, top: &str, is_absolute: bool) {
        self.place = Place { here: here.to_owned(), top: top.to_owned(), is_absolute };
        self.all.iter_mut().for_each(|file| file.path = OnceCell::new());
    }

    /// The path of a file from the top of the checkout.
    pub(crate) fn path_from_top(&self, number: usize) -> String {
        self.all[number].path.get_or_init(|| self.cleaned_from_top(number)).clone()
    }

    fn cleaned_from_top(&self, number: usize) -> String {
        self.name_from_top(self.name(number))
    }

    /// The path of a name from the top.
    pub(crate) fn name_from_top(&self, name: &str) -> String {
        let Place { here, top, .. } = &self.place;
        // whole paths begin with `/`, or with a drive
        let root = top.split_inclusive('/').next().unwrap_or_default();
        let path = if name.starts_with(root) { cleaned(name) } else { joined(&format!("{here}/x"), name) };
        match path.strip_prefix(top.as_str()) {
            Some(below) if !top.is_empty() => below.trim_start_matches('/').to_owned(),
            _ => path,
        }
    }

    /// The name of the file of a path from the top of the checkout.
    pub(crate) fn named(&self, path: &str) -> String {
        let Place { here, top, is_absolute } = &self.place;
        if top.is_empty() {
            return cleaned(path);
        }
        let whole = cleaned(&format!("{top}/{path}"));
        let (from, to): (Vec<&str>, Vec<&str>) = (here.split('/').collect(), whole.split('/').collect());
        let common = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
        // no way leads from one drive to another
        if *is_absolute || common == 0 {
            return whole;
        }
        let up = from.iter().skip(common).filter(|part| !part.is_empty()).map(|_| "..");
        up.chain(to[common..].iter().copied()).collect::<Vec<&str>>().join("/")
    }
}

/// A path without `.`, and without `..` where it has something to take back: `./a/../b` is `b`.
pub(crate) fn cleaned(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !["", "."].contains(part)) {
        if part == ".." && parts.last().is_some_and(|last| *last != "..") {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    // what begins with two on Windows is on another machine
    let root = match path.strip_prefix('/') {
        Some(rest) if rest.starts_with('/') && MAIN_SEPARATOR != '/' => "//",
        Some(_) => "/",
        None => "",
    };
    format!("{root}{}", parts.join("/"))
}

/// A path from a file's folder, as a path from where the file's name leads from.
pub(crate) fn joined(file: &str, path: &str) -> String {
    match file.rsplit_once('/') {
        Some((folder, _)) if !path.starts_with('/') => cleaned(&format!("{folder}/{path}")),
        _ => cleaned(path),
    }
}

/// The folder of a module by its path from the top of the checkout, where the file of this path names it, if the repository
/// is that of the file.
pub(crate) fn folder_of_module(file: &str, folder: &Folder) -> String {
    match folder {
        Folder::Beside(folder) => joined(file, folder),
        Folder::Repository { path, .. } => path.clone(),
    }
}

#[cfg(test)]
mod tests {
    use crate::{Files, Texts};

    #[test]
    fn a_path_from_a_drive_is_whole() {
        let texts = Texts::new();
        let files = |name: &str, here: &str, is_absolute: bool| {
            let mut files = Files::of(&texts, [(name.to_owned(), Vec::new())]);
            files.stand_in(here, "C:/fleet", is_absolute);
            (files.path_from_top(0), files.named("charts/illumio"))
        };
        let both = |path: &str, name: &str| (path.to_owned(), name.to_owned());
        let whole = files("C:/fleet/east/values.yaml", "C:/fleet/west", true);
        assert_eq!(whole, both("east/values.yaml", "C:/fleet/charts/illumio"));
        assert_eq!(files("../east/values.yaml", "C:/fleet/west", false), both("east/values.yaml", "../charts/illumio"));
        // without a way from one drive to another the names are whole
        let whole = files("C:/fleet/east/values.yaml", "D:/", false);
        assert_eq!(whole, both("east/values.yaml", "C:/fleet/charts/illumio"));
    }
}
