//! [`prove`]: which flows the rules allow before (legacy) and after (CLAS), and which not.
//!
//! The proof is symbolic. A rule is a union of boxes: a set of label values for each key on either side (or a service,
//! or addresses), and ports of protocols. What is lost is what the boxes allow before, minus what they allow after; a
//! witness is any point of what remains. Nothing is sampled, so the answer is `the same` only where nothing remains.
//!
//! What a rule certainly allows and what it may allow are two unions. Lost is what was certainly allowed and certainly
//! is not any more; where the two do not decide, the answer is `not known`, with the reason ([`Doubts`]). Behaviour
//! that the vendor does not document is assumed, and each assumption is named in the answer ([`Assumption`]).
//!
//! # What flows are distinguished by
//!
//! | sources | |
//! |---|---|
//! | workloads | a value, or none, for each key of labels |
//! | the pods behind a service | as rules whose sources use virtual services mean them |
//! | addresses | of no workload |
//! | named objects | a workload, container hosts, a DNS name: what the input says nothing more about |
//!
//! Destinations are the same, with services in two ways: by the cluster address, which is a Kubernetes Workload in
//! CLAS, and by the front of a service that stays a virtual service (node ports, load balancers, those made by hand).
//! Services that no rule distinguishes are one class.
//!
//! # What differs between the models
//!
//! | | legacy | CLAS |
//! |---|---|---|
//! | workload | rules that use workloads | the same |
//! | front of a service | rules that use virtual services | the same |
//! | cluster address | rules that use virtual services, on the named ports of the service | rules that use workloads, on all ports of the service |
//! | pods behind a service as a source | rules that use workloads or virtual services | rules that use workloads |

mod answer;
mod assumption;
mod class;
mod classes;
mod compare;
mod comparison;
mod doubt;
mod ends;
mod entry;
mod gather;
mod index;
mod intervals;
mod labels;
mod narrowed;
mod numbered;
mod opened;
mod piece;
mod point;
mod ports_at;
mod ranges;
mod reader;
mod service;
mod services;
mod space;
mod subtraction;
mod terms;
mod weighed;
mod words;

pub use answer::{Answer, Cause, Change, ServiceAnswer, Witness};
pub use assumption::{ASSUMPTIONS, Assumption};
pub use comparison::{Comparison, Counts};
pub use doubt::Doubts;
pub use entry::RuleOf;
pub use narrowed::Circumstances;
pub use point::{Endpoint, Flow, Point};
pub use weighed::Decision;

pub(super) use weighed::Narrowly;

use space::Sizes;

use super::{Book, Question};

/// One of the two models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// The legacy model.
    Before,
    /// CLAS.
    After,
}

/// Which model allows more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// The legacy model: what it allows alone is lost.
    Lost,
    /// CLAS: what it allows alone is gained.
    Gained,
}

impl Direction {
    const fn from(self) -> Phase {
        match self {
            Self::Lost => Phase::Before,
            Self::Gained => Phase::After,
        }
    }

    const fn to(self) -> Phase {
        match self {
            Self::Lost => Phase::After,
            Self::Gained => Phase::Before,
        }
    }
}

/// Compares the rules in force before with those after. The two are the same policy, unless the rules are changed on
/// the way; virtual services are those of `before`, and where they are not the same after, that is reported.
#[must_use]
pub fn prove<'p>(before: &'p Book<'p>, after: &'p Book<'p>, question: &Question<'_>) -> Comparison<'p> {
    Comparison::of(before, after, question.cluster)
}
