//! `helm clas migrate` and `helm clas revert`.

pub(crate) mod aim;
pub(crate) mod appended;
pub(crate) mod ran;
pub(crate) mod run;
pub(crate) mod taking;
mod undo;

use std::process::ExitCode;

use helm_clas::{
    Carried, CommandLine, Outcome, Request, Status, Texts,
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
        step::{
            aim::Aim,
            ran::Ran,
            run::Upgrade,
            taking::{Prepared, Taking},
        },
        verify::before::Gates,
    },
    failure::Failure,
    output::Output,
    outside::{files, interrupt::STOPPED, pce},
    workspace::{Workspace, brought, leads, overrides, reach, taker::Meant},
};

pub(crate) fn run(everywhere: &Everywhere, asked: &Asked<'_>, output: &mut Output) -> Result<ExitCode, Failure> {
    let step = asked.step;
    let running = &step.running;
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
    leads::name_them(&workspace.files, &workspace.given, &mut outcome.findings);
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
        run: running.how(),
        carried,
        version,
        pce_version,
    });
    let (upgrade, gates) = match &commands {
        Some(commands) if running.run => {
            let taking = Taking {
                running,
                path: step.path.as_deref(),
                proof: &step.proof,
                pce: &step.pce,
                workspace: &workspace,
                options: &overrides,
                values: values.as_ref(),
            };
            prepared(&taking, &request, &mut outcome, commands, output)?
        }
        _ => (None, None),
    };
    let is_refused = matches!(outcome.status, Status::Refused);
    let keep = if step.drop_attributes { files::Keep::WhatCanBe } else { files::Keep::Everything };
    let is_written = (step.write || step.running.run) && write(&request, &outcome, keep, output)?;
    if step.output == StepForm::Text {
        show(&request, &outcome, step, (gates.as_ref(), commands.as_ref()), output);
        if let Some(commands) = commands.as_ref().filter(|_| upgrade.is_none()) {
            output.remark(&text::below(&outcome, commands, is_written));
        }
    }
    let ran = upgrade.map(|upgrade| upgrade.run(is_written, running.wait, output));
    if let Some(failure) = ran.as_ref().and_then(|ran| ran.failure.as_ref()) {
        output.failed(failure);
    }
    let came = Came {
        request: &request,
        outcome: &outcome,
        step,
        commands: commands.as_ref(),
        gates: gates.as_ref(),
        ran: ran.as_ref(),
        is_written,
    };
    came.answer(output);
    Ok(code(ran.as_ref(), is_refused))
}

/// What came of a step.
struct Came<'c, 'r, 's> {
    request: &'c Request<'r, 's>,
    outcome: &'c Outcome,
    step: &'c Step,
    commands: Option<&'c CommandLine<'c>>,
    gates: Option<&'c Gates>,
    ran: Option<&'c Ran<'c>>,
    is_written: bool,
}

impl Came<'_, '_, '_> {
    /// The answer in the form that was asked for; of the text, what comes after the diff.
    fn answer(&self, output: &mut Output) {
        let Self { request, outcome, step, commands, gates, ran, is_written } = *self;
        let told = || ran.and_then(Ran::told).unwrap_or_default();
        match step.output {
            StepForm::Text => {
                output.complaint(&told());
                let is_refused = matches!(outcome.status, Status::Refused);
                let has_arrived = ran.is_none_or(Ran::has_arrived);
                if let Some(commands) = commands.filter(|_| !is_refused && has_arrived) {
                    output.remark(&text::afterwards(request.verb, outcome, commands, ran.map(Ran::is_right)));
                }
            }
            StepForm::Json => {
                let diff = diff_of(request, outcome, step).map(|(diff, _)| diff.to_string());
                let (ran, gates) = (ran.map(Ran::json), gates.map(Gates::json));
                output.answer(&json::step(request, outcome, (called(), commands), diff, is_written, ran, gates));
            }
            StepForm::Markdown => {
                let diff = diff_of(request, outcome, step).map(|(diff, _)| diff);
                let file = request.files.name(outcome.file);
                let taken = match (is_written, ran.is_some_and(|ran| ran.is_upgraded)) {
                    (_, true) => markdown::Taken::Upgraded,
                    (true, false) => markdown::Taken::Written,
                    (false, false) => markdown::Taken::Shown,
                };
                output.answer_raw(&markdown::step(
                    request.verb,
                    outcome,
                    file,
                    (called(), commands),
                    diff.as_ref(),
                    taken,
                ));
                output.complaint(&told());
            }
            StepForm::Yaml => whole(request, outcome, output),
        }
    }
}

/// The exit code of a step, and of what came of it on the cluster.
pub(crate) fn code(ran: Option<&Ran>, is_refused: bool) -> ExitCode {
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

/// What the step needs on the cluster, ready to be run, and the checks that were made before it. What was found is the
/// outcome's, too.
fn prepared<'u>(
    taking: &Taking<'_, '_>,
    request: &Request<'_, '_>,
    outcome: &mut Outcome,
    commands: &CommandLine<'u>,
    output: &mut Output,
) -> Result<(Option<Upgrade<'u>>, Option<Gates>), Failure> {
    let (Some(goal), Status::Step(_) | Status::Already) = (outcome.to, &outcome.status) else {
        return Ok((None, None));
    };
    let is_said = matches!(outcome.status, Status::Already);
    let aim = Aim { act: request.verb.into(), goal, is_said, version: commands.version };
    let Prepared { upgrade, gates, findings } = taking.prepared(aim, commands, output)?;
    outcome.findings.extend(findings);
    if upgrade.is_none() {
        outcome.status = Status::Refused;
    }
    Ok((upgrade, gates))
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
    if let Some(failure) = read_twice(&step.files, step.compat.as_ref()) {
        return Some(failure);
    }
    if (step.write || step.running.run) && step.output == StepForm::Yaml {
        let option = if step.running.run { "--run" } else { "--write" };
        return Some(
            Failure::new(format!("{option} changes the file, and `-o yaml` prints it")).help("use only one of them"),
        );
    }
    appended::refused(&step.running.more)
}

/// Standard input that is to be read twice, as values or as the compatibility matrix.
pub(crate) fn read_twice(names: &[String], compat: Option<&String>) -> Option<Failure> {
    let reads = names.iter().chain(compat).filter(|file| *file == files::STDIN).count();
    (reads > 1).then(|| Failure::new("`-` is given twice, but standard input can be read only once"))
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

/// The diff alone goes to standard output; the rest comes before and after it on standard error.
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
        (gates, _) => output.remark(&text::above(outcome, file, step.running.run, (gates.as_deref(), commands))),
    }
    output.complaint(&findings(request, outcome));
    if let Some((diff, is_of_top)) = diff_of(request, outcome, step) {
        output.patch(&diff.styled());
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
    let options = Options { context: step.context, secrets, brought: &brought(request.files) };
    let files::NameInDiff { name, is_of_top } = files::name_in_diff(source.name);
    Some((Diff::between(source.text().ok()?, &edited.text, &name, options), is_of_top))
}

fn findings(request: &Request<'_, '_>, outcome: &Outcome) -> String {
    drawn(&outcome.findings, called(), |file| request.files.text_of(file), &brought(request.files))
}
