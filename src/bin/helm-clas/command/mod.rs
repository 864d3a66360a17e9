//! One file a command: its arguments, and what it does.

pub(crate) mod enforcement;
pub(crate) mod guard;
pub(crate) mod plan;
pub(crate) mod prove;
pub(crate) mod rewrite;
pub(crate) mod upgrade;
