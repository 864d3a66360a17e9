//! What Flux patches in a source that is not a repository of Git: what that holds may be what is in this checkout.

use crate::{
    chart::MODE_KEY,
    files::Files,
    rendered::LiveChange,
    yaml::{Node, Texts},
};

/// The releases that Kustomizations of a file patch which build something else than a repository of Git, such as an
/// artifact; and that a component there may patch any. (Flux documentation, Kustomization, Source reference, Patches,
/// Components)
pub(crate) fn patched_elsewhere(files: &Files<'_>, number: usize) -> Vec<LiveChange> {
    let has = |word: &str| memchr::memmem::find(files.source(number).bytes, word.as_bytes()).is_some();
    if !has("kustomize.toolkit.fluxcd.io") || !has("patches") && !has("components") {
        return Vec::new();
    }
    let is_elsewhere = |root: &Node<'_>| {
        let kind = root.str_at("spec.sourceRef.kind");
        root.str_at("kind") == Some("Kustomization") && kind.is_some_and(|kind| kind != "GitRepository")
    };
    let objects = || files.roots(number).filter(is_elsewhere);
    let patches = objects().filter_map(|root| root.at("spec.patches")).flat_map(Node::items).filter_map(changed);
    let components = objects().filter_map(|root| root.at("spec.components")).flat_map(Node::items);
    // what these patch is in the source
    let by_component = components.map(|component| LiveChange {
        command: "components".to_owned(),
        name: "*".to_owned(),
        span: component.span(),
    });
    patches.chain(by_component).collect()
}

/// The release whose values a patch may change, or that it may be any.
fn changed(patch: Node<'_>) -> Option<LiveChange> {
    let said = patch.str_at("patch")?;
    let kind = patch.str_at("target.kind");
    let is_of_release = kind.map_or(said.contains("HelmRelease"), |kind| kind == "HelmRelease");
    let changes_values = [MODE_KEY, "values", "chart"].iter().any(|word| said.contains(word));
    let texts = Texts::new();
    let own = Files::of(&texts, [("", said)]);
    let own = own.roots(0).find_map(|root| root.str_at("metadata.name").map(str::to_owned));
    // one of a target is a regular expression
    let is_name = |name: &String| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let name = patch.str_at("target.name").map(str::to_owned).or(own).filter(is_name);
    (is_of_release && changes_values).then(|| LiveChange {
        command: "patches".to_owned(),
        name: name.unwrap_or_else(|| "*".to_owned()),
        span: patch.span(),
    })
}
