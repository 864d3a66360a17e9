//! The traffic of the last days, asked of the PCE in windows of time, each small enough for one answer.

use std::time::{Duration, SystemTime};

use helm_clas::ClusterValues;
use serde_json::{Value, json};

use super::TRAFFIC;
use crate::{
    args::prove::Prove,
    command::policy::{Given, Origin},
    failure::Failure,
    output::Output,
    outside::pce::{Pce, Settings, export::joined},
};

/// The most flows of one answer. (Source: the vendor's schema `traffic_flows_async_queries_post`)
const MOST_FLOWS: usize = 200_000;

/// The smallest window: what is more than one answer even then is not all known.
const SMALLEST: Duration = Duration::from_secs(15 * 60);

/// The most bytes of all answers together.
const MOST_BYTES: usize = 1 << 30;

/// The flows of the last days, as one list.
pub(super) fn traffic(asked: &Prove, values: &ClusterValues, days: u32, output: &mut Output) -> Result<Given, Failure> {
    let pce = Pce::new(Settings::required(&asked.pce, values)?, output)?;
    let end = SystemTime::now();
    let start = end - Duration::from_secs(u64::from(days) * 24 * 3600);
    let mut windows = vec![(start, end)];
    let mut lists = Vec::new();
    let mut length = 0;
    let (mut has_drafts, mut is_whole) = (true, true);
    while let Some((start, end)) = windows.pop() {
        let found = pce.flows(&query(start, end))?;
        let width = end.duration_since(start).unwrap_or_default();
        if found.is_cut && width > SMALLEST {
            let middle = start + width / 2;
            windows.extend([(middle, end), (start, middle)]);
            continue;
        }
        is_whole &= !found.is_cut;
        has_drafts &= found.has_drafts;
        length += found.text.len();
        if length > MOST_BYTES {
            return Err(Failure::new("the PCE has more traffic than fits into memory").help("ask for fewer days"));
        }
        lists.push(found.text);
    }
    if !is_whole {
        output.remark("warning: for some minutes the PCE has more flows than it returns: not all traffic is known\n");
    }
    if !has_drafts {
        output.remark("note: the PCE does not say what its drafts decide\n");
    }
    let origin = Origin::Pce(pce.host().to_owned());
    Ok(Given { file: TRAFFIC, name: format!("traffic of {}", pce.host()), text: joined(&lists), origin })
}

fn query(start: SystemTime, end: SystemTime) -> Value {
    let time = |time| humantime::format_rfc3339_seconds(time).to_string();
    let every = json!({ "include": [[]], "exclude": [] });
    json!({
        "query_name": "helm clas policy prove",
        "start_date": time(start),
        "end_date": time(end),
        "sources": every,
        "destinations": every,
        "services": { "include": [], "exclude": [] },
        "policy_decisions": ["allowed", "potentially_blocked", "blocked", "unknown"],
        "max_results": MOST_FLOWS,
    })
}
