//! The roles that a PCE asks for.

/// What is done with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Read,
    Change,
}

/// What the last word of a path says of its objects, the deed, and the roles that may do it. An empty word means all
/// others. (Facts of the vendor's role table, Core 25.2 Admin: "Global Roles", "Scoped Roles"; Core 25.4
/// Admin, "Updates to Roles", which renames Global Read Only)
#[rustfmt::skip]
const ROLES: &[(&str, Deed, &str)] = &[
    ("container_workload_profiles", Deed::Change, "Global Administrator or Organization Owner"),
    ("workloads",                   Deed::Change, "Workload Manager, Global Administrator or Organization Owner"),
    ("",                            Deed::Change, "Global Administrator or Organization Owner"),
    ("container_workload_profiles", Deed::Read,
     "Global Viewer (formerly Global Read Only), Global Policy Object Provisioner, \
      Global Administrator or Organization Owner"),
    ("container_clusters",          Deed::Read,
     "Global Viewer (formerly Global Read Only), Global Policy Object Provisioner, \
      Global Administrator or Organization Owner"),
    ("",                            Deed::Read,
     "Global Viewer (formerly Global Read Only), Global Administrator or Organization Owner"),
];

/// The roles that may do this at a path.
pub(super) fn roles(path: &str, deed: Deed) -> &'static str {
    let path = path.split('?').next().unwrap_or_default();
    let words = || path.rsplit('/');
    let fits = |word: &str| word.is_empty() || words().any(|found| found == word);
    ROLES.iter().find(|(word, of, _)| *of == deed && fits(word)).map_or("a global role", |(_, _, roles)| roles)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_has_its_roles() {
        let profiles = "/orgs/3/container_clusters/5a1e/container_workload_profiles";
        assert!(roles(profiles, Deed::Read).contains("Provisioner"));
        assert!(!roles(&format!("{profiles}/9d00"), Deed::Change).contains("Workload Manager"));
        assert!(roles("/orgs/3/workloads/bulk_update", Deed::Change).starts_with("Workload Manager"));
        assert!(roles("/orgs/3/kubernetes_workloads?container_clusters=x", Deed::Read).starts_with("Global Viewer"));
    }
}
