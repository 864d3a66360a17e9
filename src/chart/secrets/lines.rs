//! The reader of lines, for what is no YAML: a broken file, a comment, a message, a script.

use std::{collections::HashSet, ops::Range};

use super::{
    assigned::{assigned_column, is_one_line},
    names::{Secrecy, secrecy},
    shapes::{ends_key, private_key, shapes},
    words::{self, Named, commented, is_empty, is_name, is_value, named, unquoted},
};

/// How far down a secret reaches whose name stands in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Up to the next name in its column or to the left of it: where a file is broken, nothing else is certain.
    ToNextName,
    /// As far as the lines are indented, its quotes are open or its brackets are.
    Indented,
    /// The same in comments, where a sentence about a secret is none.
    Comment,
}

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
        // an alias in a secret value makes a secret of what it stands for
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

fn anchor_name(text: &str) -> &str {
    let length = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')));
    &text[..length.unwrap_or(text.len())]
}

/// What stands behind the anchor of a secret.
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
}

/// What was read of `name: ...` and `value: ...` in one mapping.
#[derive(Clone, Debug, Default)]
struct Pair {
    column: usize,
    /// Its name is secret.
    is_secret: bool,
    /// Where its value stands, if that came first.
    value: Option<Range<usize>>,
}

impl Lines {
    pub(super) fn new(extent: Extent, has_object: bool) -> Self {
        Self { extent, inside: None, is_in_key: false, has_object, pair: Pair::default() }
    }

    /// Takes the next line, which stands at a byte of the text.
    pub(super) fn line(&mut self, line: &str, at: usize, found: &mut Vec<Range<usize>>) {
        let line = line.trim_end_matches(['\n', '\r']);
        let start = self.named(line, at, found);
        shapes(&line[..start], |range| found.push(at + range.start..at + range.end));
        if start < line.len() {
            found.push(at + start..at + line.len());
        }
    }

    /// Where the secret of a line begins that a name, an open value or a private key makes one; it ends with the line.
    fn named(&mut self, line: &str, at: usize, found: &mut Vec<Range<usize>>) -> usize {
        if let Some(begin) = private_key(line).or(self.is_in_key.then(|| indentation(line))) {
            self.is_in_key = !ends_key(&line[begin..]);
            return begin;
        }
        if let Some(inside) = self.inside.take() {
            self.inside = inside.behind(line);
            if self.inside.is_some() {
                // a line of a template is not a value
                let is_action = line.trim_start().starts_with("{{") && words::is_reference(line.trim());
                return if is_action { line.len() } else { indentation(line) };
            }
        }
        let paired = self.paired(line, at, found);
        let secret = match self.extent {
            Extent::Comment => commented(line),
            _ => named(line).or_else(|| words::said(line).filter(|_| line.contains('#'))),
        };
        let Some(Named { value, sign, .. }) =
            paired.or(secret).or_else(|| of_object(line, self.has_object)).or_else(|| explicit(line)).or_else(|| {
                let is_made = |named: &Named<'_>| words::looks_made(&line[named.value..]);
                bare(line).filter(|named| self.extent != Extent::Comment || is_made(named))
            })
        else {
            return line.len();
        };
        let is_assigned = sign == '=' && is_one_line(&line[value..]);
        self.inside = Some(Inside { is_assigned, ..Inside::of(self.extent, column(line), &line[value..]) });
        value
    }

    /// Takes note of a `name: ...` or a `value: ...`; the value, where the name before it is secret.
    fn paired<'l>(&mut self, line: &'l str, at: usize, found: &mut Vec<Range<usize>>) -> Option<Named<'l>> {
        let body = line.trim_start();
        let own = column(line);
        if !body.is_empty() && (own < self.pair.column || own == self.pair.column && body.starts_with("- ")) {
            self.pair = Pair { column: own, ..Pair::default() };
        }
        let (name, value) = entry(line)?;
        if own > self.pair.column && !(is_name(name) || is_value(name)) {
            return None;
        }
        if own != self.pair.column {
            self.pair = Pair { column: own, ..Pair::default() };
        }
        if is_name(name) && secrecy(words::pointed(unquoted(&line[value..]))) > Secrecy::Open {
            self.pair.is_secret = true;
            if let Some(before) = self.pair.value.take() {
                found.push(before.start..at);
            }
            return None;
        }
        if !is_value(name) {
            return None;
        }
        let is_said = !is_empty(&line[value..]) && !words::is_reference(&line[value..]);
        self.pair.value = is_said.then_some(at + value..at + line.len());
        (self.pair.is_secret && is_said).then_some(Named { name, value, sign: ':', at: 0 })
    }
}

/// The values of a Secret of Kubernetes.
fn of_object(line: &str, has_object: bool) -> Option<Named<'_>> {
    let (name, value) = entry(line)?;
    let is_it = has_object && matches!(name, "data" | "stringData") && !is_empty(&line[value..]);
    is_it.then_some(Named { name, value, sign: ':', at: 0 })
}

/// A key that stands alone behind a `? `, an option alone in a list of words.
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

/// The name in `name: value` or `- name: value`, and where the value begins.
fn entry(line: &str) -> Option<(&str, usize)> {
    let body = body(line);
    let (name, value) = body.split_once(':')?;
    let name = unquoted(name);
    let value = value.trim_start();
    (!name.contains(['{', '[', ',', '#'])).then_some((name, line.len() - value.len()))
}

/// A line behind its indentation and the signs of items and keys.
fn body(line: &str) -> &str {
    let mut body = line.trim_start();
    while let Some(rest) = body.strip_prefix("- ").or_else(|| body.strip_prefix("? ")) {
        body = rest.trim_start();
    }
    body
}

/// In which column a line has its first word.
fn column(line: &str) -> usize {
    line.len() - body(line).len()
}

pub(super) fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The column of the name that a line begins with, where YAML would read one: quoted or without a blank in it, with a
/// colon behind it and a blank behind that.
fn name_column(line: &str) -> Option<usize> {
    let body = body(line);
    let quote = body.chars().next().filter(|c| matches!(c, '"' | '\''));
    let (name, rest) = match quote {
        Some(quote) => body[1..].split_once(quote).map(|(name, rest)| (name, rest.trim_start()))?,
        None => body
            .find(": ")
            .or_else(|| body.trim_end().ends_with(':').then(|| body.trim_end().len() - 1))
            .map(|colon| body.split_at(colon))?,
    };
    let is_plain =
        quote.is_some() || name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '$'));
    (is_plain && !name.is_empty() && rest.starts_with(':')).then(|| column(line))
}

/// Why the lines behind a secret name may still be secret.
#[derive(Clone, Debug)]
struct Inside {
    extent: Extent,
    /// The column of the name: what stands further to the right belongs to its value.
    column: usize,
    /// Nothing stood behind the name, so the next line may be the value, wherever it begins.
    awaits_value: bool,
    /// It is a block scalar.
    is_block: bool,
    /// The quote that is still open; three of them are one, too.
    quote: Option<&'static str>,
    /// How many brackets are still open.
    brackets: usize,
    /// It was assigned with an equals sign, and its value ends with its line as far as that shows.
    is_assigned: bool,
}

impl Inside {
    fn of(extent: Extent, column: usize, mut value: &str) -> Self {
        // an anchor and a tag stand before the value
        while value.starts_with(['&', '!']) {
            value = value.split_once([' ', '\t']).map_or("", |(_, rest)| rest.trim_start());
        }
        let quote = ["\"\"\"", "\'\'\'", "\"", "\'"].into_iter().find(|quote| value.starts_with(quote));
        let quote = quote.filter(|quote| !closes(&value[quote.len()..], quote));
        let brackets = if value.starts_with(['[', '{']) { open_brackets(0, value) } else { 0 };
        let is_block = value.starts_with(['|', '>']);
        Self { extent, column, awaits_value: value.is_empty(), is_block, quote, brackets, is_assigned: false }
    }

    /// What holds for the line after this one; nothing where this one does not belong to the value any more.
    fn behind(self, line: &str) -> Option<Self> {
        if self.extent == Extent::ToNextName {
            let next = name_column(line).or_else(|| assigned_column(line).filter(|_| self.is_assigned));
            return next.is_none_or(|column| column > self.column).then_some(self);
        }
        if let Some(quote) = self.quote {
            return Some(Self { quote: Some(quote).filter(|quote| !closes(line, quote)), ..self });
        }
        if self.brackets > 0 {
            return Some(Self { brackets: open_brackets(self.brackets, line), ..self });
        }
        let body = line.trim_start_matches([' ', '\t']);
        if body.is_empty() {
            return Some(self);
        }
        let column = line.len() - body.len();
        if self.extent == Extent::Comment {
            return self.behind_comment(line, body);
        }
        let is_item = body.starts_with("- ") && column >= self.column;
        let is_wrapped = self.awaits_value && !body.starts_with('#') && name_column(line).is_none();
        (column > self.column || is_item || is_wrapped).then_some(Self { awaits_value: false, ..self })
    }
}

impl Inside {
    /// The same in a comment: what stands below a name there has a name itself, or is one text.
    fn behind_comment(self, line: &str, body: &str) -> Option<Self> {
        let is_deeper = line.len() - body.len() > self.column;
        let is_item = body.starts_with("- ");
        let is_value = self.awaits_value && !body.contains(' ') && name_column(line).is_none();
        let is_made = is_item && words::looks_made(unquoted(&body[2..]));
        (self.is_block && is_deeper || is_value || self.awaits_value && is_made).then_some(self)
    }
}

/// Whether a quoted text ends in a line.
fn closes(line: &str, quote: &str) -> bool {
    match quote {
        "\"" => line.replace("\\\\", "").replace("\\\"", "").contains(quote),
        "'" => line.replace("''", "").contains(quote),
        _ => line.contains(quote),
    }
}

/// How many brackets are open behind a line; those in quotes are text.
pub(super) fn open_brackets(open: usize, line: &str) -> usize {
    let mut quote = None;
    line.chars().fold(open, |open, c| match (quote, c) {
        (Some(own), c) => {
            quote = (c != own).then_some(own);
            open
        }
        (None, '"' | '\'') => {
            quote = Some(c);
            open
        }
        (None, '[' | '{') => open + 1,
        (None, ']' | '}') => open.saturating_sub(1),
        (None, _) => open,
    })
}
