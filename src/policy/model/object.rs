//! [`Object`]: an object as others refer to it.

use serde::Deserialize;

use crate::policy::read::{Text, Unknown, object};

/// An object as others refer to it: by its href, and sometimes with its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Written<'t>", bound(deserialize = "'de: 't"))]
pub struct Object<'t> {
    /// Where it is on the PCE.
    pub href: Text<'t>,
    /// What else is known of it; most references are only an href.
    pub names: Option<Box<Names<'t>>>,
    /// Fields that this crate does not know.
    pub unknown: Vec<Unknown<'t>>,
}

/// What may be known of an object beside its href.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names<'t> {
    /// The name of anything but a label.
    pub name: Text<'t>,
    /// The kind of a label: `role`, `app`.
    pub key: Text<'t>,
    /// The value of a label.
    pub value: Text<'t>,
}

object! {
    /// A reference as it is written. What a PCE writes beside the name of an object says nothing of a rule.
    struct Written<'t>, called "an object named by its href", needs [href], without [
        "hostname", "deleted", "sid", "used_by_ruleset"
    ] {
        "href" => href: Text<'t>,
        "name" => name: Text<'t>,
        "key" => key: Text<'t>,
        "value" => value: Text<'t>,
    }
}

impl<'t> From<Written<'t>> for Object<'t> {
    fn from(Written { href, name, key, value, unknown }: Written<'t>) -> Self {
        let is_bare = name.is_empty() && key.is_empty();
        Self { href, names: (!is_bare).then(|| Box::new(Names { name, key, value })), unknown }
    }
}

impl<'t> Object<'t> {
    /// A bare reference.
    #[must_use]
    pub(crate) const fn from_href(href: Text<'t>) -> Self {
        Self { href, names: None, unknown: Vec::new() }
    }
}
