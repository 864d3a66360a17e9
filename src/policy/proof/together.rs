//! Rules that are a mandatory one together: by their ports, or by the addresses that they hold.

use super::{Doubt, Held, Proof, Status, facts::Facts};
use crate::policy::{
    address::Addresses,
    infrastructure::{Mandatory, When},
    model::SecRule,
    ports::Ports,
};

/// A rule that is, or may be, one of the table.
#[derive(Clone, Debug)]
pub(super) struct Candidate<'p> {
    pub(super) set: &'p str,
    pub(super) rule: &'p SecRule<'p>,
    pub(super) ports: Ports,
    pub(super) doubts: Vec<Doubt>,
    pub(super) held: Held,
}

impl<'p> Candidate<'p> {
    /// Its doubts, as those of its rule.
    fn facts(&self) -> impl Iterator<Item = (Option<&'p SecRule<'p>>, Doubt)> {
        self.doubts.iter().map(|doubt| (Some(self.rule), doubt.clone()))
    }
}

/// Rules that are one of the table together.
#[derive(Debug)]
struct Together<'c, 'p> {
    used: Vec<&'c Candidate<'p>>,
    doubts: Vec<(Option<&'p SecRule<'p>>, Doubt)>,
}

/// More rules than this are not tried together.
const MOST_TOGETHER: usize = 512;

impl Facts {
    pub(super) fn proof<'p>(&self, mandatory: &'static Mandatory, mut candidates: Vec<Candidate<'p>>) -> Proof<'p> {
        let is_needed = match (mandatory.when, &self.enforcement) {
            (When::Always, _) => true,
            (When::FullEnforcement, enforcement) => enforcement.as_ref().is_some_and(|(is_full, _)| *is_full),
        };
        let nothing = Proof {
            mandatory,
            status: Status::NotFound,
            rules: Vec::new(),
            facts: Vec::new(),
            doubts: Vec::new(),
            partly: None,
            is_needed,
            is_absent: false,
            held_in_part: None,
            opposite: None,
        };
        if let (false, Some((_, enforcement))) = (is_needed, &self.enforcement) {
            return Proof { status: Status::NotNeeded, facts: vec![(None, enforcement.clone())], ..nothing };
        }
        // the most certain first, and of those the one that says most exactly what it is for
        let is_partial = |candidate: &Candidate<'_>| candidate.held != Held::All;
        candidates.sort_by_key(|candidate| {
            (candidate.doubts.len(), is_partial(candidate), candidate.ports == Ports::every())
        });
        let whole: Vec<&Candidate<'p>> = candidates.iter().filter(|candidate| !is_partial(candidate)).collect();
        let every: Vec<&Candidate<'p>> = candidates.iter().take(MOST_TOGETHER).collect();
        let certain: Vec<&Candidate<'p>> =
            every.iter().copied().filter(|candidate| candidate.doubts.is_empty()).collect();
        let found = mandatory.alternatives().find_map(|ports| {
            let by_ports = by_ports(&whole, &ports).filter(|found| found.doubts.is_empty());
            by_ports.or_else(|| self.by_addresses(mandatory, &certain, &ports))
        });
        let found = found.or_else(|| {
            mandatory
                .alternatives()
                .find_map(|ports| by_ports(&whole, &ports).or_else(|| self.by_addresses(mandatory, &every, &ports)))
        });
        if let Some(Together { used, doubts }) = found {
            let rules = used.iter().map(|used| (used.set, used.rule)).collect();
            let status = if doubts.is_empty() { Status::Proven } else { Status::Likely };
            return Proof { status, rules, facts: doubts, ..nothing };
        }
        let held_in_part = candidates.iter().find_map(|candidate| match &candidate.held {
            Held::Some(_, lists) => Some((candidate.set, candidate.rule, lists.clone())),
            Held::All => None,
        });
        let partly: Ports = whole.iter().map(|candidate| candidate.ports.clone()).collect();
        Proof {
            rules: whole.iter().map(|candidate| (candidate.set, candidate.rule)).collect(),
            partly: (!partly.is_empty()).then_some(partly),
            held_in_part,
            ..nothing
        }
    }

    /// Rules whose IP lists hold all addresses together, for each port.
    fn by_addresses<'c, 'p>(
        &self,
        mandatory: &Mandatory,
        candidates: &[&'c Candidate<'p>],
        ports: &Ports,
    ) -> Option<Together<'c, 'p>> {
        let mut found = Together { used: Vec::new(), doubts: Vec::new() };
        for port in ports.one_by_one() {
            let mut held = Addresses::default().settled();
            let mut names: Vec<&str> = Vec::new();
            let mut is_whole = false;
            for candidate in candidates.iter().filter(|candidate| candidate.ports.cover(&port)) {
                match &candidate.held {
                    Held::All => is_whole = true,
                    Held::Some(addresses, _) if held.cover(addresses) => continue,
                    Held::Some(addresses, name) => {
                        held = held.and(addresses.clone());
                        names.push(name);
                    }
                }
                if !found.used.iter().any(|used| std::ptr::eq(used.rule, candidate.rule)) {
                    found.doubts.extend(candidate.facts());
                    found.used.push(candidate);
                }
                is_whole |= self.blocks(mandatory).iter().all(|block| held.hold(block));
                if is_whole {
                    break;
                }
            }
            if !is_whole {
                let missing = self.missing(mandatory, &held)?;
                let doubt = Doubt::NotHeld { lists: names.join(", "), block: missing };
                if !found.doubts.iter().any(|(_, known)| *known == doubt) {
                    found.doubts.push((None, doubt));
                }
            }
        }
        Some(found)
    }
}

/// Rules that open all ports together.
fn by_ports<'c, 'p>(candidates: &[&'c Candidate<'p>], ports: &Ports) -> Option<Together<'c, 'p>> {
    let mut covered = Ports::default();
    let mut used: Vec<&'c Candidate<'p>> = Vec::new();
    for candidate in candidates {
        let mut with = covered.clone();
        with.add(&candidate.ports);
        if candidate.ports.meet(ports) && with != covered {
            covered = with;
            used.push(candidate);
        }
        if covered.cover(ports) {
            let doubts = used.iter().flat_map(|used| used.facts()).collect();
            return Some(Together { used, doubts });
        }
    }
    None
}
