//! The one release that a request means.

use super::{Outcome, Request};
use crate::{
    files::not_values,
    finding::{Finding, Severity},
    release::{Release, help_to_name},
    rendered::is_unread_program,
    resolve::{Asked, mentions_in_words, release_of_values, releases_of_manifest},
    rule::Rule,
};

impl<'s> Request<'_, 's> {
    /// The one release that is meant; nothing where the findings say why there is none.
    pub(super) fn release(&self, outcome: &mut Outcome) -> Option<Release<'s>> {
        for (place, number) in self.given.iter().enumerate() {
            let releases = releases_of_manifest(self.files, *number);
            if !releases.is_empty() {
                return self.chosen(&releases, place, outcome);
            }
        }
        if let Some(number) = self.given.iter().find(|number| is_unread_program(self.files.source(**number))) {
            let said = mentions_in_words(self.files, *number).into_iter().map(|mention| mention.finding);
            outcome.findings.extend(said.map(|finding| finding.weighing(Severity::Error)));
            outcome.findings.push(not_values().in_file(self.files.name(*number)));
            return None;
        }
        match release_of_values(self.files, self.given, Asked { path: self.path, options: self.overrides }) {
            Ok(release) => {
                outcome.findings.extend(release.of_two_clusters(self.files));
                Some(release)
            }
            Err(findings) => {
                outcome.findings.extend(findings);
                None
            }
        }
    }

    /// The one of the releases of a manifest that is meant.
    fn chosen(&self, releases: &[Release<'s>], place: usize, outcome: &mut Outcome) -> Option<Release<'s>> {
        let number = self.given[place];
        let file = self.files.name(number);
        outcome.file = number;
        let takes = |other: &usize| releases.iter().any(|release| release.takes(self.files, *other));
        if place > 0 || !self.given[1..].iter().all(takes) {
            let finding =
                Finding::new(Rule::SeveralPlaces, "a manifest is one cluster, and cannot be combined with other files")
                    .help("pass it alone, or first, followed by files that it names");
            outcome.findings.push(finding.in_file(file));
            return None;
        }
        if let Some(Ok(given)) = self.overrides.first() {
            outcome.findings.push(given.beside_manifest().in_file(file));
        }
        match self.meant(releases) {
            Ok(meant) => {
                outcome.reach = meant.reach_among(releases);
                Some(meant.clone())
            }
            Err(finding) => {
                outcome.findings.push(finding.in_file(file));
                None
            }
        }
    }

    /// The one of several releases of a manifest that is meant.
    fn meant<'m>(&self, releases: &'m [Release<'s>]) -> Result<&'m Release<'s>, Finding> {
        let meant: Vec<&Release<'s>> =
            releases.iter().filter(|release| self.path.is_none_or(|path| release.is_called(path))).collect();
        let what = match meant[..] {
            [release] => return Ok(release),
            // one spot decides for all of them
            [release, ref others @ ..] if others.iter().all(|other| release.is_one_with(other)) => return Ok(release),
            [] => "this file has no release of that name",
            _ => "the file has the modes of several clusters",
        };
        Err(Finding::new(Rule::SeveralPlaces, what).help(help_to_name(releases, self.files)))
    }
}
