//! Values in, text out: one file a format. Nothing here prints.
//!
//! Text carries its colours as ANSI codes; who prints it takes them out where they are not wanted.

pub mod diff;
pub mod findings;
pub mod json;
pub mod text;
