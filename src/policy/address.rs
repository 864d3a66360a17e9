//! [`Addresses`]: the addresses that an IP list holds.

// of `core`, which has addresses and no sockets
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::{fmt, ops::RangeInclusive, str::FromStr};

/// A block of addresses, as written: `10.96.0.0/12`, `10.8.0.7`, `fd00::/108`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    written: String,
    family: Family,
    range: RangeInclusive<u128>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    V4,
    V6,
}

/// The text is no address and no block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoBlock(pub String);

impl fmt::Display for NoBlock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "`{}` is no address and no block of addresses", self.0)
    }
}

impl std::error::Error for NoBlock {}

impl Block {
    /// Everything there is in both families: what the PCE's list `Any (0.0.0.0/0 and ::/0)` holds.
    ///
    /// # Panics
    ///
    /// Never: both blocks are well formed.
    #[must_use]
    pub fn everything() -> [Self; 2] {
        ["0.0.0.0/0", "::/0"].map(|block| block.parse().expect("a block of addresses"))
    }
}

impl fmt::Display for Block {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.written)
    }
}

/// The address may lie anywhere in its block: `10.0.0.1/8` is read as `10.0.0.0/8`.
impl FromStr for Block {
    type Err = NoBlock;

    fn from_str(text: &str) -> Result<Self, NoBlock> {
        let no_block = || NoBlock(text.to_owned());
        let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
        let (family, first) = number(address.trim().parse().map_err(|_| no_block())?);
        // Rust reads a sign before a number as well
        let is_number = |length: &str| length.bytes().all(|byte| byte.is_ascii_digit());
        let number_of = |length: &str| Some(length).filter(|length| is_number(length))?.parse::<u32>().ok();
        let length = length.map(|length| number_of(length.trim()).ok_or_else(no_block)).transpose()?;
        let bits = family.bits();
        let free = bits.checked_sub(length.unwrap_or(bits)).ok_or_else(no_block)?;
        let mask = if free == 128 { u128::MAX } else { (1 << free) - 1 };
        Ok(Self { written: text.to_owned(), family, range: first & !mask..=first | mask })
    }
}

impl Family {
    const fn bits(self) -> u32 {
        match self {
            Self::V4 => Ipv4Addr::BITS,
            Self::V6 => Ipv6Addr::BITS,
        }
    }
}

fn number(address: IpAddr) -> (Family, u128) {
    match address {
        IpAddr::V4(address) => (Family::V4, u128::from(u32::from(address))),
        IpAddr::V6(address) => (Family::V6, u128::from(address)),
    }
}

pub(super) type Range = (Family, RangeInclusive<u128>);

/// The addresses of what a PCE writes as one range; else what is none: no address, a prefix that is too long, a last
/// address before the first one, or one of the other family.
pub(super) fn run(from: &str, to: Option<&str>) -> Result<Range, String> {
    let read = || {
        let first = from.parse::<Block>().ok()?;
        let last = to.map_or_else(|| Ok(first.clone()), str::parse::<Block>).ok()?;
        let range = *first.range.start()..=*last.range.end();
        (first.family == last.family && !range.is_empty()).then_some((first.family, range))
    };
    read().ok_or_else(|| to.map_or_else(|| from.to_owned(), |to| format!("{from}-{to}")))
}

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
    /// Takes in (or out) what a PCE writes as `{"from_ip": "10.0.0.0/8"}` or `{"from_ip": A, "to_ip": B}`. What cannot
    /// be read is left out: the list then holds less, and less is proven by it. Whether it could be read.
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

    /// Those that are taken in and those that are taken out, of version 4, then of version 6.
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

/// Ranges in order, those that touch made one.
fn merged(mut ranges: Vec<Range>) -> Vec<Range> {
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
fn without(ranges: &[Range], out: &[Range]) -> Vec<Range> {
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
        for text in ["10.96.0.0/+12", "10.96.0.0/-1", "10.96.0.0/", "10.96.0.0/33", "10.96.0.0/1_2"] {
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
