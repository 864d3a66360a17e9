//! [`Assumption`]: what a comparison takes for granted, as a table. Each is named in the answer that rests on it.

use super::{
    entry::{Entries, Entry},
    space::Space,
    terms::{Opened, Part},
};

/// Something that a comparison takes for granted.
#[derive(Debug)]
pub struct Assumption {
    /// Its name, as it is written in JSON.
    pub id: &'static str,
    /// What is assumed.
    pub text: &'static str,
    /// Why: a page of the vendor's, or that nothing is documented.
    pub source: &'static str,
    is_used: fn(&Facts<'_, '_>) -> bool,
}

/// What a comparison met.
#[derive(Debug)]
pub(super) struct Facts<'f, 'p> {
    pub(super) space: &'f Space<'p>,
    pub(super) before: &'f Entries<'p>,
    pub(super) after: &'f Entries<'p>,
    /// Whether the rules after are those of drafts.
    pub(super) is_of_draft: bool,
}

const UPGRADE: &str = "the vendor's page \"Upgrade to CLAS Architecture\"";
const TRAFFIC: &str = "the vendor's page \"Rules and Traffic Considerations with CLAS\"";
const NOT_DOCUMENTED: &str = "not documented";

/// Everything that may be taken for granted.
pub const ASSUMPTIONS: [Assumption; 18] = [
    Assumption {
        id: "full-enforcement",
        text: "flows that no rule allows are blocked: every workload is in full enforcement",
        source: "the comparison is about rules, not about enforcement modes",
        is_used: |_| true,
    },
    Assumption {
        id: "labels-stay",
        text: "pods and nodes have the same labels in both models, and so do a service and the Kubernetes Workload \
               that it becomes",
        source: UPGRADE,
        is_used: |_| true,
    },
    Assumption {
        id: "cluster-address",
        text: "in the legacy model, rules that use virtual services open the cluster address of a service",
        source: UPGRADE,
        is_used: |facts| facts.has_cluster_addresses(),
    },
    Assumption {
        id: "pods-have-labels-of-service",
        text: "the pods behind a service have its labels; who reaches the service reaches the pods through it",
        source: NOT_DOCUMENTED,
        is_used: |facts| facts.has_cluster_addresses(),
    },
    Assumption {
        id: "two-sides",
        text: "in CLAS, a NodePort or LoadBalancer service remains a virtual service for callers outside the cluster, \
               and pods that call its cluster address reach a Kubernetes Workload",
        source: TRAFFIC,
        is_used: |facts| facts.has_two_sides(),
    },
    Assumption {
        id: "outside-as-today",
        text: "in CLAS, callers outside the cluster reach a NodePort or LoadBalancer service through the rules that admit them today, whatever its external traffic policy is and without the nodes among the sources, although release 5.1 supports `Cluster` alone and wants the nodes listed",
        source: "the release notes of 5.1, limitations; of later releases not documented",
        is_used: |facts| facts.has_two_sides(),
    },
    Assumption {
        id: "lists-are-outside",
        text: "the addresses of an IP list are callers outside the cluster, unless it contains some of the `pod_subnet` \
               of a node or, if the input does not have that of every node, of a private network: public addresses and \
               those of nodes are assumed not to call a cluster address",
        source: NOT_DOCUMENTED,
        is_used: |facts| facts.takes_lists_for_outside(),
    },
    Assumption {
        id: "sources-behind-node-ports",
        text: "in CLAS, sources that are virtual services still mean the pods behind a NodePort or LoadBalancer service",
        source: NOT_DOCUMENTED,
        is_used: |facts| facts.has_services_that_stay_as_sources(),
    },
    Assumption {
        id: "ports-replaced",
        text: "in CLAS, a rule that uses workloads and has a label of a service opens all ports of that service, \
               whichever ports it names; for other workloads its ports are unchanged",
        source: UPGRADE,
        is_used: |facts| facts.has_cluster_addresses(),
    },
    Assumption {
        id: "named-ports-narrow",
        text: "in the legacy model, a rule that names ports opens those of a virtual service's ports that it names",
        source: NOT_DOCUMENTED,
        is_used: |facts| facts.names_ports_of_virtual_services(),
    },
    Assumption {
        id: "no-port-no-service",
        text: "in CLAS, a rule that uses workloads and names no port opens none",
        source: UPGRADE,
        is_used: |facts| facts.after.allows.iter().any(|entry| entry.opened == Opened::OfServices),
    },
    Assumption {
        id: "lists-open-one-half",
        text: "an IP list opens one half of a flow: among the sources, what enters the destinations; among the \
               destinations, what leaves the sources; between two workloads the other half needs a rule of its own",
        source: TRAFFIC,
        is_used: |facts| facts.meets_addresses(),
    },
    Assumption {
        id: "public-addresses-are-no-workloads",
        text: "public addresses of IP lists are assumed to be of no workload",
        source: NOT_DOCUMENTED,
        is_used: |facts| facts.meets_addresses(),
    },
    Assumption {
        id: "all-but-means-none-too",
        text: "\"all but\" some labels of a key includes workloads without a label of that key",
        source: NOT_DOCUMENTED,
        is_used: |facts| facts.leaves_labels_out(),
    },
    Assumption {
        id: "named-service-in-any-scope",
        text: "a virtual service, an IP list or a workload that a rule names counts, whatever the scope of its rule \
               set",
        source: NOT_DOCUMENTED,
        is_used: |facts| facts.names_within_a_scope(),
    },
    Assumption {
        id: "denied-at-the-pods",
        text: "an override deny rule by labels blocks a service with these labels in both models, because its pods \
               have them",
        source: NOT_DOCUMENTED,
        is_used: |facts| !(facts.before.denies.is_empty() && facts.after.denies.is_empty()),
    },
    Assumption {
        id: "other-drafts-stay",
        text: "IP lists, services, label groups and labels are in draft what they are in force: only the drafts of rule sets and virtual services are compared",
        source: "the input has no other drafts",
        is_used: |facts| facts.is_of_draft,
    },
    Assumption {
        id: "other-fields-stay",
        text: "network_type, sec_connect, machine_auth, stateless, use_workload_subnets, consuming_security_principals and egress_services of a rule mean the same in both models",
        source: NOT_DOCUMENTED,
        is_used: |facts| facts.has_fields_that_are_not_documented(),
    },
];

impl Facts<'_, '_> {
    /// What the comparison rests on.
    pub(super) fn assumptions(&self) -> Vec<&'static Assumption> {
        ASSUMPTIONS.iter().filter(|assumption| (assumption.is_used)(self)).collect()
    }

    fn has_cluster_addresses(&self) -> bool {
        self.space.classes.iter().any(|class| class.has_cluster_address)
    }

    fn has_two_sides(&self) -> bool {
        self.space.classes.iter().any(|class| class.stays && class.has_cluster_address)
    }

    fn takes_lists_for_outside(&self) -> bool {
        let is_outside = |entry: &Entry| !entry.may_be_pods && self.space.are_addresses(entry.source);
        self.has_two_sides() && self.allows().any(is_outside)
    }

    fn allows(&self) -> impl Iterator<Item = &Entry> {
        self.before.allows.iter().chain(&self.after.allows)
    }

    fn has_services_that_stay_as_sources(&self) -> bool {
        let space = self.space;
        let stays = |class: u32| {
            let class = space.of_class(class);
            class.stays && class.has_cluster_address
        };
        let may_stay = |part| match part {
            Part::Service(service) => stays(space.class_of(service)),
            Part::Services(_) => space.behind.iter().any(|class| stays(*class)),
            _ => false,
        };
        self.allows().any(|entry| may_stay(entry.source))
    }

    fn names_ports_of_virtual_services(&self) -> bool {
        let is_service = |part| matches!(part, Part::Services(_) | Part::Service(_));
        self.allows().any(|entry| entry.opened != Opened::OfServices && is_service(entry.destination))
    }

    fn meets_addresses(&self) -> bool {
        let denies = self.before.denies.iter().chain(&self.after.denies);
        let mut parts = self.allows().chain(denies).flat_map(|entry| [entry.source, entry.destination]);
        parts.any(|part| self.space.are_addresses(part))
    }

    fn leaves_labels_out(&self) -> bool {
        (0..).take(self.space.boxes.len()).any(|number| {
            let keys = self.space.boxes.of(number).keys().iter();
            keys.into_iter().any(|(_, values)| values.left_out().is_some())
        })
    }

    fn has_fields_that_are_not_documented(&self) -> bool {
        // what turns a rule round is known, or said of the flows themselves
        let is_turned = |field: &str| field.starts_with("all_ips_except_for_in_");
        let mut rules = self.before.rules.iter().chain(&self.after.rules);
        rules.any(|rule| rule.rule.narrowing_fields().into_iter().any(|field| !is_turned(field)))
    }

    fn names_within_a_scope(&self) -> bool {
        let is_named = |part| match part {
            Part::Service(_) | Part::Addresses(_) | Part::Named(_) => true,
            Part::Workloads(_) | Part::Services(_) => false,
        };
        [self.before, self.after].iter().any(|entries| {
            entries.allows.iter().any(|entry| {
                let is_scoped = entries.rule(entry.rule).set.scopes.iter().any(|scope| !scope.is_empty());
                is_scoped && (is_named(entry.source) || is_named(entry.destination))
            })
        })
    }
}
