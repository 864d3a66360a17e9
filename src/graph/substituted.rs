//! Variables that Flux fills in where its Kustomization says what they are.

use super::{
    taker::By,
    variables::{Variable, Variables},
    way::Way,
};
use crate::{
    chart::MODE_KEY,
    files::Files,
    release::{ByDefault, Layer, Parameter, Pin, Release, Says, Switch, Values, mode_of},
    yaml::{Node, Scalar},
};

/// Whether an object says that Flux leaves its variables as they are. (Flux documentation, Kustomization, Post build
/// variable substitution)
fn is_switched_off(object: Node<'_>) -> bool {
    let settings = ["labels", "annotations"].into_iter().filter_map(|list| object.get("metadata")?.get(list));
    settings
        .into_iter()
        .any(|list| list.get("kustomize.toolkit.fluxcd.io/substitute").and_then(Node::str) == Some("disabled"))
}

/// Lets a variable decide that Flux fills in, where its Kustomization says it. Returns whether it does.
pub(super) fn substituted<'s>(files: &Files<'s>, way: &Way<'s>, object: Node<'s>, release: &mut Release<'s>) -> bool {
    if is_switched_off(object) {
        return false;
    }
    let flux = way.takers.iter().find(|taker| taker.by == By::Flux);
    let Some(variables) = flux.and_then(|flux| Variables::of(files, *flux)) else { return false };
    release.is_filled_in = fills_in_mode(release, &variables);
    let is_by_default = takes_default(release, &variables);
    let entry = |text: &str| {
        let name = text.strip_prefix("${")?.strip_suffix('}')?;
        let with_default = name_and_default(name);
        match variables.get(with_default.map_or(name, |(name, _)| name)) {
            Variable::Is(all, key, value) if with_default.is_none() || !is_empty(value) => Some((all, key, value)),
            _ => None,
        }
    };
    let version = release.pin.as_ref().and_then(|pin| entry(&pin.text)).filter(|(.., value)| value.scalar().is_some());
    if let Some((.., value)) = version {
        release.pin = Some(Pin::at(value));
    }
    let mode: Vec<String> = release.path_to(MODE_KEY).into_iter().map(str::to_owned).collect();
    let paths: Vec<Vec<String>> = release.switches.iter().flat_map(Switch::paths).collect();
    let fill_in = |release: &mut Release<'s>, path: &[String]| {
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        let (number, Says::Is(node)) = release.deciding(&names)? else { return None };
        // what is in another object is filled in by what builds that
        if release.layers[number].named.as_ref().is_some_and(|named| named.object.is_some()) {
            return None;
        }
        let (item, key, value) = node.str().and_then(entry)?;
        let parameter = Parameter { name: path.to_vec(), item, key, value: Some(value) };
        // what may override the text may override what is filled in there
        let rank = release.layers[number].rank;
        release.layers.insert(number + 1, Layer::own(rank, item.text.file, Values::Parameters(vec![parameter])));
        Some((node.text.file, node.span()))
    };
    let filled = fill_in(release, &mode);
    release.filled = filled.clone().or(release.filled.take());
    let switched: Vec<_> = paths.iter().filter_map(|path| fill_in(release, path)).collect();
    filled.is_some() || !switched.is_empty() || is_by_default
}

/// Whether the mode is a variable that Flux finds, or may find, or that has a default: one that nothing sets is empty.
fn fills_in_mode(release: &Release<'_>, variables: &Variables<'_>) -> bool {
    let Some((_, Says::Is(node))) = release.deciding(&release.path_to(MODE_KEY)) else { return false };
    let name = node.str().and_then(|text| text.strip_prefix("${")?.strip_suffix('}'));
    name.is_some_and(|name| name_and_default(name).is_some() || !matches!(variables.get(name), Variable::Unset))
}

/// Whether a variable is empty: then its default counts. (drone/envsubst, README: `${var:-default}`, `${var:=default}`)
fn is_empty(value: Node<'_>) -> bool {
    value.str() == Some("")
}

/// The name of a variable and its default, of what is between its braces.
fn name_and_default(text: &str) -> Option<(&str, &str)> {
    [":=", ":-"].into_iter().find_map(|sign| text.split_once(sign))
}

/// Takes the mode that the text of a variable has for where nothing sets that; whether it does. Flux leaves the text as it is
/// where there are no variables at all. (Flux documentation, Kustomization, Post build variable substitution)
fn takes_default(release: &mut Release<'_>, variables: &Variables<'_>) -> bool {
    let Some((number, Says::Is(node))) = release.deciding(&release.path_to(MODE_KEY)) else { return false };
    if release.layers[number].named.as_ref().is_some_and(|named| named.object.is_some()) {
        return false;
    }
    release.by_default = default_in(node, variables);
    release.by_default.is_some()
}

/// The default of a variable that is a mode, where nothing sets it.
fn default_in(node: Node<'_>, variables: &Variables<'_>) -> Option<ByDefault> {
    let (name, default) = name_and_default(node.str()?.strip_prefix("${")?.strip_suffix('}')?)?;
    let how = match variables.get(name) {
        Variable::Unset => "does not set",
        Variable::Is(.., value) if is_empty(value) => "leaves empty",
        _ => return None,
    };
    let (mode, _) = mode_of(Some(Scalar::Text(default))).ok()?;
    let name = name.escape_debug();
    let message = format!("the mode is the default of the variable `{name}`, which its Kustomization {how}");
    let help = format!("set `{name}` in `postBuild.substitute` of its Kustomization to the next mode");
    Some(ByDefault { file: node.text.file, span: node.span(), mode, given: None, message, help })
}
