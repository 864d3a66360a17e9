//! Lists in a YAML file: those that are the words of a command, and those of names that belong together.

use std::ops::Range;

use super::{
    document::Document,
    jobs::SETTINGS,
    spelled::Spelled,
    tree::{Kind, NodeId},
};

/// The texts that some keys of one mapping hold, each with its bytes in the file.
pub(crate) type Held = Vec<(String, Range<usize>)>;

impl Document<'_> {
    /// The lists of words whose mapping has a word in one of its texts, as one text each, in a file in which the document
    /// begins at a byte: `args: [upgrade, -f, a.yaml]` beside `image: alpine/helm`.
    pub(crate) fn lists_beside(&self, has: &dyn Fn(&str) -> bool, start: usize) -> Vec<Spelled> {
        let tree = &self.tree;
        let mut found = Vec::new();
        for mapping in (0..tree.nodes.len()).filter(|id| tree.node(*id).kind.is_mapping()) {
            let entries: Vec<NodeId> = tree.entries(mapping).map(|(_, value)| tree.resolved(value)).collect();
            let of_lists = entries.iter().flat_map(|id| tree.children(*id)).filter(|id| self.is_text(*id));
            if entries.iter().copied().chain(of_lists).any(|id| self.is_text(id) && has(tree.text(id))) {
                let lists = entries.iter().filter(|id| tree.node(**id).kind.is_sequence());
                found.extend(lists.filter_map(|list| self.as_line(*list, start)));
            }
        }
        found
    }

    /// A list of texts as one line; nothing where an item is not a text.
    fn as_line(&self, list: NodeId, start: usize) -> Option<Spelled> {
        let (tree, span) = (&self.tree, self.tree.span(list));
        let mut line = Spelled { text: String::new(), lines: Vec::new(), span: span.start + start..span.end + start };
        for item in tree.children(list).map(|item| tree.resolved(item)) {
            let text = Some(tree.text(item)).filter(|_| self.is_text(item))?;
            let at = tree.span(item);
            let quoted = at.end.saturating_sub(at.start).saturating_sub(text.len()) / 2;
            line.lines.push((line.text.len(), at.start + quoted + start..at.end + start));
            let quote = if text.contains('\'') { "\"" } else { "'" };
            let quote = if text.contains([' ', '\n', ';', '&', '|', '<', '>', '#', '`']) { quote } else { "" };
            line.text += &[quote, text, quote, " "].concat();
        }
        Some(line)
    }

    /// What the keys of a name hold in each mapping: a text, or a list of texts and of mappings. What is below keys that
    /// `is_passed` names does not count. Variables are each for itself, but those of Helm.
    pub(crate) fn held_by(
        &self,
        is_key: &dyn Fn(&str) -> bool,
        is_passed: &dyn Fn(&str) -> bool,
        start: usize,
    ) -> Vec<Held> {
        let tree = &self.tree;
        let (mut found, mut open) = (Vec::new(), vec![(0, false)]);
        while let Some((id, is_of_variables)) = open.pop().filter(|_| !tree.nodes.is_empty()) {
            if tree.node(id).kind.is_sequence() {
                open.extend(tree.children(id).map(|item| (item, is_of_variables)));
            }
            if !tree.node(id).kind.is_mapping() {
                continue;
            }
            let mut held = Held::new();
            for (key, value) in tree.entries(id).filter(|(key, _)| !is_passed(tree.text(*key))) {
                let name = tree.text(key);
                open.push((value, SETTINGS.contains(&name)));
                if is_key(name) && is_of_variables && !name.to_ascii_lowercase().contains("helm") {
                    let mut alone = Held::new();
                    self.add_held(tree.resolved(value), start, &mut alone);
                    found.push(alone);
                } else if is_key(name) {
                    self.add_held(tree.resolved(value), start, &mut held);
                }
            }
            found.push(held);
        }
        found
    }

    fn add_held(&self, value: NodeId, start: usize, held: &mut Held) {
        let tree = &self.tree;
        let mut add = |id: NodeId| {
            let (text, span) = (tree.text(id), tree.span(id));
            held.extend(self.is_text(id).then(|| (text.to_owned(), span.start + start..span.end + start)));
        };
        add(value);
        let items = Some(value).filter(|id| tree.node(*id).kind.is_sequence());
        for item in items.into_iter().flat_map(|list| tree.children(list)).map(|item| tree.resolved(item)) {
            add(item);
            let entries = Some(item).filter(|id| tree.node(*id).kind.is_mapping());
            let entries = entries.into_iter().flat_map(|mapping| tree.entries(mapping));
            entries.for_each(|(_, value)| add(tree.resolved(value)));
        }
    }

    fn is_text(&self, id: NodeId) -> bool {
        let kind = self.tree.node(id).kind;
        !kind.is_mapping() && !kind.is_sequence() && kind != Kind::Alias
    }
}
