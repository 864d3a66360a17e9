//! [`Tree`]: the nodes of one document with their bytes, in document order.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    ops::Range,
    sync::OnceLock,
};

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
    /// For an alias the node that it refers to.
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
    /// The children of the long lists and mappings, once one of them was asked for by its number.
    pub(super) long: OnceLock<HashMap<NodeId, Vec<u32>>>,
    /// The keys of the long mappings, once one of them was asked for by its name.
    pub(super) keys: OnceLock<Keys>,
}

/// A list or mapping of no more children is walked; one that holds a whole fleet is not, for each of them again.
const SHORT: usize = 16;

/// The keys of the long mappings, each in order: those of one name by its hash, and the merge keys, which may bring
/// any.
#[derive(Debug, Default)]
pub(super) struct Keys {
    named: HashMap<(NodeId, u64), Vec<u32>>,
    merges: HashMap<NodeId, Vec<u32>>,
}

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

    /// The item of a list that has this number, or the child of a mapping.
    pub(super) fn item(&self, list: NodeId, number: usize) -> Option<NodeId> {
        if number < SHORT {
            return self.children(list).nth(number);
        }
        let items = self.long.get_or_init(|| self.read_long()).get(&list)?;
        items.get(number).map(|item| *item as usize)
    }

    /// The child of a list or a mapping that a node is, or is in, with its number: keys and values each count.
    pub(super) fn number_of(&self, parent: NodeId, node: NodeId) -> Option<(usize, NodeId)> {
        if !self.is_long(parent) {
            return self.children(parent).enumerate().take_while(|(_, child)| *child <= node).last();
        }
        let children = self.long.get_or_init(|| self.read_long()).get(&parent)?;
        let number = children.partition_point(|child| *child as usize <= node).checked_sub(1)?;
        Some((number, children[number] as usize))
    }

    /// The key of the value that is this child of a mapping; nothing where the child is a key itself.
    pub(super) fn key_of(&self, mapping: NodeId, number: usize) -> Option<NodeId> {
        (number % 2 == 1).then(|| self.item(mapping, number - 1)).flatten()
    }

    fn is_long(&self, id: NodeId) -> bool {
        self.children(id).nth(SHORT).is_some()
    }

    fn all_long(&self) -> impl Iterator<Item = NodeId> + '_ {
        let is_collection = |id: &NodeId| self.node(*id).kind.is_sequence() || self.node(*id).kind.is_mapping();
        (0..self.nodes.len()).filter(is_collection).filter(|id| self.is_long(*id))
    }

    fn read_long(&self) -> HashMap<NodeId, Vec<u32>> {
        self.all_long().map(|id| (id, self.children(id).map(to_u32).collect())).collect()
    }

    fn read_keys(&self) -> Keys {
        let mut keys = Keys::default();
        for mapping in self.all_long().filter(|id| self.node(*id).kind.is_mapping()) {
            for (key, _) in self.entries(mapping) {
                if is_merge_key(self, key) {
                    keys.merges.entry(mapping).or_default().push(to_u32(key));
                } else if let Some(Scalar::Text(name)) = self.scalar(key) {
                    keys.named.entry((mapping, hashed(name))).or_default().push(to_u32(key));
                }
            }
        }
        keys
    }

    /// The entries of a mapping that have a name, and those that may bring it from elsewhere, in order.
    pub(super) fn entries_about<'n>(
        &'n self,
        mapping: NodeId,
        name: &'n str,
    ) -> impl Iterator<Item = (NodeId, NodeId)> + 'n {
        // most keys are another text, and need not be read as Helm reads them
        let is_named =
            move |key: NodeId| self.text(self.resolved(key)) == name && self.scalar(key) == Some(Scalar::Text(name));
        let mut known = self.is_long(mapping).then(|| self.keys_about(mapping, name).into_iter());
        let mut walked = self.entries(mapping);
        std::iter::from_fn(move || {
            loop {
                let (key, value) = match &mut known {
                    Some(known) => known.next().map(|key| (key as usize, self.node(key as usize).next as usize))?,
                    None => walked.next()?,
                };
                if is_merge_key(self, key) || is_named(key) {
                    return Some((key, value));
                }
            }
        })
    }

    /// The keys of a long mapping that may have a name, and its merge keys, in order.
    fn keys_about(&self, mapping: NodeId, name: &str) -> Vec<u32> {
        let keys = self.keys.get_or_init(|| self.read_keys());
        let named = keys.named.get(&(mapping, hashed(name))).into_iter().flatten();
        let mut about: Vec<u32> = named.chain(keys.merges.get(&mapping).into_iter().flatten()).copied().collect();
        about.sort_unstable();
        about
    }

    /// The entries of a mapping, in order: key, value.
    pub(super) fn entries(&self, id: NodeId) -> impl Iterator<Item = (NodeId, NodeId)> + '_ {
        let mut children = self.children(id);
        std::iter::from_fn(move || Some((children.next()?, children.next()?)))
    }

    /// The node an alias refers to, or the node itself.
    pub(super) fn resolved(&self, id: NodeId) -> NodeId {
        if self.nodes[id].kind == Kind::Alias { self.nodes[id].target as usize } else { id }
    }
}

/// Whether a key is the merge key: plain, untagged `<<`.
pub(super) fn is_merge_key(tree: &Tree<'_>, key: NodeId) -> bool {
    let node = tree.node(key);
    node.kind == Kind::Plain && !node.tagged && tree.text(key) == "<<"
}

fn hashed(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

/// Offsets and counts fit: [`super::limits::MAX_BYTES`] is far below 4 GiB.
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
