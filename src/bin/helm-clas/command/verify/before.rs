//! The checks before a step: for `helm clas verify --before`, and as the gates of `--run`.

use std::process::ExitCode;

use helm_clas::{
    Act, ChartVersion, ClusterMode, ClusterValues, CompatibilityMatrix, Finding, Release, Source, Texts, Verb,
    account::{Account, Expected, Software, Start},
    chart::values::Schema,
    check::{Circumstances, Complete},
    overrides::{Override, effective},
    report::{self, verify::Around::Before as AroundBefore},
    verify::{Before, Checked, OfStart, Outcome, checked_before, gate, next_step},
    yaml::Document,
};
use serde_json::Value;

use crate::{
    args::{Everywhere, PceOptions, ProofOptions, Verify, VerifyForm, described::called},
    command::verify::{Of, Question, pce_of, software_of, without_helm},
    failure::Failure,
    output::Output,
    workspace::{Workspace, overrides, unreadable},
};

/// A step before which something is to be checked.
pub(crate) struct Step<'s> {
    pub(crate) act: Act,
    pub(crate) goal: ClusterMode,
    /// The values of the cluster, judged.
    pub(crate) values: Result<Complete, Vec<Finding>>,
    /// What they come to; nothing where a controller fills them in.
    pub(crate) given: Option<Value>,
    /// The chart version of the step, where it is known.
    pub(crate) version: Option<ChartVersion>,
    /// What proves the mandatory rules.
    pub(crate) proof: &'s ProofOptions,
    /// How many clusters of one PCE may be between two modes at once.
    pub(crate) at_once: usize,
}

/// What was found before a step, and despite what the user goes on.
pub(crate) struct Gates {
    pub(crate) before: Before,
    pub(crate) checked: Vec<Checked>,
    pub(crate) despite: Vec<String>,
}

impl Step<'_> {
    /// Asks the cluster and the PCE. `question` is about the mode that the step starts from; `known` is what happened
    /// to the release, if it was looked for.
    pub(crate) fn asked(
        self,
        question: &mut Question<'_>,
        release: Release<'_>,
        known: Option<&Account>,
    ) -> Result<(Before, Vec<Checked>), Failure> {
        let of = if self.act.is_finish() { Of::Everything } else { Of::Cluster };
        let (present, _) = question.asked(known, of)?;
        let start = match present.release.account.answer() {
            Some(Ok(Some(account))) => self.start(account, present.pce_mode(), release),
            _ => OfStart::default(),
        };
        let is_first = self.goal == ClusterMode::MigrateLegacyToClas;
        let beside =
            question.pce().filter(|_| is_first).map(|(pce, path)| pce.beside(path, &present.namespace, self.proof));
        let before = Before {
            act: self.act,
            goal: self.goal,
            present,
            values: self.values,
            start,
            at_once: self.at_once,
            beside,
        };
        let checked = checked_before(&before);
        Ok((before, checked))
    }

    fn start(&self, account: &Account, pce: Option<ClusterMode>, release: Release<'_>) -> OfStart {
        let running = account.version.parse().ok();
        let Some(version) = self.version.as_ref().or(running.as_ref()) else { return OfStart::default() };
        let nothing = Value::Null;
        let values = self.given.as_ref().unwrap_or(&nothing);
        // which chart it is of, an upgrade finds out
        let (goal, chart) = (self.goal, account.chart.as_str());
        let found = match self.act {
            Act::Step(verb) => {
                let start = Start { verb, goal, is_said: false, pce, release, chart, version, values };
                OfStart::at(account, start, self.version.is_some())
            }
            Act::Upgrade => OfStart::at_software(account, Software { mode: goal, release, chart, version, values }),
        };
        if self.given.is_some() { found } else { OfStart { values: Vec::new(), ..found } }
    }
}

impl Gates {
    /// The findings of these checks against the step.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        gate(self.before.act, &self.checked, &self.despite)
    }

    /// Refuses an id that is not one of these checks.
    pub(crate) fn refuse_unknown(&self) -> Result<(), Failure> {
        let is_known = |id: &String| self.checked.iter().any(|one| one.id == id);
        let Some(unknown) = self.despite.iter().find(|id| !is_known(id)) else { return Ok(()) };
        let ids: Vec<&str> = self.checked.iter().map(|one| one.id).collect();
        Err(Failure::new(format!("there is no check `{}` before this step", unknown.escape_debug()))
            .help(format!("--despite needs one of {}", ids.join(", "))))
    }

    /// The same for the answer in JSON.
    pub(crate) fn json(&self) -> report::json::Gates<'_> {
        report::json::Gates { checked: &self.checked, despite: &self.despite }
    }

    pub(crate) fn text(&self) -> String {
        report::verify::text(AroundBefore(&self.before), &self.checked)
    }
}

/// `helm clas verify --before`.
pub(crate) fn run(everywhere: &Everywhere, verify: &Verify, output: &mut Output) -> Result<ExitCode, Failure> {
    if verify.files.is_empty() {
        return Err(Failure::new("the step starts from the mode of the values, but there are no values")
            .help("name the values file with -f"));
    }
    let texts = Texts::new();
    let workspace = Workspace::open(&texts, &verify.files, verify.path.as_deref())?;
    let options = overrides::read(&verify.set)?;
    let cluster = of_cluster(&workspace, verify.path.as_deref(), &options)?;
    let from = cluster.mode.ok_or_else(|| {
        Failure::new("the mode of the values is not known").help(format!("`{} status -f FILE` says why", called()))
    })?;
    let named = named(verify);
    let (act, goal) = if verify.upgrade {
        (Act::Upgrade, from)
    } else {
        let (verb, goal) = next_step(from, named).ok_or_else(|| no_step(from, named))?;
        (verb.into(), goal)
    };
    let asked = everywhere.version.as_deref().map(str::parse::<ChartVersion>).transpose();
    let asked = asked.map_err(|error| {
        Failure::new(format!("--version: {error}")).help("name one exact version, such as --version 5.1.0")
    })?;
    if verify.upgrade && asked.is_none() {
        return Err(Failure::new("the version that the software upgrade goes to is not named")
            .help("name it with --version, such as --version 5.1.0"));
    }
    let step = Step {
        act,
        goal,
        proof: &verify.proof,
        at_once: verify.at_once,
        ..judged(&workspace, verify.path.as_deref(), &options, asked, &verify.proof)
    };
    let release = everywhere.release_of(verify.release.as_deref(), &cluster);
    let namespace = software_of(&cluster, release)?;
    let pce = pce_of(&verify.pce, &cluster, verify.cluster_id.as_deref(), verify.without_pce, output)?;
    let below = crate::command::verify::below_of(&workspace, verify.path.as_deref());
    let version = step.version.as_ref().map(ToString::to_string);
    let expected = Expected::of(&cluster, version.as_deref());
    let question = Question::of_step(from, namespace, release, pce)?
        .knowing(expected, below)
        .naming(verify.place_options(), verify.asking(everywhere));
    let mut question = question.brought_by(without_helm(verify, &cluster));
    let (before, checked) = step.asked(&mut question, release, None)?;
    let around = AroundBefore(&before);
    match verify.output {
        VerifyForm::Text => output.answer(&report::verify::text(around, &checked)),
        VerifyForm::Json => output.answer(&report::verify::json(around, &checked, None)),
        VerifyForm::Markdown => output.answer_raw(&report::verify::markdown(around, &checked)),
    }
    Ok(if Outcome::of(&checked) == Outcome::Right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn of_cluster(
    workspace: &Workspace<'_>,
    path: Option<&str>,
    options: &[Result<Override, Finding>],
) -> Result<ClusterValues, Failure> {
    let cluster = workspace.cluster_values(path, options).map_err(unreadable)?;
    if cluster.several.is_empty() {
        return Ok(cluster);
    }
    let names = cluster.several.join(", ");
    Err(Failure::new("the file has several clusters").help(format!("name one with --path: {names}")))
}

/// The verb that the options name; nothing where they leave it to the mode.
fn named(verify: &Verify) -> Option<Verb> {
    match (verify.revert, verify.finish) {
        (false, false) => None,
        (false, true) => Some(Verb::FinishMigrate),
        (true, false) => Some(Verb::Revert),
        (true, true) => Some(Verb::FinishRevert),
    }
}

fn no_step(from: ClusterMode, named: Option<Verb>) -> Failure {
    let what = match named {
        Some(verb) => format!("`{verb}` is not a step from `{from}`"),
        None => format!("the procedure has no step from `{from}`"),
    };
    let verbs: Vec<String> = Verb::legal_from(from).map(|verb| format!("`{verb}`")).collect();
    let failure = Failure::new(what);
    if verbs.is_empty() { failure } else { failure.help(format!("the steps from there are {}", verbs.join(" and "))) }
}

/// The values of a cluster judged before a step of this chart version, or of that beside the values.
pub(crate) fn judged<'s>(
    workspace: &Workspace<'_>,
    path: Option<&str>,
    options: &[Result<Override, Finding>],
    version: Option<ChartVersion>,
    proof: &'s ProofOptions,
) -> Step<'s> {
    let (matrix, schema) = (CompatibilityMatrix::shipped(), Schema::shipped());
    let circumstances = Circumstances {
        version: version.as_ref(),
        pce_version: None,
        matrix: &matrix,
        schema: &schema,
        is_partial: false,
        version_before: None,
        judges_all: true,
        path: None,
        options: &[],
    };
    let values = Complete::of(&workspace.files, &workspace.given, path, options, &circumstances);
    let is_by_hand = values.as_ref().is_ok_and(|complete| complete.controller.is_none());
    let given = is_by_hand.then(|| {
        let sources: Vec<Source<'_>> = workspace.given.iter().map(|number| workspace.files.source(*number)).collect();
        values_of(&sources, &overrides::sound(options)).ok()
    });
    let is_umbrella = crate::command::verify::below_of(workspace, path).is_some();
    let version = version.or_else(|| values.as_ref().ok()?.version.clone()).filter(|_| !is_umbrella);
    let (act, goal) = (Verb::Migrate.into(), ClusterMode::MigrateLegacyToClas);
    Step { act, goal, given: given.flatten(), values, version, proof, at_once: 1 }
}

/// The values that the files come to with the options beside them.
pub(crate) fn values_of(sources: &[Source<'_>], overrides: &[Override]) -> Result<Value, Failure> {
    let values: Result<Vec<Value>, Finding> =
        sources.iter().map(|source| Ok(Document::read(source.text()?)?.values())).collect();
    let values = values.and_then(|values| effective(&values, overrides));
    values.map_err(|finding| Failure::new(format!("the values cannot be read: {}", finding.message)))
}

/// Where the gates of `--run` ask.
pub(crate) struct Asking<'a> {
    pub(crate) release: Release<'a>,
    pub(crate) namespace: String,
    /// The options that name the values.
    pub(crate) values: Vec<String>,
    /// Those that name the PCE.
    pub(crate) of_pce: Vec<String>,
    pub(crate) cluster: &'a ClusterValues,
    pub(crate) pce: &'a PceOptions,
    pub(crate) without_pce: bool,
    pub(crate) account: &'a Account,
    /// The mode the release is in.
    pub(crate) from: ClusterMode,
}

/// The gates of `--run`. On the way back, they only report what cannot be asked.
pub(crate) fn gates(
    step: Step<'_>,
    asking: &Asking<'_>,
    despite: &[String],
    output: &mut Output,
) -> Result<Option<Gates>, Failure> {
    let is_way_back = step.act.is_way_back();
    let asked = (|| {
        let pce = pce_of(asking.pce, asking.cluster, None, asking.without_pce, output)?;
        let mut question = Question::of_step(asking.from, asking.namespace.clone(), asking.release, pce)?
            .naming(asking.values.clone(), asking.of_pce.clone());
        step.asked(&mut question, asking.release, Some(asking.account))
    })();
    match asked {
        Ok((before, checked)) => {
            let gates = Gates { before, checked, despite: despite.to_vec() };
            gates.refuse_unknown()?;
            Ok(Some(gates))
        }
        Err(failure) if is_way_back => {
            output.complaint(&format!("warning: the checks before the step could not be run: {}\n", failure.what()));
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}
