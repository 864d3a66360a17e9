//! [`LabelBox`]: all workloads whose labels lie in a set of values for each key.

use super::Sizes;

/// A kind of labels (`role`, `app`), as a number.
pub(super) type Key = u32;

/// A label, as a number; [`NONE`] where a workload has no label of a key.
pub(super) type Value = u32;

/// The value of a key of which a workload has no label.
pub(super) const NONE: Value = 0;

/// Values of one key: those listed, or all but those.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Values {
    is_all_but: bool,
    /// In order, each once.
    listed: Box<[Value]>,
}

impl Values {
    pub(super) fn only(values: impl IntoIterator<Item = Value>) -> Self {
        Self { is_all_but: false, listed: in_order(values) }
    }

    pub(super) fn all_but(values: impl IntoIterator<Item = Value>) -> Self {
        Self { is_all_but: true, listed: in_order(values) }
    }

    pub(super) fn hold(&self, value: Value) -> bool {
        self.is_all_but != self.listed.binary_search(&value).is_ok()
    }

    /// Those that are listed, where they are not excluded.
    pub(super) fn named(&self) -> Option<&[Value]> {
        (!self.is_all_but).then_some(&self.listed)
    }

    /// Those that are excluded.
    pub(super) fn left_out(&self) -> Option<&[Value]> {
        self.is_all_but.then_some(&self.listed)
    }

    fn both(&self, others: &Self) -> Self {
        let kept = |from: &Self, to: &Self| Self {
            is_all_but: false,
            listed: from.listed.iter().copied().filter(|value| to.hold(*value)).collect(),
        };
        match (self.is_all_but, others.is_all_but) {
            (true, true) => Self::all_but(self.listed.iter().chain(&others.listed).copied()),
            (false, _) => kept(self, others),
            (true, false) => kept(others, self),
        }
    }

    fn minus(&self, others: &Self) -> Self {
        self.both(&Self { is_all_but: !others.is_all_but, listed: others.listed.clone() })
    }

    /// Whether there are none; of all but some it is known only where all values of the key are.
    fn are_none(&self, size: Option<usize>) -> bool {
        if self.is_all_but { size == Some(self.listed.len()) } else { self.listed.is_empty() }
    }

    /// Whether every value is one of them.
    fn are_all(&self) -> bool {
        self.is_all_but && self.listed.is_empty()
    }
}

fn in_order(values: impl IntoIterator<Item = Value>) -> Box<[Value]> {
    let mut values: Vec<Value> = values.into_iter().collect();
    values.sort_unstable();
    values.dedup();
    values.into()
}

/// A set of values for each key; a key that is not named may have any value or none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct LabelBox(Vec<(Key, Values)>);

impl LabelBox {
    /// The box of these values, each key once. Nothing where a key has no value left.
    pub(super) fn of(values: impl IntoIterator<Item = (Key, Values)>, sizes: &Sizes) -> Option<Self> {
        let mut values: Vec<(Key, Values)> = values.into_iter().filter(|(_, values)| !values.are_all()).collect();
        values.sort_unstable_by_key(|(key, _)| *key);
        let is_empty = values.iter().any(|(key, values)| values.are_none(sizes.of_key(*key)));
        (!is_empty).then_some(Self(values))
    }

    /// The keys that are restricted, with their values.
    pub(super) fn keys(&self) -> &[(Key, Values)] {
        &self.0
    }

    fn values(&self, key: Key) -> Option<&Values> {
        self.0.binary_search_by_key(&key, |(key, _)| *key).ok().map(|at| &self.0[at].1)
    }

    /// What is in both.
    pub(super) fn both(&self, other: &Self, sizes: &Sizes) -> Option<Self> {
        let mut joined: Vec<(Key, Values)> = Vec::with_capacity(self.0.len() + other.0.len());
        let (mut own, mut others) = (self.0.iter().peekable(), other.0.iter().peekable());
        loop {
            let next = match (own.peek(), others.peek()) {
                (None, None) => return Some(Self(joined)),
                (Some((key, _)), Some((other, _))) if key == other => {
                    let ((key, values), (_, others)) = (own.next()?, others.next()?);
                    let both = values.both(others);
                    if both.are_none(sizes.of_key(*key)) {
                        return None;
                    }
                    (*key, both)
                }
                (Some((key, _)), Some((other, _))) if key < other => own.next()?.clone(),
                (Some(_), None) => own.next()?.clone(),
                _ => others.next()?.clone(),
            };
            joined.push(next);
        }
    }

    /// Whether something is in both.
    pub(super) fn meets(&self, other: &Self, sizes: &Sizes) -> bool {
        self.0.iter().all(|(key, values)| {
            other.values(*key).is_none_or(|others| !values.both(others).are_none(sizes.of_key(*key)))
        })
    }

    /// What is in this and not in the other, as boxes that do not overlap.
    pub(super) fn minus(&self, other: &Self, sizes: &Sizes) -> Vec<Self> {
        if !self.meets(other, sizes) {
            return vec![self.clone()];
        }
        let mut pieces = Vec::new();
        let mut rest = self.clone();
        for (key, others) in &other.0 {
            let at = rest.0.binary_search_by_key(key, |(key, _)| *key);
            let every = Values::all_but([]);
            let own = at.map_or(&every, |at| &rest.0[at].1);
            let (outside, inside) = (own.minus(others), own.both(others));
            if !outside.are_none(sizes.of_key(*key)) {
                pieces.push(rest.having(*key, outside));
            }
            rest = rest.having(*key, inside);
        }
        pieces
    }

    fn having(&self, key: Key, values: Values) -> Self {
        let mut changed = self.clone();
        match changed.0.binary_search_by_key(&key, |(key, _)| *key) {
            Ok(at) => changed.0[at].1 = values,
            Err(at) => changed.0.insert(at, (key, values)),
        }
        changed
    }

    /// Whether it holds what has these labels and no others: `(key, value)` in order of their keys.
    pub(super) fn holds(&self, labels: &[(Key, Value)]) -> bool {
        self.0.iter().all(|(key, values)| {
            let from = labels.partition_point(|(own, _)| own < key);
            let own = labels[from..].iter().take_while(|(own, _)| own == key);
            let mut own = own.map(|(_, value)| *value).peekable();
            match (own.peek().is_some(), values.left_out()) {
                (false, _) => values.hold(NONE),
                (true, None) => own.any(|value| values.hold(value)),
                (true, Some(_)) => own.all(|value| values.hold(value)),
            }
        })
    }
}
