//! The edit of the version beside the values, with its proof.

use super::Upgrade;
use crate::{
    chart::TEMPLATE_SCALARS,
    finding::Finding,
    release::{Pin, Reach, Release},
    resolve::{Asked, release_of_values, releases_of_manifest},
    rule::Rule,
    version::ChartVersion,
    yaml::{Edit, Edited, Text},
};

impl<'s> Upgrade<'_, 's> {
    /// The file with the other version, proven: every release of it gets what it got, in the mode that it had.
    pub(super) fn edited(
        &self,
        release: &Release<'s>,
        pin: &Pin,
        version: &ChartVersion,
    ) -> Result<(Edited, Reach), Finding> {
        let file = self.files.name(pin.file);
        let at_pin = |finding: Finding| finding.at(pin.span.clone()).in_file(file);
        let before = releases_of_manifest(self.files, release.file);
        let shares = |other: &&Release<'_>| {
            other.pin.as_ref().is_some_and(|other| (other.file, &other.span) == (pin.file, &pin.span))
        };
        let names = before.iter().filter(shares).map(|release| release.id.name.clone()).collect();
        // of the rows of one generator, each may have its version in a place of its own
        let is_a_row = before.iter().filter(|other| other.reach == release.reach).count() > 1;
        let of_release = match &release.reach {
            Reach::Several(_) if is_a_row => Reach::One,
            reach => reach.clone(),
        };
        let reach = Reach::of(names).with(of_release);
        let text = self.text_of(pin).ok_or_else(|| {
            let finding = Finding::new(Rule::UnfaithfulEdit, "the version is in a place that cannot be changed safely");
            at_pin(finding.help("change it by hand"))
        })?;
        let value = version.to_string();
        let edit = Edit::Set { value: &value, beside: TEMPLATE_SCALARS };
        let edited = self.files.edited(text, &pin.path, edit).map_err(|_| {
            let finding =
                Finding::new(Rule::UnfaithfulEdit, "the version is filled in from elsewhere, and was not found there");
            at_pin(finding.help("write the exact version here as text, or change it where it is set"))
        })?;
        let files = self.files.with(pin.file, edited.text.clone());
        let after = if release.is_of_manifest() {
            releases_of_manifest(&files, release.file)
        } else {
            release_of_values(&files, self.given, Asked { path: self.path, options: self.overrides })
                .into_iter()
                .collect()
        };
        let before = if release.is_of_manifest() { before } else { vec![release.clone()] };
        let is_proven = before.len() == after.len()
            && before.iter().zip(&after).all(|(was, is)| {
                let is_moved = was.pin.as_ref().is_some_and(|was| (was.file, &was.span) == (pin.file, &pin.span));
                let expected = if is_moved { Some(&value) } else { was.pin.as_ref().map(|pin| &pin.text) };
                let same =
                    was.id == is.id && was.mode.mode == is.mode.mode && was.together().ok() == is.together().ok();
                same && is.pin.as_ref().map(|pin| &pin.text) == expected
            });
        if is_proven {
            return Ok((edited, reach));
        }
        let finding = Finding::new(Rule::UnfaithfulEdit, "the edit would change more than the chart version");
        Err(at_pin(finding.help("change the version by hand")))
    }

    /// The text in which a version is.
    fn text_of(&self, pin: &Pin) -> Option<&'s Text<'s>> {
        let roots = self.files.roots(pin.file);
        let found = roots.into_iter().filter(|root| root.follow(&pin.path).is_some_and(|node| node.span() == pin.span));
        let found: Vec<&'s Text<'s>> = found.map(|root| root.text).collect();
        match found[..] {
            [text] => Some(text),
            _ => None,
        }
    }
}
