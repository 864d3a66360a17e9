//! Names of the objects of a policy, and objects by their names.

use super::Book;
use crate::policy::model::{ContainerCluster, is_uuid};

impl<'p> Book<'p> {
    /// The UUIDs of the clusters of a name, or of the one with this UUID; none where the policy knows no such cluster,
    /// several where they have one name. A UUID is taken as it is where no list of clusters was given.
    #[must_use]
    pub fn clusters<'a>(&'a self, named: &'a str) -> Vec<&'a str> {
        let Some(clusters) = &self.policy.container_clusters else {
            return if is_uuid(named) { vec![named] } else { Vec::new() };
        };
        match clusters.iter().find(|cluster| cluster.id() == named) {
            Some(cluster) => vec![cluster.id()],
            None => clusters.iter().filter(|cluster| &*cluster.name == named).map(ContainerCluster::id).collect(),
        }
    }

    /// The name of a cluster.
    #[must_use]
    pub fn name_of_cluster(&self, uuid: &str) -> Option<&'p str> {
        let clusters = self.policy.container_clusters.as_deref()?;
        clusters.iter().find(|cluster| cluster.id() == uuid).map(|cluster| &*cluster.name)
    }

    /// A label as `KEY:VALUE`, where its words are known.
    #[must_use]
    pub fn label_in_words(&self, href: &str) -> Option<String> {
        let label = self.label(self.label_id(href)?);
        (!(label.key.is_empty() || label.value.is_empty())).then(|| format!("{}:{}", label.key, label.value))
    }

    /// The name of a label group.
    #[must_use]
    pub fn group_name(&self, href: &str) -> Option<&'p str> {
        self.group(href).map(|group| &*group.name)
    }

    /// The name of an IP list.
    #[must_use]
    pub fn ip_list_name(&self, href: &str) -> Option<&'p str> {
        self.ip_list(href).map(|(list, _)| &*list.name)
    }

    /// The name of a virtual service.
    #[must_use]
    pub fn virtual_service_name(&self, href: &str) -> Option<&'p str> {
        self.virtual_service(href).map(|service| &*service.name)
    }

    /// Whether several virtual services have this name.
    #[must_use]
    pub fn has_twin_by_name(&self, name: &str) -> bool {
        self.shared_names[0].contains(name)
    }

    /// Whether several services have this name, which need not be unique.
    /// (The vendor's schema `sec_policy_services_get`)
    #[must_use]
    pub fn has_service_twin_by_name(&self, name: &str) -> bool {
        self.shared_names[1].contains(name)
    }
}
