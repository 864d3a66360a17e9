//! [`ReplacedPorts`]: the ports by which CLAS replaces those of a rule, and which services have others than it names.
//!
//! CLAS replaces the ports of every rule with a label of a service that has a cluster address by all ports of that
//! service, also where the service has one port and where the rule names none of its ports. (Source: vendor page
//! "Upgrade to CLAS Architecture") Thousands of rules for All Workloads may meet thousands of services, so services are
//! found by their ports.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    rc::Rc,
};

use super::{clients::Client, ports::Ports};

/// Fewer different lists of ports than this are looked through one by one.
const FEW: usize = 16;

/// The most answers that are remembered.
const MOST_REMEMBERED: usize = 4096;

/// A virtual service, as a number.
pub(super) type ServiceId = u32;

/// Services by their ports.
#[derive(Debug, Default)]
pub(super) struct ReplacedPorts {
    lists: Vec<List>,
    /// How many services there are.
    number: usize,
    /// The lists with a port; empty where there are few.
    by_port: BTreeMap<(i64, u16), Vec<usize>>,
    /// The lists that have more than single ports.
    with_ranges: Vec<usize>,
    answers: RefCell<HashMap<Ports, Rc<Wider>>>,
}

/// Services with the same ports.
#[derive(Debug)]
struct List {
    ports: Ports,
    clients: Vec<Client>,
    ids: Vec<ServiceId>,
}

/// Services that have ports which a rule does not name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wider {
    /// Those that have some of the ports that it names.
    pub(super) met: Sample,
    /// Those of which it names a port at the nodes only.
    pub(super) at_nodes: Sample,
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

    /// A sample of these.
    pub(super) fn of(ids: &[ServiceId]) -> Self {
        let mut sample = Self::default();
        sample.add(ids);
        sample
    }

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

impl List {
    fn meets(&self, named: &Ports) -> bool {
        Client::some_is_named(&self.clients, &self.ports, named)
    }

    /// Whether a rule names all of its ports.
    fn is_covered_by(&self, named: &Ports) -> bool {
        Client::all_are_named(&self.clients, &self.ports, named)
    }
}

impl ReplacedPorts {
    /// Each service with its ports and those that its clients use; one whose ports are not known is skipped.
    pub(super) fn of<'s>(services: impl Iterator<Item = (ServiceId, &'s Ports, &'s [Client])>) -> Self {
        let mut by_list: HashMap<(&Ports, &[Client]), Vec<ServiceId>> = HashMap::new();
        for (id, ports, clients) in services.filter(|(_, ports, _)| !ports.is_empty()) {
            by_list.entry((ports, clients)).or_default().push(id);
        }
        let lists = by_list.into_iter().map(|((ports, clients), ids)| List {
            ports: ports.clone(),
            clients: clients.to_vec(),
            ids,
        });
        let mut lists: Vec<List> = lists.collect();
        lists.sort_by_key(|list| list.ids[0]);
        let number = lists.iter().map(|list| list.ids.len()).sum();
        let mut several = Self { lists, number, ..Self::default() };
        if several.lists.len() < FEW {
            return several;
        }
        for (index, List { ports, clients, .. }) in several.lists.iter().enumerate() {
            let used: Ports = clients.iter().map(|client| client.used.clone()).collect();
            match (ports.singles(), used.singles()) {
                (Some(singles), Some(of_clients)) => {
                    singles.chain(of_clients).for_each(|single| {
                        several.by_port.entry(single).or_default().push(index);
                    });
                }
                _ => several.with_ranges.push(index),
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
        for list in meeting.iter().map(|index| &self.lists[*index]) {
            number_met += list.ids.len();
            // what only the nodes have is not certainly a port of the service
            if !list.meets(named) {
                wider.at_nodes.add(&list.ids);
            } else if !list.is_covered_by(named) {
                wider.met.add(&list.ids);
            }
        }
        let not_met = (0..self.lists.len()).filter(|index| meeting.binary_search(index).is_err());
        for index in not_met.take(Sample::NAMED) {
            wider.not_met.add(&self.lists[index].ids);
        }
        wider.not_met.number = self.number - number_met;
        let answer = Rc::new(wider);
        let mut answers = self.answers.borrow_mut();
        if answers.len() < MOST_REMEMBERED {
            answers.insert(named.clone(), Rc::clone(&answer));
        }
        answer
    }

    /// The lists that have some of these ports, also at the nodes, in order.
    fn meeting(&self, named: &Ports) -> Vec<usize> {
        let meets = |index: &usize| {
            let list = &self.lists[*index];
            list.meets(named) || list.clients.iter().any(|client| named.meet(&client.used))
        };
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
    use crate::policy::clients::Way;

    #[test]
    fn many_lists_are_found_like_few() {
        let mut every: Vec<Ports> =
            (0..200).map(|n| [Ports::of(6, n, n), Ports::of(6, n + 100, n + 100)].into_iter().collect()).collect();
        every.push(Ports::of(6, 150, 160));
        every.push(Ports::of(17, 1, 2));
        every.push(Ports::of(17, 7, 7));
        let many = ReplacedPorts::of((0..).zip(&every).map(|(id, ports)| (id, ports, &[][..])));
        assert!(!many.by_port.is_empty());
        for named in [Ports::of(6, 150, 150), Ports::of(6, 90, 120), Ports::of(17, 0, 9), Ports::of(6, 0, 65535)] {
            let met = every.iter().filter(|ports| named.meet(ports) && !named.cover(ports)).count();
            let not_met = every.iter().filter(|ports| !named.meet(ports)).count();
            let wider = many.wider_than(&named);
            assert_eq!((wider.met.number, wider.not_met.number), (met, not_met), "{named}");
            assert_eq!(wider.met.first.len(), met.min(Sample::NAMED), "{named}");
        }
    }

    #[test]
    fn a_port_of_the_clients_is_a_port_of_the_service() {
        let backend = Ports::of(6, 8080, 8080);
        let clients =
            [Client { used: Ports::of(6, 80, 80), behind: backend.clone(), way: Way::Address, is_certain: true }];
        let services = ReplacedPorts::of([(0, &backend, &clients[..])].into_iter());
        assert_eq!(*services.wider_than(&Ports::of(6, 80, 80)), Wider::default());
        assert_eq!(*services.wider_than(&Ports::of(6, 8080, 8080)), Wider::default());
        assert_eq!(services.wider_than(&Ports::of(6, 22, 22)).not_met.number, 1);
    }
}
