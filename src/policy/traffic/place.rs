//! [`Places`]: which source, destination and port of a policy a flow has that was seen.

use core::net::IpAddr;
use std::collections::HashMap;

use super::seen::{Label, Seen, Side};
use crate::policy::prove::{Comparison, Endpoint, Flow};

/// Why the place of a flow is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unplaced {
    /// A label of a workload is not in the input.
    Label,
    /// A workload whose labels are not known.
    NoLabels,
    /// Rules use keys of labels for which there is no column.
    NoColumn,
    /// An address is not one.
    Address,
    /// A virtual service is not in the input, or not of the cluster.
    Service,
    /// The port is not one of the service's.
    Port,
}

impl Unplaced {
    /// As a person reads it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Label => "a label of the workload is not in the input",
            Self::NoLabels => "the labels of the workload are not in the input",
            Self::NoColumn => "some of its labels have no column",
            Self::Address => "its address is not valid",
            Self::Service => "the virtual service is not in the input, or belongs to another cluster",
            Self::Port => "the service does not have this port in the input",
        }
    }
}

/// What the flows of a policy are found by.
pub(super) struct Places<'c, 'p> {
    comparison: &'c Comparison<'p>,
    /// Whether a column is absent that rules need, of the sources and of the destinations.
    lacks: [bool; 2],
    by_address: HashMap<IpAddr, Vec<u32>>,
    by_name: HashMap<&'p str, Vec<u32>>,
    by_labels: HashMap<Vec<(u32, u32)>, Vec<u32>>,
    labels: HashMap<(String, String), Option<(u32, u32)>>,
}

impl<'c, 'p> Places<'c, 'p> {
    pub(super) fn of(comparison: &'c Comparison<'p>, lacks: [bool; 2]) -> Self {
        let mut places = Self {
            comparison,
            lacks,
            by_address: HashMap::new(),
            by_name: HashMap::new(),
            by_labels: HashMap::new(),
            labels: HashMap::new(),
        };
        for (number, service) in comparison.numbered_services() {
            for address in service.service_addresses.iter().filter_map(|address| address.ip.parse().ok()) {
                places.by_address.entry(address).or_default().push(number);
            }
            places.by_name.entry(&service.name).or_default().push(number);
            places.by_labels.entry(comparison.labels_of_service(number).to_vec()).or_default().push(number);
        }
        places
    }

    /// The flows that a flow may be, the likeliest first: one to pods may be one through a service.
    pub(super) fn flows(&mut self, seen: &Seen<'_>) -> Result<Vec<Flow>, Unplaced> {
        let source = self.source(&seen.source)?;
        let flow = |destination, port| Flow { source: source.clone(), destination, protocol: seen.protocol, port };
        let to_service = |service: u32, is_address: bool| {
            let ports = self.comparison.ports_behind(service, seen.protocol, seen.port);
            let is_cluster = is_address || !self.comparison.stays(service);
            let destination = if is_cluster && self.comparison.has_cluster_address(service) {
                Endpoint::Cluster(service)
            } else {
                Endpoint::Front(service)
            };
            ports.into_iter().map(move |port| flow(destination.clone(), port)).collect::<Vec<_>>()
        };
        let address = seen.destination.address.trim().parse::<IpAddr>().ok();
        let by_address = address.and_then(|address| self.by_address.get(&address));
        if let Some(named) = &seen.destination.service {
            let by_href = self.comparison.service(named).map(|service| vec![service]);
            let found = by_href.or_else(|| self.by_name.get(&**named).cloned()).ok_or(Unplaced::Service)?;
            let is_address = |service: &u32| by_address.is_some_and(|services| services.contains(service));
            return some(found.iter().flat_map(|service| to_service(*service, is_address(service))).collect());
        }
        if let Some(services) = by_address {
            return some(services.iter().flat_map(|service| to_service(*service, true)).collect());
        }
        self.see_labels(&seen.destination, 1)?;
        let Some(labels) = &seen.destination.labels else {
            let address = address.ok_or(Unplaced::Address)?;
            return Ok(vec![flow(Endpoint::Address(address), seen.port)]);
        };
        let labels = self.labels(labels)?;
        // pods see the port behind the service
        let behind = self.by_labels.get(&labels).into_iter().flatten();
        let through = behind.filter(|service| self.comparison.has_port(**service, seen.protocol, seen.port));
        let through: Vec<Flow> = through.map(|service| flow(Endpoint::Cluster(*service), seen.port)).collect();
        let direct = flow(Endpoint::Workload(labels), seen.port);
        Ok([direct].into_iter().chain(through).collect())
    }

    /// Whether all that is needed is known of the labels of a side.
    fn see_labels(&self, side: &Side<'_>, which: usize) -> Result<(), Unplaced> {
        if side.is_untold {
            return Err(Unplaced::NoLabels);
        }
        // what has no label in the columns that are there may be a workload anyway
        if self.lacks[which] { Err(Unplaced::NoColumn) } else { Ok(()) }
    }

    fn source(&mut self, side: &Side<'_>) -> Result<Endpoint, Unplaced> {
        self.see_labels(side, 0)?;
        if let Some(labels) = &side.labels {
            return Ok(Endpoint::Workload(self.labels(labels)?));
        }
        if let Some(service) = side.service.as_deref().and_then(|href| self.comparison.service(href)) {
            return Ok(Endpoint::Behind(service));
        }
        let address = side.address.trim().parse().map_err(|_| Unplaced::Address)?;
        Ok(Endpoint::Address(address))
    }

    fn labels(&mut self, labels: &[Label<'_>]) -> Result<Vec<(u32, u32)>, Unplaced> {
        let mut found = Vec::with_capacity(labels.len());
        for label in labels {
            let known = match label {
                Label::Href(href) => self.comparison.label(href),
                Label::Words(key, value) => {
                    let comparison = self.comparison;
                    let words = (key.clone().into_owned(), value.clone().into_owned());
                    *self.labels.entry(words).or_insert_with(|| comparison.label_named(key, value))
                }
            };
            found.push(known.ok_or(Unplaced::Label)?);
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Labels as a person reads them.
    pub(super) fn words(&self, side: &Side<'_>) -> String {
        let shown = |text: &str| crate::policy::words::shown(text).into_owned();
        let Some(labels) = &side.labels else {
            return shown(if side.name.is_empty() { &side.address } else { &side.name });
        };
        let mut words: Vec<String> = labels
            .iter()
            .map(|label| match label {
                Label::Words(key, value) if key.is_empty() && value.is_empty() => "a label without a name".to_owned(),
                Label::Words(key, value) => format!("{}={}", shown(key), shown(value)),
                Label::Href(href) => match self.comparison.label(href) {
                    Some((key, value)) => self.comparison.label_in_words(key, value),
                    None => shown(href),
                },
            })
            .collect();
        words.sort_unstable();
        if words.is_empty() { format!("{} (no labels)", shown(&side.name)) } else { words.join(" + ") }
    }
}

fn some(flows: Vec<Flow>) -> Result<Vec<Flow>, Unplaced> {
    if flows.is_empty() { Err(Unplaced::Port) } else { Ok(flows) }
}
