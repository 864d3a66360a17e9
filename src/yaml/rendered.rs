//! [`Rendering`]: what a file of another language says, written as YAML, with the place in the file of every byte of
//! it. So it is read, judged and edited as any other; an edit is carried out in the file and proven there: what is
//! rendered of the file afterwards must say what the edited rendering says.

use std::ops::Range;

use serde_json::Value;

use super::{
    document::Document,
    edit::Edited,
    splice::line_break_of,
    tree::{Kind, NodeId},
};
use crate::{finding::Finding, rule::Rule};

/// What a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// Terraform, or `OpenTofu`.
    Terraform,
    /// Commands of a shell: in scripts, in the jobs of a pipeline, in the fences of a text.
    Script,
}

/// What makes renderings of the text of a file: one for each release.
pub(crate) type Renderer = fn(&str) -> Vec<Rendering>;

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

    /// Adds a text in quotes: as it is written where YAML reads the same there, else as what is said.
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

    /// One more entry of an object of Terraform, behind the one that stands above it: on a line of its own where that
    /// has one, else on the same. Where it is not the place, the proof fails.
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
        let (before, after) = ((self.render)(self.source), (self.render)(&text));
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

/// A text in a YAML file, with the bytes of the file that spell it.
pub(crate) struct Spelled {
    pub(crate) text: String,
    /// The byte of the text at which each line of it begins, and its bytes in the file; none where it is not written as
    /// it is read.
    pub(crate) lines: Vec<(usize, Range<usize>)>,
    /// The bytes of the whole.
    pub(crate) span: Range<usize>,
}

impl Document<'_> {
    /// The texts of a document that have a word in them, in order, in a file in which the document begins at a byte.
    pub(crate) fn texts_with(&self, word: &str, start: usize) -> Vec<Spelled> {
        let ids = 0..self.tree.nodes.len();
        let is_text = |id: &NodeId| {
            let kind = self.tree.node(*id).kind;
            !kind.is_mapping() && !kind.is_sequence() && kind != Kind::Alias && self.tree.text(*id).contains(word)
        };
        ids.filter(is_text).map(|id| self.spelled(id, start)).collect()
    }

    /// The same, with the items of a list that one shell runs one after another as one text: the folder that the first goes
    /// to is that of the others. (GitLab, Bitbucket, Travis, Drone, Woodpecker, and others.)
    pub(crate) fn commands_with(&self, word: &str, start: usize) -> Vec<Spelled> {
        let tree = &self.tree;
        let mut lists: Vec<(Range<usize>, Spelled)> = Vec::new();
        for (mapping, list) in (0..tree.nodes.len()).flat_map(|id| self.shell_lists(id)) {
            let mut spelled = self.joined(list, start);
            if !spelled.text.contains(word) {
                continue;
            }
            if let Some(before) = self.list_before(mapping, list) {
                let before = self.joined(before, start);
                let length = before.text.len();
                let moved = spelled.lines.into_iter().map(|(at, line)| (at + length, line));
                spelled.lines = before.lines.into_iter().chain(moved).collect();
                spelled.text.insert_str(0, &before.text);
            }
            lists.push((tree.span(list), spelled));
        }
        let is_joined = |span: &Range<usize>| {
            lists.iter().any(|(list, _)| list.start + start <= span.start && span.end <= list.end + start)
        };
        let mut texts = self.texts_with(word, start);
        texts.retain(|spelled| !is_joined(&spelled.span));
        texts.extend(lists.into_iter().map(|(_, spelled)| spelled));
        texts
    }

    /// The lists of a mapping that a shell runs, each with the mapping.
    fn shell_lists(&self, mapping: NodeId) -> Vec<(NodeId, NodeId)> {
        const KEYS: [&str; 6] = ["script", "before_script", "after_script", "commands", "install", "deploy"];
        let tree = &self.tree;
        if !tree.node(mapping).kind.is_mapping() {
            return Vec::new();
        }
        let is_list =
            |(key, value): &(NodeId, NodeId)| tree.node(*value).kind.is_sequence() && KEYS.contains(&tree.text(*key));
        tree.entries(mapping).filter(is_list).map(|(_, list)| (mapping, list)).collect()
    }

    /// What runs before a list of the same job, in the same shell, where it brings no release itself. (GitLab,
    /// `before_script`.)
    fn list_before(&self, mapping: NodeId, list: NodeId) -> Option<NodeId> {
        let tree = &self.tree;
        let of = |mapping: NodeId, name: &str| tree.entries(mapping).find(|(key, _)| tree.text(*key) == name);
        if of(mapping, "script")?.1 != list {
            return None;
        }
        let (_, before) = of(mapping, "before_script").or_else(|| of(0, "before_script"))?;
        let brings = |id: NodeId| ["upgrade", "install ", "<<"].iter().any(|word| tree.text(id).contains(word));
        let is_list = tree.node(before).kind.is_sequence() && !tree.children(before).any(brings);
        is_list.then_some(before)
    }

    /// The texts of a list, each on lines of its own.
    fn joined(&self, list: NodeId, start: usize) -> Spelled {
        let tree = &self.tree;
        let is_text = |id: &NodeId| {
            let kind = tree.node(*id).kind;
            !kind.is_mapping() && !kind.is_sequence() && kind != Kind::Alias
        };
        let span = tree.span(list);
        let mut all = Spelled { text: String::new(), lines: Vec::new(), span: span.start + start..span.end + start };
        for item in tree.children(list).filter(is_text) {
            let Spelled { text, lines, .. } = self.spelled(item, start);
            let length = all.text.len();
            all.lines.extend(lines.into_iter().map(|(at, line)| (at + length, line)));
            all.text += &text;
            if !text.ends_with('\n') {
                all.text.push('\n');
            }
        }
        all
    }

    fn spelled(&self, id: NodeId, start: usize) -> Spelled {
        let (span, text) = (self.tree.span(id), self.tree.text(id).to_owned());
        let moved = |range: Range<usize>| range.start + start..range.end + start;
        let source = self.text();
        let lines = match self.tree.node(id).kind {
            Kind::Literal => literal_lines(source, &span, &text).map(|lines| with_starts(&text, lines)),
            Kind::Folded => folded_lines(source, &span, &text),
            _ => ["", "\"", "'"].into_iter().find_map(|quote| {
                let inside = span.start + quote.len()..span.end.checked_sub(quote.len())?;
                (source.get(inside.clone()) == Some(text.as_str())).then(|| vec![(0, inside)])
            }),
        };
        let lines = lines.unwrap_or_default().into_iter().map(|(at, line)| (at, moved(line))).collect();
        Spelled { text, lines, span: moved(span) }
    }
}

/// Lines of a text, each with the byte of it at which it begins.
fn with_starts(text: &str, lines: Vec<Range<usize>>) -> Vec<(usize, Range<usize>)> {
    let feeds = text.match_indices('\n').map(|(feed, _)| feed + 1);
    std::iter::once(0).chain(feeds).zip(lines).collect()
}

/// The lines of a folded block, which a space joins; nothing where they do not spell the text.
fn folded_lines(source: &str, span: &Range<usize>, text: &str) -> Option<Vec<(usize, Range<usize>)>> {
    let mut at = source[..span.start].rfind('\n').map_or(0, |feed| feed + 1);
    let mut read = 0;
    let mut lines = Vec::new();
    for line in source[at..span.end].split_inclusive('\n') {
        let content = line.trim();
        let start = at + line.len() - line.trim_start().len();
        at += line.len();
        // the mark of the block may stand on its first line
        if content.is_empty() || lines.is_empty() && content.contains('>') && !text.starts_with(content) {
            continue;
        }
        read += text[read..].len() - text[read..].trim_start_matches([' ', '\n']).len();
        if !text[read..].starts_with(content) {
            return None;
        }
        lines.push((read, start..start + content.len()));
        read += content.len();
    }
    text[read..].trim().is_empty().then_some(lines)
}

/// The lines of a literal block behind their indentation, with their ends; nothing where they do not spell the text.
fn literal_lines(source: &str, span: &Range<usize>, text: &str) -> Option<Vec<Range<usize>>> {
    let mut at = source[..span.start].rfind('\n').map_or(0, |feed| feed + 1);
    let first = text.lines().find(|line| !line.trim().is_empty())?;
    let written = source[at..].lines().next()?;
    let indent = written.len().checked_sub(first.len()).filter(|indent| written[*indent..] == *first)?;
    let mut lines = Vec::new();
    let mut is_before = true;
    for line in text.split_inclusive('\n') {
        // blank lines above the first are not part of the block's bytes
        if is_before && line.trim().is_empty() {
            lines.push(at..at);
            continue;
        }
        is_before = false;
        let end = source[at..].find('\n').map_or(source.len(), |feed| at + feed + 1);
        let begin = (at + indent).min(end);
        let content = source.get(begin..end).unwrap_or("\n");
        let blank = line.trim().is_empty() && source.get(at..end)?.trim().is_empty();
        if content.trim_end_matches(['\r', '\n']) != line.trim_end_matches('\n') && !blank {
            return None;
        }
        lines.push(if blank { end.saturating_sub(1).max(at)..end } else { begin..end });
        at = end;
    }
    Some(lines)
}

/// A job that a pipeline runs several times.
#[derive(Clone)]
pub(crate) struct Matrix {
    /// Its bytes in the file.
    pub(crate) job: Range<usize>,
    /// The names that have another value each time, with these, where they are written out.
    pub(crate) names: Vec<(String, Vec<String>)>,
    /// Whether they are written as expressions of GitHub.
    pub(crate) is_github: bool,
}

impl Document<'_> {
    /// The jobs with a matrix, by which a pipeline runs each several times, in a file in which the document begins at a byte.
    /// (GitHub, `strategy.matrix`; GitLab, `parallel:matrix`; Azure, `strategy.matrix`.)
    pub(crate) fn matrices(&self, start: usize) -> Vec<Matrix> {
        const MOST: usize = 200;
        let tree = &self.tree;
        let entry = |id: NodeId, keys: &[&str]| {
            let is_it = |(key, _): &(NodeId, NodeId)| keys.contains(&tree.text(*key));
            tree.node(id).kind.is_mapping().then(|| tree.entries(id).find(is_it))?
        };
        let matrix = |id: NodeId| {
            let (key, below) = entry(id, &["strategy", "parallel"])?;
            let (_, matrix) = entry(tree.resolved(below), &["matrix"])?;
            let (names, span) = (self.names_of_matrix(tree.resolved(matrix)), tree.span(id));
            Some(Matrix { job: span.start + start..span.end + start, names, is_github: tree.text(key) == "strategy" })
        };
        (0..tree.nodes.len()).filter_map(matrix).take(MOST).collect()
    }

    /// The names of a matrix with their values; none where others are added to them, or they are not written out.
    fn names_of_matrix(&self, matrix: NodeId) -> Vec<(String, Vec<String>)> {
        let tree = &self.tree;
        let alone = tree.node(matrix).kind.is_sequence().then(|| tree.children(matrix).collect::<Vec<_>>());
        let mapping = match alone.as_deref() {
            Some([one]) => tree.resolved(*one),
            Some(_) => return Vec::new(),
            None => matrix,
        };
        if !tree.node(mapping).kind.is_mapping() {
            return Vec::new();
        }
        let items = |(key, value): (NodeId, NodeId)| {
            let text = |id: NodeId| tree.scalar(id).and_then(super::scalar::Scalar::name);
            let list = tree.resolved(value);
            let is_list = tree.node(list).kind.is_sequence() && !["include", "exclude"].contains(&tree.text(key));
            let items = tree.children(list).map(text).collect::<Option<Vec<String>>>()?;
            is_list.then(|| (tree.text(key).to_owned(), items))
        };
        tree.entries(mapping).map(items).collect::<Option<Vec<_>>>().unwrap_or_default()
    }

    /// The folder that a command is run in which is the value at a byte, where that stands beside it.
    pub(crate) fn folder_of(&self, byte: usize, start: usize) -> Option<String> {
        const KEYS: [&str; 5] = ["working-directory", "workingDirectory", "working_directory", "chdir", "dir"];
        let tree = &self.tree;
        if !KEYS[..4].iter().chain(&["cmds:"]).any(|key| self.text().contains(key)) {
            return None;
        }
        let holds = |id: &NodeId| {
            tree.node(*id).kind.is_mapping()
                && tree.entries(*id).any(|(_, value)| tree.span(value).start + start == byte)
        };
        let entry = |mapping: NodeId, keys: &[&str]| {
            let mapping = Some(tree.resolved(mapping)).filter(|id| tree.node(*id).kind.is_mapping())?;
            tree.entries(mapping).find(|(key, _)| keys.contains(&tree.text(*key))).map(|(_, value)| value)
        };
        let mapping = (0..tree.nodes.len()).rev().find(holds);
        let beside = || entry(mapping?, &KEYS);
        let around = |id: &NodeId| {
            let span = tree.span(*id);
            tree.node(*id).kind.is_mapping() && span.start + start <= byte && byte < span.end + start
        };
        // what a job, or the whole workflow, says for all of its steps (GitHub, `defaults.run`)
        let of_job = || {
            let mut outer = (0..tree.nodes.len()).rev().filter(around);
            outer.find_map(|id| entry(entry(entry(id, &["defaults"])?, &["run"])?, &KEYS[..1]))
        };
        // what a task says for all of its commands (Task, `dir` beside `cmds`)
        let of_task = || {
            let mut outer = (0..tree.nodes.len()).rev().filter(around);
            outer.find_map(|id| entry(id, &["cmds"]).and_then(|_| entry(id, &["dir"])))
        };
        let folder = beside().or_else(of_job).or_else(of_task)?;
        Some(tree.text(tree.resolved(folder)).trim_end_matches('/').to_owned())
    }

    /// The entries of the mapping that stands under a name beside the value at a byte: name, text and bytes of each.
    pub(crate) fn sibling_entries(&self, byte: usize, name: &str) -> Option<Vec<(String, String, Range<usize>)>> {
        let tree = &self.tree;
        let holds = |id: &NodeId| {
            tree.node(*id).kind.is_mapping() && tree.entries(*id).any(|(_, value)| tree.span(value).start == byte)
        };
        let mapping = (0..tree.nodes.len()).rev().find(holds)?;
        let (_, below) = self.effective_entry(mapping, name)?;
        let below = tree.resolved(below);
        if !tree.node(below).kind.is_mapping() {
            return None;
        }
        let text = |id: NodeId| tree.scalar(id).and_then(super::scalar::Scalar::name);
        let entry = |(key, value): (NodeId, NodeId)| Some((text(key)?, text(value)?, tree.span(value)));
        Some(tree.entries(below).filter_map(entry).collect())
    }
}
