//! What Helm 3.17.2 and 4.3.1 were seen to read in awkward files, against what we read in them.

#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, fs, path::Path};

use helm_clas::{place::ModeInFile, yaml::Document};
use serde_json::Value;

#[test]
fn the_shared_cases_are_read_as_helm_reads_them_or_refused() {
    let folder = Path::new("../shared/helm-values-cases");
    if !folder.is_dir() {
        println!("skipped: no ../shared here");
        return;
    }
    let mut counts: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let bytes = fs::read(&path).unwrap();
        let helm = |version: &str| -> Option<Value> {
            fs::read(folder.join(format!("{name}.{version}.json")))
                .ok()
                .map(|json| serde_json::from_slice(&json).unwrap())
        };
        let (three, four) = (helm("helm3"), helm("helm4"));
        let Ok(text) = std::str::from_utf8(&bytes) else {
            counts.entry("refused: not UTF-8").or_default().push(name);
            continue;
        };
        let document = match Document::read(text) {
            Ok(document) => document,
            Err(finding) => {
                let key = if three.is_some() && three == four { "refused, Helm reads" } else { "refused rightly" };
                counts.entry(key).or_default().push(format!("{name}: {} {}", finding.rule.name(), finding.message));
                continue;
            }
        };
        let ours = floats(document.values());
        let same = |helm: &Option<Value>| helm.clone().map(floats).as_ref() == Some(&ours);
        let key = if same(&three) && same(&four) {
            "same"
        } else if same(&three) {
            "as Helm 3"
        } else {
            "WRONG"
        };
        let place = ModeInFile::read(&document);
        counts.entry(key).or_default().push(format!(
            "{name}: {:?} {:?}",
            place.mode,
            place.findings.iter().map(|f| f.rule.name()).collect::<Vec<_>>()
        ));
    }
    for (key, names) in &counts {
        println!("== {key}: {}", names.len());
        for name in names {
            println!("   {name}");
        }
    }
}

fn floats(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::from(number.as_f64()),
        Value::Array(items) => items.into_iter().map(floats).collect(),
        Value::Object(map) => Value::Object(map.into_iter().map(|(k, v)| (k, floats(v))).collect()),
        other => other,
    }
}
