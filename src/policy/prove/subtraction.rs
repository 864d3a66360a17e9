//! [`Subtraction`]: boxes of flows without what rules allow or deny.
//!
//! Each is done twice: once taking away whatever a rule may do, which leaves what is certain; once taking away only what
//! it certainly does, which leaves what is possible.

use super::{
    Phase,
    doubt::Doubts,
    entry::{Entries, Entry},
    intervals::Intervals,
    narrowed::Narrowed,
    piece::Piece,
    ports_at::Does,
    service::{AtService, Merged},
    space::Space,
    terms::{Part, RuleId},
};

/// How many pieces one rule is cut into at most; what is cut finer is not known.
const MOST_PIECES: usize = 4096;

/// Which doings of a rule count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    /// Only what it certainly does.
    Certain,
    /// Whatever it may do.
    Possible,
}

impl Counted {
    const fn other(self) -> Self {
        match self {
            Self::Certain => Self::Possible,
            Self::Possible => Self::Certain,
        }
    }
}

/// One model of two, with everything that counts in it.
#[derive(Clone, Copy)]
pub(super) struct Model<'e, 'p> {
    pub(super) phase: Phase,
    pub(super) entries: &'e Entries<'p>,
    /// What it denies and the other does not.
    pub(super) denied_beyond: &'e [Entry],
}

/// Boxes removed from boxes.
pub(super) struct Subtraction<'m, 'p> {
    pub(super) space: &'m Space<'p>,
    /// Under which the pieces are allowed.
    pub(super) condition: u32,
    /// Why something is not known.
    pub(super) doubts: Doubts,
    /// A rule that denies some of the pieces which others allow.
    pub(super) denied_by: Option<RuleId>,
    /// Whether some of the pieces are allowed by no rule.
    pub(super) lacks_rule: bool,
    /// How many boxes may still be compared.
    pub(super) steps: u64,
}

/// Whether what one condition allows is allowed, or denied, under another: certainly, perhaps, or not.
fn counts_under(space: &Space<'_>, own: u32, other: u32, does: Does) -> Option<Doubts> {
    if own == other {
        return Some(Doubts::NOTHING);
    }
    let [own, other] = [own, other].map(|number| space.conditions.of(number));
    if own.is_elsewhere != other.is_elsewhere {
        return None;
    }
    let narrowed = match [own, other].map(Narrowed::narrows_connections) {
        [_, false] => Doubts::NOTHING,
        [false, true] => return None,
        [true, true] => Doubts::NARROWED,
    };
    let is_as_good = own.manner == other.manner || matches!(does, Does::Deny(_));
    Some(if is_as_good { narrowed } else { narrowed.with(Doubts::OTHER_FIELDS) })
}

impl<'p> Subtraction<'_, 'p> {
    /// What of the pieces is allowed at a service in the first model and not in the second: certainly, or perhaps. Of what
    /// the second one denies, that counts which the first one does not.
    pub(super) fn at_service(
        &mut self,
        pieces: Vec<Piece>,
        [from, to]: [&AtService; 2],
        denied_beyond: &[Merged],
        wanted: Counted,
    ) -> Vec<Piece> {
        let denies = from.denies.iter().map(|deny| &deny.merged);
        let allowed = self.without_merged(pieces, denies, Does::Deny(from.phase), wanted.other());
        let allows = Does::Allow(to.phase);
        let lacking = self.without_merged(allowed.clone(), to.allows.iter(), allows, wanted.other());
        self.lacks_rule |= !lacking.is_empty();
        let mut left = self.denied_at_service(&allowed, &lacking, denied_beyond, to.phase, wanted);
        left.extend(lacking);
        left
    }

    /// What of the pieces rules deny at a service. `lacking` is not allowed there in any case.
    fn denied_at_service(
        &mut self,
        allowed: &[Piece],
        lacking: &[Piece],
        denied: &[Merged],
        phase: Phase,
        wanted: Counted,
    ) -> Vec<Piece> {
        let mut left = Vec::new();
        for deny in denied {
            let one = std::iter::once(deny);
            let spared = self.without_merged(allowed.to_vec(), one, Does::Deny(phase), wanted);
            left.extend(self.denied(allowed, &spared, lacking, deny.rule));
        }
        left
    }

    /// What a service may be denied to workloads which rules allow to addresses that these may have.
    pub(super) fn held_at_service(
        &mut self,
        pieces: Vec<Piece>,
        [from, to]: [&AtService; 2],
        denied_beyond: &[Merged],
    ) -> Vec<Piece> {
        let denies = from.denies.iter().map(|deny| &deny.merged);
        let allowed = self.without_merged(pieces, denies, Does::Deny(from.phase), Counted::Certain);
        self.denied_at_service(&allowed, &[], denied_beyond, to.phase, Counted::Possible)
    }

    /// The same of any other destination.
    pub(super) fn held_elsewhere(&mut self, pieces: Vec<Piece>, [from, to]: [Model<'_, 'p>; 2]) -> Vec<Piece> {
        let denies = Does::Deny(from.phase);
        let allowed = self.without_entries(pieces, from.entries.denies.iter(), denies, Counted::Certain);
        self.denied_elsewhere(&allowed, &[], to, Counted::Possible)
    }

    fn denied_elsewhere(
        &mut self,
        allowed: &[Piece],
        lacking: &[Piece],
        to: Model<'_, 'p>,
        wanted: Counted,
    ) -> Vec<Piece> {
        let mut left = Vec::new();
        for deny in to.denied_beyond {
            let one = std::iter::once(deny);
            let spared = self.without_entries(allowed.to_vec(), one, Does::Deny(to.phase), wanted);
            left.extend(self.denied(allowed, &spared, lacking, deny.rule));
        }
        left
    }

    /// The same at any other destination. What is near is removed first.
    pub(super) fn elsewhere<'e>(
        &mut self,
        pieces: Vec<Piece>,
        [from, to]: [Model<'e, 'p>; 2],
        near: impl Iterator<Item = &'e Entry>,
        wanted: Counted,
    ) -> Vec<Piece> {
        let denies = Does::Deny(from.phase);
        let allowed = self.without_entries(pieces, from.entries.denies.iter(), denies, wanted.other());
        let left = self.without_entries(allowed.clone(), near, Does::Allow(to.phase), wanted.other());
        let lacking = self.without_entries(left, to.entries.allows.iter(), Does::Allow(to.phase), wanted.other());
        self.lacks_rule |= !lacking.is_empty();
        let mut left = self.denied_elsewhere(&allowed, &lacking, to, wanted);
        left.extend(lacking);
        left
    }

    /// What a rule denies of some pieces, of which it spares others. It is a reason where not all of that is lacking
    /// anyway.
    fn denied(&mut self, pieces: &[Piece], spared: &[Piece], lacking: &[Piece], rule: RuleId) -> Vec<Piece> {
        let denied = self.outside(pieces.to_vec(), spared);
        if self.denied_by.is_none() && !self.outside(denied.clone(), lacking).is_empty() {
            self.denied_by = Some(rule);
        }
        denied
    }

    /// Some pieces without others.
    pub(super) fn outside(&mut self, mut pieces: Vec<Piece>, others: &[Piece]) -> Vec<Piece> {
        for other in others {
            pieces = pieces.into_iter().flat_map(|piece| self.space.without_piece(piece, other)).collect();
        }
        pieces
    }

    /// Pieces that are too many to go on: then nothing is certain, and everything is possible.
    fn are_too_many(&mut self, pieces: &mut Vec<Piece>, counted: Counted) -> bool {
        match self.steps.checked_sub(pieces.len() as u64) {
            Some(steps) if pieces.len() <= MOST_PIECES => {
                self.steps = steps;
                return false;
            }
            _ => self.doubts.add(Doubts::TOO_LARGE),
        }
        if counted == Counted::Possible {
            pieces.clear();
        }
        true
    }

    fn without_merged<'l>(
        &mut self,
        mut pieces: Vec<Piece>,
        list: impl Iterator<Item = &'l Merged>,
        does: Does,
        counted: Counted,
    ) -> Vec<Piece> {
        let (space, phase) = (self.space, does.phase());
        for Merged { source, condition, at, .. } in list {
            if pieces.is_empty() || self.are_too_many(&mut pieces, counted) {
                break;
            }
            let Some(narrowed) = counts_under(self.space, self.condition, *condition, does) else { continue };
            if counted == Counted::Possible {
                pieces = cut(pieces, |piece| Some(space.without_source(piece, *source, &at.maybe, phase)?.0));
                continue;
            }
            self.note(&pieces, *source, &at.maybe, phase, at.doubts.with(narrowed));
            if !at.sure.is_empty() && narrowed.are_none() {
                let sure = |piece: &Piece| {
                    let (left, doubts) = space.without_source(piece, *source, &at.sure, phase)?;
                    doubts.are_none().then_some(left)
                };
                pieces = cut(pieces, sure);
            }
        }
        pieces
    }

    /// Remembers why something is not known, where a rule that is not sure touches what remains.
    fn note(&mut self, pieces: &[Piece], source: Part, ports: &Intervals, phase: Phase, doubts: Doubts) {
        let is_noted = |more: Doubts| self.doubts.with(more) == self.doubts;
        let mut new = Doubts::NOTHING;
        for piece in pieces {
            if let Some((_, more)) = self.space.without_source(piece, source, ports, phase)
                && !is_noted(doubts.with(more))
            {
                new.add(doubts.with(more));
            }
        }
        self.doubts.add(new);
    }

    fn without_entries<'e>(
        &mut self,
        mut pieces: Vec<Piece>,
        entries: impl Iterator<Item = &'e Entry>,
        does: Does,
        counted: Counted,
    ) -> Vec<Piece> {
        let space = self.space;
        for entry in entries {
            if pieces.is_empty() || self.are_too_many(&mut pieces, counted) {
                break;
            }
            let Some(narrowed) = counts_under(self.space, self.condition, entry.condition, does) else { continue };
            let mut noted = Doubts::NOTHING;
            pieces = cut(pieces, |piece| {
                let (left, doubts) = space.without(piece, entry, does)?;
                let doubts = doubts.with(narrowed);
                let counts = counted == Counted::Possible || doubts.are_none();
                if !counts {
                    noted.add(doubts);
                }
                counts.then_some(left)
            });
            self.doubts.add(noted);
        }
        pieces
    }
}

/// Each piece replaced by what remains of it; `left` returns nothing for those that are not touched.
fn cut(pieces: Vec<Piece>, mut left: impl FnMut(&Piece) -> Option<Vec<Piece>>) -> Vec<Piece> {
    let mut all = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match left(&piece) {
            Some(left) => all.extend(left),
            None => all.push(piece),
        }
    }
    all
}
