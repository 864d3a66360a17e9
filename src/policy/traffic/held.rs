//! [`hold`]: flows compared with both models, grouped so that a person can read them.

use std::collections::{BTreeMap, HashMap};

use super::{
    place::{Places, Unplaced},
    seen::{Seen, Traffic},
};
use crate::policy::{
    Judged, JudgedRule,
    ports::Ports,
    prove::{Answer, Comparison, Decision, Doubts, Flow, Narrowly, Point, RuleOf},
    words::shown,
};

/// Flows compared with both models.
#[derive(Debug)]
pub struct Held<'p> {
    /// Those that are lost first, then those that are not known, then those that are gained, then the others; the most
    /// frequent first.
    pub rows: Vec<Row<'p>>,
    /// How many flows were read.
    pub flows: usize,
    /// How many were skipped, since they do not say what is needed.
    pub passed_over: usize,
    /// Why the first of these was.
    pub reason: Option<String>,
    /// The columns of labels that rules need and that are absent.
    pub lacking: Vec<String>,
    /// The best that can be answered of the policy.
    pub of_input: Answer,
}

/// Flows between the same labels on the same port.
#[derive(Debug)]
pub struct Row<'p> {
    /// The labels of the sources, or their addresses.
    pub source: String,
    /// The labels of the destinations, or the service, or their addresses.
    pub destination: String,
    /// The port, with the protocol.
    pub port: Ports,
    /// What becomes of them.
    pub answer: Answer,
    /// How many flows there are.
    pub flows: usize,
    /// How many connections.
    pub connections: u64,
    /// When the last was seen, as the PCE writes it.
    pub last_seen: String,
    /// What the PCE reported, with how often.
    pub reported: BTreeMap<String, usize>,
    /// What the PCE says its drafts decide, with how often.
    pub draft: BTreeMap<String, usize>,
    /// The rule that allows them in one of the models.
    pub rule: Option<RuleOf<'p>>,
    /// What that rule should become.
    pub becomes: Vec<String>,
    /// Why it is not known.
    pub why: Option<Why>,
}

/// Why it is not known what becomes of flows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// Where they come from or go to is not.
    Unplaced(Unplaced),
    /// The rules do not decide.
    Doubts(Doubts),
    /// The PCE allows them, and no rule of the input does.
    AllowedByNoRule,
    /// Only a rule for certain flows allows them, and whether they are such is not known.
    Narrowed(String),
}

impl Why {
    /// As a person reads it.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Unplaced(unplaced) => unplaced.words().to_owned(),
            Self::Doubts(doubts) => doubts.words().collect::<Vec<_>>().join("; "),
            Self::AllowedByNoRule => "the PCE reports them as allowed, but no rule of the input allows them".to_owned(),
            Self::Narrowed(condition) => format!(
                "only this rule allows them, and only {condition}: the traffic does not show whether that is so"
            ),
        }
    }
}

impl Held<'_> {
    /// The gravest answer of all; `Same` only where all flows could be read and the policy is understood.
    #[must_use]
    pub fn answer(&self) -> Answer {
        let is_known = self.passed_over == 0 && self.flows > 0 && self.lacking.is_empty();
        let of_file = if is_known { Answer::Same } else { Answer::NotKnown };
        self.rows.iter().map(|row| row.answer).fold(self.of_input.max(of_file), Answer::max)
    }

    /// What was skipped or is absent, in a sentence.
    #[must_use]
    pub fn left_out(&self) -> Option<String> {
        let flows = if self.passed_over == 1 { "1 flow".to_owned() } else { format!("{} flows", self.passed_over) };
        let passed_over = self.reason.as_deref().map(|reason| format!("{flows} skipped; the first: {reason}"));
        let lacking = (!self.lacking.is_empty()).then(|| {
            format!("the rules need columns that the traffic does not have: {}", shown(&self.lacking.join(", ")))
        });
        let none = (self.flows + self.passed_over == 0).then(|| "the traffic has no flows".to_owned());
        let said: Vec<String> = none.into_iter().chain(lacking).chain(passed_over).collect();
        (!said.is_empty()).then(|| said.join("; "))
    }

    /// How many flows have an answer.
    #[must_use]
    pub fn count(&self, answer: Answer) -> usize {
        self.rows.iter().filter(|row| row.answer == answer).map(|row| row.flows).sum()
    }
}

/// What the flows of a row have in common: the ends, the protocol, the port, the answer and why it is not known.
type Key = (String, String, u8, u16, Answer, Option<Why>);

/// What decides a flow.
#[derive(Clone)]
struct Decided<'p> {
    answer: Answer,
    rule: Option<RuleOf<'p>>,
    why: Option<Why>,
    is_blocked_today: bool,
    narrowly: Option<Narrowly<'p>>,
}

impl Decided<'_> {
    /// The same where the PCE reported something. What no rule allows of a flow of which nothing more is known may be
    /// allowed under a condition.
    fn where_reported(self, reported: &str) -> Self {
        let is_reported = reported == "allowed";
        match &self.narrowly {
            _ if !self.is_blocked_today => self,
            Some(narrowly) if (narrowly.is_today || !is_reported) && !reported.contains("blocked") => {
                let why = (!narrowly.is_same).then(|| Why::Narrowed(narrowly.condition.clone()));
                let answer = if narrowly.is_same { Answer::Same } else { Answer::NotKnown };
                Self { answer, rule: Some(narrowly.rule), why, ..self }
            }
            _ if is_reported => Self { answer: Answer::NotKnown, why: Some(Why::AllowedByNoRule), ..self },
            _ => self,
        }
    }
}

/// Compares flows with both models. What a rule should become is what the judge says.
#[must_use]
pub fn hold<'p>(comparison: &Comparison<'p>, judged: &Judged<'p>, traffic: &Traffic<'_>) -> Held<'p> {
    let point = comparison.point();
    let lacking = lacking(comparison, traffic);
    let mut places = Places::of(comparison, [0, 1].map(|side: usize| !lacking[side].is_empty()));
    let rules = judged.rule_sets.iter().flat_map(|set| &set.rules);
    let by_href: HashMap<&str, &JudgedRule<'p>> = rules.map(|judged| (&*judged.rule.href, judged)).collect();
    let becomes = |rule: RuleOf<'_>| by_href.get(&*rule.rule.href).map(|rule| rule.becomes(judged.book));
    let mut decided: HashMap<Vec<Flow>, Decided<'p>> = HashMap::new();
    let mut numbers: HashMap<Key, usize> = HashMap::new();
    let mut rows: Vec<Row<'p>> = Vec::new();
    for seen in &traffic.flows {
        let decision = match places.flows(seen) {
            Ok(flows) => decided.entry(flows).or_insert_with_key(|flows| decide(&point, flows)).clone(),
            Err(unplaced) => Decided {
                answer: Answer::NotKnown,
                rule: None,
                why: Some(Why::Unplaced(unplaced)),
                is_blocked_today: false,
                narrowly: None,
            },
        };
        let decision = decision.where_reported(&seen.reported);
        let (source, destination) = (places.words(&seen.source), destination(&places, seen));
        let key = (source, destination, seen.protocol, seen.port, decision.answer, decision.why.clone());
        let next = rows.len();
        let number = *numbers.entry(key).or_insert_with_key(|(source, destination, protocol, port, ..)| {
            rows.push(Row::of(source, destination, *protocol, *port, &decision, becomes));
            next
        });
        rows[number].add(seen);
    }
    rows.sort_by(|row, other| {
        let key = |row: &Row<'_>| (std::cmp::Reverse(row.answer), std::cmp::Reverse(row.connections));
        key(row)
            .cmp(&key(other))
            .then_with(|| (&row.source, &row.destination).cmp(&(&other.source, &other.destination)))
    });
    let Traffic { flows, passed_over, reason, .. } = traffic;
    let of_input = comparison.answer_of_input();
    Held {
        rows,
        flows: flows.len(),
        passed_over: *passed_over,
        reason: reason.clone(),
        lacking: lacking.concat(),
        of_input,
    }
}

/// The columns of labels that rules need and that are absent, of the sources and of the destinations.
fn lacking(comparison: &Comparison<'_>, traffic: &Traffic<'_>) -> [Vec<String>; 2] {
    let Some(columns) = &traffic.columns else { return Default::default() };
    let keys = comparison.keys_of_labels();
    [("Source", 0), ("Destination", 1)].map(|(side, number): (&str, usize)| {
        let absent = keys.iter().filter(|key| !columns[number].contains(&key.to_lowercase()));
        absent.map(|key| format!("{side} {key}")).collect()
    })
}

/// The destination as a person reads it: a service by its name, a workload by its labels.
fn destination(places: &Places<'_, '_>, seen: &Seen<'_>) -> String {
    let side = &seen.destination;
    match &side.service {
        Some(service) => format!("service {}", shown(if side.name.is_empty() { service } else { &side.name })),
        None => places.words(side),
    }
}

/// What becomes of a flow, or of the first of those it may be that is allowed today.
fn decide<'p>(point: &Point<'_, 'p>, flows: &[Flow]) -> Decided<'p> {
    let mut first: Option<Decided<'p>> = None;
    for flow in flows {
        let (answer, decisions, narrowly) = point.ask_seen(flow);
        let found = decided(answer, decisions, narrowly);
        if !found.is_blocked_today {
            return found;
        }
        if first.as_ref().is_none_or(|first| first.narrowly.is_none() && found.narrowly.is_some()) {
            first = Some(found);
        }
    }
    let unknown = Decided { answer: Answer::NotKnown, rule: None, why: None, is_blocked_today: false, narrowly: None };
    first.unwrap_or(unknown)
}

fn decided<'p>(answer: Answer, decisions: [Decision<'p>; 2], narrowly: Option<Narrowly<'p>>) -> Decided<'p> {
    let rule = decisions.iter().find_map(|decision| match decision {
        Decision::Allowed(rule) => Some(*rule),
        _ => None,
    });
    let mut doubts = Doubts::NOTHING;
    for decision in decisions {
        if let Decision::NotKnown(more) = decision {
            doubts.add(more);
        }
    }
    let is_blocked_today = matches!(decisions[0], Decision::Blocked);
    let why = (answer == Answer::NotKnown).then_some(Why::Doubts(doubts));
    Decided { answer, rule, why, is_blocked_today, narrowly }
}

impl<'p> Row<'p> {
    fn of(
        source: &str,
        destination: &str,
        protocol: u8,
        port: u16,
        decided: &Decided<'p>,
        becomes: impl Fn(RuleOf<'p>) -> Option<Vec<String>>,
    ) -> Self {
        let has_ports = matches!(protocol, 6 | 17 | 132);
        let ports = if has_ports { (port, port) } else { (0, u16::MAX) };
        let changes = matches!(decided.answer, Answer::Lost | Answer::NotKnown);
        let rule = decided.rule.filter(|_| decided.answer != Answer::Same);
        let becomes = rule.filter(|_| changes).and_then(becomes);
        Self {
            source: source.to_owned(),
            destination: destination.to_owned(),
            port: Ports::of(protocol.into(), ports.0, ports.1),
            answer: decided.answer,
            flows: 0,
            connections: 0,
            last_seen: String::new(),
            reported: BTreeMap::new(),
            draft: BTreeMap::new(),
            rule,
            becomes: becomes.unwrap_or_default(),
            why: decided.why.clone(),
        }
    }

    fn add(&mut self, seen: &Seen<'_>) {
        self.flows += 1;
        self.connections = self.connections.saturating_add(seen.connections);
        if *seen.last_seen > *self.last_seen {
            self.last_seen = shown(&seen.last_seen).into_owned();
        }
        for (counts, word) in [(&mut self.reported, &seen.reported), (&mut self.draft, &seen.draft)] {
            if !word.is_empty() {
                *counts.entry(shown(word).into_owned()).or_default() += 1;
            }
        }
    }
}
