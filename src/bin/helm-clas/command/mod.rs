//! The commands, one folder each: its arguments, and what runs it.

pub(crate) mod prove;
