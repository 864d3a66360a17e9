//! [`Object`]: an object as others refer to it.

use serde::Deserialize;

use crate::policy::read::{Text, or_default};

/// An object as others refer to it: by its href, and sometimes with its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Shape<'t>", bound(deserialize = "'de: 't"))]
pub struct Object<'t> {
    /// Where it is on the PCE.
    pub href: Text<'t>,
    /// What else is said of it; most references are bare.
    pub names: Option<Box<Names<'t>>>,
}

/// What may be said of an object beside its href.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names<'t> {
    /// The name of anything but a label.
    pub name: Text<'t>,
    /// The kind of a label: `role`, `app`.
    pub key: Text<'t>,
    /// The value of a label.
    pub value: Text<'t>,
}

#[derive(Deserialize)]
struct Shape<'t> {
    #[serde(borrow)]
    href: Text<'t>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    name: Text<'t>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    key: Text<'t>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    value: Text<'t>,
}

impl<'t> From<Shape<'t>> for Object<'t> {
    fn from(Shape { href, name, key, value }: Shape<'t>) -> Self {
        let is_bare = name.is_empty() && key.is_empty();
        Self { href, names: (!is_bare).then(|| Box::new(Names { name, key, value })) }
    }
}

impl<'t> Object<'t> {
    /// A bare reference.
    #[must_use]
    pub const fn from_href(href: Text<'t>) -> Self {
        Self { href, names: None }
    }
}
