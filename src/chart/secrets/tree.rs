//! The reader of what parses: what is secret is decided on the nodes, so that a value is secret as a whole, however it is
//! written, and nothing beside it is.

use std::{collections::HashSet, ops::Range};

use super::{
    inner::{Inner, ranges_in},
    keys::is_value,
    line::Extent,
    lines::{Lines, anchor_name},
    modes::{is_mode, is_mode_key},
    names::{Secrecy, is_about, is_entered, is_key_of_secret, is_key_of_table, is_naming, lists_secrets, secrecy},
    pointers::Place,
    prose::{is_count, is_empty, is_identifier, is_prose, is_reference, is_telling, looks_made},
    reader::{Below, Found, Node, Reader},
    shapes::shapes,
};
use crate::yaml::{Form, Outline};

/// The secret bytes of a text that are in a piece of it, and maybe others; nothing where it does not parse, or is
/// neither a mapping nor a list.
pub(super) fn ranges(text: &str, depth: usize, piece: Range<usize>) -> Option<Found> {
    ranges_with(text, depth, piece, &HashSet::new())
}

/// The same, with what other texts bring to secret names from this one.
pub(super) fn ranges_with(text: &str, depth: usize, piece: Range<usize>, brought: &HashSet<Place>) -> Option<Found> {
    let outline = Outline::read(text)?;
    let mut root = 0;
    while root < outline.len() && !matches!(outline.form(root), Form::Mapping | Form::Sequence) {
        root = outline.next(root);
    }
    if root >= outline.len() {
        return None;
    }
    // an alias may make a secret of what is anywhere
    let has_aliases = (root..outline.len()).any(|node| outline.form(node) == Form::Alias);
    let named = if has_aliases { 0..text.len() } else { piece.clone() };
    let mut reader = Reader::new(text, &outline, piece, named);
    for node in 0..outline.len() {
        match outline.form(node) {
            Form::Mapping if reader.may_name(node, node) => reader.mapping(node),
            Form::Sequence if reader.may_name(node, node) => reader.sequence(node),
            _ => {}
        }
    }
    reader.referred(brought);
    reader.leaves(depth);
    Some(Found { secrets: reader.found, modes: reader.modes })
}

/// What a text brings to secret names from other objects.
pub(super) fn places(text: &str) -> HashSet<Place> {
    let whole = 0..text.len();
    Outline::read(text)
        .map(|outline| Reader::new(text, &outline, whole.clone(), whole.clone()).places())
        .unwrap_or_default()
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
        let mut kind = "";
        for (key, value) in outline.entries(mapping) {
            let Some(name) = name_of(outline, key).filter(|_| !outline.is_merge(key)) else { continue };
            if name == "kind" {
                kind = outline.text(value).unwrap_or_default();
            }
            if !self.may_name(key, value) {
                continue;
            }
            if is_mode_key(name) && outline.text(value).is_some_and(is_mode) {
                self.show_mode(key, value);
            }
            if name == "secretGenerator" {
                outline.items(outline.resolved(value)).for_each(|generator| self.literals(generator));
            }
            match secrecy(name) {
                Secrecy::Open => {}
                _ if is_key_of_secret(name) && outline.text(value).is_some_and(is_identifier) => {}
                _ if is_key_of_table(name) && outline.text(value).is_some_and(is_column) => {}
                _ if lists_secrets(name) && self.are_names(value) => {}
                Secrecy::Whole => self.entry(key, value, self.below(name, value)),
                Secrecy::Text => self.texts(key, value, self.below(name, value)),
            }
        }
        match kind {
            "Secret" => {
                let is_data = |key: &Node| matches!(outline.text(*key), Some("data" | "stringData"));
                let data = outline.entries(mapping).filter(|(key, _)| is_data(key));
                data.for_each(|(key, value)| self.entry(key, value, Below { is_object: true, ..Below::default() }));
            }
            "SecretGenerator" => self.literals(mapping),
            _ => {}
        }
        self.paired(mapping);
    }

    /// What holds below a name. A list of numbers may be a key, byte by byte.
    fn below(&self, name: &str, value: Node) -> Below {
        const SHORTEST_KEY: usize = 8;
        let outline = self.outline;
        let is_byte = |item: Node| outline.text(item).is_some_and(|text| text.parse::<u8>().is_ok());
        let below = Below::of(name);
        let value = outline.resolved(value);
        let is_key = outline.form(value) == Form::Sequence
            && outline.items(value).nth(SHORTEST_KEY - 1).is_some()
            && outline.items(value).all(is_byte);
        Below { is_entered: below.is_entered || is_key, ..below }
    }

    /// Whether the items of a list are names of objects: small letters, parted by signs.
    fn are_names(&self, list: Node) -> bool {
        let is_of_name = |b: u8| b.is_ascii_lowercase() || matches!(b, b'-' | b'.');
        let is_name = |item: Node| self.outline.text(item).is_some_and(|text| text.bytes().all(is_of_name));
        self.outline.form(list) == Form::Sequence && self.outline.items(list).all(is_name)
    }

    /// The texts of a value whose name is also that of a section: of a list those in it, of a mapping what is marked as
    /// its value (`TOKEN: {value: x}`, as pipelines have it). What aliases refer to is read once.
    fn texts(&mut self, key: Node, value: Node, below: Below) {
        let outline = self.outline;
        let resolved = outline.resolved(value);
        match outline.form(resolved) {
            Form::Mapping | Form::Sequence if !self.listed.insert((resolved, below.is_entered)) => {}
            Form::Mapping => {
                let is_it = |(key, _): &(Node, Node)| outline.text(*key).is_some_and(is_value);
                for (key, value) in outline.entries(resolved).filter(is_it) {
                    self.entry(key, value, below);
                }
            }
            Form::Sequence => {
                for item in outline.items(resolved).filter(|item| outline.text(*item).is_some()) {
                    self.node(item, below);
                }
            }
            _ => self.entry(key, value, below),
        }
    }

    /// A value that its key makes secret: from behind the colon on, through comments.
    pub(super) fn entry(&mut self, key: Node, value: Node, below: Below) {
        if self.is_secret[value] {
            return;
        }
        let from = self.outline.span(key).end;
        let until = self.outline.span(value);
        let start = behind_colon(self.text, from..until.start.max(from));
        // `password: !Abc` is a password, though YAML reads a tag (or an anchor) and no value
        let is_tag = self.text[start.min(until.start)..until.start].starts_with(['!', '&']);
        if self.is_harmless(value, below) && !is_tag {
            if start < until.start {
                self.remarks(start..until.start);
            }
            return self.remark(until.end.max(from));
        }
        // an alias is not where its anchor is, so it may come first in the text
        let start = start.min(until.start).max(from);
        let end = self.behind_remarks(until.end, self.outline.span(key).start, below);
        let holes = self.holes(value, below);
        self.pieces(start..end, holes);
        self.spread(value, below);
    }

    /// What comments before a value that says nothing say about it.
    fn remarks(&mut self, gap: Range<usize>) {
        let mut at = gap.start;
        for line in self.text[gap].split_inclusive('\n') {
            let comment = line.trim().trim_start_matches('#');
            if is_telling(comment) {
                let start = at + line.len() - line.trim_start_matches(['#', ' ', '\t']).len();
                self.found.push(start..at + line.trim_end().len());
            }
            at += line.len();
        }
    }

    /// What a comment behind a value that says nothing says about it: `cluster_token: "" # x`.
    fn remark(&mut self, end: usize) {
        const LONGEST: usize = 4096;
        let rest = &self.text[end..];
        let rest = &rest[..(0..=rest.len().min(LONGEST)).rev().find(|at| rest.is_char_boundary(*at)).unwrap_or(0)];
        let line = rest.split('\n').next().unwrap_or_default();
        let comment = line.trim_start_matches([' ', '\t', ':', ',']);
        if comment.starts_with('#') && is_telling(comment.trim_start_matches('#')) {
            let start = end + line.len() - comment.trim_start_matches(['#', ' ']).len();
            self.found.push(start..end + line.len());
        }
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

    /// What remains between the holes, line by line: signs alone are not secret.
    fn rest(&mut self, range: Range<usize>) {
        let mut at = range.start;
        for line in self.text[range].split_inclusive('\n') {
            if line.contains(|c: char| !(c.is_whitespace() || "-?{}[],:|>\"'".contains(c))) {
                self.found.push(at..at + line.len());
            }
            at += line.len();
        }
    }

    /// A node that is secret as a whole.
    pub(super) fn node(&mut self, node: Node, below: Below) {
        if !self.is_secret[node] && !self.is_harmless(node, below) {
            let span = self.outline.span(node);
            let end = self.behind_remarks(span.end, span.start, below);
            self.found.push(span.start..end);
            self.spread(node, below);
        }
    }

    /// Takes all below a node for secret, and what the aliases in it stand for.
    pub(super) fn spread(&mut self, node: Node, below: Below) {
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
                    if !self.is_secret[target] && !self.is_harmless(target, below) {
                        let holes = self.holes(target, below);
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
    fn holes(&self, value: Node, below: Below) -> Vec<Range<usize>> {
        if below.is_of_chart {
            return Vec::new();
        }
        let outline = self.outline;
        let mut holes = Vec::new();
        let mut at = outline.span(value).start;
        for node in value..outline.next(value) {
            let span = outline.span(node);
            match outline.form(node) {
                Form::Mapping => {
                    let entries = outline.entries(node).filter(|(key, value)| self.is_plain_name(*key, *value));
                    holes.extend(entries.map(|(key, value)| self.shown_of(key, value, below)));
                }
                Form::Sequence => {
                    let harmless = outline.items(node).filter(|item| self.is_harmless(*item, below));
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
    fn shown_of(&self, key: Node, value: Node, below: Below) -> Range<usize> {
        let outline = self.outline;
        let name = outline.text(key).unwrap_or_default();
        let (key, span) = (outline.span(key), outline.span(value));
        let is_open = is_about(name)
            && outline.form(value) != Form::Alias
            && outline.text(value).is_some_and(|text| {
                !text.contains('\n')
                    && !text.split(' ').any(looks_made)
                    && (below.is_object || !is_naming(name) || is_prose(text))
            });
        if self.is_harmless(value, Below { is_entered: is_entered(name), ..below }) || is_open {
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

    /// Whether a key is a name, and not a secret in the place of one: where the value says nothing, only known words
    /// are a name.
    fn is_plain_name(&self, key: Node, value: Node) -> bool {
        const LONGEST: usize = 40;
        let says = self.outline.text(value).is_none() || !self.is_harmless(value, Below::default());
        self.outline.text(key).is_some_and(|name| {
            name.len() <= LONGEST
                && name.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'.'))
                && (says || is_prose(name) || is_about(name))
        })
    }

    /// Whether a value says nothing: a truth, null, an empty text, an empty collection.
    fn is_harmless(&self, node: Node, below: Below) -> bool {
        let node = self.outline.resolved(node);
        let is_number = |text| !below.is_of_chart && !below.is_entered && is_count(text);
        match self.outline.text(node) {
            Some(text) => {
                text.is_empty()
                    || text.len() < 8 && is_empty(text)
                    || is_reference(text)
                    || is_number(text)
                    || !below.is_of_chart && (is_path_of_key(text) || is_path_of_values(text))
                    || is_mode(text)
            }
            None => self.outline.next(node) == node + 1,
        }
    }

    /// The end of a secret value with the comment behind it, and those below it that are indented further than its key.
    fn behind_remarks(&self, end: usize, key: usize, below: Below) -> usize {
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
            let is_deeper = line.len() - body.len() > column;
            let is_comment = body.starts_with('#') && (number == 0 || is_deeper || below.is_of_chart && is_word(body));
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
            if !is_asked || outline.form(node) == Form::Alias || span.is_empty() {
                continue;
            }
            if !self.is_secret[node] {
                let inner = Inner::of(self.text, outline.form(node), span);
                ranges_in(&inner, depth, ranges, &mut self.found, &mut self.modes);
            } else if outline.text(node).is_some_and(|text| text.contains("luster")) {
                // what is secret as a whole may set the mode, which is shown
                let inner = Inner::of(self.text, outline.form(node), span);
                ranges_in(&inner, depth, ranges, &mut Vec::new(), &mut self.modes);
            }
        }
        self.comments(at..self.text.len());
    }

    /// What looks like a secret in a tag, an anchor, an alias; of the names of these also what is not a word.
    fn looks(&mut self, span: Range<usize>) {
        let found = &mut self.found;
        let text = &self.text[span.clone()];
        shapes(text, |range| found.push(span.start + range.start..span.start + range.end));
        for (at, _) in text.match_indices(['&', '*']) {
            let name = anchor_name(&text[at + 1..]);
            if looks_made(name) && !is_prose(name) {
                found.push(span.start + at + 1..span.start + at + 1 + name.len());
            }
        }
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
                if !line.trim().is_empty() {
                    reader = Lines::new(Extent::Comment, false);
                }
                self.looks(at..start);
                continue;
            };
            self.looks(at..at + sign);
            let body = line[sign..].trim_start_matches('#');
            reader.line(body, at + line.len() - body.len(), &mut self.found);
        }
    }
}

/// Whether a text is the path of a file that holds a key: `/etc/tls/tls.key`.
fn is_path_of_key(text: &str) -> bool {
    const ENDS: &[&str] = &[".key", ".pem", ".crt", ".p12", ".jks"];
    text.starts_with('/') && ENDS.iter().any(|end| text.ends_with(end)) && !text.contains(char::is_whitespace)
}

/// Whether a text is the path of a file of values, as `secrets` of helmfile names some.
fn is_path_of_values(text: &str) -> bool {
    let is_path = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/');
    let is_named = [".yaml", ".yml"].iter().any(|end| text.ends_with(end));
    is_named && text.bytes().all(is_path) && !text.split(['/', '.', '-', '_']).any(looks_made)
}

/// Whether a text is the name of a column: short, in small letters.
fn is_column(text: &str) -> bool {
    const LONGEST: usize = 24;
    text.len() <= LONGEST && text.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'.'))
}

/// The name that a key is. `? a :` is a mapping as a key, which Helm refuses, but it is still a name.
fn name_of<'o>(outline: &'o Outline<'_>, key: Node) -> Option<&'o str> {
    let is_mapping = outline.form(key) == Form::Mapping && outline.next(key) > key + 1;
    outline.text(if is_mapping { key + 1 } else { key })
}

/// Whether a comment is one word, and none of a sentence.
fn is_word(comment: &str) -> bool {
    let word = comment.trim_start_matches('#').trim();
    !word.contains([' ', '\t']) && !word.ends_with(':') && is_telling(word)
}

/// Where a value begins behind a key: behind the colon and the spaces after it. The colon of an explicit key is on a
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
