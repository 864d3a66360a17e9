//! `helm clas`: the only part of the crate that touches the world. It reads, calls, prints, writes and picks an exit
//! code; what there is to say is decided in the library.

mod args;
mod command;
mod failure;
mod made;
mod output;
mod outside;
mod progress;
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
    if let Some(words) = command::complete::asked() {
        return command::complete::run(&words);
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
        Command::Migrate(step) => command::step::run(&arguments.everywhere, &step.asked(), &mut output),
        Command::Revert(step) => command::step::run(&arguments.everywhere, &step.asked(), &mut output),
        Command::Upgrade(asked) => command::upgrade::run(&arguments.everywhere, asked, &mut output),
        Command::Plan(asked) => command::plan::run(&arguments.everywhere, asked, &mut output),
        Command::Status(status) => Ok(command::status::run(&arguments.everywhere, status, &mut output)),
        Command::Check(check) => command::check::run(&arguments.everywhere, check, &mut output),
        Command::Policy(policy) => match &policy.command {
            Some(PolicyCommand::Export(export)) => command::policy::export::run(export, &mut output),
            Some(PolicyCommand::Rewrite(rewrite)) => {
                command::policy::rewrite::run(&arguments.everywhere, rewrite, &mut output)
            }
            Some(PolicyCommand::Prove(prove)) => command::policy::prove::run(prove, &mut output),
            None => command::policy::run(&arguments.everywhere, policy, &mut output),
        },
        Command::Verify(verify) => command::verify::run(&arguments.everywhere, verify, &mut output),
        Command::Enforcement(enforcement) => command::enforcement::run(enforcement, &mut output),
        Command::Runbook(runbook) => command::runbook::run(&arguments.everywhere, runbook, &mut output),
        Command::Guard(guard) => Ok(command::guard::run(guard, &mut output)),
        Command::Compat(compat) => command::compat::run(&arguments.everywhere, compat, &mut output),
        Command::Explain(explain) => command::explain::rule(explain, &mut output),
        Command::Rules(rules) => command::explain::rules(rules, &mut output),
        Command::Schema(schema) => command::schema::run(schema, &mut output),
        Command::Completion(completion) => Ok(command::shell::completion(completion, &mut output)),
        Command::Man(man) => command::shell::man(man, &mut output),
        Command::Version(version) => command::explain::version(version, &mut output),
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
