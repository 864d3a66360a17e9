//! By which names values show that they are this chart's. Other tools have a `cluster_id`, too: Databricks, Confluent,
//! Ansible roles for Kubernetes. So one name that others have shows nothing by itself.

use std::sync::LazyLock;

use super::{TEMPLATE_SCALARS, is_distinguishing, is_its_own, is_mode_key, values::Schema};

/// The names that only Illumio's tools have.
const UNMISTAKABLE: [&str; 2] = ["pce_url", "cluster_code"];

/// One that hardly any other chart has, which is enough beside one that others have, too.
const MANAGER: &str = "containerManager";

/// Names that hardly any other chart has: one is enough where every other name is one of this chart's.
const TYPICAL: [&str; 2] = [MANAGER, "networkType"];

/// Settings that few other charts have.
#[rustfmt::skip] // a table
const SETTINGS: [&str; 16] = [
    "argoCD", "containerManager", "containerRuntime", "cven", "degradedModePolicyFail", "disableDegradedMode",
    "enforceNodePortTraffic", "firewallBackend", "ignoreCert", "ignore_cert", "kubelink", "networkType", "policyLabelSetEnable",
    "reportHostNetworkKubernetesWorkloads", "userAllowedAnnotations", "waitForPolicy",
];

static SCHEMA: LazyLock<Schema> = LazyLock::new(Schema::shipped);

/// How far the names of some values show that these are this chart's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shown {
    /// Nothing shows it, or one name does that others have, too, among names that the chart has not.
    Not,
    /// One name does that others have, too, and every name beside it is one of the chart's.
    Perhaps,
    /// They are this chart's.
    Surely,
}

/// Whether the chart has a value of this name at its root.
pub(crate) fn is_known(name: &str) -> bool {
    SCHEMA.has(name)
}

/// Whether a key shows that a layer of a release is for this chart, and not for others as well.
pub(crate) fn is_setting(name: &str) -> bool {
    is_distinguishing(name) || SETTINGS.contains(&name)
}

/// Judges the names of values that stand together, without what `clusterMode` says.
pub(crate) fn shown(names: &[impl AsRef<str>]) -> Shown {
    // every chart has an override of its name, and what is merged has the names that it brings
    let says = |name: &&str| !name.ends_with("Override") && !["global", "<<"].contains(name) && !is_mode_key(name);
    let names = names.iter().map(AsRef::as_ref).filter(says);
    let (mut all, mut known, mut scalars) = (0, 0, [false; TEMPLATE_SCALARS.len()]);
    for name in names {
        all += 1;
        known += usize::from(is_known(name));
        if let Some(at) = TEMPLATE_SCALARS.iter().position(|scalar| *scalar == name) {
            scalars[at] = true;
        }
    }
    let there = || TEMPLATE_SCALARS.iter().zip(scalars).filter(|(_, is_there)| *is_there).map(|(name, _)| *name);
    let is_unmistakable = there().any(|name| UNMISTAKABLE.contains(&name));
    let own = there().filter(|name| is_its_own(name)).count();
    let are_most_known =
        2 * known >= all && (is_unmistakable || there().count() > 1 && there().any(|it| it == MANAGER));
    let is_typical = || there().any(|name| TYPICAL.contains(&name));
    let are_all_known = known == all && (there().count() > 1 && own > 0 || is_typical());
    if is_unmistakable && own > 1 || are_most_known || are_all_known {
        Shown::Surely
    } else if there().next().is_some() && known == all {
        Shown::Perhaps
    } else {
        Shown::Not
    }
}

/// Whether names of values that stand together show that these are this chart's: `clusterMode` is among them, or others
/// are that show it.
pub(crate) fn are_its_own(names: &[impl AsRef<str>]) -> bool {
    names.iter().any(|name| is_mode_key(name.as_ref())) || shown(names) == Shown::Surely
}

/// Whether names of values that stand together may be this chart's: then what is known of them is shown.
pub(crate) fn may_be_its_own(names: &[impl AsRef<str>]) -> bool {
    let has = |is_it: fn(&str) -> bool| names.iter().any(|name| is_it(name.as_ref()));
    has(is_mode_key) || has(is_its_own) && shown(names) > Shown::Not
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_that_others_have_shows_nothing_by_itself() {
        for (names, expected) in [
            (&["cluster_id", "name"][..], Shown::Not),
            (&["cluster_id", "cluster_token", "server", "tls_san", "node_label"], Shown::Not),
            (&["containerRuntime", "networkType", "image", "tolerations"], Shown::Not),
            (&["cluster_id"], Shown::Perhaps),
            (&["containerRuntime", "fullnameOverride"], Shown::Perhaps),
            (&["cluster_id", "cluster_token"], Shown::Surely),
            (&["cluster_id", "containerRuntime", "agents", "nodeSelector"], Shown::Not),
            (&["pce_url"], Shown::Surely),
            (&["pce_url", "ven_version", "activation_code"], Shown::Not),
            (&["pce_url", "cluster_id", "a", "b", "c", "d"], Shown::Surely),
            (&["containerRuntime", "containerManager"], Shown::Surely),
            (&["networkType"], Shown::Surely),
            (&["networkType", "subnets"], Shown::Not),
            (&[][..], Shown::Not),
        ] {
            assert_eq!(shown(names), expected, "{names:?}");
        }
        assert!(are_its_own(&["clusterMode", "a", "b"]) && !may_be_its_own(&["cluster_id", "spark_version"]));
    }
}
