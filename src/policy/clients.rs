//! [`Client`]: a port that clients of a service use, with the ports behind it that it leads to.
//!
//! `service_ports` of a virtual service are those of what is behind it. Its clients use others: those of
//! `consumer_ports`, that of a cluster address, and from outside of the cluster those of the nodes. A rule that names one
//! of these names a port of the service. (Source: the vendor's schemas `kubernetes_service` and
//! `virtual_service_service_addresses`)

use super::{
    model::{ServicePort, VirtualService},
    ports::Ports,
};

/// A port that clients of a service use.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Client {
    /// The port, in each protocol that it may be of.
    pub(super) used: Ports,
    /// The ports behind it, of which it leads to one.
    pub(super) behind: Ports,
    pub(super) way: Way,
}

/// Where a port of clients stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Way {
    /// In a list with those of all clients.
    Listed,
    /// At a cluster address; not every port of a service need stand at one.
    Address,
    /// At the nodes, which is outside of the cluster: whether a rule that names it opens the service is not documented.
    Node,
}

impl Client {
    /// Those of a service with these ports. A number that is a port behind the service, too, stands for that port.
    pub(super) fn of(service: &VirtualService<'_>, ports: &Ports) -> Vec<Self> {
        let mut clients = listed(service, ports);
        let mut add = |number: i64, way: Way, behind: Option<Ports>| {
            let used = ports.renumbered(std::iter::once(number));
            let is_known = |client: &Self| client.used.meet(&used);
            if !(used.is_empty() || holds(ports, number) || clients.iter().any(is_known)) {
                clients.push(Self { used, behind: behind.unwrap_or_else(|| ports.clone()), way });
            }
        };
        for address in &service.service_addresses {
            address.port.into_iter().for_each(|port| add(port, Way::Address, None));
        }
        if let Some(info) = &service.k8s_service_info {
            for port in &info.service_ports {
                let behind =
                    port.protocol.zip(port.port).map(|(proto, port)| Ports::written(Some(proto), Some(port), None));
                port.node_port.into_iter().for_each(|number| add(number, Way::Node, behind.clone()));
            }
            info.node_ports.iter().filter_map(|port| port.0).for_each(|port| add(port, Way::Node, None));
        }
        clients
    }

    /// Whether a rule that names it certainly opens all that is behind it.
    pub(super) fn is_certain(&self) -> bool {
        self.way != Way::Node && self.behind.is_one()
    }

    /// Whether a rule names some port of a service: one behind it, or one that its clients use.
    pub(super) fn some_is_named(clients: &[Self], ports: &Ports, named: &Ports) -> bool {
        named.meet(ports) || clients.iter().any(|client| named.meet(&client.used))
    }

    /// Whether a rule names all ports of a service, those behind it or those that its clients use in their place.
    pub(super) fn all_are_named(clients: &[Self], ports: &Ports, named: &Ports) -> bool {
        if clients.is_empty() || named.cover(ports) {
            return named.cover(ports);
        }
        let mut opened = named.clone();
        let is_opened = |client: &&Self| client.is_certain() && named.cover(&client.used);
        clients.iter().filter(is_opened).for_each(|client| opened.add(&client.behind));
        let mut listed = clients.iter().filter(|client| client.way == Way::Listed).peekable();
        opened.cover(ports) || (listed.peek().is_some() && listed.all(|client| named.cover(&client.used)))
    }
}

/// Those of the lists: one by one where there are as many of them as ports, otherwise each may be any. A number that is a
/// port behind the service, too, stands for that port.
fn listed(service: &VirtualService<'_>, ports: &Ports) -> Vec<Client> {
    let numbers = service.listed_client_ports();
    let are_as_many = numbers.len() == service.service_ports.len() && service.service.is_none();
    let client = |(at, number): (usize, &i64)| {
        let behind = match service.service_ports.get(at) {
            Some(port) if are_as_many => ServicePort::all(std::slice::from_ref(port)),
            _ if holds(ports, *number) => ports.renumbered(std::iter::once(*number)),
            _ => ports.clone(),
        };
        Client { used: behind.renumbered(std::iter::once(*number)), behind, way: Way::Listed }
    };
    numbers
        .iter()
        .enumerate()
        .map(|(at, number)| client((at, number)))
        .filter(|client| !client.used.is_empty())
        .collect()
}

/// Whether a number is a port of some protocol.
fn holds(ports: &Ports, number: i64) -> bool {
    ports.spans().any(|(_, from, to)| (i64::from(from)..=i64::from(to)).contains(&number))
}
