//! The dialect: the part of YAML that this crate and every Helm read the same. Here what is known from the text
//! alone, before it is parsed; what needs the parsed tree is refused in [`super::refused`].
//!
//! Every row was observed with Helm 3.17.2, 4.1.4 and 4.3.1; the cases of `testdata/values` hold them.

use std::ops::Range;

use crate::{finding::Finding, rule::Rule};

/// Refuses a text that is outside of the dialect, naming the first such place.
pub(super) fn refuse(text: &str) -> Result<(), Finding> {
    characters(text)?;
    lines(text)?;
    last_line(text)
}

/// What a character outside of the dialect is called, and what becomes of it.
fn judged(c: char) -> Option<(Rule, &'static str, &'static str)> {
    match c {
        '\u{85}' | '\u{2028}' | '\u{2029}' => Some((
            Rule::OutsideDialect,
            "Helm reads this Unicode line separator as a line break; most editors and YAML parsers do not",
            "replace it with an ordinary line break or a space",
        )),
        '\u{feff}' => Some((
            Rule::OutsideDialect,
            "a byte order mark in the middle of a file becomes part of the text beside it",
            "remove it; it is invisible in most editors",
        )),
        '\t' | '\n' | '\r' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => None,
        _ => Some((
            Rule::InvalidYaml,
            "Helm rejects a file with this control character",
            "remove it; it is invisible in most editors",
        )),
    }
}

fn characters(text: &str) -> Result<(), Finding> {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut at = mark;
    while let Some(offset) = first_unusual(&text.as_bytes()[at..]) {
        at += offset;
        let Some(c) = text[at..].chars().next() else { break };
        if let Some((rule, message, help)) = judged(c) {
            return Err(Finding::new(rule, message).help(help).at(at..at + c.len_utf8()));
        }
        if c == '\r' && !text[at + 1..].starts_with('\n') {
            return Err(Finding::new(
                Rule::OutsideDialect,
                "a carriage return without a line feed ends the line for Helm",
            )
            .help("save the file with line ends of one kind, LF or CRLF")
            .at(at..at + 1));
        }
        at += c.len_utf8();
    }
    Ok(())
}

/// The place of the first byte that is neither plain text nor a line break. Nearly every byte of nearly every file is
/// one of these, so many are checked at once.
fn first_unusual(bytes: &[u8]) -> Option<usize> {
    const MANY: usize = 64;
    let is_usual = |b: &u8| matches!(b, b' '..=b'~' | b'\n');
    let usual =
        bytes.chunks_exact(MANY).take_while(|chunk| chunk.iter().fold(true, |all, b| all & is_usual(b))).count();
    let start = usual * MANY;
    bytes[start..].iter().position(|b| !is_usual(b)).map(|offset| start + offset)
}

fn lines(text: &str) -> Result<(), Finding> {
    let is_blank = |line: &str| line.trim_start_matches([' ', '\t']).is_empty();
    let is_remark = |line: &str| line.trim_start_matches([' ', '\t']).starts_with('#');
    let first_after = |at: usize| {
        let line = lines_of(&text[at..]).find(|(_, line)| !is_blank(line) && !is_remark(line));
        line.map(|(range, line)| (at + range.start..at + range.end, line))
    };
    let Some((range, first)) = first_after(0) else { return Ok(()) };
    if is_end(first) {
        return Err(Finding::new(Rule::InvalidYaml, "Helm rejects a file that begins with the line `...`")
            .help("remove the line")
            .at(range));
    }
    if first.starts_with('%') {
        return Err(Finding::new(Rule::OutsideDialect, "Helm 4 rejects a file that begins with a `%` directive")
            .help("remove the line, and the `---` below it")
            .at(range));
    }
    if let Some(rest) = first.strip_prefix("---") {
        document_line(rest, false).map_err(|finding| finding.at(range.clone()))?;
        // at the very start of the file the marker stays, and then there is a document to end
        if text[..range.start].contains('\n')
            && let Some((end, _)) = first_after(range.end).filter(|(_, line)| is_end(line))
        {
            return Err(Finding::new(Rule::OutsideDialect, "Helm 4 rejects an empty document that `...` ends")
                .help("remove the line")
                .at(end));
        }
    }
    let feeds = memchr::memmem::find_iter(&text.as_bytes()[range.end..], "\n---").map(|feed| range.end + feed);
    for start in feeds.map(|feed| feed + 1) {
        let Some((line, rest)) = lines_of(&text[start..]).next() else { continue };
        let at = start + line.start..start + line.end;
        document_line(&rest["---".len()..], true).map_err(|finding| finding.at(at))?;
    }
    Ok(())
}

/// Whether a line ends a document.
fn is_end(line: &str) -> bool {
    line.strip_prefix("...").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
}

/// Helm 4 splits a file at every line that begins with three dashes, wherever it is, and refuses what follows the
/// dashes unless it is a comment.
fn document_line(rest: &str, content_seen: bool) -> Result<(), Finding> {
    let follows = rest.trim_start_matches([' ', '\t']);
    let is_marker = follows.is_empty() || (follows.len() < rest.len() && follows.starts_with('#'));
    if !is_marker {
        return Err(Finding::new(
            Rule::OutsideDialect,
            "Helm 4 rejects a line that begins with `---` and has more text, even in quoted text",
        )
        .help("put the rest on the next line; write a certificate as an indented block (`key: |`)"));
    }
    if content_seen {
        return Err(Finding::new(Rule::SeveralDocuments, "the file has more than one YAML document")
            .help("keep one document in the file: Helm 3 reads only the first, Helm 4 merges all"));
    }
    Ok(())
}

/// Helm 4.0 to 4.2 drop a last line without a line break whose length is a multiple of their buffer's. (helm/helm
/// 32506)
fn last_line(text: &str) -> Result<(), Finding> {
    const BUFFER: usize = 4096;
    let start = text.rfind('\n').map_or(0, |feed| feed + 1);
    let length = text.len() - start;
    if length > 0 && length.is_multiple_of(BUFFER) {
        return Err(Finding::new(
            Rule::OutsideDialect,
            format!("Helm 4.0 to 4.2 drop this last line: it has {length} bytes and no line break"),
        )
        .help("end the file with a line break")
        .at(start..text.len()));
    }
    Ok(())
}

/// The lines of a text without their ends, and their places; a byte order mark belongs to no line.
pub(super) fn lines_of(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |whole| {
        let mut start = at;
        at += whole.len();
        let mut line = whole.strip_suffix('\n').unwrap_or(whole);
        line = line.strip_suffix('\r').unwrap_or(line);
        if let Some(rest) = line.strip_prefix('\u{feff}') {
            start += line.len() - rest.len();
            line = rest;
        }
        (start..start + line.len(), line)
    })
}
