//! The objects that the chart's pods belong to.

/// The kinds of objects that the chart's pods belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Kubelink's.
    Deployment,
    /// The C-VENs'.
    DaemonSet,
    /// The storage's, in the CLAS modes.
    StatefulSet,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Deployment, Self::DaemonSet, Self::StatefulSet];

    /// The kind as kubectl takes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::DaemonSet => "daemonset",
            Self::StatefulSet => "statefulset",
        }
    }

    /// The name of the chart's object of this kind. (Chart README 5.7.0; the storage: "Rules and Traffic
    /// Considerations with CLAS", Core 25.1.)
    #[must_use]
    pub const fn object(self) -> &'static str {
        match self {
            Self::Deployment => "illumio-kubelink",
            Self::DaemonSet => "illumio-ven",
            Self::StatefulSet => "illumio-storage",
        }
    }
}
