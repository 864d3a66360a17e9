//! `helm clas`: the only part of the crate that touches the world. It reads, calls, prints, writes and picks an exit
//! code; what there is to say is decided in the library.

mod appended;
mod archive;
mod args;
mod attempt;
mod before;
mod check;
mod checkout;
mod command;
mod compat;
mod complete;
mod explain;
mod export;
mod failure;
mod files;
mod fleet;
mod git;
mod helm;
mod interrupt;
mod kubectl;
mod live;
mod made;
mod objects;
mod output;
mod outside;
mod overrides;
mod pce;
mod policy;
mod progress;
mod reach;
mod runbook;
mod schema;
mod search;
mod shell;
mod status;
mod step;
mod taker;
mod terminal;
mod undo;
mod upgrade;
mod verify;
mod waiting;
mod workers;
mod workspace;

use std::{io, process::ExitCode};

use clap::error::ErrorKind;
use helm_clas::report::json;

use crate::{
    args::{Arguments, Command, PolicyCommand, described},
    output::Output,
};

fn main() -> ExitCode {
    if let Some(words) = complete::asked() {
        return complete::run(&words);
    }
    let arguments = match Arguments::given() {
        Ok(Arguments { everywhere, command }) => Arguments { everywhere: everywhere.with_environment(), command },
        // what Helm sets in the environment keeps clap from seeing that nothing was given
        Err(error) if error.kind() == ErrorKind::MissingSubcommand => {
            let _ = described::command().write_help(&mut io::stderr());
            return ExitCode::from(2);
        }
        Err(error) => error.exit(),
    };
    outside::told(&arguments.everywhere);
    let mut output = Output::new(&arguments.everywhere);
    let done = match &arguments.command {
        Command::Migrate(step) => step::run(&arguments.everywhere, &step.asked(), &mut output),
        Command::Revert(step) => step::run(&arguments.everywhere, &step.asked(), &mut output),
        Command::Upgrade(asked) => command::upgrade::run(&arguments.everywhere, asked, &mut output),
        Command::Plan(asked) => command::plan::run(&arguments.everywhere, asked, &mut output),
        Command::Status(status) => Ok(status::run(&arguments.everywhere, status, &mut output)),
        Command::Check(check) => check::run(&arguments.everywhere, check, &mut output),
        Command::Policy(policy) => match &policy.command {
            Some(PolicyCommand::Export(export)) => export::run(export, &mut output),
            Some(PolicyCommand::Rewrite(rewrite)) => command::rewrite::run(&arguments.everywhere, rewrite, &mut output),
            Some(PolicyCommand::Prove(prove)) => command::prove::run(prove, &mut output),
            None => policy::run(&arguments.everywhere, policy, &mut output),
        },
        Command::Verify(verify) => verify::run(&arguments.everywhere, verify, &mut output),
        Command::Enforcement(enforcement) => command::enforcement::run(enforcement, &mut output),
        Command::Runbook(runbook) => runbook::run(&arguments.everywhere, runbook, &mut output),
        Command::Guard(guard) => Ok(command::guard::run(guard, &mut output)),
        Command::Compat(compat) => compat::run(&arguments.everywhere, compat, &mut output),
        Command::Explain(explain) => explain::rule(explain, &mut output),
        Command::Rules(rules) => explain::rules(rules, &mut output),
        Command::Schema(schema) => schema::run(schema, &mut output),
        Command::Completion(completion) => Ok(shell::completion(completion, &mut output)),
        Command::Man(man) => shell::man(man, &mut output),
        Command::Version(version) => explain::version(version, &mut output),
    };
    let status = done.unwrap_or_else(|failure| {
        if arguments.command.answers_json() {
            let what = output.with_changes(failure.what());
            output.answer(&json::failure(&what, failure.advice()));
        }
        output.failed(&failure)
    });
    output.finish().map_or_else(|failure| output.failed(&failure), |()| status)
}
