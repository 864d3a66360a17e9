//! What a level of a way puts over a release: its components first, then its patches, as kustomize does.

use super::{
    identity::{Identities, Level},
    objects::built_by,
    patch::{Patch, Patched},
    taker::{Role, Taker, takers_in},
    target::{Meant, by_target},
    way::{file_at, folder_file},
};
use crate::{
    chart::MODE_KEY,
    files::Files,
    yaml::{Node, Text},
};

/// Puts what a level says over a release.
pub(super) fn put_over<'s>(files: &Files<'s>, level: Level<'s>, patched: &mut Patched<'_, '_, 's>, depth: usize) {
    const DEEPEST: usize = 16;
    for taker in level.takers() {
        let at = files.path_from_top(taker.file());
        let taken_paths = taker.takes(&at);
        for (path, _) in taken_paths.iter().filter(|(_, role)| *role == Role::Component && depth < DEEPEST) {
            match folder_file(files, path) {
                Some(component) => {
                    for taker in takers_in(files, component) {
                        put_over(files, Level { inner: Some(taker), outer: None }, patched, depth + 1);
                    }
                }
                None => patched.doubt(u8::MAX, taker.root, "a component that was not read"),
            }
        }
        let is_remote = |item: &Node<'s>| item.str().is_some_and(|path| path.contains("://"));
        if let Some(item) = taker.setting("components").into_iter().flat_map(Node::items).find(is_remote) {
            patched.doubt(u8::MAX, item, "a component that is fetched from another repository, and was not read,");
        }
    }
    let mut built = None;
    for taker in level.takers() {
        for patch in patches(files, taker, &["patchesStrategicMerge", "patches"]) {
            patched.take(&patch);
            let unfound = patch.unfound(patched).filter(|unfound| {
                let built = built.get_or_insert_with(|| built_by(files, level, patched));
                built.as_ref().is_some_and(|built| !built.iter().any(|object| object.are_of(*unfound)))
            });
            if let Some(unfound) = unfound {
                told(patched, &patch, unfound);
            }
        }
    }
    // kustomize takes these by the names that it has given
    patched.identities.pass(level);
    for patch in level.takers().flat_map(|taker| patches(files, taker, &["patchesJson6902"])) {
        patched.take(&patch);
    }
    for taker in level.takers() {
        read_more(files, taker, &files.path_from_top(taker.file()), patched);
    }
}

/// Says that a patch is for an object that is not built.
fn told<'s>(patched: &mut Patched<'_, '_, 's>, patch: &Patch<'s>, unfound: Node<'s>) {
    let text = |path| unfound.str_at(path).unwrap_or_default().escape_debug().to_string();
    let (kind, name, namespace) = (text("kind"), text("metadata.name"), text("metadata.namespace"));
    let namespace =
        if namespace.is_empty() { "no namespace".to_owned() } else { format!("the namespace `{namespace}`") };
    let message = format!(
        "kustomize finds no object for a patch here, and then builds nothing: {kind} `{name}` in {namespace}, {}",
        text("apiVersion")
    );
    let help = "write the apiVersion, the name and the namespace of the object into the patch, or give it a `target`";
    patched.fails(patch.named, &message, help);
}

/// The patches in some lists of a taker.
fn patches<'s>(files: &Files<'s>, taker: Taker<'s>, lists: &[&str]) -> Vec<Patch<'s>> {
    let at = files.path_from_top(taker.file());
    // what begins as JSON must be that
    let is_read = |text: &str| !text.starts_with('[') || serde_json::from_str::<serde_json::Value>(text).is_ok();
    let of_text = |text: Node<'s>| match text.inner_of_any_root().filter(|_| text.str().is_none_or(is_read)) {
        Some(Ok(inner)) => Some(inner.root().into_iter().collect()),
        _ => None,
    };
    let of_file = |path: &str| -> Option<Vec<Node<'s>>> {
        let number = file_at(files, &crate::files::joined(&at, path))?;
        let root = |part: &crate::files::Part<'s>| match &part.text {
            Ok(text) => Some(text.root()),
            Err(_) => files.list(number, &part.range).map(Text::root),
        };
        let roots: Option<Vec<Option<Node<'s>>>> = files.parts(number).iter().map(root).collect();
        Some(roots?.into_iter().flatten().collect())
    };
    let mut found = Vec::new();
    for item in lists.iter().filter_map(|list| taker.setting(list)).flat_map(Node::items) {
        let roots = match (item.str(), item.str_at("path"), item.get("patch")) {
            (Some(text), ..) if text.contains('\n') => of_text(item),
            (Some(path), ..) | (None, Some(path), _) => of_file(path),
            (None, None, Some(text)) => of_text(text),
            (None, None, None) => continue,
        };
        found.push(Patch { named: item, roots, target: item.get("target").filter(|target| target.is_mapping()) });
    }
    found
}

/// The patch by which a taker may change what a controller builds, and with what.
pub(super) fn patch_of_outer<'s>(files: &Files<'s>, taker: Taker<'s>, outer: Taker<'s>) -> Option<Node<'s>> {
    const SAID: [&str; 8] =
        ["path", "patches", "postBuild", "components", "targetNamespace", "namePrefix", "nameSuffix", "sourceRef"];
    let identities = Identities::of(outer.root);
    let is_about = |root: Node<'s>| {
        let is_said = |key: &str| root.get("spec").is_some_and(|spec| spec.get(key).is_some());
        let operates = |operation: Node<'s>| {
            let path = operation.str_at("path").unwrap_or_default();
            path == "/spec" || SAID.iter().any(|key| path.starts_with(&format!("/spec/{key}")))
        };
        root.items().any(operates) || SAID.iter().any(|key| is_said(key))
    };
    let is_for_it = |patch: &Patch<'s>| match patch.target {
        Some(target) => by_target(target, outer.root, &identities) != Meant::No,
        None => patch.roots.as_ref().is_none_or(|roots| roots.iter().any(|root| identities.are_of(*root))),
    };
    let patches = patches(files, taker, &["patchesStrategicMerge", "patches", "patchesJson6902"]);
    let mut meant = patches.into_iter().filter(is_for_it);
    meant.find(|patch| patch.roots.as_ref().is_none_or(|roots| roots.iter().copied().any(is_about))).map(|it| it.named)
}

/// What else may change a release: replacements, and transformers that are not known to leave values alone.
fn read_more<'s>(files: &Files<'s>, taker: Taker<'s>, at: &str, patched: &mut Patched<'_, '_, 's>) {
    const CHANGES: [&str; 4] =
        ["PatchTransformer", "PatchJson6902Transformer", "PatchStrategicMergeTransformer", "ReplacementTransformer"];
    let kind = patched.object.str_at("kind");
    let may_change = |replacement: Node<'s>| {
        let mut targets = replacement.get("targets").into_iter().flat_map(Node::items);
        targets.any(|target| {
            let is_kind = target.str_at("select.kind").is_none_or(|selected| Some(selected) == kind);
            let mut paths = target.get("fieldPaths").into_iter().flat_map(Node::items).filter_map(Node::str);
            is_kind && paths.any(|path| path.contains("alues") || path.contains(MODE_KEY) || path == "spec")
        })
    };
    for item in taker.root.get("replacements").into_iter().flat_map(Node::items) {
        let is_about_it = match item.str_at("path") {
            None => may_change(item),
            Some(path) => file_at(files, &crate::files::joined(at, path))
                .is_none_or(|number| files.roots(number).any(|root| root.items().any(may_change) || may_change(root))),
        };
        if is_about_it {
            patched.doubt(u8::MAX, item, "a replacement of kustomize");
        }
    }
    for item in taker.root.get("transformers").into_iter().flat_map(Node::items) {
        let text = item.str().unwrap_or_default();
        let changes = |text: &str| CHANGES.iter().any(|kind| text.contains(kind));
        let of_file = || {
            let number = file_at(files, &crate::files::joined(at, text));
            number.is_none_or(|number| files.source(number).text().map_or(true, changes))
        };
        let may_change = if text.contains('\n') { changes(text) } else { of_file() };
        if may_change {
            patched.doubt(u8::MAX, item, "a transformer of kustomize");
        }
    }
}
