//! The helmfile that lists another one and gives it what that lacks, and the selector that takes one release.

use super::super::Chart;
use crate::{
    files::{Files, Wanted, joined},
    glob::fits,
    instruction::Selected,
    yaml::Node,
};

/// The paths from the top of the helmfiles that one lists, by its own path from there, or patterns of them.
pub(crate) fn listed(files: &Files<'_>, number: usize, at: &str) -> Vec<String> {
    entries(files, number).filter_map(|item| listed_by(item, at)).collect()
}

/// What a file lists as helmfiles.
fn entries<'s>(files: &Files<'s>, number: usize) -> impl Iterator<Item = Node<'s>> {
    files.roots(number).filter_map(|root| root.get("helmfiles")).flat_map(Node::items)
}

/// The path, or the pattern, of one entry. Two stars are as one, within a folder. (helmfile, `pkg/state/storage.go`,
/// `ExpandPaths`: Go's `filepath.Glob`)
fn listed_by(item: Node<'_>, at: &str) -> Option<String> {
    let path = path_of(item).filter(|path| !path.contains(['{', ':', '[', '\\']))?;
    Some(joined(at, &path.replace("**", "*")))
}

fn path_of(item: Node<'_>) -> Option<&str> {
    item.str_at("path").or_else(|| item.str())
}

/// What must be read before it is known who lists the helmfile of a chart.
pub(super) fn wanted(chart: &Chart<'_, '_>) -> Wanted {
    Wanted::Takers(chart.files.path_from_top(chart.root.text.file))
}

/// The only helmfile that lists the one of a chart and gives it settings or values, by its number; nothing where the child
/// runs by itself, or several list it.
pub(super) fn parent(chart: &Chart<'_, '_>) -> Option<usize> {
    let files = chart.files;
    let own = chart.root.text.file;
    let path = files.path_from_top(own);
    let gives =
        |item: &Node<'_>| ["inherits", "values"].iter().any(|key| item.get(key).is_some_and(|it| it.length() > 0));
    let mut found = Vec::new();
    for taker in files.takers_of(&path)?.into_iter().filter(|taker| *taker != own) {
        let at = files.path_from_top(taker);
        let is_own = |item: &Node<'_>| listed_by(*item, &at).is_some_and(|listed| fits(&listed, &path));
        found.extend(entries(files, taker).filter(is_own).map(|item| (taker, gives(&item))));
    }
    match found[..] {
        [(taker, true)] => Some(taker),
        _ => None,
    }
}

/// The environments of the parent, by their names.
pub(super) fn environments_of<'s>(chart: &Chart<'_, 's>, parent: usize) -> Vec<(&'s str, Node<'s>)> {
    let roots = chart.files.roots(parent);
    roots.filter_map(|root| root.get("environments")).flat_map(Node::entries).collect()
}

/// How a release is selected among the others of its name in a helmfile: by its namespace, or a label, where one differs.
/// (helmfile documentation, Labels Overview: the name, the namespace and the chart are labels)
pub(super) fn selected(chart: &Chart<'_, '_>) -> Selected {
    /// Of a helmfile with more releases it is not asked, as each would be compared with all others.
    const MOST: usize = 256;
    let is_long = chart.root.get("releases").is_some_and(|list| list.length() > MOST);
    let Some(name) = chart.str("name").filter(|_| !is_long) else { return Selected::ByName };
    let others = chart.items("/releases").filter(|one| *one != chart.at && one.str_at("name") == Some(name));
    let others: Vec<Node<'_>> = others.collect();
    if others.is_empty() {
        return Selected::ByName;
    }
    let is_plain = |value: &str| !value.is_empty() && !value.contains(['{', ',', '=', '!']);
    let differs = |path: &str| {
        let own = chart.str(path).filter(|value| is_plain(value))?;
        others.iter().all(|other| other.str_at(path).is_some_and(|it| it != own && is_plain(it))).then_some(own)
    };
    let labels = chart.get("labels").into_iter().flat_map(Node::entries).map(|(label, _)| label);
    let mut labels = labels.filter(|label| is_plain(label) && !label.contains('.'));
    let by_label = || labels.find_map(|label| Some(format!("{label}={}", differs(&format!("labels.{label}"))?)));
    let by_namespace = differs("namespace").map(|namespace| format!("namespace={namespace}"));
    by_namespace.or_else(by_label).map_or(Selected::WithOthers, Selected::And)
}
