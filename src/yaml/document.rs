//! [`Document`]: a values file read as Helm reads it.

use std::ops::Range;

use serde_json::{Map, Number, Value};

use super::{
    builder, dialect, libyaml,
    limits::MAX_BYTES,
    scalar::Scalar,
    tree::{Kind, NodeId, Tree, is_merge_key},
};
use crate::{
    finding::{Finding, Position},
    rule::Rule,
};

/// One YAML document with the places of everything in it.
#[derive(Debug)]
pub struct Document<'t> {
    pub(super) tree: Tree<'t>,
}

/// A key and its value in a [`Document`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    pub(super) key: NodeId,
    pub(super) value: NodeId,
}

impl<'t> Document<'t> {
    /// Reads a text.
    ///
    /// An empty text, one of comments only and a `null` are documents without values, as for Helm.
    ///
    /// # Errors
    ///
    /// One finding with its place where the text is not YAML that Helm reads (`invalid-yaml`, `template-in-values`),
    /// where its root is not a mapping (`not-a-mapping`), where it is more than one document (`several-documents`,
    /// `text-after-end`), and where Helm 3 and Helm 4 read it differently or it is not known that they read it alike
    /// (`outside-dialect`). Whatever is read here, every Helm reads alike, up to the line break that Helm 4 adds to a
    /// block scalar at the very end of a file.
    ///
    /// ```
    /// use helm_clas::yaml::Document;
    ///
    /// let document = Document::read("clusterMode: legacy # for now\n")?;
    /// assert_eq!(document.values()["clusterMode"], "legacy");
    /// assert_eq!(Document::read("a: 1\n---\nb: 2\n").unwrap_err().rule.name(), "several-documents");
    /// # Ok::<(), helm_clas::Finding>(())
    /// ```
    pub fn read(text: &'t str) -> Result<Self, Finding> {
        let document = Self::read_any(text)?;
        let is_null = || document.tree.scalar(0) == Some(Scalar::Null);
        match document.tree.nodes.first() {
            Some(root) if !root.kind.is_mapping() && !is_null() => {
                Err(Finding::new(Rule::NotAMapping, "Helm expects a mapping of keys to values here")
                    .help("a values file has lines such as `name: value`, with a space after the colon")
                    .at(document.tree.span(0)))
            }
            _ => Ok(document),
        }
    }

    /// Whether its root is a list, which no values are.
    pub(crate) fn root_is_list(&self) -> bool {
        self.tree.nodes.first().is_some_and(|root| root.kind.is_sequence())
    }

    /// Reads a text whose root may be a list as well.
    pub(crate) fn read_any(text: &'t str) -> Result<Self, Finding> {
        if text.len() > MAX_BYTES {
            return Err(Finding::new(Rule::OutsideDialect, format!("longer than {} MiB", MAX_BYTES >> 20))
                .help("values files of the chart have a few KiB: is this the right file?"));
        }
        dialect::refuse(text)?;
        let document = Self { tree: builder::read(text)? };
        libyaml::refuse(&document.tree)?;
        Ok(document)
    }

    /// A text after an edit of this one, whose root is of the same kind.
    pub(super) fn read_again<'n>(&self, text: &'n str) -> Result<Document<'n>, Finding> {
        if self.root_is_list() { Document::read_any(text) } else { Document::read(text) }
    }

    /// The text it was read from.
    #[must_use]
    pub fn text(&self) -> &'t str {
        self.tree.source
    }

    /// Whether Helm finds no value in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tree.nodes.first().is_none_or(|root| !root.kind.is_mapping() || root.next == 1)
    }

    /// The entry at a path: names of mappings, numbers of list items. Nothing where one on the way is absent.
    ///
    /// # Errors
    ///
    /// A finding where what is there cannot be known or changed in one place: a key given twice
    /// (`duplicate-key`), a key, a value or a collection on the way that has an anchor, an alias or a tag, or that a
    /// merge key brings (`outside-dialect`).
    pub fn find(&self, path: &[&str]) -> Result<Option<Entry>, Finding> {
        Ok(self.walk(path)?.and_then(|(key, value)| Some(Entry { key: key?, value })))
    }

    /// The node at a path, with its key unless it is an item of a list or the root.
    pub(super) fn walk(&self, path: &[&str]) -> Result<Option<(Option<NodeId>, NodeId)>, Finding> {
        let Some(mut node) = self.tree.nodes.first().map(|_| 0) else { return Ok(None) };
        let mut key = None;
        for (depth, name) in path.iter().enumerate() {
            let kind = self.tree.node(node).kind;
            let what = if depth + 1 == path.len() { "value" } else { "mapping" };
            if kind.is_sequence() {
                let item = name.parse().ok().and_then(|number| self.tree.item(node, number));
                let Some(item) = item else { return Ok(None) };
                self.refuse_properties(item, name, "item")?;
                (key, node) = (None, item);
            } else if kind.is_mapping() {
                let Some(entry) = self.entry(node, name)? else { return Ok(None) };
                self.refuse_properties(entry.key, name, "key")?;
                self.refuse_properties(entry.value, name, what)?;
                (key, node) = (Some(entry.key), entry.value);
            } else {
                return Ok(None);
            }
        }
        Ok(Some((key, node)))
    }

    /// The entry at a path where aliases lead there, or one merge key alone does: where it is written. Nothing where parsers
    /// may differ on it: two keys set it, or a tag is on the way.
    pub(crate) fn find_shared(&self, path: &[&str]) -> Option<Entry> {
        let mut node = self.tree.nodes.first().map(|_| 0)?;
        let mut key = None;
        for name in path {
            (key, node) = if self.tree.node(node).kind.is_sequence() {
                (None, self.tree.item(node, name.parse().ok()?)?)
            } else {
                self.only_entry(node, name).map(|(key, value)| (Some(key), value))?
            };
            if self.tree.node(node).tagged {
                return None;
            }
            node = self.tree.resolved(node);
        }
        Some(Entry { key: key?, value: node }).filter(|entry| !self.tree.node(entry.value).tagged)
    }

    /// The only entry that a mapping, or a mapping that is merged into it, has of a name.
    fn only_entry(&self, mapping: NodeId, name: &str) -> Option<(NodeId, NodeId)> {
        const DEEPEST: usize = 16;
        let mut mapping = mapping;
        for _ in 0..DEEPEST {
            let mut entries =
                self.tree.entries_about(mapping, name).filter(|_| self.tree.node(mapping).kind.is_mapping());
            let (key, value) = entries.next().filter(|_| entries.next().is_none())?;
            if !is_merge_key(&self.tree, key) {
                return Some((key, value)).filter(|_| !self.tree.node(key).kind.is_block_scalar());
            }
            mapping = self.tree.resolved(value);
        }
        None
    }

    /// The names at the root that are text, with their places, in order.
    pub fn names(&self) -> impl Iterator<Item = (&str, Range<usize>)> {
        let root = self.tree.nodes.first().filter(|root| root.kind.is_mapping()).map(|_| 0);
        root.into_iter().flat_map(|root| self.tree.entries(root)).filter_map(|(key, _)| match self.tree.scalar(key) {
            Some(Scalar::Text(name)) => Some((name, self.tree.span(key))),
            _ => None,
        })
    }

    /// What Helm takes the value of a name at the root for: of equal keys the last counts, and a merge key overrides
    /// what comes before it. Nothing where the name is absent, or its value is a mapping or a list.
    #[must_use]
    pub fn effective(&self, name: &str) -> Option<Scalar<'_>> {
        if self.is_empty() { None } else { self.tree.scalar(self.effective_entry(0, name)?.1) }
    }

    /// The entry of a name that Helm reads in a mapping.
    pub(super) fn effective_entry(&self, mapping: NodeId, name: &str) -> Option<(NodeId, NodeId)> {
        let mut found = None;
        if !self.tree.node(mapping).kind.is_mapping() {
            return None;
        }
        for (key, value) in self.tree.entries_about(mapping, name) {
            if is_merge_key(&self.tree, key) {
                let merged = self.tree.resolved(value);
                let brought = if self.tree.node(merged).kind.is_mapping() {
                    self.effective_entry(merged, name)
                } else {
                    let mut members = self.tree.children(merged);
                    members.find_map(|member| self.effective_entry(self.tree.resolved(member), name))
                };
                found = brought.or(found);
            } else {
                found = Some((key, value));
            }
        }
        found
    }

    /// What Helm takes the value of an entry for; nothing where it is a mapping or a list.
    #[must_use]
    pub fn scalar(&self, entry: Entry) -> Option<Scalar<'_>> {
        self.tree.scalar(entry.value)
    }

    /// Whether an entry's value is a block that the text ends in without a line break: Helm 4 adds one to what it says.
    #[must_use]
    pub(crate) fn gets_line_break(&self, entry: Entry) -> bool {
        let (key, value) = (self.key_span(entry), self.value_span(entry));
        let header = self.text().get(key.end..value.start).and_then(|header| header.lines().next()).unwrap_or_default();
        let is_stripped = header.split('#').next().is_some_and(|header| header.contains('-'));
        let is_block = matches!(self.tree.node(entry.value).kind, Kind::Literal | Kind::Folded);
        is_block && !is_stripped && value.end == self.text().len() && !self.text().ends_with('\n')
    }

    /// The bytes of an entry's key.
    #[must_use]
    pub(crate) fn key_span(&self, entry: Entry) -> Range<usize> {
        self.tree.span(entry.key)
    }

    /// The bytes of an entry's value; those of its key where it has none.
    #[must_use]
    pub fn value_span(&self, entry: Entry) -> Range<usize> {
        Some(self.tree.span(entry.value)).filter(|span| !span.is_empty()).unwrap_or_else(|| self.key_span(entry))
    }

    /// All values, as Helm passes them to the chart: the last of equal keys counts, merge keys are merged in their
    /// place (they override what comes before them), every number is a floating-point number, names are text.
    #[must_use]
    pub fn values(&self) -> Value {
        if self.is_empty() { Value::Object(Map::new()) } else { self.value(0) }
    }

    pub(super) fn value(&self, id: NodeId) -> Value {
        let id = self.tree.resolved(id);
        let kind = self.tree.node(id).kind;
        if kind.is_mapping() {
            let mut map = Map::new();
            self.fill(id, &mut map, &|_, value| Some(self.value(value)));
            return Value::Object(map);
        }
        if kind.is_sequence() {
            // counted first: a list that grows has room for four
            let mut items = Vec::with_capacity(self.tree.children(id).count());
            items.extend(self.tree.children(id).map(|child| self.value(child)));
            return Value::Array(items);
        }
        match self.tree.scalar(id) {
            None | Some(Scalar::Null) => Value::Null,
            Some(Scalar::Bool(value)) => Value::Bool(value),
            #[allow(clippy::cast_precision_loss)] // Helm loses the same digits
            Some(Scalar::Integer(value)) => Number::from_f64(value as f64).map_or(Value::Null, Value::Number),
            Some(Scalar::Float(value)) => Number::from_f64(value).map_or(Value::Null, Value::Number),
            Some(Scalar::Text(text)) => Value::String(text.to_owned()),
        }
    }

    /// Fills in what is `taken` of each entry of a mapping, if anything.
    pub(super) fn fill(
        &self,
        mapping: NodeId,
        map: &mut Map<String, Value>,
        taken: &dyn Fn(&str, NodeId) -> Option<Value>,
    ) {
        for (key, value) in self.tree.entries(mapping) {
            if !is_merge_key(&self.tree, key) {
                let name = self.tree.scalar(key).and_then(Scalar::name).unwrap_or_default();
                if let Some(value) = taken(&name, value) {
                    map.insert(name, value);
                }
                continue;
            }
            let merged = self.tree.resolved(value);
            if self.tree.node(merged).kind.is_mapping() {
                self.fill(merged, map, taken);
            } else {
                // the first of a list counts most, so it is merged last
                let members: Vec<NodeId> = self.tree.children(merged).collect();
                members.into_iter().rev().for_each(|member| self.fill(self.tree.resolved(member), map, taken));
            }
        }
    }

    /// The entry of a name in a mapping. One of its own overrides what a merge key brings above it; what one brings below
    /// it overrides it for Helm, and for other parsers does not. (YAML, Merge Key Language-Independent Type; go-yaml 2,
    /// `decode.go`, which merges in place)
    fn entry(&self, mapping: NodeId, name: &str) -> Result<Option<Entry>, Finding> {
        let mut found: Option<Entry> = None;
        let mut merged = Ok(());
        for (key, value) in self.tree.entries_about(mapping, name) {
            if is_merge_key(&self.tree, key) {
                merged = merged.and_then(|()| self.refuse_merged(value, name));
                continue;
            }
            if let Some(first) = found {
                return Err(self.given_twice(name, first.key, key));
            }
            (found, merged) = (Some(Entry { key, value }), Ok(()));
        }
        merged.map(|()| found)
    }

    fn given_twice(&self, name: &str, first: NodeId, second: NodeId) -> Finding {
        let line = Position::of(self.text(), self.tree.span(first).start).line;
        Finding::new(Rule::DuplicateKey, format!("`{name}` occurs twice, and Helm silently reads the last"))
            .help(format!("keep one: remove this line or line {line}"))
            .at(self.tree.span(second))
    }

    fn refuse_merged(&self, value: NodeId, name: &str) -> Result<(), Finding> {
        let mut to_visit = vec![self.tree.resolved(value)];
        let mut visited = std::collections::HashSet::new();
        while let Some(node) = to_visit.pop() {
            if !visited.insert(node) {
                continue;
            }
            if self.tree.node(node).kind.is_sequence() {
                to_visit.extend(self.tree.children(node).map(|member| self.tree.resolved(member)));
                continue;
            }
            for (key, value) in self.tree.entries_about(node, name) {
                if is_merge_key(&self.tree, key) {
                    to_visit.push(self.tree.resolved(value));
                } else {
                    return Err(Finding::new(Rule::OutsideDialect, format!("a merge key (`<<`) sets `{name}` here"))
                        .help(format!("write `{name}` here, and remove it from what is merged"))
                        .at(self.tree.span(key)));
                }
            }
        }
        Ok(())
    }

    /// An anchor would carry an edit to other places, an alias has its value elsewhere, a tag may change the value.
    fn refuse_properties(&self, id: NodeId, name: &str, what: &str) -> Result<(), Finding> {
        let node = self.tree.node(id);
        let property = if node.kind == Kind::Alias {
            "an alias"
        } else if node.anchored {
            "an anchor"
        } else if node.tagged {
            "a tag"
        } else if what == "key" && node.kind.is_block_scalar() {
            return Err(Finding::new(Rule::OutsideDialect, format!("the key `{name}` is written as a block"))
                .help(format!("write `{name}:` on one line"))
                .at(self.tree.span(id)));
        } else {
            return Ok(());
        };
        Err(Finding::new(Rule::OutsideDialect, format!("the {what} of `{name}` has {property}"))
            .help(format!("write `{name}` without {property}"))
            .at(self.tree.span(id)))
    }
}
