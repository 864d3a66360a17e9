//! [`Applier`]: a document that has what is in a folder of a repository applied: as it is, or through a tool of its own.
//! It changes nothing of that, and says for how many clusters it is.

use super::{
    patterns::fits_any,
    source,
    taker::{Taker, folder_of, is_kustomization},
    way::folder_file,
};
use crate::{
    files::{Files, Wanted, cleaned},
    instruction::{Bringer, Bringing},
    release::{Reach, is_among_templates},
    yaml::Node,
};

/// A document that has what is in a folder applied.
pub(super) struct Applier<'s> {
    pub(super) root: Node<'s>,
    /// From the top of the repository, with the variables that are in it.
    pub(super) folder: String,
    pub(super) extent: Extent,
    /// The patterns of those that are taken, and of those that are not, by their paths from the folder.
    pub(super) patterns: [Option<&'s str>; 2],
    /// Whom it is for, by itself.
    pub(super) reach: Reach,
    pub(super) from: From<'s>,
    /// What the Application is called that has it applied, where that is one of a set, with the actions that are not known.
    pub(super) called: Option<String>,
}

/// What of a folder is applied.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Extent {
    /// The files in it.
    Folder,
    /// Those below it, too.
    Below,
}

/// Where the folder is.
#[derive(Clone, Copy)]
pub(super) enum From<'s> {
    /// In this checkout, as far as it is known.
    Here,
    /// In the repository of a source of Argo CD.
    Source(Taker<'s>),
    /// In a repository, by its address and its branch.
    Repository(&'s str, Option<&'s str>),
}

/// A text with what is known of the variables in it, between two signs. The others stay.
pub(super) fn filled<'s>(text: &str, (open, close): (&str, &str), said: impl Fn(&str) -> Option<&'s str>) -> String {
    let (mut rest, mut filled) = (text, String::new());
    while let Some((before, (inside, behind))) =
        rest.split_once(open).and_then(|(before, action)| Some((before, action.split_once(close)?)))
    {
        filled += before;
        match said(inside.trim()) {
            Some(value) => filled += value,
            None => filled.extend([open, inside, close]),
        }
        rest = behind;
    }
    filled + rest
}

/// The pattern of a path with variables, of which each is a part of a name at least; nothing where it says no name.
pub(super) fn pattern(path: &str) -> Option<String> {
    const SIGNS: [(&str, &str); 3] = [("<<", ">>"), ("${", "}"), ("{{", "}}")];
    let star = |path: String, signs: (&str, &str)| filled(&path, signs, |_| Some("*"));
    let pattern = SIGNS.into_iter().fold(path.to_owned(), star);
    let is_named = !pattern.contains('*') || pattern.split('/').any(|name| !name.is_empty() && name != "*");
    is_named.then_some(pattern)
}

impl<'s> Applier<'s> {
    /// One that has all below a folder of this checkout applied, by the path of that from the top.
    pub(super) fn below(root: Node<'s>, folder: &str, reach: Reach) -> Self {
        let folder = cleaned(folder.trim_start_matches('/'));
        Self { root, folder, extent: Extent::Below, patterns: [None; 2], reach, from: From::Here, called: None }
    }

    /// The Application of a set that has a folder applied; nothing where it is not known which.
    pub(super) fn bringer(&self, folder: &str) -> Option<Bringer> {
        let called = self.called.as_deref().filter(|_| self.reach == Reach::One)?;
        let (before, rest) = self.folder.split_once("{{").unwrap_or((&self.folder, ""));
        let (action, behind) = rest.split_once("}}").unwrap_or_default();
        // what the path takes of a cluster, the name may take, too
        let value = folder.strip_prefix(before)?.strip_suffix(behind)?;
        let name = filled(called, ("{{", "}}"), |name| (name == action.trim()).then_some(value));
        let name = Some(name).filter(|name| !name.contains("{{"))?;
        let namespace = self.root.str_at("metadata.namespace").map(str::to_owned);
        Some(Bringer { kind: Bringing::ArgoCd, name: Some(name), namespace, is_suspended: false })
    }

    /// Whether a variable is in the path of its folder.
    pub(super) fn is_open(&self) -> bool {
        ["<<", "${", "{{"].iter().any(|sign| self.folder.contains(sign))
    }

    /// Whether it has the file at a path applied, with a folder in the place of its own where variables are filled in.
    pub(super) fn has(&self, files: &Files<'_>, path: &str, folder: &str) -> bool {
        let Some(own) = pattern(folder) else { return false };
        let home = folder_of(path);
        let is_it = |folder: &str| own == folder || own.contains(['*', '?']) && crate::glob::fits(&own, folder);
        if is_it(path) {
            return true;
        }
        if is_kustomization(path) {
            return is_it(home);
        }
        let mut above = home.match_indices('/').map(|(end, _)| &home[..end]);
        let covers = is_it(home) || self.extent == Extent::Below && (own.is_empty() || above.any(is_it));
        covers && folder_file(files, &own).is_none() && self.leaves_out(path).is_none()
    }

    /// What of an Application leaves the file at a path out, which is in its folder or below; nothing where it does not, or
    /// where that is not known. (Argo CD documentation, Directory)
    pub(super) fn leaves_out(&self, path: &str) -> Option<&'static str> {
        let own = Some(&*self.folder).filter(|_| matches!(self.from, From::Source(_)) && !self.is_open())?;
        let inner = if own.is_empty() { path } else { path.strip_prefix(own)?.strip_prefix('/')? };
        let [include, exclude] = self.patterns;
        let fits = |pattern: &str| fits_any(pattern, inner);
        if self.extent == Extent::Folder && inner.contains('/') && !is_among_templates(path) {
            return Some("directory.recurse");
        }
        let is_excluded = exclude.and_then(fits) == Some(true);
        let is_not_included = || include.and_then(fits) == Some(false);
        if is_excluded { Some("directory.exclude") } else { is_not_included().then_some("directory.include") }
    }

    /// The setting whose pattern is not understood, by which it may leave the file at a path out or not.
    pub(super) fn may_leave_out(&self, path: &str) -> Option<&'static str> {
        let settings = ["directory.include", "directory.exclude"].into_iter().zip(self.patterns);
        let mut said = settings.filter_map(|(setting, pattern)| Some((setting, pattern?)));
        said.find(|(_, pattern)| fits_any(pattern, path).is_none()).map(|(setting, _)| setting)
    }

    /// Whether it is known not to have the file of this checkout applied, or not as that is.
    pub(super) fn is_elsewhere(&self, files: &Files<'s>, path: &str) -> bool {
        self.asked(files, path).is_some_and(|asked| files.is_missing(&asked) || files.left(&asked).is_some())
    }

    /// What is asked before it is known whether that is the file of this checkout.
    pub(super) fn asked(&self, files: &Files<'s>, path: &str) -> Option<Wanted> {
        match self.from {
            From::Here => None,
            From::Source(taker) => source::asked(files, taker, path),
            From::Repository(url, branch) => {
                let is_plain = |text: &&str| !text.contains(['$', '{']);
                let url = Some(url).filter(is_plain)?.to_owned();
                let revision = branch.filter(is_plain).map(str::to_owned);
                Some(Wanted::Source { url: Some(url), revision, path: path.to_owned() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{filled, pattern};

    #[test]
    fn a_path_with_variables_is_a_pattern() {
        assert_eq!(pattern("apps/<< inputs.a >>/x").as_deref(), Some("apps/*/x"));
        assert_eq!(pattern("apps/${A}-{{b}}").as_deref(), Some("apps/*-*"));
        assert_eq!(pattern("${A}/{{b}}"), None);
        assert_eq!(pattern("apps").as_deref(), Some("apps"));
    }

    #[test]
    fn what_is_known_of_variables_is_filled_in() {
        let said = |name: &str| (name == "a").then_some("x");
        assert_eq!(filled("${a}/${b}/c", ("${", "}"), said), "x/${b}/c");
        assert_eq!(filled("<< a >>", ("<<", ">>"), said), "x");
    }
}
