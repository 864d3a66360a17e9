//! [`Services`]: virtual services, sorted by what becomes of them in CLAS.

use std::{
    cell::{Cell, OnceCell},
    rc::Rc,
};

use super::ServiceId;
use crate::policy::{
    book::{Book, LabelId},
    clients::Client,
    model::{Fate, VirtualService},
    ports::Ports,
    widening::ReplacedPorts,
};

/// A virtual service with what is asked of it again and again.
#[derive(Debug)]
pub(in crate::policy) struct Known<'p> {
    pub(in crate::policy) service: &'p VirtualService<'p>,
    pub(in crate::policy) fate: Fate,
    pub(in crate::policy) ports: Ports,
    /// The ports that its clients use, where they are known.
    pub(in crate::policy) clients: Vec<Client>,
    pub(in crate::policy) labels: Vec<LabelId>,
    /// Whether it is of a cluster that is asked about, or of no cluster.
    pub(in crate::policy) is_meant: bool,
    /// Whether something of it is not understood, or its ports are not known.
    pub(in crate::policy) is_vague: bool,
}

/// The virtual services that something means.
#[derive(Debug, Default)]
pub(in crate::policy) struct Services {
    pub(in crate::policy) goes: Vec<ServiceId>,
    pub(in crate::policy) cannot_tell: Vec<ServiceId>,
    pub(in crate::policy) stays: Vec<ServiceId>,
    pub(in crate::policy) made_by_hand: Vec<ServiceId>,
    /// Those of other clusters than the one that is asked about.
    pub(in crate::policy) others: Vec<ServiceId>,
    /// One of them that is not understood, or whose ports are not known.
    pub(in crate::policy) vague: Option<ServiceId>,
    /// The ports of those that go away.
    pub(in crate::policy) replaced: ReplacedPorts,
    /// The ports of those with a cluster address, which pods may call.
    pub(in crate::policy) replaced_inside: ReplacedPorts,
    /// The ports of those that may have one.
    pub(in crate::policy) perhaps_replaced: ReplacedPorts,
    /// The ports that a rule opens which names none: without those that are virtual services in CLAS, too, and with
    /// them.
    pub(in crate::policy) opened: [OnceCell<Ports>; 2],
    /// Whether it was noted which of them remain.
    pub(in crate::policy) is_noted: Cell<bool>,
}

/// What a side of a rule reaches.
#[derive(Clone, Debug)]
pub(in crate::policy) struct Reached {
    pub(in crate::policy) services: Rc<Services>,
    /// Whether it reaches no others and certainly these.
    pub(in crate::policy) is_certain: bool,
}

impl Services {
    /// All of them, also those of other clusters.
    pub(in crate::policy) fn all(&self) -> impl Iterator<Item = ServiceId> {
        let Self { goes, cannot_tell, stays, made_by_hand, others, .. } = self;
        goes.iter().chain(cannot_tell).chain(stays).chain(made_by_hand).chain(others).copied()
    }

    /// Whether none of the clusters that are asked about is reached.
    pub(in crate::policy) fn is_empty(&self) -> bool {
        self.goes.is_empty() && self.cannot_tell.is_empty() && self.stays.is_empty() && self.made_by_hand.is_empty()
    }

    /// Whether some of them are virtual services in CLAS, too, or may be; those of other clusters are as long as these
    /// are not migrated.
    pub(in crate::policy) fn some_remain(&self) -> bool {
        let Self { cannot_tell, stays, made_by_hand, others, .. } = self;
        [cannot_tell, stays, made_by_hand, others].iter().any(|ids| !ids.is_empty())
    }
}

impl<'p> Known<'p> {
    pub(super) fn of(service: &'p VirtualService<'p>, book: &Book<'p>, is_meant: bool) -> Self {
        let ports = book.ports_of(service);
        Self {
            service,
            fate: service.fate(),
            clients: Client::of(service, &ports),
            is_vague: ports.is_empty() || !service.unknown_fields().is_empty(),
            ports,
            is_meant,
            labels: service.labels.iter().filter_map(|label| book.label_id(&label.href)).collect(),
        }
    }
}
