//! `helm clas schema`.

use std::process::ExitCode;

use serde_json::{Value, json};

use crate::{
    args::{Schema, SchemaName},
    failure::Failure,
    output::Output,
};

const VALUES: &str = include_str!("../../../schemas/values.schema.json");

pub(crate) fn run(schema: &Schema, output: &mut Output) -> Result<ExitCode, Failure> {
    let is_changed = schema.partial || schema.path.is_some();
    if is_changed && schema.name != SchemaName::Values {
        return Err(Failure::new("--partial and --path are about the values of the chart")
            .help("leave them out, or ask for `schema values`"));
    }
    match schema.name {
        SchemaName::Values if is_changed => output.answer_raw(&values(schema)?),
        SchemaName::Values => output.answer_raw(VALUES),
        SchemaName::Output => output.answer_raw(include_str!("../../../schemas/output.schema.json")),
        SchemaName::Compatibility => output.answer_raw(include_str!("../../../schemas/compatibility.schema.json")),
        SchemaName::Enforcement => output.answer_raw(include_str!("../../../schemas/enforcement.schema.json")),
    }
    Ok(ExitCode::SUCCESS)
}

/// The schema of values that may be incomplete, or that stand below keys.
fn values(schema: &Schema) -> Result<String, Failure> {
    let mut values: Value = serde_json::from_str(VALUES)
        .map_err(|error| Failure::new(format!("the shipped schema cannot be read: {error}")))?;
    if let Some(values) = values.as_object_mut().filter(|_| schema.partial) {
        values.remove("required");
    }
    let path = schema.path.as_deref().unwrap_or_default();
    let keys: Vec<&str> = path.split('.').filter(|_| !path.is_empty()).collect();
    if keys.iter().any(|key| key.is_empty()) {
        return Err(Failure::new(format!("`{}` names no keys", path.escape_debug()))
            .help("write them as in --path security.illumio"));
    }
    if !keys.is_empty() {
        let dialect = values.as_object_mut().and_then(|values| values.remove("$schema"));
        let inside = |values: Value, key: &&str| json!({ "type": "object", "properties": { *key: values } });
        values = keys.iter().rev().fold(values, inside);
        values["$schema"] = dialect.unwrap_or_default();
    }
    serde_json::to_string_pretty(&values)
        .map(|text| text + "\n")
        .map_err(|error| Failure::new(format!("the schema cannot be written: {error}")))
}
