//! Values in, text out: one file a format. Nothing here prints.
//!
//! Text carries its colours as ANSI codes; who prints it takes them out where they are not wanted.

pub mod diff;
pub mod exported;
pub mod findings;
pub mod github;
pub mod gitlab;
pub mod json;
pub mod junit;
pub mod policy;
pub mod sarif;
pub mod text;
pub mod verify;

mod remark;
