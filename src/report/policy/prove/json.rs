//! The JSON output of `policy prove`: structures of its own, whose fields are promises. (`schemas/output.schema.json`)

use serde::Serialize;

use super::words;
use crate::{
    policy::{
        prove::{Answer, Change, Comparison, Direction, RuleOf},
        words::shown,
    },
    report::pretty::pretty,
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProofJson<'j> {
    schema: &'static str,
    answer: &'static str,
    changes: Vec<ChangeJson<'j>>,
    services: Vec<ServiceJson<'j>>,
    unknown: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    assumptions: Vec<AssumptionJson>,
    summary: SummaryJson,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChangeJson<'j> {
    answer: &'static str,
    direction: &'static str,
    rule: RuleJson<'j>,
    services: Vec<&'j str>,
    ports: String,
    whole: bool,
    why: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    doubts: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    denied_by: Option<&'j str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    circumstances: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<FlowJson>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RuleJson<'j> {
    href: &'j str,
    set: String,
    kind: &'static str,
    rule: String,
}

#[derive(Serialize)]
struct FlowJson {
    source: String,
    destination: String,
    port: String,
}

#[derive(Serialize)]
struct ServiceJson<'j> {
    href: &'j str,
    name: String,
    answer: &'static str,
}

#[derive(Serialize)]
pub(super) struct AssumptionJson {
    id: &'static str,
    text: &'static str,
    source: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SummaryJson {
    rules: usize,
    boxes: usize,
    services: usize,
    classes: usize,
    lost: usize,
    gained: usize,
    not_known: usize,
    same: usize,
    not_weighed: usize,
}

/// A policy in both models. The counts of the summary are services with a cluster address.
#[must_use]
pub fn json(comparison: &Comparison<'_>) -> String {
    let services = comparison.services.iter().map(|answer| ServiceJson {
        href: &answer.service.href,
        name: shown(&answer.service.name).into_owned(),
        answer: answer.answer.as_str(),
    });
    pretty(&ProofJson {
        schema: "helm-clas/policy-prove/v1",
        answer: comparison.answer().as_str(),
        changes: comparison.changes.iter().map(|change| ChangeJson::of(comparison, change)).collect(),
        services: services.collect(),
        unknown: words::gaps(comparison),
        notes: words::notes(comparison),
        assumptions: assumptions(comparison),
        summary: SummaryJson {
            rules: comparison.counts.rules,
            boxes: comparison.counts.boxes,
            services: comparison.services.len(),
            classes: comparison.counts.classes,
            lost: comparison.count(Answer::Lost),
            gained: comparison.count(Answer::Gained),
            not_known: comparison.count(Answer::NotKnown),
            same: comparison.count(Answer::Same),
            not_weighed: comparison.counts.not_weighed,
        },
    })
}

pub(super) fn assumptions(comparison: &Comparison<'_>) -> Vec<AssumptionJson> {
    let of = comparison.assumptions.iter();
    of.map(|assumption| AssumptionJson { id: assumption.id, text: assumption.text, source: assumption.source })
        .collect()
}

impl<'j> RuleJson<'j> {
    pub(super) fn of(comparison: &Comparison<'_>, rule: RuleOf<'j>) -> Self {
        Self {
            href: &rule.rule.href,
            set: shown(&rule.set.name).into_owned(),
            kind: rule.sort.as_str(),
            rule: words::rule(comparison, rule),
        }
    }
}

impl<'j> ChangeJson<'j> {
    fn of(comparison: &'j Comparison<'_>, change: &'j Change<'_>) -> Self {
        let witness = comparison.witness(change);
        Self {
            answer: change.answer.as_str(),
            direction: if change.direction == Direction::Lost { "lost" } else { "gained" },
            rule: RuleJson::of(comparison, change.rule),
            services: comparison.services_of(change).map(|service| &*service.href).collect(),
            ports: change.ports.to_string(),
            whole: change.is_whole,
            why: words::why(change),
            doubts: change.doubts.names().collect(),
            denied_by: change.denied_by.map(|rule| &*rule.rule.href),
            circumstances: comparison.circumstances_of(change),
            witness: witness.map(|flow| FlowJson {
                source: flow.source,
                destination: flow.destination,
                port: flow.port,
            }),
        }
    }
}
