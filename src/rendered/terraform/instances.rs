//! How many a block of Terraform makes: `count` and `for_each`, and the value of `each` in one of them.

use std::ops::{Deref, Range};

use hcl_edit::{
    Span,
    expr::{Expression, Object, ObjectKey, TraversalOperator},
    structure::{Block, Body},
    template::{Element, StringTemplate},
};

/// How many a resource or a module is.
#[derive(Clone, Debug)]
pub(crate) enum Instances {
    /// It is not made.
    None,
    /// One.
    One,
    /// One for each of these keys.
    Of(Vec<String>),
    /// As many as an expression says, which is at these bytes.
    Unknown(Range<usize>),
}

/// The most instances that are distinguished.
const MOST: usize = 256;

/// The text of a file, with its local values, and the value of `each` in it.
pub(super) struct Source<'a> {
    text: &'a str,
    file: Option<&'a Body>,
    each: Option<(&'a str, Option<&'a Expression>)>,
}

impl Deref for Source<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        self.text
    }
}

impl<'a> Source<'a> {
    pub(in crate::rendered) fn of(text: &'a str) -> Self {
        Self { text, file: None, each: None }
    }

    /// The same with the local values of the file.
    pub(super) fn with_locals(text: &'a str, file: &'a Body) -> Self {
        Self { file: Some(file), ..Self::of(text) }
    }

    /// The same for one of several instances.
    pub(super) fn for_each(text: &'a str, file: &'a Body, key: &'a str, value: Option<&'a Expression>) -> Self {
        Self { each: Some((key, value)), ..Self::with_locals(text, file) }
    }

    /// What an expression is without what changes nothing of it: brackets, a template that is one interpolation, as in
    /// `"${file("values.yaml")}"`, and the name of a local value of the file. (Terraform documentation, Strings and
    /// Templates; Local Values)
    pub(super) fn plain<'e>(&self, expression: &'e Expression) -> &'e Expression
    where
        'a: 'e,
    {
        const DEEPEST: usize = 16;
        let mut plain = expression;
        for _ in 0..DEEPEST {
            let next = match plain {
                Expression::Parenthesis(inside) => inside.inner(),
                Expression::StringTemplate(template) => match only(template) {
                    Some(Element::Interpolation(inside)) => &inside.expr,
                    _ => return plain,
                },
                other => self.file.map_or(other, |file| local(file, other)),
            };
            if std::ptr::eq(next, plain) {
                return plain;
            }
            plain = next;
        }
        expression
    }

    /// The key of the instance.
    pub(super) fn key(&self) -> Option<&'a str> {
        self.each.map(|(key, _)| key)
    }

    /// The value of an expression that is a part of `each.value`.
    pub(super) fn value(&self, expression: &Expression) -> Option<&'a Expression> {
        let (mut value, mut names) = (self.each?.1?, each(expression)?.into_iter());
        names.next().filter(|name| name == "value")?;
        for name in names {
            let mut entries = value.as_object()?.iter();
            value = entries.find(|(key, _)| key_is(key, &name)).map(|(_, value)| value.expr())?;
        }
        Some(value)
    }

    /// Whether an expression is `each.key`.
    pub(super) fn is_key(&self, expression: &Expression) -> bool {
        self.each.is_some() && each(expression).is_some_and(|names| names == ["key"])
    }
}

/// The bytes of an expression.
pub(super) fn span(expression: &Expression) -> Range<usize> {
    let span = expression.span().unwrap_or_default();
    span.start..span.end.max(span.start)
}

/// The names behind `each` in an expression that begins so.
fn each(expression: &Expression) -> Option<Vec<String>> {
    names_behind(expression, "each")
}

fn names_behind(expression: &Expression, first: &str) -> Option<Vec<String>> {
    let Expression::Traversal(traversal) = expression else { return None };
    traversal.expr.as_variable().filter(|name| name.as_str() == first)?;
    let name = |operator: &TraversalOperator| match operator {
        TraversalOperator::GetAttr(name) => Some(name.as_str().to_owned()),
        TraversalOperator::Index(key) => key.as_str().map(str::to_owned),
        _ => None,
    };
    traversal.operators.iter().map(|operator| name(operator.value())).collect()
}

/// The value of a local value of the same file; within that value, its name alone: Terraform refuses one that holds itself.
fn local<'b>(file: &'b Body, expression: &'b Expression) -> &'b Expression {
    let said = || {
        let names = names_behind(expression, "locals").or_else(|| names_behind(expression, "local"))?;
        let [name] = &names[..] else { return None };
        let value = file.get_blocks("locals").find_map(|block| block.body.get_attribute(name)).map(|it| &it.value)?;
        let is_within = value.span().zip(expression.span()).is_some_and(|(value, own)| value.contains(&own.start));
        (!is_within).then_some(value)
    };
    said().unwrap_or(expression)
}

/// What a variable of the same file is where nothing else is given: `default` of its block, where that is a text.
pub(in crate::rendered) fn usual<'b>(file: &'b Body, expression: &Expression) -> Option<&'b Expression> {
    let names = names_behind(expression, "var")?;
    let [name] = &names[..] else { return None };
    let is_it = |block: &&Block| block.labels.first().is_some_and(|label| label.as_str() == name);
    let block = file.get_blocks("variable").find(is_it)?;
    block.body.get_attribute("default").map(|default| &default.value).filter(|default| default.as_str().is_some())
}

/// The pairs of an object, and the texts of a set; nothing where not all of them are written out.
pub(super) fn pairs<'b>(file: &'b Body, expression: &'b Expression) -> Option<Vec<(String, Option<&'b Expression>)>> {
    let inside = local(file, expression);
    let inside = match inside {
        Expression::FuncCall(call) if call.name.name.as_str() == "toset" && call.args.len() == 1 => {
            local(file, call.args.iter().next()?)
        }
        other => other,
    };
    let found: Vec<(String, Option<&'b Expression>)> = match inside {
        Expression::Array(list) => list.iter().map(|item| Some((item.as_str()?.to_owned(), None))).collect(),
        Expression::Object(object) => of_object(object),
        _ => None,
    }?;
    Some(found).filter(|found| found.len() <= MOST)
}

fn of_object(object: &Object) -> Option<Vec<(String, Option<&Expression>)>> {
    let pair = |(key, value)| Some((key_of(key)?, Some(hcl_edit::expr::ObjectValue::expr(value))));
    object.iter().map(pair).collect()
}

/// How many a block makes.
pub(super) fn instances(file: &Body, block: &Body) -> Instances {
    if let Some(each) = block.get_attribute("for_each") {
        let at = each.value.span().unwrap_or_default();
        return match pairs(file, &each.value) {
            Some(pairs) if pairs.is_empty() => Instances::None,
            Some(pairs) => Instances::Of(pairs.into_iter().map(|(key, _)| key).collect()),
            None => Instances::Unknown(at),
        };
    }
    let Some(count) = block.get_attribute("count") else { return Instances::One };
    match counts(file, &count.value) {
        (Some(0), Some(0)) => Instances::None,
        // also by the usual switch: one, or none
        (Some(0 | 1), Some(0 | 1)) => Instances::One,
        (Some(several), Some(other)) if several == other && several <= MOST as u64 => {
            Instances::Of((0..several).map(|number| number.to_string()).collect())
        }
        _ => Instances::Unknown(span(&count.value)),
    }
}

/// The expression of `count` by which a block may make none, where that is not for certain.
pub(super) fn switch<'b>(file: &Body, block: &'b Body) -> Option<&'b Expression> {
    let count = &block.get_attribute("count")?.value;
    let (first, second) = counts(file, count);
    let may_be_none = |number: Option<u64>| number.is_none_or(|number| number == 0);
    let is_for_certain = (first, second) == (Some(0), Some(0));
    ((may_be_none(first) || may_be_none(second)) && !is_for_certain).then_some(count)
}

/// The two numbers that an expression of `count` chooses between, or twice the only one; nothing for what is not known.
fn counts(file: &Body, count: &Expression) -> (Option<u64>, Option<u64>) {
    let number = |expression: &Expression| expression.as_number().and_then(hcl_edit::Number::as_u64);
    match local(file, count) {
        Expression::Conditional(choice) => (number(&choice.true_expr), number(&choice.false_expr)),
        value => (number(value), number(value)),
    }
}

/// The only element of a template.
fn only(template: &StringTemplate) -> Option<&Element> {
    let mut elements = template.iter();
    elements.next().filter(|_| elements.next().is_none())
}

/// Whether a key is this name.
pub(super) fn key_is(key: &ObjectKey, name: &str) -> bool {
    key_of(key).is_some_and(|key| key == name)
}

/// The name that a key is; nothing of an expression.
pub(super) fn key_of(key: &ObjectKey) -> Option<String> {
    match key {
        ObjectKey::Ident(ident) | ObjectKey::Expression(Expression::Variable(ident)) => Some(ident.as_str().to_owned()),
        ObjectKey::Expression(Expression::String(text)) => Some(text.as_str().to_owned()),
        ObjectKey::Expression(_) => None,
    }
}
