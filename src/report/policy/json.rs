//! The JSON output of `policy`: structures of its own, whose fields are promises. (`schemas/output.schema.json`)

use std::{borrow::Cow, cell::RefCell, collections::HashMap, ops::Range};

use serde::{Serialize, Serializer};

use super::Show;
use crate::{
    called::Called,
    finding::{Finding, Position, Severity},
    policy::{
        Judged, JudgedRule, JudgedSet,
        proof::Proof,
        words::{Words, shown},
    },
    report::{cursor::Cursor, json::FindingJson, pretty::pretty},
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PolicyJson<'j> {
    schema: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<ClusterJson<'j>>,
    rule_sets: Sets<'j>,
    infrastructure: Vec<ProofJson<'j>>,
    findings: Vec<FindingJson<'j>>,
    unknown: &'j [String],
    summary: SummaryJson,
}

#[derive(Serialize)]
struct ClusterJson<'j> {
    id: &'j str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Cow<'j, str>>,
}

#[derive(Serialize)]
struct SetJson<'j> {
    name: Cow<'j, str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    href: &'j str,
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    findings: Vec<FindingJson<'j>>,
    rules: Rules<'j>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleJson<'j> {
    href: &'j str,
    kind: &'static str,
    enabled: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: Cow<'j, str>,
    sources: String,
    destinations: String,
    services: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    uses: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conditions: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<String>,
    becomes: Vec<String>,
    findings: Vec<FindingJson<'j>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProofJson<'j> {
    id: &'static str,
    needed: String,
    why: &'static str,
    source: &'static str,
    status: &'static str,
    rules: Vec<&'j str>,
    doubts: &'j [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SummaryJson {
    rule_sets: usize,
    rules: usize,
    affected: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_shown: Option<NotShown>,
}

/// What is counted and not shown.
#[derive(Serialize)]
struct NotShown {
    errors: usize,
    warnings: usize,
    infos: usize,
}

/// A judged policy. The words are those of the text output; hrefs are there to find the objects on the PCE.
#[must_use]
pub fn json(judged: &Judged<'_>, show: Show, called: Called) -> String {
    let sources = judged.book.policy.sources().iter();
    let cursors = sources.map(|source| (source.name, Cursor::new(source.text))).collect();
    let view = View { judged, show, called, cursors: RefCell::new(cursors) };
    let (rules, affected) = judged.count_rules();
    let json = PolicyJson {
        schema: "helm-clas/policy/v1",
        cluster: judged
            .cluster
            .as_deref()
            .map(|id| ClusterJson { id, name: judged.book.name_of_cluster(id).map(shown) }),
        rule_sets: Sets(&view),
        infrastructure: judged.infrastructure.iter().map(ProofJson::of).collect(),
        findings: view.findings(&judged.findings, FindingJson::located),
        unknown: &judged.untold,
        summary: SummaryJson {
            rule_sets: judged.rule_sets.len(),
            rules,
            affected,
            errors: judged.count(Severity::Error),
            warnings: judged.count(Severity::Warning),
            infos: judged.count(Severity::Info),
            not_shown: super::left_out(judged).map(|_| NotShown {
                errors: judged.count_left_out(Severity::Error),
                warnings: judged.count_left_out(Severity::Warning),
                infos: judged.count_left_out(Severity::Info),
            }),
        },
    };
    pretty(&json)
}

/// What is shown, and where in the files it has come to.
struct View<'j> {
    judged: &'j Judged<'j>,
    show: Show,
    called: Called,
    cursors: RefCell<HashMap<&'j str, Cursor<'j>>>,
}

/// The rule sets, written as they are made: a hundred thousand rules in words need not be in memory at once.
struct Sets<'j>(&'j View<'j>);

/// The rules of a set, in the same way.
struct Rules<'j>(&'j View<'j>, &'j JudgedSet<'j>);

impl Serialize for Sets<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(view) = self;
        serializer.collect_seq(view.show.sets(view.judged).map(|set| SetJson {
            name: shown(set.name),
            href: set.href,
            enabled: set.is_enabled,
            scope: (!set.href.is_empty()).then(|| view.judged.book.scopes_in_words(set.scopes)),
            findings: view.findings(&set.findings, FindingJson::located),
            rules: Rules(view, set),
        }))
    }
}

impl Serialize for Rules<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(view, set) = self;
        serializer.collect_seq(view.show.rules(set).map(|judged| {
            let JudgedRule { rule, sort, findings, .. } = judged;
            let Words { sources, destinations, services, uses, conditions } = view.judged.book.words(rule, *sort);
            RuleJson {
                href: &rule.href,
                kind: sort.as_str(),
                enabled: rule.is_enabled,
                description: shown(&rule.description),
                sources,
                destinations,
                services,
                uses,
                conditions,
                unknown: rule.unknown_fields(),
                becomes: judged.becomes(view.judged.book),
                // the names in them are masked, each by itself
                findings: view.findings(findings, FindingJson::shown),
            }
        }))
    }
}

impl<'j> View<'j> {
    fn findings(
        &self,
        findings: &'j [Finding],
        json: fn(&'j Finding, Called, Option<Range<Position>>) -> FindingJson<'j>,
    ) -> Vec<FindingJson<'j>> {
        let mut cursors = self.cursors.borrow_mut();
        let all = findings.iter().map(|finding| {
            let cursor = finding.file.as_deref().and_then(|file| cursors.get_mut(file));
            let region =
                finding.span.as_ref().zip(cursor).map(|(span, cursor)| cursor.to(span.start)..cursor.to(span.end));
            json(finding, self.called, region)
        });
        all.collect()
    }
}

impl<'j> ProofJson<'j> {
    fn of(Proof { mandatory, status, rules, doubts, .. }: &'j Proof<'j>) -> Self {
        Self {
            id: mandatory.id,
            needed: mandatory.to_string(),
            why: mandatory.why,
            source: mandatory.cited,
            status: status.as_str(),
            rules: rules.iter().map(|(_, rule)| &*rule.href).collect(),
            doubts,
        }
    }
}
