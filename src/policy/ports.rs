//! [`Ports`]: what a rule or a service opens.

use std::{fmt, sync::Arc};

use crate::shown::first;

/// The protocol number that a PCE gives to a service that means every protocol.
const EVERY_PROTOCOL: i64 = -1;

/// Ports of protocols, in order, without overlaps; [`Ports::every`] is all there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ports {
    is_every: bool,
    /// Shared by all that have the same: thousands of rules may reach the same thousands of services.
    spans: Arc<Vec<Span>>,
}

/// The ports `from..=to` of one protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Span {
    protocol: i64,
    from: u16,
    to: u16,
}

impl Ports {
    /// Every port of every protocol: All Services.
    #[must_use]
    pub fn every() -> Self {
        Self { is_every: true, spans: Arc::default() }
    }

    /// These ports of one protocol.
    #[must_use]
    pub fn of(protocol: i64, from: u16, to: u16) -> Self {
        Self { is_every: false, spans: Arc::new(vec![Span { protocol, from: from.min(to), to: from.max(to) }]) }
    }

    /// What the PCE writes as `{"proto": 6, "port": 8000, "to_port": 8100}`. Without a port it is the whole protocol,
    /// without a protocol (or with -1) everything. What no port can be is brought to the nearest one.
    #[must_use]
    pub fn written(protocol: Option<i64>, port: Option<i64>, to_port: Option<i64>) -> Self {
        let Some(protocol) = protocol.filter(|protocol| *protocol != EVERY_PROTOCOL) else { return Self::every() };
        let number = |port: i64| u16::try_from(port.clamp(0, i64::from(u16::MAX))).unwrap_or(u16::MAX);
        match port.filter(|port| *port >= 0).map(number) {
            Some(from) => Self::of(protocol, from, to_port.map_or(from, number)),
            None => Self::of(protocol, 0, u16::MAX),
        }
    }

    /// Which of these numbers are not a protocol, a port or a range of ports, with the field.
    pub(super) fn unreadable(protocol: Option<i64>, port: Option<i64>, to_port: Option<i64>) -> Option<String> {
        const LAST: i64 = u16::MAX as i64;
        if let Some(protocol) = protocol.filter(|protocol| !(EVERY_PROTOCOL..=255).contains(protocol)) {
            return Some(format!("proto={protocol}"));
        }
        let is_range = match (port, to_port) {
            (None | Some(-1), None | Some(-1)) => true,
            (Some(port @ 0..=LAST), to_port) => to_port.is_none_or(|last| (port..=LAST).contains(&last)),
            _ => false,
        };
        let number = |port: Option<i64>| port.map_or_else(String::new, |port| port.to_string());
        match to_port {
            _ if is_range => None,
            Some(last) => Some(format!("port={}-{last}", number(port))),
            None => Some(format!("port={}", number(port))),
        }
    }

    /// Takes others in.
    pub fn add(&mut self, others: &Self) {
        self.is_every |= others.is_every;
        if self.is_every {
            self.spans = Arc::default();
        } else if self.spans.is_empty() {
            self.spans = Arc::clone(&others.spans);
        } else if !others.spans.is_empty() {
            Arc::make_mut(&mut self.spans).extend(&*others.spans);
            self.settle();
        }
    }

    /// Brings the spans into order, without overlaps.
    fn settle(&mut self) {
        let spans = Arc::make_mut(&mut self.spans);
        spans.sort_unstable();
        spans.dedup_by(|next, kept| {
            let joins = next.protocol == kept.protocol && u32::from(next.from) <= u32::from(kept.to) + 1;
            if joins {
                kept.to = kept.to.max(next.to);
            }
            joins
        });
    }

    /// The number of the first port; nothing where there are none, and for [`Ports::every`].
    #[must_use]
    pub fn first(&self) -> Option<u16> {
        self.spans.iter().map(|span| span.from).min()
    }

    /// Each with its protocol, its first and its last port; nothing for [`Ports::every`].
    pub(super) fn spans(&self) -> impl Iterator<Item = (i64, u16, u16)> {
        self.spans.iter().map(|span| (span.protocol, span.from, span.to))
    }

    /// Each with its protocol, where all of them are single ports.
    pub(super) fn singles(&self) -> Option<impl Iterator<Item = (i64, u16)>> {
        let are_single = !self.is_every && self.spans.iter().all(|span| span.from == span.to);
        are_single.then(|| self.spans.iter().map(|span| (span.protocol, span.from)))
    }

    /// Those of each protocol by themselves; nothing for [`Ports::every`].
    pub(super) fn by_protocol(&self) -> Vec<(i64, Self)> {
        let same = self.spans.chunk_by(|span, next| span.protocol == next.protocol);
        let of = |spans: &[Span]| Self { is_every: false, spans: Arc::new(spans.to_vec()) };
        same.map(|spans| (spans[0].protocol, of(spans))).collect()
    }

    /// Each port by itself; for few ports.
    pub(super) fn one_by_one(&self) -> impl Iterator<Item = Self> {
        self.spans().flat_map(|(protocol, from, to)| (from..=to).map(move |port| Self::of(protocol, port, port)))
    }

    /// Whether it is a single port.
    pub(super) fn is_one(&self) -> bool {
        !self.is_every && matches!(**self.spans, [Span { from, to, .. }] if from == to)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.is_every && self.spans.is_empty()
    }

    /// Those that are among others, too.
    #[must_use]
    pub(super) fn both(&self, others: &Self) -> Self {
        match (self.is_every, others.is_every) {
            (true, _) => others.clone(),
            (_, true) => self.clone(),
            _ => {
                let pairs = self.spans.iter().flat_map(|own| others.spans.iter().map(move |other| (own, other)));
                let common = pairs.filter(|(own, other)| own.overlaps(**other));
                common
                    .map(|(own, other)| Self::of(own.protocol, own.from.max(other.from), own.to.min(other.to)))
                    .collect()
            }
        }
    }

    /// Whether all of these are among them.
    #[must_use]
    pub fn cover(&self, others: &Self) -> bool {
        let holds = |span: &Span| self.spans.iter().any(|own| own.overlaps(*span) && own.holds(*span));
        self.is_every || (!others.is_every && others.spans.iter().all(holds))
    }

    /// Whether some of these are among them.
    #[must_use]
    pub fn meet(&self, others: &Self) -> bool {
        let meets = |span: &Span| self.spans.iter().any(|own| own.overlaps(*span));
        (self.is_every && !others.is_empty()) || (others.is_every && !self.is_empty()) || others.spans.iter().any(meets)
    }
}

impl FromIterator<Self> for Ports {
    fn from_iter<I: IntoIterator<Item = Self>>(many: I) -> Self {
        let mut all: Vec<Span> = Vec::new();
        for ports in many {
            if ports.is_every {
                return Self::every();
            }
            all.extend(&*ports.spans);
        }
        let mut all = Self { is_every: false, spans: Arc::new(all) };
        all.settle();
        all
    }
}

impl Span {
    fn overlaps(self, other: Self) -> bool {
        self.protocol == other.protocol && self.from <= other.to && other.from <= self.to
    }

    fn holds(self, other: Self) -> bool {
        self.from <= other.from && other.to <= self.to
    }
}

/// At most a few, and how many more there are.
impl fmt::Display for Ports {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        const FEW: usize = 8;
        if self.is_every {
            return out.write_str("All Services");
        }
        out.write_str(&first(FEW, self.spans.len(), ", ", self.spans.iter()))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.to) {
            (0, u16::MAX) => {}
            (from, to) if from == to => write!(out, "{from}/")?,
            (from, to) => write!(out, "{from}-{to}/")?,
        }
        match self.protocol {
            1 => out.write_str("ICMP"),
            6 => out.write_str("TCP"),
            17 => out.write_str("UDP"),
            58 => out.write_str("ICMPv6"),
            132 => out.write_str("SCTP"),
            other => write!(out, "protocol {other}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(spans: &[(i64, u16, u16)]) -> Ports {
        spans.iter().map(|(protocol, from, to)| Ports::of(*protocol, *from, *to)).collect()
    }

    #[track_caller]
    fn check(spans: &[(i64, u16, u16)], others: &[(i64, u16, u16)], covers: bool, meets: bool) {
        let (ports, others) = (ports(spans), ports(others));
        assert_eq!((ports.cover(&others), ports.meet(&others)), (covers, meets), "{ports} and {others}");
    }

    #[test]
    fn ports_cover_and_meet_others() {
        check(&[(6, 80, 80)], &[(6, 80, 80)], true, true);
        check(&[(6, 80, 80)], &[(17, 80, 80)], false, false);
        check(&[(6, 80, 80)], &[(6, 80, 81)], false, true);
        check(&[(6, 80, 89), (6, 90, 99)], &[(6, 85, 95)], true, true);
        check(&[(6, 80, 80), (6, 82, 82)], &[(6, 80, 82)], false, true);
        check(&[], &[(6, 80, 80)], false, false);
        check(&[(6, 80, 80)], &[], true, false);
        assert!(Ports::every().cover(&ports(&[(6, 1, 1)])) && Ports::every().meet(&ports(&[(6, 1, 1)])));
        assert!(!ports(&[(6, 0, 65535)]).cover(&Ports::every()));
    }

    #[test]
    fn ports_are_written_as_a_person_writes_them() {
        let written = ports(&[(17, 53, 53), (6, 8000, 8100), (6, 80, 80), (6, 81, 81), (1, 0, 65535), (47, 0, 65535)]);
        assert_eq!(written.to_string(), "ICMP, 80-81/TCP, 8000-8100/TCP, 53/UDP, protocol 47");
        assert_eq!(Ports::written(Some(6), Some(443), None).to_string(), "443/TCP");
        assert_eq!(Ports::written(Some(6), Some(-1), None).to_string(), "TCP");
        assert_eq!(Ports::written(Some(6), Some(9), Some(1_000_000)).to_string(), "9-65535/TCP");
        assert_eq!(Ports::written(Some(-1), None, None), Ports::every());
    }
}
