//! [`Client`]: a port that clients of a service use, with the ports behind it that it leads to.
//!
//! `service_ports` of a virtual service are those of what is behind it. Its clients use others: those of
//! `consumer_ports`, that of a cluster address, and from outside of the cluster those of the nodes. A rule that names
//! one of these names a port of the service. A port leads to ports of its own protocol. (Source: the vendor's schemas
//! `kubernetes_service` and `virtual_service_service_addresses`)

use super::{
    model::{ServicePort, VirtualService},
    ports::Ports,
};

/// A port that clients of a service use.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Client<P = Ports> {
    /// The port.
    pub(super) used: P,
    /// The ports behind it, of which it leads to one.
    pub(super) behind: P,
    pub(super) way: Way,
    /// Whether a rule that names it certainly opens all that is behind it.
    pub(super) is_certain: bool,
}

/// Where a port of clients is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Way {
    /// In a list with those of all clients.
    Listed,
    /// At a cluster address; not every port of a service need stand at one.
    Address,
    /// At the nodes, which is outside of the cluster: whether a rule that names it opens the service is not documented.
    Node,
}

/// Ports, in whatever way they are written.
pub(super) trait PortSet: Clone {
    fn common(&self, others: &Self) -> Self;
    fn join(&mut self, others: &Self);
    fn have_common(&self, others: &Self) -> bool;
    fn hold_all(&self, others: &Self) -> bool;
}

impl PortSet for Ports {
    fn common(&self, others: &Self) -> Self {
        self.both(others)
    }

    fn join(&mut self, others: &Self) {
        self.add(others);
    }

    fn have_common(&self, others: &Self) -> bool {
        self.meet(others)
    }

    fn hold_all(&self, others: &Self) -> bool {
        self.cover(others)
    }
}

impl<P: PortSet> Client<P> {
    /// The ports of a service that a rule opens which names some: those behind it, and those that its clients lead to. The
    /// first ones certainly, the second ones perhaps. Who names all ports of its clients opens all of it.
    pub(super) fn opened(clients: &[Self], ports: &P, named: &P) -> (P, P) {
        let mut listed = clients.iter().filter(|client| client.way == Way::Listed).peekable();
        if listed.peek().is_some() && listed.all(|client| named.hold_all(&client.used)) {
            return (ports.clone(), ports.clone());
        }
        let mut sure = ports.common(named);
        let mut maybe = sure.clone();
        for client in clients.iter().filter(|client| named.have_common(&client.used)) {
            maybe.join(&client.behind);
            if client.is_certain {
                sure.join(&client.behind);
            }
        }
        (sure, maybe)
    }
}

impl Client {
    /// Those of a service with these ports. A number that is a port behind the service, too, means that port.
    pub(super) fn of(service: &VirtualService<'_>, ports: &Ports) -> Vec<Self> {
        let own = ports.by_protocol();
        let mut clients = Vec::new();
        for numbers in service.lists_of_client_ports() {
            add_listed(&mut clients, service, numbers, &own);
        }
        let mut add = |number: i64, way: Way, behind: &[(i64, Ports)]| {
            for client in leading(number, way, behind) {
                let is_met = |known: &Self| known.used.meet(&client.used);
                if client.used != client.behind && !clients.iter().any(is_met) {
                    clients.push(client);
                }
            }
        };
        for address in &service.service_addresses {
            address.port.into_iter().for_each(|port| add(port, Way::Address, &own));
        }
        let Some(info) = &service.k8s_service_info else { return clients };
        for port in &info.service_ports {
            let behind = port.protocol.zip(port.port);
            let behind = behind.map(|(proto, port)| Ports::written(Some(proto), Some(port), None).by_protocol());
            port.node_port.into_iter().for_each(|number| add(number, Way::Node, behind.as_ref().unwrap_or(&own)));
        }
        for port in &info.node_ports {
            let is_meant = |(of, _): &&(i64, Ports)| port.protocol.is_none_or(|protocol| protocol == *of);
            let behind: Vec<(i64, Ports)> = own.iter().filter(is_meant).cloned().collect();
            port.number.into_iter().for_each(|number| add(number, Way::Node, &behind));
        }
        clients
    }

    /// Whether a rule names some port of a service: one behind it, or one that its clients use. That of the nodes is
    /// not certainly one.
    pub(super) fn some_is_named(clients: &[Self], ports: &Ports, named: &Ports) -> bool {
        let is_named = |client: &Self| client.way != Way::Node && named.meet(&client.used);
        named.meet(ports) || clients.iter().any(is_named)
    }

    /// The ports of a service that a rule names, or may name.
    pub(super) fn named(clients: &[Self], ports: &Ports, named: &Ports) -> Ports {
        Self::opened(clients, ports, named).1
    }

    /// Whether a rule names all ports of a service, those behind it or those that its clients use in their place.
    pub(super) fn all_are_named(clients: &[Self], ports: &Ports, named: &Ports) -> bool {
        named.cover(ports) || Self::opened(clients, ports, named).0.cover(ports)
    }
}

/// Adds those of a list: one by one where there are as many of them as ports, otherwise each may lead to any port of
/// its protocol. What another list says otherwise is not certain.
fn add_listed(clients: &mut Vec<Client>, service: &VirtualService<'_>, numbers: &[i64], own: &[(i64, Ports)]) {
    let are_as_many = numbers.len() == service.service_ports.len() && service.service.is_none();
    let of_others = clients.len();
    for (at, number) in numbers.iter().enumerate() {
        let paired = service.service_ports.get(at).filter(|_| are_as_many);
        let paired = paired.map(|port| ServicePort::all(std::slice::from_ref(port)).by_protocol());
        for mut client in leading(*number, Way::Listed, paired.as_deref().unwrap_or(own)) {
            if clients.iter().any(|known| (&known.used, &known.behind) == (&client.used, &client.behind)) {
                continue;
            }
            for known in clients[..of_others].iter_mut().filter(|known| known.used.meet(&client.used)) {
                known.is_certain = false;
                client.is_certain = false;
            }
            clients.push(client);
        }
    }
}

/// The ports of this number, one for each protocol of what may be behind them.
fn leading(number: i64, way: Way, behind: &[(i64, Ports)]) -> Vec<Client> {
    let Ok(number) = u16::try_from(number) else { return Vec::new() };
    // its protocol is not known
    let is_of_one_protocol = behind.len() == 1;
    let of_protocol = behind.iter().map(|(protocol, ports)| {
        let used = Ports::of(*protocol, number, number);
        let behind = if ports.cover(&used) { used.clone() } else { ports.clone() };
        let is_certain = way != Way::Node && is_of_one_protocol && behind.is_one();
        Client { used, behind, way, is_certain }
    });
    of_protocol.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::read::parsed;

    /// The clients of a service: the port, what is behind it, and whether that is certain.
    #[track_caller]
    fn check(service: &str, expected: &[(&str, &str, bool)]) {
        let text = format!(r#"[{{"href": "a/virtual_services/1", "labels": [], {service}}}]"#);
        let services: Vec<VirtualService<'_>> = parsed("f", &text).expect("readable");
        let clients = Client::of(&services[0], &ServicePort::all(&services[0].service_ports));
        let words: Vec<(String, String, bool)> =
            clients.iter().map(|one| (one.used.to_string(), one.behind.to_string(), one.is_certain)).collect();
        let words: Vec<(&str, &str, bool)> = words.iter().map(|(used, behind, is)| (&**used, &**behind, *is)).collect();
        assert_eq!(words, expected, "{service}");
    }

    const DNS: &str = r#""service_ports": [{"proto": 6, "port": 53}, {"proto": 17, "port": 5353}]"#;

    #[test]
    fn a_port_leads_to_ports_of_its_own_protocol() {
        check(
            &format!(r#"{DNS}, "service_addresses": [{{"ip": "10.0.0.1", "port": 53}}]"#),
            &[("53/UDP", "5353/UDP", false)],
        );
        check(
            &format!(r#"{DNS}, "service_addresses": [{{"ip": "10.0.0.1", "port": 80}}]"#),
            &[("80/TCP", "53/TCP", false), ("80/UDP", "5353/UDP", false)],
        );
        check(
            &format!(r#"{DNS}, "consumer_ports": [53, 53]"#),
            &[("53/TCP", "53/TCP", true), ("53/UDP", "5353/UDP", true)],
        );
        check(
            &format!(r#"{DNS}, "consumer_ports": [53]"#),
            &[("53/TCP", "53/TCP", false), ("53/UDP", "5353/UDP", false)],
        );
        check(
            &format!(
                r#"{DNS}, "k8s_service_info": {{"service_type": "NodePort",
                "service_ports": [{{"protocol": 17, "port": 5353, "node_port": 30053}}]}}"#
            ),
            &[("30053/UDP", "5353/UDP", false)],
        );
        check(
            &format!(r#"{DNS}, "k8s_service_info": {{"node_ports": [{{"port": 30053, "protocol": 6}}]}}"#),
            &[("30053/TCP", "53/TCP", false)],
        );
    }

    #[test]
    fn what_kubernetes_says_of_the_ports_of_clients_counts_as_well() {
        let service = |more: &str| format!(r#""service_ports": [{{"proto": 6, "port": 8080}}], {more}"#);
        let info = r#""k8s_service_info": {"consumer_ports": [80]}"#;
        check(&service(info), &[("80/TCP", "8080/TCP", true)]);
        check(&service(&format!(r#""consumer_ports": [80], {info}"#)), &[("80/TCP", "8080/TCP", true)]);
        check(
            &service(&format!(r#""consumer_ports": [443], {info}"#)),
            &[("443/TCP", "8080/TCP", true), ("80/TCP", "8080/TCP", true)],
        );
    }
}
