//! The JSON output: structures of its own, whose fields are promises. (`schemas/output.schema.json`)

use std::{borrow::Cow, ops::Range};

use serde::Serialize;
use serde_json::Value;

use super::{
    cursor::Places,
    pretty::pretty,
    unjudged::UnjudgedJson,
    verify::VerifiedJson,
    way::{self, Commands, WaysJson},
};
use crate::{
    account::Ways,
    called::Called,
    chart::secrets::masked,
    check::{CheckedFile, Run},
    command_line::CommandLine,
    compat::{CompatibilityMatrix, Question, Verdict},
    finding::{Finding, Position, Severity},
    procedure::{Check, Verb, checks_after, checks_before},
    rule::Rule,
    step::{Outcome, Request, Status},
    verify::{self, Checked},
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StepJson<'a> {
    schema: &'static str,
    command: &'static str,
    finish: bool,
    unset: bool,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'static str>,
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<Vec<&'a str>>,
    #[serde(flatten)]
    position: Option<Position>,
    written: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pce_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    helm_command: Option<Vec<String>>,
    commands: Vec<Vec<String>>,
    #[serde(flatten)]
    gates: Option<GatesJson<'a>>,
    #[serde(flatten)]
    ran: Option<RanJson<'a>>,
    before: Vec<CheckJson>,
    after: Vec<CheckJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verify_command: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    next: Vec<NextJson>,
    findings: Vec<FindingJson<'a>>,
}

/// A step that the procedure allows afterwards.
#[derive(Serialize)]
struct NextJson {
    verb: &'static str,
    finish: bool,
    back: bool,
    command: Vec<String>,
}

/// What came of `--run`.
#[derive(Clone, Copy, Debug)]
pub struct Ran<'r> {
    /// Whether `helm upgrade` was run, and the release bears it out. It is not where the release was there already.
    pub is_upgraded: bool,
    /// What was then seen of the cluster; none where it could not be looked at.
    pub checked: &'r [Checked],
    /// How to continue and how to get back, with the commands, where something was wrong.
    pub ways: Option<(&'r Ways, &'r Commands<'r>)>,
}

/// The checks that `--run` made before the step.
#[derive(Clone, Copy, Debug)]
pub struct Gates<'g> {
    /// What came of each.
    pub checked: &'g [Checked],
    /// Those despite which the user goes on.
    pub despite: &'g [String],
}

#[derive(Serialize)]
pub(super) struct GatesJson<'a> {
    gates: Vec<VerifiedJson<'a>>,
    despite: &'a [String],
}

impl<'a> From<Gates<'a>> for GatesJson<'a> {
    fn from(gates: Gates<'a>) -> Self {
        Self { gates: gates.checked.iter().map(VerifiedJson::from).collect(), despite: gates.despite }
    }
}

#[derive(Serialize)]
pub(super) struct RanJson<'a> {
    upgraded: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<&'static str>,
    checks: Vec<VerifiedJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ways: Option<WaysJson>,
}

impl<'a> From<Ran<'a>> for RanJson<'a> {
    fn from(ran: Ran<'a>) -> Self {
        Self {
            upgraded: ran.is_upgraded,
            verified: (!ran.checked.is_empty()).then(|| verify::Outcome::of(ran.checked).as_str()),
            checks: ran.checked.iter().map(VerifiedJson::from).collect(),
            ways: ran.ways.map(|(ways, commands)| way::json(ways, commands)),
        }
    }
}

#[derive(Serialize)]
struct CheckJson {
    id: &'static str,
    text: Cow<'static, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FindingJson<'a> {
    rule: &'static str,
    severity: Severity,
    message: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(flatten)]
    start: Option<Position>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// The answer of `migrate` and `revert`. `commands` is there where both versions are exact; `diff` where there is a step; `upgraded`,
/// `verified` and `checks` where the step was taken on the cluster.
#[must_use]
pub fn step(
    request: &Request<'_, '_>,
    outcome: &Outcome,
    (called, commands): (Called, Option<&CommandLine<'_>>),
    diff: Option<String>,
    written: bool,
    ran: Option<Ran<'_>>,
    gates: Option<Gates<'_>>,
) -> String {
    let source = request.files.source(outcome.file);
    let text = source.text().unwrap_or_default();
    let span = outcome.span.clone();
    let is_step = matches!(outcome.status, Status::Step(_)) || ran.is_some_and(|ran| ran.is_upgraded);
    let goal = outcome.to.filter(|_| is_step);
    let texts = |file: &str| request.files.text_of(file);
    let json = StepJson {
        schema: "helm-clas/step/v1",
        command: request.verb.command(),
        finish: request.verb.is_finish(),
        unset: request.unset,
        status: match outcome.status {
            Status::Step(_) => "step",
            Status::Already => "already",
            Status::Refused => "refused",
        },
        from: outcome.from.map(crate::ClusterMode::as_str),
        to: outcome.to.map(crate::ClusterMode::as_str),
        file: source.name,
        path: span.is_some().then(|| outcome.path.iter().map(String::as_str).collect()),
        position: span.map(|span| Position::of(text, span.start)),
        written,
        version: outcome.version.as_ref().map(ToString::to_string),
        pce_version: outcome.pce_version.map(|version| version.to_string()),
        diff,
        helm_command: commands.filter(|line| is_step && line.controller.is_none()).map(CommandLine::upgrade),
        commands: goal.zip(commands).map(|(goal, line)| line.commands(goal)).unwrap_or_default(),
        gates: gates.map(GatesJson::from),
        ran: ran.map(RanJson::from),
        before: goal.into_iter().flat_map(checks_before).map(|check| CheckJson::of(check, commands)).collect(),
        after: goal.into_iter().flat_map(checks_after).map(|check| CheckJson::of(check, commands)).collect(),
        verify_command: goal.zip(commands).map(|(goal, line)| line.verification(goal)),
        next: next(outcome, commands),
        findings: FindingJson::all(&outcome.findings, called, texts),
    };
    pretty(&json)
}

/// The steps that the procedure allows after this one, or where the cluster is there already.
fn next(outcome: &Outcome, commands: Option<&CommandLine<'_>>) -> Vec<NextJson> {
    let there = outcome.to.filter(|_| !matches!(outcome.status, Status::Refused));
    let of_line = |(to, line): (_, &CommandLine<'_>)| {
        let one = |verb: Verb| NextJson {
            verb: verb.command(),
            finish: verb.is_finish(),
            back: verb.is_way_back(),
            command: line.step(verb),
        };
        Verb::legal_from(to).map(one).collect()
    };
    there.zip(commands).map(of_line).unwrap_or_default()
}

impl CheckJson {
    fn of(check: &Check, commands: Option<&CommandLine<'_>>) -> Self {
        let namespace = commands.map_or(crate::Release::default().namespace, CommandLine::namespace);
        Self { id: check.id, text: check.text_in(namespace) }
    }
}

impl<'a> FindingJson<'a> {
    /// Findings in files whose texts are known by their names.
    pub(super) fn all<'t>(
        findings: &'a [Finding],
        called: Called,
        text_of: impl Fn(&str) -> Option<&'t str>,
    ) -> Vec<Self> {
        let mut places = Places::of(text_of);
        findings.iter().map(|finding| Self::located(finding, called, places.region(finding))).collect()
    }

    /// One whose place is known.
    pub(super) fn located(finding: &'a Finding, called: Called, region: Option<Range<Position>>) -> Self {
        let mut json = Self::shown(finding, called, region);
        json.message = masked(&finding.message);
        json.help = json.help.map(|help| masked(&help).into_owned().into());
        json
    }

    /// The same for a finding whose words are masked already.
    pub(super) fn shown(finding: &'a Finding, called: Called, region: Option<Range<Position>>) -> Self {
        let end = region.as_ref().map(|region| region.end);
        Self {
            rule: finding.rule.name(),
            severity: finding.severity,
            message: finding.message.as_str().into(),
            file: finding.file.as_deref(),
            start: region.map(|region| region.start),
            end_line: end.map(|end| end.line),
            end_column: end.map(|end| end.column),
            help: finding.help.as_ref().map(|help| help.said(called).into()),
            url: finding.rule.url(called),
        }
    }
}

#[derive(Serialize)]
struct CheckedJson<'a> {
    schema: &'static str,
    files: Vec<FileJson<'a>>,
    findings: Vec<FindingJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty", rename = "notJudged")]
    not_judged: Vec<UnjudgedJson<'a>>,
    summary: SummaryJson,
}

#[derive(Serialize)]
struct FileJson<'a> {
    file: &'a str,
    mode: Option<&'static str>,
    findings: Vec<FindingJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repaired: Option<usize>,
}

#[derive(Serialize)]
struct SummaryJson {
    files: usize,
    skipped: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
}

/// The answer of `check`. The mode of a file is always there: `null` where the file does not tell.
#[must_use]
pub fn check(run: &Run) -> String {
    pretty(&CheckedJson {
        schema: "helm-clas/check/v1",
        files: run.files.iter().map(|file| FileJson::of(file, run.called)).collect(),
        findings: FindingJson::all(&run.findings, run.called, |file| run.text_of(file)),
        not_judged: run.unjudged.iter().map(UnjudgedJson::of).collect(),
        summary: SummaryJson {
            files: run.files.len(),
            skipped: run.skipped,
            errors: run.count(Severity::Error),
            warnings: run.count(Severity::Warning),
            infos: run.count(Severity::Info),
        },
    })
}

impl<'a> FileJson<'a> {
    fn of(file: &'a CheckedFile, called: Called) -> Self {
        let text = |name: &str| file.text_of(name);
        Self {
            file: &file.name,
            mode: file.mode.map(crate::ClusterMode::as_str),
            findings: FindingJson::all(&file.findings, called, text),
            repaired: Some(file.repaired).filter(|times| *times > 0),
        }
    }
}

#[derive(Serialize)]
struct CompatJson<'a> {
    schema: &'static str,
    matrix: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fits: Option<bool>,
    /// Where a version is newer than what was seen: how far the matrix reaches.
    #[serde(rename = "documentedUpTo", skip_serializing_if = "Option::is_none")]
    documented_up_to: Option<String>,
    rows: Vec<RowJson<'a>>,
}

#[derive(Serialize)]
struct RowJson<'a> {
    #[serde(flatten)]
    row: &'a crate::compat::Row,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'static str>,
}

/// The answer of `compat`: the matrix, with the verdict of each row where a question was asked.
#[must_use]
pub fn compat(matrix: &CompatibilityMatrix, question: Option<&Question<'_>>) -> String {
    let rows =
        matrix.rows.iter().map(|row| RowJson { row, verdict: question.map(|asked| row.verdict(asked).as_str()) });
    pretty(&CompatJson {
        schema: "helm-clas/compat/v1",
        matrix: &matrix.matrix,
        fits: question.map(|question| matrix.fits(question)),
        documented_up_to: question.and_then(|question| matrix.reach(question)),
        rows: rows.collect(),
    })
}

impl Verdict {
    /// The word for it, as it is written in text and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DoesNotApply => "does-not-apply",
            Self::CannotTell => "cannot-tell",
            Self::Holds => "holds",
            Self::Fails(_) => "fails",
        }
    }
}

/// The answer of `rules`.
#[must_use]
pub fn rules() -> String {
    let rules: Vec<Value> = Rule::ALL
        .iter()
        .map(|rule| {
            serde_json::json!({ "rule": rule.name(), "severity": rule.severity().as_str(), "defect": rule.defect() })
        })
        .collect();
    pretty(&serde_json::json!({ "schema": "helm-clas/rules/v1", "rules": rules }))
}

/// The answer of `explain`: the page as Markdown.
#[must_use]
pub fn rule(name: &str, severity: Severity, defect: &str, page: &str) -> String {
    pretty(&serde_json::json!({
        "schema": "helm-clas/rule/v1",
        "rule": name,
        "severity": severity.as_str(),
        "defect": defect,
        "page": page,
    }))
}

#[derive(Serialize)]
struct VersionJson<'a> {
    schema: &'static str,
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<&'a str>,
}

/// The answer of `version`, with the commit that the program was built from and its date, where they are known.
#[must_use]
pub fn version(built_from: Option<(&str, &str)>) -> String {
    let (commit, date) = built_from.unzip();
    pretty(&VersionJson { schema: "helm-clas/version/v1", version: env!("CARGO_PKG_VERSION"), commit, date })
}
