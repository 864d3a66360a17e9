//! What a step changed in the pods' templates, and when it began: read from Helm's history and the API server's clock.

use std::env;

use helm_clas::{
    account::Account,
    verify::{Moment, Step},
};

use crate::outside::{helm::Helm, kubectl::Kubectl};

/// The attempt that a release's history ends with.
#[derive(Clone, Default)]
pub(crate) struct Attempt {
    /// What it changes, where it is known what ran before it.
    pub(crate) step: Option<Step>,
    /// When its first revision was recorded.
    pub(crate) since: Option<Moment>,
}

impl Attempt {
    /// The attempt of an account; `kubectl` asks in the namespace in which Helm keeps the release.
    pub(crate) fn of(account: &Account, helm: &Helm<'_>, kubectl: &Kubectl) -> Self {
        let (Some(before), Some(first)) = (&account.before, &account.first) else { return Self::default() };
        let templates = helm.templates(before.number).zip(helm.templates(account.newest.number));
        let step = templates.map(|(templates, now)| Step { revision_before: before.number, before: templates, now });
        let since = kept(helm.name(), first.number).and_then(|(kind, name)| kubectl.created(kind, &name));
        Self { step, since: since.or_else(|| first.at.clone()) }
    }
}

/// The object in which Helm keeps a revision, where it keeps it in the cluster. (`pkg/storage/storage.go`)
fn kept(release: &str, number: u64) -> Option<(&'static str, String)> {
    let kind = match env::var("HELM_DRIVER").unwrap_or_default().as_str() {
        "" | "secret" | "secrets" => "secret",
        "configmap" | "configmaps" => "configmap",
        _ => return None,
    };
    Some((kind, format!("sh.helm.release.v1.{release}.v{number}")))
}
