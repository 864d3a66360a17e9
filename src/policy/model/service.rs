//! [`Service`]: a name for ports, and what else a rule opens.

use crate::policy::{
    ports::Ports,
    read::{Text, object},
};

object! {
    /// What a rule opens: a service by its href, a port, or a service that is written out in the rule.
    pub struct Opened<'t>, called "a service or a port", needs [], without ["description"] {
        /// The service.
        "href" => href: Option<Text<'t>>,
        /// The service's name, where it is given.
        "name" => name: Text<'t>,
        /// The number of the protocol.
        "proto" => proto: Option<i64>,
        /// The port, or the first of several; every port of the protocol where there is none.
        "port" => port: Option<i64>,
        /// The last of several ports.
        "to_port" => to_port: Option<i64>,
        /// The ports of a service that is written out.
        "service_ports" => service_ports: Vec<ServicePort<'t>>,
        /// Its Windows processes.
        "windows_services" => windows_services: Vec<WindowsService<'t>>,
    }
}

impl Opened<'_> {
    /// These ports of one protocol, written out.
    #[must_use]
    pub(in crate::policy) fn of(protocol: i64, from: u16, to: u16) -> Self {
        let is_whole = (from, to) == (0, u16::MAX);
        Self {
            href: None,
            name: Text::default(),
            proto: Some(protocol),
            port: (!is_whole).then_some(from.into()),
            to_port: (!is_whole && from != to).then_some(to.into()),
            service_ports: Vec::new(),
            windows_services: Vec::new(),
            unknown: Vec::new(),
        }
    }

    /// Whether it names neither a service nor a port.
    #[must_use]
    pub(in crate::policy) fn says_nothing(&self) -> bool {
        let is_written_out = !(self.service_ports.is_empty() && self.windows_services.is_empty());
        self.href.is_none() && self.proto.is_none() && !is_written_out
    }

    /// The fields that say what it opens otherwise, where it names a service by its href: which of both is meant is not
    /// documented.
    pub(in crate::policy) fn fields_beside_href(&self) -> impl Iterator<Item = &'static str> {
        let fields = [
            ("proto", self.proto.is_some()),
            ("port", self.port.is_some()),
            ("to_port", self.to_port.is_some()),
            ("service_ports", !self.service_ports.is_empty()),
            ("windows_services", !self.windows_services.is_empty()),
        ];
        let is_beside = self.href.is_some();
        fields.into_iter().filter_map(move |(field, is_said)| (is_beside && is_said).then_some(field))
    }

    /// What of its own numbers is not a port, with its field.
    #[must_use]
    pub(in crate::policy) fn unreadable_ports(&self) -> Option<String> {
        Ports::unreadable(self.proto, self.port, self.to_port)
    }

    /// The ports, where no service is named by its href; nothing where what it says is not known. Windows processes are
    /// not in a cluster.
    #[must_use]
    pub fn ports(&self) -> Option<Ports> {
        if !self.service_ports.is_empty() || !self.windows_services.is_empty() {
            return Some(ServicePort::all(&self.service_ports));
        }
        self.proto.map(|proto| Ports::written(Some(proto), self.port, self.to_port))
    }
}

object! {
    /// A name for ports.
    pub struct Service<'t>, called "a service", needs [href], without [
        "description", "description_url", "risk_details", "update_type"
    ] {
        /// Where it is on the PCE.
        "href" => href: Text<'t>,
        /// Its name.
        "name" => name: Text<'t>,
        /// Its ports.
        "service_ports" => service_ports: Vec<ServicePort<'t>>,
        /// Its Windows processes, which are not in a cluster: they open nothing there.
        "windows_services" => windows_services: Vec<WindowsService<'t>>,
        /// The process that has the ports.
        "process_name" => process: Text<'t>,
        /// Windows processes and the services that they may reach.
        "windows_egress_services" => windows_egress_services: Vec<WindowsService<'t>>,
    }
}

object! {
    /// A port of a service.
    pub struct ServicePort<'t>, called "a port", needs [], without [] {
        /// The number of the protocol, or -1 for all.
        "proto" => proto: Option<i64>,
        /// The port, or the first of several; every port of the protocol where there is none.
        "port" => port: Option<i64>,
        /// The last of several ports.
        "to_port" => to_port: Option<i64>,
        /// The type of the ICMP messages; all where there is none.
        "icmp_type" => icmp_type: Option<i64>,
        /// The code of the ICMP messages; all where there is none.
        "icmp_code" => icmp_code: Option<i64>,
    }
}

impl ServicePort<'_> {
    /// All ports of a list.
    #[must_use]
    pub fn all(list: &[Self]) -> Ports {
        list.iter().map(|one| Ports::written(one.proto, one.port, one.to_port)).collect()
    }
}

object! {
    /// A Windows process of a service.
    pub struct WindowsService<'t>, called "a Windows process", needs [], without [] {
        /// The Windows service.
        "service_name" => name: Text<'t>,
        /// The process.
        "process_name" => process: Text<'t>,
        /// The number of the protocol.
        "proto" => proto: Option<i64>,
        /// The port, or the first of several.
        "port" => port: Option<i64>,
        /// The last of several ports.
        "to_port" => to_port: Option<i64>,
        /// The type of the ICMP messages.
        "icmp_type" => icmp_type: Option<i64>,
        /// The code of the ICMP messages.
        "icmp_code" => icmp_code: Option<i64>,
    }
}
