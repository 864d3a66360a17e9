//! `helm clas migrate` and `helm clas revert`.

mod appended;
pub(crate) mod run;
mod undo;

use std::process::ExitCode;

use helm_clas::{
    AskPce, Carried, ClusterMode, ClusterValues, CommandLine, Finding, Outcome, Request, Run, Severity, Source, Status,
    Texts, Verb,
    account::Account,
    chart::reference::is_address,
    overrides::Override,
    report::{
        diff::{Diff, Options, Secrets},
        findings::drawn,
        json, markdown, text,
    },
};

use crate::{
    args::{Asked, Everywhere, Step, StepForm, described::called},
    command::{
        compat::matrix,
        step::run::{Ran, Upgrade},
        verify::before::{self, Asking, Gates},
    },
    failure::Failure,
    output::Output,
    outside::{files, interrupt::STOPPED, pce},
    workspace::{Workspace, overrides, reach, taker::Meant},
};

pub(crate) fn run(everywhere: &Everywhere, asked: &Asked<'_>, output: &mut Output) -> Result<ExitCode, Failure> {
    let step = asked.step;
    if let Some(failure) = misused(asked) {
        return Err(failure);
    }
    if step.undo {
        return undo::run(everywhere, asked, output);
    }
    let texts = Texts::new();
    let meant = Meant::by(&step.files, step.path.as_deref(), step.set.given().next().is_some(), output);
    let path = meant.path.as_deref();
    let workspace = Workspace::open_for(&texts, &meant.files, path, &step.release.chart)?;
    let matrix = matrix(step.compat.as_deref())?;
    let overrides = overrides::read(&step.set)?;
    let values = workspace.cluster_values(path, &overrides).ok();
    let pce_version = pce::resolved(step.pce_version.as_deref(), &step.pce, values.as_ref(), output)?;
    let request = Request {
        verb: asked.verb,
        unset: asked.unset,
        files: &workspace.files,
        given: &workspace.given,
        overrides: &overrides,
        path,
        version: everywhere.version.as_deref(),
        pce_version: pce_version.as_deref(),
        matrix: &matrix,
        allowed: &step.allowed,
    };
    let mut outcome = request.outcome();
    reach::told(&workspace, &mut outcome, path, &step.allowed);
    let (release, version) = (outcome.release.clone(), outcome.version.clone());
    let umbrella = files::umbrella(&outcome, &step.release.chart).map(str::to_owned);
    let names: Vec<&str> = meant.files.iter().map(String::as_str).collect();
    let sound = overrides::sound(&overrides);
    let software = values.clone().unwrap_or_default();
    let software = software.software_namespace(everywhere.release_namespace()).to_owned();
    let (pce, proof) = (step.pce.given(), step.proof.given());
    let carried = Carried { config: everywhere.config.as_deref(), pce: &pce, proof: &proof, allowed: &step.allowed };
    let commands = version.as_ref().zip(outcome.pce_version).map(|(version, pce_version)| CommandLine {
        called: called(),
        release: everywhere.release(&step.release.name, &step.release.chart),
        files: &names,
        changed: workspace.files.name(outcome.file),
        overrides: &sound,
        path,
        controller: release.as_ref(),
        umbrella: umbrella.as_deref(),
        software: Some(&software),
        compat: step.compat.as_deref(),
        run: step.run.then(|| run_of(step)),
        carried,
        version,
        pce_version,
    });
    let (upgrade, gates) = match &commands {
        Some(commands) if step.run => {
            let taking = Taking { step, workspace: &workspace, options: &overrides, values: values.as_ref() };
            taking.upgrade(&request, &mut outcome, commands, output)?
        }
        _ => (None, None),
    };
    let is_refused = matches!(outcome.status, Status::Refused);
    let keep = if step.drop_attributes { files::Keep::WhatCanBe } else { files::Keep::Everything };
    let is_written = (step.write || step.run) && write(&request, &outcome, keep, output)?;
    if step.output == StepForm::Text {
        show(&request, &outcome, step, (gates.as_ref(), commands.as_ref()), output);
        if let Some(commands) = commands.as_ref().filter(|_| upgrade.is_none()) {
            output.remark(&text::below(&outcome, commands, is_written));
        }
    }
    let ran = upgrade.map(|upgrade| upgrade.run(is_written, step.wait, output));
    if let Some(failure) = ran.as_ref().and_then(|ran| ran.failure.as_ref()) {
        output.failed(failure);
    }
    match step.output {
        StepForm::Text => {
            output.complaint(&ran.as_ref().and_then(Ran::told).unwrap_or_default());
            let has_arrived = ran.as_ref().is_none_or(Ran::has_arrived);
            if let Some(commands) = commands.as_ref().filter(|_| !is_refused && has_arrived) {
                let is_right = ran.as_ref().map(Ran::is_right);
                output.remark(&text::afterwards(request.verb, &outcome, commands, is_right));
            }
        }
        StepForm::Json => {
            let diff = diff_of(&request, &outcome, step).map(|(diff, _)| diff.to_string());
            let ran = ran.as_ref().map(Ran::json);
            let gates = gates.as_ref().map(Gates::json);
            output.answer(&json::step(&request, &outcome, (called(), commands.as_ref()), diff, is_written, ran, gates));
        }
        StepForm::Markdown => {
            let diff = diff_of(&request, &outcome, step).map(|(diff, _)| diff);
            let (file, own) = (workspace.files.name(outcome.file), (called(), commands.as_ref()));
            output.answer_raw(&markdown::step(request.verb, &outcome, file, own, diff.as_ref()));
            output.complaint(&ran.as_ref().and_then(Ran::told).unwrap_or_default());
        }
        StepForm::Yaml => whole(&request, &outcome, output),
    }
    Ok(code(ran.as_ref(), is_refused))
}

/// The exit code of a step, and of what came of it on the cluster.
fn code(ran: Option<&Ran>, is_refused: bool) -> ExitCode {
    match ran {
        Some(Ran { is_stopped: true, .. }) => ExitCode::from(STOPPED),
        Some(Ran { failure: Some(_), .. }) => ExitCode::from(2),
        Some(ran) if !ran.is_right() => ExitCode::FAILURE,
        _ if is_refused => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}

/// The whole changed file, as a filter prints it; nothing of one that is refused.
fn whole(request: &Request<'_, '_>, outcome: &Outcome, output: &mut Output) {
    output.complaint(&findings(request, outcome));
    match &outcome.status {
        Status::Step(edited) => output.answer_raw(&edited.text),
        Status::Already => output.answer_raw(request.files.source(outcome.file).text().unwrap_or_default()),
        Status::Refused => {}
    }
}

fn run_of(step: &Step) -> Run<'_> {
    let pce = if step.without_pce { AskPce::LeftToUser } else { AskPce::Yes };
    Run { appended: &step.more, despite: &step.despite, pce }
}

/// A step that is to be taken on the cluster.
struct Taking<'t, 's> {
    step: &'t Step,
    workspace: &'t Workspace<'s>,
    options: &'t [Result<Override, Finding>],
    values: Option<&'t ClusterValues>,
}

impl Taking<'_, '_> {
    /// The upgrade of the release that belongs to the step, and the checks that were made before it. Findings about the
    /// release, and about the checks, are the outcome's, too.
    fn upgrade<'u>(
        &self,
        request: &Request<'_, '_>,
        outcome: &mut Outcome,
        commands: &CommandLine<'u>,
        output: &mut Output,
    ) -> Result<(Option<Upgrade<'u>>, Option<Gates>), Failure> {
        let (Some(goal), Status::Step(_) | Status::Already) = (outcome.to, &outcome.status) else {
            return Ok((None, None));
        };
        if let Some(failure) = run::impossible(commands) {
            return Err(failure);
        }
        if let Some(address) = commands.files.iter().find(|name| is_address(name)) {
            return Err(Failure::new(format!(
                "--run compares the release with its files, and does not read {address}"
            ))
            .help("drop --run, and run the printed command yourself"));
        }
        let is_said = matches!(outcome.status, Status::Already);
        let sources: Vec<Source<'_>> = request.given.iter().map(|number| request.files.source(*number)).collect();
        let values = before::values_of(&sources, &overrides::sound(self.options))?;
        let (mut upgrade, findings) = Upgrade::prepared(request.verb, goal, is_said, commands, &values)?;
        outcome.findings.extend(findings);
        let gates = match &upgrade {
            Some(upgrade) => self.gates(request.verb, goal, upgrade.account(), commands, output)?,
            None => None,
        };
        let of_gates = gates.as_ref().map(Gates::findings).unwrap_or_default();
        if of_gates.iter().any(|finding| finding.severity == Severity::Error) {
            upgrade = None;
        }
        outcome.findings.extend(of_gates);
        if upgrade.is_none() {
            outcome.status = Status::Refused;
        }
        Ok((upgrade, gates))
    }

    /// The checks before the step; none where the release is there already, or an attempt at the step goes on: they
    /// were made when it began.
    fn gates(
        &self,
        verb: Verb,
        goal: ClusterMode,
        account: &Account,
        commands: &CommandLine<'_>,
        output: &mut Output,
    ) -> Result<Option<Gates>, Failure> {
        let step = self.step;
        let Some(from) = account.stands_in().filter(|from| *from != goal && account.mode() != Some(goal)) else {
            if !account.runs_in(goal) {
                output.remark("note: the step has started, so the checks before it are not run again\n");
            }
            return Ok(None);
        };
        let judged = before::judged(
            self.workspace,
            step.path.as_deref(),
            self.options,
            Some(commands.version.clone()),
            &step.proof,
        );
        let cluster = self.values.cloned().unwrap_or_default();
        let asking = Asking {
            release: commands.release,
            namespace: commands.namespace().to_owned(),
            values: commands.place_options().map(str::to_owned).collect(),
            of_pce: commands.carried.asking().map(str::to_owned).collect(),
            cluster: &cluster,
            pce: &step.pce,
            without_pce: step.without_pce,
            account,
            from,
        };
        before::gates(before::Step { verb, goal, ..judged }, &asking, &step.despite, output)
    }
}

/// Options that do not go together, if so.
fn misused(asked: &Asked<'_>) -> Option<Failure> {
    let step = asked.step;
    if asked.unset && !asked.verb.is_way_back() {
        return Some(
            Failure::new("--unset removes the key, and only `revert --finish` can do that")
                .help("drop it, or use `revert --finish --unset`"),
        );
    }
    if step.dry_run.is_some() {
        return Some(Failure::new("there is no --dry-run: without --write the tool changes nothing").help("drop it"));
    }
    let reads_stdin = step.files.iter().chain(&step.compat).filter(|file| *file == files::STDIN).count();
    if reads_stdin > 1 {
        return Some(Failure::new("`-` is given twice, but standard input can be read only once"));
    }
    if (step.write || step.run) && step.output == StepForm::Yaml {
        let option = if step.run { "--run" } else { "--write" };
        return Some(
            Failure::new(format!("{option} changes the file, and `-o yaml` prints it")).help("use only one of them"),
        );
    }
    appended::refused(&step.more)
}

/// Writes the file that decides the mode; whether there was anything to write.
fn write(
    request: &Request<'_, '_>,
    outcome: &Outcome,
    keep: files::Keep,
    output: &mut Output,
) -> Result<bool, Failure> {
    let source = request.files.source(outcome.file);
    let Status::Step(edited) = &outcome.status else { return Ok(false) };
    if source.name == files::STDIN {
        return Err(Failure::new("standard input cannot be changed by --write")
            .help("drop --write, and use `-o yaml` to print the changed values"));
    }
    let losses = files::replace(source.name, source.bytes, edited.text.as_bytes(), keep)?;
    output.changed(source.name);
    for loss in losses {
        output.complaint(&format!("note: the file {loss}\n"));
    }
    Ok(true)
}

/// The diff alone goes to standard output; the rest stands around it on standard error.
fn show(
    request: &Request<'_, '_>,
    outcome: &Outcome,
    step: &Step,
    (gates, commands): (Option<&Gates>, Option<&CommandLine<'_>>),
    output: &mut Output,
) {
    let file = request.files.name(outcome.file);
    let gates = gates.map(Gates::text);
    match (&gates, &outcome.status) {
        // of a refusal the checks are the reason
        (Some(gates), Status::Refused) => output.complaint(gates),
        (gates, _) => output.remark(&text::above(outcome, file, step.run, (gates.as_deref(), commands))),
    }
    output.complaint(&findings(request, outcome));
    if let Some((diff, is_of_top)) = diff_of(request, outcome, step) {
        output.answer(&diff.styled());
        if diff.is_masked {
            output
                .complaint("note: a credential is masked in this diff, so it cannot be applied; see --show-secrets\n");
        } else if diff.is_shortened {
            output.remark("note: lines with credentials are omitted from this diff; --show-secrets shows them\n");
        }
        if is_of_top {
            output.complaint(files::IS_OF_TOP);
        }
    }
    if matches!(outcome.status, Status::Refused) {
        let names: Vec<&str> = step.files.iter().map(String::as_str).collect();
        output.complaint(&text::refused("nothing is changed in", &names));
    }
}

/// The diff, and whether it is one of the top of the work tree.
fn diff_of(request: &Request<'_, '_>, outcome: &Outcome, step: &Step) -> Option<(Diff, bool)> {
    let Status::Step(edited) = &outcome.status else { return None };
    let source = request.files.source(outcome.file);
    let secrets = if step.show_secrets { Secrets::Show } else { Secrets::Hide };
    let options = Options { context: step.context, secrets };
    let files::NameInDiff { name, is_of_top } = files::name_in_diff(source.name);
    Some((Diff::between(source.text().ok()?, &edited.text, &name, options), is_of_top))
}

fn findings(request: &Request<'_, '_>, outcome: &Outcome) -> String {
    drawn(&outcome.findings, called(), |file| request.files.text_of(file))
}
