//! [`Addresses`]: the addresses that an IP list holds.

mod block;
mod range;

use std::ops::RangeInclusive;

pub use block::{Block, NoBlock};

use block::Family;
pub(super) use range::run;
use range::{Range, merged, without};

/// Addresses with some taken out again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    included: Vec<Range>,
    excluded: Vec<Range>,
    /// Whether something is taken out that could not be read: nothing is certainly held then.
    is_vague: bool,
    /// Whether `included` is in order and without overlaps, and nothing is taken out of it.
    is_settled: bool,
}

impl Addresses {
    /// Adds (or excludes) what a PCE writes as `{"from_ip": "10.0.0.0/8"}` or `{"from_ip": A, "to_ip": B}`. What cannot
    /// be read is not added: the list then holds less, and less is proven by it. Returns whether it could be read.
    pub fn add(&mut self, from: &str, to: Option<&str>, is_exclusion: bool) -> bool {
        self.is_settled = false;
        let run = run(from, to);
        let is_read = run.is_ok();
        match run {
            Ok(range) => if is_exclusion { &mut self.excluded } else { &mut self.included }.push(range),
            Err(_) => self.is_vague |= is_exclusion,
        }
        is_read
    }

    /// The same in order, with what is taken out away.
    #[must_use]
    pub fn settled(self) -> Self {
        if self.is_settled {
            return self;
        }
        let included = without(&merged(self.included), &merged(self.excluded));
        Self { included, excluded: Vec::new(), is_settled: true, ..self }
    }

    /// These and others.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        let (own, others) = (self.settled(), others.settled());
        let included = merged(own.included.into_iter().chain(others.included).collect());
        Self { included, excluded: Vec::new(), is_vague: own.is_vague || others.is_vague, is_settled: true }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.included.is_empty()
    }

    /// Those that are accepted and those that are taken out, of version 4, then of version 6.
    pub(super) fn runs(&self) -> [[Vec<(u128, u128)>; 2]; 2] {
        let of = |runs: &[(Family, RangeInclusive<u128>)], family| -> Vec<(u128, u128)> {
            let own = runs.iter().filter(|(of, _)| *of == family);
            own.map(|(_, range)| (*range.start(), *range.end())).collect()
        };
        [Family::V4, Family::V6].map(|family| [of(&self.included, family), of(&self.excluded, family)])
    }

    /// Whether they hold the whole block.
    #[must_use]
    pub fn hold(&self, block: &Block) -> bool {
        if !self.is_settled {
            return self.clone().settled().hold(block);
        }
        let (from, to) = (*block.range.start(), *block.range.end());
        !self.is_vague
            && self.last_from(block.family, from).is_some_and(|range| *range.start() <= from && *range.end() >= to)
    }

    /// Whether they hold some of the block, or may.
    #[must_use]
    pub fn meet(&self, block: &Block) -> bool {
        if !self.is_settled {
            return self.clone().settled().meet(block);
        }
        let (from, to) = (*block.range.start(), *block.range.end());
        self.last_from(block.family, to).is_some_and(|range| *range.end() >= from)
    }

    /// Whether they hold all of these.
    #[must_use]
    pub fn cover(&self, others: &Self) -> bool {
        if !(self.is_settled && others.is_settled) {
            return self.clone().settled().cover(&others.clone().settled());
        }
        others.included.iter().all(|(family, range)| {
            let block = Block { written: String::new(), family: *family, range: range.clone() };
            self.hold(&block)
        })
    }

    /// Whether some are held by both.
    #[must_use]
    pub fn share(&self, others: &Self) -> bool {
        if !(self.is_settled && others.is_settled) {
            return self.clone().settled().share(&others.clone().settled());
        }
        let (few, many) = if self.included.len() < others.included.len() { (self, others) } else { (others, self) };
        let is_held = |(family, range): &Range| {
            many.last_from(*family, *range.end()).is_some_and(|held| held.end() >= range.start())
        };
        few.included.iter().any(is_held)
    }

    /// The last range that starts at an address or before it.
    fn last_from(&self, family: Family, address: u128) -> Option<&RangeInclusive<u128>> {
        let after = self.included.partition_point(|(of, range)| (*of, *range.start()) <= (family, address));
        let (of, range) = self.included.get(after.checked_sub(1)?)?;
        (*of == family).then_some(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(list: &[&str], block: &str, expected: bool) {
        let mut addresses = Addresses::default();
        for entry in list {
            let (is_exclusion, entry) = entry.strip_prefix('!').map_or((false, *entry), |entry| (true, entry));
            let (from, to) = entry.split_once(" - ").map_or((entry, None), |(from, to)| (from, Some(to)));
            addresses.add(from, to, is_exclusion);
        }
        assert_eq!(addresses.hold(&block.parse().expect("a block")), expected, "{list:?} {block}");
    }

    #[test]
    fn a_length_is_digits_and_nothing_else() {
        for text in [
            "10.96.0.0/+12",
            "10.96.0.0/-1",
            "10.96.0.0/",
            "10.96.0.0/33",
            "10.96.0.0/1_2",
            "10.96.0.0/012",
            "10.96.0.0/00",
            "10.96.0.0 /12",
            "10.96.0.0/ 12",
            "010.96.0.0/12",
            "10.96/12",
            "0x0a.0.0.1",
            "10.96.0.0/255.240.0.0",
            "::ffff:10.96.0.0/108",
            "fd00::1%eth0/64",
            "[fd00::]/64",
        ] {
            assert!(text.parse::<Block>().is_err(), "{text}");
        }
        assert!("10.96.0.0/12".parse::<Block>().is_ok());
    }

    #[test]
    fn a_list_holds_a_block() {
        check(&["10.96.0.0/12"], "10.96.0.0/12", true);
        check(&["10.0.0.0/8"], "10.96.0.0/12", true);
        check(&["10.96.0.0/16"], "10.96.0.0/12", false);
        check(&["10.96.0.0/13", "10.104.0.0/13"], "10.96.0.0/12", true);
        check(&["10.96.0.0/13", "10.105.0.0/13"], "10.96.0.0/12", true);
        check(&["10.96.0.0 - 10.111.255.255"], "10.96.0.0/12", true);
        check(&["10.96.0.0 - 10.111.255.254"], "10.96.0.0/12", false);
        check(&["10.0.0.0/8", "!10.100.0.1"], "10.96.0.0/12", false);
        check(&["10.0.0.0/8", "!10.0.0.1"], "10.96.0.0/12", true);
        check(&["10.0.0.9 - 10.0.0.1"], "10.0.0.5", false);
        check(&[], "10.0.0.5", false);
    }

    #[test]
    fn the_families_are_apart_and_everything_is_both() {
        check(&["0.0.0.0/0"], "::/0", false);
        check(&["::/0"], "fd00::/108", true);
        check(&["::/0"], "10.0.0.1", false);
        check(&["::ffff:0:0/96"], "0.0.0.0/0", false);
        check(&["::/1", "8000::/1"], "::/0", true);
        let mut any = Addresses::default();
        any.add("0.0.0.0/0", None, false);
        any.add("::/0", None, false);
        assert!(Block::everything().iter().all(|block| any.hold(block)));
    }

    #[test]
    fn lists_hold_together_what_neither_holds() {
        let list = |entries: &[(&str, bool)]| {
            let mut addresses = Addresses::default();
            for (entry, is_out) in entries {
                addresses.add(entry, None, *is_out);
            }
            addresses
        };
        let half = list(&[("0.0.0.0/1", false), ("10.0.0.0/8", true)]);
        let other = list(&[("128.0.0.0/1", false), ("10.0.0.0/8", false)]);
        let any = "0.0.0.0/0".parse().expect("a block");
        assert!(!half.hold(&any) && !other.hold(&any) && half.clone().and(other.clone()).hold(&any));
        assert!(half.clone().and(other.clone()).cover(&half) && !half.cover(&other));
        assert!(half.meet(&any) && !half.meet(&"10.7.0.0/16".parse().expect("a block")));
        let vague = list(&[("0.0.0.0/0", false), ("somewhere", true)]);
        assert!(!vague.hold(&any) && vague.meet(&any));
    }

    #[test]
    fn what_is_no_address_is_left_out() {
        check(&["elsewhere", "10.0.0.0/33", "10.0.0.1 - ::1"], "10.0.0.1", false);
        assert_eq!("10.0.0.0/33".parse::<Block>(), Err(NoBlock("10.0.0.0/33".to_owned())));
    }
}
