//! The values of all sources together.

use serde_json::{Map, Value};

use super::{
    Override, in_order,
    line::{Assignment, Problem, Segment},
};
use crate::finding::Finding;

/// The values that the chart gets, before its own defaults: the files from left to right, then the overrides.
///
/// The files are mappings, as [`Document::values`](crate::yaml::Document::values) gives them. Mappings of files merge,
/// and everything else replaces. An override makes the mappings and lists that its name needs where there are none, and
/// changes nothing beside it. A null stays a null, of files as of overrides.
///
/// # Errors
///
/// A finding where Helm refuses an override: it sets a key below what is not a mapping, or an item of what is not a
/// list. A null is neither. Also where the files of `--set-file` were not read.
///
/// ```
/// use helm_clas::overrides::{Kind, Override, effective};
/// use serde_json::json;
///
/// let files = [json!({"clusterMode": "legacy", "cven": {"replicas": 1.0}}), json!({"cven": {"image": "x"}})];
/// let set = Override::read(Kind::Set, "clusterMode=clas")?;
/// let merged = json!({"clusterMode": "clas", "cven": {"image": "x", "replicas": 1.0}});
/// assert_eq!(effective(&files, &[set])?, merged);
///
/// let below = Override::read(Kind::Set, "clusterMode.mode=clas")?;
/// assert_eq!(
///     effective(&files, &[below]).unwrap_err().message,
///     "Helm rejects `--set clusterMode.mode=...`: it sets a key under a value that is not a mapping"
/// );
/// # Ok::<(), helm_clas::Finding>(())
/// ```
pub fn effective(files: &[Value], overrides: &[Override]) -> Result<Value, Finding> {
    merged(files.to_vec(), overrides)
}

/// The same of values that are not needed any more.
pub(crate) fn merged(files: Vec<Value>, overrides: &[Override]) -> Result<Value, Finding> {
    let mut values = Value::Object(Map::new());
    for file in files {
        merge(&mut values, file);
    }
    for (_, given) in in_order(overrides) {
        if given.names_files {
            return Err(given.refused(0, Problem::FileNotRead));
        }
        for (number, assignment) in given.assignments.iter().enumerate() {
            assign(&mut values, assignment).map_err(|problem| given.refused(number, problem))?;
        }
    }
    Ok(values)
}

fn merge(values: &mut Value, file: Value) {
    match (values, file) {
        (Value::Object(values), Value::Object(file)) if !values.is_empty() => {
            for (name, value) in file {
                merge(values.entry(name).or_insert(Value::Null), value);
            }
        }
        (values, file) => *values = file,
    }
}

fn assign(values: &mut Value, Assignment { path, value, .. }: &Assignment) -> Result<(), Problem> {
    let mut place = values;
    let mut is_item = false;
    for (depth, segment) in path.iter().enumerate() {
        place = match segment {
            Segment::Key(key) => {
                // Helm is lenient with items of lists: there, whatever is not a mapping gives way to one
                if is_item && !place.is_object() {
                    *place = Value::Object(Map::new());
                }
                let map = place.as_object_mut().ok_or(Problem::BelowNoMapping)?;
                map.entry(key).or_insert_with(|| match path.get(depth + 1) {
                    Some(Segment::Item(_)) => Value::Array(Vec::new()),
                    Some(Segment::Key(_)) => Value::Object(Map::new()),
                    None => Value::Null,
                })
            }
            Segment::Item(item) => {
                if is_item && place.is_null() {
                    *place = Value::Array(Vec::new());
                }
                let items = place.as_array_mut().ok_or(Problem::ItemOfNoList)?;
                if items.len() <= *item {
                    items.resize(item + 1, Value::Null);
                }
                &mut items[*item]
            }
        };
        is_item = matches!(segment, Segment::Item(_));
    }
    *place = value.clone();
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::overrides::Kind;

    fn together(files: &[Value], overrides: &[(Kind, &str)]) -> Result<Value, Finding> {
        let overrides: Vec<Override> =
            overrides.iter().map(|(kind, text)| Override::read(*kind, text)).collect::<Result<_, _>>()?;
        effective(files, &overrides)
    }

    #[track_caller]
    fn check(files: &[Value], overrides: &[(Kind, &str)], expected: Value) {
        assert_eq!(together(files, overrides), Ok(expected));
    }

    #[track_caller]
    fn check_refused(file: Value, text: &str, reason: &str) {
        let message = together(&[file], &[(Kind::Set, text)]).unwrap_err().message;
        assert!(message.contains(reason), "{message}");
    }

    #[test]
    fn mappings_of_files_merge_and_all_else_replaces() {
        check(&[json!({"a": {"x": 1, "y": [1, 2]}}), json!({"a": {"y": [3]}})], &[], json!({"a": {"x": 1, "y": [3]}}));
        check(&[json!({"a": {"x": 1}}), json!({"a": null}), json!({"a": {"y": 2}})], &[], json!({"a": {"y": 2}}));
    }

    #[test]
    fn the_kind_decides_and_then_the_last() {
        use Kind::{Set, SetFile, SetJson, SetLiteral, SetString};
        check(&[], &[(SetString, "a=1"), (Set, "a=2"), (SetJson, "a=3")], json!({"a": "1"}));
        check(&[], &[(SetLiteral, "a=1"), (SetString, "a=2")], json!({"a": "1"}));
        check(&[], &[(Set, "a=1,a=2"), (Set, "a=3"), (SetFile, "")], json!({"a": 3}));
    }

    #[test]
    fn a_name_makes_the_mappings_and_lists_it_needs() {
        check(&[], &[(Kind::Set, "a.b[1].c=x")], json!({"a": {"b": [null, {"c": "x"}]}}));
        check(&[json!({"a": ["x", null]})], &[(Kind::Set, "a[0].b=1,a[1][0]=2")], json!({"a": [{"b": 1}, [2]]}));
        check(&[json!({"a": {"b": 1}})], &[(Kind::SetJson, r#"a={"c":2}"#)], json!({"a": {"c": 2.0}}));
    }

    #[test]
    fn a_name_below_what_cannot_hold_it_is_refused() {
        check_refused(json!({"a": "x"}), "b=1,a.b=2", "Helm rejects name 2 of `--set b=...`: it sets a key under");
        check_refused(json!({"a": null}), "a.b=1", "not a mapping");
        check_refused(json!({"a": {}}), "a[0]=1", "not a list");
        check_refused(json!({"a": ["x"]}), "a[0][0]=1", "not a list");
    }

    #[test]
    fn a_file_that_was_not_read_has_no_value() {
        let message = together(&[], &[(Kind::SetFile, "ca=ca.pem")]).unwrap_err().message;
        assert_eq!(message, "`--set-file ca=...` is not accepted: its file was not read");
    }
}
