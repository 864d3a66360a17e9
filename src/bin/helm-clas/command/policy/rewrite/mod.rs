//! `helm clas policy rewrite`: the rules that must change, as files that a policy team applies.

use std::{fs, path::Path, process::ExitCode};

use helm_clas::{
    policy::{Book, Policy, Question, Source, export, judge},
    report::rewrite,
};

use crate::{
    args::{Everywhere, Form, described::called, rewrite::Rewrite},
    command::policy::{asked_for, cluster, given},
    failure::Failure,
    output::Output,
    outside::pce::cluster_values,
};

pub(crate) fn run(everywhere: &Everywhere, asked: &Rewrite, output: &mut Output) -> Result<ExitCode, Failure> {
    let into = asked.into.clone().or_else(|| Some(asked.folder.as_ref()?.join("rewrite"))).ok_or_else(|| {
        Failure::new("where the files go is not known").help("name a new or an empty folder with --into FOLDER")
    })?;
    refuse_used(&into)?;
    let values = cluster_values(&asked.values, asked.path.as_deref())?;
    let judged = if asked.draft { export::DRAFT_RULE_SETS } else { export::RULE_SETS };
    let files = given(asked.folder.as_deref(), &asked.files, judged, || asked_for(&asked.pce, &values, output))?;
    let sources: Vec<Source<'_>> =
        files.iter().map(|given| Source { file: given.file, name: &given.name, text: &given.text }).collect();
    let policy = Policy::read(&sources).map_err(|unreadable| {
        Failure::new(unreadable.to_string()).help("each file is a list of objects, as the PCE answers it")
    })?;
    let drafts =
        || Failure::new("no rule sets are given as drafts").help("name their file with --draft-rule-sets, or a folder");
    let policy = if asked.draft { policy.provisioned().ok_or_else(drafts)? } else { policy };
    let book = Book::of(&policy);
    let named = asked.cluster.as_ref().or(values.cluster_id.as_ref());
    let cluster = named.map(|named| cluster(&book, named)).transpose()?;
    let namespace = values.software_namespace(everywhere.release_namespace());
    let judged = judge(&book, &Question { cluster, namespace, ..Question::default() });
    let documents = rewrite::documents(&judged, called());
    let while_writing = |path: &Path| Failure::while_doing(format!("cannot write {}", path.display()));
    fs::create_dir_all(&into).map_err(while_writing(&into))?;
    for document in &documents {
        let path = into.join(document.name);
        fs::write(&path, &document.text).map_err(while_writing(&path))?;
    }
    let folder = into.display().to_string();
    output.answer(&match asked.output {
        Form::Text => rewrite::text(&judged, &folder, &documents),
        Form::Json => rewrite::json(&judged, &folder, &documents),
    });
    Ok(ExitCode::SUCCESS)
}

/// Nothing is written over: a file of an older rewrite may have been changed by hand.
fn refuse_used(folder: &Path) -> Result<(), Failure> {
    match fs::read_dir(folder).map(|mut entries| entries.next()) {
        Ok(None) => Ok(()),
        Ok(Some(_)) => Err(Failure::new(format!("the folder {} is not empty", folder.display()))
            .help("remove it, or name another one with --into FOLDER")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::while_doing(format!("cannot read the folder {}", folder.display()))(error)),
    }
}
