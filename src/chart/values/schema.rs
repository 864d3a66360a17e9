//! [`Schema`]: the table `schemas/values.schema.json`, as what is known of each value and as judge of those of a file.

use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use jsonschema::{Draft, Validator, error::ValidationErrorKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::setting::Setting;
use crate::{rule::Rule, version::ChartVersion};

/// What the chart's values look like, compiled when the first file is judged: a run that meets none pays nothing.
#[derive(Debug)]
pub struct Schema {
    compiled: LazyLock<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    root: Known,
    validator: Validator,
}

/// What is known of a value: the part of its subschema that findings are made of. (The keywords that are ours stand in
/// the schema's `$comment`.)
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Known {
    #[serde(rename = "type")]
    kinds: Kinds,
    #[serde(rename = "enum")]
    pub(super) allowed: Vec<Value>,
    pub(super) minimum: Option<i64>,
    pub(super) maximum: Option<i64>,
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

/// Which part of a text is left once a slip is taken out.
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

/// What there is to say of a value wherever it is set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Remark {
    pub(super) rule: Rule,
    pub(super) say: String,
    pub(super) help: String,
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
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

/// How a value does not fit. Where it does not in several ways, the first is the one to speak of.
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
        Self { compiled: LazyLock::new(Compiled::shipped) }
    }

    /// What is known of all values together.
    pub(super) fn root(&self) -> &Known {
        &self.compiled.root
    }

    /// The values of a file that the table knows, the root first, each before what is below it; all but the mode.
    pub(super) fn settings<'s>(&'s self, values: &'s Value) -> Vec<Setting<'s>> {
        Setting::root(self.root(), values).with_all_below()
    }

    /// The values that do not fit, by their JSON pointers.
    pub(super) fn misfits(&self, values: &Value) -> HashMap<String, Misfit> {
        let mut misfits: HashMap<String, Misfit> = HashMap::new();
        for error in self.compiled.validator.iter_errors(values) {
            let Some(misfit) = Misfit::of(error.kind()) else { continue };
            let known = misfits.entry(error.instance_path().as_str().to_owned()).or_insert(misfit);
            *known = misfit.min(*known);
        }
        misfits
    }

    /// Whether a text would fit in place of a setting.
    pub(super) fn admits(&self, setting: &Setting<'_>, text: &str) -> bool {
        let values = setting.path.iter().rev().fold(json!(text), |value, name| json!({ name: value }));
        !self.misfits(&values).contains_key(&setting.pointer())
    }
}

impl Compiled {
    fn shipped() -> Self {
        let text = include_str!("../../../schemas/values.schema.json");
        let schema: Value = serde_json::from_str(text).expect("the shipped schema is JSON");
        // 2020-12 by its own word, but the keywords it uses are of draft 7, too, whose meta-schema compiles in half the
        // time; `testdata/values_check.rs` holds it against 2020-12
        let options = jsonschema::options().with_draft(Draft::Draft7).should_validate_formats(false);
        let validator = options.build(&schema).expect("the shipped schema is a schema");
        Self { root: Known::deserialize(schema).expect("the shipped schema has the shape of the table"), validator }
    }
}

impl Known {
    /// The types that it may have; the one that only an empty value may have is left out.
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
            Self::Null => "leave the value blank",
            Self::Boolean => "write `true` or `false`, without quotes",
            Self::Integer | Self::Number => "write a number, without quotes",
            Self::String => "write a text; in quotes, if it would be a number or a boolean without them",
            Self::Array => "write a list: each item on its own line behind `- `",
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
