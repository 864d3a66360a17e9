//! [`Taker`]: a document that takes other files: a kustomization, or a `Kustomization` of Flux.

use crate::{
    files::{Files, cleaned, joined},
    yaml::Node,
};

/// A document that takes other files.
#[derive(Clone, Copy)]
pub(crate) struct Taker<'s> {
    pub(crate) root: Node<'s>,
    pub(crate) is_flux: bool,
}

/// What a taker does with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It builds it: a resource, a base, an object that generates others.
    Builds,
    /// It builds it into what it builds besides: a component, which may patch that.
    Component,
    /// It puts it over what it builds.
    Patches,
    /// It reads it, and what comes of that is not known here.
    Reads,
}

/// The names by which kustomize finds its file in a folder.
pub(crate) const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
const FLUX: &str = "kustomize.toolkit.fluxcd.io/";

/// Whether kustomize takes a file of this path for a kustomization.
pub(crate) fn is_kustomization(path: &str) -> bool {
    NAMES.contains(&path.rsplit('/').next().unwrap_or(path))
}

/// The folder of a file; empty for the top.
pub(crate) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The documents of a file that take others.
pub(crate) fn takers_in<'s>(files: &Files<'s>, number: usize) -> Vec<Taker<'s>> {
    let is_kustomization = is_kustomization(files.name(number));
    let taker = |root: Node<'s>| {
        let (kind, api) = (root.str_at("kind"), root.str_at("apiVersion").unwrap_or_default());
        let is_flux = kind == Some("Kustomization") && api.starts_with(FLUX);
        let is_built = is_kustomization
            && root.is_mapping()
            && kind.is_none_or(|kind| kind == "Kustomization" || kind == "Component");
        (is_flux || is_built).then_some(Taker { root, is_flux })
    };
    files.roots(number).filter_map(taker).collect()
}

impl<'s> Taker<'s> {
    /// The number of its file.
    pub(crate) fn file(self) -> usize {
        self.root.text.file
    }

    /// The texts of a list, or those that its items have under a name.
    fn texts(self, list: &str, below: &str) -> Vec<&'s str> {
        let items = self.root.at(list).into_iter().flat_map(Node::items);
        items.filter_map(|item| if below.is_empty() { item.str() } else { item.str_at(below) }).collect()
    }

    /// What it takes, by paths from the top of the checkout, for a taker that stands at a path from there.
    pub(crate) fn takes(self, at: &str) -> Vec<(String, Role)> {
        let from_here = |path: &str| joined(at, path);
        let is_path = |path: &&str| !path.contains('\n') && !path.contains("://");
        if self.is_flux {
            let Some(folder) = self.root.str_at("spec.path") else { return vec![(String::new(), Role::Builds)] };
            let folder = cleaned(folder.trim_start_matches('/'));
            let beside = format!("{folder}/x");
            let components = self.texts("spec.components", "").into_iter();
            let components = components.map(|path| (joined(&beside, path), Role::Component)).collect::<Vec<_>>();
            return [(folder, Role::Builds)].into_iter().chain(components).collect();
        }
        let lists = [
            ("resources", "", Role::Builds),
            ("bases", "", Role::Builds),
            ("generators", "", Role::Builds),
            ("components", "", Role::Component),
            ("patchesStrategicMerge", "", Role::Patches),
            ("patches", "path", Role::Patches),
            ("patchesJson6902", "path", Role::Patches),
            ("transformers", "", Role::Reads),
            ("replacements", "path", Role::Reads),
        ];
        let of_list = |(list, below, role): (&str, &str, Role)| {
            let paths = self.texts(list, below).into_iter().filter(is_path);
            paths.map(|path| (from_here(path), role)).collect::<Vec<_>>()
        };
        lists.into_iter().flat_map(of_list).collect()
    }

    /// What it does with the file at a path: nothing where it does not take it.
    pub(crate) fn role_of(self, at: &str, path: &str) -> Option<Role> {
        let takes = self.takes(at);
        let folder = folder_of(path);
        let is_it = |taken: &str| taken == path || is_kustomization(path) && taken == folder;
        if let Some((_, role)) = takes.iter().find(|(taken, _)| is_it(taken)) {
            return Some(*role);
        }
        // Flux builds every file below a folder that has no kustomization
        let is_below = |taken: &str| taken.is_empty() || path.starts_with(&format!("{taken}/"));
        takes
            .into_iter()
            .find(|(taken, role)| self.is_flux && *role == Role::Builds && is_below(taken))
            .map(|(_, role)| role)
    }

    /// The length of the folder that Flux builds, to tell the nearest of several.
    pub(crate) fn depth(self) -> usize {
        self.root.str_at("spec.path").map_or(0, |path| cleaned(path).len())
    }
}
