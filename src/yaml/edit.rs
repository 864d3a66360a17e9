//! The one edit: proposed on the text, proven on the meaning, or refused.

use std::ops::Range;

use super::{
    dialect::lines_of,
    document::{Document, Entry},
    events::line_end,
    scalar::{Scalar, resolve},
    tree::{Kind, NodeId, Tree},
};
use crate::{finding::Finding, rule::Rule};

/// A change of one value at a path of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit<'e> {
    /// The value becomes this text. Where the key is absent it is put in: below a comment that holds it
    /// (`#clusterMode: clas`), else behind the last of `beside` that is there, else at the end of its mapping.
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
    /// The bytes of the new text that stand in their place.
    pub replacement: Range<usize>,
}

impl Document<'_> {
    /// Makes an edit, and proves it.
    ///
    /// One byte range is replaced; every other byte stays. The new text is then read again and compared node by node:
    /// it must differ at the path, as asked, and nowhere else. An edit that changes nothing returns the same text.
    ///
    /// # Errors
    ///
    /// The findings of [`Document::find`]; `outside-dialect` where the value is not written on one line or the parent
    /// is not there; `unfaithful-edit` where the proof fails.
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
            (Edit::Word(word), Some(entry)) => Splice { at: self.one_line_value(entry)?, text: word.to_owned() },
            (Edit::Rename(name), Some(entry)) => {
                let (at, kind) = (self.tree.span(entry.key), self.tree.node(entry.key).kind);
                Splice { at, text: written(name, kind) }
            }
            (Edit::Remove, Some(entry)) => self.removing(entry)?,
            (_, None) => Splice { at: 0..0, text: String::new() },
        };
        let edited = splice.applied_to(self.text());
        match self.is_proven(path, edit, found, &edited.text) {
            Some(true) => Ok(edited),
            _ => Err(Finding::new(
                Rule::UnfaithfulEdit,
                format!("no edit was found that changes `{}` and nothing else", path.join(".")),
            )
            .help("change it by hand, and please report the shape of the file")
            .at(splice.at)),
        }
    }

    /// Whether the new text means what the old one meant, with the one change.
    fn is_proven(&self, path: &[&str], edit: Edit<'_>, before: Option<Entry>, text: &str) -> Option<bool> {
        let after = Document::read(text).ok()?;
        if let Edit::Rename(name) = edit {
            let (old, (_, parents)) = (before?, path.split_last()?);
            let renamed: Vec<&str> = parents.iter().copied().chain([name]).collect();
            let is_new = self.find(&renamed).ok()?.is_none() && after.find(path).ok()?.is_none();
            let same = is_same_but_for(&after.tree, &self.tree, &(0..0), Some(old.key));
            return Some(is_new && same && after.find(&renamed).ok()? == before);
        }
        let entry = after.find(path).ok()?;
        let nodes_of = |tree: &Tree<'_>, entry: Entry| entry.key..tree.node(entry.value).next as usize;
        let same = match (before, entry) {
            (None, None) => text == self.text(),
            (Some(old), Some(new)) => old == new && is_same_but_for(&after.tree, &self.tree, &(0..0), Some(new.value)),
            (None, Some(new)) => is_same_but_for(&after.tree, &self.tree, &nodes_of(&after.tree, new), None),
            (Some(old), None) => is_same_but_for(&self.tree, &after.tree, &nodes_of(&self.tree, old), None),
        };
        let says = entry.and_then(|entry| after.scalar(entry));
        Some(match edit {
            Edit::Set { value, .. } => same && says == Some(Scalar::Text(value)),
            Edit::Word(word) => same && says == Some(resolve(word)),
            Edit::Remove | Edit::Rename(_) => same && entry.is_none(),
        })
    }

    fn replacing(&self, entry: Entry, value: &str) -> Result<Splice, Finding> {
        let at = self.one_line_value(entry)?;
        Ok(Splice { at, text: written(value, self.tree.node(entry.value).kind) })
    }

    /// The bytes of a value that is written on one line.
    fn one_line_value(&self, entry: Entry) -> Result<Range<usize>, Finding> {
        let at = self.tree.span(entry.value);
        let kind = self.tree.node(entry.value).kind;
        let is_one_line = !at.is_empty() && !self.text()[at.clone()].contains('\n');
        if is_one_line && matches!(kind, Kind::Plain | Kind::SingleQuoted | Kind::DoubleQuoted) {
            return Ok(at);
        }
        Err(Finding::new(Rule::OutsideDialect, "the value is not written on one line")
            .help("write it behind its key, on one line")
            .at(self.value_span(entry)))
    }

    fn inserting(&self, path: &[&str], value: &str, beside: &[&str]) -> Result<Splice, Finding> {
        let (name, parents) = path.split_last().expect("a path names at least one key");
        let parent = match parents {
            [] => self.tree.nodes.first().map(|_| 0),
            _ => self.find(parents)?.map(|entry| entry.value),
        };
        match parent.map(|id| (id, self.tree.node(id).kind)) {
            Some((id, Kind::BlockMapping)) => Ok(self.inserting_line(id, parents.is_empty(), name, value, beside)),
            Some((id, Kind::FlowMapping)) => Ok(self.inserting_in_braces(id, name, value)),
            None | Some((0, Kind::Plain)) if parents.is_empty() && self.has_no_word() => {
                let line = format!("{name}: {}", written(value, Kind::Plain));
                let at = self
                    .commented_out(self.tree.content.clone(), name, 0)
                    .unwrap_or_else(|| self.end_of_text(&self.tree.content));
                Ok(self.line_at(at, &line))
            }
            other => Err(Finding::new(
                Rule::OutsideDialect,
                format!("there is no mapping here that `{name}` could be put into"),
            )
            .help("write it by hand")
            .at(other.map_or(0..0, |(id, _)| self.tree.span(id)))),
        }
    }

    /// Whether the document is without a node that is written out: no mapping, and not the word `null` either.
    fn has_no_word(&self) -> bool {
        self.tree.nodes.first().is_none_or(|root| root.start == root.end && !root.anchored && !root.tagged)
    }

    fn inserting_line(&self, mapping: NodeId, is_root: bool, name: &str, value: &str, beside: &[&str]) -> Splice {
        let entries: Vec<Entry> = self.tree.entries(mapping).map(|(key, value)| Entry { key, value }).collect();
        let indent = self.indent_of(entries[0]);
        let line = format!("{}{name}: {}", " ".repeat(indent), written(value, Kind::Plain));
        let gaps = self.gaps(&entries, is_root);
        let below_comment = gaps.into_iter().rev().find_map(|gap| self.commented_out(gap, name, indent));
        let behind_sibling = || {
            let is_beside = |entry: &&Entry| {
                let name = self.tree.text(entry.key);
                beside.contains(&name)
                    && !self.tree.node(entry.value).kind.is_block_scalar()
                    && self.tree.scalar(entry.value).is_some()
            };
            let entry = entries.iter().rfind(is_beside)?;
            Some(self.behind_remarks(line_end(self.text(), self.entry_end(*entry)), indent))
        };
        let at = below_comment.or_else(behind_sibling).unwrap_or_else(|| self.end_of(&entries, is_root));
        self.line_at(at, &line)
    }

    /// The line start at which a new last entry of a block mapping goes.
    fn end_of(&self, entries: &[Entry], is_root: bool) -> usize {
        let last = entries[entries.len() - 1];
        let last_node = self.tree.node(last.value).next as usize - 1;
        let ends_in_block = self.tree.node(last_node).kind.is_block_scalar();
        let content = &self.tree.content;
        if ends_in_block && !self.text()[..content.end].ends_with('\n') {
            // a line break behind it would become part of the block, so the new entry goes above
            return self.above_remarks(self.line_start(last.key));
        }
        match (is_root, ends_in_block) {
            (false, _) => line_end(self.text(), self.entry_end(last)),
            (true, true) => content.end,
            (true, false) => self.end_of_text(content),
        }
    }

    /// Behind the last line that is not blank.
    fn end_of_text(&self, content: &Range<usize>) -> usize {
        let text = &self.text()[content.clone()];
        let mark = if content.start == 0 && text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let written = text[mark..].trim_end_matches([' ', '\t', '\r', '\n']).len() + mark;
        if written == mark {
            content.start + mark
        } else {
            line_end(self.text(), content.start + written).min(content.end)
        }
    }

    fn inserting_in_braces(&self, mapping: NodeId, name: &str, value: &str) -> Splice {
        let Some((key, last)) = self.tree.entries(mapping).last() else {
            let at = self.tree.span(mapping).start + 1;
            return Splice { at: at..at, text: format!("{name}: {}", written(value, Kind::Plain)) };
        };
        let (name, value) = match self.tree.node(key).kind {
            Kind::DoubleQuoted => (format!("\"{name}\""), written(value, Kind::DoubleQuoted)),
            _ => (name.to_owned(), written(value, Kind::Plain)),
        };
        let text = self.text();
        let line_start = self.line_start(key);
        let before_key = &text[line_start..self.tree.span(key).start];
        let gap = if before_key.trim_matches([' ', '\t']).is_empty() && line_start > self.tree.span(mapping).start {
            format!("{}{before_key}", self.line_break_before(line_start))
        } else {
            " ".to_owned()
        };
        let at = self.entry_end(Entry { key, value: last });
        Splice { at: at..at, text: format!(",{gap}{name}: {value}") }
    }

    fn removing(&self, entry: Entry) -> Result<Splice, Finding> {
        let text = self.text();
        let start = self.line_start(entry.key);
        let end = line_end(text, self.entry_end(entry));
        let before = &text[start..self.tree.span(entry.key).start];
        let behind = text[self.entry_end(entry)..end].trim_start_matches([' ', '\t']);
        let is_alone = before.bytes().all(|b| b == b' ')
            && (behind.trim_end().is_empty() || behind.starts_with(['#', ':']))
            && !text[self.tree.span(entry.key)].contains('\n');
        if !is_alone {
            return Err(Finding::new(Rule::OutsideDialect, "the key does not have a line of its own")
                .help("remove it by hand")
                .at(self.tree.span(entry.key)));
        }
        let follows_block = entry.key > 0 && self.tree.node(entry.key - 1).kind.is_block_scalar();
        let takes_break_before = !text[start..end].ends_with('\n') && !follows_block;
        let start = if takes_break_before { without_line_break(&text[..start]).len() } else { start };
        Ok(Splice { at: start..end, text: String::new() })
    }

    /// Between the entries of a mapping: blank lines and comments.
    fn gaps(&self, entries: &[Entry], is_root: bool) -> Vec<Range<usize>> {
        let starts = entries.iter().map(|entry| line_end(self.text(), self.entry_end(*entry)));
        let ends = entries[1..].iter().map(|entry| self.line_start(entry.key));
        let head = is_root.then(|| self.tree.content.start..self.line_start(entries[0].key));
        let end = if is_root { self.tree.content.end } else { 0 };
        head.into_iter()
            .chain(starts.zip(ends.chain([end])).map(|(start, end)| start..end))
            .filter(|gap| gap.start < gap.end)
            .collect()
    }

    /// Behind the last line of a gap that is the entry of a name, commented out at a column.
    fn commented_out(&self, gap: Range<usize>, name: &str, indent: usize) -> Option<usize> {
        let is_it = |line: &str| {
            let blanks = line.len() - line.trim_start_matches(' ').len();
            let comment = line[blanks..].trim_start_matches('#');
            let body = comment.trim_start_matches([' ', '\t']).trim_start_matches(['"', '\'']);
            let rest = body.strip_prefix(name).map(|rest| rest.trim_start_matches(['"', '\'', ' ', '\t']));
            blanks == indent && comment.len() < line.len() - blanks && rest.is_some_and(|rest| rest.starts_with(':'))
        };
        let text = &self.text()[gap.clone()];
        let (range, _) = lines_of(text).filter(|(_, line)| is_it(line)).last()?;
        Some(self.behind_remarks(line_end(self.text(), gap.start + range.start), indent))
    }

    /// Behind the comment lines at a line start that go on about the line before: those further to the right.
    fn behind_remarks(&self, at: usize, indent: usize) -> usize {
        let is_remark = |line: &str| {
            let rest = line.trim_start_matches([' ', '\t']);
            rest.starts_with('#') && line.len() - rest.len() > indent
        };
        let lines = lines_of(&self.text()[at..]).take_while(|(_, line)| is_remark(line));
        lines.last().map_or(at, |(range, _)| line_end(self.text(), at + range.start))
    }

    /// Above the comment lines that stand right above a line start.
    fn above_remarks(&self, mut at: usize) -> usize {
        while at > self.tree.content.start {
            let above = self.text()[..at - 1].rfind('\n').map_or(self.tree.content.start, |feed| feed + 1);
            if !self.text()[above..at].trim_start_matches([' ', '\t', '\u{feff}']).starts_with('#') {
                break;
            }
            at = above;
        }
        at
    }

    /// A new line at a line start, or behind a last line that has no line break and gets none.
    fn line_at(&self, at: usize, line: &str) -> Splice {
        let line_break = self.line_break_before(at);
        let opens_line = at == 0 || self.text()[..at].ends_with(['\n', '\u{feff}']);
        let text = if opens_line { format!("{line}{line_break}") } else { format!("{line_break}{line}") };
        Splice { at: at..at, text }
    }

    /// The line break as the lines before `at` have it; as the first line has it where there are none.
    fn line_break_before(&self, at: usize) -> &'static str {
        let text = self.text();
        let feed = text[..at].rfind('\n').or_else(|| text.find('\n'));
        if feed.is_some_and(|feed| text[..feed].ends_with('\r')) { "\r\n" } else { "\n" }
    }

    /// The first byte of the line on which a node begins, behind a byte order mark.
    fn line_start(&self, id: NodeId) -> usize {
        let before = &self.text()[..self.tree.span(id).start];
        let start = before.rfind('\n').map_or(0, |feed| feed + 1);
        if before[start..].starts_with('\u{feff}') { start + '\u{feff}'.len_utf8() } else { start }
    }

    /// The column of a mapping, told by its first entry.
    fn indent_of(&self, first: Entry) -> usize {
        let start = self.line_start(first.key);
        self.text()[start..].bytes().take_while(|b| *b == b' ').count()
    }

    /// The end of what is written of an entry: an empty value has no place of its own.
    fn entry_end(&self, entry: Entry) -> usize {
        let value = self.tree.span(entry.value);
        if value.is_empty() { self.tree.span(entry.key).end } else { value.end }
    }
}

/// One byte range and what replaces it.
struct Splice {
    at: Range<usize>,
    text: String,
}

impl Splice {
    fn applied_to(&self, text: &str) -> Edited {
        let mut edited = String::with_capacity(text.len() + self.text.len());
        edited.push_str(&text[..self.at.start]);
        edited.push_str(&self.text);
        edited.push_str(&text[self.at.end..]);
        Edited { text: edited, replaced: self.at.clone(), replacement: self.at.start..self.at.start + self.text.len() }
    }
}

fn without_line_break(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

/// A text as a scalar of a kind; in double quotes where it could not be read back otherwise.
fn written(value: &str, kind: Kind) -> String {
    let is_plain = !value.is_empty()
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'/' | b':'))
        && value.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
        && !value.ends_with(':')
        && matches!(resolve(value), Scalar::Text(_));
    match kind {
        Kind::SingleQuoted => format!("'{}'", value.replace('\'', "''")),
        Kind::Plain if is_plain => value.to_owned(),
        _ => serde_json::Value::from(value).to_string(),
    }
}

/// Whether two trees are the same, node by node, once the nodes in `hole` are taken out of the larger one, and the
/// scalar `changed` is passed over.
fn is_same_but_for(larger: &Tree<'_>, smaller: &Tree<'_>, hole: &Range<NodeId>, changed: Option<NodeId>) -> bool {
    let without = larger.nodes.len() - hole.len();
    let is_first_value = smaller.nodes.iter().all(|root| root.start == root.end) && *hole == (1..larger.nodes.len());
    if is_first_value {
        return true;
    }
    // where a node of the larger tree stands in the smaller one
    let place = |id: usize| if id < hole.start { id } else { id - hole.len().min(id - hole.start) };
    let same_node = |id: NodeId| {
        let (one, other) = (larger.node(id), smaller.node(place(id)));
        let is_scalar = |kind: Kind| !kind.is_mapping() && !kind.is_sequence() && kind != Kind::Alias;
        let same_content = if changed == Some(id) {
            is_scalar(one.kind) && is_scalar(other.kind)
        } else {
            one.kind == other.kind && (!is_scalar(one.kind) || larger.text(id) == smaller.text(place(id)))
        };
        same_content
            && one.anchored == other.anchored
            && one.tagged == other.tagged
            && place(one.next as usize) == other.next as usize
            && place(one.target as usize) == other.target as usize
    };
    without == smaller.nodes.len() && (0..larger.nodes.len()).filter(|id| !hole.contains(id)).all(same_node)
}
