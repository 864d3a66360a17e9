//! Where things stand in a [`Document`]: by path, by name, and what is given twice.

use std::{collections::HashMap, ops::Range};

use serde_json::{Map, Value};

use super::{
    document::Document,
    scalar::Scalar,
    tree::{NodeId, is_merge_key},
};
use crate::{
    finding::{Finding, Lines, Severity},
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
    /// Where the value stands that Helm reads at a path: names of mappings, numbers of list items. Of equal keys that
    /// is the last; below an alias or a merge key, the place where the value is written.
    #[must_use]
    pub(crate) fn locate<'p>(&self, path: impl IntoIterator<Item = &'p str>) -> Option<Located> {
        let (key, node) = self.node_at(path)?;
        let key = key.map(|key| self.tree.span(key));
        let value = Some(self.tree.span(node)).filter(|span| !span.is_empty()).or_else(|| key.clone());
        Some(Located { value: value?, key })
    }

    /// The places of the keys of a mapping that Helm reads as something other than text: numbers, `yes`.
    #[must_use]
    pub(crate) fn keys_beside_text<'p>(&self, path: impl IntoIterator<Item = &'p str>) -> Vec<Range<usize>> {
        let mapping = self.node_at(path).map(|(_, node)| self.tree.resolved(node));
        let mapping = mapping.filter(|mapping| self.tree.node(*mapping).kind.is_mapping());
        let keys = mapping.into_iter().flat_map(|mapping| self.tree.entries(mapping)).map(|(key, _)| key);
        let is_other = |key: &NodeId| {
            let scalar = self.tree.scalar(*key);
            matches!(scalar, Some(Scalar::Bool(_) | Scalar::Integer(_) | Scalar::Float(_)))
        };
        keys.filter(is_other).map(|key| self.tree.span(key)).collect()
    }

    /// The node that Helm reads at a path, with its key.
    fn node_at<'p>(&self, path: impl IntoIterator<Item = &'p str>) -> Option<(Option<NodeId>, NodeId)> {
        let mut node = self.tree.nodes.first().map(|_| 0)?;
        let mut key = None;
        for name in path {
            let parent = self.tree.resolved(node);
            if self.tree.node(parent).kind.is_sequence() {
                (key, node) = (None, self.tree.item(parent, name.parse().ok()?)?);
            } else {
                let (found, value) = self.effective_entry(parent, name)?;
                (key, node) = (Some(found), value);
            }
        }
        Some((key, node))
    }

    /// What Helm takes the value at a path for; nothing where it is absent, or a mapping or a list.
    #[must_use]
    pub fn scalar_at<'p>(&self, path: impl IntoIterator<Item = &'p str>) -> Option<Scalar<'_>> {
        self.tree.scalar(self.node_at(path)?.1)
    }

    /// The text at a path; nothing where there is something else.
    #[must_use]
    pub fn text_at<'p>(&self, path: impl IntoIterator<Item = &'p str>) -> Option<&str> {
        match self.scalar_at(path)? {
            Scalar::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Those of the mapping at a path; of names that are not wanted the name alone, with null for its value. Nothing
    /// where there is no mapping.
    pub(crate) fn wanted_at<'p>(
        &self,
        path: impl IntoIterator<Item = &'p str>,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Option<Value> {
        let mapping = self.node_at(path).map(|(_, node)| self.tree.resolved(node));
        let mapping = mapping.filter(|mapping| self.tree.node(*mapping).kind.is_mapping())?;
        let mut map = Map::new();
        let taken = |name: &str, value| Some(if is_wanted(name) { self.value(value) } else { Value::Null });
        self.fill(mapping, &mut map, &taken);
        Some(Value::Object(map))
    }

    /// The entries of the mapping at a path whose names are text, in order, each with the bytes of its name and what
    /// Helm takes its value for; none where there is no mapping.
    pub(crate) fn entries_at<'p>(
        &self,
        path: impl IntoIterator<Item = &'p str>,
    ) -> impl Iterator<Item = (&str, Range<usize>, Option<Scalar<'_>>)> {
        let mapping = self.node_at(path).map(|(_, node)| self.tree.resolved(node));
        let mapping = mapping.filter(|mapping| self.tree.node(*mapping).kind.is_mapping());
        let entries = mapping.into_iter().flat_map(|mapping| self.tree.entries(mapping));
        entries.filter_map(|(key, value)| match self.tree.scalar(key) {
            Some(Scalar::Text(name)) => Some((name, self.tree.span(key), self.tree.scalar(value))),
            _ => None,
        })
    }

    /// The entries of a name below the root and below some keys, with the names that lead to them, in order. Items of
    /// lists are skipped.
    #[must_use]
    pub fn nested(&self, below: &[&str], name: &str) -> Vec<(Vec<&str>, Range<usize>)> {
        let mut found = Vec::new();
        let mut mappings: Vec<(NodeId, Vec<&str>)> = vec![(0, Vec::new())];
        if self.is_empty() {
            return found;
        }
        while let Some((mapping, path)) = mappings.pop() {
            for (key, value) in self.tree.entries(mapping) {
                let Some(Scalar::Text(text)) = self.tree.scalar(key) else { continue };
                if text == name && !path.is_empty() && path.len() >= below.len() {
                    found.push((path.clone(), self.tree.span(key)));
                }
                let leads_there = below.get(path.len()).is_none_or(|key| *key == text);
                if leads_there && self.tree.node(value).kind.is_mapping() {
                    let mut below = path.clone();
                    below.push(text);
                    mappings.push((value, below));
                }
            }
        }
        found.sort_by_key(|(_, span)| span.start);
        found
    }

    /// A warning for every key that is given twice in its mapping; of one that is given more than a hundred times the
    /// first ones, and the last.
    #[must_use]
    pub fn duplicates(&self) -> Vec<Finding> {
        const MOST: usize = 100;
        let mut findings = Vec::new();
        let mut lines: Option<Lines<'_>> = None;
        for mapping in (0..self.tree.nodes.len()).filter(|id| self.tree.node(*id).kind.is_mapping()) {
            // where each name was given last, and how often
            let mut given: HashMap<&str, (NodeId, usize)> = HashMap::new();
            let mut again = |key: NodeId, times: &str, help: String, name: &str| {
                let message = format!("`{}` occurs {times}, and Helm silently reads the last", name.escape_debug());
                let finding = Finding::new(Rule::DuplicateKey, message).help(help).weighing(Severity::Warning);
                findings.push(finding.at(self.tree.span(key)));
            };
            for (key, _) in self.tree.entries(mapping).filter(|(key, _)| !is_merge_key(&self.tree, *key)) {
                let Some(Scalar::Text(name)) = self.tree.scalar(key) else { continue };
                let Some((earlier, times)) = given.get_mut(name) else {
                    given.insert(name, (key, 1));
                    continue;
                };
                if *times < MOST {
                    let lines = lines.get_or_insert_with(|| Lines::of(self.text()));
                    let line = lines.position(self.tree.span(*earlier).start).line;
                    again(key, "twice", format!("keep one: remove this line or line {line}"), name);
                }
                (*earlier, *times) = (key, *times + 1);
            }
            let mut often: Vec<(&str, (NodeId, usize))> =
                given.into_iter().filter(|(_, (_, times))| *times > MOST).collect();
            often.sort_by_key(|(_, (last, _))| *last);
            for (name, (last, times)) in often {
                again(last, &format!("{times} times"), "keep one, and remove the others".to_owned(), name);
            }
        }
        findings
    }
}
