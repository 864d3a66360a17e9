//! From events to a [`Tree`].

use std::{ops::Range, sync::OnceLock};

use super::{
    ends::{line_end, without_next_indentation},
    events::{Event, Span, StructureStyle, as_helm_reads, kind_of},
    limits::{MAX_BYTES, MAX_DEPTH, MAX_ENTRIES, MAX_NODES},
    refused::{
        allowed_tag, anchor_name, is_excessive, key_that_helm_reads, mergeable, refusal_of, scalar_that_helm_reads,
        shown, too_many,
    },
    tree::{Kind, Node, NodeId, Tree, is_merge_key, spelled, to_u32},
};
use crate::{finding::Finding, rule::Rule};

/// The first document of a text as a tree; a finding where there is more than one, or where it is not one that every
/// Helm reads alike.
pub(super) fn read(source: &str) -> Result<Tree<'_>, Finding> {
    let mut builder = Builder::new(source);
    for event in as_helm_reads(source) {
        let (event, span) = event.map_err(|error| refusal_of(source, &error))?;
        builder.take(event, span)?;
    }
    Ok(builder.tree)
}

/// A collection that is still open.
struct Open {
    node: NodeId,
    /// In a mapping: whether the next child is a key.
    key_is_next: bool,
    /// In a mapping: whether the next child is the value of a merge key.
    merge_is_next: bool,
    /// In a sequence: whether it is the value of a merge key.
    is_merged: bool,
    anchor: usize,
    /// How many nodes had been seen before this one, aliases expanded; and how many bytes of text came out of aliases.
    seen_before: u64,
    grown_before: u64,
    /// How many levels there are below it so far, aliases expanded.
    height: usize,
    /// How many keys and values, or items, it has so far.
    children: usize,
}

/// What an anchor refers to: the node, how many nodes and bytes of text it grows to, how many levels it has.
#[derive(Clone, Copy)]
struct Anchored {
    node: NodeId,
    size: u64,
    length: u64,
    height: usize,
}

struct Builder<'t> {
    tree: Tree<'t>,
    open: Vec<Open>,
    /// By anchor number.
    anchors: Vec<Option<Anchored>>,
    /// Nodes seen, aliases expanded; and how many of these came out of aliases.
    seen: u64,
    seen_in_aliases: u64,
    /// Bytes of text that came out of aliases.
    grown: u64,
    documents: usize,
}

impl<'t> Builder<'t> {
    fn new(source: &'t str) -> Self {
        // a node every 20 bytes is what real values files have
        let nodes = Vec::with_capacity(source.len() / 20 + 8);
        let content = 0..source.len();
        let tree = Tree { source, nodes, cooked: Vec::new(), content, long: OnceLock::new(), keys: OnceLock::new() };
        Self { tree, open: Vec::new(), anchors: Vec::new(), seen: 0, seen_in_aliases: 0, grown: 0, documents: 0 }
    }

    fn take(&mut self, event: Event<'t>, span: Span) -> Result<(), Finding> {
        let range = span.byte_range().unwrap_or_default();
        match event {
            Event::DocumentStart(explicit, _) => self.document_starts(explicit, range),
            Event::DocumentEnd => {
                self.document_ends(range);
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                let kind = kind_of(style);
                let tagged = allowed_tag(tag.as_deref(), "str", &range)?;
                self.scalar(&text, kind, anchor, tagged, range)
            }
            Event::SequenceStart(style, anchor, tag) => {
                let kind = if style == StructureStyle::Flow { Kind::FlowSequence } else { Kind::BlockSequence };
                let tagged = allowed_tag(tag.as_deref(), "seq", &range)?;
                self.open(kind, anchor, tagged, range)
            }
            Event::MappingStart(style, anchor, tag) => {
                let kind = if style == StructureStyle::Flow { Kind::FlowMapping } else { Kind::BlockMapping };
                let tagged = allowed_tag(tag.as_deref(), "map", &range)?;
                self.open(kind, anchor, tagged, range)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(range.end),
            Event::Alias(anchor) => {
                anchor_name(self.tree.source, &range)?;
                self.alias(anchor, range)
            }
            Event::Anchor(..) => anchor_name(self.tree.source, &range),
            _ => Ok(()),
        }
    }

    fn document_starts(&mut self, explicit: bool, range: Range<usize>) -> Result<(), Finding> {
        self.documents += 1;
        if self.documents == 1 {
            if explicit {
                self.tree.content.start = line_end(self.tree.source, range.end);
            }
            return Ok(());
        }
        Err(if explicit {
            Finding::new(Rule::SeveralDocuments, "the file has more than one YAML document")
                .help("keep one document in the file: Helm 3 reads only the first, Helm 4 merges all")
        } else {
            Finding::new(Rule::TextAfterEnd, "Helm drops this text: the line `...` above it ends the document")
                .help("remove the line `...`, or the text after it")
        }
        .at(range))
    }

    fn document_ends(&mut self, range: Range<usize>) {
        if self.tree.source[range.clone()].starts_with("...") {
            self.tree.content.end = range.start;
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        kind: Kind,
        anchor: usize,
        tagged: bool,
        range: Range<usize>,
    ) -> Result<(), Finding> {
        let source = self.tree.source;
        let text = if range.is_empty() && kind == Kind::Plain { "" } else { text };
        let range = if kind.is_block_scalar() { without_next_indentation(source, range) } else { range };
        let is_key = self.open.last().is_some_and(|parent| parent.key_is_next);
        scalar_that_helm_reads(source, text, kind, (tagged, is_key), &range)?;
        let node = self.push(kind, tagged, anchor != 0, range.clone());
        if spelled(source, kind, range) != text {
            self.tree.cooked.push((to_u32(node), text.into()));
        }
        self.seen += 1;
        self.remember(anchor, Anchored { node, size: 1, length: text.len() as u64, height: 0 });
        self.child(node)
    }

    fn open(&mut self, kind: Kind, anchor: usize, tagged: bool, range: Range<usize>) -> Result<(), Finding> {
        let node = self.push(kind, tagged, anchor != 0, range);
        let is_merged = self.open.last().is_some_and(|parent| parent.merge_is_next);
        self.child(node)?;
        self.open.push(Open {
            node,
            key_is_next: kind.is_mapping(),
            merge_is_next: false,
            is_merged,
            anchor,
            seen_before: self.seen,
            grown_before: self.grown,
            height: 0,
            children: 0,
        });
        self.seen += 1;
        Ok(())
    }

    fn close(&mut self, end: usize) -> Result<(), Finding> {
        let Some(Open { node, is_merged, anchor, seen_before, grown_before, height, .. }) = self.open.pop() else {
            return Ok(());
        };
        let last = self.tree.nodes.len() - 1;
        let end = match self.tree.node(node).kind {
            Kind::FlowMapping | Kind::FlowSequence => end,
            // the parser ends a block collection where the next thing begins, behind spaces and comments
            _ if last > node => self.tree.nodes[last].end as usize,
            _ => self.tree.nodes[node].start as usize,
        };
        self.tree.nodes[node].end = to_u32(end);
        self.tree.nodes[node].next = to_u32(last + 1);
        let length = self.tree.span(node).len() as u64 + self.grown - grown_before;
        self.remember(anchor, Anchored { node, size: self.seen - seen_before, length, height: height + 1 });
        self.grow(height + 1);
        if is_merged && self.tree.node(node).kind.is_sequence() {
            return self.tree.children(node).try_for_each(|member| mergeable(&self.tree, member));
        }
        Ok(())
    }

    fn alias(&mut self, anchor: usize, range: Range<usize>) -> Result<(), Finding> {
        let Some(Anchored { node: target, size, length, height }) = self.anchors.get(anchor).copied().flatten() else {
            return Err(Finding::new(Rule::InvalidYaml, "this alias is inside what it refers to, so it never ends")
                .help("write the values out")
                .at(range));
        };
        let node = self.push(Kind::Alias, false, false, range.clone());
        self.tree.nodes[node].target = to_u32(target);
        self.seen = self.seen.saturating_add(size);
        self.seen_in_aliases = self.seen_in_aliases.saturating_add(size);
        self.grown = self.grown.saturating_add(length);
        self.grow(height);
        let is_long = self.grown > MAX_BYTES as u64;
        if is_long || is_excessive(self.seen, self.seen_in_aliases) || self.open.len() + height > MAX_DEPTH {
            return Err(Finding::new(Rule::OutsideDialect, "the aliases in this file expand to too many values")
                .help("write the values out")
                .at(range));
        }
        self.child(node)
    }

    fn push(&mut self, kind: Kind, tagged: bool, anchored: bool, range: Range<usize>) -> NodeId {
        let node = self.tree.nodes.len();
        let (start, end) = (to_u32(range.start), to_u32(range.end));
        self.tree.nodes.push(Node { start, end, next: to_u32(node + 1), target: 0, kind, anchored, tagged });
        node
    }

    fn remember(&mut self, anchor: usize, anchored: Anchored) {
        if anchor != 0 {
            if self.anchors.len() <= anchor {
                self.anchors.resize(anchor + 1, None);
            }
            self.anchors[anchor] = Some(anchored);
        }
    }

    /// Notes what is in the innermost open collection, and how many levels that has.
    fn grow(&mut self, levels: usize) {
        if let Some(parent) = self.open.last_mut() {
            parent.height = parent.height.max(levels);
        }
    }

    /// Takes note of a node as child of the innermost open collection, and refuses what Helm refuses there.
    fn child(&mut self, node: NodeId) -> Result<(), Finding> {
        if node >= MAX_NODES {
            return Err(too_many(format!("more than {} values", shown(MAX_NODES)), self.tree.span(node)));
        }
        let Some(parent) = self.open.last_mut() else { return Ok(()) };
        parent.children += 1;
        let is_mapping = self.tree.nodes[parent.node].kind.is_mapping();
        let (most, what) =
            if is_mapping { (2 * MAX_ENTRIES, "names in one mapping") } else { (MAX_ENTRIES, "items in one list") };
        if parent.children > most {
            return Err(too_many(format!("more than {} {what}", shown(MAX_ENTRIES)), self.tree.span(node)));
        }
        if !is_mapping {
            return Ok(());
        }
        let is_key = parent.key_is_next;
        parent.key_is_next = !is_key;
        if is_key {
            parent.merge_is_next = is_merge_key(&self.tree, node);
            return key_that_helm_reads(&self.tree, node);
        }
        let is_merged = std::mem::take(&mut parent.merge_is_next);
        let is_written_list = self.tree.node(node).kind.is_sequence();
        if is_merged && !is_written_list { mergeable(&self.tree, node) } else { Ok(()) }
    }
}
