//! Releases of one file that may be one: of those that surely run one behind the other the last one counts; of others it
//! is not known which one the cluster gets.

use std::collections::{HashMap, HashSet};

use crate::{
    files::Files,
    finding::{Doubt, Finding, Severity},
    release::Release,
    rule::Rule,
};

/// With so many others a release is compared.
const MOST: usize = 50;

/// Doubts the modes of those that give one release different ones. Where all give it the same mode, it has that; one edit
/// changes it only where that is one spot.
pub(super) fn doubt_arms<'s>(releases: &mut [Release<'s>], files: &Files<'s>) {
    let mut of_release: HashMap<&str, Vec<usize>> = HashMap::new();
    for (number, release) in releases.iter().enumerate().filter(|(_, release)| release.is_installed()) {
        let Some(arm) = &release.arm else { continue };
        of_release.entry(&arm.of).or_default().push(number);
    }
    let (mut found, mut again_brought): (Vec<(usize, Finding)>, Vec<usize>) = Default::default();
    for numbers in of_release.into_values().filter(|numbers| numbers.len() > 1) {
        let ids: Vec<Option<String>> = numbers.iter().map(|number| releases[*number].text("cluster_id")).collect();
        let all: Vec<One<'_, 's>> = numbers.iter().map(|number| &releases[*number]).zip(&ids).collect();
        let mut overridden = HashSet::new();
        for (place, number) in numbers.iter().enumerate() {
            if let Some(behind) = behind(&all, place) {
                overridden.insert(place);
                if let Some(finding) = again(all[place].0, behind, files) {
                    found.push((*number, finding));
                    again_brought.push(*number);
                }
            }
        }
        for (place, number) in numbers.iter().enumerate().filter(|(place, _)| !overridden.contains(place)) {
            let one = all[place];
            let others = all.iter().enumerate().filter(|(other, _)| *other != place && !overridden.contains(other));
            let others = others.map(|(_, other)| *other).take(MOST).filter(|other| !are_apart(one, *other));
            let others: Vec<&Release<'s>> = others.map(|(other, _)| other).collect();
            found.extend(doubt(one.0, &others, files).map(|finding| (*number, finding)));
        }
    }
    for number in again_brought {
        releases[number].is_brought_again = true;
    }
    for (number, finding) in found {
        let mode = &mut releases[number].mode;
        mode.mode = mode.mode.filter(|_| finding.doubt.is_none());
        mode.findings.push(finding);
    }
}

/// A release, with its `cluster_id`.
type One<'r, 's> = (&'r Release<'s>, &'r Option<String>);

/// The next one that surely runs behind one of some, for the same release.
fn behind<'r, 's>(all: &[One<'r, 's>], place: usize) -> Option<&'r Release<'s>> {
    let (own, arm) = (all[place], all[place].0.arm.as_ref()?);
    let is_behind =
        |other: &&One<'r, 's>| other.0.arm.as_ref().is_some_and(|it| it.run_in_order(arm)) && !are_apart(own, **other);
    all[place + 1..].iter().take(MOST).find(is_behind).map(|(other, _)| *other)
}

/// Whether two releases are of two clusters, as their hosts or their values say.
fn are_apart(one: One<'_, '_>, other: One<'_, '_>) -> bool {
    fn host<'r>(release: &'r Release<'_>) -> Option<&'r String> {
        release.arm.as_ref()?.only.as_ref()
    }
    let differ = |one: Option<&String>, other: Option<&String>| one.zip(other).is_some_and(|(one, other)| one != other);
    differ(host(one.0), host(other.0)) || differ(one.1.as_ref(), other.1.as_ref())
}

/// That another one brings the release again behind one, at another spot.
fn again<'s>(own: &Release<'s>, behind: &Release<'s>, files: &Files<'s>) -> Option<Finding> {
    let (arm, other) = (own.arm.as_ref()?, behind.arm.as_ref()?);
    if own.mode.mode.is_none() || own.mode.mode == behind.mode.mode && own.is_decided_with(behind) {
        return None;
    }
    let line = files.position(behind.file, other.at.start).line;
    let message =
        format!("the {} in line {line} brings this release again behind this one, so that counts", other.what);
    let help = "if they are for two clusters, name the context of each; if not, set the mode there";
    let finding = Finding::new(Rule::ModeOverridden, message).help(help).weighing(Severity::Error);
    Some(finding.doubting(Doubt::Overridden).at(arm.at.clone()).in_file(files.name(own.file)))
}

/// That one of some others gives the release another mode, or the same one at another place.
fn doubt<'s>(own: &Release<'s>, others: &[&Release<'s>], files: &Files<'s>) -> Option<Finding> {
    let mode = own.mode.mode?;
    let differs = |other: &&&Release<'s>| other.mode.mode != Some(mode);
    let is_away = |other: &&&Release<'s>| !own.is_decided_with(other);
    let other = others.iter().find(differs).or_else(|| others.iter().find(is_away))?;
    let (arm, other_arm) = (own.arm.as_ref()?, other.arm.as_ref()?);
    let line = files.position(other.file, other_arm.at.start).line;
    let is_same = other.mode.mode == Some(mode);
    let mode = other.mode.mode.map_or_else(|| "a mode that is not known".to_owned(), |mode| format!("`{mode}`"));
    let runs = Some(&other_arm.runs).filter(|runs| !runs.is_empty()).map(|runs| format!(" {runs}")).unwrap_or_default();
    let own_runs = Some(&arm.runs).filter(|runs| !runs.is_empty());
    let and_this = own_runs.map(|runs| format!(", and this one runs {runs}")).unwrap_or_default();
    let so = if is_same { "one edit changes only one of them" } else { "which of them counts is not known" };
    let message = format!("the {} in line {line} gives this release {mode}{runs}{and_this}: {so}", other_arm.what);
    let help = "if they are for two clusters, name the context of each; if not, set the mode in one place";
    let finding = Finding::new(Rule::ModeElsewhere, message).help(help).weighing(Severity::Error).at(arm.at.clone());
    let finding = finding.in_file(files.name(own.file));
    Some(if is_same { finding } else { finding.doubting(Doubt::Overridden) })
}
