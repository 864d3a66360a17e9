//! [`PodNetworks`]: whether the addresses of an IP list may be those of pods.
//!
//! Pods that call the cluster address of a service meet a Kubernetes Workload in CLAS, and callers outside of the
//! cluster do not. An IP list stands for callers outside, unless it holds an address of pods: of the `pod_subnet` of a
//! node, where the input has that of every node; otherwise of any network that is not routed on the internet, as those
//! of pods are. Which addresses a list holds that is not understood, or that has DNS names, is not known: they may be
//! those of pods.

use std::{cell::RefCell, collections::HashMap};

use super::{
    Book,
    address::Addresses,
    model::{Actor, Condition, Kind, SecRule},
};

/// Networks that are not routed on the internet, and that pods may have. (Source: RFC 1918, 6598, 2544, 1112 and 4193)
const PRIVATE: [&str; 7] =
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15", "240.0.0.0/4", "fc00::/7"];

/// The networks of the pods of the clusters that are asked about.
#[derive(Debug)]
pub(super) struct PodNetworks<'p> {
    book: &'p Book<'p>,
    known: Addresses,
    /// Whether every node of these clusters has told its network.
    are_all_known: bool,
    private: Addresses,
    /// What was asked about IP lists before.
    lists: RefCell<HashMap<&'p str, bool>>,
}

impl<'p> PodNetworks<'p> {
    pub(super) fn of(book: &'p Book<'p>, cluster: Option<&str>) -> Self {
        let mut known = Addresses::default();
        let clusters = book.policy.container_clusters.iter().flatten();
        let mut nodes =
            clusters.filter(|of| cluster.is_none_or(|meant| meant == of.id())).map(|of| &*of.nodes).peekable();
        let mut are_all_known = nodes.peek().is_some();
        for nodes in nodes {
            are_all_known &= !nodes.is_empty();
            for node in nodes {
                are_all_known &= known.add(&node.pod_subnet, None, false);
            }
        }
        let mut private = Addresses::default();
        for block in PRIVATE {
            private.add(block, None, false);
        }
        let (known, private) = (known.settled(), private.settled());
        Self { book, known, are_all_known, private, lists: RefCell::default() }
    }

    /// The networks that workloads may have addresses of: those of pods, and those that are not routed on the internet.
    pub(super) fn of_workloads(&self) -> Addresses {
        self.known.clone().and(self.private.clone())
    }

    /// Whether the sources of a rule may be pods that call the cluster address of a service.
    pub(super) fn may_be_sources(&self, rule: &'p SecRule<'p>) -> bool {
        let are_others = rule.consumers.iter().any(|actor| actor.kind != Kind::IpList);
        are_others || self.may_be_addresses(rule)
    }

    /// Whether the addresses among the sources of a rule may be those of pods.
    pub(super) fn may_be_addresses(&self, rule: &'p SecRule<'p>) -> bool {
        let lists = || rule.consumers.iter().filter(|actor| actor.kind == Kind::IpList);
        let all = || {
            let held = lists().filter_map(|list| Some(self.book.ip_list(&list.object.href)?.1.clone()));
            held.fold(Addresses::default(), Addresses::and)
        };
        if rule.has(Condition::SourcesLeftOut) {
            // everything but these: no pod only where they hold all pods
            return !(self.are_all_known && all().cover(&self.known));
        }
        lists().any(|list| self.may_be_in(list))
    }

    fn may_be_in(&self, list: &'p Actor<'p>) -> bool {
        let href: &'p str = &list.object.href;
        *self.lists.borrow_mut().entry(href).or_insert_with(|| {
            let Some((list, held)) = self.book.ip_list(href) else { return true };
            !(list.fqdns.is_empty() && list.unknown_fields().is_empty()) || self.may_hold(held)
        })
    }

    /// Whether some of these addresses, all of which are understood, may be those of pods.
    fn may_hold(&self, held: &Addresses) -> bool {
        self.known.share(held) || (!self.are_all_known && self.private.share(held))
    }
}
