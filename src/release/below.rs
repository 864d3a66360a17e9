//! Where those of Illumio's chart are in the values of an umbrella chart.

use crate::{
    chart::{are_its_own, is_distinguishing},
    finding::{Doubt, Finding},
    rule::Rule,
    yaml::{Node, written},
};

/// The name of the chart, and so of its values in those of an umbrella chart.
pub(crate) const USUAL: &str = "illumio";

/// The keys below which the chart's values are, if keys of its own are there, where its name shows what they are, and the
/// root does not show them. `names` are those that are below some keys.
pub(crate) fn below_which(names: impl Fn(&[&str]) -> Vec<String>) -> Vec<String> {
    let is_at_root = || are_its_own(&names(&[]));
    let is_below = names(&[USUAL]).iter().any(|name| is_distinguishing(name));
    if is_below && !is_at_root() { vec![USUAL.to_owned()] } else { Vec::new() }
}

/// The same, found in the values of some files themselves: what one of them shows holds for all.
pub(crate) fn told_by(roots: &[Node<'_>]) -> Vec<String> {
    below_which(|keys| {
        let below = roots.iter().filter_map(|root| root.follow(keys));
        below.flat_map(Node::entries).map(|(name, _)| name.to_owned()).collect()
    })
}

/// Whether values of the chart are at the root.
pub(crate) fn shows_values(root: Node<'_>) -> bool {
    let names: Vec<&str> = root.entries().map(|(name, _)| name).collect();
    are_its_own(&names)
}

/// That the values below these keys are those of an umbrella chart which was not read, and may set the mode by itself; nothing
/// at the root. (Helm documentation, Subcharts and Global Values: a chart overrides the values of its dependencies)
pub(crate) fn unread_chart(keys: &[String]) -> Option<Finding> {
    let below = written(keys);
    let message = format!(
        "no file that was read sets the mode, and the umbrella chart was not read: its own values may set it under `{below}`"
    );
    let help = format!("write the present mode under `{below}`; `helm get values --all` shows it");
    let finding = Finding::new(Rule::ModeElsewhere, message).help(help).doubting(Doubt::Elsewhere);
    Some(finding).filter(|_| !keys.is_empty())
}
