//! [`Intervals`]: numbers as first and last of each run, for ports and for addresses.

/// Numbers, in order, as runs that neither meet nor overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::policy) struct Intervals(Vec<(u128, u128)>);

impl Intervals {
    /// The numbers `from..=to`, none where they are the wrong way round.
    #[must_use]
    pub(in crate::policy) fn of(from: u128, to: u128) -> Self {
        Self(if from <= to { vec![(from, to)] } else { Vec::new() })
    }

    /// The union of runs in any order.
    #[must_use]
    pub(in crate::policy) fn union(runs: impl IntoIterator<Item = (u128, u128)>) -> Self {
        let mut runs: Vec<(u128, u128)> = runs.into_iter().filter(|(from, to)| from <= to).collect();
        runs.sort_unstable();
        let mut joined: Vec<(u128, u128)> = Vec::with_capacity(runs.len());
        for (from, to) in runs {
            match joined.last_mut() {
                Some((_, last)) if from <= last.saturating_add(1) => *last = (*last).max(to),
                _ => joined.push((from, to)),
            }
        }
        Self(joined)
    }

    /// Whether there are none.
    #[must_use]
    pub(in crate::policy) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first and the last number of each run.
    pub(in crate::policy) fn runs(&self) -> impl Iterator<Item = (u128, u128)> {
        self.0.iter().copied()
    }

    /// The least number.
    #[must_use]
    pub(in crate::policy) fn first(&self) -> Option<u128> {
        self.0.first().map(|(from, _)| *from)
    }

    /// Whether a number is one of them.
    #[must_use]
    pub(in crate::policy) fn hold(&self, number: u128) -> bool {
        let before = self.0.partition_point(|(_, to)| *to < number);
        self.0.get(before).is_some_and(|(from, _)| *from <= number)
    }

    /// Whether they hold all of the others.
    #[must_use]
    pub(in crate::policy) fn cover(&self, others: &Self) -> bool {
        self == others || others.minus(self).is_empty()
    }

    /// These and the others.
    #[must_use]
    pub(in crate::policy) fn with(&self, others: &Self) -> Self {
        match (self.is_empty(), others.is_empty()) {
            (true, _) => others.clone(),
            (_, true) => self.clone(),
            _ => Self::union(self.runs().chain(others.runs())),
        }
    }

    /// Those that are in both.
    #[must_use]
    pub(in crate::policy) fn both(&self, others: &Self) -> Self {
        let mut found = Vec::new();
        let (mut own, mut other) = (0, 0);
        while let (Some((from, to)), Some((others_from, others_to))) = (self.0.get(own), others.0.get(other)) {
            let (start, end) = ((*from).max(*others_from), (*to).min(*others_to));
            if start <= end {
                found.push((start, end));
            }
            if to < others_to { own += 1 } else { other += 1 }
        }
        Self(found)
    }

    /// These without the others.
    #[must_use]
    pub(in crate::policy) fn minus(&self, others: &Self) -> Self {
        let mut left = Vec::new();
        let mut other = 0;
        for (from, to) in self.runs() {
            let mut next = Some(from);
            while others.0.get(other).is_some_and(|(_, end)| *end < from) {
                other += 1;
            }
            let mut at = other;
            while let (Some(start), Some((cut_from, cut_to))) = (next, others.0.get(at).copied()) {
                if cut_from > to {
                    break;
                }
                if cut_from > start {
                    left.push((start, cut_from - 1));
                }
                next = cut_to.checked_add(1).filter(|next| *next <= to);
                at += 1;
            }
            if let Some(start) = next {
                left.push((start, to));
            }
        }
        Self(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(runs: &[(u128, u128)]) -> Intervals {
        Intervals::union(runs.iter().copied())
    }

    /// All sets of numbers below six, compared with sums over single numbers.
    #[test]
    fn the_algebra_is_that_of_sets() {
        const SIZE: u32 = 6;
        let set = |bits: u32| {
            of(&(0..SIZE).filter(|bit| bits >> bit & 1 == 1).map(|bit| (bit.into(), bit.into())).collect::<Vec<_>>())
        };
        let bits = |set: &Intervals| (0..SIZE).filter(|bit| set.hold((*bit).into())).map(|bit| 1 << bit).sum::<u32>();
        for a in 0..1 << SIZE {
            for b in 0..1 << SIZE {
                let (one, other) = (set(a), set(b));
                assert_eq!(bits(&one.both(&other)), a & b);
                assert_eq!(bits(&one.with(&other)), a | b);
                assert_eq!(bits(&one.minus(&other)), a & !b, "{one:?} without {other:?}");
                assert_eq!(one.cover(&other), a & b == b);
                assert_eq!(one.with(&other), set(a | b), "not in its one form");
            }
        }
    }

    #[test]
    fn the_last_number_is_no_trap() {
        let all = of(&[(0, u128::MAX)]);
        assert_eq!(all.minus(&of(&[(0, u128::MAX)])), Intervals::default());
        assert_eq!(all.minus(&of(&[(5, u128::MAX)])), of(&[(0, 4)]));
        assert_eq!(all.with(&of(&[(3, u128::MAX)])), all);
        assert!(all.hold(u128::MAX) && Intervals::of(2, 1).is_empty());
    }
}
