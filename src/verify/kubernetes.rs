//! What the cluster says of Kubelink, the C-VENs and the storage, and what follows from it.

use super::{
    Checked, Facts, Kind, Silence, State,
    objects::{Controller, List, Rollout, Version},
    pods::{Pod, Trouble},
    restart::restarted,
};
use crate::{
    mode::ClusterMode::{Clas, MigrateLegacyToClas},
    shown::{count, some_of},
};

/// What the cluster says.
#[derive(Debug)]
pub struct Kubernetes {
    /// The Deployment `illumio-kubelink`; nothing where there is none.
    pub kubelink: Result<Option<Controller>, Silence>,
    /// The `DaemonSet` `illumio-ven`.
    pub cven: Result<Option<Controller>, Silence>,
    /// The `StatefulSet` `illumio-storage`.
    pub storage: Result<Option<Controller>, Silence>,
    /// The pods of the namespace.
    pub pods: Result<List<Pod>, Silence>,
    /// The versions of the controllers' templates; none where the cluster does not show them.
    pub versions: List<Version>,
}

impl Kubernetes {
    /// The controller of a kind, where the cluster shows one.
    pub(super) fn controller(&self, kind: Kind) -> Option<&Controller> {
        let answer = match kind {
            Kind::Deployment => &self.kubelink,
            Kind::DaemonSet => &self.cven,
            Kind::StatefulSet => &self.storage,
        };
        answer.as_ref().ok()?.as_ref()
    }

    /// What the cluster refuses to show, if anything: a user's rights do not change by waiting.
    #[must_use]
    pub fn refused(&self) -> Option<&str> {
        let controllers = [&self.kubelink, &self.cven, &self.storage].into_iter().map(|answer| answer.as_ref().err());
        let mut silences = controllers.chain([self.pods.as_ref().err()]).flatten();
        silences.find_map(|silence| match silence {
            Silence::Refused(words) => Some(words.as_str()),
            Silence::Unanswered(_) => None,
        })
    }

    /// Which controller of another kind brings the chart's objects, and the name that it has there.
    #[must_use]
    pub fn brought_by(&self) -> Option<(&'static str, &str)> {
        Kind::ALL.iter().find_map(|kind| self.controller(*kind)?.brought_by())
    }
}

pub(super) fn checked(facts: &Facts) -> Vec<Checked> {
    let Kubernetes { kubelink, cven, storage, .. } = &facts.kubernetes;
    let mut checked = vec![
        rolled_out(Checked::own("kubelink-rolled-out", State::Right), Kind::Deployment, kubelink, facts),
        rolled_out(Checked::own("cven-rolled-out", State::Right), Kind::DaemonSet, cven, facts),
    ];
    if matches!(facts.goal, MigrateLegacyToClas | Clas) {
        checked.push(rolled_out(Checked::own("storage-rolled-out", State::Right), Kind::StatefulSet, storage, facts));
    }
    match facts.goal {
        _ if facts.release.is_after_software() => checked.push(restarted(
            Checked::new("pods-restarted", "Kubelink and every C-VEN pod restarted and are Ready", State::Right),
            &[Kind::Deployment, Kind::DaemonSet],
            facts,
        )),
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
                    "you know when the pods started; the vendor does not document whether they restart at this step",
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

fn rolled_out(mut check: Checked, kind: Kind, answer: &Result<Option<Controller>, Silence>, facts: &Facts) -> Checked {
    let namespace = &facts.namespace;
    let name = kind.object();
    let controller = match answer {
        Err(silence) => return check.silent(silence).run(facts.kubectl(&format!("get {}/{name}", kind.as_str()))),
        Ok(None) => {
            check.state = State::Wrong;
            return check.seen(format!("there is no {} {name} in the namespace {namespace}", kind.as_str())).help(
                "is this the cluster (--kube-context), is this its namespace (`namespaceOverride`, or illumio-system), and did `helm upgrade` succeed?",
            );
        }
        Ok(Some(controller)) => controller,
    };
    let Rollout { wanted, updated, available, old, is_observed } = controller.rollout(kind);
    check = check.seen(format!("{} wanted, {updated} of this version, {available} available", count(wanted, "pod")));
    if old > 0 {
        check = check.seen(format!("{} of the version before", count(old, "pod")));
    }
    if !is_observed {
        check = check.seen("Kubernetes has not processed the last change yet");
    }
    if !is_observed || wanted == 0 || updated < wanted || available < wanted || old > 0 {
        check.state = State::Wrong;
    }
    check.run(facts.kubectl(&format!("rollout status {}/{name}", kind.as_str()))).run(facts.kubectl("get events"))
}

/// Whether no pod of the chart fails to start or starts again and again.
fn crash_loops(facts: &Facts) -> Checked {
    let mut check = Checked::own("no-crash-loops", State::Right);
    let pods = match &facts.kubernetes.pods {
        Ok(pods) => &pods.items,
        Err(silence) => return check.silent(silence).run(facts.kubectl("get pods")),
    };
    let ours: Vec<&Pod> =
        pods.iter().filter(|pod| Kind::ALL.iter().any(|kind| pod.is_of(*kind)) && !pod.is_leaving()).collect();
    let mut wrong = Vec::new();
    let mut remarks = Vec::new();
    let over: Vec<String> = ours.iter().filter_map(|pod| pod.over()).collect();
    let ours: Vec<&Pod> = ours.into_iter().filter(|pod| pod.over().is_none()).collect();
    for pod in &ours {
        let name = pod.shown_name();
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
        check = check.seen(count(ours.len(), "pod") + " checked");
    } else {
        check.state = State::Wrong;
        check = check.seen(some_of(&wrong));
    }
    if !remarks.is_empty() {
        check = check.seen(some_of(&remarks));
    }
    if !over.is_empty() {
        check = check.seen(format!("finished, and not counted: {}", some_of(&over)));
    }
    check.run(facts.kubectl("describe pod POD")).run(facts.kubectl("logs POD --previous"))
}
