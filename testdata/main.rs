//! The tests, one program: a module a subject, beside the data that it drives. A file that is not named here would not
//! run, so [`house`] looks for forgotten ones.

#![allow(
    clippy::unwrap_used,
    clippy::format_collect,
    clippy::format_push_string,
    clippy::items_after_statements,
    clippy::needless_for_each,
    clippy::struct_excessive_bools,
    clippy::type_complexity,
    clippy::unused_self
)]

mod support;

// parts of the binary, for what cannot be provoked from outside
#[allow(dead_code, unreachable_pub)]
#[path = "../src/bin/helm-clas/outside/archive.rs"]
mod archive;
#[allow(dead_code, unreachable_pub, unused_imports)]
#[path = "../src/bin/helm-clas/args/mod.rs"]
mod args;
#[allow(dead_code, unreachable_pub)]
#[path = "../src/bin/helm-clas/failure.rs"]
mod failure;
#[allow(dead_code, unreachable_pub)]
#[path = "../src/bin/helm-clas/outside/files.rs"]
mod files;
#[allow(dead_code, unreachable_pub)]
#[path = "../src/bin/helm-clas/paths.rs"]
mod paths;

mod account;
mod agreement;
mod archives;
mod argo;
mod bare;
mod before;
mod called;
mod check;
mod check_git;
mod checkouts;
mod cli;
mod completing;
mod controllers;
mod corpus;
mod disputed;
mod doubted;
mod edit;
mod enforcement;
mod english;
mod failed;
mod fleet;
mod flux;
mod formats;
mod gates;
mod generated;
mod graphs;
mod grown;
mod guard;
mod holders;
mod hostile;
mod hostile_places;
mod hostile_scripts;
mod house;
mod journey;
mod laws;
mod live;
mod made;
mod manual;
mod many;
mod mentions;
mod oracle;
mod overrides;
mod pce;
mod pce_clusters;
mod places;
mod plan;
mod plan_live;
mod plugin;
mod policy;
mod policy_cases;
mod policy_doubts;
mod policy_fields;
mod policy_rewrite;
mod policy_unproven;
mod pre_commit;
mod printed;
mod properties;
mod prove;
mod prove_input;
mod prove_undocumented;
mod proving;
mod public;
mod public_places;
mod reading;
mod release;
mod releases;
mod runbook;
mod scripted;
mod secrets;
mod sops;
mod status;
mod steps;
mod transcripts;
mod trusted;
mod umbrella;
mod unjudged;
mod unlike;
mod unlooked;
mod upgrade;
mod upgrade_live;
mod values_check;
mod verify;
mod words;
#[cfg(unix)]
mod writing;
