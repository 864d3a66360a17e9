//! [`Book`]: every object of a policy by its href, with what the check asks of it.

mod labels;
mod names;
mod services;

pub(super) use labels::{Dimension, Label, LabelId, OpenedGroup, UNTOLD};

use std::collections::{HashMap, HashSet};

use super::{
    Policy,
    address::Addresses,
    model::{Actor, IpList, Kind, LabelGroup, SecRule, Service, ServicePort, VirtualService},
    openings::Openings,
    ports::Ports,
};

/// Every object of a policy by its href. The draft and the active copy of an object are the same object here.
#[derive(Debug)]
pub struct Book<'p> {
    /// What it was made from.
    pub policy: &'p Policy<'p>,
    label_ids: HashMap<&'p str, LabelId>,
    labels: Vec<Label<'p>>,
    dimensions: HashMap<&'p str, Dimension>,
    groups: HashMap<&'p str, &'p LabelGroup<'p>>,
    services: HashMap<&'p str, (&'p Service<'p>, Ports)>,
    /// What services open under a condition; few have one.
    narrowed_services: HashMap<&'p str, Openings>,
    ip_lists: HashMap<&'p str, (&'p IpList<'p>, Addresses)>,
    virtual_services: HashMap<&'p str, &'p VirtualService<'p>>,
    /// The names that several virtual services have, and those that several services have.
    shared_names: [HashSet<&'p str>; 2],
}

/// The part of an href that is the same in draft and active.
pub(super) fn plain(href: &str) -> &str {
    href.split_once("/sec_policy/").and_then(|(_, rest)| rest.split_once('/')).map_or(href, |(_, plain)| plain)
}

/// The names that occur there more than once.
fn shared<'p>(names: impl Iterator<Item = &'p str>) -> HashSet<&'p str> {
    let mut seen = HashSet::new();
    names.filter(|name| !seen.insert(*name)).collect()
}

impl<'p> Book<'p> {
    /// Makes the book of a policy.
    #[must_use]
    pub fn of(policy: &'p Policy<'p>) -> Self {
        let mut book = Self {
            policy,
            label_ids: HashMap::new(),
            labels: Vec::new(),
            dimensions: HashMap::from([("", UNTOLD)]),
            groups: HashMap::new(),
            services: HashMap::new(),
            narrowed_services: HashMap::new(),
            ip_lists: HashMap::new(),
            virtual_services: HashMap::new(),
            shared_names: <[HashSet<&str>; 2]>::default(),
        };
        for label in policy.labels.iter().flatten() {
            book.add_label(label);
        }
        for service in policy.virtual_services.iter().flatten() {
            service.labels.iter().for_each(|label| book.add_label(label));
            book.virtual_services.insert(plain(&service.href), service);
        }
        book.shared_names = [
            shared(policy.virtual_services.iter().flatten().map(|one| &*one.name)),
            shared(policy.services.iter().flatten().map(|one| &*one.name)),
        ];
        for group in policy.label_groups.iter().flatten() {
            book.dimension(&group.key);
            group.labels.iter().for_each(|label| book.add_member(label, &group.key));
            book.groups.insert(plain(&group.href), group);
        }
        let named = policy.rule_sets.iter().flat_map(|set| {
            let actors = set.all_rules().flat_map(SecRule::actors);
            set.scopes.iter().flatten().chain(actors).filter(|actor| actor.object.names.is_some())
        });
        for actor in named.filter(|actor| actor.kind == Kind::Label) {
            book.add_label(&actor.object);
        }
        for service in policy.services.iter().flatten() {
            book.services.insert(plain(&service.href), (service, ServicePort::all(&service.service_ports)));
            let openings = Openings::of_service(service);
            book.narrowed_services.extend(openings.map(|openings| (plain(&service.href), openings)));
        }
        for list in policy.ip_lists.iter().flatten() {
            let mut addresses = Addresses::default();
            for range in &list.ip_ranges {
                addresses.add(&range.from_ip, range.to_ip.as_deref(), range.is_exclusion);
            }
            book.ip_lists.insert(plain(&list.href), (list, addresses.settled()));
        }
        book
    }

    pub(super) fn virtual_service(&self, href: &str) -> Option<&'p VirtualService<'p>> {
        self.virtual_services.get(plain(href)).copied()
    }

    pub(super) fn ip_list(&self, href: &str) -> Option<(&'p IpList<'p>, &Addresses)> {
        self.ip_lists.get(plain(href)).map(|(list, addresses)| (*list, addresses))
    }

    /// The name and the ports of a service.
    #[must_use]
    pub fn service(&self, href: &str) -> Option<(&'p str, &Ports)> {
        self.services.get(plain(href)).map(|(service, ports)| (&*service.name, ports))
    }

    /// Whether an actor names an object that is not there although all objects of its kind were given.
    pub(super) fn is_unknown(&self, actor: &Actor<'_>) -> bool {
        let href = &*actor.object.href;
        match actor.kind {
            Kind::Label => self.policy.labels.is_some() && self.label_id(href).is_none(),
            Kind::LabelGroup => self.policy.label_groups.is_some() && self.group(href).is_none(),
            Kind::VirtualService => self.policy.virtual_services.is_some() && self.virtual_service(href).is_none(),
            Kind::IpList => self.policy.ip_lists.is_some() && self.ip_list(href).is_none(),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Source, export};

    #[test]
    fn label_groups_are_opened_however_deep_and_even_where_they_hold_each_other() {
        let groups = r#"[
            {"href": "/orgs/3/sec_policy/active/label_groups/a", "key": "role", "labels": [{"href": "l1"}],
             "sub_groups": [{"href": "/orgs/3/sec_policy/active/label_groups/b"}]},
            {"href": "/orgs/3/sec_policy/active/label_groups/b", "key": "role", "labels": [{"href": "l2"}],
             "sub_groups": [{"href": "/orgs/3/sec_policy/draft/label_groups/a"}, {"href": "/orgs/3/sec_policy/active/label_groups/gone"}]}
        ]"#;
        let sources = [
            Source { file: export::RULE_SETS, name: "r", text: "[]" },
            Source { file: export::LABEL_GROUPS, name: "g", text: groups },
        ];
        let policy = Policy::read(&sources).expect("readable");
        let book = Book::of(&policy);
        let group = book.opened_group("/orgs/3/sec_policy/draft/label_groups/a").expect("known");
        assert_eq!((group.labels.len(), group.is_whole), (2, false));
        assert_eq!(book.label(group.labels[0]).key, "role");
        assert_eq!(book.opened_group("x"), None);
    }
}
