//! Findings drawn as a compiler draws them: the line itself, a caret, what to do.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};

use super::cursor::Cursor;
use crate::{
    called::Called,
    chart::secrets::{Brought, MASK, masked, secret_ranges_with, within, without},
    finding::{Finding, Position, Severity},
};

/// Draws findings, each with a blank line behind it, by a program that is `called` so. `text_of` gives the text of a
/// file by its name, and `brought` is what the files bring to secret names from one another.
#[must_use]
pub fn drawn<'t>(
    findings: &[Finding],
    called: Called,
    text_of: impl Fn(&str) -> Option<&'t str>,
    brought: &Brought,
) -> String {
    let mut eye = None;
    let mut draw = |finding: &Finding| {
        let text = finding.file.as_deref().and_then(&text_of).map(|text| (text, brought));
        drawn_one(finding, called, text, &mut eye) + "\n\n"
    };
    findings.iter().map(&mut draw).collect()
}

/// A text, and what the files bring to secret names from one another.
type Told<'t, 'b> = (&'t str, &'b Brought);

fn drawn_one<'t>(finding: &Finding, called: Called, text: Option<Told<'t, '_>>, eye: &mut Option<Eye<'t>>) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let message = masked(&finding.message);
    let mut title = level.primary_title(message.as_ref()).id(finding.rule.name());
    if let Some(url) = finding.rule.url(called) {
        title = title.id_url(url);
    }
    let mut group = Group::with_title(title);
    if let Some(file) = finding.file.as_deref() {
        group = group.element(place(file, text, finding.span.clone(), eye));
    }
    let help = finding.help.as_ref().map(|help| help.said(called));
    if let Some(help) = &help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let page = format!("run `{called} explain {}`", finding.rule.name());
    group = group.element(Level::NOTE.no_name().message(page.as_str()));
    Renderer::styled().render(&[group])
}

/// The line with its caret; only the name of the file and the position where the line is too long to be shown.
fn place<'p, 't>(
    file: &'p str,
    text: Option<Told<'t, '_>>,
    span: Option<Range<usize>>,
    eye: &mut Option<Eye<'t>>,
) -> Element<'p> {
    const LONGEST_LINE: usize = 512;
    let (Some((text, brought)), Some(span)) = (text, span) else { return Origin::path(file).into() };
    let eye = Eye::on(eye, text, brought);
    let Position { line, column } = eye.cursor.to(span.start);
    let excerpt = Excerpt::of(&span, eye);
    if excerpt.line.len() > LONGEST_LINE {
        return Origin::path(file).line(line).char_column(column).into();
    }
    Snippet::source(excerpt.line)
        .path(file)
        .line_start(line)
        .annotation(AnnotationKind::Primary.span(excerpt.span))
        .into()
}

/// The line on which a span begins, without its secrets, and the part of the span in it.
struct Excerpt {
    line: String,
    span: Range<usize>,
}

/// What has read a text once, for the lines and the secrets of all findings in it.
struct Eye<'t> {
    text: &'t str,
    cursor: Cursor<'t>,
    secrets: Vec<Range<usize>>,
}

impl<'t> Eye<'t> {
    fn new(text: &'t str, brought: &Brought) -> Self {
        Self { text, cursor: Cursor::new(text), secrets: secret_ranges_with(text, brought) }
    }

    /// The eye that looks at a text: the same as before, where it looked at that.
    fn on<'e>(eye: &'e mut Option<Self>, text: &'t str, brought: &Brought) -> &'e mut Self {
        if eye.as_ref().is_some_and(|eye| !std::ptr::eq(eye.text, text)) {
            *eye = None;
        }
        eye.get_or_insert_with(|| Self::new(text, brought))
    }
}

impl Excerpt {
    fn of(span: &Range<usize>, eye: &Eye<'_>) -> Self {
        let text = eye.text;
        let start = text[..span.start].rfind('\n').map_or(0, |feed| feed + 1);
        let start = if text[start..].starts_with('\u{feff}') { start + '\u{feff}'.len_utf8() } else { start };
        let end = text[start..].find('\n').map_or(text.len(), |feed| start + feed);
        let end = if text[start..end].ends_with('\r') { end - 1 } else { end };
        let secrets = within(&eye.secrets, &(start..end));
        let line = without(&text[start..end], start, secrets);
        // where a byte of the text stands in the line shown; one inside a secret, at that edge of its mask
        let shown = |byte: usize, edge: usize| {
            let (mut from, mut column) = (start, 0);
            for range in secrets.iter().take_while(|range| range.start < byte) {
                column += range.start - from + MASK.len();
                from = range.end;
                if byte <= range.end {
                    return column - MASK.len() + edge;
                }
            }
            column + byte.saturating_sub(from)
        };
        let span = shown(span.start, 0)..shown(span.end.min(end), MASK.len());
        Self { line, span: span.start..span.end.max(span.start) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, span: Range<usize>, line: &str, marked: Range<usize>) {
        let excerpt = Excerpt::of(&span, &Eye::new(text, &Brought::default()));
        assert_eq!((excerpt.line.as_str(), excerpt.span), (line, marked));
    }

    #[test]
    fn the_span_follows_its_line() {
        check("a: 1\nmode: klas # x\n", 11..15, "mode: klas # x", 6..10);
        check("\u{feff}a: 1\n", 6..7, "a: 1", 3..4);
        check("a: \"x\n  y\"\n", 3..10, "a: \"x", 3..5);
        check("a: 1\r\nb: 2\r\n", 6..7, "b: 2", 0..1);
    }

    #[test]
    fn a_secret_in_the_line_is_masked() {
        check("token: abc # x\n", 7..10, "token: ********", 7..15);
        check("token: abc\n", 0..5, "token: ********", 0..5);
        check("token: abc\r\n", 7..10, "token: ********", 7..15);
        check("x: 7_00000000000000000000000000000000 y\n", 38..39, "x: ******** y", 12..13);
    }
}
