//! [`Act`]: what is done to a cluster: a step of the migration, or the software upgrade that comes before it.

use std::fmt;

use crate::procedure::Verb;

/// What is done to a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// A step of the migration: another mode, the same chart version.
    Step(Verb),
    /// The software upgrade: another chart version, the same mode.
    Upgrade,
}

impl Act {
    /// The subcommand that does it.
    #[must_use]
    pub const fn command(self) -> &'static str {
        match self {
            Self::Step(verb) => verb.command(),
            Self::Upgrade => "upgrade",
        }
    }

    /// Whether `--finish` belongs to it.
    #[must_use]
    pub const fn is_finish(self) -> bool {
        matches!(self, Self::Step(verb) if verb.is_finish())
    }

    /// Whether it leads away from CLAS. On the way back checks and versions warn and stop nothing.
    #[must_use]
    pub const fn is_way_back(self) -> bool {
        matches!(self, Self::Step(verb) if verb.is_way_back())
    }
}

impl From<Verb> for Act {
    fn from(verb: Verb) -> Self {
        Self::Step(verb)
    }
}

/// As it is asked for: `migrate --finish`, `upgrade`.
impl fmt::Display for Act {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(verb) => verb.fmt(out),
            Self::Upgrade => out.write_str(self.command()),
        }
    }
}
