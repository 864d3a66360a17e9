//! One room a command: what it does. Its arguments stand in the file of its name in `args`.

pub(crate) mod check;
pub(crate) mod compat;
pub(crate) mod complete;
pub(crate) mod edited;
pub(crate) mod enforcement;
pub(crate) mod explain;
pub(crate) mod guard;
pub(crate) mod many;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod runbook;
pub(crate) mod schema;
pub(crate) mod setting;
pub(crate) mod shell;
pub(crate) mod status;
pub(crate) mod step;
pub(crate) mod upgrade;
pub(crate) mod verify;
pub(crate) mod ways;
