//! [`Selection`]: what the labels of something must be.

use std::collections::BTreeMap;

use super::{Group, GroupId, Reach, ServiceId};
use crate::policy::{
    book::{Dimension, LabelId, UNTOLD},
    model::{Actor, Kind},
};

/// A label, or all labels of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::policy) enum Term {
    Label(LabelId),
    Group(GroupId),
    /// Any label of a kind.
    Any(Dimension),
}

/// What the labels of one kind must be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::policy) struct Constraint {
    pub(in crate::policy) dimension: Dimension,
    /// One of these; any where nothing is named. An empty label group leaves nothing to be one of.
    pub(in crate::policy) included: Option<Vec<Term>>,
    /// None of these.
    pub(in crate::policy) excluded: Vec<Term>,
}

/// What the labels of something must be, in all of these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(in crate::policy) struct Selection {
    pub(in crate::policy) constraints: Vec<Constraint>,
    /// Whether a label or a group in it is not known, and was skipped.
    pub(in crate::policy) is_vague: bool,
}

impl<'p> Reach<'p> {
    /// What labels ask for, each kind of labels for one of them.
    pub(in crate::policy) fn selection_of(&self, labels: &[LabelId]) -> Selection {
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

    /// What scopes ask for. No scope at all counts as one that matches everything, so that no rule is skipped; what no
    /// PCE has in a scope may narrow it.
    pub(in crate::policy) fn scopes(&mut self, scopes: &'p [Vec<Actor<'p>>]) -> Vec<Selection> {
        if scopes.is_empty() {
            return vec![Selection::default()];
        }
        let selections = scopes.iter().map(|scope| {
            let selection = self.selection(scope);
            let is_vague = selection.is_vague || !scope.iter().all(|actor| actor.kind.is_of_scope());
            Selection { is_vague, ..selection }
        });
        selections.collect()
    }

    /// What labels and label groups ask for, in a scope or on a side of a rule. Others are skipped, and All
    /// Workloads among them asks for nothing.
    pub(in crate::policy) fn selection(&mut self, actors: &'p [Actor<'p>]) -> Selection {
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
}
