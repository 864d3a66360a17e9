//! The plan: the next steps that the procedure allows in a fleet, from where its clusters stand and from nothing else.
//!
//! The vendor migrates one cluster of a PCE at a time. So a cluster that is between two modes comes first, and another of
//! the same PCE starts only while fewer than [`Plan::at_once`] are between two. Clusters that name no PCE count as those
//! of one. A cluster whose mode is not known may be between two, so beside it none starts.

use std::collections::BTreeMap;

use crate::{
    mode::ClusterMode,
    procedure::{Move, Verb},
    rule::Rule,
};

/// A cluster of the fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Its file, and the release in it where there are several.
    pub name: String,
    /// Its PCE's host and port, where the values name it.
    pub pce: Option<String>,
    /// Its mode; nothing where that is not known.
    pub mode: Option<ClusterMode>,
    /// The rules that refuse its next step, whoever's turn it is: versions that do not fit, values that stop it.
    pub refused_by: Vec<Rule>,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The mode to which all clusters go.
    pub goal: ClusterMode,
    /// How many clusters of one PCE may be between two modes at once.
    pub at_once: usize,
}

/// What is next for a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// This step, to this mode, now.
    Now(Verb, ClusterMode),
    /// A step, once these clusters have come to rest, by their numbers.
    After(Verb, Vec<usize>),
    /// A step that these rules refuse: what they name comes first.
    Refused(Verb, Vec<Rule>),
    /// Nothing: it is there.
    Done,
    /// Its mode is not known, or no step leads to the goal from there.
    Unknown,
}

impl Turn {
    /// The word for it in JSON.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Now(..) => "now",
            Self::After(..) => "after",
            Self::Refused(..) => "refused",
            Self::Done => "done",
            Self::Unknown => "unknown",
        }
    }
}

impl Plan {
    /// What is next for each cluster, in their order, which is the order in which they start.
    ///
    /// ```
    /// use helm_clas::{ClusterMode, Verb, plan::{Cluster, Plan, Turn}};
    ///
    /// let cluster = |name: &str, mode| Cluster {
    ///     name: name.to_owned(),
    ///     pce: Some("pce:8443".to_owned()),
    ///     mode: Some(mode),
    ///     refused_by: Vec::new(),
    /// };
    /// let fleet = [cluster("a", ClusterMode::Legacy), cluster("b", ClusterMode::MigrateLegacyToClas)];
    /// let turns = Plan { goal: ClusterMode::Clas, at_once: 1 }.turns(&fleet);
    /// assert_eq!(turns[0], Turn::After(Verb::Migrate, vec![1]));
    /// assert_eq!(turns[1], Turn::Now(Verb::FinishMigrate, ClusterMode::Clas));
    /// ```
    #[must_use]
    pub fn turns(&self, clusters: &[Cluster]) -> Vec<Turn> {
        let mut fleets: BTreeMap<Option<String>, Vec<usize>> = BTreeMap::new();
        for (number, cluster) in clusters.iter().enumerate() {
            fleets.entry(cluster.pce.as_deref().map(str::to_ascii_lowercase)).or_default().push(number);
        }
        let mut turns = vec![Turn::Unknown; clusters.len()];
        for fleet in fleets.values() {
            // what names no PCE may be any one's, but nothing says so of all of them: they wait for each other alone
            let is_between = |number: &usize| clusters[*number].mode.is_none_or(ClusterMode::is_migrating);
            let between: Vec<usize> = fleet.iter().copied().filter(is_between).collect();
            let is_unknown = between.iter().any(|number| clusters[*number].mode.is_none());
            let mut free = if is_unknown { 0 } else { self.at_once.saturating_sub(between.len()) };
            for number in fleet {
                let Some((verb, to)) = clusters[*number].mode.and_then(|mode| self.step(mode)) else {
                    if clusters[*number].mode == Some(self.goal) {
                        turns[*number] = Turn::Done;
                    }
                    continue;
                };
                let refused_by = &clusters[*number].refused_by;
                turns[*number] = if !refused_by.is_empty() {
                    Turn::Refused(verb, refused_by.clone())
                } else if between.contains(number) {
                    Turn::Now(verb, to)
                } else if free > 0 {
                    free -= 1;
                    Turn::Now(verb, to)
                } else {
                    Turn::After(verb, between.clone())
                };
            }
            let started: Vec<usize> =
                fleet.iter().copied().filter(|number| matches!(turns[*number], Turn::Now(..))).collect();
            for number in fleet {
                if let Turn::After(_, after) = &mut turns[*number]
                    && after.is_empty()
                {
                    after.clone_from(&started);
                }
            }
        }
        turns
    }

    /// The next step of a cluster on its way to the goal.
    fn step(&self, from: ClusterMode) -> Option<(Verb, ClusterMode)> {
        let verb = Verb::way(from, self.goal)?.first().copied()?;
        match verb.applied_to(from) {
            Move::Go(to) => Some((verb, to)),
            Move::Already | Move::Refuse(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ClusterMode::{Clas, Legacy, MigrateClasToLegacy, MigrateLegacyToClas, Unpair};

    fn fleet(clusters: &[(&str, Option<ClusterMode>)]) -> Vec<Cluster> {
        let cluster = |(pce, mode): &(&str, Option<ClusterMode>)| Cluster {
            name: String::new(),
            pce: Some((*pce).to_owned()).filter(|pce| !pce.is_empty()),
            mode: *mode,
            refused_by: Vec::new(),
        };
        clusters.iter().map(cluster).collect()
    }

    #[track_caller]
    fn check(goal: ClusterMode, at_once: usize, clusters: &[(&str, Option<ClusterMode>)], expected: &[Turn]) {
        assert_eq!(Plan { goal, at_once }.turns(&fleet(clusters)), expected);
    }

    #[test]
    fn what_is_refused_lets_another_start() {
        let mut clusters = fleet(&[("p", Some(Legacy)), ("p", Some(Legacy))]);
        clusters[0].refused_by = vec![Rule::ChartTooOld];
        let turns = Plan { goal: Clas, at_once: 1 }.turns(&clusters);
        let refused = Turn::Refused(Verb::Migrate, vec![Rule::ChartTooOld]);
        assert_eq!(turns, [refused, Turn::Now(Verb::Migrate, MigrateLegacyToClas)]);
    }

    #[test]
    fn one_cluster_of_a_pce_at_a_time() {
        use Turn::{After, Done, Now, Unknown};
        let start = Now(Verb::Migrate, MigrateLegacyToClas);
        let legacy = Some(Legacy);
        check(
            Clas,
            1,
            &[("a", legacy), ("A", legacy), ("b", legacy)],
            &[start.clone(), After(Verb::Migrate, vec![0]), start.clone()],
        );
        check(
            Clas,
            2,
            &[("a", legacy), ("a", legacy), ("a", legacy)],
            &[start.clone(), start, After(Verb::Migrate, vec![0, 1])],
        );
        check(
            Clas,
            1,
            &[("a", legacy), ("a", Some(MigrateClasToLegacy)), ("a", Some(Clas)), ("a", Some(Unpair))],
            &[After(Verb::Migrate, vec![1]), Now(Verb::FinishRevert, Legacy), Done, Unknown],
        );
        check(Clas, 1, &[("", legacy), ("", None)], &[After(Verb::Migrate, vec![1]), Unknown]);
        check(Legacy, 1, &[("a", Some(Clas)), ("a", legacy)], &[Now(Verb::Revert, MigrateClasToLegacy), Done]);
        check(Clas, 0, &[("a", legacy)], &[After(Verb::Migrate, vec![])]);
    }

    #[test]
    fn a_fleet_gets_there_whatever_is_interrupted_and_never_with_two_in_between() {
        // a linear congruence is random enough, and the same every time
        let mut seed = 42_u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(seed >> 33).unwrap_or_default() % below
        };
        for (goal, at_once) in [(Clas, 1), (Clas, 3), (Legacy, 1)] {
            let pces: Vec<String> = (0..200).map(|_| format!("pce{}", random(5))).collect();
            let start = if goal == Clas { Legacy } else { Clas };
            let mut clusters: Vec<Cluster> =
                fleet(&pces.iter().map(|pce| (pce.as_str(), Some(start))).collect::<Vec<_>>());
            let plan = Plan { goal, at_once };
            let mut rounds = 0;
            loop {
                let turns = plan.turns(&clusters);
                let now: Vec<usize> = (0..200).filter(|number| matches!(turns[*number], Turn::Now(..))).collect();
                if now.is_empty() {
                    break;
                }
                // some of the steps are taken in any order, the others are interrupted before they reach the cluster
                for number in now {
                    if let (Turn::Now(_, to), true) = (&turns[number], random(3) > 0) {
                        clusters[number].mode = Some(*to);
                    }
                    for pce in &pces {
                        let is_between = |one: &&Cluster| {
                            one.pce.as_ref() == Some(pce) && one.mode.is_some_and(ClusterMode::is_migrating)
                        };
                        assert!(clusters.iter().filter(is_between).count() <= at_once);
                    }
                }
                rounds += 1;
                assert!(rounds < 10_000);
            }
            assert!(clusters.iter().all(|cluster| cluster.mode == Some(goal)));
        }
    }
}
