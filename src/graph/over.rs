//! What a level of a way puts over a release: its components first, then its patches, as kustomize does.

use super::{
    identity::Level,
    objects::built_by,
    patch::{Patch, Patched},
    taker::{By, Role, Taker, takers_in},
    touched::field_path,
    way::{file_at, folder_file},
};
use crate::{
    files::Files,
    yaml::{Node, Text},
};

/// What may give labels to objects.
const LABELS: [&str; 4] = ["labels", "commonLabels", "commonAnnotations", "transformers"];

/// Puts what a level says over a release.
pub(super) fn put_over<'s>(files: &Files<'s>, level: Level<'s>, patched: &mut Patched<'_, '_, 's>, depth: usize) {
    const DEEPEST: usize = 16;
    if depth == 0 {
        patched.passed.extend(level.takers().map(Taker::file));
    }
    for taker in level.takers() {
        let before = patched.count;
        patched.generate(files, taker);
        let generated = patched.count;
        let at = files.path_from_top(taker.file());
        let taken_paths = taker.takes(&at);
        for (path, _) in taken_paths.iter().filter(|(_, role)| *role == Role::Component && depth < DEEPEST) {
            match folder_file(files, path) {
                // what is of a component went through it before
                Some(component) if patched.passed.contains(&component) => {}
                Some(component) if !is_read(files, component) => {
                    patched.doubt(u8::MAX, taker.root, "a component that cannot be read");
                }
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
        // which of them comes last depends on the version of kustomize
        if generated > before && patched.count > generated {
            patched.doubt_above(taker.root, "what a component changes of an object that is generated beside it");
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
        given_to_all(taker).for_each(|(name, value)| patched.keep(name, value));
        read_more(files, taker, &files.path_from_top(taker.file()), patched);
        patched.identities.is_labelled |=
            LABELS.iter().any(|list| taker.setting(list).is_some() || taker.root.get(list).is_some());
    }
}

/// The annotations and labels that a taker gives to all objects. (kustomize documentation, `commonAnnotations`, `labels`;
/// Flux documentation, Kustomization, `commonMetadata`)
fn given_to_all(taker: Taker<'_>) -> impl Iterator<Item = (&str, Node<'_>)> {
    const LISTS: [&str; 4] =
        ["commonAnnotations", "commonLabels", "spec.commonMetadata.annotations", "spec.commonMetadata.labels"];
    let pairs = taker.setting("labels").into_iter().flat_map(Node::items).filter_map(|item| item.get("pairs"));
    LISTS.into_iter().filter_map(move |list| taker.root.at(list)).chain(pairs).flat_map(Node::entries)
}

/// Whether all of a file can be read.
fn is_read(files: &Files<'_>, number: usize) -> bool {
    files.text(number).is_ok() && files.parts(number).iter().all(|part| part.text.is_ok())
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
pub(super) fn patches<'s>(files: &Files<'s>, taker: Taker<'s>, lists: &[&str]) -> Vec<Patch<'s>> {
    let at = files.path_from_top(taker.file());
    let items = lists.iter().filter_map(|list| taker.setting(list)).flat_map(Node::items);
    let of_item = |item: Node<'s>| match taker.by {
        By::Flux => object_of(item).or_else(|| patch_of(files, &at, item)),
        By::Kustomize | By::Argo(_) => patch_of(files, &at, item),
    };
    items.filter_map(of_item).collect()
}

/// A patch that is written as an object, or as a list of operations: older versions of Flux take them so.
fn object_of(item: Node<'_>) -> Option<Patch<'_>> {
    let root = if item.get("kind").is_some() { item } else { item.get("patch").filter(|patch| patch.is_list())? };
    let target = item.get("target").filter(|target| target.is_mapping() && root != item);
    Some(Patch { named: item, roots: Some(vec![root]), target })
}

/// The patch that an item of a list is, in a file at a path from the top.
pub(super) fn patch_of<'s>(files: &Files<'s>, at: &str, item: Node<'s>) -> Option<Patch<'s>> {
    // what begins as JSON must be that
    let is_read = |text: &str| !text.starts_with('[') || serde_json::from_str::<serde_json::Value>(text).is_ok();
    let of_text = |text: Node<'s>| match text.inner_of_any_root().filter(|_| text.str().is_none_or(is_read)) {
        Some(Ok(inner)) => Some(inner.root().into_iter().collect()),
        _ => None,
    };
    let roots = match (item.str(), item.str_at("path"), item.get("patch")) {
        (Some(text), ..) if text.contains('\n') => of_text(item),
        (Some(path), ..) | (None, Some(path), _) => roots_of(files, at, path),
        (None, None, Some(text)) => of_text(text),
        (None, None, None) => return None,
    };
    Some(Patch { named: item, roots, target: item.get("target").filter(|target| target.is_mapping()) })
}

/// The roots of a file that is named beside another one; nothing where any of it was not read, or cannot be.
fn roots_of<'s>(files: &Files<'s>, at: &str, path: &str) -> Option<Vec<Node<'s>>> {
    let number = file_at(files, &crate::files::joined(at, path))?;
    files.text(number).ok()?;
    let root = |part: &crate::files::Part<'s>| match &part.text {
        Ok(text) => Some(text.root()),
        Err(_) => files.list(number, &part.range).map(Text::root),
    };
    let roots: Option<Vec<Option<Node<'s>>>> = files.parts(number).iter().map(root).collect();
    Some(roots?.into_iter().flatten().collect())
}

/// The transformers of kustomize that leave values alone. (kustomize, `api/internal/plugins/builtinhelpers`)
const LEAVE_VALUES: [&str; 9] = [
    "NamespaceTransformer",
    "PrefixTransformer",
    "SuffixTransformer",
    "PrefixSuffixTransformer",
    "LabelTransformer",
    "AnnotationsTransformer",
    "ImageTagTransformer",
    "ReplicaCountTransformer",
    "HashTransformer",
];

/// What the kinds of those are called that give objects other names.
const NAMING: [&str; 4] = ["Namespace", "Prefix", "Suffix", "Hash"];

/// The keys of objects below which values are.
const HOLD_VALUES: [&str; 3] = ["spec", "data", "stringData"];

/// The fields of a configuration that follow a name, or a variable, and are nothing by themselves. (kustomize,
/// `api/internal/plugins/builtinconfig/transformerconfig.go`)
const FOLLOW: [&str; 2] = ["nameReference", "varReference"];

/// What else may change a release: replacements, and transformers that are not known to leave values alone.
fn read_more<'s>(files: &Files<'s>, taker: Taker<'s>, at: &str, patched: &mut Patched<'_, '_, 's>) {
    for item in taker.root.get("replacements").into_iter().flat_map(Node::items) {
        let roots = item.str_at("path").map_or_else(|| Some(vec![item]), |path| roots_of(files, at, path));
        let Some(roots) = roots else {
            patched.doubt(u8::MAX, item, "a replacement of kustomize");
            continue;
        };
        for root in roots {
            let all: Vec<Node<'s>> = if root.is_list() { root.items().collect() } else { vec![root] };
            for replacement in all {
                replaced(replacement, item, patched);
            }
        }
    }
    for item in taker.root.get("transformers").into_iter().flat_map(Node::items) {
        let roots = match item.str() {
            Some(text) if text.contains('\n') => {
                let inner = item.inner_of_any_root().and_then(Result::ok).and_then(Text::root);
                inner.map(|root| vec![root])
            }
            path => path.and_then(|path| roots_of(files, at, path)),
        };
        let leaves = |root: Node<'s>| leaves_values(root) && !(patched.holds_values() && gives_names(root));
        if roots.is_none_or(|roots| !roots.into_iter().all(leaves)) {
            patched.doubt(u8::MAX, item, "a transformer of kustomize");
        }
    }
    for item in taker.setting("labels").into_iter().flat_map(Node::items) {
        for field in item.get("fields").into_iter().flat_map(Node::items) {
            put_at(field, item, patched);
        }
    }
    for item in taker.root.get("configurations").into_iter().flat_map(Node::items) {
        match item.str().and_then(|path| roots_of(files, at, path)) {
            Some(roots) => roots
                .into_iter()
                .flat_map(Node::entries)
                .filter(|(of, _)| !FOLLOW.contains(of))
                .flat_map(|(_, fields)| fields.items())
                .for_each(|field| put_at(field, item, patched)),
            None => patched.doubt(u8::MAX, item, "a configuration of kustomize that was not read"),
        }
    }
}

/// Takes that kustomize puts something at a field: a label, a name, whatever it has for fields of that kind. (kustomize,
/// `api/types/fieldspec.go`)
fn put_at<'s>(field: Node<'s>, named: Node<'s>, patched: &mut Patched<'_, '_, 's>) {
    let kind = patched.object.str_at("kind");
    let Some(path) = field.str_at("path") else { return };
    if field.str_at("kind").is_some_and(|selected| Some(selected) != kind) {
        return;
    }
    // a slash within a name follows a backslash
    let keys: Vec<String> = path.replace("\\/", "\0").split('/').map(|name| name.replace('\0', "/")).collect();
    // `a[]` is every item of a list
    let keys: Vec<String> = keys
        .into_iter()
        .flat_map(|name| match name.strip_suffix("[]") {
            Some(list) => vec![list.to_owned(), "*".to_owned()],
            None => vec![name],
        })
        .collect();
    if keys.first().is_some_and(|name| HOLD_VALUES.contains(&name.as_str())) {
        patched.touch_field(named, &keys);
    }
}

/// Whether a transformer is one of kustomize that leaves values alone, and is not configured to change them.
fn leaves_values(transformer: Node<'_>) -> bool {
    let is_known = transformer.str_at("apiVersion") == Some("builtin")
        && transformer.str_at("kind").is_some_and(|kind| LEAVE_VALUES.contains(&kind));
    let mut fields = transformer.get("fieldSpecs").into_iter().flat_map(Node::items);
    is_known
        && !fields.any(|field| {
            field
                .str_at("path")
                .is_none_or(|path| HOLD_VALUES.iter().any(|key| path.starts_with(key)) && may_be_values(path))
        })
}

/// Whether a transformer may give objects other names, by which a release finds those that it takes values from.
fn gives_names(transformer: Node<'_>) -> bool {
    transformer.str_at("kind").is_none_or(|kind| NAMING.iter().any(|word| kind.contains(word)))
}

fn may_be_values(path: &str) -> bool {
    !path.starts_with("spec") || path.to_ascii_lowercase().contains("values") || path.contains(crate::chart::MODE_KEY)
}

/// Takes over what a replacement puts into the object.
fn replaced<'s>(replacement: Node<'s>, named: Node<'s>, patched: &mut Patched<'_, '_, 's>) {
    let kind = patched.object.str_at("kind");
    for target in replacement.get("targets").into_iter().flat_map(Node::items) {
        if target.str_at("select.kind").is_some_and(|selected| Some(selected) != kind) {
            continue;
        }
        for path in target.get("fieldPaths").into_iter().flat_map(Node::items).filter_map(Node::str) {
            patched.touch_field(named, &field_path(path));
        }
    }
}
