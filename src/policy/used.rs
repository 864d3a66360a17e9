//! What the rules in force refer to: an object that none of them uses changes nothing.

use std::collections::HashSet;

use super::{
    Book,
    book::plain,
    model::{Actor, Object, SecRule},
};

/// The objects that rules in force use, by the part of their hrefs that is the same in draft and active.
#[derive(Debug, Default)]
pub(super) struct Used<'p>(HashSet<&'p str>);

impl<'p> Used<'p> {
    /// Those of a policy: label groups with the groups in them, IP lists and services.
    pub(super) fn by_rules_in_force(book: &Book<'p>) -> Self {
        let policy = book.policy;
        let mut used = Self::default();
        for set in policy.rule_sets.iter().filter(|set| set.is_enabled) {
            let mut rules = set.all_rules().filter(|rule| rule.is_enabled).peekable();
            if rules.peek().is_some() {
                used.add_actors(set.scopes.iter().flatten());
            }
            rules.for_each(|rule| used.add_rule(rule));
        }
        let boundaries = policy.enforcement_boundaries.iter().flatten();
        boundaries.filter(|rule| rule.is_enabled).for_each(|rule| used.add_rule(rule));
        let services = policy.virtual_services.iter().flatten().filter_map(|one| one.service.as_ref());
        used.add_objects(services);
        used.add_groups_in_groups(book);
        used
    }

    /// Whether an object is among them.
    pub(super) fn has(&self, href: &str) -> bool {
        self.0.contains(plain(href))
    }

    fn add_rule(&mut self, rule: &'p SecRule<'p>) {
        self.add_actors(rule.actors());
        self.0.extend(rule.ingress_services.iter().filter_map(|one| Some(plain(one.href.as_deref()?))));
        self.add_objects(&rule.egress_services);
    }

    fn add_actors(&mut self, actors: impl Iterator<Item = &'p Actor<'p>>) {
        self.add_objects(actors.map(|actor| &actor.object));
    }

    fn add_objects(&mut self, objects: impl IntoIterator<Item = &'p Object<'p>>) {
        self.0.extend(objects.into_iter().map(|object| plain(&object.href)));
    }

    fn add_groups_in_groups(&mut self, book: &Book<'p>) {
        let mut to_visit: Vec<_> = self.0.iter().filter_map(|href| book.group(href)).collect();
        while let Some(group) = to_visit.pop() {
            let inner = group.sub_groups.iter().filter(|inner| self.0.insert(plain(&inner.href)));
            to_visit.extend(inner.filter_map(|inner| book.group(&inner.href)));
        }
    }
}
