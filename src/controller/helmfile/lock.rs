//! The lock file of a helmfile: the exact versions that `helmfile deps` chose for the charts of its repositories.

use super::state::roots;
use crate::{
    controller::Chart,
    files::{Found, Wanted, joined},
    finding::Finding,
    release::{Pin, Release},
    rule::Rule,
    umbrella::fits,
    yaml::Node,
};

/// The lock file: of the name of the helmfile, or what that names. (helmfile, `pkg/state/chart_dependency.go`,
/// `lockFileName`; compared with helmfile 0.166)
pub(super) fn lock(chart: &Chart<'_, '_>) -> Wanted {
    let name = chart.manifest().rsplit('/').next().unwrap_or_default();
    let stem = [".gotmpl", ".yaml", ".yml"].iter().fold(name, |name, ending| name.strip_suffix(ending).unwrap_or(name));
    let named = roots(chart).into_iter().rev().find_map(|root| root.str_at("lockFilePath")).map(str::to_owned);
    Wanted::File(joined(chart.manifest(), &named.unwrap_or_else(|| format!("{stem}.lock"))))
}

/// The release with the version that the lock file has of its chart, where that is in one of the repositories of the
/// helmfile; helmfile fails where it has none in the range.
pub(super) fn locked<'s>(chart: &Chart<'_, 's>, release: Release<'s>) -> Release<'s> {
    match found(chart, &release) {
        None => release,
        Some(Ok(pin)) => Release { pin: Some(pin), unpinned: None, ..release },
        // what the range is does not count then
        Some(Err(finding)) => {
            let findings = release.findings.into_iter().chain([finding]).collect();
            Release { findings, pin: None, unpinned: None, ..release }
        }
    }
}

fn found(chart: &Chart<'_, '_>, release: &Release<'_>) -> Option<Result<Pin, Finding>> {
    let at = chart.inherited("chart")?;
    let (repository, name) = at.str()?.split_once('/')?;
    let is_named = |root: &Node<'_>| {
        root.get("repositories").is_some_and(|all| all.items().any(|one| one.str_at("name") == Some(repository)))
    };
    roots(chart).iter().find(|root| is_named(root))?;
    let Found::Here(number) = chart.files.find(&lock(chart), chart.root.text.file) else { return None };
    let root = chart.files.roots(number).next()?;
    let wants = release.pin.as_ref().map_or("*", |pin| &pin.text);
    let listed = root.get("dependencies").into_iter().flat_map(Node::items);
    let mut versions = listed.filter(|item| item.str_at("name") == Some(name)).filter_map(|item| item.get("version"));
    let fitting = versions.find(|version| fits(wants, &Pin::at(*version).text) != Some(false));
    Some(
        fitting
            .map(|version| Pin {
                elsewhere: Some("change the version in the helmfile, and run `helmfile deps`"),
                ..Pin::at(version)
            })
            .ok_or_else(|| {
                let file = chart.files.name(number).escape_debug();
                let message =
                    format!("{file} has no version of this chart that helmfile may take, so that helmfile fails");
                let help = "run `helmfile deps`, which writes the versions into it";
                let place = (at.text.file, at.span());
                let (number, span) = release.pin.as_ref().map_or(place, |pin| (pin.file, pin.span.clone()));
                Finding::new(Rule::VersionNotExact, message).help(help).at(span).in_file(chart.files.name(number))
            }),
    )
}
