//! Markdown for the change ticket: each rule as it is and as it should be, and what is left to a person.

use std::fmt::Write as _;

use super::{notes, nothing, terraform, workloader};
use crate::{
    called::Called,
    policy::{Judged, Sort, rewritten::Rewritten, words},
    report::{html::Made, policy::escaped},
};

pub(super) fn text(judged: &Judged<'_>, rewritten: &Rewritten<'_, '_>, called: Called, made: &Made<'_>) -> String {
    let mut out = String::from("# Rules to change before the upgrade to CLAS\n");
    for note in notes(judged) {
        let _ = writeln!(out, "\n{}.", escaped(&note));
    }
    push_changes(&mut out, judged, rewritten);
    push_by_hand(&mut out, judged, rewritten);
    let (_, left) = workloader::text(judged, rewritten);
    if !left.is_empty() {
        out += "\n## Not in rule-import.csv\n\n";
        for (href, why) in left {
            let _ = writeln!(out, "- {}: {}", escaped(&href), escaped(why));
        }
    }
    let left = terraform::left(rewritten);
    if !left.is_empty() {
        out += "\n## Not in rules.tf\n\n";
        for (title, field) in left {
            let _ = writeln!(out, "- {}: the resource has no `{field}`", escaped(&title));
        }
    }
    match (rewritten.changes.is_empty(), rewritten.by_hand.is_empty()) {
        (false, _) => push_how_to_apply(&mut out, called),
        (true, false) => out += "\nThere is nothing to apply: change the rules above by hand.\n",
        (true, true) => {
            let _ = writeln!(out, "\n{}", nothing(called));
        }
    }
    let _ = writeln!(out, "\n{}", escaped(&made.sentence()));
    out
}

fn push_how_to_apply(out: &mut String, called: Called) {
    let _ = write!(
        out,
        "\n## How to apply it\n\n\
1. Apply one of the files as a draft: the bodies of `requests.json` in their order, `workloader rule-import \
rule-import.csv`, or the blocks of `rules.tf`.\n\
2. Look at the draft on the PCE, and provision it.\n\
3. Export the policy and check it again: `{called} policy` must find no error.\n\n\
Change the rules before the upgrade. Until then the legacy model is in force, in which the new rules may allow other \
flows than the old ones: provision them shortly before it.\n\n\
A side that means virtual services today and workloads then means every workload with these labels, also those that no \
service leads to: `{called} policy prove` of the export, with `--draft` once the draft is there, lists what is gained.\n"
    );
}

fn push_changes(out: &mut String, judged: &Judged<'_>, rewritten: &Rewritten<'_, '_>) {
    let mut set = "";
    for change in &rewritten.changes {
        if set != change.set.href {
            set = change.set.href;
            let _ = writeln!(out, "\n## {}", escaped(&words::shown(change.set.name)));
        }
        let rule = change.old.rule;
        let old = judged.book.words(rule, Sort::Allow);
        let off = if rule.is_enabled { "" } else { " (off)" };
        let uses = if old.uses.is_empty() { String::new() } else { format!(" ({})", old.uses) };
        let _ = writeln!(out, "\n### {}{off}\n", escaped(&words::title(rule, Sort::Allow)));
        let _ = writeln!(out, "- is: {}{}", escaped(&old.line()), escaped(&uses));
        for line in change.old.becomes(judged.book) {
            let _ = writeln!(out, "- becomes: **{}**", escaped(&line));
        }
        for finding in change.set.in_words(change.old) {
            let _ = writeln!(out, "- why: {}", escaped(&finding.message));
        }
    }
}

fn push_by_hand(out: &mut String, judged: &Judged<'_>, rewritten: &Rewritten<'_, '_>) {
    if rewritten.by_hand.is_empty() {
        return;
    }
    *out += "\n## For a person to decide\n";
    for by_hand in &rewritten.by_hand {
        let (rule, sort) = (by_hand.rule.rule, by_hand.rule.sort);
        let title = format!("{} of {}", words::title(rule, sort), words::shown(by_hand.set.name));
        let _ = writeln!(out, "\n- [ ] {}: {}", escaped(&title), escaped(&judged.book.words(rule, sort).line()));
        for why in &by_hand.why {
            let _ = writeln!(out, "  - {}", escaped(why));
        }
    }
}
