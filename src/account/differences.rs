//! [`Differences`]: what an upgrade changes in the values of a release beside the mode.

use serde_json::Value;

use crate::{chart::MODE_KEY, cluster::Identity, shown::some_of};

/// The first of some keys, in quotes.
pub(super) fn listed(keys: &[String]) -> String {
    some_of(&keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>())
}

/// The keys of values that a release was given and would not be given again, or not the same. The mode is not among
/// them, and no value is shown.
#[derive(Default)]
pub(super) struct Differences {
    pub(super) lost: Vec<String>,
    pub(super) changed: Vec<String>,
    /// The keys by which a PCE knows a cluster that both have, and not the same.
    pub(super) identity: Vec<&'static str>,
}

impl Differences {
    pub(super) fn between(given: &Value, now: &Value) -> Self {
        let mut found = Self::default();
        found.gather("", given, now);
        found
    }

    /// Whether both have a `cluster_id`, and not the same: they are the values of two clusters.
    pub(super) fn is_of_two_clusters(&self) -> bool {
        self.identity.contains(&"cluster_id")
    }

    fn gather(&mut self, path: &str, given: &Value, now: &Value) {
        match (given, now) {
            (Value::Object(given), Value::Object(now)) => {
                let is_mode = |key: &str| path.is_empty() && key == MODE_KEY;
                let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
                // an empty value removes a default; without it the default is back, which is not a loss
                for (key, value) in given.iter().filter(|(key, value)| !value.is_null() && !is_mode(key)) {
                    match now.get(key) {
                        None | Some(Value::Null) => self.lost.push(below(key)),
                        Some(now) => self.gather(&below(key), value, now),
                    }
                }
                let is_new = |key: &&String| !given.contains_key(*key) && !is_mode(key);
                self.changed.extend(now.keys().filter(is_new).map(|key| below(key)));
            }
            _ if is_same(given, now) => {}
            (given, now) => match (Identity::key(path), given.as_str(), now.as_str()) {
                (Some(key), Some(given), Some(now)) if !given.is_empty() && !now.is_empty() => {
                    self.identity.extend(Some(key).filter(|key| !Identity::is_same(key, given, now)));
                }
                _ => self.changed.push(path.to_owned()),
            },
        }
    }
}

/// Whether two values are the same to the chart: numbers are floating-point numbers there.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, one)| other.get(key).is_some_and(|other| is_same(one, other)))
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_that_would_be_lost_or_changed_are_named() {
        #[track_caller]
        fn check(given: &Value, now: &Value, lost: &[&str], changed: &[&str]) {
            let found = Differences::between(given, now);
            assert_eq!((found.lost, found.changed), (strings(lost), strings(changed)));
        }
        fn strings(words: &[&str]) -> Vec<String> {
            words.iter().map(ToString::to_string).collect()
        }
        check(&json!({"clusterMode": "legacy", "a": 1}), &json!({"a": 1.0}), &[], &[]);
        check(&json!({"a": {"b": 1, "c": [1]}}), &json!({"a": {"c": [1.0, 2]}}), &["a.b"], &["a.c"]);
        check(&json!({"token": "x", "gone": null}), &json!({"more": 1}), &["token"], &["more"]);
        let [one, again, other] = ["aB", "Ab", "c"].map(|id| json!({ "cluster_id": id }));
        let identity = |given: &Value, now: &Value| Differences::between(given, now).identity;
        assert_eq!(identity(&one, &again), Vec::<&str>::new(), "an id has no case");
        assert_eq!(identity(&json!({}), &one), Vec::<&str>::new(), "it is new");
        assert_eq!(identity(&one, &other), ["cluster_id"]);
        let below = |url| json!({ "sec": { "pce_url": url, "cluster_code": "Ab" } });
        assert_eq!(identity(&below("a:1"), &below("b:1")), ["pce_url"]);
    }
}
