//! Where a file leads that sets no mode itself: the files of the clusters that its controller builds from folders, or of
//! the helmfiles that it names.

use std::{collections::BTreeSet, path::Path};

use helm_clas::{
    Files, Finding, Rule, Severity,
    look::{fits_pattern, leads_to},
    status::Standing,
};

use crate::{
    outside::files::STDIN,
    paths,
    workspace::{
        search::search,
        top::{from_here, top_of},
    },
};

/// Where a file was given as values and is not, names the values files that it leads to.
pub(crate) fn name_them(files: &Files<'_>, given: &[usize], findings: &mut [Finding]) {
    let is_of = |finding: &Finding, file: &str| {
        let is_refused = finding.rule == Rule::ForeignValues && finding.severity == Severity::Error;
        is_refused && finding.file.as_deref() == Some(file)
    };
    for file in given.iter().map(|number| files.name(*number)).filter(|file| *file != STDIN) {
        let Some(finding) = findings.iter_mut().find(|finding| is_of(finding, file)) else { continue };
        let bytes = files.number(file).map(|number| files.source(number).bytes).unwrap_or_default();
        if let Some(help) = help_of(Path::new(file), bytes) {
            finding.help = Some(help.into());
        }
    }
}

fn help_of(file: &Path, bytes: &[u8]) -> Option<String> {
    const SHOWN: usize = 5;
    let top = top_of(file)?;
    let whole = paths::real(file).ok()?;
    let path = paths::name(whole.strip_prefix(&top).ok()?);
    let led_to: Vec<String> = leads_to(&path, bytes);
    let is_led_to = |name: &str| {
        let found = paths::real(name).ok();
        let below =
            found.as_ref().and_then(|found| found.strip_prefix(&top).ok()).filter(|below| *below != Path::new(&path));
        let is_it = |path: &Path| led_to.iter().any(|pattern| fits_pattern(pattern, &paths::name(path)));
        below.is_some_and(|below| below.ancestors().any(is_it))
    };
    // the search for a pattern starts at the folder before its first `*`, and ends at the top of the checkout
    let roots: BTreeSet<&str> = led_to
        .iter()
        .filter(|path| path.split('/').next() != Some(".."))
        .map(|path| path.split('*').next().unwrap_or_default())
        .collect();
    let folder = |path: &str| path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let whole = |path: &str| if top.join(path).exists() { path.to_owned() } else { folder(path) };
    let roots: Vec<_> = roots.into_iter().map(|path| from_here(&top).join(whole(path))).collect();
    let (standings, _) = search(&roots, &[], None);
    // the row of a folder that others build as well is theirs, and decided in a file of the folder
    let name = |standing: &Standing| {
        let names = [Some(&standing.file), standing.decided_in.as_ref()].into_iter().flatten();
        let name = names.into_iter().filter(|_| standing.position.is_some()).find(|name| is_led_to(name))?;
        Some(name.strip_prefix("./").unwrap_or(name).to_owned())
    };
    let found: BTreeSet<String> = standings.iter().filter_map(name).collect();
    let more = found.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let names: Vec<String> = found.into_iter().take(SHOWN).collect();
    (!names.is_empty()).then(|| format!("it leads to these files, so pass one of them: {}{more}", names.join(", ")))
}
