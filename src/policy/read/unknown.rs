//! [`Unknown`]: what a file has and this crate does not know.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{Text, place::LONGEST_KEY};
use crate::policy::shown::{shortened, shown};

/// A field that this crate does not know, or a value of one that it does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Unknown<'t> {
    /// The field it is in, where that is not the object's own.
    pub within: &'static str,
    /// The field.
    pub field: Text<'t>,
    /// The value, where the field is known.
    pub value: Option<Text<'t>>,
}

impl<'t> Unknown<'t> {
    pub(in crate::policy) const fn field(field: Text<'t>) -> Self {
        Self { within: "", field, value: None }
    }

    /// A field that a PCE always writes, and that is absent or null.
    pub(in crate::policy) fn missing(field: &str) -> Self {
        Self::field(format!("{field} (missing)").into())
    }

    /// A list that a PCE never leaves empty.
    pub(in crate::policy) fn empty(field: &str) -> Self {
        Self::field(format!("{field} (empty)").into())
    }

    /// Whether a field in words is a list that is empty.
    pub(in crate::policy) fn is_empty_list(field: &str) -> bool {
        field.ends_with(" (empty)")
    }

    /// A field that only one object of a list may have with this value, which several have.
    pub(in crate::policy) fn twice(field: &str) -> Self {
        Self::field(format!("{field} (given twice)").into())
    }

    pub(in crate::policy) fn value(field: &'static str, value: Text<'t>) -> Self {
        Self { within: "", field: field.into(), value: Some(value) }
    }

    pub(in crate::policy) fn within(self, within: &'static str) -> Self {
        Self { within, ..self }
    }
}

/// `egress_services`, `network_type=vpn`, `resolve_labels_as.routers`.
impl fmt::Display for Unknown<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.within.is_empty() {
            write!(out, "{}.", self.within)?;
        }
        out.write_str(&shortened(&shown(&self.field), LONGEST_KEY))?;
        match &self.value {
            Some(value) => write!(out, "={}", shortened(&shown(value), LONGEST_KEY)),
            None => Ok(()),
        }
    }
}

/// Fields of any object that say who wrote it and when, or under which name others know it, not what it does.
pub(in crate::policy) const AUDIT: &[&str] = &[
    "created_at",
    "updated_at",
    "deleted_at",
    "created_by",
    "updated_by",
    "deleted_by",
    "caps",
    "external_data_set",
    "external_data_reference",
];

/// Whether the value of a field says anything: what is null, false or empty does not, as a PCE writes whatever is off.
pub(in crate::policy) struct IsSaid(pub(in crate::policy) bool);

impl<'de> Deserialize<'de> for IsSaid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyValue;

        impl<'de> Visitor<'de> for AnyValue {
            type Value = bool;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a value")
            }

            fn visit_unit<E>(self) -> Result<bool, E> {
                Ok(false)
            }

            fn visit_bool<E>(self, is_on: bool) -> Result<bool, E> {
                Ok(is_on)
            }

            fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
                Ok(true)
            }

            fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
                Ok(true)
            }

            fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
                Ok(true)
            }

            fn visit_str<E>(self, text: &str) -> Result<bool, E> {
                Ok(!text.is_empty())
            }

            fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<bool, S::Error> {
                let mut is_said = false;
                while list.next_element::<IgnoredAny>()?.is_some() {
                    is_said = true;
                }
                Ok(is_said)
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<bool, M::Error> {
                let mut is_said = false;
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
                    is_said = true;
                }
                Ok(is_said)
            }
        }

        deserializer.deserialize_any(AnyValue).map(Self)
    }
}
