//! [`SeveralPorts`]: which services have more ports than a rule names.
//!
//! Thousands of rules for All Workloads may stand before thousands of services, so services are found by their ports.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    rc::Rc,
};

use super::{ports::Ports, reach::ServiceId};

/// Fewer different lists of ports than this are looked through one by one.
const FEW: usize = 16;

/// The most answers that are remembered.
const MOST_REMEMBERED: usize = 4096;

/// Services with several ports, by these.
#[derive(Debug, Default)]
pub(super) struct SeveralPorts {
    lists: Vec<(Ports, Vec<ServiceId>)>,
    /// How many services there are.
    number: usize,
    /// The lists with a port; empty where there are few.
    by_port: BTreeMap<(i64, u16), Vec<usize>>,
    /// The lists that have more than single ports.
    with_ranges: Vec<usize>,
    answers: RefCell<HashMap<Ports, Rc<Wider>>>,
}

/// Services that have ports which a rule does not name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wider {
    /// Those that have some of the ports that it names.
    pub(super) met: Sample,
    /// Those that have none of them.
    pub(super) not_met: Sample,
}

/// Some services: the first few, and how many they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) first: Vec<ServiceId>,
    pub(super) number: usize,
}

impl Sample {
    /// How many of them are named.
    const NAMED: usize = 3;

    fn add(&mut self, ids: &[ServiceId]) {
        self.first.extend(ids.iter().take(Self::NAMED - self.first.len()));
        self.number += ids.len();
    }

    /// These and others.
    pub(super) fn and(mut self, others: &Self) -> Self {
        let named = others.first.iter().take(Self::NAMED - self.first.len());
        self.first.extend(named);
        self.number += others.number;
        self
    }
}

impl SeveralPorts {
    /// Each service with its ports; those with a single one are passed over.
    pub(super) fn of<'s>(services: impl Iterator<Item = (ServiceId, &'s Ports)>) -> Self {
        let mut by_list: HashMap<&Ports, Vec<ServiceId>> = HashMap::new();
        for (id, ports) in services.filter(|(_, ports)| ports.are_several()) {
            by_list.entry(ports).or_default().push(id);
        }
        let mut lists: Vec<(Ports, Vec<ServiceId>)> =
            by_list.into_iter().map(|(ports, ids)| (ports.clone(), ids)).collect();
        lists.sort_by_key(|(_, ids)| ids[0]);
        let number = lists.iter().map(|(_, ids)| ids.len()).sum();
        let mut several = Self { lists, number, ..Self::default() };
        if several.lists.len() < FEW {
            return several;
        }
        for (index, (ports, _)) in several.lists.iter().enumerate() {
            match ports.singles() {
                None => several.with_ranges.push(index),
                Some(singles) => {
                    singles.for_each(|single| several.by_port.entry(single).or_default().push(index));
                }
            }
        }
        several
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// What is wider than the ports of a rule.
    pub(super) fn wider_than(&self, named: &Ports) -> Rc<Wider> {
        if self.is_empty() || *named == Ports::every() {
            return Rc::default();
        }
        if let Some(answer) = self.answers.borrow().get(named) {
            return Rc::clone(answer);
        }
        let meeting = self.meeting(named);
        let mut wider = Wider::default();
        let mut number_met = 0;
        for index in &meeting {
            let (ports, ids) = &self.lists[*index];
            number_met += ids.len();
            if !named.cover(ports) {
                wider.met.add(ids);
            }
        }
        let not_met = (0..self.lists.len()).filter(|index| meeting.binary_search(index).is_err());
        for index in not_met.take(Sample::NAMED) {
            wider.not_met.add(&self.lists[index].1);
        }
        wider.not_met.number = self.number - number_met;
        let answer = Rc::new(wider);
        let mut answers = self.answers.borrow_mut();
        if answers.len() < MOST_REMEMBERED {
            answers.insert(named.clone(), Rc::clone(&answer));
        }
        answer
    }

    /// The lists that have some of these ports, in order.
    fn meeting(&self, named: &Ports) -> Vec<usize> {
        let meets = |index: &usize| named.meet(&self.lists[*index].0);
        if self.lists.len() < FEW {
            return (0..self.lists.len()).filter(meets).collect();
        }
        let mut found: Vec<usize> = self.with_ranges.iter().copied().filter(meets).collect();
        for (protocol, from, to) in named.spans() {
            found.extend(self.by_port.range((protocol, from)..=(protocol, to)).flat_map(|(_, indices)| indices));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_lists_are_found_like_few() {
        let mut every: Vec<Ports> =
            (0..200).map(|n| [Ports::of(6, n, n), Ports::of(6, n + 100, n + 100)].into_iter().collect()).collect();
        every.push(Ports::of(6, 150, 160));
        every.push(Ports::of(17, 1, 2));
        let many = SeveralPorts::of((0..).zip(&every));
        assert!(!many.by_port.is_empty());
        for named in [Ports::of(6, 150, 150), Ports::of(6, 90, 120), Ports::of(17, 0, 9), Ports::of(6, 0, 65535)] {
            let met = every.iter().filter(|ports| named.meet(ports) && !named.cover(ports)).count();
            let not_met = every.iter().filter(|ports| !named.meet(ports)).count();
            let wider = many.wider_than(&named);
            assert_eq!((wider.met.number, wider.not_met.number), (met, not_met), "{named}");
            assert_eq!(wider.met.first.len(), met.min(Sample::NAMED), "{named}");
        }
    }
}
