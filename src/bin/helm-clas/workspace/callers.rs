//! [`Callers`]: which files of a checkout run which others, and for which clusters.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use helm_clas::{
    Reach,
    look::{Runs, fits_pattern, hidden_jobs},
    status::{Holder, IN_HELMFILE, IN_SCRIPT, IN_TASK, Standing},
};

use super::Checkout;
use crate::{outside::files, paths};

/// What files run, each with the file that does.
#[derive(Default)]
pub(super) struct Callers {
    /// Each with the path of its own file from the top of the checkout.
    all: Vec<(String, Runs)>,
    /// By the path of what is run.
    by_path: HashMap<String, Vec<usize>>,
    /// By patterns of that.
    patterns: Vec<(String, usize)>,
    /// By the name of a hidden job.
    by_job: HashMap<String, Vec<usize>>,
}

/// The clusters that parts of a file are run for, and what says which, by the names of the parts.
type Parts = BTreeMap<String, (Vec<String>, Vec<String>)>;

impl Callers {
    /// Takes what a file runs.
    pub(super) fn take(&mut self, file: &Path, runs: Vec<Runs>) {
        let Some(path) = from_top(file).filter(|_| !runs.is_empty()) else { return };
        for run in runs {
            let number = self.all.len();
            for path in run.paths(&path) {
                if path.contains('*') {
                    self.patterns.push((path, number));
                } else {
                    self.by_path.entry(path).or_default().push(number);
                }
            }
            if let Some(job) = run.job() {
                self.by_job.entry(job.to_owned()).or_default().push(number);
            }
            self.all.push((path.clone(), run));
        }
    }

    /// Says of the releases of what is run for several clusters that no step moves one of them alone.
    pub(super) fn tell(&self, rows: &mut [Standing]) {
        if self.all.is_empty() {
            return;
        }
        let mut known: HashMap<(String, Vec<String>), Reach> = HashMap::new();
        let is_open = |row: &Standing| matches!(row.holder, Holder::Manifest(title) if RUN.contains(&title));
        let mut counts: HashMap<String, usize> = HashMap::new();
        rows.iter().filter(|row| is_open(row)).for_each(|row| *counts.entry(row.file.clone()).or_default() += 1);
        for row in rows.iter_mut().filter(|row| is_open(row) && row.context.is_none()) {
            let targets = row.cluster.release.as_ref().map(|release| release.parts.clone()).unwrap_or_default();
            let is_alone = counts[&row.file] == 1;
            let reach = known
                .entry((row.file.clone(), targets))
                .or_insert_with_key(|(file, targets)| self.reach_of(file, row.holder, (targets, is_alone)));
            if *reach != Reach::One {
                row.is_run_for(reach.clone());
            }
        }
    }

    /// The clusters that a file is run for, or a command of it that some targets have. Where a script has no other, each
    /// run is one of that.
    fn reach_of(&self, file: &str, holder: Holder, (targets, is_alone): (&[String], bool)) -> Reach {
        let Some(path) = from_top(Path::new(file)) else { return Reach::One };
        let bytes = files::read(file).unwrap_or_default();
        let has = |word: &str| memchr::memmem::find(&bytes, word.as_bytes()).is_some();
        // a task that runs on one of the hosts, and a helmfile whose context is not that of its caller
        let is_once = holder == Holder::Manifest(IN_TASK) && has("run_once");
        let is_apart = holder == Holder::Manifest(IN_HELMFILE) && has("kubeContext") && !has(".Values");
        if is_once || is_apart {
            return Reach::One;
        }
        let parts = self.parts(&path, &bytes, 0, &mut HashMap::new());
        let is_script = [".sh", ".bash", ".zsh", ".ksh"].iter().any(|ending| path.ends_with(ending));
        let is_of_command = |part: &str| {
            is_alone && is_script || part.split_whitespace().any(|word| targets.iter().any(|target| target == word))
        };
        let (own, others): (Parts, Parts) = parts.into_iter().partition(|(part, _)| is_of_command(part));
        let (mut clusters, mut all) = (Vec::new(), Vec::new());
        for (of_part, all_of) in own.into_values() {
            clusters.extend(of_part);
            all.extend(all_of);
        }
        clusters.sort();
        clusters.dedup();
        let reach = |(clusters, all): (Vec<String>, Vec<String>)| {
            all.into_iter().min().map_or_else(|| Reach::of(clusters), Reach::AllOf)
        };
        let mut each = std::iter::once((clusters, all)).chain(others.into_values()).map(reach);
        each.find(|reach| *reach != Reach::One).unwrap_or_default()
    }

    /// The clusters that the parts of a file are run for, or the file that runs it. Each file is looked at once; what is
    /// being looked at has no parts yet.
    fn parts(&self, path: &str, bytes: &[u8], depth: usize, known: &mut HashMap<String, Parts>) -> Parts {
        const DEEPEST: usize = 8;
        if let Some(parts) = known.get(path) {
            return parts.clone();
        }
        let mut parts = Parts::new();
        if depth >= DEEPEST {
            return parts;
        }
        known.insert(path.to_owned(), Parts::new());
        let whole = format!("/{path}");
        let of_pattern = self.patterns.iter().filter(|(pattern, _)| fits_pattern(pattern, &whole));
        let jobs = if self.by_job.is_empty() { Vec::new() } else { hidden_jobs(bytes) };
        let of_jobs = jobs.iter().filter_map(|job| self.by_job.get(job)).flatten();
        let numbers = self.by_path.get(&whole).into_iter().flatten().chain(of_pattern.map(|(_, number)| number));
        for number in numbers.chain(of_jobs) {
            let (caller, run) = &self.all[*number];
            let (clusters, all) = parts.entry(run.part.clone()).or_default();
            clusters.extend(run.clusters.iter().cloned());
            all.extend(run.all_of.clone());
            if run.clusters.is_empty() && run.all_of.is_none() && caller != path {
                for (of_caller, all_of) in self.parts(caller, &[], depth + 1, known).into_values() {
                    clusters.extend(of_caller);
                    all.extend(all_of);
                }
            }
        }
        for (clusters, all) in parts.values_mut() {
            for names in [clusters, all] {
                names.sort();
                names.dedup();
            }
        }
        known.insert(path.to_owned(), parts.clone());
        parts
    }
}

/// What is run by another file, and has no cluster of its own where it names none.
const RUN: [&str; 3] = [IN_SCRIPT, IN_HELMFILE, IN_TASK];

/// The path of a file from the top of its checkout.
fn from_top(file: &Path) -> Option<String> {
    let whole = paths::real(file).ok()?;
    let checkout = Checkout::of(file, &[])?;
    Some(paths::name(whole.strip_prefix(checkout.top()).ok()?))
}
