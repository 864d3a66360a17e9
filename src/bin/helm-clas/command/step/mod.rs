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
    report::{findings::drawn, json, markdown, text},
};

use crate::{
    args::{Asked, Everywhere, Step, StepForm, described::called},
    command::{
        edited::{self, Shown},
        setting::Setting,
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
    outside::{files, interrupt::STOPPED},
    workspace::{brought, leads, reach, top::is_of_other_checkout},
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
    let setting = Setting::read(everywhere, step.sources(), &texts, output)?;
    let request = setting.request(asked.verb, asked.unset, &step.allowed);
    let mut outcome = request.outcome();
    leads::name_them(request.files, request.given, &mut outcome.findings);
    let aim = reach::Step { path: request.path, allowed: &step.allowed, is_taken: running.run };
    let taker = reach::told(&setting.workspace, &mut outcome, aim);
    let (release, version) = (outcome.release.clone().or(taker), outcome.version.clone());
    let umbrella = files::umbrella(&outcome, &step.release.chart).map(str::to_owned);
    let names = setting.names();
    let proof = step.proof.given();
    let commands = version.as_ref().zip(outcome.pce_version).map(|(version, pce_version)| {
        let plain = setting.commands(&names, version, pce_version);
        CommandLine {
            changed: request.files.name(outcome.file),
            is_of_other_checkout: is_of_other_checkout(request.files.name(outcome.file)),
            controller: release.as_ref(),
            one_of: setting.one_of(release.as_ref()),
            umbrella: umbrella.as_deref(),
            run: running.how(),
            carried: Carried { proof: &proof, allowed: &step.allowed, ..plain.carried },
            ..plain
        }
    });
    let (upgrade, gates) = match &commands {
        Some(commands) if running.run => {
            let taking = Taking { running, proof: &step.proof, pce: &step.pce, setting: &setting };
            prepared(&taking, &request, &mut outcome, commands, output)?
        }
        _ => (None, None),
    };
    let is_refused = matches!(outcome.status, Status::Refused);
    let is_written = (step.write || step.running.run) && write(&request, &outcome, step.drop_attributes, output)?;
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
                let diff = shown(request, outcome, step).map(|shown| shown.diff.to_string());
                let (ran, gates) = (ran.map(Ran::json), gates.map(Gates::json));
                output.answer(&json::step(request, outcome, (called(), commands), diff, is_written, ran, gates));
            }
            StepForm::Markdown => {
                let diff = shown(request, outcome, step).map(|shown| shown.diff);
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
    drop_attributes: bool,
    output: &mut Output,
) -> Result<bool, Failure> {
    let Status::Step(edited) = &outcome.status else { return Ok(false) };
    if request.files.name(outcome.file) == files::STDIN {
        return Err(Failure::new("standard input cannot be changed by --write")
            .help("drop --write, and use `-o yaml` to print the changed values"));
    }
    edited::write(request.files, outcome.file, &edited.text, drop_attributes, output)?;
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
        (gates, _) => {
            let shown = (step.running.run, Some(request.verb).filter(|_| !step.write && !step.running.run));
            output.remark(&text::above(outcome, file, shown, (gates.as_deref(), commands)));
        }
    }
    output.complaint(&findings(request, outcome));
    if let Some(shown) = shown(request, outcome, step) {
        shown.print(output);
    }
    if matches!(outcome.status, Status::Refused) {
        let names: Vec<&str> = step.files.iter().map(String::as_str).collect();
        output.complaint(&text::refused("nothing is changed in", &names));
    }
}

/// The diff of a step.
fn shown(request: &Request<'_, '_>, outcome: &Outcome, step: &Step) -> Option<Shown> {
    let Status::Step(edited) = &outcome.status else { return None };
    Shown::of(request.files, outcome.file, &edited.text, step.diff())
}

fn findings(request: &Request<'_, '_>, outcome: &Outcome) -> String {
    drawn(&outcome.findings, called(), |file| request.files.text_of(file), &brought(request.files))
}
