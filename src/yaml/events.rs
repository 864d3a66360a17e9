//! The events of a YAML text. The only file that names `granit-parser`, whose settings and quirks end here.
//!
//! The parser is young and pinned to one minor version; `saphyr-parser` has the same events should it have to go.
//! What it reads otherwise than Helm is refused in [`super::refused`] or in [`super::dialect`]:
//!
//! - an empty plain node arrives as the text `~` with an empty span; an empty span is an absent text;
//! - the span of a block scalar may end behind the indentation of the next line;
//! - it does not expand aliases, so what they would grow to is counted in [`super::builder`], as Helm counts it.

use granit_parser::Parser;
pub(super) use granit_parser::{ErrorKind, Event, ScalarStyle, ScanError, Span, StructureStyle, Tag};

use super::tree::Kind;

/// The events of a text as Helm reads it: without directives.
pub(super) fn as_helm_reads(source: &str) -> impl Iterator<Item = Result<(Event<'_>, Span), ScanError>> {
    let options = granit_parser::options! {
        emit_comments: false,
        emit_anchor_events: true,
        disallow_directives: true,
        // as Helm 3 reads a block scalar that the file ends in; Helm 4 adds the line break
        block_scalar_eof_without_line_feed: true,
    };
    Parser::new_from_str_with_options(source, options)
}

/// The events of a text, all documents of it, whatever Helm makes of them; nothing where it is not YAML.
pub(super) fn all(source: &str) -> impl Iterator<Item = Option<(Event<'_>, Span)>> {
    let options = granit_parser::options! { emit_comments: false };
    Parser::new_from_str_with_options(source, options).map(Result::ok)
}

/// What a style of the parser is called here.
pub(super) fn kind_of(style: ScalarStyle) -> Kind {
    match style {
        ScalarStyle::SingleQuoted => Kind::SingleQuoted,
        ScalarStyle::DoubleQuoted => Kind::DoubleQuoted,
        ScalarStyle::Literal => Kind::Literal,
        ScalarStyle::Folded => Kind::Folded,
        ScalarStyle::Plain => Kind::Plain,
    }
}
