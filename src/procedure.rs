//! The whole procedure as two tables: which verb does what in which mode, and what to check around each step.
//!
//! Source of both, where a row names no other: the vendor's page "Upgrade to CLAS Architecture" (Core 24.5).

use std::{borrow::Cow, fmt};

use crate::called::Help;

use crate::mode::ClusterMode::{self, Clas, Legacy, MigrateClasToLegacy, MigrateLegacyToClas};

/// What the user asks for. Each verb names its goal, so asking twice is harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `helm clas migrate`: start the way to CLAS.
    Migrate,
    /// `helm clas migrate --finish`: arrive in CLAS.
    FinishMigrate,
    /// `helm clas revert`: start the way back.
    Revert,
    /// `helm clas revert --finish`: arrive in the legacy model.
    FinishRevert,
}

/// What a verb does in a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// One step, to this mode.
    Go(ClusterMode),
    /// The cluster is there already; nothing to do.
    Already,
    /// Not a step of the procedure, and why.
    Refuse(Why),
}

/// Why the procedure has no such step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// `migrate --finish` before `migrate`.
    NotStarted,
    /// `revert --finish` before `revert`.
    NotReverting,
    /// Towards CLAS while the way back is under way; the vendor documents no such turn.
    GoingBack,
    /// `unpair` is not part of the migration: it removes the C-VENs.
    Unpairing,
}

use Move::{Already, Go, Refuse};
use Why::{GoingBack, NotReverting, NotStarted, Unpairing};

/// The state machine: a row a verb, a column a mode, in the order of [`ClusterMode::ALL`].
#[rustfmt::skip]
const MOVES: [(Verb, [Move; 5]); 4] = [
    //                    legacy migrateLegacyToClas clas migrateClasToLegacy unpair
    (Verb::Migrate,       [Go(MigrateLegacyToClas), Already,                 Already,                 Refuse(GoingBack),   Refuse(Unpairing)]),
    (Verb::FinishMigrate, [Refuse(NotStarted),      Go(Clas),                Already,                 Refuse(GoingBack),   Refuse(Unpairing)]),
    (Verb::Revert,        [Already,                 Go(MigrateClasToLegacy), Go(MigrateClasToLegacy), Already,             Refuse(Unpairing)]),
    (Verb::FinishRevert,  [Already,                 Refuse(NotReverting),    Refuse(NotReverting),    Go(Legacy),          Refuse(Unpairing)]),
];

impl Verb {
    /// Every verb, in the order of the table.
    pub const ALL: [Self; 4] = [Self::Migrate, Self::FinishMigrate, Self::Revert, Self::FinishRevert];

    /// The cell of the table: what this verb does where a cluster is in `mode`.
    ///
    /// ```
    /// use helm_clas::{ClusterMode, Move, Verb};
    ///
    /// assert_eq!(Verb::Migrate.applied_to(ClusterMode::Legacy), Move::Go(ClusterMode::MigrateLegacyToClas));
    /// assert_eq!(Verb::Migrate.applied_to(ClusterMode::Clas), Move::Already);
    /// ```
    #[must_use]
    pub fn applied_to(self, mode: ClusterMode) -> Move {
        MOVES[self as usize].1[mode as usize]
    }

    /// The verbs that are steps from `mode`, in the order of the table.
    pub fn legal_from(mode: ClusterMode) -> impl Iterator<Item = Self> {
        Self::goals_from(mode).map(|(verb, _)| verb)
    }

    /// The same, each with the mode that it leads to.
    pub(crate) fn goals_from(mode: ClusterMode) -> impl Iterator<Item = (Self, ClusterMode)> {
        Self::ALL.into_iter().filter_map(move |verb| match verb.applied_to(mode) {
            Go(goal) => Some((verb, goal)),
            _ => None,
        })
    }

    /// The verbs that lead from one mode to another, the fewest there are; none where no way leads there.
    ///
    /// ```
    /// use helm_clas::{ClusterMode, Verb};
    ///
    /// let way = Verb::way(ClusterMode::MigrateClasToLegacy, ClusterMode::Clas).unwrap();
    /// assert_eq!(way, [Verb::FinishRevert, Verb::Migrate, Verb::FinishMigrate]);
    /// assert_eq!(Verb::way(ClusterMode::Unpair, ClusterMode::Clas), None);
    /// ```
    #[must_use]
    pub fn way(from: ClusterMode, goal: ClusterMode) -> Option<Vec<Self>> {
        let mut ways = std::collections::VecDeque::from([(from, Vec::new())]);
        let mut seen = vec![from];
        while let Some((mode, way)) = ways.pop_front() {
            if mode == goal {
                return Some(way);
            }
            for verb in Self::legal_from(mode) {
                if let Go(next) = verb.applied_to(mode)
                    && !seen.contains(&next)
                {
                    seen.push(next);
                    ways.push_back((next, way.iter().copied().chain([verb]).collect()));
                }
            }
        }
        None
    }

    /// The subcommand: `migrate` or `revert`.
    #[must_use]
    pub const fn command(self) -> &'static str {
        if self.is_way_back() { "revert" } else { "migrate" }
    }

    /// Whether `--finish` belongs to it.
    #[must_use]
    pub const fn is_finish(self) -> bool {
        matches!(self, Self::FinishMigrate | Self::FinishRevert)
    }

    /// Whether it leads away from CLAS. On the way back the version rules warn instead of stopping.
    #[must_use]
    pub const fn is_way_back(self) -> bool {
        matches!(self, Self::Revert | Self::FinishRevert)
    }
}

/// As it is asked for: `migrate`, `migrate --finish`.
impl fmt::Display for Verb {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}", self.command(), if self.is_finish() { " --finish" } else { "" })
    }
}

impl Why {
    /// The reason in words, for a cluster in `mode`: what is wrong, and what to do instead.
    #[must_use]
    pub(crate) fn explained(self) -> (&'static str, Help) {
        match self {
            NotStarted => (
                "the migration to CLAS has not been started",
                Help::naming("run `", " migrate` first, check the cluster, then finish"),
            ),
            NotReverting => (
                "the way back has not been started",
                Help::naming("run `", " revert` first, check the cluster, then finish"),
            ),
            GoingBack => (
                "the way back to legacy is under way",
                Help::naming(
                    "the vendor documents no other step from there: run `",
                    " revert --finish`, check the cluster, then start again",
                ),
            ),
            Unpairing => (
                "`unpair` is not part of the migration",
                "it removes the C-VENs before the chart is uninstalled: finish that, or set the previous mode \
                 again"
                    .into(),
            ),
        }
    }
}

/// How to look at something: a message to a person, or a command. In commands `RELEASE`, `NAMESPACE`, `STORAGE` (the
/// namespace in which Helm keeps the release), `NAMES` (of the values files), `FILES` (the same as options) and
/// `VERSION` are replaced by the cluster's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// A message to a person.
    Say(&'static str),
    /// A command of this program, without its name.
    Own(&'static str),
    /// A command for everybody.
    Run(&'static str),
    /// A command where there is a release of Helm's: by hand, with Flux or helmfile.
    Helm(&'static str),
    /// A command where Argo CD renders the chart's templates itself, so that Helm knows of no release.
    ArgoCd(&'static str),
    /// A command where kustomize does.
    Kustomize(&'static str),
}

use How::{ArgoCd, Helm, Kustomize, Own, Run, Say};

/// Who brings the chart to the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deployer {
    /// Helm, or a controller that makes releases of Helm's.
    Helm,
    /// Argo CD.
    ArgoCd,
    /// kustomize.
    Kustomize,
    /// Another program that reads the values, which the files do not name.
    Unknown,
}

impl How {
    /// The command, where it is one and does something where this one brings the chart to the cluster.
    #[must_use]
    pub fn command(self, deployer: Deployer) -> Option<&'static str> {
        match (self, deployer) {
            (Own(command) | Run(command), _)
            | (Helm(command), Deployer::Helm)
            | (ArgoCd(command), Deployer::ArgoCd)
            | (Kustomize(command), Deployer::Kustomize) => Some(command),
            _ => None,
        }
    }
}

/// Something a person (or a later command) looks at before or after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// A stable name, the same in text and JSON.
    pub id: &'static str,
    /// What must be true.
    pub text: &'static str,
    /// The steps before which it is looked at, by the mode they lead to.
    pub before: &'static [ClusterMode],
    /// The steps after which it is looked at, by the mode they lead to.
    pub after: &'static [ClusterMode],
    /// How to look at it.
    pub how: &'static [How],
    /// Where it comes from.
    pub source: &'static str,
}

impl Check {
    /// What must be true of a cluster whose software runs in this namespace.
    ///
    /// ```
    /// use helm_clas::{ClusterMode, checks_before};
    ///
    /// let text = |namespace| checks_before(ClusterMode::MigrateLegacyToClas).map(|it| it.text_in(namespace)).nth(5);
    /// assert_eq!(text("security").as_deref(), Some("the namespace security is in Visibility Only"));
    /// ```
    #[must_use]
    pub fn text_in(&self, namespace: &str) -> Cow<'static, str> {
        in_namespace(self.text, namespace)
    }
}

/// Words about the customary namespace, with another one in its place.
pub(crate) fn in_namespace(words: &'static str, namespace: &str) -> Cow<'static, str> {
    let customary = crate::Release::default().namespace;
    if namespace == customary || !words.contains(customary) {
        return words.into();
    }
    words.replace(customary, namespace).into()
}

const UPGRADE_PAGE: &str = "vendor page \"Upgrade to CLAS Architecture\", Core 24.5";
const RULES_PAGE: &str = "vendor page \"Rules and Traffic Considerations with CLAS\", Core 25.1";

const NEVER: &[ClusterMode] = &[];
const EVERY_STEP: &[ClusterMode] = &[MigrateLegacyToClas, Clas, MigrateClasToLegacy, Legacy];

/// The checks, in the order in which a person goes through them.
#[rustfmt::skip]
const CHECKS: &[Check] = &[
    Check { id: "values-complete",
            before: EVERY_STEP, after: NEVER, source: UPGRADE_PAGE,
            text: "the values file has all mandatory values, and is the one that the release was installed with",
            how: &[Own("check NAMES --version VERSION"), Helm("helm history RELEASE -n STORAGE"), ArgoCd("argocd app history RELEASE")] },
    Check { id: "chart-upgraded-first",
            before: &[MigrateLegacyToClas], after: NEVER, source: UPGRADE_PAGE,
            text: "the release already runs this chart version in its present mode, and you verified it",
            how: &[Helm("helm list -n STORAGE"), ArgoCd("argocd app get RELEASE"), Kustomize("kubectl -n NAMESPACE get deployment/illumio-kubelink -o wide"), Say("PCE: the cluster is online, with the Kubelink version \
                of this chart")] },
    Check { id: "one-cluster-at-a-time",
            before: &[MigrateLegacyToClas], after: NEVER, source: UPGRADE_PAGE,
            text: "no other cluster of this PCE is being migrated",
            how: &[Own("status .")] },
    Check { id: "policy-uses-labels",
            before: &[MigrateLegacyToClas], after: NEVER, source: UPGRADE_PAGE,
            text: "no rule depends on virtual services of type ClusterIP or has All Workloads as destination; rules \
                   that \"Use Workloads\" name their ports",
            how: &[Own("policy FILES"), Say("PCE: Policy > Rulesets; read the active rules, and provision drafts first")] },
    Check { id: "infrastructure-rules",
            before: &[MigrateLegacyToClas], after: NEVER, source: RULES_PAGE,
            text: "the mandatory rules exist: nodes -> Service CIDR 9000/TCP; Any (0.0.0.0/0 and ::/0) -> nodes 2379-2380 TCP and UDP",
            how: &[Own("policy FILES --service-cidr CIDR --node-labels KEY=VALUE"), Say("PCE: Policy > Rulesets; the runbook lists the rules at its end")] },
    Check { id: "illumio-system-visibility-only",
            before: &[MigrateLegacyToClas], after: NEVER, source: UPGRADE_PAGE,
            text: "the namespace illumio-system is in Visibility Only",
            how: &[Own("enforcement save enforcement.json FILES"), Say("to change it (this writes to the PCE):"), Own("enforcement lower enforcement.json FILES --write"), Say("PCE: the cluster's page > Container Workload Profiles > illumio-system")] },
    Check { id: "nodes-visibility-only",
            before: &[MigrateLegacyToClas], after: NEVER, source: UPGRADE_PAGE,
            text: "you decided whether to put all nodes into Visibility Only (this opens the applications they \
                   protect)",
            how: &[Say("only if you decided to (this writes to the PCE):"), Own("enforcement lower enforcement.json FILES --nodes --write"), Say("PCE: Workloads; filter by the label of the nodes")] },
    Check { id: "pods-restarted",
            before: NEVER, after: &[MigrateLegacyToClas], source: UPGRADE_PAGE,
            text: "Kubelink and every C-VEN pod restarted and are Ready",
            how: &[Run("kubectl -n NAMESPACE rollout status deployment/illumio-kubelink"), Run("kubectl -n NAMESPACE rollout status daemonset/illumio-ven"), Run("kubectl -n NAMESPACE get pods -o wide")] },
    Check { id: "kubernetes-workloads-tab",
            before: NEVER, after: &[MigrateLegacyToClas], source: UPGRADE_PAGE,
            text: "the cluster's page in the PCE, reloaded, shows the tab Kubernetes Workloads",
            how: &[Say("PCE: the cluster's page > Kubernetes Workloads")] },
    Check { id: "workloads-active",
            before: &[Clas], after: &[MigrateLegacyToClas], source: UPGRADE_PAGE,
            text: "every Kubernetes Workload and every peer workload is Active (Container Workloads may stay in Syncing)",
            how: &[Say("PCE: the cluster's page > Kubernetes Workloads, column Policy Sync"), Say("PCE: Workloads; the peers of the cluster")] },
    Check { id: "kubelink-restarted",
            before: NEVER, after: &[Clas], source: UPGRADE_PAGE,
            text: "Kubelink restarted and is Ready",
            how: &[Run("kubectl -n NAMESPACE rollout status deployment/illumio-kubelink"), Run("kubectl -n NAMESPACE logs deployment/illumio-kubelink --tail 50")] },
    Check { id: "container-workloads-gone",
            before: NEVER, after: &[Clas], source: UPGRADE_PAGE,
            text: "the PCE has no Container Workloads any more, only Kubernetes Workloads",
            how: &[Say("PCE: the cluster's page > Container Workloads")] },
    Check { id: "container-workloads-back",
            before: NEVER, after: &[MigrateClasToLegacy], source: UPGRADE_PAGE,
            text: "the tab Container Workloads is back beside Kubernetes Workloads",
            how: &[Say("PCE: the cluster's page > Container Workloads")] },
    Check { id: "container-workloads-active",
            before: &[Legacy], after: &[MigrateClasToLegacy], source: UPGRADE_PAGE,
            text: "every Container Workload and every peer workload is Active",
            how: &[Say("PCE: the cluster's page > Container Workloads, column Policy Sync")] },
    Check { id: "kubernetes-workloads-gone",
            before: NEVER, after: &[Legacy], source: UPGRADE_PAGE,
            text: "the PCE has no Kubernetes Workloads any more; the Container Workloads are Synced",
            how: &[Say("PCE: the cluster's page > Kubernetes Workloads, then Container Workloads")] },
    Check { id: "traffic-works",
            before: &[Clas, Legacy], after: EVERY_STEP, source: UPGRADE_PAGE,
            text: "the applications still reach each other",
            how: &[Say("Ask the owners of the applications, or run their health checks"), Say("PCE: Explorer or Traffic; no new blocked flows between the cluster's workloads")] },
    Check { id: "enforcement-restored",
            before: NEVER, after: &[Clas, Legacy], source: UPGRADE_PAGE,
            text: "nodes and namespaces that were put into Visibility Only have their original enforcement again",
            how: &[Own("enforcement restore enforcement.json FILES --write"), Say("PCE: the cluster's page > Container Workload Profiles"), Say("PCE: Workloads; filter by the label of the nodes")] },
];

/// All checks, in the order in which a person goes through them.
#[must_use]
pub const fn checks() -> &'static [Check] {
    CHECKS
}

/// The checks before the step that leads to `goal`.
pub fn checks_before(goal: ClusterMode) -> impl Iterator<Item = &'static Check> {
    CHECKS.iter().filter(move |check| check.before.contains(&goal))
}

/// The checks after the step that led to `goal`.
pub fn checks_after(goal: ClusterMode) -> impl Iterator<Item = &'static Check> {
    CHECKS.iter().filter(move |check| check.after.contains(&goal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_stand_in_the_order_of_their_verbs() {
        for (index, (verb, _)) in MOVES.iter().enumerate() {
            assert_eq!(*verb as usize, index);
            assert_eq!(Verb::ALL[index], *verb);
        }
        for (index, mode) in ClusterMode::ALL.into_iter().enumerate() {
            assert_eq!(mode as usize, index);
        }
    }

    #[test]
    fn no_step_leads_to_unpair_and_every_other_mode_has_checks_around_it() {
        for (_, moves) in MOVES {
            assert!(!moves.contains(&Go(ClusterMode::Unpair)));
        }
        for goal in EVERY_STEP {
            assert!(checks_before(*goal).count() > 0, "{goal}");
            assert!(checks_after(*goal).count() > 0, "{goal}");
        }
    }

    #[test]
    fn from_every_mode_but_unpair_there_is_a_way_home() {
        for start in [MigrateLegacyToClas, Clas, MigrateClasToLegacy] {
            let mut mode = start;
            for verb in [Verb::Revert, Verb::FinishRevert] {
                if let Go(next) = verb.applied_to(mode) {
                    mode = next;
                }
            }
            assert_eq!(mode, Legacy, "from {start}");
        }
    }
}
