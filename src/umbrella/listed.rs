//! [`Listed`]: a dependency, as a chart lists it.

use crate::files::Folder;
use crate::{
    chart::is_named_so,
    release::{Pin, USUAL},
    yaml::Node,
};

/// A dependency, as a chart lists it.
pub(super) struct Listed<'s> {
    pub(super) item: Node<'s>,
    /// Its name.
    pub(super) name: &'s str,
    /// The key of its values: its alias, or its name.
    pub(super) key: &'s str,
}

impl<'s> Listed<'s> {
    /// Those of a chart. Helm takes the list of `requirements.yaml` where there is one, of whatever `apiVersion` the chart
    /// is. (Helm 3.17 to 4.3, `LoadFiles`)
    pub(super) fn all(chart: Node<'s>, requirements: Option<Node<'s>>) -> Vec<Self> {
        let list = |root: Node<'s>| root.get("dependencies").filter(|list| list.is_list());
        let list = requirements.and_then(list).or_else(|| list(chart));
        let listed = |item: Node<'s>| {
            let name = item.str_at("name").filter(|name| !name.is_empty())?;
            let alias = item.str_at("alias").filter(|alias| !alias.is_empty());
            Some(Self { item, name, key: alias.unwrap_or(name) })
        };
        list.into_iter().flat_map(Node::items).filter_map(listed).collect()
    }

    /// Whether it is Illumio's chart: by its name, or a name like it in a repository that says so.
    pub(super) fn is_ours(&self) -> bool {
        let repository = self.item.str_at("repository").unwrap_or_default().to_ascii_lowercase();
        let is_remote = !repository.starts_with("file:") && !repository.is_empty();
        self.name == USUAL || is_remote && repository.contains(USUAL) && is_named_so(self.name)
    }

    /// Whether the values say whether it is installed.
    pub(super) fn has_switch(&self) -> bool {
        self.item.get("condition").is_some() || self.item.get("tags").is_some()
    }

    /// The version that it names.
    pub(super) fn pin(&self) -> Option<Pin> {
        self.item.get("version").map(Pin::at)
    }

    /// Where it is named, if no version is and it is fetched from elsewhere.
    pub(super) fn unpinned(&self) -> Option<Pin> {
        let is_remote = self.item.str_at("repository").is_some_and(|it| !it.is_empty() && !it.starts_with("file:"));
        let name = self.item.get("name").filter(|_| is_remote && self.item.get("version").is_none());
        name.map(Pin::at)
    }

    /// Where its chart is, beside the chart that lists it: what Helm fetches it from.
    pub(super) fn beside(&self, of: &Folder) -> Option<Folder> {
        let path = self.item.str_at("repository")?.strip_prefix("file://")?;
        (!path.is_empty() && !path.starts_with('/')).then(|| of.to(path))
    }
}
