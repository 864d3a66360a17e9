//! `plan --next --run`: the next step, taken on its cluster with all gates.

use std::{ffi::OsString, process::ExitCode};

use helm_clas::{plan::Turn, report::plan::Row};

use crate::{
    args::{Arguments, Command, VerifyForm, described::called, plan::Plan},
    command::{step, upgrade},
    failure::Failure,
    output::Output,
    workspace::fleet::{self, Filled},
};

/// Takes the step of this row. What was planned was said already.
pub(super) fn step(row: &Row<'_>, asked: &Plan, output: &mut Output) -> Result<ExitCode, Failure> {
    let is_now = matches!(row.turn, Turn::Now(..) | Turn::Upgrade(..));
    let Some(command) = row.command.as_ref().filter(|_| is_now) else {
        return Err(Failure::new(format!("the chart version of {} is not known", row.cluster.name))
            .help("name it with --version, or in .helm-clas.yaml"));
    };
    let mut words: Vec<OsString> = vec!["helm-clas".into()];
    words.extend(command[called().words().len()..].iter().map(OsString::from));
    let running = &asked.running;
    words.extend(
        ["--run", "--wait", &humantime::format_duration(running.wait).to_string().replace(' ', "")].map(OsString::from),
    );
    words.extend(running.despite.iter().flat_map(|id| ["--despite".into(), OsString::from(id)]));
    words.extend(["--at-once", &running.at_once.to_string()].map(OsString::from));
    words.extend(running.without_pce.then(|| "--without-pce".into()));
    let form = match asked.output {
        VerifyForm::Text => "text",
        VerifyForm::Json => "json",
        // an upgrade has no such form
        VerifyForm::Markdown if matches!(row.turn, Turn::Upgrade(..)) => "text",
        VerifyForm::Markdown => "markdown",
    };
    words.extend(["-o", form].map(OsString::from));
    if !running.more.is_empty() {
        words.push("--".into());
        words.extend(running.more.iter().map(OsString::from));
    }
    let misread = |error: &dyn std::fmt::Display| Failure::new(format!("the planned step cannot be taken: {error}"));
    let (given, matches) = Arguments::of(&words).map_err(|error| misread(&error))?;
    let Filled { arguments, notes } = fleet::filled(&words, &matches)?;
    let arguments = arguments.unwrap_or(given);
    for note in notes {
        output.remark(&format!("note: {note}\n"));
    }
    let everywhere = arguments.everywhere.with_environment();
    match &arguments.command {
        Command::Migrate(asked) => step::run(&everywhere, &asked.asked(), output),
        Command::Revert(asked) => step::run(&everywhere, &asked.asked(), output),
        Command::Upgrade(asked) => upgrade::run(&everywhere, asked, output),
        _ => Err(misread(&"it is not a step")),
    }
}
