//! `policy prove` against an oracle: small random policies, every pair of sources and destinations, every port, decided
//! by brute force. The oracle is written apart from what it judges: it knows no boxes and reads no JSON, but decides
//! one flow at a time from the policy as it was made up.
//!
//! What a policy leaves open is a coin: the oracle tosses every coin both ways. `lost`, `gained` and `same` must be
//! right whichever way they fall; where no coin is asked for, the answer must be exactly the oracle's.
//!
//! `PROVE_CASES=1000000 cargo test prove::` runs longer. Counts of long runs are in `testdata/policy/README.md`.

mod dice;
mod made;
mod oracle;
mod written;

use std::{env, fmt::Write as _};

use helm_clas::policy::{
    Book, Policy, Question, Source,
    prove::{Answer, Circumstances, Comparison, Endpoint, Flow, prove},
};

use dice::Dice;
use made::{
    ACTIVE, ADDRESSES, Actor, CODE, End, ICMP, KEYS, Kind, Made, NARROWED, Opened, PORTS, PROCESS, Rule, TYPE, VALUES,
};
use oracle::{Under, answer};
use written::written;

#[derive(Debug, Default)]
struct Tally {
    policies: usize,
    flows: usize,
    lost: usize,
    gained: usize,
    not_known: usize,
    /// Not known although every way of the coins comes to the same.
    cautious: usize,
    /// Of the flows, those of which more holds than their ends and their port.
    narrowed: usize,
}

/// What can hold of flows for which rules of a policy are: the facts of each rule alone and with those of one of its
/// services, on each of its networks.
fn circumstances(made: &Made) -> Vec<Under> {
    let mut all = vec![Under::default()];
    for rule in made.sets.iter().flat_map(|set| &set.rules) {
        let mut wanted: Vec<Vec<&'static str>> = vec![Vec::new()];
        if let Opened::Narrowed(services, _) = &rule.opened {
            let ranges = services.iter().flat_map(|service| NARROWED[*service]);
            wanted.extend(ranges.map(|(_, _, _, wants)| wants.to_vec()));
        }
        for is_elsewhere in [false, true].into_iter().filter(|is_elsewhere| rule.network.has(*is_elsewhere)) {
            for wants in &wanted {
                let mut facts = [rule.wants.clone(), wants.clone()].concat();
                facts.sort_unstable();
                all.push(Under { is_elsewhere, facts });
            }
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// Whether a flow can be such: the type of a message is that of a message, and a process has a port.
fn can_be(port: usize, under: &Under) -> bool {
    let is_message = PORTS[port].0 == ICMP;
    under.facts.iter().all(|fact| match *fact {
        TYPE | CODE => is_message,
        PROCESS => !is_message,
        _ => true,
    })
}

/// Whether rules ask for less or for something else than holds of a flow, so that the result of both need not be known.
fn is_mixed(made: &Made, under: &Under) -> bool {
    let is_other = |rule: &Rule| {
        let wants_all =
            under.facts.iter().all(|fact| rule.wants.contains(fact)) && rule.wants.len() == under.facts.len();
        rule.network.has(under.is_elsewhere) && !wants_all || matches!(rule.opened, Opened::Narrowed(..))
    };
    !under.facts.is_empty() && made.sets.iter().flat_map(|set| &set.rules).any(is_other)
}

/// Whether a rule leaves labels out beside All Workloads, of which nothing is documented: it is not understood.
fn leaves_out_of_all(rule: &Rule) -> bool {
    [&rule.sources, &rule.destinations]
        .into_iter()
        .any(|side| side.contains(&Actor::Everything) && side.iter().any(|actor| matches!(actor, Actor::NoLabel(..))))
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
    let is_vague = all_actors.clone().any(|actor| matches!(actor, Actor::Unheard | Actor::Alien))
        || made.sets.iter().flat_map(|set| &set.rules).any(leaves_out_of_all);
    // what becomes of addresses may be of workloads that have them, whatever else is denied to these
    let mut sources = made.sets.iter().flat_map(|set| &set.rules).flat_map(|rule| &rule.sources);
    let has_lists = sources.any(|actor| matches!(actor, Actor::Addresses(_)));
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
    let circumstances = circumstances(made);
    for flow in flows(made) {
        let (source, destination, port) = flow;
        let asked = Flow {
            source: of_end(source),
            destination: of_end(destination),
            protocol: PORTS[port].0,
            port: PORTS[port].1,
        };
        for under in circumstances.iter().filter(|under| can_be(port, under)) {
            let (expected, is_open) = answer(made, flow, under);
            let Under { is_elsewhere, facts } = under;
            let is_plain = *under == Under::default();
            let by_boxes = comparison.answer_under(&asked, &Circumstances { is_elsewhere: *is_elsewhere, facts });
            // addresses outside of the cluster have another way to a node port than its cluster address; all but some
            // of them may be inside, and a service without a type may be one
            let kind = match (source, destination) {
                (End::Address(_), End::Cluster(number)) => Some(made.services[number].kind),
                _ => None,
            };
            let may_be = |answer| match kind {
                Some(Kind::NodePort) => matches!(answer, Answer::Same | Answer::NotKnown),
                Some(Kind::Untyped) => answer == Answer::NotKnown,
                _ => false,
            };
            // one way to ask costs as much as the other: the second is used for every third flow
            let is_third = is_plain && tally.flows.is_multiple_of(3);
            let is_open = is_open || is_vague || is_mixed(made, under);
            for (what, answer) in
                [("boxes", by_boxes)].into_iter().chain(is_third.then(|| ("point", point.ask(&asked).0)))
            {
                let (is_right, is_sharp) = fits(answer, expected, is_open);
                let may_be_held = has_lists && !matches!(source, End::Address(_)) && answer == Answer::NotKnown;
                let is_right = is_right || (what == "boxes" && (may_be(answer) || may_be_held));
                assert!(
                    is_right,
                    "seed {seed}, {what}: {answer:?} is said and {expected:?} is right of {source:?} -> {destination:?}, {:?}, {under:?}\n{}",
                    PORTS[port],
                    shown(made)
                );
                if what == "boxes" && !is_sharp {
                    tally.cautious += 1;
                }
            }
            tally.add(by_boxes, is_plain);
        }
    }
}

impl Tally {
    fn add(&mut self, answer: Answer, is_plain: bool) {
        self.flows += 1;
        self.narrowed += usize::from(!is_plain);
        match answer {
            Answer::Lost => self.lost += 1,
            Answer::Gained => self.gained += 1,
            Answer::NotKnown => self.not_known += 1,
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

/// Makes up policies from these seeds, and compares every flow of each with the oracle.
pub(crate) fn judge_policies(seeds: std::ops::Range<u64>) {
    let mut tally = Tally::default();
    for seed in seeds {
        judge(seed, &made_up(seed), &mut tally);
    }
    println!("{tally:?}");
    assert!(tally.lost > 0 && tally.gained > 0 && tally.not_known > 0 && tally.narrowed > 0, "{tally:?}");
}

#[test]
fn every_flow_of_small_policies_is_answered_as_brute_force_answers_it() {
    let number = |name, usual| env::var(name).ok().map_or(usual, |number: String| number.parse().unwrap());
    let from: u64 = number("PROVE_FROM", 1);
    judge_policies(from..from + number("PROVE_CASES", 200));
}

/// A rule whose sources may be services, or anything, beside one of the same doubts whose sources may be workloads; and
/// lists that deny, of which it is not known whether they have the address of the workload that single flows go to.
#[test]
fn what_long_runs_found_is_right() {
    for seed in [19_116, 3119, 4381] {
        judge(seed, &made_up(seed), &mut Tally::default());
    }
}
