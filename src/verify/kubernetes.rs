//! What the cluster says of Kubelink, the C-VENs and the storage, and what follows from it.

use std::fmt::Write as _;

use super::{
    Answer, Checked, Facts, Moment, State, count,
    objects::{Controller, Kind, List, Pod, Rollout, Trouble},
    some_of,
};
use crate::mode::ClusterMode::{Clas, MigrateLegacyToClas};

/// What the cluster says.
#[derive(Debug)]
pub struct Kubernetes {
    /// The Deployment `illumio-kubelink`; nothing where there is none.
    pub kubelink: Answer<Option<Controller>>,
    /// The `DaemonSet` `illumio-ven`.
    pub cven: Answer<Option<Controller>>,
    /// The `StatefulSet` `illumio-storage`.
    pub storage: Answer<Option<Controller>>,
    /// The pods of the namespace.
    pub pods: Answer<List<Pod>>,
}

pub(super) fn checked(facts: &Facts) -> Vec<Checked> {
    let Kubernetes { kubelink, cven, storage, .. } = &facts.kubernetes;
    let mut checked = vec![
        rolled_out(
            Checked::new("kubelink-rolled-out", "the Deployment illumio-kubelink is rolled out", State::Right),
            Kind::Deployment,
            kubelink,
            facts,
        ),
        rolled_out(
            Checked::new("cven-rolled-out", "the DaemonSet illumio-ven is rolled out", State::Right),
            Kind::DaemonSet,
            cven,
            facts,
        ),
    ];
    if matches!(facts.goal, MigrateLegacyToClas | Clas) {
        checked.push(rolled_out(
            Checked::new("storage-rolled-out", "the StatefulSet illumio-storage is rolled out", State::Right),
            Kind::StatefulSet,
            storage,
            facts,
        ));
    }
    match facts.goal {
        MigrateLegacyToClas => checked.push(restarted(
            Checked::new("pods-restarted", "Kubelink and every C-VEN pod restarted and are Ready", State::Right),
            &[Kind::Deployment, Kind::DaemonSet],
            facts,
        )),
        Clas => checked.push(restarted(
            Checked::new("kubelink-restarted", "Kubelink restarted and is Ready", State::Right),
            &[Kind::Deployment],
            facts,
        )),
        _ => checked.push(Checked {
            state: State::Yours,
            help: None,
            ..restarted(
                Checked::new(
                    "pods-restarted",
                    "you know when the pods started; whether they restart at this step is not documented",
                    State::Yours,
                ),
                &[Kind::Deployment, Kind::DaemonSet],
                facts,
            )
        }),
    }
    checked.push(crash_loops(facts));
    checked
}

fn rolled_out(mut check: Checked, kind: Kind, answer: &Answer<Option<Controller>>, facts: &Facts) -> Checked {
    let namespace = &facts.namespace;
    let name = kind.object();
    let controller = match answer {
        Err(words) => {
            check.state = State::Unknown;
            return check.seen(words).run(facts.kubectl(&format!("get {}/{name}", kind.as_str())));
        }
        Ok(None) => {
            check.state = State::Wrong;
            return check
                .seen(format!("there is no {} {name} in the namespace {namespace}", kind.as_str()))
                .help("is this the cluster's namespace (-n) and kube context, and did `helm upgrade` succeed?");
        }
        Ok(Some(controller)) => controller,
    };
    let Rollout { wanted, updated, available, old, is_observed } = controller.rollout(kind);
    check = check.seen(format!("{} wanted, {updated} of this version, {available} available", count(wanted, "pod")));
    if old > 0 {
        check = check.seen(format!("{} of the version before", count(old, "pod")));
    }
    if !is_observed {
        check = check.seen("Kubernetes has not taken the last change up yet");
    }
    if !is_observed || wanted == 0 || updated < wanted || available < wanted || old > 0 {
        check.state = State::Wrong;
    }
    check.run(facts.kubectl(&format!("rollout status {}/{name}", kind.as_str()))).run(facts.kubectl("get events"))
}

/// Whether the pods of these kinds started after the step.
fn restarted(mut check: Checked, kinds: &[Kind], facts: &Facts) -> Checked {
    let pods = match &facts.kubernetes.pods {
        Ok(pods) => &pods.items,
        Err(words) => {
            check.state = State::Unknown;
            return check.seen(words).run(facts.kubectl("get pods"));
        }
    };
    if facts.since.is_none() {
        check.state = State::Yours;
    }
    let mut older = Vec::new();
    for kind in kinds {
        let of_kind: Vec<&Pod> = pods.iter().filter(|pod| pod.is_of(*kind) && !pod.is_leaving()).collect();
        let (seen, is_right) = started_since(*kind, &of_kind, facts.since.as_ref());
        check = check.seen(seen);
        if !is_right && facts.since.is_some() {
            check.state = State::Wrong;
            older.push(*kind);
        }
    }
    if facts.since.is_none() {
        return check
            .help("to have this checked, name the time of the step: --since 20m, or --since 2025-06-01T08:00:00Z");
    }
    check = check.help("wait for the rollout; pods that the upgrade left alone can be restarted");
    older.iter().fold(check, |check, kind| {
        check.run(facts.kubectl(&format!("rollout restart {}/{}", kind.as_str(), kind.object())))
    })
}

/// What is seen of the pods of a kind, and whether all are Ready and none is older than the step.
fn started_since(kind: Kind, pods: &[&Pod], since: Option<&Moment>) -> (String, bool) {
    let object = kind.object();
    let mut moments = Vec::new();
    let mut wrong = Vec::new();
    for pod in pods {
        let name = pod.shown_name();
        match pod.started() {
            Err(words) => wrong.push(format!("{name} {words}")),
            Ok(moment) => {
                if since.is_some_and(|since| moment < *since) {
                    wrong.push(format!("{name} started {moment}, before the step"));
                } else if !pod.is_ready() {
                    wrong.push(format!("{name} is not Ready"));
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
    let mut seen = format!("{object}: {}{started}", count(pods.len(), "pod"));
    if !wrong.is_empty() {
        let _ = write!(seen, "; {}", some_of(&wrong));
    }
    (seen, wrong.is_empty() && !pods.is_empty())
}

/// Whether no pod of the chart fails to start or starts again and again.
fn crash_loops(facts: &Facts) -> Checked {
    let mut check = Checked::new("no-crash-loops", "no pod of Illumio crashes or fails to start", State::Right);
    let pods = match &facts.kubernetes.pods {
        Ok(pods) => &pods.items,
        Err(words) => {
            check.state = State::Unknown;
            return check.seen(words).run(facts.kubectl("get pods"));
        }
    };
    let ours: Vec<&Pod> =
        pods.iter().filter(|pod| Kind::ALL.iter().any(|kind| pod.is_of(*kind)) && !pod.is_leaving()).collect();
    let mut wrong = Vec::new();
    let mut remarks = Vec::new();
    for pod in &ours {
        let name = pod.shown_name();
        wrong.extend(pod.failure().map(|words| format!("{name} {words}")));
        for trouble in pod.troubles(&facts.settled) {
            match trouble {
                Trouble::Past(words) => remarks.push(format!("{name} {words}")),
                Trouble::Present(words) => wrong.push(format!("{name} {words}")),
            }
        }
    }
    if ours.is_empty() {
        check.state = State::Wrong;
        check = check.seen(format!("there is no pod of the chart in the namespace {}", facts.namespace));
    } else if wrong.is_empty() {
        check = check.seen(count(ours.len(), "pod") + " looked at");
    } else {
        check.state = State::Wrong;
        check = check.seen(some_of(&wrong));
    }
    if !remarks.is_empty() {
        check = check.seen(some_of(&remarks));
    }
    check.run(facts.kubectl("describe pod POD")).run(facts.kubectl("logs POD --previous"))
}
