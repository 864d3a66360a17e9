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
    /// Whether the namespace is in Full Enforcement, with its mode; nothing where that is not known.
    pub(super) enforcement: Option<(bool, Doubt)>,
}

/// Whether the policy says how the namespace is enforced.
pub(in crate::policy) fn tells_enforcement(book: &Book<'_>, question: &Question<'_>) -> bool {
    profiles(book, question).next().is_some()
}

/// How the namespace is enforced, in each cluster that is asked about.
fn profiles<'p>(book: &Book<'p>, question: &Question<'_>) -> impl Iterator<Item = &'p Profile<'p>> {
    let is_meant = move |profile: &&Profile<'_>| {
        let is_of = |cluster| profile.href.contains(&format!("/container_clusters/{cluster}/"));
        profile.namespace.as_deref() == Some(question.namespace) && question.cluster.is_none_or(is_of)
    };
    book.policy.container_workload_profiles.iter().flatten().filter(is_meant)
}

impl Facts {
    pub(super) fn of(reach: &Reach<'_>, question: &Question<'_>) -> Self {
        let known = reach.known.iter().filter(|known| known.is_meant && known.service.cluster().is_some());
        let addresses = known.flat_map(|known| &known.service.service_addresses);
        let node_labels = question.node_labels.iter();
        let node_labels = node_labels.filter_map(|(key, value)| reach.book.label_named(key, value));
        let modes: Vec<&str> = profiles(reach.book, question).map(|profile| &*profile.enforcement_mode).collect();
        let strictest = modes.iter().find(|mode| **mode == "full").or_else(|| modes.first());
        Self {
            everything: Block::everything(),
            service_cidrs: question.service_cidrs.to_vec(),
            seen: addresses.filter_map(|address| address.ip.parse().ok()).collect(),
            node_labels: (!question.node_labels.is_empty()).then(|| node_labels.collect()),
            enforcement: strictest.map(|mode| {
                let namespace = question.namespace.to_owned();
                (*mode == "full", Doubt::Enforcement { namespace, mode: shown(mode).into_owned() })
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
