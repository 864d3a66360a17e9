//! What an export of a PCE's policy consists of: file names, and where on the PCE each comes from.
//!
//! `helm clas policy export DIR` writes these files and `helm clas policy DIR` reads them. Each holds what the PCE
//! answered, as it answered it.

/// A collection of the PCE, as one file of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Collection {
    /// The file's name below the folder of the export, with `/` between its parts.
    pub file: &'static str,
    /// The API path below `/orgs/N`.
    pub path: &'static str,
    /// Whether nothing can be judged without it. Without one of the others, what depends on it is not known.
    pub required: bool,
    /// What that is; empty where nothing is missed without it.
    pub tells: &'static str,
}

/// The rule sets in force; what is judged.
pub const RULE_SETS: &str = "active/rule_sets.json";
/// The rule sets as they will be once they are provisioned.
pub const DRAFT_RULE_SETS: &str = "draft/rule_sets.json";
/// Virtual services; those of type `ClusterIP` go away with CLAS.
pub const VIRTUAL_SERVICES: &str = "active/virtual_services.json";
/// Virtual services as they will be once they are provisioned.
pub const DRAFT_VIRTUAL_SERVICES: &str = "draft/virtual_services.json";
/// Label groups, which may hold each other.
pub const LABEL_GROUPS: &str = "active/label_groups.json";
/// Services: names for ports and protocols.
pub const SERVICES: &str = "active/services.json";
/// IP lists: names for addresses and DNS names.
pub const IP_LISTS: &str = "active/ip_lists.json";
/// The deny rules of older PCEs.
pub const ENFORCEMENT_BOUNDARIES: &str = "active/enforcement_boundaries.json";
/// Labels, for their names.
pub const LABELS: &str = "labels.json";
/// Container clusters, for their names.
pub const CONTAINER_CLUSTERS: &str = "container_clusters.json";
/// What each namespace is enforced with: the collections of all clusters in one list. No collection of the
/// organisation: each cluster has its own, below [`CONTAINER_CLUSTERS`] at [`CONTAINER_WORKLOAD_PROFILES_PATH`].
pub const CONTAINER_WORKLOAD_PROFILES: &str = "container_workload_profiles.json";
/// The API path of the profiles below the href of their cluster.
pub const CONTAINER_WORKLOAD_PROFILES_PATH: &str = "container_workload_profiles";
/// The version of the PCE; one object, from [`PRODUCT_VERSION_PATH`]. No policy: it says what was exported.
pub const PRODUCT_VERSION: &str = "product_version.json";
/// The API path of the version below `/api/v2`, not below an organisation.
pub const PRODUCT_VERSION_PATH: &str = "product_version";

/// The collections of an organisation, each a list of objects. A PCE that does not know an optional one (deny rules
/// have moved over time) answers 404, and its file is not written.
#[rustfmt::skip]
pub const COLLECTIONS: &[Collection] = &[
    Collection { file: RULE_SETS,              required: true,  path: "sec_policy/active/rule_sets",
                 tells: "what the rules are" },
    Collection { file: DRAFT_RULE_SETS,        required: false, path: "sec_policy/draft/rule_sets",
                 tells: "whether rule sets have changes that are not provisioned" },
    Collection { file: VIRTUAL_SERVICES,       required: false, path: "sec_policy/active/virtual_services",
                 tells: "which virtual services the rules reach, and which of them CLAS removes" },
    Collection { file: DRAFT_VIRTUAL_SERVICES, required: false, path: "sec_policy/draft/virtual_services",
                 tells: "" },
    Collection { file: LABEL_GROUPS,           required: false, path: "sec_policy/active/label_groups",
                 tells: "which labels the label groups have" },
    Collection { file: SERVICES,               required: false, path: "sec_policy/active/services",
                 tells: "which ports the named services hold" },
    Collection { file: IP_LISTS,               required: false, path: "sec_policy/active/ip_lists",
                 tells: "which addresses the IP lists have" },
    Collection { file: ENFORCEMENT_BOUNDARIES, required: false, path: "sec_policy/active/enforcement_boundaries",
                 tells: "" },
    Collection { file: LABELS,                 required: false, path: "labels",
                 tells: "" },
    Collection { file: CONTAINER_CLUSTERS,     required: false, path: "container_clusters",
                 tells: "" },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_and_a_path_stand_for_the_same_collection() {
        for collection in COLLECTIONS {
            let path = collection.path.strip_prefix("sec_policy/").unwrap_or(collection.path);
            assert_eq!(collection.file, format!("{path}.json"));
        }
    }
}
