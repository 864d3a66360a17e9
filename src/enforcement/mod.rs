//! How a PCE enforces policy on a cluster: saved, lowered for a migration, compared, put back. Facts in, plan out.
//!
//! Before a migration the procedure sets the namespace of Illumio itself, and if you like all nodes, to Visibility
//! Only, and puts the nodes back afterwards. [`Saved`] is what was there before. [`compare`] compares it with what the
//! PCE has now, and from these rows alone follow [`lower`] and [`restore`].
//!
//! # The law
//!
//! A PCE that was saved, lowered and restored is as it was, wherever lowering or restoring breaks off. For this an
//! object is marked as [lowered](SavedObject::lowered) in the file *before* the PCE is asked to lower it, and the mark
//! goes away only after the PCE was seen to have the saved mode again. A mark on an object that was never lowered does
//! no harm: it has its saved mode, and nothing is to be done.
//!
//! What someone else changed meanwhile differs from the saved mode without being what `lower` leaves behind. It is
//! shown, and left as it is unless it is named.
//!
//! Sources: PCE API schemas 25.2.20 and 26.3.0 (`container_workload_profiles_put`, `workloads_with_ven_put`,
//! `workload_enforcement_mode`); the migration procedure, steps 5, 6 and 15.

mod outcome;
mod plan;
mod saved;
mod seen;

pub use outcome::Outcome;
pub use plan::{Conflict, Deed, Planned, Row, Standing, Target, compare, lower, restore};
pub use saved::{NotSaved, Saved, SavedCluster, SavedObject};
pub use seen::{Changed, Found, Seen};

use serde::{Deserialize, Serialize};

/// A mode in which policy is enforced, as the API spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Nothing is enforced, and little is seen.
    Idle,
    /// Nothing is enforced; traffic is seen. The console says Visibility Only.
    VisibilityOnly,
    /// Only what deny rules name is blocked.
    Selective,
    /// Everything that no rule allows is blocked.
    Full,
}

impl Mode {
    /// All modes, the least enforcing first.
    pub const ALL: [Self; 4] = [Self::Idle, Self::VisibilityOnly, Self::Selective, Self::Full];

    /// The API's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::VisibilityOnly => "visibility_only",
            Self::Selective => "selective",
            Self::Full => "full",
        }
    }

    /// The mode of this word; nothing for a word that the API schemas do not have.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == word)
    }

    /// Whether it blocks anything.
    #[must_use]
    pub const fn blocks(self) -> bool {
        matches!(self, Self::Selective | Self::Full)
    }
}

/// What has a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The Container Workload Profile of a namespace; the one without a namespace is the default of new namespaces.
    Namespace,
    /// The workload of a node.
    Node,
}

impl Kind {
    /// The word for it in text and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Namespace => "namespace",
            Self::Node => "node",
        }
    }
}
