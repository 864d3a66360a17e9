//! What the releases of one file are called, so that no two of them read alike and `--path` can name each.

use std::collections::{HashMap, HashSet};

use super::{Arm, Id, Layer, Reach, Release};
use crate::{
    files::{Files, joined},
    instruction::Does,
    yaml::written,
};

/// With so many releases of one spot a release is compared.
const MOST_AT_SPOT: usize = 50;

impl Id {
    /// The name that kustomizations give it, where that is another one.
    pub(super) fn name_as_built(&self) -> Option<String> {
        self.called.clone().filter(|called| self.built_by.is_some() && *called != self.name)
    }

    /// Its name behind the namespace of its manifest, or the cluster that a command names; nothing where neither is
    /// given.
    pub(super) fn full_name(&self) -> Option<String> {
        self.namespace.as_ref().or(self.context.as_ref()).map(|namespace| format!("{namespace}/{}", self.name))
    }

    /// Its name behind that of the controller's object which brings its manifest; nothing where that is not known.
    pub(super) fn name_behind_bringer(&self) -> Option<String> {
        let bringer = self.brought_by.as_ref().and_then(|bringer| bringer.name.as_ref())?;
        Some(format!("{bringer}/{}", self.name))
    }
}

impl Release<'_> {
    /// What `--path` takes for it: its name among the releases of a manifest, or the keys that its values stand below.
    pub(crate) fn place(&self) -> String {
        if self.is_of_manifest() {
            return self.shown_name().to_owned();
        }
        if self.below.is_empty() { ".".to_owned() } else { written(&self.below) }
    }

    /// Its name among the releases of its manifest.
    pub(super) fn shown_name(&self) -> &str {
        self.numbered.as_ref().unwrap_or(&self.id.name)
    }

    /// The values files that it names, by their paths, as far as these are known.
    pub(crate) fn given(&self, files: &Files<'_>) -> Vec<String> {
        let name = |layer: &Layer<'_>| {
            let named = layer.named.as_ref().filter(|named| !named.is_of_chart)?;
            let is_read = layer.file != self.file;
            Some(if is_read { files.name(layer.file).to_owned() } else { joined(files.name(self.file), &named.shown) })
        };
        self.layers.iter().filter_map(name).collect()
    }
}

/// The name of each release: its own; where several have one, that which it is built with, or its own behind its
/// namespace, behind what brings it where that is one, too, and with its number where all of these are one.
pub(crate) fn names(releases: &[Release<'_>]) -> Vec<String> {
    // of one manifest that several overlays build, each is in a file of its own
    let mut names: Vec<(Option<usize>, String)> =
        releases.iter().map(|release| (release.overlay, release.id.name.clone())).collect();
    for full_name in [Id::name_as_built, Id::full_name, Id::name_behind_bringer] {
        let times = times(&names);
        for (name, release) in names.iter_mut().zip(releases) {
            if let (true, Some(full)) = (times[name] > 1, full_name(&release.id)) {
                name.1 = full;
            }
        }
    }
    let times = times(&names);
    let mut seen = HashMap::new();
    let numbered = names.into_iter().map(|name| {
        let count = times[&name];
        let number = seen.entry(name.clone()).and_modify(|number| *number += 1).or_insert(1);
        if count > 1 { format!("{} ({number} of {count})", name.1) } else { name.1 }
    });
    numbered.collect()
}

/// By what the releases of a file that take their mode from one spot are known to be of one cluster.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum OneCluster {
    /// By that: branches or targets of a script.
    BySpot,
    /// Only by their `cluster_id`, where they may be one.
    ById,
}

/// Makes one of the releases that take their mode from one spot, and are of one cluster.
pub(crate) fn merge_arms(releases: &mut Vec<Release<'_>>, known: OneCluster) {
    let id = |release: &Release<'_>| release.arm.as_ref().and_then(|_| release.text("cluster_id"));
    let ids: Vec<Option<String>> = match known {
        OneCluster::BySpot => Vec::new(),
        OneCluster::ById => releases.iter().map(id).collect(),
    };
    let id = |number: usize| ids.get(number).and_then(Option::as_ref);
    let mut first: HashMap<(usize, usize), Vec<usize>> = HashMap::new();
    let mut merged: HashMap<usize, usize> = HashMap::new();
    for (number, release) in releases.iter().enumerate() {
        let is_known = release.mode.mode.is_some() && release.mode.option.is_none() && release.reach == Reach::One;
        let Some(span) = release.mode.span.as_ref().filter(|_| is_known) else { continue };
        let is_same = |other: &&usize| {
            let (other, other_id) = (&releases[**other], id(**other));
            let are_arms = || Arm::are_of_one(release.arm.as_ref(), other.arm.as_ref());
            let is_one =
                known == OneCluster::BySpot || id(number).is_some_and(|own| other_id == Some(own)) && are_arms();
            let (own, other) = (&release.id, &other.id);
            is_one && (&own.name, &own.storage, &own.context) == (&other.name, &other.storage, &other.context)
        };
        let of_spot = first.entry((release.mode.file, span.start)).or_default();
        // a spot is that of a few releases, or of one for each cluster
        let same = of_spot.iter().take(MOST_AT_SPOT).find(is_same).copied();
        match same {
            Some(same) => {
                merged.insert(number, same);
            }
            None => of_spot.push(number),
        }
    }
    if merged.is_empty() {
        return;
    }
    for (number, same) in &merged {
        let (parts, does) = (std::mem::take(&mut releases[*number].id.parts), releases[*number].id.does);
        let id = &mut releases[*same].id;
        id.parts.extend(parts);
        id.parts.sort();
        id.parts.dedup();
        if does == Does::Upgrade {
            id.does = Does::Upgrade;
        }
    }
    let mut numbers = 0..;
    releases.retain(|_| numbers.next().is_some_and(|number| !merged.contains_key(&number)));
}

/// Numbers those releases of a file that have nothing else to be distinguished by.
pub(crate) fn number(releases: &mut [Release<'_>]) {
    let names = names(releases);
    for (release, name) in releases.iter_mut().zip(names) {
        release.numbered = name.ends_with(')').then_some(name);
    }
}

fn times(names: &[(Option<usize>, String)]) -> HashMap<(Option<usize>, String), usize> {
    let mut times = HashMap::new();
    for name in names {
        *times.entry(name.clone()).or_default() += 1;
    }
    times
}

/// What `--path` names each release by: the file that builds it, where that distinguishes them, or its name.
pub(crate) fn paths(releases: &[Release<'_>]) -> Vec<String> {
    let own = || releases.iter().zip(names(releases));
    let built_in: Vec<String> = own().map(|(release, name)| release.id.built_in.clone().unwrap_or(name)).collect();
    let is_apart = built_in.iter().collect::<HashSet<_>>().len() == built_in.len();
    if is_apart { built_in } else { own().map(|(_, name)| name).collect() }
}

/// What to do where one release of several is meant: to name it, where each has a name.
pub(crate) fn help_to_name(releases: &[Release<'_>], files: &Files<'_>) -> String {
    let named = paths(releases);
    let can_be_named = |(release, name): (&Release<'_>, &String)| release.is_called(name);
    let are_apart = |names: &[&str]| names.iter().collect::<HashSet<_>>().len() == names.len();
    let is_apart = are_apart(&named.iter().map(String::as_str).collect::<Vec<_>>());
    if is_apart && releases.iter().zip(&named).all(can_be_named) {
        return format!("name one with --path: {}", named.join(", "));
    }
    let of_files: Vec<&str> = releases.iter().map(|release| files.name(release.file)).collect();
    if releases.iter().all(|release| release.overlay.is_some_and(|it| it != release.file)) && are_apart(&of_files) {
        return format!("pass the file of one: {}", of_files.join(", "));
    }
    format!("several have the same name, so put each into a file of its own: {}", named.join(", "))
}
