//! The commands by which what brings an object to a cluster does so now: a Kustomization of Flux, an Application of Argo CD.

use super::{run, say};
use crate::{
    instruction::{Applying, Bringer, Instruction, of_app},
    open_word,
};

/// What has a Kustomization apply what it builds.
pub(super) fn reconciled(applying: &Applying<'_>, bringer: &Bringer, name: &str) -> Vec<Instruction> {
    let namespace = bringer.namespace.as_deref();
    let namespace = namespace.map_or(open_word::NAMESPACE, |name| open_word::known_or(name, open_word::NAMESPACE));
    let options = || ["-n", namespace].into_iter().chain(applying.cluster("--context"));
    let mut all = Vec::new();
    if bringer.is_suspended {
        all.push(say("the Kustomization is suspended: Flux does not apply this file until you resume it"));
        all.push(run(["flux", "resume", "kustomization", name].into_iter().chain(options())));
    }
    let words = ["flux", "reconcile", "kustomization", name, "--with-source"];
    all.push(run(words.into_iter().chain(options())));
    all
}

/// The commands for an Application in a namespace.
pub(super) fn synced_in(name: &str, namespace: Option<&str>) -> Vec<Instruction> {
    let namespace = || of_app(namespace);
    vec![
        run(["argocd", "app", "get", name].into_iter().chain(namespace()).chain(["--refresh"])),
        run(["argocd", "app", "sync", name].into_iter().chain(namespace())),
    ]
}
