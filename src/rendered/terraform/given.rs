//! What a file of Terraform gives a variable or a local value.

use std::ops::Range;

use hcl_edit::{
    expr::Expression,
    structure::{Block, Body},
};

use super::{
    instances::Source,
    values::{span, written},
};
use crate::terraform::body_of;

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

/// What a file says of a name; nothing where it does not.
///
/// # Errors
///
/// The file cannot be read.
pub(crate) fn given(text: &str, place: Place<'_>) -> Result<Option<Given>, ()> {
    let body = body_of(text).ok_or(())?;
    let attribute = match place {
        Place::Default(name) => labelled(&body, "variable", name).and_then(|it| it.body.get_attribute("default")),
        Place::Argument { module, name } => {
            labelled(&body, "module", module).and_then(|it| it.body.get_attribute(name))
        }
        Place::Local(name) => body.get_blocks("locals").find_map(|block| block.body.get_attribute(name)),
        Place::Set(name) => body.get_attribute(name),
    };
    let source = Source::of(text);
    Ok(attribute.map(|attribute| {
        let said = match source.plain(&attribute.value) {
            Expression::String(text) => Ok(text.as_str().to_owned()),
            other => Err(written(&source, other)),
        };
        Given { span: span(&attribute.value), said }
    }))
}

/// The block of a kind with a label.
fn labelled<'b>(body: &'b Body, kind: &str, label: &str) -> Option<&'b Block> {
    body.blocks()
        .find(|block| block.ident.as_str() == kind && block.labels.first().is_some_and(|own| own.as_str() == label))
}
