//! What services open, by the references of rules to them.

use super::{Book, plain};
use crate::policy::{
    model::{Opened, ServicePort, VirtualService},
    openings::Openings,
    ports::Ports,
};

impl<'p> Book<'p> {
    /// The fields that make services of a rule those of certain processes.
    pub(in crate::policy) fn process_fields(&self, opened: &[Opened<'_>]) -> Vec<&'static str> {
        let openings = self.openings(opened);
        let is_of_process = |field: &&&str| !matches!(**field, "icmp_type" | "icmp_code");
        openings.iter().flat_map(|openings| &openings.fields).filter(is_of_process).copied().collect()
    }

    /// The name of the services among these that are of certain processes only.
    pub(in crate::policy) fn of_processes<'o>(&self, opened: &'o [Opened<'_>]) -> impl Iterator<Item = &'o str>
    where
        'p: 'o,
    {
        opened.iter().filter(|one| !self.process_fields(std::slice::from_ref(one)).is_empty()).map(|one| {
            let named = one.href.as_deref().and_then(|href| self.service(href));
            named.map_or(&*one.name, |(name, _)| name)
        })
    }

    /// The ports of a virtual service: its own, or those of its service.
    pub(in crate::policy) fn ports_of(&self, service: &VirtualService<'_>) -> Ports {
        let mut ports = ServicePort::all(&service.service_ports);
        let named = service.service.as_ref().and_then(|named| self.service(&named.href));
        if let Some((_, others)) = named {
            ports.add(others);
        }
        ports
    }

    /// The ports that a rule opens, and whether all of its services are known.
    pub(in crate::policy) fn opened(&self, opened: &[Opened<'_>]) -> (Ports, bool) {
        let mut ports = Ports::default();
        let mut is_whole = true;
        for one in opened {
            match (one.href.as_deref(), one.ports()) {
                (Some(href), _) => match self.service(href) {
                    Some((_, others)) => ports.add(others),
                    None => is_whole = false,
                },
                (None, Some(others)) => ports.add(&others),
                (None, None) => is_whole = false,
            }
        }
        (ports, is_whole)
    }

    /// What a rule opens, where it opens some of it under a condition; nothing where it does not.
    pub(in crate::policy) fn openings(&self, opened: &[Opened<'_>]) -> Option<Openings> {
        let of_one = |one: &Opened<'_>| match one.href.as_deref() {
            Some(href) => self.narrowed_services.get(plain(href)).cloned(),
            None if one.service_ports.is_empty() && one.windows_services.is_empty() => None,
            None => Openings::of_written_out(one),
        };
        let found: Vec<Option<Openings>> = opened.iter().map(of_one).collect();
        if found.iter().all(Option::is_none) {
            return None;
        }
        let mut all = Openings::default();
        for (found, one) in found.iter().zip(opened) {
            if let Some(openings) = found {
                all.add(openings);
            } else {
                let (ports, is_whole) = self.opened(std::slice::from_ref(one));
                all.plain.add(&ports);
                all.is_vague |= !is_whole;
            }
        }
        Some(all)
    }
}
