//! [`Comparison`]: a policy in both models.

use std::collections::{BTreeSet, HashMap};

use super::{
    answer::{Answer, Change, ServiceAnswer, Witness},
    assumption::{Assumption, Facts},
    compare::Comparing,
    entry::{Entries, RuleOf},
    gather::Gathered,
    index::Index,
    ranges::Ranges,
    space::Space,
    words,
};
use crate::policy::{
    Book, export, id, model::VirtualService, pods::PodNetworks, sentences, unknown::Meant, words::few,
};

/// A policy in both models.
#[derive(Debug)]
pub struct Comparison<'p> {
    /// Where the names are.
    pub book: &'p Book<'p>,
    /// What differs, or may differ: what is lost first, then what is not known, then what is gained.
    pub changes: Vec<Change<'p>>,
    /// Each service with a cluster address.
    pub services: Vec<ServiceAnswer<'p>>,
    /// What the answers rest on.
    pub assumptions: Vec<&'static Assumption>,
    /// Collections of the input without which nothing is proven.
    pub missing: Vec<&'static str>,
    /// Rules that name or say something that this tool does not know.
    pub not_understood: Vec<RuleOf<'p>>,
    /// What is not known of rule sets and of the objects that rules refer to, in sentences.
    pub objects_not_understood: Vec<String>,
    /// How much was compared.
    pub counts: Counts,
    pub(super) space: Space<'p>,
    pub(super) before: Entries<'p>,
    pub(super) after: Entries<'p>,
    pub(super) has_same_rules: bool,
    /// Whether a cluster was named.
    pub is_of_one_cluster: bool,
}

/// How much was compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The rules in force.
    pub rules: usize,
    /// The boxes that they are.
    pub boxes: usize,
    /// The classes of services that rules distinguish.
    pub classes: usize,
    /// Deny rules without override and enforcement boundaries, which only matter in selective enforcement.
    pub not_weighed: usize,
    /// Classes of services that too many rules reach to compare them all.
    pub too_large: usize,
}

impl<'p> Comparison<'p> {
    pub(super) fn of(before: &'p Book<'p>, after: &'p Book<'p>, cluster: Option<&str>) -> Self {
        let has_same_rules = std::ptr::eq(before, after);
        let books: &[&Book<'p>] = if has_same_rules { &[before] } else { &[before, after] };
        let mut space = Space::of(before, books, cluster);
        let pods = [before, after].map(|book| PodNetworks::of(book, cluster));
        space.networks = Ranges::of(&pods[0].of_workloads()).with(&Ranges::of(&pods[1].of_workloads()));
        let entries = Entries::of(before, &mut space, &pods[0]);
        let others = Entries::of(after, &mut space, &pods[1]);
        let mut gathered = Gathered::default();
        let index = Index::of(&space, [&entries, &others], has_same_rules);
        let mut comparing = Comparing::of(&index, |excess| gathered.take(excess, [&entries, &others]));
        comparing.run();
        let too_large = std::mem::take(&mut comparing.too_large);
        drop(comparing);
        drop(index);
        gathered.answers.resize(space.classes.len(), Answer::Same);
        let number_too_large = too_large.len();
        for class in too_large {
            gathered.answers[class as usize] = gathered.answers[class as usize].max(Answer::NotKnown);
        }
        let counts = Counts {
            rules: entries.rules.len(),
            boxes: entries.allows.len() + entries.denies.len(),
            classes: space.classes.len(),
            not_weighed: entries.number_not_weighed(),
            too_large: number_too_large,
        };
        let answers = (0..).zip(&space.services).filter_map(|(number, service)| {
            let class = space.class_of(number);
            let answer = gathered.answers[class as usize];
            space.of_class(class).has_cluster_address.then_some(ServiceAnswer { service, answer })
        });
        let services: Vec<ServiceAnswer<'p>> = answers.collect();
        let is_of_draft = after.policy.is_draft && !has_same_rules;
        let assumptions = Facts { space: &space, before: &entries, after: &others, is_of_draft }.assumptions();
        let sides = if has_same_rules { &[&entries][..] } else { &[&entries, &others] };
        let all_rules = sides.iter().flat_map(|entries| entries.rules.iter().chain(&entries.not_weighed)).copied();
        let not_understood = all_rules.filter(|rule| !rule.unknown_fields().is_empty()).collect();
        let mut objects_not_understood: Vec<String> =
            books.iter().flat_map(|book| sentences::unknown_of_objects(book, Meant::InForce)).collect();
        objects_not_understood.extend(books.iter().flat_map(|book| sentences::empty_lists(book, cluster)));
        objects_not_understood.extend(sentences::not_legacy(before, cluster));
        if !has_same_rules {
            objects_not_understood.extend(services_of_drafts(before, after));
        }
        if sides.iter().any(|entries| entries.number_not_weighed() > 0) {
            objects_not_understood.extend(sentences::selective(before, cluster));
        }
        objects_not_understood.sort_unstable();
        objects_not_understood.dedup();
        let missing = [(before.policy.virtual_services.is_none(), export::VIRTUAL_SERVICES)];
        let comparison = Self {
            book: before,
            changes: gathered.changes(),
            services,
            assumptions,
            missing: missing.into_iter().filter(|(is_missing, _)| *is_missing).map(|(_, file)| file).collect(),
            not_understood,
            objects_not_understood,
            counts,
            space,
            before: entries,
            after: others,
            has_same_rules,
            is_of_one_cluster: cluster.is_some(),
        };
        comparison.with_what_is_not_understood()
    }

    /// The same where nothing is proven of a service, for a rule that is not understood may reach any.
    fn with_what_is_not_understood(mut self) -> Self {
        let best = self.answer_of_input();
        self.services.iter_mut().filter(|one| one.answer == Answer::Same).for_each(|one| one.answer = best);
        self
    }

    /// The gravest answer of all; `Same` only where everything is proven.
    #[must_use]
    pub fn answer(&self) -> Answer {
        let of_changes = self.changes.iter().map(|change| change.answer);
        let of_services = self.services.iter().map(|service| service.answer);
        of_changes.chain(of_services).fold(self.answer_of_input(), Answer::max)
    }

    /// The best that can be answered of this input: nothing is proven of what is absent or not understood.
    #[must_use]
    pub(crate) const fn answer_of_input(&self) -> Answer {
        let is_understood = self.not_understood.is_empty() && self.objects_not_understood.is_empty();
        if self.missing.is_empty() && is_understood { Answer::Same } else { Answer::NotKnown }
    }

    /// The clusters whose services are compared: several where none was asked for.
    #[must_use]
    pub fn clusters(&self) -> BTreeSet<&'p str> {
        self.space.services.iter().filter_map(|service| service.cluster()).collect()
    }

    /// How many services have this answer.
    #[must_use]
    pub fn count(&self, answer: Answer) -> usize {
        self.services.iter().filter(|service| service.answer == answer).count()
    }

    /// The services that a change is about.
    pub fn services_of<'a>(&'a self, change: &'a Change<'p>) -> impl Iterator<Item = &'p VirtualService<'p>> + 'a {
        let numbers = change.classes.iter().flat_map(|class| &self.space.of_class(*class).services);
        numbers.map(|number| self.space.services[*number as usize])
    }

    /// One flow of a change.
    #[must_use]
    pub fn witness(&self, change: &Change<'p>) -> Option<Witness> {
        let (_, piece) = change.pieces.first()?;
        Some(Witness {
            source: self.space.point_in_words(&piece.source),
            destination: self.space.point_in_words(&piece.destination),
            port: words::a_port(piece).to_string(),
        })
    }

    /// Which flows alone a change is about, in words; about all where there are none.
    #[must_use]
    pub fn circumstances_of(&self, change: &Change<'p>) -> Vec<String> {
        let is_of_every_flow = |number: &u32| self.space.conditions.of(*number).is_of_every_flow();
        if change.conditions.iter().any(is_of_every_flow) {
            return Vec::new();
        }
        change.conditions.iter().map(|condition| self.space.conditions.of(*condition).to_string()).collect()
    }

    /// The boxes of a change: sources, destinations and ports of each, as far as they are kept.
    pub fn boxes_of<'a>(&'a self, change: &'a Change<'p>) -> impl Iterator<Item = Witness> + 'a {
        change.pieces.iter().map(|(_, piece)| Witness {
            source: self.space.end_in_words(&piece.source),
            destination: self.space.end_in_words(&piece.destination),
            port: words::ports(&piece.ports).to_string(),
        })
    }
}

/// The virtual services that are not the same in draft, in a sentence: those in force are what is compared.
fn services_of_drafts(before: &Book<'_>, after: &Book<'_>) -> Option<String> {
    let [drafts, own] = [after, before].map(|book| book.policy.virtual_services.as_deref().unwrap_or_default());
    let drafted: HashMap<&str, &VirtualService<'_>> = drafts.iter().map(|one| (id(&one.href), one)).collect();
    let in_force: HashMap<&str, &VirtualService<'_>> = own.iter().map(|one| (id(&one.href), one)).collect();
    let is_changed = |service: &&VirtualService<'_>| {
        let is_pending = service.update_type.as_deref().is_some_and(|kind| !kind.is_empty());
        is_pending || in_force.get(id(&service.href)).is_none_or(|own| content(own) != content(service))
    };
    let changed = drafts.iter().filter(is_changed);
    let gone = own.iter().filter(|service| !drafted.contains_key(id(&service.href)));
    let mut names: Vec<&str> = changed.chain(gone).map(|service| &*service.name).collect();
    names.sort_unstable();
    let words = || format!("the effect of virtual services that are changed in draft: {}", few(names.iter().copied()));
    (!names.is_empty()).then(words)
}

/// What a virtual service is, whether as a draft or in force.
fn content(service: &VirtualService<'_>) -> String {
    let labels: Vec<&str> = service.labels.iter().map(|label| &*label.href).collect();
    let named = service.service.as_ref().map(|named| id(&named.href));
    let VirtualService { name, service_ports, consumer_ports, service_addresses, k8s_service_info, unknown, .. } =
        service;
    let ports = (service_ports, consumer_ports, service_addresses, named);
    format!("{:?}", (name, labels, ports, k8s_service_info, service.cluster(), unknown))
}
