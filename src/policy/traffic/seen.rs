//! [`Seen`]: a flow as the PCE reports it.

use std::borrow::Cow;

/// Flows, and what of the file was skipped.
#[derive(Debug, Default)]
pub struct Traffic<'t> {
    /// The flows.
    pub flows: Vec<Seen<'t>>,
    /// Lines or flows that do not say what is needed, with the first reason.
    pub passed_over: usize,
    /// Why the first of these was skipped.
    pub reason: Option<String>,
    /// The keys of labels that have a column, of the sources and of the destinations, in small letters; nothing where
    /// each flow says its labels.
    pub columns: Option<[Vec<String>; 2]>,
}

/// A flow.
#[derive(Clone, Debug, Default)]
pub struct Seen<'t> {
    /// Where it came from.
    pub source: Side<'t>,
    /// Where it went to.
    pub destination: Side<'t>,
    /// The number of its protocol.
    pub protocol: u8,
    /// The port of the destination.
    pub port: u16,
    /// How often it was seen.
    pub connections: u64,
    /// When it was last seen, as the PCE writes it.
    pub last_seen: Cow<'t, str>,
    /// What the PCE says was decided: `allowed`, `potentially_blocked`, `blocked`, `unknown`.
    pub reported: Cow<'t, str>,
    /// What the PCE says its drafts would decide; empty where it was not asked.
    pub draft: Cow<'t, str>,
}

/// One end of a flow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Side<'t> {
    /// Its address.
    pub address: Cow<'t, str>,
    /// The name of the workload, service or host.
    pub name: Cow<'t, str>,
    /// The labels of the workload, by href or by key and value; nothing where it is not a workload.
    pub labels: Option<Vec<Label<'t>>>,
    /// Whether it is a workload whose labels are not known, which is not to have none.
    pub is_untold: bool,
    /// The virtual service, by its href or its name.
    pub service: Option<Cow<'t, str>>,
}

/// A label of a workload.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Label<'t> {
    /// By its href.
    Href(Cow<'t, str>),
    /// By its key and its value.
    Words(Cow<'t, str>, Cow<'t, str>),
}

/// The number of a protocol by its number or its name.
pub(super) fn protocol(text: &str) -> Option<u8> {
    const NAMES: [(&str, u8); 6] = [("TCP", 6), ("UDP", 17), ("ICMP", 1), ("ICMPv6", 58), ("SCTP", 132), ("GRE", 47)];
    let text = text.trim();
    let named = || NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, number)| *number);
    text.parse().ok().or_else(named)
}
