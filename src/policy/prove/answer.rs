//! The result of comparing: [`Answer`] for flows, [`Change`] for what a rule allows in one model only.

use std::collections::BTreeSet;

use super::{Direction, doubt::Doubts, entry::RuleOf, piece::Piece, terms::ClassId};
use crate::policy::{model::VirtualService, ports::Ports};

/// What becomes of flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Answer {
    /// Proven to be allowed in both models, or in none.
    Same,
    /// Allowed in CLAS only.
    Gained,
    /// Which of these it is the input or the vendor's pages do not say.
    NotKnown,
    /// Allowed in the legacy model only.
    Lost,
}

impl Answer {
    /// The word for it, as text and JSON have it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Gained => "gained",
            Self::NotKnown => "not-known",
            Self::Lost => "lost",
        }
    }
}

/// Why a rule does not allow the same in both models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// It names a virtual service that CLAS does not have.
    NamesService,
    /// Its destinations are virtual services only.
    VirtualServicesOnly,
    /// Its sources are virtual services only.
    SourceServicesOnly,
    /// It uses workloads and names no port.
    NoPort,
    /// It reaches the service as a workload.
    ReachesService,
    /// It opens all ports of the service instead of those it names.
    PortsReplaced,
    /// A rule that denies comes before those that allow it.
    Denied,
    /// The rule is not, or not so, among the rules of the other side.
    RuleChanged,
}

/// What a rule allows in one model only, or perhaps does.
#[derive(Debug)]
pub struct Change<'p> {
    /// What becomes of the flows.
    pub answer: Answer,
    /// Which model allows (or may allow) them.
    pub direction: Direction,
    /// The rule that allows them there.
    pub rule: RuleOf<'p>,
    /// Why the other model does not.
    pub cause: Cause,
    /// Why it is not known.
    pub doubts: Doubts,
    /// A rule that denies some of them in the other model, where others allow them.
    pub denied_by: Option<RuleOf<'p>>,
    /// Whether it is all that the rule allows there.
    pub is_whole: bool,
    /// The ports, of all services together.
    pub ports: Ports,
    pub(super) classes: Vec<ClassId>,
    /// What must hold of flows besides, each as a number.
    pub(super) conditions: BTreeSet<u32>,
    /// Each with what must hold besides, for which the rule is.
    pub(super) pieces: Vec<(u32, Piece)>,
}

/// A service with what becomes of flows to its cluster address.
#[derive(Clone, Copy, Debug)]
pub struct ServiceAnswer<'p> {
    /// The service.
    pub service: &'p VirtualService<'p>,
    /// The gravest answer of all flows to it.
    pub answer: Answer,
}

/// One flow of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Where it comes from.
    pub source: String,
    /// Where it goes to.
    pub destination: String,
    /// On which port.
    pub port: String,
}
