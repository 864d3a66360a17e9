//! Markdown for the policy team: a task a finding, in a ticket or a review.

use std::{borrow::Cow, fmt::Write as _};

use super::{Show, cluster, parts::Parts, summary};
use crate::{
    chart::secrets::masked,
    finding::Finding,
    policy::{
        Judged, JudgedRule, JudgedSet, Sort,
        proof::{Proof, Status},
        words,
    },
};

/// A judged policy, part by part.
pub fn markdown(judged: &Judged<'_>, show: Show, tell: &mut dyn FnMut(&str)) {
    let mut parts = Parts::to(tell);
    let out = &mut parts.text;
    *out += "# PCE policy before CLAS\n\n";
    if let Some(cluster) = cluster(judged) {
        let _ = writeln!(out, "Cluster {}.\n", escaped(&cluster));
    }
    let _ = writeln!(out, "{}.", escaped(&summary(judged)));
    for set in show.sets(judged) {
        push_set(&mut parts, judged, set, show);
    }
    let out = &mut parts.text;
    push_infrastructure(out, judged);
    if !judged.untold.is_empty() {
        *out += "\n## Not known\n\n";
        for untold in &judged.untold {
            let _ = writeln!(out, "- {}", escaped(untold));
        }
    }
    parts.hand_on();
}

/// The mandatory rules that are there or not needed; then the findings about the others, and what is about no rule.
fn push_infrastructure(out: &mut String, judged: &Judged<'_>) {
    let mut lines = String::new();
    for Proof { mandatory, status, rules, doubts, .. } in &judged.infrastructure {
        let (mark, said) = match status {
            Status::Proven => {
                let names = rules.iter().map(|(set, rule)| format!("{} of {set}", words::title(rule, Sort::Allow)));
                ("[x] ", names.collect::<Vec<_>>().join(", "))
            }
            Status::NotNeeded => ("", format!("not needed, because {}", doubts.join("; "))),
            Status::Likely | Status::NotFound => continue,
        };
        let _ = writeln!(lines, "- {mark}{}: {}", escaped(&mandatory.to_string()), escaped(&said));
    }
    judged.findings.iter().for_each(|finding| push_finding(&mut lines, finding));
    if !lines.is_empty() {
        let _ = write!(out, "\n## Rules that CLAS needs\n\n{lines}");
    }
}

fn push_set(parts: &mut Parts<'_>, judged: &Judged<'_>, set: &JudgedSet<'_>, show: Show) {
    let out = &mut parts.text;
    let _ = writeln!(out, "\n## {}", escaped(&words::shown(set.name)));
    if !set.href.is_empty() {
        let off = if set.is_enabled { "" } else { "; the rule set is disabled" };
        let _ = writeln!(out, "\nScope: {}{off}.", escaped(&judged.book.scopes_in_words(set.scopes)));
    }
    if !set.findings.is_empty() {
        out.push('\n');
    }
    set.findings.iter().for_each(|finding| push_finding(out, finding));
    for rule in show.rules(set) {
        push_rule(&mut parts.text, judged, rule);
        parts.line_ends();
    }
}

fn push_rule(out: &mut String, judged: &Judged<'_>, judged_rule: &JudgedRule<'_>) {
    let JudgedRule { rule, sort, findings, .. } = judged_rule;
    let becomes = judged_rule.becomes(judged.book);
    let written = judged.book.words(rule, *sort);
    let off = if rule.is_enabled { "" } else { " (off)" };
    let uses = if written.uses.is_empty() { String::new() } else { format!(" ({})", written.uses) };
    let _ = writeln!(out, "\n### {}{off}\n", escaped(&words::title(rule, *sort)));
    let _ = writeln!(out, "{}{}", escaped(&written.line()), escaped(&uses));
    if !written.conditions.is_empty() {
        let _ = writeln!(out, "\nOnly with {}.", escaped(&written.conditions.join("; ")));
    }
    if !rule.description.is_empty() {
        let _ = writeln!(out, "\n> {}", escaped(&words::shown(&rule.description)));
    }
    if !(findings.is_empty() && becomes.is_empty()) {
        out.push('\n');
    }
    // the names in them are masked, each by itself
    for finding in findings {
        push_sentences(out, finding, |text| text.into());
    }
    for line in becomes {
        let _ = writeln!(out, "- becomes: **{}**", escaped(&line));
    }
}

fn push_finding(out: &mut String, finding: &Finding) {
    push_sentences(out, finding, masked);
}

fn push_sentences(out: &mut String, finding: &Finding, shown: fn(&str) -> Cow<'_, str>) {
    let (severity, rule) = (finding.severity.as_str(), finding.rule.name());
    let _ = writeln!(out, "- [ ] **{severity}** `{rule}`: {}", escaped(&shown(&finding.message)));
    if let Some(help) = &finding.help {
        let _ = writeln!(out, "  - {}", escaped(&shown(help)));
    }
}

/// Text that means itself: what Markdown or HTML might obey is escaped, but not between backticks, where it means
/// itself anyway. No name holds a backtick: see [`words::shown`].
pub(in crate::report) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut is_code = false;
    for c in text.chars() {
        match c {
            '`' => {
                is_code = !is_code;
                out.push(c);
            }
            '\n' | '\r' => out.push(' '),
            c if is_code => out.push(c),
            '<' => out += "&lt;",
            '&' => out += "&amp;",
            '\\' | '*' | '_' | '[' | ']' | '|' | '~' | '#' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_itself() {
        assert_eq!(escaped("a_b <img> *x* [y](z) -> &"), r"a\_b &lt;img> \*x\* \[y\](z) -> &amp;");
        assert_eq!(escaped("`a_b <c>` d_e"), r"`a_b <c>` d\_e");
    }
}
