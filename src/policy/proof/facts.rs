//! [`Facts`]: what is known of the cluster.

use super::Doubt;
use crate::policy::{
    Book, Question,
    address::{Addresses, Block},
    book::LabelId,
    infrastructure::{End, Mandatory},
    model::Profile,
    reach::Reach,
    words::shown,
};

/// What is known of the cluster.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) everything: [Block; 2],
    pub(super) service_cidrs: Vec<Block>,
    /// The addresses of the services that were seen.
    pub(super) seen: Vec<Block>,
    /// The labels of every node; nothing where they are not told.
    pub(super) node_labels: Option<Vec<LabelId>>,
    /// The labels that everything in the namespace has; nothing where they are not told.
    pub(super) pod_labels: Option<Vec<LabelId>>,
    /// Whether the namespace is in Full Enforcement, with its mode; nothing where that is not known.
    pub(super) enforcement: Option<(bool, Doubt)>,
}

/// The modes of enforcement. (The vendor's schema `container_clusters_container_workload_profiles_get`)
const MODES: [&str; 4] = ["idle", "visibility_only", "selective", FULL];
const FULL: &str = "full";

/// Whether the policy tells how the namespace is enforced.
pub(in crate::policy) fn tells_enforcement(book: &Book<'_>, question: &Question<'_>) -> bool {
    strictest(book, question).is_some()
}

/// The mode of the namespace that asks most; nothing where none is told, or one is not known.
fn strictest<'p>(book: &Book<'p>, question: &Question<'_>) -> Option<&'p str> {
    let modes: Vec<&str> = profiles(book, question).map(|profile| &*profile.enforcement_mode).collect();
    let are_known = modes.iter().all(|mode| MODES.contains(mode));
    modes.iter().find(|mode| **mode == FULL).or_else(|| modes.first().filter(|_| are_known)).copied()
}

/// How the namespace is enforced, in each cluster that is asked about.
fn profiles<'p>(book: &Book<'p>, question: &Question<'_>) -> impl Iterator<Item = &'p Profile<'p>> {
    let is_meant = move |profile: &&Profile<'_>| {
        let is_of = |cluster| profile.is_of(cluster);
        profile.namespace.as_deref() == Some(question.namespace) && question.cluster.is_none_or(is_of)
    };
    book.policy.container_workload_profiles.iter().flatten().filter(is_meant)
}

/// The labels that everything in the namespace has, in each cluster that is asked about.
fn labels_of_namespace(book: &Book<'_>, question: &Question<'_>) -> Option<Vec<LabelId>> {
    let of_profile = |profile: &Profile<'_>| -> Option<Vec<LabelId>> {
        let assigned = profile.labels.iter().filter_map(|label| label.assignment.as_ref());
        let labels = assigned.chain(&profile.assign_labels).map(|label| book.label_id(&label.href));
        labels.collect::<Option<Vec<_>>>().filter(|labels| !labels.is_empty())
    };
    let all = profiles(book, question).map(of_profile).collect::<Option<Vec<_>>>()?;
    let (first, others) = all.split_first()?;
    Some(first.iter().copied().filter(|label| others.iter().all(|labels| labels.contains(label))).collect())
}

impl Facts {
    pub(super) fn of(reach: &Reach<'_>, question: &Question<'_>) -> Self {
        let known = reach.known.iter().filter(|known| known.is_meant && known.service.cluster().is_some());
        let addresses = known.flat_map(|known| &known.service.service_addresses);
        let node_labels = question.node_labels.iter();
        let node_labels = node_labels.filter_map(|(key, value)| reach.book.label_named(key, value));
        Self {
            everything: Block::everything(),
            service_cidrs: question.service_cidrs.to_vec(),
            seen: addresses.filter_map(|address| address.ip.parse().ok()).collect(),
            node_labels: (!question.node_labels.is_empty()).then(|| node_labels.collect()),
            pod_labels: labels_of_namespace(reach.book, question),
            enforcement: strictest(reach.book, question).map(|mode| {
                let namespace = question.namespace.to_owned();
                (mode == FULL, Doubt::Enforcement { namespace, mode: shown(mode).into_owned() })
            }),
        }
    }

    /// The addresses that a mandatory rule is about, where they are known.
    pub(super) fn blocks(&self, mandatory: &Mandatory) -> &[Block] {
        match (mandatory.source, mandatory.destination) {
            (End::Everything, _) | (_, End::Everything) => &self.everything,
            (End::ServiceCidr, _) | (_, End::ServiceCidr) => &self.service_cidrs,
            _ => &[],
        }
    }

    /// What addresses lack to be everything, where that is one family: many a cluster has no other.
    pub(super) fn missing(&self, mandatory: &Mandatory, held: &Addresses) -> Option<String> {
        let [four, six] = &self.everything;
        let is_everything = self.blocks(mandatory) == self.everything;
        (is_everything && held.hold(four)).then(|| six.to_string())
    }
}
