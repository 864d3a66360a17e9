//! A rule as a person reads it: `role=web + env=prod -> role=cart, 8080/TCP`.
//!
//! Labels of one kind are alternatives and are written in brackets, kinds are joined by `+`, and what is named beside
//! them by `or`. What an object is called on the PCE is shown without control characters and without what looks like a
//! credential.

pub(crate) use super::shown::shown;
use std::{borrow::Cow, collections::BTreeMap};

use super::{
    Book, Sort,
    book::LabelId,
    id,
    model::{Actor, Condition, Kind, Object, Opened, SecRule, Uses},
};
use crate::{chart::secrets::masked, shown::first};

/// A rule in words, part by part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    /// Who may (or may not) connect.
    pub(crate) sources: String,
    /// To whom.
    pub(crate) destinations: String,
    /// On which ports.
    pub(crate) services: String,
    /// What the labels mean, on both sides; empty where there are none.
    pub(crate) uses: String,
    /// What narrows it or turns it round, each with its field: `consuming_security_principals: Domain Admins`.
    pub(crate) conditions: Vec<String>,
}

impl Words {
    /// All in one line, except what the labels mean.
    #[must_use]
    pub(crate) fn line(&self) -> String {
        let Self { sources, destinations, services, .. } = self;
        format!("{sources} -> {destinations}, {services}")
    }
}

impl Book<'_> {
    /// A rule in words.
    #[must_use]
    pub(crate) fn words(&self, rule: &SecRule<'_>, sort: Sort) -> Words {
        let uses = rule.resolve_labels_as;
        let services = match rule.ingress_services.as_slice() {
            [] if sort == Sort::Allow && take_ports_of_services(&rule.providers, uses.providers) => {
                "the ports of its virtual services".to_owned()
            }
            [] if !rule.egress_services.is_empty() => {
                format!("{} (at the sources)", self.names_of_services(&rule.egress_services))
            }
            [] => "no port".to_owned(),
            opened => self.services_in_words(opened),
        };
        let sources = self.actors_in_words(&rule.consumers);
        Words {
            sources: if rule.has_unscoped_consumers { format!("{sources} (in any scope)") } else { sources },
            destinations: self.actors_in_words(&rule.providers),
            services,
            uses: if sort == Sort::Allow {
                let sides = [(&rule.consumers, uses.consumers), (&rule.providers, uses.providers)];
                uses_in_words(sides.map(|(actors, uses)| has_labels(actors).then_some(uses)))
            } else {
                String::new()
            },
            conditions: self.conditions(rule),
        }
    }

    /// Where the rules of a set apply: its scopes, joined by `or`.
    #[must_use]
    pub(crate) fn scopes_in_words(&self, scopes: &[Vec<Actor<'_>>]) -> String {
        if scopes.iter().all(Vec::is_empty) {
            return "everything".to_owned();
        }
        let scopes = scopes
            .iter()
            .map(|scope| if scope.is_empty() { "everything".to_owned() } else { self.actors_in_words(scope) });
        scopes.collect::<Vec<_>>().join(" or ")
    }

    /// Sources, destinations or a scope.
    #[must_use]
    pub(crate) fn actors_in_words(&self, actors: &[Actor<'_>]) -> String {
        let mut by_key: BTreeMap<Cow<'_, str>, (Vec<String>, Vec<String>)> = BTreeMap::new();
        let mut parts = Vec::new();
        for actor in actors {
            let (key, word) = self.actor(actor);
            match key {
                Some(key) => {
                    let (included, excluded) = by_key.entry(key).or_default();
                    if actor.is_exclusion { excluded } else { included }.push(word);
                }
                None => parts.push(word),
            }
        }
        let labels = by_key.into_iter().map(|(key, (included, excluded))| {
            let words = alternatives(&included, &excluded);
            if key.is_empty() { words } else { format!("{key}={words}") }
        });
        let labels: Vec<String> = labels.collect();
        if !labels.is_empty() {
            parts.insert(0, labels.join(" + "));
        }
        if parts.is_empty() { "nobody".to_owned() } else { parts.join(" or ") }
    }

    /// The kind of a label (empty where it is not known) and its value; for all else, only what it is.
    fn actor<'a>(&'a self, actor: &'a Actor<'_>) -> (Option<Cow<'a, str>>, String) {
        let href = &*actor.object.href;
        let own = actor.object.names.as_deref();
        let unknown = if self.is_unknown(actor) { "unknown object " } else { "" };
        let own_name = own.map(|names| &*names.name).unwrap_or_default();
        let named = |what: &str, name: Option<&str>| {
            let name = name.filter(|name| !name.is_empty()).unwrap_or(own_name);
            let name = if name.is_empty() { format!("{unknown}{href}").into() } else { Cow::Borrowed(name) };
            format!("{what} {}", shown(&name))
        };
        match actor.kind {
            Kind::AllWorkloads => (None, "All Workloads".to_owned()),
            Kind::ContainerHosts => (None, "Container Hosts".to_owned()),
            Kind::LabelDimension => (None, format!("everything with a label of the kind {}", shown(href))),
            Kind::Label => {
                let label = self.label_id(href).map(|label| self.label(label));
                match label.filter(|label| !label.value.is_empty()) {
                    Some(label) => (Some(shown(label.key)), shown(label.value).into_owned()),
                    None => (Some("".into()), format!("{unknown}{}", shown(href))),
                }
            }
            Kind::LabelGroup => {
                let group = self.group(href);
                let key = group.map(|group| shown(&group.key)).unwrap_or_default();
                (Some(key), named("group", group.map(|group| &*group.name)))
            }
            Kind::VirtualService => {
                let service = self.virtual_service(href);
                (None, named("virtual service", service.map(|service| &*service.name)))
            }
            Kind::IpList => (None, named("IP list", self.ip_list(href).map(|(list, _)| &*list.name))),
            Kind::Workload => (None, named("workload", None)),
            Kind::VirtualServer => (None, named("virtual server", None)),
            Kind::Other if href.is_empty() => (None, "nothing".to_owned()),
            Kind::Other => (None, format!("`{}`, which this tool does not know", shown(href))),
        }
    }

    /// What a rule opens: `8080/TCP`, `HTTPS (443/TCP)`, `All Services`.
    #[must_use]
    pub(crate) fn services_in_words(&self, opened: &[Opened<'_>]) -> String {
        let words = opened.iter().map(|one| {
            let Some(href) = one.href.as_deref() else {
                return match one.ports() {
                    Some(ports) if one.name.is_empty() => ports.to_string(),
                    Some(ports) if ports.is_empty() => shown(&one.name).into_owned(),
                    Some(ports) => format!("{} ({ports})", shown(&one.name)),
                    None => "a service that this tool does not know".to_owned(),
                };
            };
            match self.service(href) {
                Some((name, ports)) => {
                    let (name, ports) = (shown(name), ports.to_string());
                    if ports.is_empty() || name == ports { name.into_owned() } else { format!("{name} ({ports})") }
                }
                None if !one.name.is_empty() => shown(&one.name).into_owned(),
                None if self.policy.services.is_some() => format!("unknown object {}", shown(href)),
                None => format!("service {}", shown(href)),
            }
        });
        words.collect::<Vec<_>>().join(", ")
    }

    /// What narrows a rule or turns it round, field by field.
    fn conditions(&self, rule: &SecRule<'_>) -> Vec<String> {
        let value = |condition: &Condition| match condition {
            Condition::OtherNetworks => "non_brn",
            Condition::EveryNetwork => "all",
            Condition::SubnetsOfSources => "consumers",
            Condition::SubnetsOfDestinations => "providers",
            _ => "true",
        };
        let groups = (!rule.user_groups.is_empty()).then(|| {
            let names: Vec<String> = rule.user_groups.iter().map(name_or_id).collect();
            format!("consuming_security_principals: {}", names.join(", "))
        });
        let egress = (!rule.egress_services.is_empty())
            .then(|| format!("egress_services: {}", self.names_of_services(&rule.egress_services)));
        let flags = rule.conditions.iter().map(|condition| format!("{}: {}", condition.field(), value(condition)));
        groups.into_iter().chain(flags).chain(egress).collect()
    }

    /// The services of a deny rule that count at its sources, by their names.
    fn names_of_services(&self, services: &[Object<'_>]) -> String {
        let names = services.iter().map(|service| match self.service(&service.href) {
            Some((name, _)) => shown(name).into_owned(),
            None => name_or_id(service),
        });
        names.collect::<Vec<_>>().join(", ")
    }

    /// The labels of one object.
    pub(super) fn labels_in_words(&self, labels: &[LabelId]) -> String {
        let mut words: Vec<String> = labels
            .iter()
            .map(|label| self.label(*label))
            .map(|label| format!("{}={}", shown(label.key), shown(label.value)))
            .collect();
        words.sort_unstable();
        masked(&words.join(" + ")).into_owned()
    }
}

/// The name of an object where its reference has it, otherwise what distinguishes it from its siblings.
fn name_or_id(object: &Object<'_>) -> String {
    match object.names.as_deref() {
        Some(names) if !names.name.is_empty() => shown(&names.name).into_owned(),
        _ => shown(id(&object.href)).into_owned(),
    }
}

/// `web`, `(web or api)`, `(all but db)`, `(group Shops but not db)`.
fn alternatives(included: &[String], excluded: &[String]) -> String {
    match (included, excluded) {
        ([one], []) => one.clone(),
        (included, []) => format!("({})", included.join(" or ")),
        ([], excluded) => format!("(all but {})", excluded.join(", ")),
        (included, excluded) => format!("({} but not {})", included.join(" or "), excluded.join(", ")),
    }
}

/// Whether destinations without ports are open on those of their virtual services.
pub(super) fn take_ports_of_services(destinations: &[Actor<'_>], uses: Uses) -> bool {
    let are = |is_meant: fn(Kind) -> bool| destinations.iter().any(|actor| is_meant(actor.kind));
    !uses.workloads || (are(|kind| kind == Kind::VirtualService) && !are(Kind::is_workload))
}

/// Whether it matters on a side what labels mean.
pub(super) fn has_labels(actors: &[Actor<'_>]) -> bool {
    actors.iter().any(|actor| actor.kind.is_by_label())
}

/// What the labels mean, of sources and destinations.
pub(super) fn uses_in_words(uses: [Option<Uses>; 2]) -> String {
    match uses {
        [Some(source), Some(destination)] if source != destination => {
            format!("source {}, destination {}", source.words(), destination.words())
        }
        [_, Some(uses)] => uses.words().to_owned(),
        [Some(uses), None] => format!("source {}", uses.words()),
        [None, None] => String::new(),
    }
}

/// A few names in backticks, and how many more there are.
pub(super) fn few<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    first(FEW, names.len(), ", ", names.map(quoted))
}

/// How many names a sentence takes.
pub(super) const FEW: usize = 3;

/// A name in backticks.
pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", shown(name))
}

/// What distinguishes a rule from the others of its set: `rule 77`.
#[must_use]
pub(crate) fn title(rule: &SecRule<'_>, sort: Sort) -> String {
    let name = if rule.name.is_empty() { shown(id(&rule.href)) } else { shown(&rule.name) };
    format!("{} {name}", sort.words())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_harmless_and_no_longer_than_a_pce_lets_it_be() {
        assert_eq!(shown("a`b\u{1b}[31m"), "a'b [31m");
        assert_eq!(shown("token: x1y2z3w4"), "token: ********");
        assert_eq!(shown(&"é".repeat(255)), "é".repeat(255));
        assert_eq!(shown(&"é".repeat(100_000)), format!("{}...", "é".repeat(255)));
        // what is cut off does not make a credential unlike one
        let long = format!("{} ghp_{}", "z".repeat(240), "y1".repeat(20));
        assert_eq!(shown(&long), format!("{} ********", "z".repeat(240)));
    }
}
