//! [`Gathered`]: what was found, by rule and cause.

use std::collections::{BTreeSet, HashMap};

use super::{
    Direction, Phase,
    answer::{Answer, Cause, Change},
    compare::Excess,
    doubt::Doubts,
    entry::Entries,
    intervals::Intervals,
    terms::{Opened, Part, RuleId},
    words,
};
use crate::policy::ports::Ports;

/// How many pieces are kept of one change; the services are all kept.
const MOST_KEPT: usize = 256;

/// What is found, by rule and cause.
#[derive(Default)]
pub(super) struct Gathered<'p> {
    numbers: HashMap<(Answer, Direction, RuleId, Cause), usize>,
    list: Vec<(RuleId, Change<'p>, Intervals)>,
    /// By class.
    pub(super) answers: Vec<Answer>,
}

impl<'p> Gathered<'p> {
    pub(super) fn take(&mut self, excess: Excess, entries: [&Entries<'p>; 2]) {
        let cause = cause(&excess, entries);
        let sure = match excess.direction {
            Direction::Lost => Answer::Lost,
            Direction::Gained => Answer::Gained,
        };
        let [of, other] = match excess.direction.from() {
            Phase::Before => entries,
            Phase::After => [entries[1], entries[0]],
        };
        let denied_by = excess.denied_by.map(|rule| other.rule(rule));
        for (answer, pieces) in [(sure, excess.certain), (Answer::NotKnown, excess.possible)] {
            if pieces.is_empty() {
                continue;
            }
            if let Some(class) = excess.class {
                let at = class as usize;
                if self.answers.len() <= at {
                    self.answers.resize(at + 1, Answer::Same);
                }
                self.answers[at] = self.answers[at].max(answer);
            }
            let next = self.list.len();
            let number = *self.numbers.entry((answer, excess.direction, excess.rule, cause)).or_insert(next);
            if number == next {
                let change = Change {
                    answer,
                    direction: excess.direction,
                    rule: of.rule(excess.rule),
                    cause,
                    doubts: Doubts::NOTHING,
                    denied_by: None,
                    is_whole: true,
                    ports: Ports::default(),
                    classes: Vec::new(),
                    conditions: BTreeSet::new(),
                    pieces: Vec::new(),
                };
                self.list.push((excess.rule, change, Intervals::default()));
            }
            let (_, change, ports) = &mut self.list[number];
            change.is_whole &= excess.is_whole;
            change.denied_by = change.denied_by.or(denied_by);
            if answer == Answer::NotKnown {
                change.doubts.add(excess.doubts);
            }
            if let Some(class) = excess.class.filter(|class| change.classes.last() != Some(class)) {
                change.classes.push(class);
            }
            for piece in &pieces {
                if !ports.cover(&piece.ports) {
                    *ports = ports.with(&piece.ports);
                }
            }
            let room = MOST_KEPT.saturating_sub(change.pieces.len());
            let condition = excess.entry.condition;
            change.conditions.insert(condition);
            change.pieces.extend(pieces.into_iter().take(room).map(|piece| (condition, piece)));
        }
    }

    /// What is lost first, then what is not known, then what is gained; each in the order of the rules.
    pub(super) fn changes(mut self) -> Vec<Change<'p>> {
        self.list.sort_by_key(|(rule, change, _)| (std::cmp::Reverse(change.answer), *rule));
        let with_ports = |(_, change, ports)| Change { ports: words::ports(&ports), ..change };
        self.list.into_iter().map(with_ports).collect()
    }
}

/// Why a rule does not allow the same in the other model.
fn cause(excess: &Excess, [before, _]: [&Entries<'_>; 2]) -> Cause {
    let Excess { direction, entry, rule, .. } = excess;
    if excess.denied_by.is_some() && !excess.lacks_rule {
        return Cause::Denied;
    }
    if *direction == Direction::Gained {
        let is_wider = entry.opened != Opened::OfServices && uses_services(excess, before);
        return match (excess.class, is_wider) {
            (None, _) => Cause::RuleChanged,
            (Some(_), true) => Cause::PortsReplaced,
            (Some(_), false) => Cause::ReachesService,
        };
    }
    let uses = before.rule(*rule).rule.resolve_labels_as;
    match (entry.source, entry.destination, excess.class) {
        (_, Part::Service(_), Some(_)) => Cause::NamesService,
        (_, Part::Services(_), Some(_)) if !uses.providers.workloads => Cause::VirtualServicesOnly,
        (_, Part::Services(_), Some(_)) if entry.opened == Opened::OfServices => Cause::NoPort,
        (Part::Services(_) | Part::Service(_), ..) => Cause::SourceServicesOnly,
        _ => Cause::RuleChanged,
    }
}

/// Whether the rule of an entry opens ports of virtual services in the legacy model, too.
fn uses_services(excess: &Excess, before: &Entries<'_>) -> bool {
    let rule = before.rules.get(excess.rule as usize);
    rule.is_some_and(|rule| rule.rule.resolve_labels_as.providers.virtual_services)
}
