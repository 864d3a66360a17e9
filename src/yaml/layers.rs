//! Values inside of values: several documents in one file, and a document as the text of another's block scalar.

use std::ops::Range;

use super::{
    dialect::lines_of,
    document::Document,
    edit::{Difference, Edit, Edited},
    ends::line_end,
    splice::line_break_of,
    tree::{Kind, NodeId},
};
use crate::{
    finding::{Address, Finding},
    rule::Rule,
};

/// The documents of a text, as programs that read several split it: at every line that begins with `---`. What comes
/// before the first such line is a document only if it holds more than spaces and comments; else it belongs to the only
/// document that there is, or to none.
///
/// ```
/// use helm_clas::yaml::documents;
///
/// assert_eq!(documents("# a\n---\nb: 1\n---\nc: 1\n"), [4..13, 13..22]);
/// assert_eq!(documents("b: 1\n"), [0..5]);
/// ```
#[must_use]
pub fn documents(text: &str) -> Vec<Range<usize>> {
    let marks = lines_of(text).filter(|(_, line)| line.starts_with("---")).map(|(range, _)| range.start);
    let mut starts: Vec<usize> = std::iter::once(0).chain(marks).collect();
    starts.dedup();
    let ends = starts.iter().copied().skip(1).chain([text.len()]);
    let holds_something = |range: &Range<usize>| {
        lines_of(&text[range.clone()]).any(|(_, line)| {
            let line = line.trim_start();
            !line.is_empty() && !line.starts_with('#')
        })
    };
    let mut all: Vec<Range<usize>> = starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect();
    if all.len() > 1 && !holds_something(&all[0]) {
        all.remove(0);
    }
    if let [only] = &mut all[..] {
        only.start = 0;
    }
    all
}

/// The documents of a text as they are asked for one after the other: each is read once, not for every place in it.
pub(crate) struct Reading<'t> {
    text: &'t str,
    last: Option<(Range<usize>, Result<Document<'t>, Finding>)>,
}

impl<'t> Reading<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        Self { text, last: None }
    }

    fn read(&mut self, range: &Range<usize>) -> &Result<Document<'t>, Finding> {
        let (_, document) = match self.last.take() {
            Some(last) if last.0 == *range => self.last.insert(last),
            _ => self.last.insert((range.clone(), Document::read(&self.text[range.clone()]))),
        };
        document
    }

    /// Makes an edit at an address of the text, with the proof in every layer.
    ///
    /// # Errors
    ///
    /// Those of [`Document::read`] and [`Document::edited`] in the layer they occur in, with their place in the file;
    /// `outside-dialect` where a layer's text is not a literal block (`|`), or is not indented evenly.
    pub(crate) fn edited(&mut self, address: &Address, edit: Edit<'_>) -> Result<Edited, Finding> {
        let (text, Range { start, end }) = (self.text, address.document.clone());
        let document = self.read(&address.document).as_ref().map_err(|finding| moved(finding.clone(), start))?;
        let edited = edited_in(document, &address.layers, edit).map_err(|finding| moved(finding, start))?;
        Ok(Edited {
            text: [&text[..start], &edited.text, &text[end..]].concat(),
            replaced: edited.replaced.start + start..edited.replaced.end + start,
            replacement: edited.replacement.start + start..edited.replacement.end + start,
        })
    }
}

/// Makes several edits in one text of a document (`outer` are the paths to it), and proves them together in every
/// layer; the document's new text, and how many were made.
pub(crate) fn edited_at_once(
    text: &str,
    outer: &[Vec<String>],
    edits: &[(Vec<&str>, Edit<'_>)],
) -> Option<(String, usize)> {
    let document = Document::read(text).ok()?;
    let Some((path, deeper)) = outer.split_first() else { return document.edited_at_once(edits) };
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    let (key, value) = document.walk(&names).ok()??;
    let block = document.block_of(key, value).ok()?;
    let (inner, made) = edited_at_once(&block.text, deeper, edits)?;
    Some((document.with_block(path, &block, &inner).ok()?.text, made))
}

/// A finding of a part of a text, with its place in the whole.
pub(crate) fn moved(mut finding: Finding, by: usize) -> Finding {
    let moved = |span: &Range<usize>| span.start + by..span.end + by;
    finding.span = finding.span.as_ref().map(moved);
    if let Some(fix) = &mut finding.fix {
        fix.address.document = moved(&fix.address.document);
    }
    finding
}

fn edited_in(document: &Document<'_>, layers: &[Vec<String>], edit: Edit<'_>) -> Result<Edited, Finding> {
    let (path, deeper) = layers.split_first().expect("an address has at least one layer");
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    if deeper.is_empty() {
        return document.edited(&path, edit);
    }
    let (key, value) = document.text_at_path(&path)?;
    let block = document.block_of(key, value)?;
    let inner = Document::read(&block.text).map_err(|finding| block.shown(finding))?;
    let edited = edited_in(&inner, deeper, edit).map_err(|finding| block.shown(finding))?;
    document.with_block(&path, &block, &edited.text)
}

impl Document<'_> {
    /// The value at a path, with its key unless it is an item of a list.
    fn text_at_path(&self, path: &[&str]) -> Result<(Option<NodeId>, NodeId), Finding> {
        self.walk(path)?.ok_or_else(|| {
            Finding::new(Rule::OutsideDialect, format!("there is no text at `{}`", path.join("."))).at(0..0)
        })
    }

    /// Puts another text in place of that of a literal block, and proves it.
    pub(super) fn with_block<N: AsRef<str>>(&self, path: &[N], block: &Block, new: &str) -> Result<Edited, Finding> {
        let path: Vec<&str> = path.iter().map(AsRef::as_ref).collect();
        let (key, value) = self.text_at_path(&path)?;
        let (replaced, replacement) = block.with(self.text(), new);
        let text = [&self.text()[..replaced.start], &replacement, &self.text()[replaced.end..]].concat();
        let is_proven = self.read_again(&text).is_ok_and(|after| {
            after.walk(&path).is_ok_and(|found| found == Some((key, value)))
                && Difference::in_scalar(value).is_all(&after.tree, &self.tree)
                && after.tree.node(value).kind == Kind::Literal
                && after.tree.text(value) == new
        });
        if !is_proven {
            return Err(Finding::new(
                Rule::UnfaithfulEdit,
                format!("no edit was found that changes only the text at `{}`", path.join(".")),
            )
            .help("change it by hand, and please report the file's structure")
            .at(self.tree.span(value)));
        }
        let end = replaced.start + replacement.len();
        Ok(Edited { text, replacement: replaced.start..end, replaced })
    }
}

/// A document that is the text of a literal block.
#[derive(Clone, Debug)]
pub struct Block {
    /// The text, as the block's reader gets it.
    pub text: String,
    /// The lines of the block in the outer text, with their ends.
    lines: Vec<Range<usize>>,
    indent: usize,
}

impl Document<'_> {
    /// The literal block that a value is, with its key where it has one.
    ///
    /// # Errors
    ///
    /// `outside-dialect` where the value is not a literal block, or one whose lines cannot be distinguished.
    pub(super) fn block_of(&self, key: Option<NodeId>, value: NodeId) -> Result<Block, Finding> {
        let value = self.tree.resolved(value);
        let refused = |what: &str| {
            let span = Some(self.tree.span(value)).filter(|span| !span.is_empty());
            Finding::new(Rule::OutsideDialect, format!("values can be changed only in a literal block: this is {what}"))
                .help("write the values as a block: `values: |`")
                .at(span.or_else(|| key.map(|key| self.tree.span(key))).unwrap_or_default())
        };
        match self.tree.node(value).kind {
            Kind::Literal => {}
            Kind::Folded => return Err(refused("a folded block (`>`), which has other line breaks than the values")),
            Kind::SingleQuoted | Kind::DoubleQuoted => return Err(refused("quoted text")),
            _ => return Err(refused("text on a single line")),
        }
        let span = self.tree.span(value);
        // the header of an item of a list is on the last line before its text that says anything
        let before = self.text()[..span.start].trim_end();
        let key_end = key.map_or_else(|| before.rfind('\n').map_or(0, |feed| feed + 1), |key| self.tree.span(key).end);
        let header_end = line_end(self.text(), key_end);
        if header_end > span.start || !self.text()[key_end..header_end].contains('|') {
            return Err(refused("a block whose header is not on the line of its key"));
        }
        let text = self.tree.text(value).to_owned();
        let mut lines: Vec<Range<usize>> = Vec::new();
        let mut at = header_end;
        while at < span.end {
            let end = line_end(self.text(), at).min(span.end.max(at + 1));
            lines.push(at..end);
            at = end;
        }
        let block = Block { text, lines, indent: 0 };
        let widest = self.text()[header_end..].bytes().take_while(|b| *b == b' ').count().max(64);
        (1..=widest)
            .map(|indent| Block { indent, ..block.clone() })
            .find(|block| block.spells_itself(self.text()))
            .ok_or_else(|| refused("a block whose indentation is not known"))
    }
}

impl Block {
    /// Whether the lines, without their indentation, are the text.
    fn spells_itself(&self, outer: &str) -> bool {
        let mut spelled = String::new();
        for line in &self.lines {
            let (content, _) = self.content(outer, line);
            spelled += content;
            spelled.push('\n');
        }
        spelled.trim_end_matches('\n') == self.text.trim_end_matches('\n')
    }

    /// A line without its indentation and its end, and where that begins.
    fn content<'o>(&self, outer: &'o str, line: &Range<usize>) -> (&'o str, usize) {
        let whole = outer[line.clone()].trim_end_matches(['\n', '\r']);
        let indent = whole.bytes().take(self.indent).take_while(|b| *b == b' ').count();
        (&whole[indent..], line.start + indent)
    }

    /// The place in the outer text of a byte of the text.
    #[must_use]
    pub fn outer(&self, byte: usize) -> usize {
        let before = &self.text[..byte.min(self.text.len())];
        let number = before.matches('\n').count();
        let column = before.len() - before.rfind('\n').map_or(0, |feed| feed + 1);
        match self.lines.get(number) {
            Some(line) if column == 0 && line.len() <= self.indent => line.start,
            Some(line) => line.start + self.indent + column,
            None => self.lines.last().map_or(0, |line| line.end),
        }
    }

    /// A finding of the text, with its place in the outer text.
    #[must_use]
    pub fn shown(&self, mut finding: Finding) -> Finding {
        finding.span = finding.span.map(|span| self.outer(span.start)..self.outer(span.end));
        finding
    }

    /// The same, where the block is at a path of a document: a change that repairs it leads through there.
    pub(crate) fn shown_in(&self, outer: &Document<'_>, path: &[String], finding: Finding) -> Finding {
        let mut finding = self.shown(finding);
        if let Some(fix) = &mut finding.fix {
            fix.address.document = 0..outer.text().len();
            fix.address.layers.insert(0, path.to_vec());
        }
        finding
    }

    /// The bytes of the outer text that change, and what they become, if the text becomes `new`. Lines that stay the
    /// same keep their bytes.
    fn with(&self, outer: &str, new: &str) -> (Range<usize>, String) {
        let old_lines: Vec<&str> = self.text.split_inclusive('\n').collect();
        let new_lines: Vec<&str> = new.split_inclusive('\n').collect();
        let before = old_lines.iter().zip(&new_lines).take_while(|(old, new)| old == new).count();
        let behind = old_lines[before..]
            .iter()
            .rev()
            .zip(new_lines[before..].iter().rev())
            .take_while(|(old, new)| old == new)
            .count();
        let start = self.line_start(before);
        let end = self.line_start(old_lines.len() - behind);
        // a line that is changed ends as before, one more as the one above it
        let known = (old_lines.len() - behind).min(self.lines.len());
        let line_break = |number: usize| {
            let like = self.lines.get(number.min(known.saturating_sub(1)));
            like.map_or("\n", |line| line_break_of(&outer[line.clone()]))
        };
        let mut replacement = String::new();
        for (number, line) in (before..).zip(&new_lines[before..new_lines.len() - behind]) {
            let content = line.trim_end_matches('\n');
            if !content.is_empty() {
                replacement += &" ".repeat(self.indent);
                replacement += content;
            }
            replacement += line_break(number);
        }
        // a last line without a line break stays without one
        if end == outer.len() && !outer.ends_with('\n') {
            replacement.truncate(replacement.trim_end_matches(['\n', '\r']).len());
        }
        (start..end, replacement)
    }

    fn line_start(&self, number: usize) -> usize {
        match self.lines.get(number) {
            Some(line) => line.start,
            None => self.lines.last().map_or(0, |line| line.end),
        }
    }
}
