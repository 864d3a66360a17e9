//! The vendor's own schemas of what a PCE answers and takes. (`testdata/pce-api`)

use std::{
    collections::{BTreeMap, HashMap},
    error::Error,
    sync::{Arc, LazyLock, Mutex},
};

use jsonschema::{Draft, Retrieve, Uri, Validator};
use serde_json::{Map, Value, json};

/// The versions whose schemas are here, each a bundle by path.
const BUNDLES: [(&str, &str); 2] =
    [("25.2.20", include_str!("../pce-api/25.2.20.json")), ("26.3.0", include_str!("../pce-api/26.3.0.json"))];

/// Where live PCEs differ from the published schemas: the schema, the object in it, the field, and what may be there.
#[rustfmt::skip]
const LIVE: &[(&str, &str, &str, &str)] = &[
    // seen on PCE 24 and 25; not published
    ("container_clusters_get",                              "",                        "clas_mode",        "{}"),
    ("container_clusters_get",                              "",                        "network_type",     "{}"),
    ("container_clusters_container_workload_profiles_get",  "",                        "visibility_level", "{}"),
    // published in 26.3.0 only, seen before
    ("container_clusters_get",                              "/properties/nodes/items", "name",             "{}"),
    ("container_clusters_get",                              "/properties/nodes/items", "machine_id",       "{}"),
    // published as a text; null where nothing is pending
    ("sec_policy_services_get",                             "",                        "update_type",      r#"{"type": ["string", "null"]}"#),
    // published as the schema of one; a list on every PCE
    ("workloads_get",                                       "",                        "interfaces",       r#"{"type": "array"}"#),
];

/// The schemas of one version, closed: a field that they do not name is wrong.
#[derive(Clone)]
struct Bundle(BTreeMap<String, Value>);

impl Bundle {
    fn of(version: &str) -> Self {
        let (_, text) = BUNDLES.iter().find(|(of, _)| *of == version).expect(version);
        let mut schemas: BTreeMap<String, Value> = serde_json::from_str(text).unwrap();
        for (name, place, field, said) in LIVE {
            let schema = schemas.get_mut(&format!("v2/{name}.schema.json")).expect(name);
            let object = schema.pointer_mut(place).expect(place).as_object_mut().unwrap();
            let fields = object.entry("properties").or_insert_with(|| json!({})).as_object_mut().unwrap();
            let said: Value = serde_json::from_str(said).unwrap();
            if said != json!({}) || !fields.contains_key(*field) {
                fields.insert((*field).to_owned(), said);
            }
        }
        schemas.values_mut().for_each(close);
        Self(schemas)
    }
}

/// Forbids the fields that a schema does not name, on every level.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.get("properties").is_some_and(Value::is_object) {
                map.entry("additionalProperties").or_insert(json!(false));
            }
            map.values_mut().for_each(close);
        }
        Value::Array(list) => list.iter_mut().for_each(close),
        _ => {}
    }
}

impl Retrieve for Bundle {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let path = uri.path().as_str().trim_start_matches('/');
        self.0.get(path).cloned().ok_or_else(|| format!("no schema {path}").into())
    }
}

/// What judges by the schema of this name, such as `workloads_get`; made once.
fn validator(version: &'static str, name: &str) -> Arc<Validator> {
    type Made = Mutex<HashMap<(&'static str, String), Arc<Validator>>>;
    static MADE: LazyLock<Made> = LazyLock::new(Made::default);
    let mut made = MADE.lock().unwrap();
    Arc::clone(made.entry((version, name.to_owned())).or_insert_with(|| Arc::new(build(version, name))))
}

fn build(version: &str, name: &str) -> Validator {
    let schema = json!({ "$ref": format!("https://pce.invalid/v2/{name}.schema.json") });
    let options = jsonschema::options().with_draft(Draft::Draft4).with_retriever(Bundle::of(version));
    options.build(&schema).unwrap_or_else(|error| panic!("{version} {name}: {error}"))
}

/// What is wrong with values by the schema of this name, in any version; nothing where all is right.
pub(crate) fn complaints(name: &str, values: &[Value]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (version, _) in BUNDLES {
        let validator = validator(version, name);
        for value in values {
            // 25.2.20 publishes the version wrapped once more; the PCEs that were seen answer as 26.3.0 does
            let wrapped = (version == "25.2.20" && name == "product_version_get")
                .then(|| Value::Object(Map::from_iter([("product_version".to_owned(), value.clone())])));
            let errors = validator.iter_errors(wrapped.as_ref().unwrap_or(value));
            complaints.extend(errors.map(|error| format!("{version} {name}{}: {error}", error.instance_path())));
        }
    }
    complaints
}

/// The values are what the vendor's schema of this name says, in every field.
#[track_caller]
pub(crate) fn fit(name: &str, values: &[Value]) {
    let complaints = complaints(name, values);
    assert!(complaints.is_empty(), "{complaints:#?}");
}

/// The schema of this path in each version, with those that it refers to in place of the references.
pub(crate) fn whole(path: &str) -> Vec<(&'static str, Value)> {
    fn put_in(value: &mut Value, folder: &str, all: &BTreeMap<String, Value>) {
        if let Some(file) = value.get("$ref").and_then(Value::as_str) {
            let path = match file.strip_prefix("../") {
                Some(path) => path.to_owned(),
                None => format!("{folder}/{file}"),
            };
            *value = all.get(&path).unwrap_or_else(|| panic!("no schema {path}")).clone();
            let (folder, _) = path.split_once('/').unwrap();
            return put_in(value, folder, all);
        }
        match value {
            Value::Object(map) => map.values_mut().for_each(|value| put_in(value, folder, all)),
            Value::Array(list) => list.iter_mut().for_each(|value| put_in(value, folder, all)),
            _ => {}
        }
    }
    let of_version = |(version, text): (&'static str, &str)| {
        let all: BTreeMap<String, Value> = serde_json::from_str(text).unwrap();
        let mut whole = json!({ "$ref": format!("../{path}.schema.json") });
        put_in(&mut whole, "", &all);
        (version, whole)
    };
    BUNDLES.into_iter().map(of_version).collect()
}
