//! [`Cluster`]: what a plan knows of a cluster.

use crate::{fleet::Order, mode::ClusterMode, open_word::is_filled_in, rule::Rule};

/// A cluster of the fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Its file, and the release in it where there are several; what the PCE calls it where it has none.
    pub name: String,
    /// Whether one of the files is its; else the PCE alone knows of it.
    pub is_of_files: bool,
    /// Whether it is not a cluster, but a place that may set the mode of one.
    pub is_mention: bool,
    /// Its PCE's host and port, where that is known.
    pub pce: Option<String>,
    /// Its id on the PCE, where the values name it.
    pub id: Option<String>,
    /// Its mode by the files, or by the PCE where it has none; nothing where that is not known.
    pub mode: Option<ClusterMode>,
    /// What others say of its mode, the release first.
    pub seen: Vec<Seen>,
    /// The software upgrade that comes before its first step, where its chart is older than it should be.
    pub software: Option<Software>,
    /// The rules that refuse its next step, whichever cluster's turn it is: versions that do not fit, values that stop
    /// it.
    pub refused_by: Vec<Rule>,
    /// Its wave: it starts once all clusters of the earlier ones are there.
    pub wave: u32,
    /// The freeze that it is in.
    pub frozen: Option<Frozen>,
}

/// A software upgrade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Software {
    /// The chart version that it runs.
    pub from: String,
    /// The one that it goes to.
    pub to: String,
}

/// What Helm or the PCE, when asked, reports as the mode of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Who says it.
    pub who: Who,
    /// The mode; nothing where it is not known.
    pub mode: Option<ClusterMode>,
    /// What was tried since, where the last upgrade of a release did not end well.
    pub tried: Option<Tried>,
}

/// An attempt that did not end well. Some of its pods may run in its mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The mode that it leads to; nothing where it is not known.
    pub mode: Option<ClusterMode>,
    /// Whether the step that the file says continues it; else something else comes first.
    pub is_continued: bool,
}

/// Who was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The release on the cluster.
    Release,
    /// The PCE.
    Pce,
}

impl Who {
    /// The word for it, as it is written in text and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Pce => "pce",
        }
    }
}

/// A freeze that a cluster is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frozen {
    /// Its last moment.
    pub until: String,
    /// Why, where that is reported.
    pub why: Option<String>,
}

impl Cluster {
    /// A cluster of a file of which nothing else is known than its mode.
    #[must_use]
    pub const fn of_file(name: String, mode: Option<ClusterMode>) -> Self {
        Self {
            name,
            is_of_files: true,
            is_mention: false,
            pce: None,
            id: None,
            mode,
            seen: Vec::new(),
            software: None,
            refused_by: Vec::new(),
            wave: Order::LAST.wave,
            frozen: None,
        }
    }

    /// Where a step starts: at the release, where that was asked.
    #[must_use]
    pub fn stands(&self) -> Option<ClusterMode> {
        self.seen.iter().find(|seen| seen.who == Who::Release).map_or(self.mode, |seen| seen.mode)
    }

    /// Every mode that is reported for it, and every one that was tried.
    fn modes(&self) -> impl Iterator<Item = Option<ClusterMode>> {
        let tried = self.seen.iter().filter_map(|seen| Some(seen.tried?.mode));
        [self.mode].into_iter().chain(self.seen.iter().map(|seen| seen.mode)).chain(tried)
    }

    /// What keeps the step from bringing the file and what is reported of the cluster together: an attempt that it does
    /// not continue, or a mode other than its present one. A PCE that has followed the attempt is not an obstacle.
    pub(super) fn apart(&self, stands: ClusterMode) -> Option<Seen> {
        let tried = self.seen.iter().find_map(|seen| seen.tried);
        let has_followed = |seen: &Seen| tried.is_some_and(|tried| seen.who == Who::Pce && seen.mode == tried.mode);
        let is_apart = |seen: &&Seen| {
            let is_stuck = seen.tried.is_some_and(|tried| !tried.is_continued);
            is_stuck || seen.mode != Some(stands) && !has_followed(seen)
        };
        self.seen.iter().find(is_apart).copied()
    }

    /// Whether it is the same one as another, by its id.
    pub(super) fn is_twin(&self, other: &Self) -> bool {
        self.id.as_ref().zip(other.id.as_ref()).is_some_and(|(id, other)| id.eq_ignore_ascii_case(other))
    }

    /// What distinguishes its PCE from others: the host alone, since one PCE may be reached at two ports.
    pub(super) fn host(&self) -> Option<String> {
        let pce = self.pce.as_ref()?.to_ascii_lowercase();
        let (host, port) = pce.rsplit_once(':').unwrap_or((&pce, ""));
        let is_port = port.bytes().all(|byte| byte.is_ascii_digit());
        Some(if is_port { host } else { &pce }.trim_end_matches('.').to_owned())
    }

    /// Whether its PCE is not known, because nothing names it or a reference does: it may be that of any other cluster.
    #[must_use]
    pub fn has_open_pce(&self) -> bool {
        !self.is_mention && self.pce.as_deref().is_none_or(is_filled_in)
    }

    /// Whether all that was asked is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.modes().all(|mode| mode.is_some())
    }

    /// Whether it is between two modes by anything that is reported of it, or may be, since something is not known.
    #[must_use]
    pub fn may_be_between(&self) -> bool {
        self.modes().any(|mode| mode.is_none_or(ClusterMode::is_migrating))
    }

    /// Whether no other one starts beside it: a place of which it is not known whether it is a cluster's holds up none.
    pub(super) fn counts_between(&self) -> bool {
        !self.is_mention && self.may_be_between()
    }
}
