//! What the files around a judged one say of its modes: a values file that no cluster gets as it is says none, and one that
//! decides for a release of another file does.

use std::{
    collections::{HashMap, HashSet},
    mem::take,
};

use super::{CheckedFile, Run, sorted};
use crate::{
    allow::Allowances,
    files::cleaned,
    finding::{Finding, Lines, Severity},
    rule::Rule,
    status::{Holder, Noted, Standing},
};

/// Findings about a mode that other files decide.
const OF_OTHERS: [Rule; 2] = [Rule::ModeNotJudged, Rule::ModeElsewhere];
/// Findings about the values of a cluster.
const OF_CLUSTERS: [Rule; 5] =
    [Rule::MissingValue, Rule::MetricsNeedSecrets, Rule::PlaceholderLeft, Rule::ModeNotText, Rule::UnknownMode];

impl Run {
    /// Takes over from the rows of a search which modes are not judged, which are not known for what other files say, and
    /// which are those of releases of other files.
    pub fn take_rows(&mut self, rows: &[Standing]) {
        let mut of_files: HashMap<String, Vec<&Standing>> = HashMap::new();
        let mut decided: HashMap<String, HashSet<usize>> = HashMap::new();
        for row in rows {
            of_files.entry(cleaned(&row.file)).or_default().push(row);
            let place = row.decided_in.as_ref().zip(row.position);
            let overridden = row.overrides.iter().filter(|(file, _)| *file != row.file).map(|(file, at)| (file, *at));
            for (file, at) in place.into_iter().chain(overridden).filter(|_| row.mode.is_some()) {
                decided.entry(cleaned(file)).or_default().insert(at.line);
            }
        }
        for file in &mut self.files {
            let name = cleaned(&file.name);
            if let Some(lines) = decided.get(&name) {
                file.decides(lines);
            }
            if let Some(rows) = of_files.get(&name) {
                file.take_over_rows(rows);
            }
        }
    }
}

impl CheckedFile {
    /// Takes out that modes are not judged which are of releases of other files, and decide there or are overridden: in
    /// these lines.
    fn decides(&mut self, lines: &HashSet<usize>) {
        let places = Lines::of(&self.text);
        let is_decided = |finding: &Finding| {
            let line = finding.span.as_ref().map(|span| places.position(span.start).line);
            finding.rule == Rule::ModeNotJudged && line.is_some_and(|line| lines.contains(&line))
        };
        self.findings.retain(|finding| !is_decided(finding) && finding.rule != Rule::ForeignValues);
    }

    fn take_over_rows(&mut self, rows: &[&Standing]) {
        if rows.iter().all(|row| row.mode.is_none()) {
            self.mode = None;
        }
        if rows.iter().all(|row| row.holder == Holder::Mention) {
            self.clusters.clear();
            self.findings.retain(|finding| !OF_CLUSTERS.contains(&finding.rule));
        }
        let places = Lines::of(&self.text);
        let start = |finding: &Finding| finding.span.as_ref().map(|span| places.position(span.start).line);
        let told: HashSet<(Rule, Option<usize>)> = self.findings.iter().map(|it| (it.rule, start(it))).collect();
        let is_told = |rule, line: Option<usize>| told.contains(&(rule, line)) || told.contains(&(rule, None));
        let unknown = rows.iter().filter(|row| row.mode.is_none()).flat_map(|row| &row.findings);
        let is_own = |file: &String| cleaned(file) == cleaned(&self.name);
        let of_others = unknown.filter(|noted| {
            let line = noted.region.as_ref().map(|region| region.start.line);
            let is_new = OF_OTHERS.contains(&noted.finding.rule) && !is_told(noted.finding.rule, line);
            is_new && noted.finding.file.as_ref().is_none_or(is_own)
        });
        let at_its_place = |Noted { finding, region }: &Noted| {
            let finding = finding.clone().weighing(Severity::Info).in_file(&self.name);
            Finding { span: region.as_ref().map(|region| places.bytes(region)), ..finding }
        };
        let more: Vec<Finding> = of_others.map(at_its_place).collect();
        if !more.is_empty() {
            let more = Allowances::read(&self.text).applied_to(more);
            self.findings = sorted(take(&mut self.findings).into_iter().chain(more).collect(), &self.name);
        }
    }
}
