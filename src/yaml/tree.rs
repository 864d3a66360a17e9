//! [`Tree`]: the nodes of one document with their bytes, in document order.

use std::{collections::HashMap, ops::Range, sync::OnceLock};

use super::scalar::{Scalar, resolve};

/// The number of a node: its place in document order.
pub(super) type NodeId = usize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
    Folded,
    BlockMapping,
    FlowMapping,
    BlockSequence,
    FlowSequence,
    Alias,
}

impl Kind {
    pub(super) fn is_mapping(self) -> bool {
        matches!(self, Self::BlockMapping | Self::FlowMapping)
    }

    pub(super) fn is_sequence(self) -> bool {
        matches!(self, Self::BlockSequence | Self::FlowSequence)
    }

    pub(super) fn is_block_scalar(self) -> bool {
        matches!(self, Self::Literal | Self::Folded)
    }
}

/// A node: 24 bytes, since a document of 10 MB has half a million of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) start: u32,
    pub(super) end: u32,
    /// The number of the first node after this one and all below it.
    pub(super) next: u32,
    /// For an alias the node it stands for.
    pub(super) target: u32,
    pub(super) kind: Kind,
    pub(super) anchored: bool,
    pub(super) tagged: bool,
}

/// A document as nodes. Children of a collection follow it; `next` leads from one sibling to the other.
#[derive(Debug)]
pub(super) struct Tree<'t> {
    pub(super) source: &'t str,
    pub(super) nodes: Vec<Node>,
    /// The text of the scalars whose source does not spell it out (escapes, folding, indentation), by node.
    pub(super) cooked: Vec<(u32, Box<str>)>,
    /// The bytes of the document: after the marker that opens it, before the one that closes it.
    pub(super) content: Range<usize>,
    /// The items of the long lists, by list, once one of them was asked for by its number.
    pub(super) long_lists: OnceLock<HashMap<NodeId, Vec<u32>>>,
}

/// A list of no more items is walked; one that holds a whole fleet is not, for each of its items anew.
const SHORT_LIST: usize = 16;

impl Tree<'_> {
    pub(super) fn node(&self, id: NodeId) -> Node {
        self.nodes[id]
    }

    pub(super) fn span(&self, id: NodeId) -> Range<usize> {
        self.nodes[id].start as usize..self.nodes[id].end as usize
    }

    /// The text of a scalar.
    pub(super) fn text(&self, id: NodeId) -> &str {
        match self.cooked.binary_search_by_key(&id, |(node, _)| *node as usize) {
            Ok(index) => &self.cooked[index].1,
            Err(_) => spelled(self.source, self.nodes[id].kind, self.span(id)),
        }
    }

    /// What Helm takes a node for, aliases resolved; nothing for collections.
    pub(super) fn scalar(&self, id: NodeId) -> Option<Scalar<'_>> {
        let id = self.resolved(id);
        let node = self.node(id);
        if node.kind.is_mapping() || node.kind.is_sequence() {
            None
        } else if node.kind == Kind::Plain && !node.tagged {
            Some(resolve(self.text(id)))
        } else {
            Some(Scalar::Text(self.text(id)))
        }
    }

    /// The children of a collection, in order.
    pub(super) fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let end = self.node(id).next as usize;
        let mut next = id + 1;
        std::iter::from_fn(move || {
            let child = (next < end).then_some(next)?;
            next = self.node(child).next as usize;
            Some(child)
        })
    }

    /// The item of a list that has this number.
    pub(super) fn item(&self, list: NodeId, number: usize) -> Option<NodeId> {
        if number < SHORT_LIST {
            return self.children(list).nth(number);
        }
        let items = self.long_lists.get_or_init(|| self.read_long_lists()).get(&list)?;
        items.get(number).map(|item| *item as usize)
    }

    /// The item of a list that a node is, or stands in, with its number.
    pub(super) fn number_of(&self, list: NodeId, node: NodeId) -> Option<(usize, NodeId)> {
        if self.children(list).nth(SHORT_LIST).is_none() {
            return self.children(list).enumerate().take_while(|(_, item)| *item <= node).last();
        }
        let items = self.long_lists.get_or_init(|| self.read_long_lists()).get(&list)?;
        let number = items.partition_point(|item| *item as usize <= node).checked_sub(1)?;
        Some((number, items[number] as usize))
    }

    fn read_long_lists(&self) -> HashMap<NodeId, Vec<u32>> {
        let lists = (0..self.nodes.len()).filter(|id| self.node(*id).kind.is_sequence());
        let long = lists.filter(|list| self.children(*list).nth(SHORT_LIST).is_some());
        long.map(|list| (list, self.children(list).map(to_u32).collect())).collect()
    }

    /// The entries of a mapping, in order: key, value.
    pub(super) fn entries(&self, id: NodeId) -> impl Iterator<Item = (NodeId, NodeId)> + '_ {
        let mut children = self.children(id);
        std::iter::from_fn(move || Some((children.next()?, children.next()?)))
    }

    /// The node an alias stands for, or the node itself.
    pub(super) fn resolved(&self, id: NodeId) -> NodeId {
        if self.nodes[id].kind == Kind::Alias { self.nodes[id].target as usize } else { id }
    }
}

/// Offsets and counts fit: [`super::document::MAX_BYTES`] is far below 4 GiB.
pub(super) fn to_u32(value: usize) -> u32 {
    u32::try_from(value).expect("a document is shorter than 4 GiB")
}

/// The text that a scalar's source spells out if nothing in it needs cooking.
pub(super) fn spelled(source: &str, kind: Kind, span: Range<usize>) -> &str {
    let raw = &source[span];
    match kind {
        Kind::SingleQuoted | Kind::DoubleQuoted => raw.get(1..raw.len().saturating_sub(1)).unwrap_or(""),
        _ => raw,
    }
}
