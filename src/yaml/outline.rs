//! [`Outline`]: every node of a text with its bytes, whatever Helm makes of it: what is shown of a text is decided on
//! more than what is edited.

use std::{ops::Range, sync::OnceLock};

use super::{
    ends::without_next_indentation,
    events::{self, Event, Span, StructureStyle, kind_of},
    limits::MAX_NODES,
    tree::{Kind, Node, NodeId, Tree, is_merge_key, spelled, to_u32},
};

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A text between quotes with escapes.
    Escaped,
    /// A text between single quotes.
    Quoted,
    /// A plain word.
    Plain,
    /// A block scalar.
    Block,
    Mapping,
    Sequence,
    Alias,
}

/// The nodes of all documents of a text, in order.
#[derive(Debug)]
pub(crate) struct Outline<'t> {
    tree: Tree<'t>,
}

impl<'t> Outline<'t> {
    /// Reads a text; nothing where it is not YAML, or where it is refused for the number of what it holds.
    pub(crate) fn read(source: &'t str) -> Option<Self> {
        let nodes = Vec::with_capacity(source.len() / 20 + 8);
        let tree = Tree {
            source,
            nodes,
            cooked: Vec::new(),
            content: 0..source.len(),
            long: OnceLock::new(),
            keys: OnceLock::new(),
        };
        let mut reader = Reader { tree, open: Vec::new(), anchors: Vec::new() };
        for event in events::all(source) {
            let (event, span) = event?;
            reader.take(event, span)?;
            if reader.tree.nodes.len() > MAX_NODES {
                return None;
            }
        }
        Some(Self { tree: reader.tree })
    }

    /// How many nodes there are; each is named by its place in document order.
    pub(crate) fn len(&self) -> usize {
        self.tree.nodes.len()
    }

    pub(crate) fn form(&self, node: NodeId) -> Form {
        match self.tree.node(node).kind {
            Kind::DoubleQuoted => Form::Escaped,
            Kind::SingleQuoted => Form::Quoted,
            Kind::Plain => Form::Plain,
            Kind::Literal | Kind::Folded => Form::Block,
            Kind::BlockMapping | Kind::FlowMapping => Form::Mapping,
            Kind::BlockSequence | Kind::FlowSequence => Form::Sequence,
            Kind::Alias => Form::Alias,
        }
    }

    /// The bytes of a node: of a quoted text with its quotes, of a block scalar without its header.
    pub(crate) fn span(&self, node: NodeId) -> Range<usize> {
        self.tree.span(node)
    }

    /// The number of the first node behind a node and all below it.
    pub(crate) fn next(&self, node: NodeId) -> NodeId {
        self.tree.node(node).next as usize
    }

    /// What an alias refers to, or the node itself.
    pub(crate) fn resolved(&self, node: NodeId) -> NodeId {
        self.tree.resolved(node)
    }

    /// The text of a scalar, an alias to one resolved; nothing of a collection.
    pub(crate) fn text(&self, node: NodeId) -> Option<&str> {
        let node = self.resolved(node);
        (!matches!(self.form(node), Form::Mapping | Form::Sequence)).then(|| self.tree.text(node))
    }

    /// The keys of a mapping with their values.
    pub(crate) fn entries(&self, mapping: NodeId) -> impl Iterator<Item = (NodeId, NodeId)> + '_ {
        self.tree.entries(mapping)
    }

    /// The items of a list.
    pub(crate) fn items(&self, sequence: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.tree.children(sequence)
    }

    /// Whether a key brings the entries of another mapping.
    pub(crate) fn is_merge(&self, key: NodeId) -> bool {
        is_merge_key(&self.tree, key)
    }
}

struct Reader<'t> {
    tree: Tree<'t>,
    open: Vec<NodeId>,
    /// The anchor of each open collection is remembered from its start, so that an alias inside of it has a target.
    anchors: Vec<NodeId>,
}

impl<'t> Reader<'t> {
    fn take(&mut self, event: Event<'t>, span: Span) -> Option<()> {
        let range = span.byte_range().unwrap_or_default();
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let kind = kind_of(style);
                let source = self.tree.source;
                let text = if range.is_empty() && kind == Kind::Plain { "" } else { &text };
                let range = if kind.is_block_scalar() { without_next_indentation(source, range) } else { range };
                let node = self.push(kind, anchor, range.clone());
                if spelled(source, kind, range) != text {
                    self.tree.cooked.push((to_u32(node), text.into()));
                }
            }
            Event::SequenceStart(style, anchor, _) => {
                let kind = if style == StructureStyle::Flow { Kind::FlowSequence } else { Kind::BlockSequence };
                let node = self.push(kind, anchor, range);
                self.open.push(node);
            }
            Event::MappingStart(style, anchor, _) => {
                let kind = if style == StructureStyle::Flow { Kind::FlowMapping } else { Kind::BlockMapping };
                let node = self.push(kind, anchor, range);
                self.open.push(node);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(range.end),
            Event::Alias(anchor) => {
                let target = *self.anchors.get(anchor).filter(|target| **target != NONE)?;
                let node = self.push(Kind::Alias, 0, range);
                self.tree.nodes[node].target = to_u32(target);
            }
            _ => {}
        }
        Some(())
    }

    fn push(&mut self, kind: Kind, anchor: usize, range: Range<usize>) -> NodeId {
        let node = self.tree.nodes.len();
        let (start, end) = (to_u32(range.start), to_u32(range.end));
        let anchored = anchor != 0;
        self.tree.nodes.push(Node { start, end, next: to_u32(node + 1), target: 0, kind, anchored, tagged: false });
        if anchored {
            if self.anchors.len() <= anchor {
                self.anchors.resize(anchor + 1, NONE);
            }
            self.anchors[anchor] = node;
        }
        node
    }

    fn close(&mut self, end: usize) {
        let Some(node) = self.open.pop() else { return };
        let last = self.tree.nodes.len() - 1;
        let end = match self.tree.node(node).kind {
            Kind::FlowMapping | Kind::FlowSequence => end,
            _ if last > node => self.tree.nodes[last].end as usize,
            _ => self.tree.nodes[node].start as usize,
        };
        self.tree.nodes[node].end = to_u32(end.max(self.tree.nodes[node].start as usize));
        self.tree.nodes[node].next = to_u32(last + 1);
    }
}

/// No node.
const NONE: NodeId = NodeId::MAX;
