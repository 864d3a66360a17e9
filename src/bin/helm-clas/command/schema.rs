//! `helm clas schema`.

use std::process::ExitCode;

use helm_clas::{
    Called,
    chart::values::{Values, schema_for_editor},
};

use crate::{
    args::{Schema, SchemaName, described::called},
    failure::Failure,
    output::Output,
};

pub(crate) fn run(schema: &Schema, output: &mut Output) -> Result<ExitCode, Failure> {
    let is_changed = schema.partial || schema.path.is_some();
    if is_changed && schema.name != SchemaName::Values {
        return Err(Failure::new("--partial and --path apply only to the values of the chart")
            .help("drop them, or use `schema values`"));
    }
    let text = match schema.name {
        SchemaName::Values => &*values(schema)?,
        SchemaName::Output => include_str!("../../../../schemas/output.schema.json"),
        SchemaName::Compatibility => include_str!("../../../../schemas/compatibility.schema.json"),
        SchemaName::Enforcement => include_str!("../../../../schemas/enforcement.schema.json"),
        SchemaName::Fleet => include_str!("../../../../schemas/fleet.schema.json"),
    };
    output.answer_raw(&text.replace(Called::OF_HELM.as_str(), called().as_str()));
    Ok(ExitCode::SUCCESS)
}

/// The schema of values that may be incomplete, or that are below keys.
fn values(schema: &Schema) -> Result<String, Failure> {
    let path = schema.path.as_deref().unwrap_or_default();
    let is_blank = |key: &str| key.is_empty();
    if schema.path.is_some() && path != "." && path.split('.').any(is_blank) {
        return Err(Failure::new(format!("`{}` names no keys", path.escape_debug()))
            .help("write them as in --path security.illumio"));
    }
    let values = if schema.partial { Values::Partial } else { Values::Whole };
    serde_json::to_string_pretty(&schema_for_editor(values, path))
        .map(|text| text + "\n")
        .map_err(|error| Failure::new(format!("the schema cannot be written: {error}")))
}
