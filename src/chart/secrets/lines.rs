//! The reader of lines, for what is not YAML: a broken file, a comment, a message, a script.

use std::{collections::HashSet, ops::Range};

use super::{
    assigned::is_one_line,
    inside::Inside,
    keys::{is_name, is_value, pointed},
    line::{Extent, column, entry, indentation},
    named::{self, Named},
    names::{Secrecy, is_certain, is_of_chart, secrecy},
    prose::{is_empty, is_reference, looks_made, unquoted},
    shapes::{ends_key, private_key, shapes},
    words::{self, commented},
};

/// The secret bytes of a text; a range may reach over several lines.
pub(super) fn ranges(text: &str, extent: Extent) -> Vec<Range<usize>> {
    // a chain of aliases may be as long as the file: behind this many, each anchor is secret
    const LONGEST_CHAIN: usize = 1;
    let mut aliases = HashSet::new();
    for link in 0.. {
        let mut reader = Lines::new(extent, is_secret_object(text));
        let mut found = Vec::new();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            reader.line(line, at, &mut found);
            anchored(line, at, &aliases, extent, &mut reader, &mut found);
            at += line.len();
        }
        // an alias in a secret value makes a secret of what it refers to
        let more = if text.contains('&') { aliases_in(text, &found) } else { HashSet::new() };
        if more.len() <= aliases.len() || link > LONGEST_CHAIN {
            return found;
        }
        aliases = if link < LONGEST_CHAIN { more } else { text.split('&').skip(1).map(anchor_name).collect() };
    }
    Vec::new()
}

/// Whether a text holds a Secret of Kubernetes, whose `data` are secret under any name.
fn is_secret_object(text: &str) -> bool {
    memchr::memmem::find_iter(text.as_bytes(), b"Secret").any(|at| {
        let quotes = ['"', '\'', '\\'];
        let before = text[..at].trim_end_matches(quotes).trim_end_matches([' ', '\t']);
        let is_kind = before.strip_suffix(':').is_some_and(|name| name.trim_end_matches(quotes).ends_with("kind"));
        is_kind && text[at + "Secret".len()..].chars().next().is_none_or(|c| !c.is_alphanumeric())
    })
}

/// The names of the aliases in some ranges of a text.
fn aliases_in<'t>(text: &'t str, ranges: &[Range<usize>]) -> HashSet<&'t str> {
    let of_range = |range: &Range<usize>| text[range.clone()].split('*').skip(1).map(anchor_name);
    ranges.iter().flat_map(of_range).filter(|name| !name.is_empty()).collect()
}

pub(super) fn anchor_name(text: &str) -> &str {
    let length = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')));
    &text[..length.unwrap_or(text.len())]
}

/// What follows the anchor of a secret.
fn anchored(
    line: &str,
    at: usize,
    aliases: &HashSet<&str>,
    extent: Extent,
    reader: &mut Lines,
    found: &mut Vec<Range<usize>>,
) {
    if aliases.is_empty() {
        return;
    }
    for (start, _) in line.match_indices('&') {
        let name = anchor_name(&line[start + 1..]);
        if aliases.contains(name) {
            let value = start + 1 + name.len();
            found.push(at + value..at + line.len());
            reader.inside.get_or_insert(Inside::of(extent, column(line), line[value..].trim()));
            return;
        }
    }
}

/// Reads line by line, and knows whether a secret goes on from one line to the next.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    extent: Extent,
    inside: Option<Inside>,
    is_in_key: bool,
    /// There is a Secret of Kubernetes.
    has_object: bool,
    pair: Pair,
    /// The word that ends the heredoc of a secret.
    heredoc: Option<String>,
    /// What reads the comments of a text that is not one itself.
    comments: Option<Box<Lines>>,
}

/// What was read of `name: ...` and `value: ...` in one mapping.
#[derive(Clone, Debug, Default)]
struct Pair {
    column: usize,
    /// Its name is secret.
    is_secret: bool,
    /// Where its value is, if that came first.
    value: Option<Range<usize>>,
}

impl Lines {
    pub(super) fn new(extent: Extent, has_object: bool) -> Self {
        Self {
            extent,
            inside: None,
            is_in_key: false,
            has_object,
            pair: Pair::default(),
            heredoc: None,
            comments: None,
        }
    }

    /// Takes the next line, which starts at a byte of the text.
    pub(super) fn line(&mut self, line: &str, at: usize, found: &mut Vec<Range<usize>>) {
        let line = line.trim_end_matches(['\n', '\r']);
        self.commented(line, at, found);
        let start = self.named(line, at, found);
        shapes(&line[..start], |range| found.push(at + range.start..at + range.end));
        if start < line.len() {
            found.push(at + start..at + line.len());
        }
    }

    /// Reads the comments of a text like those between the nodes of one that parses, from line to line.
    fn commented(&mut self, line: &str, at: usize, found: &mut Vec<Range<usize>>) {
        if matches!(self.extent, Extent::Comment | Extent::Said) {
            return;
        }
        let body = line.trim_start();
        if body.starts_with('#') {
            let body = body.trim_start_matches('#');
            let reader = self.comments.get_or_insert_with(|| Box::new(Self::new(Extent::Comment, false)));
            reader.line(body, at + line.len() - body.len(), found);
        } else if !body.is_empty() {
            self.comments = None;
        }
    }

    /// Where the secret of a line begins that a name, an open value or a private key makes one; it ends with the line.
    fn named(&mut self, line: &str, at: usize, found: &mut Vec<Range<usize>>) -> usize {
        if let Some(begin) = private_key(line).or(self.is_in_key.then(|| indentation(line))) {
            self.is_in_key = !ends_key(&line[begin..]);
            return begin;
        }
        if let Some(word) = self.heredoc.take() {
            let ends = line.trim() == word;
            self.heredoc = Some(word).filter(|_| !ends);
            return if ends { line.len() } else { indentation(line) };
        }
        if let Some(inside) = self.inside.take() {
            self.inside = inside.behind(line);
            if let Some(inside) = &self.inside {
                return inside.secret_of(line);
            }
        }
        let secret = self.secret(line, at, found);
        self.heredoc = heredoc(line);
        let Some((Named { name, value, sign, .. }, is_guess)) = secret else { return line.len() };
        let is_whole = sign == '=' && is_one_line(&line[value..]);
        if !is_whole {
            // behind a space no name says that the next line belongs to it
            let extent = if sign == ' ' && self.extent == Extent::ToNextName { Extent::Indented } else { self.extent };
            let inside = Inside::of(extent, column(line), &line[value..]);
            self.inside = Some(inside.of_name(is_of_chart(name), is_guess));
        }
        value
    }

    /// The secret that a line names, and whether it is only a guess that the next line is one.
    fn secret<'l>(&mut self, line: &'l str, at: usize, found: &mut Vec<Range<usize>>) -> Option<(Named<'l>, bool)> {
        let paired = self.paired(line, at, found);
        let secret = match self.extent {
            Extent::Comment => commented(line),
            Extent::Said => words::signed(line),
            _ => words::named(line).or_else(|| words::said(line).filter(|_| line.contains('#'))),
        };
        let is_made = |named: &Named<'_>| looks_made(&line[named.value..]);
        let certain = [paired, secret].into_iter().flatten().min_by_key(|named| named.value);
        let certain = certain
            .or_else(|| of_object(line, self.has_object))
            .or_else(|| explicit(line))
            .or_else(|| bare(line).filter(|named| self.extent != Extent::Comment || is_made(named)));
        let alone = || alone(line).filter(|_| self.extent != Extent::Said);
        certain.map(|named| (named, false)).or_else(|| alone().map(|named| (named, true)))
    }

    /// Takes note of a `name: ...` or a `value: ...`; the value, where the name before it is secret.
    fn paired<'l>(&mut self, line: &'l str, at: usize, found: &mut Vec<Range<usize>>) -> Option<Named<'l>> {
        let body = line.trim_start();
        let own = column(line);
        let is_broken = self.extent == Extent::ToNextName;
        let begins = body.starts_with(['-', '}']) || !is_broken && own < self.pair.column;
        if !body.is_empty() && own <= self.pair.column && begins {
            self.pair = Pair { column: own, ..Pair::default() };
        }
        let (name, value) = entry(line).or_else(|| element(line))?;
        let is_of_pair = is_name(name) || is_value(name);
        if own != self.pair.column && !is_of_pair {
            return None;
        }
        if own != self.pair.column && !is_broken {
            self.pair = Pair { column: own, ..Pair::default() };
        }
        let said = line[value..].split("</").next().unwrap_or_default();
        let said = unquoted(said.trim_end_matches([',', '}', ' ']));
        if is_name(name) && secrecy(pointed(said)) > Secrecy::Open {
            self.pair.is_secret = true;
            if let Some(before) = self.pair.value.take() {
                found.push(before.start..at);
            }
            return None;
        }
        if is_broken && is_name(name) && self.pair.is_secret && own <= self.pair.column {
            self.pair.is_secret = false;
        }
        if !is_value(name) {
            return None;
        }
        let is_said = !is_empty(&line[value..]) && !is_reference(&line[value..]);
        self.pair.value = is_said.then_some(at + value..at + line.len());
        (self.pair.is_secret && is_said).then_some(Named { name, value, sign: ':', at: 0 })
    }
}

/// The word that ends the heredoc which a line opens, where the line names a secret that is not a file of values.
fn heredoc(line: &str) -> Option<String> {
    let (_, behind) = line.split_once("<<")?;
    let word: String = behind
        .trim_start_matches(['-', '~', ' ', '"', '\'', '\\'])
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    let is_secret = |(start, end): (usize, usize)| !named::is_file(&line[start..end]) && is_certain(&line[start..end]);
    (!word.is_empty() && !behind.starts_with('<') && named::words(line).any(is_secret)).then_some(word)
}

/// The name and the value of an element of XML: `<name>x</name>`.
fn element(line: &str) -> Option<(&str, usize)> {
    let (name, value) = line.trim_start().strip_prefix('<')?.split_once('>')?;
    value.contains("</").then_some((name, line.len() - value.len()))
}

/// A credential of the chart that is alone in its line: the next one may be its value.
fn alone(line: &str) -> Option<Named<'_>> {
    let (start, end) = words::chart_name(line)?;
    let is_sign = |c: char| !c.is_alphanumeric();
    let is_alone = named::words(&line[..start]).count() < 2 && line[end..].chars().all(is_sign);
    let is_it = is_alone && !named::is_file(&line[start..end]);
    is_it.then(|| Named { name: &line[start..end], value: line.len(), sign: ' ', at: 0 })
}

/// The values of a Secret of Kubernetes.
fn of_object(line: &str, has_object: bool) -> Option<Named<'_>> {
    let (name, value) = entry(line)?;
    let is_it = has_object && matches!(name, "data" | "stringData") && !is_empty(&line[value..]);
    is_it.then_some(Named { name, value, sign: ':', at: 0 })
}

/// A key that is alone behind a `? `, an option alone in a list of words.
fn explicit(line: &str) -> Option<Named<'_>> {
    let body = line.trim_start();
    let option =
        body.strip_prefix("- ").map(unquoted).filter(|word| word.starts_with('-') && !word.contains([' ', '=']));
    let name = option.or_else(|| body.strip_prefix("? ").map(unquoted))?;
    let value = line.len();
    (secrecy(name) > Secrecy::Open).then_some(Named { name, value, sign: '?', at: 0 })
}

/// The one word behind a secret name whose colon was forgotten.
fn bare(line: &str) -> Option<Named<'_>> {
    let (name, value) = line.trim_start().split_once([' ', '\t'])?;
    let value = value.trim_start();
    let is_plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    let is_word = !value.is_empty() && !value.starts_with([':', '=', '#']) && !value.trim_end().contains(' ');
    let is_it = is_plain && is_word && secrecy(name) == Secrecy::Whole && !is_empty(value);
    is_it.then_some(Named { name, value: line.len() - value.len(), sign: ' ', at: 0 })
}
