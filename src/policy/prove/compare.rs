//! What one model allows and the other does not, rule by rule.
//!
//! Before minus after is lost, after minus before is gained. What a rule certainly allows and what it may allow are
//! kept apart: what certainly was allowed and certainly is not any more is lost; what may have been, or may not be any
//! more, is not known.
//!
//! Workloads, addresses and virtual services that stay are reached by the same entry in both models, which needs no
//! arithmetic. What remains are cluster addresses, where everything that reaches a class of services is compared, and
//! sources that are virtual services.

use std::collections::HashSet;

use super::{
    Direction, Phase,
    doubt::Doubts,
    entry::{Entries, Entry},
    index::Index,
    intervals::Intervals,
    labels::LabelBox,
    piece::Piece,
    ports_at::PortsAt,
    service::{AtService, Merged},
    space::Space,
    subtraction::{Counted, Model, Subtraction},
    terms::{BoxId, ClassId, End, Part, RuleId},
};

/// How many boxes are compared at most; what is beyond is not known. Enough for some hundred thousand rules.
const MOST_STEPS: u64 = 1 << 29;

/// What a rule allows in one model and the other does not.
#[derive(Debug)]
pub(super) struct Excess {
    pub(super) direction: Direction,
    /// Of the model that allows it.
    pub(super) rule: RuleId,
    pub(super) entry: Entry,
    /// The class whose cluster address it is about.
    pub(super) class: Option<ClassId>,
    /// What certainly is allowed there and not here.
    pub(super) certain: Vec<Piece>,
    /// What may be.
    pub(super) possible: Vec<Piece>,
    pub(super) doubts: Doubts,
    /// A rule of the other model that denies some of it that others allow.
    pub(super) denied_by: Option<RuleId>,
    /// Whether some of it is allowed by no rule of the other model.
    pub(super) lacks_rule: bool,
    /// Whether all that the rule allows there is certainly in excess.
    pub(super) is_whole: bool,
}

/// A comparison under way. What is found is passed on as it is found.
pub(super) struct Comparing<'m, 'p, F> {
    space: &'m Space<'p>,
    index: &'m Index<'m, 'p>,
    steps: u64,
    found: F,
    /// Services that too many rules reach.
    pub(super) too_large: Vec<ClassId>,
}

impl<'m, 'p, F: FnMut(Excess)> Comparing<'m, 'p, F> {
    pub(super) fn of(index: &'m Index<'m, 'p>, found: F) -> Self {
        Self { space: index.space, index, steps: MOST_STEPS, found, too_large: Vec::new() }
    }

    /// Compares everything.
    pub(super) fn run(&mut self) {
        let boxes_of_classes = self.index.boxes_of_classes();
        for (class, boxes) in (0..).zip(&boxes_of_classes) {
            if self.space.of_class(class).has_cluster_address {
                self.compare_service(class, boxes);
            }
        }
        for direction in [Direction::Lost, Direction::Gained] {
            self.compare_others(direction);
        }
    }

    fn compare_service(&mut self, class: ClassId, boxes: &[BoxId]) {
        // to look an entry up costs as much as to compare some boxes
        const LOOKED_UP: u64 = 4;
        let cost =
            [Phase::Before, Phase::After].map(|phase| self.index.number_at(class, boxes, phase)).iter().sum::<u64>();
        let Some(steps) = self.steps.checked_sub(cost * LOOKED_UP) else {
            self.too_large.push(class);
            return;
        };
        self.steps = steps;
        let [before, after] = [Phase::Before, Phase::After].map(|phase| self.index.at_service(class, boxes, phase));
        for (direction, from, to) in [(Direction::Lost, &before, &after), (Direction::Gained, &after, &before)] {
            let denied_beyond = to.denied_beyond(from);
            for (number, at) in &from.candidates {
                let entries = self.index.entries(from.phase);
                let entry = &entries.allows[*number as usize];
                let Some(doubts) = self.other_way(class, entry) else { continue };
                // what nothing narrows is enough for what something does, on the same networks
                let conditions = [entry.condition, 0];
                let own = self.space.conditions.of(entry.condition);
                let is_apart = own.is_elsewhere || !own.manner.is_empty();
                let conditions = if is_apart { &conditions[..1] } else { &conditions };
                let is_mirrored = || self.index.has_same_rules && to.mirrors(self.index.entries(to.phase), entry, at);
                if denied_beyond.is_empty() && (to.opens(entry.source, conditions, &at.maybe) || is_mirrored()) {
                    continue;
                }
                if self.steps == 0 {
                    self.too_large.push(class);
                    return;
                }
                let at = at.clone().doubted(doubts);
                for source in self.space.ends_of_source(entry.source, from.phase) {
                    self.compare_at(class, direction, entry, &at, &source, ([from, to], &denied_beyond));
                }
                if !denied_beyond.is_empty() {
                    self.compare_held(direction, entry, &End::Cluster(class), &at, |work, pieces| {
                        work.held_at_service(pieces, [from, to], &denied_beyond)
                    });
                }
            }
        }
    }

    /// Why it is not known whether the sources of an entry have another way to a service; nothing where they have.
    fn other_way(&self, class: ClassId, entry: &Entry) -> Option<Doubts> {
        let class = self.space.of_class(class);
        match (self.space.are_addresses(entry.source), class.has_way_from_outside) {
            (true, true) if entry.may_be_pods => Some(Doubts::INSIDE),
            (true, true) => None,
            (true, false) if class.has_no_type => Some(Doubts::TYPE_NOT_TOLD),
            _ => Some(Doubts::NOTHING),
        }
    }

    fn compare_at(
        &mut self,
        class: ClassId,
        direction: Direction,
        entry: &Entry,
        at: &PortsAt,
        source: &End,
        (models, denied_beyond): ([&AtService; 2], &[Merged]),
    ) {
        let ports_are_known =
            direction == Direction::Lost || !self.space.of_class(class).doubts.has(Doubts::PORTS_OF_SERVICE);
        let doubts = if ports_are_known { Doubts::NOTHING } else { Doubts::PORTS_OF_SERVICE };
        let sure = if ports_are_known { at.sure.clone() } else { Intervals::default() };
        let piece = |ports| pieces(source, &End::Cluster(class), ports);
        let mut work = self.subtraction(entry, at.doubts.with(doubts));
        let certain = work.at_service(piece(&sure), models, denied_beyond, Counted::Certain);
        let possible = work.at_service(piece(&at.maybe), models, denied_beyond, Counted::Possible);
        self.tell(work, direction, entry, Some(class), &piece(&sure), certain, possible);
    }

    /// Compares what an entry allows to workloads that may have the addresses among its sources: what of it is denied.
    fn compare_held(
        &mut self,
        direction: Direction,
        entry: &Entry,
        destination: &End,
        at: &PortsAt,
        denied: impl Fn(&mut Subtraction<'m, 'p>, Vec<Piece>) -> Vec<Piece>,
    ) {
        if !self.space.may_hold_workloads(entry.source) {
            return;
        }
        let class = if let End::Cluster(class) = destination { Some(*class) } else { None };
        let behind = self.space.behind.iter().map(|class| End::Behind(*class));
        for source in behind.chain([End::Workloads(LabelBox::default())]) {
            let mut work = self.subtraction(entry, at.doubts.with(Doubts::HELD));
            let possible = denied(&mut work, pieces(&source, destination, &at.maybe));
            self.tell(work, direction, entry, class, &[], Vec::new(), possible);
        }
    }

    fn subtraction(&self, entry: &Entry, doubts: Doubts) -> Subtraction<'m, 'p> {
        let (space, condition) = (self.space, entry.condition);
        Subtraction { space, condition, doubts, denied_by: None, lacks_rule: false, steps: self.steps }
    }

    /// Compares all destinations but cluster addresses.
    fn compare_others(&mut self, direction: Direction) {
        let [from, to] = [direction.from(), direction.to()].map(|phase| self.index.entries(phase));
        let key = |entry: &Entry| (entry.source, entry.destination, entry.opened, entry.condition, entry.doubts);
        let opened: HashSet<_> = to.allows.iter().map(key).collect();
        let denies = |entries: &Entries<'_>| entries.denies.iter().map(key).collect::<HashSet<_>>();
        let [denied_from, denied_to] = [denies(from), denies(to)];
        // what perhaps denies is the same of the same rule alone
        let is_vague = |entries: &Entries<'_>| entries.denies.iter().any(|entry| !entry.doubts.are_none());
        let may_differ = || !self.index.has_same_rules && (is_vague(from) || is_vague(to));
        let denies_differ = denied_from != denied_to || may_differ();
        let is_beyond = |deny: &&Entry| !(deny.doubts.are_none() && denied_from.contains(&key(deny)));
        let denied_beyond: Vec<Entry> = to.denies.iter().filter(is_beyond).copied().collect();
        for entry in &from.allows {
            let space = self.space;
            let is_opened = |entry: &Entry| opened.contains(&key(entry)) && !denies_differ;
            // of two rules that allow the same perhaps, one may and the other may not
            let is_sure = entry.doubts.are_none();
            let stays = !space.goes_as_destination(entry.destination);
            let is_same =
                (is_sure || self.index.has_same_rules) && is_opened(entry) && (stays || direction == Direction::Gained);
            if is_same && (direction == Direction::Gained || !space.may_go_as_source(entry.source)) {
                continue;
            }
            // its labels are allowed as workloads, too, and the pods behind a service have its labels
            if let Part::Services(labels) = entry.source
                && stays
                && is_sure
                && is_opened(&Entry { source: Part::Workloads(labels), ..*entry })
            {
                continue;
            }
            for source in space.ends_of_source(entry.source, direction.from()) {
                if is_same && !space.goes_as_source(&source) {
                    continue;
                }
                for destination in space.ends_of_destination(entry.destination) {
                    self.compare_elsewhere(direction, entry, &source, &destination, &denied_beyond);
                }
            }
        }
    }

    fn compare_elsewhere(
        &mut self,
        direction: Direction,
        entry: &Entry,
        source: &End,
        destination: &End,
        denied_beyond: &[Entry],
    ) {
        let space = self.space;
        let Some(at) = space.opens_elsewhere(entry, destination, direction.from()) else { return };
        let piece = |ports| pieces(source, destination, ports);
        let mut work = self.subtraction(entry, at.doubts);
        let model = |phase| Model { phase, entries: self.index.entries(phase), denied_beyond };
        let models = [direction.from(), direction.to()].map(model);
        // what leads to the same place is the likeliest to open the same
        let same = self.index.lists(direction.to()).allows.get(&entry.destination);
        let near = same.into_iter().flatten().map(|number| &models[1].entries.allows[*number as usize]);
        let certain = work.elsewhere(piece(&at.sure), models, near.clone(), Counted::Certain);
        let possible = work.elsewhere(piece(&at.maybe), models, near, Counted::Possible);
        self.tell(work, direction, entry, None, &piece(&at.sure), certain, possible);
        if !denied_beyond.is_empty() && matches!(source, End::Addresses(_) | End::Named(_)) {
            self.compare_held(direction, entry, destination, &at, |work, pieces| work.held_elsewhere(pieces, models));
        }
    }

    #[allow(clippy::too_many_arguments, reason = "what a subtraction came to, passed on")]
    fn tell(
        &mut self,
        mut work: Subtraction<'m, 'p>,
        direction: Direction,
        entry: &Entry,
        class: Option<ClassId>,
        all: &[Piece],
        certain: Vec<Piece>,
        possible: Vec<Piece>,
    ) {
        let possible = work.outside(possible, &certain);
        self.steps = work.steps;
        if certain.is_empty() && possible.is_empty() {
            return;
        }
        (self.found)(Excess {
            direction,
            rule: entry.rule,
            entry: *entry,
            class,
            is_whole: certain == all,
            certain,
            possible,
            doubts: work.doubts,
            denied_by: work.denied_by,
            lacks_rule: work.lacks_rule,
        });
    }
}

fn pieces(source: &End, destination: &End, ports: &Intervals) -> Vec<Piece> {
    if ports.is_empty() {
        return Vec::new();
    }
    vec![Piece { source: source.clone(), destination: destination.clone(), ports: ports.clone() }]
}
