//! [`Spot`]: where in the values of a chart the mode is said, or could be.

use serde_json::Value;

use super::{
    super::{Rank, shape::Form},
    Chart, keys, with,
};
use crate::{chart::MODE_KEY, yaml::Document};

/// A spot in the values of a chart where the mode is said, or could be.
pub(super) struct Spot {
    pub(super) form: Form,
    pub(super) layers: Vec<Vec<String>>,
    pub(super) says_mode: bool,
    pub(super) rank: Rank,
}

impl Chart<'_> {
    /// Where its values are, the ones that override first; without the text whose place a mapping takes.
    pub(super) fn values(&self) -> Vec<(Vec<String>, Form)> {
        let mut values: Vec<(Vec<String>, Form)> =
            self.shape.values.iter().map(|(path, form)| (self.path(path), *form)).collect();
        if self.is_hidden(Form::Text) {
            values.retain(|(_, form)| *form != Form::Text);
        }
        values
    }

    /// Whether a form does not count because of what stands beside it: Argo CD takes a mapping for the text, not both.
    pub(super) fn is_hidden(&self, form: Form) -> bool {
        let mut mappings = self.shape.values.iter().filter(|(_, form)| *form == Form::Mapping);
        form == Form::Text && mappings.any(|(path, _)| self.is_mapping_at(&self.path(path)))
    }

    /// The spots, the ones that override first.
    pub(super) fn spots(&self) -> Vec<Spot> {
        self.values().iter().flat_map(|(path, form)| self.spots_of(path, *form)).collect()
    }

    /// The spots that would count if nothing took their place.
    pub(super) fn hidden_spots(&self) -> Vec<Spot> {
        let hidden = self.shape.values.iter().filter(|(_, form)| self.is_hidden(*form));
        hidden.flat_map(|(path, form)| self.spots_of(&self.path(path), *form)).collect()
    }

    pub(super) fn spots_of(&self, path: &[String], form: Form) -> Vec<Spot> {
        let mode: Vec<&str> = self.below.iter().map(String::as_str).chain([MODE_KEY]).collect();
        let has = |path: &[String]| self.document.locate(path.iter().map(String::as_str)).is_some();
        let rank = (form.layer(), 0);
        match form {
            Form::Mapping if self.is_mapping_at(path) => {
                let layers = vec![with(path, &mode)];
                vec![Spot { form, says_mode: has(&layers[0]), layers, rank }]
            }
            Form::Text => {
                let Some(text) = self.text_at(path) else { return Vec::new() };
                let inner = Document::read(text);
                let says_mode = inner.is_ok_and(|inner| inner.locate(mode.iter().copied()).is_some());
                vec![Spot { form, layers: vec![path.to_vec(), with(&[], &mode)], says_mode, rank }]
            }
            Form::Parameters => {
                let name = mode.join(".");
                let names_mode = |item: &Vec<String>| self.text_at(&with(item, &["name"])) == Some(&name);
                // of several the last counts
                let item = self.items(path).rfind(names_mode);
                let spot =
                    |item: Vec<String>| Spot { form, layers: vec![with(&item, &["value"])], says_mode: true, rank };
                item.map(spot).into_iter().collect()
            }
            Form::List => {
                let spots = |item: &Vec<String>| self.spots_of(item, Form::Mapping).into_iter();
                let items: Vec<(usize, Vec<String>)> = self.items(path).enumerate().collect();
                let before = self.length_before(path);
                let ranked = |(number, item): &(usize, Vec<String>)| {
                    let rank = (rank.0, *number + before);
                    spots(item).map(move |spot| Spot { rank, ..spot }).collect::<Vec<_>>()
                };
                items.iter().rev().flat_map(ranked).collect()
            }
            Form::Element if self.is_mapping_at(path) => {
                let layers = vec![with(path, &[self.taken.unwrap_or(MODE_KEY)])];
                vec![Spot { form, says_mode: true, layers, rank }]
            }
            Form::Mapping | Form::Element => Vec::new(),
        }
    }

    /// The modes at any depth of the values at a path: the keys that lead to each there, and the layers of its address.
    pub(super) fn modes_of(&self, path: &[String], form: Form) -> Vec<(Vec<String>, Vec<Vec<String>>)> {
        match form {
            Form::Mapping => {
                let values = self.document.values_at(path.iter().map(String::as_str)).unwrap_or_default();
                modes_in(&values, &[]).into_iter().map(|keys| (keys.clone(), vec![[path, &keys].concat()])).collect()
            }
            Form::Text => {
                let inner = self.text_at(path).and_then(|text| Document::read(text).ok());
                let values = inner.map(|inner| inner.values()).unwrap_or_default();
                modes_in(&values, &[]).into_iter().map(|keys| (keys.clone(), vec![path.to_vec(), keys])).collect()
            }
            Form::List => self.items(path).flat_map(|item| self.modes_of(&item, Form::Mapping)).collect(),
            Form::Parameters => {
                let named =
                    self.items(path).filter_map(|item| Some((keys(self.text_at(&with(&item, &["name"]))?), item)));
                let modes = named.filter(|(keys, _)| keys.len() > 1 && keys.last().is_some_and(|key| key == MODE_KEY));
                modes.map(|(keys, item)| (keys, vec![with(&item, &["value"])])).collect()
            }
            Form::Element => Vec::new(),
        }
    }

    pub(super) fn first_mapping(&self) -> &'static str {
        self.shape.values.iter().find(|(_, form)| *form == Form::Mapping).map_or("values", |(path, _)| path)
    }
}

/// The keys that lead to each mode below the first keys of some values.
fn modes_in(values: &Value, path: &[String]) -> Vec<Vec<String>> {
    let Value::Object(entries) = values else { return Vec::new() };
    let below = entries.iter().flat_map(|(key, value)| {
        let path: Vec<String> = path.iter().cloned().chain([key.clone()]).collect();
        let deeper = modes_in(value, &path);
        let mode = Some(path).filter(|path| key == MODE_KEY && path.len() > 1);
        mode.into_iter().chain(deeper)
    });
    below.collect()
}
