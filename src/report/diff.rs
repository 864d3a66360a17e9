//! [`Diff`]: a unified diff that shows no secret. `git apply` and `patch` apply it where it belongs, or refuse it as a
//! whole where a secret is masked in it: asterisks never get into a file.

use std::{fmt, fmt::Write as _, ops::Range};

use anstyle::{AnsiColor, Effects, Style};
use similar::{ChangeTag, DiffOp, TextDiff};

use crate::chart::secrets::{Brought, secret_ranges_in, within, without};

/// The difference of two texts.
#[derive(Clone, Debug, Default)]
pub struct Diff {
    lines: Vec<Line>,
    /// A secret is masked in it. Its hunks are headed by a sentence that says so, in place of a header: no tool applies
    /// them.
    pub is_masked: bool,
    /// Lines around the change were left out because they hold secrets. It can be applied.
    pub is_shortened: bool,
}

/// How a [`Diff`] is made.
#[derive(Clone, Copy, Debug)]
pub struct Options<'b> {
    /// How many unchanged lines stand around a change. Behind one that does not end the file stands one at least:
    /// without it, `git apply` takes the change to belong at the end.
    pub context: usize,
    /// What becomes of secrets.
    pub secrets: Secrets,
    /// What other files bring to secret names.
    pub brought: &'b Brought,
}

/// What becomes of secrets in a [`Diff`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// Lines around the change that hold secrets are left out if the diff can be applied without them, else masked.
    Hide,
    /// They are shown.
    Show,
}

#[derive(Clone, Debug)]
struct Line {
    /// The sign at its start; nothing for headers.
    sign: Option<char>,
    /// The parts of the text, and which of them are emphasised.
    parts: Vec<(bool, String)>,
}

/// What stands in a hunk's header where a secret is masked. `git apply` calls the patch corrupt then, `patch` malformed,
/// and both stop before they write.
const MASKED: &str = " masked: a credential is hidden here, so no tool can apply this diff @@\n";

impl Line {
    fn is_hunk(&self) -> bool {
        self.sign.is_none() && self.parts[0].1.starts_with("@@")
    }

    /// Makes a hunk's header one that no tool accepts.
    fn spoil(&mut self) {
        let header = &mut self.parts[0].1;
        header.truncate(header.trim_end_matches(" @@\n").len());
        header.push_str(MASKED);
    }
}

const HEADER: Style = Style::new().effects(Effects::BOLD);
const HUNK: Style = AnsiColor::Cyan.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const ADDED: Style = AnsiColor::Green.on_default();

impl Diff {
    /// The difference between two texts of a file, as a unified diff; empty where they are equal.
    ///
    /// Only the lines between the first and the last difference are compared, so the cost does not depend on what
    /// surrounds them.
    ///
    /// ```
    /// use helm_clas::{chart::secrets::Brought, report::diff::{Diff, Options, Secrets}};
    ///
    /// let options = Options { context: 3, secrets: Secrets::Hide, brought: &Brought::default() };
    /// let (old, new) = ("cluster_code: 1ab\na: 1\nb: 1\nc: 1\n", "cluster_code: 1ab\na: 1\nb: 2\nc: 1\n");
    /// let diff = Diff::between(old, new, "values.yaml", options);
    /// let text = "--- a/values.yaml\n+++ b/values.yaml\n@@ -2,3 +2,3 @@\n a: 1\n-b: 1\n+b: 2\n c: 1\n";
    /// assert_eq!(diff.to_string(), text);
    /// assert!(diff.is_shortened && !diff.is_masked);
    /// ```
    #[must_use]
    pub fn between(old: &str, new: &str, name: &str, options: Options<'_>) -> Self {
        let mut diff = Self::default();
        let Some((old_window, new_window)) = windows(old, new, options.context.max(1)) else { return diff };
        let first_line = old[..old_window.start].bytes().filter(|b| *b == b'\n').count();
        let old_lines: Vec<&str> = old[old_window.clone()].split_inclusive('\n').collect();
        let new_lines: Vec<&str> = new[new_window.clone()].split_inclusive('\n').collect();
        let secrets =
            [(old, &old_window, &old_lines), (new, &new_window, &new_lines)].map(|(text, window, lines)| match options
                .secrets
            {
                Secrets::Hide => secrets_by_line(text, window.start, lines, options.brought),
                Secrets::Show => vec![Vec::new(); lines.len()],
            });
        let compared = TextDiff::from_slices(&old_lines, &new_lines);
        let ends_file = old_window.end == old.len();
        diff.header("---", "a", name);
        diff.header("+++", "b", name);
        for mut ops in compared.grouped_ops(options.context.max(1)) {
            if options.context == 0 {
                leave_context_out(&mut ops);
            }
            diff.is_shortened |= leave_secrets_out(&mut ops, &secrets[0], ends_file.then_some(old_lines.len()));
            diff.hunk(&compared, &ops, first_line, &secrets);
        }
        if diff.is_masked {
            diff.lines.iter_mut().filter(|line| line.is_hunk()).for_each(Line::spoil);
        }
        diff
    }

    /// The diff with colours, and emphasis on the words that changed.
    #[must_use]
    pub fn styled(&self) -> String {
        let mut out = String::new();
        for line in &self.lines {
            let style = match line.sign {
                Some('-') => REMOVED,
                Some('+') => ADDED,
                Some(_) => Style::new(),
                None if line.is_hunk() => HUNK,
                None => HEADER,
            };
            out.extend(line.sign.map(|sign| format!("{style}{sign}{style:#}")));
            for (emphasised, part) in &line.parts {
                // the line break stays outside, or a terminal would colour the rest of the screen
                let text = part.trim_end_matches('\n');
                let style = if *emphasised { style.invert() } else { style };
                if !text.is_empty() {
                    let _ = write!(out, "{style}{text}{style:#}");
                }
                out.push_str(&part[text.len()..]);
            }
        }
        out
    }

    fn header(&mut self, sign: &str, side: &str, name: &str) {
        self.lines.push(Line { sign: None, parts: vec![(false, format!("{sign} {}\n", patch_name(side, name)))] });
    }

    fn hunk(
        &mut self,
        compared: &TextDiff<'_, '_, str>,
        ops: &[DiffOp],
        first_line: usize,
        secrets: &[Vec<Vec<Range<usize>>>; 2],
    ) {
        let (Some(first), Some(last)) = (ops.first(), ops.last()) else { return };
        let side = |start: usize, end: usize| {
            let length = end - start;
            // an empty side is named by the line before it
            let line = first_line + start + usize::from(length > 0);
            if length == 1 { line.to_string() } else { format!("{line},{length}") }
        };
        let old = side(first.old_range().start, last.old_range().end);
        let new = side(first.new_range().start, last.new_range().end);
        self.lines.push(Line { sign: None, parts: vec![(false, format!("@@ -{old} +{new} @@\n"))] });
        for change in ops.iter().flat_map(|op| compared.iter_inline_changes_deadline(op, None)) {
            let (sign, secret) = match change.tag() {
                ChangeTag::Equal => (' ', change.old_index().map(|index| &secrets[0][index])),
                ChangeTag::Delete => ('-', change.old_index().map(|index| &secrets[0][index])),
                ChangeTag::Insert => ('+', change.new_index().map(|index| &secrets[1][index])),
            };
            let mut parts: Vec<(bool, String)> =
                change.iter_strings_lossy().map(|(emphasised, text)| (emphasised, text.into_owned())).collect();
            if let Some(ranges) = secret.filter(|ranges| !ranges.is_empty()) {
                let whole: String = parts.iter().map(|(_, text)| text.as_str()).collect();
                parts = vec![(false, without(&whole, 0, ranges))];
                self.is_masked = true;
            }
            if parts.last().is_none_or(|(_, text)| !text.ends_with('\n')) {
                parts.push((false, "\n\\ No newline at end of file\n".to_owned()));
            }
            self.lines.push(Line { sign: Some(sign), parts });
        }
    }
}

impl fmt::Display for Diff {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            line.sign.map_or(Ok(()), |sign| out.write_char(sign))?;
            line.parts.iter().try_for_each(|(_, part)| out.write_str(part))?;
        }
        Ok(())
    }
}

/// The bytes of the lines that differ and of the context around them, in both texts.
fn windows(old: &str, new: &str, context: usize) -> Option<(Range<usize>, Range<usize>)> {
    if old == new {
        return None;
    }
    let (old_bytes, new_bytes) = (old.as_bytes(), new.as_bytes());
    let equal = |pairs: &mut dyn Iterator<Item = (&u8, &u8)>| pairs.take_while(|(one, other)| one == other).count();
    let before = equal(&mut old_bytes.iter().zip(new_bytes));
    let behind = equal(&mut old_bytes[before..].iter().rev().zip(new_bytes[before..].iter().rev()));
    let mut start = line_start(old, before);
    for _ in 0..context {
        start = line_start(old, start.saturating_sub(1));
    }
    // both texts are the same behind the difference, so its lines are counted in one of them
    let mut tail = old.len() - behind;
    if !starts_line(old, tail) || !starts_line(new, new.len() - behind) {
        tail = next_line(old, tail);
    }
    for _ in 0..context {
        tail = next_line(old, tail);
    }
    Some((start..tail, start..new.len() - (old.len() - tail)))
}

fn starts_line(text: &str, at: usize) -> bool {
    at == 0 || text.as_bytes()[at - 1] == b'\n'
}

fn line_start(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().rposition(|b| *b == b'\n').map_or(0, |feed| feed + 1)
}

fn next_line(text: &str, at: usize) -> usize {
    text.as_bytes()[at..].iter().position(|b| *b == b'\n').map_or(text.len(), |feed| at + feed + 1)
}

/// The secret bytes of each line, counted from its start; the first line begins at a byte of the text.
fn secrets_by_line(text: &str, start: usize, lines: &[&str], brought: &Brought) -> Vec<Vec<Range<usize>>> {
    let end = start + lines.iter().map(|line| line.len()).sum::<usize>();
    let secrets = secret_ranges_in(text, &(start..end), brought);
    let mut at = start;
    let of_line = |line: &&str| {
        let (start, end) = (at, at + line.len());
        at = end;
        within(&secrets, &(start..end)).iter().map(|secret| secret.start - start..secret.end - start).collect()
    };
    lines.iter().map(of_line).collect()
}

/// Leaves of the context of a hunk only the line behind the change, or the one before it where there is none behind: a
/// patch without any applies nowhere by itself.
fn leave_context_out(ops: &mut [DiffOp]) {
    let kept = usize::from(!matches!(ops.last(), Some(DiffOp::Equal { .. })));
    if let Some(DiffOp::Equal { old_index, new_index, len }) = ops.first_mut() {
        let left_out = len.saturating_sub(kept);
        (*old_index, *new_index, *len) = (*old_index + left_out, *new_index + left_out, *len - left_out);
    }
}

/// Shortens the context of a hunk so that it holds no secret, where `git apply` still takes it: a hunk may have no line
/// before the change, and needs one behind it unless the file ends there. Whether anything was left out.
fn leave_secrets_out(ops: &mut [DiffOp], secrets: &[Vec<Range<usize>>], end_of_file: Option<usize>) -> bool {
    let is_secret = |line: &usize| !secrets[*line].is_empty();
    let mut shortened = false;
    if let Some(DiffOp::Equal { old_index, new_index, len }) = ops.first_mut()
        && let Some(last) = (*old_index..*old_index + *len).rfind(is_secret)
    {
        let drop = last + 1 - *old_index;
        (*old_index, *new_index, *len) = (*old_index + drop, *new_index + drop, *len - drop);
        shortened = true;
    }
    if let Some(DiffOp::Equal { old_index, len, .. }) = ops.last_mut()
        && let Some(first) = (*old_index..*old_index + *len).find(is_secret)
    {
        let keep = first - *old_index;
        let reaches_end = end_of_file == Some(*old_index + *len);
        if keep > 0 {
            *len = keep;
            shortened = true;
        } else if !reaches_end {
            // the secret line stays, masked: without it the patch would claim to change the end of the file
            *len = 1;
        }
    }
    shortened
}

/// A file name as patches write it: below `a/` or `b/`, quoted as git does where it must be, and with a tab behind it
/// where it holds a space.
fn patch_name(side: &str, name: &str) -> String {
    let name = match name {
        "-" => "stdin",
        name => name.strip_prefix("./").unwrap_or(name).trim_start_matches('/'),
    };
    let path = format!("{side}/{name}");
    if path.chars().any(|c| c.is_control() || matches!(c, '"' | '\\')) {
        let quoted: String = path.chars().map(quoted_char).collect();
        return format!("\"{quoted}\"");
    }
    if path.contains(' ') { path + "\t" } else { path }
}

fn quoted_char(c: char) -> String {
    match c {
        '"' | '\\' => format!("\\{c}"),
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        c if c.is_control() && c.is_ascii() => format!("\\{:03o}", u32::from(c)),
        c => c.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(old: &str, new: &str, expected: &str) {
        let diff =
            Diff::between(old, new, "v", Options { context: 1, secrets: Secrets::Hide, brought: &Brought::default() });
        let text = diff.to_string();
        assert_eq!(text.strip_prefix("--- a/v\n+++ b/v\n").unwrap_or(&text), expected);
    }

    #[test]
    fn one_hunk_with_its_context() {
        check("a\nb\nc\nd\n", "a\nb\nx\nd\n", "@@ -2,3 +2,3 @@\n b\n-c\n+x\n d\n");
        check("a\nb\nc\n", "a\nb\nnew\nc\n", "@@ -2,2 +2,3 @@\n b\n+new\n c\n");
        check("a\nb\nc\n", "a\nc\n", "@@ -1,3 +1,2 @@\n a\n-b\n c\n");
        check("", "a\n", "@@ -0,0 +1 @@\n+a\n");
        check("a\n", "", "@@ -1 +0,0 @@\n-a\n");
        check("a\n", "a\n", "");
        check("a\r\nb\r\n", "a\r\nc\r\n", "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n");
    }

    #[test]
    fn a_last_line_without_a_line_break() {
        let hint = "\\ No newline at end of file";
        check("a", "a\nb", &format!("@@ -1 +1,2 @@\n-a\n{hint}\n+a\n+b\n{hint}\n"));
        check("a\nb", "a\nc", &format!("@@ -1,2 +1,2 @@\n a\n-b\n{hint}\n+c\n{hint}\n"));
        check("x\ny\nb", "z\ny\nb", "@@ -1,2 +1,2 @@\n-x\n+z\n y\n");
    }

    #[test]
    fn repeated_lines_do_not_confuse_it() {
        check("a\na\na\n", "a\na\na\na\n", "@@ -3 +3,2 @@\n a\n+a\n");
        check("x: 1\nx: 11\n", "x: 1\nx: 1\nx: 11\n", "@@ -1,2 +1,3 @@\n x: 1\n+x: 1\n x: 11\n");
    }

    #[test]
    fn lines_with_secrets_are_left_out_or_masked() {
        check("token: s\nm: a\nz\n", "token: s\nm: b\nz\n", "@@ -2,2 +2,2 @@\n-m: a\n+m: b\n z\n");
        let masked = &format!("@@ -1,3 +1,3{MASKED} z\n-m: a\n+m: b\n token: ********\n");
        check("z\nm: a\ntoken: s\ny\n", "z\nm: b\ntoken: s\ny\n", masked);
        check(
            "{m: a, token: s, x: y}\n",
            "{m: b, token: s, x: y}\n",
            &format!("@@ -1 +1{MASKED}-{{m: a, token: ********, x: y}}\n+{{m: b, token: ********, x: y}}\n"),
        );
    }

    #[test]
    fn names_are_written_as_git_writes_them() {
        assert_eq!(patch_name("a", "./my values.yaml"), "a/my values.yaml\t");
        assert_eq!(patch_name("b", "a\"b\n"), "\"b/a\\\"b\\n\"");
        assert_eq!(patch_name("a", "-"), "a/stdin");
    }
}
