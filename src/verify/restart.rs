//! Whether the pods restarted because of the step: known from what they run, and where that says nothing, from when
//! they started.

use std::fmt::Write as _;

use super::{
    Checked, Facts, Kind, Moment, State,
    objects::{Rollout, Version},
    pods::Pod,
};
use crate::{
    account::Says,
    shown::{count, some_of},
};

/// How the pods of a kind are known to be of the step.
enum Measure<'f> {
    /// They run the template of the step: those with this label, or all once the rollout is complete.
    Template(Option<&'f str>),
    /// The step does not change the template, so what counts is when they started.
    Clock(&'f Moment),
    /// The template is still the one of this revision.
    NotReached(u64),
    /// The software upgrade does not change the template, so they need not restart.
    Unchanged,
    /// Nothing says since when they count.
    Nothing,
}

impl<'f> Measure<'f> {
    fn of(kind: Kind, facts: &'f Facts) -> Self {
        let by_clock = facts.since.as_ref().map_or(Self::Nothing, Measure::Clock);
        match (facts.template_is(kind), &facts.step) {
            (Some(Says::New), _) => Self::Template(Version::newest(&facts.kubernetes.versions.items, kind)),
            (Some(Says::Old), Some(step)) => Self::NotReached(step.revision_before),
            (Some(Says::Same), _) if facts.release.is_after_software() => Self::Unchanged,
            _ => by_clock,
        }
    }
}

/// Whether the pods of these kinds restarted because of the step.
pub(super) fn restarted(mut check: Checked, kinds: &[Kind], facts: &Facts) -> Checked {
    let pods = match &facts.kubernetes.pods {
        Ok(pods) => &pods.items,
        Err(silence) => return check.silent(silence).run(facts.kubectl("get pods")),
    };
    let mut is_yours = false;
    let mut stale = Vec::new();
    let mut over = Vec::new();
    for kind in kinds {
        let of_kind: Vec<&Pod> = pods.iter().filter(|pod| pod.is_of(*kind) && !pod.is_leaving()).collect();
        over.extend(of_kind.iter().filter_map(|pod| pod.over()));
        let of_kind: Vec<&Pod> = of_kind.into_iter().filter(|pod| pod.over().is_none()).collect();
        let measure = Measure::of(*kind, facts);
        let (seen, is_right) = judged(*kind, &of_kind, &measure, facts);
        check = check.seen(seen);
        match measure {
            Measure::Nothing => is_yours = true,
            _ if is_right => {}
            Measure::Clock(_) => {
                check.state = State::Wrong;
                stale.push(*kind);
            }
            Measure::Template(_) | Measure::NotReached(_) | Measure::Unchanged => check.state = State::Wrong,
        }
    }
    if !over.is_empty() {
        check = check.seen(format!("finished, and not counted: {}", some_of(&over)));
    }
    if is_yours && check.state == State::Right {
        check.state = State::Yours;
        return check.help("to check this, pass the time of the step: --since 20m, or --since 2025-06-01T08:00:00Z");
    }
    if stale.is_empty() {
        return check.help("wait for the rollout; if a pod does not become Ready, its events and its log show why");
    }
    let check = check.help("wait for the rollout; restart the pods that the upgrade did not change");
    stale.iter().fold(check, |check, kind| {
        check.run(facts.kubectl(&format!("rollout restart {}/{}", kind.as_str(), kind.object())))
    })
}

/// What is seen of the pods of a kind, and whether all are Ready and of the step.
fn judged(kind: Kind, pods: &[&Pod], measure: &Measure<'_>, facts: &Facts) -> (String, bool) {
    let mut moments = Vec::new();
    let mut wrong = Vec::new();
    let rollout = facts.kubernetes.controller(kind).map(|controller| controller.rollout(kind));
    // a controller that has not seen its new template makes no pod of it
    let is_observed = rollout.as_ref().is_none_or(|rollout| rollout.is_observed);
    let is_complete =
        rollout.is_some_and(|Rollout { wanted, updated, old, .. }| is_observed && old == 0 && updated >= wanted);
    for pod in pods {
        let name = pod.shown_name();
        let is_old = match measure {
            Measure::Template(_) if !is_observed => true,
            Measure::Template(Some(newest)) => pod.template_label().map_or(!is_complete, |label| label != *newest),
            Measure::Template(None) => !is_complete,
            _ => false,
        };
        match pod.started() {
            _ if is_old => wrong.push(format!("{name} runs the template from before the step")),
            Err(words) => wrong.push(format!("{name} {words}")),
            Ok(moment) => {
                match measure {
                    Measure::Clock(since) if moment < **since => {
                        wrong.push(format!("{name} started {moment}, before the step"));
                    }
                    _ if !pod.is_ready() => wrong.push(format!("{name} is not Ready")),
                    _ => {}
                }
                moments.push(moment);
            }
        }
    }
    let started = match (moments.iter().min(), moments.iter().max()) {
        (Some(first), Some(last)) if first == last => format!(", started {first}"),
        (Some(first), Some(last)) => format!(", started between {first} and {last}"),
        _ => String::new(),
    };
    let object = kind.object();
    let mut seen = format!("{object}: {}{started}", count(pods.len(), "pod"));
    if let Measure::NotReached(revision) = measure {
        let _ = write!(seen, "; the {} still has the template of revision {revision}", kind.as_str());
        return (seen, false);
    }
    if !wrong.is_empty() {
        let _ = write!(seen, "; {}", some_of(&wrong));
    }
    (seen, wrong.is_empty() && !pods.is_empty())
}
