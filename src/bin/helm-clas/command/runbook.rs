//! `helm clas runbook`.

use std::process::ExitCode;

use helm_clas::{
    Carried, ClusterMode, CommandLine, Outcome, Request, Severity, Texts, Verb,
    overrides::Override,
    report::{findings::drawn, html, runbook::page},
    runbook::Runbook,
};

use crate::{
    args::{Everywhere, Runbook as Arguments, RunbookForm, described::called},
    command::compat::matrix,
    failure::Failure,
    made::Made,
    output::Output,
    outside::{files, pce},
    workspace::{Workspace, overrides, reach, taker::Meant},
};

pub(crate) fn run(everywhere: &Everywhere, arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    if arguments.files.iter().any(|file| file == files::STDIN) {
        return Err(Failure::new("a runbook needs named files: its commands change them")
            .help("save the values in a file, and name it with -f"));
    }
    let texts = Texts::new();
    let has_options = arguments.set.given().next().is_some();
    let meant = Meant::by(&arguments.files, arguments.path.as_deref(), has_options, output);
    let path = meant.path.as_deref();
    let workspace = Workspace::open_for(&texts, &meant.files, path, &arguments.release.chart)?;
    let matrix = matrix(arguments.compat.as_deref())?;
    let overrides = overrides::read(&arguments.set)?;
    let values = workspace.cluster_values(path, &overrides).ok();
    let pce_version = pce::resolved(arguments.pce_version.as_deref(), &arguments.pce, values.as_ref(), output)?;
    let request = |verb| Request {
        verb,
        unset: false,
        files: &workspace.files,
        given: &workspace.given,
        overrides: &overrides,
        path,
        version: everywhere.version.as_deref(),
        pce_version: pce_version.as_deref(),
        matrix: &matrix,
        allowed: &[],
    };
    let (verb, goal) =
        if arguments.revert { (Verb::Revert, ClusterMode::Legacy) } else { (Verb::Migrate, ClusterMode::Clas) };
    // the first step of the way is judged as the step itself would be; where it starts must be known for that
    let first = request(verb).outcome();
    let mut outcome = match first.from.and_then(|from| Verb::way(from, goal)?.first().copied()) {
        Some(verb) => request(verb).outcome(),
        None => first,
    };
    reach::told(&workspace, &mut outcome, path, &[]);
    let names: Vec<&str> = meant.files.iter().map(String::as_str).collect();
    output.complaint(&drawn(&outcome.findings, called(), |file| workspace.files.text_of(file)));
    let sound = overrides::sound(&overrides);
    let changed = workspace.files.name(outcome.file);
    let values = values.unwrap_or_default();
    let software = values.software_namespace(everywhere.release_namespace());
    let pce = arguments.pce.given();
    let carried = Carried { config: everywhere.config.as_deref(), pce: &pce, ..Carried::default() };
    let asked = (everywhere, arguments, path, carried);
    let Some(runbook) = runbook(&outcome, goal, asked, (&names, changed, &sound), software) else {
        output.complaint(&helm_clas::report::text::refused("there is no runbook for", &names));
        return Ok(ExitCode::FAILURE);
    };
    let page = page(&runbook);
    match arguments.output {
        RunbookForm::Text => output.answer_raw(&page.text()),
        RunbookForm::Markdown => output.answer_raw(&page.markdown()),
        RunbookForm::Html => {
            let made = Made::from_checkout();
            output.answer_raw(&html::page(&page.title, &page.html_body(), &made.of_page()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The runbook of what was found; nothing where something stops its first step.
fn runbook<'c>(
    outcome: &'c Outcome,
    goal: ClusterMode,
    (everywhere, arguments, path, carried): (&'c Everywhere, &'c Arguments, Option<&'c str>, Carried<'c>),
    (files, changed, overrides): (&'c [&'c str], &'c str, &'c [Override]),
    software: &'c str,
) -> Option<Runbook<'c>> {
    if outcome.findings.iter().any(|finding| finding.severity == Severity::Error) {
        return None;
    }
    let commands = CommandLine {
        called: called(),
        release: everywhere.release(&arguments.release.name, &arguments.release.chart),
        files,
        changed,
        overrides,
        path,
        controller: outcome.release.as_ref(),
        umbrella: files::umbrella(outcome, &arguments.release.chart),
        software: Some(software),
        compat: arguments.compat.as_deref(),
        run: None,
        carried,
        version: outcome.version.as_ref()?,
        pce_version: outcome.pce_version?,
    };
    Runbook::new(outcome.from?, goal, commands)
}
