//! `--run`: a step, or the software upgrade, on the live release. The release's history is read first, then it is upgraded, then watched until
//! Kubelink and the C-VENs have restarted. What to do after a failure follows from the history alone.

use std::time::{Duration, Instant};

use helm_clas::{
    Act, ClusterMode, CommandLine, Finding, Release, Rule, Severity, Verb,
    account::{Account, Stands, Trouble, Way, Ways},
    report::{self, text, verify::Around, way::Commands},
    verify::{Checked, Outcome},
};
use serde_json::Value;

use crate::{
    command::{
        step::{
            aim::{Aim, OfChart},
            appended,
            ran::Ran,
        },
        verify::{Of, Question},
        ways::Reporter,
    },
    failure::Failure,
    output::Output,
    outside::{files, helm::Helm, interrupt::Interrupt},
};

/// A step, or the software upgrade, that is to be taken on the live release.
pub(crate) struct Upgrade<'u> {
    helm: Helm<'u>,
    account: Account,
    aim: Aim<'u>,
    commands: CommandLine<'u>,
    question: Question<'u>,
    reporter: Reporter,
    /// Whether pods run what an attempt brings, although it has not ended well.
    has_moved_pods: bool,
}

/// Why a step of these files cannot be taken with Helm here, if so. It is reported before any file is read closely.
pub(super) fn impossible(commands: &CommandLine<'_>) -> Option<Failure> {
    if let Some(release) = commands.controller {
        let failure = Failure::new(format!("--run upgrades with Helm, but a controller applies `{}`", release.name));
        return Some(failure.help("use --write, commit the file, and run the printed commands"));
    }
    if commands.umbrella.is_some() {
        let failure = Failure::new("--run upgrades Illumio's chart itself, but these are values of an umbrella chart");
        return Some(failure.help("use --write, and upgrade the umbrella chart"));
    }
    commands
        .files
        .contains(&files::STDIN)
        .then(|| Failure::new("--run cannot change standard input").help("name a file"))
}

impl<'u> Upgrade<'u> {
    /// Looks at everything that the upgrade needs: Helm, the release, the chart, kubectl. Nothing is changed. The
    /// findings against it are returned with it; with an error among them, there is no upgrade.
    pub(crate) fn prepared(
        aim: Aim<'u>,
        commands: &CommandLine<'u>,
        (values, reporter): (&Value, Reporter),
        output: &mut Output,
    ) -> Result<(Option<Self>, Vec<Finding>), Failure> {
        if let Some(failure) = impossible(commands) {
            return Err(failure);
        }
        let release = commands.release;
        let helm = Helm::new(release).knowing(values);
        let Some(account) = helm.account(None)? else {
            let none = format!("there is no release {} in the namespace {}", release.name, release.namespace);
            let none = Finding::new(Rule::ReleaseDiffers, none);
            return Ok((None, vec![none.help("name it with --release and -n; `helm list -A` shows all")]));
        };
        let findings = if aim.is_said && aim.is_reached(&account) {
            Vec::new()
        } else {
            let words = appended::of_chart(commands.run.unwrap_or_default().appended);
            let chart = &helm.chart(&aim.version.to_string(), &words)?;
            let pce = reporter.mode(&account, output);
            aim.hindrances(&account, pce, OfChart { release, chart, values })
        };
        if findings.iter().any(|finding| finding.severity == Severity::Error) {
            return Ok((None, findings));
        }
        let question = Question::of_kubernetes(aim.goal, commands.namespace().to_owned(), release)?;
        let mut question =
            question.naming(commands.place_options(), commands.carried.asking().map(str::to_owned).collect());
        // whether it finds answers is found out now
        let (facts, _) = question.asked(Some(&account), Of::Everything)?;
        if let Some(words) = facts.kubernetes.refused() {
            return Err(Failure::new(format!("the restart of the pods cannot be watched: {words}"))
                .help("run it as a user who may list pods and read Deployments, DaemonSets and StatefulSets"));
        }
        if let Some((title, name)) = facts.kubernetes.brought_by() {
            let failure = Failure::new(format!(
                "{title} `{}` manages this release, and would undo the upgrade",
                name.escape_debug()
            ));
            return Err(failure.help("take the step in its manifest: name that file with -f, and use --write"));
        }
        let has_moved_pods = aim.is_tried(&account) && facts.has_moved_pods();
        let upgrade = Self { helm, account, aim, commands: *commands, question, reporter, has_moved_pods };
        Ok((Some(upgrade), findings))
    }

    /// Whether it has begun to change what runs: the checks before it are over then.
    pub(crate) fn has_begun(&self) -> bool {
        self.has_moved_pods || self.aim.was_reached(&self.account)
    }

    /// What happened to the release so far.
    pub(crate) const fn account(&self) -> &Account {
        &self.account
    }

    /// Upgrades the release and watches it at most this long. Where it is in the mode already, it is watched alone:
    /// what was broken off goes on.
    pub(crate) fn run(mut self, is_written: bool, longest: Duration, output: &mut Output) -> Ran<'u> {
        let interrupt = Interrupt::watched();
        let started = Instant::now();
        let is_upgraded = !self.aim.is_reached(&self.account);
        let mut trouble = Trouble::None;
        if is_upgraded {
            if let Some(words) = appended::warned(self.commands.run.unwrap_or_default().appended) {
                output.complaint(&words);
            }
            output.remark(&text::running(&self.commands.upgrade(), is_written));
            match self.upgraded(longest, &interrupt, output) {
                Ok(()) => {
                    let Release { name, namespace, .. } = self.commands.release;
                    output.changed(format!("the release {name} in {namespace}"));
                }
                Err((failure, found)) => {
                    trouble = found.unwrap_or(Trouble::None);
                    let pce = found.and_then(|_| self.reporter.mode(&self.account, output));
                    let ways = found.map(|_| self.aim.ways(&self.account, pce, trouble));
                    return self.ended(false, Vec::new(), Some(failure), ways, &interrupt);
                }
            }
        } else {
            let there = match self.aim.act {
                Act::Step(_) => format!("in {}", self.aim.goal),
                Act::Upgrade => format!("chart {}", self.aim.version),
            };
            output.remark(&format!("the release runs {there} already; it is only checked\n"));
        }
        let ways = self.aim.ways(&self.account, None, trouble);
        let left = longest.saturating_sub(started.elapsed());
        match self.question.asked_until_right(left, Some((&self.account, &interrupt)), output) {
            Ok((facts, checked)) => {
                let told = format!("\n{}", report::verify::text(Around::After(&facts), &checked));
                let is_right = Outcome::of(&checked) == Outcome::Right;
                if is_right {
                    output.remark(&told);
                } else {
                    output.complaint(&told);
                }
                let on = if is_right { ways.on } else { Way::Again };
                self.ended(is_upgraded, checked, None, Some(Ways { on, ..ways }), &interrupt)
            }
            Err(failure) => {
                let ways = Ways { on: Way::Again, ..ways };
                self.ended(is_upgraded, Vec::new(), Some(failure), Some(ways), &interrupt)
            }
        }
    }

    fn ended(
        &self,
        is_upgraded: bool,
        checked: Vec<Checked>,
        failure: Option<Failure>,
        ways: Option<Ways>,
        interrupt: &Interrupt,
    ) -> Ran<'u> {
        let Self { aim: Aim { act, .. }, commands, .. } = self;
        let (put_back, revert) = match act {
            Act::Step(verb) => (Some(commands.put_back(*verb)), Some(commands.again(Verb::Revert.into()))),
            Act::Upgrade => (None, None),
        };
        let again = Some(commands.again(*act));
        let commands = Commands { release: commands.release, again, put_back, revert, ..Commands::default() };
        let is_right = failure.is_none() && Outcome::of(&checked) == Outcome::Right;
        let is_stopped = interrupt.is_there() && !is_right;
        Ran { is_upgraded, checked, failure, ways, commands, is_stopped }
    }

    /// Runs `helm upgrade`, which is believed only as far as the release bears it out. After a failure the account is
    /// the one from after it, and what Helm complained of comes along; without that, the release could not be read.
    fn upgraded(
        &mut self,
        longest: Duration,
        interrupt: &Interrupt,
        output: &Output,
    ) -> Result<(), (Failure, Option<Trouble>)> {
        let words = &self.commands.upgrade_to_run()[1..];
        let said = self.helm.upgrade(words, output.is_quiet(), interrupt).map_err(|failure| (failure, None))?;
        let before = self.account.newest.number;
        self.account = self.read_again(longest, interrupt, output).map_err(|failure| (failure, None))?;
        let now = &self.account;
        let (is_new, version) = (now.newest.number > before, self.commands.version.to_string());
        if is_new && now.version == version && self.aim.is_reached(now) {
            return Ok(());
        }
        let what = match (said.is_well, interrupt.is_there()) {
            (_, true) => "`helm upgrade` was stopped",
            (true, false) => "`helm upgrade` succeeded, but the release is not as planned",
            (false, false) => "`helm upgrade` failed",
        };
        let mode = |mode: Option<ClusterMode>| mode.map_or("a mode that is not known", ClusterMode::as_str);
        let Release { name, namespace, .. } = self.commands.release;
        let number = now.newest.number;
        let told = match (now.stands(), &now.sound) {
            _ if !is_new => {
                format!(
                    "nothing reached the release {name} in {namespace}: it still has revision {number} and {}",
                    mode(now.mode())
                )
            }
            (Stands::RolledBack, _) => format!(
                "the release {name} in {namespace} was rolled back: revision {number} has {} again",
                mode(now.mode())
            ),
            (_, sound) => {
                let sound = sound
                    .as_ref()
                    .map(|sound| format!("; the last sound revision is {}, with {}", sound.number, mode(sound.mode)));
                format!(
                    "the release {name} in {namespace} now has revision {number}, `{}`, with chart {} and {}{}",
                    now.newest.status,
                    now.version,
                    mode(now.mode()),
                    sound.unwrap_or_default()
                )
            }
        };
        Err((Failure::new(format!("{what}: {told}")), Some(said.trouble)))
    }

    /// The account from after the upgrade. Where the cluster does not answer, it is asked until the time is over: what
    /// was known before is not an answer about now.
    fn read_again(&self, longest: Duration, interrupt: &Interrupt, output: &Output) -> Result<Account, Failure> {
        let started = Instant::now();
        let line = output.waiting();
        loop {
            match self.helm.account(None) {
                Ok(Some(account)) => return Ok(account),
                Ok(None) => {
                    return Err(Failure::new("the release no longer exists").help(
                        "check `helm list -A` and `helm \
                        history`",
                    ));
                }
                Err(failure) if started.elapsed() >= longest || interrupt.is_there() => {
                    let what = format!("`helm upgrade` has finished, and its result is not known: {}", failure.what());
                    return Err(Failure::new(what).help("once the cluster answers, run the same command again"));
                }
                Err(_) => {
                    line.show("waiting until the cluster answers");
                    interrupt.sleep(Duration::from_secs(1).min(longest.saturating_sub(started.elapsed())));
                    line.clear();
                }
            }
        }
    }
}
