//! `--run`: the step on the live release. The release is looked at first, then upgraded, then watched until Kubelink and
//! the C-VENs run anew.

use std::time::{Duration, SystemTime};

use helm_clas::{
    ClusterMode, CommandLine, Outcome, Severity, Status, Verb,
    report::{self, json::Ran, text},
    verify,
};

use crate::{
    failure::Failure,
    files,
    helm::Helm,
    output::Output,
    verify::{Question, moment},
};

/// What may not stand behind `--`, and why. What decides values or names the cluster must be known before the step.
const NOT_APPENDED: [(&[&str], &str); 3] = [
    (
        &["-f", "--values", "--set", "--set-string", "--set-json", "--set-file", "--set-literal"],
        "give it before `--`, where it counts for the mode, too",
    ),
    (
        &["-n", "--namespace", "--version", "--devel", "--kube-context", "--kubeconfig", "--kube-apiserver"],
        "give it before `--`, so that the same release is looked at",
    ),
    (&["--dry-run", "--reuse-values"], "leave it out: the step would not arrive as the file says it"),
];

/// Why the words behind `--` cannot be handed on, if so.
pub(crate) fn refused_words(words: &[String]) -> Option<Failure> {
    words.iter().find_map(|word| {
        let is = |option: &&str| {
            word.split('=').next() == Some(option)
                // a short option takes its value without a blank as well
                || (option.len() == 2 && word.starts_with(*option))
        };
        let (_, why) = NOT_APPENDED.iter().find(|(options, _)| options.iter().any(is))?;
        Some(Failure::new(format!("`{}` cannot stand behind `--`", word.split('=').next()?)).help(*why))
    })
}

/// A step that is taken on the live release.
pub(crate) struct Upgrade<'u> {
    helm: Helm<'u>,
    /// The release is where it should be.
    is_there: bool,
    goal: ClusterMode,
    shown: Vec<String>,
    words: Vec<String>,
    /// Where Kubelink and the C-VENs run.
    namespace: String,
}

impl<'u> Upgrade<'u> {
    /// Looks at the release. What speaks against the step becomes findings of the outcome, which then refuses.
    pub(crate) fn prepared(
        verb: Verb,
        outcome: &mut Outcome,
        commands: Option<&CommandLine<'u>>,
        namespace: Option<String>,
        more: &[String],
    ) -> Result<Option<Self>, Failure> {
        let (Some(commands), Some(goal)) = (commands, outcome.to) else { return Ok(None) };
        if matches!(outcome.status, Status::Refused) {
            return Ok(None);
        }
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
        let name = commands.release.name;
        let live = helm.live(None)?.ok_or_else(|| {
            Failure::new(format!("there is no release {name} in the namespace {}", commands.release.namespace))
                .help("name it with --release and -n; `helm list -A` shows all")
        })?;
        let is_said = matches!(outcome.status, Status::Already);
        let is_there = is_said && live.runs_in(goal);
        if !is_there {
            outcome.findings.extend(live.hindrances(verb, goal, is_said, commands.version));
            if outcome.findings.iter().any(|finding| finding.severity == Severity::Error) {
                outcome.status = Status::Refused;
                return Ok(None);
            }
        }
        let appended = |mut words: Vec<String>| {
            words.extend_from_slice(more);
            words
        };
        let namespace = namespace.unwrap_or_else(|| commands.release.namespace.to_owned());
        let (shown, words) = (appended(commands.upgrade()), appended(commands.upgrade_to_run()));
        Ok(Some(Self { helm, is_there, goal, shown, words, namespace }))
    }

    /// Upgrades the release and watches it at most this long.
    pub(crate) fn run(&self, is_written: bool, longest: Duration, output: &mut Output) -> Result<Ran, Failure> {
        if self.is_there {
            output.remark(&format!("the release runs in {} already; nothing is run\n", self.goal));
            return Ok(Ran { upgraded: false, verified: None });
        }
        output.remark(&text::running(&self.shown, is_written));
        let (namespace, kube_context) = (self.namespace.clone(), self.helm.release().kube_context);
        let question = Question::of_kubernetes(self.goal, namespace, kube_context, moment(SystemTime::now()))?;
        self.helm.upgrade(&self.words[1..])?;
        let (facts, checked) = question.asked_until_right(longest, output)?;
        output.remark(&format!("\n{}", report::verify::text(&facts, &checked)));
        Ok(Ran { upgraded: true, verified: Some(verify::Outcome::of(&checked)) })
    }
}
