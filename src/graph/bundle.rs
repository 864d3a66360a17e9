//! For whom a bundle of Fleet is: the clusters that each `GitRepo` of the checkout names.

use super::spread::Spread;
use crate::{
    controller::{all_named, of_no_target},
    release::{Reach, Release},
    yaml::Node,
};

/// The releases of a bundle, each with whom it is for: the one that no target customizes for the clusters that each
/// `GitRepo` names, without those of the targets.
pub(super) fn narrowed<'s>(spread: &Spread<'_, 's>, number: usize, releases: &mut [Release<'s>]) {
    let reach = reach_of_others(spread, number);
    for release in releases.iter_mut().filter(|release| release.reach == of_no_target()) {
        release.reach = reach.clone();
    }
}

fn reach_of_others(spread: &Spread<'_, '_>, number: usize) -> Reach {
    let files = spread.files();
    let customized = all_named(files.roots(number).flat_map(|root| items(root, "targetCustomizations")));
    let of_repository = |root: Node<'_>| {
        let targets = items(root, "spec.targets");
        // without targets it is for the local cluster in its namespace, and for the default ones elsewhere
        let is_local = root.str_at("metadata.namespace") == Some("fleet-local");
        if targets.is_empty() { is_local.then(|| vec!["local".to_owned()]) } else { all_named(targets.into_iter()) }
    };
    // these take the place of those of the GitRepo
    if files.roots(number).any(|root| root.get("overrideTargets").is_some()) {
        return of_no_target();
    }
    let path = files.path_from_top(number);
    let appliers = spread.appliers_of(&path);
    let repositories = appliers.map(|applier| applier.root).filter(|root| root.str_at("kind") == Some("GitRepo"));
    let all: Option<Vec<Vec<String>>> = repositories.map(of_repository).collect();
    let (Some(all), Some(customized)) = (all, customized) else { return of_no_target() };
    let left: Vec<String> = all.into_iter().flatten().filter(|name| !customized.contains(name)).collect();
    if left.is_empty() { of_no_target() } else { Reach::of(left) }
}

/// The items of a list.
fn items<'s>(root: Node<'s>, list: &str) -> Vec<Node<'s>> {
    root.at(list).into_iter().flat_map(Node::items).collect()
}
