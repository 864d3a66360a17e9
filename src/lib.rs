//! Moves a cluster that runs Illumio Core (Kubelink, C-VEN) from the legacy policy model to CLAS and back, one safe
//! step at a time. This page is the map of the house; the binary `helm-clas` lives in `src/bin/helm-clas`.
//!
//! # The idea
//!
//! Texts go in, once. Out come releases: each with everything that gives it values, weakest first. A command is one
//! question to a release. An edit is proposed on the text and proven on the meaning, or refused. Everything a person can
//! read has a name, and every name has a page.
//!
//! ```text
//!   bytes by name
//!        |
//!   files       Files: each text parsed once; wanted(): what else must be read        <- the shell reads it
//!        |
//!   controller  who brings a chart to a cluster: a file a kind, with its row of the table
//!        |
//!   release     Release: layers, chart version, what the cluster gets, who decides    -> or findings
//!        |
//!   step  check  compare  status  chart::cluster  runbook      one question each
//!        |
//!   yaml        Edited: one byte range replaced, read again, compared node by node    -> or a finding
//!        |
//!   report      text, diff, json: a String
//!        |
//!   src/bin     prints it, writes the file, picks the exit code
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
//! | [`source`](Source) | a file by its name and its bytes |
//! | [`yaml`] | text with places: reading as Helm reads, nodes, the one edit and its proof |
//! | [`files`] | the texts of one moment, each parsed once, and what else must be read |
//! | `graph` | what kustomize and Flux build of files: overlays, and their patches |
//! | `release` | a chart that one cluster gets: its layers, its version, its mode |
//! | `controller` | the kinds of manifest that bring charts to clusters |
//! | `rendered` | Terraform and scripts, as YAML that says the same |
//! | `umbrella` | charts that bring Illumio's, and what they say of its values |
//! | [`chart`] | what we know of the chart, and which values are secrets |
//! | [`rule`](Rule) | the one list of rules; `src/rule/NAME.md` is the page of each |
//! | [`called`](Called) | what this program is called, and help in which its commands stand |
//! | [`finding`](Finding) | a rule that fired, with its place and words |
//! | [`step`](Request) | a verb applied to one release |
//! | [`upgrade`] | another chart version in the present mode |
//! | [`check`] | a file judged: everything that is wrong with it |
//! | [`compare`] | what a cluster gets against what it got: steps of the procedure that were skipped |
//! | [`status`] | where clusters stand, in one file, in several, in a folder |
//! | [`fix`] | findings repaired, with the same proof as a step |
//! | `allow` | the comments that silence a rule |
//! | [`overrides`] | `--set` and its siblings, as Helm reads them |
//! | [`runbook`] | the whole procedure written out for one cluster |
//! | [`command_line`](CommandLine) | the commands a person runs |
//! | [`account`] | what happened to a release: where a step may start, since when pods count, the one way on |
//! | [`guard`] | the table of the procedure as admission policies of Kubernetes |
//! | [`policy`] | PCE policy, and what CLAS will break in it |
//! | [`enforcement`] | how the PCE enforces policy on a cluster: saved, lowered, compared, put back |
//! | [`plan`] | the next steps that the procedure allows in a fleet |
//! | [`pce_clusters`] | every cluster that the PCE knows, against those of the files |
//! | [`verify`] | the checks around a step that a machine can make, and whether they let it pass |
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
//! - Where content of a file is shown, secrets are masked. `chart/secrets.rs` alone decides what is secret: on the tree
//!   of a text that parses, line by line in one that does not.

#![deny(clippy::disallowed_methods, clippy::print_stdout, clippy::print_stderr)]

// in reading order
mod mode;
mod procedure;
mod version;

pub mod compat;

mod called;
mod finding;
mod rule;
mod source;

mod controller;
pub mod files;
mod graph;
mod release;
mod rendered;
mod umbrella;

pub mod chart;
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
mod step;

pub mod account;
pub mod enforcement;
pub mod guard;
pub mod pce_clusters;
pub mod plan;
pub mod policy;
pub mod verify;

pub mod report;

mod spelling;

pub use called::{Called, Help};
pub use command_line::{AskPce, CommandLine, Instruction, Release, Run, shell_quoted};
pub use compat::CompatibilityMatrix;
pub use files::{Files, ObjectRef, Wanted};
pub use finding::{Change, Doubt, Finding, Fix, Position, Related, Severity};
pub use mode::ClusterMode;
pub use procedure::{Check, Deployer, How, Move, Verb, Why, checks, checks_after, checks_before};
pub use release::{Id, Reach, names_of_takers};
pub use rule::Rule;
pub use source::Source;
pub use step::{Outcome, Request, Status};
pub use version::{ChartVersion, InexactChartVersion, InexactPceVersion, PceVersion};
pub use yaml::Texts;
