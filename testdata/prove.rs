//! `policy prove` against an oracle: small random policies, every pair of sources and destinations, every port, decided
//! by brute force. The oracle is written apart from what it judges: it knows no boxes and reads no JSON, but decides one
//! flow at a time from the policy as it was made up.
//!
//! What a policy leaves open is a coin: the oracle tosses every coin both ways. `lost`, `gained` and `same` must be right
//! whichever way they fall; where no coin is asked for, the answer must be exactly the oracle's.
//!
//! `PROVE_CASES=1000000 cargo test prove::` runs longer. Counts of long runs stand in `testdata/policy/README.md`.

use std::{collections::BTreeMap, env, fmt::Write as _};

use helm_clas::policy::{
    Book, Policy, Question, Source, export,
    prove::{Answer, Comparison, Endpoint, Flow, prove},
};
use serde_json::{Value, json};

const ORG: &str = "/orgs/3";
const ACTIVE: &str = "/orgs/3/sec_policy/active";
const CLUSTER: &str = "5a1e0000-0000-4000-8000-0000000000c1";

/// Labels: two keys with two values each.
const KEYS: [&str; 2] = ["role", "env"];
const VALUES: [[&str; 2]; 2] = [["web", "db"], ["prod", "dev"]];
const TCP: u8 = 6;
const UDP: u8 = 17;
/// Every port that the policies tell apart, and one that none names.
const PORTS: [(u8, u16); 5] = [(TCP, 80), (TCP, 85), (TCP, 90), (UDP, 53), (TCP, 443)];
/// One address in each list, one in both, one in none.
const ADDRESSES: [[u8; 4]; 4] = [[10, 0, 0, 1], [10, 0, 1, 1], [10, 0, 2, 1], [192, 0, 2, 1]];
const LISTS: [&[usize]; 2] = [&[0, 1], &[1, 2]];

type Labels = [Option<usize>; 2];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    ClusterIp,
    NodePort,
    /// Made by Kubelink, of a type that is not in the input.
    Untyped,
    /// Of a type of which nothing is documented.
    External,
    ByHand,
}

#[derive(Clone, Debug)]
struct Service {
    kind: Kind,
    labels: Labels,
    /// The ports behind it, as numbers of [`PORTS`].
    ports: Vec<usize>,
    /// The ports of its clients, one for each, where they are told.
    clients: Vec<u16>,
}

impl Service {
    fn has_cluster_address(&self) -> bool {
        self.kind != Kind::ByHand
    }

    fn stays(&self) -> bool {
        self.kind != Kind::ClusterIp
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Actor {
    Everything,
    Label(usize, usize),
    NoLabel(usize, usize),
    /// The group of both values of a key, or of the first one.
    Group(usize, bool),
    AnyOf(usize),
    Service(usize),
    Addresses(usize),
    /// A label that is in no list.
    Unheard,
    /// An actor of a kind that no schema has.
    Alien,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Uses {
    workloads: bool,
    services: bool,
}

#[derive(Clone, Debug)]
struct Rule {
    denies: bool,
    sources: Vec<Actor>,
    destinations: Vec<Actor>,
    source_uses: Uses,
    destination_uses: Uses,
    opened: Opened,
    is_unscoped: bool,
    is_for_a_group: bool,
    is_for_all_but_its_sources: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Opened {
    Nothing,
    /// Ranges of numbers of ports.
    Ports(Vec<(u8, u16, u16)>),
    Everything,
    /// A service that is not in the input.
    Unheard,
}

#[derive(Clone, Debug)]
struct Set {
    scopes: Vec<Vec<Actor>>,
    rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Made {
    services: Vec<Service>,
    sets: Vec<Set>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Workload(Labels),
    Address(usize),
    Behind(usize),
    Cluster(usize),
    Front(usize),
}

// Making policies up.

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn is(&mut self, one_in: usize) -> bool {
        self.roll(one_in) == 0
    }

    fn value(&mut self) -> Option<usize> {
        match self.roll(5) {
            0 => None,
            side => Some(side % 2),
        }
    }

    fn service(&mut self, is_plain: bool) -> Service {
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

    fn actor(&mut self, services: usize, is_plain: bool) -> Actor {
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

    fn side(&mut self, services: usize, is_plain: bool) -> Vec<Actor> {
        let number = 1 + self.roll(3);
        let mut actors: Vec<Actor> = (0..number).map(|_| self.actor(services, is_plain)).collect();
        // beside labels, what a kind of labels means is not documented
        if actors.iter().any(|actor| matches!(actor, Actor::Label(..) | Actor::NoLabel(..) | Actor::Group(..))) {
            actors.retain(|actor| !matches!(actor, Actor::AnyOf(_)));
        }
        actors
    }

    fn uses(&mut self) -> Uses {
        let [workloads, services] = [[true, false], [false, true], [true, true]][self.roll(3)];
        Uses { workloads, services }
    }

    fn opened(&mut self, is_plain: bool) -> Opened {
        match self.roll(8) {
            0 | 1 => Opened::Nothing,
            2 => Opened::Everything,
            3 if !is_plain => Opened::Unheard,
            4 => Opened::Ports(vec![(TCP, 80, 90)]),
            5 => Opened::Ports(vec![(UDP, 53, 53), (TCP, 85, 85)]),
            _ => {
                let (protocol, port) = PORTS[self.roll(5)];
                Opened::Ports(vec![(protocol, port, port)])
            }
        }
    }

    fn rule(&mut self, services: usize, is_plain: bool) -> Rule {
        let denies = self.is(8);
        let mut rule = Rule {
            denies,
            sources: self.side(services, is_plain),
            destinations: self.side(services, is_plain),
            source_uses: self.uses(),
            destination_uses: self.uses(),
            opened: self.opened(is_plain),
            is_unscoped: self.is(3),
            is_for_a_group: self.is(12),
            is_for_all_but_its_sources: false,
        };
        if denies {
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

    fn scope(&mut self) -> Vec<Actor> {
        let actors = (0..self.roll(3)).map(|_| match self.roll(6) {
            0 => Actor::NoLabel(self.roll(2), self.roll(2)),
            1 => Actor::Group(self.roll(2), self.is(2)),
            _ => Actor::Label(self.roll(2), self.roll(2)),
        });
        actors.collect()
    }

    fn policy(&mut self) -> Made {
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

// The oracle.

/// What a policy or the vendor's pages leave open, tossed one way and then the other.
#[derive(Default)]
struct Coins {
    known: BTreeMap<(usize, &'static str), bool>,
    order: Vec<(usize, &'static str)>,
}

impl Coins {
    fn toss(&mut self, rule: usize, what: &'static str) -> bool {
        let key = (rule, what);
        if let std::collections::btree_map::Entry::Vacant(e) = self.known.entry(key) {
            e.insert(false);
            self.order.push(key);
        }
        self.known[&key]
    }

    /// The next way for all of them to fall.
    fn next(&mut self) -> bool {
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
struct Asked<'a> {
    made: &'a Made,
    rule: &'a Rule,
    number: usize,
    is_after: bool,
}

fn labels_fit(actors: &[Actor], labels: &Labels) -> bool {
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

fn is_by_label(actor: &Actor) -> bool {
    matches!(
        actor,
        Actor::Everything | Actor::Label(..) | Actor::NoLabel(..) | Actor::Group(..) | Actor::AnyOf(_) | Actor::Unheard
    )
}

impl Asked<'_> {
    /// Whether a side means whatever has these labels.
    fn means(&self, actors: &[Actor], scope: &[Actor], labels: &Labels, coins: &mut Coins, side: &'static str) -> bool {
        if !actors.iter().any(is_by_label) || !labels_fit(scope, labels) {
            return false;
        }
        if actors.contains(&Actor::Everything) {
            return true;
        }
        labels_fit(actors, labels) && (!actors.contains(&Actor::Unheard) || coins.toss(self.number, side))
    }

    fn is_source(&self, source: End, scope: &[Actor], coins: &mut Coins) -> bool {
        let Rule { sources, source_uses: uses, .. } = self.rule;
        let scope = if self.rule.is_unscoped { &[] } else { scope };
        if sources.contains(&Actor::Alien) && coins.toss(self.number, "alien source") {
            return true;
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

    fn names(&self, (protocol, port): (u8, u16), coins: &mut Coins) -> bool {
        match &self.rule.opened {
            Opened::Nothing => false,
            Opened::Everything => true,
            Opened::Ports(ranges) => {
                ranges.iter().any(|(of, from, to)| *of == protocol && (*from..=*to).contains(&port))
            }
            Opened::Unheard => coins.toss(self.number, "ports"),
        }
    }

    /// Whether a port of a service is named, as the port behind it or as that of its clients.
    fn names_of_service(&self, service: &Service, port: usize, coins: &mut Coins) -> bool {
        if self.rule.opened == Opened::Nothing {
            return true;
        }
        let at = service.ports.iter().position(|own| *own == port).unwrap();
        let of_clients = service.clients.get(at).map(|client| (PORTS[port].0, *client));
        self.names(PORTS[port], coins) || of_clients.is_some_and(|client| self.names(client, coins))
    }

    fn is_destination(&self, destination: End, port: usize, scope: &[Actor], coins: &mut Coins) -> bool {
        let Rule { destinations, destination_uses: uses, .. } = self.rule;
        if destinations.contains(&Actor::Alien) && coins.toss(self.number, "alien destination") {
            // whatever it is, it opens no more than anything else would
            return match destination {
                End::Cluster(_) if self.is_after && !self.rule.denies => self.rule.opened != Opened::Nothing,
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

    fn is_virtual_service(&self, number: usize, port: usize, scope: &[Actor], coins: &mut Coins) -> bool {
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
    fn is_denied_service(&self, number: usize, port: usize, scope: &[Actor], coins: &mut Coins) -> bool {
        let service = &self.made.services[number];
        if !self.means(&self.rule.destinations, scope, &service.labels, coins, "destination") {
            return false;
        }
        if self.names_of_service(service, port, coins) {
            return true;
        }
        let some_is_named = service.ports.iter().any(|port| self.names_of_service(service, *port, coins));
        self.is_after && some_is_named && coins.toss(self.number, "denied ports")
    }
}

/// Whether a flow is allowed in a model, the way the coins fall.
fn is_allowed(made: &Made, flow: (End, End, usize), is_after: bool, coins: &mut Coins) -> bool {
    let (source, destination, port) = flow;
    let mut is_allowed = false;
    let mut number = 0;
    for set in &made.sets {
        for rule in &set.rules {
            number += 1;
            if rule.is_for_a_group {
                continue;
            }
            let asked = Asked { made, rule, number, is_after };
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
fn answer(made: &Made, flow: (End, End, usize)) -> (Answer, bool) {
    let mut coins = Coins::default();
    let mut answers = Vec::new();
    let mut is_open = false;
    loop {
        let [before, after] = [false, true].map(|is_after| is_allowed(made, flow, is_after, &mut coins));
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

// The same policy as a PCE writes it.

fn label(key: usize, value: usize) -> Value {
    json!({ "href": format!("{ORG}/labels/{}", key * 2 + value + 1) })
}

fn written_actor(actor: &Actor) -> Value {
    let object = |path: String| json!({ "href": format!("{ACTIVE}/{path}") });
    match *actor {
        Actor::Everything => json!({ "actors": "ams" }),
        Actor::Label(key, value) => json!({ "label": label(key, value) }),
        Actor::NoLabel(key, value) => json!({ "label": label(key, value), "exclusion": true }),
        Actor::Group(key, is_both) => {
            json!({ "label_group": object(format!("label_groups/{}", key * 2 + usize::from(is_both))) })
        }
        Actor::AnyOf(key) => json!({ "label_dimension": KEYS[key] }),
        Actor::Service(number) => json!({ "virtual_service": object(format!("virtual_services/{number}")) }),
        Actor::Addresses(number) => json!({ "ip_list": object(format!("ip_lists/{number}")) }),
        Actor::Unheard => json!({ "label": { "href": format!("{ORG}/labels/99") } }),
        Actor::Alien => json!({ "starship": { "href": format!("{ORG}/starships/1") } }),
    }
}

fn written_actors(actors: &[Actor]) -> Value {
    actors.iter().map(written_actor).collect()
}

fn written_uses(uses: Uses) -> Value {
    let words = [(uses.workloads, "workloads"), (uses.services, "virtual_services")];
    words.iter().filter(|(is_so, _)| *is_so).map(|(_, word)| json!(word)).collect()
}

fn written_rule(rule: &Rule, set: usize, number: usize) -> Value {
    let kind = if rule.denies { "deny_rules" } else { "sec_rules" };
    let opened = match &rule.opened {
        Opened::Nothing => json!([]),
        Opened::Everything => json!([{ "href": format!("{ACTIVE}/services/1") }]),
        Opened::Unheard => json!([{ "href": format!("{ACTIVE}/services/99") }]),
        Opened::Ports(ranges) => ranges
            .iter()
            .map(|(protocol, from, to)| {
                if from == to {
                    json!({ "proto": protocol, "port": from })
                } else {
                    json!({ "proto": protocol, "port": from, "to_port": to })
                }
            })
            .collect(),
    };
    let mut written = json!({
        "href": format!("{ACTIVE}/rule_sets/{set}/{kind}/{number}"),
        "consumers": written_actors(&rule.sources),
        "providers": written_actors(&rule.destinations),
        "ingress_services": opened,
        "unscoped_consumers": rule.is_unscoped,
    });
    if rule.denies {
        written["override"] = json!(true);
    } else {
        written["resolve_labels_as"] =
            json!({ "consumers": written_uses(rule.source_uses), "providers": written_uses(rule.destination_uses) });
    }
    if rule.is_for_all_but_its_sources {
        written["all_ips_except_for_in_consumers"] = json!(true);
    }
    if rule.is_for_a_group {
        written["consuming_security_principals"] = json!([{ "href": format!("{ORG}/security_principals/1") }]);
    }
    written
}

fn written_service(service: &Service, number: usize) -> Value {
    let made_by =
        if service.kind == Kind::ByHand { "users/1".to_owned() } else { format!("container_clusters/{CLUSTER}") };
    let labels = (0..2).filter_map(|key| service.labels[key].map(|value| label(key, value)));
    let ports = service.ports.iter().map(|port| json!({ "proto": PORTS[*port].0, "port": PORTS[*port].1 }));
    let mut written = json!({
        "href": format!("{ACTIVE}/virtual_services/{number}"),
        "name": format!("service-{number}"),
        "created_by": { "href": format!("{ORG}/{made_by}") },
        "labels": labels.collect::<Value>(),
        "service_ports": ports.collect::<Value>(),
    });
    let kind = match service.kind {
        Kind::ClusterIp => Some("ClusterIP"),
        Kind::NodePort => Some("NodePort"),
        Kind::External => Some("ExternalName"),
        Kind::Untyped | Kind::ByHand => None,
    };
    if let Some(kind) = kind {
        written["k8s_service_info"] = json!({ "service_type": kind });
    }
    if !service.clients.is_empty() {
        written["consumer_ports"] = json!(service.clients);
    }
    written
}

fn written(made: &Made) -> Vec<(&'static str, String)> {
    let sets = made.sets.iter().enumerate().map(|(set, of)| {
        let rules = |denies: bool| -> Value {
            let meant = of.rules.iter().enumerate().filter(|(_, rule)| rule.denies == denies);
            meant.map(|(number, rule)| written_rule(rule, set, number)).collect()
        };
        json!({
            "href": format!("{ACTIVE}/rule_sets/{set}"),
            "name": format!("set-{set}"),
            "scopes": of.scopes.iter().map(|scope| written_actors(scope)).collect::<Value>(),
            "rules": rules(false),
            "deny_rules": rules(true),
        })
    });
    let labels = (0..2).flat_map(|key| {
        (0..2).map(
            move |value| json!({ "href": label(key, value)["href"], "key": KEYS[key], "value": VALUES[key][value] }),
        )
    });
    let groups = (0..2).flat_map(|key| {
        [false, true].map(|is_both| {
            let inner =
                if is_both { json!([{ "href": format!("{ACTIVE}/label_groups/{}", key * 2) }]) } else { json!([]) };
            json!({
                "href": format!("{ACTIVE}/label_groups/{}", key * 2 + usize::from(is_both)),
                "key": KEYS[key],
                "labels": [label(key, usize::from(is_both))],
                "sub_groups": inner,
            })
        })
    });
    let lists = [[[0, 1], [1, 1]], [[1, 1], [2, 1]]].iter().enumerate().map(|(number, ends)| {
        json!({
            "href": format!("{ACTIVE}/ip_lists/{number}"),
            "name": format!("list-{number}"),
            "ip_ranges": [{ "from_ip": format!("10.0.{}.{}", ends[0][0], ends[0][1]),
                            "to_ip": format!("10.0.{}.{}", ends[1][0], ends[1][1]) }],
        })
    });
    let services = made.services.iter().enumerate().map(|(number, service)| written_service(service, number));
    let all =
        json!([{ "href": format!("{ACTIVE}/services/1"), "name": "All Services", "service_ports": [{ "proto": -1 }] }]);
    vec![
        (export::RULE_SETS, sets.collect::<Value>().to_string()),
        (export::VIRTUAL_SERVICES, services.collect::<Value>().to_string()),
        (export::LABEL_GROUPS, groups.collect::<Value>().to_string()),
        (export::IP_LISTS, lists.collect::<Value>().to_string()),
        (export::LABELS, labels.collect::<Value>().to_string()),
        (export::SERVICES, all.to_string()),
    ]
}

// Holding the two against each other.

#[derive(Debug, Default)]
struct Tally {
    policies: usize,
    flows: usize,
    lost: usize,
    gained: usize,
    not_known: usize,
    /// Not known although every way of the coins comes to the same.
    cautious: usize,
}

fn endpoint(comparison: &Comparison<'_>, end: End) -> Endpoint {
    let service = |number: usize| comparison.service(&format!("{ACTIVE}/virtual_services/{number}")).unwrap();
    match end {
        End::Workload(labels) => {
            let named = (0..2).filter_map(|key| Some((key, labels[key]?)));
            Endpoint::Workload(
                named.map(|(key, value)| comparison.label_named(KEYS[key], VALUES[key][value]).unwrap()).collect(),
            )
        }
        End::Address(number) => Endpoint::Address(ADDRESSES[number].into()),
        End::Behind(number) => Endpoint::Behind(service(number)),
        End::Cluster(number) => Endpoint::Cluster(service(number)),
        End::Front(number) => Endpoint::Front(service(number)),
    }
}

fn workloads() -> impl Iterator<Item = End> {
    let values = [None, Some(0), Some(1)];
    values.into_iter().flat_map(move |role| values.map(|env| End::Workload([role, env])))
}

fn flows(made: &Made) -> Vec<(End, End, usize)> {
    let numbers = || 0..made.services.len();
    let addresses = || (0..ADDRESSES.len()).map(End::Address);
    let sources: Vec<End> = workloads().chain(addresses()).chain(numbers().map(End::Behind)).collect();
    let cluster = numbers().filter(|number| made.services[*number].has_cluster_address()).map(End::Cluster);
    let front = numbers().filter(|number| made.services[*number].stays()).map(End::Front);
    let mut flows = Vec::new();
    for destination in workloads().chain(addresses()).chain(cluster).chain(front) {
        let ports = match destination {
            End::Cluster(number) | End::Front(number) => made.services[number].ports.clone(),
            _ => (0..PORTS.len()).collect(),
        };
        let pairs = sources.iter().flat_map(|source| ports.iter().map(move |port| (*source, *port)));
        flows.extend(pairs.map(|(source, port)| (source, destination, port)));
    }
    flows
}

/// Whether an answer is right, and whether it is as sharp as the oracle's.
fn fits(found: Answer, expected: Answer, is_open: bool) -> (bool, bool) {
    (found == expected || (found == Answer::NotKnown && is_open), found == expected)
}

fn judge(seed: u64, made: &Made, tally: &mut Tally) {
    let files = written(made);
    let sources: Vec<Source<'_>> = files.iter().map(|(file, text)| Source { file, name: file, text }).collect();
    let policy = Policy::read(&sources).unwrap();
    let book = Book::of(&policy);
    let comparison = prove(&book, &book, &Question::default());
    let point = comparison.point();
    // a label that no list has widens what may be meant beyond what the oracle considers
    let all_actors =
        made.sets.iter().flat_map(|set| &set.rules).flat_map(|rule| rule.sources.iter().chain(&rule.destinations));
    let is_vague = all_actors.clone().any(|actor| matches!(actor, Actor::Unheard | Actor::Alien));
    tally.policies += 1;
    let mut endpoints: Vec<(End, Endpoint)> = Vec::new();
    let mut of_end = |end: End| {
        if let Some((_, endpoint)) = endpoints.iter().find(|(known, _)| *known == end) {
            endpoint.clone()
        } else {
            endpoints.push((end, endpoint(&comparison, end)));
            endpoints.last().unwrap().1.clone()
        }
    };
    for flow in flows(made) {
        let (source, destination, port) = flow;
        let (expected, is_open) = answer(made, flow);
        let asked = Flow {
            source: of_end(source),
            destination: of_end(destination),
            protocol: PORTS[port].0,
            port: PORTS[port].1,
        };
        let by_boxes = comparison.answer_to(&asked);
        // addresses outside of the cluster have another way to a node port than its cluster address
        let is_called = !matches!((source, destination), (End::Address(_), End::Cluster(number))
            if made.services[number].kind == Kind::NodePort);
        // one way to ask costs as much as the other: the second is held against every third flow
        let by_point = tally.flows.is_multiple_of(3).then(|| ("point", point.ask(&asked).0));
        for (what, answer) in [("boxes", by_boxes)].into_iter().chain(by_point) {
            let (is_right, is_sharp) = fits(answer, expected, is_open || is_vague);
            let is_right = is_right || (what == "boxes" && !is_called && answer == Answer::Same);
            assert!(
                is_right,
                "seed {seed}, {what}: {answer:?} is said and {expected:?} is right of {source:?} -> {destination:?}, {:?}\n{}",
                PORTS[port],
                shown(made)
            );
            if what == "boxes" && !is_sharp {
                tally.cautious += 1;
            }
        }
        tally.flows += 1;
        match by_boxes {
            Answer::Lost => tally.lost += 1,
            Answer::Gained => tally.gained += 1,
            Answer::NotKnown => tally.not_known += 1,
            Answer::Same => {}
        }
    }
}

fn shown(made: &Made) -> String {
    let mut out = String::new();
    for (number, service) in made.services.iter().enumerate() {
        let _ = writeln!(out, "service {number}: {service:?}");
    }
    for set in &made.sets {
        let _ = writeln!(out, "set {:?}", set.scopes);
        for rule in &set.rules {
            let _ = writeln!(out, "  {rule:?}");
        }
    }
    out
}

/// The policy of a seed.
fn made_up(seed: u64) -> Made {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    (0..8).for_each(|_| assert!(dice.roll(2) < 2));
    dice.policy()
}

/// The same as the files of an export.
pub(crate) fn made_up_files(seed: u64) -> Vec<(&'static str, String)> {
    written(&made_up(seed))
}

/// Makes up policies from these seeds, and holds every flow of each against the oracle.
pub(crate) fn judge_policies(seeds: std::ops::Range<u64>) {
    let mut tally = Tally::default();
    for seed in seeds {
        judge(seed, &made_up(seed), &mut tally);
    }
    println!("{tally:?}");
    assert!(tally.lost > 0 && tally.gained > 0 && tally.not_known > 0, "{tally:?}");
}

#[test]
fn every_flow_of_small_policies_is_answered_as_brute_force_answers_it() {
    let number = |name, usual| env::var(name).ok().map_or(usual, |number: String| number.parse().unwrap());
    let from: u64 = number("PROVE_FROM", 1);
    judge_policies(from..from + number("PROVE_CASES", 200));
}
