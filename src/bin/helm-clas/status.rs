//! `helm clas status`.

use std::{path::PathBuf, process::ExitCode};

use helm_clas::{
    Source,
    report::status::{json, page, text},
    status::{Hints, Overview, Standing, merged},
};

use crate::{
    args::{Status, StatusForm},
    failure::Failure,
    files,
    output::Output,
    overrides,
    search::search,
};

/// What can be read is shown, whatever else cannot.
pub(crate) fn run(status: &Status, output: &mut Output) -> ExitCode {
    let here = [PathBuf::from(".")];
    let roots = if status.paths.is_empty() && status.files.is_empty() { &here } else { &status.paths[..] };
    let (merged, failure) = match merged_files(status) {
        Ok(merged) => (merged, None),
        Err(failure) => (Vec::new(), Some(failure)),
    };
    let (found, failures) = search(roots, &status.files, status.path.as_deref());
    let failures: Vec<Failure> = failure.into_iter().chain(failures).collect();
    let overview = Overview { merged, found };
    match status.output {
        // where nothing could be read, nothing is known
        StatusForm::Text if overview.is_empty() && !failures.is_empty() => {}
        StatusForm::Text => output.answer(&text(&overview)),
        StatusForm::Json => output.answer(&json(&overview)),
        StatusForm::Html => output.answer_raw(&page(&overview)),
    }
    failures.iter().fold(ExitCode::SUCCESS, |_, failure| output.failed(failure))
}

/// Where the cluster of `-f` stands. A file that cannot be read may say anything, so without it there is no telling.
fn merged_files(status: &Status) -> Result<Vec<Standing>, Failure> {
    let Some(first) = status.files.first() else {
        return match status.set.given().next() {
            Some((kind, _)) => Err(Failure::new(format!("{} stands beside no values file", kind.option()))
                .help("name the files of the cluster, -f FILE")),
            None => Ok(Vec::new()),
        };
    };
    if status.files.iter().filter(|file| *file == files::STDIN).count() > 1 {
        return Err(Failure::new("`-` is given twice, but standard input can be read only once"));
    }
    let contents: Vec<Vec<u8>> = status.files.iter().map(files::read).collect::<Result<_, _>>()?;
    let sources: Vec<Source<'_>> =
        status.files.iter().zip(&contents).map(|(name, bytes)| Source { name, bytes }).collect();
    let dependency = files::dependency_beside(first)?;
    let overrides = overrides::read(&status.set)?;
    Ok(merged(&sources, &overrides, Hints { path: status.path.as_deref(), dependency: dependency.as_ref() }))
}
