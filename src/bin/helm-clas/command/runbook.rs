//! `helm clas runbook`.

use std::process::ExitCode;

use helm_clas::{
    ChartVersion, ClusterMode, CommandLine, Finding, Release, Severity, Texts, Verb,
    report::{findings::drawn, html, page::Page, runbook::page, text},
    runbook::{Runbook, Software},
    upgrade::{Kind, Upgraded},
};

use crate::{
    args::{Everywhere, Runbook as Arguments, RunbookForm, described::called},
    command::setting::Setting,
    failure::Failure,
    made::Made,
    output::Output,
    outside::{files, helm::Helm},
    workspace::{brought, leads, reach, top::is_of_other_checkout},
};

pub(crate) fn run(everywhere: &Everywhere, arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    if arguments.files.iter().any(|file| file == files::STDIN) {
        return Err(Failure::new("a runbook needs named files: its commands change them")
            .help("save the values in a file, and name it with -f"));
    }
    let texts = Texts::new();
    let mut setting = Setting::read(everywhere, arguments.sources(), &texts, output)?;
    let release = everywhere.release(arguments.release.name.as_deref(), &arguments.release.chart);
    let upgraded = setting.upgrade(&[]).outcome();
    let older = older(arguments, release, &upgraded)?;
    if older.is_some() && matches!(upgraded.kind, Kind::Refused) {
        return Ok(refused(&setting, &upgraded.findings, output));
    }
    let pin = upgraded.pin.as_ref().map(|(file, _)| setting.workspace.files.name(*file).to_owned());
    // the steps are taken with the version that the upgrade leads to
    if let Some(files) = older.as_ref().and_then(|_| upgraded.applied_to(&setting.workspace.files)) {
        setting.workspace.files = files;
    }
    let workspace = &setting.workspace;
    let (verb, goal) =
        if arguments.revert { (Verb::Revert, ClusterMode::Legacy) } else { (Verb::Migrate, ClusterMode::Clas) };
    let outcome_of = |verb| setting.request(verb, false, &[]).outcome();
    // the first step of the way is judged as the step itself would be; where it starts must be known for that
    let first = outcome_of(verb);
    let mut outcome = match first.from.and_then(|from| Verb::way(from, goal)?.first().copied()) {
        Some(other) if other != verb => outcome_of(other),
        _ => first,
    };
    leads::name_them(&workspace.files, &workspace.given, &mut outcome.findings);
    let shown = reach::Step { path: setting.path(), allowed: &[], is_taken: false };
    let taker = reach::told(workspace, &mut outcome, shown);
    let names = setting.names();
    let is_stopped = outcome.findings.iter().any(|finding| finding.severity == Severity::Error);
    let commands = outcome.version.as_ref().zip(outcome.pce_version).filter(|_| !is_stopped);
    let commands = commands.map(|(version, pce_version)| CommandLine {
        changed: workspace.files.name(outcome.file),
        is_of_other_checkout: is_of_other_checkout(workspace.files.name(outcome.file)),
        controller: outcome.release.as_ref().or(taker.as_ref()),
        umbrella: files::umbrella(&outcome, &arguments.release.chart),
        ..setting.commands(&names, version, pce_version)
    });
    let runbook = commands.and_then(|commands| {
        let first = older.map(|from| {
            let changed = pin.as_deref().unwrap_or(commands.changed);
            let umbrella = files::folder_of_chart(changed).or(commands.umbrella);
            Software { from, commands: CommandLine { changed, umbrella, ..commands }, is_pinned: pin.is_some() }
        });
        Runbook::new(outcome.from?, goal, commands, first)
    });
    let Some(runbook) = runbook else { return Ok(refused(&setting, &outcome.findings, output)) };
    output.complaint(&found(&setting, &outcome.findings));
    print(&page(&runbook), arguments, output);
    Ok(ExitCode::SUCCESS)
}

/// What was found, as it is drawn.
fn found(setting: &Setting<'_, '_>, findings: &[Finding]) -> String {
    let files = &setting.workspace.files;
    drawn(findings, called(), |file| files.text_of(file), &brought(files))
}

/// Says why there is no runbook.
fn refused(setting: &Setting<'_, '_>, findings: &[Finding], output: &mut Output) -> ExitCode {
    output.complaint(&found(setting, findings));
    output.complaint(&text::refused("there is no runbook for", &setting.names()));
    ExitCode::FAILURE
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
