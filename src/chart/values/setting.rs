//! [`Setting`]: a value of a file together with what is known of it.

use serde_json::Value;

use super::{
    super::{MODE_KEY, secrets::is_secret_name},
    schema::{Known, Schema},
};

/// A value of a file that the table knows.
#[derive(Debug)]
pub(super) struct Setting<'s> {
    /// The keys and the numbers of list items that lead to it; none for the root.
    pub(super) path: Vec<String>,
    /// The same as `--set` writes it: `imagePullSecrets[0].name`.
    pub(super) name: String,
    pub(super) known: &'s Known,
    pub(super) value: &'s Value,
}

impl<'s> Setting<'s> {
    /// The values of a file that the table knows, the root first, each before what is below it; all but the mode.
    pub(super) fn all(schema: &'s Schema, values: &'s Value) -> Vec<Self> {
        Self { path: Vec::new(), name: String::new(), known: schema.root(), value: values }.with_all_below()
    }

    /// It, and the known ones below it, each before what is below that; all but the mode.
    fn with_all_below(self) -> Vec<Self> {
        let mut settings = vec![self];
        let mut at = 0;
        while let Some(setting) = settings.get(at) {
            at += 1;
            let below = setting.below();
            settings.splice(at..at, below);
        }
        settings
    }

    fn below(&self) -> Vec<Self> {
        let known = self.known;
        match self.value {
            Value::Object(map) => {
                let is_root = self.path.is_empty();
                let dot = if is_root { "" } else { "." };
                let judged = map.iter().filter(|(name, _)| !(is_root && *name == MODE_KEY));
                judged
                    .filter_map(|(name, value)| {
                        let named = known.properties.as_ref().and_then(|properties| properties.get(name));
                        let known = named.or(known.additional_properties.as_deref())?;
                        Some(self.child(name.clone(), &format!("{dot}{}", name.escape_debug()), known, value))
                    })
                    .collect()
            }
            Value::Array(items) => {
                let Some(known) = known.items.as_deref() else { return Vec::new() };
                let numbered = items.iter().enumerate();
                numbered.map(|(at, value)| self.child(at.to_string(), &format!("[{at}]"), known, value)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn child(&self, step: String, suffix: &str, known: &'s Known, value: &'s Value) -> Self {
        let path = self.path.iter().cloned().chain([step]).collect();
        Self { path, name: format!("{}{suffix}", self.name), known, value }
    }

    /// The keys that lead to it.
    pub(super) fn steps(&self) -> impl Iterator<Item = &str> {
        self.path.iter().map(String::as_str)
    }

    /// Whether its value must not be shown.
    pub(super) fn is_secret(&self) -> bool {
        self.steps().any(is_secret_name)
    }
}
