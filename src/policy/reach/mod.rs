//! [`Reach`]: which virtual services the labels of a rule mean.
//!
//! An object is reached if, for every kind of label that is named, it has one of those named (or, where labels are
//! excluded, none of them), and if one of the scopes reaches it in the same way. Where something is not known, more is
//! reached rather than less, and [`Reached::is_certain`] is false. Nothing documents whether an object without a label
//! of a kind is among "all but" some of that kind; here it is.

mod selection;
mod services;

use std::{
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

pub(super) use super::widening::ServiceId;
use super::{
    book::{Book, LabelId, OpenedGroup},
    hit::Service,
    model::{Fate, VirtualService},
    pods::PodNetworks,
    ports::Ports,
    unknown::Vague,
    widening::ReplacedPorts,
    words::shown,
};
use crate::shown::first;

pub(super) use selection::{Constraint, Selection, Term};
pub(super) use services::{Known, Reached, Services};

/// A label group, as a number.
type GroupId = u32;

/// A selection for which more virtual services than this are looked at is wide.
const WIDE: usize = 64;

/// What is remembered of wide selections, in virtual services. More would help only those who wish for it.
const MOST_REMEMBERED: usize = 1 << 22;

/// A label group, and the virtual services that have one of its labels.
#[derive(Debug)]
struct Group<'p> {
    opened: OpenedGroup<'p>,
    services: Vec<ServiceId>,
}

/// Finds virtual services by labels.
#[derive(Debug)]
pub(super) struct Reach<'p> {
    pub(super) book: &'p Book<'p>,
    pub(super) pods: PodNetworks<'p>,
    /// The objects that rules refer to and that are not understood.
    pub(super) vague: Vague<'p>,
    /// Whether virtual services of other clusters are ignored.
    pub(super) is_of_one_cluster: bool,
    /// Whether the virtual services are of several clusters.
    clusters_are_several: bool,
    pub(super) known: Vec<Known<'p>>,
    by_label: Vec<Vec<ServiceId>>,
    every: Vec<ServiceId>,
    /// What was found for wide selections. Narrow ones are found again faster than they are remembered.
    found: HashMap<Vec<Vec<Constraint>>, Rc<Services>>,
    remembered: usize,
    group_ids: HashMap<&'p str, Option<GroupId>>,
    groups: Vec<Group<'p>>,
    by_href: HashMap<&'p str, ServiceId>,
    /// Those that remain virtual services, and that rules in force allow as virtual services.
    staying: BTreeSet<ServiceId>,
}

impl<'p> Reach<'p> {
    /// Notes that a rule in force allows these as virtual services, which they remain.
    pub(super) fn note_staying(&mut self, ids: impl IntoIterator<Item = ServiceId>) {
        self.staying.extend(ids);
    }

    /// The virtual services that remain, and that rules in force allow as virtual services.
    pub(super) fn staying(&self) -> Vec<&'p VirtualService<'p>> {
        self.staying.iter().map(|id| self.known(*id).service).collect()
    }

    /// Among the virtual services of the policy; of those that a Kubelink made, only one cluster's are meant where one is
    /// named.
    pub(super) fn among(book: &'p Book<'p>, cluster: Option<&str>) -> Self {
        let is_meant = |service: &VirtualService<'_>| {
            let of = service.cluster();
            cluster.is_none() || of.is_none() || of == cluster
        };
        let services = book.policy.virtual_services.iter().flatten();
        let known: Vec<Known<'p>> = services.map(|service| Known::of(service, book, is_meant(service))).collect();
        let mut clusters = known.iter().filter_map(|known| known.service.cluster());
        let first = clusters.next();
        let clusters_are_several = clusters.any(|cluster| first != Some(cluster));
        let mut by_label = vec![Vec::new(); book.number_of_labels()];
        for (id, known) in (0..).zip(&known) {
            known.labels.iter().for_each(|label| by_label[*label as usize].push(id));
        }
        let every = (0..).take(known.len()).collect();
        let by_href = known.iter().map(|known| &*known.service.href).zip(0..).collect();
        Self {
            book,
            pods: PodNetworks::of(book, cluster),
            vague: Vague::of(book),
            is_of_one_cluster: cluster.is_some(),
            clusters_are_several,
            known,
            by_label,
            every,
            found: HashMap::new(),
            remembered: 0,
            group_ids: HashMap::new(),
            groups: Vec::new(),
            by_href,
            staying: BTreeSet::new(),
        }
    }

    /// The virtual service of an href, if it is of a cluster that is asked about.
    pub(super) fn service(&self, href: &str) -> Option<ServiceId> {
        let id = self.by_href.get(&*self.book.virtual_service(href)?.href).copied()?;
        self.known(id).is_meant.then_some(id)
    }

    pub(super) fn known(&self, id: ServiceId) -> &Known<'p> {
        &self.known[id as usize]
    }

    /// What a virtual service is called.
    pub(super) fn name(&self, id: ServiceId) -> &'p str {
        let service = self.known[id as usize].service;
        if service.name.is_empty() { &service.href } else { &service.name }
    }

    /// A virtual service with its ports.
    pub(super) fn met(&self, id: ServiceId) -> Service<'p> {
        Service { name: self.name(id), ports: self.known(id).ports.clone() }
    }

    /// The first few of a number of virtual services in words, each with its ports and, where it is of another cluster,
    /// with that.
    pub(super) fn in_words(&self, ids: &[ServiceId], number: usize) -> String {
        const FEW: usize = 3;
        let words = ids.iter().map(|id| {
            let known = self.known(*id);
            let cluster = known.service.cluster().filter(|_| !known.is_meant || self.clusters_are_several);
            let cluster = cluster.map(|uuid| self.book.name_of_cluster(uuid).unwrap_or(uuid));
            let of = cluster.map(|cluster| format!(" of cluster {}", shown(cluster))).unwrap_or_default();
            format!("`{}` ({}){of}", shown(self.name(*id)), known.ports)
        });
        first(FEW, number, ", ", words)
    }

    /// The clusters whose Kubelink made some of the virtual services.
    pub(super) fn clusters(&self) -> BTreeSet<&'p str> {
        self.known.iter().filter(|known| known.is_meant).filter_map(|known| known.service.cluster()).collect()
    }

    /// The virtual services that have a label, and perhaps others.
    fn having(&self, term: Term) -> &[ServiceId] {
        match term {
            Term::Label(label) => &self.by_label[label as usize],
            Term::Group(group) => &self.groups[group as usize].services,
            // more than have it: the caller looks at their labels
            Term::Any(_) => &self.every,
        }
    }

    /// Whether a label is meant.
    pub(super) fn means(&self, term: Term, label: LabelId) -> bool {
        match term {
            Term::Label(meant) => meant == label,
            Term::Group(group) => self.groups[group as usize].opened.labels.binary_search(&label).is_ok(),
            Term::Any(dimension) => self.book.label(label).dimension == dimension,
        }
    }

    /// Whether labels are as they must be.
    fn fits(&self, labels: &[LabelId], constraint: &Constraint) -> bool {
        let has = |terms: &[Term]| terms.iter().any(|term| labels.iter().any(|label| self.means(*term, *label)));
        constraint.included.as_deref().is_none_or(has) && !has(&constraint.excluded)
    }

    /// What a selection reaches within one of the scopes.
    pub(super) fn reached(&mut self, selection: &Selection, scopes: &[Selection]) -> Reached {
        let is_certain = self.book.policy.virtual_services.is_some()
            && !selection.is_vague
            && !scopes.iter().any(|scope| scope.is_vague);
        let query = scopes.iter().map(|scope| {
            let mut constraints: Vec<Constraint> =
                scope.constraints.iter().chain(&selection.constraints).cloned().collect();
            constraints.sort_unstable();
            constraints
        });
        let query: Vec<Vec<Constraint>> = query.collect();
        if let Some(services) = self.found.get(&query) {
            return Reached { services: Rc::clone(services), is_certain };
        }
        let mut ids: Vec<ServiceId> = Vec::new();
        let mut looked_at = 0;
        for constraints in &query {
            let candidates = self.candidates(constraints);
            looked_at += candidates.len();
            let is_reached = |id: &ServiceId| {
                let labels = &self.known[*id as usize].labels;
                constraints.iter().all(|constraint| self.fits(labels, constraint))
            };
            ids.extend(candidates.iter().copied().filter(is_reached));
        }
        ids.sort_unstable();
        ids.dedup();
        let services = Rc::new(self.services(&ids));
        if looked_at > WIDE && self.remembered < MOST_REMEMBERED {
            self.remembered += ids.len() + WIDE;
            self.found.insert(query, Rc::clone(&services));
        }
        Reached { services, is_certain }
    }

    /// The virtual services that have a label of the narrowest constraint.
    fn candidates(&self, constraints: &[Constraint]) -> std::borrow::Cow<'_, [ServiceId]> {
        let number = |terms: &[Term]| -> usize { terms.iter().map(|term| self.having(*term).len()).sum() };
        let included = constraints.iter().filter_map(|constraint| constraint.included.as_deref());
        match included.min_by_key(|terms| number(terms)) {
            None => self.every.as_slice().into(),
            Some([term]) => self.having(*term).into(),
            Some(narrowest) => narrowest.iter().flat_map(|term| self.having(*term)).copied().collect(),
        }
    }

    /// Virtual services sorted by what becomes of them.
    fn services(&self, ids: &[ServiceId]) -> Services {
        let mut services = Services::default();
        for id in ids {
            let known = &self.known[*id as usize];
            match known.fate {
                _ if !known.is_meant => &mut services.others,
                Fate::Goes => &mut services.goes,
                Fate::CannotTell => &mut services.cannot_tell,
                Fate::Stays => &mut services.stays,
                Fate::MadeByHand => &mut services.made_by_hand,
            }
            .push(*id);
        }
        services.vague = ids.iter().copied().find(|id| self.known(*id).is_vague);
        services.replaced = self.replaced(services.goes.iter().copied());
        services.replaced_inside = self.replaced(services.goes.iter().chain(&services.stays).copied());
        services.perhaps_replaced = self.replaced(services.cannot_tell.iter().copied());
        services
    }

    /// The ports by which CLAS replaces those of a rule that reaches these.
    pub(super) fn replaced(&self, ids: impl Iterator<Item = ServiceId>) -> ReplacedPorts {
        ReplacedPorts::of(ids.map(|id| (id, &self.known(id).ports, &*self.known(id).clients)))
    }

    /// The ports of some virtual services.
    pub(super) fn ports(&self, ids: impl Iterator<Item = ServiceId>) -> Ports {
        ids.map(|id| self.known[id as usize].ports.clone()).collect()
    }
}
