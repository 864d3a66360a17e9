//! [`Taker`]: a document that takes other files: a kustomization, a `Kustomization` of Flux, or an Application of Argo CD
//! whose source is the folder of a kustomization.

use crate::{
    controller::{Built, built_by_set},
    files::{Files, cleaned, joined},
    instruction::{Bringer, Bringing},
    release::Reach,
    yaml::Node,
};

/// A document that takes other files.
#[derive(Clone, Copy)]
pub(crate) struct Taker<'s> {
    pub(crate) root: Node<'s>,
    pub(crate) by: By<'s>,
}

/// Who builds what a document takes.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum By<'s> {
    /// kustomize, as the document says.
    Kustomize,
    /// The controller of Flux, which writes what the document says into the kustomization of a folder, and builds that.
    Flux,
    /// Argo CD, which does the same with what this source of the document says.
    Argo(Node<'s>),
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
/// The file of a bundle of Fleet.
pub(crate) const FLEET: &str = "fleet.yaml";
/// How a pattern of the folders begins that end with a path.
pub(super) const ANYWHERE: &str = "**/";
pub(super) const FLUX: &str = "kustomize.toolkit.fluxcd.io/";
pub(super) const ARGO: &str = "argoproj.io/";
/// The operator whose `FluxInstance` has a folder built, and may patch how. (flux-operator documentation, `FluxInstance`,
/// Sync configuration and Kustomize patches)
const FLUX_INSTANCE: &str = "fluxcd.controlplane.io/";

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
        if kind == Some("Kustomization") && api.starts_with(FLUX) {
            return vec![Taker { root, by: By::Flux }];
        }
        if is_instance(root) {
            return vec![Taker { root, by: By::Flux }];
        }
        if api.starts_with(ARGO) {
            return sources_of(root).into_iter().map(|source| Taker { root, by: By::Argo(source) }).collect();
        }
        let is_built = is_kustomization
            && root.is_mapping()
            && kind.is_none_or(|kind| kind == "Kustomization" || kind == "Component");
        if is_built { vec![Taker { root, by: By::Kustomize }] } else { Vec::new() }
    };
    files.roots(number).flat_map(taker).collect()
}

/// Whether a version of an API came before its first stable one.
fn is_beta(version: &str) -> bool {
    version.contains("beta")
}

/// Whether a document is a `FluxInstance` that has a folder built.
fn is_instance(root: Node<'_>) -> bool {
    let api = root.str_at("apiVersion").unwrap_or_default();
    root.str_at("kind") == Some("FluxInstance") && api.starts_with(FLUX_INSTANCE) && root.at("spec.sync.path").is_some()
}

/// The sources of an Application, or of the template of an ApplicationSet, that are folders which kustomize may build.
fn sources_of<'s>(root: Node<'s>) -> Vec<Node<'s>> {
    let spec = match root.str_at("kind") {
        Some("Application") => root.get("spec"),
        Some("ApplicationSet") => root.at("spec.template.spec"),
        _ => None,
    };
    let Some(spec) = spec else { return Vec::new() };
    let several: Vec<Node<'s>> = spec.get("sources").into_iter().flat_map(Node::items).collect();
    let dry = || spec.at("sourceHydrator.drySource").or_else(|| spec.get("source"));
    let all = if several.is_empty() { dry().into_iter().collect() } else { several };
    let is_folder = |source: &Node<'s>| {
        let is_other = ["chart", "helm", "plugin"].iter().any(|key| source.get(key).is_some());
        let is_told = |path: &str| !path.contains("{{") || !built_by_set(root, *source).is_empty();
        !is_other && source.str_at("path").is_some_and(is_told)
    };
    all.into_iter().filter(is_folder).collect()
}

/// A taker, with what it takes.
pub(super) struct Known<'s> {
    pub(super) taker: Taker<'s>,
    /// By paths from the top of the checkout.
    pub(super) takes: Vec<(String, Role)>,
    of_set: Option<Vec<Built<'s>>>,
}

/// Whether a folder is the one of a path, or fits where that is a pattern.
fn is_folder(taken: &str, folder: &str) -> bool {
    taken == folder || taken.starts_with(ANYWHERE) && crate::glob::fits(taken, folder)
}

impl Known<'_> {
    /// What it does with the file at a path: nothing where it does not take it.
    pub(super) fn role_of(&self, path: &str) -> Option<Role> {
        let folder = folder_of(path);
        if let Some(of_set) = &self.of_set {
            let is_built = is_kustomization(path) && of_set.iter().any(|built| built.is(folder));
            return is_built.then_some(Role::Builds);
        }
        let is_it = |taken: &str| taken == path || is_kustomization(path) && is_folder(taken, folder);
        if let Some((_, role)) = self.takes.iter().find(|(taken, _)| is_it(taken)) {
            return Some(*role);
        }
        // Flux builds every file below a folder that has no kustomization
        let is_below = |taken: &str| {
            let mut folders = path.match_indices('/').map(|(end, _)| &path[..end]);
            taken.is_empty() || folders.any(|folder| is_folder(taken, folder))
        };
        let of_flux = self.takes.iter().filter(|_| self.taker.by == By::Flux);
        let mut below = of_flux.filter(|(taken, role)| *role == Role::Builds && is_below(taken));
        below.next().map(|(_, role)| *role)
    }
}

impl<'s> Taker<'s> {
    /// The number of its file.
    pub(crate) fn file(self) -> usize {
        self.root.text.file
    }

    /// The texts of a list, or those that its items have under a name.
    fn texts(self, list: &str, below: &str) -> Vec<&'s str> {
        let items = self.root.get(list).into_iter().flat_map(Node::items);
        items.filter_map(|item| if below.is_empty() { item.str() } else { item.str_at(below) }).collect()
    }

    /// What it takes, by paths from the top of the checkout, for a taker that is at a path from there.
    pub(crate) fn takes(self, at: &str) -> Vec<(String, Role)> {
        let from_here = |path: &str| joined(at, path);
        let is_path = |path: &&str| !path.contains('\n') && !path.contains("://");
        if self.is_outer() {
            let components: Vec<&str> =
                self.setting("components").into_iter().flat_map(Node::items).filter_map(Node::str).collect();
            let takes = |folder: String| {
                let beside = format!("{folder}/x");
                let components = components.iter().map(move |path| (joined(&beside, path), Role::Component));
                [(folder, Role::Builds)].into_iter().chain(components).collect::<Vec<_>>()
            };
            return self.folders().into_iter().flat_map(takes).collect();
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
            ("configurations", "", Role::Reads),
        ];
        let of_list = |(list, below, role): (&str, &str, Role)| {
            let paths = self.texts(list, below).into_iter().filter(is_path);
            paths.map(|path| (from_here(path), role)).collect::<Vec<_>>()
        };
        // the repository of one may be the one of this checkout
        let remote = self.remotes().map(|remote| (remote.path, Role::Builds));
        lists.into_iter().flat_map(of_list).chain(remote).collect()
    }

    /// The same, with what it takes, for one that is at a path from the top.
    pub(super) fn known(self, at: &str) -> Known<'s> {
        Known { taker: self, takes: self.takes(at), of_set: self.of_set() }
    }

    /// Whether it is a controller's object, which writes what it says into the kustomization of a folder.
    pub(crate) fn is_outer(self) -> bool {
        self.by != By::Kustomize
    }

    /// The folders of an ApplicationSet whose template takes them from its generators; nothing of anything else.
    fn of_set(self) -> Option<Vec<Built<'s>>> {
        let By::Argo(source) = self.by else { return None };
        let is_filled_in = source.str_at("path").is_some_and(|path| path.contains("{{"));
        is_filled_in.then(|| built_by_set(self.root, source))
    }

    /// The folders that a controller builds, from the top of the repository, or patterns of them.
    fn folders(self) -> Vec<String> {
        let own = self.folder();
        match self.of_set() {
            Some(of_set) => of_set.into_iter().map(|built| built.pattern).collect(),
            None if self.is_of_artifact() && !own.is_empty() => {
                let anywhere = format!("{ANYWHERE}{own}");
                vec![own, anywhere]
            }
            None => vec![own],
        }
    }

    /// Whether the controller builds it of an artifact: which folder of a checkout that is made of, nothing says. (Flux
    /// documentation, Kustomization, Source reference)
    pub(super) fn is_of_artifact(self) -> bool {
        let kind = self.root.str_at("spec.sourceRef.kind").or_else(|| self.root.str_at("spec.sync.kind"));
        self.by == By::Flux && kind.is_some_and(|kind| kind != "GitRepository")
    }

    /// Whom the Applications of a set are for, of which each builds a folder that its template takes from a generator, of
    /// those that build this one.
    pub(super) fn reach_of_folder(self, folder: &str) -> Reach {
        let built: Vec<Built<'s>> = self.of_set().into_iter().flatten().filter(|built| built.is(folder)).collect();
        let names = built.iter().filter_map(|built| built.name(self.root, folder)).collect();
        Reach::of(names)
    }

    /// Whether it builds what is in a folder by itself, and not through a kustomization around that.
    pub(super) fn builds_folder(self, folder: &str) -> bool {
        self.folders().iter().any(|taken| is_folder(taken, folder)) && self.of_set().is_none()
            || self.folder() == folder
    }

    /// Whether a path from the top of the checkout is below the folder that it names.
    pub(super) fn is_above(self, path: &str) -> bool {
        let rest = path.strip_prefix(&self.folder());
        rest.is_some_and(|rest| rest.len() < path.len() && rest.starts_with('/'))
    }

    /// What brings the manifests that a controller builds of a folder.
    pub(crate) fn bringer(self, folder: &str) -> Bringer {
        let of_set = self.of_set();
        let in_set =
            of_set.iter().flatten().find(|built| built.is(folder)).and_then(|built| built.name(self.root, folder));
        let plain = |path| self.root.str_at(path).filter(|name| !name.contains(['$', '{'])).map(str::to_owned);
        Bringer {
            kind: if self.by == By::Flux { Bringing::Flux } else { Bringing::ArgoCd },
            name: in_set
                .or_else(|| self.name_of_instance())
                .or_else(|| plain("metadata.name").filter(|_| self.root.str_at("kind") != Some("ApplicationSet"))),
            namespace: plain("metadata.namespace"),
            is_suspended: self.by == By::Flux && self.root.is_true_at("spec.suspend"),
        }
    }

    /// The folder that a controller builds, from the top of the repository.
    pub(crate) fn folder(self) -> String {
        let path = match self.by {
            By::Argo(source) => source.str_at("path"),
            By::Flux if is_instance(self.root) => self.root.str_at("spec.sync.path"),
            By::Flux | By::Kustomize => self.root.str_at("spec.path"),
        };
        path.map_or_else(String::new, |path| cleaned(path.trim_start_matches('/')))
    }

    /// What the Kustomization is called that a `FluxInstance` makes.
    fn name_of_instance(self) -> Option<String> {
        let of_namespace = || self.root.str_at("metadata.namespace");
        let name = self.root.str_at("spec.sync.name").or_else(of_namespace).filter(|_| is_instance(self.root))?;
        Some(name.to_owned())
    }

    /// The patches that a `FluxInstance` has for the objects which it makes.
    pub(super) fn patches_of_instance(self) -> impl Iterator<Item = Node<'s>> {
        let patches = self.root.at("spec.kustomize.patches").filter(|_| is_instance(self.root));
        patches.into_iter().flat_map(Node::items)
    }

    /// What it says under a name that kustomize has for it. (Flux documentation, Kustomization; Argo CD documentation,
    /// Kustomize.)
    pub(crate) fn setting(self, name: &str) -> Option<Node<'s>> {
        match self.by {
            By::Kustomize => self.root.get(name),
            By::Flux if name == "namespace" => self.root.at("spec.targetNamespace"),
            // what became `patches` with `v1` (Flux documentation, Kustomization, v1beta2)
            By::Flux if ["patchesStrategicMerge", "patchesJson6902"].contains(&name) => {
                self.root.get("spec")?.get(name).filter(|_| self.root.str_at("apiVersion").is_some_and(is_beta))
            }
            By::Flux => ["patches", "components", "namePrefix", "nameSuffix"]
                .contains(&name)
                .then(|| self.root.get("spec")?.get(name))?,
            By::Argo(source) => source.get("kustomize")?.get(name),
        }
    }
}
