//! [`Actor`]: a source, a destination, or a part of a scope.

use super::Object;
use crate::policy::read::Unknown;

/// A source, a destination, or a part of a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor<'t> {
    /// What it is.
    pub kind: Kind,
    /// The object it names; for [`Kind::AllWorkloads`], [`Kind::ContainerHosts`], [`Kind::LabelDimension`] and
    /// [`Kind::Other`] the word.
    pub object: Object<'t>,
    /// Whether it is an exclusion: all labels of its kind but this.
    pub is_exclusion: bool,
    /// What it says beside that and this crate does not know.
    pub unknown: Vec<Unknown<'t>>,
}

impl<'t> Actor<'t> {
    /// The label of an href.
    #[must_use]
    pub fn label(href: &'t str) -> Self {
        Self { kind: Kind::Label, object: Object::from_href(href.into()), is_exclusion: false, unknown: Vec::new() }
    }
}

/// What an [`Actor`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the names say it
pub enum Kind {
    AllWorkloads,
    ContainerHosts,
    Label,
    LabelGroup,
    /// Whatever has a label of this kind.
    LabelDimension,
    Workload,
    VirtualService,
    VirtualServer,
    IpList,
    /// Something this crate does not know.
    Other,
}

impl Kind {
    /// The kind of the object under a key.
    #[must_use]
    pub(in crate::policy) fn of_key(key: &str) -> Option<Self> {
        Some(match key {
            "label" => Self::Label,
            "label_group" => Self::LabelGroup,
            "workload" => Self::Workload,
            "virtual_service" => Self::VirtualService,
            "virtual_server" => Self::VirtualServer,
            "ip_list" => Self::IpList,
            _ => return None, // `actors` and `label_dimension` hold a word
        })
    }

    /// The key under which a PCE writes it; nothing where it is not known.
    #[must_use]
    pub const fn key(self) -> Option<&'static str> {
        Some(match self {
            Self::AllWorkloads | Self::ContainerHosts => "actors",
            Self::Label => "label",
            Self::LabelGroup => "label_group",
            Self::LabelDimension => "label_dimension",
            Self::Workload => "workload",
            Self::VirtualService => "virtual_service",
            Self::VirtualServer => "virtual_server",
            Self::IpList => "ip_list",
            Self::Other => return None,
        })
    }

    /// The kind of a word under `actors`.
    #[must_use]
    pub(in crate::policy) fn of_word(word: &str) -> Self {
        match word {
            "ams" => Self::AllWorkloads,
            "container_host" => Self::ContainerHosts,
            _ => Self::Other,
        }
    }

    /// Whether a PCE takes it as a part of a scope.
    #[must_use]
    pub(crate) const fn is_of_scope(self) -> bool {
        matches!(self, Self::Label | Self::LabelGroup)
    }

    /// Whether it means workloads.
    #[must_use]
    pub(crate) const fn is_workload(self) -> bool {
        self.is_by_label() || matches!(self, Self::ContainerHosts | Self::Workload)
    }

    /// Whether it means everything that has (or may have) certain labels.
    #[must_use]
    pub const fn is_by_label(self) -> bool {
        matches!(self, Self::AllWorkloads | Self::Label | Self::LabelGroup | Self::LabelDimension)
    }
}
