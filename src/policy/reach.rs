//! [`Reach`]: which virtual services the labels of a rule stand for.
//!
//! An object is reached if, for every kind of label that is named, it has one of those named (or, where labels are left
//! out, none of them), and if one of the scopes reaches it in the same way. Where something cannot be told, more is
//! reached rather than less, and [`Reached::is_certain`] is false. Nothing documents whether an object without a label
//! of a kind is among "all but" some of that kind; here it is.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
};

use super::{
    book::{Book, Dimension, LabelId, OpenedGroup, UNTOLD},
    hit::Service,
    model::{Actor, Fate, Kind, VirtualService},
    ports::Ports,
    widening::ReplacedPorts,
    words::shown,
};

/// A virtual service, as a number.
pub(super) type ServiceId = u32;

/// A label group, as a number.
type GroupId = u32;

/// A selection for which more virtual services than this are looked at is wide.
const WIDE: usize = 64;

/// What is remembered of wide selections, in virtual services. More would help only those who wish for it.
const MOST_REMEMBERED: usize = 1 << 22;

/// A virtual service with what is asked of it again and again.
#[derive(Debug)]
pub(super) struct Known<'p> {
    pub(super) service: &'p VirtualService<'p>,
    pub(super) fate: Fate,
    pub(super) ports: Ports,
    /// The ports that its clients use, where they are told.
    pub(super) client_ports: Ports,
    pub(super) labels: Vec<LabelId>,
    /// Whether it is of a cluster that is asked about, or of no cluster.
    pub(super) is_meant: bool,
}

/// A label, or all labels of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Term {
    Label(LabelId),
    Group(GroupId),
    /// Any label of a kind.
    Any(Dimension),
}

/// What the labels of one kind must be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Constraint {
    pub(super) dimension: Dimension,
    /// One of these; any where nothing is named. An empty label group leaves nothing to be one of.
    pub(super) included: Option<Vec<Term>>,
    /// None of these.
    pub(super) excluded: Vec<Term>,
}

/// What the labels of something must be, in all of these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Selection {
    pub(super) constraints: Vec<Constraint>,
    /// Whether a label or a group in it is not known, and was passed over.
    pub(super) is_vague: bool,
}

/// The virtual services that something stands for.
#[derive(Debug, Default)]
pub(super) struct Services {
    pub(super) goes: Vec<ServiceId>,
    pub(super) cannot_tell: Vec<ServiceId>,
    pub(super) stays: Vec<ServiceId>,
    pub(super) made_by_hand: Vec<ServiceId>,
    /// Those of other clusters than the one that is asked about.
    pub(super) others: Vec<ServiceId>,
    /// The ports of those that go away.
    pub(super) replaced: ReplacedPorts,
    /// The ports of those with a cluster address, which pods may call.
    pub(super) replaced_inside: ReplacedPorts,
    /// The ports of those that may have one.
    pub(super) perhaps_replaced: ReplacedPorts,
}

/// What a side of a rule reaches.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    pub(super) services: Rc<Services>,
    /// Whether it reaches no others and certainly these.
    pub(super) is_certain: bool,
}

impl Services {
    /// All of them, also those of other clusters.
    pub(super) fn all(&self) -> impl Iterator<Item = ServiceId> {
        let Self { goes, cannot_tell, stays, made_by_hand, others, .. } = self;
        goes.iter().chain(cannot_tell).chain(stays).chain(made_by_hand).chain(others).copied()
    }

    /// Whether none of the clusters that are asked about is reached.
    pub(super) fn is_empty(&self) -> bool {
        self.goes.is_empty() && self.cannot_tell.is_empty() && self.stays.is_empty() && self.made_by_hand.is_empty()
    }

    /// Whether some of them are virtual services in CLAS, too, or may be; those of other clusters are as long as these
    /// are not migrated.
    pub(super) fn some_remain(&self) -> bool {
        let Self { cannot_tell, stays, made_by_hand, others, .. } = self;
        [cannot_tell, stays, made_by_hand, others].iter().any(|ids| !ids.is_empty())
    }
}

/// A label group, and the virtual services that have one of its labels.
#[derive(Debug)]
struct Group {
    opened: OpenedGroup,
    services: Vec<ServiceId>,
}

/// Finds virtual services by labels.
#[derive(Debug)]
pub(super) struct Reach<'p> {
    pub(super) book: &'p Book<'p>,
    /// Whether virtual services of other clusters are left out.
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
    groups: Vec<Group>,
    by_href: HashMap<&'p str, ServiceId>,
}

impl<'p> Reach<'p> {
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

    /// A few virtual services in words, each with its ports and, where it is of another cluster, with that.
    pub(super) fn in_words(&self, ids: &[ServiceId]) -> String {
        const FEW: usize = 3;
        let words = ids.iter().take(FEW).map(|id| {
            let known = self.known(*id);
            let cluster = known.service.cluster().filter(|_| !known.is_meant || self.clusters_are_several);
            let cluster = cluster.map(|uuid| self.book.name_of_cluster(uuid).unwrap_or(uuid));
            let of = cluster.map(|cluster| format!(" of cluster {}", shown(cluster))).unwrap_or_default();
            format!("`{}` ({}){of}", shown(self.name(*id)), known.ports)
        });
        let words = words.collect::<Vec<_>>().join(", ");
        match ids.len().saturating_sub(FEW) {
            0 => words,
            more => format!("{words} and {more} more"),
        }
    }

    /// The clusters whose Kubelink made some of the virtual services.
    pub(super) fn clusters(&self) -> BTreeSet<&'p str> {
        self.known.iter().filter(|known| known.is_meant).filter_map(|known| known.service.cluster()).collect()
    }

    /// What labels ask for, each kind of labels for one of them.
    pub(super) fn selection_of(&self, labels: &[LabelId]) -> Selection {
        let mut by_dimension: BTreeMap<Dimension, Vec<Term>> = BTreeMap::new();
        for label in labels {
            by_dimension.entry(self.book.label(*label).dimension).or_default().push(Term::Label(*label));
        }
        let constraints = by_dimension.into_iter().map(|(dimension, mut terms)| {
            terms.sort_unstable();
            Constraint { dimension, included: Some(terms), excluded: Vec::new() }
        });
        Selection { constraints: constraints.collect(), is_vague: false }
    }

    /// What labels and label groups ask for, in a scope or on a side of a rule. Others are passed over, and All
    /// Workloads among them asks for nothing.
    pub(super) fn selection(&mut self, actors: &'p [Actor<'p>]) -> Selection {
        let mut selection = Selection::default();
        if actors.iter().any(|actor| actor.kind == Kind::AllWorkloads) {
            return selection;
        }
        let mut by_dimension: BTreeMap<Dimension, Constraint> = BTreeMap::new();
        for actor in actors {
            let found = match actor.kind {
                Kind::Label => {
                    let label = self.book.label_id(&actor.object.href);
                    label.map(|label| (self.book.label(label).dimension, Term::Label(label)))
                }
                Kind::LabelGroup => self.group(&actor.object.href).map(|id| {
                    let group = &self.groups[id as usize].opened;
                    selection.is_vague |= !group.is_whole;
                    (group.dimension, Term::Group(id))
                }),
                Kind::LabelDimension => {
                    // beside labels of other kinds: not documented whether both are meant
                    selection.is_vague |=
                        actors.iter().any(|other| matches!(other.kind, Kind::Label | Kind::LabelGroup));
                    self.book.dimension_of(&actor.object.href).map(|dimension| (dimension, Term::Any(dimension)))
                }
                _ => continue,
            };
            let Some((dimension, term)) = found else {
                selection.is_vague = true;
                continue;
            };
            let constraint = by_dimension.entry(dimension).or_default();
            constraint.dimension = dimension;
            let excluded = &mut constraint.excluded;
            if actor.is_exclusion { excluded } else { constraint.included.get_or_insert_default() }.push(term);
        }
        let is_some_told = by_dimension.keys().any(|dimension| *dimension != UNTOLD);
        for (dimension, mut constraint) in by_dimension {
            // these may be alternatives to labels of any kind
            let is_untold = dimension == UNTOLD && constraint.included.is_some();
            selection.is_vague |= is_untold;
            if is_untold && is_some_told {
                continue;
            }
            for terms in constraint.included.iter_mut().chain([&mut constraint.excluded]) {
                terms.sort_unstable();
                terms.dedup();
            }
            selection.constraints.push(constraint);
        }
        selection
    }

    fn group(&mut self, href: &'p str) -> Option<GroupId> {
        if let Some(id) = self.group_ids.get(href) {
            return *id;
        }
        let id = self.book.opened_group(href).map(|opened| {
            let having = opened.labels.iter().flat_map(|label| &self.by_label[*label as usize]).copied();
            let mut services: Vec<ServiceId> = having.collect();
            services.sort_unstable();
            services.dedup();
            self.groups.push(Group { opened, services });
            GroupId::try_from(self.groups.len() - 1).unwrap_or(GroupId::MAX)
        });
        self.group_ids.insert(href, id);
        id
    }

    /// The virtual services that have a label, and perhaps others.
    fn having(&self, term: Term) -> &[ServiceId] {
        match term {
            Term::Label(label) => &self.by_label[label as usize],
            Term::Group(group) => &self.groups[group as usize].services,
            // more than have it: whoever asks looks at their labels
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
        services.replaced = self.replaced(services.goes.iter().copied());
        services.replaced_inside = self.replaced(services.goes.iter().chain(&services.stays).copied());
        services.perhaps_replaced = self.replaced(services.cannot_tell.iter().copied());
        services
    }

    /// The ports by which CLAS replaces those of a rule that reaches these.
    pub(super) fn replaced(&self, ids: impl Iterator<Item = ServiceId>) -> ReplacedPorts {
        ReplacedPorts::of(ids.map(|id| (id, &self.known(id).ports, &self.known(id).client_ports)))
    }

    /// The ports of some virtual services.
    pub(super) fn ports(&self, ids: impl Iterator<Item = ServiceId>) -> Ports {
        ids.map(|id| self.known[id as usize].ports.clone()).collect()
    }
}

impl<'p> Known<'p> {
    fn of(service: &'p VirtualService<'p>, book: &Book<'p>, is_meant: bool) -> Self {
        let ports = book.ports_of(service);
        Self {
            service,
            fate: service.fate(),
            client_ports: ports.renumbered(service.client_ports()),
            ports,
            is_meant,
            labels: service.labels.iter().filter_map(|label| book.label_id(&label.href)).collect(),
        }
    }
}
