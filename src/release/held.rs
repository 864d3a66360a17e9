//! What a layer holds: all of its values, and the modes below the first keys of them.

use std::ops::Range;

use serde_json::Value;

use super::{Layer, Parameter, Values};
use crate::{chart::MODE_KEY, yaml::Node};

impl Layer<'_> {
    /// Its values; nothing of what was not read.
    pub(super) fn value(&self) -> Value {
        let nest = |value: Value, key: &String| Value::Object(serde_json::Map::from_iter([(key.clone(), value)]));
        let mut value = self.under.iter().rev().fold(self.value_within(), nest);
        if let Some((name, way)) = self.removed.as_ref().and_then(|removed| removed.path.split_last())
            && let Some(Value::Object(mapping)) = way.iter().try_fold(&mut value, |value, name| value.get_mut(name))
        {
            mapping.remove(name);
        }
        value
    }

    fn value_within(&self) -> Value {
        let empty = || Value::Object(serde_json::Map::new());
        match &self.values {
            Values::Mapping { node: Some(node), .. } => {
                Some(node.value()).filter(Value::is_object).unwrap_or_else(empty)
            }
            Values::Parameters(parameters) => {
                let mut values = empty();
                for one in parameters {
                    let mut at = &mut values;
                    for name in &one.name {
                        if !at.is_object() {
                            *at = empty();
                        }
                        at = &mut at[name.as_str()];
                    }
                    *at = one.value.map(Node::value).unwrap_or_default();
                }
                values
            }
            _ => empty(),
        }
    }

    /// The modes below the first keys of its values: the keys that lead to each, and its bytes in the file.
    pub(super) fn modes(&self) -> Vec<(Vec<String>, Range<usize>)> {
        match &self.values {
            Values::Mapping { text, path, node: Some(_) } => {
                let below: Vec<&str> = path.iter().map(String::as_str).collect();
                let nested = text.document.nested(&below, MODE_KEY).into_iter();
                let found = nested.filter(|(keys, _)| keys.len() > path.len());
                let own =
                    |keys: Vec<&str>| keys[path.len()..].iter().chain([&MODE_KEY]).map(ToString::to_string).collect();
                found.map(|(keys, span)| (own(keys), text.span(span))).collect()
            }
            Values::Parameters(parameters) => {
                let is_mode =
                    |one: &&Parameter<'_>| one.name.len() > 1 && one.name.last().is_some_and(|name| name == MODE_KEY);
                let span = |one: &Parameter<'_>| one.value.unwrap_or(one.item).span();
                parameters.iter().filter(is_mode).map(|one| (one.name.clone(), span(one))).collect()
            }
            _ => Vec::new(),
        }
    }
}
