//! Releases of one file that may be one: conditions decide which of them the cluster gets.

use std::collections::HashMap;

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
    let mut found: Vec<(usize, Finding)> = Vec::new();
    for numbers in of_release.into_values().filter(|numbers| numbers.len() > 1) {
        let ids: Vec<Option<String>> = numbers.iter().map(|number| releases[*number].text("cluster_id")).collect();
        for (number, id) in numbers.iter().zip(&ids) {
            let own = &releases[*number];
            let Some(mode) = own.mode.mode else { continue };
            let others = numbers.iter().zip(&ids).take(MOST).map(|(other, id)| (&releases[*other], id));
            let others = others.filter(|(other, other_id)| !are_apart((own, id), (other, other_id)));
            let others: Vec<&Release<'s>> = others.map(|(other, _)| other).collect();
            let differs = |other: &&&Release<'s>| other.mode.mode != Some(mode);
            let is_away = |other: &&&Release<'s>| !own.is_decided_with(other);
            let other = others.iter().find(differs).or_else(|| others.iter().find(is_away));
            found.extend(other.and_then(|other| Some((*number, another(own, other, files)?))));
        }
    }
    for (number, finding) in found {
        let mode = &mut releases[number].mode;
        mode.mode = mode.mode.filter(|_| finding.doubt.is_none());
        mode.findings.push(finding);
    }
}

/// Whether two releases, each with its `cluster_id`, are of two clusters, as their hosts or their values say.
fn are_apart(one: (&Release<'_>, &Option<String>), other: (&Release<'_>, &Option<String>)) -> bool {
    fn host<'r>(release: &'r Release<'_>) -> Option<&'r String> {
        release.arm.as_ref()?.only.as_ref()
    }
    let differ = |one: Option<&String>, other: Option<&String>| one.zip(other).is_some_and(|(one, other)| one != other);
    differ(host(one.0), host(other.0)) || differ(one.1.as_ref(), other.1.as_ref())
}

/// That another one gives the release another mode, or the same one at another place.
fn another(own: &Release<'_>, other: &Release<'_>, files: &Files<'_>) -> Option<Finding> {
    let (arm, other_arm) = (own.arm.as_ref()?, other.arm.as_ref()?);
    let line = files.position(other.file, other_arm.at.start).line;
    let mode = other.mode.mode.map_or_else(|| "a mode that is not known".to_owned(), |mode| format!("`{mode}`"));
    let runs = Some(&other_arm.runs).filter(|runs| !runs.is_empty()).map(|runs| format!(" {runs}")).unwrap_or_default();
    let own_runs = Some(&arm.runs).filter(|runs| !runs.is_empty());
    let and_this = own_runs.map(|runs| format!(", and this one runs {runs}")).unwrap_or_default();
    let is_same = own.mode.mode == other.mode.mode;
    // what no condition keeps from running runs in order
    let both_run = arm.is_certain && other_arm.is_certain;
    let so = match is_same {
        true => "one edit changes only one of them",
        false if both_run => "both run, so the cluster gets one mode after the other",
        false => "which of them counts is not known",
    };
    let message = format!("the {} in line {line} gives this release {mode}{runs}{and_this}: {so}", other_arm.what);
    let help = "if they are for two clusters, name the context of each; if not, set the mode in one place";
    let finding = Finding::new(Rule::ModeElsewhere, message).help(help).weighing(Severity::Error).at(arm.at.clone());
    let finding = finding.in_file(files.name(own.file));
    Some(if is_same { finding } else { finding.doubting(Doubt::Overridden) })
}
