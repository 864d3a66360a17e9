//! The rules that must change, as what a policy team applies: request bodies for the PCE's API, a CSV for workloader,
//! HCL for Terraform, and Markdown for the change ticket. Nothing of it is sent.

mod markdown;
mod requests;
mod terraform;
mod workloader;

use std::fmt::Write as _;

use crate::{
    called::Called,
    chart::secrets::{MASK, masked},
};

use serde::Serialize;

use super::{html::Made, policy::cluster, pretty::pretty, text::filled};
use crate::policy::{
    Judged,
    export::DRAFT_RULE_SETS,
    model::{Condition, SecRule},
    rewritten::Rewritten,
};

/// A file of a rewrite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// What it holds.
    pub text: String,
}

/// The files, in the order of their use.
#[must_use]
pub fn documents(judged: &Judged<'_>, called: Called, made: &Made<'_>) -> Vec<Document> {
    let rewritten = judged.rewritten();
    let document = |name, purpose, text| Document { name, purpose, text };
    vec![
        document("rewrite.md", "for the change ticket", markdown::text(judged, &rewritten, called, made)),
        document("requests.json", "bodies for the PCE's REST API", requests::text(&rewritten)),
        document("rule-import.csv", "for workloader rule-import", workloader::text(judged, &rewritten).0),
        document("rules.tf", "for Terraform, illumio-core_security_rule", terraform::text(&rewritten)),
    ]
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SummaryJson<'s> {
    schema: &'static str,
    folder: &'s str,
    files: Vec<&'static str>,
    changed: usize,
    rules: usize,
    by_hand: usize,
    notes: Vec<String>,
    not_written: Vec<NotWritten>,
}

/// A file that does not have all rules.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NotWritten {
    file: &'static str,
    /// How many rules it lacks.
    rules: usize,
}

/// What was written, as JSON.
#[must_use]
pub fn json(judged: &Judged<'_>, folder: &str, documents: &[Document]) -> String {
    let Rewritten { changes, by_hand } = judged.rewritten();
    pretty(&SummaryJson {
        schema: "helm-clas/policy-rewrite/v1",
        folder,
        files: documents.iter().map(|document| document.name).collect(),
        changed: changes.len(),
        rules: changes.iter().map(|change| change.rules.len()).sum(),
        by_hand: by_hand.len(),
        notes: notes(judged),
        not_written: not_written(judged),
    })
}

/// What was written, for a person.
#[must_use]
pub fn text(judged: &Judged<'_>, folder: &str, documents: &[Document], called: Called) -> String {
    let Rewritten { changes, by_hand } = judged.rewritten();
    let rules: usize = changes.iter().map(|change| change.rules.len()).sum();
    let counted = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    let mut out = match changes.len() {
        0 => "no rule is rewritten".to_owned(),
        number => format!("{} rewritten as {}", counted(number, "rule"), counted(rules, "rule")),
    };
    if !by_hand.is_empty() {
        let _ = write!(out, ", {} for a person to decide", counted(by_hand.len(), "rule"));
    }
    out += "\n";
    for document in documents {
        let _ = writeln!(out, "  {folder}/{:<18}{}", document.name, document.purpose);
    }
    let left = not_written(judged).into_iter().map(|NotWritten { file, rules }| {
        format!("{} cannot be written in {file}: rewrite.md says which, and why", counted(rules, "rule"))
    });
    for note in notes(judged).into_iter().chain(left) {
        let _ = writeln!(out, "note: {note}");
    }
    let next = match (changes.is_empty(), by_hand.is_empty()) {
        (false, _) => "Apply one of them as a draft, provision it, and check again.".to_owned(),
        (true, false) => "There is nothing to apply: change the rules that rewrite.md lists by hand.".to_owned(),
        (true, true) => nothing(called),
    };
    out + &filled(&format!("Nothing was sent. {next}"), "", "")
}

/// What to do where no rule is to be rewritten.
fn nothing(called: Called) -> String {
    format!(
        "There is nothing to apply. `{called} policy` shows whether the rules that CLAS needs exist, and \
         `{called} policy prove` which flows change anyway."
    )
}

/// Which cluster is meant, and what is not known of what was rewritten.
fn notes(judged: &Judged<'_>) -> Vec<String> {
    let cluster = match (cluster(judged), judged.clusters) {
        (Some(cluster), _) => Some(format!("Cluster {cluster}")),
        (None, several @ 2..) => Some(format!(
            "The cluster was not named, and there are {several}: these are the rules for all of them together (see \
             --cluster)"
        )),
        (None, _) => None,
    };
    let policy = judged.book.policy;
    let has_changes = !judged.rewritten().changes.is_empty();
    let is_unknown = has_changes && policy.draft_rule_sets.is_none() && !policy.is_draft;
    let drafts = is_unknown.then(|| {
        format!(
            "Whether these rules have changes in draft is not known without {DRAFT_RULE_SETS}: a request would replace them"
        )
    });
    cluster.into_iter().chain(drafts).collect()
}

/// Which of the files do not have all rules.
fn not_written(judged: &Judged<'_>) -> Vec<NotWritten> {
    let rewritten = judged.rewritten();
    let in_csv = NotWritten { file: "rule-import.csv", rules: workloader::text(judged, &rewritten).1.len() };
    let in_hcl = NotWritten { file: "rules.tf", rules: terraform::left(&rewritten).len() };
    [in_csv, in_hcl].into_iter().filter(|file| file.rules > 0).collect()
}

/// The href of the same object in draft: what is in force is read-only.
fn in_draft(href: &str) -> String {
    href.replacen("/sec_policy/active/", "/sec_policy/draft/", 1)
}

/// A text as the PCE has it; nothing where the export masks some of it, or a credential may be in it.
fn original(text: &str) -> Option<&str> {
    (!text.contains(MASK) && masked(text) == text).then_some(text)
}

/// The words of a network.
fn network(rule: &SecRule<'_>) -> &'static str {
    match () {
        () if rule.has(Condition::OtherNetworks) => "non_brn",
        () if rule.has(Condition::EveryNetwork) => "all",
        () => "brn",
    }
}
