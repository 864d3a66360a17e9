//! The one edit: proposed on the text, proven on the meaning, or refused.

use std::{collections::HashSet, ops::Range};

use super::{
    document::{Document, Entry},
    scalar::{Scalar, resolve},
    splice::Splice,
    tree::{Kind, NodeId, Tree},
};
use crate::{finding::Finding, rule::Rule};

/// A change of one value at a path of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit<'e> {
    /// The value becomes this text. Where the key is absent it is put in: below a comment that holds it
    /// (`#clusterMode: clas`), else behind the last of `beside` that is there, else at the end of its mapping. A parent
    /// without a value becomes a mapping.
    Set {
        /// The new value. It is written as its predecessor was: plain or in the same quotes.
        value: &'e str,
        /// The keys beside which a person would put a new one.
        beside: &'e [&'e str],
    },
    /// The value, which is there, becomes this word, not text for Helm: `false`, `1`. It loses its quotes.
    Word(&'e str),
    /// The key, which is there, becomes this name, which is not.
    Rename(&'e str),
    /// The key goes, with the rest of its line.
    Remove,
}

/// A text after an [`Edit`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The whole new text.
    pub text: String,
    /// The bytes of the old text that were replaced.
    pub replaced: Range<usize>,
    /// The bytes of the new text that take their place.
    pub replacement: Range<usize>,
}

impl Edited {
    /// The same in a text that has other bytes than the old one outside of what is replaced, as many.
    pub(super) fn within(self, old: &str) -> Self {
        let Range { start, end } = self.replaced.clone();
        match (old.get(..start), old.get(end..), self.text.get(self.replacement.clone())) {
            (Some(before), Some(behind), Some(new)) => Self { text: [before, new, behind].concat(), ..self },
            _ => self,
        }
    }
}

impl Document<'_> {
    /// Makes an edit, and proves it.
    ///
    /// One byte range is replaced; every other byte stays. The new text is then read again, of a large one the part
    /// around the edit, and compared node by node: it must differ at the path, as asked, and nowhere else. An edit that
    /// changes nothing returns the same text.
    ///
    /// # Errors
    ///
    /// The findings of [`Document::find`]; `outside-dialect` where the value is not written on one line, where the
    /// parent is not there, and where removing the key would leave its parent without a value; `unfaithful-edit` where
    /// the proof fails.
    ///
    /// ```
    /// use helm_clas::yaml::{Document, Edit};
    ///
    /// let document = Document::read("networkType: overlay # as is\nstorage:\n  sizeGi: 1\n")?;
    /// let edit = Edit::Set { value: "clas", beside: &["networkType"] };
    /// assert_eq!(
    ///     document.edited(&["clusterMode"], edit)?.text,
    ///     "networkType: overlay # as is\nclusterMode: clas\nstorage:\n  sizeGi: 1\n"
    /// );
    /// # Ok::<(), helm_clas::Finding>(())
    /// ```
    pub fn edited(&self, path: &[&str], edit: Edit<'_>) -> Result<Edited, Finding> {
        let found = self.find(path)?;
        let splice = match (edit, found) {
            (Edit::Set { value, .. }, Some(entry)) => self.replacing(entry, value)?,
            (Edit::Set { value, beside }, None) => self.inserting(path, value, beside)?,
            (Edit::Word(word), Some(entry)) => self.replacing_by_word(entry, word)?,
            (Edit::Rename(name), Some(entry)) => self.renaming(entry, name),
            (Edit::Remove, Some(entry)) => self.removing(path, entry)?,
            (_, None) => Splice { at: 0..0, text: String::new() },
        };
        let text = splice.applied_to(self.text());
        let in_part = self.is_proven_in_part(path, edit, found.is_some(), &splice.at, &text);
        let in_whole = || self.is_proven(path, edit, found, &self.read_again(&text).ok()?);
        debug_assert!(in_part != Some(true) || in_whole() == Some(true), "what a part proves holds in the whole");
        if in_part == Some(true) || in_whole() == Some(true) {
            let replacement = splice.at.start..splice.at.start + splice.text.len();
            return Ok(Edited { text, replaced: splice.at, replacement });
        }
        Err(Finding::new(Rule::UnfaithfulEdit, format!("no edit was found that changes only `{}`", path.join(".")))
            .help("change it by hand, and please report the file's structure")
            .at(splice.at))
    }

    /// Makes several edits of values and keys that are there, as many as do not overlap and do not concern each other,
    /// and proves them together; the new text, and how many were made. Nothing where none is, or where the proof fails.
    pub(super) fn edited_at_once(&self, edits: &[(Vec<&str>, Edit<'_>)]) -> Option<(String, usize)> {
        let renamed: HashSet<&[&str]> =
            edits.iter().filter(|(_, edit)| matches!(edit, Edit::Rename(_))).map(|(path, _)| &path[..]).collect();
        let mut new_names = HashSet::new();
        let mut made = Vec::new();
        for (path, edit) in edits {
            // below a name that changes there is another path
            if (1..path.len()).any(|length| renamed.contains(&path[..length])) {
                continue;
            }
            let Some(entry) = self.find(path).ok().flatten() else { continue };
            let splice = match *edit {
                Edit::Set { value, .. } => self.replacing(entry, value),
                Edit::Word(word) => self.replacing_by_word(entry, word),
                Edit::Rename(name) if new_names.insert((&path[..path.len() - 1], name)) => {
                    Ok(self.renaming(entry, name))
                }
                Edit::Rename(_) | Edit::Remove => continue,
            };
            let splice = splice.ok().filter(|splice| self.text()[splice.at.clone()] != splice.text);
            made.extend(splice.map(|splice| (splice, path, *edit, entry)));
        }
        made.sort_by_key(|(splice, ..)| (splice.at.start, splice.at.end));
        let mut end = 0;
        made.retain(|(Splice { at, .. }, ..)| {
            let is_apart = at.start > end || end == 0;
            end = if is_apart { at.end } else { end };
            is_apart
        });
        let (mut text, mut at) = (String::with_capacity(self.text().len()), 0);
        for (splice, ..) in &made {
            text += &self.text()[at..splice.at.start];
            text += &splice.text;
            at = splice.at.end;
        }
        text += &self.text()[at..];
        let after = Document::read(&text).ok()?;
        let is_said = |(_, path, edit, entry): &(Splice, &Vec<&str>, Edit<'_>, Entry)| {
            let says = after.scalar(*entry);
            match edit {
                Edit::Rename(name) => {
                    let renamed: Vec<&str> = path[..path.len() - 1].iter().copied().chain([*name]).collect();
                    matches!(self.find(&renamed), Ok(None))
                        && matches!(after.find(path), Ok(None))
                        && after.find(&renamed).is_ok_and(|found| found == Some(*entry))
                }
                Edit::Set { value, .. } => says == Some(Scalar::Text(value)),
                Edit::Word(word) => says == Some(resolve(word)),
                Edit::Remove => false,
            }
        };
        let of_edit = |(_, _, edit, entry): &(Splice, &Vec<&str>, Edit<'_>, Entry)| match edit {
            Edit::Rename(_) => entry.key,
            _ => entry.value,
        };
        let changed: Vec<NodeId> = made.iter().map(of_edit).collect();
        // the trees are compared first: only then is a node of one the same node of the other
        let is_proven = !made.is_empty()
            && Difference::in_scalars(changed).is_all(&after.tree, &self.tree)
            && made.iter().all(is_said);
        is_proven.then_some((text, made.len()))
    }

    /// The same as [`Document::is_proven`] by the part around the edit alone: what it proves holds in the whole (see
    /// [`super::part`]), and where it proves nothing the whole must be read.
    fn is_proven_in_part(
        &self,
        path: &[&str],
        edit: Edit<'_>,
        is_there: bool,
        at: &Range<usize>,
        text: &str,
    ) -> Option<bool> {
        let part = self.part_around(at)?;
        let (before, after) = self.part_before_and_after(&part, text)?;
        let read = |text| Document::read(text).ok().filter(Document::is_part);
        let (before, after) = (read(before)?, read(after)?);
        let found = before.find(path).ok().filter(|found| found.is_some() == is_there)?;
        // the new name could be one that is in another part
        let is_rename = matches!(edit, Edit::Rename(_));
        Some(!is_rename && before.is_proven(path, edit, found, &after)?)
    }

    /// Whether the new text means what the old one meant, with the one change.
    fn is_proven(&self, path: &[&str], edit: Edit<'_>, before: Option<Entry>, after: &Document<'_>) -> Option<bool> {
        let (old, new) = (&self.tree, &after.tree);
        if let Edit::Rename(name) = edit {
            let (entry, (_, parents)) = (before?, path.split_last()?);
            let renamed: Vec<&str> = parents.iter().copied().chain([name]).collect();
            let is_new = self.find(&renamed).ok()?.is_none() && after.find(path).ok()?.is_none();
            return Some(
                is_new && after.find(&renamed).ok()? == before && Difference::in_scalar(entry.key).is_all(new, old),
            );
        }
        let entry = after.find(path).ok()?;
        let same = match (before, entry) {
            (None, None) => after.text() == self.text(),
            (Some(was), Some(is)) => was == is && Difference::in_scalar(is.value).is_all(new, old),
            (None, Some(is)) => Difference::by_entry(new, is).filling(is.key.checked_sub(1)?).is_all(new, old),
            (Some(was), None) => Difference::by_entry(old, was).is_all(old, new),
        };
        let says = entry.and_then(|entry| after.scalar(entry));
        Some(match edit {
            Edit::Set { value, .. } => same && says == Some(Scalar::Text(value)),
            Edit::Word(word) => same && says == Some(resolve(word)),
            Edit::Remove | Edit::Rename(_) => same && entry.is_none(),
        })
    }
}

/// The difference that two trees may have: the first is the larger, unless they are of one size.
pub(super) struct Difference {
    /// The nodes that only the larger tree has.
    hole: Range<NodeId>,
    /// The scalars that are others in the other tree, in order.
    changed: Vec<NodeId>,
    /// A mapping that is empty in the smaller tree if it holds nothing but the hole.
    filled: Option<NodeId>,
}

impl Difference {
    pub(super) fn in_scalar(changed: NodeId) -> Self {
        Self::in_scalars(vec![changed])
    }

    fn in_scalars(mut changed: Vec<NodeId>) -> Self {
        changed.sort_unstable();
        Self { hole: 0..0, changed, filled: None }
    }

    fn by_entry(tree: &Tree<'_>, entry: Entry) -> Self {
        Self { hole: entry.key..tree.node(entry.value).next as usize, changed: Vec::new(), filled: None }
    }

    fn filling(self, mapping: NodeId) -> Self {
        Self { filled: Some(mapping), ..self }
    }

    /// Whether the trees are the same, node by node, but for this.
    pub(super) fn is_all(&self, larger: &Tree<'_>, smaller: &Tree<'_>) -> bool {
        let hole = &self.hole;
        let is_blank = smaller.nodes.iter().all(|root| root.kind == Kind::Plain && root.start == root.end);
        if is_blank && *hole == (1..larger.nodes.len()) {
            // a document without values has an empty root, or none
            return true;
        }
        // the place in the smaller tree of a node of the larger one
        let place = |id: usize| if id < hole.start { id } else { id - hole.len().min(id - hole.start) };
        let is_scalar = |kind: Kind| !kind.is_mapping() && !kind.is_sequence() && kind != Kind::Alias;
        let same_node = |id: NodeId| {
            let (one, other) = (larger.node(id), smaller.node(place(id)));
            let same_content = if self.changed.binary_search(&id).is_ok() {
                is_scalar(one.kind) && is_scalar(other.kind)
            } else if self.filled == Some(id) && one.kind.is_mapping() && other.kind == Kind::Plain {
                one.next as usize == hole.end && other.start == other.end
            } else {
                one.kind == other.kind && (!is_scalar(one.kind) || larger.text(id) == smaller.text(place(id)))
            };
            same_content
                && one.anchored == other.anchored
                && one.tagged == other.tagged
                && place(one.next as usize) == other.next as usize
                && place(one.target as usize) == other.target as usize
        };
        larger.nodes.len() - hole.len() == smaller.nodes.len()
            && (0..larger.nodes.len()).filter(|id| !hole.contains(id)).all(same_node)
    }
}
