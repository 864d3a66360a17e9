//! Moves a cluster that runs Illumio Core (Kubelink, C-VEN) from the legacy policy model to CLAS and back, one safe
//! step at a time. This page is the map of the house; the binary `helm-clas` lives in `src/bin/helm-clas`.
//!
//! # The idea
//!
//! A values file is text with a meaning, and the meaning is what Helm reads. The core receives text and facts and
//! answers with data. A step is one cell of a small table applied to one place in one file. An edit is proposed on the
//! text and proven on the meaning, or refused. Everything a person can be told has a name, and every name has a page.
//!
//! ```text
//!               bytes of values files, versions, a verb
//!                               |
//!   yaml      Document: read as every Helm reads it, with the place of everything      -> or a finding
//!   place     Place: what the file says of `clusterMode`, and where                    -> or a finding
//!   procedure verb x mode: one step, already there, or no such step                    -> or a finding
//!   compat    the matrix: do the chart and the PCE fit the step                        -> or a finding
//!   yaml      Edited: one byte range replaced, read again, compared node by node       -> or a finding
//!                               |
//!   step      Outcome: a step, already, or refused
//!                               |
//!   report    text, diff, json: a String
//!                               |
//!   src/bin   prints it, writes the file, picks the exit code
//! ```
//!
//! # Where things are
//!
//! | module | one thing |
//! |---|---|
//! | [`mode`](ClusterMode) | the five modes |
//! | [`procedure`](Verb) | the whole procedure: the table of verbs and modes, and the [checks] around each step |
//! | [`version`](ChartVersion) | versions that are exact by construction, [the PCE's](PceVersion) with an order of their own |
//! | [`compat`] | the compatibility matrix; its rows are `schemas/compatibility.yaml` |
//! | [`yaml`] | text with places: reading as Helm reads, the one edit and its proof |
//! | [`chart`] | what we know of the chart, and which values are secrets |
//! | [`place`] | where the mode stands |
//! | [`rule`](Rule) | the one list of rules; `src/rule/NAME.md` is the page of each |
//! | [`finding`](Finding) | a rule that fired, with its place and words |
//! | [`check`] | a file judged: everything that is wrong with it |
//! | [`change`] | a file judged against what it was: steps of the procedure that were skipped |
//! | [`fix`] | findings mended, with the same proof as a step |
//! | `allow` | the comments that silence a rule |
//! | [`overrides`] | `--set` and its siblings, as Helm takes them in |
//! | `merged` | the values files of one cluster with those options, as Helm merges them |
//! | [`step`](Request) | a verb applied to the values files of one cluster |
//! | [`status`] | where clusters stand, in one file, in several, in a folder |
//! | [`runbook`] | the whole procedure written out for one cluster |
//! | [`release`](CommandLine) | the commands a person runs |
//! | [`account`] | what happened to a release: where a step may start, since when pods count, the one way on |
//! | [`guard`] | the table of the procedure as admission policies of Kubernetes |
//! | [`policy`] | PCE policy, and what CLAS will break in it |
//! | [`verify`] | the checks after a step that a machine can make |
//! | [`report`] | values in, text out: one file a format |
//! | `spelling` | how far two names are apart, for "did you mean" |
//!
//! # Invariants
//!
//! - No file, network, cluster, clock, environment, thread or global state in this library: `.clippy.toml` names the
//!   functions, the lint table denies them, and `testdata/house.rs` checks the rest.
//! - Only `yaml/events.rs` names the parser of users' files; `serde_yaml` reads the data files we own, and no other.
//! - A file is changed in one place, and only if the result was read again and differs there and nowhere else.
//! - A refusal is a finding, not an error: `Err` is for what is wrong with one thing, [`Status::Refused`] for a step.
//! - Where content of a file is shown, secrets are masked; they are told from the text alone, so a broken file is no
//!   exception.

#![deny(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr)]

// in reading order
mod mode;
mod procedure;
mod version;

pub mod compat;

mod finding;
mod rule;

pub mod chart;
pub mod overrides;
pub mod place;

mod allow;
pub mod change;
pub mod check;
pub mod fix;
pub mod runbook;
pub mod status;
pub mod yaml;

mod merged;
mod release;
mod step;

pub mod account;
pub mod guard;
pub mod policy;
pub mod verify;

pub mod report;

mod spelling;

pub use compat::CompatibilityMatrix;
pub use finding::{Change, Finding, Fix, Position, Severity};
pub use mode::ClusterMode;
pub use procedure::{Check, Deployer, How, Move, Verb, Why, checks, checks_after, checks_before};
pub use release::{CommandLine, Instruction, Release, shell_quoted};
pub use rule::Rule;
pub use step::{Outcome, Request, Source, Status};
pub use version::{ChartVersion, InexactChartVersion, InexactPceVersion, PceVersion};
