//! What must be read before it is known what a cluster gets.

use std::collections::BTreeSet;

use super::{charts_wanted, find::layered, releases_of_manifest};
use crate::{
    files::{Files, Wanted},
    release::{Arm, Release},
    umbrella::Umbrella,
};

impl<'s> Files<'s> {
    /// What the first files name, and has not been looked for yet: those of the release that one file brings, or all
    /// together.
    #[must_use]
    pub fn wanted(&self, given: &[usize], path: Option<&str>) -> Vec<Wanted> {
        let mut wanted = BTreeSet::new();
        let Some(first) = given.first() else { return Vec::new() };
        // by a path, one of them may be meant: by the spot that decides its mode
        let releases = if path.is_none() { layered(self, *first) } else { releases_of_manifest(self, *first) };
        let graph = if releases.is_empty() { crate::graph::wanted_below } else { crate::graph::wanted };
        wanted.extend(graph(self, *first));
        wanted.extend(crate::graph::wanted_with(self, *first));
        let below = crate::graph::files_below(self, *first).into_iter().filter(|file| file != first);
        let charts = [*first].into_iter().chain(below).flat_map(|file| charts_wanted(self, file));
        wanted.extend(charts.filter(|wanted| self.is_open(wanted)));
        if releases.is_empty() && wanted.is_empty() {
            let umbrella = Umbrella::above(self, given);
            let own = Umbrella::illumio_above(self, given).1;
            let wanted = umbrella.into_iter().flat_map(|umbrella| umbrella.wanted).chain(own);
            return wanted.filter(|wanted| self.is_open(wanted)).collect();
        }
        let is_unfolded = |release: &Release<'s>| {
            release.more.iter().any(|more| matches!(more, Wanted::Fitting { .. }) && self.is_open(more))
        };
        let is_meant = |release: &&Release<'s>| is_unfolded(release) || path.is_none_or(|path| release.is_called(path));
        // of those that seem to be decided at the same spot, or may be the same release, it must be known
        let meant: Vec<&Release<'s>> = releases.iter().filter(is_meant).collect();
        // what has no such name yet may be a release of each environment once all is read
        let is_open = meant.is_empty();
        let belongs = |release: &Release<'s>, meant: &Release<'s>| {
            meant.is_decided_with(release) || Arm::are_of_one(meant.arm.as_ref(), release.arm.as_ref())
        };
        let regarded =
            |release: &&Release<'s>| is_open || is_meant(release) || meant.iter().any(|meant| belongs(release, meant));
        let regarded: Vec<&Release<'s>> = releases.iter().filter(regarded).collect();
        for release in &regarded {
            wanted.extend(release.wanted().filter(|wanted| self.is_open(wanted)).cloned());
        }
        wanted.extend(crate::graph::wanted_for_objects(self, &regarded));
        wanted.into_iter().collect()
    }
}
