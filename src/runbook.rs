//! [`Runbook`]: the whole procedure written out for one cluster, from the tables that the steps themselves are taken
//! by.

use crate::{
    command_line::CommandLine,
    mode::ClusterMode,
    procedure::{Check, Move, Verb, checks, checks_after, checks_before},
    version::ChartVersion,
};

/// The way of one cluster to its goal.
#[derive(Clone, Debug)]
pub struct Runbook<'c> {
    /// The mode it starts from.
    pub from: ClusterMode,
    /// The mode it leads to.
    pub goal: ClusterMode,
    /// The commands of the cluster.
    pub commands: CommandLine<'c>,
    /// The software upgrade that comes first, where the chart is older.
    pub software: Option<Software<'c>>,
    /// The steps, in order; none where the cluster is there.
    pub legs: Vec<Leg>,
}

/// The software upgrade before the first step, in the present mode.
#[derive(Clone, Debug)]
pub struct Software<'c> {
    /// The version that runs.
    pub from: ChartVersion,
    /// Its commands, which name the file that the version is in.
    pub commands: CommandLine<'c>,
    /// Whether the version is beside the values, so that a file changes.
    pub is_pinned: bool,
}

impl Software<'_> {
    /// What to check before, and after. The vendor's page says that the software is upgraded and verified first; these
    /// are the checks of the steps that the same page has for any of them.
    #[must_use]
    pub fn checks() -> [Vec<&'static Check>; 2] {
        let named = |names: &[&str]| checks().iter().filter(|check| names.contains(&check.id)).collect();
        [named(&["values-complete"]), named(&["pods-restarted", "traffic-works"])]
    }
}

/// One step of a runbook.
#[derive(Clone, Debug)]
pub struct Leg {
    /// What is asked for.
    pub verb: Verb,
    /// The mode before it.
    pub from: ClusterMode,
    /// The mode after it.
    pub to: ClusterMode,
    /// What to check before.
    pub before: Vec<&'static Check>,
    /// What to check after.
    pub after: Vec<&'static Check>,
    /// The steps that lead from where it led back to `legacy`, each with the mode it leads to; none on the way back.
    pub back: Vec<(Verb, ClusterMode)>,
}

impl<'c> Runbook<'c> {
    /// The way from a mode to a goal; nothing where the procedure has none, as from `unpair`.
    #[must_use]
    pub fn new(
        from: ClusterMode,
        goal: ClusterMode,
        commands: CommandLine<'c>,
        software: Option<Software<'c>>,
    ) -> Option<Self> {
        let mut mode = from;
        let mut legs = Vec::new();
        for (verb, to) in steps(from, goal)? {
            let back = if verb.is_way_back() { Vec::new() } else { steps(to, ClusterMode::Legacy)? };
            legs.push(Leg {
                verb,
                from: mode,
                to,
                before: checks_before(to).collect(),
                after: checks_after(to).collect(),
                back,
            });
            mode = to;
        }
        Some(Self { from, goal, commands, software, legs })
    }
}

/// The steps from a mode to a goal, each with the mode it leads to; nothing where the procedure has none.
fn steps(mut mode: ClusterMode, goal: ClusterMode) -> Option<Vec<(Verb, ClusterMode)>> {
    let mut steps = Vec::new();
    for verb in Verb::way(mode, goal)? {
        let Move::Go(to) = verb.applied_to(mode) else { return None };
        steps.push((verb, to));
        mode = to;
    }
    Some(steps)
}
