//! Variables that Flux fills in where its Kustomization says what they are.

use super::{taker::By, way::Way};
use crate::{
    chart::MODE_KEY,
    release::{ByDefault, Layer, Parameter, Pin, Release, Says, Switch, Values, mode_of},
    yaml::{Node, Scalar},
};

/// Whether an object says that Flux leaves its variables as they are. (Flux documentation, Kustomization, Post build
/// variable substitution)
fn leaves_alone(object: Node<'_>) -> bool {
    let settings = ["labels", "annotations"].into_iter().filter_map(|list| object.get("metadata")?.get(list));
    settings
        .into_iter()
        .any(|list| list.get("kustomize.toolkit.fluxcd.io/substitute").and_then(Node::str) == Some("disabled"))
}

/// Lets a variable decide that Flux fills in, where its Kustomization says it: what is set there overrides what
/// `substituteFrom` has. Returns whether it does.
pub(super) fn substituted<'s>(way: &Way<'s>, object: Node<'s>, release: &mut Release<'s>) -> bool {
    if leaves_alone(object) {
        return false;
    }
    let Some(flux) = way.takers.iter().find(|taker| taker.by == By::Flux) else { return false };
    let is_by_default = takes_default(release, flux.root);
    let Some(variables) = flux.root.at("spec.postBuild.substitute") else { return is_by_default };
    let entry = |text: &str| {
        let name = text.strip_prefix("${")?.strip_suffix('}')?;
        let by_default = [":=", ":-"].into_iter().find_map(|sign| name.split_once(sign));
        let name = by_default.map_or(name, |(name, _)| name);
        variables.entries().find(|(own, _)| *own == name)
    };
    let version = release.pin.as_ref().and_then(|pin| entry(&pin.text)).filter(|(_, value)| value.scalar().is_some());
    if let Some((_, value)) = version {
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
        let (key, value) = node.str().and_then(entry)?;
        let parameter = Parameter { name: path.to_vec(), item: variables, key, value: Some(value) };
        // what may override the text may override what is filled in there
        let rank = release.layers[number].rank;
        release.layers.insert(number + 1, Layer::own(rank, flux.file(), Values::Parameters(vec![parameter])));
        Some(node.span())
    };
    let filled = fill_in(release, &mode);
    release.filled = filled.clone().or(release.filled.take());
    let switched: Vec<_> = paths.iter().filter_map(|path| fill_in(release, path)).collect();
    filled.is_some() || !switched.is_empty() || is_by_default
}

/// Takes the mode that the text of a variable has for where nothing sets that; whether it does. Flux fills in what a
/// `postBuild` is there for, and an object in the cluster may set any variable. (Flux documentation, Kustomization, Post
/// build variable substitution)
fn takes_default(release: &mut Release<'_>, flux: Node<'_>) -> bool {
    let Some(post_build) = flux.at("spec.postBuild").filter(|it| it.get("substituteFrom").is_none()) else {
        return false;
    };
    let Some((number, Says::Is(node))) = release.deciding(&release.path_to(MODE_KEY)) else { return false };
    if release.layers[number].named.as_ref().is_some_and(|named| named.object.is_some()) {
        return false;
    }
    release.by_default = default_in(node, post_build);
    release.by_default.is_some()
}

/// The default of a variable that is a mode, where nothing in `postBuild` sets it.
fn default_in(node: Node<'_>, post_build: Node<'_>) -> Option<ByDefault> {
    let name = node.str()?.strip_prefix("${")?.strip_suffix('}')?;
    let (name, default) = [":=", ":-"].into_iter().find_map(|sign| name.split_once(sign))?;
    let is_set = post_build.get("substitute").is_some_and(|all| all.get(name).is_some());
    let (mode, _) = mode_of(Some(Scalar::Text(default))).ok().filter(|_| !is_set)?;
    let name = name.escape_debug();
    let message = format!("the mode is the default of the variable `{name}`, which its Kustomization does not set");
    let help = format!("set `{name}` in `postBuild.substitute` of its Kustomization to the next mode");
    Some(ByDefault { file: node.text.file, span: node.span(), mode, given: None, message, help })
}
