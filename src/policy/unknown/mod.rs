//! What of a policy is not understood: fields that this crate does not know, and what the vendor does not document for
//! CLAS, each by the name of its field.

mod by_field;
mod of_rule;

pub(super) use by_field::{Meant, objects_by_field, rules_by_field};
pub(super) use of_rule::Vague;

use super::{
    Book, address,
    model::{
        Actor, Condition, IpList, Kind, LabelGroup, Object, Opened, RuleSet, SecRule, Service, ServicePort,
        VirtualService,
    },
    ports::Ports,
    read::{LONGEST_KEY, Unknown},
    shown::{shortened, shown},
};

/// The fields of an object that are not known, with the way to each: `consumers[].user_group`.
fn fields(found: &mut Vec<String>, way: &str, unknown: &[Unknown<'_>]) {
    found.extend(unknown.iter().map(|field| format!("{way}{field}")));
}

/// What stands on a side of a rule, of which a PCE takes these kinds only.
fn of_actors(found: &mut Vec<String>, way: &str, actors: &[Actor<'_>], is_taken: impl Fn(Kind) -> bool) {
    // all of them, or all but these: not documented
    if leaves_out_of_all(actors) {
        found.push(format!("{way}exclusion (beside actors=ams)"));
    }
    for actor in actors {
        match actor.kind.key().filter(|_| !is_taken(actor.kind)) {
            Some(key @ "actors") => found.push(format!("{way}{}", Unknown::value(key, actor.object.href.clone()))),
            Some(key) => found.push(format!("{way}{key}")),
            None => {}
        }
        fields(found, way, &actor.unknown);
        if actor.unknown.is_empty() && actor.kind == Kind::Other {
            found.push(format!("{way}(empty)"));
        }
        // rules name workloads only; what is below a cluster has another lifetime
        if actor.kind == Kind::Workload && !actor.object.href.contains("/workloads/") {
            found.push(format!("{way}workload"));
        }
    }
}

/// Whether labels are left out beside All Workloads.
fn leaves_out_of_all(actors: &[Actor<'_>]) -> bool {
    actors.iter().any(|actor| actor.kind == Kind::AllWorkloads) && actors.iter().any(|actor| actor.is_exclusion)
}

fn of_opened(found: &mut Vec<String>, way: &str, opened: &[Opened<'_>]) {
    for one in opened {
        fields(found, way, &one.unknown);
        found.extend(one.unreadable_ports().map(|said| format!("{way}{said}")));
        found.extend(one.fields_beside_href().map(|field| format!("{way}{field} (beside href)")));
        of_ports(found, &format!("{way}service_ports[]."), &one.service_ports);
        one.windows_services.iter().for_each(|one| fields(found, &format!("{way}windows_services[]."), &one.unknown));
        if one.unknown.is_empty() && one.says_nothing() {
            found.push(format!("{way}(empty)"));
        }
    }
}

fn of_ports(found: &mut Vec<String>, way: &str, ports: &[ServicePort<'_>]) {
    for one in ports {
        fields(found, way, &one.unknown);
        found.extend(Ports::unreadable(one.proto, one.port, one.to_port).map(|said| format!("{way}{said}")));
    }
}

/// What is not known of the references to some objects.
fn of_references(found: &mut Vec<String>, way: &str, objects: &[Object<'_>]) {
    for object in objects {
        fields(found, way, &object.unknown);
    }
}

/// A list without which an object says nothing, and that is empty. Of one that is missing that is said already.
fn of_list(found: &mut Vec<String>, field: &str, unknown: &[Unknown<'_>], is_empty: bool) {
    if is_empty && !unknown.contains(&Unknown::missing(field)) {
        found.push(Unknown::empty(field).to_string());
    }
}

fn without_twins(mut found: Vec<String>) -> Vec<String> {
    found.sort_unstable();
    found.dedup();
    found
}

impl SecRule<'_> {
    /// The fields of it that this crate does not know, in order.
    #[must_use]
    pub fn unknown_fields(&self) -> Vec<String> {
        let mut found = Vec::new();
        fields(&mut found, "", &self.unknown);
        of_actors(&mut found, "consumers[].", &self.consumers, |kind| kind != Kind::VirtualServer);
        of_actors(&mut found, "providers[].", &self.providers, |kind| kind != Kind::ContainerHosts);
        of_opened(&mut found, "ingress_services[].", &self.ingress_services);
        of_references(&mut found, "egress_services[].", &self.egress_services);
        of_references(&mut found, "consuming_security_principals[].", &self.user_groups);
        without_twins(found)
    }

    /// Whether it surely has none of these fields, and none that narrow it. Most rules of a large policy do not.
    pub(super) fn is_plain(&self) -> bool {
        let is_plain = |actor: &Actor<'_>| {
            actor.unknown.is_empty()
                && !matches!(actor.kind, Kind::Other | Kind::Workload | Kind::VirtualServer | Kind::ContainerHosts)
        };
        let is_known = |one: &Opened<'_>| {
            one.unknown.is_empty()
                && one.service_ports.is_empty()
                && one.windows_services.is_empty()
                && one.proto.is_some() != one.href.is_some()
                && one.fields_beside_href().next().is_none()
                && one.unreadable_ports().is_none()
        };
        self.unknown.is_empty()
            && self.conditions.is_empty()
            && self.user_groups.is_empty()
            && self.egress_services.is_empty()
            && self.actors().all(is_plain)
            && ![&self.consumers, &self.providers].into_iter().any(|actors| leaves_out_of_all(actors))
            && self.ingress_services.iter().all(is_known)
    }

    /// Whether it says this of itself.
    #[must_use]
    pub fn has(&self, condition: Condition) -> bool {
        self.conditions.contains(&condition)
    }

    /// The fields that narrow it or turn it round, and of which the vendor does not document what they do in CLAS.
    #[must_use]
    pub fn narrowing_fields(&self) -> Vec<&'static str> {
        let groups = (!self.user_groups.is_empty()).then_some("consuming_security_principals");
        let egress = (!self.egress_services.is_empty()).then_some("egress_services");
        let mut found: Vec<&str> = self.conditions.iter().map(|condition| condition.field()).collect();
        found.extend(groups.into_iter().chain(egress));
        found.sort_unstable();
        found.dedup();
        found
    }
}

impl RuleSet<'_> {
    /// The fields of it, without those of its rules, that this crate does not know, in order.
    #[must_use]
    pub fn unknown_fields(&self) -> Vec<String> {
        let mut found = Vec::new();
        fields(&mut found, "", &self.unknown);
        self.scopes.iter().for_each(|scope| of_actors(&mut found, "scopes[].", scope, Kind::is_of_scope));
        // a scope that matches everything is written `[[]]`
        of_list(&mut found, "scopes", &self.unknown, self.scopes.is_empty());
        without_twins(found)
    }
}

impl Service<'_> {
    /// The fields of it that this crate does not know, in order.
    #[must_use]
    pub fn unknown_fields(&self) -> Vec<String> {
        let mut found = Vec::new();
        fields(&mut found, "", &self.unknown);
        of_ports(&mut found, "service_ports[].", &self.service_ports);
        self.windows_services.iter().for_each(|one| fields(&mut found, "windows_services[].", &one.unknown));
        let has_none = self.service_ports.is_empty() && self.windows_services.is_empty() && self.process.is_empty();
        of_list(&mut found, "service_ports", &self.unknown, has_none && self.windows_egress_services.is_empty());
        let egress = self.windows_egress_services.iter();
        egress.for_each(|one| fields(&mut found, "windows_egress_services[].", &one.unknown));
        without_twins(found)
    }
}

impl VirtualService<'_> {
    /// The fields of it that this crate does not know, in order.
    #[must_use]
    pub fn unknown_fields(&self) -> Vec<String> {
        let mut found = Vec::new();
        fields(&mut found, "", &self.unknown);
        of_ports(&mut found, "service_ports[].", &self.service_ports);
        self.service_addresses.iter().for_each(|one| fields(&mut found, "service_addresses[].", &one.unknown));
        self.k8s_service_info.iter().for_each(|info| {
            fields(&mut found, "k8s_service_info.", &info.unknown);
            let ports = info.service_ports.iter();
            ports.for_each(|port| fields(&mut found, "k8s_service_info.service_ports[].", &port.unknown));
        });
        found.extend(self.unreadable_client_ports());
        found.extend(
            self.ports_say_otherwise().then(|| "k8s_service_info.service_ports (not those of service_ports)".into()),
        );
        of_references(&mut found, "labels[].", &self.labels);
        of_references(&mut found, "service.", self.service.as_slice());
        of_list(&mut found, "service_ports", &self.unknown, self.service_ports.is_empty() && self.service.is_none());
        without_twins(found)
    }
}

impl IpList<'_> {
    /// The fields of it that this crate does not know, in order.
    #[must_use]
    pub fn unknown_fields(&self) -> Vec<String> {
        let mut found = Vec::new();
        fields(&mut found, "", &self.unknown);
        for range in &self.ip_ranges {
            fields(&mut found, "ip_ranges[].", &range.unknown);
            if let Err(unread) = address::run(&range.from_ip, range.to_ip.as_deref()) {
                let shown = shortened(&shown(&unread), LONGEST_KEY).into_owned();
                found.push(format!("ip_ranges[].from_ip={shown}"));
            }
        }
        self.fqdns.iter().for_each(|name| fields(&mut found, "fqdns[].", &name.unknown));
        let holds_none = self.ip_ranges.iter().all(|range| range.is_exclusion) && self.fqdns.is_empty();
        of_list(&mut found, "ip_ranges", &self.unknown, holds_none);
        without_twins(found)
    }
}

impl Object<'_> {
    /// The fields of a label in the list of labels that this crate does not know, or that every label has and it has not.
    pub(super) fn unknown_fields_of_label(&self) -> Vec<String> {
        let mut found = Vec::new();
        fields(&mut found, "", &self.unknown);
        let (key, value) = self.names.as_deref().map_or(("", ""), |names| (&*names.key, &*names.value));
        let missing = [("key", key), ("value", value)].into_iter().filter(|(_, word)| word.is_empty());
        found.extend(missing.map(|(field, _)| Unknown::missing(field).to_string()));
        found
    }

    pub(super) fn label_in_words(&self) -> &str {
        self.names.as_deref().map(|names| &*names.value).filter(|value| !value.is_empty()).unwrap_or(&self.href)
    }
}

impl LabelGroup<'_> {
    /// The fields of it that this crate does not know, in order.
    #[must_use]
    pub fn unknown_fields(&self) -> Vec<String> {
        let mut found = Vec::new();
        fields(&mut found, "", &self.unknown);
        of_references(&mut found, "labels[].", &self.labels);
        of_references(&mut found, "sub_groups[].", &self.sub_groups);
        of_list(&mut found, "labels", &self.unknown, self.labels.is_empty() && self.sub_groups.is_empty());
        without_twins(found)
    }

    /// The same, and the labels and groups in it that are of another key than it is: what they do in it is not documented.
    pub(super) fn fields_not_understood(&self, book: &Book<'_>) -> Vec<String> {
        let mut found = self.unknown_fields();
        let is_other = |key: &&str| !(self.key.is_empty() || key.is_empty() || **key == *self.key);
        let keys = |way: &str, key: &str| format!("{way}.key={}", shortened(&shown(key), LONGEST_KEY));
        let labels = self.labels.iter().filter_map(|label| Some(book.label(book.label_id(&label.href)?).key));
        found.extend(labels.filter(is_other).map(|key| keys("labels[]", key)));
        let groups = self.sub_groups.iter().filter_map(|group| Some(&*book.group(&group.href)?.key));
        found.extend(groups.filter(is_other).map(|key| keys("sub_groups[]", key)));
        without_twins(found)
    }
}
