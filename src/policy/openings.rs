//! [`Openings`]: what services open under a condition: to certain processes, or for certain types of ICMP messages.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    model::{Opened, Service, ServicePort, WindowsService},
    ports::Ports,
};

/// What the services of a rule open, where some of them open it under a condition.
#[derive(Clone, Debug, Default)]
pub(super) struct Openings {
    /// The ports that are open to everything.
    pub(super) plain: Ports,
    /// The others, by the condition.
    pub(super) narrowed: BTreeMap<String, Ports>,
    /// The fields that are such conditions.
    pub(super) fields: BTreeSet<&'static str>,
    /// Whether a service has something that this crate does not understand.
    pub(super) is_vague: bool,
}

impl Openings {
    /// Those of a service; nothing where it opens its ports to everything.
    pub(super) fn of_service(service: &Service<'_>) -> Option<Self> {
        let mut openings = Self::default();
        openings.add_ports(&service.process, &service.service_ports);
        openings.add_windows(&service.windows_services);
        if !service.windows_egress_services.is_empty() {
            openings.fields.insert("windows_egress_services");
        }
        openings.is_vague = !service.windows_egress_services.is_empty() || !service.unknown_fields().is_empty();
        openings.narrows().then_some(openings)
    }

    /// Those of a service that is written out in a rule.
    pub(super) fn of_written_out(opened: &Opened<'_>) -> Option<Self> {
        let mut openings = Self::default();
        openings.add_ports("", &opened.service_ports);
        openings.add_windows(&opened.windows_services);
        openings.narrows().then_some(openings)
    }

    /// Takes others in.
    pub(super) fn add(&mut self, others: &Self) {
        self.plain.add(&others.plain);
        for (condition, ports) in &others.narrowed {
            self.narrowed.entry(condition.clone()).or_default().add(ports);
        }
        self.fields.extend(&others.fields);
        self.is_vague |= others.is_vague;
    }

    fn narrows(&self) -> bool {
        self.is_vague || !self.fields.is_empty()
    }

    fn add_ports(&mut self, process: &str, list: &[ServicePort<'_>]) {
        for one in list {
            let mut conditions = Vec::new();
            for (field, number) in [("icmp_type", one.icmp_type), ("icmp_code", one.icmp_code)] {
                conditions.extend(number.map(|number| (field, number.to_string())));
            }
            conditions.extend((!process.is_empty()).then(|| ("process_name", process.to_owned())));
            self.add_under(&conditions, &ServicePort::all(std::slice::from_ref(one)));
        }
        if list.is_empty() && !process.is_empty() {
            self.add_under(&[("process_name", process.to_owned())], &Ports::every());
        }
    }

    fn add_windows(&mut self, list: &[WindowsService<'_>]) {
        for one in list {
            self.fields.insert("windows_services");
            let numbers = [("icmp_type", one.icmp_type), ("icmp_code", one.icmp_code)];
            let numbers = numbers.map(|(field, number)| (field, number.map(|number| number.to_string())));
            let texts = [("service_name", &one.name), ("process_name", &one.process)];
            let texts = texts.map(|(field, text)| (field, (!text.is_empty()).then(|| text.to_string())));
            let conditions = numbers.into_iter().chain(texts).filter_map(|(field, said)| Some((field, said?)));
            let windows = ("windows_services", String::new());
            let conditions: Vec<(&str, String)> = std::iter::once(windows).chain(conditions).collect();
            self.add_under(&conditions, &Ports::written(one.proto, one.port, one.to_port));
        }
    }

    fn add_under(&mut self, conditions: &[(&'static str, String)], ports: &Ports) {
        if conditions.is_empty() {
            self.plain.add(ports);
            return;
        }
        self.fields.extend(conditions.iter().map(|(field, _)| *field).filter(|field| *field != "service_name"));
        let words: Vec<String> = conditions.iter().map(|(field, said)| format!("{field}={said}")).collect();
        self.narrowed.entry(words.join("\n")).or_default().add(ports);
    }
}
