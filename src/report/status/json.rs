//! What a program reads.

use std::collections::BTreeMap;

use serde::Serialize;

use super::next;
use crate::{
    called::Called,
    finding::Position,
    mode::ClusterMode,
    release::Reach,
    report::{
        json::FindingJson,
        live::{Beside, BesideJson},
        pce_clusters::OfPce,
        pretty::pretty,
        unjudged::UnjudgedJson,
    },
    status::{Holder, Overview, Standing},
};

#[derive(Serialize)]
struct StatusJson<'a> {
    schema: &'static str,
    files: Vec<StandingJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effective: Option<EffectiveJson<'a>>,
    #[serde(rename = "pceClusters", skip_serializing_if = "Option::is_none")]
    pce_clusters: Option<serde_json::Value>,
    #[serde(flatten)]
    beside: Option<BesideJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty", rename = "notJudged")]
    not_judged: Vec<UnjudgedJson<'a>>,
    summary: SummaryJson,
}

#[derive(Serialize)]
struct StandingJson<'a> {
    file: &'a str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<&'a str>,
    #[serde(rename = "decidedIn", skip_serializing_if = "Option::is_none")]
    decided_in: Option<&'a str>,
    path: &'a [String],
    mode: Option<&'static str>,
    #[serde(flatten)]
    position: Option<Position>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    overridden: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reach: Option<ReachJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    overrides: Vec<SpotJson<'a>>,
    #[serde(rename = "removedIn", skip_serializing_if = "Option::is_none")]
    removed_in: Option<SpotJson<'a>>,
    next: Vec<String>,
    findings: Vec<FindingJson<'a>>,
}

/// Whom an edit at the deciding spot moves, where that is not one cluster.
#[derive(Serialize)]
struct ReachJson<'a> {
    /// Nothing where they cannot be counted.
    clusters: Option<usize>,
    #[serde(rename = "allOf", skip_serializing_if = "Option::is_none")]
    all_of: Option<&'a str>,
}

#[derive(Serialize)]
struct SpotJson<'a> {
    file: &'a str,
    #[serde(flatten)]
    position: Position,
}

impl<'a> SpotJson<'a> {
    fn of((file, position): &'a (String, Position)) -> Self {
        Self { file, position: *position }
    }
}

#[derive(Serialize)]
struct EffectiveJson<'a> {
    mode: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    next: Vec<String>,
}

#[derive(Serialize)]
struct SummaryJson {
    clusters: usize,
    modes: BTreeMap<&'static str, usize>,
    unknown: usize,
    #[serde(rename = "notFollowed", skip_serializing_if = "Option::is_none")]
    not_followed: Option<usize>,
}

/// The answer of `status`. What the files of one cluster come to is there where such files were named;
/// `live`, `pce` and whether they `agree` where the cluster was asked, and every cluster of the PCE where it was asked for all.
#[must_use]
pub fn json(overview: &Overview, called: Called, beside: Option<&Beside<'_>>, of_pce: Option<&OfPce<'_>>) -> String {
    let summary = overview.summary();
    let effective = overview.effective();
    let effective = EffectiveJson {
        mode: effective.and_then(|standing| standing.mode).map(ClusterMode::as_str),
        file: effective
            .filter(|standing| !standing.is_default() && standing.holder != Holder::Option)
            .map(|standing| standing.decided_in.as_ref().unwrap_or(&standing.file).as_str()),
        next: effective.into_iter().flat_map(next).collect(),
    };
    pretty(&StatusJson {
        schema: "helm-clas/status/v1",
        files: overview.standings().map(|standing| StandingJson::of(standing, called)).collect(),
        effective: (!overview.merged.is_empty()).then_some(effective),
        beside: beside.map(Beside::json),
        pce_clusters: of_pce.map(OfPce::json),
        not_judged: overview.unjudged.iter().map(UnjudgedJson::of).collect(),
        summary: SummaryJson {
            clusters: summary.clusters,
            modes: ClusterMode::ALL.map(|mode| (mode.as_str(), summary.count(mode))).into(),
            unknown: summary.unknown,
            not_followed: Some(summary.not_followed).filter(|count| *count > 0),
        },
    })
}

impl<'a> StandingJson<'a> {
    fn of(standing: &'a Standing, called: Called) -> Self {
        Self {
            file: &standing.file,
            kind: kind(standing.holder),
            release: standing.release.as_deref(),
            decided_in: standing.decided_in.as_deref(),
            path: &standing.path,
            mode: standing.mode.map(ClusterMode::as_str),
            position: standing.position,
            version: standing.version.as_deref(),
            overridden: standing.is_overridden,
            reach: ReachJson::of(standing),
            overrides: standing.overrides.iter().map(SpotJson::of).collect(),
            removed_in: standing.removed_in.as_ref().map(SpotJson::of),
            next: next(standing).collect(),
            findings: standing
                .findings
                .iter()
                .map(|noted| FindingJson::located(&noted.finding, called, noted.region.clone()))
                .collect(),
        }
    }
}

impl<'a> ReachJson<'a> {
    fn of(standing: &'a Standing) -> Option<Self> {
        let several = |count: usize| Self { clusters: Some(count), all_of: None };
        match &standing.reach {
            Reach::AllOf(generator) => Some(Self { clusters: None, all_of: Some(generator) }),
            Reach::Several(names) => Some(several(standing.shared_by.unwrap_or_default().max(names.len()))),
            Reach::One => standing.shared_by.map(several),
        }
    }
}

const fn kind(holder: Holder) -> &'static str {
    match holder {
        Holder::Values => "values",
        Holder::Option => "option",
        Holder::Mention => "mention",
        Holder::Manifest(title) => title,
    }
}
