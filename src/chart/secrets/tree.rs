//! The reader of what parses: what is secret is decided on the nodes, so that a value is secret as a whole, however it is
//! written, and nothing beside it is.

use std::ops::Range;

use super::{
    inner::{Inner, ranges_in},
    lines::{Extent, Lines},
    names::{Secrecy, is_about, is_key_of_secret, secrecy},
    shapes::shapes,
    words::{
        is_empty, is_identifier, is_name, is_program, is_reference, is_value, looks_made, pointed, takes_password,
    },
};
use crate::yaml::{Form, Outline};

/// The secret bytes of a text that are in a piece of it, and maybe others; nothing where it does not parse, or is no mapping
/// and no list.
pub(super) fn ranges(text: &str, depth: usize, piece: Range<usize>) -> Option<Vec<Range<usize>>> {
    let outline = Outline::read(text)?;
    let mut root = 0;
    while root < outline.len() && !matches!(outline.form(root), Form::Mapping | Form::Sequence) {
        root = outline.next(root);
    }
    if root >= outline.len() {
        return None;
    }
    // an alias may make a secret of what stands anywhere
    let has_aliases = (root..outline.len()).any(|node| outline.form(node) == Form::Alias);
    let mut reader = Reader {
        text,
        named: if has_aliases { 0..text.len() } else { piece.clone() },
        piece,
        is_secret: vec![false; outline.len()],
        merged: vec![None; outline.len()],
        outline: &outline,
        found: Vec::new(),
    };
    for node in 0..outline.len() {
        match outline.form(node) {
            Form::Mapping if reader.may_name(node, node) => reader.mapping(node),
            Form::Sequence if reader.may_name(node, node) => reader.sequence(node),
            _ => {}
        }
    }
    reader.leaves(depth);
    Some(reader.found)
}

type Node = usize;

/// What a mapping has of a pair.
#[derive(Clone, Copy, Debug, Default)]
struct Pair {
    /// Its name is secret.
    is_secret: bool,
    /// The key and the value of its value.
    value: Option<(Node, Node)>,
}

struct Reader<'o, 't> {
    text: &'t str,
    /// The part of the text that is asked for.
    piece: Range<usize>,
    /// The part in which a name may make a secret in it.
    named: Range<usize>,
    outline: &'o Outline<'t>,
    /// What is within a secret value, by node.
    is_secret: Vec<bool>,
    /// The pairs of mappings that others are merged from.
    merged: Vec<Option<Pair>>,
    found: Vec<Range<usize>>,
}

impl Reader<'_, '_> {
    /// Whether what begins with one node and ends with another, and with the comments behind that, is where names count.
    fn may_name(&self, first: Node, last: Node) -> bool {
        let outline = self.outline;
        let next = outline.next(last);
        let end = if next < outline.len() { outline.span(next).start } else { self.text.len() };
        outline.span(first).start <= self.named.end && self.named.start <= end
    }

    fn mapping(&mut self, mapping: Node) {
        let outline = self.outline;
        let mut is_object = false;
        for (key, value) in outline.entries(mapping) {
            let Some(name) = outline.text(key).filter(|_| !outline.is_merge(key)) else { continue };
            is_object |= name == "kind" && outline.text(value) == Some("Secret");
            if !self.may_name(key, value) {
                continue;
            }
            match secrecy(name) {
                Secrecy::Open => {}
                _ if is_key_of_secret(name) && outline.text(value).is_some_and(is_identifier) => {}
                Secrecy::Whole => self.entry(key, value),
                Secrecy::Text => match outline.form(outline.resolved(value)) {
                    Form::Mapping => {}
                    Form::Sequence => {
                        let items = outline.items(outline.resolved(value));
                        let texts = items.filter(|item| outline.text(*item).is_some());
                        texts.for_each(|item| self.node(item));
                    }
                    _ => self.entry(key, value),
                },
            }
        }
        if is_object {
            let is_data = |key: &Node| matches!(outline.text(*key), Some("data" | "stringData"));
            outline.entries(mapping).filter(|(key, _)| is_data(key)).for_each(|(key, value)| self.entry(key, value));
        }
        if let Pair { is_secret: true, value: Some((key, value)) } = self.pair(mapping, 0) {
            self.entry(key, value);
        }
    }

    /// The pair that a mapping is, what it merges included.
    fn pair(&mut self, mapping: Node, depth: usize) -> Pair {
        const DEEPEST: usize = 8;
        if let Some(pair) = self.merged[mapping] {
            return pair;
        }
        let outline = self.outline;
        let mut pair = Pair::default();
        for (key, value) in outline.entries(mapping) {
            if outline.is_merge(key) && depth < DEEPEST {
                let merged = outline.resolved(value);
                let members: Vec<Node> = match outline.form(merged) {
                    Form::Mapping => vec![merged],
                    Form::Sequence => outline.items(merged).map(|member| outline.resolved(member)).collect(),
                    _ => Vec::new(),
                };
                for member in members.into_iter().filter(|member| outline.form(*member) == Form::Mapping) {
                    let Pair { is_secret, value } = self.pair(member, depth + 1);
                    pair.is_secret |= is_secret;
                    pair.value = pair.value.or(value);
                }
                continue;
            }
            let Some(name) = outline.text(key) else { continue };
            if is_name(name) {
                pair.is_secret |= outline.text(value).is_some_and(|name| secrecy(pointed(name)) > Secrecy::Open);
            } else if is_value(name) {
                pair.value = Some((key, value));
            }
        }
        self.merged[mapping] = Some(pair);
        pair
    }

    /// What follows an option in a list of words: `["--token", "x"]`, `[curl, -u, "me:x"]`.
    fn sequence(&mut self, sequence: Node) {
        let outline = self.outline;
        let mut program = "";
        let mut before = "";
        for item in outline.items(sequence) {
            let Some(word) = outline.text(item) else {
                before = "";
                continue;
            };
            let option = before.strip_prefix('-').filter(|option| !option.contains('='));
            let is_named = option.is_some_and(|option| secrecy(option) > Secrecy::Open);
            if (is_named || takes_password(program, before)) && !word.starts_with("--") && !is_empty(word) {
                self.node(item);
            }
            if is_program(word) {
                program = word;
            }
            before = word;
        }
    }

    /// A value that its key makes secret: from behind the colon on, through comments.
    fn entry(&mut self, key: Node, value: Node) {
        if self.is_secret[value] {
            return;
        }
        let from = self.outline.span(key).end;
        let until = self.outline.span(value);
        let start = behind_colon(self.text, from..until.start.max(from));
        // `password: !Abc` is a password, though YAML reads a tag (or an anchor) and no value
        let is_tag = self.text[start.min(until.start)..until.start].starts_with(['!', '&']);
        if self.is_harmless(value) && !is_tag {
            return;
        }
        // an alias stands where its anchor is not, so it may come first in the text
        let start = start.min(until.start).max(from);
        let end = self.behind_remarks(until.end, self.outline.span(key).start);
        let holes = self.holes(value);
        self.pieces(start..end, holes);
        self.spread(value);
    }

    /// A range without some spans in it; what remains between them without a word is not secret.
    fn pieces(&mut self, range: Range<usize>, holes: Vec<Range<usize>>) {
        if holes.is_empty() {
            return self.found.push(range);
        }
        let mut at = range.start;
        for hole in holes {
            if hole.start >= at && hole.end <= range.end {
                self.rest(at..hole.start);
                at = hole.end;
            }
        }
        self.rest(at..range.end);
    }

    /// What remains between the holes, line by line: signs alone are no secret.
    fn rest(&mut self, range: Range<usize>) {
        let mut at = range.start;
        for line in self.text[range].split_inclusive('\n') {
            if line.contains(|c: char| !(c.is_whitespace() || "-?{}[],:|>\"'".contains(c))) {
                self.found.push(at..at + line.len());
            }
            at += line.len();
        }
    }

    /// A node that is secret as it stands.
    fn node(&mut self, node: Node) {
        if !self.is_secret[node] && !self.is_harmless(node) {
            let span = self.outline.span(node);
            let end = self.behind_remarks(span.end, span.start);
            self.found.push(span.start..end);
            self.spread(node);
        }
    }

    /// Takes all below a node for secret, and what the aliases in it stand for.
    fn spread(&mut self, node: Node) {
        let outline = self.outline;
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            let mut inner = node;
            while inner < outline.next(node) {
                if self.is_secret[inner] {
                    inner = outline.next(inner);
                    continue;
                }
                self.is_secret[inner] = true;
                if outline.form(inner) == Form::Alias {
                    let target = outline.resolved(inner);
                    if !self.is_secret[target] && !self.is_harmless(target) {
                        let holes = self.holes(target);
                        self.pieces(outline.span(target), holes);
                        open.push(target);
                    }
                }
                inner += 1;
            }
        }
    }

    /// What is shown below a secret name: the keys, the entries that say nothing (`enabled: true`) or where a secret is
    /// (`secretName: tls`), comments in words.
    fn holes(&self, value: Node) -> Vec<Range<usize>> {
        let outline = self.outline;
        let mut holes = Vec::new();
        let mut at = outline.span(value).start;
        for node in value..outline.next(value) {
            let span = outline.span(node);
            match outline.form(node) {
                Form::Mapping => {
                    let entries = outline.entries(node).filter(|(key, _)| self.is_plain_name(*key));
                    holes.extend(entries.map(|(key, value)| self.shown_of(key, value)));
                }
                Form::Sequence => {
                    let harmless = outline.items(node).filter(|item| self.is_harmless(*item));
                    holes.extend(harmless.map(|item| outline.span(item)));
                }
                _ => {
                    if at < span.start {
                        self.words_of(at..span.start, &mut holes);
                    }
                    at = at.max(span.end);
                }
            }
        }
        holes.sort_unstable_by_key(|hole| hole.start);
        holes
    }

    /// What is shown of an entry below a secret name.
    fn shown_of(&self, key: Node, value: Node) -> Range<usize> {
        let outline = self.outline;
        let name = outline.text(key).unwrap_or_default();
        let (key, span) = (outline.span(key), outline.span(value));
        let is_open = is_about(name)
            && outline.form(value) != Form::Alias
            && outline.text(value).is_some_and(|text| !text.contains('\n') && !text.split(' ').any(looks_made));
        if self.is_harmless(value) || is_open {
            key.start..span.end.max(key.end)
        } else {
            let colon = self.text[key.end..].find([':', '\n']).map_or(key.end, |colon| key.end + colon + 1);
            key.start..colon
        }
    }

    /// The lines between two scalars that are comments in words.
    fn words_of(&self, gap: Range<usize>, holes: &mut Vec<Range<usize>>) {
        let mut at = gap.start;
        for line in self.text[gap].split_inclusive('\n') {
            let start = at;
            at += line.len();
            if let Some(comment) = line.trim().strip_prefix('#')
                && !is_telling(comment)
            {
                holes.push(start..at);
            }
        }
    }

    /// Whether a key is a name, and not a secret in the place of one.
    fn is_plain_name(&self, key: Node) -> bool {
        const LONGEST: usize = 40;
        self.outline.text(key).is_some_and(|name| {
            name.len() <= LONGEST && name.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'.'))
        })
    }

    /// Whether a value says nothing: a truth, null, an empty text, an empty collection.
    fn is_harmless(&self, node: Node) -> bool {
        let node = self.outline.resolved(node);
        match self.outline.text(node) {
            Some(text) => text.is_empty() || text.len() < 8 && is_empty(text) || is_reference(text),
            None => self.outline.next(node) == node + 1,
        }
    }

    /// The end of a secret value with the comment behind it, and those below it that are indented further than its key.
    fn behind_remarks(&self, end: usize, key: usize) -> usize {
        const LONGEST_LINE: usize = 4096;
        let floor = key.saturating_sub(LONGEST_LINE);
        let before = &self.text.as_bytes()[floor..key];
        let Some(column) = before.iter().rev().position(|b| *b == b'\n').or((floor == 0).then_some(key)) else {
            return end;
        };
        let rest = &self.text[end..];
        let mut at = end;
        let mut behind = end;
        for (number, line) in rest.split_inclusive('\n').enumerate() {
            let body = line.trim_start_matches([' ', '\t']);
            let is_comment = body.starts_with('#') && (number == 0 || line.len() - body.len() > column);
            if !is_comment && !body.trim_end().is_empty() {
                break;
            }
            at += line.len();
            if is_comment && (number == 0 || is_telling(body.trim_start_matches('#'))) {
                behind = at;
            }
        }
        behind
    }

    /// What scalars that are not secret themselves hold, and the comments between them.
    fn leaves(&mut self, depth: usize) {
        let outline = self.outline;
        let mut at = 0;
        for node in 0..outline.len() {
            if matches!(outline.form(node), Form::Mapping | Form::Sequence) {
                continue;
            }
            let span = outline.span(node);
            if span.start > at {
                self.comments(at..span.start);
            }
            if outline.form(node) == Form::Alias {
                self.looks(span.clone());
            }
            at = at.max(span.end);
            let is_asked = span.start < self.piece.end && self.piece.start < span.end;
            if is_asked && !self.is_secret[node] && outline.form(node) != Form::Alias && !span.is_empty() {
                let inner = Inner::of(self.text, outline.form(node), span);
                ranges_in(&inner, depth, &mut self.found);
            }
        }
        self.comments(at..self.text.len());
    }

    /// What looks like a secret in a tag, an anchor, an alias.
    fn looks(&mut self, span: Range<usize>) {
        let found = &mut self.found;
        shapes(&self.text[span.clone()], |range| found.push(span.start + range.start..span.start + range.end));
    }

    /// The secrets of the comments in a text between two scalars, and of the tags and anchors there.
    fn comments(&mut self, gap: Range<usize>) {
        if gap.start >= self.piece.end || gap.end <= self.piece.start {
            return;
        }
        let text = &self.text[gap.clone()];
        if !text.contains(|c: char| c.is_ascii_alphanumeric() || c == '#') {
            return;
        }
        let mut reader = Lines::new(Extent::Comment, false);
        let mut start = gap.start;
        for line in text.split_inclusive('\n') {
            if start >= self.piece.end {
                return;
            }
            let at = start;
            start += line.len();
            let is_sign = |(sign, _): &(usize, &str)| {
                let before = &self.text[..at + sign];
                before.is_empty() || before.ends_with([' ', '\t', '\n', '\r', '\u{feff}'])
            };
            let Some((sign, _)) = line.match_indices('#').find(is_sign) else {
                reader = Lines::new(Extent::Comment, false);
                self.looks(at..start);
                continue;
            };
            self.looks(at..at + sign);
            let body = line[sign..].trim_start_matches('#');
            let body = body.strip_prefix(' ').unwrap_or(body);
            reader.line(body, at + line.len() - body.len(), &mut self.found);
        }
    }
}

/// Whether a comment beside a secret may hold one: a word that is none of a sentence, or one word alone.
fn is_telling(comment: &str) -> bool {
    let mut words = comment.split_whitespace();
    let is_alone = words.next().is_some_and(|word| words.next().is_none() && word.len() > 3 && !word.ends_with(':'));
    is_alone || comment.split_whitespace().any(looks_made)
}

/// Where a value begins behind a key: behind the colon and the blanks after it. The colon of an explicit key stands on a
/// line of its own, comments before it.
fn behind_colon(text: &str, gap: Range<usize>) -> usize {
    let mut at = gap.start;
    for line in text[gap.clone()].split_inclusive('\n') {
        let body = line.trim_start();
        if !body.starts_with('#')
            && let Some(colon) = line.find(':')
        {
            let behind = &text[at + colon + 1..gap.end];
            return gap.end - behind.trim_start().len();
        }
        at += line.len();
    }
    gap.end
}
