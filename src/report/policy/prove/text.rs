//! What a person reads in a terminal.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Effects, Style};

use super::words;
use crate::{
    policy::prove::{Answer, Change, Comparison},
    report::text::filled,
};

pub(super) const TITLE: Style = Style::new().effects(Effects::BOLD);

/// The colour of an answer.
pub(super) const fn style(answer: Answer) -> Style {
    let color = match answer {
        Answer::Lost => AnsiColor::BrightRed,
        Answer::NotKnown => AnsiColor::Yellow,
        Answer::Gained => AnsiColor::BrightBlue,
        Answer::Same => AnsiColor::Green,
    };
    color.on_default().effects(Effects::BOLD)
}

/// A policy in both models.
#[must_use]
pub fn text(comparison: &Comparison<'_>) -> String {
    let mut out = String::new();
    for change in &comparison.changes {
        push_change(&mut out, comparison, change);
    }
    push_gaps(&mut out, comparison);
    push_assumptions(&mut out, comparison);
    let _ = writeln!(out, "{TITLE}{}{TITLE:#}", filled(&words::verdict(comparison), "", "").trim_end());
    out
}

fn push_change(out: &mut String, comparison: &Comparison<'_>, change: &Change<'_>) {
    let style = style(change.answer);
    let tag = format!("{}:", change.answer.as_str());
    let line = filled(&format!("{tag} {}", words::change(comparison, change)), "", "  ");
    *out += &line.replacen(&tag, &format!("{style}{tag}{style:#}"), 1);
    let rule = format!("{}: {}", words::title(change.rule), words::rule(comparison, change.rule));
    *out += &filled(&rule, "  ", "      ");
    *out += &filled(&format!("= why: {}", words::why(change)), "  ", "    ");
    if let Some(line) = words::narrowed(comparison, change) {
        *out += &filled(&format!("= {line}"), "  ", "    ");
    }
    if let Some(witness) = words::witness(comparison, change) {
        *out += &filled(&format!("= for example: {witness}"), "  ", "    ");
    }
    out.push('\n');
}

fn push_list(out: &mut String, title: &str, lines: &[String]) {
    if !lines.is_empty() {
        let _ = writeln!(out, "{TITLE}{title}{TITLE:#}");
        for line in lines {
            *out += &filled(line, "  ", "    ");
        }
        out.push('\n');
    }
}

pub(super) fn push_gaps(out: &mut String, comparison: &Comparison<'_>) {
    push_list(out, "Not known", &words::gaps(comparison));
}

pub(super) fn push_assumptions(out: &mut String, comparison: &Comparison<'_>) {
    let lines: Vec<String> = comparison
        .assumptions
        .iter()
        .map(|assumption| format!("{}: {} ({})", assumption.id, assumption.text, assumption.source))
        .collect();
    push_list(out, "Assumed", &lines);
}
