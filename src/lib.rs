//! Moves a cluster that runs Illumio Core (Kubelink, C-VEN) from the legacy policy model to CLAS and back, one safe
//! step at a time.

#![deny(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr)]

mod mode;
mod procedure;
mod spelling;
mod version;

pub mod chart;
pub mod compat;
mod finding;
pub mod place;
mod release;
pub mod report;
mod rule;
mod step;
pub mod yaml;

pub use compat::CompatibilityMatrix;
pub use finding::{Finding, Position, Severity};
pub use mode::ClusterMode;
pub use procedure::{Check, Move, Verb, Why, checks, checks_after, checks_before};
pub use release::{CommandLine, Release, shell_quoted};
pub use rule::Rule;
pub use step::{Outcome, Request, Source, Status};
pub use version::{ChartVersion, InexactChartVersion, InexactPceVersion, PceVersion};
