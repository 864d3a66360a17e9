//! `--run`: the step on the live release. The release is looked at first, then upgraded, then watched until Kubelink and
//! the C-VENs have restarted.

use std::time::Duration;

use helm_clas::{
    ClusterMode, CommandLine, Finding, Live, Release, Rule, Severity, Start, Verb,
    report::{self, text},
    verify::{Checked, Facts, Outcome, checked},
};
use serde_json::Value;

use crate::{failure::Failure, files, helm::Helm, output::Output, verify::Question};

/// What may stand behind `--`, and whether a value follows. What decides values, or names the chart or the cluster, must
/// be known before the step, and is given elsewhere. (`helm upgrade --help` of 3.17, 4.1 and 4.3)
const APPENDED: [(&str, bool); 22] = [
    ("--atomic", false),
    ("--cleanup-on-fail", false),
    ("--description", true),
    ("--disable-openapi-validation", false),
    ("--enable-dns", false),
    ("--force", false),
    ("--force-conflicts", false),
    ("--force-replace", false),
    ("--hide-notes", false),
    ("--history-max", true),
    ("--labels", true),
    ("--no-hooks", false),
    ("--post-renderer", true),
    ("--post-renderer-args", true),
    ("--render-subchart-notes", false),
    ("--rollback-on-failure", false),
    ("--server-side", true),
    ("--skip-crds", false),
    ("--skip-schema-validation", false),
    ("--take-ownership", false),
    ("--timeout", true),
    ("--wait", false),
];

/// Why the words behind `--` cannot be handed on, if so.
pub(crate) fn refused(words: &[String]) -> Option<Failure> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let name = word.split('=').next().unwrap_or_default();
        match APPENDED.iter().find(|(option, _)| *option == name) {
            Some((_, true)) if !word.contains('=') => drop(words.next()),
            Some(_) => {}
            None => {
                let names = APPENDED.map(|(option, _)| option).join(", ");
                return Some(Failure::new(format!("`{}` cannot stand behind `--`", name.escape_debug())).help(format!(
                    "values, versions and names stand before it, where they count for the check of the release, too; \
                     logins are made before (`helm registry login`). Behind it stand {names}"
                )));
            }
        }
    }
    None
}

/// A step that is to be taken on the live release.
pub(crate) struct Upgrade<'u> {
    helm: Helm<'u>,
    live: Live,
    goal: ClusterMode,
    commands: CommandLine<'u>,
    question: Question,
    /// What it was answered before anything was done.
    first: Facts,
}

/// What came of it.
pub(crate) struct Ran {
    /// Whether the release was upgraded; it is not where it is in the mode already.
    pub(crate) is_upgraded: bool,
    /// What was seen of the cluster in the end.
    pub(crate) checked: Vec<Checked>,
    /// What went wrong on the way.
    pub(crate) failure: Option<Failure>,
}

impl Ran {
    pub(crate) fn is_right(&self) -> bool {
        self.failure.is_none() && Outcome::of(&self.checked) == Outcome::Right
    }
}

impl<'u> Upgrade<'u> {
    /// Looks at everything that the upgrade needs: Helm, the release, the chart, kubectl. Nothing is changed. What stands
    /// against it comes back beside it; with an error among that, there is no upgrade.
    pub(crate) fn prepared(
        verb: Verb,
        goal: ClusterMode,
        is_said: bool,
        commands: CommandLine<'u>,
        values: &Value,
        namespace: Option<String>,
    ) -> Result<(Option<Self>, Vec<Finding>), Failure> {
        if let Some(release) = commands.controller {
            return Err(Failure::new(format!(
                "--run upgrades with Helm, and `{}` is brought by its controller",
                release.name
            ))
            .help("use --write, commit the file, and do what is printed"));
        }
        if commands.umbrella.is_some() {
            return Err(Failure::new(
                "--run upgrades Illumio's chart itself, and these are values of an umbrella chart",
            )
            .help("use --write, and upgrade the umbrella chart"));
        }
        if commands.files.contains(&files::STDIN) {
            return Err(
                Failure::new("--run needs values that stay: standard input cannot be changed").help("name a file")
            );
        }
        let helm = Helm::new(commands.release);
        let Release { name, namespace: storage, kube_context, .. } = commands.release;
        let Some(live) = helm.live(None)? else {
            let none = format!("there is no release {name} in the namespace {storage}");
            let none = Finding::new(Rule::ReleaseDiffers, none);
            return Ok((None, vec![none.help("name it with --release and -n; `helm list -A` shows all")]));
        };
        let findings = if is_said && live.runs_in(goal) {
            Vec::new()
        } else {
            let version = commands.version;
            let chart = &helm.chart(&version.to_string())?;
            live.hindrances(Start { verb, goal, is_said, chart, version, values })
        };
        if findings.iter().any(|finding| finding.severity == Severity::Error) {
            return Ok((None, findings));
        }
        let namespace = namespace.unwrap_or_else(|| storage.to_owned());
        let question = Question::of_kubernetes(goal, namespace, kube_context)?;
        // whether it finds answers is found out now
        let (first, _) = question.asked()?;
        Ok((Some(Self { helm, live, goal, commands, question, first }), findings))
    }

    /// Upgrades the release and watches it at most this long. Where it is in the mode already, it is watched alone: what
    /// was broken off goes on.
    pub(crate) fn run(mut self, is_written: bool, longest: Duration, output: &mut Output) -> Ran {
        let is_upgraded = if self.live.runs_in(self.goal) {
            output.remark(&format!("the release runs in {} already; it is only looked at\n", self.goal));
            false
        } else {
            output.remark(&text::running(&self.commands.upgrade(), is_written));
            match self.upgraded(output.is_quiet()) {
                Ok(live) => self.live = live,
                Err(failure) => return Ran { is_upgraded: false, checked: Vec::new(), failure: Some(failure) },
            }
            true
        };
        let question = self.question.since(self.live.deployed);
        let facts = Facts { since: question.moment().cloned(), ..self.first };
        let checked = checked(&facts);
        match question.asked_until_right(Some((facts, checked)), longest, output) {
            Ok((facts, checked)) => {
                let told = format!("\n{}", report::verify::text(&facts, &checked));
                if Outcome::of(&checked) == Outcome::Right {
                    output.remark(&told);
                } else {
                    output.complaint(&told);
                }
                Ran { is_upgraded, checked, failure: None }
            }
            Err(failure) => Ran { is_upgraded, checked: Vec::new(), failure: Some(failure) },
        }
    }

    /// The release after `helm upgrade`, which is believed only as far as the release bears it out.
    fn upgraded(&self, is_quiet: bool) -> Result<Live, Failure> {
        let is_well = self.helm.upgrade(&self.commands.upgrade_to_run()[1..], is_quiet)?;
        let Some(now) = self.helm.live(None)? else {
            return Err(Failure::new("the release is gone").help("see `helm list -A` and `helm history`"));
        };
        let (is_new, version) = (now.revision > self.live.revision, self.commands.version.to_string());
        if is_well && is_new && now.version == version && now.runs_in(self.goal) {
            return Ok(now);
        }
        let what = if is_well { "`helm upgrade` did not do what it was to do" } else { "`helm upgrade` failed" };
        let mode = now.mode.map_or("a mode that cannot be told", ClusterMode::as_str);
        let Live { version, revision, status, .. } = &now;
        let name = self.commands.release.name;
        Err(if is_new {
            let again = "then run the same command again, or take the way back with `helm clas revert`";
            Failure::new(format!(
                "{what}: the release has revision {revision} now, `{status}`, with chart {version} and {mode}"
            ))
            .help(format!("see `helm history {name}`; {again}"))
        } else {
            Failure::new(format!(
                "{what}: nothing reached the release, which has revision {revision} and {mode} as before"
            ))
            .help("mend what it says and run the same command again, or put the file back as it was")
        })
    }
}
