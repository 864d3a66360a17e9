//! Files of the checkout that have the path of one which a release takes from somewhere else: from another branch, or from a
//! repository of which nobody knows whether this is a checkout of it. What such a file says need not be what a cluster gets.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use helm_clas::{
    Finding, Rule, Severity,
    status::{Holder, Standing},
};

/// Why a step in a file does not reach the release that takes the file of its path, as the rows of the checkout say.
pub(crate) fn taken_elsewhere(rows: &[Standing], changed: &Path) -> Option<Finding> {
    let is_it = |file: &str| fs::canonicalize(file).is_ok_and(|file| file == changed);
    let taken = |row: &Standing| {
        let (_, reason) = row.namesakes.iter().find(|(file, _)| is_it(file))?;
        Some(who_takes(row, reason))
    };
    let who = rows.iter().find_map(taken)?;
    let message = format!("{who}; an edit here is not what its cluster gets");
    let help = "make the change there; if this file is the one that is meant, say so with --path, which for values at the \
                root is --path .";
    Some(Finding::new(Rule::ModeElsewhere, message).weighing(Severity::Error).help(help))
}

/// Makes of the values files that a release takes from somewhere else what they are: no clusters of their own.
pub(crate) fn without_namesakes(standings: &mut Vec<Standing>) {
    let canonical = |file: &str| fs::canonicalize(file).unwrap_or_else(|_| PathBuf::from(file));
    let mut taken: HashMap<PathBuf, String> = HashMap::new();
    for row in standings.iter() {
        for (file, reason) in &row.namesakes {
            taken.entry(canonical(file)).or_insert_with(|| who_takes(row, reason));
        }
    }
    if taken.is_empty() {
        return;
    }
    standings.retain_mut(|row| {
        let Some(who) =
            Some(&row.file).filter(|_| row.holder == Holder::Values).and_then(|it| taken.get(&canonical(it)))
        else {
            return true;
        };
        row.becomes_mention(&format!("a mode is said here, and {who}"), "change it where the release takes it from")
    });
}

/// `illumio in apps/illumio.yaml takes the file of this path that is on the branch ...`.
fn who_takes(row: &Standing, reason: &str) -> String {
    let file = &row.file;
    let name = row.release.as_ref().map(|release| format!("{release} in ")).unwrap_or_default();
    format!("{name}{file} takes the file of this path that is {reason}")
}
