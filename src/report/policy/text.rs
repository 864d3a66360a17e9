//! What a person reads in a terminal: rule set by rule set, each rule written out, its findings below it.

use std::{borrow::Cow, fmt::Write as _};

use anstyle::{AnsiColor, Effects, Style};

use super::{Show, cluster, parts::Parts, summary};
use crate::{
    called::Called,
    chart::secrets::masked,
    finding::{Finding, Severity},
    policy::{
        Judged, JudgedRule, JudgedSet, Sort,
        proof::{Proof, Status},
        words::{self, shown},
    },
    report::text::filled,
};

const TITLE: Style = Style::new().effects(Effects::BOLD);
const GOOD: Style = AnsiColor::Green.on_default().effects(Effects::BOLD);

/// A judged policy, part by part. A rule without findings is shown only if asked for.
pub fn text(judged: &Judged<'_>, show: Show, called: Called, tell: &mut dyn FnMut(&str)) {
    let mut parts = Parts::to(tell);
    if let Some(cluster) = cluster(judged) {
        let _ = writeln!(parts.text, "{TITLE}Policy for cluster {cluster}{TITLE:#}\n");
    }
    for set in show.sets(judged) {
        push_set(&mut parts, judged, set, show);
    }
    let out = &mut parts.text;
    push_infrastructure(out, judged, show);
    if !judged.untold.is_empty() {
        let _ = writeln!(out, "{TITLE}Not known{TITLE:#}");
        judged.untold.iter().for_each(|untold| *out += &filled(untold, "  ", "    "));
        out.push('\n');
    }
    if judged.all_findings().next().is_some() {
        let words = format!("`{called} explain RULE` explains a finding and its source.");
        *out += &filled(&words, "", "");
    }
    let _ = writeln!(out, "{TITLE}{}{TITLE:#}", filled(&summary(judged), "", "").trim_end());
    parts.hand_on();
}

fn push_set(parts: &mut Parts<'_>, judged: &Judged<'_>, set: &JudgedSet<'_>, show: Show) {
    let out = &mut parts.text;
    let off = if set.is_enabled { "" } else { ", off" };
    let scope = if set.href.is_empty() { String::new() } else { judged.book.scopes_in_words(set.scopes) };
    let scope = if scope.is_empty() { scope } else { format!("  ({scope}{off})") };
    let _ = writeln!(out, "{TITLE}{}{TITLE:#}{scope}", shown(set.name));
    set.findings.iter().for_each(|finding| push_finding(out, finding, "  "));
    out.push('\n');
    for rule in show.rules(set) {
        push_rule(&mut parts.text, judged, rule);
        parts.line_ends();
    }
}

fn push_rule(out: &mut String, judged: &Judged<'_>, judged_rule: &JudgedRule<'_>) {
    let JudgedRule { rule, sort, findings, .. } = judged_rule;
    let written = judged.book.words(rule, *sort);
    let title = words::title(rule, *sort);
    let off = if rule.is_enabled { "" } else { " (off)" };
    let line = filled(&format!("{title}{off}: {}", written.line()), "  ", "      ");
    *out += &line.replacen(&title, &format!("{TITLE}{title}{TITLE:#}"), 1);
    if !rule.description.is_empty() {
        *out += &filled(&format!("\"{}\"", shown(&rule.description)), "      ", "       ");
    }
    if *sort == Sort::Allow && !written.uses.is_empty() {
        *out += &filled(&written.uses, "      ", "      ");
    }
    for condition in &written.conditions {
        *out += &filled(&format!("only with {condition}"), "      ", "        ");
    }
    // the names in them are masked, each by itself
    for finding in findings {
        push_sentences(out, finding, "    ", |text| text.into());
    }
    for line in judged_rule.becomes(judged.book) {
        let line = filled(&format!("becomes: {line}"), "    ", "      ");
        *out += &line.replacen("becomes:", &format!("{GOOD}becomes:{GOOD:#}"), 1);
    }
    out.push('\n');
}

fn push_finding(out: &mut String, finding: &Finding, indent: &str) {
    push_sentences(out, finding, indent, masked);
}

fn push_sentences(out: &mut String, finding: &Finding, indent: &str, shown: fn(&str) -> Cow<'_, str>) {
    let color = match finding.severity {
        Severity::Error => AnsiColor::BrightRed,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Info => AnsiColor::BrightBlue,
    };
    let style = color.on_default().effects(Effects::BOLD);
    let tag = format!("{}[{}]", finding.severity.as_str(), finding.rule.name());
    let deeper = format!("{indent}  ");
    let line = filled(&format!("{tag}: {}", shown(&finding.message)), indent, &deeper);
    *out += &line.replacen(&tag, &format!("{style}{tag}{style:#}"), 1);
    if let Some(help) = &finding.help {
        *out += &filled(&format!("= help: {}", shown(help)), &deeper, &format!("{deeper}  "));
    }
}

/// The mandatory rules that are there; the findings about the others, and what is about no rule; those not needed now.
fn push_infrastructure(out: &mut String, judged: &Judged<'_>, show: Show) {
    let mut lines = String::new();
    let of = |status| judged.infrastructure.iter().filter(move |proof| proof.status == status);
    for Proof { mandatory, rules, .. } in of(Status::Proven) {
        let names = rules.iter().map(|(set, rule)| format!("{} of `{}`", words::title(rule, Sort::Allow), shown(set)));
        let said = names.collect::<Vec<_>>().join(", ");
        let line = filled(&format!("{mandatory}: {said}"), "  ok  ", "      ");
        lines += &line.replacen("ok", &format!("{GOOD}ok{GOOD:#}"), 1);
    }
    judged.findings.iter().for_each(|finding| push_finding(&mut lines, finding, "  "));
    if let Some(Proof { doubts, .. }) = of(Status::NotNeeded).next() {
        let (number, why) = (of(Status::NotNeeded).count(), doubts.join("; "));
        lines += &filled(&format!("{number} more are not needed: {why}"), "  -   ", "      ");
        for Proof { mandatory, .. } in of(Status::NotNeeded).filter(|_| show == Show::All) {
            lines += &filled(&mandatory.to_string(), "        ", "          ");
        }
    }
    if !lines.is_empty() {
        let _ = writeln!(out, "{TITLE}Rules that CLAS needs{TITLE:#}\n{lines}");
    }
}
