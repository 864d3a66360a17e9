//! `helm clas policy rewrite`: the rules that must change, as files that a policy team applies.

use std::{fs, path::Path, process::ExitCode};

use helm_clas::{
    policy::{Book, Question, export, judge},
    report::rewrite,
};

use crate::{
    args::{Everywhere, Form, described::called, rewrite::Rewrite},
    command::policy::{asked_for, export::refuse_used, given, provisioned, read_policy},
    failure::Failure,
    made::Made,
    output::Output,
    paths,
    workspace::{cluster_values, known_namespace},
};

pub(crate) fn run(everywhere: &Everywhere, asked: &Rewrite, output: &mut Output) -> Result<ExitCode, Failure> {
    let into = asked.into.clone().or_else(|| Some(asked.of.folder.as_ref()?.join("rewrite"))).ok_or_else(|| {
        Failure::new("the folder for the files is not known").help("name a new or an empty folder with --into FOLDER")
    })?;
    // a file of an older rewrite may have been changed by hand
    refuse_used(&into, "remove it, or name another one with --into FOLDER")?;
    let values = cluster_values(&asked.of.values, asked.of.path.as_deref(), &asked.of.set)?;
    let judged = if asked.draft { export::DRAFT_RULE_SETS } else { export::RULE_SETS };
    let folder = asked.of.folder.as_deref();
    let files = given(folder, &asked.files, judged, || asked_for(&asked.pce, &values, output))?;
    let policy = read_policy(&files)?;
    let policy = if asked.draft { provisioned(policy)? } else { policy };
    let book = Book::of(&policy);
    let cluster = asked.of.cluster_in(&book, &values)?;
    let namespace = &known_namespace(values.software_namespace(everywhere.release_namespace()))?;
    let judged = judge(&book, &Question { cluster, namespace, ..Question::default() });
    let documents = rewrite::documents(&judged, called(), &Made::from_policy(&files).of_page());
    let while_writing = |path: &Path| Failure::while_doing(format!("cannot write {}", paths::name(path)));
    fs::create_dir_all(&into).map_err(while_writing(&into))?;
    for document in &documents {
        let path = into.join(document.name);
        fs::write(&path, &document.text).map_err(while_writing(&path))?;
    }
    let folder = paths::name(&into);
    output.changed(&folder);
    output.answer(&match asked.output {
        Form::Text => rewrite::text(&judged, &folder, &documents, called()),
        Form::Json => rewrite::json(&judged, &folder, &documents),
    });
    Ok(ExitCode::SUCCESS)
}
