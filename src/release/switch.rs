//! [`Switch`]: the condition and the tags by which a chart installs a dependency, or does not.

use super::{Layer, Parameter, Release, Says, Values};
use crate::{
    files::Files,
    finding::{Doubt, Finding},
    overrides::effective,
    rule::Rule,
    yaml::{Node, Scalar, written},
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

/// What a release gets for a value that a dependency is switched by.
enum Said<'s> {
    Is(bool),
    /// Nothing that Helm takes for a boolean.
    Nothing,
    /// What another tool fills in, by the number of the layer.
    Open(usize, Node<'s>),
}

impl Switch {
    /// The paths of all values that switch it, in the values of the chart that is installed.
    pub(crate) fn paths(&self) -> impl Iterator<Item = Vec<String>> {
        let tags = self.tags.iter().map(|tag| vec!["tags".to_owned(), tag.clone()]);
        self.conditions.iter().cloned().chain(tags)
    }

    /// The value that leaves the dependency out, or may; nothing where it is installed. The first condition that is a
    /// boolean decides, else the tags: one that is true is enough.
    fn left_out<'s>(&self, release: &Release<'s>) -> Option<(Vec<String>, Said<'s>)> {
        for path in &self.conditions {
            match release.switched(path) {
                Said::Nothing => {}
                Said::Is(true) => return None,
                said => return Some((path.clone(), said)),
            }
        }
        let tags = self.paths().skip(self.conditions.len());
        let tags = tags.map(|path| (release.switched(&path), path)).filter(|(said, _)| !matches!(said, Said::Nothing));
        let tags: Vec<(Said<'s>, Vec<String>)> = tags.collect();
        if tags.iter().any(|(said, _)| matches!(said, Said::Is(true))) {
            return None;
        }
        let is_open = |(said, _): &(Said<'s>, Vec<String>)| matches!(said, Said::Open(..));
        let number = tags.iter().position(is_open).unwrap_or_default();
        tags.into_iter().nth(number).map(|(said, path)| (path, said))
    }
}

/// Whether a value that is set by its name stays the text that it is. (Argo CD documentation, Helm, `forceString`;
/// Terraform's Helm provider, `set`, `type`; helmfile documentation, `setString`; RFC 6902)
fn stays_text(parameter: &Parameter<'_>) -> bool {
    let item = parameter.item;
    item.is_true_at("forceString")
        || item.str_at("type") == Some("string")
        || item.get("op").is_some()
        || item.path().iter().any(|key| key == "setString")
}

/// What a value says that switches a dependency. One that is set by its name is read as `--set` reads it.
fn said<'s>(layer: &Layer<'_>, number: usize, node: Node<'s>) -> Said<'s> {
    // YAML has more words for a boolean than Helm has
    const OTHER_WORDS: [&str; 6] = ["yes", "no", "on", "off", "y", "n"];
    if let Some(Scalar::Bool(is_on)) = node.scalar() {
        return Said::Is(is_on);
    }
    let Some(text) = node.str() else { return Said::Nothing };
    let is_typed = match &layer.values {
        Values::Parameters(all) => {
            let own = all.iter().find(|one| one.value.is_some_and(|value| value.span() == node.span()));
            own.is_some_and(|own| !stays_text(own))
        }
        _ => false,
    };
    let is = |word: &str| is_typed && text.eq_ignore_ascii_case(word);
    match text {
        _ if is("true") => Said::Is(true),
        _ if is("false") => Said::Is(false),
        _ if text.contains(['$', '%']) || text.contains("{{") || OTHER_WORDS.into_iter().any(is) => {
            Said::Open(number, node)
        }
        _ => Said::Nothing,
    }
}

impl<'s> Release<'s> {
    /// What it gets for a value that switches a dependency.
    fn switched(&self, path: &[String]) -> Said<'s> {
        let set = effective(&[], &self.options).unwrap_or_default();
        if let Some(value) = path.iter().try_fold(&set, |value, name| value.get(name)) {
            return value.as_bool().map_or(Said::Nothing, Said::Is);
        }
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        match self.deciding(&names) {
            Some((number, Says::Is(node))) => said(&self.layers[number], number, node),
            _ => Said::Nothing,
        }
    }

    /// Whether nothing says that it is not installed.
    pub(crate) fn is_installed(&self) -> bool {
        self.mode.findings.iter().chain(&self.findings).all(|finding| finding.rule != Rule::NotInstalled)
    }

    /// That the umbrella chart does not install Illumio's, or may not, and what says so.
    pub(crate) fn turned_off(&self, files: &Files<'s>) -> Option<Finding> {
        let left_out = |switch: &'_ Switch| Some((switch.name.clone(), switch.left_out(self)?));
        let all = || self.switches.iter().filter_map(left_out);
        let is_certain = |(_, (_, said)): &(String, (Vec<String>, Said<'s>))| matches!(said, Said::Is(_));
        let (name, (path, said)) = all().find(is_certain).or_else(|| all().next())?;
        let (name, shown) = (name.escape_debug().to_string(), written(&path).escape_debug().to_string());
        if let Said::Open(number, node) = said {
            let finding = unknown_switch(&name, &shown, "another tool fills in").at(node.span());
            return Some(finding.in_file(files.name(self.layers[number].file)));
        }
        let message = format!("the umbrella chart does not install `{name}`: `{shown}` is false");
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

/// That it is not known whether an umbrella chart installs a dependency, by the path of what it is switched by, and what
/// sets that.
pub(crate) fn unknown_switch(name: &str, path: &str, by: &str) -> Finding {
    let message = format!("{by} `{path}`, so it is not known whether the umbrella chart installs `{name}`");
    let help = "write `true` or `false` there by hand; if it is `false`, the chart does not run in this cluster";
    Finding::new(Rule::ModeElsewhere, message).help(help).doubting(Doubt::Elsewhere)
}
