//! What a person reads around the diff of a step: which step, what to look at, what to run, where to go next.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Effects, Style};

use crate::{
    check::Run,
    command_line::CommandLine,
    compat::{CompatibilityMatrix, Question, Row, Verdict},
    finding::Severity,
    instruction::Instruction,
    mode::ClusterMode,
    open_word,
    procedure::{Check, How, Verb, checks_after, checks_before},
    rule::Rule,
    shell::{FOLDS, shell_word},
    step::{Outcome, Status},
};

/// How wide the text is, in columns.
pub(super) const WIDTH: usize = 80;

pub(super) const TITLE: Style = Style::new().effects(Effects::BOLD);
pub(super) const NAME: Style = AnsiColor::Cyan.on_default();
pub(super) const GOOD: Style = AnsiColor::Green.on_default().effects(Effects::BOLD);
pub(super) const BAD: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);

/// What is above the diff: the file, the step and its versions, and the checks before it. Where the step `is_run` at
/// once, they are for the person to have made, unless they were made (`checked`). `verb` is the step
/// while its file is not written.
#[must_use]
pub fn above(
    outcome: &Outcome,
    file: &str,
    (is_run, verb): (bool, Option<Verb>),
    (checked, commands): (Option<&str>, Option<&CommandLine<'_>>),
) -> String {
    let mut out = String::new();
    let (Some(from), Some(to)) = (outcome.from, outcome.to) else { return out };
    let file = called(file);
    match outcome.status {
        Status::Step(_) => {
            let _ = writeln!(out, "{TITLE}{file}: {from} -> {to}{TITLE:#}{}", versions(outcome));
            let title = if is_run { "You have checked that" } else { "Before the upgrade, check that" };
            match checked {
                Some(checked) => {
                    let _ = write!(out, "\n{checked}");
                }
                None => out += &list(title, checks_before(to), namespace_of(commands)),
            }
            let looks = commands.filter(|_| checked.is_none()).map(|commands| looks(to, commands));
            let mut looks = looks.unwrap_or_default();
            // of a file that is written, the next step is another one
            looks.extend(commands.filter(|_| checked.is_none()).zip(verb).map(|(it, verb)| it.checking(verb.into())));
            if !looks.is_empty() {
                let _ = write!(out, "\n{TITLE}To check this{TITLE:#}\n");
            }
            out.extend(looks.iter().map(|words| command(words, "  ", "    ")));
            out.push('\n');
        }
        Status::Already => {
            let _ = writeln!(out, "{GOOD}{file}: already {to}{GOOD:#}, nothing to change");
            if let Some(checked) = checked {
                let _ = write!(out, "\n{checked}\n");
            }
        }
        Status::Refused => {}
    }
    out
}

/// The commands of this tool that look at what is to be seen before a step, and change nothing.
fn looks(goal: ClusterMode, commands: &CommandLine<'_>) -> Vec<Vec<String>> {
    const LOOKING: [&str; 2] = ["status", "policy"];
    let mut all: Vec<Vec<String>> = Vec::new();
    for how in checks_before(goal).flat_map(|check| check.how) {
        let Some(Instruction::Run(words)) = commands.looking(*how) else { continue };
        let command = commands.called.words().len();
        let is_look = matches!(how, How::Own(_)) && LOOKING.contains(&words[command].as_str());
        // of two with the same name the first asks for less
        if is_look && !all.iter().any(|other| other[command] == words[command]) {
            all.push(words);
        }
    }
    all
}

/// What is below the diff: whether it is written, and the command to run.
#[must_use]
pub fn below(outcome: &Outcome, commands: &CommandLine<'_>, is_written: bool) -> String {
    let mut out = String::new();
    if let (Status::Step(_), Some(to)) = (&outcome.status, outcome.to) {
        let title = if is_written {
            "The file is changed. Now run"
        } else if commands.files.contains(&"-") {
            "Nothing is changed: -o yaml prints the changed values, to pipe into"
        } else {
            "Nothing is changed yet. Repeat with --write to change the file, then run"
        };
        let _ = write!(out, "\n{TITLE}{title}{TITLE:#}\n");
        out.extend(commands.instructions(to).iter().map(|instruction| match instruction {
            Instruction::Say(words) => filled(words, "  # ", "  # "),
            Instruction::Run(words) => command(words, "  ", "    "),
        }));
        if commands.is_masked() {
            out += "note: credentials are masked in these commands; insert them again\n";
        }
    }
    out
}

/// What is below the diff where the command is run at once.
#[must_use]
pub fn running(upgrade: &[String], is_written: bool) -> String {
    let title = if is_written { "The file is changed. Running" } else { "Nothing to change. Running" };
    format!("\n{TITLE}{title}{TITLE:#}\n{}", command(upgrade, "  ", "    "))
}

/// What comes behind the command: the checks after the step, and where to go next. Where the step was taken on the
/// cluster, the checks were made there, and on goes the way only if all that was seen `is_right`.
#[must_use]
pub fn afterwards(verb: Verb, outcome: &Outcome, commands: &CommandLine<'_>, is_right: Option<bool>) -> String {
    let mut out = String::new();
    let Some(to) = outcome.to else { return out };
    if is_right.is_some() {
        let verification = command(&commands.verification(to), "  ", "    ");
        let _ = write!(out, "\n{TITLE}To check the PCE as well{TITLE:#}\n{verification}");
    } else if matches!(outcome.status, Status::Step(_)) {
        out += &list("After the upgrade, check that", checks_after(to), commands.namespace());
        let verification = command(&commands.verification(to), "  ", "    ");
        let _ = write!(out, "\n{TITLE}To check automatically{TITLE:#}\n{verification}");
    }
    for next in Verb::legal_from(to).filter(|next| is_right != Some(false) || next.is_way_back()) {
        let title = match (next.is_way_back() == verb.is_way_back(), next.is_way_back()) {
            (true, _) => "Next",
            (false, true) => "To go back",
            (false, false) => "To start again",
        };
        let _ = write!(out, "\n{TITLE}{title}{TITLE:#}\n{}", command(&commands.step(next), "  ", "    "));
    }
    out
}

/// The last line of a refusal: what is not done, in or for these files.
#[must_use]
pub fn refused(what: &str, files: &[&str]) -> String {
    let files: Vec<&str> = files.iter().copied().map(called).collect();
    format!("{BAD}refused{BAD:#}: {what} {}\n", files.join(", "))
}

/// A file as a sentence calls it.
fn called(file: &str) -> &str {
    if file == "-" { "standard input" } else { file }
}

/// What is below the findings of a check: how many files, how many findings, how many of them can be repaired.
#[must_use]
pub fn check(run: &Run) -> String {
    let plural = |count| if count == 1 { "" } else { "s" };
    let mut out = format!("{} file{} checked", run.files.len(), plural(run.files.len()));
    if run.skipped > 0 {
        let _ = write!(out, ", {} skipped", run.skipped);
    }
    if run.files.is_empty() && run.unjudged.is_empty() {
        let them = if run.skipped == 1 { "it" } else { "them" };
        return out + &format!(" (no key of this chart; --no-skip checks {them})\n");
    }
    let mut found = Vec::new();
    if !run.unjudged.is_empty() {
        found.push(format!("{} could not be judged", run.unjudged.len()));
    }
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        let count = run.count(severity);
        match severity {
            _ if count == 0 => {}
            Severity::Info => found.push(format!("{count} info")),
            _ => found.push(format!("{count} {}{}", severity.as_str(), plural(count))),
        }
    }
    let _ = match (found.join(", "), run.count(Severity::Error) + run.unjudged.len()) {
        (found, 0) if found.is_empty() => writeln!(out, ": {GOOD}nothing found{GOOD:#}"),
        (found, 0) => writeln!(out, ": {TITLE}{found}{TITLE:#}"),
        (found, _) => writeln!(out, ": {BAD}{found}{BAD:#}"),
    };
    match run.files.iter().map(|file| file.mendable).sum::<usize>() {
        0 => out,
        count => out + &format!("--fix repairs {count} of them\n"),
    }
}

/// The matrix as a table; where a question was asked, what each row says to it and the answer.
#[must_use]
pub fn compat(matrix: &CompatibilityMatrix, question: Option<&Question<'_>>) -> String {
    let width = matrix.rows.iter().map(|row| row.need().chars().count()).max().unwrap_or_default();
    let mut out = String::new();
    for row in &matrix.rows {
        let mark = match question.map(|question| row.verdict(question)) {
            None => String::new(),
            Some(Verdict::Holds) => format!("{GOOD}ok{GOOD:#}    "),
            Some(Verdict::Fails(Severity::Error)) => format!("{BAD}no{BAD:#}    "),
            Some(Verdict::Fails(_)) => format!("{NAME}note{NAME:#}  "),
            Some(Verdict::CannotTell) => "?     ".to_owned(),
            Some(Verdict::DoesNotApply) => "-     ".to_owned(),
        };
        let _ = writeln!(out, "{mark}{TITLE}{:width$}{TITLE:#}  {}", row.need(), row.id);
        out += &filled(&row.text, "        ", "        ");
        out += &filled(&format!("source: {}", row.source), "        ", "        ");
    }
    let _ = writeln!(out);
    if question.is_some() {
        out += "ok: met; no: not met; note: not met, but not blocking; -: concerns other\nversions; ?: needs more \
                than these two versions\n\n";
    }
    out += &filled(&format!("The vendor's own matrix: {}", matrix.matrix), "", "");
    if let Some(question) = question {
        let chart = question.chart.map(|chart| format!("chart {chart}"));
        let pce = question.pce.map(|pce| format!("PCE {pce}"));
        let both = [chart, pce].into_iter().flatten().collect::<Vec<String>>().join(" and ");
        let both = both.replacen("chart", "Chart", 1);
        let _ = if matrix.fits(question) {
            match matrix.reach(question) {
                Some(reach) => writeln!(
                    out,
                    "{GOOD}{both} fit a migration to CLAS{GOOD:#}, as far as is documented, which is up to\n{reach}."
                ),
                None => writeln!(out, "{GOOD}{both} fit a migration to CLAS{GOOD:#}, as far as is documented."),
            }
        } else {
            let fails = |row: &&Row| row.verdict(question) == Verdict::Fails(Severity::Error);
            let why: Vec<&str> = matrix.rows.iter().filter(fails).map(|row| row.text.as_str()).collect();
            out += &filled(&format!("{}.", why.join("; ")), "", "");
            writeln!(out, "{BAD}{both} do not fit a migration to CLAS.{BAD:#}")
        };
    }
    out
}

/// The list of rules.
#[must_use]
pub fn rules() -> String {
    let entry = |rule: &Rule| {
        let (name, severity) = (rule.name(), rule.severity().as_str());
        format!("{NAME}{name}{NAME:#} ({severity})\n{}", filled(rule.defect(), "    ", "    "))
    };
    Rule::ALL.iter().map(entry).collect()
}

/// The page of a rule or a check, its headings in bold and its examples indented.
#[must_use]
pub fn page(name: &str, page: &str) -> String {
    let mut out = String::new();
    let mut is_example = false;
    for line in page.lines() {
        let title = line.strip_prefix("## ").or_else(|| line.strip_prefix("# ").filter(|title| *title == name));
        if line.starts_with("```") {
            is_example = !is_example;
        } else if is_example {
            let _ = writeln!(out, "    {line}");
        } else if let Some(title) = title {
            let _ = writeln!(out, "{TITLE}{title}{TITLE:#}");
        } else {
            let _ = writeln!(out, "{line}");
        }
    }
    out
}

fn versions(outcome: &Outcome) -> String {
    match (&outcome.version, outcome.pce_version) {
        (Some(chart), Some(pce)) => format!("  (chart {chart}, PCE {pce})"),
        _ => String::new(),
    }
}

/// The namespace of the software.
fn namespace_of<'c>(commands: Option<&'c CommandLine<'_>>) -> &'c str {
    commands.map_or(crate::Release::default().namespace, CommandLine::namespace)
}

fn list(title: &str, checks: impl Iterator<Item = &'static Check>, namespace: &str) -> String {
    let mut out = format!("\n{TITLE}{title}{TITLE:#}\n");
    for check in checks {
        let text = filled(&format!("{}: {}", check.id, check.text_in(namespace)), "  [ ] ", "      ");
        out += &text.replacen(check.id, &format!("{NAME}{}{NAME:#}", check.id), 1);
    }
    out
}

/// Text in lines of the page's width, with what to put before the first and before the others.
pub(crate) fn filled(text: &str, first: &str, others: &str) -> String {
    filled_to(WIDTH, text, first, others)
}

/// The same in lines of another width, where that is less than the page's.
pub(crate) fn filled_to(most: usize, text: &str, first: &str, others: &str) -> String {
    let most = most.min(WIDTH);
    let width = |text: &str| if text.is_ascii() { text.len() } else { text.chars().count() };
    let mut out = String::with_capacity(first.len() + text.len() + text.len() / WIDTH * others.len() + 1);
    out += first;
    let mut column = width(first);
    let mut is_bare = true;
    for word in text.split_whitespace() {
        let own = width(word);
        if !is_bare && column + 1 + own > most {
            out.push('\n');
            out += others;
            column = width(others);
            is_bare = true;
        }
        if !is_bare {
            out.push(' ');
            column += 1;
        }
        out += word;
        column += own;
        is_bare = false;
    }
    out.push('\n');
    out
}

/// A command that a shell accepts as it is, with what to put before its first line and before the others. Where it is
/// too long for a line it is broken between its options, if the shell has a sign for that.
pub(super) fn command(given: &[String], first: &str, others: &str) -> String {
    let mut out = String::from(first);
    let mut column = first.len();
    let mut words = given.iter().map(|word| shell_word(word)).peekable();
    let mut is_first = true;
    while let Some(mut part) = words.next() {
        // an option and its value stay together
        if part.starts_with('-')
            && part != "--finish"
            && let Some(value) = words.next_if(|word| !word.starts_with('-'))
        {
            part = format!("{part} {value}");
        }
        let width = part.chars().count();
        if !is_first && FOLDS && column + 1 + width + " \\".len() > WIDTH {
            out += " \\\n";
            out += others;
            column = others.len();
        } else if !is_first {
            out.push(' ');
            column += 1;
        }
        out += &part;
        column += width;
        is_first = false;
    }
    out.push('\n');
    out.extend(open_word::remarks(given).map(|remark| format!("{first}# {remark}\n")));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_command_is_broken_between_its_options() {
        let long = "f".repeat(62);
        let words: Vec<String> =
            ["helm", "upgrade", "-f", &long, "--version", "5.1.0"].iter().map(ToString::to_string).collect();
        assert_eq!(
            command(&words, "  ", "    "),
            format!("  helm upgrade \\\n    -f {long} \\\n    --version 5.1.0\n")
        );
    }

    #[test]
    fn text_is_filled_to_the_width_of_the_page() {
        let text = filled(&"word ".repeat(20), "- ", "  ");
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
        assert_eq!(text.lines().count(), 2);
    }
}
