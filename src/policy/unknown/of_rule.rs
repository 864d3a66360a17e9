//! [`Vague`]: what is not understood of the objects that a rule refers to, found rule by rule.

use std::collections::HashMap;

use crate::policy::{
    Book,
    book::plain,
    model::{Actor, Kind, RuleSet, SecRule},
    shown::shown,
};

/// The objects that rules refer to and that have something that is not understood. Most policies have none.
#[derive(Debug, Default)]
pub(in crate::policy) struct Vague<'p>(HashMap<&'p str, Vec<String>>);

impl<'p> Vague<'p> {
    pub(in crate::policy) fn of(book: &Book<'p>) -> Self {
        let policy = book.policy;
        let mut found = HashMap::new();
        let mut add = |href: &'p str, name: &str, kind: &str, fields: Vec<String>| {
            if !fields.is_empty() {
                let words = fields.into_iter().map(|field| format!("{field} of the {kind} {}", shown(name)));
                found.entry(plain(href)).or_insert_with(Vec::new).extend(words);
            }
        };
        for list in policy.ip_lists.iter().flatten() {
            add(&list.href, &list.name, "IP list", list.unknown_fields());
        }
        for service in policy.services.iter().flatten() {
            add(&service.href, &service.name, "service", service.unknown_fields());
        }
        for group in policy.label_groups.iter().flatten() {
            add(&group.href, &group.name, "label group", group.fields_not_understood(book));
        }
        for label in policy.labels.iter().flatten() {
            add(&label.href, label.label_in_words(), "label", label.unknown_fields_of_label());
        }
        Self(found)
    }

    /// What is not understood of the set of a rule and of the objects that they refer to, in order; not of the rule
    /// itself.
    pub(in crate::policy) fn fields_of(
        &self,
        book: &Book<'p>,
        set: Option<&RuleSet<'p>>,
        rule: &SecRule<'p>,
    ) -> Vec<String> {
        let mut found = Vec::new();
        if let Some(set) = set {
            found.extend(set.unknown_fields().into_iter().map(|field| format!("{field} of its rule set")));
        }
        if self.0.is_empty() {
            return found;
        }
        let scopes = set.into_iter().flat_map(|set| &set.scopes).flatten();
        for actor in rule.actors().chain(scopes) {
            self.add_actor(&mut found, book, actor);
        }
        let services = rule.ingress_services.iter().filter_map(|one| one.href.as_deref());
        for href in services.chain(rule.egress_services.iter().map(|one| &*one.href)) {
            self.add(&mut found, href);
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn add_actor(&self, found: &mut Vec<String>, book: &Book<'p>, actor: &Actor<'p>) {
        self.add(found, &actor.object.href);
        if actor.kind == Kind::LabelGroup
            && let Some(group) = book.opened_group(&actor.object.href)
        {
            group.labels.iter().for_each(|label| self.add(found, book.label(*label).href));
            group.groups.iter().for_each(|href| self.add(found, href));
        }
    }

    fn add(&self, found: &mut Vec<String>, href: &str) {
        found.extend(self.0.get(plain(href)).into_iter().flatten().cloned());
    }
}
