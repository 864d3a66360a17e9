//! What a command prints as JSON, checked against its schema.

use std::{fs, path::Path};

use jsonschema::Validator;
use serde_json::{Value, json};

/// A file of the repository as JSON.
pub(crate) fn read_json(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()).unwrap()
}

/// The schema of all that is printed with `-o json`.
pub(crate) fn output_schema() -> Value {
    read_json("schemas/output.schema.json")
}

/// A schema that also refuses fields it does not name. Readers pass over those, but what we print must be in it.
pub(crate) fn closed(mut schema: Value) -> Validator {
    fn close(schema: &mut Value) {
        let Some(map) = schema.as_object_mut() else { return };
        if map.get("type") == Some(&json!("object")) && map.contains_key("properties") {
            map.entry("additionalProperties").or_insert(json!(false));
        }
        for key in ["$defs", "properties"] {
            map.get_mut(key)
                .and_then(Value::as_object_mut)
                .into_iter()
                .for_each(|map| map.values_mut().for_each(close));
        }
        map.get_mut("items").into_iter().for_each(close);
    }
    close(&mut schema);
    jsonschema::validator_for(&schema).unwrap()
}

/// The answer has the form that the schema promises, and nothing that it does not name.
#[track_caller]
pub(crate) fn fits(answer: &Value) {
    let validator = closed(output_schema());
    let errors: Vec<String> =
        validator.iter_errors(answer).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{answer:#}");
}
