//! `helm clas upgrade`: the software upgrade, another chart version in the present mode.

use std::process::ExitCode;

use helm_clas::{
    Carried, CommandLine, Texts,
    report::{
        diff::{Diff, Options, Secrets},
        findings::drawn,
        text::refused,
        upgrade::{Told, json, text},
    },
    upgrade::{Kind, Upgrade, Upgraded},
};

use crate::{
    args::{Everywhere, Form, described::called, upgrade::Upgrade as Arguments},
    command::compat::matrix,
    failure::Failure,
    output::Output,
    outside::{files, pce},
    workspace::{Workspace, overrides, taker::Meant},
};

pub(crate) fn run(everywhere: &Everywhere, asked: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    if asked.files.iter().chain(&asked.compat).any(|file| file == files::STDIN) && asked.write {
        return Err(Failure::new("standard input cannot be changed by --write").help("name a file"));
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
    };
    let upgraded = upgrade.outcome();
    let is_written = asked.write && write(&workspace, &upgraded, asked, output)?;
    let names: Vec<&str> = meant.files.iter().map(String::as_str).collect();
    let sound = overrides::sound(&overrides);
    let file = upgraded.pin.as_ref().map_or(workspace.given[0], |(file, _)| *file);
    let changed = workspace.files.name(file);
    let umbrella = changed.ends_with(files::CHART).then(|| folder_of(changed));
    let values = values.unwrap_or_default();
    let software = values.software_namespace(everywhere.release_namespace());
    let pce = asked.pce.given();
    let carried = Carried { config: everywhere.config.as_deref(), pce: &pce, ..Carried::default() };
    let commands = upgraded.version.as_ref().zip(upgraded.pce_version).map(|(version, pce_version)| CommandLine {
        called: called(),
        release: everywhere.release(&asked.release.name, &asked.release.chart),
        files: &names,
        changed,
        overrides: &sound,
        path,
        controller: upgraded.release.as_ref(),
        umbrella,
        software: Some(software),
        compat: asked.compat.as_deref(),
        run: None,
        carried,
        version,
        pce_version,
    });
    let diff = diff(&workspace, &upgraded, asked);
    let told = Told {
        called: called(),
        upgraded: &upgraded,
        files: &workspace.files,
        file: changed,
        commands: commands.as_ref(),
        is_written,
    };
    match asked.output {
        Form::Json => output.answer(&json(&told, diff.map(|(diff, _)| diff.to_string()))),
        Form::Text => {
            let (above, below) = text(&told);
            output.remark(&above);
            output.complaint(&drawn(&upgraded.findings, called(), |file| workspace.files.text_of(file)));
            if let Some((diff, is_of_top)) = diff {
                output.answer(&diff.styled());
                if diff.is_masked {
                    output.complaint(
                        "note: a credential is masked in this diff, so it cannot be applied; see --show-secrets\n",
                    );
                }
                if is_of_top {
                    output.complaint(files::IS_OF_TOP);
                }
            }
            match upgraded.kind {
                Kind::Refused => output.complaint(&refused("nothing is changed in", &names)),
                _ => output.remark(&below),
            }
        }
    }
    Ok(if matches!(upgraded.kind, Kind::Refused) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The folder of a `Chart.yaml`.
fn folder_of(chart: &str) -> &str {
    match chart.strip_suffix(files::CHART).map(|folder| folder.trim_end_matches('/')) {
        None | Some("") => ".",
        Some(folder) => folder,
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
    let options = Options { context: asked.context, secrets };
    let files::NameInDiff { name, is_of_top } = files::name_in_diff(source.name);
    Some((Diff::between(source.text().ok()?, &edited.text, &name, options), is_of_top))
}
