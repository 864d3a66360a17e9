//! [`Run`]: the files that were judged together, and findings about all of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use super::sorted;
use crate::{
    called::Called,
    chart::secrets::Brought,
    cluster::{Claim, disputed},
    files::cleaned,
    finding::{Finding, Related, Severity, Unjudged},
    mode::ClusterMode,
    rule::Rule,
    shown::first,
};

/// The judged files of one run, as every report takes them.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// What this program is called.
    pub called: Called,
    /// The files, in the order in which they were given.
    pub files: Vec<CheckedFile>,
    /// How many more were given that are not this chart's.
    pub skipped: usize,
    /// What is about no file, or about several.
    pub findings: Vec<Finding>,
    /// The files of clusters between two modes that stand elsewhere in the checkout.
    pub migrating_elsewhere: Vec<String>,
    /// The ids of the clusters that stand elsewhere in the checkout.
    pub clusters_elsewhere: Vec<Claim>,
    /// Where the reports' paths begin; nothing where the files are in no checkout.
    pub base: Option<Base>,
    /// What could not be judged, so that nothing found does not mean that nothing is wrong.
    pub unjudged: Vec<Unjudged>,
    /// How many more there are, by weight, that are counted and not shown.
    pub left_out: BTreeMap<Severity, usize>,
}

/// Where the paths of reports begin: at the top of each file's checkout, whatever folder the run was started in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Base {
    /// Folders of checkouts, from the root of the file system and with slashes, each with its path from the top, which is
    /// empty for the top itself. The first that a file is below counts.
    pub folders: Vec<(String, String)>,
    /// The folder of the run, in the same form.
    pub here: String,
}

impl Base {
    /// The path of a file or a folder from the root of the file system, without `.` and `..`.
    #[must_use]
    pub fn whole(&self, name: &str) -> String {
        let is_absolute = name.starts_with('/') || name.as_bytes().get(1) == Some(&b':');
        if is_absolute { cleaned(name) } else { cleaned(&format!("{}/{name}", self.here)) }
    }

    /// The path of a file from the top; nothing where it is not below.
    pub(crate) fn path_of(&self, name: &str) -> Option<String> {
        let whole = self.whole(name);
        let inside = |folder: &str| whole.strip_prefix(folder.trim_end_matches('/'))?.strip_prefix('/');
        let found = self.folders.iter().find_map(|(folder, path)| Some((path, inside(folder)?)));
        let (path, inside) = found.filter(|(_, inside)| !inside.is_empty())?;
        Some(if path.is_empty() { inside.to_owned() } else { format!("{path}/{inside}") })
    }
}

/// A judged file.
#[derive(Clone, Debug, Default)]
pub struct CheckedFile {
    /// Its name, as given.
    pub name: String,
    /// Its text, for the lines that are shown of it; empty where it is not text.
    pub text: String,
    /// The mode it says; nothing where it does not tell.
    pub mode: Option<ClusterMode>,
    /// The clusters that it brings and that are between two modes, by the names of their releases.
    pub migrating: Vec<String>,
    /// What is wrong with it, in order.
    pub findings: Vec<Finding>,
    /// The clusters whose values it holds, by their ids.
    pub clusters: Vec<Claim>,
    /// The bytes of other files that its releases take the mode from, or that findings about them are in, by the names
    /// of these.
    pub judges: Vec<(String, Range<usize>)>,
    /// How many of them `--fix` repairs.
    pub mendable: usize,
    /// How many it repaired.
    pub repaired: usize,
    /// What its files bring to secret names from one another.
    pub brought: Brought,
    /// The names and the texts of the other files that its findings are about.
    pub others: Vec<(String, String)>,
    /// The names of the files that it takes values from, where it is a manifest.
    pub takes_from: Vec<String>,
    /// Whether its values are part of a whole that is judged in the same run, and so no cluster of their own.
    pub is_part: bool,
}

impl CheckedFile {
    /// Takes over what a manifest that takes its values says of it.
    fn take_over(&mut self, findings: Vec<Finding>) {
        self.is_part = true;
        let is_of_whole = |finding: &Finding| [Rule::MissingValue, Rule::MetricsNeedSecrets].contains(&finding.rule);
        self.findings.retain(|finding| !is_of_whole(finding));
        for finding in findings {
            let is_same = |own: &&mut Finding| own.rule == finding.rule && own.span == finding.span;
            match self.findings.iter_mut().find(is_same) {
                Some(own) => own.severity = own.severity.min(finding.severity),
                None => self.findings.push(finding.in_file(&self.name)),
            }
        }
        // findings about other files stay with those
        let is_of_other = |finding: &mut Finding| finding.file.as_ref().is_some_and(|file| *file != self.name);
        let of_others: Vec<Finding> = self.findings.extract_if(.., is_of_other).collect();
        self.findings = sorted(std::mem::take(&mut self.findings), &self.name);
        self.findings.extend(of_others);
    }

    /// The text of a file that its findings are about.
    #[must_use]
    pub fn text_of(&self, name: &str) -> Option<&str> {
        let other = self.others.iter().find(|(other, _)| other == name);
        other.map(|(_, text)| text.as_str()).or_else(|| (name == self.name).then_some(&self.text))
    }
}

impl Run {
    /// All findings: those of each file, then the others.
    pub fn all_findings(&self) -> impl Iterator<Item = &Finding> {
        self.files.iter().flat_map(|file| &file.findings).chain(&self.findings)
    }

    /// The text of a file by its name.
    #[must_use]
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.files.iter().find(|file| file.name == name).map(|file| file.text.as_str())
    }

    /// Removes findings that are reported twice: of a `Chart.yaml`, beside each of several files; of a file that a
    /// manifest takes values from, and that is judged as well. Such a file is part of a whole, so nothing is missing in
    /// it by itself, and how much a finding weighs in the whole counts.
    pub fn say_once(&mut self) {
        let names: BTreeMap<String, usize> =
            self.files.iter().enumerate().map(|(number, file)| (cleaned(&file.name), number)).collect();
        for whole in 0..self.files.len() {
            for name in self.files[whole].takes_from.clone() {
                let Some(part) = names.get(&cleaned(&name)).copied().filter(|part| *part != whole) else { continue };
                let of_part = self.files[whole].findings.extract_if(.., |finding| finding.file.as_ref() == Some(&name));
                let of_part: Vec<Finding> = of_part.collect();
                self.files[part].take_over(of_part);
            }
        }
        self.take_out_judged();
        let mut said = BTreeSet::new();
        for CheckedFile { name, findings, .. } in &mut self.files {
            findings.retain(|finding| {
                let file = finding.file.as_ref().filter(|file| *file != name);
                let start = finding.span.as_ref().map(|span| span.start);
                file.is_none_or(|file| said.insert((file.clone(), finding.rule, start, finding.message.clone())))
            });
        }
    }

    /// Takes out the modes that are not judged in their file, and are where a release of another one takes its mode
    /// from.
    fn take_out_judged(&mut self) {
        let all = self.files.iter_mut().flat_map(|file| std::mem::take(&mut file.judges));
        let mut judged: BTreeMap<String, Vec<Range<usize>>> = BTreeMap::new();
        for (name, span) in all {
            judged.entry(cleaned(&name)).or_default().push(span);
        }
        for CheckedFile { name, findings, .. } in &mut self.files {
            let Some(spans) = judged.get(&cleaned(name)) else { continue };
            let is_within = |span: &Range<usize>| spans.iter().any(|it| it.start < span.end && span.start < it.end);
            findings.retain(|it| it.rule != Rule::ModeNotJudged || !it.span.as_ref().is_some_and(is_within));
        }
    }

    /// How many findings weigh this much.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        let shown = self.all_findings().filter(|finding| finding.severity == severity).count();
        shown + self.left_out.get(&severity).copied().unwrap_or_default()
    }

    /// Leaves out all findings but the first `most`, errors before warnings; they still count. How many those are.
    ///
    /// ```
    /// use helm_clas::{Finding, Rule, Severity, check::Run};
    ///
    /// let findings = vec![Finding::new(Rule::ModeSpelling, "a").weighing(Severity::Warning),
    /// Finding::new(Rule::UnknownMode, "b")]; let mut run = Run { findings, ..Run::default() };
    /// assert_eq!(run.leave_out_beyond(1), 1);
    /// assert_eq!((run.findings[0].rule, run.count(Severity::Warning)), (Rule::UnknownMode, 1));
    /// ```
    pub fn leave_out_beyond(&mut self, most: usize) -> usize {
        let mut room = most;
        let mut shown = BTreeMap::new();
        for severity in [Severity::Error, Severity::Warning, Severity::Info] {
            let count = self.count(severity).min(room);
            room -= count;
            shown.insert(severity, count);
        }
        let left_out = &mut self.left_out;
        let mut is_shown = |finding: &Finding| {
            let left = shown.entry(finding.severity).or_default();
            let is_shown = *left > 0;
            *left = left.saturating_sub(1);
            if !is_shown {
                *left_out.entry(finding.severity).or_default() += 1;
            }
            is_shown
        };
        self.files.iter_mut().for_each(|file| file.findings.retain(&mut is_shown));
        self.findings.retain(&mut is_shown);
        self.left_out.values().sum()
    }

    /// Adds an error for every cluster whose id another one has. A file that is part of another's whole is not a
    /// cluster of its own, and what a file says for several of its releases is reported for each.
    pub fn tell_clusters_apart(&mut self) {
        let of_files = self.files.iter().enumerate().filter(|(_, file)| !file.is_part);
        let here = of_files.flat_map(|(number, file)| file.clusters.iter().map(move |claim| (Some(number), claim)));
        let all: Vec<(Option<usize>, &Claim)> =
            self.clusters_elsewhere.iter().map(|claim| (None, claim)).chain(here).collect();
        let claims: Vec<&Claim> = all.iter().map(|(_, claim)| *claim).collect();
        let mut added: BTreeMap<usize, Vec<Finding>> = BTreeMap::new();
        for numbers in disputed(&claims) {
            let first = &claims[numbers[0]].by;
            for number in numbers {
                let (Some(file), claim) = all[number] else { continue };
                let finding = Some(claim.disputed_by(first)).filter(|_| claim.by != *first);
                added.entry(file).or_default().extend(finding);
            }
        }
        for (number, mut added) in added {
            let file = &mut self.files[number];
            let is_own = |finding: &mut Finding| finding.file.as_ref() == Some(&file.name);
            let own = added.extract_if(.., is_own).collect::<Vec<Finding>>();
            if !own.is_empty() {
                let of_file = file.findings.extract_if(.., is_own).collect::<Vec<Finding>>();
                file.findings.splice(..0, sorted(of_file.into_iter().chain(own).collect(), &file.name));
            }
            file.findings.extend(added);
        }
    }

    /// Adds a warning for every cluster beyond `limit` that is between two modes: the procedure wants one at a time.
    pub fn limit_migrating(&mut self, limit: usize) {
        const SHOWN: usize = 3;
        let is_migrating = |file: &&CheckedFile| !file.is_part && file.mode.is_some_and(ClusterMode::is_migrating);
        let clusters_of = |file: &CheckedFile| match &file.migrating[..] {
            [] | [_] => vec![file.name.clone()],
            several => several.iter().map(|release| format!("{} in {}", release.escape_debug(), file.name)).collect(),
        };
        let files: Vec<String> = self
            .files
            .iter()
            .filter(is_migrating)
            .map(|file| file.name.clone())
            .chain(self.migrating_elsewhere.clone())
            .collect();
        let mut names: Vec<String> = self.files.iter().filter(is_migrating).flat_map(clusters_of).collect();
        if !names.is_empty() {
            names.extend(self.migrating_elsewhere.clone());
        }
        if names.len() <= limit {
            return;
        }
        // one more takes no more room than saying that there is one more
        let names_shown = match names.len().saturating_sub(SHOWN) {
            0 | 1 => names.join(", "),
            _ => first(SHOWN, names.len(), ", ", &names),
        };
        let clusters =
            if names.len() == 1 { "1 cluster is".to_owned() } else { format!("{} clusters are", names.len()) };
        let message = format!("{clusters} between two modes: {names_shown}");
        let help = "the vendor recommends one cluster at a time; --max-migrating allows more";
        let related = Some(Box::new(Related { files }));
        self.findings.push(Finding { related, ..Finding::new(Rule::SeveralClustersMigrating, message).help(help) });
    }

    /// Takes out the findings of these rules. Where a file was judged, a rule that took nothing out leaves a remark.
    ///
    /// ```
    /// use helm_clas::{Finding, Rule, check::Run};
    ///
    /// let mut run = Run { findings: vec![Finding::new(Rule::SeveralClustersMigrating, "two")], ..Run::default() };
    /// run.allow(&[Rule::SeveralClustersMigrating, Rule::UnknownMode]);
    /// assert!(run.findings.is_empty());
    /// ```
    pub fn allow(&mut self, rules: &[Rule]) {
        let found: BTreeSet<Rule> = self.all_findings().map(|finding| finding.rule).collect();
        self.lists_of_findings().for_each(|findings| findings.retain(|finding| !rules.contains(&finding.rule)));
        if self.files.is_empty() || rules.contains(&Rule::UnusedAllow) {
            return;
        }
        let unused: BTreeSet<Rule> = rules.iter().copied().filter(|rule| !found.contains(rule)).collect();
        self.findings.extend(unused.into_iter().map(|rule| {
            Finding::new(Rule::UnusedAllow, format!("`{}` does not occur in this run", rule.name()))
                .help(format!("drop --allow {}", rule.name()))
                .weighing(Severity::Info)
        }));
    }

    /// Makes an error of every warning.
    pub fn take_warnings_for_errors(&mut self) {
        for finding in self.lists_of_findings().flatten() {
            finding.severity = match finding.severity {
                Severity::Warning => Severity::Error,
                severity => severity,
            };
        }
    }

    fn lists_of_findings(&mut self) -> impl Iterator<Item = &mut Vec<Finding>> {
        self.files.iter_mut().map(|file| &mut file.findings).chain([&mut self.findings])
    }
}
