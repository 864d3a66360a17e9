//! [`Block`]: a block of addresses.

// of `core`, which has addresses and no sockets
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::{fmt, ops::RangeInclusive, str::FromStr};

/// A block of addresses, as written: `10.96.0.0/12`, `10.8.0.7`, `fd00::/108`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    pub(super) written: String,
    pub(super) family: Family,
    pub(super) range: RangeInclusive<u128>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::policy) enum Family {
    V4,
    V6,
}

/// The text is no address and no block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoBlock(pub String);

impl fmt::Display for NoBlock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "`{}` is neither an address nor a block of addresses", self.0)
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
