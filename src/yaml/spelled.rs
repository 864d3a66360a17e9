//! [`Spelled`]: the texts in a YAML file that hold commands, with the bytes of the file that spell each line.

use std::ops::Range;

use super::{
    document::Document,
    tree::{Kind, NodeId},
};

/// A text in a YAML file, with the bytes of the file that spell it.
pub(crate) struct Spelled {
    pub(crate) text: String,
    /// The byte of the text at which each line of it begins, and its bytes in the file; none where it is not written as
    /// it is read.
    pub(crate) lines: Vec<(usize, Range<usize>)>,
    /// The bytes of the whole.
    pub(crate) span: Range<usize>,
}

/// A list of commands that a shell runs one after another.
struct Listed {
    /// The mapping that it is in.
    mapping: NodeId,
    spelled: Spelled,
    /// The bytes of what it takes from elsewhere: by an alias, or by a reference.
    taken: Vec<Range<usize>>,
}

impl Document<'_> {
    /// The texts of a document that have a word in them, in order, in a file in which the document begins at a byte.
    pub(crate) fn texts_with(&self, has: &dyn Fn(&str) -> bool, start: usize) -> Vec<Spelled> {
        let ids = 0..self.tree.nodes.len();
        let is_text = |id: &NodeId| {
            let kind = self.tree.node(*id).kind;
            !kind.is_mapping() && !kind.is_sequence() && kind != Kind::Alias && has(self.tree.text(*id))
        };
        ids.filter(is_text).map(|id| self.spelled(id, start)).collect()
    }

    /// The same, with the items of a list that one shell runs one after another as one text: the folder that the first
    /// goes to is that of the others. (GitLab, Bitbucket, Travis, Drone, Woodpecker, and others.)
    pub(crate) fn commands_with(&self, has: &dyn Fn(&str) -> bool, start: usize) -> Vec<Spelled> {
        let mut lists: Vec<Listed> = Vec::new();
        for (mapping, value) in (0..self.tree.nodes.len()).flat_map(|id| self.shell_lists(id)) {
            let mut listed = self.joined(mapping, value, start);
            if !has(&listed.spelled.text) {
                continue;
            }
            if let Some(before) = self.list_before(mapping, self.tree.resolved(value)) {
                let before = self.joined(mapping, before, start).spelled;
                let spelled = &mut listed.spelled;
                let length = before.text.len();
                let moved = std::mem::take(&mut spelled.lines).into_iter().map(|(at, line)| (at + length, line));
                spelled.lines = before.lines.into_iter().chain(moved).collect();
                spelled.text.insert_str(0, &before.text);
            }
            lists.push(listed);
        }
        let is_within =
            |inner: &Range<usize>, outer: &Range<usize>| outer.start <= inner.start && inner.end <= outer.end;
        let mut taken: Vec<Range<usize>> = lists.iter().flat_map(|listed| listed.taken.iter().cloned()).collect();
        taken.sort_by_key(|taken| (taken.start, taken.end));
        taken.dedup();
        // what a job takes of a hidden one runs there, and the hidden one does not
        lists.retain(|listed| {
            let is_taken = taken.iter().any(|taken| is_within(&listed.spelled.span, taken));
            !(is_taken && self.is_never_run(listed.mapping))
        });
        let mut texts = self.texts_with(has, start);
        texts.retain(|text| {
            let is_joined = |listed: &Listed| is_within(&text.span, &listed.spelled.span);
            !lists.iter().any(is_joined) && !taken.iter().any(|taken| is_within(&text.span, taken))
        });
        texts.extend(lists.into_iter().map(|listed| listed.spelled));
        texts
    }

    /// The lists of a mapping that a shell runs, each with the mapping, as they are written there: one may be an alias.
    fn shell_lists(&self, mapping: NodeId) -> Vec<(NodeId, NodeId)> {
        const KEYS: [&str; 6] = ["script", "before_script", "after_script", "commands", "install", "deploy"];
        let tree = &self.tree;
        if !tree.node(mapping).kind.is_mapping() {
            return Vec::new();
        }
        let list = |(key, value): (NodeId, NodeId)| {
            let is_list = tree.node(tree.resolved(value)).kind.is_sequence();
            (is_list && KEYS.contains(&tree.text(key))).then_some((mapping, value))
        };
        tree.entries(mapping).filter_map(list).collect()
    }

    /// Whether a mapping is in a hidden job of GitLab that no other extends.
    pub(super) fn is_never_run(&self, mapping: NodeId) -> bool {
        let (tree, span) = (&self.tree, self.tree.span(mapping));
        let holds = |job: NodeId| tree.span(job).start <= span.start && span.end <= tree.span(job).end;
        let Some((key, own)) = self.jobs().find(|(_, job)| holds(*job)) else { return false };
        tree.text(key).starts_with('.') && !self.jobs().any(|(_, job)| self.extended(job).contains(&own))
    }

    /// What runs before a list of the same job, in the same shell, where it brings no release itself. (GitLab,
    /// `before_script`.)
    fn list_before(&self, mapping: NodeId, list: NodeId) -> Option<NodeId> {
        let tree = &self.tree;
        let of = |mapping: NodeId, name: &str| {
            let entry = Some(mapping).filter(|id| tree.node(*id).kind.is_mapping());
            let mut entries = entry.into_iter().flat_map(|mapping| tree.entries(mapping));
            entries.find(|(key, _)| tree.text(*key) == name).map(|(_, value)| tree.resolved(value))
        };
        if of(mapping, "script")? != list {
            return None;
        }
        let of_root = || of(of(0, "default")?, "before_script").or_else(|| of(0, "before_script"));
        let of_others = || self.extended(mapping).into_iter().find_map(|job| of(job, "before_script"));
        let before = of(mapping, "before_script").or_else(of_others).or_else(of_root)?;
        let brings = |id: NodeId| ["upgrade", "install ", "<<"].iter().any(|word| tree.text(id).contains(word));
        let is_list = tree.node(before).kind.is_sequence() && !tree.children(before).any(brings);
        is_list.then_some(before)
    }

    /// The texts of a list, each on lines of its own, with those of the lists in it, or that it refers to.
    fn joined(&self, mapping: NodeId, value: NodeId, start: usize) -> Listed {
        let span = self.tree.span(value);
        let spelled = Spelled { text: String::new(), lines: Vec::new(), span: span.start + start..span.end + start };
        let mut all = Listed { mapping, spelled, taken: Vec::new() };
        self.add_texts(value, start, 8, &mut all);
        all
    }

    fn add_texts(&self, value: NodeId, start: usize, deeper: usize, all: &mut Listed) {
        /// No script is longer.
        const LONGEST: usize = 1 << 20;
        let tree = &self.tree;
        let list = tree.resolved(value);
        let list = self.referred_to(list).unwrap_or(list);
        if list != value {
            let span = tree.span(list);
            all.taken.push(span.start + start..span.end + start);
        }
        let own = [list];
        let items: Vec<NodeId> =
            if tree.node(list).kind.is_sequence() { tree.children(list).collect() } else { own.to_vec() };
        for item in items {
            let kind = tree.node(tree.resolved(item)).kind;
            if kind.is_sequence() && deeper > 0 {
                self.add_texts(item, start, deeper - 1, all);
            }
            let all = &mut all.spelled;
            if kind.is_sequence() || kind.is_mapping() || kind == Kind::Alias || all.text.len() > LONGEST {
                continue;
            }
            let Spelled { text, lines, .. } = self.spelled(tree.resolved(item), start);
            let length = all.text.len();
            all.lines.extend(lines.into_iter().map(|(at, line)| (at + length, line)));
            all.text += &text;
            if !text.ends_with('\n') {
                all.text.push('\n');
            }
        }
    }

    /// What a list of names refers to, if it does: `!reference [.setup, script]`, without its tag.
    fn referred_to(&self, list: NodeId) -> Option<NodeId> {
        let tree = &self.tree;
        let names: Vec<&str> = tree.children(list).take(8).map(|item| tree.text(item)).collect();
        let is_reference = tree.node(list).kind.is_sequence() && names.len() > 1;
        let found = names.into_iter().try_fold(0, |at, name| {
            let mapping = Some(at).filter(|id| tree.node(*id).kind.is_mapping())?;
            tree.entries(mapping).find(|(key, _)| tree.text(*key) == name).map(|(_, value)| tree.resolved(value))
        });
        found.filter(|found| is_reference && *found != list)
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
        // the mark of the block may be on its first line
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
