//! Where things stand in a [`Document`]: by path, by name, and what is given twice.

use std::{collections::HashMap, ops::Range};

use super::{document::Document, events::is_merge_key, scalar::Scalar, tree::NodeId};
use crate::{
    finding::{Finding, Position, Severity},
    rule::Rule,
};

/// The bytes of a value and of the key it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The key; nothing for the items of lists.
    pub key: Option<Range<usize>>,
    /// The value; those of the key where the value is blank.
    pub value: Range<usize>,
}

impl Document<'_> {
    /// Where the value stands that Helm reads at a path: names of mappings, numbers of list items. Of equal keys that is
    /// the last; below an alias or a merge key, the place where the value is written.
    #[must_use]
    pub fn locate<'p>(&self, path: impl IntoIterator<Item = &'p str>) -> Option<Located> {
        let mut node = 0;
        let mut key = None;
        self.tree.nodes.first()?;
        for name in path {
            let parent = self.tree.resolved(node);
            if self.tree.node(parent).kind.is_sequence() {
                (key, node) = (None, self.tree.children(parent).nth(name.parse().ok()?)?);
            } else {
                let (found, value) = self.effective_entry(parent, name)?;
                (key, node) = (Some(self.tree.span(found)), value);
            }
        }
        let value = Some(self.tree.span(node)).filter(|span| !span.is_empty()).or_else(|| key.clone());
        Some(Located { value: value?, key })
    }

    /// The entries of a name below the root, with the names that lead to them, in order. Items of lists are passed over.
    #[must_use]
    pub fn nested(&self, name: &str) -> Vec<(Vec<&str>, Range<usize>)> {
        let mut found = Vec::new();
        let mut mappings: Vec<(NodeId, Vec<&str>)> = vec![(0, Vec::new())];
        if self.is_empty() {
            return found;
        }
        while let Some((mapping, path)) = mappings.pop() {
            for (key, value) in self.tree.entries(mapping) {
                let Some(Scalar::Text(text)) = self.tree.scalar(key) else { continue };
                if text == name && !path.is_empty() {
                    found.push((path.clone(), self.tree.span(key)));
                }
                if self.tree.node(value).kind.is_mapping() {
                    let mut below = path.clone();
                    below.push(text);
                    mappings.push((value, below));
                }
            }
        }
        found.sort_by_key(|(_, span)| span.start);
        found
    }

    /// A warning for every key that is given twice in its mapping.
    #[must_use]
    pub fn duplicates(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for mapping in (0..self.tree.nodes.len()).filter(|id| self.tree.node(*id).kind.is_mapping()) {
            let mut first: HashMap<&str, NodeId> = HashMap::new();
            for (key, _) in self.tree.entries(mapping).filter(|(key, _)| !is_merge_key(&self.tree, *key)) {
                let Some(Scalar::Text(name)) = self.tree.scalar(key) else { continue };
                let Some(earlier) = first.insert(name, key) else { continue };
                let line = Position::of(self.text(), self.tree.span(earlier).start).line;
                let message = format!("`{}` is given twice, and Helm reads the last, silently", name.escape_debug());
                findings.push(
                    Finding::new(Rule::DuplicateKey, message)
                        .help(format!("keep one: remove this line or line {line}"))
                        .weighing(Severity::Warning)
                        .at(self.tree.span(key)),
                );
            }
        }
        findings
    }
}
