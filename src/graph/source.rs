//! Of which repository, and which branch of it, a controller builds the files that it takes.

use super::taker::{By, Taker, folder_of};
use crate::{
    controller::{branch_of, followed, revisions_of_set, url_of},
    files::{Files, Held, ObjectRef, Wanted},
    yaml::Node,
};

/// What is asked before it is known whether a controller builds the file of a path as it is here; nothing where the
/// files do not say where it takes it from, and this checkout is assumed.
pub(super) fn asked<'s>(files: &Files<'s>, taker: Taker<'s>, path: &str) -> Option<Wanted> {
    asked_below(files, taker, path, path)
}

/// The same of a file that is built by what it takes at another path.
pub(super) fn asked_below<'s>(files: &Files<'s>, taker: Taker<'s>, at: &str, path: &str) -> Option<Wanted> {
    let path = path.to_owned();
    let known = |url: &str, revision: Option<&str>| (Some(url.to_owned()), revision.map(str::to_owned));
    let (url, revision) = match taker.by {
        By::Kustomize => {
            let remote = taker.remote_of(at)?;
            (Some(remote.url), remote.revision)
        }
        By::Argo(source) => {
            let url = source.str_at("repoURL").filter(|url| !url.contains("{{"))?;
            let is_template = source.str_at("targetRevision").is_some_and(|revision| revision.contains("{{"));
            match followed(source) {
                None if is_template => match revisions_of_set(taker.root, source)[..] {
                    [] => known(url, None),
                    [revision] => known(url, Some(revision)),
                    // a file of another branch is another one
                    [..] => (None, None),
                },
                None => (None, None),
                Some((url, revision)) => known(url, revision),
            }
        }
        // whatever it is made of, an artifact of another project has nothing of this one
        By::Flux if taker.is_of_artifact() => {
            let is_whole = taker.folder().is_empty();
            let root = repository_of(files, taker).filter(|_| is_whole)?;
            known(url_of(root).filter(|url| !url.contains('$'))?, None)
        }
        By::Flux if taker.root.at("spec.sync").is_some() => {
            let url = url_of(taker.root).filter(|url| !url.contains('$'))?;
            branch_of(taker.root).map_or((None, None), |branch| known(url, Some(branch)))
        }
        By::Flux => {
            let Some(root) = repository_of(files, taker) else {
                return may_be_another(taker).then_some(Wanted::Source { url: None, revision: None, path });
            };
            let url = url_of(root).filter(|url| !url.contains('$'))?;
            branch_of(root).map_or((None, None), |branch| known(url, Some(branch)))
        }
    };
    Some(Wanted::Source { url, revision, path })
}

/// What `flux bootstrap` calls the source of the repository that it writes to. (Flux documentation, `flux bootstrap`)
const OWN_SOURCE: &str = "flux-system";

/// Whether a source of Flux, whose object is not in this checkout, may be of another repository: only its name says that it
/// is of this one.
fn may_be_another(taker: Taker<'_>) -> bool {
    object_of(taker).is_some_and(|object| object.kind == "GitRepository" && object.name != OWN_SOURCE)
}

/// The object that must be looked for before that can be asked.
pub(super) fn object_of(taker: Taker<'_>) -> Option<ObjectRef> {
    let source = taker.root.at("spec.sourceRef").filter(|_| taker.by == By::Flux)?;
    let kind = source.str_at("kind").filter(|kind| ["GitRepository", "OCIRepository"].contains(kind))?.to_owned();
    let plain = |name: &&str| !name.contains(['$', '{']);
    let namespace = source.str_at("namespace").or_else(|| taker.root.str_at("metadata.namespace"));
    Some(ObjectRef {
        group: "source.toolkit.fluxcd.io".to_owned(),
        kind,
        name: source.str_at("name").filter(plain)?.to_owned(),
        namespace: namespace.filter(plain).map(str::to_owned),
    })
}

/// The object of its source that one of Flux names. Clusters have folders of their own with the same names in each: of
/// several it is the nearest. Nothing where several are as near and say different things.
fn repository_of<'s>(files: &Files<'s>, taker: Taker<'s>) -> Option<Node<'s>> {
    let at = files.path_from_top(taker.file());
    let nearness = |root: &Node<'s>| in_common(&at, &files.path_from_top(root.text.file));
    let held = files.objects().held(&object_of(taker)?).into_iter();
    let roots = held.filter_map(|held| match held {
        Held::Written(root) => Some(root),
        Held::Generated(_) => None,
    });
    let roots: Vec<Node<'s>> = roots.collect();
    let nearest = roots.iter().map(nearness).max()?;
    let mut near = roots.into_iter().filter(|root| nearness(root) == nearest);
    let first = near.next()?;
    let said = |root: Node<'s>| (url_of(root), branch_of(root));
    near.all(|other| said(other) == said(first)).then_some(first)
}

/// Those of some takers of a file that may build it of an artifact: where these are different ones, and nothing says of
/// which folder each is made, the nearest to the file.
pub(super) fn nearest_artifact<'s>(files: &Files<'s>, takers: &[Taker<'s>], path: &str) -> Vec<Taker<'s>> {
    let identity = |taker: &Taker<'s>| {
        if let Some(root) = repository_of(files, *taker) {
            return (url_of(root), None, root.at("spec.ref").map(Node::value));
        }
        let at = |path| taker.root.str_at(path);
        let namespace = at("spec.sourceRef.namespace").or_else(|| at("metadata.namespace"));
        (at("spec.sourceRef.name"), namespace, taker.root.at("spec.sourceRef.kind").map(Node::value))
    };
    let Some(first) = takers.first().map(identity) else { return Vec::new() };
    let nearness = |taker: &Taker<'s>| in_common(path, &files.path_from_top(taker.file()));
    let most = takers.iter().map(nearness).max();
    let is_one = takers.iter().all(|taker| identity(taker) == first);
    takers.iter().filter(|taker| is_one || Some(nearness(taker)) == most).copied().collect()
}

/// How many folders two paths have in common.
pub(super) fn in_common(one: &str, other: &str) -> usize {
    folder_of(one).split('/').zip(folder_of(other).split('/')).take_while(|(one, other)| one == other).count()
}

/// Whether a controller is known to build the file of another repository.
pub(super) fn is_of_another<'s>(files: &Files<'s>, taker: Taker<'s>, path: &str) -> bool {
    asked(files, taker, path).is_some_and(|asked| files.is_missing(&asked))
}
