//! `helm clas upgrade`: the software upgrade, another chart version in the present mode.

use std::process::ExitCode;

use helm_clas::{
    Act, Carried, CommandLine, Texts,
    report::{
        diff::{Diff, Options, Secrets},
        findings::drawn,
        text::refused,
        upgrade::{Told, afterwards, json, text},
    },
    upgrade::{Kind, Upgrade, Upgraded},
};

use crate::{
    args::{Everywhere, Form, ProofOptions, described::called, upgrade::Upgrade as Arguments},
    command::{
        compat::matrix,
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
    outside::{files, pce},
    workspace::{Workspace, brought, leads, overrides, reach, taker::Meant},
};

pub(crate) fn run(everywhere: &Everywhere, asked: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    if let Some(failure) = misused(asked) {
        return Err(failure);
    }
    let texts = Texts::new();
    let meant = Meant::by(&asked.files, asked.path.as_deref(), asked.set.given().next().is_some(), output);
    let path = meant.path.as_deref();
    let workspace = Workspace::open_for(&texts, &meant.files, path, &asked.release.chart)?;
    let matrix = matrix(asked.compat.as_deref())?;
    let overrides = overrides::read(&asked.set)?;
    let values = workspace.cluster_values(path, &overrides).ok();
    let pce_version = pce::resolved(asked.pce_version.as_deref(), &asked.pce, values.as_ref(), output)?;
    let upgrade = Upgrade {
        files: &workspace.files,
        given: &workspace.given,
        overrides: &overrides,
        path,
        version: everywhere.version.as_deref(),
        pce_version: pce_version.as_deref(),
        matrix: &matrix,
        allowed: &asked.allowed,
    };
    let mut upgraded = upgrade.outcome();
    leads::name_them(&workspace.files, &workspace.given, &mut upgraded.findings);
    reach::told_of_version(&workspace, &mut upgraded, &asked.allowed);
    let names: Vec<&str> = meant.files.iter().map(String::as_str).collect();
    let sound = overrides::sound(&overrides);
    let release = upgraded.release.clone();
    let goes_to = upgraded.version.clone();
    let file = upgraded.pin.as_ref().map_or(workspace.given[0], |(file, _)| *file);
    let changed = workspace.files.name(file);
    let umbrella = files::folder_of_chart(changed).map(str::to_owned);
    let software = values.clone().unwrap_or_default();
    let software = software.software_namespace(everywhere.release_namespace()).to_owned();
    let pce = asked.pce.given();
    let carried = Carried { config: everywhere.config.as_deref(), pce: &pce, ..Carried::default() };
    let commands = goes_to.as_ref().zip(upgraded.pce_version).map(|(version, pce_version)| CommandLine {
        called: called(),
        release: everywhere.release(&asked.release.name, &asked.release.chart),
        files: &names,
        changed,
        overrides: &sound,
        path,
        controller: release.as_ref(),
        umbrella: umbrella.as_deref(),
        software: Some(&software),
        compat: asked.compat.as_deref(),
        run: asked.running.how(),
        carried,
        version,
        pce_version,
    });
    let (live, gates) = match &commands {
        Some(commands) if asked.running.run => {
            let taking = Taking {
                running: &asked.running,
                path,
                proof: &ProofOptions::default(),
                pce: &asked.pce,
                workspace: &workspace,
                options: &overrides,
                values: values.as_ref(),
            };
            prepared(&taking, &mut upgraded, commands, output)?
        }
        _ => (None, None),
    };
    let is_written = asked.write && write(&workspace, &upgraded, asked, output)?;
    let diff = diff(&workspace, &upgraded, asked);
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
    Ok(done(&told, asked, (live, gates.as_ref()), diff.as_ref(), output))
}

/// Upgrades the release where that is ready to be run, and answers.
fn done(
    told: &Told<'_, '_>,
    asked: &Arguments,
    (live, gates): (Option<Live<'_>>, Option<&Gates>),
    diff: Option<&(Diff, bool)>,
    output: &mut Output,
) -> ExitCode {
    let is_refused = matches!(told.upgraded.kind, Kind::Refused);
    if asked.output == Form::Text {
        show(told, diff, live.is_some(), output);
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
            output.answer(&json(told, diff.map(|(diff, _)| diff.to_string()), ran, gates));
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
fn show(told: &Told<'_, '_>, diff: Option<&(Diff, bool)>, is_run: bool, output: &mut Output) {
    let (above, below) = text(told);
    match (told.gates, &told.upgraded.kind) {
        // of a refusal the checks are the reason
        (Some(gates), Kind::Refused) => output.complaint(gates),
        _ => output.remark(&above),
    }
    output.complaint(&drawn(&told.upgraded.findings, called(), |file| told.files.text_of(file), &brought(told.files)));
    if let Some((diff, is_of_top)) = diff {
        output.patch(&diff.styled());
        if diff.is_masked {
            output
                .complaint("note: a credential is masked in this diff, so it cannot be applied; see --show-secrets\n");
        } else if diff.is_shortened {
            output.remark("note: lines with credentials are omitted from this diff; --show-secrets shows them\n");
        }
        if *is_of_top {
            output.complaint(files::IS_OF_TOP);
        }
    }
    if !is_run {
        output.remark(&below);
    }
}

fn write(
    workspace: &Workspace<'_>,
    upgraded: &Upgraded,
    asked: &Arguments,
    output: &mut Output,
) -> Result<bool, Failure> {
    let (Kind::Edit(edited), Some((file, _))) = (&upgraded.kind, &upgraded.pin) else { return Ok(false) };
    let source = workspace.files.source(*file);
    let keep = if asked.drop_attributes { files::Keep::WhatCanBe } else { files::Keep::Everything };
    let losses = files::replace(source.name, source.bytes, edited.text.as_bytes(), keep)?;
    output.changed(source.name);
    for loss in losses {
        output.complaint(&format!("note: the file {loss}\n"));
    }
    Ok(true)
}

fn diff(workspace: &Workspace<'_>, upgraded: &Upgraded, asked: &Arguments) -> Option<(Diff, bool)> {
    let (Kind::Edit(edited), Some((file, _))) = (&upgraded.kind, &upgraded.pin) else { return None };
    let source = workspace.files.source(*file);
    let secrets = if asked.show_secrets { Secrets::Show } else { Secrets::Hide };
    let options = Options { context: asked.context, secrets, brought: &brought(&workspace.files) };
    let files::NameInDiff { name, is_of_top } = files::name_in_diff(source.name);
    Some((Diff::between(source.text().ok()?, &edited.text, &name, options), is_of_top))
}
