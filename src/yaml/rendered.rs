//! [`Rendering`]: what a file of another language says, written as YAML, with the place in the file of every byte of
//! it. So it is read, judged and edited as any other; an edit is carried out in the file and proven there: what is
//! rendered of the file afterwards must say what the edited rendering says.

use std::ops::Range;

use serde_json::Value;

use super::{document::Document, edit::Edited, splice::line_break_of};
use crate::{finding::Finding, rule::Rule};

/// What a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// Terraform, or `OpenTofu`.
    Terraform,
    /// Commands of a shell: in scripts, in the jobs of a pipeline, in the fences of a text.
    Script,
}

/// What makes renderings of the text of a file: one for each release; or why it cannot be read.
pub(crate) type Renderer = fn(&str) -> Result<Vec<Rendering>, Finding>;

/// A part of a file as YAML.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rendering {
    text: String,
    pieces: Vec<Piece>,
}

/// Where some bytes of a rendering come from.
#[derive(Clone, Debug)]
struct Piece {
    at: Range<usize>,
    from: Range<usize>,
    /// Whether they are the bytes of the file.
    is_verbatim: bool,
}

/// A rendering, and the file that it is of.
pub(crate) struct Rendered<'s> {
    pub(super) source: &'s str,
    pub(super) rendering: Rendering,
    /// Which of the renderings of the file it is.
    pub(super) number: usize,
    pub(super) render: Renderer,
    pub(super) language: Language,
}

impl Rendering {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The same, with no room for more: a script may have thousands of commands.
    pub(super) fn settled(mut self) -> Self {
        self.text.shrink_to_fit();
        self.pieces.shrink_to_fit();
        self
    }

    /// Adds words that stand for some bytes of the file.
    pub(crate) fn push(&mut self, words: &str, from: Range<usize>) {
        let start = self.text.len();
        self.text += words;
        self.pieces.push(Piece { at: start..self.text.len(), from, is_verbatim: false });
    }

    /// Adds bytes of the file as they are.
    pub(crate) fn copy(&mut self, source: &str, from: Range<usize>) {
        let start = self.text.len();
        self.text += &source[from.clone()];
        self.pieces.push(Piece { at: start..self.text.len(), from, is_verbatim: true });
    }

    /// Adds a text in quotes: as it is written where YAML reads the same there, else as what `said` is.
    pub(crate) fn quote(&mut self, source: &str, said: &str, from: Range<usize>) {
        let is_same = |written: &str| {
            let inside = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            inside == Some(said) && !said.contains(['\\', '\n', '"'])
        };
        match source.get(from.clone()) {
            Some(written) if is_same(written) => self.copy(source, from),
            Some(written) if written == said && !said.contains(['\\', '\n', '"']) => {
                self.push("\"", from.start..from.start);
                self.copy(source, from.clone());
                self.push("\"", from.end..from.end);
            }
            _ => self.push(&Value::from(said).to_string(), from),
        }
    }

    /// Adds lines of the file as the text of a block, each behind its indentation in the file and with that of the
    /// block.
    pub(crate) fn block(&mut self, source: &str, lines: impl Iterator<Item = (Range<usize>, usize)>, indent: &str) {
        for (line, skipped) in lines {
            let content = line.start + skipped.min(line.len());
            if source[content..line.end].trim_end_matches(['\n', '\r']).is_empty() {
                self.copy(source, content..line.end);
            } else {
                self.push(indent, line.start..content);
                self.copy(source, content..line.end);
            }
            if !self.text.ends_with('\n') {
                self.push("\n", line.end..line.end);
            }
        }
    }

    /// Bytes of the rendering as bytes of the file.
    pub(crate) fn span(&self, span: Range<usize>) -> Range<usize> {
        let start = self.place(span.start, false);
        start..self.place(span.end, true).max(start)
    }

    fn place(&self, byte: usize, is_end: bool) -> usize {
        let before =
            self.pieces.partition_point(|piece| if is_end { piece.at.start < byte } else { piece.at.start <= byte });
        match before.checked_sub(1).map(|number| &self.pieces[number]) {
            None => self.pieces.first().map_or(0, |piece| piece.from.start),
            Some(piece) if piece.is_verbatim => piece.from.start + (byte - piece.at.start).min(piece.from.len()),
            Some(piece) if is_end => piece.from.end,
            Some(piece) => piece.from.start,
        }
    }

    /// The bytes of the file that an edit of the rendering changes, and what they become.
    fn carried(&self, source: &str, edited: &Edited) -> Option<(Range<usize>, String)> {
        let new = &edited.text[edited.replacement.clone()];
        let old = self.text.get(edited.replaced.clone())?;
        if old.matches('\n').count() == new.matches('\n').count() {
            return self.within_line(edited, old, new);
        }
        self.of_lines(source, edited, old, new).or_else(|| self.of_object(source, edited, old, new))
    }

    /// One more entry of an object of Terraform, behind the one above it: on a line of its own where that has one, else
    /// on the same. Where it is not the place, the proof fails.
    fn of_object(&self, source: &str, edited: &Edited, old: &str, new: &str) -> Option<(Range<usize>, String)> {
        let at = edited.replaced.start;
        let line = Some(new.strip_suffix('\n')?).filter(|line| old.is_empty() && !line.contains('\n'))?;
        let (key, value) = line.trim_start().split_once(": ")?;
        let indent = line.len() - line.trim_start().len();
        // the entry above, by the place of its key
        let above = self.text[..at].lines().rev().find(|line| line.len() - line.trim_start().len() == indent)?;
        let begin = above.as_ptr() as usize - self.text.as_ptr() as usize + indent;
        let first = self.place(begin, false);
        let end = self.place(at, true);
        let rest = source[end..].lines().next().unwrap_or_default();
        let line_start = source[..first].rfind('\n').map_or(0, |feed| feed + 1);
        let margin = &source[line_start..first];
        let is_own_line = margin.trim().is_empty();
        let remark = rest.trim_start_matches(',').trim_start();
        let sign =
            if source[first..end].split_once('=').is_none_or(|(name, _)| name.contains(':')) { ":" } else { "=" };
        if is_own_line && (remark.is_empty() || remark.starts_with(['#']) || remark.starts_with("//")) {
            // aligned as the signs above are
            let written = &source[first..end];
            let column = written.find(sign).filter(|column| *column > key.len());
            let width = column.map_or(key.len(), |column| column - 1);
            let comma = if rest.starts_with(',') { "," } else { "" };
            let end = source[end..].find('\n').map(|feed| end + feed + 1)?;
            let line_break = line_break_of(&source[..end]);
            return Some((end..end, format!("{margin}{key:width$} {sign} \"{value}\"{comma}{line_break}")));
        }
        Some((end..end, format!(", {key} {sign} \"{value}\"")))
    }

    fn within_line(&self, edited: &Edited, old: &str, new: &str) -> Option<(Range<usize>, String)> {
        let same = |(one, other): &(char, char)| one == other;
        let before: usize = old.chars().zip(new.chars()).take_while(same).map(|(one, _)| one.len_utf8()).sum();
        let (old_rest, new_rest) = (&old[before..], &new[before..]);
        let behind = old_rest.chars().rev().zip(new_rest.chars().rev()).take_while(same);
        let behind: usize = behind.map(|(one, _)| one.len_utf8()).sum();
        let start = edited.replaced.start + before;
        let end = edited.replaced.end - behind;
        let holds = |piece: &&Piece| piece.is_verbatim && piece.at.start <= start && end <= piece.at.end;
        let piece = self.pieces.iter().find(holds)?;
        let moved = |byte: usize| byte - piece.at.start + piece.from.start;
        Some((moved(start)..moved(end), new_rest[..new_rest.len() - behind].to_owned()))
    }

    fn of_lines(&self, source: &str, edited: &Edited, old: &str, new: &str) -> Option<(Range<usize>, String)> {
        let (old_lines, new_lines): (Vec<&str>, Vec<&str>) =
            (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
        let before = old_lines.iter().zip(&new_lines).take_while(|(one, other)| one == other).count();
        let rest = (old_lines[before..].iter().rev()).zip(new_lines[before..].iter().rev());
        let behind = rest.take_while(|(one, other)| one == other).count();
        let length = |lines: &[&str]| lines.iter().map(|line| line.len()).sum::<usize>();
        let start = edited.replaced.start + length(&old_lines[..before]);
        let end = edited.replaced.end - length(&old_lines[old_lines.len() - behind..]);
        // the line above, which shows how lines are indented here
        let above = self.pieces.partition_point(|piece| piece.at.end <= start).checked_sub(1)?;
        let line =
            self.pieces.get(above).filter(|piece| piece.is_verbatim && source[piece.from.clone()].ends_with('\n'))?;
        let margin = above.checked_sub(1).map(|number| &self.pieces[number]).filter(|piece| !piece.is_verbatim)?;
        let replaced = if start == end {
            line.from.end..line.from.end
        } else {
            let last = self.pieces.partition_point(|piece| piece.at.end <= end).checked_sub(1)?;
            line.from.end..self.pieces.get(last).filter(|piece| piece.is_verbatim)?.from.end
        };
        let indent = &source[margin.from.clone()];
        // a line that is changed ends as before, one more as the one above it
        let line_breaks: Vec<&str> = source[replaced.clone()].split_inclusive('\n').map(line_break_of).collect();
        let mut line_break = line_break_of(&source[line.from.clone()]);
        let mut text = String::new();
        for (number, new_line) in new_lines[before..new_lines.len() - behind].iter().enumerate() {
            line_break = line_breaks.get(number).unwrap_or(&line_break);
            let content = new_line.trim_end_matches(['\n', '\r']).strip_prefix(&self.text[margin.at.clone()])?;
            text.extend([indent, content, line_break]);
        }
        Some((replaced, text))
    }
}

impl Rendered<'_> {
    /// An edit of the rendering, carried out in the file and proven there.
    pub(super) fn carried_out(&self, edited: &Edited) -> Result<Edited, Finding> {
        let place = self.rendering.span(edited.replaced.clone());
        let refused = || {
            Finding::new(Rule::UnfaithfulEdit, "no edit was found that changes only the mode here")
                .help("write the mode here by hand, as text in quotes, or keep the values in a file of their own")
                .at(place.clone())
        };
        let (replaced, new) = self.rendering.carried(self.source, edited).ok_or_else(refused)?;
        let text = [&self.source[..replaced.start], &new, &self.source[replaced.end..]].concat();
        let render = |text: &str| (self.render)(text).map_err(|_| refused());
        let (before, after) = (render(self.source)?, render(&text)?);
        let is_same = |number: usize| match (before.get(number), after.get(number)) {
            (Some(_), Some(after)) if number == self.number => says_same(&after.text, &edited.text),
            (Some(before), Some(after)) => before.text == after.text,
            _ => false,
        };
        if before.len() != after.len() || !(0..before.len()).all(is_same) {
            return Err(refused());
        }
        let replacement = replaced.start..replaced.start + new.len();
        Ok(Edited { text, replaced, replacement })
    }
}

/// Whether two renderings say the same, value by value.
fn says_same(one: &str, other: &str) -> bool {
    match (Document::read_any(one), Document::read_any(other)) {
        (Ok(one), Ok(other)) => one.tree.nodes.len() == other.tree.nodes.len() && one.value(0) == other.value(0),
        _ => false,
    }
}
