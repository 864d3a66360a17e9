//! Terraform: what its blocks and expressions say, written as YAML that is read like any other; each byte knows its
//! place in the file.

use std::ops::Range;

use hcl_edit::{
    Span,
    expr::{Expression, ObjectKey},
    structure::{Block, Body, Structure},
};

use super::{
    inner::Inner,
    inside::closes,
    line::Extent,
    lines::Lines,
    names::{Secrecy, secrecy},
    reader::Found,
    tree,
};
use crate::{terraform::body_of, yaml::Form};

/// The key below which a text is secret, and the kind whose data are.
const SECRET: &str = "password";
const OBJECT: &str = "Secret";

/// Attributes of resources that are secrets, in which they hold them. (The providers `kubernetes`, `vault`, `aws`,
/// `google`, `azurerm`)
const DATA: &[&str] = &[
    "data",
    "data_wo",
    "string_data",
    "binary_data",
    "binary_data_wo",
    "data_json",
    "data_json_wo",
    "secret_string",
    "secret_string_wo",
    "secret_binary",
    "secret_data",
    "secret_data_wo",
    "value",
    "value_wo",
    "plaintext_value",
];

/// What is secret in a text of Terraform; nothing where it is not one, or cannot be read.
pub(super) fn ranges(text: &str) -> Option<Found> {
    let body = is_one(text).then(|| body_of(text)).flatten()?;
    let mut written = Written { source: text, text: String::with_capacity(text.len()), places: Vec::new() };
    written.body(&body, text.len(), None, false);
    let found = tree::ranges(&written.text, 0, 0..written.text.len())?;
    let mut secrets: Vec<Range<usize>> = found.secrets.iter().map(|range| written.said(range)).collect();
    comments(text, &mut secrets);
    Some(Found { secrets, modes: found.modes.iter().map(|range| written.said(range)).collect() })
}

/// Whether a text begins like one of Terraform: with a block, behind comments.
fn is_one(text: &str) -> bool {
    const BLOCKS: &[&str] = &[
        "resource",
        "variable",
        "output",
        "locals",
        "module",
        "provider",
        "data",
        "terraform",
        "moved",
        "import",
        "check",
        "removed",
        "ephemeral",
    ];
    let mut in_comment = false;
    let first = text.lines().map(str::trim).find(|line| {
        let is_skipped = line.is_empty() || line.starts_with(['#', '/']) || in_comment;
        in_comment = (in_comment || line.starts_with("/*")) && !line.contains("*/");
        !is_skipped
    });
    let first = first.unwrap_or_default();
    let word = first.split([' ', '"', '{']).next().unwrap_or_default();
    BLOCKS.contains(&word) && first.contains('{')
}

/// The text in YAML, with the place of each of its bytes.
struct Written<'t> {
    source: &'t str,
    text: String,
    places: Vec<u32>,
}

impl Written<'_> {
    /// Signs of YAML that come from a byte of the file.
    fn push(&mut self, text: &str, at: usize) {
        self.text.push_str(text);
        self.places.extend(std::iter::repeat_n(u32::try_from(at).unwrap_or(u32::MAX), text.len()));
    }

    /// Where a range of the text comes from in the file.
    fn said(&self, range: &Range<usize>) -> Range<usize> {
        let place = |at: usize| self.places.get(at).map_or(self.source.len(), |place| *place as usize);
        let last = place(range.end.saturating_sub(1));
        let length = self.source[last..].chars().next().map_or(0, char::len_utf8);
        place(range.start)..(last + length).max(place(range.start))
    }

    /// A text of the file between quotes, with its escapes out of them.
    fn quote(&mut self, inner: &Inner<'_>, span: &Range<usize>) {
        self.push("\"", span.start);
        for (c, at) in inner.chars() {
            match c {
                '\n' => self.push("\\n", at),
                '"' => self.push("\\\"", at),
                '\\' => self.push("\\\\", at),
                '\t' => self.push("\\t", at),
                c if c.is_control() => self.push(" ", at),
                c => self.push(c.encode_utf8(&mut [0; 4]), at),
            }
        }
        self.push("\"", span.end.saturating_sub(1).max(span.start));
    }

    /// A key that is written at a place of the file, or whose value is.
    fn key(&mut self, name: &str, at: &Range<usize>) {
        self.push(&format!("{}: ", serde_json::Value::from(name)), at.start);
    }

    /// The attributes and blocks of a body. `as_secret` names what holds a secret in it.
    fn body(&mut self, body: &Body, end: usize, as_secret: Option<&[&str]>, is_object: bool) {
        let start = body.span().map_or(0, |span| span.start);
        self.push("{", start);
        if is_object {
            self.push(&format!("kind: {OBJECT}, "), start);
        }
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    let name = attribute.key.as_str();
                    let holds = as_secret.is_some_and(|names| names.contains(&name));
                    let said = match is_object {
                        true if holds => "stringData",
                        _ if holds => SECRET,
                        _ => name,
                    };
                    self.key(said, &attribute.key.span().unwrap_or(start..start));
                    self.expression(&attribute.value, is_sensitive(name), &(start..end));
                    self.push(", ", attribute.value.span().map_or(end, |span| span.end.saturating_sub(1)));
                }
                Structure::Block(block) if !is_set(block) => {
                    self.block(block, start);
                    self.push(", ", block.span().map_or(end, |span| span.end.saturating_sub(1)));
                }
                Structure::Block(_) => {}
            }
        }
        self.sets(body, start);
        self.push("}", end.saturating_sub(1));
    }

    /// A block below its kind, or below its name where that says what it holds.
    fn block(&mut self, block: &Block, start: usize) {
        let kind = block.ident.as_str();
        let at = block.ident.span().unwrap_or(start..start);
        let whole = block.span().unwrap_or(at.clone());
        let label = block.labels.last().map_or("", |label| label.as_str());
        let first = block.labels.first().map_or("", |label| label.as_str());
        let is_named = matches!(kind, "variable" | "output");
        let is_object = matches!(kind, "resource" | "ephemeral" | "data") && first.contains("secret");
        let is_secret = is_named && secrecy(label) > Secrecy::Open || says_sensitive(&block.body);
        self.key(kind, &at);
        let holds: Option<&[&str]> = match () {
            () if is_object => Some(DATA),
            () if is_named && is_secret => Some(&["default", "value"]),
            () => None,
        };
        self.body(&block.body, whole.end, holds, is_object);
    }

    /// The blocks that set values one by one, as a list.
    fn sets(&mut self, body: &Body, start: usize) {
        let sets: Vec<&Block> = body.blocks().filter(|block| is_set(block)).collect();
        if sets.is_empty() {
            return;
        }
        self.push("set: [", start);
        for block in sets {
            let whole = block.span().unwrap_or(start..start);
            let holds: Option<&[&str]> = is_sensitive(block.ident.as_str()).then_some(&["value", "value_wo"]);
            self.body(&block.body, whole.end, holds, false);
            self.push(", ", whole.end.saturating_sub(1));
        }
        self.push("], ", start);
    }

    /// What an expression says: texts and numbers, and in place of a function what it is given.
    fn expression(&mut self, expression: &Expression, is_sensitive: bool, around: &Range<usize>) {
        let span = expression.span().unwrap_or_else(|| around.clone());
        let span = span.start..span.end.max(span.start);
        let all = |this: &mut Self, parts: &[&Expression]| {
            this.push("[", span.start);
            for part in parts {
                this.expression(part, is_sensitive, &span);
                this.push(", ", part.span().map_or(span.end, |part| part.end).saturating_sub(1));
            }
            this.push("]", span.end.saturating_sub(1));
        };
        match expression {
            Expression::String(_) | Expression::StringTemplate(_) => {
                self.quote(&Inner::of(self.source, Form::Escaped, span.clone()), &span);
            }
            Expression::HeredocTemplate(_) => {
                let head = self.source[span.clone()].find('\n').map_or(span.len(), |feed| feed + 1);
                let lines = &self.source[span.start + head..span.end];
                let body =
                    span.start + head..span.start + head + lines.trim_end().rfind('\n').map_or(0, |feed| feed + 1);
                self.quote(&Inner::of(self.source, Form::Block, body.clone()), &body);
            }
            Expression::Number(_) => self.push(self.source.get(span.clone()).unwrap_or("0"), span.start),
            Expression::Bool(value) => self.push(if *value.as_ref() { "true" } else { "false" }, span.start),
            Expression::Null(_) | Expression::Variable(_) | Expression::Traversal(_) => self.push("null", span.start),
            Expression::Parenthesis(inner) => self.expression(inner.inner(), is_sensitive, &span),
            Expression::Array(list) => all(self, &list.iter().collect::<Vec<_>>()),
            Expression::Object(object) => {
                self.push("{", span.start);
                for (key, value) in object {
                    self.object_key(key, is_sensitive, &span);
                    self.expression(value.expr(), is_sensitive, &span);
                    self.push(", ", value.expr().span().map_or(span.end, |value| value.end).saturating_sub(1));
                }
                self.push("}", span.end.saturating_sub(1));
            }
            Expression::FuncCall(call) => {
                let args: Vec<&Expression> = call.args.iter().collect();
                match args[..] {
                    [only] => self.expression(only, is_sensitive, &span),
                    _ => all(self, &args),
                }
            }
            Expression::Conditional(choice) => all(self, &[&choice.cond_expr, &choice.true_expr, &choice.false_expr]),
            Expression::UnaryOp(operation) => self.expression(&operation.expr, is_sensitive, &span),
            Expression::BinaryOp(operation) => all(self, &[&operation.lhs_expr, &operation.rhs_expr]),
            Expression::ForExpr(each) => {
                let mut parts = vec![&each.intro.collection_expr, &each.value_expr];
                parts.extend(each.key_expr.as_ref());
                all(self, &parts);
            }
        }
    }

    fn object_key(&mut self, key: &ObjectKey, is_sensitive: bool, around: &Range<usize>) {
        let (name, at) = match key {
            ObjectKey::Ident(name) | ObjectKey::Expression(Expression::Variable(name)) => (name.as_str(), name.span()),
            ObjectKey::Expression(Expression::String(name)) => (name.as_str(), name.span()),
            ObjectKey::Expression(Expression::Parenthesis(inner)) => match inner.inner() {
                Expression::Variable(name) => (name.as_str(), name.span()),
                other => ("?", other.span()),
            },
            ObjectKey::Expression(other) => ("?", other.span()),
        };
        let name = if is_sensitive && name == "value" { SECRET } else { name };
        self.key(name, &at.unwrap_or_else(|| around.clone()));
    }
}

/// Whether a block sets values.
fn is_set(block: &Block) -> bool {
    ["set", "set_list", "set_sensitive", "set_wo"].contains(&block.ident.as_str())
}

fn is_sensitive(name: &str) -> bool {
    matches!(name, "set_sensitive" | "set_wo")
}

/// `sensitive = true`
fn says_sensitive(body: &Body) -> bool {
    body.get_attribute("sensitive").is_some_and(|attribute| attribute.value.as_bool() == Some(true))
}

/// The secrets in the comments of a file.
fn comments(text: &str, found: &mut Vec<Range<usize>>) {
    let mut reader = Lines::new(Extent::Comment, false);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let sign = comment(line);
        let Some(sign) = sign else {
            if !line.trim().is_empty() {
                reader = Lines::new(Extent::Comment, false);
            }
            continue;
        };
        let body = line[sign..].trim_start_matches(['#', '/', '*']);
        reader.line(body, start + line.len() - body.len(), found);
    }
}

/// Where the comment of a line begins.
fn comment(line: &str) -> Option<usize> {
    let body = line.trim_start();
    if body.starts_with(['#', '*']) || body.starts_with("//") || body.starts_with("/*") {
        return Some(line.len() - body.len());
    }
    let signs = line.match_indices([' ', '\t']).map(|(at, _)| at + 1);
    let mut starts = signs.filter(|at| line[*at..].starts_with('#') || line[*at..].starts_with("//"));
    let at = starts.next()?;
    let quotes = line[..at].replace("\\\"", "").matches('"').count();
    (quotes.is_multiple_of(2) || !closes(&line[at..], "\"")).then_some(at)
}
