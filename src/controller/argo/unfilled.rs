//! The action by which the template of an ApplicationSet takes the mode, also of a text that is YAML only once it is filled in.

use crate::{
    chart::MODE_KEY,
    controller::{Chart, element::action_of},
    release::{Release, Says},
    yaml::Node,
};

/// The action that the template has for the mode, and the node that it fills in: the mode, or a text that is YAML only
/// once it is filled in, has the key in one line alone, at the root or below the keys of an umbrella chart, and no line that
/// is filled in as a whole.
pub(super) fn action_for_mode<'s>(release: &Release<'s>, chart: &Chart<'_, 's>) -> Option<(&'s str, Node<'s>)> {
    let names = release.path_to(MODE_KEY);
    let said = release.layers.iter().rev().find_map(|layer| match layer.says(&names) {
        Says::Is(node) => Some(node),
        _ => None,
    });
    if let Some(node) = said {
        return Some((action_of(node.str()?)?, node));
    }
    let text = unfilled_text(chart)?;
    let mut values = modes_in(text.str()?);
    let ((is_deeper, value), None) = (values.next()?, values.next()) else { return None };
    // what fills in a whole line may be any key
    let is_whole_line = |line: &str| line.trim_start().starts_with("{{");
    let is_its = is_deeper != release.below.is_empty() && !text.str()?.lines().any(is_whole_line);
    Some((unquoted(action_of(value).filter(|_| is_its)?), text))
}

/// The values of the lines that have the key of the mode, each with whether it is below another one.
pub(super) fn modes_in(text: &str) -> impl Iterator<Item = (bool, &str)> {
    text.lines().filter_map(|line| {
        let value = line.trim_start().strip_prefix(MODE_KEY)?.trim_start().strip_prefix(':')?;
        Some((line.starts_with(' '), value.trim().trim_matches(['"', '\''])))
    })
}

/// A text that is not YAML before it is filled in.
pub(super) fn unfilled_text<'s>(chart: &Chart<'_, 's>) -> Option<Node<'s>> {
    chart.get("helm.values").filter(|node| matches!(node.inner(), Some(Err(_))))
}

/// What is between the braces, without the function that puts the value into quotes.
fn unquoted(action: &str) -> &str {
    let quote =
        ["quote", "squote"].into_iter().find_map(|name| action.strip_suffix(name)?.trim_end().strip_suffix('|'));
    quote.map_or(action, str::trim_end)
}
