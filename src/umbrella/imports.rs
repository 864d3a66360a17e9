//! `import-values`: what a chart takes from its dependencies into its own values, above what it says by itself.

use super::{VALUES, Walk, Way, listed::Listed};
use crate::files::Folder;
use crate::{
    chart::MODE_KEY,
    finding::{Doubt, Finding, Severity},
    rule::Rule,
    yaml::{Node, keys},
};

/// One entry, with its dependency: the keys below which that says something, and those that it is taken to.
pub(super) struct Import<'l, 's> {
    listed: &'l Listed<'s>,
    item: Node<'s>,
    child: Vec<String>,
    parent: Vec<String>,
}

impl<'l, 's> Import<'l, 's> {
    /// All of them in a chart.
    pub(super) fn all(all: &'l [Listed<'s>]) -> Vec<Self> {
        let items = |listed: &Listed<'s>| listed.item.get("import-values").into_iter().flat_map(Node::items);
        all.iter().flat_map(|listed| items(listed).filter_map(|item| Self::of(listed, item))).collect()
    }

    /// A name alone means what is below `exports` there, and goes to the root. (Helm documentation, Charts, Importing
    /// Child Values via dependencies)
    fn of(listed: &'l Listed<'s>, item: Node<'s>) -> Option<Self> {
        let (child, parent) = match item.str() {
            Some(name) => (keys(&format!("exports.{name}")), Vec::new()),
            None => (keys(item.str_at("child")?), keys(item.str_at("parent")?)),
        };
        Some(Self { listed, item, child, parent })
    }
}

impl<'s> Walk<'_, 's> {
    /// That a mode may come from what a chart imports, on the last part of a way. Only what was read is known to say
    /// none.
    pub(super) fn imported(&mut self, folder: &Folder, imports: &[Import<'_, 's>], way: &mut Way<'s>) {
        let Some(key) = way.keys.last().cloned() else { return };
        let wanted = [key, MODE_KEY.to_owned()];
        let own = self.root(folder, VALUES);
        for import in imports {
            let Import { listed, item, .. } = import;
            let Some(rest) = wanted.strip_prefix(import.parent.as_slice()) else { continue };
            let inner = self.inner(folder, listed);
            let is_read = self.root(&inner, VALUES);
            let from_inner = is_read.and_then(|root| root.follow(&import.child));
            let from_own = own.and_then(|root| root.get(listed.key)?.follow(&import.child));
            let says = |table: Node<'s>| rest.is_empty() || table.follow(rest).is_some();
            let is_said = from_inner.into_iter().chain(from_own).any(says);
            // a whole root is hardly imported for one value of another chart
            let is_unknown = is_read.is_none() && !import.parent.is_empty() && !listed.is_ours();
            if is_said || is_unknown {
                let message = format!("`import-values` copies values of `{}` to the place of the mode", listed.key);
                let finding = Finding::new(Rule::ModeElsewhere, message)
                    .help("write the mode into a values file that you pass to Helm; it overrides imported values")
                    .weighing(Severity::Error)
                    .doubting(Doubt::Elsewhere);
                way.imported.push(finding.at(item.span()).in_file(self.files.name(item.text.file)));
            }
        }
    }
}
