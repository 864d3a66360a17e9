//! The targets of a makefile that have a command: each may be run for another cluster.

use std::collections::{HashMap, HashSet};

use super::run::{Given, MOST_COMPARED};

/// Gives the first of the commands that say the same the targets of all of them: each may be run for another cluster.
pub(super) fn tell_parts(given: &mut [Given], source: &str) {
    for number in 0..given.len() {
        let (before, behind) = given.split_at_mut(number);
        let one = &mut behind[0];
        let is_same = |other: &&mut Given| other.says_same(one);
        let first = before.iter_mut().rev().take(MOST_COMPARED).filter(|other| other.command.is_applied).find(is_same);
        let is_upgrade = one.command.is_applied && one.command.only_installs.is_none();
        let first = first.map(|first| without_install(first, is_upgrade));
        let part = one.command.part.trim_end_matches(':').to_owned();
        if part.is_empty() || !one.command.is_applied {
            continue;
        }
        let parts = &mut first.unwrap_or(one).command.parts;
        if parts.len() < MOST_COMPARED && !parts.contains(&part) {
            parts.push(part);
        }
    }
    let targets =
        if given.iter().any(|one| !one.command.parts.is_empty()) { dependents(source) } else { HashMap::new() };
    for one in given {
        let parts = &mut one.command.parts;
        let mut next = 0;
        while let Some(part) = parts.get(next).filter(|_| parts.len() < MOST_COMPARED) {
            let more: Vec<String> = targets.get(part.as_str()).into_iter().flatten().map(ToString::to_string).collect();
            parts.extend(more);
            // one that depends on itself in a circle is there already
            let mut seen = HashSet::new();
            parts.retain(|part| seen.insert(part.clone()));
            next += 1;
        }
    }
}

/// The targets that depend on each other one: `east: deploy`.
fn dependents(source: &str) -> HashMap<&str, Vec<&str>> {
    let mut found: HashMap<&str, Vec<&str>> = HashMap::new();
    for line in source.lines().filter(|line| !line.starts_with(['\t', ' ', '#', '.'])) {
        let Some((targets, rest)) = line.split_once(':').filter(|(_, rest)| !rest.starts_with(['=', ':'])) else {
            continue;
        };
        let needed = rest.split(['#', ';']).next().unwrap_or_default().split_whitespace();
        for needed in needed.filter(|word| !word.contains('=')) {
            let of_needed = found.entry(needed).or_default();
            of_needed.extend(targets.split_whitespace().take(MOST_COMPARED.saturating_sub(of_needed.len())));
        }
    }
    found
}

/// A command that says the same as one which upgrades the release does not only install it.
fn without_install(given: &mut Given, is_upgrade: bool) -> &mut Given {
    if is_upgrade {
        given.command.only_installs = None;
    }
    given
}
