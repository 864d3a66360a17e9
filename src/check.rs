//! A values file judged: everything that is wrong with it, in the order in which it stands there.

mod run;

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashSet},
    ops::Range,
};

use serde_json::Value;

pub use run::{CheckedFile, Run};

use crate::{
    allow::Allowances,
    change::{self, Before},
    chart::{self, values},
    compat::{CompatibilityMatrix, Question},
    finding::{Finding, Severity},
    mode::ClusterMode,
    overrides::effective,
    place::{
        Dependency, Holder, Look, Pin, Place, Rank, Sources, Stands, clusters, complete_sops_command, dependency,
        foreign_object, is_about_lines, unread,
    },
    rule::Rule,
    step::Source,
    version::{ChartVersion, PceVersion},
    yaml::{Document, Reading},
};

/// What is known beside the file.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'c> {
    /// The chart version the release runs.
    pub version: Option<&'c ChartVersion>,
    /// The version of the PCE.
    pub pce_version: Option<PceVersion>,
    /// Which versions fit together.
    pub matrix: &'c CompatibilityMatrix,
    /// What the chart's values look like.
    pub schema: &'c values::Schema,
    /// Mandatory values may come from elsewhere.
    pub is_partial: bool,
    /// Files that do not look like this chart's are judged, too.
    pub judges_all: bool,
    /// The `Chart.yaml` beside the file. Where it depends on Illumio's chart, the file holds an umbrella chart's values.
    pub chart: Option<Source<'c>>,
    /// Where the file is a manifest, those of the files that it takes values from which could be read, as
    /// [`files_beside`](crate::place::files_beside) tells them: any other is not there. Nothing where nobody looked.
    pub beside: Option<&'c [Source<'c>]>,
}

/// What there is to say of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The mode it says; nothing where it does not tell.
    pub mode: Option<ClusterMode>,
    /// What is wrong, in order.
    pub findings: Vec<Finding>,
}

/// Judges a file; nothing where it does not look like a values file of this chart.
///
/// A file looks like one if one of the chart's distinguishing keys stands at its root: `clusterMode` in any spelling,
/// `pce_url`, `cluster_id`, `cluster_token`, `cluster_code`. A file that cannot be read looks like one if such a key
/// begins one of its lines.
///
/// A place in a manifest is judged together with the files that the manifest takes values from; each finding has the file
/// that it is about.
///
/// ```
/// use helm_clas::{
///     CompatibilityMatrix, Rule, Source,
///     chart::values::Schema,
///     check::{Circumstances, check},
/// };
///
/// let circumstances = Circumstances {
///     version: None,
///     pce_version: None,
///     matrix: &CompatibilityMatrix::shipped(),
///     schema: &Schema::shipped(),
///     is_partial: true,
///     judges_all: false,
///     chart: None,
///     beside: None,
/// };
/// let judged = check(Source { name: "values.yaml", bytes: b"clusterMode: klas\n" }, &circumstances).unwrap();
/// assert_eq!(judged.findings[0].rule, Rule::UnknownMode);
/// assert_eq!(check(Source { name: "values.yaml", bytes: b"replicas: 2\n" }, &circumstances), None);
/// ```
#[must_use]
pub fn check(source: Source<'_>, circumstances: &Circumstances<'_>) -> Option<Judgement> {
    check_change(source, None, circumstances)
}

/// The same, and how the file changed where it is known what there was before.
///
/// What a file was does not make it this chart's: one that shows none of the distinguishing keys any more is not judged.
#[must_use]
pub fn check_change(
    source: Source<'_>,
    before: Option<&Before<'_>>,
    circumstances: &Circumstances<'_>,
) -> Option<Judgement> {
    let judges_all = circumstances.judges_all;
    if !judges_all && !chart::may_hold_place(source.bytes) {
        return None;
    }
    let umbrella = circumstances.chart.and_then(Umbrella::of);
    let text = match source.text() {
        Ok(text) => text,
        // what is no text is told by what can be read of it: UTF-16 keeps a zero beside each letter
        Err(finding) => {
            let letters: String =
                source.bytes.iter().filter(|b| b.is_ascii() && **b != 0).map(|b| char::from(*b)).collect();
            let is_ours = judges_all || chart::looks_like_values(&letters);
            return is_ours.then(|| Judgement::refusing(finding, source));
        }
    };
    let read = Document::read(text);
    let mut places = Vec::new();
    if read.as_ref().map_or(true, Place::may_be_manifest) {
        places = Place::in_manifest(text);
    }
    let mut reading = Reading::of(text);
    let mut findings = Vec::new();
    if places.is_empty() {
        let document = match read {
            Ok(document) => document,
            Err(finding) if judges_all || chart::looks_like_values(text) => {
                let finding = unread(finding, source.name, text);
                let severity = if is_about_lines(&finding) { Severity::Warning } else { finding.severity };
                return Some(Judgement::refusing(finding.weighing(severity), source));
            }
            Err(_) => return None,
        };
        let below = match &umbrella {
            Some(umbrella) => vec![umbrella.dependency.key.clone()],
            None => Place::below(std::slice::from_ref(&document)),
        };
        let names = document.names_at(below.iter().map(String::as_str));
        if !judges_all && !names.into_iter().any(chart::is_distinguishing) {
            return None;
        }
        let mut place = Place::in_values(&document, &below);
        if !judges_all && foreign_object(&document, &below, &place, false).is_some() {
            return None;
        }
        place.hide_if_template(source.name, text);
        findings.extend(duplicates(&document, &place.findings));
        places.push(place);
        reading = Reading::having(document);
    }
    let beside = circumstances.beside.unwrap_or_default();
    let sources: Vec<Source<'_>> = [source].into_iter().chain(beside.iter().copied()).collect();
    let sources = Sources::of(&sources);
    let mut modes: Vec<Option<ClusterMode>> = Vec::new();
    for place in clusters(places) {
        let judging = Judging {
            umbrella: umbrella.as_ref(),
            circumstances,
            version: version_of(&place, umbrella.as_ref(), circumstances),
        };
        findings.extend(judging.values(&place, &mut reading));
        let (number, place) = match place.holder {
            Holder::Manifest(_) => {
                findings.extend(judging.named(&place, &sources));
                place.among(&sources)
            }
            Holder::Values | Holder::Option => (0, place),
        };
        let is_absent = |span: &Option<Range<usize>>| {
            findings.iter().any(|finding: &Finding| finding.rule == Rule::MissingFile && finding.span == *span)
        };
        let mut of_place = judging.place(&place, sources[number].name);
        of_place.retain(|finding| finding.rule != Rule::ModeElsewhere || !is_absent(&finding.span));
        findings.extend(of_place);
        modes.push(place.effective_mode());
    }
    findings.extend(before.into_iter().flat_map(|before| change::judge(before, source, circumstances.chart)));
    let of_others = findings.extract_if(.., |finding| finding.file.as_deref().is_some_and(|file| file != source.name));
    let of_others: Vec<Finding> = of_others.collect();
    // a file with several clusters counts as the one that is on its way, if one is
    modes.sort_by_key(|mode| !mode.is_some_and(ClusterMode::is_migrating));
    let could_fire = |rule| could_fire(rule, before.is_some(), circumstances);
    let mut findings = in_order(findings, text, source.name, could_fire);
    let of_chart = umbrella.iter().map(|umbrella| (umbrella.file, umbrella.text));
    for (file, text) in of_chart.chain(beside.iter().map(|source| (source.name, source.text().unwrap_or_default()))) {
        let of_it = of_others.iter().filter(|finding| finding.file.as_deref() == Some(file));
        // what is said of another file is mended there
        let of_it = of_it.map(|finding| Finding { fix: None, ..finding.clone() }).collect();
        findings.extend(sorted(Allowances::read(text).applied_to(of_it), file));
    }
    Some(Judgement { mode: modes.first().copied().flatten(), findings })
}

/// The umbrella chart to which a values file belongs.
struct Umbrella<'c> {
    /// The name of its `Chart.yaml`.
    file: &'c str,
    text: &'c str,
    dependency: Dependency,
}

impl<'c> Umbrella<'c> {
    /// What a `Chart.yaml` says; nothing where it has nothing to do with Illumio's chart. One that cannot be read is for
    /// Helm to complain of: the values are judged by themselves then.
    fn of(chart: Source<'c>) -> Option<Self> {
        let text = chart.text().ok()?;
        Some(Self { file: chart.name, text, dependency: dependency(text).ok()?? })
    }
}

/// The version that stands beside a place, or in the umbrella chart.
fn pin_of<'p>(place: &'p Place, umbrella: Option<&'p Umbrella<'_>>) -> Option<&'p Pin> {
    place.version.as_ref().or_else(|| umbrella?.dependency.version.as_ref())
}

/// What a place is judged with.
struct Judging<'j> {
    umbrella: Option<&'j Umbrella<'j>>,
    circumstances: &'j Circumstances<'j>,
    /// The chart version: the one that is named, or else that beside the values.
    version: Option<ChartVersion>,
}

impl Judging<'_> {
    /// What there is to say of a place: of its mode, and of the chart version beside it.
    fn place(&self, place: &Place, file: &str) -> Vec<Finding> {
        let circumstances = self.circumstances;
        let mut findings = place.findings.clone();
        // a manifest need not say the mode; only who takes a step must know it
        for finding in findings.iter_mut().filter(|finding| finding.rule == Rule::ModeElsewhere) {
            finding.severity = finding.severity.min(Severity::Info);
        }
        for finding in findings.iter_mut().filter(|finding| is_about_lines(finding)) {
            finding.severity = Severity::Warning;
        }
        let of_umbrella = self.umbrella.filter(|_| place.version.is_none());
        let pin = pin_of(place, self.umbrella);
        let at_pin = |finding: Finding| {
            let of_pin = pin.and_then(|pin| pin.file.clone());
            let file = finding.file.or(of_pin).or_else(|| of_umbrella.map(|umbrella| umbrella.file.to_owned()));
            Finding { span: pin.and_then(|pin| pin.span.clone()), file, ..finding }
        };
        if let Some(Err(error)) = pin.map(|pin| pin.text.parse::<ChartVersion>()) {
            let finding = Finding::new(Rule::VersionNotExact, format!("the version beside the values: {error}"));
            findings.push(at_pin(finding.help("write the one exact version that runs")));
        }
        let mode = place.effective_mode();
        if let (Some(mode), Some(chart), Some(pce)) = (mode, &self.version, circumstances.pce_version) {
            let network_type = place.network_type.as_deref();
            let question = Question { chart, pce, modes: [mode, mode], is_way_back: false, network_type };
            let is_about_pin = |finding: &Finding| circumstances.version.is_none() && finding.rule == Rule::ChartTooOld;
            let judged = circumstances.matrix.judge(&question).into_iter();
            findings.extend(judged.map(|finding| if is_about_pin(&finding) { at_pin(finding) } else { finding }));
        }
        if let (Some(mode), Some(span)) = (mode.filter(|mode| mode.is_migrating()), &place.span) {
            let message = format!("the cluster is between two modes: `{mode}`");
            let help = "go on, or back, once every workload is active; nothing is documented on how long it may stay";
            findings.push(Finding::new(Rule::LeftInMigration, message).help(help).at(span.clone()).in_file(file));
        }
        findings
    }

    /// What there is to say of the values around the mode of a place.
    fn values(&self, place: &Place, reading: &mut Reading<'_>) -> Vec<Finding> {
        let Circumstances { schema, is_partial, .. } = *self.circumstances;
        // a controller may take the others from elsewhere: from files, ConfigMaps, Secrets
        let is_manifest = place.holder != Holder::Values;
        place.judged_around(reading, |document, below| {
            let mut findings = values::check(document, below, schema, is_partial || is_manifest, self.version.as_ref());
            // and what it fills in is not there to be judged
            findings.retain(|finding| !(is_manifest && is_filled_in(finding, document)));
            findings
        })
    }

    /// What there is to say of the files that a place in a manifest, the first of some sources, takes values from: that one
    /// is not there, what is wrong with the values of each, and what is missing in all of them together.
    fn named(&self, place: &Place, sources: &Sources<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut read = Vec::new();
        let mut seen = BTreeSet::new();
        for named in &place.named {
            match named.look(sources) {
                Look::Read(number, place) => {
                    // the chart's own file says what is to be filled in
                    let is_of_chart = named.is_optional && matches!(named.stands, Stands::InRepository(_));
                    read.push((named.rank, number, place));
                    seen.extend(is_of_chart.then_some(number));
                }
                Look::Absent if self.circumstances.beside.is_some() && !named.is_optional => {
                    let message = format!("{} is not there, or not in this checkout", named.shown);
                    let help = "write its path from here, or leave it out: the controller stops where it is not there";
                    let finding = Finding::new(Rule::MissingFile, message).help(help).at(named.span.clone());
                    findings.push(finding.in_file(sources[0].name));
                }
                Look::Absent | Look::Broken(..) | Look::Hidden(..) | Look::Unread(_) => {}
            }
        }
        read.sort_by_key(|(rank, ..)| *rank);
        for (_, number, place) in &read {
            if seen.insert(*number) {
                let source = sources[*number];
                let mut reading = Reading::of(source.text().unwrap_or_default());
                let found = self.of_part(place, &mut reading).into_iter();
                findings.extend(found.map(|finding| finding.in_file(source.name)));
            }
        }
        if !self.circumstances.is_partial && !read.is_empty() && read.len() == place.named.len() {
            findings.extend(self.missing(place, &read, sources));
        }
        findings
    }

    /// What there is to say of the values of a file that a manifest takes some from.
    fn of_part(&self, part: &Place, reading: &mut Reading<'_>) -> Vec<Finding> {
        part.judged_around(reading, |document, below| {
            let mut findings = values::check(document, below, self.circumstances.schema, true, self.version.as_ref());
            findings.retain(|finding| !is_filled_in(finding, document));
            findings.extend(duplicates(document, &part.findings));
            findings
        })
    }

    /// What is missing in all the values that a manifest takes, its own among them.
    fn missing(&self, place: &Place, read: &[(Rank, usize, Box<Place>)], sources: &[Source<'_>]) -> Vec<Finding> {
        let schema = self.circumstances.schema;
        let (mut all, mut blank) = (Vec::new(), Vec::new());
        for (_, number, part) in read {
            let source = sources[*number];
            let values = RefCell::new(Value::Null);
            let found = part.judged_around(&mut Reading::of(source.text().unwrap_or_default()), |document, below| {
                *values.borrow_mut() = document.values_at(below.iter().map(String::as_str)).unwrap_or_default();
                values::check(document, below, schema, false, None)
            });
            let is_blank = |finding: &Finding| finding.rule == Rule::MissingValue && finding.span.is_some();
            blank.extend(found.into_iter().filter(is_blank).map(|finding| finding.in_file(source.name)));
            all.push(values.into_inner());
        }
        let mut together = effective(&all, &[]).unwrap_or_default();
        for name in &place.own {
            if let Some(values) = together.as_object_mut() {
                values.entry(name.as_str()).or_insert_with(|| "given".into());
            }
        }
        let mut missing = values::missing(&together, schema);
        missing.retain(|finding| {
            finding.rule == Rule::MissingValue
                || !place.own.iter().any(|name| ["metrics", "influxdb"].contains(&name.as_str()))
        });
        let named = place.named.first().map(|named| named.span.clone());
        let placed = |finding: Finding| match blank.iter().rfind(|blank| blank.message == finding.message) {
            Some(blank) => blank.clone(),
            None => Finding { span: named.clone(), ..finding.in_file(sources[0].name) },
        };
        missing.into_iter().map(placed).collect()
    }
}

/// Whether a finding is about a value that a template or a variable stands for.
fn is_filled_in(finding: &Finding, document: &Document<'_>) -> bool {
    let judged = finding.span.clone().and_then(|span| document.text().get(span));
    judged.is_some_and(|judged| judged.contains("{{") || judged.contains("${"))
}

/// The version that a place is judged with.
fn version_of(
    place: &Place,
    umbrella: Option<&Umbrella<'_>>,
    circumstances: &Circumstances<'_>,
) -> Option<ChartVersion> {
    let pinned = || pin_of(place, umbrella)?.text.parse().ok();
    circumstances.version.cloned().or_else(pinned)
}

/// Whether a rule was looked at: what is not asked of this run is no reason to call a comment that allows it unused.
fn could_fire(rule: Rule, judges_change: bool, circumstances: &Circumstances<'_>) -> bool {
    match rule {
        Rule::SkippedMigration | Rule::WrongStep | Rule::ModeAndVersionTogether => judges_change,
        Rule::MissingValue => !circumstances.is_partial,
        Rule::NeedsNewerChart | Rule::StaleStorageImage => circumstances.version.is_some(),
        Rule::ChartTooOld | Rule::PceTooOld | Rule::FlatNetworkInClas => {
            circumstances.version.is_some() && circumstances.pce_version.is_some()
        }
        _ => true,
    }
}

impl Judgement {
    /// What there is to say of a file that cannot be read.
    fn refusing(finding: Finding, source: Source<'_>) -> Self {
        Self { mode: None, findings: vec![finding.in_file(source.name)] }
    }

    /// The weightiest finding's weight.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}

/// What a comment allows is taken out; the rest stands in the order of the file, what is about all of it first, and
/// nothing twice.
fn in_order(findings: Vec<Finding>, text: &str, file: &str, could_fire: impl Fn(Rule) -> bool) -> Vec<Finding> {
    let mut allowances = Allowances::read(text);
    let mut left = allowances.applied_to(findings);
    left.extend(allowances.unused(text, could_fire));
    sorted(left, file)
}

/// The findings of a file in its order, and nothing twice.
fn sorted(mut left: Vec<Finding>, file: &str) -> Vec<Finding> {
    left.sort_by_key(|finding| (finding.span.as_ref().map(|span| span.start), finding.rule));
    left.dedup_by(|one, other| one.rule == other.rule && one.span == other.span && one.message == other.message);
    let mut left: Vec<Finding> = left.into_iter().map(|finding| finding.in_file(file)).collect();
    for finding in &mut left {
        complete_sops_command(finding, None);
    }
    left
}

/// Keys given twice, but those that were reported already.
fn duplicates(document: &Document<'_>, reported: &[Finding]) -> Vec<Finding> {
    let reported: HashSet<&Option<Range<usize>>> = reported.iter().map(|finding| &finding.span).collect();
    document.duplicates().into_iter().filter(|finding| !reported.contains(&finding.span)).collect()
}
