//! Traffic that the PCE has seen. A query is an object of its own on the PCE, which is made and asked; policy, labels
//! and workloads are only read.
//!
//! (Source: the vendor's schemas `traffic_flows_async_queries_*`, PCE 25.2.20 and 26.3.0; `update_rules`, which fills
//! in what the drafts decide, as public clients use it)

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;

use super::{
    Pce, Prefer,
    http::{Answer, Ask},
};
use crate::failure::Failure;

/// The longest that a query may take.
const LONGEST_QUERY: Duration = Duration::from_secs(1200);

/// How long the PCE thinks about its drafts, where it does not say.
const DRAFTS: Duration = Duration::from_secs(10);

/// How often a query is looked at, where the PCE does not say.
const PAUSE: Duration = Duration::from_secs(2);

/// The flows of one query.
pub(crate) struct Flows {
    /// The list as the PCE sent it.
    pub(crate) text: String,
    /// Whether there are more than the PCE gives.
    pub(crate) is_cut: bool,
    /// Whether the PCE was asked what its drafts decide.
    pub(crate) has_drafts: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Query {
    href: String,
    status: String,
    matches_count: Option<usize>,
    flows_count: Option<usize>,
}

impl Pce {
    /// The flows that a query finds.
    pub(crate) fn flows(&self, query: &Value) -> Result<Flows, Failure> {
        let path = self.in_org("traffic_flows/async_queries")?;
        let answer = self.sent(&path, &Ask::Query(&query.to_string()))?;
        self.taken(&path, &answer)?;
        let made: Query = self.read(&path, &self.json_text(&path, answer.body)?)?;
        let place = self.own_path(&made.href)?;
        // only what this client made is asked further
        if !place.starts_with(&format!("{path}/")) {
            return Err(Failure::new(format!("the PCE {} names another place for its answer", self.host()))
                .help("is this host and port the PCE's API?"));
        }
        let done = self.completed(&place)?;
        let drafts = self.sent(&format!("{place}/update_rules"), &Ask::Put("{}"))?;
        let has_drafts = (200..300).contains(&drafts.status);
        if has_drafts {
            self.wait("the PCE compares its drafts with the traffic", drafts.retry_after.unwrap_or(DRAFTS));
            self.completed(&place)?;
        }
        let text = self.text(&format!("{place}/download"))?;
        let is_cut = done.matches_count.zip(done.flows_count).is_some_and(|(matches, flows)| matches > flows);
        Ok(Flows { text, is_cut, has_drafts })
    }

    /// Waits until a query is answered.
    fn completed(&self, place: &str) -> Result<Query, Failure> {
        let started = Instant::now();
        loop {
            let answer = self.asked(place, Prefer::Now)?;
            self.connection.accepted(place, &answer)?;
            let wait = answer.retry_after.unwrap_or(PAUSE);
            let query: Query = self.read(place, &self.json_text(place, answer.body)?)?;
            match query.status.as_str() {
                "completed" => return Ok(query),
                "queued" | "working" | "pending" | "running" | "" if started.elapsed() < LONGEST_QUERY => {
                    self.wait("the PCE collects traffic", wait.min(LONGEST_QUERY));
                }
                status => {
                    let status = self.connection.clean(status);
                    return Err(Failure::new(format!(
                        "the PCE {} did not answer about traffic: `{status}`",
                        self.host()
                    ))
                    .help("try again later, or ask for fewer days"));
                }
            }
        }
    }

    /// Refuses an answer to a query that is not one.
    fn taken(&self, path: &str, answer: &Answer) -> Result<(), Failure> {
        if (200..300).contains(&answer.status) { Ok(()) } else { self.connection.accepted(path, answer) }
    }
}
