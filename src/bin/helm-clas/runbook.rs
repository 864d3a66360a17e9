//! `helm clas runbook`.

use std::process::ExitCode;

use helm_clas::{
    ClusterMode, CommandLine, Outcome, Request, Severity, Source, Verb,
    overrides::Override,
    report::{findings::drawn, html, runbook::page},
    runbook::Runbook,
};

use crate::{
    args::{Everywhere, Runbook as Arguments, RunbookForm},
    compat::matrix,
    failure::Failure,
    files, follow,
    output::Output,
    overrides, pce,
};

pub(crate) fn run(everywhere: &Everywhere, arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    if arguments.files.iter().any(|file| file == files::STDIN) {
        return Err(Failure::new("a runbook is of files that have names: its commands change them")
            .help("save the values as a file, and name it with -f"));
    }
    let read = follow::read_all(&arguments.files)?;
    let sources: Vec<Source<'_>> = files::sources(&read);
    let matrix = matrix(arguments.compat.as_deref())?;
    let dependency = files::dependency_beside(&arguments.files[0])?;
    let overrides = overrides::read(&arguments.set)?;
    let values = pce::Values { sources: &sources, path: arguments.path.as_deref(), overrides: &overrides };
    let pce_version = pce::resolved(arguments.pce_version.as_deref(), &arguments.pce, values, output)?;
    let request = |verb| Request {
        verb,
        unset: false,
        sources: &sources,
        overrides: &overrides,
        path: arguments.path.as_deref(),
        dependency: dependency.as_ref(),
        version: everywhere.version.as_deref(),
        pce_version: pce_version.as_deref(),
        matrix: &matrix,
    };
    let (verb, goal) =
        if arguments.revert { (Verb::Revert, ClusterMode::Legacy) } else { (Verb::Migrate, ClusterMode::Clas) };
    // the first step of the way is judged as the step itself would be; where it starts must be known for that
    let first = request(verb).outcome();
    let outcome = match first.from.and_then(|from| Verb::way(from, goal)?.first().copied()) {
        Some(verb) => request(verb).outcome(),
        None => first,
    };
    let names: Vec<&str> = arguments.files.iter().map(String::as_str).collect();
    output.complaint(&drawn(&outcome.findings, |file| {
        sources.iter().find(|source| source.name == file).and_then(|source| source.text().ok())
    }));
    let sound = overrides::sound(&overrides);
    let changed = sources[outcome.source].name;
    let Some(runbook) = runbook(&outcome, goal, everywhere, arguments, (&names, changed, &sound)) else {
        output.complaint(&helm_clas::report::text::refused("there is no runbook for", &names));
        return Ok(ExitCode::FAILURE);
    };
    let page = page(&runbook);
    match arguments.output {
        RunbookForm::Text => output.answer_raw(&page.text()),
        RunbookForm::Markdown => output.answer_raw(&page.markdown()),
        RunbookForm::Html => output.answer_raw(&html::page(&page.title, &page.html_body())),
    }
    Ok(ExitCode::SUCCESS)
}

/// The runbook of what was found; nothing where something stops its first step.
fn runbook<'c>(
    outcome: &'c Outcome,
    goal: ClusterMode,
    everywhere: &'c Everywhere,
    arguments: &'c Arguments,
    (files, changed, overrides): (&'c [&'c str], &'c str, &'c [Override]),
) -> Option<Runbook<'c>> {
    if outcome.findings.iter().any(|finding| finding.severity == Severity::Error) {
        return None;
    }
    let commands = CommandLine {
        release: everywhere.release(&arguments.release.name, &arguments.release.chart),
        files,
        changed,
        overrides,
        path: arguments.path.as_deref(),
        controller: outcome.place.as_ref().and_then(|place| place.release.as_ref()),
        umbrella: outcome
            .place
            .as_ref()
            .and_then(|place| files::umbrella(place, &arguments.files[0], &arguments.release.chart)),
        compat: arguments.compat.as_deref(),
        run: None,
        version: outcome.version.as_ref()?,
        pce_version: outcome.pce_version?,
    };
    Runbook::new(outcome.from?, goal, commands)
}
