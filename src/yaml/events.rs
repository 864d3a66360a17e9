//! From text to [`Tree`]. The only file that names `granit-parser`, whose settings and quirks end here.
//!
//! The parser is young and pinned to one minor version; `saphyr-parser` has the same events should it have to go.
//! What it reads otherwise than Helm is refused here or in [`super::dialect`]:
//!
//! - an empty plain node arrives as the text `~` with an empty span; an empty span is an absent text;
//! - the span of a block scalar may end behind the indentation of the next line;
//! - it does not expand aliases, so what they would grow to is counted here, as Helm counts it.

use std::{iter, ops::Range, sync::OnceLock};

use granit_parser::{ErrorKind, Parser, ScanError, Tag};
pub(super) use granit_parser::{Event, ScalarStyle, Span, StructureStyle};

use super::{
    limits::{MAX_BYTES, MAX_DEPTH, MAX_ENTRIES, MAX_NODES},
    scalar::{Scalar, is_not_json},
    tags::foreign,
    tree::{Kind, Node, NodeId, Tree, is_merge_key, spelled, to_u32},
};
use crate::{finding::Finding, rule::Rule};

/// The first document of a text as a tree; a finding where there is more than one, or where it is not one that every
/// Helm reads alike.
pub(super) fn read(source: &str) -> Result<Tree<'_>, Finding> {
    let options = granit_parser::options! {
        emit_comments: false,
        emit_anchor_events: true,
        disallow_directives: true,
        // as Helm 3 reads a block scalar that the file ends in; Helm 4 adds the line break
        block_scalar_eof_without_line_feed: true,
    };
    let mut builder = Builder::new(source);
    for event in Parser::new_from_str_with_options(source, options) {
        let (event, span) = event.map_err(|error| refusal_of(source, &error))?;
        builder.take(event, span)?;
    }
    Ok(builder.tree)
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

/// A collection that is still open.
struct Open {
    node: NodeId,
    /// In a mapping: whether the next child is a key.
    key_is_next: bool,
    /// In a mapping: whether the next child is the value of a merge key.
    merge_is_next: bool,
    /// In a sequence: whether it is the value of a merge key.
    is_merged: bool,
    anchor: usize,
    /// How many nodes had been seen before this one, aliases expanded; and how many bytes of text came out of aliases.
    seen_before: u64,
    grown_before: u64,
    /// How many levels there are below it so far, aliases expanded.
    height: usize,
    /// How many keys and values, or items, it has so far.
    children: usize,
}

/// What an anchor stands for: the node, how many nodes and bytes of text it grows to, how many levels it has.
#[derive(Clone, Copy)]
struct Anchored {
    node: NodeId,
    size: u64,
    length: u64,
    height: usize,
}

struct Builder<'t> {
    tree: Tree<'t>,
    open: Vec<Open>,
    /// By anchor number.
    anchors: Vec<Option<Anchored>>,
    /// Nodes seen, aliases expanded; and how many of these came out of aliases.
    seen: u64,
    seen_in_aliases: u64,
    /// Bytes of text that came out of aliases.
    grown: u64,
    documents: usize,
}

impl<'t> Builder<'t> {
    fn new(source: &'t str) -> Self {
        // a node every 20 bytes is what real values files have
        let nodes = Vec::with_capacity(source.len() / 20 + 8);
        let content = 0..source.len();
        let tree = Tree { source, nodes, cooked: Vec::new(), content, long: OnceLock::new(), keys: OnceLock::new() };
        Self { tree, open: Vec::new(), anchors: Vec::new(), seen: 0, seen_in_aliases: 0, grown: 0, documents: 0 }
    }

    fn take(&mut self, event: Event<'t>, span: Span) -> Result<(), Finding> {
        let range = span.byte_range().unwrap_or_default();
        match event {
            Event::DocumentStart(explicit, _) => self.document_starts(explicit, range),
            Event::DocumentEnd => {
                self.document_ends(range);
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                let kind = kind_of(style);
                let tagged = allowed_tag(tag.as_deref(), "str", &range)?;
                self.scalar(&text, kind, anchor, tagged, range)
            }
            Event::SequenceStart(style, anchor, tag) => {
                let kind = if style == StructureStyle::Flow { Kind::FlowSequence } else { Kind::BlockSequence };
                let tagged = allowed_tag(tag.as_deref(), "seq", &range)?;
                self.open(kind, anchor, tagged, range)
            }
            Event::MappingStart(style, anchor, tag) => {
                let kind = if style == StructureStyle::Flow { Kind::FlowMapping } else { Kind::BlockMapping };
                let tagged = allowed_tag(tag.as_deref(), "map", &range)?;
                self.open(kind, anchor, tagged, range)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(range.end),
            Event::Alias(anchor) => {
                anchor_name(self.tree.source, &range)?;
                self.alias(anchor, range)
            }
            Event::Anchor(..) => anchor_name(self.tree.source, &range),
            _ => Ok(()),
        }
    }

    fn document_starts(&mut self, explicit: bool, range: Range<usize>) -> Result<(), Finding> {
        self.documents += 1;
        if self.documents == 1 {
            if explicit {
                self.tree.content.start = line_end(self.tree.source, range.end);
            }
            return Ok(());
        }
        Err(if explicit {
            Finding::new(Rule::SeveralDocuments, "the file has more than one YAML document")
                .help("keep one document in the file: Helm 3 reads only the first, Helm 4 merges all")
        } else {
            Finding::new(Rule::TextAfterEnd, "Helm drops this text: the line `...` above it ends the document")
                .help("remove the line `...`, or the text after it")
        }
        .at(range))
    }

    fn document_ends(&mut self, range: Range<usize>) {
        if self.tree.source[range.clone()].starts_with("...") {
            self.tree.content.end = range.start;
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        kind: Kind,
        anchor: usize,
        tagged: bool,
        range: Range<usize>,
    ) -> Result<(), Finding> {
        let source = self.tree.source;
        let text = if range.is_empty() && kind == Kind::Plain { "" } else { text };
        let range = if kind.is_block_scalar() { without_next_indentation(source, range) } else { range };
        let is_key = self.open.last().is_some_and(|parent| parent.key_is_next);
        scalar_that_helm_reads(source, text, kind, (tagged, is_key), &range)?;
        let node = self.push(kind, tagged, anchor != 0, range.clone());
        if spelled(source, kind, range) != text {
            self.tree.cooked.push((to_u32(node), text.into()));
        }
        self.seen += 1;
        self.remember(anchor, Anchored { node, size: 1, length: text.len() as u64, height: 0 });
        self.child(node)
    }

    fn open(&mut self, kind: Kind, anchor: usize, tagged: bool, range: Range<usize>) -> Result<(), Finding> {
        let node = self.push(kind, tagged, anchor != 0, range);
        let is_merged = self.open.last().is_some_and(|parent| parent.merge_is_next);
        self.child(node)?;
        self.open.push(Open {
            node,
            key_is_next: kind.is_mapping(),
            merge_is_next: false,
            is_merged,
            anchor,
            seen_before: self.seen,
            grown_before: self.grown,
            height: 0,
            children: 0,
        });
        self.seen += 1;
        Ok(())
    }

    fn close(&mut self, end: usize) -> Result<(), Finding> {
        let Some(Open { node, is_merged, anchor, seen_before, grown_before, height, .. }) = self.open.pop() else {
            return Ok(());
        };
        let last = self.tree.nodes.len() - 1;
        let end = match self.tree.node(node).kind {
            Kind::FlowMapping | Kind::FlowSequence => end,
            // the parser ends a block collection where the next thing begins, behind spaces and comments
            _ if last > node => self.tree.nodes[last].end as usize,
            _ => self.tree.nodes[node].start as usize,
        };
        self.tree.nodes[node].end = to_u32(end);
        self.tree.nodes[node].next = to_u32(last + 1);
        let length = self.tree.span(node).len() as u64 + self.grown - grown_before;
        self.remember(anchor, Anchored { node, size: self.seen - seen_before, length, height: height + 1 });
        self.grow(height + 1);
        if is_merged && self.tree.node(node).kind.is_sequence() {
            return self.tree.children(node).try_for_each(|member| mergeable(&self.tree, member));
        }
        Ok(())
    }

    fn alias(&mut self, anchor: usize, range: Range<usize>) -> Result<(), Finding> {
        let Some(Anchored { node: target, size, length, height }) = self.anchors.get(anchor).copied().flatten() else {
            return Err(Finding::new(Rule::InvalidYaml, "this alias is inside what it refers to, so it never ends")
                .help("write the values out")
                .at(range));
        };
        let node = self.push(Kind::Alias, false, false, range.clone());
        self.tree.nodes[node].target = to_u32(target);
        self.seen = self.seen.saturating_add(size);
        self.seen_in_aliases = self.seen_in_aliases.saturating_add(size);
        self.grown = self.grown.saturating_add(length);
        self.grow(height);
        let is_long = self.grown > MAX_BYTES as u64;
        if is_long || is_excessive(self.seen, self.seen_in_aliases) || self.open.len() + height > MAX_DEPTH {
            return Err(Finding::new(Rule::OutsideDialect, "the aliases in this file expand to too many values")
                .help("write the values out")
                .at(range));
        }
        self.child(node)
    }

    fn push(&mut self, kind: Kind, tagged: bool, anchored: bool, range: Range<usize>) -> NodeId {
        let node = self.tree.nodes.len();
        let (start, end) = (to_u32(range.start), to_u32(range.end));
        self.tree.nodes.push(Node { start, end, next: to_u32(node + 1), target: 0, kind, anchored, tagged });
        node
    }

    fn remember(&mut self, anchor: usize, anchored: Anchored) {
        if anchor != 0 {
            if self.anchors.len() <= anchor {
                self.anchors.resize(anchor + 1, None);
            }
            self.anchors[anchor] = Some(anchored);
        }
    }

    /// Takes note of what stands in the innermost open collection and has so many levels.
    fn grow(&mut self, levels: usize) {
        if let Some(parent) = self.open.last_mut() {
            parent.height = parent.height.max(levels);
        }
    }

    /// Takes note of a node as child of the innermost open collection, and refuses what Helm refuses there.
    fn child(&mut self, node: NodeId) -> Result<(), Finding> {
        if node >= MAX_NODES {
            return Err(too_many(format!("more than {} values", shown(MAX_NODES)), self.tree.span(node)));
        }
        let Some(parent) = self.open.last_mut() else { return Ok(()) };
        parent.children += 1;
        let is_mapping = self.tree.nodes[parent.node].kind.is_mapping();
        let (most, what) =
            if is_mapping { (2 * MAX_ENTRIES, "names in one mapping") } else { (MAX_ENTRIES, "items in one list") };
        if parent.children > most {
            return Err(too_many(format!("more than {} {what}", shown(MAX_ENTRIES)), self.tree.span(node)));
        }
        if !is_mapping {
            return Ok(());
        }
        let is_key = parent.key_is_next;
        parent.key_is_next = !is_key;
        if is_key {
            parent.merge_is_next = is_merge_key(&self.tree, node);
            return key_that_helm_reads(&self.tree, node);
        }
        let is_merged = std::mem::take(&mut parent.merge_is_next);
        let is_written_list = self.tree.node(node).kind.is_sequence();
        if is_merged && !is_written_list { mergeable(&self.tree, node) } else { Ok(()) }
    }
}

fn too_many(what: String, at: Range<usize>) -> Finding {
    Finding::new(Rule::OutsideDialect, what)
        .help("values files of the chart have less than a thousandth of that: is this the right file?")
        .at(at)
}

/// A number in groups of three digits.
fn shown(number: usize) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}

/// Helm merges a mapping, or a list of mappings written in place, and refuses anything else.
fn mergeable(tree: &Tree<'_>, node: NodeId) -> Result<(), Finding> {
    if tree.node(tree.resolved(node)).kind.is_mapping() {
        return Ok(());
    }
    Err(Finding::new(Rule::InvalidYaml, "`<<` can merge only a mapping, or a list of mappings").at(tree.span(node)))
}

fn key_that_helm_reads(tree: &Tree<'_>, key: NodeId) -> Result<(), Finding> {
    let value = tree.resolved(key);
    let node = tree.node(value);
    let span = tree.span(key);
    if node.kind.is_mapping() || node.kind.is_sequence() {
        let source = tree.source;
        if source[span.start..].starts_with("{{") || source[..span.start].ends_with('{') {
            return Err(template(span));
        }
        return Err(Finding::new(Rule::InvalidYaml, "Helm does not accept a mapping or a list as a key").at(span));
    }
    if tree.scalar(value) == Some(Scalar::Null) {
        return Err(Finding::new(Rule::InvalidYaml, "Helm rejects a file with an empty or null key").at(span));
    }
    Ok(())
}

fn scalar_that_helm_reads(
    source: &str,
    text: &str,
    kind: Kind,
    (tagged, is_key): (bool, bool),
    range: &Range<usize>,
) -> Result<(), Finding> {
    if kind == Kind::Plain && !tagged && is_not_json(text) && is_key {
        let finding = Finding::new(
            Rule::OutsideDialect,
            format!(
                "YAML parsers disagree about the number `{text}` as \
                                                                  a key"
            ),
        );
        return Err(finding.help("put it in quotes").at(range.clone()));
    }
    if kind == Kind::Plain && !tagged && is_not_json(text) {
        let message = format!("Helm rejects the number `{text}` as a value: JSON does not have it");
        let finding = Finding::new(Rule::InvalidYaml, message);
        return Err(finding.help("put it in quotes if you mean text").at(range.clone()));
    }
    if kind == Kind::Plain && tagged && range.is_empty() {
        let finding = Finding::new(Rule::OutsideDialect, "YAML parsers disagree about a tag without a value");
        return Err(finding.help("write \"\" for an empty text").at(range.clone()));
    }
    if kind == Kind::DoubleQuoted
        && let Some((escape, help)) = refused_escape(&source[range.clone()])
    {
        let at = range.start + escape.start..range.start + escape.end;
        let message = format!("Helm rejects the escape `{}`", &source[at.clone()]);
        return Err(Finding::new(Rule::InvalidYaml, message).help(help).at(at));
    }
    Ok(())
}

fn template(span: Range<usize>) -> Finding {
    Finding::new(Rule::TemplateInValues, "Helm does not render a values file: `{{` begins a YAML mapping here")
        .help("pass the rendered file, or put the expression in quotes if you mean text")
        .at(span)
}

/// The tags that change nothing: the one of the node's own kind. Others are refused, since Helm's reader gives them
/// meanings of its own (`!!binary` is decoded, even in a key).
fn allowed_tag(tag: Option<&Tag>, own: &str, range: &Range<usize>) -> Result<bool, Finding> {
    match tag {
        None => Ok(false),
        Some(tag) if tag.core_suffix() == Some(own) => Ok(true),
        // the tag is not quoted: `password: !Abc` is a password
        Some(tag) => Err(foreign(&tag.original(), range).unwrap_or_else(|| {
            Finding::new(Rule::OutsideDialect, "a tag may change what Helm reads here")
                .help("remove the tag; put the value in quotes if the `!` is part of it")
                .at(range.clone())
        })),
    }
}

/// The name behind `&` or `*`: Helm's reader knows fewer, and wants a space behind it or the end of a value.
fn anchor_name(source: &str, range: &Range<usize>) -> Result<(), Finding> {
    let name = source[range.start + 1..].split([' ', '\t', '\r', '\n', ',', ']', '}']).next().unwrap_or_default();
    if name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
        return Ok(());
    }
    Err(Finding::new(Rule::InvalidYaml, "Helm reads only letters, digits, `-` and `_` in the name of an anchor")
        .help("use only those; put the value in quotes if you mean text")
        .at(range.clone()))
}

/// go-yaml's measure against documents that aliases blow up: of a small document nearly everything may come out of
/// aliases, of a large one a tenth. (`allowedAliasRatio` in its `decode.go`.)
#[allow(clippy::cast_precision_loss)] // counts, compared as a ratio
fn is_excessive(seen: u64, in_aliases: u64) -> bool {
    const SMALL: f64 = 400_000.0;
    const LARGE: f64 = 4_000_000.0;
    let allowed = 0.99 - 0.89 * ((seen as f64 - SMALL) / (LARGE - SMALL)).clamp(0.0, 1.0);
    in_aliases > 100 && seen > 1000 && in_aliases as f64 / seen as f64 > allowed
}

/// Where the source of a double-quoted scalar has an escape of JSON that Helm does not know, and what to write instead:
/// `\/`, and half of a character beyond U+FFFF.
fn refused_escape(source: &str) -> Option<(Range<usize>, &'static str)> {
    let bytes = source.as_bytes();
    let mut at = 0;
    loop {
        at += bytes.get(at..)?.iter().position(|b| *b == b'\\')?;
        match bytes[at + 1..] {
            [b'/', ..] => return Some((at..at + 2, "write a plain `/`")),
            [b'u', b'd' | b'D', b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F', ..] => {
                return Some((at..at + 6, "write the character itself"));
            }
            _ => at += 2,
        }
    }
}

/// The span of a block scalar without the indentation of the line after it.
pub(super) fn without_next_indentation(source: &str, range: Range<usize>) -> Range<usize> {
    let content = source[range.clone()].trim_end_matches([' ', '\t']);
    if content.is_empty() || content.ends_with('\n') { range.start..range.start + content.len() } else { range }
}

/// The byte behind the line that holds `at`, its line feed included.
pub(super) fn line_end(source: &str, at: usize) -> usize {
    source[at..].find('\n').map_or(source.len(), |feed| at + feed + 1)
}

/// The tab in an indentation that the parser stumbled over: it tells the place where it began to read, at times that of
/// the value in a line above. Between brackets and in quotes a tab does no harm.
fn tab_to_blame(source: &str, at: usize, why: &str) -> Option<usize> {
    const FREE: [&str; 3] = ["flow", "bracket", "quote"];
    let start = source[..at].rfind('\n').map_or(0, |feed| feed + 1);
    let tab_of = |start: usize| -> Option<usize> {
        let line = source[start..line_end(source, start)].trim_end();
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        line[..blanks].find('\t').map(|tab| start + tab)
    };
    if FREE.iter().any(|word| why.contains(word)) {
        return None;
    }
    let goes_on = why.contains("tab") || why.contains("comment intercepting");
    let is_nothing = |start: &usize| {
        let line = source[*start..line_end(source, *start)].trim();
        line.is_empty() || line.starts_with('#')
    };
    let below = || {
        let line = |start: &usize| Some(line_end(source, *start)).filter(|end| *end < source.len());
        iter::successors(line(&start), line).find(|start| tab_of(*start).is_some() || !is_nothing(start))
    };
    tab_of(start).or_else(|| tab_of(goes_on.then(below)??))
}

fn refusal_of(source: &str, error: &ScanError) -> Finding {
    let at = error.marker().byte_offset().unwrap_or(source.len()).min(source.len());
    let end = source[at..].chars().next().map_or(at, |c| at + c.len_utf8());
    let tab = tab_to_blame(source, at, &error.info());
    let finding = match error.kind() {
        ErrorKind::RecursionLimitExceeded => Finding::new(Rule::OutsideDialect, "nested more than 255 levels deep")
            .help("values files of the chart have only a few levels: is this the right file?"),
        ErrorKind::UnknownAnchor => Finding::new(Rule::InvalidYaml, "there is no anchor of this name before the alias")
            .help("put the value in quotes if you mean the `*` as text"),
        _ if source[..at].ends_with("{{") || source[at..].starts_with("{{") => return template(at..end),
        _ if tab.is_some() => {
            let is_in_brackets = source[..at].trim_end().ends_with(['[', '{', ',']);
            let finding = if is_in_brackets {
                Finding::new(Rule::OutsideDialect, "YAML parsers disagree about a tab between brackets")
            } else {
                Finding::new(Rule::InvalidYaml, "YAML does not allow tabs for indentation")
            };
            return Finding { span: tab.map(|tab| tab..tab + 1), ..finding.help("indent with spaces") };
        }
        ErrorKind::ExpectedDocumentStart => Finding::new(
            Rule::InvalidYaml,
            "the document ends above this line; Helm ignores the rest or rejects the file",
        )
        .help("begin all lines of one mapping in the same column"),
        ErrorKind::SimpleKeyExpected => {
            let above = source[..at].trim_end_matches([' ', '\t', '\r', '\n']);
            Finding::new(Rule::InvalidYaml, "this line is not `name: value`").help(if above.ends_with(':') {
                "if it is the value of the key above, put it on the same line, after the colon"
            } else {
                "write a space after the colon; if the line belongs to the text above, indent it"
            })
        }
        _ => Finding::new(Rule::InvalidYaml, format!("not YAML: {}", error.info()))
            .help("check quotes, brackets and indentation here and in the lines above"),
    };
    finding.at(at..end)
}
