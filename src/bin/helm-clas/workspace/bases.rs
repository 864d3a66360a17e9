//! Values files that no cluster has alone: the own ones of umbrella charts, where others bring what a cluster needs, and
//! those of charts that are part of another one.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use helm_clas::{
    Finding, Rule, Severity,
    status::{Holder, Standing},
};

use crate::paths;

/// The own values files of umbrella charts that no cluster has alone, by their whole paths, each with the file of a
/// cluster that gets them, and how.
#[derive(Debug, Default)]
pub(crate) struct Bases(HashMap<PathBuf, (String, &'static str)>);

const LACKS: &str = "is over it, and has what this one lacks";
const IS_PART: &str = "is for a chart that this one is part of";

impl Bases {
    /// Takes out their rows: those files have no `cluster_id`, or do not install the chart, and a file over them has one,
    /// or does.
    pub(super) fn taken_out(standings: &mut Vec<Standing>, parts: &HashMap<PathBuf, String>) -> Self {
        // what the umbrella chart says of each of its charts, with a file over it and whether that has an id
        let mut over: HashMap<(PathBuf, Vec<String>), (String, bool)> = HashMap::new();
        let is_whole = |row: &&Standing| row.holder != Holder::Mention && row.is_installed();
        for row in standings.iter().filter(is_whole) {
            let base =
                row.defaults_in.as_ref().filter(|base| **base != row.file).and_then(|base| paths::real(base).ok());
            let Some(base) = base.filter(|base| paths::real(&row.file).is_ok_and(|own| own != *base)) else { continue };
            let known = over.entry((base, row.keys.clone())).or_insert_with(|| (row.file.clone(), false));
            known.1 |= row.cluster.cluster_id.is_some();
        }
        let part = |(file, by): (&PathBuf, &String)| (file.clone(), (by.clone(), IS_PART));
        let mut bases = Self(parts.iter().map(part).collect());
        // one that is a cluster's own as well
        for row in standings.iter().filter(|row| row.holder == Holder::Values && row.cluster.cluster_id.is_some()) {
            paths::real(&row.file).ok().and_then(|file| bases.0.remove(&file));
        }
        let mut is_base = |row: &mut Standing| {
            if row.holder != Holder::Values || over.is_empty() {
                return false;
            }
            let Ok(file) = paths::real(&row.file) else { return false };
            let Some((by, has_id)) = over.get(&(file.clone(), row.keys.clone())) else { return false };
            let is_base = !row.is_installed() || row.cluster.cluster_id.is_none() && *has_id;
            if is_base {
                bases.0.insert(file, (by.clone(), LACKS));
            }
            is_base
        };
        standings.retain_mut(|row| !is_base(row));
        bases
    }

    /// That no cluster has a file alone, which is named by its whole path.
    pub(super) fn refuses(&self, file: &Path) -> Option<Finding> {
        let (by, how) = self.0.get(file)?;
        let message = format!("no cluster has this file alone: {by} {how}");
        let help = format!("take the step with -f {by}, or with the file of another cluster");
        Some(Finding::new(Rule::ModeElsewhere, message).weighing(Severity::Error).help(help))
    }
}
