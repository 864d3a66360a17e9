//! The table of the chart's values as a schema for editors: what `check` reports as a warning, or not at all, is not an
//! error there, and the description says what a value is for.
//!
//! An editor that finds a title names it as the type that it expects.

use serde_json::{Map, Value, json};

use super::{is_blank, schema::SHIPPED};
use crate::{finding::Severity, rule::Rule, yaml::keys};

/// What is written by a tool before Helm reads it, or encrypted, as a pattern. (`chart/reference.rs` has the table.)
const REFERENCE: &str =
    r"^(<path:|ref\+|secretref\+|secrets(\+|:)|>>vault:|vault:|op://|.*\$\{.+\}|.*#\{.+\}|__.+__$|ENC\[)";

/// The words for true and false, as texts.
const TRUTH: &str = "^([tT]rue|TRUE|[fF]alse|FALSE|[yY]es|YES|[nN]o|NO|[oO]n|ON|[oO]ff|OFF)$";

/// Whether the values of a file are all that the chart gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// They are.
    Whole,
    /// Mandatory ones may be in another file.
    Partial,
}

/// The schema of a values file for an editor, the values below the keys of a path as people write it, such as
/// `illumio`.
///
/// ```
/// use helm_clas::chart::values::{Values, schema_for_editor};
///
/// let schema = schema_for_editor(Values::Partial, "illumio");
/// assert!(schema["properties"]["illumio"]["properties"]["pce_url"].is_object());
/// ```
///
/// # Panics
///
/// Never: the shipped schema is JSON.
#[must_use]
pub fn schema_for_editor(values: Values, path: &str) -> Value {
    let mut schema: Value = serde_json::from_str(SHIPPED).expect("the shipped schema is JSON");
    let required = required(&schema);
    let dialect = schema["$schema"].take();
    let named = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mandatory = Mandatory { values, names: named.map(str::to_owned).collect() };
    let mut schema = relaxed(schema, &mandatory, Place::Root);
    if let Some(root) = schema.as_object_mut() {
        root.remove("$comment");
        root.remove("$schema");
        root.remove("required");
        match values {
            Values::Whole => root.insert("required".to_owned(), json!(required)),
            // a file that adds nothing is one as well
            Values::Partial => root.insert("type".to_owned(), json!(["object", "null"])),
        };
    }
    let inside = |inner: Value, key: &String| json!({ "type": ["object", "null"], "properties": { key: inner } });
    schema = keys(path).iter().rev().fold(schema, inside);
    schema["$schema"] = dialect;
    schema
}

/// The mandatory values without a default of the chart: of the others `check` only warns.
fn required(schema: &Value) -> Vec<String> {
    let names = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let has_default = |name: &&str| !is_blank(&schema["properties"][*name]["default"]);
    names.filter(|name| !has_default(name)).map(str::to_owned).collect()
}

/// The mandatory values, and whether they are needed here.
struct Mandatory {
    values: Values,
    names: Vec<String>,
}

/// Where a subschema is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    /// A value that must not be empty.
    Mandatory,
    /// One that may be empty where another file has it.
    Elsewhere,
    /// The cluster's mode, which is read without regard to case.
    Mode,
    Other,
}

fn relaxed(schema: Value, mandatory: &Mandatory, place: Place) -> Value {
    let Value::Object(mut known) = schema else { return schema };
    if place != Place::Root {
        let words = |known: &Map<String, Value>, key| known.get(key).and_then(Value::as_str).map(str::to_owned);
        if let (Some(title), Some(description)) = (words(&known, "title"), words(&known, "description")) {
            known.remove("title");
            known.insert("description".to_owned(), format!("{title}. {description}").into());
        }
    }
    if let Some(Value::Object(properties)) = known.get_mut("properties") {
        for (name, property) in properties.iter_mut() {
            let place = match (place, name.as_str()) {
                (Place::Root, "clusterMode") => Place::Mode,
                (Place::Root, name) if mandatory.names.iter().any(|one| one == name) => match mandatory.values {
                    Values::Whole => Place::Mandatory,
                    Values::Partial => Place::Elsewhere,
                },
                _ => Place::Other,
            };
            *property = relaxed(property.take(), mandatory, place);
        }
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = known.get_mut(key).filter(|inner| inner.is_object()) {
            *inner = relaxed(inner.take(), mandatory, Place::Other);
        }
    }
    if place != Place::Root {
        loosen(&mut known, place);
    }
    // ours, and nothing to an editor
    known.retain(|key, _| !key.starts_with("x-"));
    Value::Object(known)
}

/// Takes back what is an error for an editor and not for `check`.
fn loosen(known: &mut Map<String, Value>, place: Place) {
    const CONSTRAINTS: [&str; 6] = ["type", "enum", "pattern", "patternErrorMessage", "minimum", "maximum"];
    let rule = known.get("x-rule").and_then(Value::as_str).and_then(Rule::named);
    if rule.is_some_and(|rule| rule.severity() < Severity::Error) {
        for key in CONSTRAINTS {
            known.remove(key);
        }
        return;
    }
    let mut strict = Map::new();
    for key in CONSTRAINTS {
        strict.extend(known.remove(key).map(|value| (key.to_owned(), value)));
    }
    if strict.is_empty() {
        return;
    }
    let kinds = kinds_of(&strict);
    let is_text = kinds == ["string"] && strict.len() == 1;
    if is_text {
        let mut kinds = kinds;
        if place != Place::Mandatory && !kinds.is_empty() {
            kinds.push("null".to_owned());
        }
        strict.insert("type".to_owned(), json!(kinds));
        known.extend(strict);
        return;
    }
    let mut ways = vec![Value::Object(strict)];
    if place != Place::Mandatory {
        ways.push(json!({ "type": "null" }));
    }
    if kinds.first().is_some_and(|kind| kind == "boolean") {
        // an editor that reads YAML 1.2 takes `yes` for a text
        ways.push(json!({ "type": "string", "pattern": TRUTH }));
    }
    if kinds.first().is_some_and(|kind| kind == "integer") {
        ways.push(json!({ "type": "string", "pattern": "^(0|[1-9][0-9]*)$" }));
    }
    if place == Place::Elsewhere {
        ways.push(json!({ "enum": [""] }));
    }
    if place == Place::Mode {
        ways.push(json!({ "type": "string", "pattern": in_any_case() }));
    }
    ways.push(json!({ "type": "string", "pattern": REFERENCE }));
    known.insert("anyOf".to_owned(), ways.into());
}

fn kinds_of(known: &Map<String, Value>) -> Vec<String> {
    match known.get("type") {
        Some(Value::String(kind)) => vec![kind.clone()],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// A pattern for the modes in upper and lower case.
fn in_any_case() -> String {
    let letter = |letter: char| format!("[{}{}]", letter.to_ascii_lowercase(), letter.to_ascii_uppercase());
    let modes = crate::ClusterMode::ALL.map(|mode| mode.as_str().chars().map(letter).collect::<String>());
    format!("^({})$", modes.join("|"))
}
