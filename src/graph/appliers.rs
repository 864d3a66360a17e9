//! Which documents of a file have folders applied.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use super::{
    applier::{Applier, Extent, From, filled},
    taker::{By, FLEET, FLUX, Taker, takers_in},
};
use crate::{
    controller::{OfSet, all_named, folders_of_set, reach_of_profile, reach_of_set},
    files::{Files, Wanted, joined},
    release::Reach,
    yaml::Node,
};

/// A kind of object that has folders applied.
struct Row {
    api: &'static str,
    kinds: &'static [&'static str],
    /// The list of what it takes, or the only one.
    sources: &'static str,
    /// From there: the folder, or several; without it the whole repository.
    folder: &'static str,
    /// From there: the address of the repository, which each has, and the branch.
    repository: Option<(&'static str, &'static str)>,
    reach: fn(Node<'_>) -> Reach,
}

/// What the documentation of each says.
const ROWS: &[Row] = &[
    // Config Sync, RootSync and RepoSync fields
    Row {
        api: "configsync.gke.io/",
        kinds: &["RootSync", "RepoSync"],
        sources: "spec.git",
        folder: "dir",
        repository: Some(("repo", "branch")),
        reach: one,
    },
    // Kluctl, KluctlDeployment
    Row {
        api: "gitops.kluctl.io/",
        kinds: &["KluctlDeployment"],
        sources: "spec.source.git",
        folder: "path",
        repository: Some(("url", "ref.branch")),
        reach: one,
    },
    // kapp-controller, App CR spec
    Row {
        api: "kappctrl.k14s.io/",
        kinds: &["App"],
        sources: "spec.fetch",
        folder: "git.subPath",
        repository: Some(("git.url", "git.ref")),
        reach: one,
    },
    // Fleet, Create a GitRepo Resource, and Mapping to Downstream Clusters
    Row {
        api: "fleet.cattle.io/",
        kinds: &["GitRepo"],
        sources: "spec",
        folder: "paths",
        repository: Some(("repo", "branch")),
        reach: of_git_repo,
    },
    // Sveltos, Kustomize and Raw YAMLs
    Row {
        api: "config.projectsveltos.io/",
        kinds: &["ClusterProfile", "Profile"],
        sources: "spec.kustomizationRefs",
        folder: "path",
        repository: None,
        reach: reach_of_profile,
    },
    Row {
        api: "config.projectsveltos.io/",
        kinds: &["ClusterProfile", "Profile"],
        sources: "spec.policyRefs",
        folder: "path",
        repository: None,
        reach: reach_of_profile,
    },
];

/// The words of which each file that has such documents has one.
pub(crate) fn words() -> impl Iterator<Item = &'static str> {
    const OTHERS: [&str; 3] = ["fluxcd.controlplane.io", "PolicyGenerator", "open-cluster-management.io"];
    ROWS.iter().map(|row| row.api).chain(OTHERS)
}

fn one(_: Node<'_>) -> Reach {
    Reach::One
}

/// All clusters of the targets; without these, the local one, in its namespace.
fn of_git_repo(root: Node<'_>) -> Reach {
    let targets: Vec<Node<'_>> = root.at("spec.targets").into_iter().flat_map(Node::items).collect();
    match all_named(targets.into_iter()) {
        Some(names) if !names.is_empty() => Reach::of(names),
        _ if root.str_at("metadata.namespace") == Some("fleet-local") => Reach::One,
        _ => Reach::AllOf(format!("the GitRepo `{}`", name_of(root))),
    }
}

pub(super) fn name_of(root: Node<'_>) -> String {
    root.str_at("metadata.name").unwrap_or("?").escape_debug().to_string()
}

/// The documents of some files that have folders applied, those of each file read once.
#[derive(Default)]
pub(super) struct Appliers<'s>(RefCell<HashMap<usize, Vec<Rc<Applier<'s>>>>>);

impl<'s> Appliers<'s> {
    /// Those in some files.
    pub(super) fn in_files(&self, files: &Files<'s>, numbers: &[usize]) -> Vec<Rc<Applier<'s>>> {
        let mut known = self.0.borrow_mut();
        let mut all = Vec::new();
        for number in numbers {
            let read = || appliers_in(files, *number).into_iter().map(Rc::new).collect();
            all.extend(known.entry(*number).or_insert_with(read).iter().cloned());
        }
        all
    }
}

/// The documents of a file that have folders applied.
pub(super) fn appliers_in<'s>(files: &Files<'s>, number: usize) -> Vec<Applier<'s>> {
    let at = files.path_from_top(number);
    let is_bundle = at.rsplit('/').next() == Some(FLEET);
    let of_argo = takers_in(files, number).into_iter().filter_map(of_source);
    let of_root = |root: Node<'s>| {
        let mut found = of_rows(root);
        found.extend(of_flux(root));
        found.extend(of_resource_set(root));
        found.extend(of_policies(root, &at));
        found.extend(of_subscription(root));
        found.extend(is_bundle.then(|| of_bundle(root, &at)).flatten());
        found.extend(of_set(files, root));
        found
    };
    of_argo.chain(files.roots(number).flat_map(of_root)).collect()
}

/// What must be looked for before it is known which folders the sets of a file have applied.
pub(super) fn wanted(files: &Files<'_>, number: usize) -> Vec<Wanted> {
    files.roots(number).flat_map(|root| folders_of_set(files, root).1).collect()
}

fn of_rows(root: Node<'_>) -> Vec<Applier<'_>> {
    let (kind, api) = (root.str_at("kind").unwrap_or_default(), root.str_at("apiVersion").unwrap_or_default());
    let mut found = Vec::new();
    for row in ROWS.iter().filter(|row| api.starts_with(row.api) && row.kinds.contains(&kind)) {
        let Some(sources) = root.at(row.sources) else { continue };
        let all: Vec<Node<'_>> = if sources.is_list() { sources.items().collect() } else { vec![sources] };
        for source in all {
            let from = match row.repository.map(|(url, branch)| (source.str_at(url), source.str_at(branch))) {
                Some((None, _)) => continue,
                Some((Some(url), branch)) => From::Repository(url, branch),
                None => From::Here,
            };
            let folder = source.at(row.folder);
            let folders: Vec<&str> = match folder {
                Some(list) if list.is_list() => list.items().filter_map(Node::str).collect(),
                Some(one) => one.str().into_iter().collect(),
                None if row.repository.is_some() => vec![""],
                None => Vec::new(),
            };
            let applier = |folder: &str| Applier { from, ..Applier::below(root, folder, (row.reach)(root)) };
            found.extend(folders.into_iter().map(applier));
        }
    }
    found
}

/// The folder of a Kustomization of Flux, where a variable is in its path. (Flux documentation, Kustomization, Post build
/// variable substitution)
fn of_flux(root: Node<'_>) -> Option<Applier<'_>> {
    let is_flux = root.str_at("apiVersion").is_some_and(|api| api.starts_with(FLUX));
    let path = root.str_at("spec.path").filter(|path| is_flux && path.contains("${"))?;
    Some(Applier::below(root, path, Reach::One))
}

/// A source of Argo CD that is a folder of manifests.
fn of_source(taker: Taker<'_>) -> Option<Applier<'_>> {
    let By::Argo(source) = taker.by else { return None };
    let is_literal = source.str_at("path").is_some_and(|path| !path.contains("{{"));
    let is_below = source.is_true_at("directory.recurse");
    let is_set = taker.root.str_at("kind") == Some("ApplicationSet");
    is_literal.then(|| Applier {
        root: taker.root,
        folder: taker.folder(),
        extent: if is_below { Extent::Below } else { Extent::Folder },
        patterns: ["directory.include", "directory.exclude"]
            .map(|path| source.str_at(path).filter(|it| !it.is_empty())),
        reach: if is_set { reach_of_set(taker.root) } else { Reach::One },
        from: From::Source(taker),
        called: None,
    })
}

/// The folders of an ApplicationSet that its template takes from the files of a repository.
fn of_set<'s>(files: &Files<'s>, root: Node<'s>) -> Vec<Applier<'s>> {
    let (folders, _) = folders_of_set(files, root);
    let applier = |of_set: OfSet| {
        let OfSet { folder, reach, called } = of_set;
        Applier { called, ..Applier::below(root, &folder, reach) }
    };
    folders.into_iter().map(applier).collect()
}

/// The Kustomizations that a set of the operator of Flux makes, one for each of its inputs. (Flux Operator documentation,
/// `ResourceSet`)
fn of_resource_set(root: Node<'_>) -> Vec<Applier<'_>> {
    if root.str_at("kind") != Some("ResourceSet") {
        return Vec::new();
    }
    let inputs: Vec<Node<'_>> = root.at("spec.inputs").into_iter().flat_map(Node::items).collect();
    let resources = root.at("spec.resources").into_iter().flat_map(Node::items);
    let is_flux = |resource: &Node<'_>| resource.str_at("apiVersion").is_some_and(|api| api.starts_with(FLUX));
    let mut found: Vec<Applier<'_>> = Vec::new();
    for path in resources.filter(is_flux).filter_map(|resource| resource.str_at("spec.path")) {
        let is_open = root.at("spec.inputsFrom").is_some();
        let of_input = inputs.iter().map(|input| filled(path, ("<<", ">>"), |name| said_by(*input, name)));
        let all: Vec<String> = of_input.chain(is_open.then(|| path.to_owned())).collect();
        let all = if all.is_empty() { vec![path.to_owned()] } else { all };
        for applier in all.iter().map(|path| Applier::below(root, path, Reach::One)) {
            if let Some(other) = found.iter_mut().find(|other| other.folder == applier.folder) {
                other.reach = Reach::AllOf(format!("the inputs of the ResourceSet `{}`", name_of(root)));
            } else {
                found.push(applier);
            }
        }
    }
    found
}

fn said_by<'s>(input: Node<'s>, name: &str) -> Option<&'s str> {
    input.str_at(name.strip_prefix("inputs.")?)
}

/// What a generator of policies puts into these, for the clusters of their placements. (Open Cluster Management,
/// `PolicyGenerator` reference)
fn of_policies<'s>(root: Node<'s>, at: &str) -> Vec<Applier<'s>> {
    if root.str_at("kind") != Some("PolicyGenerator") {
        return Vec::new();
    }
    let policies = root.get("policies").into_iter().flat_map(Node::items);
    let manifests = policies.filter_map(|policy| policy.get("manifests")).flat_map(Node::items);
    let reach = Reach::AllOf(format!("the placements of the PolicyGenerator `{}`", name_of(root)));
    let paths = manifests.filter_map(|manifest| manifest.str_at("path"));
    paths.map(|path| Applier::below(root, &joined(at, path), reach.clone())).collect()
}

/// A subscription to a folder. (Open Cluster Management, Subscribing to a Git repository)
fn of_subscription(root: Node<'_>) -> Option<Applier<'_>> {
    const API: &str = "apps.open-cluster-management.io/";
    let is_it = root.str_at("kind") == Some("Subscription")
        && root.str_at("apiVersion").is_some_and(|api| api.starts_with(API));
    let annotations = root.at("metadata.annotations").filter(|_| is_it)?;
    let path = ["git-path", "github-path"].iter().find_map(|name| annotations.get(&format!("{API}{name}")))?.str()?;
    let reach = Reach::AllOf(format!("the placement of the Subscription `{}`", name_of(root)));
    Some(Applier::below(root, path, reach))
}

/// A bundle of Fleet without a chart. (Fleet documentation, fleet.yaml)
fn of_bundle<'s>(root: Node<'s>, at: &str) -> Option<Applier<'s>> {
    let has_chart = ["helm.chart", "helm.repo"].iter().any(|path| root.at(path).is_some());
    let is_bundle = root.is_mapping() && root.get("kind").is_none() && !has_chart;
    let folder = joined(at, root.str_at("kustomize.dir").unwrap_or("."));
    let reach = Reach::AllOf("the GitRepo that has this folder".to_owned());
    is_bundle.then(|| Applier::below(root, &folder, reach))
}
