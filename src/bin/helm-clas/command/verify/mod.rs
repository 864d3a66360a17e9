//! `helm clas verify`: asks the cluster and the PCE, once or until all is right.

mod attempt;
pub(crate) mod before;

use std::{
    process::ExitCode,
    thread,
    time::{Duration, Instant, SystemTime},
};

use helm_clas::{
    ClusterMode, ClusterValues, Id, Release, Texts,
    account::{Account, Expected},
    enforcement::Saved,
    report::{
        self,
        verify::{Around, Onward},
        way::Commands,
    },
    status::{Standing, merged},
    verify::{
        Asked, Checked, Controller, Facts, Kind, Kubernetes, List, Moment, OfRelease, Outcome, Silence, checked,
        may_change,
    },
};

use crate::{
    args::{Everywhere, PceOptions, Verify, VerifyForm, described::called},
    command::{
        enforcement::saved_in,
        verify::attempt::Attempt,
        ways::{Place, pce_version},
    },
    failure::Failure,
    output::Output,
    outside::{
        helm::Helm,
        interrupt::Interrupt,
        kubectl::Kubectl,
        pce::{Pce, Settings},
    },
    workspace::{Workspace, cluster_values, known_namespace, taker::Meant},
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

pub(crate) fn run(everywhere: &Everywhere, verify: &Verify, output: &mut Output) -> Result<ExitCode, Failure> {
    let has_options = verify.set.given().next().is_some();
    let Meant { files, path } = Meant::by(&verify.files, verify.path.as_deref(), has_options, output);
    let verify = &Verify { files, path, ..verify.clone() };
    if verify.before {
        return before::run(everywhere, verify, output);
    }
    let values = cluster_values(&verify.files, verify.path.as_deref(), &verify.set)?;
    let mut question = Question::of(everywhere, verify, &values, output)?;
    let (facts, checked) = match verify.wait {
        None => question.asked(None, Of::Everything)?,
        Some(longest) => question.asked_until_right(longest, None, output)?,
    };
    let around = Around::After(&facts);
    let onward = facts.ways().map(|ways| (ways, commands(everywhere, verify, &values, &facts)));
    let onward = onward.as_ref().map(|(ways, commands)| Onward { ways, commands });
    match verify.output {
        VerifyForm::Text => {
            let below = onward.map(|onward| onward.text()).unwrap_or_default();
            output.answer(&(report::verify::text(around, &checked) + &below));
        }
        VerifyForm::Json => output.answer(&report::verify::json(around, &checked, onward)),
        VerifyForm::Markdown => {
            let below = onward.map(|onward| onward.markdown()).unwrap_or_default();
            output.answer_raw(&(report::verify::markdown(around, &checked) + &below));
        }
    }
    Ok(if Outcome::of(&checked) == Outcome::Right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The commands of the attempt that the release is in. What a controller brings, an umbrella chart, and what no file
/// says is not upgraded by a step of ours.
fn commands<'f>(everywhere: &Everywhere, verify: &Verify, values: &ClusterValues, facts: &'f Facts) -> Commands<'f> {
    let release = facts.release();
    let is_ours = !verify.files.is_empty() && values.release.is_none();
    let is_ours = is_ours && below(&verify.files, verify.path.as_deref()).is_none();
    let account = facts.release.account.answer().and_then(|answer| answer.as_ref().ok()?.as_ref());
    match account.filter(|_| is_ours) {
        Some(account) => {
            let pce_version = pce_version(&verify.pce);
            let place = Place { release, values: verify.place_options(), pce: verify.asking(everywhere), pce_version };
            place.commands(account, Some(facts.goal), facts.pce_mode())
        }
        None => {
            let controller = values.release.as_ref().and_then(Id::title);
            Commands { release, controller, ..Commands::default() }
        }
    }
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

    fn of(
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
            Failure::new("the mode of the last step is not known")
                .help("name it with --after-mode, such as --after-mode clas, or pass the values file with -f")
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
            expected: Expected::of(values, everywhere.version.as_deref(), below.is_some()),
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

    /// The same, with what the release should have, and where the chart's values stand in its own.
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
                Asked::Answer(helm.account(self.below.as_deref()).map_err(|failure| failure.what().to_owned()))
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

/// The namespace in which the software runs: where it follows the release, the one that the release is brought to.
pub(crate) fn software_of(values: &ClusterValues, release: Release<'_>) -> Result<String, Failure> {
    let target = values.release.as_ref().and_then(|id| id.target.as_deref());
    known_namespace(values.software_namespace(target.unwrap_or(release.namespace)))
}

/// Who brings the chart of a manifest, where that makes no release of Helm and the user names none.
pub(crate) fn without_helm(verify: &Verify, values: &ClusterValues) -> Option<Id> {
    values.release.clone().filter(|id| !id.is_of_helm() && verify.release.is_none())
}

/// The PCE that is asked, and the path of the cluster on it.
pub(crate) fn pce_of(
    options: &PceOptions,
    values: &ClusterValues,
    cluster_id: Option<&str>,
    without_pce: bool,
    output: &mut Output,
) -> Result<Asked<(Pce, String)>, Failure> {
    if without_pce {
        return Ok(Asked::LeftToReader);
    }
    let Some(settings) = Settings::of(options, values)? else {
        output.remark(
            "note: the PCE is not asked, because no API key is given (ILLUMIO_API_KEY_USERNAME, \
             ILLUMIO_API_KEY_SECRET);\n      --without-pce skips its checks\n",
        );
        return Ok(Asked::No);
    };
    let pce = Pce::new(settings, output)?;
    let path = pce.cluster(cluster_id.or(values.cluster_id.as_deref()))?;
    Ok(Asked::Answer((pce, path)))
}

/// The keys below which an umbrella chart's values hold the chart's; nothing in the chart's own, and in a manifest.
fn below(files: &[String], path: Option<&str>) -> Option<String> {
    let texts = Texts::new();
    below_of(&Workspace::open(&texts, files, path).ok()?, path)
}

/// The same of files that were read.
pub(crate) fn below_of(workspace: &Workspace<'_>, path: Option<&str>) -> Option<String> {
    let standings = merged(&workspace.files, &workspace.given, &[], path);
    standings.iter().find_map(Standing::below)
}

/// Now, by this machine's clock.
pub(crate) fn now() -> Moment {
    moment(SystemTime::now())
}

/// A time that an option gives as one, or as how long ago it was by a clock that is `ahead` of this one.
pub(crate) fn time(option: &str, text: &str, ahead: i64) -> Result<Moment, Failure> {
    let time = humantime::parse_rfc3339_weak(text).ok();
    let ago = || shifted(SystemTime::now(), ahead).checked_sub(humantime::parse_duration(text).ok()?);
    time.or_else(ago).map(moment).ok_or_else(|| {
        Failure::new(format!("`{}` is not a time", text.escape_debug())).help(format!(
            "write how long ago it was, such as {option} 20m, or the time in UTC: {option} 2025-06-01T08:00:00Z"
        ))
    })
}

fn moment(time: SystemTime) -> Moment {
    let text = humantime::format_rfc3339_seconds(time).to_string();
    Moment::read(&text).expect("humantime writes times in this form")
}

/// How far a moment is ahead of this machine's clock, in seconds.
fn seconds_ahead(moment: &Moment) -> i64 {
    let seconds = |time: SystemTime| {
        time.duration_since(SystemTime::UNIX_EPOCH).ok().and_then(|time| i64::try_from(time.as_secs()).ok())
    };
    let there = humantime::parse_rfc3339(&moment.to_string()).ok().and_then(seconds);
    there.zip(seconds(SystemTime::now())).map_or(0, |(there, here)| there - here)
}

/// A time as another clock has it.
fn shifted(time: SystemTime, seconds: i64) -> SystemTime {
    let by = Duration::from_secs(seconds.unsigned_abs());
    let moved = if seconds < 0 { time.checked_sub(by) } else { time.checked_add(by) };
    moved.unwrap_or(time)
}
