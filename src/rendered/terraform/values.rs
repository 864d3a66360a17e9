//! What a `helm_release` of Terraform says of values: objects, lists, heredocs and single values as YAML.

use std::{collections::BTreeSet, ops::Range};

use hcl_edit::{
    Span,
    expr::{Expression, Object, ObjectKey},
};

use serde_json::Value;

use super::instances::{Source, key_of, span};
use crate::{
    rendered::shell::heredoc::{BY_TERRAFORM, Heredoc},
    yaml::Rendering,
};

/// As it is written, on one line.
pub(super) fn written(source: &Source<'_>, expression: &Expression) -> String {
    let text = source.get(span(expression)).unwrap_or_default().trim();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The longest expression of which a beginning is shown, and the most characters of that.
const NAMED: usize = 4096;
const SHOWN: usize = 80;

/// What is not said in the file: it is rendered as a variable, which names it.
pub(super) fn unsaid(rendering: &mut Rendering, source: &Source<'_>, expression: &Expression) {
    let is_short = span(expression).len() <= NAMED;
    let text = if is_short { written(source, expression) } else { "...".to_owned() };
    let text = text.strip_prefix("\"${").and_then(|rest| rest.strip_suffix("}\"")).unwrap_or(&text);
    // what a function is given may be long, and may be secret, where that is not a name
    let is_name = |given: &str| given.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte));
    let text = match text.split_once('(') {
        Some((_, given)) if given.strip_suffix(')').is_some_and(is_name) => text.to_owned(),
        Some((function, _)) => format!("{function}(...)"),
        None => text.to_owned(),
    };
    let is_quote = |c: char| c == '"' && matches!(expression, Expression::StringTemplate(_));
    let shown: String = text.chars().take(SHOWN).filter(|c| *c != '\\' && !is_quote(*c)).collect();
    rendering.push(&Value::from(format!("${{{shown}}}")).to_string(), span(expression));
}

pub(super) fn scalar(rendering: &mut Rendering, source: &Source<'_>, expression: &Expression) {
    let expression = source.plain(expression);
    match expression {
        Expression::String(text) => rendering.quote(source, text.as_str(), span(expression)),
        Expression::Bool(value) => rendering.push(if *value.as_ref() { "true" } else { "false" }, span(expression)),
        Expression::Number(_) if is_number(&written(source, expression)) => {
            rendering.copy(source, span(expression));
        }
        Expression::Null(_) => rendering.push("null", span(expression)),
        each if source.is_key(each) => rendering.quote("", source.key().unwrap_or_default(), span(each)),
        each if source.value(each).is_some_and(is_single) => {
            source.value(each).into_iter().for_each(|said| scalar(rendering, source, said));
        }
        other => unsaid(rendering, source, other),
    }
}

/// Whether an expression is one value that is written out.
pub(super) fn is_single(expression: &Expression) -> bool {
    matches!(expression, Expression::String(_) | Expression::Bool(_) | Expression::Number(_) | Expression::Null(_))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() < 16 && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0')
        || text == "0"
}

/// The path of the file that is read in place, from the folder of this one: `file("${path.module}/values.yaml")`. Of a
/// template it is its file: what that takes from its variables is not a value here.
pub(super) fn file(source: &Source<'_>, item: &Expression) -> Option<String> {
    let Expression::FuncCall(call) = source.plain(item) else { return None };
    let is_reader = matches!((call.name.name.as_str(), call.args.len()), ("file", 1) | ("templatefile", 2));
    let is_reader = is_reader && !call.name.is_namespaced();
    let name = written(source, source.plain(call.args.iter().next().filter(|_| is_reader)?));
    let name = name.strip_prefix('"')?.strip_suffix('"')?;
    let filled = source.key().map(|key| name.replace("${each.key}", key));
    let name = filled.as_deref().unwrap_or(name);
    let name = name.strip_prefix("${path.module}/").or_else(|| name.strip_prefix("./")).unwrap_or(name);
    // the folder of what is planned is that of the file, or of one that calls its module
    let below = name.strip_prefix(ROOT).unwrap_or(name);
    (!below.contains(['$', '"', '\\', '%'])).then(|| name.to_owned())
}

/// What a template is given, where that is written out. (Terraform documentation, `templatefile`)
pub(super) fn given_to_template<'e>(source: &Source<'e>, item: &'e Expression) -> Option<&'e Expression> {
    let Expression::FuncCall(call) = item else { return None };
    let is_it = call.name.name.as_str() == "templatefile" && call.args.len() == 2 && !call.name.is_namespaced();
    let given = source.plain(call.args.iter().nth(1).filter(|_| is_it)?);
    matches!(given, Expression::Object(_)).then_some(given)
}

/// How a name begins that leads from the folder of what is planned.
pub(crate) const ROOT: &str = "${path.root}/";

/// The deepest indentation that is rendered: a local value may hold itself.
const DEEPEST: usize = 200;

/// The longest rendering: a local value may hold another one many times.
const LONGEST: usize = 1 << 20;

/// Whether a rendering is so long that the rest of the release is not read.
pub(super) fn is_too_long(rendering: &Rendering) -> bool {
    rendering.text().len() > LONGEST
}

/// An object, a list or a single value, behind its key.
pub(super) fn value(rendering: &mut Rendering, source: &Source<'_>, expression: &Expression, indent: usize) {
    let expression = source.plain(expression);
    let at = span(expression);
    match expression {
        Expression::Object(_) | Expression::Array(_) if indent > DEEPEST => {
            unsaid(rendering, source, expression);
            rendering.push("\n", at.end..at.end);
        }
        Expression::Object(object) => self::object(rendering, source, object, &at, indent, &BTreeSet::new()),
        Expression::Array(list) if list.is_empty() => rendering.push("[]\n", at),
        Expression::Array(list) => {
            rendering.push("\n", at.start..at.start);
            for item in list {
                if is_too_long(rendering) {
                    break;
                }
                rendering.push(&format!("{:indent$}- ", ""), span(item).start..span(item).start);
                value(rendering, source, item, indent + 2);
            }
        }
        other => {
            scalar(rendering, source, other);
            rendering.push("\n", at.end..at.end);
        }
    }
}

/// An object without some of its keys.
pub(super) fn object(
    rendering: &mut Rendering,
    source: &Source<'_>,
    object: &Object,
    at: &Range<usize>,
    indent: usize,
    without: &BTreeSet<String>,
) {
    let is_kept = |key: &ObjectKey| without.is_empty() || key_of(key).is_none_or(|key| !without.contains(&key));
    let mut entries = object.iter().filter(|(key, _)| is_kept(key)).peekable();
    if entries.peek().is_none() {
        return rendering.push("{}\n", at.clone());
    }
    rendering.push("\n", at.start..at.start);
    for (key, item) in entries {
        if is_too_long(rendering) {
            break;
        }
        let place = match key {
            ObjectKey::Ident(name) => name.span(),
            ObjectKey::Expression(expression) => expression.span(),
        };
        let place = place.unwrap_or_else(|| at.clone());
        rendering.push(&format!("{:indent$}", ""), place.start..place.start);
        match key {
            ObjectKey::Ident(name) | ObjectKey::Expression(Expression::Variable(name)) => {
                rendering.quote(source, name.as_str(), place.clone());
            }
            ObjectKey::Expression(Expression::String(name)) => rendering.quote(source, name.as_str(), place.clone()),
            ObjectKey::Expression(other) => unsaid(rendering, source, other),
        }
        rendering.push(": ", place.end..place.end);
        value(rendering, source, item.expr(), indent + 2);
    }
}

/// The text of a heredoc: Terraform takes the smallest indentation away behind `<<-`.
pub(super) fn heredoc(source: &Source<'_>, at: Range<usize>) -> Heredoc {
    let text = &source[at.clone()];
    let opening = text.lines().next().unwrap_or_default();
    let is_indented = opening.starts_with("<<-");
    let word = opening.trim_start_matches(['<', '-']).trim();
    let mut lines: Vec<Range<usize>> = Vec::new();
    let mut start = at.start + text.find('\n').map_or(text.len(), |feed| feed + 1);
    for line in source[start.min(source.len())..].split_inclusive('\n') {
        if line.trim() == word {
            break;
        }
        lines.push(start..start + line.len());
        start += line.len();
    }
    let margin = |line: &Range<usize>| source[line.clone()].bytes().take_while(|byte| *byte == b' ').count();
    let has_text = |line: &&Range<usize>| !source[(*line).clone()].trim().is_empty();
    let skipped = lines.iter().filter(has_text).map(margin).min().filter(|_| is_indented).unwrap_or(0);
    let is_altered = lines.iter().any(|line| {
        let line = &source[line.clone()];
        line.contains("%{") || line.contains("$${") || line.trim_start().starts_with("${")
    });
    Heredoc {
        lines: lines.into_iter().map(|line| (line, skipped)).collect(),
        altered: is_altered.then_some(BY_TERRAFORM),
        opened: at.start..at.start + opening.len(),
        named: Vec::new(),
    }
}

/// An expression as it may be shown.
pub(super) fn shown(source: &str, expression: &Expression) -> String {
    let text = source.get(span(expression)).unwrap_or_default();
    let text: String = text.chars().filter(|c| !"\"\\{}$`".contains(*c) && !c.is_control()).take(80).collect();
    format!("`{text}`")
}
