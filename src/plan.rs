//! The plan: the next steps that the procedure allows in a fleet, from where its clusters stand and from nothing else.
//!
//! The vendor migrates one cluster of a PCE at a time. So a cluster that is between two modes comes first, and another of
//! the same PCE starts only while fewer than [`Plan::at_once`] are between two. Where the PCE of one is not known, because
//! it names none, cannot be read or has a reference there, all count as those of one. A cluster whose mode is not known
//! may be between two, so beside it none starts.

mod cluster;

use std::collections::BTreeMap;

pub use cluster::{Cluster, Frozen, Seen, Software, Tried, Who};

use crate::{
    act::Act,
    mode::ClusterMode,
    procedure::{Move, Verb},
    rule::Rule,
};

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
    /// The software upgrade, in the present mode, now.
    Upgrade(Software),
    /// A step, once these clusters have finished, or are there, by their numbers.
    After(Act, Vec<usize>),
    /// A step that these rules refuse: what they name comes first.
    Refused(Act, Vec<Rule>),
    /// A step that waits until a freeze ends.
    Frozen(Act, Frozen),
    /// The file, and what this one says, disagree, and the next step does not bring them together.
    Apart(Seen),
    /// Nothing: it is there.
    Done,
    /// Its mode is not known, or no step leads to the goal from there.
    Unknown,
    /// No file is its: only the PCE knows of it, and it counts there.
    Foreign,
}

impl Turn {
    /// The word for it in JSON.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Now(..) | Self::Upgrade(..) => "now",
            Self::After(..) => "after",
            Self::Refused(..) => "refused",
            Self::Frozen(..) => "frozen",
            Self::Apart(..) => "apart",
            Self::Done => "done",
            Self::Unknown => "unknown",
            Self::Foreign => "foreign",
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
    ///     pce: Some("pce:8443".to_owned()),
    ///     ..Cluster::of_file(name.to_owned(), Some(mode))
    /// };
    /// let fleet = [cluster("a", ClusterMode::Legacy), cluster("b", ClusterMode::MigrateLegacyToClas)];
    /// let turns = Plan { goal: ClusterMode::Clas, at_once: 1 }.turns(&fleet);
    /// assert_eq!(turns[0], Turn::After(Verb::Migrate.into(), vec![1]));
    /// assert_eq!(turns[1], Turn::Now(Verb::FinishMigrate, ClusterMode::Clas));
    /// ```
    #[must_use]
    pub fn turns(&self, clusters: &[Cluster]) -> Vec<Turn> {
        let mut fleets: BTreeMap<Option<String>, Vec<usize>> = BTreeMap::new();
        // what is not known may be the PCE of any of the others
        let are_one = clusters.iter().any(Cluster::has_open_pce);
        for (number, cluster) in clusters.iter().enumerate() {
            let host = cluster.host();
            fleets.entry(host.filter(|_| !are_one)).or_default().push(number);
        }
        let alone: Vec<Turn> = clusters.iter().map(|cluster| self.alone(cluster)).collect();
        let first = self.first_wave(clusters, &alone);
        let mut turns = alone.clone();
        for fleet in fleets.values() {
            let between: Vec<usize> =
                fleet.iter().copied().filter(|number| clusters[*number].counts_between()).collect();
            let is_unknown = between.iter().any(|number| !clusters[*number].is_known());
            let mut free = if is_unknown { 0 } else { self.at_once.saturating_sub(between.len()) };
            let mut started = Vec::new();
            for number in fleet {
                let (act, turn) = match &alone[*number] {
                    Turn::Now(verb, to) => (Act::Step(*verb), Turn::Now(*verb, *to)),
                    Turn::Upgrade(software) => (Act::Upgrade, Turn::Upgrade(software.clone())),
                    _ => continue,
                };
                let is_of_later = first.first().is_some_and(|one| clusters[*one].wave < clusters[*number].wave);
                let earlier = if is_of_later { first.clone() } else { Vec::new() };
                // files of one cluster are one: the second waits for what the first does
                let is_twin = |other: &&usize| *other != number && clusters[*number].is_twin(&clusters[**other]);
                let of_others = between.iter().filter(|_| !between.contains(number));
                let twin = started.iter().chain(of_others).find(is_twin).copied();
                turns[*number] = if let Some(twin) = twin {
                    Turn::After(act, vec![twin])
                } else if between.contains(number) {
                    turn
                } else if !earlier.is_empty() {
                    Turn::After(act, earlier)
                } else if act == Act::Upgrade {
                    // it puts no cluster between two modes
                    turn
                } else if free > 0 {
                    free -= 1;
                    turn
                } else {
                    Turn::After(act, between.clone())
                };
                started.extend(matches!(turns[*number], Turn::Now(..)).then_some(*number));
            }
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

    /// What is next for a cluster as if it were the only one.
    fn alone(&self, cluster: &Cluster) -> Turn {
        if !cluster.is_of_files {
            return Turn::Foreign;
        }
        let (Some(file), Some(stands)) = (cluster.mode, cluster.stands()) else { return Turn::Unknown };
        if !cluster.is_known() {
            return Turn::Unknown;
        }
        let step = self.step(stands);
        let is_begun = step.is_some_and(|(_, to)| to == file);
        if let Some(apart) = cluster.apart(stands) {
            return Turn::Apart(apart);
        }
        match step {
            _ if stands != file && !is_begun => cluster.seen.first().map_or(Turn::Unknown, |seen| Turn::Apart(*seen)),
            None if stands == self.goal => Turn::Done,
            None => Turn::Unknown,
            Some((verb, to)) => {
                // between two modes the version stays, and no version closes the way back
                let is_start = !stands.is_migrating() && !verb.is_way_back() && stands == file;
                let software = cluster.software.as_ref().filter(|_| is_start);
                let act = software.map_or(Act::Step(verb), |_| Act::Upgrade);
                match (&cluster.frozen, software) {
                    _ if !cluster.refused_by.is_empty() => Turn::Refused(act, cluster.refused_by.clone()),
                    (Some(frozen), _) if !verb.is_way_back() => Turn::Frozen(act, frozen.clone()),
                    (_, Some(software)) => Turn::Upgrade(software.clone()),
                    (_, None) => Turn::Now(verb, to),
                }
            }
        }
    }

    /// The clusters that are not there yet of the first wave that has one: no later one starts before them. The way back
    /// knows no waves.
    fn first_wave(&self, clusters: &[Cluster], alone: &[Turn]) -> Vec<usize> {
        let is_open = |number: &usize| {
            let cluster = &clusters[*number];
            cluster.is_of_files && !cluster.is_mention && alone[*number] != Turn::Done
        };
        let open: Vec<usize> = (0..clusters.len()).filter(is_open).collect();
        let wave = open.iter().map(|number| clusters[*number].wave).min();
        if self.goal == ClusterMode::Legacy {
            return Vec::new();
        }
        open.into_iter().filter(|number| Some(clusters[*number].wave) == wave).collect()
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
            pce: Some((*pce).to_owned()).filter(|pce| !pce.is_empty()),
            ..Cluster::of_file(String::new(), *mode)
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
        let refused = Turn::Refused(Verb::Migrate.into(), vec![Rule::ChartTooOld]);
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
            &[start.clone(), After(Verb::Migrate.into(), vec![0]), start.clone()],
        );
        check(
            Clas,
            2,
            &[("a", legacy), ("a", legacy), ("a", legacy)],
            &[start.clone(), start, After(Verb::Migrate.into(), vec![0, 1])],
        );
        check(
            Clas,
            1,
            &[("a", legacy), ("a", Some(MigrateClasToLegacy)), ("a", Some(Clas)), ("a", Some(Unpair))],
            &[After(Verb::Migrate.into(), vec![1]), Now(Verb::FinishRevert, Legacy), Done, Unknown],
        );
        check(Clas, 1, &[("a", legacy), ("", None)], &[After(Verb::Migrate.into(), vec![1]), Unknown]);
        check(Clas, 1, &[("", legacy), ("a", None)], &[After(Verb::Migrate.into(), vec![1]), Unknown]);
        let finish = Now(Verb::FinishMigrate, Clas);
        check(
            Clas,
            1,
            &[("", legacy), ("a", Some(MigrateLegacyToClas)), ("b", legacy)],
            &[After(Verb::Migrate.into(), vec![1]), finish, After(Verb::Migrate.into(), vec![1])],
        );
        check(Clas, 1, &[("", legacy), ("", None)], &[After(Verb::Migrate.into(), vec![1]), Unknown]);
        check(Legacy, 1, &[("a", Some(Clas)), ("a", legacy)], &[Now(Verb::Revert, MigrateClasToLegacy), Done]);
        check(Clas, 0, &[("a", legacy)], &[After(Verb::Migrate.into(), vec![])]);
    }

    #[test]
    fn a_wave_starts_once_the_one_before_is_there_and_the_way_back_knows_none() {
        let mut clusters = fleet(&[("a", Some(Legacy)), ("b", Some(Legacy)), ("c", Some(Legacy))]);
        (clusters[1].wave, clusters[2].wave) = (1, 2);
        let plan = Plan { goal: Clas, at_once: 1 };
        let start = Turn::Now(Verb::Migrate, MigrateLegacyToClas);
        let after = |waits| Turn::After(Verb::Migrate.into(), vec![waits]);
        assert_eq!(plan.turns(&clusters), [after(1), start.clone(), after(1)]);
        clusters[1].mode = Some(Clas);
        assert_eq!(plan.turns(&clusters), [after(2), Turn::Done, start]);
        // one that is between two modes goes on, whatever its wave is
        clusters[0].mode = Some(MigrateLegacyToClas);
        assert_eq!(plan.turns(&clusters)[0], Turn::Now(Verb::FinishMigrate, Clas));
        for cluster in &mut clusters {
            cluster.mode = Some(Clas);
        }
        let back = Turn::Now(Verb::Revert, MigrateClasToLegacy);
        assert_eq!(Plan { goal: Legacy, ..plan }.turns(&clusters), [back.clone(), back.clone(), back]);
    }

    #[test]
    fn a_freeze_holds_what_goes_on_and_not_what_goes_back() {
        let frozen = Frozen { until: "2026-01-05T23:59:59Z".to_owned(), why: None };
        let of = |mode, goal| {
            let mut clusters = fleet(&[("p", Some(mode)), ("p", Some(Legacy))]);
            clusters[0].frozen = Some(frozen.clone());
            Plan { goal, at_once: 1 }.turns(&clusters)
        };
        let start = Turn::Now(Verb::Migrate, MigrateLegacyToClas);
        assert_eq!(of(Legacy, Clas), [Turn::Frozen(Verb::Migrate.into(), frozen.clone()), start]);
        // it rests between two modes, and no other starts meanwhile
        let waiting = Turn::After(Verb::Migrate.into(), vec![0]);
        assert_eq!(of(MigrateLegacyToClas, Clas), [Turn::Frozen(Verb::FinishMigrate.into(), frozen.clone()), waiting]);
        assert_eq!(of(MigrateLegacyToClas, Legacy)[0], Turn::Now(Verb::Revert, MigrateClasToLegacy));
        assert_eq!(of(MigrateClasToLegacy, Clas)[0], Turn::Now(Verb::FinishRevert, Legacy));
    }

    #[test]
    fn the_software_comes_first_and_takes_no_place() {
        let software = Software { from: "4.3.0".to_owned(), to: "5.1.0".to_owned() };
        let of = |modes: [ClusterMode; 2], goal| {
            let mut clusters = fleet(&modes.map(|mode| ("p", Some(mode))));
            clusters[0].software = Some(software.clone());
            Plan { goal, at_once: 1 }.turns(&clusters)
        };
        let start = Turn::Now(Verb::Migrate, MigrateLegacyToClas);
        assert_eq!(of([Legacy, Legacy], Clas), [Turn::Upgrade(software.clone()), start]);
        let finish = Turn::Now(Verb::FinishMigrate, Clas);
        assert_eq!(of([Legacy, MigrateLegacyToClas], Clas), [Turn::Upgrade(software.clone()), finish.clone()]);
        assert_eq!(of([MigrateLegacyToClas, Clas], Clas)[0], finish, "no version changes between two modes");
        assert_eq!(of([Clas, Clas], Legacy)[0], Turn::Now(Verb::Revert, MigrateClasToLegacy));
        assert_eq!(of([Clas, Clas], Clas)[0], Turn::Done);
    }

    #[test]
    fn what_the_release_and_the_pce_say_counts() {
        use Who::{Pce, Release};
        let seen = |who, mode| Seen { who, mode, tried: None };
        let of = |file, says: &[(Who, Option<ClusterMode>)]| {
            let mut clusters = fleet(&[("p", Some(file)), ("p", Some(Legacy))]);
            clusters[0].seen = says.iter().map(|(who, mode)| seen(*who, *mode)).collect();
            Plan { goal: Clas, at_once: 1 }.turns(&clusters)
        };
        let start = Turn::Now(Verb::Migrate, MigrateLegacyToClas);
        let waits = Turn::After(Verb::Migrate.into(), vec![0]);
        let both = |mode| [(Release, Some(mode)), (Pce, Some(mode))];
        assert_eq!(of(Legacy, &both(Legacy)), [start.clone(), waits.clone()]);
        // the file was written, and the step has not reached the release: it is the same step
        assert_eq!(of(MigrateLegacyToClas, &both(Legacy)), [start, waits.clone()]);
        assert_eq!(of(Clas, &both(Clas)), [Turn::Done, Turn::Now(Verb::Migrate, MigrateLegacyToClas)]);
        // the release is further than the file, or the PCE has not followed
        let release = seen(Release, Some(MigrateLegacyToClas));
        assert_eq!(of(Legacy, &both(MigrateLegacyToClas)), [Turn::Apart(release), waits.clone()]);
        let pce = seen(Pce, Some(MigrateLegacyToClas));
        let lagging = [(Release, Some(Clas)), (Pce, Some(MigrateLegacyToClas))];
        assert_eq!(of(Clas, &lagging), [Turn::Apart(pce), waits.clone()]);
        assert_eq!(of(Legacy, &[(Release, Some(Legacy)), (Pce, None)]), [Turn::Unknown, waits.clone()]);
        assert_eq!(of(Legacy, &[(Release, None)]), [Turn::Unknown, waits]);
    }

    #[test]
    fn what_was_tried_goes_on_where_the_file_says_so_and_else_comes_to_rest_first() {
        let of = |file, stands, tried, is_continued, pce: Option<ClusterMode>, goal| {
            let mut clusters = fleet(&[("p", Some(file)), ("p", Some(Legacy))]);
            let tried = Some(Tried { mode: Some(tried), is_continued });
            clusters[0].seen = vec![Seen { who: Who::Release, mode: Some(stands), tried }];
            clusters[0].seen.extend(pce.map(|mode| Seen { who: Who::Pce, mode: Some(mode), tried: None }));
            Plan { goal, at_once: 1 }.turns(&clusters)
        };
        let waits = Turn::After(Verb::Migrate.into(), vec![0]);
        let start = Turn::Now(Verb::Migrate, MigrateLegacyToClas);
        // the PCE may have followed the attempt already
        for pce in [None, Some(Legacy), Some(MigrateLegacyToClas)] {
            let turns = of(MigrateLegacyToClas, Legacy, MigrateLegacyToClas, true, pce, Clas);
            assert_eq!(turns, [start.clone(), waits.clone()]);
        }
        let is_apart = |turns: &[Turn]| matches!(turns[0], Turn::Apart(Seen { who: Who::Release, .. }));
        // on the way back, what failed before any pod is not finished
        assert!(is_apart(&of(Legacy, Clas, MigrateClasToLegacy, false, None, Legacy)));
        // the file was put back, and the release was not
        assert!(is_apart(&of(Clas, Clas, MigrateClasToLegacy, false, Some(Clas), Clas)));
        assert_eq!(of(Clas, Clas, MigrateClasToLegacy, false, None, Clas)[1], waits);
        assert!(is_apart(&of(MigrateLegacyToClas, Legacy, MigrateLegacyToClas, true, None, Legacy)));
    }

    #[test]
    fn a_pce_is_one_however_it_is_written_and_so_is_a_cluster() {
        let start = Turn::Now(Verb::Migrate, MigrateLegacyToClas);
        let legacy = Some(Legacy);
        for other in ["p", "P:8443", "p:443", "p.:8443"] {
            let after = Turn::After(Verb::Migrate.into(), vec![0]);
            check(Clas, 1, &[("p:8443", legacy), (other, legacy)], &[start.clone(), after]);
        }
        let mut clusters = fleet(&[("p", legacy), ("p", legacy), ("p", legacy)]);
        (clusters[0].id, clusters[2].id) = (Some("5A1E".to_owned()), Some("5a1e".to_owned()));
        let plan = Plan { goal: Clas, at_once: 5 };
        let after = |other| Turn::After(Verb::Migrate.into(), vec![other]);
        assert_eq!(plan.turns(&clusters), [start.clone(), start.clone(), after(0)]);
        clusters[2].mode = Some(MigrateLegacyToClas);
        let finish = Turn::Now(Verb::FinishMigrate, Clas);
        assert_eq!(plan.turns(&clusters), [after(2), start, finish]);
    }

    #[test]
    fn a_reference_may_be_any_pce() {
        let start = Turn::Now(Verb::Migrate, MigrateLegacyToClas);
        let after = Turn::After(Verb::Migrate.into(), vec![0]);
        let legacy = Some(Legacy);
        for (one, other) in [("${pce}", "${pce}"), ("${a}", "${b}"), ("p:8443", "ref+vault://a#/b"), ("{{ .p }}", "q")]
        {
            check(Clas, 1, &[(one, legacy), (other, legacy)], &[start.clone(), after.clone()]);
        }
        check(Clas, 1, &[("p:8443", legacy), ("q:8443", legacy)], &[start.clone(), start.clone()]);
    }

    #[test]
    fn a_cluster_that_only_the_pce_knows_takes_a_place() {
        let mut clusters = fleet(&[("p", Some(Legacy)), ("p", Some(MigrateLegacyToClas))]);
        clusters[1].is_of_files = false;
        let turns = Plan { goal: Clas, at_once: 1 }.turns(&clusters);
        assert_eq!(turns, [Turn::After(Verb::Migrate.into(), vec![1]), Turn::Foreign]);
        clusters[1].mode = Some(Clas);
        let turns = Plan { goal: Clas, at_once: 1 }.turns(&clusters);
        assert_eq!(turns[0], Turn::Now(Verb::Migrate, MigrateLegacyToClas));
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
            for cluster in &mut clusters {
                cluster.wave = u32::try_from(random(4)).unwrap_or_default();
                let old = Software { from: "4.3.0".to_owned(), to: "5.1.0".to_owned() };
                cluster.software = Some(old).filter(|_| goal == Clas && random(2) > 0);
                cluster.seen =
                    [Who::Release, Who::Pce].map(|who| Seen { who, mode: Some(start), tried: None }).to_vec();
            }
            let plan = Plan { goal, at_once };
            let mut rounds = 0;
            loop {
                let turns = plan.turns(&clusters);
                let is_now = |number: &usize| matches!(turns[*number], Turn::Now(..) | Turn::Upgrade(..));
                let now: Vec<usize> = (0..200).filter(is_now).collect();
                let is_settled = clusters.iter().all(|cluster| cluster.seen[1].mode == cluster.seen[0].mode);
                if now.is_empty() && is_settled {
                    break;
                }
                // some of the steps are taken, in any order; the others are interrupted before they reach the cluster
                for number in now {
                    let Turn::Now(_, to) = turns[number] else {
                        clusters[number].software.take_if(|_| random(2) > 0);
                        continue;
                    };
                    assert!(clusters[number].software.is_none(), "its software is upgraded first");
                    // the file first, then the release; a step may be interrupted before either
                    let reached = random(3);
                    if reached > 0 {
                        clusters[number].mode = Some(to);
                    }
                    if reached > 1 {
                        clusters[number].seen[0].mode = Some(to);
                    }
                    for pce in &pces {
                        let is_between = |one: &&Cluster| one.pce.as_ref() == Some(pce) && one.may_be_between();
                        assert!(clusters.iter().filter(is_between).count() <= at_once);
                    }
                    if goal == Clas {
                        let begun = |cluster: &&Cluster| cluster.mode != Some(start);
                        let last = clusters.iter().filter(begun).map(|cluster| cluster.wave).max().unwrap_or_default();
                        let is_late = |cluster: &Cluster| cluster.wave < last && cluster.mode != Some(goal);
                        assert!(!clusters.iter().any(is_late), "a later wave has begun before an earlier one is there");
                    }
                }
                // the PCE follows the release, sooner or later
                for cluster in clusters.iter_mut().filter(|_| random(2) > 0) {
                    cluster.seen[1].mode = cluster.seen[0].mode;
                }
                rounds += 1;
                assert!(rounds < 10_000);
            }
            assert!(clusters.iter().all(|cluster| cluster.mode == Some(goal)));
        }
    }
}
