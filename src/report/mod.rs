//! Values in, text out: one file a format. Nothing here prints.
//!
//! Text carries its colours as ANSI codes; who prints it takes them out where they are not wanted.

pub mod diff;
pub mod enforcement;
pub mod explained;
pub mod exported;
pub mod failed;
pub mod findings;
pub mod github;
pub mod gitlab;
pub mod html;
pub mod json;
pub mod junit;
pub mod live;
pub mod many;
pub mod markdown;
pub mod page;
pub mod pce_clusters;
pub mod plan;
pub mod policy;
mod pretty;
pub mod rewrite;
pub mod runbook;
pub mod sarif;
pub mod status;
pub mod text;
pub mod upgrade;
pub mod verify;
pub mod way;

mod columns;
mod cursor;
mod printable;
pub mod releases;
mod remark;
mod sortable;
mod unjudged;
