//! The oracle: one flow at a time, decided from the policy as it was made up.

use std::collections::BTreeMap;

use helm_clas::policy::prove::Answer;

use super::made::{
    Actor, End, ICMP, Kind, LISTS, Labels, Made, NARROWED, Opened, PORTS, PROCESS, Range, Rule, Service,
};

/// What a policy or the vendor's pages leave open, tossed one way and then the other.
#[derive(Default)]
pub(super) struct Coins {
    pub(super) known: BTreeMap<(usize, &'static str), bool>,
    pub(super) order: Vec<(usize, &'static str)>,
}

impl Coins {
    pub(super) fn toss(&mut self, rule: usize, what: &'static str) -> bool {
        let key = (rule, what);
        if let std::collections::btree_map::Entry::Vacant(e) = self.known.entry(key) {
            e.insert(false);
            self.order.push(key);
        }
        self.known[&key]
    }

    /// The next way for all of them to fall.
    pub(super) fn next(&mut self) -> bool {
        while let Some(last) = self.order.last() {
            if !self.known[last] {
                self.known.insert(*last, true);
                return true;
            }
            self.known.remove(last);
            self.order.pop();
        }
        false
    }
}

/// One rule in the place it has, asked about one flow in one model.
pub(super) struct Asked<'a> {
    pub(super) made: &'a Made,
    pub(super) rule: &'a Rule,
    pub(super) number: usize,
    pub(super) is_after: bool,
    pub(super) facts: &'a [&'static str],
}

/// What must hold of a flow, and on which network it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Under {
    pub(super) is_elsewhere: bool,
    pub(super) facts: Vec<&'static str>,
}

pub(super) fn labels_fit(actors: &[Actor], labels: &Labels) -> bool {
    (0..2).all(|key| {
        let own = labels[key];
        let mut wanted = false;
        let mut is_one = false;
        for actor in actors {
            match *actor {
                Actor::Label(of, value) if of == key => {
                    wanted = true;
                    is_one |= own == Some(value);
                }
                Actor::Group(of, is_both) if of == key => {
                    wanted = true;
                    is_one |= own == Some(0) || (is_both && own == Some(1));
                }
                Actor::AnyOf(of) if of == key => {
                    wanted = true;
                    is_one |= own.is_some();
                }
                Actor::NoLabel(of, value) if of == key && own == Some(value) => return false,
                _ => {}
            }
        }
        !wanted || is_one
    })
}

/// Whether an IP list among some actors holds an address of which that is not in the input.
fn holds(actors: &[Actor], first: usize, what: &'static str, coins: &mut Coins) -> bool {
    let mut is_held = false;
    for actor in actors {
        if let Actor::Addresses(list) = actor {
            is_held |= coins.toss(first + list, what);
        }
    }
    is_held
}

pub(super) fn is_by_label(actor: &Actor) -> bool {
    matches!(
        actor,
        Actor::Everything | Actor::Label(..) | Actor::NoLabel(..) | Actor::Group(..) | Actor::AnyOf(_) | Actor::Unheard
    )
}

impl Asked<'_> {
    /// Whether a side means whatever has these labels.
    pub(super) fn means(
        &self,
        actors: &[Actor],
        scope: &[Actor],
        labels: &Labels,
        coins: &mut Coins,
        side: &'static str,
    ) -> bool {
        if !actors.iter().any(is_by_label) || !labels_fit(scope, labels) {
            return false;
        }
        if actors.contains(&Actor::Everything) {
            // all of them, or all but these: not documented
            let left_out: Vec<Actor> = actors.iter().copied().filter(|one| matches!(one, Actor::NoLabel(..))).collect();
            let coin = if side == "source" { "all but some sources" } else { "all but some destinations" };
            return labels_fit(&left_out, labels) || coins.toss(self.number, coin);
        }
        labels_fit(actors, labels) && (!actors.contains(&Actor::Unheard) || coins.toss(self.number, side))
    }

    pub(super) fn is_source(&self, source: End, scope: &[Actor], coins: &mut Coins) -> bool {
        let Rule { sources, source_uses: uses, .. } = self.rule;
        let scope = if self.rule.is_unscoped { &[] } else { scope };
        if sources.contains(&Actor::Alien) && coins.toss(self.number, "alien source") {
            return true;
        }
        // the address of a workload is not in the input
        if !matches!(source, End::Address(_)) && sources.iter().any(|actor| matches!(actor, Actor::Addresses(_))) {
            let is_held = holds(sources, 200, "holds the source", coins);
            if is_held != self.rule.is_for_all_but_its_sources {
                return true;
            }
        }
        match source {
            End::Workload(labels) => uses.workloads && self.means(sources, scope, &labels, coins, "source"),
            End::Address(address) => {
                let is_in = |actor: &Actor| matches!(actor, Actor::Addresses(list) if LISTS[*list].contains(&address));
                sources.iter().any(is_in) != self.rule.is_for_all_but_its_sources
            }
            End::Behind(number) => {
                let service = &self.made.services[number];
                let is_virtual = !self.is_after || service.stays();
                let by_label = (uses.workloads || uses.services && is_virtual)
                    && self.means(sources, scope, &service.labels, coins, "source");
                by_label || is_virtual && sources.contains(&Actor::Service(number))
            }
            End::Cluster(_) | End::Front(_) => unreachable!("no source"),
        }
    }

    pub(super) fn names(&self, (protocol, port): (u8, u16), coins: &mut Coins) -> bool {
        match &self.rule.opened {
            Opened::Nothing => false,
            Opened::Everything => true,
            Opened::Ports(ranges) => {
                ranges.iter().any(|(of, from, to)| *of == protocol && (*from..=*to).contains(&port))
            }
            Opened::Narrowed(services, beside) => {
                let opens = |(of, from, to, wants): &Range| {
                    *of == protocol
                        && (*from..=*to).contains(&port)
                        && wants.iter().all(|want| self.facts.contains(want))
                };
                *beside == Some((protocol, port)) || services.iter().flat_map(|service| NARROWED[*service]).any(opens)
            }
            Opened::Unheard => coins.toss(self.number, "ports"),
        }
    }

    /// Whether CLAS opens all ports of a service in place of those that the rule opens: of a rule that opens some only to
    /// certain flows, it is not documented whether the others stay out.
    pub(super) fn is_replaced(&self, coins: &mut Coins) -> bool {
        let Opened::Narrowed(services, beside) = &self.rule.opened else { return true };
        // a flow to a port is none of the messages that have a type
        let is_for_flow = |(protocol, _, _, wants): &Range| {
            wants.is_empty() || *protocol != ICMP && wants.iter().all(|want| self.facts.contains(want))
        };
        beside.is_some()
            || services.iter().flat_map(|service| NARROWED[*service]).any(is_for_flow)
            || coins.toss(self.number, "narrowing of replaced ports")
    }

    /// Whether a port of a service is named, as the port behind it or as that of its clients.
    pub(super) fn names_of_service(&self, service: &Service, port: usize, coins: &mut Coins) -> bool {
        if self.rule.opened == Opened::Nothing {
            return true;
        }
        let at = service.ports.iter().position(|own| *own == port).unwrap();
        let of_clients = service.clients.get(at).map(|client| (PORTS[port].0, *client));
        self.names(PORTS[port], coins) || of_clients.is_some_and(|client| self.names(client, coins))
    }

    pub(super) fn is_destination(&self, destination: End, port: usize, scope: &[Actor], coins: &mut Coins) -> bool {
        let Rule { destinations, destination_uses: uses, .. } = self.rule;
        if destinations.contains(&Actor::Alien) && coins.toss(self.number, "alien destination") {
            // whatever it is, it opens no more than anything else would
            return match destination {
                End::Cluster(_) if self.is_after && !self.rule.denies => {
                    self.rule.opened != Opened::Nothing && self.is_replaced(coins)
                }
                End::Cluster(number) | End::Front(number) => {
                    self.names_of_service(&self.made.services[number], port, coins)
                }
                _ => self.names(PORTS[port], coins),
            };
        }
        let is_held = !matches!(destination, End::Address(_))
            && self.rule.denies
            && holds(destinations, 300, "holds the destination", coins);
        if is_held {
            return match destination {
                End::Cluster(number) | End::Front(number) => {
                    self.names_of_service(&self.made.services[number], port, coins)
                }
                _ => self.names(PORTS[port], coins),
            };
        }
        match destination {
            End::Workload(labels) => {
                uses.workloads
                    && self.means(destinations, scope, &labels, coins, "destination")
                    && self.names(PORTS[port], coins)
            }
            End::Address(address) => {
                let is_in = |actor: &Actor| matches!(actor, Actor::Addresses(list) if LISTS[*list].contains(&address));
                destinations.iter().any(is_in) && self.names(PORTS[port], coins)
            }
            End::Front(number) => self.is_virtual_service(number, port, scope, coins),
            End::Cluster(number) if self.rule.denies => self.is_denied_service(number, port, scope, coins),
            End::Cluster(number) if !self.is_after => self.is_virtual_service(number, port, scope, coins),
            End::Cluster(number) => {
                let service = &self.made.services[number];
                let is_alien = service.kind == Kind::External;
                let as_workload = uses.workloads
                    && self.rule.opened != Opened::Nothing
                    && self.means(destinations, scope, &service.labels, coins, "destination")
                    && (self.rule.opened != Opened::Unheard || coins.toss(self.number, "ports"));
                let means_all = destinations.iter().any(|actor| matches!(actor, Actor::Everything | Actor::AnyOf(_)));
                let as_workload = as_workload
                    && self.is_replaced(coins)
                    && (!means_all || coins.toss(self.number, "all workloads"))
                    && (!is_alien || coins.toss(100 + number, "becomes a workload"));
                as_workload
                    || is_alien
                        && self.is_virtual_service(number, port, scope, coins)
                        && coins.toss(100 + number, "stays a virtual service")
            }
            End::Behind(_) => unreachable!("no destination"),
        }
    }

    pub(super) fn is_virtual_service(&self, number: usize, port: usize, scope: &[Actor], coins: &mut Coins) -> bool {
        let service = &self.made.services[number];
        let Rule { destinations, destination_uses: uses, .. } = self.rule;
        if self.rule.denies {
            let is_meant = self.means(destinations, scope, &service.labels, coins, "destination");
            return is_meant && self.names_of_service(service, port, coins);
        }
        let is_meant = destinations.contains(&Actor::Service(number))
            || uses.services && self.means(destinations, scope, &service.labels, coins, "destination");
        is_meant && self.names_of_service(service, port, coins)
    }

    /// The pods behind a service have its labels; in CLAS the ports of a deny rule may be replaced as well, where the
    /// service is a workload.
    pub(super) fn is_denied_service(&self, number: usize, port: usize, scope: &[Actor], coins: &mut Coins) -> bool {
        let service = &self.made.services[number];
        if !self.means(&self.rule.destinations, scope, &service.labels, coins, "destination") {
            return false;
        }
        if self.names_of_service(service, port, coins) {
            return true;
        }
        // whether the ports of a rule that denies are replaced is not known, nor whether they are for all flows then
        let narrowed = Asked { facts: &[PROCESS], ..*self };
        let some_is_named = service.ports.iter().any(|port| narrowed.names_of_service(service, *port, coins));
        self.is_after && some_is_named && coins.toss(self.number, "denied ports")
    }
}

/// Whether a flow is allowed in a model, the way the coins fall.
pub(super) fn is_allowed(
    made: &Made,
    flow: (End, End, usize),
    under: &Under,
    is_after: bool,
    coins: &mut Coins,
) -> bool {
    let (source, destination, port) = flow;
    let mut is_allowed = false;
    let mut number = 0;
    for set in &made.sets {
        for rule in &set.rules {
            number += 1;
            if !rule.network.has(under.is_elsewhere) || !rule.wants.iter().all(|want| under.facts.contains(want)) {
                continue;
            }
            let asked = Asked { made, rule, number, is_after, facts: &under.facts };
            let everywhere = vec![Vec::new()];
            let scopes = if set.scopes.is_empty() { &everywhere } else { &set.scopes };
            let applies = scopes.iter().any(|scope| {
                let is_source = asked.is_source(source, scope, coins);
                is_source && asked.is_destination(destination, port, scope, coins)
            });
            match (applies, rule.denies) {
                (true, true) => return false,
                (true, false) => is_allowed = true,
                _ => {}
            }
        }
    }
    is_allowed
}

/// What becomes of a flow, and whether a coin had to be tossed for it.
pub(super) fn answer(made: &Made, flow: (End, End, usize), under: &Under) -> (Answer, bool) {
    let mut coins = Coins::default();
    let mut answers = Vec::new();
    let mut is_open = false;
    loop {
        let [before, after] = [false, true].map(|is_after| is_allowed(made, flow, under, is_after, &mut coins));
        is_open |= !coins.order.is_empty();
        answers.push(match (before, after) {
            (true, false) => Answer::Lost,
            (false, true) => Answer::Gained,
            _ => Answer::Same,
        });
        if answers.iter().any(|answer| *answer != answers[0]) {
            return (Answer::NotKnown, true);
        }
        if !coins.next() {
            return (answers[0], is_open);
        }
    }
}
