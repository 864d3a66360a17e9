//! [`Book`]: every object of a policy by its href, with what the check asks of it.

use std::collections::{HashMap, HashSet};

use super::{
    Policy,
    address::Addresses,
    model::{
        Actor, ContainerCluster, IpList, Kind, LabelGroup, Object, Opened, SecRule, Service, ServicePort,
        VirtualService,
    },
    openings::Openings,
    ports::Ports,
};

/// A label, as a number.
pub(super) type LabelId = u32;

/// A kind of labels (`role`, `app`), as a number.
pub(super) type Dimension = u32;

/// The kind of labels of which nobody says what kind they are.
pub(super) const UNTOLD: Dimension = 0;

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
}

/// A label.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label<'p> {
    pub(super) href: &'p str,
    pub(super) dimension: Dimension,
    pub(super) key: &'p str,
    pub(super) value: &'p str,
}

/// A label group with all labels in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OpenedGroup {
    pub(super) dimension: Dimension,
    pub(super) labels: Vec<LabelId>,
    /// Whether all groups in it are known.
    pub(super) is_whole: bool,
}

/// The part of an href that is the same in draft and active.
fn plain(href: &str) -> &str {
    href.split_once("/sec_policy/").and_then(|(_, rest)| rest.split_once('/')).map_or(href, |(_, plain)| plain)
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
        };
        for label in policy.labels.iter().flatten() {
            book.add_label(label);
        }
        for service in policy.virtual_services.iter().flatten() {
            service.labels.iter().for_each(|label| book.add_label(label));
            book.virtual_services.insert(plain(&service.href), service);
        }
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

    fn add_label(&mut self, label: &'p Object<'p>) {
        self.add_member(label, "");
    }

    /// Adds a label, or completes one that came without its words. `key` is its kind where it does not say.
    fn add_member(&mut self, label: &'p Object<'p>, key: &'p str) {
        let (own, value) = label.names.as_deref().map_or(("", ""), |names| (&*names.key, &*names.value));
        let key = if own.is_empty() { key } else { own };
        let dimension = self.dimension(key);
        let new = Label { href: &label.href, dimension, key, value };
        let id = *self.label_ids.entry(&label.href).or_insert_with(|| {
            self.labels.push(new);
            u32::try_from(self.labels.len() - 1).unwrap_or(u32::MAX)
        });
        let known = &mut self.labels[id as usize];
        if known.dimension == UNTOLD || known.value.is_empty() {
            let value = if value.is_empty() { known.value } else { value };
            *known = Label { value, ..if dimension == UNTOLD { *known } else { new } };
        }
    }

    fn dimension(&mut self, key: &'p str) -> Dimension {
        let next = Dimension::try_from(self.dimensions.len()).unwrap_or(UNTOLD);
        *self.dimensions.entry(key).or_insert(next)
    }

    /// The kind of labels of this name, where there are any.
    pub(super) fn dimension_of(&self, key: &str) -> Option<Dimension> {
        self.dimensions.get(key).copied().filter(|dimension| *dimension != UNTOLD)
    }

    pub(super) fn number_of_labels(&self) -> usize {
        self.labels.len()
    }

    pub(super) fn label_id(&self, href: &str) -> Option<LabelId> {
        self.label_ids.get(href).copied()
    }

    pub(super) fn label(&self, id: LabelId) -> Label<'p> {
        self.labels[id as usize]
    }

    /// The label with these words.
    pub(super) fn label_named(&self, key: &str, value: &str) -> Option<LabelId> {
        let at = self.labels.iter().position(|label| label.key == key && label.value == value)?;
        u32::try_from(at).ok()
    }

    pub(super) fn group(&self, href: &str) -> Option<&'p LabelGroup<'p>> {
        self.groups.get(plain(href)).copied()
    }

    /// A group with the labels of the groups in it, however deep and even where they hold each other. Nothing where
    /// the group itself is not known.
    pub(super) fn opened_group(&self, href: &str) -> Option<OpenedGroup> {
        let mut to_visit = vec![self.group(href)?];
        let dimension = self.dimensions.get(&*to_visit[0].key).copied();
        let mut visited = HashSet::from([plain(href)]);
        let mut labels = Vec::new();
        let mut is_whole = true;
        while let Some(group) = to_visit.pop() {
            labels.extend(group.labels.iter().filter_map(|label| self.label_id(&label.href)));
            for inner in group.sub_groups.iter().filter(|inner| visited.insert(plain(&inner.href))) {
                match self.group(&inner.href) {
                    Some(inner) => to_visit.push(inner),
                    None => is_whole = false,
                }
            }
        }
        labels.sort_unstable();
        labels.dedup();
        let told = dimension.filter(|dimension| *dimension != UNTOLD);
        let dimension = told.or_else(|| labels.first().map(|label| self.label(*label).dimension)).unwrap_or(UNTOLD);
        Some(OpenedGroup { dimension, labels, is_whole })
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

    /// The fields that make services of a rule those of certain processes.
    pub(super) fn process_fields(&self, opened: &[Opened<'_>]) -> Vec<&'static str> {
        let openings = self.openings(opened);
        let is_of_process = |field: &&&str| !matches!(**field, "icmp_type" | "icmp_code");
        openings.iter().flat_map(|openings| &openings.fields).filter(is_of_process).copied().collect()
    }

    /// The name of the services among these that are of certain processes only.
    pub(super) fn of_processes<'o>(&self, opened: &'o [Opened<'_>]) -> impl Iterator<Item = &'o str>
    where
        'p: 'o,
    {
        opened.iter().filter(|one| !self.process_fields(std::slice::from_ref(one)).is_empty()).map(|one| {
            let named = one.href.as_deref().and_then(|href| self.service(href));
            named.map_or(&*one.name, |(name, _)| name)
        })
    }

    /// The ports of a virtual service: its own, or those of its service.
    pub(super) fn ports_of(&self, service: &VirtualService<'_>) -> Ports {
        let mut ports = ServicePort::all(&service.service_ports);
        let named = service.service.as_ref().and_then(|named| self.service(&named.href));
        if let Some((_, others)) = named {
            ports.add(others);
        }
        ports
    }

    /// The ports that a rule opens, and whether all of its services are known.
    pub(super) fn opened(&self, opened: &[Opened<'_>]) -> (Ports, bool) {
        let mut ports = Ports::default();
        let mut is_whole = true;
        for one in opened {
            match (one.href.as_deref(), one.ports()) {
                (Some(href), _) => match self.service(href) {
                    Some((_, others)) => ports.add(others),
                    None => is_whole = false,
                },
                (None, Some(others)) => ports.add(&others),
                (None, None) => is_whole = false,
            }
        }
        (ports, is_whole)
    }

    /// What a rule opens, where it opens some of it under a condition; nothing where it does not.
    pub(super) fn openings(&self, opened: &[Opened<'_>]) -> Option<Openings> {
        let of_one = |one: &Opened<'_>| match one.href.as_deref() {
            Some(href) => self.narrowed_services.get(plain(href)).cloned(),
            None if one.service_ports.is_empty() && one.windows_services.is_empty() => None,
            None => Openings::of_written_out(one),
        };
        let found: Vec<Option<Openings>> = opened.iter().map(of_one).collect();
        if found.iter().all(Option::is_none) {
            return None;
        }
        let mut all = Openings::default();
        for (found, one) in found.iter().zip(opened) {
            if let Some(openings) = found {
                all.add(openings);
            } else {
                let (ports, is_whole) = self.opened(std::slice::from_ref(one));
                all.plain.add(&ports);
                all.is_vague |= !is_whole;
            }
        }
        Some(all)
    }

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
        self.policy.virtual_services.iter().flatten().filter(|service| &*service.name == name).nth(1).is_some()
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

fn is_uuid(text: &str) -> bool {
    let is_digit =
        |(at, c): (usize, char)| if matches!(at, 8 | 13 | 18 | 23) { c == '-' } else { c.is_ascii_hexdigit() };
    text.len() == 36 && text.char_indices().all(is_digit)
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
