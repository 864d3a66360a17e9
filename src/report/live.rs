//! What runs on the cluster, beside what the files say.

use std::fmt::Write as _;

use serde::Serialize;

use super::{
    printable::printable,
    text::{BAD, GOOD, TITLE, filled},
    way::{self, Commands, WaysJson},
};
use crate::{
    account::{Account, Doubts, Expected, Ways},
    command_line::Release,
    mode::ClusterMode,
    verify::ContainerCluster,
};

/// The files of one cluster, its release, and what the PCE says of it.
#[derive(Clone, Debug)]
pub struct Beside<'b> {
    /// The mode that the files come to; nothing where it is not known.
    pub files: Option<ClusterMode>,
    /// What the files say beside the mode.
    pub expected: Expected,
    /// The name of the release, and where it is.
    pub release: Release<'b>,
    /// The release as it runs; nothing where there is none.
    pub live: Option<Account>,
    /// The cluster on the PCE, where that was asked.
    pub pce: Option<ContainerCluster>,
    /// The commands that bring the files and the release together.
    pub commands: Commands<'b>,
}

impl Beside<'_> {
    /// What two of them say differently, and what makes it doubtful what runs, in words; nothing where they agree as
    /// far as is known.
    ///
    /// A word of the PCE that is not known is shown, and is not one of them.
    #[must_use]
    pub(crate) fn disagreements(&self) -> Vec<String> {
        let live = self.live.as_ref().and_then(Account::mode);
        let unsound = self.live.as_ref().filter(|live| !live.is_sound()).map(|live| {
            let status = printable(&live.newest.status);
            match live.sound.as_ref().and_then(|sound| Some((sound.number, sound.mode?))) {
                Some((number, mode)) => {
                    format!("the release is `{status}`; its last sound revision is {number}, in {mode}")
                }
                None => format!("the release is `{status}`, so what runs may be older than its values"),
            }
        });
        let of_files = match (self.files, live) {
            (Some(files), Some(live)) if files != live => {
                Some(format!("the files set {files}, and the release runs in {live}"))
            }
            _ => None,
        };
        let of_pce = self.pce.as_ref().zip(live).filter(|(pce, live)| pce.is_in(*live) == Some(false));
        let of_pce = of_pce.map(|(pce, live)| {
            let said = pce.mode().map_or_else(|| pce.shown_mode(), |mode| mode.as_str().to_owned());
            format!("the release runs in {live}, and the PCE reports {said}")
        });
        let unlike = self.live.iter().flat_map(|live| live.unlike(&self.expected));
        let unlike = unlike.map(|unlike| unlike.to_string());
        of_files.into_iter().chain(unlike).chain(of_pce).chain(unsound).collect()
    }

    /// What was not compared.
    fn doubts(&self) -> Doubts {
        self.live.as_ref().map(|live| live.doubts(&self.expected)).unwrap_or_default()
    }

    /// How to continue and how to get back.
    #[must_use]
    pub fn ways(&self) -> Ways {
        let pce = self.pce.as_ref().and_then(ContainerCluster::mode);
        let ways = |live: &Account| live.ways_beside(&self.expected, (self.files, pce));
        self.live.as_ref().map_or_else(Ways::without_release, ways)
    }

    /// Whether there is something to do about the files or the release.
    fn has_way(&self) -> bool {
        self.live.is_none() || self.agree() == Some(false)
    }

    /// Whether the next step has to wait, for an attempt to end or for a release.
    #[must_use]
    pub fn holds_next(&self) -> bool {
        self.has_way() && !self.ways().is_done()
    }

    /// Whether they agree; nothing where that is not known.
    #[must_use]
    pub fn agree(&self) -> Option<bool> {
        let live = self.live.as_ref().and_then(Account::mode);
        if self.disagreements().is_empty() {
            self.files.and(live).filter(|_| self.is_pce_clear() && !self.doubts().is_grave()).map(|_| true)
        } else {
            Some(false)
        }
    }

    /// Whether what the PCE says was compared with the release, where it was asked.
    fn is_pce_clear(&self) -> bool {
        let live = self.live.as_ref().and_then(Account::mode);
        self.pce.as_ref().is_none_or(|pce| live.is_some_and(|live| pce.is_in(live).is_some()))
    }

    /// A line each for the release and the PCE, and what they disagree on.
    #[must_use]
    pub fn text(&self) -> String {
        let Release { name, namespace, .. } = self.release;
        let (name, namespace) = (printable(name), printable(namespace));
        let mut out = String::new();
        let _ = match &self.live {
            None => writeln!(out, "Release {name} in {namespace}: not found"),
            Some(live) => writeln!(
                out,
                "Release {name} in {namespace}: {TITLE}{}{TITLE:#} (chart {} {}{}, revision {}, {})",
                told(live.mode()),
                printable(&live.chart),
                printable(&live.version),
                live.brought(&self.expected).map(|version| format!(" with illumio {version}")).unwrap_or_default(),
                live.newest.number,
                printable(&live.newest.status)
            ),
        };
        if let Some(pce) = &self.pce {
            let _ = writeln!(out, "The PCE: {}", pce.shown_mode());
        }
        for words in self.disagreements() {
            let _ = write!(out, "{BAD}{}{BAD:#}", filled(&format!("Note: {words}"), "", "  "));
        }
        for words in self.doubts().sentences() {
            out += &filled(&format!("Could not tell: {words}"), "", "  ");
        }
        match self.agree() {
            Some(true) => {
                let _ = writeln!(out, "{GOOD}They agree{GOOD:#}");
            }
            _ if self.holds_next() => out += &way::text(&self.ways(), &self.commands),
            Some(false) => out += &way::awaiting(&self.commands),
            None if !self.is_pce_clear() => {
                out += "The files and the release agree; whether the PCE does is not known\n";
            }
            None if self.doubts().is_grave() => out += "Whether they agree is not known\n",
            _ => {}
        }
        out
    }

    pub(super) fn json(&self) -> BesideJson<'_> {
        let live = self.live.as_ref().map(|live| LiveJson {
            release: self.release.name,
            namespace: self.release.namespace,
            mode: live.mode().map(ClusterMode::as_str),
            chart: &live.chart,
            version: &live.version,
            revision: live.newest.number,
            status: &live.newest.status,
        });
        // what the PCE alone says differently is not brought together by Helm
        let of_way = || match self.holds_next().then(|| self.ways()) {
            Some(ways) => way::json(&ways, &self.commands),
            None => way::awaiting_json(&self.commands),
        };
        let ways = self.has_way().then(of_way);
        let pce = self.pce.as_ref();
        let pce = pce.map(|pce| PceJson { mode: pce.mode().map(ClusterMode::as_str), said: pce.shown_mode() });
        let (disagreements, not_compared) = (self.disagreements(), self.doubts().sentences());
        BesideJson { live, pce, agree: self.agree(), disagreements, not_compared, ways }
    }
}

fn told(mode: Option<ClusterMode>) -> &'static str {
    mode.map_or("a mode that is not known", ClusterMode::as_str)
}

#[derive(Serialize)]
pub(super) struct BesideJson<'a> {
    live: Option<LiveJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pce: Option<PceJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agree: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    disagreements: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", rename = "notCompared")]
    not_compared: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ways: Option<WaysJson>,
}

#[derive(Serialize)]
struct LiveJson<'a> {
    release: &'a str,
    namespace: &'a str,
    mode: Option<&'static str>,
    chart: &'a str,
    version: &'a str,
    revision: u64,
    status: &'a str,
}

#[derive(Serialize)]
struct PceJson {
    mode: Option<&'static str>,
    said: String,
}
