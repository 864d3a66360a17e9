//! `helm clas`: the only part of the crate that touches the world. It reads, calls, prints, writes and picks an exit
//! code; what there is to say is decided in the library.

mod args;
mod command;
mod failure;
mod made;
mod output;
mod outside;
mod paths;
mod progress;
mod waiting;
mod workers;
mod workspace;

use std::{borrow::Cow, io, process::ExitCode};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use helm_clas::{chart::secrets::masked, report::failed::Failed};

use crate::{
    args::{Arguments, Command, FailureForm, PolicyCommand, described},
    command::many::Many,
    failure::Failure,
    made::Made,
    output::Output,
    workspace::fleet::{self, Filled},
};

fn main() -> ExitCode {
    if let Some(words) = command::complete::asked() {
        return command::complete::run(&words);
    }
    let words = args::told();
    let (given, matches) = match Arguments::of(&words) {
        Ok(asked) => asked,
        Err(error) => return misused(&error),
    };
    let (arguments, notes, failure) = match fleet::filled(&words, &matches) {
        Ok(Filled { arguments, notes }) => (arguments.unwrap_or(given), notes, None),
        Err(failure) => (given, Vec::new(), Some(failure)),
    };
    let arguments = Arguments { everywhere: arguments.everywhere.with_environment(), ..arguments };
    outside::told(&arguments.everywhere);
    let mut output = Output::new(&arguments.everywhere);
    for note in notes {
        output.remark(&format!("{note}\n"));
    }
    if let Some(url) = described::bad_manual() {
        output.remark(&format!(
            "warning: {}: `{}` is not a URL that begins with https:// or http:// and has no login; findings have no link\n",
            described::MANUAL,
            masked(&url).escape_debug()
        ));
    }
    let done = match (failure, Many::asked(&arguments.command)) {
        (Some(failure), _) => Err(failure),
        (None, Some(many)) => many.run(&arguments.everywhere, &matches, &mut output),
        (None, None) => run(&arguments, &mut output),
    };
    let status = done.unwrap_or_else(|failure| {
        if let Some(form) = arguments.command.failure_form() {
            let what = output.with_changes(failure.what());
            let failed = Failed { message: &what, help: failure.advice() };
            output.answer_raw(&match form {
                FailureForm::Json => failed.json(),
                FailureForm::Markdown => failed.markdown(),
                FailureForm::Html => failed.html(&Made::of_failure().of_page()),
                FailureForm::Csv => failed.csv(),
                FailureForm::Sarif => failed.sarif(described::called()),
            });
        }
        output.failed(&failure)
    });
    output.finish(status, arguments.command.shape())
}

/// What clap says of a command line that it does not take.
fn misused(error: &clap::Error) -> ExitCode {
    // what Helm sets in the environment keeps clap from seeing that nothing was given
    if error.kind() == ErrorKind::MissingSubcommand {
        let _ = described::command().write_help(&mut io::stderr());
        return ExitCode::from(2);
    }
    let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue) else { error.exit() };
    let Cow::Owned(shown) = masked(value) else { error.exit() };
    eprint!("{}", error.render().to_string().replace(value.as_str(), &shown));
    ExitCode::from(2)
}

/// Does what is asked.
fn run(arguments: &Arguments, output: &mut Output) -> Result<ExitCode, Failure> {
    match &arguments.command {
        Command::Migrate(step) => command::step::run(&arguments.everywhere, &step.asked(), output),
        Command::Revert(step) => command::step::run(&arguments.everywhere, &step.asked(), output),
        Command::Upgrade(asked) => command::upgrade::run(&arguments.everywhere, asked, output),
        Command::Plan(asked) => command::plan::run(&arguments.everywhere, asked, output),
        Command::Status(status) => Ok(command::status::run(&arguments.everywhere, status, output)),
        Command::Check(check) => command::check::run(&arguments.everywhere, check, output),
        Command::Policy(policy) => match &policy.command {
            Some(PolicyCommand::Export(export)) => command::policy::export::run(export, output),
            Some(PolicyCommand::Rewrite(rewrite)) => {
                command::policy::rewrite::run(&arguments.everywhere, rewrite, output)
            }
            Some(PolicyCommand::Prove(prove)) => command::policy::prove::run(prove, output),
            None => command::policy::run(&arguments.everywhere, policy, output),
        },
        Command::Verify(verify) => command::verify::run(&arguments.everywhere, verify, output),
        Command::Enforcement(enforcement) => command::enforcement::run(enforcement, output),
        Command::Runbook(runbook) => command::runbook::run(&arguments.everywhere, runbook, output),
        Command::Guard(guard) => Ok(command::guard::run(guard, output)),
        Command::Compat(compat) => command::compat::run(&arguments.everywhere, compat, output),
        Command::Explain(explain) => command::explain::rule(explain, output),
        Command::Rules(rules) => command::explain::rules(rules, output),
        Command::Schema(schema) => command::schema::run(schema, output),
        Command::Completion(completion) => Ok(command::shell::completion(completion, output)),
        Command::Man(man) => command::shell::man(man, output),
        Command::Version(version) => command::explain::version(version, output),
    }
}
