//! `helm clas runbook`.

use std::process::ExitCode;

use helm_clas::{
    Carried, ChartVersion, ClusterMode, CommandLine, Outcome, Release, Request, Severity, Texts, Verb,
    overrides::Override,
    report::{findings::drawn, html, page::Page, runbook::page, text::refused},
    runbook::{Runbook, Software},
    upgrade::{Kind, Upgrade, Upgraded},
};

use crate::{
    args::{Everywhere, Runbook as Arguments, RunbookForm, described::called},
    command::compat::matrix,
    failure::Failure,
    made::Made,
    output::Output,
    outside::{files, helm::Helm, pce},
    workspace::{Workspace, brought, leads, overrides, reach, taker::Meant},
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
    let mut workspace = Workspace::open_for(&texts, &meant.files, path, &arguments.release.chart)?;
    let matrix = matrix(arguments.compat.as_deref())?;
    let overrides = overrides::read(&arguments.set)?;
    let values = workspace.cluster_values(path, &overrides).ok();
    let pce_version = pce::resolved(arguments.pce_version.as_deref(), &arguments.pce, values.as_ref(), output)?;
    let release = everywhere.release(&arguments.release.name, &arguments.release.chart);
    let upgraded = Upgrade {
        files: &workspace.files,
        given: &workspace.given,
        overrides: &overrides,
        path,
        version: everywhere.version.as_deref(),
        pce_version: pce_version.as_deref(),
        matrix: &matrix,
        allowed: &[],
    }
    .outcome();
    let names: Vec<&str> = meant.files.iter().map(String::as_str).collect();
    let older = older(arguments, release, &upgraded)?;
    if older.is_some() && matches!(upgraded.kind, Kind::Refused) {
        output.complaint(&drawn(
            &upgraded.findings,
            called(),
            |file| workspace.files.text_of(file),
            &brought(&workspace.files),
        ));
        output.complaint(&refused("there is no runbook for", &names));
        return Ok(ExitCode::FAILURE);
    }
    let pin = upgraded.pin.as_ref().map(|(file, _)| workspace.files.name(*file).to_owned());
    // the steps are taken with the version that the upgrade leads to
    if let Some(files) = older.as_ref().and_then(|_| upgraded.applied_to(&workspace.files)) {
        workspace.files = files;
    }
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
        Some(other) if other != verb => request(other).outcome(),
        _ => first,
    };
    leads::name_them(&workspace.files, &workspace.given, &mut outcome.findings);
    reach::told(&workspace, &mut outcome, path, &[]);
    output.complaint(&drawn(
        &outcome.findings,
        called(),
        |file| workspace.files.text_of(file),
        &brought(&workspace.files),
    ));
    let sound = overrides::sound(&overrides);
    let changed = workspace.files.name(outcome.file);
    let values = values.unwrap_or_default();
    let software = values.software_namespace(everywhere.release_namespace());
    let pce = arguments.pce.given();
    let carried = Carried { config: everywhere.config.as_deref(), pce: &pce, ..Carried::default() };
    let found = (arguments, path, carried);
    let Some(commands) = commands(&outcome, release, found, (&names, changed, &sound), software) else {
        output.complaint(&refused("there is no runbook for", &names));
        return Ok(ExitCode::FAILURE);
    };
    let first = older.map(|from| {
        let changed = pin.as_deref().unwrap_or(changed);
        let umbrella = files::folder_of_chart(changed).or(commands.umbrella);
        Software { from, commands: CommandLine { changed, umbrella, ..commands }, is_pinned: pin.is_some() }
    });
    let runbook = outcome.from.and_then(|from| Runbook::new(from, goal, commands, first));
    let Some(runbook) = runbook else {
        output.complaint(&refused("there is no runbook for", &names));
        return Ok(ExitCode::FAILURE);
    };
    print(&page(&runbook), arguments, output);
    Ok(ExitCode::SUCCESS)
}

fn print(page: &Page, arguments: &Arguments, output: &mut Output) {
    match arguments.output {
        RunbookForm::Text => output.answer_raw(&page.text()),
        RunbookForm::Markdown => output.answer_raw(&page.markdown()),
        RunbookForm::Html => {
            let made = Made::from_files(&arguments.files);
            output.answer_raw(&html::page(&page.title, &page.html_body(), &made.of_page()));
        }
    }
}

/// The version that runs, where it is older than the one that is named: by the version beside the values, by what the user
/// says, or by the release.
fn older(arguments: &Arguments, release: Release<'_>, upgraded: &Upgraded) -> Result<Option<ChartVersion>, Failure> {
    let Some(version) = &upgraded.version else { return Ok(None) };
    let exact = |text: &str| text.parse::<ChartVersion>().ok();
    let running = match (&arguments.running, upgraded.from.as_deref()) {
        (Some(said), _) => Some(said.parse::<ChartVersion>().map_err(|error| {
            Failure::new(format!("--running: {error}")).help("name the one exact version that runs, such as 4.3.0")
        })?),
        (None, _) if arguments.live => {
            let account = Helm::new(release).account(None)?;
            let none = || {
                Failure::new(format!("there is no release {} in the namespace {}", release.name, release.namespace))
                    .help("name it with --release and -n; `helm list -A` shows all")
            };
            account.ok_or_else(none)?.stands_at()
        }
        (None, pinned) => pinned.and_then(exact),
    };
    match running {
        Some(running) if running > *version && (arguments.live || arguments.running.is_some()) => {
            let newer = format!("the release runs chart {running}, which is newer than {version}");
            Err(Failure::new(newer).help("name that version, or a newer one, with --version"))
        }
        running => Ok(running.filter(|running| running < version)),
    }
}

/// The commands of what was found; nothing where something stops its first step.
fn commands<'c>(
    outcome: &'c Outcome,
    release: Release<'c>,
    (arguments, path, carried): (&'c Arguments, Option<&'c str>, Carried<'c>),
    (files, changed, overrides): (&'c [&'c str], &'c str, &'c [Override]),
    software: &'c str,
) -> Option<CommandLine<'c>> {
    if outcome.findings.iter().any(|finding| finding.severity == Severity::Error) {
        return None;
    }
    Some(CommandLine {
        called: called(),
        release,
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
    })
}
