//! `helm clas upgrade`: the software upgrade, another chart version in the present mode.

use std::process::ExitCode;

use helm_clas::{
    Act, CommandLine, Files, Texts,
    report::{
        findings::drawn,
        text::refused,
        upgrade::{Told, afterwards, json, text},
    },
    upgrade::{Kind, Upgraded},
};

use crate::{
    args::{Everywhere, Form, ProofOptions, described::called, upgrade::Upgrade as Arguments},
    command::{
        edited::{self, Shown},
        setting::Setting,
        step::{
            aim::Aim,
            appended, code,
            ran::Ran,
            read_twice,
            run::Upgrade as Live,
            taking::{Prepared, Taking},
        },
        verify::before::Gates,
    },
    failure::Failure,
    output::Output,
    outside::files,
    workspace::{brought, leads, reach, top::is_of_other_checkout},
};

pub(crate) fn run(everywhere: &Everywhere, asked: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    if let Some(failure) = misused(asked) {
        return Err(failure);
    }
    let texts = Texts::new();
    let setting = Setting::read(everywhere, asked.sources(), &texts, output)?;
    let workspace = &setting.workspace;
    let mut upgraded = setting.upgrade(&asked.allowed).outcome();
    leads::name_them(&workspace.files, &workspace.given, &mut upgraded.findings);
    reach::told_of_version(workspace, &mut upgraded, &asked.allowed);
    let (release, version) = (upgraded.release.clone(), upgraded.version.clone());
    let file = upgraded.pin.as_ref().map_or(workspace.given[0], |(file, _)| *file);
    let changed = workspace.files.name(file);
    let names = setting.names();
    let commands = version.as_ref().zip(upgraded.pce_version).map(|(version, pce_version)| CommandLine {
        changed,
        is_of_other_checkout: is_of_other_checkout(changed),
        controller: release.as_ref(),
        umbrella: files::folder_of_chart(changed),
        run: asked.running.how(),
        ..setting.commands(&names, version, pce_version)
    });
    let (live, gates) = match &commands {
        Some(commands) if asked.running.run => {
            let proof = &ProofOptions::default();
            let taking = Taking { running: &asked.running, proof, pce: &asked.pce, setting: &setting };
            prepared(&taking, &mut upgraded, commands, output)?
        }
        _ => (None, None),
    };
    let is_written = asked.write && write(&workspace.files, &upgraded, asked.drop_attributes, output)?;
    let shown = shown(&workspace.files, &upgraded, asked);
    let gates_text = gates.as_ref().map(Gates::text);
    let told = Told {
        called: called(),
        upgraded: &upgraded,
        files: &workspace.files,
        file: changed,
        commands: commands.as_ref(),
        is_written,
        gates: gates_text.as_deref(),
    };
    Ok(done(&told, asked, (live, gates.as_ref()), shown.as_ref(), output))
}

/// Upgrades the release where that is ready to be run, and answers.
fn done(
    told: &Told<'_, '_>,
    asked: &Arguments,
    (live, gates): (Option<Live<'_>>, Option<&Gates>),
    shown: Option<&Shown>,
    output: &mut Output,
) -> ExitCode {
    let is_refused = matches!(told.upgraded.kind, Kind::Refused);
    if asked.output == Form::Text {
        show(told, shown, live.is_some(), output);
        if is_refused {
            let names: Vec<&str> = asked.files.iter().map(String::as_str).collect();
            output.complaint(&refused("nothing is changed in", &names));
        }
    }
    let ran = live.map(|live| live.run(told.is_written, asked.running.wait, output));
    if let Some(failure) = ran.as_ref().and_then(|ran| ran.failure.as_ref()) {
        output.failed(failure);
    }
    match asked.output {
        Form::Text => {
            output.complaint(&ran.as_ref().and_then(Ran::told).unwrap_or_default());
            if ran.as_ref().is_some_and(Ran::is_right) {
                output.remark(&afterwards(told));
            }
        }
        Form::Json => {
            let (ran, gates) = (ran.as_ref().map(Ran::json), gates.map(Gates::json));
            output.answer(&json(told, shown.map(|shown| shown.diff.to_string()), ran, gates));
        }
    }
    code(ran.as_ref(), is_refused)
}

/// Options that do not go together, if so.
fn misused(asked: &Arguments) -> Option<Failure> {
    if let Some(failure) = read_twice(&asked.files, asked.compat.as_ref()) {
        return Some(failure);
    }
    if asked.write && asked.files.iter().any(|file| file == files::STDIN) {
        return Some(Failure::new("standard input cannot be changed by --write").help("name a file"));
    }
    appended::refused(&asked.running.more)
}

/// What the upgrade needs on the cluster, ready to be run, and the checks that were made before it.
fn prepared<'u>(
    taking: &Taking<'_, '_>,
    upgraded: &mut Upgraded,
    commands: &CommandLine<'u>,
    output: &mut Output,
) -> Result<(Option<Live<'u>>, Option<Gates>), Failure> {
    let (Some(goal), Kind::Edit(_) | Kind::Command | Kind::Already) = (upgraded.mode, &upgraded.kind) else {
        return Ok((None, None));
    };
    // plain values say no version, so there is nothing that would have to be brought to the cluster
    let aim = Aim { act: Act::Upgrade, goal, is_said: true, version: commands.version };
    let Prepared { upgrade, gates, findings } = taking.prepared(aim, commands, output)?;
    upgraded.findings.extend(findings);
    if upgrade.is_none() {
        upgraded.kind = Kind::Refused;
    }
    Ok((upgrade, gates))
}

/// The diff alone goes to standard output; the rest comes before and after it on standard error.
fn show(told: &Told<'_, '_>, shown: Option<&Shown>, is_run: bool, output: &mut Output) {
    let (above, below) = text(told);
    match (told.gates, &told.upgraded.kind) {
        // of a refusal the checks are the reason
        (Some(gates), Kind::Refused) => output.complaint(gates),
        _ => output.remark(&above),
    }
    output.complaint(&drawn(&told.upgraded.findings, called(), |file| told.files.text_of(file), &brought(told.files)));
    if let Some(shown) = shown {
        shown.print(output);
    }
    if !is_run {
        output.remark(&below);
    }
}

/// Writes the file that has the version; whether there was anything to write.
fn write(files: &Files<'_>, upgraded: &Upgraded, drop_attributes: bool, output: &mut Output) -> Result<bool, Failure> {
    let (Kind::Edit(edited), Some((file, _))) = (&upgraded.kind, &upgraded.pin) else { return Ok(false) };
    edited::write(files, *file, &edited.text, drop_attributes, output)?;
    Ok(true)
}

/// The diff of an upgrade.
fn shown(files: &Files<'_>, upgraded: &Upgraded, asked: &Arguments) -> Option<Shown> {
    let (Kind::Edit(edited), Some((file, _))) = (&upgraded.kind, &upgraded.pin) else { return None };
    Shown::of(files, *file, &edited.text, asked.diff())
}
