//! `helm clas policy export`: the policy of a PCE as files.

use std::{collections::BTreeSet, fs, path::Path, process::ExitCode};

use helm_clas::report::exported::{self, Exported};

use crate::{
    args::{Export, Form},
    failure::Failure,
    output::Output,
    outside::pce::{Pce, Settings, export::Files},
    paths,
    workspace::cluster_values,
};

pub(crate) fn run(export: &Export, output: &mut Output) -> Result<ExitCode, Failure> {
    let folder = Path::new(&export.folder);
    // what the PCE has no more would stay
    refuse_used(
        folder,
        "name a new or an empty one; first remove the files of an older export, so that none of them remains",
    )?;
    let values = cluster_values(&export.files, export.path.as_deref(), &export.set)?;
    let pce = Pce::new(Settings::required(&export.pce, &values)?, output)?;
    let read = Files::read(&pce)?;
    let mut masked = BTreeSet::new();
    for file in &read.files {
        let exported = Exported::of(&file.text);
        masked.extend(exported.masked);
        let path = folder.join(file.name);
        let while_writing = || Failure::while_doing(format!("cannot write {}", paths::name(&path)));
        path.parent().map_or(Ok(()), fs::create_dir_all).map_err(while_writing())?;
        fs::write(&path, exported.text).map_err(while_writing())?;
    }
    output.changed(&export.folder);
    let counts: Vec<(&str, usize)> = read.files.iter().map(|file| (file.name, file.count)).collect();
    let masked: Vec<&str> = masked.iter().map(String::as_str).collect();
    let summary = exported::Summary {
        folder: &export.folder,
        pce: pce.host(),
        files: &counts,
        absent: &read.absent,
        refused: &read.refused,
        masked: &masked,
    };
    match export.output {
        Form::Text => output.answer(&summary.text()),
        Form::Json => output.answer(&summary.json()),
    }
    Ok(ExitCode::SUCCESS)
}

/// Refuses a folder that holds something; `help` says what to do about it.
pub(crate) fn refuse_used(folder: &Path, help: &'static str) -> Result<(), Failure> {
    match fs::read_dir(folder).map(|mut entries| entries.next()) {
        Ok(None) => Ok(()),
        Ok(Some(_)) => Err(Failure::new(format!("the folder {} is not empty", paths::name(folder))).help(help)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::while_doing(format!("cannot read the folder {}", paths::name(folder)))(error)),
    }
}
