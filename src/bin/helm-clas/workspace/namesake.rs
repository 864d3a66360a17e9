//! Values files of the checkout that are not what a cluster gets: one that has the path of a file which a release takes
//! from another branch or repository, and one that a helmfile takes for its environments.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use helm_clas::{
    Finding, Rule, Severity,
    look::{fits_pattern, says_mode_key},
    status::{Holder, IN_SECRET, Standing},
};

use crate::{outside::files, paths};

/// The files that something uses for another purpose than a cluster's values here.
#[derive(Debug, Default)]
pub(crate) struct Elsewhere {
    files: HashMap<PathBuf, Why>,
    /// By patterns of their paths.
    patterns: Vec<(String, Why)>,
    /// Secrets, by their names, which are objects of a file among others.
    secrets: HashMap<String, Why>,
}

/// Who takes a file, and for what.
#[derive(Clone, Debug)]
struct Why {
    who: String,
    rule: Rule,
    help: &'static str,
}

impl Elsewhere {
    /// What the rows of the checkout say, and the helmfiles in it: the paths or patterns of what each takes for its
    /// environments.
    pub(crate) fn of(rows: &[Standing], environments: &[(PathBuf, Vec<String>)]) -> Self {
        let mut all = Self::default();
        for row in rows {
            let release = row.release.as_ref().map(|release| format!("{release} in ")).unwrap_or_default();
            let taker = format!("{release}{}", row.file);
            for (file, reason) in &row.namesakes {
                let who = format!("{taker} uses the file of this path that is {reason}");
                all.files.entry(canonical(file)).or_insert(Why {
                    who,
                    rule: Rule::ModeElsewhere,
                    help: "make the change there",
                });
            }
            for name in &row.secrets {
                let who = format!("{taker} uses values of this Secret");
                let help = "keep `clusterMode` in the release itself, or in a ConfigMap";
                all.secrets.entry(name.clone()).or_insert(Why { who, rule: Rule::ModeElsewhere, help });
            }
        }
        for (helmfile, paths) in environments {
            for path in paths {
                let who = format!("{} uses this file for an environment, not for a chart", paths::name(helmfile));
                let help = "change the result of its templates by hand";
                let why = Why { who, rule: Rule::ForeignValues, help };
                match path.split_once('*') {
                    None => drop(all.files.entry(canonical(path)).or_insert(why)),
                    Some((before, _)) => {
                        let (folder, rest) = before
                            .rsplit_once('/')
                            .map_or((".", path.as_str()), |(folder, _)| (folder, &path[folder.len() + 1..]));
                        let pattern = format!("{}/{rest}", paths::name(&canonical(folder)));
                        all.patterns.push((pattern, why));
                    }
                }
            }
        }
        all
    }

    fn why(&self, file: &Path) -> Option<&Why> {
        let by_pattern = || {
            let path = paths::name(file);
            self.patterns.iter().find(|(pattern, _)| fits_pattern(pattern, &path)).map(|(_, why)| why)
        };
        self.files.get(file).or_else(by_pattern)
    }

    /// Why a step in a file is not one of a cluster's values.
    pub(crate) fn refuses(&self, changed: &Path) -> Option<Finding> {
        let Why { who, rule, help } = self.why(changed)?;
        let message = format!("{who}; an edit here does not reach a cluster");
        let help =
            format!("{help}; if you mean this file, name the place with --path (--path . for values at the root)");
        Some(Finding::new(*rule, message).weighing(Severity::Error).help(help))
    }

    /// Makes of the values files among some rows what they are: no clusters of their own.
    pub(crate) fn take_out(&self, rows: &mut Vec<Standing>) {
        if self.files.is_empty() && self.patterns.is_empty() && self.secrets.is_empty() {
            return;
        }
        rows.retain_mut(|row| {
            let why = match row.holder {
                Holder::Values => self.why(&canonical(&row.file)),
                Holder::Manifest(IN_SECRET) => row
                    .release
                    .as_ref()
                    .and_then(|name| self.secrets.get(name.rsplit_once('/').map_or(name.as_str(), |(_, name)| name))),
                _ => None,
            };
            let Some(Why { who, help, .. }) = why else { return true };
            // of a template that may hide lines, it is only known that it sets a mode somewhere
            if row.position.is_none() && row.mode.is_none() {
                let says_mode = files::read(&row.file).is_ok_and(|bytes| says_mode_key(&bytes));
                let mut regions = row.findings.iter().filter_map(|noted| noted.region.as_ref());
                row.position = regions.next().map(|region| region.start).filter(|_| says_mode);
            }
            row.becomes_mention(&format!("a mode is set here, and {who}"), help)
        });
    }
}

fn canonical(file: &str) -> PathBuf {
    paths::real(file).unwrap_or_else(|_| PathBuf::from(file))
}
