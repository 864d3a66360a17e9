//! [`Schema`]: the table `schemas/values.table.json`, as what is known of each value and as judge of those of a file.
//!
//! Each value is judged by `jsonschema` against its own part of the table, which is compiled for the first such value:
//! a run pays for the values that its files have, not for the whole table.

use std::{
    collections::BTreeMap,
    sync::{LazyLock, OnceLock},
};

use jsonschema::{Validator, error::ValidationErrorKind};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::near::KnownName;
use crate::{rule::Rule, version::ChartVersion};

/// What the chart's values look like, read when the first file is judged: a run that meets none pays nothing.
#[derive(Debug)]
pub struct Schema {
    root: LazyLock<Known>,
}

/// What is known of a value: the part of its subschema that findings are made of. (Our own keywords are described in
/// the schema's `$comment`.)
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Known {
    #[serde(rename = "type")]
    kinds: Kinds,
    #[serde(rename = "enum")]
    pub(super) allowed: Vec<Value>,
    pattern: Option<String>,
    pub(super) minimum: Option<f64>,
    pub(super) maximum: Option<f64>,
    max_properties: Option<usize>,
    pub(super) default: Option<Value>,
    pub(super) required: Vec<String>,
    pub(super) properties: Option<BTreeMap<String, Known>>,
    pub(super) items: Option<Box<Known>>,
    pub(super) additional_properties: Option<Box<Known>>,
    pub(super) pattern_error_message: Option<String>,
    #[serde(rename = "x-since")]
    pub(super) since: Option<ChartVersion>,
    #[serde(rename = "x-undocumented")]
    pub(super) is_undocumented: bool,
    #[serde(rename = "x-rule")]
    pub(super) rule: Option<Rule>,
    #[serde(rename = "x-help")]
    pub(super) help: Option<String>,
    #[serde(rename = "x-slips")]
    pub(super) slips: Vec<Slip>,
    #[serde(rename = "x-former")]
    pub(super) former: Vec<Former>,
    #[serde(rename = "x-renamed-to")]
    pub(super) renamed_to: Option<String>,
    #[serde(rename = "x-when-set")]
    pub(super) when_set: Option<Remark>,
    #[serde(skip)]
    validator: OnceLock<Validator>,
    #[serde(skip)]
    names: OnceLock<Vec<KnownName>>,
}

/// A usual mistake in a text that should follow a pattern.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Slip {
    pub(super) has: Option<String>,
    pub(super) lacks: Option<String>,
    pub(super) say: String,
    pub(super) keep: Option<Keep>,
}

/// Which part of a text to keep when a slip is removed.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Keep {
    Before,
    Behind,
}

/// A value that older charts took.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Former {
    pub(super) value: Value,
    pub(super) before: Option<ChartVersion>,
    pub(super) say: String,
}

/// Findings about a value wherever it is set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Remark {
    pub(super) rule: Rule,
    pub(super) say: String,
    pub(super) help: String,
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Kinds {
    One(Kind),
    Several(Vec<Kind>),
}

/// How a value does not fit. Where it does not in several ways, the first is the one to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Misfit {
    Type,
    Pattern,
    Choice,
    Range,
}

impl Schema {
    /// The shipped one.
    ///
    /// # Panics
    ///
    /// Never: the tests read the shipped schema.
    #[must_use]
    pub fn shipped() -> Self {
        let read = || serde_json::from_str(SHIPPED).expect("the shipped schema has the shape of the table");
        Self { root: LazyLock::new(read) }
    }

    /// Whether the chart has a value of this name at its root.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.root.properties.as_ref().is_some_and(|known| known.contains_key(name))
    }

    /// The name that replaced a value's at the root of the chart's values.
    pub(crate) fn renamed(&self, name: &str) -> Option<&str> {
        self.root.properties.as_ref()?.get(name)?.renamed_to.as_deref()
    }

    /// What is known of all values together.
    pub(super) fn root(&self) -> &Known {
        &self.root
    }
}

pub(super) const SHIPPED: &str = include_str!("../../../schemas/values.table.json");

impl Known {
    /// The documented names below it, as misspelled ones are compared with them.
    pub(super) fn names(&self) -> &[KnownName] {
        self.names.get_or_init(|| {
            let documented = self.properties.iter().flatten().filter(|(_, known)| !known.is_undocumented);
            documented.map(|(name, known)| KnownName::of(name, known.renamed_to.is_some())).collect()
        })
    }

    /// How a value does not fit, whatever is below it; nothing where it does.
    pub(super) fn misfit(&self, value: &Value) -> Option<Misfit> {
        let validator = self.validator.get_or_init(|| self.compiled());
        validator.iter_errors(value).filter_map(|error| Misfit::of(error.kind())).min()
    }

    fn compiled(&self) -> Validator {
        let keywords = [
            ("type", self.kinds.spelled()),
            ("pattern", self.pattern.as_ref().map(|pattern| json!(pattern))),
            ("enum", (!self.allowed.is_empty()).then(|| json!(self.allowed))),
            ("minimum", self.minimum.map(|least| json!(least))),
            ("maximum", self.maximum.map(|most| json!(most))),
            ("maxProperties", self.max_properties.map(|most| json!(most))),
        ];
        let keywords = keywords.into_iter().filter_map(|(keyword, value)| Some((keyword.to_owned(), value?)));
        // the keywords are the same in 2020-12, whose meta-schema takes twice as long; with options of our own, the
        // whole of `jsonschema` would be in the program a second time, since those are generic
        jsonschema::draft7::new(&Value::Object(keywords.collect()))
            .expect("the tests compile every part of the shipped schema")
    }

    /// The types that it may have; without the one that only an empty value may have.
    pub(super) fn kinds(&self) -> Vec<Kind> {
        let kinds = match &self.kinds {
            Kinds::One(kind) => std::slice::from_ref(kind),
            Kinds::Several(kinds) => kinds,
        };
        kinds.iter().copied().filter(|kind| *kind != Kind::Object || self.max_properties != Some(0)).collect()
    }

    /// Whether any text would do.
    pub(super) fn is_free_text(&self) -> bool {
        self.kinds().contains(&Kind::String) && self.allowed.is_empty() && self.pattern_error_message.is_none()
    }
}

impl Kind {
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(number) if number.as_f64().is_some_and(|number| number.fract() == 0.0) => Self::Integer,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }

    /// What a person calls it.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Null => "blank",
            Self::Boolean => "a boolean",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::String => "text",
            Self::Array => "a list",
            Self::Object => "a mapping",
        }
    }

    /// How it is written.
    pub(super) const fn help(self) -> &'static str {
        match self {
            Self::Null => "remove the value",
            Self::Boolean => "write `true` or `false`, without quotes",
            Self::Integer | Self::Number => "write a number, without quotes",
            Self::String => "write text; in quotes, if it would be a number or a boolean without them",
            Self::Array => "write a list: each item on its own line after `- `",
            Self::Object => "write a mapping: `name: value`, each on its own line, indented",
        }
    }

    pub(super) const fn is_collection(self) -> bool {
        matches!(self, Self::Array | Self::Object)
    }
}

impl Default for Kinds {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

impl Kinds {
    /// As the keyword `type` has them; nothing where anything goes.
    fn spelled(&self) -> Option<Value> {
        match self {
            Self::One(kind) => Some(json!(kind)),
            Self::Several(kinds) => (!kinds.is_empty()).then(|| json!(kinds)),
        }
    }
}

impl Misfit {
    /// What became of a keyword. A mandatory value that is absent has no place, so it is not among these.
    fn of(kind: &ValidationErrorKind) -> Option<Self> {
        match kind {
            ValidationErrorKind::Type { .. } | ValidationErrorKind::MaxProperties { .. } => Some(Self::Type),
            ValidationErrorKind::Pattern { .. } => Some(Self::Pattern),
            ValidationErrorKind::Enum { .. } => Some(Self::Choice),
            ValidationErrorKind::Minimum { .. } | ValidationErrorKind::Maximum { .. } => Some(Self::Range),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that the table and a person could put anywhere.
    fn all_values(schema: &Value, found: &mut Vec<Value>) {
        for (keyword, value) in schema.as_object().into_iter().flatten() {
            match keyword.as_str() {
                "default" => found.push(value.clone()),
                "enum" | "examples" => found.extend(value.as_array().into_iter().flatten().cloned()),
                "minimum" | "maximum" => {
                    let bound = value.as_f64().expect("a number");
                    found.extend([-1.0, -0.5, 0.0, 0.5, 1.0].map(|step| json!(bound + step)));
                }
                "properties" => value.as_object().into_iter().flatten().for_each(|(_, below)| all_values(below, found)),
                "items" | "additionalProperties" => all_values(value, found),
                _ => {}
            }
        }
    }

    /// Each judgement against that of the subschema as it ships, with its keywords of 2020-12, for every value at every
    /// place; the number of judgements.
    fn compare(known: &Known, schema: &Value, values: &[Value], name: &str) -> usize {
        let mut shallow = schema.as_object().expect("a subschema").clone();
        shallow.retain(|keyword, _| {
            !["properties", "items", "additionalProperties", "required", "$schema"].contains(&keyword.as_str())
        });
        let validator = jsonschema::draft202012::new(&Value::Object(shallow)).expect("a schema");
        for value in values {
            let theirs = validator.iter_errors(value).map(|error| Misfit::of(error.kind()));
            let theirs = theirs.map(|misfit| misfit.unwrap_or_else(|| panic!("{name}: an unknown keyword of {value}")));
            assert_eq!(known.misfit(value), theirs.min(), "{name}: {value}");
        }
        let below = known.properties.iter().flatten();
        let below: usize = below
            .map(|(key, known)| compare(known, &schema["properties"][key], values, &format!("{name}.{key}")))
            .sum();
        let rest = [(&known.items, "items"), (&known.additional_properties, "additionalProperties")];
        let rest = rest.into_iter().filter_map(|(known, keyword)| Some((known.as_deref()?, keyword)));
        let rest: usize =
            rest.map(|(known, word)| compare(known, &schema[word], values, &format!("{name}.{word}"))).sum();
        values.len() + below + rest
    }

    #[test]
    fn every_judgement_is_that_of_the_schema_as_it_ships() {
        let schema: Value = serde_json::from_str(SHIPPED).expect("JSON");
        let mut values = vec![
            json!(null),
            json!(true),
            json!(""),
            json!(" "),
            json!("5a1e0000-0000-4000-8000-0000000000c1\n"),
            json!("7_0f0f"),
            json!("https://pce.example.com:8443"),
            json!("[::1]:8443"),
            json!("pce:0"),
            json!("1"),
            json!("é"),
            json!(0),
            json!(-1),
            json!(1.5),
            json!(1.0),
            json!(9_007_199_254_740_993_i64),
            json!(u64::MAX),
            json!([]),
            json!(["a"]),
            json!([1]),
            json!({}),
            json!({"enabled": true}),
            json!({"a": {"b": null}}),
        ];
        all_values(&schema, &mut values);
        let count = compare(Schema::shipped().root(), &schema, &values, "");
        assert!(count > 10_000, "{count}");
    }
}
