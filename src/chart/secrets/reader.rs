//! [`Reader`]: what is known of the nodes of a text while its secrets are looked for.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use super::{
    names::{is_entered, is_object, is_of_chart},
    words::commented,
};
use crate::yaml::Outline;

/// What was found in a text.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) secrets: Vec<Range<usize>>,
    /// Where the mode is set: that is shown, whatever it is in.
    pub(super) modes: Vec<Range<usize>>,
}

/// What holds below a secret name.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Below {
    /// It is a credential of the chart: nothing is harmless.
    pub(super) is_of_chart: bool,
    /// A number may be it.
    pub(super) is_entered: bool,
    /// It is an object, whose name is not one.
    pub(super) is_object: bool,
}

impl Below {
    pub(super) fn of(name: &str) -> Self {
        Self { is_of_chart: is_of_chart(name), is_entered: is_entered(name), is_object: is_object(name) }
    }
}

/// A node of the outline, as a number.
pub(super) type Node = usize;

/// Reads the nodes of a text.
pub(super) struct Reader<'o, 't> {
    pub(super) text: &'t str,
    /// The part of the text that is asked for.
    pub(super) piece: Range<usize>,
    /// The part in which a name may make a secret in it.
    pub(super) named: Range<usize>,
    pub(super) outline: &'o Outline<'t>,
    /// What is within a secret value, by node.
    pub(super) is_secret: Vec<bool>,
    /// The pairs of mappings that others are merged from.
    pub(super) merged: HashMap<Node, Pair>,
    /// The sections whose texts were taken, and whether numbers in them were.
    pub(super) listed: HashSet<(Node, bool)>,
    pub(super) found: Vec<Range<usize>>,
    pub(super) modes: Vec<Range<usize>>,
}

impl<'o, 't> Reader<'o, 't> {
    /// One that has read nothing yet.
    pub(super) fn new(text: &'t str, outline: &'o Outline<'t>, piece: Range<usize>, named: Range<usize>) -> Self {
        Self {
            text,
            piece,
            named,
            is_secret: vec![false; outline.len()],
            merged: HashMap::new(),
            listed: HashSet::new(),
            outline,
            found: Vec::new(),
            modes: Vec::new(),
        }
    }
}

impl Reader<'_, '_> {
    /// Notes where the mode is set: what is between its name and its value is shown as well, but for a tag, an anchor
    /// and a comment that names a secret.
    pub(super) fn show_mode(&mut self, key: Node, value: Node) {
        let (key, value) = (self.outline.span(key), self.outline.span(value));
        let is_open = |between: &str| !between.contains(['!', '&']) && commented(between).is_none();
        if self.text.get(key.end..value.start).is_some_and(is_open) {
            self.modes.push(key.start..value.end);
        } else {
            self.modes.extend([key, value]);
        }
    }
}

/// What a mapping has of a pair.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pair {
    /// Its name is secret.
    pub(super) is_secret: bool,
    /// Its name is a credential of the chart.
    pub(super) is_of_chart: bool,
    /// Its name is the mode's.
    pub(super) is_mode: bool,
    /// The key and the value of its value.
    pub(super) value: Option<(Node, Node)>,
}
