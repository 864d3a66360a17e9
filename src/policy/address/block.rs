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

/// The text is neither an address nor a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoBlock(pub String);

impl fmt::Display for NoBlock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text) = self;
        let (address, length) = text.split_once('/').unwrap_or((text, ""));
        match address.parse::<IpAddr>() {
            Ok(IpAddr::V6(address)) if address.to_ipv4_mapped().is_some() => {
                write!(out, "`{text}` is an IPv4 address written as IPv6: write it as IPv4")
            }
            Ok(_) if length.contains('.') => {
                write!(out, "`{text}` has a mask after the slash: write the length of the prefix, as in 10.96.0.0/12")
            }
            Ok(address) => {
                let (family, _) = number(address);
                let most = family.bits();
                write!(
                    out,
                    "`/{length}` is not a prefix length: write a number from 0 to {most}, without leading zeros"
                )
            }
            Err(_) => write!(out, "`{text}` is neither an address nor a block of addresses"),
        }
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
        let text = text.trim();
        let no_block = || NoBlock(text.to_owned());
        let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
        let address: IpAddr = address.parse().map_err(|_| no_block())?;
        // which family such an address is of, readers differ on
        if matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some()) {
            return Err(no_block());
        }
        let (family, first) = number(address);
        // Rust reads a sign and zeros before a number as well, and others take those for octal
        let is_number = |length: &str| length == "0" || length.starts_with(|first: char| matches!(first, '1'..='9'));
        let number_of = |length: &str| Some(length).filter(|length| is_number(length))?.parse::<u32>().ok();
        let length = length.map(|length| number_of(length).ok_or_else(no_block)).transpose()?;
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
