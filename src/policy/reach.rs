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
    model::{Actor, Fate, Kind, VirtualService},
    ports::Ports,
    widening::SeveralPorts,
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
    pub(super) labels: Vec<LabelId>,
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
    /// Those that go away and have several ports.
    pub(super) several_ports: SeveralPorts,
}

/// What a side of a rule reaches.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    pub(super) services: Rc<Services>,
    /// Whether it reaches no others and certainly these.
    pub(super) is_certain: bool,
}

impl Services {
    pub(super) fn is_empty(&self) -> bool {
        self.goes.is_empty() && self.cannot_tell.is_empty() && self.stays.is_empty() && self.made_by_hand.is_empty()
    }

    /// Whether some of them are virtual services in CLAS, too, or may be.
    pub(super) fn some_remain(&self) -> bool {
        !(self.cannot_tell.is_empty() && self.stays.is_empty() && self.made_by_hand.is_empty())
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
    /// Among the virtual services of the policy; of those that a Kubelink made, only one cluster's where one is named.
    pub(super) fn among(book: &'p Book<'p>, cluster: Option<&str>) -> Self {
        let is_meant = |service: &VirtualService<'_>| {
            let of = service.cluster();
            cluster.is_none() || of.is_none() || of == cluster
        };
        let services = book.policy.virtual_services.iter().flatten().filter(|service| is_meant(service));
        let known: Vec<Known<'p>> = services.map(|service| Known::of(service, book)).collect();
        let mut by_label = vec![Vec::new(); book.number_of_labels()];
        for (id, known) in (0..).zip(&known) {
            known.labels.iter().for_each(|label| by_label[*label as usize].push(id));
        }
        let every = (0..).take(known.len()).collect();
        let by_href = known.iter().map(|known| &*known.service.href).zip(0..).collect();
        Self {
            book,
            is_of_one_cluster: cluster.is_some(),
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
        self.by_href.get(&*self.book.virtual_service(href)?.href).copied()
    }

    /// What a virtual service is called.
    pub(super) fn name(&self, id: ServiceId) -> &'p str {
        let service = self.known[id as usize].service;
        if service.name.is_empty() { &service.href } else { &service.name }
    }

    /// The clusters whose Kubelink made some of the virtual services.
    pub(super) fn clusters(&self) -> BTreeSet<&'p str> {
        self.known.iter().filter_map(|known| known.service.cluster()).collect()
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
                Fate::Goes => &mut services.goes,
                Fate::CannotTell => &mut services.cannot_tell,
                Fate::Stays => &mut services.stays,
                Fate::MadeByHand => &mut services.made_by_hand,
            }
            .push(*id);
        }
        let going = services.goes.iter().map(|id| (*id, &self.known[*id as usize].ports));
        services.several_ports = SeveralPorts::of(going);
        services
    }

    /// The ports of some virtual services.
    pub(super) fn ports(&self, ids: impl Iterator<Item = ServiceId>) -> Ports {
        ids.map(|id| self.known[id as usize].ports.clone()).collect()
    }
}

impl<'p> Known<'p> {
    fn of(service: &'p VirtualService<'p>, book: &Book<'p>) -> Self {
        Self {
            service,
            fate: service.fate(),
            ports: book.ports_of(service),
            labels: service.labels.iter().filter_map(|label| book.label_id(&label.href)).collect(),
        }
    }
}
