//! Ansible: the conditions under which a task runs, its own and those around it, and which tasks may bring one release.

use super::{Chart, loop_of, task_and_play};
use crate::{
    finding::{Doubt, Finding},
    release::Arm,
    rule::Rule,
    shown::verbatim,
    yaml::{Node, Scalar},
};

/// What a task waits for, in words, with its place.
struct Condition<'s> {
    said: String,
    at: Node<'s>,
    /// Whether it is written out that it never holds.
    is_never: bool,
}

/// The conditions of a task and of what is around it, outermost first: a block, a role or a play hands down what it says.
/// (Ansible documentation, Conditionals; Blocks; Handlers; Tags, Special tags)
fn conditions<'s>(chart: &Chart<'_, 's>) -> Vec<Condition<'s>> {
    const LISTS: [(&str, &str); 2] =
        [("rescue", "only if a task of its block fails"), ("handlers", "only if it is notified")];
    let path = chart.at.path();
    let mut found = Vec::new();
    for depth in 0..path.len() {
        let Some(node) = chart.root.follow(&path[..depth]) else { continue };
        if let Some(when) = node.get("when") {
            found.push(of_when(when));
        }
        let tags = node.get("tags").filter(|tags| tags.str() == Some("never") || has_item(*tags, "never"));
        found.extend(tags.map(|at| Condition {
            said: "only if its tags are asked for".to_owned(),
            at,
            is_never: false,
        }));
        let list = LISTS.iter().find(|(list, _)| path.get(depth) == Some(&(*list).to_owned()));
        let around = list.and_then(|(list, said)| Some(((*said).to_owned(), node.get(list)?)));
        found.extend(around.map(|(said, at)| Condition { said, at, is_never: false }));
    }
    let looped = task_and_play(chart).0.and_then(loop_of);
    let empty = looped.filter(|(_, items)| items.is_list() && items.length() == 0);
    found.extend(empty.map(|(key, at)| Condition { said: format!("`{key}` is empty"), at, is_never: true }));
    found
}

fn has_item(list: Node<'_>, text: &str) -> bool {
    list.items().any(|item| item.str() == Some(text))
}

/// A condition, or a list of which all must hold.
fn of_when(when: Node<'_>) -> Condition<'_> {
    let all: Vec<Node<'_>> = if when.is_list() { when.items().collect() } else { vec![when] };
    let texts: Vec<&str> = all.iter().map(|one| one.str().unwrap_or(one.source())).collect();
    let is_never = all.into_iter().any(is_false);
    let said = verbatim(&texts.join(" and "));
    Condition { said: if is_never { format!("`when` is {said}") } else { format!("where {said}") }, at: when, is_never }
}

/// Whether a condition is false as it is written, as YAML or Jinja write that.
fn is_false(condition: Node<'_>) -> bool {
    match condition.scalar() {
        Some(Scalar::Bool(value)) => !value,
        Some(Scalar::Text(text)) => ["false", "False", "not true", "not True"].contains(&text.trim()),
        _ => false,
    }
}

/// That a task never runs.
pub(super) fn never(chart: &Chart<'_, '_>) -> Option<Finding> {
    let condition = conditions(chart).into_iter().find(|condition| condition.is_never)?;
    let message = format!("the task never runs: {}", condition.said);
    let finding = Finding::new(Rule::NotInstalled, message).help("if the cluster should run it, change that first");
    Some(finding.doubting(Doubt::Overridden).at(condition.at.span()))
}

/// A task as one of those that may bring one release: they have its name and namespace, go to the cluster of the same
/// context, and run on the same hosts with the same variables.
pub(super) fn arm(chart: &Chart<'_, '_>) -> Arm {
    const OWN: [[&str; 2]; 4] = [
        ["name", "release_name"],
        ["release_namespace", "namespace"],
        ["context", "kube_context"],
        ["kubeconfig", "kubeconfig_path"],
    ];
    const AROUND: [&str; 4] = ["hosts", "delegate_to", "vars", "environment"];
    let (task, play) = task_and_play(chart);
    let own = OWN.iter().map(|names| names.iter().find_map(|name| chart.get(name)));
    let around = AROUND.iter().flat_map(|key| [task, play].map(|node| node?.get(key)));
    let text = |node: Node<'_>| node.str().unwrap_or(node.source()).to_owned();
    let of: Vec<String> = own.chain(around).map(|node| node.map(text).unwrap_or_default()).collect();
    let conditions = conditions(chart);
    let said: Vec<&str> = conditions.iter().map(|condition| condition.said.as_str()).collect();
    let only = conditions.iter().find_map(|condition| only_host(condition.at));
    let only = only.map(str::to_owned);
    Arm { what: "task", of: of.join("\n"), only, runs: said.join(" and "), at: chart.at.key_span() }
}

/// The host that a condition is for alone.
fn only_host(condition: Node<'_>) -> Option<&str> {
    std::iter::once(condition).chain(condition.items()).filter_map(Node::str).find_map(host_of)
}

/// The host of `inventory_hostname == 'east'`.
fn host_of(text: &str) -> Option<&str> {
    let (variable, host) = text.split_once("==")?;
    (variable.trim() == "inventory_hostname").then(|| super::bare(host)).flatten()
}
