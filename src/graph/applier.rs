//! [`Applier`]: a document that has what is in a folder of a repository applied: as it is, or through a tool of its own.
//! It changes nothing of that, and says for how many clusters it is.

use super::{
    source,
    taker::{Taker, folder_of, is_kustomization},
    way::folder_file,
};
use crate::{
    files::{Files, Wanted, cleaned},
    release::Reach,
    yaml::Node,
};

/// A document that has what is in a folder applied.
pub(super) struct Applier<'s> {
    pub(super) root: Node<'s>,
    /// From the top of the repository, with the variables that are in it.
    pub(super) folder: String,
    pub(super) extent: Extent,
    /// Whom it is for, by itself.
    pub(super) reach: Reach,
    pub(super) from: From<'s>,
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
        Self { root, folder, extent: Extent::Below, reach, from: From::Here }
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
        covers && folder_file(files, &own).is_none()
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
