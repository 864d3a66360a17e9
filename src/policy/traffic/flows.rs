//! The API's flows: what `traffic_flows/async_queries/ID/download` answers.
//!
//! (Source: the vendor's schema `traffic_flows_async_queries_download_get`, PCE 25.2.20 and 26.3.0)

use std::borrow::Cow;

use serde::Deserialize;

use super::seen::{Label, Seen, Side, Traffic};
use crate::policy::read::{Text, Unreadable, or_default, parsed};

#[derive(Deserialize)]
#[serde(expecting = "a flow")]
struct Flow<'t> {
    #[serde(borrow, default, deserialize_with = "or_default")]
    src: End<'t>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    dst: End<'t>,
    #[serde(default, deserialize_with = "or_default")]
    service: Service,
    #[serde(default, deserialize_with = "or_default")]
    num_connections: i64,
    #[serde(borrow, default, deserialize_with = "or_default")]
    policy_decision: Text<'t>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    draft_policy_decision: Text<'t>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    timestamp_range: Times<'t>,
}

#[derive(Default, Deserialize)]
#[serde(expecting = "an end of a flow")]
struct End<'t> {
    #[serde(borrow, default, deserialize_with = "or_default")]
    ip: Text<'t>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    workload: Option<Workload<'t>>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    virtual_service: Option<VirtualService<'t>>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    fqdn_name: Text<'t>,
}

#[derive(Deserialize)]
#[serde(expecting = "a workload")]
struct Workload<'t> {
    #[serde(borrow, default, deserialize_with = "or_default")]
    hostname: Text<'t>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    name: Text<'t>,
    #[serde(borrow, default)]
    labels: Option<Vec<Named<'t>>>,
}

#[derive(Deserialize)]
#[serde(expecting = "a virtual service")]
struct VirtualService<'t> {
    #[serde(borrow, default, deserialize_with = "or_default")]
    href: Text<'t>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    name: Text<'t>,
}

#[derive(Deserialize)]
#[serde(expecting = "a label")]
struct Named<'t> {
    #[serde(borrow, default, deserialize_with = "or_default")]
    href: Text<'t>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    key: Text<'t>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    value: Text<'t>,
}

impl<'t> Named<'t> {
    /// The label by its href, or by its words where it has none.
    fn label(self) -> Label<'t> {
        if self.href.is_empty() {
            Label::Words(self.key.into_cow(), self.value.into_cow())
        } else {
            Label::Href(self.href.into_cow())
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(expecting = "a port and a protocol")]
struct Service {
    #[serde(default, deserialize_with = "or_default")]
    port: Option<i64>,
    #[serde(default, deserialize_with = "or_default")]
    proto: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(expecting = "times")]
struct Times<'t> {
    #[serde(borrow, default, deserialize_with = "or_default")]
    last_detected: Text<'t>,
}

pub(super) fn read<'t>(name: &str, json: &'t str) -> Result<Traffic<'t>, Unreadable> {
    let flows: Vec<Flow<'t>> = parsed(name, json)?;
    let mut traffic = Traffic::default();
    for (number, flow) in (1..).zip(flows) {
        if let Some(seen) = flow.seen() {
            traffic.flows.push(seen);
        } else {
            traffic.passed_over += 1;
            traffic.reason.get_or_insert_with(|| format!("flow {number} has no valid port or protocol"));
        }
    }
    Ok(traffic)
}

impl<'t> Flow<'t> {
    /// The flow, if it has a port and a protocol.
    fn seen(self) -> Option<Seen<'t>> {
        let protocol = u8::try_from(self.service.proto?).ok()?;
        // ICMP has none
        let port = u16::try_from(self.service.port.unwrap_or_default()).ok()?;
        Some(Seen {
            source: self.src.side(),
            destination: self.dst.side(),
            protocol,
            port,
            connections: u64::try_from(self.num_connections).unwrap_or_default(),
            last_seen: self.timestamp_range.last_detected.into_cow(),
            reported: self.policy_decision.into_cow(),
            draft: self.draft_policy_decision.into_cow(),
        })
    }
}

impl<'t> End<'t> {
    fn side(self) -> Side<'t> {
        let first = |texts: [Text<'t>; 2]| -> Cow<'t, str> {
            texts.into_iter().find(|text| !text.is_empty()).map_or(Cow::Borrowed(""), Text::into_cow)
        };
        let is_untold = self.workload.as_ref().is_some_and(|workload| workload.labels.is_none());
        let (labels, of_workload) = match self.workload {
            Some(Workload { hostname, name, labels }) => {
                let labels = labels.map(|labels| labels.into_iter().map(Named::label).collect());
                (labels, first([name, hostname]))
            }
            None => (None, Cow::Borrowed("")),
        };
        let (service, of_service) = match self.virtual_service {
            Some(VirtualService { href, name }) => (Some(href.into_cow()), name.into_cow()),
            None => (None, self.fqdn_name.into_cow()),
        };
        let name = if of_service.is_empty() { of_workload } else { of_service };
        Side { address: self.ip.into_cow(), name, labels, is_untold, service }
    }
}
