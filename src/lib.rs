//! Moves a cluster that runs Illumio Core (Kubelink, C-VEN) from the legacy policy model to CLAS and back, one safe
//! step at a time: a library of pure functions. Texts go in, once; findings, and one proven edit, come out.
//!
//! ```
//! use helm_clas::{CompatibilityMatrix, Files, Request, Status, Texts, Verb};
//!
//! let (texts, matrix) = (Texts::new(), CompatibilityMatrix::shipped());
//! let files = Files::of(&texts, [("illumio-values.yaml", "clusterMode: legacy # for now\n")]);
//! let step = Request::of(Verb::Migrate, &files, &matrix);
//! let outcome = Request { version: Some("5.1.0"), pce_version: Some("24.2.20"), ..step }.outcome();
//! match outcome.status {
//!     Status::Step(edited) => assert_eq!(edited.text, "clusterMode: migrateLegacyToClas # for now\n"),
//!     Status::Already | Status::Refused => panic!("{:?}", outcome.findings),
//! }
//! ```
//!
//! The other questions: [`mod@check`] judges a file, [`compare`] a change of files, [`status`] says which modes the
//! clusters of a checkout are in, [`runbook`] writes the procedure out, [`upgrade`] asks for another chart version,
//! [`policy`] and [`verify`] judge what the PCE and the cluster say. [`report`] makes text of each answer. The
//! [`architecture`] page is the map.
//!
//! # What is stable
//!
//! The names of the [rules](Rule), the JSON of every report (its schemas are in `schemas/`), the exit codes and the
//! command line: they change in a major version alone. The Rust types and functions may change in a minor version until
//! 1.0.
//!
//! # What it does not do
//!
//! - It reads and writes no file, and asks no cluster, PCE, clock or environment: the program `helm-clas` does.
//! - It renders no templates and runs no Helm: values that only a template decides are reported as unknown, with the
//!   reason.
//! - It rewrites no file as a whole: comments, order, quotes and line ends stay as they are, byte for byte.
//! - It guesses nothing: what it does not understand is a [finding](Finding).
//!
//! # Invariants
//!
//! - No file, network, cluster, clock, environment, thread or global state in this library: `.clippy.toml` names the
//!   functions, the lint table denies them, and `testdata/house.rs` checks the rest.
//! - Only `yaml/events.rs` names the parser of users' files; `serde_yaml` reads the data files we own, and no other.
//! - A file is changed in one place, and only if the result was read again and differs there and nowhere else.
//! - A refusal is a finding, not an error: `Err` is for what is wrong with one thing, [`Status::Refused`] for a step.
//! - Where content of a file is shown, secrets are masked. `chart/secrets.rs` alone decides what is secret: on the tree
//!   of a text that parses, line by line in one that does not.

#![deny(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr)]

// in reading order
mod act;
mod mode;
mod procedure;
mod version;

pub mod compat;

mod called;
#[doc = include_str!("architecture.md")]
pub mod architecture {}

mod finding;
mod rule;
mod source;

mod controller;
pub mod files;
mod glob;
mod graph;
pub mod look;
mod release;
mod rendered;
mod resolve;
mod umbrella;

pub mod chart;
mod cluster;
pub mod overrides;

mod allow;
pub mod check;
pub mod compare;
pub mod fix;
pub mod runbook;
pub mod status;
pub mod upgrade;
pub mod yaml;

mod command_line;
mod instruction;
mod moment;
pub mod open_word;
mod shell;
mod shown;
mod step;

pub mod account;
pub mod enforcement;
pub mod fleet;
pub mod guard;
pub mod pce_clusters;
pub mod plan;
pub mod policy;
pub mod verify;

pub mod report;

mod spelling;
mod terraform;

pub use act::Act;
pub use called::{Called, Help};
pub use cluster::{
    Claim, Claimant, ClusterValues, Identity, Installed, OfUmbrella, clusters_of, disputed, is_bootstrap,
};
pub use command_line::{AskPce, Carried, CommandLine, Release, Run};
pub use compat::CompatibilityMatrix;
pub use files::{Files, ObjectRef, Wanted};
pub use finding::{Change, Doubt, Finding, Fix, Position, Related, Severity, Unjudged};
pub use instruction::{Does, Instruction};
pub use mode::ClusterMode;
pub use procedure::{Check, Deployer, How, Move, Verb, Why, checks, checks_after, checks_before};
pub use release::{Id, Reach};
pub use resolve::{
    OtherUse, Purpose, brings_charts, files_taken, may_take, names_of_decided, names_of_takers, other_uses, parts_taken,
};
pub use rule::Rule;
pub use shell::shell_quoted;
pub use source::Source;
pub use step::{Outcome, Request, Status};
pub use version::{ChartVersion, InexactChartVersion, InexactPceVersion, PceVersion};
pub use yaml::Texts;
