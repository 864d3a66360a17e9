//! [`Ranges`] and ports as [`Intervals`].

use super::intervals::Intervals;
use crate::policy::{address::Addresses, ports::Ports};

/// Addresses of both families.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Ranges {
    pub(super) four: Intervals,
    pub(super) six: Intervals,
}

impl Ranges {
    /// All addresses.
    pub(super) fn every() -> Self {
        Self { four: Intervals::of(0, u32::MAX.into()), six: Intervals::of(0, u128::MAX) }
    }

    /// Those that an IP list holds.
    pub(super) fn of(held: &Addresses) -> Self {
        let [four, six] = held.runs().map(|[included, excluded]| {
            Intervals::union(included.iter().copied()).minus(&Intervals::union(excluded.iter().copied()))
        });
        Self { four, six }
    }

    pub(super) fn with(&self, other: &Self) -> Self {
        Self { four: self.four.with(&other.four), six: self.six.with(&other.six) }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.four.is_empty() && self.six.is_empty()
    }

    pub(super) fn both(&self, other: &Self) -> Self {
        Self { four: self.four.both(&other.four), six: self.six.both(&other.six) }
    }

    pub(super) fn minus(&self, other: &Self) -> Self {
        Self { four: self.four.minus(&other.four), six: self.six.minus(&other.six) }
    }
}

/// Ports as numbers: the protocol, then the port.
pub(super) fn intervals(ports: &Ports) -> Intervals {
    if *ports == Ports::every() {
        return Intervals::of(0, u128::MAX);
    }
    Intervals::union(ports.spans().filter_map(|(protocol, from, to)| {
        let protocol = u128::try_from(protocol).ok()? << 16;
        Some((protocol | u128::from(from), protocol | u128::from(to)))
    }))
}
