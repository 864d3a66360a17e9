//! [`Templates`]: what a revision of the release says its pods are made of, against what the cluster has.

use serde_json::Value;

use crate::{
    chart::pods::Kind,
    yaml::{Document, documents},
};

/// The templates of the chart's pods in one revision.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Templates(Vec<(Kind, Value)>);

/// What the template on the cluster says of the step between two revisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// The step does not change the template, so it restarts no pod.
    Same,
    /// The step reached it.
    New,
    /// It is still the one from before the step.
    Old,
    /// It is neither, or one of the three is not known.
    Unclear,
}

impl Templates {
    /// Reads what `helm get manifest RELEASE --revision=N` prints. A part that is not read has no templates.
    #[must_use]
    pub fn read(manifest: &str) -> Self {
        let parts = documents(manifest).into_iter().map(|part| &manifest[part]);
        let named = parts.filter(|part| Kind::ALL.iter().any(|kind| part.contains(kind.object())));
        let read = named.filter_map(|part| {
            let object = Document::read(part).ok()?.values();
            let word = object.get("kind")?.as_str()?;
            let name = object.pointer("/metadata/name")?.as_str()?;
            let is_kind = |kind: &Kind| word.eq_ignore_ascii_case(kind.as_str()) && name == kind.object();
            let kind = Kind::ALL.into_iter().find(is_kind)?;
            Some((kind, object.pointer("/spec/template")?.clone()))
        });
        Self(read.collect())
    }

    fn of(&self, kind: Kind) -> Option<&Value> {
        self.0.iter().find(|(found, _)| *found == kind).map(|(_, template)| template)
    }

    /// What the template of this kind on the cluster says of the step from the revision `before` to this one. The API
    /// server adds defaults, so only what the step changes is compared.
    ///
    /// ```
    /// use helm_clas::{account::{Says, Templates}, chart::pods::Kind};
    /// use serde_json::json;
    ///
    /// let of = |mode: &str| Templates::read(&format!("\
    /// kind: Deployment
    /// metadata: {{name: illumio-kubelink}}
    /// spec: {{template: {{metadata: {{annotations: {{mode: {mode}}}}}}}}}
    /// "));
    /// let live = json!({ "metadata": { "annotations": { "mode": "clas" } }, "spec": { "dnsPolicy": "ClusterFirst" } });
    /// assert_eq!(of("clas").against(&of("legacy"), Kind::Deployment, &live), Says::New);
    /// assert_eq!(of("legacy").against(&of("clas"), Kind::Deployment, &live), Says::Old);
    /// assert_eq!(of("clas").against(&of("clas"), Kind::Deployment, &live), Says::Same);
    /// ```
    #[must_use]
    pub fn against(&self, before: &Self, kind: Kind, live: &Value) -> Says {
        let (Some(old), Some(new)) = (before.of(kind), self.of(kind)) else { return Says::Unclear };
        let mut seen = Seen::default();
        seen.compare(old, new, Some(live));
        match seen {
            Seen { new: 0, old: 0, other: 0 } => Says::Same,
            Seen { new: 1.., old: 0, .. } => Says::New,
            Seen { new: 0, old: 1.., .. } => Says::Old,
            _ => Says::Unclear,
        }
    }
}

/// At how many places that a step changes the cluster has the new value, the old one, or another one.
#[derive(Default)]
struct Seen {
    new: usize,
    old: usize,
    other: usize,
}

impl Seen {
    fn compare(&mut self, old: &Value, new: &Value, live: Option<&Value>) {
        match (old, new) {
            (Value::Object(ours), Value::Object(theirs)) => {
                let keys = ours.keys().chain(theirs.keys().filter(|key| !ours.contains_key(*key)));
                for key in keys {
                    let live = live.and_then(|live| live.get(key));
                    match (ours.get(key), theirs.get(key)) {
                        (Some(old), Some(new)) => self.compare(old, new, live),
                        (old, new) => self.count(old, new, live),
                    }
                }
            }
            (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
                for (number, (old, new)) in ours.iter().zip(theirs).enumerate() {
                    self.compare(old, new, live.and_then(|live| live.get(number)));
                }
            }
            _ if old == new => {}
            _ => self.count(Some(old), Some(new), live),
        }
    }

    fn count(&mut self, old: Option<&Value>, new: Option<&Value>, live: Option<&Value>) {
        let has = |value: Option<&Value>| match (value, live) {
            (None | Some(Value::Null), live) => live.is_none(),
            (Some(value), Some(live)) => covers(live, value),
            (Some(_), None) => false,
        };
        match (has(new), has(old)) {
            (true, false) => self.new += 1,
            (false, true) => self.old += 1,
            _ => self.other += 1,
        }
    }
}

/// Whether the cluster has all of a value; it may have defaults beside it.
fn covers(live: &Value, value: &Value) -> bool {
    match (live, value) {
        (Value::Object(live), Value::Object(value)) => {
            value.iter().all(|(key, value)| value.is_null() || live.get(key).is_some_and(|live| covers(live, value)))
        }
        (Value::Array(live), Value::Array(value)) => {
            live.len() == value.len() && live.iter().zip(value).all(|(live, value)| covers(live, value))
        }
        (Value::Number(live), Value::Number(value)) => live.as_f64() == value.as_f64(),
        _ => live == value,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(template: Value) -> Templates {
        Templates(vec![(Kind::DaemonSet, template)])
    }

    #[track_caller]
    fn check(old: Value, new: Value, live: &Value, says: Says) {
        assert_eq!(of(new).against(&of(old), Kind::DaemonSet, live), says);
    }

    #[test]
    fn only_what_the_step_changes_is_compared() {
        let live = json!({"a": {"image": "x:2", "policy": "Always"}, "list": [{"n": 1, "d": 0}], "cpu": "1"});
        check(json!({"a": {"image": "x:1"}}), json!({"a": {"image": "x:2"}}), &live, Says::New);
        check(json!({"a": {"image": "x:2"}}), json!({"a": {"image": "x:3"}}), &live, Says::Old);
        check(json!({"a": {"image": "x:1"}}), json!({"a": {"image": "x:3"}}), &live, Says::Unclear);
        // what is put in, and what goes away
        check(json!({}), json!({"list": [{"n": 1}]}), &live, Says::New);
        check(json!({"gone": 1}), json!({}), &live, Says::New);
        check(json!({"list": [{"n": 1}]}), json!({}), &live, Says::Old);
        check(json!({"list": [{"n": 1}, {"n": 2}]}), json!({"list": [{"n": 1}]}), &live, Says::New);
        // the server writes a quantity in its own way, and another place decides
        let old = json!({"a": {"image": "x:1"}, "cpu": "500m"});
        check(old, json!({"a": {"image": "x:2"}, "cpu": "1000m"}), &live, Says::New);
    }

    #[test]
    fn a_template_that_is_not_known_says_nothing() {
        let live = json!({});
        assert_eq!(Templates::default().against(&of(json!({})), Kind::DaemonSet, &live), Says::Unclear);
        assert_eq!(Templates::read("kind: [\n---\nillumio-ven: &a {b: *a}\n"), Templates::default());
    }
}
