//! [`Remote`]: a base that kustomize fetches from a repository, which may be the one of this checkout.

use super::taker::{Taker, folder_of, is_kustomization};
use crate::{files::cleaned, yaml::Node};

/// A base in a repository, as an item of a kustomization names it. (kustomize documentation, Remote targets; kustomize,
/// `api/internal/git/repospec.go`)
pub(super) struct Remote {
    /// The address of the repository.
    pub(super) url: String,
    /// The folder in it, or the file, from its top.
    pub(super) path: String,
    /// The branch, the tag or the commit; nothing for the branch that counts without a name.
    pub(super) revision: Option<String>,
}

/// The host that has single files of the repositories of GitHub.
const RAW: &str = "https://raw.githubusercontent.com/";

impl Remote {
    /// Nothing where a text names no folder of a repository.
    pub(super) fn of(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix(RAW) {
            let mut parts = rest.splitn(4, '/');
            let (owner, name, revision, path) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
            let url = format!("https://github.com/{owner}/{name}");
            return Some(Self { url, path: cleaned(path), revision: Some(revision.to_owned()) });
        }
        let text = text.strip_prefix("git::").unwrap_or(text);
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let host = address.find("://").map_or(0, |at| at + "://".len());
        let is_address = host > 0 || ["git@", "github.com/", "github.com:"].iter().any(|it| address.starts_with(it));
        if !is_address {
            return None;
        }
        let (url, path) = match (address[host..].find("//"), address.find(".git/")) {
            (Some(at), _) => (&address[..host + at], &address[host + at + "//".len()..]),
            (None, Some(at)) => address.split_at(at + ".git".len()),
            (None, None) => of_github(address, host),
        };
        let mut settings = query.split('&').filter_map(|setting| setting.split_once('='));
        let revision = settings.find(|(key, _)| ["ref", "version"].contains(key)).map(|(_, value)| value.to_owned());
        Some(Self { url: url.to_owned(), path: cleaned(path.trim_start_matches('/')), revision })
    }

    /// Whether a file, by its path from the top of its repository, is what it names.
    fn is(&self, path: &str) -> bool {
        self.path == path || is_kustomization(path) && self.path == folder_of(path)
    }
}

/// An address of GitHub, where a folder may stand behind the two names of a repository.
fn of_github(address: &str, host: usize) -> (&str, &str) {
    if !address[host..].starts_with("github.com") && !address.starts_with("git@github.com") {
        return (address, "");
    }
    let mut signs = address.match_indices(['/', ':']).map(|(at, _)| at).filter(|at| *at >= host);
    signs.nth(2).map_or((address, ""), |end| address.split_at(end))
}

impl Taker<'_> {
    /// The bases of a kustomization that are fetched from repositories.
    pub(super) fn remotes(self) -> impl Iterator<Item = Remote> {
        let lists = ["resources", "bases", "components"].into_iter().filter(move |_| !self.is_outer());
        let items = lists.filter_map(move |list| self.root.get(list)).flat_map(Node::items);
        items.filter_map(Node::str).filter(|text| text.contains('/')).filter_map(Remote::of)
    }

    /// The one of them that the file of a path would be.
    pub(super) fn remote_of(self, path: &str) -> Option<Remote> {
        self.remotes().find(|remote| remote.is(path))
    }
}

#[cfg(test)]
mod tests {
    use super::Remote;

    #[test]
    fn a_base_names_a_repository_in_several_ways() {
        #[track_caller]
        fn check(text: &str, url: &str, path: &str, revision: Option<&str>) {
            let remote = Remote::of(text).unwrap();
            assert_eq!(
                (&remote.url[..], &remote.path[..], remote.revision.as_deref()),
                (url, path, revision),
                "{text}"
            );
        }
        check("github.com/acme/fleet//base?ref=main", "github.com/acme/fleet", "base", Some("main"));
        check("https://github.com/acme/fleet/base/a?ref=v1", "https://github.com/acme/fleet", "base/a", Some("v1"));
        check(
            "https://git.example.com/acme/fleet.git/base?timeout=9s",
            "https://git.example.com/acme/fleet.git",
            "base",
            None,
        );
        check("git@github.com:acme/fleet.git//base", "git@github.com:acme/fleet.git", "base", None);
        check("git::ssh://git@h/acme/fleet//a/b?x=1&ref=c", "ssh://git@h/acme/fleet", "a/b", Some("c"));
        check("https://github.com/acme/fleet", "https://github.com/acme/fleet", "", None);
        check(
            "https://raw.githubusercontent.com/acme/fleet/main/a/b.yaml",
            "https://github.com/acme/fleet",
            "a/b.yaml",
            Some("main"),
        );
        for local in ["../base", "base", "a.yaml", "charts/git"] {
            assert!(Remote::of(local).is_none(), "{local}");
        }
    }
}
