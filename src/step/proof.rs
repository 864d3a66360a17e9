//! What the edit of one file brings about beyond that file.

use serde_json::{Map, Value};

use super::Request;
use crate::{
    controller::is_found_by_path,
    files::Files,
    finding::{Finding, Severity},
    mode::ClusterMode,
    release::Release,
    resolve::{Asked, release_of_values, releases_in},
    rule::Rule,
    yaml::{Edited, written},
};

impl<'s> Request<'_, 's> {
    /// What is wrong with an edit: that the cluster would not get the mode that was asked for, or that more than the
    /// mode would change in what it gets.
    pub(super) fn consequences(&self, release: &Release<'s>, edited: &Edited, goal: ClusterMode) -> Vec<Finding> {
        let is_alone = self.given.len() == 1 && self.overrides.is_empty();
        // what is found by its path alone is read again as values are
        let is_item = release.id.title().is_some_and(is_found_by_path);
        let is_of_manifest = release.is_of_manifest() && !is_item;
        if !is_of_manifest && is_alone && !self.unset && release.layers.len() == 1 {
            // what is proven of the file holds for the whole
            return Vec::new();
        }
        let files = self.files.with(release.mode.file, edited.text.clone());
        if is_of_manifest {
            return self.read_back(release, &files, goal).into_iter().collect();
        }
        let below = written(&release.below);
        let asked = Asked { path: self.path.or(Some(&below)), options: self.overrides };
        match release_of_values(&files, self.given, asked) {
            Ok(after) => self.merged(release, &after, goal),
            Err(findings) => findings,
        }
    }

    /// What is wrong with the edit of a manifest, or of a file that it names: that the mode afterwards is not the one
    /// that was asked for, for example because another spot takes effect.
    fn read_back(&self, release: &Release<'s>, files: &Files<'s>, goal: ClusterMode) -> Option<Finding> {
        let number = {
            let before = releases_in(self.files, release.file);
            before.iter().position(|other| other.at == release.at && other.id == release.id && other.way == release.way)
        };
        let after = number.and_then(|number| releases_in(files, release.file).into_iter().nth(number));
        if after.as_ref().is_some_and(|after| after.mode.mode == Some(goal)) {
            return None;
        }
        let findings = after.iter().flat_map(|after| after.mode.findings.iter().chain(&after.findings));
        let why = findings.into_iter().find(|finding| finding.severity == Severity::Error);
        let why = why.map_or("another place would take effect", |finding| finding.message.as_str());
        let finding = Finding::new(
            Rule::UnfaithfulEdit,
            format!(
                "after this edit the manifest would still not set \
                                                                  `{goal}`: {why}"
            ),
        );
        let help = if self.unset { "drop --unset; without it, `legacy` is written" } else { "change it by hand" };
        let finding = finding.help(help).in_file(self.files.name(release.mode.file));
        Some(Finding { span: release.mode.span.clone(), ..finding })
    }

    /// What is wrong with the edit of one of several values files, or of one beside options.
    fn merged(&self, before: &Release<'s>, after: &Release<'s>, goal: ClusterMode) -> Vec<Finding> {
        let mut findings = Vec::new();
        let (was, is) = match (before.together(), after.together()) {
            (Ok(was), Ok(is)) => (was, is),
            (Err(finding), _) | (_, Err(finding)) => return vec![finding],
        };
        let file = self.files.name(before.mode.file);
        let mut left = None;
        if self.unset {
            findings.push(
                Finding::new(
                    Rule::ReuseValues,
                    "`helm upgrade --reuse-values` would keep the mode that you remove here",
                )
                .help("upgrade without --reuse-values and --reset-then-reuse-values, or write `legacy` instead"),
            );
            if is.as_object().is_some_and(Map::is_empty) {
                let message =
                    "without `clusterMode` there are no values, and Helm would silently reuse those of the old release";
                let finding = Finding::new(Rule::EmptyValues, message);
                findings.push(self.at_mode(finding.help("drop --unset; without it, `legacy` is written"), before));
            }
            if let Some(span) = after.mode.span.clone() {
                left = after.mode.mode;
                if left != Some(ClusterMode::Legacy) {
                    let message = "if `clusterMode` is removed elsewhere, this one takes effect";
                    let finding = Finding::new(Rule::UnfaithfulEdit, message)
                        .help("remove this one first, or drop --unset; without it, `legacy` is written")
                        .in_file(self.files.name(after.mode.file));
                    findings.push(finding.at(span));
                    return findings;
                }
            }
        }
        let path = before.path_to(crate::chart::MODE_KEY);
        let said = match left {
            Some(_) => path.iter().try_fold(&is, |value, name| value.get(*name)).and_then(Value::as_str),
            None if self.unset => None,
            None => Some(goal.as_str()),
        };
        let mut expected = was;
        put(&mut expected, &path, said);
        if expected != is {
            let message = "this edit would change more than the mode in the merged values of all files";
            let finding = Finding::new(Rule::UnfaithfulEdit, message).help(
                "a null in one file removes a value of another one: write the mode beside the other values by hand",
            );
            findings.push(finding.in_file(file));
        }
        findings
    }
}

/// Puts a text at a path, or removes what is there. Keys on the way become mappings where they have nothing.
fn put(values: &mut Value, path: &[&str], text: Option<&str>) {
    let (Some((last, parents)), mut place) = (path.split_last(), values) else { return };
    for key in parents {
        let Some(map) = place.as_object_mut() else { return };
        if map.get(*key).is_none_or(Value::is_null) {
            if text.is_none() {
                return;
            }
            map.insert((*key).to_owned(), Value::Object(Map::new()));
        }
        place = &mut map[*key];
    }
    let Some(map) = place.as_object_mut() else { return };
    match text {
        Some(text) => map.insert((*last).to_owned(), text.into()),
        None => map.remove(*last),
    };
}
