//! Ansible: the conditions under which a task runs, its own and those around it, and which tasks may bring one release.

use super::{Chart, loop_of, task_and_play};
use crate::{
    finding::{Doubt, Finding},
    release::Arm,
    rule::Rule,
    shown::verbatim,
    yaml::{Node, PLACES, Scalar, place_of},
};

/// Of so many conditions in one list the words are shown, and is it known whether one is false; of so many tasks, what is
/// before them.
const MOST: usize = 50;

/// What a task waits for, with its place.
#[derive(Clone, Copy)]
struct Condition<'s> {
    how: How<'s>,
    at: Node<'s>,
}

#[derive(Clone, Copy)]
enum How<'s> {
    /// A `when`, or a list of which all must hold.
    When,
    /// In these words.
    Said(&'static str),
    /// The loop under this key has no items.
    Empty(&'s str),
}

/// What is around a task, and what it has itself, outermost first.
#[derive(Default)]
struct Around<'s> {
    conditions: Vec<Condition<'s>>,
    /// What may send it to another cluster, with the keys.
    places: Vec<(&'static str, Node<'s>)>,
    has_tags: bool,
}

impl<'s> Around<'s> {
    /// A block, a role or a play hands down what it says. (Ansible documentation, Conditionals; Blocks; Handlers; Tags,
    /// Special tags)
    fn of(chart: &Chart<'_, 's>) -> Self {
        const LISTS: [(&str, &str); 2] =
            [("rescue", "only if a task of its block fails"), ("handlers", "only if it is notified")];
        let path = chart.at.path();
        let mut around = Self::default();
        for depth in 0..path.len() {
            let Some(node) = chart.root.follow(&path[..depth]) else { continue };
            around.conditions.extend(node.get("when").map(|at| Condition { how: How::When, at }));
            around.places.extend(PLACES.iter().filter_map(|key| Some((*key, node.get(key)?))));
            if let Some(at) = node.get("tags") {
                around.has_tags = true;
                let is_never = at.str() == Some("never") || some_of(at).any(|tag| tag.str() == Some("never"));
                let how = How::Said("only if its tags are asked for");
                around.conditions.extend(is_never.then_some(Condition { how, at }));
            }
            let list = LISTS.iter().find(|(list, _)| path.get(depth).is_some_and(|name| name == list));
            let list = list.and_then(|(list, said)| Some(Condition { how: How::Said(said), at: node.get(list)? }));
            around.conditions.extend(list);
        }
        let looped = task_and_play(chart).0.and_then(loop_of);
        let empty = looped.filter(|(_, items)| items.is_list() && items.length() == 0);
        around.conditions.extend(empty.map(|(key, at)| Condition { how: How::Empty(key), at }));
        around
    }
}

/// The first items of a list, or what is not a list.
fn some_of(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let itself = (!node.is_list()).then_some(node);
    itself.into_iter().chain((0..MOST).map_while(move |number| node.item(number)))
}

impl<'s> Condition<'s> {
    /// The conditions of a `when`.
    fn all(self) -> impl Iterator<Item = Node<'s>> {
        Some(self.at).filter(|_| matches!(self.how, How::When)).into_iter().flat_map(some_of)
    }

    /// Whether it is written out that it never holds.
    fn is_never(self) -> bool {
        matches!(self.how, How::Empty(_)) || self.all().any(is_false)
    }

    fn said(self) -> String {
        match self.how {
            How::When => {
                let texts: Vec<&str> = self.all().map(|one| one.str().unwrap_or(one.source())).collect();
                let said = verbatim(&texts.join(" and "));
                if self.is_never() { format!("`when` is {said}") } else { format!("where {said}") }
            }
            How::Said(said) => said.to_owned(),
            How::Empty(key) => format!("`{key}` is empty"),
        }
    }

    /// The host that it is for alone.
    fn only_host(self) -> Option<&'s str> {
        self.all().filter_map(Node::str).find_map(host_of)
    }
}

/// Whether a condition is false as it is written, as YAML or Jinja write that.
fn is_false(condition: Node<'_>) -> bool {
    match condition.scalar() {
        Some(Scalar::Bool(value)) => !value,
        Some(Scalar::Text(text)) => ["false", "False", "not true", "not True"].contains(&text.trim()),
        _ => false,
    }
}

/// Whether a task runs on one host alone, as its conditions say.
pub(super) fn is_for_one_host(chart: &Chart<'_, '_>) -> bool {
    Around::of(chart).conditions.into_iter().any(|condition| condition.only_host().is_some())
}

/// That a task never runs.
pub(super) fn never(chart: &Chart<'_, '_>) -> Option<Finding> {
    let condition = Around::of(chart).conditions.into_iter().find(|condition| condition.is_never())?;
    let message = format!("the task never runs: {}", condition.said());
    let finding = Finding::new(Rule::NotInstalled, message).help("if the cluster should run it, change that first");
    Some(finding.doubting(Doubt::Overridden).at(condition.at.span()))
}

/// A task as one of those that may bring one release: they have its name and namespace, go to the cluster of the same
/// context, and run on the same hosts with the same variables.
pub(super) fn arm(chart: &Chart<'_, '_>) -> Arm {
    let Around { conditions, places, has_tags } = Around::of(chart);
    // the nearest variables count
    let variable = |text: &str| {
        let name = text.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim();
        places.iter().rev().filter(|(key, _)| *key == "vars").find_map(|(_, vars)| vars.get(name)?.str())
    };
    let said = |node: Node<'_>| {
        let text = node.str().unwrap_or(node.source());
        variable(text).unwrap_or(text).to_owned()
    };
    let own = |names: &[&str]| {
        let nodes = names.iter().filter_map(|name| chart.get(name));
        nodes.map(said).collect::<Vec<_>>().join(" ")
    };
    let cluster = own(&["context", "kube_context", "kubeconfig", "kubeconfig_path"]);
    let place = |(key, node): &(&str, Node<'_>)| place_of(key, node.str().unwrap_or(node.source()), &node.span());
    let places: String = places.iter().map(place).collect();
    let (name, namespace) = (own(&["name", "release_name"]), own(&["release_namespace", "namespace"]));
    let of = Arm::identity(&name, &namespace, &cluster, &places);
    let said: Vec<String> = conditions.iter().map(|condition| condition.said()).collect();
    let only = conditions.iter().find_map(|condition| condition.only_host()).map(str::to_owned);
    let order = Some(()).filter(|()| conditions.is_empty() && !has_tags).and_then(|()| order(chart));
    Arm { what: "task", of, only, runs: said.join(" and "), order, at: chart.at.key_span() }
}

/// The list in which the tasks run one behind the other, up to one that may end the play. (Ansible documentation,
/// `ansible.builtin.meta`)
fn order(chart: &Chart<'_, '_>) -> Option<String> {
    const META: [&str; 2] = ["meta", "ansible.builtin.meta"];
    let mut path = chart.at.path();
    path.pop();
    let number: usize = path.pop()?.parse().ok().filter(|number| *number < MOST)?;
    let list = chart.root.follow(&path)?;
    let ends = |task: &Node<'_>| META.iter().any(|name| task.get(name).is_some());
    let ended = list.items().take(number).filter(ends).count();
    Some(format!("{} {ended}", path.join("/")))
}

/// The host of `inventory_hostname == 'east'`.
fn host_of(text: &str) -> Option<&str> {
    let (variable, host) = text.split_once("==")?;
    (variable.trim() == "inventory_hostname").then(|| super::bare(host)).flatten()
}
