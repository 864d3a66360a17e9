//! Markdown for pull requests and the summary of a job (`$GITHUB_STEP_SUMMARY`): what was found, the modes of clusters,
//! a step, and what a step has done.

use std::fmt::Write as _;

use super::{
    columns,
    diff::Diff,
    page::{Block, Page, escaped},
    remark::{gaps, remarks},
    runbook::items,
    text,
};
use crate::{
    called::Called,
    chart::secrets::masked,
    check::Run,
    command_line::CommandLine,
    finding::{Finding, Severity},
    instruction::Instruction,
    mode::ClusterMode,
    procedure::{Verb, checks_after, checks_before},
    rule::Rule,
    step::{Outcome, Status},
};

/// What was found, as a table; what could not be judged is above it.
#[must_use]
pub fn check(run: &Run) -> String {
    let summary = anstream_free(&text::check(run));
    let summary = summary.lines().next().unwrap_or_default();
    let mut out = format!("### {} check: {}\n", run.called, cell(summary));
    for gap in gaps(run) {
        let place = gap.path.unwrap_or_else(|| "helm-clas".to_owned());
        let _ = write!(out, "\n**error** {}: {}\n", code(&place), cell(&gap.words));
    }
    let remarks = remarks(run);
    if !remarks.is_empty() {
        out += "\n| where | what is wrong | what to do |\n| --- | --- | --- |\n";
    }
    for remark in &remarks {
        let (severity, rule) = (severity(remark.finding.severity), linked(remark.finding.rule, run.called));
        let help = remark.help.as_deref().map(cell).unwrap_or_default();
        let message = cell(&remark.message);
        let _ = writeln!(out, "| {} | {severity} {rule}: {message} | {help} |", code(&remark.place()));
    }
    out
}

/// How far a step was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is only shown.
    Shown,
    /// The file is changed.
    Written,
    /// The release was upgraded with it.
    Upgraded,
}

/// A step: what is wrong, what to check before, the change, what to run, and what to check after it.
#[must_use]
pub fn step(
    verb: Verb,
    outcome: &Outcome,
    file: &str,
    (called, commands): (Called, Option<&CommandLine<'_>>),
    diff: Option<&Diff>,
    taken: Taken,
) -> String {
    let title = match (outcome.from, outcome.to, &outcome.status) {
        (Some(from), Some(to), Status::Step(_)) => format!("{file}: {from} -> {to}"),
        (_, Some(to), Status::Already) => format!("{file}: already {to}"),
        _ => format!("refused: nothing is changed in {file}"),
    };
    let mut blocks = Vec::new();
    if !outcome.findings.is_empty() {
        blocks.push(Block::Raw(outcome.findings.iter().map(|one| finding(one, called)).collect()));
    }
    let goal = outcome.to.filter(|_| matches!(outcome.status, Status::Step(_)));
    if let (Some(goal), Some(commands)) = (goal, commands) {
        blocks.extend(of_step(goal, commands, diff, taken));
    }
    if let (Some(to), Some(commands)) = (outcome.to, commands) {
        for next in Verb::legal_from(to) {
            let title = match (next.is_way_back() == verb.is_way_back(), next.is_way_back()) {
                (true, _) => "Next",
                (false, true) => "To go back",
                (false, false) => "To start again",
            };
            blocks.push(Block::Text(title.to_owned()));
            blocks.push(Block::Commands(vec![Instruction::Run(commands.step(next))]));
        }
    }
    Page { title, blocks }.markdown()
}

fn of_step(goal: ClusterMode, commands: &CommandLine<'_>, diff: Option<&Diff>, taken: Taken) -> Vec<Block> {
    let checks = |checks: &mut dyn Iterator<Item = &'static crate::procedure::Check>| {
        Block::Checks(items(&checks.collect::<Vec<_>>(), commands))
    };
    let mut blocks = vec![Block::Text("Before the upgrade, check that".to_owned()), checks(&mut checks_before(goal))];
    blocks.extend(diff.map(|diff| Block::Code("diff", diff.to_string())));
    let next = match taken {
        Taken::Shown => "Write the change with `--write`, then run",
        Taken::Written => "The file is changed. Now run",
        Taken::Upgraded => "The file is changed, and this upgraded the release",
    };
    blocks.push(Block::Text(next.to_owned()));
    blocks.push(Block::Commands(commands.instructions(goal)));
    blocks.push(Block::Text("After it, run this, and check that".to_owned()));
    blocks.push(Block::Commands(vec![Instruction::Run(commands.verification(goal))]));
    blocks.push(checks(&mut checks_after(goal)));
    blocks
}

fn finding(finding: &Finding, called: Called) -> String {
    let help = finding.help.as_ref().map(|help| format!("; {}", cell(&masked(&help.said(called))))).unwrap_or_default();
    let place = finding.file.as_deref().map(|file| format!("{}: ", code(file))).unwrap_or_default();
    let (severity, rule) = (severity(finding.severity), linked(finding.rule, called));
    format!("- {place}{severity} {rule}: {}{help}\n", cell(&masked(&finding.message)))
}

/// The name of a rule, which leads to its page where the manual has a place.
fn linked(rule: Rule, called: Called) -> String {
    let name = code(rule.name());
    rule.url(called).map_or_else(|| name.clone(), |url| format!("[{name}]({url})"))
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "**error**",
        Severity::Warning => "**warning**",
        Severity::Info => "info",
    }
}

/// Words in a cell of a table: what is between backticks stays code, and nothing else is markup.
fn cell(text: &str) -> String {
    if !text.matches('`').count().is_multiple_of(2) {
        return columns::cell(text);
    }
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    escaped(&text).replace('|', "\\|")
}

/// Text as code in a cell of a table: nothing in it is markup, nor ends the cell.
fn code(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let blank = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{blank}{}{blank}{fence}", text.replace('|', "\\|"))
}

/// Text without the codes of its colours.
fn anstream_free(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| out + part.split_once('m').map_or("", |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_holds_whatever_a_file_is_called() {
        assert_eq!(code("a.yaml"), "`a.yaml`");
        assert_eq!(code("a|`b"), "``a\\|`b``");
        assert_eq!(code("`\n"), "`` `  ``");
    }

    #[test]
    fn words_keep_their_code_and_nothing_else() {
        assert_eq!(cell("`a_b` is <b> | no"), "`a_b` is \\<b> \\| no");
        assert_eq!(cell("one ` and <b>"), "one \\` and \\<b\\>");
    }
}
