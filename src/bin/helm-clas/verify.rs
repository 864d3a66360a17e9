//! `helm clas verify`: asks the cluster and the PCE, once or until all is right.

use std::{
    process::ExitCode,
    thread,
    time::{Duration, Instant, SystemTime},
};

use helm_clas::{
    ClusterMode,
    chart::cluster::ClusterValues,
    enforcement::Saved,
    report,
    verify::{Answer, Asked, Checked, Controller, Facts, Kind, Kubernetes, List, Moment, Outcome, checked, may_change},
};

use crate::{
    args::{Everywhere, Form, Verify},
    command::enforcement::saved_in,
    failure::Failure,
    kubectl::Kubectl,
    output::Output,
    pce::{Pce, Settings, cluster_values},
};

/// What is asked, and whom.
pub(crate) struct Question {
    goal: ClusterMode,
    namespace: String,
    kube_context: Option<String>,
    since: Option<Moment>,
    kubectl: Kubectl,
    /// The PCE, and the path of the cluster on it.
    pce: Asked<(Pce, String)>,
    /// Saved enforcement modes, and the name of their file.
    kept: Option<(String, Saved)>,
}

pub(crate) fn run(everywhere: &Everywhere, verify: &Verify, output: &mut Output) -> Result<ExitCode, Failure> {
    let values = cluster_values(&verify.files, verify.path.as_deref())?;
    let question = Question::of(everywhere, verify, &values, output)?;
    let (facts, checked) = match verify.wait {
        None => question.asked()?,
        Some(longest) => question.asked_until_right(None, longest, output)?,
    };
    match verify.output {
        Form::Text => output.answer(&report::verify::text(&facts, &checked)),
        Form::Json => output.answer(&report::verify::json(&facts, &checked)),
    }
    Ok(if Outcome::of(&checked) == Outcome::Right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Question {
    /// One that only the cluster is asked.
    pub(crate) fn of_kubernetes(
        goal: ClusterMode,
        namespace: String,
        kube_context: Option<&str>,
    ) -> Result<Self, Failure> {
        let kubectl = Kubectl::new(&namespace, kube_context)?;
        let kube_context = kube_context.map(str::to_owned);
        Ok(Self { goal, namespace, kube_context, since: None, kubectl, pce: Asked::LeftToReader, kept: None })
    }

    /// The same about what has happened since.
    pub(crate) fn since(self, since: Option<Moment>) -> Self {
        Self { since, ..self }
    }

    /// Since when.
    pub(crate) const fn moment(&self) -> Option<&Moment> {
        self.since.as_ref()
    }

    fn of(
        everywhere: &Everywhere,
        verify: &Verify,
        values: &ClusterValues,
        output: &mut Output,
    ) -> Result<Self, Failure> {
        let of_files = if verify.files.is_empty() { None } else { values.mode };
        let goal = verify.after_mode.or(of_files).ok_or_else(|| {
            Failure::new("the mode that the cluster was brought into cannot be told")
                .help("name it with --after-mode, such as --after-mode clas, or give the values file with -f")
        })?;
        if goal == ClusterMode::Unpair {
            return Err(Failure::new("`unpair` is no step of a migration; there is nothing to verify after it")
                .help("name the mode with --after-mode"));
        }
        let namespace = values.namespace.clone().unwrap_or_else(|| everywhere.release_namespace().to_owned());
        let settings = if verify.without_pce { None } else { Settings::of(&verify.pce, values)? };
        let pce = match settings {
            None if verify.without_pce => Asked::LeftToReader,
            None => {
                output.remark(
                    "note: the PCE is not asked, since no API key is given (ILLUMIO_API_KEY_USERNAME, \
                     ILLUMIO_API_KEY_SECRET);\n      --without-pce leaves its checks to you\n",
                );
                Asked::No
            }
            Some(settings) => {
                let id = verify.cluster_id.clone().or_else(|| values.cluster_id.clone()).ok_or_else(|| {
                    Failure::new("the cluster is not named")
                        .help("give its id on the PCE with --cluster-id, or the values file with -f")
                })?;
                if !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
                    return Err(Failure::new(format!("`{}` is not the id of a cluster", id.escape_debug()))
                        .help("it is the last part of the cluster's address on the PCE, such as 5a1e0000-0000-4000-8000-0000000000c1"));
                }
                let pce = Pce::new(settings, output)?;
                let path = pce.in_org(&format!("container_clusters/{id}"))?;
                Asked::Answer((pce, path))
            }
        };
        let kubectl = Kubectl::new(&namespace, everywhere.context())?;
        let kube_context = everywhere.context().map(str::to_owned);
        let kept = verify.enforcement.as_ref().map(|file| Ok((file.clone(), saved_in(file)?))).transpose()?;
        Ok(Self { goal, namespace, kube_context, since: since(verify)?, kubectl, pce, kept })
    }

    pub(crate) fn asked(&self) -> Result<(Facts, Vec<Checked>), Failure> {
        let facts = Facts {
            goal: self.goal,
            namespace: self.namespace.clone(),
            kube_context: self.kube_context.clone(),
            since: self.since.clone(),
            settled: moment(SystemTime::now() - Duration::from_secs(600)),
            kubernetes: Kubernetes {
                kubelink: self.controller(Kind::Deployment)?,
                cven: self.controller(Kind::DaemonSet)?,
                storage: self.controller(Kind::StatefulSet)?,
                pods: self.kubectl.get(&["pods"])?.map(|pods| pods.unwrap_or(List { items: Vec::new() })),
            },
            pce: match &self.pce {
                Asked::Answer((pce, path)) => Asked::Answer(pce.facts(path, self.goal, self.kept.as_ref())?),
                Asked::No => Asked::No,
                Asked::LeftToReader => Asked::LeftToReader,
            },
        };
        let checked = checked(&facts);
        Ok((facts, checked))
    }

    /// Asks again and again. Only the first question must find an answer, unless one was found before: what went well once
    /// is not given up because a connection broke.
    pub(crate) fn asked_until_right(
        &self,
        before: Option<(Facts, Vec<Checked>)>,
        longest: Duration,
        output: &mut Output,
    ) -> Result<(Facts, Vec<Checked>), Failure> {
        let pause = (longest / 40).clamp(Duration::from_secs(1), Duration::from_secs(15));
        let started = Instant::now();
        let line = output.waiting();
        let mut asked = self.asked().or_else(|failure| before.ok_or(failure))?;
        while may_change(&asked.1) {
            let left = longest.saturating_sub(started.elapsed());
            if left.is_zero() {
                break;
            }
            let left_over = humantime::format_duration(Duration::from_secs(left.as_secs()));
            line.show(&format!("waiting, {left_over} left: {}", report::verify::summary(&asked.1)));
            thread::sleep(pause.min(left));
            line.clear();
            match self.asked() {
                Ok(anew) => asked = anew,
                Err(failure) if longest <= started.elapsed() => return Err(failure),
                Err(_) => {}
            }
        }
        Ok(asked)
    }

    fn controller(&self, kind: Kind) -> Result<Answer<Option<Controller>>, Failure> {
        self.kubectl.get(&[kind.as_str(), kind.object()])
    }
}

/// The time after which pods must have started: given as one, or as how long ago it was.
fn since(verify: &Verify) -> Result<Option<Moment>, Failure> {
    let Some(text) = &verify.since else { return Ok(None) };
    let time = humantime::parse_rfc3339_weak(text).ok();
    let time = time.or_else(|| SystemTime::now().checked_sub(humantime::parse_duration(text).ok()?));
    time.map(moment).map(Some).ok_or_else(|| {
        Failure::new(format!("`{}` is not a time", text.escape_debug()))
            .help("write how long ago it was, such as --since 20m, or the time in UTC: --since 2025-06-01T08:00:00Z")
    })
}

fn moment(time: SystemTime) -> Moment {
    let text = humantime::format_rfc3339_seconds(time).to_string();
    Moment::read(&text).expect("humantime writes times in this form")
}
