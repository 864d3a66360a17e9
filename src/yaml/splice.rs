//! [`Splice`]: how an edit of a block of lines is proposed. Nothing here is trusted; [`super::edit`] proves it.

use std::ops::{Range, RangeInclusive};

use super::{
    dialect::lines_of,
    document::{Document, Entry},
    ends::line_end,
    scalar::{Scalar, resolve},
    tree::{Kind, NodeId},
};
use crate::{finding::Finding, rule::Rule};

/// One byte range and what replaces it.
pub(super) struct Splice {
    pub(super) at: Range<usize>,
    pub(super) text: String,
}

const BLANKS: [char; 2] = [' ', '\t'];
const BYTE_ORDER_MARK: char = '\u{feff}';

impl Document<'_> {
    pub(super) fn replacing(&self, entry: Entry, value: &str) -> Result<Splice, Finding> {
        let Range { start, end } = self.tree.span(entry.value);
        let kind = self.tree.node(entry.value).kind;
        if start == end
            && kind == Kind::Plain
            && let Some(colon) = self.colon_behind(entry.key)
        {
            return Ok(Splice { at: colon + 1..colon + 1, text: format!(" {}", written(value, Kind::Plain)) });
        }
        let word = self.tree.text(entry.value);
        if kind.is_block_scalar() && !word.is_empty() && !word.contains('\n') {
            return Ok(Splice { at: start..start + word.len(), text: value.to_owned() });
        }
        Ok(Splice { at: self.one_line_value(entry)?, text: written(value, kind) })
    }

    pub(super) fn replacing_by_word(&self, entry: Entry, word: &str) -> Result<Splice, Finding> {
        Ok(Splice { at: self.one_line_value(entry)?, text: word.to_owned() })
    }

    pub(super) fn renaming(&self, entry: Entry, name: &str) -> Splice {
        Splice { at: self.tree.span(entry.key), text: written(name, self.tree.node(entry.key).kind) }
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
            .help("write it after its key, on one line")
            .at(self.value_span(entry)))
    }

    pub(super) fn inserting(&self, path: &[&str], value: &str, beside: &[&str]) -> Result<Splice, Finding> {
        let (name, parents) = path.split_last().expect("a path names at least one key");
        let line = format!("{name}: {}", written(value, Kind::Plain));
        if parents.is_empty() && self.has_no_word() {
            let content = self.tree.content.clone();
            let below_comment = self.commented_out(content.clone(), name, 0..=0);
            return Ok(self.line_at(below_comment.map_or_else(|| self.end_of_text(&content), |(_, at)| at), &line));
        }
        match self.parent_for(name, parents)? {
            (_, id, Kind::BlockMapping) => Ok(self.inserting_line(id, name, &line, beside)),
            (_, id, Kind::FlowMapping) => Ok(self.inserting_in_braces(id, name, value)),
            (Some(key), value, _) => Ok(self.inserting_below(Entry { key, value }, name, &line)),
            (None, ..) => Err(self.no_mapping_for(name, parents)),
        }
    }

    /// Whether there is room for a text at a path: a value on one line, or a mapping that takes the key.
    ///
    /// # Errors
    ///
    /// What [`Document::edited`] finds before it tries an edit.
    pub(super) fn has_room(&self, path: &[&str]) -> Result<(), Finding> {
        match (self.find(path)?, path.split_last()) {
            (Some(entry), _) => self.replacing(entry, "").map(drop),
            (None, Some((name, parents))) if !parents.is_empty() || !self.has_no_word() => {
                self.parent_for(name, parents).map(drop)
            }
            (None, _) => Ok(()),
        }
    }

    /// The mapping that takes a key, or an empty value that becomes one, with its own key and what it is.
    fn parent_for(&self, name: &str, parents: &[&str]) -> Result<(Option<NodeId>, NodeId, Kind), Finding> {
        let parent = self.walk(parents)?.map(|(key, id)| (key, id, self.tree.node(id).kind));
        let takes_key = |(key, id, kind): &(Option<NodeId>, NodeId, Kind)| match kind {
            Kind::BlockMapping | Kind::FlowMapping => true,
            Kind::Plain => key.is_some() && self.tree.span(*id).is_empty(),
            _ => false,
        };
        parent.filter(takes_key).ok_or_else(|| self.no_mapping_for(name, parents))
    }

    /// Whether the document is without a node that is written out: no mapping, and not the word `null` either.
    fn has_no_word(&self) -> bool {
        self.tree
            .nodes
            .first()
            .is_none_or(|root| root.kind == Kind::Plain && root.start == root.end && !root.anchored && !root.tagged)
    }

    fn inserting_line(&self, mapping: NodeId, name: &str, line: &str, beside: &[&str]) -> Splice {
        let entries: Vec<Entry> = self.tree.entries(mapping).map(|(key, value)| Entry { key, value }).collect();
        let indent = self.column_of(mapping);
        let gaps = self.gaps(mapping, &entries);
        let below_comment = || gaps.into_iter().rev().find_map(|gap| self.commented_out(gap, name, indent..=indent));
        let behind_sibling = || {
            let is_beside = |entry: &&Entry| {
                let name = self.tree.text(entry.key);
                beside.contains(&name)
                    && !self.tree.node(entry.value).kind.is_block_scalar()
                    && self.tree.scalar(entry.value).is_some()
            };
            let entry = entries.iter().rfind(is_beside)?;
            Some(self.behind_remarks(self.lines_end(*entry), indent))
        };
        let at = below_comment().map(|(_, at)| at).or_else(behind_sibling);
        let at = at.unwrap_or_else(|| self.end_of(mapping, entries[entries.len() - 1]));
        self.line_at(at, &format!("{}{line}", " ".repeat(indent)))
    }

    /// A first entry below a key that has no value yet.
    fn inserting_below(&self, parent: Entry, name: &str, line: &str) -> Splice {
        let outer = self.column_of(parent.key);
        let start = self.lines_end(parent);
        let gap = start..self.next_line_start(parent.value).max(start);
        let (indent, at) = self.commented_out(gap, name, outer + 1..=usize::MAX).unwrap_or_else(|| {
            let indent = outer + self.indentation();
            (indent, self.behind_remarks(start, indent))
        });
        self.line_at(at, &format!("{}{line}", " ".repeat(indent)))
    }

    /// By how much this document indents: as the first mapping at its root does.
    fn indentation(&self) -> usize {
        const USUAL: usize = 2;
        let mut values = self.tree.entries(0).map(|(_, value)| value);
        let first = values.find(|value| self.tree.node(*value).kind == Kind::BlockMapping);
        first.map_or(USUAL, |value| self.column_of(value).saturating_sub(self.column_of(0)).max(1))
    }

    /// The finding where no mapping can take a key: it points at the deepest of the keys that are there.
    fn no_mapping_for(&self, name: &str, parents: &[&str]) -> Finding {
        let walked = (0..=parents.len()).rev().find_map(|depth| self.walk(&parents[..depth]).ok().flatten());
        let path: Vec<String> = parents.iter().chain([&name]).map(|key| key.escape_debug().to_string()).collect();
        Finding::new(Rule::OutsideDialect, format!("there is no mapping here for `{name}`"))
            .help(format!("write `{}` by hand", path.join(".")))
            .at(walked.map_or(0..0, |(key, value)| self.tree.span(key.unwrap_or(value))))
    }

    /// The line start at which a new last entry of a block mapping goes.
    fn end_of(&self, mapping: NodeId, last: Entry) -> usize {
        let content = &self.tree.content;
        let last_node = self.tree.node(mapping).next as usize - 1;
        let is_block = self.tree.node(last_node).kind.is_block_scalar();
        let behind = &self.text()[self.tree.span(last_node).end..content.end];
        if is_block && behind.trim_matches(BLANKS).is_empty() && !self.text()[..content.end].ends_with('\n') {
            // a line break behind it would become part of the block, so the new entry goes above
            return self.above_remarks(self.line_start(last.key));
        }
        let block = if is_block { self.tree.text(last_node) } else { "" };
        let last_line = block.strip_suffix('\n').unwrap_or(block).rsplit('\n').next().unwrap_or_default();
        let keeps_blank_lines = !block.is_empty() && last_line.trim_matches(BLANKS).is_empty();
        if keeps_blank_lines {
            self.next_line_start(mapping)
        } else if mapping == 0 {
            self.end_of_text(content)
        } else {
            self.behind_remarks(self.lines_end(last), self.column_of(mapping))
        }
    }

    /// After the last line that has text.
    fn end_of_text(&self, content: &Range<usize>) -> usize {
        let text = &self.text()[content.clone()];
        let mark = self.length_of_mark(content);
        let written = text[mark..].trim_end_matches([' ', '\t', '\r', '\n']).len() + mark;
        if written == mark {
            content.start + mark
        } else {
            line_end(self.text(), content.start + written).min(content.end)
        }
    }

    pub(super) fn removing(&self, path: &[&str], entry: Entry) -> Result<Splice, Finding> {
        let parents = &path[..path.len() - 1];
        match self.walk(parents)? {
            Some((_, mapping)) if self.tree.node(mapping).kind == Kind::FlowMapping => {
                self.removing_from_braces(mapping, entry)
            }
            Some((_, mapping)) if mapping != 0 && self.tree.entries(mapping).count() == 1 => Err(Finding::new(
                Rule::OutsideDialect,
                format!("`{}` would be empty, and Helm would read it as null", parents.join(".")),
            )
            .help("remove both by hand, or write the value")
            .at(self.tree.span(entry.key))),
            _ => self.removing_lines(entry),
        }
    }

    fn removing_lines(&self, entry: Entry) -> Result<Splice, Finding> {
        let text = self.text();
        let start = self.line_start(entry.key);
        let end = self.lines_end(entry);
        let before = &text[start..self.tree.span(entry.key).start];
        let behind = text[self.entry_end(entry)..end].trim_start_matches(BLANKS);
        let is_alone = before.bytes().all(|b| b == b' ') && (behind.trim_end().is_empty() || behind.starts_with('#'));
        if !is_alone {
            return Err(self.shares_its_line(entry));
        }
        let follows_block = entry.key > 0
            && self.tree.node(entry.key - 1).kind.is_block_scalar()
            && self.tree.span(entry.key - 1).end == start;
        let takes_break_before = !text[start..end].ends_with('\n') && !follows_block;
        let start = if takes_break_before { without_line_break(&text[..start]).len() } else { start };
        Ok(Splice { at: start..end, text: String::new() })
    }

    pub(super) fn shares_its_line(&self, entry: Entry) -> Finding {
        Finding::new(Rule::OutsideDialect, "the key does not have a line of its own")
            .help("remove it by hand")
            .at(self.tree.span(entry.key))
    }

    /// Above, between and behind the entries of a block mapping: blank lines and comments.
    fn gaps(&self, mapping: NodeId, entries: &[Entry]) -> Vec<Range<usize>> {
        let head = match mapping {
            0 => self.tree.content.start,
            // the node before a mapping is its key, or what the list is in that it is an item of
            _ => line_end(self.text(), self.tree.span(mapping - 1).end),
        };
        let starts = entries.iter().map(|entry| self.lines_end(*entry));
        let ends = entries.iter().map(|entry| self.line_start(entry.key));
        std::iter::once(head)
            .chain(starts)
            .zip(ends.chain([self.next_line_start(mapping)]))
            .map(|(start, end)| start..end)
            .filter(|gap| gap.start < gap.end)
            .collect()
    }

    /// Behind the last line of a gap that is the entry of a name, commented out, and the column of that line.
    fn commented_out(&self, gap: Range<usize>, name: &str, columns: RangeInclusive<usize>) -> Option<(usize, usize)> {
        let column = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let text = &self.text()[gap.clone()];
        let is_it = |line: &str| columns.contains(&column(line)) && is_commented_out(line, name);
        let (range, line) = lines_of(text).filter(|(_, line)| is_it(line)).last()?;
        Some((column(line), self.behind_remarks(line_end(self.text(), gap.start + range.start), column(line))))
    }

    /// Behind the comment lines at a line start that go on about the line before: those further to the right.
    fn behind_remarks(&self, at: usize, indent: usize) -> usize {
        let is_remark = |line: &str| {
            let rest = line.trim_start_matches(BLANKS);
            rest.starts_with('#') && line.len() - rest.len() > indent
        };
        let lines = lines_of(&self.text()[at..self.tree.content.end]).take_while(|(_, line)| is_remark(line));
        lines.last().map_or(at, |(range, _)| line_end(self.text(), at + range.start))
    }

    /// Above the comment lines right above a line start.
    fn above_remarks(&self, mut at: usize) -> usize {
        let first = self.tree.content.start + self.length_of_mark(&self.tree.content);
        while at > first {
            let above = self.text()[first..at - 1].rfind('\n').map_or(first, |feed| first + feed + 1);
            if !self.text()[above..at].trim_start_matches(BLANKS).starts_with('#') {
                break;
            }
            at = above;
        }
        at
    }

    fn length_of_mark(&self, content: &Range<usize>) -> usize {
        let has_mark = content.start == 0 && self.text().starts_with(BYTE_ORDER_MARK);
        if has_mark { BYTE_ORDER_MARK.len_utf8() } else { 0 }
    }

    /// A new line at a line start, or behind a last line that has no line break and gets none.
    fn line_at(&self, at: usize, line: &str) -> Splice {
        let line_break = self.line_break_before(at);
        let opens_line = at == 0 || self.text()[..at].ends_with(['\n', BYTE_ORDER_MARK]);
        let text = if opens_line { format!("{line}{line_break}") } else { format!("{line_break}{line}") };
        Splice { at: at..at, text }
    }

    /// The line break as the lines before `at` have it; as the first line has it where there are none.
    pub(super) fn line_break_before(&self, at: usize) -> &'static str {
        let text = self.text();
        let feed = text[..at].rfind('\n').or_else(|| text.find('\n'));
        if feed.is_some_and(|feed| text[..feed].ends_with('\r')) { "\r\n" } else { "\n" }
    }

    /// The first byte of the line on which a node begins, behind a byte order mark.
    pub(super) fn line_start(&self, id: NodeId) -> usize {
        let before = &self.text()[..self.tree.span(id).start];
        let start = before.rfind('\n').map_or(0, |feed| feed + 1);
        if before[start..].starts_with(BYTE_ORDER_MARK) { start + BYTE_ORDER_MARK.len_utf8() } else { start }
    }

    /// The first byte of the line on which the next node begins behind a node and all below it; else the end.
    fn next_line_start(&self, id: NodeId) -> usize {
        let next = self.tree.node(id).next as usize;
        if next < self.tree.nodes.len() { self.line_start(next) } else { self.tree.content.end }
    }

    /// How many characters come before a node on its line.
    fn column_of(&self, id: NodeId) -> usize {
        self.text()[self.line_start(id)..self.tree.span(id).start].chars().count()
    }

    /// The end of the line on which an entry ends; a block scalar ends behind its last line break.
    fn lines_end(&self, entry: Entry) -> usize {
        let end = self.entry_end(entry);
        if self.text()[..end].ends_with('\n') { end } else { line_end(self.text(), end) }
    }

    /// The end of what is written of an entry; of one with an empty value, its colon.
    pub(super) fn entry_end(&self, entry: Entry) -> usize {
        let value = self.tree.span(entry.value);
        if !value.is_empty() {
            return value.end;
        }
        self.colon_behind(entry.key).map_or(self.tree.span(entry.key).end, |colon| colon + 1)
    }

    /// Where the colon is behind a key, on the same line.
    fn colon_behind(&self, key: NodeId) -> Option<usize> {
        let behind = &self.text()[self.tree.span(key).end..];
        let rest = behind.trim_start_matches(BLANKS);
        rest.starts_with(':').then(|| self.text().len() - rest.len())
    }
}

impl Splice {
    pub(super) fn applied_to(&self, text: &str) -> String {
        let mut edited = String::with_capacity(text.len() + self.text.len());
        edited.push_str(&text[..self.at.start]);
        edited.push_str(&self.text);
        edited.push_str(&text[self.at.end..]);
        edited
    }
}

/// Whether a line is the entry of a name, commented out: with one word for a value at most. More words are prose.
fn is_commented_out(line: &str, name: &str) -> bool {
    const QUOTES: [char; 2] = ['"', '\''];
    let Some(comment) = line.trim_start_matches(' ').strip_prefix('#') else { return false };
    let body = comment.trim_start_matches('#').trim_start_matches(BLANKS).trim_start_matches(QUOTES);
    let Some(rest) = body.strip_prefix(name) else { return false };
    let Some(value) = rest.trim_start_matches(QUOTES).trim_start_matches(BLANKS).strip_prefix(':') else {
        return false;
    };
    let mut words = value.split_ascii_whitespace();
    words.next().is_none_or(|word| word.starts_with('#') || words.next().is_none_or(|next| next.starts_with('#')))
}

/// How a line ends.
pub(super) fn line_break_of(line: &str) -> &'static str {
    if line.ends_with("\r\n") { "\r\n" } else { "\n" }
}

pub(super) fn without_line_break(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

/// A text as a scalar of a kind; in double quotes where it could not be read back otherwise.
pub(super) fn written(value: &str, kind: Kind) -> String {
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
