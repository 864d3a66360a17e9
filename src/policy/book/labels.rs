//! The labels of a policy, and the groups of them.

use std::collections::HashSet;

use super::{Book, plain};
use crate::policy::model::{LabelGroup, Object};

/// A label, as a number.
pub(in crate::policy) type LabelId = u32;

/// A kind of labels (`role`, `app`), as a number.
pub(in crate::policy) type Dimension = u32;

/// The kind of labels whose kind is not known.
pub(in crate::policy) const UNTOLD: Dimension = 0;

/// A label.
#[derive(Clone, Copy, Debug)]
pub(in crate::policy) struct Label<'p> {
    pub(in crate::policy) href: &'p str,
    pub(in crate::policy) dimension: Dimension,
    pub(in crate::policy) key: &'p str,
    pub(in crate::policy) value: &'p str,
}

/// A label group with all labels in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::policy) struct OpenedGroup<'p> {
    pub(in crate::policy) dimension: Dimension,
    pub(in crate::policy) labels: Vec<LabelId>,
    /// The hrefs of all groups, its own among them.
    pub(in crate::policy) groups: Vec<&'p str>,
    /// Whether all groups in it are known.
    pub(in crate::policy) is_whole: bool,
}

impl<'p> Book<'p> {
    pub(super) fn add_label(&mut self, label: &'p Object<'p>) {
        self.add_member(label, "");
    }

    /// Adds a label, or completes one that came without its words. `key` is its kind where it does not say.
    pub(super) fn add_member(&mut self, label: &'p Object<'p>, key: &'p str) {
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

    pub(super) fn dimension(&mut self, key: &'p str) -> Dimension {
        let next = Dimension::try_from(self.dimensions.len()).unwrap_or(UNTOLD);
        *self.dimensions.entry(key).or_insert(next)
    }

    /// The kind of labels of this name, where there are any.
    pub(in crate::policy) fn dimension_of(&self, key: &str) -> Option<Dimension> {
        self.dimensions.get(key).copied().filter(|dimension| *dimension != UNTOLD)
    }

    pub(in crate::policy) fn number_of_labels(&self) -> usize {
        self.labels.len()
    }

    pub(in crate::policy) fn label_id(&self, href: &str) -> Option<LabelId> {
        self.label_ids.get(href).copied()
    }

    pub(in crate::policy) fn label(&self, id: LabelId) -> Label<'p> {
        self.labels[id as usize]
    }

    /// The label with these words.
    pub(in crate::policy) fn label_named(&self, key: &str, value: &str) -> Option<LabelId> {
        let at = self.labels.iter().position(|label| label.key == key && label.value == value)?;
        u32::try_from(at).ok()
    }

    pub(in crate::policy) fn group(&self, href: &str) -> Option<&'p LabelGroup<'p>> {
        self.groups.get(plain(href)).copied()
    }

    /// A group with the labels of the groups in it, however deep and even where they hold each other. Nothing where
    /// the group itself is not known.
    pub(in crate::policy) fn opened_group(&self, href: &str) -> Option<OpenedGroup<'p>> {
        let mut to_visit = vec![self.group(href)?];
        let dimension = self.dimensions.get(&*to_visit[0].key).copied();
        let mut visited = HashSet::from([plain(href)]);
        let (mut labels, mut groups) = (Vec::new(), Vec::new());
        let mut is_whole = true;
        while let Some(group) = to_visit.pop() {
            groups.push(&*group.href);
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
        Some(OpenedGroup { dimension, labels, groups, is_whole })
    }
}
