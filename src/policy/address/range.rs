//! Ranges of addresses, in order and without others.

use std::ops::RangeInclusive;

use super::block::{Block, Family};

pub(in crate::policy) type Range = (Family, RangeInclusive<u128>);

/// The addresses of what a PCE writes as one range; else what is not one: no address, a prefix that is too long, a last
/// address before the first one, or one of the other family.
pub(in crate::policy) fn run(from: &str, to: Option<&str>) -> Result<Range, String> {
    let read = || {
        let first = from.parse::<Block>().ok()?;
        let last = to.map_or_else(|| Ok(first.clone()), str::parse::<Block>).ok()?;
        let range = *first.range.start()..=*last.range.end();
        (first.family == last.family && !range.is_empty()).then_some((first.family, range))
    };
    read().ok_or_else(|| to.map_or_else(|| from.to_owned(), |to| format!("{from}-{to}")))
}

/// Ranges in order, those that touch made one.
pub(super) fn merged(mut ranges: Vec<Range>) -> Vec<Range> {
    ranges.retain(|(_, range)| !range.is_empty());
    ranges.sort_unstable_by_key(|(family, range)| (*family, *range.start()));
    let mut merged: Vec<Range> = Vec::with_capacity(ranges.len());
    for (family, range) in ranges {
        match merged.last_mut() {
            Some((of, last)) if *of == family && *range.start() <= last.end().saturating_add(1) => {
                *last = *last.start()..=*last.end().max(range.end());
            }
            _ => merged.push((family, range)),
        }
    }
    merged
}

/// Ranges in order without others in order.
pub(super) fn without(ranges: &[Range], out: &[Range]) -> Vec<Range> {
    let mut rest = Vec::with_capacity(ranges.len());
    let mut first = 0;
    for (family, range) in ranges {
        let is_before = |(of, out): &Range| (*of, *out.end()) < (*family, *range.start());
        first += out[first..].iter().take_while(|out| is_before(out)).count();
        let mut from = Some(*range.start());
        let meeting = out[first..].iter().take_while(|(of, out)| of == family && out.start() <= range.end());
        for (_, out) in meeting {
            let Some(start) = from else { break };
            if *out.start() > start {
                rest.push((*family, start..=out.start() - 1));
            }
            from = out.end().checked_add(1).filter(|next| next <= range.end());
        }
        rest.extend(from.map(|from| (*family, from..=*range.end())));
    }
    rest
}
