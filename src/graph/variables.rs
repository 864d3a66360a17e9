//! [`Variables`]: what a Kustomization of Flux fills in after a build, and where that is written.
//!
//! The `ConfigMaps` and Secrets of `substituteFrom` count in their order, the last first, and `substitute` above all. All of
//! them are in the namespace of the Kustomization. One that is not here may set any variable, also where it is `optional`.
//! (fluxcd/pkg, `kustomize_varsub.go`)

use std::collections::BTreeSet;

use super::{
    source::in_common,
    taker::{By, Taker, folder_of},
    way::{Way, ways},
};
use crate::{
    files::{Files, Held, ObjectRef},
    yaml::Node,
};

/// What is known of a variable.
pub(super) enum Variable<'s> {
    /// The mapping that has it, under this key, with its value.
    Is(Node<'s>, &'s str, Node<'s>),
    /// Nothing sets it.
    Unset,
    /// Something that was not read may set it.
    Unknown,
}

/// The variables of a Kustomization.
pub(super) struct Variables<'s> {
    substitute: Option<Node<'s>>,
    /// The objects of `substituteFrom`, in their order; nothing for one that was not read.
    from: Vec<Option<Node<'s>>>,
}

/// The mappings of an object that hold variables. What is in base64 is not written here.
const DATA: [(&str, &str); 2] = [("ConfigMap", "data"), ("Secret", "stringData")];

/// The settings of a kustomization that leave its objects as they are written, but for their namespace.
const LEAVE_ALONE: [&str; 5] = ["apiVersion", "kind", "metadata", "resources", "namespace"];

/// What changes objects, or their names, in the `spec` of a Kustomization of Flux, and of an Application of Argo CD. (Flux
/// documentation, Kustomization; Argo CD documentation, Kustomize)
const CHANGES: [&str; 8] = [
    "components",
    "namePrefix",
    "nameSuffix",
    "patches",
    "postBuild",
    "targetNamespace",
    "source.kustomize",
    "sources",
];

impl<'s> Variables<'s> {
    /// Those of a Kustomization; nothing where it fills in nothing.
    pub(super) fn of(files: &Files<'s>, flux: Taker<'s>) -> Option<Self> {
        let substitute = flux.root.at("spec.postBuild.substitute").filter(|all| all.entries().next().is_some());
        let from: Vec<Option<Node<'s>>> = asked(flux).map(|object| object_of(files, flux, &object?)).collect();
        // of objects without a variable, Flux fills in nothing
        let may_have = |object: &Option<Node<'s>>| {
            let has = |object: &Node<'s>| {
                DATA.iter().any(|(_, list)| object.get(list).is_some_and(|it| it.entries().next().is_some()))
            };
            object.as_ref().is_none_or(has)
        };
        (substitute.is_some() || from.iter().any(may_have)).then_some(Self { substitute, from })
    }

    /// What one of them is.
    pub(super) fn get(&self, name: &str) -> Variable<'s> {
        let entry = |all: Node<'s>| all.entries().find(|(own, _)| *own == name).map(|(key, value)| (all, key, value));
        if let Some((all, key, value)) = self.substitute.and_then(entry) {
            return Variable::Is(all, key, value);
        }
        for object in self.from.iter().rev() {
            let Some(object) = object else { return Variable::Unknown };
            let list = DATA.iter().find(|(kind, _)| object.str_at("kind") == Some(kind)).map(|(_, list)| *list);
            match list.and_then(|list| object.get(list)).and_then(entry) {
                // another Kustomization may fill in what is there, and SOPS encrypts it
                Some((_, _, value)) if !value.str().is_some_and(is_plain) => return Variable::Unknown,
                Some((all, key, value)) => return Variable::Is(all, key, value),
                None if list != Some("data") && object.get("data").and_then(entry).is_some() => {
                    return Variable::Unknown;
                }
                None => {}
            }
        }
        Variable::Unset
    }
}

fn is_plain(text: &str) -> bool {
    !text.contains('$') && !text.starts_with("ENC[")
}

/// The objects that a Kustomization takes variables from; nothing for one without a plain name.
pub(super) fn asked(flux: Taker<'_>) -> impl Iterator<Item = Option<ObjectRef>> {
    let plain = |name: &&str| !name.contains(['$', '{']);
    let namespace = flux.root.str_at("metadata.namespace").filter(plain).map(str::to_owned);
    let all = flux.root.at("spec.postBuild.substituteFrom").filter(|_| flux.by == By::Flux);
    all.into_iter().flat_map(Node::items).map(move |item| {
        let kind = item.str_at("kind").filter(|kind| DATA.iter().any(|(own, _)| own == kind))?.to_owned();
        let name = item.str_at("name").filter(plain)?.to_owned();
        Some(ObjectRef { group: String::new(), kind, name, namespace: namespace.clone() })
    })
}

/// The object of a name that is on the cluster of a Kustomization. Clusters have folders of their own with the same names
/// in each: it is one that the same builds, or in its folder, around that or within; of several it is the nearest.
fn object_of<'s>(files: &Files<'s>, flux: Taker<'s>, object: &ObjectRef) -> Option<Node<'s>> {
    let at = files.path_from_top(flux.file());
    let above = tops(&ways(files, flux.file()));
    let mut near: Vec<(usize, Node<'s>)> = Vec::new();
    for held in files.objects().held(object) {
        let Held::Written(root) = held else { return None };
        let (ways, path) = (ways(files, root.text.file), files.path_from_top(root.text.file));
        let own = tops(&ways);
        let is_beside = || is_within(folder_of(&at), folder_of(&path)) || is_within(folder_of(&path), folder_of(&at));
        let is_of_cluster = if own.is_empty() || above.is_empty() { is_beside() } else { !own.is_disjoint(&above) };
        let is_left_alone = ways.iter().flat_map(|way| &way.takers).all(leaves_alone);
        if is_of_cluster {
            near.push((in_common(&at, &path), is_left_alone.then_some(root)?));
        }
    }
    let nearest = near.iter().map(|(depth, _)| *depth).max()?;
    let mut nearest = near.into_iter().filter(|(depth, _)| *depth == nearest);
    nearest.next().filter(|_| nearest.next().is_none()).map(|(_, root)| root)
}

fn is_within(folder: &str, around: &str) -> bool {
    folder.strip_prefix(around).is_some_and(|rest| around.is_empty() || rest.is_empty() || rest.starts_with('/'))
}

/// What has something built at the end of some ways, by its file and its first byte.
fn tops(ways: &[Way<'_>]) -> BTreeSet<(usize, usize)> {
    let outer = ways.iter().filter_map(Way::outer);
    outer.map(|taker| (taker.file(), taker.root.span().start)).collect()
}

/// Whether what a taker builds is what is written there.
fn leaves_alone(taker: &Taker<'_>) -> bool {
    let is_changed = || taker.root.get("spec").is_some_and(|spec| CHANGES.iter().any(|path| spec.at(path).is_some()));
    let changes = |(name, _): (&str, Node<'_>)| !LEAVE_ALONE.contains(&name);
    if taker.is_outer() { !is_changed() } else { !taker.root.entries().any(changes) }
}
