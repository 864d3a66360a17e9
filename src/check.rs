//! A file judged: everything that is wrong with it, in the order of the file.

mod around;
mod complete;
mod run;
mod values;

use std::{collections::HashSet, ops::Range};

pub use crate::finding::Unjudged;
pub use complete::Complete;
pub use run::{Base, CheckedFile, Run};

use self::values::Judging;
use crate::{
    allow::Allowances,
    chart::{self, secrets::hide_at_places, values::Schema},
    cluster::Claim,
    compare,
    compat::CompatibilityMatrix,
    files::{Files, is_of_other_language},
    finding::{Doubt, Finding, Severity},
    mode::ClusterMode,
    overrides::Override,
    release::{Foreign, Mention, Release, is_among_templates, names},
    rendered::{is_template_of_other, is_unread_program},
    resolve::{
        Asked, accounted_elsewhere, broken_manifest, empty_file, is_unrendered, lists_modes, lists_values, may_be_ours,
        mentions, mentions_alone, mentions_in_words, releases_of_manifest, releases_of_values, unread, unread_program,
    },
    rule::Rule,
    source::Source,
    umbrella::Umbrella,
    version::{ChartVersion, PceVersion},
    yaml::Document,
};

/// What is known beside the file.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'c> {
    /// The chart version the release runs.
    pub version: Option<&'c ChartVersion>,
    /// The one that was named for it before, where a change is judged; nothing where none was named then.
    pub version_before: Option<&'c ChartVersion>,
    /// The version of the PCE.
    pub pce_version: Option<PceVersion>,
    /// Which versions fit together.
    pub matrix: &'c CompatibilityMatrix,
    /// What the chart's values look like.
    pub schema: &'c Schema,
    /// Mandatory values may come from elsewhere.
    pub is_partial: bool,
    /// Files that do not look like this chart's are judged, too.
    pub judges_all: bool,
    /// Where the values are, if that was named: keys, or the name of a release in a manifest.
    pub path: Option<&'c str>,
    /// The options beside the values, which override them; a manifest has none.
    pub options: &'c [Result<Override, Finding>],
}

/// Findings about a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// The mode it says; nothing where that is not known.
    pub mode: Option<ClusterMode>,
    /// The clusters that it brings and that are between two modes, by the names of their releases.
    pub migrating: Vec<String>,
    /// What is wrong, in order.
    pub findings: Vec<Finding>,
    /// The clusters that it says the ids of.
    pub clusters: Vec<Claim>,
    /// The bytes of other files that its releases take the mode from, or that concern them, by the names of these.
    pub judges: Vec<(String, Range<usize>)>,
}

/// Judges a file, by its number; nothing where it does not look like a values file of this chart.
///
/// A file looks like one if one of the chart's distinguishing keys is at its root: `clusterMode` in any spelling,
/// `pce_url`, `cluster_id`, `cluster_token`, `cluster_code`. A file that cannot be read looks like one if such a key
/// begins one of its lines.
///
/// A release in a manifest is judged with all of its layers, those in other files among them; each finding has the file
/// that it is about.
///
/// ```
/// use helm_clas::{
///     CompatibilityMatrix, Files, Rule, Texts,
///     chart::values::Schema,
///     check::{Circumstances, check},
/// };
///
/// let circumstances = Circumstances {
///     version: None,
///     version_before: None,
///     pce_version: None,
///     matrix: &CompatibilityMatrix::shipped(),
///     schema: &Schema::shipped(),
///     is_partial: true,
///     judges_all: false,
///     path: None,
///     options: &[],
/// };
/// let texts = Texts::new();
/// let files = Files::of(&texts, [("values.yaml", "clusterMode: klas\n"), ("other.yaml", "replicas: 2\n")]);
/// assert_eq!(check(&files, 0, &circumstances).unwrap().findings[0].rule, Rule::UnknownMode);
/// assert_eq!(check(&files, 1, &circumstances), None);
/// ```
#[must_use]
pub fn check(files: &Files<'_>, number: usize, circumstances: &Circumstances<'_>) -> Option<Judgement> {
    check_change(files, number, None, circumstances)
}

/// The same, and how the file changed where it is known what there was before: the files of that moment, with the
/// number of this one among them.
///
/// What a file was does not make it this chart's: one that shows none of the distinguishing keys any more is not
/// judged. But where it said a mode before that is not the default, that it says none now is a warning,
/// `mode-not-judged`.
#[must_use]
pub fn check_change<'s>(
    files: &Files<'s>,
    number: usize,
    before: Option<(&Files<'s>, usize)>,
    circumstances: &Circumstances<'_>,
) -> Option<Judgement> {
    judged(files, number, before, circumstances).or_else(|| {
        let (old, old_number) = before?;
        let mode = judged(old, old_number, None, circumstances)?.mode.filter(|mode| *mode != ClusterMode::Legacy)?;
        let said = format!("before this change the file said `{mode}`, and now it has no values of the Illumio chart");
        let finding = Finding::new(Rule::ModeNotJudged, said)
            .weighing(Severity::Warning)
            .help("check which mode its cluster gets now: without one it is `legacy`")
            .in_file(files.name(number));
        Some(Judgement { findings: vec![finding], ..Judgement::default() })
    })
}

/// Those of some findings that are about another file, as far as its comments allow: they are repaired there.
fn about(source: Source<'_>, findings: &[Finding]) -> Vec<Finding> {
    let of_it = findings.iter().filter(|finding| finding.file.as_deref() == Some(source.name));
    let of_it: Vec<Finding> = of_it.map(|finding| Finding { fix: None, ..finding.clone() }).collect();
    if of_it.is_empty() {
        return of_it;
    }
    sorted(Allowances::read(source.text().unwrap_or_default()).applied_to(of_it), source.name)
}

fn judged<'s>(
    files: &Files<'s>,
    number: usize,
    before: Option<(&Files<'s>, usize)>,
    circumstances: &Circumstances<'_>,
) -> Option<Judgement> {
    let source = files.source(number);
    // its name is all that such a file shows
    let is_sealed = chart::reference::sealed(source.bytes).is_some() && chart::names_illumio(source.name);
    let is_asked = circumstances.judges_all || circumstances.path.is_some();
    if !is_asked && !is_sealed && !may_be_ours(source.bytes) {
        return None;
    }
    let text = match source.text() {
        Ok(text) => text,
        Err(finding) if is_sealed => {
            return Some(Judgement::refusing(finding.weighing(Severity::Warning), source));
        }
        Err(finding) => {
            let program = || unread_program(files, number).map(|finding| Judgement::refusing(finding, source));
            return refused_bytes(finding, source, circumstances).or_else(program);
        }
    };
    let mut findings = Vec::new();
    let mut releases = releases_of_manifest(files, number);
    if releases.is_empty() {
        let of_values = match read_values(files, number, circumstances) {
            Read::Releases(releases) => releases,
            Read::Judgement(judgement) => return Some(judgement),
            Read::Nothing(mentions) if mentions.is_empty() => return None,
            Read::Nothing(mentions) => {
                let findings = mentions.into_iter().map(|mention| mention.finding).collect();
                let findings = in_order(findings, text, source.name, |rule| rule == Rule::ModeNotJudged);
                return Some(Judgement { findings, ..Judgement::default() });
            }
        };
        if let Ok(text) = files.whole(number) {
            let reported: Vec<Finding> = of_values.iter().flat_map(|release| release.mode.findings.clone()).collect();
            findings.extend(duplicates(&text.document, &reported));
        }
        releases = of_values;
    } else if let Some(finding) = broken_manifest(files, number) {
        // who applies a file applies none of it where a part cannot be read
        findings.push(finding);
    }
    if let Some(path) = circumstances.path.filter(|_| releases.iter().any(Release::is_of_manifest)) {
        releases.retain(|release| release.is_called(path));
        if releases.is_empty() {
            return None;
        }
    }
    let mut modes: Vec<Option<ClusterMode>> = Vec::new();
    let (mut clusters, mut judges) = (Vec::new(), Vec::new());
    // what the options set is not missing in the file
    let has_options = !circumstances.options.is_empty() && !releases.iter().any(Release::is_of_manifest);
    let layers = Circumstances { is_partial: circumstances.is_partial || has_options, ..*circumstances };
    for (release, name) in releases.iter().zip(names(&releases)) {
        findings.extend(Judging::of(files, release, &layers).findings());
        if has_options && !circumstances.is_partial {
            findings.extend(complete::missing(release, circumstances).unwrap_or_else(|findings| findings));
        }
        findings.extend(release.mentions.iter().map(|mention| mention.finding.clone()));
        modes.push(release.mode.mode);
        judges.extend(accounted_elsewhere(files, release));
        clusters.extend(Claim::of(files, release).map(|claim| claim.of_release(&name)));
    }
    let named = [circumstances.version_before, circumstances.version];
    findings.extend(before.into_iter().flat_map(|before| compare::judge_named(before, (files, number), named)));
    let is_of_other = |finding: &mut Finding| finding.file.as_deref().is_some_and(|file| file != source.name);
    let of_others: Vec<Finding> = findings.extract_if(.., is_of_other).collect();
    // a file with several clusters counts as the one that is on its way, if one is
    modes.sort_by_key(|mode| !mode.is_some_and(ClusterMode::is_migrating));
    let could_fire = |rule| could_fire(rule, before.is_some(), circumstances);
    let mut findings = in_order(findings, text, source.name, could_fire);
    let others = (0..files.len()).filter(|other| *other != number);
    findings.extend(others.flat_map(|other| about(files.source(other), &of_others)));
    let between = releases.iter().filter(|release| release.mode.mode.is_some_and(ClusterMode::is_migrating));
    let migrating = between.map(|it| it.id.built_in.clone().unwrap_or_else(|| it.id.name.clone())).collect();
    Some(Judgement { mode: modes.first().copied().flatten(), migrating, findings, clusters, judges })
}

/// The result of reading a file that is not a manifest.
enum Read<'s> {
    Releases(Vec<Release<'s>>),
    Judgement(Judgement),
    /// It is not this chart's; what it says of a mode anyway.
    Nothing(Vec<Mention>),
}

fn read_values<'s>(files: &Files<'s>, number: usize, circumstances: &Circumstances<'_>) -> Read<'s> {
    let source = files.source(number);
    let judges_all = circumstances.judges_all;
    if !judges_all && (is_unread_program(source) || is_template_of_other(source.name)) {
        return Read::Nothing(mentions_in_words(files, number));
    }
    if judges_all && source.bytes.is_empty() {
        return Read::Judgement(Judgement::refusing(empty_file(), source));
    }
    if let Some(finding) = unread_program(files, number) {
        return Read::Judgement(Judgement::refusing(finding, source));
    }
    if let Err(finding) = files.whole(number) {
        let text = source.text().unwrap_or_default();
        let is_list = finding.rule == Rule::NotAMapping;
        if !judges_all && is_list && lists_modes(files, number) {
            return Read::Nothing(mentions(files, number, &[]));
        }
        let is_ours = match lists_values(files, number).filter(|_| is_list) {
            Some(is_ours) => is_ours,
            None => chart::looks_like_values(text),
        };
        let is_named = || chart::speaks_of_illumio(source.bytes) || chart::may_mention(source.bytes);
        if let Some(finding) = broken_manifest(files, number).filter(|_| is_named()) {
            return Read::Judgement(Judgement::refusing(finding, source));
        }
        // a template of a chart is YAML once it is rendered, and as it should be
        let is_no_yaml = is_of_other_language(source.name, source.bytes) || is_among_templates(source.name);
        if !judges_all && (is_no_yaml || !is_ours) {
            return Read::Nothing(mentions(files, number, &[]));
        }
        let finding = unread(finding, source.name, text);
        if is_unrendered(source) {
            let said = mentions_in_words(files, number).into_iter().map(|mention| mention.finding);
            let findings = sorted(said.chain([finding]).collect(), source.name);
            return Read::Judgement(Judgement { findings, ..Judgement::default() });
        }
        let severity = if finding.doubt == Some(Doubt::Lines) { Severity::Warning } else { finding.severity };
        return Read::Judgement(Judgement::refusing(finding.weighing(severity), source));
    }
    let asked = Asked { path: circumstances.path, options: circumstances.options };
    let Ok(releases) = releases_of_values(files, &[number], asked) else {
        return Read::Nothing(Vec::new());
    };
    let is_ours = |release: &Release<'_>| {
        let given = release.layers.iter().filter(|layer| !layer.is_of_chart());
        let names: Vec<String> = given.flat_map(|layer| layer.names(&release.below)).collect();
        let is_shown = chart::may_be_its_own(&names);
        is_shown && !matches!(release.foreign, Some(Foreign::Object(_)))
    };
    let is_object = releases.iter().any(|release| matches!(release.foreign, Some(Foreign::Object(_))));
    let is_of_umbrella = || !is_object && Umbrella::has_file(files, number);
    if judges_all || releases.iter().any(is_ours) || is_of_umbrella() {
        Read::Releases(releases)
    } else {
        Read::Nothing(mentions_alone(files, number, releases))
    }
}

/// What is not text is recognised by what can be read of it: UTF-16 keeps a zero beside each letter.
fn refused_bytes(finding: Finding, source: Source<'_>, circumstances: &Circumstances<'_>) -> Option<Judgement> {
    let letters: String = source.bytes.iter().filter(|b| b.is_ascii() && **b != 0).map(|b| char::from(*b)).collect();
    let is_ours = circumstances.judges_all || chart::looks_like_values(&letters);
    is_ours.then(|| Judgement::refusing(finding, source))
}

/// Whether a rule was looked at: what is not asked of this run is not a reason to call a comment that allows it unused.
fn could_fire(rule: Rule, judges_change: bool, circumstances: &Circumstances<'_>) -> bool {
    match rule {
        Rule::SkippedMigration | Rule::WrongStep | Rule::ModeAndVersionTogether | Rule::VersionChangedInMigration => {
            judges_change
        }
        Rule::MissingValue => !circumstances.is_partial,
        Rule::NeedsNewerChart | Rule::StaleStorageImage | Rule::ChartTooOld | Rule::FlatNetworkInClas => {
            circumstances.version.is_some()
        }
        // it is judged over all files of the run, and heeds the comments there
        Rule::DuplicateClusterId => false,
        Rule::PceTooOld => circumstances.pce_version.is_some(),
        _ => true,
    }
}

impl Judgement {
    /// Findings about a file that cannot be read.
    fn refusing(finding: Finding, source: Source<'_>) -> Self {
        Self { findings: vec![finding.in_file(source.name)], ..Self::default() }
    }

    /// The weightiest finding's weight.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}

/// Removes what a comment allows; the rest is in the order of the file, what is about all of it first, and nothing
/// twice.
fn in_order(mut findings: Vec<Finding>, text: &str, file: &str, could_fire: impl Fn(Rule) -> bool) -> Vec<Finding> {
    hide_at_places(&mut findings, text);
    let mut allowances = Allowances::read(text);
    let mut left = allowances.applied_to(findings);
    left.extend(allowances.unused(text, could_fire));
    sorted(left, file)
}

/// The findings of a file in its order, and nothing twice.
fn sorted(mut left: Vec<Finding>, file: &str) -> Vec<Finding> {
    left.sort_by_key(|finding| (finding.span.as_ref().map(|span| span.start), finding.rule));
    left.dedup_by(|one, other| one.rule == other.rule && one.span == other.span && one.message == other.message);
    left.into_iter().map(|finding| finding.in_file(file)).collect()
}

/// Keys given twice, but those that were reported already.
fn duplicates(document: &Document<'_>, reported: &[Finding]) -> Vec<Finding> {
    let reported: HashSet<&Option<Range<usize>>> = reported.iter().map(|finding| &finding.span).collect();
    document.duplicates().into_iter().filter(|finding| !reported.contains(&finding.span)).collect()
}
