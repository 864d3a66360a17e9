//! What the elements of generators say of the values by which an umbrella chart installs a dependency.

use super::{beside::strongest, elements::named_in};
use crate::{
    controller::element::action_of,
    release::{Layer, Parameter, Release, Says, Switch, Values},
    yaml::Node,
};

/// The values that the template takes from elements by parameters: the path of each, and the name in an element.
pub(super) fn taken_switches<'s>(release: &Release<'s>, root: Node<'s>) -> Vec<(Vec<String>, &'s str)> {
    let said = |path: &Vec<String>| {
        let parameter = release.layers.iter().rev().find_map(|layer| match (&layer.values, layer.says(path)) {
            (Values::Parameters(all), Says::Is(node)) => all.iter().rfind(|one| one.value == Some(node)),
            _ => None,
        })?;
        let is_text = parameter.item.is_true_at("forceString");
        named_in(action_of(parameter.value?.str()?)?, root).filter(|_| !is_text)
    };
    let paths = release.switches.iter().flat_map(Switch::paths);
    paths.filter_map(|path| said(&path).map(|name| (path, name))).collect()
}

/// Sets these to what an element says under their names.
pub(super) fn set_switches<'s>(
    release: &mut Release<'s>,
    taken: &[(Vec<String>, &str)],
    said: impl Fn(&str) -> Option<Node<'s>>,
) {
    for (path, name) in taken {
        let Some(value) = said(name) else { continue };
        let parameter = Parameter { name: path.clone(), item: value, key: "value", value: Some(value) };
        let rank = strongest(release);
        release.layers.push(Layer::own(rank, value.text.file, Values::Parameters(vec![parameter])));
    }
}
