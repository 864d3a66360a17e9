//! What a file of Terraform gives a variable or a local value.

use std::ops::Range;

use hcl_edit::{
    expr::Expression,
    structure::{Block, Body},
};

use super::{
    instances::{Source, pairs, span},
    values::written,
};

/// Where a file may say what a name is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place<'n> {
    /// The `default` of a variable.
    Default(&'n str),
    /// A local value.
    Local(&'n str),
    /// A line of a file of variables.
    Set(&'n str),
    /// The argument that a module gets by its call.
    Argument {
        /// The name of the call.
        module: &'n str,
        /// The variable of the module.
        name: &'n str,
        /// The key in `for_each`, where it has one.
        key: Option<&'n str>,
    },
}

/// What is given there.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// The bytes of it.
    pub(crate) span: Range<usize>,
    /// A text, or the expression that it comes of.
    pub(crate) said: Result<String, String>,
}

/// What a file, which says this in all, says of a name; nothing where it does not.
pub(crate) fn given(text: &str, body: &Body, place: Place<'_>) -> Option<Given> {
    let attribute = match place {
        Place::Default(name) => labelled(body, "variable", name).and_then(|it| it.body.get_attribute("default")),
        Place::Argument { module, name, .. } => {
            labelled(body, "module", module).and_then(|it| it.body.get_attribute(name))
        }
        Place::Local(name) => body.get_blocks("locals").find_map(|block| block.body.get_attribute(name)),
        Place::Set(name) => body.get_attribute(name),
    }?;
    let each = match place {
        Place::Argument { module, key: Some(key), .. } => each(body, module, key),
        _ => None,
    };
    let source = each.map_or_else(|| Source::of(text), |(key, value)| Source::for_each(text, body, key, value));
    let own = source.plain(&attribute.value);
    let value = source.value(own).unwrap_or(own);
    let said = match value {
        Expression::String(text) => Ok(text.as_str().to_owned()),
        own if source.is_key(own) => Ok(source.key().unwrap_or_default().to_owned()),
        other => Err(written(&source, other)),
    };
    Some(Given { span: span(value), said })
}

/// A key of the `for_each` of a module, with its value where it has one; nothing where it is not there.
fn each<'b, 'k>(body: &'b Body, module: &str, key: &'k str) -> Option<(&'k str, Option<&'b Expression>)> {
    let all = pairs(body, &labelled(body, "module", module)?.body.get_attribute("for_each")?.value)?;
    all.into_iter().find(|(own, _)| own == key).map(|(_, value)| (key, value))
}

/// The block of a kind with a label.
fn labelled<'b>(body: &'b Body, kind: &str, label: &str) -> Option<&'b Block> {
    body.blocks()
        .find(|block| block.ident.as_str() == kind && block.labels.first().is_some_and(|own| own.as_str() == label))
}
