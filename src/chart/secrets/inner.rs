//! [`Inner`]: the text that a scalar spells, with the place of each of its bytes.

use std::{borrow::Cow, ops::Range};

use super::{line::Extent, lines, modes, reader::Found, shapes::shapes_behind, words};
use crate::yaml::Form;

/// The text of a scalar.
pub(super) struct Inner<'t> {
    text: Cow<'t, str>,
    /// Where it is.
    span: Range<usize>,
    /// The place of each byte of the text; empty where it is written as it is.
    places: Vec<u32>,
    /// What comes before it.
    before: &'t [u8],
}

impl<'t> Inner<'t> {
    /// Of a scalar of a text, with its quotes in the span.
    pub(super) fn of(source: &'t str, form: Form, span: Range<usize>) -> Self {
        let is_quoted = matches!(form, Form::Escaped | Form::Quoted) && span.len() >= 2;
        let span = if is_quoted { span.start + 1..span.end - 1 } else { span };
        let raw = &source[span.clone()];
        let before = &source.as_bytes()[..span.start];
        let is_spelled = match form {
            Form::Block => false,
            Form::Escaped => !raw.contains(['\n', '\\']),
            Form::Quoted => !raw.contains(['\n', '\'']),
            _ => !raw.contains('\n'),
        };
        if is_spelled {
            return Self { text: Cow::Borrowed(raw), span, places: Vec::new(), before };
        }
        let mut inner = Self { text: Cow::Owned(String::with_capacity(raw.len())), places: Vec::new(), span, before };
        match form {
            Form::Block => inner.block(source),
            _ => inner.folded(source, form),
        }
        inner
    }

    /// Its characters, each with its place.
    pub(super) fn chars(&self) -> impl Iterator<Item = (char, usize)> + '_ {
        let place = |at: usize| self.places.get(at).map_or(self.span.start + at, |place| *place as usize);
        self.text.char_indices().map(move |(at, c)| (c, place(at)))
    }

    fn push(&mut self, c: char, at: usize) {
        let text = self.text.to_mut();
        text.push(c);
        self.places.extend(std::iter::repeat_n(u32::try_from(at).unwrap_or(u32::MAX), c.len_utf8()));
    }

    /// The lines of a block scalar without their indentation.
    fn block(&mut self, source: &str) {
        const DEEPEST: usize = 1024;
        // the span begins behind the indentation of its first line
        let before = &source.as_bytes()[self.span.start.saturating_sub(DEEPEST)..self.span.start];
        let lead = before.iter().rev().take_while(|b| **b == b' ').count();
        let start = self.span.start - lead;
        let raw = &source[start..self.span.end];
        let indentation = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let written = raw.lines().filter(|line| !line.trim().is_empty());
        let indent = written.map(indentation).min().unwrap_or_default();
        let mut at = start;
        for line in raw.split_inclusive('\n') {
            let skipped = indentation(line).min(indent);
            line[skipped..].char_indices().for_each(|(offset, c)| self.push(c, at + skipped + offset));
            at += line.len();
        }
    }

    /// A text over several lines or with escapes: a line break is a space, several are one less.
    fn folded(&mut self, source: &str, form: Form) {
        let mut at = self.span.start;
        while at < self.span.end {
            let rest = &source[at..self.span.end];
            let Some(c) = rest.chars().next() else { break };
            let length = match c {
                '\\' if form == Form::Escaped => self.escape(rest, at),
                '\'' if form == Form::Quoted => {
                    self.push(c, at);
                    2
                }
                '\n' => {
                    let behind = rest.trim_start();
                    let breaks = rest[..rest.len() - behind.len()].matches('\n').count();
                    self.push(if breaks > 1 { '\n' } else { ' ' }, at);
                    rest.len() - behind.len()
                }
                c => {
                    self.push(c, at);
                    c.len_utf8()
                }
            };
            at += length;
        }
    }

    /// Takes an escape; how long it is.
    fn escape(&mut self, rest: &str, at: usize) -> usize {
        let Some(sign) = rest[1..].chars().next() else { return 1 };
        let digits = match sign {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            '\n' => {
                let behind = rest[1..].trim_start();
                return rest.len() - behind.len();
            }
            sign => {
                let c = match sign {
                    'n' | 'N' | 'L' | 'P' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    '0' | 'a' | 'b' | 'v' | 'f' | 'e' | '_' => ' ',
                    other => other,
                };
                self.push(c, at);
                return 1 + sign.len_utf8();
            }
        };
        let code = rest.get(2..2 + digits).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        self.push(code.and_then(char::from_u32).unwrap_or('?'), at);
        (2 + digits).min(rest.len())
    }

    /// Where a range of its text is in the surrounding text.
    fn outer(&self, range: &Range<usize>) -> Range<usize> {
        if self.places.is_empty() {
            return self.span.start + range.start..self.span.start + range.end;
        }
        let place = |at: usize| self.places.get(at).map_or(self.span.end, |place| *place as usize);
        let ends_line = range.end > range.start && self.text.as_bytes()[range.end - 1] == b'\n';
        let end = if ends_line { place(range.end - 1) } else { place(range.end) };
        place(range.start)..end.max(place(range.start))
    }
}

/// Reads a text that is a document by itself, so many levels deep; nothing where it is not one.
type Read = fn(&str, usize, Range<usize>) -> Option<Found>;

/// The secrets in the text of a scalar.
pub(super) fn ranges_in(
    inner: &Inner<'_>,
    depth: usize,
    read: Read,
    found: &mut Vec<Range<usize>>,
    modes: &mut Vec<Range<usize>>,
) {
    const DEEPEST: usize = 6;
    let text = inner.text.as_ref();
    let is_document = text.contains('\n') || text.starts_with(['{', '[']) && !text.starts_with("{{");
    if !is_document {
        modes.extend(modes::said(text).iter().map(|range| inner.outer(range)));
        let end = words::named(text).map_or(text.len(), |named| named.value);
        let end = super::shapes::private_key(text).unwrap_or(end).min(end);
        shapes_behind(inner.before, &text[..end], |range| found.push(inner.outer(&range)));
        if end < text.len() {
            found.push(inner.outer(&(end..text.len())));
        }
        return;
    }
    let parsed = if depth < DEEPEST { read(text, depth + 1, 0..text.len()) } else { None };
    let own =
        parsed.unwrap_or_else(|| Found { secrets: lines::ranges(text, extent_of(text)), modes: modes::said(text) });
    found.extend(own.secrets.iter().map(|range| inner.outer(range)));
    modes.extend(own.modes.iter().map(|range| inner.outer(range)));
}

/// How far secrets reach in a text that does not parse: it is broken YAML where its first line is one of YAML.
fn extent_of(text: &str) -> Extent {
    let lines = text.lines().map(str::trim);
    let first = lines.into_iter().find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default();
    let name = first.split_once(':').filter(|(_, rest)| rest.is_empty() || rest.starts_with(' '));
    let is_name = name.is_some_and(|(name, _)| !name.trim_start_matches("- ").contains(' '));
    if is_name || first.starts_with('{') { Extent::ToNextName } else { Extent::Indented }
}
