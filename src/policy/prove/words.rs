//! Flows as a person reads them: boxes, and one point of a box.

use super::{
    intervals::Intervals,
    labels::{Key, LabelBox, NONE, Value, Values},
    piece::Piece,
    ranges::Ranges,
    space::{Named, Space},
    terms::End,
};
use crate::{
    policy::{ports::Ports, words::shown},
    shown::first,
};
use core::net::{Ipv4Addr, Ipv6Addr};

/// At most so many values of a key are written out.
const FEW: usize = 4;

/// HTTPS, as an example of any port where all are meant.
const A_PORT: u128 = 6 << 16 | 0x01bb;

impl Space<'_> {
    /// What an end means.
    pub(super) fn end_in_words(&self, end: &End) -> String {
        match end {
            End::Workloads(labels) => self.labels_in_words(labels),
            End::Addresses(ranges) => addresses_in_words(ranges),
            other => self.point_in_words(other),
        }
    }

    /// One of the things that an end means.
    pub(super) fn point_in_words(&self, end: &End) -> String {
        match end {
            End::Workloads(labels) => {
                let words =
                    labels.keys().iter().map(|(key, values)| self.value_in_words(*key, self.a_value(*key, values)));
                let words: Vec<String> = words.collect();
                if words.is_empty() {
                    "any workload".to_owned()
                } else {
                    format!("a workload with {}", words.join(" + "))
                }
            }
            End::Addresses(ranges) => an_address(ranges),
            End::Named(named) => match self.named.of(*named) {
                Named::Workload(href) => format!("the workload {}", shown(href)),
                Named::Hosts => "a container host".to_owned(),
                Named::Server(href) => format!("the virtual server {}", shown(href)),
                Named::Addresses(name) => format!("the addresses of {}", shown(name)),
                Named::Service(href) => format!("the virtual service {}", shown(href)),
            },
            End::Behind(class) => format!("a pod behind {}", self.name_of_class(*class)),
            End::Cluster(class) => self.name_of_class(*class),
            End::Front(class) => format!("{} from outside the cluster", self.name_of_class(*class)),
        }
    }

    fn name_of_class(&self, class: u32) -> String {
        let services = &self.of_class(class).services;
        services.first().map_or_else(String::new, |service| self.name_of_service(*service))
    }

    pub(super) fn name_of_service(&self, service: u32) -> String {
        let service = self.services[service as usize];
        format!("`{}`", shown(if service.name.is_empty() { &service.href } else { &service.name }))
    }

    fn labels_in_words(&self, labels: &LabelBox) -> String {
        if labels.keys().is_empty() {
            return "All Workloads".to_owned();
        }
        let words = labels.keys().iter().map(|(key, values)| {
            let name = shown(self.keys[*key as usize]);
            match (values.named(), values.left_out()) {
                (Some([NONE]), _) => format!("no {name}"),
                (Some([value]), _) => self.value_in_words(*key, *value),
                (Some(values), _) => format!("{name}=({})", self.few_values(values, " or ")),
                (None, Some([NONE])) => format!("any {name}"),
                (None, left_out) => format!("{name}=(all but {})", self.few_values(left_out.unwrap_or_default(), ", ")),
            }
        });
        words.collect::<Vec<_>>().join(" + ")
    }

    fn few_values(&self, values: &[Value], between: &str) -> String {
        let words = values.iter().map(|value| match *value {
            NONE => "none".to_owned(),
            value => shown(self.labels[value as usize].value).into_owned(),
        });
        first(FEW, values.len(), between, words)
    }

    pub(super) fn value_in_words(&self, key: Key, value: Value) -> String {
        let name = shown(self.keys[key as usize]);
        match value {
            NONE => format!("no {name}"),
            Value::MAX => format!("another {name}"),
            value => format!("{name}={}", shown(self.labels[value as usize].value)),
        }
    }

    /// One of some values; the greatest number means a label that the input does not have.
    fn a_value(&self, key: Key, values: &Values) -> Value {
        if let Some([first, ..]) = values.named() {
            return *first;
        }
        let mut others = (0..).zip(&self.labels).filter(|(_, label)| label.key == Some(key)).map(|(value, _)| value);
        others.find(|value| values.hold(*value)).unwrap_or(if values.hold(NONE) { NONE } else { Value::MAX })
    }
}

/// The ports that these numbers mean.
pub(super) fn ports(numbers: &Intervals) -> Ports {
    if numbers.cover(&Intervals::of(0, u128::MAX)) {
        return Ports::every();
    }
    let mut ports = Ports::default();
    for (from, to) in numbers.runs().flat_map(by_protocol) {
        let number = |port: u128| u16::try_from(port & 0xffff).unwrap_or(u16::MAX);
        let protocol = i64::try_from(from >> 16).unwrap_or(i64::MAX);
        ports.add(&Ports::of(protocol, number(from), number(to)));
    }
    ports
}

/// A run of ports cut where the protocol changes. What is beyond the last protocol there is no person reads.
fn by_protocol((from, to): (u128, u128)) -> impl Iterator<Item = (u128, u128)> {
    const LAST: u128 = 255;
    let last = (to >> 16).min(LAST.max(from >> 16));
    (from >> 16..=last).map(move |protocol| ((protocol << 16).max(from), (protocol << 16 | 0xffff).min(to)))
}

/// One port of a piece.
pub(super) fn a_port(piece: &Piece) -> Ports {
    let port = if piece.ports.hold(A_PORT) { Some(A_PORT) } else { piece.ports.first() };
    port.map_or_else(Ports::default, |port| ports(&Intervals::of(port, port)))
}

fn addresses_in_words(ranges: &Ranges) -> String {
    let [four, six] = written(ranges);
    let all: Vec<String> = four.into_iter().chain(six).collect();
    first(FEW, all.len(), ", ", all)
}

fn written(ranges: &Ranges) -> [Vec<String>; 2] {
    let range = |from: String, to: String| if from == to { from } else { format!("{from}-{to}") };
    let four = |number: u128| Ipv4Addr::from(u32::try_from(number).unwrap_or(u32::MAX)).to_string();
    [
        ranges.four.runs().map(|(from, to)| range(four(from), four(to))).collect(),
        ranges
            .six
            .runs()
            .map(|(from, to)| range(Ipv6Addr::from(from).to_string(), Ipv6Addr::from(to).to_string()))
            .collect(),
    ]
}

fn an_address(ranges: &Ranges) -> String {
    let four = ranges.four.first().map(|number| Ipv4Addr::from(u32::try_from(number).unwrap_or(u32::MAX)).to_string());
    let first = four.or_else(|| ranges.six.first().map(|number| Ipv6Addr::from(number).to_string()));
    format!("the address {}", first.unwrap_or_default())
}
