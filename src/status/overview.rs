//! Many standings, and how many clusters are in each mode.

use std::{collections::HashMap, fmt};

use super::{Holder, Standing};
use crate::{finding::Unjudged, mode::ClusterMode, release::Reach};

/// Clusters that were asked about.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    /// The files of one cluster, as [`merged`](super::merged).
    pub merged: Vec<Standing>,
    /// What was [found](super::found_in) elsewhere: each a cluster of its own.
    pub found: Vec<Standing>,
    /// What was asked about, or is in a folder that was, and could not be read.
    pub unjudged: Vec<Unjudged>,
}

impl Overview {
    /// Says which of them have one `cluster_id`.
    pub fn tell_disputed(&mut self) {
        let number = self.merged.len();
        let mut all: Vec<Standing> = self.merged.drain(..).chain(self.found.drain(..)).collect();
        super::tell_disputed(&mut all);
        self.found = all.split_off(number);
        self.merged = all;
    }

    /// All of them, in order.
    pub fn standings(&self) -> impl Iterator<Item = &Standing> {
        self.merged.iter().chain(&self.found)
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.merged.is_empty() && self.found.is_empty()
    }

    /// The standing that decides among the merged; nothing where they are of several clusters, or there is none.
    #[must_use]
    pub fn effective(&self) -> Option<&Standing> {
        let is_cluster = |standing: &&Standing| !standing.is_overridden && standing.holder != Holder::Mention;
        let mut deciding = self.merged.iter().filter(is_cluster);
        deciding.next().filter(|_| deciding.next().is_none())
    }

    /// How many clusters are in each mode.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(self.standings())
    }
}

/// Whom an edit moves, with the file that it is in.
pub(crate) type Moved<'s> = (&'s str, &'s Reach);

/// Whom an edit at the deciding spot of a row moves.
pub(crate) fn moved(standing: &Standing) -> Moved<'_> {
    (standing.decided_in.as_ref().unwrap_or(&standing.file), &standing.reach)
}

/// How many of the clusters that one edit moves have no row of their own.
pub(crate) fn without_row<'s>(standings: impl Iterator<Item = &'s Standing>) -> HashMap<Moved<'s>, usize> {
    let mut left = HashMap::new();
    for standing in standings.filter(|standing| !standing.is_overridden && standing.holder != Holder::Mention) {
        if let Reach::Several(names) = &standing.reach {
            let left = left.entry(moved(standing)).or_insert(names.len());
            *left = left.saturating_sub(1);
        }
    }
    left
}

/// How many clusters are in each mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// All of them.
    pub clusters: usize,
    /// In each mode, in the order of [`ClusterMode::ALL`].
    modes: [usize; 5],
    /// Those whose mode is not known.
    pub unknown: usize,
    /// Places that set a mode of an unknown cluster.
    pub not_judged: usize,
    /// How many are built of a manifest and have no row, beside those that are counted; as far as they are counted.
    pub not_followed: usize,
}

/// How many releases are built of manifests beside those that have a row.
fn not_followed(standings: &[&Standing]) -> usize {
    let all: HashMap<&str, usize> =
        standings.iter().filter_map(|row| Some((row.written_in.as_deref()?, row.out_of?))).collect();
    let mut rows: HashMap<&str, usize> = HashMap::new();
    for manifest in standings.iter().filter_map(|row| row.written_in.as_deref()) {
        *rows.entry(manifest).or_default() += 1;
    }
    all.iter().map(|(manifest, all)| all.saturating_sub(rows[manifest])).sum()
}

impl Summary {
    /// Counts; several files of one cluster count once.
    #[must_use]
    pub fn of<'s>(standings: impl IntoIterator<Item = &'s Standing>) -> Self {
        let mut summary = Self::default();
        let standings: Vec<&Standing> = standings.into_iter().filter(|standing| !standing.is_overridden).collect();
        summary.not_followed = not_followed(&standings);
        let mut without_row = without_row(standings.iter().copied());
        for standing in standings {
            if standing.holder == Holder::Mention || standing.is_not_installed() {
                summary.not_judged += 1;
                continue;
            }
            let own = usize::from(!standing.is_counted_elsewhere);
            let clusters = own + without_row.remove(&moved(standing)).unwrap_or_default();
            summary.clusters += clusters;
            match standing.mode {
                Some(mode) => summary.modes[mode as usize] += clusters,
                None => summary.unknown += clusters,
            }
        }
        summary
    }

    /// How many are in a mode.
    #[must_use]
    pub const fn count(&self, mode: ClusterMode) -> usize {
        self.modes[mode as usize]
    }
}

/// What a glance looks for: first who has arrived, then who is on the way, then who has not begun.
const GLANCE: [(ClusterMode, &str); 5] = [
    (ClusterMode::Clas, "clas"),
    (ClusterMode::MigrateLegacyToClas, "migrating"),
    (ClusterMode::MigrateClasToLegacy, "reverting"),
    (ClusterMode::Legacy, "legacy"),
    (ClusterMode::Unpair, "unpairing"),
];

/// `7 clusters: 3 clas, 1 migrating, 3 legacy`.
impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.clusters == 1 { "" } else { "s" };
        write!(out, "{} cluster{plural}", self.clusters)?;
        let counted =
            GLANCE.map(|(mode, word)| (self.count(mode), word)).into_iter().chain([(self.unknown, "unknown")]);
        let mut separator = ": ";
        for (count, word) in counted.filter(|(count, _)| *count > 0) {
            write!(out, "{separator}{count} {word}")?;
            separator = ", ";
        }
        if self.not_followed > 0 {
            let plural = if self.not_followed == 1 { ", of an overlay that is" } else { "s, of overlays that are" };
            write!(out, "; {} more cluster{plural} not followed", self.not_followed)?;
        }
        if self.not_judged > 0 {
            let plural = if self.not_judged == 1 { "" } else { "s" };
            write!(out, "; {} mode{plural} not judged", self.not_judged)?;
        }
        Ok(())
    }
}
