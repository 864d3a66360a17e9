//! [`Switch`]: the condition and the tags by which a chart installs a dependency, or does not.

use serde_json::Value;

use super::{Release, Says};
use crate::{
    files::Files,
    finding::{Doubt, Finding},
    rule::Rule,
    yaml::written,
};

/// The condition and the tags of a dependency on the way.
#[derive(Clone)]
pub(crate) struct Switch {
    /// What people call the dependency.
    pub(crate) name: String,
    /// The paths of its condition in the values of the chart that is installed, in their order.
    pub(crate) conditions: Vec<Vec<String>>,
    /// The names of its tags below `tags`.
    pub(crate) tags: Vec<String>,
}

impl Switch {
    /// The path of the value that leaves the dependency out; nothing where it is installed. The first condition that is
    /// a boolean decides, else the tags: one that is true is enough.
    fn turned_off(&self, values: &Value) -> Option<Vec<String>> {
        let said = |path: &[String]| path.iter().try_fold(values, |value, key| value.get(key))?.as_bool();
        if let Some((path, is_on)) = self.conditions.iter().find_map(|path| Some((path, said(path)?))) {
            return (!is_on).then(|| path.clone());
        }
        let tag = |tag: &String| vec!["tags".to_owned(), tag.clone()];
        let tags: Vec<(Vec<String>, bool)> =
            self.tags.iter().map(tag).filter_map(|path| said(&path).map(|is_on| (path, is_on))).collect();
        let is_any_on = tags.iter().any(|(_, is_on)| *is_on);
        tags.into_iter().next().map(|(path, _)| path).filter(|_| !is_any_on)
    }
}

impl<'s> Release<'s> {
    /// That the umbrella chart does not install Illumio's, and what says so.
    pub(crate) fn turned_off(&self, files: &Files<'s>) -> Option<Finding> {
        if self.switches.is_empty() {
            return None;
        }
        let values = self.together().ok()?;
        let (switch, path) = self.switches.iter().find_map(|switch| Some((switch, switch.turned_off(&values)?)))?;
        let message = format!(
            "the umbrella chart does not install `{}`: `{}` is false",
            switch.name.escape_debug(),
            written(&path).escape_debug()
        );
        let finding = Finding::new(Rule::NotInstalled, message)
            .help("it does not run in this cluster; if it should, set that to true first, in a change of its own")
            .doubting(Doubt::Elsewhere);
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        Some(match self.deciding(&names) {
            Some((number, Says::Is(node))) => finding.at(node.span()).in_file(files.name(self.layers[number].file)),
            _ => finding.in_file(files.name(self.file)),
        })
    }
}
