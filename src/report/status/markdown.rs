//! A page of Markdown.

use std::fmt::Write as _;

use super::{label, next, shown_file, words};
use crate::{
    chart::secrets::{masked, masked_name},
    report::{columns::cell, pce_clusters::OfPce, printable::printable, releases::Releases, unjudged},
    status::Overview,
};

/// The clusters as a table of Markdown, what is wrong below it, and what runs, where that was asked.
#[must_use]
pub fn markdown(overview: &Overview, of_pce: Option<&OfPce<'_>>, releases: Option<&Releases>) -> String {
    let mut out = "# Clusters\n\n".to_owned();
    if overview.summary().clusters > 0 {
        out += "| File | Release | Mode | Chart | Next |\n|---|---|---|---|---|\n";
    }
    for standing in overview.standings() {
        let mode = match standing.mode {
            Some(mode) if standing.is_default() => format!("{mode} (default)"),
            Some(mode) => mode.to_string(),
            None if standing.is_overridden => String::new(),
            None => "?".to_owned(),
        };
        let next: Vec<String> = next(standing).collect();
        let (release, version) = (standing.release.as_deref(), standing.version.as_deref());
        let cells = [release.unwrap_or_default(), &mode, version.unwrap_or_default(), &next.join(", ")];
        let cells = cells.map(|text| cell(&printable(&masked(text))));
        let _ = writeln!(out, "| {} | {} |", cell(&printable(&masked_name(&shown_file(standing)))), cells.join(" | "));
    }
    let wrong = overview.standings().flat_map(|standing| standing.shown().map(move |noted| (standing, noted)));
    let wrong = wrong.map(|(standing, noted)| {
        let file = shown_file(standing);
        let place = label(standing).map_or_else(|| file.clone(), |release| format!("{file} ({release})"));
        let words = words(noted, &standing.file);
        format!("- {}: {}: {}\n", cell(&printable(&place)), noted.finding.rule.name(), cell(&words))
    });
    let wrong: String = wrong.collect();
    if !wrong.is_empty() {
        let _ = write!(out, "\n{wrong}");
    }
    out += &unjudged::markdown(&overview.unjudged);
    let _ = writeln!(out, "\n{}.", overview.summary());
    out += &releases.map(|releases| format!("\n{}", releases.markdown())).unwrap_or_default();
    out += &of_pce.map(|of_pce| format!("\n{}", of_pce.markdown())).unwrap_or_default();
    out
}
