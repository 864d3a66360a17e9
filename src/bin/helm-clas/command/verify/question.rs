//! What is asked of the cluster and of the PCE about a step, once or until all is right.

use std::{
    thread,
    time::{Duration, Instant, SystemTime},
};

use helm_clas::{
    ClusterMode, ClusterValues, Id, Release,
    account::{Account, Expected},
    enforcement::Saved,
    report,
    verify::{
        Asked, Checked, Controller, Facts, Kind, Kubernetes, List, Moment, OfRelease, Silence, Untold, checked,
        may_change,
    },
};

use super::{
    attempt::Attempt,
    clock::{moment, seconds_ahead, shifted, time},
    said::{below, pce_of, software_of, without_helm},
};
use crate::{
    args::{Everywhere, Verify, described::called},
    command::enforcement::saved_in,
    failure::Failure,
    output::Output,
    outside::{helm::Helm, interrupt::Interrupt, kubectl::Kubectl, pce::Pce},
};

/// What the PCE is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// The cluster and its workloads.
    Everything,
    /// The cluster alone.
    Cluster,
}

/// What is asked, and whom.
pub(crate) struct Question<'q> {
    goal: ClusterMode,
    namespace: String,
    kube_context: Option<String>,
    /// The options that name the values.
    values: Vec<String>,
    asking: Vec<String>,
    since: Option<Moment>,
    /// How far the clock of the API server is ahead of this one, in seconds.
    ahead: i64,
    kubectl: Kubectl,
    /// The release, and who reads its history; the command that took the step knows it already.
    helm: Asked<Helm<'q>>,
    release: Release<'q>,
    expected: Expected,
    /// Who brings the chart, where Helm has no release of it.
    brought_by: Option<Id>,
    /// What people call the controller that brings the release, where one does.
    controller: Option<&'static str>,
    /// Where the chart's values stand in those of the release.
    below: Option<String>,
    /// The attempt that ends with this revision, which stays what it is.
    attempt: Option<(u64, Attempt)>,
    /// The PCE, and the path of the cluster on it.
    pce: Asked<(Pce, String)>,
    /// Saved enforcement modes, and the name of their file.
    kept: Option<(String, Saved)>,
}

impl<'q> Question<'q> {
    /// One that only the cluster is asked.
    pub(crate) fn of_kubernetes(goal: ClusterMode, namespace: String, release: Release<'q>) -> Result<Self, Failure> {
        let kubectl = Kubectl::new(&namespace, release.kube_context)?;
        let ahead = kubectl.now().map_or(0, |now| seconds_ahead(&now));
        let kube_context = release.kube_context.map(str::to_owned);
        Ok(Self {
            goal,
            namespace,
            kube_context,
            values: Vec::new(),
            asking: Vec::new(),
            since: None,
            ahead,
            kubectl,
            helm: Asked::LeftToReader,
            release,
            expected: Expected::default(),
            brought_by: None,
            controller: None,
            below: None,
            attempt: None,
            pce: Asked::LeftToReader,
            kept: None,
        })
    }

    pub(super) fn of(
        everywhere: &'q Everywhere,
        verify: &'q Verify,
        values: &'q ClusterValues,
        output: &mut Output,
    ) -> Result<Self, Failure> {
        if let Some(text) = &verify.since {
            time("--since", text, 0)?;
        }
        let of_files = if verify.files.is_empty() { None } else { values.mode };
        let goal = verify.after_mode.or(of_files).ok_or_else(|| {
            let name_it = "name it with --after-mode, such as --after-mode clas";
            Failure::new("the mode of the last step is not known").help(if verify.files.is_empty() {
                format!("{name_it}, or pass the values file with -f")
            } else {
                format!("the files of -f do not say it: {name_it}")
            })
        })?;
        if goal == ClusterMode::Unpair {
            return Err(Failure::new("`unpair` is not part of the migration; there is nothing to verify after it")
                .help("name the mode with --after-mode"));
        }
        let release = everywhere.release_of(verify.release.as_deref(), values);
        let namespace = software_of(values, release)?;
        let pce = pce_of(&verify.pce, values, verify.cluster_id.as_deref(), verify.without_pce, output)?;
        let below = below(&verify.files, verify.path.as_deref());
        let kept = verify.enforcement.as_ref().map(|file| Ok((file.clone(), saved_in(file)?))).transpose()?;
        let question = Self::of_kubernetes(goal, namespace, release)?;
        let since = verify.since.as_deref().map(|text| time("--since", text, question.ahead)).transpose()?;
        Ok(Self {
            since,
            helm: Asked::Answer(Helm::new(release)),
            expected: Expected::of(values, everywhere.version.as_deref()),
            controller: values.release.as_ref().and_then(Id::title),
            below,
            values: verify.place_options(),
            asking: verify.asking(everywhere),
            pce,
            kept,
            ..question.brought_by(without_helm(verify, values))
        })
    }

    /// One about the mode that a step starts from.
    pub(crate) fn of_step(
        from: ClusterMode,
        namespace: String,
        release: Release<'q>,
        pce: Asked<(Pce, String)>,
    ) -> Result<Self, Failure> {
        let question = Self::of_kubernetes(from, namespace, release)?;
        Ok(Self { helm: Asked::Answer(Helm::new(release)), pce, ..question })
    }

    /// The same, with what the release should have, and where the chart's values are in its own.
    pub(crate) fn knowing(self, expected: Expected, below: Option<String>) -> Self {
        Self { expected, below, ..self }
    }

    /// The same, where Helm has no release: the controller that brings the chart is named, and Helm is not asked.
    pub(crate) fn brought_by(self, brought_by: Option<Id>) -> Self {
        Self { brought_by, ..self }
    }

    /// The same, with the options that name the values, and those that name the PCE.
    pub(crate) fn naming(self, values: Vec<String>, asking: Vec<String>) -> Self {
        Self { values, asking, ..self }
    }

    /// The PCE, and the path of the cluster on it, where it is asked.
    pub(crate) const fn pce(&self) -> Option<&(Pce, String)> {
        self.pce.answer()
    }

    /// Asks once. What happened to the release is known already if it was looked for.
    pub(crate) fn asked(&mut self, known: Option<&Account>, of: Of) -> Result<(Facts, Vec<Checked>), Failure> {
        let account = match (known, &self.helm) {
            _ if self.brought_by.is_some() => Asked::LeftToReader,
            (Some(account), _) => Asked::Answer(Ok(Some(account.clone()))),
            (None, Asked::Answer(helm)) => {
                Asked::Answer(helm.account(self.below.as_deref()).map_err(|failure| untold(&failure)))
            }
            (None, _) => Asked::LeftToReader,
        };
        let attempt = match &account {
            Asked::Answer(Ok(Some(account))) if account.mode() == Some(self.goal) => self.attempt(account)?,
            _ => Attempt::default(),
        };
        let versions = self.kubectl.get(&["replicasets.apps,controllerrevisions.apps"])?;
        let facts = Facts {
            called: called(),
            goal: self.goal,
            namespace: self.namespace.clone(),
            kube_context: self.kube_context.clone(),
            kubeconfig: self.release.kubeconfig.map(str::to_owned),
            values: self.values.clone(),
            asking: self.asking.clone(),
            since: self.since.clone().or(attempt.since),
            settled: moment(self.server_now() - Duration::from_secs(600)),
            release: OfRelease {
                name: self.release.name.to_owned(),
                namespace: self.release.namespace.to_owned(),
                expected: self.expected.clone(),
                brought_by: self.brought_by.clone(),
                controller: self.controller,
                account,
            },
            step: attempt.step,
            kubernetes: Kubernetes {
                kubelink: self.controller(Kind::Deployment)?,
                cven: self.controller(Kind::DaemonSet)?,
                storage: self.controller(Kind::StatefulSet)?,
                pods: self.kubectl.get(&["pods"])?.map(|pods| pods.unwrap_or(List { items: Vec::new() })),
                // without them the numbers of the rollout say as much
                versions: versions.ok().flatten().unwrap_or(List { items: Vec::new() }),
            },
            pce: match &self.pce {
                Asked::Answer((pce, path)) => Asked::Answer(match of {
                    Of::Everything => pce.facts(path, self.goal, self.kept.as_ref())?,
                    Of::Cluster => pce.facts_of_cluster(path)?,
                }),
                Asked::No => Asked::No,
                Asked::LeftToReader => Asked::LeftToReader,
            },
        };
        let checked = checked(&facts);
        Ok((facts, checked))
    }

    fn attempt(&mut self, account: &Account) -> Result<Attempt, Failure> {
        let number = account.newest.number;
        if let Some((_, attempt)) = self.attempt.as_ref().filter(|(known, _)| *known == number) {
            return Ok(attempt.clone());
        }
        let storage = Kubectl::new(self.release.namespace, self.release.kube_context)?;
        let attempt = Attempt::of(account, &Helm::new(self.release), &storage);
        self.attempt = Some((number, attempt.clone()));
        Ok(attempt)
    }

    fn server_now(&self) -> SystemTime {
        shifted(SystemTime::now(), self.ahead)
    }

    /// Asks again and again. Only the first question must find an answer: what went well once is not given up because a
    /// connection broke. Where the step was just `taken`, none must, since the way was tried before it.
    pub(crate) fn asked_until_right(
        &mut self,
        longest: Duration,
        taken: Option<(&Account, &Interrupt)>,
        output: &mut Output,
    ) -> Result<(Facts, Vec<Checked>), Failure> {
        let pause = (longest / 40).clamp(Duration::from_secs(1), Duration::from_secs(15));
        let started = Instant::now();
        let line = output.waiting();
        let known = taken.map(|(account, _)| account);
        let interrupt = taken.map(|(_, interrupt)| interrupt);
        let is_stopped = || interrupt.is_some_and(Interrupt::is_there);
        let mut asked = self.asked(known, Of::Everything);
        if taken.is_none() && asked.is_err() {
            return asked;
        }
        while asked.as_ref().map_or(true, |(_, checked)| may_change(checked)) && !is_stopped() {
            let left = longest.saturating_sub(started.elapsed());
            if left.is_zero() {
                break;
            }
            let left_over = humantime::format_duration(Duration::from_secs(left.as_secs()));
            let summary = match &asked {
                Ok((_, checked)) => report::verify::summary(checked),
                Err(_) => "the cluster does not answer".to_owned(),
            };
            line.show(&format!("waiting, {left_over} remaining: {summary}"));
            match interrupt {
                Some(interrupt) => interrupt.sleep(pause.min(left)),
                None => thread::sleep(pause.min(left)),
            }
            line.clear();
            match self.asked(known, Of::Everything) {
                Ok(anew) => asked = Ok(anew),
                Err(failure) if asked.is_err() || longest <= started.elapsed() => asked = Err(failure),
                Err(_) => {}
            }
        }
        asked
    }

    fn controller(&self, kind: Kind) -> Result<Result<Option<Controller>, Silence>, Failure> {
        self.kubectl.get(&[kind.as_str(), kind.object()])
    }
}

fn untold(failure: &Failure) -> Untold {
    Untold { why: failure.what().to_owned(), help: failure.advice().map(str::to_owned) }
}
