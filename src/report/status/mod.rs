//! The modes of clusters, as a person reads them at a glance, as a program reads them, and as a page: one file a
//! format.

mod json;
mod markdown;
mod page;
mod table;

use super::printable::printable;
use crate::{
    act::Act,
    chart::secrets::masked,
    finding::Position,
    shown::first,
    status::{Holder, Noted, Overview, Standing},
};
pub use json::json;
pub use markdown::markdown;
pub use page::page;
pub use table::text;

/// Below a table without rows.
const NOTHING: &str = "no file here has values of the Illumio chart";

/// Which of several files decides.
fn decided(overview: &Overview) -> String {
    match overview.effective() {
        Some(effective) if overview.merged.len() > 1 && overview.found.is_empty() => match effective.position {
            Some(Position { line, .. }) => format!(", decided in {} line {line}", shown_file(effective)),
            None if effective.holder == Holder::Option && effective.mode.is_some() => {
                format!(", decided by {}", shown_file(effective))
            }
            None if effective.is_default() => ", the chart's default, because no file sets it".to_owned(),
            None => String::new(),
        },
        _ => String::new(),
    }
}

/// What distinguishes the places of a file, and what `--path` takes: the release, or the keys of an umbrella chart.
fn label(standing: &Standing) -> Option<String> {
    match standing.holder {
        Holder::Manifest(_) => standing.release.clone(),
        Holder::Option => None,
        Holder::Values | Holder::Mention => standing.below(),
    }
}

fn shown_file(standing: &Standing) -> String {
    if standing.file == "-" { "stdin".to_owned() } else { printable(&standing.file) }
}

/// In which file the mode is decided, where a manifest takes it from one.
fn decided_elsewhere(standing: &Standing) -> Option<String> {
    let (file, position) = standing.decided_in.as_deref().zip(standing.position)?;
    Some(format!("decided in {} line {}", printable(file), position.line))
}

/// Where a patch removes the mode.
fn removed(standing: &Standing) -> Option<String> {
    let (file, at) = standing.removed_in.as_ref()?;
    Some(format!("removed in {} line {}", printable(file), at.line))
}

/// Which spots set a mode that does not count.
fn overridden(standing: &Standing) -> Option<String> {
    const SHOWN: usize = 3;
    let spots = standing.overrides.iter().map(|(file, at)| format!("{} line {}", printable(file), at.line));
    let number = standing.overrides.len();
    (number > 0).then(|| format!("overrides {}", first(SHOWN, number, ", ", spots)))
}

/// What is wrong, and in which line; in which file, where that is not the one of the row.
fn words(noted: &Noted, file: &str) -> String {
    let message = printable(&masked(&noted.finding.message));
    let other = noted.finding.file.as_deref().filter(|other| *other != file).map(printable);
    match (other, &noted.region) {
        (Some(other), Some(region)) => format!("{other} line {}: {message}", region.start.line),
        (Some(other), None) => format!("{other}: {message}"),
        (None, Some(region)) => format!("line {}: {message}", region.start.line),
        (None, None) => message,
    }
}

fn next(standing: &Standing) -> impl Iterator<Item = String> {
    let upgrade = standing.awaits_upgrade().then(|| Act::Upgrade.to_string());
    upgrade.into_iter().chain(standing.next().map(|verb| verb.to_string()))
}
