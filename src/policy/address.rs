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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
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
        let length = length.map(|length| length.trim().parse::<u32>()).transpose().map_err(|_| no_block())?;
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

/// Addresses with some taken out again.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    included: Vec<(Family, RangeInclusive<u128>)>,
    excluded: Vec<(Family, RangeInclusive<u128>)>,
}

impl Addresses {
    /// Takes in (or out) what a PCE writes as `{"from_ip": "10.0.0.0/8"}` or `{"from_ip": A, "to_ip": B}`. What cannot
    /// be read is left out: the list then holds less, and less is proven by it.
    pub fn add(&mut self, from: &str, to: Option<&str>, is_exclusion: bool) {
        let Ok(first) = from.parse::<Block>() else { return };
        let last = match to.map(str::parse::<Block>) {
            None => first.clone(),
            Some(Ok(last)) if last.family == first.family => last,
            Some(_) => return,
        };
        let range = *first.range.start()..=*last.range.end();
        if is_exclusion { &mut self.excluded } else { &mut self.included }.push((first.family, range));
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
        let is_out = |(family, range): &(Family, RangeInclusive<u128>)| {
            *family == block.family && range.start() <= block.range.end() && block.range.start() <= range.end()
        };
        if self.excluded.iter().any(is_out) {
            return false;
        }
        let mut ranges: Vec<_> =
            self.included.iter().filter(|(family, _)| *family == block.family).map(|(_, range)| range).collect();
        ranges.sort_unstable_by_key(|range| *range.start());
        // the first address of the block that is not known to be held
        let mut next = *block.range.start();
        for range in ranges.into_iter().filter(|range| !range.is_empty()) {
            if *range.start() > next {
                return false;
            }
            if *range.end() >= *block.range.end() {
                return true;
            }
            next = next.max(range.end() + 1);
        }
        false
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
    fn what_is_no_address_is_left_out() {
        check(&["elsewhere", "10.0.0.0/33", "10.0.0.1 - ::1"], "10.0.0.1", false);
        assert_eq!("10.0.0.0/33".parse::<Block>(), Err(NoBlock("10.0.0.0/33".to_owned())));
    }
}
