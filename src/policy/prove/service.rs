//! [`AtService`]: everything that reaches one service by its cluster address, in one model.

use std::collections::HashMap;

use super::{
    Phase,
    doubt::Doubts,
    entry::{Entries, Entry},
    intervals::Intervals,
    ports_at::PortsAt,
    terms::{Opened, Part, RuleId},
};

/// What a source may do at one service, over all rules that name that source.
#[derive(Clone, Debug)]
pub(super) struct Merged {
    pub(super) source: Part,
    pub(super) condition: u32,
    pub(super) at: PortsAt,
    /// One of the rules.
    pub(super) rule: RuleId,
}

/// What a rule denies at one service.
#[derive(Clone, Debug)]
pub(super) struct Denied {
    pub(super) merged: Merged,
    pub(super) destination: Part,
    opened: Opened,
}

impl Denied {
    pub(super) fn of(entry: &Entry, at: PortsAt) -> Self {
        let Entry { source, destination, condition, opened, rule, .. } = *entry;
        Self { merged: Merged { source, condition, at, rule }, destination, opened }
    }

    const fn parts(&self) -> (Part, Part, u32, Opened) {
        (self.merged.source, self.destination, self.merged.condition, self.opened)
    }

    /// What it denies beyond what its twins deny in the other model: whether a flow is one of those that it means is the
    /// same in both.
    fn beyond(&self, twins: &[&Self]) -> Option<Merged> {
        let mut at = self.merged.at.clone();
        for twin in twins {
            let there = &twin.merged.at;
            if *there == at && there.doubts.only(Doubts::OF_SERVICE_AND_ADDRESSES) == there.doubts {
                return None;
            }
            (at.sure, at.maybe) = (at.sure.minus(&there.sure), at.maybe.minus(&there.sure));
        }
        (!at.maybe.is_empty()).then(|| Merged { at, ..self.merged.clone() })
    }
}

/// Everything that reaches one service in one model.
#[derive(Debug)]
pub(super) struct AtService {
    pub(super) phase: Phase,
    pub(super) allows: Vec<Merged>,
    by_source: HashMap<(Part, u32), usize>,
    pub(super) denies: Vec<Denied>,
    /// The allow rules, as numbers, with what each opens.
    pub(super) candidates: Vec<(u32, PortsAt)>,
}

impl AtService {
    pub(super) fn in_phase(phase: Phase) -> Self {
        Self { phase, allows: Vec::new(), by_source: HashMap::new(), denies: Vec::new(), candidates: Vec::new() }
    }

    /// What is denied here and not in the other model, or perhaps not.
    pub(super) fn denied_beyond(&self, other: &Self) -> Vec<Merged> {
        let mut twins: HashMap<_, Vec<&Denied>> = HashMap::new();
        other.denies.iter().for_each(|deny| twins.entry(deny.parts()).or_default().push(deny));
        let of = |deny: &Denied| deny.beyond(twins.get(&deny.parts()).map_or(&[], Vec::as_slice));
        self.denies.iter().filter_map(of).collect()
    }

    pub(super) fn add(&mut self, number: u32, entry: &Entry, at: PortsAt) {
        let Entry { source, condition, rule, .. } = *entry;
        let next = self.allows.len();
        let index = *self.by_source.entry((source, condition)).or_insert(next);
        match self.allows.get_mut(index) {
            Some(merged) if merged.at == at => {}
            Some(merged) => {
                merged.at.sure = merged.at.sure.with(&at.sure);
                merged.at.maybe = merged.at.maybe.with(&at.maybe);
                merged.at.doubts.add(at.doubts);
            }
            None => self.allows.push(Merged { source, condition, at: at.clone(), rule }),
        }
        self.candidates.push((number, at));
    }

    /// Whether some ports of a source are certainly open under one of some conditions, whatever else there is.
    pub(super) fn opens(&self, source: Part, conditions: &[u32], ports: &Intervals) -> bool {
        let source = match (source, self.phase) {
            (Part::Services(labels), Phase::After) => Part::Workloads(labels),
            (Part::Service(_), Phase::After) => return false,
            _ => source,
        };
        let of = |condition| self.by_source.get(&(source, condition)).map(|index| &self.allows[*index].at.sure);
        conditions.iter().any(|condition| of(*condition).is_some_and(|sure| sure.cover(ports)))
    }

    /// Whether a rule that may do less than it says does the same here: what is not known of it is not known of both. Of
    /// an actor or a field that is not known, or of everything but what is named, nothing is said; nor of a service that
    /// is not known, as CLAS opens all ports here whatever the rule names.
    pub(super) fn mirrors(&self, entries: &Entries<'_>, entry: &Entry, at: &PortsAt) -> bool {
        let is_same = |number: u32, here: &PortsAt| {
            let other = &entries.allows[number as usize];
            other.rule == entry.rule
                && other.source == entry.source
                && other.condition == entry.condition
                && here.doubts == at.doubts
        };
        let mut others = self.candidates.iter();
        let stays = !matches!(entry.source, Part::Services(_) | Part::Service(_));
        stays
            && !at.doubts.are_none()
            && !at.doubts.has(Doubts::ACTOR.with(Doubts::FIELD).with(Doubts::LEFT_OUT).with(Doubts::PORTS))
            && others.any(|(number, here)| is_same(*number, here) && here.maybe.cover(&at.maybe))
    }
}
