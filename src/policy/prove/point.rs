//! [`Point`]: one flow, compared with both models.

use core::net::IpAddr;
use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

use super::{
    Phase,
    answer::Answer,
    comparison::Comparison,
    doubt::Doubts,
    entry::{Entry, RuleOf},
    index::Index,
    intervals::Intervals,
    labels::{Key, LabelBox, NONE, Value, Values},
    narrowed::{Asks, Circumstances},
    piece::Piece,
    ports_at::Does,
    ranges::Ranges,
    service::{AtService, Merged},
    terms::{BoxId, ClassId, End, Part},
    weighed::{Decision, Narrowly, Touches, Weighed},
};

/// One end of a flow.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// A workload with exactly these labels.
    Workload(Vec<(Key, Value)>),
    /// An address that is not a workload's.
    Address(IpAddr),
    /// A pod behind a service, as a source.
    Behind(u32),
    /// A service by its cluster address, as a destination.
    Cluster(u32),
    /// A service that stays a virtual service, as a destination.
    Front(u32),
}

/// A flow.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Flow {
    /// Where it comes from.
    pub source: Endpoint,
    /// Where it goes to.
    pub destination: Endpoint,
    /// The number of its protocol.
    pub protocol: u8,
    /// The port of the destination.
    pub port: u16,
}

/// Holds single flows against both models.
#[derive(Debug)]
pub struct Point<'c, 'p> {
    comparison: &'c Comparison<'p>,
    index: Index<'c, 'p>,
    boxes_of_classes: Vec<Vec<BoxId>>,
    boxes_by_label: HashMap<Value, Vec<BoxId>>,
    at_services: RefCell<HashMap<ClassId, Rc<[AtService; 2]>>>,
}

impl<'p> Comparison<'p> {
    /// Makes ready to hold flows against both models.
    #[must_use]
    pub fn point(&self) -> Point<'_, 'p> {
        let index = Index::of(&self.space, [&self.before, &self.after], self.has_same_rules);
        Point {
            comparison: self,
            boxes_of_classes: index.boxes_of_classes(),
            boxes_by_label: index.boxes_by_label(),
            index,
            at_services: RefCell::default(),
        }
    }

    /// What the boxes of all changes say of a flow: the gravest answer. A flow is one of no user group and of nothing else
    /// that narrows a rule.
    #[must_use]
    pub fn answer_to(&self, flow: &Flow) -> Answer {
        self.answer_under(flow, &Circumstances::default())
    }

    /// The same of a flow in certain circumstances: the gravest answer of the rules that ask for exactly these. What other
    /// rules lose or gain, which ask for less, is not known in these.
    #[must_use]
    pub fn answer_under(&self, flow: &Flow, circumstances: &Circumstances<'_>) -> Answer {
        let point = self.piece(flow);
        let mut all = Vec::new();
        for change in &self.changes {
            for (condition, piece) in &change.pieces {
                let Some(asks) = self.space.conditions.of(*condition).asks(circumstances) else { continue };
                if self.space.meet(piece, &point) {
                    all.push(if asks == Asks::Exactly { change.answer } else { Answer::NotKnown });
                } else if self.space.may_meet_by_address(piece, &point) {
                    all.push(Answer::NotKnown);
                }
            }
        }
        let found = [Answer::Lost, Answer::Gained, Answer::NotKnown].into_iter().find(|answer| all.contains(answer));
        found.unwrap_or(Answer::Same)
    }

    /// The label of an href, for an [`Endpoint`].
    #[must_use]
    pub fn label(&self, href: &str) -> Option<(Key, Value)> {
        self.space.known_label(href)
    }

    /// The label of a key and a value.
    #[must_use]
    pub fn label_named(&self, key: &str, value: &str) -> Option<(Key, Value)> {
        self.space.label_named(key, value)
    }

    /// The service of an href, if it is one that was asked about.
    #[must_use]
    pub fn service(&self, href: &str) -> Option<u32> {
        self.space.service(href)
    }

    /// The box that holds nothing but a flow.
    fn piece(&self, flow: &Flow) -> Piece {
        let number = u128::from(flow.protocol) << 16 | u128::from(flow.port);
        Piece {
            source: self.end(&flow.source),
            destination: self.end(&flow.destination),
            ports: Intervals::of(number, number),
        }
    }

    fn end(&self, endpoint: &Endpoint) -> End {
        match endpoint {
            Endpoint::Workload(labels) => {
                let value = |key: Key| labels.iter().find(|(of, _)| *of == key).map_or(NONE, |(_, value)| *value);
                let keys = Key::try_from(self.space.keys.len()).unwrap_or(Key::MAX);
                let exact = (0..keys).map(|key| (key, Values::only([value(key)])));
                End::Workloads(LabelBox::of(exact, &self.space.sizes).unwrap_or_default())
            }
            Endpoint::Address(IpAddr::V4(address)) => {
                let number = u32::from(*address).into();
                End::Addresses(Ranges { four: Intervals::of(number, number), ..Ranges::default() })
            }
            Endpoint::Address(IpAddr::V6(address)) => {
                let number = u128::from(*address);
                End::Addresses(Ranges { six: Intervals::of(number, number), ..Ranges::default() })
            }
            Endpoint::Behind(service) => {
                let class = self.space.class_of(*service);
                match self.space.behind.binary_search(&class) {
                    Ok(_) => End::Behind(class),
                    Err(_) => self.end(&Endpoint::Workload(self.space.of_class(class).labels.clone())),
                }
            }
            Endpoint::Cluster(service) => End::Cluster(self.space.class_of(*service)),
            Endpoint::Front(service) => End::Front(self.space.class_of(*service)),
        }
    }
}

impl<'p> Point<'_, 'p> {
    /// What becomes of a flow, and what decides it in each model. A flow is one of no user group and of nothing else that
    /// narrows a rule.
    #[must_use]
    pub fn ask(&self, flow: &Flow) -> (Answer, [Decision<'p>; 2]) {
        let (answer, decisions, _) = self.ask_seen(flow);
        (answer, decisions)
    }

    /// The same of a flow that was seen: with the rule that allows it if more holds of it than is known of flows, where no
    /// other allows it.
    pub(in crate::policy) fn ask_seen(&self, flow: &Flow) -> (Answer, [Decision<'p>; 2], Option<Narrowly<'p>>) {
        let point = self.comparison.piece(flow);
        let weighed = [Phase::Before, Phase::After].map(|phase| match point.destination {
            End::Cluster(class) => self.at_service(&point, class, phase),
            _ => self.elsewhere(&point, &flow.destination, phase),
        });
        let phases = [Phase::Before, Phase::After];
        let decisions =
            [0, 1].map(|phase: usize| weighed[phase].decision(|rule| self.index.entries(phases[phase]).rule(rule)));
        let answer = match decisions {
            _ if weighed[0].is_like(&weighed[1]) => Answer::Same,
            [Decision::NotKnown(_), _] | [_, Decision::NotKnown(_)] => Answer::NotKnown,
            [Decision::Allowed(_), Decision::Blocked] => Answer::Lost,
            [Decision::Blocked, Decision::Allowed(_)] => Answer::Gained,
            _ => Answer::Same,
        };
        (answer, decisions, self.narrowly(&weighed))
    }

    fn narrowly(&self, [before, after]: &[Weighed; 2]) -> Option<Narrowly<'p>> {
        if before.is_denied || before.allowed_by.is_some() || before.perhaps_allowed.is_some() {
            return None;
        }
        let of = |weighed: &Weighed, phase| -> Vec<(RuleOf<'p>, u32, Doubts)> {
            let rules = weighed.narrowed.iter();
            rules
                .map(|(rule, condition, doubts)| (self.index.entries(phase).rule(*rule), *condition, *doubts))
                .collect()
        };
        let both = [of(before, Phase::Before), of(after, Phase::After)];
        let (rule, condition, _) = *both[0].first().or(both[1].first())?;
        let [today, then] = both.each_ref().map(|list| {
            let same = |doubts: Doubts| doubts.are_none() || doubts == Doubts::HELD;
            let told = list.iter().filter(|(.., doubts)| same(*doubts));
            told.map(|(rule, condition, doubts)| (&*rule.rule.href, *condition, *doubts)).collect::<BTreeSet<_>>()
        });
        let is_vague = |doubts: Doubts| doubts != Doubts::HELD && !doubts.are_none();
        let is_open = both.iter().flatten().any(|(.., doubts)| is_vague(*doubts)) || after.is_open();
        Some(Narrowly {
            rule,
            condition: self.comparison.space.conditions.of(condition).to_string(),
            is_today: !both[0].is_empty(),
            is_same: today == then && !is_open,
        })
    }

    /// What a condition asks of a flow, 0 for nothing.
    fn condition(&self, number: u32) -> u32 {
        if self.comparison.space.conditions.of(number).is_of_every_flow() { 0 } else { number }
    }

    fn at_service(&self, point: &Piece, class: ClassId, phase: Phase) -> Weighed {
        let both = self.at_services.borrow().get(&class).cloned();
        let both = both.unwrap_or_else(|| {
            let boxes = &self.boxes_of_classes[class as usize];
            let both = [Phase::Before, Phase::After].map(|phase| self.index.at_service(class, boxes, phase));
            let both = Rc::new(both);
            self.at_services.borrow_mut().insert(class, Rc::clone(&both));
            both
        });
        let at = &both[phase as usize];
        let space = &self.comparison.space;
        let mut weighed = Weighed::default();
        let denies = at.denies.iter().map(|deny| (&deny.merged, Some(deny.destination)));
        for (merged, destination) in denies.chain(at.allows.iter().map(|merged| (merged, None))) {
            let Merged { rule, source, .. } = *merged;
            let (condition, is_deny) = (self.condition(merged.condition), destination.is_some());
            if condition != 0 && is_deny {
                continue;
            }
            for (ports, doubts) in [(&merged.at.sure, Doubts::NOTHING), (&merged.at.maybe, merged.at.doubts)] {
                if let Some((_, more)) = space.without_source(point, source, ports, phase) {
                    weighed.add(Touches { rule, condition, is_deny, source, destination }, doubts.with(more));
                    break;
                }
            }
        }
        weighed
    }

    fn elsewhere(&self, point: &Piece, destination: &Endpoint, phase: Phase) -> Weighed {
        let space = &self.comparison.space;
        let (entries, lists) = (self.index.entries(phase), self.index.lists(phase));
        let parts = match (destination, &point.destination) {
            (Endpoint::Workload(labels), _) => self.index.parts_to(labels, &self.boxes_by_label),
            (_, End::Front(class)) => {
                let boxes = self.boxes_of_classes[*class as usize].iter();
                let by_label = boxes.flat_map(|labels| [Part::Workloads(*labels), Part::Services(*labels)]);
                by_label.chain(space.of_class(*class).services.iter().map(|service| Part::Service(*service))).collect()
            }
            _ => lists
                .allows
                .keys()
                .chain(lists.denies.keys())
                .filter(|part| matches!(part, Part::Addresses(_)))
                .copied()
                .collect(),
        };
        let mut weighed = Weighed::default();
        // a list that denies may have the address of a workload or of a service, which is not in the input
        let held = match destination {
            Endpoint::Address(_) => &[][..],
            _ => &lists.denied_addresses,
        };
        let denies = (&lists.denies, &entries.denies, Does::Deny(phase));
        let allows = (&lists.allows, &entries.allows, Does::Allow(phase));
        let of_parts = parts.into_iter().flat_map(|part| [(part, denies), (part, allows)]);
        for (part, (list, entries, does)) in of_parts.chain(held.iter().map(|part| (*part, denies))) {
            for number in list.get(&part).into_iter().flatten() {
                let entry = &entries[*number as usize];
                let is_deny = matches!(does, Does::Deny(_));
                let condition = self.condition(entry.condition);
                if let Some((_, doubts)) = space.without(point, entry, does)
                    && (condition == 0 || !is_deny)
                {
                    let Entry { rule, source, destination, .. } = *entry;
                    let destination = is_deny.then_some(destination);
                    weighed.add(Touches { rule, condition, is_deny, source, destination }, doubts);
                }
            }
        }
        weighed
    }
}
