//! Puts the commit and its date into `helm-clas version`, where they are known: from the environment, as `.ci/release` sets
//! it, or from the git checkout that a release build is made of. A build for tests has none, so a commit rebuilds nothing.

use std::{env, path::Path, process::Command};

const COMMIT: &str = "HELM_CLAS_COMMIT";
const DATE: &str = "HELM_CLAS_COMMIT_DATE";

/// What the program is made of.
const SOURCES: [&str; 5] = ["Cargo.lock", "Cargo.toml", "build.rs", "schemas", "src"];

fn main() {
    // the library alone has no version to print; what is set in the environment, rustc sees by itself
    println!("cargo::rerun-if-env-changed={COMMIT}");
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    if !is_release || env::var_os("CARGO_FEATURE_PROGRAM").is_none() || env::var_os(COMMIT).is_some() {
        println!("cargo::rerun-if-changed=build.rs");
        return;
    }
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
    }
    // only a checkout of our own: a copy within another project's is of none of its commits
    if !Path::new(".git").exists() {
        return;
    }
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={log}");
    }
    if let Some((commit, date)) =
        git(&["log", "-1", "--format=%h %cs"]).as_deref().and_then(|told| told.split_once(' '))
    {
        let is_changed =
            git(&[&["status", "--porcelain", "--"], &SOURCES[..]].concat()).is_none_or(|list| !list.is_empty());
        println!("cargo::rustc-env={COMMIT}={commit}{}", if is_changed { "-modified" } else { "" });
        println!("cargo::rustc-env={DATE}={date}");
    }
}

/// What git prints; nothing where there is no git or it refuses.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
