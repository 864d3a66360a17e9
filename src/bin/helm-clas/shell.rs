//! `helm clas completion` and `helm clas man`: the command line, described to a shell and to `man`.
//!
//! They are for the program `helm-clas`; Helm completes `helm clas` by itself, from the plugin's completion.yaml.

use std::process::ExitCode;

use clap::CommandFactory as _;

use crate::{
    args::{Arguments, Completion, Man},
    failure::Failure,
    output::Output,
};

const PROGRAM: &str = "helm-clas";

pub(crate) fn completion(completion: &Completion, output: &mut Output) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(completion.shell, &mut command(), PROGRAM, &mut script);
    // clap_complete 4.6 names the functions of a program with a hyphen in two ways, so that bash finds none of them
    let script = String::from_utf8_lossy(&script).replace("helm__subcmd__clas__subcmd__", "helm__clas__subcmd__");
    output.answer_raw(&script);
    ExitCode::SUCCESS
}

pub(crate) fn man(man: &Man, output: &mut Output) -> Result<ExitCode, Failure> {
    let mut all = command();
    all.build();
    let title = man.command.iter().fold(PROGRAM.to_owned(), |title, command| format!("{title}-{command}"));
    let command = match &man.command {
        None => all,
        Some(name) => all.find_subcommand(name).cloned().ok_or_else(|| {
            Failure::new(format!("there is no command `{name}`")).help("run `helm clas man` for the list")
        })?,
    };
    let mut page = Vec::new();
    let man = clap_mangen::Man::new(command).title(title).source(format!("{PROGRAM} {}", env!("CARGO_PKG_VERSION")));
    man.render(&mut page).map_err(Failure::while_doing("cannot write the page"))?;
    output.answer_raw(&String::from_utf8_lossy(&page));
    Ok(ExitCode::SUCCESS)
}

fn command() -> clap::Command {
    Arguments::command().name(PROGRAM).bin_name(PROGRAM)
}
