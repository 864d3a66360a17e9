//! Making policies up.

use super::made::{Actor, Kind, Made, NARROWED, Network, Opened, PORTS, Rule, Service, Set, TCP, UDP, Uses};
use super::made::{ENCRYPTED, GROUP};

pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    pub(super) fn is(&mut self, one_in: usize) -> bool {
        self.roll(one_in) == 0
    }

    pub(super) fn value(&mut self) -> Option<usize> {
        match self.roll(5) {
            0 => None,
            side => Some(side % 2),
        }
    }

    pub(super) fn service(&mut self, is_plain: bool) -> Service {
        let kind = match self.roll(10) {
            0..5 => Kind::ClusterIp,
            5 | 6 => Kind::NodePort,
            7 => Kind::ByHand,
            _ if is_plain => Kind::ClusterIp,
            8 => Kind::Untyped,
            _ => Kind::External,
        };
        let mut ports: Vec<usize> = (0..4).filter(|_| self.is(2)).collect();
        if ports.is_empty() {
            ports.push(self.roll(4));
        }
        let clients = if self.is(3) { ports.iter().map(|_| [80, 90, 443][self.roll(3)]).collect() } else { Vec::new() };
        Service { kind, labels: [self.value(), self.value()], ports, clients }
    }

    pub(super) fn actor(&mut self, services: usize, is_plain: bool) -> Actor {
        match self.roll(24) {
            0..8 => Actor::Label(self.roll(2), self.roll(2)),
            8 | 9 => Actor::NoLabel(self.roll(2), self.roll(2)),
            10 | 11 => Actor::Group(self.roll(2), self.is(2)),
            12 | 13 => Actor::Everything,
            14 => Actor::AnyOf(0),
            15..18 if services > 0 => Actor::Service(self.roll(services)),
            18..21 => Actor::Addresses(self.roll(2)),
            21 if !is_plain => Actor::Unheard,
            22 if !is_plain && self.is(3) => Actor::Alien,
            _ => Actor::Label(0, self.roll(2)),
        }
    }

    pub(super) fn side(&mut self, services: usize, is_plain: bool) -> Vec<Actor> {
        let number = 1 + self.roll(3);
        let mut actors: Vec<Actor> = (0..number).map(|_| self.actor(services, is_plain)).collect();
        // beside labels, what a kind of labels means is not documented
        if actors.iter().any(|actor| matches!(actor, Actor::Label(..) | Actor::NoLabel(..) | Actor::Group(..))) {
            actors.retain(|actor| !matches!(actor, Actor::AnyOf(_)));
        }
        actors
    }

    pub(super) fn uses(&mut self) -> Uses {
        let [workloads, services] = [[true, false], [false, true], [true, true]][self.roll(3)];
        Uses { workloads, services }
    }

    pub(super) fn opened(&mut self, is_plain: bool) -> Opened {
        match self.roll(8) {
            0 | 1 => Opened::Nothing,
            2 => Opened::Everything,
            3 if !is_plain => Opened::Unheard,
            4 if self.is(2) => {
                let first = self.roll(NARROWED.len());
                let others = (0..NARROWED.len()).filter(|number| *number != first && self.is(6));
                let services: Vec<usize> = others.chain([first]).collect();
                let beside = self.is(3).then(|| PORTS[self.roll(4)]);
                Opened::Narrowed(services, beside)
            }
            4 => Opened::Ports(vec![(TCP, 80, 90)]),
            5 => Opened::Ports(vec![(UDP, 53, 53), (TCP, 85, 85)]),
            _ => {
                let (protocol, port) = PORTS[self.roll(5)];
                Opened::Ports(vec![(protocol, port, port)])
            }
        }
    }

    pub(super) fn rule(&mut self, services: usize, is_plain: bool) -> Rule {
        let denies = self.is(8);
        let mut rule = Rule {
            denies,
            sources: self.side(services, is_plain),
            destinations: self.side(services, is_plain),
            source_uses: self.uses(),
            destination_uses: self.uses(),
            opened: self.opened(is_plain),
            is_unscoped: self.is(3),
            wants: Vec::new(),
            network: match self.roll(12) {
                0 => Network::Others,
                1 => Network::Every,
                _ => Network::Corporate,
            },
            is_for_all_but_its_sources: false,
        };
        if self.is(12) {
            rule.wants.push(GROUP);
        }
        if self.is(20) {
            rule.wants.push(ENCRYPTED);
        }
        if denies {
            // what narrows a rule that denies is not understood
            rule.wants.clear();
            let uses = Uses { workloads: true, services: false };
            (rule.source_uses, rule.destination_uses) = (uses, uses);
            rule.sources.retain(|actor| !matches!(actor, Actor::Service(_)));
            rule.destinations.retain(|actor| !matches!(actor, Actor::Service(_)));
        }
        rule.is_for_all_but_its_sources = self.is(3)
            && !rule.sources.is_empty()
            && rule.sources.iter().all(|actor| matches!(actor, Actor::Addresses(_)));
        rule
    }

    pub(super) fn scope(&mut self) -> Vec<Actor> {
        let actors = (0..self.roll(3)).map(|_| match self.roll(6) {
            0 => Actor::NoLabel(self.roll(2), self.roll(2)),
            1 => Actor::Group(self.roll(2), self.is(2)),
            _ => Actor::Label(self.roll(2), self.roll(2)),
        });
        actors.collect()
    }

    pub(super) fn policy(&mut self) -> Made {
        let is_plain = self.is(2);
        let services: Vec<Service> = (0..self.roll(4)).map(|_| self.service(is_plain)).collect();
        let count = services.len();
        let sets = (0..=self.roll(2)).map(|_| Set {
            scopes: (0..self.roll(3)).map(|_| self.scope()).collect(),
            rules: (0..=self.roll(4)).map(|_| self.rule(count, is_plain)).collect(),
        });
        let sets = sets.collect();
        Made { services, sets }
    }
}
