//! The one release that a request means.

use super::{Outcome, Request};
use crate::{
    files::not_values,
    finding::{Finding, Severity},
    release::{Release, help_to_name},
    rendered::{is_template_of_other, is_unread_program},
    resolve::{Asked, mentions_in_words, release_of_values, releases_of_manifest, state_value_at},
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
            self.refuse(*number, not_values(), outcome);
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

    /// Refuses a template that another tool fills in, unless a path says that it is meant.
    pub(super) fn refuse_template(&self, outcome: &mut Outcome) {
        let is_told = outcome.findings.iter().any(|finding| finding.rule == Rule::TemplateInValues);
        let is_template = |number: &&usize| is_template_of_other(self.files.name(**number));
        let template = self.given.iter().find(is_template).filter(|_| self.path.is_none() && !is_told);
        if let Some(number) = template {
            self.refuse(*number, template_of_other(), outcome);
        }
    }

    /// Refuses a file that is not read as values, with what it says of a mode anyway.
    fn refuse(&self, number: usize, why: Finding, outcome: &mut Outcome) {
        let said = mentions_in_words(self.files, number).into_iter().map(|mention| mention.finding);
        outcome.findings.extend(said.map(|finding| finding.weighing(Severity::Error)));
        outcome.findings.push(why.in_file(self.files.name(number)));
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
            [] => {
                let first = releases.first().zip(self.path);
                if let Some(finding) = first.and_then(|(it, path)| state_value_at(self.files, it.file, path)) {
                    return Err(finding);
                }
                "this file has no release of that name"
            }
            _ => "the file has the modes of several clusters",
        };
        Err(Finding::new(Rule::SeveralPlaces, what).help(help_to_name(releases, self.files)))
    }
}

/// That a file is not values, but what another tool makes them of.
fn template_of_other() -> Finding {
    let message = "this file is a template that another tool fills in, not a values file";
    let help = "change the mode by hand; if the release gets this file as it is, name the place with --path (--path . for \
                values at the root)";
    Finding::new(Rule::ForeignValues, message).help(help).weighing(Severity::Error)
}
